//! `Auto` among crude paths, importance sampling and splitting, and the importance that a scenario states.

use crate::exact::scenarios::{plan_with, repository};
use crate::experiment::{SURE, carry_out};
use crate::experiment_methods::read;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::settings::{Compare, Settings};
use fivenines::experiment::{Control, Overrides, Plan, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::rare::Piece;
use fivenines::syntax::ast::Method;

/// The first point of a scenario, by a method.
fn scenario(name: &str, method: Method) -> Plan {
    let mut plan = plan_with(&repository(), &format!("scenarios/{name}.ron"), &[]);
    plan.points.truncate(1);
    (plan.axis, plan.expectations, plan.published) = (None, Vec::new(), Vec::new());
    plan.settings.method = method;
    plan
}

fn solve(text: &str, settings: Settings) -> Outcome {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = Settings { method: Method::Simulation, ..settings };
    carry_out(&plan, 2)
}

/// Queues have no failures, so splitting serves; units that fail at random are better biased. Each interval at a false
/// alarm of 10⁻⁶ holds the exact value, and what is chosen ends with its precision.
#[test]
fn rare_scenarios_get_a_method_that_serves() {
    let served = [
        ("rare-queue", &[Method::Splitting][..]),
        ("rare-tandem", &[Method::Splitting]),
        ("rare-units", &[Method::ImportanceSampling]),
        ("rare-pipeline", &[Method::ImportanceSampling, Method::Splitting]),
        ("rare-cluster", &[Method::ImportanceSampling, Method::Splitting]),
    ];
    for (name, methods) in served {
        let exact = carry_out(&scenario(name, Method::Exact), 1).points.remove(0);
        let mut plan = scenario(name, Method::Simulation);
        (plan.settings.precision, plan.settings.confidence) = (0.4, SURE);
        plan.settings.budget = 40_000_000;
        let outcome = carry_out(&plan, 2);
        let found = &outcome.points[0];
        assert!(methods.contains(&found.method), "{name}: {:?} {}", found.method, found.because);
        assert!(found.because.starts_with("outages are too rare for crude "), "{name}: {}", found.because);
        let up = |point: &fivenines::experiment::outcome::Point| {
            point.up[point.primary.as_ref().expect("a condition")]["unavailability"].clone()
        };
        let (value, interval) = (up(&exact).estimate.expect("solved"), up(found));
        assert_eq!(found.ended, Ended::Precision, "{name}: {interval:?} {:?}", outcome.warnings);
        crate::experiment::contains(&interval, value);
    }
}

/// Three machines of which one suffices, with or without a role of what fails.
fn triplets(role: &str) -> String {
    format!(
        r##"Net(
            colours: {{ "Unit": "1..=3" }},
            places: {{ "Up": (colour: "Unit", tokens: "all Unit"), "Down": (colour: "Unit") }},
            transitions: {{
                "Fail[u in Unit]": Timed(delay: "Exponential(mean: 9999 s)", from: {{"Up": "u"}}, to: {{"Down": "u"}}{role}),
                "Repair[u in Unit]": Timed(delay: "Uniform(0.5 s, 1.5 s)", from: {{"Down": "u"}}, to: {{"Up": "u"}}),
            }},
            up: {{ "service": "#Up >= 1" }},
        )"##
    )
}

/// Without a role nothing can be biased, and splitting serves. Each machine is down 10⁻⁴ of the time.
#[test]
fn a_net_without_failures_is_split() {
    let settings = Settings { precision: 0.2, budget: 40_000_000, confidence: SURE, ..Settings::default() };
    let outcome = solve(&triplets(""), settings);
    let point = &outcome.points[0];
    assert_eq!(point.method, Method::Splitting, "{}", point.because);
    assert!(point.because.contains("importance sampling can't serve (no transition has the role `Failure`)"));
    crate::experiment::contains(&point.up["service"]["unavailability"], 1e-12);
}

