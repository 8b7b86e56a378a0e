//! A Galera cluster under load loses a node and gets it back: nothing acknowledged is lost, no `Ok` is said for what a
//! node has aborted, and conflicts at COMMIT are replayed; knows no driver.

mod calls;
mod journal;
mod judge;
mod kinds;
mod nodes;
mod witness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;
use txkit::observe::{self, Subscription};

use super::{Run, Size, Trial, bounded};
use crate::place::{self, Place};
use crate::report::{Fault, Verdict};
use crate::sabotage::Sabotage;
use crate::servers::Cluster;
use crate::subject::{Boxed, Client, Driver, Engine, Subject};

use journal::{Caller, Journal};
use judge::Ledger;
use witness::Witness;

pub const TRIAL: Trial = Trial {
    name: "cluster",
    about: "three Galera nodes, hot rows, one node killed or cut off and back",
    run,
};

/// Of one adapter to one node.
const CALLERS: u32 = 4;

/// The same where they must be cut off in the middle of COMMIT, which is then most of what they do.
const MANY: u32 = 16;

/// Of one adapter.
const ROWS: usize = 3;

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        if run.subjects.iter().any(|it| it.engine() == Engine::MySql) {
            Bench::new(run).await.work().await
        } else {
            Verdict::of(TRIAL.name)
        }
    })
}

/// What happens to a node while clients are at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    None,
    /// It is killed, and joins again.
    Kill(usize),
    /// It hears and reaches no other, and then does again.
    Cut(usize),
}

/// An adapter, with rows and a pool for each node of its own.
struct Crew {
    subject: &'static dyn Subject,
    clients: Vec<Arc<dyn Client>>,
    rows: Vec<i64>,
    journal: Arc<Journal>,
    ledger: Ledger,
}

struct Bench {
    run: Run,
    crews: Vec<Crew>,
    settings: Vec<String>,
    /// On the first node; its database is every node's. Dropped before the servers are.
    place: Place,
    cluster: Cluster,
    nodes: usize,
    /// Of one adapter to one node.
    callers: u32,
    witness: Arc<Witness>,
    /// What nodes told that are no more.
    given_up: [i64; 2],
    verdict: Verdict,
    _observed: Subscription,
    _home: TempDir,
}

impl Bench {
    async fn new(run: Run) -> Self {
        let home = place::folder();
        let isolation = run.sabotage != Some(Sabotage::NoSnapshotIsolation);
        // Two are enough where none is to die.
        let nodes = if blows(&run).iter().all(|blow| *blow == Blow::None) {
            2
        } else {
            3
        };
        let cluster = Cluster::start(home.path(), nodes, isolation).await;
        let cluster = cluster.unwrap_or_else(|error| panic!("{error}"));
        let place = Place::create_on(Engine::MySql, &cluster.url(0)).await;
        place.run(calls::TABLES).await.expect("make the tables");
        let witness = Arc::new(Witness::default());
        let mut bench = Self {
            crews: Vec::new(),
            settings: Vec::new(),
            place,
            cluster,
            nodes,
            callers: callers(run.sabotage),
            _observed: observe::subscribe(witness.clone()),
            witness,
            given_up: [0; 2],
            verdict: Verdict::of(TRIAL.name),
            run,
            _home: home,
        };
        bench.crews = bench.crews().await;
        bench
    }

    async fn crews(&mut self) -> Vec<Crew> {
        let mut crews = Vec::new();
        for subject in self.run.subjects.clone() {
            if subject.engine() == Engine::MySql {
                crews.push(self.crew(subject, crews.len()).await);
            }
        }
        crews
    }

    async fn crew(&self, subject: &'static dyn Subject, number: usize) -> Crew {
        let first = i64::try_from(number).expect("a few") * 1_000_000_000;
        let rows: Vec<i64> = (first..).take(ROWS).collect();
        for row in &rows {
            let insert = format!("INSERT INTO counter VALUES ({row}, 0)");
            self.place.run(&insert).await.expect("make the rows");
        }
        let open = |node| {
            let port = self.cluster.address(node).1;
            let url = self.place.url(subject.driver(), Some(port));
            self.run.open(subject, &url, self.callers)
        };
        Crew {
            subject,
            clients: (0..self.nodes).map(open).collect(),
            rows,
            journal: Arc::new(Journal::from(first)),
            ledger: Ledger::default(),
        }
    }

