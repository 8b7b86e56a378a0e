//! What was seen of a script, from which its judge judges; knows no script and no engine.

/// A row of the table that every script begins with: its id and its value.
pub type Row = (i64, i64);

/// The rows of every script's table at its beginning.
pub const ROWS: [Row; 2] = [(1, 10), (2, 20)];

/// What was seen of a script from its beginning to its end.
#[derive(Debug, Default)]
pub struct Story {
    /// Of each transaction, what its reads have read, in order.
    pub reads: Vec<Vec<Vec<Row>>>,
    /// Of each transaction, whether it was committed.
    pub committed: Vec<bool>,
    /// The rows in the end.
    pub rows: Vec<Row>,
}

impl Story {
    /// What the n-th read of a transaction has read, both counted from one.
    fn read(&self, who: usize, nth: usize) -> Option<&[Row]> {
        let reads = self.reads.get(who - 1)?;
        reads.get(nth - 1).map(Vec::as_slice)
    }

    /// Whether the n-th read of a transaction has read just these.
    pub fn has_read(&self, who: usize, nth: usize, rows: &[Row]) -> bool {
        self.read(who, nth) == Some(rows)
    }

    /// Whether any of its reads has.
    pub fn has_seen(&self, who: usize, row: Row) -> bool {
        self.reads[who - 1].iter().any(|rows| rows.contains(&row))
    }

    pub fn committed(&self, who: usize) -> bool {
        self.committed[who - 1]
    }

    pub fn all_committed(&self) -> bool {
        self.committed.iter().all(|committed| *committed)
    }
}
