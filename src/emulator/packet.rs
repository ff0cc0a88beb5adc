//! What passes between the clients and the service: flows and packets.

use serde::{Deserialize, Serialize};

/// The transport of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// Datagrams.
    Udp,
    /// Segments of a connection.
    Tcp,
}

/// One client's packets of one kind; what is sent in a flow arrives in order unless the network reorders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// Which client.
    pub client: u32,
    /// Its transport.
    pub protocol: Protocol,
    /// The service's port.
    pub port: u16,
}

/// A packet from or to a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Whose.
    pub flow: Flow,
    /// What the transport carries: a datagram, or a segment with its header.
    pub payload: Vec<u8>,
}

impl Packet {
    /// Whether it looks like a voice packet of G.711: a UDP datagram with version 2 and payload type 0 or 8 in an RTP
    /// header (RFC 3550, 5.1; RFC 3551, table 4).
    pub fn is_rtp(&self) -> bool {
        let header = self.payload.get(..2).is_some_and(|head| head[0] >> 6 == 2 && matches!(head[1] & 0x7f, 0 | 8));
        self.flow.protocol == Protocol::Udp && self.payload.len() >= 12 && header
    }

    /// Appends it: client, protocol and port, then the payload.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.flow.client.to_be_bytes());
        bytes.push(u8::from(self.flow.protocol == Protocol::Tcp));
        bytes.extend_from_slice(&self.flow.port.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
    }

    /// Reads what [`Packet::encode`] wrote; none if it is something else.
    pub fn decode(bytes: &[u8]) -> Option<Packet> {
        let (client, rest) = bytes.split_first_chunk()?;
        let (protocol, rest) = rest.split_first_chunk()?;
        let (port, payload) = rest.split_first_chunk()?;
        let protocol = match protocol {
            [0] => Protocol::Udp,
            [1] => Protocol::Tcp,
            _ => return None,
        };
        let flow = Flow { client: u32::from_be_bytes(*client), protocol, port: u16::from_be_bytes(*port) };
        Some(Packet { flow, payload: payload.to_vec() })
    }
}
