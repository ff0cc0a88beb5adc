//! Which assumption turns the ranking: every value halved and doubled, and the choices that are no values.

use crate::assumptions::{Assumption, grade};
use crate::designs::{Designs, FIVE_NINES, SCENARIO, downtime, listed};
use crate::folder::Folder;
use crate::table::{head, row};
use crate::{run, seeds};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{Overrides, Plan};
use fivenines::report::duration;
use fivenines::stats::{Estimate, quantile};
use fivenines::syntax::ast::Evidence;
use indexmap::IndexMap;
use std::path::Path;

/// Observations of each design, of cycles that are the same ones whatever is turned, and most firings for them.
const OBSERVATIONS: u64 = 48;
const BUDGET: u64 = 400_000;

/// Designs whose downtime is that of another one: they differ in what calls they keep.
const ALIKE: [&str; 2] = ["replicated, Net", "replicated, No-Net"];

/// Chance that any of all the orders that are told to have turned has not.
const ALARM: f64 = 0.05;

/// Choices of the nets that no parameter file states: what is chosen, what instead, and where.
const CHOICES: &[(&str, &str, &str, &str)] = &[
    (
        "lives as bad as old (exponential)",
        "as good as new with each restart (lognormal)",
        "life",
        "LogNormal(mean: mtbf, sigma: 0.4)",
    ),
    (
        "a process restarts as measured of a small one",
        "within 1 s",
        "process_restart",
        "LogNormal(mean: 1 s, sigma: 0.3)",
    ),
    (
        "a process restarts as measured of a small one",
        "within 30 s",
        "process_restart",
        "LogNormal(mean: 30 s, sigma: 0.3)",
    ),
    ("an actor restarts as measured", "within 1 s", "actor_restart", "LogNormal(mean: 1 s, sigma: 0.3)"),
    ("attempts are forgotten after an exponential time", "after exactly 30 s", "window", "Deterministic(30 s)"),
    ("supervision: 5 restarts in the window", "3", "limit", "3"),
    ("upgrades count as downtime", "they don't", "planned_counted", "false"),
    ("upgrades at random", "every 90 d to the second", "upgrade", "Deterministic(90 d)"),
    ("half of the restarts cure a deterministic fault", "none", "poison", "0"),
    ("half of the restarts cure a deterministic fault", "all", "poison", "1"),
];

/// A value or a choice turned, and what came of it.
pub struct Case {
    /// `environment.operator`, or the choice.
    pub label: String,
    pub from: String,
    pub to: String,
    pub how: &'static str,
    pub place: String,
    pub evidence: Option<Evidence>,
    /// None for a choice.
    pub factor: Option<f64>,
    /// Of those designs that it changes.
    pub found: IndexMap<String, Estimate>,
}

/// All of them, and what they are held against.
pub struct Turned {
    pub base: IndexMap<String, Estimate>,
    pub cases: Vec<Case>,
    /// The order as it is, from the most precise figures.
    order: IndexMap<String, Estimate>,
}

impl Turned {
    pub fn all(root: &Path, assumptions: &[Assumption], designs: &Designs) -> Result<Turned, String> {
        let files = Folder(root);
        let plain = plan(&files, &[])?;
        let base = downtimes(&run::run(&plain, 2)?);
        let mut asked: Vec<(Case, Plan)> = Vec::new();
        for of in assumptions {
            for turn in &of.turns {
                let turned = plan(&turn.instead.over(Folder(root)), &[])?;
                let case = Case {
                    label: of.label(),
                    from: of.text.clone(),
                    to: turn.text.clone(),
                    how: turn.how,
                    place: of.place(),
                    evidence: of.evidence,
                    factor: Some(turn.factor),
                    found: IndexMap::new(),
                };
                asked.push((case, turned));
            }
        }
        for (label, instead, parameter, text) in CHOICES {
            let turned = plan(&files, &[((*parameter).to_owned(), (*text).to_owned())])?;
            let case = Case {
                label: (*label).to_owned(),
                from: "as it is".to_owned(),
                to: (*instead).to_owned(),
                how: "instead",
                place: format!("`--set '{parameter}={text}'`"),
                evidence: None,
                factor: None,
                found: IndexMap::new(),
            };
            asked.push((case, turned));
        }
        for (_, turned) in &mut asked {
            let changed: Vec<bool> = turned.points.iter().zip(&plain.points).map(|(x, y)| x.net != y.net).collect();
            run::keep(turned, &|point, _| changed.get(point).copied().unwrap_or(true));
        }
        asked.retain(|(_, turned)| !turned.points.is_empty());
        let outcomes = seeds::each(asked.len() as u64, |index| run::run(&asked[index as usize].1, 1));
        let mut cases = Vec::new();
        for ((mut case, _), outcome) in asked.into_iter().zip(outcomes) {
            case.found = downtimes(&outcome.map_err(|why| format!("{} {}: {why}", case.label, case.to))?);
            cases.push(case);
        }
        let order = designs.points.iter().filter_map(|point| Some((point.design.clone(), downtime(point)?.clone())));
        Ok(Turned { base, cases, order: order.collect() })
    }

