//! Warnings about what the structure proves.

use super::{ConstantKind, Dead, Structure};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::net::Net;
use std::collections::BTreeMap;

/// W0850 a transition that can never fire, W0851 a constant `up` condition, W0852 a constant measure.
///
/// A transition of the source is reported once, and only when none of its bindings, in none of the instances of
/// its module, may fire: a module's unused half, or a colour left out, is no mistake.
pub fn warn(net: &Net, structure: &Structure, diagnostics: &mut Diagnostics) {
    let declaration = |index: usize| {
        let transition = &net.transitions[index];
        let family = &net.families[transition.family.0 as usize];
        (transition.span, own_name(family))
    };
    let mut alive: BTreeMap<(Span, &str), usize> = BTreeMap::new();
    for index in 0..net.transitions.len() {
        *alive.entry(declaration(index)).or_default() += 1;
    }
    let mut first: BTreeMap<(Span, &str), &Dead> = BTreeMap::new();
    for dead in &structure.dead {
        let declaration = declaration(dead.id.0 as usize);
        alive.entry(declaration).and_modify(|count| *count -= 1);
        first.entry(declaration).or_insert(dead);
    }
    for (declaration @ (span, name), dead) in first {
        if alive.get(&declaration) == Some(&0) {
            diagnostics.push(
                Diagnostic::warning("W0850", span, format!("transition `{name}` can never fire"))
                    .label(dead.because.clone())
                    .help("feed the place, change the condition, or remove the transition"),
            );
        }
    }
    constants(net, structure, diagnostics);
}

/// A dotted name without the instances before it: `kid[a.b].T1` is `T1`.
fn own_name(name: &str) -> &str {
    let mut depth = 0usize;
    let mut start = 0;
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'.' if depth == 0 => start = index + 1,
            _ => {}
        }
    }
    &name[start..]
}

fn constants(net: &Net, structure: &Structure, diagnostics: &mut Diagnostics) {
    for constant in &structure.constant {
        let name = &constant.name;
        let diagnostic = match constant.kind {
            ConstantKind::Up => {
                let value = if constant.value != 0.0 { "true" } else { "false" };
                Diagnostic::warning(
                    "W0851",
                    net.up[constant.index].span,
                    format!("`up` condition `{name}` is always {value}"),
                )
                .label("nothing that may fire changes it")
                .help("count tokens of a place that failures and repairs move")
            }
            ConstantKind::Measure if constant.value.is_nan() => {
                let span = net.measures[constant.index].span;
                Diagnostic::warning("W0852", span, format!("measure `{name}` never has a value"))
                    .label("nothing that may fire makes its condition true")
            }
            ConstantKind::Measure => {
                let span = net.measures[constant.index].span;
                let value = constant.value;
                Diagnostic::warning("W0852", span, format!("measure `{name}` is always {value}"))
                    .label("nothing that may fire changes it")
            }
        };
        diagnostics.push(diagnostic);
    }
}
