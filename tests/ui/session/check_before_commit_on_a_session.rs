use txkit::{sqlx::PgSession, transactional};

#[transactional(propagation = not_supported)]
async fn greet(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    session.before_commit(|_tx| Box::pin(async { Ok(()) }));
    sqlx::query("INSERT INTO guest DEFAULT VALUES")
        .execute(&mut session)
        .await
        .map(drop)
}

fn main() {}
