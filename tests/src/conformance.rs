//! Which case of the contract each adapter shows, and why not where it does not; knows no driver.

/// The cases of the contract that tests run, and what each is about.
pub const CASES: &[(&str, &str)] = &[
    ("c01", "Ok commits once"),
    ("c02", "Err rolls back once, the same error comes out"),
    ("c03", "BEGIN fails, the body never runs"),
    ("c04", "COMMIT fails, hooks know"),
    ("c05", "ROLLBACK fails, the body's error comes out"),
    ("c06", "a panic rolls back and goes on"),
    ("c07", "a deferred constraint fails at COMMIT"),
    ("c08", "a conflict at COMMIT is retried"),
    ("c09", "a swallowed error is `Poisoned`"),
    ("c10", "nothing is stored after the engine gave up"),
    ("c11", "`commit_on` commits, the Err is returned"),
    ("c12", "no error commits by accident"),
    ("c13", "DDL or a raw COMMIT is `PartlyCommitted`"),
    ("c14", "helpers on the lent connection nest"),
    ("c20", "three levels are one transaction"),
    ("c21", "a swallowed failure is `RollbackOnly`"),
    ("c22", "marked by its own body, rolled back"),
    ("c23", "a stricter isolation inside is an error"),
    ("c24", "changes in a read-only transaction are refused"),
    ("c25", "a plain helper is no transaction in the trace"),
    ("c26", "a service calls its own methods"),
    ("c30", "requires_new: two transactions"),
    ("c31", "requires_new on another database"),
    ("c32", "no connection for the inner one"),
    ("c33", "not_supported runs outside"),
    ("c34", "savepoints' names never collide"),
    ("c35", "a nested failure is undone alone"),
    ("c36", "a join inside nested"),
    ("c37", "nested from a pool is a transaction"),
    ("c38", "a savepoint that cannot be made"),
    ("c39", "a conflict inside a savepoint"),
    ("c50", "fails twice, then succeeds"),
    ("c51", "never succeeds"),
    ("c52", "a conflict wrapped in the program's error"),
    ("c53", "a conflict that surfaces as another error"),
    ("c54", "only the outermost call replays"),
    ("c55", "other errors are not retried"),
    ("c56", "COMMIT's answer is lost: `OutcomeUnknown`"),
    ("c57", "two that deadlock both end committed"),
    ("c58", "backoff, by the test's own clock"),
    ("c60", "hooks keep their order, each runs once"),
    ("c61", "hooks of an undone savepoint are gone"),
    ("c62", "a hook that fails or panics"),
    ("c63", "before_commit failing rolls back"),
    ("c64", "after_rollback is told the reason"),
    ("c65", "rolled-back tests run their hooks"),
    ("c70", "given up at any point, nothing stays"),
    ("c71", "given up during BEGIN and COMMIT"),
    ("c72", "a timeout rolls back"),
    ("c73", "a connection killed by the server"),
    ("c74", "requires_new never hangs on its own pool"),
    ("c75", "lock and statement timeouts"),
    ("c76", "a statement dropped unfinished"),
    ("c77", "a BEGIN that fails halfway"),
    ("c78", "waiting for one's own caller's lock"),
    ("c80", "concurrent transactions do not see each other"),
    ("c82", "traits, generics, methods, `impl Trait`"),
];

/// The cases that are compile errors, which `tests/ui` shows: there no adapter can differ in a test.
pub const COMPILE_ERRORS: &[(&str, &str)] = &[
    ("c40", "durable inside a transaction"),
    ("c81", "a handle that leaves its transaction"),
];

/// A driver on an engine.
#[derive(Clone, Copy, Debug)]
pub struct Adapter {
    /// The module of its tests.
    pub module: &'static str,
    /// What people call it: the driver, and the engine.
    pub name: (&'static str, &'static str),
    /// The cases that it cannot show, and why.
    pub not_applicable: &'static [(&'static str, &'static str)],
}

const NO_WIRE: &str = "an embedded database has no wire that this could be lost on";
const NO_OTHER_CODE: &str =
    "no statement is refused with another error's code once the transaction is over";
const NO_DEFERRED: &str = "InnoDB has no deferred constraints";
const NO_REFUSAL: &str =
    "nothing makes InnoDB refuse a COMMIT for certain: it has no deferred constraints";
