//! The main job from start to end: read, open, replay, audit, report; the only place that knows all of it.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use crate::audit::{self, Evidence};
use crate::cli::{Args, Format};
use crate::database::{DatabaseError, Engine, Target};
use crate::domain::{Purchase, ShopError};
use crate::drivers::{Driver, diesel, diesel_async, sqlx};
use crate::input::{self, InputError};
use crate::money::Cents;
use crate::progress;
use crate::replay::{self, BrokenOff};
use crate::report::{self, Report, Setting};
use crate::run_id::{NotARunId, RunId};
use crate::shop::Shop;
use crate::tally::Tally;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    RunId(#[from] NotARunId),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    BrokenOff(#[from] BrokenOff),
    #[error("the books cannot be read")]
    Books(#[source] ShopError),
    #[error("the report cannot be written")]
    Report(#[source] std::io::Error),
}

impl JobError {
    /// 2 for what cannot be done as asked, 1 for what went wrong on the way.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Input(_) | Self::RunId(_) | Self::Database(_) => ExitCode::from(2),
            Self::BrokenOff(_) | Self::Books(_) | Self::Report(_) => ExitCode::FAILURE,
        }
    }
}

/// How a shop is set up, whatever its driver.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) driver: Driver,
    pub(crate) target: Target,
    pub(crate) run: RunId,
    pub(crate) workers: u32,
    pub(crate) stock_per_row: i64,
    pub(crate) limit: Cents,
}

impl Setup {
    /// Connections to a server: two for each worker, for an order and its audit record. With fewer, workers wait their
    /// turn; they never wait for each other in a circle.
    pub(crate) fn connections(&self) -> u32 {
        // servers allow 100 or 151 unless told otherwise, and others want some too
        80.min(self.workers * 2)
    }

    /// Why the stock could not be filled, which is the first thing that a run does.
    pub(crate) fn unopened(&self, error: &ShopError) -> DatabaseError {
        match error {
            ShopError::AlreadyStocked => DatabaseError::Run {
                url: self.target.to_string(),
                run: self.run.to_string(),
            },
            error => self.target.unreachable(chain(error)),
        }
    }
}

/// Reads everything before it opens anything: bad input leaves no trace.
pub(crate) async fn run(args: Args) -> Result<ExitCode, JobError> {
    let mut purchases = input::read(args.input.as_deref())?;
    purchases.truncate(args.limit.unwrap_or(usize::MAX));
    let run = args
        .run
        .as_deref()
        .map_or_else(|| Ok(RunId::random()), str::parse)?;
    let target = args
        .database
        .as_deref()
        .map_or_else(Target::temporary, Target::new)?;
    let setup = Setup {
        driver: args.driver,
        target,
        run,
        workers: args.workers,
        stock_per_row: i64::from(args.stock),
        limit: Cents(i64::from(args.decline_over)),
    };
    let report = replay_on(&setup, purchases).await?;
    print(&report, args.format).map_err(JobError::Report)?;
    Ok(if report.audit.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Opens the shop that was asked for, one of nine.
async fn replay_on(setup: &Setup, purchases: Vec<Purchase>) -> Result<Report, JobError> {
    let engine = setup.target.engine;
    match (setup.driver, engine) {
        (Driver::Sqlx, Engine::Sqlite) => {
            replay_in(sqlx::sqlite::open(setup).await?, setup, purchases).await
        }
        (Driver::Sqlx, Engine::Postgres) => {
            replay_in(sqlx::postgres::open(setup).await?, setup, purchases).await
        }
        (Driver::Sqlx, Engine::MySql) => {
            replay_in(sqlx::mysql::open(setup).await?, setup, purchases).await
        }
        (Driver::Diesel, Engine::Sqlite) => {
            replay_in(diesel::sqlite::open(setup).await?, setup, purchases).await
        }
        #[cfg(feature = "client-libraries")]
        (Driver::Diesel, Engine::Postgres) => {
            replay_in(diesel::postgres::open(setup).await?, setup, purchases).await
        }
        #[cfg(feature = "client-libraries")]
        (Driver::Diesel, Engine::MySql) => {
            replay_in(diesel::mysql::open(setup).await?, setup, purchases).await
        }
        #[cfg(not(feature = "client-libraries"))]
        (Driver::Diesel, Engine::Postgres | Engine::MySql) => {
            Err(DatabaseError::ClientLibraries(engine.name()).into())
        }
        (Driver::DieselAsync, Engine::Sqlite) => {
            replay_in(diesel_async::sqlite::open(setup).await?, setup, purchases).await
        }
        (Driver::DieselAsync, Engine::Postgres) => {
            replay_in(diesel_async::postgres::open(setup).await?, setup, purchases).await
        }
        (Driver::DieselAsync, Engine::MySql) => {
            replay_in(diesel_async::mysql::open(setup).await?, setup, purchases).await
        }
    }
}

async fn replay_in<S: Shop>(
    shop: S,
    setup: &Setup,
    purchases: Vec<Purchase>,
) -> Result<Report, JobError> {
    let tally = Tally::listen();
    let bar = progress::bar(purchases.len());
    let replayed = replay::replay(&shop, purchases, setup.workers, &bar).await;
    bar.finish_and_clear();
    let replayed = replayed?;
    // counted before the audit, whose own transactions are no part of the job
    let transactions = tally.counted();
    let books = shop.books().await.map_err(JobError::Books)?;
    shop.close().await;
    let checked = audit::check(&Evidence {
        books: &books,
        settled: &replayed.settled,
        stock_per_row: setup.stock_per_row,
        limit: setup.limit,
        excused: transactions.unknown + transactions.hooks_failed,
    });
    let setting = Setting {
        run: setup.run.to_string(),
        driver: setup.driver.name(),
        engine: setup.target.engine.name(),
        database: setup.target.engine.name(),
        url: setup.target.to_string(),
        workers: setup.workers,
    };
    Ok(Report::new(
        setting,
        &replayed,
        &books,
        transactions,
        checked,
    ))
}

/// To standard output. A reader that has had enough, such as `head`, is no failure.
fn print(report: &Report, format: Format) -> std::io::Result<()> {
    let text = match format {
        Format::Text => report::text(report),
        Format::Json => report.json()?,
    };
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// An error with its causes, each told once: many messages repeat their source's.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let message = cause.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = cause.source();
    }
    text
}
