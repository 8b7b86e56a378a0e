//! Whether a pool is as it was, once nobody uses it: all its connections can be had, and none is in a transaction;
//! knows no trial.

use super::bounded;
use crate::place::Place;
use crate::report::Fault;
use crate::subject::{Client, Engine};

/// What is wrong with it.
pub async fn fault(place: &Place, client: &dyn Client) -> Option<(Fault, String)> {
    let sql = match place.engine() {
        Engine::MySql => "SELECT CAST(@@in_transaction AS CHAR)",
        Engine::Sqlite | Engine::Postgres => "SELECT '0'",
    };
    let read = match bounded(client.each(sql)).await {
        None => {
            return Some((
                Fault::LeakedConnection,
                "a connection does not come back".to_owned(),
            ));
        }
        Some(Err(why)) => return Some((Fault::LeakedConnection, why)),
        Some(Ok(read)) => read,
    };
    let open = match place.engine() {
        Engine::MySql => read.concat().iter().filter(|is_in| *is_in != "0").count(),
        Engine::Sqlite => place.open_transactions().await.len(),
        Engine::Postgres => idle_in_transaction(place).await,
    };
    (open > 0).then(|| {
        (
            Fault::LeakedTransaction,
            format!("{open} connections are in a transaction"),
        )
    })
}

async fn idle_in_transaction(place: &Place) -> usize {
    let sql = "SELECT CAST(pid AS TEXT) FROM pg_stat_activity \
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    place.read(sql).await.expect("read who is idle").len()
}

/// The settings that one reading has and the other has not, as `name=value`.
pub fn changes<'s>(fresh: &'s [String], now: &'s [String]) -> Vec<&'s String> {
    let gone = fresh.iter().filter(|setting| !now.contains(setting));
    let come = now.iter().filter(|setting| !fresh.contains(setting));
    gone.chain(come).collect()
}
