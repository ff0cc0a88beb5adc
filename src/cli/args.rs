//! What can be typed: commands and options, and their help texts.

mod calibrate;

pub use calibrate::Calibrate;
use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use fivenines::exact::Limits;
use fivenines::syntax::ast::Method;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0    fine (also: precision not reached, unless --require-precision)
  1    an expectation or the gate failed, or the precision was required and not reached
  2    the input is wrong: a mistake in a file, an unknown option, a warning under --deny warnings
  3    the run failed: a livelock, an overrun; if simulated, the command that replays it is printed
  4    the environment: a file can't be read or written
  5    the gate could not decide within the budget
  130  interrupted, after printing what is known so far";

/// Does the design reach five nines?
///
/// fivenines computes the availability of stochastic coloured Petri nets, by simulation with confidence
/// intervals on the unavailability or exactly, and compares designs.
#[derive(Debug, Parser)]
#[command(name = "fivenines", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to colour diagnostics.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,

    /// Only results and errors: no progress, no notes.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios or nets and print their tables.
    #[command(after_help = RUN_HELP)]
    Run(Box<Run>),
    /// Show every mistake of a file, and the structure of its nets; nothing is simulated.
    #[command(after_help = CHECK_HELP)]
    Check(Check),
    /// Print one path, firing by firing.
    #[command(after_help = TRACE_HELP)]
    Trace(Trace),
    /// Run a fault plan against an emulated, replicated VoIP server pair, in virtual time.
    #[command(after_help = EMULATE_HELP)]
    Emulate(Emulate),
    /// A process of a live run; `emulate --live` starts it.
    #[command(hide = true)]
    EmulateNode,
    /// Fit laws to measured durations, and tell whether one of them will do.
    #[command(after_help = calibrate::HELP)]
    Calibrate(Calibrate),
    /// List the models and scenarios that are part of fivenines, or print one to start from.
    #[command(after_help = BUILTIN_HELP)]
    Builtin {
        /// Which one: `models/monolith.ron`.
        name: Option<String>,
    },
}

const RUN_HELP: &str = "\
Examples:
  fivenines run scenarios/thesis-table-1.ron
  fivenines run models/monolith.ron --set 'mtbf=552 h' --precision '0.5 %'
  fivenines run scenarios/                    every scenario in the folder, one line each
  fivenines run big.ron --resume big.snap     Ctrl-C, and the same command goes on later
  fivenines run sweep.ron --figures figures   curves, bars and tornadoes as SVG
  fivenines run pair.ron --bless pair.json    what is blessed is what later versions are held against:
  fivenines run pair.ron --against pair.json --summary summary.md --junit gate.xml";

const CHECK_HELP: &str = "\
Example:
  fivenines check models/sip_server.ron --deny warnings";

const EMULATE_HELP: &str = "\
Examples:
  fivenines emulate scenarios/emulate-vrrp.ron
  fivenines emulate scenarios/emulate-remus.ron --runs 10000 --samples failovers.csv
  fivenines emulate scenarios/emulate-bfd.ron --live --runs 20";

const BUILTIN_HELP: &str = "\
A built-in file can be named wherever a file can, also in a net or scenario of your own:
  fivenines run builtin:scenarios/thesis-table-1.ron
  fivenines builtin models/monolith.ron > mine.ron";

const TRACE_HELP: &str = "\
Example:
  fivenines trace scenarios/thesis-table-1.ron --design standard --seed 1 --replication 4 --firings 20";

/// `fivenines run`.
#[derive(Debug, Group)]
pub struct Run {
    /// Scenarios, nets, or folders of scenarios; `-` is standard input, `builtin:…` comes with fivenines.
    #[arg(required = true, value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub format: Format,

    /// Write the result to FILE instead of standard output, all or nothing.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Give a parameter of the nets, or a value of a file they import, another value: `--set 'mtbf=1104 h'`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,

    /// Seed of all random streams; the same seed gives the same numbers.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// Threads; the result doesn't depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,

