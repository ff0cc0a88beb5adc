//! Values of expressions: numbers with dimensions, Booleans, colours, colour sets, laws, lists, tables.

use super::expr::{Expr, LawExpr};
use crate::units::Dimension;
use indexmap::{IndexMap, IndexSet};
use std::fmt;
use std::rc::Rc;

/// What an expression stands for. Cloning is cheap but for expressions over the marking.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A number in base units; it may depend on the marking.
    Number(Expr, Dimension),
    /// A truth value; it may depend on the marking.
    Boolean(Expr),
    Colour(Colour),
    Set(Rc<ColourSet>),
    Law(Rc<LawExpr>),
    List(Rc<[Value]>),
    Table(Rc<IndexMap<Colour, Value>>),
    /// Something wrong that is reported already; whatever is made of it is silent.
    Poison,
}

impl Value {
    /// A plain number.
    pub(super) fn number(value: f64) -> Value {
        Value::Number(Expr::Constant(value), Dimension::NUMBER)
    }

    /// A constant truth value.
    pub(super) fn boolean(value: bool) -> Value {
        Value::Boolean(Expr::Constant(f64::from(value)))
    }

    /// What it is, for messages: "a time", "a colour".
    pub(super) fn kind(&self) -> String {
        match self {
            Value::Number(_, dimension) => dimension.to_string(),
            Value::Boolean(_) => "a Boolean".into(),
            Value::Colour(_) => "a colour".into(),
            Value::Set(_) => "a colour set".into(),
            Value::Law(_) => "a law".into(),
            Value::List(_) => "a list".into(),
            Value::Table(_) => "a table by colour".into(),
            Value::Poison => "something wrong".into(),
        }
    }

    /// Whether a value may stand where `self` is the declared default: same kind, same dimension.
    pub(super) fn admits(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Poison, _) | (_, Value::Poison) => true,
            (Value::Number(_, a), Value::Number(_, b)) => a == b,
            (Value::Number(_, a), Value::Colour(Colour::Integer(_))) => *a == Dimension::NUMBER,
            (Value::Boolean(_), Value::Colour(Colour::Boolean(_))) => true,
            (Value::Law(_), Value::Number(_, dimension)) => *dimension == Dimension::TIME,
            (Value::List(a), Value::List(b)) => match (a.first(), b.first()) {
                (Some(a), Some(b)) => a.admits(b),
                _ => true,
            },
            (Value::Table(a), Value::Table(b)) => match (a.values().next(), b.values().next()) {
                (Some(a), Some(b)) => a.admits(b),
                _ => true,
            },
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// A neutral value of the same type, to go on type-checking with.
    pub(super) fn blank(&self) -> Value {
        match self {
            Value::Number(_, dimension) => Value::Number(Expr::Constant(0.0), *dimension),
            Value::Boolean(_) => Value::boolean(false),
            _ => Value::Poison,
        }
    }

    /// The value in words, for reports.
    pub(super) fn words(&self) -> String {
        let list = |parts: Vec<String>| parts.join(", ");
        match self {
            Value::Number(Expr::Constant(x), Dimension::NUMBER) => format!("{x}"),
            Value::Number(Expr::Constant(x), Dimension::TIME) => format!("{x} s"),
            Value::Number(Expr::Constant(x), Dimension::RATE) => format!("{x} Hz"),
            Value::Number(Expr::Constant(x), dimension) => format!("{x} s^{}", dimension.time),
            Value::Boolean(Expr::Constant(x)) => format!("{}", *x != 0.0),
            Value::Colour(colour) => colour.to_string(),
            Value::Set(set) => set.to_string(),
            Value::Law(law) => law.form.name.to_string(),
            Value::List(values) => {
                format!("[{}]", list(values.iter().map(Value::words).collect()))
            }
            Value::Table(table) => {
                let entry = |(k, v): (&Colour, &Value)| format!("{k}: {}", v.words());
                format!("{{{}}}", list(table.iter().map(entry).collect()))
            }
            Value::Number(..) | Value::Boolean(_) | Value::Poison => "?".into(),
        }
    }
}

/// "1 variable", "2 variables".
pub(super) fn counted(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        number => format!("{number} {word}s"),
    }
}

/// A colour; two of the same spelling are the same, whichever sets they come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Colour {
    Name(Rc<str>),
    Integer(i64),
    Boolean(bool),
    Tuple(Rc<[Colour]>),
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Colour::Name(name) => f.write_str(name),
            Colour::Integer(value) => write!(f, "{value}"),
            Colour::Boolean(value) => write!(f, "{value}"),
            Colour::Tuple(parts) => {
                f.write_str("(")?;
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}

/// A finite, ordered set of colours.
#[derive(Debug, Clone)]
pub(super) enum ColourSet {
    /// Listed one by one.
    Items(IndexSet<Colour>),
    /// Successive integers.
    Range { from: i64, len: usize },
    /// All tuples, the last component varying fastest.
    Product { parts: Vec<Rc<ColourSet>>, len: usize },
}

