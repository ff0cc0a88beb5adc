//! The account of outages along one path: what began each, what held it, which failures led to it (S22).

use super::causes::{Causes, Kind};
use super::process::Process;
use super::sequences::{Sequences, Trail};
use super::tally::Layout;
use crate::engine::{Observer, Path};
use crate::net::TransitionId;
use crate::program::Code;

/// Something that is kept of a path beside its sums.
pub trait Recorder: Observer {
    /// The path has begun.
    fn begin(&mut self, path: &Path);

    /// The observed time starts here: what came before doesn't count.
    fn start(&mut self, now: f64);

    /// Writes what it kept since the last call into an observation, and starts anew.
    fn take(&mut self, now: f64, layout: &Layout, observation: &mut [f64]);

    /// The observation, of so many seconds, is over.
    fn close(&mut self, time: f64);

    /// The sequences of failures in all observed time of all paths.
    fn sequences(&self) -> Sequences;
}

impl Recorder for () {
    fn begin(&mut self, _: &Path) {}

    fn start(&mut self, _: f64) {}

    fn take(&mut self, _: f64, _: &Layout, _: &mut [f64]) {}

    fn close(&mut self, _: f64) {}

    fn sequences(&self) -> Sequences {
        Sequences::default()
    }
}

/// Keeps the account along paths, one after the other.
#[derive(Debug)]
pub struct Account<'c> {
    causes: &'c Causes,
    phases: &'c [Code],
    /// The timed transition that fired last, and the failure that came with it.
    timed: u32,
    failure: Option<u32>,
    /// The marking in which the path began, and the failures since it was left.
    initial: Vec<u32>,
    recent: Trail,
    ups: Vec<Outage>,
    /// How many of them are down.
    down: usize,
    /// Since the last call of `take`.
    kept: Kept,
    sequences: Sequences,
    /// Whether the observed time has started.
    counts: bool,
}

/// One condition; as in the engine (S14).
#[derive(Debug, Clone, Default)]
struct Outage {
    down: bool,
    /// Downtime is counted up to here.
    since: f64,
    start: f64,
    ended: Option<f64>,
    initial: bool,
    cause: u32,
    phase: usize,
    /// Whether this stay in the phase was counted.
    stayed: bool,
    trail: Trail,
    /// Downtime of the sequence is counted up to here, and whether the outage is still to be counted.
    told: f64,
    fresh: bool,
}

/// Downtime by condition, cause and phase; outages by condition and cause; stays by condition and phase.
#[derive(Debug)]
struct Kept {
    causes: usize,
    phases: usize,
    cells: Vec<f64>,
    outages: Vec<f64>,
    stays: Vec<f64>,
}

impl Kept {
    fn clear(&mut self) {
        [&mut self.cells, &mut self.outages, &mut self.stays].into_iter().for_each(|list| list.fill(0.0));
    }

    fn write(&self, layout: &Layout, observation: &mut [f64]) {
        let (causes, phases) = (self.causes, self.phases);
        for (index, outages) in self.outages.iter().enumerate() {
            observation[layout.cause(index / causes, index % causes)[1]] += outages;
        }
        for (index, stays) in self.stays.iter().enumerate() {
            observation[layout.phase(index / phases, index % phases)[1]] += stays;
        }
        for (index, &down) in self.cells.iter().enumerate().filter(|(_, down)| **down > 0.0) {
            let (up, cause, phase) = (index / phases / causes, index / phases % causes, index % phases);
            let all = [layout.cause(up, cause)[0], layout.phase(up, phase)[0], layout.cell(up, cause, phase)];
            all.into_iter().for_each(|coordinate| observation[coordinate] += down);
        }
    }
}

