//! Tree → AST: parameter files.

use super::ast::{Data, Evidence, ParameterValue, Parameters, Shape, Uncertainty};
use super::constant::constant;
use super::expr::{Argument, Expr, ExprKind};
use super::read::Reader;
use super::tree::{Kind, Node, Text};
use crate::diag::Span;

const EVIDENCE: &[(&str, Evidence)] = &[
    ("MeasuredLive", Evidence::MeasuredLive),
    ("FieldData", Evidence::FieldData),
    ("Published", Evidence::Published),
    ("DerivedFromTimers", Evidence::DerivedFromTimers),
    ("Assumed", Evidence::Assumed),
];

const SHAPES: &[(&str, Shape)] = &[("Uniform", Shape::Uniform), ("LogUniform", Shape::LogUniform)];

const FIELDS: [&str; 8] = ["value", "source", "evidence", "observations", "fit", "range", "draws", "resampled"];

impl Reader<'_> {
    pub(super) fn parameters(&mut self, node: &Node) -> Parameters {
        let fields = self.named_fields(node, "a parameter file", &["doc", "command", "data", "values"]);
        let doc = fields.get("doc").and_then(|node| self.text(node));
        let command = fields.get("command").and_then(|node| self.text(node));
        let data = fields.get("data").and_then(|node| self.data(node));
        if fields.get("values").is_none() {
            self.missing(&fields, "values");
        }
        let mut values = Vec::new();
        for (key, value) in self.entries(fields.get("values"), "values") {
            values.push(self.parameter_value(key, value));
        }
        self.together(&values);
        Parameters { doc, command, data, values, span: node.span }
    }

    fn data(&mut self, node: &Node) -> Option<Data> {
        let fields = self.fields(node, "the data", &["file", "sha256"])?;
        let file = self.required_text(fields.get("file"), &fields, "file");
        let sha256 = self.required_text(fields.get("sha256"), &fields, "sha256");
        Some(Data { file, sha256 })
    }

    fn parameter_value(&mut self, key: &Text, node: &Node) -> ParameterValue {
        let name = self.name(key);
        let plain = |value| ParameterValue {
            name: name.clone(),
            value,
            source: None,
            evidence: None,
            observations: None,
            fit: Vec::new(),
            uncertainty: None,
        };
        if !matches!(node.kind, Kind::Unit | Kind::Struct { name: None, .. }) {
            return plain(self.expr(node));
        }
        let fields = self.named_fields(node, "a value", &FIELDS);
        let value = self.required_expr(&fields, "value");
        let ways = [
            fields.get("range").and_then(|node| Some((self.range(node, &value)?, node.span))),
            fields.get("draws").map(|node| (self.draws(node), node.span)),
            fields.get("resampled").and_then(|node| {
                let wanted = self.boolean(node)?;
                wanted.then_some((Uncertainty::Resampled, node.span))
            }),
        ];
        let mut ways = ways.into_iter().flatten();
        let uncertainty = ways.next();
        if let Some((_, second)) = ways.next() {
            let help = "keep one of `range`, `draws` and `resampled`";
            self.error("E0214", second, "a value is uncertain in one way", help);
        }
        ParameterValue {
            source: fields.get("source").and_then(|node| self.text(node)),
            evidence: fields.get("evidence").and_then(|node| self.variant(node, EVIDENCE)),
            observations: self.optional_expr(fields.get("observations")),
            fit: self.definitions(fields.get("fit"), "fit"),
            uncertainty: uncertainty.map(|(way, _)| way),
            ..plain(value)
        }
    }

    fn draws(&mut self, node: &Node) -> Uncertainty {
        let items = self.items(Some(node), "draws");
        if items.is_empty() && matches!(node.kind, Kind::List(_)) {
            self.error("E0214", node.span, "there are no draws", "give some, or leave the field out");
        }
        Uncertainty::Draws(items.iter().map(|item| self.expr(item)).collect())
    }

    /// `(low: "1000 h", high: "5000 h", shape: LogUniform)`.
    fn range(&mut self, node: &Node, value: &Expr) -> Option<Uncertainty> {
        let fields = self.fields(node, "a range", &["low", "high", "shape"])?;
        let (low, high) = (self.required_expr(&fields, "low"), self.required_expr(&fields, "high"));
        let shape = fields.get("shape").and_then(|node| self.variant(node, SHAPES)).map(|(shape, _)| shape);
        let shape = shape.unwrap_or_default();
        match ends(&low, &high, value, shape) {
            Ok(()) => return Some(Uncertainty::Range { low, high, shape }),
            Err(Unfit::Told) => {
                for end in [&low, &high] {
                    let _ = constant(end, self.diagnostics);
                }
            }
            Err(Unfit::Because(message, help)) => self.error("E0214", node.span, message, help),
        }
        None
    }

    /// Draws of one index belong together, so all values of a file have as many.
    fn together(&mut self, values: &[ParameterValue]) {
        let counts = values.iter().filter_map(|value| match &value.uncertainty {
            Some(Uncertainty::Draws(draws)) => Some((draws.len(), value.name.span)),
            _ => None,
        });
        let counts: Vec<(usize, Span)> = counts.collect();
        if let Some((count, span)) = counts.iter().find(|(count, _)| *count != counts[0].0) {
            let message = format!("{count} draws here, and {} of the first value that has some", counts[0].0);
            let help = "draws of one index belong together: give every value of a file as many";
            self.error("E0214", *span, message, help);
        }
    }
}

