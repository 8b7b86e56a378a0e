//! The drivers, one folder each; they know nothing of each other.

#[cfg(feature = "_sqlx")]
pub mod sqlx;
