//! What the uncertainty of parameters makes of a downtime, against closed forms; parameter files and their way into nets.

use fivenines::calibrate::counts::Counts;
use fivenines::calibrate::parameters::{Provenance, parameters, parameters_of_count};
use fivenines::calibrate::{Findings, Settings, Wanted, Watch, findings, table};
use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::experiment::answers::{Advice, Uncertain};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{self, Control, Overrides, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::report::Report;
use fivenines::syntax::ast::{Document, Evidence, Method, Uncertainty};
use std::sync::atomic::AtomicBool;

const HOUR: f64 = 3600.0;

/// Up for `mtbf`, down for `mttr`, of which a parameter file says what is to be said.
fn machine(parameters: &str, mtbf: &str, mttr: &str) -> Memory {
    let net = format!(
        r##"Net(
            imports: {{"p": "p.ron"}},
            places: {{ "Up": (tokens: 1), "Down": () }},
            transitions: {{
                "Fail": Timed(delay: "Exponential(mean: {mtbf})", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
                "Repair": Timed(delay: "{mttr}", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
            }},
            up: {{ "service": "#Up >= 1" }},
        )"##
    );
    Memory::new().with("p.ron", parameters).with("machine.ron", net)
}

fn run(files: &Memory, overrides: &Overrides) -> Result<Outcome, String> {
    run_file(files, "machine.ron", overrides)
}

fn run_file(files: &Memory, name: &str, overrides: &Overrides) -> Result<Outcome, String> {
    let interrupted = AtomicBool::new(false);
    let control =
        Control { threads: 2, interrupted: &interrupted, progress: &|_| (), checkpoint: &|_| (), resume: None };
    planned(files, name, overrides, |plan| experiment::run(plan, &control))
}

/// What comes of a plan, or what is wrong with it.
fn planned<T>(
    files: &Memory,
    name: &str,
    overrides: &Overrides,
    of: impl FnOnce(&experiment::Plan) -> Result<T, experiment::RunFault>,
) -> Result<T, String> {
    let (mut library, mut sources, mut found) = (Library::new(files), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut found };
    let plan = experiment::plan(name, overrides, &mut reading);
    let told = || found.sorted().iter().map(|d| plain(d, &sources)).collect::<Vec<_>>().join("\n");
    let plan = plan.ok_or_else(told)?;
    of(&plan).map_err(|fault| fault.to_string())
}

fn uncertain(files: &Memory, draws: u64, method: Method) -> Uncertain {
    let overrides = Overrides { uncertainty: Some(draws), method: Some(method), ..Overrides::default() };
    let outcome = run(files, &overrides).expect("a sound net");
    assert!(Report::new(outcome.clone()).text().contains("Uncertainty of the parameters"));
    outcome.uncertainties[0].clone()
}

fn provenance() -> Provenance<'static> {
    Provenance { data: None, command: "fivenines calibrate", source: Some("a test"), evidence: Evidence::FieldData }
}

/// The failure rate of three failures in 3,000 h has Jeffreys' posterior Gamma(3.5, 3000 h). Down for 1 min each, the
/// unavailability is nearly rate · 1 min: mean 3.5/180000, standard deviation √3.5/180000. The draws of the file and
/// those of the run each add an error: of the mean √3.5/3.5/√n, of the deviation √((κ − 1)/4n) with κ = 3 + 6/3.5.
#[test]
fn an_alternating_renewal_with_a_gamma_rate_is_as_uncertain_as_its_closed_form() {
    let counts = Counts { failures: 3, time: 3000.0 * HOUR };
    let file = parameters_of_count("mtbf", &counts, &counts.rate(0.95, 2000, 1), &provenance()).expect("a name");
    let found = uncertain(&machine(&file, "p.mtbf", "Exponential(mean: 1 min)"), 600, Method::Exact);
    let (year, n) = (365.25 * 86_400.0, 1.0 / (1.0 / 600.0 + 1.0 / 2000.0_f64));
    let (mean, deviation) = (3.5 / 180_000.0 * year, 3.5_f64.sqrt() / 180_000.0 * year);
    assert!((found.mean / mean - 1.0).abs() < 5.0 / (3.5 * n).sqrt(), "{} {mean}", found.mean);
    let error = ((2.0 + 6.0 / 3.5) / (4.0 * n)).sqrt();
    assert!((found.by_parameters / deviation - 1.0).abs() < 5.0 * error, "{} {deviation}", found.by_parameters);
    assert_eq!((found.by_sampling, found.draws), (0.0, 600));
    // P(rate ≤ 1e-5/(1 min · (1 − 1e-5))) = P(χ²₇ ≤ 3.6) = 0.1755.
    let reaches = found.reaches.estimate.expect("draws");
    assert!((reaches - 0.1755).abs() < 5.0 * (0.1755 * 0.8245 / n).sqrt(), "{reaches}");
    // Nothing else is uncertain: all is its share, and twice the failures leave 1/√2.
    assert!((found.shares[0].share - 1.0).abs() < 5.0 * found.shares[0].error.expect("pairs"));
    assert_eq!(found.advice, Advice::Extend("p.mtbf".into()));
    assert_eq!(found.grades[0].evidence, Some(Evidence::FieldData));
}

/// Down for a + b, a among 4 h, b among 2 h: variances 16/12 and 4/12, nearly linear, so the shares are 4/5 and 1/5.
#[test]
fn the_shares_of_two_ranges_are_those_of_their_variances() {
    let file = r#"Parameters(values: {
        "a": (value: "3 h", evidence: Assumed, range: (low: "1 h", high: "5 h")),
        "b": (value: "3 h", evidence: Published, range: (low: "2 h", high: "4 h")),
        "unused": (value: "3 h", range: (low: "2 h", high: "4 h", shape: LogUniform)),
    })"#;
    let files = machine(file, "1e5 h", "Exponential(mean: p.a + p.b)");
    let found = uncertain(&files, 600, Method::Exact);
    let share = |name: &str| found.shares.iter().find(|share| share.factor == name).expect(name);
    for (name, wanted) in [("p.a", 0.8), ("p.b", 0.2)] {
        let of = share(name);
        let error = of.error.expect("pairs");
        assert!((of.share - wanted).abs() < 5.0 * error && error < 0.1, "{of:?}");
        assert!((of.total.expect("it is exact") - wanted).abs() < 0.2, "{of:?}");
    }
    // What no net uses is not drawn.
    assert_eq!(found.shares.len(), 2);
    assert_eq!(found.advice, Advice::Measure("p.a".into()));
    assert_eq!(found.grades[0].evidence, Some(Evidence::Assumed));
    let left = share("p.a").left / found.by_parameters;
    assert!((left - 0.2_f64.sqrt()).abs() < 0.2, "{left}");
}

