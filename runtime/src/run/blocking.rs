//! The runner that blocks; does what the protocol says, knows no driver.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::panic_text;
use crate::ambient;
use crate::call::{Call, Caught, Entered, Flow, Guard, Verdict};
use crate::clock::{self, Deadline};
use crate::connection::{Begun, BlockingConnection, Connection, Mode, NotBegun, Undone};
use crate::definition::Definition;
use crate::engine::{Kind, Step};
use crate::error::{BoxError, Error};
use crate::hooks::{Blocking, BlockingHook, RolledBack};
use crate::observe;
use crate::outcome::{Evidence, Outcome};
use crate::seat::{Claim, Denied, Ground, Leased, Seat, Unready};
use crate::tx::{InTransaction, Tx};

/// A `before_commit` hook of a blocking transaction.
pub type BlockingCheck<C> =
    Box<dyn for<'t, 'c> FnOnce(&'t mut Tx<'c, C>) -> Result<(), BoxError> + Send>;

impl Mode for Blocking {
    type Hook = BlockingHook;
    type Check<C: Connection> = BlockingCheck<C>;
    /// Blocking hooks run at once: none is ever on its way.
    type Queue = ();

    fn enqueue(
        _: &mut (),
        function: &'static Definition,
        attempt: u32,
        hooks: Vec<(BlockingHook, RolledBack)>,
    ) {
        for (hook, reason) in hooks {
            let error = match catch_unwind(AssertUnwindSafe(|| hook(reason))) {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => panic_text(&*panic),
            };
            observe::emit(
                function,
                attempt,
                observe::Kind::HookFailed { error: &error },
            );
        }
    }
}

