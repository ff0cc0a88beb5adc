//! Points that are solved exactly, and the one place where estimates are asked of either kind of point.
//!
//! An exact figure is an estimate whose interval is the figure itself.

use super::approach::Approach;
use super::estimate::Sample;
use super::exact_shares::Shares;
use super::exactly::Known;
use super::outcome::{Cause, Ended, Phase, Sequence};
use super::plan::Target;
use super::process::Facts;
use super::resume::Finding;
use super::run::Solved;
use super::sample::{End, State, sample};
use super::settings::Settings;
use super::tally::Layout;
use crate::exact::{Process, Solution};
use crate::program::{Formula, Measure, Program};
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use crate::units::YEAR;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What is exactly known of a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Long-run mean of each sum per second.
    sums: Vec<f64>,
    /// Of each `up` condition.
    availability: Vec<f64>,
    /// Mean time to the first failure of each; none where it may never come.
    first_failure: Vec<Option<f64>>,
    /// The account of the outages of each condition, where it is asked for.
    #[serde(default)]
    accounts: Vec<Shares>,
}

impl Figures {
    /// Of a solved process.
    pub fn of(solution: Solution, accounts: Vec<Shares>) -> Figures {
        let first_failure = solution.first_failure.iter().map(|&time| Some(time).filter(|time| time.is_finite()));
        let Solution { sums, availability, .. } = solution;
        Figures { first_failure: first_failure.collect(), sums, availability, accounts }
    }

    /// What a target is about; nothing where it isn't finite.
    pub fn estimate(&self, facts: &Facts, target: &Target, settings: &Settings) -> Estimate {
        let unknown = || Estimate::unknown(settings.confidence, "");
        match target {
            Target::Standard(up, name) => {
                self.standard(*up, settings.confidence).swap_remove(name).unwrap_or_else(unknown)
            }
            Target::Measure(i) => self.measure(&facts.measures[*i], settings.confidence),
            Target::Question(_) => unknown(),
        }
    }

    /// Whether they belong to a process: a snapshot might come from elsewhere.
    pub fn fit(&self, facts: &Facts) -> bool {
        let ups = facts.up.len();
        let accounts = facts.causes.names.is_empty() && self.accounts.is_empty() || self.accounts.len() == ups;
        let fit = accounts && self.accounts.iter().all(|shares| shares.fit(facts));
        fit && self.sums.len() == facts.sums && self.availability.len() == ups && self.first_failure.len() == ups
    }

    fn unavailability(&self, up: usize, confidence: f64) -> Estimate {
        figure(self.sums[Program::down(up)], confidence, "")
    }

    /// The standard measures (S16), in the order of the simulated ones.
    fn standard(&self, up: usize, confidence: f64) -> IndexMap<String, Estimate> {
        let (u, n) = (self.sums[Program::down(up)], self.sums[Program::failures(up)]);
        let a = self.availability[up];
        let all = [
            ("availability", a, ""),
            ("unavailability", u, ""),
            ("nines", -libm::log10(u) + 0.0, ""),
            ("downtime per year", u * YEAR, "s/y"),
            ("failures per year", n * YEAR, "1/y"),
            ("MTBF", 1.0 / n, "s"),
            ("mean up time", a / n, "s"),
            ("mean outage", u / n, "s"),
            ("MTTF", self.first_failure[up].unwrap_or(f64::INFINITY), "s"),
        ];
        all.map(|(name, value, unit)| (name.to_string(), figure(value, confidence, unit))).into_iter().collect()
    }

    fn measure(&self, measure: &Measure, confidence: f64) -> Estimate {
        figure(self.value(&measure.formula), confidence, &measure.dimension.base_unit())
    }

    fn value(&self, formula: &Formula) -> f64 {
        formula.evaluate(&|sum| self.sums[sum])
    }
}

/// An exact value; nothing where it isn't finite.
pub(super) fn figure(value: f64, confidence: f64, unit: &str) -> Estimate {
    let value = Some(value).filter(|value| value.is_finite());
    Estimate::between(value, value.map(|value| (value, value)), confidence, unit)
}

