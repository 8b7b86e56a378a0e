//! What is done to a server and its backends, and when it is mended; knows no load.

use std::path::Path;
use std::time::Duration;

use super::servers::Bench;
use crate::place::PlaceError;
use crate::servers::{self, Server};
use crate::subject::Engine;

/// A kind of strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// SIGKILL to all of the server at once.
    Server,
    /// SIGKILL to one backend: its server then ends all others and recovers.
    Backend,
    /// Sessions are ended by statements.
    Sessions,
    /// What sessions do is ended by statements.
    Statements,
}

/// So many sessions are ended in one strike.
const SESSIONS: usize = 12;

/// So often a backend at work is looked for.
const TRIES: usize = 200;

impl Strike {
    /// The strikes that an engine knows: threads cannot be killed one by one.
    pub fn on(engine: Engine) -> &'static [Self] {
        match engine {
            Engine::Postgres => &[
                Self::Server,
                Self::Backend,
                Self::Sessions,
                Self::Statements,
            ],
            _ => &[Self::Server, Self::Sessions, Self::Statements],
        }
    }

    /// Whether it is a series of them.
    pub fn is_many(self) -> bool {
        matches!(self, Self::Sessions | Self::Statements)
    }

    /// Strikes, and returns when the server takes clients again; each that was hit gets its points.
    pub async fn strike(self, server: &mut Server, benches: &mut [Bench], rng: &mut fastrand::Rng) {
        match self {
            Self::Server => {
                server.kill().await;
                benches.iter_mut().for_each(Bench::is_hit);
                let down = Duration::from_millis(rng.u64(..300));
                tokio::time::sleep(down).await;
                server.start_again().await.expect("start the server again");
            }
            Self::Backend => backend(benches, rng).await,
            Self::Sessions | Self::Statements => {
                for _ in 0..SESSIONS * benches.len() {
                    let bench = &mut benches[rng.usize(..benches.len())];
                    self.session(bench, rng).await;
                    tokio::time::sleep(Duration::from_micros(rng.u64(..20_000))).await;
                }
            }
        }
    }

    /// Ends one session that is in a transaction, or its statement.
    async fn session(self, bench: &mut Bench, rng: &mut fastrand::Rng) {
        let Some(victim) = victim(bench, rng).await else {
            return;
        };
        let hit = match (bench.place.engine(), self) {
            (Engine::Postgres, Self::Statements) => {
                bench.place.read(&ended("cancel", victim)).await
            }
            (Engine::Postgres, _) => bench.place.read(&ended("terminate", victim)).await,
            (_, Self::Statements) => killed(bench, "QUERY", victim).await,
            (_, _) => killed(bench, "CONNECTION", victim).await,
        };
        // It may be gone already.
        if hit.is_ok_and(|rows| rows == ["true"]) {
            bench.is_hit();
        }
    }
}

fn ended(how: &str, pid: i32) -> String {
    format!("SELECT CAST(pg_{how}_backend({pid}) AS TEXT)")
}

async fn killed(bench: &Bench, what: &str, id: i32) -> Result<Vec<String>, PlaceError> {
    let sql = format!("KILL {what} {id}");
    bench.place.run(&sql).await.map(|()| vec!["true".into()])
}

/// A session of an adapter's that is in a transaction: at its end, if there is one.
async fn victim(bench: &Bench, rng: &mut fastrand::Rng) -> Option<i32> {
    let sessions = match bench.place.engine() {
        Engine::Postgres => {
            "SELECT CASE WHEN state = 'active' AND query LIKE '%COMMIT%' THEN '+' ELSE '' END || pid \
             FROM pg_stat_activity WHERE datname = current_database() \
             AND backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()"
        }
        _ => {
            "SELECT CAST(CONCAT(IF(info LIKE '%COMMIT%', '+', ''), trx_mysql_thread_id) AS CHAR) \
             FROM information_schema.innodb_trx \
             JOIN information_schema.processlist ON id = trx_mysql_thread_id \
             WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        }
    };
    let sessions = bench.place.read(sessions).await.expect("read the sessions");
    let at_its_end = sessions.iter().filter(|id| id.starts_with('+'));
    let at_its_end: Vec<_> = at_its_end.collect();
    let session = rng.choice(at_its_end).or_else(|| rng.choice(&sessions))?;
    session.parse().ok()
}

async fn backend(benches: &mut [Bench], rng: &mut fastrand::Rng) {
    let place = &benches[0].place;
    let all =
        "SELECT CAST(pid AS TEXT) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    let all = place.read(all).await.expect("read the backends");
    let mut tries = 0..TRIES;
    let mut killed = false;
    while !killed {
        if tries.next().is_none() {
            // Nobody is at work.
            return;
        }
        let bench = &benches[rng.usize(..benches.len())];
        let victim = victim(bench, rng).await;
        killed = victim.is_some_and(|pid| servers::kill_pid(pid).is_ok());
    }
    benches.iter_mut().for_each(Bench::is_hit);
    // All are ended before it recovers; until then it may seem to be well.
    let old = |pid: &String| Path::new("/proc").join(pid).exists();
    while all.iter().any(old) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    while benches[0].place.run("SELECT 1").await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
