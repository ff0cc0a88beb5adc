//! Laws against their own closed forms by independent routes; streams against independence.
//!
//! Statistical thresholds come from a false-alarm probability of 1e-6 for each comparison; the seeds are fixed.

use fivenines::dist::{Argument, Law, ParameterKind, forms};
use fivenines::rng::{Draw, Stream, StreamKey};

/// Samples of each goodness-of-fit test.
const N: usize = 20_000;

/// The distance of an empirical from the true distribution function that is exceeded with a probability of at most
/// 1e-6: Massart's bound 2·exp(−2nε²), which holds for every n and every law.
fn farthest(n: usize) -> f64 {
    (2e6_f64.ln() / (2.0 * n as f64)).sqrt()
}

fn number(value: f64) -> Argument {
    Argument::Scalar(value)
}

fn numbers(values: &[f64]) -> Argument {
    Argument::List(values.to_vec())
}

/// Builds a law by its written form.
fn made(name: &str, arguments: &[(&str, Argument)]) -> Result<Law, fivenines::dist::LawError> {
    let names: Vec<&str> = arguments.iter().map(|(name, _)| *name).collect();
    let form = forms()
        .iter()
        .find(|form| form.name == name && form.parameters.iter().map(|(name, _)| *name).collect::<Vec<_>>() == names);
    let form = form.unwrap_or_else(|| panic!("no form {name}{names:?}"));
    (form.build)(&arguments.iter().map(|(_, argument)| argument.clone()).collect::<Vec<_>>())
}

