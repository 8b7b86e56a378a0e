//! What must compile, and without a warning: every form of function, and all that its callers may do.
//!
//! Modules of the test itself, so that Clippy reads them too.
#![deny(warnings)]
#![allow(dead_code, reason = "compiling is all that is asked of them")]

mod argument_patterns;
mod async_trait;
mod bodies;
mod by_reference;
mod by_value;
mod connection_as_a_drop_in;
mod diesel_as_a_drop_in;
mod diesel_async_by_value;
mod diesel_async_spawned;
mod diesel_async_statements;
mod diesel_beside_sqlx;
mod diesel_by_value;
mod diesel_generics;
mod diesel_hooks;
mod diesel_methods;
mod diesel_statements;
mod diesel_without_attributes;
mod errors;
mod generics;
mod hooks;
mod impl_trait;
mod lent_connection;
mod made_by_macros;
mod methods;
mod options;
mod prelude;
mod reading;
mod recursion;
mod renamed_import;
mod sessions;
mod source_expressions;
mod spawned;
mod stacked_attributes;
mod tests_of_ones_own;
mod traits;
mod without_attributes;
