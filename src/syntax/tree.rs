//! What a RON text holds, before anyone asks what it means: values, each with its place.
//!
//! Unlike the derived readers of the `ron` crate this keeps the span of every value, key and field name,
//! and keeps duplicates, so that they can be reported.

use crate::diag::{SourceId, Span};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, with its brackets or quotes.
    pub span: Span,
}

/// A bare word: a field's or a struct's name, or a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Could not be read, and that has been reported.
    Bad,
    /// `()`.
    Unit,
    /// `Parameter`.
    Word(String),
    /// `true`, `false`.
    Bool(bool),
    /// `3`, `-0.5`, `0x1f`, `inf`.
    Number(Number),
    /// `'c'`.
    Char(char),
    /// `"text"`, `r#"text"#`.
    Text(Text),
    /// `(a: 1)`, `Name(a: 1)`, `Name()`.
    Struct {
        /// The word before the parenthesis.
        name: Option<Word>,
        /// In the order of the text, duplicates included.
        fields: Vec<(Word, Node)>,
    },
    /// `(1, 2)`, `Name(1, 2)`.
    Tuple {
        /// The word before the parenthesis.
        name: Option<Word>,
        /// In order; at least one.
        items: Vec<Node>,
    },
    /// `{"a": 1}`, in the order of the text, duplicates included.
    Map(Vec<(Node, Node)>),
    /// `[1, 2]`.
    List(Vec<Node>),
    /// `Some(1)`, `None`.
    Option(Option<Box<Node>>),
}

/// A number of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value; may be infinite or not a number when so written.
    pub value: f64,
    /// Its exact value, if it is a whole number that is not negative and fits.
    pub whole: Option<u64>,
}

impl Kind {
    /// What the user would call it: "a list".
    pub fn describe(&self) -> String {
        match self {
            Kind::Bad => "something unreadable".to_owned(),
            Kind::Unit => "`()`".to_owned(),
            Kind::Word(word) => format!("the word `{word}`"),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(_) => "a number".to_owned(),
            Kind::Char(_) => "a character".to_owned(),
            Kind::Text(_) => "a string".to_owned(),
            Kind::Struct { name: Some(name), .. } | Kind::Tuple { name: Some(name), .. } => {
                format!("`{}(…)`", name.text)
            }
            Kind::Struct { .. } => "a struct `(…)`".to_owned(),
            Kind::Tuple { .. } => "a tuple `(…)`".to_owned(),
            Kind::Map(_) => "a map `{…}`".to_owned(),
            Kind::List(_) => "a list `[…]`".to_owned(),
            Kind::Option(_) => "an option".to_owned(),
        }
    }
}

/// A string without its escapes, which still knows where each of its bytes stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The string.
    pub text: String,
    /// Where it stands, inside the quotes.
    pub span: Span,
    /// From this byte of the string on, bytes stand one by one from that byte of the source.
    jumps: Vec<(u32, u32)>,
}

impl Text {
    /// A string without escapes that begins at byte `start` of the source.
    pub fn plain(source: SourceId, start: usize, text: impl Into<String>) -> Text {
        let text = text.into();
        let span = Span::new(source, start, start + text.len());
        Text { text, span, jumps: Vec::new() }
    }

    /// An empty string whose first byte would stand at byte `start` of the source.
    pub(super) fn open(source: SourceId, start: usize) -> Text {
        Text::plain(source, start, "")
    }

    /// Adds what an escape stands for, when the source goes on at byte `next`.
    pub(super) fn push_escape(&mut self, meaning: Option<char>, next: usize) {
        self.text.extend(meaning);
        self.jumps.push((self.text.len() as u32, next as u32));
    }

    /// Where bytes `start..end` of the string stand.
    pub fn at(&self, start: usize, end: usize) -> Span {
        Span { source: self.span.source, start: self.source_byte(start), end: self.source_byte(end) }
    }

    fn source_byte(&self, byte: usize) -> u32 {
        let jump = self.jumps.partition_point(|&(from, _)| from as usize <= byte);
        match jump.checked_sub(1).map(|i| self.jumps[i]) {
            Some((from, to)) => to + (byte as u32 - from),
            None => self.span.start + byte as u32,
        }
    }
}