fn law(name: &str, arguments: &[(&str, Argument)]) -> Law {
    made(name, arguments).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn exponential(mean: f64) -> Law {
    law("Exponential", &[("mean", number(mean))])
}

/// Laws that have a density.
fn continuous() -> Vec<(&'static str, Law)> {
    let two =
        |name: &str, a: &'static str, x: f64, b: &'static str, y: f64| law(name, &[(a, number(x)), (b, number(y))]);
    let uniform = two("Uniform", "low", 30.0, "high", 300.0);
    let gamma = two("Gamma", "shape", 3.5, "scale", 20.0);
    let mixture = numbers(&[1.0, 0.0, 3.0]);
    vec![
        ("exponential", exponential(7.0)),
        ("uniform", uniform.clone()),
        ("lognormal", two("LogNormal", "mean", 2208.0 * 3600.0, "sigma", 0.4)),
        ("wide lognormal", two("LogNormal", "mu", 1.0, "sigma", 1.5)),
        ("Weibull", two("Weibull", "shape", 2.5, "scale", 1000.0)),
        ("flat Weibull", two("Weibull", "shape", 0.6, "scale", 10.0)),
        ("gamma", gamma.clone()),
        ("flat gamma", two("Gamma", "shape", 0.4, "mean", 5.0)),
        ("steep gamma", two("Gamma", "shape", 400.0, "mean", 5.0)),
        ("Erlang", two("Erlang", "stages", 4.0, "mean", 12.0)),
        ("hypoexponential", law("Hypoexponential", &[("means", numbers(&[1.0, 5.0, 5.0, 0.01]))])),
        ("hyperexponential", hyperexponential()),
        ("triangular", triangular(10.0, 25.0, 100.0)),
        ("rising triangular", triangular(0.0, 4.0, 4.0)),
        ("falling triangular", triangular(3.0, 3.0, 4.0)),
        ("truncated normal", two("TruncatedNormal", "mean", -1.0, "sd", 2.0)),
        ("normal on an interval", between(10.0, 3.0, 11.0, 20.0)),
        ("log-logistic", two("LogLogistic", "scale", 8.0, "shape", 9.0)),
        ("Pareto", two("Pareto", "scale", 2.0, "shape", 9.0)),
        ("shifted", law("Shifted", &[("offset", number(100.0)), ("law", Argument::Law(gamma.clone()))])),
        (
            "mixed",
            law("Mixed", &[("weights", mixture), ("laws", Argument::Laws(vec![gamma, exponential(1.0), uniform]))]),
        ),
    ]
}

fn hyperexponential() -> Law {
    law("Hyperexponential", &[("probabilities", numbers(&[0.9, 0.1])), ("rates", numbers(&[1.0, 0.01]))])
}

fn triangular(low: f64, mode: f64, high: f64) -> Law {
    law("Triangular", &[("low", number(low)), ("mode", number(mode)), ("high", number(high))])
}

fn between(mean: f64, sd: f64, low: f64, high: f64) -> Law {
    let ends = [("low", number(low)), ("high", number(high))];
    law("TruncatedNormal", &[&[("mean", number(mean)), ("sd", number(sd))], &ends[..]].concat())
}

/// Laws with values of positive probability.
fn atomic() -> Vec<(&'static str, Law)> {
    let fixed = law("Deterministic", &[("value", number(5.0))]);
    let sample = law("Empirical", &[("sample", numbers(&[3.0, 1.0, 4.0, 1.0, 5.0]))]);
    let laws = Argument::Laws(vec![fixed.clone(), exponential(5.0), sample.clone()]);
    vec![
        ("deterministic", fixed.clone()),
        ("empirical", sample.clone()),
        ("shifted sample", law("Shifted", &[("offset", number(0.5)), ("law", Argument::Law(sample))])),
        ("mixed with atoms", law("Mixed", &[("weights", numbers(&[0.2, 0.5, 0.3])), ("laws", laws)])),
    ]
}

fn all() -> Vec<(&'static str, Law)> {
    continuous().into_iter().chain(atomic()).collect()
}

fn stream(name: &str) -> Stream {
    StreamKey::of(name).stream(20_240_601, 0)
}

/// `n` values, each from a draw of its own.
fn drawn(name: &str, n: usize, mut one: impl FnMut(&mut Draw) -> f64) -> Vec<f64> {
    let mut stream = stream(name);
    (0..n).map(|_| one(&mut stream.draw())).collect()
}

/// Kolmogorov and Smirnov's distance of a sample from a distribution function, atoms included.
fn distance(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let gaps = sample.iter().enumerate().map(|(i, &x)| {
        let last = sample.get(i + 1) != Some(&x);
        let above = if last { (i + 1) as f64 / n - cdf(x) } else { 0.0 };
        let first = i == 0 || sample[i - 1] != x;
        let below = if first { cdf(x.next_down()) - i as f64 / n } else { 0.0 };
        above.max(below)
    });
    gaps.fold(0.0, f64::max)
}

#[test]
fn samples_follow_the_distribution_function() {
    for (name, law) in all() {
        let sample = drawn(name, N, |draw| law.sample(draw));
        assert!(sample.iter().all(|x| x.is_finite() && *x >= 0.0), "{name}");
        let distance = distance(sample, |x| law.cdf(x));
        assert!(distance < farthest(N), "{name}: {distance}");
    }
}

#[test]
fn every_form_of_the_catalogue_is_among_the_laws_that_are_tested() {
    let kinds: Vec<_> = all().iter().map(|(_, law)| std::mem::discriminant(law)).collect();
    for form in forms() {
        let law = (form.build)(&fine(form.parameters)).unwrap_or_else(|error| panic!("{form:?}: {error}"));
        assert!(kinds.contains(&std::mem::discriminant(&law)), "{form:?} makes a law that isn't tested: {law:?}");
    }
}

/// What the parameters mean, by values that a textbook gives at once.
#[test]
fn parameters_mean_what_the_textbooks_say() {
    let laws = all();
    let of = |wanted: &str| &laws.iter().find(|(name, _)| *name == wanted).unwrap_or_else(|| panic!("{wanted}")).1;
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} for {b}");
    close(of("exponential").survival(7.0), (-1f64).exp());
    close(of("uniform").cdf(57.0), 0.1);
    close(of("Weibull").survival(1000.0), (-1f64).exp());
    close(of("Weibull").survival(2000.0), (-2f64.powf(2.5)).exp());
    close(of("log-logistic").survival(8.0), 0.5);
    close(of("log-logistic").survival(16.0), 1.0 / 513.0);
    close(of("Pareto").survival(4.0), 1.0 / 512.0);
    close(of("triangular").cdf(25.0), 1.0 / 6.0);
    close(of("hyperexponential").survival(3.0), 0.9 * (-3f64).exp() + 0.1 * (-0.03f64).exp());
    close(of("shifted").survival(150.0), of("gamma").survival(50.0));
    close(of("mixed").survival(50.0), 0.25 * of("gamma").survival(50.0) + 0.75 * of("uniform").survival(50.0));
    close(of("empirical").cdf(1.0), 0.4);
    close(of("empirical").survival(3.0), 0.4);
    let life = 2208.0 * 3600.0;
    close(of("lognormal").quantile(0.5), life * (-0.08f64).exp());
    for (name, mean, variance) in [
        ("lognormal", life, life * life * 0.16f64.exp_m1()),
        ("gamma", 70.0, 1400.0),
        ("flat gamma", 5.0, 62.5),
        ("Erlang", 12.0, 36.0),
        ("hypoexponential", 11.01, 51.0001),
        ("triangular", 45.0, 387.5),
    ] {
        close(of(name).mean(), mean);
        close(of(name).variance(), variance);
    }
    // A truncated normal law is the normal law's density, scaled, between its ends.
    let ratio = |name: &str, x: f64, y: f64| match (of(name).density(x), of(name).density(y)) {
        (Some(x), Some(y)) => x / y,
        _ => f64::NAN,
    };
    close(ratio("truncated normal", 0.5, 3.0), ((16.0 - 2.25) / 8f64).exp());
    close(ratio("normal on an interval", 11.5, 14.0), ((16.0 - 2.25) / 18f64).exp());
    assert_eq!((of("normal on an interval").cdf(11.0), of("normal on an interval").survival(20.0)), (0.0, 0.0));
}

#[test]
fn the_goodness_of_fit_test_sees_a_small_error() {
    let sample = drawn("power", N, |draw| exponential(7.0).sample(draw));
    assert!(distance(sample, |x| exponential(7.6).cdf(x)) > farthest(N));
}

