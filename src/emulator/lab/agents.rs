//! The clients: user agents that register and call, and listeners of voice, called with time and packets.

mod media;

use super::sip_timers::{GIVE_UP, Kind, interval_after};
use super::voice::{Heard, Listener};
use crate::emulator::message::{Message, Method, OK, read_voice};
use crate::emulator::packet::{Flow, Packet, Protocol};
use crate::emulator::plan::{Clients, Transport};
use crate::emulator::server::SIP_PORT;
use crate::emulator::tcp::{self, Connection, Segment};
use crate::emulator::time::{Duration, Instant};
use crate::rng::{Stream, StreamKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a client waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// A user registers.
    Register(u32),
    /// The next call begins.
    Call,
    /// A voice stream begins its call.
    Stream(u32),
    /// A request without an answer is sent again.
    Retransmit(u32),
    /// A request without an answer is given up.
    GiveUp(u32),
    /// A request without an answer is sent to the other machine.
    NextServer(u32),
    /// A call ends.
    HangUp(u32),
    /// The next voice packet of a call.
    Voice(u32),
    /// A connection's deadline.
    Tcp(u32),
}

/// What the clients want.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// To be sent to the service.
    pub packets: Vec<Packet>,
    /// To be told of.
    pub timers: Vec<(Instant, Timer)>,
    /// The packets and all later ones are for the machine that was not asked so far.
    pub next_server: bool,
}

/// How many of something came to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Begun.
    pub begun: u64,
    /// Completed.
    pub completed: u64,
    /// Failed: given up, refused, or the connection was reset.
    pub failed: u64,
}

/// What became of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallTally {
    /// INVITEs.
    pub begun: u64,
    /// Answered.
    pub established: u64,
    /// Ended as they should.
    pub completed: u64,
    /// Never answered.
    pub refused: u64,
    /// Established, and unknown to the service in the end, or not to be ended any more.
    pub lost: u64,
}

/// A client transaction.
#[derive(Debug, Clone, Copy)]
struct Transaction {
    message: Message,
    transport: Transport,
    began: Instant,
    interval: Option<Duration>,
    /// When it is sent again.
    due: Option<Instant>,
    /// When it is given up.
    until: Instant,
    open: bool,
    /// How often the clients had changed the machine when it began.
    server: u32,
}

#[derive(Debug, Clone)]
struct Call {
    /// Whether it is a voice stream through the whole run.
    stream: bool,
    tag: u32,
    /// Whether it is going on: voice is sent.
    talking: bool,
    began: Instant,
    sent: u64,
    /// When whoever called hung up.
    ended: Option<Instant>,
    listener: Option<Listener>,
}

/// One connection after the other, for one user or for all.
#[derive(Debug, Clone, Default)]
struct Slot {
    attempts: u32,
    connection: Option<Connection>,
    scheduled: Option<Instant>,
}

/// The connection identifier has its slot in the lower bits.
const SLOT_BITS: u32 = 24;

/// All clients of a run.
#[derive(Debug, Clone)]
pub struct Agents<'p> {
    plan: &'p Clients,
    /// When everybody falls silent.
    until: Instant,
    transactions: Vec<Transaction>,
    calls: Vec<Call>,
    slots: BTreeMap<u32, Slot>,
    /// How often the clients have changed the machine.
    server: u32,
    starts: Stream,
    intervals: Stream,
    durations: Stream,
    /// Registrations.
    pub registered: Tally,
    /// Seconds that completed registrations took.
    pub delays: Vec<f64>,
    /// Calls, without the voice streams.
    pub called: CallTally,
    /// Seconds from INVITEs to their answers.
    pub setups: Vec<f64>,
    /// Voice, of every call that had some.
    pub heard: Vec<Heard>,
    /// Users whose registration was acknowledged, and when last.
    pub acknowledged: BTreeMap<u32, Instant>,
    /// When the request began that was just answered as it should, and whether it was a call's.
    pub answered: Option<(Instant, bool)>,
}

