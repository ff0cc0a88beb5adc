//! Expressions over the marking in the shapes that the hot loop wants.

use crate::net::expr::Expr;

/// A compiled expression. Places are indices into the extended marking (derived places behind the real ones).
#[derive(Debug, Clone, PartialEq)]
pub enum Code {
    /// A constant.
    Constant(f64),
    /// Tokens of one place.
    Tokens(u32),
    /// 1 if `low ≤ M(place) ≤ high`, else 0.
    Within {
        /// Place.
        place: u32,
        /// Least tokens.
        low: u32,
        /// Most tokens.
        high: u32,
    },
    /// Anything else.
    Tree(Expr),
}

impl Code {
    /// Its value; conditions give 0 or 1.
    #[inline(always)]
    pub fn evaluate(&self, marking: &[u32]) -> f64 {
        match self {
            Code::Constant(value) => *value,
            Code::Tokens(place) => f64::from(marking[*place as usize]),
            Code::Within { place, low, high } => {
                let tokens = marking[*place as usize];
                f64::from(*low <= tokens && tokens <= *high)
            }
            Code::Tree(expr) => expr.evaluate(marking),
        }
    }

    /// Whether it is true (not 0).
    #[inline(always)]
    pub fn holds(&self, marking: &[u32]) -> bool {
        self.evaluate(marking) != 0.0
    }

    /// Calls `visit` with every place that it reads.
    pub(crate) fn places(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Code::Constant(_) => {}
            Code::Tokens(place) | Code::Within { place, .. } => visit(*place),
            Code::Tree(expr) => expr.places(&mut |place| visit(place.0)),
        }
    }
}
