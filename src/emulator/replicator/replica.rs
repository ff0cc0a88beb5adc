//! One machine: what it is called with, and what it is polled for.

use super::backup::Backup;
use super::compare::Compare;
use super::frame::{Frame, Message};
use super::primary::{Phase, Primary, Protection};
use super::timer::{Timer, Timers};
use super::{Config, Event, Machine, Malformed, Mode, Tag, Transmit, Verdict};
use crate::emulator::guest::Guest;
use crate::emulator::packet::Packet;
use crate::emulator::sip_actors::Failure;
use crate::emulator::time::{Duration, Instant};
use crate::rng::{Draw, Stream, StreamKey};
use std::collections::VecDeque;
use std::sync::Arc;

/// Most packets that wait for a paused guest, and most outputs that wait for an acknowledgement.
pub const MOST_WAITING: usize = 100_000;

/// What a machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Waiting,
    Suspect,
    Promoting,
    Active,
    Stopped,
}

/// A machine with its guest; see the [module](super) for the contract.
#[derive(Debug, Clone)]
pub struct Replica<G> {
    pub(super) config: Arc<Config>,
    pub(super) machine: Machine,
    pub(super) guest: G,
    pub(super) role: Role,
    /// The greatest generation that is known.
    pub(super) generation: u64,
    pub(super) timers: Timers,
    pub(super) primary: Primary,
    pub(super) backup: Backup,
    pub(super) compare: Compare,
    /// Input that came while the guest stood still.
    backlog: VecDeque<Packet>,
    outgoing: VecDeque<Transmit>,
    events: VecDeque<Event>,
    /// Draws of steps and intervals.
    stream: Stream,
    scratch: Vec<Packet>,
}

impl<G: Guest> Replica<G> {
    /// The active machine of a pair that is in step. `seed` and `run` name its random draws.
    pub fn active(config: Arc<Config>, machine: Machine, guest: G, (seed, run): (u64, u64), now: Instant) -> Self {
        let generation = machine.generation_after(1);
        let mut replica = Replica::new(config, machine, guest, generation, (seed, run), now);
        replica.role = Role::Active;
        replica.begin_heartbeats(now);
        if replica.config.mode.has_checkpoints() {
            replica.begin_epochs(now);
        }
        replica.wake_guest();
        replica
    }

    /// The waiting machine of a pair that is in step with the `active` one's first generation.
    pub fn waiting(config: Arc<Config>, machine: Machine, guest: G, seed: (u64, u64), now: Instant) -> Self {
        let generation = machine.other().generation_after(1);
        let mut replica = Replica::new(config, machine, guest, generation, seed, now);
        replica.backup.first_state(replica.guest.capture());
        replica.backup.stale = false;
        replica.watch_again(now);
        replica.wake_guest();
        replica
    }

    /// A machine that starts after a failure, with nothing but the last generation that it knew (which a machine
    /// keeps on disk): it asks to join, or goes on alone when nobody answers.
    pub fn joining(
        config: Arc<Config>,
        machine: Machine,
        guest: G,
        generation: u64,
        seed: (u64, u64),
        now: Instant,
    ) -> Self {
        let mut replica = Replica::new(config, machine, guest, generation, seed, now);
        replica.guest.reset();
        if replica.config.mode == Mode::Alone {
            replica.promote(now);
        } else {
            replica.watch_again(now);
            replica.ask_to_join(now);
            replica.wake_guest();
        }
        replica
    }

    fn new(config: Arc<Config>, machine: Machine, guest: G, generation: u64, seed: (u64, u64), now: Instant) -> Self {
        let name = ["emulator.A", "emulator.B"][machine.index()];
        Replica {
            backup: Backup::new(&config, machine, now),
            machine,
            guest,
            role: Role::Waiting,
            generation,
            timers: Timers::default(),
            primary: Primary::new(now),
            compare: Compare::default(),
            backlog: VecDeque::new(),
            outgoing: VecDeque::new(),
            events: VecDeque::new(),
            // A machine that restarts draws anew.
            stream: StreamKey::of(name).stream(seed.0 ^ generation.rotate_left(32), seed.1),
            scratch: Vec::new(),
            config,
        }
    }

    /// Bytes have come from the other machine. What is no frame is counted and dropped.
    pub fn handle_frame(&mut self, now: Instant, bytes: &[u8]) {
        if self.role == Role::Stopped {
            return;
        }
        let frame = match Frame::decode(bytes) {
            Ok(frame) => frame,
            Err(malformed) => return self.tell(Event::Rejected(malformed)),
        };
        let greater = frame.generation > self.generation;
        let own = frame.generation % 2 == self.machine.index() as u64;
        // Nobody but this machine makes its generations, and the greatest number has no successor.
        if frame.sender == self.machine || greater && own || frame.generation >= u64::MAX - 1 {
            return self.tell(Event::Rejected(Malformed::Content));
        }
        if greater {
            self.outranked(now, frame.generation);
        }
        match self.role {
            Role::Active | Role::Promoting => self.heard_as_active(now, frame),
            Role::Waiting | Role::Suspect => self.heard_as_backup(now, frame),
            Role::Stopped => {}
        }
    }

    /// A client's packet has come.
    pub fn handle_packet(&mut self, now: Instant, packet: Packet) {
        match self.role {
            Role::Active => {
                if self.is_compared() {
                    self.forward(&packet);
                }
                self.feed(now, packet);
            }
            // Mirrored by the network.
            Role::Waiting | Role::Suspect | Role::Promoting if self.config.mode == Mode::Active => {
                self.feed(now, packet);
            }
            _ => {}
        }
    }