impl<'p> Agents<'p> {
    /// The clients of one run, and what they want first.
    pub fn new(plan: &'p Clients, until: Instant, (seed, run): (u64, u64), wishes: &mut Wishes) -> Agents<'p> {
        let stream = |name| StreamKey::of(name).stream(seed, run);
        let mut agents = Agents {
            plan,
            until,
            transactions: Vec::new(),
            calls: Vec::new(),
            slots: BTreeMap::new(),
            server: 0,
            starts: stream("emulator.starts"),
            intervals: stream("emulator.calls"),
            durations: stream("emulator.durations"),
            registered: Tally::default(),
            delays: Vec::new(),
            called: CallTally::default(),
            setups: Vec::new(),
            heard: Vec::new(),
            acknowledged: BTreeMap::new(),
            answered: None,
        };
        if let Some(registrations) = &plan.registrations {
            for user in 0..registrations.users {
                let start = registrations.start.sample(&mut agents.starts.draw());
                wishes.timers.push((Instant::START + Duration::from_seconds(start), Timer::Register(user)));
            }
        }
        if let Some(calls) = &plan.calls {
            wishes.timers.push((Instant::START + calls.first, Timer::Call));
        }
        if let Some(voice) = &plan.voice {
            for stream in 0..voice.streams {
                let phase = voice.packet_time.seconds() * agents.starts.draw().uniform();
                wishes.timers.push((Instant::START + Duration::from_seconds(phase), Timer::Stream(stream)));
            }
        }
        agents
    }

    /// A timer has expired; one that is out of date does nothing.
    pub fn handle_timer(&mut self, now: Instant, timer: Timer, wishes: &mut Wishes) {
        match timer {
            Timer::Register(user) => self.register(now, user, wishes),
            Timer::Call => self.next_call(now, wishes),
            Timer::Stream(_) => self.invite(now, true, wishes),
            Timer::Retransmit(id) => self.retransmit(now, id, wishes),
            Timer::GiveUp(id) if now < self.transactions[id as usize].until => {}
            Timer::GiveUp(id) => self.give_up(id),
            Timer::NextServer(id) => self.turn(now, id, wishes),
            Timer::HangUp(call) => self.hang_up(now, call, wishes),
            Timer::Voice(call) => self.talk(now, call, wishes),
            Timer::Tcp(slot) => self.expire(now, slot, wishes),
        }
    }

    /// A packet of the service.
    pub fn handle_packet(&mut self, now: Instant, packet: &Packet, wishes: &mut Wishes) {
        if packet.flow.protocol == Protocol::Tcp {
            self.segment(now, packet, wishes);
        } else if let Some((call, number)) = read_voice(&packet.payload) {
            self.listen(now, call, number);
        } else if let Some(answer) = Message::decode(&packet.payload) {
            self.answered(now, answer, wishes);
        }
    }

    /// Whether no request is open that had begun before that.
    pub fn is_idle(&self, before: Instant) -> bool {
        !self.transactions.iter().any(|transaction| transaction.open && transaction.began < before)
    }

    /// The end of the run: voice that was still going on is accounted for.
    pub fn finish(&mut self) {
        for call in 0..self.calls.len() {
            self.account(call);
        }
    }

    fn register(&mut self, now: Instant, user: u32, wishes: &mut Wishes) {
        let Some(plan) = &self.plan.registrations else { return };
        self.registered.begun += 1;
        self.request(now, Method::Register, user, 0, plan.transport, wishes);
        if let Some(every) = plan.every {
            wishes.timers.push((now + every, Timer::Register(user)));
        }
    }

    fn next_call(&mut self, now: Instant, wishes: &mut Wishes) {
        let Some(plan) = &self.plan.calls else { return };
        if now - Instant::START > plan.until {
            return;
        }
        self.invite(now, false, wishes);
        let interval = plan.interval.sample(&mut self.intervals.draw());
        wishes.timers.push((now + Duration::from_seconds(interval), Timer::Call));
    }

    fn transport(&self, call: &Call) -> Transport {
        let own = self.plan.calls.as_ref().map_or(Transport::Udp, |calls| calls.transport);
        if call.stream { Transport::Udp } else { own }
    }

    fn invite(&mut self, now: Instant, stream: bool, wishes: &mut Wishes) {
        let call = Call { stream, tag: 0, talking: false, began: now, sent: 0, ended: None, listener: None };
        self.called.begun += u64::from(!stream);
        let transport = self.transport(&call);
        self.calls.push(call);
        self.request(now, Method::Invite, self.calls.len() as u32 - 1, 0, transport, wishes);
    }

    fn hang_up(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let call = &mut self.calls[id as usize];
        (call.talking, call.ended) = (false, Some(now));
        let (tag, transport) = (call.tag, self.transport(&self.calls[id as usize]));
        self.request(now, Method::Bye, id, tag, transport, wishes);
    }

    /// Begins a transaction.
    fn request(
        &mut self,
        now: Instant,
        method: Method,
        subject: u32,
        tag: u32,
        transport: Transport,
        wishes: &mut Wishes,
    ) {
        let id = self.transactions.len() as u32;
        let message = Message { method, subject, transaction: id, tag };
        let (until, server) = (now + GIVE_UP, self.server);
        let transaction =
            Transaction { message, transport, began: now, interval: None, due: None, until, open: true, server };
        self.transactions.push(transaction);
        wishes.timers.extend(self.plan.next_server.map(|after| (now + after, Timer::NextServer(id))));
        wishes.timers.push((until, Timer::GiveUp(id)));
        self.send(now, id, wishes);
    }

    /// Sends a request first, to this machine or the other one.
    fn send(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let Transaction { message, transport, .. } = self.transactions[id as usize];
        self.transmit(now, message, transport, wishes);
        if transport == Transport::Udp && self.plan.retransmission {
            self.schedule(now, id, wishes);
        }
    }

    fn schedule(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let transaction = &mut self.transactions[id as usize];
        let kind = if transaction.message.method == Method::Invite { Kind::Invite } else { Kind::Other };
        let interval = interval_after(kind, transaction.interval);
        (transaction.interval, transaction.due) = (Some(interval), Some(now + interval));
        wishes.timers.push((now + interval, Timer::Retransmit(id)));
    }

    fn retransmit(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let Transaction { message, transport, open, due, until, .. } = self.transactions[id as usize];
        if open && due == Some(now) && now < until {
            self.transmit(now, message, transport, wishes);
            self.schedule(now, id, wishes);
        }
    }

    /// A request had no answer for so long: it is made to the other machine, as all later ones are; another request may
    /// have turned the clients there already.
    fn turn(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let transaction = &mut self.transactions[id as usize];
        if !transaction.open {
            return;
        }
        (transaction.interval, transaction.until) = (None, now + GIVE_UP);
        if transaction.server == self.server {
            self.server += 1;
            wishes.next_server = true;
            // Connections led to the machine before.
            self.slots.values_mut().for_each(|slot| slot.connection = None);
        }
        wishes.timers.push((now + GIVE_UP, Timer::GiveUp(id)));
        self.send(now, id, wishes);
    }

    /// Sends a message over its transport.
    fn transmit(&mut self, now: Instant, message: Message, transport: Transport, wishes: &mut Wishes) {
        if transport == Transport::Udp {
            let client = message.subject;
            let flow = Flow { client, protocol: Protocol::Udp, port: SIP_PORT };
            return wishes.packets.push(Packet { flow, payload: message.encode() });
        }
        let users = self.plan.registrations.as_ref().map_or(0, |registrations| registrations.users);
        let slot = match (transport, message.method) {
            (Transport::TcpShared, _) => 0,
            (_, Method::Register) => 1 + message.subject,
            _ => 1 + users + message.subject,
        };
        let mut segments = Vec::new();
        let entry = self.slots.entry(slot).or_default();
        let connection = entry.connection.get_or_insert_with(|| {
            entry.attempts += 1;
            Connection::open(now, &mut segments)
        });
        connection.send(now, message.encode(), &mut segments);
        self.after(slot, segments, wishes);
    }

    /// Sends a connection's segments and follows its deadline.
    fn after(&mut self, id: u32, segments: Vec<Segment>, wishes: &mut Wishes) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let client = id | slot.attempts << SLOT_BITS;
        let flow = Flow { client, protocol: Protocol::Tcp, port: SIP_PORT };
        wishes.packets.extend(segments.iter().map(|segment| Packet { flow, payload: segment.encode() }));
        let deadline = slot.connection.as_ref().and_then(Connection::deadline);
        if let Some(at) = deadline
            && slot.scheduled.is_none_or(|scheduled| at < scheduled)
        {
            slot.scheduled = Some(at);
            wishes.timers.push((at, Timer::Tcp(id)));
        }
    }

