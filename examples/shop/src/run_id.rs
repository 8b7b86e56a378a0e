//! A run's id, which all its rows carry.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Names one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunId(Arc<str>);

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
        RunId(format!("{seconds}_{:04x}", fastrand::u16(..)).into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
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
            Ok(RunId(text.into()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        assert!("monday_2".parse::<RunId>().is_ok());
        for text in ["", "Monday", "a-b", "a b", "a;b", "ä", &"a".repeat(33)] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
        assert!(RunId::random().to_string().parse::<RunId>().is_ok());
    }
}
