//! RON tokens → tree. Errors are collected; only unbalanced brackets stop the reading.

use super::ron_lexer::{Lexer, Token};
use super::tree::{Kind, Node, Word};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Span};

/// Deepest nesting of brackets.
pub const DEEPEST: usize = 64;
/// Largest file, bytes.
pub const LARGEST: usize = 16 << 20;
/// Most values in one file.
const MOST_NODES: usize = 2_000_000;
/// The extensions of RON that may be asked for; none changes what we read.
const EXTENSIONS: [&str; 4] = ["implicit_some", "unwrap_newtypes", "unwrap_variant_newtypes", "explicit_struct_names"];

/// Reads one value from `bytes`, which are the text of `source`.
///
/// Nothing when brackets don't match, or nothing is there; everything wrong is reported.
pub fn read_tree(source: SourceId, bytes: &[u8], diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = decode(source, bytes, diagnostics)?;
    let mut lexer = Lexer::new(source, text, diagnostics);
    let next = lexer.token();
    let mut reader = Reader { lexer, next, last: Span::new(source, 0, 0), nodes: 0 };
    reader.document()
}

/// The text, if it is one and not too large.
fn decode<'a>(source: SourceId, bytes: &'a [u8], diagnostics: &mut Diagnostics) -> Option<&'a str> {
    if bytes.len() > LARGEST {
        let message = format!("the file has {} bytes, more than {} MiB", bytes.len(), LARGEST >> 20);
        diagnostics.push(Diagnostic::error("E0102", Span::new(source, 0, 0), message));
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("byte {at} (0x{:02x}) is not UTF-8", bytes[at]);
            // In the source it was replaced by a character of three bytes.
            let diagnostic = Diagnostic::error("E0101", Span::new(source, at, at + 3), message);
            diagnostics.push(diagnostic.help("save the file as UTF-8 text"));
            None
        }
    }
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    next: (Token, Span),
    /// Where the last token stood.
    last: Span,
    nodes: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Node> {
        while self.next.0 == Token::Hash {
            self.attribute();
        }
        if self.next.0 == Token::End {
            let span = self.next.1;
            self.lexer.report(Diagnostic::error("E0113", span, "nothing is in the file").help("write `Net(…)`"));
            return None;
        }
        let node = self.value(0);
        if self.next.0 != Token::End && node.is_some() {
            let message = format!("{} stands behind the end of the document", self.next.0.describe());
            let code = if matches!(self.next.0, Token::Close(_)) { "E0103" } else { "E0111" };
            let diagnostic = Diagnostic::error(code, self.next.1, message);
            self.lexer.report(match &node {
                Some(node) => diagnostic.also(node.span, "the document"),
                None => diagnostic,
            });
        }
        node.filter(|_| !self.lexer.stopped)
    }

    fn advance(&mut self) -> (Token, Span) {
        let next = self.lexer.token();
        self.last = self.next.1;
        std::mem::replace(&mut self.next, next)
    }

    /// Takes the next token if it is that one.
    fn take(&mut self, token: &Token) -> bool {
        let found = self.next.0 == *token;
        if found {
            self.advance();
        }
        found
    }

    fn expected(&mut self, what: &str, help: Option<&str>) {
        // What is wrong in itself has been reported.
        if self.next.0 != Token::Bad {
            let message = format!("expected {what}, found {}", self.next.0.describe());
            let help = help.map(str::to_owned);
            self.lexer.report(Diagnostic { help, ..Diagnostic::error("E0104", self.next.1, message) });
        }
    }

    /// `#![enable(implicit_some)]`.
    fn attribute(&mut self) {
        let start = self.advance().1;
        let mut tokens = Vec::new();
        while !matches!(self.next.0, Token::Close(']') | Token::End) && tokens.len() < 64 {
            tokens.push(self.advance().0);
        }
        let closed = self.take(&Token::Close(']'));
        let mut words = tokens.iter().filter_map(|token| match token {
            Token::Word(word) => Some(word.as_str()),
            _ => None,
        });
        let known = words.next() == Some("enable") && words.all(|word| EXTENSIONS.contains(&word));
        if !(closed && known && tokens.starts_with(&[Token::Bang, Token::Open('[')])) {
            let span = start.to(self.last);
            let help = format!("write `#![enable({})]`, or nothing", EXTENSIONS[0]);
            self.lexer.report(Diagnostic::error("E0110", span, "unknown attribute").help(help));
        }
    }

    /// A value; nothing if it could not be read, which is reported. The cursor then stands where it went wrong.
    fn value(&mut self, depth: usize) -> Option<Node> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.give_up("E0109", self.next.1, format!("more than {MOST_NODES} values in one file"));
        }
        match &self.next.0 {
            Token::Open(_) => self.bracket(None, depth),
            Token::Word(_) => self.word(depth),
            Token::Number(_) | Token::Char(_) | Token::Text(_) => {
                let (token, span) = self.advance();
                let kind = match token {
                    Token::Number(number) => Kind::Number(number),
                    Token::Char(c) => Kind::Char(c),
                    Token::Text(text) => Kind::Text(text),
                    _ => return None,
                };
                Some(Node { kind, span })
            }
            Token::Bad => {
                self.advance();
                None
            }
            _ => {
                self.expected("a value", None);
                None
            }
        }
    }

    fn give_up(&mut self, code: &'static str, span: Span, message: String) {
        self.lexer.report(Diagnostic::error(code, span, message));
        self.lexer.stop();
        self.next.0 = Token::End;
    }

    /// A word, an option, or a struct or tuple with a name.
    fn word(&mut self, depth: usize) -> Option<Node> {
        let (Token::Word(text), span) = self.advance() else { return None };
        let simple = match text.as_str() {
            "true" => Some(Kind::Bool(true)),
            "false" => Some(Kind::Bool(false)),
            "None" => Some(Kind::Option(None)),
            _ => None,
        };
        match simple {
            Some(kind) => Some(Node { kind, span }),
            None if self.next.0 == Token::Open('(') => self.bracket(Some(Word { text, span }), depth),
            None => Some(Node { kind: Kind::Word(text), span }),
        }
    }

    /// Everything in brackets; the cursor stands on the opening one.
    fn bracket(&mut self, name: Option<Word>, depth: usize) -> Option<Node> {
        let (Token::Open(open), start) = self.advance() else { return None };
        if depth >= DEEPEST {
            self.give_up("E0108", start, format!("brackets are nested more than {DEEPEST} deep"));
            return None;
        }
        let close = closing(open);
        let mut fields = Vec::new();
        let mut items = Vec::new();
        while self.next.0 != Token::Close(close) {
            if self.at_wrong_end(start, open) {
                return None;
            }
            let complete = match open {
                '(' => self.struct_item(depth, &mut fields, &mut items),
                '{' => self.map_item(depth, &mut fields),
                _ => self.value(depth + 1).map(|node| items.push(node)).is_some(),
            };
            self.separator(complete, close);
        }
        let end = self.advance().1;
        let span = name.as_ref().map_or(start, |name| name.span).to(end);
        Some(Node { kind: self.kind(open, name, fields, items, span), span })
    }

    fn kind(
        &mut self,
        open: char,
        name: Option<Word>,
        fields: Vec<(Node, Node)>,
        mut items: Vec<Node>,
        span: Span,
    ) -> Kind {
        match open {
            '{' if matches!(fields.first(), Some((Node { kind: Kind::Word(_), .. }, Node { kind: Kind::Bad, .. }))) => {
                return Kind::Bad;
            }
            '{' => return Kind::Map(fields),
            '[' => return Kind::List(items),
            _ => {}
        }
        if name.as_ref().is_some_and(|name| name.text == "Some") {
            if items.len() != 1 || !fields.is_empty() {
                self.lexer.report(Diagnostic::error("E0104", span, "`Some(…)` holds one value"));
            }
            return Kind::Option(items.pop().map(Box::new));
        }
        if !items.is_empty() {
            return Kind::Tuple { name, items };
        }
        let word = |key: Node| match key.kind {
            Kind::Word(text) => Some(Word { text, span: key.span }),
            _ => None,
        };
        let fields: Vec<_> = fields.into_iter().filter_map(|(key, value)| Some((word(key)?, value))).collect();
        if name.is_none() && fields.is_empty() { Kind::Unit } else { Kind::Struct { name, fields } }
    }

    /// `field: value` or, in a tuple, a value. Whether it could be read.
    fn struct_item(&mut self, depth: usize, fields: &mut Vec<(Node, Node)>, items: &mut Vec<Node>) -> bool {
        let Some(key) = self.value(depth + 1) else { return false };
        let is_field = self.at_colon(&key);
        if !is_field && fields.is_empty() {
            items.push(key);
            return true;
        }
        if !is_field {
            let message = format!("{} has no field name", key.kind.describe());
            let diagnostic = Diagnostic::error("E0104", key.span, message);
            self.lexer.report(diagnostic.help("in a struct each value is written `name: value`"));
            return true;
        }
        if !matches!(key.kind, Kind::Word(_)) {
            let message = format!("expected a field name, found {}", key.kind.describe());
            let diagnostic = Diagnostic::error("E0104", key.span, message);
            self.lexer
                .report(diagnostic.help("fields of a struct `(…)` stand without quotes; keys of a map `{…}` with"));
        } else if !items.is_empty() {
            let diagnostic = Diagnostic::error("E0104", key.span, "a field among values without names");
            self.lexer.report(diagnostic.help("in a struct each value is written `name: value`"));
        }
        self.advance();
        let value = self.value(depth + 1);
        let complete = value.is_some();
        if items.is_empty() {
            let value = value.unwrap_or(Node { kind: Kind::Bad, span: key.span });
            fields.push((key, value));
        }
        complete
    }

    /// `key: value`. Whether it could be read.
    fn map_item(&mut self, depth: usize, entries: &mut Vec<(Node, Node)>) -> bool {
        let Some(key) = self.value(depth + 1) else { return false };
        if !self.at_colon(&key) {
            if matches!(key.kind, Kind::Word(_)) {
                self.unquoted_set(&key);
                entries.push((key, Node { kind: Kind::Bad, span: self.last }));
                return true;
            }
            self.expected("`:` and a value", Some("in a map `{…}` each entry is written `\"name\": value`"));
            return false;
        }
        self.advance();
        let value = self.value(depth + 1);
        let complete = value.is_some();
        let value = value.unwrap_or(Node { kind: Kind::Bad, span: key.span });
        entries.push((key, value));
        complete
    }

    /// `{a, b}` without quotes: one mistake, so it is skipped as a whole.
    fn unquoted_set(&mut self, first: &Node) {
        let diagnostic = Diagnostic::error("E0210", first.span, "expected a name in quotes and its value");
        self.lexer.report(diagnostic.help("a set is an expression, and stands in quotes: \"{a, b}\""));
        loop {
            self.skip_item();
            if !self.take(&Token::Comma) {
                return;
            }
        }
    }

    /// Whether a colon stands behind the key, or what is written for one and reported.
    fn at_colon(&mut self, key: &Node) -> bool {
        let is_key = matches!(key.kind, Kind::Word(_) | Kind::Text(_));
        if self.next.0 == Token::Equals && is_key {
            self.expected("`:`", Some("a name and its value are separated by `:`"));
            return true;
        }
        self.next.0 == Token::Colon
    }

    /// Reports the end of the text, or a bracket that closes something else, and gives up.
    fn at_wrong_end(&mut self, start: Span, open: char) -> bool {
        let close = closing(open);
        let message = match self.next.0 {
            Token::End => format!("`{open}` is not closed"),
            Token::Close(other) => format!("`{other}` closes nothing: `{open}` is open"),
            _ => return false,
        };
        let at_end = self.next.0 == Token::End;
        let diagnostic = Diagnostic::error("E0103", if at_end { start } else { self.next.1 }, message);
        let diagnostic = if at_end { diagnostic } else { diagnostic.also(start, "opened here") };
        self.lexer.report(diagnostic.help(format!("close it with `{close}`")));
        self.lexer.stop();
        self.next.0 = Token::End;
        true
    }

    /// A comma or the closing bracket; after something unreadable, goes on behind the next comma.
    fn separator(&mut self, complete: bool, close: char) {
        if !complete {
            self.skip_item();
        }
        if self.take(&Token::Comma) || matches!(self.next.0, Token::Close(_) | Token::End) {
            return;
        }
        let at = self.last.end as usize;
        if self.next.0 != Token::Bad {
            let message = format!("expected `,` or `{close}`, found {}", self.next.0.describe());
            let diagnostic = Diagnostic::error("E0104", self.next.1, message);
            let end = self.lexer.span(at, at);
            self.lexer.report(diagnostic.also(end, "the comma may be missing here"));
        }
        // What begins a value most likely only lacks the comma.
        let begins_value =
            matches!(self.next.0, Token::Open(_) | Token::Word(_) | Token::Number(_) | Token::Char(_) | Token::Text(_));
        if !begins_value {
            self.skip_item();
            self.take(&Token::Comma);
        }
    }

    /// Skips to the next comma or closing bracket of this level.
    fn skip_item(&mut self) {
        let mut open = Vec::new();
        loop {
            match self.next.0 {
                Token::End => return,
                Token::Comma if open.is_empty() => return,
                Token::Close(_) if open.is_empty() => return,
                Token::Open(bracket) => open.push((bracket, self.next.1)),
                Token::Close(close) => {
                    if let Some((bracket, start)) = open.pop()
                        && closing(bracket) != close
                    {
                        self.at_wrong_end(start, bracket);
                        return;
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}
