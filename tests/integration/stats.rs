//! Quantiles against tables, intervals against their promised coverage.
//!
//! Reference values were computed with 40 digits. A simulated coverage may fall short of its nominal value by what
//! chance alone exceeds with a probability below 1e-6; the seeds are fixed.

use fivenines::rng::StreamKey;
use fivenines::stats::quantile::{binomial_cdf, normal, poisson_interval, poisson_mean, proportion, student};
use fivenines::stats::{Estimate, von_neumann};

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
#[test]
fn without_trials_nothing_is_known() {
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
    let mut covered = [0; 3];
    for run in 0..N {
        let mut stream = StreamKey::of("coverage").stream(1, run);
        let mut uniform = || stream.draw().uniform();
        // A Poisson count of mean 7, from its gaps.
        let mut at = 0.0;
        let arrivals = std::iter::repeat_with(|| {
            at -= uniform().ln();
            at
        });
        let events = arrivals.take_while(|at| *at < 7.0).count() as u64;
        let (low, high) = poisson_interval(events, 0.95);
        covered[0] += u64::from(low <= 7.0 && 7.0 <= high);
        let seen = (0..60).filter(|_| uniform() < 0.1).count() as u64;
        let (low, high) = proportion(seen, 60, 0.95);
        covered[1] += u64::from(low <= 0.1 && 0.1 <= high);
        let mut sample: Vec<f64> = (0..200).map(|_| uniform()).collect();
        sample.sort_by(f64::total_cmp);
        let quantile = Estimate::sample_quantile(&sample, 0.9, 0.95, "");
        covered[2] += u64::from(quantile.low <= Some(0.9) && Some(0.9) <= quantile.high);
    }
    let least = least_covered(N);
    assert!(least > 1840, "{least}");
    assert!(covered.iter().all(|found| *found >= least), "{covered:?} of {N}, at least {least}");
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
