//! A process of a live run: its sockets, its readers, and the loop that waits for what comes first.
//!
//! One thread reads each source (standard input, datagrams, connections) and hands on what comes; the loop waits for
//! it on a channel, whose time-out is the timer: the time-out of a socket would be milliseconds late.

use super::clients::Users;
use super::clock::Clock;
use super::host::Host;
use super::pace::Pace;
use super::wire::{Begin, Order, Ports, Role, Setup, Told};
use crate::diag::{Diagnostics, Sources};
use crate::emulator::lab::GRACE;
use crate::emulator::plan::Plan;
use crate::emulator::read;
use crate::emulator::time::{Duration, Instant};
use std::io::{BufRead, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;

/// Most datagrams and frames that a process may send in a run.
pub(super) const MOST_SENT: u64 = 1_000_000;
/// Longest frame between the machines.
const LONGEST_FRAME: u32 = 64 << 20;
/// Longer frames go over a connection.
const LONGEST_DATAGRAM: usize = 1400;
/// Deadlines that are told in one line.
const LATE_AT_ONCE: usize = 64;
/// A process ends by itself so long after the end of its run.
const OVERTIME: Duration = Duration::from_secs(30);
/// Errors in a row after which a socket is given up.
const MOST_ERRORS: u32 = 1000;
/// Questions for the time.
const QUESTIONS: u32 = 5;
/// An answer that took less is good enough.
const GOOD_ANSWER: Duration = Duration::from_nanos(50_000);

/// What comes to a process.
#[derive(Debug)]
pub(super) enum Input {
    Datagram(SocketAddr, Vec<u8>),
    /// A frame that came over a connection.
    Frame(Vec<u8>),
    Order(Order),
}

/// What a process does, around which the loop reads the clock.
pub(super) trait Party {
    /// When [`Party::expire`] is to be called next.
    fn deadline(&self) -> Option<Instant>;

    /// A deadline has come.
    fn expire(&mut self, port: &mut Port) -> Result<(), String>;

    /// Something has come.
    fn take(&mut self, input: Input, port: &mut Port) -> Result<(), String>;

    /// Whether the process is to end by itself.
    fn is_over(&self) -> bool;

    /// The last word.
    fn finish(&mut self, port: &mut Port) -> Told;
}

/// A process's way to the others.
pub(super) struct Port {
    pub(super) clock: Clock,
    socket: UdpSocket,
    output: Box<dyn Write>,
    /// The connection to the other machine, once it is needed.
    stream: Option<TcpStream>,
    token: u64,
    sent: u64,
    late: Vec<(Instant, Duration)>,
}

impl Port {
    /// Tells the process that began the run something.
    pub(super) fn tell(&mut self, told: &Told) -> Result<(), String> {
        let line = serde_json::to_string(told).map_err(|error| error.to_string())?;
        let written = writeln!(self.output, "{line}").and_then(|()| self.output.flush());
        written.map_err(|error| error.to_string())
    }

    fn count(&mut self) -> Result<(), String> {
        self.sent += 1;
        if self.sent > MOST_SENT { Err(format!("more than {MOST_SENT} datagrams in a run")) } else { Ok(()) }
    }

    /// Sends a datagram; one that the kernel doesn't take is lost, as on any network.
    pub(super) fn send(&mut self, to: u16, bytes: &[u8]) -> Result<(), String> {
        self.count()?;
        let _ = self.socket.send_to(bytes, (Ipv4Addr::LOCALHOST, to));
        Ok(())
    }

    /// Sends a frame to the other machine, in a datagram if it fits into one. What can't be sent is lost.
    pub(super) fn send_frame(&mut self, to: Ports, bytes: &[u8]) -> Result<(), String> {
        if bytes.len() <= LONGEST_DATAGRAM {
            return self.send(to.udp, bytes);
        }
        self.count()?;
        if self.stream.is_none() {
            self.stream = connect(to.tcp, self.token).ok();
        }
        let length = u32::try_from(bytes.len()).map_err(|error| error.to_string())?.to_be_bytes();
        if let Some(stream) = &mut self.stream
            && stream.write_all(&length).and_then(|()| stream.write_all(bytes)).is_err()
        {
            self.stream = None;
        }
        Ok(())
    }

    fn note_late(&mut self, due: Instant, by: Duration) -> Result<(), String> {
        self.late.push((due, by));
        if self.late.len() >= LATE_AT_ONCE { self.tell_late() } else { Ok(()) }
    }

    fn tell_late(&mut self) -> Result<(), String> {
        let late = std::mem::take(&mut self.late);
        self.tell(&Told::Late(late))
    }
}

fn connect(port: u16, token: u64) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    // A machine that doesn't read must not stop this one.
    stream.set_write_timeout(Some(std::time::Duration::from_millis(50)))?;
    stream.write_all(&token.to_be_bytes())?;
    Ok(stream)
}

