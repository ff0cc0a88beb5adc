//! Fault class against design (`models/params/coverage.ron`): each cell is read, by its own design, and the report shows
//! what the file says.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::{Overrides, Plan, Reading, Workshop, plan};
use fivenines::net::load::{Loader, join};
use fivenines::net::{Library, Net};
use fivenines::syntax::ast::{Document, Evidence, ParameterValue, Role, Uncertainty};
use fivenines::syntax::constant::constant;
use fivenines::syntax::expr::{Expr, ExprKind};
use fivenines::syntax::{parse, parse_expr, print_expr};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FILE: &str = "models/params/coverage.ron";

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a committed file")
}

fn values() -> Vec<ParameterValue> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let text = text(FILE);
    let source = sources.add(FILE, text.as_str());
    let Some(Document::Parameters(file)) = parse(source, text.as_bytes(), &mut diagnostics) else {
        panic!("{FILE} holds no parameters")
    };
    assert!(diagnostics.is_empty());
    file.values
}

struct Folder;

impl Loader for Folder {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(text(path).into_bytes())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        join(base, relative)
    }
}

fn designs() -> Plan {
    let (mut library, mut sources, mut diagnostics) =
        (Library::new(&Folder), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    plan("scenarios/designs.ron", &Overrides::default(), &mut reading).expect("a plan")
}

/// Without the words for its parameters, which tell what was set even where nothing hangs on it.
fn bare(net: &Net) -> Net {
    Net { parameters: Vec::new(), ..net.clone() }
}

/// The cells of a block: row, class, value.
type Cells<'v> = Vec<(String, String, &'v Expr)>;

/// The blocks, and their cells.
fn blocks(values: &[ParameterValue]) -> Vec<(&ParameterValue, Cells<'_>)> {
    fn of_value(value: &ParameterValue) -> Option<Cells<'_>> {
        let ExprKind::Table(rows) = &value.value.kind else { return None };
        let of_row = rows.iter().flat_map(|(name, row)| {
            let ExprKind::Table(cells) = &row.kind else { panic!("{} is no row", print_expr(name)) };
            cells.iter().map(move |(class, cell)| (print_expr(name), print_expr(class), cell))
        });
        Some(of_row.collect())
    }
    values.iter().filter_map(|value| Some((value, of_value(value)?))).collect()
}

/// A block with another number in some of its cells.
fn altered(block: &Expr, wanted: &dyn Fn(&str, &str) -> bool) -> Expr {
    let mut block = block.clone();
    let ExprKind::Table(rows) = &mut block.kind else { panic!("no block") };
    for (name, row) in rows {
        let ExprKind::Table(cells) = &mut row.kind else { panic!("no row") };
        for (_, cell) in cells.iter_mut().filter(|(class, _)| wanted(&print_expr(name), &print_expr(class))) {
            cell.kind = ExprKind::Number(0.371);
        }
    }
    block
}

fn net(workshop: &Workshop, point: usize, value: &ParameterValue, other: Expr) -> Net {
    let redefined = [(FILE.to_owned(), value.name.text.clone(), other)];
    bare(&workshop.redefined(point, &redefined).expect("a net"))
}

#[test]
fn each_design_reads_a_block_of_its_own_and_each_of_its_cells() {
    let (plan, values) = (designs(), values());
    let workshop = plan.studies.workshop.clone().expect("the nets' files");
    let plain: Vec<Net> = plan.points.iter().map(|point| bare(&point.net)).collect();
    let mut designs: BTreeMap<&str, &str> = BTreeMap::new();
    for (block, cells) in blocks(&values) {
        let whole = altered(&block.value, &|_, _| true);
        let changed = |point: &usize| net(&workshop, *point, block, whole.clone()) != plain[*point];
        let readers: Vec<usize> = (0..plain.len()).filter(changed).collect();
        let [own] = readers.as_slice() else { panic!("{} is read by {readers:?}", block.name.text) };
        let before = designs.insert(plan.points[*own].design.as_str(), block.name.text.as_str());
        assert_eq!(before, None, "two blocks of {}", plan.points[*own].design);
        assert!(cells.len() >= 20, "{}: {}", block.name.text, cells.len());
        for (row, class, _) in &cells {
            let one = altered(&block.value, &|of_row, of_class| of_row == row && of_class == class);
            assert!(
                net(&workshop, *own, block, one) != plain[*own],
                "{}: nobody reads {row} of {class}",
                block.name.text
            );
        }
    }
    assert_eq!(designs.len(), plan.points.len(), "{designs:?}");
}

