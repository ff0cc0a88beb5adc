//! Actors without I/O or threads: mailboxes, a supervision tree, and a scheduler that an owner calls with the time.
//!
//! An actor handles one message at a time; what it changes and sends takes effect when its service time is over, so
//! that a failure before leaves its state as it was and loses the message in hand. What happens at one instant
//! happens in the order in which it was planned. Supervision is that of actor frameworks (Akka 2.3, the thesis's):
//! a restarted actor keeps its mailbox and loses its children, a stopped one loses both.

pub mod limit;
mod mailbox;
mod supervision;
mod system;
#[cfg(test)]
mod tests;

pub use mailbox::{Capacity, Overflow};
pub use system::{System, Tally, Turn};

use super::time::{Duration, Instant};
use limit::Limit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// What a supervisor does about a child that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// It goes on with its state, without the message that it failed at.
    Resume,
    /// Its children are stopped and it begins anew, after a while, with what [`Blueprint::restart`] leaves of its state.
    Restart,
    /// It is gone for good.
    Stop,
    /// It is stopped, and the supervisor fails.
    Escalate,
    /// The whole process ends: there is no supervision.
    Crash,
}

/// A tree of actors: who there is, what each does, and what is done about its failures.
pub trait Blueprint {
    /// The name of an actor; it outlives restarts.
    type Address: Copy + Ord + Debug + Serialize + DeserializeOwned;
    /// What actors tell one another.
    type Message: Clone + Debug + Serialize + DeserializeOwned;
    /// What an actor knows.
    type State: Clone + Debug + Serialize + DeserializeOwned;
    /// What leaves the tree.
    type Output;

    /// The one that everything descends from.
    fn root(&self) -> Self::Address;

    /// Who supervises an actor; none: the guardian.
    fn parent(&self, actor: Self::Address) -> Option<Self::Address>;

    /// Those that an actor starts when it starts.
    fn children(&self, actor: Self::Address) -> Vec<Self::Address>;

    /// What is done about its failure.
    fn directive(&self, actor: Self::Address) -> Directive;

    /// How many failures each supervisor bears.
    fn limit(&self) -> Limit;

    /// How much fits into a mailbox.
    fn capacity(&self) -> Capacity;

    /// What an actor knows that starts.
    fn start(&self, actor: Self::Address) -> Self::State;

    /// What it knows after a restart.
    fn restart(&self, actor: Self::Address, before: &Self::State) -> Self::State;

    /// How long an actor takes for a message; `number` tells the draws of a system apart.
    fn service_time(&self, actor: Self::Address, number: u64) -> Duration;

    /// How long its restart takes; `number` tells the draws of a system apart.
    fn restart_time(&self, actor: Self::Address, number: u64) -> Duration;

    /// Handles a message.
    fn handle(
        &self,
        now: Instant,
        actor: Self::Address,
        state: &mut Self::State,
        message: Self::Message,
        effects: &mut Vec<Effect<Self>>,
    ) where
        Self: Sized;
}

/// What an actor does.
#[derive(Debug)]
pub enum Effect<B: Blueprint> {
    /// Tells another one something.
    Send(B::Address, B::Message),
    /// Starts a child that isn't there.
    Spawn(B::Address),
    /// Stops one, itself for example.
    Stop(B::Address),
    /// Tells itself something later, unless it is stopped before.
    Later(Duration, B::Message),
    /// Something for the outside.
    Output(B::Output),
}

/// Something that happened to an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening<A> {
    /// It runs, for the first time or again after it was stopped.
    Started(A),
    /// It is gone, with what it knew.
    Stopped(A),
    /// It has handled a message.
    Handled(A),
    /// It failed.
    Failed(A),
    /// It went on at once.
    Resumed(A),
    /// It is down until it is restarted.
    Restarting(A),
    /// It runs again.
    Restarted(A),
    /// The failure of `from` was given up by `to`, which fails; none: the process ends.
    Escalated {
        /// Who failed.
        from: A,
        /// Who supervised it.
        to: Option<A>,
    },
    /// The process has ended.
    Died,
}

/// Who watches a system, and decides which messages are an actor's undoing.
pub trait Watch<B: Blueprint> {
    /// Whether an actor fails at a message that it has in hand.
    fn is_fatal(&mut self, _: Instant, _: B::Address, _: &B::Message) -> bool {
        false
    }

    /// Something happened.
    fn happened(&mut self, _: Instant, _: Happening<B::Address>) {}
}

impl<B: Blueprint> Watch<B> for () {}