/// Gauss and Legendre's rule of five points on 40 panels, equal on a logarithmic scale where the interval is wide.
fn integral(f: &dyn Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    const PANELS: i32 = 40;
    const NODES: [(f64, f64); 3] = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let wide = a > 0.0 && b > 2.0 * a;
    let (from, to) = if wide { (a.ln(), b.ln()) } else { (a, b) };
    let g = |t: f64| if wide { f(t.exp()) * t.exp() } else { f(t) };
    let half = (to - from) / f64::from(PANELS) / 2.0;
    let panel = |k: i32| {
        let middle = from + f64::from(2 * k + 1) * half;
        let sides =
            NODES[1..].iter().map(|(node, weight)| weight * (g(middle - node * half) + g(middle + node * half)));
        half * (NODES[0].1 * g(middle) + sides.sum::<f64>())
    };
    (0..PANELS).map(panel).sum()
}

/// Where a density of the laws above has a kink or a jump.
const KINKS: [f64; 7] = [3.0, 4.0, 11.0, 20.0, 25.0, 30.0, 300.0];

/// Quantiles that cut the law into pieces, far into both tails.
fn cuts(law: &Law) -> Vec<f64> {
    let lower = (1..=12).rev().map(|k| 10f64.powi(-k));
    let middle = (2..=9).map(|k| f64::from(k) / 10.0);
    let upper = (2..=13).map(|k| 1.0 - 10f64.powi(-k));
    let mut cuts: Vec<f64> = lower.chain(middle).chain(upper).map(|p| law.quantile(p)).collect();
    let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
    cuts.extend(KINKS.iter().filter(|kink| **kink > first && **kink < last));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    cuts
}

#[test]
fn the_density_integrates_to_the_distribution_function() {
    for (name, law) in continuous() {
        let density = |x: f64| law.density(x).expect("a density");
        for pair in cuts(&law).windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let expected = if law.cdf(b) < 0.5 { law.cdf(b) - law.cdf(a) } else { law.survival(a) - law.survival(b) };
            let found = integral(&density, a, b);
            // Far out the cuts themselves are few bits apart, or the law has a kink in the piece.
            let tolerance = 1e-7 * expected.abs() + 1e-16;
            assert!((found - expected).abs() <= tolerance, "{name} on [{a}, {b}]: {found} for {expected}");
        }
    }
}

#[test]
fn distribution_function_and_survival_add_up_and_end_properly() {
    for (name, law) in all() {
        for x in cuts(&law).into_iter().chain([0.0, 1e-300, 1e9, 1e300]) {
            let (cdf, survival) = (law.cdf(x), law.survival(x));
            assert!((0.0..=1.0).contains(&cdf) && (0.0..=1.0).contains(&survival), "{name} at {x}: {cdf}, {survival}");
            assert!((cdf + survival - 1.0).abs() < 1e-14, "{name} at {x}: {cdf} + {survival}");
            let log = law.log_survival(x);
            assert!((log.exp() - survival).abs() <= 1e-12 * survival, "{name} at {x}: ln {survival} is {log}");
        }
        assert_eq!((law.cdf(-1.0), law.survival(-1.0)), (0.0, 1.0), "{name}");
        assert!(law.cdf(f64::INFINITY) > 1.0 - 1e-15 && law.survival(f64::INFINITY) == 0.0, "{name}");
        assert_eq!(law.log_survival(f64::INFINITY), f64::NEG_INFINITY, "{name}");
        assert!(law.density(-1.0).is_none_or(|density| density == 0.0), "{name}");
    }
}

#[test]
fn the_quantile_inverts_the_distribution_function() {
    let deep = (1..=15).flat_map(|k| [10f64.powi(-k), 1.0 - 10f64.powi(-k)]);
    let probabilities: Vec<f64> = deep.chain((1..100).map(|k| f64::from(k) / 100.0)).collect();
    for (name, law) in continuous() {
        for &p in &probabilities {
            let x = law.quantile(p);
            let off = if p < 0.5 { law.cdf(x) / p - 1.0 } else { law.survival(x) / (1.0 - p) - 1.0 };
            // A quantile is a rounded number: near a lower end that isn't 0 that costs digits of a tiny probability.
            // So does a lower tail that is a difference of probabilities of the law that was cut.
            let rounding = (law.density(x).expect("a density") * x + 1.0) * f64::EPSILON / p.min(1.0 - p);
            assert!(off.abs() < 1e-10 + 8.0 * rounding, "{name} at {p}: {x}, off by {off}");
        }
    }
    for (name, law) in atomic() {
        for &p in &probabilities {
            let x = law.quantile(p);
            assert!(law.cdf(x.next_up()) >= p - 1e-15, "{name} at {p}: {x}");
            assert!(x == 0.0 || law.cdf(x.next_down().next_down()) < p + 1e-15, "{name} at {p}: {x}");
        }
    }
}

#[test]
fn quantiles_end_where_the_law_ends() {
    for (name, law) in all() {
        assert_eq!(law.quantile(0.0), 0.0, "{name}");
        assert_eq!(law.quantile(-1.0), 0.0, "{name}");
        assert!(law.quantile(f64::NAN).is_nan(), "{name}");
        let end = law.quantile(1.0);
        assert!(law.cdf(end) > 1.0 - 1e-15, "{name}");
        assert!(end == f64::INFINITY || law.survival(end.next_down().next_down()) > 0.0, "{name}: {end}");
    }
}

