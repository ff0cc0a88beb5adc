//! Random flat nets with every feature of the semantics: the engine's trace is the naive engine's trace.

use crate::naive::builder::{
    NOWHERE, add, at_least, binary, c, deterministic, exponential, exponential_rate, lognormal, multiply, tokens,
    uniform,
};
use crate::naive::{Entry, Naive, Stop};
use fivenines::engine::{FaultKind, Observer, Options, Path};
use fivenines::net::expr::{Expr, LawExpr, Op};
use fivenines::net::{
    Arc, Average, Capacity, Condition, FamilyId, Formula, Measure, Net, Place, PlaceId, Servers, Timed, Timing,
    Transition, TransitionId,
};
use fivenines::program::{self, Program, compile};
use fivenines::syntax::ast::{MemoryPolicy, Overrun, Renew, Scope, Ties};
use fivenines::units::Dimension;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const PLACES: usize = 6;

/// The same cases in every run, and no files written.
pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(12345),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    }
}

fn place() -> impl Strategy<Value = PlaceId> {
    (0..PLACES as u32).prop_map(PlaceId)
}

fn weight() -> impl Strategy<Value = u32> {
    prop_oneof![6 => Just(1u32), 1 => Just(2), 1 => Just(3)]
}

fn arcs(most: usize) -> impl Strategy<Value = Vec<Arc>> {
    vec((place(), weight()), 0..=most).prop_map(|list| {
        let mut arcs: Vec<Arc> = Vec::new();
        for (place, weight) in list {
            if arcs.iter().all(|a| a.place != place) {
                arcs.push(Arc { place, weight });
            }
        }
        arcs
    })
}

fn rarely<T: std::fmt::Debug + Clone>(
    one_in: u32,
    what: impl Strategy<Value = Vec<T>>,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![one_in - 1 => Just(Vec::new()), 1 => what]
}

fn guard() -> impl Strategy<Value = Expr> {
    prop_oneof![
        (place(), 1u32..3).prop_map(|(p, n)| at_least(p, n.into())),
        (place(), 1u32..3).prop_map(|(p, n)| Expr::Not(Box::new(at_least(p, n.into())))),
        (place(), place()).prop_map(|(p, q)| binary(Op::Less, tokens(p), add(vec![tokens(q), c(1.0)]))),
        place().prop_map(|p| binary(Op::Equal, binary(Op::Modulo, tokens(p), c(2.0)), c(0.0))),
    ]
}

/// Times are dyadic where they are deterministic, so that ties are exact whichever way they are reckoned.
fn law() -> impl Strategy<Value = LawExpr> {
    prop_oneof![
        6 => (1u32..5).prop_map(|n| deterministic(c(0.5 * f64::from(n)))),
        1 => Just(deterministic(c(0.0))),
        2 => place().prop_map(|p| deterministic(add(vec![c(0.5), multiply(vec![c(0.25), tokens(p)])]))),
        3 => Just(exponential(c(0.7))),
        3 => place().prop_map(|p| exponential(add(vec![c(0.3), tokens(p)]))),
        2 => place().prop_map(|p| exponential_rate(multiply(vec![c(0.75), tokens(p)]))),
        2 => Just(uniform(0.25, 1.5)),
        2 => Just(lognormal(-0.2, 0.5)),
    ]
}

fn speed() -> impl Strategy<Value = Option<Expr>> {
    let switch = |fast: f64, slow: f64| {
        (place(), 1u32..3).prop_map(move |(p, n)| {
            Some(Expr::If(Box::new(at_least(p, n.into())), Box::new(c(fast)), Box::new(c(slow))))
        })
    };
    prop_oneof![8 => Just(None), 1 => Just(Some(c(0.5))), 2 => switch(2.0, 0.5), 1 => switch(1.0, 0.0), 1 => switch(0.0, 4.0)]
}

fn servers() -> impl Strategy<Value = Servers> {
    prop_oneof![2 => (1u32..4).prop_map(Servers::Count), 1 => Just(Servers::Infinite)]
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::Binding), Just(Scope::Transition)]
}

fn timing() -> impl Strategy<Value = Timing> {
    let memory = prop_oneof![
        Just(MemoryPolicy::Enabling),
        Just(MemoryPolicy::Age),
        Just(MemoryPolicy::Identical),
        Just(MemoryPolicy::Resample)
    ];
    let renew = prop_oneof![2 => Just(Renew::Tangible), 1 => Just(Renew::AtEachToken)];
    let timed =
        (law(), speed(), memory, servers(), scope(), renew).prop_map(|(law, speed, memory, servers, scope, renew)| {
            Timing::Timed(Timed { law: law.into(), speed, memory, servers, scope, renew })
        });
    let weight = prop_oneof![(1u32..4).prop_map(|n| c(n.into())), place().prop_map(|p| add(vec![c(0.5), tokens(p)])),];
    let immediate =
        (-1i32..2, weight, scope()).prop_map(|(priority, weight, scope)| Timing::Immediate { priority, weight, scope });
    prop_oneof![5 => timed, 1 => immediate]
}

