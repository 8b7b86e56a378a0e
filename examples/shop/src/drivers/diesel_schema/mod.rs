//! The tables as Diesel sees them, for both of its drivers; knows no engine.

mod models;

pub(super) use models::*;

use crate::domain::ShopError;

diesel::table! {
    #[sql_name = "shop_orders"]
    orders (run, line) {
        run -> Text,
        line -> BigInt,
        customer -> BigInt,
        day -> BigInt,
        units -> BigInt,
        cents -> BigInt,
        status -> Text,
    }
}

diesel::table! {
    #[sql_name = "shop_payments"]
    payments (run, line) {
        run -> Text,
        line -> BigInt,
        cents -> BigInt,
        status -> Text,
    }
}

diesel::table! {
    #[sql_name = "shop_stock"]
    stock (run, id) {
        run -> Text,
        id -> BigInt,
        units -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "shop_transfers"]
    transfers (id) {
        id -> BigInt,
        run -> Text,
        from_row -> BigInt,
        to_row -> BigInt,
        units -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "shop_confirmations"]
    confirmations (id) {
        id -> BigInt,
        run -> Text,
        line -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "shop_audit"]
    audit (run, line, submission, attempt) {
        run -> Text,
        line -> BigInt,
        submission -> BigInt,
        attempt -> BigInt,
    }
}

impl From<diesel::result::Error> for ShopError {
    fn from(error: diesel::result::Error) -> Self {
        ShopError::Database(Box::new(error))
    }
}