/// What crude paths see often enough is left to them.
#[test]
fn frequent_outages_are_left_to_crude_paths() {
    let text = r##"Net(
        places: {"Up": (tokens: 1), "Down": ()},
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 1000 s)", from: {"Up": "1"}, to: {"Down": "1"}, role: Failure),
            "Repair": Timed(delay: "Exponential(mean: 1 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: {"service": "#Up > 0"},
    )"##;
    let point = |settings| solve(text, settings).points.remove(0);
    for budget in [10_000, 1_000_000] {
        let found = point(Settings { budget, ..Settings::default() });
        assert_eq!(found.method, Method::Regenerative);
        assert!(found.because.starts_with("the net regenerates every 2.0 firings"), "{}", found.because);
    }
}

/// Where nothing is a matter of chance, and where nothing is ever down, no method shows more than crude paths do.
#[test]
fn where_nothing_shows_enough_crude_paths_stay() {
    let clockwork = r##"Net(
        places: {"On": (tokens: 1), "Off": ()},
        transitions: {
            "Stop": Timed(delay: "3 s", from: {"On": "1"}, to: {"Off": "1"}, role: Failure),
            "Start": Timed(delay: "1 s", from: {"Off": "1"}, to: {"On": "1"}),
        },
        up: {"service": "#On + #Off > 0"},
    )"##;
    let settings = || Settings { precision: 0.2, budget: 1_000_000, ..Settings::default() };
    let because = |text: &str, settings| {
        let point = solve(text, settings).points.remove(0);
        assert!(matches!(point.method, Method::Replications | Method::Regenerative), "{:?}", point.method);
        point.because
    };
    let why = because(clockwork, settings());
    assert!(!why.contains("rare"), "{why}");
    let never = triplets(", role: Failure").replace("#Up >= 1", "#Up >= 0");
    let why = because(&never, settings());
    assert!(why.contains("outages are rare (none in ") && why.contains("no other method promises more"), "{why}");
    let compare = Some(Compare { ratio: Some(0.1), difference: None, alone: false });
    let why = because(&triplets(", role: Failure"), Settings { compare, ..settings() });
    assert!(why.ends_with("but designs that are compared closely are observed in pairs"), "{why}");
    let why = because(&triplets(", role: Failure"), Settings { causes: true, ..settings() });
    assert!(why.ends_with("keeps an account of causes"), "{why}");
}

const OVERRUN: &str = r##"Net(
    places: {"Queue": (capacity: 8, overrun: Error)},
    transitions: {
        "Arrive": Timed(delay: "Exponential(mean: 1000 s)", to: {"Queue": "1"}, role: Failure),
        "Serve": Timed(delay: "Exponential(mean: 1 s)", from: {"Queue": "1"}, role: Repair),
    },
    up: {"service": "#Queue < 9"},
)"##;

/// An overrun that crude paths never meet ends no run, and is told.
#[test]
fn a_fault_that_only_a_trial_meets_is_told() {
    let outcome = solve(OVERRUN, Settings { precision: 0.1, budget: 1_000_000, ..Settings::default() });
    let told = |warning: &String| warning.contains("met a fault that no crude path has met: Arrive puts more than 8");
    assert!(outcome.warnings.iter().any(told), "{:?}", outcome.warnings);
    assert_eq!(outcome.points[0].ended, Ended::Budget);
}

#[test]
fn the_choice_is_the_same_for_any_number_of_threads() {
    let mut plan = scenario("rare-units", Method::Simulation);
    plan.settings.precision = 0.3;
    assert_eq!(carry_out(&plan, 1).points, carry_out(&plan, 3).points);
}

/// Both methods tell how far they can be trusted, each in its own words; the mean weight is 1 to within five standard
/// errors, a false alarm in 10⁶ were it normal.
#[test]
fn what_is_weighted_tells_how_far_it_can_be_trusted() {
    let told = [
        ("rare-units", Method::ImportanceSampling, Piece::Cycle, "biased cycles that were down"),
        ("rare-queue", Method::Splitting, Piece::Root, "roots that were down"),
    ];
    for (name, method, piece, words) in told {
        let mut plan = scenario(name, method);
        plan.settings.precision = 0.2;
        let outcome = carry_out(&plan, 2);
        let trust = outcome.points[0].trust.clone().expect("weights");
        assert_eq!((trust.piece, trust.doubts.as_slice()), (piece, &[][..]), "{name}");
        let [mean, deviation] = trust.mean_weight;
        assert!(deviation > 0.0 && (mean - 1.0).abs() < 5.0 * deviation, "{name}: {mean} ± {deviation}");
        assert!(trust.effective >= 100.0 && trust.effective <= trust.down as f64 && trust.down <= trust.pieces);
        assert!(trust.greatest_share > 0.0 && trust.greatest_share < 0.1 && trust.spread.is_some());
        let text = fivenines::report::Report::new(outcome).text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words) && text.contains("ten independent runs differ"), "{text}");
    }
    assert_eq!(carry_out(&scenario("rare-units", Method::Exact), 1).points[0].trust, None);
}

