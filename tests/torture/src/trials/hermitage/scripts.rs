//! Hermitage's scripts as data, and what each makes of what was seen; knows no engine and no adapter.
//!
//! The order of the steps is the one published at <https://github.com/ept/hermitage> (Martin Kleppmann, CC BY 4.0).

use super::story::{ROWS, Row, Story};

/// A script, and its judge.
pub struct Anomaly {
    pub name: &'static str,
    order: &'static str,
    /// Whether the anomaly happened.
    pub happened: fn(&Story) -> bool,
}

/// What a transaction does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Begin,
    /// Reads the rows of the table that this condition holds for.
    Read(&'static str),
    Run(&'static str),
    Commit,
    Rollback,
}

/// One line of a script: who, counted from zero, does what.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub who: usize,
    pub act: Act,
}

impl Anomaly {
    /// Its lines in the published order.
    pub fn lines(&self) -> Vec<Line> {
        let lines = self.order.lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(line).collect()
    }

    /// Whether a transaction, counted from zero, is to be rolled back.
    pub fn refuses(&self, who: usize) -> bool {
        let refusals = self.lines().into_iter();
        let mut whose = refusals.filter(|line| line.act == Act::Rollback);
        whose.any(|line| line.who == who)
    }

    /// Its table's name, which is its own.
    pub fn table(&self) -> String {
        self.name.to_lowercase().replace(['-', ' '], "_")
    }
}

fn line(text: &'static str) -> Line {
    let (who, what) = text.split_once(": ").expect("a transaction and its step");
    let number: usize = who[1..].parse().expect("T and a number");
    let act = match what {
        "begin" => Act::Begin,
        "commit" => Act::Commit,
        "rollback" => Act::Rollback,
        "read" => Act::Read(""),
        _ => match what.strip_prefix("read ") {
            Some(condition) => Act::Read(condition),
            None => Act::Run(what),
        },
    };
    Line {
        who: number - 1,
        act,
    }
}

/// All scripts.
pub const ALL: [Anomaly; 15] = [
    Anomaly {
        name: "G0",
        order: "
            T1: begin
            T2: begin
            T1: update test set value = 11 where id = 1
            T2: update test set value = 12 where id = 1
            T1: update test set value = 21 where id = 2
            T1: commit
            T2: update test set value = 22 where id = 2
            T2: commit",
        happened: |story| matches!(story.rows[..], [(1, 11), (2, 22)] | [(1, 12), (2, 21)]),
    },
    Anomaly {
        name: "G1a",
        order: "
            T1: begin
            T2: begin
            T1: update test set value = 101 where id = 1
            T2: read
            T1: rollback
            T2: read
            T2: commit",
        happened: |story| story.has_seen(2, (1, 101)) || story.rows.contains(&(1, 101)),
    },
    Anomaly {
        name: "G1b",
        order: "
            T1: begin
            T2: begin
            T1: update test set value = 101 where id = 1
            T2: read
            T1: update test set value = 11 where id = 1
            T1: commit
            T2: read
            T2: commit",
        happened: |story| story.has_seen(2, (1, 101)),
    },
    Anomaly {
        name: "G1c",
        order: "
            T1: begin
            T2: begin
            T1: update test set value = 11 where id = 1
            T2: update test set value = 22 where id = 2
            T1: read where id = 2
            T2: read where id = 1
            T1: commit
            T2: commit",
        happened: |story| {
            let around = story.has_seen(1, (2, 22)) && story.has_seen(2, (1, 11));
            around && story.all_committed()
        },
    },
    Anomaly {
        name: "OTV",
        order: "
            T1: begin
            T2: begin
            T3: begin
            T1: update test set value = 11 where id = 1
            T1: update test set value = 19 where id = 2
            T2: update test set value = 12 where id = 1
            T1: commit
            T3: read
            T2: update test set value = 18 where id = 2
            T3: read
            T2: commit
            T3: read
            T3: commit",
        happened: vanished,
    },
    Anomaly {
        name: "PMP",
        order: "
            T1: begin
            T2: begin
            T1: read where value = 30
            T2: insert into test (id, value) values (3, 30)
            T2: commit
            T1: read where value % 3 = 0
            T1: commit",
        happened: |story| {
            let appeared = story.has_read(1, 1, &[]) && story.has_read(1, 2, &[(3, 30)]);
            appeared && story.committed(1)
        },
    },
    Anomaly {
        name: "PMP-write",
        order: "
            T1: begin
            T2: begin
            T1: update test set value = value + 10
            T2: read where value = 20
            T2: delete from test where value = 20
            T1: commit
            T2: read
            T2: commit",
        // The row that it had read is the one that it did not delete.
        happened: |story| {
            let survived = story.has_read(2, 1, &[(2, 20)]) && story.rows.contains(&(2, 30));
            survived && story.all_committed()
        },
    },
    Anomaly {
        name: "P4",
        order: "
            T1: begin
            T2: begin
            T1: read where id = 1
            T2: read where id = 1
            T1: update test set value = 11 where id = 1
            T2: update test set value = 11 where id = 1
            T1: commit
            T2: commit",
        happened: |story| {
            let both = [1, 2].iter().all(|who| story.has_read(*who, 1, &[(1, 10)]));
            both && story.all_committed()
        },
    },
    Anomaly {
        name: "G-single",
        order: "
            T1: begin
            T2: begin
            T1: read where id = 1
            T2: read where id = 1
            T2: read where id = 2
            T2: update test set value = 12 where id = 1
            T2: update test set value = 18 where id = 2
            T2: commit
            T1: read where id = 2
            T1: commit",
        happened: |story| {
            let skewed = story.has_read(1, 1, &[(1, 10)]) && story.has_read(1, 2, &[(2, 18)]);
            skewed && story.committed(1)
        },
    },
    Anomaly {
        name: "G-single dependencies",
        order: "
            T1: begin
            T2: begin
            T1: read where value % 5 = 0
            T2: update test set value = 12 where value = 10
            T2: commit
            T1: read where value % 3 = 0
            T1: commit",
        happened: |story| {
            let skewed = story.has_read(1, 1, &ROWS) && story.has_read(1, 2, &[(1, 12)]);
            skewed && story.committed(1)
        },
    },
    Anomaly {
        name: "G-single write 1",
        order: "
            T1: begin
            T2: begin
            T1: read where id = 1
            T2: read
            T2: update test set value = 12 where id = 1
            T2: update test set value = 18 where id = 2
            T2: commit
            T1: delete from test where value = 20
            T1: read where id = 2
            T1: commit",
        happened: written_skewed,
    },
    Anomaly {
        name: "G-single write 2",
        // Ends with a commit where the original, whose first transaction has failed by then, has a rollback.
        order: "
            T1: begin
            T2: begin
            T1: read where id = 1
            T2: read
            T2: update test set value = 12 where id = 1
            T1: delete from test where value = 20
            T2: update test set value = 18 where id = 2
            T1: commit
            T2: commit",
        happened: written_skewed,
    },
    Anomaly {
        name: "G2-item",
        order: "
            T1: begin
            T2: begin
            T1: read where id in (1, 2)
            T2: read where id in (1, 2)
            T1: update test set value = 11 where id = 1
            T2: update test set value = 21 where id = 2
            T1: commit
            T2: commit",
        happened: |story| {
            let both = [1, 2].iter().all(|who| story.has_read(*who, 1, &ROWS));
            both && story.all_committed()
        },
    },
    Anomaly {
        name: "G2",
        order: "
            T1: begin
            T2: begin
            T1: read where value % 3 = 0
            T2: read where value % 3 = 0
            T1: insert into test (id, value) values (3, 30)
            T2: insert into test (id, value) values (4, 42)
            T1: commit
            T2: commit",
        happened: |story| {
            let both = [1, 2].iter().all(|who| story.has_read(*who, 1, &[]));
            both && story.all_committed()
        },
    },
    Anomaly {
        name: "G2 two edges",
        order: "
            T1: begin
            T1: read
            T2: begin
            T2: update test set value = value + 5 where id = 2
            T2: commit
            T3: begin
            T3: read
            T3: commit
            T1: update test set value = 0 where id = 1
            T1: commit",
        happened: |story| {
            let seen = story.has_read(1, 1, &ROWS) && story.has_read(3, 1, &[(1, 10), (2, 25)]);
            seen && story.all_committed()
        },
    },
];

