//! Charts as SVG: lines over powers of two.

use std::fmt::Write;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 130.0;
const COLORS: [&str; 4] = ["#4c6ef5", "#2f9e44", "#e03131", "#f08c00"];

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Lines over the same axis.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What is shown.
    pub title: String,
    /// The lines.
    pub lines: Vec<Line>,
}

/// Draws panels, two in a row.
pub fn draw(title: &str, panels: &[Panel]) -> String {
    let mut svg = String::new();
    let rows = panels.len().div_ceil(2).max(1) as f64;
    let (width, height) = (2.0 * (WIDTH + 70.0) + 20.0, rows * (HEIGHT + 60.0) + 70.0);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"20\" y=\"24\" font-size=\"15\">{title}</text>\n"
    )
    .expect("text");
    for (place, line) in panels.first().map(|panel| &panel.lines[..]).unwrap_or_default().iter().enumerate() {
        let (x, color) = (20 + 90 * place, COLORS[place % COLORS.len()]);
        writeln!(svg, "<text x=\"{x}\" y=\"44\" fill=\"{color}\">&#9632; {}</text>", line.name).expect("text");
    }
    for (place, panel) in panels.iter().enumerate() {
        let (left, top) = (60.0 + (place % 2) as f64 * (WIDTH + 70.0), 75.0 + (place / 2) as f64 * (HEIGHT + 60.0));
        let all = || panel.lines.iter().flat_map(|line| &line.points);
        let most = all().map(|(_, y)| *y).fold(1e-9, f64::max);
        let last = all().map(|(x, _)| x.log2()).fold(1e-9, f64::max);
        write!(
            svg,
            "<g transform=\"translate({left} {top})\">\n<text y=\"-8\">{}</text>\n\
             <path d=\"M0 0V{HEIGHT}H{WIDTH}\" fill=\"none\" stroke=\"#868e96\"/>\n\
             <text x=\"-4\" y=\"8\" text-anchor=\"end\">{most:.0}</text>\n\
             <text x=\"-4\" y=\"{HEIGHT}\" text-anchor=\"end\">0</text>\n",
            panel.title
        )
        .expect("text");
        for (x, _) in panel.lines.first().map(|line| &line.points[..]).unwrap_or_default() {
            let (at, below) = (x.log2() / last * WIDTH, HEIGHT + 14.0);
            writeln!(svg, "<text x=\"{at:.0}\" y=\"{below}\" text-anchor=\"middle\">{x}</text>").expect("text");
        }
        for (index, line) in panel.lines.iter().enumerate() {
            let point =
                |(x, y): &(f64, f64)| format!("{:.0},{:.1}", x.log2() / last * WIDTH, HEIGHT - y / most * HEIGHT);
            let points = line.points.iter().map(point).collect::<Vec<_>>().join(" ");
            let color = COLORS[index % COLORS.len()];
            writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\"/>").expect("text");
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}
