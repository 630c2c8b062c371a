//! Runs all presets along all paths and writes the results.

use {
    crate::{
        auction,
        market::{self, Row},
        path::Path,
        preset::{Preset, TOKEN},
    },
    joule_chart::{Line, Panel, Scale},
    std::fmt::Write,
};

/// A run as CSV, with a line for each week.
pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "week,wanted,worked,waiting,price,providers,burned,scheduled,reminted,topped_up,minted,supply,income,self_dealing\n",
    );
    for row in rows {
        writeln!(
            text,
            "{},{:.2},{:.2},{:.2},{:.6},{:.1},{},{},{},{},{},{},{:.4},{:.4}",
            row.week,
            row.wanted,
            row.worked,
            row.waiting,
            row.price,
            row.providers,
            row.burned,
            row.scheduled,
            row.reminted,
            row.topped_up,
            row.minted,
            row.supply,
            row.income,
            row.self_dealing
        )
        .expect("text");
    }
    text
}

/// What a chart shows of a week: title, unit, value.
type Shown = (&'static str, &'static str, fn(&Row) -> f64);

const SHOWN: [Shown; 6] = [
    ("Price of a token", "dollars", |row| row.price),
    ("Supply", "million tokens", |row| row.supply.0 as f64 / 1e6 / TOKEN as f64),
    ("Minted", "thousand tokens a week", |row| row.minted.0 as f64 / 1e3 / TOKEN as f64),
    ("Burned", "thousand tokens a week", |row| row.burned.0 as f64 / 1e3 / TOKEN as f64),
    ("Income of a provider", "dollars a week", |row| row.income),
    ("Work done, of the work wanted", "%", |row| 100.0 * row.worked / row.wanted.max(1e-9)),
];

/// The runs of one policy, a line for each.
fn panels(runs: &[(&str, Vec<Row>)]) -> Vec<Panel> {
    let panel = |(title, unit, value): Shown| {
        let points = |rows: &[Row]| rows.iter().map(|row| ((row.week + 1) as f64 / 52.0, value(row))).collect();
        let lines = runs.iter().map(|(name, rows)| Line { name: (*name).into(), points: points(rows) });
        Panel { title: title.into(), scale: Scale::Linear, x: "years".into(), y: unit.into(), lines: lines.collect() }
    };
    SHOWN.map(panel).into()
}

/// The files of a study, by name: a chart of each preset, with `weekly` a table of each run, and last the summary.
pub fn files(presets: &[Preset], paths: &[Path], weekly: bool) -> Vec<(String, String)> {
    let mut files = vec![];
    let mut summary = String::from("preset,path,verdict,price,supply,providers,income,served,waiting,self_dealing\n");
    for preset in presets {
        let runs: Vec<_> = paths.iter().map(|path| (path.name.as_str(), market::run(preset, path))).collect();
        for (name, rows) in &runs {
            let (first, last) = (&rows[0], &rows[rows.len() - 1]);
            writeln!(
                summary,
                "{},{name},{},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3}",
                preset.name,
                market::verdict(rows).name(),
                last.price / first.price,
                last.supply.0 as f64 / preset.supply.0 as f64,
                last.providers / first.providers,
                last.income / first.income.max(1e-9),
                market::served(rows),
                last.waiting / first.wanted,
                market::self_dealing(rows),
            )
            .expect("text");
            if weekly {
                files.push((format!("{}-{name}.csv", preset.name), csv(rows)));
            }
        }
        files.push((format!("{}.svg", preset.name), joule_chart::draw(preset.name, preset.rule, &panels(&runs))));
    }
    files.push(("auction.csv".into(), auction::csv()));
    files.push(("summary.csv".into(), summary));
    files
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{path, preset},
    };

    /// If this fails, run `scripts/simulate programs/bme/study`.
    #[test]
    fn the_committed_study_is_up_to_date() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs/bme/study");
        for (name, text) in files(&preset::all(), &path::all(), false) {
            assert!(
                std::fs::read_to_string(folder.join(&name)).is_ok_and(|there| there == text),
                "{name} is out of date"
            );
        }
    }
}
