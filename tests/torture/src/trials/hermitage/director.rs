//! Plays one script: lets its transactions go step by step in the published order, and round those that wait for a lock,
//! as one would at several terminals; knows no locks but SQLite's only one: of the others a witness tells.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::scripts::{Act, Anomaly, Line};
use super::story::{Row, Story};
use super::witness::Witness;
use crate::place::Place;
use crate::script::{Gate, Script, Shape, Step};
use crate::subject::{Client, Engine, Told};

/// How long between two looks.
const LOOK: Duration = Duration::from_millis(3);

/// How long those that wait are given to go on after all: it delays, and decides nothing.
const PAUSE: Duration = Duration::from_millis(20);

/// More passes than a script has lines.
const MANY: usize = 100;

/// What a script is played with.
pub struct Stage<'a> {
    pub place: &'a Place,
    pub witness: &'a Witness<'a>,
    pub client: Arc<dyn Client>,
    /// Which function a transaction is, given whether it only reads.
    pub shape: &'a (dyn Fn(bool) -> Shape + Sync),
    /// Read by each transaction first of all, if anything; opens no snapshot.
    pub greeting: Option<&'static str>,
}

/// How it went.
pub struct Played {
    pub story: Story,
    pub told: Vec<Told>,
    /// Whether any had to wait for another.
    pub waited: bool,
    /// Whether any began again.
    pub again: bool,
    /// What each answered to the greeting.
    pub greeted: Vec<Vec<String>>,
}

/// What a transaction's attempt has told so far.
#[derive(Default)]
struct Heard {
    attempts: u32,
    greeted: Vec<String>,
    reads: Vec<Vec<Row>>,
}

type Ear = Arc<Mutex<Heard>>;

fn hear(ear: &Ear) -> std::sync::MutexGuard<'_, Heard> {
    ear.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Actor {
    gate: Gate,
    ear: Ear,
    script: Script,
    shape: Shape,
    tag: String,
    /// How often its gate was opened.
    passes: u32,
    call: Option<JoinHandle<Told>>,
    told: Option<Told>,
}

impl Actor {
    fn new(stage: &Stage<'_>, script: &Anomaly, who: usize) -> Self {
        let (gate, ear) = (Gate::default(), Ear::default());
        let lines = script.lines().into_iter();
        let acts: Vec<_> = lines
            .filter(|line| line.who == who)
            .map(|line| line.act)
            .collect();
        let writes = acts.iter().any(|act| matches!(act, Act::Run(_)));
        let tag = stage.witness.tag(&script.table(), who);
        let engine = stage.place.engine();
        let table = script.table();
        let greeting = stage.greeting;
        let steps = {
            let (gate, ear, tag) = (gate.clone(), ear.clone(), tag.clone());
            move |again: bool| {
                let mut steps = Vec::new();
                if let Some(sql) = greeting {
                    steps.extend(heard(Step::read(sql), &ear, |heard, rows| {
                        heard.greeted = rows
                    }));
                }
                for act in &acts[1..] {
                    // The second time nobody waits at the gate to open it.
                    if !again {
                        steps.push(Step::Wait(gate.clone()));
                    }
                    steps.extend(step(*act, engine, &table, &tag, &ear));
                }
                steps
            }
        };
        let attempt = {
            let ear = ear.clone();
            Step::then(move |_| {
                let mut heard = hear(&ear);
                heard.attempts += 1;
                heard.reads.clear();
                steps(heard.attempts > 1)
            })
        };
        Self {
            shape: (stage.shape)(!writes),
            script: [attempt].into(),
            gate,
            ear,
            tag,
            passes: 0,
            call: None,
            told: None,
        }
    }

    /// Is at its gate.
    fn is_ready(&self) -> bool {
        self.told.is_none() && self.gate.arrived() > self.passes
    }

    /// Does something that has not been answered.
    fn is_busy(&self) -> bool {
        self.call.is_some() && !self.is_ready()
    }

    fn can(&self, act: Act) -> bool {
        match act {
            Act::Begin => self.call.is_none() && self.told.is_none(),
            _ => self.is_ready(),
        }
    }
}

/// The steps of an act.
fn step(act: Act, engine: Engine, table: &str, tag: &str, ear: &Ear) -> Vec<Step> {
    match act {
        Act::Begin | Act::Commit => Vec::new(),
        Act::Rollback => vec![Step::Refuse],
        Act::Run(sql) => vec![Step::run(format!("{} {tag}", sql.replace("test", table)))],
        Act::Read(condition) => {
            let sql = format!("{} {condition} {tag}", select(engine, table));
            heard(Step::read(sql), ear, |heard, rows| {
                heard.reads.push(parsed(&rows));
            })
        }
    }
}

/// A step that reads, and one that passes on what it has read.
fn heard(read: Step, ear: &Ear, pass: fn(&mut Heard, Vec<String>)) -> Vec<Step> {
    let ear = ear.clone();
    let tell = Step::then(move |seen| {
        pass(&mut hear(&ear), seen.last().cloned().unwrap_or_default());
        Vec::new()
    });
    vec![read, tell]
}

