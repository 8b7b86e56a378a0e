//! The client's process is killed, in mid-commit if that can be met: an embedded database with it; knows no driver.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use clap::ValueEnum as _;
use serde_json::json;

use super::TRIAL;
use super::journal::Line;
use super::judge::{Eyes, Judge};
use super::ledger::Ledger;
use crate::place::{Held, Place};
use crate::report::{Fault, Verdict};
use crate::sabotage::Sabotage;
use crate::servers;
use crate::subject::{Driver, Engine, Subject};
use crate::trials::{Run, Size, bounded};

/// Further apart than any client gets.
const APART: i64 = 1_000_000;

/// How an SQLite file is written.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// As the adapters have it: a write-ahead log, and as many connections as there may be.
    Log,
    /// The log is written back all the time.
    Checkpoints,
    /// A rollback journal, by a single connection: it is what sets it.
    Journal,
    /// None: a server does it.
    Server,
}

impl Mode {
    const EMBEDDED: [Self; 3] = [Self::Log, Self::Checkpoints, Self::Journal];

    /// The connections, and what one of them is told.
    fn setup(self) -> (u32, Option<&'static str>) {
        match self {
            Self::Log => (4, None),
            Self::Checkpoints => (1, Some("PRAGMA wal_autocheckpoint = 2")),
            Self::Journal => (1, Some("PRAGMA journal_mode = DELETE")),
            Self::Server => (super::CONNECTIONS, None),
        }
    }
}

/// When a client is killed: some time after it was about to commit for the n-th time.
#[derive(Clone, Copy, Debug)]
struct Moment {
    abouts: usize,
    then: Duration,
}

/// One adapter, whose clients are killed.
struct Bench {
    run: Run,
    subject: &'static dyn Subject,
    place: Place,
    judge: Judge,
    verdict: Verdict,
    /// How often a rollback journal was there to be played back, or a log.
    left_behind: u64,
}

/// What a client had written when it died, and how it did.
struct Life {
    lines: Vec<Line>,
    killed: bool,
    how: String,
}

/// Kills clients that work in an empty database, in each mode.
pub async fn work(run: Run, subject: &'static dyn Subject, place: Place) -> Verdict {
    let kills = kills(&run, subject.engine());
    let mut bench = Bench {
        judge: Judge::new(Ledger::of(subject, run.seed)),
        run,
        subject,
        place,
        verdict: Verdict::of(TRIAL.name),
        left_behind: 0,
    };
    bench.make().await;
    let modes = match subject.engine() {
        Engine::Sqlite => &Mode::EMBEDDED[..],
        _ => &[Mode::Server],
    };
    let rounds = (0..kills).flat_map(|_| modes.iter().copied());
    for (round, mode) in (1..).zip(rounds) {
        let goes_on = bench.round(round, mode).await;
        if !goes_on || bench.run.has_seen_enough(&bench.verdict) {
            break;
        }
    }
    bench.end().await
}

/// How many clients of an adapter are killed, on SQLite in each mode.
fn kills(run: &Run, engine: Engine) -> usize {
    match (run.size, engine) {
        _ if run.sabotage.is_some() => 3,
        (Size::Quick, Engine::Sqlite) => 5,
        (Size::Quick, _) => 3,
        (Size::Full, Engine::Sqlite) => 100,
        (Size::Full, _) => 40,
    }
}

impl Bench {
    async fn make(&self) {
        let path = self.path();
        if self.place.engine() == Engine::Sqlite {
            File::create(&path).expect("make the file");
        }
        let eyes = eyes(&self.place, &path);
        for sql in Ledger::tables().split_terminator(';') {
            eyes.read(sql).await.expect("make the tables");
        }
    }

    fn path(&self) -> String {
        self.place.url(Driver::Sqlx, None)
    }

    /// Whether another one makes sense.
    async fn round(&mut self, round: i64, mode: Mode) -> bool {
        let name = self.subject.name();
        let mut rng = self.run.seed.of(format!("kill client {name} {round}"));
        let moment = Moment {
            abouts: rng.usize(1..8),
            // Most of them are as short as a COMMIT.
            then: Duration::from_micros(match rng.u8(..4) {
                0 => rng.u64(..60_000),
                1 => rng.u64(..2_000),
                _ => rng.u64(..300),
            }),
        };
        let what = format!("{name}, client {round}, {mode:?}, {moment:?}");
        let first = round * APART;
        let Some(life) = lived(self.command(first, mode), moment).await else {
            self.verdict.wrong(Fault::Hang, what);
            return false;
        };
        let how = &life.how;
        assert!(life.killed, "{what}: the client ended by itself: {how}");
        self.verdict.point();
        let _held = self.sabotaged().await;
        if !self.is_sound(&what).await {
            return false;
        }
        if self.place.engine() != Engine::Sqlite {
            self.is_quiet(&what).await;
        }
        let path = self.path();
        let eyes = eyes(&self.place, &path);
        let journal = (&life.lines[..], life.lines.len());
        let judged = self
            .judge
            .round(&mut self.verdict, &eyes, journal, first, &what);
        judged.await;
        if self.place.engine() == Engine::Sqlite {
            self.is_quiet(&what).await;
        }
        // With what it leaks, none could go on.
        self.run.sabotage != Some(Sabotage::LeakTransaction)
    }

