//! Known laws are found again from their samples, censored and not; figures of an independent implementation; and what
//! is said of samples that no law fits.

use fivenines::calibrate::bootstrap::bootstrap;
use fivenines::calibrate::family::{FAMILIES, Family, Frame};
use fivenines::calibrate::fit::{Fit, fit};
use fivenines::calibrate::goodness::distance;
use fivenines::calibrate::likelihood::Cells;
use fivenines::calibrate::written::{Value, Written};
use fivenines::calibrate::{
    Criterion, Observation, Sample, Settings, Verdict, Wanted, Watch, calibrate, findings, table,
};
use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::dist::Law;
use fivenines::report::calibration::Calibrated;
use fivenines::rng::StreamKey;

const GO_ON: fn() -> bool = || false;

/// Twice the log-likelihood that the data give away for knowing the truth exceeds this with a probability of 1e-6: the
/// quantiles of χ² (Wilks 1938), by the number of parameters.
const SURE: [f64; 6] = [0.0, 23.93, 27.63, 30.66, 33.38, 35.89];

fn drawn(law: &Law, count: usize, seed: u64) -> Vec<f64> {
    let mut stream = StreamKey::of("sample").stream(seed, 0);
    (0..count).map(|_| law.sample(&mut stream.draw())).collect()
}

fn sample(observations: Vec<Observation>, resolution: f64) -> Sample {
    Sample::new("x", observations, resolution).expect("a sample")
}

fn whole(values: &[f64]) -> Sample {
    sample(values.iter().map(|&x| Observation::exact(x)).collect(), 0.0)
}

/// Exact where the flag is set, else right-censored.
fn censored(values: &[(f64, bool)]) -> Sample {
    let seen =
        |&(x, ended): &(f64, bool)| if ended { Observation::exact(x) } else { Observation::between(x, f64::INFINITY) };
    sample(values.iter().map(seen).collect(), 0.0)
}

fn fitted(family: Family, sample: &Sample) -> Fit {
    let cells = Cells::new(sample);
    let frame = Frame::new(sample, &cells);
    fit(family, &family.starts(&frame), &cells, &frame, sample.len(), &GO_ON).expect("a fit")
}

/// Log-likelihood of densities: that of intervals without their width.
fn log_density(fit: &Fit, sample: &Sample) -> f64 {
    let exact = sample.observations.iter().filter(|seen| seen.is_exact()).count() as f64;
    fit.log_likelihood - exact * sample.step().ln()
}

#[track_caller]
fn close(found: f64, wanted: f64, tolerance: f64) {
    assert!((found / wanted - 1.0).abs() <= tolerance, "{found} instead of {wanted}");
}

fn number(value: f64) -> Value {
    Value::Number(value)
}

