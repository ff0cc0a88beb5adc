//! The active machine: epochs, checkpoints, held output, signs of life, leaving in order.

use super::frame::{Frame, Message};
use super::replica::{Replica, Role};
use super::timer::Timer;
use super::{Event, Late, Mode, Release, Tag, Transmit};
use crate::emulator::guest::Guest;
use crate::emulator::packet::Packet;
use crate::emulator::time::{Duration, Instant};
use std::collections::VecDeque;

/// What the guest of the active machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// Runs beyond its epoch, since a checkpoint is late.
    Lengthened,
    /// Stands still, since a checkpoint is late.
    Stalled,
    /// Stands still while its pages are copied, or for good when it has been handed over.
    Paused,
}

/// Whether there is somebody who could go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// Nobody is in step.
    Unprotected,
    /// A backup receives the whole memory.
    Synchronising,
    /// Checkpoints are taken.
    Replicating,
}

/// A checkpoint on its way.
#[derive(Debug, Clone)]
struct Flight {
    epoch: u64,
    bytes: Vec<u8>,
    sent: bool,
}

/// The state of an active machine.
#[derive(Debug, Clone)]
pub(super) struct Primary {
    /// The running epoch.
    pub(super) epoch: u64,
    pub(super) phase: Phase,
    pub(super) protection: Protection,
    /// What waits for its checkpoint, with its epoch.
    pub(super) held: VecDeque<(u64, Packet)>,
    /// Added to the next pause.
    pub(super) overrun: Duration,
    in_flight: Option<Flight>,
    running_since: Instant,
    /// Since when it stands still for want of an acknowledgement.
    stalled: Option<Instant>,
    /// Dirty pages of the last copy.
    pages: u64,
    /// Announcements made.
    announcements: u32,
    /// Whether it hands over, and comes back as the backup.
    leaving: Option<bool>,
    /// The backup's first acknowledgement is still to come.
    first: bool,
}

impl Primary {
    pub(super) fn new(now: Instant) -> Primary {
        Primary {
            epoch: 1,
            phase: Phase::Running,
            protection: Protection::Unprotected,
            held: VecDeque::new(),
            overrun: Duration::ZERO,
            in_flight: None,
            running_since: now,
            stalled: None,
            pages: 0,
            announcements: 0,
            leaving: None,
            first: false,
        }
    }

    /// For how long the guest has run since the last pause.
    fn ran(&self, now: Instant) -> Duration {
        self.stalled.unwrap_or(now) - self.running_since
    }
}

impl<G: Guest> Replica<G> {
    pub(super) fn protected(&self) -> bool {
        match self.config.mode {
            Mode::Alone => false,
            Mode::Standby | Mode::Active => true,
            Mode::Checkpoint | Mode::Compare => self.primary.protection == Protection::Replicating,
        }
    }

    /// Takes over the role, with a state that runs from now on.
    pub(super) fn activate(&mut self, now: Instant) {
        self.role = Role::Active;
        let overrun = self.primary.overrun;
        self.primary = Primary { overrun, ..Primary::new(now) };
        self.catch_up(now);
    }

    /// A sign of life, now and in even intervals.
    pub(super) fn begin_heartbeats(&mut self, now: Instant) {
        if self.config.mode == Mode::Alone {
            return;
        }
        let priority = self.config.priorities[self.machine.index()];
        // What is being promoted has nobody behind it.
        let protected = self.role == Role::Active && self.protected();
        self.send(Message::Heartbeat { priority, protected });
        let mut draw = self.draw();
        let interval = self.config.detector.next_interval(&mut draw);
        self.timers.set(Timer::Heartbeat, now + interval);
    }

    pub(super) fn heard_as_active(&mut self, now: Instant, frame: Frame) {
        match frame.message {
            Message::Acknowledge { epoch } if frame.generation == self.generation => self.acknowledged(now, epoch),
            Message::Digest { number, epoch, hash } if frame.generation == self.generation => {
                self.heard_digest(now, number, epoch, hash);
            }
            Message::Hello if self.role == Role::Active => self.join(now),
            // It believes in a generation that is over.
            Message::Heartbeat { .. } if frame.generation < self.generation => self.send(Message::Superseded),
            _ => {}
        }
    }

