//! Nets that come to rest: where nothing can fire any more, no cycle ends and no long path goes on.
//!
//! A net that regenerates now and then and can come to rest in between does so in the end: in the long run it is as it
//! rests. Cycles that end would tell what comes before, so replications take their place, whose observations begin when
//! paths rest, or have gone into what never does.

use super::approach::Approach;
use super::control::Stop;
use super::probe::PILOT;
use super::replicate::{Cost, Workers};
use super::settings::Settings;
use super::warmup::round_up;
use crate::engine::Path;
use crate::syntax::ast::Method;
use crate::units::in_words;
use std::ops::ControlFlow;

/// Replication indices of the paths that are followed until they rest.
const RESTING: u64 = PILOT | 1 << 59;

/// How many of them, and their share of the budget.
const PATHS: u64 = 32;
const SHARE: u64 = 10;

/// Observations begin so many mean times to rest after the beginning: of paths that regenerate until they rest, one in
/// 10⁸ doesn't rest by then.
const LATER: f64 = 20.0;

/// One path that was followed.
struct Followed {
    time: f64,
    rests: bool,
    firings: u64,
}

impl Cost for Followed {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl<'a> Workers<'a> {
    /// Replications of a net that was seen to come to rest; so many firings were `spent` before that was known.
    pub(super) fn at_rest(&self, settings: &Settings, primary: Option<usize>, spent: u64) -> Result<Approach, Stop> {
        let because = "the net comes to rest, so that it doesn't regenerate for ever";
        let (mean, firings) = self.time_to_rest(settings.budget / SHARE / PATHS)?;
        let Some(mean) = mean else { return self.before_rest(settings, primary, (because, spent + firings)) };
        let later = round_up(LATER * mean);
        let (warmup, length) = (settings.warmup.unwrap_or(later), settings.length.unwrap_or(later));
        let warning = format!(
            "the net comes to rest (nothing can fire any more) after {} on the average: no use can be made of \
             regenerations or of a long path; replications begin after {}",
            in_words(mean),
            in_words(warmup)
        );
        Ok(Approach {
            warmup,
            warmup_because: match settings.warmup {
                Some(_) => "stated".to_string(),
                None => format!("{LATER} times the mean time to rest of {PATHS} paths"),
            },
            length,
            warnings: vec![warning],
            ..Approach::new((Method::Replications, because.to_string()), spent + firings)
        })
    }

    /// The same after the observations of an approach, `firings` of them, met it.
    pub(super) fn resting(
        &self,
        before: &Approach,
        settings: &Settings,
        primary: Option<usize>,
        firings: u64,
    ) -> Result<Approach, Stop> {
        let approach = self.at_rest(settings, primary, before.firings + firings)?;
        Ok(approach.after(before.warnings.iter().cloned()))
    }

    /// Where rest is so rare that a pilot can't tell when it comes: as replications are without it.
    fn before_rest(
        &self,
        settings: &Settings,
        primary: Option<usize>,
        (because, spent): (&str, u64),
    ) -> Result<Approach, Stop> {
        let first = self.first(settings)?;
        let mut approach = self.prepare((Method::Replications, because.to_string()), settings, &first, primary)?;
        approach.firings += spent;
        if approach.still {
            return Ok(approach);
        }
        let warning = "the net can come to rest (nothing can fire any more), but so seldom that a pilot can't tell when: \
                       in the long run it does, and what is told of it is from before";
        approach.warnings.push(warning.to_string());
        Ok(approach)
    }

    /// Mean time to rest, if any of some paths did within so many firings each, and what they took.
    fn time_to_rest(&self, most: u64) -> Result<(Option<f64>, u64), Stop> {
        let (mut time, mut rests, mut firings) = (0.0, 0_u64, 0);
        let follow = |path: &mut Path<'a>, index: u64| {
            path.begin(self.seed, RESTING | index)?;
            let (mut time, mut steps) = (0.0, 0_u64);
            while path.firings() < most && path.step(f64::MAX, &mut ())? {
                time = path.now();
                steps += 1;
                if steps.is_multiple_of(1024) && self.control.is_interrupted() {
                    return Err(Stop::Interrupted);
                }
            }
            Ok(Followed { time, rests: path.rests(), firings: path.firings() })
        };
        self.fold(0..PATHS, follow, |followed: Followed| {
            time += followed.time;
            rests += u64::from(followed.rests);
            firings += followed.firings;
            ControlFlow::Continue(())
        })?;
        Ok(((rests > 0 && time > 0.0).then(|| time / rests as f64), firings))
    }
}
