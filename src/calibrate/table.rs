//! Text with commas → samples; whatever is wrong is named by line and column.

use super::quotes::{beginning, is_closed};
use super::sample::{Observation, Sample};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Span, nearest};
use crate::units::{self, Dimension};
use csv::{ReaderBuilder, StringRecord, Trim};

/// Columns with a meaning of their own, beside that of the durations.
const SPECIAL: [&str; 7] = ["low", "high", "entry", "exit", "ended", "censoring", "censored"];

/// Those that tell whether durations were seen to end.
const MARKS: [&str; 3] = ["ended", "censoring", "censored"];

/// Most columns of durations: every two of them are compared.
const MOST_QUANTITIES: usize = 100;

/// How a table is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Unit of columns whose heading names none, in seconds.
    pub unit: Option<f64>,
    /// The columns to take; all that have a unit if empty.
    pub columns: Vec<String>,
    /// A column whose values tell cases apart: each has a sample of its own, of the only column of durations.
    pub by: Option<String>,
    /// Step of the clock, seconds; else as many decimals as are written.
    pub resolution: Option<f64>,
}

/// The samples of a table, one for each column of durations, or for each case; none when `diagnostics` has an error.
///
/// Headings are `name [unit]`, `name (unit)` or `name_unit`. A table of one quantity may have further columns: `ended`
/// (1 or 0: whether the duration was seen to end), its opposite `censored`, or `censoring` (`none`, `right`, `left`);
/// `low` and `high` instead of the duration (an empty `high` is right-censored, an empty `low` left-censored); `entry` and `exit` (truncation).
/// In a table of several quantities an empty cell is a duration that wasn't measured, and no row may be censored, since
/// nothing would tell which of its durations that is about. Lines that begin with `#` are
/// comments.
pub fn samples(text: &str, source: SourceId, reading: &Reading, diagnostics: &mut Diagnostics) -> Vec<Sample> {
    let table = Table::read(text, source, reading, diagnostics);
    let Some(table) = table else { return Vec::new() };
    table.refuse_alike(diagnostics);
    table.refuse_long(diagnostics);
    let quantities = table.quantities(diagnostics);
    if quantities.len() > 1 {
        table.refuse_censored(diagnostics);
    }
    let mut samples = Vec::new();
    for (quantity, case) in table.wanted(&quantities, diagnostics) {
        let Observed { rows, observations, decimals } =
            table.observations(quantity, case, quantities.len() == 1, diagnostics);
        // Of a table with further columns one may be empty.
        if observations.is_empty() && quantities.len() > 1 && reading.columns.is_empty() {
            continue;
        }
        let resolution = reading.resolution.unwrap_or_else(|| quantity.unit * libm::exp10(-f64::from(decimals)));
        let name = case.map_or(quantity.name.as_str(), |(_, value)| value);
        match Sample::new(name, observations, resolution) {
            Ok(sample) => samples.push(Sample { rows, ..sample }),
            Err(_) if diagnostics.has_errors() => {}
            Err(fault) => diagnostics.push(
                Diagnostic::error("E1106", table.whole(), format!("`{name}`: {fault}"))
                    .help("give more observations, or counts: `--failures N --time '1 y'`"),
            ),
        }
    }
    if diagnostics.has_errors() { Vec::new() } else { samples }
}

/// A heading.
#[derive(Debug, Clone, PartialEq)]
struct Heading {
    name: String,
    /// Seconds.
    unit: Option<f64>,
    /// What stands in its brackets and is no unit.
    unknown: Option<String>,
    span: Span,
}

/// A column of durations.
#[derive(Debug, Clone, PartialEq)]
struct Quantity {
    name: String,
    unit: f64,
    column: Option<usize>,
}

/// A table as text, with the places of its rows.
struct Table<'t> {
    text: &'t str,
    source: SourceId,
    reading: &'t Reading,
    headings: Vec<Heading>,
    rows: Vec<(StringRecord, Span)>,
}

