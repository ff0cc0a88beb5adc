//! Prints `reports/thesis.md`: what does and does not follow from the thesis's parameters.
//!
//! `cargo run --release --example thesis_report > reports/thesis.md`, from the repository's root.

#[path = "../shared/ending.rs"]
mod ending;
mod report;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    ending::code(report::report(Path::new(".")).map(|text| {
        print!("{text}");
        true
    }))
}
