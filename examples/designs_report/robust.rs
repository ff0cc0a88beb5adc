//! Which assumption turns the ranking: every value halved and doubled, and the choices that are no values.

use crate::assumptions::{Assumption, grade};
use crate::designs::{Designs, FIVE_NINES, SCENARIO, downtime, listed};
use crate::folder::Folder;
use crate::table::{head, row};
use crate::{run, seeds};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{Overrides, Plan};
use fivenines::net::Net;
use fivenines::report::duration;
use fivenines::stats::{Estimate, quantile};
use fivenines::syntax::ast::Evidence;
use indexmap::IndexMap;
use std::path::Path;

/// Observations of each design, of cycles that are the same ones whatever is turned, and most firings for them.
const OBSERVATIONS: u64 = 32;
const BUDGET: u64 = 250_000;

/// Designs whose downtime is that of another one: they differ in what calls they keep.
const ALIKE: [&str; 2] = ["replicated, Net", "replicated, No-Net"];

/// Chance that any of all the orders that are told to have turned has not.
const ALARM: f64 = 0.05;

/// The two ends of a pair, which share their random numbers, and the key of what they are ends of.
const ENDS: [&str; 2] = ["less", "more"];
const DESIGN: &str = "design";

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
    ("half of the attempts get rid of a deterministic fault", "none", "coverage.poison", "0"),
    ("half of the attempts get rid of a deterministic fault", "all", "coverage.poison", "1"),
    ("pairs announce by a request, replication by a broadcast reply", "all by a request", "form", "request"),
    (
        "pairs announce by a request, replication by a broadcast reply",
        "all by a broadcast reply",
        "form",
        "broadcast_reply",
    ),
    ("pairs announce by a request, replication by a broadcast reply", "nobody announces", "form", "none"),
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
    /// Of a value that is halved and doubled, by its label and design: the downtime with less over that with more, whose
    /// interval knows that both had the same random numbers.
    pub ratios: IndexMap<(String, String), Estimate>,
    /// The order as it is, from the most precise figures.
    order: IndexMap<String, Estimate>,
}

/// Pairs of designs in another order than the precise figures have, and in one that these leave open.
pub struct Orders {
    pub turned: Vec<String>,
    pub decided: Vec<String>,
}

/// Cases that are simulated together, and their plan.
struct Asked {
    cases: Vec<Case>,
    plan: Plan,
}

impl Turned {
    pub fn all(root: &Path, assumptions: &[Assumption], designs: &Designs) -> Result<Turned, String> {
        let files = Folder(root);
        let plain = plan(&files, &[])?;
        let base = downtimes(&run::run(&plain, 2)?);
        let of_values = assumptions.iter().filter(|of| !of.turns.is_empty()).map(|of| value(&files, of, &plain));
        let of_choices = CHOICES.iter().map(|choice| self::choice(&files, choice, &plain));
        let mut asked: Vec<Asked> = of_values.chain(of_choices).collect::<Result<_, String>>()?;
        asked.retain(|asked| !asked.plan.points.is_empty());
        let outcomes = seeds::each(asked.len() as u64, |index| run::run(&asked[index as usize].plan, 1));
        let (mut cases, mut ratios) = (Vec::new(), IndexMap::new());
        for (asked, outcome) in asked.into_iter().zip(outcomes) {
            let outcome = outcome.map_err(|why| format!("{}: {why}", asked.cases[0].label))?;
            for of in outcome.comparisons.iter().filter(|of| of.at.contains_key(DESIGN)) {
                ratios.insert((asked.cases[0].label.clone(), of.at[DESIGN].clone()), of.ratio.clone());
            }
            for (mut case, end) in asked.cases.into_iter().zip(ENDS) {
                case.found = match case.factor {
                    Some(_) => ends(&outcome, end),
                    None => downtimes(&outcome),
                };
                cases.push(case);
            }
        }
        let order = designs.points.iter().filter_map(|point| Some((point.design.clone(), downtime(point)?.clone())));
        Ok(Turned { base, cases, ratios, order: order.collect() })
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

    /// What a case shows.
    fn orders(&self, case: &Case) -> Orders {
        self.orders_by(&|design| self.downtime(case, design), &|x, y| {
            case.found.contains_key(x) || case.found.contains_key(y)
        })
    }

    /// What other figures of the designs show, of those pairs that they are about.
    pub fn orders_by<'e>(
        &self,
        figure: &dyn Fn(&str) -> Option<&'e Estimate>,
        about: &dyn Fn(&str, &str) -> bool,
    ) -> Orders {
        let z = self.threshold();
        let (mut turned, mut decided) = (Vec::new(), Vec::new());
        for x in self.base.keys() {
            for y in self.base.keys().filter(|y| *y != x && about(x, y)) {
                if figure(x).zip(figure(y)).is_none_or(|(x, y)| apart(x, y) <= z) {
                    continue;
                }
                match self.before(x, y) {
                    before if before < -z => turned.push(format!("{x} before {y}")),
                    before if before <= z => decided.push(format!("{x} before {y}")),
                    _ => {}
                }
            }
        }
        Orders { turned, decided }
    }