const AT_STATEMENTS: &str =
    "a single server finds every conflict at a statement; at COMMIT only a cluster certifies";
const SECOND_WRITER: &str =
    "a second writer is refused before it could wait for its caller, see c30";
const NOT_KILLED: &str = "an embedded database has no server that could end a connection";
const NOT_DROPPED: &str = "a blocking statement has returned before anything could drop it";

const SQLITE: &[(&str, &str)] = &[
    ("c05", NO_WIRE),
    ("c53", NO_OTHER_CODE),
    ("c56", NO_WIRE),
    ("c73", NOT_KILLED),
    ("c78", SECOND_WRITER),
];
const MYSQL: &[(&str, &str)] = &[
    ("c04", NO_REFUSAL),
    ("c07", NO_DEFERRED),
    ("c08", AT_STATEMENTS),
    ("c53", NO_OTHER_CODE),
];
const BLOCKING_SQLITE: &[(&str, &str)] = &[
    ("c05", NO_WIRE),
    ("c53", NO_OTHER_CODE),
    ("c56", NO_WIRE),
    ("c73", NOT_KILLED),
    ("c76", NOT_DROPPED),
    ("c78", SECOND_WRITER),
];
const BLOCKING_MYSQL: &[(&str, &str)] = &[
    ("c04", NO_REFUSAL),
    ("c07", NO_DEFERRED),
    ("c08", AT_STATEMENTS),
    ("c53", NO_OTHER_CODE),
    ("c76", NOT_DROPPED),
];
const BLOCKING_POSTGRES: &[(&str, &str)] = &[("c76", NOT_DROPPED)];

const fn adapter(
    module: &'static str,
    name: (&'static str, &'static str),
    not_applicable: &'static [(&'static str, &'static str)],
) -> Adapter {
    Adapter {
        module,
        name,
        not_applicable,
    }
}

/// All adapters.
pub const ADAPTERS: [Adapter; 9] = [
    adapter("sqlite", ("SQLx", "SQLite"), SQLITE),
    adapter("postgres", ("SQLx", "PostgreSQL"), &[]),
    adapter("mysql", ("SQLx", "MariaDB"), MYSQL),
    adapter("diesel_async_sqlite", ("diesel-async", "SQLite"), SQLITE),
    adapter("diesel_async_postgres", ("diesel-async", "PostgreSQL"), &[]),
    adapter("diesel_async_mysql", ("diesel-async", "MariaDB"), MYSQL),
    adapter("diesel_sqlite", ("Diesel", "SQLite"), BLOCKING_SQLITE),
    adapter(
        "diesel_postgres",
        ("Diesel", "PostgreSQL"),
        BLOCKING_POSTGRES,
    ),
    adapter("diesel_mysql", ("Diesel", "MariaDB"), BLOCKING_MYSQL),
];

impl Adapter {
    /// Whether a test, by its whole name, is one of this adapter's.
    pub fn has(&self, test: &str) -> bool {
        test.split("::").next() == Some(self.module)
    }

    /// Why it cannot show a case.
    pub fn excuse(&self, case: &str) -> Option<&'static str> {
        let mut excused = self.not_applicable.iter();
        excused
            .find(|(excused, _)| *excused == case)
            .map(|(_, why)| *why)
    }
}

/// The cases in a test's name: `c04_c07_a_constraint_..` has two.
pub fn cases_of(test: &str) -> impl Iterator<Item = &str> {
    let name = test.rsplit("::").next().unwrap_or(test);
    name.split('_').filter(|word| {
        let digits = word.strip_prefix('c').unwrap_or_default();
        digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A test's name and whether it passed, if a line of libtest's or cargo-nextest's output says so.
pub fn result_of(line: &str) -> Option<(&str, bool)> {
    if let Some((name, result)) = line
        .strip_prefix("test ")
        .and_then(|it| it.split_once(" ... "))
    {
        return match result.split_whitespace().next()? {
            "ok" => Some((name, true)),
            "FAILED" => Some((name, false)),
            _ => None,
        };
    }
    let mut words = line.split_whitespace();
    let passed = match words.next()? {
        "PASS" | "FLAKY" => true,
        "FAIL" | "TIMEOUT" | "SIGABRT" | "SIGSEGV" => false,
        _ => return None,
    };
    words.last().map(|name| (name, passed))
}
