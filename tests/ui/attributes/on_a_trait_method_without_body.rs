use txkit::{sqlx::PgTx, transactional};

trait Orders {
    #[transactional]
    fn place(&self, tx: &mut PgTx<'_>) -> impl Future<Output = Result<(), sqlx::Error>>;
}

fn main() {}
