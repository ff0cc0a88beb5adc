//! By which method a design is solved, with what warm-up and length, and why.

use super::control::Stop;
use super::importance::Biased;
use super::probe::Probe;
use super::replicate::Workers;
use super::settings::Settings;
use super::splitting::Split;
use super::strata::Strata;
use super::warmup::{Pilot, round_up};
use super::window::Window;
use crate::syntax::ast::Method;
use crate::units::in_words;
use serde::{Deserialize, Serialize};

/// Most firings of the pilot, and its most share of the budget.
const PILOT_FIRINGS: u64 = 4_000_000;
const PILOT_SHARE: u64 = 10;

/// Most firings of one path of the probe.
const PROBE_FIRINGS: u64 = 10_000;

/// Observed time of a replication, as a multiple of its warm-up: a tenth of the work is lost.
const LENGTH: f64 = 9.0;

/// Outages that a replication should see.
const OUTAGES_EACH: f64 = 5.0;

/// Replications that half of the budget should allow, whatever else speaks for longer ones.
const LEAST_REPLICATIONS: f64 = 256.0;

/// Firings of a path at the least: what a slow mode leaves after the warm-up weighs little on it.
const LEAST_FIRINGS: f64 = 4000.0;

/// Cycles of deterministic clocks over which observations begin: a cycle may be a part, or a small multiple, of what
/// their delays add up to.
const CYCLES: f64 = 4.0;

/// Share of the longest mean delay below which a deterministic delay has no phase worth thinking of.
const NO_PERIOD: f64 = 1e-4;

/// Least and most firings of one group of cycles, and groups that the budget should allow.
const GROUP_FIRINGS: (f64, f64) = (100.0, 2_000.0);
const GROUPS: f64 = 65_536.0;

/// How a design is solved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approach {
    /// Never `Auto` or `Simulation`.
    pub method: Method,
    /// Why this method.
    pub because: String,
    /// Removed from the start of each path, seconds.
    pub warmup: f64,
    /// The observation of each path begins within so much after that, seconds.
    pub spread: f64,
    /// How that was found.
    pub warmup_because: String,
    /// Observed on each path after that, or in one basic piece of a batch, seconds.
    pub length: f64,
    /// Cycles in one observation.
    pub cycles: u64,
    /// What is biased, and what is taken from it, in importance sampling.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub biased: Option<Biased>,
    /// Where paths are split, in splitting.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub split: Option<Split>,
    /// How many cycles are drawn behind each way out of the first marking, where they are stratified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub strata: Option<Strata>,
    /// Firings that the choice cost.
    pub firings: u64,
    /// Nothing ever fires: one look tells everything.
    pub still: bool,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What a first look at a process told.
pub(super) struct FirstLook {
    pub probe: Probe,
    /// The warning about confusion (S6), if there is some.
    pub confusion: Option<String>,
    /// Firings spent.
    pub firings: u64,
    /// Most firings of a pilot.
    pub budget: u64,
}

impl Approach {
    /// By this method, for a reason, after so many firings; without a warm-up.
    pub(super) fn new((method, because): (Method, String), firings: u64) -> Approach {
        Approach {
            method,
            because,
            warmup: 0.0,
            spread: 0.0,
            warmup_because: "none: cycles begin fresh".to_string(),
            length: 0.0,
            cycles: 0,
            biased: None,
            split: None,
            strata: None,
            firings,
            still: false,
            warnings: Vec::new(),
        }
    }

    /// The same, after what there is to say before.
    pub(super) fn after(mut self, warnings: impl IntoIterator<Item = String>) -> Approach {
        self.warnings.splice(0..0, warnings);
        self
    }

    /// What is observed of each path.
    pub fn window(&self) -> Window {
        Window { warmup: self.warmup, spread: self.spread, length: self.length }
    }
}

impl<'a> Workers<'a> {
    /// Chooses, by a probe and where needed a pilot: a method of rare events only where it is stated.
    pub fn choose(&self, settings: &Settings, primary: Option<usize>) -> Result<Approach, Stop> {
        let first = self.first(settings)?;
        self.choose_after(&first, settings, primary)
    }

