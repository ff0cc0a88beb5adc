//! The arguments of the programs that study coverage.

use std::process::ExitCode;

/// A number of seeds (else `seeds`), and a word that the rows must contain (else any).
pub fn seeds_and_word(seeds: u64) -> Result<(u64, String), ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let Ok(seeds) = arguments.next().map_or(Ok(seeds), |word| word.parse()) else {
        eprintln!("the first argument is a number of seeds");
        return Err(ExitCode::from(2));
    };
    Ok((seeds, arguments.next().unwrap_or_default()))
}
