//! What every call that succeeds must keep in balance, judged from the accounts that it was given: an instruction that
//! moves value is given every account that it moves value between. Nothing here knows an instruction, so a new one is
//! held to it as well.

use {
    joule_bme_interface::state as bme,
    joule_interface::{Address, Header},
    joule_stake_interface::state as stake,
    joule_tests::example::PROGRAMS,
    solana_account::Account,
    std::collections::BTreeMap,
};

/// Accounts as they were, or are.
pub type Accounts = BTreeMap<Address, Account>;

/// Sums by name and by whose they are.
type Sums = BTreeMap<(&'static str, Address), i128>;

/// What came of a call is in balance.
pub fn check(before: &Accounts, after: &Accounts) -> Result<(), String> {
    headers(before, after)?;
    let (old, new) = (sums(before), sums(after));
    let change = |name: &'static str, of: Address| {
        let sum = |sums: &Sums| sums.get(&(name, of)).copied().unwrap_or_default();
        sum(&new) - sum(&old)
    };
    let owners: std::collections::BTreeSet<Address> = old.keys().chain(new.keys()).map(|(_, of)| *of).collect();
    let era =
        |accounts: &Accounts, of| accounts.get(&of).and_then(read::<stake::Provider>).map(|provider| provider.era);
    for of in owners {
        for (left, right) in BALANCED {
            // Tickets of an era that is over are not given to whoever ends it.
            if left[0].0 == "unbonding shares" && era(before, of) != era(after, of) {
                continue;
            }
            let all =
                |names: &[(&'static str, i128)]| names.iter().map(|(name, sign)| sign * change(name, of)).sum::<i128>();
            let (left_sum, right_sum) = (all(left), all(right));
            if left_sum != right_sum {
                return Err(format!("{left:?} changed by {left_sum}, {right:?} by {right_sum}, of {of}"));
            }
        }
    }
    Ok(())
}

type Names = &'static [(&'static str, i128)];

/// What changes alike.
const BALANCED: &[(Names, Names)] = &[
    // A mint's tokens are in its accounts. (Every account of a call that moves them is given to it.)
    (&[("supply", 1)], &[("tokens", 1)]),
    // stake, of a pool: its vault holds what its providers' pots and its rewards hold.
    (&[("vault", 1)], &[("stake", 1), ("unclaimed rewards", 1)]),
    (&[("rewards' weight", 1)], &[("providers' weight", 1)]),
    // Of a provider.
    (&[("shares", 1)], &[("delegations' shares", 1)]),
    (&[("delegated weight", 1)], &[("delegations' weight", 1)]),
    (&[("bonded", 1)], &[("bonds", 1)]),
    (&[("pending", 1)], &[("slashes", 1)]),
    (&[("unbonding shares", 1)], &[("tickets' shares", 1)]),
    // bme, of a network: credits are free, locked or consumed; what is consumed is worked off by someone, in a shard.
    (&[("issued", 1)], &[("free", 1), ("locked", 1), ("consumed", 1)]),
    (&[("issued", 1)], &[("issued by shards", 1)]),
    (&[("consumed", 1)], &[("worked", 1)]),
    (&[("consumed", 1)], &[("worked in shards", 1)]),
    // What was received for credits is in the shards' vaults or burned.
    (&[("received", 1)], &[("burned", 1), ("burn vaults", 1)]),
];

fn read<T: joule_interface::Account>(account: &Account) -> Option<&T> {
    (account.data.len() == T::SIZE).then(|| T::read(&account.owner, &account.data)).flatten()
}

