//! The shop from the outside: its numbers, its exit status, and what it says when it cannot.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

const DRIVERS: [&str; 3] = ["sqlx", "diesel", "diesel-async"];

/// Whether blocking Diesel can reach a server.
const CLIENT_LIBRARIES: bool = cfg!(feature = "client-libraries");

/// Of the sample's first 600 lines: confirmed, declined, units sold, cents.
const FIRST_600: [i64; 4] = [600, 0, 1_283, 1_956_552];

/// A database of its own for every test.
struct Folder(TempDir);

impl Folder {
    fn new() -> std::io::Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.path().join("shop.db").display())
    }

    fn shop(&self, arguments: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
        if !arguments.contains(&"--database") {
            command.args(["--database", &self.database()]);
        }
        command.args(arguments).output()
    }

    fn is_empty(&self) -> std::io::Result<bool> {
        Ok(fs::read_dir(self.path())?.next().is_none())
    }
}

/// The object in the last line of standard output.
fn report(output: &Output) -> Result<Value, Box<dyn Error>> {
    let text = std::str::from_utf8(&output.stdout)?;
    let last = text
        .lines()
        .last()
        .ok_or_else(|| format!("no output; {}", complaint(output)))?;
    Ok(serde_json::from_str(last)?)
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The whole sample: every purchase once, to the cent.
#[test]
fn the_sample_has_its_totals() -> Tested {
    let folder = Folder::new()?;
    let output = folder.shop(&["--format", "json"])?;
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    let report = report(&output)?;
    let expected = json!({
        "purchases": 6_919, "orders_confirmed": 6_875, "orders_declined": 44, "orders_out_of_stock": 0,
        "units_sold": 15_749, "revenue_cents": 23_216_563, "confirmations": 6_875,
        "audit": "ok", "driver": "sqlx", "engine": "sqlite", "database": "sqlite", "workers": 8,
    });
    for (key, value) in expected.as_object().into_iter().flatten() {
        assert_eq!(&report[key], value, "{key}");
    }
    assert_eq!(report["transactions"]["unknown"], 0);
    // one for the order, one for its audit record, one for its confirmation
    assert!(report["transactions"]["committed"].as_u64() >= Some(6_919 * 2 + 6_875));
    Ok(())
}

#[test]
fn neither_driver_nor_workers_change_a_total() -> Tested {
    for (driver, workers) in DRIVERS.into_iter().flat_map(|it| [(it, "1"), (it, "32")]) {
        let folder = Folder::new()?;
        let arguments = ["--format", "json", "--limit", "600", "--driver", driver];
        let output = folder.shop(&[&arguments[..], &["--workers", workers]].concat())?;
        let report = report(&output)?;
        let totals = [
            "orders_confirmed",
            "orders_declined",
            "units_sold",
            "revenue_cents",
        ];
        let totals = totals.map(|key| report[key].as_i64().unwrap_or(-1));
        assert_eq!(totals, FIRST_600, "{driver}, {workers} workers");
        assert_eq!(
            (&report["audit"], &report["engine"]),
            (&json!("ok"), &json!("sqlite"))
        );
        assert_eq!(report["workers"].to_string(), workers);
        assert_eq!(report["driver"], driver);
    }
    Ok(())
}

#[test]
fn an_order_out_of_stock_is_rolled_back_and_its_audit_record_stays() -> Tested {
    for driver in DRIVERS {
        let folder = Folder::new()?;
        let arguments = ["--format", "json", "--stock", "10", "--limit", "500"];
        let output = folder.shop(&[&arguments[..], &["--driver", driver]].concat())?;
        assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
        let report = report(&output)?;
        let number = |key: &str| report[key].as_i64().unwrap_or(-1);
        let out_of_stock = number("orders_out_of_stock");
        assert!(out_of_stock > 300);
        assert_eq!(
            number("orders_confirmed") + number("orders_declined") + out_of_stock,
            500
        );
        assert!(number("units_sold") <= 160);
        assert_eq!(number("units_sold") + number("units_in_stock"), 160);
        assert!(number("audit_records") >= 500);
        assert!(report["transactions"]["rolled_back"].as_i64() >= Some(out_of_stock));
        assert_eq!(report["audit"], "ok");
    }
    Ok(())
}

#[test]
fn the_limit_decides_what_is_declined() -> Tested {
    for driver in DRIVERS {
        let folder = Folder::new()?;
        let input = folder.path().join("three.txt");
        fs::write(
            &input,
            "1 1 19970101 1 5.00\n1 1 19970101 1 5.01\n1 1 19970101 1 5.01\n",
        )?;
        let input = input.display().to_string();
        let arguments = ["--format", "json", "--decline-over", "500"];
        let output =
            folder.shop(&[&arguments[..], &["--input", &input, "--driver", driver]].concat())?;
        let report = report(&output)?;
        assert_eq!(
            (&report["orders_confirmed"], &report["orders_declined"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(
            (&report["revenue_cents"], &report["audit"]),
            (&json!(500), &json!("ok"))
        );
    }
    Ok(())
}

#[test]
fn runs_of_all_drivers_share_a_database() -> Tested {
    let folder = Folder::new()?;
    for driver in DRIVERS.repeat(2) {
        let output = folder.shop(&["--format", "json", "--limit", "20", "--driver", driver])?;
        assert_eq!(
            report(&output)?["orders_confirmed"],
            20,
            "{}",
            complaint(&output)
        );
    }
    Ok(())
}

#[test]
fn a_run_that_is_there_already_is_refused_and_left_alone() -> Tested {
    for driver in DRIVERS {
        let folder = Folder::new()?;
        let arguments = ["--run", "monday", "--limit", "20", "--driver", driver];
        let first = folder.shop(&arguments)?;
        assert_eq!(first.status.code(), Some(0), "{}", complaint(&first));
        let before = fs::read(folder.path().join("shop.db"))?;
        let second = folder.shop(&arguments)?;
        assert_eq!(second.status.code(), Some(2));
        assert!(
            complaint(&second).contains("the run `monday` is in"),
            "{}",
            complaint(&second)
        );
        assert_eq!(fs::read(folder.path().join("shop.db"))?, before);
    }
    Ok(())
}

#[test]
fn text_is_for_people() -> Tested {
    let folder = Folder::new()?;
    let output = folder.shop(&["--limit", "50"])?;
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    let text = String::from_utf8(output.stdout)?;
    for part in [
        "Purchases",
        "rolled back",
        "latency p99",
        "✓ money in = money out",
        "The audit holds.",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    // nobody watches a pipe
    assert!(output.stderr.is_empty());
    Ok(())
}

#[test]
fn help_explains_every_flag() -> Tested {
    let output = Folder::new()?.shop(&["--help"])?;
    let help = String::from_utf8(output.stdout)?;
    for flag in [
        "--database",
        "--driver",
        "--input",
        "--workers",
        "--limit",
        "--stock",
        "--decline-over",
        "--run",
        "--format",
    ] {
        assert!(help.contains(flag), "{flag} is missing in\n{help}");
    }
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

#[test]
fn bad_input_names_file_and_line_and_leaves_nothing() -> Tested {
    let folder = Folder::new()?;
    let elsewhere = tempfile::tempdir()?;
    let missing = elsewhere.path().join("missing.txt").display().to_string();
    let malformed = elsewhere.path().join("malformed.txt").display().to_string();
    let empty = elsewhere.path().join("empty.txt").display().to_string();
    fs::write(&malformed, "1 1 19970101 1 5.00\n1 1 19970101 one 5.00\n")?;
    fs::write(&empty, "")?;
    for (input, told) in [
        (missing.as_str(), missing.clone()),
        (malformed.as_str(), format!("{malformed}, line 2: `one`")),
        (empty.as_str(), format!("{empty} holds no purchases")),
    ] {
        let output = folder.shop(&["--input", input])?;
        assert_eq!(output.status.code(), Some(2));
        assert!(complaint(&output).contains(&told), "{}", complaint(&output));
        assert!(output.stdout.is_empty());
        assert!(folder.is_empty()?);
    }
    Ok(())
}

#[test]
fn a_database_that_cannot_be_used_is_named_without_its_password() -> Tested {
    let folder = Folder::new()?;
    let nowhere = format!("sqlite:{}/missing/shop.db", folder.path().display());
    let cases = [
        (
            "postgres://shop:secret@127.0.0.1:1/shop",
            "`postgres://shop@127.0.0.1:1/shop`",
        ),
        (
            "mysql://shop:secret@127.0.0.1:1/shop",
            "`mysql://shop@127.0.0.1:1/shop`",
        ),
        (
            "postgres://shop:secret@127.0.0.1:port/shop",
            "`postgres://shop@127.0.0.1:port/shop`",
        ),
        (
            "oracle://shop:secret@127.0.0.1/shop",
            "unknown scheme `oracle`",
        ),
        ("sqlite::memory:", "expected a file"),
        ("shop", "`shop`"),
        (nowhere.as_str(), nowhere.as_str()),
    ];
    for (driver, (url, told)) in DRIVERS
        .into_iter()
        .flat_map(|it| cases.map(|case| (it, case)))
    {
        let output = folder.shop(&["--database", url, "--driver", driver])?;
        assert_eq!(output.status.code(), Some(2), "{url}");
        // what the build lacks is told before anything is tried
        let told = if driver == "diesel" && url.contains(":1/") && !CLIENT_LIBRARIES {
            "--features client-libraries"
        } else {
            told
        };
        assert!(complaint(&output).contains(told), "{}", complaint(&output));
        assert!(
            !complaint(&output).contains("secret"),
            "{}",
            complaint(&output)
        );
        assert!(output.stdout.is_empty());
        assert!(folder.is_empty()?);
    }
    Ok(())
}

#[test]
fn a_file_that_is_no_database_is_left_alone() -> Tested {
    for driver in DRIVERS {
        let folder = Folder::new()?;
        let file = folder.path().join("shop.db");
        fs::write(
            &file,
            "a letter, not a database, and longer than a page header would be".repeat(20),
        )?;
        let before = fs::read(&file)?;
        let output = folder.shop(&["--driver", driver])?;
        assert_eq!(output.status.code(), Some(2), "{}", complaint(&output));
        assert_eq!(fs::read(&file)?, before);
    }
    Ok(())
}

#[test]
fn nonsense_flags_are_refused() -> Tested {
    let folder = Folder::new()?;
    for arguments in [
        ["--workers", "0"],
        ["--workers", "many"],
        ["--format", "xml"],
        ["--driver", "odbc"],
        ["--run", "Monday; DROP TABLE"],
        ["--limit", "-1"],
    ] {
        let output = folder.shop(&arguments)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(folder.is_empty()?);
    }
    Ok(())
}
