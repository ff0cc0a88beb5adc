//! Tree → AST: what all kinds of document need. Nothing stops at the first mistake.

use super::ast::{Definition, Document, Text};
use super::expr::{Expr, ExprKind, Name, PlaceRef, UnaryOp};
use super::lex::{KEYWORDS, is_name};
use super::parse::{bracketed_name, expression, place_reference};
use super::parser::invalid;
use super::read_fields::Fields;
use super::ron_lexer::shorten;
use super::ron_reader::read_tree;
use super::tree::{self, Kind, Node};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Span, nearest};
use std::collections::HashMap;

/// Most bytes in all expressions of one file together.
const MOST_EXPRESSION_BYTES: usize = 4 << 20;

/// Reads a net, parameter file or scenario from `bytes`, the text of `source`.
///
/// All mistakes are added to `diagnostics`. A document may come back even then, with [`ExprKind::Invalid`] and empty
/// required texts where something is wrong, so that later stages can report theirs in the same go.
pub fn parse(source: SourceId, bytes: &[u8], diagnostics: &mut Diagnostics) -> Option<Document> {
    let tree = read_tree(source, bytes, diagnostics)?;
    Reader { diagnostics, expression_bytes: 0 }.document(&tree)
}

/// Reads the tree of one file.
pub(super) struct Reader<'a> {
    pub(super) diagnostics: &'a mut Diagnostics,
    expression_bytes: usize,
}

/// The names of the kinds of document.
const DOCUMENTS: [&str; 3] = ["Net", "Parameters", "Scenario"];

