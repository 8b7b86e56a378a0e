//! Misuse of the attributes: whatever is written on whatever, an answer, and an error that points at something. It judges
//! tokens, and must not know of any database.

#[cfg(test)]
mod attacks;
mod case;
mod fragments;
mod judge;
mod mistakes;
mod mutants;
mod options;
mod pool;
mod saboteurs;
mod shapes;
#[cfg(test)]
mod tests;
mod trial;

use proc_macro2::TokenStream;
use txkit_expander::Kind;

use case::Case;
pub(crate) use case::Family;
pub(super) use trial::TRIAL;

/// What the expander answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    Refused,
}

/// An answer that it must not give.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// What is wrong, in a line or two.
    pub(crate) what: String,
    /// The case, so that it can be read without being run.
    pub(crate) case: String,
}

/// Anything that expands, the expander itself or a saboteur.
pub(crate) type Expand<'e> = &'e dyn Fn(Kind, TokenStream, TokenStream) -> TokenStream;

/// Parsers recurse, and so does this, on a stack as deep as a compiler's.
pub(crate) fn on_a_deep_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK);
        let ran = thread
            .spawn_scoped(scope, run)
            .map(std::thread::ScopedJoinHandle::join);
        match ran {
            Ok(Ok(ran)) => ran,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread: {error}"),
        }
    })
}

/// What rustc gives the thread that expands.
const DEEP_STACK: usize = 8 << 20;

/// The family that a case belongs to: they take turns.
pub(crate) fn family(index: u64) -> Family {
    Family::of(index)
}

/// One case: number and seed say all of it.
#[cfg(test)]
pub(crate) fn run_case(seed: u64, index: u64) -> Result<Outcome, Wrong> {
    run_case_with(seed, index, &Kind::expand)
}

/// The same with another expander, to show that it would be caught.
pub(crate) fn run_case_with(seed: u64, index: u64, expand: Expand<'_>) -> Result<Outcome, Wrong> {
    judge::judge(&Case::new(seed, index), expand)
}

/// The case as text.
#[cfg(test)]
pub(crate) fn show(seed: u64, index: u64) -> String {
    Case::new(seed, index).to_string()
}