    /// What the saboteur does where the client was.
    async fn sabotaged(&self) -> Option<Held> {
        let lock = match self.place.engine() {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            _ => "BEGIN; SELECT id FROM accounts FOR UPDATE",
        };
        match self.run.sabotage {
            Some(Sabotage::LeakTransaction) => {
                Some(self.place.hold(lock).await.expect("leak a transaction"))
            }
            Some(Sabotage::Scribble) => {
                // All is in the file once it was opened and closed.
                let path = self.path();
                Eyes::Opening(&path)
                    .read("SELECT name FROM sqlite_master")
                    .await
                    .expect("open");
                let file = OpenOptions::new().write(true).open(&path);
                let scribbled = file.and_then(|file| file.write_all_at(&[0xa5; 4096], 4096));
                scribbled.expect("scribble");
                None
            }
            _ => None,
        }
    }

    /// An embedded database recovers as it is opened, and is whole.
    async fn is_sound(&mut self, what: &str) -> bool {
        if self.place.engine() != Engine::Sqlite {
            return true;
        }
        let path = self.path();
        let left = ["-wal", "-journal"].map(|end| std::fs::metadata(format!("{path}{end}")));
        let any = left.iter().flatten().any(|file| file.len() > 0);
        self.left_behind += u64::from(any);
        let checked = Eyes::Opening(&path).read("PRAGMA integrity_check").await;
        let sound = checked.as_ref().is_ok_and(|rows| rows == &["ok"]);
        self.verdict
            .expect(sound, Fault::Torn, || format!("{what}: {checked:?}"));
        sound
    }

    /// What the client had begun is over, and nobody keeps a lock.
    async fn is_quiet(&mut self, what: &str) {
        let mut open = Vec::new();
        // A watchdog, again: a server may take its time to notice.
        for _ in 0..if self.run.sabotage.is_some() { 1 } else { 10 } {
            open = self.place.open_transactions().await;
            if open.is_empty() {
                break;
            }
        }
        self.verdict
            .expect(open.is_empty(), Fault::LeakedTransaction, || {
                format!("{what}: {open:?}")
            });
        if self.place.engine() != Engine::Sqlite {
            let locks = "SELECT id FROM accounts FOR UPDATE NOWAIT";
            let free = self.place.run(locks).await;
            self.verdict
                .expect(free.is_ok(), Fault::LeakedTransaction, || {
                    format!("{what}: {free:?}")
                });
        }
    }

    async fn end(mut self) -> Verdict {
        let name = self.subject.name();
        let path = self.path();
        let eyes = eyes(&self.place, &path);
        if self.run.sabotage != Some(Sabotage::Scribble) {
            let what = format!("{name}, after all clients");
            self.judge.all(&mut self.verdict, &eyes, &what).await;
        }
        let mut figures = self.judge.tried.json();
        if self.place.engine() == Engine::Sqlite {
            figures["had_to_be_recovered"] = json!(self.left_behind);
        }
        eprintln!("   {name}, clients: {}; {figures}", self.verdict);
        self.verdict.figure(format!("clients {name}"), figures);
        self.verdict
    }

    fn command(&self, first: i64, mode: Mode) -> Command {
        // What runs now, even if its file was replaced.
        let mut command = Command::new("/proc/self/exe");
        let (connections, setup) = mode.setup();
        command
            .args(["client", "--adapter", &self.subject.name()])
            .args(["--url", &self.place.url(self.subject.driver(), None)])
            .args(["--seed", &self.run.seed.to_string()])
            .args(["--first", &first.to_string()])
            .args(["--connections", &connections.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(setup) = setup {
            command.args(["--setup", setup]);
        }
        if let Some(sabotage) = self.run.sabotage.filter(|it| !is_ours(*it)) {
            let name = sabotage.to_possible_value().expect("none is skipped");
            command.args(["--sabotage", name.get_name()]);
        }
        command
    }
}

/// Of an embedded database, a connection that stays would keep it from being recovered.
fn eyes<'a>(place: &'a Place, path: &'a str) -> Eyes<'a> {
    match place.engine() {
        Engine::Sqlite => Eyes::Opening(path),
        _ => Eyes::Outsider(place),
    }
}

/// Not the client's to make.
fn is_ours(sabotage: Sabotage) -> bool {
    use Sabotage::{KeepConnection, LeakTransaction, Scribble};

    matches!(sabotage, KeepConnection | LeakTransaction | Scribble)
}

/// Lets a client live until its moment; nothing if it hangs.
async fn lived(command: Command, moment: Moment) -> Option<Life> {
    let pid = Arc::new(AtomicI32::new(0));
    let known = pid.clone();
    let life = tokio::task::spawn_blocking(move || live(command, moment, &known));
    let life = bounded(life).await;
    if life.is_none() {
        // Its life ends with its pipe.
        let _gone = servers::kill_pid(pid.load(Ordering::SeqCst));
    }
    life.map(|life| life.expect("no panic"))
}

fn live(mut command: Command, moment: Moment, pid: &AtomicI32) -> Life {
    let mut child = command.spawn().expect("start a client");
    pid.store(child.id().cast_signed(), Ordering::SeqCst);
    // While this is open, the client lives.
    let _leash = child.stdin.take();
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    let (mut lines, mut abouts, mut killed) = (Vec::new(), 0, false);
    // What was written is read, also after its death.
    for line in out.lines() {
        let line = line.expect("a line");
        let line = Line::parse(&line).unwrap_or_else(|| panic!("a client wrote `{line}`"));
        abouts += usize::from(matches!(line, Line::About(_)));
        lines.push(line);
        if !killed && abouts >= moment.abouts {
            std::thread::sleep(moment.then);
            child.kill().expect("kill the client");
            killed = true;
        }
    }
    let status = child.wait().expect("its status");
    Life {
        lines,
        killed: killed && status.signal().is_some(),
        how: status.to_string(),
    }
}
