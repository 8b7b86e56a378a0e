//! What each level of isolation promises on each engine, in the checker's words; knows no adapter.

use crate::script::Level;
use crate::subject::Engine;

/// What a history may not contradict.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    engine: Engine,
    level: Level,
    /// The consistency model, as the checker calls it.
    pub model: &'static str,
    /// A key that a transaction has not written itself reads the same each time: more than some models say.
    pub repeats: bool,
    /// Whether transactions that meet must end in conflicts, at least now and then.
    pub conflicts: bool,
}

impl Promise {
    /// What a level promises on an engine.
    pub fn of(engine: Engine, level: Level) -> &'static Self {
        let wanted = |promise: &&Self| (promise.engine, promise.level) == (engine, level);
        PROMISES
            .iter()
            .find(wanted)
            .expect("every level of every engine")
    }

    const fn new(engine: Engine, level: Level, model: &'static str) -> Self {
        Self {
            engine,
            level,
            model,
            repeats: false,
            conflicts: false,
        }
    }

    const fn repeating(self) -> Self {
        Self {
            repeats: true,
            ..self
        }
    }

    const fn conflicting(self) -> Self {
        Self {
            conflicts: true,
            ..self
        }
    }
}

use Engine::{MySql, Postgres, Sqlite};
use Level::{ReadCommitted, ReadUncommitted, RepeatableRead, Serializable};

static PROMISES: [Promise; 12] = [
    // Every writer is alone from its `BEGIN IMMEDIATE` on, whatever it asked for.
    Promise::new(Sqlite, ReadUncommitted, "strict-serializable").repeating(),
    Promise::new(Sqlite, ReadCommitted, "strict-serializable").repeating(),
    Promise::new(Sqlite, RepeatableRead, "strict-serializable").repeating(),
    Promise::new(Sqlite, Serializable, "strict-serializable").repeating(),
    // It never reads what is not committed: the weakest level is read committed by another name.
    Promise::new(Postgres, ReadUncommitted, "read-committed"),
    Promise::new(Postgres, ReadCommitted, "read-committed"),
    // One snapshot, and the first updater wins; write skew remains.
    Promise::new(Postgres, RepeatableRead, "snapshot-isolation")
        .repeating()
        .conflicting(),
    // The documentation promises some serial order, not that of the clock; whether it was that one too is a figure.
    Promise::new(Postgres, Serializable, "serializable")
        .repeating()
        .conflicting(),
    // Plain reads see what is not committed, but writers hold their locks to the end: no dirty write.
    Promise::new(MySql, ReadUncommitted, "read-uncommitted"),
    Promise::new(MySql, ReadCommitted, "read-committed"),
    // Plain reads come from one snapshot, writes act on the newest rows, and with `innodb_snapshot_isolation` off nothing
    // compares both: updates are lost, and reading back one's own write reads others' as well. No model between read
    // committed and snapshot isolation forbids something that the checker sees and this engine does not do, so what the
    // level adds, reads that repeat, is looked for besides.
    Promise::new(MySql, RepeatableRead, "read-committed").repeating(),
    // Plain reads lock what they read until the end.
    Promise::new(MySql, Serializable, "serializable")
        .repeating()
        .conflicting(),
];