    async fn work(mut self) -> Verdict {
        let fresh = self.crews[0].clients[0].each(SETTINGS);
        self.settings = fresh.await.expect("read the settings").swap_remove(0);
        for (number, blow) in blows(&self.run).into_iter().enumerate() {
            self.phase(number, blow).await;
            if self.run.has_seen_enough(&self.verdict) {
                break;
            }
        }
        for node in 0..self.nodes {
            self.note_given_up(node).await;
        }
        self.sum_up();
        self.verdict
    }

    /// Clients at work while it happens, and a look at everything after.
    async fn phase(&mut self, number: usize, blow: Blow) {
        let stop = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = self
            .callers_of(number, &stop)
            .into_iter()
            .map(|caller| tokio::spawn(caller.work()))
            .collect();
        self.strike(blow).await;
        stop.store(true, Ordering::SeqCst);
        for caller in join_all(callers).await {
            caller.expect("no call panics");
        }
        self.look(&format!("phase {number}, {blow:?}")).await;
        eprintln!("   phase {number}, {blow:?}: {}", self.verdict);
    }

    fn callers_of(&self, phase: usize, stop: &Arc<AtomicBool>) -> Vec<Caller> {
        let mut callers = Vec::new();
        for crew in &self.crews {
            for (node, client) in crew.clients.iter().enumerate() {
                for number in 0..self.callers {
                    let name = crew.subject.name();
                    let place = format!("cluster {name} {phase} {node} {number}");
                    callers.push(Caller {
                        rng: self.run.seed.of(place),
                        node,
                        client: client.clone(),
                        rows: crew.rows.clone(),
                        moves: self.callers == CALLERS,
                        journal: crew.journal.clone(),
                        stop: stop.clone(),
                    });
                }
            }
        }
        callers
    }

    async fn strike(&mut self, blow: Blow) {
        match blow {
            Blow::None => sleep(self.run.size.of(CALM, CALM * 3)).await,
            Blow::Kill(node) => {
                sleep(BEFORE).await;
                self.note_given_up(node).await;
                self.cluster.kill(node).await;
                // The others take some seconds until they believe it.
                sleep(AWAY).await;
                self.cluster.rejoin(node).await.expect("it joins again");
                sleep(AFTER).await;
            }
            Blow::Cut(node) => {
                sleep(BEFORE).await;
                let mut outsider = nodes::connect(&self.cluster.url(node))
                    .await
                    .expect("connect");
                nodes::isolate(&mut outsider, true).await;
                sleep(AWAY * 2).await;
                nodes::isolate(&mut outsider, false).await;
                sleep(AFTER).await;
            }
        }
    }

    /// Nobody calls any more: what is true of all nodes.
    async fn look(&mut self, what: &str) {
        let one = nodes::are_one(&self.cluster, self.nodes).await;
        self.verdict.expect(one, Fault::Hang, || {
            format!("{what}: the nodes do not find each other")
        });
        let mut stored = Vec::new();
        for node in 0..self.nodes {
            let rows = nodes::stored(&self.url(node)).await;
            stored.push(rows.expect("read the rows"));
        }
        for crew in &mut self.crews {
            let what = format!("{} in {what}", crew.subject.name());
            let entries = crew.journal.take();
            let (verdict, rows) = (&mut self.verdict, &crew.rows);
            crew.ledger.judge(verdict, &what, entries, &stored, rows);
        }
        self.nothing_is_left(what).await;
    }

    /// All connections are as they were when they were new, and in no transaction.
    async fn nothing_is_left(&mut self, what: &str) {
        for crew in &self.crews {
            for (node, client) in crew.clients.iter().enumerate() {
                let what = format!("{} in {what}: node {node}", crew.subject.name());
                match bounded(client.each(SETTINGS)).await {
                    None => self.verdict.wrong(Fault::Hang, what),
                    Some(Err(error)) => self
                        .verdict
                        .wrong(Fault::WrongAnswer, format!("{what}: {error}")),
                    Some(Ok(all)) => {
                        for settings in all {
                            self.verdict.expect(
                                settings == self.settings,
                                Fault::LeakedSetting,
                                || format!("{what}: {:?}", changes(&self.settings, &settings)),
                            );
                        }
                    }
                }
            }
        }
        for node in 0..self.nodes {
            let open = nodes::open_transactions(&self.url(node)).await;
            let open = open.expect("ask for transactions");
            self.verdict
                .expect(open.is_empty(), Fault::LeakedTransaction, || {
                    format!("{what}: node {node}: {open:?}")
                });
        }
    }

