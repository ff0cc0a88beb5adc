//! `fivenines check`: every mistake, and the structure.

use super::args::{Check, Deny};
use super::diagnostics;
use super::exit;
use super::failure::Failure;
use super::files;
use super::plans::{self, Found, Wanted};
use super::screen::Screen;
use fivenines::diag::{Diagnostic, Severity};
use fivenines::net::Module;
use fivenines::net::structure::{Because, Invariant, Invariants, Limits, Structure, analyse};
use serde::Serialize;
use std::collections::HashSet;
use std::fmt::Display;

/// More than that many entries of a list help nobody; `--json` has all.
const MOST_LISTED: usize = 12;

/// Version of the JSON object.
const SCHEMA: u32 = 1;

/// Runs the command.
pub fn check(args: &Check, screen: &Screen) -> Result<u8, Failure> {
    let deny_warnings = args.deny == Some(Deny::Warnings);
    let wanted = Wanted { set: &args.set, deny_warnings, ..Wanted::default() };
    let found = plans::find_any(&args.file, &wanted)?;
    let designs = designs(&found);
    if args.json {
        files::print(&json(args, &found, &designs))?;
    } else {
        screen.diagnostics(&found.diagnostics, &found.sources, deny_warnings);
        screen.dropped(found.dropped);
        files::print(&text(args, &found, &designs))?;
    }
    let wrong = count(&found.diagnostics, Severity::Error) > 0 || deny_warnings && !found.diagnostics.is_empty();
    Ok(if wrong { exit::WRONG_INPUT } else { exit::FINE })
}

/// One design and what its structure says, at the first sweep point.
#[derive(Serialize)]
struct Design<'f> {
    design: &'f str,
    #[serde(flatten)]
    structure: Structure,
}

fn designs(found: &Found) -> Vec<Design<'_>> {
    let points = found.plan.iter().flat_map(|plan| &plan.points);
    let mut seen = HashSet::new();
    let first = points.filter(|point| seen.insert(point.design.as_str()));
    first.map(|point| Design { design: &point.design, structure: analyse(&point.net, &Limits::default()) }).collect()
}

fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|d| d.severity == severity).count()
}

fn json(args: &Check, found: &Found, designs: &[Design]) -> String {
    #[derive(Serialize)]
    struct Checked<'c> {
        schema: u32,
        version: &'static str,
        file: String,
        errors: usize,
        warnings: usize,
        diagnostics: Vec<diagnostics::Plain<'c>>,
        dropped: usize,
        designs: &'c [Design<'c>],
        #[serde(skip_serializing_if = "Option::is_none")]
        module: Option<&'c Module>,
    }
    let checked = Checked {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        file: args.file.display().to_string(),
        errors: count(&found.diagnostics, Severity::Error),
        warnings: count(&found.diagnostics, Severity::Warning),
        diagnostics: diagnostics::plain(&found.diagnostics, &found.sources),
        dropped: found.dropped,
        designs,
        module: found.module.as_ref(),
    };
    // Plain data with text keys always has a JSON form.
    serde_json::to_string_pretty(&checked).unwrap_or_default() + "\n"
}

fn text(args: &Check, found: &Found, designs: &[Design]) -> String {
    if count(&found.diagnostics, Severity::Error) > 0 {
        return String::new();
    }
    let verdict = if found.diagnostics.is_empty() { "no mistakes" } else { "no errors" };
    let mut text = format!("{}: {verdict}\n", args.file.display());
    found.module.iter().for_each(|module| interface(module, &mut text));
    for design in designs {
        text += &format!("\n{}\n", design.design);
        describe(&design.structure, &mut text);
    }
    text
}

/// What a module asks of its user, in words.
fn interface(module: &Module, text: &mut String) {
    *text += "\na module, for `instances` of another net; its structure is that of the nets that use it\n";
    let rows = [
        ("colours to give", &module.colours),
        ("values to give", &module.parameters),
        ("ports to bind", &module.ports),
        ("ports left free", &module.optional),
    ];
    rows.iter().filter(|(_, names)| !names.is_empty()).for_each(|(name, names)| row(name, &names.join(", "), text));
    if let Some(name) = module.colours.first().or(module.parameters.first()) {
        *text += &format!("with `--set {name}=…` what depends on it is checked too\n");
    }
}

