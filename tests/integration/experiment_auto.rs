//! `Auto`: what can be solved exactly is, and what isn't says why.

use crate::experiment::{alternating, carry_out, exponential, law, machines, plan, queue};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Ended, Point};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::experiment::{Control, Snapshot, run};
use fivenines::net::Net;
use fivenines::syntax::ast::{Method, Ties};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A plan whose method is `Auto`.
fn auto(nets: Vec<(&str, Net)>, settings: Settings) -> Plan {
    let mut plan = plan(nets, settings);
    plan.settings.method = Method::Auto;
    plan
}

fn solve(net: Net, settings: Settings) -> Point {
    carry_out(&auto(vec![("only", net)], settings), 2).points.remove(0)
}

/// Soon done where it is simulated.
fn brief() -> Settings {
    Settings { precision: 0.1, budget: 200_000, ..Settings::default() }
}

#[test]
fn what_can_be_solved_is_solved() {
    for (net, process) in [
        (queue(0.7, 1.0, 5), "the net can be solved; 6 states"),
        (machines(), "6 independent parts"),
        (alternating(law("LogNormal", &[("mean", 1000.0), ("sigma", 0.4)]), exponential(5.0)), "semi-Markov process"),
    ] {
        let point = solve(net, brief());
        assert_eq!((point.method, point.ended, point.firings), (Method::Exact, Ended::Exact, 0));
        assert!(point.because.contains(process), "{}", point.because);
    }
}

#[test]
fn what_only_a_simulation_tells_is_simulated() {
    let asked = [
        (Settings { replications: Some(64), ..brief() }, "their number is stated"),
        (Settings { warmup: Some(10.0), ..brief() }, "warm-up or length is stated"),
        (Settings { length: Some(1000.0), ..brief() }, "warm-up or length is stated"),
        (Settings { years: true, ..brief() }, "single years are simulated; the net regenerates"),
        (Settings { cross_check: true, ..brief() }, "the exact engine is to check the simulation; the net regenerates"),
    ];
    for (settings, why) in asked {
        let point = solve(queue(0.7, 1.0, 5), settings);
        assert!(point.method != Method::Exact && point.because.starts_with(why), "{}", point.because);
    }
}

const OVERLAP: &str = r##"Net(
    places: {"A": (tokens: 1), "B": (tokens: 1), "Done": ()},
    transitions: {
        "Work": Timed(delay: "Uniform(1 s, 2 s)", from: {"A": "1"}, to: {"Done": "1"}),
        "Other": Timed(delay: "Uniform(1 s, 5 s)", from: {"B": "1"}, to: {"Done": "1"}),
        "Again": Immediate(from: {"Done": "2"}, to: {"A": "1", "B": "1"}),
    },
    up: {"service": "#A > 0"},
)"##;

const UNBOUNDED: &str = r##"Net(
    places: {"Queue": ()},
    transitions: {
        "Arrive": Timed(delay: "Exponential(mean: 2 s)", to: {"Queue": "1"}),
        "Serve": Timed(delay: "Exponential(mean: 1 s)", from: {"Queue": "1"}),
    },
    up: {"service": "#Queue < 3"},
)"##;

const TIED: &str = r##"Net(
    places: {"A": (tokens: 1), "B": (tokens: 1), "Down": ()},
    transitions: {
        "First": Timed(delay: "2 s", from: {"A": "1", "B": "1"}, to: {"Down": "1"}),
        "Second": Timed(delay: "2 s", from: {"A": "1", "B": "1"}, to: {"A": "1", "B": "1"}),
        "Repair": Timed(delay: "Exponential(mean: 1 s)", from: {"Down": "1"}, to: {"A": "1", "B": "1"}),
    },
    up: {"service": "#Down == 0"},
)"##;

#[test]
fn what_stood_in_the_way_is_named() {
    let because = |text: &str, ties| {
        let mut plan = read(&[("main.ron", text)]);
        plan.settings = Settings { ties, ..brief() };
        let point = carry_out(&plan, 2).points.remove(0);
        (point.method, point.because)
    };
    let (method, why) = because(OVERLAP, Ties::Stream);
    assert!(method != Method::Exact && why.starts_with("no exact solution because of Other: "), "{why}");
    let (method, why) = because(UNBOUNDED, Ties::Stream);
    assert!(method != Method::Exact && why.contains("more than 300000 tangible markings"), "{why}");
    let (method, why) = because(TIED, Ties::Stream);
    assert!(method == Method::Exact, "{why}");
    let (method, why) = because(TIED, Ties::Random);
    assert!(method != Method::Exact && why.contains("ties are random"), "{why}");
}

#[test]
fn a_fault_that_no_path_has_met_is_told() {
    // Beyond the eighth, which comes once in 10²⁴ arrivals, the place overruns.
    let text = r##"Net(
        places: {"Queue": (capacity: 8, overrun: Error)},
        transitions: {
            "Arrive": Timed(delay: "Exponential(mean: 1000 s)", to: {"Queue": "1"}),
            "Serve": Timed(delay: "Exponential(mean: 1 s)", from: {"Queue": "1"}),
        },
        up: {"service": "#Queue < 1"},
    )"##;
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = brief();
    let outcome = carry_out(&plan, 2);
    assert!(outcome.points[0].because.starts_with("the exact engine found a fault of the net; "));
    let told = |warning: &String| warning.contains("Arrive would put more than 8 tokens into Queue");
    assert!(outcome.warnings.iter().any(told), "{:?}", outcome.warnings);
}

#[test]
fn solved_and_simulated_designs_stand_beside_each_other_on_any_number_of_threads() {
    let nets = || {
        let overlap = Arc::unwrap_or_clone(read(&[("main.ron", OVERLAP)]).points.remove(0).net);
        vec![("solved", queue(0.7, 1.0, 5)), ("simulated", overlap), ("twin", queue(0.7, 1.0, 5))]
    };
    let json = |threads| {
        let mut outcome = carry_out(&auto(nets(), brief()), threads);
        let methods: Vec<bool> = outcome.points.iter().map(|point| point.method == Method::Exact).collect();
        assert_eq!(methods, [true, false, true]);
        outcome.spent = Default::default();
        serde_json::to_string(&outcome).expect("JSON")
    };
    assert_eq!(json(1), json(3));
}

#[test]
fn a_run_that_was_interrupted_between_solved_designs_goes_on_to_the_same_bytes() {
    let plan = auto(vec![("first", queue(0.7, 1.0, 5)), ("second", queue(0.6, 1.0, 5))], brief());
    let whole = carry_out(&plan, 1);
    let interrupted = AtomicBool::new(false);
    let kept: Mutex<Option<Snapshot>> = Mutex::new(None);
    let checkpoint = |snapshot: &Snapshot| {
        interrupted.store(true, Ordering::Relaxed);
        kept.lock().expect("no panic").get_or_insert_with(|| snapshot.clone());
    };
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &|_| {}, checkpoint: &checkpoint, resume: None };
    run(&plan, &control).expect("no fault");
    let text = serde_json::to_string(&kept.into_inner().expect("no panic")).expect("JSON");
    let resume: Option<Snapshot> = serde_json::from_str(&text).expect("a snapshot");
    assert!(resume.is_some());
    let never = AtomicBool::new(false);
    let control = Control { threads: 1, interrupted: &never, progress: &|_| {}, checkpoint: &|_| {}, resume };
    let mut second = run(&plan, &control).expect("no fault");
    second.spent = whole.spent.clone();
    assert_eq!(serde_json::to_string(&second).expect("JSON"), serde_json::to_string(&whole).expect("JSON"));
}
