//! What is to be compared with what, and what needs no computation.

use super::baseline::{Downtime, Reopened, find};
use super::looks::ALARM;
use super::ruling::{Check, Reference, Ruling};
use super::trial::{Question, Side};
use super::{Asked, Opened};
use crate::experiment::control::RunFault;
use crate::experiment::digest::{condition, digest};
use crate::experiment::outcome::label;
use crate::experiment::plan::{Objective, Plan};
use crate::experiment::settings::Settings;
use crate::stats::{Estimate, quantile};
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// A check to be made.
pub struct Job<'p> {
    pub question: Question<'p>,
    /// Without what will come out.
    pub check: Check,
}

impl Job<'_> {
    /// What is asked, whatever it is called.
    pub fn key(&self) -> String {
        let side = |side: &Side| {
            let Settings { ties, warmup, length, outage_bound, .. } = &side.plan.settings;
            let net = digest(&side.planned().net);
            format!("{net} {} {ties:?} {warmup:?} {length:?} {outage_bound:?}", side.up)
        };
        let sides: Vec<String> = self.question.sides.iter().map(side).collect();
        format!("{} {:?}", sides.join(" / "), self.question.most)
    }
}

/// All checks of a gate.
#[derive(Default)]
pub struct Jobs<'p> {
    /// Those that need no computation.
    pub settled: Vec<Check>,
    /// The others.
    pub open: Vec<Job<'p>>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Of open checks, by their place: what is so unless they are solved exactly.
    pub foreseen: Vec<(usize, String)>,
}

