//! RON text → tokens: words, numbers, strings, brackets; white space and comments are skipped.

use super::ron_number;
use super::tree::{Number, Text};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Span};

/// Most syntax errors in one file; then reading stops.
const MOST_ERRORS: usize = 100;

/// A piece of RON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `(`, `[` or `{`.
    Open(char),
    /// `)`, `]` or `}`.
    Close(char),
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `#`, which begins an attribute.
    Hash,
    /// `!`, which is part of an attribute.
    Bang,
    /// `=`, which is part of an attribute.
    Equals,
    /// An identifier.
    Word(String),
    /// A number.
    Number(Number),
    /// A character.
    Char(char),
    /// A string.
    Text(Text),
    /// Something wrong that has been reported.
    Bad,
    /// The end of the text, or reading has been given up.
    End,
}

impl Token {
    /// What the user would call it.
    pub(super) fn describe(&self) -> String {
        match self {
            Token::Open(c) | Token::Close(c) => format!("`{c}`"),
            Token::Comma => "`,`".to_owned(),
            Token::Colon => "`:`".to_owned(),
            Token::Hash => "`#`".to_owned(),
            Token::Bang => "`!`".to_owned(),
            Token::Equals => "`=`".to_owned(),
            Token::Word(word) => format!("`{word}`"),
            Token::Number(_) => "a number".to_owned(),
            Token::Char(_) => "a character".to_owned(),
            Token::Text(_) => "a string".to_owned(),
            Token::Bad => "something unreadable".to_owned(),
            Token::End => "the end of the file".to_owned(),
        }
    }
}

/// Walks over the text, one token at a time.
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) source: SourceId,
    /// Byte where the next token is looked for.
    pub(super) at: usize,
    pub(super) diagnostics: &'a mut Diagnostics,
    errors: usize,
    /// Whether reading has been given up.
    pub(super) stopped: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, diagnostics: &'a mut Diagnostics) -> Lexer<'a> {
        // A byte order mark says nothing in UTF-8.
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Lexer { text, source, at, diagnostics, errors: 0, stopped: false }
    }

    /// The next token and its place.
    pub(super) fn token(&mut self) -> (Token, Span) {
        if !self.stopped {
            self.skip_blank();
        }
        let start = self.at;
        let token = match self.peek() {
            Some(c) if !self.stopped => self.read(c, start),
            _ => Token::End,
        };
        (token, self.span(start, self.at))
    }

    fn read(&mut self, c: char, start: usize) -> Token {
        let simple = match c {
            '(' | '[' | '{' => Some(Token::Open(c)),
            ')' | ']' | '}' => Some(Token::Close(c)),
            ',' => Some(Token::Comma),
            ':' => Some(Token::Colon),
            '#' => Some(Token::Hash),
            '!' => Some(Token::Bang),
            '=' => Some(Token::Equals),
            _ => None,
        };
        if let Some(token) = simple {
            self.at += 1;
            return token;
        }
        match c {
            '"' => self.string(),
            '\'' => self.character(),
            'r' if self.at_raw_string() => self.raw_string(),
            'b' if self.rest().starts_with("b\"") || self.rest().starts_with("b'") => self.bytes(start),
            '0'..='9' | '+' | '-' | '.' => self.number(start),
            _ if begins_word(c) => self.word(start),
            _ => self.junk(start),
        }
    }

    /// A run of letters, digits and underscores; `r#` before it is dropped.
    fn word(&mut self, start: usize) -> Token {
        if self.rest().starts_with("r#") {
            self.at += 2;
        }
        let begin = self.at;
        self.skip_while(continues_word);
        let word = &self.text[begin..self.at];
        match ron_number::special(word) {
            Some(value) => Token::Number(Number { value, whole: None }),
            None if word.is_empty() => {
                self.error("E0105", start, self.at, "`r#` without a word or string behind it", None);
                Token::Bad
            }
            None => Token::Word(word.to_owned()),
        }
    }

    fn number(&mut self, start: usize) -> Token {
        let length = ron_number::length(self.rest());
        self.at += length.max(1);
        let literal = &self.text[start..self.at];
        match ron_number::read(literal) {
            Ok(number) => Token::Number(number),
            Err(help) => {
                let message = format!("`{}` is not a number", shorten(literal));
                self.error("E0107", start, self.at, message, Some(help.to_owned()));
                Token::Bad
            }
        }
    }

    fn bytes(&mut self, start: usize) -> Token {
        self.at += 1;
        let token = if self.peek() == Some('"') { self.string() } else { self.character() };
        if token != Token::Bad {
            let help = "leave out the `b`".to_owned();
            self.error("E0104", start, start + 1, "byte strings have no meaning here", Some(help));
        }
        Token::Bad
    }

    /// Reports a run of characters that begin no token, once.
    fn junk(&mut self, start: usize) -> Token {
        self.at += self.peek().map_or(0, char::len_utf8);
        self.skip_while(|c| !begins_token(c));
        let junk = &self.text[start..self.at];
        let first = junk.chars().next().unwrap_or(' ');
        let what = match first {
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' => Some("strings stand in straight quotes: \"…\""),
            '/' => Some("a comment begins with `//` or `/*`"),
            ';' => Some("entries are separated by `,`"),
            _ => None,
        };
        let message = format!("`{}` means nothing here", shorten(&junk.escape_debug().to_string()));
        self.error("E0105", start, self.at, message, what.map(str::to_owned));
        Token::Bad
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) {
        loop {
            self.skip_while(is_blank);
            if self.rest().starts_with("//") {
                self.skip_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                self.skip_block_comment();
            } else {
                return;
            }
        }
    }

    /// Block comments nest.
    fn skip_block_comment(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 0usize;
        while self.at < bytes.len() {
            match &bytes[self.at..(self.at + 2).min(bytes.len())] {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
        self.error("E0112", start, start + 2, "this comment has no end", Some("close it with `*/`".to_owned()));
        self.stop();
    }

    /// What is left of the text.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    /// Gives up reading: only [`Token::End`] follows, and no more errors are reported.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Reports an error between two bytes, unless reading has been given up.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        start: usize,
        end: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let span = self.span(start, end);
        self.report(Diagnostic { help, ..Diagnostic::error(code, span, message) });
    }

    /// Reports an error, unless reading has been given up.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.stopped {
            return;
        }
        self.errors += 1;
        if self.errors > MOST_ERRORS {
            let message = format!("more than {MOST_ERRORS} syntax errors; the rest is not read");
            self.diagnostics.push(Diagnostic::error("E0109", diagnostic.primary.span, message));
            self.stopped = true;
        } else {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// At most 40 characters of it.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn begins_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn begins_token(c: char) -> bool {
    is_blank(c) || begins_word(c) || c.is_ascii_digit() || "()[]{},:#!=\"'+-./".contains(c)
}

/// White space as RON has it.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r' | '\u{85}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}
