//! Who waits for whose lock, as the server says; knows no script.

use crate::place::Place;
use crate::subject::Engine;

/// What asks a server.
pub struct Witness<'p> {
    place: &'p Place,
    /// A name that no other database of the server has.
    home: String,
}

impl<'p> Witness<'p> {
    pub async fn of(place: &'p Place) -> Self {
        let home = match place.engine() {
            Engine::Sqlite => String::new(),
            Engine::Postgres => one(place, "SELECT CAST(current_database() AS TEXT)").await,
            Engine::MySql => one(place, "SELECT CAST(database() AS CHAR)").await,
        };
        Self { place, home }
    }

    /// What makes a statement known to this witness, and to no other.
    pub fn tag(&self, script: &str, who: usize) -> String {
        format!("/* {} {script} T{} */", self.home, who + 1)
    }

    /// The statements that wait for a lock at this moment, or `None` if the engine has no such thing.
    pub async fn waiting(&self) -> Option<Vec<String>> {
        match self.place.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(self.postgres().await),
            Engine::MySql => Some(self.mysql().await),
        }
    }

    /// Locks, not `wait_event_type`: the latter changes only when the waiter wakes up.
    async fn postgres(&self) -> Vec<String> {
        let sql = "SELECT a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
            WHERE NOT l.granted AND l.locktype IN ('transactionid', 'tuple') \
            AND a.datname = current_database()";
        self.place.read(sql).await.expect("ask who waits")
    }

    async fn mysql(&self) -> Vec<String> {
        let status = self.place.innodb_status().await.expect("ask who waits");
        // Transactions of the latest deadlock come before, and have another kind of heading.
        let transactions = status.split("---TRANSACTION").skip(1);
        let waiting = transactions.filter(|text| text.contains("\nLOCK WAIT "));
        waiting.map(str::to_owned).collect()
    }
}

async fn one(place: &Place, sql: &str) -> String {
    let mut rows = place.read(sql).await.expect("the database's name");
    rows.pop().expect("one row")
}
