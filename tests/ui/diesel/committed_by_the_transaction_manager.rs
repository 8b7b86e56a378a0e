use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

#[transactional]
fn reserve(tx: PgTx<'_>) -> QueryResult<()> {
    AnsiTransactionManager::commit_transaction(&mut tx)
}

fn main() {}