/// Why two expressions can't be the ends of a range.
enum Unfit {
    /// One of them is no constant, which its own mistake tells.
    Told,
    /// What is wrong, and what to do.
    Because(&'static str, &'static str),
}

/// Whether a value lies between two ends: a number between two of its dimension, a law between two of its form, each of
/// whose numbers lies so, or is the same.
fn ends(low: &Expr, high: &Expr, value: &Expr, shape: Shape) -> Result<(), Unfit> {
    let plain = |expr: &Expr| constant(expr, &mut crate::diag::Diagnostics::default());
    if let (Some(from), Some(to)) = (arguments_of(low), arguments_of(high)) {
        let Some(own) = arguments_of(value).filter(|own| alike(own, &from) && alike(own, &to)) else {
            let help =
                "write law and ends alike: `Uniform(1 s, 2 s)` between `Uniform(1 s, 1.5 s)` and `Uniform(2 s, 3 s)`";
            return Err(Unfit::Because("the ends of a range are laws of another form than its value", help));
        };
        let same = |x: &Expr, y: &Expr| plain(x).is_some() && plain(x) == plain(y);
        let parts = from.1.iter().zip(to.1).zip(own.1).map(|((from, to), own)| (&from.value, &to.value, &own.value));
        let open: Vec<_> = parts.filter(|(from, to, own)| !(same(from, to) && same(from, own))).collect();
        if open.is_empty() {
            return Err(Unfit::Because(EMPTY.0, EMPTY.1));
        }
        return open.into_iter().try_for_each(|(from, to, own)| ends(from, to, own, shape));
    }
    let (Some(from), Some(to)) = (plain(low), plain(high)) else { return Err(Unfit::Told) };
    let (message, help) = match plain(value) {
        _ if from.dimension != to.dimension => {
            ("the ends of a range have different dimensions", "give both in units of one kind")
        }
        _ if from.value >= to.value => EMPTY,
        _ if shape == Shape::LogUniform && from.value <= 0.0 => {
            ("a log-uniform range begins above 0", "raise `low`, or leave `shape` out")
        }
        None => (
            "a range of numbers is about a number, and this value is none",
            "give laws as its ends, or `draws` instead",
        ),
        Some(middle) if middle.dimension != from.dimension => {
            ("a range has another dimension than its value", "give both in units of one kind")
        }
        Some(middle) if !(from.value..=to.value).contains(&middle.value) => {
            ("a value lies outside of its range", "move an end of the range beyond the value")
        }
        Some(_) => return Ok(()),
    };
    Err(Unfit::Because(message, help))
}

const EMPTY: (&str, &str) = ("a range ends before it begins", "write `range: (low: \"1000 h\", high: \"5000 h\")`");

/// Name and parameters of a law.
fn arguments_of(expr: &Expr) -> Option<(&str, &[Argument])> {
    match &expr.kind {
        ExprKind::Call(law, arguments) if constant(expr, &mut crate::diag::Diagnostics::default()).is_none() => {
            Some((law.text.as_str(), arguments))
        }
        _ => None,
    }
}

/// Whether two laws have one form: name, and names of their parameters.
fn alike(x: &(&str, &[Argument]), y: &(&str, &[Argument])) -> bool {
    let name = |argument: &Argument| argument.name.as_ref().map(|name| name.text.clone());
    x.0 == y.0 && x.1.len() == y.1.len() && x.1.iter().zip(y.1).all(|(x, y)| name(x) == name(y))
}
