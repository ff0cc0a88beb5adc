//! Experiments on nets with known answers. Statistical tests have fixed seeds; an interval at a false alarm of 1e-6
//! must contain the exact value.

use fivenines::diag::{SourceId, Span};
use fivenines::dist::forms;
use fivenines::experiment::outcome::{Ended, Outcome, Point};
use fivenines::experiment::plan::{Plan, Planned, Reference, Studies, Target};
use fivenines::experiment::settings::Settings;
use fivenines::experiment::{Control, PathFault, RunFault, Snapshot, run};
use fivenines::net::expr::{ArgumentExpr, Expr, LawExpr, Op};
use fivenines::net::*;
use fivenines::stats::{Estimate, Side};
use fivenines::syntax::ast::{MemoryPolicy, Method, Renew, Scope};
use fivenines::units::{Dimension, YEAR};
use indexmap::IndexMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc as Shared, Mutex};

pub const HOUR: f64 = 3600.0;
pub const LIFE: f64 = 2208.0 * HOUR;
pub const SURE: f64 = 1.0 - 1e-6;

fn span() -> Span {
    Span::new(SourceId(0), 0, 0)
}

/// A law by its name and its scalar parameters.
pub fn law(name: &str, parameters: &[(&str, f64)]) -> LawExpr {
    let fits = |form: &&fivenines::dist::Form| {
        form.name == name && form.parameters.iter().map(|p| p.0).eq(parameters.iter().map(|p| p.0))
    };
    let form = forms().iter().find(fits).expect("a known law");
    let scalar = |&(_, x): &(&str, f64)| ArgumentExpr::Scalar(Expr::Constant(x));
    LawExpr { form, arguments: parameters.iter().map(scalar).collect() }
}

pub fn exponential(mean: f64) -> LawExpr {
    law("Exponential", &[("mean", mean)])
}

/// A net from places with tokens, and timed transitions from place to place.
fn net(places: &[(&str, u32)], transitions: Vec<(&str, LawExpr, &[usize], &[usize])>, up: Expr) -> Net {
    let arcs = |list: &[usize]| list.iter().map(|&p| Arc { place: PlaceId(p as u32), weight: 1 }).collect();
    let families = transitions.iter().map(|t| t.0.to_string()).collect();
    let timed = |law| Timed {
        law,
        speed: None,
        memory: MemoryPolicy::Enabling,
        servers: Servers::Count(1),
        scope: Scope::Binding,
        renew: Renew::Tangible,
    };
    let transitions = transitions.into_iter().enumerate().map(|(i, (name, law, from, to))| Transition {
        name: name.to_string(),
        family: FamilyId(i as u32),
        stream: name.to_string(),
        role: None,
        timing: Timing::Timed(timed(law.into())),
        inputs: arcs(from),
        outputs: arcs(to),
        tests: Vec::new(),
        inhibitors: Vec::new(),
        flushes: Vec::new(),
        guard: None,
        span: span(),
    });
    let place =
        |&(name, initial): &(&str, u32)| Place { name: name.to_string(), initial, capacity: None, span: span() };
    Net {
        name: "test".into(),
        places: places.iter().map(place).collect(),
        transitions: transitions.collect(),
        families,
        up: vec![Condition { name: "service".into(), expr: up, span: span() }],
        measures: Vec::new(),
        phases: Vec::new(),
        questions: Default::default(),
        importance: None,
        instances: 0,
        parameters: Vec::new(),
        switched: false,
    }
}

/// #place ≥ count.
pub fn at_least(place: u32, count: f64) -> Expr {
    let tokens = Box::new(Expr::Tokens(vec![PlaceId(place)]));
    Expr::Binary(Op::GreaterEqual, tokens, Box::new(Expr::Constant(count)))
}

pub fn alternating(life: LawExpr, repair: LawExpr) -> Net {
    let transitions = vec![("Fail", life, &[0][..], &[1][..]), ("Repair", repair, &[1], &[0])];
    net(&[("Up", 1), ("Down", 0)], transitions, at_least(0, 1.0))
}

