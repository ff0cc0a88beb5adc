//! The scheduler: whose turn it is, and what becomes of what an actor does.

use super::limit::Count;
use super::mailbox::Mailbox;
use super::{Blueprint, Effect, Happening, Watch};
use crate::emulator::time::Instant;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a call of a system needs.
pub struct Turn<'t, B: Blueprint> {
    /// The time.
    pub now: Instant,
    /// Who there is.
    pub blueprint: &'t B,
    /// Who watches.
    pub watch: &'t mut dyn Watch<B>,
    /// What leaves the tree.
    pub out: &'t mut Vec<B::Output>,
}

impl<B: Blueprint> Turn<'_, B> {
    pub(super) fn tell(&mut self, happening: Happening<B::Address>) {
        self.watch.happened(self.now, happening);
    }
}

/// What became of all messages: `sent` is the sum of the others and of those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Told to somebody.
    pub sent: u64,
    /// Handled.
    pub handled: u64,
    /// In the hand of an actor that failed.
    pub failed: u64,
    /// For an actor that isn't there, or was stopped before it came to them.
    pub dead: u64,
    /// Dropped by a full mailbox.
    pub overflowed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Running,
    Restarting,
}

/// An actor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Cell<B: Blueprint> {
    pub(super) state: B::State,
    pub(super) phase: Phase,
    pub(super) mailbox: Mailbox<B::Message>,
    pub(super) hand: Option<B::Message>,
    /// Its place among what is due: the end of its message, or of its restart.
    pub(super) due: Option<(Instant, u64)>,
    pub(super) children: BTreeSet<B::Address>,
    /// Failures of its children.
    pub(super) count: Count<B::Address>,
    /// Which one of this name it is.
    pub(super) born: u64,
    /// How many beginnings of whatever actor there had been at its last one.
    pub(super) life: u64,
}

/// What is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) enum Due<B: Blueprint> {
    /// The end of a message, or of a restart.
    Ready(B::Address),
    /// What the actor of that birth tells itself.
    Later(B::Address, u64, B::Message),
}

/// Actors at work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct System<B: Blueprint> {
    #[serde(with = "crate::emulator::pairs")]
    pub(super) cells: BTreeMap<B::Address, Cell<B>>,
    #[serde(with = "crate::emulator::pairs")]
    pub(super) due: BTreeMap<(Instant, u64), Due<B>>,
    order: u64,
    pub(super) births: u64,
    draws: u64,
    /// Failures of the root.
    pub(super) guardian: Count<B::Address>,
    /// Actors that ought to run, and don't.
    pub(super) down: BTreeSet<B::Address>,
    pub(super) dead: bool,
    pub(super) tally: Tally,
}

impl<B: Blueprint> Default for System<B> {
    fn default() -> System<B> {
        System {
            cells: BTreeMap::new(),
            due: BTreeMap::new(),
            order: 0,
            births: 0,
            draws: 0,
            guardian: Count::default(),
            down: BTreeSet::new(),
            dead: false,
            tally: Tally::default(),
        }
    }
}

impl<B: Blueprint> System<B> {
    /// The root starts, and with it what it starts.
    pub fn start(&mut self, turn: &mut Turn<'_, B>) {
        self.launch(turn, turn.blueprint.root());
    }

    /// Something for an actor.
    pub fn tell(&mut self, turn: &mut Turn<'_, B>, to: B::Address, message: B::Message) {
        self.tally.sent += 1;
        let Some(cell) = self.cells.get_mut(&to) else {
            self.tally.dead += 1;
            return;
        };
        self.tally.overflowed += u64::from(cell.mailbox.push(message, turn.blueprint.capacity()));
        self.wake(turn, to);
    }

