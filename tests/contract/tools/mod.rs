//! What the cases use on every engine; knows no driver. What differs with `async` is in `awaited` and `blocking`, by the
//! same names.

pub mod awaited;
pub mod blocking;
mod clock;
mod knobs;
mod spans;

use std::any::Any;
use std::fmt::Display;
use std::sync::{Arc, Mutex};

use txkit::observe::{Event, Kind, Observer, Subscription, subscribe};

pub use clock::Still;
pub use knobs::Knobs;
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

fn text_of(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without text".to_owned(),
    }
}

/// All errors from this one down to the first cause.
pub fn chain<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Vec<&'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source()).collect()
}
