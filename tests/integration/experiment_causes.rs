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
pub fn solve(tokens: &str, transitions: &str, settings: Settings) -> Point {
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

pub const PLACES: &str = r##""Up": (tokens: 1), "A": (), "B": ()"##;

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
pub fn sums_up(point: &Point) {
    for (up, causes) in &point.causes {
        let sum = |of: fn(&Cause) -> &Estimate| causes.iter().filter_map(|cause| of(cause).estimate).sum::<f64>();
        let whole = |name: &str| point.up[up][name].estimate.unwrap_or(0.0);
        let close = |x: f64, y: f64| assert!((x - y).abs() <= 1e-9 * y.abs(), "{up}: {x} {y}");
        close(sum(|cause| &cause.share), 1.0);
        close(sum(|cause| &cause.downtime), whole("downtime per year"));
        close(sum(|cause| &cause.outages), whole("failures per year"));
        let phases = &point.phases[up];
        close(phases.iter().filter_map(|phase| phase.share.estimate).sum(), 1.0);
        close(phases.iter().filter_map(|phase| phase.downtime.estimate).sum(), whole("downtime per year"));
        for phase in phases {
            let cells: f64 = causes.iter().filter_map(|cause| cause.phases.get(&phase.phase)).sum();
            close(cells, phase.share.estimate.expect("a share"));
        }
        for cause in causes {
            close(cause.phases.values().sum(), cause.share.estimate.unwrap_or(0.0));
        }
        if let Some(sequences) = point.sequences.get(up) {
            close(sequences.iter().filter_map(|of| of.downtime).sum(), 1.0);
            close(sequences.iter().filter_map(|of| of.per_year.estimate).sum(), whole("failures per year"));
            close(sequences.iter().map(|of| of.outages).sum(), f64::from(whole("failures per year") > 0.0));
            let seen: u64 = sequences.iter().filter_map(|of| of.seen).sum();
            let counted = point.primary.as_ref() == Some(up) && point.method != Method::Exact;
            assert!(!counted || seen == point.outages, "{seen} of {}", point.outages);
        }
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

/// A standby that is broken one time in five, a switch of 1 s, a repair of 10 s: what holds the outages by themselves.
#[test]
fn phases_that_nobody_declares_are_what_is_under_way() {
    let places = r##""Up": (tokens: 1), "A": (), "B": (), "C": ()"##;
    let transitions = r##"
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1", "C": "1"}, role: Failure),
        "Switch": Timed(delay: "Exponential(mean: 1 s)", from: {"A": "1"}, to: {"B": "1"}),
        "Spare": Immediate(weight: "4", from: {"B": "1"}, inhibit: {"Up": "1"}, to: {"Up": "1"}, flush: ["C"]),
        "Wait": Immediate(weight: "1", from: {"B": "1"}),
        "Heal": Timed(delay: "Uniform(5 s, 15 s)", from: {"C": "1"}, inhibit: {"A": "1"}, to: {"Up": "1"}),
    "##;
    for method in [Method::Replications, Method::Regenerative, Method::BatchMeans] {
        let settings = Settings { method, confidence: SURE, precision: 0.1, budget: 2_000_000, ..Settings::default() };
        let point = solve(places, transitions, settings);
        let phase = |name: &str| point.phases["service"].iter().find(|of| of.phase == name).expect("a phase");
        holds(&phase("Switch").share, 1.0 / 3.0);
        holds(&phase("Heal").share, 2.0 / 3.0);
        holds(&phase("Heal").downtime, 2.0 / 103.0 * YEAR);
        holds(phase("Heal").stays.as_ref().expect("counted"), 0.2 / 103.0 * YEAR);
        sums_up(&point);
    }
}

/// What is told apart doesn't depend on who computes it, and an order of failures is one of them.
#[test]
fn sequences_tell_the_order_of_the_failures() {
    let places = r##""Up": (tokens: 2), "A": (), "B": ()"##;
    let transitions = r##"
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
        "Fall": Timed(delay: "Exponential(mean: 300 s)", from: {"Up": "1"}, to: {"B": "1"}, role: Failure),
        "Mend": Timed(delay: "Exponential(mean: 30 s)", test: {"A": "1"}, flush: ["A", "B"], to: {"Up": "2"}, guard: "#A + #B == 2"),
        "Heal": Timed(delay: "Exponential(mean: 30 s)", flush: ["B"], to: {"Up": "2"}, guard: "#B == 2"),
    "##;
    let settings = Settings { method: Method::Replications, precision: 0.02, ..Settings::default() };
    let point = solve(places, transitions, settings);
    sums_up(&point);
    let of = |first: &str, second: &str| {
        let all = &point.sequences["service"];
        let found = all.iter().find(|of| of.failures == [first, second]).expect("it was seen");
        assert_eq!(found.seen.expect("counted") as f64 / point.outages as f64, found.outages);
        (found.outages, found.downtime.expect("observed"))
    };
    // Each failure is Slip three times in four; at a false-alarm probability of 1e-6 a share p of n outages is within
    // 4.9 √(p(1 − p)/n); exponential outages double the variance of their share of the downtime.
    for (first, second, share) in
        [("Slip", "Slip", 9.0), ("Slip", "Fall", 3.0), ("Fall", "Slip", 3.0), ("Fall", "Fall", 1.0)]
    {
        let (exact, n) = (share / 16.0, point.outages as f64);
        let (outages, downtime) = of(first, second);
        let far = 4.9 * (exact * (1.0_f64 - exact) / n).sqrt();
        assert!((outages - exact).abs() < far, "{first} {second}: {outages}");
        assert!((downtime - exact).abs() < 1.5 * far, "{first} {second}: {downtime}");
    }
}

/// What is exact agrees with the closed forms to nearly all digits.
#[track_caller]
pub fn equals(estimate: &Estimate, exact: f64) {
    let value = estimate.estimate.expect("a value");
    assert!((value - exact).abs() <= 1e-10 * exact.abs(), "{value} isn't {exact}");
    assert_eq!(estimate.low, estimate.estimate, "exact");
}

pub fn exactly() -> Settings {
    Settings { method: Method::Exact, ..Settings::default() }
}

/// A semi-Markov net and its closed form, by the same account as the simulated one.
#[test]
fn two_ways_to_fail_have_their_parts_exactly() {
    let point = solve(PLACES, TWO, exactly());
    let cycle = 1.0 + (1.0 / 100.0 + 10.0 / 300.0);
    for (cause, rate, length, phase) in [("Slip", 1.0 / 100.0, 1.0, "Return"), ("Fall", 1.0 / 300.0, 10.0, "Heal")] {
        let of = named(&point, "service", cause);
        equals(&of.downtime, rate * length / cycle * YEAR);
        equals(&of.outages, rate / cycle * YEAR);
        equals(&of.share, rate * length / (cycle - 1.0));
        let phases: Vec<(&String, &f64)> = of.phases.iter().collect();
        assert_eq!((phases.len(), phases[0].0.as_str()), (1, phase));
    }
    sums_up(&point);
}

#[test]
fn a_failure_behind_a_timed_transition_is_the_cause_exactly() {
    // Between the demand and the break another failure may fire: the first one counts.
    let transitions = r##"
        "Demand": Timed(delay: "Exponential(mean: 10 s)", from: {"Up": "1"}, to: {"A": "1"}),
        "Serve": Immediate(weight: "0.8", from: {"A": "1"}, to: {"Up": "1"}),
        "Break": Immediate(weight: "0.1", from: {"A": "1"}, to: {"B": "2"}, role: Failure),
        "Jam": Immediate(weight: "0.1", from: {"A": "1"}, to: {"B": "3"}),
        "Crush": Immediate(priority: "1", from: {"B": "2"}, to: {"B": "1"}, guard: "#B >= 2", role: Failure),
        "Repair": Timed(delay: "Exponential(mean: 5 s)", from: {"B": "1"}, to: {"Up": "1"}),
    "##;
    let point = solve(PLACES, transitions, exactly());
    equals(&named(&point, "service", "Break").share, 0.5);
    equals(&named(&point, "service", "Crush").share, 0.5);
    sums_up(&point);
}

/// An absorbing net: the outage that never ends has the cause that was quicker, or began before everything.
#[test]
fn an_outage_without_end_has_its_cause_exactly() {
    let fatal = r##"
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
        "Fall": Timed(delay: "Exponential(mean: 300 s)", from: {"Up": "1"}, to: {"B": "1"}, role: Failure),
        "Rest": Timed(delay: "Exponential(mean: 1 s)", from: {"A": "1"}, to: {"B": "1"}),
    "##;
    let point = solve(PLACES, fatal, exactly());
    equals(&named(&point, "service", "Slip").share, 0.75);
    equals(&named(&point, "service", "Fall").downtime, 0.25 * YEAR);
    let point = solve(r##""Up": (), "A": (tokens: 1), "B": ()"##, fatal, exactly());
    assert_eq!(point.causes["service"].len(), 1);
    equals(&named(&point, "service", "the initial marking").share, 1.0);
}

/// Nine markings, but what has failed in which order since all was well has no end.
#[test]
fn histories_that_are_too_many_are_not_blamed_on_the_net() {
    let text = r##"Net(
        places: { "Up": (tokens: 2), "Down": (), "Switch": (tokens: 1), "Unseen": (), "Seen": () },
        transitions: {
            "Crash": Timed(delay: "Exponential(mean: 10 h)", servers: Infinite, from: {"Up": "1"}, to: {"Down": "1"}, role: Failure),
            "Fix": Timed(delay: "Exponential(mean: 2 h)", from: {"Down": "1"}, to: {"Up": "1"}),
            "Break": Timed(delay: "Exponential(mean: 30 h)", from: {"Switch": "1"}, to: {"Unseen": "1"}, role: Failure),
            "See": Timed(delay: "Exponential(mean: 1 h)", from: {"Unseen": "1"}, to: {"Seen": "1"}),
            "Mend": Timed(delay: "Exponential(mean: 3 h)", from: {"Seen": "1"}, to: {"Switch": "1"}),
        },
        up: { "service": "#Up > 0 && #Switch > 0" },
    )"##;
    let plan = read(&[("main.ron", text)]);
    let outcome = carry_out(&Plan { settings: Settings { causes: true, ..exactly() }, ..plan }, 2);
    let told = outcome.warnings.iter().find(|told| told.contains("sequences of failures aren't solved"));
    assert!(told.is_some_and(|told| told.contains("failures that led to")), "{:?}", outcome.warnings);
}

/// Both engines on nets of every kind: Markov, semi-Markov, regenerative.
#[test]
fn simulated_accounts_hold_the_exact_ones() {
    let text = |name: &str| std::fs::read_to_string(format!("{}/models/{name}.ron", env!("CARGO_MANIFEST_DIR")));
    let general =
        |text: String| text.replace("delay: \"Exponential(mean: takeover)\"", "delay: \"Uniform(0 s, 2 * takeover)\"");
    let nets = [
        text("textbook/pair").expect("a model"),
        text("textbook/duplex").expect("a model"),
        general(text("textbook/pair").expect("a model")),
    ];
    for (index, net) in nets.iter().enumerate() {
        let scenario = r##"Scenario(designs: { "only": (net: "net.ron") })"##;
        let plan = read(&[("main.ron", scenario), ("net.ron", net)]);
        let of = |settings: Settings| {
            let plan = Plan { settings: Settings { causes: true, ..settings }, ..plan.clone() };
            carry_out(&plan, 2).points.remove(0)
        };
        let exact = of(exactly());
        let simulated = of(Settings { confidence: SURE, precision: 0.1, ..Settings::default() });
        sums_up(&exact);
        sums_up(&simulated);
        let exact_phases = &exact.phases["service"];
        assert!(!exact_phases.is_empty(), "{index}");
        for phase in &simulated.phases["service"] {
            let same = exact_phases.iter().find(|of| of.phase == phase.phase).expect("an exact phase");
            assert!(
                phase.downtime.admits(same.downtime.estimate.expect("exact"), 0.0) == Some(true),
                "{index} {phase:?}"
            );
        }
        for cause in &simulated.causes["service"] {
            let same = named(&exact, "service", &cause.cause);
            let admits = |of: fn(&Cause) -> &Estimate| of(cause).admits(of(same).estimate.expect("exact"), 0.0);
            assert_eq!([admits(|of| &of.downtime), admits(|of| &of.outages)], [Some(true); 2], "{index} {cause:?}");
        }
        if index != 1 {
            let measure = |name: &str| exact.measures[name].estimate.expect("exact") * YEAR;
            exact_phases.iter().for_each(|phase| equals(&phase.downtime, measure(&phase.phase)));
        }
    }
}
