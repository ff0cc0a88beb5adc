//! The transient of fresh clocks: found, removed, shown; and single years, fresh and any.

use crate::experiment::{LIFE, SURE, alternating, contains, exponential, law, measure, solve, standard, sure};
use crate::experiment::{at_least, carry_out, plan};
use fivenines::experiment::outcome::Point;
use fivenines::experiment::settings::Settings;
use fivenines::net::expr::Expr;
use fivenines::net::*;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

/// Outages last 80 s of a life of 2208 h: 10⁻⁵ of the time.
const OUTAGE: f64 = 80.0;

/// One machine with lognormal lives whose standard deviation is `spread` of their mean.
fn machine(spread: f64) -> Net {
    let sigma = (1.0 + spread * spread).ln().sqrt();
    let repair = law("Uniform", &[("low", 40.0), ("high", 2.0 * OUTAGE - 40.0)]);
    alternating(law("LogNormal", &[("mean", LIFE), ("sigma", sigma)]), repair)
}

/// As many of them side by side; the service needs all, and `down` counts the others.
fn machines(count: u32, spread: f64) -> Net {
    let mut all = machine(spread);
    let one = all.clone();
    for i in 1..count {
        for place in &one.places {
            all.places.push(Place { name: format!("{}{i}", place.name), ..place.clone() });
        }
        for t in &one.transitions {
            let shifted = |arcs: &[Arc]| arcs.iter().map(|a| Arc { place: PlaceId(a.place.0 + 2 * i), ..*a }).collect();
            let family = FamilyId(all.families.len() as u32);
            let name = format!("{}{i}", t.name);
            all.families.push(name.clone());
            all.transitions.push(Transition {
                stream: name.clone(),
                name,
                family,
                inputs: shifted(&t.inputs),
                outputs: shifted(&t.outputs),
                ..t.clone()
            });
        }
    }
    let sum = |from: u32| Expr::Tokens((0..count).map(|i| PlaceId(2 * i + from)).collect());
    let all_up = Expr::Binary(expr::Op::GreaterEqual, Box::new(sum(0)), Box::new(Expr::Constant(f64::from(count))));
    all.up[0].expr = all_up;
    all.measures = vec![measure("down", Formula::Average(Average::Reward(sum(1))), 0, None)];
    all
}

/// Lives until what is left of the oscillation of a renewal density is below a quarter of `precision`:
/// 2 e^(−2π² c² n) for a coefficient of variation c (its first Fourier mode, in the normal approximation).
fn lives(spread: f64, precision: f64) -> f64 {
    (2.0 / (0.25 * precision)).ln() / (2.0 * std::f64::consts::PI.powi(2) * spread * spread)
}

#[test]
fn the_longer_clocks_keep_in_step_the_more_is_removed() {
    for (count, spread) in [(1, 0.25), (3, 0.25), (3, 0.2), (2, 0.15)] {
        let settings = Settings { method: Method::Replications, budget: 10_000_000, ..sure(0.05) };
        let outcome = carry_out(&plan(vec![("machines", machines(count, spread))], settings), 2);
        let point = &outcome.points[0];
        let (removed, theory) = (point.warmup.removed / LIFE, lives(spread, 0.05));
        assert!(
            removed > 0.8 * theory && removed < 5.0 * theory,
            "{count} {spread}: {removed} lives, {theory}: {:?}",
            point.warmup
        );
        assert!(point.warmup.length >= 8.9 * point.warmup.removed, "{:?}", point.warmup);
        // One machine alone is down U of the time by renewal theory.
        contains(&point.measures["down"], f64::from(count) * OUTAGE / (OUTAGE + LIFE));
        let json = serde_json::to_value(&outcome).unwrap();
        let shown = &json["points"][0]["warmup"];
        assert_eq!(shown["removed"].as_f64().unwrap(), point.warmup.removed);
        let because = shown["because"].as_str().unwrap();
        assert!(because.contains("pilot") && because.contains("clock ages"), "{because}");
        assert!(!because.contains("stationary"), "{because}");
    }
}

/// The default precision of 1 % and spread of a quarter: about five lives by theory, and ten for a fifth.
#[test]
fn about_ten_lives_are_removed_at_the_default_precision() {
    for spread in [0.25, 0.2] {
        let settings = Settings { replications: Some(32), budget: 8_000_000, ..Settings::default() };
        let point = solve(machines(4, spread), settings);
        assert_eq!(point.method, Method::Replications);
        let (removed, theory) = (point.warmup.removed / LIFE, lives(spread, 0.01));
        assert!(removed > 0.8 * theory && removed < 4.0 * theory, "{spread}: {removed} lives, {theory} in theory");
    }
}

