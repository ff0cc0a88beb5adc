//! Measures with a time of their own, and about outages, of a Markovian net (S18–S21).

use super::chain::Chain;
use super::episodes::{Episodes, counts};
use super::explore::{Space, explore, explore_classes};
use super::long_run::stationary;
use super::lumping::lump;
use super::passage::Passage;
use super::share::Share;
use super::solution::{bad_reward, is_laid_out_alike};
use super::symmetry::symmetry;
use super::transient::{interval_mean, law_at, reliability, transient};
use super::{Limits, Refusal, Stop};
use crate::net::Net;
use crate::net::question::{About, Aspect, Interval, Relation, Variable};
use crate::program::{Formula, Program, compile};

/// Most outages that are counted for a quantile.
const MOST_COUNTED: usize = 1 << 14;

/// The value of each question, or why it can't be told.
pub type Answers = Vec<Result<f64, Refusal>>;

/// The values that are asked for, in their order, of a net whose `up` conditions and measures are what the questions
/// look at ([`Net::of_questions`]); NaN where there is none, such as of the outages of what never fails.
///
/// Probabilities have an absolute error of 10⁻¹²; what is a time, of 10⁻¹² of its interval.
///
/// # Errors
/// See [`Refusal`]: a transition whose clock isn't exponential is named. Single questions may be refused too.
pub fn answers(net: &Net, program: &Program, asked: &[About], limits: &Limits, stop: Stop) -> Result<Answers, Refusal> {
    if let Some(lumped) = lump(net, stop)?
        && let Ok(smaller) = compile(&lumped.net)
        && is_laid_out_alike(program, &smaller)
    {
        match explore(&lumped.net, &smaller, limits, stop) {
            Err(Refusal::NotMarkovian { .. }) => {}
            space => return of_space(&smaller, &space?, asked, stop),
        }
    }
    let mut symmetry = symmetry(net, program, stop)?;
    of_space(program, &explore_classes(net, program, symmetry.as_mut(), limits, stop)?, asked, stop)
}

fn of_space(program: &Program, space: &Space, asked: &[About], stop: Stop) -> Result<Answers, Refusal> {
    let mut asker = Asker { program, space, chain: &space.chain, long_run: None, stop };
    let mut answers = Vec::new();
    for about in asked {
        answers.push(match asker.answer(about) {
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
            answer => answer,
        });
    }
    Ok(answers)
}

struct Asker<'s> {
    program: &'s Program,
    space: &'s Space<'s>,
    chain: &'s Chain,
    /// Long-run probabilities, once they are needed.
    long_run: Option<Vec<f64>>,
    stop: Stop<'s>,
}

