//! An independent transaction that needs a row which its own suspended caller has locked: it waits a finite time, and says
//! who waits for whom; knows no adapter.

use tokio::task::JoinSet;

use super::super::{Run, bounded};
use super::TRIAL;
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::script::{Script, Shape, Step};
use crate::subject::{Engine, Failure, Subject, Told};

const CALLERS: u32 = 3;

/// Several callers at once, each with a row of its own and with connections enough.
pub async fn run(run: &Run, subject: &dyn Subject, place: &Place) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    let what = |caller: u32| format!("{} caller {caller} for its own row", subject.name());
    let rows: Vec<String> = (0..CALLERS).map(|id| format!("({id}, 0)")).collect();
    let rows = format!("INSERT INTO locks VALUES {}", rows.join(", "));
    place.run(&rows).await.expect("put the rows in");
    let client = run.open(subject, &place.url(subject.driver(), None), 2 * CALLERS);
    let mut calls = JoinSet::new();
    for caller in 0..CALLERS {
        let client = client.clone();
        calls.spawn(async move {
            let call = client.call(Shape::Plain, script(caller));
            (caller, bounded(call).await)
        });
    }
    while let Some(ended) = calls.join_next().await {
        let (caller, told) = ended.expect("a caller does not panic");
        verdict.point();
        match told {
            None => verdict.wrong(Fault::Hang, what(caller)),
            Some(told) => judge(
                &mut verdict,
                subject,
                &told,
                &what(caller),
                swallows(caller),
            ),
        }
    }
    let n = place.engine().text("n");
    let read = place
        .read(&format!("SELECT {n} FROM locks ORDER BY id"))
        .await;
    let read = read.expect("read the rows");
    for (caller, n) in (0..CALLERS).zip(read) {
        let expected = if swallows(caller) { "1" } else { "0" };
        verdict.expect(n == expected, Fault::Torn, || {
            format!("{}: {n} instead of {expected}", what(caller))
        });
    }
    if let Some(wrong) = limit(subject, &*client).await {
        verdict.wrong(Fault::WrongAnswer, wrong);
    }
    verdict
}

/// One of them goes on as if nothing had been.
fn swallows(caller: u32) -> bool {
    caller == 0
}

fn script(caller: u32) -> Script {
    let locks = Step::run(format!("UPDATE locks SET n = n + 1 WHERE id = {caller}"));
    let inner: Script = [Step::run(format!(
        "UPDATE locks SET n = n + 10 WHERE id = {caller}"
    ))]
    .into();
    let calls = match swallows(caller) {
        true => Step::attempt(Shape::RequiresNew, inner),
        false => Step::call(Shape::RequiresNew, inner),
    };
    [locks, calls].into()
}

fn judge(verdict: &mut Verdict, subject: &dyn Subject, told: &Told, what: &str, swallows: bool) {
    use txkit::Error::{Begin, SelfDeadlock};
    let is_right = match (told, told.failure().and_then(Failure::tx)) {
        (Told::Committed(_), _) => swallows,
        (
            Told::NotCommitted(failure),
            Some(SelfDeadlock {
                function,
                outer,
                source,
            }),
        ) => {
            let text = failure.to_string();
            let names_both = text.contains(function) && text.contains(outer);
            // SQLite is not even asked.
            let was_asked = source.is_some() == (subject.engine() != Engine::Sqlite);
            !swallows
                && names_both
                && was_asked
                && function.ends_with("::requires_new")
                && outer.ends_with("::plain")
        }
        // Another one was writing.
        (Told::NotCommitted(failure), Some(Begin { .. })) => {
            subject.engine() == Engine::Sqlite && failure.conflict().is_some()
        }
        _ => false,
    };
    verdict.expect(is_right, Fault::WrongAnswer, || format!("{what}: {told:?}"));
}

/// That the inner one's wait is five seconds, not for ever and not the server's fifty.
async fn limit(subject: &dyn Subject, client: &dyn crate::subject::Client) -> Option<String> {
    let (sql, expected) = match subject.engine() {
        Engine::Sqlite => return None,
        Engine::Postgres => ("SELECT current_setting('lock_timeout')", "5s"),
        Engine::MySql => ("SELECT CAST(@@innodb_lock_wait_timeout AS CHAR)", "5"),
    };
    let outer = [
        Step::read(sql),
        Step::call(Shape::RequiresNew, [Step::read(sql)]),
    ];
    let told = bounded(client.call(Shape::Plain, outer.into())).await;
    let Some(Told::Committed(seen)) = &told else {
        return Some(format!("{}: {told:?}", subject.name()));
    };
    let inner = seen.get(1).and_then(|rows| rows.first());
    let is_right = inner.is_some_and(|limit| limit == expected) && seen[0] != seen[1];
    (!is_right).then(|| format!("{}: the inner one waits {seen:?}", subject.name()))
}
