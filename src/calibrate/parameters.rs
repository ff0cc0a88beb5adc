//! Findings → a parameter file that nets import: laws, what else they might be, and where all that comes from.

use super::choice::Origin;
use super::counts::{Counts, Rate};
use super::findings::{Findings, Quantity};
use super::written::{quantity, rounded};
use crate::diag::{Diagnostics, Sources, Span};
use crate::syntax::ast::{Data, Definition, Document, Evidence, ParameterValue, Parameters, Text, Uncertainty};
use crate::syntax::expr::{Expr, Name};
use crate::syntax::{KEYWORDS, is_name, parse_expr, print};
use crate::units::Dimension;

/// Significant digits of a law, and of a draw of it.
const DIGITS: [usize; 2] = [9, 6];

/// Where measurements come from.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'p> {
    /// The table and its SHA-256, hexadecimal; none of a count.
    pub data: Option<(&'p str, &'p str)>,
    /// The command that makes the file again.
    pub command: &'p str,
    /// Who measured what, and how.
    pub source: Option<&'p str>,
    /// How good evidence they are.
    pub evidence: Evidence,
}

/// The parameter file of a table's findings; columns without a law are left out.
///
/// # Errors
/// No column has a law.
pub fn parameters(findings: &Findings, provenance: &Provenance) -> Result<String, String> {
    let mut writer = Writer::new(provenance);
    for quantity in &findings.quantities {
        writer.quantity(quantity);
    }
    let pairs = findings.dependence.iter().filter(|pair| pair.is_told());
    let pairs: Vec<String> =
        pairs.map(|pair| format!("{} and {} {:.2}", pair.between[0], pair.between[1], pair.correlation)).collect();
    let together = if pairs.is_empty() { String::new() } else { format!("; correlations: {}", pairs.join(", ")) };
    let names = writer.values.iter().map(|value| value.name.text.as_str()).collect::<Vec<_>>().join(", ");
    let file = provenance.data.map_or(String::new(), |(file, _)| format!(" in {file}"));
    writer.file(&format!("Laws fitted to the durations{file}: {names}{together}."))
}

/// The parameter file of a count: one time between failures of that name.
///
/// # Errors
/// It isn't a name.
pub fn parameters_of_count(
    name: &str,
    counts: &Counts,
    rate: &Rate,
    provenance: &Provenance,
) -> Result<String, String> {
    if !is_name(name) || KEYWORDS.contains(&name) {
        return Err(format!("`{name}` is no name: letters, digits and `_`, no digit first"));
    }
    let mut writer = Writer::new(provenance);
    let time = |seconds: &f64| quantity(rounded(*seconds, DIGITS[1]), Dimension::TIME);
    let draws: Vec<String> = rate.draws.iter().map(time).collect();
    writer.value(name, &time(&rate.mean), counts.failures, &[], Some(&draws));
    let words = format!("{} failures in {}.", counts.failures, crate::units::in_words(counts.time));
    writer.file(&words)
}

/// Makes the document, of texts that are parsed like those of a user.
struct Writer<'p> {
    provenance: &'p Provenance<'p>,
    sources: Sources,
    diagnostics: Diagnostics,
    values: Vec<ParameterValue>,
    nowhere: Span,
}