    fn expire(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.scheduled = slot.scheduled.filter(|at| *at > now);
        let mut segments = Vec::new();
        if let Some(connection) = &mut slot.connection {
            connection.expire(now, &mut segments);
        }
        self.after(id, segments, wishes);
    }

    fn segment(&mut self, now: Instant, packet: &Packet, wishes: &mut Wishes) {
        let id = packet.flow.client & ((1 << SLOT_BITS) - 1);
        let Some(segment) = Segment::decode(&packet.payload) else { return };
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if id | slot.attempts << SLOT_BITS != packet.flow.client {
            return;
        }
        let mut segments = Vec::new();
        let Some(connection) = &mut slot.connection else { return };
        let data = connection.receive(now, segment, &mut segments);
        if connection.phase() == tcp::Phase::Closed {
            slot.connection = None;
            return self.disconnected(id);
        }
        self.after(id, segments, wishes);
        if let Some(answer) = data.as_deref().and_then(Message::decode) {
            self.answered(now, answer, wishes);
        }
    }

    /// A connection was reset: its open transactions have failed (RFC 3261, 17.1.4).
    fn disconnected(&mut self, slot: u32) {
        let users = self.plan.registrations.as_ref().map_or(0, |registrations| registrations.users);
        let of_slot = |transaction: &Transaction| match (transaction.transport, transaction.message.method) {
            (Transport::Udp, _) => false,
            (Transport::TcpShared, _) => slot == 0,
            (_, Method::Register) => slot == 1 + transaction.message.subject,
            _ => slot == 1 + users + transaction.message.subject,
        };
        let open = self.transactions.iter().enumerate().filter(|(_, t)| t.open && of_slot(t));
        let failed: Vec<u32> = open.map(|(id, _)| id as u32).collect();
        failed.into_iter().for_each(|id| self.give_up(id));
    }

