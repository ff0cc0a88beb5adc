//! Prints `reports/designs.md`, and writes its figures: which design reaches five nines.
//!
//! `cargo run --release --example designs_report > reports/designs.md`, from the repository's root.

#[path = "../shared/ending.rs"]
mod ending;
#[path = "../shared/folder.rs"]
mod folder;
#[path = "../shared/run.rs"]
mod run;
#[path = "../shared/table.rs"]
mod table;

mod assumptions;
mod designs;
mod robust;
mod sweeps;
mod turned;

use std::path::Path;
use std::process::ExitCode;

/// Where the figures go, as the report's links have it and from the root.
const FIGURES: &str = "figures";
const FOLDER: &str = "reports/figures";

fn main() -> ExitCode {
    ending::code(page(Path::new(".")).map(|text| {
        print!("{text}");
        true
    }))
}

fn page(root: &Path) -> Result<String, String> {
    let designs = designs::section(root)?;
    let parts = [designs, robust::section(root)?, sweeps::section(root)?, END.to_owned()];
    Ok(parts.join("\n"))
}

/// Writes a figure, and gives the line that shows it.
fn show(name: &str, what: &str, svg: &str) -> Result<String, String> {
    let path = format!("{FOLDER}/{name}.svg");
    std::fs::create_dir_all(FOLDER).and_then(|()| std::fs::write(&path, svg)).map_err(|e| format!("{path}: {e}"))?;
    Ok(format!("![{what}]({FIGURES}/{name}.svg)\n"))
}

const END: &str = "\
## Numbers of your own

What the nets have as parameters is changed by `--set`: `fivenines run scenarios/designs.ron --set 'mtbf=1104 h'`. Everything
else is a line of `models/params/`, with its source, its evidence and, where it is assumed, its range: copy `models` and
`scenarios`, and change it. [docs/designs.md](../docs/designs.md) says what stands where. A log of your own becomes a law
by `fivenines calibrate my.csv --evidence field-data --out models/params/mine.ron`. `--parameter-uncertainty N` draws
all ranges and all calibrated laws, and tells apart what more simulation and what more measurement would settle.
";
