//! Tree → AST of transitions.

use super::ast::{Arc, MemoryPolicy, Renew, Role, Scope, Servers, Timing, Transition};
use super::expr::{Expr, Name, PlaceRef};
use super::read::Reader;
use super::read_fields::Fields;
use super::tree::{Kind, Node, Text};
use crate::diag::{Diagnostic, Span};
use std::collections::HashMap;

const IMMEDIATE: &[&str] =
    &["for", "priority", "weight", "weight_scope", "from", "to", "test", "inhibit", "flush", "guard", "stream", "role"];

const TIMED: &[&str] = &[
    "for", "delay", "speed", "memory", "servers", "scope", "renew", "from", "to", "test", "inhibit", "flush", "guard",
    "stream", "role",
];

const SCOPES: &[(&str, Scope)] = &[("Binding", Scope::Binding), ("Transition", Scope::Transition)];

const MEMORY: &[(&str, MemoryPolicy)] = &[
    ("Enabling", MemoryPolicy::Enabling),
    ("Age", MemoryPolicy::Age),
    ("Identical", MemoryPolicy::Identical),
    ("Resample", MemoryPolicy::Resample),
];

impl Reader<'_> {
    pub(super) fn transitions(&mut self, node: Option<&Node>) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for (key, value) in self.entries(node, "transitions") {
            transitions.extend(self.transition(key, value));
        }
        self.distinct(transitions.iter().map(|transition| &transition.name), "transition");
        transitions
    }

    fn transition(&mut self, key: &Text, node: &Node) -> Option<Transition> {
        let (name, variables) = self.bracketed(key);
        let timed = self.is_timed(node)?;
        let (what, known) = if timed { ("a timed transition", TIMED) } else { ("an immediate transition", IMMEDIATE) };
        let fields = self.named_fields(node, what, known);
        Some(Transition {
            name,
            variables: self.all_variables(variables, fields.get("for")),
            timing: if timed { self.timed(&fields) } else { self.immediate(&fields) },
            from: self.arcs(fields.get("from")),
            to: self.arcs(fields.get("to")),
            test: self.arcs(fields.get("test")),
            inhibit: self.arcs(fields.get("inhibit")),
            flush: self.flushes(fields.get("flush")),
            guard: self.optional_expr(fields.get("guard")),
            stream: fields.get("stream").and_then(|node| self.nonempty_text(node)),
            role: fields
                .get("role")
                .and_then(|node| self.variant(node, &[("Failure", Role::Failure), ("Repair", Role::Repair)])),
            span: key.span.to(node.span),
        })
    }

    /// Whether it is written `Timed(…)`, not `Immediate(…)`; nothing if neither.
    fn is_timed(&mut self, node: &Node) -> Option<bool> {
        let word = match &node.kind {
            Kind::Struct { name: Some(name), .. } => (&name.text, name.span),
            Kind::Word(word) => (word, node.span),
            _ => {
                self.wrong_kind(
                    node,
                    "`Timed(…)` or `Immediate(…)`",
                    "write `Timed(delay: \"…\", from: {…}, to: {…})`",
                );
                return None;
            }
        };
        match word.0.as_str() {
            "Timed" => Some(true),
            "Immediate" => Some(false),
            _ => {
                self.unknown_variant(word.0, word.1, ["Timed", "Immediate"].into_iter());
                None
            }
        }
    }

    /// The variables of the bracket and then those of `for`.
    fn all_variables(&mut self, mut variables: Vec<(Name, Expr)>, node: Option<&Node>) -> Vec<(Name, Expr)> {
        let bracket: HashMap<String, Span> = variables.iter().map(|(v, _)| (v.text.clone(), v.span)).collect();
        for (name, set) in self.pairs(node, "variables") {
            if let Some(first) = bracket.get(&name.text) {
                let message = format!("variable `{}` is given twice", name.text);
                let diagnostic = Diagnostic::error("E0314", name.span, message);
                self.diagnostics.push(diagnostic.also(*first, "first given here"));
            } else {
                variables.push((name, set));
            }
        }
        variables
    }

    fn immediate(&mut self, fields: &Fields<'_>) -> Timing {
        Timing::Immediate {
            priority: self.optional_expr(fields.get("priority")),
            weight: self.optional_expr(fields.get("weight")),
            weight_scope: self.scope(fields, "weight_scope"),
        }
    }

    fn timed(&mut self, fields: &Fields<'_>) -> Timing {
        if fields.get("delay").is_none() {
            self.missing(fields, "delay");
        }
        let renew = [("Tangible", Renew::Tangible), ("AtEachToken", Renew::AtEachToken)];
        Timing::Timed {
            delay: self.optional_expr(fields.get("delay")),
            speed: self.optional_expr(fields.get("speed")),
            memory: fields.get("memory").and_then(|node| self.variant(node, MEMORY)).map(|(memory, _)| memory),
            servers: fields.get("servers").map(|node| self.servers(node)),
            scope: self.scope(fields, "scope"),
            renew: fields.get("renew").and_then(|node| self.variant(node, &renew)).map(|(renew, _)| renew),
        }
    }

    fn scope(&mut self, fields: &Fields<'_>, field: &str) -> Option<Scope> {
        fields.get(field).and_then(|node| self.variant(node, SCOPES)).map(|(scope, _)| scope)
    }

    fn servers(&mut self, node: &Node) -> Servers {
        match &node.kind {
            Kind::Word(word) if word == "Infinite" => Servers::Infinite,
            Kind::Text(text) if text.text == "Infinite" => {
                self.wrong_kind(node, "a number of servers", "write `Infinite` without quotes");
                Servers::Infinite
            }
            Kind::Word(word) => {
                self.unknown_variant(word, node.span, ["Infinite"].into_iter());
                Servers::Infinite
            }
            _ => Servers::Count(self.expr(node)),
        }
    }

    fn arcs(&mut self, node: Option<&Node>) -> Vec<Arc> {
        let arc = |(place, tokens)| Arc { place, tokens };
        self.pairs(node, "arcs").into_iter().map(arc).collect()
    }

    fn flushes(&mut self, node: Option<&Node>) -> Vec<PlaceRef> {
        self.items(node, "places in quotes").iter().filter_map(|node| self.place_ref(node)).collect()
    }
}
