//! Pauses and deadlines by a clock of the test's own.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use txkit::Clock;
use txkit::test::with_clock;

use super::*;

/// Time passes only where someone pauses.
struct Still {
    now: Mutex<Instant>,
    pauses: Mutex<Vec<Duration>>,
}

impl Still {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(Instant::now()),
            pauses: Mutex::default(),
        })
    }

    fn pauses(&self) -> Vec<Duration> {
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

#[tokio::test]
async fn c58_each_pause_is_within_its_ceiling() {
    #[transactional]
    #[retry_on_conflict(attempts = 6, base = "60m", cap = "240m", budget = "6000m")]
    async fn c58_patient(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<(), AppError> {
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let clock = Still::new();
    with_clock(clock.clone(), c58_patient(&stage.pool, &obstacle))
        .await
        .unwrap_err();
    let pauses = clock.pauses();
    assert_eq!(pauses.len(), 5, "{pauses:?}");
    for (pause, hours) in pauses.iter().zip([1, 2, 4, 4, 4]) {
        assert!(*pause <= Duration::from_secs(hours * 3600), "{pauses:?}");
    }
    obstacle.remove().await;
    stage.end().await;
}

#[tokio::test]
async fn c58_the_time_budget_ends_it() {
    #[transactional]
    #[retry_on_conflict(attempts = 1000, base = "60m", cap = "60m", budget = "180m")]
    async fn c58_brief(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<(), AppError> {
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (clock, watch) = (Still::new(), watch!(c58_brief));
    with_clock(clock.clone(), c58_brief(&stage.pool, &obstacle))
        .await
        .unwrap_err();
    assert!(clock.pauses().iter().sum::<Duration>() < Duration::from_secs(3 * 3600));
    let notes = watch.notes();
    assert!(notes.last().unwrap().ends_with("Time"), "{notes:?}");
    obstacle.remove().await;
    stage.end().await;
}
