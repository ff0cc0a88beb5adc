//! The tree of a SIP server: who supervises whom, and what each does with its messages.

use super::faults::{Surroundings, lock};
use super::{Bindings, Config, Function};
use crate::emulator::actor::limit::Limit;
use crate::emulator::actor::{Blueprint, Capacity, Directive, Effect};
use crate::emulator::message::{Message, Method, NO_SUCH_CALL, OK};
use crate::emulator::packet::{Flow, Packet, Protocol};
use crate::emulator::server::{EXPIRES, MOST_ENTRIES, REMEMBERED, SIP_PORT};
use crate::emulator::time::{Duration, Instant};
use crate::rng::{StreamKey, offspring};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

/// The name of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// What it does.
    pub function: Function,
    /// Of a transaction: its client.
    pub client: u32,
    /// Of a transaction: its number; of a session: its call.
    pub number: u32,
    /// Of a transaction: whether it came over a connection.
    pub tcp: bool,
}

impl Address {
    /// The only actor of a function.
    pub const fn of(function: Function) -> Address {
        Address { function, client: 0, number: 0, tcp: false }
    }

    fn session(call: u32) -> Address {
        Address { number: call, ..Address::of(Function::Session) }
    }

    fn transaction(flow: Flow, number: u32) -> Address {
        Address { function: Function::Transaction, client: flow.client, number, tcp: flow.protocol == Protocol::Tcp }
    }

    /// The flow of a transaction.
    fn flow(self) -> Flow {
        let protocol = if self.tcp { Protocol::Tcp } else { Protocol::Udp };
        Flow { client: self.client, protocol, port: SIP_PORT }
    }
}

/// What actors tell one another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Mail {
    /// To the receiver: what came.
    Input(Packet),
    /// To the encoding: bytes.
    Decode(Packet),
    /// To the encoding: a message.
    Encode(Flow, Message),
    /// To the sender: bytes.
    Send(Packet),
    /// To the transaction router and the transaction: a request.
    Request(Flow, Message),
    /// To routers, the location manager and sessions: a request, and the transaction that is to be answered.
    Ask(Option<Address>, Message),
    /// To the transaction: the answer.
    Answer(Message),
    /// To the transaction, by itself: its time is over.
    Over,
    /// To the transaction router: a transaction has ended.
    Gone(Address),
    /// To the session router: a call has ended.
    Ended(u32),
}

impl Mail {
    /// What tells the messages of one request from all others: its subject and transaction.
    pub(super) fn mark(&self) -> Option<(u32, u32)> {
        let message = match self {
            Mail::Input(packet) | Mail::Decode(packet) | Mail::Send(packet) => Message::decode(&packet.payload)?,
            Mail::Encode(_, message) | Mail::Request(_, message) | Mail::Ask(_, message) | Mail::Answer(message) => {
                *message
            }
            Mail::Over | Mail::Gone(_) | Mail::Ended(_) => return None,
        };
        Some((message.subject, message.transaction))
    }
}

/// What the session router knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Dialogs {
    /// The tag of each call.
    calls: BTreeMap<u32, u32>,
    /// Calls that have ended, oldest first.
    ended: VecDeque<(Instant, u32)>,
    tags: u32,
    /// What a machine has of its own.
    pub(super) noise: u32,
}

/// What an actor knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Part {
    /// Nothing.
    Plain,
    /// The location manager: when each user's binding ends.
    Bindings(BTreeMap<u32, Instant>),
    /// The session router.
    Dialogs(Dialogs),
    /// A session: its tag, when it knows of its dialog.
    Session(Option<u32>),
    /// The transaction router.
    Transactions(BTreeSet<Address>),
    /// A transaction: whether it has passed its request on, and the answer.
    Transaction(bool, Option<Message>),
}

/// What leaves the tree: a datagram, or a message for a connection.
#[derive(Debug)]
pub struct Output(pub Packet);

/// The tree.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(super) config: Arc<Config>,
    pub(super) surroundings: Arc<Mutex<Surroundings>>,
    seed: (u64, u64),
    /// Draws of service times and of restart times.
    keys: [StreamKey; 2],
}

type Effects = Vec<Effect<Tree>>;

impl Tree {
    pub(super) fn new(config: Arc<Config>, surroundings: Arc<Mutex<Surroundings>>, seed: (u64, u64)) -> Tree {
        let keys = ["emulator.service", "emulator.restarts"].map(StreamKey::of);
        Tree { config, surroundings, seed, keys }
    }

