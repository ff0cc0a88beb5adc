//! How uncertain a downtime is since its parameters are: laws fitted to few durations, ranges that somebody named.
//!
//! The parameters are drawn, and for each draw the plan is solved, so that two causes of error come apart: by the law of
//! total variance the variance over draws is that of the parameters and the mean of that of sampling. Draws come in
//! pairs, whose parameters are exchanged one factor at a time: the mean of f(B)(f(A with i of B) − f(A)) is the variance
//! that factor i has alone (Saltelli et al. 2010, equation b of table 2), half the mean of (f(A) − f(A with i of B))²
//! that with all its interactions (Jansen 1999). A pair's runs A share their random numbers; B has its own, so that the
//! errors of sampling don't pass for effects.

use super::answers::{Advice, Best, Grade, Share, Uncertain};
use super::bench::{Bench, Study, is_fatal};
use super::control::RunFault;
use super::digest::{digest, sha256};
use super::plan::Planned;
use super::projection::projected;
use super::run::Solved;
use super::uncertain::{Factor, Redefined, factors, size};
use super::workshop::Workshop;
use crate::net::Net;
use crate::stats::{Estimate, quantile};
use crate::syntax::print_expr;
use crate::units::YEAR;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Relative half-width of a simulated unavailability in one draw: many draws take the mean of its error away.
const COARSE: f64 = 0.05;

/// The unavailability of five nines, where the scenario states no objective.
const FIVE_NINES: f64 = 1e-5;

/// Key in a point's values that tells its draw.
const DRAWN: &str = "draw";

/// An unavailability, and the variance of its sampling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    value: f64,
    variance: f64,
}

/// What one pair of draws gave at one place: A, B, and A with each factor of B.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub a: Seen,
    pub b: Seen,
    pub mixed: Vec<Seen>,
}

/// A pair of draws at all places, none where one shows nothing; or why it yields nothing.
type Found = Result<Vec<Option<Pair>>, String>;

/// A pair of draws as a snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Drawn {
    /// Its index.
    pub pair: u64,
    /// Digest of the values that were drawn.
    values: String,
    found: Found,
}

impl Drawn {
    /// Whether it can be a pair of so many places and runs beside A and B: a snapshot might come from elsewhere.
    fn fits(&self, places: usize, mixed: usize) -> bool {
        let sound = |pair: &Pair| pair.mixed.len() == mixed;
        self.found.as_ref().map_or(true, |found| found.len() == places && found.iter().flatten().all(sound))
    }
}

/// How uncertain all points are; false when interrupted.
pub(super) fn uncertainties(study: &Study, bench: &mut Bench, into: &mut Vec<Uncertain>) -> Result<bool, RunFault> {
    let Some(draws) = study.plan.studies.uncertainty else { return Ok(true) };
    let drawer = Drawer::new(study);
    let mut pairs: Vec<Vec<Pair>> = vec![Vec::new(); drawer.places.len()];
    let first = into.len();
    let mut failed = None;
    let mut rounds = draws.div_ceil(2);
    if drawer.factors.is_empty() {
        failed = Some("no parameter file that it imports has draws or ranges".to_string());
        rounds = 0;
    }
    for index in 0..rounds {
        match drawer.found(study, bench, index)? {
            Some(Ok(found)) => pairs.iter_mut().zip(found).for_each(|(list, pair)| list.extend(pair)),
            None => return Ok(false),
            Some(Err(because)) => failed = Some(because),
        }
    }
    let sizes = drawer.sizes(rounds);
    for (place, pairs) in drawer.places.iter().zip(&pairs) {
        let factors = &drawer.factors;
        let sizes = if drawer.exchanges { None } else { Some(sizes.as_slice()) };
        let reads = &drawer.reads[place.point];
        let mut told = Told { study, place: *place, factors, reads, pairs, sizes }.told();
        told.failed = failed.clone();
        into.push(told);
    }
    best(study, &pairs, &mut into[first..]);
    Ok(true)
}

/// A point and one of its conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    point: usize,
    up: usize,
    leading: bool,
}

