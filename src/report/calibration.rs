//! What a calibration found: text and Markdown for people, JSON for scripts.

use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, brief, duration, percent, short};
use super::{markdown, text};
use crate::calibrate::counts::{Counts, Rate};
use crate::calibrate::findings::Dependence;
use crate::calibrate::survival::Step;
use crate::calibrate::verdict::{Parameter, REFUTED};
use crate::calibrate::{Examined, Findings, Observation, Origin, Quantity, Sample, Verdict};
use crate::stats::{Estimate, quantile};
use crate::units::Dimension;

/// Shares of the durations at whose ends law and sample are compared.
const SHARES: [f64; 7] = [0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01];

/// A difference of AICc up to which laws are hardly told apart (Burnham and Anderson 2002, section 2.6).
const ALIKE: f64 = 2.0;

/// The findings of a table, for people and scripts.
#[derive(Debug, Clone, Copy)]
pub struct Calibrated<'f> {
    /// The table's name.
    pub file: &'f str,
    /// Its SHA-256, hexadecimal.
    pub sha256: &'f str,
    /// What was found.
    pub findings: &'f Findings,
}

impl Calibrated<'_> {
    /// Aligned tables for a terminal.
    pub fn text(&self) -> String {
        text::render(&self.blocks())
    }

    /// The same in Markdown.
    pub fn markdown(&self) -> String {
        markdown::render(&self.blocks())
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        super::calibration_json::json(self)
    }

    /// Figures as SVG: each sample beside its laws, and the probability plot of the law that is used.
    pub fn figures(&self) -> Vec<super::figure::Figure> {
        super::figure::fits::figures(self.findings)
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Title(format!("Calibration of {}", self.file))];
        if self.findings.interrupted {
            blocks.push(Block::Paragraph("Interrupted: this is what was known by then; no law is written.".into()));
        }
        for quantity in &self.findings.quantities {
            blocks.extend(of(quantity, self.findings.settings.confidence));
        }
        blocks.extend(together(&self.findings.dependence));
        let settings = &self.findings.settings;
        let words = format!(
            "Intervals at {} confidence, {} bootstrap replicates, seed {}; data {}.",
            percent(settings.confidence),
            settings.replicates,
            settings.seed,
            self.sha256.get(..12).unwrap_or(self.sha256)
        );
        blocks.push(Block::Paragraph(words));
        blocks
    }
}

fn of(quantity: &Quantity, confidence: f64) -> Vec<Block> {
    let Quantity { sample, calibration, .. } = quantity;
    let mut blocks = vec![Block::Heading(sample.name.clone())];
    blocks.push(Block::Paragraph(described(sample)));
    blocks.push(Block::Paragraph(verdict(quantity)));
    blocks.extend(parameters(quantity, confidence));
    if !calibration.laws.is_empty() {
        blocks.push(Block::Table(ranking(&calibration.laws)));
    }
    blocks.extend(compared(quantity, confidence));
    let mut notes: Vec<String> = Vec::new();
    if calibration.laws.iter().any(|law| !law.fit.family.is_regular()) {
        let words = "~: an end of the law, a number of stages or the weight of a part is fitted too, so that AICc and \
                     BIC are no more than a guide";
        notes.push(words.into());
    }
    notes.extend(
        calibration.others.iter().map(|other| format!("{} not fitted: {}", other.family.name(), other.because)),
    );
    blocks.extend((!notes.is_empty()).then_some(Block::List(notes)));
    blocks
}

