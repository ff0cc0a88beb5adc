//! Why a command ended early: what to say, and with which exit code.

use super::exit;

/// An end before the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One of [`exit`]'s.
    pub code: u8,
    /// For standard error; empty when everything has been said.
    pub message: String,
}

impl Failure {
    /// A file that can't be read or written, and the like.
    pub fn environment(message: impl Into<String>) -> Failure {
        Failure { code: exit::ENVIRONMENT, message: message.into() }
    }

    /// The user asked for something that can't be.
    pub fn input(message: impl Into<String>) -> Failure {
        Failure { code: exit::WRONG_INPUT, message: message.into() }
    }

    /// The path ended early.
    pub fn run(message: impl Into<String>) -> Failure {
        Failure { code: exit::RUN_FAILED, message: message.into() }
    }

    /// Nobody reads the output any more.
    pub fn unheard() -> Failure {
        Failure { code: exit::FINE, message: String::new() }
    }

    /// The diagnostics have been shown.
    pub fn shown() -> Failure {
        Failure { code: exit::WRONG_INPUT, message: String::new() }
    }
}
