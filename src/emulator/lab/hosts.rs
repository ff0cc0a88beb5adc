//! The two hosts: what reaches a replica, what it does then, and what it does late.

use super::{Lab, Server, Traffic, What, is_reset_by_kernel, reset};
use crate::emulator::guest::Guest;
use crate::emulator::packet::Packet;
use crate::emulator::replicator::{Event, Machine, Mode, Replica};
use crate::emulator::time::{Duration, Instant};
use std::collections::VecDeque;

/// A host with its replica.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) replica: Option<Replica<Server>>,
    /// Whether its kernel runs.
    pub(super) powered: bool,
    /// Whether it has the service's address.
    pub(super) addressed: bool,
    /// The last generation that was written to its disk.
    pub(super) generation: u64,
    /// Until when everything waits.
    pub(super) hung_until: Option<Instant>,
    /// By how much everything is late, and until when.
    pub(super) slow: Option<(Duration, Instant)>,
    /// What a hung or slow machine has still to do, in its order.
    waiting: VecDeque<What>,
    /// Nothing overtakes what is to be done then.
    busy_until: Instant,
    /// When it failed, or was made to.
    pub(super) failed: Option<Instant>,
    /// How often it was struck down; what was planned before counts no more.
    pub(super) lives: u64,
    scheduled: Option<Instant>,
    paused: Option<Instant>,
}

impl Host {
    pub(super) fn new(replica: Option<Replica<Server>>, addressed: bool) -> Host {
        Host {
            powered: replica.is_some(),
            generation: replica.as_ref().map_or(1, Replica::generation),
            replica,
            addressed,
            hung_until: None,
            slow: None,
            waiting: VecDeque::new(),
            busy_until: Instant::START,
            failed: None,
            lives: 0,
            scheduled: None,
            paused: None,
        }
    }

    /// Whether its kernel answers for the service's address.
    pub(super) fn answers(&self) -> bool {
        self.powered && self.addressed
    }

    /// The process is gone.
    pub(super) fn lose_process(&mut self, now: Instant) {
        if let Some(replica) = self.replica.take() {
            self.generation = replica.generation();
        }
        self.failed = Some(now);
        self.lives += 1;
        (self.scheduled, self.paused) = (None, None);
    }

    /// The whole host is gone.
    pub(super) fn lose_power(&mut self, now: Instant) {
        self.lose_process(now);
        (self.powered, self.addressed) = (false, false);
        (self.hung_until, self.slow, self.busy_until) = (None, None, Instant::START);
    }
}

impl What {
    /// The machine that does it.
    fn machine(&self) -> Option<Machine> {
        match self {
            What::Wake(machine)
            | What::Frame(machine, _)
            | What::Request(machine, _)
            | What::Asked(machine)
            | What::Late(machine) => Some(*machine),
            _ => None,
        }
    }
}

