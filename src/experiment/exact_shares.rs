//! The account of outages of a point that is solved exactly.

use super::causes::{Causes, Kind, OTHERS};
use super::estimate::{First, Sample};
use super::exact_sequences::sequences;
use super::figures::figure;
use super::outcome::{Cause, Phase, Sequence};
use super::phases::MOST as MOST_PHASES;
use super::process::{Facts, Process};
use super::sequences::{Part, Trail};
use super::shares::LISTED;
use crate::exact::{self, Limits, Origin, Refusal, Stop};
use crate::net::Net;
use crate::stats::Estimate;
use crate::units::YEAR;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// An account must not take much longer than what it belongs to.
pub const LIMITS: Limits =
    Limits { states: 500_000, transitions: 8_000_000, vanishing: 100_000, memory: Limits::MEMORY };

/// Share of time in the marking in which paths begin from which on the warm-up of a path is that of its memory too.
const AT_HOME: f64 = 0.5;

/// The outages of one condition in the long run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Shares {
    /// Share of time down by phase.
    phases: Vec<f64>,
    /// The same by cause and phase; none where causes aren't solved.
    cells: Vec<Vec<f64>>,
    /// Outages by cause, per second.
    outages: Vec<f64>,
    /// By sequence of failures, the most downtime first; none where they aren't solved.
    #[serde(default)]
    sequences: Vec<Way>,
    /// Share of time in the marking in which paths begin.
    #[serde(default)]
    home: f64,
}

/// What one sequence of failures led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Way {
    /// None: all others.
    trail: Option<Trail>,
    /// Outages per second.
    outages: f64,
    /// Share of time down, where it is solved.
    down: Option<f64>,
}

/// The accounts of all conditions, and what is missing in them and why.
pub type Accounts = (Vec<Shares>, Vec<String>);

/// Solves the accounts of a process that was asked for them.
///
/// # Errors
/// Only [`Refusal::Interrupted`]: whatever else refuses leaves parts of the account out.
pub fn accounts(process: &Process, limits: &Limits, stop: Stop) -> Result<Accounts, Refusal> {
    let (mut all, mut missing) = (Vec::new(), Vec::new());
    let Some(net) = process.phased() else { return Ok((all, missing)) };
    for up in 0..net.up.len() {
        let mut shares = causes(net, up, &process.facts().causes, limits, (&mut missing, stop))?;
        add_sequences(&mut shares, net, up, &process.facts().causes, (&mut missing, stop))?;
        all.push(shares);
    }
    missing.dedup();
    Ok((all, missing))
}

/// Causes and phases, or what there is of them; what is missing is told.
fn causes(
    net: &Net,
    up: usize,
    causes: &Causes,
    limits: &Limits,
    (missing, stop): (&mut Vec<String>, Stop),
) -> Result<Shares, Refusal> {
    match exact::account(net, up, (&origins(causes), causes.names.len()), limits, stop) {
        Ok(exact::Account { cells, outages }) => {
            let sum = |phase: usize| cells.iter().map(|of| of[phase]).sum();
            return Ok(Shares {
                phases: (0..=net.phases.len()).map(sum).collect(),
                cells,
                outages,
                ..Shares::default()
            });
        }
        Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
        Err(refusal) => missing.push(format!("the causes of outages aren't solved exactly: {refusal}")),
    }
    let outages = match exact::begun(net, up, (&origins(causes), causes.names.len()), limits, stop) {
        Ok(outages) => outages,
        Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
        Err(_) => Vec::new(),
    };
    match exact::phases(net, up, limits, stop) {
        Ok(phases) => Ok(Shares { phases, outages, ..Shares::default() }),
        Err(Refusal::Interrupted) => Err(Refusal::Interrupted),
        Err(refusal) => {
            missing.push(format!("the phases of outages aren't solved exactly: {refusal}"));
            Ok(Shares::default())
        }
    }
}

/// Sequences of failures, where they can be solved.
fn add_sequences(
    shares: &mut Shares,
    net: &Net,
    up: usize,
    causes: &Causes,
    (missing, stop): (&mut Vec<String>, Stop),
) -> Result<(), Refusal> {
    let (down, outages): (f64, f64) = (shares.phases.iter().sum(), shares.outages.iter().sum());
    let found = match sequences(net, up, causes, down / outages, stop) {
        Ok(found) => found,
        Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
        Err(refusal) => {
            let why = match refusal {
                // It is not the net that has so many.
                Refusal::TooManyStates { limit } => {
                    format!("markings, each with the failures that led to it, are more than {limit}")
                }
                refusal => refusal.to_string(),
            };
            missing.push(format!("the sequences of failures aren't solved exactly: {why}"));
            return Ok(());
        }
    };
    let obstacle = found.obstacle.map(|why| format!("the downtime of sequences isn't solved exactly: {why}"));
    missing.extend(obstacle);
    let way = |trail: Option<Trail>, [outages, down]: Part| {
        let down = Some(down).filter(|down| down.is_finite());
        (outages > 0.0 || down.is_some_and(|down| down > 0.0)).then_some(Way { trail, outages, down })
    };
    let list = found.list.into_iter().map(|(trail, part)| (Some(trail), part));
    shares.sequences = list.chain([(None, found.rest)]).filter_map(|(trail, part)| way(trail, part)).collect();
    shares.home = found.home;
    Ok(())
}

