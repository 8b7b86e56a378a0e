//! A server of our own with the adapters of its engine at work, struck again and again; knows no strike's means.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::super::pools;
use super::clients;
use super::journal::Journal;
use super::judge::{Eyes, Judge};
use super::ledger::Ledger;
use super::load::{AtWork, Load};
use super::strikes::Strike;
use super::{CONNECTIONS, TRIAL};
use crate::place::{self, Place};
use crate::report::{Fault, Verdict};
use crate::sabotage::{Sabotage, Saboteur};
use crate::servers::Server;
use crate::subject::{Client, Engine, Subject};
use crate::trials::{Run, bounded};

/// Commits of an adapter before a strike.
const CALM: usize = 12;

/// One adapter, its pool and its database.
pub struct Bench {
    run: Run,
    subject: &'static dyn Subject,
    pub place: Place,
    client: Arc<dyn Client>,
    settings: Vec<String>,
    journal: Arc<Journal>,
    judge: Judge,
    verdict: Verdict,
    hits: u64,
    next: i64,
    dead: bool,
}

/// A round of one bench, in which nothing was struck yet, or something was.
struct Round {
    load: Arc<Load>,
    workers: AtWork,
    first: i64,
    struck: usize,
}

/// Strikes a server as often as the run's size says, then clients of it.
pub async fn work(run: Run, engine: Engine, subjects: Vec<&'static dyn Subject>) -> Verdict {
    let home = place::folder();
    let server = match engine {
        Engine::Postgres => Server::postgres(home.path()).await,
        _ => Server::mariadb(home.path()).await,
    };
    let mut server = server.unwrap_or_else(|error| panic!("{error}"));
    let mut benches = Vec::new();
    for subject in &subjects {
        let subject = *subject;
        benches.push(Bench::new(run.clone(), subject, &server.url()).await);
    }
    for (number, strike) in (1..).zip(strikes(&run, engine)) {
        round(&run, (number, strike), &mut server, &mut benches).await;
        let enough = |bench: &Bench| bench.dead || run.has_seen_enough(&bench.verdict);
        if benches.iter().any(enough) {
            break;
        }
    }
    let mut verdict = Verdict::of(TRIAL.name);
    for bench in benches {
        verdict.absorb(bench.end().await);
    }
    // One after the other: a machine with few processors would hit no COMMIT.
    for subject in subjects {
        let place = Place::create_on(engine, &server.url()).await;
        verdict.absorb(clients::work(run.clone(), subject, place).await);
    }
    verdict
}

/// What is done, in order.
fn strikes(run: &Run, engine: Engine) -> Vec<Strike> {
    let (kills, many) = match run.sabotage {
        Some(_) => (4, 5),
        None => run.size.of((2, 1), (20, 10)),
    };
    let times = |strike: &Strike| if strike.is_many() { many } else { kills };
    let each = Strike::on(engine).iter();
    let mut all: Vec<_> = each
        .flat_map(|strike| std::iter::repeat_n(*strike, times(strike)))
        .collect();
    let mut rng = run.seed.of(format!("kill strikes {}", engine.name()));
    rng.shuffle(&mut all);
    match run.sabotage {
        // Each round waits for what never comes.
        Some(Sabotage::LeakTransaction | Sabotage::KeepConnection) => all.truncate(2),
        // Few of them meet a COMMIT.
        Some(_) => all.retain(|strike| *strike != Strike::Statements),
        None => {}
    }
    all
}

async fn round(
    run: &Run,
    (number, strike): (usize, Strike),
    server: &mut Server,
    benches: &mut [Bench],
) {
    let mut rng = run.seed.of(format!("kill {strike:?} {number}"));
    let mut rounds = Vec::new();
    for bench in benches.iter_mut() {
        rounds.push(bench.begin().await);
    }
    let calm = rounds.iter().map(|round| round.load.committed(CALM));
    // One that hangs is found later, by its workers.
    let _calm = bounded(join_all(calm)).await;
    // Any time, or when somebody is about to commit.
    if rng.bool() {
        let bench = &benches[rng.usize(..benches.len())];
        let about = bench.journal.about();
        let _nobody = tokio::time::timeout(Duration::from_secs(2), about).await;
        std::thread::sleep(Duration::from_micros(rng.u64(..2_000)));
    } else {
        tokio::time::sleep(Duration::from_millis(rng.u64(..150))).await;
    }
    for (bench, round) in benches.iter_mut().zip(&mut rounds) {
        round.struck = bench.journal.len();
    }
    strike.strike(server, benches, &mut rng).await;
    for round in &rounds {
        round.load.is_mended();
    }
    let what = format!("round {number}, {strike:?}");
    let ends = benches.iter_mut().zip(rounds);
    let ends = ends.map(|(bench, round)| bench.finish(round, &what));
    join_all(ends).await;
}

