//! A whole table: every sample calibrated, and what the samples have in common.

use super::Settings;
use super::choice::{Chosen, Origin, Used, Wanted, joint};
use super::family::FAMILIES;
use super::fit::Watch;
use super::sample::Sample;
use super::verdict::{Calibration, calibrate};
use super::written::Written;

/// What a table says.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// How it was found out.
    pub settings: Settings,
    /// One for each column of durations.
    pub quantities: Vec<Quantity>,
    /// How the durations of one row go together.
    pub dependence: Vec<Dependence>,
    /// Whether it was ended by hand: then some quantities are missing, and all draws.
    pub interrupted: bool,
}

/// A column of durations, and its law.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// What was observed.
    pub sample: Sample,
    /// What it says.
    pub calibration: Calibration,
    /// The law that is used; none where nothing fits.
    pub chosen: Option<Chosen>,
    /// What else that law might have been; those of one index belong together. None of a sample that is its own law,
    /// which is drawn from again itself, and of a constant.
    pub draws: Vec<Written>,
}

/// How the durations of two columns go together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Dependence {
    /// The two.
    pub between: [String; 2],
    /// Rows in which both were seen whole.
    pub rows: usize,
    /// The correlation of their ranks (Spearman 1904), −1 to 1.
    pub correlation: f64,
}

/// A correlation of ranks from which it matters.
const RELATED: f64 = 0.1;

/// So many standard errors, 1/√(n − 1) (Kendall 1948), are no chance: one in 15,000 pairs that don't go together.
const CHANCE: f64 = 4.0;

impl Dependence {
    /// Whether it is worth telling: great enough to matter, and beyond chance.
    pub fn is_told(&self) -> bool {
        let error = 1.0 / ((self.rows.max(2) - 1) as f64).sqrt();
        self.correlation.abs() >= RELATED.max(CHANCE * error)
    }
}

impl Settings {
    /// Laws that are fitted for so many samples: what [`Watch::done`] counts up to, more or less.
    pub fn work(&self, samples: usize) -> u64 {
        let each = FAMILIES.len() as u64 + self.candidates as u64 * self.replicates;
        samples as u64 * each + if samples > 1 { self.replicates } else { 0 }
    }
}

/// Calibrates the samples of a table; the law that is wanted of each is asked for by name.
///
/// # Errors
/// Why there is no law of the kind that is wanted.
pub fn findings(
    samples: Vec<Sample>,
    wanted: &dyn Fn(&str) -> Wanted,
    settings: &Settings,
    watch: &Watch,
) -> Result<Findings, String> {
    let dependence = dependence(&samples, watch);
    let several = samples.len() > 1;
    let mut found = Findings { settings: *settings, quantities: Vec::new(), dependence, interrupted: false };
    for sample in samples {
        let one = calibrate(&sample, settings, watch).and_then(|mut calibration| {
            let chosen = Chosen::wanted(&sample, &mut calibration, wanted(&sample.name), settings, watch)?;
            Some((calibration, chosen))
        });
        let Some((calibration, chosen)) = one else {
            found.interrupted = true;
            return Ok(found);
        };
        let chosen = chosen.map_err(|because| format!("`{}`: {because}", sample.name))?;
        let used = chosen.as_ref().map(|chosen| Used { sample: &sample, calibration: &calibration, chosen });
        let draws = used.filter(|_| !several).map_or_else(Vec::new, |used| used.draws());
        found.quantities.push(Quantity { sample, calibration, chosen, draws });
    }
    if several {
        together(&mut found, watch);
    }
    Ok(found)
}

/// Draws the laws of several columns together.
fn together(found: &mut Findings, watch: &Watch) {
    let fitted = |quantity: &&Quantity| matches!(quantity.chosen, Some(Chosen { origin: Origin::Fitted(_), .. }));
    let of = found.quantities.iter().filter(fitted);
    let used: Vec<Used> = of
        .filter_map(|Quantity { sample, calibration, chosen, .. }| {
            Some(Used { sample, calibration, chosen: chosen.as_ref()? })
        })
        .collect();
    if used.is_empty() {
        return;
    }
    let Some(draws) = joint(&used, &found.settings, watch) else {
        found.interrupted = true;
        return;
    };
    let mut columns: Vec<Vec<Written>> = vec![Vec::new(); used.len()];
    for replicate in draws {
        columns.iter_mut().zip(replicate).for_each(|(column, law)| column.push(law));
    }
    let fitted = |quantity: &&mut Quantity| matches!(quantity.chosen, Some(Chosen { origin: Origin::Fitted(_), .. }));
    found.quantities.iter_mut().filter(fitted).zip(columns).for_each(|(quantity, draws)| quantity.draws = draws);
}

/// How any two columns go together, where at least three rows show both.
fn dependence(samples: &[Sample], watch: &Watch) -> Vec<Dependence> {
    let mut list = Vec::new();
    for (i, one) in samples.iter().enumerate() {
        for other in samples[i + 1..].iter().take_while(|_| !(watch.stop)()) {
            let pairs = pairs(one, other);
            let ranks = |of: fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(of).collect::<Vec<_>>());
            let Some(correlation) = correlation(&ranks(|pair| pair.0), &ranks(|pair| pair.1)) else { continue };
            let between = [one.name.clone(), other.name.clone()];
            list.push(Dependence { between, rows: pairs.len(), correlation });
        }
    }
    list
}

/// The durations of the rows in which both were seen whole.
fn pairs(one: &Sample, other: &Sample) -> Vec<(f64, f64)> {
    let both = one.rows.iter().zip(&one.observations).filter_map(|(row, seen)| {
        let at = other.rows.binary_search(row).ok()?;
        Some((seen, &other.observations[at]))
    });
    both.filter(|(a, b)| a.is_exact() && b.is_exact()).map(|(a, b)| (a.low, b.low)).collect()
}

/// The rank of each value; equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = before as f64 + 0.5 * (equal.len() as f64 + 1.0);
        equal.iter().for_each(|at| ranks[*at] = mean);
        before += equal.len();
    }
    ranks
}

/// None where there are fewer than three pairs, or one of the two never changes.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (mx, my) = (mean(x), mean(y));
    let product =
        |a: &[f64], ma: f64, b: &[f64], mb: f64| a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>();
    let scale = (product(x, mx, x, mx) * product(y, my, y, my)).sqrt();
    (x.len() > 2 && scale > 0.0).then(|| product(x, mx, y, my) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ten pairs of the textbook example (IQ against hours of television): ρ = −29/165.
    #[test]
    fn what_chance_makes_is_not_told() {
        let of = |correlation: f64, rows: usize| Dependence { between: ["a".into(), "b".into()], rows, correlation };
        // 4/√199 = 0.284.
        assert!(!of(-0.28, 200).is_told() && of(-0.29, 200).is_told());
        assert!(!of(0.09, 100_000).is_told() && of(0.1, 100_000).is_told());
        assert!(!of(1.0, 3).is_told());
    }

    #[test]
    fn the_correlation_of_ranks_is_spearmans() {
        let x = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let y = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let found = correlation(&ranks(&x), &ranks(&y)).expect("ten pairs");
        assert!((found + 29.0 / 165.0).abs() < 1e-12, "{found}");
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(correlation(&ranks(&x), &[1.0; 10]), None);
    }
}
