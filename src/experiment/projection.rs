//! Shares of a variance read off plain draws, where runs with one factor exchanged would cost too much.
//!
//! The output is projected on polynomials of each factor alone, the first three of Legendre in the rank of what was drawn:
//! the sum of the squares of a factor's coefficients is the variance that it has alone (Sudret 2008, without
//! interactions). Factors enter one after another, the one that explains most first, as long as that is more than any of
//! them would by chance: what is left is dealt out to the draws anew, many times, and must hardly ever be explained as well
//! by any factor (a test by permutation, which holds for all factors together, however many, and whatever law the output has:
//! of a downtime a few draws make most of the variance, and what fits these by chance would pass for a cause). Those
//! taken are fitted together, so that what happens to be correlated in a sample doesn't count twice. The others aren't told
//! from nothing, and have 0. An error is that of a share if these factors are the ones.

use crate::rng::StreamKey;

/// Coefficients of a factor.
const DEGREES: usize = 3;

/// So often the rest is dealt out anew; a factor is told if so many of these deals at most have one that explains as much.
/// Together 1 %: (1 + 1) / (199 + 1).
const DEALS: usize = 199;
const CHANCES: usize = 1;

/// Rounds in which the factors taken are fitted to what the others leave.
const ROUNDS: usize = 4;

/// Parts of the draws that are left out in turn.
const PARTS: usize = 10;

/// Share and its standard error, of each factor.
pub(super) type Shares = Vec<(f64, Option<f64>)>;

/// The shares of the factors, given by their size in each draw, in a variance; none where some draws are missing.
pub(super) fn projected(values: &[f64], sizes: &[Vec<f64>], variance: f64) -> Option<Shares> {
    if variance <= 0.0 || sizes.iter().any(|sizes| sizes.len() != values.len()) {
        return None;
    }
    let all: Vec<usize> = (0..values.len()).collect();
    let (whole, taken) = fitted(values, sizes, &all, None);
    // With the factors of the whole: one that a part alone wouldn't tell from nothing is no surer for it.
    let without = |part: usize| -> Vec<f64> {
        let rest: Vec<usize> = all.iter().copied().filter(|draw| draw % PARTS != part).collect();
        fitted(values, sizes, &rest, Some(&taken)).0
    };
    let parts: Vec<Vec<f64>> = (0..PARTS).map(without).collect();
    let of = |(i, explained): (usize, &f64)| {
        if *explained <= 0.0 {
            return (0.0, None);
        }
        // Each part left out in turn (Efron and Tibshirani 1993, chapter 11).
        let mean = parts.iter().map(|part| part[i]).sum::<f64>() / PARTS as f64;
        let squares = parts.iter().map(|part| (part[i] - mean) * (part[i] - mean)).sum::<f64>();
        let error = (squares * (PARTS as f64 - 1.0) / PARTS as f64).sqrt();
        (explained / variance, Some(error / variance))
    };
    Some(whole.iter().enumerate().map(of).collect())
}

/// The variance that each factor explains of some of the draws, and the factors that were taken, in order; those of
/// `known`, where they are.
fn fitted(values: &[f64], sizes: &[Vec<f64>], draws: &[usize], known: Option<&[usize]>) -> (Vec<f64>, Vec<usize>) {
    let n = draws.len() as f64;
    let mean = draws.iter().map(|&draw| values[draw]).sum::<f64>() / n;
    let mut rest: Vec<f64> = draws.iter().map(|&draw| values[draw] - mean).collect();
    let bases: Vec<Vec<[f64; DEGREES]>> = sizes.iter().map(|sizes| basis(sizes, draws)).collect();
    let mut taken: Vec<(usize, [f64; DEGREES])> = Vec::new();
    while taken.len() + 1 < draws.len() / (2 * DEGREES) || known.is_some() {
        let next = match known {
            Some(known) => known.get(taken.len()).copied(),
            None => foremost(&bases, &rest, &taken),
        };
        let Some(best) = next else { break };
        taken.push((best, [0.0; DEGREES]));
        for _ in 0..ROUNDS {
            for (i, own) in &mut taken {
                add(&bases[*i], own, 1.0, &mut rest);
                *own = coefficients(&bases[*i], &rest);
                add(&bases[*i], own, -1.0, &mut rest);
            }
        }
    }
    let noise = rest.iter().map(|x| x * x).sum::<f64>() / n;
    let mut explained = vec![0.0; bases.len()];
    // Squares of estimated coefficients are too great by their variance.
    taken.iter().for_each(|(i, fit)| explained[*i] = (square(fit) - DEGREES as f64 * noise / n).max(0.0));
    (explained, taken.into_iter().map(|(i, _)| i).collect())
}

/// The factor, of those not yet taken, that explains most of the rest; none where that may be chance.
fn foremost(bases: &[Vec<[f64; DEGREES]>], rest: &[f64], taken: &[(usize, [f64; DEGREES])]) -> Option<usize> {
    let free: Vec<usize> = (0..bases.len()).filter(|i| taken.iter().all(|(other, _)| other != i)).collect();
    let fit = |i: usize, rest: &[f64]| square(&coefficients(&bases[i], rest));
    let found = free.iter().map(|&i| (i, fit(i, rest)));
    let (best, most) = found.max_by(|x, y| x.1.total_cmp(&y.1)).filter(|(_, most)| *most > 0.0)?;
    let mut stream = StreamKey::of("deals").stream(taken.len() as u64, 0);
    let (mut dealt, mut reached) = (rest.to_vec(), 0);
    for _ in 0..DEALS {
        for last in (1..dealt.len()).rev() {
            let other = (stream.draw().uniform() * (last + 1) as f64) as usize;
            dealt.swap(last, other.min(last));
        }
        reached += usize::from(free.iter().any(|&i| fit(i, &dealt) >= most));
        if reached > CHANCES {
            return None;
        }
    }
    Some(best)
}

