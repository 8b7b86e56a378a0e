//! Nothing goes wrong: every function of every adapter commits and leaves nothing behind, without which no other trial
//! says anything; knows no driver.

use std::sync::Arc;

use super::{Run, Trial, bounded};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::script::{Level, Script, Shape, Step, Tally};
use crate::subject::{Boxed, Subject, Told};

pub const TRIAL: Trial = Trial {
    name: "calm",
    about: "every function of every adapter, and nothing goes wrong",
    run,
};

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        for subject in &run.subjects {
            let part = one(&run, *subject).await;
            eprintln!("   {}: {part}", subject.name());
            verdict.absorb(part);
        }
        verdict
    })
}

fn shapes() -> Vec<Shape> {
    let levels = Level::ALL.into_iter();
    let at = levels.flat_map(|level| [Shape::At(level), Shape::RetriedAt(level)]);
    [
        Shape::Plain,
        Shape::Retried,
        Shape::Nested,
        Shape::RequiresNew,
        Shape::Timed,
        Shape::Fussy,
    ]
    .into_iter()
    .chain(at)
    .collect()
}

async fn one(run: &Run, subject: &dyn Subject) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    let place = Place::create(subject.engine()).await;
    place
        .run("CREATE TABLE calm (id BIGINT PRIMARY KEY)")
        .await
        .expect("make the table");
    let client = run.open(subject, &place.url(subject.driver(), None), 2);
    let settings = place.settings_sql();
    let before = client.each(&settings).await.expect("read the settings");
    for (id, shape) in (1..).zip(shapes()) {
        verdict.point();
        let tally = Arc::new(Tally::default());
        let steps = [
            Step::Watch(tally.clone()),
            Step::run(format!("INSERT INTO calm VALUES ({id})")),
            Step::call(Shape::Nested, inner(subject, id)),
            Step::call(Shape::Plain, inner(subject, id)),
        ];
        let what = || format!("{} {shape:?}", subject.name());
        match bounded(client.call(shape, steps.into())).await {
            None => verdict.wrong(Fault::Hang, what()),
            Some(Told::Committed(seen)) => {
                let stored = stored(&place, id).await;
                verdict.expect(stored, Fault::FalseOk, what);
                let read = vec![vec![id.to_string()]; 2];
                verdict.expect(seen == read, Fault::WrongAnswer, || {
                    format!("{}: {seen:?}", what())
                });
            }
            Some(told) => verdict.wrong(Fault::WrongAnswer, format!("{}: {told:?}", what())),
        }
        let counts = tally.counts();
        verdict.expect(counts == [1, 1, 0, 0], Fault::WrongHooks, || {
            format!("{}: {counts:?}", what())
        });
    }
    let read = Step::read(format!(
        "SELECT {} FROM calm",
        place.engine().text("count(*)")
    ));
    let told = bounded(client.call(Shape::Reading, [read].into())).await;
    verdict.point();
    verdict.expect(
        told.is_some_and(|told| told.is_committed()),
        Fault::WrongAnswer,
        || format!("{} cannot read", subject.name()),
    );
    let after = client.each(&settings).await.expect("read the settings");
    verdict.expect(before == after, Fault::LeakedSetting, || subject.name());
    let open = place.open_transactions().await;
    verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
        format!("{}: {open:?}", subject.name())
    });
    verdict
}

fn inner(subject: &dyn Subject, id: i64) -> Script {
    let id_of = subject.engine().text("id");
    [Step::read(format!(
        "SELECT {id_of} FROM calm WHERE id = {id}"
    ))]
    .into()
}

async fn stored(place: &Place, id: i64) -> bool {
    let id_of = place.engine().text("id");
    let sql = format!("SELECT {id_of} FROM calm WHERE id = {id}");
    !place.read(&sql).await.expect("read the rows").is_empty()
}
