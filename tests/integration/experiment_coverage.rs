//! Intervals are true: of many seeds a share as stated contains the exact value; and what stops a run.
//!
//! Each count is compared with a binomial law of [`LEAST`]: were every interval to cover with at least that
//! probability, all checks of this file together would fail with a probability below 1e-6.
//! `FIVENINES_COVERAGE_RUNS=4000 cargo test --release coverage -- --nocapture` measures the coverage itself.

use crate::experiment::{SURE, alternating, carry_out, contains, exponential, law, plan, queue, solve, standard};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Ended, Point};
use fivenines::experiment::settings::Settings;
use fivenines::net::Net;
use fivenines::stats::{Estimate, Side};
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

/// Coverage that is promised of a 95 % interval, in the least favourable case.
const LEAST: f64 = 0.93;

/// Checks in this file, at most.
const CHECKS: f64 = 100.0;

const METHODS: [Method; 3] = [Method::Replications, Method::BatchMeans, Method::Regenerative];

fn runs() -> u64 {
    let wanted = std::env::var("FIVENINES_COVERAGE_RUNS").ok();
    wanted.and_then(|runs| runs.parse().ok()).unwrap_or(150)
}

/// P(at most `k` of `n`) for a chance of `p`.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    fivenines::stats::quantile::binomial_cdf(k, n, p)
}

/// A net, a warm-up and a length that are known to suffice, and exact values of its standard measures.
struct Case {
    name: &'static str,
    net: Net,
    warmup: f64,
    length: f64,
    exact: Vec<(&'static str, f64)>,
}

fn renewal(up: f64, down: f64) -> Vec<(&'static str, f64)> {
    vec![
        ("unavailability", down / (up + down)),
        ("nines", -(down / (up + down)).log10()),
        ("failures per year", YEAR / (up + down)),
        ("mean up time", up),
        ("mean outage", down),
    ]
}

fn cases() -> Vec<Case> {
    let full = 0.7_f64.powi(5) / (0..=5).map(|k| 0.7_f64.powi(k)).sum::<f64>();
    let mut queue = queue(0.7, 1.0, 5);
    queue.measures.clear();
    let lognormal = law("LogNormal", &[("mean", 1000.0), ("sigma", 0.4)]);
    let short = law("LogNormal", &[("mean", 0.01), ("sigma", 1.0)]);
    vec![
        Case {
            name: "exponential on/off",
            net: alternating(exponential(100.0), exponential(1.0)),
            warmup: 10.0,
            length: 2000.0,
            exact: renewal(100.0, 1.0),
        },
        Case {
            name: "lognormal on/off, rare short outages",
            net: alternating(lognormal, short),
            warmup: 3000.0,
            length: 10_000.0,
            exact: renewal(1000.0, 0.01),
        },
        Case {
            name: "M/M/1/5",
            net: queue,
            warmup: 50.0,
            length: 400.0,
            exact: vec![("unavailability", full), ("mean outage", 1.0), ("MTBF", 1.0 / full)],
        },
    ]
}

/// How many of the runs contain each exact value, and the runs' mean number of observations.
fn coverage(case: &Case, settings: &Settings, runs: u64) -> (Vec<u64>, f64) {
    let one = |seed: u64| {
        let settings = Settings { seed, ..settings.clone() };
        let point = carry_out(&plan(vec![("only", case.net.clone())], settings), 1).points.remove(0);
        let holds = |&(name, value): &(&str, f64)| {
            let estimate = standard(&point, name);
            // Of fewer than two outages there need be no interval.
            let (Some(low), Some(high)) = (estimate.low, estimate.high) else { return point.outages < 2 };
            low <= value && value <= high
        };
        (case.exact.iter().map(holds).collect::<Vec<bool>>(), point.observations as f64)
    };
    let half = |seeds: std::ops::Range<u64>| seeds.map(one).collect::<Vec<(Vec<bool>, f64)>>();
    let (mut all, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(runs / 2..runs));
        (half(0..runs / 2), other.join().expect("no panic"))
    });
    all.extend(other);
    let count = |i: usize| all.iter().filter(|(covered, _)| covered[i]).count() as u64;
    let observations = all.iter().map(|(_, n)| n).sum::<f64>() / runs as f64;
    ((0..case.exact.len()).map(count).collect(), observations)
}