/// A law of each family.
fn truths() -> Vec<(Family, Written)> {
    let written = |name, parameters: &[(&'static str, Value)]| Written::new(name, parameters).expect("a law");
    let lognormal = |mu, sigma| written("LogNormal", &[("mu", number(mu)), ("sigma", number(sigma))]);
    let weibull = |shape, scale| written("Weibull", &[("shape", number(shape)), ("scale", number(scale))]);
    let gamma = |shape, mean| written("Gamma", &[("shape", number(shape)), ("mean", number(mean))]);
    let exponential = |mean| written("Exponential", &[("mean", number(mean))]);
    let shifted = |offset, law| written("Shifted", &[("offset", number(offset)), ("law", Value::Law(Box::new(law)))]);
    let numbers = |list: &[f64]| Value::Numbers(list.to_vec());
    vec![
        (Family::Exponential, exponential(0.02)),
        (Family::Uniform, written("Uniform", &[("low", number(30.0)), ("high", number(300.0))])),
        (Family::LogNormal, lognormal(15.8, 0.4)),
        (Family::Weibull, weibull(0.7, 100.0)),
        (Family::Gamma, gamma(3.0, 12.0)),
        (Family::Erlang, written("Erlang", &[("stages", number(4.0)), ("mean", number(8.0))])),
        (Family::Hypoexponential, written("Hypoexponential", &[("means", numbers(&[1.0, 3.0]))])),
        (
            Family::Hyperexponential,
            written("Hyperexponential", &[("probabilities", numbers(&[0.8, 0.2])), ("means", numbers(&[1.0, 20.0]))]),
        ),
        (
            Family::Triangular,
            written("Triangular", &[("low", number(2.0)), ("mode", number(3.0)), ("high", number(8.0))]),
        ),
        (Family::TruncatedNormal, written("TruncatedNormal", &[("mean", number(5.0)), ("sd", number(3.0))])),
        (Family::LogLogistic, written("LogLogistic", &[("scale", number(7.0)), ("shape", number(2.5))])),
        (Family::Pareto, written("Pareto", &[("scale", number(0.3)), ("shape", number(2.2))])),
        (Family::ShiftedExponential, shifted(3.0, exponential(0.5))),
        (Family::ShiftedLogNormal, shifted(1.0, lognormal(-1.0, 0.8))),
        (Family::ShiftedWeibull, shifted(0.2, weibull(1.5, 0.1))),
        (Family::ShiftedGamma, shifted(10.0, gamma(2.0, 5.0))),
        (
            Family::TwoLogNormals,
            written(
                "Mixed",
                &[
                    ("weights", numbers(&[0.7, 0.3])),
                    ("laws", Value::Laws(vec![lognormal(0.0, 0.2), lognormal(2.0, 0.3)])),
                ],
            ),
        ),
    ]
}

/// The likeliest law is likelier than the true one, and not by more than chance allows.
fn finds(family: Family, truth: &Written, sample: &Sample) {
    let found = fitted(family, sample);
    let gain = 2.0 * (found.log_likelihood - Cells::new(sample).log_likelihood(truth.law()));
    let (found, truth) = (found.written.text(), truth.text());
    assert!(gain > -1e-4, "{found} is less likely than {truth}, by {gain}");
    assert!(gain < SURE[family.parameters()], "{found} is likelier than {truth} by {gain}");
}

#[test]
fn each_law_is_found_again_from_whole_durations() {
    let truths = truths();
    assert_eq!(truths.iter().map(|(family, _)| *family).collect::<Vec<_>>(), FAMILIES);
    for (family, truth) in &truths {
        finds(*family, truth, &whole(&drawn(truth.law(), 250, 3)));
    }
}

#[test]
fn each_law_is_found_again_from_censored_durations() {
    for (family, truth) in &truths() {
        let limits = drawn(&Law::Exponential { mean: 2.0 * truth.law().mean() }, 250, 8);
        let values = drawn(truth.law(), 250, 5).into_iter().zip(limits);
        let seen: Vec<(f64, bool)> = values.map(|(value, limit)| (value.min(limit), value <= limit)).collect();
        assert!(seen.iter().filter(|(_, ended)| !ended).count() > 30);
        finds(*family, truth, &censored(&seen));
    }
}

#[test]
fn coarse_clocks_do_not_mislead() {
    let truth = Law::LogNormal { mu: 0.0, sigma: 0.5 };
    let rounded: Vec<f64> = drawn(&truth, 1000, 1).iter().map(|x| x.round()).collect();
    let seen = rounded.iter().map(|&x| Observation::exact(x)).collect();
    let numbers = fitted(Family::LogNormal, &sample(seen, 1.0)).written.numbers();
    // Five standard errors; without regard to the steps of 1 s mu would be off by 0.1.
    assert!(numbers[0].2.abs() < 5.0 * 0.5 / 1000.0_f64.sqrt() * 1.3, "{numbers:?}");
    assert!((numbers[1].2 - 0.5).abs() < 5.0 * 0.5 / 2000.0_f64.sqrt() * 1.5, "{numbers:?}");
}

/// By the product of spacings the truth is found again too: the statistic of Moran, −Σ ln of n + 1 spacings, less its
/// mean (n + 1)(ln(n + 1) + γ), has a standard deviation of √((n + 1)(π²/6 − 1)); a fit lowers it by a few units at most.
#[test]
fn each_law_is_found_again_by_the_product_of_spacings() {
    for (family, truth) in &truths() {
        // These begin where the sample does, whatever the criterion.
        if matches!(family, Family::Uniform | Family::Pareto) {
            continue;
        }
        let sample = whole(&drawn(truth.law(), 250, 11));
        let cells = Cells::sought(&sample, Criterion::Spacings);
        let frame = Frame::new(&sample, &Cells::new(&sample));
        let found = fit(*family, &family.starts(&frame), &cells, &frame, 250, &GO_ON).expect("a fit");
        let (moran, own) = (-cells.log_likelihood(found.written.law()), -cells.log_likelihood(truth.law()));
        assert!(moran < own + 1e-4, "{}: {moran} {own}", found.written.text());
        let (mean, deviation) = (251.0 * (251.0_f64.ln() + 0.577_215_664_9), (251.0 * 0.644_934_066_8_f64).sqrt());
        assert!((moran - mean).abs() < 5.0 * deviation + SURE[family.parameters()], "{family:?}: {moran} {mean}");
    }
    // The end h of a uniform law from 1 that makes (h − 9)/(h − 1)¹⁰ greatest is 89/9; the likelihood puts it upon 9.
    let sample = whole(&(1..=9).map(f64::from).collect::<Vec<_>>());
    let frame = Frame::new(&sample, &Cells::new(&sample));
    let cells = Cells::sought(&sample, Criterion::Spacings);
    let uniform = fit(Family::Uniform, &Family::Uniform.starts(&frame), &cells, &frame, 9, &GO_ON).expect("a fit");
    close(uniform.written.numbers()[1].2, 89.0 / 9.0, 1e-4);
}

/// Endurance of 23 ball bearings, millions of revolutions (Lieblein and Zelen 1956).
const BEARINGS: [f64; 23] = [
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.40, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64, 68.64, 68.88, 84.12,
    93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
];

/// By SciPy 1.17.1 (`scipy.stats.*.fit(floc=0)`, polished by `scipy.optimize.minimize`; `kstest`).
#[test]
fn whole_durations_give_the_figures_of_scipy() {
    let bearings = whole(&BEARINGS);
    let cases: [(Family, &[f64], f64, f64); 5] = [
        (Family::Exponential, &[72.22086772], -121.433_768_294_464_87, 0.306_805_814_085_381_77),
        (Family::LogNormal, &[4.150_383_5, 0.521_686_51], -113.128_554_330_220_14, 0.089_737_126_302_840_81),
        (Family::Weibull, &[2.101_846_89, 81.874_558_35], -113.691_959_087_690_07, 0.151_041_224_964_423_3),
        (Family::Gamma, &[4.024_706_49, 72.220_867], -113.029_818_839_703_07, 0.122_924_952_605_207),
        (Family::LogLogistic, &[63.994_711_85, 3.346_580_12], -113.373_011_796_018_58, 0.094_353_345_815_960_83),
    ];
    for (family, numbers, likelihood, greatest) in cases {
        let fit = fitted(family, &bearings);
        for ((_, _, found), wanted) in fit.written.numbers().iter().zip(numbers) {
            close(*found, *wanted, 2e-5);
        }
        assert!(
            (log_density(&fit, &bearings) - likelihood).abs() < 1e-6,
            "{family:?} {}",
            log_density(&fit, &bearings)
        );
        close(distance(&bearings, fit.written.law()).expect("whole").kolmogorov_smirnov, greatest, 1e-4);
    }
}

/// Remission times of Freireich et al. (1963): those that ended, and those that were lost.
fn remissions() -> Sample {
    let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|t| (f64::from(t), true));
    let lost = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|t| (f64::from(t), false));
    censored(&[&ended[..], &lost[..]].concat())
}

