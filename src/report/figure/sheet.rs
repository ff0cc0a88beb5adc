//! The paper: title, frame, axes, legend, notes. All places are whole pixels, and no font is measured, so that the same
//! figure has the same bytes everywhere.

use super::axis::Scale;
use super::sign::{Entry, GREY, INK, LIGHT};
use crate::report::document::{clean, width};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Where pixels are drawn.
pub(super) type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// Where values are.
pub(super) type Plot<'s> = DrawingArea<SVGBackend<'s>, Cartesian2d<Scale, Scale>>;

/// What drawing into memory might yield, and never does.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Width of every figure, pixels.
const WIDTH: i32 = 960;

/// Sizes of letters as plotters counts them: of titles, of words, of notes.
const SIZES: [f64; 3] = [21.0, 16.0, 14.0];

/// Pixels that a letter of a word takes in common fonts, at most in the mean.
const LETTER: f64 = 7.6;

/// Pixels from one line of words to the next.
const LINE: i32 = 19;

/// Most letters in a line: of a title, of notes, of a legend's entry.
const LETTERS: [usize; 3] = [96, 150, 28];

/// What stands around the values.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet<'f> {
    /// Above all.
    pub title: &'f str,
    /// Below the frame.
    pub x: &'f str,
    /// Above the frame.
    pub y: &'f str,
    /// To the right of it.
    pub legend: Vec<Entry>,
    /// Below all.
    pub notes: Vec<String>,
    /// Height of the frame, pixels, at least.
    pub height: i32,
    /// Room to the right of the frame for values, letters.
    pub values: usize,
}

/// Where the frame is, pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

/// Pixels that so many letters take.
pub(super) fn room(letters: usize) -> i32 {
    libm::ceil(letters as f64 * LETTER) as i32
}

impl Sheet<'_> {
    /// The figure: frame and axes, then what `draw` adds, then legend and notes.
    pub fn drawn(&self, x: Scale, y: Scale, draw: impl FnOnce(&Area, &Plot, Frame) -> Drawn) -> String {
        let title = wrapped(self.title, LETTERS[0], 2);
        let notes: Vec<String> = self.notes.iter().flat_map(|note| wrapped(note, LETTERS[1], 3)).collect();
        let entries: Vec<(Vec<String>, &Entry)> =
            self.legend.iter().map(|entry| (wrapped(&entry.name, LETTERS[2], 3), entry)).collect();
        let frame = self.frame(&title, &entries, &y);
        let height = frame.bottom + 2 * LINE + 20 + LINE * notes.len() as i32;
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
            let pixels = (frame.left..frame.right, frame.bottom..frame.top);
            let plot = root.clone().apply_coord_spec(Cartesian2d::new(x, y, pixels));
            // Writing into memory can't fail.
            let _ = root.fill(&WHITE);
            let _ = self.axes(&root, &plot, frame);
            let _ = lines(&root, &title, (16, 14), SIZES[0], 26);
            let _ = draw(&root, &plot, frame);
            let _ = legend(&root, &entries, frame.right + 18 + room(self.values), frame.top);
            let _ = lines(&root, &notes, (16, frame.bottom + 2 * LINE + 12), SIZES[2], LINE);
            let _ = root.present();
        }
        named(&svg, &printable(self.title))
    }

    fn frame(&self, title: &[String], entries: &[(Vec<String>, &Entry)], y: &Scale) -> Frame {
        let labels = y.ticks.iter().map(|(_, label)| label.split('\n').map(width).max().unwrap_or(0));
        let left = 24 + room(labels.max().unwrap_or(0));
        let longest = entries.iter().flat_map(|(lines, _)| lines).map(|line| width(line)).max();
        let right = WIDTH - 18 - room(self.values) - longest.map_or(8, |letters| 48 + room(letters));
        let above = if self.y.is_empty() { 18 } else { 18 + LINE };
        let top = 14 + 26 * title.len() as i32 + above;
        let most = LINE * entries.iter().map(|(lines, _)| lines.len() as i32).sum::<i32>();
        Frame { left, right: right.max(left + 200), top, bottom: top + self.height.max(most) }
    }

    /// Grid, ticks and what the axes show.
    fn axes(&self, root: &Area, plot: &Plot, frame: Frame) -> Drawn {
        let Frame { left, right, top, bottom } = frame;
        let mut free = 0;
        for (at, label) in &plot.as_coord_spec().x_spec().ticks {
            let x = plot.as_coord_spec().x_spec().map(at, (left, right));
            root.draw(&PathElement::new([(x, top), (x, bottom)], LIGHT))?;
            let half = room(width(label)) / 2;
            // Labels that would run into each other are left out.
            if x - half >= free && x + half <= WIDTH {
                word(root, label, (x, bottom + 7), (HPos::Center, VPos::Top))?;
                free = x + half + 8;
            }
        }
        let mut free = i32::MAX;
        for (at, label) in &plot.as_coord_spec().y_spec().ticks {
            let y = plot.as_coord_spec().y_spec().map(at, (bottom, top));
            root.draw(&PathElement::new([(left, y), (right, y)], LIGHT))?;
            let parts: Vec<&str> = label.split('\n').collect();
            let first = y - 8 * (parts.len() as i32 - 1);
            if first + 16 * parts.len() as i32 - 8 > free {
                continue;
            }
            free = first - 8;
            for (i, part) in parts.into_iter().enumerate() {
                word(root, part, (left - 8, first + 16 * i as i32), (HPos::Right, VPos::Center))?;
            }
        }
        root.draw(&PathElement::new([(left, top), (left, bottom), (right, bottom)], GREY))?;
        word(root, self.y, (16.min(left), top - 10), (HPos::Left, VPos::Bottom))?;
        word(root, self.x, ((left + right) / 2, bottom + 7 + LINE), (HPos::Center, VPos::Top))
    }
}