#[track_caller]
fn check(case: &Case, settings: &Settings, what: &str) {
    let runs = runs();
    let (covered, observations) = coverage(case, settings, runs);
    for (&(name, _), k) in case.exact.iter().zip(covered) {
        let share = 100.0 * k as f64 / runs as f64;
        println!(
            "{:?} {what}: {}: {name}: {share:.2} % of {runs} ({observations:.0} observations)",
            settings.method, case.name
        );
        let chance = tail(k, runs, LEAST);
        assert!(chance > 1e-6 / CHECKS, "{:?} {what} {} {name}: {k} of {runs}", settings.method, case.name);
    }
}

#[test]
fn intervals_of_a_fixed_effort_cover() {
    for case in cases() {
        for method in METHODS {
            let (warmup, length) = (Some(case.warmup), Some(case.length));
            let settings = Settings { method, warmup, length, budget: 60_000, ..Settings::default() };
            let settings = match method {
                // It goes on to the budget's end.
                Method::BatchMeans => {
                    Settings { length: Some(case.length / 4.0), precision: 1e-9, budget: 12_000, ..settings }
                }
                _ => Settings { replications: Some(64), ..settings },
            };
            check(&case, &settings, "fixed");
        }
    }
}

#[test]
fn intervals_of_a_sequential_run_cover() {
    for case in cases() {
        for method in METHODS {
            let (warmup, length) = (Some(case.warmup / 2.0), Some(case.length / 4.0));
            // So that a run takes several looks, and its budget suffices.
            let precision = match (case.name, method) {
                ("M/M/1/5", _) => 0.06,
                (_, Method::Regenerative) => 0.03,
                _ => 0.07,
            };
            check(
                &case,
                &Settings { method, warmup, length, precision, budget: 60_000, ..Settings::default() },
                "sequential",
            );
        }
    }
}

/// A budget that ends after a handful of outages: the intervals are wide, and true.
#[test]
fn intervals_of_a_few_outages_cover() {
    let mut case = cases().remove(0);
    for (outages, replications) in [(4.0, 16), (12.0, 64)] {
        let length = Some(outages / replications as f64 * 101.0);
        let settings = Settings {
            method: Method::Replications,
            warmup: Some(10.0),
            length,
            replications: Some(replications),
            budget: 20_000,
            ..Settings::default()
        };
        case.exact.retain(|(name, _)| *name != "mean outage");
        check(&case, &settings, &format!("{outages} outages expected"));
    }
}

#[test]
fn what_one_outage_says_has_no_end() {
    let net = alternating(exponential(1000.0), exponential(1.0));
    let one = |seed| {
        let method = Method::Replications;
        let (warmup, length) = (Some(0.0), Some(40.0));
        let settings =
            Settings { seed, method, warmup, length, replications: Some(25), budget: 9000, ..Settings::default() };
        solve(net.clone(), settings)
    };
    let point: Point = (0..50).map(one).find(|point| point.outages == 1).expect("one outage in a thousand seconds");
    for name in ["unavailability", "mean outage"] {
        let found = standard(&point, name);
        assert!(found.estimate.is_some() && found.low.is_none() && found.high.is_none(), "{name}: {found:?}");
    }
    let rate = standard(&point, "failures per year");
    assert!(rate.low.unwrap() < 0.03 * rate.estimate.unwrap() && rate.high.unwrap() > 5.5 * rate.estimate.unwrap());
}