/// By lifelines 0.30.3 (`ExponentialFitter`, `WeibullFitter`, `LogNormalFitter`, `LogLogisticFitter`).
#[test]
fn right_censored_durations_give_the_figures_of_lifelines() {
    let cases: [(Family, &[f64], f64); 4] = [
        (Family::Exponential, &[39.888_867_227], -42.174_880_300),
        (Family::Weibull, &[1.353_731_553_6, 33.765_194_252], -41.658_678_477),
        (Family::LogNormal, &[3.203_068_273_4, 0.978_733_790_06], -40.680_155_871),
        (Family::LogLogistic, &[24.265_900_831, 1.683_962_260_6], -41.144_103_807),
    ];
    for (family, numbers, likelihood) in cases {
        let fit = fitted(family, &remissions());
        for ((_, _, found), wanted) in fit.written.numbers().iter().zip(numbers) {
            close(*found, *wanted, 2e-5);
        }
        assert!((log_density(&fit, &remissions()) - likelihood).abs() < 1e-6);
    }
}

/// By lifelines 0.30.3 (`fit_interval_censoring`, and `entry`).
#[test]
fn interval_censored_and_late_durations_give_the_figures_of_lifelines() {
    let low = [0.0, 0.0, 5.0, 5.0, 10.0, 10.0, 15.0, 20.0, 20.0, 30.0];
    let high = [5.0, 5.0, 10.0, 10.0, 15.0, 20.0, 20.0, 30.0, f64::INFINITY, f64::INFINITY];
    let between = low.iter().zip(high).map(|(&low, high)| Observation::between(low, high)).collect();
    let weibull = fitted(Family::Weibull, &sample(between, 0.0));
    assert!((weibull.log_likelihood + 16.455_929_549_8).abs() < 1e-6, "{}", weibull.log_likelihood);
    close(weibull.written.numbers()[1].2, 17.457_086_7, 1e-4);

    let entries = [2.0, 0.0, 3.0, 1.0, 0.0, 5.0, 4.0, 0.0, 2.0, 6.0];
    let ends = [(5, 1), (3, 1), (9, 1), (4, 1), (12, 0), (8, 1), (15, 0), (2, 1), (7, 1), (20, 1)];
    let ends: Vec<(f64, bool)> = ends.iter().map(|&(t, ended)| (f64::from(t), ended == 1)).collect();
    let mut late = censored(&ends);
    late.observations.iter_mut().zip(entries).for_each(|(seen, entry)| seen.entry = entry);
    close(fitted(Family::Exponential, &late).written.numbers()[0].2, 7.75, 1e-5);
    let weibull = fitted(Family::Weibull, &late);
    close(weibull.written.numbers()[0].2, 1.044_630_2, 1e-4);
    assert!((log_density(&weibull, &late) + 24.375_012_7).abs() < 1e-5);
}

