//! Prints `reports/designs.md`, and writes its figures: which design reaches five nines.
//!
//! `cargo run --release --example designs_report > reports/designs.md`, from the repository's root.

#[path = "../shared/ending.rs"]
mod ending;
#[path = "../shared/folder.rs"]
mod folder;
#[path = "../shared/run.rs"]
mod run;
#[path = "../shared/seeds.rs"]
mod seeds;
#[path = "../shared/table.rs"]
mod table;

mod advice;
mod answer;
mod assumptions;
mod causes;
mod chances;
mod claims;
mod designs;
mod differences;
mod influences;
mod lasting;
mod matrix;
mod robust;
mod readings;
mod sweeps;

use designs::Designs;
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
    let designs = Designs::solved(root)?;
    let chances = chances::Chances::drawn(root)?;
    let assumptions = assumptions::all(root)?;
    let turned = robust::Turned::all(root, &assumptions, &designs)?;
    let lasting = lasting::section(root, &designs)?;
    let (claims, actors) = claims::section(root)?;
    let parts = [
        answer::section(&designs, &chances, &turned)?,
        differences::section(root, &designs)?,
        chances.section(&designs)?,
        lasting.0,
        causes::section(&designs)?,
        advice::section(&designs, &chances, &turned)?,
        turned.section(),
        readings::section(&designs, &turned, &actors, &lasting.1),
        influences::section(&designs, &turned)?,
        claims,
        sweeps::section(root)?,
        matrix::section(root)?,
        assumptions::section(&assumptions, &turned),
        OWN.to_owned(),
    ];
    Ok(parts.join("\n"))
}

/// Writes a figure, and gives the line that shows it.
fn show(name: &str, what: &str, svg: &str) -> Result<String, String> {
    let path = format!("{FOLDER}/{name}.svg");
    std::fs::create_dir_all(FOLDER).and_then(|()| std::fs::write(&path, svg)).map_err(|e| format!("{path}: {e}"))?;
    Ok(format!("![{what}]({FIGURES}/{name}.svg)\n"))
}

/// How to put in values of one's own.
const OWN: &str = "\
## Numbers of your own

Any value of the table above, for this run only, by its name there; and what the nets have as a parameter of their own:

```sh
fivenines run scenarios/designs.ron --set 'environment.operator=10 y' --set 'recovery.reboot=LogNormal(mean: 3 min, sigma: 0.3)'
fivenines run scenarios/designs.ron --set 'mtbf=1104 h' --set 'coverage.poison=0.9' --set 'FFF pair.hello=0.5 s'
```

A cell of the matrix is named by block, row and column, a row by block and row; a quantity that cells name can be set for all of
them, or for one design alone:

```sh
fivenines run scenarios/designs.ron --set 'coverage.standard[seen][transient]=0.5' --set 'coverage.vrrp[keeps]={transient: 0, ageing: 0, deterministic: 0, corrupting: 0, planned: 0, machine: 0, moved: 0.5}'
fivenines run scenarios/designs.ron --set 'FFF pair.coverage.poison=0.9'
```

They end with exit code 1 where the scenario's expectations, which are those of its own values, no longer hold. A name that
nothing has is refused, with those that there are, and so is a value that a net can't have.

For good: change the line in `models/params/`, with its `source` and its `evidence`, in a copy of the folders `models` and
`scenarios`.

A log of your own: one column of durations becomes a law with its goodness of fit and its bootstrap, in a file that takes the
place of ours. Here it is the log of restarts that comes with fivenines; its column must have the name that the nets import.

```sh
fivenines calibrate models/params/measurements/restart_process.csv --column failover --evidence field-data --source 'our log' --out models/params/restart_process.ron --replicates 19
fivenines run scenarios/designs.ron
```

A law for a line of `models/params/recovery.ron`, such as `reboot`, is found the same way: `value` in the file that
`--out` names can be copied as it stands. What of all this the answer hangs on, and what should be measured next:

```sh
fivenines run scenarios/designs.ron --parameter-uncertainty 10 --precision '50 %' --budget 2e4
```

(more draws and more budget for numbers to rely on), and whether a change of the models makes a design worse than it was:

```sh
fivenines run scenarios/designs.ron --against reports/baseline
```

[docs/designs.md](../docs/designs.md) says what stands where.
";
