//! Prints `reports/replicator.md`: what others measured of live replication, beside what the emulated pair gives.
//!
//! `cargo run --release --example replicator_report > reports/replicator.md`, from the repository's root.

#[path = "../shared/ending.rs"]
mod ending;
#[allow(dead_code, reason = "a test makes parts of it again")]
mod report;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    ending::code(report::page(Path::new(".")).map(|text| {
        print!("{text}");
        true
    }))
}
