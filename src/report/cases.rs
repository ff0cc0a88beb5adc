//! What a run was asked to hold, one case each: for test reports, and for the first line of a summary.

use super::sentences::{cross_check, verdict};
use crate::experiment::gate::Ruling;
use crate::experiment::outcome::{Outcome, label};

/// Something that holds, or doesn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is about.
    pub name: String,
    /// Whether it holds; none where that couldn't be found out.
    pub holds: Option<bool>,
    /// The figures, and why.
    pub text: String,
}

/// Checks of the gate, expectations, and cross-checks.
pub(super) fn cases(outcome: &Outcome) -> Vec<Case> {
    let checks = outcome.gate.iter().flat_map(|gate| &gate.checks).map(|check| {
        let (name, text) = super::gate::case(check);
        let holds = match check.ruling {
            Ruling::Unchanged | Ruling::Fine => Some(true),
            Ruling::Regression | Ruling::Missing => Some(false),
            Ruling::Undecided | Ruling::Interrupted => None,
        };
        Case { name, holds, text }
    });
    let expected = outcome.verdicts.iter().map(|of| {
        let name = format!("{} (expected)", of.what);
        Case { name, holds: Some(of.holds), text: verdict(of) }
    });
    let crossed = outcome.cross_checks.iter().filter_map(|of| {
        let name = format!("{} (cross-check)", label(&of.design, &of.at));
        of.agrees.map(|agrees| Case { name, holds: Some(agrees), text: cross_check(of) })
    });
    let missed = outcome.interrupted.then(|| Case {
        name: "the run (interrupted)".into(),
        holds: None,
        text: "interrupted before it was done".into(),
    });
    checks.chain(expected).chain(crossed).chain(missed).collect()
}
