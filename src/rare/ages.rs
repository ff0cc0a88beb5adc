//! What the ages of its clocks add to the importance of a marking.
//!
//! The likeliest way down is found over exponential clocks, which fail at any age alike. While something recovers, the
//! failures that may come first have more or less of a chance than those: by the growth of their cumulative hazards
//! from their ages on over the time of the recovery, against that over the same time at constant rates. The logarithm of
//! that ratio is added to the logarithm of the way's probability, so levels part old clocks from young ones.

use super::hazard;
use super::scheme::{Kind, Scheme};
use crate::dist::Law;
use crate::engine::{Path, Seat};

/// Most that ages add or take: a factor of 1,000. Clocks that can't fail yet may still do so after another recovery.
pub(super) const MOST: f64 = 6.907_755;

/// The failures of a net whose chance depends on their ages, and what recovers.
#[derive(Debug, Clone)]
pub(super) struct Ages {
    failures: Vec<(Seat, Law)>,
    recoveries: Vec<(Seat, f64)>,
}

impl Ages {
    /// Of a scheme; none where ages tell nothing.
    pub fn new(scheme: &Scheme) -> Option<Ages> {
        let of = |kind: Kind| scheme.timed.iter().filter(move |timed| timed.kind == kind);
        let finite = |law: &&Law| law.mean().is_finite() && law.mean() > 0.0;
        let failures: Vec<(Seat, Law)> =
            of(Kind::Failure).filter_map(|timed| Some((timed.seat, timed.law.filter(finite)?.clone()))).collect();
        let recoveries: Vec<(Seat, f64)> =
            of(Kind::Recovery).filter_map(|timed| Some((timed.seat, timed.law.filter(finite)?.mean()))).collect();
        let tell = failures.iter().any(|(_, law)| !law.is_exponential() && hazard::is_scalable(law));
        (tell && !recoveries.is_empty()).then_some(Ages { failures, recoveries })
    }

    /// By how much likelier a failure is than at constant rates: a logarithm, from −[`MOST`] to [`MOST`], and 0 while
    /// nothing recovers.
    pub fn of(&self, path: &Path) -> f64 {
        let mut left = f64::INFINITY;
        for (seat, mean) in &self.recoveries {
            let speed = path.speed(seat);
            path.visit(seat, &mut |_, _| left = left.min(mean / speed));
        }
        if !left.is_finite() {
            return 0.0;
        }
        let (mut growth, mut usual) = (0.0, 0.0);
        for (seat, law) in &self.failures {
            let progress = left * path.speed(seat);
            path.visit(seat, &mut |age, _| {
                growth += hazard::growth(law, age, progress);
                usual += progress / law.mean();
            });
        }
        if usual > 0.0 { libm::log(growth / usual).clamp(-MOST, MOST) } else { 0.0 }
    }
}
