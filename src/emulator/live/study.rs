//! A study, live: every run of every case, one after the other.

use super::{Job, Timeliness};
use crate::emulator::findings::Findings;
use crate::emulator::outcome::{self, Account, Control, Outcome};
use crate::emulator::plan::{Case, Plan, Study};
use crate::emulator::time::Duration;
use std::sync::atomic::Ordering;

/// Most latenesses that are kept of a case.
const MOST_LATE: usize = 4_000_000;

/// Carries out the cases, one after the other, each run by itself; progress counts the runs of all.
///
/// # Errors
/// When a run can't be carried out; what was known is lost with it.
pub fn carry_out(job: &Job<'_>, study: &Study, control: &Control<'_>) -> Result<Findings, String> {
    Findings::of(study, |case, before| of_case(job, case, before, control))
}

fn of_case(job: &Job<'_>, case: &Case, before: u64, control: &Control<'_>) -> Result<Outcome, String> {
    let stop = || control.interrupted.load(Ordering::Relaxed);
    let (mut account, mut done) = (Account::default(), 0);
    let (mut late, mut greatest, mut clocks) = (Vec::new(), Vec::new(), Duration::ZERO);
    while done < case.plan.runs {
        let about = |trouble| format!("run {done} ended early: {trouble}");
        let Some(run) = job.run(case, done, &stop).map_err(about)? else { break };
        account.add(&case.plan, done, &run.record);
        greatest.push(run.late.iter().max().map_or(0.0, |most| most.seconds()));
        let room = MOST_LATE.saturating_sub(late.len());
        late.extend(run.late.into_iter().take(room));
        clocks = clocks.max(run.uncertainty);
        done += 1;
        (control.progress)(before + done);
    }
    let timeliness = Timeliness::new(&case.plan, late, greatest, clocks);
    let same = Plan { runs: done, expect: Vec::new(), published: Vec::new(), ..case.plan.clone() };
    let silent = Control { progress: &|_| (), ..*control };
    let beside = outcome::emulate(&same, &silent).map_err(|error| error.to_string())?;
    // Of a study that was interrupted there is nothing beside.
    let beside = Some(beside.figures).filter(|_| done > 0 && beside.runs == done);
    Ok(Outcome { live: Some(timeliness), beside, ..account.outcome(&case.plan, done) })
}
