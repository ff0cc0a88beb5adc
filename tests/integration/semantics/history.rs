//! S7–S11: random histories of interruptions, arrivals, departures and changes of speed, for general laws, in every
//! cell of memory policy × servers × scope. What the clocks do is reckoned anew here, from `SEMANTICS.md` alone, by
//! work left instead of times due; the draws are those of the named streams.

use super::{close, law, program, traced};
use fivenines::dist::Law;
use fivenines::rng::{Draw, Stream, StreamKey};
use std::fmt::Write;

/// What happens to the jobs at a given time.
#[derive(Debug, Clone, Copy)]
enum Act {
    Shut,
    Open,
    Add(usize),
    /// Takes a job away, if there is one.
    Take(usize),
    /// Half of it is the speed.
    Pace(u32),
    Nothing,
}

const ACTS: usize = 24;

const COLOURS: [&str; 2] = ["a", "b"];

/// Times and what happens then, a function of the script's number.
fn script(number: u64, paced: bool) -> Vec<(f64, Act)> {
    let mut stream = StreamKey::of("script").stream(number, 0);
    let below = |draw: &mut Draw, n: usize| (draw.uniform() * n as f64) as usize;
    let mut time = 0.0;
    let one = |_| {
        let mut draw = stream.draw();
        time += 1.5 * draw.uniform();
        let act = match below(&mut draw, if paced { 10 } else { 8 }) {
            0 | 1 => Act::Shut,
            2 | 3 => Act::Open,
            4 | 5 => Act::Add(below(&mut draw, 2)),
            6 => Act::Take(below(&mut draw, 2)),
            7 => Act::Nothing,
            _ => Act::Pace(below(&mut draw, 4) as u32),
        };
        (time, act)
    };
    let mut script: Vec<(f64, Act)> = (0..ACTS).map(one).collect();
    // In the end everything may be done.
    script.push((40.0, Act::Pace(2)));
    script.push((41.0, Act::Open));
    script.retain(|(_, act)| paced || !matches!(act, Act::Pace(_)));
    script
}

/// One cell of the table.
#[derive(Debug, Clone, Copy)]
struct Cell {
    memory: &'static str,
    /// None: infinitely many.
    servers: Option<usize>,
    shared: bool,
    paced: bool,
}