/// What a biased copy meets no trace shows: the command that is told is that of the run.
#[test]
fn a_fault_of_a_copy_says_how_it_is_met_again() {
    let mut plan = read(&[("main.ron", OVERRUN)]);
    plan.settings = Settings { method: Method::ImportanceSampling, budget: 1_000_000, ..Settings::default() };
    let interrupted = std::sync::atomic::AtomicBool::new(false);
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &|_| {}, checkpoint: &|_| {}, resume: None };
    let fault = fivenines::experiment::run(&plan, &control).expect_err("an overrun");
    let told = fault.to_string();
    assert!(told.contains("of a copy of a path); no seed replays a copy: the whole run meets it again"), "{told}");
    let command = "`fivenines run main.ron --method importance-sampling --seed 1 --precision 0.01 --budget 1000000`";
    assert!(told.ends_with(command), "{told}");
    assert_eq!(fivenines::experiment::run(&plan, &control).expect_err("the same"), fault);
}

/// A scenario whose importance is `importance`, over a queue that is full once in 10⁹.
fn stated(importance: &str) -> Result<Plan, String> {
    let text = format!(
        r##"Scenario(
            designs: {{ "queue": (net: "queue.ron", with: {{"arrivals": "0.3 Hz", "room": "17"}}) }},
            method: Splitting,
            precision: "30 %",
            importance: "{importance}",
        )"##
    );
    let queue = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/textbook/finite-queue.ron"));
    let memory = Memory::new().with("main.ron", text).with("queue.ron", queue.expect("a model"));
    let (mut library, mut sources, mut diagnostics) =
        (Library::new(&memory), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = fivenines::experiment::plan("main.ron", &Overrides::default(), &mut reading);
    let words = |d: &fivenines::diag::Diagnostic| {
        let (line, column) = sources.position(d.primary.span);
        format!("{line}:{column} {} {}", d.code, d.message)
    };
    plan.ok_or_else(|| diagnostics.sorted().first().map(words).unwrap_or_default())
}

#[test]
fn a_stated_importance_lays_the_levels() {
    let plan = stated("#Queue / 2").expect("no mistakes");
    let point = carry_out(&plan, 2).points.remove(0);
    assert!(point.because.contains("importance: stated; levels split into"), "{}", point.because);
    let rho: f64 = 0.3;
    let exact = rho.powi(17) * (1.0 - rho) / (1.0 - rho.powi(18));
    let up = &point.up["room"]["unavailability"];
    let (low, high) = (up.low.expect("an interval").ln(), up.high.expect("an interval").ln());
    let distance = (up.estimate.expect("an estimate") / exact).ln() / ((high - low) / 2.0) * 1.96;
    assert!(distance.abs() < 5.0, "{up:?} for {exact:e}");
    // What says nothing lays no levels, and what is no number is none.
    for nothing in ["1", "0 / (#Queue - #Queue)"] {
        let mut plan = stated(nothing).expect("no mistakes");
        plan.settings.budget = 100_000;
        let point = carry_out(&plan, 1).points.remove(0);
        assert!(point.because.contains("no level is needed"), "{nothing}: {}", point.because);
    }
}

#[test]
fn mistakes_in_an_importance_are_told_where_they_are() {
    let mistake = |text| stated(text).expect_err("a mistake");
    assert!(mistake("#Que").starts_with("5:27 E0403"), "{}", mistake("#Que"));
    assert!(mistake("#Queue >= 2").starts_with("5:26 E0502"), "{}", mistake("#Queue >= 2"));
    assert!(mistake("#Queue +").starts_with("5:"), "{}", mistake("#Queue +"));
}
