//! The annotated functions under torture, once for each adapter; knows no driver. The blocking ones are derived from these.

use txkit::{read_only, serializable, transactional};

use super::*;

type Playing<'a> = super::Playing<'a, AppError>;

/// A caller's own error.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("the transaction")]
    Transaction(#[from] txkit::Error),
    #[error("the database")]
    Database(#[from] DriverError),
    #[error("the body refused")]
    Refused,
}

#[transactional]
async fn plain(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s"))]
async fn retried(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(propagation = nested)]
async fn nested(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(propagation = requires_new)]
async fn requires_new(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(timeout = "150ms")]
async fn timed(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(
    lock_timeout = "20ms",
    retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s")
)]
async fn impatient(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[read_only(isolation = repeatable_read, lock_timeout = "4s")]
async fn reading(tx: DbReadTx<'_>, script: Script) -> Result<Seen, AppError> {
    play_reads(&mut tx, script).await
}

#[transactional(isolation = read_uncommitted)]
async fn read_uncommitted(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(isolation = read_committed)]
async fn read_committed(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(isolation = repeatable_read)]
async fn repeatable_read(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[serializable]
async fn at_serializable(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(isolation = read_uncommitted, retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s"))]
async fn retried_read_uncommitted(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(isolation = read_committed, retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s"))]
async fn retried_read_committed(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[transactional(isolation = repeatable_read, retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s"))]
async fn retried_repeatable_read(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[serializable(retry(attempts = 10, base = "2ms", cap = "100ms", budget = "30s"))]
async fn retried_serializable(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}

#[read_only(propagation = requires_new)]
async fn reading_new(tx: DbReadTx<'_>, script: Script) -> Result<Seen, AppError> {
    play_reads(&mut tx, script).await
}

/// Calls the function of a shape, with whatever it accepts.
macro_rules! call {
    ($shape:expr, $source:expr, $script:expr) => {
        match $shape {
            Shape::Plain => plain($source, $script).await,
            Shape::Retried => retried($source, $script).await,
            Shape::Nested => nested($source, $script).await,
            Shape::RequiresNew => requires_new($source, $script).await,
            Shape::Timed => timed($source, $script).await,
            Shape::Impatient => impatient($source, $script).await,
            Shape::Fussy => fussy($source, $script).await,
            Shape::Reading => reading($source, $script).await,
            Shape::At(Level::ReadUncommitted) => read_uncommitted($source, $script).await,
            Shape::At(Level::ReadCommitted) => read_committed($source, $script).await,
            Shape::At(Level::RepeatableRead) => repeatable_read($source, $script).await,
            Shape::At(Level::Serializable) => at_serializable($source, $script).await,
            Shape::RetriedAt(Level::ReadUncommitted) => {
                retried_read_uncommitted($source, $script).await
            }
            Shape::RetriedAt(Level::ReadCommitted) => {
                retried_read_committed($source, $script).await
            }
            Shape::RetriedAt(Level::RepeatableRead) => {
                retried_repeatable_read($source, $script).await
            }
            Shape::RetriedAt(Level::Serializable) => retried_serializable($source, $script).await,
            Shape::ReadingNew => reading_new($source, $script).await,
        }
    };
}

/// Calls a function from a pool.
pub async fn outermost(pool: &Pool, shape: Shape, script: Script) -> Result<Seen, AppError> {
    call!(shape, pool, script)
}

/// Calls a function inside of another one.
fn within<'a>(tx: &'a mut DbTx<'_>, shape: Shape, script: Script) -> Playing<'a> {
    Box::pin(async move { call!(shape, &mut *tx, script) })
}

/// Calls a function beside one that only reads.
fn beside<'a>(tx: &'a mut DbReadTx<'_>, shape: Shape, script: Script) -> Playing<'a> {
    Box::pin(async move {
        match shape {
            Shape::ReadingNew => reading_new(&mut *tx, script).await,
            other => panic!("a reader cannot call {other:?}"),
        }
    })
}

/// Does what a script says.
pub async fn play(tx: &mut DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    let mut seen = Seen::new();
    let mut left: Vec<Step> = script.steps().iter().rev().cloned().collect();
    while let Some(step) = left.pop() {
        match step {
            Step::Run(sql) => execute(tx, &sql).await?,
            Step::Read(sql) => seen.push(rows(tx, &sql).await?),
            Step::Watch(tally) => watch(tx, tally),
            Step::Wait(gate) => pass(&gate).await,
            Step::Then(next) => left.extend(next(&seen).into_iter().rev()),
            Step::Call(shape, script) => seen.extend(within(tx, shape, script).await?),
            Step::Try(shape, script) => {
                if let Ok(more) = within(tx, shape, script).await {
                    seen.extend(more);
                }
            }
            Step::Refuse => return Err(AppError::Refused),
            // Without the noise of a panic that nobody meant.
            Step::Panic => std::panic::resume_unwind(Box::new("the script says so")),
        }
    }
    Ok(seen)
}

/// The same where nothing can be written.
async fn play_reads(tx: &mut DbReadTx<'_>, script: Script) -> Result<Seen, AppError> {
    let mut seen = Seen::new();
    let mut left: Vec<Step> = script.steps().iter().rev().cloned().collect();
    while let Some(step) = left.pop() {
        match step {
            Step::Read(sql) => seen.push(rows(tx, &sql).await?),
            Step::Wait(gate) => pass(&gate).await,
            Step::Then(next) => left.extend(next(&seen).into_iter().rev()),
            Step::Call(shape, script) => seen.extend(beside(tx, shape, script).await?),
            Step::Try(shape, script) => {
                if let Ok(more) = beside(tx, shape, script).await {
                    seen.extend(more);
                }
            }
            other => panic!("a reader cannot {other:?}"),
        }
    }
    Ok(seen)
}

fn watch(tx: &mut DbTx<'_>, tally: Arc<Tally>) {
    Tally::add(&tally.bodies);
    let (committed, rolled_back, unknown) = (tally.clone(), tally.clone(), tally);
    tx.after_commit(move || Tally::add(&committed.committed));
    tx.after_rollback(move |_| Tally::add(&rolled_back.rolled_back));
    tx.after_unknown(move || Tally::add(&unknown.unknown));
}
