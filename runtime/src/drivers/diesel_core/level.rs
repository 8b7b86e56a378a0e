//! How deep in transactions Diesel believes a connection to be; sends nothing.

use diesel::connection::{
    InTransactionStatus, TransactionDepthChange, TransactionManagerStatus,
    ValidTransactionManagerStatus,
};

/// How many transactions and savepoints are counted; none on a broken connection.
pub(crate) fn depth(status: &TransactionManagerStatus) -> usize {
    let depth = status.transaction_depth().ok().flatten();
    depth.map_or(0, |depth| depth.get() as usize)
}

/// Sets the count, also of a connection that was broken.
pub(crate) fn set_depth(status: &mut TransactionManagerStatus, depth: usize) {
    let mut valid = ValidTransactionManagerStatus::default();
    for _ in 0..depth {
        // Going deeper has no way to fail.
        let _deeper = valid.change_transaction_depth(TransactionDepthChange::IncreaseDepth);
    }
    *status = TransactionManagerStatus::Valid(valid);
}

/// Whether the connection is in Diesel's test transaction, which never commits.
pub(crate) fn in_test(status: &TransactionManagerStatus) -> bool {
    matches!(
        status,
        TransactionManagerStatus::Valid(ValidTransactionManagerStatus {
            in_transaction: Some(InTransactionStatus {
                test_transaction: true,
                ..
            }),
            ..
        })
    )
}

/// Whether it must not be used any more.
pub(crate) fn is_broken(status: &TransactionManagerStatus) -> bool {
    matches!(status, TransactionManagerStatus::InError)
}

/// Sees to it that its pool closes it, and that whoever has it gets an error.
pub(crate) fn disable(status: &mut TransactionManagerStatus) {
    status.set_in_error();
}
