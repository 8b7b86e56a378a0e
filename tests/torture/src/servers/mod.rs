//! Servers of our own, which may be killed at any moment and started again on the same data; knows nothing of what runs on them.
//!
//! Needs Linux, whose `/proc` tells which processes are a server's.

mod account;
mod error;
mod galera;
mod mariadb;
mod ping;
mod ports;
mod postgres;
mod proc;
mod process;
mod programs;
mod site;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::ServerError;
pub use galera::Cluster;
pub use process::kill_pid;

use process::Process;
use site::Site;

/// Another program may take the port between our look and the server's start.
const TRIES: usize = 3;

/// A PostgreSQL or MariaDB server, killed with all of its processes when dropped.
///
/// What is committed is on the disk, as in production; the folder belongs to the caller, and where that is root,
/// others must be able to pass through it (mode 711): no server runs as root.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    site: Site,
    process: Option<Process>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Postgres,
    Mariadb,
}

impl Server {
    /// Makes and starts a PostgreSQL server below `home`.
    ///
    /// # Errors
    /// If it is not installed, or does not start.
    pub async fn postgres(home: &Path) -> Result<Self, ServerError> {
        Self::first(Kind::Postgres, postgres::prepare(home).await?).await
    }

    /// Makes and starts a MariaDB server below `home`.
    ///
    /// # Errors
    /// If it is not installed, or does not start.
    pub async fn mariadb(home: &Path) -> Result<Self, ServerError> {
        let site = mariadb::prepare(&home.join("mariadb")).await?;
        Self::first(Kind::Mariadb, site).await
    }

    async fn first(kind: Kind, site: Site) -> Result<Self, ServerError> {
        let process = None;
        let mut server = Self {
            kind,
            site,
            process,
        };
        let mut tries = 0..TRIES;
        loop {
            tries.next();
            [server.site.port] = ports::free();
            match server.start_again().await {
                Err(ServerError::Ended(_)) if !tries.is_empty() => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(server),
            }
        }
    }

    /// Where clients find the database `txkit`, as a user who may do everything.
    #[must_use]
    pub fn url(&self) -> String {
        self.site.url()
    }

    /// SIGKILL to the server and all of its backends at once; returns when they are gone.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Starts it on the same port and data; returns when it has recovered and takes clients.
    ///
    /// # Errors
    /// If it runs already, or does not start.
    pub async fn start_again(&mut self) -> Result<(), ServerError> {
        if self.process.as_ref().is_some_and(Process::is_alive) {
            return Err(ServerError::Running);
        }
        // One that ended by itself may have left processes behind.
        self.kill().await;
        let site = &self.site;
        let args = match self.kind {
            Kind::Postgres => postgres::args(site),
            Kind::Mariadb => {
                mariadb::configure(site, "")?;
                mariadb::args(site)
            }
        };
        let process = site.start(&args)?;
        match self.kind {
            Kind::Postgres => site.until(&process, || ping::postgres(site)).await?,
            Kind::Mariadb => site.until(&process, || ping::mysql(site)).await?,
        }
        self.process = Some(process);
        Ok(())
    }
}
