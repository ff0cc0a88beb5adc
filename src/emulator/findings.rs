//! Study → findings: the outcomes of all its cases.

use super::outcome::{self, Control, NoThreads, Outcome};
use super::plan::{Case, Study};
use indexmap::IndexMap;
use serde::Serialize;

/// What a study gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Version of this object.
    pub schema: u32,
    /// Version of the program.
    pub version: &'static str,
    /// The study's title.
    pub title: String,
    /// What it shows.
    pub doc: String,
    /// The figures of its table; none: those with published or expected values.
    #[serde(skip)]
    pub figures: Vec<String>,
    /// By the names of the cases; those that were begun.
    pub cases: IndexMap<String, Outcome>,
}

impl Findings {
    /// Carries out a study's cases one after the other, until one is interrupted; `carry_out` is told how many runs came
    /// before a case.
    pub(super) fn of<E>(
        study: &Study,
        mut carry_out: impl FnMut(&Case, u64) -> Result<Outcome, E>,
    ) -> Result<Findings, E> {
        let (schema, version) = (1, env!("CARGO_PKG_VERSION"));
        let (title, doc, figures) = (study.title.clone(), study.doc.clone(), study.figures.clone());
        let (mut cases, mut before) = (IndexMap::new(), 0);
        for case in &study.cases {
            let outcome = carry_out(case, before)?;
            before += outcome.runs;
            let interrupted = outcome.interrupted;
            cases.insert(case.name.clone(), outcome);
            if interrupted {
                break;
            }
        }
        Ok(Findings { schema, version, title, doc, figures, cases })
    }

    /// What the only plan gave; none if there are cases.
    pub fn alone(&self) -> Option<&Outcome> {
        self.cases.get("").filter(|_| self.cases.len() == 1)
    }

    /// Whether every expectation was met.
    pub fn holds(&self) -> bool {
        self.cases.values().all(Outcome::holds)
    }

    /// The cases of which too many deadlines were late to calibrate from their samples.
    pub fn late(&self) -> Vec<&str> {
        let late = |outcome: &Outcome| outcome.live.as_ref().is_some_and(|timeliness| !timeliness.fit);
        self.cases.iter().filter(|(_, outcome)| late(outcome)).map(|(case, _)| case.as_str()).collect()
    }

    /// Whether it was ended by hand.
    pub fn interrupted(&self) -> bool {
        self.cases.values().any(|outcome| outcome.interrupted)
    }
}

/// Carries out the cases, one after the other; progress counts the runs of all.
///
/// # Errors
/// When no threads can be had.
pub fn carry_out(study: &Study, control: &Control<'_>) -> Result<Findings, NoThreads> {
    Findings::of(study, |case, before| {
        let progress = |done: u64| (control.progress)(before + done);
        outcome::emulate(&case.plan, &Control { progress: &progress, ..*control })
    })
}
