//! What is written down of a run, from what its processes tell.

use super::wire::{Seen, Told};
use crate::emulator::lab::blows::Blow;
use crate::emulator::lab::record::Record;
use crate::emulator::plan::FunctionFault;
use crate::emulator::replicator::{Event, Machine};
use crate::emulator::sip_actors::{Function, Note};
use crate::emulator::time::{Duration, Instant};
use std::collections::BTreeMap;

/// A machine, as far as the record cares.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    paused: Option<Instant>,
    failed: Option<Instant>,
    protected: bool,
    generation: u64,
}

/// The record of a run under way.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) record: Record,
    pages: [Page; 2],
    unprotected_since: Option<Instant>,
    /// When each generation was heard first.
    heard: BTreeMap<u64, Instant>,
    /// Whose deadlines were due when, and by how much they were late.
    late: Vec<(Option<Machine>, Instant, Duration)>,
    /// For how long machines stood still: from when, and until when if that is over.
    hangs: Vec<(Machine, Instant, Option<Instant>)>,
    /// By how much the clocks may differ.
    pub(super) uncertainty: Duration,
    /// What the clients had of it.
    seen: Option<Seen>,
    bound: Vec<u32>,
}

impl Book {
    /// The machine has failed, or was made to.
    pub(super) fn failed(&mut self, machine: Machine, now: Instant) {
        self.wakes(machine, now);
        self.pages[machine.index()] =
            Page { failed: Some(now), protected: false, paused: None, ..self.pages[machine.index()] };
        self.watch_protection(now);
    }

    /// The machine stands still.
    pub(super) fn hung(&mut self, machine: Machine, now: Instant) {
        self.failing(machine, now);
        self.hangs.push((machine, now, None));
    }

    /// It goes on: it was not replaced in time, or its failure is on record.
    pub(super) fn awoke(&mut self, machine: Machine, now: Instant) {
        self.pages[machine.index()].failed = None;
        self.wakes(machine, now);
    }

    fn wakes(&mut self, machine: Machine, now: Instant) {
        let open = self.hangs.iter_mut().filter(|(of, _, until)| *of == machine && until.is_none());
        open.for_each(|(_, _, until)| *until = Some(now));
    }

    /// Whether it was late because it stood still, which is no matter of the scheduler's.
    fn is_hang(&self, (of, due, by): &(Option<Machine>, Instant, Duration)) -> bool {
        let during = |since: Instant, until: Option<Instant>| *due + *by >= since && until.is_none_or(|at| *due <= at);
        self.hangs.iter().any(|(machine, since, until)| Some(*machine) == *of && during(*since, *until))
    }

    /// The machine is being stopped in order, or as good as dead.
    pub(super) fn failing(&mut self, machine: Machine, now: Instant) {
        self.pages[machine.index()].failed = Some(now);
    }

    /// The last generation that a machine knew.
    pub(super) fn generation(&self, machine: Machine) -> u64 {
        self.pages[machine.index()].generation.max(Machine::A.generation_after(1))
    }

    /// Whether every takeover has been heard.
    pub(super) fn is_heard(&self) -> bool {
        self.record.takeovers.iter().all(|takeover| self.heard.contains_key(&takeover.generation))
    }

    /// Whether everything has recovered that failed.
    pub(super) fn is_whole(&self) -> bool {
        self.record.blows.iter().all(|blow| blow.failed.is_none() || blow.recovered.is_some())
    }

    /// A fault of a function that is about to strike; its number.
    pub(super) fn blow(&mut self, run: u64, fault: &FunctionFault) -> (usize, Function) {
        let all = Function::ALL;
        let function = fault.function.unwrap_or(all[(run % all.len() as u64) as usize]);
        self.record.blows.push(Blow::of(function));
        (self.record.blows.len() - 1, function)
    }

