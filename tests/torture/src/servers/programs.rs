//! Finds the programs that servers are made of; knows nothing of how they are run.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::error::ServerError;

const SERVER_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

/// The folder of PostgreSQL's own programs, of the newest version that is installed.
pub(super) fn postgres_folder() -> Result<PathBuf, ServerError> {
    let named = env::var_os("TXKIT_POSTGRES_BIN").map(PathBuf::from);
    let found = match named {
        Some(folder) => Some(folder).filter(|folder| folder.join("initdb").is_file()),
        None => newest_postgres().or_else(|| {
            let initdb = on_path("initdb")?.canonicalize().ok()?;
            initdb.parent().map(Path::to_path_buf)
        }),
    };
    found.ok_or(ServerError::Missing {
        what: "a PostgreSQL server (initdb)",
        package: "postgresql",
        variable: Some("TXKIT_POSTGRES_BIN"),
    })
}

fn newest_postgres() -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    children(Path::new("/usr/lib/postgresql"))
        .filter(|folder| folder.join("bin/initdb").is_file())
        .max_by_key(version)
        .map(|folder| folder.join("bin"))
}

/// MariaDB's server.
pub(super) fn mariadbd() -> Result<PathBuf, ServerError> {
    let named = env::var_os("TXKIT_MARIADBD").map(PathBuf::from);
    let found = match named {
        Some(program) => Some(program).filter(|program| program.is_file()),
        None => ["mariadbd", "mysqld"]
            .iter()
            .find_map(|name| on_path(name).or_else(|| within(&SERVER_FOLDERS, name))),
    };
    found.ok_or(ServerError::Missing {
        what: "a MariaDB server (mariadbd)",
        package: "mariadb-server",
        variable: Some("TXKIT_MARIADBD"),
    })
}

/// What makes a data folder for this server: beside it, or where programs are.
pub(super) fn mariadb_install(server: &Path) -> Result<PathBuf, ServerError> {
    let root = server.parent().and_then(Path::parent);
    let beside = root.into_iter().flat_map(|root| {
        ["bin", "scripts"].map(|folder| root.join(folder).join("mariadb-install-db"))
    });
    let mut beside = beside.filter(|program| program.is_file());
    beside
        .next()
        .or_else(|| on_path("mariadb-install-db"))
        .ok_or(ServerError::Missing {
            what: "mariadb-install-db",
            package: "mariadb-server",
            variable: None,
        })
}

/// Galera's library.
pub(super) fn galera() -> Result<PathBuf, ServerError> {
    let name = "libgalera_smm.so";
    let below = ["/usr/lib", "/usr/lib64"].map(Path::new);
    let deeper = below.into_iter().flat_map(children);
    let galera = deeper.flat_map(|folder| children(&folder).chain([folder]));
    below
        .iter()
        .flat_map(|folder| ["galera", "galera-4"].map(|galera| folder.join(galera)))
        .chain(galera.filter(|folder| folder.to_string_lossy().contains("galera")))
        .map(|folder| folder.join(name))
        .find(|library| library.is_file())
        .ok_or(ServerError::Missing {
            what: "Galera (libgalera_smm.so)",
            package: "galera-4",
            variable: None,
        })
}

/// What the state transfer between nodes calls.
pub(super) fn transfer() -> Result<(), ServerError> {
    let needed = [
        ("rsync", "rsync"),
        ("wsrep_sst_rsync", "mariadb-server"),
        ("my_print_defaults", "mariadb-client"),
    ];
    for (what, package) in needed {
        on_path(what).ok_or(ServerError::Missing {
            what,
            package,
            variable: None,
        })?;
    }
    // Either tells it who listens.
    on_path("ss")
        .or_else(|| on_path("lsof"))
        .map(drop)
        .ok_or(ServerError::Missing {
            what: "ss or lsof",
            package: "iproute2",
            variable: None,
        })
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join(name));
    found.into_iter().find(|program| program.is_file())
}

fn within(folders: &[&str], name: &str) -> Option<PathBuf> {
    let mut found = folders.iter().map(|folder| Path::new(folder).join(name));
    found.find(|program| program.is_file())
}

fn children(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}