/// All conditions of all points that have a leading one, which comes first.
fn places(study: &Study) -> Vec<Place> {
    let of = |(point, solved): (usize, &Solved)| {
        let primary = solved.planned.primary;
        let others = (0..solved.facts.up.len()).filter(move |up| Some(*up) != primary);
        let all = primary.into_iter().chain(others.filter(move |_| primary.is_some()));
        all.map(move |up| Place { point, up, leading: Some(up) == primary }).collect::<Vec<_>>()
    };
    study.solved.iter().enumerate().flat_map(of).collect()
}

/// Why a pair of draws yields nothing.
enum Failed {
    Fatal(RunFault),
    /// What the draw makes of the net can't be, or be solved.
    Draw(String),
}

/// Draws parameters and makes the nets of them.
struct Drawer<'s> {
    workshop: &'s Workshop,
    factors: Vec<Factor>,
    /// Of each point the factors that its net reads: another value of one makes another net of it.
    reads: Vec<Vec<usize>>,
    places: Vec<Place>,
    /// Whether factors are exchanged one at a time.
    exchanges: bool,
    seed: u64,
}

impl<'s> Drawer<'s> {
    /// With the factors that change any net of the plan.
    fn new(study: &Study<'s>) -> Drawer<'s> {
        let workshop = study.workshop;
        let seed = study.plan.settings.seed;
        let own: Vec<String> = study.plan.points.iter().map(|point| digest(&point.net)).collect();
        // A second draw, since the first may happen to be the value itself.
        let changes = |factor: &Factor, point: usize| {
            (0..2).any(|index| {
                let drawn = factor.draw(workshop.shelf(), seed, index);
                workshop.redefined(point, &drawn).map_or(true, |net| digest(&net) != own[point])
            })
        };
        let (mut factors, mut reads) = (Vec::new(), vec![Vec::new(); own.len()]);
        for factor in self::factors(workshop.shelf()) {
            let readers: Vec<usize> = (0..own.len()).filter(|&point| changes(&factor, point)).collect();
            if !readers.is_empty() {
                readers.iter().for_each(|&point| reads[point].push(factors.len()));
                factors.push(factor);
            }
        }
        let exchanges = study.solved.iter().all(|solved| solved.finding.exact.is_some());
        Drawer { workshop, factors, reads, places: places(study), exchanges, seed }
    }

    /// The values of a draw; of the factor of index `other` those of the second draw.
    fn values(&self, index: u64, other: Option<usize>) -> Vec<Redefined> {
        let of = |(i, factor): (usize, &Factor)| {
            let index = if Some(i) == other { index + 1 } else { index };
            factor.draw(self.workshop.shelf(), self.seed, index)
        };
        self.factors.iter().enumerate().flat_map(of).collect()
    }

    /// How great the values of each factor are, in each draw.
    fn sizes(&self, pairs: u64) -> Vec<Vec<f64>> {
        let of = |factor: &Factor| {
            (0..2 * pairs).map(|index| size(&factor.draw(self.workshop.shelf(), self.seed, index))).collect()
        };
        self.factors.iter().map(of).collect()
    }

    /// Runs beside A and B in a pair.
    fn mixed(&self) -> usize {
        if self.exchanges { self.factors.len() } else { 0 }
    }

    fn nets(&self, study: &Study, values: &[Redefined]) -> Result<Vec<Arc<Net>>, Failed> {
        let net = |point| self.workshop.redefined(point, values);
        (0..study.plan.points.len()).map(net).collect::<Result<_, String>>().map_err(Failed::Draw)
    }

    /// One pair of draws; what an earlier run found isn't sought again. None when interrupted.
    fn found(&self, study: &Study, bench: &mut Bench, pair: u64) -> Result<Option<Found>, RunFault> {
        let drawn = [2 * pair, 2 * pair + 1].map(|index| self.values(index, None));
        let line = |(file, name, value): &Redefined| format!("{file} {name} {}\n", print_expr(value));
        let values = sha256(drawn.iter().flatten().map(line).collect::<String>().as_bytes());
        if let Some(known) = bench.drawn(pair) {
            let same = known.values == values && known.fits(self.places.len(), self.mixed());
            let changed = "the values that are drawn have changed since the snapshot was written";
            return if same { Ok(Some(known.found.clone())) } else { Err(RunFault::Resume(changed.to_string())) };
        }
        let found = match self.pair(study, bench, pair) {
            Ok(Some(found)) => Ok(found),
            Ok(None) => return Ok(None),
            Err(Failed::Fatal(fault)) => return Err(fault),
            Err(Failed::Draw(because)) => Err(because),
        };
        bench.keep(Drawn { pair, values, found: found.clone() });
        Ok(Some(found))
    }

    /// One pair of draws at all places; none where one shows nothing. None at all when interrupted.
    fn pair(&self, study: &Study, bench: &mut Bench, pair: u64) -> Result<Option<Vec<Option<Pair>>>, Failed> {
        let index = 2 * pair;
        let mut first = vec![self.nets(study, &self.values(index, None))?];
        for factor in 0..self.mixed() {
            first.push(self.nets(study, &self.values(index, Some(factor)))?);
        }
        let second = vec![self.nets(study, &self.values(index + 1, None))?];
        let Some(a) = self.solve(study, bench, &first, index)? else { return Ok(None) };
        let Some(b) = self.solve(study, bench, &second, index + 1)? else { return Ok(None) };
        let count = self.places.len();
        let of = |place: usize| {
            let mixed: Option<Vec<Seen>> = (1..first.len()).map(|draw| a[draw * count + place]).collect();
            Some(Pair { a: a[place]?, b: b[place]?, mixed: mixed? })
        };
        Ok(Some((0..count).map(of).collect()))
    }

    /// Solves the points with several nets each, with random numbers of their own: all places of one draw after another.
    fn solve(
        &self,
        study: &Study,
        bench: &mut Bench,
        nets: &[Vec<Arc<Net>>],
        index: u64,
    ) -> Result<Option<Vec<Option<Seen>>>, Failed> {
        let mut points: Vec<Planned> = Vec::new();
        for (draw, nets) in nets.iter().enumerate() {
            for (planned, net) in study.plan.points.iter().zip(nets) {
                let mut planned = Planned { net: net.clone(), ..planned.clone() };
                planned.at.insert(DRAWN.to_string(), format!("{}.{draw}", index + 1));
                points.push(planned);
            }
        }
        let mut settings = study.settings(study.plan.settings.precision.max(COARSE));
        settings.compare = None;
        settings.seed = self.seed.wrapping_add(1 + index);
        let plan = study.beyond(points, settings);
        let points = study.plan.points.len();
        let read = |solved: &[Solved]| {
            let of_draw = |draw: &[Solved]| -> Vec<Option<Seen>> {
                self.places.iter().map(|place| seen(&draw[place.point], place.up, &plan.settings)).collect()
            };
            solved.chunks(points).flat_map(of_draw).collect()
        };
        match bench.apart(&plan, read) {
            Ok(found) => Ok(found),
            Err(fault) if is_fatal(&fault) => Err(Failed::Fatal(fault)),
            Err(fault) => Err(Failed::Draw(fault.to_string())),
        }
    }
}

/// The unavailability of a condition; 0 where no outage was seen in a simulation.
fn seen(solved: &Solved, up: usize, settings: &super::settings::Settings) -> Option<Seen> {
    let standard = solved.standard(up, settings);
    let estimate = standard.get("unavailability")?;
    if estimate.estimate.is_none() && solved.finding.exact.is_none() && solved.firings() > 0 {
        return Some(Seen { value: 0.0, variance: 0.0 });
    }
    let value = estimate.estimate?;
    let error = estimate.low.zip(estimate.high).map_or(0.0, |ends| deviation(value, ends, estimate.confidence));
    value.is_finite().then_some(Seen { value, variance: error * error })
}

/// The standard error of a value with an interval. Of few outages that is one of a logarithm, whose upper end, taken for a
/// distance, would outweigh all draws.
fn deviation(value: f64, (low, high): (f64, f64), confidence: f64) -> f64 {
    let distance = 0.5 * (high - low);
    let half = if low > 0.0 { distance.min(0.5 * value * libm::log(high / low)) } else { distance };
    half / quantile::normal(0.5 + 0.5 * confidence)
}

/// Makes one place's pairs into what is told.
struct Told<'t> {
    study: &'t Study<'t>,
    place: Place,
    factors: &'t [Factor],
    /// Those of them that the net reads: no other has a part in its variance.
    reads: &'t [usize],
    pairs: &'t [Pair],
    /// How great the values of each factor are in each draw, where nothing is exchanged.
    sizes: Option<&'t [Vec<f64>]>,
}