/// Most figures of one condition that a simulation of the net can be held against.
pub fn most_compared(net: &Net) -> usize {
    2 * Causes::new(net).names.len() + net.phases.len().max(MOST_PHASES) + 1 + LISTED
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
        let known = (cells || self.cells.is_empty()) && self.outages.len() == causes;
        let ways = self.sequences.iter().filter_map(|way| way.trail).all(|trail| trail.fits(causes));
        ways && (self.phases.is_empty() || self.phases.len() == phases)
            && (known || self.cells.is_empty() && self.outages.is_empty())
    }

    /// As simulated ones, the greatest share of the downtime first.
    pub fn causes(&self, facts: &Facts, confidence: f64) -> Vec<Cause> {
        let all: f64 = self.phases.iter().sum();
        let cause = |((number, &outages), name): ((usize, &f64), &String)| {
            let cells = self.cells.get(number).map_or(&[][..], Vec::as_slice);
            let down = if self.cells.is_empty() { f64::NAN } else { cells.iter().sum() };
            let cells = facts.phases.iter().zip(cells).filter(|(_, cell)| **cell > 0.0);
            let phases: IndexMap<String, f64> = cells.map(|(name, cell)| (name.clone(), cell / all)).collect();
            let (share, downtime) = shares(down, all, confidence);
            let cause = || Cause {
                cause: name.clone(),
                share,
                downtime,
                outages: figure(outages * YEAR, confidence, "1/y"),
                phases,
            };
            (down > 0.0 || outages > 0.0).then(cause)
        };
        let named = self.outages.iter().enumerate().zip(&facts.causes.names);
        let mut list: Vec<Cause> = named.filter_map(cause).collect();
        let value = |of: &Estimate| of.estimate.unwrap_or(0.0);
        list.sort_by(|a, b| {
            value(&b.share).total_cmp(&value(&a.share)).then(value(&b.outages).total_cmp(&value(&a.outages)))
        });
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

    /// As simulated ones.
    pub fn sequences(&self, facts: &Facts, confidence: f64) -> Vec<Sequence> {
        let sum = |of: &[Way]| {
            of.iter().fold((0.0, Some(0.0)), |(n, d), w| (n + w.outages, d.zip(w.down).map(|(d, x)| d + x)))
        };
        let (outages, down) = sum(&self.sequences);
        let share = |x: f64, of: f64| if of > 0.0 { x / of } else { 0.0 };
        let sequence = |failures: Vec<String>, (own, time): (f64, Option<f64>)| Sequence {
            failures,
            seen: None,
            per_year: figure(own * YEAR, confidence, "1/y"),
            outages: share(own, outages),
            downtime: time.zip(down).map(|(time, down)| share(time, down)),
        };
        let known = self.sequences.iter().take_while(|way| way.trail.is_some()).count().min(LISTED);
        let (listed, rest) = self.sequences.split_at(known);
        let named =
            listed.iter().filter_map(|way| Some((way.trail?.words(&facts.causes.names), (way.outages, way.down))));
        let others = (!rest.is_empty()).then(|| (vec![OTHERS.to_string()], sum(rest)));
        named.chain(others).map(|(failures, part)| sequence(failures, part)).collect()
    }

    /// What a simulation can be held against: what it is, by both engines.
    pub fn compared(&self, sample: &Sample, up: usize) -> Vec<(String, Estimate, f64)> {
        let mut list = Vec::new();
        let facts = sample.facts;
        let mut add = |what: &str, of: &str, simulated: Estimate, exact: f64| {
            list.push((format!("{}, {of}: {what}", facts.up[up]), simulated, exact));
        };
        for (cause, (name, &outages)) in facts.causes.names.iter().zip(&self.outages).enumerate() {
            let down = self.cells.get(cause).map_or(f64::NAN, |cells| cells.iter().sum());
            // What a path brought from its beginning may be left after any warm-up.
            if cause > 0 || down > 0.0 {
                let [downtime, times] = sample.cause(up, cause);
                add("downtime per year", name, downtime, down * YEAR);
                add("outages per year", name, times, outages * YEAR);
            }
        }
        for (phase, (name, &down)) in facts.phases.iter().zip(&self.phases).enumerate() {
            add("downtime per year", name, sample.phase(up, phase), down * YEAR);
        }
        // Where that marking is rare, a path's first failures are remembered longer than any warm-up.
        if self.home >= AT_HOME || sample.first == First::Cycles {
            for way in self.sequences.iter().take(LISTED) {
                let Some(trail) = way.trail else { break };
                let name = trail.words(&facts.causes.names).join(" → ");
                add("outages per year", &name, sample.frequency(up, &trail), way.outages * YEAR);
            }
        }
        list
    }
}

/// Share of the downtime, and downtime per year.
fn shares(down: f64, all: f64, confidence: f64) -> (Estimate, Estimate) {
    (figure(down / all, confidence, ""), figure(down * YEAR, confidence, "s/y"))
}
