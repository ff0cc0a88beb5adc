//! Numbers of RON: decimal, hexadecimal, octal, binary, with underscores between digits.

use super::tree::Number;

/// How many bytes of `text`, which begins like a number, belong to it.
pub(super) fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let radix = bytes[end..].starts_with(b"0x") || bytes[end..].starts_with(b"0b");
    let mut digits = false;
    while let Some(&b) = bytes.get(end) {
        let sign = matches!(b, b'+' | b'-') && digits && !radix && matches!(bytes[end - 1], b'e' | b'E');
        if !(b.is_ascii_alphanumeric() || b == b'_' || b == b'.' || sign) {
            break;
        }
        digits |= b.is_ascii_digit();
        end += 1;
    }
    end
}

/// The value of a word that stands for a number.
pub(super) fn special(word: &str) -> Option<f64> {
    match word {
        "inf" => Some(f64::INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}

/// Reads a number; else what would be right.
pub(super) fn read(literal: &str) -> Result<Number, &'static str> {
    let unsigned = literal.strip_prefix(['+', '-']).unwrap_or(literal);
    let negative = literal.starts_with('-');
    let signed = |value: f64| if negative { -value } else { value };
    if let Some(value) = special(unsigned) {
        return Ok(Number { value: signed(value), whole: None });
    }
    if unsigned.contains("..") {
        return Err("a range stands in quotes: \"1..=6\"");
    }
    let whole = match unsigned.get(..2) {
        Some("0x") => Some(radix(&unsigned[2..], 16)?),
        Some("0o") => Some(radix(&unsigned[2..], 8)?),
        Some("0b") => Some(radix(&unsigned[2..], 2)?),
        _ => None,
    };
    if let Some(whole) = whole {
        let exact = (!negative || whole == 0).then_some(whole);
        return Ok(Number { value: if whole == 0 { 0.0 } else { signed(whole as f64) }, whole: exact });
    }
    decimal(unsigned, negative)
}

fn radix(digits: &str, base: u32) -> Result<u64, &'static str> {
    if digits.starts_with(['_', '+', '-']) {
        return Err("a digit stands behind the prefix");
    }
    u64::from_str_radix(&digits.replace('_', ""), base).map_err(|_| "only digits of its base, and at most 64 bits")
}

fn decimal(unsigned: &str, negative: bool) -> Result<Number, &'static str> {
    if let Some(c) = unsigned.chars().find(|c| !(c.is_ascii_digit() || "eE.+-_".contains(*c))) {
        return Err(match c {
            'i' | 'u' | 'f' => "numbers have no suffix",
            _ => "a quantity stands in quotes: \"4 h\"",
        });
    }
    if unsigned.starts_with('_') || unsigned.contains("._") || unsigned.contains("-_") || unsigned.contains("+_") {
        return Err("underscores stand between digits only");
    }
    let digits = unsigned.replace('_', "");
    let value: f64 = digits.parse().map_err(|_| "write it as `12`, `0.5` or `1e-5`")?;
    let whole = digits.parse::<u64>().ok().filter(|&whole| !negative || whole == 0);
    // A whole number has no negative zero.
    let negative = negative && whole != Some(0);
    Ok(Number { value: if negative { -value } else { value }, whole })
}
