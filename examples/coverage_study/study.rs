//! A run with many seeds: how many of its intervals hold the exact value, and how wide they are.

use crate::cases::{Asked, Exact, Run};
use crate::folder::Folder;
use crate::seeds::each;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::Point;
use fivenines::experiment::{self, Control, Overrides, Plan, Progress, Reading, Snapshot};
use fivenines::net::Library;
use fivenines::net::load::Loader;
use fivenines::stats::Estimate;
use fivenines::stats::quantile::{binomial_cdf, normal};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Of the intervals.
const CONFIDENCE: f64 = 0.95;

/// Chance that a study of true intervals finds one row significantly below, all rows together.
const FALSE_ALARM: f64 = 0.05;

/// How much wider than one of a fixed sample an interval may be.
const WIDEST: f64 = 1.2;

/// What many seeds gave.
pub struct Row {
    pub name: &'static str,
    pub method: &'static str,
    pub effort: &'static str,
    pub exact: f64,
    pub source: String,
    pub seeds: u64,
    /// Intervals that held the exact value.
    pub held: u64,
    /// Runs that gave no interval; none of them counts as held.
    pub without: u64,
    /// Mean relative half-width.
    pub width: f64,
    /// Mean half-width over that of the interval which the estimates' own spread over the seeds asks for.
    pub excess: f64,
    /// Mean of the estimates over the exact value, less 1, and its standard error.
    pub bias: (f64, f64),
}

impl Row {
    /// Share of the intervals that held the exact value.
    pub fn coverage(&self) -> f64 {
        self.held as f64 / self.seeds as f64
    }

    /// Whether it is neither significantly below what is stated, among so many rows, nor too wide.
    pub fn is_true(&self, rows: usize) -> bool {
        let chance = binomial_cdf(self.held, self.seeds, CONFIDENCE);
        chance > FALSE_ALARM / rows as f64 && self.excess <= WIDEST
    }
}

/// Runs all seeds.
pub fn row(root: &Path, run: &Run, seeds: u64) -> Result<Row, String> {
    let pilot = solve(&plan(root, &run.scenario(run.method, ""))?, 1)?;
    let (exact, source) = exact(root, run)?;
    // So that each seed needn't look for the warm-up again: it is the pilot's, as a user might state it.
    let (warmup, length) = (pilot.warmup.removed, pilot.warmup.length);
    let stated = match run.method {
        "Replications" => format!("warmup: \"{warmup} s\", length: \"{length} s\""),
        "BatchMeans" => format!("warmup: \"{warmup} s\""),
        _ => String::new(),
    };
    let plan = plan(root, &run.scenario(run.method, &stated))?;
    let one = |seed: u64| solve(&plan, 1000 + seed).map(|point| asked(run, &point).cloned());
    let estimates: Vec<Option<Estimate>> = each(seeds, one).into_iter().collect::<Result<_, _>>()?;
    eprintln!("{}", run.label());
    Ok(summary(run, &estimates, exact, source))
}

/// The exact value and its source.
fn exact(root: &Path, run: &Run) -> Result<(f64, String), String> {
    match run.case.exact {
        Exact::Formula(value, source) => Ok((value, source.to_string())),
        Exact::Engine => {
            let point = solve(&plan(root, &run.scenario("Exact", ""))?, 1)?;
            let value = asked(run, &point).and_then(|estimate| estimate.estimate);
            value.map(|value| (value, "exact engine".to_string())).ok_or_else(|| format!("{}: nothing", run.label()))
        }
    }
}

fn summary(run: &Run, estimates: &[Option<Estimate>], exact: f64, source: String) -> Row {
    let whole = |estimate: &Option<Estimate>| {
        let estimate = estimate.as_ref()?;
        Some((estimate.estimate?, estimate.low?, estimate.high?))
    };
    let found: Vec<(f64, f64, f64)> = estimates.iter().filter_map(whole).collect();
    let count = found.len() as f64;
    let mean = found.iter().map(|(value, ..)| value).sum::<f64>() / count;
    let variance = found.iter().map(|(value, ..)| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    let half = found.iter().map(|(_, low, high)| (high - low) / 2.0).sum::<f64>() / count;
    Row {
        name: run.case.name,
        method: run.method,
        effort: run.effort(),
        exact,
        source,
        seeds: estimates.len() as u64,
        held: found.iter().filter(|(_, low, high)| *low <= exact && exact <= *high).count() as u64,
        without: (estimates.len() - found.len()) as u64,
        width: half / exact,
        excess: half / (normal(0.5 + CONFIDENCE / 2.0) * variance.sqrt()),
        bias: (mean / exact - 1.0, (variance / count).sqrt() / exact),
    }
}

/// The estimate that is asked for.
fn asked<'p>(run: &Run, point: &'p Point) -> Option<&'p Estimate> {
    match run.case.asked {
        Asked::Unavailability(up) => point.up.get(up)?.get("unavailability"),
        Asked::Measure(name) => point.measures.get(name),
    }
}

/// The scenario's only point.
fn solve(plan: &Plan, seed: u64) -> Result<Point, String> {
    let mut plan = plan.clone();
    plan.settings.seed = seed;
    let (interrupted, silent, forget) = (AtomicBool::new(false), |_: Progress| {}, |_: &Snapshot| {});
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &silent, checkpoint: &forget, resume: None };
    let outcome = experiment::run(&plan, &control).map_err(|fault| fault.to_string())?;
    outcome.points.into_iter().next().ok_or_else(|| "no point".to_string())
}

/// A scenario that stands in the repository's root, and nowhere on the disk.
struct Beside<'s> {
    folder: Folder<'s>,
    scenario: &'s str,
}

const SCENARIO: &str = "study.ron";

impl Loader for Beside<'_> {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == SCENARIO { Ok(self.scenario.as_bytes().to_vec()) } else { self.folder.load(path) }
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        self.folder.resolve(base, relative)
    }
}

fn plan(root: &Path, scenario: &str) -> Result<Plan, String> {
    let files = Beside { folder: Folder(root), scenario };
    let (mut library, mut sources) = (Library::new(&files), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(SCENARIO, &Overrides::default(), &mut reading);
    plan.ok_or_else(|| format!("{scenario}\n{diagnostics:?}"))
}
