//! Scenario → parallel replications → estimates.

pub mod outcome;
