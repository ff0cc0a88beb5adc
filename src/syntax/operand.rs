//! Expressions: what stands between the operators.

use super::expr::{Argument, Expr, ExprKind, FATES, Name, Path, PlaceRef, Quantifier, Segment};
use super::lex::{KEYWORDS, Token};
use super::parser::{Parsed, Parser, invalid};
use super::ron_lexer::shorten;
use crate::diag::{Diagnostic, Span};
use crate::units::{UNITS, nearest_unit, unit};
use std::collections::HashMap;

impl Parser<'_> {
    /// A number, name, call, count of tokens, or anything in brackets.
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Token::Number(value) => Ok(self.quantity(value)),
            Token::Word(word) => self.word(word),
            Token::Quoted(text) => {
                let name = Name { text: text.to_owned(), span: self.advance() };
                let span = name.span;
                let path = Path { segments: vec![Segment { name, index: Vec::new() }], span };
                Ok(Expr { kind: ExprKind::Path(path), span })
            }
            Token::Symbol("#") => {
                let start = self.advance();
                let place = self.place()?;
                let span = start.to(place.span);
                Ok(Expr { kind: ExprKind::Tokens(place), span })
            }
            Token::Symbol("(") => self.parentheses(),
            Token::Symbol("[") => {
                let open = self.advance();
                let items = self.items("]")?;
                let span = open.to(self.close("]", open)?);
                Ok(Expr { kind: ExprKind::List(items), span })
            }
            Token::Symbol("{") => self.nested(Parser::braces),
            _ => self.unexpected("a value"),
        }
    }

    /// An operand, perhaps with its time: `x @ t`, `x over [a, b]`.
    pub(super) fn at_its_time(&mut self) -> Parsed<Expr> {
        let mut asked = self.operand()?;
        loop {
            let start = asked.span;
            if self.take("@") {
                let time = Box::new(self.nested(Parser::unary)?);
                let span = start.to(time.span);
                asked = Expr { kind: ExprKind::At { asked: Box::new(asked), time }, span };
            } else if self.at_word("over") && self.peek_at(1) == Token::Symbol("[") {
                self.advance();
                let open = self.advance();
                let from = Box::new(self.expr()?);
                self.expect(",")?;
                let to = Box::new(self.expr()?);
                let span = start.to(self.close("]", open)?);
                asked = Expr { kind: ExprKind::Over { asked: Box::new(asked), from, to }, span };
            } else {
                return Ok(asked);
            }
            self.count_operator()?;
        }
    }

    /// A number and the unit directly behind it, which binds tighter than anything: `1/92 d` is 1/(92 d).
    fn quantity(&mut self, written: f64) -> Expr {
        let number = self.advance();
        let name = match self.peek() {
            Token::Word(word) if !KEYWORDS.contains(&word) => word,
            // `5 % 3` is meant as a remainder.
            Token::Symbol("%") if !self.operand_behind_percent() => "%",
            _ => return Expr { kind: ExprKind::Number(written), span: number },
        };
        let Some((factor, dimension)) = unit(name) else {
            self.unknown_unit(name, written);
            return invalid(number.to(self.advance()));
        };
        let value = scale(written, factor);
        let span = number.to(self.here());
        if !value.is_finite() {
            let diagnostic = Diagnostic::error("E0303", span, "the quantity is too large");
            self.diagnostics.push(diagnostic);
        }
        self.advance();
        let unit = name.to_owned();
        Expr { kind: ExprKind::Quantity { value, dimension, written, unit }, span }
    }

    fn operand_behind_percent(&self) -> bool {
        matches!(self.peek_at(1), Token::Number(_) | Token::Symbol("#" | "("))
            || matches!(self.peek_at(1), Token::Word(word) if !KEYWORDS.contains(&word))
    }

    fn unknown_unit(&mut self, name: &str, written: f64) {
        let name = &shorten(name);
        let help = match nearest_unit(name) {
            Some(near) => format!("did you mean `{written} {near}`?"),
            None => {
                let names: Vec<&str> = UNITS.iter().map(|(name, _, _)| *name).collect();
                format!("units are {}; or an operator is missing: `{written} * {name}`", names.join(", "))
            }
        };
        let message = format!("unknown unit `{name}`");
        self.diagnostics.push(Diagnostic::error("E0304", self.here(), message).help(help));
    }

    /// Anything that begins with a word.
    fn word(&mut self, word: &str) -> Parsed<Expr> {
        let behind = self.peek_at(1);
        match word {
            "true" | "false" => {
                let kind = ExprKind::Boolean(word == "true");
                return Ok(Expr { kind, span: self.advance() });
            }
            "all" if !self.binds_ahead() => return self.all(),
            "if" => {
                let diagnostic = Diagnostic::error("E0301", self.here(), "`if` inside a larger expression");
                return self.fail(diagnostic.help("put it in parentheses: `(if … then … else …)`"));
            }
            "P" | "E" if behind == Token::Symbol("{") => return self.nested(|parser| parser.average(word == "P")),
            _ if behind == Token::Symbol("{") && FATES.contains(&word) => return self.nested(Parser::fate),
            _ => {}
        }
        if behind != Token::Symbol("(") {
            return self.path_value();
        }
        match quantifier(word) {
            Some(quantifier) => self.nested(|parser| parser.quantified(quantifier)),
            None => self.nested(Parser::call),
        }
    }

    /// Whether `(k in` stands behind the word under the cursor.
    fn binds_ahead(&self) -> bool {
        self.peek_at(1) == Token::Symbol("(")
            && matches!(self.peek_at(2), Token::Word(_))
            && self.peek_at(3) == Token::Word("in")
    }

    /// `all Child`.
    fn all(&mut self) -> Parsed<Expr> {
        let start = self.advance();
        let set = self.nested(Parser::operand)?;
        let span = start.to(set.span);
        Ok(Expr { kind: ExprKind::All(Box::new(set)), span })
    }

    /// `P{event if given}`, `E{value if given}`.
    fn average(&mut self, probability: bool) -> Parsed<Expr> {
        let start = self.advance();
        let open = self.advance();
        let value = Box::new(self.expr()?);
        let given = if self.take_word("if") { Some(Box::new(self.expr()?)) } else { None };
        let span = start.to(self.close("}", open)?);
        let kind = if probability {
            ExprKind::Probability { event: value, given }
        } else {
            ExprKind::Expectation { value, given }
        };
        Ok(Expr { kind, span })
    }

    /// `outage{condition}`.
    fn fate(&mut self) -> Parsed<Expr> {
        let word = self.name("a name")?;
        let open = self.advance();
        let condition = Box::new(self.expr()?);
        let span = word.span.to(self.close("}", open)?);
        Ok(Expr { kind: ExprKind::Fate(word, condition), span })
    }

    /// `sum(k in Kid, j in 1..=2 if k != udp: …)`.
    fn quantified(&mut self, quantifier: Quantifier) -> Parsed<Expr> {
        let word = self.peek();
        let start = self.advance();
        let open = self.advance();
        if !(matches!(self.peek(), Token::Word(_)) && self.peek_at(1) == Token::Word("in")) {
            let Token::Word(word) = word else { return self.unexpected("a name") };
            let diagnostic = Diagnostic::error("E0309", start, format!("`{word}` needs a variable"));
            return self.fail(diagnostic.help(format!("write `{word}(k in Set: …)`")));
        }
        let variables = self.variables()?;
        let filter = if self.take_word("if") { Some(Box::new(self.expr()?)) } else { None };
        self.expect(":")?;
        let body = Box::new(self.expr()?);
        let span = start.to(self.close(")", open)?);
        Ok(Expr { kind: ExprKind::Quantified { quantifier, variables, filter, body }, span })
    }

    /// `k in Kid, j in 1..=2`.
    pub(super) fn variables(&mut self) -> Parsed<Vec<(Name, Expr)>> {
        let mut variables: Vec<(Name, Expr)> = Vec::new();
        let mut given = HashMap::new();
        loop {
            let name = self.name("a variable")?;
            self.expect_word("in")?;
            let set = self.nested(Parser::range)?;
            if self.is_new("variable", &name, &mut given) {
                variables.push((name, set));
            }
            if !self.take(",") {
                return Ok(variables);
            }
        }
    }

    /// Whether a name stands for the first time; reports it otherwise.
    fn is_new(&mut self, what: &str, name: &Name, given: &mut HashMap<String, Span>) -> bool {
        let Some(&first) = given.get(&name.text) else {
            given.insert(name.text.clone(), name.span);
            return true;
        };
        let message = format!("{what} `{}` is given twice", name.text);
        self.diagnostics.push(Diagnostic::error("E0314", name.span, message).also(first, "first given here"));
        false
    }

    /// `LogNormal(mean: m, sigma: s)`.
    fn call(&mut self) -> Parsed<Expr> {
        let name = self.name("a function")?;
        let open = self.advance();
        let mut arguments: Vec<Argument> = Vec::new();
        let mut given = HashMap::new();
        while !self.at_symbol(")") {
            let argument = self.argument()?;
            if argument.name.as_ref().is_none_or(|name| self.is_new("argument", name, &mut given)) {
                arguments.push(argument);
            }
            if !self.take(",") {
                break;
            }
        }
        let span = name.span.to(self.close(")", open)?);
        Ok(Expr { kind: ExprKind::Call(name, arguments), span })
    }

    fn argument(&mut self) -> Parsed<Argument> {
        let named = matches!(self.peek(), Token::Word(_)) && self.peek_at(1) == Token::Symbol(":");
        let name = if named { Some(self.name("an argument's name")?) } else { None };
        if named {
            self.advance();
        }
        Ok(Argument { name, value: self.expr()? })
    }

    fn path_value(&mut self) -> Parsed<Expr> {
        let path = self.path()?;
        if self.at_symbol("(") {
            let diagnostic = Diagnostic::error("E0301", path.span, "only a plain name can be called");
            return self.fail(diagnostic.help("tokens of a place are written `#Place(colour)`"));
        }
        let span = path.span;
        Ok(Expr { kind: ExprKind::Path(path), span })
    }

    /// `mtbf`, `params.mtbf`, `kid[k].Idle`.
    fn path(&mut self) -> Parsed<Path> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut span: Option<Span> = None;
        loop {
            let name = self.name("a name")?;
            let mut index = Vec::new();
            let mut end = name.span;
            if self.at_symbol("[") {
                let open = self.advance();
                index = self.items("]")?;
                if index.is_empty() {
                    return self.unexpected("an index");
                }
                end = self.close("]", open)?;
            }
            span = Some(span.unwrap_or(name.span).to(end));
            segments.push(Segment { name, index });
            if !self.take(".") {
                return Ok(Path { segments, span: span.unwrap_or(end) });
            }
        }
    }

    /// `Failed`, `Failed(k)`, `kid[k].Idle`, without the `#`.
    pub(super) fn place(&mut self) -> Parsed<PlaceRef> {
        let path = self.path()?;
        let mut span = path.span;
        let mut colour = Vec::new();
        if self.at_symbol("(") {
            let open = self.advance();
            colour = self.items(")")?;
            if colour.is_empty() {
                return self.unexpected("a colour");
            }
            span = span.to(self.close(")", open)?);
        }
        Ok(PlaceRef { path, colour, span })
    }

    /// Expressions between commas, up to a closing bracket, which is left.
    fn items(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.at_symbol(close) && self.peek() != Token::End {
            items.push(self.expr()?);
            if !self.take(",") {
                break;
            }
        }
        Ok(items)
    }

    /// `(x)` groups, `(a, b)` is a tuple.
    fn parentheses(&mut self) -> Parsed<Expr> {
        let open = self.advance();
        let mut items = self.items(")")?;
        let comma = self.before();
        let span = open.to(self.close(")", open)?);
        match items.len() {
            0 => self.fail(Diagnostic::error("E0301", span, "nothing stands in these parentheses")),
            1 if comma.end > items[0].span.end && comma.start >= items[0].span.end => {
                let diagnostic = Diagnostic::error("E0301", comma, "a tuple has at least two parts");
                self.fail(diagnostic.help("leave out the comma"))
            }
            1 => Ok(Expr { span, ..items.remove(0) }),
            _ => Ok(Expr { kind: ExprKind::Tuple(items), span }),
        }
    }

    /// `{a, b}` is a set, `{a: 1 h}` a table, `{}` an empty set.
    fn braces(&mut self) -> Parsed<Expr> {
        let open = self.advance();
        let mut items = Vec::new();
        let mut entries = Vec::new();
        while !self.at_symbol("}") && self.peek() != Token::End {
            let item = self.expr()?;
            let is_entry = self.take(":");
            if is_entry && !items.is_empty() || !is_entry && !entries.is_empty() {
                let diagnostic = Diagnostic::error("E0310", item.span, "a set and a table in one");
                return self.fail(diagnostic.help("a set is `{a, b}`, a table `{a: 1 h, b: 2 h}`"));
            }
            if is_entry {
                entries.push((item, self.expr()?));
            } else {
                items.push(item);
            }
            if !self.take(",") {
                break;
            }
        }
        let span = open.to(self.close("}", open)?);
        let kind = if entries.is_empty() { ExprKind::Set(items) } else { ExprKind::Table(entries) };
        Ok(Expr { kind, span })
    }
}

/// In base units. Decimal fractions of them are reckoned in decimal: `99.999 %` is the nearest number to 0.99999.
fn scale(written: f64, factor: f64) -> f64 {
    if factor >= 1.0 {
        return written * factor;
    }
    let mut parts = (1.0 / factor).round() as u64;
    let mut places = 0;
    while parts >= 10 {
        parts /= 10;
        places += 1;
    }
    let text = format!("{written:e}");
    let scaled = text.split_once('e').and_then(|(digits, exponent)| {
        let exponent: i32 = exponent.parse().ok()?;
        format!("{digits}e{}", exponent - places).parse().ok()
    });
    scaled.unwrap_or(written * factor)
}

fn quantifier(word: &str) -> Option<Quantifier> {
    Some(match word {
        "sum" => Quantifier::Sum,
        "product" => Quantifier::Product,
        "all" => Quantifier::ForAll,
        "any" => Quantifier::Exists,
        "count" => Quantifier::Count,
        _ => return None,
    })
}
