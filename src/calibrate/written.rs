//! A law as it is written in a net: a form of the catalogue and its arguments, which make both the law and its text.

use crate::dist::{Argument, Form, Law, LawError, ParameterKind, forms};
use crate::units::Dimension;

/// A law together with how it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    form: &'static Form,
    arguments: Vec<Value>,
    law: Law,
}

/// An argument that can be written again.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number, in base units.
    Number(f64),
    /// Several.
    Numbers(Vec<f64>),
    /// A law in a law.
    Law(Box<Written>),
    /// Several.
    Laws(Vec<Written>),
}

impl Written {
    /// The law of that name with these parameters, in the order of its form.
    ///
    /// # Errors
    /// As the law's constructor; a name or parameters that no form has are an error of the name.
    pub fn new(name: &'static str, parameters: &[(&'static str, Value)]) -> Result<Written, LawError> {
        let fits = |form: &&Form| {
            form.name == name
                && form.parameters.len() == parameters.len()
                && form.parameters.iter().zip(parameters).all(|((known, _), (given, _))| known == given)
        };
        let Some(form) = forms().iter().find(fits) else {
            return Err(LawError { parameter: name, requirement: "is written otherwise".to_string() });
        };
        let arguments: Vec<Value> = parameters.iter().map(|(_, value)| value.clone()).collect();
        let law = (form.build)(&arguments.iter().map(Value::argument).collect::<Vec<_>>())?;
        Ok(Written { form, arguments, law })
    }

    /// The law.
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// `LogNormal(mu: 1.5, sigma: 0.4)`, as an expression of the language.
    pub fn text(&self) -> String {
        let named = self.form.parameters.iter().zip(&self.arguments);
        let parts: Vec<String> =
            named.map(|((name, kind), value)| format!("{name}: {}", value.text(dimension(*kind)))).collect();
        format!("{}({})", self.form.name, parts.join(", "))
    }

    /// The same with so many significant digits, weights with so many decimals; itself where that is no law.
    pub fn rounded(&self, digits: usize) -> Written {
        let arguments: Vec<Value> = match self.form.name {
            // A sample stays what it is.
            "Empirical" => return self.clone(),
            _ => self
                .form
                .parameters
                .iter()
                .zip(&self.arguments)
                .map(|(of, value)| value.rounded(of.1, digits))
                .collect(),
        };
        let law = (self.form.build)(&arguments.iter().map(Value::argument).collect::<Vec<_>>());
        law.map_or_else(|_| self.clone(), |law| Written { form: self.form, arguments, law })
    }

    /// Name, dimension and value of every number in it, laws in laws included, as they stand in [`Written::text`].
    pub fn numbers(&self) -> Vec<(String, Dimension, f64)> {
        let mut list = Vec::new();
        for ((name, kind), value) in self.form.parameters.iter().zip(&self.arguments) {
            let dimension = dimension(*kind);
            match value {
                Value::Number(number) => list.push(((*name).to_string(), dimension, *number)),
                Value::Numbers(numbers) => list.extend(
                    numbers.iter().enumerate().map(|(i, number)| (format!("{name} {}", i + 1), dimension, *number)),
                ),
                Value::Law(law) => list.extend(law.numbers()),
                Value::Laws(laws) => {
                    for (i, law) in laws.iter().enumerate() {
                        let numbered = |(name, dimension, number)| (format!("{name} {}", i + 1), dimension, number);
                        list.extend(law.numbers().into_iter().map(numbered));
                    }
                }
            }
        }
        list
    }
}

impl Value {
    fn argument(&self) -> Argument {
        match self {
            Value::Number(number) => Argument::Scalar(*number),
            Value::Numbers(numbers) => Argument::List(numbers.clone()),
            Value::Law(law) => Argument::Law(law.law.clone()),
            Value::Laws(laws) => Argument::Laws(laws.iter().map(|law| law.law.clone()).collect()),
        }
    }

    fn rounded(&self, kind: ParameterKind, digits: usize) -> Value {
        match self {
            Value::Number(number) => Value::Number(rounded(*number, digits)),
            // Weights still add up to 1.
            Value::Numbers(weights) if dimension(kind) == Dimension::NUMBER => {
                let scale = libm::exp10(digits as f64);
                let coarse = |x: f64| rounded(libm::round(x * scale) / scale, digits + 1);
                let mut weights: Vec<f64> = weights.iter().map(|weight| coarse(*weight)).collect();
                if let Some((last, others)) = weights.split_last_mut() {
                    *last = coarse(1.0 - others.iter().sum::<f64>());
                }
                Value::Numbers(weights)
            }
            Value::Numbers(numbers) => Value::Numbers(numbers.iter().map(|number| rounded(*number, digits)).collect()),
            Value::Law(law) => Value::Law(Box::new(law.rounded(digits))),
            Value::Laws(laws) => Value::Laws(laws.iter().map(|law| law.rounded(digits)).collect()),
        }
    }

    fn text(&self, dimension: Dimension) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(", "));
        match self {
            Value::Number(number) => quantity(*number, dimension),
            Value::Numbers(numbers) => list(numbers.iter().map(|number| quantity(*number, dimension)).collect()),
            Value::Law(law) => law.text(),
            Value::Laws(laws) => list(laws.iter().map(Written::text).collect()),
        }
    }
}

fn dimension(kind: ParameterKind) -> Dimension {
    match kind {
        ParameterKind::Scalar(dimension) | ParameterKind::List(dimension) => dimension,
        ParameterKind::Law | ParameterKind::Laws => Dimension::NUMBER,
    }
}

/// The number with so many significant digits.
pub fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.max(1) - 1).parse().unwrap_or(value)
}

/// A quantity as the language reads it back to the last bit: `0.25 s`, `3 Hz`, `1.5`.
pub fn quantity(value: f64, dimension: Dimension) -> String {
    match dimension.time {
        1 => format!("{value} s"),
        -1 => format!("{value} Hz"),
        _ => format!("{value}"),
    }
}
