use txkit::{read_only, serializable, sqlx::MySqlReadTx};

#[serializable]
#[read_only(deferrable)]
async fn place(tx: MySqlReadTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
