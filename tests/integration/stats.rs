//! Quantiles against tables, intervals against their promised coverage, moments against their definition.
//!
//! Reference values were computed with 40 digits. A simulated coverage may fall short of its nominal value by what
//! chance alone exceeds with a probability below 1e-6; the seeds are fixed.

use fivenines::rng::StreamKey;
use fivenines::stats::quantile::{binomial_cdf, normal, poisson_interval, poisson_mean, proportion, student};
use fivenines::stats::{Estimate, Interval, Moments, Scale, Side, von_neumann};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() < tolerance, "{found} for {expected}");
}

#[test]
fn quantiles_of_the_normal_and_the_student_law() {
    for (p, z) in [
        (0.975, 1.959_963_984_540_054),
        (0.3, -0.524_400_512_708_041),
        (1e-6, -4.753_424_308_822_899),
        (5e-7, -4.891_638_475_698_59),
    ] {
        close(normal(p), z, 1e-13);
    }
    assert!(normal(0.5).abs() < 1e-16);
    for (p, freedom, t) in [
        (0.975, 1.0, 12.706_204_736_174_705),
        (0.975, 2.0, 4.302_652_729_749_464),
        (0.975, 10.0, 2.228_138_851_986_275),
        (0.975, 63.0, 1.998_340_542_520_741_6),
        (0.999_999_5, 5.0, 28.478_473_462_984_21),
        (0.999_999_5, 30.0, 6.119_075_620_384_217),
        (0.999_999_5, 20_000.0, 4.893_163_131_925_962),
        (0.995, 100_000.0, 2.575_878_469_908_375),
    ] {
        close(student(p, freedom), t, 1e-9);
        close(student(1.0 - p, freedom), -t, 1e-9);
    }
    close(student(0.999, 2e8), student(0.999, 5e7), 1e-6);
    assert_eq!(student(0.5, 3.0), 0.0);
    for bad in [0.0, 1.0, -1.0, 2.0, f64::NAN] {
        assert!(normal(bad).is_nan() && student(bad, 3.0).is_nan() && poisson_mean(bad, 3).is_nan());
    }
    assert!(student(0.9, 0.0).is_nan() && student(0.9, f64::NAN).is_nan());
    close(student(0.9, f64::INFINITY), normal(0.9), 1e-15);
}

#[test]
fn exact_intervals_of_counts() {
    for (p, count, mean) in [
        (0.05, 0, 2.995_732_273_553_991),
        (0.025, 3, 8.767_273_069_742_326),
        (0.975, 2, 0.618_672_122_895_601_3),
        (5e-7, 10, 35.385_378_023_516_294),
        (0.025, 100_000, 100_621.744_739_743_88),
    ] {
        close(poisson_mean(p, count), mean, 1e-11);
    }
    // The approximation for great counts meets the exact value where they pass into each other.
    for p in [0.025, 0.975, 5e-7, 1.0 - 5e-7] {
        let step = poisson_mean(p, 1_000_001) - poisson_mean(p, 1_000_000);
        assert!((step - 1.0).abs() < 0.05, "{p}: {step}");
    }
    assert_eq!(poisson_interval(0, 0.95).0, 0.0);
    let (low, high) = proportion(3, 20, 0.95);
    close(low, 0.032_070_937_185_463_71, 1e-12);
    close(high, 0.378_926_826_545_313_94, 1e-12);
    assert_eq!(proportion(0, 0, 0.95), (0.0, 1.0));
    // No failure in n trials: (1 − p)ⁿ = tail.
    let (low, high) = proportion(0, 50, 0.95);
    assert_eq!(low, 0.0);
    close(high, 1.0 - 0.025f64.powf(1.0 / 50.0), 1e-12);
    let (low, high) = proportion(50, 50, 0.95);
    close(low, 0.025f64.powf(1.0 / 50.0), 1e-12);
    assert_eq!(high, 1.0);
    // Many trials: the exact interval is nearly Wald's.
    let (low, high) = proportion(500_000_000, 1_000_000_000, 0.95);
    close(high - low, 2.0 * 1.96 * 0.5 / 1e9f64.sqrt(), 1e-3);
}

