//! The documents: every example is a complete file that can be used, every law, unit and code is listed, and what the
//! README prints is what fivenines prints.

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::engine::{Options, Path};
use fivenines::experiment::{self, Overrides, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::program;
use fivenines::syntax::ast::Document;
use std::fs;

fn document(name: &str) -> String {
    fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a document")
}

/// The blocks of a language in a document.
fn blocks<'d>(text: &'d str, language: &str) -> Vec<&'d str> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("```").next().expect("an end")).collect()
}

/// The RON examples with the names on their first lines.
fn examples(text: &str) -> Vec<(&str, &str)> {
    fn name(block: &str) -> Option<&str> {
        block.lines().next()?.strip_prefix("// ").filter(|name| name.ends_with(".ron"))
    }
    blocks(text, "ron").into_iter().filter_map(|block| Some((name(block)?, block))).collect()
}

/// Reads, checks, flattens and compiles every example, and follows a path of each.
fn use_examples(document: &str, least: usize) {
    let examples = examples(document);
    assert!(examples.len() >= least, "only {} examples were found", examples.len());
    assert_eq!(examples.len(), blocks(document, "ron").len(), "every example begins with its name: `// name.ron`");
    let files = examples.iter().fold(Memory::new(), |files, (name, text)| files.with(*name, *text));
    for (name, _) in &examples {
        let (mut library, mut sources) = (Library::new(&files), Sources::default());
        let mut found = Diagnostics::default();
        let document = library.document(name, &mut sources, &mut found);
        let alone = match &document {
            Some(Document::Net(net)) => net.ports.is_empty(),
            Some(Document::Scenario(_)) => true,
            Some(Document::Parameters(_)) | None => false,
        };
        let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut found };
        let plan = alone.then(|| experiment::plan(name, &Overrides::default(), &mut reading)).flatten();
        // An example of `Resample` can't do without the warning of what it costs.
        let wrong: Vec<_> = found.sorted().into_iter().filter(|d| d.code != "W0806").collect();
        let told: Vec<String> = wrong.iter().map(|d| plain(d, &sources)).collect();
        assert!(told.is_empty(), "{name}:\n{}", told.join("\n"));
        assert!(document.is_some() && plan.is_some() == alone, "{name}");
        for point in plan.iter().flat_map(|plan| &plan.points) {
            let program = program::compile(&point.net).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let mut path = Path::new(&program, Options::default());
            path.begin(1, 0).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            for _ in 0..1_000 {
                path.step(1e12, &mut ()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            }
        }
    }
}

#[test]
fn every_example_of_the_reference_can_be_used() {
    use_examples(&document("docs/language.md"), 17);
}

#[test]
fn every_example_of_the_readme_can_be_used() {
    use_examples(&document("README.md"), 2);
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = document("README.md");
    let shown = blocks(&readme, "text");
    let run =
        super::cli::answer(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), &["run", "scenarios/thesis-table-1.ron"]);
    assert_eq!(run.0, 0, "{}", run.2);
    assert!(run.1.starts_with(shown[0].trim_end()), "the README's table is not what is printed now:\n{}", run.1);
}

#[test]
fn the_readme_tells_every_option_and_exit_code() {
    let readme = document("README.md");
    for option in ["--json", "--csv", "--markdown", "--set", "--seed", "--threads", "--precision", "--resume", "--deny"]
    {
        assert!(readme.contains(option), "{option} is missing");
    }
    for code in ["0", "1", "2", "3", "4", "130"] {
        assert!(readme.contains(&format!("| {code} |")), "exit code {code} is missing");
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    for name in ["README.md", "ARCHITECTURE.md", "SEMANTICS.md", "CHANGELOG.md", "docs/language.md"] {
        let text = document(name);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let folder = folder.parent().expect("a folder");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or("");
            let elsewhere = file.is_empty() || target.contains("://");
            assert!(elsewhere || folder.join(file).exists(), "{name} links to {target}");
        }
    }
}

#[test]
fn every_law_is_in_the_reference() {
    let text = document("docs/language.md");
    for form in fivenines::dist::forms() {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{}` ", form.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the table of laws", form.name));
        for (parameter, _) in form.parameters {
            assert!(row.contains(&format!("`{parameter}`")), "{}: {parameter} is missing", form.name);
        }
    }
}

#[test]
fn every_unit_is_in_the_reference() {
    let text = document("docs/language.md");
    for (unit, _, _) in fivenines::units::UNITS {
        assert!(text.contains(&format!("`{unit}`")), "{unit} is missing");
    }
}
