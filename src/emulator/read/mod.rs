//! Text → fault plans, with every mistake collected.

mod cases;
mod fields;
mod law;
mod pair;
mod server;

use super::lab::arp::Announcement;
use super::lab::network::{Node, Rule, Rules, Traffic};
use super::lab::sip_timers::GIVE_UP;
use super::lab::voice::Codec;
use super::outcome::{FIGURES, Unit, figure_unit};
use super::plan::{
    Arp, Calls, Case, Clients, Expectation, Fault, Plan, Registrations, Study, Transport, Trouble, Voice, Whom,
};
use super::replicator::Machine;
use super::time::{Duration, Instant};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Span};
use crate::dist::Law;
use crate::syntax::ron_reader::read_tree;
use crate::syntax::tree::{Kind, Node as Tree};
use fields::{Record, variant};
use law::mean_within;
use std::sync::Arc;

/// The name that a fault plan begins with.
pub const KIND: &str = "FaultPlan";

/// Most clients of a kind.
const MOST_CLIENTS: u64 = 1 << 20;
/// Most packets, requests and calls that the clients of one run may make: 100 bytes each, for each thread.
const MOST_WORK: f64 = 2e6;
/// Most signs of life and epochs of one run: what becomes of them takes memory, if seldom.
const MOST_FRAMES: f64 = 1e8;
/// Most runs of a plan.
const MOST_RUNS: u64 = 10_000_000;

/// Whether a file is meant to hold a fault plan; a file that can't be read isn't.
pub fn is_fault_plan(source: SourceId, bytes: &[u8]) -> bool {
    let tree = read_tree(source, bytes, &mut Diagnostics::default());
    tree.is_some_and(|tree| named(&tree).is_some_and(|(name, _)| name == KIND))
}

fn named(tree: &Tree) -> Option<(&str, Span)> {
    match &tree.kind {
        Kind::Struct { name: Some(name), .. } => Some((&name.text, name.span)),
        _ => None,
    }
}

/// Reads fault plans from `bytes`, the text of `source`; none if there is an error among the diagnostics.
pub fn read(source: SourceId, bytes: &[u8], diagnostics: &mut Diagnostics) -> Option<Study> {
    let before = diagnostics.has_errors();
    let tree = read_tree(source, bytes, diagnostics)?;
    match named(&tree) {
        Some((KIND, _)) => {}
        found => {
            let start = Span { end: tree.span.end.min(tree.span.start + 1), ..tree.span };
            let message = match found {
                Some((name, _)) => format!("expected `{KIND}(…)`, found `{name}(…)`"),
                None => format!("expected `{KIND}(…)`, found {}", tree.kind.describe()),
            };
            let help = "`fivenines run` runs scenarios and nets, `fivenines emulate` fault plans";
            diagnostics.push(Diagnostic::error("E0201", start, message).help(help));
            return None;
        }
    }
    let study = study(&tree, diagnostics);
    (before || !diagnostics.has_errors()).then_some(study)
}

/// The cases of a plan, each a plan by itself; what is wrong with several of them is told once.
fn study(tree: &Tree, diagnostics: &mut Diagnostics) -> Study {
    let (base, apart) = cases::without(tree, &["cases", "figures"]);
    let whole = Tree { kind: Kind::Struct { name: None, fields: apart }, span: tree.span };
    let mut record = Record::new(&whole, "a fault plan", diagnostics);
    let figures = record.items("figures").iter().filter_map(|item| shown(item, record.diagnostics)).collect();
    let plans = match record.node("cases") {
        Some(node) => cases::plans(base, node, record.diagnostics),
        None => vec![(String::new(), base)],
    };
    let cases: Vec<Case> =
        plans.into_iter().map(|(name, tree)| Case { name, plan: plan(&tree, diagnostics) }).collect();
    let of = |text: fn(&Plan) -> &String| cases.first().map_or(String::new(), |case| text(&case.plan).clone());
    Study { title: of(|plan| &plan.title), doc: of(|plan| &plan.doc), figures, cases }
}

/// A figure that the table shows.
fn shown(item: &Tree, diagnostics: &mut Diagnostics) -> Option<String> {
    let Kind::Text(text) = &item.kind else {
        fields::wrong_kind(item, "a figure's name in quotes", diagnostics);
        return None;
    };
    known_figure(&text.text, item.span, diagnostics).map(|_| text.text.clone())
}