impl ColourSet {
    /// How many colours.
    pub(super) fn len(&self) -> usize {
        match self {
            ColourSet::Items(items) => items.len(),
            ColourSet::Range { len, .. } | ColourSet::Product { len, .. } => *len,
        }
    }

    /// All tuples of these sets; `None` when there are more than `limit`.
    pub(super) fn product(parts: Vec<Rc<ColourSet>>, limit: usize) -> Option<ColourSet> {
        let len = size(&parts).filter(|len| *len <= limit)?;
        Some(ColourSet::Product { parts, len })
    }

    /// The colour at an index below `len`.
    pub(super) fn get(&self, index: usize) -> Colour {
        match self {
            ColourSet::Items(items) => items[index].clone(),
            ColourSet::Range { from, .. } => Colour::Integer(from + index as i64),
            ColourSet::Product { parts, .. } => Colour::Tuple(decode(parts, index).into()),
        }
    }

    /// The index of a colour.
    pub(super) fn index(&self, colour: &Colour) -> Option<usize> {
        match (self, colour) {
            (ColourSet::Items(items), colour) => items.get_index_of(colour),
            (ColourSet::Range { from, len }, Colour::Integer(value)) => {
                let offset = usize::try_from(value.checked_sub(*from)?).ok()?;
                (offset < *len).then_some(offset)
            }
            (ColourSet::Product { parts, .. }, Colour::Tuple(colours)) => {
                if parts.len() != colours.len() {
                    return None;
                }
                let pairs = parts.iter().zip(colours.iter());
                pairs.map(|(p, c)| Some((p.len(), p.index(c)?))).try_fold(0, |at, step| {
                    let (len, index) = step?;
                    Some(at * len + index)
                })
            }
            _ => None,
        }
    }

    /// All colours in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Colour> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Whether two sets have the same colours, in whatever order.
    pub(super) fn same(&self, other: &ColourSet) -> bool {
        match (self, other) {
            (ColourSet::Range { from: a, len: n }, ColourSet::Range { from: b, len: m }) => {
                n == m && (*n == 0 || a == b)
            }
            _ => {
                std::ptr::eq(self, other) || self.len() == other.len() && self.iter().all(|c| other.index(&c).is_some())
            }
        }
    }

    /// Whether its colours are integers, so that a bare number can be one.
    pub(super) fn is_integer(&self) -> bool {
        match self {
            ColourSet::Range { .. } => true,
            ColourSet::Items(items) => matches!(items.first(), Some(Colour::Integer(_))),
            ColourSet::Product { .. } => false,
        }
    }
}

impl fmt::Display for ColourSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        match self {
            ColourSet::Range { len: 0, .. } => f.write_str("{}"),
            ColourSet::Range { from, len } => write!(f, "{from}..={}", from + (*len as i64 - 1)),
            ColourSet::Items(items) => {
                f.write_str("{")?;
                for (i, item) in items.iter().take(SHOWN).enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(if items.len() > SHOWN { ", …}" } else { "}" })
            }
            ColourSet::Product { parts, .. } => {
                for (i, part) in parts.iter().enumerate() {
                    let nested = matches!(**part, ColourSet::Product { .. });
                    let (open, close) = if nested { ("(", ")") } else { ("", "") };
                    write!(f, "{}{open}{part}{close}", if i > 0 { " * " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// How many tuples these sets have; `None` when that doesn't fit in 63 bits.
pub(super) fn size(sets: &[Rc<ColourSet>]) -> Option<usize> {
    if sets.iter().any(|set| set.len() == 0) {
        return Some(0);
    }
    let product = sets.iter().try_fold(1usize, |n, set| n.checked_mul(set.len()))?;
    (product <= i64::MAX as usize).then_some(product)
}

/// The tuple at an index, the last component varying fastest.
pub(super) fn decode(sets: &[Rc<ColourSet>], mut index: usize) -> Vec<Colour> {
    let mut colours: Vec<Colour> = Vec::with_capacity(sets.len());
    for set in sets.iter().rev() {
        colours.push(set.get(index % set.len()));
        index /= set.len();
    }
    colours.reverse();
    colours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, len: usize) -> Rc<ColourSet> {
        Rc::new(ColourSet::Range { from, len })
    }

    #[test]
    fn index_and_get_are_inverse() {
        let names = ["a", "b"].map(|n| Colour::Name(n.into())).into_iter().collect();
        let parts = vec![range(-1, 3), Rc::new(ColourSet::Items(names)), range(5, 4)];
        let set = ColourSet::product(parts, 100).expect("24 colours");
        assert_eq!(set.len(), 24);
        for i in 0..set.len() {
            assert_eq!(set.index(&set.get(i)), Some(i));
        }
        assert_eq!(set.get(1).to_string(), "(-1, a, 6)");
        assert_eq!(set.index(&Colour::Integer(3)), None);
    }

    #[test]
    fn products_are_measured_before_they_are_made() {
        let huge = range(0, 1 << 40);
        assert!(ColourSet::product(vec![huge.clone(), huge.clone()], usize::MAX).is_none());
        assert_eq!(size(&[huge.clone(), huge, range(0, 0)]), Some(0));
    }
}
