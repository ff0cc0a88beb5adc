//! What an interrupted run leaves behind, so that another can go on and end with the same bytes.

use super::approach::Approach;
use super::control::RunFault;
use super::evidence::Evidence;
use super::figures::Figures;
use super::gate::Answer;
use super::pair::Shared;
use super::process::Facts;
use super::sample::{End, State};
use super::settings::BLOCK;
use super::tally::Layout;
use super::uncertainty::Drawn;
use crate::stats::Estimate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Changes when snapshots of an earlier version can't be continued.
const FORMAT: u32 = 3;

/// The finished points and the folded blocks of the running one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub(super) identity: Identity,
    pub(super) finished: Vec<Finding>,
    /// How each design of the sweep point at hand is solved.
    #[serde(default)]
    pub(super) chosen: Vec<Approach>,
    /// The observations of the point that was interrupted.
    pub(super) running: Option<State>,
    /// Those of all designs of the sweep point that was interrupted, where they are observed together.
    #[serde(default)]
    pub(super) together: Vec<State>,
    /// The runs beyond the plan's points, in the order in which they are needed; the last may have been interrupted.
    #[serde(default)]
    pub(super) studies: Vec<Snapshot>,
    /// What pairs of draws of the parameters gave, in ascending order.
    #[serde(default)]
    pub(super) drawn: Vec<Drawn>,
    /// What a gate has decided, by what was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) answers: BTreeMap<String, Answer>,
    /// As far as the scenario's objectives are judged, once the run is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) objectives: Option<Box<Snapshot>>,
}

/// What a run is: only a snapshot of the same run can be continued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub format: u32,
    pub version: String,
    pub scenario: String,
    pub seed: u64,
    /// Of every point's net.
    pub digests: Vec<String>,
    /// The settings, as JSON.
    pub settings: String,
}

/// A point that is finished, or as far as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Finding {
    pub approach: Approach,
    pub state: State,
    pub end: End,
    pub years: IndexMap<String, IndexMap<String, Estimate>>,
    /// Firings spent on single years.
    pub years_firings: u64,
    pub warnings: Vec<String>,
    /// What is known of each measure with a time of its own; empty where there are none, or they weren't come to.
    #[serde(default)]
    pub answers: Vec<Option<Evidence>>,
    /// Firings spent on them.
    #[serde(default)]
    pub answers_firings: u64,
    /// Of a point that was solved exactly.
    #[serde(default)]
    pub exact: Option<Figures>,
    /// Downtime of the leading condition in single years, by index; dropped with the series.
    #[serde(default)]
    pub single_years: Vec<f64>,
    /// What it has in common with the earlier designs of its sweep point.
    #[serde(default)]
    pub pairs: Vec<Pair>,
}

/// A design with an earlier one of the same sweep point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    /// Index of the earlier point.
    pub with: usize,
    pub shared: Shared,
    /// Chance that the earlier one has less downtime in a year, with the first design of the point.
    pub year: Option<Estimate>,
}

impl Identity {
    pub(super) fn new(scenario: &str, seed: u64, digests: Vec<String>, settings: String) -> Identity {
        let version = env!("CARGO_PKG_VERSION").to_string();
        Identity { format: FORMAT, version, scenario: scenario.to_string(), seed, digests, settings }
    }

    /// An error that says what differs.
    pub(super) fn check(&self, stored: &Identity) -> Result<(), RunFault> {
        let differs = |what: &str, stored: &dyn std::fmt::Display, ours: &dyn std::fmt::Display| {
            Err(RunFault::Resume(format!("the snapshot is of {what} {stored}, this run of {ours}")))
        };
        if (stored.format, &stored.version) != (self.format, &self.version) {
            return differs("version", &stored.version, &self.version);
        }
        if stored.scenario != self.scenario {
            return differs("scenario", &stored.scenario, &self.scenario);
        }
        if stored.seed != self.seed {
            return differs("seed", &stored.seed, &self.seed);
        }
        if stored.digests != self.digests {
            return Err(RunFault::Resume("the nets have changed since the snapshot was written".to_string()));
        }
        if stored.settings != self.settings {
            return Err(RunFault::Resume("the scenario's settings have changed since the snapshot was written".into()));
        }
        Ok(())
    }
}

/// More firings, observations or blocks than any run makes; what is counted or multiplied below that doesn't overflow.
const MOST: u64 = 1_000_000_000_000_000_000;

impl Snapshot {
    /// Of a run that hasn't begun.
    pub(super) fn new(identity: Identity) -> Snapshot {
        Snapshot {
            identity,
            finished: Vec::new(),
            chosen: Vec::new(),
            running: None,
            together: Vec::new(),
            studies: Vec::new(),
            drawn: Vec::new(),
            answers: BTreeMap::new(),
            objectives: None,
        }
    }

    /// The one to go on from: that of an earlier run, or a new one.
    pub(super) fn resumed(identity: Identity, stored: Option<&Snapshot>) -> Result<Snapshot, RunFault> {
        let Some(stored) = stored else { return Ok(Snapshot::new(identity)) };
        identity.check(&stored.identity)?;
        if !stored.is_countable() {
            return Err(RunFault::Resume("the snapshot is damaged: it counts more than a run can".to_string()));
        }
        Ok(stored.clone())
    }

    /// A forged or damaged snapshot must not make numbers overflow.
    fn is_countable(&self) -> bool {
        let answers = self.answers.values().all(|answer| answer.firings <= MOST && answer.observations <= MOST);
        let finished = self.finished.iter().all(|finding| {
            let Finding { approach, state, years_firings, answers_firings, .. } = finding;
            state.is_countable(approach.cycles)
                && approach.is_countable()
                && [years_firings, answers_firings].iter().all(|n| **n <= MOST)
        });
        let cycles = self.chosen.iter().map(|approach| approach.cycles).max().unwrap_or(1);
        let chosen = self.chosen.iter().all(Approach::is_countable);
        let studies = self.studies.iter().chain(self.objectives.as_deref()).all(Snapshot::is_countable);
        studies
            && answers
            && finished
            && chosen
            && self.running.iter().chain(&self.together).all(|state| state.is_countable(cycles))
    }
}

impl Approach {
    fn is_countable(&self) -> bool {
        let times = [self.warmup, self.spread, self.length];
        [self.firings, self.cycles].iter().all(|n| *n <= MOST) && times.iter().all(|t| *t >= 0.0)
    }
}

impl State {
    /// Whether none of its numbers, nor that of its paths of so many cycles each, is too large.
    fn is_countable(&self, cycles: u64) -> bool {
        let State { blocks, next, tally } = self;
        let counts = [*blocks, *next, tally.count, tally.firings, tally.ties, tally.rests];
        let paths = [*blocks, *next].map(|n| n.saturating_mul(BLOCK)).into_iter().chain([tally.count, BLOCK]).max();
        let cycles = paths.unwrap_or(BLOCK).saturating_mul(cycles);
        counts.into_iter().chain([cycles]).all(|n| n <= MOST)
    }
}

impl Finding {
    /// A damaged snapshot must not be read beyond its ends.
    pub(super) fn fits(&self, facts: &Facts, layout: &Layout) -> Result<(), RunFault> {
        let exact = self.exact.as_ref().is_none_or(|figures| figures.fit(facts));
        let known = self.answers.is_empty() || self.answers.len() == facts.questions.len();
        let answers = known && self.answers.iter().flatten().all(Evidence::is_sound);
        match exact && answers && self.state.tally.fits(layout) {
            true => Ok(()),
            false => Err(RunFault::Resume("the snapshot is damaged: it doesn't fit its nets".to_string())),
        }
    }
}