/// Six independent machines, all fresh; `up` means the first: the others are watched through a measure.
pub fn machines() -> Net {
    let life = || law("LogNormal", &[("mean", LIFE), ("sigma", 0.4)]);
    let repair = || law("Uniform", &[("low", 30.0), ("high", 300.0)]);
    let names: Vec<(String, String)> = (0..6).map(|i| (format!("Fail[{i}]"), format!("Repair[{i}]"))).collect();
    let ends: Vec<[usize; 2]> = (0..6).map(|i| [2 * i, 2 * i + 1]).collect();
    let mut transitions = Vec::new();
    for (i, (fail, repaired)) in names.iter().enumerate() {
        transitions.push((fail.as_str(), life(), &ends[i][..1], &ends[i][1..]));
        transitions.push((repaired.as_str(), repair(), &ends[i][1..], &ends[i][..1]));
    }
    let labels: Vec<String> = (0..12).map(|i| format!("P{i}")).collect();
    let places: Vec<(&str, u32)> =
        labels.iter().enumerate().map(|(i, name)| (name.as_str(), (i % 2 == 0) as u32)).collect();
    let up = Expr::Tokens((0..6).map(|i| PlaceId(2 * i)).collect());
    let all = Expr::Binary(Op::GreaterEqual, Box::new(up.clone()), Box::new(Expr::Constant(6.0)));
    let mut net = net(&places, transitions, all);
    let down = Expr::Tokens((0..6).map(|i| PlaceId(2 * i + 1)).collect());
    net.measures = vec![measure("down", Formula::Average(Average::Reward(down)), 0, None)];
    net
}

pub fn measure(name: &str, formula: Formula, time: i8, precision: Option<f64>) -> Measure {
    Measure { name: name.into(), formula, dimension: Dimension { time }, precision, span: span() }
}

/// A queue with room for `room`, arrivals stopped when full.
pub fn queue(arrival: f64, service: f64, room: u32) -> Net {
    let transitions = vec![
        ("Arrive", exponential(1.0 / arrival), &[0][..], &[1][..]),
        ("Serve", exponential(1.0 / service), &[1], &[0]),
    ];
    let mut net = net(&[("Free", room), ("Queue", 0)], transitions, at_least(0, 1.0));
    let length = Formula::Average(Average::Reward(Expr::Tokens(vec![PlaceId(1)])));
    let rate = Formula::Average(Average::Rate(vec![TransitionId(1)]));
    net.measures = vec![
        measure("length", length.clone(), 0, Some(0.02)),
        measure("throughput", rate.clone(), -1, None),
        measure("wait", Formula::Divide(Box::new(length), Box::new(rate)), 1, None),
    ];
    net
}

/// `Auto` is taken for `Simulation`: most tests are the simulator's.
pub fn simulated(settings: Settings) -> Settings {
    let method = if settings.method == Method::Auto { Method::Simulation } else { settings.method };
    Settings { method, ..settings }
}

/// A plan of these designs, simulated unless the method is stated.
pub fn plan(nets: Vec<(&str, Net)>, settings: Settings) -> Plan {
    let planned = |(design, net): &(&str, Net)| Planned {
        design: design.to_string(),
        at: IndexMap::new(),
        set: Vec::new(),
        primary: (!net.up.is_empty()).then_some(0),
        net: Shared::new(net.clone()),
    };
    Plan {
        file: "scenarios/test.ron".into(),
        title: "test".into(),
        doc: None,
        is_scenario: true,
        set: Vec::new(),
        settings: simulated(settings),
        designs: nets.iter().map(|(name, _)| name.to_string()).collect(),
        points: nets.iter().map(planned).collect(),
        expectations: Vec::new(),
        published: Vec::new(),
        gated: Default::default(),
        axis: None,
        studies: Studies::default(),
    }
}

pub fn carry_out(plan: &Plan, threads: usize) -> Outcome {
    let never = AtomicBool::new(false);
    let control = Control { threads, interrupted: &never, progress: &|_| {}, checkpoint: &|_| {}, resume: None };
    run(plan, &control).expect("no fault")
}

pub fn solve(net: Net, settings: Settings) -> Point {
    carry_out(&plan(vec![("only", net)], settings), 2).points.remove(0)
}

pub fn standard<'p>(point: &'p Point, name: &str) -> &'p Estimate {
    &point.up["service"][name]
}

