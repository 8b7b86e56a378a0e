//! SQL through Diesel, as little of it as the cases need; knows no engine. The blocking suite derives its own from this.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use txkit::Tx;

use super::*;

pub type DriverError = Error;

diesel::table! {
    item (id) {
        id -> BigInt,
    }
}

/// Runs a statement through a handle, prepared, as most programs do.
pub async fn execute<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<usize, DriverError> {
    diesel::sql_query(sql.to_owned()).execute(tx).await
}

/// Runs statements through a handle as one message.
pub async fn send<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<(), DriverError> {
    tx.batch_execute(sql).await
}

/// Reads one number through a handle.
pub async fn number<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<i64, DriverError> {
    diesel::dsl::sql::<BigInt>(sql).get_result(tx).await
}

/// Stores an item.
pub async fn insert<A>(tx: &mut Tx<'_, Conn, A>, id: i64) -> Result<(), DriverError> {
    let row = diesel::insert_into(item::table).values(item::id.eq(id));
    row.execute(tx).await.map(drop)
}

/// Stores the number of the attempt as an item.
pub async fn insert_attempt<A>(tx: &mut Tx<'_, Conn, A>) -> Result<(), DriverError> {
    let attempt = tx.attempt();
    insert(tx, attempt.into()).await
}

/// The items as the transaction sees them.
pub async fn items<A>(tx: &mut Tx<'_, Conn, A>) -> Result<Vec<i64>, DriverError> {
    item::table.select(item::id).order(item::id).load(tx).await
}

/// Runs statements on the driver's own connection, as one message.
pub async fn raw(conn: &mut Conn, sql: &str) -> Result<(), DriverError> {
    conn.batch_execute(sql).await
}

/// Stores an item on the driver's own connection.
pub async fn raw_insert(conn: &mut Conn, id: i64) -> Result<(), DriverError> {
    let row = diesel::insert_into(item::table).values(item::id.eq(id));
    row.execute(conn).await.map(drop)
}

/// Reads one number on the driver's own connection.
pub async fn raw_number(conn: &mut Conn, sql: &str) -> Result<i64, DriverError> {
    diesel::dsl::sql::<BigInt>(sql).get_result(conn).await
}

/// The items as someone with this connection sees them.
pub async fn raw_items(conn: &mut Conn) -> Result<Vec<i64>, DriverError> {
    item::table
        .select(item::id)
        .order(item::id)
        .load(conn)
        .await
}

/// The items as a pool's next borrower sees them.
pub async fn pool_items(pool: &Pool) -> Vec<i64> {
    let mut conn = lease(pool).await;
    raw_items(&mut conn).await.expect("read the items")
}

/// A transaction that the driver's own means began: it is the connection, and commits or rolls back.
pub struct DriverTransaction<'c>(&'c mut Conn);

impl DriverTransaction<'_> {
    pub async fn commit(self) -> Result<(), DriverError> {
        Manager::commit_transaction(self.0).await
    }

    pub async fn rollback(self) -> Result<(), DriverError> {
        Manager::rollback_transaction(self.0).await
    }
}

impl Deref for DriverTransaction<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.0
    }
}

impl DerefMut for DriverTransaction<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.0
    }
}

/// Begins a transaction as code does that knows nothing of txkit.
pub async fn begin_by_driver(conn: &mut Conn) -> DriverTransaction<'_> {
    let begun = Manager::begin_transaction(conn).await;
    begun.expect("begin by the driver");
    DriverTransaction(conn)
}

/// Stores an item in a transaction of the driver's own.
pub async fn insert_by_driver(conn: &mut Conn, id: i64, commit: bool) -> Result<(), DriverError> {
    let mut own = begin_by_driver(conn).await;
    raw_insert(&mut own, id).await?;
    if commit {
        own.commit().await
    } else {
        own.rollback().await
    }
}

/// A pool that does not wait long for a connection.
pub fn impatient_pool(db: &Db, size: u32) -> Pool {
    db.build(
        size,
        Knobs {
            patience: Duration::from_secs(2),
            ..Knobs::default()
        },
    )
}