    pub(super) fn surroundings(&self) -> MutexGuard<'_, Surroundings> {
        lock(&self.surroundings)
    }

    fn decode(&self, packet: &Packet, effects: &mut Effects) {
        match Message::decode(&packet.payload) {
            Some(Message { method: Method::Answer(_), .. }) | None => self.surroundings().reject(1),
            Some(request) => tell(effects, Function::TransactionRouter, Mail::Request(packet.flow, request)),
        }
    }

    /// The location manager with what came to it; what doesn't fit is not answered.
    fn bind(&self, now: Instant, bindings: &mut BTreeMap<u32, Instant>, mail: Mail, effects: &mut Effects) {
        let Mail::Ask(from, request) = mail else { return };
        let (user, until) = (request.subject, now + EXPIRES);
        let fits = if self.config.bindings == Bindings::Stored {
            self.surroundings().store(user, until)
        } else {
            let fits = bindings.len() < MOST_ENTRIES;
            if fits {
                bindings.insert(user, until);
            }
            fits
        };
        if fits {
            reply(effects, from, request, OK, 0);
        }
    }

    /// A transaction with what came to it.
    fn transact(&self, own: Address, state: (&mut bool, &mut Option<Message>), mail: Mail, effects: &mut Effects) {
        let (asked, answer) = state;
        match mail {
            Mail::Request(flow, request) => match *answer {
                Some(answer) => tell(effects, Function::Encoding, Mail::Encode(flow, answer)),
                None if !*asked || self.config.passes_on => {
                    *asked = true;
                    let user = match request.method {
                        Method::Register => Function::RegistrarRouter,
                        _ => Function::SessionRouter,
                    };
                    tell(effects, user, Mail::Ask(Some(own), request));
                }
                None => {}
            },
            Mail::Answer(message) => {
                *answer = Some(message);
                tell(effects, Function::Encoding, Mail::Encode(own.flow(), message));
                if own.tcp {
                    // Nothing is repeated over a connection (timer J is 0).
                    end(own, effects);
                }
            }
            Mail::Over => end(own, effects),
            _ => {}
        }
    }
}

fn tell(effects: &mut Effects, to: Function, mail: Mail) {
    effects.push(Effect::Send(Address::of(to), mail));
}

fn end(transaction: Address, effects: &mut Effects) {
    tell(effects, Function::TransactionRouter, Mail::Gone(transaction));
    effects.push(Effect::Stop(transaction));
}

fn reply(effects: &mut Effects, to: Option<Address>, request: Message, status: u16, tag: u32) {
    if let Some(transaction) = to {
        let answer = Message { method: Method::Answer(status), tag, ..request };
        effects.push(Effect::Send(transaction, Mail::Answer(answer)));
    }
}

/// The transaction router with what came to it.
fn route_transaction(table: &mut BTreeSet<Address>, mail: Mail, effects: &mut Effects) {
    match mail {
        // The ACK of a success belongs to no transaction (RFC 3261, 13.3.1.4).
        Mail::Request(_, request) if request.method == Method::Ack => {
            tell(effects, Function::SessionRouter, Mail::Ask(None, request));
        }
        Mail::Request(flow, request) => {
            let transaction = Address::transaction(flow, request.transaction);
            if !table.contains(&transaction) {
                if table.len() >= MOST_ENTRIES {
                    return;
                }
                table.insert(transaction);
                effects.push(Effect::Spawn(transaction));
            }
            effects.push(Effect::Send(transaction, Mail::Request(flow, request)));
        }
        Mail::Gone(transaction) => {
            table.remove(&transaction);
        }
        _ => {}
    }
}

/// The session router with what came to it.
fn route_session(now: Instant, dialogs: &mut Dialogs, mail: Mail, effects: &mut Effects) {
    match mail {
        Mail::Ask(from, request) => {
            let call = request.subject;
            let mut tag = dialogs.calls.get(&call).copied();
            if request.method == Method::Invite && tag.is_none() && dialogs.calls.len() < MOST_ENTRIES {
                dialogs.tags = dialogs.tags.wrapping_add(1);
                tag = Some(dialogs.tags ^ dialogs.noise);
                dialogs.calls.insert(call, dialogs.tags ^ dialogs.noise);
                effects.push(Effect::Spawn(Address::session(call)));
            }
            match (tag, request.method) {
                (Some(tag), Method::Invite) => {
                    let request = Message { tag, ..request };
                    effects.push(Effect::Send(Address::session(call), Mail::Ask(from, request)));
                }
                (Some(_), _) => effects.push(Effect::Send(Address::session(call), Mail::Ask(from, request))),
                (None, Method::Bye) => {
                    let again = dialogs.ended.iter().any(|(_, ended)| *ended == call);
                    reply(effects, from, request, if again { OK } else { NO_SUCH_CALL }, request.tag);
                }
                (None, _) => {}
            }
        }
        Mail::Ended(call) if dialogs.calls.remove(&call).is_some() => dialogs.ended.push_back((now, call)),
        _ => {}
    }
    while dialogs.ended.pop_front_if(|(at, _)| *at + REMEMBERED < now).is_some() {}
}

