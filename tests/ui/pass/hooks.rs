//! Every hook, in every shape.

use txkit::{RolledBack, sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, name: &str) -> Result<(), sqlx::Error> {
    let owned = name.to_owned();
    tx.after_commit(|| println!("committed"));
    tx.after_commit(move || println!("{owned}"));
    tx.after_commit(|| std::fs::remove_file("order.lock"));
    tx.after_commit(async || println!("committed"));
    tx.after_commit(async || tokio::fs_free().await);
    tx.after_commit(|| async { Ok::<(), sqlx::Error>(()) });
    tx.after_commit(notify);
    tx.after_rollback(|reason| println!("{reason:?}"));
    tx.after_rollback(async |reason: RolledBack| println!("{reason:?}"));
    tx.after_rollback(|reason| async move { drop(reason) });
    tx.after_unknown(|| println!("unknown"));
    tx.before_commit(|tx| {
        Box::pin(async move {
            let sum: i64 = sqlx::query_scalar("SELECT sum(cents) FROM account")
                .fetch_one(tx)
                .await?;
            if sum != 0 {
                Err("unbalanced".into())
            } else {
                Ok(())
            }
        })
    });
    Ok(())
}

async fn notify() -> Result<(), sqlx::Error> {
    Ok(())
}

mod tokio {
    pub async fn fs_free() -> Result<(), std::io::Error> {
        Ok(())
    }
}

async fn callers(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    place(pool, "name").await
}
