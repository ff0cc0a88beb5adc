//! Every point of the scenarios of rare events, by many seeds.

use crate::cases::{CASES, Case};
use crate::folder::Folder;
use crate::seeds::each;
use crate::spent;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::{Ended, Point};
use fivenines::experiment::{self, Control, Overrides, Plan, Progress, Reading, Snapshot};
use fivenines::net::Library;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Relative half-width at 95 % at which a run ends.
const PRECISION: f64 = 0.1;

/// Intervals of a hundred that must hold the exact value.
const LEAST: f64 = 0.9;

/// CPU seconds in which the costliest run must be done: a minute of two cores.
const MOST: f64 = 120.0;

/// One point by one method.
pub struct Row {
    pub name: String,
    pub method: Method,
    pub exact: f64,
    pub seeds: u64,
    /// Intervals that held the exact value.
    pub held: u64,
    /// Runs that ended without their precision.
    pub short: u64,
    /// Mean relative half-width.
    pub width: f64,
    /// Mean of the estimates over the exact value, less 1, and its standard error.
    pub bias: (f64, f64),
    /// Firings, and CPU seconds: mean, and of the costliest run.
    pub firings: (f64, f64),
    /// The seconds of the costliest run are told by its firings.
    pub seconds: (f64, f64),
}

impl Row {
    /// Whether it covers as it must, in time.
    pub fn is_good(&self) -> bool {
        self.held as f64 >= LEAST * self.seeds as f64 && self.seconds.1 <= MOST
    }
}

/// Hands over the rows whose names contain the filter, one after the other.
pub fn rows(root: &Path, seeds: u64, filter: &str, mut each: impl FnMut(Row)) -> Result<(), String> {
    for case in CASES {
        let plan = plan(root, case.scenario, case.set)?;
        for index in 0..plan.points.len() {
            let alone = alone(&plan, index);
            let planned = &alone.points[0];
            let at = planned.at.iter().chain(planned.set.iter().map(|(name, value)| (name, value)));
            let at: Vec<String> = at.map(|(name, value)| format!("{name} = {value}")).collect();
            let name = [&[case.scenario.to_string(), planned.design.clone()], at.as_slice()].concat().join(", ");
            if name.contains(filter) {
                each(row(&alone, name, case, seeds)?);
            }
        }
    }
    Ok(())
}

fn plan(root: &Path, scenario: &str, set: &[(&str, &str)]) -> Result<Plan, String> {
    let files = Folder(root);
    let (mut library, mut sources) = (Library::new(&files), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let set = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let plan = experiment::plan(&format!("scenarios/{scenario}.ron"), &overrides, &mut reading);
    plan.ok_or_else(|| format!("{scenario}: {diagnostics:?}"))
}

/// One point of a plan.
fn alone(plan: &Plan, index: usize) -> Plan {
    let mut alone = plan.clone();
    alone.points = vec![plan.points[index].clone()];
    (alone.axis, alone.published, alone.expectations) = (None, Vec::new(), Vec::new());
    alone
}

fn row(plan: &Plan, name: String, case: &Case, seeds: u64) -> Result<Row, String> {
    let exact = match case.failures {
        Some(failures) => failures,
        None => rare(&solve(plan, Method::Exact, 1)?, case).estimate.ok_or("no exact value")?,
    };
    let start = spent::seconds();
    let points: Vec<Point> =
        each(seeds, |seed| solve(plan, case.method, 1000 + seed)).into_iter().collect::<Result<_, _>>()?;
    let seconds = (spent::seconds() - start) / seeds as f64;
    eprintln!("{name}: {seconds:.1} s");
    let (count, found) = (seeds as f64, points.iter().map(|point| rare(point, case)).collect::<Vec<_>>());
    let holds = |e: &&&Estimate| e.low.is_some_and(|low| low <= exact) && e.high.is_some_and(|high| exact <= high);
    let ratios: Vec<f64> = found.iter().map(|e| e.estimate.unwrap_or(0.0) / exact).collect();
    let mean = ratios.iter().sum::<f64>() / count;
    let variance = ratios.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
    let firings = points.iter().map(|point| point.firings as f64).sum::<f64>() / count;
    let most = points.iter().map(|point| point.firings as f64).fold(0.0, f64::max);
    Ok(Row {
        name,
        method: case.method,
        exact,
        seeds,
        held: found.iter().filter(holds).count() as u64,
        short: points.iter().filter(|point| point.ended != Ended::Precision).count() as u64,
        width: found.iter().filter_map(|e| e.reached).sum::<f64>() / count,
        bias: (mean - 1.0, (variance / count).sqrt()),
        firings: (firings, most),
        seconds: (seconds, seconds * most / firings),
    })
}

/// What is rare of the leading condition: its unavailability, or how often it fails.
fn rare<'o>(point: &'o Point, case: &Case) -> &'o Estimate {
    let up = point.primary.as_deref().unwrap_or_default();
    &point.up[up][if case.failures.is_some() { "failures per year" } else { "unavailability" }]
}

fn solve(plan: &Plan, method: Method, seed: u64) -> Result<Point, String> {
    let mut plan = plan.clone();
    (plan.settings.method, plan.settings.seed, plan.settings.precision) = (method, seed, PRECISION);
    let (interrupted, silent, forget) = (AtomicBool::new(false), |_: Progress| {}, |_: &Snapshot| {});
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &silent, checkpoint: &forget, resume: None };
    let outcome = experiment::run(&plan, &control).map_err(|fault| fault.to_string())?;
    outcome.points.into_iter().next().ok_or_else(|| "no point".to_string())
}