#[test]
fn each_quantity_of_the_matrix_is_read_and_has_its_range_where_it_is_assumed() {
    let (plan, values) = (designs(), values());
    let workshop = plan.studies.workshop.clone().expect("the nets' files");
    for value in values.iter().filter(|value| !matches!(value.value.kind, ExprKind::Table(_))) {
        let name = &value.name.text;
        let other = Expr { kind: ExprKind::Number(0.371), ..value.value.clone() };
        let changed = |point: usize| net(&workshop, point, value, other.clone()) != bare(&plan.points[point].net);
        assert!((0..plan.points.len()).any(changed), "nobody reads {name}");
        let (grade, _) = value.evidence.expect("a grade");
        let range = match &value.uncertainty {
            Some(Uncertainty::Range { low, high, .. }) => Some((print_expr(low), print_expr(high))),
            _ => None,
        };
        let unknown = (grade == Evidence::Assumed).then(|| ("0".to_owned(), "1".to_owned()));
        assert_eq!(range, unknown, "{name}: what nobody has measured may be anything");
    }
    // A cell is a number, or says which quantity it hangs on.
    for (block, cells) in blocks(&values) {
        for (row, class, cell) in cells {
            let written = print_expr(cell);
            let named = |value: &&ParameterValue| written.split(' ').any(|word| word == value.name.text);
            let fixed = matches!(cell.kind, ExprKind::Number(x) if x == 0.0 || x == 1.0);
            assert!(
                fixed || values.iter().any(|value| named(&value)),
                "{}: {row} of {class} is {written}",
                block.name.text
            );
        }
    }
}

/// Faults come of the streams of their transitions: those of one machine strike the first machine of every design, and what
/// strikes the second of a pair strikes the second behind the balancer.
#[test]
fn every_design_has_the_same_faults() {
    let plan = designs();
    let faults = |design: &str| -> BTreeSet<String> {
        let point = plan.points.iter().find(|point| point.design == design).expect("a design");
        let fails = point.net.transitions.iter().filter(|t| t.role == Some(Role::Failure));
        fails
            .map(|t| t.stream.clone())
            .filter(|stream| stream.contains("faults.") || stream.contains("site."))
            .collect()
    };
    let (one, two) = (faults("standard"), faults("VRRP pair"));
    // Nine sections, hypervisor and host, network and operator; of a second machine the first eleven.
    assert_eq!((one.len(), two.len()), (13, 24), "{one:?} {two:?}");
    for point in &plan.points {
        let own = faults(&point.design);
        assert!(one.is_subset(&own), "{}: {own:?}", point.design);
        assert!(two.is_subset(&own) || !point.design.contains("balanced"), "{}: {own:?}", point.design);
    }
}

/// The number that a cell comes to.
fn number(values: &[ParameterValue], cell: &str) -> f64 {
    let word = |word: &str| match values.iter().find(|value| value.name.text == word) {
        Some(value) => print_expr(&value.value),
        None => word.to_owned(),
    };
    let words: Vec<String> = cell.split(' ').map(word).collect();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let text = words.join(" ");
    let source = sources.add("a cell", text.as_str());
    let parsed = parse_expr(source, &text, 0, &mut diagnostics).expect("an expression");
    constant(&parsed, &mut diagnostics).expect("a number").value
}

#[test]
fn the_report_shows_the_matrix_of_the_file() {
    let (report, file, values) = (text("reports/designs.md"), text(FILE), values());
    let (_, rest) = report.split_once("## Which fault each design detects").expect("the matrix");
    let section = rest.split("\n## ").next().expect("an end");
    let mut shown: BTreeMap<(String, String, String), (String, f64)> = BTreeMap::new();
    let (mut question, mut columns) = (String::new(), Vec::new());
    for line in section.lines() {
        if let Some((_, row)) = line.split_once(" Row `") {
            question = row.trim_end_matches("`.").to_owned();
        }
        let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
        if line.starts_with("| design") {
            columns = cells[1..].iter().map(|class| (*class).to_owned()).collect();
        }
        let Some((name, link)) = cells[0].strip_prefix('[').and_then(|cell| cell.split_once("](../")) else { continue };
        let (at, number) = link.trim_end_matches(')').split_once("#L").expect("a line");
        let lead = file.lines().nth(number.parse::<usize>().expect("a number") - 1).expect("a line");
        assert!(at == FILE && lead.contains(&format!("\"{name}\": (")), "{line}");
        for (class, cell) in columns.iter().zip(&cells[1..]).filter(|(_, cell)| **cell != "–") {
            let (written, value) = match cell.strip_prefix('`').and_then(|cell| cell.split_once("` ")) {
                Some((written, value)) => (written, value),
                None => (*cell, *cell),
            };
            let value = value.parse::<f64>().expect("a number");
            shown.insert((name.to_owned(), question.clone(), class.clone()), (written.to_owned(), value));
        }
    }
    let mut there = 0;
    for (block, cells) in blocks(&values) {
        for (row, class, cell) in cells {
            let key = (block.name.text.clone(), row, class);
            let (written, value) = shown.get(&key).unwrap_or_else(|| panic!("{key:?} isn't shown"));
            assert_eq!(*written, print_expr(cell), "{key:?}");
            assert!((value - number(&values, written)).abs() < 1e-12, "{key:?}: {value}");
            there += 1;
        }
    }
    assert_eq!(there, shown.len(), "the report shows cells that the file hasn't");
}