    /// Whether any design hangs on a value.
    pub fn concerns(&self, label: &str) -> bool {
        self.cases.iter().any(|case| case.label == label)
    }

    /// The downtime of a design in a case.
    pub fn downtime<'t>(&'t self, case: &'t Case, design: &str) -> Option<&'t Estimate> {
        case.found.get(design).or_else(|| self.base.get(design))
    }

    /// z beyond which an order is shown, by Bonferroni over all pairs in all cases.
    fn threshold(&self) -> f64 {
        let pairs = self.base.len() * (self.base.len() - 1) / 2;
        quantile::normal(1.0 - 0.5 * ALARM / (pairs * self.cases.len().max(1)) as f64)
    }

    /// How many standard errors the first is down less than the second in the precise figures.
    fn before(&self, x: &str, y: &str) -> f64 {
        self.order.get(x).zip(self.order.get(y)).map_or(0.0, |(x, y)| apart(x, y))
    }

    /// Pairs of designs that a case shows in another order than the precise figures do, or in one that these leave open.
    fn orders(&self, case: &Case) -> [Vec<String>; 2] {
        let z = self.threshold();
        let (mut turned, mut decided) = (Vec::new(), Vec::new());
        for x in self.base.keys() {
            for y in self.base.keys().filter(|y| *y != x) {
                let touched = case.found.contains_key(x) || case.found.contains_key(y);
                let now = self.downtime(case, x).zip(self.downtime(case, y)).map_or(0.0, |(x, y)| apart(x, y));
                if !touched || now <= z {
                    continue;
                }
                match self.before(x, y) {
                    before if before < -z => turned.push(format!("{x} before {y}")),
                    before if before <= z => decided.push(format!("{x} before {y}")),
                    _ => {}
                }
            }
        }
        [turned, decided]
    }

    /// What takes the first place from the best design, but for one that has it already within the error.
    pub fn turns_best(&self) -> Vec<String> {
        let Some(best) = self.order.keys().next() else { return Vec::new() };
        let lost = |case: &&Case| {
            self.base.keys().any(|other| {
                let now = self.downtime(case, other).zip(self.downtime(case, best));
                now.is_some_and(|(x, y)| apart(x, y) > self.threshold())
            })
        };
        self.cases.iter().filter(lost).map(Case::told).collect()
    }

    /// Cases that show one design before another, where the precise figures don't.
    pub fn with_order(&self, x: &str, y: &str) -> Vec<String> {
        let wanted = format!("{x} before {y}");
        let shown = |case: &&Case| self.orders(case).iter().flatten().any(|pair| *pair == wanted);
        self.cases.iter().filter(shown).map(Case::told).collect()
    }

    /// How many cases there are that concern values of a grade.
    fn count(&self, of: &dyn Fn(&Case) -> bool) -> usize {
        self.cases.iter().filter(|case| of(case)).count()
    }

    /// Cases in which a design is shown to keep five nines.
    pub fn reaching(&self) -> Vec<String> {
        let of = |case: &Case| {
            // Held against the same cycles of the stated values, and against the most precise figures.
            let within = |of: Option<&Estimate>| of.and_then(|of| of.high).is_some_and(|high| high <= FIVE_NINES);
            let surely = |name: &&String| {
                within(case.found.get(*name)) && !within(self.base.get(*name)) && !within(self.order.get(*name))
            };
            let names: Vec<String> = self.base.keys().filter(surely).cloned().collect();
            (!names.is_empty()).then(|| format!("{} ({})", case.told(), names.join(", ")))
        };
        self.cases.iter().filter_map(of).collect()
    }

