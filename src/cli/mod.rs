//! Arguments, files, colours, progress, exit codes; nothing else in fivenines reads or writes files.

mod args;
mod builtin;
mod calibrate;
mod check;
mod clock;
mod diagnostics;
mod emulate;
mod exit;
mod failure;
mod files;
mod gate;
mod interrupt;
mod junit;
mod plans;
mod printer;
mod run;
mod screen;
mod trace;

use args::{Args, Command};
use clap::Parser;
use failure::Failure;
use screen::Screen;
use std::process::ExitCode;

/// Runs the command line and returns the process's exit code (see [`exit`]).
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let code = execute(&args).unwrap_or_else(|failure| {
        if !failure.message.is_empty() {
            files::say(&format!("error: {}", failure.message));
        }
        failure.code
    });
    ExitCode::from(code)
}

fn execute(args: &Args) -> Result<u8, Failure> {
    let screen = Screen::new(args);
    match &args.command {
        Command::Run(run) => run::run(run, &screen),
        Command::Check(check) => check::check(check, &screen),
        Command::Trace(trace) => trace::trace(trace, &screen).map(|()| exit::FINE),
        Command::Emulate(args) => emulate::emulate(args, &screen),
        Command::EmulateNode => emulate::node().map(|()| exit::FINE),
        Command::Calibrate(args) => calibrate::calibrate(args, &screen),
        Command::Builtin { name } => builtin::show(name.as_deref()).map(|()| exit::FINE),
    }
}

/// `--help` and `--version` are answers and go to standard output; everything else is wrong input.
fn usage(error: &clap::Error) -> ExitCode {
    let code = if error.use_stderr() { exit::WRONG_INPUT } else { exit::FINE };
    // A closed pipe behind `--help | head` is no failure.
    let _ = error.print();
    ExitCode::from(code)
}
