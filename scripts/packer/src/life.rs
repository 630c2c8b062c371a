//! Lives of jobs, read from `lives.txt`. A life is all transactions of one job, or of several that share them, in order.

use crate::table::{Row, Rows};

/// A kind of account, by how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// One for each client: wallet, credits, deposit or vault.
    Client(&'static str),
    /// One for each provider: wallet, work, stake or payout.
    Provider(&'static str),
    /// The wallet of a keeper, who calls what anyone may call.
    Crank,
    /// One of the network's work shards.
    Shard,
    /// One for each market.
    Queue,
    /// One for each job. Transactions of other jobs do not write it.
    Job,
}

impl Account {
    /// Finds a kind by its name in `lives.txt`.
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
            _ => return Err(format!("unknown account `{name}`: the head of lives.txt lists the known ones")),
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

/// A transaction in a life.
#[derive(Clone, Debug)]
pub struct Step {
    /// Name of its row in the tables of compute units.
    pub name: String,
    /// Its compute units, bytes and rent.
    pub row: Row,
    /// How many times a life has it.
    pub times: u64,
    /// Number of signatures.
    pub signatures: u64,
    /// Accounts that it writes.
    pub writes: Vec<Account>,
}

/// All transactions of one job, or of several that share them.
#[derive(Clone, Debug)]
pub struct Life {
    /// Name.
    pub name: String,
    /// Description.
    pub docs: String,
    /// How many jobs share them.
    pub jobs: u64,
    /// Its transactions, in order.
    pub steps: Vec<Step>,
}

impl Life {
    /// A sum over a life's transactions, for each of its jobs.
    pub fn each(&self, sum: u64) -> String {
        if self.jobs == 1 { sum.to_string() } else { format!("{:.2}", sum as f64 / self.jobs as f64) }
    }
}

/// Reads lives, and says which ones are left out because a row is in no table.
pub fn parse(text: &str, rows: &Rows) -> Result<(Vec<Life>, Vec<String>), String> {
    let (mut lives, mut absent): (Vec<Life>, Vec<String>) = (vec![], vec![]);
    let mut current: Option<Life> = None;
    let mut missing = None;
    let mut end = |life: Option<Life>, missing: &mut Option<String>| match (life, missing.take()) {
        (Some(life), Some(row)) => absent.push(format!("{}: no table has the row {row}", life.name)),
        (Some(life), None) => lives.push(life),
        (None, _) => {}
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("life ") {
            end(current.take(), &mut missing);
            let (name, docs) = head.split_once(": ").ok_or(format!("`{line}`: write `life NAME: description`"))?;
            let (name, jobs) = match name.split_once(" x ") {
                Some((name, jobs)) => (name, jobs.parse().map_err(|_| format!("`{line}`: write a number after `x`"))?),
                None => (name, 1),
            };
            current = Some(Life { name: name.into(), docs: docs.into(), jobs, steps: vec![] });
            continue;
        }
        let life = current.as_mut().ok_or(format!("`{line}`: write a `life` line before it"))?;
        let parts: Vec<_> = line.split('|').map(str::trim).collect();
        let [what, signers, writes] = parts[..] else {
            return Err(format!("`{line}`: write three parts with `|` between them"));
        };
        let mut words = what.splitn(3, ' ');
        let (times, program, names) = (words.next(), words.next(), words.next());
        let times = times
            .and_then(|times| times.parse().ok())
            .ok_or(format!("`{line}`: begin with how many times it runs, a number"))?;
        let program = program.ok_or(format!("`{line}`: name a program after the number"))?;
        let names: Vec<_> = names.unwrap_or_default().split(" or ").map(str::trim).collect();
        let found = names.iter().find_map(|name| Some((*name, rows.get(&(program.into(), (*name).into()))?)));
        let Some((name, row)) = found else {
            missing.get_or_insert(format!("{program} {}", names.join(" or ")));
            continue;
        };
        let signers: Vec<_> = signers.split_whitespace().collect();
        let all = signers.iter().take(1).copied().chain(writes.split_whitespace());
        let writes: Vec<_> = all.map(Account::named).collect::<Result<_, _>>()?;
        // Each job has accounts of its own.
        let of_all = |account: Account| if account == Account::Job { life.jobs as usize } else { 1 };
        let writes = writes.into_iter().flat_map(|account| vec![account; of_all(account)]).collect();
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
        assert_eq!((lives.len(), &absent[..]), (1, &["b: no table has the row p A".to_owned()][..]));
        let step = &lives[0].steps[0];
        assert_eq!((step.name.as_str(), step.times, step.signatures), ("B (c)", 2, 2));
        assert_eq!(step.writes, [Account::Client("client"), Account::Job, Account::Queue]);
        let (lives, _) = parse("life a x 3: three\n1 p B (c) | client | job queue", &rows).unwrap();
        assert_eq!((lives[0].jobs, lives[0].each(4)), (3, "1.33".into()));
        let writes = [Account::Client("client"), Account::Job, Account::Job, Account::Job, Account::Queue];
        assert_eq!(lives[0].steps[0].writes, writes);
        assert!(parse("life a x b: c", &rows).is_err());
        assert!(parse("1 p A | crank | job", &rows).is_err());
        assert!(parse("life a: b\n1 p B (c) | crank | nobody", &rows).is_err());
    }
}