impl<'t> Table<'t> {
    fn read(text: &'t str, source: SourceId, reading: &'t Reading, diagnostics: &mut Diagnostics) -> Option<Table<'t>> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut rows: Vec<(StringRecord, Span)> = Vec::new();
        let mut record = StringRecord::new();
        if text.contains('\0') {
            let error = Diagnostic::error("E1101", line(text, 0, source), "the table isn't text in UTF-8");
            diagnostics.push(error.help("save it as CSV in UTF-8; UTF-16 and spreadsheets aren't read"));
            return None;
        }
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let start = record.position().map_or(0, |position| position.byte() as usize);
                    let (start, end) = (beginning(text, start), reader.position().byte() as usize);
                    let span = line(text, start, source);
                    if !is_closed(text.get(start..end).unwrap_or("")) {
                        let error = Diagnostic::error("E1104", span, "a quote isn't closed at the end of its cell");
                        diagnostics.push(error.help("a cell that begins with a quote ends with one; inside write two"));
                    }
                    rows.push((record.clone(), span));
                }
                Ok(false) => break,
                Err(error) => {
                    let span = Span::new(source, 0, text.len().min(1));
                    diagnostics.push(Diagnostic::error("E1101", span, format!("the table can't be read: {error}")));
                    return None;
                }
            }
        }
        let mut table = Table { text, source, reading, headings: Vec::new(), rows };
        if table.rows.is_empty() {
            diagnostics.push(
                Diagnostic::error("E1101", table.whole(), "the table is empty").help(
                    "the first line names the columns, such as `duration [s]`; every other line is an observation",
                ),
            );
            return None;
        }
        let (first, span) = &table.rows[0];
        if first.iter().any(|cell| cell.parse::<f64>().is_ok()) {
            // No headings: numbers from the first line on.
            let name = |i: usize| if first.len() == 1 { "duration".to_string() } else { format!("column {}", i + 1) };
            table.headings =
                (0..first.len()).map(|i| Heading { name: name(i), unit: None, unknown: None, span: *span }).collect();
        } else {
            table.headings = first.iter().map(|cell| heading(cell, *span)).collect();
            table.rows.remove(0);
        }
        Some(table)
    }

    fn whole(&self) -> Span {
        line(self.text, 0, self.source)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.headings.iter().position(|heading| heading.name.eq_ignore_ascii_case(name))
    }

    /// The columns of durations.
    fn quantities(&self, diagnostics: &mut Diagnostics) -> Vec<Quantity> {
        if self.reading.columns.is_empty() && (self.find("low").is_some() || self.find("high").is_some()) {
            return self.bounded(diagnostics).into_iter().collect();
        }
        let mut chosen: Vec<usize> = Vec::new();
        for wanted in &self.reading.columns {
            match self.find(wanted) {
                Some(index) => chosen.push(index),
                None => diagnostics.push(self.unknown(wanted)),
            }
        }
        if self.reading.columns.is_empty() {
            let plain = |heading: &Heading| !SPECIAL.contains(&heading.name.to_ascii_lowercase().as_str());
            let with_unit = |i: &usize| self.headings[*i].unit.is_some();
            let all: Vec<usize> = (0..self.headings.len()).filter(|i| plain(&self.headings[*i])).collect();
            chosen = all.iter().copied().filter(with_unit).collect();
            if chosen.is_empty() {
                chosen = all.into_iter().filter(|i| self.is_numeric(*i)).collect();
            }
        }
        if chosen.len() > MOST_QUANTITIES {
            let message = format!("{} columns hold durations, and {MOST_QUANTITIES} can be together", chosen.len());
            diagnostics.push(Diagnostic::error("E1102", self.whole(), message).help("take some with `--column NAME`"));
            return Vec::new();
        }
        if chosen.is_empty() && !diagnostics.has_errors() {
            let error = Diagnostic::error("E1102", self.whole(), "no column holds durations");
            diagnostics.push(error.help("name one `duration [s]`, or `low [s]` and `high [s]`"));
        }
        chosen.into_iter().filter_map(|index| self.quantity(index, diagnostics)).collect()
    }

    fn quantity(&self, index: usize, diagnostics: &mut Diagnostics) -> Option<Quantity> {
        let heading = &self.headings[index];
        match heading.unit.or(self.reading.unit) {
            Some(unit) => Some(Quantity { name: heading.name.clone(), unit, column: Some(index) }),
            None => {
                diagnostics.push(self.no_unit(heading));
                None
            }
        }
    }

    /// The only quantity of a table with `low` and `high`.
    fn bounded(&self, diagnostics: &mut Diagnostics) -> Option<Quantity> {
        let (Some(low), Some(high)) = (self.find("low"), self.find("high")) else {
            let error = Diagnostic::error("E1102", self.whole(), "`low` and `high` belong together");
            diagnostics.push(error.help("give both columns; an empty cell leaves that end open"));
            return None;
        };
        let units = [low, high].map(|index| self.headings[index].unit.or(self.reading.unit));
        match units {
            [Some(a), Some(b)] if a == b => Some(Quantity { name: "duration".to_string(), unit: a, column: None }),
            [Some(_), Some(_)] => {
                let error =
                    Diagnostic::error("E1102", self.headings[high].span, "`low` and `high` have different units");
                diagnostics.push(error.help("give both in one unit"));
                None
            }
            _ => {
                diagnostics.push(self.no_unit(&self.headings[low]));
                None
            }
        }
    }

    /// What has a sample of its own: each quantity, or each case of the only one.
    fn wanted<'q>(
        &'q self,
        quantities: &'q [Quantity],
        diagnostics: &mut Diagnostics,
    ) -> Vec<(&'q Quantity, Option<Case<'q>>)> {
        let Some(by) = &self.reading.by else { return quantities.iter().map(|of| (of, None)).collect() };
        let (Some(column), [only]) = (self.find(by), quantities) else {
            match self.find(by) {
                None => diagnostics.push(self.unknown(by)),
                Some(_) if quantities.is_empty() => {}
                Some(_) => {
                    let message = format!("cases by `{by}` are of one column of durations, and here are several");
                    let error = Diagnostic::error("E1102", self.whole(), message);
                    diagnostics.push(error.help("take one with `--column NAME`"));
                }
            }
            return Vec::new();
        };
        let mut values: Vec<&str> = Vec::new();
        for value in self.rows.iter().map(|(row, _)| row.get(column).unwrap_or("")) {
            if !values.contains(&value) && values.len() <= MOST_QUANTITIES {
                values.push(value);
            }
        }
        if values.len() > MOST_QUANTITIES {
            let message = format!("`{by}` has more than {MOST_QUANTITIES} values, each of which would be a case");
            diagnostics.push(Diagnostic::error("E1102", self.whole(), message).help("name a column of few values"));
            return Vec::new();
        }
        values.into_iter().map(|value| (only, Some((column, value)))).collect()
    }

    fn is_numeric(&self, index: usize) -> bool {
        self.rows.iter().any(|(row, _)| row.get(index).is_some_and(|cell| cell.parse::<f64>().is_ok()))
    }

    fn unknown(&self, wanted: &str) -> Diagnostic {
        let names: Vec<&str> = self.headings.iter().map(|heading| heading.name.as_str()).collect();
        let error = Diagnostic::error("E1102", self.whole(), format!("there is no column `{wanted}`"));
        match nearest(wanted, names.iter().copied()) {
            Some(name) => error.help(format!("did you mean `{name}`?")),
            None => error.help(format!("columns are {}", names.join(", "))),
        }
    }

    fn no_unit(&self, heading: &Heading) -> Diagnostic {
        let Some(unknown) = &heading.unknown else {
            return Diagnostic::error("E1103", heading.span, format!("`{}` has no unit", heading.name))
                .help(format!("write `{} [ms]`, or give `--unit ms`", heading.name));
        };
        let meant = units::nearest_unit(unknown).filter(|unit| seconds(unit).is_some()).unwrap_or("s");
        Diagnostic::error("E1103", heading.span, format!("`{unknown}` is no unit of time"))
            .help(format!("write `{} [{meant}]`", heading.name))
    }

    /// Names the columns that can't be told apart, or say the same thing.
    fn refuse_alike(&self, diagnostics: &mut Diagnostics) {
        for (index, heading) in self.headings.iter().enumerate() {
            let same = |name: &str| heading.name.eq_ignore_ascii_case(name);
            let unit = heading.unit.or(self.reading.unit.filter(|_| self.is_numeric(index)));
            let matters = unit.is_some() || SPECIAL.iter().any(|name| same(name));
            if matters && self.headings[..index].iter().any(|other| same(&other.name)) {
                let error =
                    Diagnostic::error("E1102", heading.span, format!("two columns are called `{}`", heading.name));
                diagnostics.push(error.help("give each a name of its own"));
            }
        }
        let marks: Vec<&str> = MARKS.into_iter().filter(|name| self.find(name).is_some()).collect();
        if let [one, other, ..] = marks[..] {
            let message = format!("`{one}` and `{other}` both tell whether durations were seen to end");
            diagnostics.push(Diagnostic::error("E1102", self.headings[0].span, message).help("leave one of them out"));
        }
    }

    /// Names the rows that have more cells than there are columns: a decimal comma would lose what stands behind it.
    fn refuse_long(&self, diagnostics: &mut Diagnostics) {
        let columns = self.headings.len();
        for (row, span) in &self.rows {
            if row.iter().skip(columns).any(|cell| !cell.is_empty()) {
                let columns = if columns == 1 { "1 column".to_string() } else { format!("{columns} columns") };
                let what = format!("{} cells, and {columns}", row.len());
                let error = Diagnostic::error("E1104", *span, what);
                diagnostics.push(error.help("write decimals with a point, and texts that have commas in quotes"));
            }
        }
    }

    /// Names the rows that are censored, one quantity of several, nobody knows which.
    fn refuse_censored(&self, diagnostics: &mut Diagnostics) {
        let Some(mark) = self.mark() else { return };
        for (row, span) in &self.rows {
            let mut seen = Observation::exact(1.0);
            let cell = row.get(mark.1).unwrap_or("");
            let error = match mark.0(&mut seen, cell) {
                Err(Wrong(what, help)) => Diagnostic::error("E1104", *span, what).help(help),
                Ok(()) if seen.is_exact() => continue,
                Ok(()) => Diagnostic::error("E1105", *span, "one of several durations is censored, but which?")
                    .help("take one with `--column NAME`, or take out the line; what wasn't measured is left empty"),
            };
            diagnostics.push(error);
        }
    }

    /// The column that tells whether durations were seen to end, and how it does.
    fn mark(&self) -> Option<(Censor, usize)> {
        let direct = self.find("ended").or(self.find("censoring")).map(|column| (censor as Censor, column));
        direct.or_else(|| Some((uncensored as Censor, self.find("censored")?)))
    }

    /// What the rows say of a quantity, and how many decimals its values have.
    fn observations(
        &self,
        quantity: &Quantity,
        case: Option<Case>,
        alone: bool,
        diagnostics: &mut Diagnostics,
    ) -> Observed {
        let (mut list, mut rows, mut decimals) = (Vec::new(), Vec::new(), 0);
        let is_of = |row: &StringRecord| case.is_none_or(|(column, value)| row.get(column).unwrap_or("") == value);
        for (number, (row, span)) in self.rows.iter().enumerate().filter(|(_, (row, _))| is_of(row)) {
            match self.observation(row, quantity, alone) {
                Ok(None) => {}
                Ok(Some(seen)) => match seen.fault() {
                    Some(fault) => diagnostics.push(Diagnostic::error("E1105", *span, fault)),
                    None => {
                        list.push(seen);
                        rows.push(number);
                    }
                },
                Err(all) => diagnostics.extend(
                    all.into_iter().map(|Wrong(what, help)| Diagnostic::error("E1104", *span, what).help(help)),
                ),
            }
            let places = |cell: &str| decimals_of(cell);
            let cells = quantity.column.map_or([self.find("low"), self.find("high")], |column| [Some(column), None]);
            let written = cells.into_iter().flatten().filter_map(|column| row.get(column)).map(places);
            decimals = written.fold(decimals, u32::max);
        }
        Observed { rows, observations: list, decimals }
    }

    /// What a row says of a quantity, or all that is wrong with its cells.
    fn observation(
        &self,
        row: &StringRecord,
        quantity: &Quantity,
        alone: bool,
    ) -> Result<Option<Observation>, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let mut time = |column: usize| -> Option<f64> {
            let cell = row.get(column).filter(|cell| !cell.is_empty())?;
            match number(cell, &self.headings[column].name) {
                Ok(value) => Some(value * quantity.unit),
                Err(error) => {
                    wrong.push(error);
                    None
                }
            }
        };
        let mut optional = |name: &str| if alone { self.find(name).and_then(&mut time) } else { None };
        let [low, high, entry, exit] = ["low", "high", "entry", "exit"].map(&mut optional);
        let value = quantity.column.and_then(time);
        let is_empty = |column: usize| row.get(column).unwrap_or("").is_empty();
        let duration = match (quantity.column, value) {
            (None, _) => Some(Observation::between(low.unwrap_or(0.0), high.unwrap_or(f64::INFINITY))),
            (Some(_), Some(value)) => Some(Observation::exact(value)),
            (Some(column), None) if is_empty(column) && !alone => return Ok(None),
            (Some(column), None) => {
                let missing = Wrong("the duration is missing".into(), "fill in the cell, or take out the line".into());
                wrong.extend(Some(missing).filter(|_| is_empty(column)));
                None
            }
        };
        let mut seen = duration.unwrap_or(Observation::exact(1.0));
        if let Some((mark, column)) = self.mark().filter(|_| alone) {
            wrong.extend(mark(&mut seen, row.get(column).unwrap_or("")).err());
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        seen.entry = entry.unwrap_or(0.0);
        seen.exit = exit.unwrap_or(f64::INFINITY);
        Ok(Some(seen))
    }
}