/// A connection of a pool's.
pub async fn lease(pool: &Pool) -> Leased {
    leased(pool).await.expect("a connection of the pool's")
}

/// A pool that lends nothing any more: these pools cannot be closed, so all its connections are taken.
pub struct Closed(Vec<Leased>);

/// Takes all of a pool's connections.
pub async fn close(pool: &Pool) -> Closed {
    let mut all = Vec::new();
    for _ in 0..size_of(pool) {
        all.push(lease(pool).await);
    }
    Closed(all)
}

/// A pool for code that holds one, in a test: its one connection is in a test transaction of Diesel's.
pub async fn test_pool(stage: &Stage) -> Pool {
    let pool = stage.db.build(1, Knobs::default());
    let mut conn = lease(&pool).await;
    let begun = conn.begin_test_transaction().await;
    begun.expect("begin a test transaction");
    drop(conn);
    pool
}

/// Ends a test pool and its transaction.
pub async fn close_test_pool(pool: Pool) {
    let mut conn = lease(&pool).await;
    let undone = Manager::rollback_transaction(&mut *conn).await;
    undone.expect("roll the test transaction back");
}

/// Goes beyond its function's `timeout`, of which a statement must tell.
pub async fn outlast<A>(tx: &mut Tx<'_, Conn, A>) -> Result<(), super::AppError> {
    sleep(Duration::from_millis(600)).await;
    execute(tx, "SELECT 1").await?;
    Ok(())
}

/// An error that did not come from a database.
pub fn some_driver_error() -> DriverError {
    Error::NotFound
}

pub fn is_some_driver_error(error: &DriverError) -> bool {
    matches!(error, Error::NotFound)
}

/// The kind and the words of an error of the database's.
fn database_error(error: &DriverError) -> Option<(&DatabaseErrorKind, &str)> {
    match error {
        Error::DatabaseError(kind, information) => Some((kind, information.message())),
        _ => None,
    }
}

pub fn is_pool_closed(error: &DriverError) -> bool {
    is_pool_timeout(error)
}

pub fn is_pool_timeout(error: &DriverError) -> bool {
    database_error(error).is_some_and(|(_, words)| words.to_lowercase().starts_with("timed out"))
}

pub fn is_connection_loss(error: &DriverError) -> bool {
    const WORDS: [&str; 4] = [
        "Lost connection",
        "Server has gone away",
        "MySQL server has gone away",
        "Input/output error",
    ];
    database_error(error).is_some_and(|(kind, words)| match kind {
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => true,
        _ => WORDS.iter().any(|lost| words.starts_with(lost)),
    })
}

pub fn is_from_database(error: &DriverError) -> bool {
    database_error(error).is_some()
}

pub fn is_duplicate(error: &DriverError) -> bool {
    // In a batch, Diesel does not tell this kind on MySQL.
    database_error(error).is_some_and(|(kind, words)| {
        matches!(kind, DatabaseErrorKind::UniqueViolation) || words.starts_with("Duplicate entry")
    })
}

/// Whether code that retries on its own would take it for something that passes.
pub fn looks_transient(error: &DriverError) -> bool {
    is_from_database(error)
}

/// The database's own code of an error, by what Diesel tells of it: a kind and words.
pub fn code(error: &DriverError) -> Option<String> {
    let (kind, words) = database_error(error)?;
    let told = CODES.iter().find(|(told, _)| words.starts_with(told));
    let code = match (kind, told) {
        (_, Some((_, code))) => code,
        (DatabaseErrorKind::UniqueViolation, _) => "23505",
        (DatabaseErrorKind::ForeignKeyViolation, _) => "787",
        (DatabaseErrorKind::ReadOnlyTransaction, _) => "25006",
        (DatabaseErrorKind::SerializationFailure, _) => "40001",
        // The cases' own errors say it.
        _ => words.strip_prefix("no (")?.strip_suffix(")")?,
    };
    Some(code.to_owned())
}

/// Codes by the words that go with them.
const CODES: &[(&str, &str)] = &[
    ("current transaction is aborted", "25P02"),
    ("deadlock detected", "40P01"),
    ("canceling statement due to lock timeout", "55P03"),
    ("Deadlock found", "40001"),
];
