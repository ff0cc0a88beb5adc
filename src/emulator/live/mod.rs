//! The live lab: the same state machines in real processes, over sockets of the loopback interface and real time.
//!
//! A run is three processes, machine A, machine B and the clients, each of them the program itself ([`serve`]), and
//! the one that began it, which kills (SIGKILL), suspends (SIGSTOP), restarts and hears them. The plan's links, its
//! neighbour cache and its modelled times of pauses and transmissions are laid over what the loopback interface and the
//! scheduler take; what would take too long is refused ([`fits`]). Runs follow one another, so that none disturbs the
//! next.
//!
//! Only here does the emulator open sockets, start processes and read a clock.

mod book;
mod child;
mod clients;
mod clock;
mod fits;
mod host;
mod line;
mod node;
mod pace;
mod pair;
mod strike;
mod study;
mod timeliness;
mod wire;

use super::lab::record::Record;
use super::plan::Case;
use super::time::Duration;
use clock::Clock;

pub use child::Program;
pub use fits::fits;
pub use node::serve;
pub use study::carry_out;
pub use timeliness::Timeliness;

/// What all runs of a study have in common.
#[derive(Debug)]
pub struct Job<'j> {
    /// How processes are started.
    program: Program,
    /// The text of the plan's file.
    text: &'j str,
    clock: Clock,
    token: u64,
}

/// What a live run gave.
#[derive(Debug, Clone)]
pub struct Run {
    /// What a virtual run gives as well.
    pub record: Record,
    /// By how much each deadline that was waited for was late.
    pub late: Vec<Duration>,
    /// By how much the clocks of the processes may differ.
    pub uncertainty: Duration,
}

impl<'j> Job<'j> {
    /// Runs of the plans of that text, which must [fit](fits()), by that program.
    pub fn new(program: Program, text: &'j str) -> Job<'j> {
        let clock = Clock::start();
        // It only keeps strays of other runs apart: whoever may read the memory of a process may disturb it anyway.
        let token = u64::from(std::process::id()) << 32 ^ text.len() as u64;
        Job { program, text, clock, token }
    }

    /// One run; none if `stop`, asked every now and then, said so before its end. No process is left behind.
    ///
    /// # Errors
    /// When a process can't be started, ends by itself, or is not heard in time.
    pub fn run(&self, case: &Case, run: u64, stop: &dyn Fn() -> bool) -> Result<Option<Run>, String> {
        pair::Pair::run(self, case, run, stop)
    }
}
