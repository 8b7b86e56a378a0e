//! Which module belongs to which layer, as data: the first layers know nothing of the later ones.

/// Modules that may name each other and those of the layers before.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    /// Folders and files below `src`, without `.rs`; the longest that fits a file is its own.
    pub(crate) modules: &'static [&'static str],
    /// Words that must not stand in their code.
    pub(crate) without: &'static [&'static [&'static str]],
    /// Its modules know nothing of each other either.
    pub(crate) apart: bool,
}

const fn layer(
    name: &'static str,
    modules: &'static [&'static str],
    without: &'static [&'static [&'static str]],
) -> Layer {
    Layer {
        name,
        modules,
        without,
        apart: false,
    }
}

const ASYNC: &[&str] = &["async", "await", "tokio", "Future", "futures_core"];
const CLOCK: &[&str] = &["Instant", "SystemTime", "sleep", "clock"];
const DRIVERS: &[&str] = &[
    "sqlx",
    "sqlx_core",
    "sqlx_postgres",
    "sqlx_mysql",
    "sqlx_sqlite",
    "diesel",
    "diesel_async",
];
const SIGHT: &[&str] = &["tracing", "metrics", "println", "eprintln"];

pub(crate) const RUNTIME: &[Layer] = &[
    layer(
        "vocabulary",
        &["conflict", "definition", "error", "outcome", "statement"],
        &[ASYNC, CLOCK, DRIVERS, SIGHT],
    ),
    layer("policy", &["hooks", "retry"], &[CLOCK, DRIVERS, SIGHT]),
    layer("engine", &["engine"], &[ASYNC, CLOCK, DRIVERS, SIGHT]),
    layer(
        "time and sight",
        &["ambient", "clock", "gate", "observe"],
        &[DRIVERS],
    ),
    layer("ports", &["connection"], &[CLOCK, DRIVERS, SIGHT]),
    layer(
        "handles",
        &["call", "seat", "source", "state", "tx"],
        &[DRIVERS, SIGHT],
    ),
    layer("runners", &["run"], &[DRIVERS, SIGHT]),
    layer(
        "engines",
        &["drivers/engines"],
        &[ASYNC, CLOCK, DRIVERS, SIGHT],
    ),
    layer("diesel's core", &["drivers/diesel_core"], &[CLOCK, SIGHT]),
    Layer {
        name: "drivers",
        modules: &[
            "drivers",
            "drivers/sqlx",
            "drivers/diesel",
            "drivers/diesel_async",
        ],
        without: &[],
        apart: true,
    },
    layer(
        "surface",
        &[
            "__private",
            "lib",
            "programmatic",
            "run/blocking_tests",
            "test",
        ],
        &[],
    ),
];

pub(crate) const MACROS: &[Layer] = &[
    layer("vocabulary", &["diag", "model"], &[]),
    layer("parse", &["parse"], &[]),
    layer("check", &["check"], &[]),
    layer("expand", &["expand"], &[&["Error"]]),
    layer("pipeline", &["pipeline", "lib", "tests"], &[]),
];

pub(crate) const TORTURE: &[Layer] = &[
    layer("vocabulary", &["report", "script", "seed"], &[DRIVERS]),
    layer("subject", &["subject"], &[DRIVERS]),
    layer(
        "what stands around it",
        &["place", "servers", "trials/cluster/nodes", "wire"],
        &[],
    ),
    layer("adapters", &["subjects"], &[]),
    layer("saboteurs", &["sabotage"], &[DRIVERS]),
    layer("trials", &["trials"], &[DRIVERS]),
    layer("program", &["main"], &[]),
];

/// The one file of the macros that names the runtime, which it does as `txkit::__private`.
pub(crate) const NAMES_THE_RUNTIME: &str = "macros/src/expand/paths.rs";

/// Folders whose files are what a test reads or compares, not modules.
pub(crate) const DATA: &[&str] = &["ui", "expansions", "snapshots", "target"];

/// The most lines a file may have.
pub(crate) const LINES: usize = 400;