/// A process of a live run, from its first line to its last; `fivenines` starts itself as one.
///
/// It ends when it is told to, when whoever started it is gone, and by itself when its time is over.
///
/// # Errors
/// When it can't go on, which it has told already if anybody listens.
pub fn serve(input: impl BufRead + Send + 'static, output: Box<dyn Write>) -> Result<(), String> {
    let mut lines = input.lines().map_while(Result::ok);
    let first = lines.next().ok_or("nothing to do")?;
    let setup: Setup = serde_json::from_str(&first).map_err(|error| error.to_string())?;
    let plan = plan(&setup)?;
    let any = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let socket = UdpSocket::bind(any(setup.ports.udp)).map_err(|error| error.to_string())?;
    let clock = Clock::start();
    let (stream, late) = (None, Vec::new());
    let mut port = Port { clock, socket, output, stream, token: setup.token, sent: 0, late };
    let uncertainty = set_clock(&mut port, &mut lines)?;
    let (sender, inputs) = channel();
    let mut ports = Ports::default();
    if let Role::Machine(..) = setup.role {
        let listener = TcpListener::bind(any(setup.ports.tcp)).map_err(|error| error.to_string())?;
        ports.tcp = listener.local_addr().map_err(|error| error.to_string())?.port();
        listen(listener, setup.token, sender.clone());
    }
    ports.udp = port.socket.local_addr().map_err(|error| error.to_string())?.port();
    read_datagrams(port.socket.try_clone().map_err(|error| error.to_string())?, sender.clone());
    read_orders(lines, sender);
    port.tell(&Told::Ready(ports, uncertainty))?;
    let ended = work(&setup, &plan, &mut port, &inputs);
    if let Err(trouble) = &ended {
        port.tell(&Told::Trouble(trouble.clone()))?;
    }
    ended
}

/// The plan of a process, read again from its text.
fn plan(setup: &Setup) -> Result<Plan, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("plan", setup.text.as_str());
    let study = read::read(source, setup.text.as_bytes(), &mut diagnostics).ok_or("the plan has mistakes")?;
    let case = study.cases.into_iter().find(|case| case.name == setup.case).ok_or("there is no such case")?;
    Ok(case.plan)
}

/// Asks for the common time until an answer comes quickly.
fn set_clock(port: &mut Port, lines: &mut impl Iterator<Item = String>) -> Result<Duration, String> {
    let mut best: Option<(Duration, Clock)> = None;
    for _ in 0..QUESTIONS {
        let asked = port.clock.now();
        port.tell(&Told::Ask)?;
        let line = lines.next().ok_or("nobody tells the time")?;
        let Ok(Order::Time(told)) = serde_json::from_str(&line) else { return Err("this is no time".into()) };
        let mut clock = port.clock;
        let uncertainty = clock.follow(asked, told);
        if best.is_none_or(|(least, _)| uncertainty < least) {
            best = Some((uncertainty, clock));
        }
        if uncertainty <= GOOD_ANSWER {
            break;
        }
    }
    let (uncertainty, clock) = best.ok_or("nobody tells the time")?;
    port.clock = clock;
    Ok(uncertainty)
}

fn read_orders(mut lines: impl Iterator<Item = String> + Send + 'static, sender: Sender<Input>) {
    thread::spawn(move || {
        while let Some(line) = lines.next()
            && let Ok(order) = serde_json::from_str(&line)
        {
            let _ = sender.send(Input::Order(order));
        }
        // Whoever began the run is gone, or speaks nonsense; the loop might be busy.
        std::process::exit(0);
    });
}

