//! Two running machines whose outputs are compared (COLO, Dong et al. 2013): equal ones leave at once, a difference
//! asks for a checkpoint.
//!
//! The primary forwards its input in order. Each side numbers its outputs from the last checkpoint on; the secondary
//! says a hash of each. A checkpoint tells which input it contains, and the secondary replays the rest.

use super::Mode;
use super::frame::{self, Message};
use super::primary::Protection;
use super::replica::{MOST_WAITING, Replica, Role};
use super::timer::Timer;
use crate::emulator::guest::Guest;
use crate::emulator::packet::Packet;
use crate::emulator::time::Instant;
use std::collections::{BTreeMap, VecDeque};

/// What the comparison keeps on either side.
#[derive(Debug, Clone, Default)]
pub(super) struct Compare {
    /// Primary: inputs forwarded. Secondary: the last one received.
    inputs: u64,
    /// Primary: outputs of the running epoch that have left.
    agreed: u64,
    /// Primary: what the secondary would have said, by epoch and number.
    digests: BTreeMap<(u64, u64), u64>,
    /// Secondary: outputs since the last checkpoint.
    outputs: u64,
    /// Secondary: the running epoch.
    pub(super) epoch: u64,
    /// Secondary: input that no checkpoint contains yet.
    log: VecDeque<(u64, Packet)>,
}

impl Compare {
    pub(super) fn reset(&mut self) {
        *self = Compare::default();
    }

    /// A checkpoint is taken while `waiting` inputs are still to be processed: the last input that it contains.
    pub(super) fn captured(&mut self, waiting: u64) -> u64 {
        self.agreed = 0;
        self.inputs.saturating_sub(waiting)
    }
}

/// What is compared of an output.
fn digest(packet: &Packet) -> u64 {
    let mut bytes = Vec::with_capacity(packet.payload.len() + 8);
    packet.encode(&mut bytes);
    frame::hash(&[&bytes])
}

impl<G: Guest> Replica<G> {
    /// Whether input is forwarded and output compared.
    pub(super) fn is_compared(&self) -> bool {
        self.config.mode == Mode::Compare && self.primary.protection == Protection::Replicating
    }

    /// Primary: sends an input on.
    pub(super) fn forward(&mut self, packet: &Packet) {
        self.compare.inputs += 1;
        let mut bytes = Vec::with_capacity(packet.payload.len() + 8);
        packet.encode(&mut bytes);
        self.send(Message::Input { number: self.compare.inputs, packet: bytes });
    }

    /// Secondary: an input of the primary.
    pub(super) fn mirrored(&mut self, now: Instant, number: u64, bytes: &[u8]) {
        let Some(packet) = Packet::decode(bytes).filter(|_| self.config.mode == Mode::Compare) else { return };
        if number <= self.compare.inputs || self.compare.log.len() >= MOST_WAITING {
            return;
        }
        self.compare.inputs = number;
        self.compare.log.push_back((number, packet.clone()));
        if !self.backup.stale {
            self.feed(now, packet);
        }
    }

    /// Secondary: tells what it would have said.
    pub(super) fn digest(&mut self, packet: &Packet) {
        self.compare.outputs += 1;
        let (number, epoch) = (self.compare.outputs, self.compare.epoch.max(1));
        self.send(Message::Digest { number, epoch, hash: digest(packet) });
    }

    /// Secondary: a checkpoint has been restored; what it doesn't contain is processed again.
    pub(super) fn replay(&mut self, now: Instant, epoch: u64, inputs: u64) {
        self.compare.epoch = epoch.saturating_add(1);
        self.compare.outputs = 0;
        self.compare.inputs = self.compare.inputs.max(inputs);
        self.drop_backlog();
        let kept: VecDeque<_> = self.compare.log.drain(..).filter(|(number, _)| *number > inputs).collect();
        self.compare.log.clone_from(&kept);
        for (_, packet) in kept {
            self.feed(now, packet);
        }
    }

    /// Primary: what the secondary would have said.
    pub(super) fn heard_digest(&mut self, now: Instant, number: u64, epoch: u64, hash: u64) {
        if !self.is_compared() || epoch < self.primary.epoch || self.compare.digests.len() >= MOST_WAITING {
            return;
        }
        self.compare.digests.insert((epoch, number), hash);
        self.compare_outputs(now);
    }

    /// Primary: lets go what both machines say, from the oldest on.
    pub(super) fn compare_outputs(&mut self, now: Instant) {
        if !self.is_compared() || self.role != Role::Active {
            return;
        }
        let running = self.primary.epoch;
        self.compare.digests = self.compare.digests.split_off(&(running, 0));
        while let Some((epoch, packet)) = self.primary.held.front()
            && *epoch == running
        {
            let said = digest(packet);
            match self.compare.digests.get(&(running, self.compare.agreed + 1)) {
                Some(hash) if *hash == said => {
                    self.compare.agreed += 1;
                    self.release_first();
                    self.timers.stop(Timer::Compare);
                }
                Some(_) => return self.demand_checkpoint(now),
                None => {
                    if self.timers.get(Timer::Compare).is_none() {
                        self.timers.set(Timer::Compare, now + self.config.compare_timeout);
                    }
                    return;
                }
            }
        }
        self.timers.stop(Timer::Compare);
    }
}
