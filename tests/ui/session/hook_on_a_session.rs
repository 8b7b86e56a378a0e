use txkit::{sqlx::PgSession, transactional};

#[transactional(propagation = supports)]
async fn greet(session: PgSession<'_>, name: String) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO guest VALUES ($1)")
        .bind(&name)
        .execute(&mut session)
        .await?;
    session.after_commit(move || println!("welcome, {name}"));
    Ok(())
}

fn main() {}
