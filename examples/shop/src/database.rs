//! Which database a run uses, and how to name it without its password; opens nothing.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// The engines the shop runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::MySql),
            _ => None,
        }
    }
}

/// A database, by its URL. Shown, the URL has no password.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) engine: Engine,
    url: String,
    shown: String,
}

/// Why a database cannot be used. Every message names it without its password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error("`{url}` names no database: {problem}")]
    Url { url: String, problem: String },
    #[error("cannot make a temporary folder: {0}")]
    Folder(#[source] std::io::Error),
    #[error("cannot open `{url}`: {problem}")]
    Unreachable { url: String, problem: String },
    #[error("cannot make the table `{table}` in `{url}`: {problem}")]
    Table {
        url: String,
        table: &'static str,
        problem: String,
    },
    #[error("the run `{run}` is in `{url}` already: choose another `--run`")]
    Run { url: String, run: String },
    #[cfg(not(feature = "client-libraries"))]
    #[error(
        "blocking Diesel needs a C client library for {0}, and this shop was built without: install libpq and the \
         MySQL client library with their headers (on Debian the packages `libpq-dev` and `libmariadb-dev`) and build \
         with `--features client-libraries`, or choose another `--driver`"
    )]
    ClientLibraries(&'static str),
}

impl Target {
    /// The database that `url` names.
    pub(crate) fn new(url: &str) -> Result<Self, DatabaseError> {
        let shown = redacted(url);
        let error = |problem: String| DatabaseError::Url {
            url: shown.clone(),
            problem,
        };
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(error(
                "expected `sqlite:`, `postgres:` or `mysql:` in front".to_owned(),
            ));
        };
        let engine = Engine::of_scheme(&scheme.to_ascii_lowercase()).ok_or_else(|| {
            error(format!(
                "unknown scheme `{scheme}`, expected one of `sqlite`, `postgres`, `mysql`"
            ))
        })?;
        if engine == Engine::Sqlite {
            let file = rest.trim_start_matches("//");
            if file.is_empty() || file.contains(":memory:") || file.contains("mode=memory") {
                return Err(error(
                    "expected a file: the workers' connections share nothing else".to_owned(),
                ));
            }
        } else {
            Url::parse(url).map_err(|problem| error(problem.to_string()))?;
        }
        Ok(Target {
            engine,
            url: url.to_owned(),
            shown,
        })
    }

    /// A new SQLite file in a temporary folder. It stays there, to be looked at.
    pub(crate) fn temporary() -> Result<Self, DatabaseError> {
        let folder = tempfile::Builder::new()
            .prefix("shop-")
            .tempdir()
            .map_err(DatabaseError::Folder)?;
        let file: PathBuf = folder.keep().join("shop.db");
        Self::new(&format!("sqlite:{}", file.display()))
    }

    /// The whole URL, password and all: for the driver only.
    pub(crate) fn secret_url(&self) -> &str {
        &self.url
    }

    /// The URIs, in SQLite's own words, of a SQLite file and of the one beside it for the audit trail.
    pub(crate) fn sqlite_files(&self) -> [String; 2] {
        let (_, rest) = self.url.split_once(':').unwrap_or_default();
        let rest = rest.trim_start_matches("//");
        let (file, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let uri = |file: &Path| format!("file:{}{query}", file.display());
        let file = Path::new(file);
        [uri(file), uri(&audit_file(file))]
    }

    /// The error of a driver that cannot use this database.
    pub(crate) fn unreachable(&self, problem: impl fmt::Display) -> DatabaseError {
        let problem = problem.to_string();
        DatabaseError::Unreachable {
            url: self.to_string(),
            // libpq writes paragraphs
            problem: problem.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// The error of a driver that cannot make a table there.
    pub(crate) fn without(&self, table: &'static str, problem: impl fmt::Display) -> DatabaseError {
        DatabaseError::Table {
            url: self.to_string(),
            table,
            problem: problem.to_string(),
        }
    }
}

/// `shop.db` has its audit trail in `shop-audit.db`.
pub(crate) fn audit_file(file: &Path) -> PathBuf {
    let part =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let extension = file
        .extension()
        .map(|extension| format!(".{}", part(Some(extension))));
    let stem = part(file.file_stem());
    file.with_file_name(format!("{stem}-audit{}", extension.unwrap_or_default()))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// The URL without its query, which may hold a password, and without the one in front of the host.
///
/// By hand, because it has to work for URLs that are malformed as well; what is doubtful is left out.
fn redacted(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    if bare.starts_with("sqlite:") {
        return bare.to_owned();
    }
    let (scheme, rest) = match bare.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), bare),
    };
    // a password may itself contain `@`, so the last one counts
    let told = match rest.rsplit_once('@') {
        Some((credentials, host)) => format!("{}@{host}", user_of(credentials)),
        None if url.contains('@') || !is_host(rest) => format!("{}..", user_of(rest)),
        None => rest.to_owned(),
    };
    scheme + &told
}