/// A session with what came to it; one that has forgotten its dialog has nothing to end.
fn converse(own: Address, dialog: &mut Option<u32>, mail: Mail, effects: &mut Effects) {
    let Mail::Ask(from, request) = mail else { return };
    match request.method {
        Method::Invite => {
            let tag = *dialog.get_or_insert(request.tag);
            reply(effects, from, request, OK, tag);
        }
        Method::Bye => {
            let status = if dialog.is_some() { OK } else { NO_SUCH_CALL };
            reply(effects, from, request, status, request.tag);
            tell(effects, Function::SessionRouter, Mail::Ended(own.number));
            effects.push(Effect::Stop(own));
        }
        _ => {}
    }
}

impl Blueprint for Tree {
    type Address = Address;
    type Message = Mail;
    type State = Part;
    type Output = Output;

    fn root(&self) -> Address {
        Address::of(Function::SipServer)
    }

    fn parent(&self, actor: Address) -> Option<Address> {
        actor.function.parent().map(Address::of)
    }

    fn children(&self, actor: Address) -> Vec<Address> {
        let own = |child: &Function| child.parent() == Some(actor.function) && child.is_permanent();
        Function::ALL.into_iter().filter(own).map(Address::of).collect()
    }

    fn directive(&self, actor: Address) -> Directive {
        self.config.directives[actor.function.index()]
    }

    fn limit(&self) -> Limit {
        self.config.limit
    }

    fn capacity(&self) -> Capacity {
        self.config.capacity
    }

    fn start(&self, actor: Address) -> Part {
        match actor.function {
            Function::LocationManager => Part::Bindings(BTreeMap::new()),
            Function::SessionRouter => Part::Dialogs(Dialogs::default()),
            Function::Session => Part::Session(None),
            Function::TransactionRouter => Part::Transactions(BTreeSet::new()),
            Function::Transaction => Part::Transaction(false, None),
            _ => Part::Plain,
        }
    }

    fn restart(&self, actor: Address, before: &Part) -> Part {
        match (actor.function, before) {
            (Function::LocationManager, _) if self.config.bindings == Bindings::Restored => before.clone(),
            (Function::Session, _) if self.config.dialogs_restored => before.clone(),
            // A machine's own noise is no state of its actors.
            (Function::SessionRouter, Part::Dialogs(dialogs)) => {
                Part::Dialogs(Dialogs { noise: dialogs.noise, tags: dialogs.tags, ..Dialogs::default() })
            }
            _ => self.start(actor),
        }
    }

    fn service_time(&self, _: Address, number: u64) -> Duration {
        let mut stream = self.keys[0].stream(self.seed.0, offspring(self.seed.1, number));
        Duration::from_seconds(self.config.service.sample(&mut stream.draw()))
    }

    fn restart_time(&self, _: Address, number: u64) -> Duration {
        let mut stream = self.keys[1].stream(self.seed.0, offspring(self.seed.1, number));
        Duration::from_seconds(self.config.restart.sample(&mut stream.draw()))
    }

    fn handle(&self, now: Instant, actor: Address, state: &mut Part, message: Mail, effects: &mut Effects) {
        match (actor.function, state, message) {
            (Function::Receiver, _, Mail::Input(packet)) => tell(effects, Function::Encoding, Mail::Decode(packet)),
            (Function::Encoding, _, Mail::Decode(packet)) => self.decode(&packet, effects),
            (Function::Encoding, _, Mail::Encode(flow, message)) => {
                tell(effects, Function::Sender, Mail::Send(Packet { flow, payload: message.encode() }));
            }
            (Function::Sender, _, Mail::Send(packet)) => effects.push(Effect::Output(Output(packet))),
            (Function::TransactionRouter, Part::Transactions(table), mail) => route_transaction(table, mail, effects),
            (Function::Transaction, Part::Transaction(asked, answer), mail) => {
                if !*asked && answer.is_none() && matches!(mail, Mail::Request(..)) {
                    effects.push(Effect::Later(REMEMBERED, Mail::Over));
                }
                self.transact(actor, (asked, answer), mail, effects);
            }
            (Function::RegistrarRouter, _, mail @ Mail::Ask(..)) => tell(effects, Function::LocationManager, mail),
            (Function::LocationManager, Part::Bindings(bindings), mail) => self.bind(now, bindings, mail, effects),
            (Function::SessionRouter, Part::Dialogs(dialogs), mail) => route_session(now, dialogs, mail, effects),
            (Function::Session, Part::Session(dialog), mail) => converse(actor, dialog, mail, effects),
            _ => {}
        }
    }
}