impl<'p> Writer<'p> {
    fn new(provenance: &'p Provenance<'p>) -> Writer<'p> {
        let mut sources = Sources::default();
        let nowhere = Span::new(sources.add("", ""), 0, 0);
        Writer { provenance, sources, diagnostics: Diagnostics::default(), values: Vec::new(), nowhere }
    }

    fn quantity(&mut self, of: &Quantity) {
        let Some(chosen) = &of.chosen else { return };
        let law = chosen.law.rounded(DIGITS[0]).text();
        let draws: Vec<String> = of.draws.iter().map(|draw| draw.rounded(DIGITS[1]).text()).collect();
        let fit = match chosen.origin {
            Origin::Fitted(index) => goodness(of, index),
            Origin::Sample | Origin::Constant => Vec::new(),
        };
        let draws = match chosen.origin {
            Origin::Sample => None,
            Origin::Fitted(_) | Origin::Constant => Some(draws.as_slice()),
        };
        let name = self.name(&of.sample.name);
        self.value(&name, &law, of.sample.len() as u64, &fit, draws);
    }

    /// A name of the language that no other value has.
    fn name(&self, heading: &str) -> String {
        let plain: String = heading.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let taken = |name: &str| self.values.iter().any(|value| value.name.text == name);
        let sound = |name: &str| is_name(name) && !KEYWORDS.contains(&name) && !taken(name);
        let numbered = (2..).map(|i| format!("{plain}_{i}"));
        let candidates = [plain.clone(), format!("_{plain}"), format!("{plain}_"), format!("x_{plain}")];
        let mut all = candidates.into_iter().chain(numbered.take(self.values.len() + 1));
        all.find(|name| sound(name)).unwrap_or_else(|| format!("duration_{}", self.values.len() + 1))
    }

    /// A value with its draws; none where it is drawn from its own sample again.
    fn value(&mut self, name: &str, value: &str, observations: u64, fit: &[(&str, f64)], draws: Option<&[String]>) {
        let Some(value) = self.expr(value) else { return };
        let observations = self.expr(&observations.to_string());
        let fit = fit.iter().filter_map(|(name, figure)| {
            let value = self.expr(&rounded(*figure, DIGITS[1]).to_string())?;
            Some(Definition { name: self.named(name), value })
        });
        let fit: Vec<Definition> = fit.collect();
        let uncertainty = match draws {
            None => Some(Uncertainty::Resampled),
            Some([]) => None,
            Some(draws) => Some(Uncertainty::Draws(draws.iter().filter_map(|draw| self.expr(draw)).collect())),
        };
        let source = self.provenance.source.map(|source| self.text(source));
        let evidence = Some((self.provenance.evidence, self.nowhere));
        let name = self.named(name);
        self.values.push(ParameterValue { name, value, source, evidence, observations, fit, uncertainty });
    }

    fn expr(&mut self, text: &str) -> Option<Expr> {
        let source = self.sources.add("", text);
        parse_expr(source, text, 0, &mut self.diagnostics)
    }

    fn named(&self, name: &str) -> Name {
        Name { text: name.to_string(), span: self.nowhere }
    }

    fn text(&self, text: &str) -> Text {
        Text { text: text.to_string(), span: self.nowhere }
    }

    fn file(self, doc: &str) -> Result<String, String> {
        if self.values.is_empty() {
            return Err("no law is good enough to be written".to_string());
        }
        let data = self.provenance.data.map(|(file, sha256)| Data { file: self.text(file), sha256: self.text(sha256) });
        let (doc, command) = (Some(self.text(doc)), Some(self.text(self.provenance.command)));
        Ok(print(&Document::Parameters(Parameters { doc, command, data, values: self.values, span: self.nowhere })))
    }
}

/// How well the law of that index fits.
fn goodness(of: &Quantity, index: usize) -> Vec<(&'static str, f64)> {
    let Some(law) = of.calibration.laws.get(index) else { return Vec::new() };
    let mut list = vec![("log_likelihood", law.fit.log_likelihood), ("behind_least_aicc", law.behind)];
    list.extend(law.distance.iter().flat_map(|distance| {
        [("kolmogorov_smirnov", distance.kolmogorov_smirnov), ("anderson_darling", distance.anderson_darling)]
    }));
    let chances = law.bootstrap.as_ref().and_then(|found| found.p_values);
    list.extend(
        chances.iter().flat_map(|(ks, ad)| [("kolmogorov_smirnov_chance", *ks), ("anderson_darling_chance", *ad)]),
    );
    list.retain(|(_, figure)| figure.is_finite());
    list
}
