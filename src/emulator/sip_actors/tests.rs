//! The server of functions against the one without, and what its failures take with them.

use super::*;
use crate::emulator::actor::Overflow;
use crate::emulator::actor::limit::Rule;
use crate::emulator::message::{Message, Method, NO_SUCH_CALL, OK};
use crate::emulator::packet::Flow;
use crate::emulator::server::{SIP_PORT, SipServer};
use crate::emulator::tcp::{Kind, Segment};
use crate::emulator::time::Duration;
use proptest::prelude::*;

fn config() -> Config {
    Config {
        directives: Function::ALL.map(Function::directive),
        limit: Limit { most: 5, window: Duration::from_secs(30), rule: Rule::Leaky },
        restart: Law::Deterministic { value: 1.0 },
        service: Law::Deterministic { value: 0.0 },
        capacity: Capacity { most: 100, overflow: Overflow::Newest },
        bindings: Bindings::Stored,
        dialogs_restored: false,
        passes_on: false,
    }
}

fn server(config: Config) -> (ActorServer, Arc<Mutex<Surroundings>>) {
    let surroundings = Arc::new(Mutex::new(Surroundings::new((1, 0))));
    (ActorServer::new(Arc::new(config), surroundings.clone(), (1, 0)), surroundings)
}

fn at(millis: u64) -> Instant {
    Instant::START + Duration::from_millis(millis)
}

fn request(method: Method, subject: u32, transaction: u32) -> Packet {
    let message = Message { method, subject, transaction, tag: 0 };
    Packet { flow: Flow { client: subject, protocol: Protocol::Udp, port: SIP_PORT }, payload: message.encode() }
}

/// The statuses that a request is answered with.
fn ask(server: &mut ActorServer, millis: u64, packet: &Packet) -> Vec<u16> {
    let mut out = Vec::new();
    while let Some(due) = server.deadline().filter(|due| *due <= at(millis)) {
        server.expire(due, &mut out);
    }
    server.receive(at(millis), packet, &mut out);
    let status = |packet: &Packet| match Message::decode(&packet.payload)?.method {
        Method::Answer(status) => Some(status),
        _ => None,
    };
    out.iter().filter_map(status).collect()
}

fn fail(server: &mut ActorServer, millis: u64, function: Function) {
    server.fail(at(millis), &Failure { fault: 0, function, poison: false, cure: 1.0 }, &mut Vec::new());
}

#[test]
fn each_failure_takes_with_it_what_it_holds() {
    // An established call and a binding; then a function fails, and recovers.
    let after = |function: Function, config: Config| {
        let (mut server, _) = server(config);
        assert_eq!(ask(&mut server, 0, &request(Method::Invite, 7, 1)), [OK]);
        assert_eq!(ask(&mut server, 10, &request(Method::Register, 3, 2)), [OK]);
        fail(&mut server, 100, function);
        let meanwhile = ask(&mut server, 200, &request(Method::Register, 4, 3));
        let later = ask(&mut server, 2000, &request(Method::Register, 5, 4));
        let bye = ask(&mut server, 2100, &request(Method::Bye, 7, 5));
        (meanwhile.len(), later.len(), bye, server.is_bound(at(2200), 3), server.is_dead())
    };
    let (kept, lost) = (vec![OK], vec![NO_SUCH_CALL]);
    // What is asked of a stateless or restarted function waits in its mailbox; what is asked of a closed socket or a
    // tree under restart is gone.
    let expected = [
        (Function::SipServer, (0, 1, lost.clone())),
        (Function::RegistrarRouter, (1, 1, kept.clone())),
        (Function::LocationManager, (0, 2, kept.clone())),
        (Function::SessionRouter, (1, 1, lost.clone())),
        (Function::Session, (1, 1, lost.clone())),
        (Function::TransportSupervisor, (0, 1, kept.clone())),
        (Function::Sender, (0, 2, kept.clone())),
        (Function::Receiver, (0, 1, kept.clone())),
        (Function::Encoding, (1, 1, kept.clone())),
        (Function::TransactionRouter, (0, 2, kept.clone())),
        (Function::Transaction, (1, 1, kept.clone())),
    ];
    for (function, (meanwhile, later, bye)) in expected {
        assert_eq!(after(function, config()), (meanwhile, later, bye, true, false), "{function:?}");
        let standard = Config { directives: [Directive::Crash; 11], ..config() };
        assert_eq!(after(function, standard), (0, 0, vec![], true, true), "{function:?}");
    }
    let restored = Config { dialogs_restored: true, ..config() };
    assert_eq!(after(Function::Session, restored).2, kept);
    for (bindings, known) in [(Bindings::Lost, false), (Bindings::Restored, true)] {
        let config = Config { bindings, ..config() };
        assert_eq!(after(Function::LocationManager, config.clone()).3, known);
        assert!(!after(Function::SipServer, config).3);
    }
}

