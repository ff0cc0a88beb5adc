//! A process that belongs to a run, which ends with it whatever happens.

use super::clock::Clock;
use super::wire::{Order, Setup, Told};
#[cfg(unix)]
use nix::sys::signal::Signal;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// How a process of a lab is started: the program, and the arguments with which it calls [`super::serve`].
#[derive(Debug, Clone)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// Which of the processes of a run: the machines by their index, then the clients.
pub(super) type Who = usize;
/// The clients.
pub(super) const CLIENTS: Who = 2;

/// What a process told, or that it is gone; with the number of its life.
pub(super) type News = (Who, u64, Option<Told>);

/// A running process. When it is dropped it is killed, and its end waited for.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    orders: Arc<Mutex<ChildStdin>>,
}

impl Process {
    /// Starts a process. What it tells goes to `news`; when it asks for the time it is told at once.
    pub(super) fn start(
        program: &Program,
        setup: &Setup,
        clock: Clock,
        (who, life): (Who, u64),
        news: &Sender<News>,
    ) -> Result<Process, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", program.path.display());
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        apart(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a process without pipes".into());
        };
        let orders = Arc::new(Mutex::new(stdin));
        let process = Process { child, orders: orders.clone() };
        write(&orders, setup)?;
        let news = news.clone();
        thread::spawn(move || listen(stdout, &orders, clock, (who, life), &news));
        Ok(process)
    }

    /// Tells it something; one that is gone doesn't hear it.
    pub(super) fn order(&self, order: &Order) {
        let _ = write(&self.orders, order);
    }

    /// Lets it stand still, whatever it is doing (SIGSTOP).
    pub(super) fn suspend(&self) {
        signal(&self.child, Signal::SIGSTOP);
    }

    /// Lets it go on (SIGCONT).
    pub(super) fn resume(&self) {
        signal(&self.child, Signal::SIGCONT);
    }

    /// Ends it as a host ends that loses its power (SIGKILL).
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The process has not been waited for, so the number is its own.
#[cfg(unix)]
fn signal(child: &Child, signal: Signal) {
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal);
    }
}

/// Plans that need it are refused.
#[cfg(not(unix))]
fn signal(_: &Child, _: Signal) {}

#[cfg(not(unix))]
#[allow(clippy::upper_case_acronyms)]
enum Signal {
    SIGSTOP,
    SIGCONT,
}

/// Ctrl-C is for whoever began the run, and the processes end with that.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

fn write(orders: &Mutex<ChildStdin>, line: &impl serde::Serialize) -> Result<(), String> {
    let line = serde_json::to_string(line).map_err(|error| error.to_string())?;
    let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(orders, "{line}").and_then(|()| orders.flush()).map_err(|error| error.to_string())
}

fn listen(stdout: ChildStdout, orders: &Mutex<ChildStdin>, clock: Clock, of: (Who, u64), news: &Sender<News>) {
    let (who, life) = of;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Told::Ask) => {
                let _ = write(orders, &Order::Time(clock.now()));
            }
            Ok(told) => {
                let _ = news.send((who, life, Some(told)));
            }
            Err(error) => {
                let _ = news.send((who, life, Some(Told::Trouble(error.to_string()))));
            }
        }
    }
    let _ = news.send((who, life, None));
}
