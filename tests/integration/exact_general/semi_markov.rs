//! Every change of the marking renews all clocks: quadrature of the race against closed forms.

use super::{near, race};
use crate::exact::{measure, net, solved};
use fivenines::exact::{Limits, Process, solve};
use fivenines::program::{Program, compile};

fn model(name: &str) -> (fivenines::net::Net, Program) {
    let text = std::fs::read_to_string(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a model");
    let memory = fivenines::net::load::Memory::new().with("net.ron", text);
    let (mut sources, mut found) = Default::default();
    let net = fivenines::net::flatten(&memory, &mut sources, "net.ron", &[], &Default::default(), &mut found);
    let net = net.expect("a net");
    let program = compile(&net).expect("a program");
    (net, program)
}

/// 165 s of restart after E[min of six lognormals] = ∫ S(t)⁶ dt; with t = e^(μ + σz) the trapezoidal rule in z
/// converges exponentially; the constant is the same integral by tanh-sinh quadrature with 40 digits.
#[test]
fn the_monolith_to_ten_digits_of_its_unavailability() {
    let (net, program) = model("monolith.ron");
    let found = solve(&net, &program, &Limits::default(), &|_| false).expect("a solution");
    let sigma: f64 = 0.4;
    let mu = (2208.0 * 3600.0_f64).ln() - 0.5 * sigma * sigma;
    let step = 1.0 / 64.0;
    let survival = |z: f64| 0.5 * libm::erfc(z / 2f64.sqrt());
    let term = |z: f64| survival(z).powi(6) * sigma * (mu + sigma * z).exp();
    let mean: f64 = (-8000..1000).map(|i| step * term(f64::from(i) * step)).sum();
    let down = found.sums[Program::down(0)];
    near(down, 165.0 / (165.0 + mean));
    near(down, MONOLITH);
    near(found.first_failure[0], mean);
    near(found.sums[Program::failures(0)], 1.0 / (165.0 + mean));
    assert_eq!((found.process, found.states, found.parts), (Process::SemiMarkov, 2, 1));
    assert!(found.defect < 1e-12, "{}", found.defect);
}

const MONOLITH: f64 = 3.614_021_032_003_128e-5;

/// A unit fails after T and is repaired in R: E[R]/(E[T] + E[R]), whatever the laws.
#[test]
fn alternating_renewal_depends_on_the_means_only() {
    let laws = [
        ("LogNormal(mean: 100 h, sigma: 0.8)", 100.0),
        ("Erlang(stages: 3, mean: 100 h)", 100.0),
        ("100 h", 100.0),
        ("Uniform(50 h, 150 h)", 100.0),
        ("Pareto(scale: 1 h, shape: 1.01)", 101.0),
        ("Empirical([1 h, 1 h, 4 h])", 2.0),
        ("5 h + Weibull(shape: 2, scale: 1 h)", 5.0 + std::f64::consts::PI.sqrt() / 2.0),
        ("Mixed({0.25: 2 h, 0.75: Exponential(mean: 1 h)})", 1.25),
    ];
    for (law, mean) in laws {
        for (repair, down) in laws {
            let text = race(&[("Fail", law)], repair);
            let found = solved(&text).unwrap_or_else(|error| panic!("{error}"));
            near(found.sums[Program::down(0)], down / (down + mean));
            near(found.first_failure[0], mean * 3600.0);
        }
    }
}

#[test]
fn races_of_two_laws_have_their_closed_forms() {
    let two = |a: &str, b: &str| race(&[("A", a), ("B", b)], "1 s");
    let check = |a: &str, b: &str, first: f64, length: f64| {
        let text = two(a, b);
        near(measure(&text, "P A"), first);
        near(measure(&text, "P B"), 1.0 - first);
        near(measure(&text, "length"), length);
    };
    // Weibulls of one shape: the rates scale^(−shape) decide.
    let (k, a, b) = (1.7_f64, 3.0_f64, 5.0_f64);
    let (x, y) = (a.powf(-k), b.powf(-k));
    let mean = (x + y).powf(-1.0 / k) * libm::tgamma(1.0 + 1.0 / k);
    check("Weibull(shape: 1.7, scale: 3 s)", "Weibull(shape: 1.7, scale: 5 s)", x / (x + y), mean);
    // Uniform on [0, 2] and on [1, 4]: P(A first) = ½ + ½ (1 − 1/6), E[min] = ¾ + ∫₁² (2 − t)/2 (4 − t)/3 dt.
    check("Uniform(0 s, 2 s)", "Uniform(1 s, 4 s)", 0.5 + 0.5 * (1.0 - 1.0 / 6.0), 0.75 + 2.0 / 9.0);
    // A constant against an exponential.
    check("3 s", "Exponential(mean: 2 s)", (-1.5_f64).exp(), 2.0 * (1.0 - (-1.5_f64).exp()));
    // A constant between the values of a sample.
    check("3 s", "Empirical([1 s, 2 s, 5 s, 9 s])", 0.5, (1.0 + 2.0 + 3.0 + 3.0) / 4.0);
    // A constant within a uniform.
    check("3 s", "Uniform(2 s, 6 s)", 0.75, 0.75 * 3.0 + 0.25 * 2.5);
    // Erlang of two stages against an exponential: (μ/(λ + μ))².
    check("Erlang(stages: 2, mean: 2 s)", "Exponential(mean: 4 s)", 0.64, 4.0 * (1.0 - 0.64));
    // Gamma against an exponential: (1 + θλ)^(−shape).
    let first = 1.5_f64.powf(-0.3);
    check("Gamma(shape: 0.3, scale: 2 s)", "Exponential(mean: 4 s)", first, 4.0 * (1.0 - first));
    let first = (-2.0_f64).exp() * 1.5_f64.powf(-0.3);
    check("8 s + Gamma(shape: 0.3, scale: 2 s)", "Exponential(mean: 4 s)", first, 4.0 * (1.0 - first));
}

/// ∫ f(t) S(t) dt of Weibull laws (shape 1.5, scale 3 s) and (0.7, 5 s), and ∫ S S dt.
#[test]
fn weibulls_of_different_shapes_race() {
    let text = race(&[("A", "Weibull(shape: 1.5, scale: 3 s)"), ("B", "Weibull(shape: 0.7, scale: 5 s)")], "1 s");
    near(measure(&text, "P A"), 0.562_381_117_179_538);
    near(measure(&text, "length"), 1.737_211_520_589_988);
}

/// A clock of years wins against one of minutes once in 10¹⁴² races: ∫ f(t) S(t) dt.
#[test]
fn rare_wins_keep_their_digits() {
    let text = race(&[("A", "LogNormal(mean: 2208 h, sigma: 0.4)"), ("B", "Uniform(30 s, 300 s)")], "1 s");
    let (found, exact): (f64, f64) = (measure(&text, "P A"), 7.241_214_116_760_25e-143);
    assert!((found / exact - 1.0).abs() < 1e-10, "{found:e} instead of {exact:e}");
    near(measure(&text, "length"), 165.0);
    // An exponential of a century against minutes: 1 − (e^(−30x) − e^(−300x))/(270 x), x the rate.
    let text = race(&[("A", "Exponential(mean: 100 y)"), ("B", "Uniform(30 s, 300 s)")], "1 s");
    let x = 1.0 / (100.0 * 365.25 * 86_400.0);
    let series = x * 165.0 - x * x * (300f64.powi(3) - 30f64.powi(3)) / 270.0 / 6.0;
    near(measure(&text, "P A"), series);
}

/// Ties go to the least key of the stream (S13), which is asked of the simulator.
#[test]
fn ties_of_atoms_go_by_stream_key() {
    for (a, b) in [
        ("2 s", "2 s"),
        ("Empirical([1 s, 2 s])", "Empirical([1 s, 2 s, 3 s])"),
        ("2 s", "Mixed({0.5: 2 s, 0.5: 1 s})"),
    ] {
        let text = race(&[("A", a), ("B", b)], "1 s");
        let net = net(&text);
        let program = compile(&net).expect("a program");
        let mut path = fivenines::engine::Path::new(&program, Default::default());
        path.begin(3, 0).expect("a path");
        path.run_until(100_000.0, &mut ()).expect("a path");
        let fired = path.fired();
        let share = fired[0] as f64 / (fired[0] + fired[2]) as f64;
        let found = measure(&text, "P A");
        // At least 25 000 races: 5.3 standard errors of at most 0.0032 for a false alarm of 10⁻⁷.
        assert!((share - found).abs() <= 0.017, "{a} against {b}: {share} instead of {found}");
        assert!((found - found.round()).abs() < 1e-15 || found > 0.1 && found < 0.9);
    }
}

/// Several fresh clocks of one law, of which a flush forgets the losers: the least of five.
#[test]
fn several_servers_race_together() {
    let text = r##"
        places: { "Up": (tokens: 5), "Down": () },
        transitions: {
            "Fail": Timed(delay: "Uniform(0 s, 12 s)", servers: 5, from: {"Up": "1"}, to: {"Down": "1"}, flush: ["Up"]),
            "Repair": Timed(delay: "1 s", from: {"Down": "1"}, to: {"Up": "5"}),
        },
        up: { "service": "#Up > 0" },
    "##;
    near(solved(text).expect("a solution").first_failure[0], 2.0);
    let atoms = text.replace("Uniform(0 s, 12 s)", "Empirical([1 s, 2 s])");
    // All five at 2 s: 1/32.
    near(solved(&atoms).expect("a solution").first_failure[0], 1.0 + 1.0 / 32.0);
    let slow = text.replace(r##"servers: 5,"##, r##"servers: Infinite, speed: "0.5","##);
    near(solved(&slow).expect("a solution").first_failure[0], 4.0);
}

/// Parameters are those of the marking in which the clock starts.
#[test]
fn parameters_follow_the_marking() {
    let text = r##"
        places: { "A": (tokens: 1), "B": () },
        transitions: {
            "There": Timed(delay: "Uniform(0 s, 2 s * (1 + #B))", from: {"A": "1"}, to: {"B": "1"}),
            "Back": Timed(delay: "Uniform(0 s, 2 s * (1 + #B))", from: {"B": "1"}, to: {"A": "1"}),
        },
        up: { "a": "#A > 0" },
    "##;
    near(solved(text).expect("a solution").availability[0], 1.0 / 3.0);
}
