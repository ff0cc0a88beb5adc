//! Designs against each other under common random numbers: intervals of ratios and differences are true, whether what
//! the designs share helps or harms; and they make use of it.
//!
//! Each count of covering intervals is compared with a binomial law of [`LEAST`]; all checks of this file together
//! fail with a probability below 1e-6 if every interval covers with at least that.
//! `FIVENINES_COVERAGE_RUNS=4000 cargo test --release comparison -- --nocapture` measures the coverage itself.

use crate::experiment::{alternating, at_least, carry_out, contains, exponential, law, plan, queue};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Comparison, Ended, Outcome, Taken};
use fivenines::experiment::settings::{Compare, Settings};
use fivenines::net::Net;
use fivenines::stats::{Estimate, precedence, quantile};
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

/// Coverage that is promised of a 95 % interval, in the least favourable case.
const LEAST: f64 = 0.93;

/// Checks in this file, at most.
const CHECKS: f64 = 140.0;

fn runs() -> u64 {
    let wanted = std::env::var("FIVENINES_COVERAGE_RUNS").ok();
    wanted.and_then(|runs| runs.parse().ok()).unwrap_or(150)
}

/// On and off with exponential delays; the streams of life and repair by name.
fn design(life: f64, repair: f64, streams: [&str; 2]) -> Net {
    let mut net = alternating(exponential(life), exponential(repair));
    for (transition, stream) in net.transitions.iter_mut().zip(streams) {
        transition.stream = stream.into();
    }
    net
}

fn unavailability(life: f64, repair: f64) -> f64 {
    repair / (life + repair)
}

/// Two designs with exact unavailabilities, and a window that suffices.
struct Case {
    name: &'static str,
    nets: [Net; 2],
    exact: [f64; 2],
    warmup: f64,
    length: f64,
}

const SELDOM: &str = "all in common, seldom down";

fn cases() -> Vec<Case> {
    let straight = ["fault", "repair"];
    let case = |name, streams, second: (f64, f64)| Case {
        name,
        nets: [design(100.0, 5.0, straight), design(second.0, second.1, streams)],
        exact: [unavailability(100.0, 5.0), unavailability(second.0, second.1)],
        warmup: 30.0,
        length: 400.0,
    };
    vec![
        case("faults in common, repairs apart", ["fault", "other repair"], (100.0, 4.0)),
        case("all in common", straight, (100.0, 4.0)),
        case("all in common, other lives", straight, (150.0, 6.0)),
        case("nothing in common", ["other fault", "other repair"], (80.0, 5.0)),
        // Windows differ by outages at their edges alone, which one of a hundred has.
        Case {
            nets: [design(1000.0, 5.0, straight), design(1000.0, 4.0, straight)],
            exact: [unavailability(1000.0, 5.0), unavailability(1000.0, 4.0)],
            length: 4000.0,
            ..case(SELDOM, straight, (100.0, 4.0))
        },
        // A long life of the one is a long repair of the other.
        case("opposed", ["repair", "fault"], (100.0, 5.0)),
        case("opposed and unlike", ["repair", "fault"], (30.0, 10.0)),
    ]
}

fn compare(nets: &[Net; 2], settings: Settings) -> Comparison {
    let [first, second] = nets.clone();
    carry_out(&plan(vec![("first", first), ("second", second)], settings), 1).comparisons.remove(0)
}

fn covers(estimate: &Estimate, exact: f64) -> bool {
    let rounding = 1e-12 * exact.abs();
    estimate.low.is_some_and(|low| low <= exact + rounding)
        && estimate.high.is_some_and(|high| exact - rounding <= high)
}

