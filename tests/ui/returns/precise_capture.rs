use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
async fn names(tx: SqliteTx<'_>) -> Result<impl Iterator<Item = String> + use<>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM account")
        .fetch_all(&mut tx)
        .await?;
    Ok(names.into_iter())
}

fn main() {}
