//! What the cases use on every engine; knows no driver.

mod spans;

use std::any::Any;
use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use txkit::observe::{Event, Kind, Observer, Subscription, subscribe};

pub use spans::Spans;

/// Notes in the order they were made, from bodies, hooks and tasks.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn add(&self, note: impl Display) {
        self.0.lock().unwrap().push(note.to_string());
    }

    pub fn notes(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Observes the named functions of the calling module: `watch!(place, charge)`.
macro_rules! watch {
    ($($function:ident),+) => {
        $crate::tools::Watch::start(&[$(concat!(module_path!(), "::", stringify!($function))),+])
    };
}

/// What the observer was told about some functions.
pub struct Watch {
    recorder: Arc<Recorder>,
    _subscription: Subscription,
}

struct Recorder {
    functions: Vec<&'static str>,
    log: Log,
}

impl Watch {
    pub fn start(functions: &[&'static str]) -> Self {
        let recorder = Arc::new(Recorder {
            functions: functions.to_vec(),
            log: Log::default(),
        });
        Self {
            _subscription: subscribe(recorder.clone()),
            recorder,
        }
    }

    /// One note for each event, such as `begun 1` or `ended 2: rolled_back, Error, Busy`.
    pub fn notes(&self) -> Vec<String> {
        self.recorder.log.notes()
    }

    /// Ends the subscription; the notes made until then.
    pub fn leave(self) -> Log {
        self.recorder.log.clone()
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event<'_>) {
        if self.functions.contains(&event.function.name()) {
            self.log.add(note(event));
        }
    }
}

fn note(event: &Event<'_>) -> String {
    let n = event.attempt;
    match &event.kind {
        Kind::Begun => format!("begun {n}"),
        Kind::Ended {
            outcome,
            reason,
            conflict,
            ..
        } => {
            let reason = reason.map(|reason| format!(", {reason:?}"));
            let conflict = conflict.map(|conflict| format!(", {conflict:?}"));
            format!(
                "ended {n}: {outcome}{}{}",
                reason.unwrap_or_default(),
                conflict.unwrap_or_default()
            )
        }
        Kind::Replayed { conflict, .. } => format!("replayed {n}: {conflict:?}"),
        Kind::GaveUp { conflict, reason } => format!("gave up {n}: {conflict:?}, {reason:?}"),
        Kind::HookFailed { error } => format!("hook failed: {error}"),
        Kind::RollbackFailed { .. } => format!("rollback failed {n}"),
        Kind::OptionIgnored { option } => format!("ignored: {option}"),
        other => format!("{other:?}"),
    }
}

/// The text that a future panics with.
pub async fn panic_of<F>(future: F) -> String
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let Err(join) = tokio::spawn(future).await else {
        panic!("it did not panic")
    };
    text_of(join.into_panic().as_ref())
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without text".to_owned(),
    }
}

/// Waits for another session to get somewhere, and not for ever.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let watchdog = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < watchdog, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// All errors from this one down to the first cause.
pub fn chain<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Vec<&'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source()).collect()
}

/// What a future returns, or the text that it panics with.
pub async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = Box::pin(future);
    poll_fn(|cx| {
        let poll = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(text_of(panic.as_ref()))),
        }
    })
    .await
}

/// Polls a future that will never end until it says that it has reached its point.
pub async fn until<F: Future>(reached: &Notify, future: Pin<&mut F>) {
    tokio::select! {
        _ = future => panic!("it ended"),
        () = reached.notified() => {}
    }
}
