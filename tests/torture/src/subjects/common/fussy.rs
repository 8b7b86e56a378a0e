//! A function with every option that a connection is told of.

use txkit::transactional;

use super::*;

#[transactional(
    isolation = serializable,
    statement_timeout = "5s",
    lock_timeout = "3s",
    timeout = "20s"
)]
pub async fn fussy(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}
