//! Splitting: unbiased for any levels, true against exact values, the same for any number of threads.

use crate::exact::scenarios::{plan_with, repository};
use crate::experiment::carry_out;
use crate::rare_fork::program;
use fivenines::engine::{Options, Path};
use fivenines::experiment::Plan;
use fivenines::experiment::outcome::{Ended, Point};
use fivenines::program::Program;
use fivenines::rare::{Halt, Importance, Levels, Passage, Pilot, Scheme, Scratch, Splitter};
use fivenines::syntax::ast::Method;

/// A queue that is neither short nor full too seldom, a machine whose repair ages, a timer, and outages of both.
const MIXED: &str = r##"Net(
    places: { "Queue": (capacity: 5), "Up": (tokens: 1), "Down": (), "Wound": () },
    transitions: {
        "Arrive": Timed(delay: "Gamma(shape: 1.5, mean: 2 s)", to: {"Queue": "1"}),
        "Serve": Timed(delay: "Uniform(0.5 s, 2 s)", memory: Age, from: {"Queue": "1"}, test: {"Up": "1"}),
        "Fail": Timed(delay: "Weibull(shape: 2, scale: 8 s)", from: {"Up": "1"}, to: {"Down": "1"}, role: Failure),
        "Repair": Timed(delay: "LogNormal(mean: 3 s, sigma: 1)", from: {"Down": "1"}, to: {"Up": "1"}, role: Repair),
        "Tick": Timed(delay: "7 s", from: {"Wound": "1"}),
        "Wind": Immediate(inhibit: {"Wound": "1"}, to: {"Wound": "1"}),
    },
    up: { "room": "#Queue < 4 || #Up == 1", "works": "#Up == 1" },
    measures: { "queue": "E{#Queue}", "served": "rate(Serve)", "cost": "impulse(Arrive, #Queue)" },
)"##;

fn net(text: &str) -> fivenines::net::Net {
    let memory = fivenines::net::load::Memory::new().with("net.ron", text);
    plan_with(&memory, "net.ron", &[]).points[0].net.as_ref().clone()
}

/// Means of all sums over replications of 40 s: with no levels, and with arbitrary ones, on ages too. They agree: |z| < 6
/// for each of ten sums and three sets of levels, a false alarm in 10⁷ runs.
#[test]
fn weighted_sums_have_the_means_of_crude_ones_for_any_levels() {
    let (program, net) = (program(MIXED), net(MIXED));
    let structural = Importance::structural(&net, 0);
    let explored = Importance::new(&net, 0, &|_| false).expect("not interrupted");
    assert!(explored.because().contains("markings"), "{}", explored.because());
    let mut begun = Path::new(&program, Options::default());
    begun.begin(0, 0).unwrap();
    let aged = Importance::structural(&net, 0).aged(&Scheme::new(&program, &begun));
    let sets = [
        (&structural, Levels::default()),
        (&structural, Levels::new([(-4.0, 2), (-2.0, 3), (-1.0, 2), (0.0, 2)])),
        (&explored, Levels::new([(-2.5, 3), (-1.0, 2), (-0.2, 2)])),
        (&aged, Levels::new([(-2.1, 2), (-1.3, 2), (-0.8, 2), (-0.1, 2)])),
    ];
    let mut means: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for (set, (importance, levels)) in sets.iter().enumerate() {
        let mut splitter = Splitter::new(importance, levels, 0, &program);
        let mut path = Path::new(&program, Options::default());
        let (mut sum, mut squares) = (vec![0.0; program.sums], vec![0.0; program.sums]);
        let count = 4000;
        for replication in 0..count {
            path.begin(set as u64, replication).unwrap();
            path.run_until(3.0, &mut ()).unwrap();
            path.take_sums(&mut vec![0.0; program.sums]);
            let mut one = vec![0.0; program.sums];
            let mut root = |sums: &[f64]| one.iter_mut().zip(sums).for_each(|(all, part)| *all += part);
            let seed = (set as u64, replication);
            let tree = splitter.run(&mut path, seed, 43.0, &mut root, (u64::MAX, &|| false)).unwrap();
            assert_eq!(tree.offspring > 0, tree.roots > 0 && set > 0);
            for i in 0..program.sums {
                sum[i] += one[i] / count as f64;
                squares[i] += one[i] * one[i] / count as f64;
            }
        }
        let errors = sum.iter().zip(&squares).map(|(mean, square)| (square - mean * mean) / count as f64).collect();
        means.push((sum, errors));
    }
    let (crude, split) = means.split_first().expect("four sets");
    for (sum, variance) in split {
        for i in (0..program.sums).filter(|i| *i != Program::TIME) {
            assert!(crude.0[i] > 0.0, "sum {i} says nothing");
            let z = (sum[i] - crude.0[i]) / (variance[i] + crude.1[i]).sqrt();
            assert!(z.abs() < 6.0, "sum {i}: z = {z}");
        }
    }
}

