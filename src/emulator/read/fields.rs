//! Records of a fault plan: each field is asked for by name and kind, and what nobody asked for is reported.

use super::law::law;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::dist::Law;
use crate::emulator::time::Duration;
use crate::syntax::constant::constant;
use crate::syntax::expr::{Expr, ExprKind};
use crate::syntax::expression;
use crate::syntax::tree::{Kind, Node, Word};
use crate::units::Dimension;
use std::ops::RangeInclusive;

/// Longest time that a plan may state: a year.
const LONGEST: f64 = 366.0 * 86_400.0;

/// A struct of the plan under reading.
pub(super) struct Record<'t, 'd> {
    pub(super) diagnostics: &'d mut Diagnostics,
    what: String,
    pub(super) span: Span,
    fields: Vec<(&'t Word, &'t Node)>,
    asked: Vec<&'static str>,
}

impl<'t, 'd> Record<'t, 'd> {
    /// The fields of a struct, whatever its name; `what` for the user.
    pub(super) fn new(node: &'t Node, what: &str, diagnostics: &'d mut Diagnostics) -> Record<'t, 'd> {
        let mut list: Vec<(&Word, &Node)> = Vec::new();
        match &node.kind {
            Kind::Struct { fields, .. } => {
                for (word, value) in fields {
                    if let Some((first, _)) = list.iter().find(|(other, _)| other.text == word.text) {
                        let message = format!("field `{}` is given twice", word.text);
                        let diagnostic = Diagnostic::error("E0204", word.span, message);
                        diagnostics.push(diagnostic.also(first.span, "first given here"));
                    } else {
                        list.push((word, value));
                    }
                }
            }
            Kind::Unit | Kind::Word(_) => {}
            _ => wrong_kind(node, &format!("{what}, `(field: value)`"), diagnostics),
        }
        Record { diagnostics, what: what.to_owned(), span: node.span, fields: list, asked: Vec::new() }
    }

    /// The value of a field, as it stands there.
    pub(super) fn node(&mut self, name: &'static str) -> Option<&'t Node> {
        self.asked.push(name);
        let node = self.fields.iter().find(|(word, _)| word.text == name)?.1;
        match &node.kind {
            Kind::Option(inner) => inner.as_deref(),
            _ => Some(node),
        }
    }

    /// Like [`Record::node`], of a field that must be there.
    pub(super) fn required(&mut self, name: &'static str) -> Option<&'t Node> {
        let node = self.node(name);
        if node.is_none() {
            let start = Span { end: self.span.end.min(self.span.start + 1), ..self.span };
            let diagnostic = Diagnostic::error("E0203", start, format!("field `{name}` is missing"));
            self.diagnostics.push(diagnostic.help(format!("add `{name}: …`")));
        }
        node
    }

    /// Reports what nobody asked for.
    pub(super) fn finish(self) {
        for (word, _) in self.fields.iter().filter(|(word, _)| !self.asked.contains(&word.text.as_str())) {
            let help = match nearest(&word.text, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.asked.is_empty() => "it has none".to_owned(),
                None => format!("its fields are {}", list(&self.asked)),
            };
            let message = format!("{} has no field `{}`", self.what, word.text);
            self.diagnostics.push(Diagnostic::error("E0202", word.span, message).help(help));
        }
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let node = self.node(name)?;
        match &node.kind {
            Kind::Text(text) => Some(text.text.clone()),
            _ => self.wrong(node, "a string in quotes"),
        }
    }

    pub(super) fn boolean(&mut self, name: &'static str, default: bool) -> bool {
        let Some(node) = self.node(name) else { return default };
        match node.kind {
            Kind::Bool(value) => value,
            _ => self.wrong(node, "`true` or `false`").unwrap_or(default),
        }
    }

    /// A whole number, without quotes.
    pub(super) fn count(&mut self, name: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(node) = self.node(name) else { return default };
        match &node.kind {
            Kind::Number(number) if number.whole.is_some_and(|whole| range.contains(&whole)) => {
                number.whole.unwrap_or(default)
            }
            Kind::Number(_) => {
                let message = format!("`{name}` must be a whole number from {} to {}", range.start(), range.end());
                self.diagnostics.push(Diagnostic::error("E0905", node.span, message));
                default
            }
            _ => self.wrong(node, "a whole number without quotes").unwrap_or(default),
        }
    }

    /// A time, `"20 ms"`, at least `least`.
    pub(super) fn time(&mut self, name: &'static str, default: Duration, least: Duration) -> Duration {
        self.maybe_time(name, least).unwrap_or(default)
    }

    /// Like [`Record::time`], of a field without a default.
    pub(super) fn maybe_time(&mut self, name: &'static str, least: Duration) -> Option<Duration> {
        let node = self.node(name)?;
        let value = self.quantity(node, Dimension::TIME, least.seconds()..=LONGEST)?;
        Some(Duration::from_seconds(value))
    }

    /// A number or share within a range, `"1 %"`.
    pub(super) fn number(&mut self, name: &'static str, default: f64, range: RangeInclusive<f64>) -> f64 {
        let Some(node) = self.node(name) else { return default };
        self.quantity(node, Dimension::NUMBER, range).unwrap_or(default)
    }

    /// A constant of a dimension, within a range of base units.
    pub(super) fn quantity(&mut self, node: &Node, dimension: Dimension, range: RangeInclusive<f64>) -> Option<f64> {
        let expr = self.expr(node)?;
        let found = constant(&expr, self.diagnostics)?;
        if found.dimension != dimension {
            let message = format!("this is {}, and {dimension} is needed", found.dimension);
            self.diagnostics.push(Diagnostic::error("E0904", node.span, message));
            return None;
        }
        if !range.contains(&found.value) {
            let unit = dimension.base_unit();
            let bounds = format!("must lie between {} and {} {unit}", range.start(), range.end());
            self.diagnostics.push(Diagnostic::error("E0905", node.span, bounds.trim_end()));
            return None;
        }
        Some(found.value)
    }

    /// A law of times, or a time.
    pub(super) fn law(&mut self, name: &'static str, default: Law) -> Law {
        self.maybe_law(name).unwrap_or(default)
    }

    /// Like [`Record::law`], of a field without a default.
    pub(super) fn maybe_law(&mut self, name: &'static str) -> Option<Law> {
        let node = self.node(name)?;
        let expr = self.expr(node)?;
        law(&expr, self.diagnostics)
    }

    /// Bytes, `"4 KiB"`; `per_second` for a bandwidth, `"1 Gbit/s"`.
    pub(super) fn bytes(&mut self, name: &'static str, default: u64, per_second: bool) -> u64 {
        let Some(node) = self.node(name) else { return default };
        let Kind::Text(text) = &node.kind else {
            let example = if per_second { "\"1 Gbit/s\"" } else { "\"4 KiB\"" };
            return self.wrong(node, &format!("an amount of data in quotes, such as {example}")).unwrap_or(default);
        };
        match information(&text.text, per_second) {
            Some(value) => value,
            None => {
                let rate = if per_second { " with `/s`" } else { "" };
                let message = format!("`{}` is no amount of data{rate}", text.text.escape_debug());
                let units: Vec<&str> = INFORMATION.iter().map(|(unit, _)| *unit).collect();
                let diagnostic = Diagnostic::error("E0904", node.span, message);
                self.diagnostics.push(diagnostic.help(format!("units are {}, from 1 B on", units.join(", "))));
                default
            }
        }
    }

    /// One of some words, without quotes.
    pub(super) fn word<T: Copy>(&mut self, name: &'static str, default: T, words: &[(&'static str, T)]) -> T {
        self.maybe_word(name, words).unwrap_or(default)
    }