/// The unit of a figure; that there is no such figure is reported.
fn known_figure(figure: &str, span: Span, diagnostics: &mut Diagnostics) -> Option<Unit> {
    let known = figure_unit(figure);
    if known.is_none() {
        let near = crate::diag::nearest(figure, FIGURES.iter().map(|(name, _)| *name));
        let diagnostic = Diagnostic::error("E1003", span, format!("unknown figure `{figure}`"));
        diagnostics.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("the figures are those of the report, in docs/emulator.md"),
        });
    }
    known
}

fn constant(seconds: f64) -> Law {
    Law::Deterministic { value: seconds }
}

fn plan(tree: &Tree, diagnostics: &mut Diagnostics) -> Plan {
    let mut record = Record::new(tree, "a fault plan", diagnostics);
    let title = record.text("title").unwrap_or_default();
    let doc = record.text("doc").unwrap_or_default();
    let seed = record.count("seed", 1, 0..=u64::MAX);
    let runs = record.count("runs", 1000, 1..=MOST_RUNS);
    let length = record.time("length", Duration::from_secs(10), Duration::from_millis(1));
    let pair = pair::pair(&mut record);
    let shortest = pair.detector.interval().min(pair.epoch).seconds();
    if length.seconds() / shortest.max(1e-9) > MOST_FRAMES {
        let message = format!("a run of {length} would have more than {MOST_FRAMES:e} signs of life or epochs");
        record.diagnostics.push(Diagnostic::error("E1001", record.span, message).help("make `length` shorter"));
    }
    let rules = rules(&mut record);
    let arp = arp(&mut record);
    let (repair, restart) = (record.maybe_law("repair"), record.maybe_law("restart"));
    let server = server::server(&mut record);
    let clients = clients(&mut record, length);
    let items = record.items("faults").iter();
    let faults: Vec<(&Tree, Fault)> = items.filter_map(|item| Some((item, fault(item, record.diagnostics)?))).collect();
    server::fits(&mut record, (&server, &clients, length), &faults);
    let faults = faults.into_iter().map(|(_, fault)| fault).collect();
    let published = expectations(&mut record, "published", false);
    let expect = expectations(&mut record, "expect", true);
    record.finish();
    let pair = Arc::new(pair);
    Plan {
        title,
        doc,
        seed,
        runs,
        length,
        pair,
        server,
        rules,
        arp,
        repair,
        restart,
        clients,
        faults,
        published,
        expect,
    }
}

const NODES: [(&str, Node); 3] = [("A", Node::A), ("B", Node::B), ("Clients", Node::Clients)];

fn rules(plan: &mut Record<'_, '_>) -> Rules {
    let (near, far) = (constant(100e-6), constant(5e-3));
    let Some(node) = plan.node("network") else { return Rules { clients: far, machines: near, rules: Vec::new() } };
    let mut record = Record::new(node, "the network", plan.diagnostics);
    let (clients, machines) = (record.law("clients", far), record.law("machines", near));
    let rules = record.items("rules").iter().map(|item| rule(item, record.diagnostics)).collect();
    record.finish();
    Rules { clients, machines, rules }
}

fn rule(item: &Tree, diagnostics: &mut Diagnostics) -> Rule {
    let mut record = Record::new(item, "a rule of the network", diagnostics);
    let traffic = [
        ("Frames", Traffic::Frames),
        ("Voice", Traffic::Voice),
        ("Signalling", Traffic::Signalling),
        ("Arp", Traffic::Arp),
    ];
    let since = Instant::START + record.time("since", Duration::ZERO, Duration::ZERO);
    let until = Instant::START + record.time("until", Duration::MAX, Duration::ZERO);
    let rule = Rule {
        from: record.maybe_word("from", &NODES),
        to: record.maybe_word("to", &NODES),
        traffic: record.maybe_word("traffic", &traffic),
        since,
        until,
        loss: record.number("loss", 0.0, 0.0..=1.0),
        delay: record.maybe_law("delay"),
        reorder: record.number("reorder", 0.0, 0.0..=1.0),
        by: record.time("by", Duration::from_millis(10), Duration::ZERO),
    };
    if since >= until {
        let message = "the rule ends before it begins";
        record.diagnostics.push(Diagnostic::error("E1002", item.span, message));
    }
    record.finish();
    rule
}

