//! Scenario → parallel replications → estimates.
//!
//! A replication is a pure function of (net, seed, index). Blocks of a fixed number of them are computed by any
//! number of threads and folded strictly in index order, and a run looks at its results only after block counts
//! that the results themselves decide; so 1 thread and 64, an interrupted and resumed run give the same bytes.

pub mod answers;
pub mod control;
pub mod outcome;
pub mod plan;
pub mod resume;
pub mod settings;

mod account;
mod answer;
mod approach;
mod approximate;
mod asked;
mod batch;
mod bench;
mod blame;
mod causes;
mod cells;
mod compare;
mod cross_check;
mod crossing;
mod digest;
mod estimate;
mod evidence;
mod exact_sequences;
mod exact_shares;
mod exactly;
mod figures;
pub mod gate;
mod gated;
mod group;
mod importance;
mod lockstep;
mod lasting;
mod pair;
mod passages;
mod phases;
mod points;
mod probe;
mod process;
mod projection;
mod range;
mod rarity;
mod reaching;
mod read;
mod references;
mod regenerate;
mod replicate;
mod rest;
mod root;
mod run;
mod sample;
mod sequences;
mod sensitivity;
mod series;
mod shape;
mod shares;
mod solve;
mod splitting;
mod stopping;
mod strata;
mod studies;
mod tally;
mod target;
mod uncertain;
mod uncertainty;
mod verdict;
mod warmup;
mod window;
mod workshop;
mod years;

pub use control::{Control, PathFault, Progress, RunFault, Stage};
pub use digest::{digest, sha256};
pub use plan::Plan;
pub use read::{Overrides, Reading, module, plan};
pub use resume::Snapshot;
pub use run::run;
pub use workshop::Workshop;