    /// The deadline has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Epoch => self.epoch_ends(now),
                Timer::Copied => self.copied(now),
                Timer::Transmitted | Timer::Retry => self.transmit_checkpoint(now),
                Timer::PeerLost => self.go_on_alone(now),
                Timer::Synchronised => self.begin_epochs_with_copy(now),
                Timer::Heartbeat => self.begin_heartbeats(now),
                Timer::Silence => self.silence(now),
                Timer::Confirm => self.promote(now),
                Timer::Step => self.step_ends(now),
                Timer::Announce => self.announce(now),
                Timer::Hello => self.ask_to_join(now),
                Timer::Failback => self.leave(now, true),
                Timer::Compare => self.demand_checkpoint(now),
                Timer::Guest => self.expire_guest(now),
            }
        }
    }

    /// When [`Replica::handle_timeout`] wants to be called; none: not before something else happens.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The next thing to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.outgoing.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Asks for an orderly end: the last state is handed over, then the machine says goodbye and is silent.
    pub fn stop(&mut self, now: Instant) {
        match self.role {
            Role::Active => self.leave(now, false),
            _ => {
                self.timers.stop_all();
                self.role = Role::Stopped;
            }
        }
    }

    /// The next pause takes that much longer.
    pub fn overrun(&mut self, by: Duration) {
        self.primary.overrun += by;
    }

    /// Changes the guest as [`Guest::disturb`] does.
    pub fn disturb(&mut self, bits: u64) {
        self.guest.disturb(bits);
    }

    /// A function of the guest fails, as [`Guest::fail`] says.
    pub fn fail(&mut self, now: Instant, failure: &Failure) {
        let mut out = std::mem::take(&mut self.scratch);
        self.guest.fail(now, failure, &mut out);
        self.speak(now, out);
    }

    /// Whether it speaks for the service, and answers for its address.
    pub fn is_active(&self) -> bool {
        self.role == Role::Active
    }

    /// Whether it has said goodbye.
    pub fn is_stopped(&self) -> bool {
        self.role == Role::Stopped
    }

    /// The greatest generation it knows, to be kept on disk.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether a failure now would leave a state to go on from.
    pub fn is_protected(&self) -> bool {
        self.role == Role::Active && self.protected()
    }

    /// The server.
    pub fn guest(&self) -> &G {
        &self.guest
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }

    pub(super) fn send(&mut self, message: Message) {
        let frame = Frame { sender: self.machine, generation: self.generation, message };
        self.outgoing.push_back(Transmit::Peer(frame.encode()));
    }

    pub(super) fn transmit(&mut self, transmit: Transmit) {
        self.outgoing.push_back(transmit);
    }

    /// The generator of the next draw.
    pub(super) fn draw(&mut self) -> Draw {
        self.stream.draw()
    }

    /// How much input waits for the guest.
    pub(super) fn waiting_inputs(&self) -> u64 {
        self.backlog.len() as u64
    }

    fn guest_runs(&self) -> bool {
        match self.role {
            Role::Active => matches!(self.primary.phase, Phase::Running | Phase::Lengthened),
            Role::Stopped => false,
            _ if self.config.mode == Mode::Compare => !self.backup.stale,
            _ => self.config.mode == Mode::Active,
        }
    }

    /// Gives the guest a packet, now or when it runs again.
    pub(super) fn feed(&mut self, now: Instant, packet: Packet) {
        if !self.guest_runs() {
            if self.backlog.len() < MOST_WAITING {
                self.backlog.push_back(packet);
            } else {
                self.tell(Event::Overflow);
            }
            return;
        }
        let mut out = std::mem::take(&mut self.scratch);
        self.guest.receive(now, &packet, &mut out);
        self.speak(now, out);
    }

    fn expire_guest(&mut self, now: Instant) {
        if self.guest_runs() {
            let mut out = std::mem::take(&mut self.scratch);
            self.guest.expire(now, &mut out);
            self.speak(now, out);
        }
    }

    /// Follows the guest's deadline while it runs.
    pub(super) fn wake_guest(&mut self) {
        match self.guest.deadline().filter(|_| self.guest_runs()) {
            Some(at) => self.timers.set(Timer::Guest, at),
            None => self.timers.stop(Timer::Guest),
        }
    }

    /// The guest runs again: first what it has missed.
    pub(super) fn catch_up(&mut self, now: Instant) {
        while self.guest_runs()
            && let Some(packet) = self.backlog.pop_front()
        {
            self.feed(now, packet);
        }
        self.wake_guest();
    }

    /// What came for a guest that is gone.
    pub(super) fn drop_backlog(&mut self) {
        self.backlog.clear();
    }

    fn speak(&mut self, now: Instant, mut out: Vec<Packet>) {
        for packet in out.drain(..) {
            match self.role {
                Role::Active => self.output(now, packet),
                _ if self.config.mode == Mode::Compare => self.digest(&packet),
                _ => {}
            }
        }
        self.scratch = out;
        self.wake_guest();
    }

    fn output(&mut self, now: Instant, packet: Packet) {
        let replicating = self.primary.protection == Protection::Replicating;
        let held = match self.config.mode {
            Mode::Checkpoint => replicating && self.config.policy.verdict(&packet) == Verdict::Hold,
            Mode::Compare => replicating,
            _ => false,
        };
        if held && self.primary.held.len() < MOST_WAITING {
            self.primary.held.push_back((self.primary.epoch, packet));
            if self.config.mode == Mode::Compare {
                self.compare_outputs(now);
            }
        } else if held {
            self.tell(Event::Overflow);
        } else {
            let tag = Tag { generation: self.generation, epoch: self.primary.epoch, held: false };
            self.outgoing.push_back(Transmit::Client(packet, tag));
        }
    }
}