#[test]
fn mean_and_variance_are_those_of_the_distribution_function() {
    for (name, law) in continuous() {
        let mean = law.mean();
        let mut ends = cuts(&law);
        ends.insert(0, 0.0);
        ends.push(law.quantile(1.0 - 1e-15).max(law.quantile(1.0 - 1e-13) + 1e-9));
        let over = |f: &dyn Fn(f64) -> f64| ends.windows(2).map(|pair| integral(f, pair[0], pair[1])).sum::<f64>();
        let first = over(&|x| law.survival(x));
        assert!((first / mean - 1.0).abs() < 1e-6, "{name}: mean {mean}, integral {first}");
        // E(X − m)² = m² + ∫ 2(x − m)·P(X > x) dx.
        let second = mean * mean + over(&|x| 2.0 * (x - mean) * law.survival(x));
        assert!((second / law.variance() - 1.0).abs() < 1e-5, "{name}: {} by integral {second}", law.variance());
    }
}

#[test]
fn moments_of_laws_with_atoms() {
    let expected = [(5.0, 0.0), (2.8, 2.56), (3.3, 2.56), (0.2 * 5.0 + 0.5 * 5.0 + 0.3 * 2.8, 14.2844)];
    for ((name, law), (mean, variance)) in atomic().into_iter().zip(expected) {
        assert!((law.mean() - mean).abs() < 1e-14, "{name}: {}", law.mean());
        assert!((law.variance() - variance).abs() < 1e-12, "{name}: {}", law.variance());
        assert_eq!(law.density(1.0), None, "{name}");
    }
}

#[test]
fn written_forms_of_one_law_agree() {
    let two =
        |name: &str, a: &'static str, x: f64, b: &'static str, y: f64| law(name, &[(a, number(x)), (b, number(y))]);
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-13, "{a} for {b}");
    let lognormal = two("LogNormal", "mean", 100.0, "variance", 2500.0);
    close(lognormal.mean(), 100.0);
    close(lognormal.variance(), 2500.0);
    assert_eq!(law("Exponential", &[("rate", number(0.25))]), exponential(4.0));
    assert_eq!(two("Erlang", "stages", 3.0, "rate", 0.5), two("Gamma", "shape", 3.0, "scale", 2.0));
    assert_eq!(two("Erlang", "stages", 3.0, "mean", 6.0), two("Gamma", "shape", 3.0, "mean", 6.0));
    for memoryless in [
        two("Erlang", "stages", 1.0, "mean", 4.0),
        two("Gamma", "shape", 1.0, "scale", 4.0),
        two("Weibull", "shape", 1.0, "scale", 4.0),
        law("Hypoexponential", &[("rates", numbers(&[0.25]))]),
        law("Hyperexponential", &[("probabilities", numbers(&[1.0])), ("means", numbers(&[4.0]))]),
        law("Shifted", &[("offset", number(0.0)), ("law", Argument::Law(exponential(4.0)))]),
        law("Mixed", &[("weights", numbers(&[3.0])), ("laws", Argument::Laws(vec![exponential(4.0)]))]),
    ] {
        assert!(memoryless.is_exponential());
        assert_eq!(memoryless, exponential(4.0));
    }
    assert!(all().iter().filter(|(_, law)| law.is_exponential()).count() == 1);
}

/// The law of what remains, from its definition.
fn remains(law: &Law, age: f64, x: f64) -> f64 {
    law.survival(age + x) / law.survival(age)
}

#[test]
fn the_residual_law_is_the_law_of_what_a_survivor_has_left() {
    let n = 4_000;
    for (name, law) in all() {
        for p in [0.05, 0.5, 0.75] {
            // No round number, so that age + x doesn't fall beside an atom.
            let age = 0.5 * law.quantile(p) + 0.123;
            if law.survival(age) < 0.1 {
                continue;
            }
            let cdf = |x: f64| if x < 0.0 { 0.0 } else { 1.0 - law.residual_survival(age, x) };
            for q in [0.01, 0.3, 0.7, 0.99] {
                let x = 0.77 * law.quantile(q);
                let (found, expected) = (law.residual_survival(age, x), remains(&law, age, x));
                assert!((found - expected).abs() < 1e-12, "{name} at age {age}, {x}: {found} for {expected}");
            }
            let direct = drawn(name, n, |draw| law.sample_residual(age, draw));
            assert!(direct.iter().all(|x| x.is_finite() && *x >= 0.0), "{name} at age {age}");
            let found = distance(direct, cdf);
            assert!(found < farthest(n), "{name} at age {age}: {found}");
            let survivors: Vec<f64> = drawn(name, 3 * N, |draw| law.sample(draw) - age);
            let survivors: Vec<f64> = survivors.into_iter().filter(|x| *x > 0.0).collect();
            let (n, found) = (survivors.len(), distance(survivors, cdf));
            assert!(found < farthest(n) + 1e-9, "{name} at age {age} by rejection: {found}");
        }
    }
}

#[test]
fn residual_laws_hold_far_in_the_tail() {
    let n = 1_000;
    for (name, law) in continuous().into_iter().filter(|(_, law)| law.quantile(1.0) == f64::INFINITY) {
        assert_eq!(law.sample_residual(f64::INFINITY, &mut stream(name).draw()), 0.0, "{name}");
        assert_eq!(law.residual_survival(f64::INFINITY, 0.0), 0.0, "{name}");
        for age in [law.quantile(1.0 - 1e-12), 10.0 * law.quantile(1.0 - 1e-12), 1e4 * law.mean()] {
            let sample = drawn(name, n, |draw| law.sample_residual(age, draw));
            assert!(sample.iter().all(|x| x.is_finite() && *x >= 0.0), "{name} at age {age}");
            assert!(sample.iter().any(|x| *x > 0.0), "{name} at age {age}");
            // age + x rounds where what remains is far shorter than the age.
            let found = distance(sample, |x| if x < 0.0 { 0.0 } else { 1.0 - law.residual_survival(age, x) });
            assert!(found < farthest(n) + 0.01, "{name} at age {age}: {found}");
        }
    }
}

