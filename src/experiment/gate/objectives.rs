//! A run with the objectives that its scenario states, judged after it: interrupted in either, it goes on from there.

use super::super::control::{Control, RunFault};
use super::super::outcome::Outcome;
use super::super::plan::Plan;
use super::super::resume::Snapshot;
use super::{Asked, judge};
use std::sync::Mutex;

/// Carries out a plan and judges its objectives, if there are any. An interruption isn't a fault: it yields what is
/// known.
///
/// # Errors
/// As with [`super::super::run()`] and [`judge()`].
pub fn run_and_judge(plan: &Plan, asked: Asked, control: &Control) -> Result<Outcome, RunFault> {
    if plan.gated.objectives.is_empty() {
        return super::super::run(plan, control);
    }
    let judged = control.resume.as_ref().and_then(|resume| resume.objectives.clone());
    let last = Mutex::new(control.resume.clone());
    let save = |snapshot: &Snapshot| {
        let whole = Snapshot { objectives: judged.clone(), ..snapshot.clone() };
        (control.checkpoint)(&whole);
        if let Ok(mut last) = last.lock() {
            *last = Some(whole);
        }
    };
    let outcome = super::super::run(plan, &with(control, &save, control.resume.clone()))?;
    if outcome.interrupted {
        return Ok(outcome);
    }
    let last = last.lock().ok().and_then(|last| last.clone());
    let save = |gate: &Snapshot| {
        if let Some(last) = &last {
            (control.checkpoint)(&Snapshot { objectives: Some(Box::new(gate.clone())), ..last.clone() });
        }
    };
    let verdicts = judge(plan, None, asked, &with(control, &save, judged.as_deref().cloned()))?;
    Ok(together(outcome, verdicts))
}

fn with<'c>(control: &'c Control, checkpoint: &'c (dyn Fn(&Snapshot) + Sync), resume: Option<Snapshot>) -> Control<'c> {
    let Control { threads, interrupted, progress, .. } = *control;
    Control { threads, interrupted, progress, checkpoint, resume }
}

fn together(mut outcome: Outcome, judged: Outcome) -> Outcome {
    outcome.interrupted = judged.interrupted;
    outcome.spent.firings += judged.spent.firings;
    let new = |warning: &String| !outcome.warnings.contains(warning);
    let told: Vec<String> = judged.warnings.into_iter().filter(new).collect();
    outcome.warnings.extend(told);
    outcome.gate = judged.gate;
    outcome
}
