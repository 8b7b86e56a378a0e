//! What the observers were told of one function.

use std::sync::{Arc, Mutex, PoisonError};

use txkit::observe::{Event, Observer, Subscription, subscribe};

/// The events of the function whose name ends so, in words, for as long as this is kept.
pub struct Observed {
    noted: Arc<Noted>,
    _subscription: Subscription,
}

struct Noted {
    function: String,
    events: Mutex<Vec<String>>,
}

impl Observed {
    /// Listens to a function that only one test calls: observers hear of the whole process.
    pub fn of(function: impl Into<String>) -> Self {
        let noted = Arc::new(Noted {
            function: function.into(),
            events: Mutex::default(),
        });
        let observer: Arc<dyn Observer> = noted.clone();
        Self {
            noted,
            _subscription: subscribe(observer),
        }
    }

    /// How many events' descriptions begin so.
    pub fn count(&self, kind: &str) -> usize {
        let events = self
            .noted
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        events
            .iter()
            .filter(|event| event.starts_with(kind))
            .count()
    }
}

impl Observer for Noted {
    fn event(&self, event: &Event<'_>) {
        if event.function.name().ends_with(&self.function) {
            let text = format!("{:?}", event.kind);
            self.events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(text);
        }
    }
}
