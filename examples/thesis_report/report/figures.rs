//! Numbers as the report writes them.

use fivenines::report::duration;
use fivenines::stats::Estimate;
use fivenines::units::YEAR;

/// Mean of Uniform(30 s, 300 s).
pub const RESTART: f64 = 165.0;

/// `(6.820 ± 0.060)·10⁻⁵`, with two digits of the half-width.
pub fn small(of: &Estimate) -> String {
    let (Some(value), Some(low), Some(high)) = (of.estimate, of.low, of.high) else {
        return of.bound.as_ref().map_or("–".into(), |bound| format!("≤ {}", plain(bound.value)));
    };
    if low == high {
        return exact(value);
    }
    let (power, half) = (libm::log10(value.abs()).floor() as i32, (high - low) / 2.0);
    if (-2..=2).contains(&power) {
        let digits = places(half);
        return format!("{value:.digits$} ± {half:.digits$}");
    }
    let scale = libm::exp10(f64::from(power));
    let digits = places(half / scale);
    format!("({:.digits$} ± {:.digits$})·10{}", value / scale, half / scale, superscript(power))
}

/// `3.61402·10⁻⁵`: six digits of what has no error.
fn exact(value: f64) -> String {
    let power = libm::log10(value.abs()).floor() as i32;
    if (-2..=2).contains(&power) {
        return format!("{value:.*}", (5 - power).max(0) as usize);
    }
    format!("{:.5}·10{}", value / libm::exp10(f64::from(power)), superscript(power))
}

/// `6.858·10⁻⁵`: four digits.
pub fn plain(value: f64) -> String {
    let power = libm::log10(value.abs()).floor() as i32;
    if (-2..=2).contains(&power) {
        return format!("{value:.*}", (3 - power).max(0) as usize);
    }
    format!("{:.3}·10{}", value / libm::exp10(f64::from(power)), superscript(power))
}

/// A factor, with three digits: `9.53`, `352`.
pub fn factor(value: f64) -> String {
    let power = libm::log10(value.abs()).floor() as i32;
    if power > 5 { plain(value) } else { format!("{value:.*}", (2 - power).clamp(0, 6) as usize) }
}

/// An unavailability as time per year: `35 min 51 s`.
pub fn per_year(unavailability: f64) -> String {
    duration(unavailability * YEAR)
}

/// Decimal places that show two digits of a half-width.
fn places(half: f64) -> usize {
    if half > 0.0 { (1 - libm::log10(half).floor() as i32).clamp(0, 12) as usize } else { 6 }
}

fn superscript(power: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32('⁰' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
    };
    power.to_string().chars().map(digit).collect()
}

/// The ratio of two independent estimates, on the logarithmic scale.
fn quotient(first: &Estimate, second: &Estimate, scale: f64) -> Option<Estimate> {
    let spread = |of: &Estimate| Some(libm::log(of.estimate? / of.low?));
    let value = scale * first.estimate? / second.estimate?;
    let both = libm::exp(libm::hypot(spread(first)?, spread(second)?));
    Some(Estimate { estimate: Some(value), low: Some(value / both), high: Some(value * both), ..first.clone() })
}

/// One unavailability over another: `1.883 ± 0.018`.
pub fn ratio(first: &Estimate, second: &Estimate) -> String {
    quotient(first, second, 1.0).map_or("–".into(), |ratio| small(&ratio))
}

/// The mean restart time at which the actors are down as long as `standard`, from their unavailability at a mean of
/// `restart` seconds: the two are proportional while outages are rare. `87.61 ± 0.85 s`.
pub fn break_even(actors: &Estimate, standard: &Estimate, restart: f64) -> String {
    quotient(standard, actors, restart).map_or("–".into(), |turn| small(&turn) + " s")
}