#[test]
fn a_poison_that_nothing_cures_comes_back_until_the_process_ends() {
    let (mut server, surroundings) = server(config());
    let failure = Failure { fault: 0, function: Function::Encoding, poison: true, cure: 0.0 };
    server.fail(at(0), &failure, &mut Vec::new());
    // The limit of 5 is borne by the transport supervisor, which then fails itself, again and again.
    let mut asked = 0;
    while !server.is_dead() && asked < 1000 {
        ask(&mut server, asked * 1100, &request(Method::Register, 1, 9));
        let other = request(Method::Register, 2, asked as u32 + 10);
        assert!(ask(&mut server, asked * 1100 + 1, &other).len() <= 1);
        asked += 1;
    }
    let notes: Vec<Note> =
        std::iter::from_fn(|| faults::lock(&surroundings).poll_note()).map(|(_, _, note)| note).collect();
    let count = |what: Note| notes.iter().filter(|note| **note == what).count();
    // 5 are borne and the 6th goes up. One is forgotten every 30 s from the first on, by a clock that a restart of
    // the supervisor ends; each escalation is a failure of the supervisor at the root, whose limit is 5 as well.
    assert_eq!(count(Note::Failed), asked as usize);
    assert_eq!(count(Note::Escalated(Some(Function::TransportSupervisor))), count(Note::Failed) / 6);
    assert_eq!((count(Note::Escalated(Some(Function::SipServer))), count(Note::Died)), (1, 1));
    assert!(count(Note::Failed) >= 36);
}

#[test]
fn a_repeated_request_is_absorbed_or_passed_on() {
    let answers = |passes_on: bool| {
        let (mut server, _) = server(Config { passes_on, ..config() });
        let failure = Failure { fault: 0, function: Function::LocationManager, poison: true, cure: 1.0 };
        server.fail(at(0), &failure, &mut Vec::new());
        [0, 1500, 3500].map(|millis| ask(&mut server, millis, &request(Method::Register, 1, 9)).len())
    };
    assert_eq!(answers(false), [0, 0, 0]);
    assert_eq!(answers(true), [0, 1, 1]);
}

#[test]
fn what_is_no_request_is_counted() {
    let (mut server, surroundings) = server(config());
    let flow = request(Method::Ack, 1, 1).flow;
    let answer = request(Method::Answer(OK), 1, 1);
    for packet in [answer, Packet { flow, payload: vec![] }, Packet { flow, payload: vec![0xff; 2000] }] {
        assert_eq!(ask(&mut server, 0, &packet), [0u16; 0]);
    }
    assert_eq!(faults::lock(&surroundings).rejected(), 3);
}

proptest! {
    /// Without faults and in no time, the functions do together what the other server does at once; what is captured
    /// is restored to the same.
    #[test]
    fn without_faults_it_is_the_server_that_it_divides(
        steps in prop::collection::vec((0u32..4, any::<bool>(), 0u8..6, any::<bool>()), 0..60),
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (mut divided, _) = server(config());
        let mut whole = SipServer::default();
        let mut connections = [None; 4];
        let mut last = request(Method::Register, 0, 0);
        for (number, (client, tcp, kind, again)) in (0u32..).zip(steps) {
            let methods = [Method::Register, Method::Invite, Method::Ack, Method::Bye, Method::Answer(OK)];
            let data = match methods.get(usize::from(kind)) {
                Some(method) => Message { method: *method, subject: client, transaction: number, tag: 0 }.encode(),
                None => noise.clone(),
            };
            let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
            let mut packets = vec![Packet { flow: Flow { client, protocol, port: SIP_PORT }, payload: data }];
            if tcp {
                let next: &mut Option<u32> = &mut connections[client as usize];
                let syn = next.is_none().then(|| Segment { kind: Kind::Syn, ..Segment::reset() });
                let sent = *next.get_or_insert(0);
                *next = Some(sent + 1);
                let data = packets[0].payload.clone();
                let data = Segment { kind: Kind::Data, number: sent, acknowledged: sent, data };
                let flow = packets[0].flow;
                packets = syn.into_iter().chain([data]).map(|s| Packet { flow, payload: s.encode() }).collect();
            } else if again {
                packets = vec![last.clone()];
            }
            let now = at(u64::from(number) * 70);
            let (mut one, mut other) = (Vec::new(), Vec::new());
            whole.expire(now, &mut one);
            divided.expire(now, &mut other);
            for packet in &packets {
                whole.receive(now, packet, &mut one);
                divided.receive(now, packet, &mut other);
                last = packet.clone();
            }
            prop_assert_eq!(one, other);
            let state = divided.capture();
            let (mut copy, _) = server(config());
            prop_assert_eq!(copy.restore(&state), Ok(()));
            prop_assert_eq!(copy.capture(), state);
            prop_assert!(divided.restore(&noise).is_err());
        }
        prop_assert_eq!(divided.messages().1, 0);
    }
}
