//! What is no emulation: the load balancer, which is a net, and the rates that are parameters of nets.

use super::folder::Folder;
use super::{run, table};
use fivenines::experiment::Overrides;
use std::path::Path;

/// How many machines a load balancer needs.
pub fn balancer(root: &Path) -> Result<String, String> {
    let file = "scenarios/load-balancer.ron";
    let outcome = run::outcome(&Folder(root), file, &Overrides::default(), &|_| true)?;
    let mut text = format!("\n## {}\n\n{}\n\n", outcome.scenario, outcome.doc.as_deref().unwrap_or_default());
    text +=
        &table::head(0, &["machines", "availability of all demand", "share of the demand served", "of some service"]);
    for point in &outcome.points {
        let machines = point.at.first().map_or(String::new(), |(_, value)| value.clone());
        let up = |name: &str| point.up.get(name).and_then(|measures| measures.get("availability"));
        let served = point.measures.get("share of the demand served");
        let cells = [up("all demand"), served, up("some service")];
        let cells =
            cells.map(|estimate| estimate.and_then(|e| e.estimate).map_or("–".to_owned(), |x| format!("{x:.7}")));
        text += &table::row(&[&machines, &cells[0], &cells[1], &cells[2]]);
    }
    Ok(text + &format!("\n```sh\nfivenines run {file}\n```\n"))
}

/// Failure rates that the thesis states (chapters 2 and 3), and the parameter of our designs that each became.
const RATES: [(&str, &str, &str); 6] = [
    ("server hardware, MTBF", "about 6.5 years", "host"),
    ("server hardware, MTBF, of another source", "50 000 h to 300 000 h", ""),
    ("operating system, MTBF", "60 days", "system"),
    ("circuit-switch modules and routers, MTBF", "about 1 000 000 h", "network"),
    ("terminals, MTBF", "200 000 h to 400 000 h", ""),
    ("actor or section of code, E(X)", "2208 h", "section"),
];

/// What is published of failure rates, beside what our designs take.
pub fn rates(root: &Path) -> Result<String, String> {
    let file = "models/params/environment.ron";
    let parameters = std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    let mut text = "\n## Failure rates that the thesis states\n\n".to_owned();
    text += &format!(
        "They are input of the designs ([designs.md](designs.md)), from `{file}`; those without a parameter are no part of \
         any design: terminals are the users' own, and the wide range of servers holds the other figure (57 000 h).\n\n"
    );
    text += &table::head(3, &["of", "published", "our parameter", "its value"]);
    for (what, published, name) in RATES {
        let value = match name {
            "" => "–",
            name => value(&parameters, name).ok_or_else(|| format!("{file} has no {name}"))?,
        };
        text += &table::row(&[what, published, if name.is_empty() { "–" } else { name }, value]);
    }
    Ok(text)
}

/// The value of a parameter, as it is written.
fn value<'t>(parameters: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = parameters.split_once(&format!("\"{name}\": (value: \""))?;
    rest.split('"').next()
}