impl Lab<'_> {
    /// What a hung machine is to do happens when it wakes up, what a slow one does, later; the order is kept.
    pub(super) fn hold_up(&mut self, what: What) -> Option<What> {
        let Some(machine) = what.machine() else { return Some(what) };
        let late = matches!(what, What::Late(_));
        let now = self.now;
        let host = &mut self.hosts[machine.index()];
        if host.hung_until.take_if(|until| now >= *until).is_some() && host.replica.is_some() {
            // It was not replaced in time, or its failure is on record.
            host.failed = None;
        }
        host.slow = host.slow.filter(|(_, until)| now < *until);
        let due = match (host.hung_until, host.slow) {
            (Some(until), _) => until,
            (None, Some((by, _))) if !late => now + by,
            _ => now,
        };
        let due = if late { due } else { due.max(host.busy_until) };
        if late && due == now {
            // The turn of the first, whichever it was that waited until now: so nothing is overtaken.
            return host.waiting.pop_front();
        }
        if due == now && host.busy_until < now {
            return Some(what);
        }
        host.busy_until = host.busy_until.max(due);
        if !late {
            host.waiting.push_back(what);
        }
        self.at(due, What::Late(machine));
        None
    }

    pub(super) fn wake(&mut self, machine: Machine) {
        let host = &mut self.hosts[machine.index()];
        if host.scheduled.is_some_and(|at| at > self.now) {
            // An earlier deadline had come between; another call is planned for what is left.
            return;
        }
        host.scheduled = None;
        if let Some(replica) = &mut host.replica {
            replica.handle_timeout(self.now);
        }
        self.follow(machine);
    }

    pub(super) fn frame(&mut self, machine: Machine, bytes: &[u8]) {
        if let Some(replica) = &mut self.hosts[machine.index()].replica {
            replica.handle_frame(self.now, bytes);
            self.follow(machine);
        }
    }

    /// A client's packet has come to a host.
    pub(super) fn request(&mut self, machine: Machine, packet: Packet) {
        let host = &self.hosts[machine.index()];
        if !host.powered {
            return;
        }
        if host.replica.is_none() {
            if host.addressed && is_reset_by_kernel(&packet) {
                let (reset, tag) = reset(&packet);
                self.reply(machine, Traffic::Signalling, What::Response(reset, tag));
            }
            return;
        }
        if self.plan.pair.mode == Mode::Active {
            self.deliver(machine.other(), packet.clone());
        }
        self.deliver(machine, packet);
    }

    fn deliver(&mut self, machine: Machine, packet: Packet) {
        if let Some(replica) = &mut self.hosts[machine.index()].replica {
            replica.handle_packet(self.now, packet);
            self.follow(machine);
        }
    }

    /// Takes what a machine has to say, and plans its next deadline.
    pub(super) fn follow(&mut self, machine: Machine) {
        let index = machine.index();
        while let Some(transmit) = self.hosts[index].replica.as_mut().and_then(Replica::poll_transmit) {
            self.transmit(machine, transmit);
        }
        while let Some(event) = self.hosts[index].replica.as_mut().and_then(Replica::poll_event) {
            self.observer.event(self.now, machine, &event);
            self.note(machine, event);
        }
        let deadline = self.hosts[index].replica.as_ref().and_then(Replica::poll_timeout);
        if let Some(at) = deadline.map(|at| at.max(self.now))
            && self.hosts[index].scheduled.is_none_or(|scheduled| at < scheduled)
        {
            self.hosts[index].scheduled = Some(at);
            self.at(at, What::Wake(machine));
        }
        self.note_faults();
        if self.hosts[index].replica.as_ref().is_some_and(|replica| replica.guest().is_dead()) {
            self.lose_process(machine);
        }
        self.watch_protection();
    }

    /// Counts for how long nobody could take over.
    pub(super) fn watch_protection(&mut self) {
        let protected = self.hosts.iter().filter_map(|host| host.replica.as_ref()).any(Replica::is_protected);
        match (self.unprotected_since, protected) {
            (None, false) => self.unprotected_since = Some(self.now),
            (Some(since), true) => {
                self.record.unprotected += (self.now - since).seconds();
                self.unprotected_since = None;
            }
            _ => {}
        }
    }

    /// Writes down what happened at a machine.
    fn note(&mut self, machine: Machine, event: Event) {
        let now = self.now;
        let host = &mut self.hosts[machine.index()];
        match event {
            Event::Paused { .. } => host.paused = Some(now),
            Event::Resumed => {
                if let Some(since) = host.paused.take() {
                    self.record.paused(now - since);
                }
            }
            Event::Demoted { .. } | Event::Left => host.addressed = false,
            Event::Fence => self.power_off(machine.other()),
            Event::Promoting { generation } => self.promoting(machine, generation),
            Event::Done(step) => self.record.done(machine, step, now),
            Event::Activated { resumed, .. } => {
                host.addressed = true;
                host.failed = None;
                if let Some(takeover) = self.record.takeover(machine) {
                    takeover.from = resumed;
                }
            }
            _ => self.record.count(&event),
        }
    }

    fn promoting(&mut self, machine: Machine, generation: u64) {
        let other = &mut self.hosts[machine.other().index()];
        // A machine that restarts alone takes over from itself.
        let failed = other.failed.take().or(self.hosts[machine.index()].failed);
        self.record.promoting(machine, generation, failed, self.now);
    }
}