    /// Where an outsider finds the rows on this node.
    fn url(&self, node: usize) -> String {
        let port = self.cluster.address(node).1;
        self.place.url(Driver::Sqlx, Some(port))
    }

    async fn note_given_up(&mut self, node: usize) {
        let counts = nodes::given_up(&self.url(node)).await;
        for (sum, count) in self.given_up.iter_mut().zip(counts.expect("ask a node")) {
            *sum += count;
        }
    }

    fn sum_up(&mut self) {
        let [certification, victims] = self.given_up;
        let given_up = json!({ "at certification": certification, "for another node's": victims });
        self.verdict.figure("given up by nodes", given_up);
        for crew in &self.crews {
            let name = crew.subject.name();
            let account = self.witness.account(&name);
            let ledger = &crew.ledger;
            self.verdict
                .expect(account.retried_at_commit > 0, Fault::WrongAnswer, || {
                    format!("{name}: vacuous: nobody met a conflict at COMMIT, and tried again")
                });
            self.verdict.expect(
                ledger.beaten <= account.gave_up(),
                Fault::WrongAnswer,
                || {
                    format!(
                        "{name}: conflicts, {}, of calls that did not give up, {}: {:#?}",
                        ledger.beaten,
                        account.gave_up(),
                        ledger.beaten_early
                    )
                },
            );
            let figure = json!({ "callers": ledger.figure(), "observer": account.figure() });
            self.verdict.figure(name, figure);
        }
    }
}

fn changes<'a>(before: &'a [String], after: &'a [String]) -> Vec<&'a String> {
    let changed = |setting: &&String| !before.contains(setting);
    after.iter().filter(changed).collect()
}

/// What a transaction, or a body, may have changed; a look at rows as well, so that one left open is seen by its server.
const SETTINGS: &str = "SELECT CAST(CONCAT(lower(variable_name), '=', variable_value) AS CHAR) \
    FROM information_schema.session_variables WHERE lower(variable_name) IN ('autocommit', 'in_transaction', \
    'innodb_lock_wait_timeout', 'lock_wait_timeout', 'max_statement_time', 'tx_isolation', 'tx_read_only') AND (SELECT count(*) FROM counter) > 0 \
    ORDER BY variable_name";

fn callers(sabotage: Option<Sabotage>) -> u32 {
    match sabotage {
        Some(Sabotage::BelieveUnknown | Sabotage::DenyUnknown) => MANY,
        _ => CALLERS,
    }
}

/// A node at a time; enough of them where a saboteur must be noticed.
fn blows(run: &Run) -> Vec<Blow> {
    let mut rng = run.seed.of("cluster blows");
    let mut nodes = vec![0, 1, 2];
    rng.shuffle(&mut nodes);
    match (run.sabotage, run.size) {
        (Some(Sabotage::BelieveUnknown | Sabotage::DenyUnknown), _) => {
            vec![Blow::Cut(nodes[0])]
        }
        (Some(_), _) => vec![Blow::None],
        (None, Size::Quick) => vec![Blow::None, Blow::Kill(nodes[0])],
        (None, Size::Full) => {
            let kills = nodes.iter().map(|node| Blow::Kill(*node));
            let cuts = nodes.iter().map(|node| Blow::Cut(*node));
            let both = kills.zip(cuts).flat_map(|(kill, cut)| [kill, cut]);
            std::iter::once(Blow::None).chain(both).collect()
        }
    }
}

const CALM: Duration = Duration::from_secs(4);
const BEFORE: Duration = Duration::from_secs(2);
const AWAY: Duration = Duration::from_secs(4);
const AFTER: Duration = Duration::from_secs(2);
