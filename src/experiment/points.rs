//! Designs × sweep values → flat nets.
//!
//! What is given is a parameter of a net, or a value of a parameter file that a net imports (`environment.operator`), in
//! all nets that do. A parameter that the scenario gives to all designs, or sweeps, must belong to at least one of them; the others are
//! unaffected, so that designs of different parameters can share a sweep (and the point is solved once for them).
//! What a design is given itself must belong to its net. `design.parameter` is swept, or set, in one design alone.
//! A sweep wins over a design's own value, and that over the scenario's; what is set from outside wins over all.

use super::blame::blamed;
use super::cells::{self, Table};
use super::plan::{Axis, Planned};
use super::read::Reading;
use super::workshop::Origin;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span, nearest};
use crate::net::imported::{self, Imported};
use crate::net::{Limits, Net};
use crate::syntax::ast::{Definition, Design, Document, Scenario};
use crate::syntax::constant::{Constant, constant};
use crate::syntax::expr::{Expr, ExprKind, Name};
use indexmap::{IndexMap, IndexSet};
use std::sync::Arc;

/// Most points of a scenario.
pub const MOST_POINTS: usize = 10_000;

/// One design at one sweep point, whether its net is sound or not.
#[derive(Debug, Clone)]
pub struct Point {
    /// Index of the design.
    pub design: usize,
    /// Its name.
    pub name: String,
    /// Swept parameters with their values.
    pub at: Vec<(String, Expr)>,
    /// Those as written.
    pub words: IndexMap<String, String>,
    /// What was set from outside, as written.
    pub set: Vec<(String, String)>,
    /// Its net, if it has no mistake.
    pub net: Option<Arc<Net>>,
    /// The leading condition.
    pub primary: Option<usize>,
    /// What its net is made of.
    pub origin: Origin,
}

impl Point {
    /// What is carried out.
    pub fn planned(self) -> Option<Planned> {
        Some(Planned { design: self.name, at: self.words, set: self.set, net: self.net?, primary: self.primary })
    }
}

/// The design that a name speaks of alone, the longest that fits, and the parameter: `two crews.mtbf`.
pub fn alone<'n, 'd>(name: &'n str, designs: impl Iterator<Item = &'d str>) -> Option<(usize, &'n str)> {
    let of = |(i, design): (usize, &str)| Some((i, name.strip_prefix(design)?.strip_prefix('.')?));
    designs.enumerate().filter_map(of).filter(|(_, parameter)| !parameter.is_empty()).min_by_key(|(_, rest)| rest.len())
}

/// What is known of a design before it is flattened.
struct Known {
    file: String,
    /// Parameters and colour sets; none when its file can't be used.
    parameters: Option<Vec<String>>,
    /// Parameter files that its net imports, itself or by modules.
    imported: Vec<Imported>,
    /// The tables among all these, as the scenario has them.
    tables: Vec<Table>,
}

impl Known {
    /// What a name means there: itself, or the whole name of an imported value; of a cell its table's, with its keys.
    fn meaning(&self, name: &str) -> Option<String> {
        let (base, keys) = cells::split(name);
        let own = self.parameters.as_ref()?.iter().any(|own| own == base);
        let file = || Some(imported::having(&self.imported, base).first()?.path.clone());
        let whole = if own { base.to_string() } else { format!("{}.{}", file()?, imported::parts(base)?.1) };
        Some(cells::joined(&whole, &keys))
    }

    /// The table of that name.
    fn table(&self, base: &str) -> Option<&Table> {
        let meaning = self.meaning(base)?;
        self.tables.iter().find(|table| table.meaning == meaning)
    }

    /// What the scenario gives instead of tables, or in their place.
    fn instead(&mut self, given: &[Definition]) {
        for of in given {
            let Some(meaning) = self.meaning(&of.name.text) else { continue };
            self.tables.retain(|table| table.meaning != meaning);
            if matches!(of.value.kind, ExprKind::Table(_)) {
                self.tables.push(Table { meaning, title: of.name.text.clone(), value: of.value.clone() });
            }
        }
    }
}