impl Asker<'_> {
    fn answer(&mut self, about: &About) -> Result<f64, Refusal> {
        let (chain, initial, stop) = (self.chain, &self.space.initial, self.stop);
        match *about {
            About::At { average, given, time, .. } => {
                let at = |average| Ok(transient(chain, initial, &self.reward(average)?, &[time], stop)?[0].value);
                Ok(at(average)? / given.map_or(Ok(1.0), at)?)
            }
            About::Over { average, given, interval, .. } => {
                let over = |average| interval_mean(chain, initial, &self.reward(average)?, interval, stop);
                Ok(over(average)? / given.map_or(Ok(1.0), over)?)
            }
            About::Reliability { condition, time } => {
                Ok(reliability(chain, initial, |state| self.space.is_up(state, condition), &[time], stop)?[0])
            }
            About::Law { of: Variable::Outage { condition }, aspect } => self.outage(condition, aspect),
            About::Law { of: Variable::Outages { condition, interval: Some(interval) }, aspect } => {
                self.outages(condition, interval, aspect)
            }
            About::Law { of: Variable::First { condition }, aspect } => {
                let passage = Passage { chain, initial, stays: self.ups(condition), stop };
                match aspect {
                    Aspect::Chance(relation, time) => passage.chance(relation, time),
                    Aspect::Quantile(p) => passage.quantile(p),
                    Aspect::Mean | Aspect::Excess(_) => passage.mean(),
                }
            }
            About::Law { of: Variable::Outages { condition, interval: None }, .. } => {
                Ok(self.episodes(condition)?.rate)
            }
            About::Law { of: Variable::Downtime { condition, interval }, aspect } => {
                self.downtime(condition, interval, aspect)
            }
        }
    }

    /// The value of an average in each state.
    fn reward(&self, average: usize) -> Result<Vec<f64>, Refusal> {
        let states = 0..self.chain.states();
        let sum = match &self.program.measures[average].formula {
            Formula::Constant(value) => return Ok(vec![*value; states.len()]),
            Formula::Average(sum) => *sum,
            _ => unreachable!("a question looks at one average or none"),
        };
        let Some(index) = self.program.reward_sums.iter().position(|of| *of == sum) else {
            let flow = |state| self.space.counts(state).filter(|(of, _)| *of == sum).map(|(_, rate)| rate).sum();
            return Ok(states.map(flow).collect());
        };
        let reward = self.program.up.len() + index;
        let mut marking = self.program.initial.clone();
        let value = |state| {
            self.space.marking(state, &mut marking);
            let value = self.program.rewards[reward].evaluate(&marking);
            if value.is_finite() { Ok(value) } else { Err(bad_reward(self.program, reward, value)) }
        };
        states.map(value).collect()
    }

    fn ups(&self, condition: usize) -> Vec<bool> {
        (0..self.chain.states()).map(|state| self.space.is_up(state, condition)).collect()
    }

    fn episodes(&mut self, condition: usize) -> Result<Episodes<'_>, Refusal> {
        if self.long_run.is_none() {
            self.long_run = Some(stationary(self.chain, &self.space.initial, None, self.stop)?.probabilities);
        }
        let probabilities = self.long_run.as_deref().unwrap_or_default();
        Ok(Episodes::new(self.chain, &self.ups(condition), probabilities))
    }

    fn outage(&mut self, condition: usize, aspect: Aspect) -> Result<f64, Refusal> {
        let stop = self.stop;
        let episodes = self.episodes(condition)?;
        match aspect {
            Aspect::Mean => Ok(episodes.mean()),
            Aspect::Excess(level) => episodes.excess(level, stop),
            Aspect::Quantile(p) => episodes.quantile(p, stop),
            Aspect::Chance(relation, level) => {
                let beyond = episodes.beyond(level, stop)?;
                Ok(match relation {
                    Relation::Above | Relation::AtLeast => beyond,
                    Relation::Below | Relation::AtMost => 1.0 - beyond,
                    Relation::Equal => 0.0 * beyond,
                    Relation::Unequal => 1.0 + 0.0 * beyond,
                })
            }
        }
    }

    fn outages(&self, condition: usize, (a, b): Interval, aspect: Aspect) -> Result<f64, Refusal> {
        let (chain, initial, stop) = (self.chain, &self.space.initial, self.stop);
        if aspect == Aspect::Mean {
            let states = 0..chain.states();
            let rates: Vec<f64> = states.map(|state| self.space.failure_rate(state, condition)).collect();
            return Ok(interval_mean(chain, initial, &rates, (a, b), stop)? * (b - a));
        }
        let (law, up) = (law_at(chain, initial, a, stop)?, self.ups(condition));
        let counts = |most: usize| counts(chain, &law, &up, b - a, most, stop);
        match aspect {
            Aspect::Quantile(p) => {
                let mut most = 4;
                loop {
                    let law = counts(most)?;
                    let mut sum = 0.0;
                    let reached = law[..=most].iter().position(|mass| {
                        sum += mass;
                        sum >= p
                    });
                    match reached {
                        Some(count) => return Ok(count as f64),
                        None if most > MOST_COUNTED => {
                            let what = format!("the law of more than {MOST_COUNTED} outages");
                            return Err(Refusal::TooLong { what, steps: most as f64 });
                        }
                        None => most *= 2,
                    }
                }
            }
            Aspect::Chance(relation, level) => {
                let most = level.clamp(0.0, MOST_COUNTED as f64).ceil() as usize;
                let law = counts(most)?;
                // What is more than the last is beyond the level.
                let holds =
                    |count: usize| relation.holds(if count > most { f64::INFINITY } else { count as f64 }, level);
                Ok(law.iter().enumerate().filter(|(count, _)| holds(*count)).map(|(_, mass)| mass).sum())
            }
            Aspect::Mean | Aspect::Excess(_) => Ok(f64::NAN),
        }
    }

    fn downtime(&self, condition: usize, (a, b): Interval, aspect: Aspect) -> Result<f64, Refusal> {
        let (chain, initial, stop) = (self.chain, &self.space.initial, self.stop);
        let up = self.ups(condition);
        let down: Vec<bool> = up.iter().map(|up| !up).collect();
        let reward: Vec<f64> = down.iter().map(|down| f64::from(*down)).collect();
        let share = interval_mean(chain, initial, &reward, (a, b), stop)?;
        if aspect == Aspect::Mean {
            return Ok(share * (b - a));
        }
        let law = law_at(chain, initial, a, stop)?;
        let downtime = Downtime { chain, law: &law, up: &up, down: &down, length: b - a, stop };
        match aspect {
            Aspect::Chance(relation, level) => downtime.chance(relation, level),
            Aspect::Quantile(p) => downtime.quantile(p, share),
            Aspect::Excess(level) if level < b - a => {
                let (limited, of) = downtime.limited(level / (b - a))?;
                // Of what the downtime leaves, as much as it leaves of the level.
                Ok(f64::max((b - a) * if of { share - limited } else { 1.0 - level / (b - a) - limited }, 0.0))
            }
            _ => Ok(0.0),
        }
    }
}

