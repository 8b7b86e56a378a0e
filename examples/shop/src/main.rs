//! An example of txkit: orders, payments and inventory of a small shop, replaying real purchases concurrently.

mod audit;
mod cli;
mod database;
mod domain;
mod drivers;
mod input;
mod job;
mod money;
mod progress;
mod replay;
mod report;
mod run_id;
mod schema;
mod shop;
mod tally;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match job::run(cli::Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", job::chain(&error));
            error.exit_code()
        }
    }
}
