//! Ctrl-C: the first asks the run to end and print what is known, the second ends the process.

use super::exit;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Watches for Ctrl-C, and for the signals that ask a process to end; returns the flag that they set.
pub fn watch() -> &'static AtomicBool {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    };
    // Where no handler can be set, the signal ends the process as it would have done anyway.
    let _ = ctrlc::set_handler(handler);
    &ASKED
}
