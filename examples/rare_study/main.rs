//! Prints `reports/rare.md`: how often the intervals of rare events hold the exact value, and what they cost.
//!
//! `cargo run --release --example rare_study > reports/rare.md`, from the repository's root; a number of seeds, and a
//! word that the rows must contain, may follow behind `--`.

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/folder.rs"]
mod folder;

mod spent;
mod study;
mod table;

use std::path::Path;
use std::process::ExitCode;

/// Seeds of each row.
const SEEDS: u64 = 100;

fn main() -> ExitCode {
    let (seeds, filter) = match arguments::seeds_and_word(SEEDS) {
        Ok(given) => given,
        Err(code) => return code,
    };
    match study::rows(Path::new("."), seeds, &filter) {
        Ok(rows) => {
            print!("{}", table::page(&rows, seeds));
            if rows.iter().all(study::Row::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
