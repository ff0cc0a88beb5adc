//! Failures: who is stopped, who is restarted, and whose failure it becomes.

use super::limit::Count;
use super::mailbox::Mailbox;
use super::system::{Cell, Due, Phase};
use super::{Blueprint, Directive, Happening, System, Turn};
use std::collections::BTreeSet;

impl<B: Blueprint> System<B> {
    /// An actor fails, whatever it does; whether it was there and ran. The message in its hand is lost.
    pub fn fail(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) -> bool {
        let Some(cell) = self.cells.get_mut(&actor).filter(|cell| cell.phase == Phase::Running) else { return false };
        self.tally.failed += u64::from(cell.hand.take().is_some());
        if let Some(due) = cell.due.take() {
            self.due.remove(&due);
        }
        turn.tell(Happening::Failed(actor));
        let directive = turn.blueprint.directive(actor);
        match directive {
            Directive::Crash => self.die(turn),
            Directive::Escalate => self.escalate(turn, actor),
            Directive::Resume | Directive::Restart if !self.is_borne(turn, actor) => self.escalate(turn, actor),
            Directive::Resume => {
                turn.tell(Happening::Resumed(actor));
                self.wake(turn, actor);
            }
            Directive::Restart => self.take_down(turn, actor),
            Directive::Stop => {
                self.stop(turn, actor);
                let parent = turn.blueprint.parent(actor);
                // One that its parent doesn't start again by itself is not missed.
                if parent.is_none_or(|parent| turn.blueprint.children(parent).contains(&actor)) {
                    self.down.insert(actor);
                }
            }
        }
        true
    }

    /// Whether its supervisor has borne few enough failures.
    fn is_borne(&mut self, turn: &Turn<'_, B>, actor: B::Address) -> bool {
        let limit = turn.blueprint.limit();
        match turn.blueprint.parent(actor) {
            None => self.guardian.admit(&limit, turn.now, actor),
            Some(parent) => self.cells.get_mut(&parent).is_some_and(|cell| cell.count.admit(&limit, turn.now, actor)),
        }
    }

    /// A failure that its supervisor doesn't bear: the actor is stopped and the supervisor fails. What the root or its
    /// guardian doesn't bear ends the process.
    fn escalate(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let to = turn.blueprint.parent(actor);
        turn.tell(Happening::Escalated { from: actor, to });
        match to.filter(|parent| *parent != turn.blueprint.root()) {
            None => self.die(turn),
            Some(parent) => {
                self.stop(turn, actor);
                self.fail(turn, parent);
            }
        }
    }

    /// Nothing runs any more.
    fn die(&mut self, turn: &mut Turn<'_, B>) {
        self.tally.dead += self.waiting();
        self.cells.clear();
        self.due.clear();
        self.down.clear();
        self.dead = true;
        turn.tell(Happening::Died);
    }

    /// The restart of an actor begins: its children are stopped, and its counts forgotten.
    fn take_down(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let Some(cell) = self.cells.get_mut(&actor) else { return };
        cell.phase = Phase::Restarting;
        cell.count = Count::default();
        for child in std::mem::take(&mut cell.children) {
            self.stop(turn, child);
        }
        let number = self.draw();
        let due = self.schedule(turn.now + turn.blueprint.restart_time(actor, number), Due::Ready(actor));
        if let Some(cell) = self.cells.get_mut(&actor) {
            cell.due = Some(due);
        }
        self.down.insert(actor);
        turn.tell(Happening::Restarting(actor));
    }

    /// The restart of an actor is over: its children start, and it goes on with what waits for it.
    pub(super) fn revive(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let Some(cell) = self.cells.get_mut(&actor) else { return };
        cell.state = turn.blueprint.restart(actor, &cell.state);
        cell.phase = Phase::Running;
        self.births += 1;
        cell.life = self.births;
        self.down.remove(&actor);
        turn.tell(Happening::Restarted(actor));
        for child in turn.blueprint.children(actor) {
            self.launch(turn, child);
        }
        self.wake(turn, actor);
    }

    /// An actor starts, and with it what it starts.
    pub(super) fn launch(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        self.births += 1;
        let cell = Cell {
            state: turn.blueprint.start(actor),
            phase: Phase::Running,
            mailbox: Mailbox::new(),
            hand: None,
            due: None,
            children: BTreeSet::new(),
            count: Count::default(),
            born: self.births,
            life: self.births,
        };
        self.cells.insert(actor, cell);
        self.down.remove(&actor);
        if let Some(parent) = turn.blueprint.parent(actor).and_then(|parent| self.cells.get_mut(&parent)) {
            parent.children.insert(actor);
        }
        turn.tell(Happening::Started(actor));
        for child in turn.blueprint.children(actor) {
            self.launch(turn, child);
        }
    }

    /// An actor is gone, and with it its children and what waited for them.
    pub(super) fn stop(&mut self, turn: &mut Turn<'_, B>, actor: B::Address) {
        let Some(cell) = self.cells.remove(&actor) else { return };
        self.tally.dead += cell.mailbox.len() + u64::from(cell.hand.is_some());
        if let Some(due) = cell.due {
            self.due.remove(&due);
        }
        self.down.remove(&actor);
        if let Some(parent) = turn.blueprint.parent(actor).and_then(|parent| self.cells.get_mut(&parent)) {
            parent.children.remove(&actor);
            parent.count.forget(&actor);
        }
        for child in cell.children {
            self.stop(turn, child);
        }
        turn.tell(Happening::Stopped(actor));
    }
}
