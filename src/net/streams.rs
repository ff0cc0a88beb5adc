//! Canonical names of random streams (S15).

use super::value::Colour;

/// `Fail[3]`, `T2[sender, 1]`; without variables the bare name.
pub(super) fn bracketed(name: &str, colours: &[Colour]) -> String {
    if colours.is_empty() {
        return name.to_string();
    }
    format!("{name}[{}]", joined(colours.iter()))
}

fn joined<'a>(colours: impl Iterator<Item = &'a Colour>) -> String {
    colours.map(Colour::to_string).collect::<Vec<_>>().join(", ")
}

/// An explicit stream: `[v]` becomes the value of v, in brackets, and values not mentioned are appended.
/// Numbers and colours in brackets stay as they are; any other word is returned as a mistake.
pub(super) fn stream_name(
    text: &str,
    variables: &[&str],
    colours: &[Colour],
    is_colour: impl Fn(&str) -> bool,
) -> Result<String, String> {
    let mut mentioned = vec![false; variables.len()];
    let mut name = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some((before, inside, after)) = brackets(rest) {
        name.push_str(before);
        let mut values = Vec::new();
        for word in inside.split(',').map(str::trim) {
            match variables.iter().position(|v| *v == word) {
                Some(i) => {
                    mentioned[i] = true;
                    // A binding whose sets are wrong has no colours; that has been told.
                    values.extend(colours.get(i).map(Colour::to_string));
                }
                None if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') || is_colour(word) => {
                    values.push(word.to_string());
                }
                None => return Err(word.to_string()),
            }
        }
        name.push_str(&format!("[{}]", values.join(", ")));
        rest = after;
    }
    name.push_str(rest);
    let left: Vec<&Colour> = colours.iter().zip(&mentioned).filter(|(_, m)| !**m).map(|(c, _)| c).collect();
    if !left.is_empty() {
        name.push_str(&format!("[{}]", joined(left.into_iter())));
    }
    Ok(name)
}

/// Splits at the first `[…]`.
fn brackets(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (inside, after) = rest.split_once(']')?;
    Some((before, inside, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, String> {
        let colours = [Colour::Integer(3), Colour::Name("udp".into())];
        stream_name(text, &["s", "k"], &colours, |word| word == "tcp")
    }

    #[test]
    fn variables_are_replaced_and_the_others_appended() {
        assert_eq!(name("a[s].b[k]").as_deref(), Ok("a[3].b[udp]"));
        assert_eq!(name("a[k]").as_deref(), Ok("a[udp][3]"));
        assert_eq!(name("a").as_deref(), Ok("a[3, udp]"));
        assert_eq!(name("a[k, s]").as_deref(), Ok("a[udp, 3]"));
        assert_eq!(name("a[7][tcp]").as_deref(), Ok("a[7][tcp][3, udp]"));
        assert_eq!(name("a[t]"), Err("t".into()));
        assert_eq!(name("a[s").as_deref(), Ok("a[s[3, udp]"));
    }

    #[test]
    fn a_variable_without_a_value_is_no_mistake_of_the_stream() {
        assert_eq!(stream_name("a[s].b", &["s"], &[], |_| false).as_deref(), Ok("a[].b"));
    }
}
