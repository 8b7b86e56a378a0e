//! Holds the books against what customers were told; pure, so that it is itself tested.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::{Books, Order, OrderStatus, Payment, PaymentStatus, STOCK_ROWS, stock_row};
use crate::money::Cents;
use crate::replay::{Answer, Settled};

/// What the books must agree with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) books: &'a Books,
    pub(crate) settled: &'a [Settled],
    pub(crate) stock_per_row: i64,
    pub(crate) limit: Cents,
    /// Confirmations that may be missing: unknown outcomes and hooks that reported a failure.
    pub(crate) excused: u64,
}

/// One check, and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) name: &'static str,
    pub(crate) finding: Option<String>,
}

type Check = fn(&Evidence<'_>) -> Result<(), String>;

const CHECKS: &[(&str, Check)] = &[
    (
        "every answer given is in the database, and nothing else",
        answers_are_kept,
    ),
    ("money in = money out", money_in_is_money_out),
    ("stock + sold = initial stock, in every row", stock_adds_up),
    ("no order without its payment", orders_are_paid),
    ("no payment without its order", payments_are_ordered),
    ("declined if and only if over the limit", the_limit_is_kept),
    (
        "at most one confirmation per confirmed order, none for others",
        confirmations_are_single,
    ),
    (
        "no confirmation missing but for a known reason",
        confirmations_are_complete,
    ),
    (
        "an audit record for every order, rolled back or not",
        attempts_are_recorded,
    ),
    ("no audit record for anything else", records_are_of_attempts),
];

/// Every check, in order.
pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Checked> {
    CHECKS
        .iter()
        .map(|(name, check)| Checked {
            name,
            finding: check(evidence).err(),
        })
        .collect()
}

fn answers_are_kept(evidence: &Evidence<'_>) -> Result<(), String> {
    let orders: HashMap<i64, &Order> = evidence
        .books
        .orders
        .iter()
        .map(|order| (order.line, order))
        .collect();
    let kept = |settled: &&Settled| {
        let purchase = &settled.purchase;
        let expected = settled.answer.leaves_behind().map(|status| Order {
            line: purchase.line,
            customer: purchase.customer,
            units: purchase.units,
            amount: purchase.amount,
            status,
        });
        orders.get(&purchase.line).copied() == expected.as_ref()
    };
    none(
        "answers that the orders contradict",
        evidence
            .settled
            .iter()
            .filter(|settled| !kept(settled))
            .map(line),
    )?;
    let told: HashSet<i64> = evidence.settled.iter().map(line).collect();
    none(
        "orders that nobody placed",
        orders.into_keys().filter(|line| !told.contains(line)),
    )
}

fn money_in_is_money_out(evidence: &Evidence<'_>) -> Result<(), String> {
    let captured: Cents = captured(evidence.books).map(|payment| payment.amount).sum();
    let sold: Cents = confirmed(evidence.books).map(|order| order.amount).sum();
    let told = evidence
        .settled
        .iter()
        .filter(|settled| settled.answer == Answer::Confirmed);
    let told: Cents = told.map(|settled| settled.purchase.amount).sum();
    if captured == sold && sold == told {
        return Ok(());
    }
    Err(format!(
        "captured {captured}, sold for {sold}, told customers {told}"
    ))
}

fn stock_adds_up(evidence: &Evidence<'_>) -> Result<(), String> {
    let mut expected: BTreeMap<i64, i64> = (0..STOCK_ROWS)
        .map(|row| (row, evidence.stock_per_row))
        .collect();
    let mut book = |row: i64, units: i64| *expected.entry(row).or_default() += units;
    for order in confirmed(evidence.books) {
        book(stock_row(order.customer), -order.units);
    }
    for transfer in &evidence.books.transfers {
        book(transfer.from, -transfer.units);
        book(transfer.to, transfer.units);
    }
    let found: BTreeMap<i64, i64> = evidence
        .books
        .stock
        .iter()
        .map(|level| (level.row, level.units))
        .collect();
    let wrong = expected
        .iter()
        .filter(|(row, units)| found.get(row) != Some(units) || **units < 0);
    let wrong: Vec<String> = wrong
        .map(|(row, units)| format!("row {row}: {:?} instead of {units}", found.get(row)))
        .collect();
    if wrong.is_empty() && found.len() == expected.len() {
        return Ok(());
    }
    Err(format!("{} rows found, {}", found.len(), wrong.join(", ")))
}

fn orders_are_paid(evidence: &Evidence<'_>) -> Result<(), String> {
    let payments: HashMap<i64, &Payment> = evidence
        .books
        .payments
        .iter()
        .map(|paid| (paid.line, paid))
        .collect();
    let paid = |order: &&Order| {
        let status = match order.status {
            OrderStatus::Confirmed => PaymentStatus::Captured,
            OrderStatus::Cancelled => PaymentStatus::Declined,
            OrderStatus::Placed => return false,
        };
        payments
            .get(&order.line)
            .is_some_and(|payment| payment.amount == order.amount && payment.status == status)
    };
    let unpaid = evidence.books.orders.iter().filter(|order| !paid(order));
    none(
        "orders whose payment is missing or not theirs",
        unpaid.map(|order| order.line),
    )
}

fn payments_are_ordered(evidence: &Evidence<'_>) -> Result<(), String> {
    let orders: HashSet<i64> = evidence
        .books
        .orders
        .iter()
        .map(|order| order.line)
        .collect();
    let lines = evidence.books.payments.iter().map(|payment| payment.line);
    none(
        "payments without an order",
        lines.filter(|line| !orders.contains(line)),
    )
}

fn the_limit_is_kept(evidence: &Evidence<'_>) -> Result<(), String> {
    let wrong = |payment: &&Payment| {
        (payment.status == PaymentStatus::Declined) != (payment.amount > evidence.limit)
    };
    none(
        "payments on the wrong side of the limit",
        evidence
            .books
            .payments
            .iter()
            .filter(wrong)
            .map(|paid| paid.line),
    )
}

fn confirmations_are_single(evidence: &Evidence<'_>) -> Result<(), String> {
    // taking each out once leaves nothing for a second
    let mut open: HashSet<i64> = confirmed(evidence.books).map(|order| order.line).collect();
    let lines = evidence.books.confirmations.iter().copied();
    none(
        "confirmations that are one too many",
        lines.filter(|line| !open.remove(line)),
    )
}

fn confirmations_are_complete(evidence: &Evidence<'_>) -> Result<(), String> {
    let sent: HashSet<i64> = evidence.books.confirmations.iter().copied().collect();
    let missing: Vec<i64> = confirmed(evidence.books)
        .map(|order| order.line)
        .filter(|line| !sent.contains(line))
        .collect();
    if missing.len() as u64 <= evidence.excused {
        return Ok(());
    }
    let excused = evidence.excused;
    none(
        &format!("confirmations missing, with {excused} unknown outcomes and failed hooks"),
        missing.into_iter(),
    )
}

fn attempts_are_recorded(evidence: &Evidence<'_>) -> Result<(), String> {
    let recorded: HashSet<i64> = evidence
        .books
        .audit_records
        .iter()
        .map(|record| record.line)
        .collect();
    none(
        "orders without an audit record",
        evidence
            .settled
            .iter()
            .map(line)
            .filter(|line| !recorded.contains(line)),
    )
}

fn records_are_of_attempts(evidence: &Evidence<'_>) -> Result<(), String> {
    let told: HashSet<i64> = evidence.settled.iter().map(line).collect();
    let mut seen = HashSet::new();
    let records = evidence.books.audit_records.iter();
    let stray = records.filter(|&&record| !told.contains(&record.line) || !seen.insert(record));
    none(
        "audit records of no attempt, or of one recorded before",
        stray.map(|record| record.line),
    )
}

fn confirmed(books: &Books) -> impl Iterator<Item = &Order> {
    books
        .orders
        .iter()
        .filter(|order| order.status == OrderStatus::Confirmed)
}

fn captured(books: &Books) -> impl Iterator<Item = &Payment> {
    books
        .payments
        .iter()
        .filter(|payment| payment.status == PaymentStatus::Captured)
}

fn line(settled: &Settled) -> i64 {
    settled.purchase.line
}

/// Fails with how many offenders there are, and where the first few are to be found.
fn none(what: &str, offenders: impl Iterator<Item = i64>) -> Result<(), String> {
    let mut lines: Vec<i64> = offenders.collect();
    if lines.is_empty() {
        return Ok(());
    }
    lines.sort_unstable();
    let first: Vec<String> = lines.iter().take(5).map(i64::to_string).collect();
    let more = if lines.len() > first.len() {
        ", .."
    } else {
        ""
    };
    Err(format!(
        "{} {what}: lines {}{more}",
        lines.len(),
        first.join(", ")
    ))
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