/// Two machines that wear out, each of which is repaired within an hour.
const WORN: &str = r##"Net(
    colours: { "Machine": "{a, b}" },
    places: { "Up": (colour: "Machine", tokens: "all Machine"), "Down": (colour: "Machine") },
    transitions: {
        "Fail[m in Machine]": Timed(delay: "Weibull(shape: 3, scale: 100 h)", from: {"Up": "m"}, to: {"Down": "m"}, role: Failure),
        "Repair[m in Machine]": Timed(delay: "Uniform(30 min, 90 min)", from: {"Down": "m"}, to: {"Up": "m"}, role: Repair),
    },
    up: { "one of two": "#Up > 0" },
)"##;

/// While one machine is repaired, the other one's age says how likely it is to fail in that hour: by the growth of its
/// cumulative hazard, (x/scale)³, against an hour at a constant rate.
#[test]
fn old_clocks_are_nearer_to_a_failure_than_young_ones() {
    let (program, net) = (program(WORN), net(WORN));
    let mut path = Path::new(&program, Options::default());
    path.begin(1, 0).unwrap();
    let scheme = Scheme::new(&program, &path);
    let plain = Importance::new(&net, 0, &|_| false).expect("not interrupted");
    let aged = Importance::new(&net, 0, &|_| false).expect("not interrupted").aged(&scheme);
    assert!(aged.because().contains("ages") && !plain.because().contains("ages"), "{}", aged.because());
    let (mut scratch, mut since, mut seen) = (Scratch::default(), [0.0; 2], 0);
    let mean = 100.0 * libm::tgamma(4.0 / 3.0);
    for _ in 0..400 {
        let before = path.marking().to_vec();
        assert!(path.step(f64::MAX, &mut ()).unwrap());
        let hours = path.now() / 3600.0;
        // The places of the marking: up a and b, down a and b.
        for machine in 0..2 {
            if before[machine] < path.marking()[machine] {
                since[machine] = hours;
            }
        }
        let difference = aged.of(&path, &mut scratch) - plain.of(&path, &mut scratch);
        let up: Vec<usize> = (0..2).filter(|&machine| path.marking()[machine] == 1).collect();
        let expected = match up[..] {
            [one] => {
                let cubed = |x: f64| (x / 100.0) * (x / 100.0) * (x / 100.0);
                let age = hours - since[one];
                seen += 1;
                libm::log((cubed(age + 1.0) - cubed(age)) * mean).clamp(-libm::log(1e3), libm::log(1e3))
            }
            _ => 0.0,
        };
        assert!((difference - expected).abs() < 1e-6, "{difference} instead of {expected} at {hours} h");
    }
    assert!(seen > 100);
}

