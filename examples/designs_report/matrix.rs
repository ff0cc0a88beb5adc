//! Fault class against design: the blocks of coverage.ron, question by question.

use crate::table::{head, row};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::syntax::ast::{Document, Parameters};
use fivenines::syntax::constant::constant;
use fivenines::syntax::expr::{Expr, ExprKind};
use fivenines::syntax::{parse, parse_expr, print_expr};
use std::path::Path;

const FILE: &str = "models/params/coverage.ron";

/// The rows of the blocks, and what they say.
const QUESTIONS: [(&str, &str); 11] = [
    (
        "seen",
        "Is a hang detected by the watchdog? (Users find the others; what fails without hanging is seen at once.)",
    ),
    ("resume", "Does resuming cure it?"),
    ("actor", "Does a restart of the actor?"),
    ("subtree", "Of the subtree?"),
    ("restart", "Of the process?"),
    ("reboot", "Of the operating system? (People, who come last, cure everything.)"),
    ("succeeds", "Does a takeover upon silence succeed?"),
    ("both", "Does a fault strike the other copy at the same time?"),
    ("follows", "Does it strike the copy that has taken over?"),
    ("keeps", "What of the calls survives the loss of a copy's state?"),
    ("common", "Is a fault of the whole site masked?"),
];

/// A design's block.
struct Block {
    name: String,
    line: usize,
    rows: Vec<(String, Vec<(String, String)>)>,
}

pub fn section(root: &Path) -> Result<String, String> {
    let blocks = blocks(root)?;
    if let Some((row, of)) = blocks
        .iter()
        .flat_map(|of| of.rows.iter().map(move |row| (row, of)))
        .find(|(row, _)| !QUESTIONS.iter().any(|(question, _)| *question == row.0))
    {
        return Err(format!("{FILE}: nobody knows what `{}` of `{}` asks", row.0, of.name));
    }
    let mut text = HEAD.to_owned();
    for (question, what) in QUESTIONS {
        let asked = |of: &'_ Block| of.rows.iter().find(|(name, _)| name == question).map(|(_, cells)| cells.clone());
        let mut columns: Vec<String> = Vec::new();
        for (class, _) in blocks.iter().filter_map(asked).flatten() {
            if !columns.contains(&class) {
                columns.push(class);
            }
        }
        text += &format!("**{what}** Row `{question}`.\n\n");
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        text += &head(1 + columns.len(), &[&["design"], names.as_slice()].concat());
        for of in &blocks {
            let Some(cells) = asked(of) else { continue };
            let design = format!("[{}](../{FILE}#L{})", of.name, of.line);
            let cell = |class: &String| {
                let found = cells.iter().find(|(own, _)| own == class);
                found.map_or_else(|| "–".to_owned(), |(_, cell)| cell.clone())
            };
            let told: Vec<String> = std::iter::once(design).chain(columns.iter().map(cell)).collect();
            text += &row(&told.iter().map(String::as_str).collect::<Vec<_>>());
        }
        text += "\n";
    }
    Ok(text)
}

fn blocks(root: &Path) -> Result<Vec<Block>, String> {
    let bytes = std::fs::read(root.join(FILE)).map_err(|error| format!("{FILE}: {error}"))?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add_bytes(FILE, &bytes);
    let Some(Document::Parameters(all)) = parse(source, &bytes, &mut diagnostics) else {
        return Err(format!("{FILE} holds no parameters"));
    };
    let mut found = Vec::new();
    for value in &all.values {
        let ExprKind::Table(rows) = &value.value.kind else { continue };
        let mut block =
            Block { name: value.name.text.clone(), line: sources.position(value.name.span).0, rows: Vec::new() };
        for (name, cells) in rows {
            let ExprKind::Table(cells) = &cells.kind else {
                return Err(format!("{FILE}: `{}` of `{}` is no row", print_expr(name), block.name));
            };
            let cells = cells.iter().map(|(class, cell)| Ok((print_expr(class), told(&all, cell)?)));
            block.rows.push((print_expr(name), cells.collect::<Result<_, String>>()?));
        }
        found.push(block);
    }
    Ok(found)
}

/// `1`, `` `poison` 0.5 ``.
fn told(all: &Parameters, cell: &Expr) -> Result<String, String> {
    let written = print_expr(cell);
    if let ExprKind::Number(_) = cell.kind {
        return Ok(written);
    }
    // Each name for its value.
    let known = |word: &str| all.values.iter().find(|value| value.name.text == word).map(|of| print_expr(&of.value));
    let mut text = String::new();
    let mut word = String::new();
    for letter in written.chars().chain([' ']) {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        text += &known(&word).unwrap_or_else(|| word.clone());
        text.push(letter);
        word.clear();
    }
    let mut sources = Sources::default();
    let source = sources.add("a cell", text.as_str());
    let mut diagnostics = Diagnostics::default();
    let parsed = parse_expr(source, &text, 0, &mut diagnostics);
    let value = parsed.and_then(|parsed| constant(&parsed, &mut diagnostics));
    let value = value.ok_or_else(|| format!("{FILE}: `{written}` is no number"))?;
    Ok(format!("`{written}` {}", value.value))
}

const HEAD: &str = "\
## Which fault each design detects, recovers from, and what state is lost

The blocks of `coverage.ron` that the designs' nets read, question by question; the link leads to the design's own. A bare number
is so by definition of class and design, and the file says why. A name, with what it is assumed to be, stands for a quantity that
isn't known by definition: its range is [below](#every-value-and-its-line), and all cells that name it are drawn together. Whoever
knows a cell better writes a number in its place, for that design alone, or names it for one run, by block, row and column:
`--set 'coverage.standard[seen][transient]=0.5'`.

";
