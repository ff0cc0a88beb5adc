//! Structs and maps of a tree, with unknown, missing and duplicate entries reported.

use super::read::{Reader, list};
use super::ron_lexer::shorten;
use super::tree::{Kind, Node, Text, Word};
use crate::diag::{Diagnostic, Span, nearest};
use std::collections::HashMap;

/// The fields of a struct: each known and there once.
pub(super) struct Fields<'t> {
    list: Vec<(&'t Word, &'t Node)>,
    /// The whole struct.
    pub(super) span: Span,
}

impl<'t> Fields<'t> {
    /// The value of a field; `Some(x)` is x, and `None` as good as no field.
    pub(super) fn get(&self, name: &str) -> Option<&'t Node> {
        let node = self.list.iter().find(|(word, _)| word.text == name)?.1;
        unwrap(node)
    }

    /// The fields that are there, in the order of the text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'t Word, &'t Node)> {
        self.list.iter().filter_map(|(word, node)| Some((*word, unwrap(node)?)))
    }
}

fn unwrap(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Option(inner) => inner.as_deref().and_then(unwrap),
        _ => Some(node),
    }
}

impl Reader<'_> {
    /// The fields of a struct without a name, `what` for the user; none if it is something else.
    pub(super) fn fields<'t>(&mut self, node: &'t Node, what: &str, known: &[&str]) -> Option<Fields<'t>> {
        match &node.kind {
            Kind::Unit | Kind::Struct { name: None, .. } => Some(self.named_fields(node, what, known)),
            Kind::Struct { name: Some(name), .. } => {
                let message = format!("expected {what}, found `{}(…)`", shorten(&name.text));
                let help = format!("leave out the `{}`", shorten(&name.text));
                self.error("E0206", name.span, message, &help);
                Some(self.named_fields(node, what, known))
            }
            Kind::Map(_) => {
                self.wrong_kind(node, what, "a struct is written `(field: value)`, its fields without quotes");
                None
            }
            _ => {
                self.wrong_kind(node, what, &format!("write `(…)` with the fields {}", list(known.iter().copied())));
                None
            }
        }
    }

    /// The fields of a struct, whatever its name.
    pub(super) fn named_fields<'t>(&mut self, node: &'t Node, what: &str, known: &[&str]) -> Fields<'t> {
        let mut fields = Fields { list: Vec::new(), span: node.span };
        let Kind::Struct { fields: found, .. } = &node.kind else { return fields };
        for (word, value) in found {
            let first = fields.list.iter().find(|(other, _)| other.text == word.text);
            if let Some((first, _)) = first {
                let message = format!("field `{}` is given twice", word.text);
                let diagnostic = Diagnostic::error("E0204", word.span, message);
                self.diagnostics.push(diagnostic.also(first.span, "first given here"));
            } else if known.contains(&word.text.as_str()) {
                fields.list.push((word, value));
            } else {
                self.unknown_field(word, what, known);
            }
        }
        fields
    }

    fn unknown_field(&mut self, word: &Word, what: &str, known: &[&str]) {
        let help = match nearest(&word.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its fields are {}", list(known.iter().copied())),
        };
        self.error("E0202", word.span, format!("{what} has no field `{}`", shorten(&word.text)), &help);
    }

    /// Reports that a field is missing.
    pub(super) fn missing(&mut self, fields: &Fields<'_>, field: &str) {
        let message = format!("field `{field}` is missing");
        let help = format!("add `{field}: …`");
        self.error("E0203", super::read::first_bytes(fields.span), message, &help);
    }

    /// The entries of a map with strings as keys, each key once; none if there is no map.
    pub(super) fn entries<'t>(&mut self, node: Option<&'t Node>, what: &str) -> Vec<(&'t Text, &'t Node)> {
        let Some(node) = node else { return Vec::new() };
        let Kind::Map(entries) = &node.kind else {
            self.wrong_kind(node, &format!("a map of {what}"), "a map is written `{\"name\": …}`, its keys in quotes");
            return Vec::new();
        };
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut list = Vec::new();
        for (key, value) in entries {
            let Kind::Text(text) = &key.kind else {
                self.wrong_kind(key, "a name in quotes", "the keys of a map stand in double quotes");
                continue;
            };
            if let Some(first) = seen.get(text.text.as_str()) {
                let message =
                    format!("`{}` is given twice in the {what}", shorten(&text.text.escape_debug().to_string()));
                let diagnostic = Diagnostic::error("E0205", text.span, message);
                self.diagnostics.push(diagnostic.also(*first, "first given here"));
                continue;
            }
            seen.insert(&text.text, text.span);
            list.extend(unwrap(value).map(|value| (text, value)));
        }
        list
    }

    /// The items of a list; none if there is no list.
    pub(super) fn items<'t>(&mut self, node: Option<&'t Node>, what: &str) -> &'t [Node] {
        let Some(node) = node else { return &[] };
        let Kind::List(items) = &node.kind else {
            self.wrong_kind(node, &format!("a list of {what}"), "a list is written `[…]`");
            return &[];
        };
        items
    }
}
