use diesel::prelude::*;
use diesel_async::AsyncPgConnection;

#[txkit::transactional]
fn reserve(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let _ = conn;
    Ok(())
}

fn main() {}
