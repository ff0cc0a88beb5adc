//! One live run: its processes are started, struck as the plan says, heard, and ended.

use super::book::Book;
use super::child::{CLIENTS, News, Process, Who};
use super::clock::Clock;
use super::line::Line;
use super::strike::Left;
use super::wire::{Begin, Order, Ports, Role, Setup, Start, Told};
use super::{Job, Run};
use crate::emulator::lab::GRACE;
use crate::emulator::plan::Case;
use crate::emulator::replicator::{Event, Machine, Mode};
use crate::emulator::sip_actors::Code;
use crate::emulator::time::{Duration, Instant};
use crate::rng::{Stream, StreamKey};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

/// From the last process's readiness to the start of the run.
const LEAD: Duration = Duration::from_millis(20);
/// How long processes may take to be ready, and to say their last word.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// What happens to the machines.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Fault(usize),
    /// A machine starts again, if it has not been struck down anew since.
    Restart(Machine, u64),
    /// A machine that stands still goes on, if it has not been struck down since.
    Awake(Machine, u64),
    /// Nothing more has to happen.
    End,
}

pub(super) struct Pair<'j> {
    job: &'j Job<'j>,
    pub(super) case: &'j Case,
    pub(super) run: u64,
    pub(super) clock: Clock,
    sender: Sender<News>,
    news: Receiver<News>,
    pub(super) processes: [Option<Process>; 3],
    /// What an earlier life of a process has said last counts no more.
    pub(super) lives: [u64; 3],
    /// Until when machines stand still.
    pub(super) hung: [Instant; 2],
    /// The faults in the code, and the bindings that are stored outside of the servers.
    code: Code,
    store: BTreeMap<u32, Instant>,
    ports: [Option<Ports>; 3],
    begin: Option<Begin>,
    pub(super) active: Machine,
    pub(super) book: Book,
    /// Processes whose last word is out.
    silent: [bool; 3],
    idle: bool,
    pub(super) line: Line<What>,
    pub(super) troubles: Stream,
}

