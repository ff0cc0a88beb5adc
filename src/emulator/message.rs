//! What the emulated SIP agents say: of each message what transactions and dialogs need, in 16 bytes.
//!
//! The text form of SIP doesn't matter to what is measured here, so it isn't spoken.

use serde::{Deserialize, Serialize};

/// The methods, and the answer to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Binds a user to an address.
    Register,
    /// Begins a call.
    Invite,
    /// Confirms the answer to an INVITE.
    Ack,
    /// Ends a call.
    Bye,
    /// An answer with its status.
    Answer(u16),
}

/// A SIP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is.
    pub method: Method,
    /// The user, or the call.
    pub subject: u32,
    /// The transaction it belongs to (SIP: the branch of the topmost Via).
    pub transaction: u32,
    /// The server's tag of the dialog.
    pub tag: u32,
}

/// Success.
pub const OK: u16 = 200;
/// There is no such call (any more).
pub const NO_SUCH_CALL: u16 = 481;

const MARK: u8 = b'S';
/// Bytes of a message.
pub const LENGTH: usize = 16;

impl Message {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, status) = match self.method {
            Method::Register => (1, 0),
            Method::Invite => (2, 0),
            Method::Ack => (3, 0),
            Method::Bye => (4, 0),
            Method::Answer(status) => (5, status),
        };
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend([MARK, kind]);
        bytes.extend_from_slice(&u16::to_be_bytes(status));
        for word in [self.subject, self.transaction, self.tag] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// Reads a message; none if the bytes are something else.
    pub fn decode(bytes: &[u8]) -> Option<Message> {
        let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let method = match (bytes[0], bytes[1], u16::from_be_bytes([bytes[2], bytes[3]])) {
            (MARK, 1, 0) => Method::Register,
            (MARK, 2, 0) => Method::Invite,
            (MARK, 3, 0) => Method::Ack,
            (MARK, 4, 0) => Method::Bye,
            (MARK, 5, status) => Method::Answer(status),
            _ => return None,
        };
        Some(Message { method, subject: word(4), transaction: word(8), tag: word(12) })
    }
}

/// A voice packet: an RTP header (RFC 3550, 5.1) for the 16-bit sequence number, the timestamp and the call as SSRC.
/// The voice itself is left out.
pub fn voice_packet(call: u32, number: u64, samples_per_packet: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(12);
    bytes.extend([0x80, 0]);
    bytes.extend_from_slice(&(number as u16).to_be_bytes());
    bytes.extend_from_slice(&(number.wrapping_mul(samples_per_packet) as u32).to_be_bytes());
    bytes.extend_from_slice(&call.to_be_bytes());
    bytes
}

/// Call and 16-bit sequence number of a voice packet; none if it is something else.
pub fn read_voice(bytes: &[u8]) -> Option<(u32, u16)> {
    let bytes: &[u8; 12] = bytes.first_chunk()?;
    let call = u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
    (bytes[0] == 0x80 && bytes[1] & 0x7f == 0).then_some((call, u16::from_be_bytes([bytes[2], bytes[3]])))
}
