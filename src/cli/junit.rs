//! What was checked as JUnit XML, which every CI reads: a suite for each file, a case for each check.

use super::failure::Failure;
use fivenines::report::Case;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// What came of one file: its cases, or why there are none.
pub type Suite = (String, Result<Vec<Case>, String>);

/// The suites as XML. What isn't decided is an error, what fails is a failure.
pub fn xml(suites: &[Suite]) -> Result<String, Failure> {
    let mut report = Report::new("fivenines");
    for (file, cases) in suites {
        let mut suite = TestSuite::new(file.as_str());
        match cases {
            Ok(cases) => {
                suite.add_test_cases(cases.iter().map(|of| case(file, of)));
            }
            Err(reason) => {
                let of = Case { name: "the run".to_owned(), holds: None, text: reason.clone() };
                suite.add_test_case(case(file, &of));
            }
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| Failure::environment(format!("the JUnit report can't be written: {error}")))
}

fn case(file: &str, of: &Case) -> TestCase {
    let (kind, name) = match of.holds {
        Some(true) => {
            let mut case = TestCase::new(of.name.as_str(), TestCaseStatus::success());
            case.set_classname(file).set_system_out(of.text.as_str());
            return case;
        }
        Some(false) => (NonSuccessKind::Failure, "failed"),
        None => (NonSuccessKind::Error, "undecided"),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name).set_message(of.text.as_str());
    let mut case = TestCase::new(of.name.as_str(), status);
    case.set_classname(file);
    case
}
