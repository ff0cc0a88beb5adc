//! The monolithic SIP server that the pair replicates: registrar, session router and voice relay in one state.

use super::guest::{Corrupt, Guest};
use super::message::{Message, Method, NO_SUCH_CALL, OK, read_voice};
use super::packet::{Packet, Protocol};
use super::sockets::Sockets;
use super::tcp::{Reader, Segment};
use super::time::{Duration, Instant};
use std::collections::{BTreeMap, VecDeque};

/// For how long a binding counts (RFC 3261, 10.2: an hour is suggested).
pub(super) const EXPIRES: Duration = Duration::from_secs(3600);
/// For how long the end of a call is remembered, so that its BYE is answered again (timer J: 64 · T1).
pub(super) const REMEMBERED: Duration = Duration::from_secs(32);
/// Most entries of each of its tables: a flood ends in refusals.
pub(super) const MOST_ENTRIES: usize = 1 << 20;

/// A server; what it knows is what a takeover must save.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SipServer {
    /// When each user's binding ends.
    bindings: BTreeMap<u32, Instant>,
    /// The tag of each call.
    calls: BTreeMap<u32, u32>,
    /// Calls that have ended, oldest first.
    ended: VecDeque<(Instant, u32)>,
    sockets: Sockets,
    tags: u32,
    /// What a machine has of its own: its tags differ from another's.
    noise: u32,
    /// Messages that were none, until somebody asks; no part of the captured state.
    rejected: u64,
}

impl SipServer {
    /// How many users are bound.
    pub fn bindings(&self) -> usize {
        self.bindings.len()
    }

    /// How many calls are in progress.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// How many messages were none since the last call.
    pub fn take_rejected(&mut self) -> u64 {
        std::mem::take(&mut self.rejected)
    }

    /// Reads a request; what is none, or an answer that nobody asked for, is counted.
    fn read_request(&mut self, bytes: &[u8]) -> Option<Message> {
        let request = Message::decode(bytes).filter(|message| !matches!(message.method, Method::Answer(_)));
        self.rejected += u64::from(request.is_none());
        request
    }

    /// The answer to a request, if it has one.
    fn answer(&mut self, now: Instant, request: Message) -> Option<Message> {
        let (status, tag) = match request.method {
            Method::Register if self.bindings.len() < MOST_ENTRIES => {
                self.bindings.insert(request.subject, now + EXPIRES);
                (OK, 0)
            }
            Method::Invite if self.calls.len() < MOST_ENTRIES => {
                let (tags, noise) = (&mut self.tags, self.noise);
                let tag = *self.calls.entry(request.subject).or_insert_with(|| {
                    *tags = tags.wrapping_add(1);
                    *tags ^ noise
                });
                (OK, tag)
            }
            Method::Bye => {
                let known = self.calls.remove(&request.subject).is_some();
                if known {
                    self.ended.push_back((now, request.subject));
                }
                let again = self.ended.iter().any(|(_, call)| *call == request.subject);
                (if known || again { OK } else { NO_SUCH_CALL }, request.tag)
            }
            _ => return None,
        };
        while self.ended.pop_front_if(|(at, _)| *at + REMEMBERED < now).is_some() {}
        Some(Message { method: Method::Answer(status), tag, ..request })
    }

    fn datagram(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        if let Some((call, _)) = read_voice(&packet.payload) {
            if self.calls.contains_key(&call) {
                out.push(packet.clone());
            }
        } else if let Some(answer) = self.read_request(&packet.payload).and_then(|request| self.answer(now, request)) {
            out.push(Packet { flow: packet.flow, payload: answer.encode() });
        }
    }

    fn segment(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        self.rejected += u64::from(Segment::decode(&packet.payload).is_none());
        if let Some(data) = self.sockets.receive(now, packet, true, out)
            && let Some(answer) = self.read_request(&data).and_then(|request| self.answer(now, request))
        {
            self.sockets.send(now, packet.flow.client, answer.encode(), out);
        }
    }

    fn read(state: &[u8]) -> Option<SipServer> {
        let mut reader = Reader(state);
        let mut server = SipServer { tags: reader.word()?, noise: reader.word()?, ..SipServer::default() };
        for _ in 0..reader.word()? {
            server.bindings.insert(reader.word()?, Instant::from_nanos(reader.long()?));
        }
        for _ in 0..reader.word()? {
            server.calls.insert(reader.word()?, reader.word()?);
        }
        for _ in 0..reader.word()? {
            server.ended.push_back((Instant::from_nanos(reader.long()?), reader.word()?));
        }
        server.sockets = Sockets::restore(&mut reader)?;
        reader.0.is_empty().then_some(server)
    }
}

