//! Strings and characters of RON, with their escapes.

use super::ron_lexer::{Lexer, Token};
use super::tree::Text;

impl Lexer<'_> {
    /// A string in quotes; the cursor stands on the first one.
    pub(super) fn string(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let mut text = Text::open(self.source, self.at);
        loop {
            let run = self.at;
            self.skip_while(|c| c != '"' && c != '\\');
            text.text.push_str(&self.text[run..self.at]);
            match self.peek() {
                Some('"') => break,
                Some(_) => self.escape_in(&mut text),
                None => return self.endless(start, "\""),
            }
        }
        text.span.end = self.at as u32;
        self.at += 1;
        Token::Text(text)
    }

    /// Reports a string without an end. What it swallowed is unknown, so reading stops.
    fn endless(&mut self, start: usize, quote: &str) -> Token {
        let help = format!("close it with `{quote}`");
        self.error("E0112", start, start + 1, "this string has no end", Some(help));
        self.stop();
        Token::Bad
    }

    fn escape_in(&mut self, text: &mut Text) {
        let rest = &self.rest()[1..];
        if let Some(line) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            // A backslash at the end of a line joins it to the next.
            let next = line.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at = self.text.len() - next.len();
            text.push_escape(None, self.at);
            return;
        }
        let meaning = self.escape(true);
        text.push_escape(meaning, self.at);
    }

    /// The meaning of the escape under the cursor; a wrong one is reported and skipped.
    fn escape(&mut self, in_string: bool) -> Option<char> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += letter.map_or(0, char::len_utf8);
        let meaning = match letter {
            Some(c @ ('\'' | '"' | '\\')) => Some(c),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('0') => Some('\0'),
            Some('x') => self.hexadecimal_escape(in_string),
            Some('u') => self.unicode_escape(),
            _ => None,
        };
        if meaning.is_none() {
            let help = "known are \\n \\r \\t \\0 \\\\ \\\" \\' \\x7f \\u{20ac}; a backslash itself is \\\\".to_owned();
            self.error("E0106", start, self.at, "unknown escape in a string", Some(help));
        }
        meaning
    }

    /// `\x41`; in a string several make up one character in UTF-8.
    fn hexadecimal_escape(&mut self, in_string: bool) -> Option<char> {
        let mut bytes = vec![self.two_digits()?];
        loop {
            if let Ok(text) = std::str::from_utf8(&bytes) {
                return text.chars().next();
            }
            if !in_string || bytes.len() == 4 || !self.rest().starts_with("\\x") {
                return None;
            }
            self.at += 2;
            bytes.push(self.two_digits()?);
        }
    }

    fn two_digits(&mut self) -> Option<u8> {
        let digits = self.rest().get(..2)?;
        let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let value = u8::from_str_radix(digits, 16).ok().filter(|_| all)?;
        self.at += 2;
        Some(value)
    }

    /// `\u{20ac}`, one to six digits.
    fn unicode_escape(&mut self) -> Option<char> {
        let rest = self.rest().strip_prefix('{')?;
        let end = rest.bytes().take(7).position(|b| b == b'}')?;
        let digits = &rest[..end];
        let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| all)?;
        self.at += end + 2;
        char::from_u32(value)
    }

    /// Whether `r"` or `r#…#"` stands here, and not a raw word.
    pub(super) fn at_raw_string(&self) -> bool {
        self.rest()[1..].trim_start_matches('#').starts_with('"')
    }

    /// `r#"…"#`: no escapes.
    pub(super) fn raw_string(&mut self) -> Token {
        let start = self.at;
        let rest = &self.rest()[1..];
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let ending = format!("\"{}", "#".repeat(hashes));
        let begin = start + 2 + hashes;
        match self.text[begin..].find(&ending) {
            Some(length) => {
                self.at = begin + length + ending.len();
                Token::Text(Text::plain(self.source, begin, &self.text[begin..begin + length]))
            }
            None => self.endless(start, &ending),
        }
    }

    /// `'c'`; the cursor stands on the first quote.
    pub(super) fn character(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let errors = self.diagnostics.len();
        let c = match self.peek() {
            Some('\\') => self.escape(false),
            Some(c) => {
                self.at += c.len_utf8();
                Some(c)
            }
            None => None,
        };
        match c {
            Some(c) if self.peek() == Some('\'') => {
                self.at += 1;
                return Token::Char(c);
            }
            // Its escape was wrong, and is reported.
            None if self.diagnostics.len() > errors && self.peek() == Some('\'') => self.at += 1,
            _ => {
                let help = "strings stand in double quotes: \"…\"".to_owned();
                self.error("E0106", start, self.at, "a character literal has one character", Some(help));
                self.skip_wrong_quotes();
            }
        }
        Token::Bad
    }

    /// Skips `'a string in single quotes'` as a whole, if it ends on its line.
    fn skip_wrong_quotes(&mut self) {
        let line = self.rest().split('\n').next().unwrap_or("");
        if let Some(end) = line.find('\'') {
            self.at += end + 1;
        }
    }
}
