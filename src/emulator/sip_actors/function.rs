//! The functions of a SIP server, as the thesis divides it into actors (5.4.2 and 5.4.3).

use crate::emulator::actor::Directive;
use serde::{Deserialize, Serialize};

/// A function; each is an actor, or a kind of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Function {
    /// The root.
    SipServer,
    /// Takes registrations to the location manager.
    RegistrarRouter,
    /// Knows where users are.
    LocationManager,
    /// Knows which session actor a dialog belongs to.
    SessionRouter,
    /// One for each dialog; ends with it.
    Session,
    /// Supervises what follows.
    TransportSupervisor,
    /// Sends to the network.
    Sender,
    /// Listens to the network.
    Receiver,
    /// Bytes to messages and back.
    Encoding,
    /// Knows which transactions there are.
    TransactionRouter,
    /// One for each transaction; ends with it.
    Transaction,
}

impl Function {
    /// All of them, a supervisor before those whom it supervises.
    pub const ALL: [Function; 11] = [
        Function::SipServer,
        Function::RegistrarRouter,
        Function::LocationManager,
        Function::SessionRouter,
        Function::Session,
        Function::TransportSupervisor,
        Function::Sender,
        Function::Receiver,
        Function::Encoding,
        Function::TransactionRouter,
        Function::Transaction,
    ];

    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Function::SipServer => "SIP server",
            Function::RegistrarRouter => "registrar router",
            Function::LocationManager => "location manager",
            Function::SessionRouter => "session router",
            Function::Session => "session",
            Function::TransportSupervisor => "transport supervisor",
            Function::Sender => "UDP sender",
            Function::Receiver => "UDP receiver",
            Function::Encoding => "SIP encoding",
            Function::TransactionRouter => "transaction router",
            Function::Transaction => "transaction",
        }
    }

    /// Who supervises it; none: the guardian.
    pub const fn parent(self) -> Option<Function> {
        match self {
            Function::SipServer => None,
            Function::Session => Some(Function::SessionRouter),
            Function::Transaction => Some(Function::TransactionRouter),
            Function::Sender | Function::Receiver | Function::Encoding | Function::TransactionRouter => {
                Some(Function::TransportSupervisor)
            }
            Function::RegistrarRouter
            | Function::LocationManager
            | Function::SessionRouter
            | Function::TransportSupervisor => Some(Function::SipServer),
        }
    }

    /// Whether there is always one, which starts with its supervisor.
    pub const fn is_permanent(self) -> bool {
        !matches!(self, Function::Session | Function::Transaction)
    }

    /// What the thesis does about its failure (5.4.3). Of sessions and transactions it only says that they are stopped
    /// with their routers; restarted is the default of its framework, and our reading.
    pub const fn directive(self) -> Directive {
        match self {
            Function::RegistrarRouter | Function::Encoding => Directive::Resume,
            _ => Directive::Restart,
        }
    }

    /// Its place in [`Function::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}