/// The polynomials at the ranks of a factor's sizes, of mean square 1.
fn basis(sizes: &[f64], draws: &[usize]) -> Vec<[f64; DEGREES]> {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_by(|&i, &j| sizes[draws[i]].total_cmp(&sizes[draws[j]]));
    let mut at = vec![[0.0; DEGREES]; draws.len()];
    for (rank, &i) in order.iter().enumerate() {
        let x = 2.0 * (rank as f64 + 0.5) / draws.len() as f64 - 1.0;
        at[i] = [
            3.0_f64.sqrt() * x,
            5.0_f64.sqrt() * 0.5 * (3.0 * x * x - 1.0),
            7.0_f64.sqrt() * 0.5 * x * (5.0 * x * x - 3.0),
        ];
    }
    at
}

fn coefficients(basis: &[[f64; DEGREES]], values: &[f64]) -> [f64; DEGREES] {
    let mut sums = [0.0; DEGREES];
    for (at, value) in basis.iter().zip(values) {
        sums.iter_mut().zip(at).for_each(|(sum, p)| *sum += p * value / values.len() as f64);
    }
    sums
}

fn add(basis: &[[f64; DEGREES]], fit: &[f64; DEGREES], sign: f64, into: &mut [f64]) {
    for (at, value) in basis.iter().zip(into) {
        *value += sign * at.iter().zip(fit).map(|(p, c)| p * c).sum::<f64>();
    }
}

fn square(fit: &[f64; DEGREES]) -> f64 {
    fit.iter().map(|c| c * c).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::StreamKey;

    fn drawn(count: usize, factors: usize) -> Vec<Vec<f64>> {
        let mut stream = StreamKey::of("oracle").stream(1, 0);
        (0..factors).map(|_| (0..count).map(|_| stream.draw().uniform()).collect()).collect()
    }

    /// 1/x of a log-uniform x from 1 to 25 among 29 factors that do nothing: all is its own, and none of theirs.
    #[test]
    fn one_factor_that_decides_has_it_all() {
        let sizes = drawn(200, 30);
        let values: Vec<f64> = sizes[7].iter().map(|u| 25.0_f64.powf(-u)).collect();
        let mean = values.iter().sum::<f64>() / 200.0;
        let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 199.0;
        let shares = projected(&values, &sizes, variance).expect("all draws are there");
        for (i, (share, _)) in shares.iter().enumerate() {
            let wanted = if i == 7 { 1.0 } else { 0.0 };
            assert!((share - wanted).abs() < 0.03, "{i}: {share}");
        }
    }

    /// A factor that is just told from nothing has an error, however seldom a part of the draws alone would show it.
    #[test]
    fn a_share_that_is_barely_told_is_not_sure() {
        let mut told = 0;
        for seed in 0..40 {
            let mut stream = StreamKey::of("oracle").stream(seed, 0);
            let sizes: Vec<Vec<f64>> = (0..20).map(|_| (0..60).map(|_| stream.draw().uniform()).collect()).collect();
            let value = |i: usize| sizes[0][i] + 1.1 * (sizes[1][i] + sizes[2][i] + sizes[3][i]);
            let values: Vec<f64> = (0..60).map(value).collect();
            for (share, error) in projected(&values, &sizes, 4.63 / 12.0).expect("all draws are there") {
                told += usize::from(share > 0.0);
                assert!(share == 0.0 || error.is_some_and(|error| error > 0.0), "seed {seed}: {share} {error:?}");
            }
        }
        assert!(told > 40, "{told}");
    }

    /// Where two draws of 60 make all of the variance, what happens to be great in both is no cause: of 40 samples with 45
    /// factors that do nothing, one in a hundred is told something of, so that more than four are a chance of 1 in 2000.
    #[test]
    fn a_few_draws_that_make_the_variance_have_no_cause() {
        let mut told = 0;
        for seed in 0..40 {
            let mut stream = StreamKey::of("oracle").stream(100 + seed, 0);
            let sizes: Vec<Vec<f64>> = (0..45).map(|_| (0..60).map(|_| stream.draw().uniform()).collect()).collect();
            let values: Vec<f64> = (0..60).map(|i| if i % 30 == 7 { 100.0 } else { stream.draw().uniform() }).collect();
            let shares = projected(&values, &sizes, 325.0).expect("all draws are there");
            told += usize::from(shares.iter().any(|(share, _)| *share > 0.0));
        }
        assert!(told <= 4, "{told}");
    }

    /// f = 4x + 2y and an error as great as half of that: shares 4/5 and 1/5 of the variance without the error.
    #[test]
    fn the_shares_are_those_of_the_variances() {
        let sizes = drawn(2000, 10);
        let value = |i: usize| 4.0 * sizes[0][i] + 2.0 * sizes[1][i] + 12.0_f64.sqrt() * (sizes[2][i] - 0.5);
        let values: Vec<f64> = (0..2000).map(value).collect();
        // What is sampled is no factor here.
        let known: Vec<Vec<f64>> = sizes.iter().enumerate().filter(|(i, _)| *i != 2).map(|at| at.1.clone()).collect();
        let shares = projected(&values, &known, 20.0 / 12.0).expect("all draws are there");
        for (i, wanted) in [(0, 0.8), (1, 0.2)] {
            let (share, error) = shares[i];
            let error = error.expect("it is told");
            assert!((share - wanted).abs() < 5.0 * error && error < 0.1, "{share} {error}");
        }
        assert!(shares[2..].iter().all(|(share, _)| *share == 0.0), "{shares:?}");
        assert!(projected(&values[1..], &known, 1.0).is_none() && projected(&values, &known, 0.0).is_none());
    }
}