/// The levels of a queue: the pilot climbs to the failure, and is a function of its seed.
#[test]
fn a_pilot_lays_levels_up_to_the_failure() {
    let plan = plan("scenarios/rare-queue.ron", Method::Splitting);
    let net = &plan.points[0].net;
    let program = fivenines::program::compile(net).expect("a program");
    let importance = Importance::new(net, 0, &|_| false).expect("not interrupted");
    let climb = |seed: u64, budget: u64| {
        let mut path = Path::new(&program, Options::default());
        path.begin(seed, 0).unwrap();
        Pilot { importance: &importance, up: 0, seed: (seed, 0), budget }.climb(path, &|| false)
    };
    let found = climb(1, 1_000_000).unwrap();
    assert!(found.reached && found.levels.count() >= 6, "{found:?}");
    let product: f64 = found.levels.all().map(|(_, factor)| f64::from(factor)).product();
    // 1/P(full) less what the first stage and the last bring.
    assert!((1e4..1e9).contains(&product), "{product}");
    assert!(found.gap.is_finite() && found.cost > 0.0 && found.firings < 1_000_000, "{found:?}");
    assert_eq!(climb(1, 1_000_000).unwrap(), found);
    assert_ne!(climb(2, 1_000_000).unwrap(), found);
    assert!(!climb(1, 3000).unwrap().reached);
    let mut path = Path::new(&program, Options::default());
    path.begin(1, 0).unwrap();
    let pilot = Pilot { importance: &importance, up: 0, seed: (1, 0), budget: 1_000_000 };
    assert_eq!(pilot.climb(path, &|| true), Err(Halt::Interrupted));
}

fn plan(file: &str, method: Method) -> Plan {
    let mut plan = plan_with(&repository(), file, &[]);
    plan.points.truncate(1);
    (plan.axis, plan.expectations, plan.published) = (None, Vec::new(), Vec::new());
    plan.settings.method = method;
    plan
}

fn point(plan: &Plan, threads: usize) -> Point {
    carry_out(plan, threads).points.remove(0)
}

/// Each scenario's first point by the method that suits it, at a half-width of 20 %, three seeds each. An interval rebuilt at a confidence of 1 − 10⁻⁸
/// (5.7 standard errors instead of 2) holds the exact value: a false alarm in 5·10⁶ runs were the estimates normal, and
/// they are nearly.
#[test]
fn estimates_hold_the_exact_values() {
    let cases = [
        ("rare-queue", Method::Splitting),
        ("rare-tandem", Method::Splitting),
        ("rare-pipeline", Method::ImportanceSampling),
    ];
    for (scenario, method) in cases {
        let mut plan = plan(&format!("scenarios/{scenario}.ron"), method);
        plan.settings.precision = 0.2;
        let exact = {
            let mut plan = plan.clone();
            plan.settings.method = Method::Exact;
            value(&point(&plan, 1))
        };
        for seed in 1..=3 {
            plan.settings.seed = seed;
            let found = point(&plan, 1);
            assert_eq!((found.method, found.ended), (method, Ended::Precision), "{scenario}: {found:?}");
            let up = &found.up[found.primary.as_ref().expect("a condition")]["unavailability"];
            let (low, high) = (up.low.expect("an interval").ln(), up.high.expect("an interval").ln());
            let distance = (value(&found) / exact).ln() / ((high - low) / 2.0);
            assert!(distance.abs() < 5.7 / 1.96, "{scenario}, seed {seed}: {:e} for {exact:e}", value(&found));
        }
    }
}

fn value(point: &Point) -> f64 {
    point.up[point.primary.as_ref().expect("a condition")]["unavailability"].estimate.expect("an estimate")
}

#[test]
fn threads_change_nothing() {
    let mut plan = plan("scenarios/rare-queue.ron", Method::Splitting);
    plan.settings.precision = 0.3;
    let (one, two) = (carry_out(&plan, 1), carry_out(&plan, 2));
    assert_eq!(one.points, two.points);
}

/// Rate of escalations per year of a supervisor of four children whose lives are lognormal, as its own, to leading order
/// in window/mean. Four children fail within a window of the first of them (the count falls by one every window from then
/// on, and a restart takes as long at the least, so no child fails twice). All clocks begin with the supervisor. With f the
/// density of a life, S its survival function and m the renewal density of a child, which runs again a mean restart after
/// its failure, m(t) = f(t) + ∫ m(s) f(t − s − restart) ds, the rate is
/// 4! · window³/3! · ∫ S(t) m(t)⁴ dt / (mean + restart).
fn escalations(mean: f64, sigma: f64, restart: f64, window: f64) -> f64 {
    let mu = mean.ln() - sigma * sigma / 2.0;
    let score = |t: f64| (t.ln() - mu) / sigma;
    let density = |t: f64| match t > 0.0 {
        true => (-score(t) * score(t) / 2.0).exp() / (t * sigma * std::f64::consts::TAU.sqrt()),
        false => 0.0,
    };
    let survival = |t: f64| if t > 0.0 { 0.5 * libm::erfc(score(t) / std::f64::consts::SQRT_2) } else { 1.0 };
    let (step, points) = (mean / 200.0, 1400);
    let again: Vec<f64> = (0..points).map(|i| density(i as f64 * step - restart)).collect();
    let mut renewals: Vec<f64> = Vec::new();
    for i in 0..points {
        let past: f64 = (1..i).map(|j| again[j] * renewals[i - j]).sum();
        renewals.push(density(i as f64 * step) + step * past);
    }
    let overlap: f64 = renewals.iter().enumerate().map(|(i, m)| survival(i as f64 * step) * m.powi(4) * step).sum();
    4.0 * window.powi(3) * overlap / (mean + restart) * fivenines::units::YEAR
}

