//! Whether outages are too rare for crude paths, and which method sees more of them for the same work.
//!
//! The first look tells how many outages crude paths show. Where the budget can't hold as many as the wanted precision
//! takes, importance sampling and splitting are each prepared and tried for a while, and are judged by the effective
//! number of outages (Kish 1965) for each firing. Two trials that contradict each other leave only the one that found
//! more downtime: what a method of rare events misses makes its estimate too low, hardly ever too high. Everything is
//! counted in firings, so the choice is a function of the seed.

use super::approach::{Approach, FirstLook};
use super::control::Stop;
use super::replicate::Workers;
use super::settings::Settings;
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::program::Program;
use crate::rare::Effect;
use crate::stats::quantile;
use crate::syntax::ast::Method;
use std::ops::{ControlFlow, Range};

/// Firings for each outage from which on outages are rare at all.
const RARE: f64 = 1000.0;

/// Blocks of a trial; its share of the budget and its firings, after which it ends where it has shown something; and
/// so many times as much, after which it ends at any rate.
const TRIAL: Range<u64> = 1 << 41..(1 << 41) + 256;
const TRIAL_SHARE: u64 = 40;
const TRIAL_FIRINGS: u64 = 5_000_000;
const PATIENCE: u64 = 4;

/// Share of the budget that crude paths may take before other methods are tried.
const CRUDE_SHARE: f64 = 0.1;

/// Effective outages after which a trial has shown enough, and those that it must show to be believed.
const ENOUGH: f64 = 200.0;
const SHOWN: f64 = 20.0;

/// Variance of a run's downtime over that of as many outages of one length, roughly.
const LENGTHS: f64 = 2.0;

/// A method of rare events must promise so many times as much as crude paths.
const CLEARLY: f64 = 4.0;

/// Distance in standard errors beyond which two trials contradict each other.
const FAR: f64 = 4.0;

/// What a trial showed.
struct Trial {
    approach: Approach,
    /// Effective outages, and how many for each firing.
    effective: f64,
    worth: f64,
    /// Estimate of the unavailability.
    unavailability: f64,
    /// Outages per second, as they are.
    rate: f64,
}

/// What came of preparing and trying a method.
enum Tried {
    Shown(Box<Trial>),
    /// Why not.
    Not(String),
}

impl<'a> Workers<'a> {
    /// Chooses among all methods of simulation, one of rare events where only that can serve.
    pub fn decide(&self, settings: &Settings, primary: Option<usize>) -> Result<Approach, Stop> {
        let first = self.first(settings)?;
        let mut crude = self.choose_after(&first, settings, primary)?;
        let Some(up) = primary.filter(|&up| self.may_be_rare(settings, &first, up)) else { return Ok(crude) };
        let few = format!("{}, {:.0} are needed", seen(&first, up), needed(settings));
        if let Some(obstacle) = obstacle(settings) {
            crude.because += &format!("; outages are rare ({few}), but {obstacle}");
            return Ok(crude);
        }
        let mut tried = Vec::new();
        for method in [Method::ImportanceSampling, Method::Splitting] {
            let (outcome, spent) = self.try_method(method, settings, &first, up, &mut crude.warnings)?;
            crude.firings += spent;
            tried.push((method, outcome));
        }
        let words = described(&tried);
        match self.best(tried, settings, &first) {
            Some(rare) => Ok(Approach {
                because: format!(
                    "outages are too rare for {} ({few}); in trials {words}{}",
                    if crude.method == Method::Regenerative { "crude cycles" } else { "crude paths" },
                    rare.because
                ),
                firings: crude.firings,
                warnings: crude.warnings.into_iter().chain(rare.warnings).collect(),
                ..rare
            }),
            None => {
                crude.because += &format!("; outages are rare ({few}), and no other method promises more: {words}");
                Ok(crude)
            }
        }
    }

    /// Whether the first look leaves it open that a crude run sees too few outages.
    fn may_be_rare(&self, settings: &Settings, first: &FirstLook, up: usize) -> bool {
        let (seen, firings) = (first.outages(up), first.probe.firings as f64);
        let chosen = matches!(settings.method, Method::Auto | Method::Simulation) && !settings.states_paths();
        let scarce = seen * RARE < firings && is_scarce(seen / firings, settings);
        let goes_on = firings > 0.0 && !first.probe.comes_to_rest();
        chosen && goes_on && scarce && !self.process.facts().deterministic
    }

    /// Prepares a method and tries it; with the firings that it took.
    fn try_method(
        &self,
        method: Method,
        settings: &Settings,
        first: &FirstLook,
        up: usize,
        warnings: &mut Vec<String>,
    ) -> Result<(Tried, u64), Stop> {
        let unserved = if method == Method::ImportanceSampling { self.unserved(Some(up))? } else { None };
        if let Some(obstacle) = unserved {
            return Ok((Tried::Not(format!("can't serve ({obstacle})")), 0));
        }
        let tried = self
            .prepare((method, String::new()), settings, first, Some(up))
            .and_then(|approach| self.trial(approach, settings, first, up));
        match tried {
            Err(Stop::Interrupted) => Err(Stop::Interrupted),
            Err(Stop::Fault(fault)) => {
                warnings.push(format!("a trial of {} met a fault that no crude path has met: {fault}", words(method)));
                Ok((Tried::Not("met a fault".to_string()), 0))
            }
            Err(Stop::Cut) => Ok((Tried::Not("came to no end".to_string()), 0)),
            Err(Stop::Rests) => {
                warnings.push(format!(
                    "a trial of {} came to rest (nothing can fire any more), as no crude path has: in the long run the net \
                     rests, and what is told of it is from before",
                    words(method)
                ));
                Ok((Tried::Not("came to rest".to_string()), 0))
            }
            Ok(tried) => Ok(tried),
        }
    }