impl<'c> Account<'c> {
    /// Of no path yet.
    pub fn new(process: &'c Process) -> Account<'c> {
        let facts = process.facts();
        let (ups, causes, phases) = (facts.up.len(), facts.causes.names.len(), facts.phases.len());
        let kept = Kept {
            causes,
            phases,
            cells: vec![0.0; ups * causes * phases],
            outages: vec![0.0; ups * causes],
            stays: vec![0.0; ups * phases],
        };
        Account {
            causes: &facts.causes,
            phases: &process.program().phases,
            timed: 0,
            failure: None,
            initial: Vec::new(),
            recent: Trail::default(),
            ups: vec![Outage::default(); ups],
            down: 0,
            kept,
            sequences: Sequences::new(ups),
            counts: false,
        }
    }

    fn phase(&self, marking: &[u32]) -> usize {
        self.phases.iter().position(|phase| phase.holds(marking)).unwrap_or(self.phases.len())
    }

    /// Counts the downtime of an outage up to now.
    fn count(&mut self, index: usize, now: f64) {
        let up = &mut self.ups[index];
        let lasted = now - std::mem::replace(&mut up.since, now);
        if lasted > 0.0 {
            let cause = index * self.kept.causes + up.cause as usize;
            self.kept.cells[cause * self.kept.phases + up.phase] += lasted;
            if !std::mem::replace(&mut up.stayed, true) {
                self.kept.stays[index * self.kept.phases + up.phase] += 1.0;
            }
        }
    }

    /// Counts the sequence of an outage up to now.
    fn tell(&mut self, index: usize, now: f64) {
        let up = &mut self.ups[index];
        let part = [f64::from(std::mem::take(&mut up.fresh)), now - std::mem::replace(&mut up.told, now)];
        if self.counts && part != [0.0; 2] {
            self.sequences.add(index, &up.trail, part);
        }
    }

    fn failed(&mut self, cause: u32) {
        self.recent.lead(cause);
        if self.down > 0 {
            self.ups.iter_mut().filter(|up| up.down).for_each(|up| up.trail.follow(cause));
        }
    }

    fn recover(&mut self, index: usize, now: f64) {
        self.count(index, now);
        let up = &mut self.ups[index];
        let (none, initial) = (now <= up.start, up.initial);
        if none && !initial {
            // The outage had no length: there was none (S14).
            up.fresh = false;
            self.kept.outages[index * self.kept.causes + up.cause as usize] -= 1.0;
        }
        if !none {
            up.ended = Some(now);
        }
        self.tell(index, now);
    }

    fn fail(&mut self, index: usize, now: f64) {
        let cause = self.failure.unwrap_or(self.timed);
        let up = &mut self.ups[index];
        (up.since, up.told, up.stayed) = (now, now, false);
        if now == 0.0 {
            (up.start, up.initial, up.cause, up.trail) = (now, true, 0, Trail::beginning());
        } else if up.ended.take() != Some(now) {
            (up.start, up.initial, up.cause, up.fresh) = (now, false, cause, true);
            up.trail = self.recent.or(cause);
            self.kept.outages[index * self.kept.causes + cause as usize] += 1.0;
        }
    }
}

impl Recorder for Account<'_> {
    fn begin(&mut self, path: &Path) {
        self.kept.clear();
        (self.recent, self.counts) = (Trail::default(), false);
        self.initial.clear();
        self.initial.extend_from_slice(path.whole_marking());
        let phase = self.phase(path.whole_marking());
        for (index, up) in self.ups.iter_mut().enumerate() {
            let down = !path.is_up(index);
            *up = Outage { down, initial: down, phase, trail: Trail::beginning(), ..Outage::default() };
        }
        self.down = self.ups.iter().filter(|up| up.down).count();
    }

    fn start(&mut self, now: f64) {
        for up in self.ups.iter_mut().filter(|up| up.down) {
            (up.since, up.told, up.fresh) = (now, now, false);
            // It began before, unless that was just now.
            up.stayed = now > 0.0;
        }
        self.kept.clear();
        self.counts = true;
    }

    fn take(&mut self, now: f64, layout: &Layout, observation: &mut [f64]) {
        for index in 0..self.ups.len() {
            if self.ups[index].down {
                self.count(index, now);
                self.tell(index, now);
            }
        }
        self.kept.write(layout, observation);
        self.kept.clear();
    }

    fn close(&mut self, time: f64) {
        self.sequences.close(time);
    }

    fn sequences(&self) -> Sequences {
        self.sequences.clone()
    }
}

impl Observer for Account<'_> {
    #[inline]
    fn fired(&mut self, _: f64, transition: TransitionId, _: &[u32]) {
        let (cause, kind) = self.causes.of(transition);
        match kind {
            Kind::Immediate => {}
            Kind::Timed => (self.timed, self.failure) = (cause, None),
            Kind::Failure { timed } => {
                if timed {
                    (self.timed, self.failure) = (cause, None);
                }
                self.failure.get_or_insert(cause);
                self.failed(cause);
            }
        }
    }

    fn changed(&mut self, now: f64, index: usize, is_up: bool) {
        self.ups[index].down = !is_up;
        if is_up {
            self.down -= 1;
            self.recover(index, now);
        } else {
            self.down += 1;
            self.fail(index, now);
        }
    }

    #[inline]
    fn settled(&mut self, now: f64, marking: &[u32]) {
        if !self.recent.is_empty() && marking == self.initial {
            self.recent = Trail::default();
        }
        if self.down == 0 {
            return;
        }
        let phase = self.phase(marking);
        for index in 0..self.ups.len() {
            if self.ups[index].down && self.ups[index].phase != phase {
                self.count(index, now);
                (self.ups[index].phase, self.ups[index].stayed) = (phase, false);
            }
        }
    }
}