    /// A backup without state asks for it.
    fn join(&mut self, now: Instant) {
        if self.primary.leaving.is_some() {
            return;
        }
        if !self.config.mode.has_checkpoints() {
            return self.consider_failback(now);
        }
        // It had one, and lost it before its silence was noticed.
        if self.primary.protection == Protection::Replicating {
            self.go_on_alone(now);
        }
        if self.primary.protection == Protection::Unprotected {
            self.primary.protection = Protection::Synchronising;
            let memory = &self.config.memory;
            self.timers.set(Timer::Synchronised, now + memory.transmission(memory.pages));
        }
    }

    /// Starts an epoch, with a backup that has the state as it is now.
    pub(super) fn begin_epochs(&mut self, now: Instant) {
        self.primary.protection = Protection::Replicating;
        self.primary.running_since = now;
        self.timers.set(Timer::Epoch, now + self.config.epoch);
    }

    /// The memory has been transmitted while the guest ran: what it dirtied meanwhile is the first checkpoint.
    pub(super) fn begin_epochs_with_copy(&mut self, now: Instant) {
        self.primary.protection = Protection::Replicating;
        self.primary.first = true;
        self.capture(now);
    }

    pub(super) fn epoch_ends(&mut self, now: Instant) {
        if self.primary.in_flight.is_none() {
            return self.capture(now);
        }
        self.tell(Event::Late(self.config.late));
        self.primary.phase = match self.config.late {
            Late::Stall => Phase::Stalled,
            Late::Lengthen => Phase::Lengthened,
        };
        if self.config.late == Late::Stall {
            self.primary.stalled = Some(now);
        }
        self.wake_guest();
    }

    /// Stops the guest and copies its dirty pages.
    fn capture(&mut self, now: Instant) {
        let pages = self.config.memory.dirty_after(self.primary.ran(now));
        let pause = self.config.memory.pause(pages) + std::mem::take(&mut self.primary.overrun);
        self.primary.phase = Phase::Paused;
        self.primary.pages = pages;
        self.tell(Event::Paused { epoch: self.primary.epoch, pages });
        self.timers.stop(Timer::Epoch);
        self.timers.set(Timer::Copied, now + pause);
        self.wake_guest();
    }

    /// The copy is there: the guest goes on, unless it is handed over, and the copy is transmitted.
    pub(super) fn copied(&mut self, now: Instant) {
        let epoch = self.primary.epoch;
        let inputs = self.compare.captured(self.waiting_inputs());
        let message = Message::Checkpoint { epoch, inputs, state: self.guest.capture() };
        let bytes = Frame { sender: self.machine, generation: self.generation, message }.encode();
        self.primary.in_flight = Some(Flight { epoch, bytes, sent: false });
        let sent = now + self.config.memory.transmission(self.primary.pages);
        self.timers.set(Timer::Transmitted, sent);
        self.timers.set(Timer::PeerLost, sent + self.config.patience);
        self.primary.epoch = epoch.saturating_add(1);
        if self.primary.leaving.is_none() {
            self.resume(now);
            self.timers.set(Timer::Epoch, now + self.config.epoch);
        }
    }

    fn resume(&mut self, now: Instant) {
        self.primary.phase = Phase::Running;
        self.primary.running_since = now;
        self.primary.stalled = None;
        self.tell(Event::Resumed);
        self.catch_up(now);
    }

    /// Sends the checkpoint in flight, and again until it is acknowledged.
    pub(super) fn transmit_checkpoint(&mut self, now: Instant) {
        let Some(flight) = &mut self.primary.in_flight else { return };
        flight.sent = true;
        let bytes = flight.bytes.clone();
        self.transmit(Transmit::Peer(bytes));
        self.timers.set(Timer::Retry, now + self.config.retry);
    }

    fn acknowledged(&mut self, now: Instant, epoch: u64) {
        let flight = self.primary.in_flight.take_if(|flight| flight.sent && flight.epoch == epoch);
        if flight.is_none() {
            return;
        }
        self.timers.stop(Timer::Retry);
        self.timers.stop(Timer::PeerLost);
        self.tell(Event::Acknowledged { epoch });
        self.release(epoch, Release::Acknowledged);
        if std::mem::take(&mut self.primary.first) {
            self.tell(Event::Synchronised);
            self.consider_failback(now);
        }
        match (self.primary.phase, self.primary.leaving) {
            (Phase::Paused, Some(_)) => self.farewell(now),
            (Phase::Running, Some(_)) | (Phase::Stalled | Phase::Lengthened, _) => self.capture(now),
            _ => self.compare_outputs(now),
        }
    }