#[test]
fn a_scenario_that_says_nothing_gets_the_stated_defaults() {
    let net = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Uniform(0.5 s, 1.5 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up >= 1" },
    )"##;
    let files =
        [("main.ron", r##"Scenario(method: Simulation, designs: { "only": (net: "net.ron") })"##), ("net.ron", net)];
    let plan = read(&files);
    let Settings { confidence, precision, outages, budget, .. } = plan.settings;
    assert_eq!((confidence, precision, outages), (0.95, 0.01, 100));
    assert!((1e7..1e10).contains(&(budget as f64)));
    let point = carry_out(&plan, 2).points.remove(0);
    let found = standard(&point, "unavailability");
    assert_eq!((point.ended, found.confidence), (Ended::Precision, 0.95));
    assert!(found.reached.unwrap() <= 0.01, "{found:?}");
    // Neither did it go on for long after that.
    assert!(found.reached.unwrap() > 0.005, "{found:?}");
    contains(standard(&carry_out(&at(plan, SURE), 2).points[0], "unavailability"), 1.0 / 101.0);
}

fn at(plan: fivenines::experiment::plan::Plan, confidence: f64) -> fivenines::experiment::plan::Plan {
    let settings = Settings { confidence, precision: 0.05, ..plan.settings.clone() };
    fivenines::experiment::plan::Plan { settings, ..plan }
}

/// However loose the precision, a run sees the least number of outages first.
#[test]
fn no_run_ends_before_its_least_number_of_outages() {
    let net = || alternating(exponential(100.0), law("Uniform", &[("low", 0.5), ("high", 1.5)]));
    for method in METHODS {
        for outages in [100, 400] {
            let (warmup, length) = (Some(0.0), Some(50.0));
            let settings =
                Settings { method, warmup, length, outages, precision: 10.0, budget: 200_000, ..Settings::default() };
            let point = solve(net(), settings.clone());
            assert_eq!(point.ended, Ended::Precision, "{method:?}");
            assert!(point.outages >= outages, "{method:?}: {}", point.outages);
            let poor = solve(net(), Settings { outages: 1_000_000, ..settings });
            assert_eq!(poor.ended, Ended::Budget, "{method:?}");
        }
    }
}

#[test]
fn a_budget_that_ends_too_early_is_admitted_by_every_method() {
    let net = || alternating(exponential(100.0), exponential(1.0));
    for method in METHODS {
        let settings = Settings { method, precision: 1e-3, budget: 40_000, ..Settings::default() };
        let outcome = carry_out(&plan(vec![("only", net())], settings), 2);
        let point = &outcome.points[0];
        assert_eq!((point.method, point.ended), (method, Ended::Budget));
        assert!(point.firings < 80_000, "{method:?}: {}", point.firings);
        assert!(standard(point, "unavailability").reached.unwrap() > 1e-3);
        let admitted = |w: &String| w.contains("precision not reached") && w.contains("instead of 0.100 %");
        assert!(outcome.warnings.iter().any(admitted), "{method:?}: {:?}", outcome.warnings);
        let json = serde_json::to_value(&outcome).unwrap();
        assert_eq!(json["points"][0]["ended"], "budget");
    }
}

#[test]
fn no_outage_is_a_bound_by_every_method() {
    // It goes up and down between two and one, and is never down: but none of that is known beforehand.
    let mut net = queue(0.7, 1.0, 5);
    net.up[0].expr = fivenines::net::expr::Expr::Constant(1.0);
    net.measures.clear();
    for method in METHODS {
        let settings = Settings { method, budget: 30_000, ..Settings::default() };
        let outcome = carry_out(&plan(vec![("safe", net.clone())], settings.clone()), 2);
        let point = &outcome.points[0];
        assert_eq!((point.method, point.outages, point.ended), (method, 0, Ended::Budget));
        let three = -(0.05_f64.ln());
        let bound = |estimate: &Estimate, side: Side, value: f64| {
            let found = estimate.bound.as_ref().expect("a bound");
            assert_eq!((estimate.estimate, estimate.low, estimate.high, found.side), (None, None, None, side));
            assert!((found.value / value - 1.0).abs() < 1e-9, "{found:?} {value}");
        };
        bound(standard(point, "failures per year"), Side::Upper, three / point.observed * YEAR);
        bound(standard(point, "MTBF"), Side::Lower, point.observed / three);
        for name in ["unavailability", "availability", "downtime per year", "nines", "mean outage", "mean up time"] {
            assert_eq!(standard(point, name), &Estimate::unknown(0.95, &standard(point, name).unit), "{name}");
        }
        let json = serde_json::to_value(&outcome).unwrap();
        let unavailability = &json["points"][0]["up"]["service"]["unavailability"];
        assert!(
            unavailability["estimate"].is_null() && unavailability["low"].is_null() && unavailability["high"].is_null()
        );
        let rate = &json["points"][0]["up"]["service"]["failures per year"];
        assert!(rate["estimate"].is_null() && rate["bound"]["side"] == "upper", "{rate}");

        let stated = solve(net.clone(), Settings { outage_bound: Some(600.0), ..settings });
        bound(standard(&stated, "unavailability"), Side::Upper, three / stated.observed * 600.0);
        bound(standard(&stated, "downtime per year"), Side::Upper, three / stated.observed * 600.0 * YEAR);
        assert_eq!(standard(&stated, "availability").bound.as_ref().unwrap().side, Side::Lower);
    }
}
