//! What to do, and on what condition: every sentence from the figures.

use crate::answer::own_share;
use crate::assumptions::grade;
use crate::chances::Chances;
use crate::designs::{Designs, FIVE_NINES, KINDS, WITHOUT_SITE, by, downtime, listed, measure, percent, value};
use crate::influences::of_design;
use crate::robust::Turned;
use crate::table::{head, row};
use fivenines::experiment::answers::{Influence, Share};
use fivenines::report::duration;

/// Levers that are told of each design.
const LEVERS: usize = 3;

/// More than this share decides; a ratio of downtimes farther from 1 than this is worth a word.
const HALF: f64 = 0.5;
const CLOSE: f64 = 0.1;

pub fn section(designs: &Designs, chances: &Chances, turned: &Turned) -> Result<String, String> {
    let items = [
        spares(designs, chances, turned)?,
        site(designs, chances)?,
        containment(designs, turned)?,
        replication(designs, turned)?,
        calls(designs)?,
    ];
    let items: String = items.iter().map(|item| format!("- {item}\n")).collect();
    Ok(format!("## What to do, and on what condition\n\n{items}\n{}", levers(designs, turned)?))
}

fn spares(designs: &Designs, chances: &Chances, turned: &Turned) -> Result<String, String> {
    let best = &designs.points[0];
    let own = |design: &str| -> Result<f64, String> { Ok(value(by(designs.of(design)?, WITHOUT_SITE))) };
    let name = &best.design;
    let condition = match turned.turns_best().as_slice() {
        [] => {
            "no halved or doubled value, and no other choice that was tried, takes the first place from it".to_owned()
        }
        some => format!("on condition that none of these is so: {}", listed(some)),
    };
    let spare = name.contains("balanced");
    let heading =
        if spare { "More machines than the load needs, behind a balancer, come first" } else { "What comes first" };
    Ok(format!(
        "**{heading}** ({name}): down {} a year, {} of it not by the site, against \
         {} of one machine and {} of a VRRP pair without the site. Over the ranges it is down less than the VRRP pair in {} of \
         the draws; {condition}.",
        duration(value(downtime(best))),
        duration(value(by(best, WITHOUT_SITE))),
        duration(own("standard")?),
        duration(own("VRRP pair")?),
        chances.before(name, "VRRP pair", best.primary.as_deref().unwrap_or_default())?,
    ))
}

fn site(designs: &Designs, chances: &Chances) -> Result<String, String> {
    let best = &designs.points[0];
    let (whole, own) = (value(downtime(best)), value(by(best, WITHOUT_SITE)));
    let own = if own.is_finite() { own } else { 0.0 };
    let needed = match FIVE_NINES - own {
        left if left <= 0.0 => "no rarity of them would do".to_owned(),
        left if whole <= FIVE_NINES => format!("they could even come {:.1} times as often", left / (whole - own)),
        left => format!(
            "they would have to be {:.1} times rarer than assumed, or over so much sooner",
            (whole - own) / left
        ),
    };
    let measure = match chances.first(&best.design, best.primary.as_deref().unwrap_or_default())? {
        Some(Share { factor, share, evidence, .. }) => {
            format!(
                "`{factor}`, {} evidence, has {} of the variance over the ranges: measure it first",
                grade(*evidence),
                percent(*share)
            )
        }
        None => "no single value stands out over the ranges".to_owned(),
    };
    let site = 1.0 - own_share(best);
    let (heading, advice) = match site > HALF {
        true => (
            "Five nines are decided by what takes all machines down together",
            "A second site, or changes made to one machine at a time, can spare more than any design that leaves these out. ",
        ),
        false => ("What takes all machines down together is the smaller part", ""),
    };
    Ok(format!(
        "**{heading}**, {} of the downtime of {}: for five nines {needed}. {advice}{measure}.",
        percent(site),
        best.design,
    ))
}

