//! The user that servers run as, with its folders and commands; knows nothing of which servers there are.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::{Command, Stdio},
};

use tokio::io::AsyncWriteExt as _;

use super::error::{Doing as _, ServerError, end_of};

/// A user other than root.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// The user and its group to become; none where this is no root.
    ids: Option<(u32, u32)>,
}

impl Account {
    /// Ourselves; where that is root, the first of these that exists.
    pub(super) fn pick(names: &[&str]) -> Result<Self, ServerError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { ids: None });
        }
        let found = names
            .iter()
            .find_map(|name| Some((id("-u", name)?, id("-g", name)?)));
        match found {
            Some(ids) => Ok(Self { ids: Some(ids) }),
            None => Err(ServerError::NoUser(names.join(", "))),
        }
    }

    /// Ourselves, even where that is root.
    #[cfg(test)]
    pub(super) fn ourselves() -> Self {
        Self { ids: None }
    }

    /// Makes a folder that is this user's alone.
    pub(super) fn folder(&self, path: &Path) -> Result<(), ServerError> {
        let doing = || format!("make `{}`", path.display());
        fs::create_dir_all(path).doing(doing)?;
        fs::set_permissions(path, Permissions::from_mode(0o700)).doing(doing)?;
        self.give(path).doing(doing)
    }

    /// Writes a file that is this user's alone.
    pub(super) fn file(&self, path: &Path, text: &str) -> Result<(), ServerError> {
        let doing = || format!("write `{}`", path.display());
        fs::write(path, "").doing(doing)?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).doing(doing)?;
        fs::write(path, text).doing(doing)?;
        self.give(path).doing(doing)
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        match self.ids {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    /// Makes a folder that is this user's alone, in one that is not.
    pub(super) fn home(&self, path: &Path) -> Result<(), ServerError> {
        self.folder(path)?;
        self.reaches(path)
    }

    /// Better said here than by whichever program fails first.
    fn reaches(&self, path: &Path) -> Result<(), ServerError> {
        if self.ids.is_none() {
            return Ok(());
        }
        for folder in path.ancestors().skip(1) {
            let about = fs::metadata(folder).doing(|| format!("look at `{}`", folder.display()))?;
            if about.permissions().mode() & 0o001 == 0 {
                return Err(ServerError::Closed(folder.into()));
            }
        }
        Ok(())
    }

    /// A command as this user, in a process group of its own, without input or output yet.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.ids {
            // Our folder for temporary files may be ours alone.
            command.uid(user).gid(group).env_remove("TMPDIR");
        }
        command
            .process_group(0)
            // Ours may be closed to it.
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs a command that ends, all of its output appended to the log.
    pub(super) async fn run(
        &self,
        mut command: Command,
        input: &str,
        log: &Path,
    ) -> Result<(), ServerError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let doing = || format!("run {program}");
        logged(&mut command, log)?.stdin(Stdio::piped());
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().doing(doing)?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ends without reading says why in its log.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        if child.wait().await.doing(doing)?.success() {
            return Ok(());
        }
        Err(ServerError::Setup {
            program,
            log: end_of(log),
        })
    }
}

/// Appends what the command writes to a log.
pub(super) fn logged<'c>(
    command: &'c mut Command,
    log: &Path,
) -> Result<&'c mut Command, ServerError> {
    let doing = || format!("open `{}`", log.display());
    let file = OpenOptions::new().create(true).append(true).open(log);
    let file = file.doing(doing)?;
    let other = file.try_clone().doing(doing)?;
    Ok(command.stdout(file).stderr(other))
}

/// Asked of the program, which knows users that are in no file.
fn id(what: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([what, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A password nobody can guess.
pub(super) fn password() -> Result<String, ServerError> {
    let mut bytes = [0; 12];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.doing(|| "read /dev/urandom".into())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Marks the place in the log where a new start begins.
pub(super) fn mark(log: &Path, text: &str) {
    // A log without the mark is still a log.
    let _ = OpenOptions::new()
        .append(true)
        .create(true)
        .open(log)
        .and_then(|mut file| writeln!(file, "== {text}"));
}
