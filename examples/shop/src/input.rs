//! Reads the purchases to replay; knows nothing of orders, and no database.

use std::path::{Path, PathBuf};

use crate::domain::Purchase;
use crate::money::Cents;

/// The CDNOW sample, so that the binary runs from anywhere. See `data/PROVENANCE.md`.
const SAMPLE: &[u8] = include_bytes!("../data/CDNOW_sample.txt");
const SAMPLE_NAME: &str = "CDNOW_sample.txt (built in)";

/// The largest value of one purchase, so that no sum of them can overflow.
const LARGEST: Cents = Cents(99_999_999_999);

/// What is wrong with the input, and where.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{name}, line {line}: {problem}")]
    Malformed {
        name: String,
        line: i64,
        problem: String,
    },
    #[error("{name} holds no purchases")]
    Empty { name: String },
}

/// The purchases of `path`, or of the sample; all of them are read before the first is replayed.
pub(crate) fn read(path: Option<&Path>) -> Result<Vec<Purchase>, InputError> {
    match path {
        None => parse(SAMPLE_NAME, SAMPLE),
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|source| InputError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            parse(&path.display().to_string(), &bytes)
        }
    }
}

/// A purchase is the line it stands on: the sample has exact duplicates, and they are purchases all the same.
fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Purchase>, InputError> {
    let content = bytes.trim_ascii_end();
    if content.is_empty() {
        return Err(InputError::Empty {
            name: name.to_owned(),
        });
    }
    (1..)
        .zip(content.split(|&byte| byte == b'\n'))
        .map(|(line, text)| {
            purchase(line, text).map_err(|problem| InputError::Malformed {
                name: name.to_owned(),
                line,
                problem,
            })
        })
        .collect()
}

fn purchase(line: i64, text: &[u8]) -> Result<Purchase, String> {
    let text = std::str::from_utf8(text).map_err(|_| "not UTF-8".to_owned())?;
    let columns: Vec<&str> = text.split_ascii_whitespace().collect();
    let &[_master, customer, date, units, value] = columns.as_slice() else {
        return Err(format!(
            "expected 5 columns (id, id in the sample, date, units, value), found {}",
            columns.len()
        ));
    };
    Ok(Purchase {
        line,
        customer: whole(customer).ok_or_else(|| format!("`{customer}` is no customer id"))?,
        date: date_of(date).ok_or_else(|| format!("`{date}` is no date: expected YYYYMMDD"))?,
        units: whole(units)
            .filter(|&units| units > 0)
            .ok_or_else(|| format!("`{units}` is no number of units: expected 1 or more"))?,
        amount: amount(value)?,
    })
}

fn amount(text: &str) -> Result<Cents, String> {
    let amount: Cents = text
        .parse()
        .map_err(|problem| format!("`{text}` is no value: {problem}"))?;
    if amount > LARGEST {
        return Err(format!("`{text}` is no value: the largest is {LARGEST}"));
    }
    Ok(amount)
}

/// A number without a sign. Nine digits at most, so that no sum of them can overflow.
fn whole(text: &str) -> Option<i64> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// A day as the number YYYYMMDD, which sorts as days do.
fn date_of(text: &str) -> Option<i64> {
    let date = whole(text).filter(|_| text.len() == 8)?;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    (1..=days_in(year, month)?).contains(&day).then_some(date)
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_what_its_publishers_say() {
        let purchases = parse(SAMPLE_NAME, SAMPLE).unwrap_or_default();
        assert_eq!(purchases.len(), 6_919);
        assert_eq!(
            purchases.iter().map(|purchase| purchase.units).sum::<i64>(),
            16_479
        );
        assert_eq!(
            purchases
                .iter()
                .map(|purchase| purchase.amount)
                .sum::<Cents>(),
            Cents(24_409_194)
        );
        assert_eq!(
            purchases
                .iter()
                .filter(|purchase| purchase.amount == Cents(0))
                .count(),
            8
        );
        assert_eq!(
            purchases
                .iter()
                .filter(|purchase| purchase.amount > Cents(20_000))
                .count(),
            44
        );
    }

    #[test]
    fn a_line_is_read_column_by_column() {
        let purchases = parse("here", b" 00004 0007 19970101  2   29.33\r\n").unwrap_or_default();
        let expected = Purchase {
            line: 1,
            customer: 7,
            date: 19_970_101,
            units: 2,
            amount: Cents(2_933),
        };
        assert_eq!(purchases, [expected]);
    }

    #[test]
    fn a_malformed_line_is_named() {
        for (text, problem) in [
            (
                "1 1 19970101 2",
                "here, line 2: expected 5 columns (id, id in the sample, date, units, value), found 4",
            ),
            (
                "",
                "here, line 2: expected 5 columns (id, id in the sample, date, units, value), found 0",
            ),
            ("1 x 19970101 2 1.00", "here, line 2: `x` is no customer id"),
            (
                "1 1 19970229 2 1.00",
                "here, line 2: `19970229` is no date: expected YYYYMMDD",
            ),
            (
                "1 1 19970101 0 1.00",
                "here, line 2: `0` is no number of units: expected 1 or more",
            ),
            (
                "1 1 19970101 -2 1.00",
                "here, line 2: `-2` is no number of units: expected 1 or more",
            ),
            (
                "1 1 19970101 2 1000000000.00",
                "here, line 2: `1000000000.00` is no value: the largest is $999,999,999.99",
            ),
            (
                "1 1 19970101 2 1,00",
                "here, line 2: `1,00` is no value: expected an amount such as `29.33`",
            ),
        ] {
            let input = format!("1 1 19970101 1 1.00\n{text}\n1 1 19970101 1 1.00\n");
            let error = parse("here", input.as_bytes()).map_err(|error| error.to_string());
            assert_eq!(error, Err(problem.to_owned()));
        }
    }

    #[test]
    fn an_empty_file_is_an_error() {
        let error = parse("here", b" \n").map_err(|error| error.to_string());
        assert_eq!(error, Err("here holds no purchases".to_owned()));
    }

    #[test]
    fn bytes_that_are_no_text_are_named_too() {
        let error = parse("here", b"\xff\xfe").map_err(|error| error.to_string());
        assert_eq!(error, Err("here, line 1: not UTF-8".to_owned()));
    }
}
