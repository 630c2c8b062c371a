//! What jobs' lives are made of: `lives.txt` says it, and how.

use crate::table::{Row, Rows};

/// An account, or how many there are of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// One for each client: its wallet, credits, deposit, vault.
    Client(&'static str),
    /// One for each provider: its wallet, work, stake, payout.
    Provider(&'static str),
    /// A wallet of whoever turns the cranks.
    Crank,
    /// One of the network's work shards.
    Shard,
    /// One for each market.
    Queue,
    /// One for each job: nobody else's transaction meets it.
    Job,
}

impl Account {
    /// By its name in `lives.txt`.
    fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "client" => Self::Client("client"),
            "credits" => Self::Client("credits"),
            "deposit" => Self::Client("deposit"),
            "vault" => Self::Client("vault"),
            "provider" => Self::Provider("provider"),
            "work" => Self::Provider("work"),
            "stake" => Self::Provider("stake"),
            "payout" => Self::Provider("payout"),
            "crank" => Self::Crank,
            "shard" => Self::Shard,
            "queue" => Self::Queue,
            "job" | "bond" => Self::Job,
            _ => return Err(format!("there is no account `{name}`")),
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client(name) | Self::Provider(name) => name,
            Self::Crank => "crank",
            Self::Shard => "shard",
            Self::Queue => "queue",
            Self::Job => "job",
        }
    }
}

/// A transaction of a life.
#[derive(Clone, Debug)]
pub struct Step {
    /// The table's row.
    pub name: String,
    /// What it takes.
    pub row: Row,
    /// How often it comes in a life.
    pub times: u64,
    /// Signatures.
    pub signatures: u64,
    /// Accounts that it writes.
    pub writes: Vec<Account>,
}

/// A job's life.
#[derive(Clone, Debug)]
pub struct Life {
    /// Name.
    pub name: String,
    /// What it is.
    pub docs: String,
    /// Its transactions, in order.
    pub steps: Vec<Step>,
}

/// Reads lives. One with a row that is in no table is left out, and named.
pub fn parse(text: &str, rows: &Rows) -> Result<(Vec<Life>, Vec<String>), String> {
    let (mut lives, mut absent): (Vec<Life>, Vec<String>) = (vec![], vec![]);
    let mut current: Option<Life> = None;
    let mut missing = None;
    let mut end = |life: Option<Life>, missing: &mut Option<String>| match (life, missing.take()) {
        (Some(life), Some(row)) => absent.push(format!("{}: no table has {row}", life.name)),
        (Some(life), None) => lives.push(life),
        (None, _) => {}
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("life ") {
            end(current.take(), &mut missing);
            let (name, docs) = head.split_once(": ").ok_or(format!("`{line}`: NAME: what it is"))?;
            current = Some(Life { name: name.into(), docs: docs.into(), steps: vec![] });
            continue;
        }
        let life = current.as_mut().ok_or(format!("`{line}` belongs to no life"))?;
        let parts: Vec<_> = line.split('|').map(str::trim).collect();
        let [what, signers, writes] = parts[..] else { return Err(format!("`{line}`: three parts")) };
        let mut words = what.splitn(3, ' ');
        let (times, program, names) = (words.next(), words.next(), words.next());
        let times = times.and_then(|times| times.parse().ok()).ok_or(format!("`{line}`: how often?"))?;
        let program = program.ok_or(format!("`{line}`: which program?"))?;
        let names: Vec<_> = names.unwrap_or_default().split(" or ").map(str::trim).collect();
        let found = names.iter().find_map(|name| Some((*name, rows.get(&(program.into(), (*name).into()))?)));
        let Some((name, row)) = found else {
            missing.get_or_insert(format!("{program} {}", names.join(" or ")));
            continue;
        };
        let signers: Vec<_> = signers.split_whitespace().collect();
        let all = signers.iter().take(1).copied().chain(writes.split_whitespace());
        let writes = all.map(Account::named).collect::<Result<_, _>>()?;
        let signatures = signers.len() as u64;
        life.steps.push(Step { name: name.into(), row: *row, times, signatures, writes });
    }
    end(current, &mut missing);
    Ok((lives, absent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_may_have_several_names_and_a_life_without_one_is_left_out() {
        let row = Row { units: 5, bytes: 6, rent: 7 };
        let rows = Rows::from([(("p".into(), "B (c)".into()), row)]);
        let text =
            "# lives\nlife a: one\n2 p A or B (c) | client provider | job queue\nlife b: two\n1 p A | crank | job\n";
        let (lives, absent) = parse(text, &rows).unwrap();
        assert_eq!((lives.len(), &absent[..]), (1, &["b: no table has p A".to_owned()][..]));
        let step = &lives[0].steps[0];
        assert_eq!((step.name.as_str(), step.times, step.signatures), ("B (c)", 2, 2));
        assert_eq!(step.writes, [Account::Client("client"), Account::Job, Account::Queue]);
        assert!(parse("1 p A | crank | job", &rows).is_err());
        assert!(parse("life a: b\n1 p B (c) | crank | nobody", &rows).is_err());
    }
}
