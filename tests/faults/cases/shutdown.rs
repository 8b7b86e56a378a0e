//! A runtime that shuts down while a hook is running: the hook is dropped, and that is all.

use std::process::{Command, Stdio};

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use txkit::transactional;

use super::Tx;
use super::world::{World, add};
use crate::support::{Failure, eventually};

#[transactional]
async fn hooked(tx: Tx<'_>, started: oneshot::Sender<()>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.after_commit(move || async move {
        started.send(()).expect("someone listens");
        std::future::pending::<()>().await;
    });
    // One that is still waiting for its turn.
    tx.after_commit(|| ());
    Ok(())
}

fn shut_down_during_a_hook(mut builder: Builder) {
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async {
        let (started, runs) = oneshot::channel();
        let world = World::new(1).await;
        let pool = world.pool.clone();
        tokio::spawn(async move { hooked(&pool, started).await });
        runs.await.expect("the hook runs");
        assert_eq!(world.rows().await, [1, 0, 0, 0]);
    });
    drop(runtime);
}

/// Runs a test of this file in a process of its own: what may go wrong takes the whole process along.
fn apart(test: &str, body: impl FnOnce()) {
    const MARK: &str = "TXKIT_TESTS_APART";
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{test}"), "--nocapture"])
        .env(MARK, "1")
        // Its own count of tests is none of this run's.
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut status = None;
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(eventually("the process that shuts down", async || {
        status = child.try_wait().unwrap();
        status.is_some()
    }));
    let status = status.unwrap();
    assert!(status.success(), "it did not shut down: {status}");
}

#[test]
fn a_runtime_of_one_thread_shuts_down_during_a_hook() {
    apart("a_runtime_of_one_thread_shuts_down_during_a_hook", || {
        shut_down_during_a_hook(Builder::new_current_thread());
    });
}

#[test]
fn a_runtime_of_threads_shuts_down_during_a_hook() {
    apart("a_runtime_of_threads_shuts_down_during_a_hook", || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2);
        shut_down_during_a_hook(builder);
    });
}
