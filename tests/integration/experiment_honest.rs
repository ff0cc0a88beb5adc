//! Intervals and bounds where little varied or was seen: true, never nothing plus or minus nothing.

use crate::experiment::{SURE, carry_out, standard};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::Point;
use fivenines::experiment::settings::Settings;
use fivenines::stats::{Estimate, Side};
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

const METHODS: [Method; 3] = [Method::Replications, Method::BatchMeans, Method::Regenerative];

fn solve(text: &str, settings: Settings) -> Point {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = settings;
    carry_out(&plan, 1).points.remove(0)
}

#[track_caller]
fn holds(estimate: &Estimate, exact: f64) {
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(low < high && low <= exact && exact <= high, "{exact} {estimate:?}");
}

#[track_caller]
fn bound(estimate: &Estimate, side: Side) -> f64 {
    assert_eq!((estimate.estimate, estimate.low, estimate.high), (None, None, None), "{estimate:?}");
    let bound = estimate.bound.as_ref().expect("a bound");
    assert_eq!(bound.side, side);
    bound.value
}

/// A repaired machine; "Begin" fires once at the very beginning, "Serve" after each repair too.
const BEGINS: &str = r##"Net(
    places: { "Seed": (tokens: 1), "Fixed": (tokens: 1), "Up": (), "Down": () },
    transitions: {
        "Begin": Immediate(from: {"Seed": "1"}),
        "Serve": Immediate(from: {"Fixed": "1"}, to: {"Up": "1"}),
        "Fail": Timed(delay: "Exponential(mean: 10 s)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Fix": Timed(delay: "Uniform(1 s, 3 s)", from: {"Down": "1"}, to: {"Fixed": "1"}),
    },
    up: { "service": "#Up == 1" },
    measures: { "begin": "rate(Begin)", "serve": "rate(Serve)", "worth": "impulse(Serve, 2)", "fail": "rate(Fail)" },
)"##;

/// What fires before the first tangible marking isn't counted again in every cycle.
#[test]
fn immediates_of_the_beginning_are_no_part_of_a_long_run() {
    for method in METHODS {
        let settings = Settings { method, confidence: SURE, precision: 0.1, warmup: Some(0.0), ..Settings::default() };
        let point = solve(BEGINS, settings);
        assert_eq!(point.method, method);
        let high = bound(&point.measures["begin"], Side::Upper);
        assert!((high * point.observed / -(1.0 - SURE).ln() - 1.0).abs() < 1e-9);
        for (name, exact) in [("serve", 1.0 / 12.0), ("worth", 1.0 / 6.0), ("fail", 1.0 / 12.0)] {
            holds(&point.measures[name], exact);
        }
    }
}

#[test]
fn a_rate_that_counted_nothing_has_an_upper_bound_with_its_reason() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": (), "Never": () },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 1 d)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Fix": Timed(delay: "Uniform(1 h, 2 h)", from: {"Down": "1"}, to: {"Up": "1"}),
            "Lose": Timed(delay: "Exponential(mean: 1e9 y)", from: {"Up": "1"}, to: {"Never": "1"}),
            "Burn": Timed(delay: "Exponential(mean: 1e9 y)", from: {"Up": "1"}, to: {"Never": "1"}),
            "Absent": Timed(delay: "1 s", from: {"Up": "1"}, guard: "1 > 2"),
        },
        up: { "service": "#Up == 1" },
        measures: {
            "lost": "rate(Lose)", "or absent": "rate(Lose) + rate(Absent)", "a year": "rate(Lose) * 1 y", "both": "(2 * rate(Lose) + 5 * rate(Burn)) / 2",
            "less": "-rate(Lose)", "some": "rate(Lose) + rate(Fail)", "gone": "E{#Never}",
        },
    )"##;
    let settings = Settings { precision: 0.1, length: Some(1e6), budget: 100_000, ..Settings::default() };
    let point = solve(text, settings);
    let rate = -(0.05_f64.ln()) / point.observed;
    for (name, exact) in [("lost", rate), ("or absent", rate), ("a year", rate * YEAR), ("both", 2.5 * rate)] {
        let found = &point.measures[name];
        assert!((bound(found, Side::Upper) / exact - 1.0).abs() < 1e-9, "{name}: {found:?}");
        assert!(found.bound.as_ref().unwrap().because.starts_with("no firing in "), "{found:?}");
    }
    for name in ["less", "gone"] {
        let found = &point.measures[name];
        assert_eq!((found.estimate.unwrap().abs(), found.low, found.high, &found.bound), (0.0, None, None, &None));
    }
    assert!(point.measures["some"].low.unwrap() > 0.0);
    let because = &standard(&point, "MTTF").bound;
    assert!(because.is_none(), "every path failed");
}

