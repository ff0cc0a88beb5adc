//! What a pilot mustn't miss: decay that looks even for a while, phases that never mix, modes with heavy tails, rest.

use crate::experiment::{carry_out, contains, standard, sure};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;

fn replicate(text: &str, settings: Settings) -> Outcome {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = Settings { method: Method::Replications, ..settings };
    carry_out(&plan, 2)
}

#[test]
fn a_machine_that_is_never_repaired_is_down_in_the_long_run() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: { "Fail": Timed(delay: "Exponential(mean: 10 h)", from: {"Up": "1"}, to: {"Down": "1"}) },
        up: { "service": "#Up == 1" },
    )"##;
    for seed in 1..=12 {
        let outcome = replicate(text, Settings { seed, ..Settings::default() });
        assert_eq!(standard(&outcome.points[0], "availability").estimate, Some(0.0), "{seed}");
        assert!(outcome.warnings.iter().any(|w| w.contains("never up")), "{:?}", outcome.warnings);
    }
}

/// With a warm-up that is stated, the end of all change lies within the observed time.
#[test]
fn a_net_that_comes_to_rest_while_it_is_observed_is_told() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: { "Fail": Timed(delay: "Uniform(1 h, 2 h)", from: {"Up": "1"}, to: {"Down": "1"}) },
        up: { "service": "#Up == 1" },
    )"##;
    for (warmup, told) in [(0.0, true), (1e4, false)] {
        let stated =
            Settings { warmup: Some(warmup), length: Some(1e5), replications: Some(20), ..Settings::default() };
        let outcome = replicate(text, stated);
        let rest = outcome.warnings.iter().find(|w| w.contains("came to rest"));
        assert_eq!(rest.is_some(), told, "{:?}", outcome.warnings);
        assert!(rest.is_none_or(|w| w.contains("in 20 of 20 replications")), "{rest:?}");
    }
}

/// Maintenance every 30 days for a day: nothing ever moves its phase, so the replications must.
#[test]
fn clocks_that_keep_their_phase_are_observed_in_every_phase() {
    let text = r##"Net(
        places: { "Run": (tokens: 1), "Closed": (), "Ok": (tokens: 1), "Broken": () },
        transitions: {
            "Close": Timed(delay: "30 d", from: {"Run": "1"}, to: {"Closed": "1"}),
            "Open": Timed(delay: "1 d", from: {"Closed": "1"}, to: {"Run": "1"}),
            "Fail": Timed(delay: "Exponential(mean: 100 d)", from: {"Ok": "1"}, to: {"Broken": "1"}),
            "Fix": Timed(delay: "Exponential(mean: 1 d)", from: {"Broken": "1"}, to: {"Ok": "1"}),
        },
        up: { "service": "#Run == 1 && #Ok == 1" },
        measures: { "closures": "rate(Close)", "closed": "E{#Closed}" },
    )"##;
    for seed in 1..=4 {
        let outcome = replicate(text, Settings { seed, ..sure(0.02) });
        let point = &outcome.points[0];
        assert!(outcome.warnings.is_empty(), "{:?}", outcome.warnings);
        assert!(point.warmup.because.contains("phase"), "{:?}", point.warmup);
        contains(standard(point, "availability"), 30.0 / 31.0 * 100.0 / 101.0);
        contains(&point.measures["closures"], 1.0 / (31.0 * 86400.0));
        contains(&point.measures["closed"], 1.0 / 31.0);
    }
}

/// A job that begins again with the same work after each interruption has a completion time with a tail as x⁻⁴:
/// E[(e^{fX} − 1)(1/f + r)] = 1.5 h for f = 1/4 h, r = ½ h and X exponential of 1 h (Kulkarni, Nicola and Trivedi 1987).
#[test]
fn a_mode_with_a_heavy_tail_leaves_no_bias() {
    let text = r##"Net(
        places: { "Ok": (tokens: 1), "Broken": (), "Job": (tokens: 1) },
        transitions: {
            "Break": Timed(delay: "Exponential(mean: 4 h)", from: {"Ok": "1"}, to: {"Broken": "1"}),
            "Fix": Timed(delay: "Exponential(mean: 0.5 h)", from: {"Broken": "1"}, to: {"Ok": "1"}),
            "Work": Timed(delay: "Exponential(mean: 1 h)", memory: Identical, from: {"Job": "1"}, to: {"Job": "1"}, test: {"Ok": "1"}),
        },
        up: { "service": "#Ok == 1" },
        measures: { "jobs per hour": "rate(Work) * 1 h" },
    )"##;
    // The mean of the runs, with an interval at a false alarm of 10⁻⁶ as theirs.
    let runs: Vec<(f64, f64)> = (1..=6)
        .map(|seed| {
            let outcome = replicate(text, Settings { seed, ..sure(0.01) });
            let jobs = &outcome.points[0].measures["jobs per hour"];
            (jobs.estimate.unwrap(), (jobs.high.unwrap() - jobs.low.unwrap()) / 2.0)
        })
        .collect();
    let mean = runs.iter().map(|run| run.0).sum::<f64>() / 6.0;
    let half = runs.iter().map(|run| run.1 * run.1).sum::<f64>().sqrt() / 6.0;
    assert!((mean - 2.0 / 3.0).abs() < half, "{mean} ± {half}");
}
