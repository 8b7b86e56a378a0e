//! The functions whose wire fails, and what each of them stores; knows no fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::place::{Held, Place};
use crate::script::{Script, Shape, Step, Tally};
use crate::subject::Engine;

/// `told` has the rows of a function, `other` those of an independent one.
pub const TABLES: &str = "CREATE TABLE told (token BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (token, n)); \
    CREATE TABLE other (token BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (token, n));";

/// The table of the lock.
pub const KEPT: &str = "kept_by_an_outsider";

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Plain,
    ThreeDeep,
    Nested,
    /// Its savepoint fails, and it goes on.
    NestedInVain,
    RequiresNew,
    /// Its first attempt meets a conflict.
    Retried,
    Timed,
    Fussy,
    /// Its body fails in the end.
    Refusing,
}

/// A call of it.
#[derive(Debug)]
pub struct Call {
    pub token: i64,
    pub shape: Shape,
    pub script: Script,
    /// The rows that it stores, by their number.
    pub rows: Vec<i64>,
    pub tally: Arc<Tally>,
    /// The rows of the independent transaction inside of it, and its hooks.
    pub other: Option<(Vec<i64>, Arc<Tally>)>,
    /// How often the body may run.
    pub bodies: u32,
}

impl Function {
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::ThreeDeep,
        Self::Nested,
        Self::NestedInVain,
        Self::RequiresNew,
        Self::Retried,
        Self::Timed,
        Self::Fussy,
        Self::Refusing,
    ];

    /// Whether it commits if nothing happens.
    pub fn commits(self) -> bool {
        self != Self::Refusing
    }

    /// How many connections it needs, and one more: an outermost call leaves one free once a pool was asked for a second.
    pub fn connections(self) -> u32 {
        if self == Self::RequiresNew { 2 } else { 1 }
    }

    /// A call that stores rows of this token; the statement is one that meets a conflict.
    pub fn call(self, token: i64, conflict: &str) -> Call {
        let tally = Arc::new(Tally::default());
        let insert = |n: i64| Step::run(format!("INSERT INTO told VALUES ({token}, {n})"));
        let watch = Step::Watch(tally.clone());
        let mut call = Call {
            token,
            shape: Shape::Plain,
            script: Vec::new().into(),
            rows: vec![1, 2],
            tally,
            other: None,
            bodies: 1,
        };
        let steps = match self {
            Self::Plain => vec![watch, insert(1), insert(2)],
            Self::ThreeDeep => {
                call.rows = vec![1, 2, 3];
                let innermost = Step::call(Shape::Plain, [insert(3)]);
                let inner = Step::call(Shape::Plain, [insert(2), innermost]);
                vec![watch, insert(1), inner]
            }
            Self::Nested => {
                call.rows = vec![1, 2, 3];
                vec![
                    watch,
                    insert(1),
                    Step::call(Shape::Nested, [insert(2)]),
                    insert(3),
                ]
            }
            Self::NestedInVain => {
                call.rows = vec![1, 3];
                // The second one is a duplicate.
                let fails = Step::attempt(Shape::Nested, [insert(2), insert(1)]);
                vec![watch, insert(1), fails, insert(3)]
            }
            Self::RequiresNew => {
                let other = Arc::new(Tally::default());
                call.other = Some((vec![1], other.clone()));
                let row = Step::run(format!("INSERT INTO other VALUES ({token}, 1)"));
                let inner = Step::call(Shape::RequiresNew, [Step::Watch(other), row]);
                vec![watch, insert(1), inner, insert(2)]
            }
            Self::Retried => {
                call.shape = Shape::Retried;
                call.bodies = 2;
                vec![watch, insert(1), conflict_once(conflict), insert(2)]
            }
            Self::Timed => {
                call.shape = Shape::Timed;
                vec![watch, insert(1), insert(2)]
            }
            Self::Fussy => {
                call.shape = Shape::Fussy;
                vec![watch, insert(1), insert(2)]
            }
            Self::Refusing => vec![watch, insert(1), insert(2), Step::Refuse],
        };
        call.script = steps.into();
        call
    }
}

/// A statement that meets a conflict in the first attempt.
fn conflict_once(conflict: &str) -> Step {
    let (met, conflict) = (AtomicBool::new(false), conflict.to_owned());
    Step::then(move |_| match met.swap(true, Ordering::SeqCst) {
        false => vec![Step::run(conflict.as_str())],
        true => Vec::new(),
    })
}

/// A lock that somebody keeps, and the statement that runs into it at once.
pub struct Obstacle {
    pub sql: String,
    _held: Held,
    _elsewhere: Option<Place>,
}

impl Obstacle {
    pub async fn beside(place: &Place) -> Self {
        // Where a statement reaches another database, the lock is in one whose transactions nobody counts.
        let elsewhere = match place.engine() {
            Engine::MySql => Some(Place::create(Engine::MySql).await),
            Engine::Sqlite | Engine::Postgres => None,
        };
        let home = elsewhere.as_ref().unwrap_or(place);
        let schema = match home.engine() {
            Engine::MySql => "CAST(DATABASE() AS CHAR)",
            _ => "CAST(current_schema() AS TEXT)",
        };
        let schema = home.read(&format!("SELECT {schema}")).await;
        let table = format!("{}.{KEPT}", schema.expect("a schema").swap_remove(0));
        let keep =
            format!("CREATE TABLE {table} (id BIGINT PRIMARY KEY); INSERT INTO {table} VALUES (1)");
        home.run(&keep).await.expect("make the row");
        let lock = format!("BEGIN; SELECT id FROM {table} FOR UPDATE");
        let held = home.hold(&lock).await.expect("lock the row");
        Self {
            sql: format!("SELECT id FROM {table} FOR UPDATE NOWAIT"),
            _held: held,
            _elsewhere: elsewhere,
        }
    }
}
