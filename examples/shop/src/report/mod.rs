//! What a run amounts to, in numbers; counts, and leaves the wording to its parts.

mod text;

use std::time::Duration;

use serde::{Serialize, Serializer};

pub(crate) use text::text;

use crate::audit::Checked;
use crate::domain::{Books, OrderStatus, PaymentStatus};
use crate::money::Cents;
use crate::replay::{Answer, Replayed};
use crate::tally::Transactions;

/// The result of one run. Its JSON form is meant for programs: keys are added, never changed.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) setting: Setting,
    #[serde(flatten)]
    pub(crate) totals: Totals,
    pub(crate) transactions: Transactions,
    pub(crate) latency_ms: Latency,
    pub(crate) seconds: f64,
    pub(crate) purchases_per_second: f64,
    pub(crate) audit: Verdict,
}

/// What was run, and where.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    pub(crate) run: String,
    pub(crate) driver: &'static str,
    pub(crate) engine: &'static str,
    /// The engine, under the name it had first.
    pub(crate) database: &'static str,
    /// Without its password.
    pub(crate) url: String,
    pub(crate) workers: u32,
}

/// What the shop did. All but the orders out of stock is counted in the database: those left nothing there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) purchases: usize,
    pub(crate) orders_confirmed: usize,
    pub(crate) orders_declined: usize,
    pub(crate) orders_out_of_stock: usize,
    pub(crate) units_sold: i64,
    pub(crate) revenue_cents: Cents,
    pub(crate) units_in_stock: i64,
    pub(crate) stock_transfers: usize,
    pub(crate) confirmations: usize,
    pub(crate) audit_records: usize,
}

/// How long customers waited for their answer, in milliseconds.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// All checks. In JSON `"ok"`, or the list of what failed.
#[derive(Debug)]
pub(crate) struct Verdict(pub(crate) Vec<Checked>);

impl Report {
    pub(crate) fn new(
        setting: Setting,
        replayed: &Replayed,
        books: &Books,
        transactions: Transactions,
        audit: Vec<Checked>,
    ) -> Self {
        let seconds = replayed.elapsed.as_secs_f64();
        Report {
            setting,
            totals: Totals::of(replayed, books),
            transactions,
            latency_ms: Latency::of(
                replayed
                    .settled
                    .iter()
                    .map(|settled| settled.latency)
                    .collect(),
            ),
            seconds,
            purchases_per_second: replayed.settled.len() as f64 / seconds.max(f64::EPSILON),
            audit: Verdict(audit),
        }
    }

    /// The report as one line.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl Totals {
    fn of(replayed: &Replayed, books: &Books) -> Self {
        let with = |status| {
            books
                .orders
                .iter()
                .filter(move |order| order.status == status)
        };
        let captured = books
            .payments
            .iter()
            .filter(|payment| payment.status == PaymentStatus::Captured);
        let out_of_stock = |answer| answer == Answer::OutOfStock;
        Totals {
            purchases: replayed.settled.len(),
            orders_confirmed: with(OrderStatus::Confirmed).count(),
            orders_declined: with(OrderStatus::Cancelled).count(),
            orders_out_of_stock: replayed
                .settled
                .iter()
                .filter(|settled| out_of_stock(settled.answer))
                .count(),
            units_sold: with(OrderStatus::Confirmed).map(|order| order.units).sum(),
            revenue_cents: captured.map(|payment| payment.amount).sum(),
            units_in_stock: books.stock.iter().map(|level| level.units).sum(),
            stock_transfers: books.transfers.len(),
            confirmations: books.confirmations.len(),
            audit_records: books.audit_records.len(),
        }
    }
}

impl Latency {
    fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Latency {
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
        }
    }
}

/// The smallest latency that `percent` of all do not exceed, in milliseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .map_or(0.0, |latency| latency.as_micros() as f64 / 1_000.0)
}

impl Verdict {
    pub(crate) fn holds(&self) -> bool {
        self.0.iter().all(|checked| checked.finding.is_none())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.holds() {
            return serializer.serialize_str("ok");
        }
        let failed = self.0.iter().filter_map(|checked| {
            let finding = checked.finding.as_ref()?;
            Some(format!("{}: {finding}", checked.name))
        });
        serializer.collect_seq(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let latencies: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(
            Latency::of(latencies),
            Latency {
                p50: 100.0,
                p99: 198.0
            }
        );
        assert_eq!(
            Latency::of(vec![Duration::from_millis(7)]),
            Latency { p50: 7.0, p99: 7.0 }
        );
        assert_eq!(Latency::of(vec![]), Latency { p50: 0.0, p99: 0.0 });
    }

    #[test]
    fn the_verdict_is_ok_or_the_list_of_what_failed() -> serde_json::Result<()> {
        let checked = |finding: Option<&str>| Checked {
            name: "a check",
            finding: finding.map(str::to_owned),
        };
        assert_eq!(
            serde_json::to_string(&Verdict(vec![checked(None)]))?,
            "\"ok\""
        );
        let failed = Verdict(vec![checked(None), checked(Some("2 wrong"))]);
        assert_eq!(serde_json::to_string(&failed)?, "[\"a check: 2 wrong\"]");
        Ok(())
    }
}
