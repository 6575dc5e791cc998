//! Two small panels, both axes logarithmic, as SVG that reads on a light page and on a dark one.

use std::fmt::Write as _;

pub(crate) struct Panel {
    pub(crate) title: &'static str,
    x_label: &'static str,
    y_label: &'static str,
    lines: Vec<Line>,
}

pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Panel {
    pub(crate) fn new(title: &'static str, x_label: &'static str, y_label: &'static str) -> Self {
        let lines = Vec::new();
        Self {
            title,
            x_label,
            y_label,
            lines,
        }
    }

    /// A point for each line.
    pub(crate) fn add(&mut self, x: f64, values: impl Iterator<Item = (&'static str, f64)>) {
        for (name, y) in values {
            match self.lines.iter_mut().find(|line| line.name == name) {
                Some(line) => line.points.push((x, y)),
                None => self.lines.push(Line {
                    name,
                    points: vec![(x, y)],
                }),
            }
        }
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 44.0;
const STEP: f64 = WIDTH + 90.0;
/// The floor broad and grey, ours in a colour on it.
const STROKES: [&str; 2] = [
    r##"stroke="#808080" stroke-width="4" stroke-opacity="0.6""##,
    r##"stroke="#d9662b" stroke-width="2""##,
];

pub(crate) fn svg(panels: &[Panel]) -> String {
    let (width, height) = (STEP * panels.len() as f64, TOP + HEIGHT + 56.0);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#808080\">\n"
    );
    for (at, panel) in panels.iter().enumerate() {
        draw(panel, LEFT + STEP * at as f64, &mut text);
    }
    text.push_str("</svg>\n");
    text
}

fn draw(panel: &Panel, left: f64, text: &mut String) {
    let points = || panel.lines.iter().flat_map(|line| &line.points);
    let (first_x, last_x) = ends(points().map(|point| point.0));
    let (low, high) = ends(points().map(|point| point.1));
    let (first_y, last_y) = (low.floor(), high.ceil());
    let x_of = |x: f64| left + WIDTH * (x.log10() - first_x) / (last_x - first_x);
    let y_of = |y: f64| TOP + HEIGHT * (last_y - y.log10()) / (last_y - first_y);
    let (right, bottom, middle) = (left + WIDTH, TOP + HEIGHT, left + WIDTH / 2.0);
    let mut label = |x: f64, y: f64, anchor: &str, words: &str| {
        let _ = writeln!(
            text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
        );
    };
    label(left, TOP - 24.0, "start", panel.title);
    label(left, TOP - 8.0, "start", panel.y_label);
    label(middle, bottom + 36.0, "middle", panel.x_label);
    for decade in first_x as i32..=last_x as i32 {
        let x = 10_f64.powi(decade);
        label(x_of(x), bottom + 18.0, "middle", &number(x));
    }
    for decade in first_y as i32..=last_y as i32 {
        let y = 10_f64.powi(decade);
        label(left - 8.0, y_of(y) + 4.0, "end", &number(y));
    }
    let mut shapes = String::new();
    for decade in first_y as i32..=last_y as i32 {
        let y = y_of(10_f64.powi(decade));
        let _ = writeln!(
            shapes,
            "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"#808080\" stroke-opacity=\"0.25\"/>"
        );
    }
    for (at, (line, stroke)) in panel.lines.iter().zip(STROKES).enumerate() {
        let points: Vec<String> = line
            .points
            .iter()
            .map(|(x, y)| format!("{:.1},{:.1}", x_of(*x), y_of(*y)))
            .collect();
        let _ = writeln!(
            shapes,
            "<polyline points=\"{}\" fill=\"none\" {stroke}/>",
            points.join(" ")
        );
        // What is drawn how.
        let (from, y) = (right - 110.0, TOP - 28.0 + 16.0 * at as f64);
        let _ = writeln!(
            shapes,
            "<path d=\"M{from:.1} {y:.1}h22\" fill=\"none\" {stroke}/>"
        );
        label(from + 30.0, y + 4.0, "start", line.name);
    }
    text.push_str(&shapes);
}

/// The logarithms of the least and of the greatest.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let first = (f64::INFINITY, f64::NEG_INFINITY);
    values.fold(first, |(low, high), value| {
        (low.min(value.log10()), high.max(value.log10()))
    })
}

fn number(value: f64) -> String {
    match value {
        1e6.. => format!("{} M", value / 1e6),
        1e3.. => format!("{} k", value / 1e3),
        _ => format!("{value}"),
    }
}
