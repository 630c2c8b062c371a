//! Charts as SVG.

use {crate::market::Row, std::fmt::Write};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 130.0;
const COLORS: [&str; 4] = ["#4c6ef5", "#2f9e44", "#e03131", "#f08c00"];

/// One panel: its title, and what it shows of a week.
type Panel = (&'static str, fn(&Row) -> f64);

const PANELS: [Panel; 6] = [
    ("price, dollars", |row| row.price),
    ("supply, millions", |row| row.supply.0 as f64 / 1e14),
    ("minted a week, thousands", |row| row.minted.0 as f64 / 1e11),
    ("burned a week, thousands", |row| row.burned.0 as f64 / 1e11),
    ("a provider's income a week, dollars", |row| row.income),
    ("work done of work wanted, %", |row| 100.0 * row.worked / row.wanted.max(1e-9)),
];

/// Draws runs of one policy, a line for each, in six panels.
pub fn draw(title: &str, runs: &[(&str, &[Row])]) -> String {
    let mut svg = String::new();
    let (width, height) = (2.0 * (WIDTH + 70.0) + 20.0, 3.0 * (HEIGHT + 50.0) + 70.0);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"20\" y=\"24\" font-size=\"15\">{title}</text>\n"
    )
    .expect("text");
    for (place, (name, _)) in runs.iter().enumerate() {
        let (x, color) = (20 + 90 * place, COLORS[place % COLORS.len()]);
        writeln!(svg, "<text x=\"{x}\" y=\"44\" fill=\"{color}\">&#9632; {name}</text>").expect("text");
    }
    for (place, (name, value)) in PANELS.iter().enumerate() {
        let (left, top) = (60.0 + (place % 2) as f64 * (WIDTH + 70.0), 75.0 + (place / 2) as f64 * (HEIGHT + 50.0));
        let most = runs.iter().flat_map(|(_, rows)| rows.iter().map(value)).fold(1e-9, f64::max);
        write!(
            svg,
            "<g transform=\"translate({left} {top})\">\n<text y=\"-8\">{name}</text>\n\
             <path d=\"M0 0V{HEIGHT}H{WIDTH}\" fill=\"none\" stroke=\"#868e96\"/>\n\
             <text x=\"-4\" y=\"8\" text-anchor=\"end\">{}</text>\n\
             <text x=\"-4\" y=\"{HEIGHT}\" text-anchor=\"end\">0</text>\n",
            number(most)
        )
        .expect("text");
        for (run, (_, rows)) in runs.iter().enumerate() {
            // A point every fourth week draws the same line as one every week.
            let points: Vec<_> = rows
                .iter()
                .step_by(4)
                .map(|row| {
                    let x = row.week as f64 / rows.len() as f64 * WIDTH;
                    format!("{x:.0},{:.1}", HEIGHT - value(row) / most * HEIGHT)
                })
                .collect();
            let (points, color) = (points.join(" "), COLORS[run % COLORS.len()]);
            writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\"/>").expect("text");
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn number(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
