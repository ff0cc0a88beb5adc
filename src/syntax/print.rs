//! AST → canonical RON text: what [`parse`](super::parse) reads back as the same document.

use super::ast::{
    Arc, Compare, Declaration, Definition, Design, Document, Evidence, Gate, Instance, Measure, Method, Net, Overrun,
    ParameterValue, Parameters, Place, Reference, Scenario, Shape, Side, Target, Text, Ties, Uncertainty,
};
use super::expr::{Expr, Name};
use super::layout::{Part, block, quoted};
use super::print_expr::{print_expr, print_place, print_variables};

/// The document as text. Fields that are absent or empty are left out.
pub fn print(document: &Document) -> String {
    let (name, fields) = match document {
        Document::Net(net) => ("Net", net_fields(net)),
        Document::Parameters(parameters) => ("Parameters", parameters_fields(parameters)),
        Document::Scenario(scenario) => ("Scenario", scenario_fields(scenario)),
    };
    fields.named(name).document()
}

/// The fields of a struct, of which those without a value are left out.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, Part)>);

impl Fields {
    /// A field that is always there.
    pub(super) fn field(mut self, name: &str, part: Part) -> Fields {
        self.0.push((name.to_owned(), part));
        self
    }

    /// A field that may be absent.
    pub(super) fn maybe(self, name: &str, part: Option<Part>) -> Fields {
        match part {
            Some(part) => self.field(name, part),
            None => self,
        }
    }

    /// A word without quotes that may be absent.
    pub(super) fn word(self, name: &str, word: Option<&str>) -> Fields {
        self.maybe(name, word.map(|word| Part::Leaf(word.to_owned())))
    }

    /// An expression that may be absent.
    pub(super) fn expr(self, name: &str, expr: Option<&Expr>) -> Fields {
        self.maybe(name, expr.map(expression))
    }

    /// A string that may be absent.
    pub(super) fn text(self, name: &str, text: Option<&Text>) -> Fields {
        self.maybe(name, text.map(|text| quoted(&text.text)))
    }

    /// A map that may be empty.
    pub(super) fn map<T>(self, name: &str, items: &[T], entry: impl Fn(&T) -> (String, Part)) -> Fields {
        let part = (!items.is_empty()).then(|| block("{", items.iter().map(entry), "}"));
        self.maybe(name, part)
    }

    /// `Name(field: value, …)`.
    pub(super) fn named(self, name: &str) -> Part {
        block(&format!("{name}("), self.0, ")")
    }
}

pub(super) fn expression(expr: &Expr) -> Part {
    quoted(&print_expr(expr))
}

/// The key of a map.
pub(super) fn key(name: &Name) -> String {
    quoted(&name.text).flat()
}

/// `"name[k in Kid]"`.
pub(super) fn bracketed_key(name: &Name, variables: &[(Name, Expr)]) -> String {
    if variables.is_empty() {
        return key(name);
    }
    quoted(&format!("{}[{}]", name.text, print_variables(variables))).flat()
}

fn net_fields(net: &Net) -> Fields {
    Fields::default()
        .text("doc", net.doc.as_ref())
        .map("imports", &net.imports, |import| (key(&import.alias), quoted(&import.path.text)))
        .map("colours", &net.colours, declaration)
        .map("parameters", &net.parameters, declaration)
        .map("ports", &net.ports, place)
        .map("places", &net.places, place)
        .map("transitions", &net.transitions, super::print_transition::transition)
        .map("instances", &net.instances, instance)
        .map("up", &net.up, definition)
        .map("measures", &net.measures, measure)
        .map("phases", &net.phases, definition)
}

fn declaration(declaration: &Declaration) -> (String, Part) {
    let value = declaration.value.as_ref().map_or(Part::Leaf("Parameter".to_owned()), expression);
    (key(&declaration.name), value)
}

pub(super) fn definition(definition: &Definition) -> (String, Part) {
    (key(&definition.name), expression(&definition.value))
}

pub(super) fn arc(arc: &Arc) -> (String, Part) {
    (key(&arc.place), expression(&arc.tokens))
}

