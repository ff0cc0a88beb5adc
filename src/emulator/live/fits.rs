//! What a live lab can't do of a plan.

use crate::diag::{Diagnostic, Diagnostics, SourceId, Span};
use crate::emulator::lab::GRACE;
use crate::emulator::plan::{Case, Plan, Study, Trouble};
use crate::emulator::read::KIND;
use crate::emulator::time::Duration;

/// Most real time that a study may take.
pub const MOST_TIME: Duration = Duration::from_secs(2 * 3600);

/// Reports all that a live lab can't do of the plans of a text, once for each thing.
pub fn fits(study: &Study, (source, text): (SourceId, &str), diagnostics: &mut Diagnostics) {
    let at = text.find(KIND).unwrap_or(0);
    let span = Span::new(source, at, (at + KIND.len()).min(text.len()));
    let named = |case: &Case| if case.name.is_empty() { String::new() } else { format!("case `{}`: ", case.name) };
    let mut told: Vec<String> =
        study.cases.iter().filter_map(|case| Some(named(case) + &missing(&case.plan)?)).collect();
    let total =
        study.cases.iter().fold(Duration::ZERO, |sum, case| sum + (case.plan.length + GRACE).times(case.plan.runs));
    if total > MOST_TIME {
        told.push(format!("the runs would take {total}, and may take {MOST_TIME}: `--runs` makes them fewer"));
    }
    for message in told {
        let help = "docs/emulator.md lists what a live lab can do; without `--live` the plan runs in virtual time";
        diagnostics.push(Diagnostic::error("E1007", span, format!("can't run live: {message}")).help(help));
    }
}

/// What this machine can't do.
fn missing(plan: &Plan) -> Option<String> {
    let hangs = plan.faults.iter().any(|fault| matches!(fault.what, Trouble::Hang(..)));
    (hangs && cfg!(not(unix))).then(|| "`Hang` needs signals that let a process stand still".to_owned())
}
