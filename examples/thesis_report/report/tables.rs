//! The thesis's two tables, and the conditions that can be called a failure.

use super::figures::{RESTART, factor, per_year, plain, ratio, small};
use super::results::{Results, of, own, value};
use super::table::{head, row};
use fivenines::syntax::ast::Method;

/// Values of E(X) in the thesis's Table 2.
pub const RATES: [&str; 3] = ["2208 h", "1104 h", "552 h"];

/// Table 2, whose first row of each system is Table 1.
pub fn published(sweep: &Results, simulated: &Results) -> Result<String, String> {
    let mut text = head(
        2,
        &[
            "system",
            "E(X)",
            "published A",
            "published U",
            "simulated U, 95 %",
            "exact U",
            "closed form",
            "downtime per year",
            "factor",
        ],
    );
    for design in ["actor based", "standard"] {
        for at in RATES {
            let (published, ours) = (sweep.published(design, at)?, sweep.unavailability(design, at)?);
            text += &row(&[
                design,
                at,
                &published.value.to_string(),
                &plain(1.0 - published.value),
                &small(simulated.unavailability(design, at)?),
                &if sweep.point(design, at)?.method == Method::Exact { small(ours) } else { "–".into() },
                &plain(sweep.expected(design, at)?),
                &per_year(value(ours)?),
                &factor((1.0 - published.value) / value(ours)?),
            ]);
        }
    }
    Ok(text)
}

/// What a parameter of the standard system would have to be to give the published figures.
pub fn needed(sweep: &Results) -> Result<String, String> {
    let mut text = head(
        1,
        &[
            "E(X)",
            "published U",
            "most that any reading allows",
            "mean repair that would give it",
            "E(X) that would give it",
        ],
    );
    for at in RATES {
        let hours = hours(at)?;
        let theirs = 1.0 - sweep.published("standard", at)?.value;
        let ours = value(sweep.unavailability("standard", at)?)?;
        // Down over up time: proportional to the mean repair, and to 1/E(X).
        let odds = (theirs / (1.0 - theirs)) / (ours / (1.0 - ours));
        text += &row(&[
            at,
            &plain(theirs),
            &plain(6.0 * 300.0 / (hours * 3600.0)),
            &format!("{:.1} h", odds * RESTART / 3600.0),
            &format!("{:.2} h", hours / odds),
        ]);
    }
    Ok(text)
}

fn hours(text: &str) -> Result<f64, String> {
    text.trim_end_matches(" h").parse().map_err(|error| format!("{text}: {error}"))
}

/// Every meaning of "failed" for the transport layer, with its factor against Table 1.
pub fn meanings(first: &Results) -> Result<String, String> {
    let point = first.point("actor based", "")?;
    let theirs = 1.0 - first.published("actor based", "")?.value;
    let mut text = head(1, &["failed means", "U, or what is printed", "downtime per year", "published over computed"]);
    let conditions = [
        ("any actor is down (**leads**)", "all actors"),
        ("any of the four actors that a message passes is down", "transport service"),
        ("the supervisor is down", "supervisor"),
        ("the sender is down", "sender"),
        ("the receiver is down", "receiver"),
        ("the encoding is down", "encoding"),
        ("the transaction router is down", "router"),
    ];
    for (words, up) in conditions {
        let ours = of(point, up, "unavailability")?;
        let found = value(ours)?;
        text += &row(&[words, &small(ours), &per_year(found), &factor(theirs / found)]);
    }
    let escalations = of(point, "no escalation past the root", "failures per year")?;
    let bound = escalations.bound.as_ref().map(|bound| bound.value).or(escalations.high).unwrap_or(f64::NAN);
    text += &row(&[
        "a failure has escalated past the root",
        &format!("none seen: at most {} a year", plain(bound)),
        "–",
        "–",
    ]);
    let normalised = value(own(point, "availability (6), normalised")?)?;
    text += &row(&[
        "(6), normalised: share of restarts among the actors that run or are restarted",
        &plain(1.0 - normalised),
        &per_year(1.0 - normalised),
        &factor(theirs / (1.0 - normalised)),
    ]);
    for (words, measure) in [
        ("(1) P_failure", "P_failure (1)"),
        ("(2) P_operational, which is A in (6) as printed", "P_operational (2)"),
        ("(5) their sum, which should be 1", "P_operational + P_failure (5)"),
        ("(4) A = μ/(λ + μ) with the reciprocals of the text", "availability (4), by reciprocals"),
    ] {
        text += &row(&[words, &small(own(point, measure)?), "–", "–"]);
    }
    Ok(text)
}

/// Every meaning of "failed" for the whole server.
pub fn services(server: &Results) -> Result<String, String> {
    let point = server.point("SIP server", "")?;
    let mut text = head(1, &["condition", "U", "downtime per year", "failures per year"]);
    for up in point.up.keys() {
        let ours = of(point, up, "unavailability")?;
        let failures = of(point, up, "failures per year")?;
        let time = ours.estimate.map_or("–".into(), per_year);
        let rate = match (failures.estimate, &failures.bound) {
            (Some(rate), _) => format!("{rate:.2}"),
            (None, Some(bound)) => format!("≤ {}", plain(bound.value)),
            (None, None) => "–".into(),
        };
        text += &row(&[up, &small(ours), &time, &rate]);
    }
    Ok(text)
}

/// Restart time of the actors against the order of the systems.
pub fn restart(sweep: &Results) -> Result<String, String> {
    let mut text = head(
        1,
        &[
            "mean restart of an actor",
            "U, actor based",
            "downtime per year",
            "U, standard",
            "actor based over standard",
        ],
    );
    for point in sweep.points().iter().filter(|point| point.design == "actor based") {
        let at = point.at.values().next().map_or("", String::as_str);
        let (actors, standard) = (sweep.unavailability("actor based", at)?, sweep.unavailability("standard", at)?);
        let time = per_year(value(actors)?);
        text += &row(&[at, &small(actors), &time, &small(standard), &ratio(actors, standard)]);
    }
    Ok(text)
}
