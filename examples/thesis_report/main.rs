//! Prints `reports/thesis.md`: what does and does not follow from the thesis's parameters.
//!
//! `cargo run --release --example thesis_report > reports/thesis.md`, from the repository's root.

mod report;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match report::report(Path::new(".")) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
