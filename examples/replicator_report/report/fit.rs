//! The voice study's opinion scores over the interval: three constants, fitted on three rows, and what they say of the
//! others.

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;
use fivenines::emulator::lab::voice::{Codec, opinion};

/// Interval in ms and score (voice study, table II).
const ROWS: [(f64, f64); 11] = [
    (40.0, 1.89),
    (70.0, 3.23),
    (100.0, 3.37),
    (150.0, 3.47),
    (200.0, 3.55),
    (300.0, 3.59),
    (400.0, 3.61),
    (500.0, 3.63),
    (600.0, 3.62),
    (700.0, 3.58),
    (800.0, 3.57),
];

/// The rows that the constants are fitted on.
const FITTED: [f64; 3] = [70.0, 300.0, 800.0];

/// Loss of λ ms in each epoch and a share that grows with the epoch: Ppl % = 100 (λ/T + γ T/1000).
struct Scores;

/// R = R0 − Ie,eff(Ppl), as in ITU-T G.107 for independent loss.
fn score([r0, lambda, gamma]: [f64; 3], interval: f64) -> f64 {
    let percent = 100.0 * (lambda / interval + gamma * interval / 1000.0);
    opinion(r0 - 95.0 * percent / (percent + Codec::G711.robustness))
}

impl CostFunction for Scores {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Vec<f64>) -> Result<f64, Error> {
        let constants = [at[0], at[1].abs(), at[2].abs()];
        let fitted = ROWS.iter().filter(|(interval, _)| FITTED.contains(interval));
        let off = fitted.map(|(interval, stated)| score(constants, *interval) - stated);
        Ok(off.map(|off| off * off).sum())
    }
}

/// The table of the fit.
pub fn scores() -> String {
    let simplex = vec![vec![74.0, 0.4, 0.002], vec![80.0, 0.4, 0.002], vec![74.0, 0.8, 0.002], vec![74.0, 0.4, 0.004]];
    let solver = NelderMead::new(simplex).with_sd_tolerance(1e-14).expect("a tolerance above 0");
    let found = Executor::new(Scores, solver).configure(|state| state.max_iters(5_000)).run().expect("a finite cost");
    let best = found.state.best_param.expect("an optimum");
    let constants = [best[0], best[1].abs(), best[2].abs()];
    let [r0, lambda, gamma] = constants;
    let below = 93.2 - r0;
    let mut text = format!(
        "\nThe study's scores themselves follow R = R0 − Ie,eff(Ppl) with Ppl = λ/T + γ·T: R0 = {r0:.1}, λ = {lambda:.2} ms and γ = \
         {gamma:.4}/s, three constants fitted on the rows of 70, 300 and 800 ms. It is a fit: R0 is {below:.0} below the E-model's 93.2, \
         since the study's scores come from another tool (AQuA); what it says of the other rows is a prediction.\n\n\
         | interval | published | fit | |\n| -------: | --------: | --: | --- |\n"
    );
    for (interval, stated) in ROWS {
        let word = if FITTED.contains(&interval) { "fitted" } else { "predicted" };
        text += &format!("| {interval} ms | {stated:.2} | {:.2} | {word} |\n", score(constants, interval));
    }
    text + "\nThe row of 40 ms is not of this kind: there the pipeline is overloaded.\n"
}