fn net(cell: Cell, law: &str, script: &[(f64, Act)]) -> String {
    let (mut places, mut transitions) = (String::new(), String::new());
    for (i, (time, act)) in script.iter().enumerate() {
        let effect = match act {
            Act::Shut => r#"flush: ["On"]"#.to_string(),
            Act::Open => r#"flush: ["On"], to: {"On": "1"}"#.to_string(),
            Act::Add(c) => format!(r#"to: {{"Job": "{}"}}"#, COLOURS[*c]),
            Act::Take(c) => format!(r#"to: {{"Want": "{}"}}"#, COLOURS[*c]),
            Act::Pace(0) => r#"flush: ["Pace"]"#.to_string(),
            Act::Pace(n) => format!(r#"flush: ["Pace"], to: {{"Pace": "{n}"}}"#),
            Act::Nothing => String::new(),
        };
        let _ = write!(places, r#""S{i}": (tokens: 1), "#);
        let _ = write!(transitions, r#""E{i}": Timed(delay: "{time:?} s", from: {{"S{i}": "1"}}, {effect}), "#);
    }
    let servers = cell.servers.map_or("Infinite".to_string(), |k| k.to_string());
    let scope = if cell.shared { "Transition" } else { "Binding" };
    let speed = if cell.paced { r##"speed: "#Pace / 2","## } else { "" };
    format!(
        r#"colours: {{"C": "{{a, b}}"}}, places: {{{places}
        "Job": (colour: "C", tokens: "3 * a + 2 * b"), "Want": (colour: "C"), "On": (tokens: 1), "Pace": (tokens: 2)}},
        transitions: {{{transitions}
        "Got[c in C]": Immediate(priority: 1, from: {{"Want": "c", "Job": "c"}}), "Gone[c in C]": Immediate(from: {{"Want": "c"}}),
        "T[c in C]": Timed(delay: "{law}", memory: {}, servers: {servers}, scope: {scope}, {speed} from: {{"Job": "c"}}, test: {{"On": "1"}})}}"#,
        cell.memory
    )
}

/// A running clock.
struct Clock {
    colour: usize,
    left: f64,
    whole: f64,
}

struct Oracle<'l> {
    cell: Cell,
    law: &'l Law,
    streams: [Stream; 2],
    jobs: [usize; 2],
    open: bool,
    pace: f64,
    /// In the order of their start.
    running: Vec<Clock>,
    /// Colours that wait for a shared server.
    queue: Vec<usize>,
    kept: [Vec<f64>; 2],
    stops: usize,
}

impl Oracle<'_> {
    /// Which clock is done first, and how long that takes; equal ones by the stream's key (S13), then by age.
    fn next(&self) -> Option<(usize, f64)> {
        let key = |clock: &Clock| StreamKey::of(&format!("T[{}]", COLOURS[clock.colour])).0[0];
        let order = |a: &Clock, b: &Clock| a.left.total_cmp(&b.left).then(key(a).cmp(&key(b)));
        let first = self.running.iter().enumerate().min_by(|a, b| order(a.1, b.1))?;
        (self.pace > 0.0).then(|| (first.0, first.1.left / self.pace))
    }

    fn work(&mut self, duration: f64) {
        self.running.iter_mut().for_each(|clock| clock.left -= duration * self.pace);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Shut => self.open = false,
            Act::Open => self.open = true,
            Act::Add(c) => self.jobs[c] += 1,
            Act::Take(c) => self.jobs[c] = self.jobs[c].saturating_sub(1),
            Act::Pace(n) => self.pace = f64::from(n) / 2.0,
            Act::Nothing => {}
        }
    }

    fn draw(&mut self, colour: usize) -> f64 {
        self.law.sample(&mut self.streams[colour].draw())
    }

    fn start(&mut self, colour: usize) {
        let whole = self.kept[colour].pop().unwrap_or_else(|| self.draw(colour));
        self.running.push(Clock { colour, left: whole, whole });
    }

    fn wanted(&self, colour: usize) -> usize {
        let most = if self.cell.shared { None } else { self.cell.servers };
        if self.open { self.jobs[colour].min(most.unwrap_or(usize::MAX)) } else { 0 }
    }

    fn stop(&mut self, colour: usize) {
        if let Some(last) = self.queue.iter().rposition(|c| *c == colour) {
            self.queue.remove(last);
            return;
        }
        let youngest = self.running.iter().rposition(|clock| clock.colour == colour).expect("a clock");
        let clock = self.running.remove(youngest);
        self.stops += 1;
        match self.cell.memory {
            "Age" => self.kept[colour].push(clock.left.max(0.0)),
            "Identical" => self.kept[colour].push(clock.whole),
            _ => {}
        }
    }

    fn have(&self, colour: usize) -> usize {
        let runs = self.running.iter().filter(|clock| clock.colour == colour).count();
        runs + self.queue.iter().filter(|c| **c == colour).count()
    }

    fn revise(&mut self, fired: bool) {
        for colour in 0..2 {
            (self.wanted(colour)..self.have(colour)).for_each(|_| self.stop(colour));
        }
        if self.cell.memory == "Resample" && fired {
            for i in 0..self.running.len() {
                self.running[i].left = self.draw(self.running[i].colour);
            }
        }
        for colour in 0..2 {
            for _ in self.have(colour)..self.wanted(colour) {
                if self.cell.shared { self.queue.push(colour) } else { self.start(colour) }
            }
        }
        while self.cell.servers.is_none_or(|k| self.running.len() < k) && !self.queue.is_empty() {
            let colour = self.queue.remove(0);
            self.start(colour);
        }
    }
}

/// When a job of which colour is done, and how many clocks were stopped.
fn reckoned(cell: Cell, law: &Law, seed: u64, script: &[(f64, Act)]) -> (Vec<f64>, Vec<usize>, usize) {
    let streams = COLOURS.map(|c| StreamKey::of(&format!("T[{c}]")).stream(seed, 0));
    let (running, queue, kept) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
    let mut oracle = Oracle { cell, law, streams, jobs: [3, 2], open: true, pace: 1.0, running, queue, kept, stops: 0 };
    oracle.revise(false);
    let (mut now, mut times, mut colours) = (0.0, Vec::new(), Vec::new());
    let mut acts = script.iter().peekable();
    loop {
        let act = acts.peek().map_or(f64::INFINITY, |(time, _)| *time);
        match oracle.next() {
            Some((index, wait)) if now + wait < act => {
                oracle.work(wait);
                now += wait;
                let clock = oracle.running.remove(index);
                oracle.jobs[clock.colour] -= 1;
                times.push(now);
                colours.push(clock.colour);
            }
            _ => {
                let Some((time, act)) = acts.next() else { return (times, colours, oracle.stops) };
                oracle.work(time - now);
                now = *time;
                oracle.act(*act);
            }
        }
        oracle.revise(true);
    }
}

fn laws() -> [(&'static str, Law); 4] {
    [
        ("Deterministic(2.3 s)", law("Deterministic", &[("value", 2.3)])),
        ("Uniform(0.5 s, 4 s)", law("Uniform", &[("low", 0.5), ("high", 4.0)])),
        ("LogNormal(mu: 0.6, sigma: 0.6)", law("LogNormal", &[("mu", 0.6), ("sigma", 0.6)])),
        ("Weibull(shape: 1.7, scale: 2.2 s)", law("Weibull", &[("shape", 1.7), ("scale", 2.2)])),
    ]
}

fn cells(paced: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for memory in ["Enabling", "Age", "Identical", "Resample"] {
        for servers in [Some(1), Some(2), None] {
            cells.extend([false, true].map(|shared| Cell { memory, servers, shared, paced }));
        }
    }
    cells
}

/// What fired, in order; what fired at one time but for rounding (there are no other ties here) by name.
fn in_order(done: impl Iterator<Item = (f64, String)>) -> Vec<String> {
    let mut done: Vec<(i64, String)> = done.map(|(time, name)| ((time * 1e6).round() as i64, name)).collect();
    done.sort();
    done.into_iter().map(|(_, name)| name).collect()
}

/// Runs all scripts in all cells; returns what each cell gave over all scripts.
fn compare(paced: bool, scripts: u64) {
    for (written, law) in laws() {
        let mut given: Vec<Vec<f64>> = Vec::new();
        for cell in cells(paced) {
            let (mut all, mut stops) = (Vec::new(), 0);
            for number in 0..scripts {
                let script = script(number, paced);
                let (times, colours, stopped) = reckoned(cell, &law, number, &script);
                let trace = traced(&program(&net(cell, written, &script)), number, 1e3);
                let done: Vec<_> = trace.iter().filter(|(_, name)| name.starts_with('T')).collect();
                let found: Vec<f64> = done.iter().map(|(time, _)| *time).collect();
                assert!(close(&found, &times), "{cell:?}, {written}, script {number}: {found:?} for {times:?}");
                let names = colours.iter().map(|c| format!("T[{}]", COLOURS[*c]));
                let expected = in_order(times.iter().copied().zip(names));
                assert_eq!(in_order(done.into_iter().cloned()), expected, "{cell:?}, {written}, script {number}");
                all.extend(times);
                stops += stopped;
            }
            assert!(stops > 2 * scripts as usize && all.len() > 5 * scripts as usize, "{cell:?}: {stops} stops");
            // Each cell is told apart from each other, but that infinitely many servers needn't be shared.
            let twin = given.iter().position(|other| close(other, &all));
            let expected = (cell.servers.is_none() && cell.shared).then(|| given.len() - 1);
            // A deterministic delay is the same anew and repeated, and resampled whoever shares it.
            let constant = written.starts_with("Det") && matches!(cell.memory, "Identical" | "Resample");
            assert!(twin == expected || constant, "{cell:?}, {written}: the same as cell {twin:?}");
            given.push(all);
        }
    }
}

#[test]
fn s09_histories_in_every_cell_for_general_laws() {
    compare(false, 6);
}

#[test]
fn s11_histories_at_changing_speed_in_every_cell_for_general_laws() {
    compare(true, 6);
}
