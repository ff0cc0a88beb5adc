//! Prints `reports/coverage.md`: how often the intervals of every method hold the exact value.
//!
//! `cargo run --release --example coverage_study > reports/coverage.md`, from the repository's root; a number of
//! seeds, and a word that the rows must contain, may follow behind `--`.

#[path = "../shared/folder.rs"]
mod folder;
#[path = "../shared/seeds.rs"]
mod seeds;

mod cases;
mod study;
mod table;

use std::path::Path;
use std::process::ExitCode;

/// Seeds of each row.
const SEEDS: u64 = 1000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seeds = arguments.next().map_or(Ok(SEEDS), |word| word.parse());
    let Ok(seeds) = seeds else {
        eprintln!("the first argument is a number of seeds");
        return ExitCode::from(2);
    };
    let filter = arguments.next().unwrap_or_default();
    let rows: Result<Vec<study::Row>, String> = cases::cases()
        .iter()
        .flat_map(|case| case.runs())
        .filter(|run| run.label().contains(&filter))
        .map(|run| study::row(Path::new("."), &run, seeds))
        .collect();
    match rows {
        Ok(rows) => {
            print!("{}", table::page(&rows, seeds));
            if rows.iter().all(|row| row.is_true(rows.len())) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
