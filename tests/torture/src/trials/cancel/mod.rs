//! Calls are dropped after each of their polls, and after random times, on every asynchronous adapter: whoever comes next
//! must find nothing of them but all they did, or nothing they did. Knows no driver.

mod bench;
mod company;
mod dropping;
mod functions;
mod oracle;
mod point;
mod relay;

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::runtime::Builder;

use super::{Run, Size, Trial};
use crate::report::Verdict;
use crate::subject::{Boxed, Subject};
use bench::Bench;
use dropping::Moment;
use functions::Function;
use point::{Bout, Went};

pub const TRIAL: Trial = Trial {
    name: "cancel",
    about: "calls dropped after every poll, and what the next borrower finds",
    run,
};

/// What polls the calls.
#[derive(Clone, Copy, Debug)]
enum Runtime {
    /// The run's own, of two threads.
    Threads,
    /// One of a single thread, where nothing goes on while somebody blocks.
    OneThread,
}

/// So many benches at once.
const AT_ONCE: usize = 4;

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        let subjects = run.subjects.iter().copied();
        let subjects: Vec<_> = subjects.filter(|it| it.driver().is_async()).collect();
        let of_each = [Runtime::Threads, Runtime::OneThread];
        let all = of_each
            .into_iter()
            .flat_map(|runtime| subjects.iter().map(move |subject| (*subject, runtime)));
        let benches: Vec<_> = all
            .map(|(subject, runtime)| on_its_own(run.clone(), subject, runtime))
            .collect();
        let mut parts = stream::iter(benches).buffer_unordered(AT_ONCE);
        while let Some((name, part)) = parts.next().await {
            eprintln!("   {name}: {part}");
            verdict.absorb(part);
        }
        verdict
    })
}

/// All functions of an adapter, on one kind of runtime.
async fn on_its_own(
    run: Run,
    subject: &'static dyn Subject,
    runtime: Runtime,
) -> (String, Verdict) {
    let name = format!("{} ({runtime:?})", subject.name());
    let all = all(run, subject, name.clone());
    let done = match runtime {
        Runtime::Threads => tokio::spawn(all).await,
        Runtime::OneThread => {
            tokio::task::spawn_blocking(move || {
                let runtime = Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime");
                let verdict = runtime.block_on(all);
                runtime.shutdown_background();
                verdict
            })
            .await
        }
    };
    (name, done.expect("the trial itself does not panic"))
}

async fn all(run: Run, subject: &'static dyn Subject, name: String) -> Verdict {
    let bench = Bench::new(&run, subject).await;
    let mut plan = Plan {
        verdict: Verdict::of(TRIAL.name),
        run,
        points: 0,
        ended_before: 0,
        stuck: 0,
    };
    let mut bout = Bout::new(&bench, name.clone());
    for function in Function::ALL {
        bout.turn_to(function);
        plan.play(&mut bout, function, &name).await;
        if plan.is_enough() {
            break;
        }
        bout.close(&mut plan.verdict).await;
    }
    let figures = json!({
        "not dropped": plan.ended_before,
        "dropped, and stored": bout.tale.dropped_and_stored,
        "replayed": bout.tale.replayed,
        "dropped attempts without a hook": bout.tale.untold,
    });
    plan.verdict.figure(name, figures);
    plan.verdict
}

/// Which moments are tried, and how it goes.
struct Plan {
    run: Run,
    verdict: Verdict,
    points: u64,
    ended_before: u64,
    stuck: u32,
}

/// Longer than any call takes, though answers are held back.
const WHOLE: Duration = Duration::from_secs(600);

/// So many polls are tried of each function in a quick run.
const POLLS: u32 = 3;

/// More polls than any call takes.
const MOST_POLLS: u32 = 1000;

impl Plan {
    async fn play(&mut self, bout: &mut Bout<'_>, function: Function, name: &str) {
        let place = format!("cancel {name} {function:?}");
        let mut chance = self.run.seed.of(place);
        let mut sizes = function.pools().cycle();
        let mut size = || sizes.next().expect("it has pools");
        // The very first has to connect; another shows how often a call is polled.
        let least = *function.pools().start();
        if function == Function::Plain || self.run.size == Size::Full {
            self.point(bout, Moment::Never, least).await;
        }
        let Some(Went { polls, .. }) = self.point(bout, Moment::Never, least).await else {
            return;
        };
        if self.run.size == Size::Full {
            self.sweep(bout, polls, &mut size).await;
        }
        for _ in 0..self.run.size.of(POLLS, 0) {
            let poll = 1 + (chance.f64() * f64::from(polls)) as u32;
            let moment = if chance.bool() {
                Moment::Pending
            } else {
                Moment::Woken
            };
            self.point(bout, moment(poll), size()).await;
        }
        let Some(whole) = self.point(bout, Moment::After(WHOLE), size()).await else {
            return;
        };
        for _ in 0..self.run.size.of(1, 25) {
            let time = whole.took.mul_f64(chance.f64());
            self.point(bout, Moment::After(time), size()).await;
        }
    }

    /// After each poll, until it is over before.
    async fn sweep(&mut self, bout: &mut Bout<'_>, polls: u32, size: &mut impl FnMut() -> u32) {
        for moment in [Moment::Pending, Moment::Woken] {
            let mut poll = 1;
            while poll < MOST_POLLS {
                let went = self.point(bout, moment(poll), size()).await;
                // How often it is polled varies.
                let is_beyond = |went: Went| !went.was_dropped && poll >= polls;
                if went.is_none_or(is_beyond) {
                    break;
                }
                // Connecting takes hundreds, most of them sums over a password.
                poll += 1 + poll / 48;
            }
        }
    }

    /// One more, unless what was found is enough.
    async fn point(&mut self, bout: &mut Bout<'_>, moment: Moment, size: u32) -> Option<Went> {
        if self.is_enough() {
            return None;
        }
        self.points += 1;
        let went = bout.point(moment, size, &mut self.verdict).await;
        self.stuck += u32::from(went.is_stuck);
        if went.was_dropped {
            self.verdict.point();
        } else {
            self.ended_before += 1;
        }
        Some(went)
    }

    /// What hangs takes all the time there is; and a fault that was made on purpose need not be found often.
    fn is_enough(&self) -> bool {
        match self.run.sabotage {
            Some(_) => self.stuck > 0 || self.points > 5 && !self.verdict.is_clean(),
            None => self.stuck > 2,
        }
    }
}
