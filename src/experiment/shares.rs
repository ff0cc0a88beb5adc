//! The account of causes → its table: what each cause has of the downtime.

use super::estimate::{Linear, Sample};
use super::outcome::Cause;
use crate::program::Program;
use crate::stats::Estimate;
use crate::units::YEAR;

impl Sample<'_> {
    /// The causes of a condition's outages that were seen, the greatest share of the downtime first.
    pub fn causes(&self, up: usize) -> Vec<Cause> {
        let down = |cause: usize| self.tally.totals[self.layout.cause(up, cause)[0]];
        let outages = |cause: usize| self.tally.totals[self.layout.cause(up, cause)[1]];
        let names = &self.facts.causes.names;
        let mut seen: Vec<usize> = (0..names.len()).filter(|&c| down(c) > 0.0 || outages(c) > 0.0).collect();
        seen.sort_by(|&a, &b| down(b).total_cmp(&down(a)));
        seen.into_iter().map(|cause| self.cause(&names[cause], up, self.layout.cause(up, cause))).collect()
    }

    fn cause(&self, name: &str, up: usize, part: [usize; 2]) -> Cause {
        let [down, outages] = part.map(|coordinate| [(coordinate, 1.0)]);
        let (time, all) = ([(Program::TIME, 1.0 / YEAR)], [(Program::down(up), 1.0)]);
        let seen = self.tally.totals[part[1]] as u64;
        // How much longer or shorter the outages may be than those few that were seen.
        let outage = self.outage(part, seen);
        let lengths = self.student(seen) * outage.error / outage.mean;
        let per = |above: Linear, below: Linear, lengths: f64, unit: &str| {
            let value = self.ratio(above, below);
            if value.mean > 0.0 { self.of_few(unit, value, seen, lengths, false) } else { self.blank(unit) }
        };
        let share = match self.tally.totals[part[0]] < self.tally.totals[Program::down(up)] {
            true => per(&down, &all, lengths, ""),
            // The only one that was seen: how much others may have is unknown.
            false => self.interval("", 1.0, f64::NAN, f64::NAN),
        };
        Cause {
            cause: name.to_string(),
            share: Estimate { high: share.high.map(|high| high.min(1.0)), ..share },
            downtime: per(&down, &time, lengths, "s/y"),
            outages: per(&outages, &time, 0.0, "1/y"),
        }
    }
}
