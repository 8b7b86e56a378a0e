//! Derives the blocking contract from the asynchronous one: the same cases, without `async`. What cannot be said without
//! futures stands in `cases/futures.rs`, and for threads in `diesel/threads.rs`.
#![allow(clippy::unwrap_used, reason = "a build script fails by panicking")]

mod derive;

use std::env;
use std::path::Path;

const FOLDERS: [&str; 4] = ["cases", "diesel_async", "engines", "only"];

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    for folder in FOLDERS {
        derive::folder(
            &Path::new("contract").join(folder),
            &Path::new(&out).join(folder),
        );
    }
}
