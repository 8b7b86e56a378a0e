use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    tx.after_commit(async move || {
        sqlx::query("INSERT INTO placed DEFAULT VALUES")
            .execute(&mut tx)
            .await
            .map(drop)
    });
    Ok(())
}

fn main() {}
