//! RON text on lines of bounded width: what fits stands on one line, what doesn't has a line for each entry.

/// Most characters on a line, unless one string alone is longer.
const WIDTH: usize = 110;

/// A piece of text that may be broken into lines.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Stays on its line.
    Leaf(String),
    /// Entries in brackets, each with the key before its colon, which may be empty.
    Block(String, Vec<(String, Part)>, &'static str),
}

/// Entries in brackets.
pub(super) fn block(open: &str, entries: impl IntoIterator<Item = (String, Part)>, close: &'static str) -> Part {
    Part::Block(open.to_owned(), entries.into_iter().collect(), close)
}

/// The text as a RON string.
pub(super) fn quoted(text: &str) -> Part {
    let mut leaf = String::from('"');
    for c in text.chars() {
        match c {
            '"' => leaf += "\\\"",
            '\\' => leaf += "\\\\",
            '\n' => leaf += "\\n",
            '\r' => leaf += "\\r",
            '\t' => leaf += "\\t",
            _ if c.is_control() => leaf += &format!("\\u{{{:x}}}", u32::from(c)),
            _ => leaf.push(c),
        }
    }
    leaf.push('"');
    Part::Leaf(leaf)
}

impl Part {
    /// On one line.
    pub(super) fn flat(&self) -> String {
        match self {
            Part::Leaf(text) => text.clone(),
            Part::Block(open, entries, close) => {
                let entries: Vec<_> = entries.iter().map(|(key, part)| prefix(key) + &part.flat()).collect();
                format!("{open}{}{close}", entries.join(", "))
            }
        }
    }

    /// As a file: the outermost entries always have lines of their own.
    pub(super) fn document(&self) -> String {
        let mut text = String::new();
        self.broken(0, &mut text);
        text.push('\n');
        text
    }

    fn write(&self, indent: usize, used: usize, text: &mut String) {
        let flat = self.flat();
        // One more for the comma.
        if used + flat.chars().count() < WIDTH {
            text.push_str(&flat);
        } else {
            self.broken(indent, text);
        }
    }

    fn broken(&self, indent: usize, text: &mut String) {
        let Part::Block(open, entries, close) = self else { return text.push_str(&self.flat()) };
        text.push_str(open);
        for (key, part) in entries {
            let start = "    ".repeat(indent + 1) + &prefix(key);
            text.push('\n');
            text.push_str(&start);
            part.write(indent + 1, start.chars().count(), text);
            text.push(',');
        }
        if !entries.is_empty() {
            text.push('\n');
            text.push_str(&"    ".repeat(indent));
        }
        text.push_str(close);
    }
}

fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}
