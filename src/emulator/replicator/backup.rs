//! The backup: what it receives, when it gives the active machine up, and its promotion step by step.

use super::detector::Watch;
use super::frame::{Frame, Message};
use super::replica::{Replica, Role};
use super::timer::Timer;
use super::{Config, Event, Machine, Mode, Step};
use crate::emulator::guest::Guest;
use crate::emulator::time::{Duration, Instant};

/// An acknowledged checkpoint.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    generation: u64,
    epoch: u64,
    state: Vec<u8>,
}

/// The state of a machine that is not active.
#[derive(Debug, Clone)]
pub(super) struct Backup {
    watch: Watch,
    saved: Option<Saved>,
    /// Whether it has no state that it could go on from.
    pub(super) stale: bool,
    step: Step,
    /// What it went on from.
    resumed: Option<(u64, u64)>,
    /// When the active machine said goodbye, the time to take over.
    farewell: Option<Instant>,
}

impl Backup {
    pub(super) fn new(config: &Config, machine: Machine, now: Instant) -> Backup {
        let priority = config.priorities[machine.index()];
        Backup {
            watch: Watch::new(config.detector.clone(), priority, now),
            saved: None,
            stale: true,
            step: Step::Fence,
            resumed: None,
            farewell: None,
        }
    }

    /// The state that both machines begin with.
    pub(super) fn first_state(&mut self, state: Vec<u8>) {
        self.saved = Some(Saved { generation: 0, epoch: 0, state });
    }
}

impl<G: Guest> Replica<G> {
    /// Begins to watch the other machine, as if it had just been heard.
    pub(super) fn watch_again(&mut self, now: Instant) {
        if let Some(saved) = &mut self.backup.saved {
            saved.generation = self.generation;
        }
        self.backup.watch.restart(now);
        self.backup.farewell = None;
        self.timers.set(Timer::Silence, self.backup.watch.deadline());
    }

    /// Asks for state now, and again until it comes.
    pub(super) fn ask_to_join(&mut self, now: Instant) {
        if matches!(self.role, Role::Waiting | Role::Suspect) && self.backup.stale {
            self.send(Message::Hello);
            // Without checkpoints there is nothing to wait for.
            if self.config.mode.has_checkpoints() {
                self.timers.set(Timer::Hello, now + self.config.retry);
            } else {
                self.backup.stale = false;
            }
        }
    }

    /// A greater generation is known: whatever this machine did or holds counts no more.
    pub(super) fn outranked(&mut self, now: Instant, generation: u64) {
        self.generation = generation;
        if matches!(self.role, Role::Active | Role::Promoting) {
            let dropped = self.primary.held.len() as u64;
            self.primary.held.clear();
            self.tell(Event::Demoted { dropped });
            return self.become_backup(now);
        }
        self.backup.saved = None;
        self.backup.stale = true;
        self.compare.reset();
        if self.config.mode.has_checkpoints() {
            self.wake_guest();
            self.ask_to_join(now);
        }
    }

    /// From an active machine to one that waits, without a state to go on from.
    pub(super) fn become_backup(&mut self, now: Instant) {
        self.role = Role::Waiting;
        self.timers.stop_all();
        self.drop_backlog();
        self.compare.reset();
        self.backup.saved = None;
        self.backup.stale = true;
        if self.config.mode != Mode::Active {
            self.guest.reset();
        }
        self.watch_again(now);
        self.ask_to_join(now);
        self.wake_guest();
    }

    pub(super) fn heard_as_backup(&mut self, now: Instant, frame: Frame) {
        if frame.generation < self.generation {
            return self.asked_to_join(now, &frame.message);
        }
        match frame.message {
            Message::Heartbeat { priority: 0, .. } => {
                let at = self.backup.watch.farewell(now);
                self.backup.farewell = Some(at);
                self.timers.set(Timer::Silence, at);
            }
            Message::Heartbeat { .. } => self.alive(now),
            Message::Checkpoint { epoch, inputs, state } => self.checkpoint(now, epoch, inputs, state),
            Message::Input { number, packet } => self.mirrored(now, number, &packet),
            other => self.asked_to_join(now, &other),
        }
    }

    /// The other machine, which was the active one, has lost what it knew.
    fn asked_to_join(&mut self, now: Instant, message: &Message) {
        let ready = self.role == Role::Waiting && !self.backup.stale && self.backup.farewell.is_none();
        if ready && *message == Message::Hello {
            self.suspect(now);
        }
    }

