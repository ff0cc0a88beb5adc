//! A net for each rule of `SEMANTICS.md` whose exact answer differs from that of the reading the rule rejects.
//!
//! Nets are written in the language and run by the engine, as a user would. A test is named after its rule.
//! Times are dyadic where they are compared exactly. What is random is predicted draw by draw from the named stream
//! (S15), or, where the answer is a closed form, tested at a stated false-alarm probability with a fixed seed.

mod cells;
mod choices;
mod clocks;
mod completion;
mod experiments;
mod history;
mod index;
mod loops;
mod marking;
mod memory;
mod rewards;
mod speed;
mod streams;
mod ties;
mod timed;

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::dist::{Argument, Law, forms};
use fivenines::engine::{Fault, Observer, Options, Path};
use fivenines::net::load::Memory;
use fivenines::net::{Limits, Net, TransitionId, flatten};
use fivenines::program::{Formula, Program, compile};
use fivenines::rng::{Stream, StreamKey};

/// Seed of every path whose seed doesn't matter.
const SEED: u64 = 7;

/// The flat net of files in memory, the first one being the net itself; else the mistakes.
fn flat(files: &[(&str, &str)]) -> Result<Net, String> {
    let memory = files.iter().fold(Memory::new(), |memory, (path, text)| memory.with(*path, *text));
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let net = flatten(&memory, &mut sources, files[0].0, &[], &Limits::default(), &mut found);
    let told: Vec<String> = found.sorted().iter().map(|d| plain(d, &sources)).collect();
    net.ok_or_else(|| told.join("\n"))
}

/// A program from files in memory.
fn program_of(files: &[(&str, &str)]) -> Program {
    let net = flat(files).unwrap_or_else(|told| panic!("{told}"));
    compile(&net).unwrap_or_else(|error| panic!("{error}"))
}

/// A program from what stands inside of `Net(…)`.
fn program(inside: &str) -> Program {
    program_of(&[("net.ron", &format!("Net({inside})"))])
}

/// When which transition fired.
type Trace = Vec<(f64, String)>;

struct Recorder<'p> {
    program: &'p Program,
    trace: Trace,
}

impl Observer for Recorder<'_> {
    fn fired(&mut self, time: f64, transition: TransitionId, _: &[u32]) {
        self.trace.push((time, self.program.transition(transition).to_string()));
    }
}

/// A path up to `until`, and how it ended. The immediates of the initial marking are not told.
fn run(program: &Program, options: Options, seed: u64, until: f64) -> (Path<'_>, Trace, Result<(), Fault>) {
    let mut path = Path::new(program, options);
    let mut recorder = Recorder { program, trace: Vec::new() };
    let begun = path.begin(seed, 0);
    let ended = begun.and_then(|()| path.run_until(until, &mut recorder));
    (path, recorder.trace, ended)
}

/// The trace of a program up to `until`, which must be free of faults.
fn traced(program: &Program, seed: u64, until: f64) -> Trace {
    let (_, trace, ended) = run(program, Options::default(), seed, until);
    ended.unwrap_or_else(|fault| panic!("{fault}"));
    trace
}

/// The trace of a net.
fn trace(inside: &str, until: f64) -> Trace {
    traced(&program(inside), SEED, until)
}

/// What fired, in order.
fn names(inside: &str, until: f64) -> Vec<String> {
    trace(inside, until).into_iter().map(|(_, name)| name).collect()
}

/// The times at which a transition fires; `T` means all bindings of T.
fn times(inside: &str, transition: &str, until: f64) -> Vec<f64> {
    times_in(&trace(inside, until), transition)
}

/// The same, of a trace.
fn times_in(trace: &Trace, transition: &str) -> Vec<f64> {
    let fits = |name: &str| name.strip_prefix(transition).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
    trace.iter().filter(|(_, name)| fits(name)).map(|(time, _)| *time).collect()
}

