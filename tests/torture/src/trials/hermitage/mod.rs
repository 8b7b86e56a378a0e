//! Hermitage: the published scripts of each anomaly through annotated functions of each level, and what became of them.
//! There is no chance in it: the order of the steps is the published one.

mod director;
mod expected;
mod scripts;
mod story;
mod table;
mod witness;

use std::time::Duration;

use futures_util::future::join_all;

use super::{Run, Size, Trial};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::sabotage::Sabotage;
use crate::script::{Level, Shape};
use crate::subject::{Boxed, Driver, Engine, Subject, Told};
use director::{Played, Stage};
use expected::{Form, Outcome, Setting};
use scripts::Anomaly;
use story::ROWS;
use table::Found;
use witness::Witness;

pub const TRIAL: Trial = Trial {
    name: "hermitage",
    about: "the published script of each anomaly at each level, and whether it happens",
    run,
};

/// No script has more transactions.
const TRANSACTIONS: u32 = 3;

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        let mut found = Vec::new();
        for subject in subjects(&run) {
            for setting in Setting::ALL {
                if setting.engine() == subject.engine() {
                    let (part, one) = all_forms(&run, subject, setting).await;
                    eprintln!("   {}, {}: {part}", subject.name(), setting.name());
                    verdict.absorb(part);
                    found.push(one);
                }
            }
        }
        if run.sabotage == Some(Sabotage::Dissent) {
            let dissenter = found.first().map(Found::dissenting);
            found.extend(dissenter);
        }
        for difference in table::differences(&found) {
            verdict.wrong(Fault::WrongAnswer, difference);
        }
        table::print(&found);
        verdict
    })
}

/// Tables are the engines', so that one driver of each will do in haste, unless others were asked for.
fn subjects(run: &Run) -> Vec<&'static dyn Subject> {
    let all = run.subjects.len() == crate::subjects::ALL.len();
    let picked = run.subjects.iter().copied();
    let in_haste = all && run.size == Size::Quick;
    picked
        .filter(|subject| !in_haste || subject.driver() == Driver::Sqlx)
        .collect()
}

impl Setting {
    fn engine(self) -> Engine {
        match self {
            Self::Sqlite => Engine::Sqlite,
            Self::Postgres => Engine::Postgres,
            Self::MariaDb | Self::Snapshots => Engine::MySql,
        }
    }

    /// Sets a connection of MariaDB, for itself alone, and reads how it is set.
    fn set(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "SELECT 'as it comes'",
            Self::MariaDb => "SELECT snapshots(0)",
            Self::Snapshots => "SELECT snapshots(1)",
        }
    }

    /// Reads how the transaction's own connection is set, and what it must say.
    fn greeting(self) -> Option<(&'static str, &'static str)> {
        let sql = "SELECT CAST(@@innodb_snapshot_isolation AS CHAR)";
        match self {
            Self::Sqlite | Self::Postgres => None,
            Self::MariaDb => Some((sql, "OFF")),
            Self::Snapshots => Some((sql, "ON")),
        }
    }
}

/// The forms at once, each in a database of its own: they wait more than they do.
async fn all_forms(run: &Run, subject: &dyn Subject, setting: Setting) -> (Verdict, Found) {
    let mut verdict = Verdict::of(TRIAL.name);
    let mut found = Found::new(subject.name(), setting);
    let forms = setting.forms();
    let places = join_all(forms.iter().map(|_| Place::create(subject.engine()))).await;
    let lanes = forms.into_iter().zip(&places).map(|(form, place)| {
        let lane = Lane {
            run,
            subject,
            setting,
            form,
        };
        lane.all_scripts(place)
    });
    for (part, outcomes) in join_all(lanes).await {
        verdict.absorb(part);
        found.columns.push(outcomes);
    }
    // Dropping blocks: PostgreSQL drops a database only after everybody who is connecting was answered.
    let dropped = tokio::task::spawn_blocking(move || drop(places));
    dropped.await.expect("drop the databases");
    (verdict, found)
}

/// An adapter whose transactions are declared in one form.
struct Lane<'a> {
    run: &'a Run,
    subject: &'a dyn Subject,
    setting: Setting,
    form: Form,
}