    /// When [`System::advance`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Does all that is due.
    pub fn advance(&mut self, turn: &mut Turn<'_, B>) {
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= turn.now) {
            match entry.remove() {
                Due::Ready(actor) => self.ready(turn, actor),
                Due::Later(actor, born, message) => {
                    if self.cells.get(&actor).is_some_and(|cell| cell.born == born) {
                        self.tell(turn, actor, message);
                    }
                }
            }
        }
    }

    /// Whether every actor that ought to run does.
    pub fn is_whole(&self) -> bool {
        !self.dead && self.down.is_empty()
    }

    /// Whether the process has ended.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// What became of the messages so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Messages in mailboxes and hands.
    pub fn waiting(&self) -> u64 {
        self.cells.values().map(|cell| cell.mailbox.len() + u64::from(cell.hand.is_some())).sum()
    }

    /// The actors that run, in the order of their names.
    pub fn running(&self) -> impl Iterator<Item = B::Address> {
        self.cells.iter().filter(|(_, cell)| cell.phase == Phase::Running).map(|(actor, _)| *actor)
    }

    /// Which life of a running actor this is; none: it doesn't run. No two lives in a system have the same number.
    pub fn life(&self, actor: B::Address) -> Option<u64> {
        self.cells.get(&actor).filter(|cell| cell.phase == Phase::Running).map(|cell| cell.life)
    }

    /// What an actor knows.
    pub fn state(&self, actor: B::Address) -> Option<&B::State> {
        self.cells.get(&actor).map(|cell| &cell.state)
    }

    /// What an actor knows, to be changed behind its back.
    pub fn state_mut(&mut self, actor: B::Address) -> Option<&mut B::State> {
        self.cells.get_mut(&actor).map(|cell| &mut cell.state)
    }

    /// The number of the next draw.
    pub(super) fn draw(&mut self) -> u64 {
        self.draws += 1;
        self.draws
    }

    pub(super) fn schedule(&mut self, at: Instant, due: Due<B>) -> (Instant, u64) {
        self.order += 1;
        self.due.insert((at, self.order), due);
        (at, self.order)
    }

    /// Begins the next message, if an actor has nothing to do.
    pub(super) fn wake(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let Some(cell) = self.cells.get_mut(&actor) else { return };
        if cell.phase != Phase::Running || cell.hand.is_some() {
            return;
        }
        cell.hand = cell.mailbox.pop();
        if cell.hand.is_some() {
            let number = self.draw();
            let at = turn.now + turn.blueprint.service_time(actor, number);
            let due = self.schedule(at, Due::Ready(actor));
            if let Some(cell) = self.cells.get_mut(&actor) {
                cell.due = Some(due);
            }
        }
    }

    /// An actor's message, or its restart, has come to its end.
    fn ready(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let Some(cell) = self.cells.get_mut(&actor) else { return };
        cell.due = None;
        if cell.phase == Phase::Restarting {
            return self.revive(turn, actor);
        }
        let fatal = cell.hand.as_ref().is_some_and(|message| turn.watch.is_fatal(turn.now, actor, message));
        if fatal {
            self.fail(turn, actor);
            return;
        }
        let Some(message) = cell.hand.take() else { return };
        let mut effects = Vec::new();
        turn.blueprint.handle(turn.now, actor, &mut cell.state, message, &mut effects);
        let born = cell.born;
        self.tally.handled += 1;
        turn.tell(Happening::Handled(actor));
        for effect in effects {
            self.apply(turn, (actor, born), effect);
        }
        self.wake(turn, actor);
    }

    fn apply(&mut self, turn: &mut Turn<'_, B>, (actor, born): (B::Address, u64), effect: Effect<B>) {
        match effect {
            Effect::Send(to, message) => self.tell(turn, to, message),
            Effect::Spawn(child) if !self.cells.contains_key(&child) => self.launch(turn, child),
            Effect::Spawn(_) => {}
            Effect::Stop(whom) => self.stop(turn, whom),
            Effect::Later(after, message) => {
                self.schedule(turn.now + after, Due::Later(actor, born, message));
            }
            Effect::Output(output) => turn.out.push(output),
        }
    }
}
