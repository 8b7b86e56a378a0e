//! What blocking Diesel and diesel-async have in common: the dialogue with each engine, and the errors; knows neither of them.
//!
//! A [`Line`] carries text to a server. The dialogue over it is written once, as futures; those of a blocking line never
//! wait, so that [`at_once`] runs them to their end.

mod error;
mod level;
mod line;
#[cfg(feature = "_diesel-mysql")]
pub(crate) mod mysql;
#[cfg(feature = "_diesel-postgres")]
pub(crate) mod postgres;
#[cfg(feature = "_diesel-sqlite")]
pub(crate) mod sqlite;

pub(crate) use error::conflict;
pub(crate) use level::{depth, disable, in_test, is_broken, set_depth};
pub(crate) use line::{Line, at_once};

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashSet;

use diesel::connection::TransactionManagerStatus;
use diesel::query_builder::{QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};

use crate::connection::{Answer, NotBegun};
use crate::statement::{self, Dialect, Screened};

/// A savepoint in someone else's transaction.
#[derive(Debug)]
pub(crate) struct Foreign {
    pub(crate) name: String,
    /// How deep the driver's count was before it.
    pub(crate) depth: usize,
}

thread_local! {
    /// Kinds of queries whose text was looked at, and steers no transaction.
    static PLAIN: RefCell<HashSet<(TypeId, Dialect)>> = RefCell::default();
}

/// The text of a statement, if it must be looked at. Queries of one kind have the same text: one look is enough.
pub(crate) fn text_of<T, DB>(query: &T, dialect: Dialect) -> Result<Option<String>, Error>
where
    DB: diesel::backend::Backend<QueryBuilder: Default> + Default,
    T: QueryFragment<DB> + QueryId,
{
    let backend = DB::default();
    let kind = Kind::of::<T>(dialect, query.is_safe_to_cache_prepared(&backend)?);
    if kind.is_known() {
        return Ok(None);
    }
    let mut text = DB::QueryBuilder::default();
    query.to_sql(&mut text, &backend)?;
    let text = text.finish();
    Ok((!kind.is_plain(&text)).then_some(text))
}

/// Queries that all have the same text.
pub(crate) struct Kind(Option<(TypeId, Dialect)>);

impl Kind {
    /// Those with the same id, which Diesel prepares once.
    pub(crate) fn of<T: QueryId>(dialect: Dialect, is_prepared_once: bool) -> Self {
        let id = T::query_id().filter(|_| is_prepared_once);
        Self(id.map(|id| (id, dialect)))
    }

    fn is_known(&self) -> bool {
        let kind = self.0.as_ref();
        kind.is_some_and(|kind| PLAIN.with_borrow(|plain| plain.contains(kind)))
    }

    /// Whether this text of theirs steers no transaction, so that none does.
    pub(crate) fn is_plain(&self, text: &str) -> bool {
        if self.is_known() {
            return true;
        }
        let Some(kind) = self.0 else {
            return false;
        };
        let plain = statement::screen(text, kind.1) == Screened::Plain;
        if plain {
            PLAIN.with_borrow_mut(|known| known.insert(kind));
        }
        plain
    }
}

/// What is wrong with a connection that came back from a loan with a transaction of someone else's open.
fn astray(depth: usize) -> Error {
    let text =
        format!("the connection was lent, and came back {depth} transactions deep in place of one");
    Error::QueryBuilderError(text.into())
}

/// Refuses a connection that was marked broken.
fn unbroken(status: &TransactionManagerStatus) -> Result<(), NotBegun<Error>> {
    match is_broken(status) {
        true => Err(NotBegun {
            error: Error::BrokenTransactionManager,
            clean: false,
        }),
        false => Ok(()),
    }
}

fn untouched(error: Error) -> NotBegun<Error> {
    NotBegun { error, clean: true }
}

/// Not committed, for no reason that another attempt would remove.
fn refused(error: Error) -> Answer<Error> {
    Answer::Refused {
        error,
        conflict: None,
    }
}

/// The error of something that did not come from a database.
pub(crate) fn unsendable(text: impl ToString) -> Error {
    Error::DatabaseError(
        DatabaseErrorKind::UnableToSendCommand,
        Box::new(text.to_string()),
    )
}
