//! `fivenines trace`: one path, firing by firing.

use super::args::Trace;
use super::failure::Failure;
use super::files::print;
use super::plans::{self, Wanted};
use super::screen::Screen;
use fivenines::engine::{Fault, Observer, Options, Path};
use fivenines::experiment::plan::{Plan, Planned};
use fivenines::net::{Net, TransitionId};
use fivenines::program;
use fivenines::report::duration;
use serde::Serialize;
use std::collections::VecDeque;

/// Firings that are printed when neither an end nor a number is given.
const DEFAULT_FIRINGS: u64 = 50;

/// Runs the command.
pub fn trace(args: &Trace, screen: &Screen) -> Result<(), Failure> {
    let wanted = Wanted { set: &args.set, seed: args.seed, ..Wanted::default() };
    let plan = plans::read(&args.file, &wanted, screen)?;
    let planned = choose(&plan, args.design.as_deref())?;
    let program = program::compile(&planned.net).map_err(|error| Failure::input(error.0))?;
    let most = args.firings.unwrap_or(if args.until.is_some() { u64::MAX } else { DEFAULT_FIRINGS });
    let mut printer = Printer::new(&planned.net, args, most);
    let mut path = Path::new(&program, Options { ties: plan.settings.ties, confusion: false });
    let ended = follow(&mut path, &mut printer, args, plan.settings.seed);
    printer.flush()?;
    ended?.map_err(|fault| Failure::run(fault.to_string()))
}

/// The design that is asked for, at its first sweep point.
fn choose<'p>(plan: &'p Plan, design: Option<&str>) -> Result<&'p Planned, Failure> {
    let found = plan.points.iter().find(|point| design.is_none_or(|name| name == point.design));
    found.ok_or_else(|| match design {
        Some(name) => Failure::input(format!("there is no design `{name}`; there are: {}", plan.designs.join(", "))),
        None => Failure::input("there is no design in it"),
    })
}

/// Steps until the end that is asked for; a broken rule of the net is the inner error.
fn follow(path: &mut Path, printer: &mut Printer, args: &Trace, seed: u64) -> Result<Result<(), Fault>, Failure> {
    let limit = args.until.unwrap_or(f64::INFINITY);
    if let Err(fault) = path.begin(seed, args.replication) {
        return Ok(Err(fault));
    }
    printer.start(path)?;
    while printer.more() {
        let stepped = path.step(limit, printer);
        printer.settled()?;
        match stepped {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(()))
}

/// One firing, as it is printed.
#[derive(Debug, Serialize)]
struct Firing<'n> {
    number: u64,
    /// Seconds.
    time: f64,
    transition: &'n str,
    /// Place → tokens before and after.
    marking: Vec<Change<'n>>,
    /// Conditions that changed in the tangible marking after it.
    up: Vec<Turn<'n>>,
}

#[derive(Debug, Serialize)]
struct Change<'n> {
    place: &'n str,
    before: u32,
    after: u32,
}

#[derive(Debug, Serialize)]
struct Turn<'n> {
    condition: &'n str,
    up: bool,
}

/// Notes the firings of a step, and prints them when the marking is tangible again.
struct Printer<'n> {
    net: &'n Net,
    json: bool,
    most: u64,
    last: Option<usize>,
    number: u64,
    marking: Vec<u32>,
    step: Vec<Firing<'n>>,
    lines: VecDeque<String>,
}

impl<'n> Printer<'n> {
    fn new(net: &'n Net, args: &Trace, most: u64) -> Printer<'n> {
        let marking = net.places.iter().map(|place| place.initial).collect();
        let (step, lines) = (Vec::new(), VecDeque::new());
        Printer { net, json: args.json, most, last: args.last, number: 0, marking, step, lines }
    }

    fn more(&self) -> bool {
        self.number < self.most
    }

    /// The first tangible marking, after the immediates of time 0.
    fn start(&mut self, path: &Path) -> Result<(), Failure> {
        self.marking.copy_from_slice(path.marking());
        let places = self.net.places.iter().zip(&self.marking).filter(|(_, tokens)| **tokens > 0);
        let (net, json) = (self.net, self.json);
        let line = if json {
            let marking: serde_json::Map<String, serde_json::Value> =
                places.map(|(place, &tokens)| (place.name.clone(), tokens.into())).collect();
            let up: serde_json::Map<String, serde_json::Value> =
                net.up.iter().enumerate().map(|(i, up)| (up.name.clone(), path.is_up(i).into())).collect();
            serde_json::json!({"number": 0, "time": 0.0, "marking": marking, "up": up}).to_string()
        } else {
            let marking: Vec<String> = places.map(|(place, tokens)| format!("{} {tokens}", place.name)).collect();
            let down = net.up.iter().enumerate().filter(|(i, _)| !path.is_up(*i)).map(|(_, up)| up.name.as_str());
            let down: Vec<&str> = down.collect();
            let tail = if down.is_empty() { String::new() } else { format!("  | down: {}", down.join(", ")) };
            format!("start  {}{tail}", marking.join(", "))
        };
        self.put(line)
    }

    /// Prints what the step noted.
    fn settled(&mut self) -> Result<(), Failure> {
        for firing in std::mem::take(&mut self.step) {
            let line = if self.json { serde_json::to_string(&firing).unwrap_or_default() } else { text(&firing) };
            self.put(line)?;
        }
        Ok(())
    }

    fn put(&mut self, line: String) -> Result<(), Failure> {
        let Some(last) = self.last else { return print(&(line + "\n")) };
        self.lines.push_back(line);
        if self.lines.len() > last {
            self.lines.pop_front();
        }
        Ok(())
    }

    /// Prints the lines that were held back for `--last`.
    fn flush(&mut self) -> Result<(), Failure> {
        self.lines.drain(..).try_for_each(|line| print(&(line + "\n")))
    }
}

impl Observer for Printer<'_> {
    fn fired(&mut self, time: f64, transition: TransitionId, marking: &[u32]) {
        if self.number >= self.most {
            return;
        }
        self.number += 1;
        let net = self.net;
        let mut changes = Vec::new();
        for ((place, before), &after) in net.places.iter().zip(&mut self.marking).zip(marking) {
            if *before != after {
                changes.push(Change { place: &place.name, before: *before, after });
                *before = after;
            }
        }
        let name = &net.transitions[transition.0 as usize].name;
        if self.last.is_some_and(|last| self.step.len() > 2 * last.max(1)) {
            // A loop of immediates would fill the memory.
            self.step.drain(..last_half(self.step.len()));
        }
        self.step.push(Firing { number: self.number, time, transition: name, marking: changes, up: Vec::new() });
    }

    fn changed(&mut self, _time: f64, up: usize, is_up: bool) {
        if let Some(firing) = self.step.last_mut() {
            firing.up.push(Turn { condition: &self.net.up[up].name, up: is_up });
        }
    }
}

fn last_half(length: usize) -> usize {
    length / 2
}

fn text(firing: &Firing) -> String {
    let changes: Vec<String> =
        firing.marking.iter().map(|c| format!("{} {} → {}", c.place, c.before, c.after)).collect();
    let turns: Vec<String> =
        firing.up.iter().map(|t| format!("{} {}", t.condition, if t.up { "up" } else { "DOWN" })).collect();
    let tail = if turns.is_empty() { String::new() } else { format!("  | {}", turns.join(", ")) };
    let time = duration(firing.time);
    let head = format!("{:>5}  {:>18} s  {:>12}", firing.number, format!("{:.6}", firing.time), time);
    format!("{head}  {}  {}{tail}", firing.transition, changes.join(", "))
}