/// All points: for each combination of the sweep's values (the last varies fastest) every design.
pub fn points(
    scenario: &Scenario,
    (file, is_scenario): (&str, bool),
    set: &[Definition],
    reading: &mut Reading,
) -> Vec<Point> {
    let know = |design: &Design| {
        let mut known = know(design, file, is_scenario, reading);
        known.instead(&scenario.with);
        known.instead(&design.with);
        known
    };
    let known: Vec<Known> = scenario.designs.iter().map(know).collect();
    if scenario.designs.is_empty() && !reading.diagnostics.has_errors() {
        let diagnostic = Diagnostic::error("E0902", scenario.span, "a scenario without designs");
        reading.diagnostics.push(diagnostic.help("name at least one: `designs: {\"mine\": (net: \"mine.ron\")}`"));
    }
    check_names(scenario, set, &known, reading);
    let same = |given: &str, swept: &str| {
        given == swept || known.iter().any(|of| of.meaning(given).is_some_and(|all| of.meaning(swept) == Some(all)))
    };
    let sets = |given: &&Definition, swept: &Name| {
        same(&given.name.text, &swept.text)
            || names(scenario, swept).is_some_and(|(_, common)| same(&given.name.text, common))
    };
    let sweep: Vec<(&Name, Vec<&Expr>)> = scenario
        .sweep
        .iter()
        .map(|(name, values)| match set.iter().rev().find(|given| sets(given, name)) {
            Some(given) => (name, vec![&given.value]),
            None => (name, values.iter().collect()),
        })
        .collect();
    let combinations = sweep.iter().try_fold(1_usize, |n, (_, values)| n.checked_mul(values.len()));
    let count = combinations.and_then(|n| n.checked_mul(scenario.designs.len())).unwrap_or(usize::MAX);
    if count > MOST_POINTS {
        let span = scenario.sweep.first().map_or(scenario.span, |(name, _)| name.span);
        let message = format!("the sweep spans more than {MOST_POINTS} points");
        reading.diagnostics.push(Diagnostic::error("E0915", span, message).help("sweep fewer values"));
        return Vec::new();
    }
    let mut flattener = Flattener { scenario, set, known: &known, cache: Vec::new() };
    let mut points = Vec::new();
    for combination in 0..combinations.unwrap_or(0) {
        let at = pick(&sweep, combination);
        for design in 0..scenario.designs.len() {
            points.push(flattener.point(design, &at, reading));
        }
    }
    points
}

/// The swept parameter with the most values, of those whose values are all numbers, the first of equals; of a law with
/// one parameter, that number.
pub fn axis(scenario: &Scenario, points: &[Point]) -> Option<Axis> {
    let distinct = |axis: &Axis| {
        let mut values = axis.values.clone();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values.len()
    };
    let axes = scenario.sweep.iter().enumerate().filter_map(|(i, (name, _))| along(name, i, points));
    axes.rev().max_by_key(distinct)
}

/// A swept parameter of that number as numbers.
fn along(name: &Name, index: usize, points: &[Point]) -> Option<Axis> {
    let read = |point: &Point| number(&point.at.get(index)?.1);
    let found: Vec<(Option<String>, Constant)> = points.iter().map(read).collect::<Option<_>>()?;
    let kind = |(law, constant): &(Option<String>, Constant)| (law.clone(), constant.dimension);
    let first = kind(found.first()?);
    let sound = found.iter().all(|value| kind(value) == first && value.1.value.is_finite());
    let values = found.iter().map(|(_, constant)| constant.value).collect();
    sound.then(|| Axis { parameter: name.text.clone(), dimension: first.1, values })
}

/// A swept value as a number, with the name of the law that it is the only parameter of.
fn number(value: &Expr) -> Option<(Option<String>, Constant)> {
    // What isn't a constant is no mistake here.
    let mut unheard = Diagnostics::default();
    if let Some(constant) = constant(value, &mut unheard) {
        return Some((None, constant));
    }
    match &value.kind {
        ExprKind::Call(law, arguments) if arguments.len() == 1 => {
            Some((Some(law.text.clone()), constant(&arguments[0].value, &mut unheard)?))
        }
        _ => None,
    }
}

/// The design of a scenario that a name speaks of alone, and the parameter.
fn names<'n>(scenario: &Scenario, name: &'n Name) -> Option<(usize, &'n str)> {
    alone(&name.text, scenario.designs.iter().map(|design| design.name.text.as_str()))
}

/// The values of one combination.
fn pick<'s>(sweep: &[(&'s Name, Vec<&'s Expr>)], mut combination: usize) -> Vec<(&'s Name, &'s Expr)> {
    let mut at: Vec<(&Name, &Expr)> = Vec::new();
    for (name, values) in sweep.iter().rev() {
        at.push((name, values[combination % values.len()]));
        combination /= values.len();
    }
    at.reverse();
    at
}

