//! Every case of the contract is run by every adapter, or the adapter says why not.

use std::collections::BTreeSet;
use std::process::Command;

use txkit_tests::conformance::{ADAPTERS, CASES, cases_of};

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

#[test]
fn every_adapter_runs_every_case_or_says_why_not() {
    let tests = tests();
    let mut wrong = Vec::new();
    for adapter in ADAPTERS {
        let own = tests.iter().filter(|test| adapter.has(test));
        let run: BTreeSet<&str> = own.flat_map(|test| cases_of(test)).collect();
        let module = adapter.module;
        for (case, _) in CASES {
            match (run.contains(case), adapter.excuse(case)) {
                (false, None) => wrong.push(format!("{module} does not run {case}")),
                (true, Some(why)) => wrong.push(format!("{module} runs {case}, and says: {why}")),
                (true, None) | (false, Some(_)) => {}
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