fn containment(designs: &Designs, turned: &Turned) -> Result<String, String> {
    let (standard, actors) = (designs.of("standard")?, designs.of("actors")?);
    let ratio = value(downtime(actors)) / value(downtime(standard));
    let dropped = |point| measure(point, "dropped per million");
    let heading = match 1.0 - ratio {
        saved if saved > CLOSE => "Containment by actors is worth downtime and calls",
        saved if saved > -CLOSE => "Containment by actors is worth calls, hardly any downtime",
        _ => "Containment by actors costs downtime",
    };
    Ok(format!(
        "**{heading}**: {:.0} of a million calls are dropped instead of {:.0}, while the downtime \
         is {ratio:.2} times that of the standard server on one machine. It saves downtime, too, with: {}.",
        dropped(actors),
        dropped(standard),
        listed(&turned.with_order("actors", "standard")),
    ))
}

fn replication(designs: &Designs, turned: &Turned) -> Result<String, String> {
    let (alone, copied, pair) = (designs.of("actors")?, designs.of("actors, replicated")?, designs.of("VRRP pair")?);
    let own = |point| value(by(point, WITHOUT_SITE));
    let heading = match own(copied) > own(pair) {
        true => "Replicating the machine masks the machine alone",
        false => "Replicating the machine is as good as a pair that takes over",
    };
    Ok(format!(
        "**{heading}**: without the site the actors are down {} instead of {}, but what fails in the guest \
         fails in its copy, so a pair that takes over by VRRP is down {}. Replication is the better of the two with: {}.",
        duration(own(copied)),
        duration(own(alone)),
        duration(own(pair)),
        listed(&turned.with_order("actors, replicated", "VRRP pair")),
    ))
}

fn calls(designs: &Designs) -> Result<String, String> {
    let defects = |point: &&fivenines::experiment::outcome::Point| measure(point, "defects per million");
    let least = designs.points.iter().min_by(|x, y| defects(x).total_cmp(&defects(y)));
    let Some(least) = least else { return Err("no designs".to_owned()) };
    let best = &designs.points[0];
    let (heading, choice) = match least.design == best.design {
        true => ("Least downtime and fewest lost calls are one design", ""),
        false => (
            "Least downtime and fewest lost calls are two designs",
            " Which of the two is wanted is the first decision.",
        ),
    };
    Ok(format!(
        "**{heading}**: {} spoils {:.0} of a million calls at {} a year, {} spoils {:.0} at {}.{choice}",
        least.design,
        defects(&least),
        duration(value(downtime(least))),
        best.design,
        defects(&best),
        duration(value(downtime(best))),
    ))
}

/// What each design gains most from, the site aside.
fn levers(designs: &Designs, turned: &Turned) -> Result<String, String> {
    let mut text = "What each design gains most from, the site's values aside (elasticity, and what half or double would make of the \
                    downtime):\n\n"
        .to_owned();
    text += &head(3, &["design", "downtime per year", "levers"]);
    for design in KINDS {
        let all = of_design(turned, design).influences;
        let own = |of: &&Influence| {
            !["environment.operator", "environment.network"].iter().any(|site| of.parameter.starts_with(site))
                && of.elasticity.estimate.is_some_and(|value| value.abs() >= 0.02)
        };
        let lever = |of: &Influence| {
            let elasticity = of.elasticity.estimate.unwrap_or(0.0);
            let better = if elasticity > 0.0 { ("half", &of.divided) } else { ("double", &of.multiplied) };
            format!(
                "{} of `{}`: {} ({elasticity:.2}, {})",
                better.0,
                of.parameter,
                duration(value(Some(better.1))),
                grade(of.evidence)
            )
        };
        let levers: Vec<String> = all.iter().filter(own).take(LEVERS).map(lever).collect();
        let levers = if levers.is_empty() { "none: the site is all".to_owned() } else { levers.join("; ") };
        text += &row(&[design, &duration(value(downtime(designs.of(design)?))), &levers]);
    }
    Ok(text)
}