    pub fn section(&self) -> String {
        let [first, reach] = [self.turns_best(), self.reaching()];
        let mut text = HEAD
            .replace("ASSUMED", &self.count(&|case| case.evidence == Some(Evidence::Assumed)).to_string())
            .replace(
                "OTHERS",
                &self.count(&|case| case.factor.is_some() && case.evidence != Some(Evidence::Assumed)).to_string(),
            )
            .replace("CHOICES", &self.count(&|case| case.factor.is_none()).to_string())
            .replace("DESIGNS", &self.base.len().to_string());
        text += &format!(
            "- The first place of **{}** is lost by: {}.\n- Five nines are shown to be kept, where they are not at the stated values, with: {}.\n\n",
            self.order.keys().next().map_or("", String::as_str),
            listed(&first),
            listed(&reach),
        );
        text += "Orders that turn round, or that the stated values leave open and another value decides:\n\n";
        text += &head(5, &["value", "turned", "evidence", "turns round", "decides", "line"]);
        let mut steady = 0;
        for case in &self.cases {
            let [turned, decided] = self.orders(case);
            if turned.is_empty() && decided.is_empty() {
                steady += 1;
                continue;
            }
            let or = |pairs: &[String]| if pairs.is_empty() { "–".to_owned() } else { pairs.join("; ") };
            let evidence = if case.factor.is_some() { grade(case.evidence) } else { "choice" };
            let turn = format!("{} → {}", case.from, case.to);
            text += &row(&[&case.label, &turn, evidence, &or(&turned), &or(&decided), &case.place]);
        }
        text += &format!("\nThe other {steady} of {} cases leave every order as it is.\n", self.cases.len());
        text
    }
}

impl Case {
    /// `environment.operator 5 y → 10 y`.
    pub fn told(&self) -> String {
        match self.factor {
            Some(_) => format!("`{}` {} ({} → {})", self.label, self.how, self.from, self.to),
            None => format!("{}: {}", self.label, self.to),
        }
    }
}

/// How many standard errors the first is down less than the second, as if they shared no faults: on the scale of
/// logarithms, as their intervals are.
fn apart(x: &Estimate, y: &Estimate) -> f64 {
    let of = |of: &Estimate| {
        let (value, low, high) = (of.estimate?, of.low?, of.high?);
        let error = libm::log(high / low) / (2.0 * quantile::normal(0.5 + 0.5 * of.confidence));
        (value > 0.0 && low > 0.0).then(|| (libm::log(value), error))
    };
    let (Some((x, dx)), Some((y, dy))) = (of(x), of(y)) else { return 0.0 };
    let error = libm::sqrt(dx * dx + dy * dy);
    if error > 0.0 { (y - x) / error } else { 0.0 }
}

fn plan(files: &dyn fivenines::net::load::Loader, set: &[(String, String)]) -> Result<Plan, String> {
    let overrides = Overrides { budget: Some(BUDGET), set: set.to_vec(), ..Overrides::default() };
    let mut plan = run::plan(files, SCENARIO, &overrides)?;
    run::keep(&mut plan, &|_, design| !ALIKE.contains(&design));
    plan.settings.replications = Some(OBSERVATIONS);
    Ok(plan)
}

fn downtimes(outcome: &Outcome) -> IndexMap<String, Estimate> {
    let of = |point: &fivenines::experiment::outcome::Point| Some((point.design.clone(), downtime(point)?.clone()));
    outcome.points.iter().filter_map(of).collect()
}

/// What a downtime becomes, or that it stays.
pub fn becomes(of: Option<&Estimate>) -> String {
    of.and_then(|of| of.estimate).map_or("–".to_owned(), duration)
}

const HEAD: &str = "\
## What would turn the ranking

Every value that the designs hang on, halved and doubled (of a law its times, of a probability above one half what it lacks of
1): ASSUMED cases about assumed values, OTHERS about published and measured ones, and CHOICES about choices that are no values,
for DESIGNS designs (the other two differ from one of these in the calls that they keep, not in their downtime). An order is
told where it is shown beyond chance over all pairs and cases together (5 %, Bonferroni).

";