#[track_caller]
pub fn contains(estimate: &Estimate, exact: f64) {
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(low <= exact && exact <= high, "{exact} isn't in {low}..{high}");
}

pub fn sure(precision: f64) -> Settings {
    Settings { confidence: SURE, precision, ..Settings::default() }
}

#[test]
fn alternating_renewal_meets_its_closed_form() {
    let net = alternating(
        law("LogNormal", &[("mean", 1000.0), ("sigma", 0.4)]),
        law("Uniform", &[("low", 1.0), ("high", 9.0)]),
    );
    let point = solve(net, sure(0.02));
    assert_eq!(point.method, Method::Regenerative);
    assert_eq!(point.ended, Ended::Precision);
    let unavailability = standard(&point, "unavailability");
    assert!(unavailability.reached.unwrap() <= 0.02);
    contains(unavailability, 5.0 / 1005.0);
    contains(standard(&point, "availability"), 1000.0 / 1005.0);
    contains(standard(&point, "nines"), -(5.0_f64 / 1005.0).log10());
    contains(standard(&point, "downtime per year"), 5.0 / 1005.0 * YEAR);
    contains(standard(&point, "failures per year"), YEAR / 1005.0);
    contains(standard(&point, "MTBF"), 1005.0);
    contains(standard(&point, "mean up time"), 1000.0);
    contains(standard(&point, "mean outage"), 5.0);
    contains(standard(&point, "MTTF"), 1000.0);
    assert_eq!(standard(&point, "failures per year").unit, "1/y");
}

#[test]
fn every_method_meets_the_queue_with_a_limit() {
    let (rho, room): (f64, i32) = (0.8, 6);
    let weights: Vec<f64> = (0..=room).map(|k| rho.powi(k)).collect();
    let total: f64 = weights.iter().sum();
    let full = weights[room as usize] / total;
    let length = weights.iter().enumerate().map(|(k, w)| k as f64 * w).sum::<f64>() / total;
    for method in [Method::Auto, Method::Replications, Method::BatchMeans, Method::Regenerative] {
        let point = solve(queue(0.8, 1.0, room as u32), Settings { method, ..sure(0.05) });
        assert_eq!(point.method, if method == Method::Auto { Method::Regenerative } else { method });
        assert_eq!(point.ended, Ended::Precision, "{method:?}");
        contains(standard(&point, "unavailability"), full);
        contains(&point.measures["length"], length);
        assert!(point.measures["length"].reached.unwrap() <= 0.02, "a measure's own precision stops too");
        contains(&point.measures["throughput"], 0.8 * (1.0 - full));
        contains(&point.measures["wait"], length / (0.8 * (1.0 - full)));
        assert_eq!(point.measures["wait"].unit, "s");
    }
}

