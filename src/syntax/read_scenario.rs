//! Tree → AST of a scenario.

use super::ast::{Compare, Definition, Design, Gate, Method, Reference, Scenario, Text, Ties};
use super::expr::{Expr, Name};
use super::lex::is_name;
use super::parser::invalid;
use super::read::Reader;
use super::read_fields::Fields;
use super::read_net::STANDARD_MEASURES;
use super::tree::{Kind, Node};
use crate::diag::{Diagnostic, Span};

const SCENARIO: &[&str] = &[
    "title",
    "doc",
    "designs",
    "with",
    "sweep",
    "method",
    "confidence",
    "precision",
    "compare",
    "seed",
    "budget",
    "outages",
    "memory",
    "phases",
    "replications",
    "warmup",
    "length",
    "importance",
    "outage_bound",
    "years",
    "causes",
    "ties",
    "refine",
    "sensitivity",
    "parameter_uncertainty",
    "targets",
    "published",
    "expect",
    "gate",
    "objectives",
];

/// A list of values that estimates are held against.
struct Kinds {
    many: &'static str,
    one: &'static str,
    /// Whether they have one.
    tolerance: bool,
}

const PUBLISHED: Kinds = Kinds { many: "published values", one: "a published value", tolerance: false };
const EXPECTED: Kinds = Kinds { many: "expected values", one: "an expected value", tolerance: true };
const OBJECTIVE: Kinds = Kinds { many: "objectives", one: "an objective", tolerance: false };

const METHODS: &[(&str, Method)] = &[
    ("Auto", Method::Auto),
    ("Simulation", Method::Simulation),
    ("Replications", Method::Replications),
    ("BatchMeans", Method::BatchMeans),
    ("Regenerative", Method::Regenerative),
    ("Stratified", Method::Stratified),
    ("ImportanceSampling", Method::ImportanceSampling),
    ("Splitting", Method::Splitting),
    ("Exact", Method::Exact),
    ("PhaseTypes", Method::PhaseTypes),
];

/// Field names of the standard measures, in the order of [`STANDARD_MEASURES`].
pub(super) const SHORT_FORMS: [&str; 9] = [
    "availability",
    "unavailability",
    "nines",
    "downtime_per_year",
    "failures_per_year",
    "MTBF",
    "MTTF",
    "mean_up_time",
    "mean_outage",
];