impl Guest for SipServer {
    fn receive(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        match packet.flow.protocol {
            Protocol::Udp => self.datagram(now, packet, out),
            Protocol::Tcp => self.segment(now, packet, out),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.sockets.deadline()
    }

    fn expire(&mut self, now: Instant, out: &mut Vec<Packet>) {
        self.sockets.expire(now, out);
    }

    fn capture(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let word = |bytes: &mut Vec<u8>, word: u32| bytes.extend_from_slice(&word.to_be_bytes());
        word(&mut bytes, self.tags);
        word(&mut bytes, self.noise);
        word(&mut bytes, self.bindings.len() as u32);
        for (user, until) in &self.bindings {
            word(&mut bytes, *user);
            bytes.extend_from_slice(&until.nanos().to_be_bytes());
        }
        word(&mut bytes, self.calls.len() as u32);
        for (call, tag) in &self.calls {
            word(&mut bytes, *call);
            word(&mut bytes, *tag);
        }
        word(&mut bytes, self.ended.len() as u32);
        for (at, call) in &self.ended {
            bytes.extend_from_slice(&at.nanos().to_be_bytes());
            word(&mut bytes, *call);
        }
        self.sockets.capture(&mut bytes);
        bytes
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Corrupt> {
        *self = SipServer::read(state).ok_or(Corrupt)?;
        Ok(())
    }

    fn reset(&mut self) {
        *self = SipServer { noise: self.noise, ..SipServer::default() };
    }

    fn disturb(&mut self, bits: u64) {
        self.noise = bits as u32;
    }

    fn is_bound(&self, now: Instant, user: u32) -> bool {
        self.bindings.get(&user).is_some_and(|until| *until > now)
    }
}

/// The port of SIP.
pub const SIP_PORT: u16 = 5060;
/// The port of voice.
pub const RTP_PORT: u16 = 16_384;

#[cfg(test)]
mod tests {
    use super::super::packet::Flow;
    use super::super::tcp::Kind;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes, nothing panics, and what is captured is restored to the same.
        #[test]
        fn a_server_survives_anything_and_is_captured_whole(
            packets in prop::collection::vec((0u32..4, any::<bool>(), 0u8..6, 0u32..5, any::<bool>()), 0..60),
            noise in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut server = SipServer::default();
            let mut out = Vec::new();
            let mut now = Instant::START;
            for (client, tcp, kind, number, plain) in packets {
                now = now + Duration::from_millis(70);
                let message = [Method::Register, Method::Invite, Method::Ack, Method::Bye, Method::Answer(200)]
                    .get(usize::from(kind))
                    .map(|method| Message { method: *method, subject: client, transaction: number, tag: 0 }.encode());
                let data = if plain { message.unwrap_or_default() } else { noise.clone() };
                let kinds = [Kind::Syn, Kind::SynAck, Kind::Data, Kind::Ack, Kind::Reset, Kind::Data];
                let segment = Segment { kind: kinds[usize::from(kind)], number, acknowledged: number, data: data.clone() };
                let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
                let payload = if tcp { segment.encode() } else { data };
                server.receive(now, &Packet { flow: Flow { client, protocol, port: SIP_PORT }, payload }, &mut out);
                server.expire(now, &mut out);
                let mut copy = SipServer::default();
                // The count is no part of the state.
                server.take_rejected();
                prop_assert_eq!(copy.restore(&server.capture()), Ok(()));
                prop_assert_eq!(&copy, &server);
            }
            let before = server.clone();
            if server.restore(&noise).is_err() {
                prop_assert_eq!(server, before);
            }
        }
    }

    #[test]
    fn what_is_no_request_is_counted_and_dropped() {
        let mut server = SipServer::default();
        let mut out = Vec::new();
        let flow = |protocol| Flow { client: 1, protocol, port: SIP_PORT };
        let answer = Message { method: Method::Answer(OK), subject: 1, transaction: 1, tag: 0 }.encode();
        let udp = [vec![], vec![0xff; 40], b"REGISTER sip:example.org SIP/2.0".to_vec(), answer];
        for payload in udp {
            server.receive(Instant::START, &Packet { flow: flow(Protocol::Udp), payload }, &mut out);
        }
        server.receive(Instant::START, &Packet { flow: flow(Protocol::Tcp), payload: vec![9; 3] }, &mut out);
        assert_eq!((out.len(), server.take_rejected(), server.take_rejected()), (0, 5, 0));
        let request = Message { method: Method::Register, subject: 1, transaction: 1, tag: 0 }.encode();
        server.receive(Instant::START, &Packet { flow: flow(Protocol::Udp), payload: request }, &mut out);
        assert_eq!((out.len(), server.take_rejected()), (1, 0));
    }
}
