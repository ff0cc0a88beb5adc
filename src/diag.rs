//! Diagnostics as plain data: spans into named sources, codes, labels and help.
//!
//! Nothing here prints; the command line renders. Every stage before the engine returns **all** of its
//! diagnostics at once, so a collector is handed down instead of a `Result` handed up.

use serde::Serialize;

/// Which source text a span points into: an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// The source it points into.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end` (bytes) of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        Span { source, start: start as u32, end: end as u32 }
    }

    /// The least span that covers both; of two sources, `self` wins.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One source text, under the name by which the user knows it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the user would write it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins, so that a position is found without reading the text again.
    lines: Vec<u32>,
}

/// All the texts that one run has read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its identity.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i as u32 + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        self.files.push(Source { name: name.into(), text, lines });
        SourceId((self.files.len() - 1) as u32)
    }

    /// Adds a file's bytes. What is not UTF-8 is replaced, so spans up to the first such byte stay exact.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: &[u8]) -> SourceId {
        self.add(name, String::from_utf8_lossy(bytes))
    }

    /// The source of that identity.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// All sources, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().enumerate().map(|(i, source)| (SourceId(i as u32), source))
    }

    /// Line and column (both from 1, columns in characters) of a span's start.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let Source { text, lines, .. } = self.get(span.source);
        let start = text.floor_char_boundary((span.start as usize).min(text.len()));
        let line = lines.partition_point(|&begin| begin as usize <= start);
        let column = text[lines[line - 1] as usize..start].chars().count() + 1;
        (line, column)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Only probably wrong: the run goes on unless `--deny warnings`.
    Warning,
    /// Wrong: nothing is simulated.
    Error,
}

/// A place in a source with a word on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub message: String,
}

/// One mistake: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, `E0301` or `W0801`; the table is in `docs/diagnostics.md`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// Where it is wrong.
    pub primary: Label,
    /// Other places that matter (the first definition of a duplicate, …).
    pub secondary: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a span.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            help: None,
        }
    }

    /// A warning at a span.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    /// The word at the primary span.
    pub fn label(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// Another place that matters.
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    fn shorten(&mut self) {
        let labels = self.secondary.iter_mut().chain([&mut self.primary]).map(|label| &mut label.message);
        labels.chain([&mut self.message]).chain(&mut self.help).for_each(shorten);
    }

    /// What would be right.
    pub fn help(mut self, message: impl Into<String>) -> Diagnostic {
        self.help = Some(message.into());
        self
    }
}

/// Longer texts, in characters, are cut: names and colour sets from the file stand in them.
const LONGEST_TEXT: usize = 500;

fn shorten(text: &mut String) {
    let length = text.chars().count();
    if length > LONGEST_TEXT {
        let head: String = text.chars().take(LONGEST_TEXT * 2 / 3).collect();
        let tail: String = text.chars().skip(length - LONGEST_TEXT / 4).collect();
        *text = format!("{head} … {tail}");
    }
}

/// Most diagnostics of each severity that are kept: a hostile file must not fill the memory with them.
pub const MOST_DIAGNOSTICS: usize = 500;

/// Collects diagnostics; identical ones (same code, place and message) are kept once.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    seen: std::collections::HashSet<(&'static str, Span, String)>,
    errors: usize,
    dropped: usize,
}