    /// The same after a first look.
    pub(super) fn choose_after(
        &self,
        first: &FirstLook,
        settings: &Settings,
        primary: Option<usize>,
    ) -> Result<Approach, Stop> {
        if first.probe.comes_to_rest() && in_cycles(settings) {
            let resting = self.at_rest(settings, primary, first.firings)?;
            return Ok(resting.after(first.confusion.clone()));
        }
        let (method, because, warning) = match settings.method {
            Method::ImportanceSampling => self.importance_sampling(primary)?,
            Method::Splitting => self.splitting(primary),
            Method::Stratified => self.stratified_cycles(settings, &first.probe)?,
            _ => method(settings, &first.probe),
        };
        let approach = match self.prepare((method, because), settings, first, primary) {
            Err(Stop::Rests) => self.at_rest(settings, primary, first.firings)?,
            Err(Stop::Cut) => self.without_end(method, settings, first, primary)?,
            prepared => prepared?,
        };
        Ok(approach.after(warning.into_iter().chain(first.confusion.clone())))
    }

    /// Replications where the pilot of a method came to no end.
    fn without_end(
        &self,
        method: Method,
        settings: &Settings,
        first: &FirstLook,
        primary: Option<usize>,
    ) -> Result<Approach, Stop> {
        let why = format!("one path alone took more than {} firings", first.budget);
        let because = format!("no use can be made of {method:?} ({why}): replications instead");
        let approach = self.prepare((Method::Replications, because.clone()), settings, first, primary)?;
        Ok(approach.after([because]))
    }

    /// The first look at a process.
    pub(super) fn first(&self, settings: &Settings) -> Result<FirstLook, Stop> {
        let budget = (settings.budget / PILOT_SHARE).min(PILOT_FIRINGS);
        let longest = self.process.facts().longest;
        let horizon = if longest > 0.0 { longest * 1e4 } else { 1.0 };
        let each = (budget / 64).clamp(64, PROBE_FIRINGS);
        let probe = self.probe(horizon, each)?;
        let (confusion, watched) = self.confusion(horizon, each)?;
        Ok(FirstLook { firings: probe.firings + watched, probe, confusion, budget })
    }

    /// The approach by a method, which can serve.
    pub(super) fn prepare(
        &self,
        (method, because): (Method, String),
        settings: &Settings,
        first: &FirstLook,
        primary: Option<usize>,
    ) -> Result<Approach, Stop> {
        let probe = &first.probe;
        let mut approach = Approach { still: probe.firings == 0, ..Approach::new((method, because), first.firings) };
        let in_cycles = method == Method::ImportanceSampling && !settings.states_paths() && probe.regenerates();
        if method == Method::Regenerative || in_cycles {
            let firings = (settings.budget as f64 / GROUPS).clamp(GROUP_FIRINGS.0, GROUP_FIRINGS.1);
            // A power of two, so that groups of two designs can be joined to the same cycles.
            approach.cycles = ((firings / probe.firings_per_cycle()).ceil().max(1.0) as u64).next_power_of_two();
        } else if method == Method::Stratified {
            approach.cycles = 1;
            self.stratify(&mut approach, settings, first, primary)?;
        } else {
            self.settle(&mut approach, settings, probe, first.budget, primary)?;
        }
        if let (Method::ImportanceSampling, Some(up)) = (method, primary) {
            self.bias(&mut approach, settings, up)?;
        }
        if let (Method::Splitting, Some(up)) = (method, primary) {
            self.lay_levels(&mut approach, settings, up, probe.rate())?;
        }
        Ok(approach)
    }

    /// Stratified cycles, or crude ones, or none at all.
    fn stratified_cycles(&self, settings: &Settings, probe: &Probe) -> Result<(Method, String, Option<String>), Stop> {
        if let Some(why) = self.unstratified()? {
            let (method, because, warning) =
                method(&Settings { method: Method::Regenerative, ..settings.clone() }, probe);
            let crude = format!("cycles can't be stratified ({why}): crude ones instead");
            return Ok((method, because, warning.or(Some(crude))));
        }
        Ok(method(settings, probe))
    }

    /// Where observations begin at a random instant after the warm-up: over some cycles of all deterministic clocks,
    /// unless these are nothing against the other delays.
    pub fn spread(&self) -> f64 {
        let facts = self.process.facts();
        if facts.period < NO_PERIOD * facts.longest { 0.0 } else { CYCLES * facts.period }
    }