#[test]
fn binomial_probabilities_against_their_sums() {
    for (n, p) in [(1u64, 0.3), (7, 0.5), (40, 0.05), (40, 0.99)] {
        let mut term = (1.0f64 - p).powi(n as i32);
        let mut sum = 0.0;
        for k in 0..=n {
            sum += term;
            assert!((binomial_cdf(k, n, p) - sum).abs() < 1e-13, "{k} of {n} at {p}");
            term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        }
    }
    assert_eq!(binomial_cdf(9, 9, 0.5), 1.0);
}

/// Deterministic uniform numbers, `width` of them in each vector.
fn vectors(name: &str, n: usize, width: usize) -> Vec<Vec<f64>> {
    let mut stream = StreamKey::of(name).stream(1, 0);
    (0..n).map(|_| (0..width).map(|_| stream.draw().uniform()).collect()).collect()
}

fn gathered(vectors: &[Vec<f64>], width: usize) -> Moments {
    let mut moments = Moments::new(width);
    vectors.iter().for_each(|vector| moments.push(vector));
    moments
}

#[test]
fn moments_are_those_of_the_definition_even_far_from_zero() {
    // A spread of 1 at 1e8: sums of squares would keep no digit of it.
    let data: Vec<Vec<f64>> =
        vectors("far", 1000, 3).into_iter().map(|v| vec![1e8 + v[0], v[1], v[0] - v[1] + v[2]]).collect();
    let moments = gathered(&data, 3);
    assert_eq!(moments.count(), 1000);
    let mean = |i: usize| data.iter().map(|v| v[i] - data[0][i]).sum::<f64>() / 1000.0 + data[0][i];
    for i in 0..3 {
        close(moments.mean()[i], mean(i), 1e-14);
        for j in 0..3 {
            let expected = data.iter().map(|v| (v[i] - mean(i)) * (v[j] - mean(j))).sum::<f64>() / 999.0;
            let found = moments.covariance(i, j).expect("two or more");
            assert!((found - expected).abs() < 1e-9, "{i} {j}: {found} for {expected}");
        }
    }
}

#[test]
fn merged_moments_are_those_of_all_vectors() {
    let data = vectors("merge", 100, 2);
    let whole = gathered(&data, 2);
    for cut in [0, 1, 37, 99, 100] {
        let mut merged = gathered(&data[..cut], 2);
        merged.merge(&gathered(&data[cut..], 2));
        assert_eq!(merged.count(), 100);
        for i in 0..2 {
            close(merged.mean()[i], whole.mean()[i], 1e-14);
            for j in 0..2 {
                let (a, b) = (merged.covariance(i, j).expect("many"), whole.covariance(i, j).expect("many"));
                assert!((a - b).abs() < 1e-15, "{cut}: {a} for {b}");
            }
        }
    }
}

#[test]
fn few_vectors_have_no_spread() {
    let mut moments = Moments::new(1);
    assert_eq!((moments.variance(0), moments.error(&[1.0])), (None, None));
    moments.push(&[3.0]);
    assert_eq!((moments.mean(), moments.variance(0)), (&[3.0][..], None));
    assert!(Interval::of_mean(&moments, 0, Scale::Linear).is_none());
    moments.push(&[3.0]);
    assert_eq!((moments.variance(0), moments.variance(1)), (Some(0.0), None));
    assert!(Interval::of_mean(&moments, 1, Scale::Linear).is_none());
    assert!(Interval::of_ratio(&moments, 0, 1, Scale::Linear).is_none());
}

#[test]
fn moments_survive_being_written_and_read() {
    let moments = gathered(&vectors("written", 77, 4), 4);
    let text = serde_json::to_string(&moments).expect("serialisable");
    let read: Moments = serde_json::from_str(&text).expect("readable");
    assert_eq!(read, moments);
}

