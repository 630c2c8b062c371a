//! Reads the committed tables of compute units.

use std::{collections::BTreeMap, fs, path::Path};

/// What a transaction with one instruction uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Compute units.
    pub units: u64,
    /// Size of the transaction, bytes.
    pub bytes: u64,
    /// Bytes that it adds to accounts, with 128 for each new account. Negative if it closes accounts.
    pub rent: i64,
}

/// Rows by program and name.
pub type Rows = BTreeMap<(String, String), Row>;

/// Reads every table in a folder.
pub fn read(folder: &Path) -> Result<Rows, String> {
    let mut rows = Rows::new();
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some(program) = name.strip_prefix("compute_units_").and_then(|name| name.strip_suffix(".md")) else {
            continue;
        };
        let text = fs::read_to_string(file.path()).map_err(|error| format!("{name}: {error}"))?;
        rows.extend(parse(&text)?.into_iter().map(|(row, values)| ((program.to_owned(), row), values)));
    }
    Ok(rows)
}

/// Reads a table. Columns are found by name, in any order.
pub fn parse(text: &str) -> Result<Vec<(String, Row)>, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let mut lines = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let head = lines.next().ok_or("there is no table")?;
    let column =
        |name: &str| head.iter().position(|column| *column == name).ok_or(format!("the table has no column `{name}`"));
    let (name, units, bytes, rent) = (column("instruction")?, column("all")?, column("bytes")?, column("rent")?);
    let number = |cell: &str| cell.parse::<i64>().map_err(|_| format!("`{cell}` is not a whole number"));
    lines
        .filter(|cells| cells.len() == head.len() && !cells[name].starts_with('-'))
        .map(|cells| {
            let (units, bytes) = (number(cells[units])? as u64, number(cells[bytes])? as u64);
            Ok((cells[name].to_owned(), Row { units, bytes, rent: number(cells[rent])? }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let text =
            "# Units\n\n| rent | instruction | bytes | all |\n|---:|---|---:|---:|\n| -8 | A (b, c) | 200 | 30 |\n";
        assert_eq!(parse(text).unwrap(), [("A (b, c)".into(), Row { units: 30, bytes: 200, rent: -8 })]);
        assert!(parse("| a |\n").is_err());
        assert!(parse("").is_err());
    }
}
