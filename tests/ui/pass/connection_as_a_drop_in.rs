//! The functions one has already, on a driver's connection.

use sqlx::{Connection as _, MySqlConnection, PgConnection, SqliteConnection};
use txkit::{retry_on_conflict, serializable, transactional};

#[transactional]
async fn charge(conn: &mut PgConnection, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO log DEFAULT VALUES")
        .execute(conn)
        .await
        .map(drop)
}

#[retry_on_conflict]
async fn charge_again(conn: &mut MySqlConnection, name: String) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES (?)")
        .bind(name)
        .execute(conn)
        .await
        .map(drop)
}

#[serializable]
async fn charge_strictly(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    conn.ping().await
}

#[transactional]
async fn charge_on_any<C>(conn: &mut C) -> Result<(), txkit::Error>
where
    C: txkit::AsyncConnection,
{
    let _ = conn;
    Ok(())
}

async fn callers(url: &str) -> Result<(), sqlx::Error> {
    let mut conn = PgConnection::connect(url).await?;
    charge(&mut conn, 1).await?;
    charge_on_any(&mut conn).await?;
    charge_again(&mut MySqlConnection::connect(url).await?, url.to_owned()).await?;
    charge_strictly(&mut SqliteConnection::connect(url).await?).await
}
