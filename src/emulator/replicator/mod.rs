//! A replicated pair of machines, as a state machine without sockets, clock, threads or ambient randomness.
//!
//! A [`Replica`] is told what happens: bytes from the other machine, packets of clients, the time. It is polled for
//! what it sends, for its next deadline, and for what is worth telling. Its life, per role:
//!
//! - *active*: run an epoch → pause → copy the dirty pages → run on speculatively → transmit → acknowledged → release
//!   the output held during that epoch; one checkpoint is in flight at most ([`Late`] says what happens meanwhile);
//! - *backup*: waiting → suspect → promoting (fence, resume, take the address, announce) → active.
//!
//! Every frame carries a generation. Each machine takes only numbers of its own (even or odd) and only greater ones
//! than it has seen, so no generation has two active machines, and a machine that hears of a greater one stops to
//! speak: a primary that comes back is fenced by its number.
//!
//! **The poll contract.** After every call of a `handle_…`, [`Replica::stop`] or [`Replica::overrun`]: poll
//! [`poll_transmit`](Replica::poll_transmit) and [`poll_event`](Replica::poll_event) until they give nothing, then
//! ask [`poll_timeout`](Replica::poll_timeout), whose answer stands until the next such call.
//! [`handle_timeout`](Replica::handle_timeout) may be called late, and too early, which does nothing; time must not
//! run backwards.

mod backup;
mod compare;
pub mod detector;
pub mod frame;
mod policy;
mod primary;
mod replica;
#[cfg(test)]
mod tests;
mod timer;

use super::packet::Packet;
use super::time::Duration;
use crate::dist::Law;
pub use detector::{Detector, VrrpVersion};
pub use frame::Malformed;
pub use policy::{Policy, Rule, Verdict};
pub use replica::Replica;
use serde::{Deserialize, Serialize};
pub use timer::Timer;

/// One of the two machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Machine {
    /// The one that is active at first.
    A,
    /// The other one.
    B,
}

impl Machine {
    /// 0 or 1.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The machine of that index.
    pub const fn from_index(index: u8) -> Option<Machine> {
        match index {
            0 => Some(Machine::A),
            1 => Some(Machine::B),
            _ => None,
        }
    }

    /// The other one.
    pub const fn other(self) -> Machine {
        match self {
            Machine::A => Machine::B,
            Machine::B => Machine::A,
        }
    }

    /// The least generation of this machine that is greater than `seen`: A's are even, B's are odd.
    pub const fn generation_after(self, seen: u64) -> u64 {
        let next = seen.saturating_add(1);
        if next % 2 == self as u64 { next } else { next.saturating_add(1) }
    }
}

/// How the second machine is kept ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// There is none; a machine that restarts has lost everything.
    Alone,
    /// It takes the address over, without any state.
    Standby,
    /// It receives checkpoints (Remus).
    Checkpoint,
    /// It processes the same input and is silent (active replication).
    Active,
    /// It processes the same input, and outputs leave when both agree on them (COLO).
    Compare,
}

impl Mode {
    /// Whether the state travels in checkpoints.
    pub const fn has_checkpoints(self) -> bool {
        matches!(self, Mode::Checkpoint | Mode::Compare)
    }

    /// Whether the guest of a waiting machine runs.
    pub const fn runs_beside(self) -> bool {
        matches!(self, Mode::Active | Mode::Compare)
    }
}

/// What happens when an epoch ends and the last checkpoint has not been acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Late {
    /// The guest stands still until then.
    Stall,
    /// It runs on, and the epoch becomes longer.
    Lengthen,
}

/// The guest's memory and the bandwidths that make pauses and commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Pages, the whole; transmitted when a backup joins.
    pub pages: u64,
    /// Bytes of a page.
    pub page_size: u64,
    /// Pages that a running guest dirties per second.
    pub dirty_rate: u64,
    /// Most pages that an epoch can dirty: the working set.
    pub working_set: u64,
    /// Bytes copied per second while the guest is paused.
    pub copy_bandwidth: u64,
    /// Bytes transmitted to the backup per second.
    pub link_bandwidth: u64,
    /// What a pause takes beside the copy.
    pub fixed_pause: Duration,
}

impl Memory {
    /// Pages dirty after the guest has run for `ran`.
    pub fn dirty_after(&self, ran: Duration) -> u64 {
        let pages = u128::from(ran.nanos()) * u128::from(self.dirty_rate) / 1_000_000_000;
        u64::try_from(pages).unwrap_or(u64::MAX).min(self.working_set).min(self.pages)
    }

