//! What replicas say to one another, as bytes.
//!
//! A frame is `N9`, version, kind, sender (1 byte each but the first), generation and number (8 bytes each), the
//! length of the payload (4), the payload, and the CRC-32 of all before it (4); integers are big-endian.
//! Whatever is wrong with the bytes, reading them ends in a [`Malformed`].

use super::Machine;
use serde::{Deserialize, Serialize};

const MAGIC: [u8; 2] = *b"N9";
const VERSION: u8 = 1;
const HEADER: usize = 25;
const CHECK: usize = 4;

/// Most bytes of a payload: the captured state of a guest must fit.
pub const LARGEST_PAYLOAD: usize = 16 << 20;

/// One message between replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Who sent it.
    pub sender: Machine,
    /// The generation that the sender believes in.
    pub generation: u64,
    /// What it says.
    pub message: Message,
}

/// The kinds of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A sign of life of the active machine (VRRP: advertisement).
    Heartbeat {
        /// 0 is goodbye: the sender stops in order.
        priority: u8,
        /// Whether a checkpoint could be resumed if the sender failed now.
        protected: bool,
    },
    /// The state at the end of an epoch.
    Checkpoint {
        /// Which epoch ended.
        epoch: u64,
        /// The last forwarded input that the state contains (lock-stepped machines), else 0.
        inputs: u64,
        /// As the guest captured it.
        state: Vec<u8>,
    },
    /// The checkpoint of that epoch has been received.
    Acknowledge {
        /// Which epoch.
        epoch: u64,
    },
    /// A machine without valid state asks to become the backup.
    Hello,
    /// Input that the primary forwards to a machine that runs beside it.
    Input {
        /// From 1 in each generation.
        number: u64,
        /// An encoded packet.
        packet: Vec<u8>,
    },
    /// What the machine beside it would have sent.
    Digest {
        /// Number of the output, from 1 since the last checkpoint.
        number: u64,
        /// The epoch in which outputs are counted.
        epoch: u64,
        /// A hash of the output.
        hash: u64,
    },
    /// The receiver's generation is over; the frame carries the one that counts.
    Superseded,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Malformed {
    /// Shorter than a frame can be, or than its header says.
    Truncated,
    /// Longer than its header says, or than a frame may be.
    Oversized,
    /// Other first bytes.
    Foreign,
    /// A version that is not known.
    Version,
    /// The checksum is wrong.
    Checksum,
    /// A kind, sender or payload that is not known.
    Content,
}

impl Frame {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + CHECK + 16);
        let number = self.message.number();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[VERSION, self.message.kind(), self.sender.index() as u8]);
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        self.message.payload(&mut bytes);
        let length = (bytes.len() - HEADER) as u32;
        bytes[HEADER - 4..HEADER].copy_from_slice(&length.to_be_bytes());
        let check = crc32(&bytes);
        bytes.extend_from_slice(&check.to_be_bytes());
        bytes
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// When the bytes are none; nothing of them is to be believed then.
    pub fn decode(bytes: &[u8]) -> Result<Frame, Malformed> {
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Err(Malformed::Truncated) };
        if header[..2] != MAGIC {
            return Err(Malformed::Foreign);
        }
        if header[2] != VERSION {
            return Err(Malformed::Version);
        }
        let length = u32::from_be_bytes([header[21], header[22], header[23], header[24]]) as usize;
        if length > LARGEST_PAYLOAD || rest.len() > length + CHECK {
            return Err(Malformed::Oversized);
        }
        if rest.len() < length + CHECK {
            return Err(Malformed::Truncated);
        }
        let (content, check) = bytes.split_at(HEADER + length);
        if check != crc32(content).to_be_bytes() {
            return Err(Malformed::Checksum);
        }
        let sender = Machine::from_index(header[4]).ok_or(Malformed::Content)?;
        let generation = word(&header[5..13]);
        let message = Message::read(header[3], word(&header[13..21]), &rest[..length]).ok_or(Malformed::Content)?;
        Ok(Frame { sender, generation, message })
    }
}

