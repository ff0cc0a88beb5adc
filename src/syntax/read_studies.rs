//! Tree → AST of what a scenario asks beyond its points: sensitivities, targets.

use super::ast::{Side, Target, Text};
use super::read::Reader;
use super::read_scenario::SHORT_FORMS;
use super::tree::{Kind, Node};

impl Reader<'_> {
    /// `true`, `false` or a list of parameters; none for `false`.
    pub(super) fn sensitivity(&mut self, node: &Node) -> Option<Vec<Text>> {
        match &node.kind {
            Kind::Bool(wanted) => wanted.then(Vec::new),
            Kind::List(items) if items.is_empty() => {
                self.error("E0213", node.span, "a list of no parameters", "write `true` for all of them");
                None
            }
            Kind::List(items) => Some(items.iter().filter_map(|item| self.nonempty_text(item)).collect()),
            _ => {
                self.wrong_kind(node, "`true` or a list of parameters", "a list is written `[\"mtbf\", \"mttr\"]`");
                None
            }
        }
    }

    pub(super) fn targets(&mut self, node: Option<&Node>) -> Vec<Target> {
        let items = self.items(node, "targets");
        items.iter().filter_map(|node| self.target(node)).collect()
    }

    fn target(&mut self, node: &Node) -> Option<Target> {
        let mut known = vec!["parameter", "from", "to", "design", "at", "up", "measure", "value", "source"];
        known.extend(SHORT_FORMS);
        let fields = self.fields(node, "a target", &known)?;
        let parameter = self.required_text(fields.get("parameter"), &fields, "parameter");
        let (from, to) = (self.required_expr(&fields, "from"), self.required_expr(&fields, "to"));
        let mut side = None;
        let goal = self.about(&fields, node.span, &mut |reader, node| {
            let (found, rest) = sided(node);
            side = found;
            reader.expr(rest.as_ref().unwrap_or(node))
        });
        Some(Target { goal, side, parameter, from, to })
    }
}

/// `">= 99.999 %"` → the side, and the rest in its place.
fn sided(node: &Node) -> (Option<Side>, Option<Node>) {
    let Kind::Text(text) = &node.kind else { return (None, None) };
    let start = text.text.len() - text.text.trim_start().len();
    let side = match &text.text[start..] {
        rest if rest.starts_with(">=") => Side::AtLeast,
        rest if rest.starts_with("<=") => Side::AtMost,
        _ => return (None, None),
    };
    // Blanks in its stead: every byte of the rest keeps its place.
    let mut rest = text.clone();
    rest.text.replace_range(start..start + 2, "  ");
    (Some(side), Some(Node { kind: Kind::Text(rest), span: node.span }))
}