/// Arcs, guard and law of one binding.
type Binding = ((Vec<Arc>, Vec<Arc>), (Vec<Arc>, Vec<Arc>), Vec<PlaceId>, Vec<Expr>, LawExpr, u32);

fn binding() -> impl Strategy<Value = Binding> {
    (
        (arcs(2), arcs(2)),
        (rarely(4, arcs(1)), rarely(4, arcs(1))),
        rarely(8, vec(place(), 1..=1)),
        rarely(5, vec(guard(), 1..=1)),
        law(),
        0u32..1000,
    )
}

fn family() -> impl Strategy<Value = (Timing, Vec<Binding>)> {
    (timing(), prop_oneof![2 => vec(binding(), 1..=1), 1 => vec(binding(), 2..=3)])
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let capacity = prop_oneof![
        6 => Just(None),
        2 => (0u32..3).prop_map(|room| Some((room, Overrun::Block))),
        1 => (2u32..6).prop_map(|room| Some((room, Overrun::Error))),
    ];
    vec((0u32..4, capacity), PLACES..=PLACES).prop_map(|list| {
        let place = |(i, (initial, capacity)): (usize, (u32, Option<(u32, Overrun)>))| Place {
            name: format!("P{i}"),
            initial,
            capacity: capacity.map(|(room, overrun)| Capacity { limit: initial + room, overrun }),
            span: NOWHERE,
        };
        list.into_iter().enumerate().map(place).collect()
    })
}

fn flatten(families: Vec<(Timing, Vec<Binding>)>) -> Vec<Transition> {
    let mut transitions = Vec::new();
    for (f, (timing, bindings)) in families.into_iter().enumerate() {
        for (b, ((inputs, outputs), (tests, inhibitors), flushes, guard, law, salt)) in bindings.into_iter().enumerate()
        {
            let mut timing = timing.clone();
            if let (Timing::Timed(timed), true) = (&mut timing, b > 0) {
                timed.law = law.into();
            }
            transitions.push(Transition {
                name: format!("T{f}[{b}]"),
                family: FamilyId(f as u32),
                stream: format!("{salt:03}.{f}.{b}"),
                role: None,
                timing,
                inputs,
                outputs,
                tests,
                inhibitors,
                flushes,
                guard: guard.into_iter().next(),
                span: NOWHERE,
            });
        }
    }
    transitions
}

fn measures(p: PlaceId, q: PlaceId, transitions: usize) -> Vec<Measure> {
    let measure = |name: &str, formula| Measure {
        name: name.into(),
        formula,
        dimension: Dimension::NUMBER,
        precision: None,
        span: NOWHERE,
    };
    let average = |a| Box::new(Formula::Average(a));
    let some: Vec<TransitionId> = (0..transitions as u32).step_by(2).map(TransitionId).collect();
    vec![
        measure("mean", *average(Average::Reward(tokens(p)))),
        measure("rate", Formula::Negate(average(Average::Rate(some.clone())))),
        measure(
            "impulse",
            Formula::Add(
                average(Average::Impulse(some, add(vec![tokens(q), c(1.0)]))),
                average(Average::Reward(at_least(q, 1.0))),
            ),
        ),
    ]
}

/// A net of six places and up to seven families of transitions.
pub fn nets() -> impl Strategy<Value = Net> {
    (places(), vec(family(), 2..=7), place(), place(), 1u32..3).prop_map(|(places, families, p, q, n)| {
        let families_named = (0..families.len()).map(|f| format!("T{f}")).collect();
        let transitions = flatten(families);
        let condition = |name: &str, expr| Condition { name: name.into(), expr, span: NOWHERE };
        Net {
            name: "random".into(),
            places,
            families: families_named,
            up: vec![
                condition("some", at_least(p, n.into())),
                condition("fewer", binary(Op::LessEqual, tokens(q), tokens(p))),
            ],
            measures: measures(p, q, transitions.len()),
            transitions,
            phases: Vec::new(),
            questions: Default::default(),
            importance: None,
            instances: 0,
            parameters: Vec::new(),
            switched: false,
        }
    })
}

/// What the engine tells.
#[derive(Default)]
struct Record {
    trace: Vec<Entry>,
    outages: Vec<(usize, f64, f64)>,
}

impl Observer for Record {
    fn fired(&mut self, time: f64, transition: TransitionId, marking: &[u32]) {
        self.trace.push(Entry { time, transition, marking: marking.to_vec() });
    }

