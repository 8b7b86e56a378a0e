//! What Diesel does in two statements where the engine cannot in one: it saves a struct's changes and fetches the row again.

use super::*;

diesel::table! {
    taken (id) {
        id -> BigInt,
        n -> BigInt,
    }
}

#[derive(Debug, PartialEq, diesel::Queryable, diesel::Identifiable, diesel::AsChangeset)]
#[diesel(table_name = taken)]
struct Taken {
    id: i64,
    n: i64,
}

#[tokio::test]
async fn d01_changes_are_saved_in_the_transaction() {
    #[transactional]
    async fn saves(tx: DbTx<'_>, n: i64, fail: bool) -> Result<(), AppError> {
        let row = Taken { id: 1, n };
        let saved: Taken = row.save_changes(&mut tx).await?;
        assert_eq!(saved, row);
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.rival_connection().await;
    let n = "SELECT n FROM taken WHERE id = 1";
    saves(&stage.pool, 5, true).await.unwrap_err();
    assert_eq!(raw_number(&mut conn, n).await.unwrap(), 0);
    saves(&stage.pool, 6, false).await.unwrap();
    assert_eq!(raw_number(&mut conn, n).await.unwrap(), 6);
    stage.end().await;
}
