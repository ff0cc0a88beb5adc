//! The account of outages of a point that is solved exactly.

use super::causes::{Causes, Kind};
use super::figures::figure;
use super::outcome::{Cause, Phase};
use super::process::{Facts, Process};
use crate::exact::{self, Limits, Origin, Refusal, Stop};
use crate::stats::Estimate;
use crate::units::YEAR;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// An account must not take much longer than what it belongs to.
pub const LIMITS: Limits =
    Limits { states: 500_000, transitions: 8_000_000, vanishing: 100_000, memory: Limits::MEMORY };

/// The outages of one condition in the long run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Shares {
    /// Share of time down by phase.
    phases: Vec<f64>,
    /// The same by cause and phase; none where causes aren't solved.
    cells: Vec<Vec<f64>>,
    /// Outages by cause, per second.
    outages: Vec<f64>,
}

/// The accounts of all conditions, and why there are no causes, where there are none.
pub type Accounts = (Vec<Shares>, Option<Refusal>);

/// Solves the accounts of a process that was asked for them.
///
/// # Errors
/// Only [`Refusal::Interrupted`]: whatever else refuses leaves parts of the account out.
pub fn accounts(process: &Process, limits: &Limits, stop: Stop) -> Result<Accounts, Refusal> {
    let (mut all, mut obstacle) = (Vec::new(), None);
    let Some(net) = process.phased() else { return Ok((all, obstacle)) };
    let causes = &process.facts().causes;
    let origins = origins(causes);
    for up in 0..net.up.len() {
        let refusal = match exact::account(net, up, (&origins, causes.names.len()), limits, stop) {
            Ok(exact::Account { cells, outages }) => {
                let sum = |phase: usize| cells.iter().map(|of| of[phase]).sum();
                all.push(Shares { phases: (0..=net.phases.len()).map(sum).collect(), cells, outages });
                continue;
            }
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
            Err(refusal) => refusal,
        };
        obstacle = Some(refusal);
        match exact::phases(net, up, limits, stop) {
            Ok(phases) => all.push(Shares { phases, ..Shares::default() }),
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
            Err(_) => all.push(Shares::default()),
        }
    }
    Ok((all, obstacle))
}

fn origins(causes: &Causes) -> Vec<Origin> {
    let origin = |&(cause, kind): &(u32, Kind)| match kind {
        Kind::Immediate => Origin::Never,
        Kind::Timed => Origin::Otherwise(cause),
        Kind::Failure { .. } => Origin::Failure(cause),
    };
    causes.all().iter().map(origin).collect()
}

impl Shares {
    /// Whether they belong to a process: a snapshot might come from elsewhere.
    pub fn fit(&self, facts: &Facts) -> bool {
        let (causes, phases) = (facts.causes.names.len(), facts.phases.len());
        let cells = self.cells.len() == causes && self.cells.iter().all(|of| of.len() == phases);
        let known = cells && self.outages.len() == causes;
        (self.phases.is_empty() || self.phases.len() == phases)
            && (known || self.cells.is_empty() && self.outages.is_empty())
    }

    /// As simulated ones, the greatest share of the downtime first.
    pub fn causes(&self, facts: &Facts, confidence: f64) -> Vec<Cause> {
        let all: f64 = self.phases.iter().sum();
        let cause = |((cells, &outages), name): ((&Vec<f64>, &f64), &String)| {
            let down: f64 = cells.iter().sum();
            let cells = facts.phases.iter().zip(cells).filter(|(_, cell)| **cell > 0.0);
            let phases: IndexMap<String, f64> = cells.map(|(name, cell)| (name.clone(), cell / all)).collect();
            let (share, downtime) = shares(down, all, confidence);
            let outages = figure(outages * YEAR, confidence, "1/y");
            (down > 0.0).then(|| Cause { cause: name.clone(), share, downtime, outages, phases })
        };
        let named = self.cells.iter().zip(&self.outages).zip(&facts.causes.names);
        let mut list: Vec<Cause> = named.filter_map(cause).collect();
        list.sort_by(|a, b| b.share.estimate.unwrap_or(0.0).total_cmp(&a.share.estimate.unwrap_or(0.0)));
        list
    }

    /// As simulated ones; how often outages come into them isn't told.
    pub fn phases(&self, facts: &Facts, confidence: f64) -> Vec<Phase> {
        let all: f64 = self.phases.iter().sum();
        let phase = |(&down, name): (&f64, &String)| {
            let (share, downtime) = shares(down, all, confidence);
            (down > 0.0).then(|| Phase { phase: name.clone(), share, downtime, stays: None })
        };
        self.phases.iter().zip(&facts.phases).filter_map(phase).collect()
    }
}

/// Share of the downtime, and downtime per year.
fn shares(down: f64, all: f64, confidence: f64) -> (Estimate, Estimate) {
    (figure(down / all, confidence, ""), figure(down * YEAR, confidence, "s/y"))
}