/// How many intervals of ratio and difference cover, and the sums of the widths of the ratio's logarithm and of the
/// variance saved.
fn coverage(case: &Case, settings: &Settings) -> ([u64; 2], [f64; 2]) {
    let one = |seed: u64| {
        let found = compare(&case.nets, Settings { seed, ..settings.clone() });
        let [u, v] = case.exact;
        let holds = [covers(&found.ratio, u / v), covers(&found.difference, (u - v) * YEAR)];
        (holds, [found.ratio.reached.unwrap_or(f64::NAN), found.pairing.saved.unwrap_or(0.0)])
    };
    let half = |seeds: std::ops::Range<u64>| seeds.map(one).collect::<Vec<_>>();
    let (mut all, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(runs() / 2..runs()));
        (half(0..runs() / 2), other.join().expect("no panic"))
    });
    all.extend(other);
    let covered = [0, 1].map(|i| all.iter().filter(|(holds, _)| holds[i]).count() as u64);
    let mean = |i: usize| all.iter().map(|(_, sums)| sums[i]).sum::<f64>() / all.len() as f64;
    (covered, [mean(0), mean(1)])
}

fn check(case: &Case, settings: &Settings, what: &str) -> f64 {
    let (covered, [width, saved]) = coverage(case, settings);
    for (name, k) in ["ratio", "difference"].into_iter().zip(covered) {
        let share = 100.0 * k as f64 / runs() as f64;
        println!(
            "{:?} {what}: {}: {name}: {share:.2} % of {}; half-width {:.2} %, saved {:.0} %",
            settings.method,
            case.name,
            runs(),
            100.0 * width,
            100.0 * saved
        );
        let chance = quantile::binomial_cdf(k, runs(), LEAST);
        assert!(chance > 1e-6 / CHECKS, "{:?} {what} {} {name}: {k} of {}", settings.method, case.name, runs());
    }
    saved
}

#[test]
fn intervals_of_fixed_replications_cover_the_exact_ratio_and_difference() {
    for case in cases() {
        let (warmup, length, replications) = (Some(case.warmup), Some(case.length), Some(100));
        let method = Method::Replications;
        let settings = Settings { method, warmup, length, replications, budget: 60_000, ..Settings::default() };
        let saved = check(&case, &settings, "fixed");
        match case.name {
            "faults in common, repairs apart" => assert!(saved > 0.15, "{saved}"),
            "all in common" | SELDOM => assert!(saved > 0.8, "{saved}"),
            "all in common, other lives" => assert!(saved > 0.0, "{saved}"),
            "nothing in common" => assert!(saved.abs() < 0.05, "{saved}"),
            _ => assert!(saved < -0.02, "{}: {saved}", case.name),
        }
    }
}

/// Outages that all designs share come between recoveries that no condition sees; one of the designs takes longer for
/// these, and so cycles that are longer by a thousandth. That it is down as long in more time shows nothing: the outage
/// that it has now and then in the time more hasn't been seen.
#[test]
fn the_same_outages_in_longer_cycles_are_no_order() {
    let net = |recovery: &str| {
        let text = format!(
            r##"Net(
                places: {{ "Sound": (tokens: 1), "Out": (), "Good": (tokens: 1), "Mending": () }},
                transitions: {{
                    "Strike": Timed(delay: "Exponential(mean: 1000 h)", from: {{"Sound": "1"}}, to: {{"Out": "1"}}),
                    "Recover": Timed(delay: "Uniform(1 h, 2 h)", from: {{"Out": "1"}}, to: {{"Sound": "1"}}),
                    "Fail": Timed(delay: "Exponential(mean: 10 h)", from: {{"Good": "1"}}, to: {{"Mending": "1"}}),
                    "Mend": Timed(delay: "{recovery}", from: {{"Mending": "1"}}, to: {{"Good": "1"}}),
                }},
                up: {{ "service": "#Sound == 1" }},
            )"##
        );
        let net = read(&[("main.ron", &text)]).points.remove(0).net;
        (*net).clone()
    };
    let nets = [net("0.01 h"), net("0.02 h")];
    let settings = Settings { method: Method::Regenerative, precision: 0.2, ..Settings::default() };
    let holds = |seed: &u64| covers(&compare(&nets, Settings { seed: *seed, ..settings.clone() }).ratio, 1.0);
    let covered = (0..runs()).filter(holds).count() as u64;
    assert!(quantile::binomial_cdf(covered, runs(), LEAST) > 1e-6 / CHECKS, "{covered} of {}", runs());
}