/// Under a true law the chance that the bootstrap states is uniform: its mean over 60 samples lies within five standard
/// errors (a false alarm in 1.7 million runs), and at most 9 are 2 % or less (one in 3 million, as of Binomial(60, 2 %)).
#[test]
fn a_true_law_is_refuted_as_seldom_as_stated() {
    let truth = Law::LogNormal { mu: 0.0, sigma: 1.0 };
    let chance = |seed: u64| {
        let sample = whole(&drawn(&truth, 40, 100 + seed));
        let found = bootstrap(&sample, &fitted(Family::LogNormal, &sample), 49, seed, &Watch::silent(&GO_ON))
            .expect("not stopped");
        found.p_values.expect("whole").1
    };
    let chances: Vec<f64> = (0..60).map(chance).collect();
    let mean = chances.iter().sum::<f64>() / 60.0;
    assert!((mean - 0.5).abs() < 5.0 * (1.0_f64 / 12.0 / 60.0).sqrt(), "{mean}");
    assert!(chances.iter().filter(|chance| **chance <= 0.02).count() <= 9);
}

#[test]
fn a_sample_that_no_law_fits_is_a_law_itself() {
    let one = |i: usize| [1.0, 5.0, 30.0][i % 3] * (1.0 + 0.001 * (i as f64 * 0.618).fract());
    let values: Vec<f64> = (0..60).map(one).collect();
    let settings = Settings { replicates: 24, candidates: 1, ..Settings::default() };
    let calibration = calibrate(&whole(&values), &settings, &Watch::silent(&GO_ON)).expect("not stopped");
    assert!(matches!(calibration.verdict, Verdict::Empirical(_)), "{:?}", calibration.verdict);
    // What wasn't tested isn't said not to fit.
    let found = findings(vec![whole(&values)], &|_| Wanted::Best, &settings, &Watch::silent(&GO_ON)).expect("a law");
    let told = Calibrated { file: "x.csv", sha256: "", findings: &found }.text();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let verdict =
        "The likeliest law doesn't fit, and the others weren't tested (`--candidates`); use the empirical one";
    assert!(told.contains(verdict), "{told}");
    let same = calibrate(&whole(&[2.5; 7]), &settings, &Watch::silent(&GO_ON)).expect("not stopped");
    assert_eq!(same.law().expect("a law").text(), "Deterministic(value: 2.5 s)");
    assert_eq!(calibrate(&whole(&values), &settings, &Watch::silent(&|| true)), None);
}