fn sums(accounts: &Accounts) -> Sums {
    let mut sums = Sums::new();
    let mut add = |name: &'static str, of: Address, amount: u64| {
        *sums.entry((name, of)).or_default() += amount as i128;
    };
    let mut vaults: BTreeMap<Address, (&'static str, Address)> = BTreeMap::new();
    for (address, account) in accounts {
        if let Some(pool) = read::<stake::Pool>(account) {
            vaults.insert(pool.vault, ("vault", *address));
        }
        if let Some(shard) = read::<bme::BurnShard>(account) {
            vaults.insert(shard.vault, ("burn vaults", shard.network));
        }
    }
    for (address, account) in accounts {
        let data = &account.data;
        if [joule_interface::TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM].contains(&account.owner) {
            let word = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().unwrap());
            if data.len() == 82 {
                add("supply", *address, word(36));
            } else if data.len() >= 165 && data[108] != 0 {
                let mint = Address::new_from_array(data[..32].try_into().unwrap());
                // Without its mint, only what goes from one account to another can be told.
                add("tokens", mint, word(64));
                if let Some((name, of)) = vaults.get(address) {
                    add(name, *of, word(64));
                }
            }
        } else if let Some(rewards) = read::<stake::Rewards>(account) {
            add("unclaimed rewards", rewards.pool, rewards.unclaimed.0);
            add("rewards' weight", rewards.pool, rewards.weight.0);
        } else if let Some(provider) = read::<stake::Provider>(account) {
            add("stake", provider.pool, provider.active.tokens.0);
            add("stake", provider.pool, provider.unbonding.tokens.0);
            add("providers' weight", provider.pool, provider.weight.0);
            add("shares", *address, provider.active.shares.0);
            add("delegated weight", *address, provider.delegated.0);
            add("bonded", *address, provider.bonded.0);
            add("pending", *address, provider.pending.0);
            add("unbonding shares", *address, provider.unbonding.shares.0);
        } else if let Some(delegation) = read::<stake::Delegation>(account) {
            add("delegations' shares", delegation.provider, delegation.shares.0);
            add("delegations' weight", delegation.provider, delegation.weight.0);
        } else if let Some(bond) = read::<stake::Bond>(account) {
            add("bonds", bond.provider, bond.amount.0);
        } else if let Some(slash) = read::<stake::Slash>(account) {
            add("slashes", slash.provider, slash.amount.0);
        } else if let Some(ticket) = read::<stake::Unbonding>(account) {
            let provider = accounts.get(&ticket.provider).and_then(read::<stake::Provider>);
            // Tickets of an earlier era are worth nothing and count nowhere.
            if provider.is_some_and(|provider| provider.era == ticket.era) {
                add("tickets' shares", ticket.provider, ticket.shares.0);
            }
        } else if let Some(credits) = read::<bme::CreditAccount>(account) {
            add("free", credits.network, credits.balance.0);
            add("issued", credits.network, credits.issued.0);
            add("consumed", credits.network, credits.consumed.0);
            credits.locked.iter().for_each(|locked| add("locked", credits.network, locked.0));
        } else if let Some(shard) = read::<bme::BurnShard>(account) {
            add("issued by shards", shard.network, shard.issued.0);
            add("received", shard.network, shard.received.0);
            add("burned", shard.network, shard.burned.0);
        } else if let Some(work) = read::<bme::ProviderWork>(account) {
            add("worked", work.network, work.total.0);
        } else if let Some(shard) = read::<bme::WorkShard>(account) {
            add("worked in shards", shard.network, shard.total.0);
        }
    }
    // A mint that is not there says nothing of its supply.
    let mints: Vec<Address> = sums.keys().filter(|(name, _)| *name == "supply").map(|(_, of)| *of).collect();
    let missing: Vec<_> = sums.keys().filter(|(name, of)| *name == "tokens" && !mints.contains(of)).copied().collect();
    for key in missing {
        sums.remove(&key);
    }
    sums
}

/// An account stays what it is until it is closed, and then nothing is left of it.
fn headers(before: &Accounts, after: &Accounts) -> Result<(), String> {
    for (address, account) in after {
        let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { continue };
        let header: Header = bytemuck::pod_read_unaligned(account.data.get(..8).ok_or("an account without a header")?);
        let Some((_, layout)) = program.accounts.iter().find(|(kind, _)| *kind == header.kind) else {
            return Err(format!("{address} is of no kind of {}", program.name));
        };
        if header.reserved != [0; 5] || header.version != 1 {
            return Err(format!("{address} has another version: {header:?}"));
        }
        for field in layout.fields.iter().filter(|field| field.name == "reserved") {
            let bytes = account.data.get(field.offset..field.offset + field.size).unwrap_or_default();
            if bytes.iter().any(|byte| *byte != 0) {
                return Err(format!("{address}: reserved bytes of a {} are not zero", layout.name));
            }
        }
        if let Some(old) = before.get(address).filter(|old| old.owner == account.owner && !old.data.is_empty())
            && old.data[..3] != account.data[..3]
        {
            return Err(format!("{address} became another account"));
        }
    }
    Ok(())
}
