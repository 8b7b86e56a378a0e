//! The wire is cut, torn, held up or robbed of an answer at every message of every function; knows no driver.

mod functions;
mod judge;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::{Run, Trial, bounded, pools};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::script::Shape;
use crate::subject::{Boxed, Client, Engine, Subject, Told};
use crate::wire::{self, Direction, Protocol, Proxy};

use functions::{Call, Function, Obstacle};

pub const TRIAL: Trial = Trial {
    name: "cut",
    about: "the wire fails at every message, in either direction, in every way",
    run,
};

/// Longer than `Shape::Timed` has.
const HOLD: Duration = Duration::from_millis(250);

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        // An embedded database has no wire.
        let subjects = run.subjects.iter().copied();
        let on_a_wire = subjects.filter(|subject| subject.engine() != Engine::Sqlite);
        let parts = on_a_wire.map(|subject| {
            let run = run.clone();
            tokio::spawn(async move { Bench::new(run, subject).await.work().await })
        });
        for part in join_all(parts).await {
            verdict.absorb(part.expect("it does not panic"));
        }
        verdict
    })
}

/// Where the wire fails, and how.
#[derive(Clone, Copy, Debug)]
struct Point {
    function: Function,
    direction: Direction,
    message: usize,
    fault: wire::Fault,
    /// Whether the pool has its connections already, or must make them through the failing wire.
    connected: bool,
}

/// One adapter, with a database and a wire of its own.
struct Bench {
    run: Run,
    subject: &'static dyn Subject,
    place: Place,
    proxy: Proxy,
    settings: Vec<String>,
    obstacle: Obstacle,
    token: i64,
    verdict: Verdict,
}

impl Bench {
    async fn new(run: Run, subject: &'static dyn Subject) -> Self {
        let place = Place::create(subject.engine()).await;
        place.run(functions::TABLES).await.expect("make the tables");
        let address = place.address().expect("a server");
        let protocol = match subject.engine() {
            Engine::MySql => Protocol::MySql,
            _ => Protocol::Postgres,
        };
        let proxy = Proxy::start(address, protocol)
            .await
            .expect("start a proxy");
        let mut bench = Self {
            run,
            subject,
            obstacle: Obstacle::beside(&place).await,
            place,
            proxy,
            settings: Vec::new(),
            token: 0,
            verdict: Verdict::of(TRIAL.name),
        };
        let fresh = bench.pool(1).each(&bench.place.settings_sql()).await;
        bench.settings = fresh.expect("read the settings").swap_remove(0);
        bench
    }

    fn pool(&self, size: u32) -> Arc<dyn Client> {
        let url = self
            .place
            .url(self.subject.driver(), Some(self.proxy.port()));
        self.run.open(self.subject, &url, size)
    }

    async fn work(mut self) -> Verdict {
        let mut points = Vec::new();
        for (function, connected) in self.calls() {
            points.extend(self.points_of(function, connected).await);
        }
        let all = points.len();
        let name = self.subject.name();
        let mut rng = self.run.seed.of(format!("{} {name}", TRIAL.name));
        rng.shuffle(&mut points);
        if self.run.sabotage.is_none() {
            points.truncate(self.run.size.of(QUICK, usize::MAX));
        }
        let tried = points.len();
        for (n, point) in points.into_iter().enumerate() {
            let look = self.run.sabotage.is_some() || n % LOOK == LOOK - 1 || n + 1 == tried;
            self.try_one(point, look).await;
            if self.run.has_seen_enough(&self.verdict) {
                break;
            }
        }
        if self.run.sabotage.is_none() {
            for _ in 0..self.run.size.of(1, 25) {
                self.part(Duration::from_micros(rng.u64(..20_000))).await;
            }
        }
        eprintln!("   {name}: {tried} of {all} points; {}", self.verdict);
        self.verdict
    }

    /// Every function, from a pool that has its connections and from one that has not.
    fn calls(&self) -> Vec<(Function, bool)> {
        if self.run.sabotage.is_some() {
            // Enough to notice.
            return vec![(Function::Plain, true)];
        }
        let all = Function::ALL.into_iter();
        all.flat_map(|function| [(function, true), (function, false)])
            .collect()
    }

    /// Every message of a function that nothing happens to, with all that could.
    async fn points_of(&mut self, function: Function, connected: bool) -> Vec<Point> {
        let (call, pool) = self.prepared(function, connected).await;
        self.proxy.clear();
        let told = bounded(pool.call(call.shape, call.script.clone())).await;
        let what = || {
            format!(
                "{} {function:?}: undisturbed, it came to {told:?}",
                self.subject.name()
            )
        };
        let right = match &told {
            Some(Told::Committed(_)) => function.commits(),
            Some(Told::NotCommitted(_)) => !function.commits(),
            _ => false,
        };
        self.verdict.expect(right, Fault::WrongAnswer, what);
        let mut points = Vec::new();
        for direction in [Direction::ToServer, Direction::ToClient] {
            for message in 1..=self.proxy.frames(direction) {
                let faults = faults(function, direction).iter();
                points.extend(faults.map(|fault| Point {
                    function,
                    direction,
                    message,
                    fault: *fault,
                    connected,
                }));
            }
        }
        points
    }