/// Tokens of a place at the end of a path.
fn tokens(inside: &str, place: &str, until: f64) -> u32 {
    let program = program(inside);
    let (path, _, ended) = run(&program, Options::default(), SEED, until);
    ended.unwrap_or_else(|fault| panic!("{fault}"));
    let index = path.marking().len();
    let found = (0..index).find(|&i| program.place(fivenines::net::PlaceId(i as u32)) == place);
    path.marking()[found.unwrap_or_else(|| panic!("no place {place}"))]
}

/// The fault that ends a path.
fn fault(inside: &str, until: f64) -> Fault {
    run(&program(inside), Options::default(), SEED, until).2.expect_err("a fault")
}

/// What is found is what the rule says, and not what the reading that it rejects would give.
#[track_caller]
fn decides<T: PartialEq + std::fmt::Debug>(found: T, rule: T, other: T) {
    assert_ne!(rule, other, "the net doesn't tell the readings apart");
    assert_eq!(found, rule, "the other reading gives {other:?}");
}

/// The same for times that are sums of samples: equal but for rounding.
#[track_caller]
fn decides_nearly(found: &[f64], rule: &[f64], other: &[f64]) {
    assert!(!close(rule, other), "the net doesn't tell the readings apart: {rule:?}");
    assert!(close(found, rule), "found {found:?}, the rule gives {rule:?}, the other reading {other:?}");
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() <= 1e-9 * y.abs().max(1.0))
}

/// The stream of a canonical name on the first path of the usual seed.
fn stream(name: &str) -> Stream {
    StreamKey::of(name).stream(SEED, 0)
}

/// A law with plain parameters.
fn law(name: &str, parameters: &[(&str, f64)]) -> Law {
    let names = || parameters.iter().map(|(name, _)| *name);
    let form = forms().iter().find(|form| form.name == name && form.parameters.iter().map(|p| p.0).eq(names()));
    let arguments: Vec<Argument> = parameters.iter().map(|(_, value)| Argument::Scalar(*value)).collect();
    let form = form.unwrap_or_else(|| panic!("no form {name}{parameters:?}"));
    (form.build)(&arguments).unwrap_or_else(|error| panic!("{error}"))
}

/// The first samples of a law from the stream of a canonical name.
fn samples(law: &Law, name: &str, count: usize) -> Vec<f64> {
    let mut stream = stream(name);
    (0..count).map(|_| law.sample(&mut stream.draw())).collect()
}

/// The first value, the first two together, and so on.
fn cumulated(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let add = |total: &mut f64, value: f64| {
        *total += value;
        Some(*total)
    };
    values.into_iter().scan(0.0, add).collect()
}

/// What the measures of a net come to between two instants of one path.
fn measured(inside: &str, from: f64, to: f64) -> Vec<f64> {
    let program = program(inside);
    let sums = sums(&program, from, to);
    program.measures.iter().map(|measure| value(&measure.formula, &sums)).collect()
}

/// The sums that a path gathers between two instants.
fn sums(program: &Program, from: f64, to: f64) -> Vec<f64> {
    let mut path = Path::new(program, Options::default());
    let begun = path.begin(SEED, 0).and_then(|()| path.run_until(from, &mut ()));
    let mut before = vec![0.0; program.sums];
    path.take_sums(&mut before);
    begun.and_then(|()| path.run_until(to, &mut ())).unwrap_or_else(|fault| panic!("{fault}"));
    let mut sums = vec![0.0; program.sums];
    path.take_sums(&mut sums);
    sums
}

fn value(formula: &Formula, sums: &[f64]) -> f64 {
    let of = |f: &Formula| value(f, sums);
    match formula {
        Formula::Constant(x) => *x,
        Formula::Average(index) => sums[*index] / sums[Program::TIME],
        Formula::Negate(x) => -of(x),
        Formula::Add(x, y) => of(x) + of(y),
        Formula::Subtract(x, y) => of(x) - of(y),
        Formula::Multiply(x, y) => of(x) * of(y),
        Formula::Divide(x, y) => of(x) / of(y),
    }
}