/// How many observations of which kind.
pub(super) fn kinds(sample: &Sample) -> [(&'static str, usize); 5] {
    let count = |is: &dyn Fn(&Observation) -> bool| sample.observations.iter().filter(|seen| is(seen)).count();
    let left = |seen: &Observation| seen.low == 0.0 && seen.high > 0.0;
    [
        ("seen whole", count(&Observation::is_exact)),
        ("still running at the end", count(&Observation::is_right_censored)),
        ("ended before they were looked at", count(&|seen| left(seen) && seen.high.is_finite())),
        ("known between two times", count(&|seen| !seen.is_exact() && !seen.is_right_censored() && !left(seen))),
        ("entered late, or lost if too long", count(&|seen| seen.entry > 0.0 || seen.exit < f64::INFINITY)),
    ]
}

fn described(sample: &Sample) -> String {
    let kinds = kinds(sample).into_iter().filter(|(_, count)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{count} {kind}")).collect();
    let mut values: Vec<f64> = sample.observations.iter().filter(|seen| seen.is_exact()).map(|seen| seen.low).collect();
    values.sort_by(f64::total_cmp);
    let mut words = format!("{} durations: {}", sample.len(), kinds.join(", "));
    if let (Some(least), Some(greatest)) = (values.first(), values.last()) {
        let median = values[values.len() / 2];
        let [least, median, greatest] = [*least, median, *greatest].map(|value| duration(value, None));
        words += &format!("; whole ones from {least} to {greatest}, the middle one {median}");
    }
    if sample.resolution > 0.0 {
        words += &format!("; known to {}", duration(sample.resolution, None));
    }
    words + "."
}

/// What to use, in plain words.
fn verdict(quantity: &Quantity) -> String {
    let laws = &quantity.calibration.laws;
    let name = |index: &usize| laws.get(*index).map_or("", |law| law.fit.family.name());
    let words = match &quantity.calibration.verdict {
        Verdict::Fits(index) => format!("{} fits{}.{}", name(index), chances(laws.get(*index)), rivals(laws, *index)),
        Verdict::Untested(index) => format!(
            "{} is the likeliest law; whether it fits can't be tested, since not every duration was seen whole or still \
             running, or too few replicates were drawn.",
            name(index)
        ),
        Verdict::Constant(_) => "Every value is the same: a constant.".into(),
        Verdict::Empirical(_) => format!("{}; use the empirical one, the sample itself.", none(laws)),
        Verdict::Nothing => {
            format!("{}, and the sample is no law itself, since it is censored or too large.", none(laws))
        }
    };
    match &quantity.chosen {
        Some(chosen) if quantity.calibration.law() != Some(&chosen.law) => {
            let refuted = match chosen.origin {
                Origin::Fitted(index) => laws.get(index).and_then(Examined::is_refuted),
                Origin::Sample | Origin::Constant => None,
            };
            let remark = if refuted == Some(true) { ", though the sample refutes it" } else { "" };
            let law = match chosen.origin {
                Origin::Fitted(index) => name(&index),
                Origin::Sample | Origin::Constant => "the sample itself",
            };
            format!("{words} As asked, {law} is used{remark}.")
        }
        _ => words,
    }
}

/// That the laws are refuted, as far as they were tested.
fn none(laws: &[Examined]) -> String {
    let tested = laws.iter().filter(|law| law.is_refuted().is_some()).count();
    let untested = "and the others weren't tested (`--candidates`)";
    match tested {
        _ if tested == laws.len() => "None of these laws fits".to_owned(),
        1 => format!("The likeliest law doesn't fit, {untested}"),
        _ => format!("None of the {tested} likeliest laws fits, {untested}"),
    }
}

fn chances(law: Option<&Examined>) -> String {
    let chances = law.and_then(|law| law.bootstrap.as_ref()?.p_values);
    chances.map_or(String::new(), |(ks, ad)| {
        format!(
            ": if it is true, {} of all such samples lie farther from it by Anderson and Darling, {} by Kolmogorov and \
             Smirnov",
            percent(ad),
            percent(ks)
        )
    })
}

/// The laws that the sample can hardly tell from the one that is used, and those that were before it.
fn rivals(laws: &[Examined], used: usize) -> String {
    let names = |list: Vec<&Examined>| list.iter().map(|law| law.fit.family.name()).collect::<Vec<_>>().join(", ");
    let refuted: Vec<&Examined> = laws[..used].iter().collect();
    let alike = laws[used + 1..].iter().filter(|law| law.behind - laws[used].behind <= ALIKE);
    let alike: Vec<&Examined> = alike.filter(|law| law.is_refuted() != Some(true)).collect();
    let mut words = String::new();
    if !refuted.is_empty() {
        words += &format!(" Likelier but refuted (chance below {}): {}.", percent(REFUTED), names(refuted));
    }
    if !alike.is_empty() {
        words += &format!(" Hardly told apart from it: {}.", names(alike));
    }
    words
}

/// The numbers of the law that is used.
fn parameters(quantity: &Quantity, confidence: f64) -> Option<Block> {
    let Origin::Fitted(index) = quantity.chosen.as_ref()?.origin else { return None };
    let law = quantity.calibration.laws.get(index)?;
    let mut table = Table::new(1, &[law.fit.family.name(), "value", "from", "to"]);
    for of in law.parameters(confidence) {
        let end = |end: Option<f64>| end.map_or(NOTHING.into(), |end| amount(end, of.dimension));
        let (low, high) = (of.interval.map(|ends| ends.0), of.interval.map(|ends| ends.1));
        let row = vec![of.name.clone(), amount(of.value, of.dimension), end(low), end(high)];
        table.rows.push(row);
    }
    Some(Block::Table(table))
}

fn amount(value: f64, dimension: Dimension) -> String {
    match dimension {
        Dimension::TIME => duration(value, None),
        _ => short(value, 4),
    }
}

fn ranking(laws: &[Examined]) -> Table {
    let header = ["law", "", "AICc", "BIC", "K–S", "chance", "A–D", "chance", "numbers"];
    let mut table = Table::new(2, &header);
    let least = laws.iter().map(|law| law.fit.bic).fold(f64::INFINITY, f64::min);
    for law in laws {
        let chance = |of: fn(&(f64, f64)) -> f64| {
            let found = law.bootstrap.as_ref().and_then(|found| found.p_values);
            found.map_or(NOTHING.into(), |chances| percent(of(&chances)))
        };
        let distance = |of: fn(&crate::calibrate::goodness::Distance) -> f64| {
            law.distance.as_ref().map_or(NOTHING.into(), |distance| short(of(distance), 3))
        };
        table.rows.push(vec![
            law.fit.family.name().to_string(),
            if law.fit.family.is_regular() { String::new() } else { "~".into() },
            criterion(law.behind),
            criterion(law.fit.bic - least),
            distance(|distance| distance.kolmogorov_smirnov),
            chance(|chances| chances.0),
            distance(|distance| distance.anderson_darling),
            chance(|chances| chances.1),
            law.parameters(0.95).iter().map(told).collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

/// By how much a criterion exceeds the least one.
fn criterion(behind: f64) -> String {
    if behind.is_finite() { format!("+{behind:.1}") } else { NOTHING.into() }
}

fn told(parameter: &Parameter) -> String {
    format!("{} {}", parameter.name, amount(parameter.value, parameter.dimension))
}

/// The curve of Kaplan and Meier beside the law that is used.
fn compared(quantity: &Quantity, confidence: f64) -> Option<Block> {
    let curve = quantity.calibration.curve.as_ref()?;
    let law = quantity.chosen.as_ref().filter(|chosen| chosen.origin != Origin::Sample)?.law.law();
    let mut table = Table::new(0, &["after", "still running (Kaplan–Meier)", "by the law"]);
    let mut rows: Vec<&Step> = Vec::new();
    for share in SHARES {
        let Some(step) = curve.iter().find(|step| step.survival <= share) else { break };
        if rows.last() != Some(&step) {
            rows.push(step);
        }
    }
    for step in rows {
        let half = quantile::normal(0.5 + 0.5 * confidence) * step.error;
        let ends = ((step.survival - half).max(0.0), (step.survival + half).min(1.0));
        let seen = Estimate::between(Some(step.survival), Some(ends), confidence, "");
        let share = super::quantity::estimate(&seen, Kind::Number);
        table.rows.push(vec![duration(step.time, None), share, format!("{:.4}", law.survival(step.time))]);
    }
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

/// Which durations go together.
fn together(dependence: &[Dependence]) -> Vec<Block> {
    let related = dependence.iter().filter(|pair| pair.is_told());
    let words = |pair: &Dependence| {
        let [one, other] = &pair.between;
        format!("{one} and {other}: {:.2} in {} rows", pair.correlation, pair.rows)
    };
    let list: Vec<String> = related.map(words).collect();
    if list.is_empty() {
        return Vec::new();
    }
    let words = "Correlations of ranks: laws that are drawn apart from each other don't have them; draws of the \
                 parameters do.";
    vec![Block::Heading("Together".into()), Block::Paragraph(words.into()), Block::List(list)]
}

/// What failures in a time say, for people.
pub fn rate_text(counts: &Counts, rate: &Rate, confidence: f64) -> String {
    let (low, high) = rate.interval;
    let mean = Estimate::between(Some(rate.mean), None, confidence, "s");
    let end = if high.is_finite() { format!("to {}", duration(high, None)) } else { "without an upper end".into() };
    let words = format!(
        "{} failures in {}: one in {}, the interval from {} {end} at {} confidence.",
        counts.failures,
        duration(counts.time, None),
        brief(&mean, Kind::Duration),
        duration(low, None),
        percent(confidence),
    );
    let none = "Without a failure this is the median of what the time between failures may be (Jeffreys' prior).";
    let assumed = "That failures come at a constant rate is assumed; a count can't tell.";
    let mut blocks = vec![Block::Title("Calibration of a count".into()), Block::Paragraph(words)];
    blocks.extend((counts.failures == 0).then(|| Block::Paragraph(none.into())));
    blocks.push(Block::Paragraph(assumed.into()));
    text::render(&blocks)
}
