//! Measures that no long-run average gives: at a time, over an interval, about outages, first passages (S18–S21, S23).

use super::{Condition, Measure, Net};
use crate::diag::Span;
use crate::units::Dimension;

/// The questions of a net, with what they look at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Questions {
    /// Conditions whose outages are asked about.
    pub conditions: Vec<Condition>,
    /// Averages that are asked about, each a formula of one of them or a constant.
    pub averages: Vec<Measure>,
    /// In the file's order.
    pub list: Vec<Question>,
}

/// A measure with a time of its own, or about outages: `offset + factor · x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// What x is.
    pub about: About,
    /// Added to it.
    pub offset: f64,
    /// Multiplies it.
    pub factor: f64,
    /// Of the value.
    pub dimension: Dimension,
    /// Relative half-width that stops the simulation of all questions.
    pub precision: Option<f64>,
    /// Its place among all measures of the file.
    pub position: usize,
    /// Where it is defined.
    pub span: Span,
}

/// From and to, seconds since the beginning; 0 ≤ from < to.
pub type Interval = (f64, f64);

/// What is asked; averages and conditions by their index in [`Questions`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum About {
    /// The mean of an average at a time (S18), over that of another where one is `given`.
    At {
        /// A function of the marking.
        average: usize,
        /// 1 where a condition holds.
        given: Option<usize>,
        /// Whether it is the probability of a condition.
        chance: bool,
        /// Seconds since the beginning, ≥ 0.
        time: f64,
    },
    /// The mean of an average over an interval (S18), over that of another where one is `given`.
    Over {
        /// Any average.
        average: usize,
        /// 1 where a condition holds.
        given: Option<usize>,
        /// Whether it is the share of a condition, between 0 and 1.
        chance: bool,
        /// Which.
        interval: Interval,
    },
    /// The probability that a condition holds from the beginning until a time (S19).
    Reliability {
        /// The condition.
        condition: usize,
        /// Seconds since the beginning, ≥ 0.
        time: f64,
    },
    /// About the law of a random variable (S20, S21).
    Law {
        /// The variable.
        of: Variable,
        /// What about it.
        aspect: Aspect,
    },
}

/// Something random about a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Variable {
    /// The length of an outage in the long run, seconds (S21).
    Outage {
        /// Of which condition.
        condition: usize,
    },
    /// How many outages begin in an interval (S20); without one: per second in the long run, of which there is a mean
    /// only.
    Outages {
        /// Of which condition.
        condition: usize,
        /// Which.
        interval: Option<Interval>,
    },
    /// How much of an interval the condition doesn't hold, seconds (S20).
    Downtime {
        /// Of which condition.
        condition: usize,
        /// Which.
        interval: Interval,
    },
    /// The time from the beginning until the condition first doesn't hold, seconds; infinite where it always does (S23).
    First {
        /// What holds until then.
        condition: usize,
    },
}

/// What is asked about a law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aspect {
    /// Its mean.
    Mean,
    /// The probability that the variable compares so with the level.
    Chance(Relation, f64),
    /// The least value that isn't exceeded with this probability, in (0, 1).
    Quantile(f64),
    /// The mean of what exceeds the level; of outages per second of the long run (S21).
    Excess(f64),
}

/// How a value compares with a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Relation {
    Below,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    Above,
}

impl Relation {
    /// Whether a value compares so with the level.
    pub fn holds(self, value: f64, level: f64) -> bool {
        match self {
            Relation::Below => value < level,
            Relation::AtMost => value <= level,
            Relation::Equal => value == level,
            Relation::Unequal => value != level,
            Relation::AtLeast => value >= level,
            Relation::Above => value > level,
        }
    }

    /// The same with the sides exchanged.
    pub fn turned(self) -> Relation {
        match self {
            Relation::Below => Relation::Above,
            Relation::AtMost => Relation::AtLeast,
            Relation::AtLeast => Relation::AtMost,
            Relation::Above => Relation::Below,
            equal => equal,
        }
    }
}

impl About {
    /// Whether it is about the long run.
    pub fn lasts(&self) -> bool {
        let outages = |of| matches!(of, Variable::Outage { .. } | Variable::Outages { interval: None, .. });
        matches!(*self, About::Law { of, .. } if outages(of))
    }

    /// Whether paths must be followed from the beginning until what is asked for has come.
    pub fn comes(&self) -> bool {
        !self.lasts() && self.horizon().is_none()
    }

    /// Until when a path must be followed from the beginning; none where there is no such time.
    pub fn horizon(&self) -> Option<f64> {
        match *self {
            About::At { time, .. } | About::Reliability { time, .. } => Some(time),
            About::Over { interval, .. } => Some(interval.1),
            About::Law { of: Variable::Downtime { interval, .. }, .. } => Some(interval.1),
            About::Law { of: Variable::Outages { interval, .. }, .. } => interval.map(|interval| interval.1),
            About::Law { of: Variable::First { .. }, aspect: Aspect::Chance(_, time) } if time.is_finite() => {
                Some(time)
            }
            About::Law { of: Variable::Outage { .. } | Variable::First { .. }, .. } => None,
        }
    }
}

impl Question {
    /// Its value from that of x.
    pub fn value(&self, x: f64) -> f64 {
        // Nothing is added to what needs no addition, so that −0 and infinities stay what they are.
        let scaled = if self.factor == 1.0 { x } else { self.factor * x };
        if self.offset == 0.0 { scaled } else { self.offset + scaled }
    }
}

impl Net {
    /// The same process, of which nothing is asked but what its questions look at: their conditions are its `up`
    /// conditions, their averages its measures.
    pub fn of_questions(&self) -> Net {
        Net {
            up: self.questions.conditions.clone(),
            measures: self.questions.averages.clone(),
            questions: Questions::default(),
            ..self.clone()
        }
    }
}
