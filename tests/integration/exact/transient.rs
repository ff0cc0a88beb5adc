//! Chains in finite time, against closed forms.

use fivenines::exact::{Chain, Refusal, interval_availability, point_availability, reliability, transient};

const NEVER: &dyn Fn(u64) -> bool = &|_| false;

fn near(found: f64, exact: f64) {
    assert!((found - exact).abs() < 1e-12, "{found:e} instead of {exact:e}");
}

const TIMES: [f64; 7] = [0.0, 1e-6, 0.3, 1.0, 10.0, 100.0, 1e5];

#[test]
fn two_states_approach_their_share_exponentially() {
    let (failure, repair) = (0.02, 0.9);
    let chain = Chain::new(2, &[(0, 1, failure), (1, 0, repair)]);
    let (share, speed) = (repair / (failure + repair), failure + repair);
    let exact = |t: f64| share + (1.0 - share) * (-speed * t).exp();
    let integral = |t: f64| share * t - (1.0 - share) * (-speed * t).exp_m1() / speed;
    let found = point_availability(&chain, &[(0, 1.0)], |state| state == 0, &TIMES, NEVER).expect("A(t)");
    TIMES.iter().zip(found).for_each(|(&t, found)| near(found, exact(t)));
    for (a, b) in [(0.0, 0.5), (0.0, 50.0), (1.0, 3.0), (2.0, 2.0), (30.0, 1e4)] {
        let found = interval_availability(&chain, &[(0, 1.0)], |state| state == 0, (a, b), NEVER).expect("a share");
        near(found, if a == b { exact(a) } else { (integral(b) - integral(a)) / (b - a) });
    }
    let found = reliability(&chain, &[(0, 1.0)], |state| state == 0, &TIMES, NEVER).expect("R(t)");
    TIMES.iter().zip(found).for_each(|(&t, found)| near(found, (-failure * t).exp()));
}

/// Two units with a crew each, begun with both up: the number up is binomial at every time.
#[test]
fn three_states_are_two_times_two() {
    let (failure, repair) = (0.3, 2.0);
    let rates = [(0, 1, 2.0 * failure), (1, 0, repair), (1, 2, failure), (2, 1, 2.0 * repair)];
    let chain = Chain::new(3, &rates);
    let share = repair / (failure + repair);
    let one = |t: f64| share + (1.0 - share) * (-(failure + repair) * t).exp();
    let any = point_availability(&chain, &[(0, 1.0)], |state| state < 2, &TIMES, NEVER).expect("A(t)");
    TIMES.iter().zip(any).for_each(|(&t, found)| near(found, 1.0 - (1.0 - one(t)).powi(2)));
    let number = transient(&chain, &[(0, 1.0)], &[2.0, 1.0, 0.0], &TIMES, NEVER).expect("E[number](t)");
    number.iter().for_each(|at| near(at.value, 2.0 * one(at.time)));
    let rest = number[6].integral / (2.0 * share * 1e5) - 1.0;
    assert!((rest - (1.0 - share) / share / (failure + repair) / 1e5).abs() < 1e-12, "{rest:e}");
    // From one up, both as likely: mixtures are linear.
    let mixed = point_availability(&chain, &[(1, 0.5), (2, 0.5)], |state| state == 2, &[0.0], NEVER).expect("A(0)");
    near(mixed[0], 0.5);
}

/// Stages of rates a ≠ b ≠ c before the end: the hypoexponential law.
#[test]
fn reliability_of_stages_is_hypoexponential() {
    let rates = [0.5, 2.0, 3.0];
    let chain = Chain::new(4, &[(0, 1, rates[0]), (1, 2, rates[1]), (2, 3, rates[2]), (3, 0, 7.0)]);
    let exact = |t: f64| -> f64 {
        let others = |i: usize| (0..3).filter(move |&j| j != i);
        (0..3)
            .map(|i| others(i).map(|j| rates[j] / (rates[j] - rates[i])).product::<f64>() * (-rates[i] * t).exp())
            .sum()
    };
    let times = [0.0, 0.1, 1.0, 5.0, 20.0];
    let found = reliability(&chain, &[(0, 1.0)], |state| state < 3, &times, NEVER).expect("R(t)");
    times.iter().zip(found).for_each(|(&t, found)| near(found, exact(t)));
}

/// With 10⁶ expected steps the Poisson law is far from zero, and rest is reached long before.
#[test]
fn stiff_chains_come_to_rest() {
    let chain = Chain::new(2, &[(0, 1, 1e-7), (1, 0, 1.0)]);
    let found = point_availability(&chain, &[(0, 1.0)], |state| state == 1, &[1e6], NEVER).expect("U(t)");
    assert!((found[0] - 1e-7 / (1.0 + 1e-7)).abs() < 1e-12 * 1e-7, "{:e}", found[0]);
}

#[test]
fn what_would_take_for_ever_and_what_is_ended_are_told() {
    let chain = Chain::new(2, &[(0, 1, 1e9), (1, 0, 1.0)]);
    let up = |state: usize| state == 0;
    assert!(matches!(point_availability(&chain, &[(0, 1.0)], up, &[1e9], NEVER), Err(Refusal::NotSettled { .. })));
    assert!(matches!(point_availability(&chain, &[(0, 1.0)], up, &[f64::NAN], NEVER), Err(Refusal::NotSettled { .. })));
    assert_eq!(point_availability(&chain, &[(0, 1.0)], up, &[1.0], &|_| true), Err(Refusal::Interrupted));
    let still = Chain::new(1, &[]);
    let found = transient(&still, &[(0, 1.0)], &[3.0], &[0.0, 4.0], NEVER).expect("rest");
    assert_eq!((found[1].value, found[1].integral), (3.0, 12.0));
}
