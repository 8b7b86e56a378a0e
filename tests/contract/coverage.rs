//! Every case of the contract is run by every adapter, or the adapter says why not.

use std::collections::BTreeSet;
use std::process::Command;

/// The cases of the contract that belong here.
const CASES: &[&str] = &[
    "c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09", "c10", "c11", "c12", "c13",
    "c14", //
    "c20", "c21", "c22", "c23", "c24", "c25", "c26", //
    "c30", "c31", "c32", "c33", "c34", "c35", "c36", "c37", "c38", "c39", //
    "c50", "c51", "c52", "c53", "c54", "c55", "c56", "c57", "c58", //
    "c60", "c61", "c62", "c63", "c64", "c65", "c80", "c82",
];

/// The adapters, by their modules.
const ADAPTERS: &[(&str, &[(&str, &str)])] = &[
    ("mysql", crate::mysql::NOT_APPLICABLE),
    ("postgres", crate::postgres::NOT_APPLICABLE),
    ("sqlite", crate::sqlite::NOT_APPLICABLE),
];

/// The names of all tests in this binary.
fn tests() -> Vec<String> {
    let listed = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let lines = names.lines().filter_map(|line| line.strip_suffix(": test"));
    lines.map(str::to_owned).collect()
}

/// The cases in a test's name: `c04_c07_a_constraint_..` has two.
fn cases_of(test: &str) -> impl Iterator<Item = &str> {
    let name = test.rsplit("::").next().unwrap_or(test);
    name.split('_').filter(|word| {
        let digits = word.strip_prefix('c').unwrap_or_default();
        digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[test]
fn every_adapter_runs_every_case_or_says_why_not() {
    let tests = tests();
    let mut wrong = Vec::new();
    for (adapter, not_applicable) in ADAPTERS {
        let own = tests
            .iter()
            .filter(|test| test.starts_with(&format!("{adapter}::")));
        let run: BTreeSet<&str> = own.flat_map(|test| cases_of(test)).collect();
        for case in CASES {
            match (
                run.contains(case),
                not_applicable.iter().find(|(excused, _)| excused == case),
            ) {
                (false, None) => wrong.push(format!("{adapter} does not run {case}")),
                (true, Some((_, why))) => {
                    wrong.push(format!("{adapter} runs {case}, and says: {why}"))
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
