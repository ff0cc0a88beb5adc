//! Measures with a time of their own, and about outages, at one point: by either engine.

use super::control::{Control, RunFault, Stop};
use super::evidence::Evidence;
use super::exactly::{self, MOST_STEPS};
use super::outcome::Ended;
use super::plan::Target;
use super::process::Process;
use super::replicate::Workers;
use super::resume::Finding;
use super::run::Solved;
use super::settings::Settings;
use super::solve::{At, Solution};
use super::verdict;
use super::window::Window;
use crate::exact::{self, Answers, Limits, Refusal};
use crate::net::Net;
use crate::net::question::{About, Question, Variable};
use crate::program::{CompileError, compile};
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use std::cell::Cell;

/// Basic pieces of a batch on one path.
const PIECES: f64 = 16.0;

/// Why a net's questions have no exact answer.
pub(super) enum RunRefusal {
    /// Ended by hand.
    Interrupted,
    /// In words.
    Told(Refusal),
}

/// Every question of a net, solved; none if it has none.
pub(super) fn exact_answers(net: &Net, limits: &Limits, stop: exact::Stop) -> Result<Answers, RunRefusal> {
    if net.questions.list.is_empty() {
        return Ok(Vec::new());
    }
    let asking = net.of_questions();
    let program = compile(&asking).map_err(|CompileError(diagnostic)| {
        RunRefusal::Told(Refusal::BadValue { who: "a measure".to_string(), message: diagnostic.message })
    })?;
    let asked: Vec<About> = net.questions.list.iter().map(|question| question.about).collect();
    exact::answers(&asking, &program, &asked, limits, stop).map_err(|refusal| match refusal {
        Refusal::Interrupted => RunRefusal::Interrupted,
        refusal => RunRefusal::Told(refusal),
    })
}

/// The same within limits that keep it quicker than a simulation.
pub(super) fn quick_answers(net: &Net, settings: &Settings, control: &Control) -> Result<Answers, RunRefusal> {
    let steps = Cell::new(0_u64);
    let stop = |more| {
        steps.set(steps.get().saturating_add(more));
        steps.get() > MOST_STEPS || control.is_interrupted()
    };
    match exact_answers(net, &exactly::quick(settings), &stop) {
        Err(RunRefusal::Interrupted) if !control.is_interrupted() => {
            let what = "an exact answer".to_string();
            Err(RunRefusal::Told(Refusal::TooLong { what, steps: MOST_STEPS as f64 }))
        }
        answers => answers,
    }
}