/// Reads a design's file.
fn know(design: &Design, file: &str, is_scenario: bool, reading: &mut Reading) -> Known {
    let path = match is_scenario {
        true => reading.library.resolve(file, &design.net.text),
        false => file.to_string(),
    };
    let document = reading.library.document_used(&path, design.net.span, reading.sources, reading.diagnostics);
    let mut tables = Vec::new();
    let is_table = |value: &Expr| matches!(value.kind, ExprKind::Table(_));
    let parameters = match document {
        Some(Document::Net(net)) => {
            let own = net.parameters.iter().filter_map(|of| Some((&of.name.text, of.value.clone()?)));
            let own = own.filter(|(_, value)| is_table(value));
            tables.extend(own.map(|(name, value)| Table { meaning: name.clone(), title: name.clone(), value }));
            let names = net.parameters.iter().chain(&net.colours).map(|declared| declared.name.text.clone());
            Some(names.collect())
        }
        Some(_) => {
            let message = format!("`{}` doesn't hold a net", design.net.text);
            let help = "a design's `net` is the path of a file with `Net(…)`";
            reading.diagnostics.push(Diagnostic::error("E0902", design.net.span, message).help(help));
            None
        }
        None => None,
    };
    let imported = reading.library.imported(&path, reading.sources);
    for Imported { path, .. } in &imported {
        let of_file = reading.library.document(path, reading.sources, &mut Diagnostics::default());
        let Some(Document::Parameters(of)) = of_file else { continue };
        tables.extend(of.values.into_iter().filter(|of| is_table(&of.value)).map(|of| {
            let name = of.name.text;
            let title = format!("{}.{name}", imported::title(&imported, path));
            Table { meaning: format!("{path}.{name}"), title, value: of.value }
        }));
    }
    Known { file: path, parameters, imported, tables }
}

/// Names that no design has, and names that are both given and swept.
fn check_names(scenario: &Scenario, set: &[Definition], known: &[Known], reading: &mut Reading) {
    let every: Vec<&Known> = known.iter().collect();
    let swept = scenario.sweep.iter().map(|(name, _)| name);
    let common = scenario.with.iter().map(|given| &given.name).chain(swept).chain(set.iter().map(|given| &given.name));
    for name in common {
        match names(scenario, name) {
            None => check_name(name, &name.text, &every, "no design has a parameter", reading),
            Some((design, own)) => check_name(name, own, &every[design..=design], OWN, reading),
        }
    }
    for (design, known) in scenario.designs.iter().zip(known) {
        design.with.iter().for_each(|given| check_name(&given.name, &given.name.text, &[known], OWN, reading));
    }
    check_once(scenario, reading.diagnostics);
}

/// What is wrong with a name of one design.
const OWN: &str = "its net has no parameter";

/// A name that means nothing in any of some designs, or values of two files.
fn check_name(at: &Name, called: &str, known: &[&Known], wrong: &str, reading: &mut Reading) {
    let (name, keys) = cells::split(called);
    let whole = known.iter().all(|of| of.parameters.is_some());
    let own: IndexSet<&str> =
        known.iter().filter_map(|of| of.parameters.as_ref()).flatten().map(String::as_str).collect();
    if whole && known.iter().any(|of| of.meaning(name).is_some()) {
        reading.diagnostics.extend(check_cell(at, (name, &keys), known));
    }
    if !whole || own.contains(name) {
        return;
    }
    let mut files: Vec<Imported> = Vec::new();
    for of in known.iter().flat_map(|of| &of.imported) {
        match files.iter_mut().find(|known| known.path == of.path) {
            Some(known) => known.aliases.extend(of.aliases.iter().cloned()),
            None => files.push(of.clone()),
        }
    }
    let having: Vec<String> = imported::having(&files, name).iter().map(|of| format!("`{}`", of.path)).collect();
    match having.len() {
        0 => {
            let (meant, dotted) = (imported::meant(&files, name), imported::parts(name).is_some());
            let message = format!("{wrong} `{name}`");
            let diagnostic = Diagnostic::error("E0906", at.span, message);
            let tables: Vec<&Table> = known.iter().flat_map(|of| &of.tables).collect();
            if let Some(cell) = cells::dotted(&tables, called) {
                reading.diagnostics.push(diagnostic.help(format!("did you mean `{cell}`?")));
                return;
            }
            reading.diagnostics.push(match meant.as_slice() {
                [only] if dotted || imported::parts(only).is_some_and(|(_, value)| value == name) => {
                    diagnostic.help(format!("did you mean `{only}`?"))
                }
                meant => {
                    let values = meant.iter().map(String::as_str).filter(|_| dotted);
                    suggest(diagnostic, name, &values.chain(own).collect::<Vec<_>>())
                }
            });
        }
        1 => {}
        // Where one net imports both, the net tells it.
        _ if known.iter().any(|of| imported::having(&of.imported, name).len() > 1) => {}
        _ => {
            let message = format!("`{name}` is a value of {}", having.join(" and of "));
            let diagnostic = Diagnostic::error("E0919", at.span, message);
            reading.diagnostics.push(diagnostic.help("write more of the path before it, as `params/hosts.mtbf`"));
        }
    }
}

