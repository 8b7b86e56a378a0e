use txkit::{sqlx::PgTx, transactional};

#[derive(Debug, thiserror::Error)]
enum OrderError {
    #[error("declined")]
    Declined,
    #[error(transparent)]
    Transaction(#[from] txkit::Error),
}

#[transactional(no_mark(Declined))]
async fn place(tx: PgTx<'_>, id: i64) -> Result<(), OrderError> {
    match id {
        0 => Err(OrderError::Declined),
        _ => Ok(()),
    }
}

fn main() {}