impl Reader<'_> {
    fn document(&mut self, node: &Node) -> Option<Document> {
        let name = match &node.kind {
            Kind::Struct { name: Some(name), .. } => name,
            kind => {
                let message = format!("expected `Net(…)`, `Parameters(…)` or `Scenario(…)`, found {}", kind.describe());
                let diagnostic = Diagnostic::error("E0201", first_bytes(node.span), message);
                self.diagnostics.push(match kind {
                    Kind::Tuple { name: Some(_), .. } => diagnostic.help("its fields are written `name: value`"),
                    _ => diagnostic.help("put the whole file in `Net(…)`"),
                });
                return None;
            }
        };
        match name.text.as_str() {
            "Net" => Some(Document::Net(self.net(node))),
            "Parameters" => Some(Document::Parameters(self.parameters(node))),
            "Scenario" => Some(Document::Scenario(self.scenario(node))),
            other => {
                let message = format!("`{}` is no kind of document", shorten(other));
                let help = match nearest(other, DOCUMENTS) {
                    _ if other == "FaultPlan" => "`fivenines emulate` runs fault plans".to_owned(),
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "kinds are `Net(…)`, `Parameters(…)` and `Scenario(…)`".to_owned(),
                };
                self.diagnostics.push(Diagnostic::error("E0201", name.span, message).help(help));
                None
            }
        }
    }

    pub(super) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
    }

    /// Reports that another kind of value was expected.
    pub(super) fn wrong_kind(&mut self, node: &Node, expected: &str, help: &str) {
        if node.kind == Kind::Bad {
            return;
        }
        let message = format!("expected {expected}, found {}", node.kind.describe());
        let span = match node.kind {
            Kind::Text(_) | Kind::Word(_) | Kind::Number(_) => node.span,
            _ => first_bytes(node.span),
        };
        let diagnostic = Diagnostic::error("E0206", span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// A string, which must not be empty; an empty one if it is missing or wrong.
    pub(super) fn required_text(&mut self, node: Option<&Node>, fields: &Fields<'_>, field: &str) -> Text {
        match node {
            Some(node) => self.nonempty_text(node),
            None => {
                self.missing(fields, field);
                None
            }
        }
        .unwrap_or(Text { text: String::new(), span: fields.span })
    }

    /// A string that must not be empty.
    pub(super) fn nonempty_text(&mut self, node: &Node) -> Option<Text> {
        let text = self.text(node)?;
        if text.text.trim().is_empty() {
            self.error("E0213", node.span, "nothing stands in these quotes", "write what is meant, or leave it out");
            return None;
        }
        Some(text)
    }

    /// A string.
    pub(super) fn text(&mut self, node: &Node) -> Option<Text> {
        let Kind::Text(text) = &node.kind else {
            self.wrong_kind(node, "a string", "strings stand in double quotes");
            return None;
        };
        Some(Text { text: text.text.clone(), span: text.span })
    }

    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        let Kind::Bool(value) = node.kind else {
            self.wrong_kind(node, "`true` or `false`", "");
            return None;
        };
        Some(value)
    }

    /// A word among some, without quotes.
    pub(super) fn variant<T: Copy>(&mut self, node: &Node, variants: &[(&str, T)]) -> Option<(T, Span)> {
        let names = || variants.iter().map(|(name, _)| *name);
        let word = match &node.kind {
            Kind::Word(word) => word,
            Kind::Text(text) if names().any(|name| name == text.text) => {
                self.wrong_kind(node, "a word", &format!("write `{}` without quotes", text.text));
                return None;
            }
            _ => {
                self.wrong_kind(node, "a word", &format!("one of {}", list(names())));
                return None;
            }
        };
        if let Some((_, value)) = variants.iter().find(|(name, _)| name == word) {
            return Some((*value, node.span));
        }
        self.unknown_variant(word, node.span, names());
        None
    }

    pub(super) fn unknown_variant<'n>(&mut self, word: &str, span: Span, names: impl Iterator<Item = &'n str> + Clone) {
        let help = match nearest(word, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", list(names)),
        };
        self.error("E0207", span, format!("unknown variant `{}`", shorten(word)), &help);
    }

    /// An expression in a string, or a bare number, `true` or `false`.
    pub(super) fn expr(&mut self, node: &Node) -> Expr {
        let span = node.span;
        match &node.kind {
            Kind::Text(text) if self.expression_fits(text) => expression(text, self.diagnostics),
            Kind::Number(number) => self.bare_number(number.value, span),
            Kind::Bool(value) => Expr { kind: ExprKind::Boolean(*value), span },
            Kind::Word(_) | Kind::Struct { name: Some(_), .. } | Kind::Tuple { name: Some(_), .. } => {
                let message = format!("expected an expression in quotes, found {}", node.kind.describe());
                let help = match &node.kind {
                    Kind::Word(word) if word.eq_ignore_ascii_case("parameter") => {
                        "did you mean `Parameter`?".to_owned()
                    }
                    Kind::Word(word) => format!("write \"{}\"", shorten(word)),
                    _ => "expressions stand in double quotes: \"Uniform(30 s, 300 s)\"".to_owned(),
                };
                self.error("E0210", first_bytes(span), message, &help);
                invalid(span)
            }
            Kind::Text(_) | Kind::Bad => invalid(span),
            _ => {
                self.wrong_kind(node, "an expression in quotes", "write it as a string: \"4 h\", \"2 * n\"");
                invalid(span)
            }
        }
    }

    /// Counts the bytes of expressions, so that a file can't take unbounded memory.
    fn expression_fits(&mut self, text: &tree::Text) -> bool {
        self.expression_bytes = self.expression_bytes.saturating_add(text.text.len());
        let fits = self.expression_bytes <= MOST_EXPRESSION_BYTES;
        if !fits {
            let message = format!("the expressions of this file have more than {} MiB", MOST_EXPRESSION_BYTES >> 20);
            self.diagnostics.push(Diagnostic::error("E0307", first_bytes(text.span), message));
        }
        fits
    }

    fn bare_number(&mut self, value: f64, span: Span) -> Expr {
        if !value.is_finite() {
            let help = "the greatest number is about 1.8e308; any number of servers is `Infinite`";
            self.error("E0303", span, "not a finite number", help);
            return invalid(span);
        }
        let number = Expr { kind: ExprKind::Number(value.abs()), span };
        if value.is_sign_negative() {
            return Expr { kind: ExprKind::Unary(UnaryOp::Negate, Box::new(number)), span };
        }
        number
    }

    pub(super) fn optional_expr(&mut self, node: Option<&Node>) -> Option<Expr> {
        node.map(|node| self.expr(node))
    }

    /// An expression that must be there; [`ExprKind::Invalid`] if it isn't.
    pub(super) fn required_expr(&mut self, fields: &Fields<'_>, field: &str) -> Expr {
        match fields.get(field) {
            Some(node) => self.expr(node),
            None => {
                self.missing(fields, field);
                invalid(fields.span)
            }
        }
    }

    /// `{"name": "expr"}`, the keys identifiers.
    pub(super) fn definitions(&mut self, node: Option<&Node>, what: &str) -> Vec<Definition> {
        let entries = self.entries(node, what);
        entries.into_iter().map(|(key, node)| Definition { name: self.name(key), value: self.expr(node) }).collect()
    }

    /// `{"name": "expr"}` as pairs.
    pub(super) fn pairs(&mut self, node: Option<&Node>, what: &str) -> Vec<(Name, Expr)> {
        let pair = |definition: Definition| (definition.name, definition.value);
        self.definitions(node, what).into_iter().map(pair).collect()
    }

    /// A place in a string: `"Failed(c)"`.
    pub(super) fn place_ref(&mut self, node: &Node) -> Option<PlaceRef> {
        let Kind::Text(text) = &node.kind else {
            self.wrong_kind(node, "a place in quotes", "write \"Place\" or \"Place(colour)\"");
            return None;
        };
        if text.text.trim().is_empty() {
            self.error("E0213", node.span, "nothing stands in these quotes", "write the name of a place");
            return None;
        }
        place_reference(text, self.diagnostics)
    }

    /// An identifier; a wrong one is reported and kept, so that what belongs to it is read all the same.
    pub(super) fn name(&mut self, key: &tree::Text) -> Name {
        let text = key.text.as_str();
        if text.trim().is_empty() {
            self.error("E0213", key.span, "an empty name", "write what it is called");
        } else if KEYWORDS.contains(&text) {
            self.error("E0208", key.span, format!("`{text}` is a keyword"), "choose another name");
        } else if !is_name(text) {
            let message = format!("`{}` is not a name", shorten(&text.escape_debug().to_string()));
            let help = "a name has letters, digits and `_`, and no digit first";
            self.error("E0209", key.span, message, help);
        }
        Name { text: key.text.clone(), span: key.span }
    }

    /// Any text but none.
    pub(super) fn heading(&mut self, key: &tree::Text) -> Name {
        if key.text.trim().is_empty() {
            self.error("E0213", key.span, "an empty name", "write what it is called");
        }
        Name { text: key.text.clone(), span: key.span }
    }

    /// The name of a transition or instance with the variables of its bracket.
    pub(super) fn bracketed(&mut self, key: &tree::Text) -> (Name, Vec<(Name, Expr)>) {
        if !key.text.contains('[') {
            return (self.name(key), Vec::new());
        }
        if !self.expression_fits(key) {
            return (Name { text: String::new(), span: key.span }, Vec::new());
        }
        bracketed_name(key, self.diagnostics).unwrap_or_else(|| {
            let name = key.text.split('[').next().unwrap_or("").trim().to_owned();
            (Name { text: name, span: key.span }, Vec::new())
        })
    }

    /// Reports names that were given before, which the keys of a map don't show when brackets follow them.
    pub(super) fn distinct<'n>(&mut self, names: impl Iterator<Item = &'n Name>, what: &str) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for name in names {
            if let Some(first) = seen.get(name.text.as_str()) {
                let message = format!("{what} `{}` is given twice", shorten(&name.text));
                let diagnostic = Diagnostic::error("E0205", name.span, message);
                self.diagnostics.push(diagnostic.also(*first, "first given here"));
            } else {
                seen.insert(&name.text, name.span);
            }
        }
    }
}

/// The beginning of something that may be long.
pub(super) fn first_bytes(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}

/// Names in backticks, with commas.
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
