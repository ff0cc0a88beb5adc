//! Prints `reports/rare.md`: how often the intervals of rare events hold the exact value, and what they cost.
//!
//! `cargo run --release --example rare_study > reports/rare.md`, from the repository's root; a number of seeds, and a
//! word that the rows must contain, may follow behind `--`.

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/ending.rs"]
mod ending;
#[path = "../shared/folder.rs"]
mod folder;
#[path = "../shared/seeds.rs"]
mod seeds;

mod cases;
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
    print!("{}", table::head(seeds));
    let mut good = true;
    // Line by line, since each takes minutes.
    let each = |row: study::Row| {
        good &= row.is_good();
        println!("{}", table::line(&row));
    };
    let done = study::rows(Path::new("."), seeds, &filter, each);
    ending::code(done.map(|()| good))
}