/// A cell that no table of some designs has.
fn check_cell(at: &Name, (name, keys): (&str, &[&str]), known: &[&Known]) -> Option<Diagnostic> {
    let tables: Vec<&Table> = known.iter().filter_map(|of| of.table(name)).collect();
    if keys.is_empty() || tables.iter().any(|table| cells::with(&table.value, keys, &table.value).is_some()) {
        return None;
    }
    Some(match tables.first() {
        Some(table) => {
            let message = format!("`{}` is no cell of `{name}`", cells::joined(name, keys));
            Diagnostic::error("E0906", at.span, message).help(cells::help(table, keys))
        }
        None => {
            let message = format!("`{name}` is no table, so that it has no cell `{}`", cells::joined("", keys));
            Diagnostic::error("E0906", at.span, message)
                .help("name the whole of it, or a cell of the table that it names")
        }
    })
}

/// What is given to a design, or to all, isn't swept there too; nor is what is swept for all swept for one.
fn check_once(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    let own =
        scenario.designs.iter().enumerate().flat_map(|(i, design)| design.with.iter().map(move |of| (Some(i), of)));
    let given =
        scenario.with.iter().map(|given| (None, given)).chain(own).map(|(of, given)| (of, &given.name, "given"));
    let swept = scenario.sweep.iter().map(|(name, _)| (None, name, "swept for all"));
    for (design, name, how) in given.chain(swept) {
        let same = |other: &Name| match names(scenario, other) {
            None => how == "given" && other.text == name.text,
            Some((of, parameter)) => parameter == name.text && (design == Some(of) || how != "given"),
        };
        if let Some((other, _)) = scenario.sweep.iter().find(|(other, _)| same(other)) {
            let what = if how == "given" { "given and swept" } else { "swept for all designs and for one" };
            let message = format!("`{}` is both {what}", name.text);
            let diagnostic = Diagnostic::error("E0907", name.span, message).also(other.span, "swept here");
            diagnostics.push(diagnostic.help("leave one of them out"));
        }
    }
}

/// Adds the nearest name, or else the names that there are.
pub fn suggest(diagnostic: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.help("there are none"),
        None => {
            let list: Vec<String> = known.iter().take(20).map(|name| format!("`{name}`")).collect();
            diagnostic.help(format!("there are: {}", list.join(", ")))
        }
    }
}

/// Flattens designs, each with the same values once.
struct Flattener<'f> {
    scenario: &'f Scenario,
    set: &'f [Definition],
    known: &'f [Known],
    cache: Vec<Flattened>,
}

/// A design with certain values.
struct Flattened {
    design: usize,
    /// Where the values stand.
    values: Vec<Span>,
    net: Option<Arc<Net>>,
    primary: Option<usize>,
}

