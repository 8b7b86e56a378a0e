//! Drives the engine: one runner that awaits, one that blocks. They do what the protocol says and decide nothing.

pub(crate) mod asynchronous;
pub(crate) mod blocking;
#[cfg(test)]
mod blocking_tests;
#[cfg(test)]
mod fake;
mod queue;

use std::any::Any;

/// A panic's message, as far as it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("no message"))
}
