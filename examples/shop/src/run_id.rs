//! A run's id and the names of its tables; makes no tables.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// Names one run, in a form that is part of a table's name on every engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunId(String);

/// Why a text is no run id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no run id: expected up to 32 lowercase letters, digits and `_`")]
pub(crate) struct NotARunId(String);

impl RunId {
    /// The second it is, and something random: ids sort by time and do not meet.
    pub(crate) fn random() -> Self {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        RunId(format!("{seconds}_{:04x}", fastrand::u16(..)))
    }
}

impl FromStr for RunId {
    type Err = NotARunId;

    fn from_str(text: &str) -> Result<Self, NotARunId> {
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if fits {
            Ok(RunId(text.to_owned()))
        } else {
            Err(NotARunId(text.to_owned()))
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tables of one run.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) orders: String,
    pub(crate) payments: String,
    pub(crate) stock: String,
    pub(crate) transfers: String,
    pub(crate) confirmations: String,
    pub(crate) audit: String,
}

impl Tables {
    pub(crate) fn of(run: &RunId) -> Self {
        let named = |what: &str| format!("shop_{run}_{what}");
        Tables {
            orders: named("orders"),
            payments: named("payments"),
            stock: named("stock"),
            transfers: named("transfers"),
            confirmations: named("confirmations"),
            audit: named("audit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_fit_for_a_table_name() {
        assert!("monday_2".parse::<RunId>().is_ok());
        for text in ["", "Monday", "a-b", "a b", "a;b", "ä", &"a".repeat(33)] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
        assert!(RunId::random().to_string().parse::<RunId>().is_ok());
    }

    #[test]
    fn tables_carry_the_id() -> Result<(), NotARunId> {
        assert_eq!(Tables::of(&"a1".parse()?).orders, "shop_a1_orders");
        Ok(())
    }
}