/// The same design simulated: what sampling adds is told apart, and the parameters' part stays what it is.
#[test]
fn sampling_does_not_pass_for_uncertainty_of_the_parameters() {
    let file = r#"Parameters(values: { "a": (value: "3 h", range: (low: "1 h", high: "5 h")) })"#;
    let files = machine(file, "100 h", "Exponential(mean: p.a)");
    let (exact, simulated) = (uncertain(&files, 60, Method::Exact), uncertain(&files, 60, Method::Regenerative));
    assert!(simulated.by_sampling > 0.0 && simulated.by_sampling < simulated.by_parameters);
    let ratio = simulated.by_parameters / exact.by_parameters;
    assert!((ratio - 1.0).abs() < 0.15, "{ratio}");
    // Nothing is drawn: no pair, and that is said.
    let certain = machine(r#"Parameters(values: { "a": "3 h" })"#, "100 h", "Exponential(mean: p.a)");
    let nothing = uncertain(&certain, 60, Method::Exact);
    assert!(nothing.draws == 0 && nothing.failed.is_some());
}

/// Simulated, the shares are read off the draws: the same 4/5 and 1/5 as exchanged, and nothing for what does nothing.
/// Every condition is told, the leading one first; nothing of an interaction is claimed.
#[test]
fn the_shares_of_simulated_designs_are_those_of_exact_ones() {
    let file = r#"Parameters(values: {
        "a": (value: "3 h", evidence: Assumed, range: (low: "1 h", high: "5 h")),
        "b": (value: "3 h", evidence: Published, range: (low: "2 h", high: "4 h")),
    })"#;
    let files = machine(file, "1e3 h", "Exponential(mean: p.a + p.b)");
    let overrides = Overrides {
        uncertainty: Some(200),
        method: Some(Method::Regenerative),
        precision: Some(0.05),
        ..Overrides::default()
    };
    let outcome = run(&files, &overrides).expect("a sound net");
    let found = &outcome.uncertainties[0];
    assert!(found.leading && found.sample.len() == 200 && found.draws == 200);
    for (name, wanted) in [("p.a", 0.8), ("p.b", 0.2)] {
        let of = found.shares.iter().find(|share| share.factor == name).expect(name);
        let error = of.error.expect("it is told");
        assert!((of.share - wanted).abs() < 5.0 * error && error < 0.1 && of.total.is_none(), "{of:?}");
    }
    assert_eq!(found.advice, Advice::Measure("p.a".into()));
    // The draws are those that are told: as many below the median as above.
    let median = found.quantiles[1].expect("draws");
    let below = found.sample.iter().filter(|down| **down <= median).count();
    assert_eq!(below, 100);
}

