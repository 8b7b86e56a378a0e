//! What happened, in the order in which the callers saw it, and the same as the checker takes it; knows no engine.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use adya::History;
use adya::r#gen::TxnOp;
use adya::history::{Id, Interner, Mop, Op, OpType, ReadValue, Scalar};

use super::workload::{Call, Kind, element};
use crate::subject::Told;

/// How a call ended for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// `Ok`, and what it read; `None` if its answers made no sense.
    Ok(Option<Vec<Vec<i64>>>),
    /// Nothing is stored.
    Fail,
    /// Nobody knows, or nobody waited.
    Info,
}

impl End {
    /// What the checker is told for what a caller was told.
    pub fn of(
        told: &Told,
        reads: impl FnOnce(&crate::script::Seen) -> Option<Vec<Vec<i64>>>,
    ) -> Self {
        match told {
            Told::Committed(seen) => Self::Ok(reads(seen)),
            Told::NotCommitted(_) => Self::Fail,
            Told::Unknown(_) | Told::Partly(_) => Self::Info,
        }
    }
}

/// A call that ended.
#[derive(Clone, Debug)]
pub struct Ended {
    pub call: usize,
    /// How many bodies began.
    pub attempts: u32,
    pub end: End,
}

#[derive(Clone, Debug)]
enum Event {
    Began { process: i64, call: usize },
    Ended { process: i64, ended: Ended },
}

/// Listens to all workers.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    /// Before a call.
    pub fn began(&self, process: i64, call: usize) {
        self.push(Event::Began { process, call });
    }

    /// After it.
    pub fn ended(&self, process: i64, ended: Ended) {
        self.push(Event::Ended { process, ended });
    }

    fn push(&self, event: Event) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event);
    }

    /// All that was recorded.
    pub fn tape(&self) -> Tape {
        Tape(
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    }
}

/// A recording that is complete.
#[derive(Debug)]
pub struct Tape(Vec<Event>);

impl Tape {
    pub fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.0.iter().filter_map(|event| match event {
            Event::Ended { ended, .. } => Some(ended),
            Event::Began { .. } => None,
        })
    }

    /// How many committed calls were at work together with another one that may have committed, over a key that at
    /// least one of them wrote.
    pub fn met(&self, calls: &[Call]) -> usize {
        let ends: HashMap<_, _> = self.ended().map(|ended| (ended.call, &ended.end)).collect();
        let may_be_stored = |call: usize| !matches!(ends.get(&call), Some(End::Fail));
        let mut open: Vec<usize> = Vec::new();
        let mut met = vec![false; calls.len()];
        for event in &self.0 {
            match event {
                Event::Began { call, .. } => {
                    for other in open.iter().filter(|other| may_be_stored(**other)) {
                        if may_be_stored(*call) && calls[*call].meets(&calls[*other]) {
                            met[*call] = true;
                            met[*other] = true;
                        }
                    }
                    open.push(*call);
                }
                Event::Ended { ended, .. } => open.retain(|call| *call != ended.call),
            }
        }
        let is_ok = |call: &usize| matches!(ends.get(call), Some(End::Ok(_)));
        (0..calls.len())
            .filter(is_ok)
            .filter(|call| met[*call])
            .count()
    }

    /// The history that the checker judges. An attempt that was undone and made again is an operation of its own, which
    /// failed; and the last operation is an outsider's, who read all there was in the end.
    pub fn history(&self, kind: Kind, calls: &[Call], finally: &[(i64, Vec<i64>)]) -> History {
        let ends: HashMap<_, _> = self.ended().map(|ended| (ended.call, ended)).collect();
        let mut writer = Writer::new(kind);
        for event in &self.0 {
            match event {
                Event::Began { process, call } => {
                    let attempts = ends.get(call).map_or(1, |ended| ended.attempts);
                    let mops = writer.mops(&calls[*call].ops, attempts, None);
                    writer.push(*process, OpType::Invoke, mops);
                }
                Event::Ended { process, ended } => writer.end(*process, ended, &calls[ended.call]),
            }
        }
        let reads = finally
            .iter()
            .map(|(key, read)| writer.read(*key, Some(read)))
            .collect::<Vec<_>>();
        writer.push(OUTSIDER, OpType::Invoke, Vec::new());
        writer.push(OUTSIDER, OpType::Ok, reads);
        History::from_ops(writer.ops, writer.interner)
    }
}

/// Reads in the end.
const OUTSIDER: i64 = -1;

struct Writer {
    kind: Kind,
    ops: Vec<Op>,
    interner: Interner,
    undone: i64,
}

