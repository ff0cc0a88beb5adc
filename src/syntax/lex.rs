//! Expression text → tokens.

/// A piece of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// `3`, `0.4`, `1e-5`, `1_000`.
    Number(f64),
    /// Begins with a digit but is no number.
    BadNumber(&'static str),
    /// An identifier or a keyword.
    Word(&'a str),
    /// A name in backquotes, which may hold spaces: that of an `up` condition.
    Quoted(&'a str),
    /// An operator, a bracket, a separator.
    Symbol(&'static str),
    /// A character that means nothing.
    Junk(&'a str),
    /// The end of the text.
    End,
}

/// A token and where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Words that can't be names.
pub const KEYWORDS: &[&str] = &["all", "and", "else", "false", "if", "in", "mod", "not", "or", "then", "true"];

/// All symbols, the longest of those with a common beginning first.
const SYMBOLS: &[&str] = &[
    "..=", "..", "==", "!=", "<=", ">=", "&&", "||", "**", "+", "-", "*", "/", "^", "<", ">", "=", "!", "&", "|", "(",
    ")", "[", "]", "{", "}", ",", ":", ".", "#", "%", "@",
];

/// The pieces of the text, with [`Token::End`] as the last; nothing if there are more than `most`.
pub(super) fn pieces(text: &str, most: usize) -> Option<Vec<Piece<'_>>> {
    let mut list = Vec::new();
    let mut at = 0;
    loop {
        let blank = text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\n', '\r']).len();
        at += blank;
        let (token, length) = piece(&text[at..]);
        list.push(Piece { token, start: at, end: at + length });
        if token == Token::End {
            return Some(list);
        }
        if list.len() > most {
            return None;
        }
        at += length;
    }
}

/// The first token of the text and its length.
fn piece(text: &str) -> (Token<'_>, usize) {
    let Some(first) = text.chars().next() else { return (Token::End, 0) };
    if first.is_ascii_digit() {
        return number(text);
    }
    if begins_name(first) {
        let end = text.find(|c| !continues_name(c)).unwrap_or(text.len());
        return (Token::Word(&text[..end]), end);
    }
    if let Some((name, _)) =
        text.strip_prefix('`').and_then(|rest| rest.split_once('`')).filter(|(name, _)| !name.is_empty())
    {
        return (Token::Quoted(name), name.len() + 2);
    }
    match SYMBOLS.iter().find(|symbol| text.starts_with(**symbol)) {
        Some(symbol) => (Token::Symbol(symbol), symbol.len()),
        None => (Token::Junk(&text[..first.len_utf8()]), first.len_utf8()),
    }
}

/// A number: digits, a fraction (but `1..` is a range), an exponent (but `4 e` is a unit).
fn number(text: &str) -> (Token<'_>, usize) {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        end += 1 + digits(end + 1);
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if is_digit(end + 1 + sign) {
            end += 1 + sign + digits(end + 1 + sign);
        }
    }
    let prefix =
        matches!(bytes.get(1), Some(b'x' | b'o' | b'b')) && end == 1 && bytes[0] == b'0' && is_hex(bytes.get(2));
    if prefix {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        return (Token::BadNumber("numbers are decimal in expressions"), end);
    }
    match text[..end].replace('_', "").parse::<f64>() {
        Ok(value) if value.is_finite() => (Token::Number(value), end),
        _ => (Token::BadNumber("the number is too large"), end),
    }
}

fn is_hex(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_hexdigit)
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether the text is an identifier that is no keyword: letters, digits and `_`, no digit first.
pub fn is_name(text: &str) -> bool {
    text.starts_with(begins_name) && text.chars().all(continues_name) && !KEYWORDS.contains(&text)
}
