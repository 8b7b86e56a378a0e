//! The engine's rules, checked against everything that can happen, without a database.

mod calls;
mod histories;