impl Flattener<'_> {
    fn point(&mut self, index: usize, at: &[(&Name, &Expr)], reading: &mut Reading) -> Point {
        let design = &self.scenario.designs[index];
        let given = self.given(index, at);
        // Of a table with several cells given only one span is known.
        let cells = at.iter().filter(|(name, _)| !cells::split(&name.text).1.is_empty()).map(|(_, value)| value.span);
        let key: Vec<Span> = given.iter().map(|given| given.value.span).chain(cells).collect();
        let cached = self.cache.iter().find(|known| known.design == index && known.values == key);
        let (net, primary) = match cached {
            Some(known) => (known.net.clone(), known.primary),
            None => {
                let (net, primary) = self.flatten(index, &given, reading);
                self.cache.push(Flattened { design: index, values: key, net: net.clone(), primary });
                (net, primary)
            }
        };
        let swept = |name: &str| at.iter().any(|(swept, _)| swept.text == name);
        let set = self.set.iter().filter(|given| !swept(&given.name.text));
        Point {
            design: index,
            name: design.name.text.clone(),
            at: at.iter().map(|(name, value)| (name.text.clone(), (*value).clone())).collect(),
            words: at.iter().map(|(name, value)| (name.text.clone(), written(value, reading.sources))).collect(),
            set: set.map(|given| (given.name.text.clone(), written(&given.value, reading.sources))).collect(),
            net,
            primary,
            origin: Origin {
                file: self.known[index].file.clone(),
                given,
                importance: self.scenario.importance.clone(),
            },
        }
    }

    /// What one design is given at one point, the strongest word for each.
    fn given(&self, index: usize, at: &[(&Name, &Expr)]) -> Vec<Definition> {
        let known = &self.known[index];
        let mut given: IndexMap<String, Definition> = IndexMap::new();
        let swept = at.iter().map(|(name, value)| Definition { name: (*name).clone(), value: (*value).clone() });
        let design = &self.scenario.designs[index];
        let (one, common): (Vec<&Definition>, Vec<&Definition>) =
            self.set.iter().partition(|set| names(self.scenario, &set.name).is_some());
        let set = common.into_iter().chain(one).cloned();
        let common = self.scenario.with.iter().cloned().map(|of| (false, of));
        let own = design.with.iter().cloned().map(|of| (true, of));
        for (is_own, Definition { name, value }) in common.chain(own).chain(swept.chain(set).map(|of| (false, of))) {
            let alone = if is_own { None } else { names(self.scenario, &name) };
            let (of, parameter) = alone.unwrap_or((index, name.text.as_str()));
            let (base, keys) = cells::split(parameter);
            if let Some(meaning) = known.meaning(base).filter(|_| of == index) {
                let standing = given.get(&meaning).map(|given| &given.value);
                let standing = standing.or_else(|| known.table(base).map(|table| &table.value));
                let value = match keys.as_slice() {
                    [] => Some(value),
                    keys => standing.and_then(|table| cells::with(table, keys, &value)),
                };
                let name = Name { text: base.to_string(), span: name.span };
                given.extend(value.map(|value| (meaning, Definition { name, value })));
            }
        }
        given.into_values().collect()
    }

    fn flatten(&self, index: usize, given: &[Definition], reading: &mut Reading) -> (Option<Arc<Net>>, Option<usize>) {
        let (design, known) = (&self.scenario.designs[index], &self.known[index]);
        if known.parameters.is_none() {
            return (None, None);
        }
        let limits = Limits::default();
        let file = (known.file.as_str(), self.scenario.importance.as_ref());
        let mut found = Diagnostics::default();
        let net = reading.library.flatten_guided(reading.sources, file, given, &limits, &mut found);
        let told = if net.is_some() { found.sorted() } else { blamed(file, given, &found, reading) };
        reading.diagnostics.extend(told);
        let Some(net) = net else { return (None, None) };
        if net.up.is_empty() && net.measures.is_empty() && net.questions.list.is_empty() {
            let message = format!("`{}` has neither an `up` condition nor a measure", design.name.text);
            let diagnostic = Diagnostic::error("E0914", design.net.span, message);
            reading
                .diagnostics
                .push(diagnostic.help("there is nothing to estimate; add `up: {\"service\": \"#Up > 0\"}` to its net"));
        }
        let primary = match &design.primary {
            None => (!net.up.is_empty()).then_some(0),
            Some(wanted) => {
                let found = net.up.iter().position(|up| up.name == wanted.text);
                if found.is_none() {
                    let names: Vec<&str> = net.up.iter().map(|up| up.name.as_str()).collect();
                    let message = format!("`{}` has no `up` condition `{}`", design.name.text, wanted.text);
                    let diagnostic = Diagnostic::error("E0909", wanted.span, message);
                    reading.diagnostics.push(suggest(diagnostic, &wanted.text, &names));
                }
                found
            }
        };
        (Some(Arc::new(net)), primary)
    }
}

/// An expression as it stands in its source.
pub fn written(expr: &Expr, sources: &Sources) -> String {
    let text = &sources.get(expr.span.source).text;
    let (start, end) = (expr.span.start as usize, expr.span.end as usize);
    text.get(start..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