/// A design whose net doesn't read a value has no share of it, solved exactly or simulated, and is told so.
#[test]
fn what_a_net_does_not_read_has_no_share() {
    let file = r#"Parameters(values: {
        "a": (value: "3 h", evidence: Assumed, range: (low: "1 h", high: "5 h")),
        "b": (value: "3 h", evidence: Assumed, range: (low: "2 h", high: "4 h")),
    })"#;
    let net = |mttr: &str| {
        format!(
            r##"Net(imports: {{"p": "p.ron"}}, places: {{ "Up": (tokens: 1), "Down": () }}, transitions: {{
                "Fail": Timed(delay: "Exponential(mean: 1e3 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
                "Repair": Timed(delay: "Exponential(mean: {mttr})", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
            }}, up: {{ "service": "#Up >= 1" }})"##
        )
    };
    let scenario = r#"Scenario(designs: {"one": (net: "one.ron"), "both": (net: "both.ron")})"#;
    let files = Memory::new().with("p.ron", file).with("one.ron", net("p.a")).with("both.ron", net("p.a + p.b"));
    let files = files.with("s.ron", scenario);
    for (method, precision) in [(Method::Exact, None), (Method::Regenerative, Some(0.1))] {
        let overrides = Overrides { uncertainty: Some(60), method: Some(method), precision, ..Overrides::default() };
        let outcome = run_file(&files, "s.ron", &overrides).expect("sound nets");
        let [one, both] = outcome.uncertainties.as_slice() else { panic!("{:?}", outcome.uncertainties) };
        let names = |of: &Uncertain| of.shares.iter().map(|share| share.factor.clone()).collect::<Vec<_>>();
        assert_eq!((names(one), one.unread.as_slice()), (vec!["p.a".to_string()], &["p.b".to_string()][..]));
        assert_eq!((names(both).len(), both.unread.len()), (2, 0));
        assert!((one.shares[0].share - 1.0).abs() < 0.35, "{:?}", one.shares);
        assert!(Report::new(outcome).text().contains("1 more were drawn for other designs"));
    }
}

/// A range between two laws: all their numbers go along, so the downtime is that of the mean that was drawn.
#[test]
fn a_law_between_two_laws_is_drawn_as_a_whole() {
    let file = r#"Parameters(values: {
        "mend": (
            value: "LogNormal(mean: 3 h, sigma: 0.5)", evidence: Assumed,
            range: (low: "LogNormal(mean: 1 h, sigma: 0.5)", high: "LogNormal(mean: 9 h, sigma: 0.5)", shape: LogUniform),
        ),
    })"#;
    let found = uncertain(&machine(file, "1e5 h", "p.mend"), 400, Method::Exact);
    // Of 9^u, u uniform: mean 8/ln 9 = 3.641, and all between 1 and 9 times 1 h a 1e5 h.
    let year = 365.25 * 24.0 * HOUR / 1e5;
    assert!(found.sample.iter().all(|down| (0.99 * year..9.01 * year).contains(down)), "{:?}", found.quantiles);
    let (mean, deviation) =
        (8.0 / 9.0_f64.ln() * year, (80.0 / (2.0 * 9.0_f64.ln()) - (8.0 / 9.0_f64.ln()).powi(2)).sqrt() * year);
    assert!((found.mean - mean).abs() < 5.0 * deviation / 20.0, "{} {mean}", found.mean);
    for (low, high, wanted) in [
        ("LogNormal(mean: 4 h, sigma: 0.5)", "LogNormal(mean: 9 h, sigma: 0.5)", "lies outside of its range"),
        ("LogNormal(mean: 1 h, sigma: 0.5)", "LogNormal(mean: 1 h, sigma: 0.5)", "ends before it begins"),
        ("Uniform(1 h, 2 h)", "Uniform(3 h, 4 h)", "laws of another form"),
        ("1 h", "9 h", "a range of numbers is about a number"),
        ("LogNormal(mean: 1 h, sigma: 0.5)", "9 h", "not a constant"),
        ("LogNormal(mean: q, sigma: 0.5)", "LogNormal(mean: 9 h, sigma: 0.5)", "not a constant"),
    ] {
        let file = format!(
            r#"Parameters(values: {{"mend": (value: "LogNormal(mean: 3 h, sigma: 0.5)", range: (low: "{low}", high: "{high}"))}})"#
        );
        let refused = run(&machine(&file, "1e5 h", "p.mend"), &Overrides::default());
        assert!(refused.as_ref().is_err_and(|why| why.contains(wanted)), "{low} {high}: {refused:?}");
    }
}