fn arp(plan: &mut Record<'_, '_>) -> Arp {
    let default = Arp { announcement: Announcement::Request, age: constant(5.0) };
    let Some(node) = plan.node("arp") else { return default };
    let mut record = Record::new(node, "the neighbour cache", plan.diagnostics);
    let forms = [
        ("Request", Announcement::Request),
        ("GratuitousReply", Announcement::GratuitousReply),
        ("BroadcastReply", Announcement::BroadcastReply),
        ("Silent", Announcement::Silent),
    ];
    let announcement = record.word("announcement", default.announcement, &forms);
    let age = record.law("age", default.age);
    record.finish();
    Arp { announcement, age }
}

fn clients(plan: &mut Record<'_, '_>, length: Duration) -> Clients {
    let Some(node) = plan.required("clients") else { return Clients::default() };
    let mut record = Record::new(node, "the clients", plan.diagnostics);
    let mut clients = Clients {
        voice: record.node("voice").map(|node| voice(node, record.diagnostics)),
        registrations: record.node("registrations").map(|node| registrations(node, record.diagnostics)),
        calls: record.node("calls").map(|node| calls(node, length, record.diagnostics)),
        retransmission: record.boolean("retransmission", true),
        next_server: record.maybe_time("next_server", Duration::from_millis(1)),
    };
    if let Some(after) = clients.next_server.filter(|after| *after > GIVE_UP) {
        let message = format!("`next_server` is {after}, and a request is given up after {GIVE_UP} without an answer");
        record.diagnostics.push(Diagnostic::error("E0905", node.span, message));
    }
    record.finish();
    let media = clients.calls.as_ref().is_some_and(|calls| calls.media);
    if media && clients.voice.is_none() {
        clients.voice = Some(SILENT);
    }
    let times = |interval: f64| length.seconds() / interval.max(1e-9) + 1.0;
    let streams = clients.voice.as_ref().map_or(0.0, |v| f64::from(v.streams) * times(v.packet_time.seconds()));
    let users = clients
        .registrations
        .as_ref()
        .map_or(0.0, |r| f64::from(r.users) * r.every.map_or(1.0, |every| times(every.seconds())));
    let packets = |c: &Calls| match clients.voice.as_ref().filter(|_| c.media) {
        Some(voice) => 1.0 + c.duration.mean().min(length.seconds()) / voice.packet_time.seconds().max(1e-9),
        None => 1.0,
    };
    let placed = |c: &Calls| times(mean_within(&c.interval, length.seconds())) * packets(c);
    let placed = clients.calls.as_ref().map_or(0.0, placed);
    if streams + users + placed > MOST_WORK {
        let message =
            format!("the clients of one run would make {:.1e} packets and requests", streams + users + placed);
        let help = format!("at most {MOST_WORK:e} fit; make `length` shorter, or the clients fewer");
        plan.diagnostics.push(Diagnostic::error("E1001", node.span, message).help(help));
    }
    clients
}

/// No stream through the whole run; the rest is what [`voice`] has unless told otherwise.
const SILENT: Voice = Voice {
    streams: 0,
    packet_time: Duration::from_millis(20),
    jitter_buffer: Duration::from_millis(60),
    codec: Codec::G711,
};

fn voice(node: &Tree, diagnostics: &mut Diagnostics) -> Voice {
    let mut record = Record::new(node, "the voice", diagnostics);
    let least = Duration::from_millis(1);
    let voice = Voice {
        streams: record.count("streams", 1, 0..=MOST_CLIENTS) as u32,
        packet_time: record.time("packet_time", SILENT.packet_time, least),
        jitter_buffer: record.time("jitter_buffer", SILENT.jitter_buffer, Duration::ZERO),
        codec: if record.boolean("concealment", false) { Codec::G711_CONCEALED } else { Codec::G711 },
    };
    record.finish();
    voice
}

const TRANSPORTS: [(&str, Transport); 3] =
    [("Udp", Transport::Udp), ("TcpShared", Transport::TcpShared), ("TcpEach", Transport::TcpEach)];

fn registrations(node: &Tree, diagnostics: &mut Diagnostics) -> Registrations {
    let mut record = Record::new(node, "the registrations", diagnostics);
    let registrations = Registrations {
        users: record.count("users", 100, 1..=MOST_CLIENTS) as u32,
        transport: record.word("transport", Transport::Udp, &TRANSPORTS),
        start: record.law("start", Law::Uniform { low: 0.0, high: 1.0 }),
        every: record.maybe_time("every", Duration::from_millis(1)),
    };
    record.finish();
    registrations
}

