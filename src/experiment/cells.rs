//! Cells of tables, as they are named from outside: `coverage.standard[seen][transient]`.
//!
//! The name of the table, and behind it a key in brackets for each level. A cell that is given makes another table of the
//! one that stands there, so that all else of it stays, and what it says is read where the table's other cells are.

use crate::diag::nearest;
use crate::syntax::expr::{Expr, ExprKind};
use crate::syntax::print_expr;

/// A table that something in it can be named of.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// What the whole is: a parameter of the net, or path and name of a file's value.
    pub meaning: String,
    /// What it is called from outside.
    pub title: String,
    /// As it stands, or as the scenario gives it.
    pub value: Expr,
}

/// A name without its keys, and these: (`mtbf`, none) of `mtbf`.
pub(super) fn split(name: &str) -> (&str, Vec<&str>) {
    let (mut base, mut keys) = (name, Vec::new());
    while let Some((before, key)) = base.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        (base, keys) = (before, [vec![key.trim()], keys].concat());
    }
    if base.is_empty() { (name, Vec::new()) } else { (base, keys) }
}

/// `coverage.standard`, `seen`, `transient` → `coverage.standard[seen][transient]`.
pub(super) fn joined(base: &str, keys: &[&str]) -> String {
    keys.iter().fold(base.to_string(), |name, key| format!("{name}[{key}]"))
}

/// The same table with another value in one cell, or row; none where it has no such cell.
pub(super) fn with(table: &Expr, keys: &[&str], value: &Expr) -> Option<Expr> {
    let Some((first, rest)) = keys.split_first() else { return Some(value.clone()) };
    let ExprKind::Table(entries) = &table.kind else { return None };
    let mut entries = entries.clone();
    let entry = entries.iter_mut().find(|(key, _)| print_expr(key) == *first)?;
    entry.1 = with(&entry.1, rest, value)?;
    // Where the new value stands, so that a mistake in the table is one of what is given.
    Some(Expr { kind: ExprKind::Table(entries), span: value.span })
}

/// The keys of all rows and cells.
fn all(table: &Expr) -> Vec<Vec<String>> {
    let ExprKind::Table(entries) = &table.kind else { return Vec::new() };
    let of = |(key, value): &(Expr, Expr)| {
        let key = print_expr(key);
        let inner = all(value).into_iter().map(|rest| [vec![key.clone()], rest].concat()).collect::<Vec<_>>();
        [vec![vec![key.clone()]], inner].concat()
    };
    entries.iter().flat_map(of).collect()
}

/// What would be right for a cell that a table doesn't have: the same keys otherwise arranged, the nearest, or the keys of
/// the first level that is wrong.
pub(super) fn help(table: &Table, keys: &[&str]) -> String {
    let names: Vec<(Vec<String>, String)> = all(&table.value)
        .into_iter()
        .map(|own| {
            let own_keys: Vec<&str> = own.iter().map(String::as_str).collect();
            let name = joined(&table.title, &own_keys);
            (own, name)
        })
        .collect();
    let sorted = |keys: &[&str]| -> Vec<String> {
        let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_string()).collect();
        keys.sort();
        keys
    };
    let same = |own: &[String]| sorted(&own.iter().map(String::as_str).collect::<Vec<_>>()) == sorted(keys);
    let as_deep = || names.iter().filter(|(own, _)| own.len() == keys.len());
    let turned = as_deep().find(|(own, _)| same(own)).map(|(_, name)| name.as_str());
    // By the keys alone: what the table is called is right.
    let behind = |name: &str| name[table.title.len()..].to_string();
    let wanted = joined("", keys);
    let near = || {
        let all: Vec<String> = as_deep().map(|(_, name)| behind(name)).collect();
        let near = nearest(&wanted, all.iter().map(String::as_str))?;
        as_deep().find(|(_, name)| behind(name) == near).map(|(_, name)| name.as_str())
    };
    if let Some(near) = turned.or_else(near) {
        return format!("did you mean `{near}`?");
    }
    let known = (0..keys.len()).rev().find(|&n| n == 0 || names.iter().any(|(own, _)| *own == keys[..n])).unwrap_or(0);
    let level = names.iter().filter(|(own, _)| own.len() == known + 1 && own[..known] == keys[..known]);
    let level: Vec<String> = level.map(|(_, name)| format!("`{name}`")).collect();
    match level.as_slice() {
        [] => format!("`{}` is a single value", joined(&table.title, &keys[..known])),
        level => format!("there are: {}", level.join(", ")),
    }
}

/// The cell that a name with dots may mean: `coverage.standard.transient.seen`.
pub(super) fn dotted(tables: &[&Table], name: &str) -> Option<String> {
    let of = |table: &&Table| {
        let keys: Vec<&str> = name.strip_prefix(table.title.as_str())?.strip_prefix('.')?.split('.').collect();
        let found = help(table, &keys);
        let found = found.strip_prefix("did you mean `")?.strip_suffix("`?")?;
        Some(found.to_string())
    };
    tables.iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnostics, Sources};
    use crate::syntax::parse_expr;

    fn table() -> Table {
        let text = "{seen: {transient: watched, ageing: 1}, keeps: {moved: 0}}";
        let source = Sources::default().add("t", text);
        let value = parse_expr(source, text, 0, &mut Diagnostics::default()).expect("a table");
        Table { meaning: "c.ron.standard".into(), title: "c.standard".into(), value }
    }

    #[test]
    fn a_cell_is_named_by_its_keys() {
        assert_eq!(split("mtbf"), ("mtbf", vec![]));
        assert_eq!(split("c.standard[seen][ageing]"), ("c.standard", vec!["seen", "ageing"]));
        assert_eq!(split("c.standard[ seen ]"), ("c.standard", vec!["seen"]));
        assert_eq!(split("[seen]"), ("[seen]", vec![]));
        let Table { value, .. } = table();
        let other = with(&value, &["seen", "ageing"], &with(&value, &["keeps", "moved"], &value).expect("a cell"));
        let text = other.map(|other| print_expr(&other)).expect("a cell");
        assert!(
            text.starts_with("{seen: {transient: watched, ageing: {") && text.ends_with("keeps: {moved: 0}}"),
            "{text}"
        );
        assert!(
            with(&value, &["seen", "moved"], &value).is_none()
                && with(&value, &["keeps", "moved", "x"], &value).is_none()
        );
    }

    #[test]
    fn what_is_meant_is_told() {
        let table = table();
        for (keys, wanted) in [
            (&["seen", "agein"][..], "did you mean `c.standard[seen][ageing]`?"),
            (&["ageing", "seen"], "did you mean `c.standard[seen][ageing]`?"),
            (&["keeps", "quite another"], "there are: `c.standard[keeps][moved]`"),
            (&["something"], "there are: `c.standard[seen]`, `c.standard[keeps]`"),
            (&["keeps", "moved", "x"], "`c.standard[keeps][moved]` is a single value"),
        ] {
            assert_eq!(help(&table, keys), wanted, "{keys:?}");
        }
        assert_eq!(dotted(&[&table], "c.standard.ageing.seen").as_deref(), Some("c.standard[seen][ageing]"));
        assert_eq!(dotted(&[&table], "c.other.ageing.seen"), None);
    }
}
