//! A copy of a path has a future of its own, with the same law as the future of the original.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::engine::{Options, Path};
use fivenines::experiment::{self, Overrides, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::program::{Program, compile};

/// The program of a net's text.
pub fn program(text: &str) -> Program {
    let files = Memory::new().with("net.ron", text);
    let (mut library, mut sources, mut diagnostics) =
        (Library::new(&files), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan("net.ron", &Overrides::default(), &mut reading);
    let plan = plan.unwrap_or_else(|| panic!("{diagnostics:?}"));
    compile(&plan.points[0].net).expect("not too large")
}

/// Jobs of every memory policy on machines that fail, of which some are shared, some slow; and a choice.
const JOBS: &str = r##"Net(
    places: { "Up": (tokens: 1), "Down": (), "Work": (tokens: 3), "Left": (), "Right": (), "Slow": (), "Fast": (tokens: 1) },
    transitions: {
        "Fail": Timed(delay: "Weibull(shape: 2, scale: 4 s)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Uniform(0.5 s, 1 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        "Resume": Timed(delay: "Uniform(1 s, 3 s)", memory: Age, test: {"Up": "1"}),
        "Repeat": Timed(delay: "Uniform(1 s, 3 s)", memory: Identical, test: {"Up": "1"}),
        "Anew": Timed(delay: "Uniform(1 s, 3 s)", test: {"Up": "1"}),
        "Always": Timed(delay: "Gamma(shape: 2.5, mean: 2 s)", memory: Resample),
        "Several": Timed(delay: "LogNormal(mean: 2 s, sigma: 0.4)", servers: Infinite, from: {"Work": "1"}, to: {"Left": "1"}),
        "Back": Timed(delay: "Triangular(1 s, 2 s, 4 s)", servers: 2, memory: Age, from: {"Left": "1"}, to: {"Right": "1"}, inhibit: {"Down": "1"}),
        "Choose": Immediate(weight: "1", from: {"Right": "1"}, to: {"Work": "1"}),
        "Other": Immediate(weight: "2", from: {"Right": "1"}, to: {"Work": "1"}),
        "Shift": Timed(delay: "Exponential(mean: 3 s)", from: {"Fast": "1"}, to: {"Slow": "1"}),
        "ShiftBack": Timed(delay: "2 s", from: {"Slow": "1"}, to: {"Fast": "1"}),
        "Paced": Timed(delay: "LogNormal(mean: 2 s, sigma: 0.3)", speed: "if #Slow >= 1 then 0.25 else 1", memory: Age, test: {"Up": "1"}),
        "Twin1": Timed(delay: "LogNormal(mean: 3 s, sigma: 0.5)", test: {"Up": "1"}),
        "Twin2": Timed(delay: "LogNormal(mean: 3 s, sigma: 0.5)", test: {"Up": "1"}),
    },
    up: { "service": "#Up >= 1" },
)"##;

/// In each of many paths: the firings of every transition within a while after a fork, on the original and on the
/// copy. Their means agree: |z| < 6 for each of 15 transitions, a false alarm in 3·10⁷ runs.
#[test]
fn a_copy_draws_what_is_left_of_each_clock_at_its_age() {
    let program = program(JOBS);
    let mut path = Path::new(&program, Options::default());
    let mut copy = Path::new(&program, Options::default());
    let count = program.transitions();
    let (mut sum, mut squares, mut total) = (vec![0.0; count], vec![0.0; count], vec![0.0; count]);
    let paths = 20_000;
    for replication in 0..paths {
        path.begin(1, replication).unwrap();
        path.run_until(5.3, &mut ()).unwrap();
        copy.fork(&path, 2, replication);
        let before = path.fired().to_vec();
        let marking = path.marking().to_vec();
        copy.run_until(6.5, &mut ()).unwrap();
        assert_eq!((path.now(), path.marking()), (5.3, &marking[..]), "the original stands still");
        path.run_until(6.5, &mut ()).unwrap();
        for i in 0..count {
            let difference = path.fired()[i] as f64 - copy.fired()[i] as f64;
            sum[i] += difference;
            squares[i] += difference * difference;
            total[i] += (path.fired()[i] - before[i]) as f64;
        }
    }
    for i in 0..count {
        let name = program.transition(fivenines::net::TransitionId(i as u32));
        assert!(total[i] > 500.0, "{name} fires too seldom to be judged");
        if name == "ShiftBack" {
            assert_eq!(squares[i], 0.0, "its delay is fixed, and longer than the while");
            continue;
        }
        assert!(squares[i] > 0.1 * total[i], "{name} has no future of its own");
        let z = sum[i] / squares[i].sqrt();
        assert!(z.abs() < 6.0, "{name}: z = {z}");
    }
}

#[test]
fn a_copy_without_a_new_future_goes_the_same_way() {
    let program = program(JOBS);
    let mut path = Path::new(&program, Options::default());
    path.begin(1, 0).unwrap();
    path.run_until(20.0, &mut ()).unwrap();
    let mut copy = path.clone();
    let mut ends = [&mut path, &mut copy].map(|path| {
        path.run_until(60.0, &mut ()).unwrap();
        let mut sums = vec![0.0; program.sums];
        path.take_sums(&mut sums);
        (sums, path.marking().to_vec(), path.fired().to_vec())
    });
    assert!(ends[0].2.iter().all(|&fired| fired > 0));
    let first = std::mem::take(&mut ends[0]);
    assert_eq!(first, ends[1]);
}