/// Some word.
pub(super) fn word(root: &Area, text: &str, at: (i32, i32), (h, v): (HPos, VPos)) -> Drawn {
    if text.is_empty() {
        return Ok(());
    }
    root.draw_text(&printable(text), &style(SIZES[1]).pos(Pos::new(h, v)), at)
}

fn style(size: f64) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

fn lines(root: &Area, lines: &[String], at: (i32, i32), size: f64, step: i32) -> Drawn {
    let mut y = at.1;
    for line in lines {
        root.draw_text(line, &style(size).pos(Pos::new(HPos::Left, VPos::Top)), (at.0, y))?;
        y += step;
    }
    Ok(())
}

fn legend(root: &Area, entries: &[(Vec<String>, &Entry)], left: i32, top: i32) -> Drawn {
    let mut y = top + 8;
    for (words, entry) in entries {
        entry.drawn(root, (left, y))?;
        for line in words {
            word(root, line, (left + 32, y), (HPos::Left, VPos::Center))?;
            y += LINE;
        }
    }
    Ok(())
}

/// One line of letters that XML allows.
fn printable(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// The text on lines of at most so many letters, broken at blanks where that serves; so many lines at most.
pub(super) fn wrapped(text: &str, letters: usize, most: usize) -> Vec<String> {
    let text = printable(text);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let last = lines.len() - 1;
            let used = width(&lines[last]) + usize::from(!lines[last].is_empty());
            if used + rest.len() <= letters {
                let blank = if lines[last].is_empty() { "" } else { " " };
                lines[last] = format!("{}{blank}{}", lines[last], rest.drain(..).collect::<String>());
            } else if lines[last].is_empty() {
                lines[last] = rest.drain(..letters).collect();
            } else {
                lines.push(String::new());
            }
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = last.chars().take(letters - 1).collect::<String>() + "…";
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// With the title as its name, for those who don't see it.
fn named(svg: &str, title: &str) -> String {
    let safe = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match svg.split_once(">\n") {
        Some((head, rest)) => format!("{head} role=\"img\">\n<title>{safe}</title>\n{rest}"),
        None => svg.to_string(),
    }
}
