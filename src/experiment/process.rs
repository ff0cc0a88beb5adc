//! A compiled net with what an experiment needs to know of it.

use super::causes::Causes;
use super::phases::{self, phased};
use crate::dist::Law;
use crate::engine::{Options, Path};
use crate::net::question::Question;
use crate::net::{Net, Timing, TransitionId};
use crate::program::{CompileError, Measure, Program, compile};
use crate::syntax::ast::Ties;

/// Firings and ages are watched for at most so many groups of transitions.
const MOST_SERIES: usize = 64;

/// What is known of a process without running it.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Names of the `up` conditions.
    pub up: Vec<String>,
    /// The model's own measures.
    pub measures: Vec<Measure>,
    /// Its measures with a time of their own, and about outages.
    pub questions: Vec<Question>,
    /// Length of the vector of sums of one observation, laid out as [`Program`] says.
    pub sums: usize,
    /// Which of the sums count firings.
    pub rates: Vec<usize>,
    /// Causes of outages; none unless they are asked for.
    pub causes: Causes,
    /// Phases of outages, that of the rest last; none unless they are asked for.
    pub phases: Vec<String>,
    /// Group of each flat transition in the account of firings and ages; immediates have none.
    pub series: Vec<Option<u32>>,
    /// Names of those groups.
    pub series_names: Vec<String>,
    /// Longest mean delay of any timed transition in the initial marking, seconds; 0 without one.
    pub longest: f64,
    /// Sum of the different deterministic delays in the initial marking, seconds: how long a cycle of such clocks may
    /// take.
    pub period: f64,
    /// Whether chance has no part in it, so that an estimate without variance is exact.
    pub deterministic: bool,
}

/// A compiled net as a process.
#[derive(Debug)]
pub struct Process {
    program: Program,
    facts: Facts,
    ties: Ties,
    phased: Option<Net>,
}

impl Process {
    /// Compiles the net.
    pub fn new(net: &Net, ties: Ties) -> Result<Process, CompileError> {
        let program = compile(net)?;
        let (series, series_names) = series(net);
        let facts = Facts {
            up: program.up.clone(),
            measures: program.measures.clone(),
            questions: net.questions.list.clone(),
            sums: program.sums,
            rates: program.rates.iter().map(|(sum, _)| *sum).collect(),
            causes: Causes::default(),
            phases: Vec::new(),
            series,
            series_names,
            longest: means(net, |_| true).into_iter().fold(0.0, f64::max),
            period: period(net),
            deterministic: is_deterministic(net),
        };
        Ok(Process { program, facts, ties, phased: None })
    }

    /// The same, with an account of its outages.
    pub fn accounted(net: &Net, ties: Ties) -> Result<Process, CompileError> {
        let plain = Process::new(net, ties)?;
        let mut path = plain.path();
        // Without a first tangible marking every path will say so.
        let begun = path.begin(0, 0).is_ok();
        let settled = if begun { path.marking().to_vec() } else { initial(net) };
        let net = phased(net, &settled);
        let process = Process::new(&net, ties)?;
        let facts = Facts { causes: Causes::new(&net), phases: phases::names(&net), ..process.facts };
        Ok(Process { facts, phased: Some(net), ..process })
    }

    /// The net with the phases of its outages, where they are asked for.
    pub fn phased(&self) -> Option<&Net> {
        self.phased.as_ref()
    }

    /// What is known without running it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The compiled net.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// How its paths are run.
    pub fn options(&self) -> Options {
        Options { ties: self.ties, confusion: false }
    }

    /// A path that has not begun; it is used for many replications.
    pub fn path(&self) -> Path<'_> {
        Path::new(&self.program, self.options())
    }

    /// The same, but it looks for confusion (S6), which slows it down.
    pub fn watchful_path(&self) -> Path<'_> {
        Path::new(&self.program, Options { ties: self.ties, confusion: true })
    }

    /// Number of conflict sets of immediates, if the order could matter between some (S6); else 0.
    pub fn confusable_sets(&self) -> usize {
        let sets = &self.program.sets;
        // They stand in the order of their priorities.
        let alike = sets.windows(2).any(|pair| pair[0].priority == pair[1].priority);
        if alike { sets.len() } else { 0 }
    }

    /// Name of a flat transition.
    pub fn transition(&self, id: TransitionId) -> &str {
        self.program.transition(id)
    }
}

/// Adds the firings of a path since it began, by group.
pub fn add_firings(path: &Path, facts: &Facts, counts: &mut [f64]) {
    for (group, &fired) in facts.series.iter().zip(path.fired()) {
        if let Some(group) = group {
            counts[*group as usize] += fired as f64;
        }
    }
}

/// Adds the ages of a path's running clocks, by group.
pub fn add_ages(path: &Path, facts: &Facts, ages: &mut [f64]) {
    path.ages(&mut |transition, age| {
        if let Some(group) = facts.series[transition.0 as usize] {
            ages[group as usize] += age;
        }
    });
}

/// One group for each family of timed transitions; of many families those whose names end alike are joined
/// (the same transition of many instances), and what is still too many is dealt out round.
fn series(net: &Net) -> (Vec<Option<u32>>, Vec<String>) {
    let mut is_timed = vec![false; net.families.len()];
    for t in &net.transitions {
        is_timed[t.family.0 as usize] |= matches!(t.timing, Timing::Timed(_));
    }
    let many = is_timed.iter().filter(|&&t| t).count() > MOST_SERIES;
    let mut names: indexmap::IndexMap<String, u32> = indexmap::IndexMap::new();
    let mut of_family: Vec<Option<u32>> = Vec::with_capacity(net.families.len());
    for (family, name) in net.families.iter().enumerate() {
        let short = if many { name.rsplit('.').next().unwrap_or(name) } else { name };
        of_family.push(is_timed[family].then(|| {
            let next = names.len() as u32;
            *names.entry(short.to_string()).or_insert(next) % MOST_SERIES as u32
        }));
    }
    let series = net.transitions.iter().map(|t| of_family[t.family.0 as usize]).collect();
    (series, names.into_keys().take(MOST_SERIES).collect())
}

fn initial(net: &Net) -> Vec<u32> {
    net.places.iter().map(|p| p.initial).collect()
}

/// Mean delays by the laws asked for. One whose parameters make no sense in the initial marking, or without a finite
/// mean, doesn't count.
fn means(net: &Net, counts: impl Fn(&Law) -> bool) -> Vec<f64> {
    let marking = initial(net);
    let mean = |t: &crate::net::Transition| match &t.timing {
        Timing::Timed(timed) => timed.law.evaluate(&marking).ok().filter(&counts).map(|law| law.mean()),
        Timing::Immediate { .. } => None,
    };
    net.transitions.iter().filter_map(mean).filter(|m| m.is_finite()).collect()
}

fn period(net: &Net) -> f64 {
    let mut delays = means(net, |law| matches!(law, Law::Deterministic { .. }));
    delays.sort_by(f64::total_cmp);
    delays.dedup();
    delays.iter().sum()
}

/// Every delay deterministic, and no immediate that could be chosen.
fn is_deterministic(net: &Net) -> bool {
    net.transitions.iter().all(|t| match &t.timing {
        Timing::Timed(timed) => timed.law.form.name == "Deterministic",
        Timing::Immediate { .. } => false,
    })
}