    /// How long the guest stands still while so many pages are copied.
    pub fn pause(&self, pages: u64) -> Duration {
        self.fixed_pause + Duration::of_bytes(pages.saturating_mul(self.page_size), self.copy_bandwidth)
    }

    /// How long so many pages take to the backup.
    pub fn transmission(&self, pages: u64) -> Duration {
        Duration::of_bytes(pages.saturating_mul(self.page_size), self.link_bandwidth)
    }
}

/// The steps of a promotion after the detection, each with the law of its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Making sure that the other machine is silent.
    pub fence: Law,
    /// Restoring the last acknowledged state.
    pub resume: Law,
    /// Taking the service's address.
    pub address: Law,
    /// From there to the first announcement.
    pub announce: Law,
}

/// A step of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// See [`Steps::fence`].
    Fence,
    /// See [`Steps::resume`].
    Resume,
    /// See [`Steps::address`].
    Address,
    /// See [`Steps::announce`].
    Announce,
}

impl Step {
    /// In their order.
    pub const ALL: [Step; 4] = [Step::Fence, Step::Resume, Step::Address, Step::Announce];
}

/// What both machines are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How the second machine is kept ready.
    pub mode: Mode,
    /// For how long a guest runs from one pause to the next.
    pub epoch: Duration,
    /// When an acknowledgement is late.
    pub late: Late,
    /// What makes pauses and commits.
    pub memory: Memory,
    /// Which output is held.
    pub policy: Policy,
    /// How a failure is noticed.
    pub detector: Detector,
    /// Priority of each machine, 1 to 255 (VRRP); A and B.
    pub priorities: [u8; 2],
    /// For how long a suspicion is held before it counts.
    pub confirm: Duration,
    /// The promotion.
    pub steps: Steps,
    /// How often the address is announced.
    pub announcements: u32,
    /// Time between announcements.
    pub announcement_interval: Duration,
    /// Time after which what was not answered is sent again.
    pub retry: Duration,
    /// How long the active machine waits for an acknowledgement before it goes on unprotected.
    pub patience: Duration,
    /// Whether the other machine is switched off before it is replaced or left behind.
    pub power_fence: bool,
    /// How long after the backup is in step again the machine of the higher priority takes over; none: never.
    pub failback: Option<Duration>,
    /// How long two outputs wait for one another (COLO).
    pub compare_timeout: Duration,
}

/// Where an output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The generation of the machine that spoke.
    pub generation: u64,
    /// The epoch in which it was said.
    pub epoch: u64,
    /// Whether it was held.
    pub held: bool,
}

/// What a replica sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transmit {
    /// A frame, to the other machine.
    Peer(Vec<u8>),
    /// An output, to its client.
    Client(Packet, Tag),
    /// The address is here now: an ARP announcement, in the form that the network around is told to use.
    Announce,
}

/// Why held output was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Release {
    /// Its checkpoint was acknowledged.
    Acknowledged,
    /// The other machine said the same.
    Agreed,
    /// The machine went on unprotected: there is no state left that could contradict.
    Unprotected,
}

/// What happened, for those who measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The guest stands still, and so many pages are copied.
    Paused {
        /// The epoch that ended.
        epoch: u64,
        /// Dirty pages.
        pages: u64,
    },
    /// The guest runs again, speculatively.
    Resumed,
    /// A checkpoint was acknowledged.
    Acknowledged {
        /// Which one.
        epoch: u64,
    },
    /// Output was released.
    Released {
        /// Packets.
        count: u64,
        /// The last epoch among them.
        epoch: u64,
        /// Why.
        because: Release,
    },
    /// An epoch ended while a checkpoint was in flight.
    Late(Late),
    /// The outputs of the two machines differ, or one is missing.
    Diverged,
    /// The backup is silent; the active machine goes on alone.
    Unprotected,
    /// A backup is in step again.
    Synchronised,
    /// The active machine has been silent for too long.
    Suspected,
    /// It was alive.
    Cleared,
    /// A promotion begins, with a generation of its own.
    Promoting {
        /// The new generation.
        generation: u64,
    },
    /// A step of the promotion has ended.
    Done(Step),
    /// The machine speaks for the service.
    Activated {
        /// Its generation.
        generation: u64,
        /// The generation and epoch of the state it goes on from; none: it has none.
        resumed: Option<(u64, u64)>,
    },
    /// The other machine is to be switched off.
    Fence,
    /// A greater generation is known: the machine is silent from now on.
    Demoted {
        /// How many held packets never left.
        dropped: u64,
    },
    /// It said goodbye in order.
    Left,
    /// Bytes that were no frame.
    Rejected(Malformed),
    /// Input was dropped, since too much of it waited for a guest that stood still.
    Overflow,
}