impl Told<'_> {
    fn told(&self) -> Uncertain {
        let Place { point, up, leading } = self.place;
        let solved = &self.study.solved[point];
        let settings = &self.study.plan.settings;
        let objective = self.study.plan.gated.objectives.iter().find(|o| o.point == point && o.up == up);
        let most = objective.map_or(FIVE_NINES, |objective| objective.most);
        let mut all = self.draws();
        all.sort_by(f64::total_cmp);
        let split = split(self.pairs);
        let reaching = all.iter().filter(|value| **value <= most).count() as u64;
        let shares = self.shares(&split);
        let downtime = |value: f64| value * YEAR;
        let base = solved.standard(up, settings).get("downtime per year").cloned();
        let quantile = |p: f64| {
            let found = Estimate::sample_quantile(&all, p, settings.confidence, "s/y").estimate;
            found.map(downtime)
        };
        let tail = 0.5 * (1.0 - settings.confidence);
        Uncertain {
            design: solved.planned.design.clone(),
            at: solved.planned.at.clone(),
            up: solved.facts.up[up].clone(),
            leading,
            draws: all.len() as u64,
            sample: self.draws().into_iter().map(downtime).collect(),
            downtime: base.unwrap_or_else(|| Estimate::unknown(settings.confidence, "s/y")),
            mean: downtime(split.mean),
            quantiles: [quantile(tail), quantile(0.5), quantile(1.0 - tail)],
            by_parameters: downtime(split.parameters.sqrt()),
            by_sampling: downtime(split.sampling.sqrt()),
            most,
            reaches: Estimate::proportion(reaching, all.len() as u64, settings.confidence),
            advice: advice(self.factors, &shares, &split),
            grades: grades(&shares),
            shares,
            unread: (0..self.factors.len())
                .filter(|i| !self.reads.contains(i))
                .map(|i| self.factors[i].label.clone())
                .collect(),
            best: None,
            failed: None,
        }
    }

    fn shares(&self, split: &Split) -> Vec<Share> {
        let read = |sizes: &[Vec<f64>]| self.reads.iter().map(|&i| sizes[i].clone()).collect::<Vec<_>>();
        let projected = self.sizes.and_then(|sizes| projected(&self.draws(), &read(sizes), split.parameters));
        let of = |(at, &i): (usize, &usize)| {
            let factor = &self.factors[i];
            let (first, error, total) = match (&projected, self.sizes) {
                (Some(shares), _) => (shares[at].0, shares[at].1, None),
                (None, Some(_)) => (0.0, None, None),
                (None, None) => {
                    let (first, error) = jackknife(self.pairs, |pairs| alone(pairs, i));
                    (first, error, Some(jackknife(self.pairs, |pairs| with_interactions(pairs, i)).0))
                }
            };
            Share {
                factor: factor.label.clone(),
                values: factor.values.clone(),
                evidence: factor.evidence,
                observations: factor.observations,
                share: first,
                error,
                total,
                // A variance of n observations halves with twice as many; a range that is measured is gone.
                left: narrowed(split.parameters, first, factor.measured) * YEAR,
            }
        };
        let mut list: Vec<Share> = self.reads.iter().enumerate().map(of).collect();
        list.sort_by(|x, y| y.share.total_cmp(&x.share));
        list
    }

    /// What the draws gave, in their order.
    fn draws(&self) -> Vec<f64> {
        self.pairs.iter().flat_map(|pair| [pair.a.value, pair.b.value]).collect()
    }
}

