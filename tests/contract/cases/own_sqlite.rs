//! What Diesel can do on SQLite alone.

use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::*;

diesel::table! {
    taken (id) {
        id -> BigInt,
        n -> BigInt,
    }
}

#[tokio::test]
async fn d01_inserts_that_ignore_and_replace_and_pragmas() {
    #[transactional]
    async fn works(tx: DbTx<'_>) -> Result<(), AppError> {
        let ignored =
            diesel::insert_or_ignore_into(taken::table).values((taken::id.eq(1), taken::n.eq(3)));
        assert_eq!(ignored.execute(&mut tx).await?, 0);
        let replaced = diesel::replace_into(taken::table).values((taken::id.eq(2), taken::n.eq(4)));
        assert_eq!(replaced.execute(&mut tx).await?, 1);
        let insert = diesel::insert_into(taken::table).values((taken::id.eq(7), taken::n.eq(1)));
        let row: (i64, i64) = insert
            .returning((taken::id, taken::n))
            .get_result(&mut tx)
            .await?;
        assert_eq!(row, (7, 1));
        let n: Vec<i64> = taken::table
            .select(taken::n)
            .order(taken::id)
            .load(&mut tx)
            .await?;
        assert_eq!(n, [0, 4, 1]);
        assert_eq!(number(&mut tx, "PRAGMA user_version").await?, 0);
        Ok(())
    }
    let stage = Stage::of(1).await;
    works(&stage.pool).await.unwrap();
    let mut conn = stage.rival_connection().await;
    let n = raw_number(&mut conn, "SELECT n FROM taken WHERE id = 2").await;
    assert_eq!(n.unwrap(), 4);
    stage.end().await;
}