#[test]
fn intervals_of_sequential_replications_cover_the_exact_ratio_and_difference() {
    for case in cases() {
        let (warmup, length) = (Some(case.warmup), Some(case.length));
        let method = Method::Replications;
        let settings = Settings { method, warmup, length, precision: 0.08, budget: 60_000, ..Settings::default() };
        check(&case, &settings, "sequential");
    }
}

#[test]
fn intervals_of_cycles_cover_the_exact_ratio_and_difference() {
    for case in cases() {
        let settings =
            Settings { method: Method::Regenerative, precision: 0.05, budget: 60_000, ..Settings::default() };
        check(&case, &settings, "sequential");
    }
}

/// What stops a run is the very interval that is told.
#[test]
fn intervals_that_stop_their_run_cover_the_exact_ratio_and_difference() {
    let settled = Settings { outages: 30, budget: 400_000, ..Settings::default() };
    for case in cases() {
        let (warmup, length) = (Some(case.warmup), Some(case.length));
        let ratio = Settings { compare: wanted(Some(0.06), None), ..settled.clone() };
        check(&case, &Settings { method: Method::Regenerative, ..ratio.clone() }, "by the ratio");
        check(&case, &Settings { method: Method::Replications, warmup, length, ..ratio }, "by the ratio");
        if case.exact[0] != case.exact[1] {
            let difference = Settings { compare: wanted(None, Some(0.25)), ..settled.clone() };
            check(&case, &Settings { method: Method::Regenerative, ..difference }, "by the difference");
        }
    }
}

fn wanted(ratio: Option<f64>, difference: Option<f64>) -> Option<Compare> {
    Some(Compare { ratio, difference, alone: false })
}

/// The pair needs far fewer observations than its designs do.
#[test]
fn designs_are_observed_together_until_their_comparison_is_known() {
    let nets = || [design(100.0, 5.0, ["fault", "repair"]), design(100.0, 4.0, ["fault", "repair"])];
    let of = |settings: Settings| {
        let [first, second] = nets();
        carry_out(&plan(vec![("first", first), ("second", second)], settings), 2)
    };
    let settings = Settings { method: Method::Regenerative, precision: 0.005, ..Settings::default() };
    let apart = of(settings.clone());
    let together = of(Settings { compare: wanted(Some(0.02), None), ..settings.clone() });
    let both =
        of(Settings { compare: wanted(Some(0.02), None).map(|c| Compare { alone: true, ..c }), ..settings.clone() });
    assert!(together.comparisons[0].ratio.reached.is_some_and(|reached| reached <= 0.02));
    assert!(together.points.iter().all(|point| point.ended == Ended::Precision));
    let observations = |outcome: &Outcome| [0, 1].map(|i| outcome.points[i].observations);
    assert!(observations(&together)[0] * 4 < observations(&apart)[0], "{:?}", observations(&together));
    assert_eq!(observations(&together)[0], observations(&together)[1]);
    let alone = |outcome: &Outcome| outcome.points[0].up["service"]["unavailability"].reached.expect("an interval");
    assert!(alone(&together) > 0.005 && alone(&both) <= 0.005);
    // The least number of outages counts for pairs as for single designs.
    let many = of(Settings { compare: wanted(Some(0.5), None), outages: 10_000, ..settings });
    assert!(many.points.iter().all(|point| point.outages >= 10_000));
}

#[test]
fn a_comparison_whose_budget_ends_first_says_so() {
    let nets = |streams| [design(100.0, 5.0, ["fault", "repair"]), design(100.0, 4.9, streams)];
    let [first, second] = nets(["other fault", "other repair"]);
    let third = design(100.0, 2.0, ["fault", "repair"]);
    let settings = Settings {
        compare: wanted(None, Some(0.1)),
        budget: 100_000,
        method: Method::Regenerative,
        ..Settings::default()
    };
    let outcome = carry_out(&plan(vec![("first", first), ("second", second), ("third", third)], settings), 2);
    let ended: Vec<Ended> = outcome.points.iter().map(|point| point.ended).collect();
    assert_eq!(ended, [Ended::Budget, Ended::Budget, Ended::Precision]);
    let told: Vec<&String> = outcome.warnings.iter().filter(|w| w.contains("not reached")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("second: precision of the comparison not reached: the difference with first"),
        "{told:?}"
    );
    assert!(told[0].contains("instead of 10.000 %"), "{told:?}");
}

