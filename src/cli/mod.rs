//! Arguments, files, colours, progress, exit codes; nothing else in fivenines reads or writes files.

#![allow(dead_code, clippy::manual_range_contains)]

mod args;
mod exit;

use clap::Parser;
use std::process::ExitCode;

/// Runs the command line and returns the process's exit code (see [`exit`]).
pub fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let _ = args;
    ExitCode::from(exit::FINE)
}

/// `--help` and `--version` are answers and go to standard output; everything else is wrong input.
fn usage(error: &clap::Error) -> ExitCode {
    let code = if error.use_stderr() { exit::WRONG_INPUT } else { exit::FINE };
    // A closed pipe behind `--help | head` is no failure.
    let _ = error.print();
    ExitCode::from(code)
}
