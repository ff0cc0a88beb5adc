//! The tornado: what each design's downtime hangs on, and on which evidence that rests.

use crate::assumptions::grade;
use crate::designs::{Designs, KINDS, percent};
use crate::robust::{Case, Turned, becomes};
use crate::show;
use crate::table::{head, row};
use fivenines::experiment::answers::{Influence, Sensitivity};
use fivenines::experiment::outcome::Outcome;
use fivenines::report::Report;
use fivenines::report::figure::file_name;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Evidence;
use indexmap::IndexMap;

/// Influences told of each design.
const TOLD: usize = 8;

pub fn section(designs: &Designs, turned: &Turned) -> Result<String, String> {
    let mut text = HEAD.to_owned();
    let all: Vec<Sensitivity> = KINDS.iter().map(|design| of_design(turned, design)).collect();
    text += &grades(&all);
    for of in &all {
        let blank = Outcome { sensitivities: vec![of.clone()], points: Vec::new(), ..designs.outcome.clone() };
        let figures = Report::new(blank).figures();
        let Some(figure) = figures.first() else { continue };
        let name = format!("tornado-{}", file_name(&of.design));
        text += &format!(
            "\n### {}\n\n{}\n",
            capital(&of.design),
            show(&name, &format!("What {} hangs on", of.design), &figure.svg)?
        );
        text += &head(2, &["value", "evidence", "halved", "as it is", "doubled", "elasticity"]);
        let told: Vec<&Influence> = of.influences.iter().filter(|one| is_told(&one.elasticity)).collect();
        for one in told.iter().take(TOLD) {
            text += &row(&[
                &format!("`{}`", one.parameter),
                grade(one.evidence),
                &becomes(Some(&one.divided)),
                &becomes(turned.base.get(&of.design)),
                &becomes(Some(&one.multiplied)),
                &elasticity(&one.elasticity),
            ]);
        }
        let noise = of.influences.len() - told.len();
        text += &format!(
            "\nOf the other values {} are weaker, and {noise} are within their own noise.\n",
            told.len().saturating_sub(TOLD)
        );
    }
    Ok(text)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Whether an elasticity is more than its own noise.
fn is_told(of: &Estimate) -> bool {
    of.low.zip(of.high).is_none_or(|(low, high)| low > 0.0 || high < 0.0)
}

fn elasticity(of: &Estimate) -> String {
    match (of.estimate, of.low, of.high) {
        (Some(value), Some(low), Some(high)) => format!("{value:.2} ({low:.2} to {high:.2})"),
        (Some(value), ..) => format!("{value:.2}"),
        _ => "–".to_owned(),
    }
}

/// The influences of all values on a design, the strongest first.
pub fn of_design(turned: &Turned, design: &str) -> Sensitivity {
    let mut pairs: IndexMap<&str, Vec<&Case>> = IndexMap::new();
    for case in turned.cases.iter().filter(|case| case.factor.is_some() && case.found.contains_key(design)) {
        pairs.entry(case.label.as_str()).or_default().push(case);
    }
    let ratio = |label: &str| turned.ratios.get(&(label.to_owned(), design.to_owned()));
    let mut influences: Vec<Influence> =
        pairs.iter().filter_map(|(label, cases)| influence(cases, design, ratio(label)?)).collect();
    let strength = |of: &Influence| of.elasticity.estimate.map_or(0.0, f64::abs);
    influences.sort_by(|x, y| strength(y).total_cmp(&strength(x)));
    Sensitivity {
        design: design.to_owned(),
        at: IndexMap::new(),
        up: String::new(),
        influences,
        steps: Vec::new(),
        left_out: Vec::new(),
    }
}

/// From the downtime with less over that with more, which had the same random numbers.
fn influence(cases: &[&Case], design: &str, ratio: &Estimate) -> Option<Influence> {
    let [less, more] = cases else { return None };
    let (low, high) = (less.found.get(design)?, more.found.get(design)?);
    let span = libm::log(more.factor? / less.factor?);
    let slope = |ratio: f64| Some(-libm::log(ratio) / span).filter(|slope| slope.is_finite());
    let ends = ratio.high.and_then(slope).zip(ratio.low.and_then(slope));
    let value = Estimate::between(ratio.estimate.and_then(slope), ends, ratio.confidence, "");
    Some(Influence {
        parameter: less.label.clone(),
        value: 1.0,
        unit: String::new(),
        elasticity: value,
        factor: 2.0,
        divided: low.clone(),
        multiplied: high.clone(),
        how: "halved and doubled, the same random numbers".to_owned(),
        evidence: less.evidence,
    })
}

/// The share of all influences that rests on each grade.
pub fn resting(of: &Sensitivity, evidence: Option<Evidence>) -> f64 {
    let sum = |wanted: &dyn Fn(&Influence) -> bool| -> f64 {
        let strength = |of: &Influence| of.elasticity.estimate.map_or(0.0, f64::abs);
        of.influences.iter().filter(|one| wanted(one)).map(strength).sum()
    };
    sum(&|one| one.evidence == evidence) / sum(&|_| true)
}

const GRADES: [Option<Evidence>; 5] = [
    Some(Evidence::MeasuredLive),
    Some(Evidence::FieldData),
    Some(Evidence::DerivedFromTimers),
    Some(Evidence::Published),
    Some(Evidence::Assumed),
];

fn grades(all: &[Sensitivity]) -> String {
    let names: Vec<&str> = GRADES.iter().map(|of| grade(*of)).collect();
    let mut text = head(1, &[&["design"], names.as_slice()].concat());
    for of in all {
        let cells: Vec<String> = GRADES.iter().map(|grade| percent(resting(of, *grade))).collect();
        let cells: Vec<&str> = std::iter::once(of.design.as_str()).chain(cells.iter().map(String::as_str)).collect();
        text += &row(&cells);
    }
    text
}

const HEAD: &str = "\
## What each downtime hangs on, and on what evidence

The elasticity says by how many per cent the downtime grows with each per cent of a value (of a probability above one half, of what
it lacks of 1), between its half and its double, which have the same random numbers: the interval (95 %) is that of their ratio as a
pair. All elasticities of a design together, without their signs, rest on evidence of these grades:

";
