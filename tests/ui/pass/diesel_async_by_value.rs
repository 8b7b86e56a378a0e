//! diesel-async, the usual form, and everything that its callers can pass.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::pooled_connection::{bb8, deadpool};
use diesel_async::{AsyncConnection as _, AsyncMysqlConnection, AsyncPgConnection, RunQueryDsl};
use txkit::diesel_async::{
    MysqlTx, PgReadTx, PgSession, PgTx, SqliteConnection as AsyncSqliteConnection, SqliteTx,
};
use txkit::{Tx, read_only, retry_on_conflict, serializable, transactional};

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

#[transactional]
async fn make(tx: PgTx<'_>, cents: i64) -> QueryResult<()> {
    insert(&mut tx, cents).await?;
    insert(&mut tx, -cents).await
}

#[transactional]
async fn make_by_type(tx: Tx<'_, AsyncPgConnection>, cents: i64) -> QueryResult<()> {
    make(&mut tx, cents).await
}

#[serializable]
#[retry_on_conflict(attempts = 3)]
async fn make_strictly(tx: SqliteTx<'_>, cents: Vec<i64>) -> QueryResult<usize> {
    let mut made = 0;
    for one in cents {
        let row = diesel::insert_into(charge::table).values(charge::cents.eq(one));
        made += row.execute(&mut tx).await?;
    }
    Ok(made)
}

#[transactional(timeout = "5s", statement_timeout = "1s", lock_timeout = "1s")]
async fn make_in_time(tx: MysqlTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(charge::table.find(id))
        .execute(&mut tx)
        .await
}

#[read_only]
async fn count(tx: PgReadTx<'_>) -> QueryResult<i64> {
    charge::table.count().get_result(&mut tx).await
}

#[transactional(propagation = supports)]
async fn look(session: PgSession<'_>) -> QueryResult<i64> {
    charge::table
        .select(charge::cents)
        .first(&mut session)
        .await
}

#[transactional(propagation = nested)]
async fn joined(tx: &mut PgTx<'_>) -> QueryResult<()> {
    insert(tx, 1).await
}

async fn insert(tx: &mut PgTx<'_>, cents: i64) -> QueryResult<()> {
    diesel::insert_into(charge::table)
        .values(charge::cents.eq(cents))
        .execute(tx)
        .await
        .map(drop)
}

async fn callers(
    pool: &bb8::Pool<AsyncPgConnection>,
    other: &deadpool::Pool<AsyncPgConnection>,
    shared: &Arc<bb8::Pool<AsyncPgConnection>>,
    ours: &mut PgTx<'_>,
) -> QueryResult<()> {
    make(pool, 1).await?;
    make(other, 1).await?;
    make(shared, 1).await?;
    make(&mut *ours, 1).await?;
    joined(ours).await?;
    ours.transaction(async |ours| make(ours, 1).await).await?;
    make(ours, 1).await?;
    make_by_type(pool, 1).await?;
    count(other).await?;
    look(pool).await.map(drop)
}

async fn by_hand(
    conn: &mut AsyncPgConnection,
    leased: &mut bb8::PooledConnection<'_, AsyncPgConnection>,
    other: &mut deadpool::Object<AsyncPgConnection>,
) -> QueryResult<()> {
    make(&mut *conn, 1).await?;
    conn.transaction(async |conn| make(conn, 1).await).await?;
    make(&mut *leased, 1).await?;
    make(leased, 1).await?;
    make(&mut *other, 1).await?;
    make(other, 1).await?;
    make(conn, 1).await
}

async fn others(
    lite: &deadpool::Pool<AsyncSqliteConnection>,
    maria: &bb8::Pool<AsyncMysqlConnection>,
) -> QueryResult<usize> {
    Ok(make_strictly(lite, vec![1]).await? + make_in_time(maria, 1).await?)
}