/// The structure in words.
fn describe(structure: &Structure, text: &mut String) {
    row("places", &format!("{} (of one colour each)", structure.places), text);
    let families = structure.families;
    row("transitions", &format!("{} ({families} before their colours are unfolded)", structure.transitions), text);
    row("instances", &structure.instances.to_string(), text);
    row("P-invariants", &number(&structure.p_invariants, "place"), text);
    let alone = |invariant: &&Invariant| invariant.terms.len() == 1;
    let never = structure.p_invariants.list.iter().filter(alone).count();
    list(structure.p_invariants.list.iter().filter(|i| !alone(i)).map(sum), text);
    if never > 0 {
        *text += &format!("    and {never} of a single place that never changes\n");
    }
    row("T-invariants", &number(&structure.t_invariants, "transition"), text);
    list(structure.t_invariants.list.iter().map(sum), text);
    bounds(structure, text);
    let sets = structure.conflict_sets.iter().filter(|set| set.len() > 1);
    let alone = structure.conflict_sets.iter().filter(|set| set.len() == 1).count();
    row("conflict sets", &format!("{} (and {alone} immediates alone)", sets.clone().count()), text);
    list(sets.map(|set| set.join(", ")), text);
    row("dead transitions", &structure.dead.len().to_string(), text);
    list(structure.dead.iter().map(|dead| format!("{}: {}", dead.transition, dead.because)), text);
}

fn row(name: &str, value: &str, text: &mut String) {
    *text += &format!("  {name:<18}{value}\n");
}

/// How many there are, and what the number doesn't tell.
fn number(invariants: &Invariants, of: &str) -> String {
    let mut number = invariants.list.len().to_string();
    match invariants.skipped {
        0 => {}
        1 => number += "; one part of the net has too many to be found",
        n => number += &format!("; {n} parts of the net have too many to be found"),
    }
    match invariants.left_out.len() {
        0 => {}
        1 => number += &format!("; one {of} left out, since a flush changes it by an unknown number"),
        n => number += &format!("; {n} {of}s left out, since flushes change them by an unknown number"),
    }
    number
}

/// `Up + 2 Down = 3`, `Fail + Repair`.
fn sum(invariant: &Invariant) -> String {
    let term = |(name, weight): &(String, u64)| match weight {
        1 => name.clone(),
        weight => format!("{weight} {name}"),
    };
    let shown = invariant.terms.iter().take(MOST_LISTED).map(term);
    let more = invariant.terms.len().saturating_sub(MOST_LISTED);
    let more = (more > 0).then(|| format!("… ({more} more)"));
    let sum = shown.chain(more).collect::<Vec<_>>().join(" + ");
    invariant.value.map_or(sum.clone(), |value| format!("{sum} = {value}"))
}

fn bounds(structure: &Structure, text: &mut String) {
    let by = |because| structure.bounds.iter().filter(|bound| bound.because == because).count();
    let unbounded = structure.places - structure.bounds.len();
    let counts = format!(
        "{} of {} places: {} by P-invariants, {} by capacities, {} that nothing feeds; {unbounded} not proven",
        structure.bounds.len(),
        structure.places,
        by(Because::Invariant),
        by(Because::Capacity),
        by(Because::Unfed),
    );
    row("bounds", &counts, text);
    let proven = structure.bounds.iter().filter(|bound| bound.because != Because::Unfed);
    list(proven.map(|bound| format!("{} ≤ {}", bound.place, bound.tokens)), text);
}

/// The first entries, a line each.
fn list(entries: impl Iterator<Item = impl Display>, text: &mut String) {
    let mut left = 0;
    for (index, entry) in entries.enumerate() {
        match index < MOST_LISTED {
            true => *text += &format!("    {entry}\n"),
            false => left += 1,
        }
    }
    if left > 0 {
        *text += &format!("    … and {left} more\n");
    }
}