impl<'p> Jobs<'p> {
    /// Of a plan, held against its objectives and a baseline, by the margin that is asked for or else by that which was
    /// blessed.
    pub fn new(plan: &'p Plan, against: Option<&'p Opened<'p>>, asked: Asked) -> Result<Jobs<'p>, RunFault> {
        let margin = asked.margin(plan, against);
        let mut jobs = Jobs::default();
        if let Some(opened) = against {
            jobs.past(plan, &opened.blessed, &Reference::Blessed, margin);
            for anchor in &opened.anchors {
                let own = jobs.of_anchor(anchor, asked, margin);
                jobs.past(plan, anchor, &Reference::Anchor, own);
            }
            if is_foreign(plan, &opened.blessed) {
                let name = &opened.name;
                let what = &opened.blessed.plan.title;
                return Err(RunFault::Baseline(format!(
                    "{name} is the baseline of `{what}`, and nothing that it watches is in `{}`",
                    plan.title
                )));
            }
            jobs.lost_objectives(plan, &opened.blessed);
            jobs.differences(plan, opened);
            jobs.foresight(plan, &opened.blessed);
        }
        for objective in &plan.gated.objectives {
            jobs.objective(plan, objective);
        }
        Ok(jobs)
    }

    /// Different tests among the open checks.
    pub fn tests(&self) -> usize {
        self.open.iter().map(Job::key).collect::<BTreeSet<_>>().len()
    }

    /// The margin of an anchor: one that was blessed later may be stricter, but not looser, lest steps within a margin
    /// that grows creep unseen.
    fn of_anchor(&mut self, anchor: &Reopened, asked: Asked, margin: f64) -> f64 {
        let own = anchor.plan.gated.margin;
        if asked.margin.is_some() || own >= margin {
            return margin;
        }
        let [own_words, words] = [own, margin].map(|margin| 100.0 * margin);
        self.notes.push(format!(
            "the margin has grown from {own_words} % to {words} % since the anchor was blessed, which keeps its own \
             (`--re-anchor` would give it the new one)"
        ));
        own
    }

    fn past(&mut self, plan: &'p Plan, past: &'p Reopened<'p>, reference: &Reference, margin: f64) {
        for downtime in &past.record.downtimes {
            let check = Check { limit: 1.0 + margin, ..blank(reference.clone(), downtime) };
            let Some((index, up)) = now(plan, past, downtime) else {
                let because = missing(plan, past, downtime);
                self.settled.push(Check { ruling: Ruling::Missing, because, ..check });
                continue;
            };
            let Some((then, its_up)) = find(&past.plan, (&downtime.design, &downtime.at), &downtime.condition) else {
                continue;
            };
            let same = digest(&plan.points[index].net) == downtime.digest && up == its_up;
            if same && plan.settings.ties == past.plan.settings.ties {
                let figures = (downtime.downtime.clone(), Some(downtime.downtime.clone()));
                let because = "the same net".to_string();
                self.settled.push(Check {
                    ruling: Ruling::Unchanged,
                    now: figures.0,
                    then: figures.1,
                    because,
                    ..check
                });
                continue;
            }
            let sides = vec![Side { plan, index, up }, Side { plan: &past.plan, index: then, up: its_up }];
            self.open.push(Job { question: Question { sides, most: 1.0 + margin }, check });
        }
    }

    fn objective(&mut self, plan: &'p Plan, objective: &Objective) {
        let planned = &plan.points[objective.point];
        let check = Check {
            reference: Reference::Objective(objective.words.clone()),
            design: planned.design.clone(),
            at: planned.at.clone(),
            condition: planned.net.up[objective.up].name.clone(),
            limit: objective.most,
            ..empty()
        };
        let sides = vec![Side { plan, index: objective.point, up: objective.up }];
        self.open.push(Job { question: Question { sides, most: objective.most }, check });
    }

    /// Objectives that were blessed and are gone, or looser than they were.
    fn lost_objectives(&mut self, plan: &Plan, past: &Reopened) {
        for old in &past.plan.gated.objectives {
            let planned = &past.plan.points[old.point];
            let condition = &planned.net.up[old.up].name;
            let found = find(plan, (&planned.design, &planned.at), condition);
            let kept = plan
                .gated
                .objectives
                .iter()
                .any(|new| found == Some((new.point, new.up)) && new.most <= old.most * (1.0 + 1e-9));
            if !kept {
                self.settled.push(Check {
                    reference: Reference::Objective(old.words.clone()),
                    design: planned.design.clone(),
                    at: planned.at.clone(),
                    condition: condition.clone(),
                    limit: old.most,
                    ruling: Ruling::Missing,
                    because: "the objective that was blessed is gone, or looser now".to_string(),
                    ..empty()
                });
            }
        }
    }

    /// What is new, or differs beside the nets.
    fn differences(&mut self, plan: &Plan, opened: &Opened) {
        let past = &opened.blessed;
        for &(index, up) in &plan.gated.downtimes {
            let planned = &plan.points[index];
            let name = &planned.net.up[up].name;
            let place = label(&planned.design, &planned.at);
            let found = past.record.downtimes.iter().find(|old| now(plan, past, old) == Some((index, up)));
            let Some(old) = found else {
                self.notes
                    .push(format!("{place}, {name}: new, so there is nothing to hold it against until it is blessed"));
                continue;
            };
            let then = find(&past.plan, (&old.design, &old.at), &old.condition);
            if then.is_some_and(|(i, u)| condition(&past.plan.points[i].net, u) != condition(&planned.net, up)) {
                self.notes.push(format!("{place}: `{name}` is defined otherwise than it was blessed"));
            }
        }
        let words = |set: &[(String, String)]| {
            let list: Vec<String> = set.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if list.is_empty() { "nothing".to_string() } else { format!("`{}`", list.join("`, `")) }
        };
        if plan.set != past.plan.set {
            let (now, then) = (words(&plan.set), words(&past.plan.set));
            self.notes.push(format!("set from outside is {now} now, and was {then} when it was blessed"));
        }
        let window = |of: &Settings| (of.warmup, of.length, of.outage_bound);
        if window(&plan.settings) != window(&past.plan.settings) {
            self.notes.push("`warmup`, `length` and `outage_bound` are taken as they were blessed".to_string());
        }
    }

    /// Margins that are finer than the budget can tell, as far as the blessed run foretells it.
    fn foresight(&mut self, plan: &Plan, past: &Reopened) {
        if plan.settings.method == Method::Exact {
            return;
        }
        // Of the last look, at which 0.29 of 5 % may be spent.
        let critical = quantile::normal(1.0 - 0.29 * ALARM);
        for (place, job) in self.open.iter().enumerate() {
            let margin = job.question.most - 1.0;
            let of_job = |old: &&Downtime| {
                (&old.design, &old.at, &old.condition) == (&job.check.design, &job.check.at, &job.check.condition)
            };
            let Some(old) = past.record.downtimes.iter().find(of_job) else { continue };
            let (Some(low), Some(high)) = (old.unavailability.low, old.unavailability.high) else { continue };
            let half = 0.5 * libm::log(high / low) / quantile::normal(0.5 + 0.5 * old.unavailability.confidence);
            let finest = critical * half * (2.0 * old.firings as f64 / plan.settings.budget as f64).sqrt();
            if finest.is_finite() && finest > libm::log1p(margin) && job.question.sides.len() > 1 {
                let needed = old.firings as f64 * 2.0 * libm::pow(critical * half / libm::log1p(margin), 2.0);
                let name = label(&old.design, &old.at);
                let note = format!(
                    "{name}: a margin of {:.3} % is finer than {:.1e} firings can decide, unless both versions share their \
                     faults: about {:.2} % could be; {needed:.1e} firings would do (`--budget`)",
                    100.0 * margin,
                    plan.settings.budget as f64,
                    100.0 * libm::expm1(finest)
                );
                self.foreseen.push((place, note));
            }
        }
        let mut seen = BTreeSet::new();
        self.notes.retain(|note| seen.insert(note.clone()));
    }
}

/// Whether both are nets that are run without a scenario: their only design is the same whatever its file is called.
fn are_bare(plan: &Plan, past: &Reopened) -> bool {
    !plan.is_scenario && !past.plan.is_scenario
}

/// Whether a plan has none of the designs that were blessed.
fn is_foreign(plan: &Plan, past: &Reopened) -> bool {
    !are_bare(plan, past) && !past.plan.designs.iter().any(|design| plan.designs.contains(design))
}

/// Where a blessed downtime is now.
fn now(plan: &Plan, past: &Reopened, downtime: &Downtime) -> Option<(usize, usize)> {
    let design = if are_bare(plan, past) { &plan.designs[0] } else { &downtime.design };
    find(plan, (design, &downtime.at), &downtime.condition)
}

/// What is missing of a blessed downtime.
fn missing(plan: &Plan, past: &Reopened, downtime: &Downtime) -> String {
    let bare = are_bare(plan, past);
    if !bare && !plan.designs.contains(&downtime.design) {
        return "the design is gone".to_string();
    }
    let here = |planned: &&crate::experiment::plan::Planned| {
        (bare || planned.design == downtime.design) && planned.at == downtime.at
    };
    match plan.points.iter().find(here) {
        None => "the point of the sweep is gone".to_string(),
        Some(planned) => {
            let names: Vec<String> = planned.net.up.iter().map(|up| format!("`{}`", up.name)).collect();
            let names = if names.is_empty() { "none".to_string() } else { names.join(", ") };
            format!("the condition is gone; there is {names}")
        }
    }
}

fn blank(reference: Reference, downtime: &Downtime) -> Check {
    Check {
        reference,
        design: downtime.design.clone(),
        at: downtime.at.clone(),
        condition: downtime.condition.clone(),
        ..empty()
    }
}

fn empty() -> Check {
    Check {
        reference: Reference::Blessed,
        design: String::new(),
        at: IndexMap::new(),
        condition: String::new(),
        ruling: Ruling::Undecided,
        value: Estimate::unknown(1.0 - ALARM, ""),
        limit: f64::NAN,
        now: Estimate::unknown(1.0 - ALARM, "s/y"),
        then: None,
        method: None,
        because: String::new(),
        looks: 0,
        observations: 0,
        firings: 0,
        needs: None,
    }
}
