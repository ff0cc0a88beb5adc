//! Both engines on one net: they agree where they should, and a biased simulation is found out.

use crate::experiment::carry_out;
use crate::experiment_methods::read;
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;

const MACHINE: &str = r##"Net(
    places: { "Up": (tokens: 1), "Down": (), "Never": () },
    transitions: {
        "Fail": Timed(delay: "Weibull(shape: 2, scale: 100 h)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Fix": Timed(delay: "Uniform(1 h, 3 h)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "service": "#Up == 1", "always": "#Never == 0" },
    measures: { "repairs": "rate(Fix)", "down": "E{#Down}" },
)"##;

fn check(text: &str, settings: Settings) -> Outcome {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = Settings { cross_check: true, ..settings };
    carry_out(&plan, 2)
}

#[test]
fn every_method_of_simulation_agrees_with_the_exact_engine() {
    for method in [Method::Replications, Method::BatchMeans, Method::Regenerative] {
        for seed in 1..=3 {
            let outcome = check(MACHINE, Settings { method, seed, ..Settings::default() });
            let [found] = &outcome.cross_checks[..] else { panic!("{:?}", outcome.cross_checks) };
            assert_eq!(found.agrees, Some(true), "{found:#?}");
            // Five of the service (a long path says nothing of a first failure), a bound of the failures of what never
            // fails, two measures.
            assert!(found.compared >= 7, "{found:#?}");
            assert!(outcome.holds());
        }
    }
}

/// Its first hours alone are far better than the long run.
#[test]
fn a_transient_that_was_not_removed_is_found_out() {
    let biased = Settings {
        warmup: Some(0.0),
        length: Some(30.0 * 3600.0),
        replications: Some(20_000),
        method: Method::Replications,
        ..Settings::default()
    };
    let outcome = check(MACHINE, biased);
    let found = &outcome.cross_checks[0];
    assert_eq!(found.agrees, Some(false), "{found:#?}");
    assert!(found.disagreeing.iter().any(|d| d.what == "service, unavailability" && d.z < Some(-found.threshold)));
    assert!(!outcome.holds());
}

/// Two ways to fail, one of them so seldom that few of its outages are seen, or none.
#[test]
fn accounts_agree_where_causes_are_rare_or_sequences_are_not_kept() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": (), "Other": () },
        transitions: {
            "Often": Timed(delay: "Exponential(rate: 1000 Hz)", from: {"Up": "1"}, to: {"Down": "1"}, role: Failure),
            "Seldom": Timed(delay: "Exponential(rate: 1 Hz)", from: {"Up": "1"}, to: {"Other": "1"}, role: Failure),
            "Fix": Timed(delay: "Exponential(mean: 10 s)", from: {"Down": "1"}, to: {"Up": "1"}),
            "Mend": Timed(delay: "Exponential(mean: 10 s)", from: {"Other": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up == 1" },
    )"##;
    let paths = Settings { warmup: Some(100.0), length: Some(125.0), replications: Some(64), ..Settings::default() };
    let few = Settings { method: Method::Replications, causes: true, ..paths };
    for seed in 1..=6 {
        let outcome = check(text, Settings { seed, ..few.clone() });
        assert_eq!(outcome.cross_checks[0].agrees, Some(true), "{:#?}", outcome.cross_checks);
    }
    let strata = Settings { method: Method::Stratified, causes: true, budget: 300_000, ..Settings::default() };
    let outcome = check(text, strata);
    assert_eq!(outcome.points[0].method, Method::Stratified);
    assert_eq!(outcome.cross_checks[0].agrees, Some(true), "{:#?}", outcome.cross_checks);
}

#[test]
fn a_net_without_an_exact_solution_says_which_transition_stands_in_the_way() {
    let two = MACHINE.replace("\"Down\": (), ", "\"Down\": (), \"Other\": (tokens: 1), ").replace(
        "\"Fix\":",
        r#""Rest": Timed(delay: "Uniform(1 h, 9 h)", from: {"Other": "1"}, to: {"Other": "1"}, test: {"Up": "1"}), "Fix":"#,
    );
    let outcome = check(&two, Settings::default());
    let found = &outcome.cross_checks[0];
    assert_eq!((found.agrees, found.compared), (None, 0));
    assert!(found.because.contains("Fail") || found.because.contains("Rest"), "{}", found.because);
    assert!(outcome.holds(), "nothing was compared, so nothing disagrees");
}