#[test]
fn a_law_that_fits_is_named_with_intervals_that_hold_it() {
    let truth = Law::Weibull(match (truths()[3].1).law() {
        Law::Weibull(weibull) => weibull.clone(),
        other => panic!("{other:?}"),
    });
    let settings = Settings { replicates: 99, candidates: 3, ..Settings::default() };
    let calibration =
        calibrate(&whole(&drawn(&truth, 150, 2)), &settings, &Watch::silent(&GO_ON)).expect("not stopped");
    assert!(matches!(calibration.verdict, Verdict::Fits(_)), "{:?}", calibration.verdict);
    let weibull = calibration.laws.iter().find(|law| law.fit.family == Family::Weibull).expect("fitted");
    assert!(weibull.behind < 10.0);
    let parameters = weibull.parameters(0.99);
    let (low, high) = parameters[0].interval.expect("an interval");
    assert!(low < 0.7 && 0.7 < high, "{parameters:?}");
}

fn read(text: &str, reading: &table::Reading) -> Result<Vec<Sample>, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("times.csv", text);
    let samples = table::samples(text, source, reading, &mut diagnostics);
    let told: Vec<String> = diagnostics.sorted().iter().map(|found| plain(found, &sources)).collect();
    if told.is_empty() { Ok(samples) } else { Err(told.join("\n")) }
}

#[test]
fn tables_are_read_as_people_write_them() {
    let by_default = table::Reading::default();
    let stages = "# a comment\ndetect [ms], announce_ms,note\n600.5,20,a\n610.25,,b\n590,31,c\n";
    let samples = read(stages, &by_default).expect("clean");
    assert_eq!(
        samples.iter().map(|s| (s.name.as_str(), s.len())).collect::<Vec<_>>(),
        [("detect", 3), ("announce", 2)]
    );
    assert_eq!(samples[0].observations[1], Observation::exact(0.61025));
    close(samples[0].resolution, 1e-5, 1e-12);
    close(samples[1].resolution, 1e-3, 1e-12);

    let ended = read("time (h),ended\n10,1\n20,0\n", &by_default).expect("clean");
    assert_eq!(ended[0].observations[1], Observation::between(72_000.0, f64::INFINITY));
    let bounded = read("low [s],high [s]\n1,2\n,3\n4,\n", &by_default).expect("clean");
    assert_eq!(bounded[0].observations[1], Observation::between(0.0, 3.0));
    assert_eq!(bounded[0].observations[2], Observation::between(4.0, f64::INFINITY));
    let bare = read("1\n2\n3\n", &table::Reading { unit: Some(60.0), ..by_default.clone() }).expect("clean");
    assert_eq!(bare[0].observations[2], Observation::exact(180.0));
    let chosen = table::Reading { columns: vec!["b".into()], ..by_default };
    assert_eq!(read("a [s],b [s]\n1,2\n3,4\n", &chosen).expect("clean")[0].observations[0], Observation::exact(2.0));
}

#[test]
fn the_values_of_a_column_tell_cases_apart() {
    let by = |name: &str| table::Reading { by: Some(name.into()), ..table::Reading::default() };
    let rows = "case,wait [s],ended\nold,1,1\nyoung,2.5,1\nold,3,0\nyoung,4,1\n";
    let samples = read(rows, &by("case")).expect("clean");
    assert_eq!(samples.iter().map(|s| (s.name.as_str(), s.len())).collect::<Vec<_>>(), [("old", 2), ("young", 2)]);
    assert_eq!(samples[0].observations[1], Observation::between(3.0, f64::INFINITY));
    assert_eq!(samples[1].observations[0], Observation::exact(2.5));
    assert_eq!((&samples[0].rows[..], &samples[1].rows[..]), (&[0, 2][..], &[1, 3][..]));
    close(samples[0].resolution, 1.0, 1e-12);
    close(samples[1].resolution, 0.1, 1e-12);
    let two = "case,a [s],b [s]\nx,1,2\ny,3,4\nx,5,6\ny,7,8\n";
    assert!(read(two, &by("case")).expect_err("two columns").contains("take one with `--column NAME`"));
    let one = table::Reading { columns: vec!["b".into()], ..by("case") };
    assert_eq!(read(two, &one).expect("clean").iter().map(|s| s.observations[0].low).collect::<Vec<_>>(), [2.0, 4.0]);
    assert!(read(rows, &by("cause")).expect_err("no such column").contains("did you mean `case`?"));
    let many: String = (0..101).map(|i| format!("{i},1\n")).collect();
    let many = read(&format!("case,wait [s]\n{many}"), &by("case"));
    assert!(many.expect_err("too many cases").contains("more than 100 values"));
}

