//! How the programs that print a report end.

use std::process::ExitCode;

/// Success if all is as it must be; a reason why there is no report is told.
pub fn code(good: Result<bool, String>) -> ExitCode {
    match good {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