/// A variance and its two causes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub mean: f64,
    pub parameters: f64,
    pub sampling: f64,
}

/// Total variance = variance of the parameters + mean variance of sampling.
pub(super) fn split(pairs: &[Pair]) -> Split {
    let all: Vec<Seen> = pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
    let n = all.len() as f64;
    let mean = all.iter().map(|seen| seen.value).sum::<f64>() / n;
    let sampling = all.iter().map(|seen| seen.variance).sum::<f64>() / n;
    let squares = all.iter().map(|seen| (seen.value - mean) * (seen.value - mean)).sum::<f64>();
    let total = if all.len() > 1 { squares / (n - 1.0) } else { 0.0 };
    if all.is_empty() {
        return Split { mean: 0.0, parameters: 0.0, sampling: 0.0 };
    }
    Split { mean, parameters: (total - sampling).max(0.0), sampling }
}

/// The share of the parameters' variance that factor `i` has alone.
pub(super) fn alone(pairs: &[Pair], i: usize) -> f64 {
    let Split { mean, parameters, .. } = split(pairs);
    // Taking the mean away changes nothing in expectation, and much of the noise.
    let product = |pair: &Pair| (pair.b.value - mean) * (pair.mixed[i].value - pair.a.value);
    share(pairs.iter().map(product).sum::<f64>() / pairs.len() as f64, parameters)
}

