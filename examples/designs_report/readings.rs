//! Whether the ranking survives other readings of the question: what counts as failed, what is counted, how clocks and
//! actors behave.

use crate::designs::{Designs, FIVE_NINES, WITHOUT_SITE, by, downtime};
use crate::lasting::EXCESS;
use crate::robust::{Orders, Turned};
use crate::table::{head, row};
use fivenines::experiment::outcome::Point;
use fivenines::stats::Estimate;
use indexmap::IndexMap;

/// Pairs of designs that are named, of all that turn.
const NAMED: usize = 4;

/// Measures by which designs can be ordered instead, and what that means.
const MEASURES: [(&str, &str); 3] = [
    ("outages count from their 32nd second on", EXCESS),
    ("defects of a million calls", "defects per million"),
    ("calls dropped of a million", "dropped per million"),
];

/// A reading of the actor net, and whether the actors are down less than the standard server by it.
pub struct Actors {
    pub less: Vec<String>,
    pub more: Vec<String>,
}

pub fn section(designs: &Designs, turned: &Turned, actors: &Actors, practice: &IndexMap<String, Estimate>) -> String {
    let mut text = HEAD.to_owned();
    text += &head(5, &["reading", "first", "turns round", "decides", "by"]);
    let points = || designs.points.iter().map(|point| (point.design.as_str(), point));
    let own = points().map(|(name, point)| (name, downtime(point)));
    text += &told("downtime of call set-up (the answer above)", &figures(own), turned, "");
    for service in ["register", "in-dialog", "media", WITHOUT_SITE] {
        let how = "every run tells it".to_owned();
        let what = match service {
            WITHOUT_SITE => "downtime of call set-up, the site's faults left out".to_owned(),
            service => format!("downtime of {service}"),
        };
        text += &told(&what, &figures(points().map(|(name, point)| (name, by(point, service)))), turned, &how);
    }
    for (what, name) in MEASURES {
        let of = |point: &'_ Point| point.measures.get(name).cloned();
        let found: IndexMap<String, Estimate> =
            points().filter_map(|(design, point)| Some((design.to_owned(), of(point)?))).collect();
        text += &told(what, &found, turned, &format!("measure `{name}`"));
    }
    text += &told("outages count from their 30th second on", practice, turned, "`--set 'patience=30 s'`");
    for (case, least, orders) in turned.choices() {
        let reading = format!("{}: {}", case.label, case.to);
        text += &line(&reading, least.unwrap_or("–"), &orders, &case.place);
    }
    text += &format!(
        "\nReadings of the actor net where the thesis is silent, with restarts of 30 s to 300 s: the actors are down less than the \
         standard server by {}; more by {}. With restarts as measured (milliseconds) the actors' own restarts are no \
         downtime to speak of, whatever the reading.\n",
        listed(&actors.less),
        listed(&actors.more),
    );
    text += &best(designs);
    text
}

/// Which designs reach five nines by which service.
fn best(designs: &Designs) -> String {
    let mut text = "Five nines are shown to be kept at the stated values".to_owned();
    let of = |service: &str| {
        let kept = |point: &&Point| by(point, service).is_none_or(|of| of.high.is_none_or(|high| high <= FIVE_NINES));
        let all: Vec<String> = designs.points.iter().filter(kept).map(|point| point.design.clone()).collect();
        format!("{service}: {}", if all.is_empty() { "by none".to_owned() } else { all.join(", ") })
    };
    let parts: Vec<String> =
        ["set-up", "register", "in-dialog", "media", WITHOUT_SITE].iter().map(|service| of(service)).collect();
    text += &format!(", of {}.\n", parts.join("; of "));
    text
}

fn figures<'f>(all: impl Iterator<Item = (&'f str, Option<&'f Estimate>)>) -> IndexMap<String, Estimate> {
    all.filter_map(|(name, of)| Some((name.to_owned(), of?.clone()))).collect()
}

fn told(reading: &str, found: &IndexMap<String, Estimate>, turned: &Turned, how: &str) -> String {
    let orders = turned.orders_by(&|design| found.get(design), &|_, _| true);
    let value = |of: &Estimate| of.estimate.unwrap_or(0.0);
    let least =
        found.iter().min_by(|x, y| value(x.1).total_cmp(&value(y.1))).map_or("–", |(design, _)| design.as_str());
    line(reading, least, &orders, how)
}

fn line(reading: &str, first: &str, orders: &Orders, how: &str) -> String {
    let how = if how.is_empty() { "–" } else { how };
    row(&[reading, first, &named(&orders.turned), &named(&orders.decided), how])
}

fn named(pairs: &[String]) -> String {
    match pairs.len() {
        0 => "–".to_owned(),
        count if count <= NAMED => pairs.join("; "),
        count => format!("{}; and {} more", pairs[..NAMED].join("; "), count - NAMED),
    }
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "none of them".to_owned() } else { format!("{} ({})", all.len(), all.join(", ")) }
}

const HEAD: &str = "\
## Other readings

The order of the designs, held against that of the answer, where somebody counts something else as a failure, or reads a rule
otherwise. First is what is least by that reading; pairs are named where they are shown beyond chance, as above: those that turn
round, and those that the answer leaves open and this reading decides.

";