/// Of exponential lives m is 1/mean in the long run, where S no longer ends anything: 4! · window³/3!/mean⁴ · mean/(mean +
/// restart). Fresh lognormal clocks seldom fail, so they escalate less often.
#[test]
fn fresh_lognormal_clocks_escalate_less_often_than_exponential_ones() {
    let lognormal = escalations(21_600.0, 0.4, 165.0, 30.0);
    let exponential = 4.0 * 30.0_f64.powi(3) / 21_600.0_f64.powi(4) * fivenines::units::YEAR;
    let share = lognormal / exponential;
    assert!((0.55..0.65).contains(&share), "{share}");
    assert!((lognormal / 9.37056e-6 - 1.0).abs() < 1e-4, "{lognormal:e}");
}

/// Three units of which all fail within 100 s, with a probability of about 3·10⁻⁷: 200 independent estimates against
/// uniformisation. Their mean lies within 6 standard errors, a false alarm in 10⁷ runs were they normal, and 200 nearly are.
#[test]
fn fixed_effort_finds_the_probability_of_a_failure_in_time() {
    let plan = plan("scenarios/rare-units.ron", Method::Splitting);
    let net = &plan.points[0].net;
    let program = fivenines::program::compile(net).expect("a program");
    let space = fivenines::exact::explore(net, &program, &Default::default(), &|_| false).expect("a chain");
    let up = |state| space.is_up(state, 0);
    let reliability = fivenines::exact::reliability(&space.chain, &space.initial, up, &[100.0], &|_| false);
    let exact = 1.0 - reliability.expect("a solution")[0];
    let levels = Levels::new([(1.0, 2), (2.0, 2)].map(|(down, factor)| (down - 3.0, factor)));
    let importance = Importance::structural(net, 0);
    let passage = Passage {
        program: &program,
        options: Options::default(),
        importance: &importance,
        levels: &levels,
        up: 0,
        efforts: &[1000],
    };
    let one = |replication| passage.run((1, replication), 100.0, (u64::MAX, &|| false)).unwrap().0;
    let estimates: Vec<f64> = (0..200).map(one).collect();
    let mean = estimates.iter().sum::<f64>() / 200.0;
    let variance = estimates.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 199.0 / 200.0;
    assert!((mean - exact).abs() < 6.0 * variance.sqrt(), "{mean:e} ± {:e} for {exact:e}", variance.sqrt());
    assert!(variance.sqrt() < 0.2 * exact, "{mean:e} ± {:e} says little", variance.sqrt());
    assert_eq!(passage.run((1, 0), 100.0, (10, &|| false)), Err(Halt::Cut));
    // Its pilot finds the same levels, though one path in 500 only gets on from the first.
    let laid = passage.lay((1, 0), 100.0, (10_000_000, &|| false)).expect("no fault");
    assert!(laid.reached && laid.levels.all().eq(levels.all()), "{laid:?}");
    let efforts = laid.efforts(30.0, 50);
    assert!(efforts[0] < 200 && efforts[1] > 5_000 && efforts[2] > 5_000, "{efforts:?}");
}

