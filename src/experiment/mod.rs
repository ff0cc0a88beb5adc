//! Scenario → parallel replications → estimates.
//!
//! A replication is a pure function of (net, seed, index). Blocks of a fixed number of them are computed by any
//! number of threads and folded strictly in index order, and a run looks at its results only after block counts
//! that the results themselves decide; so 1 thread and 64, an interrupted and resumed run give the same bytes.

pub mod control;
pub mod outcome;
pub mod plan;
pub mod resume;
pub mod settings;

mod approach;
mod approximate;
mod batch;
mod causes;
mod compare;
mod constant;
mod cross_check;
mod crossing;
mod digest;
mod estimate;
mod exactly;
mod figures;
mod gated;
mod group;
mod importance;
mod pair;
mod points;
mod probe;
mod process;
mod read;
mod references;
mod regenerate;
mod replicate;
mod run;
mod sample;
mod series;
mod shares;
mod solve;
mod splitting;
mod stopping;
mod tally;
mod verdict;
mod warmup;
mod window;
mod years;

pub use control::{Control, PathFault, Progress, RunFault, Stage};
pub use digest::digest;
pub use plan::Plan;
pub use read::{Overrides, Reading, module, plan};
pub use resume::Snapshot;
pub use run::run;
