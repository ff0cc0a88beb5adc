//! How long a run takes to its precision, on one thread: `cargo bench --bench time_to_precision`.
//!
//! Measured is CPU time of the process in user mode (on Linux; elsewhere nothing is told), the pilot included. All
//! cases run one after the other, so compare their times with each other: the last column does. Without the exact
//! engine, which needs no time to speak of for `monolith`.

#[path = "../files.rs"]
mod files;

use files::{Disk, plan};
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::{self, Control, Plan};
use fivenines::net::load::Loader;
use fivenines::syntax::ast::Method;
use std::sync::atomic::AtomicBool;

/// What is run: a name, and a scenario whose nets stand in `models`.
const CASES: [(&str, &str); 4] = [
    (
        "monolith, 1 %",
        r#"Scenario(designs: {"standard": (net: "models/monolith.ron")}, method: Simulation, precision: "1 %")"#,
    ),
    (
        "sip_server, 1 %",
        r#"Scenario(designs: {"actors": (net: "models/sip_server.ron")}, method: Simulation, precision: "1 %")"#,
    ),
    (
        "both, each to 1 %",
        r#"Scenario(designs: {
            "actors": (net: "models/sip_server.ron"), "standard": (net: "models/monolith.ron"),
        }, method: Simulation, precision: "1 %")"#,
    ),
    (
        "their paired difference, 1 %",
        r#"Scenario(designs: {
            "actors": (net: "models/sip_server.ron"), "standard": (net: "models/monolith.ron"),
        }, method: Simulation, compare: (difference: "1 %"), budget: "2e9")"#,
    ),
];

/// A scenario of rare events with the method that suits it, and values for some parameters.
struct Rare(&'static str, Method, &'static [(&'static str, &'static str)]);

/// All of their points, each to 10 %.
const RARE: [Rare; 8] = [
    Rare("rare-queue", Method::Splitting, &[]),
    Rare("rare-tandem", Method::Splitting, &[]),
    Rare("rare-units", Method::ImportanceSampling, &[]),
    Rare("rare-pipeline", Method::ImportanceSampling, &[]),
    Rare("rare-cluster", Method::ImportanceSampling, &[]),
    Rare("rare-cluster", Method::ImportanceSampling, &[("N", "128")]),
    Rare("rare-escalations", Method::ImportanceSampling, &[]),
    Rare("rare-ageing", Method::ImportanceSampling, &[]),
];

/// Of these.
const RARE_PRECISION: f64 = 0.1;

/// A scenario in memory among the files.
struct With(&'static str);

impl Loader for With {
    fn load(&self, file: &str) -> Result<Vec<u8>, String> {
        if file == "case.ron" { Ok(self.0.as_bytes().to_vec()) } else { Disk.load(file) }
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        Disk.resolve(base, relative)
    }
}

/// User time of all threads so far, seconds: the fourteenth field, in hundredths.
fn user_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    behind.split(' ').nth(11).and_then(|ticks| ticks.parse::<f64>().ok()).map_or(f64::NAN, |ticks| ticks / 100.0)
}

fn run(plan: &Plan) -> Outcome {
    let interrupted = AtomicBool::new(false);
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &|_| (), checkpoint: &|_| (), resume: None };
    experiment::run(plan, &control).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Each point of the scenarios of rare events by itself.
fn rare() -> Vec<(String, Plan)> {
    let mut cases = Vec::new();
    for Rare(name, method, set) in RARE {
        let mut plan = plan(&Disk, &format!("scenarios/{name}.ron"), set);
        (plan.settings.method, plan.settings.precision) = (method, RARE_PRECISION);
        (plan.axis, plan.expectations, plan.published) = (None, Vec::new(), Vec::new());
        for point in std::mem::take(&mut plan.points) {
            let at = point.at.iter().chain(point.set.iter().map(|(name, value)| (name, value)));
            let at: String = at.map(|(name, value)| format!(", {name} = {value}")).collect();
            let name = format!("{name}, {}{at}", point.design);
            cases.push((name, Plan { points: vec![point], ..plan.clone() }));
        }
    }
    cases
}

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("{:34} {:>10} {:>12} {:>10} {:>8}", "", "user time", "firings", "reached", "ratio");
    let common = CASES.into_iter().map(|(name, text)| (name.to_string(), plan(&With(text), "case.ron", &[])));
    let mut first = None;
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (name, plan) in common.chain(rare()).filter(|(name, _)| name.contains(&wanted)) {
        let before = user_time();
        let outcome = run(&plan);
        let spent = user_time() - before;
        let point = &outcome.points[0];
        let alone = point.primary.as_ref().and_then(|up| point.up[up]["unavailability"].reached);
        let compared = outcome.comparisons.first().and_then(|of| of.difference.reached);
        let reached = compared.or(alone).map_or(f64::NAN, |width| 100.0 * width);
        let firings = outcome.spent.firings as f64 / 1e6;
        let ratio = spent / *first.get_or_insert(spent);
        let short = if point.ended == Ended::Precision { "" } else { "  (short)" };
        println!("{name:34} {spent:8.2} s {firings:10.1} M {reached:8.2} % {ratio:8.2}{short}");
    }
}
