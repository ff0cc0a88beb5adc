//! Prints `reports/live.md`: what was measured live, beside what the virtual lab gives for the same plans and runs.
//!
//! `cargo run --release --example live_report > reports/live.md`, from the repository's root. The live samples are
//! those in `models/params/measurements`; the virtual ones are made anew.

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