/// The share of the variance that would stay if all but factor `i` were known.
pub(super) fn with_interactions(pairs: &[Pair], i: usize) -> f64 {
    let square = |pair: &Pair| (pair.a.value - pair.mixed[i].value) * (pair.a.value - pair.mixed[i].value);
    share(0.5 * pairs.iter().map(square).sum::<f64>() / pairs.len() as f64, split(pairs).parameters)
}

fn share(part: f64, of: f64) -> f64 {
    if of > 0.0 { part / of } else { 0.0 }
}

/// An estimate and its standard error, each pair left out in turn (Efron and Tibshirani 1993, chapter 11).
fn jackknife(pairs: &[Pair], of: impl Fn(&[Pair]) -> f64) -> (f64, Option<f64>) {
    let n = pairs.len();
    if n < 3 {
        return (if n == 0 { 0.0 } else { of(pairs) }, None);
    }
    let without = |left_out: usize| {
        let others: Vec<Pair> =
            pairs.iter().enumerate().filter(|(i, _)| *i != left_out).map(|at| at.1.clone()).collect();
        of(&others)
    };
    let values: Vec<f64> = (0..n).map(without).collect();
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (of(pairs), Some((squares * (n as f64 - 1.0) / n as f64).sqrt()))
}

/// The standard deviation with twice as many observations, or without a range.
fn narrowed(variance: f64, share: f64, measured: bool) -> f64 {
    let gone = if measured { 0.5 } else { 1.0 };
    (variance * (1.0 - gone * share.clamp(0.0, 1.0))).sqrt()
}

/// How much of the variance rests on which evidence, the greatest share first.
fn grades(shares: &[Share]) -> Vec<Grade> {
    let sum: f64 = shares.iter().map(|share| share.share.max(0.0)).sum();
    let mut list: Vec<Grade> = Vec::new();
    for of in shares.iter().filter(|_| sum > 0.0) {
        let part = of.share.max(0.0) / sum;
        match list.iter_mut().find(|grade| grade.evidence == of.evidence) {
            Some(grade) => grade.share += part,
            None => list.push(Grade { evidence: of.evidence, share: part }),
        }
    }
    list.sort_by(|x, y| y.share.total_cmp(&x.share));
    list
}

/// What to do next.
fn advice(factors: &[Factor], shares: &[Share], split: &Split) -> Advice {
    let foremost = shares.first().filter(|share| share.share > 0.0 && split.parameters > 0.0);
    match foremost {
        None if split.parameters > split.sampling => Advice::Nothing,
        _ if split.sampling > split.parameters => Advice::RunLonger,
        None => Advice::Nothing,
        Some(share) => match factors.iter().find(|factor| factor.label == share.factor) {
            Some(factor) if factor.measured => Advice::Extend(share.factor.clone()),
            _ => Advice::Measure(share.factor.clone()),
        },
    }
}