impl At<'_> {
    /// Adds what the net asks, by simulation.
    pub(super) fn answer(&self, pool: &rayon::ThreadPool, mut finding: Finding) -> Result<Solution, RunFault> {
        let (net, settings) = (&self.planned.net, &self.plan.settings);
        if net.questions.list.is_empty() {
            return Ok(Solution::Done(finding));
        }
        let asking = net.of_questions();
        let process = Process::new(&asking, settings.ties);
        let too_large =
            |e: CompileError| RunFault::TooLarge { design: self.planned.design.clone(), message: e.to_string() };
        let process = process.map_err(too_large)?;
        let workers = Workers::new((&process, &asking), pool, self.control, settings.seed);
        let window = || stationary(&workers, &finding, net, settings);
        let report = |stage, outages, width, share| self.report(stage, outages, width, share);
        // What was split for the long run is split here too.
        let method = if finding.approach.method == Method::Splitting { Method::Splitting } else { settings.method };
        let settings = &Settings { method, ..settings.clone() };
        match workers.ask(&net.questions.list, &window, settings, &report) {
            Ok(asked) => {
                if !asked.reached && finding.end.ended == Ended::Precision {
                    finding.end.ended = Ended::Budget;
                }
                finding.warnings.extend(asked.warnings);
                (finding.answers, finding.answers_firings) = (asked.evidence, asked.firings);
                Ok(Solution::Done(finding))
            }
            Err(Stop::Fault(fault)) => Err(self.fault(fault)),
            Err(_) => Ok(Solution::Interrupted(Some(finding))),
        }
    }

    /// Adds what the net asks: solved, where that can be done, else simulated.
    pub(super) fn answer_quickly(&self, pool: &rayon::ThreadPool, mut finding: Finding) -> Result<Solution, RunFault> {
        let refused = match quick_answers(&self.planned.net, &self.plan.settings, self.control) {
            Ok(answers) => answers.into_iter().collect::<Result<Vec<f64>, Refusal>>(),
            Err(RunRefusal::Interrupted) => return Ok(Solution::Interrupted(None)),
            Err(RunRefusal::Told(refusal)) => Err(refusal),
        };
        match refused {
            Ok(values) => {
                finding.warnings.extend(self.endless(&values));
                finding.answers = values.into_iter().map(|value| Some(known(value))).collect();
                Ok(Solution::Done(finding))
            }
            Err(refusal) => {
                finding.warnings.push(format!("measures with a time of their own are simulated: {refusal}"));
                self.answer(pool, finding)
            }
        }
    }

    /// Adds what the net asks, solved.
    pub(super) fn answer_exactly(&self, mut finding: Finding) -> Result<Solution, RunFault> {
        let stop = |_| self.control.is_interrupted();
        let list = &self.planned.net.questions.list;
        let in_the_way = |measures: &[Question], refusal| {
            let names: Vec<String> = measures.iter().map(|measure| format!("`{}`", measure.name)).collect();
            let plural = if names.len() > 1 { "s" } else { "" };
            let place = format!("{}, measure{plural} {}", verdict::place(self.planned), names.join(", "));
            RunFault::Exact { place, refusal }
        };
        let answers = match exact_answers(&self.planned.net, &exactly::limits(&self.plan.settings), &stop) {
            Ok(answers) => answers,
            Err(RunRefusal::Interrupted) => return Ok(Solution::Interrupted(None)),
            Err(RunRefusal::Told(refusal)) => return Err(in_the_way(list, refusal)),
        };
        let told = |(index, answer): (usize, Result<f64, Refusal>)| {
            answer.map_err(|refusal| in_the_way(&list[index..=index], refusal))
        };
        let values: Vec<f64> = answers.into_iter().enumerate().map(told).collect::<Result<_, _>>()?;
        finding.warnings.extend(self.endless(&values));
        finding.answers = values.into_iter().map(|value| Some(known(value))).collect();
        Ok(Solution::Done(finding))
    }

    /// Values that can't be shown are told.
    fn endless(&self, values: &[f64]) -> Vec<String> {
        let named = self.planned.net.questions.list.iter().zip(values).filter(|(_, value)| !value.is_finite());
        let told = |(question, value): (&Question, &f64)| match value.is_infinite() {
            true => format!("`{}` is infinite: what it waits for may never come", question.name),
            false => format!("`{}` has no value: what it is about never happens", question.name),
        };
        named.map(told).collect()
    }
}

fn known(value: f64) -> Evidence {
    // A sum of nothing is −0.
    Evidence::Exact(Some(value + 0.0).filter(|value| value.is_finite()))
}

/// A stretch of a stationary path, and the firings that it took to find one.
fn stationary(workers: &Workers, finding: &Finding, net: &Net, settings: &Settings) -> Result<(Window, u64), Stop> {
    let approach = &finding.approach;
    match approach.method {
        Method::Replications => Ok((approach.window(), 0)),
        Method::BatchMeans => Ok((Window { length: PIECES * approach.length, ..approach.window() }, 0)),
        _ => {
            let lead = net.questions.list.iter().find_map(|question| match question.about {
                About::Law {
                    of: Variable::Outage { condition } | Variable::Outages { condition, interval: None },
                    ..
                } => Some(condition),
                _ => None,
            });
            let settings = Settings { method: Method::Replications, ..settings.clone() };
            let chosen = workers.choose(&settings, lead)?;
            Ok((chosen.window(), chosen.firings))
        }
    }
}

impl Solved<'_> {
    /// Whether a value of it was solved, not simulated: a measure with a time of its own may have to be where the long
    /// run needn't.
    pub(super) fn is_solved(&self, target: &Target) -> bool {
        match target {
            Target::Question(index) => matches!(self.finding.answers.get(*index), Some(Some(Evidence::Exact(_)))),
            Target::Standard(..) | Target::Measure(_) => self.finding.exact.is_some(),
        }
    }

    /// A measure with a time of its own, or about outages.
    pub(super) fn question(&self, index: usize, settings: &Settings) -> Estimate {
        let question = &self.facts.questions[index];
        match self.finding.answers.get(index) {
            Some(Some(evidence)) => evidence.estimate(question, settings.confidence, self.facts.deterministic),
            _ => Estimate::unknown(settings.confidence, &question.dimension.base_unit()),
        }
    }

    /// All measures of the model, in the file's order.
    pub(super) fn measures(&self, settings: &Settings) -> IndexMap<String, Estimate> {
        let facts = &self.facts;
        let mut all: IndexMap<String, Estimate> =
            facts.measures.iter().map(|m| (m.name.clone(), self.measure(m, settings))).collect();
        for (index, question) in facts.questions.iter().enumerate() {
            let place = question.position.min(all.len());
            all.shift_insert(place, question.name.clone(), self.question(index, settings));
        }
        all
    }
}
