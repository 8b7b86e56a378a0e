//! Pauses and deadlines by a clock of the test's own.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn c58_each_pause_is_within_its_ceiling() {
    #[transactional]
    #[retry_on_conflict(attempts = 6, base = "60m", cap = "240m", budget = "6000m")]
    async fn c58_patient(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<(), AppError> {
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let clock = Still::new();
    let patient = async { c58_patient(&stage.pool, &obstacle).await };
    by_clock(clock.clone(), patient).await.unwrap_err();
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
    let brief = async { c58_brief(&stage.pool, &obstacle).await };
    by_clock(clock.clone(), brief).await.unwrap_err();
    assert!(clock.pauses().iter().sum::<Duration>() < Duration::from_secs(3 * 3600));
    let notes = watch.notes();
    assert!(notes.last().unwrap().ends_with("Time"), "{notes:?}");
    obstacle.remove().await;
    stage.end().await;
}
