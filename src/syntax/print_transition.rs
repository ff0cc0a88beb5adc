//! Transitions as RON text.

use super::ast::{MemoryPolicy, Renew, Role, Scope, Servers, Timing, Transition};
use super::layout::{Part, quoted};
use super::print::{Fields, arc, bracketed_key, expression, list};
use super::print_expr::print_place;

/// The transition's key and value.
pub(super) fn transition(transition: &Transition) -> (String, Part) {
    let (name, fields) = timing(&transition.timing);
    let flush = transition.flush.iter().map(|place| quoted(&print_place(place)));
    let role = transition.role.map(|(role, _)| match role {
        Role::Failure => "Failure",
        Role::Repair => "Repair",
    });
    let fields = fields
        .map("from", &transition.from, arc)
        .map("test", &transition.test, arc)
        .map("inhibit", &transition.inhibit, arc)
        .expr("guard", transition.guard.as_ref())
        .maybe("flush", (!transition.flush.is_empty()).then(|| list(flush)))
        .map("to", &transition.to, arc)
        .text("stream", transition.stream.as_ref())
        .word("role", role);
    (bracketed_key(&transition.name, &transition.variables), fields.named(name))
}

fn timing(timing: &Timing) -> (&'static str, Fields) {
    match timing {
        Timing::Immediate { priority, weight, weight_scope } => {
            let fields = Fields::default()
                .expr("priority", priority.as_ref())
                .expr("weight", weight.as_ref())
                .word("weight_scope", weight_scope.map(scope_word));
            ("Immediate", fields)
        }
        Timing::Timed { delay, speed, memory, servers, scope, renew } => {
            let fields = Fields::default()
                .expr("delay", delay.as_ref())
                .expr("speed", speed.as_ref())
                .word("memory", memory.map(memory_word))
                .maybe("servers", servers.as_ref().map(servers_part))
                .word("scope", scope.map(scope_word))
                .word("renew", renew.map(renew_word));
            ("Timed", fields)
        }
    }
}

fn servers_part(servers: &Servers) -> Part {
    match servers {
        Servers::Count(count) => expression(count),
        Servers::Infinite => Part::Leaf("Infinite".to_owned()),
    }
}

fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Binding => "Binding",
        Scope::Transition => "Transition",
    }
}

fn memory_word(memory: MemoryPolicy) -> &'static str {
    match memory {
        MemoryPolicy::Enabling => "Enabling",
        MemoryPolicy::Age => "Age",
        MemoryPolicy::Identical => "Identical",
        MemoryPolicy::Resample => "Resample",
    }
}

fn renew_word(renew: Renew) -> &'static str {
    match renew {
        Renew::Tangible => "Tangible",
        Renew::AtEachToken => "AtEachToken",
    }
}