    /// Relative half-width of the primary unavailability at which a run ends: `1 %` or `0.01`.
    #[arg(long, value_name = "P", value_parser = fraction, allow_hyphen_values = true)]
    pub precision: Option<f64>,

    /// Confidence of all intervals: `95 %` or `0.95`.
    #[arg(long, value_name = "P", value_parser = fraction, allow_hyphen_values = true)]
    pub confidence: Option<f64>,

    /// How to solve.
    #[arg(long, value_enum, value_name = "METHOD")]
    pub method: Option<MethodName>,

    /// Most bytes that an exact solution may take: `16e9`.
    #[arg(long, value_name = "BYTES", value_parser = memory, allow_negative_numbers = true)]
    pub memory: Option<u64>,

    /// Exponential phases in the place of a clock, for `--method phase-types`: 1 to 50.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub phases: Option<u32>,

    /// Most firings for one design at one sweep point: `2e9`.
    #[arg(long, value_name = "N", value_parser = budget, allow_negative_numbers = true)]
    pub budget: Option<u64>,

    /// Also the first year from fresh, a bad year (95 %), and the chance of a year without outage.
    #[arg(long)]
    pub years: bool,

    /// Also what began the outages, and how much of the downtime each cause has.
    #[arg(long)]
    pub causes: bool,

    /// What is simulated is also solved exactly, where that can be done; exit code 1 when the two disagree.
    #[arg(long)]
    pub cross_check: bool,

    /// Narrow the interval of each crossing of a sweep to this relative half-width by points between: `1 %`.
    #[arg(long, value_name = "P", value_parser = fraction, allow_hyphen_values = true)]
    pub refine: Option<f64>,

    /// By how many per cent the downtime changes with each parameter, or those named: `--sensitivity=mtbf,mttr`.
    #[arg(long, value_name = "NAMES", num_args = 0.., value_delimiter = ',', require_equals = true)]
    pub sensitivity: Option<Vec<String>>,

    /// Draw the uncertain values of parameter files so often, and tell sampling and parameters' uncertainty apart.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100_000), allow_negative_numbers = true)]
    pub parameter_uncertainty: Option<u64>,

    /// What it would take: `--target 'availability >= 99.999 % by mtbf from 100 h to 1 y'`.
    #[arg(long = "target", value_name = "TARGET")]
    pub targets: Vec<String>,

    /// Continue from the snapshot FILE if it exists; an interrupted run is saved there.
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,

    /// Hold the downtimes against those of a baseline (a file, or a folder of files named like FILE): the gate.
    /// Exit code 1 for a regression, 5 when the budget ends before it is decided.
    #[arg(long, value_name = "BASELINE", conflicts_with_all = ["bless", "cross_check",
        "require_precision", "sensitivity", "targets", "refine", "causes", "years", "parameter_uncertainty", "figures"])]
    pub against: Option<PathBuf>,

    /// Write the result as the baseline of later runs; what was blessed first stays the anchor.
    #[arg(long, value_name = "BASELINE")]
    pub bless: Option<PathBuf>,

    /// With --bless: make this version the anchor, too.
    #[arg(long, requires = "bless")]
    pub re_anchor: bool,

    /// Increase of a downtime that is no regression [default: that of the baseline].
    #[arg(long, value_name = "P", value_parser = fraction, allow_hyphen_values = true, requires = "against")]
    pub margin: Option<f64>,

    /// Write what was checked and what came of it to FILE, as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Write the verdict and the leading figures to FILE, as Markdown: for the summary of a CI job.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,

    /// Draw the sweep, or the designs beside each other, the sensitivity and the parameters' uncertainty, as SVG in DIR.
    #[arg(long, value_name = "DIR")]
    pub figures: Option<PathBuf>,

    /// Fail (exit code 1) when the precision was not reached.
    #[arg(long)]
    pub require_precision: bool,

    /// What to treat as an error.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, Group)]