#[test]
fn one_net_twice_and_long_paths_are_compared_as_they_can_be() {
    let twice = design(100.0, 5.0, ["fault", "repair"]);
    let of = |method| {
        let settings =
            Settings { compare: wanted(Some(0.1), Some(0.1)), method, budget: 200_000, ..Settings::default() };
        carry_out(&plan(vec![("one", twice.clone()), ("same", twice.clone())], settings), 2)
    };
    let outcome = of(Method::Regenerative);
    assert_eq!(outcome.points[0].observations, outcome.points[1].observations);
    assert_eq!(outcome.comparisons[0].ratio.low, Some(1.0));
    assert!(outcome.points[0].ended == Ended::Precision && outcome.warnings.is_empty(), "{:?}", outcome.warnings);
    let long = of(Method::BatchMeans);
    assert!(long.warnings.iter().any(|w| w.contains("`compare` is left out")), "{:?}", long.warnings);
    assert_eq!(of(Method::Exact).comparisons[0].ratio.low, Some(1.0));
}

/// Lognormal lives, rare short outages, batches: the intervals of a comparison that can't pair are true too.
#[test]
fn intervals_of_long_paths_cover_whatever_they_share() {
    for case in cases().into_iter().filter(|case| ["all in common", "opposed"].contains(&case.name)) {
        let (warmup, length) = (Some(case.warmup), Some(case.length));
        let method = Method::BatchMeans;
        let settings = Settings { method, warmup, length, precision: 1e-9, budget: 3_000, ..Settings::default() };
        check(&case, &settings, "fixed");
    }
}

/// Of a handful of outages, all of them shared, nothing may be concluded about those that aren't.
#[test]
fn few_outages_that_are_all_shared_are_no_proof() {
    let nets = [design(1000.0, 1.0, ["fault", "repair"]), design(1000.0, 1.01, ["fault", "repair"])];
    let settings = Settings {
        method: Method::Replications,
        warmup: Some(0.0),
        length: Some(500.0),
        replications: Some(16),
        ..Settings::default()
    };
    let found = compare(&nets, settings);
    assert_eq!(found.pairing.taken, Taken::Independent, "{found:?}");
    assert!(found.pairing.correlation.unwrap() > 0.99 && found.pairing.saved.unwrap() > 0.9);
    assert!(found.ratio.reached.unwrap() > 0.5, "{found:?}");
}

/// Outages enough, but only some pairs that differ: these are no sample of how much pairs may differ.
#[test]
fn few_pairs_that_differ_are_no_proof() {
    let case = cases().into_iter().find(|case| case.name == SELDOM).expect("a case");
    let (warmup, length, method) = (Some(case.warmup), Some(case.length), Method::Replications);
    let of = |seed, replications| {
        let replications = Some(replications);
        compare(&case.nets, Settings { seed, replications, warmup, length, method, ..Settings::default() })
    };
    let few: Vec<Comparison> = (1..=20).map(|seed| of(seed, 64)).collect();
    let independent = few.iter().filter(|found| found.pairing.taken == Taken::Independent).count();
    assert!(independent >= 18, "{few:?}");
    assert!(few.iter().all(|found| covers(&found.ratio, case.exact[0] / case.exact[1])), "{few:?}");
    let many = of(1, 4096);
    assert!(many.pairing.taken == Taken::Paired && many.ratio.reached.expect("an interval") < 0.003, "{many:?}");
}

fn three(settings: Settings) -> Outcome {
    let net = |repair| design(100.0, repair, ["fault", "repair"]);
    carry_out(
        &plan(vec![("slow", net(10.0)), ("same", net(10.0)), ("quick", net(5.0)), ("quicker", net(4.99))], settings),
        2,
    )
}