    async fn prepared(&mut self, function: Function, connected: bool) -> (Call, Arc<dyn Client>) {
        self.token += 1;
        let call = function.call(self.token, &self.obstacle.sql);
        let pool = self.pool(function.connections());
        if connected {
            let asked = pool.each("SELECT 'here'").await;
            asked.expect("connect through the proxy");
        }
        (call, pool)
    }

    async fn try_one(&mut self, point: Point, look: bool) {
        let (call, pool) = self.prepared(point.function, point.connected).await;
        self.proxy.arm(point.direction, point.message, point.fault);
        let told = bounded(pool.call(call.shape, call.script.clone())).await;
        let struck = self.proxy.has_struck();
        if matches!(point.fault, wire::Fault::Hold(_)) && struck {
            // What was held up arrives in the end, whoever has gone by then.
            tokio::time::sleep(HOLD * 2).await;
        }
        self.proxy.clear();
        let what = format!("{} {point:?}", self.subject.name());
        if struck {
            self.verdict.point();
        }
        match told {
            None => self.verdict.wrong(Fault::Hang, &what),
            Some(told) => {
                let found = judge::look(&self.place, &call).await;
                judge::judge(&mut self.verdict, &call, &told, found, &what);
            }
        }
        self.goes_on(&pool, &what).await;
        if look {
            self.nothing_is_open(&what).await;
        }
    }

    /// The pool lends all its connections, as they were when they were new, and transactions work.
    async fn goes_on(&mut self, pool: &Arc<dyn Client>, what: &str) {
        let what_next = format!("{what}: the next borrower");
        match bounded(pool.each(&self.place.settings_sql())).await {
            None => self.verdict.wrong(Fault::LeakedConnection, what_next),
            Some(Err(error)) => {
                let what = format!("{what_next}: {error}");
                self.verdict.wrong(Fault::LeakedConnection, what);
            }
            Some(Ok(all)) => {
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
        self.token += 1;
        let call = Function::Plain.call(self.token, &self.obstacle.sql);
        match bounded(pool.call(Shape::Plain, call.script.clone())).await {
            None => self
                .verdict
                .wrong(Fault::Hang, format!("{what}: the next call")),
            Some(told) => {
                let found = judge::look(&self.place, &call).await;
                let what = format!("{what}: the next call");
                self.verdict
                    .expect(told.is_committed(), Fault::WrongAnswer, || {
                        format!("{what}: {told:?}")
                    });
                judge::judge(&mut self.verdict, &call, &told, found, &what);
            }
        }
    }

    /// All connections are cut at once, and none can be made for a while, `after` several calls have begun.
    async fn part(&mut self, after: Duration) {
        let pool = self.pool(3);
        self.proxy.clear();
        let calls = [Function::Plain, Function::Nested, Function::Fussy].repeat(3);
        let calls = calls.into_iter().map(|function| {
            self.token += 1;
            let call = function.call(self.token, &self.obstacle.sql);
            let running = tokio::spawn(bounded(pool.call(call.shape, call.script.clone())));
            (call, running)
        });
        let calls: Vec<_> = calls.collect();
        tokio::time::sleep(after).await;
        self.proxy.refuse(true);
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.proxy.refuse(false);
        let what = format!("{} parted after {after:?}", self.subject.name());
        for (call, running) in calls {
            self.verdict.point();
            match running.await.expect("it does not panic") {
                None => self.verdict.wrong(Fault::Hang, &what),
                Some(told) => {
                    let found = judge::look(&self.place, &call).await;
                    judge::judge(&mut self.verdict, &call, &told, found, &what);
                }
            }
        }
        self.goes_on(&pool, &what).await;
        self.nothing_is_open(&what).await;
    }

    async fn nothing_is_open(&mut self, last: &str) {
        let known = Some(functions::KEPT);
        let open = self.place.open_transactions_but(known).await;
        self.verdict
            .expect(open.is_empty(), Fault::LeakedTransaction, || {
                format!("around {last}: {open:?}")
            });
    }
}

/// Points of each adapter in a quick run.
const QUICK: usize = 60;

/// After so many points, the server is asked what is open.
const LOOK: usize = 20;

fn faults(function: Function, direction: Direction) -> &'static [wire::Fault] {
    use wire::Fault::{Drop, Hold, LoseAnswer, Tear};

    match (function, direction) {
        // Held up, only a function with a time limit makes something of it.
        (Function::Timed, _) => &[Hold(HOLD)],
        (_, Direction::ToServer) => &[Drop, Tear, LoseAnswer],
        (_, Direction::ToClient) => &[Drop, Tear],
    }
}
