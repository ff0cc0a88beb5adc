//! Firings as lines: text for people, JSON lines for scripts.

use super::failure::Failure;
use super::files::print;
use fivenines::engine::{Observer, Path};
use fivenines::net::{Net, TransitionId};
use fivenines::report::duration;
use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};

/// Most lines that wait for being printed: a loop of immediates within one step must not fill the memory.
const MOST_WAITING: usize = 20_000;

/// One firing, as it is printed.
#[derive(Debug, Serialize)]
struct Firing<'n> {
    number: u64,
    /// Seconds.
    time: f64,
    transition: &'n str,
    /// Tokens before and after, of the places that changed.
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

/// Watches a path and prints its firings, all of them or the last.
#[derive(Debug)]
pub struct Printer<'n> {
    net: &'n Net,
    json: bool,
    /// Firings that are wanted.
    most: u64,
    last: Option<u64>,
    number: u64,
    marking: Vec<u32>,
    /// The latest firing: conditions may still turn by it.
    held: Option<Firing<'n>>,
    lines: VecDeque<String>,
}

impl<'n> Printer<'n> {
    /// Prints at most `most` firings, and with `last` only so many of the last lines.
    pub fn new(net: &'n Net, json: bool, most: u64, last: Option<u64>) -> Printer<'n> {
        let marking = net.places.iter().map(|place| place.initial).collect();
        Printer { net, json, most, last, number: 0, marking, held: None, lines: VecDeque::new() }
    }

    /// Whether more firings are wanted.
    pub fn more(&self) -> bool {
        self.number < self.most
    }

    /// Puts the initial marking before what has fired at time 0; `path` is `None` if it has ended already.
    pub fn start(&mut self, path: Option<&Path>) -> Result<(), Failure> {
        self.release();
        let net = self.net;
        let places = net.places.iter().filter(|place| place.initial > 0);
        let is_up = |i: usize| path.is_none_or(|path| path.is_up(i));
        let line = if self.json {
            let marking: serde_json::Map<String, serde_json::Value> =
                places.map(|place| (place.name.clone(), place.initial.into())).collect();
            let up = path.map(|_| {
                let all = net.up.iter().enumerate();
                all.map(|(i, up)| (up.name.clone(), is_up(i).into()))
                    .collect::<serde_json::Map<String, serde_json::Value>>()
            });
            serde_json::json!({"number": 0, "time": 0.0, "marking": marking, "up": up}).to_string()
        } else {
            let marking: Vec<String> = places.map(|place| format!("{} {}", place.name, place.initial)).collect();
            let down = net.up.iter().enumerate().filter(|(i, _)| !is_up(*i)).map(|(_, up)| up.name.as_str());
            let down: Vec<&str> = down.collect();
            let marking = if marking.is_empty() { "no tokens".to_owned() } else { marking.join(", ") };
            let tail = if down.is_empty() { String::new() } else { format!("  | DOWN: {}", down.join(", ")) };
            format!("start  {marking}{tail}")
        };
        self.lines.push_front(line);
        self.settled()
    }

    /// Prints what has fired up to now.
    pub fn settled(&mut self) -> Result<(), Failure> {
        self.release();
        if self.last.is_none() { self.flush() } else { Ok(()) }
    }

    /// Prints the lines that were held back for `--last`.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.release();
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.lines.drain(..).try_for_each(|line| print(&(line + "\n")))
    }

    /// Turns the held firing into a line; too many lines push the first ones out.
    fn release(&mut self) {
        let line = self.held.take().map(|firing| match self.json {
            true => serde_json::to_string(&firing).unwrap_or_default(),
            false => text(&firing),
        });
        self.lines.extend(line);
        let most = self.last.map_or(MOST_WAITING, |last| usize::try_from(last).unwrap_or(MOST_WAITING));
        while self.lines.len() > most.min(MOST_WAITING) {
            self.lines.pop_front();
        }
    }
}

impl Observer for Printer<'_> {
    fn fired(&mut self, time: f64, transition: TransitionId, marking: &[u32]) {
        if !self.more() {
            return;
        }
        self.release();
        self.number += 1;
        let net = self.net;
        let fired = &net.transitions[transition.0 as usize];
        let arcs = fired.inputs.iter().chain(&fired.outputs).map(|arc| arc.place);
        let touched: BTreeSet<usize> =
            arcs.chain(fired.flushes.iter().copied()).map(|place| place.0 as usize).collect();
        let mut changes = Vec::new();
        for place in touched {
            let (before, after) = (self.marking[place], marking[place]);
            if before != after {
                changes.push(Change { place: &net.places[place].name, before, after });
                self.marking[place] = after;
            }
        }
        self.held =
            Some(Firing { number: self.number, time, transition: &fired.name, marking: changes, up: Vec::new() });
    }

    fn changed(&mut self, _time: f64, up: usize, is_up: bool) {
        if let Some(firing) = &mut self.held {
            firing.up.push(Turn { condition: &self.net.up[up].name, up: is_up });
        }
    }
}

fn text(firing: &Firing) -> String {
    let changes: Vec<String> =
        firing.marking.iter().map(|c| format!("{} {} → {}", c.place, c.before, c.after)).collect();
    let turns: Vec<String> =
        firing.up.iter().map(|t| format!("{} {}", t.condition, if t.up { "up" } else { "DOWN" })).collect();
    let tail = if turns.is_empty() { String::new() } else { format!("  | {}", turns.join(", ")) };
    let time = duration(firing.time);
    let head = format!("{:>7}  {:>18} s  {:>12}", firing.number, format!("{:.6}", firing.time), time);
    format!("{head}  {}  {}{tail}", firing.transition, changes.join(", "))
}
