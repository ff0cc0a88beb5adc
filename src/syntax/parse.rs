//! Expressions: operators and their precedence.

use super::expr::{BinaryOp, Expr, ExprKind, Name, PlaceRef, UnaryOp};
use super::lex::Token;
use super::parser::{Parsed, Parser, Reported, invalid};
use super::tree::Text;
use crate::diag::{Diagnostic, Diagnostics, SourceId};

/// Parses an expression that begins at byte `offset` of `source`, for example the value of `--set name=value`.
///
/// Nothing if it cannot be understood at all; errors are added to `diagnostics`.
pub fn parse_expr(source: SourceId, text: &str, offset: usize, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let expr = expression(&Text::plain(source, offset, text), diagnostics);
    (expr.kind != ExprKind::Invalid).then_some(expr)
}

/// The expression in a string of a file; [`ExprKind::Invalid`] if it can't be understood.
pub(crate) fn expression(text: &Text, diagnostics: &mut Diagnostics) -> Expr {
    let parsed = whole(text, diagnostics, |parser| {
        if parser.peek() == Token::End {
            return parser.fail(Diagnostic::error("E0308", text.span, "an empty expression"));
        }
        parser.expr()
    });
    parsed.unwrap_or_else(|Reported| invalid(text.span))
}

/// The place in a string of a file: `Failed`, `Launch(k)`.
pub(super) fn place_reference(text: &Text, diagnostics: &mut Diagnostics) -> Option<PlaceRef> {
    let parsed = whole(text, diagnostics, |parser| {
        if parser.at_symbol("#") {
            let diagnostic =
                Diagnostic::error("E0301", parser.here(), "a place is named here, its tokens are not counted");
            return parser.fail(diagnostic.help("leave out the `#`"));
        }
        parser.place()
    });
    parsed.ok()
}

/// A name, perhaps with a bracket of variables: `Fail[s in 1..=6]`.
pub(super) fn bracketed_name(text: &Text, diagnostics: &mut Diagnostics) -> Option<(Name, Vec<(Name, Expr)>)> {
    let parsed = whole(text, diagnostics, |parser| {
        let name = parser.name("a name")?;
        if !parser.at_symbol("[") {
            return Ok((name, Vec::new()));
        }
        let open = parser.advance();
        let variables = parser.variables()?;
        parser.close("]", open)?;
        Ok((name, variables))
    });
    parsed.ok()
}

fn whole<'a, T>(
    text: &'a Text,
    diagnostics: &'a mut Diagnostics,
    parse: impl FnOnce(&mut Parser<'a>) -> Parsed<T>,
) -> Parsed<T> {
    let mut parser = Parser::new(text, diagnostics)?;
    let result = parse(&mut parser)?;
    parser.end()?;
    Ok(result)
}

/// Strength of an infix operator; each is also the least strength of its right side.
fn strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => COMPARISON,
        BinaryOp::Add | BinaryOp::Subtract => 4,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => 5,
        BinaryOp::Power => 6,
    }
}

const COMPARISON: u8 = 3;

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.nested(|parser| if parser.at_word("if") { parser.conditional() } else { parser.range() })
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let start = self.advance();
        let condition = self.expr()?;
        self.expect_word("then")?;
        let yes = self.expr()?;
        self.expect_word("else")?;
        let no = self.expr()?;
        let span = start.to(no.span);
        Ok(Expr { kind: ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)), span })
    }

    /// `1..=6`, or an expression without a range.
    pub(super) fn range(&mut self) -> Parsed<Expr> {
        let from = self.binary(1)?;
        let inclusive = self.at_symbol("..=");
        if !inclusive && !self.at_symbol("..") {
            return Ok(from);
        }
        self.advance();
        let to = self.binary(1)?;
        let span = from.span.to(to.span);
        Ok(Expr { kind: ExprKind::Range { from: Box::new(from), to: Box::new(to), inclusive }, span })
    }

    /// Operators of at least that strength, all but `^` from the left.
    fn binary(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        let mut compared = false;
        while let Some(op) = self.infix().filter(|op| strength(*op) >= least) {
            let at = self.here();
            if strength(op) == COMPARISON {
                if compared {
                    let diagnostic = Diagnostic::error("E0305", at, "comparisons can't be chained");
                    self.diagnostics.push(diagnostic.help("write `a < b && b < c`"));
                }
                compared = true;
            }
            self.foreign_infix();
            self.count_operator()?;
            self.advance();
            let right = self.binary(strength(op) + 1)?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    /// The infix operator under the cursor, also when it is spelled as another language does; `^` is not looked for.
    fn infix(&self) -> Option<BinaryOp> {
        Some(match self.peek() {
            Token::Symbol("||" | "|") | Token::Word("or") => BinaryOp::Or,
            Token::Symbol("&&" | "&") | Token::Word("and") => BinaryOp::And,
            Token::Symbol("==" | "=") => BinaryOp::Equal,
            Token::Symbol("!=") => BinaryOp::NotEqual,
            Token::Symbol("<") => BinaryOp::Less,
            Token::Symbol("<=") => BinaryOp::LessEqual,
            Token::Symbol(">") => BinaryOp::Greater,
            Token::Symbol(">=") => BinaryOp::GreaterEqual,
            Token::Symbol("+") => BinaryOp::Add,
            Token::Symbol("-") => BinaryOp::Subtract,
            Token::Symbol("*") => BinaryOp::Multiply,
            Token::Symbol("/") => BinaryOp::Divide,
            Token::Symbol("%") | Token::Word("mod") => BinaryOp::Modulo,
            _ => return None,
        })
    }

    /// Reports the operator under the cursor if it is spelled as another language does.
    fn foreign_infix(&mut self) {
        let (found, ours) = match self.peek() {
            Token::Word("or") => ("or", "||"),
            Token::Word("and") => ("and", "&&"),
            Token::Symbol("|") => ("|", "||"),
            Token::Symbol("&") => ("&", "&&"),
            Token::Symbol("=") => ("=", "=="),
            Token::Symbol("%") => ("%", "mod"),
            _ => return,
        };
        self.foreign(found, ours);
    }

    fn foreign(&mut self, found: &str, ours: &str) {
        let diagnostic = Diagnostic::error("E0306", self.here(), format!("`{found}` is not an operator here"));
        self.diagnostics.push(diagnostic.help(format!("write `{ours}`")));
    }

    /// `-x`, `!x`, weaker than `^` and stronger than the others.
    pub(super) fn unary(&mut self) -> Parsed<Expr> {
        let op = match self.peek() {
            Token::Symbol("-") => UnaryOp::Negate,
            Token::Symbol("!") => UnaryOp::Not,
            Token::Word("not") => {
                self.foreign("not", "!");
                UnaryOp::Not
            }
            _ => return self.power(),
        };
        let start = self.advance();
        let operand = self.nested(Parser::unary)?;
        let span = start.to(operand.span);
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(operand)), span })
    }

    /// `x ^ y ^ z` is `x ^ (y ^ z)`, and `x ^ -y` needs no parentheses.
    fn power(&mut self) -> Parsed<Expr> {
        let base = self.at_its_time()?;
        if self.at_symbol("**") {
            self.foreign("**", "^");
        } else if !self.at_symbol("^") {
            return Ok(base);
        }
        self.count_operator()?;
        self.advance();
        let exponent = self.nested(Parser::unary)?;
        let span = base.span.to(exponent.span);
        Ok(Expr { kind: ExprKind::Binary(BinaryOp::Power, Box::new(base), Box::new(exponent)), span })
    }
}