impl Reader<'_> {
    pub(super) fn scenario(&mut self, node: &Node) -> Scenario {
        let fields = self.named_fields(node, "a scenario", SCENARIO);
        let ties = [("Stream", Ties::Stream), ("Random", Ties::Random)];
        Scenario {
            title: fields.get("title").and_then(|node| self.text(node)),
            doc: fields.get("doc").and_then(|node| self.text(node)),
            designs: self.designs(&fields),
            with: self.given(fields.get("with")),
            sweep: self.sweep(fields.get("sweep")),
            method: fields.get("method").and_then(|node| self.variant(node, METHODS)),
            confidence: self.optional_expr(fields.get("confidence")),
            precision: self.optional_expr(fields.get("precision")),
            compare: fields.get("compare").and_then(|node| self.compare(node)),
            seed: fields.get("seed").and_then(|node| self.seed(node)),
            memory: self.optional_expr(fields.get("memory")),
            budget: self.optional_expr(fields.get("budget")),
            phases: self.optional_expr(fields.get("phases")),
            outages: self.optional_expr(fields.get("outages")),
            replications: self.optional_expr(fields.get("replications")),
            warmup: self.optional_expr(fields.get("warmup")),
            length: self.optional_expr(fields.get("length")),
            importance: self.optional_expr(fields.get("importance")),
            outage_bound: self.optional_expr(fields.get("outage_bound")),
            years: fields.get("years").and_then(|node| self.boolean(node)),
            causes: fields.get("causes").and_then(|node| self.boolean(node)),
            ties: fields.get("ties").and_then(|node| self.variant(node, &ties)).map(|(ties, _)| ties),
            refine: self.optional_expr(fields.get("refine")),
            sensitivity: fields.get("sensitivity").and_then(|node| self.sensitivity(node)),
            parameter_uncertainty: self.optional_expr(fields.get("parameter_uncertainty")),
            targets: self.targets(fields.get("targets")),
            published: self.references(fields.get("published"), &PUBLISHED),
            expect: self.references(fields.get("expect"), &EXPECTED),
            gate: fields.get("gate").and_then(|node| self.gate(node)),
            objectives: self.references(fields.get("objectives"), &OBJECTIVE),
            span: node.span,
        }
    }

    fn compare(&mut self, node: &Node) -> Option<Compare> {
        let fields = self.fields(node, "a comparison", &["ratio", "difference"])?;
        let (ratio, difference) = (fields.get("ratio"), fields.get("difference"));
        if ratio.is_none() && difference.is_none() {
            self.error("E0203", node.span, "a comparison of nothing", "write `(ratio: \"2 %\")`, or a `difference`");
        }
        let (ratio, difference) = (self.optional_expr(ratio), self.optional_expr(difference));
        Some(Compare { ratio, difference, span: node.span })
    }

    fn designs(&mut self, scenario: &Fields<'_>) -> Vec<Design> {
        if scenario.get("designs").is_none() {
            self.missing(scenario, "designs");
        }
        let mut designs = Vec::new();
        for (key, value) in self.entries(scenario.get("designs"), "designs") {
            let name = self.heading(key);
            let Some(fields) = self.fields(value, "a design", &["net", "with", "primary"]) else { continue };
            let net = self.required_text(fields.get("net"), &fields, "net");
            let with = self.given(fields.get("with"));
            let primary = fields.get("primary").and_then(|node| self.nonempty_text(node));
            designs.push(Design { name, net, with, primary, span: key.span.to(value.span) });
        }
        designs
    }

    /// `{"mtbf": "…", "hosts.reboot": "…", "mtbf[disk]": "…"}`: parameters of the nets, values of files that they import, and
    /// cells of both.
    fn given(&mut self, node: Option<&Node>) -> Vec<Definition> {
        let mut list = Vec::new();
        for (key, value) in self.entries(node, "given parameters") {
            let cell = key.text.strip_suffix(']').and_then(|text| text.split_once('['));
            let whole = cell.map_or(key.text.as_str(), |(whole, _)| whole);
            let name = match whole.rsplit_once('.') {
                Some((file, own)) if !file.trim().is_empty() && is_name(own) => self.heading(key),
                None if cell.is_some() && is_name(whole) => self.heading(key),
                _ => self.name(key),
            };
            list.push(Definition { name, value: self.expr(value) });
        }
        list
    }

    fn sweep(&mut self, node: Option<&Node>) -> Vec<(Name, Vec<Expr>)> {
        let mut sweep = Vec::new();
        for (key, value) in self.entries(node, "swept parameters") {
            // A parameter, or that of one design, which may be called anything.
            let name = self.heading(key);
            let items = match value.kind {
                // A range stands alone: `"mttr": "range(1 h, 8 h, points: 8)"`.
                Kind::Text(_) => std::slice::from_ref(value),
                _ => self.items(Some(value), "values"),
            };
            if items.is_empty() && matches!(value.kind, Kind::List(_)) {
                self.error("E0213", value.span, "a sweep over no values", "write at least one, or leave it out");
            }
            sweep.push((name, items.iter().map(|node| self.expr(node)).collect()));
        }
        sweep
    }

    fn seed(&mut self, node: &Node) -> Option<(u64, Span)> {
        if let Kind::Number(number) = node.kind
            && let Some(whole) = number.whole
        {
            return Some((whole, node.span));
        }
        if node.kind != Kind::Bad {
            let message = "a seed is a whole number between 0 and 18446744073709551615";
            self.error("E0211", node.span, message, "write `seed: 1`, without quotes");
        }
        None
    }

    fn gate(&mut self, node: &Node) -> Option<Gate> {
        let fields = self.fields(node, "a gate", &["margin", "up"])?;
        let margin = self.optional_expr(fields.get("margin"));
        let up =
            self.items(fields.get("up"), "conditions").iter().filter_map(|node| self.nonempty_text(node)).collect();
        Some(Gate { margin, up, span: node.span })
    }

    fn references(&mut self, node: Option<&Node>, kind: &Kinds) -> Vec<Reference> {
        let mut references = Vec::new();
        for node in self.items(node, kind.many) {
            references.extend(self.reference(node, kind));
        }
        references
    }

    fn reference(&mut self, node: &Node, kind: &Kinds) -> Option<Reference> {
        let mut known = vec!["design", "at", "up", "measure", "value", "source"];
        if kind.tolerance {
            known.push("tolerance");
        }
        known.extend(SHORT_FORMS);
        let fields = self.fields(node, kind.one, &known)?;
        Some(self.about(&fields, node.span, &mut |reader, node| reader.expr(node)))
    }

    /// A reference in fields that may have others beside; its value is read by `value`.
    pub(super) fn about(
        &mut self,
        fields: &Fields<'_>,
        span: Span,
        value: &mut dyn FnMut(&mut Self, &Node) -> Expr,
    ) -> Reference {
        let mut text = |field| fields.get(field).and_then(|node| self.nonempty_text(node));
        let (design, up, source) = (text("design"), text("up"), text("source"));
        let (measure, value) = self.measure_and_value(fields, value);
        let at = self.entries(fields.get("at"), "swept parameters");
        let at: Vec<Definition> =
            at.into_iter().map(|(key, node)| Definition { name: self.heading(key), value: self.expr(node) }).collect();
        let tolerance = self.optional_expr(fields.get("tolerance"));
        Reference { design, at, up, measure, value, tolerance, source, span }
    }

    /// `measure: "availability", value: "0.99"`, or short `availability: "0.99"`.
    fn measure_and_value(
        &mut self,
        fields: &Fields<'_>,
        read: &mut dyn FnMut(&mut Self, &Node) -> Expr,
    ) -> (Text, Expr) {
        let short: Vec<_> = fields.iter().filter(|(word, _)| SHORT_FORMS.contains(&word.text.as_str())).collect();
        let long = fields.get("measure").or(fields.get("value"));
        let Some((word, node)) = short.first() else {
            if long.is_none() {
                let help = "write `measure: \"availability\", value: \"0.99\"` or short `availability: \"0.99\"`";
                self.error("E0212", super::read::first_bytes(fields.span), "the entry states no measure", help);
                return (Text { text: String::new(), span: fields.span }, invalid(fields.span));
            }
            let measure = self.required_text(fields.get("measure"), fields, "measure");
            let value = match fields.get("value") {
                Some(node) => read(self, node),
                None => self.required_expr(fields, "value"),
            };
            return (measure, value);
        };
        let second = short.get(1).map(|(word, _)| word.span).or(long.map(|node| node.span));
        if let Some(second) = second {
            let diagnostic = Diagnostic::error("E0212", second, "the entry states more than one measure");
            let diagnostic = diagnostic.also(word.span, "the first one");
            self.diagnostics.push(diagnostic.help("write one entry for each measure"));
        }
        let standard = SHORT_FORMS.iter().position(|name| *name == word.text);
        let text = standard.map_or(word.text.as_str(), |i| STANDARD_MEASURES[i]).to_owned();
        (Text { text, span: word.span }, read(self, node))
    }
}
