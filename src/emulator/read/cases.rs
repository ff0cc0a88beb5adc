//! Cases of a plan: what each of them changes, laid over what they have in common.

use crate::diag::{Diagnostic, Diagnostics};
use crate::syntax::tree::{Kind, Node as Tree, Word};

/// Most cases of a plan.
const MOST_CASES: usize = 4096;

/// The plan without the fields `apart`, and these.
pub(super) fn without(tree: &Tree, apart: &[&str]) -> (Tree, Vec<(Word, Tree)>) {
    let Kind::Struct { name, fields } = &tree.kind else { return (tree.clone(), Vec::new()) };
    let (taken, left) = fields.iter().cloned().partition(|(word, _)| apart.contains(&word.text.as_str()));
    (Tree { kind: Kind::Struct { name: name.clone(), fields: left }, span: tree.span }, taken)
}

/// The plan of each case, by its name: `base`, and over it what `node` says, a map of cases or a list of such maps,
/// whose combinations are meant.
pub(super) fn plans(base: Tree, node: &Tree, diagnostics: &mut Diagnostics) -> Vec<(String, Tree)> {
    let axes = match &node.kind {
        Kind::List(axes) => axes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut plans = vec![(String::new(), base)];
    for axis in axes {
        let choices = choices(axis, diagnostics);
        if plans.len().saturating_mul(choices.len()) > MOST_CASES {
            let message = format!("the plan has more than {MOST_CASES} cases");
            diagnostics.push(Diagnostic::error("E1006", node.span, message).help("name fewer on each axis"));
            return plans;
        }
        let combine = |(name, plan): &(String, Tree)| {
            let joined = |other: &str| if name.is_empty() { other.to_owned() } else { format!("{name}, {other}") };
            choices.iter().map(|(other, change)| (joined(other), overlay(plan, change))).collect::<Vec<_>>()
        };
        plans = plans.iter().flat_map(combine).collect();
    }
    plans
}

/// The cases of one axis; what is wrong is reported.
fn choices<'t>(axis: &'t Tree, diagnostics: &mut Diagnostics) -> Vec<(&'t str, &'t Tree)> {
    let Kind::Map(entries) = &axis.kind else {
        super::fields::wrong_kind(axis, "a map of cases, `{\"name\": (field: value)}`", diagnostics);
        return Vec::new();
    };
    let mut choices: Vec<(&str, &Tree)> = Vec::new();
    for (key, change) in entries {
        match &key.kind {
            Kind::Text(name) if name.text.trim().is_empty() => {
                diagnostics.push(Diagnostic::error("E1006", key.span, "a case needs a name"));
            }
            Kind::Text(name) if choices.iter().any(|(other, _)| *other == name.text) => {
                let message = format!("case `{}` is given twice", name.text.escape_debug());
                diagnostics.push(Diagnostic::error("E1006", key.span, message));
            }
            Kind::Text(name) => choices.push((&name.text, change)),
            _ => super::fields::wrong_kind(key, "the case's name in quotes", diagnostics),
        }
    }
    if entries.is_empty() {
        diagnostics.push(Diagnostic::error("E1006", axis.span, "there are no cases here").help("leave `cases` out"));
    }
    choices
}

/// `base` with the fields of `change` instead of its own, and so on inside of structs of one name.
fn overlay(base: &Tree, change: &Tree) -> Tree {
    let Kind::Struct { name, fields } = &base.kind else { return change.clone() };
    let changes = match &change.kind {
        Kind::Unit => &Vec::new(),
        Kind::Struct { name: other, fields } if other.is_none() || text(other) == text(name) => fields,
        _ => return change.clone(),
    };
    let mut merged = fields.clone();
    let given = merged.len();
    for (word, value) in changes {
        match merged[..given].iter_mut().find(|(known, _)| known.text == word.text) {
            Some((known, old)) => (*known, *old) = (word.clone(), overlay(old, value)),
            None => merged.push((word.clone(), value.clone())),
        }
    }
    Tree { kind: Kind::Struct { name: name.clone(), fields: merged }, span: base.span }
}

fn text(word: &Option<Word>) -> Option<&str> {
    word.as_ref().map(|word| word.text.as_str())
}