    /// Lets go what was held up to an epoch, in order.
    fn release(&mut self, epoch: u64, because: Release) {
        let mut count = 0;
        let mut last = 0;
        while let Some((epoch, packet)) = self.primary.held.pop_front_if(|(of, _)| *of <= epoch) {
            let tag = Tag { generation: self.generation, epoch, held: true };
            self.transmit(Transmit::Client(packet, tag));
            (count, last) = (count + 1, epoch);
        }
        if count > 0 {
            self.tell(Event::Released { count, epoch: last, because });
        }
    }

    /// Lets go the oldest held output, since the other machine agrees.
    pub(super) fn release_first(&mut self) {
        if let Some((epoch, packet)) = self.primary.held.pop_front() {
            let tag = Tag { generation: self.generation, epoch, held: true };
            self.transmit(Transmit::Client(packet, tag));
            self.tell(Event::Released { count: 1, epoch, because: Release::Agreed });
        }
    }

    /// The backup is gone. Its state counts no more, so a new generation begins, and nothing is held any longer.
    pub(super) fn go_on_alone(&mut self, now: Instant) {
        if self.config.power_fence {
            self.tell(Event::Fence);
        }
        self.tell(Event::Unprotected);
        self.release(u64::MAX, Release::Unprotected);
        self.generation = self.machine.generation_after(self.generation);
        self.primary.protection = Protection::Unprotected;
        self.primary.in_flight = None;
        self.primary.first = false;
        let used = [Timer::Epoch, Timer::Copied, Timer::Transmitted, Timer::Retry, Timer::PeerLost, Timer::Failback];
        used.into_iter().for_each(|timer| self.timers.stop(timer));
        self.timers.stop(Timer::Compare);
        self.compare.reset();
        if self.primary.leaving.is_some() {
            return self.farewell(now);
        }
        if self.primary.phase != Phase::Running {
            self.resume(now);
        }
        self.begin_heartbeats(now);
    }

    /// Takes a checkpoint as soon as none is in flight.
    pub(super) fn demand_checkpoint(&mut self, now: Instant) {
        // In any other phase one is coming.
        if self.primary.phase != Phase::Running {
            return;
        }
        self.tell(Event::Diverged);
        match &self.primary.in_flight {
            None => self.capture(now),
            Some(_) => self.primary.phase = Phase::Lengthened,
        }
    }

    /// The machine of the higher priority gets its role back, some time after it is ready.
    fn consider_failback(&mut self, now: Instant) {
        let [own, other] = [self.machine, self.machine.other()].map(|m| self.config.priorities[m.index()]);
        if let Some(after) = self.config.failback
            && other > own
        {
            self.timers.set(Timer::Failback, now + after);
        }
    }

    /// Hands over in order: what was held leaves, the last state is acknowledged, then it says goodbye.
    pub(super) fn leave(&mut self, now: Instant, comes_back: bool) {
        self.primary.leaving = Some(comes_back);
        if self.primary.protection != Protection::Replicating {
            return self.farewell(now);
        }
        if self.primary.phase == Phase::Running && self.primary.in_flight.is_none() {
            self.capture(now);
        }
    }

    fn farewell(&mut self, now: Instant) {
        let comes_back = self.primary.leaving.take() == Some(true);
        self.send(Message::Heartbeat { priority: 0, protected: true });
        self.tell(Event::Left);
        self.timers.stop_all();
        self.drop_backlog();
        if comes_back {
            self.become_backup(now);
        } else {
            self.role = Role::Stopped;
        }
    }

    /// Announces the address, again and again as configured.
    pub(super) fn announce(&mut self, now: Instant) {
        self.transmit(Transmit::Announce);
        self.primary.announcements += 1;
        if self.primary.announcements < self.config.announcements {
            self.timers.set(Timer::Announce, now + self.config.announcement_interval);
        }
    }
}
