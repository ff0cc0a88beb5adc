//! Measures with a time of their own, and about outages, by simulation (S18–S21).
//!
//! What has a time is observed on paths of its own, which begin fresh at the initial marking and end at the last time
//! that is asked about; outages of the long run on stationary paths, each followed until the last of its outages is
//! over; first passages on paths that are followed until they have come. A path is the unit: what happens on one path may depend on each other, paths don't.

use super::control::{Stage, Stop};
use super::evidence::{Evidence, Kind, Moments, Order};
use super::lasting::lasting;
use super::probe::PILOT;
use super::process::Process;
use super::reaching::reaching;
use super::replicate::{Cost, Workers};
use super::sample::Report;
use super::settings::{BLOCK, MOST_OBSERVATIONS, Settings};
use super::stopping::next_look;
use super::window::Window;
use crate::engine::Path;
use crate::net::question::{About, Aspect, Question, Variable};
use crate::program::{Formula, Program};
use std::ops::ControlFlow;

/// Paths where no precision is stated.
pub const PATHS: u64 = 4000;

/// Paths at the first look where one is.
const FIRST_LOOK: u64 = 256;

/// Share of the budget for each kind where no precision is stated.
const SHARE: u64 = 4;

/// Most values kept for a quantile, of all questions: 256 megabytes.
const MOST_KEPT: usize = 32_000_000;

/// Replication indices: paths from the beginning, and stationary ones with one more bit.
pub(super) const INDEX: u64 = PILOT | 1 << 58;
pub(super) const LASTING: u64 = 1 << 40;
const REACHING: u64 = 1 << 41;

/// What was found of the questions, and what it cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// For each question; none where it wasn't observed.
    pub evidence: Vec<Option<Evidence>>,
    /// Firings spent.
    pub firings: u64,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Whether every stated precision is reached.
    pub reached: bool,
}

/// What the paths of a block tell.
pub(super) struct Rows {
    pub paths: Vec<Row>,
    pub firings: u64,
}

/// What a path tells about each question: a pair of numbers, and the values of a variable whose quantile is asked for.
#[derive(Default)]
pub(super) struct Row {
    pub pairs: Vec<(f64, f64)>,
    pub values: Vec<Vec<f64>>,
}

impl Cost for Rows {
    fn firings(&self) -> u64 {
        self.firings
    }
}

/// The questions of one kind, being answered.
struct Gathered<'q> {
    questions: Vec<&'q Question>,
    kinds: Vec<Kind>,
    moments: Vec<Moments>,
    /// For each question the values of its quantile, path by path.
    samples: Vec<Vec<Vec<f64>>>,
    kept: usize,
}

