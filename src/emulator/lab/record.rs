//! What one run gave.

use super::agents::{CallTally, Tally};
use super::blows::Blow;
use super::voice::Heard;
use crate::emulator::replicator::{Event, Machine, Step};
use crate::emulator::time::{Duration, Instant};
use std::collections::BTreeMap;

/// A takeover, stage by stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Takeover {
    /// Who took over.
    pub machine: Machine,
    /// Its generation.
    pub generation: u64,
    /// When the other machine failed; none: it had not, and the alarm was false.
    pub failed: Option<Instant>,
    /// When it was suspected.
    pub suspected: Instant,
    /// When the other machine was fenced.
    pub fenced: Option<Instant>,
    /// When the state was restored.
    pub resumed: Option<Instant>,
    /// When it had the address.
    pub addressed: Option<Instant>,
    /// When it was announced.
    pub announced: Option<Instant>,
    /// When a client heard it first.
    pub heard: Option<Instant>,
    /// Generation and epoch that it went on from; none: it began from nothing.
    pub from: Option<(u64, u64)>,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// In the order of time.
    pub takeovers: Vec<Takeover>,
    /// Suspicions that were taken back.
    pub cleared: u64,
    /// Voice, stream by stream.
    pub heard: Vec<Heard>,
    /// Registrations.
    pub registered: Tally,
    /// Seconds that completed registrations took.
    pub delays: Vec<f64>,
    /// Calls.
    pub called: CallTally,
    /// Seconds from INVITEs to their answers.
    pub setups: Vec<f64>,
    /// Faults of functions, in the order of time.
    pub blows: Vec<Blow>,
    /// Users whose registration was acknowledged, and those of them whom the service doesn't know in the end.
    pub bindings: [u64; 2],
    /// What servers took for no request, and live machines for no datagram of theirs.
    pub rejected_messages: u64,
    /// Checkpoints that were acknowledged.
    pub checkpoints: u64,
    /// Epochs that ended while a checkpoint was in flight.
    pub late: u64,
    /// Seconds for which the guests stood still while pages were copied.
    pub paused: f64,
    /// Pauses.
    pub pauses: u64,
    /// Seconds without an active machine that is protected.
    pub unprotected: f64,
    /// Outputs that differed, or missed their counterpart (COLO).
    pub diverged: u64,
    /// Frames that were none.
    pub rejected: u64,
    /// Packets that clients saw, by generation and epoch: held ones, and those that passed.
    pub seen: BTreeMap<(u64, u64), [u64; 2]>,
}

impl Record {
    /// Counts an event that is only counted.
    pub(in crate::emulator) fn count(&mut self, event: &Event) {
        match event {
            Event::Acknowledged { .. } => self.checkpoints += 1,
            Event::Late(_) => self.late += 1,
            Event::Diverged => self.diverged += 1,
            Event::Rejected(_) => self.rejected += 1,
            Event::Cleared => self.cleared += 1,
            _ => {}
        }
    }

    /// A machine stood still for a copy.
    pub(in crate::emulator) fn paused(&mut self, length: Duration) {
        self.paused += length.seconds();
        self.pauses += 1;
    }

    /// A takeover begins.
    pub(in crate::emulator) fn promoting(
        &mut self,
        machine: Machine,
        generation: u64,
        failed: Option<Instant>,
        now: Instant,
    ) {
        self.takeovers.push(Takeover {
            machine,
            generation,
            failed,
            suspected: now,
            fenced: None,
            resumed: None,
            addressed: None,
            announced: None,
            heard: None,
            from: None,
        });
    }

    /// A step of a takeover has ended.
    pub(in crate::emulator) fn done(&mut self, machine: Machine, step: Step, now: Instant) {
        let Some(takeover) = self.takeover(machine) else { return };
        let at = match step {
            Step::Fence => &mut takeover.fenced,
            Step::Resume => &mut takeover.resumed,
            Step::Address => &mut takeover.addressed,
            Step::Announce => &mut takeover.announced,
        };
        *at = Some(now);
    }

    /// The takeover that a machine is at.
    pub(in crate::emulator) fn takeover(&mut self, machine: Machine) -> Option<&mut Takeover> {
        self.takeovers.iter_mut().rev().find(|takeover| takeover.machine == machine)
    }

    /// What clients saw of epochs that a takeover forgot: held packets, which must be none while the rules of the
    /// replicator hold, and passed ones, the price of passing.
    pub fn lost_epochs_seen(&self) -> [u64; 2] {
        let mut sum = [0, 0];
        for (generation, epoch) in self.takeovers.iter().filter_map(|takeover| takeover.from) {
            let lost = self.seen.range((generation, epoch.saturating_add(1))..=(generation, u64::MAX));
            lost.for_each(|(_, seen)| sum = [sum[0] + seen[0], sum[1] + seen[1]]);
        }
        sum
    }

    /// The longest silence of any voice stream, seconds.
    pub fn silence(&self) -> Option<f64> {
        self.heard.iter().map(|heard| heard.silence).reduce(f64::max)
    }
}