/// In how many draws each design is the best of its sweep point, by one condition that all have.
fn best(study: &Study, pairs: &[Vec<Pair>], into: &mut [Uncertain]) {
    let confidence = study.plan.settings.confidence;
    let designs = study.plan.designs.len();
    let chance = |own: usize| {
        let rival = |other: &usize| into[*other].at == into[own].at && into[*other].up == into[own].up;
        let rivals: Vec<usize> = (0..into.len()).filter(rival).collect();
        let count = pairs[own].len();
        if rivals.len() < 2 || rivals.len() != designs || rivals.iter().any(|&i| pairs[i].len() != count) {
            return None;
        }
        let wins = |of: fn(&Pair) -> f64| {
            let won = |draw: &usize| rivals.iter().all(|&i| of(&pairs[own][*draw]) <= of(&pairs[i][*draw]));
            (0..count).filter(won).count() as u64
        };
        let won = wins(|pair| pair.a.value) + wins(|pair| pair.b.value);
        Some(Best { chance: Estimate::proportion(won, 2 * count as u64, confidence), of: rivals.len() })
    };
    let chances: Vec<Option<Best>> = (0..into.len()).map(chance).collect();
    into.iter_mut().zip(chances).for_each(|(told, best)| told.best = best);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::StreamKey;

    fn pairs(count: u64, f: impl Fn(&[f64]) -> f64, noise: f64) -> Vec<Pair> {
        let mut stream = StreamKey::of("oracle").stream(1, 0);
        let mut uniform = || stream.draw().uniform();
        let mut list = Vec::new();
        for _ in 0..count {
            let a: Vec<f64> = (0..3).map(|_| uniform()).collect();
            let b: Vec<f64> = (0..3).map(|_| uniform()).collect();
            let mut seen = |x: &[f64]| {
                // Variance 1/12 of a uniform law.
                let error = noise * (uniform() - 0.5) * 12.0_f64.sqrt();
                Seen { value: f(x) + error, variance: noise * noise }
            };
            let (at_a, at_b) = (seen(&a), seen(&b));
            let with = |i: usize| -> Vec<f64> { (0..3).map(|j| if i == j { b[j] } else { a[j] }).collect() };
            let mixed = (0..3).map(|i| seen(&with(i))).collect();
            list.push(Pair { a: at_a, b: at_b, mixed });
        }
        list
    }

    /// The function of Ishigami and Homma (1990) with a = 7, b = 0.1: first-order shares 0.3139, 0.4424, 0, total ones
    /// 0.5576, 0.4424, 0.2437 (Saltelli et al. 2008, section 4.6). Standard errors of 20,000 pairs are below 0.015.
    #[test]
    fn the_shares_are_those_of_a_known_function() {
        let angle = |u: f64| std::f64::consts::PI * (2.0 * u - 1.0);
        let f = |x: &[f64]| {
            let [x, y, z] = [angle(x[0]), angle(x[1]), angle(x[2])];
            x.sin() + 7.0 * y.sin().powi(2) + 0.1 * z.powi(4) * x.sin()
        };
        let pairs = pairs(20_000, f, 0.0);
        for (i, (first, total)) in [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)].into_iter().enumerate() {
            assert!((alone(&pairs, i) - first).abs() < 0.075, "{i}: {}", alone(&pairs, i));
            assert!((with_interactions(&pairs, i) - total).abs() < 0.075, "{i}: {}", with_interactions(&pairs, i));
        }
    }

    /// Even intervals are taken as they are; one outage in a path leaves a factor of a hundred either way, no distance.
    #[test]
    fn few_outages_have_the_error_of_a_logarithm() {
        let z = quantile::normal(0.975);
        assert!((deviation(1e-5, (0.9e-5, 1.1e-5), 0.95) * z - 1e-6).abs() < 1e-12);
        assert!((deviation(0.0, (0.0, 3e-5), 0.95) * z - 1.5e-5).abs() < 1e-12);
        let few = deviation(1e-5, (1e-7, 1e-3), 0.95) * z;
        assert!((few - 1e-5 * libm::log(100.0)).abs() < 1e-12, "{few}");
    }

    /// f = 4x + 2y: variances 16/12 and 4/12, shares 4/5 and 1/5; sampling errors of the size of half the whole.
    #[test]
    fn errors_of_sampling_do_not_pass_for_those_of_parameters() {
        let pairs = pairs(20_000, |x| 4.0 * x[0] + 2.0 * x[1], 1.0);
        let found = split(&pairs);
        assert!((found.parameters - 20.0 / 12.0).abs() < 0.1, "{found:?}");
        assert!((found.sampling - 1.0).abs() < 1e-12 && (found.mean - 3.0).abs() < 0.05);
        assert!((alone(&pairs, 0) - 0.8).abs() < 0.1 && (alone(&pairs, 1) - 0.2).abs() < 0.1);
        let (share, error) = jackknife(&pairs[..200], |pairs| alone(pairs, 0));
        let error = error.expect("200 pairs");
        assert!((share - 0.8).abs() < 5.0 * error && error < 0.3, "{share} {error}");
    }
}
