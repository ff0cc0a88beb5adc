//! Rows of Markdown tables.

/// A row.
pub fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Heading and rule: the first `words` columns hold words, the others numbers.
pub fn head(words: usize, cells: &[&str]) -> String {
    let rules: Vec<&str> = (0..cells.len()).map(|i| if i < words { "---" } else { "---:" }).collect();
    row(cells) + &row(&rules)
}
