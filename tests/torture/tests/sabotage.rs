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
    calm_call_twice_sqlx_sqlite: "calm" "sqlx-sqlite" "call-twice" "wrong_answers";
    calm_double_hooks_diesel_sqlite: "calm" "diesel-sqlite" "double-hooks" "wrong_hooks";
    macros_panicking_expander_sqlx_sqlite: "macros" "sqlx-sqlite" "panicking-expander" "wrong_answers";
    macros_pointless_errors_sqlx_sqlite: "macros" "sqlx-sqlite" "pointless-errors" "wrong_answers";
    macros_lost_items_sqlx_sqlite: "macros" "sqlx-sqlite" "lost-items" "wrong_answers";
    hermitage_weaker_level_sqlx_postgres: "hermitage" "sqlx-postgres" "weaker-level" "forbidden_anomalies";
    hermitage_hang_sqlx_postgres: "hermitage" "sqlx-postgres" "hang" "hangs";
    hermitage_dissent_sqlx_sqlite: "hermitage" "sqlx-sqlite" "dissent" "wrong_answers";
    hermitage_leak_transaction_sqlx_sqlite: "hermitage" "sqlx-sqlite" "leak-transaction" "leaked_transactions";
    hermitage_leak_setting_sqlx_mysql: "hermitage" "sqlx-mysql" "leak-setting" "leaked_settings";
    hermitage_believe_errors_sqlx_postgres: "hermitage" "sqlx-postgres" "believe-errors" "wrong_answers";
    histories_weaker_level_diesel_postgres: "histories" "diesel-postgres" "weaker-level" "forbidden_anomalies";
    histories_weaker_level_diesel_mysql: "histories" "diesel-mysql" "weaker-level" "forbidden_anomalies";
    histories_lost_update_diesel_async_mysql: "histories" "diesel-async-mysql" "lost-update" "lost_acknowledged";
    histories_lost_update_diesel_postgres: "histories" "diesel-postgres" "lost-update" "forbidden_anomalies";
    histories_call_twice_sqlx_sqlite: "histories" "sqlx-sqlite" "call-twice" "torn";
    histories_believe_errors_diesel_postgres: "histories" "diesel-postgres" "believe-errors" "false_ok";
    histories_believe_unknown_diesel_postgres: "histories" "diesel-postgres" "believe-unknown" "false_ok";
    histories_deny_commits_sqlx_postgres: "histories" "sqlx-postgres" "deny-commits" "false_error";
    histories_double_hooks_sqlx_sqlite: "histories" "sqlx-sqlite" "double-hooks" "wrong_hooks";
    histories_leak_transaction_diesel_postgres: "histories" "diesel-postgres" "leak-transaction" "leaked_transactions";
    histories_hang_diesel_async_sqlite: "histories" "diesel-async-sqlite" "hang" "hangs";
    cut_believe_unknown_sqlx_postgres: "cut" "sqlx-postgres" "believe-unknown" "false_ok";
    cut_deny_unknown_diesel_mysql: "cut" "diesel-mysql" "deny-unknown" "false_error";
    cut_believe_errors_diesel_async_mysql: "cut" "diesel-async-mysql" "believe-errors" "false_ok";
    cut_double_hooks_diesel_postgres: "cut" "diesel-postgres" "double-hooks" "wrong_hooks";
    cut_call_twice_sqlx_mysql: "cut" "sqlx-mysql" "call-twice" "torn";
    cut_leak_transaction_sqlx_postgres: "cut" "sqlx-postgres" "leak-transaction" "leaked_transactions";
    cut_leak_setting_diesel_async_postgres: "cut" "diesel-async-postgres" "leak-setting" "leaked_settings";
    cut_keep_connection_sqlx_mysql: "cut" "sqlx-mysql" "keep-connection" "leaked_connections";
    cut_hang_sqlx_postgres: "cut" "sqlx-postgres" "hang" "hangs";
    cancel_leak_transaction_sqlx_postgres: "cancel" "sqlx-postgres" "leak-transaction" "leaked_transactions";
    cancel_leak_transaction_sqlx_mysql: "cancel" "sqlx-mysql" "leak-transaction" "leaked_transactions";
    cancel_leak_setting_sqlx_postgres: "cancel" "sqlx-postgres" "leak-setting" "leaked_settings";
    cancel_hang_diesel_async_sqlite: "cancel" "diesel-async-sqlite" "hang" "hangs";
    cancel_halve_diesel_async_postgres: "cancel" "diesel-async-postgres" "halve" "torn";
    cancel_keep_connection_sqlx_postgres: "cancel" "sqlx-postgres" "keep-connection" "leaked_connections";
    cancel_double_hooks_sqlx_sqlite: "cancel" "sqlx-sqlite" "double-hooks" "wrong_hooks";
    cancel_believe_errors_sqlx_sqlite: "cancel" "sqlx-sqlite" "believe-errors" "false_ok";
    cancel_call_twice_diesel_async_sqlite: "cancel" "diesel-async-sqlite" "call-twice" "false_error";
    storms_hang_sqlx_mysql: "storms" "sqlx-mysql" "hang" "hangs";
    storms_believe_errors_diesel_mysql: "storms" "diesel-mysql" "believe-errors" "false_ok";
    storms_deny_commits_sqlx_sqlite: "storms" "sqlx-sqlite" "deny-commits" "false_error";
    storms_call_twice_sqlx_sqlite: "storms" "sqlx-sqlite" "call-twice" "torn";
    storms_weaker_level_sqlx_postgres: "storms" "sqlx-postgres" "weaker-level" "forbidden_anomalies";
    storms_weaker_level_diesel_async_mysql: "storms" "diesel-async-mysql" "weaker-level" "forbidden_anomalies";
    storms_again_and_again_sqlx_mysql: "storms" "sqlx-mysql" "again-and-again" "beyond_budget";
    storms_leak_transaction_sqlx_postgres: "storms" "sqlx-postgres" "leak-transaction" "leaked_transactions";
    storms_keep_connection_sqlx_sqlite: "storms" "sqlx-sqlite" "keep-connection" "leaked_connections";
    starving_hang_sqlx_mysql: "starving" "sqlx-mysql" "hang" "hangs";
    starving_believe_errors_sqlx_mysql: "starving" "sqlx-mysql" "believe-errors" "false_ok";
    starving_deny_commits_diesel_async_mysql: "starving" "diesel-async-mysql" "deny-commits" "false_error";
    starving_call_twice_sqlx_sqlite: "starving" "sqlx-sqlite" "call-twice" "torn";
    starving_lose_names_diesel_sqlite: "starving" "diesel-sqlite" "lose-names" "wrong_answers";
    starving_lose_names_diesel_async_postgres: "starving" "diesel-async-postgres" "lose-names" "wrong_answers";
    starving_leak_transaction_sqlx_mysql: "starving" "sqlx-mysql" "leak-transaction" "leaked_transactions";
    starving_keep_connection_sqlx_mysql: "starving" "sqlx-mysql" "keep-connection" "leaked_connections";
    cluster_believe_errors_diesel_async_mysql: "cluster" "diesel-async-mysql" "believe-errors" "false_ok";
    cluster_call_twice_diesel_mysql: "cluster" "diesel-mysql" "call-twice" "false_error";
    cluster_hang_sqlx_mysql: "cluster" "sqlx-mysql" "hang" "hangs";
    cluster_no_snapshot_isolation_diesel_mysql: "cluster" "diesel-mysql" "no-snapshot-isolation" "lost_acknowledged";
    cluster_tear_diesel_async_mysql: "cluster" "diesel-async-mysql" "tear" "torn";
    cluster_double_hooks_diesel_mysql: "cluster" "diesel-mysql" "double-hooks" "wrong_hooks";
    cluster_leak_setting_diesel_async_mysql: "cluster" "diesel-async-mysql" "leak-setting" "leaked_settings";
    cluster_leak_transaction_diesel_mysql: "cluster" "diesel-mysql" "leak-transaction" "leaked_transactions";
    kill_ack_early_sqlx_sqlite: "kill" "sqlx-sqlite" "ack-early" "lost_acknowledged";
    kill_believe_errors_diesel_sqlite: "kill" "diesel-sqlite" "believe-errors" "lost_acknowledged";
    kill_call_twice_sqlx_sqlite: "kill" "sqlx-sqlite" "call-twice" "torn";
    kill_scribble_diesel_async_sqlite: "kill" "diesel-async-sqlite" "scribble" "torn";
    kill_leak_transaction_diesel_sqlite: "kill" "diesel-sqlite" "leak-transaction" "leaked_transactions";
    kill_hang_sqlx_sqlite: "kill" "sqlx-sqlite" "hang" "hangs";
    kill_double_hooks_diesel_async_sqlite: "kill" "diesel-async-sqlite" "double-hooks" "wrong_hooks";
    kill_doubt_errors_sqlx_sqlite: "kill" "sqlx-sqlite" "doubt-errors" "wrong_answers";
    kill_lazy_commit_sqlx_mysql: "kill" "sqlx-mysql" "lazy-commit" "lost_acknowledged";
    kill_believe_errors_diesel_mysql: "kill" "diesel-mysql" "believe-errors" "false_ok";
    kill_leak_setting_sqlx_postgres: "kill" "sqlx-postgres" "leak-setting" "leaked_settings";
    kill_keep_connection_diesel_async_mysql: "kill" "diesel-async-mysql" "keep-connection" "leaked_connections";
    kill_deny_commits_diesel_sqlite: "kill" "diesel-sqlite" "deny-commits" "false_error";
    cluster_believe_unknown_diesel_mysql: "cluster" "diesel-mysql" "believe-unknown" "false_ok";
}
