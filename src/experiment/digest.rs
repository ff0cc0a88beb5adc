//! The identity of a flat net: SHA-256 over the lines of a canonical text, the same however the file is ordered or laid out.

use crate::net::expr::{ArgumentExpr, Expr, LawExpr};
use crate::net::question::Question;
use crate::net::{Arc, Average, Formula, Net, Place, PlaceId, Timing, Transition};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The digest of a net, 64 hexadecimal digits. Places and transitions count by name, not by order;
/// conditions and measures in order, since the first leads. Where things are declared doesn't count.
pub fn digest(net: &Net) -> String {
    let mark = |line: String| -> [u8; 32] { Sha256::digest(line.as_bytes()).into() };
    // A large net is a long text, so only the marks of its lines are put in order.
    let mut marks: Vec<[u8; 32]> = net.places.iter().map(|p| mark(place(p))).collect();
    marks.extend(net.transitions.iter().map(|t| mark(transition(net, t))));
    marks.sort_unstable();
    for condition in &net.up {
        marks.push(mark(format!("up {:?} {}", condition.name, Text(net).expr(&condition.expr))));
    }
    for measure in &net.measures {
        let formula = Text(net).formula(&measure.formula);
        let precision = measure.precision;
        marks.push(mark(format!("measure {:?} {} {precision:?} {formula}", measure.name, measure.dimension.time)));
    }
    for phase in &net.phases {
        marks.push(mark(format!("phase {:?} {}", phase.name, Text(net).expr(&phase.expr))));
    }
    for condition in &net.questions.conditions {
        marks.push(mark(format!("asked {}", Text(net).expr(&condition.expr))));
    }
    for average in &net.questions.averages {
        marks.push(mark(format!("asked {}", Text(net).formula(&average.formula))));
    }
    for Question { name, about, offset, factor, dimension, precision, .. } in &net.questions.list {
        marks.push(mark(format!("question {name:?} {about:?} {offset:?} {factor:?} {} {precision:?}", dimension.time)));
    }
    sha256(marks.as_flattened())
}

/// SHA-256 of some bytes, 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What a condition says, with places by name.
pub fn condition(net: &Net, up: usize) -> String {
    Text(net).expr(&net.up[up].expr)
}

fn place(place: &Place) -> String {
    let capacity = place.capacity.map_or("-".to_string(), |c| format!("{} {:?}", c.limit, c.overrun));
    format!("place {:?} {} {capacity}", place.name, place.initial)
}

fn transition(net: &Net, t: &Transition) -> String {
    let text = Text(net);
    let guard = t.guard.as_ref().map_or("-".to_string(), |guard| text.expr(guard));
    let timing = match &t.timing {
        Timing::Immediate { priority, weight, scope } => {
            format!("immediate {priority} {} {scope:?}", text.expr(weight))
        }
        Timing::Timed(timed) => {
            let speed = timed.speed.as_ref().map_or("-".to_string(), |speed| text.expr(speed));
            let law = text.law(&timed.law);
            let (memory, servers, scope, renew) = (timed.memory, timed.servers, timed.scope, timed.renew);
            format!("timed {law} {speed} {memory:?} {servers:?} {scope:?} {renew:?}")
        }
    };
    let family = &net.families[t.family.0 as usize];
    let mut flushes: Vec<&str> = t.flushes.iter().map(|&p| text.place(p)).collect();
    flushes.sort_unstable();
    let arcs = [&t.inputs, &t.outputs, &t.tests, &t.inhibitors].map(|arcs| text.arcs(arcs));
    format!(
        "transition {:?} {family:?} {:?} {:?} {timing} {} {flushes:?} {guard}",
        t.name,
        t.stream,
        t.role,
        arcs.join(" ")
    )
}

/// Writes the parts of one net, with places by name.
struct Text<'n>(&'n Net);

impl Text<'_> {
    fn place(&self, place: PlaceId) -> &str {
        &self.0.places[place.0 as usize].name
    }

    fn arcs(&self, arcs: &[Arc]) -> String {
        let mut list: Vec<String> =
            arcs.iter().map(|arc| format!("{:?} {}", self.place(arc.place), arc.weight)).collect();
        list.sort_unstable();
        format!("[{}]", list.join(", "))
    }

    fn expr(&self, expr: &Expr) -> String {
        let list = |parts: &[&Expr]| parts.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(" ");
        match expr {
            Expr::Constant(value) => format!("{value:?}"),
            Expr::Tokens(places) => {
                let mut names: Vec<&str> = places.iter().map(|&p| self.place(p)).collect();
                names.sort_unstable();
                format!("#{names:?}")
            }
            Expr::Negate(x) => format!("(negate {})", self.expr(x)),
            Expr::Not(x) => format!("(not {})", self.expr(x)),
            Expr::Binary(op, x, y) => format!("({op:?} {})", list(&[x, y])),
            Expr::Fold(op, parts) => format!("({op:?} {})", list(&parts.iter().collect::<Vec<_>>())),
            Expr::If(c, x, y) => format!("(if {})", list(&[c, x, y])),
            Expr::Apply(function, x) => format!("({function:?} {})", self.expr(x)),
        }
    }

    fn law(&self, law: &LawExpr) -> String {
        let argument = |argument: &ArgumentExpr| match argument {
            ArgumentExpr::Scalar(e) => self.expr(e),
            ArgumentExpr::List(list) => {
                format!("[{}]", list.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(" "))
            }
            ArgumentExpr::Law(law) => self.law(law),
            ArgumentExpr::Laws(laws) => {
                format!("[{}]", laws.iter().map(|law| self.law(law)).collect::<Vec<_>>().join(" "))
            }
        };
        let names = law.form.parameters.iter().map(|(name, _)| *name);
        let arguments: Vec<String> =
            names.zip(&law.arguments).map(|(name, value)| format!("{name}: {}", argument(value))).collect();
        format!("{}({})", law.form.name, arguments.join(", "))
    }

    fn formula(&self, formula: &Formula) -> String {
        let both = |name: &str, x, y| format!("({name} {} {})", self.formula(x), self.formula(y));
        let names = |ids: &[crate::net::TransitionId]| {
            let mut names: Vec<&str> = ids.iter().map(|t| self.0.transitions[t.0 as usize].name.as_str()).collect();
            names.sort_unstable();
            format!("{names:?}")
        };
        match formula {
            Formula::Constant(value) => format!("{value:?}"),
            Formula::Average(Average::Reward(e)) => format!("E{}", self.expr(e)),
            Formula::Average(Average::Rate(ids)) => format!("rate{}", names(ids)),
            Formula::Average(Average::Impulse(ids, e)) => format!("impulse{} {}", names(ids), self.expr(e)),
            Formula::Negate(x) => format!("(negate {})", self.formula(x)),
            Formula::Add(x, y) => both("add", x, y),
            Formula::Subtract(x, y) => both("subtract", x, y),
            Formula::Multiply(x, y) => both("multiply", x, y),
            Formula::Divide(x, y) => both("divide", x, y),
        }
    }
}
