//! The server of a fault plan, and the faults of its functions.

use super::constant;
use super::fields::{Record, variant};
use super::law::mean_within;
use crate::diag::{Diagnostic, Diagnostics};
use crate::emulator::actor::limit::{Limit, Rule};
use crate::emulator::actor::{Capacity, Directive, Overflow};
use crate::emulator::plan::{Clients, Fault, FunctionFault, Served, Trouble};
use crate::emulator::sip_actors::{Bindings, Config, Function};
use crate::emulator::time::Duration;
use crate::syntax::tree::Node;
use std::sync::Arc;

/// Most failures of functions that a run may ask for.
const MOST_FAULTS: f64 = 1e5;

/// The functions by their names.
const FUNCTIONS: [(&str, Function); 11] = [
    ("SipServer", Function::SipServer),
    ("RegistrarRouter", Function::RegistrarRouter),
    ("LocationManager", Function::LocationManager),
    ("SessionRouter", Function::SessionRouter),
    ("Session", Function::Session),
    ("TransportSupervisor", Function::TransportSupervisor),
    ("Sender", Function::Sender),
    ("Receiver", Function::Receiver),
    ("Encoding", Function::Encoding),
    ("TransactionRouter", Function::TransactionRouter),
    ("Transaction", Function::Transaction),
];

const DIRECTIVES: [(&str, Directive); 5] = [
    ("Resume", Directive::Resume),
    ("Restart", Directive::Restart),
    ("Stop", Directive::Stop),
    ("Escalate", Directive::Escalate),
    ("Crash", Directive::Crash),
];

#[derive(Debug, Clone, Copy)]
enum Named {
    Whole,
    Actors,
    Standard,
}

/// The field `server`, with the defaults of `docs/emulator.md`.
pub(super) fn server(plan: &mut Record<'_, '_>) -> Served {
    let Some(node) = plan.node("server") else { return Served::Whole };
    let words = [("Whole", Named::Whole), ("Actors", Named::Actors), ("Standard", Named::Standard)];
    let Some(named) = variant(node, &words, plan.diagnostics) else { return Served::Whole };
    let mut record = Record::new(node, "the server", plan.diagnostics);
    if let Named::Whole = named {
        record.finish();
        return Served::Whole;
    }
    let mut config = common(&mut record);
    if let Named::Actors = named {
        config.directives = Function::ALL.map(Function::directive);
        for item in record.items("strategies") {
            strategy(item, &mut config.directives, record.diagnostics);
        }
        let rules = [("Leaky", Rule::Leaky), ("Sliding", Rule::Sliding), ("PerChild", Rule::PerChild)];
        config.limit = Limit {
            most: record.count("limit", 5, 0..=1_000_000) as u32,
            window: record.time("window", Duration::from_secs(30), Duration::ZERO),
            rule: record.word("rule", Rule::Leaky, &rules),
        };
        config.restart = record.law("restart", config.restart);
        config.dialogs_restored =
            record.word("dialogs", config.dialogs_restored, &[("Lost", false), ("Restored", true)]);
    }
    record.finish();
    Served::Divided(Arc::new(config))
}

/// What a server has with and without actors; without them, a failure is the process's.
fn common(record: &mut Record<'_, '_>) -> Config {
    let overflow = [("Newest", Overflow::Newest), ("Oldest", Overflow::Oldest)];
    let bindings = [("Stored", Bindings::Stored), ("Restored", Bindings::Restored), ("Lost", Bindings::Lost)];
    Config {
        directives: [Directive::Crash; 11],
        limit: Limit { most: 0, window: Duration::ZERO, rule: Rule::Leaky },
        restart: constant(1e-3),
        service: record.law("service", constant(20e-6)),
        capacity: Capacity {
            most: record.count("mailbox", 1000, 1..=1_000_000) as usize,
            overflow: record.word("overflow", Overflow::Newest, &overflow),
        },
        bindings: record.word("bindings", Bindings::Stored, &bindings),
        dialogs_restored: false,
        passes_on: record.word("repeated", false, &[("Absorbed", false), ("PassedOn", true)]),
    }
}

fn strategy(item: &Node, directives: &mut [Directive; 11], diagnostics: &mut Diagnostics) {
    let mut record = Record::new(item, "a strategy", diagnostics);
    record.required("function");
    record.required("on_failure");
    let function = record.maybe_word("function", &FUNCTIONS);
    let directive = record.maybe_word("on_failure", &DIRECTIVES);
    if let (Some(function), Some(directive)) = (function, directive) {
        directives[function.index()] = directive;
    }
    record.finish();
}

/// `Fail` and `Poison`: a function, or `Any`, and what cures it.
pub(super) fn function_fault(record: &mut Record<'_, '_>, poison: bool) -> FunctionFault {
    let words: Vec<(&str, Option<Function>)> =
        FUNCTIONS.iter().map(|(name, function)| (*name, Some(*function))).chain([("Any", None)]).collect();
    record.required("function");
    FunctionFault {
        function: record.word("function", None, &words),
        poison,
        cure: record.number("cure", 1.0, 0.0..=1.0),
        every: record.maybe_law("every"),
    }
}

/// What the parts of a plan ask of one another.
pub(super) fn fits(
    plan: &mut Record<'_, '_>,
    (server, clients, length): (&Served, &Clients, Duration),
    faults: &[(&Node, Fault)],
) {
    let whole = *server == Served::Whole;
    for (node, fault) in faults {
        let Trouble::Function(_, function) = &fault.what else { continue };
        if whole {
            let message = "this server has no functions that could fail";
            let help = "give the plan a `server: Actors()` or `server: Standard()`";
            plan.diagnostics.push(Diagnostic::error("E1004", node.span, message).help(help));
        }
        let every = function.every.as_ref().map_or(f64::INFINITY, |every| mean_within(every, length.seconds()));
        if length.seconds() / every.max(1e-9) > MOST_FAULTS {
            let message = format!("a run of {length} would have more than {MOST_FAULTS:e} faults of this kind");
            plan.diagnostics.push(Diagnostic::error("E1001", node.span, message).help("make `every` longer"));
        }
    }
    if !whole && clients.voice.is_some() {
        let message = "voice passes by a server of functions: it relays none";
        let node = plan.node("server").map_or(plan.span, |node| node.span);
        plan.diagnostics.push(Diagnostic::error("E1005", node, message).help("leave `voice` out, or `server`"));
    }
}
