//! Diagnostics for people (with the lines they are about) and for scripts.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};
use fivenines::diag::{Diagnostic, Label, Severity, SourceId, Sources, Span};
use serde::Serialize;

/// More than that many help nobody; the count tells how many there are.
const MOST_SHOWN: usize = 100;

/// All diagnostics with their lines, then a count; nothing when there are none.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, coloured: bool) -> String {
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push_str("\n\n");
    }
    if diagnostics.len() > MOST_SHOWN {
        text.push_str(&format!("… and {} more\n", diagnostics.len() - MOST_SHOWN));
    }
    text + &summary(diagnostics)
}

/// `2 errors, 1 warning`; empty when there are none.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let words = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let parts = [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let mut elements: Vec<Element<'a>> = Vec::new();
    let main = diagnostic.primary.span.source;
    let mut files: Vec<SourceId> = vec![main];
    for label in &diagnostic.secondary {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    for file in files {
        let here = diagnostic.secondary.iter().filter(|label| label.span.source == file);
        let mut labels: Vec<(AnnotationKind, &Label)> = here.map(|label| (AnnotationKind::Context, label)).collect();
        if file == main {
            labels.insert(0, (AnnotationKind::Primary, &diagnostic.primary));
        }
        elements.push(snippet(file, &labels, sources).into());
    }
    elements.extend(diagnostic.help.as_ref().map(|help| Level::HELP.message(help).into()));
    level.primary_title(&diagnostic.message).id(diagnostic.code).elements(elements)
}

/// The lines that the labels are about; of a long file nothing else is looked at.
fn snippet<'a>(
    file: SourceId,
    labels: &[(AnnotationKind, &'a Label)],
    sources: &'a Sources,
) -> Snippet<'a, Annotation<'a>> {
    let source = sources.get(file);
    let text = source.text.as_str();
    let ranges: Vec<_> = labels.iter().map(|(_, label)| within(text, label.span)).collect();
    let first = ranges.iter().map(|range| range.start).min().unwrap_or(0);
    let last = ranges.iter().map(|range| range.end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |i| i + 1);
    let end = text[last..].find('\n').map_or(text.len(), |i| last + i);
    let line = text[..start].bytes().filter(|&b| b == b'\n').count() + 1;
    let mut snippet = Snippet::source(&text[start..end]).path(&source.name).line_start(line);
    for ((kind, label), range) in labels.iter().zip(ranges) {
        let annotation = kind.span(range.start - start..range.end - start);
        let worded = if label.message.is_empty() { annotation } else { annotation.label(&label.message) };
        snippet = snippet.annotation(worded);
    }
    snippet
}

/// The span as a range of the text, at the boundaries of characters.
fn within(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary((span.start as usize).min(text.len()));
    let end = text.ceil_char_boundary((span.end as usize).clamp(start, text.len()));
    start..end
}

/// A diagnostic as `check --json` tells it.
#[derive(Debug, Serialize)]
pub struct Plain<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    help: Option<&'a str>,
    also: Vec<At<'a>>,
}

/// A place in a file: line and column from 1, columns in characters.
#[derive(Debug, Serialize)]
struct At<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    label: &'a str,
}

/// The diagnostics as plain data.
pub fn plain<'a>(diagnostics: &'a [Diagnostic], sources: &'a Sources) -> Vec<Plain<'a>> {
    let at = |label: &'a Label| {
        let (line, column) = sources.position(label.span);
        At { file: &sources.get(label.span.source).name, line, column, label: &label.message }
    };
    let plain = |diagnostic: &'a Diagnostic| Plain {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        at: at(&diagnostic.primary),
        help: diagnostic.help.as_deref(),
        also: diagnostic.secondary.iter().map(at).collect(),
    };
    diagnostics.iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> (Sources, SourceId, SourceId) {
        let mut sources = Sources::default();
        let one = sources.add("one.ron", "Net(\n    places: {\"Ä\": (), \"B\": ()},\n)\n");
        let two = sources.add("two.ron", "");
        (sources, one, two)
    }

    #[test]
    fn a_diagnostic_shows_its_line_and_what_would_be_right() {
        let (sources, one, _) = sources();
        let diagnostic = Diagnostic::error("E0301", Span::new(one, 19, 21), "duplicate place `Ä`")
            .label("again here")
            .also(Span::new(one, 29, 30), "first here")
            .help("rename one of them");
        insta::assert_snapshot!(render(&[diagnostic], &sources, false), @r#"
        error[E0301]: duplicate place `Ä`
         --> one.ron:2:15
          |
        2 |     places: {"Ä": (), "B": ()},
          |               ^        - first here
          |               |
          |               again here
          |
          = help: rename one of them

        1 error
        "#);
    }

    #[test]
    fn spans_outside_of_the_text_are_survived() {
        let (sources, one, two) = sources();
        for (source, start, end) in [(two, 0, 0), (two, 5, 9), (one, 20, 20), (one, 9_999, 10_000), (one, 30, 2)] {
            let diagnostic = Diagnostic::warning("W0801", Span { source, start, end }, "odd");
            assert!(render(std::slice::from_ref(&diagnostic), &sources, false).contains("W0801"));
            assert!(render(&[diagnostic.also(Span::new(one, 0, 3), "here")], &sources, true).contains("1 warning"));
        }
    }

    #[test]
    fn the_count_comes_last() {
        let (sources, one, _) = sources();
        let error = Diagnostic::error("E0001", Span::new(one, 0, 3), "wrong");
        let warning = Diagnostic::warning("W0001", Span::new(one, 0, 3), "odd");
        let all = [error.clone(), error, warning];
        assert!(render(&all, &sources, false).ends_with("\n\n2 errors, 1 warning"));
        assert_eq!(render(&[], &sources, false), "");
    }
}
