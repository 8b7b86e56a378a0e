use txkit::sqlx::PgSession;
use txkit::transactional;

#[transactional(propagation = never)]
async fn vacuum(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM").execute(&mut session).await.map(drop)
}

#[transactional(propagation = supports)]
async fn tidy(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    vacuum(&mut session).await
}

fn main() {}
