use diesel::migration::MigrationConnection;
use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

// As `diesel_migrations` has it.
trait MigrationHarness {
    fn run_pending_migrations(&mut self) -> QueryResult<()>;
}

impl<C: MigrationConnection + 'static> MigrationHarness for C {
    fn run_pending_migrations(&mut self) -> QueryResult<()> {
        self.setup().map(drop)
    }
}

#[transactional]
fn migrate(tx: PgTx<'_>) -> QueryResult<()> {
    tx.run_pending_migrations()
}

fn main() {}
