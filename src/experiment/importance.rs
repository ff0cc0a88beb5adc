//! Importance sampling: a crude path for the time, and biased cycles from its entries for what is rare.
//!
//! An observation is a window of a crude path, or some of its true cycles; each entry into the markings in which nothing
//! recovers sends off one biased cycle. In the long run every instant belongs to the cycle of exactly one entry, so
//! the weighted sums of the entries over the time of the window are long-run averages, whatever the clocks' ages.

use super::approach::Approach;
use super::control::Stop;
use super::replicate::Workers;
use super::settings::{BLOCK, Settings};
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::program::Program;
use crate::rare::{CHANCE, Sampler, Scheme, Toward, Weights};
use crate::rng::StreamKey;
use crate::syntax::ast::Method;
use std::ops::{ControlFlow, Range};

/// Replication indices of the crude paths begin here: they share no random number with other methods.
const LEAD: u64 = 1 << 59;

/// Blocks of the pilot, and its most share of the budget.
const PILOT_BLOCKS: Range<u64> = 1 << 40..(1 << 40) + 2;
const PILOT_SHARE: u64 = 40;

/// Chances that it tries, the usual one first; another must promise so many times as much to be taken.
const CHANCES: [f64; 2] = [CHANCE, 0.25];
const CLEARLY: f64 = 2.0;

/// How the sums of observations come about.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Biased {
    /// The condition whose outages are made likely.
    pub up: usize,
    /// Chance of failures against recoveries.
    pub chance: f64,
    /// The sums that are taken from biased cycles; the others are those of the crude path.
    pub sums: Vec<usize>,
}

/// What one observation yields.
struct Lead<'l, 'a, 's> {
    sampler: &'l mut Sampler<'a, 's>,
    scheme: &'s Scheme<'a>,
    /// Of the biased cycles.
    seed: u64,
    entries: u64,
    weighted: Vec<f64>,
    weights: Weights,
    firings: u64,
}