    /// Finds warm-up and length where the scenario doesn't state both.
    fn settle(
        &self,
        approach: &mut Approach,
        settings: &Settings,
        probe: &Probe,
        budget: u64,
        primary: Option<usize>,
    ) -> Result<(), Stop> {
        approach.warmup_because = "stated".to_string();
        if let (Some(warmup), Some(length)) = (settings.warmup, settings.length) {
            (approach.warmup, approach.length) = (warmup, length);
            return Ok(());
        }
        if settings.warmup.is_none() && approach.method != Method::BatchMeans {
            approach.spread = self.spread();
        }
        let pilot = self.pilot(probe.rate(), approach.spread, budget, settings.precision, primary)?;
        approach.firings += pilot.firings;
        approach.warmup = settings.warmup.unwrap_or(pilot.warmup);
        if settings.warmup.is_none() {
            if !pilot.settled {
                approach.warnings.push(format!(
                    "the warm-up of {} is a guess ({}); state `warmup`, or give more budget",
                    in_words(pilot.warmup),
                    pilot.because
                ));
            }
            approach.warmup_because = pilot.because.clone();
            if approach.spread > 0.0 {
                approach.warmup_because += &format!(
                    "; each observation begins at a random instant of the next {}, since deterministic clocks may keep their \
                     phase",
                    in_words(approach.spread)
                );
            }
        }
        // Biased cycles cost more than the crude path that sends them off.
        let budget =
            if approach.method == Method::ImportanceSampling { budget_of_crude(settings) } else { settings.budget };
        approach.length = settings.length.unwrap_or_else(|| length(&pilot, approach.warmup, budget));
        if approach.method == Method::BatchMeans && settings.length.is_none() {
            // Batches lengthen themselves.
            approach.length = round_up(approach.length / 64.0);
        }
        Ok(())
    }
}

/// Whether cycles might be observed, or one long path.
fn in_cycles(settings: &Settings) -> bool {
    !settings.states_paths() && !matches!(settings.method, Method::Replications | Method::Splitting)
}

/// What is left to the crude path where each of its cycles sends off a biased one.
fn budget_of_crude(settings: &Settings) -> u64 {
    settings.budget / 8
}

/// The method, why, and a warning where the wish couldn't be granted.
fn method(settings: &Settings, probe: &Probe) -> (Method, String, Option<String>) {
    let stated = "stated".to_string();
    match settings.method {
        Method::Regenerative | Method::Stratified if probe.obstacle().is_some() => {
            let why = probe.obstacle().unwrap_or_default();
            let warning = format!("no use can be made of regenerations ({why}): replications instead");
            (Method::Replications, warning.clone(), Some(warning))
        }
        Method::Auto | Method::Simulation if settings.replications.is_some() => {
            (Method::Replications, "their number is stated".to_string(), None)
        }
        Method::Auto | Method::Simulation if settings.warmup.is_some() || settings.length.is_some() => {
            (Method::Replications, "warm-up or length is stated".to_string(), None)
        }
        Method::Auto | Method::Simulation if probe.regenerates() => {
            let because = format!(
                "the net regenerates every {:.1} firings ({} cycles in {} firings)",
                probe.firings_per_cycle(),
                probe.cycles,
                probe.firings
            );
            (Method::Regenerative, because, None)
        }
        Method::Auto | Method::Simulation => {
            let because = match probe.obstacle() {
                Some(why) => format!("no use can be made of regenerations: {why}"),
                None => format!("only {} true regenerations in {} firings", probe.cycles, probe.firings),
            };
            (Method::Replications, because, None)
        }
        method => (method, stated, None),
    }
}

/// Observed time of a replication: nine times the warm-up, the pilot's horizon and a few outages at least;
/// but many replications must fit into the budget.
fn length(pilot: &Pilot, warmup: f64, budget: u64) -> f64 {
    let mut length = (LENGTH * warmup).max(pilot.horizon);
    if pilot.outage_rate > 0.0 {
        length = length.max(OUTAGES_EACH / pilot.outage_rate);
    }
    if pilot.firing_rate > 0.0 {
        let most = budget as f64 / 2.0 / LEAST_REPLICATIONS / pilot.firing_rate - warmup;
        length = length.max(LEAST_FIRINGS / pilot.firing_rate).min(most.max(warmup));
    }
    round_up(length)
}
