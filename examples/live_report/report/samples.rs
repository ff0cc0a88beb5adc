//! Samples: those that were measured live, from their files, and those of the virtual lab.

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::emulator::findings::carry_out;
use fivenines::emulator::outcome::Control;
use fivenines::emulator::{read, report};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A table of durations by run.
pub struct Sample {
    /// What stands before the table.
    pub comments: Vec<String>,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sample {
    fn read(text: &str) -> Sample {
        let comments = text.lines().filter_map(|line| line.strip_prefix("# ").map(str::to_owned)).collect();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(cells);
        Sample { comments, header: lines.next().unwrap_or_default(), rows: lines.collect() }
    }

    fn index(&self, name: &str) -> Result<usize, String> {
        self.header.iter().position(|head| head == name).ok_or(format!("there is no column {name}"))
    }

    /// How many runs there were: each gave one line.
    pub fn runs(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The durations of a column, whole ones only, by run.
    pub fn column(&self, name: &str) -> Result<BTreeMap<u64, f64>, String> {
        let (run, value) = (self.index("run")?, self.index(&format!("{name}_s"))?);
        let cell = |row: &[String]| Some((row.get(run)?.parse().ok()?, row.get(value)?.parse().ok()?));
        Ok(self.rows.iter().filter_map(|row| cell(row)).collect())
    }
}

/// A sample that was measured live.
pub fn live(path: &Path) -> Result<Sample, String> {
    let text = std::fs::read_to_string(path);
    text.map(|text| Sample::read(&text)).map_err(|error| format!("{}: {error}", path.display()))
}

/// The sample of the virtual lab: of takeovers, or of failures of functions if nobody took over.
pub fn simulated(path: &Path, runs: u64) -> Result<Sample, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add(path.display().to_string(), text.as_str());
    let study = read::read(source, text.as_bytes(), &mut diagnostics);
    let mut study = study.ok_or_else(|| diagnostics.sorted().iter().map(|d| plain(d, &sources)).collect::<String>())?;
    study.cases.iter_mut().for_each(|case| case.plan.runs = runs);
    let control = Control { threads: 2, interrupted: &AtomicBool::new(false), progress: &|_| () };
    let findings = carry_out(&study, &control).map_err(|error| error.to_string())?;
    let takeovers = findings.cases.values().any(|outcome| !outcome.samples.is_empty());
    Ok(Sample::read(&if takeovers { report::samples(&findings) } else { report::recoveries(&findings) }))
}
