//! Every checker of the torture was seen to fail: a fault made on purpose turns its trial red, by the name of that fault.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs one trial with a fault made on purpose; what it told of itself.
fn tortured(trial: &str, subject: &str, sabotage: &str) -> (Option<i32>, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_torture"))
        .args(["--quick", "--seed", "1", "--only", trial])
        .args(["--subject", subject, "--sabotage", sabotage])
        .stdin(Stdio::null())
        .output()
        .expect("run the torture");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = lines.lines().rfind(|line| line.starts_with('{'));
    let line = line.unwrap_or_else(|| panic!("no line of JSON:\n{lines}\n{told}"));
    (
        output.status.code(),
        serde_json::from_str(line).expect("JSON"),
        told,
    )
}

fn is_caught(trial: &str, subject: &str, sabotage: &str, fault: &str) {
    let (status, line, told) = tortured(trial, subject, sabotage);
    let count = line[fault].as_u64().expect("a count of this name");
    assert!(count > 0, "nobody noticed:\n{line}\n{told}");
    assert_eq!(status, Some(1), "{told}");
}

/// `name: TRIAL SUBJECT SABOTAGE FAULT`
macro_rules! caught {
    ($($name:ident: $trial:literal $subject:literal $sabotage:literal $fault:literal;)+) => {
        $(
            #[test]
            fn $name() {
                is_caught($trial, $subject, $sabotage, $fault);
            }
        )+
    };
}

caught! {
    calm_call_twice: "calm" "sqlx-sqlite" "call-twice" "wrong_answers";
    calm_double_hooks: "calm" "diesel-sqlite" "double-hooks" "wrong_hooks";
}