#[test]
fn the_residual_of_a_law_with_an_end_ends_there() {
    for (name, law) in all().into_iter().filter(|(_, law)| law.quantile(1.0) < f64::INFINITY) {
        let end = law.quantile(1.0);
        for age in [end, end.next_up(), 2.0 * end, 1e300, f64::INFINITY] {
            assert_eq!(law.sample_residual(age, &mut stream(name).draw()), 0.0, "{name} at {age}");
            assert_eq!(law.residual_survival(age, 0.0), 0.0, "{name} at {age}");
        }
        let nearly = end.next_down();
        let left = law.sample_residual(nearly, &mut stream(name).draw());
        assert!((0.0..=1e-9).contains(&left), "{name}: {left}");
    }
}

#[test]
fn a_clock_without_age_follows_the_law_itself() {
    for (name, law) in all() {
        for age in [0.0, -1.0, f64::NAN] {
            let fresh = law.sample(&mut stream(name).draw());
            assert_eq!(law.sample_residual(age, &mut stream(name).draw()), fresh, "{name}");
            assert_eq!(law.residual_survival(age, 2.0), law.survival(2.0), "{name}");
        }
        assert_eq!(law.residual_survival(1.0, -1.0), 1.0, "{name}");
    }
}

#[test]
fn tails_against_closed_sums() {
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 2e-12, "{a} for {b}");
    // An Erlang law of k stages survives as long as fewer than k points of a Poisson process fall.
    let poisson = |k: i32, x: f64| {
        (0..k).map(|n| (f64::from(n) * x.ln() - x - (1..=n).map(|m| f64::from(m).ln()).sum::<f64>()).exp()).sum::<f64>()
    };
    for (k, x) in [(2, 0.01), (3, 50.0), (4, 5.0), (4, 300.0), (30, 35.0), (30, 100.0), (30, 600.0)] {
        let erlang = law("Gamma", &[("shape", number(f64::from(k))), ("scale", number(1.0))]);
        close(erlang.survival(x), poisson(k, x));
        let stages = law("Hypoexponential", &[("means", numbers(&vec![1.0; k as usize]))]);
        close(stages.survival(x), poisson(k, x));
        close(stages.cdf(1e-3 * x), erlang.cdf(1e-3 * x));
    }
    // Two stages of different rates, by the textbook's difference.
    let two = law("Hypoexponential", &[("rates", numbers(&[1e6, 0.5]))]);
    close(two.survival(3.0), (1e6 * (-1.5f64).exp()) / (1e6 - 0.5));
    close(two.cdf(1e-9), 1e6 * 0.5 * 1e-18 / 2.0 * (1.0 - (1e6 + 0.5) * 1e-9 / 3.0 + 1e-6 / 12.0 - 1e-9 / 60.0));
    // Upper tail of the normal law (Abramowitz and Stegun, table 26.2).
    let standard = law("LogNormal", &[("mu", number(0.0)), ("sigma", number(1.0))]);
    assert!((standard.survival(5f64.exp()) / 2.866_515_718_8e-7 - 1.0).abs() < 1e-10);
    assert!((standard.survival(10f64.exp()) / 7.619_853_024_2e-24 - 1.0).abs() < 1e-10);
    assert!((-standard.log_survival(100f64.exp()) / 10f64.ln() - 2_173.871_54).abs() < 1e-5);
    assert!((standard.quantile(0.975).ln() - 1.959_963_984_540_054).abs() < 1e-14);
    assert!((standard.quantile(1e-12).ln() + 7.034_483_825_301_132).abs() < 1e-12);
}

#[test]
fn extreme_but_legal_parameters_stay_finite() {
    let extremes = [
        law("Exponential", &[("mean", number(1e100))]),
        law("Exponential", &[("rate", number(1e100))]),
        law("LogNormal", &[("mean", number(1.0)), ("sigma", number(18.0))]),
        law("LogNormal", &[("mu", number(-230.0)), ("sigma", number(1e-9))]),
        law("Weibull", &[("shape", number(0.02)), ("scale", number(1e100))]),
        law("Weibull", &[("shape", number(1e4)), ("scale", number(1e-100))]),
        law("Gamma", &[("shape", number(1e-3)), ("scale", number(1e100))]),
        law("Gamma", &[("shape", number(1e6)), ("scale", number(1e-100))]),
        law("Hypoexponential", &[("means", numbers(&[1e100, 1e-100, 1.0]))]),
        law("Hypoexponential", &[("means", numbers(&[1.0; 100]))]),
        law("LogLogistic", &[("scale", number(1e100)), ("shape", number(1.0f64.next_up()))]),
        law("Pareto", &[("scale", number(1e100)), ("shape", number(1.0f64.next_up()))]),
        between(1e100, 1e-100, 0.0, 1e100),
        law("Uniform", &[("low", number(0.0)), ("high", number(1e100))]),
    ];
    for law in extremes {
        for x in drawn("extreme", 300, |draw| law.sample(draw)) {
            assert!(x.is_finite() && x >= 0.0, "{law:?}: {x}");
            assert!((0.0..=1.0).contains(&law.cdf(x)) && (0.0..=1.0).contains(&law.survival(x)), "{law:?} at {x}");
        }
        assert!(law.mean().is_finite() && law.variance() >= 0.0, "{law:?}: {} {}", law.mean(), law.variance());
        for age in [1e-90, 1.0, law.mean(), 1e99] {
            let left = law.sample_residual(age, &mut stream("age").draw());
            assert!(left.is_finite() && left >= 0.0, "{law:?} at {age}: {left}");
        }
    }
}

