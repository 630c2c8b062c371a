//! The conditions outside of a network, week by week.

/// The conditions of one week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Week {
    /// Demand, as a multiple of the first week's.
    pub demand: f64,
    /// Factor by which the wider market changes the price in this week.
    pub price: f64,
    /// Costs of a provider, as a multiple of the first week's.
    pub costs: f64,
}

/// Conditions over time.
#[derive(Clone, Debug)]
pub struct Path {
    /// Name.
    pub name: String,
    /// Its weeks.
    pub weeks: Vec<Week>,
}

const YEARS: usize = 5;

/// Four paths of five years: no change, growth, a crash, a drought.
pub fn all() -> [Path; 4] {
    let path = |name: &str, week: &dyn Fn(usize) -> Week| Path {
        name: name.into(),
        weeks: (0..52 * YEARS).map(week).collect(),
    };
    let usual = Week { demand: 1.0, price: 1.0, costs: 1.0 };
    [
        path("steady", &|_| usual),
        path("growth", &|week| Week { demand: 1.0 + week as f64 / 26.0, ..usual }),
        // The price loses 80 % in four weeks of the second year.
        path("crash", &|week| Week { price: if (60..64).contains(&week) { 0.67 } else { 1.0 }, ..usual }),
        // Demand is 30 % for two years.
        path("drought", &|week| Week { demand: if (60..164).contains(&week) { 0.3 } else { 1.0 }, ..usual }),
    ]
}

/// Reads a path from lines of `demand,price,costs`. The first line may be a header.
pub fn parse(name: &str, text: &str) -> Result<Path, String> {
    let mut weeks = vec![];
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Result<Vec<f64>, _> = line.split(',').map(|field| field.trim().parse()).collect();
        match fields.as_deref() {
            Ok([demand, price, costs])
                if fields.as_ref().is_ok_and(|all| all.iter().all(|x| x.is_finite() && *x >= 0.0)) =>
            {
                weeks.push(Week { demand: *demand, price: *price, costs: *costs });
            }
            Err(_) if number == 0 => {}
            _ => {
                return Err(format!("line {}: write demand,price,costs as three numbers of at least zero", number + 1));
            }
        }
    }
    if weeks.is_empty() {
        Err("it has no weeks: write a line demand,price,costs for each".into())
    } else {
        Ok(Path { name: name.into(), weeks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_with_or_without_a_heading() {
        let week = Week { demand: 1.0, price: 0.5, costs: 2.0 };
        assert_eq!(parse("x", "demand,price,costs\n1, 0.5, 2\n\n").unwrap().weeks, [week]);
        assert_eq!(parse("x", "1,0.5,2\n1,0.5,2").unwrap().weeks, [week, week]);
        for wrong in ["", "demand,price,costs", "1,2", "1,2,3\na,b,c", "1,-1,1", "1,nan,1", "1,2,3,4"] {
            assert!(parse("x", wrong).is_err(), "{wrong:?}");
        }
    }
}
