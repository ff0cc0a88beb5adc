//! The gate: whether a version of the nets is down longer than the one that was blessed, or than its objectives allow.
//!
//! Every watched downtime is a one-sided test of non-inferiority, by looks whose limits hold all at once
//! ([`looks`](self)): *regression* when the lower limit of the ratio of the downtimes, now over then, is above
//! 1 + margin; *fine* when the upper limit is below; *undecided* when the budget ends between.
//! The chance that any of the checks is red although nothing is beyond its limit is at most 5 %, whatever their number
//! (Bonferroni); so is the chance that all are green although something is beyond (that one would have to err).
//! Both versions are solved exactly where that can be done; else they are simulated with the same random numbers, from
//! a seed that the blessing has never seen.

mod baseline;
mod evidence;
mod jobs;
mod looks;
mod objectives;
mod ruling;
mod trial;

pub use baseline::{Baseline, Downtime, File, Record, Reopened, SCHEMA};
pub use looks::ALARM;
pub use objectives::run_and_judge;
pub use ruling::{Check, Gate, Reference, Ruling};

use super::control::{Control, Progress, RunFault, Stage};
use super::digest::digest;
use super::outcome::{Outcome, Spent};
use super::plan::Plan;
use super::resume::{Identity, Snapshot};
use super::settings::Settings;
use crate::net::load::Loader;
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use crate::units::YEAR;
use jobs::{Job, Jobs};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
pub(super) use trial::Answer;
use trial::{Court, Question};

/// A baseline whose nets have been read again.
#[derive(Debug)]
pub struct Opened<'b> {
    /// The file's name, for the report.
    pub name: String,
    /// What was blessed last.
    pub blessed: Reopened<'b>,
    /// What was blessed first, where it is another version.
    pub anchors: Vec<Reopened<'b>>,
}

impl Baseline {
    /// Reads the nets again; `name` is that of the file, and `resolver` says how names in the texts are meant.
    ///
    /// # Errors
    /// In words, when a net isn't the one that was blessed.
    pub fn open(&self, name: &str, resolver: &dyn Loader) -> Result<Opened<'_>, String> {
        let blessed = self.blessed.reopen(resolver)?;
        if blessed.record.downtimes.len() != blessed.plan.gated.downtimes.len() {
            return Err("the baseline is damaged: it doesn't hold every downtime that its scenario watches".to_string());
        }
        let anchors = self.anchors.iter().map(|anchor| anchor.reopen(resolver)).collect::<Result<_, _>>()?;
        Ok(Opened { name: name.to_string(), blessed, anchors })
    }
}

/// What is asked for from outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Of all streams; none: derived from what is compared.
    pub seed: Option<u64>,
    /// Relative increase that is no regression; none: the one that was blessed.
    pub margin: Option<f64>,
}

impl Asked {
    /// The margin that counts: the one asked for, else the one blessed last.
    fn margin(self, plan: &Plan, against: Option<&Opened>) -> f64 {
        self.margin.unwrap_or(against.map_or(&plan.gated, |opened| &opened.blessed.plan.gated).margin)
    }
}