#[test]
fn the_error_of_a_ratio_is_that_of_its_residuals() {
    let data: Vec<Vec<f64>> = vectors("ratio", 400, 2).into_iter().map(|v| vec![v[0] * v[1], 1.0 + v[1]]).collect();
    let moments = gathered(&data, 2);
    let ratio = Interval::of_ratio(&moments, 0, 1, Scale::Linear).expect("many");
    let (r, y) = (ratio.estimate, moments.mean()[1]);
    close(r, moments.mean()[0] / y, 1e-15);
    let residual: f64 = data.iter().map(|v| (v[0] - r * v[1]).powi(2)).sum::<f64>() / 399.0;
    close(ratio.error, (residual / 400.0).sqrt() / y, 1e-12);
    assert_eq!(ratio.freedom, 399.0);
    // A ratio of a coordinate to itself is 1 without error.
    let same = Interval::of_ratio(&moments, 1, 1, Scale::Linear).expect("many");
    assert!(same.estimate == 1.0 && same.error < 1e-17, "{same:?}");
}

#[test]
fn intervals_at_any_confidence() {
    let linear = Interval { estimate: 10.0, error: 2.0, freedom: 10.0, scale: Scale::Linear };
    let (low, high) = linear.bounds(0.95).expect("an interval");
    close(high - low, 4.0 * 2.228_138_851_986_275, 1e-9);
    assert!(linear.bounds(1.0 - 1e-6).expect("an interval").1 > high);
    let log = Interval { scale: Scale::Log, estimate: 1e-5, error: 9e-6, ..linear };
    let (low, high) = log.bounds(0.95).expect("an interval");
    assert!(low > 0.0 && high > 1e-5);
    close(low * high, 1e-10, 1e-12);
    let wide = Interval { scale: Scale::Fraction, estimate: 0.8, error: 0.5, ..linear };
    assert_eq!(wide.bounds(0.95).expect("an interval").1, 1.0);
    for scale in [Scale::Log, Scale::Fraction] {
        let none = Interval { estimate: 0.0, error: 0.0, freedom: 5.0, scale };
        assert_eq!(none.bounds(0.95), None);
        let estimate = none.at(0.95, "");
        assert_eq!((estimate.estimate, estimate.low, estimate.high), (None, None, None), "never 0 ± 0");
    }
    // Nines fall as the unavailability grows: the ends change places.
    let nines = log.map(0.95, "", |u| -u.log10());
    assert!(nines.low < nines.estimate && nines.estimate < nines.high);
    close(nines.low.expect("a low end"), -high.log10(), 1e-12);
    let exact = Interval { error: 0.0, ..linear }.at(0.95, "s");
    assert_eq!((exact.low, exact.high, exact.reached), (Some(10.0), Some(10.0), Some(0.0)));
}

#[test]
fn without_events_there_is_a_bound() {
    let none = Estimate::poisson_rate(0, 1e9, 0.95);
    assert_eq!((none.estimate, none.low, none.high), (None, None, None));
    let bound = none.bound.expect("a bound");
    assert_eq!(bound.side, Side::Upper);
    close(bound.value, 2.995_732_273_553_991e-9, 1e-12);
    for time in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Estimate::poisson_rate(3, time, 0.95), Estimate::unknown(0.95, "1/s"));
    }
    assert_eq!(Estimate::proportion(0, 0, 0.95).estimate, None);
    assert_eq!(Estimate::sample_quantile(&[], 0.5, 0.95, "s").estimate, None);
}

/// How many of `n` coverages at 95 % chance alone keeps above, except with a probability below 1e-6.
fn least_covered(n: u64) -> u64 {
    (0..n).find(|&k| binomial_cdf(k, n, 0.95) > 1e-6).expect("a count")
}