/// The time that a condition doesn't hold in an interval: of it and of what it leaves the smaller is looked at.
struct Downtime<'d> {
    chain: &'d Chain,
    law: &'d [(u32, f64)],
    up: &'d [bool],
    down: &'d [bool],
    length: f64,
    stop: Stop<'d>,
}

impl Downtime<'_> {
    fn share(&self, counted: &[bool], greatest: f64) -> Result<Share, Refusal> {
        Share::new(self.chain, self.law, counted, (self.length, greatest), self.stop)
    }

    fn chance(&self, relation: Relation, level: f64) -> Result<f64, Refusal> {
        let x = level / self.length;
        // The law has atoms at nothing and at the whole of the interval only.
        let is = |share: f64| relation.holds(share, x);
        if x > 1.0 {
            return Ok(f64::from(is(0.5)));
        }
        let (none, all) = (|| self.share(self.down, 0.0), || self.share(self.up, 0.0));
        Ok(match relation {
            Relation::Equal | Relation::Unequal => {
                let atom = match x {
                    0.0 => none()?.at_most(0.0),
                    1.0 => all()?.at_most(0.0),
                    _ => 0.0,
                };
                if relation == Relation::Equal { atom } else { 1.0 - atom }
            }
            Relation::AtLeast if x == 0.0 => 1.0,
            Relation::Below if x == 0.0 => 0.0,
            Relation::AtMost if x == 1.0 => 1.0,
            Relation::Above if x == 1.0 => 0.0,
            Relation::Below if x == 1.0 => all()?.above(0.0),
            Relation::AtLeast if x == 1.0 => all()?.at_most(0.0),
            Relation::Below | Relation::AtMost if x <= 0.5 => self.share(self.down, x)?.at_most(x),
            Relation::Above | Relation::AtLeast if x <= 0.5 => self.share(self.down, x)?.above(x),
            Relation::Below | Relation::AtMost => self.share(self.up, 1.0 - x)?.above(1.0 - x),
            Relation::Above | Relation::AtLeast => self.share(self.up, 1.0 - x)?.at_most(1.0 - x),
        })
    }

    /// The least downtime that isn't exceeded with probability `p`; `mean` is the mean share.
    fn quantile(&self, p: f64, mean: f64) -> Result<f64, Refusal> {
        let mut greatest = (2.0 * mean).clamp(1e-9, 0.5);
        loop {
            let share = self.share(self.down, greatest)?;
            if share.at_most(greatest) >= p {
                return Ok(self.length * least((0.0, greatest), |x| share.at_most(x) >= p));
            }
            if greatest >= 0.5 {
                break;
            }
            greatest = (4.0 * greatest).min(0.5);
        }
        let left = self.share(self.up, 0.5)?;
        // The greatest up time that is exceeded, or reached, with that probability.
        Ok(self.length * (1.0 - least((0.0, 0.5), |x| left.above(x) < p)))
    }

    /// E[min(share, x)] of the downtime, and true; or of what it leaves for 1 − x, and false.
    fn limited(&self, x: f64) -> Result<(f64, bool), Refusal> {
        match x <= 0.5 {
            true => Ok((self.share(self.down, x)?.limited(x), true)),
            false => Ok((self.share(self.up, 1.0 - x)?.limited(1.0 - x), false)),
        }
    }
}

/// The least x of an interval from which on a condition holds; it does at its end.
fn least((mut low, mut high): (f64, f64), holds: impl Fn(f64) -> bool) -> f64 {
    if holds(low) {
        return low;
    }
    while high - low > 1e-13 * high {
        let middle = low + (high - low) / 2.0;
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
