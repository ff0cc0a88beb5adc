//! The server that a replica runs, as the replicator sees it: a state machine that can be captured and restored.

use super::packet::Packet;
use super::sip_actors::Failure;
use super::time::Instant;

/// A server without sockets or clock.
///
/// Called with packets and the time, it appends the packets that it sends; it must do nothing else, so that two
/// guests of one state that are called alike send the same.
pub trait Guest {
    /// A packet has come.
    fn receive(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>);

    /// When [`Guest::expire`] is to be called next; may change with every call.
    fn deadline(&self) -> Option<Instant>;

    /// Its deadline has come; a call too early does nothing.
    fn expire(&mut self, now: Instant, out: &mut Vec<Packet>);

    /// The whole state as bytes.
    fn capture(&self) -> Vec<u8>;

    /// Takes over a captured state.
    ///
    /// # Errors
    /// When the bytes are none; the guest is then as it was.
    fn restore(&mut self, state: &[u8]) -> Result<(), Corrupt>;

    /// Forgets everything, as a process that starts.
    fn reset(&mut self);

    /// Changes something that its outputs show and nobody else knows: what makes two running machines differ.
    fn disturb(&mut self, bits: u64);

    /// Whether it knows where a user is to be found.
    fn is_bound(&self, now: Instant, user: u32) -> bool;

    /// One of its functions fails; a guest without functions doesn't.
    fn fail(&mut self, _: Instant, _: &Failure, _: &mut Vec<Packet>) {}

    /// Whether its process has ended: it does nothing any more.
    fn is_dead(&self) -> bool {
        false
    }
}

/// Bytes that are no captured state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupt;

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("these bytes are no captured state")
    }
}

impl std::error::Error for Corrupt {}
