use super::*;
use crate::stats::{Bound, Estimate, Side};

/// The elements of a document in their order, each with its attributes; panics where it is no well-formed XML.
fn elements(svg: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let (mut found, mut open, mut rest) = (Vec::new(), Vec::new(), svg);
    while let Some(begin) = rest.find('<') {
        assert!(well_written(&rest[..begin]), "{}", &rest[..begin]);
        let end = begin + rest[begin..].find('>').expect("a tag that ends");
        let tag = &rest[begin + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let closed = tag.ends_with('/');
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        let parts: Vec<&str> = attributes.split('"').collect();
        assert!(parts.len() % 2 == 1 && parts[parts.len() - 1].trim().is_empty(), "{tag}");
        let pairs = parts.chunks_exact(2).map(|pair| {
            assert!(well_written(pair[1]) && pair[0].ends_with('='), "{tag}");
            (pair[0].trim().trim_end_matches('='), pair[1])
        });
        found.push((name, pairs.collect()));
        if !closed {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    found
}

/// Whether text holds no bare ampersand, and no letter that XML forbids.
fn well_written(text: &str) -> bool {
    let entity = |rest: &str| ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|name| rest.starts_with(name));
    let letter = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.split('&').skip(1).all(entity) && text.chars().all(letter)
}

fn count(svg: &str, name: &str) -> usize {
    elements(svg).iter().filter(|(of, _)| *of == name).count()
}

/// The words of a figure, in the order in which they were set.
fn words(svg: &str) -> Vec<&str> {
    svg.split("<text ").skip(1).filter_map(|text| Some(text.split_once(">\n")?.1.split_once("\n<")?.0)).collect()
}

fn series(name: &str, points: &[(f64, f64)]) -> Series {
    let points = points.iter().map(|(x, y)| Point { interval: Some((0.9 * y, 1.1 * y)), ..Point::new(*x, *y) });
    Series { name: name.into(), points: points.collect(), look: Look::Joined }
}

fn lines() -> Lines {
    Lines {
        title: "Which is better".into(),
        x: Axis::new("mttf", Unit::Duration),
        y: Axis::new("downtime per year", Unit::Duration),
        series: vec![
            series("one", &[(3_600.0, 1.0), (36_000.0, 100.0), (360_000.0, 10_000.0)]),
            series("two", &[(3_600.0, 9.0), (36_000.0, 90.0)]),
        ],
        limits: vec![(315.576, "five nines".into()), (1e9, "nowhere near".into())],
        marks: vec![Mark { at: 30_000.0, interval: Some((20_000.0, 40_000.0)), meaning: "they change places".into() }],
        notes: vec!["A note.".into()],
    }
}

#[test]
fn every_point_has_its_sign_and_every_series_its_band() {
    let svg = lines().svg();
    // The first series has circles, the second one squares; each has one more in the legend.
    assert_eq!(count(&svg, "circle"), 3 + 1);
    // Two bands, and squares of the second series.
    assert_eq!(count(&svg, "polygon"), 2 + 2 + 1);
    let words = words(&svg);
    let expected = [
        "10 h",
        "1 d",
        "1 s",
        "10 s",
        "1 min",
        "10 min",
        "1 h",
        "downtime per year",
        "mttf",
        "Which is better",
        "A",
        "one",
        "two",
        "five nines",
        "A: they change places",
        "A note.",
    ];
    expected.iter().for_each(|word| assert!(words.contains(word), "{word}: {words:?}"));
    assert!(!words.contains(&"nowhere near"));
    assert_eq!(svg, lines().svg());
}

/// Equal ratios are equal distances: the three points of the first series lie on one straight line.
#[test]
fn places_are_those_of_the_scale() {
    let svg = lines().svg();
    let place = |element: &(&str, Vec<(&str, &str)>)| {
        let of = |name: &str| element.1.iter().find(|(of, _)| *of == name).expect("a place").1.parse::<i32>();
        (of("cx").expect("a number"), of("cy").expect("a number"))
    };
    let all = elements(&svg);
    let at: Vec<(i32, i32)> = all.iter().filter(|(name, _)| *name == "circle").map(place).collect();
    assert!((at[1].0 - at[0].0 - (at[2].0 - at[1].0)).abs() <= 1, "{at:?}");
    assert!((at[1].1 - at[0].1 - (at[2].1 - at[1].1)).abs() <= 1, "{at:?}");
    assert!(at[0].0 < at[1].0 && at[0].1 > at[1].1);
}

fn bars() -> Bars {
    let estimate = |value: f64| Estimate::between(Some(value), Some((0.5 * value, 2.0 * value)), 0.95, "s/y");
    let bound = Bound { side: Side::Upper, value: 5.0, because: "no outage".into() };
    let unseen = Estimate { bound: Some(bound), ..Estimate::unknown(0.95, "s/y") };
    Bars {
        title: "Designs".into(),
        axis: Axis::new("downtime per year", Unit::Duration),
        bars: vec![
            Bar::new("standard", &estimate(7_200.0)),
            Bar::new("actor based", &estimate(40.0)),
            Bar::new("both", &unseen),
            Bar::new("never", &Estimate::between(Some(0.0), Some((0.0, 0.0)), 0.95, "s/y")),
        ],
        limits: vec![(315.576, "five nines".into())],
        notes: Vec::new(),
    }
}

#[test]
fn every_bar_has_its_name_and_its_value() {
    let svg = bars().svg();
    let words = words(&svg);
    let expected = ["standard", "actor based", "both", "never", "≤ 5.00 s/yr", "five nines", "1 min", "1 h"];
    expected.iter().for_each(|word| assert!(words.contains(word), "{word}: {words:?}"));
    assert!(words.contains(&"1 of the values are 0, which has no place on a logarithmic axis."), "{words:?}");
    // The ground and three bars, of which that of a bound is open.
    let all = elements(&svg);
    let bars = all.iter().filter(|(name, _)| *name == "rect");
    let open = bars.clone().filter(|(_, attributes)| attributes.contains(&("fill", "none")));
    assert_eq!((bars.count(), open.count()), (1 + 3, 1));
}

fn stacks() -> Stacks {
    let parts = |all: &[(&str, f64)]| all.iter().map(|(name, length)| ((*name).to_string(), *length)).collect();
    Stacks {
        title: "What takes the designs down".into(),
        axis: Axis::new("downtime per year", Unit::Duration),
        stacks: vec![
            Stack {
                name: "standard".into(),
                parts: parts(&[("host", 2400.0), ("site", 600.0)]),
                text: "50 min".into(),
            },
            Stack { name: "pair".into(), parts: parts(&[("host", 0.0), ("site", 600.0)]), text: "10 min".into() },
        ],
        limits: vec![(315.576, "five nines".into())],
        notes: vec!["A note.".into()],
    }
}

/// Lengths are in proportion, parts of one kind have one colour, and what is nothing isn't drawn.
#[test]
fn parts_lie_end_to_end_and_are_as_long_as_they_say() {
    let svg = stacks().svg();
    let words = words(&svg);
    let expected = ["standard", "pair", "host", "site", "50 min", "10 min", "five nines", "A note."];
    expected.iter().for_each(|word| assert!(words.contains(word), "{word}: {words:?}"));
    let all = elements(&svg);
    let of = |attributes: &Vec<(&str, &str)>, name: &str| -> String {
        attributes.iter().find(|(of, _)| *of == name).map_or(String::new(), |at| at.1.to_string())
    };
    let parts: Vec<(i32, i32, String)> = all
        .iter()
        .filter(|(name, attributes)| *name == "rect" && of(attributes, "opacity") == "0.75")
        .map(|(_, at)| {
            (of(at, "x").parse().expect("a place"), of(at, "width").parse().expect("a length"), of(at, "fill"))
        })
        .collect();
    // Three parts, and two colours in the legend.
    assert_eq!(parts.len(), 3 + 2, "{parts:?}");
    let [host, site, alone] = [&parts[0], &parts[1], &parts[2]];
    assert!((host.1 - 4 * site.1).abs() <= 4 && (site.1 - alone.1).abs() <= 1, "{parts:?}");
    assert!((host.0 + host.1 - site.0).abs() <= 1 && host.0 == alone.0, "{parts:?}");
    assert!(host.2 != site.2 && site.2 == alone.2, "{parts:?}");
}

#[test]
fn nothing_that_is_drawn_breaks_the_document() {
    let hostile = [0.0, -1.0, 1e-320, 1e308, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, 5e-324, 1e15];
    let name =
        "<a href=\"x\">&'\u{7}\u{fffe}\u{1b}[31m]]> --> a-word-that-is-longer-than-any-line-of-a-legend-could-be";
    for spacing in [Spacing::Automatic, Spacing::Linear, Spacing::Logarithmic] {
        for unit in [Unit::Duration, Unit::Share, Unit::Number] {
            for a in hostile {
                for b in hostile {
                    let axis = || Axis::new(name, unit).spaced(spacing);
                    let point = Point { x: a, y: b, interval: Some((b, a)) };
                    let points = vec![point, Point::new(b, a), Point::new(1.0, 2.0)];
                    let looks = [Look::Joined, Look::Curve, Look::Dots];
                    let series = looks.map(|look| Series { name: name.into(), points: points.clone(), look });
                    let mark = Mark { at: a, interval: Some((a, b)), meaning: name.into() };
                    let lines = Lines {
                        title: name.into(),
                        x: axis(),
                        y: axis(),
                        series: series.to_vec(),
                        limits: vec![(a, name.into())],
                        marks: vec![mark.clone(), mark],
                        notes: vec![name.into()],
                    };
                    elements(&lines.svg());
                    let of = Estimate::between(Some(a), Some((a, b)), 0.95, "s");
                    let bars = vec![Bar::new(name, &of), Bar::new(name, &of).in_group(name)];
                    let limits = vec![(b, name.to_string())];
                    let notes = vec![name.to_string()];
                    let parts = vec![(name.to_string(), a), (String::new(), b)];
                    let stacks = vec![Stack { name: name.into(), parts, text: name.into() }; 2];
                    let (title, axis_of) = (name.to_string(), axis());
                    let all = (limits.clone(), notes.clone());
                    elements(&Stacks { title, axis: axis_of, stacks, limits: all.0, notes: all.1 }.svg());
                    elements(&Bars { title: name.into(), axis: axis(), bars, limits, notes }.svg());
                }
            }
        }
    }
    elements(&Lines::default().svg());
    elements(&Bars::default().svg());
    elements(&Stacks::default().svg());
}

#[test]
fn names_are_those_of_files_and_no_two_alike() {
    assert_eq!(file_name("Downtime by E(X), 5 %"), "downtime-by-e-x-5");
    assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
    assert_eq!(file_name("…"), "figure");
    let all =
        collected(vec![("a b".into(), String::new()), ("a-b".into(), String::new()), ("A B!".into(), String::new())]);
    assert_eq!(all.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["a-b", "a-b-2", "a-b-3"]);
}