impl<'p> Solved<'p> {
    pub(super) fn sample<'s>(&'s self, settings: &Settings) -> Sample<'s> {
        sample(&self.facts, &self.layout, &self.finding.state.tally, settings, self.finding.approach.method)
    }

    /// The standard measures (S16) of a condition.
    pub(super) fn standard(&self, up: usize, settings: &Settings) -> IndexMap<String, Estimate> {
        match &self.finding.exact {
            Some(figures) => figures.standard(up, settings.confidence),
            None => self.sample(settings).standard(up),
        }
    }

    /// A measure of the model.
    pub(super) fn measure(&self, measure: &Measure, settings: &Settings) -> Estimate {
        match &self.finding.exact {
            Some(figures) => figures.measure(measure, settings.confidence),
            None => self.sample(settings).measure(measure),
        }
    }

    /// The unavailability of a condition.
    pub(super) fn unavailability(&self, up: usize, settings: &Settings) -> Estimate {
        match &self.finding.exact {
            Some(figures) => figures.unavailability(up, settings.confidence),
            None => self.sample(settings).unavailability(up),
        }
    }

    /// What began the outages of a condition, where it is asked for.
    pub(super) fn causes(&self, up: usize, settings: &Settings) -> Vec<Cause> {
        match &self.finding.exact {
            Some(figures) => {
                figures.accounts.get(up).map_or(Vec::new(), |shares| shares.causes(&self.facts, settings.confidence))
            }
            None => self.sample(settings).causes(up),
        }
    }

    /// What held the outages of a condition, where it is asked for.
    pub(super) fn phases(&self, up: usize, settings: &Settings) -> Vec<Phase> {
        match &self.finding.exact {
            Some(figures) => {
                figures.accounts.get(up).map_or(Vec::new(), |shares| shares.phases(&self.facts, settings.confidence))
            }
            None => self.sample(settings).phases(up),
        }
    }

    /// Which failures led to the outages of a condition, where it is asked for.
    pub(super) fn sequences(&self, up: usize, settings: &Settings) -> Vec<Sequence> {
        match &self.finding.exact {
            Some(figures) => {
                figures.accounts.get(up).map_or(Vec::new(), |shares| shares.sequences(&self.facts, settings.confidence))
            }
            None => self.sample(settings).sequences(up),
        }
    }

    /// What an expectation or a published figure is about.
    pub(super) fn estimate(&self, target: &Target, settings: &Settings) -> Estimate {
        let unknown = || Estimate::unknown(settings.confidence, "");
        match target {
            Target::Standard(up, name) => self.standard(*up, settings).swap_remove(name).unwrap_or_else(unknown),
            Target::Measure(i) => self.measure(&self.facts.measures[*i], settings),
            Target::Question(i) => self.question(*i, settings),
        }
    }
}

/// How a point was solved, and why so.
pub(super) fn approach(solution: &Solution, why: &str) -> Approach {
    let because = format!("{why}; {}", described(solution));
    Approach {
        warmup_because: "none: the long run itself is solved".to_string(),
        ..Approach::new((Method::Exact, because), 0)
    }
}

/// The finding of a point that was solved.
pub(super) fn finding(
    approach: Approach,
    (solution, (accounts, missing)): Known,
    facts: &Facts,
    layout: &Layout,
    settings: &Settings,
) -> Finding {
    let mut warnings = warnings(&solution, facts, settings);
    warnings.extend(missing);
    if approach.method == Method::PhaseTypes {
        warnings.push("the figures are approximations by phase types, without an interval".to_string());
    }
    Finding {
        approach,
        state: State::new(layout, settings),
        end: End { ended: Ended::Exact, factor: None, width: None },
        years: IndexMap::new(),
        years_firings: 0,
        answers: Vec::new(),
        answers_firings: 0,
        warnings,
        exact: Some(Figures::of(solution, accounts)),
        single_years: Vec::new(),
        pairs: Vec::new(),
    }
}

/// "4 states, 6 transitions, dense elimination, residual 1.2e-16".
pub(super) fn described(solution: &Solution) -> String {
    let Solution { states, transitions, solver, residual, sweeps, .. } = solution;
    let vanishing = if solution.has_vanishing { " (immediates eliminated)" } else { "" };
    let lumped = solution.unlumped.map_or(String::new(), |log| format!(" for {} markings of like parts", number(log)));
    let sweeps = if *sweeps > 0 { format!(" ({sweeps})") } else { String::new() };
    let process = match solution.process {
        Process::Markov => String::new(),
        Process::SemiMarkov => format!("semi-Markov process, quadrature right to {:.0e}; ", solution.defect.max(1e-15)),
        Process::Regenerative => {
            format!("Markov regenerative process, quadrature right to {:.0e}; ", solution.defect.max(1e-15))
        }
    };
    let parts = if solution.parts > 1 { format!("{} independent parts; ", solution.parts) } else { String::new() };
    format!(
        "{process}{parts}{}{lumped}{vanishing}, {}, {solver}{sweeps}, \
         residual {residual:.1e}",
        counted(*states, "state"),
        counted(*transitions, "transition")
    )
}

/// "1 state", "5 states".
fn counted(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}

fn warnings(solution: &Solution, facts: &Facts, settings: &Settings) -> Vec<String> {
    let mut list = Vec::new();
    if solution.classes.len() > 1 {
        let chances: Vec<String> = solution.classes.iter().take(5).map(|p| format!("{p:.4}")).collect();
        let more = if solution.classes.len() > 5 { ", …" } else { "" };
        list.push(format!(
            "the net ends in one of {} recurrent classes (with probability {}{more}): averages are means over them",
            solution.classes.len(),
            chances.join(", ")
        ));
    }
    for (up, name) in facts.up.iter().enumerate() {
        if solution.availability[up] == 0.0 {
            list.push(format!("in the long run `{name}` is never up"));
        } else if solution.sums[Program::down(up)] == 0.0 {
            list.push(format!("in the long run `{name}` is never down"));
        }
    }
    for (name, _) in facts.up.iter().zip(&solution.first_failure).filter(|(_, time)| time.is_nan()) {
        list.push(format!(
            "the MTTF of `{name}` isn't told: it depends on {} independent parts, whose states together are too many",
            solution.parts
        ));
    }
    if settings.years {
        list.push("single years are simulated only: not by the exact engine".to_string());
    }
    list
}

/// A number from its natural logarithm: in full where it is exact, else its magnitude.
fn number(log: f64) -> String {
    let value = libm::exp(log);
    if value < 1e12 { format!("{value:.0}") } else { format!("10^{:.1}", log / std::f64::consts::LN_10) }
}
