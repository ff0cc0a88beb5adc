//! The server's connections as its kernel keeps them.

use super::packet::{Flow, Packet, Protocol};
use super::server::{MOST_ENTRIES, SIP_PORT};
use super::tcp::{Connection, Kind, Phase, Reader, Segment};
use super::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Connections by the number that clients gave them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sockets {
    connections: BTreeMap<u32, Connection>,
    /// Their deadlines.
    due: BTreeSet<(Instant, u32)>,
}

impl Sockets {
    /// A segment has come; the message that it brings. Who doesn't listen accepts no connection.
    pub fn receive(
        &mut self,
        now: Instant,
        packet: &Packet,
        listening: bool,
        out: &mut Vec<Packet>,
    ) -> Option<Vec<u8>> {
        let segment = Segment::decode(&packet.payload)?;
        let id = packet.flow.client;
        let (mut segments, mut data) = (Vec::new(), None);
        if segment.kind == Kind::Syn && listening && self.connections.len() < MOST_ENTRIES {
            self.replace(id, Connection::accept());
            segments.push(Segment { kind: Kind::SynAck, ..Segment::reset() });
        } else if let Some(mut connection) = self.take(id) {
            data = connection.receive(now, segment, &mut segments);
            self.replace(id, connection);
        } else if segment.kind != Kind::Reset {
            segments.push(Segment::reset());
        }
        out.extend(segments.iter().map(|segment| Packet { flow: packet.flow, payload: segment.encode() }));
        data
    }

    /// Sends a message over a connection; there may be none any more.
    pub fn send(&mut self, now: Instant, id: u32, data: Vec<u8>, out: &mut Vec<Packet>) {
        let Some(mut connection) = self.take(id) else { return };
        let mut segments = Vec::new();
        connection.send(now, data, &mut segments);
        self.replace(id, connection);
        emit(id, &segments, out);
    }

    /// When [`Sockets::expire`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Sends again what was not acknowledged in time.
    pub fn expire(&mut self, now: Instant, out: &mut Vec<Packet>) {
        while let Some((_, id)) = self.due.first().filter(|(at, _)| *at <= now).copied() {
            let Some(mut connection) = self.take(id) else { return };
            let mut segments = Vec::new();
            connection.expire(now, &mut segments);
            self.replace(id, connection);
            emit(id, &segments, out);
        }
    }

    /// All connections are gone.
    pub fn close(&mut self) {
        *self = Sockets::default();
    }

    fn take(&mut self, id: u32) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        if let Some(at) = connection.deadline() {
            self.due.remove(&(at, id));
        }
        Some(connection)
    }

    fn replace(&mut self, id: u32, connection: Connection) {
        self.take(id);
        if connection.phase() == Phase::Closed {
            return;
        }
        if let Some(at) = connection.deadline() {
            self.due.insert((at, id));
        }
        self.connections.insert(id, connection);
    }

    /// Appends them as bytes.
    pub fn capture(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.connections.len() as u32).to_be_bytes());
        for (id, connection) in &self.connections {
            bytes.extend_from_slice(&id.to_be_bytes());
            connection.capture(bytes);
        }
    }

    /// Reads what [`Sockets::capture`] wrote; none if it is something else.
    pub fn restore(reader: &mut Reader<'_>) -> Option<Sockets> {
        let mut sockets = Sockets::default();
        for _ in 0..reader.word()? {
            let id = reader.word()?;
            sockets.replace(id, Connection::restore(reader)?);
        }
        Some(sockets)
    }
}

fn emit(id: u32, segments: &[Segment], out: &mut Vec<Packet>) {
    let flow = Flow { client: id, protocol: Protocol::Tcp, port: SIP_PORT };
    out.extend(segments.iter().map(|segment| Packet { flow, payload: segment.encode() }));
}