fn found(text: &str, law: Wanted) -> Findings {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("times.csv", text);
    let samples = table::samples(text, source, &table::Reading::default(), &mut diagnostics);
    assert!(diagnostics.is_empty());
    let settings = Settings { replicates: 39, candidates: 2, ..Settings::default() };
    findings(samples, &|_| law, &settings, &Watch::silent(&|| false)).expect("a law")
}

/// Two stages, of which the second depends on the first.
fn stages() -> String {
    let row = |i: u32| {
        let u = (f64::from(i) * 0.618_033_988_75).fract();
        let v = (f64::from(i) * 0.754_877_666_25).fract();
        format!("{:.4},{:.4}\n", -u.ln(), 1.0 - u.ln() + 0.3 * v)
    };
    "detect [s],client [s]\n".to_string() + &(1..=60).map(row).collect::<String>()
}

#[test]
fn a_parameter_file_says_the_law_again_and_its_draws_are_joint() {
    let found = found(&stages(), Wanted::Best);
    assert!(found.dependence[0].correlation > 0.9, "{:?}", found.dependence);
    let file = parameters(&found, &provenance()).expect("laws");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("p.ron", file.as_str());
    let document = fivenines::syntax::parse(source, file.as_bytes(), &mut diagnostics);
    let Some(Document::Parameters(read)) = document else { panic!("{file}") };
    assert!(diagnostics.is_empty(), "{file}");
    assert_eq!(fivenines::syntax::print(&Document::Parameters(read.clone())), file);
    let draws = |i: usize| match &read.values[i].uncertainty {
        Some(Uncertainty::Draws(draws)) => draws.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((draws(0), draws(1)), (39, 39));
    // The law's mean is that of the file: the unavailability of 2 h up and the law down.
    let law = found.quantities[0].chosen.as_ref().expect("a law").law.law().mean();
    let files = machine(&file, "2 h", "p.detect");
    let outcome = run(&files, &Overrides { method: Some(Method::Exact), ..Overrides::default() }).expect("sound");
    let unavailability = outcome.points[0].up["service"]["unavailability"].estimate.expect("exact");
    assert!((unavailability / (law / (law + 2.0 * HOUR)) - 1.0).abs() < 1e-6);
}

#[test]
fn a_sample_that_is_its_own_law_is_drawn_from_again() {
    let found = found(&stages(), Wanted::Empirical);
    let file = parameters(&found, &provenance()).expect("laws");
    let uncertain = uncertain(&machine(&file, "2 h", "p.detect"), 100, Method::Exact);
    // Of the mean of n values the standard error is σ/√n; of a deviation over 100 draws 1/√200, five times.
    let law = found.quantities[0].chosen.as_ref().expect("a law").law.law();
    let error = (law.variance() / 60.0).sqrt() / (2.0 * HOUR) * 365.25 * 86_400.0;
    assert!((uncertain.by_parameters / error - 1.0).abs() < 5.0 / 200.0_f64.sqrt(), "{uncertain:?} {error}");
    assert_eq!(uncertain.shares[0].values, ["detect", "client"]);
}

#[test]
fn impossible_draws_are_told_and_others_go_on() {
    let file = r#"Parameters(values: { "a": (value: "3 h", draws: ["2 h", "3 h", "-1 h"]) })"#;
    let found = uncertain(&machine(file, "100 h", "Exponential(mean: p.a)"), 60, Method::Exact);
    assert!(found.failed.is_some() && found.draws > 0 && found.draws < 60, "{found:?}");
}

/// The machine, up for 10 h to 40 h, as a scenario that asks for draws itself.
fn ranged() -> Memory {
    let file = r#"Parameters(values: { "a": (value: "20 h", evidence: Assumed, range: (low: "10 h", high: "40 h")) })"#;
    let scenario = r#"Scenario(designs: {"one": (net: "machine.ron")}, parameter_uncertainty: "40")"#;
    machine(file, "p.a", "Exponential(mean: 1 h)").with("scenario.ron", scenario)
}

#[test]
fn a_scenario_asks_for_draws_itself_and_its_rows_have_them() {
    let outcome = run_file(&ranged(), "scenario.ron", &Overrides::default()).expect("a sound scenario");
    let found = &outcome.uncertainties[0];
    assert_eq!(found.draws, 40);
    let csv = Report::new(outcome.clone()).csv();
    let row = |measure: &str| {
        let mut rows = csv.lines().filter(|line| line.contains(measure));
        let row = rows.next().unwrap_or_else(|| panic!("{measure} is missing from\n{csv}"));
        row.split(',').nth(3).expect("an estimate").parse::<f64>().expect("a number")
    };
    assert_eq!(row("mean downtime per year over draws"), found.mean);
    assert_eq!(row("chance of an unavailability of at most 1e-5"), 0.0);
    assert_eq!(row("share of variance by p.a,"), found.shares[0].share);
    assert_eq!(row("share of variance resting on assumptions"), 1.0);
    // What is typed wins.
    let typed = Overrides { uncertainty: Some(6), ..Overrides::default() };
    assert_eq!(run_file(&ranged(), "scenario.ron", &typed).expect("sound").uncertainties[0].draws, 6);
}

#[test]
fn so_many_draws_are_no_number_of_draws() {
    for draws in ["1", "2.5", "1e6", "3 h", "-4"] {
        let scenario =
            format!(r#"Scenario(designs: {{"one": (net: "machine.ron")}}, parameter_uncertainty: "{draws}")"#);
        let told = run_file(&ranged().with("scenario.ron", scenario), "scenario.ron", &Overrides::default());
        let told = told.expect_err("a mistake");
        assert!(told.contains("E0905") || told.contains("E0904"), "{draws}: {told}");
    }
}

/// What an interrupted run has drawn isn't drawn again, and the end is the same.
#[test]
fn draws_go_on_where_they_were_interrupted() {
    let overrides = Overrides { method: Some(Method::Simulation), precision: Some(0.05), ..Overrides::default() };
    let whole = run_file(&ranged(), "scenario.ron", &overrides).expect("sound");
    let (interrupted, last) = (AtomicBool::new(false), std::sync::Mutex::new(None));
    let save = |snapshot: &experiment::Snapshot| {
        let text = serde_json::to_string(snapshot).expect("a snapshot");
        // The first draws are saved: 16 pairs of 20.
        interrupted.fetch_or(text.contains("\"mixed\""), std::sync::atomic::Ordering::Relaxed);
        *last.lock().expect("one thread at a time") = Some(text);
    };
    let control = Control { threads: 2, interrupted: &interrupted, progress: &|_| (), checkpoint: &save, resume: None };
    let part = planned(&ranged(), "scenario.ron", &overrides, |plan| experiment::run(plan, &control)).expect("sound");
    assert!(part.interrupted && part.uncertainties.is_empty());
    let text = last.into_inner().expect("no panic").expect("a snapshot");
    let resume = |text: &str| {
        let snapshot = serde_json::from_str(text).expect("a snapshot");
        let go_on = AtomicBool::new(false);
        let control =
            Control { threads: 1, interrupted: &go_on, progress: &|_| (), checkpoint: &|_| (), resume: Some(snapshot) };
        planned(&ranged(), "scenario.ron", &overrides, |plan| experiment::run(plan, &control))
    };
    let rest = resume(&text).expect("the same run");
    assert_eq!((&rest.uncertainties, &rest.points), (&whole.uncertainties, &whole.points));
    assert!(rest.spent.firings < whole.spent.firings / 2, "{} of {}", rest.spent.firings, whole.spent.firings);
    // Of other values, or damaged.
    let (before, after) = text.split_once("\"values\":\"").expect("a digest");
    for forged in [
        format!("{before}\"values\":\"0{after}"),
        // Simulated, nothing is exchanged.
        text.replace("\"mixed\":[]", "\"mixed\":[{\"value\":0.1,\"variance\":0.0}]"),
    ] {
        let told = resume(&forged).expect_err("another run");
        assert!(told.contains("can't resume"), "{told}");
    }
}
