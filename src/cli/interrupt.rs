//! Ctrl-C: the first asks the run to end and print what is known, the second ends the process.

use super::clock::Stopwatch;
use super::exit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static SINCE: OnceLock<Stopwatch> = OnceLock::new();

/// Seconds within which a second signal is the echo of the first: `timeout` and other supervisors signal the process
/// and then its group.
const ECHO: f64 = 0.3;

/// Watches for Ctrl-C, and for the signals that ask a process to end; returns the flag that they set.
pub fn watch() -> &'static AtomicBool {
    let handler = || {
        let again = ASKED.swap(true, Ordering::Relaxed);
        if SINCE.get_or_init(Stopwatch::start).seconds() > ECHO && again {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    };
    // Where no handler can be set, the signal ends the process as it would have done anyway.
    let _ = ctrlc::set_handler(handler);
    &ASKED
}
