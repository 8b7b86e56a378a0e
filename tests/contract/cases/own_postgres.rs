//! What Diesel can do on PostgreSQL alone: rows that an INSERT returns, locks, upserts.

use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::*;

diesel::table! {
    taken (id) {
        id -> BigInt,
        n -> BigInt,
    }
}

#[tokio::test]
async fn d01_rows_come_back_locks_hold_and_upserts_work() {
    #[transactional]
    async fn works(tx: DbTx<'_>) -> Result<(), AppError> {
        let insert = diesel::insert_into(taken::table).values((taken::id.eq(7), taken::n.eq(1)));
        let row: (i64, i64) = insert
            .returning((taken::id, taken::n))
            .get_result(&mut tx)
            .await?;
        assert_eq!(row, (7, 1));
        let upsert = diesel::insert_into(taken::table)
            .values((taken::id.eq(7), taken::n.eq(9)))
            .on_conflict(taken::id)
            .do_update()
            .set(taken::n.eq(5));
        let rows: Vec<(i64, i64)> = upsert.get_results(&mut tx).await?;
        assert_eq!(rows, [(7, 5)]);
        let locked = taken::table.find(1).for_update().select(taken::n);
        assert_eq!(locked.first::<i64>(&mut tx).await?, 0);
        let update = diesel::update(taken::table.find(1)).set(taken::n.eq(taken::n + 1));
        let n: i64 = update.returning(taken::n).get_result(&mut tx).await?;
        assert_eq!(n, 1);
        Ok(())
    }
    let stage = Stage::of(1).await;
    works(&stage.pool).await.unwrap();
    let mut conn = stage.rival_connection().await;
    let n = raw_number(&mut conn, "SELECT n FROM taken WHERE id = 7").await;
    assert_eq!(n.unwrap(), 5);
    stage.end().await;
}

#[tokio::test]
async fn r17_for_update_nowait_of_the_query_builder_is_a_conflict() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn locks(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        let locked = taken::table.find(1).for_update().no_wait();
        let _row: (i64, i64) = locked.first(&mut tx).await?;
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    assert_eq!(locks(&stage.pool, &obstacle).await.unwrap(), 2);
    stage.end().await;
}

#[tokio::test]
async fn c04_what_a_deferred_trigger_says_of_savepoints_is_a_refusal() {
    #[transactional]
    async fn owes(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let stage = Stage::of(1).await;
    stage
        .rival(
            "CREATE FUNCTION quota() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'SAVEPOINT quota of txk_m exceeded'; END $$; \
             CREATE CONSTRAINT TRIGGER quota AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION quota()",
        )
        .await;
    let error = owes(&stage.pool).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Commit { .. }), "{error:?}");
    assert_eq!(error.outcome(), txkit::Outcome::RolledBack);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
