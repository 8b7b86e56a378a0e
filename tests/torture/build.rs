//! Derives the functions of the blocking adapters from those of the asynchronous ones.
#![allow(clippy::unwrap_used, reason = "a build script fails by panicking")]

#[path = "../derive.rs"]
mod derive;

use std::env;
use std::path::Path;

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    derive::folder(
        Path::new("src/subjects/common"),
        &Path::new(&out).join("common"),
    );
}
