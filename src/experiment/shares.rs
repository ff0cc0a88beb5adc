//! The account of outages → its tables: what each cause and each phase has of the downtime, and which failures led to it.

use super::causes::OTHERS;
use super::estimate::{FEW_FAILURES, First, Linear, Sample, Value};
use super::outcome::{Cause, Phase, Sequence};
use super::sequences::{Part, Sighting, Trail};
use crate::program::Program;
use crate::stats::{Estimate, quantile};
use crate::units::YEAR;
use indexmap::IndexMap;

/// Most sequences of failures that are listed.
pub const LISTED: usize = 10;

/// A part of the downtime of a condition.
struct Share {
    share: Estimate,
    downtime: Estimate,
    times: Estimate,
}

impl Sample<'_> {
    fn down(&self, [down, _]: [usize; 2]) -> f64 {
        self.tally.totals[down]
    }

    /// The causes of a condition's outages that were seen, the greatest share of the downtime first.
    pub fn causes(&self, up: usize) -> Vec<Cause> {
        let part = |cause: usize| self.layout.cause(up, cause);
        let names = &self.facts.causes.names;
        let seen = |cause: &usize| part(*cause).iter().any(|&coordinate| self.tally.totals[coordinate] > 0.0);
        let mut seen: Vec<usize> = (0..names.len()).filter(seen).collect();
        seen.sort_by(|&a, &b| self.down(part(b)).total_cmp(&self.down(part(a))));
        let cause = |cause: usize| {
            let Share { share, downtime, times } = self.of_cause(up, cause);
            Cause { cause: names[cause].clone(), share, downtime, outages: times, phases: self.cells(up, cause) }
        };
        seen.into_iter().map(cause).collect()
    }

    /// What outages of a cause spent in each phase, as shares of the whole downtime.
    fn cells(&self, up: usize, cause: usize) -> IndexMap<String, f64> {
        let all = self.tally.totals[Program::down(up)];
        let cell = |phase: usize| self.tally.totals[self.layout.cell(up, cause, phase)] / all;
        let named = self.facts.phases.iter().enumerate().map(|(phase, name)| (name.clone(), cell(phase)));
        named.filter(|(_, share)| *share > 0.0).collect()
    }

    /// The phases of a condition's outages that were seen.
    pub fn phases(&self, up: usize) -> Vec<Phase> {
        let phase = |(phase, name): (usize, &String)| {
            let seen = self.down(self.layout.phase(up, phase)) > 0.0;
            let Share { share, downtime, times } = seen.then(|| self.of_phase(up, phase))?;
            Some(Phase { phase: name.clone(), share, downtime, stays: Some(times) })
        };
        self.facts.phases.iter().enumerate().filter_map(phase).collect()
    }

    /// Downtime and outages per year of a cause; of one that wasn't seen, the bound that there is.
    pub fn cause(&self, up: usize, cause: usize) -> [Estimate; 2] {
        let part = self.layout.cause(up, cause);
        if self.tally.totals[part[1]] > 0.0 || self.down(part) > 0.0 {
            let Share { downtime, times, .. } = self.of_cause(up, cause);
            return [downtime, times];
        }
        [self.blank("s/y"), self.never_seen("1/y", YEAR)]
    }

    /// Downtime per year in a phase; nothing of one that wasn't seen.
    pub fn phase(&self, up: usize, phase: usize) -> Estimate {
        let part = self.layout.phase(up, phase);
        if self.down(part) > 0.0 { self.of_phase(up, phase).downtime } else { self.blank("s/y") }
    }

    fn of_cause(&self, up: usize, cause: usize) -> Share {
        let part = self.layout.cause(up, cause);
        let seen = self.tally.totals[part[1]] as u64;
        self.beside(up, part, self.failures(up).saturating_sub(seen))
    }

    fn of_phase(&self, up: usize, phase: usize) -> Share {
        let others = (0..self.facts.phases.len()).filter(|&other| other != phase);
        let stays: f64 = others.map(|other| self.tally.totals[self.layout.phase(up, other)[1]]).sum();
        self.beside(up, self.layout.phase(up, phase), stays as u64)
    }

    /// A part beside which so few `others` were seen: they may come as often as that says, and last as long as outages do.
    fn beside(&self, up: usize, part: [usize; 2], others: u64) -> Share {
        let Share { share, downtime, times } = self.share(up, part);
        let all = self.failures(up);
        if others >= FEW_FAILURES || all == 0 {
            return Share { share, downtime, times };
        }
        let rest = 1.0 - (quantile::poisson_interval(others, self.confidence).1 / all as f64).min(1.0);
        let least = |of: Estimate, whole: usize| {
            let most = self.ratio(&[(whole, YEAR)], &[(Program::TIME, 1.0)]).mean * rest;
            Estimate::between(of.estimate, of.low.map(|low| low.min(most)).zip(of.high), of.confidence, &of.unit)
        };
        Share {
            downtime: least(downtime, Program::down(up)),
            times: least(times, Program::failures(up)),
            share: Estimate { low: share.low.map(|low| low.min(rest)), ..share },
        }
    }

    fn share(&self, up: usize, part: [usize; 2]) -> Share {
        let [down, times] = part.map(|coordinate| [(coordinate, 1.0)]);
        let (time, all) = ([(Program::TIME, 1.0 / YEAR)], [(Program::down(up), 1.0)]);
        let seen = self.seen(part[1]);
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
        Share {
            share: Estimate { high: share.high.map(|high| high.min(1.0)), ..share },
            downtime: per(&down, &time, lengths, "s/y"),
            times: per(&times, &time, 0.0, "1/y"),
        }
    }

    /// The sequences of failures with the most downtime, and what all others have.
    pub fn sequences(&self, up: usize) -> Vec<Sequence> {
        let (list, mut rest) = self.tally.sequences.of(up);
        let all = list.iter().fold(rest, |sum: Part, of| [sum[0] + of.part[0], sum[1] + of.part[1]]);
        let share = |x: f64, of: f64| if of > 0.0 { x / of } else { 0.0 };
        let sequence = |failures: Vec<String>, per_year: Estimate, [outages, down]: Part| Sequence {
            failures,
            seen: Some(outages as u64),
            per_year,
            outages: share(outages, all[0]),
            downtime: Some(share(down, all[1])),
        };
        let named = |of: &Sighting| sequence(of.trail.words(&self.facts.causes.names), self.per_year(of), of.part);
        let mut listed: Vec<Sequence> = list.iter().take(LISTED).map(named).collect();
        list.iter().skip(LISTED).for_each(|of| rest.iter_mut().zip(of.part).for_each(|(sum, x)| *sum += x));
        if rest != [0.0; 2] {
            let per_year = rest[0] / self.tally.totals[Program::TIME] * YEAR;
            let per_year = self.interval("1/y", per_year, f64::NAN, f64::NAN);
            listed.push(sequence(vec![OTHERS.to_string()], per_year, rest));
        }
        listed
    }

    /// How often outages have a sequence; of one that wasn't seen the bound that there is, if all were told apart.
    pub fn frequency(&self, up: usize, trail: &Trail) -> Estimate {
        let (list, rest) = self.tally.sequences.of(up);
        match list.iter().find(|of| of.trail == trail) {
            Some(of) => self.per_year(of),
            // No sequence of so many outages: they aren't kept.
            None if list.is_empty() && rest[0] == 0.0 && self.failures(up) > 0 => self.blank("1/y"),
            None if rest[0] == 0.0 => self.never_seen("1/y", YEAR),
            None => self.blank("1/y"),
        }
    }

    /// Outages per year of a sequence. Batches are joined, so of theirs there is no variance.
    fn per_year(&self, of: &Sighting) -> Estimate {
        let (n, time) = (self.tally.count as f64, self.tally.totals[Program::TIME]);
        let mean = of.part[0] / time;
        if of.part[0] == 0.0 {
            return self.blank("1/y");
        }
        if self.first == First::Unknown {
            return self.interval("1/y", mean * YEAR, f64::NAN, f64::NAN);
        }
        // Σ (x − mean · τ)², whose terms have the mean 0.
        let [squares, times] = of.moments;
        let squares = squares - 2.0 * mean * times + mean * mean * self.tally.squared_time(self.layout);
        let error = (squares.max(0.0) * n / (n - 1.0)).sqrt() / time;
        let value = Value { mean: mean * YEAR, error: error * YEAR };
        self.of_few("1/y", value, of.part[0] as u64, 0.0, false)
    }
}
