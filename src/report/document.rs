//! What a report consists of, before it is text or Markdown.

/// A piece of a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// The report's title.
    Title(String),
    /// A section's heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Points, a line each.
    List(Vec<String>),
    /// A table.
    Table(Table),
}

/// A table: every row has as many cells as the header.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    /// Column headings.
    pub header: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
    /// How many columns, from the left, hold words; the others hold numbers and are set flush right.
    pub words: usize,
}

impl Table {
    /// An empty table; the first `words` columns hold words.
    pub fn new(words: usize, header: &[&str]) -> Table {
        Table { header: header.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new(), words }
    }

    /// Width of each column, in characters.
    pub fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|cell| width(cell)).collect();
        for row in &self.rows {
            for (most, cell) in widths.iter_mut().zip(row) {
                *most = width(cell).max(*most);
            }
        }
        widths
    }

    /// The row's cells, padded to the columns' widths.
    pub fn padded(&self, row: &[String], widths: &[usize]) -> Vec<String> {
        let pad = |(column, (cell, most)): (usize, (&String, &usize))| {
            let blanks = " ".repeat(most.saturating_sub(width(cell)));
            if column < self.words { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") }
        };
        row.iter().zip(widths).enumerate().map(pad).collect()
    }
}

/// Width in characters; names are short, so wide scripts may be off by a little.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// One line of printable text: names come from files, and may not move the cursor of a terminal.
pub(super) fn clean(text: &str) -> String {
    let printable: String =
        text.chars().map(|c| if c.is_control() && !c.is_whitespace() { '\u{fffd}' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}