#[group(multiple = false)]
pub struct Format {
    /// One JSON object (the contract is in the README); `run`, of several files or a folder: one on each line.
    #[arg(long)]
    pub json: bool,

    /// One line for each design, sweep point and measure, or case and figure.
    #[arg(long)]
    pub csv: bool,

    /// The tables in Markdown.
    #[arg(long)]
    pub markdown: bool,
}

/// `fivenines check`.
#[derive(Debug, Group)]
pub struct Check {
    /// A scenario, net or parameter file; `-` is standard input.
    pub file: PathBuf,

    /// Diagnostics and structure as one JSON object.
    #[arg(long)]
    pub json: bool,

    /// Give a parameter of the nets another value.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,

    /// What to treat as an error.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

/// `fivenines trace`.
#[derive(Debug, Group)]
pub struct Trace {
    /// A net or scenario; `-` is standard input.
    pub file: PathBuf,

    /// Which design of the scenario [default: the first].
    #[arg(long, value_name = "NAME")]
    pub design: Option<String>,

    /// Give a parameter of the net another value.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,

    /// Seed of all random streams.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// Which replication.
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub replication: u64,

    /// End at this simulated time: `10 y`, `36 h`, or seconds.
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    pub until: Option<f64>,

    /// End after so many firings [default: 50, or no limit with --until].
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub firings: Option<u64>,

    /// Print only the last N lines: what led to the end.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub last: Option<u64>,

    /// JSON lines.
    #[arg(long)]
    pub json: bool,
}

/// `fivenines emulate`.
#[derive(Debug, Group)]
pub struct Emulate {
    /// A fault plan; `-` is standard input, `builtin:…` comes with fivenines.
    pub file: PathBuf,

    #[command(flatten)]
    pub format: Format,

    /// Run real processes over loopback sockets in real time, one run after the other.
    #[arg(long, conflicts_with = "threads")]
    pub live: bool,

    /// Write the sample of failover times to FILE: one line for each takeover, in seconds.
    #[arg(long, value_name = "FILE")]
    pub samples: Option<PathBuf>,

    /// Write the sample of recovery times to FILE: one line for each failure of a function, in seconds.
    #[arg(long, value_name = "FILE")]
    pub recoveries: Option<PathBuf>,

    /// Write the result to FILE instead of standard output, all or nothing.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Seed of all random streams; the same seed gives the same bytes.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// How many runs [default: as the plan says].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000), allow_negative_numbers = true)]
    pub runs: Option<u64>,

    /// Threads; the result doesn't depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// What `--deny` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Whatever is only probably wrong.
    Warnings,
}

/// What `--method` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodName {
    /// fivenines chooses, and says what.
    Auto,
    /// Simulation by the method that fivenines chooses.
    Simulation,
    /// Independent replications with the warm-up removed.
    Replications,
    /// Batch means on one long path.
    BatchMeans,
    /// Cycles between true regenerations.
    Regenerative,
    /// The same cycles, drawn behind each way in which one can begin.
    Stratified,
    /// Cycles in which failures are made likely, and weighted.
    ImportanceSampling,
    /// Replications whose paths are split where they come nearer to a failure.
    Splitting,
    /// No simulation: the net's process is solved, or what stands in the way is named.
    Exact,
    /// No simulation, but an approximation: clocks that stand in the way pass through exponential phases.
    PhaseTypes,
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Method {
        match name {
            MethodName::Auto => Method::Auto,
            MethodName::Simulation => Method::Simulation,
            MethodName::Replications => Method::Replications,
            MethodName::BatchMeans => Method::BatchMeans,
            MethodName::Regenerative => Method::Regenerative,
            MethodName::Stratified => Method::Stratified,
            MethodName::ImportanceSampling => Method::ImportanceSampling,
            MethodName::Splitting => Method::Splitting,
            MethodName::Exact => Method::Exact,
            MethodName::PhaseTypes => Method::PhaseTypes,
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, as in 'mtbf=1104 h'")?;
    match (name.trim(), value.trim()) {
        ("", _) => Err("the name before '=' is missing".into()),
        (_, "") => Err("the value behind '=' is missing".into()),
        (name, value) => Ok((name.into(), value.into())),
    }
}

/// `1 %`, `1%` or `0.01`: strictly between 0 and 1.
fn fraction(text: &str) -> Result<f64, String> {
    let (number, divisor) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text.trim(), 1.0),
    };
    let value = number.parse::<f64>().map_err(|_| "write a fraction, as in '1 %' or 0.01")? / divisor;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("must lie between 0 and 100 %, both excluded".into()) }
}