/// Without removal each path lacks (1 − c²)/2 failures, whatever its length: 2.3 % of twenty lives.
#[test]
fn without_removal_the_estimate_is_off_by_what_renewal_theory_says() {
    let settings = Settings {
        method: Method::Replications,
        warmup: Some(0.0),
        length: Some(20.0 * LIFE),
        replications: Some(4000),
        ..sure(0.01)
    };
    let raw: Point = solve(machine(0.25), settings);
    let down: &Estimate = standard(&raw, "unavailability");
    let exact = OUTAGE / (OUTAGE + LIFE);
    assert!(down.high.unwrap() < exact, "{down:?}");
    let rate = standard(&raw, "failures per year");
    contains(rate, (20.0 - 0.5 * (1.0 - 0.0625)) / 20.0 / LIFE * YEAR);
    assert_eq!(raw.warmup.because, "stated");
}

/// P(N ≤ k) is that of fresh or stationary renewal; outages of one length, so a bad year is a count.
#[test]
fn single_years_of_a_lognormal_life() {
    let (life, sigma) = (1.2 * YEAR, 0.5_f64);
    let net =
        alternating(law("LogNormal", &[("mean", life), ("sigma", sigma)]), law("Deterministic", &[("value", 60.0)]));
    let settings = Settings { years: true, budget: 4_000_000, ..sure(0.05) };
    let years = &solve(net, settings).years["service"];
    let mu = life.ln() - sigma * sigma / 2.0;
    let survives = |t: f64| 0.5 * libm::erfc((t.ln() - mu) / sigma / std::f64::consts::SQRT_2);
    contains(&years["first year: chance of no downtime"], survives(YEAR));
    // In any year the first life is a residual one: ∫ (1 − F)/μ beyond a year.
    let (steps, step) = (40_000, YEAR / 40_000.0);
    let within: f64 = (0..steps).map(|i| survives((f64::from(i) + 0.5) * step)).sum::<f64>() * step;
    contains(&years["any year: chance of no downtime"], 1.0 - within / life);
    contains(&years["any year: downtime"], YEAR / life * 60.0);
    // Two lives within a year are rarer than one in twenty, one isn't.
    let bad = &years["first year: downtime of a bad year (95 %)"];
    assert!((bad.estimate.unwrap() - 60.0).abs() < 1e-6, "{bad:?}");
}

/// Poisson failures with exponential outages: P(D > d) = Σ Poisson(k) · P(k exponentials > d).
#[test]
fn a_bad_year_meets_the_compound_poisson_law() {
    let (mean, hour) = (2.0_f64, 3600.0);
    let net = alternating(exponential(YEAR / mean), exponential(hour));
    let settings = Settings { years: true, budget: 4_000_000, ..sure(0.05) };
    let years = &solve(net, settings).years["service"];
    let exceeds = |d: f64| {
        let (mut count, mut erlang, mut term, mut sum) = ((-mean).exp(), 0.0, (-d).exp(), 0.0);
        for k in 1..60 {
            count *= mean / f64::from(k);
            erlang += term;
            term *= d / f64::from(k);
            sum += count * erlang;
        }
        sum
    };
    let (mut low, mut high) = (0.0, 50.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if exceeds(middle) > 0.05 { low = middle } else { high = middle }
    }
    for kind in ["first year", "any year"] {
        let bad = &years[&format!("{kind}: downtime of a bad year (95 %)")];
        // Outages take their own time from the failures: 2 h in a year, far within the interval.
        contains(bad, low * hour);
        assert!(bad.reached.unwrap() < 0.25 && bad.confidence == SURE, "{bad:?}");
        contains(&years[&format!("{kind}: chance of no downtime")], (-mean).exp());
        contains(&years[&format!("{kind}: downtime")], mean * hour);
    }
    let never = alternating(exponential(1e9 * YEAR), exponential(1.0));
    let mut never = never;
    never.up[0].expr = at_least(0, 0.0);
    let settings = Settings { years: true, budget: 20_000, ..Settings::default() };
    let years = &solve(never, settings).years["service"];
    let clean = &years["first year: chance of no downtime"];
    assert!(clean.estimate == Some(1.0) && clean.low.unwrap() < 1.0, "{clean:?}");
    assert_eq!(years["first year: downtime"].estimate, None);
}
