//! What the system says of its processes, read from `/proc`; knows nothing of servers.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// A process, as the system shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) pid: i32,
    state: char,
    parent: i32,
    group: i32,
    /// When it began: an id is given again, but not with this.
    began: u64,
}

impl Seen {
    /// Whether it has ended, and only waits to be told of.
    pub(super) fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// Whether it is still the same and lives.
    pub(super) fn lives(&self) -> bool {
        one(self.pid).is_some_and(|now| now.began == self.began && !now.is_dead())
    }
}

/// One process, dead or alive.
pub(super) fn one(pid: i32) -> Option<Seen> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // A program's name, in parentheses, may hold anything.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
    Some(Seen {
        pid,
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        began: fields.nth(16)?.parse().ok()?,
    })
}

/// The living processes of a tree. Its root must not have been waited for yet, so that its id is nobody else's.
pub(super) fn tree(root: i32, home: &Home) -> Vec<Seen> {
    let all: Vec<Seen> = all().filter(|seen| !seen.is_dead()).collect();
    let mut ids = vec![root];
    // Those whose parent is gone are still in its group or, as PostgreSQL's, work in its folder.
    ids.extend(
        all.iter()
            .filter(|seen| seen.group == root || home.holds(seen.pid))
            .map(|seen| seen.pid),
    );
    loop {
        let before = ids.len();
        for seen in &all {
            if ids.contains(&seen.parent) && !ids.contains(&seen.pid) {
                ids.push(seen.pid);
            }
        }
        if ids.len() == before {
            return all
                .into_iter()
                .filter(|seen| ids.contains(&seen.pid))
                .collect();
        }
    }
}

fn all() -> impl Iterator<Item = Seen> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| one(entry.file_name().to_str()?.parse().ok()?))
}

/// A server's program and the folder it works in.
#[derive(Clone, Debug)]
pub(super) struct Home {
    program: PathBuf,
    folder: PathBuf,
    /// What the system calls the folder once somebody removed it.
    removed: PathBuf,
    owner: Option<u32>,
}

impl Home {
    pub(super) fn new(program: &Path, folder: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.into());
        let folder = real(folder);
        let mut removed = folder.clone().into_os_string();
        removed.push(" (deleted)");
        Self {
            program: real(program),
            removed: removed.into(),
            owner: owner(&folder),
            folder,
        }
    }

    /// Whether this process is such a server's. No where that may not be read, as in some containers.
    fn holds(&self, pid: i32) -> bool {
        let own = PathBuf::from(format!("/proc/{pid}"));
        let link = |name| fs::read_link(own.join(name));
        let here = |folder| folder == self.folder || folder == self.removed;
        link("cwd").is_ok_and(here)
            && link("exe").is_ok_and(|program| program == self.program)
            && self.owner.is_some_and(|ours| owner(&own) == Some(ours))
    }
}

fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|about| about.uid())
}