/// A whole number from 0.
fn whole(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

/// `2000000` or `2e9`: a whole number from 1.
fn budget(text: &str) -> Result<u64, String> {
    let value = text.trim().parse::<f64>().map_err(|_| "write a number, as in 2000000 or 2e9")?;
    if (1.0..=1e18).contains(&value) && value.fract() == 0.0 {
        Ok(value as u64)
    } else {
        Err("must be a whole number from 1 to 1e18".into())
    }
}

/// A number of bytes that an exact solution can do with.
fn memory(text: &str) -> Result<u64, String> {
    let least = Limits::LEAST_MEMORY;
    let value = budget(text).map_err(|_| "must be a whole number of bytes, as in 16e9")?;
    if value >= least { Ok(value) } else { Err(format!("must be at least {least}")) }
}

/// `10 y`, `36 h`, `5`: seconds, positive and finite.
fn duration(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| c.is_ascii_whitespace()).unwrap_or_else(|| unit_start(text));
    let (number, unit) = (&text[..digits], text[digits..].trim());
    let value = number.parse::<f64>().map_err(|_| "write a time, as in '10 y' or '36 h'")?;
    let factor = match fivenines::units::unit(if unit.is_empty() { "s" } else { unit }) {
        Some((factor, dimension)) if dimension == fivenines::units::Dimension::TIME => factor,
        _ => return Err(format!("'{unit}' is no unit of time; known are ns, us, ms, s, min, h, d, w, y")),
    };
    let seconds = value * factor;
    if seconds >= 0.0 && seconds.is_finite() { Ok(seconds) } else { Err("must be at least 0 and finite".into()) }
}

/// Where the unit begins in `36h`; the `e` of `1e9` belongs to the number.
fn unit_start(text: &str) -> usize {
    let numeric = |(i, c): (usize, char)| {
        c.is_ascii_digit()
            || "+-.".contains(c)
            || (c == 'e' && text[i + 1..].starts_with(|d: char| d.is_ascii_digit() || "+-".contains(d)))
    };
    text.char_indices().find(|&at| !numeric(at)).map_or(text.len(), |(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn fractions() {
        assert_eq!(fraction("1 %"), Ok(0.01));
        assert_eq!(fraction("95%"), Ok(0.95));
        assert_eq!(fraction("0.01"), Ok(0.01));
        for wrong in ["0", "1", "100 %", "-1 %", "nan", "inf", "x", ""] {
            assert!(fraction(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration("36h"), Ok(36.0 * 3600.0));
        assert_eq!(duration("36 h"), Ok(36.0 * 3600.0));
        assert_eq!(duration("1e9"), Ok(1e9));
        assert_eq!(duration("1e3 min"), Ok(60e3));
        for wrong in ["", "h", "-1 s", "1 parsec", "nan", "1e400", "1 Hz", "5 é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn budgets_and_assignments() {
        assert_eq!(budget("2e9"), Ok(2_000_000_000));
        for wrong in ["0", "-3", "1.5", "1e30", "nan"] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
        assert_eq!(assignment("mtbf = 1104 h"), Ok(("mtbf".into(), "1104 h".into())));
        assert_eq!(assignment("f=a==b"), Ok(("f".into(), "a==b".into())));
        for wrong in ["mtbf", "=1", "mtbf="] {
            assert!(assignment(wrong).is_err(), "{wrong}");
        }
    }
}