impl Writer {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            ops: Vec::new(),
            interner: Interner::default(),
            undone: OUTSIDER,
        }
    }

    fn end(&mut self, process: i64, ended: &Ended, call: &Call) {
        for attempt in 1..ended.attempts {
            // Processes of their own, which none of the workers is.
            self.undone -= 1;
            let mops = self.mops(&call.ops, attempt, None);
            self.push(self.undone, OpType::Invoke, mops.clone());
            self.push(self.undone, OpType::Fail, mops);
        }
        let (kind, reads) = match &ended.end {
            End::Ok(reads) => (OpType::Ok, reads.as_deref()),
            End::Fail => (OpType::Fail, None),
            End::Info => (OpType::Info, None),
        };
        let mut mops = self.mops(&call.ops, ended.attempts, reads);
        if kind == OpType::Ok && reads.is_none() {
            // Without an answer it would pass for having read nothing at all.
            mops.retain(|mop| !matches!(mop, Mop::Read { .. }));
        }
        self.push(process, kind, mops);
    }

    fn push(&mut self, process: i64, kind: OpType, value: Vec<Mop>) {
        let index = self.ops.len() as u64;
        self.ops.push(Op {
            index,
            kind,
            process: Some(process),
            value,
            time: None,
        });
    }

    fn mops(&mut self, ops: &[TxnOp], attempt: u32, reads: Option<&[Vec<i64>]>) -> Vec<Mop> {
        let attempt = attempt.max(1);
        let mut reads = reads.unwrap_or_default().iter();
        let mop = |op: &TxnOp| match *op {
            TxnOp::Read(key) => self.read(key, reads.next()),
            TxnOp::Append(key, number) => Mop::Append {
                key: self.id(key),
                value: self.id(element(number, attempt)),
            },
            TxnOp::Write(key, number) => Mop::Write {
                key: self.id(key),
                value: self.id(element(number, attempt)),
            },
        };
        ops.iter().map(mop).collect()
    }

    fn read(&mut self, key: i64, read: Option<&Vec<i64>>) -> Mop {
        let value = match (read, self.kind) {
            (None, _) => ReadValue::Nil,
            (Some(list), Kind::Lists) => {
                ReadValue::List(list.iter().map(|each| self.id(*each)).collect())
            }
            (Some(value), Kind::Registers) => value
                .first()
                .map_or(ReadValue::Nil, |value| ReadValue::Scalar(self.id(*value))),
        };
        Mop::Read {
            key: self.id(key),
            value,
        }
    }

    fn id(&mut self, number: i64) -> Id {
        self.interner.intern(Scalar::Int(number))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use adya::{Opts, Valid};

    use super::*;

    fn call(ops: &[TxnOp]) -> Call {
        Call {
            ops: ops.into(),
            retried: true,
            dropped_after: Some(Duration::ZERO),
        }
    }

    fn of(kind: OpType, history: &History) -> Vec<&Op> {
        let is_it = |op: &&Op| op.kind == kind && op.process != Some(OUTSIDER);
        history.ops.iter().filter(is_it).collect()
    }

    #[test]
    fn a_retried_call_is_one_operation_and_its_undone_attempts_failed() {
        let recorder = Recorder::default();
        let calls = [call(&[TxnOp::Append(1, 7), TxnOp::Read(1)])];
        recorder.began(3, 0);
        let end = End::Ok(Some(vec![vec![element(7, 3)]]));
        recorder.ended(
            3,
            Ended {
                call: 0,
                attempts: 3,
                end,
            },
        );
        let history = recorder.tape().history(Kind::Lists, &calls, &[]);
        let ok = of(OpType::Ok, &history);
        assert_eq!(ok.len(), 1, "one operation");
        let Mop::Append { value, .. } = ok[0].value[0] else {
            panic!("an append: {ok:?}")
        };
        assert_eq!(history.show(value), &Scalar::Int(element(7, 3)));
        assert_eq!(
            of(OpType::Fail, &history).len(),
            2,
            "two attempts were undone"
        );
        assert_eq!(
            history.pair[0],
            history.ops.iter().position(|op| op.kind == OpType::Ok)
        );
    }

    #[test]
    fn what_failed_and_was_read_is_an_aborted_read() {
        let calls = [call(&[TxnOp::Append(1, 7)]), call(&[TxnOp::Read(1)])];
        let valid_if = |first: End| {
            let recorder = Recorder::default();
            recorder.began(0, 0);
            recorder.ended(
                0,
                Ended {
                    call: 0,
                    attempts: 1,
                    end: first,
                },
            );
            recorder.began(1, 1);
            let end = End::Ok(Some(vec![vec![element(7, 1)]]));
            recorder.ended(
                1,
                Ended {
                    call: 1,
                    attempts: 1,
                    end,
                },
            );
            let history = recorder
                .tape()
                .history(Kind::Lists, &calls, &[(1, vec![element(7, 1)])]);
            adya::check(&history, Kind::Lists.workload(), &Opts::default()).valid
        };
        assert_eq!(valid_if(End::Fail), Valid::False);
        assert_eq!(valid_if(End::Info), Valid::True, "it may have committed");
        assert_eq!(valid_if(End::Ok(Some(Vec::new()))), Valid::True);
    }

    #[test]
    fn callers_are_taken_at_their_word() {
        let read = |_: &crate::script::Seen| Some(vec![vec![1]]);
        assert_eq!(
            End::of(&Told::Committed(Vec::new()), read),
            End::Ok(Some(vec![vec![1]]))
        );
        let failed = Told::new::<std::io::Error>(Err(std::io::ErrorKind::Other.into()));
        assert_eq!(End::of(&failed, read), End::Fail);
    }

    #[test]
    fn an_answer_without_what_was_read_is_not_taken_for_an_empty_one() {
        let recorder = Recorder::default();
        let calls = [call(&[TxnOp::Read(1), TxnOp::Write(1, 2)])];
        recorder.began(0, 0);
        recorder.ended(
            0,
            Ended {
                call: 0,
                attempts: 1,
                end: End::Ok(None),
            },
        );
        let history = recorder.tape().history(Kind::Registers, &calls, &[]);
        assert_eq!(of(OpType::Ok, &history)[0].value.len(), 1);
    }
}