impl Lane<'_> {
    async fn all_scripts(self, place: &Place) -> (Verdict, Vec<Option<Outcome>>) {
        let mut verdict = Verdict::of(TRIAL.name);
        let mut outcomes = vec![None; scripts::ALL.len()];
        if place.engine() == Engine::MySql {
            place.run(SNAPSHOTS).await.expect("make the function");
        }
        place.run(&tables()).await.expect("make the tables");
        let witness = Witness::of(place).await;
        let url = place.url(self.subject.driver(), None);
        let stage = Stage {
            place,
            witness: &witness,
            client: self.run.open(self.subject, &url, TRANSACTIONS),
            shape: &|reads| self.shape(reads),
            greeting: self.setting.greeting().map(|(sql, _)| sql),
        };
        let before = self.settings(&stage).await.expect("read the settings");
        if self.play(&stage, &mut verdict, &mut outcomes).await {
            let after = self.settings(&stage).await;
            verdict.expect(after.as_ref() == Ok(&before), Fault::LeakedSetting, || {
                format!("{}: {before:?}, then {after:?}", self.name())
            });
        }
        let open = place.open_transactions().await;
        verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
            format!("{}: {open:?}", self.name())
        });
        (verdict, outcomes)
    }

    /// Plays one script after the other, unless one hangs: the pool may be full of what does.
    async fn play(
        &self,
        stage: &Stage<'_>,
        verdict: &mut Verdict,
        outcomes: &mut [Option<Outcome>],
    ) -> bool {
        for (script, outcome) in scripts::ALL.iter().zip(outcomes) {
            let play = tokio::time::timeout(self.patience(), self.one(stage, script));
            let Ok(Some(played)) = play.await else {
                let rest = "; the scripts after it were not played";
                verdict.wrong(Fault::Hang, self.named(script) + rest);
                return false;
            };
            verdict.point();
            *outcome = Some(self.judge(verdict, script, &played));
        }
        true
    }

    /// How each connection is set, when set as the trial wants it.
    async fn settings(&self, stage: &Stage<'_>) -> Result<Vec<Vec<String>>, String> {
        stage.client.each(self.setting.set()).await?;
        stage.client.each(&stage.place.settings_sql()).await
    }

    /// For a hopeless machine, but for a saboteur's hanging on purpose.
    fn patience(&self) -> Duration {
        match self.run.sabotage {
            Some(_) => Duration::from_secs(4),
            None => Duration::from_secs(60),
        }
    }

    fn shape(&self, reads: bool) -> Shape {
        match self.form {
            Form::At(level) => Shape::At(level),
            Form::Again => Shape::RetriedAt(Level::Serializable),
            Form::Readers if reads => Shape::Reading,
            Form::Readers => Shape::At(Level::Serializable),
        }
    }

    /// Plays one, if the pool has a connection left for each.
    async fn one(&self, stage: &Stage<'_>, script: &Anomaly) -> Option<Played> {
        // Before each, because a broken connection may have been replaced.
        stage.client.each(self.setting.set()).await.ok()?;
        Some(director::play(stage, script).await)
    }

    fn name(&self) -> String {
        let (subject, setting) = (self.subject.name(), self.setting.name());
        format!("{subject} ({setting}), {}", self.form.name())
    }

    fn named(&self, script: &Anomaly) -> String {
        format!("{}: {}", self.name(), script.name)
    }

    fn judge(&self, verdict: &mut Verdict, script: &Anomaly, played: &Played) -> Outcome {
        self.check_answers(verdict, script, played);
        let (setting, form) = (self.setting, self.form);
        let outcome = outcome(script, played);
        let expected = setting.expected(script.name, form);
        let weaker = outcome.is_observed()
            && setting.is_published_as_prevented(script.name, form) == Some(true);
        if outcome.is_observed() {
            verdict.anomaly(setting.name(), form.name(), script.name);
        }
        if outcome != expected || weaker {
            let fault = match outcome {
                Outcome::Observed => Fault::Anomaly,
                _ => Fault::WrongAnswer,
            };
            let what = format!(
                "{}: {} in place of {}; {:?}, told {:?}",
                self.named(script),
                outcome.name(),
                expected.name(),
                played.story,
                played.told
            );
            verdict.wrong(fault, what);
        }
        outcome
    }

    /// Each commits, or does not because of a conflict, or because it refuses.
    fn check_answers(&self, verdict: &mut Verdict, script: &Anomaly, played: &Played) {
        let what = |who: usize| format!("{} T{}", self.named(script), who + 1);
        for (who, told) in played.told.iter().enumerate() {
            let honest = match told {
                Told::Committed(_) => !script.refuses(who),
                Told::NotCommitted(failure) if failure.is_conflict() => self.form != Form::Again,
                Told::NotCommitted(_) => script.refuses(who),
                Told::Unknown(_) | Told::Partly(_) => false,
            };
            verdict.expect(honest, Fault::WrongAnswer, || {
                format!("{}: {told:?}", what(who))
            });
            let set = match self.setting.greeting() {
                // One that could not begin has not been greeted.
                Some((_, must)) => played.greeted[who].iter().all(|is| is == must),
                None => true,
            };
            verdict.expect(set, Fault::WrongAnswer, || {
                format!("{}: set as {:?}", what(who), played.greeted[who])
            });
        }
    }
}

/// Sets a connection by a query, for that is what can be sent on each of a pool's.
const SNAPSHOTS: &str = "CREATE FUNCTION snapshots(wanted INT) RETURNS VARCHAR(8) \
    BEGIN SET SESSION innodb_snapshot_isolation = wanted; RETURN @@innodb_snapshot_isolation; END";

/// Makes a table for each script, as it is in the beginning.
fn tables() -> String {
    let [one, two] = ROWS.map(|(id, value)| format!("({id}, {value})"));
    let tables = scripts::ALL.iter().map(|script| {
        let table = script.table();
        format!(
            "CREATE TABLE {table} (id INT PRIMARY KEY, value INT); \
             INSERT INTO {table} VALUES {one}, {two};"
        )
    });
    tables.collect()
}

fn outcome(script: &Anomaly, played: &Played) -> Outcome {
    let is_conflict = |told: &Told| told.failure().is_some_and(|failure| failure.is_conflict());
    if (script.happened)(&played.story) {
        Outcome::Observed
    } else if played.told.iter().any(is_conflict) {
        Outcome::Conflict
    } else if played.again {
        Outcome::Again
    } else if played.waited {
        Outcome::Waited
    } else {
        Outcome::Unseen
    }
}
