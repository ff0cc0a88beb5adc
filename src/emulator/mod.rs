//! A replicated VoIP server pair under faults, measured: failover times and voice quality.
//!
//! A fault plan ([`read`] → [`plan::Plan`]) is run many times in a virtual-time [`lab`]; each run gives a record, and
//! [`outcome::emulate`] makes [`figures`] of them. [`findings`] are those of all cases of a study, which [`report`]
//! tells. What is measured is the [`replicator`], a state machine without sockets, clock or ambient randomness, that
//! runs a [`guest`]: the SIP [`server`], or its functions as actors ([`sip_actors`]).
//!
//! ```
//! use fivenines::diag::{Diagnostics, Sources};
//! use fivenines::emulator::{lab, read};
//!
//! let text = r#"FaultPlan(
//!     pair: (mode: Standby, detector: Vrrp(version: 2, advert: "1 s")),
//!     clients: (registrations: (users: 10)),
//!     faults: [HostCrash(at: "3.5 s")],
//! )"#;
//! let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
//! let source = sources.add("plan.ron", text);
//! let study = read::read(source, text.as_bytes(), &mut diagnostics).expect("no mistakes");
//! let takeover = lab::run(&study.cases[0].plan, 1, 0).takeovers[0];
//! // The last advert left at 3 s: three more are missed, and 156/256 s of skew time pass.
//! let silence = takeover.suspected - takeover.failed.expect("a crash");
//! assert!((silence.seconds() - 3.109_475).abs() < 1e-6);
//! ```

pub mod actor;
pub mod figures;
pub mod findings;
pub mod guest;
pub mod lab;
pub mod live;
pub mod message;
pub mod outcome;
pub mod packet;
mod pairs;
pub mod plan;
pub mod read;
pub mod replicator;
pub mod report;
pub mod server;
pub mod sip_actors;
pub mod sockets;
pub mod tcp;
pub mod time;