fn place(place: &Place) -> (String, Part) {
    let overrun = place.overrun.map(|overrun| match overrun {
        Overrun::Block => "Block",
        Overrun::Error => "Error",
    });
    let fields = Fields::default()
        .expr("colour", place.colour.as_ref())
        .expr("tokens", place.tokens.as_ref())
        .expr("capacity", place.capacity.as_ref())
        .word("overrun", overrun);
    (key(&place.name), fields.named(""))
}

fn instance(instance: &Instance) -> (String, Part) {
    let fields = Fields::default()
        .text("use", Some(&instance.module))
        .map("with", &instance.with, definition)
        .map("bind", &instance.bind, |(port, place)| (key(port), quoted(&print_place(place))))
        .text("stream", instance.stream.as_ref());
    (bracketed_key(&instance.name, &instance.variables), fields.named(""))
}

fn measure(measure: &Measure) -> (String, Part) {
    let value = match &measure.precision {
        None => expression(&measure.value),
        precision => {
            Fields::default().expr("value", Some(&measure.value)).expr("precision", precision.as_ref()).named("")
        }
    };
    (key(&measure.name), value)
}

fn parameters_fields(parameters: &Parameters) -> Fields {
    let values = block("{", parameters.values.iter().map(parameter_value), "}");
    let data = parameters
        .data
        .as_ref()
        .map(|data| Fields::default().text("file", Some(&data.file)).text("sha256", Some(&data.sha256)).named(""));
    Fields::default()
        .text("doc", parameters.doc.as_ref())
        .text("command", parameters.command.as_ref())
        .maybe("data", data)
        .field("values", values)
}

fn parameter_value(value: &ParameterValue) -> (String, Part) {
    let name = key(&value.name);
    let ParameterValue { source, evidence, observations, fit, uncertainty, .. } = value;
    let plain = source.is_none() && evidence.is_none() && observations.is_none() && uncertainty.is_none();
    if plain && fit.is_empty() {
        return (name, expression(&value.value));
    }
    let evidence = evidence.map(|(evidence, _)| match evidence {
        Evidence::MeasuredLive => "MeasuredLive",
        Evidence::FieldData => "FieldData",
        Evidence::Published => "Published",
        Evidence::DerivedFromTimers => "DerivedFromTimers",
        Evidence::Assumed => "Assumed",
    });
    let fields = Fields::default()
        .expr("value", Some(&value.value))
        .text("source", source.as_ref())
        .word("evidence", evidence)
        .expr("observations", observations.as_ref())
        .map("fit", fit, definition);
    let fields = match uncertainty {
        None => fields,
        Some(Uncertainty::Draws(draws)) => {
            let items = draws.iter().map(|draw| (String::new(), expression(draw)));
            fields.field("draws", block("[", items, "]"))
        }
        Some(Uncertainty::Range { low, high, shape }) => {
            let shape = (*shape == Shape::LogUniform).then_some("LogUniform");
            let range = Fields::default().expr("low", Some(low)).expr("high", Some(high)).word("shape", shape);
            fields.field("range", range.named(""))
        }
        Some(Uncertainty::Resampled) => fields.word("resampled", Some("true")),
    };
    (name, fields.named(""))
}

