//! Stratified cycles: the figures are those of the exact engine and of crude cycles, the intervals are true, and far
//! fewer firings do.

use crate::experiment::{SURE, carry_out, contains, plan, sure};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Ended, Outcome, Point, Taken};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;

/// Coverage that is promised of a 95 % interval.
const LEAST: f64 = 0.93;

/// Seeds of the coverage, and intervals of each: all checks together fail with a chance below 1e-6.
const RUNS: u64 = 150;
const CHECKS: f64 = 12.0;

/// Faults of four kinds, some a thousand times as rare as others, with repairs of any law; some are harmless, some are not
/// noticed at once. While it is down nothing else fails, so that it can be solved.
const SERVER: &str = r##"Net(
    colours: { "Kind": "{session, process, system, host}", "Silent": "Kind - {session}" },
    parameters: { "life": "{session: 1 h, process: 10 h, system: 100 h, host: 1000 h}" },
    places: {
        "Up": (tokens: 1), "Hit": (colour: "Kind"), "Known": (colour: "Kind"), "Dumb": (colour: "Kind"), "Count": (),
    },
    transitions: {
        "Fail[k in Kind]": Timed(
            delay: "Exponential(mean: life[k])", from: {"Up": "1"}, to: {"Hit": "k", "Count": "1"}, role: Failure,
        ),
        "Forget": Immediate(priority: "2", from: {"Count": "1"}),
        "Harmless": Immediate(weight: "3", from: {"Hit": "session"}, to: {"Up": "1"}),
        "Session": Immediate(from: {"Hit": "session"}, to: {"Known": "session"}),
        "See[k in Silent]": Immediate(weight: "0.9", from: {"Hit": "k"}, to: {"Known": "k"}),
        "Miss[k in Silent]": Immediate(weight: "0.1", from: {"Hit": "k"}, to: {"Dumb": "k"}),
        "Notice[k in Silent]": Timed(delay: "Uniform(1 min, 1 h)", from: {"Dumb": "k"}, to: {"Known": "k"}),
        "Mend[k in Kind]": Timed(
            delay: "if k == host then LogNormal(mean: 4 h, sigma: 0.5) else Weibull(shape: 2, scale: life[k] / 100)",
            from: {"Known": "k"}, to: {"Up": "1"}, role: Repair,
        ),
    },
    up: { "service": "#Up == 1", "detected": "#Dumb == 0" },
    measures: {
        "harmless per hour": "rate(Harmless) * 1 h",
        "repairs of hosts per year": "rate(Mend[host]) * 1 y",
        "cost per hour": "impulse(Fail, 2 + #Up) * 1 h + E{if #Known(host) > 0 then 7 else 0}",
        "known of what is down": "P{#Known > 0 if #Up == 0}",
    },
)"##;

fn run(text: &str, settings: Settings) -> Outcome {
    let read = read(&[("main.ron", text)]);
    carry_out(&Plan { settings, ..read }, 2)
}

fn point(text: &str, settings: Settings) -> Point {
    run(text, settings).points.remove(0)
}

/// Name and value of everything that is told of a point.
fn figures(point: &Point) -> Vec<(String, f64)> {
    let ups = point.up.iter().flat_map(|(up, all)| {
        all.iter().filter_map(move |(name, found)| Some((format!("{up}: {name}"), found.estimate?)))
    });
    let measures = point.measures.iter().filter_map(|(name, found)| Some((name.clone(), found.estimate?)));
    ups.chain(measures).collect()
}

fn exact(text: &str) -> Point {
    let point = point(text, Settings { method: Method::Exact, ..Settings::default() });
    assert_eq!(point.ended, Ended::Exact);
    point
}

#[test]
fn every_figure_is_the_exact_one() {
    let known = exact(SERVER);
    let found = point(SERVER, Settings { method: Method::Stratified, ..sure(0.01) });
    assert_eq!((found.method, found.ended), (Method::Stratified, Ended::Precision), "{}", found.because);
    for (up, all) in &known.up {
        for (name, value) in all {
            let estimate = &found.up[up][name];
            assert!(value.estimate.is_some() == estimate.estimate.is_some(), "{up}: {name}: {estimate:?}");
            let (value, found) = (value.estimate.expect("a value"), estimate.estimate.expect("a value"));
            // A sojourn that is replaced by its mean doesn't vary.
            match estimate.low {
                Some(_) => contains(estimate, value),
                None => assert!((found - value).abs() < 1e-9 * value, "{up}: {name}: {found} is not {value}"),
            }
        }
    }
    assert_eq!(known.measures.len(), 4);
    for (name, value) in &known.measures {
        contains(&found.measures[name], value.estimate.expect("a value"));
    }
}

#[test]
fn intervals_cover() {
    let known = figures(&exact(SERVER));
    let wanted = ["service: unavailability", "service: failures per year", "service: mean outage", "detected: MTTF"]
        .into_iter()
        .chain(["detected: unavailability", "repairs of hosts per year", "cost per hour", "known of what is down"]);
    let wanted: Vec<&(String, f64)> =
        wanted.map(|name| known.iter().find(|(other, _)| other == name).expect("a figure")).collect();
    let covered = |seed: u64| -> Vec<bool> {
        let found =
            point(SERVER, Settings { method: Method::Stratified, precision: 0.04, seed, ..Settings::default() });
        let estimate = |name: &str| match name.split_once(": ") {
            Some((up, of)) => found.up[up][of].clone(),
            None => found.measures[name].clone(),
        };
        let holds = |(name, value): &(String, f64)| {
            let (low, high) = (estimate(name).low.expect("an interval"), estimate(name).high.expect("an interval"));
            low <= *value && *value <= high
        };
        wanted.iter().map(|wanted| holds(wanted)).collect()
    };
    let all: Vec<Vec<bool>> = (0..RUNS).map(covered).collect();
    for (i, (name, _)) in wanted.iter().enumerate() {
        let count = all.iter().filter(|covered| covered[i]).count() as u64;
        println!("{name}: {count} of {RUNS}");
        let chance = fivenines::stats::quantile::binomial_cdf(count, RUNS, LEAST);
        assert!(chance > 1e-6 / CHECKS, "{name}: {count} of {RUNS}");
    }
}

