//! Nothing of a server is left behind, whatever it started and however we end; shown by shells, so that no server is needed.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{
    account::Account,
    kill_pid, ports,
    proc::{self, Home, Seen},
    process::{Farewell, Process},
};

/// Starts children in its folder: one in a session of its own as PostgreSQL's are, and one whose parent ends at once.
const FAMILY: &str =
    r#"cd "$0"; setsid sh -c 'sleep 300; :' & sleep 300 & (sleep 300 &) & wait; wait"#;
/// Two shells and three sleepers.
const SIZE: usize = 5;

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A family once all of it is there, with its processes and its folder.
fn family(farewell: Farewell) -> (Process, Vec<Seen>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let account = Account::ourselves();
    let mut command = account.command("/bin/sh");
    command.args(["-c", FAMILY]).arg(folder.path());
    let home = Home::new("/bin/sh".as_ref(), folder.path());
    let process = Process::start(command, folder.path(), &account, farewell).expect("a shell");
    let sleeps =
        |pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "sleep\n");
    let mut tree = Vec::new();
    wait_until("complete", || {
        tree = proc::tree(process.pid(), &home);
        tree.len() == SIZE && tree.iter().filter(|seen| sleeps(seen.pid)).count() == 3
    });
    (process, tree, folder)
}

fn living(tree: &[Seen]) -> usize {
    tree.iter().filter(|seen| seen.lives()).count()
}

#[tokio::test]
async fn a_kill_leaves_nothing() {
    let (process, tree, _folder) = family(Farewell::Kill);
    assert!(process.is_alive());
    process.kill().await;
    assert_eq!(living(&tree), 0);
}

#[test]
fn a_panic_leaves_nothing() {
    let (process, tree, _folder) = family(Farewell::Kill);
    let caught = catch_unwind(AssertUnwindSafe(move || {
        let _process = process;
        panic!("meant");
    }));
    caught.expect_err("it panics");
    assert_eq!(living(&tree), 0);
}

/// The shell obeys the farewell and leaves its children behind.
#[test]
fn a_farewell_leaves_nothing() {
    let (process, tree, _folder) = family(Farewell::Quit);
    drop(process);
    assert_eq!(living(&tree), 0);
}

#[test]
fn a_foreign_kill_leaves_nothing() {
    let (process, tree, _folder) = family(Farewell::Kill);
    kill_pid(process.pid()).expect("it lives");
    wait_until("dead", || !process.is_alive());
    drop(process);
    assert_eq!(living(&tree), 0);
}

#[test]
fn a_removed_folder_leaves_nothing() {
    let (process, tree, folder) = family(Farewell::Kill);
    kill_pid(process.pid()).expect("it lives");
    wait_until("dead", || !process.is_alive());
    folder.close().expect("it is ours");
    drop(process);
    assert_eq!(living(&tree), 0);
}

#[test]
fn our_own_end_is_the_servers() {
    let (mut process, tree, _folder) = family(Farewell::Kill);
    process.let_go();
    wait_until("ended", || !process.is_alive());
    drop(process);
    assert_eq!(living(&tree), 0);
}

#[test]
fn a_process_is_read_from_the_system() {
    let own = std::process::id().cast_signed();
    let seen = proc::one(own).expect("this process");
    assert_eq!(seen.pid, own);
    assert!(!seen.is_dead());
}

#[test]
fn only_processes_are_killed() {
    for pid in [i32::MIN, -1, 0, 1] {
        kill_pid(pid).expect_err("no process");
    }
}

#[test]
fn ports_differ_and_are_below_those_handed_out() {
    let mut found = ports::free::<40>();
    found.sort_unstable();
    assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(found.iter().all(|port| (1024..32_768).contains(port)));
}
