//! Runs → figures: what a plan gave, with intervals over its independent runs.

pub use super::figures::{FIGURES, SERIES, Unit, figure_unit};
use super::figures::{OF_FUNCTIONS, QUANTILES};
use super::lab;
use super::lab::blows::Blow;
use super::lab::record::{Record, Takeover};
use super::lab::sip_timers::T1;
use super::live::Timeliness;
use super::plan::{Expectation, Plan, Served};
use super::sip_actors::Function;
use super::time::Instant;
use crate::stats::Estimate;
use crate::stats::quantile::student;
use indexmap::IndexMap;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Confidence of all intervals.
pub const CONFIDENCE: f64 = 0.95;
/// Runs after which progress is told and an interruption noticed.
const BLOCK: u64 = 64;
/// Most values of a kind, and rows of the sample, that are kept; the first ones are.
pub const MOST_KEPT: usize = 2_000_000;

/// A takeover as a sample of failover times: seconds, stage by stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// Number of the run, from 0.
    pub run: u64,
    /// Number of the takeover in it, from 0.
    pub takeover: u64,
    /// Whether a failure had preceded it; the alarm was false otherwise.
    pub failed: bool,
    /// From the failure to the suspicion.
    pub detect: Option<f64>,
    /// From the suspicion until the other machine was fenced.
    pub fence: Option<f64>,
    /// Until the state was restored.
    pub resume: Option<f64>,
    /// Until the address was taken.
    pub address: Option<f64>,
    /// Until it was announced.
    pub announce: Option<f64>,
    /// Until a client heard the machine; 0 if one had already.
    pub client: Option<f64>,
    /// From the failure until a client heard the machine; if none did, until the end of the run.
    pub failover: Option<f64>,
    /// Whether `failover` is only a lower bound.
    pub censored: bool,
    /// The longest silence of any voice stream of the run.
    pub silence: Option<f64>,
}

impl Sample {
    fn new(run: u64, number: usize, takeover: &Takeover, silence: Option<f64>, end: Instant) -> Sample {
        let between = |from: Option<Instant>, to: Option<Instant>| Some((to? - from?).seconds());
        let Takeover { failed, suspected, fenced, resumed, addressed, announced, heard, .. } = *takeover;
        Sample {
            run,
            takeover: number as u64,
            failed: failed.is_some(),
            detect: between(failed, Some(suspected)),
            fence: between(Some(suspected), fenced),
            resume: between(fenced, resumed),
            address: between(resumed, addressed),
            announce: between(addressed, announced),
            client: between(announced, heard),
            failover: between(failed, Some(heard.unwrap_or(end))),
            censored: heard.is_none(),
            silence,
        }
    }
}

/// A failure of a function as a sample of recovery times: seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovery {
    /// Number of the run, from 0.
    pub run: u64,
    /// Number of the fault in it, from 0.
    pub fault: u64,
    /// Which function failed.
    pub function: &'static str,
    /// When it failed first, from the start of the run.
    pub failed: f64,
    /// How often it failed.
    pub failures: u64,
    /// How many supervisors gave up.
    pub escalations: u64,
    /// How often the process ended.
    pub ends: u64,
    /// From its first failure until everything ran again after its last one; if it didn't, until the end of the run.
    pub recovery: f64,
    /// Whether `recovery` is only a lower bound.
    pub censored: bool,
    /// From its first failure until a registration was answered that had begun after it.
    pub registration: Option<f64>,
    /// From its first failure until a call was answered that had begun after it.
    pub call: Option<f64>,
}

impl Recovery {
    fn new(run: u64, fault: usize, blow: &Blow, end: Instant) -> Option<Recovery> {
        let failed = blow.failed?;
        let after = |at: Option<Instant>| at.map(|at| (at - failed).seconds());
        Some(Recovery {
            run,
            fault: fault as u64,
            function: blow.function.name(),
            failed: failed.seconds(),
            failures: blow.failures,
            escalations: blow.escalated.len() as u64,
            ends: blow.ends,
            recovery: (blow.recovered.unwrap_or(end) - failed).seconds(),
            censored: blow.recovered.is_none(),
            registration: after(blow.registered),
            call: after(blow.called),
        })
    }
}

/// Sums of a ratio over runs.
#[derive(Debug, Clone, Copy, Default)]
struct Ratio {
    runs: f64,
    above: f64,
    below: f64,
    above_squared: f64,
    below_squared: f64,
    product: f64,
}

impl Ratio {
    fn add(&mut self, above: f64, below: f64) {
        self.runs += 1.0;
        self.above += above;
        self.below += below;
        self.above_squared += above * above;
        self.below_squared += below * below;
        self.product += above * below;
    }

