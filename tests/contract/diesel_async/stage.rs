//! The stage of a case: a database with its tables, a pool, and what others see; knows no engine. The blocking suite
//! derives its own from this.

use txkit_tests::{Session, changes};

use super::*;

/// What a program's own error looks like.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Transaction(#[from] txkit::Error),
    #[error(transparent)]
    Database(#[from] DriverError),
    #[error("declined: {0}")]
    Declined(u64),
    #[error("other")]
    Other,
}

impl AppError {
    /// The transaction's error, which it must be.
    pub fn transaction(self) -> txkit::Error {
        match self {
            Self::Transaction(error) => error,
            other => panic!("not the transaction's own error: {other:?}"),
        }
    }
}

/// A database of the case's own, with tables `item` (empty) and `taken` (with row 1).
pub struct Stage {
    pub db: Db,
    pub pool: Pool,
    outside: Slot<Option<Conn>>,
}

impl Stage {
    pub async fn new() -> Self {
        Self::of(4).await
    }

    /// With a pool of this size.
    pub async fn of(size: u32) -> Self {
        Self::built(|db| db.build(size, Knobs::default())).await
    }

    /// With a pool of the case's making.
    pub async fn built(pool: impl FnOnce(&Db) -> Pool) -> Self {
        let db = Db::create().await;
        let mut outside = db.connect().await;
        for statement in SCHEMA {
            let made = raw(&mut outside, statement).await;
            made.expect("make the tables");
        }
        Self {
            pool: pool(&db),
            outside: Slot::new(Some(outside)),
            db,
        }
    }

    /// A pool that counts what commits, in place of the plain one.
    pub async fn tally(size: u32) -> (Self, Tally) {
        let mut stage = Self::of(size).await;
        let tally = Tally::start(&stage.db, size).await;
        stage.pool = tally.pool.clone();
        (stage, tally)
    }

    /// The items as others see them.
    pub async fn stored(&self) -> Vec<i64> {
        let mut outside = self.outside.lock().await;
        let conn = outside.as_mut().expect("it was not left alone");
        raw_items(conn).await.expect("read the items")
    }

    /// Runs a statement as someone else.
    pub async fn rival(&self, sql: &str) {
        let mut outside = self.outside.lock().await;
        let conn = outside.as_mut().expect("it was not left alone");
        raw(conn, sql).await.expect("a rival's statement");
    }

    /// A connection of someone else's.
    pub async fn rival_connection(&self) -> Conn {
        self.db.connect().await
    }

    /// A connection of the pool's.
    pub async fn lease(&self) -> Leased {
        lease(&self.pool).await
    }

    /// The settings of the pool's connection, of which there must be one.
    pub async fn session(&self) -> Session {
        let mut conn = self.lease().await;
        Db::session(&mut conn).await
    }

    /// Closes the outside's connection: the stage cannot be looked at any more, but through the pool.
    pub async fn leave_alone(&self) {
        self.outside.lock().await.take();
    }

    /// Marks the pool's one connection, so that another in its place is noticed.
    pub async fn stamp(&self) {
        let mut conn = self.lease().await;
        let sql = "CREATE TEMPORARY TABLE stamp (id int)";
        raw(&mut conn, sql).await.expect("stamp it");
    }

    /// Whether the pool's one connection is still the stamped one.
    pub async fn is_stamped(&self) -> bool {
        let mut conn = self.lease().await;
        raw(&mut conn, "SELECT * FROM stamp").await.is_ok()
    }

    /// Nothing is left open, and all connections came back.
    pub async fn end(self) {
        self.db.assert_quiet().await;
        eventually("all connections are back in the pool", async || {
            are_all_back(&self.pool)
        })
        .await;
    }
}

/// Panics if a connection is not set as it was.
pub fn assert_unchanged(before: &Session, after: &Session) {
    assert_eq!(changes(before, after), Vec::<String>::new());
}

/// The driver's error behind another error, which must be there.
pub fn driver_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e DriverError {
    find_driver_error(error).expect("a driver's error down the chain")
}

fn find_driver_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e DriverError> {
    // A transparent error hides its cause from the chain.
    match error.downcast_ref::<AppError>() {
        Some(AppError::Database(error)) => find_driver_error(error),
        Some(AppError::Transaction(error)) => find_driver_error(error),
        _ => {
            let causes = chain(error).into_iter();
            // The innermost one: a driver's error may itself carry a transaction's.
            causes.filter_map(|cause| cause.downcast_ref()).last()
        }
    }
}

/// The database's own code of the error behind another one.
pub fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    code(find_driver_error(error)?)
}

/// Whether a connection is in a transaction, by what its settings say.
pub async fn in_transaction(conn: &mut Conn) -> bool {
    let session = Db::session(conn).await;
    session
        .get("in a transaction")
        .or_else(|| session.get("in_transaction"))
        .is_some_and(|value| value == "true" || value == "1" || value == "ON")
}
