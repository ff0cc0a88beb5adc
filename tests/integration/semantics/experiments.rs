//! S16: the standard measures of a deterministic machine, and S22: the account of its outages, as an experiment reports them.

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
    solve(MACHINE, SCENARIO)
}

fn solve(net: &str, scenario: &str) -> Point {
    let files = Memory::new().with("net.ron", net).with("it.ron", scenario);
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

/// The account of the outages of a net whose cycle lasts 8 s.
fn account(net: &str) -> Point {
    solve(net, &SCENARIO.replace("method", "causes: true, method").replace("10 s", "16 s"))
}

#[test]
fn s22_the_first_failure_of_the_instant_is_the_cause() {
    let net = |burn: &str| {
        format!(
            r##"Net(places: {{"Up": (tokens: 1), "Torn": (), "Hot": (), "Down": ()}}, transitions: {{
            "Demand": Timed(delay: "6 s", from: {{"Up": "1"}}, to: {{"Torn": "1"}}),
            "Jam": Immediate(from: {{"Torn": "1"}}, to: {{"Hot": "1"}}{burn}),
            "Burn": Immediate(from: {{"Hot": "1"}}, to: {{"Down": "1"}}{burn}),
            "Fix": Timed(delay: "2 s", from: {{"Down": "1"}}, to: {{"Up": "1"}})}}, up: {{"u": "#Up > 0"}})"##
        )
    };
    let cause = |net: &str| account(net).causes["u"].iter().map(|of| of.cause.clone()).collect::<Vec<_>>().join(" ");
    // Not the transition that began it all, nor the last failure.
    decides(cause(&net(", role: Failure")).as_str(), "Jam", "Burn");
    decides(cause(&net("")).as_str(), "Demand", "Burn");
}

/// Fails at 2 s and 4 s, the first unnoticed for 1 s each time; both are repaired at 8 s.
const PAIR: &str = r##"Net(places: {"Good": (tokens: 2), "Bad": (), "Dark": ()}, transitions: {
    "Fail": Timed(delay: "2 s", from: {"Good": "1"}, to: {"Bad": "1", "Dark": "1"}, role: Failure),
    "Notice": Timed(delay: "1 s", from: {"Dark": "1"}),
    "Fix": Timed(delay: "4 s", from: {"Bad": "2"}, to: {"Good": "2"})}, up: {"u": "#Good > 0"}, PHASES)"##;

#[test]
fn s22_the_first_phase_that_holds_counts() {
    let share = |phases: &str, of: &str| {
        let point = account(&PAIR.replace("PHASES", phases));
        let share = point.phases["u"].iter().find(|found| found.phase == of).and_then(|found| found.share.estimate);
        (share.unwrap_or(0.0) * 1e9).round() / 1e9
    };
    let phases = r##"phases: {"detection": "#Dark > 0", "repair": "#Bad > 0"}"##;
    decides(share(phases, "repair"), 0.75, 1.0);
    decides(share(r##"phases: {"repair": "#Bad > 0", "detection": "#Dark > 0"}"##, "repair"), 1.0, 0.75);
    decides(share(r##"phases: {"detection": "#Dark > 0"}"##, "other"), 0.75, 0.0);
    // By themselves: the quickest of what is under way, though the repair runs all the time.
    decides(share("", "Fix"), 0.75, 1.0);
    decides(share("", "Notice"), 0.25, 0.0);
}

#[test]
fn s22_a_sequence_begins_when_the_initial_marking_is_left() {
    let sequences = |net: &str| {
        let point = account(&net.replace(", PHASES", ""));
        point.sequences["u"].iter().map(|of| of.failures.join(" ")).collect::<Vec<_>>().join("; ")
    };
    // Not only the one that began the outage, nor those of earlier cycles.
    decides(sequences(PAIR).as_str(), "Fail Fail", "Fail");
    // A marking that never returns: the last four, and those during the outage.
    let counted = PAIR.replace(r##"to: {"Good": "2"}"##, r##"to: {"Good": "2", "Count": "1"}"##);
    let counted = counted.replace("places: {", r##"places: {"Count": (), "##);
    decides(sequences(&counted).as_str(), "… Fail Fail Fail Fail", "Fail Fail");
}
