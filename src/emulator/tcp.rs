//! A TCP connection as far as a takeover cares: numbers, acknowledgements, retransmission, reset.
//!
//! A segment carries one message, and numbers count messages instead of bytes. What is here of RFC 9293 and RFC 6298:
//! the handshake, cumulative acknowledgements, a retransmission time-out that doubles, a reset for what is unknown.
//! A connection lives on at the other machine exactly if its numbers are in the state that is restored there.

use super::time::{Duration, Instant};
use std::collections::VecDeque;

/// First time-out of the handshake (RFC 6298, 2.1).
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(1);
/// First time-out of a segment on a short path: the floor of Linux.
pub const SEGMENT_TIMEOUT: Duration = Duration::from_millis(200);
/// The longest time-out.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(120);
/// Most messages that wait for an acknowledgement.
const MOST_UNACKNOWLEDGED: usize = 4096;

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens.
    Syn,
    /// Accepts.
    SynAck,
    /// Carries a message.
    Data,
    /// Only acknowledges.
    Ack,
    /// There is no such connection.
    Reset,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: Kind,
    /// Number of its message, from 0.
    pub number: u32,
    /// The number of the next message that is expected.
    pub acknowledged: u32,
    /// The message.
    pub data: Vec<u8>,
}

impl Segment {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(9 + self.data.len());
        bytes.push(self.kind as u8);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.acknowledged.to_be_bytes());
        bytes.extend_from_slice(&self.data);
        bytes
    }

    /// Reads a segment; none if the bytes are something else.
    pub fn decode(bytes: &[u8]) -> Option<Segment> {
        let (head, data) = bytes.split_first_chunk::<9>()?;
        let kind = *[Kind::Syn, Kind::SynAck, Kind::Data, Kind::Ack, Kind::Reset].get(usize::from(head[0]))?;
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        Some(Segment { kind, number: word(1), acknowledged: word(5), data: data.to_vec() })
    }

    /// The answer to a segment of no connection.
    pub fn reset() -> Segment {
        Segment { kind: Kind::Reset, number: 0, acknowledged: 0, data: Vec::new() }
    }
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The handshake is not over.
    Opening,
    /// Messages are carried.
    Open,
    /// It was reset.
    Closed,
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    phase: Phase,
    /// Number of the next message to send.
    next: u32,
    /// Number of the next message to receive.
    expected: u32,
    unacknowledged: VecDeque<(u32, Vec<u8>)>,
    timeout: Duration,
    deadline: Option<Instant>,
}

impl Connection {
    /// The client's end, whose first segment is pushed to `out`.
    pub fn open(now: Instant, out: &mut Vec<Segment>) -> Connection {
        let deadline = Some(now + HANDSHAKE_TIMEOUT);
        let connection = Connection { deadline, ..Connection::fresh(Phase::Opening, HANDSHAKE_TIMEOUT) };
        out.push(connection.segment(Kind::Syn));
        connection
    }

    /// The server's end.
    pub fn accept() -> Connection {
        Connection::fresh(Phase::Open, SEGMENT_TIMEOUT)
    }