impl<'j> Pair<'j> {
    /// One run; none if it was stopped.
    pub(super) fn run(
        job: &'j Job<'j>,
        case: &'j Case,
        run: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Run>, String> {
        let (sender, news) = channel();
        let seed = case.plan.seed;
        let mut pair = Pair {
            job,
            case,
            run,
            clock: Clock::start(),
            sender,
            news,
            processes: [None, None, None],
            lives: [0; 3],
            hung: [Instant::START; 2],
            code: Code::default(),
            store: BTreeMap::new(),
            ports: [None; 3],
            begin: None,
            active: Machine::A,
            book: Book::default(),
            silent: [false; 3],
            idle: false,
            line: Line::new(),
            troubles: StreamKey::of("emulator.troubles").stream(seed, run),
        };
        if !pair.assemble(stop)? || !pair.happen(stop)? {
            return Ok(None);
        }
        let end = pair.clock.now();
        pair.dismiss()?;
        let (record, late, uncertainty) = pair.book.close(end);
        Ok(Some(Run { record, late, uncertainty }))
    }

    fn start(&mut self, who: Who, role: Role) -> Result<(), String> {
        let setup = Setup {
            role,
            text: self.job.text.to_owned(),
            case: self.case.name.clone(),
            seed: self.case.plan.seed,
            run: self.run,
            token: self.job.token,
            ports: self.ports[who].unwrap_or_default(),
            begin: self.begin,
            code: self.code.clone(),
            store: self.store.iter().map(|(user, until)| (*user, *until)).collect(),
        };
        // Processes are told the time from which they count the start off themselves.
        let clock = self.job.clock;
        let process = Process::start(&self.job.program, &setup, clock, (who, self.lives[who]), &self.sender)?;
        self.silent[who] = false;
        self.processes[who] = Some(process);
        Ok(())
    }

    /// Starts everybody, and the run; whether it was not stopped.
    fn assemble(&mut self, stop: &dyn Fn() -> bool) -> Result<bool, String> {
        self.clock = self.job.clock;
        self.start(0, Role::Machine(Machine::A, Start::Active))?;
        if self.case.plan.pair.mode != Mode::Alone {
            self.start(1, Role::Machine(Machine::B, Start::Waiting))?;
        }
        self.start(CLIENTS, Role::Clients)?;
        let until = self.clock.now() + PATIENCE;
        while (0..3).any(|who| self.processes[who].is_some() && self.ports[who].is_none()) {
            if stop() {
                return Ok(false);
            }
            if self.clock.now() > until {
                return Err("a process was not ready in time".into());
            }
            self.hear(self.clock.now() + GLANCE)?;
        }
        let start = self.clock.now() + LEAD;
        let clients = self.ports[CLIENTS].unwrap_or_default();
        let begin = Begin { start, machines: [self.ports[0], self.ports[1]], clients };
        self.begin = Some(begin);
        self.processes.iter().flatten().for_each(|process| process.order(&Order::Begin(begin)));
        self.clock.begin_at(start);
        let mut times = StreamKey::of("emulator.faults").stream(self.case.plan.seed, self.run);
        for (index, fault) in self.case.plan.faults.iter().enumerate() {
            let at = Duration::from_seconds(fault.at.sample(&mut times.draw()));
            self.line.push(Instant::START + at, What::Fault(index));
        }
        self.line.push(Instant::START + self.case.plan.length + GRACE, What::End);
        Ok(true)
    }

    /// The run, from its start to its end; whether it was not stopped.
    fn happen(&mut self, stop: &dyn Fn() -> bool) -> Result<bool, String> {
        let length = Instant::START + self.case.plan.length;
        while !stop() {
            let now = self.clock.now();
            if self.idle && now >= length && self.book.is_heard() && self.book.is_whole() {
                return Ok(true);
            }
            match self.line.pop(now) {
                Some((_, What::Fault(index))) => self.strike(index),
                Some((_, What::Restart(machine, life))) => self.restart(machine, life)?,
                Some((_, What::Awake(machine, life))) => self.awake(machine, life),
                Some((_, What::End)) => return Ok(true),
                None => {
                    let glance = now + GLANCE;
                    self.hear(self.line.deadline().map_or(glance, |at| at.min(glance)))?;
                }
            }
        }
        Ok(false)
    }

    /// Waits until then for one piece of news.
    fn hear(&mut self, until: Instant) -> Result<(), String> {
        let (who, life, told) = match self.news.recv_timeout(self.clock.until(until)) {
            Ok(news) => news,
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err("nobody is left".into()),
        };
        match told {
            // What a machine told before it was killed is read to its end, whichever life it had.
            Some(Told::Trouble(trouble)) if life == self.lives[who] => Err(trouble),
            None if life == self.lives[who] && !self.silent[who] && self.processes[who].is_some() => {
                Err(format!("{} has ended by itself", name(who)))
            }
            None => Ok(()),
            Some(told) => {
                self.note(who, life, told);
                Ok(())
            }
        }
    }

    fn note(&mut self, who: Who, life: u64, told: Told) {
        match &told {
            Told::Ready(ports, _) => self.ports[who] = Some(*ports),
            Told::Idle => self.idle = true,
            Told::Machine { .. } | Told::Clients(_) => self.silent[who] = true,
            Told::Dead(at) if life == self.lives[who] => {
                let (at, machine) = (*at, machine(who));
                self.silent[who] = true;
                self.down(machine, at, Left::Kernel);
            }
            Told::Event(_, _, Event::Activated { .. }) => self.active = machine(who),
            Told::Event(at, _, Event::Fence) => {
                let at = *at;
                self.down(machine(who).other(), at, Left::Nothing);
            }
            Told::Code(code) => {
                self.code = code.clone();
                self.tell(machine(who).other(), &Order::Code(code.clone()));
            }
            Told::Stored(bindings) => {
                self.store.extend(bindings.iter().copied());
                self.tell(machine(who).other(), &Order::Store(bindings.clone()));
            }
            // It counts no more.
            Told::Protected(..) if life != self.lives[who] => return,
            _ => {}
        }
        match who {
            CLIENTS => self.book.clients(told),
            _ => self.book.machine(machine(who), told),
        }
    }

    /// A host or process starts: it asks to join.
    fn restart(&mut self, machine: Machine, life: u64) -> Result<(), String> {
        if self.lives[machine.index()] != life {
            return Ok(());
        }
        // One that was stopped in order is silent, and still there.
        if self.processes[machine.index()].take().is_some() {
            self.lives[machine.index()] += 1;
        }
        let generation = self.book.generation(machine);
        self.bare(machine, false);
        self.start(machine.index(), Role::Machine(machine, Start::Joining(generation)))
    }

    /// Ends everybody, and hears their last words.
    fn dismiss(&mut self) -> Result<(), String> {
        for process in self.processes.iter().flatten() {
            process.resume();
            process.order(&Order::Finish);
        }
        let until = self.clock.now() + PATIENCE;
        while (0..3).any(|who| self.processes[who].is_some() && !self.silent[who]) {
            if self.clock.now() > until {
                return Err("a process did not say its last word".into());
            }
            self.hear(self.clock.now() + GLANCE)?;
        }
        Ok(())
    }
}

fn machine(who: Who) -> Machine {
    if who == 0 { Machine::A } else { Machine::B }
}

fn name(who: Who) -> &'static str {
    ["machine A", "machine B", "the clients"][who]
}