/// What the rows say of a quantity.
struct Observed {
    /// Those that say something.
    rows: Vec<usize>,
    observations: Vec<Observation>,
    /// Of the values as written.
    decimals: u32,
}

/// A column and the value that the rows of a case have there.
type Case<'t> = (usize, &'t str);

/// What is wrong with a cell, and what would be right.
struct Wrong(String, String);

/// What a cell does to an observation.
type Censor = fn(&mut Observation, &str) -> Result<(), Wrong>;

fn number(cell: &str, column: &str) -> Result<f64, Wrong> {
    let value = cell.parse::<f64>().ok().filter(|value| !value.is_nan());
    value.ok_or_else(|| {
        Wrong(format!("`{cell}` is no number, in `{column}`"), "write durations as numbers in the column's unit".into())
    })
}

fn censor(seen: &mut Observation, cell: &str) -> Result<(), Wrong> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "none" => {}
        "0" | "false" | "no" | "right" => seen.high = f64::INFINITY,
        "left" => seen.low = 0.0,
        _ => {
            let help = "`ended` is 1 or 0, `censoring` is none, right or left";
            return Err(Wrong(format!("`{cell}` doesn't say whether the duration ended"), help.into()));
        }
    }
    Ok(())
}

/// As [`censor`], of a column that says the opposite.
fn uncensored(seen: &mut Observation, cell: &str) -> Result<(), Wrong> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => seen.high = f64::INFINITY,
        "0" | "false" | "no" => {}
        _ => {
            let what = format!("`{cell}` doesn't say whether the duration is censored");
            return Err(Wrong(what, "`censored` is 1 or 0".into()));
        }
    }
    Ok(())
}