/// Every window of one length cuts a periodic process at the same phase: no variance, and yet not exact.
#[test]
fn windows_of_a_periodic_process_are_off_by_their_ends() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": (), "A": (tokens: 1), "B": () },
        transitions: {
            "Due": Timed(delay: "100 h", from: {"Up": "1"}, to: {"Down": "1"}),
            "Done": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
            "There": Timed(delay: "LAW", from: {"A": "1"}, to: {"B": "1"}),
            "Back": Timed(delay: "7 h", from: {"B": "1"}, to: {"A": "1"}),
        },
        up: { "service": "#Up == 1" },
        measures: { "due": "rate(Due)" },
    )"##;
    for law in ["7 h", "Exponential(mean: 7 h)"] {
        for method in [Method::Replications, Method::BatchMeans] {
            let base = Settings { method, precision: 0.02, budget: 2_000_000, ..Settings::default() };
            let point = solve(&text.replace("LAW", law), Settings { warmup: Some(0.0), length: Some(9.1e7), ..base });
            assert_eq!(point.method, method);
            holds(standard(&point, "unavailability"), 1.0 / 101.0);
            holds(standard(&point, "availability"), 100.0 / 101.0);
            holds(standard(&point, "failures per year"), YEAR / 363_600.0);
            holds(standard(&point, "MTBF"), 363_600.0);
            holds(standard(&point, "mean up time"), 360_000.0);
            let due = &point.measures["due"];
            assert!(due.low.is_none() || due.low < due.high, "{due:?}");
        }
    }
    // Whole cycles of it are exact.
    let alone = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: {
            "Due": Timed(delay: "100 h", from: {"Up": "1"}, to: {"Down": "1"}),
            "Done": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up == 1" },
    )"##;
    let point = solve(alone, Settings { method: Method::Regenerative, budget: 100_000, ..Settings::default() });
    let found = standard(&point, "unavailability");
    assert!((found.estimate.unwrap() * 101.0 - 1.0).abs() < 1e-12 && found.low == found.high && found.low.is_some());
}

/// Of 64 paths of 1 s a few fail: the truncated mean is known no better than their number.
#[test]
fn the_bound_of_a_time_to_failure_knows_how_few_failures_it_saw() {
    let text = r##"Net(
        places: { "Good": (tokens: 1), "Weak": (), "Up": (tokens: 1), "Down": () },
        transitions: {
            "Weaken": Timed(delay: "Exponential(mean: 1 ns)", from: {"Good": "1", "Up": "1"}, to: {"Down": "1"}),
            "Last": Timed(delay: "Exponential(mean: 29 ns)", from: {"Good": "1"}, to: {"Weak": "1"}),
            "Fail": Timed(delay: "1.01 s", from: {"Up": "1"}, to: {"Down": "1"}),
        },
        up: { "service": "#Up == 1" },
    )"##;
    // 1.01 s with a chance of 29/30 or 1/30, else nothing; E min(X, 1 s) is nearly E X.
    for (weaken, exact) in [("1 ns", 1.01 / 30.0), ("841 ns", 1.01 * 29.0 / 30.0)] {
        let text = text.replace("mean: 1 ns", &format!("mean: {weaken}"));
        let wrong = (1..=200).filter(|&seed| {
            let (method, replications) = (Method::Replications, Some(64));
            let (warmup, length) = (Some(0.0), Some(1.0));
            let point = solve(&text, Settings { seed, method, replications, warmup, length, ..Settings::default() });
            let found = standard(&point, "MTTF");
            found.bound.as_ref().is_some_and(|bound| bound.value > exact)
        });
        // 5 % of 200 are 10; 30 has a chance below 1e-6.
        assert!(wrong.count() < 30, "{weaken}");
    }
}

/// A path on which nothing will ever fire again costs no firings, and so no budget.
#[test]
fn a_process_that_comes_to_rest_ends_by_every_method() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: { "Fail": Timed(delay: "Exponential(mean: 10 h)", from: {"Up": "1"}, to: {"Down": "1"}) },
        up: { "service": "#Up == UP" },
    )"##;
    for method in METHODS {
        for up in ["0", "1"] {
            let settings = Settings { method, precision: 1e-3, budget: 10_000, ..Settings::default() };
            let point = solve(&text.replace("UP", up), settings);
            let rate = standard(&point, "failures per year");
            assert!(rate.low.is_none() || rate.low.unwrap() < rate.high.unwrap(), "{method:?} {rate:?}");
        }
    }
}
