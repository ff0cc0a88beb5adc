//! A replicated VoIP server pair under faults, measured: failover times and voice quality.
pub mod guest;
pub mod lab;
pub mod message;
pub mod outcome;
pub mod packet;
pub mod plan;
pub mod read;
pub mod replicator;
pub mod report;
pub mod server;
pub mod tcp;
pub mod time;
