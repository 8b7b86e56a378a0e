//! A clock that stands still; knows no driver.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use txkit::Clock;

/// Time passes only where someone pauses.
pub struct Still {
    now: Mutex<Instant>,
    pauses: Mutex<Vec<Duration>>,
}

impl Still {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(Instant::now()),
            pauses: Mutex::default(),
        })
    }

    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

impl Clock for Still {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.block(pause);
        Box::pin(std::future::ready(()))
    }

    fn block(&self, pause: Duration) {
        *self.now.lock().unwrap() += pause;
        self.pauses.lock().unwrap().push(pause);
    }
}