fn select(engine: Engine, table: &str) -> String {
    let [id, value] = ["id", "value"].map(|column| engine.text(column));
    match engine {
        Engine::MySql => format!("SELECT CONCAT({id}, ' ', {value}) FROM {table}"),
        Engine::Sqlite | Engine::Postgres => format!("SELECT {id} || ' ' || {value} FROM {table}"),
    }
}

/// Rows by their ids: the scripts ask for no order, which might change what is locked.
fn parsed(rows: &[String]) -> Vec<Row> {
    let number = |text: &str| -> i64 { text.parse().expect("a number") };
    let row = |text: &String| {
        let (id, value) = text.split_once(' ').expect("two numbers");
        (number(id), number(value))
    };
    let mut rows: Vec<_> = rows.iter().map(row).collect();
    rows.sort_unstable();
    rows
}

/// Plays a script to its end. It may hang, which the caller's watchdog sees.
pub async fn play(stage: &Stage<'_>, script: &Anomaly) -> Played {
    let lines = script.lines();
    let actors = 1 + lines.iter().map(|line| line.who).max().expect("lines");
    let mut director = Director {
        stage,
        actors: (0..actors)
            .map(|who| Actor::new(stage, script, who))
            .collect(),
        waited: false,
    };
    director.go_through(lines.into()).await;
    let sql = select(stage.place.engine(), &script.table());
    let rows = stage.place.read(&sql).await.expect("read the rows");
    director.played(parsed(&rows))
}

struct Director<'a> {
    stage: &'a Stage<'a>,
    actors: Vec<Actor>,
    waited: bool,
}

impl Director<'_> {
    async fn go_through(&mut self, mut left: VecDeque<Line>) {
        loop {
            self.settle().await;
            // Who has ended early does no more.
            left.retain(|line| self.actors[line.who].told.is_none());
            let can = |line: &Line| self.actors[line.who].can(line.act);
            match left.iter().position(can).and_then(|at| left.remove(at)) {
                Some(line) => self.take(line),
                None if self.actors.iter().all(|actor| actor.told.is_some()) => return,
                // Nobody can move before one that waits does.
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn take(&mut self, line: Line) {
        let client = &self.stage.client;
        let actor = &mut self.actors[line.who];
        if line.act == Act::Begin {
            let call = client.call(actor.shape, actor.script.clone());
            actor.call = Some(tokio::spawn(call));
        } else {
            actor.passes += 1;
            actor.gate.open(1);
        }
    }

    /// Until everybody has answered, or waits for another.
    async fn settle(&mut self) {
        loop {
            self.take_answers().await;
            let busy = self.busy();
            if busy.is_empty() {
                return;
            }
            if self.all_wait(&busy).await {
                tokio::time::sleep(PAUSE).await;
                self.take_answers().await;
                if self.busy() == busy && self.all_wait(&busy).await {
                    self.waited = true;
                    return;
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn busy(&self) -> Vec<usize> {
        let all = 0..self.actors.len();
        all.filter(|who| self.actors[*who].is_busy()).collect()
    }

    async fn take_answers(&mut self) {
        for actor in &mut self.actors {
            if let Some(call) = actor.call.take_if(|call| call.is_finished()) {
                actor.told = Some(call.await.expect("a call does not panic"));
            }
        }
    }

    async fn all_wait(&self, busy: &[usize]) -> bool {
        let Some(waiting) = self.stage.witness.waiting().await else {
            return self.all_wait_for_a_writer(busy);
        };
        busy.iter().all(|who| {
            let tag = &self.actors[*who].tag;
            waiting.iter().any(|text| text.contains(tag))
        })
    }

    /// Where there is one writer, others wait for it: nobody else needs to say so.
    fn all_wait_for_a_writer(&self, busy: &[usize]) -> bool {
        let is_within = |actor: &Actor| actor.writes_alone(self.stage) && actor.is_ready();
        let one_is_within = self.actors.iter().any(is_within);
        let mut busy = busy.iter().map(|who| &self.actors[*who]);
        one_is_within && busy.all(|actor| actor.writes_alone(self.stage))
    }

    fn played(mut self, rows: Vec<Row>) -> Played {
        let mut played = Played {
            story: Story::default(),
            told: Vec::new(),
            waited: self.waited,
            again: false,
            greeted: Vec::new(),
        };
        played.story.rows = rows;
        for actor in &mut self.actors {
            let told = actor.told.take().expect("everybody has ended");
            let mut heard = hear(&actor.ear);
            played.again |= heard.attempts > 1;
            played.story.reads.push(std::mem::take(&mut heard.reads));
            played.story.committed.push(told.is_committed());
            played.greeted.push(std::mem::take(&mut heard.greeted));
            played.told.push(told);
        }
        played
    }
}

/// What a watchdog cuts short must not stay behind.
impl Drop for Actor {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            // A thread cannot be aborted, but need not wait.
            self.gate.open(MANY);
            call.abort();
        }
    }
}

impl Actor {
    /// Whether it holds the only right to write, as all do that are not declared readers.
    fn writes_alone(&self, stage: &Stage<'_>) -> bool {
        stage.place.engine() == Engine::Sqlite && self.shape != Shape::Reading
    }
}
