use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn open<'a>(tx: PgTx<'a>) -> Result<PgTx<'a>, sqlx::Error> {
    Ok(tx)
}

fn main() {}
