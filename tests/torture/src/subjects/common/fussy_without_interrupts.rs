//! The same where nothing can interrupt a statement.

use txkit::transactional;

use super::*;

#[transactional(isolation = serializable, lock_timeout = "3s", timeout = "20s")]
pub async fn fussy(tx: DbTx<'_>, script: Script) -> Result<Seen, AppError> {
    play(&mut tx, script).await
}
