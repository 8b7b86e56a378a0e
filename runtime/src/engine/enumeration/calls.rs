//! Every sequence of events of a call, up to two attempts, against a model of what the database does.

use super::super::{Body, Cleanup, Commit, Ending, Event, Kind, Protocol, Standing, Step};
use crate::conflict::Conflict;
use crate::outcome::Outcome;

const CONFLICTS: [Option<Conflict>; 2] = [None, Some(Conflict::Deadlock)];

/// How many attempts a sequence may have: a second one repeats each of the first's, which an interpreter takes hours for.
const ATTEMPTS: u32 = if cfg!(miri) { 1 } else { 2 };

/// Fewer sequences than this, and the enumeration has lost its way.
const SEQUENCES: u64 = if cfg!(miri) { 100 } else { 100_000 };

/// What really is the case, as far as the events tell.
#[derive(Clone, Copy, Debug, Default)]
struct Reality {
    held: bool,
    /// A transaction is, or may be, open on the connection.
    open: bool,
    savepoint: bool,
    marked: bool,
    begun: u32,
    committed: u32,
    unknown: bool,
    partly: bool,
    hooks: u32,
    last: Option<Body>,
    standing: Option<Standing>,
    ran: u32,
}

impl Reality {
    fn happen(&mut self, step: Step, event: Event) {
        match (step, event) {
            (Step::Lease, Event::Done) => self.held = true,
            (Step::Begin, Event::Begun { .. }) => {
                self.open = true;
                self.begun += 1;
            }
            (Step::Begin, Event::NotBegun { clean, .. }) => self.open = !clean,
            (Step::Savepoint, Event::Done) => self.savepoint = true,
            (Step::BeforeCommit, Event::Hooked(_, standing)) => self.standing = Some(standing),
            (Step::Body, Event::Ended(body, standing)) => {
                (self.last, self.standing) = (Some(body), Some(standing));
                self.ran += 1;
            }
            (Step::Commit, Event::Committed(commit)) => self.commit(commit),
            (Step::Rollback, Event::Gone) => (self.open, self.partly) = (false, true),
            (Step::Rollback | Step::Abandon, Event::Done) => self.open = false,
            (Step::Release | Step::Undo, Event::Done) => self.savepoint = false,
            (Step::Mark, _) => self.marked = true,
            (Step::GiveBack | Step::Discard, _) => (self.held, self.open) = (false, false),
            (Step::Hooks(_), _) => self.hooks += 1,
            _ => {}
        }
    }

    fn commit(&mut self, commit: Commit) {
        match commit {
            Commit::Done => (self.committed, self.open) = (self.committed + 1, false),
            // A session setting is still open, so to speak: the connection must not be lent again.
            Commit::DoneDirty => self.committed += 1,
            Commit::Refused(_) => {}
            Commit::Partly => self.partly = true,
            Commit::Unknown => self.unknown = true,
        }
    }
}

fn events(step: Step) -> Vec<Event> {
    let not_begun = CONFLICTS
        .into_iter()
        .flat_map(|conflict| [true, false].map(|clean| Event::NotBegun { conflict, clean }));
    match step {
        Step::Lease => not_begun.chain([Event::Done]).collect(),
        Step::Begin => {
            let begun = [true, false].map(|replayable| Event::Begun { replayable });
            not_begun.chain(begun).collect()
        }
        Step::Body => bodies()
            .flat_map(|body| standings().map(move |standing| Event::Ended(body, standing)))
            .collect(),
        Step::BeforeCommit => [true, false]
            .into_iter()
            .flat_map(|ok| standings().map(move |standing| Event::Hooked(ok, standing)))
            .collect(),
        Step::Commit => {
            let refused = CONFLICTS.map(Commit::Refused);
            let rest = [
                Commit::Done,
                Commit::DoneDirty,
                Commit::Partly,
                Commit::Unknown,
            ];
            refused
                .into_iter()
                .chain(rest)
                .map(Event::Committed)
                .collect()
        }
        Step::Pause(_) => vec![Event::Granted, Event::Declined],
        Step::Mark | Step::GiveBack | Step::Discard | Step::Hooks(_) => vec![Event::Done],
        Step::Rollback => vec![Event::Done, Event::Failed, Event::Gone],
        Step::Savepoint | Step::Abandon | Step::Release | Step::Undo => {
            vec![Event::Done, Event::Failed]
        }
        Step::Return(_) => Vec::new(),
    }
}

fn bodies() -> impl Iterator<Item = Body> {
    let errors = (0..8).map(|bits| Body::Err {
        commit: bits & 1 != 0,
        no_mark: bits & 2 != 0,
        replay: bits & 4 != 0,
    });
    [Body::Ok, Body::Panic, Body::TimedOut]
        .into_iter()
        .chain(errors)
}

fn standings() -> impl Iterator<Item = Standing> {
    let conflict = Conflict::Deadlock;
    [
        Standing::Sound,
        Standing::Pending(conflict),
        Standing::Marked(None),
        Standing::Marked(Some(conflict)),
        Standing::Spoiled(None),
        Standing::Spoiled(Some(conflict)),
        Standing::Abandoned,
        Standing::Lost,
    ]
    .into_iter()
}