impl<'a> Workers<'a> {
    /// Answers all questions; outages of the long run on what `window` says of a path.
    pub fn ask(
        &self,
        questions: &[Question],
        window: &dyn Fn() -> Result<(Window, u64), Stop>,
        settings: &Settings,
        report: Report,
    ) -> Result<Asked, Stop> {
        let mut asked = Asked { evidence: vec![None; questions.len()], reached: true, ..Asked::default() };
        for (lasts, comes) in [(false, false), (true, false), (false, true)] {
            let of_kind = |question: &&Question| (question.about.lasts(), question.about.comes()) == (lasts, comes);
            let mut gathered = Gathered::new(questions.iter().filter(of_kind).collect(), self.process);
            if gathered.questions.is_empty() {
                continue;
            }
            let (window, spent) = if lasts { window()? } else { (Window::default(), 0) };
            asked.firings += spent;
            let plans: Vec<About> = gathered.questions.iter().map(|question| question.about).collect();
            let checkpoints = Checkpoints::new(self.process.program(), &plans);
            let most = self.allowed(&gathered, settings).saturating_sub(spent);
            let compute = |path: &mut Path<'a>, block: u64| match lasts {
                false if comes => reaching(self, path, &plans, INDEX | (REACHING + block * BLOCK), most),
                false => self.timed(path, &checkpoints, INDEX + block * BLOCK, most),
                true => lasting(self, path, &plans, (window, INDEX | (LASTING + block * BLOCK)), most),
            };
            let (firings, reached) = self.gather(&mut gathered, compute, most, settings, report)?;
            asked.firings += firings;
            gathered.shortfall(settings, reached, &mut asked);
            let evidence = gathered.evidence();
            let places = questions.iter().enumerate().filter(|(_, question)| of_kind(question)).map(|(place, _)| place);
            places.zip(evidence).for_each(|(place, evidence)| asked.evidence[place] = evidence);
        }
        Ok(asked)
    }

    fn allowed(&self, gathered: &Gathered, settings: &Settings) -> u64 {
        let stated = gathered.questions.iter().any(|question| question.precision.is_some());
        if stated { settings.budget } else { settings.budget / SHARE }
    }

    /// Paths until every stated precision is reached, or as many as are due without; firings, and whether it ended so.
    fn gather(
        &self,
        gathered: &mut Gathered,
        compute: impl Fn(&mut Path<'a>, u64) -> Result<Rows, Stop> + Sync,
        most: u64,
        settings: &Settings,
        report: Report,
    ) -> Result<(u64, bool), Stop> {
        let exact = self.process.facts().deterministic;
        let stated = gathered.questions.iter().any(|question| question.precision.is_some());
        let sequential = stated && settings.replications.is_none();
        let due = settings.replications.unwrap_or(if sequential { FIRST_LOOK } else { PATHS });
        let (mut blocks, mut next, mut spent) = (0, due.div_ceil(BLOCK), 0);
        loop {
            let ended = self.fold(blocks..next, &compute, |rows: Rows| {
                spent += rows.firings;
                blocks += 1;
                gathered.add(rows);
                let share = (blocks as f64 / next as f64).max(spent as f64 / most.max(1) as f64);
                report(Stage::Paths, 0, None, share.min(1.0));
                if spent >= most || gathered.kept >= MOST_KEPT {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            match ended {
                Ok(false) => {}
                Ok(true) | Err(Stop::Cut) => return Ok((spent, blocks >= next && !sequential)),
                Err(other) => return Err(other),
            }
            let factor = gathered.factor(settings, exact);
            if !sequential || factor <= 1.0 {
                return Ok((spent, true));
            }
            if blocks * BLOCK >= MOST_OBSERVATIONS {
                return Ok((spent, false));
            }
            next = next_look(blocks, factor);
        }
    }

    /// One block of paths from the beginning.
    fn timed(&self, path: &mut Path<'a>, at: &Checkpoints, index: u64, most: u64) -> Result<Rows, Stop> {
        let mut rows = Rows { paths: Vec::new(), firings: 0 };
        let mut seen = vec![Seen::default(); at.times.len()];
        let ups = self.process.facts().up.len();
        for replication in index..index + BLOCK {
            path.begin(self.seed, replication)?;
            let mut sums = vec![0.0; self.process.facts().sums];
            for (seen, &time) in seen.iter_mut().zip(&at.times) {
                self.advance(path, time, most)?;
                path.take_sums(&mut sums);
                if time == 0.0 {
                    // What fires at the first instant is no part of any interval.
                    sums.fill(0.0);
                }
                seen.sums.clone_from(&sums);
                seen.values = (0..at.rewards).map(|reward| path.reward(reward)).collect();
                seen.up = (0..ups).map(|up| path.is_up(up)).collect();
            }
            let mut row = Row::default();
            for look in &at.looks {
                let (x, y) = look.pair(path, &seen);
                row.pairs.push((x, y));
                row.values.push(if level(&look.about).is_some() { vec![x] } else { Vec::new() });
            }
            rows.paths.push(row);
            rows.firings += path.firings();
        }
        Ok(rows)
    }
}

impl<'q> Gathered<'q> {
    fn new(questions: Vec<&'q Question>, process: &Process) -> Gathered<'q> {
        let kinds = questions.iter().map(|question| kind(&question.about, process)).collect();
        let moments = vec![Moments::default(); questions.len()];
        let samples = vec![Vec::new(); questions.len()];
        Gathered { questions, kinds, moments, samples, kept: 0 }
    }

    fn add(&mut self, rows: Rows) {
        for row in rows.paths {
            for (i, (pair, values)) in row.pairs.into_iter().zip(row.values).enumerate() {
                self.moments[i].add(pair.0, pair.1);
                if level(&self.questions[i].about).is_some() {
                    // With what a list takes by itself.
                    self.kept += values.len() + 3;
                    self.samples[i].push(values);
                }
            }
        }
    }

    fn evidence(&self) -> Vec<Option<Evidence>> {
        (0..self.questions.len()).map(|i| self.evidence_of(i)).collect()
    }

    fn evidence_of(&self, i: usize) -> Option<Evidence> {
        if self.moments[i].count == 0 {
            return None;
        }
        let Some(p) = level(&self.questions[i].about) else {
            let moments = self.moments[i];
            return moments.x.is_finite().then_some(Evidence::Ratio(self.kinds[i], moments));
        };
        let mut all: Vec<f64> = self.samples[i].concat();
        if all.is_empty() {
            return None;
        }
        all.sort_by(f64::total_cmp);
        let value = all[((p * all.len() as f64).ceil() as usize).clamp(1, all.len()) - 1];
        // Outages of one path may depend on each other.
        let mut below = Moments::default();
        for sample in &self.samples[i] {
            below.add(sample.iter().filter(|x| **x <= value).count() as f64, sample.len() as f64);
        }
        let independent = self.samples[i].iter().all(|sample| sample.len() == 1);
        let effective = if independent { all.len() as f64 } else { below.effective() };
        Some(Evidence::Order(Order::new(p, &mut all, effective)))
    }

    /// How many times as many paths are needed for the precisions that are stated.
    fn factor(&self, settings: &Settings, exact: bool) -> f64 {
        let of = |(i, question): (usize, &&Question)| {
            let wanted = question.precision?;
            let width = self.evidence_of(i).and_then(|e| e.estimate(question, settings.confidence, exact).reached);
            let excess = width.unwrap_or(f64::INFINITY) / wanted;
            Some(if excess <= 1.0 { 0.0 } else { 1.05 * excess * excess })
        };
        self.questions.iter().enumerate().filter_map(of).fold(0.0, f64::max)
    }

    fn shortfall(&self, settings: &Settings, reached: bool, asked: &mut Asked) {
        if reached {
            return;
        }
        let paths = self.moments.first().map_or(0, |moments| moments.count);
        let stated: Vec<&&Question> = self.questions.iter().filter(|question| question.precision.is_some()).collect();
        let names = |list: &[&&Question]| list.iter().map(|q| format!("`{}`", q.name)).collect::<Vec<_>>().join(", ");
        if stated.is_empty() || settings.replications.is_some() {
            let all: Vec<&&Question> = self.questions.iter().collect();
            asked.warnings.push(format!("the budget allowed only {paths} paths for {}", names(&all)));
        } else {
            asked.reached = false;
            asked.warnings.push(format!("precision not reached of {} on {paths} paths", names(&stated)));
        }
    }
}

/// The probability of a quantile, if it is one that is asked for.
pub(super) fn level(about: &About) -> Option<f64> {
    match about {
        About::Law { aspect: Aspect::Quantile(p), .. } => Some(*p),
        _ => None,
    }
}

fn kind(about: &About, process: &Process) -> Kind {
    match about {
        About::At { chance: true, .. } | About::Reliability { .. } | About::Law { aspect: Aspect::Chance(..), .. } => {
            Kind::Chance
        }
        About::Over { chance: true, .. } => Kind::Share,
        About::Over { average, .. } => match process.facts().measures[*average].formula {
            Formula::Average(sum) if process.facts().rates.contains(&sum) => Kind::Count,
            _ => Kind::Any,
        },
        About::At { .. } => Kind::Any,
        About::Law { of: Variable::Outages { .. }, .. } => Kind::Count,
        About::Law { .. } => Kind::Positive,
    }
}

/// What is seen of a path at a time: its sums since the beginning, and how it stands.
#[derive(Debug, Clone, Default)]
struct Seen {
    sums: Vec<f64>,
    values: Vec<f64>,
    up: Vec<bool>,
}

/// When a path is looked at, and what for.
struct Checkpoints {
    times: Vec<f64>,
    /// How many rewards have a present value.
    rewards: usize,
    looks: Vec<Look>,
}

/// An average.
#[derive(Debug, Clone, Copy)]
enum Source {
    Constant(f64),
    /// Sum, and index among the rewards looked at.
    Sum(usize, usize),
}

/// One question with the places of its times.
struct Look {
    about: About,
    x: Source,
    y: Source,
    from: usize,
    to: usize,
}

impl Checkpoints {
    fn new(program: &Program, asked: &[About]) -> Checkpoints {
        let bounds = |about: &About| match *about {
            About::Over { interval, .. }
            | About::Law { of: Variable::Downtime { interval, .. }, .. }
            | About::Law { of: Variable::Outages { interval: Some(interval), .. }, .. } => interval,
            _ => (0.0, about.horizon().unwrap_or(0.0)),
        };
        let mut times: Vec<f64> = asked.iter().map(bounds).flat_map(|(a, b)| [a, b]).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let place = |time: f64| times.iter().position(|t| *t == time).unwrap_or(0);
        let source = |average: usize| match program.measures[average].formula {
            Formula::Constant(value) => Source::Constant(value),
            Formula::Average(sum) => {
                let reward = program.reward_sums.iter().position(|of| *of == sum);
                Source::Sum(sum, reward.unwrap_or(usize::MAX))
            }
            _ => unreachable!("a question looks at one average or none"),
        };
        let look = |about: &About| {
            let (x, y) = match *about {
                About::At { average, given, .. } | About::Over { average, given, .. } => {
                    (source(average), given.map_or(Source::Constant(1.0), source))
                }
                _ => (Source::Constant(0.0), Source::Constant(1.0)),
            };
            let (a, b) = bounds(about);
            Look { about: *about, x, y, from: place(a), to: place(b) }
        };
        let looks = asked.iter().map(look).collect();
        Checkpoints { rewards: program.reward_sums.len(), looks, times }
    }
}

impl Look {
    /// What a path says.
    fn pair(&self, path: &Path, seen: &[Seen]) -> (f64, f64) {
        let (from, to) = (&seen[self.from], &seen[self.to]);
        let grown = |sum: usize| to.sums[sum] - from.sums[sum];
        match self.about {
            About::At { .. } => {
                let at = |source: Source| match source {
                    Source::Constant(value) => value,
                    Source::Sum(_, reward) => to.values[reward],
                };
                (at(self.x), at(self.y))
            }
            About::Over { interval, .. } => {
                let mean = |source: Source| match source {
                    Source::Constant(value) => value,
                    Source::Sum(sum, _) => grown(sum) / (interval.1 - interval.0),
                };
                (mean(self.x), mean(self.y))
            }
            About::Reliability { condition, time } => {
                let failed = path.first_failure(condition).is_some_and(|first| first <= time);
                let whole = !failed && to.up[condition] && to.sums[Program::down(condition)] == 0.0;
                (f64::from(whole), 1.0)
            }
            About::Law { of, aspect } => {
                let value = match of {
                    Variable::Outages { condition, .. } => grown(Program::failures(condition)),
                    Variable::Downtime { condition, interval } => {
                        let length = interval.1 - interval.0;
                        let down = grown(Program::down(condition));
                        // All of it, but for rounding.
                        if down > length * (1.0 - 1e-12) { length } else { down }
                    }
                    Variable::First { condition } if !from.up[condition] => 0.0,
                    Variable::First { condition } => path.first_failure(condition).unwrap_or(f64::INFINITY),
                    Variable::Outage { .. } => f64::NAN,
                };
                (measured(value, aspect), 1.0)
            }
        }
    }
}

/// What an aspect is about, of one value.
pub(super) fn measured(value: f64, aspect: Aspect) -> f64 {
    match aspect {
        Aspect::Mean | Aspect::Quantile(_) => value,
        Aspect::Chance(relation, level) => f64::from(relation.holds(value, level)),
        Aspect::Excess(level) => (value - level).max(0.0),
    }
}