    /// The ratio of the sums, its interval by linearisation over the runs (Cochran 1977, 2.11).
    fn estimate(&self, unit: Unit) -> Estimate {
        if self.below == 0.0 {
            return Estimate::unknown(CONFIDENCE, unit.name());
        }
        let ratio = self.above / self.below;
        let squares = self.above_squared - 2.0 * ratio * self.product + ratio * ratio * self.below_squared;
        let ends = (self.runs > 1.0).then(|| {
            let deviation = libm::sqrt(squares.max(0.0) * self.runs / (self.runs - 1.0)) / self.below;
            let half = deviation * student(0.5 + 0.5 * CONFIDENCE, self.runs - 1.0);
            (ratio - half, ratio + half)
        });
        Estimate::between(Some(ratio), ends, CONFIDENCE, unit.name())
    }
}

/// A published or expected value beside the computed one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Which figure.
    pub figure: String,
    /// The value of the plan, in base units.
    pub value: f64,
    /// How far the figure may be off; none: it is only shown.
    pub tolerance: Option<f64>,
    /// Where it comes from.
    pub source: String,
    /// What came out.
    pub estimate: Option<f64>,
    /// Whether that is near enough; none: nothing was asked.
    pub holds: Option<bool>,
}

/// What a plan gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Version of this object.
    pub schema: u32,
    /// Version of the program.
    pub version: &'static str,
    /// The plan's title.
    pub title: String,
    /// What it shows.
    pub doc: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Runs done.
    pub runs: u64,
    /// Whether it was ended by hand.
    pub interrupted: bool,
    /// By name, in the order of [`FIGURES`]; those of which there is nothing to tell are left out.
    pub figures: IndexMap<String, Estimate>,
    /// Published and expected values.
    pub verdicts: Vec<Verdict>,
    /// By how much deadlines were late, if the runs were live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Timeliness>,
    /// The figures of the virtual runs of the same seed and numbers, if the runs were live.
    #[serde(rename = "virtual", skip_serializing_if = "Option::is_none")]
    pub beside: Option<IndexMap<String, Estimate>>,
    /// Takeovers; at most [`MOST_KEPT`].
    #[serde(skip)]
    pub samples: Vec<Sample>,
    /// Failures of functions; at most [`MOST_KEPT`].
    #[serde(skip)]
    pub recoveries: Vec<Recovery>,
}

impl Outcome {
    /// Whether every expectation was met.
    pub fn holds(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.holds != Some(false))
    }
}

/// Why a plan can't be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoThreads(pub String);

impl std::fmt::Display for NoThreads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no threads: {}", self.0)
    }
}

impl std::error::Error for NoThreads {}

/// How a plan is run.
pub struct Control<'c> {
    /// How many at once; the result doesn't depend on it.
    pub threads: usize,
    /// Ends the runs when it becomes true, with the figures of those that are done.
    pub interrupted: &'c AtomicBool,
    /// Is told how many runs are done.
    pub progress: &'c dyn Fn(u64),
}

/// Runs a plan.
///
/// # Errors
/// When no threads can be had.
pub fn emulate(plan: &Plan, control: &Control<'_>) -> Result<Outcome, NoThreads> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(control.threads.max(1)).build();
    let pool = pool.map_err(|error| NoThreads(error.to_string()))?;
    let mut account = Account::default();
    let mut done = 0;
    let stop = || control.interrupted.load(Ordering::Relaxed);
    while done < plan.runs && !stop() {
        let end = plan.runs.min(done + BLOCK);
        let one = |run: u64| lab::run_unless(plan, plan.seed, run, &stop);
        let records: Vec<Option<Record>> = pool.install(|| (done..end).into_par_iter().map(one).collect());
        // The runs before the first that was stopped are a sample that no result has chosen.
        for record in records.iter().map_while(Option::as_ref) {
            account.add(plan, done, record);
            done += 1;
        }
        (control.progress)(done);
    }
    Ok(account.outcome(plan, done))
}

/// What a figure is of: the whole service, or the runs in which that function alone failed.
type Key = (Option<Function>, &'static str);

/// What is known of the runs so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Whom the next values are of.
    of: Option<Function>,
    ratios: BTreeMap<Key, Ratio>,
    series: BTreeMap<Key, Vec<f64>>,
    samples: Vec<Sample>,
    recoveries: Vec<Recovery>,
}

impl Account {
    fn ratio(&mut self, name: &'static str, above: f64, below: f64) {
        self.ratios.entry((self.of, name)).or_default().add(above, below);
    }

    /// The values of a series in one run.
    fn values(&mut self, name: &'static str, values: &[f64]) {
        self.ratio(name, values.iter().sum(), values.len() as f64);
        let kept = self.series.entry((self.of, name)).or_default();
        let room = MOST_KEPT.saturating_sub(kept.len());
        kept.extend(values.iter().take(room));
    }