/// What must hold whenever a step is about to be taken.
fn check_step(kind: Kind, step: Step, reality: Reality) {
    let own = matches!(kind, Kind::Own { .. });
    let sound = matches!(
        reality.standing,
        Some(Standing::Sound | Standing::Pending(_))
    );
    let stored = reality.committed > 0 || reality.unknown || reality.partly;
    match step {
        Step::Body if own => assert!(reality.open && !stored),
        Step::Commit => assert!(own && sound && reality.open && !stored),
        Step::Release => assert!(sound, "what cannot be committed is undone"),
        Step::GiveBack => assert!(
            !reality.open,
            "an open transaction reaches the next borrower"
        ),
        Step::Hooks(outcome) => check_hooks(outcome, reality),
        Step::Pause(_) => assert!(!stored && !reality.open && !reality.held),
        Step::Return(ending) => check_return(kind, ending, reality),
        _ => {}
    }
}

fn check_hooks(outcome: Outcome, reality: Reality) {
    assert!(!reality.held, "hooks run when the connection is back");
    assert!(!reality.open);
    assert_eq!(outcome == Outcome::Committed, reality.committed == 1);
    assert_eq!(outcome == Outcome::Unknown, reality.unknown);
    assert_eq!(outcome == Outcome::PartlyCommitted, reality.partly);
}

fn check_return(kind: Kind, ending: Ending, reality: Reality) {
    assert!(
        !reality.held && !reality.open,
        "nothing stays open behind a function that returned"
    );
    assert!(reality.committed <= 1, "a retried body commits once");
    let content = matches!(
        reality.last,
        Some(Body::Ok | Body::Err { commit: true, .. })
    );
    let as_the_body_says = ending == Ending::Body && reality.ran > 0;
    match kind {
        Kind::Own { .. } => {
            assert_eq!(
                as_the_body_says && content,
                reality.committed == 1,
                "Ok means committed"
            );
            assert_eq!(ending == Ending::Unknown, reality.unknown);
            assert_eq!(ending == Ending::PartlyCommitted, reality.partly);
            assert_eq!(
                reality.hooks, reality.begun,
                "hooks run once for each attempt that began"
            );
        }
        Kind::Nested => {
            assert!(
                !as_the_body_says || !content || !reality.savepoint,
                "Ok means released"
            );
            assert!(
                !reality.savepoint || reality.marked,
                "what was not undone is marked"
            );
        }
        Kind::Joined => {
            let harmless = matches!(
                reality.last,
                Some(Body::Ok | Body::Err { commit: true, .. } | Body::Err { no_mark: true, .. })
            );
            assert_eq!(reality.marked, !harmless);
        }
        Kind::Outside { .. } => assert_eq!(reality.committed, 0),
    }
}

/// What must hold if the call is dropped while it takes a step.
fn check_interruption(protocol: &Protocol, reality: Reality) {
    let step = protocol.step();
    let cleanup = protocol.interrupted();
    match protocol.kind() {
        Kind::Own { .. } => {
            let may_be_open = reality.open || step == Step::Begin;
            let seen_to = matches!(cleanup, Cleanup::Abandon { .. } | Cleanup::Unknown)
                || matches!(step, Step::Discard);
            assert!(
                !may_be_open || seen_to,
                "{step:?} leaves a transaction open"
            );
            assert_eq!(cleanup == Cleanup::Unknown, step == Step::Commit);
            let told = matches!(cleanup, Cleanup::Hooks(Outcome::Committed));
            let owed = reality.committed > 0 && reality.hooks < reality.begun;
            assert_eq!(
                told, owed,
                "{step:?}: commit hooks survive a cancelled caller"
            );
        }
        Kind::Nested | Kind::Joined => {
            let over = matches!(step, Step::Return(_));
            assert_eq!(
                cleanup,
                if over {
                    Cleanup::Nothing
                } else {
                    Cleanup::Mark
                }
            );
        }
        Kind::Outside { .. } => assert_eq!(cleanup, Cleanup::Nothing),
    }
}

/// Follows every sequence from here, and counts them.
fn explore(protocol: Protocol, reality: Reality, attempt: u32) -> u64 {
    check_step(protocol.kind(), protocol.step(), reality);
    check_interruption(&protocol, reality);
    let events = events(protocol.step());
    if events.is_empty() {
        return 1;
    }
    let mut sequences = 0;
    for event in events {
        if attempt == ATTEMPTS && event == Event::Granted {
            continue;
        }
        let (mut next, mut after) = (protocol, reality);
        after.happen(protocol.step(), event);
        next.on(event);
        if event == Event::Granted {
            after = Reality {
                begun: after.begun,
                hooks: after.hooks,
                ..Reality::default()
            };
        }
        sequences += explore(next, after, attempt + u32::from(event == Event::Granted));
    }
    sequences
}

#[test]
fn every_sequence_of_a_call_keeps_the_rules() {
    let mut kinds = vec![Kind::Nested, Kind::Joined];
    for leased in [true, false] {
        kinds.push(Kind::Outside { leased });
        kinds.extend([true, false].map(|retry| Kind::Own { leased, retry }));
    }
    let mut total = 0;
    for kind in kinds {
        total += explore(Protocol::new(kind), Reality::default(), 1);
    }
    assert!(total > SEQUENCES, "{total}");
}

#[test]
fn a_refused_call_leaves_nothing_to_clean_up() {
    assert_eq!(Protocol::over().interrupted(), Cleanup::Nothing);
}

#[test]
fn an_event_that_does_not_belong_changes_nothing() {
    let mut protocol = Protocol::new(Kind::Joined);
    assert_eq!(protocol.on(Event::Committed(Commit::Done)), Step::Body);
}