#[test]
fn designs_are_ranked() {
    let settings = Settings { replications: Some(400), budget: 300_000, ..Settings::default() };
    let outcome = three(Settings { warmup: Some(50.0), length: Some(500.0), ..settings });
    let ranks: Vec<(&str, usize, usize)> =
        outcome.rankings[0].designs.iter().map(|d| (d.design.as_str(), d.best, d.worst)).collect();
    // Under common random numbers the least difference shows.
    assert_eq!(ranks, [("quicker", 1, 1), ("quick", 2, 2), ("slow", 3, 4), ("same", 3, 4)]);
    let same = &outcome.comparisons[0];
    assert_eq!((same.against.as_str(), same.ratio.low, same.ratio.high), ("same", Some(1.0), Some(1.0)));
    assert_eq!((same.difference.estimate, &same.less, same.pairing.taken), (Some(0.0), &None, Taken::Exact));
    let quick = &outcome.comparisons[1];
    assert_eq!(quick.pairing.taken, Taken::Paired);
    let less = quick.less.as_ref().unwrap();
    assert!(less.design == "quick" && less.confidence > 0.9999 && less.confidence <= 1.0, "{less:?}");
    // Each is held against the one before it, the other way round where that is the first design.
    let neighbours = &outcome.rankings[0].neighbours;
    let names: Vec<(&str, &str)> = neighbours.iter().map(|of| (of.design.as_str(), of.against.as_str())).collect();
    assert_eq!(names, [("quick", "quicker"), ("slow", "quick"), ("same", "slow")]);
    let exact = (unavailability(100.0, 5.0) - unavailability(100.0, 4.99)) * YEAR;
    assert_eq!(neighbours[0].pairing.taken, Taken::Paired);
    contains(&neighbours[0].difference, exact);
    assert!(neighbours[0].less.as_ref().is_some_and(|less| less.design == "quicker" && less.confidence > 0.99));
    assert_eq!((&neighbours[1].ratio, &neighbours[1].less), (&quick.ratio, &quick.less));
    assert_eq!((neighbours[2].difference.estimate, &neighbours[2].less), (Some(0.0), &None));
    // Both signs are told by the interval, too.
    assert!(quick.ratio.low.unwrap() > 1.0 && quick.difference.low.unwrap() > 0.0);
}

#[test]
fn exact_values_are_constants() {
    let outcome = three(Settings { method: Method::Exact, ..Settings::default() });
    let quick = &outcome.comparisons[1];
    let exact = unavailability(100.0, 10.0) / unavailability(100.0, 5.0);
    assert_eq!(quick.pairing.taken, Taken::Exact);
    assert!((quick.ratio.low.unwrap() - exact).abs() < 1e-12 && (quick.ratio.high.unwrap() - exact).abs() < 1e-12);
    assert_eq!(quick.less.as_ref().map(|less| (less.design.as_str(), less.confidence)), Some(("quick", 1.0)));
    let order: Vec<&str> = outcome.rankings[0].designs.iter().map(|d| d.design.as_str()).collect();
    assert_eq!(order, ["quicker", "quick", "slow", "same"]);
}

#[test]
fn shared_random_numbers_that_harm_are_told() {
    let case = cases().pop().unwrap();
    let (warmup, length, replications) = (Some(case.warmup), Some(case.length), Some(200));
    let settings = Settings { warmup, length, replications, ..Settings::default() };
    let [first, second] = case.nets;
    let outcome = carry_out(&plan(vec![("first", first), ("second", second)], settings.clone()), 2);
    let told = |outcome: &Outcome| outcome.warnings.iter().any(|w| w.contains("shared random numbers widen"));
    assert!(told(&outcome), "{:?}", outcome.comparisons[0]);
    assert!(!told(&three(settings)));
}

#[test]
fn designs_without_outages_have_no_ratio_and_no_rank() {
    let mut safe = queue(0.7, 1.0, 5);
    safe.up[0].expr = at_least(0, 0.0);
    safe.measures.clear();
    for method in [Method::Replications, Method::Regenerative, Method::BatchMeans] {
        let nets = vec![("safe", safe.clone()), ("unsafe", queue(0.7, 1.0, 5))];
        let settings = Settings { method, budget: 30_000, precision: 0.2, ..Settings::default() };
        let outcome = carry_out(&plan(nets, settings), 2);
        let found = &outcome.comparisons[0];
        assert_eq!((found.ratio.estimate, found.difference.estimate, &found.less), (None, None, &None), "{method:?}");
        let ranks: Vec<(usize, usize)> = outcome.rankings[0].designs.iter().map(|d| (d.best, d.worst)).collect();
        assert_eq!(ranks, [(1, 2), (1, 2)]);
    }
}