/// A mixture of states was read, or a state after a later one, or one that was never committed.
fn vanished(story: &Story) -> bool {
    const STATES: [[Row; 2]; 3] = [ROWS, [(1, 11), (2, 19)], [(1, 12), (2, 18)]];
    let mut latest = 0;
    for rows in &story.reads[2] {
        match STATES.iter().position(|state| *state == rows[..]) {
            Some(state) if state >= latest => latest = state,
            _ => return true,
        }
    }
    latest == 2 && !story.committed(2)
}

/// The first read a row before the second wrote it, the second one that the first deleted or would have: whatever
/// became of that row, neither came before the other.
fn written_skewed(story: &Story) -> bool {
    let crossed = story.has_read(1, 1, &[(1, 10)]) && story.has_read(2, 1, &ROWS);
    crossed && story.all_committed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No engine at hand shows it, so that no run can.
    #[test]
    fn a_write_cycle_is_seen() {
        let g0 = ALL.iter().find(|script| script.name == "G0").expect("G0");
        let story = |rows: [Row; 2]| Story {
            committed: vec![true, true],
            rows: rows.into(),
            ..Story::default()
        };
        let in_order = [[(1, 11), (2, 21)], [(1, 12), (2, 22)]];
        assert!(in_order.iter().all(|rows| !(g0.happened)(&story(*rows))));
        let mixed = [[(1, 11), (2, 22)], [(1, 12), (2, 21)]];
        assert!(mixed.iter().all(|rows| (g0.happened)(&story(*rows))));
    }

    #[test]
    fn every_transaction_begins_and_ends_once() {
        for script in &ALL {
            let lines = script.lines();
            let transactions = lines.iter().map(|line| line.who).max().expect("lines") + 1;
            for who in 0..transactions {
                let acts: Vec<_> = lines.iter().filter(|line| line.who == who).collect();
                let is_end = |line: &&&Line| matches!(line.act, Act::Commit | Act::Rollback);
                assert_eq!(acts[0].act, Act::Begin, "{}", script.name);
                assert_eq!(acts.iter().filter(is_end).count(), 1, "{}", script.name);
                assert!(
                    acts.last().is_some_and(|line| is_end(&line)),
                    "{}",
                    script.name
                );
            }
        }
    }
}
