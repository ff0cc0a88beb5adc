//! S16: the standard measures of a deterministic machine, as an experiment reports them.

use super::decides;
use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::experiment::outcome::Point;
use fivenines::experiment::{Control, Overrides, Reading, plan, run};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use std::sync::atomic::AtomicBool;

/// Lives 5 s at first, 3 s from then on, and is mended within 1 s.
const MACHINE: &str = r##"Net(places: {"Up": (tokens: 1), "Down": (), "Fresh": (tokens: 1)}, transitions: {
    "Fail": Timed(delay: "(3 + 2 * #Fresh) * 1 s", from: {"Up": "1"}, flush: ["Fresh"], to: {"Down": "1"}),
    "Mend": Timed(delay: "1 s", from: {"Down": "1"}, to: {"Up": "1"})}, up: {"u": "#Up > 0"})"##;

/// Observed are 100 whole cycles, from 10 s on: 10 is the end of the second outage.
const SCENARIO: &str = r#"Scenario(designs: {"d": (net: "net.ron")}, method: Replications,
    replications: 64, warmup: "10 s", length: "400 s")"#;

/// The scenario's only point.
fn point() -> Point {
    let files = Memory::new().with("net.ron", MACHINE).with("it.ron", SCENARIO);
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let mut library = Library::new(&files);
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut found };
    let plan = plan("it.ron", &Overrides::default(), &mut reading);
    let told: Vec<String> = found.sorted().iter().map(|d| plain(d, &sources)).collect();
    let plan = plan.unwrap_or_else(|| panic!("{}", told.join("\n")));
    let (interrupted, progress, checkpoint) = (AtomicBool::new(false), |_| (), |_: &_| ());
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &progress, checkpoint: &checkpoint, resume: None };
    let outcome = run(&plan, &control).unwrap_or_else(|_| panic!("no fault"));
    outcome.points.into_iter().next().expect("a point")
}

#[test]
fn s16_standard_measures_of_a_machine_without_chance() {
    let point = point();
    let year = 365.25 * 86_400.0;
    // The measure, by the rule, and by another reading.
    for (measure, rule, other) in [
        ("availability", 0.75, 0.25),
        ("unavailability", 0.25, 1.0 / 3.0),                 // downtime over uptime
        ("nines", 4f64.log10(), 0.25),                       // of the unavailability, and logarithms to 10
        ("downtime per year", year / 4.0, 365.0 * 21_600.0), // a year of 365 days
        ("failures per year", year / 4.0, year / 3.0),       // per time up
        ("MTBF", 4.0, 3.0),                                  // the time up between failures
        ("mean up time", 3.0, 4.0),
        ("mean outage", 1.0, 0.25),
        ("MTTF", 5.0, 3.0), // from a fresh machine, not from a repaired one
    ] {
        let estimate = &point.up["u"][measure];
        let found = estimate.estimate.unwrap_or_else(|| panic!("{measure}: {estimate:?}"));
        let rounded = |x: f64| (x * 1e9).round() / 1e9;
        decides(rounded(found), rounded(rule), rounded(other));
    }
}