impl<'a> Workers<'a> {
    /// What the transitions are; none when the net has no failures.
    pub fn scheme(&self) -> Result<Option<Scheme<'a>>, Stop> {
        let mut path = self.process.path();
        path.begin(self.seed, LEAD)?;
        let scheme = Scheme::new(self.process.program(), &path);
        Ok(scheme.has_failures().then_some(scheme))
    }

    /// Why importance sampling can't serve, if so.
    pub fn unserved(&self, primary: Option<usize>) -> Result<Option<&'static str>, Stop> {
        Ok(match (primary, self.scheme()?) {
            (None, _) => Some("the net has no `up` condition"),
            (_, None) => Some("no transition has the role `Failure`"),
            _ => None,
        })
    }

    /// Whether importance sampling can serve; else replications do, with a warning.
    pub fn importance_sampling(&self, primary: Option<usize>) -> Result<(Method, String, Option<String>), Stop> {
        let Some(obstacle) = self.unserved(primary)? else {
            return Ok((Method::ImportanceSampling, "stated".to_string(), None));
        };
        let because = format!("importance sampling can't serve ({obstacle}): replications instead");
        Ok((Method::Replications, because.clone(), Some(because)))
    }

    /// Decides by a pilot how much failures are biased, and which sums are better taken from biased cycles.
    pub fn bias(&self, approach: &mut Approach, settings: &Settings, up: usize) -> Result<(), Stop> {
        let layout = Layout::new(self.process.facts());
        let mut best: Option<(f64, f64, Tally)> = None;
        for chance in CHANCES {
            let tally = self.try_chance(approach, &layout, settings, (up, chance))?;
            approach.firings += tally.firings;
            let effect = tally.weights.as_ref().map(|weights| weights.effects[Program::down(up)]).unwrap_or_default();
            let worth = effect.effective() / tally.firings.max(1) as f64;
            if best.as_ref().is_none_or(|(_, most, _)| worth > CLEARLY * most) {
                best = Some((chance, worth, tally));
            }
        }
        let Some((chance, _, tally)) = best else { return Ok(()) };
        let better = |&sum: &usize| {
            let effect = tally.weights.as_ref().map(|weights| weights.effects[sum]).unwrap_or_default();
            let crude = tally.variance(&layout, &[(sum, 1.0)]).unwrap_or(f64::NAN) / tally.mean(sum) / tally.mean(sum);
            let weighted = 1.0 / effect.effective();
            // Of what neither has seen, biased cycles are the more likely to see something.
            crude.is_nan() || weighted < crude
        };
        let mut sums: Vec<usize> = (Program::TIME + 1..self.process.facts().sums).filter(better).collect();
        for sum in [Program::down(up), Program::failures(up)] {
            if !sums.contains(&sum) {
                sums.push(sum);
            }
        }
        sums.sort_unstable();
        if !self.process.facts().causes.names.is_empty() {
            approach.warnings.push("no account of causes is kept of biased cycles".to_string());
        }
        approach.biased = Some(Biased { up, chance, sums });
        Ok(())
    }

    /// The pilot of one chance.
    fn try_chance(
        &self,
        approach: &Approach,
        layout: &Layout,
        settings: &Settings,
        (up, chance): (usize, f64),
    ) -> Result<Tally, Stop> {
        let trial = Approach { biased: Some(Biased { up, chance, sums: Vec::new() }), ..approach.clone() };
        let mut tally = Tally::new(layout);
        let most = settings.budget / PILOT_SHARE;
        let compute =
            |path: &mut Path<'a>, block| self.importance(path, layout, (block, u64::MAX), &trial, settings.budget);
        let folded = self.fold(PILOT_BLOCKS, compute, |block: Tally| {
            tally.merge(layout, &block);
            if tally.firings > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match folded {
            Err(Stop::Cut) | Ok(_) => Ok(tally),
            Err(stop) => Err(stop),
        }
    }

    /// One block of observations, those before `end`.
    pub fn importance(
        &self,
        path: &mut Path<'a>,
        layout: &Layout,
        (block, end): (u64, u64),
        approach: &Approach,
        most: u64,
    ) -> Result<Tally, Stop> {
        let sums = self.process.facts().sums;
        let (Some(biased), Some(scheme)) = (&approach.biased, self.scheme()?) else { return Err(Stop::Cut) };
        let importance = self.importance_for(biased.up)?;
        let toward = Toward::new(&self.net.up[biased.up].expr, importance, self.process.program(), &scheme);
        let mut sampler = Sampler::new((&scheme, toward), self.process.path(), (biased.up, biased.chance), sums);
        let mut tally = Tally::new(layout);
        let mut weights = Weights::new(sums, &biased.sums);
        let mut observation = vec![0.0; layout.width];
        for index in block * BLOCK..end.min((block + 1) * BLOCK) {
            let mut lead = Lead {
                sampler: &mut sampler,
                scheme: &scheme,
                seed: StreamKey::of("biased cycles").stream(self.seed, index).draw().bits(),
                entries: 0,
                weighted: vec![0.0; sums],
                weights: Weights::new(sums, &biased.sums),
                firings: 0,
            };
            observation.fill(0.0);
            match approach.cycles {
                0 => self.lead_window(path, &mut lead, index, approach, most, &mut observation)?,
                cycles => {
                    self.lead_cycles(path, &mut lead, index * cycles..(index + 1) * cycles, most, &mut observation)?
                }
            }
            for &sum in &biased.sums {
                observation[sum] = lead.weighted[sum];
            }
            let down = observation[Program::down(biased.up)];
            lead.weights.observe(index, observation[Program::TIME], down);
            weights.merge(&lead.weights);
            tally.add(layout, &observation);
            tally.firings += lead.firings;
        }
        tally.weights = Some(weights);
        Ok(tally)
    }

    fn lead_window(
        &self,
        path: &mut Path<'a>,
        lead: &mut Lead<'_, 'a, '_>,
        index: u64,
        approach: &Approach,
        most: u64,
        observation: &mut [f64],
    ) -> Result<(), Stop> {
        let (window, sums) = (approach.window(), self.process.facts().sums);
        path.begin(self.seed, LEAD | index)?;
        let start = window.start(self.seed, LEAD | index);
        self.advance(path, start, most)?;
        path.take_sums(&mut vec![0.0; sums]);
        self.lead(path, lead, start + window.length, false, most)?;
        path.take_sums(&mut observation[..sums]);
        lead.firings += path.firings();
        Ok(())
    }

    fn lead_cycles(
        &self,
        path: &mut Path<'a>,
        lead: &mut Lead<'_, 'a, '_>,
        cycles: Range<u64>,
        most: u64,
        observation: &mut [f64],
    ) -> Result<(), Stop> {
        let sums = self.process.facts().sums;
        for cycle in cycles {
            path.begin(self.seed, LEAD | cycle)?;
            path.take_sums(&mut vec![0.0; sums]);
            self.lead(path, lead, f64::MAX, true, most)?;
            path.take_sums(&mut observation[..sums]);
            lead.firings += path.firings();
        }
        Ok(())
    }

    /// Runs a crude path to `limit`, or to its first true regeneration, and sends off a biased cycle from each entry.
    fn lead(
        &self,
        path: &mut Path<'a>,
        lead: &mut Lead<'_, 'a, '_>,
        limit: f64,
        regenerates: bool,
        most: u64,
    ) -> Result<(), Stop> {
        let stop = || self.control.is_interrupted();
        let (mut steps, mut recovering) = (0_u64, lead.scheme.is_recovering(path));
        while path.step(limit, &mut ())? {
            let recovered = std::mem::replace(&mut recovering, lead.scheme.is_recovering(path)) && !recovering;
            if recovered {
                lead.entries += 1;
                let Lead { sampler, weighted, weights, .. } = lead;
                lead.firings += sampler.cycle(path, (lead.seed, lead.entries), weighted, weights, &stop)?;
            }
            if regenerates && path.regenerated() {
                return Ok(());
            }
            steps += 1;
            if steps.is_multiple_of(1024) {
                self.check(path, most)?;
            }
        }
        // Nothing will ever happen again: no cycle, and no entry that could send one off.
        if path.rests() { Err(Stop::Rests) } else { Ok(()) }
    }
}
