//! What passes between the processes of a live run: lines of JSON over pipes to and from the one that began it, and
//! datagrams between machines and clients.

use crate::emulator::lab::network::Node;
use crate::emulator::lab::voice::Heard;
use crate::emulator::lab::{CallTally, Tally};
use crate::emulator::packet::Packet;
use crate::emulator::replicator::{Event, Machine, Tag};
use crate::emulator::sip_actors::{Code, Failure, Note};
use crate::emulator::time::{Duration, Instant};
use serde::{Deserialize, Serialize};

/// The first line that a process gets: who it is, and what it needs of the plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) role: Role,
    /// The text of the plan's file, and the case.
    pub(super) text: String,
    pub(super) case: String,
    pub(super) seed: u64,
    pub(super) run: u64,
    /// What begins a connection between the machines of this run.
    pub(super) token: u64,
    /// The ports to take, of datagrams and connections; 0: any.
    pub(super) ports: Ports,
    /// What the others were told already.
    pub(super) begin: Option<Begin>,
    /// The faults in the code of the server.
    pub(super) code: Code,
    /// The bindings that are stored outside of it.
    pub(super) store: Vec<(u32, Instant)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Role {
    Machine(Machine, Start),
    Clients,
}

/// How a machine starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Start {
    Active,
    Waiting,
    /// After a failure, with the last generation that it knew.
    Joining(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Ports {
    pub(super) udp: u16,
    pub(super) tcp: u16,
}

/// When the run starts by the common clock, and where everybody is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Begin {
    pub(super) start: Instant,
    pub(super) machines: [Option<Ports>; 2],
    pub(super) clients: Ports,
}

/// What a process is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Order {
    /// The answer to [`Told::Ask`].
    Time(Instant),
    Begin(Begin),
    /// A machine is to end in order.
    Stop,
    Fail(Failure),
    /// Another machine, which runs the same code, has found out this of its faults.
    Code(Code),
    /// It has stored these bindings.
    Store(Vec<(u32, Instant)>),
    /// The next pause takes that much longer.
    Overrun(Duration),
    /// The guest is to differ by these bits.
    Diverge(u64),
    /// What comes, and what is due, waits so long, until then.
    Slow(Duration, Instant),
    /// Nothing passes between two parts of the network until then.
    Cut(Node, Node, Instant),
    /// Whether there is nobody behind a machine's port but its kernel, which resets connections.
    Bare(Machine, bool),
    /// The run is over: say what is known, and end.
    Finish,
}

/// What a process tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Told {
    /// What time is it?
    Ask,
    /// It has its ports, and its clock may be wrong by so much.
    Ready(Ports, Duration),
    /// Something happened at a machine that knew of that generation.
    Event(Instant, u64, Event),
    /// Whether a failure of the machine now would leave a state to go on from.
    Protected(Instant, bool),
    /// What became of a fault of a function.
    Note(Instant, usize, Note),
    /// Everything runs again.
    Whole(Instant),
    /// The faults in the code are these now.
    Code(Code),
    /// Bindings that are to be stored, and when they end.
    Stored(Vec<(u32, Instant)>),
    /// The server's process has ended by itself.
    Dead(Instant),
    /// A client has heard a generation for the first time.
    Heard(u64, Instant),
    /// The clients have nothing more to do.
    Idle,
    /// When deadlines were due, and by how much they were late.
    Late(Vec<(Instant, Duration)>),
    /// The last word of a machine: whether it is active, the users that are bound, messages that were none.
    Machine { active: bool, bound: Vec<u32>, rejected: u64 },
    /// The last word of the clients.
    Clients(Box<Seen>),
    /// It can't go on.
    Trouble(String),
}

/// What the clients had of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) registered: Tally,
    pub(super) delays: Vec<f64>,
    pub(super) called: CallTally,
    pub(super) setups: Vec<f64>,
    pub(super) heard: Vec<Heard>,
    /// Users whose registration was acknowledged, and when last.
    pub(super) acknowledged: Vec<(u32, Instant)>,
    /// Of requests that were answered: when they began, when the answer came, whether they were a call's.
    pub(super) answers: Vec<(Instant, Instant, bool)>,
    /// Packets by generation and epoch: held ones, and those that passed.
    pub(super) packets: Vec<(u64, u64, [u64; 2])>,
}

/// A datagram between a machine and the clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datagram {
    /// From a client.
    Request(Packet),
    /// "Have you the service's address?"
    Question,
    /// To a client.
    Response(Packet, Tag),
    /// "The service's address is here now."
    Announcement,
    /// The answer to a question.
    Answer,
}

impl Datagram {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        match self {
            Datagram::Request(packet) => {
                bytes.push(0);
                packet.encode(&mut bytes);
            }
            Datagram::Question => bytes.push(1),
            Datagram::Response(packet, tag) => {
                bytes.push(2);
                bytes.extend_from_slice(&tag.generation.to_be_bytes());
                bytes.extend_from_slice(&tag.epoch.to_be_bytes());
                bytes.push(u8::from(tag.held));
                packet.encode(&mut bytes);
            }
            Datagram::Announcement => bytes.push(3),
            Datagram::Answer => bytes.push(4),
        }
        bytes
    }

    /// Reads a datagram; none if the bytes are something else.
    pub(super) fn decode(bytes: &[u8]) -> Option<Datagram> {
        let (kind, rest) = bytes.split_first()?;
        match kind {
            0 => Packet::decode(rest).map(Datagram::Request),
            1 if rest.is_empty() => Some(Datagram::Question),
            2 => {
                let (generation, rest) = rest.split_first_chunk()?;
                let (epoch, rest) = rest.split_first_chunk()?;
                let (held, rest) = rest.split_first()?;
                let (generation, epoch) = (u64::from_be_bytes(*generation), u64::from_be_bytes(*epoch));
                let tag = Tag { generation, epoch, held: *held == 1 };
                Packet::decode(rest).filter(|_| *held <= 1).map(|packet| Datagram::Response(packet, tag))
            }
            3 if rest.is_empty() => Some(Datagram::Announcement),
            4 if rest.is_empty() => Some(Datagram::Answer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::packet::{Flow, Protocol};
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes is read or refused, and what is read is written as it came.
        #[test]
        fn datagrams_survive_anything(bytes in prop::collection::vec(any::<u8>(), 0..60), kind in 0u8..6) {
            for bytes in [bytes.clone(), [vec![kind], bytes].concat()] {
                if let Some(datagram) = Datagram::decode(&bytes) {
                    prop_assert_eq!(datagram.encode(), bytes);
                }
            }
        }

        #[test]
        fn datagrams_come_as_they_were_sent(
            client: u32, tcp: bool, port: u16, payload in prop::collection::vec(any::<u8>(), 0..40),
            generation: u64, epoch: u64, held: bool,
        ) {
            let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
            let packet = Packet { flow: Flow { client, protocol, port }, payload };
            let all = [
                Datagram::Request(packet.clone()), Datagram::Question, Datagram::Announcement, Datagram::Answer,
                Datagram::Response(packet, Tag { generation, epoch, held }),
            ];
            for datagram in all {
                prop_assert_eq!(Datagram::decode(&datagram.encode()), Some(datagram));
            }
        }
    }
}
