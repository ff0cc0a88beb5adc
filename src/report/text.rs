//! Blocks → plain text.

use super::document::{Block, Table, clean, width};

/// Paragraphs are broken at this width; tables may be wider.
const WIDTH: usize = 100;

/// The blocks as plain text.
pub(crate) fn render(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(block).filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => underlined(&clean(text), '='),
        Block::Heading(text) => underlined(&clean(text), '-'),
        Block::Paragraph(text) => wrap(&clean(text), "", ""),
        Block::List(items) => items.iter().map(|item| wrap(&clean(item), "- ", "  ")).collect(),
        Block::Table(table) => aligned(table),
    }
}

fn underlined(text: &str, line: char) -> String {
    format!("{text}\n{}\n", line.to_string().repeat(width(text)))
}

/// Breaks at blanks; the first line begins with `first`, the others with `rest`.
fn wrap(text: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && width(&line) + 1 + width(word) > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines + &line + "\n"
}

fn aligned(table: &Table) -> String {
    let table = Table {
        header: table.header.iter().map(|cell| clean(cell)).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect(),
        words: table.words,
    };
    let widths = table.widths();
    let rule: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
    let mut lines = vec![table.padded(&table.header, &widths), rule];
    lines.extend(table.rows.iter().map(|row| table.padded(row, &widths)));
    lines.iter().map(|cells| cells.join("  ").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paragraphs_are_broken_and_long_words_are_not() {
        let word = "x".repeat(120);
        assert_eq!(wrap(&format!("a {word} b"), "- ", "  "), format!("- a\n  {word}\n  b\n"));
        assert_eq!(wrap("", "", ""), "\n");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let text = render(&[Block::Title("a\u{1b}[31mb\nc".into())]);
        assert_eq!(text, "a\u{fffd}[31mb c\n=========\n");
    }
}
