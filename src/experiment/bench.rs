//! Runs beyond the plan's points: what a study needs solved, it is given by a plan of its own.
//!
//! Each such run is kept in the snapshot, in the order in which they are needed. What is needed follows from what was
//! found before, so that a resumed run asks for the same and ends with the same bytes.

use super::answers::{Sensitivity, Target, Uncertain};
use super::control::{Control, Progress, RunFault};
use super::crossing::refined_crossings;
use super::outcome::{Crossing, Point};
use super::plan::{Plan, Planned, Studies};
use super::resume::Snapshot;
use super::run::{Run, Solved};
use super::sensitivity::sensitivities;
use super::settings::Settings;
use super::target::targets;
use super::uncertainty::{Drawn, uncertainties};
use super::workshop::Workshop;
use crate::net::Net;
use std::sync::Arc;

/// So many pairs of draws are saved at once.
const SAVED: usize = 16;

/// What the studies of a scenario yield.
#[derive(Default)]
pub(super) struct Studied {
    /// Crossings after refinement; none where none was wanted.
    pub crossings: Option<Vec<Crossing>>,
    /// Points between those of the sweep.
    pub refined: Vec<Point>,
    pub sensitivities: Vec<Sensitivity>,
    pub targets: Vec<Target>,
    pub uncertainties: Vec<Uncertain>,
    /// What they cost.
    pub firings: u64,
}

/// Carries out the studies of a plan; false when interrupted, with what is known by then in `into`.
pub(super) fn carry_out(
    plan: &Plan,
    solved: &[Solved],
    bench: &mut Bench,
    into: &mut Studied,
) -> Result<bool, RunFault> {
    let Some(workshop) = &plan.studies.workshop else { return Ok(true) };
    let study = Study { plan, solved, workshop };
    let done = refined_crossings(&study, bench, into)?
        && sensitivities(&study, bench, &mut into.sensitivities)?
        && targets(&study, bench, &mut into.targets)?
        && uncertainties(&study, bench, &mut into.uncertainties)?;
    into.firings = bench.firings;
    Ok(done)
}

/// What every study starts from.
pub(super) struct Study<'s> {
    pub plan: &'s Plan,
    pub solved: &'s [Solved<'s>],
    pub workshop: &'s Workshop,
}

impl Study<'_> {
    /// The point of that index with another net, of which one number has that value.
    pub fn planned(&self, point: usize, net: Arc<Net>, (label, value): (&str, &str)) -> Planned {
        let mut planned = Planned { net, ..self.plan.points[point].clone() };
        planned.set.retain(|(name, _)| name != label);
        let own = format!("{}.{label}", planned.design);
        let swept = if planned.at.contains_key(&own) { &own } else { label };
        match planned.at.get_mut(swept) {
            Some(swept) => *swept = value.to_string(),
            // What stands inside of a law or a table has no name that could be set.
            None if label.contains(['.', '[']) => {}
            None => planned.set.push((label.to_string(), value.to_string())),
        }
        planned
    }

    /// The settings of a run for one of these points: nothing but its estimates.
    pub fn settings(&self, precision: f64) -> Settings {
        Settings { precision, years: false, causes: false, cross_check: false, ..self.plan.settings.clone() }
    }

    /// A plan of points beyond those of this one.
    pub fn beyond(&self, points: Vec<Planned>, settings: Settings) -> Plan {
        let mut designs: Vec<String> = Vec::new();
        for planned in &points {
            if !designs.contains(&planned.design) {
                designs.push(planned.design.clone());
            }
        }
        Plan {
            doc: None,
            settings,
            points,
            designs,
            expectations: Vec::new(),
            published: Vec::new(),
            axis: None,
            studies: Studies::default(),
            ..self.plan.clone()
        }
    }
}

/// Where runs beyond the plan's points are made.
pub(super) struct Bench<'r> {
    control: &'r Control<'r>,
    pool: &'r rayon::ThreadPool,
    snapshot: &'r mut Snapshot,
    /// Runs that were asked for.
    asked: usize,
    /// Points in them and in the plan.
    points: usize,
    /// Firings in them.
    pub firings: u64,
}

impl<'r> Bench<'r> {
    /// Before the first such run, or where an earlier one stopped.
    pub fn new(control: &'r Control<'r>, pool: &'r rayon::ThreadPool, snapshot: &'r mut Snapshot) -> Bench<'r> {
        let points = snapshot.finished.len();
        Bench { control, pool, snapshot, asked: 0, points, firings: 0 }
    }

    /// What an earlier run found of that pair of draws.
    pub fn drawn(&self, pair: u64) -> Option<&Drawn> {
        let drawn = &self.snapshot.drawn;
        drawn.binary_search_by_key(&pair, |drawn| drawn.pair).ok().map(|at| &drawn[at])
    }

    /// Keeps what the next pair of draws gave.
    pub fn keep(&mut self, drawn: Drawn) {
        self.snapshot.drawn.push(drawn);
        if self.snapshot.drawn.len().is_multiple_of(SAVED) {
            (self.control.checkpoint)(self.snapshot);
        }
    }

    /// Like [`Bench::solve`], but nothing of it is kept: for many small runs whose outcome is kept instead.
    pub fn apart<T>(&mut self, plan: &Plan, read: impl FnOnce(&[Solved]) -> T) -> Result<Option<T>, RunFault> {
        let progress = |inner: Progress| {
            let (finished, points) = (inner.finished + self.points, inner.points + self.points);
            (self.control.progress)(Progress { finished, points, ..inner });
        };
        let Control { threads, interrupted, .. } = *self.control;
        let control = Control { threads, interrupted, progress: &progress, checkpoint: &|_| (), resume: None };
        let mut run = Run::new(plan, &control, self.pool)?;
        let done = run.points()?;
        self.firings += run.solved.iter().map(Solved::firings).sum::<u64>();
        Ok(done.then(|| read(&run.solved)))
    }

    /// Solves the points of a plan and reads what they yield; none when interrupted.
    pub fn solve<T>(&mut self, plan: &Plan, read: impl FnOnce(&[Solved]) -> T) -> Result<Option<T>, RunFault> {
        let resume = self.snapshot.studies.get(self.asked).cloned();
        let before = Snapshot {
            studies: self.snapshot.studies[..self.asked.min(self.snapshot.studies.len())].to_vec(),
            ..self.snapshot.clone()
        };
        let checkpoint = |inner: &Snapshot| {
            let mut whole = before.clone();
            whole.studies.push(inner.clone());
            (self.control.checkpoint)(&whole);
        };
        let progress = |inner: Progress| {
            let (finished, points) = (inner.finished + self.points, inner.points + self.points);
            (self.control.progress)(Progress { finished, points, ..inner });
        };
        let Control { threads, interrupted, .. } = *self.control;
        let control = Control { threads, interrupted, progress: &progress, checkpoint: &checkpoint, resume };
        let mut run = Run::new(plan, &control, self.pool)?;
        let done = run.points();
        let found = matches!(done, Ok(true)).then(|| read(&run.solved));
        self.firings += run.solved.iter().map(Solved::firings).sum::<u64>();
        let snapshot = run.snapshot;
        match self.snapshot.studies.get_mut(self.asked) {
            Some(known) => *known = snapshot,
            None => self.snapshot.studies.push(snapshot),
        }
        self.asked += 1;
        self.points += plan.points.len();
        done.map(|_| found)
    }
}

/// Whether a fault ends the whole run; else only what needed the point is told without it.
pub(super) fn is_fatal(fault: &RunFault) -> bool {
    matches!(fault, RunFault::Resume(_) | RunFault::Threads(_))
}
