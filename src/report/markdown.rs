//! Blocks → Markdown.

use super::document::{Block, Table, clean};

/// The blocks as Markdown.
pub(crate) fn render(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}\n", escape(text)),
        Block::Heading(text) => format!("## {}\n", escape(text)),
        Block::Paragraph(text) => format!("{}\n", escape(text)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", escape(item))).collect(),
        Block::Table(table) => rows(table),
    }
}

fn rows(table: &Table) -> String {
    let table = Table {
        header: table.header.iter().map(|cell| escape(cell)).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect(),
        words: table.words,
    };
    let widths: Vec<usize> = table.widths().into_iter().map(|w| w.max(3)).collect();
    let rule = |(column, most): (usize, &usize)| match column < table.words {
        true => "-".repeat(*most),
        false => "-".repeat(most - 1) + ":",
    };
    let mut lines = vec![table.padded(&table.header, &widths), widths.iter().enumerate().map(rule).collect()];
    lines.extend(table.rows.iter().map(|row| table.padded(row, &widths)));
    lines.iter().map(|cells| format!("| {} |\n", cells.join(" | "))).collect()
}

/// Names come from files: nothing in them may be taken for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        if matches!(c, '|' | '\\' | '*' | '_' | '`' | '<' | '[') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escape("a|b *c* <d> [e]"), "a\\|b \\*c\\* \\<d> \\[e]");
    }
}
