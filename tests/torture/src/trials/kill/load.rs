//! Workers on one pool, who transfer until they are told to stop; knows no fault, nor who journals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::journal::Witness;
use super::ledger::Ledger;
use crate::sabotage::Sabotage;
use crate::subject::Client;
use crate::trials::bounded;

pub const WORKERS: usize = 8;

/// What the workers share.
pub struct Load {
    client: Arc<dyn Client>,
    witness: Arc<dyn Witness>,
    ledger: Ledger,
    sabotage: Option<Sabotage>,
    next: AtomicI64,
    stopped: AtomicBool,
    /// Whether what was struck has been mended.
    mended: AtomicBool,
    /// Workers who have committed since.
    recovered: AtomicUsize,
    committed: AtomicUsize,
}

/// Workers at work.
pub struct AtWork(Vec<JoinHandle<Option<i64>>>);

impl Load {
    /// Their first transfer has this token.
    pub fn new(
        client: Arc<dyn Client>,
        witness: Arc<dyn Witness>,
        ledger: Ledger,
        first: i64,
        sabotage: Option<Sabotage>,
    ) -> Arc<Self> {
        Arc::new(Self {
            client,
            witness,
            ledger,
            sabotage,
            next: AtomicI64::new(first),
            stopped: AtomicBool::new(false),
            mended: AtomicBool::new(false),
            recovered: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
        })
    }

    pub fn start(self: &Arc<Self>) -> AtWork {
        let workers = (0..WORKERS).map(|_| tokio::spawn(self.clone().transfer()));
        AtWork(workers.collect())
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    pub fn is_mended(&self) {
        self.mended.store(true, Ordering::SeqCst);
    }

    /// The token that comes next.
    pub fn next(&self) -> i64 {
        self.next.load(Ordering::SeqCst)
    }

    /// Waits until so many transfers are committed.
    pub async fn committed(&self, enough: usize) {
        while self.committed.load(Ordering::SeqCst) < enough {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until every worker has committed a transfer that was begun after the mending.
    pub async fn recovered(&self) {
        while self.recovered.load(Ordering::SeqCst) < WORKERS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Until told to stop; the token of a transfer that hangs.
    async fn transfer(self: Arc<Self>) -> Option<i64> {
        let mut has_recovered = false;
        while !self.stopped.load(Ordering::SeqCst) {
            let token = self.next.fetch_add(1, Ordering::SeqCst);
            let mended = self.mended.load(Ordering::SeqCst);
            let Some(committed) = self.one(token).await else {
                return Some(token);
            };
            if !committed {
                // The server may be down, and is not to be stormed.
                tokio::time::sleep(Duration::from_millis(3)).await;
            } else if mended && !has_recovered {
                has_recovered = true;
                self.recovered.fetch_add(1, Ordering::SeqCst);
            }
        }
        None
    }

    /// Whether it was told committed; nothing if it hangs.
    async fn one(&self, token: i64) -> Option<bool> {
        let early = self.sabotage == Some(Sabotage::AckEarly);
        let call = self.ledger.transfer(token).call(&self.witness);
        if early {
            self.witness.note(call.said_too_early());
        }
        let told = bounded(self.client.call(call.shape, call.script.clone())).await?;
        if !early {
            self.witness.note(call.ended(&told));
        }
        if told.is_committed() {
            self.committed.fetch_add(1, Ordering::SeqCst);
        }
        Some(told.is_committed())
    }
}

impl AtWork {
    /// The tokens of those that hang, once all others have ended.
    pub async fn ended(self) -> Vec<i64> {
        let ended = join_all(self.0).await;
        let hung = ended.into_iter().filter_map(|it| it.expect("no panic"));
        hung.collect()
    }
}
