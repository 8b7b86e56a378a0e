//! A database, pools on it, and a look at what a cancelled call left there; knows no function.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::oracle::Findings;
use super::relay::Relay;
use crate::place::Place;
use crate::report::Fault;
use crate::script::{Shape, Step};
use crate::subject::{Client, Engine, Subject};
use crate::trials::Run;

const ROWS: &str = "CREATE TABLE mark (token BIGINT, part BIGINT, PRIMARY KEY (token, part)); \
    CREATE TABLE cell (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); \
    INSERT INTO cell VALUES (1, 0), (2, 0), (3, 0), (4, 0);";

/// The longest that an answer is held back where calls are dropped after a time.
const SLOW: Duration = Duration::from_millis(2);

/// What was stored of each token.
pub type Rows = BTreeMap<u64, BTreeSet<u32>>;

/// Where calls are cancelled.
pub struct Bench {
    pub subject: &'static dyn Subject,
    relay: Option<Relay>,
    /// A pool of one that is not under torture.
    pub outsider: Arc<dyn Client>,
    place: Place,
    run: Run,
    url: String,
    settings: String,
    fresh: Vec<String>,
}

impl Bench {
    pub async fn new(run: &Run, subject: &'static dyn Subject) -> Self {
        let place = Place::create(subject.engine()).await;
        place.run(ROWS).await.expect("make the tables");
        let relay = match place.address() {
            Some(address) => Some(Relay::start(address, run.seed).await),
            None => None,
        };
        let url = place.url(subject.driver(), relay.as_ref().map(Relay::port));
        let outsider = subject.open(&place.url(subject.driver(), None), 1);
        let settings = settings(&place);
        let fresh = subject.open(&url, 1).each(&settings).await;
        let fresh = fresh.expect("read the settings").remove(0);
        let run = run.clone();
        Self {
            subject,
            relay,
            outsider,
            place,
            run,
            url,
            settings,
            fresh,
        }
    }

    pub fn engine(&self) -> Engine {
        self.subject.engine()
    }

    /// A pool under torture.
    pub fn pool(&self, size: u32) -> Arc<dyn Client> {
        self.run.open(self.subject, &self.url, size)
    }

    /// Holds the server's answers back, or does not.
    pub fn slow(&self, is_slow: bool) {
        if let Some(relay) = &self.relay {
            relay.slow(if is_slow { SLOW } else { Duration::ZERO });
        }
    }

    /// How long a thing may take before it hangs. A watchdog's time: nothing comes near it.
    pub fn patience(&self) -> Duration {
        // What is made to hang on purpose need not be waited for.
        Duration::from_secs(if self.run.sabotage.is_some() { 3 } else { 60 })
    }

    /// What is stored from this token on.
    pub async fn rows(&self, from: u64) -> Rows {
        let engine = self.engine();
        let (token, part) = (engine.text("token"), engine.text("part"));
        let both = match engine {
            Engine::MySql => format!("CONCAT({token}, ' ', {part})"),
            Engine::Sqlite | Engine::Postgres => format!("{token} || ' ' || {part}"),
        };
        let sql = format!("SELECT {both} FROM mark WHERE token >= {from}");
        let mut rows = Rows::new();
        for row in self.place.read(&sql).await.expect("read the rows") {
            let (token, part) = row.split_once(' ').expect("two numbers");
            let (token, part) = (token.parse().expect("a token"), part.parse().expect("one"));
            rows.entry(token).or_default().insert(part);
        }
        rows
    }

    /// What the next borrowers of a pool, and others, find of what was.
    pub async fn leftovers(&self, client: &Arc<dyn Client>, size: u32) -> Findings {
        let mut found = self.borrowers(client, size).await;
        if let Err(error) = self.place.run(self.take_all_locks()).await {
            let lock = format!("a lock is left: {error}");
            found.push((Fault::LeakedTransaction, lock));
        }
        let open = self.open().await;
        if !open.is_empty() {
            found.push((Fault::LeakedTransaction, format!("{open:?}")));
        }
        found
    }

