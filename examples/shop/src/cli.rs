//! What can be asked of the shop on the command line; does nothing itself.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::drivers::Driver;

/// Replays real purchases, concurrently, as orders of a small shop, and audits the database afterwards.
///
/// Each purchase is one order of one customer: its units are taken from stock, its value is paid. A payment over the
/// limit is declined: the order is cancelled, and both are kept. An order that finds its stock row empty is rolled back
/// altogether, but its audit record stays. Sixteen stock rows serve all customers, so that the workers get in each
/// other's way.
///
/// A run has an id, which all its rows carry: those in `shop_orders` and five more tables, which are left for you to
/// look at. Rows of other runs are never touched.
///
/// Exit status: 0 if the audit holds, 1 if it does not or the run broke off, 2 if what was asked cannot be done.
#[derive(Debug, Parser)]
#[command(name = "shop", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The database: `sqlite:FILE`, `postgres://USER:PASSWORD@HOST/NAME` or `mysql://..` (MariaDB too); by default
    /// a new SQLite file in the system's temporary folder
    // A plain text: clap would repeat a malformed URL, and the password in it.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,

    /// What the services are written with
    #[arg(long, value_enum, default_value_t = Driver::Sqlx)]
    pub(crate) driver: Driver,

    /// Purchases to replay, in the columns of the CDNOW sample; by default that sample itself, 6,919 purchases
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,

    /// How many purchases are under way at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) workers: u32,

    /// Replay the first N purchases only
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Units in each of the 16 stock rows at the start
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(..=1_000_000_000))]
    pub(crate) stock: u32,

    /// The largest payment that is accepted, in cents
    #[arg(long, value_name = "CENTS", default_value_t = 20_000)]
    pub(crate) decline_over: u32,

    /// The run's id: up to 32 lowercase letters, digits and `_`; by default a random one
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<String>,

    /// How the report is written: with `json`, the last line of standard output is one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// The forms a report has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    Text,
    /// One line for programs
    Json,
}

const EXAMPLES: &str = "\
Examples:
  shop
  shop --workers 32 --database postgres://shop:secret@localhost/shop
  shop --driver diesel-async --workers 1
  shop --stock 500 --format json | tail -n 1 | jq .audit";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_the_main_job() {
        let args = Args::parse_from(["shop"]);
        assert_eq!(
            (args.workers, args.stock, args.decline_over),
            (8, 10_000, 20_000)
        );
        assert_eq!((args.driver, args.format), (Driver::Sqlx, Format::Text));
    }
}
