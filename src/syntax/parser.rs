//! The cursor of the expression parser: tokens, places, limits and error messages.

use super::expr::{Expr, ExprKind, Name};
use super::lex::{self, KEYWORDS, Piece, Token};
use super::tree::Text;
use crate::diag::{Diagnostic, Diagnostics, Span};

/// Deepest nesting within one expression.
pub const DEEPEST_EXPRESSION: usize = 64;
/// Most infix operators in one expression; they make the tree deep as well.
pub const MOST_OPERATORS: usize = 512;
/// Most tokens in one expression.
const MOST_TOKENS: usize = 200_000;

/// Something is wrong, and has been reported.
pub(super) struct Reported;

/// A result whose error is already among the diagnostics.
pub(super) type Parsed<T> = Result<T, Reported>;

/// Parses the tokens of one text.
pub(super) struct Parser<'a> {
    text: &'a Text,
    pieces: Vec<Piece<'a>>,
    at: usize,
    depth: usize,
    operators: usize,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a Text, diagnostics: &'a mut Diagnostics) -> Parsed<Parser<'a>> {
        let Some(pieces) = lex::pieces(&text.text, MOST_TOKENS) else {
            let message = format!("an expression of more than {MOST_TOKENS} words and signs");
            diagnostics.push(Diagnostic::error("E0307", text.span, message));
            return Err(Reported);
        };
        Ok(Parser { text, pieces, at: 0, depth: 0, operators: 0, diagnostics })
    }

    /// The token under the cursor.
    pub(super) fn peek(&self) -> Token<'a> {
        self.pieces[self.at].token
    }

    /// The token `ahead` places behind the cursor.
    pub(super) fn peek_at(&self, ahead: usize) -> Token<'a> {
        self.pieces.get(self.at + ahead).map_or(Token::End, |piece| piece.token)
    }

    /// Where the token under the cursor stands.
    pub(super) fn here(&self) -> Span {
        let piece = self.pieces[self.at];
        self.text.at(piece.start, piece.end)
    }

    /// Where the token before the cursor stands.
    pub(super) fn before(&self) -> Span {
        let piece = self.pieces[self.at.saturating_sub(1)];
        self.text.at(piece.start, piece.end)
    }

    /// Moves on, and says where the token stood.
    pub(super) fn advance(&mut self) -> Span {
        let span = self.here();
        if self.at + 1 < self.pieces.len() {
            self.at += 1;
        }
        span
    }

    /// Whether that symbol stands here.
    pub(super) fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if found == symbol)
    }

    /// Whether that word stands here.
    pub(super) fn at_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found == word)
    }

    /// Takes that symbol, if it stands here.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.at_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes that keyword, if it stands here.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.advance();
        }
        found
    }

    /// Takes that symbol, or reports that it is missing.
    pub(super) fn expect(&mut self, symbol: &str) -> Parsed<Span> {
        if self.at_symbol(symbol) { Ok(self.advance()) } else { self.unexpected(&format!("`{symbol}`")) }
    }

    /// Takes that keyword, or reports that it is missing.
    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<Span> {
        if self.at_word(word) { Ok(self.advance()) } else { self.unexpected(&format!("`{word}`")) }
    }

    /// Takes the bracket that closes the one at `open`.
    pub(super) fn close(&mut self, symbol: &str, open: Span) -> Parsed<Span> {
        if self.at_symbol(symbol) {
            return Ok(self.advance());
        }
        if self.peek() != Token::End {
            return self.unexpected(&format!("`{symbol}`"));
        }
        let message = format!("`{symbol}` is missing");
        self.fail(Diagnostic::error("E0311", open, message).label("this bracket is not closed"))
    }

    /// Takes a name that is no keyword.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.peek() {
            Token::Word(word) if !KEYWORDS.contains(&word) => Ok(Name { text: word.to_owned(), span: self.advance() }),
            Token::Word(word) => {
                let message = format!("expected {what}, but `{word}` is a keyword");
                self.fail(Diagnostic::error("E0312", self.here(), message).help("choose another name"))
            }
            _ => self.unexpected(what),
        }
    }

    /// Reports that something else was expected here.
    pub(super) fn unexpected<T>(&mut self, expected: &str) -> Parsed<T> {
        let span = self.here();
        let diagnostic = match self.peek() {
            Token::Junk(junk) => junk_error(junk, span),
            Token::BadNumber(reason) => {
                Diagnostic::error("E0303", span, reason).help("write it as `12`, `0.5` or `1e-5`")
            }
            token => {
                let message = format!("expected {expected}, found {}", describe(token));
                Diagnostic::error("E0301", span, message)
            }
        };
        self.fail(diagnostic)
    }

    /// Reports an error that ends the parsing.
    pub(super) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Parsed<T> {
        self.diagnostics.push(diagnostic);
        Err(Reported)
    }

    /// Runs `inner` one level deeper, if that is not too deep.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST_EXPRESSION {
            let message = format!("an expression nested more than {DEEPEST_EXPRESSION} deep");
            return self.fail(Diagnostic::error("E0307", self.here(), message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Counts an infix operator.
    pub(super) fn count_operator(&mut self) -> Parsed<()> {
        self.operators += 1;
        if self.operators <= MOST_OPERATORS {
            return Ok(());
        }
        let message = format!("an expression with more than {MOST_OPERATORS} operators");
        self.fail(Diagnostic::error("E0307", self.here(), message).help("use `sum(k in Set: …)` or more than one name"))
    }

    /// Requires the end of the text.
    pub(super) fn end(&mut self) -> Parsed<()> {
        let previous = if self.at == 0 { Token::End } else { self.pieces[self.at - 1].token };
        match self.peek() {
            Token::End => Ok(()),
            Token::Symbol(symbol @ (")" | "]" | "}")) => {
                self.fail(Diagnostic::error("E0301", self.here(), format!("`{symbol}` closes nothing")))
            }
            Token::Word(_) | Token::Quoted(_) | Token::Number(_) | Token::Symbol("(" | "[" | "{" | "#") if !matches!(previous, Token::Word(word) if KEYWORDS.contains(&word)) =>
            {
                let message = format!("an operator is missing before {}", describe(self.peek()));
                self.fail(Diagnostic::error("E0313", self.here(), message))
            }
            _ => self.unexpected("an operator or the end of the expression"),
        }
    }
}

/// An expression that could not be read.
pub(super) fn invalid(span: Span) -> Expr {
    Expr { kind: ExprKind::Invalid, span }
}

/// What the user would call it.
fn describe(token: Token<'_>) -> String {
    match token {
        Token::Number(value) => format!("the number {value}"),
        Token::BadNumber(_) => "a number".to_owned(),
        Token::Word(word) => format!("`{}`", super::ron_lexer::shorten(word)),
        Token::Symbol(symbol) => format!("`{symbol}`"),
        Token::Quoted(name) => format!("`{}`", super::ron_lexer::shorten(name)),
        Token::Junk(junk) => format!("`{junk}`"),
        Token::End => "the end of the expression".to_owned(),
    }
}

fn junk_error(junk: &str, span: Span) -> Diagnostic {
    let help = match junk {
        "≤" => Some("write `<=`"),
        "≥" => Some("write `>=`"),
        "≠" => Some("write `!=`"),
        "×" | "·" | "∙" => Some("write `*`"),
        "−" | "–" => Some("write `-`"),
        "÷" => Some("write `/`"),
        "\"" | "'" => Some("an expression has no strings; names stand without quotes"),
        "∞" => Some("for any number of servers write `servers: Infinite`, without quotes"),
        _ => None,
    };
    let shown = if matches!(junk, "\"" | "'") { junk.to_owned() } else { junk.escape_debug().to_string() };
    let message = format!("`{shown}` means nothing in an expression");
    Diagnostic { help: help.map(str::to_owned), ..Diagnostic::error("E0302", span, message) }
}
