//! Books that are in order, and every way in which they may not be.

use std::time::Duration;

use super::*;
use crate::domain::{AuditRecord, Purchase, StockLevel, Transfer};

const LIMIT: Cents = Cents(20_000);

fn settled(line: i64, units: i64, cents: i64, answer: Answer) -> Settled {
    let purchase = Purchase {
        line,
        customer: line,
        date: 19_970_101,
        units,
        amount: Cents(cents),
    };
    Settled {
        purchase,
        answer,
        latency: Duration::ZERO,
    }
}

/// One confirmed, one declined, one out of stock.
fn told() -> Vec<Settled> {
    vec![
        settled(1, 2, 1_000, Answer::Confirmed),
        settled(2, 3, 30_000, Answer::Declined),
        settled(3, 99, 5_000, Answer::OutOfStock),
    ]
}

fn in_order() -> Books {
    let order = |line, units, cents, status| Order {
        line,
        customer: line,
        units,
        amount: Cents(cents),
        status,
    };
    let payment = |line, cents, status| Payment {
        line,
        amount: Cents(cents),
        status,
    };
    let units = |row| match row {
        1 => 7,
        5 => 11,
        _ => 10,
    };
    Books {
        orders: vec![
            order(1, 2, 1_000, OrderStatus::Confirmed),
            order(2, 3, 30_000, OrderStatus::Cancelled),
        ],
        payments: vec![
            payment(1, 1_000, PaymentStatus::Captured),
            payment(2, 30_000, PaymentStatus::Declined),
        ],
        stock: (0..STOCK_ROWS)
            .map(|row| StockLevel {
                row,
                units: units(row),
            })
            .collect(),
        transfers: vec![Transfer {
            from: 1,
            to: 5,
            units: 1,
        }],
        confirmations: vec![1],
        audit_records: (1..=3)
            .map(|line| AuditRecord {
                line,
                submission: 1,
                attempt: 1,
            })
            .collect(),
    }
}

/// The names of the checks that fail once the books were tampered with.
fn found(tamper: impl FnOnce(&mut Books)) -> Vec<&'static str> {
    found_with(0, tamper)
}

fn found_with(excused: u64, tamper: impl FnOnce(&mut Books)) -> Vec<&'static str> {
    let mut books = in_order();
    tamper(&mut books);
    let told = told();
    let evidence = Evidence {
        books: &books,
        settled: &told,
        stock_per_row: 10,
        limit: LIMIT,
        excused,
    };
    check(&evidence)
        .into_iter()
        .filter(|checked| checked.finding.is_some())
        .map(|checked| checked.name)
        .collect()
}

const ANSWERS: &str = CHECKS[0].0;
const MONEY: &str = CHECKS[1].0;
const STOCK: &str = CHECKS[2].0;
const PAID: &str = CHECKS[3].0;
const ORDERED: &str = CHECKS[4].0;
const LIMITED: &str = CHECKS[5].0;
const SINGLE: &str = CHECKS[6].0;
const COMPLETE: &str = CHECKS[7].0;
const RECORDED: &str = CHECKS[8].0;
const STRAY: &str = CHECKS[9].0;

#[test]
fn books_in_order_hold() {
    assert_eq!(found(|_| {}), [""; 0]);
}

#[test]
fn an_order_that_was_promised_and_lost() {
    assert_eq!(
        found(|books| books.orders.retain(|order| order.line != 1)),
        [ANSWERS, MONEY, STOCK, ORDERED, SINGLE]
    );
}

#[test]
fn an_order_that_was_refused_and_is_there() {
    let kept = |books: &mut Books| {
        books.orders.push(Order {
            line: 3,
            ..books.orders[1].clone()
        })
    };
    assert_eq!(found(kept), [ANSWERS, PAID]);
}

#[test]
fn an_order_that_nobody_placed() {
    let kept = |books: &mut Books| {
        books.orders.push(Order {
            line: 9,
            ..books.orders[1].clone()
        })
    };
    assert_eq!(found(kept), [ANSWERS, PAID]);
}

#[test]
fn an_order_left_halfway() {
    assert_eq!(
        found(|books| books.orders[1].status = OrderStatus::Placed),
        [ANSWERS, PAID]
    );
}

#[test]
fn a_payment_that_was_lost_or_changed() {
    assert_eq!(
        found(|books| books.payments.retain(|paid| paid.line != 1)),
        [MONEY, PAID]
    );
    assert_eq!(
        found(|books| books.payments[0].amount = Cents(1_001)),
        [MONEY, PAID]
    );
    assert_eq!(
        found(|books| books.payments[1].status = PaymentStatus::Captured),
        [MONEY, PAID, LIMITED]
    );
}

#[test]
fn a_payment_of_no_order() {
    let kept = |books: &mut Books| {
        books.payments.push(Payment {
            line: 3,
            ..books.payments[1].clone()
        })
    };
    assert_eq!(found(kept), [ORDERED]);
}

#[test]
fn units_that_vanished_or_appeared() {
    assert_eq!(found(|books| books.stock[7].units -= 1), [STOCK]);
    assert_eq!(found(|books| books.transfers[0].units += 1), [STOCK]);
    assert_eq!(found(|books| books.stock[7].units = -1), [STOCK]);
    assert_eq!(found(|books| books.stock.truncate(15)), [STOCK]);
}

#[test]
fn a_confirmation_too_many() {
    assert_eq!(found(|books| books.confirmations.push(1)), [SINGLE]);
    assert_eq!(found(|books| books.confirmations.push(2)), [SINGLE]);
}

#[test]
fn a_confirmation_missing() {
    assert_eq!(found(|books| books.confirmations.clear()), [COMPLETE]);
    assert_eq!(found_with(1, |books| books.confirmations.clear()), [""; 0]);
}

#[test]
fn an_audit_record_missing_or_of_nothing() {
    assert_eq!(found(|books| books.audit_records.truncate(2)), [RECORDED]);
    let strange = |books: &mut Books| {
        books.audit_records.push(AuditRecord {
            line: 4,
            submission: 1,
            attempt: 1,
        })
    };
    assert_eq!(found(strange), [STRAY]);
}

#[test]
fn a_finding_says_where() {
    let lines = none("orders without payment", [9, 7, 8, 1, 2, 3].into_iter());
    assert_eq!(
        lines,
        Err("6 orders without payment: lines 1, 2, 3, 7, 8, ..".to_owned())
    );
}
