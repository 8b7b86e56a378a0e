use txkit::{sqlx::PgTx, transactional};

struct Orders {
    tx: Option<PgTx<'static>>,
}

impl Orders {
    #[transactional]
    async fn open(&mut self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        self.tx = Some(tx);
        Ok(())
    }
}

fn main() {}