fn user_of(credentials: &str) -> &str {
    credentials.split([':', '/']).next().unwrap_or_default()
}

/// Whether what follows the colon, if there is one, is a port and not half of `user:password`.
fn is_host(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    authority
        .split_once(':')
        .is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> String {
        match Target::new(url) {
            Ok(target) => target.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_scheme_decides() {
        let engine = |url: &str| Target::new(url).map(|target| target.engine).ok();
        assert_eq!(engine("sqlite:shop.db"), Some(Engine::Sqlite));
        assert_eq!(
            engine("sqlite:///tmp/shop.db?mode=rwc"),
            Some(Engine::Sqlite)
        );
        assert_eq!(engine("postgres://localhost/shop"), Some(Engine::Postgres));
        assert_eq!(
            engine("postgresql://localhost/shop"),
            Some(Engine::Postgres)
        );
        assert_eq!(engine("mysql://root@localhost/shop"), Some(Engine::MySql));
        assert_eq!(engine("oracle://localhost/shop"), None);
        assert_eq!(engine("shop.db"), None);
    }

    #[test]
    fn the_audit_trail_is_beside_the_shop() -> Result<(), DatabaseError> {
        let files = |url: &str| Target::new(url).map(|target| target.sqlite_files());
        assert_eq!(
            files("sqlite:///a.b/shop.db?mode=rwc")?,
            [
                "file:/a.b/shop.db?mode=rwc",
                "file:/a.b/shop-audit.db?mode=rwc"
            ]
        );
        assert_eq!(files("sqlite:shop")?, ["file:shop", "file:shop-audit"]);
        Ok(())
    }

    #[test]
    fn a_database_in_memory_cannot_be_shared() {
        for url in [
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite:",
            "sqlite://",
            "sqlite:x?mode=memory",
        ] {
            assert!(told(url).contains("expected a file"), "{url}");
        }
    }

    #[test]
    fn no_password_is_ever_told() {
        for url in [
            "postgres://shop:secret@localhost/shop",
            "postgres://shop:se@secret@localhost/shop",
            "postgres://shop:secret@localhost:port/shop",
            "postgres://localhost/shop?user=shop&password=secret",
            "oracle://shop:secret@localhost/shop",
            "mysql:shop:secret@localhost",
            "//shop:secret@localhost",
            "shop:secret",
            "postgres://shop:secret",
            "postgres://shop:1?secret@localhost/shop",
            "postgres://localhost/shop?password=not@secret",
        ] {
            assert!(!told(url).contains("secret"), "{}", told(url));
        }
        assert_eq!(
            told("postgres://shop:secret@localhost/shop"),
            "postgres://shop@localhost/shop"
        );
        assert_eq!(
            told("mysql://localhost:3306/shop"),
            "mysql://localhost:3306/shop"
        );
        assert_eq!(
            told("sqlite:/home/a@b/shop.db?mode=rwc"),
            "sqlite:/home/a@b/shop.db"
        );
    }

    #[test]
    fn debug_tells_no_more() {
        let target = Target::new("mysql://shop:secret@localhost/shop");
        assert_eq!(
            format!("{target:?}"),
            "Ok(Target(mysql://shop@localhost/shop))"
        );
    }
}