impl Bench {
    async fn new(run: Run, subject: &'static dyn Subject, server: &str) -> Self {
        let place = Place::create_on(subject.engine(), server).await;
        place.run(&Ledger::tables()).await.expect("make the tables");
        let url = place.url(subject.driver(), None);
        let mut bench = Self {
            client: match run.sabotage {
                // Its turn comes when all else is done.
                Some(Sabotage::KeepConnection) => subject.open(&url, CONNECTIONS),
                _ => run.open(subject, &url, CONNECTIONS),
            },
            judge: Judge::new(Ledger::of(subject, run.seed)),
            run,
            subject,
            place,
            settings: Vec::new(),
            journal: Arc::default(),
            verdict: Verdict::of(TRIAL.name),
            hits: 0,
            next: 1,
            dead: false,
        };
        bench.make_lazy().await;
        let fresh = bench.client.each(&bench.place.settings_sql()).await;
        bench.settings = fresh.expect("read the settings").swap_remove(0);
        bench
    }

    /// Sabotage: what is committed is on no disk yet, as that of many a server.
    async fn make_lazy(&self) {
        if self.run.sabotage != Some(Sabotage::LazyCommit) {
            return;
        }
        let sql = match self.place.engine() {
            Engine::Postgres => {
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
            }
            _ => "SET GLOBAL innodb_flush_log_at_trx_commit = 0",
        };
        self.place.run(sql).await.expect("make it lazy");
    }

    async fn begin(&mut self) -> Round {
        self.make_lazy().await;
        let ledger = Ledger::of(self.subject, self.run.seed);
        let load = Load::new(
            self.client.clone(),
            self.journal.clone(),
            ledger,
            self.next,
            self.run.sabotage,
        );
        Round {
            workers: load.start(),
            load,
            first: self.next,
            struck: 0,
        }
    }

    /// A fault has happened to one of its sessions, or to all.
    pub fn is_hit(&mut self) {
        self.hits += 1;
        self.verdict.point();
    }

    /// The same pool goes on; then all stop, and the ledger is looked at.
    async fn finish(&mut self, round: Round, what: &str) {
        let what = format!("{}, {what}", self.subject.name());
        let recovered = bounded(round.load.recovered()).await;
        self.verdict.expect(recovered.is_some(), Fault::Hang, || {
            format!("{what}: not everybody commits again")
        });
        round.load.stop();
        let hung = round.workers.ended().await;
        for token in &hung {
            let transfer = self.judge.ledger.transfer(*token);
            self.verdict
                .wrong(Fault::Hang, format!("{what}: {transfer:?}"));
        }
        self.next = round.load.next();
        self.dead = !hung.is_empty();
        nothing_is_open(&mut self.verdict, &self.place, &what).await;
        let lines = self.journal.take();
        let journal = (&lines[..], round.struck);
        let eyes = Eyes::Outsider(&self.place);
        self.judge
            .round(&mut self.verdict, &eyes, journal, round.first, &what)
            .await;
        if !self.dead {
            self.lends_all(&what).await;
        }
    }

    /// The pool lends all its connections, as they were when they were new.
    async fn lends_all(&mut self, what: &str) {
        let mut patience = Duration::from_secs(120);
        if let Some(sabotage @ Sabotage::KeepConnection) = self.run.sabotage {
            let saboteur = Saboteur::new(sabotage, self.client.clone());
            let transfer = self.judge.ledger.transfer(self.next);
            self.next += 1;
            let call = transfer.call(&(self.journal.clone() as _));
            let _told = saboteur.call(call.shape, call.script).await;
            self.journal.take();
            patience = Duration::from_secs(2);
        }
        let all = self.client.each(&self.place.settings_sql());
        match tokio::time::timeout(patience, all).await {
            Err(_) => self.verdict.wrong(
                Fault::LeakedConnection,
                format!("{what}: not all connections are lent"),
            ),
            Ok(Err(error)) => self
                .verdict
                .wrong(Fault::LeakedConnection, format!("{what}: {error}")),
            Ok(Ok(all)) => {
                let each = all.iter();
                let changed: Vec<_> = each
                    .flat_map(|now| pools::changes(&self.settings, now))
                    .collect();
                self.verdict
                    .expect(changed.is_empty(), Fault::LeakedSetting, || {
                        format!("{what}: {changed:?}")
                    });
            }
        }
    }

    async fn end(self) -> Verdict {
        let (name, mut verdict) = (self.subject.name(), self.verdict);
        let what = format!("{name}, after all strikes");
        drop(self.client);
        nothing_is_open(&mut verdict, &self.place, &what).await;
        let eyes = Eyes::Outsider(&self.place);
        self.judge.all(&mut verdict, &eyes, &what).await;
        let mut figures = self.judge.tried.json();
        figures["strikes"] = json!(self.hits);
        eprintln!("   {name}, servers: {verdict}; {figures}");
        verdict.figure(format!("servers {name}"), figures);
        verdict
    }
}

async fn nothing_is_open(verdict: &mut Verdict, place: &Place, what: &str) {
    let open = place.open_transactions().await;
    verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
        format!("{what}: {open:?}")
    });
}
