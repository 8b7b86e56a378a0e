//! SQLite's OR ROLLBACK, followed by a statement that is given up: nothing is autocommitted, and it is no `Ok`.

use txkit::transactional;

use super::world::{World, add};
use super::{Connection, Tx, WORKOUT};
use crate::support::{Failure, Moment, bounded, drop_after};

const TWICE: &str = "INSERT OR ROLLBACK INTO acc VALUES (1, 0)";

#[transactional]
async fn gives_up(
    tx: Tx<'_>,
    polls: usize,
    moment: Moment,
    other: &mut Connection,
) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _swallowed = sqlx::query(TWICE).execute(&mut tx).await.unwrap_err();
    let _given_up = drop_after(polls, moment, add(&mut tx, 2)).await;
    // Meanwhile the connection's thread may do what it was asked for.
    sqlx::raw_sql(WORKOUT).execute(other).await?;
    let _swallowed = add(&mut tx, 3).await;
    Ok(())
}

#[tokio::test]
async fn a_statement_given_up_after_or_rollback() {
    let world = World::new(1).await;
    let mut other = world.outsider().await;
    for (moment, polls) in [Moment::Pending, Moment::Woken]
        .into_iter()
        .flat_map(|m| (1..6).map(move |n| (m, n)))
    {
        let when = format!("dropped after poll {polls} ({moment:?})");
        let call = gives_up(&world.pool, polls, moment, &mut other);
        let result = bounded(&when, call).await;
        assert!(result.is_err(), "{when}: a false `Ok`");
        world.assert_clean(&when).await;
        assert_eq!(world.rows().await, [0; 4], "{when}: {result:?}");
    }
}
