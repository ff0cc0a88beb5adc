//! What the structure of a flat net proves without running it.

mod change;
mod conflict;

pub use conflict::conflict_sets;
