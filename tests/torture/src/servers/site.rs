//! Where one server lives and how it is started and waited for; knows nothing of what it is to serve.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    account::{Account, logged, mark},
    error::{ServerError, end_of},
    process::{Farewell, Process},
};

/// A watchdog: crash recovery and a state transfer end long before.
const PATIENCE: Duration = Duration::from_secs(180);

/// The same for all of a server's starts, but for the port, which is settled by the first.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) scheme: &'static str,
    pub(super) program: PathBuf,
    pub(super) account: Account,
    pub(super) password: String,
    pub(super) port: u16,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    pub(super) farewell: Farewell,
}

impl Site {
    pub(super) fn url(&self) -> String {
        let (scheme, password, port) = (self.scheme, &self.password, self.port);
        format!("{scheme}://txkit:{password}@127.0.0.1:{port}/txkit")
    }

    pub(super) fn address(&self) -> (String, u16) {
        ("127.0.0.1".into(), self.port)
    }

    /// The folder that holds the data folder, the settings and the log.
    pub(super) fn home(&self) -> &Path {
        self.data.parent().unwrap_or(&self.data)
    }

    pub(super) fn start(&self, args: &[String]) -> Result<Process, ServerError> {
        mark(&self.log, &format!("start on port {}", self.port));
        let mut command = self.account.command(&self.program);
        logged(command.args(args), &self.log)?;
        Process::start(command, &self.data, &self.account, self.farewell)
    }

    /// Waits until it is ready, as long as it lives.
    pub(super) async fn until<F, R>(&self, process: &Process, ready: F) -> Result<(), ServerError>
    where
        F: Fn() -> R,
        R: Future<Output = bool>,
    {
        let begun = Instant::now();
        while !ready().await {
            if !process.is_alive() {
                return Err(ServerError::Ended(end_of(&self.log)));
            }
            if begun.elapsed() > PATIENCE {
                return Err(ServerError::Silent {
                    seconds: PATIENCE.as_secs(),
                    log: end_of(&self.log),
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}
