//! Warnings about what the structure proves.

use super::{ConstantKind, Limits, Proof, Structure};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::net::{Net, fold};
use std::collections::BTreeMap;

/// Where something is declared, and its name there.
type Declaration<'n> = (Span, &'n str);

/// W0810 a transition that can never fire, W0807 a constant `up` condition, W0808 a constant measure.
///
/// The nets are all those of one plan: its designs at its sweep points. What is declared once is reported once,
/// and only when it is proven of every binding, in every instance of its module, in every net that has it: a
/// module's unused half, a colour left out, or a parameter that is swept through 0 is no mistake; nor is what a design
/// leaves that turns a switch.
pub fn warn<'n>(nets: impl IntoIterator<Item = &'n Net>, limits: &Limits, diagnostics: &mut Diagnostics) {
    let mut claims: BTreeMap<Declaration<'n>, Option<Diagnostic>> = BTreeMap::new();
    for net in nets {
        let declared = declared(net);
        let settled = |d: &Declaration| claims.get(d).is_some_and(|claim| claim.is_none());
        if declared.keys().all(settled) {
            continue;
        }
        let mut proven = proven(net, limits, &declared);
        for declaration in declared.into_keys() {
            let claim = proven.remove(&declaration);
            // What a switch leaves idle proves nothing of the others.
            if net.switched && claim.is_some() {
                continue;
            }
            claims
                .entry(declaration)
                .and_modify(|known| *known = known.take().filter(|k| claim.as_ref().is_some_and(|c| same(k, c))))
                .or_insert(claim);
        }
    }
    claims.into_values().flatten().for_each(|claim| diagnostics.push(claim));
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.code == other.code && one.message == other.message
}

/// Everything that may be warned about, with the number of flat transitions that it stands for.
fn declared(net: &Net) -> BTreeMap<Declaration<'_>, usize> {
    let mut declared = BTreeMap::new();
    for index in 0..net.transitions.len() {
        *declared.entry(declaration(net, index)).or_default() += 1;
    }
    let named = net.up.iter().map(|up| (up.span, up.name.as_str()));
    declared.extend(named.chain(net.measures.iter().map(|m| (m.span, m.name.as_str()))).map(|d| (d, 1)));
    declared
}

/// Where a flat transition is declared.
fn declaration(net: &Net, index: usize) -> Declaration<'_> {
    let transition = &net.transitions[index];
    (transition.span, own_name(&net.families[transition.family.0 as usize]))
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

/// What is proven of one net.
fn proven<'n>(
    net: &'n Net,
    limits: &Limits,
    declared: &BTreeMap<Declaration<'n>, usize>,
) -> BTreeMap<Declaration<'n>, Diagnostic> {
    let proof = Proof::of(net, limits);
    let mut dead: BTreeMap<Declaration, (usize, &str)> = BTreeMap::new();
    for (index, because) in proof.reach.dead.iter().enumerate() {
        if let Some(because) = because {
            dead.entry(declaration(net, index)).or_insert((0, because)).0 += 1;
        }
    }
    dead.retain(|declaration, (count, _)| declared.get(declaration) == Some(count));
    let never = |(declaration, (_, because)): (Declaration<'n>, (usize, &str))| {
        let message = format!("`{}` can never fire", declaration.1);
        let diagnostic = Diagnostic::warning("W0810", declaration.0, message)
            .label(because)
            .help("put tokens where it takes them from, change what forbids it, or remove it");
        (declaration, diagnostic)
    };
    let mut proven: BTreeMap<Declaration, Diagnostic> = dead.into_iter().map(never).collect();
    constants(net, &proof, &mut proven);
    proven
}

/// What is constant although it is written as if it could change (the other case is told by its own stage).
fn constants<'n>(net: &'n Net, proof: &Proof, proven: &mut BTreeMap<Declaration<'n>, Diagnostic>) {
    for constant in Structure::constants(net, &proof.reach) {
        let (declaration, diagnostic) = match constant.kind {
            ConstantKind::Up => {
                let up = &net.up[constant.index];
                if fold::truth(&up.expr).is_some() {
                    continue;
                }
                let message = format!("`{}` is always {}", up.name, constant.value != 0.0);
                let help = "a condition looks at places whose tokens failures and repairs move";
                ((up.span, up.name.as_str()), Diagnostic::warning("W0807", up.span, message).help(help))
            }
            ConstantKind::Measure => {
                let measure = &net.measures[constant.index];
                let message = match constant.value {
                    value if value.is_nan() => format!("`{}` never has a value", measure.name),
                    value => format!("`{}` is always {value}", measure.name),
                };
                let help = "it looks only at places that keep their tokens, or at transitions that never fire";
                ((measure.span, measure.name.as_str()), Diagnostic::warning("W0808", measure.span, message).help(help))
            }
        };
        proven.insert(declaration, diagnostic.label("no transition that may fire changes it"));
    }
}
