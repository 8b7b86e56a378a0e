//! The report as tables for people; adds up nothing but kinds.

use std::collections::BTreeMap;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ColumnConstraint, Table, Width};

use super::{Report, Setting, Verdict};
use crate::money::grouped;

type Line = (String, String);

/// What was run, three tables, the audit.
pub(crate) fn text(report: &Report) -> String {
    let Setting {
        run,
        driver,
        engine,
        url,
        workers,
        ..
    } = &report.setting;
    let workers = if *workers == 1 {
        "1 worker".to_owned()
    } else {
        format!("{workers} workers")
    };
    [
        format!("{driver} on {engine}, {workers}, run {run}\n{url}\n"),
        format!("{}", table(purchases(report))),
        format!("{}", table(transactions(report))),
        format!("{}\n", table(speed(report))),
        audit(&report.audit),
    ]
    .join("\n")
}

fn purchases(report: &Report) -> Vec<Line> {
    let totals = &report.totals;
    vec![
        counted("Purchases", totals.purchases as u64),
        counted("  confirmed", totals.orders_confirmed as u64),
        counted("  declined", totals.orders_declined as u64),
        counted("  out of stock", totals.orders_out_of_stock as u64),
        counted("Units sold", totals.units_sold.unsigned_abs()),
        counted("Units in stock", totals.units_in_stock.unsigned_abs()),
        line("Revenue", totals.revenue_cents),
        counted("Stock transfers", totals.stock_transfers as u64),
        counted("Confirmations sent", totals.confirmations as u64),
        counted("Audit records", totals.audit_records as u64),
    ]
}

fn transactions(report: &Report) -> Vec<Line> {
    let transactions = &report.transactions;
    let mut lines = vec![
        counted("Transactions begun", transactions.begun),
        counted("  committed", transactions.committed),
        counted("  rolled back", transactions.rolled_back),
        counted("  unknown", transactions.unknown),
    ];
    lines.extend(by_kind("Conflicts", &transactions.conflicts));
    lines.extend(by_kind("Retries", &transactions.retries));
    lines.push(counted("Hooks failed", transactions.hooks_failed));
    lines
}

fn speed(report: &Report) -> Vec<Line> {
    vec![
        line(
            "Purchases per second",
            grouped(report.purchases_per_second.round() as u64),
        ),
        line("  in seconds", format!("{:.2}", report.seconds)),
        line("  latency p50", format!("{:.2} ms", report.latency_ms.p50)),
        line("  latency p99", format!("{:.2} ms", report.latency_ms.p99)),
    ]
}

fn audit(verdict: &Verdict) -> String {
    let mut text = "Audit\n".to_owned();
    for checked in &verdict.0 {
        let line = match &checked.finding {
            None => format!("  ✓ {}\n", checked.name),
            Some(finding) => format!("  ✗ {}: {finding}\n", checked.name),
        };
        text.push_str(&line);
    }
    text + if verdict.holds() {
        "The audit holds."
    } else {
        "THE AUDIT DOES NOT HOLD."
    }
}

fn line(name: &str, value: impl ToString) -> Line {
    (name.to_owned(), value.to_string())
}

fn counted(name: &str, number: u64) -> Line {
    line(name, grouped(number))
}

/// The sum, and below it the kinds there were.
fn by_kind(name: &str, kinds: &BTreeMap<&'static str, u64>) -> Vec<Line> {
    let mut lines = vec![counted(name, kinds.values().sum())];
    lines.extend(
        kinds
            .iter()
            .map(|(kind, &number)| counted(&format!("  {}", kind.replace('_', " ")), number)),
    );
    lines
}

/// Two columns, as wide as the next table's. The first line is the headline.
fn table(lines: Vec<Line>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED.with_rounded_corners());
    let mut rows = lines.into_iter().map(|(name, value)| [name, value]);
    if let Some(headline) = rows.next() {
        table.set_header(headline);
    }
    table.add_rows(rows);
    table.set_constraints(
        [24, 16].map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width))),
    );
    if let Some(values) = table.column_mut(1) {
        values.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_below_their_sum() {
        assert_eq!(
            by_kind("Conflicts", &BTreeMap::new()),
            [line("Conflicts", 0)]
        );
        let kinds = BTreeMap::from([("lock_timeout", 3), ("deadlock", 1_200)]);
        let lines = [
            line("Conflicts", "1,203"),
            line("  deadlock", "1,200"),
            line("  lock timeout", 3),
        ];
        assert_eq!(by_kind("Conflicts", &kinds), lines);
    }
}