fn scenario_fields(scenario: &Scenario) -> Fields {
    let method = scenario.method.map(|(method, _)| match method {
        Method::Auto => "Auto",
        Method::Simulation => "Simulation",
        Method::Replications => "Replications",
        Method::BatchMeans => "BatchMeans",
        Method::Regenerative => "Regenerative",
        Method::Stratified => "Stratified",
        Method::ImportanceSampling => "ImportanceSampling",
        Method::Splitting => "Splitting",
        Method::Exact => "Exact",
        Method::PhaseTypes => "PhaseTypes",
    });
    let ties = scenario.ties.map(|ties| match ties {
        Ties::Stream => "Stream",
        Ties::Random => "Random",
    });
    let seed = scenario.seed.map(|(seed, _)| seed.to_string());
    let years = scenario.years.map(|years| years.to_string());
    let causes = scenario.causes.map(|causes| causes.to_string());
    Fields::default()
        .text("title", scenario.title.as_ref())
        .text("doc", scenario.doc.as_ref())
        .field("designs", block("{", scenario.designs.iter().map(design), "}"))
        .map("with", &scenario.with, definition)
        .map("sweep", &scenario.sweep, |(name, values)| (key(name), list(values.iter().map(expression))))
        .word("method", method)
        .expr("confidence", scenario.confidence.as_ref())
        .expr("precision", scenario.precision.as_ref())
        .maybe("compare", scenario.compare.as_ref().map(compare))
        .word("seed", seed.as_deref())
        .expr("budget", scenario.budget.as_ref())
        .expr("memory", scenario.memory.as_ref())
        .expr("phases", scenario.phases.as_ref())
        .expr("outages", scenario.outages.as_ref())
        .expr("replications", scenario.replications.as_ref())
        .expr("warmup", scenario.warmup.as_ref())
        .expr("length", scenario.length.as_ref())
        .expr("importance", scenario.importance.as_ref())
        .expr("outage_bound", scenario.outage_bound.as_ref())
        .word("years", years.as_deref())
        .word("causes", causes.as_deref())
        .word("ties", ties)
        .expr("refine", scenario.refine.as_ref())
        .maybe("sensitivity", scenario.sensitivity.as_deref().map(sensitivity))
        .expr("parameter_uncertainty", scenario.parameter_uncertainty.as_ref())
        .maybe("targets", (!scenario.targets.is_empty()).then(|| list(scenario.targets.iter().map(target))))
        .maybe("published", references(&scenario.published))
        .maybe("expect", references(&scenario.expect))
        .maybe("gate", scenario.gate.as_ref().map(gate))
        .maybe("objectives", references(&scenario.objectives))
}

fn gate(gate: &Gate) -> Part {
    let up = (!gate.up.is_empty()).then(|| list(gate.up.iter().map(|up| quoted(&up.text))));
    Fields::default().expr("margin", gate.margin.as_ref()).maybe("up", up).named("")
}

fn compare(compare: &Compare) -> Part {
    let ratio = Fields::default().expr("ratio", compare.ratio.as_ref());
    ratio.expr("difference", compare.difference.as_ref()).named("")
}

fn design(design: &Design) -> (String, Part) {
    let fields = Fields::default()
        .text("net", Some(&design.net))
        .map("with", &design.with, definition)
        .text("primary", design.primary.as_ref());
    (key(&design.name), fields.named(""))
}

fn references(references: &[Reference]) -> Option<Part> {
    (!references.is_empty()).then(|| list(references.iter().map(reference)))
}

fn reference(reference: &Reference) -> Part {
    about(Fields::default(), reference, expression(&reference.value)).named("")
}

fn about(fields: Fields, reference: &Reference, value: Part) -> Fields {
    fields
        .text("design", reference.design.as_ref())
        .map("at", &reference.at, definition)
        .text("up", reference.up.as_ref())
        .text("measure", Some(&reference.measure))
        .field("value", value)
        .expr("tolerance", reference.tolerance.as_ref())
        .text("source", reference.source.as_ref())
}

fn sensitivity(parameters: &[Text]) -> Part {
    match parameters {
        [] => Part::Leaf("true".to_owned()),
        some => list(some.iter().map(|parameter| quoted(&parameter.text))),
    }
}

fn target(target: &Target) -> Part {
    let fields = Fields::default()
        .text("parameter", Some(&target.parameter))
        .expr("from", Some(&target.from))
        .expr("to", Some(&target.to));
    let value = print_expr(&target.goal.value);
    let value = match target.side {
        Some(Side::AtLeast) => format!(">= {value}"),
        Some(Side::AtMost) => format!("<= {value}"),
        None => value,
    };
    about(fields, &target.goal, quoted(&value)).named("")
}

/// `[a, b]`.
pub(super) fn list(items: impl IntoIterator<Item = Part>) -> Part {
    block("[", items.into_iter().map(|part| (String::new(), part)), "]")
}
