//! The runner that awaits; does what the protocol says, knows no driver.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::queue::AsyncQueue;
use crate::ambient;
use crate::call::{Call, Caught, Entered, Flow, Guard, Verdict};
use crate::clock;
use crate::connection::{AsyncConnection, Connection, Mode, NotBegun, Undone};
use crate::definition::Definition;
use crate::engine::Step;
use crate::error::{BoxError, Error};
use crate::hooks::{Async, AsyncHook, RolledBack};
use crate::outcome::{Evidence, Outcome};
use crate::seat::{Claim, Denied, Leased, Unready};
use crate::tx::{InTransaction, Tx};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A `before_commit` hook of an asynchronous transaction.
pub type AsyncCheck<C> =
    Box<dyn for<'t, 'c> FnOnce(&'t mut Tx<'c, C>) -> BoxFuture<'t, Result<(), BoxError>> + Send>;

impl Mode for Async {
    type Hook = AsyncHook;
    type Check<C: Connection> = AsyncCheck<C>;
    type Queue = AsyncQueue;

    fn enqueue(
        queue: &mut AsyncQueue,
        function: &'static Definition,
        attempt: u32,
        hooks: Vec<(AsyncHook, RolledBack)>,
    ) {
        queue.extend(function, attempt, hooks);
    }
}

impl<C: AsyncConnection> Call<'_, C> {
    /// Goes on to where the body can run.
    pub async fn enter(&mut self) -> Result<Entered<'_, C>, Error> {
        if let Some(refusal) = self.refused() {
            return Err(refusal);
        }
        loop {
            match self.protocol.step() {
                Step::Body => return self.entered(),
                Step::Return(_) => return Err(self.not_entered()),
                step => self.perform(step).await,
            }
        }
    }

    /// Goes on to where the function returns, or to where its body can run again.
    pub async fn finish<R>(
        &mut self,
        caught: Caught<R>,
        verdict: Verdict,
        evidence: Evidence<R>,
    ) -> Flow<R> {
        if self.is_nested() {
            self.ask().await;
        }
        self.on_body(&caught, verdict, evidence);
        loop {
            match self.protocol.step() {
                Step::Return(ending) => {
                    return Flow::Return(self.conclude(ending, caught, evidence));
                }
                Step::Lease | Step::Begin => return Flow::Replay,
                step => self.perform(step).await,
            }
        }
    }

    /// The same for a function without `retry`.
    pub async fn finish_once<R>(
        &mut self,
        caught: Caught<R>,
        verdict: Verdict,
        evidence: Evidence<R>,
    ) -> R {
        if self.is_nested() {
            self.ask().await;
        }
        self.on_body(&caught, verdict, evidence);
        loop {
            match self.protocol.step() {
                Step::Return(ending) => return self.conclude(ending, caught, evidence),
                step => self.perform(step).await,
            }
        }
    }

    async fn perform(&mut self, step: Step) {
        match step {
            Step::Lease => self.lease().await,
            Step::Begin => self.begin().await,
            Step::Savepoint => self.make_savepoint().await,
            Step::BeforeCommit => self.run_checks().await,
            Step::Commit => self.commit().await,
            Step::Rollback => self.rollback().await,
            Step::Abandon => self.on_abandon(),
            Step::Release => {
                let sql = self.release_sql();
                let result = self.control(sql).await;
                self.on_release(result);
            }
            Step::Undo => self.undo().await,
            Step::Mark => self.on_mark(),
            Step::GiveBack => self.give_back(true),
            Step::Discard => self.give_back(false),
            Step::Hooks(outcome) => self.run_hooks(outcome).await,
            Step::Pause(conflict) => {
                let pause = self.pause(conflict);
                if let Some(pause) = pause {
                    clock::sleep(pause).await;
                }
                self.on_pause(pause.is_some());
            }
            // The callers see to these two.
            Step::Body | Step::Return(_) => {}
        }
    }

    async fn lease(&mut self) {
        let definition = self.definition;
        let result = match self.leased() {
            Some(leased) => acquire(leased, definition).await,
            None => Ok(()),
        };
        self.on_lease(result);
    }

    async fn begin(&mut self) {
        if self.unsupported() {
            return;
        }
        let plan = self.plan();
        let result = if self.is_logical() {
            let sql = self.savepoint();
            self.control(sql)
                .await
                .map(|()| crate::connection::Begun::Own)
                .map_err(|error| NotBegun { error, clean: true })
        } else {
            let Some((conn, state)) = self.parts() else {
                return;
            };
            conn.begin(&plan, &mut state.memory).await
        };
        self.on_begin(result);
    }

    async fn make_savepoint(&mut self) {
        self.ask_anew().await;
        if self.is_refused() {
            return self.savepoint_too_late();
        }
        let sql = self.savepoint();
        let result = self.control(sql).await;
        self.on_savepoint(result);
    }

    /// Asks the engine whether the transaction is alive, where an error left that in doubt.
    async fn ask(&mut self) {
        if self.is_doubtful() {
            self.ask_anew().await;
        }
    }

    /// The same also where something ran unseen. No answer is as good as a no.
    async fn ask_anew(&mut self) {
        if let Some((conn, state)) = self.parts()
            && state.ask(conn).await.is_err()
        {
            state.attempt.probed(false);
        }
    }

    async fn undo(&mut self) {
        let over = self
            .parts()
            .is_none_or(|(_, state)| state.attempt.is_over());
        if over {
            self.undo_is_moot();
            return;
        }
        let sql = self.undo_sql();
        let result = self.control(sql).await;
        self.on_undo(result);
    }

    async fn control(&mut self, sql: String) -> Result<(), C::Error> {
        let Some((conn, state)) = self.parts() else {
            return Ok(());
        };
        let result = conn.control(sql).await;
        if let Err(error) = &result {
            conn.diagnose(&mut state.memory, error).await;
        }
        result
    }

    async fn run_checks(&mut self) {
        let guard = self.guard();
        let caught = match self.parts() {
            Some((conn, state)) if !state.checks.is_empty() => {
                guard.run(run_checks(&mut Tx::new(conn, state))).await
            }
            _ => Caught::Returned(Ok(())),
        };
        self.ask().await;
        self.on_checks(caught);
    }

    async fn commit(&mut self) {
        if self.is_logical() {
            return self.commit_logical().await;
        }
        let left = self
            .deadline()
            .map(|deadline| deadline.saturating_duration_since(clock::now()));
        let Some((conn, state)) = self.parts() else {
            return;
        };
        match within(left, conn.commit(&mut state.memory)).await {
            Some(answer) => self.on_commit(answer),
            None => self.commit_timed_out(),
        }
    }

    async fn commit_logical(&mut self) {
        let checked = match self.check_sql() {
            Some(sql) => self.control(sql).await,
            None => Ok(()),
        };
        let released = match checked {
            Ok(()) => {
                let sql = self.release_sql();
                self.control(sql).await
            }
            Err(error) => Err(error),
        };
        self.on_commit_logical(released);
    }

    async fn rollback(&mut self) {
        if self.is_logical() {
            let sql = self.undo_sql();
            let result = self
                .control(sql)
                .await
                .map(|()| Undone::RolledBack { clean: true });
            return self.on_rollback(result);
        }
        let ended = self.was_rolled_back();
        let Some((conn, state)) = self.parts() else {
            return;
        };
        let result = conn.rollback(&mut state.memory, ended).await;
        self.on_rollback(result);
    }

    async fn run_hooks(&mut self, outcome: Outcome) {
        self.on_outcome(outcome);
        let (attempt, hooks) = (self.number(), self.hooks(outcome));
        Async::enqueue(&mut self.queue.0, self.definition, attempt, hooks);
        self.queue.0.drain().await;
        self.on_hooks();
    }
}

