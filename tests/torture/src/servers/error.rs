//! Why a server could not be had; knows nothing of how one is started.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why a server could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A program or library is not installed.
    #[error("{what} is missing: install it (Debian: {package}){}", .variable.map(|name| format!(" or set {name}")).unwrap_or_default())]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// The Debian package that has it.
        package: &'static str,
        /// The variable that says where it is, if there is one.
        variable: Option<&'static str>,
    },
    /// This is root, servers do not run as root, and there is nobody else.
    #[error("servers do not run as root, and none of these users exists: {0}")]
    NoUser(String),
    /// The server's user may not pass through this folder.
    #[error("`{0}` is closed to the server's user: chmod 711")]
    Closed(PathBuf),
    /// The system refused something.
    #[error("cannot {0}")]
    Io(String, #[source] io::Error),
    /// A program that prepares a server failed.
    #[error("{program} failed; the end of its log:\n{log}")]
    Setup {
        /// The program.
        program: String,
        /// The end of what it wrote.
        log: String,
    },
    /// The server ended before it took a client.
    #[error("the server ended as it started; the end of its log:\n{0}")]
    Ended(String),
    /// The server runs but takes no client.
    #[error("the server runs but is not ready after {seconds} s; the end of its log:\n{log}")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
        /// The end of what it wrote.
        log: String,
    },
    /// No node of the cluster lives that another could join.
    #[error(
        "no node of the cluster lives: it would have to be bootstrapped, which is not done here"
    )]
    NobodyLives,
    /// It runs already.
    #[error("the server runs already")]
    Running,
}

/// Says what was being done when the system refused.
pub(super) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, ServerError>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, ServerError> {
        self.map_err(|error| ServerError::Io(what(), error.into()))
    }
}

/// The last lines of a log: more than the advice that some programs end with.
pub(super) fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(50)..].join("\n")
}
