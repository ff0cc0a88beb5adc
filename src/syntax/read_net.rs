//! Tree → AST of a net or a parameter file.

use super::ast::{Declaration, Definition, Import, Instance, Measure, Net, Overrun, Place};
use super::expr::Name;
use super::read::Reader;
use super::tree::{Kind, Node, Text};
use crate::diag::Diagnostic;

/// The standard measures of every `up` condition (S16), as the reports call them.
pub const STANDARD_MEASURES: [&str; 9] = [
    "availability",
    "unavailability",
    "nines",
    "downtime per year",
    "failures per year",
    "MTBF",
    "MTTF",
    "mean up time",
    "mean outage",
];

const NET: &[&str] = &[
    "doc",
    "imports",
    "colours",
    "parameters",
    "ports",
    "places",
    "transitions",
    "instances",
    "up",
    "measures",
    "phases",
];

/// The phase of an outage in which no declared one holds.
pub const OTHER_PHASE: &str = "other";

impl Reader<'_> {
    pub(super) fn net(&mut self, node: &Node) -> Net {
        let fields = self.named_fields(node, "a net", NET);
        Net {
            doc: fields.get("doc").and_then(|node| self.text(node)),
            imports: self.imports(fields.get("imports")),
            colours: self.declarations(fields.get("colours"), "colour sets"),
            parameters: self.declarations(fields.get("parameters"), "parameters"),
            ports: self.places(fields.get("ports"), "ports"),
            places: self.places(fields.get("places"), "places"),
            transitions: self.transitions(fields.get("transitions")),
            instances: self.instances(fields.get("instances")),
            up: self.up(fields.get("up")),
            measures: self.measures(fields.get("measures")),
            phases: self.phases(fields.get("phases")),
            span: node.span,
        }
    }

    fn imports(&mut self, node: Option<&Node>) -> Vec<Import> {
        let mut imports = Vec::new();
        for (key, value) in self.entries(node, "imports") {
            let alias = self.name(key);
            if let Some(path) = self.nonempty_text(value) {
                imports.push(Import { alias, path });
            }
        }
        imports
    }

    fn declarations(&mut self, node: Option<&Node>, what: &str) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        for (key, value) in self.entries(node, what) {
            let required = matches!(&value.kind, Kind::Word(word) if word == "Parameter");
            let name = self.name(key);
            declarations.push(Declaration { name, value: (!required).then(|| self.expr(value)) });
        }
        declarations
    }

    fn places(&mut self, node: Option<&Node>, what: &str) -> Vec<Place> {
        let mut places = Vec::new();
        for (key, value) in self.entries(node, what) {
            let name = self.name(key);
            let span = key.span.to(value.span);
            let mut place = Place { name, colour: None, tokens: None, capacity: None, overrun: None, span };
            let known = ["colour", "tokens", "capacity", "overrun"];
            if let Some(fields) = self.fields(value, "a place", &known) {
                place.colour = self.optional_expr(fields.get("colour"));
                place.tokens = self.optional_expr(fields.get("tokens"));
                place.capacity = self.optional_expr(fields.get("capacity"));
                let variants = [("Block", Overrun::Block), ("Error", Overrun::Error)];
                place.overrun = fields.get("overrun").and_then(|node| self.variant(node, &variants)).map(|(v, _)| v);
            }
            places.push(place);
        }
        places
    }

    fn instances(&mut self, node: Option<&Node>) -> Vec<Instance> {
        let mut instances = Vec::new();
        for (key, value) in self.entries(node, "instances") {
            let (name, variables) = self.bracketed(key);
            let Some(fields) = self.fields(value, "an instance", &["use", "with", "bind", "stream"]) else { continue };
            let module = self.required_text(fields.get("use"), &fields, "use");
            let with = self.definitions(fields.get("with"), "given parameters");
            let mut bind = Vec::new();
            for (port, place) in self.entries(fields.get("bind"), "bound ports") {
                let port = self.name(port);
                bind.extend(self.place_ref(place).map(|place| (port, place)));
            }
            let stream = fields.get("stream").and_then(|node| self.nonempty_text(node));
            let span = key.span.to(value.span);
            instances.push(Instance { name, variables, module, with, bind, stream, span });
        }
        self.distinct(instances.iter().map(|instance| &instance.name), "instance");
        instances
    }

    fn up(&mut self, node: Option<&Node>) -> Vec<Definition> {
        let entries = self.entries(node, "`up` conditions");
        entries.into_iter().map(|(key, node)| Definition { name: self.heading(key), value: self.expr(node) }).collect()
    }

    fn phases(&mut self, node: Option<&Node>) -> Vec<Definition> {
        let mut phases = Vec::new();
        for (key, node) in self.entries(node, "phases") {
            let name = self.heading(key);
            if name.text == OTHER_PHASE {
                let message = format!("`{OTHER_PHASE}` is the phase in which no other one holds");
                self.diagnostics.push(Diagnostic::error("E0208", key.span, message).help("choose another name"));
            }
            phases.push(Definition { name, value: self.expr(node) });
        }
        phases
    }

    fn measures(&mut self, node: Option<&Node>) -> Vec<Measure> {
        let mut measures = Vec::new();
        for (key, value) in self.entries(node, "measures") {
            let name = self.measure_name(key);
            let is_struct = matches!(value.kind, Kind::Unit | Kind::Struct { name: None, .. });
            let measure = if is_struct {
                let Some(fields) = self.fields(value, "a measure", &["value", "precision"]) else { continue };
                let precision = self.optional_expr(fields.get("precision"));
                Measure { name, value: self.required_expr(&fields, "value"), precision }
            } else {
                Measure { name, value: self.expr(value), precision: None }
            };
            measures.push(measure);
        }
        measures
    }

    /// A measure's name, which must not be that of a standard measure, however it is spelled.
    fn measure_name(&mut self, key: &Text) -> Name {
        let plain = key.text.replace('_', " ");
        if let Some(standard) = STANDARD_MEASURES.iter().find(|name| name.eq_ignore_ascii_case(plain.trim())) {
            let message = format!("`{}` is the name of a standard measure", key.text);
            let help = format!("every `up` condition has `{standard}`; choose another name");
            self.diagnostics.push(Diagnostic::error("E0208", key.span, message).help(help));
        }
        self.heading(key)
    }
}