    fn give_up(&mut self, id: u32) {
        let transaction = &mut self.transactions[id as usize];
        if !std::mem::take(&mut transaction.open) {
            return;
        }
        let stream = |call: u32| self.calls[call as usize].stream;
        match transaction.message {
            Message { method: Method::Register, .. } => self.registered.failed += 1,
            Message { method: Method::Invite, subject, .. } => self.called.refused += u64::from(!stream(subject)),
            Message { subject, .. } => {
                self.account(subject as usize);
                self.called.lost += 1;
            }
        }
    }

    fn answered(&mut self, now: Instant, answer: Message, wishes: &mut Wishes) {
        let Method::Answer(status) = answer.method else { return };
        let Some(transaction) = self.transactions.get_mut(answer.transaction as usize) else { return };
        let request = transaction.message;
        if request.subject != answer.subject || !std::mem::take(&mut transaction.open) {
            return;
        }
        let began = transaction.began;
        let delay = (now - began).seconds();
        match request.method {
            Method::Register if status == OK => {
                self.registered.completed += 1;
                self.delays.push(delay);
                self.acknowledged.insert(request.subject, now);
                self.answered = Some((began, false));
            }
            Method::Register => self.registered.failed += 1,
            Method::Invite => {
                if !self.calls[request.subject as usize].stream {
                    self.setups.push(delay);
                    self.answered = Some((began, true));
                }
                self.established(now, request.subject, answer.tag, wishes);
            }
            _ => {
                // What was said before the BYE has come before its answer.
                self.account(request.subject as usize);
                let outcome = if status == OK { &mut self.called.completed } else { &mut self.called.lost };
                *outcome += 1;
            }
        }
    }

    /// A call is answered: it is confirmed, and voice begins.
    fn established(&mut self, now: Instant, id: u32, tag: u32, wishes: &mut Wishes) {
        let call = &mut self.calls[id as usize];
        (call.tag, call.began) = (tag, now);
        let stream = call.stream;
        let transport = self.transport(&self.calls[id as usize]);
        let message = Message { method: Method::Ack, subject: id, transaction: u32::MAX, tag };
        self.transmit(now, message, transport, wishes);
        let mut talks = stream;
        if !stream {
            self.called.established += 1;
            let Some(plan) = &self.plan.calls else { return };
            let duration = plan.duration.sample(&mut self.durations.draw());
            wishes.timers.push((now + Duration::from_seconds(duration), Timer::HangUp(id)));
            talks = plan.media;
        }
        if let Some(voice) = self.plan.voice.as_ref().filter(|_| talks) {
            let call = &mut self.calls[id as usize];
            call.talking = true;
            call.listener = Some(Listener::new(voice.jitter_buffer, now));
            self.talk(now, id, wishes);
        }
    }
}
