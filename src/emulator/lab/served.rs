//! The server that a plan asks for.

use crate::emulator::guest::{Corrupt, Guest};
use crate::emulator::packet::Packet;
use crate::emulator::plan::{Plan, Served};
use crate::emulator::server::SipServer;
use crate::emulator::sip_actors::{ActorServer, Failure, Surroundings};
use crate::emulator::time::Instant;
use std::sync::{Arc, Mutex};

/// One of the servers that can be replicated.
#[derive(Debug, Clone)]
pub(in crate::emulator) enum Server {
    /// One state, one step; what it takes for no message is counted outside.
    Whole(SipServer, Arc<Mutex<Surroundings>>),
    /// Functions that fail, with or without supervision.
    Divided(Box<ActorServer>),
}

impl Server {
    /// A server that starts.
    pub(in crate::emulator) fn new(plan: &Plan, surroundings: &Arc<Mutex<Surroundings>>, seed: (u64, u64)) -> Server {
        match &plan.server {
            Served::Whole => Server::Whole(SipServer::default(), surroundings.clone()),
            Served::Divided(config) => {
                Server::Divided(Box::new(ActorServer::new(config.clone(), surroundings.clone(), seed)))
            }
        }
    }

    /// Whether everything in it runs.
    pub(in crate::emulator) fn is_whole(&self) -> bool {
        match self {
            Server::Whole(..) => true,
            Server::Divided(server) => server.is_whole(),
        }
    }

    fn guest(&self) -> &dyn Guest {
        match self {
            Server::Whole(server, _) => server,
            Server::Divided(server) => &**server,
        }
    }

    fn guest_mut(&mut self) -> &mut dyn Guest {
        match self {
            Server::Whole(server, _) => server,
            Server::Divided(server) => &mut **server,
        }
    }
}

impl Guest for Server {
    fn receive(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        self.guest_mut().receive(now, packet, out);
        if let Server::Whole(server, surroundings) = self {
            match server.take_rejected() {
                0 => {}
                count => super::lock(surroundings).reject(count),
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.guest().deadline()
    }

    fn expire(&mut self, now: Instant, out: &mut Vec<Packet>) {
        self.guest_mut().expire(now, out);
    }

    fn capture(&self) -> Vec<u8> {
        self.guest().capture()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Corrupt> {
        self.guest_mut().restore(state)
    }

    fn reset(&mut self) {
        self.guest_mut().reset();
    }

    fn disturb(&mut self, bits: u64) {
        self.guest_mut().disturb(bits);
    }

    fn is_bound(&self, now: Instant, user: u32) -> bool {
        self.guest().is_bound(now, user)
    }

    fn fail(&mut self, now: Instant, failure: &Failure, out: &mut Vec<Packet>) {
        self.guest_mut().fail(now, failure, out);
    }

    fn is_dead(&self) -> bool {
        self.guest().is_dead()
    }
}
