//! Amounts of money as whole cents; knows no floats.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::Serialize;

/// An amount in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Cents(pub(crate) i64);

/// Why a text is no amount.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount such as `29.33`")]
pub(crate) struct NotAnAmount;

impl FromStr for Cents {
    type Err = NotAnAmount;

    /// Reads dollars with up to two decimals. Digit by digit: `29.33` has no exact binary fraction.
    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        let (dollars, fraction) = text.split_once('.').unwrap_or((text, "00"));
        let cents = match fraction.len() {
            1 => digits(fraction)? * 10,
            2 => digits(fraction)?,
            _ => return Err(NotAnAmount),
        };
        let whole = digits(dollars)?.checked_mul(100).ok_or(NotAnAmount)?;
        whole.checked_add(cents).map(Cents).ok_or(NotAnAmount)
    }
}

/// A number of digits only: `parse` alone would take a sign as well.
fn digits(text: &str) -> Result<i64, NotAnAmount> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| NotAnAmount)
    } else {
        Err(NotAnAmount)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Cents(amounts.map(|amount| amount.0).sum())
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:02}", grouped(cents / 100), cents % 100)
    }
}

/// A number with its thousands apart: `23,216,563`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let read = |text: &str| text.parse::<Cents>();
        assert_eq!(read("29.33"), Ok(Cents(2933)));
        assert_eq!(read("0.00"), Ok(Cents(0)));
        assert_eq!(read("7"), Ok(Cents(700)));
        assert_eq!(read("7.5"), Ok(Cents(750)));
        // 0.29 * 100.0 is 28.999999999999996
        assert_eq!(read("0.29"), Ok(Cents(29)));
        assert_eq!(read("92233720368547758.07"), Ok(Cents(i64::MAX)));
    }

    #[test]
    fn other_texts_are_not_amounts() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1.00",
            "+1.00",
            "1.234",
            "1,00",
            "1e3",
            "NaN",
            "92233720368547758.08",
        ] {
            assert_eq!(text.parse::<Cents>(), Err(NotAnAmount), "{text:?}");
        }
    }

    #[test]
    fn amounts_read_well() {
        assert_eq!(Cents(23_216_563).to_string(), "$232,165.63");
        assert_eq!(Cents(5).to_string(), "$0.05");
        assert_eq!(Cents(-123_456).to_string(), "-$1,234.56");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(999), "999");
    }
}
