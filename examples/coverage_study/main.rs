//! Prints `reports/coverage.md`: how often the intervals of every method hold the exact value.
//!
//! `cargo run --release --example coverage_study > reports/coverage.md`, from the repository's root; a number of
//! seeds, and a word that the rows must contain, may follow behind `--`.

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/ending.rs"]
mod ending;
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
    let (seeds, filter) = match arguments::seeds_and_word(SEEDS) {
        Ok(given) => given,
        Err(code) => return code,
    };
    ending::code(study(seeds, &filter))
}

/// Line by line, since each takes minutes; says whether every row is as it must be.
fn study(seeds: u64, filter: &str) -> Result<bool, String> {
    let cases = cases::cases();
    let runs: Vec<_> = cases.iter().flat_map(|case| case.runs()).filter(|run| run.label().contains(filter)).collect();
    print!("{}", table::head(runs.len(), seeds));
    let mut rows = Vec::new();
    for run in &runs {
        let row = study::row(Path::new("."), run, seeds)?;
        println!("{}", table::line(&row, runs.len()));
        rows.push(row);
    }
    print!("{}", table::sources(&rows));
    Ok(rows.iter().all(|row| row.is_true(runs.len())))
}
