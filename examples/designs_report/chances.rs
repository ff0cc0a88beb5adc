//! How sure the answer is while what is assumed may be anything in its range: the parameters drawn.

use crate::designs::{
    Designs, FIVE_NINES, FOUR_NINES, KINDS, SCENARIO, WITHOUT_SITE, by, downtime, percent, told, value,
};
use crate::folder::Folder;
use crate::table::{head, row};
use crate::{run, show};
use fivenines::experiment::Overrides;
use fivenines::experiment::answers::{Advice, Share, Uncertain};
use fivenines::report::duration;
use fivenines::report::figure::{Axis, Bar, Bars, Spacing, Unit};
use fivenines::stats::{Estimate, quantile};
use std::path::Path;

/// Draws, and how each is solved.
const DRAWS: u64 = 120;
const PRECISION: f64 = 0.2;
const BUDGET: u64 = 20_000;

/// Shares that are told of each design.
const TOLD: usize = 5;

/// What the draws gave for each design and condition.
pub struct Chances(Vec<Uncertain>);

/// Of one design and condition.
pub struct Chance<'c>(pub &'c Uncertain);

impl Chance<'_> {
    /// `46 % (36 % to 56 %)`, the share of the draws with that downtime at most.
    pub fn within(&self, most: f64) -> String {
        let seen = self.0.sample.iter().filter(|down| **down <= most).count() as u64;
        shown(&Estimate::proportion(seen, self.0.draws, 0.95))
    }
}

fn shown(of: &Estimate) -> String {
    match (of.estimate, of.low, of.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{} ({} to {})", percent(value), percent(low), percent(high))
        }
        _ => "–".to_owned(),
    }
}

impl Chances {
    pub fn drawn(root: &Path) -> Result<Chances, String> {
        let overrides = Overrides {
            precision: Some(PRECISION),
            budget: Some(BUDGET),
            uncertainty: Some(DRAWS),
            ..Overrides::default()
        };
        let outcome = run::outcome(&Folder(root), SCENARIO, &overrides, &|_| true)?;
        match outcome.uncertainties.iter().find_map(|of| of.failed.clone()) {
            Some(why) => Err(format!("{SCENARIO}: a draw could not be solved: {why}")),
            None => Ok(Chances(outcome.uncertainties)),
        }
    }

    pub fn of(&self, design: &str, condition: &str) -> Result<Chance<'_>, String> {
        let found = self.0.iter().find(|of| of.design == design && of.up == condition);
        found.map(Chance).ok_or_else(|| format!("{SCENARIO} has no condition {condition} of {design}"))
    }

    /// The share of the draws in which one design is down less than another.
    pub fn before(&self, design: &str, other: &str, condition: &str) -> Result<String, String> {
        let (own, other) = (self.of(design, condition)?, self.of(other, condition)?);
        let less = own.0.sample.iter().zip(&other.0.sample).filter(|(own, other)| own < other).count();
        Ok(shown(&Estimate::proportion(less as u64, own.0.draws, 0.95)))
    }

    pub fn section(&self, designs: &Designs) -> Result<String, String> {
        let figure = show("designs-uncertainty", "Downtime over what is assumed", &self.bars(designs)?.svg())?;
        let head = HEAD.replace("DRAWS", &DRAWS.to_string()) + &self.middle(designs)?;
        Ok([head, self.table(designs)?, figure, self.parts(designs)?].join("\n"))
    }

    /// Where the middle of the draws lies against the stated values.
    fn middle(&self, designs: &Designs) -> Result<String, String> {
        let mut times: Vec<f64> = Vec::new();
        for point in &designs.points {
            let [_, median, _] = self.lead(point)?.0.quantiles;
            times.extend(median.map(|median| median / value(downtime(point))));
        }
        times.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (times.first(), times.last()) else { return Ok(String::new()) };
        let above = times.iter().filter(|times| **times > 1.0).count();
        let why = match above > times.len() / 2 {
            true => {
                "most ranges reach farther to the worse side of the stated value than to the better one, so a stated value is no median of its range"
            }
            false => "the ranges reach about as far to the worse side of the stated values as to the better one",
        };
        Ok(format!(
            "The median of the draws is {least:.1} to {most:.1} times the downtime at the stated values, above it for {above} of \
             {} designs: {why}.\n\n",
            times.len(),
        ))
    }

    fn table(&self, designs: &Designs) -> Result<String, String> {
        let heading = [
            "design",
            "at the stated values",
            "middle 95 % of the draws",
            "P(five nines)",
            "P(four nines)",
            "P(five nines) without the site",
            "P(four nines) without the site",
            "P(down least)",
        ];
        let mut text = head(1, &heading);
        for point in &designs.points {
            let (whole, own) = (self.lead(point)?, self.of(&point.design, WITHOUT_SITE)?);
            let [low, _, high] = whole.0.quantiles;
            let middle = low
                .zip(high)
                .map_or("–".to_owned(), |(low, high)| format!("{} to {}", duration(low), duration(high)));
            let best = whole.0.best.as_ref().map_or("–".to_owned(), |best| shown(&best.chance));
            text += &row(&[
                &point.design,
                &told(downtime(point)),
                &middle,
                &whole.within(FIVE_NINES),
                &whole.within(FOUR_NINES),
                &own.within(FIVE_NINES),
                &own.within(FOUR_NINES),
                &best,
            ]);
        }
        Ok(text)
    }

    fn lead(&self, point: &fivenines::experiment::outcome::Point) -> Result<Chance<'_>, String> {
        self.of(&point.design, point.primary.as_deref().unwrap_or_default())
    }

    fn bars(&self, designs: &Designs) -> Result<Bars, String> {
        let mut bars = Vec::new();
        for point in &designs.points {
            for (name, group, of) in [
                (point.design.as_str(), "with the site's faults", self.lead(point)?),
                ("", "without them", self.of(&point.design, WITHOUT_SITE)?),
            ] {
                let [low, median, high] = of.0.quantiles;
                let Some(median) = median.filter(|median| *median >= 1.0) else { continue };
                let low = low.map(|low| low.max(median / 30.0));
                let middle = Estimate::between(Some(median), low.zip(high), 0.95, "s/y");
                bars.push(Bar { text: duration(median), ..Bar::new(name, &middle).in_group(group) });
            }
        }
        Ok(Bars {
            title: "Downtime per year over what is assumed".into(),
            axis: Axis { spacing: Spacing::Logarithmic, ..Axis::new("downtime per year", Unit::Duration) },
            bars,
            limits: vec![(FIVE_NINES, "five nines".into()), (FOUR_NINES, "four nines".into())],
            notes: vec!["The median of the draws, and the middle 95 % of them, down to a thirtieth of it; medians below 1 s are not drawn.".into()],
        })
    }

    /// What the spread consists of, and what to measure.
    fn parts(&self, designs: &Designs) -> Result<String, String> {
        let mut text = PARTS.to_owned();
        let heading = [
            "design",
            "condition",
            "by parameters",
            "by sampling",
            "shares of the parameters' variance",
            "values it reads",
            "measure first",
        ];
        text += &head(2, &heading);
        for design in KINDS {
            let point = designs.of(design)?;
            for condition in [point.primary.as_deref().unwrap_or_default(), WITHOUT_SITE] {
                if by(point, condition).is_none_or(|of| of.estimate.is_none()) {
                    continue;
                }
                let of = self.of(design, condition)?.0;
                let shares: Vec<String> =
                    of.shares.iter().filter(|share| share.share > 0.0).take(TOLD).map(share).collect();
                let shares = if shares.is_empty() { "none".to_owned() } else { shares.join(", ") };
                text += &row(&[
                    design,
                    condition,
                    &duration(of.by_parameters),
                    &duration(of.by_sampling),
                    &shares,
                    &format!("{} of {}", of.shares.len(), of.shares.len() + of.unread.len()),
                    &advice(of),
                ]);
            }
        }
        Ok(text)
    }

    /// What is to be measured first for a design.
    pub fn first(&self, design: &str, condition: &str) -> Result<Option<&Share>, String> {
        Ok(self.of(design, condition)?.0.shares.first().filter(|share| is_sure(share)))
    }
}