#[test]
fn intervals_cover_what_they_promise() {
    const N: u64 = 2000;
    let mut covered = [0; 5];
    for run in 0..N {
        let mut stream = StreamKey::of("coverage").stream(1, run);
        let mut uniform = || stream.draw().uniform();
        // 40 sums of 12 uniforms, which are nearly normal with mean 6, and a denominator of mean 3/2.
        let mut moments = Moments::new(2);
        (0..40).for_each(|_| moments.push(&[(0..12).map(|_| uniform()).sum(), 1.0 + uniform()]));
        let mean = Interval::of_mean(&moments, 0, Scale::Linear).and_then(|i| i.bounds(0.95)).expect("an interval");
        covered[0] += u64::from(mean.0 <= 6.0 && 6.0 <= mean.1);
        let ratio = Interval::of_ratio(&moments, 0, 1, Scale::Log).and_then(|i| i.bounds(0.95)).expect("an interval");
        covered[1] += u64::from(ratio.0 <= 4.0 && 4.0 <= ratio.1);
        // A Poisson count of mean 7, from its gaps.
        let mut at = 0.0;
        let arrivals = std::iter::repeat_with(|| {
            at -= uniform().ln();
            at
        });
        let events = arrivals.take_while(|at| *at < 7.0).count() as u64;
        let (low, high) = poisson_interval(events, 0.95);
        covered[2] += u64::from(low <= 7.0 && 7.0 <= high);
        let seen = (0..60).filter(|_| uniform() < 0.1).count() as u64;
        let (low, high) = proportion(seen, 60, 0.95);
        covered[3] += u64::from(low <= 0.1 && 0.1 <= high);
        let mut sample: Vec<f64> = (0..200).map(|_| uniform()).collect();
        sample.sort_by(f64::total_cmp);
        let quantile = Estimate::sample_quantile(&sample, 0.9, 0.95, "");
        covered[4] += u64::from(quantile.low <= Some(0.9) && Some(0.9) <= quantile.high);
    }
    let least = least_covered(N);
    assert!(least > 1840, "{least}");
    // The delta method's interval is right in the limit only: at 40 observations half a percent may be missing.
    let short = [least, least - 10, least, least, least];
    assert!(covered.iter().zip(short).all(|(found, least)| *found >= least), "{covered:?} of {N}, at least {short:?}");
    // Nor are the nearly exact ones (the first two) far too wide.
    assert!(covered[..2].iter().all(|found| *found < N * 98 / 100), "{covered:?}");
}

#[test]
fn quantiles_of_small_samples() {
    let sample = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
    // Of ten values the median lies between the 2nd and the 9th with probability 1 − 22/1024.
    let median = Estimate::sample_quantile(&sample, 0.5, 0.95, "s");
    assert_eq!((median.estimate, median.low, median.high), (Some(5.0), Some(2.0), Some(9.0)));
    let median = Estimate::sample_quantile(&sample, 0.5, 0.979, "s");
    assert_eq!((median.low, median.high), (Some(1.0), Some(10.0)));
    let far = Estimate::sample_quantile(&sample, 0.99, 0.95, "s");
    assert_eq!((far.estimate, far.low, far.high), (Some(10.0), None, None));
    assert_eq!(Estimate::sample_quantile(&sample, f64::NAN, 0.95, "s").estimate, None);
}

#[test]
fn von_neumanns_ratio_tells_correlated_from_independent() {
    const N: u64 = 4000;
    let mut rejected = 0;
    for run in 0..N {
        let mut stream = StreamKey::of("batches").stream(1, run);
        let values: Vec<f64> = (0..32).map(|_| stream.draw().uniform()).collect();
        rejected += u64::from(von_neumann(&values).expect("a test").p_value < 0.05);
    }
    // At 5 %: between the counts that chance leaves with 1e-6 on either side, and a little for the approximation.
    assert!(
        binomial_cdf(rejected, N, 0.06) > 1e-6 && binomial_cdf(rejected, N, 0.04) < 1.0 - 1e-6,
        "{rejected} of {N}"
    );
    let drifting: Vec<f64> = (0..32).map(f64::from).collect();
    assert!(von_neumann(&drifting).expect("a test").p_value < 1e-6);
    let swinging: Vec<f64> = (0..32).map(|i| f64::from(i % 2)).collect();
    assert!(von_neumann(&swinging).expect("a test").correlation < -0.9);
    assert_eq!(von_neumann(&[1.0; 20]), None);
    assert_eq!(von_neumann(&[1.0, 2.0]), None);
    assert_eq!(von_neumann(&[f64::NAN; 20]), None);
    assert_eq!(von_neumann(&[]), None);
}
