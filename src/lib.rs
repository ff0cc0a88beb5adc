//! # fivenines
//!
//! Telephony promises 99.999 %: five minutes of downtime a year.
//! fivenines tells whether a design gets there before it is built.
//!
//! The modules stand in layer order: each may use only those above it, and a test enforces it.
//! So this list is the architecture diagram.

// Tests compare against std's mathematics; a path may not use it (clippy.toml).
#![cfg_attr(test, allow(clippy::disallowed_methods))]

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