/// `detect [ms]`, `detect (ms)`, `detect_ms`, `detect`.
fn heading(cell: &str, span: Span) -> Heading {
    let bracketed = |open: char, close: char| {
        let (name, rest) = cell.strip_suffix(close)?.rsplit_once(open)?;
        Some((name.trim(), rest.trim()))
    };
    let make = |name: &str, unit, unknown| Heading { name: name.to_string(), unit, unknown, span };
    if let Some((name, unit)) = bracketed('[', ']').or_else(|| bracketed('(', ')')) {
        let found = seconds(unit);
        return make(name, found, found.is_none().then(|| unit.to_string()));
    }
    let suffixed = cell.rsplit_once('_').and_then(|(name, unit)| Some((name, seconds(unit)?)));
    suffixed.map_or_else(|| make(cell, None, None), |(name, unit)| make(name, Some(unit), None))
}

/// A unit of time, in seconds.
pub fn seconds(unit: &str) -> Option<f64> {
    units::unit(unit).filter(|(_, dimension)| *dimension == Dimension::TIME).map(|(factor, _)| factor)
}

/// Decimals of a number as written: `1.250` has three, `2.5e-3` four.
fn decimals_of(cell: &str) -> u32 {
    let (digits, exponent) = cell.split_once(['e', 'E']).unwrap_or((cell, "0"));
    let places = digits.split_once('.').map_or(0, |(_, after)| after.len() as i32);
    (places - exponent.parse::<i32>().unwrap_or(0)).clamp(0, 18) as u32
}

/// The line that begins at a byte.
fn line(text: &str, start: usize, source: SourceId) -> Span {
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    Span::new(source, start, end)
}
