//! The options of `fivenines calibrate`.

use super::{duration, fraction, whole};
use clap::{Args as Group, ValueEnum};
use fivenines::calibrate::{Wanted, table};
use fivenines::syntax::ast::Evidence;
use std::path::PathBuf;

/// Examples, and what the exit codes mean here.
pub const HELP: &str = "\
Examples:
  fivenines calibrate repairs.csv --unit min
  fivenines emulate scenarios/emulate-vrrp.ron --samples failover.csv
  fivenines calibrate failover.csv --column detect --column client
  fivenines calibrate repairs.csv --law empirical --evidence field-data --out params/repairs.ron
  fivenines calibrate --failures 0 --time '3 y' --name mtbf --evidence field-data --out params/hosts.ron

Exit codes:
  0    fine; also when no law fits, which is told
  2    the table is wrong (every bad row is named), or there is no law of the kind asked for
  4    a file can't be read or written
  130  interrupted, after printing what is known so far";

/// `fivenines calibrate`.
#[derive(Debug, Group)]
pub struct Calibrate {
    /// A table of durations with commas; `-` is standard input. Headings are `repair [min]` or `repair_min`.
    #[arg(required_unless_present = "failures", conflicts_with = "failures", value_name = "FILE.csv")]
    pub file: Option<PathBuf>,

    /// Unit of columns whose heading names none: `ms`, `s`, `min`, `h`.
    #[arg(long, value_name = "UNIT", value_parser = unit, conflicts_with = "failures")]
    pub unit: Option<f64>,

    /// Take this column only; may be given again [default: every column with a unit].
    #[arg(long = "column", value_name = "NAME", conflicts_with = "failures")]
    pub columns: Vec<String>,

    /// A law for each value of this column, such as the `case` of an emulation, of the only column of durations.
    #[arg(long, value_name = "NAME", conflicts_with = "failures")]
    pub by: Option<String>,

    /// Step of the clock that measured, such as `1 ms` [default: the last decimal that is written].
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true, conflicts_with = "failures")]
    pub resolution: Option<f64>,

    /// Use this law whatever the verdict: a family such as `LogNormal`, or `empirical`, of one column `detect=Weibull`.
    #[arg(long = "law", value_name = "[COLUMN=]LAW", value_parser = law, conflicts_with = "failures")]
    pub laws: Vec<(Option<String>, Wanted)>,

    /// Fit by the product of the spacings between whole durations instead of the likelihood.
    #[arg(long, conflicts_with = "failures")]
    pub spacings: bool,

    /// Instead of a table: so many failures were seen in --time, none of them included.
    #[arg(long, value_name = "N", value_parser = whole, requires = "time", allow_negative_numbers = true)]
    pub failures: Option<u64>,

    /// The time under observation, of all units together: `3 y`.
    #[arg(long, value_name = "TIME", value_parser = positive, requires = "failures", allow_hyphen_values = true)]
    pub time: Option<f64>,

    /// One JSON object.
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,

    /// The tables in Markdown.
    #[arg(long)]
    pub markdown: bool,

    /// Write the result to FILE instead of standard output, all or nothing.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Draw each sample beside its laws, and the probability plot of the law that is used, as SVG in DIR.
    #[arg(long, value_name = "DIR", conflicts_with = "failures")]
    pub figures: Option<PathBuf>,

    /// Write the laws to FILE, which nets import: `models/params/failover.ron`.
    #[arg(long, value_name = "FILE.ron", requires = "evidence")]
    pub out: Option<PathBuf>,

    /// How good evidence the measurements are, for --out.
    #[arg(long, value_enum, value_name = "GRADE")]
    pub evidence: Option<Grade>,

    /// Who measured what, and how, for --out.
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,

    /// What the time between failures of a count is called in --out.
    #[arg(long, value_name = "NAME", default_value = "mtbf")]
    pub name: String,

    /// Seed of the bootstrap; the same seed gives the same bytes.
    #[arg(long, value_name = "N", value_parser = whole, default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,

    /// Bootstrap replicates, which are also the draws of the parameters that are kept.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000), default_value_t = 199, allow_negative_numbers = true)]
    pub replicates: u64,

    /// How many of the likeliest laws are tested.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=17), default_value_t = 4, allow_negative_numbers = true)]
    pub candidates: u16,

    /// Confidence of all intervals: `95 %` or `0.95`.
    #[arg(long, value_name = "P", value_parser = fraction, default_value = "95 %", allow_hyphen_values = true)]
    pub confidence: f64,

    /// Threads; the result doesn't depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,
}

/// What `--evidence` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grade {
    /// By real processes on real sockets.
    MeasuredLive,
    /// An incident log.
    FieldData,
    /// Somebody's paper.
    Published,
    /// Of an emulation, which follows from its timers.
    DerivedFromTimers,
    /// Nobody measured it.
    Assumed,
}

impl From<Grade> for Evidence {
    fn from(grade: Grade) -> Evidence {
        match grade {
            Grade::MeasuredLive => Evidence::MeasuredLive,
            Grade::FieldData => Evidence::FieldData,
            Grade::Published => Evidence::Published,
            Grade::DerivedFromTimers => Evidence::DerivedFromTimers,
            Grade::Assumed => Evidence::Assumed,
        }
    }
}

fn unit(text: &str) -> Result<f64, String> {
    let known = || format!("`{}` is no unit of time; known are ns, us, ms, s, min, h, d, w, y", text.trim());
    table::seconds(text.trim()).ok_or_else(known)
}

fn positive(text: &str) -> Result<f64, String> {
    duration(text).and_then(|time| if time > 0.0 { Ok(time) } else { Err("must be above 0".into()) })
}

fn law(text: &str) -> Result<(Option<String>, Wanted), String> {
    let (column, law) = match text.split_once('=') {
        Some((column, law)) => (Some(column.trim().to_string()), law),
        None => (None, text),
    };
    Ok((column, Wanted::read(law.trim())?))
}