/// Arguments with which a form makes a law.
fn fine(parameters: &[(&str, ParameterKind)]) -> Vec<Argument> {
    let of = |name: &str, kind: &ParameterKind| match (name, kind) {
        ("probabilities" | "weights", _) => numbers(&[0.5, 0.5]),
        (_, ParameterKind::List(_)) => numbers(&[1.0, 3.0]),
        (_, ParameterKind::Law) => Argument::Law(exponential(1.0)),
        (_, ParameterKind::Laws) => Argument::Laws(vec![exponential(1.0), exponential(2.0)]),
        ("high", _) => number(9.0),
        ("mode" | "stages", _) => number(5.0),
        _ => number(2.0),
    };
    parameters.iter().map(|(name, kind)| of(name, kind)).collect()
}

#[test]
fn every_form_refuses_every_number_that_is_none() {
    for form in forms() {
        let fine = fine(form.parameters);
        assert!((form.build)(&fine).is_ok(), "{form:?}: {:?}", (form.build)(&fine));
        for (i, (name, _)) in form.parameters.iter().enumerate() {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308] {
                let mut arguments = fine.clone();
                match &mut arguments[i] {
                    Argument::Scalar(value) => *value = bad,
                    Argument::List(values) => values[1] = bad,
                    _ => continue,
                }
                let error = (form.build)(&arguments).expect_err(&format!("{form:?} with {name} = {bad}"));
                assert!(form.parameters.iter().any(|(name, _)| *name == error.parameter), "{form:?}: {error}");
            }
        }
    }
}

#[test]
fn arguments_of_the_wrong_kind_or_number_are_refused() {
    for form in forms() {
        let fine = fine(form.parameters);
        assert!((form.build)(&[]).is_err(), "{form:?}");
        assert!((form.build)(&fine[1..]).is_err(), "{form:?}");
        for i in 0..fine.len() {
            let mut arguments = fine.clone();
            arguments[i] = match &fine[i] {
                Argument::Scalar(_) => numbers(&[1.0]),
                _ => number(1.0),
            };
            assert!((form.build)(&arguments).is_err(), "{form:?}");
        }
    }
}

#[test]
fn impossible_parameters_are_refused_by_name() {
    let refused = |name: &str, arguments: &[(&str, Argument)], parameter: &str| {
        let error = made(name, arguments).expect_err(&format!("{name} {arguments:?}"));
        assert_eq!(error.parameter, parameter, "{name}: {error}");
        assert!(error.requirement.starts_with("must "), "{error}");
    };
    for (name, parameter, values) in [
        ("Exponential", "mean", &[0.0, -1.0, 1e101, 1e-101][..]),
        ("Exponential", "rate", &[0.0, -0.0, -1.0, 5e-324]),
        ("Deterministic", "value", &[-1e-9, -1.0]),
    ] {
        values.iter().for_each(|&value| refused(name, &[(parameter, number(value))], parameter));
    }
    for (name, first, x, second, y, wrong) in [
        ("Uniform", "low", -1.0, "high", 2.0, "low"),
        ("Uniform", "low", 2.0, "high", 2.0, "high"),
        ("Uniform", "low", 3.0, "high", 2.0, "high"),
        ("LogNormal", "mean", 0.0, "sigma", 1.0, "mean"),
        ("LogNormal", "mean", 1.0, "sigma", 0.0, "sigma"),
        ("LogNormal", "mean", 1.0, "sigma", -0.4, "sigma"),
        ("LogNormal", "mean", 1.0, "sigma", 30.0, "sigma"),
        ("LogNormal", "mu", 300.0, "sigma", 1.0, "mu"),
        ("LogNormal", "mean", 1.0, "variance", 0.0, "variance"),
        ("LogNormal", "mean", -1.0, "variance", 1.0, "mean"),
        ("Weibull", "shape", 0.0, "scale", 1.0, "shape"),
        ("Weibull", "shape", 2.0, "scale", 0.0, "scale"),
        ("Gamma", "shape", 0.0, "scale", 1.0, "shape"),
        ("Gamma", "shape", 2.0, "mean", -1.0, "mean"),
        ("Erlang", "stages", 2.5, "mean", 1.0, "stages"),
        ("Erlang", "stages", 0.0, "mean", 1.0, "stages"),
        ("Erlang", "stages", 2.0, "rate", 0.0, "rate"),
        ("TruncatedNormal", "mean", 1.0, "sd", 0.0, "sd"),
        ("TruncatedNormal", "mean", -100.0, "sd", 1.0, "mean"),
        ("LogLogistic", "scale", 1.0, "shape", 1.0, "shape"),
        ("LogLogistic", "scale", 0.0, "shape", 2.0, "scale"),
        ("Pareto", "scale", 1.0, "shape", 1.0, "shape"),
        ("Pareto", "scale", -1.0, "shape", 2.0, "scale"),
    ] {
        refused(name, &[(first, number(x)), (second, number(y))], wrong);
    }
    for (low, mode, high, wrong) in [(5.0, 5.0, 5.0, "high"), (2.0, 1.0, 3.0, "mode"), (2.0, 4.0, 3.0, "mode")] {
        refused("Triangular", &[("low", number(low)), ("mode", number(mode)), ("high", number(high))], wrong);
    }
}

