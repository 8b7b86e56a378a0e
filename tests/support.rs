//! The tests' own tools tell the truth: leftovers are found, settings compared, statements on the wire seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use txkit_tests::{TestDatabase, changes};

/// A transaction left open is reported; one that ended is not.
async fn leftovers_are_found<T: TestDatabase>(
    open: &'static str,
    make: &'static str,
    write: &'static str,
) where
    for<'c> &'c mut <T::Driver as sqlx::Database>::Connection:
        sqlx::Executor<'c, Database = T::Driver>,
    for<'q> <T::Driver as sqlx::Database>::Arguments: sqlx::IntoArguments<T::Driver>,
{
    let database = T::create().await;
    let pool = database.pool(2);
    let mut connection = pool.acquire().await.unwrap();
    let clean = T::session(&mut connection).await;
    for statement in [make, open, write] {
        sqlx::raw_sql(statement)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    assert!(!database.open_transactions().await.is_empty());
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut *connection)
        .await
        .unwrap();
    database.assert_quiet().await;
    assert_eq!(
        changes(&clean, &T::session(&mut connection).await),
        Vec::<String>::new()
    );
    drop(connection);
    pool.close().await;
}

mod sqlite {
    use super::*;
    use txkit_tests::Sqlite;

    #[tokio::test]
    async fn leftovers() {
        leftovers_are_found::<Sqlite>(
            "BEGIN",
            "CREATE TABLE t (a int)",
            "INSERT INTO t VALUES (1)",
        )
        .await;
    }

    #[tokio::test]
    async fn a_reader_is_a_leftover() {
        leftovers_are_found::<Sqlite>("BEGIN", "CREATE TABLE t (a int)", "SELECT * FROM t").await;
    }

    #[tokio::test]
    async fn session() {
        let database = Sqlite::create().await;
        let mut connection = database.pool(1).acquire().await.unwrap();
        let before = Sqlite::session(&mut connection).await;
        sqlx::raw_sql("PRAGMA query_only = 1; BEGIN")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(
            changes(&before, &Sqlite::session(&mut connection).await).len(),
            2
        );
    }
}

mod postgres {
    use super::*;
    use sqlx::ConnectOptions as _;
    use txkit_tests::Postgres;
    use txkit_tests::wire::{Fault, Protocol, Proxy};

    #[tokio::test]
    async fn leftovers() {
        leftovers_are_found::<Postgres>("BEGIN", "CREATE TABLE t (a int)", "SELECT 1").await;
    }

    #[tokio::test]
    async fn session() {
        let database = Postgres::create().await;
        let mut connection = database.pool(1).acquire().await.unwrap();
        let before = Postgres::session(&mut connection).await;
        sqlx::raw_sql("SET statement_timeout = '9s'; BEGIN")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(
            changes(&before, &Postgres::session(&mut connection).await).len(),
            2
        );
    }

    #[tokio::test]
    async fn wire() {
        let database = Postgres::create().await;
        let proxy = Proxy::start(database.address(), Protocol::Postgres).await;
        let options = database.options().host("127.0.0.1").port(proxy.port());
        let mut connection = options.connect().await.unwrap();
        proxy.clear();
        sqlx::raw_sql("CREATE TABLE t (a int); BEGIN")
            .execute(&mut connection)
            .await
            .unwrap();
        assert_eq!(proxy.round_trips(), 1);
        for n in 0..2 {
            sqlx::query("INSERT INTO t VALUES ($1)")
                .bind(n)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        let insert = "INSERT INTO t VALUES ($1)";
        assert_eq!(
            proxy.statements(),
            ["CREATE TABLE t (a int); BEGIN", insert, insert]
        );
        proxy.on("COMMIT", Fault::LoseAnswer);
        sqlx::raw_sql("COMMIT")
            .execute(&mut connection)
            .await
            .unwrap_err();
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM t")
            .fetch_one(&database.pool(1))
            .await
            .unwrap();
        assert_eq!(rows, 2);
    }

    #[tokio::test]
    async fn wire_cut_before() {
        let database = Postgres::create().await;
        let proxy = Proxy::start(database.address(), Protocol::Postgres).await;
        let mut connection = database
            .options()
            .host("127.0.0.1")
            .port(proxy.port())
            .connect()
            .await
            .unwrap();
        sqlx::raw_sql("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)")
            .execute(&mut connection)
            .await
            .unwrap();
        proxy.on("COMMIT", Fault::CutBefore);
        sqlx::raw_sql("COMMIT")
            .execute(&mut connection)
            .await
            .unwrap_err();
        database.assert_quiet().await;
    }
}

mod mysql {
    use super::*;
    use sqlx::ConnectOptions as _;
    use txkit_tests::MySql;
    use txkit_tests::wire::{Fault, Protocol, Proxy};

    #[tokio::test]
    async fn leftovers() {
        leftovers_are_found::<MySql>(
            "START TRANSACTION",
            "CREATE TABLE t (a int)",
            "INSERT INTO t VALUES (1)",
        )
        .await;
    }

    #[tokio::test]
    async fn session() {
        let database = MySql::create().await;
        let mut connection = database.pool(1).acquire().await.unwrap();
        let before = MySql::session(&mut connection).await;
        sqlx::raw_sql("SET innodb_lock_wait_timeout = 9")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(
            changes(&before, &MySql::session(&mut connection).await).len(),
            1
        );
    }

    #[tokio::test]
    async fn wire() {
        let database = MySql::create().await;
        let proxy = Proxy::start(database.address(), Protocol::MySql).await;
        let mut connection = database
            .options()
            .host("127.0.0.1")
            .port(proxy.port())
            .connect()
            .await
            .unwrap();
        proxy.clear();
        sqlx::raw_sql("CREATE TABLE t (a int); BEGIN")
            .execute(&mut connection)
            .await
            .unwrap();
        assert_eq!(proxy.round_trips(), 1);
        for n in 0..2 {
            sqlx::query("INSERT INTO t VALUES (?)")
                .bind(n)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        let insert = "INSERT INTO t VALUES (?)";
        assert_eq!(
            proxy.statements(),
            ["CREATE TABLE t (a int); BEGIN", insert, insert]
        );
        proxy.on("COMMIT", Fault::LoseAnswer);
        sqlx::raw_sql("COMMIT")
            .execute(&mut connection)
            .await
            .unwrap_err();
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM t")
            .fetch_one(&database.pool(1))
            .await
            .unwrap();
        assert_eq!(rows, 2);
    }
}
