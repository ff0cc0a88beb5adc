//! Every value of the parameter files that the designs import: where it stands, what it rests on, and what it may be turned to.

use crate::robust::Turned;
use crate::table::{head, row};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::syntax::ast::{Document, Evidence, Uncertainty};
use fivenines::syntax::constant::constant;
use fivenines::syntax::expr::{Expr, ExprKind};
use fivenines::syntax::{parse, print_expr};
use fivenines::units::Dimension;
use std::path::Path;

/// The files, as the nets know them.
const FILES: [&str; 8] = [
    "models/params/environment.ron",
    "models/params/coverage.ron",
    "models/params/recovery.ron",
    "models/params/restart_actor.ron",
    "models/params/restart_process.ron",
    "models/params/takeover_live.ron",
    "models/params/failover_vrrp.ron",
    "models/params/announcement.ron",
];

/// A value.
pub struct Assumption {
    pub file: &'static str,
    pub line: usize,
    pub name: String,
    /// As written.
    pub text: String,
    pub evidence: Option<Evidence>,
    pub source: String,
    /// Its range, or what else says how uncertain it is.
    pub range: String,
    /// Less and more of it.
    pub turns: Vec<Turn>,
}

/// Another value.
pub struct Turn {
    /// `halved`.
    pub how: &'static str,
    /// What it is then.
    pub text: String,
    /// Times the stated value; of a probability above one half, times its complement.
    pub factor: f64,
}

impl Assumption {
    /// `environment.operator`, as `--set` has it.
    pub fn label(&self) -> String {
        let stem = self.file.rsplit('/').next().unwrap_or(self.file);
        format!("{}.{}", stem.trim_end_matches(".ron"), self.name)
    }

    /// `environment.ron:29`, as a link.
    pub fn place(&self) -> String {
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        format!("[{name}:{}](../{}#L{})", self.line, self.file, self.line)
    }
}

/// All values of the files, but for the matrix of coverage.ron, which has a section of its own.
pub fn all(root: &Path) -> Result<Vec<Assumption>, String> {
    let mut list = Vec::new();
    for file in FILES {
        let bytes = std::fs::read(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let source = sources.add_bytes(file, &bytes);
        let Some(Document::Parameters(parameters)) = parse(source, &bytes, &mut diagnostics) else {
            return Err(format!("{file} holds no parameters"));
        };
        for value in parameters.values.iter().filter(|of| !matches!(of.value.kind, ExprKind::Table(_))) {
            let found = Assumption {
                file,
                line: sources.position(value.name.span).0,
                name: value.name.text.clone(),
                text: print_expr(&value.value),
                evidence: value.evidence.map(|(grade, _)| grade),
                source: value.source.as_ref().map_or(String::new(), |source| source.text.clone()),
                range: match &value.uncertainty {
                    Some(Uncertainty::Range { low, high, .. }) => {
                        format!("{} to {}", print_expr(low), print_expr(high))
                    }
                    Some(_) => "bootstrap".to_owned(),
                    None => "–".to_owned(),
                },
                turns: turns(&value.value),
            };
            list.push(found);
        }
    }
    Ok(list)
}

/// A value halved and doubled: of a law its times, of a probability above one half what it lacks of 1.
fn turns(value: &Expr) -> Vec<Turn> {
    let plain = constant(value, &mut Diagnostics::default());
    let share = plain.filter(|of| of.dimension == Dimension::NUMBER && of.value <= 1.0).map(|of| of.value);
    let of = |(how, factor): (&'static str, f64)| {
        let text = match (share, plain) {
            (Some(p), _) if p > 0.5 => rounded(1.0 - (factor * (1.0 - p)).min(1.0)),
            (Some(p), _) => rounded((factor * p).min(1.0)),
            // What counts stays whole.
            (None, Some(of)) if of.dimension == Dimension::NUMBER => format!("{}", libm::round(factor * of.value)),
            _ => print_expr(&scaled(value, factor)),
        };
        let now = text.parse::<f64>().ok();
        let factor = match (share, plain, now) {
            (Some(p), _, Some(now)) if p > 0.5 => (1.0 - now) / (1.0 - p),
            (Some(p), _, Some(now)) => now / p,
            (None, Some(of), Some(now)) if of.dimension == Dimension::NUMBER => now / of.value,
            _ => factor,
        };
        Turn { how, factor, text }
    };
    // Nothing and certainty have neither half nor double.
    let fixed = share.is_some_and(|p| p <= 0.0 || p >= 1.0);
    if fixed { Vec::new() } else { [("halved", 0.5), ("doubled", 2.0)].map(of).into_iter().collect() }
}

/// With no more digits than anybody writes.
fn rounded(value: f64) -> String {
    format!("{}", libm::round(value * 1e9) / 1e9)
}

/// The same law or quantity with all its times, or rates, times a factor.
fn scaled(value: &Expr, factor: f64) -> Expr {
    let mut value = value.clone();
    match &mut value.kind {
        ExprKind::Quantity { value, written, .. } => {
            *value *= factor;
            *written *= factor;
        }
        ExprKind::Call(_, arguments) => {
            for of in arguments {
                let mu = constant(&of.value, &mut Diagnostics::default());
                match mu.filter(|_| of.name.as_ref().is_some_and(|name| name.text == "mu")) {
                    // The logarithm of the median.
                    Some(mu) => of.value.kind = ExprKind::Number(mu.value + libm::log(factor)),
                    None => of.value = scaled(&of.value, factor),
                }
            }
        }
        ExprKind::List(parts) => parts.iter_mut().for_each(|part| *part = scaled(part, factor)),
        _ => {}
    }
    value
}

/// What a value rests on, in a word.
pub fn grade(of: Option<Evidence>) -> &'static str {
    match of {
        Some(Evidence::MeasuredLive) => "measured",
        Some(Evidence::FieldData) => "field data",
        Some(Evidence::Published) => "published",
        Some(Evidence::DerivedFromTimers) => "from timers",
        Some(Evidence::Assumed) => "assumed",
        None => "not stated",
    }
}

/// The values that some net of the designs hangs on, with their lines.
pub fn section(all: &[Assumption], turned: &Turned) -> String {
    let mut text = HEAD.to_owned();
    text += &head(6, &["value", "is", "range", "evidence", "source", "line"]);
    // What has neither half nor double can't be told to do nothing.
    for of in all.iter().filter(|of| of.turns.is_empty() || turned.concerns(&of.label())) {
        let cells = [&format!("`{}`", of.label()), &format!("`{}`", of.text), &of.range];
        text += &row(&[cells[0], cells[1], cells[2], grade(of.evidence), &of.source, &of.place()]);
    }
    text
}

const HEAD: &str = "\
## Every value and its line

Whoever disagrees has another value for one run, `fivenines run scenarios/designs.ron --set 'environment.operator=10 y'`, or
changes the line.

";
