//! Nets that regenerate for a while and come to rest in the end: every method tells how they rest, and that they do.

use crate::experiment::{SURE, carry_out, standard, sure};
use crate::experiment_identity::until;
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;

/// A machine that is repaired again and again until it dies, or retires; hours until it does, in the mean.
fn mortal(death: &str, retirement: &str) -> String {
    format!(
        r##"Net(
            places: {{ "Up": (tokens: 1), "Down": (), "Dead": (), "Retired": () }},
            transitions: {{
                "Fail": Timed(delay: "Exponential(mean: 100 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}, role: Failure),
                "Die": Timed(delay: "Exponential(mean: {death})", from: {{"Up": "1"}}, to: {{"Dead": "1"}}),
                "Retire": Timed(delay: "Exponential(mean: {retirement})", from: {{"Up": "1"}}, to: {{"Retired": "1"}}),
                "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}, role: Repair),
            }},
            up: {{ "service": "#Up + #Retired == 1" }},
            measures: {{ "busy": "E{{#Down}}" }},
        )"##
    )
}

fn run(text: &str, settings: Settings, threads: usize) -> Outcome {
    let plan = read(&[("main.ron", text)]);
    carry_out(&Plan { settings, ..plan }, threads)
}

const METHODS: [Method; 5] =
    [Method::Simulation, Method::Regenerative, Method::Stratified, Method::BatchMeans, Method::ImportanceSampling];

/// Of the short life a pilot sees the end, of the long one only the observations do.
#[test]
fn what_dies_in_the_end_is_down_by_every_method() {
    for death in ["1000 h", "20000 h", "300000 h"] {
        for method in METHODS {
            let settings = Settings { method, budget: 4_000_000, precision: 0.05, ..Settings::default() };
            let outcome = run(&mortal(death, "1e15 h"), settings, 2);
            let point = &outcome.points[0];
            let told = format!("{death} {method:?}: {} {:?}", point.because, outcome.warnings);
            assert_eq!(standard(point, "availability").estimate, Some(0.0), "{told}");
            assert_eq!(point.measures["busy"].estimate, Some(0.0), "{told}");
            assert!(!outcome.interrupted && point.ended == Ended::Precision, "{told}");
            assert!(outcome.warnings.iter().any(|w| w.contains("comes to rest")), "{told}");
        }
    }
}

#[test]
fn splitting_tells_that_the_net_comes_to_rest() {
    let settings = Settings { method: Method::Splitting, budget: 4_000_000, precision: 0.05, ..Settings::default() };
    let outcome = run(&mortal("20000 h", "20000 h"), settings, 2);
    assert!(outcome.warnings.iter().any(|w| w.contains("came to rest")), "{:?}", outcome.warnings);
}

/// It dies three times as often as it retires.
#[test]
fn the_long_run_is_the_mean_over_the_ways_to_rest() {
    for method in [Method::Simulation, Method::Stratified] {
        let settings = Settings { method, budget: 20_000_000, ..sure(0.1) };
        let outcome = run(&mortal("40000 h", "120000 h"), settings, 2);
        // Some 30,000 replications, of which no outage begins while they rest: no interval, but eight standard errors.
        let found = standard(&outcome.points[0], "unavailability").estimate.expect("an estimate");
        assert!((found - 0.75).abs() < 0.02, "{method:?}: {found}");
    }
}

#[test]
fn threads_change_nothing_of_it() {
    let settings = Settings { method: Method::Regenerative, budget: 1_000_000, ..sure(0.1) };
    let of = |threads| run(&mortal("60000 h", "60000 h"), settings.clone(), threads).points;
    assert_eq!(of(1), of(3));
}

/// One of a pair that is observed together comes to rest.
#[test]
fn designs_that_are_compared_closely_may_come_to_rest() {
    let (lasting, resting) = (mortal("1e15 h", "1e15 h"), mortal("300000 h", "1e15 h"));
    let scenario = r##"Scenario(
        designs: {"lasting": (net: "lasting.ron"), "resting": (net: "resting.ron")}, method: Simulation,
        precision: "5 %", budget: "4e6", compare: (ratio: "10 %"),
    )"##;
    let plan = read(&[("main.ron", scenario), ("lasting.ron", &lasting), ("resting.ron", &resting)]);
    let outcome = carry_out(&plan, 2);
    let of = |index: usize| standard(&outcome.points[index], "availability").estimate.expect("an estimate");
    assert!((of(0) - 100.0 / 101.0).abs() < 0.01 && of(1) == 0.0, "{} {} {:?}", of(0), of(1), outcome.warnings);
    assert!(outcome.points.iter().map(|point| point.method).eq([Method::Regenerative, Method::Replications]));
}

/// Nothing is lost of a run that goes on with replications and is interrupted there.
#[test]
fn an_interrupted_run_goes_on_where_it_rests() {
    let plan = read(&[("main.ron", &mortal("60000 h", "60000 h"))]);
    let settings =
        Settings { method: Method::Regenerative, budget: 1_000_000, confidence: SURE, ..Settings::default() };
    let plan = Plan { settings, ..plan };
    let whole = carry_out(&plan, 2);
    for reports in [2, 6, 20] {
        let (cut, kept, _) = until(&plan, 2, reports, None);
        assert!(cut.interrupted, "{reports}");
        assert_eq!(until(&plan, 2, usize::MAX, kept).0.points, whole.points, "{reports}");
    }
}