    /// All connections of the pool, lent at once.
    async fn borrowers(&self, client: &Arc<dyn Client>, size: u32) -> Findings {
        // Sooner than the pool itself gives up.
        let patience = self.patience().min(Duration::from_secs(15));
        let all = match tokio::time::timeout(patience, client.each(&self.settings)).await {
            Ok(Ok(all)) => all,
            Ok(Err(error)) => {
                let next = format!("the next borrower cannot read: {error}");
                return vec![(Fault::WrongAnswer, next)];
            }
            Err(_late) => {
                let lost = format!("the pool cannot lend its {size} connections");
                return vec![(Fault::LeakedConnection, lost)];
            }
        };
        let changed = all.iter().flat_map(|settings| self.changes(settings));
        changed
            .map(|(name, what)| match name.as_str() {
                "in_transaction" => (Fault::LeakedTransaction, what),
                _ => (Fault::LeakedSetting, what),
            })
            .collect()
    }

    fn changes(&self, settings: &[String]) -> Vec<(String, String)> {
        let before: BTreeSet<_> = self.fresh.iter().collect();
        let now = settings.iter().filter(|setting| !before.contains(setting));
        now.map(|setting| {
            let name = setting.split('=').next().unwrap_or_default();
            (
                name.to_owned(),
                format!("the next borrower finds {setting}"),
            )
        })
        .collect()
    }

    /// Every row that there is, and not for long.
    fn take_all_locks(&self) -> &'static str {
        match self.engine() {
            Engine::Sqlite => "PRAGMA busy_timeout = 3000; UPDATE cell SET n = 0;",
            Engine::Postgres => "SET lock_timeout = '3s'; UPDATE cell SET n = 0",
            Engine::MySql => {
                "SET innodb_lock_wait_timeout = 3, lock_wait_timeout = 3; UPDATE cell SET n = 0"
            }
        }
    }

    /// The transactions that stay open, by the cheapest look there is.
    async fn open(&self) -> Vec<String> {
        match self.engine() {
            Engine::Sqlite => self.place.open_transactions().await,
            // InnoDB's list needs a connection of its own: see `all_open`. Here, `in_transaction` has told.
            Engine::MySql => Vec::new(),
            Engine::Postgres => {
                let mut open = Vec::new();
                // Those that are about to end have a moment to.
                let moments = if self.run.sabotage.is_some() { 25 } else { 150 };
                for _ in 0..moments {
                    open = self.place.read(IN_TRANSACTIONS).await.expect("look");
                    if open.is_empty() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                open
            }
        }
    }

    /// The same, and what no connection of a pool's knows.
    pub async fn all_open(&self) -> Vec<String> {
        self.place.open_transactions().await
    }

    /// The next call on a pool, and what it should store.
    pub async fn next(&self, client: &Arc<dyn Client>, token: u64) -> Findings {
        let steps = [
            super::functions::add(token, 1),
            Step::run("UPDATE cell SET n = n + 1"),
            super::functions::add(token, 2),
        ];
        let call = client.call(Shape::Plain, steps.into());
        match tokio::time::timeout(self.patience(), call).await {
            Ok(told) if told.is_committed() => Vec::new(),
            Ok(told) => vec![(Fault::WrongAnswer, format!("the next call: {told:?}"))],
            Err(_late) => vec![(Fault::Hang, "the next call".to_owned())],
        }
    }
}

const IN_TRANSACTIONS: &str = "SELECT format('%s %s: %s', pid, state, query) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
      AND (state LIKE 'idle in transaction%' OR xact_start IS NOT NULL)";

/// Settings, with a look at a table where an open transaction would be none without.
fn settings(place: &Place) -> String {
    let settings = place.settings_sql();
    match place.engine() {
        Engine::Sqlite => {
            format!("{settings} UNION ALL SELECT 'cells=' || count(*) FROM cell")
        }
        Engine::Postgres | Engine::MySql => settings,
    }
}