    fn fresh(phase: Phase, timeout: Duration) -> Connection {
        Connection { phase, next: 0, expected: 0, unacknowledged: VecDeque::new(), timeout, deadline: None }
    }

    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// When [`Connection::expire`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn segment(&self, kind: Kind) -> Segment {
        Segment { kind, number: 0, acknowledged: self.expected, data: Vec::new() }
    }

    /// Sends a message, at once or after the handshake.
    pub fn send(&mut self, now: Instant, data: Vec<u8>, out: &mut Vec<Segment>) {
        if self.phase == Phase::Closed || self.unacknowledged.len() >= MOST_UNACKNOWLEDGED {
            return;
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        if self.phase == Phase::Open {
            out.push(Segment { number, data: data.clone(), ..self.segment(Kind::Data) });
            self.deadline.get_or_insert(now + self.timeout);
        }
        self.unacknowledged.push_back((number, data));
    }

    /// A segment has come; the message that it brings, if it is the expected one.
    pub fn receive(&mut self, now: Instant, segment: Segment, out: &mut Vec<Segment>) -> Option<Vec<u8>> {
        match (self.phase, segment.kind) {
            (Phase::Closed, _) | (_, Kind::Syn) => None,
            (_, Kind::Reset) => {
                *self = Connection::fresh(Phase::Closed, self.timeout);
                None
            }
            (Phase::Opening, Kind::SynAck) => {
                (self.phase, self.timeout, self.deadline) = (Phase::Open, SEGMENT_TIMEOUT, None);
                self.retransmit(now, out);
                None
            }
            (Phase::Opening, _) | (_, Kind::SynAck) => None,
            (Phase::Open, Kind::Ack) => {
                self.acknowledge(now, segment.acknowledged);
                None
            }
            (Phase::Open, Kind::Data) => {
                self.acknowledge(now, segment.acknowledged);
                let expected = segment.number == self.expected;
                self.expected = self.expected.wrapping_add(u32::from(expected));
                out.push(self.segment(Kind::Ack));
                expected.then_some(segment.data)
            }
        }
    }

    /// Forgets what has been received; a number that was never sent is ignored.
    fn acknowledge(&mut self, now: Instant, upto: u32) {
        let first = self.unacknowledged.front().map_or(self.next, |(number, _)| *number);
        let count = upto.wrapping_sub(first) as usize;
        if count == 0 || count > self.unacknowledged.len() {
            return;
        }
        self.unacknowledged.drain(..count);
        self.timeout = SEGMENT_TIMEOUT;
        self.deadline = (!self.unacknowledged.is_empty()).then(|| now + self.timeout);
    }

    /// Sends again what was not acknowledged in time.
    pub fn expire(&mut self, now: Instant, out: &mut Vec<Segment>) {
        if self.deadline.is_none_or(|at| now < at) {
            return;
        }
        self.timeout = self.timeout.times(2).min(LONGEST_TIMEOUT);
        if self.phase == Phase::Opening {
            out.push(self.segment(Kind::Syn));
            self.deadline = Some(now + self.timeout);
        } else {
            self.retransmit(now, out);
        }
    }

    fn retransmit(&mut self, now: Instant, out: &mut Vec<Segment>) {
        let acknowledged = self.expected;
        let again = self.unacknowledged.iter().map(|(number, data)| Segment {
            kind: Kind::Data,
            number: *number,
            acknowledged,
            data: data.clone(),
        });
        out.extend(again);
        self.deadline = (!self.unacknowledged.is_empty()).then(|| now + self.timeout);
    }

    /// Appends an open connection as bytes.
    pub fn capture(&self, bytes: &mut Vec<u8>) {
        let deadline = self.deadline.map_or(u64::MAX, Instant::nanos);
        bytes.extend_from_slice(&self.next.to_be_bytes());
        bytes.extend_from_slice(&self.expected.to_be_bytes());
        bytes.extend_from_slice(&self.timeout.nanos().to_be_bytes());
        bytes.extend_from_slice(&deadline.to_be_bytes());
        bytes.extend_from_slice(&(self.unacknowledged.len() as u32).to_be_bytes());
        for (_, data) in &self.unacknowledged {
            bytes.extend_from_slice(&(data.len() as u32).to_be_bytes());
            bytes.extend_from_slice(data);
        }
    }

    /// Reads what [`Connection::capture`] wrote; none if it is something else.
    pub fn restore(reader: &mut Reader<'_>) -> Option<Connection> {
        let (next, expected) = (reader.word()?, reader.word()?);
        let timeout = Duration::from_nanos(reader.long()?);
        let deadline = Some(reader.long()?).filter(|at| *at != u64::MAX).map(Instant::from_nanos);
        let count = reader.word()?;
        if count as usize > MOST_UNACKNOWLEDGED {
            return None;
        }
        let mut unacknowledged = VecDeque::new();
        for index in 0..count {
            let length = reader.word()? as usize;
            unacknowledged.push_back((next.wrapping_sub(count - index), reader.bytes(length)?.to_vec()));
        }
        // A time-out of 0 would never end.
        let timeout = timeout.clamp(SEGMENT_TIMEOUT, LONGEST_TIMEOUT);
        Some(Connection { phase: Phase::Open, next, expected, unacknowledged, timeout, deadline })
    }
}

/// Takes numbers from the front of bytes.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next four bytes as a number.
    pub fn word(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*taken))
    }

    /// The next eight bytes as a number.
    pub fn long(&mut self) -> Option<u64> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::START + Duration::from_millis(millis)
    }

    fn opened() -> (Connection, Connection) {
        let mut out = Vec::new();
        let mut client = Connection::open(at(0), &mut out);
        let server = Connection::accept();
        let answer = server.segment(Kind::SynAck);
        client.receive(at(1), answer, &mut out);
        assert_eq!((client.phase(), client.deadline()), (Phase::Open, None));
        (client, server)
    }

    #[test]
    fn what_is_lost_is_sent_again_at_doubling_intervals() {
        let (mut client, mut server) = opened();
        let mut out = Vec::new();
        client.send(at(10), b"one".to_vec(), &mut out);
        let mut sent = vec![10];
        while sent.len() < 5 {
            out.clear();
            let due = client.deadline().expect("unacknowledged");
            client.expire(due, &mut out);
            sent.push(due.nanos() / 1_000_000);
        }
        assert_eq!(sent, [10, 210, 610, 1410, 3010]);
        let mut back = Vec::new();
        assert_eq!(server.receive(at(3011), out.remove(0), &mut back), Some(b"one".to_vec()));
        client.receive(at(3012), back.remove(0), &mut out);
        assert_eq!(client.deadline(), None);
    }

    #[test]
    fn a_connection_goes_on_from_its_own_state_and_from_no_other() {
        let (mut client, mut server) = opened();
        let mut out = Vec::new();
        let mut before = Vec::new();
        server.capture(&mut before);
        client.send(at(10), b"one".to_vec(), &mut out);
        server.receive(at(11), out.remove(0), &mut Vec::new());
        let mut after = Vec::new();
        server.capture(&mut after);
        // The acknowledgement reaches the client: its end forgets the message.
        client.receive(at(12), server.segment(Kind::Ack), &mut Vec::new());
        client.send(at(13), b"two".to_vec(), &mut out);
        let two = out.remove(0);
        let resume = |state: &[u8]| {
            let mut restored = Connection::restore(&mut Reader(state)).expect("a connection");
            restored.receive(at(20), two.clone(), &mut Vec::new())
        };
        assert_eq!(resume(&after), Some(b"two".to_vec()));
        // An older state waits for a message that nobody will send again.
        assert_eq!(resume(&before), None);
        assert_eq!(Connection::restore(&mut Reader(&after[..after.len() - 1])), None);
    }
}