impl<C: Connection, A> Tx<'_, C, A> {
    /// Runs `check` inside the transaction, when its function has returned `Ok` and before COMMIT. If it fails, the
    /// transaction is rolled back and the function returns [`Error::BeforeCommit`].
    ///
    /// A check registered under a savepoint that is undone does not run.
    pub fn before_commit<F>(&mut self, check: F)
    where
        C: AsyncConnection,
        A: InTransaction,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c, C>) -> BoxFuture<'t, Result<(), BoxError>>
            + Send
            + 'static,
    {
        let depth = self.state.attempt.depth();
        self.state.checks.push((depth, Box::new(check)));
    }
}

async fn acquire<C: AsyncConnection>(
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
        Claim::Outermost => Some(match leased.gate.try_outermost() {
            Some(place) => place,
            None => within(Some(leased.facts.patience), leased.gate.outermost())
                .await
                .ok_or_else(|| {
                    denied("timed out while waiting for the pool's other transactions".into())
                })?,
        }),
        Claim::Another(_) => None,
    };
    let lease = C::lease(&leased.pool).await;
    let mut unready = Unready::<C>(Some(lease.map_err(|error| denied(Box::new(error)))?));
    if let (Some(sql), Some(lease)) = (leased.limit_locks(definition), &mut unready.0) {
        let limited = lease.control(sql.to_owned()).await;
        limited.map_err(|error| denied(Box::new(error)))?;
    }
    if let Some(lease) = unready.0.take() {
        leased.keep(lease, place);
    }
    Ok(())
}

/// Runs the checks in order; one may register further ones.
async fn run_checks<C: AsyncConnection>(tx: &mut Tx<'_, C>) -> Result<(), BoxError> {
    while !tx.state.checks.is_empty() {
        for (_, check) in std::mem::take(&mut tx.state.checks) {
            check(tx).await?;
        }
    }
    Ok(())
}

/// The future's output, unless its time is up before; by the injected clock.
async fn within<F: Future>(time: Option<Duration>, future: F) -> Option<F::Output> {
    let Some(time) = time else {
        return Some(future.await);
    };
    let mut future = pin!(future);
    let mut sleep = pin!(clock::sleep(time));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}

impl Guard {
    /// Runs a body: catches its panic, and drops it when its deadline passes.
    pub async fn run<F: Future>(self, body: F) -> Caught<F::Output> {
        let Self {
            deadline,
            span,
            around,
        } = self;
        let left =
            deadline.map(|deadline: Instant| deadline.saturating_duration_since(clock::now()));
        let mut body = pin!(body);
        let guarded = poll_fn(|cx| {
            let poll = || catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx)));
            match span.within(|| ambient::within(around, poll)) {
                Ok(poll) => poll.map(Caught::Returned),
                Err(panic) => Poll::Ready(Caught::Panicked(panic)),
            }
        });
        within(left, guarded).await.unwrap_or(Caught::TimedOut)
    }
}
