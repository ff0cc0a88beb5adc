//! # fivenines
//!
//! Telephony promises 99.999 %: five minutes of downtime a year.
//! fivenines tells whether a design gets there before it is built.
//!
//! The modules stand in layer order: each may use only those above it, and a test enforces it.
//! So this list is the architecture diagram.

pub mod diag;
pub mod units;
pub mod rng;
pub mod dist;
pub mod queue;
pub mod stats;

pub mod syntax;
pub mod net;
pub mod program;
pub mod engine;
pub mod experiment;
pub mod report;