    /// A sign of life of the active machine.
    fn alive(&mut self, now: Instant) {
        self.backup.watch.heard(now);
        self.backup.farewell = None;
        self.timers.set(Timer::Silence, self.backup.watch.deadline());
        if self.role == Role::Suspect {
            self.role = Role::Waiting;
            self.timers.stop(Timer::Confirm);
            self.tell(Event::Cleared);
        }
    }

    fn checkpoint(&mut self, now: Instant, epoch: u64, inputs: u64, state: Vec<u8>) {
        if !self.config.mode.has_checkpoints() {
            return;
        }
        let newer = |saved: &Saved| saved.generation < self.generation || saved.epoch < epoch;
        if self.backup.saved.as_ref().is_none_or(newer) {
            if self.config.mode == Mode::Compare {
                // A state that can't be restored is not acknowledged.
                if self.guest.restore(&state).is_err() {
                    return;
                }
                self.backup.stale = false;
                self.replay(now, epoch, inputs);
            }
            self.backup.saved = Some(Saved { generation: self.generation, epoch, state });
            self.backup.stale = false;
            self.timers.stop(Timer::Hello);
            self.wake_guest();
        }
        self.send(Message::Acknowledge { epoch });
    }

    /// The active machine has been silent; or the deadline was moved, and this is too early.
    pub(super) fn silence(&mut self, now: Instant) {
        let due = self.backup.farewell.unwrap_or_else(|| self.backup.watch.deadline());
        if now < due {
            return self.timers.set(Timer::Silence, due);
        }
        if self.role == Role::Waiting {
            self.suspect(now);
        }
    }

    fn suspect(&mut self, now: Instant) {
        self.tell(Event::Suspected);
        self.role = Role::Suspect;
        self.timers.stop(Timer::Silence);
        if self.config.confirm == Duration::ZERO {
            self.promote(now);
        } else {
            self.timers.set(Timer::Confirm, now + self.config.confirm);
        }
    }

    /// Begins to take over, with a generation of its own that the other machine hears of at once.
    pub(super) fn promote(&mut self, now: Instant) {
        self.role = Role::Promoting;
        self.generation = self.machine.generation_after(self.generation);
        self.timers.stop(Timer::Silence);
        self.timers.stop(Timer::Hello);
        self.tell(Event::Promoting { generation: self.generation });
        self.begin_heartbeats(now);
        self.begin_step(now, Step::Fence);
    }

    fn begin_step(&mut self, now: Instant, step: Step) {
        self.backup.step = step;
        let mut draw = self.draw();
        let steps = &self.config.steps;
        let law = match step {
            Step::Fence => &steps.fence,
            Step::Resume => &steps.resume,
            Step::Address => &steps.address,
            Step::Announce => &steps.announce,
        };
        let length = Duration::from_seconds(law.sample(&mut draw));
        self.timers.set(Timer::Step, now + length);
    }

    /// A step of the promotion has ended.
    pub(super) fn step_ends(&mut self, now: Instant) {
        let step = self.backup.step;
        match step {
            Step::Fence if self.config.power_fence => self.tell(Event::Fence),
            Step::Resume => self.restore_saved(),
            Step::Address => {
                self.activate(now);
                self.tell(Event::Activated { generation: self.generation, resumed: self.backup.resumed });
            }
            _ => {}
        }
        self.tell(Event::Done(step));
        match step {
            Step::Fence => self.begin_step(now, Step::Resume),
            Step::Resume => self.begin_step(now, Step::Address),
            Step::Address => self.begin_step(now, Step::Announce),
            Step::Announce => self.announce(now),
        }
    }

    /// Goes on from the last acknowledged state; without one, from nothing.
    fn restore_saved(&mut self) {
        let saved = self.backup.saved.take().filter(|_| !self.backup.stale);
        self.backup.resumed = None;
        match self.config.mode {
            // Its guest has run all the time.
            Mode::Active => {}
            // So has this one, and what had left of the running epoch it had said too.
            Mode::Compare if !self.backup.stale => {
                let running = self.compare.epoch.max(1);
                self.backup.resumed = saved.map(|saved| (saved.generation, running.max(saved.epoch)));
            }
            _ => {
                self.guest.reset();
                // An unreadable state leaves the guest fresh.
                let restored = saved.filter(|saved| self.guest.restore(&saved.state).is_ok());
                self.backup.resumed = restored.map(|saved| (saved.generation, saved.epoch));
            }
        }
        self.compare.reset();
    }
}