/// A share's interval of 95 %, as far as a share can be.
fn ends(of: &Share) -> Option<(f64, f64)> {
    let half = quantile::normal(0.975) * of.error.filter(|error| *error > 0.0)?;
    Some(((of.share - half).max(0.0), (of.share + half).min(1.0)))
}

/// Whether a share is more than its own noise.
fn is_sure(of: &Share) -> bool {
    of.share > 0.0 && ends(of).is_none_or(|(low, _)| low > 0.0)
}

/// With its interval; one that may be nothing as the bound that it has.
fn share(of: &Share) -> String {
    match ends(of) {
        Some((_, high)) if !is_sure(of) => format!("`{}` up to {} (within its noise)", of.factor, percent(high)),
        Some((low, high)) => {
            format!("`{}` {} ({} to {})", of.factor, percent(of.share.min(1.0)), percent(low), percent(high))
        }
        None => format!("`{}` {}", of.factor, percent(of.share.min(1.0))),
    }
}

fn advice(of: &Uncertain) -> String {
    let noisy = of.shares.first().is_some_and(|share| share.share > 0.0 && !is_sure(share));
    match &of.advice {
        Advice::Nothing => "–".to_owned(),
        Advice::RunLonger => "(more draws: sampling is the greater error)".to_owned(),
        Advice::Extend(factor) | Advice::Measure(factor) if noisy => format!("perhaps `{factor}`"),
        Advice::Extend(factor) | Advice::Measure(factor) => format!("`{factor}`"),
    }
}

const PARTS: &str = "\
What the spread consists of: its standard deviation by the parameters and, apart from that, by sampling within a draw; and of the
parameters' variance the shares that single values have. A design's net doesn't read every value that is drawn (a single machine
knows no takeover): what changes nothing in it, whatever it is, has no share by definition, and is left out before any share is
read off the draws; the column *values it reads* says how many are left. Of these a share is told if hardly any value would have
as much by chance (1 % over all values of the row, by dealing the outcomes to the draws anew), with its interval (95 %); where that
reaches down to nothing, the share is within its own noise and only its upper end is told. All the rest is interactions and what
the draws can't tell from nothing.

";

const HEAD: &str = "\
## How sure that is

Every assumed value has a range, as far as somebody who knows such systems would go either way, and every measured law its
bootstrap. DRAWS times all of them were drawn at once, and all designs solved under each draw, with the same random numbers:
so the middle of the draws says what isn't known, where the intervals of the table above say how far was simulated. Downtimes of
a draw have a sampling error of their own, which is told apart below. *Without the site* is what is left if the faults that
take all machines down together (`environment.network`, `environment.operator`) are taken out: what the design decides.

";