impl<C: BlockingConnection> Call<'_, C> {
    /// Goes on to where the body can run.
    pub fn enter_blocking(&mut self) -> Result<Entered<'_, C>, Error> {
        if let Some(refusal) = self.refused() {
            return Err(refusal);
        }
        loop {
            match self.protocol.step() {
                Step::Body => {
                    self.keep_time();
                    return self.entered();
                }
                Step::Return(_) => return Err(self.not_entered()),
                step => self.perform_blocking(step),
            }
        }
    }

    /// Goes on to where the function returns, or to where its body can run again.
    pub fn finish_blocking<R>(
        &mut self,
        caught: Caught<R>,
        verdict: Verdict,
        evidence: Evidence<R>,
    ) -> Flow<R> {
        self.leave_body();
        self.on_body(&caught, verdict, evidence);
        loop {
            match self.protocol.step() {
                Step::Return(ending) => {
                    return Flow::Return(self.conclude(ending, caught, evidence));
                }
                Step::Lease | Step::Begin => return Flow::Replay,
                step => self.perform_blocking(step),
            }
        }
    }

    /// The same for a function without `retry`.
    pub fn finish_once_blocking<R>(
        &mut self,
        caught: Caught<R>,
        verdict: Verdict,
        evidence: Evidence<R>,
    ) -> R {
        self.leave_body();
        self.on_body(&caught, verdict, evidence);
        loop {
            match self.protocol.step() {
                Step::Return(ending) => return self.conclude(ending, caught, evidence),
                step => self.perform_blocking(step),
            }
        }
    }

    /// Lets the handle know when the body's time is up: a body that blocks cannot be dropped, but its statements can be
    /// refused. The time of what is around it counts as well.
    fn keep_time(&mut self) {
        let function = self.definition;
        let own = match self.protocol.kind() {
            Kind::Own { .. } => self.deadline(),
            _ => function
                .timeout
                .and_then(|timeout| clock::now().checked_add(timeout)),
        };
        let around = match &self.ground {
            Ground::Open(tx) => tx.state.deadline,
            Ground::Own(own) => match &own.seat {
                Seat::Inner(tx) => tx.state.deadline,
                Seat::Leased(_) | Seat::Borrowed(_) => own.outer().and_then(|it| it.deadline),
            },
        };
        self.joined = around;
        self.ground.state_mut().deadline = own
            .map(|at| Deadline { at, function })
            .into_iter()
            .chain(around)
            .min_by_key(|deadline| deadline.at);
    }

    fn leave_body(&mut self) {
        if let Ground::Open(tx) = &mut self.ground {
            tx.state.deadline = self.joined;
        }
        if self.is_nested() {
            self.ask_blocking();
        }
    }

    fn perform_blocking(&mut self, step: Step) {
        match step {
            Step::Lease => {
                let definition = self.definition;
                let result = self
                    .leased()
                    .map_or(Ok(()), |leased| acquire(leased, definition));
                self.on_lease(result);
            }
            Step::Begin => self.begin_blocking(),
            Step::Savepoint => self.make_savepoint_blocking(),
            Step::BeforeCommit => self.run_checks_blocking(),
            Step::Commit => self.commit_blocking(),
            Step::Rollback => self.rollback_blocking(),
            Step::Abandon => self.on_abandon(),
            Step::Release => {
                let sql = self.release_sql();
                let result = self.control_blocking(sql);
                self.on_release(result);
            }
            Step::Undo => self.undo_blocking(),
            Step::Mark => self.on_mark(),
            Step::GiveBack => self.give_back(true),
            Step::Discard => self.give_back(false),
            Step::Hooks(outcome) => self.run_hooks_blocking(outcome),
            Step::Pause(conflict) => {
                let pause = self.pause(conflict);
                pause.into_iter().for_each(clock::block);
                self.on_pause(pause.is_some());
            }
            // The callers see to these two.
            Step::Body | Step::Return(_) => {}
        }
    }

    fn run_checks_blocking(&mut self) {
        let guard = self.guard();
        let caught = match self.parts() {
            Some((conn, state)) if !state.checks.is_empty() => {
                guard.run_blocking(|| run_checks(&mut Tx::new(conn, state)))
            }
            _ => Caught::Returned(Ok(())),
        };
        self.ask_blocking();
        self.on_checks(caught);
    }

    fn begin_blocking(&mut self) {
        if self.unsupported() {
            return;
        }
        let plan = self.plan();
        let result = if self.is_logical() {
            let sql = self.savepoint();
            self.control_blocking(sql)
                .map(|()| Begun::Own)
                .map_err(|error| NotBegun { error, clean: true })
        } else {
            let Some((conn, state)) = self.parts() else {
                return;
            };
            conn.begin(&plan, &mut state.memory)
        };
        self.on_begin(result);
    }

    fn make_savepoint_blocking(&mut self) {
        self.ask_anew_blocking();
        if self.is_refused() {
            return self.savepoint_too_late();
        }
        let sql = self.savepoint();
        let result = self.control_blocking(sql);
        self.on_savepoint(result);
    }

    /// Asks the engine whether the transaction is alive, where an error left that in doubt.
    fn ask_blocking(&mut self) {
        if self.is_doubtful() {
            self.ask_anew_blocking();
        }
    }

    /// The same also where something ran unseen. No answer is as good as a no.
    fn ask_anew_blocking(&mut self) {
        if let Some((conn, state)) = self.parts()
            && state.ask_blocking(conn).is_err()
        {
            state.attempt.probed(false);
        }
    }

    fn undo_blocking(&mut self) {
        let over = self
            .parts()
            .is_none_or(|(_, state)| state.attempt.is_over());
        if over {
            return self.undo_is_moot();
        }
        let sql = self.undo_sql();
        let result = self.control_blocking(sql);
        self.on_undo(result);
    }

    fn control_blocking(&mut self, sql: String) -> Result<(), C::Error> {
        let Some((conn, state)) = self.parts() else {
            return Ok(());
        };
        let result = conn.control(sql);
        if let Err(error) = &result {
            conn.diagnose(&mut state.memory, error);
        }
        result
    }

    fn commit_blocking(&mut self) {
        if !self.is_logical() {
            let Some((conn, state)) = self.parts() else {
                return;
            };
            let answer = conn.commit(&mut state.memory);
            return self.on_commit(answer);
        }
        let checked = self
            .check_sql()
            .map_or(Ok(()), |sql| self.control_blocking(sql));
        let released = checked.and_then(|()| {
            let sql = self.release_sql();
            self.control_blocking(sql)
        });
        self.on_commit_logical(released);
    }

    fn rollback_blocking(&mut self) {
        let result = if self.is_logical() {
            let sql = self.undo_sql();
            self.control_blocking(sql)
                .map(|()| Undone::RolledBack { clean: true })
        } else {
            let ended = self.was_rolled_back();
            let Some((conn, state)) = self.parts() else {
                return;
            };
            conn.rollback(&mut state.memory, ended)
        };
        self.on_rollback(result);
    }

    fn run_hooks_blocking(&mut self, outcome: Outcome) {
        self.on_outcome(outcome);
        let (attempt, hooks) = (self.number(), self.hooks(outcome));
        Blocking::enqueue(&mut self.queue.0, self.definition, attempt, hooks);
        self.on_hooks();
    }
}