/// Two designs that are down once a year or so: single years are compared as independent ones.
#[test]
fn single_years_are_compared() {
    let net = |life: f64| alternating(exponential(life * YEAR), law("Deterministic", &[("value", 3600.0)]));
    let settings = Settings { years: true, precision: 0.05, ..Settings::default() };
    let outcome = carry_out(&plan(vec![("good", net(2.0)), ("bad", net(0.5))], settings.clone()), 2);
    let year = outcome.comparisons[0].year.as_ref().expect("single years");
    // Numbers of outages are all but Poisson; those that straddle the ends of the year change little.
    let poisson = |mean: f64, k: i32| (-mean).exp() * (1..=k).map(|i| mean / f64::from(i)).product::<f64>();
    let below: f64 = (0..30).flat_map(|i| (i + 1..40).map(move |j| poisson(0.5, i) * poisson(2.0, j))).sum();
    assert!((year.estimate.unwrap() - below).abs() < 0.05, "{year:?} {below}");
    let without =
        carry_out(&plan(vec![("good", net(2.0)), ("bad", net(0.5))], Settings { years: false, ..settings }), 2);
    assert_eq!(without.comparisons[0].year, None);
}

/// P(X < Y) of independent exponentials, from samples that share their uniforms in both ways; means 1 and 2.
#[test]
fn the_chance_to_be_less_covers_whatever_the_pairs() {
    for (name, opposed) in [("alike", false), ("opposed", true)] {
        let (mut covered, runs) = (0, 400);
        for seed in 0..runs {
            let mut stream = fivenines::rng::StreamKey::of("precedence").stream(seed, 0);
            let uniforms: Vec<f64> = (0..200).map(|_| stream.draw().uniform()).collect();
            let x: Vec<f64> = uniforms.iter().map(|u| -(1.0 - u).ln()).collect();
            let other = |u: &f64| if opposed { 1.0 - u } else { *u };
            let y: Vec<f64> = uniforms.iter().map(|u| -2.0 * (1.0 - other(u)).ln()).collect();
            covered += u64::from(covers(&precedence(&x, &y, 0.95), 2.0 / 3.0));
        }
        println!("precedence, {name}: {covered} of {runs}");
        assert!(quantile::binomial_cdf(covered, runs, LEAST) > 1e-6 / CHECKS, "{name}: {covered} of {runs}");
    }
    let certain = precedence(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 0.95);
    assert_eq!((certain.estimate, certain.high), (Some(1.0), Some(1.0)));
    contains(&certain, 0.5);
    assert_eq!(precedence(&[1.0], &[2.0], 0.95).estimate, None);
    // Ties are no precedence.
    assert_eq!(precedence(&[1.0; 5], &[1.0; 5], 0.95).estimate, Some(0.0));
}

#[test]
fn survival_under_students_law() {
    // One degree of freedom is Cauchy's law; the quantile is the inverse.
    assert!((quantile::student_survival(1.0, 1.0) - 0.25).abs() < 1e-14);
    assert!((quantile::student_survival(-1.0, 1.0) - 0.75).abs() < 1e-14);
    for (p, freedom) in [(0.975, 3.0), (0.9, 30.0), (0.995, 1e9), (0.2, 7.0)] {
        let back = quantile::student_survival(quantile::student(p, freedom), freedom);
        assert!((back - (1.0 - p)).abs() < 1e-9, "{p} {freedom}: {back}");
    }
    assert_eq!(quantile::student_survival(f64::INFINITY, 5.0), 0.0);
    assert!(quantile::student_survival(f64::NAN, 5.0).is_nan() && quantile::student_survival(1.0, 0.0).is_nan());
}