    /// What a run gave.
    pub(super) fn add(&mut self, plan: &Plan, run: u64, record: &Record) {
        let end = Instant::START + plan.length + lab::GRACE;
        let silence = record.silence();
        let takeovers = record.takeovers.iter().enumerate();
        let samples: Vec<Sample> =
            takeovers.map(|(number, takeover)| Sample::new(run, number, takeover, silence, end)).collect();
        self.stages(&samples);
        self.values("silence", silence.as_slice());
        self.values("registration delay", &record.delays);
        self.values("call set-up delay", &record.setups);
        self.voice(record);
        self.signalling(record);
        self.machines(record, &samples, (end - Instant::START).seconds());
        if plan.server != Served::Whole {
            self.functions(run, record, end);
        }
        let room = MOST_KEPT.saturating_sub(self.samples.len());
        self.samples.extend(samples.into_iter().take(room));
    }

    fn stages(&mut self, samples: &[Sample]) {
        type Stage = fn(&Sample) -> Option<f64>;
        let stages: [(&'static str, Stage); 7] = [
            ("detect", |sample| sample.detect),
            ("fence", |sample| sample.fence),
            ("resume", |sample| sample.resume),
            ("address", |sample| sample.address),
            ("announce", |sample| sample.announce),
            ("client", |sample| sample.client),
            ("failover", |sample| sample.failover.filter(|_| !sample.censored)),
        ];
        for (name, stage) in stages {
            let values: Vec<f64> = samples.iter().filter_map(stage).collect();
            self.values(name, &values);
        }
    }

    fn voice(&mut self, record: &Record) {
        let heard = &record.heard;
        let count = heard.len() as f64;
        let sent: f64 = heard.iter().map(|stream| stream.sent as f64).sum();
        let sum = |of: fn(&lab::voice::Heard) -> f64| heard.iter().map(of).sum::<f64>();
        self.ratio("mean jitter", sum(|stream| stream.jitter_mean), count);
        self.ratio("greatest jitter", sum(|stream| stream.jitter_most), count);
        self.ratio("packet loss", sum(|stream| stream.loss * stream.sent as f64), sent);
        self.ratio("late packets", sum(|stream| stream.late * stream.sent as f64), sent);
        self.ratio("network delay", sum(|stream| stream.delay), count);
        self.ratio("opinion score", sum(|stream| stream.opinion), count);
        self.ratio("packets in a burst", sum(|stream| stream.burst as f64), count);
    }

    fn signalling(&mut self, record: &Record) {
        let (registered, called) = (record.registered, record.called);
        self.ratio("registrations completed", registered.completed as f64, registered.begun as f64);
        self.ratio("calls established", called.established as f64, called.begun as f64);
        self.ratio("calls completed", called.completed as f64, called.begun as f64);
        self.ratio("calls lost", called.lost as f64, called.established as f64);
        self.ratio("calls failed", (called.lost + called.refused) as f64, called.begun as f64);
    }

    fn machines(&mut self, record: &Record, samples: &[Sample], length: f64) {
        let failed = samples.iter().filter(|sample| sample.failed).count() as f64;
        let lost = samples.iter().filter(|sample| sample.failed && sample.censored).count() as f64;
        let [held, passed] = record.lost_epochs_seen();
        self.ratio("unrecovered", lost, failed);
        self.ratio("takeovers", samples.len() as f64, 1.0);
        self.ratio("false alarms", samples.len() as f64 - failed, 1.0);
        self.ratio("cleared suspicions", record.cleared as f64, 1.0);
        self.ratio("checkpoints", record.checkpoints as f64, 1.0);
        self.ratio("late epochs", record.late as f64, 1.0);
        self.ratio("pause", record.paused, record.pauses as f64);
        self.ratio("unprotected", record.unprotected, length);
        self.ratio("held packets of lost epochs", held as f64, 1.0);
        self.ratio("passed packets of lost epochs", passed as f64, 1.0);
        self.ratio("outputs that differed", record.diverged as f64, 1.0);
        self.ratio("rejected frames", record.rejected as f64, 1.0);
        self.ratio("rejected messages", record.rejected_messages as f64, 1.0);
        self.ratio("time between pauses", length, record.pauses as f64);
    }

    /// The failures of functions, for the whole, and for the function if it was only one that failed in this run.
    fn functions(&mut self, run: u64, record: &Record, end: Instant) {
        let blows = record.blows.iter().enumerate();
        let found: Vec<Recovery> = blows.filter_map(|(fault, blow)| Recovery::new(run, fault, blow, end)).collect();
        let mut struck = record.blows.iter().filter(|blow| blow.failed.is_some()).map(|blow| blow.function);
        let first = struck.next();
        let alone = first.filter(|first| struck.all(|other| other == *first));
        for of in [None].into_iter().chain(alone.map(Some)) {
            self.of = of;
            self.recoveries(record, &found);
            self.harm(record);
        }
        self.of = None;
        self.ratio("missed faults", (record.blows.len() - found.len()) as f64, 1.0);
        let room = MOST_KEPT.saturating_sub(self.recoveries.len());
        self.recoveries.extend(found.into_iter().take(room));
    }

    fn recoveries(&mut self, record: &Record, found: &[Recovery]) {
        let over: Vec<f64> = found.iter().filter(|one| !one.censored).map(|one| one.recovery).collect();
        self.values("recovery", &over);
        self.values("registration resumed", &found.iter().filter_map(|one| one.registration).collect::<Vec<_>>());
        self.values("call resumed", &found.iter().filter_map(|one| one.call).collect::<Vec<_>>());
        let sum = |of: fn(&Recovery) -> u64| found.iter().map(of).sum::<u64>() as f64;
        self.ratio("not recovered", (found.len() - over.len()) as f64, found.len() as f64);
        self.ratio("failures", sum(|one| one.failures), 1.0);
        self.ratio("escalations", sum(|one| one.escalations), 1.0);
        self.ratio("process ends", sum(|one| one.ends), 1.0);
        let to = |level: Function| {
            let all = record.blows.iter().flat_map(|blow| &blow.escalated);
            all.filter(|to| **to == Some(level)).count() as f64
        };
        self.ratio("escalations to session router", to(Function::SessionRouter), 1.0);
        self.ratio("escalations to transaction router", to(Function::TransactionRouter), 1.0);
        self.ratio("escalations to transport supervisor", to(Function::TransportSupervisor), 1.0);
        self.ratio("escalations to SIP server", to(Function::SipServer), 1.0);
    }

    /// What clients and users had of it.
    fn harm(&mut self, record: &Record) {
        let (registered, called) = (record.registered, record.called);
        let late = |delays: &[f64]| delays.iter().filter(|delay| **delay >= T1.seconds()).count() as f64;
        let [acknowledged, forgotten] = record.bindings;
        self.ratio("registrations failed", registered.failed as f64, registered.begun as f64);
        self.ratio("registrations delayed", late(&record.delays), registered.begun as f64);
        self.ratio("bindings lost", forgotten as f64, acknowledged as f64);
        self.ratio("calls refused", called.refused as f64, called.begun as f64);
        self.ratio("calls delayed", late(&record.setups), called.begun as f64);
        if self.of.is_some() {
            self.ratio("calls lost", called.lost as f64, called.established as f64);
        }
    }

    /// One figure, with its quantiles if it has them.
    fn figure(&mut self, (of, name): Key, unit: Unit, figures: &mut IndexMap<String, Estimate>) {
        let Some(ratio) = self.ratios.get(&(of, name)).filter(|ratio| ratio.below > 0.0) else { return };
        let full = of.map_or_else(|| name.to_owned(), |function| format!("{}: {name}", function.name()));
        figures.insert(full.clone(), ratio.estimate(unit));
        let Some(mut values) = self.series.remove(&(of, name)) else { return };
        values.sort_unstable_by(f64::total_cmp);
        for (quantile, p) in QUANTILES {
            let estimate = Estimate::sample_quantile(&values, p, CONFIDENCE, unit.name());
            figures.insert(format!("{full} {quantile}"), estimate);
        }
        let most = Estimate::between(values.last().copied(), None, CONFIDENCE, unit.name());
        figures.insert(format!("{full} max"), most);
    }

    /// The figures of so many runs.
    pub(super) fn outcome(mut self, plan: &Plan, runs: u64) -> Outcome {
        let mut figures = IndexMap::new();
        for of in [None].into_iter().chain(Function::ALL.map(Some)) {
            for (name, unit) in FIGURES.iter().filter(|(name, _)| of.is_none() || OF_FUNCTIONS.contains(name)) {
                self.figure((of, name), *unit, &mut figures);
            }
        }
        let references = plan.published.iter().chain(&plan.expect);
        let verdicts = references.map(|reference| verdict(reference, &figures)).collect();
        Outcome {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            title: plan.title.clone(),
            doc: plan.doc.clone(),
            seed: plan.seed,
            runs,
            interrupted: runs < plan.runs,
            figures,
            verdicts,
            live: None,
            beside: None,
            samples: self.samples,
            recoveries: self.recoveries,
        }
    }
}

fn verdict(reference: &Expectation, figures: &IndexMap<String, Estimate>) -> Verdict {
    let Expectation { figure, value, tolerance, source } = reference.clone();
    let estimate = figures.get(&figure).and_then(|estimate| estimate.estimate);
    let near = |tolerance: f64| estimate.is_some_and(|estimate| (estimate - value).abs() <= tolerance);
    Verdict { holds: tolerance.map(near), figure, value, tolerance, source, estimate }
}