    /// Observations of an approach until they show enough.
    fn trial(
        &self,
        approach: Approach,
        settings: &Settings,
        first: &FirstLook,
        up: usize,
    ) -> Result<(Tried, u64), Stop> {
        let layout = Layout::new(self.process.facts());
        let mut tally = Tally::new(&layout);
        let most = (settings.budget / TRIAL_SHARE).min(TRIAL_FIRINGS);
        let compute = |path: &mut Path<'a>, block| match approach.method {
            Method::Splitting => self.split(path, &layout, (block, u64::MAX), &approach, settings.budget),
            _ => self.importance(path, &layout, (block, u64::MAX), &approach, settings.budget),
        };
        self.fold(TRIAL, compute, |block: Tally| {
            tally.merge(&layout, &block);
            let effective = effect(&tally, up).map_or(0.0, Effect::effective);
            let shown = effective >= ENOUGH || tally.firings > most && effective >= SHOWN;
            if shown || tally.firings > PATIENCE * most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let spent = approach.firings - first.firings + tally.firings;
        let effective = effect(&tally, up).map_or(0.0, Effect::effective);
        if effective < SHOWN {
            let why = format!("showed {effective:.1} effective outages in {} firings", tally.firings);
            return Ok((Tried::Not(why), spent));
        }
        let time = tally.totals[Program::TIME];
        let trial = Trial {
            effective,
            worth: effective / tally.firings as f64,
            unavailability: tally.totals[Program::down(up)] / time,
            rate: tally.totals[Program::failures(up)] / time,
            approach,
        };
        Ok((Tried::Shown(Box::new(trial)), spent))
    }

    /// The approach that promises most, if it is clearly more than crude paths promise.
    fn best(&self, tried: Vec<(Method, Tried)>, settings: &Settings, first: &FirstLook) -> Option<Approach> {
        let shown = tried.into_iter().filter_map(|(_, tried)| match tried {
            Tried::Shown(trial) => Some(*trial),
            Tried::Not(_) => None,
        });
        let best = shown.reduce(|one, other| if one.is_better(&other) { one } else { other })?;
        let natural = best.rate / first.probe.rate();
        (is_scarce(natural, settings) && best.worth > CLEARLY * natural).then_some(best.approach)
    }
}

impl FirstLook {
    /// Outages of a condition that were seen.
    fn outages(&self, up: usize) -> f64 {
        self.probe.outages.get(up).copied().unwrap_or(0.0)
    }
}

impl Trial {
    /// Whether it is to be preferred.
    fn is_better(&self, other: &Trial) -> bool {
        let distance = libm::log(self.unavailability / other.unavailability);
        let error = (1.0 / self.effective + 1.0 / other.effective).sqrt();
        if distance.abs() > FAR * error { distance > 0.0 } else { self.worth >= other.worth }
    }
}

/// Effective outages that the wanted precision takes.
fn needed(settings: &Settings) -> f64 {
    let relative = quantile::student(0.5 + 0.5 * settings.confidence, 1e9) / settings.precision;
    (LENGTHS * relative * relative).max(settings.outages as f64)
}

/// Whether crude paths with so many outages for each firing would take long, or more than the budget.
fn is_scarce(outages: f64, settings: &Settings) -> bool {
    outages * CRUDE_SHARE * (settings.budget as f64) < needed(settings)
}

/// Why crude paths have to serve, if so.
fn obstacle(settings: &Settings) -> Option<&'static str> {
    [
        (settings.causes, "no method but the crude ones keeps an account of causes"),
        (settings.compare.is_some(), "designs that are compared closely are observed in pairs"),
    ]
    .into_iter()
    .find_map(|(holds, why)| holds.then_some(why))
}

fn effect(tally: &Tally, up: usize) -> Option<&Effect> {
    tally.weights.as_ref()?.effect(Program::down(up))
}

/// What the first look saw.
fn seen(first: &FirstLook, up: usize) -> String {
    match first.outages(up) {
        0.0 => format!("none in {} firings", first.probe.firings),
        outages => format!("{outages} in {} firings", first.probe.firings),
    }
}

fn words(method: Method) -> &'static str {
    if method == Method::Splitting { "splitting" } else { "importance sampling" }
}

/// What the trials said.
fn described(tried: &[(Method, Tried)]) -> String {
    let one = |(method, tried): &(Method, Tried)| match tried {
        Tried::Shown(trial) => {
            format!("{} takes {:.0} firings for each effective outage", words(*method), 1.0 / trial.worth)
        }
        Tried::Not(why) => format!("{} {why}", words(*method)),
    };
    tried.iter().map(one).collect::<Vec<_>>().join(", ")
}