#[test]
fn impossible_lists_are_refused_by_name() {
    let refused = |name: &str, arguments: &[(&str, Argument)], parameter: &str| {
        let error = made(name, arguments).expect_err(&format!("{name} {arguments:?}"));
        assert_eq!(error.parameter, parameter, "{name}: {error}");
    };
    refused("Hypoexponential", &[("means", numbers(&[]))], "means");
    refused("Hypoexponential", &[("means", numbers(&[1.0; 101]))], "means");
    refused("Hypoexponential", &[("rates", numbers(&[1.0, 0.0]))], "rates");
    refused("Empirical", &[("sample", numbers(&[]))], "sample");
    refused("Empirical", &[("sample", numbers(&[1.0, -1.0]))], "sample");
    refused("Empirical", &[("sample", numbers(&vec![1.0; 1_000_001]))], "sample");
    for (probabilities, means, wrong) in [
        (&[0.5, 0.4][..], &[1.0, 2.0][..], "probabilities"),
        (&[1.5, -0.5], &[1.0, 2.0], "probabilities"),
        (&[0.5, 0.5], &[1.0], "means"),
        (&[0.5, 0.5], &[1.0, 0.0], "means"),
        (&[0.0, 0.0], &[1.0, 1.0], "probabilities"),
    ] {
        let arguments = [("probabilities", numbers(probabilities)), ("means", numbers(means))];
        refused("Hyperexponential", &arguments, wrong);
    }
    let pair = Argument::Laws(vec![exponential(1.0), exponential(2.0)]);
    refused("Mixed", &[("weights", numbers(&[0.0, 0.0])), ("laws", pair.clone())], "weights");
    refused("Mixed", &[("weights", numbers(&[1.0])), ("laws", pair)], "laws");
    refused("Mixed", &[("weights", numbers(&[1.0])), ("laws", Argument::Laws(vec![]))], "laws");
    let mut deep = exponential(1.0);
    let shifted = |law: &Law| made("Shifted", &[("offset", number(1.0)), ("law", Argument::Law(law.clone()))]);
    let levels = std::iter::from_fn(|| shifted(&deep).ok().inspect(|law| deep = law.clone())).take(100).count();
    assert_eq!(levels, 15, "laws in laws end");
}

#[test]
fn the_catalogue_tells_its_forms_apart() {
    for (i, form) in forms().iter().enumerate() {
        for other in &forms()[..i] {
            let same = form.name == other.name && {
                let names = |f: &fivenines::dist::Form| f.parameters.iter().map(|(n, _)| *n).collect::<Vec<_>>();
                names(form) == names(other)
            };
            assert!(!same, "{form:?} twice");
        }
    }
}

/// Pearson's statistic of equally likely cells as a standard normal deviate (Wilson and Hilferty 1931: its cube root
/// is nearly normal, at 255 and more degrees of freedom very nearly).
fn unevenness(cells: &[u32]) -> f64 {
    let expected = cells.iter().sum::<u32>() as f64 / cells.len() as f64;
    let statistic: f64 = cells.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    let freedom = (cells.len() - 1) as f64;
    let share = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - 1.0 + share) / share.sqrt()
}

/// Standard normal deviates exceed this in either direction with a probability of 1e-6.
const FAR: f64 = 4.892;

fn first_words(n: u64, word: impl Fn(u64) -> u64) -> Vec<u64> {
    (0..n).map(word).collect()
}

/// First words of draws that differ in one part of the key only.
fn sequences() -> Vec<(&'static str, Vec<u64>)> {
    let n = 1 << 18;
    let key = StreamKey::of("Fail[1]");
    let mut one = key.stream(1, 0);
    let mut draw = key.stream(1, 0).draw();
    vec![
        ("draws of a stream", first_words(n, |_| 0).iter().map(|_| one.draw().bits()).collect()),
        ("words of a draw", first_words(n, |_| 0).iter().map(|_| draw.bits()).collect()),
        ("replications", first_words(n, |i| key.stream(1, i).draw().bits())),
        ("seeds", first_words(n, |i| key.stream(i, 0).draw().bits())),
        ("streams", first_words(n, |i| StreamKey::of(&format!("Fail[{i}]")).stream(1, 0).draw().bits())),
        ("seeds and replications", first_words(n, |i| key.stream(i & 511, i >> 9).draw().bits())),
    ]
}

