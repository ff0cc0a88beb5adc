//! The sequences of failures (S22) of a point that is solved exactly.

use super::causes::{Causes, Kind};
use super::sequences::{Part, Trail};
use crate::exact::{History, Limits, Memory, Moment, Refusal, Stop, history};
use crate::net::{Net, TransitionId};
use indexmap::IndexSet;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Up to so many markings with what is remembered in them a chain is eliminated state by state, which keeps the digits
/// of the rarest.
const LIMITS: Limits = Limits { states: 50_000, transitions: 2_000_000, vanishing: 100_000, memory: Limits::MEMORY };

/// Marks on an outage of mean length: so small a part of it is told too little.
const MARKS: f64 = 1e-10;

/// Most sequences of a condition that are kept.
const MOST: usize = 256;

/// What a path is remembered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Recall {
    /// Whether it has begun, and is where it did.
    begun: bool,
    is_home: bool,
    /// Failures since it left the marking in which it began.
    recent: Trail,
    /// The timed transition of this instant; and whether the outage had a failure at it.
    timed: u32,
    extended: bool,
    /// Of the outage that lasts.
    outage: Option<Trail>,
    /// Of the one that has ended just now, if a failure fired at that instant.
    ended: Option<Trail>,
}

/// Numbers what paths are remembered by.
#[derive(Debug)]
struct Recalls<'c> {
    causes: &'c Causes,
    known: RefCell<IndexSet<Recall>>,
    /// The marking in which paths begin.
    initial: RefCell<Option<Vec<u32>>>,
}

impl Recalls<'_> {
    fn of(causes: &Causes) -> Recalls<'_> {
        let known = RefCell::new(IndexSet::from([Recall::default()]));
        Recalls { causes, known, initial: RefCell::new(None) }
    }

    fn get(&self, number: u32) -> Recall {
        self.known.borrow().get_index(number as usize).copied().unwrap_or_default()
    }

    fn number(&self, recall: Recall) -> u32 {
        self.known.borrow_mut().insert_full(recall).0 as u32
    }

    /// Notes the marking in which paths begin.
    fn begin(&self, marking: &[u32]) -> Result<(), Refusal> {
        let mut initial = self.initial.borrow_mut();
        if initial.get_or_insert_with(|| marking.to_vec()) == marking {
            return Ok(());
        }
        let message = "paths begin in several markings".to_string();
        Err(Refusal::BadValue { who: "sequences of failures".to_string(), message })
    }
}

impl Memory for Recalls<'_> {
    fn fired(&self, memory: u32, transition: TransitionId) -> u32 {
        let mut recall = self.get(memory);
        if !recall.begun {
            return memory;
        }
        let (cause, kind) = self.causes.of(transition);
        recall.ended = None;
        if matches!(kind, Kind::Timed | Kind::Failure { timed: true }) {
            recall.timed = cause;
        }
        if matches!(kind, Kind::Failure { .. }) {
            recall.recent.lead(cause);
            recall.extended = recall.outage.is_some();
            recall.outage.iter_mut().for_each(|trail| trail.follow(cause));
        }
        self.number(recall)
    }

    fn settled(&self, memory: u32, marking: &[u32], is_up: bool) -> Result<u32, Refusal> {
        let mut recall = self.get(memory);
        if !recall.begun {
            self.begin(marking)?;
            let outage = (!is_up).then(Trail::beginning);
            return Ok(self.number(Recall { begun: true, is_home: true, outage, ..Recall::default() }));
        }
        match (is_up, recall.outage) {
            (true, Some(trail)) => {
                recall.ended = recall.extended.then_some(trail);
                recall.outage = None;
            }
            (false, None) => recall.outage = Some(recall.recent.or(recall.timed)),
            _ => {}
        }
        recall.is_home = self.initial.borrow().as_deref() == Some(marking);
        if recall.is_home {
            recall.recent = Trail::default();
        }
        (recall.timed, recall.extended) = (0, false);
        Ok(self.number(recall))
    }
}

/// The sequences of a condition in the long run.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Outages per second and share of time down of each, the most downtime first.
    pub list: Vec<(Trail, Part)>,
    /// Of all others.
    pub rest: Part,
    /// Share of time in the marking in which paths begin, where all failures are forgotten.
    pub home: f64,
    /// Why the downtimes aren't known, where they aren't.
    pub obstacle: Option<Refusal>,
}

/// The sequences of the condition `up`, which is down for so many seconds in the mean.
///
/// # Errors
/// See [`Refusal`].
pub fn sequences(net: &Net, up: usize, causes: &Causes, mean_outage: f64, stop: Stop) -> Result<Found, Refusal> {
    let recalls = Recalls::of(causes);
    let marks = if mean_outage > 0.0 && mean_outage.is_finite() { MARKS / mean_outage } else { 0.0 };
    let with_marks = history(net, up, &recalls, marks, &LIMITS, stop);
    let (history, marks, obstacle) = match with_marks {
        Err(refusal @ Refusal::NotMarkovian { .. }) if marks > 0.0 => {
            (history(net, up, &recalls, 0.0, &LIMITS, stop)?, f64::NAN, Some(refusal))
        }
        history => (history?, marks, None),
    };
    let mut sums: BTreeMap<Trail, Part> = BTreeMap::new();
    let mut add = |trail: Trail, part: Part| {
        sums.entry(trail).or_default().iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    };
    for &(from, to, rate) in &history.changes {
        let [from, to] = [from, to].map(|index| &history.moments[index as usize]);
        if let (Some(trail), None) = (recalls.get(from.memory).outage, recalls.get(to.memory).outage) {
            let trail = recalls.get(to.memory).ended.unwrap_or(trail);
            let down = if from.marked || marks.is_nan() { rate / marks } else { 0.0 };
            add(trail, [rate, down]);
        }
    }
    for moment in endless(&history) {
        recalls.get(moment.memory).outage.iter().for_each(|trail| add(*trail, [0.0, moment.share]));
    }
    let at_home = |moment: &&Moment| recalls.get(moment.memory).is_home;
    let home = history.moments.iter().filter(at_home).map(|moment| moment.share).sum();
    let mut list: Vec<(Trail, Part)> = sums.into_iter().collect();
    list.sort_by(|(_, a), (_, b)| b[1].total_cmp(&a[1]).then(b[0].total_cmp(&a[0])));
    let others = list.split_off(list.len().min(MOST));
    let rest = others.iter().fold([0.0; 2], |sum, (_, part)| [sum[0] + part[0], sum[1] + part[1]]);
    Ok(Found { list, rest, home, obstacle })
}

/// Where an outage lasts that never ends.
fn endless(history: &History) -> impl Iterator<Item = &Moment> {
    let moments = &history.moments;
    let mut ends: Vec<bool> = moments.iter().map(|moment| moment.is_up).collect();
    let mut back: Vec<Vec<u32>> = vec![Vec::new(); moments.len()];
    history.changes.iter().for_each(|&(from, to, _)| back[to as usize].push(from));
    let mut ahead: Vec<usize> = (0..ends.len()).filter(|&index| ends[index] && moments[index].share > 0.0).collect();
    while let Some(index) = ahead.pop() {
        for &from in &back[index] {
            if !std::mem::replace(&mut ends[from as usize], true) {
                ahead.push(from as usize);
            }
        }
    }
    moments.iter().zip(ends).filter(|(moment, ends)| !ends && moment.share > 0.0).map(|(moment, _)| moment)
}
