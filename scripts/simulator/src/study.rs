//! All presets along all paths.

use {
    crate::{
        chart,
        market::{self, Row},
        path::Path,
        preset::Preset,
    },
    std::fmt::Write,
};

/// A run as CSV, a line a week.
pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from("week,wanted,worked,price,providers,burned,scheduled,reminted,minted,supply,income\n");
    for row in rows {
        writeln!(
            text,
            "{},{:.2},{:.2},{:.6},{:.1},{},{},{},{},{},{:.4}",
            row.week,
            row.wanted,
            row.worked,
            row.price,
            row.providers,
            row.burned,
            row.scheduled,
            row.reminted,
            row.minted,
            row.supply,
            row.income
        )
        .expect("text");
    }
    text
}

/// The files of a study: name and text. A chart a preset, a table a run where `weekly`, and a summary of all.
pub fn files(presets: &[Preset], paths: &[Path], weekly: bool) -> Vec<(String, String)> {
    let mut files = vec![];
    let mut summary = String::from("preset,path,verdict,price,supply,providers,income,served\n");
    for preset in presets {
        let runs: Vec<_> = paths.iter().map(|path| (path.name.as_str(), market::run(preset, path))).collect();
        for (name, rows) in &runs {
            let (first, last) = (&rows[0], &rows[rows.len() - 1]);
            writeln!(
                summary,
                "{},{name},{},{:.3},{:.3},{:.3},{:.3},{:.3}",
                preset.name,
                market::verdict(rows).name(),
                last.price / first.price,
                last.supply.0 as f64 / preset.supply.0 as f64,
                last.providers / first.providers,
                last.income / first.income.max(1e-9),
                market::served(rows),
            )
            .expect("text");
            if weekly {
                files.push((format!("{}-{name}.csv", preset.name), csv(rows)));
            }
        }
        let lines: Vec<_> = runs.iter().map(|(name, rows)| (*name, rows.as_slice())).collect();
        files.push((format!("{}.svg", preset.name), chart::draw(&format!("{}: {}", preset.name, preset.rule), &lines)));
    }
    files.push(("summary.csv".into(), summary));
    files
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{path, preset},
    };

    /// What is committed is what this code computes: `scripts/simulate programs/bme/study` writes it anew.
    #[test]
    fn the_committed_study_is_up_to_date() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs/bme/study");
        for (name, text) in files(&preset::all(), &path::all(), false) {
            assert!(std::fs::read_to_string(folder.join(&name)).is_ok_and(|there| there == text), "{name} is outdated");
        }
    }
}
