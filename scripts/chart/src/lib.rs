//! Line charts as SVG, for the study pages: panels in two columns, under one title and one legend.
//!
//! The same input gives the same bytes on every machine: text is measured by its length, not by an installed font.

use plotters::{
    coord::{
        Shift,
        ranged1d::{AsRangedCoord, ValueFormatter},
    },
    prelude::*,
};

/// The scale of a horizontal axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From zero to a whole number.
    Linear,
    /// Logarithmic, with a tick for each power of two. Values must be above zero. Each point has a mark.
    Log2,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Lines over the same axes. The vertical axis begins at zero.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What is shown.
    pub title: String,
    /// Scale of the horizontal axis.
    pub scale: Scale,
    /// Unit of the horizontal axis.
    pub x: String,
    /// Unit of the vertical axis.
    pub y: String,
    /// The lines: the same names in the same order in all panels.
    pub lines: Vec<Line>,
}

// In pixels. Pages show charts at about half this size.
const PANEL: (u32, u32) = (760, 400);
const MARGIN: i32 = 20;
const HEAD: i32 = 140;
const TEXT: f64 = 20.0;

/// Okabe and Ito's colours: colour-blind readers can tell them apart.
const COLORS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(230, 159, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<'a, T = ()> = Result<T, DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

/// Draws panels under a title and a subtitle.
///
/// # Panics
///
/// If the title or the subtitle is wider than the chart.
pub fn draw(title: &str, subtitle: &str, panels: &[Panel]) -> String {
    let mut svg = String::new();
    let rows = panels.len().div_ceil(2);
    let root = SVGBackend::with_string(&mut svg, (2 * PANEL.0, HEAD as u32 + rows as u32 * PANEL.1));
    draw_all(&root.into_drawing_area(), title, subtitle, panels).expect("writing to a string does not fail");
    svg
}

fn draw_all<'a>(root: &Area<'a>, title: &str, subtitle: &str, panels: &[Panel]) -> Drawn<'a> {
    root.fill(&WHITE)?;
    for (text, y, size) in [(title, MARGIN, 1.4 * TEXT), (subtitle, 64, TEXT)] {
        let end = draw_text(root, text, (MARGIN, y), size)?;
        assert!(end < root.dim_in_pixel().0 as i32, "shorten this title, it is wider than the chart: {text}");
    }
    let (mut x, y) = (MARGIN, 108);
    for (line, style) in panels.first().into_iter().flat_map(styled) {
        root.draw(&PathElement::new([(x, y + 9), (x + 40, y + 9)], style))?;
        x = draw_text(root, &line.name, (x + 50, y), TEXT)? + 40;
    }
    let (_, below) = root.split_vertically(HEAD);
    for (panel, area) in panels.iter().zip(below.split_evenly((panels.len().div_ceil(2), 2))) {
        let xs = || panel.lines.iter().flat_map(|line| &line.points).map(|point| point.0);
        let (first, last) = (xs().fold(f64::INFINITY, f64::min), xs().fold(0.0, f64::max));
        match panel.scale {
            Scale::Linear => draw_panel(&area, panel, 0.0..last.ceil())?,
            Scale::Log2 => draw_panel(&area, panel, (first..last).log_scale().base(2.0))?,
        }
    }
    root.present()
}

/// Draws text and returns where it ends.
fn draw_text<'a>(root: &Area<'a>, text: &str, at: (i32, i32), size: f64) -> Drawn<'a, i32> {
    root.draw(&Text::new(text, at, font(size)))?;
    Ok(at.0 + root.estimate_text_size(text, &font(size).into_text_style(root))?.0 as i32)
}

fn draw_panel<'a, X>(area: &Area<'a>, panel: &Panel, x: X) -> Drawn<'a>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let most = panel.lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1e-9, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .caption(&panel.title, font(1.1 * TEXT))
        .set_label_area_size(LabelAreaPosition::Left, 100)
        .set_label_area_size(LabelAreaPosition::Bottom, 60)
        .build_cartesian_2d(x, 0.0..1.05 * most)?;
    // Ticks are sums of steps such as 0.1, so they have rounding errors.
    let number = |tick: &f64| format!("{}", (tick * 1e6).round() / 1e6);
    chart
        .configure_mesh()
        .x_desc(&panel.x)
        .y_desc(&panel.y)
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .label_style(font(0.9 * TEXT))
        .axis_desc_style(font(TEXT))
        .bold_line_style(BLACK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (line, style) in styled(panel) {
        chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        if panel.scale == Scale::Log2 {
            chart.draw_series(line.points.iter().map(|point| Circle::new(*point, 6, style.filled())))?;
        }
    }
    Ok(())
}

/// The lines of a panel and how to draw them. Earlier lines are wider, so that they show where lines coincide.
fn styled(panel: &Panel) -> impl Iterator<Item = (&Line, ShapeStyle)> {
    let widths = (1..=panel.lines.len() as u32).rev().map(|place| 2 * place);
    panel.lines.iter().zip(COLORS.iter().cycle().zip(widths).map(|(color, width)| color.stroke_width(width)))
}

fn font(pixels: f64) -> FontDesc<'static> {
    // The SVG backend divides sizes by 1.24.
    ("sans-serif", 1.24 * pixels).into_font()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(scale: Scale, points: &[(f64, f64)]) -> Panel {
        let line = Line { name: "mainnet".into(), points: points.into() };
        Panel { title: "Jobs".into(), scale, x: "shards".into(), y: "jobs a second".into(), lines: vec![line] }
    }

    fn texts(svg: &str) -> Vec<&str> {
        svg.split("<text").skip(1).filter_map(|text| text.lines().nth(1)).collect()
    }

    #[test]
    fn every_text_and_every_tick_is_there() {
        let panels =
            [panel(Scale::Log2, &[(1.0, 0.1), (8.0, 0.3)]), panel(Scale::Linear, &[(0.0, 0.0), (1.9, 9_000.0)])];
        let svg = draw("A title", "Its explanation", &panels);
        let texts = texts(&svg);
        let expected =
            "A title, Its explanation, mainnet, Jobs, shards, jobs a second, 1, 2, 4, 8, 0.1, 0.3, 0, 0.5, 2000";
        for text in expected.split(", ") {
            assert!(texts.contains(&text), "{text} is not among {texts:?}");
        }
        assert_eq!(svg, draw("A title", "Its explanation", &panels));
    }

    #[test]
    #[should_panic(expected = "wider than the chart")]
    fn a_title_that_would_be_cut_off_is_refused() {
        draw(&"word ".repeat(40), "", &[panel(Scale::Linear, &[(0.0, 1.0)])]);
    }
}
