//! Reliabilities by splitting: independent estimates of the probability of a failure in time, each by fixed effort.

use super::asked::{Asked, INDEX, SHARE};
use super::control::{Stage, Stop};
use super::evidence::{Evidence, Moments};
use super::replicate::{Cost, Workers};
use super::sample::Report;
use super::settings::{MOST_OBSERVATIONS, Settings};
use super::stopping::next_look;
use crate::engine::Path;
use crate::net::question::{About, Question};
use crate::rare::{Importance, Passage};
use crate::units::in_words;
use std::ops::ControlFlow;

/// Paths from each level as estimates are made: that get on, and at the least; and at once as levels are laid.
const ONWARD: f64 = 32.0;
const LEAST: u64 = 64;
const PILOT_EFFORT: u64 = 512;

/// Estimates in one block of work, before the first look, and where no precision is stated.
const BLOCK: u64 = 4;
const FIRST_LOOK: u64 = 64;
const ESTIMATES: u64 = 256;

/// Share of the firings that the levels may cost.
const PILOT_SHARE: u64 = 4;

/// Replication indices, beyond those of other paths; each question has its own.
const PASSAGES: u64 = INDEX | 1 << 42;
const EACH: u64 = 1 << 30;

/// Estimates of one block.
struct Chances {
    chances: Vec<f64>,
    firings: u64,
}

impl Cost for Chances {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl<'a> Workers<'a> {
    /// Answers those questions for which `passes` holds.
    pub(super) fn pass(
        &self,
        questions: &[Question],
        passes: &dyn Fn(&Question) -> bool,
        (settings, report): (&Settings, Report),
        asked: &mut Asked,
    ) -> Result<(), Stop> {
        let all = questions.iter().filter(|question| passes(question)).count() as u64;
        for (place, question) in questions.iter().enumerate().filter(|(_, question)| passes(question)) {
            let About::Reliability { condition, time } = question.about else { continue };
            let allowed = if question.precision.is_some() { settings.budget } else { settings.budget / SHARE };
            let (importance, most) = (self.new_importance(condition)?, allowed / all);
            let index = PASSAGES + place as u64 * EACH;
            let (program, options) = (self.process.program(), self.process.options());
            let none = Default::default();
            let passage = Passage {
                program,
                options,
                importance: &importance,
                levels: &none,
                up: condition,
                efforts: &[PILOT_EFFORT],
            };
            let stop = || self.control.is_interrupted();
            let laid = passage.lay((self.seed, index + EACH - 1), time, (most / PILOT_SHARE, &stop))?;
            asked.firings += laid.firings;
            if !laid.reached {
                asked.warnings.push(format!(
                    "`{}`: the pilot saw no failure within {} in {} firings, so that there may be too few levels; give more \
                     budget, or state an importance",
                    question.name,
                    in_words(time),
                    laid.firings
                ));
            }
            let efforts = laid.efforts(ONWARD, LEAST);
            let passage = Passage { levels: &laid.levels, efforts: &efforts, ..passage };
            let left = most.saturating_sub(laid.firings);
            self.estimate_passage(question, &passage, (index, place), (settings, report, left), asked)?;
        }
        Ok(())
    }

    /// Estimates until the stated precision is reached, or as many as are due without.
    fn estimate_passage(
        &self,
        question: &Question,
        passage: &Passage<'_, 'a>,
        (index, place): (u64, usize),
        (settings, report, most): (&Settings, Report, u64),
        asked: &mut Asked,
    ) -> Result<(), Stop> {
        let About::Reliability { time, .. } = question.about else { return Ok(()) };
        let due = if question.precision.is_some() { FIRST_LOOK } else { ESTIMATES };
        let (mut moments, mut blocks, mut next, mut spent) = (Moments::default(), 0, due / BLOCK, 0);
        let block = |_: &mut Path<'a>, block: u64| {
            let mut found = Chances { chances: Vec::new(), firings: 0 };
            for replication in index + block * BLOCK..index + (block + 1) * BLOCK {
                let stop = || self.control.is_interrupted();
                let (chance, firings) = passage.run((self.seed, replication), time, (most, &stop))?;
                found.chances.push(chance);
                found.firings += firings;
            }
            Ok(found)
        };
        let reached = loop {
            let ended = self.fold(blocks..next, block, |found: Chances| {
                found.chances.iter().for_each(|&chance| moments.add(chance, 1.0));
                (spent, blocks) = (spent + found.firings, blocks + 1);
                report(Stage::Paths, 0, None, (blocks as f64 / next as f64).max(spent as f64 / most as f64).min(1.0));
                if spent >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            let over = match ended {
                Err(Stop::Cut) => true,
                ended => ended?,
            };
            let Some(wanted) = question.precision else { break !over || blocks >= next };
            let width = Evidence::Lacking(moments).estimate(question, settings.confidence, false).reached;
            let excess = width.unwrap_or(f64::INFINITY) / wanted;
            if excess <= 1.0 || over || blocks * BLOCK >= MOST_OBSERVATIONS.min(EACH / 2) {
                break excess <= 1.0;
            }
            next = next_look(blocks, 1.05 * excess * excess);
        };
        asked.firings += spent;
        self.tell_passage(question, &moments, reached, passage.importance, asked);
        asked.evidence[place] = (moments.count > 0).then_some(Evidence::Lacking(moments));
        Ok(())
    }

    fn tell_passage(
        &self,
        question: &Question,
        moments: &Moments,
        reached: bool,
        importance: &Importance,
        asked: &mut Asked,
    ) {
        if moments.seen == 0 {
            let because = importance.because();
            asked.warnings.push(format!(
                "`{}`: no failure was seen by splitting along {because}: nothing can be said",
                question.name
            ));
        } else if !reached {
            asked.reached &= question.precision.is_none();
            asked.warnings.push(format!(
                "precision not reached of `{}` on {} estimates by splitting",
                question.name, moments.count
            ));
        }
    }
}