/// A big-endian number of up to eight bytes.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

impl Message {
    fn kind(&self) -> u8 {
        match self {
            Message::Heartbeat { .. } => 1,
            Message::Checkpoint { .. } => 2,
            Message::Acknowledge { .. } => 3,
            Message::Hello => 4,
            Message::Input { .. } => 5,
            Message::Digest { .. } => 6,
            Message::Superseded => 7,
        }
    }

    fn number(&self) -> u64 {
        match self {
            Message::Checkpoint { epoch, .. } | Message::Acknowledge { epoch } => *epoch,
            Message::Input { number, .. } | Message::Digest { number, .. } => *number,
            Message::Heartbeat { .. } | Message::Hello | Message::Superseded => 0,
        }
    }

    fn payload(&self, bytes: &mut Vec<u8>) {
        match self {
            Message::Heartbeat { priority, protected } => bytes.extend([*priority, u8::from(*protected)]),
            Message::Checkpoint { inputs, state, .. } => {
                bytes.extend_from_slice(&inputs.to_be_bytes());
                bytes.extend_from_slice(state);
            }
            Message::Input { packet, .. } => bytes.extend_from_slice(packet),
            Message::Digest { epoch, hash, .. } => {
                bytes.extend_from_slice(&epoch.to_be_bytes());
                bytes.extend_from_slice(&hash.to_be_bytes());
            }
            Message::Acknowledge { .. } | Message::Hello | Message::Superseded => {}
        }
    }

    fn read(kind: u8, number: u64, payload: &[u8]) -> Option<Message> {
        Some(match (kind, payload) {
            (1, &[priority, protected @ (0 | 1)]) => Message::Heartbeat { priority, protected: protected == 1 },
            (2, payload) => {
                let (inputs, state) = payload.split_first_chunk::<8>()?;
                Message::Checkpoint { epoch: number, inputs: u64::from_be_bytes(*inputs), state: state.to_vec() }
            }
            (3, []) => Message::Acknowledge { epoch: number },
            (4, []) => Message::Hello,
            (5, packet) => Message::Input { number, packet: packet.to_vec() },
            (6, payload) if payload.len() == 16 => {
                Message::Digest { number, epoch: word(&payload[..8]), hash: word(&payload[8..]) }
            }
            (7, []) => Message::Superseded,
            _ => return None,
        })
    }
}

/// A 64-bit FNV-1a hash (Fowler, Noll and Vo): outputs are compared by it, nothing is secured.
pub(super) fn hash(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// CRC-32 with the reflected polynomial 0xEDB88320 (ISO-HDLC, as in Ethernet).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8;
    !bytes.iter().fold(u32::MAX, step)
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn messages() -> impl Strategy<Value = Message> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            (any::<u8>(), any::<bool>()).prop_map(|(priority, protected)| Message::Heartbeat { priority, protected }),
            (any::<u64>(), any::<u64>(), bytes()).prop_map(|(epoch, inputs, state)| Message::Checkpoint {
                epoch,
                inputs,
                state
            }),
            any::<u64>().prop_map(|epoch| Message::Acknowledge { epoch }),
            Just(Message::Hello),
            (any::<u64>(), bytes()).prop_map(|(number, packet)| Message::Input { number, packet }),
            (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(number, epoch, hash)| Message::Digest {
                number,
                epoch,
                hash
            }),
            Just(Message::Superseded),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(generation: u64, second: bool, message in messages()) {
            let sender = if second { Machine::B } else { Machine::A };
            let frame = Frame { sender, generation, message };
            prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }

        #[test]
        fn a_changed_or_cut_frame_is_refused(message in messages(), at: prop::sample::Index, bit in 0u8..8, cut: bool) {
            let mut bytes = Frame { sender: Machine::A, generation: 3, message }.encode();
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            prop_assert!(Frame::decode(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Frame::decode(&bytes).is_err());
        }
    }

    #[test]
    fn the_checksum_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
