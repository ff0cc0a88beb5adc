//! The account of outages → its tables: what each cause and each phase has of the downtime, and which failures led to it.

use super::causes::OTHERS;
use super::estimate::{Linear, Sample};
use super::outcome::{Cause, Phase, Sequence};
use super::sequences::Part;
use crate::program::Program;
use crate::stats::Estimate;
use crate::units::YEAR;
use indexmap::IndexMap;

/// Most sequences of failures that are listed.
const LISTED: usize = 10;

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
            let Share { share, downtime, times } = self.share(up, part(cause));
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
            let part = self.layout.phase(up, phase);
            let Share { share, downtime, times } = (self.down(part) > 0.0).then(|| self.share(up, part))?;
            Some(Phase { phase: name.clone(), share, downtime, stays: Some(times) })
        };
        self.facts.phases.iter().enumerate().filter_map(phase).collect()
    }

    fn share(&self, up: usize, part: [usize; 2]) -> Share {
        let [down, times] = part.map(|coordinate| [(coordinate, 1.0)]);
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
        Share {
            share: Estimate { high: share.high.map(|high| high.min(1.0)), ..share },
            downtime: per(&down, &time, lengths, "s/y"),
            times: per(&times, &time, 0.0, "1/y"),
        }
    }

    /// The sequences of failures with the most downtime, and what all others have.
    pub fn sequences(&self, up: usize) -> Vec<Sequence> {
        let (list, mut rest) = self.tally.sequences.of(up);
        let all = list.iter().fold(rest, |sum: Part, (_, part)| [sum[0] + part[0], sum[1] + part[1]]);
        let share = |x: f64, of: f64| if of > 0.0 { x / of } else { 0.0 };
        let sequence = |failures: Vec<String>, [outages, down]: Part| Sequence {
            failures,
            seen: outages as u64,
            outages: share(outages, all[0]),
            downtime: share(down, all[1]),
        };
        let names = &self.facts.causes.names;
        let mut listed: Vec<Sequence> =
            list.iter().take(LISTED).map(|(trail, part)| sequence(trail.words(names), *part)).collect();
        list.iter().skip(LISTED).for_each(|(_, part)| rest.iter_mut().zip(part).for_each(|(sum, x)| *sum += x));
        if rest != [0.0; 2] {
            listed.push(sequence(vec![OTHERS.to_string()], rest));
        }
        listed
    }
}
