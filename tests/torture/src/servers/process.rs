//! A running server with all that it started: killed at once, never left behind; knows nothing of what it serves.

use std::{
    io,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    account::Account,
    error::{Doing as _, ServerError},
    proc::{self, Home, Seen},
};

/// How a server is ended when nobody watches any more.
#[derive(Clone, Copy, Debug)]
pub(super) enum Farewell {
    /// PostgreSQL's immediate shutdown, which gives its shared memory back to the system.
    Quit,
    /// None.
    Kill,
}

/// A server's first process and all that came of it.
#[derive(Debug)]
pub(super) struct Process {
    /// Waited for last of all, so that its id stays its own until then.
    child: Child,
    leash: Child,
    home: Home,
    farewell: Farewell,
    ended: bool,
}

impl Process {
    /// Starts it. The command must be of a process group of its own, and the server work in that folder.
    pub(super) fn start(
        mut command: Command,
        folder: &Path,
        account: &Account,
        farewell: Farewell,
    ) -> Result<Self, ServerError> {
        let home = Home::new(Path::new(command.get_program()), folder);
        let program = command.get_program().to_owned();
        let doing = || format!("start {}", program.display());
        let mut child = command.spawn().doing(doing)?;
        match leash(&child, account, farewell) {
            Ok(leash) => Ok(Self {
                child,
                leash,
                home,
                farewell,
                ended: false,
            }),
            Err(error) => {
                let _ = child.kill().and_then(|()| child.wait());
                Err(error).doing(|| "start sh".into())
            }
        }
    }

    /// Its first process.
    pub(super) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Whether its first process is still there.
    pub(super) fn is_alive(&self) -> bool {
        !self.ended && proc::one(self.pid()).is_some_and(|seen| !seen.is_dead())
    }

    /// SIGKILL to every process of it at once; returns when they are gone.
    pub(super) async fn kill(mut self) {
        while self.strike() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.bury();
    }

    /// Kills what there is; whether there was anything.
    fn strike(&self) -> bool {
        let tree = self.freeze();
        // PostgreSQL's first process, were it awake, would end the others its own way.
        for seen in &tree {
            signal(seen.pid, Signal::KILL);
        }
        !tree.is_empty()
    }

    /// Stops every process, so that none can start another or see one end.
    fn freeze(&self) -> Vec<Seen> {
        let mut stopped = Vec::new();
        loop {
            let tree = proc::tree(self.pid(), &self.home);
            let new = tree.iter().filter(|seen| !stopped.contains(&seen.pid));
            let new: Vec<i32> = new.map(|seen| seen.pid).collect();
            if new.is_empty() {
                return tree;
            }
            for pid in new {
                signal(pid, Signal::STOP);
                stopped.push(pid);
            }
        }
    }

    /// All is gone: nothing is left to be held.
    fn bury(&mut self) {
        let _ = self.leash.kill().and_then(|()| self.leash.wait());
        let _ = self.child.wait();
        self.ended = true;
    }

    /// As the system does when we are killed.
    #[cfg(test)]
    pub(super) fn let_go(&mut self) {
        drop(self.leash.stdin.take());
    }

    /// Lets it end by itself; those that do not are killed.
    fn say_farewell(&self) {
        if let Farewell::Kill = self.farewell {
            return;
        }
        // Known before: they lose their parent.
        let tree = proc::tree(self.pid(), &self.home);
        signal(self.pid(), Signal::QUIT);
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end && tree.iter().any(Seen::lives) {
            thread::sleep(Duration::from_millis(10));
        }
        for seen in tree.iter().filter(|seen| seen.lives()) {
            signal(seen.pid, Signal::KILL);
        }
        while tree.iter().any(Seen::lives) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.say_farewell();
        while self.strike() {
            thread::sleep(Duration::from_millis(5));
        }
        self.bury();
    }
}

/// Ends the server when we ourselves are killed, which closes the pipe.
fn leash(child: &Child, account: &Account, farewell: Farewell) -> io::Result<Child> {
    let pid = child.id();
    let (signal, whom) = match farewell {
        Farewell::Quit => ("QUIT", pid.to_string()),
        Farewell::Kill => ("KILL", format!("-{pid}")),
    };
    let mut command = account.command("/bin/sh");
    command.args(["-c", r#"read -r _ || kill -s "$0" -- "$1""#, signal, &whom]);
    command.stdin(Stdio::piped()).spawn()
}

fn signal(pid: i32, signal: Signal) {
    // Gone is what it should be.
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// SIGKILL to one process, as a PostgreSQL backend, whose server then ends all others and recovers.
///
/// # Errors
/// If there is no such process, or it is not ours to kill.
pub fn kill_pid(pid: i32) -> io::Result<()> {
    // Below are groups, everybody, and the first process of all.
    let pid = (pid > 1).then(|| Pid::from_raw(pid)).flatten();
    let pid = pid.ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(kill_process(pid, Signal::KILL)?)
}