/// Units that age and are never repaired: all three are dead within t with probability F(t)³. The pilot lays a level for
/// each but the last; 200 independent estimates have a mean within 6 standard errors, a false alarm in 10⁷ runs were they
/// normal.
#[test]
fn fixed_effort_follows_ages_along_the_levels_of_its_pilot() {
    let text = r##"Net(
        places: { "Up": (tokens: 3), "Down": () },
        transitions: {
            "Fail": Timed(delay: "Weibull(shape: 2, scale: 1000 s)", servers: Infinite, from: {"Up": "1"}, to: {"Down": "1"}),
        },
        up: { "service": "#Up >= 1" },
    )"##;
    let (program, net) = (program(text), net(text));
    let importance = Importance::structural(&net, 0);
    let none = Levels::default();
    let options = Options::default();
    let passage =
        Passage { program: &program, options, importance: &importance, levels: &none, up: 0, efforts: &[500] };
    let time = 200.0_f64;
    let laid = passage.lay((3, 0), time, (u64::MAX, &|| false)).expect("no fault");
    assert_eq!((laid.levels.all().map(|level| level.0).collect::<Vec<_>>(), laid.reached), (vec![-2.0, -1.0], true));
    let passage = Passage { levels: &laid.levels, ..passage };
    let one = |replication| passage.run((4, replication), time, (u64::MAX, &|| false)).unwrap().0;
    let estimates: Vec<f64> = (0..200).map(one).collect();
    let mean = estimates.iter().sum::<f64>() / 200.0;
    let error = (estimates.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 199.0 / 200.0).sqrt();
    let exact = (1.0 - (-(time / 1000.0).powi(2)).exp()).powi(3);
    assert!((mean - exact).abs() < 6.0 * error && error < 0.1 * exact, "{mean:e} ± {error:e} for {exact:e}");
}

/// A question of the language, by splitting: the interval at a false alarm of 10⁻⁶ holds the value of the chain, the
/// reliability itself keeps the digits of what it lacks, and the number of threads changes nothing.
#[test]
fn a_mission_is_split_where_splitting_is_stated() {
    let mut plan = plan("scenarios/rare-mission.ron", Method::Splitting);
    (plan.settings.confidence, plan.settings.budget) = (crate::experiment::SURE, 8_000_000);
    let outcome = carry_out(&plan, 2);
    let lost = &outcome.points[0].measures["lost"];
    crate::experiment::contains(lost, 2.950587445205572e-7);
    assert!(lost.reached.expect("an interval") < 0.5, "{lost:?}");
    assert_eq!(carry_out(&plan, 1).points, outcome.points);
    // Crude paths have seen nothing of it.
    plan.settings.method = Method::Replications;
    plan.settings.budget = 1_000_000;
    assert_eq!(carry_out(&plan, 2).points[0].measures["lost"].estimate.filter(|x| *x > 0.0), None);
}

/// Six machines that are seldom all down at once, and a common cause that no level leads to: once in 10⁹ hours, for ten times
/// as long. It is 96 % of the unavailability, and no path of a run meets it.
#[test]
fn failures_that_no_level_leads_to_are_told() {
    let text = r##"Net(
        places: { "Up": (tokens: 6), "Down": (), "Whole": (tokens: 1), "Broken": () },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 20 h)", servers: Infinite, from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Exponential(mean: 30 min)", servers: Infinite, from: {"Down": "1"}, to: {"Up": "1"}),
            "Cause": Timed(delay: "Exponential(mean: 1e9 h)", from: {"Whole": "1"}, to: {"Broken": "1"}),
            "Mend": Timed(delay: "Exponential(mean: 5 h)", from: {"Broken": "1"}, to: {"Whole": "1"}),
        },
        up: { "service": "#Up > 0 && #Broken == 0" },
    )"##;
    let memory = fivenines::net::load::Memory::new().with("net.ron", text);
    let mut plan = plan_with(&memory, "net.ron", &[]);
    (plan.settings.method, plan.settings.budget, plan.settings.precision) = (Method::Splitting, 3_000_000, 0.2);
    let outcome = carry_out(&plan, 2);
    let point = &outcome.points[0];
    let doubts = point.trust.as_ref().expect("weights").doubts.join("; ");
    assert!(doubts.contains("of the outages come by single steps from markings that are not split enough"), "{doubts}");
    assert_eq!(point.ended, Ended::Budget);
    assert!(outcome.warnings.iter().any(|warning| warning.contains("single steps")), "{:?}", outcome.warnings);
}