impl<C: Connection, A> Tx<'_, C, A> {
    /// Runs `check` inside the transaction, when its function has returned `Ok` and before COMMIT. If it fails, the
    /// transaction is rolled back and the function returns [`Error::BeforeCommit`].
    ///
    /// A check registered under a savepoint that is undone does not run.
    pub fn before_commit_blocking<F>(&mut self, check: F)
    where
        C: BlockingConnection,
        A: InTransaction,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c, C>) -> Result<(), BoxError> + Send + 'static,
    {
        let depth = self.state.attempt.depth();
        self.state.checks.push((depth, Box::new(check)));
    }
}

fn acquire<C: BlockingConnection>(
    leased: &mut Leased<C>,
    definition: &'static Definition,
) -> Result<(), Denied> {
    let denied = |source: BoxError| Denied {
        error: Error::Acquire {
            function: definition.name,
            source,
        },
        conflict: None,
    };
    let claim = leased.claim(definition)?;
    let place = match &claim {
        Claim::Outermost => Some(
            leased
                .gate
                .outermost_blocking(leased.facts.patience, || C::spare(&leased.pool))
                .ok_or_else(|| {
                    denied("timed out while waiting for the pool's other transactions".into())
                })?,
        ),
        Claim::Another(_) => None,
    };
    let lease = C::lease(&leased.pool).map_err(|error| denied(Box::new(error)))?;
    let mut unready = Unready::<C>(Some(lease));
    if let (Some(sql), Some(lease)) = (leased.limit_locks(definition), &mut unready.0) {
        let limited = lease.control(sql.to_owned());
        limited.map_err(|error| denied(Box::new(error)))?;
    }
    if let Some(lease) = unready.0.take() {
        leased.keep(lease, place);
    }
    Ok(())
}

/// Runs the checks in order; one may register further ones.
fn run_checks<C: BlockingConnection>(tx: &mut Tx<'_, C>) -> Result<(), BoxError> {
    while !tx.state.checks.is_empty() {
        for (_, check) in std::mem::take(&mut tx.state.checks) {
            check(tx)?;
        }
    }
    Ok(())
}

impl Guard {
    /// Runs a body and catches its panic. A deadline is looked at between statements, and when the body has returned.
    pub fn run_blocking<R>(self, body: impl FnOnce() -> R) -> Caught<R> {
        let Self {
            deadline,
            span,
            around,
        } = self;
        let body = || catch_unwind(AssertUnwindSafe(body));
        match span.within(|| ambient::within(around, body)) {
            Ok(_) if deadline.is_some_and(|deadline| clock::now() >= deadline) => Caught::TimedOut,
            Ok(value) => Caught::Returned(value),
            Err(panic) => Caught::Panicked(panic),
        }
    }
}
