//! The algorithm of Grassmann, Taksar and Heyman on a full matrix.

/// Stationary weights (not normalised, scaled to be representable) of an irreducible chain.
/// `rates[i][j]` is the rate from i to j; the diagonal isn't read. The matrix is used up.
pub(super) fn dense(rates: &mut [Vec<f64>]) -> Vec<f64> {
    let n = rates.len();
    let mut leaving = vec![1.0; n];
    for k in (1..n).rev() {
        let (rest, row) = rates.split_at_mut(k);
        let row = &row[0][..k];
        leaving[k] = row.iter().sum();
        for other in rest {
            let share = other[k] / leaving[k];
            if share > 0.0 {
                other[..k].iter_mut().zip(row).for_each(|(rate, through)| *rate += share * through);
            }
        }
    }
    let mut weights = vec![0.0; n];
    weights[0] = 1.0;
    for k in 1..n {
        let inflow: f64 = (0..k).map(|i| weights[i] * rates[i][k]).sum();
        weights[k] = inflow / leaving[k];
        if weights[k] > HUGE {
            weights[..=k].iter_mut().for_each(|weight| *weight /= HUGE);
        }
    }
    weights
}

/// Weights that exceed it are scaled down, all together.
pub(super) const HUGE: f64 = 1e150;
