//! Every point of the scenarios of rare events, by both methods and many seeds.

use crate::folder::Folder;
use crate::spent;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::{Ended, Point};
use fivenines::experiment::{self, Control, Overrides, Plan, Progress, Reading, Snapshot};
use fivenines::net::Library;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The scenarios, and other values for some parameters.
const SCENARIOS: &[(&str, &[(&str, &str)])] = &[
    ("rare-queue", &[]),
    ("rare-units", &[]),
    ("rare-tandem", &[]),
    ("rare-pipeline", &[]),
    ("rare-cluster", &[]),
    ("rare-cluster", &[("N", "128")]),
    ("rare-escalations", &[]),
];

const METHODS: [Method; 2] = [Method::ImportanceSampling, Method::Splitting];

/// Intervals of a hundred that must hold the exact value.
const LEAST: f64 = 0.9;

/// CPU seconds in which a run must be done: a minute of two cores.
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
    /// Mean firings.
    pub firings: f64,
    /// CPU seconds: mean and most.
    pub seconds: (f64, f64),
}

impl Row {
    /// Whether it covers as it must, in time.
    pub fn is_good(&self) -> bool {
        self.held as f64 >= LEAST * self.seeds as f64 && self.seconds.1 <= MOST
    }
}

/// The rows whose names contain the filter.
pub fn rows(root: &Path, seeds: u64, filter: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (scenario, set) in SCENARIOS {
        let plan = plan(root, scenario, set)?;
        for index in 0..plan.points.len() {
            let alone = alone(&plan, index);
            let planned = &alone.points[0];
            let at = planned.at.iter().chain(planned.set.iter().map(|(name, value)| (name, value)));
            let at: Vec<String> = at.map(|(name, value)| format!("{name} = {value}")).collect();
            for method in METHODS {
                let name = [&[scenario.to_string(), planned.design.clone()], at.as_slice()].concat().join(", ");
                if format!("{name} {method:?}").contains(filter) {
                    rows.push(row(&alone, name, method, seeds)?);
                }
            }
        }
    }
    Ok(rows)
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

fn row(plan: &Plan, name: String, method: Method, seeds: u64) -> Result<Row, String> {
    let exact = unavailability(&solve(plan, Method::Exact, 1)?).estimate.ok_or("no exact value")?;
    let (mut found, mut seconds, mut firings, mut short) = (Vec::new(), Vec::new(), 0.0, 0);
    for seed in 0..seeds {
        let start = spent::now();
        let point = solve(plan, method, 1000 + seed)?;
        seconds.push((spent::now() - start).as_secs_f64());
        firings += point.firings as f64;
        short += u64::from(point.ended != Ended::Precision);
        found.push(unavailability(&point).clone());
        eprint!(".");
    }
    eprintln!(" {name}, {method:?}");
    let count = seeds as f64;
    let holds = |e: &&Estimate| e.low.is_some_and(|low| low <= exact) && e.high.is_some_and(|high| exact <= high);
    let ratios: Vec<f64> = found.iter().map(|e| e.estimate.unwrap_or(0.0) / exact).collect();
    let mean = ratios.iter().sum::<f64>() / count;
    let variance = ratios.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
    Ok(Row {
        name,
        method,
        exact,
        seeds,
        held: found.iter().filter(holds).count() as u64,
        short,
        width: found.iter().filter_map(|e| e.reached).sum::<f64>() / count,
        bias: (mean - 1.0, (variance / count).sqrt()),
        firings: firings / count,
        seconds: (seconds.iter().sum::<f64>() / count, seconds.iter().copied().fold(0.0, f64::max)),
    })
}

/// Of the leading condition.
fn unavailability(point: &Point) -> &Estimate {
    let up = point.primary.as_deref().unwrap_or_default();
    &point.up[up]["unavailability"]
}

fn solve(plan: &Plan, method: Method, seed: u64) -> Result<Point, String> {
    let mut plan = plan.clone();
    (plan.settings.method, plan.settings.seed) = (method, seed);
    let (interrupted, silent, forget) = (AtomicBool::new(false), |_: Progress| {}, |_: &Snapshot| {});
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &silent, checkpoint: &forget, resume: None };
    let outcome = experiment::run(&plan, &control).map_err(|fault| fault.to_string())?;
    outcome.points.into_iter().next().ok_or_else(|| "no point".to_string())
}
