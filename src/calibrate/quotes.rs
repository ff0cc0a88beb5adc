//! Where the records of a table begin, and whether their quotes end.

/// Where the record begins that was looked for from there on: behind empty lines and comments.
pub(super) fn beginning(text: &str, from: usize) -> usize {
    let mut rest = text.get(from..).unwrap_or("");
    loop {
        rest = rest.trim_start_matches(['\r', '\n']);
        if !rest.starts_with('#') {
            return text.len() - rest.len();
        }
        rest = rest.find('\n').map_or("", |end| &rest[end..]);
    }
}

/// Whether a record of several lines is meant to be one: each of its quoted cells ends with a quote.
pub(super) fn is_closed(record: &str) -> bool {
    let mut rest = record.trim_end();
    if !rest.contains('\n') {
        return true;
    }
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = closing(quoted) else { return false };
            rest = &quoted[end + 1..];
            if !(rest.is_empty() || rest.starts_with(',')) {
                return false;
            }
        }
        match rest.split_once(',') {
            Some((_, next)) => rest = next,
            None => return true,
        }
    }
}

/// The quote that ends a cell; two are one of its text.
fn closing(quoted: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += quoted[at..].find('"')?;
        if !quoted[at + 1..].starts_with('"') {
            return Some(at);
        }
        at += 2;
    }
}