    /// What the choices that are no values show: the choice, what instead, where to say it, the least downtime, and the
    /// orders.
    pub fn choices(&self) -> impl Iterator<Item = (&Case, Option<&str>, Orders)> {
        let least = |case: &Case| {
            let down =
                |design: &String| self.downtime(case, design).and_then(|of| of.estimate).unwrap_or(f64::INFINITY);
            self.base.keys().min_by(|x, y| down(x).total_cmp(&down(y))).map(String::as_str)
        };
        self.cases.iter().filter(|case| case.factor.is_none()).map(move |case| (case, least(case), self.orders(case)))
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
        let shown = |case: &&Case| {
            let Orders { turned, decided } = self.orders(case);
            turned.contains(&wanted) || decided.contains(&wanted)
        };
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
            let Orders { turned, decided } = self.orders(case);
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
    /// `environment.operator` doubled (5 y → 10 y), “within 30 s” instead of “a process restarts as measured”.
    pub fn told(&self) -> String {
        match self.factor {
            Some(_) => format!("`{}` {} ({} → {})", self.label, self.how, self.from, self.to),
            None => format!("“{}” instead of “{}”", self.to, self.label),
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

/// Half and double of a value: of each design that it changes the two in a pair.
fn value(files: &Folder, of: &Assumption, plain: &Plan) -> Result<Asked, String> {
    let mut plans = Vec::new();
    for turn in &of.turns {
        plans.push(changed(plan(files, &[(of.label(), turn.text.clone())])?, plain));
    }
    let mut all = plain.clone();
    all.designs = ENDS.map(str::to_owned).to_vec();
    all.points.clear();
    for design in plain.designs.iter() {
        let ends: Vec<_> = plans.iter().map(|plan| plan.points.iter().find(|point| point.design == *design)).collect();
        let [Some(less), Some(more)] = ends.as_slice() else { continue };
        for (point, end) in [less, more].into_iter().zip(ENDS) {
            let mut point = (*point).clone();
            point.at.insert(DESIGN.to_owned(), std::mem::replace(&mut point.design, end.to_owned()));
            all.points.push(point);
        }
    }
    let case = |turn: &crate::assumptions::Turn| Case {
        label: of.label(),
        from: of.text.clone(),
        to: turn.text.clone(),
        how: turn.how,
        place: of.place(),
        evidence: of.evidence,
        factor: Some(turn.factor),
        found: IndexMap::new(),
    };
    Ok(Asked { cases: of.turns.iter().map(case).collect(), plan: all })
}

fn choice(
    files: &Folder,
    (label, instead, parameter, text): &(&str, &str, &str, &str),
    plain: &Plan,
) -> Result<Asked, String> {
    let turned = plan(files, &[((*parameter).to_owned(), (*text).to_owned())])?;
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
    Ok(Asked { cases: vec![case], plan: changed(turned, plain) })
}

/// What differs from a plan of the same points.
fn changed(mut turned: Plan, plain: &Plan) -> Plan {
    let differs: Vec<bool> =
        turned.points.iter().zip(&plain.points).map(|(x, y)| bare(&x.net) != bare(&y.net)).collect();
    run::keep(&mut turned, &|point, _| differs.get(point).copied().unwrap_or(true));
    turned
}

/// A net without the words for its parameters, which tell what was set even where nothing hangs on it.
fn bare(net: &Net) -> Net {
    Net { parameters: Vec::new(), ..net.clone() }
}

fn plan(files: &Folder, set: &[(String, String)]) -> Result<Plan, String> {
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

/// Of the points at one end of the pairs.
fn ends(outcome: &Outcome, end: &str) -> IndexMap<String, Estimate> {
    let mine = outcome.points.iter().filter(|point| point.design == end);
    mine.filter_map(|point| Some((point.at.get(DESIGN)?.clone(), downtime(point)?.clone()))).collect()
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