impl Diagnostics {
    /// Adds one, unless it is there already or [`MOST_DIAGNOSTICS`] of its severity are.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        let is_error = diagnostic.severity == Severity::Error;
        let kept = if is_error { self.errors } else { self.list.len() - self.errors };
        if kept >= MOST_DIAGNOSTICS {
            self.dropped += 1;
            return;
        }
        diagnostic.shorten();
        let key = (diagnostic.code, diagnostic.primary.span, diagnostic.message.clone());
        if self.seen.insert(key) {
            self.errors += usize::from(is_error);
            self.list.push(diagnostic);
        }
    }

    /// Adds several.
    pub fn extend(&mut self, all: impl IntoIterator<Item = Diagnostic>) {
        all.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Whether there is at least one error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many came after the list was full.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// All of them, in order of source and position.
    pub fn sorted(&self) -> Vec<Diagnostic> {
        let mut list = self.list.clone();
        list.sort_by_key(|d| (d.primary.span, d.severity));
        list
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// One diagnostic as plain text: `file:line:col: error[E0201]: message` and, indented, its labels and help.
pub fn plain(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = |span: Span| {
        let (line, column) = sources.position(span);
        format!("{}:{line}:{column}", sources.get(span.source).name)
    };
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let Diagnostic { code, message, primary, .. } = diagnostic;
    let mut text = format!("{}: {severity}[{code}]: {message}", place(primary.span));
    if !primary.message.is_empty() {
        text += &format!("\n  here: {}", primary.message);
    }
    for label in &diagnostic.secondary {
        text += &format!("\n  {}: {}", place(label.span), label.message);
    }
    if let Some(help) = &diagnostic.help {
        text += &format!("\n  help: {help}");
    }
    text
}

/// The name among `known` that is nearest to `unknown`, when it is near enough to be meant.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes memory proportional to both lengths.
    if unknown.len() > 100 {
        return None;
    }
    let lower = unknown.to_lowercase();
    let rank = |candidate: &'a str| {
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        let exact = strsim::damerau_levenshtein(unknown, candidate);
        // Of two as near, letters in another order are likelier than a missing one.
        (distance, exact, candidate.len().abs_diff(unknown.len()), candidate)
    };
    type Rank<'a> = (usize, usize, usize, &'a str);
    let near = |(distance, _, _, candidate): &Rank| *distance <= 1 + candidate.len().max(unknown.len()) / 4;
    known.into_iter().filter(|known| known.len() <= 100).map(rank).filter(near).min().map(|rank| rank.3)
}