fn read_datagrams(socket: UdpSocket, sender: Sender<Input>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut errors = 0;
        while errors < MOST_ERRORS {
            // An error tells of an earlier datagram that nobody took, unless they don't end.
            let Ok((length, from)) = socket.recv_from(&mut buffer) else {
                errors += 1;
                continue;
            };
            errors = 0;
            if sender.send(Input::Datagram(from, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}

/// Takes connections of the other machine of this run, one after the other.
fn listen(listener: TcpListener, token: u64, sender: Sender<Input>) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            // The end of a connection is no news: what was lost is sent again.
            thread::spawn(move || read_frames(stream, token, &sender));
        }
    });
}

fn read_frames(mut stream: TcpStream, token: u64, sender: &Sender<Input>) -> std::io::Result<()> {
    let mut first = [0; 8];
    stream.read_exact(&mut first)?;
    if u64::from_be_bytes(first) != token {
        return Ok(());
    }
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length).min(LONGEST_FRAME);
        let mut bytes = Vec::new();
        (&stream).take(u64::from(length)).read_to_end(&mut bytes)?;
        if bytes.len() < length as usize || sender.send(Input::Frame(bytes)).is_err() {
            return Ok(());
        }
    }
}

fn work(setup: &Setup, plan: &Plan, port: &mut Port, inputs: &Receiver<Input>) -> Result<(), String> {
    let begin = match setup.begin {
        Some(begin) => begin,
        None => wait_to_begin(inputs)?,
    };
    port.clock.begin_at(begin.start);
    match setup.role {
        Role::Machine(machine, start) => {
            let outside = (setup.code.clone(), setup.store.clone());
            let mut host = Host::new(plan, (setup.seed, setup.run), (machine, start), (begin, outside), port)?;
            until_over(&mut host, plan, port, inputs)
        }
        Role::Clients => until_over(&mut Users::new(plan, (setup.seed, setup.run), begin), plan, port, inputs),
    }
}

fn wait_to_begin(inputs: &Receiver<Input>) -> Result<Begin, String> {
    loop {
        match inputs.recv().map_err(|error| error.to_string())? {
            Input::Order(Order::Begin(begin)) => return Ok(begin),
            Input::Order(Order::Finish) => return Err("it never began".into()),
            // Nobody has a reason to say anything yet.
            _ => {}
        }
    }
}

/// The loop.
fn until_over(party: &mut dyn Party, plan: &Plan, port: &mut Port, inputs: &Receiver<Input>) -> Result<(), String> {
    let end = Instant::START + plan.length + GRACE + OVERTIME;
    let (mut waited_for, mut pace) = (None, Pace::default());
    while !party.is_over() {
        let now = port.clock.now();
        let (own, others) = (party.deadline().map(|at| pace.due(at)), pace.deadline());
        let deadline = [own, others].into_iter().flatten().min();
        if now > end {
            return Err("nobody ended the run".into());
        }
        if let Some(at) = deadline.filter(|at| *at <= now) {
            if waited_for.take() == Some(at) {
                port.note_late(at, now - at)?;
            }
            match if others == Some(at) { pace.pop(now) } else { None } {
                Some(input) => party.take(input, port)?,
                None => party.expire(port)?,
            }
            continue;
        }
        waited_for = deadline;
        let wait = port.clock.until(deadline.unwrap_or(end).min(end + Duration::from_millis(1)));
        match inputs.recv_timeout(wait) {
            Ok(Input::Order(Order::Finish)) => break,
            Ok(Input::Order(Order::Slow(by, until))) => pace.slow(by, port.clock.now(), until),
            Ok(order @ Input::Order(_)) => party.take(order, port)?,
            Ok(input) => {
                if let Some(input) = pace.take(port.clock.now(), input) {
                    party.take(input, port)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("its readers are gone".into()),
        }
    }
    port.tell_late()?;
    let last = party.finish(port);
    port.tell(&last)
}