    fn outage(&mut self, up: usize, start: f64, end: f64) {
        self.outages.push((up, start, end));
    }
}

fn near(x: f64, y: f64) -> bool {
    x == y || (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0) || (x.is_nan() && y.is_nan())
}

fn same_trace(engine: &[Entry], naive: &[Entry], net: &Net) -> Result<(), TestCaseError> {
    for (i, (ours, theirs)) in engine.iter().zip(naive).enumerate() {
        let name = |e: &Entry| net.transitions[e.transition.0 as usize].name.clone();
        prop_assert!(
            near(ours.time, theirs.time) && ours.transition == theirs.transition && ours.marking == theirs.marking,
            "firing {i}: engine {} {ours:?}, naive {} {theirs:?}",
            name(ours),
            name(theirs)
        );
    }
    prop_assert_eq!(engine.len(), naive.len(), "number of firings");
    Ok(())
}

fn value(formula: &program::Formula, sums: &[f64]) -> f64 {
    use program::Formula as F;
    let at = |f: &F| value(f, sums);
    match formula {
        F::Constant(x) => *x,
        F::Average(i) => sums[*i] / sums[Program::TIME],
        F::Negate(x) => -at(x),
        F::Add(x, y) => at(x) + at(y),
        F::Subtract(x, y) => at(x) - at(y),
        F::Multiply(x, y) => at(x) * at(y),
        F::Divide(x, y) => at(x) / at(y),
    }
}

fn same_sums(program: &Program, path: &Path, naive: &Naive, sums: &[f64]) -> Result<(), TestCaseError> {
    prop_assert!(near(sums[Program::TIME], naive.rewards.time), "time");
    for (i, seen) in naive.rewards.up.iter().enumerate() {
        prop_assert!(near(sums[Program::down(i)], seen.down), "downtime of {i}: {} {seen:?}", sums[Program::down(i)]);
        prop_assert_eq!(sums[Program::failures(i)], seen.failures, "failures of {}: {:?}", i, seen);
        let first = path.first_failure(i);
        prop_assert!(near(first.unwrap_or(-1.0), seen.first_failure.unwrap_or(-1.0)), "{first:?} {seen:?}");
    }
    for (i, measure) in program.measures.iter().enumerate() {
        let (ours, theirs) = (value(&measure.formula, sums), naive.rewards.measure(naive.net, i));
        prop_assert!(near(ours, theirs), "{}: {ours} {theirs}", measure.name);
    }
    prop_assert_eq!(path.fired(), &naive.rewards.fired[..]);
    Ok(())
}

fn same_outages(record: &Record, naive: &Naive) -> Result<(), TestCaseError> {
    for (i, seen) in naive.rewards.up.iter().enumerate() {
        let ours: Vec<_> = record.outages.iter().filter(|(up, _, _)| *up == i).collect();
        let same =
            |((_, start, end), (from, to)): (&&(usize, f64, f64), &(f64, f64))| near(*start, *from) && near(*end, *to);
        prop_assert!(
            ours.len() == seen.outages.len() && ours.iter().zip(&seen.outages).all(same),
            "outages of {i}: {ours:?} {:?}",
            seen.outages
        );
    }
    Ok(())
}

/// The engine's path in pieces, so that the sums of the pieces have to fit together.
fn in_pieces(path: &mut Path, end: f64, record: &mut Record, sums: &mut [f64]) -> Result<(), FaultKind> {
    for cut in [0.37 * end, 0.5 * (end * 0.75).floor(), end] {
        if cut >= path.now() {
            path.run_until(cut, record).map_err(|f| f.kind)?;
            path.take_sums(sums);
        }
    }
    Ok(())
}

/// Where a path of the naive engine is cut: between two firings.
fn finish(naive: &mut Naive, most: usize) -> Result<f64, Stop> {
    naive.begin()?;
    naive.run(300.0, most)?;
    loop {
        let end = naive.between();
        if !naive.step(end)? {
            return Ok(end);
        }
    }
}