/// Every code with its meaning, in order. A code is never given a second meaning.
pub const CODES: &[(&str, &str)] = &[
    // E01xx: reading RON.
    ("E0101", "the file is not UTF-8"),
    ("E0102", "the file is too large"),
    ("E0103", "a bracket is not closed, or closes nothing"),
    ("E0104", "something else was expected here"),
    ("E0105", "a character that means nothing here"),
    ("E0106", "an escape or a character literal is wrong"),
    ("E0107", "a number is written wrongly"),
    ("E0108", "brackets are nested too deeply"),
    ("E0109", "too many values or syntax errors in one file"),
    ("E0110", "an attribute is wrong"),
    ("E0111", "something follows the document"),
    ("E0112", "a string or comment has no end"),
    ("E0113", "the file is empty"),
    // E02xx: structure of a document.
    ("E0201", "not the kind of document that is wanted"),
    ("E0202", "unknown field"),
    ("E0203", "missing field"),
    ("E0204", "field given twice"),
    ("E0205", "name given twice"),
    ("E0206", "wrong kind of value"),
    ("E0207", "unknown variant"),
    ("E0208", "reserved name"),
    ("E0209", "not a name"),
    ("E0210", "an expression without quotes"),
    ("E0211", "a whole number was expected"),
    ("E0212", "an entry that states no measure, or more than one"),
    ("E0213", "empty text"),
    ("E0214", "a value that can't be uncertain in this way"),
    // E03xx: expressions.
    ("E0301", "something else was expected in an expression"),
    ("E0302", "a character that means nothing in an expression"),
    ("E0303", "a number is written wrongly, or too large"),
    ("E0304", "unknown unit"),
    ("E0305", "chained comparison"),
    ("E0306", "an operator of another language"),
    ("E0307", "an expression is nested too deeply, or too long"),
    ("E0308", "empty expression"),
    ("E0309", "an operator over a colour set without its variable"),
    ("E0310", "a set and a table in one"),
    ("E0311", "a bracket is not closed in an expression"),
    ("E0312", "a keyword where a name is needed"),
    ("E0313", "an operator is missing"),
    ("E0314", "an argument or variable given twice"),
    // E04xx: names and scopes.
    ("E0401", "unknown name"),
    ("E0402", "one name for two things"),
    ("E0403", "unknown place"),
    ("E0404", "unknown transition"),
    ("E0405", "unknown instance or import"),
    ("E0406", "unknown function"),
    ("E0407", "a name of another kind than needed"),
    ("E0408", "a variable where it is not bound"),
    ("E0409", "an imported file has no such value"),
    ("E0410", "a parameter or colour set defined by itself"),
    // E05xx: units and types.
    ("E0501", "different dimensions together"),
    ("E0502", "a value of another type than needed"),
    ("E0503", "values of different kinds together"),
    ("E0504", "another dimension than needed"),
    ("E0505", "the marking read where it may not be"),
    ("E0506", "an average over time inside of an expression"),
    ("E0507", "wrong arguments of a function"),
    ("E0508", "wrong number of colours"),
    ("E0509", "a colour outside of its set"),
    ("E0510", "a table without a value for a colour"),
    ("E0511", "tokens in a measure without an average"),
    ("E0512", "a given value of another type than the declared one"),
    ("E0513", "an up or a phase that is no condition"),
    ("E0514", "colours at a place without them, or none where they are needed"),
    ("E0515", "a power of time without dimension"),
    ("E0516", "a value that is not finite"),
    ("E0517", "a measure with a time of its own mixed with another"),
    ("E0518", "an impossible time, interval or level"),
    ("E0519", "an impossible probability of a quantile"),
    ("E0520", "a measure without the time that it needs, or with one that it can't have"),
    // E06xx: modules, ports, instances.
    ("E0601", "a file can't be read"),
    ("E0602", "a file of another kind than needed"),
    ("E0603", "a module inside of itself"),
    ("E0604", "a value given to an unknown parameter"),
    ("E0605", "a required parameter or colour set is missing"),
    ("E0606", "unknown port"),
    ("E0607", "a port left open"),
    ("E0608", "a port bound to the inside of an instance"),
    ("E0609", "port and place have different colours"),
    ("E0610", "port and place state different tokens or capacities"),
    ("E0611", "a module where a model is needed"),
    // E07xx: laws, tokens, streams, sizes.
    ("E0701", "unknown law"),
    ("E0702", "unknown parameter of a law"),
    ("E0703", "missing parameter of a law"),
    ("E0704", "parameters that make no law together"),
    ("E0705", "a parameter of a law of another type than needed"),
    ("E0706", "an impossible law"),
    ("E0707", "an impossible number of tokens"),
    ("E0708", "an impossible capacity"),
    ("E0709", "more initial tokens than the capacity"),
    ("E0710", "an impossible number of servers"),
    ("E0711", "one stream for two transitions"),
    ("E0712", "unknown variable in the name of a stream"),
    ("E0713", "too much to evaluate"),
    ("E0714", "a colour set that is too large"),
    ("E0715", "nested too deeply"),
    ("E0716", "too many instances"),
    ("E0717", "too many places and transitions"),
    ("E0718", "an impossible weight, priority or speed"),
    ("E0719", "an impossible precision"),
    ("E0720", "a sum of places that begins with too many tokens"),
    ("E0721", "a firing that moves too many tokens of a sum of places"),
    ("E0722", "firings that change too much"),
    ("E0723", "too many phases of outages"),
    // W08xx: warnings.
    ("W0801", "a variable of a sum that is never used"),
    ("W0802", "a parameter that is never used"),
    ("W0803", "an import that is never used"),
    ("W0804", "a place that is never used"),
    ("W0805", "a colour set that is never used"),
    ("W0806", "a clock that draws anew at every firing of the net"),
    ("W0807", "an up that is constant"),
    ("W0808", "a measure that is constant"),
    ("W0809", "a transition whose guard is always false"),
    ("W0810", "a transition that can never fire"),
    // E09xx: scenarios.
    ("E0901", "a file that can't be run"),
    ("E0902", "a scenario without designs, or a design whose file isn't a net"),
    ("E0903", "a figure that is not a constant"),
    ("E0904", "a figure with the wrong unit"),
    ("E0905", "a figure out of range"),
    ("E0906", "a parameter that no design has"),
    ("E0907", "a parameter both given and swept"),
    ("E0908", "unknown design"),
    ("E0909", "unknown up condition"),
    ("E0910", "unknown measure"),
    ("E0911", "no such point of the sweep"),
    ("E0912", "an entry that doesn't say which design it is about"),
    ("E0913", "an impossible tolerance"),
    ("E0914", "a design with nothing to estimate"),
    ("E0915", "too many points"),
    ("E0916", "an objective that no gate can watch"),
    ("E0917", "a range of a sweep that can't be"),
    ("E0918", "a target of which it isn't said which side reaches it"),
    ("E0919", "a value of two imported files"),
    ("E0920", "a value that the net can't have"),
    // E10xx: fault plans.
    ("E1001", "a fault plan with too much to do"),
    ("E1002", "a rule that ends before it begins"),
    ("E1003", "unknown figure of a fault plan"),
    ("E1004", "a fault of a function of a server that has none"),
    ("E1005", "voice through a server that relays none"),
    ("E1006", "cases of a fault plan without a name, given twice, or too many"),
    ("E1007", "a fault plan that can't run live"),
    // E11xx: samples.
    ("E1101", "a table that can't be read"),
    ("E1102", "no such column, or one that can't be told from another"),
    ("E1103", "a column without a unit"),
    ("E1104", "a cell that can't be read"),
    ("E1105", "an impossible duration"),
    ("E1106", "too little for a law"),
];
