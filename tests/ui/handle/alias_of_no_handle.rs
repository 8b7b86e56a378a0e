use txkit::transactional;

#[transactional]
async fn reserve(db: Db<'_>) -> Result<(), sqlx::Error> {
    println!("{}", db.len());
    Ok(())
}

type Db<'a> = std::borrow::Cow<'a, str>;

mod unused {}

fn main() {}