fn compare(net: &Net, seed: u64, ties: Ties, most: usize) -> Result<(), TestCaseError> {
    let mut naive = Naive::new(net, seed, 1, ties, 5_000);
    let ended = finish(&mut naive, most);
    if naive.now == 0.0 && matches!(ended, Err(Stop::Patience | Stop::Rounding { .. })) {
        return Ok(());
    }
    let program = compile(net).map_err(|e| TestCaseError::fail(e.to_string()))?;
    let mut path = Path::new(&program, Options { ties, confusion: false });
    let mut record = Record::default();
    let mut sums = vec![0.0; program.sums];
    let end = match ended {
        Ok(end) => end,
        Err(Stop::Rounding { before }) if !near(before, naive.now) => 0.5 * (naive.now + before),
        Err(Stop::Patience | Stop::Rounding { .. }) => naive.now * (1.0 - 1e-8),
        Err(_) => naive.now * (1.0 + 1e-9),
    };
    let begun = path.begin(seed, 1).map_err(|f| f.kind);
    let silent = path.fired().iter().sum::<u64>() as usize;
    let result = begun.and_then(|()| in_pieces(&mut path, end.max(0.0), &mut record, &mut sums));
    match ended {
        Ok(_) => {
            prop_assert_eq!(result, Ok(()));
            same_trace(&record.trace, &naive.trace[silent.min(naive.trace.len())..], net)?;
            same_sums(&program, &path, &naive, &sums)?;
            same_outages(&record, &naive)
        }
        Err(Stop::Overrun { place }) => {
            let place = &net.places[place.0 as usize];
            let limit = place.capacity.map_or(2_147_483_647, |c| c.limit);
            prop_assert_eq!(result, Err(FaultKind::Overrun { place: place.name.clone(), limit }));
            let firings = record.trace.len().min(naive.trace.len() - silent.min(naive.trace.len()));
            same_trace(&record.trace[..firings], &naive.trace[silent.min(naive.trace.len())..], net)
        }
        Err(Stop::Patience | Stop::Rounding { .. }) => {
            let before: Vec<Entry> = naive.trace.iter().skip(silent).filter(|e| e.time <= end).cloned().collect();
            same_trace(&record.trace, &before, net)
        }
        Err(Stop::BadValue(message)) => Err(TestCaseError::fail(message)),
    }
}

/// A net in a few lines, so that a counterexample can be read.
pub struct Short(pub Net);

impl std::fmt::Debug for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let arcs = |list: &[Arc]| list.iter().map(|a| format!("P{}*{} ", a.place.0, a.weight)).collect::<String>();
        for p in &self.0.places {
            write!(f, "\n{}: {} {:?}", p.name, p.initial, p.capacity.map(|c| (c.limit, c.overrun)))?;
        }
        for t in &self.0.transitions {
            let flushes: Vec<u32> = t.flushes.iter().map(|p| p.0).collect();
            write!(f, "\n{} {}: {}-> {}", t.name, t.stream, arcs(&t.inputs), arcs(&t.outputs))?;
            write!(f, "| tests {}| inhibitors {}| flushes {flushes:?}", arcs(&t.tests), arcs(&t.inhibitors))?;
            write!(f, "| guard {:?}\n    {:?}", t.guard, t.timing)?;
        }
        let ups: Vec<&Expr> = self.0.up.iter().map(|u| &u.expr).collect();
        write!(f, "\nup {ups:?}")
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn the_engine_and_the_naive_engine_take_the_same_path(
        net in nets().prop_map(Short),
        seed in 0u64..1000,
        random in any::<bool>(),
    ) {
        compare(&net.0, seed, if random { Ties::Random } else { Ties::Stream }, 300)
            .map_err(|e| TestCaseError::fail(format!("{e} {net:?}")))?;
    }
}

/// The net among many onlookers: every place has more readers than a firing lists, and each condition `M(p) ≥ w` is
/// shared. The onlookers can never fire, so nothing else changes.
fn crowded(mut net: Net) -> Net {
    let never = PlaceId(net.places.len() as u32);
    net.places.push(Place { name: "Never".into(), initial: 0, capacity: None, span: NOWHERE });
    let family = FamilyId(net.families.len() as u32);
    net.families.extend(["Count".to_string(), "Watch".to_string()]);
    for (n, servers) in [(70, Servers::Infinite), (9, Servers::Count(1))].into_iter().enumerate() {
        for i in 0..servers.0 {
            let name = format!("{}[{i}]", ["Count", "Watch"][n]);
            let timed = Timed {
                law: exponential(c(1.0)).into(),
                speed: None,
                memory: MemoryPolicy::Enabling,
                servers: servers.1,
                scope: Scope::Binding,
                renew: Renew::Tangible,
            };
            let weight = 1 + i % 3;
            let inputs = (0..PLACES as u32).map(PlaceId).map(|place| Arc { place, weight });
            net.transitions.push(Transition {
                stream: name.clone(),
                name,
                family: FamilyId(family.0 + n as u32),
                role: None,
                timing: Timing::Timed(timed),
                inputs: inputs.chain([Arc { place: never, weight: 1 }]).collect(),
                outputs: Vec::new(),
                tests: Vec::new(),
                inhibitors: Vec::new(),
                flushes: Vec::new(),
                guard: None,
                span: NOWHERE,
            });
        }
    }
    net
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn onlookers_change_nothing(net in nets().prop_map(crowded).prop_map(Short), seed in 0u64..1000) {
        compare(&net.0, seed, Ties::Stream, 200).map_err(|e| TestCaseError::fail(format!("{e} {net:?}")))?;
    }
}
