//! Paths whose first sojourn is over: they begin where one way out of a marking leads.
//!
//! Where only exponential clocks run in a marking, what happens after it is left depends on the next marking alone. So a
//! path can be begun behind each way out, in place of the ways that chance would take.

use super::{Fault, Observer, Path};
use crate::net::TransitionId;

impl Path<'_> {
    /// Starts replication `replication` of `seed` at time 0 in the tangible marking `from`, derived places behind the
    /// real ones. It is taken for the first one (see [`Path::regenerated`]); no clock runs until [`Path::depart`].
    ///
    /// # Errors
    /// A reward may be impossible in that marking.
    pub(crate) fn stand(&mut self, seed: u64, replication: u64, from: &[u32]) -> Result<(), Fault> {
        self.reset(seed, replication, from);
        self.copied = true;
        self.choices.begin_tangible(seed, replication);
        self.initial.copy_from_slice(from);
        self.rewards.begin(from).map_err(|problem| self.fault(problem))
    }

    /// Leaves that marking at the time `after`, by the timed transition and the immediates that led to the tangible
    /// marking `to`; these count as one firing, and none of them for the rates of transitions and for impulses.
    ///
    /// # Errors
    /// As [`Path::step`].
    pub(crate) fn depart<O: Observer>(
        &mut self,
        after: f64,
        (transition, to): (TransitionId, &[u32]),
        observer: &mut O,
    ) -> Result<(), Fault> {
        self.now = after;
        self.firings = 1;
        self.place(to);
        self.rewards.mark_all();
        observer.fired(after, transition, &to[..self.program.place_names.len()]);
        self.clocks.revise_all(to, after).map_err(|problem| self.fault(problem))?;
        self.rewards.revise(to, after, observer).map_err(|problem| self.fault(problem))?;
        observer.settled(after, to);
        Ok(())
    }
}
