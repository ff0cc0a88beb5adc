//! Scenario → parallel replications → estimates.
//!
//! A replication is a pure function of (net, seed, index). Blocks of a fixed number of them are computed by any
//! number of threads and folded strictly in index order, and a run looks at its results only after block counts
//! that the results themselves decide; so 1 thread and 64, an interrupted and resumed run give the same bytes.

pub mod control;
pub mod outcome;

pub mod process;
pub mod settings;

mod approach;
mod batch;
mod estimate;
mod probe;
mod regenerate;
mod quantile;
mod replicate;
pub mod resume;
mod sample;
mod stopping;
mod tally;
mod warmup;
