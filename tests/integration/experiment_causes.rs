//! The account of causes: the parts add up to the downtime, and are what renewal theory says.

use crate::experiment::{SURE, carry_out};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Cause, Point};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

/// `transitions` over places Up, A and B; `service` is up while there is a token in Up.
fn solve(tokens: &str, transitions: &str, settings: Settings) -> Point {
    let net = format!(
        r##"Net(
            colours: {{ "Unit": "1..=40" }},
            places: {{ {tokens} }},
            transitions: {{ {transitions} }},
            up: {{ "service": "#Up > 0", "not B": "#B == 0" }},
        )"##
    );
    let plan = read(&[("main.ron", r##"Scenario(designs: { "only": (net: "net.ron") })"##), ("net.ron", &net)]);
    let plan = Plan { settings: Settings { causes: true, ..settings }, ..plan };
    carry_out(&plan, 2).points.remove(0)
}

const PLACES: &str = r##""Up": (tokens: 1), "A": (), "B": ()"##;

/// Two ways to fail: every 100 s for 1 s, every 300 s for 10 s.
const TWO: &str = r##"
    "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
    "Fall": Timed(delay: "Exponential(mean: 300 s)", from: {"Up": "1"}, to: {"B": "1"}),
    "Return": Timed(delay: "Exponential(mean: 1 s)", from: {"A": "1"}, to: {"Up": "1"}),
    "Heal": Timed(delay: "Uniform(5 s, 15 s)", from: {"B": "1"}, to: {"Up": "1"}),
"##;

fn named<'p>(point: &'p Point, up: &str, cause: &str) -> &'p Cause {
    let of = &point.causes[up];
    of.iter().find(|of| of.cause == cause).unwrap_or_else(|| panic!("{cause}: {of:?}"))
}

#[track_caller]
fn holds(estimate: &Estimate, exact: f64) {
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(low <= exact && exact <= high, "{exact} isn't in {low}..{high}");
    assert!(high / low < 2.0, "{low}..{high}");
}

/// The parts of every condition add up to its downtime and failures.
fn sums_up(point: &Point) {
    for (up, causes) in &point.causes {
        let sum = |of: fn(&Cause) -> &Estimate| causes.iter().filter_map(|cause| of(cause).estimate).sum::<f64>();
        let whole = |name: &str| point.up[up][name].estimate.unwrap_or(0.0);
        let close = |x: f64, y: f64| assert!((x - y).abs() <= 1e-9 * y.abs(), "{up}: {x} {y}");
        close(sum(|cause| &cause.share), 1.0);
        close(sum(|cause| &cause.downtime), whole("downtime per year"));
        close(sum(|cause| &cause.outages), whole("failures per year"));
    }
}

#[test]
fn two_ways_to_fail_have_their_parts_by_every_method() {
    for method in [Method::Replications, Method::Regenerative, Method::BatchMeans] {
        let settings = Settings { method, confidence: SURE, precision: 0.1, budget: 2_000_000, ..Settings::default() };
        let point = solve(PLACES, TWO, settings);
        let cycle = 1.0 + (1.0 / 100.0 + 10.0 / 300.0);
        for (cause, rate, length) in [("Slip", 1.0 / 100.0, 1.0), ("Fall", 1.0 / 300.0, 10.0)] {
            let of = named(&point, "service", cause);
            holds(&of.downtime, rate * length / cycle * YEAR);
            holds(&of.outages, rate / cycle * YEAR);
            holds(&of.share, rate * length / (cycle - 1.0));
        }
        assert_eq!(point.causes["service"][0].cause, "Fall", "the greatest share comes first");
        assert_eq!(point.causes["not B"].len(), 1);
        assert_eq!(named(&point, "not B", "Fall").share.estimate, Some(1.0));
        assert_eq!(named(&point, "not B", "Fall").share.low, None, "what others have is unknown");
        sums_up(&point);
    }
}

/// Of what fires at one instant the failure counts; without one the timed transition.
#[test]
fn a_failure_behind_a_timed_transition_is_the_cause() {
    let transitions = r##"
        "Demand": Timed(delay: "Exponential(mean: 10 s)", from: {"Up": "1"}, to: {"A": "1"}),
        "Serve": Immediate(weight: "0.8", from: {"A": "1"}, to: {"Up": "1"}),
        "Break": Immediate(weight: "0.1", from: {"A": "1"}, to: {"B": "1"}, role: Failure),
        "Jam": Immediate(weight: "0.1", from: {"A": "1"}, to: {"B": "1"}),
        "Repair": Timed(delay: "Exponential(mean: 5 s)", from: {"B": "1"}, to: {"Up": "1"}),
    "##;
    let settings = Settings { confidence: SURE, precision: 0.1, ..Settings::default() };
    let point = solve(PLACES, transitions, settings);
    for cause in ["Break", "Demand"] {
        holds(&named(&point, "service", cause).share, 0.5);
    }
    assert_eq!(point.causes["service"].len(), 2);
    sums_up(&point);
}

/// Outages that were there from the beginning, ups and outages without length (S14).
#[test]
fn the_beginning_is_a_cause_and_nothing_without_length_is() {
    let places = r##""Up": (), "A": (tokens: 1), "B": ()"##;
    let transitions = r##"
        "Rise": Timed(delay: "Deterministic(10 s)", from: {"A": "1"}, to: {"Up": "1"}),
        "Blink": Timed(delay: "Deterministic(0 s)", from: {"Up": "1"}, to: {"B": "1"}),
        "Stay": Timed(delay: "Deterministic(20 s)", from: {"B": "1"}, to: {"Up": "1"}, role: Repair),
    "##;
    let settings = Settings {
        method: Method::Replications,
        warmup: Some(0.0),
        length: Some(100.0),
        replications: Some(16),
        ..Settings::default()
    };
    let point = solve(places, transitions, settings);
    // It is never up for any time: one outage from the beginning on.
    let causes = &point.causes["service"];
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert_eq!((causes[0].cause.as_str(), causes[0].share.estimate), ("the initial marking", Some(1.0)));
    assert!((causes[0].downtime.estimate.unwrap() / YEAR - 1.0).abs() < 1e-12);
    assert_eq!(causes[0].outages.estimate, None);
    sums_up(&point);
}

/// Forty units: too many rows, so the bindings of a transition are taken together.
#[test]
fn many_bindings_are_one_cause() {
    let places = r##""Up": (tokens: 1), "A": (), "B": ()"##;
    let transitions = r##"
        "Fail": Timed(for: {"u": "Unit"}, delay: "Exponential(mean: 400 s)", from: {"Up": "1"}, to: {"A": "1"}, guard: "u > 0"),
        "Repair": Timed(delay: "Exponential(mean: 1 s)", from: {"A": "1"}, to: {"Up": "1"}),
    "##;
    let point = solve(places, transitions, Settings { precision: 0.1, ..Settings::default() });
    let causes: Vec<&str> = point.causes["service"].iter().map(|of| of.cause.as_str()).collect();
    assert_eq!(causes, ["Fail"]);
    sums_up(&point);
}
