//! Why a net has no exact solution here, in words that name what stands in the way.

use std::fmt;

/// Why a net can't be solved exactly.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// A clock that remembers: its transition, and what it is about it.
    NotMarkovian {
        /// The transition, with its binding.
        transition: String,
        /// "its law is LogNormal, not Exponential".
        because: String,
    },
    /// More tangible markings than the limit.
    TooManyStates {
        /// The limit.
        limit: usize,
    },
    /// More transitions between tangible markings than the limit.
    TooManyTransitions {
        /// The limit.
        limit: usize,
        /// The tangible markings found by then.
        states: usize,
    },
    /// States, transitions and solver would take more memory than the budget.
    TooMuchMemory {
        /// The budget, bytes.
        limit: u64,
        /// The states found by then.
        states: usize,
        /// The transitions found by then.
        transitions: usize,
    },
    /// The immediates that follow one firing lead through more markings than the limit.
    TooManyVanishing {
        /// The limit.
        limit: usize,
        /// The immediates that fire there.
        transitions: Vec<String>,
    },
    /// Immediates that, once begun, fire without end (S6).
    Trap {
        /// The immediates of the trap.
        transitions: Vec<String>,
    },
    /// A place would hold more than it may (S3).
    Overrun {
        /// The transition that fires.
        transition: String,
        /// The place.
        place: String,
        /// Most tokens.
        limit: u32,
    },
    /// A weight, speed or reward has an impossible value in a reachable marking.
    BadValue {
        /// The transition, condition or measure.
        who: String,
        /// "its weight is 0, and must be positive and finite".
        message: String,
    },
    /// A question about finite time that takes too long.
    TooLong {
        /// "the law of a downtime".
        what: String,
        /// How many steps.
        steps: f64,
    },
    /// The iteration didn't settle.
    NotSettled {
        /// Sweeps over all states.
        sweeps: usize,
        /// Largest relative change of a probability in the last of them.
        change: f64,
        /// The states of the chain.
        states: usize,
    },
    /// Ended from outside.
    Interrupted,
}

impl Refusal {
    /// Whether the net is at fault, so that the simulator would end in the same error sooner or later;
    /// else only the exact method can't serve.
    pub fn is_fault_of_the_net(&self) -> bool {
        matches!(self, Refusal::Trap { .. } | Refusal::Overrun { .. } | Refusal::BadValue { .. })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotMarkovian { transition, because } => {
                write!(f, "no exact solution because of {transition}: {because}")
            }
            Refusal::TooManyStates { limit } => {
                write!(f, "no exact solution: the net has more than {limit} tangible markings (maybe infinitely many)")
            }
            Refusal::TooMuchMemory { limit, states, transitions } => write!(
                f,
                "no exact solution within {:.1} GB: the net has more than {states} states (maybe infinitely many), the \
                 {transitions} transitions found so far included; a greater budget (`memory`, `--memory`), capacities, \
                 or fewer tokens may help, else simulation serves",
                *limit as f64 / 1e9
            ),
            Refusal::TooManyTransitions { limit, states } => write!(
                f,
                "no exact solution: more than {limit} transitions between tangible markings ({states} markings so far)"
            ),
            Refusal::TooManyVanishing { limit, transitions } => write!(
                f,
                "no exact solution: the immediate transitions after one firing lead through more than {limit} \
                 markings (maybe infinitely many): {}",
                transitions.join(", ")
            ),
            Refusal::Trap { transitions } => {
                write!(f, "immediate transitions fire without end: {}", transitions.join(", "))
            }
            Refusal::Overrun { transition, place, limit } => {
                write!(f, "{transition} would put more than {limit} tokens into {place}")
            }
            Refusal::BadValue { who, message } => write!(f, "{who}: {message}"),
            Refusal::TooLong { what, steps } => {
                write!(f, "no exact solution: {what} takes {steps:.0e} steps; simulation serves")
            }
            Refusal::NotSettled { sweeps, change, states } => write!(
                f,
                "no exact solution: the iteration over {states} states has not settled after {sweeps} sweeps \
                 (probabilities still change by {change:.1e} of their value)"
            ),
            Refusal::Interrupted => f.write_str("ended from outside"),
        }
    }
}

impl std::error::Error for Refusal {}