#[test]
fn fresh_lognormal_clocks_are_seen_and_removed() {
    let point = solve(machines(), Settings { budget: 20_000_000, ..sure(0.02) });
    assert_eq!(point.method, Method::Replications);
    assert!(point.because.contains("regenerations"), "{}", point.because);
    let exact = 165.0 / (165.0 + LIFE);
    assert!(point.warmup.removed > 1.5 * LIFE && point.warmup.removed < 20.0 * LIFE, "{:?}", point.warmup);
    assert!(point.warmup.length >= 8.9 * point.warmup.removed, "{:?}", point.warmup);
    contains(&point.measures["down"], 6.0 * exact);
    contains(standard(&point, "unavailability"), 1.0 - (1.0 - exact).powi(6));

    // Without removal, and no longer than a life, the same estimator is provably off.
    let settings = Settings { warmup: Some(0.0), length: Some(LIFE), budget: 4_000_000, ..sure(0.02) };
    let raw = &solve(machines(), settings).measures["down"];
    assert!(raw.high.unwrap() < 6.0 * exact, "{raw:?}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let settings = Settings { precision: 0.05, years: true, budget: 2_000_000, ..Settings::default() };
    let nets = || vec![("queue", queue(0.7, 1.0, 5)), ("machines", machines()), ("twin", queue(0.7, 1.0, 5))];
    let json = |threads| {
        let mut outcome = carry_out(&plan(nets(), settings.clone()), threads);
        outcome.spent = Default::default();
        serde_json::to_string_pretty(&outcome).unwrap()
    };
    let one = json(1);
    for threads in [2, 7, 16] {
        assert!(one == json(threads), "{threads} threads differ");
    }
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bytes() {
    let settings = Settings { precision: 0.02, budget: 2_000_000, years: true, ..Settings::default() };
    let plan = plan(vec![("machines", machines()), ("queue", queue(0.7, 1.0, 5))], settings);
    let whole = carry_out(&plan, 2);
    let mut finished = 0;
    for stop_after in [1, 3, 40, 200, 700] {
        let (interrupted, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
        let kept: Mutex<Option<Snapshot>> = Mutex::new(None);
        let progress = |_| {
            if calls.fetch_add(1, Ordering::Relaxed) + 1 >= stop_after {
                interrupted.store(true, Ordering::Relaxed);
            }
        };
        let checkpoint = |snapshot: &Snapshot| *kept.lock().unwrap() = Some(snapshot.clone());
        let control = Control {
            threads: 2,
            interrupted: &interrupted,
            progress: &progress,
            checkpoint: &checkpoint,
            resume: None,
        };
        let first = run(&plan, &control).unwrap();
        let text = serde_json::to_string(&kept.into_inner().unwrap().expect("a snapshot")).unwrap();
        finished += usize::from(!first.interrupted);
        let never = AtomicBool::new(false);
        let resume = Some(serde_json::from_str(&text).unwrap());
        let control = Control { threads: 3, interrupted: &never, progress: &|_| {}, checkpoint: &|_| {}, resume };
        let mut second = run(&plan, &control).unwrap();
        second.spent = whole.spent.clone();
        assert_eq!(serde_json::to_string(&second).unwrap(), serde_json::to_string(&whole).unwrap());
        if let Some(point) = first.points.last().filter(|_| first.interrupted && stop_after >= 40) {
            assert!(point.observations > 0);
        }
    }
    assert!(finished < 4, "most of them were interrupted");
}

#[test]
fn a_snapshot_of_another_run_is_refused() {
    let settings = Settings { replications: Some(64), ..Settings::default() };
    let ours = plan(vec![("queue", queue(0.7, 1.0, 5))], settings.clone());
    let kept: Mutex<Option<Snapshot>> = Mutex::new(None);
    let never = AtomicBool::new(false);
    let checkpoint = |snapshot: &Snapshot| *kept.lock().unwrap() = Some(snapshot.clone());
    run(&ours, &Control { threads: 1, interrupted: &never, progress: &|_| {}, checkpoint: &checkpoint, resume: None })
        .unwrap();
    let snapshot = kept.into_inner().unwrap().unwrap();
    let refused = |plan: &Plan, word: &str| {
        let resume = Some(snapshot.clone());
        let control = Control { threads: 1, interrupted: &never, progress: &|_| {}, checkpoint: &|_| {}, resume };
        match run(plan, &control) {
            Err(RunFault::Resume(message)) => assert!(message.contains(word), "{message}"),
            other => panic!("{other:?}"),
        }
    };
    refused(&plan(vec![("queue", queue(0.7, 1.0, 6))], settings.clone()), "nets");
    refused(&plan(vec![("queue", queue(0.7, 1.0, 5))], Settings { seed: 2, ..settings.clone() }), "seed");
    refused(&plan(vec![("queue", queue(0.7, 1.0, 5))], Settings { precision: 0.1, ..settings }), "settings");
}

#[test]
fn no_outage_gives_bounds_and_never_nothing_plus_or_minus_nothing() {
    let mut net = queue(0.7, 1.0, 5);
    net.up[0].expr = Expr::Constant(1.0);
    net.measures.push(measure("never", Formula::Average(Average::Reward(at_least(1, 9.0))), 0, None));
    let settings = Settings { budget: 300_000, ..Settings::default() };
    let outcome = carry_out(&plan(vec![("safe", net.clone())], settings.clone()), 2);
    let point = &outcome.points[0];
    assert_eq!(point.ended, Ended::Budget);
    assert_eq!(point.outages, 0);
    let rate = standard(point, "failures per year");
    assert_eq!(rate.estimate, None);
    let bound = rate.bound.as_ref().unwrap();
    assert_eq!(bound.side, Side::Upper);
    assert!((bound.value / (-(0.05_f64.ln()) / point.observed * YEAR) - 1.0).abs() < 1e-12);
    assert_eq!(standard(point, "MTBF").bound.as_ref().unwrap().side, Side::Lower);
    let unavailability = standard(point, "unavailability");
    assert_eq!((unavailability.estimate, unavailability.low, &unavailability.bound), (None, None, &None));
    let never = &point.measures["never"];
    assert_eq!((never.estimate, never.low, never.high), (Some(0.0), None, None));
    assert!(outcome.warnings.iter().any(|w| w.contains("never down")), "{:?}", outcome.warnings);

    let bounded = solve(net, Settings { outage_bound: Some(600.0), ..settings });
    let bound = standard(&bounded, "unavailability").bound.as_ref().unwrap();
    assert!((bound.value / (-(0.05_f64.ln()) / bounded.observed * 600.0) - 1.0).abs() < 1e-12);
    assert_eq!(standard(&bounded, "nines").bound.as_ref().unwrap().side, Side::Lower);
}

#[test]
fn a_net_that_is_always_down_says_so() {
    let mut net = queue(0.7, 1.0, 5);
    net.up[0].expr = Expr::Constant(0.0);
    net.measures.clear();
    let outcome = carry_out(&plan(vec![("dead", net)], Settings::default()), 2);
    let point = &outcome.points[0];
    assert_eq!(standard(point, "unavailability").estimate, Some(1.0));
    assert_eq!(standard(point, "nines").estimate, Some(0.0));
    assert_eq!(standard(point, "unavailability").reached, None);
    assert!(outcome.warnings.iter().any(|w| w.contains("never up")), "{:?}", outcome.warnings);
}

#[test]
fn a_net_in_which_nothing_happens_ends() {
    let mut net = queue(0.7, 1.0, 5);
    net.transitions.iter_mut().for_each(|t| t.inputs[0].weight = 9);
    net.measures.clear();
    let outcome = carry_out(&plan(vec![("still", net)], Settings { years: true, ..Settings::default() }), 2);
    assert_eq!(outcome.points[0].ended, Ended::Budget);
    assert!(outcome.points[0].firings == 0 && outcome.points[0].outages == 0);
}

#[test]
fn a_spent_budget_is_admitted() {
    let settings = Settings { precision: 1e-4, budget: 200_000, ..Settings::default() };
    let outcome = carry_out(&plan(vec![("queue", queue(0.7, 1.0, 5))], settings), 2);
    let point = &outcome.points[0];
    assert_eq!(point.ended, Ended::Budget);
    assert!(point.firings >= 200_000 && point.firings < 400_000, "{}", point.firings);
    assert!(outcome.warnings.iter().any(|w| w.contains("precision not reached") && w.contains("times more")));
}

#[test]
fn few_failures_get_the_exact_interval() {
    let net = alternating(exponential(1e5), exponential(10.0));
    let settings = Settings {
        method: Method::Replications,
        replications: Some(4),
        warmup: Some(0.0),
        length: Some(1e5),
        ..Settings::default()
    };
    let point = solve(net, settings);
    assert!((1..10).contains(&point.outages), "{}", point.outages);
    let rate = standard(&point, "failures per year");
    let count = rate.high.unwrap() / YEAR * point.observed;
    // At most 2.5 % of a Poisson law of that mean lie at or below what was seen.
    let tail: f64 = (0..=point.outages)
        .map(|k| (-count).exp() * count.powi(k as i32) / (1..=k).product::<u64>().max(1) as f64)
        .sum();
    assert!(tail < 0.025 + 1e-9, "{tail}");
    assert_eq!(point.ended, Ended::Replications);
    assert_eq!(point.observations, 4);
    let mttf = standard(&point, "MTTF");
    assert!(mttf.estimate.is_some() || mttf.bound.as_ref().unwrap().side == Side::Lower);
}

#[test]
fn designs_are_compared_and_expectations_judged() {
    let slow = alternating(exponential(1000.0), exponential(10.0));
    let quick = alternating(exponential(1000.0), exponential(5.0));
    let mut plan = plan(vec![("slow", slow), ("quick", quick)], Settings { precision: 0.03, ..Settings::default() });
    let reference = |value, tolerance| Reference {
        point: 0,
        target: Target::Standard(0, "unavailability".into()),
        value,
        tolerance,
        source: "closed form".into(),
    };
    let exact = 10.0 / 1010.0;
    plan.expectations = vec![reference(exact, 0.0), reference(2.0 * exact, 0.0), reference(2.0 * exact, 2.0 * exact)];
    plan.published = vec![Reference { target: Target::Standard(0, "availability".into()), ..reference(0.98, 0.0) }];
    let outcome = carry_out(&plan, 2);
    let holds: Vec<bool> = outcome.verdicts.iter().map(|v| v.holds).collect();
    assert_eq!(holds, [true, false, true]);
    assert_eq!(outcome.verdicts[0].what, "slow: service, unavailability");
    let ratio = &outcome.comparisons[0].ratio;
    let expected = exact / (5.0 / 1005.0);
    assert!((ratio.estimate.unwrap() / expected - 1.0).abs() < 0.1, "{ratio:?}");
    assert!(ratio.low.unwrap() < ratio.estimate.unwrap());
    assert!((outcome.published[0].factor.unwrap() / (0.02 / exact) - 1.0).abs() < 0.1);
}

#[test]
fn single_years_meet_their_closed_forms() {
    // Outages of a negligible length, ten years apart: the chance of a year without is exp(-0.1).
    let net = alternating(exponential(10.0 * YEAR), law("Deterministic", &[("value", 60.0)]));
    let point = solve(net, Settings { years: true, ..sure(0.05) });
    let years = &point.years["service"];
    for kind in ["first year", "any year"] {
        contains(&years[&format!("{kind}: chance of no downtime")], (-0.1_f64).exp());
        contains(&years[&format!("{kind}: downtime")], 6.0);
        assert_eq!(years[&format!("{kind}: downtime of a bad year (95 %)")].estimate, Some(60.0));
    }
}

#[test]
fn a_fault_names_the_design_and_the_command_that_replays_it() {
    let mut net = queue(0.9, 1.0, 5);
    net.transitions[0].inputs.clear();
    net.places[1].capacity = Some(Capacity { limit: 3, overrun: fivenines::syntax::ast::Overrun::Error });
    let mut plan = plan(vec![("queue", net)], Settings::default());
    plan.points[0].at.insert("rate".into(), "0.9 Hz".into());
    let never = AtomicBool::new(false);
    let control = Control { threads: 2, interrupted: &never, progress: &|_| {}, checkpoint: &|_| {}, resume: None };
    let fault = run(&plan, &control).unwrap_err();
    let RunFault::Path(found) = &fault else { panic!("{fault}") };
    let PathFault { replay, fault: path, .. } = &**found;
    let start = "fivenines trace scenarios/test.ron --design queue --set 'rate=0.9 Hz' --seed 1 --replication ";
    assert!(replay.starts_with(start), "{replay}");
    assert!(replay.ends_with(&format!(" --until {}", path.time)), "{replay}");
    assert!(fault.to_string().contains("Arrive"), "{fault}");
}

#[test]
fn every_parameter_of_a_law_is_named_in_the_digest() {
    let digest = fivenines::experiment::digest;
    let base = digest(&queue(0.7, 1.0, 5));
    assert_eq!(base, digest(&queue(0.7, 1.0, 5)));
    assert_ne!(base, digest(&queue(0.7, 1.0, 6)));
    assert_ne!(base, digest(&queue(0.8, 1.0, 5)));
    let mut turned = queue(0.7, 1.0, 5);
    turned.transitions.swap(0, 1);
    turned.families.swap(0, 1);
    turned.transitions[0].family = FamilyId(0);
    turned.transitions[1].family = FamilyId(1);
    turned.measures.iter_mut().for_each(|m| rename(&mut m.formula));
    turned.transitions[0].span = Span::new(SourceId(0), 5, 9);
    assert_eq!(base, digest(&turned));
}

/// Follows a swap of the first two transitions.
fn rename(formula: &mut Formula) {
    match formula {
        Formula::Average(Average::Rate(ids)) => ids.iter_mut().for_each(|id| id.0 = 1 - id.0),
        Formula::Divide(x, y) => [x, y].into_iter().for_each(|f| rename(f)),
        _ => {}
    }
}