#[test]
fn words_are_evenly_spread_in_every_direction_of_the_key() {
    for (name, words) in sequences() {
        for shift in [0, 8, 28, 56] {
            let mut cells = [0u32; 256];
            words.iter().for_each(|word| cells[(word >> shift) as usize & 255] += 1);
            let found = unevenness(&cells);
            assert!(found.abs() < FAR, "{name}, bits from {shift}: {found}");
        }
        let mut distinct = words.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), words.len(), "{name}: words repeat");
    }
}

#[test]
fn neighbouring_words_are_independent() {
    for (name, words) in sequences() {
        for lag in [1, 2, 3, 64, 512] {
            let mut cells = vec![0u32; 1 << 12];
            // Pairs that share no word.
            let pairs = words.windows(lag + 1).enumerate().filter(|(i, _)| (i / lag) % 2 == 0);
            pairs.for_each(|(_, w)| cells[((w[0] >> 58) << 6 | w[lag] >> 58) as usize] += 1);
            let found = unevenness(&cells);
            assert!(found.abs() < FAR, "{name}, lag {lag}: {found}");
            let uniform = |word: u64| (word >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
            let n = words.len() - lag;
            let products: f64 = words.windows(lag + 1).map(|w| uniform(w[0]) * uniform(w[lag])).sum();
            // The product of two independent centred uniforms has standard deviation 1/12.
            let correlation = 12.0 * products / (n as f64).sqrt();
            assert!(correlation.abs() < FAR, "{name}, lag {lag}: {correlation}");
        }
        let flips = words.windows(2).map(|w| (w[0] ^ w[1]).count_ones()).sum::<u32>();
        let n = (words.len() - 1) as f64;
        let off = (f64::from(flips) - 32.0 * n) / (16.0 * n).sqrt();
        assert!(off.abs() < FAR, "{name}: {off} standard deviations from half of the bits");
    }
}

#[test]
fn different_streams_are_independent_draw_by_draw() {
    let n = 1 << 18;
    let streams = [("Fail[1]", 1, 0), ("Fail[2]", 1, 0), ("Fail[1]", 2, 0), ("Fail[1]", 1, 1), ("x", 1 << 63, 7)];
    let words = |(name, seed, replication): (&str, u64, u64)| -> Vec<f64> {
        let mut stream = StreamKey::of(name).stream(seed, replication);
        (0..n).map(|_| stream.draw().uniform() - 0.5).collect()
    };
    let all: Vec<Vec<f64>> = streams.into_iter().map(words).collect();
    for (i, a) in all.iter().enumerate() {
        for b in &all[..i] {
            let product: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            let correlation = 12.0 * product / f64::from(n).sqrt();
            assert!(correlation.abs() < FAR, "{i}: {correlation}");
        }
        assert!(a.iter().all(|u| *u > -0.5 && *u < 0.5));
    }
}

#[test]
fn laws_stay_small() {
    assert!(std::mem::size_of::<Law>() <= 32, "{}", std::mem::size_of::<Law>());
}

#[test]
fn samples_are_pinned() {
    let pinned: Vec<String> =
        all().iter().map(|(name, law)| format!("{name}: {:?}", law.sample(&mut stream("pinned").draw()))).collect();
    insta::assert_snapshot!(pinned.join("\n"), @r"
    exponential: 0.1521956239453949
    uniform: 53.14294927844607
    lognormal: 6243046.282799011
    wide lognormal: 1.483163466481006
    Weibull: 216.23283889938887
    flat Weibull: 0.016937145134219702
    gamma: 50.01912063645307
    flat gamma: 1.9118827256584914
    steep gamma: 4.895583103605005
    Erlang: 8.839173326600138
    hypoexponential: 5.511302770029105
    hyperexponential: 0.6094713951399972
    triangular: 20.75707889681164
    rising triangular: 1.1710824186688666
    falling triangular: 3.043817290972697
    truncated normal: 1.2139405495313005
    normal on an interval: 13.32091082429695
    log-logistic: 6.1498536857341435
    Pareto: 2.0048374479186615
    shifted: 150.01912063645307
    mixed: 53.518392388901404
    deterministic: 5.0
    empirical: 1.0
    shifted sample: 1.5
    mixed with atoms: 5.0
    ");
}

#[test]
fn incomplete_gamma_functions_of_small_and_great_shapes() {
    // Shape, x, P and Q, computed with 50 digits.
    for (shape, x, below, above) in [
        (0.001, 1e-06, 0.9868481336940766, 0.013151866305923335),
        (0.001, 0.000999, 0.9936866535167344, 0.006313346483265611),
        (0.001, 0.0011, 0.9937822605436983, 0.006217739456301663),
        (0.4, 0.0004, 0.049285775494871197, 0.9507142245051288),
        (0.4, 0.3996, 0.7012316999088967, 0.2987683000911034),
        (0.4, 0.44000000000000006, 0.7213931303460649, 0.27860686965393516),
        (19.9, 0.019899999999999998, 7.654140862697759e-53, 1.0),
        (19.9, 19.8801, 0.5280442994632006, 0.4719557005367994),
        (19.9, 21.89, 0.6936579047489557, 0.3063420952510443),
    ] {
        let gamma = law("Gamma", &[("shape", number(shape)), ("scale", number(1.0))]);
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-13, "{shape}, {x}: {a} for {b}");
        close(gamma.cdf(x), below);
        close(gamma.survival(x), above);
    }
}
