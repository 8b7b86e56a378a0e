//! Prints which case of the contract passed on which adapter, from the outputs of test runs; fails where one did not.
//!
//! usage: conformance FILE.. (what `cargo test` or `cargo nextest run` said)

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use txkit_tests::conformance::{ADAPTERS, CASES, COMPILE_ERRORS, cases_of, result_of};

/// How many tests of an adapter's case passed, and how many failed.
type Tally = BTreeMap<(&'static str, String), (usize, usize)>;

fn main() -> ExitCode {
    let mut tally = Tally::new();
    for file in std::env::args().skip(1) {
        match std::fs::read_to_string(&file) {
            Ok(text) => count(&text, &mut tally),
            Err(error) => {
                eprintln!("conformance: {file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    let (text, complete) = table(&tally);
    // Whoever reads it may have seen enough.
    let _ = std::io::stdout().write_all(text.as_bytes());
    match complete {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn count(text: &str, tally: &mut Tally) {
    for line in text.lines() {
        let plain = without_colours(line);
        let Some((test, passed)) = result_of(&plain) else {
            continue;
        };
        let Some(adapter) = ADAPTERS.iter().find(|adapter| adapter.has(test)) else {
            continue;
        };
        for case in cases_of(test) {
            let (ok, failed) = tally.entry((adapter.module, case.to_owned())).or_default();
            *if passed { ok } else { failed } += 1;
        }
    }
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

/// The table, and whether every case passed or is excused.
fn table(tally: &Tally) -> (String, bool) {
    let mut notes: Vec<&str> = Vec::new();
    let mut complete = true;
    let mut lines = vec![
        "Adapters by cases of the contract: how many tests passed, or which note says why none can.".to_owned(),
        String::new(),
        heading(|(driver, _)| driver),
        heading(|(_, engine)| engine),
        "-".repeat(53 + 14 * ADAPTERS.len()),
    ];
    for (case, title) in CASES {
        let mut line = format!("{case} {title:49}");
        for adapter in &ADAPTERS {
            let counted = tally.get(&(adapter.module, (*case).to_owned()));
            let cell = match (counted, adapter.excuse(case)) {
                (Some((ok, 0)), _) => format!("{ok} passed"),
                (Some((_, failed)), _) => format!("{failed} FAILED"),
                (None, Some(why)) => format!("n/a ({})", number_of(why, &mut notes)),
                (None, None) => "NOT RUN".to_owned(),
            };
            complete &= !(cell.ends_with("FAILED") || cell == "NOT RUN");
            let _ = write!(line, " {cell:13}");
        }
        lines.push(line);
    }
    lines.push(String::new());
    for (note, why) in (1..).zip(&notes) {
        lines.push(format!("({note}) not applicable: {why}"));
    }
    for (case, title) in COMPILE_ERRORS {
        lines.push(format!(
            "{case} {title}: does not compile, whatever the adapter; see tests/ui"
        ));
    }
    let ends = lines.iter().map(|line| line.trim_end());
    (ends.collect::<Vec<_>>().join("\n") + "\n", complete)
}

/// The number of a note, from 1.
fn number_of<'n>(why: &'n str, notes: &mut Vec<&'n str>) -> usize {
    let known = notes.iter().position(|note| *note == why);
    known.unwrap_or_else(|| {
        notes.push(why);
        notes.len() - 1
    }) + 1
}

fn heading(of: impl Fn((&'static str, &'static str)) -> &'static str) -> String {
    let mut line = format!("{:53}", "");
    for adapter in &ADAPTERS {
        let _ = write!(line, " {:13}", of(adapter.name));
    }
    line
}
