//! One folder per driver: each holds the services as that driver has them written, and knows no other.

pub(crate) mod sqlx;
