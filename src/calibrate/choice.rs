//! Which law of a calibrated sample is used, and what else its parameters might have been.

use super::Settings;
use super::bootstrap::bootstrap;
use super::family::{FAMILIES, Family};
use super::fit::{Fit, Watch, refit};
use super::sample::Sample;
use super::verdict::{Calibration, Verdict, empirical};
use super::written::Written;
use crate::diag::nearest;
use crate::rng::StreamKey;
use rayon::prelude::*;

/// Which law is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// That of the verdict.
    #[default]
    Best,
    /// The sample itself, as a law.
    Empirical,
    /// One of a family, whether it fits or not.
    Of(Family),
}

impl Wanted {
    /// `best`, `empirical`, or a family's name, whatever its case and blanks.
    ///
    /// # Errors
    /// What the names are.
    pub fn read(text: &str) -> Result<Wanted, String> {
        let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-', '_'], "");
        let families = FAMILIES.iter().map(|family| (family.name(), Wanted::Of(*family)));
        let known: Vec<(&str, Wanted)> =
            [("best", Wanted::Best), ("empirical", Wanted::Empirical)].into_iter().chain(families).collect();
        let names = || known.iter().map(|(name, _)| *name);
        match known.iter().find(|(name, _)| plain(name) == plain(text)) {
            Some((_, wanted)) => Ok(*wanted),
            None => Err(match nearest(text, names()) {
                Some(near) => format!("there is no law `{text}` to fit; did you mean `{near}`?"),
                None => format!("there is no law `{text}` to fit; laws are {}", names().collect::<Vec<_>>().join(", ")),
            }),
        }
    }
}

/// The law that is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// It.
    pub law: Written,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a law comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is the fitted law of this index.
    Fitted(usize),
    /// It is the sample itself.
    Sample,
    /// Every value was the same.
    Constant,
}

impl Chosen {
    /// The law that the verdict names; none where it names none.
    pub fn by_verdict(calibration: &Calibration) -> Option<Chosen> {
        let origin = match &calibration.verdict {
            Verdict::Fits(index) | Verdict::Untested(index) => Origin::Fitted(*index),
            Verdict::Constant(_) => Origin::Constant,
            Verdict::Empirical(_) => Origin::Sample,
            Verdict::Nothing => return None,
        };
        Some(Chosen { law: calibration.law()?.clone(), origin })
    }

    /// The law that is wanted, tested like the foremost ones. None when stopped.
    ///
    /// # Errors
    /// Why there is no such law.
    pub fn wanted(
        sample: &Sample,
        calibration: &mut Calibration,
        wanted: Wanted,
        settings: &Settings,
        watch: &Watch,
    ) -> Option<Result<Option<Chosen>, String>> {
        let family = match wanted {
            Wanted::Best => return Some(Ok(Chosen::by_verdict(calibration))),
            Wanted::Empirical => {
                let law = empirical(sample).ok_or("the sample is no law itself: it is censored, or too large");
                return Some(law.map(|law| Some(Chosen { law, origin: Origin::Sample })).map_err(str::to_string));
            }
            Wanted::Of(family) => family,
        };
        let Some(index) = calibration.laws.iter().position(|law| law.fit.family == family) else {
            let other = calibration.others.iter().find(|other| other.family == family);
            let because = other.map_or("every value is the same", |other| &other.because);
            return Some(Err(format!("{} was not fitted: {because}", family.name())));
        };
        let law = &mut calibration.laws[index];
        if law.bootstrap.is_none() {
            law.bootstrap = Some(bootstrap(sample, &law.fit, settings.replicates, settings.seed, watch)?);
        }
        Some(Ok(Some(Chosen { law: law.fit.written.clone(), origin: Origin::Fitted(index) })))
    }
}

/// A sample, what was found of it, and the law that is used.
pub(super) struct Used<'u> {
    pub sample: &'u Sample,
    pub calibration: &'u Calibration,
    pub chosen: &'u Chosen,
}

impl Used<'_> {
    fn fit(&self) -> Option<&Fit> {
        match self.chosen.origin {
            Origin::Fitted(index) => self.calibration.laws.get(index).map(|law| &law.fit),
            Origin::Sample | Origin::Constant => None,
        }
    }

    /// Laws that the sample might have led to, had it been another; those of the bootstrap that tested the law.
    pub fn draws(&self) -> Vec<Written> {
        match self.chosen.origin {
            Origin::Fitted(index) => {
                let found = self.calibration.laws.get(index).and_then(|law| law.bootstrap.as_ref());
                found.map_or_else(Vec::new, |found| found.draws.clone())
            }
            Origin::Sample | Origin::Constant => Vec::new(),
        }
    }

    fn again(&self, rows: &[usize], watch: &Watch) -> Option<Written> {
        let Some(fit) = self.fit() else { return Some(self.chosen.law.clone()) };
        refit(fit, &self.sample.of_rows(rows).ok()?, watch.stop)
    }
}

/// Laws of all samples of one table, fitted to rows of it that are drawn again: what is common to the durations of one
/// row stays common (Efron and Tibshirani 1993, section 8.3). For each replicate a law of each sample; none when stopped.
pub(super) fn joint(used: &[Used], settings: &Settings, watch: &Watch) -> Option<Vec<Vec<Written>>> {
    let mut rows: Vec<usize> = used.iter().flat_map(|used| used.sample.rows.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    let one = |index: u64| -> Option<Vec<Written>> {
        if (watch.stop)() {
            return None;
        }
        let mut stream = StreamKey::of("joint bootstrap").stream(settings.seed, index);
        let mut pick = || rows[((stream.draw().uniform() * rows.len() as f64) as usize).min(rows.len() - 1)];
        let drawn: Vec<usize> = rows.iter().map(|_| pick()).collect();
        let laws = used.iter().map(|used| used.again(&drawn, watch)).collect();
        (watch.done)();
        laws
    };
    let found: Vec<Vec<Written>> = (0..settings.replicates).into_par_iter().filter_map(one).collect();
    (!(watch.stop)()).then_some(found)
}