fn calls(node: &Tree, length: Duration, diagnostics: &mut Diagnostics) -> Calls {
    let mut record = Record::new(node, "the calls", diagnostics);
    let calls = Calls {
        interval: record.law("interval", Law::Exponential { mean: 1.0 }),
        first: record.time("first", Duration::ZERO, Duration::ZERO),
        until: record.time("until", length, Duration::ZERO),
        duration: record.law("duration", constant(3.0)),
        transport: record.word("transport", Transport::Udp, &TRANSPORTS),
        media: record.boolean("media", false),
    };
    if calls.interval.mean() < 1e-6 {
        record.diagnostics.push(Diagnostic::error("E0905", node.span, "calls must be 1 us apart in the mean"));
    }
    record.finish();
    calls
}

const WHOM: [(&str, Whom); 4] = [
    ("A", Whom::Machine(Machine::A)),
    ("B", Whom::Machine(Machine::B)),
    ("Active", Whom::Active),
    ("Backup", Whom::Backup),
];

/// The kinds of fault by their names.
#[derive(Debug, Clone, Copy)]
enum Named {
    HostCrash,
    ProcessCrash,
    Stop,
    Hang,
    Slow,
    Overrun,
    Diverge,
    Cut,
    Fail,
    Poison,
}

const FAULTS: [(&str, Named); 10] = [
    ("HostCrash", Named::HostCrash),
    ("ProcessCrash", Named::ProcessCrash),
    ("Stop", Named::Stop),
    ("Hang", Named::Hang),
    ("Slow", Named::Slow),
    ("Overrun", Named::Overrun),
    ("Diverge", Named::Diverge),
    ("Cut", Named::Cut),
    ("Fail", Named::Fail),
    ("Poison", Named::Poison),
];

fn fault(item: &Tree, diagnostics: &mut Diagnostics) -> Option<Fault> {
    let named = variant(item, &FAULTS, diagnostics)?;
    let mut record = Record::new(item, "the fault", diagnostics);
    record.required("at");
    let at = record.law("at", constant(0.0));
    let length = |record: &mut Record<'_, '_>| {
        record.required("lasting");
        record.law("lasting", constant(0.0))
    };
    let by = |record: &mut Record<'_, '_>| {
        record.required("by");
        record.time("by", Duration::ZERO, Duration::ZERO)
    };
    let what = if let Named::Cut = named {
        let default = (Node::A, Node::B);
        let (one, other) = (record.word("from", default.0, &NODES), record.word("to", default.1, &NODES));
        if one == other {
            let message = "a link joins two different parts of the network";
            record.diagnostics.push(Diagnostic::error("E0905", item.span, message).help("`A`, `B` or `Clients`"));
        }
        Trouble::Cut(one, other, length(&mut record))
    } else {
        let whom = record.word("whom", Whom::Active, &WHOM);
        match named {
            Named::HostCrash => Trouble::HostCrash(whom),
            Named::ProcessCrash => Trouble::ProcessCrash(whom),
            Named::Stop => Trouble::Stop(whom),
            Named::Hang => Trouble::Hang(whom, length(&mut record)),
            Named::Slow => Trouble::Slow(whom, by(&mut record), length(&mut record)),
            Named::Overrun => Trouble::Overrun(whom, by(&mut record)),
            Named::Fail => Trouble::Function(whom, server::function_fault(&mut record, false)),
            Named::Poison => Trouble::Function(whom, server::function_fault(&mut record, true)),
            Named::Diverge | Named::Cut => Trouble::Diverge(whom),
        }
    };
    record.finish();
    Some(Fault { at, what })
}

fn expectations(plan: &mut Record<'_, '_>, field: &'static str, expected: bool) -> Vec<Expectation> {
    let items = plan.items(field).iter();
    items.filter_map(|item| expectation(item, expected, plan.diagnostics)).collect()
}

fn expectation(item: &Tree, expected: bool, diagnostics: &mut Diagnostics) -> Option<Expectation> {
    let mut record = Record::new(item, "an entry", diagnostics);
    record.required("figure");
    let figure = record.text("figure")?;
    let dimension = known_figure(&figure, item.span, record.diagnostics)?.dimension();
    let value = record.required("value").and_then(|node| record.quantity(node, dimension, -1e15..=1e15));
    let tolerance = if expected { record.required("tolerance") } else { record.node("tolerance") };
    let tolerance = tolerance.and_then(|node| record.quantity(node, dimension, 0.0..=1e15));
    let source = record.text("source").unwrap_or_default();
    record.finish();
    Some(Expectation { figure, value: value?, tolerance, source })
}