    /// What a machine tells.
    pub(super) fn machine(&mut self, machine: Machine, told: Told) {
        match told {
            Told::Event(at, generation, event) => {
                self.pages[machine.index()].generation = generation;
                self.event(machine, at, &event);
            }
            Told::Protected(at, protected) => {
                self.pages[machine.index()].protected = protected;
                self.watch_protection(at);
            }
            Told::Note(at, fault, note) => self.note(at, fault, note),
            Told::Whole(at) => {
                let down =
                    self.record.blows.iter_mut().filter(|blow| blow.failed.is_some() && blow.recovered.is_none());
                down.for_each(|blow| blow.recovered = Some(at));
            }
            Told::Machine { active, bound, rejected } => {
                self.record.rejected_messages += rejected;
                if active {
                    self.bound = bound;
                }
            }
            other => self.anybody(Some(machine), other),
        }
    }

    /// What the clients tell.
    pub(super) fn clients(&mut self, told: Told) {
        match told {
            Told::Heard(generation, at) => {
                self.heard.entry(generation).or_insert(at);
            }
            Told::Clients(seen) => self.seen = Some(*seen),
            other => self.anybody(None, other),
        }
    }

    fn anybody(&mut self, who: Option<Machine>, told: Told) {
        match told {
            Told::Late(late) => self.late.extend(late.into_iter().map(|(due, by)| (who, due, by))),
            Told::Ready(_, uncertainty) => self.uncertainty = self.uncertainty.max(uncertainty),
            _ => {}
        }
    }

    fn watch_protection(&mut self, now: Instant) {
        let protected = self.pages.iter().any(|page| page.protected);
        match (self.unprotected_since, protected) {
            (None, false) => self.unprotected_since = Some(now),
            (Some(since), true) => {
                self.record.unprotected += (now - since).seconds();
                self.unprotected_since = None;
            }
            _ => {}
        }
    }

    fn event(&mut self, machine: Machine, at: Instant, event: &Event) {
        let own = machine.index();
        match event {
            Event::Paused { .. } => self.pages[own].paused = Some(at),
            Event::Resumed => {
                if let Some(since) = self.pages[own].paused.take() {
                    self.record.paused(at - since);
                }
            }
            Event::Promoting { generation } => {
                let failed = self.pages[machine.other().index()].failed.take().or(self.pages[own].failed);
                self.record.promoting(machine, *generation, failed, at);
            }
            Event::Done(step) => self.record.done(machine, *step, at),
            Event::Activated { resumed, .. } => {
                // What is heard of a machine that was killed since doesn't revive it.
                self.pages[own].failed = self.pages[own].failed.filter(|failed| failed > &at);
                if let Some(takeover) = self.record.takeover(machine) {
                    takeover.from = *resumed;
                }
            }
            other => self.record.count(other),
        }
    }

    fn note(&mut self, at: Instant, fault: usize, note: Note) {
        if let Some(blow) = self.record.blows.get_mut(fault) {
            blow.note(at, note);
        }
    }

    /// The record of the whole run, which ended at `end`.
    pub(super) fn close(mut self, end: Instant) -> (Record, Vec<Duration>, Duration) {
        if let Some(since) = self.unprotected_since {
            self.record.unprotected += (end - since).seconds();
        }
        for takeover in &mut self.record.takeovers {
            takeover.heard = self.heard.get(&takeover.generation).copied();
        }
        let late = self.late.iter().filter(|late| !self.is_hang(late)).map(|(_, _, by)| *by).collect();
        let seen = self.seen.unwrap_or_default();
        let lost = seen.acknowledged.iter().filter(|(user, _)| self.bound.binary_search(user).is_err()).count();
        for blow in &mut self.record.blows {
            let Some(failed) = blow.failed else { continue };
            let first = |call: bool| {
                let after = seen.answers.iter().filter(|(began, _, of_call)| *began >= failed && *of_call == call);
                after.map(|(_, at, _)| *at).min()
            };
            (blow.registered, blow.called) = (first(false), first(true));
        }
        let record = Record {
            heard: seen.heard,
            registered: seen.registered,
            delays: seen.delays,
            called: seen.called,
            setups: seen.setups,
            bindings: [seen.acknowledged.len() as u64, lost as u64],
            seen: seen.packets.iter().map(|(generation, epoch, seen)| ((*generation, *epoch), *seen)).collect(),
            ..self.record
        };
        (record, late, self.uncertainty)
    }
}
