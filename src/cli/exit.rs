//! Exit codes, a contract that scripts rely on.

/// Fine; also when the precision was not reached, unless `--require-precision`.
pub const FINE: u8 = 0;

/// An expectation or the gate failed, or `--require-precision` was not met.
pub const EXPECTATION_FAILED: u8 = 1;

/// The input is wrong: a mistake in a file, a warning under `--deny warnings`, an unknown option.
pub const WRONG_INPUT: u8 = 2;

/// The run failed: a livelock, an overrun, a value that is impossible in some marking.
pub const RUN_FAILED: u8 = 3;

/// The environment failed: a file that can't be read or written.
pub const ENVIRONMENT: u8 = 4;

/// The gate could not decide within the budget.
pub const UNDECIDED: u8 = 5;

/// Ended by hand (Ctrl-C or a termination signal), after printing what was known.
pub const INTERRUPTED: u8 = 130;

/// The worse of two, for a run over several files: an interruption outranks all, then the greater code, but that what is
/// known to fail outranks what is undecided.
pub fn worse(one: u8, other: u8) -> u8 {
    let rank = |code: u8| match code {
        FINE => 0,
        UNDECIDED => 1,
        code => code.saturating_add(1),
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_outranks_what_is_undecided() {
        let order = [FINE, UNDECIDED, EXPECTATION_FAILED, WRONG_INPUT, RUN_FAILED, ENVIRONMENT, INTERRUPTED];
        for pair in order.windows(2) {
            assert_eq!((worse(pair[0], pair[1]), worse(pair[1], pair[0])), (pair[1], pair[1]));
        }
    }
}
