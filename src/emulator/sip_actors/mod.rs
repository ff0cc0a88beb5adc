//! The thesis's SIP server as a tree of actors (5.4), and the same functions in one process without supervision.
//!
//! A request goes from the receiver through the encoding and the transaction router to its transaction, on to the
//! registrar router and the location manager or to the session router and its session, and the answer back through
//! the transaction and the encoding to the sender. The server with [`Config::directives`] of [`Directive::Crash`]
//! handles the same messages in the same way, and differs in what a failure takes with it and in what brings it back.

mod faults;
mod function;
#[cfg(test)]
mod tests;
mod tree;

pub use faults::{Code, Failure, Note, Surroundings};
pub use function::Function;
pub use tree::{Address, Mail, Part, Tree};

use super::actor::limit::Limit;
use super::actor::{Capacity, Directive, System, Tally, Turn};
use super::guest::{Corrupt, Guest};
use super::packet::{Packet, Protocol};
use super::sockets::Sockets;
use super::tcp::Reader;
use super::time::Instant;
use crate::dist::Law;
use faults::Fates;
use std::sync::{Arc, Mutex};
use tree::Output;

/// Where bindings are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bindings {
    /// Outside of the process, to which the location manager is a front (the thesis's replicated storage).
    Stored,
    /// In the location manager, which gets them back when it is restarted, but not when it is started anew.
    Restored,
    /// In the location manager: whoever ends it loses them.
    Lost,
}

/// How a server is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What is done about a failure of each function.
    pub directives: [Directive; 11],
    /// How many failures a supervisor bears.
    pub limit: Limit,
    /// How long the restart of an actor takes.
    pub restart: Law,
    /// How long an actor takes for a message.
    pub service: Law,
    /// The room of each mailbox.
    pub capacity: Capacity,
    /// Where bindings are kept.
    pub bindings: Bindings,
    /// Whether a session that is restarted still knows its dialog.
    pub dialogs_restored: bool,
    /// Whether a transaction passes a repeated request on that was not answered yet; it absorbs it otherwise
    /// (RFC 3261, 17.2).
    pub passes_on: bool,
}

/// The server.
#[derive(Debug, Clone)]
pub struct ActorServer {
    tree: Tree,
    system: System<Tree>,
    sockets: Sockets,
    /// The life of the receiver that has opened the socket.
    socket: Option<u64>,
}

const RECEIVER: Address = Address::of(Function::Receiver);

impl ActorServer {
    /// A server that starts. `seed` and `run` name its draws.
    pub fn new(config: Arc<Config>, surroundings: Arc<Mutex<Surroundings>>, seed: (u64, u64)) -> ActorServer {
        let tree = Tree::new(config, surroundings, seed);
        let mut server = ActorServer { tree, system: System::default(), sockets: Sockets::default(), socket: None };
        server.reset();
        server
    }

    /// Whether every actor that ought to run does.
    pub fn is_whole(&self) -> bool {
        self.system.is_whole()
    }

    /// What became of the messages between the actors, and how many wait.
    pub fn messages(&self) -> (Tally, u64) {
        (self.system.tally(), self.system.waiting())
    }

    fn run(&mut self, now: Instant, out: &mut Vec<Packet>, act: impl FnOnce(&mut System<Tree>, &mut Turn<'_, Tree>)) {
        let mut outputs = Vec::new();
        let mut fates = Fates(&self.tree.surroundings);
        let mut turn = Turn { now, blueprint: &self.tree, watch: &mut fates, out: &mut outputs };
        act(&mut self.system, &mut turn);
        self.system.advance(&mut turn);
        for Output(packet) in outputs {
            match packet.flow.protocol {
                Protocol::Udp => out.push(packet),
                Protocol::Tcp => self.sockets.send(now, packet.flow.client, packet.payload, out),
            }
        }
        let socket = self.system.life(RECEIVER);
        if socket != self.socket {
            // A socket is its receiver's, and ends with it.
            self.sockets.close();
            self.socket = socket;
        }
    }
}

impl Guest for ActorServer {
    fn receive(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        if self.system.is_dead() {
            return;
        }
        let listening = self.socket.is_some();
        let payload = match packet.flow.protocol {
            Protocol::Udp => listening.then(|| packet.payload.clone()),
            Protocol::Tcp => self.sockets.receive(now, packet, listening, out),
        };
        if let Some(payload) = payload {
            let input = Mail::Input(Packet { flow: packet.flow, payload });
            self.run(now, out, |system, turn| system.tell(turn, RECEIVER, input));
        }
    }

    fn deadline(&self) -> Option<Instant> {
        [self.system.deadline(), self.sockets.deadline()].into_iter().flatten().min()
    }

    fn expire(&mut self, now: Instant, out: &mut Vec<Packet>) {
        self.sockets.expire(now, out);
        self.run(now, out, |_, _| ());
    }

    fn capture(&self) -> Vec<u8> {
        // Plain data always has a JSON form.
        let actors = serde_json::to_vec(&(&self.system, self.socket)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(4 + actors.len());
        bytes.extend_from_slice(&(actors.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&actors);
        self.sockets.capture(&mut bytes);
        bytes
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Corrupt> {
        let mut reader = Reader(state);
        let length = reader.word().ok_or(Corrupt)? as usize;
        let actors = reader.bytes(length).ok_or(Corrupt)?;
        let (system, socket) = serde_json::from_slice(actors).map_err(|_| Corrupt)?;
        let sockets = Sockets::restore(&mut reader).filter(|_| reader.0.is_empty()).ok_or(Corrupt)?;
        (self.system, self.socket, self.sockets) = (system, socket, sockets);
        Ok(())
    }

    fn reset(&mut self) {
        (self.system, self.socket) = (System::default(), None);
        self.run(Instant::START, &mut Vec::new(), |system, turn| system.start(turn));
    }

    fn disturb(&mut self, bits: u64) {
        if let Some(Part::Dialogs(dialogs)) = self.system.state_mut(Address::of(Function::SessionRouter)) {
            dialogs.noise = bits as u32;
        }
    }

    fn is_bound(&self, now: Instant, user: u32) -> bool {
        let until = match self.system.state(Address::of(Function::LocationManager)) {
            _ if self.tree.config.bindings == Bindings::Stored => self.tree.surroundings().stored(user),
            Some(Part::Bindings(bindings)) => bindings.get(&user).copied(),
            _ => None,
        };
        until.is_some_and(|until| until > now)
    }

    fn fail(&mut self, now: Instant, failure: &Failure, out: &mut Vec<Packet>) {
        if failure.poison {
            return self.tree.surroundings().arm(failure);
        }
        let struck: Vec<Address> = self.system.running().filter(|actor| actor.function == failure.function).collect();
        let struck = self.tree.surroundings().strike(now, failure, &struck);
        if let Some(actor) = struck {
            self.run(now, out, |system, turn| {
                system.fail(turn, actor);
            });
        }
    }

    fn is_dead(&self) -> bool {
        self.system.is_dead()
    }
}