/// Comments, empty lines, line ends of other systems and quoted cells of several lines don't shift the lines.
#[test]
fn bad_rows_are_named_by_their_line_whatever_stands_before() {
    let reading = table::Reading::default();
    for text in [
        "a [s]\r\n1\r\n2\r\nx\r\n3\r\n",
        "# one\na [s]\n\nx\n1\n2\n",
        "a [s]\n1\n# two\nx\n2\n",
        "\u{feff}a [s]\r\n\r\n# three\r\nx\r\n2\r\n",
        "a [s],note\n1,\"of two\nlines, \"\"quoted\"\"\"\nx,none\n2,\"\"\n",
    ] {
        let told = read(text, &reading).expect_err("a mistake");
        assert!(told.contains("`x` is no number") && told.contains("times.csv:4:1"), "{text:?}: {told}");
    }
}

#[test]
fn tables_that_can_be_read_in_two_ways_are_refused() {
    let reading = table::Reading::default();
    let wide: Vec<String> = (0..101).map(|i| format!("c{i} [s]")).collect();
    let row = vec!["1"; 101].join(",");
    let wide = format!("{}\n{row}\n{row}\n", wide.join(","));
    for (text, told, at) in [
        ("a [s],note\n1,\"open\n2,x\n3,y\n", "a quote isn't closed", ":2:1"),
        ("a [s],note\n1,x\n2,\"open\n3,\"y\"\n4,z\n", "a quote isn't closed", ":3:1"),
        ("a [s],ended,ended\n1,1,0\n2,1,0\n", "two columns are called `ended`", ":1:1"),
        ("a [s],a [ms]\n1,2\n2,3\n", "two columns are called `a`", ":1:1"),
        ("a [s],ended,censored\n1,1,1\n2,1,0\n", "both tell whether durations were seen to end", ":1:1"),
        ("a [s]\n1\n\0\n", "isn't text in UTF-8", ":1:1"),
        (wide.as_str(), "101 columns hold durations", ":1:1"),
    ] {
        let found = read(text, &reading).expect_err("a mistake");
        assert!(found.contains(told) && found.contains(&format!("times.csv{at}")), "{text:?}: {found}");
    }
    // Columns that nobody takes may be called alike.
    assert_eq!(read("a [s],note,note\n1,x,y\n2,z,\n", &reading).expect("clean")[0].len(), 2);
}

#[test]
fn every_bad_row_is_named_by_its_line() {
    let text = "duration [s],ended,entry\n1,1,0\nx,1,0\n2,maybe,0\n-3,1,0\n4,1,5\n,1,0\n5,0,\n";
    insta::assert_snapshot!(read(text, &table::Reading::default()).expect_err("mistakes"));
    let all = read("duration [s],ended,entry,exit\nx,maybe,y,z\n,maybe,0,z\n", &table::Reading::default());
    let all = all.expect_err("every cell");
    for wrong in [
        "`x` is no number, in `duration`",
        "`maybe`",
        "no number, in `entry`",
        "no number, in `exit`",
        "the duration is missing",
    ] {
        assert!(all.contains(wrong), "{wrong} isn't told:\n{all}");
    }
    assert_eq!(all.matches("E1104").count(), 7, "{all}");
    insta::assert_snapshot!(read("duration\n1\n2\n", &table::Reading::default()).expect_err("no unit"));
    insta::assert_snapshot!(read("duration [hours]\n1\n2\n", &table::Reading::default()).expect_err("no unit"));
    insta::assert_snapshot!(read("", &table::Reading::default()).expect_err("empty"));
    insta::assert_snapshot!(
        read("duration [s],ended\n1,0\n2,0\n", &table::Reading::default()).expect_err("none ended")
    );
    let wrong = table::Reading { columns: vec!["detekt".into()], ..table::Reading::default() };
    insta::assert_snapshot!(read("detect [s]\n1\n2\n", &wrong).expect_err("another name"));
}