#[test]
fn a_tenth_of_the_firings_does() {
    let [few, many] = [Method::Stratified, Method::Regenerative].map(|method| {
        let point = point(SERVER, Settings { method, precision: 0.01, ..Settings::default() });
        assert_eq!((point.method, point.ended), (method, Ended::Precision));
        point.firings
    });
    assert!(10 * few < many, "{few} against {many}");
}

#[test]
fn the_account_of_outages_is_the_exact_one() {
    let with = |method, settings: Settings| point(SERVER, Settings { method, causes: true, ..settings });
    let known = with(Method::Exact, Settings::default());
    let found = with(Method::Stratified, sure(0.01));
    for cause in &known.causes["service"] {
        let same = found.causes["service"].iter().find(|other| other.cause == cause.cause).expect("the cause");
        contains(&same.downtime, cause.downtime.estimate.expect("a value"));
        contains(&same.outages, cause.outages.estimate.expect("a value"));
    }
    let shares: f64 = found.causes["service"].iter().filter_map(|cause| cause.share.estimate).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");
}

#[test]
fn designs_share_what_comes_behind_their_ways() {
    let quicker = SERVER.replace("LogNormal(mean: 4 h", "LogNormal(mean: 3 h");
    let nets = [SERVER, quicker.as_str()].map(|text| read(&[("main.ron", text)]).points.remove(0).net);
    let ratio = {
        let [u, v] = [SERVER, quicker.as_str()]
            .map(|text| exact(text).up["service"]["unavailability"].estimate.expect("a value"));
        u / v
    };
    let designs = vec![("slow", (*nets[0]).clone()), ("quick", (*nets[1]).clone())];
    let settings = Settings { method: Method::Stratified, ..sure(0.02) };
    let found = carry_out(&plan(designs, settings), 2).comparisons.remove(0);
    assert_eq!((found.pairing.taken, found.ratio.confidence), (Taken::Paired, SURE));
    assert!(found.pairing.saved.is_some_and(|saved| saved > 0.5), "{:?}", found.pairing);
    contains(&found.ratio, ratio);
}

#[test]
fn where_another_clock_runs_at_the_beginning_cycles_are_crude() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: {
            "Fail": Timed(delay: "Uniform(90 h, 110 h)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up == 1" },
    )"##;
    let outcome = run(text, Settings { method: Method::Stratified, ..sure(0.05) });
    let warning = outcome.warnings.iter().find(|warning| warning.contains("can't be stratified"));
    assert!(warning.is_some_and(|warning| warning.contains("Fail")), "{:?}", outcome.warnings);
    assert_eq!(outcome.points[0].method, Method::Regenerative);
    contains(&outcome.points[0].up["service"]["unavailability"], 1.0 / 101.0);
}

/// What seldom happens within a way: one firing in a million cycles, where all else is known or varies by a second.
const SELDOM: &str = r##"Net(
    places: { "Up": (tokens: 1), "Down": (), "Busy": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: 100 h)", from: {"Up": "1"}, to: {"Down": "1"}, role: Failure),
        "Work": Timed(delay: "Exponential(mean: 100 h)", from: {"Up": "1"}, to: {"Busy": "1"}),
        "Done": Timed(delay: "Uniform(3599 s, 3601 s)", from: {"Busy": "1"}, to: {"Up": "1"}),
        "Crash": Timed(delay: "Exponential(mean: 1e6 h)", from: {"Busy": "1"}, to: {"Down": "1"}, role: Failure),
        "Mend": Timed(delay: "Uniform(3599 s, 3601 s)", from: {"Down": "1"}, to: {"Up": "1"}, role: Repair),
    },
    up: { "service": "#Down == 0" },
    measures: { "failures": "(rate(Fail) + rate(Crash)) * 1 h" },
)"##;

/// With q = 1 − e^(−1/10⁶) the chance that busy time ends by a crash, up to 10⁻⁸ of it, a cycle lasts 50 h up and either
/// 1 h down, or 1 h busy and, with q, half of that and 1 h down: 51 h + q/4 h, with (1 + q)/2 failures. The first one
/// comes after X = 50 h + (1 h + (1 − q) X)/2, that is 101 h/(1 + q), up to q/2 of an hour.
#[test]
fn what_no_cycle_has_shown_is_allowed_for() {
    let q = 1e-6;
    let found = point(SELDOM, Settings { method: Method::Stratified, replications: Some(64), ..sure(0.01) });
    assert_eq!(found.method, Method::Stratified);
    contains(&found.measures["failures"], 0.5 * (1.0 + q) / (51.0 + 0.25 * q));
    contains(&found.up["service"]["MTTF"], 101.0 * 3600.0 / (1.0 + q));
    // Not by being told nothing: 64 observations of a thousand cycles.
    let wide = |of: &fivenines::stats::Estimate| of.high.unwrap() / of.low.unwrap();
    assert!(wide(&found.measures["failures"]) < 1.01 && wide(&found.up["service"]["MTTF"]) < 1.01);
}