    /// Like [`Record::word`], of a field without a default.
    pub(super) fn maybe_word<T: Copy>(&mut self, name: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let node = self.node(name)?;
        variant(node, words, self.diagnostics)
    }

    /// The items of a list; none if it isn't there.
    pub(super) fn items(&mut self, name: &'static str) -> &'t [Node] {
        let Some(node) = self.node(name) else { return &[] };
        match &node.kind {
            Kind::List(items) => items,
            _ => self.wrong(node, "a list `[…]`").unwrap_or(&[]),
        }
    }

    fn expr(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            Kind::Text(text) => Some(expression(text, self.diagnostics)).filter(|expr| expr.kind != ExprKind::Invalid),
            Kind::Number(number) if number.value.is_finite() => {
                Some(Expr { kind: ExprKind::Number(number.value), span: node.span })
            }
            _ => self.wrong(node, "a quantity or law in quotes"),
        }
    }

    fn wrong<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        wrong_kind(node, expected, self.diagnostics);
        None
    }
}

/// Reports that another kind of value was expected.
pub(super) fn wrong_kind(node: &Node, expected: &str, diagnostics: &mut Diagnostics) {
    if node.kind != Kind::Bad {
        let message = format!("expected {expected}, found {}", node.kind.describe());
        diagnostics.push(Diagnostic::error("E0206", node.span, message));
    }
}

/// The meaning of a word, or of the name of a struct.
pub(super) fn variant<T: Copy>(node: &Node, words: &[(&'static str, T)], diagnostics: &mut Diagnostics) -> Option<T> {
    let names: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
    let (word, span) = match &node.kind {
        Kind::Word(word) => (word, node.span),
        Kind::Struct { name: Some(name), .. } => (&name.text, name.span),
        _ => {
            wrong_kind(node, &format!("one of the words {}", list(&names)), diagnostics);
            return None;
        }
    };
    if let Some((_, value)) = words.iter().find(|(known, _)| known == word) {
        return Some(*value);
    }
    let help = match nearest(word, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", list(&names)),
    };
    diagnostics.push(Diagnostic::error("E0207", span, format!("unknown variant `{word}`")).help(help));
    None
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Units of information, in bits.
const INFORMATION: [(&str, u64); 10] = [
    ("B", 8),
    ("KiB", 8 << 10),
    ("MiB", 8 << 20),
    ("GiB", 8 << 30),
    ("kB", 8_000),
    ("MB", 8_000_000),
    ("GB", 8_000_000_000),
    ("kbit", 1_000),
    ("Mbit", 1_000_000),
    ("Gbit", 1_000_000_000),
];

/// `4 KiB` in bytes; with `per_second`, `1 Gbit/s` in bytes per second. At least a byte, at most 2⁵³.
fn information(text: &str, per_second: bool) -> Option<u64> {
    let text = text.trim();
    let text = if per_second { text.strip_suffix("/s")?.trim_end() } else { text };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let (_, bits) = INFORMATION.iter().find(|(name, _)| *name == unit.trim())?;
    let bytes = number.parse::<f64>().ok()? * *bits as f64 / 8.0;
    (1.0..=9e15).contains(&bytes).then_some(bytes.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::information;

    #[test]
    fn amounts_of_data() {
        assert_eq!(information("4 KiB", false), Some(4096));
        assert_eq!(information("1.5kB", false), Some(1500));
        assert_eq!(information("1 Gbit/s", true), Some(125_000_000));
        assert_eq!(information("10 MiB /s", true), Some(10 << 20));
        for wrong in ["4", "KiB", "4 KB", "-4 KiB", "4 KiB/s", "1e999 B", "0 B", "", "é B"] {
            assert_eq!(information(wrong, false), None, "{wrong}");
        }
    }
}
