//! A fault plan: the pair, the network, the clients, and what goes wrong when.

use super::lab::arp::Announcement;
use super::lab::network::Rules;
use super::lab::voice::Codec;
use super::replicator::{Config, Machine};
use super::sip_actors::{self, Function};
use super::time::Duration;
use crate::dist::Law;
use std::sync::Arc;

/// Plans that are told together.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// What the report is called.
    pub title: String,
    /// What it shows, and from where.
    pub doc: String,
    /// The figures of its table; none: those with published or expected values.
    pub figures: Vec<String>,
    /// In the order of the file; a plan without cases is one without a name.
    pub cases: Vec<Case>,
}

/// A plan by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Empty if the study is this plan alone.
    pub name: String,
    /// Carried out with the same seed as the other ones.
    pub plan: Plan,
}

impl Study {
    /// The only plan; none if there are cases.
    pub fn alone(&self) -> Option<&Plan> {
        match self.cases.as_slice() {
            [Case { name, plan }] if name.is_empty() => Some(plan),
            _ => None,
        }
    }

    /// Runs of all cases together.
    pub fn runs(&self) -> u64 {
        self.cases.iter().map(|case| case.plan.runs).sum()
    }
}

/// Everything that a run is a function of, beside its seed and number.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What the report is called.
    pub title: String,
    /// What it shows, and from where.
    pub doc: String,
    /// Seed of all draws.
    pub seed: u64,
    /// How many runs.
    pub runs: u64,
    /// Virtual length of a run.
    pub length: Duration,
    /// The two machines.
    pub pair: Arc<Config>,
    /// What they run.
    pub server: Served,
    /// The links.
    pub rules: Rules,
    /// What the client's side knows of the address.
    pub arp: Arp,
    /// From a host's crash to its restart; none: it stays down.
    pub repair: Option<Law>,
    /// From a process's crash to its restart; none: it stays down.
    pub restart: Option<Law>,
    /// Who uses the service.
    pub clients: Clients,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What others found.
    pub published: Vec<Expectation>,
    /// What must come out.
    pub expect: Vec<Expectation>,
}

/// A value that a figure is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Which figure of the report.
    pub figure: String,
    /// Its value, in base units.
    pub value: f64,
    /// How far it may be off; none: it is only shown.
    pub tolerance: Option<f64>,
    /// Where the value comes from.
    pub source: String,
}

/// The neighbour cache of the clients' side.
#[derive(Debug, Clone, PartialEq)]
pub struct Arp {
    /// How a takeover is announced.
    pub announcement: Announcement,
    /// How long before the run the entry was confirmed.
    pub age: Law,
}

/// The server of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Served {
    /// Registrar, session router and voice relay in one state, without functions that could fail.
    Whole,
    /// Functions, as actors or in one process.
    Divided(Arc<sip_actors::Config>),
}

/// Who uses the service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clients {
    /// Voice: streams through the whole run, and what calls with media send.
    pub voice: Option<Voice>,
    /// Users who register.
    pub registrations: Option<Registrations>,
    /// Calls that come and go.
    pub calls: Option<Calls>,
    /// Whether requests over UDP are sent again (SIPp's option `-nr` is the opposite).
    pub retransmission: bool,
    /// The machines have addresses of their own, which the clients know (DNS SRV: RFC 2782); after so long without an
    /// answer they ask the other one (RFC 3263, 4.3). None: there is one address, and whoever is active has it.
    pub next_server: Option<Duration>,
}

/// Voice of G.711, sent to the service and relayed back.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// How many streams through the whole run.
    pub streams: u32,
    /// Voice in a packet.
    pub packet_time: Duration,
    /// What the listener waits after the first packet.
    pub jitter_buffer: Duration,
    /// How loss is borne.
    pub codec: Codec,
}

/// Over what a user agent talks to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams, with SIP's own retransmission.
    Udp,
    /// One connection for all.
    TcpShared,
    /// A connection for each.
    TcpEach,
}

/// Users who register, and again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Registrations {
    /// How many.
    pub users: u32,
    /// Over what.
    pub transport: Transport,
    /// When each begins.
    pub start: Law,
    /// From one registration to the next; none: one each.
    pub every: Option<Duration>,
}

/// Calls at a rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Calls {
    /// From one call to the next.
    pub interval: Law,
    /// When the first begins.
    pub first: Duration,
    /// After that no more calls begin.
    pub until: Duration,
    /// From the answer to the BYE.
    pub duration: Law,
    /// Over what.
    pub transport: Transport,
    /// Whether those who call talk, as the plan's [`Voice`] says.
    pub media: bool,
}

/// Who is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// That machine.
    Machine(Machine),
    /// The active one, at that time.
    Active,
    /// The other one.
    Backup,
}

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// When, from the start of the run.
    pub at: Law,
    /// What.
    pub what: Trouble,
}

/// The kinds of fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The host stops dead.
    HostCrash(Whom),
    /// The replicated server's process dies; the host's kernel lives on.
    ProcessCrash(Whom),
    /// Somebody stops the machine in order.
    Stop(Whom),
    /// All that the machine does waits.
    Hang(Whom, Law),
    /// All that the machine does is late by the first time, for the second.
    Slow(Whom, Duration, Law),
    /// The next pause of the guest takes longer.
    Overrun(Whom, Duration),
    /// The guests of the two machines begin to differ.
    Diverge(Whom),
    /// A function of the server fails.
    Function(Whom, FunctionFault),
    /// Nothing passes between two parts of the network.
    Cut(super::lab::network::Node, super::lab::network::Node, Law),
}

/// A fault in a function of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionFault {
    /// Which one; none: the next one in each run.
    pub function: Option<Function>,
    /// Whether a message is to blame, and not the time.
    pub poison: bool,
    /// Probability that what is done about a failure cures.
    pub cure: f64,
    /// From one fault to the next; none: it is the only one.
    pub every: Option<Law>,
}