/// Judges a plan against a baseline and its objectives. The outcome has no points of its own. What is decided needn't
/// be decided again when an interrupted gate goes on; the check that was interrupted begins anew.
///
/// # Errors
/// A fault of the run, as with [`super::run()`]; a baseline of another scenario; a snapshot of another gate.
pub fn judge(plan: &Plan, against: Option<&Opened>, asked: Asked, control: &Control) -> Result<Outcome, RunFault> {
    let digests: Vec<String> = plan.points.iter().map(|planned| digest(&planned.net)).collect();
    let margin = asked.margin(plan, against);
    let jobs = Jobs::new(plan, against, asked)?;
    let seed = asked.seed.unwrap_or_else(|| fresh_seed(plan, against, &digests));
    let mut gate = Gate {
        against: against.map(|opened| opened.name.clone()),
        margin,
        alarm: ALARM,
        seed,
        tests: jobs.tests(),
        checks: jobs.settled,
        notes: jobs.notes,
    };
    if asked.margin.is_none() && margin != plan.gated.margin {
        let (now, then) = (100.0 * plan.gated.margin, 100.0 * margin);
        gate.notes.push(format!("the scenario's margin of {now} % counts once it is blessed: it was {then} %"));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(control.threads.max(1)).build();
    let pool = pool.map_err(|error| RunFault::Threads(error.to_string()))?;
    let asked = serde_json::to_string(&("gate", &plan.settings, margin, gate.tests)).unwrap_or_default();
    let identity = Identity::new(&plan.title, seed, digests.clone(), asked);
    let snapshot = Snapshot::resumed(identity, control.resume.as_ref())?;
    let mut session = Session { plan, control, pool, seed, tests: gate.tests, snapshot, told: BTreeSet::new() };
    (control.checkpoint)(&session.snapshot);
    let mut warnings = Vec::new();
    let all = jobs.open.len();
    for (number, job) in jobs.open.into_iter().enumerate() {
        let answer = session.answer(&job, (number, all))?;
        let place = super::outcome::label(&job.check.design, &job.check.at);
        let told = answer.warnings.iter().map(|warning| format!("{place}: {warning}"));
        warnings.extend(told.filter(|told| !warnings.contains(told)).collect::<Vec<_>>());
        let simulated = answer.method != Method::Exact;
        let foreseen = jobs.foreseen.iter().filter(|(of, _)| simulated && *of == number).map(|(_, note)| note);
        gate.notes.extend(foreseen.filter(|note| !gate.notes.contains(note)).cloned().collect::<Vec<_>>());
        gate.checks.push(job.check(answer));
    }
    Ok(outcome(plan, digests, gate, warnings, control))
}

/// What can be told before the work begins: margins that the budget can't decide, and what differs beside the nets.
pub fn foresee(plan: &Plan, against: &Opened, asked: Asked) -> Vec<String> {
    let Ok(jobs) = Jobs::new(plan, Some(against), asked) else { return Vec::new() };
    let open = matches!(plan.settings.method, Method::Auto | Method::BatchMeans);
    let foreseen = jobs.foreseen.into_iter().map(|(_, note)| match open {
        true => format!("unless it can be solved exactly: {note}"),
        false => note,
    });
    let mut seen = BTreeSet::new();
    jobs.notes.into_iter().chain(foreseen).filter(|note| seen.insert(note.clone())).collect()
}

fn outcome(plan: &Plan, digests: Vec<String>, gate: Gate, warnings: Vec<String>, control: &Control) -> Outcome {
    let mut by_design = indexmap::IndexMap::new();
    for (planned, digest) in plan.points.iter().zip(digests) {
        by_design.entry(planned.design.clone()).or_insert(digest);
    }
    let firings = gate.checks.iter().map(|check| check.firings).sum();
    Outcome {
        scenario: plan.title.clone(),
        doc: plan.doc.clone(),
        seed: gate.seed,
        digests: by_design,
        points: Vec::new(),
        comparisons: Vec::new(),
        rankings: Vec::new(),
        crossings: Vec::new(),
        refined: Vec::new(),
        sensitivities: Vec::new(),
        uncertainties: Vec::new(),
        targets: Vec::new(),
        verdicts: Vec::new(),
        cross_checks: Vec::new(),
        published: Vec::new(),
        warnings,
        interrupted: gate.checks.iter().any(|check| check.ruling == Ruling::Interrupted),
        gate: Some(gate),
        spent: Spent { seconds: 0.0, threads: control.threads, firings },
    }
}

/// A seed that follows from what is compared, so that the same comparison draws the same numbers, and that isn't one
/// which anything was blessed with.
fn fresh_seed(plan: &Plan, against: Option<&Opened>, digests: &[String]) -> u64 {
    let records = || against.iter().flat_map(|opened| std::iter::once(&opened.blessed).chain(&opened.anchors));
    let mut hash = Sha256::new();
    hash.update(b"gate");
    digests.iter().for_each(|digest| hash.update(digest));
    let old = records().flat_map(|past| &past.record.downtimes);
    old.for_each(|downtime| hash.update(&downtime.digest));
    let seeds: Vec<u64> = records().map(|past| past.record.seed).chain([plan.settings.seed]).collect();
    let bytes: [u8; 32] = hash.finalize().into();
    // Nine digits are easily typed again.
    let mut seed = bytes[..8].iter().fold(0_u64, |seed, &byte| seed << 8 | u64::from(byte)) % 1_000_000_000;
    while seeds.contains(&seed) {
        seed += 1;
    }
    seed
}

/// The questions of one gate being answered; what is asked twice is answered once.
struct Session<'s> {
    plan: &'s Plan,
    control: &'s Control<'s>,
    pool: rayon::ThreadPool,
    seed: u64,
    tests: usize,
    /// With what is decided.
    snapshot: Snapshot,
    /// What has been told of that.
    told: BTreeSet<String>,
}

impl Session<'_> {
    fn answer(&mut self, job: &Job, (number, all): (usize, usize)) -> Result<Answer, RunFault> {
        let key = job.key();
        if let Some(known) = self.snapshot.answers.get(&key) {
            let firings = if self.told.insert(key) { known.firings } else { 0 };
            return Ok(Answer { firings, ..known.clone() });
        }
        if self.control.is_interrupted() {
            return Ok(Answer::interrupted());
        }
        let report = |stage: Stage, outages: u64, reached: Option<f64>, share: f64| {
            let (design, at) = (job.check.design.clone(), job.check.at.clone());
            let wanted = self.plan.settings.precision;
            (self.control.progress)(Progress {
                finished: number,
                points: all,
                design,
                at,
                stage,
                outages,
                reached,
                wanted,
                share,
            });
        };
        let court = Court {
            control: self.control,
            pool: &self.pool,
            settings: Settings { seed: self.seed, ..settings(self.plan, &job.question) },
            tests: self.tests,
        };
        let answer = court.answer(&job.question, &report)?;
        if answer.ruling != Ruling::Interrupted {
            self.told.insert(key.clone());
            self.snapshot.answers.insert(key, answer.clone());
        }
        (self.control.checkpoint)(&self.snapshot);
        Ok(answer)
    }
}

/// Budget and method are those of now; what bears on the truth of what is measured is as it was blessed.
fn settings(plan: &Plan, question: &Question) -> Settings {
    let as_blessed = question.sides.get(1).map_or(&plan.settings, |old| &old.plan.settings);
    let Settings { warmup, length, outage_bound, .. } = *as_blessed;
    Settings { warmup, length, outage_bound, years: false, causes: false, replications: None, ..plan.settings.clone() }
}

impl Job<'_> {
    fn check(self, answer: Answer) -> Check {
        let yearly = |of: &Estimate| {
            let scaled = |value: Option<f64>| value.map(|value| value * YEAR);
            Estimate::between(scaled(of.estimate), scaled(of.low).zip(scaled(of.high)), of.confidence, "s/y")
        };
        let mut downtimes = answer.unavailabilities.iter().map(yearly);
        let now = downtimes.next();
        Check {
            ruling: answer.ruling,
            value: answer.value,
            now: now.unwrap_or_else(|| Estimate::unknown(1.0 - ALARM, "s/y")),
            then: downtimes.next(),
            method: Some(answer.method),
            because: answer.because,
            looks: answer.looks,
            observations: answer.observations,
            firings: answer.firings,
            needs: answer.needs,
            ..self.check
        }
    }
}
