//! What every call that succeeds must keep in balance, judged from the accounts that it was given: an instruction that
//! moves value is given every account that it moves value between. Of all accounts of a chain together the same holds of
//! what is there. Nothing here knows an instruction, so a new one is held to it as well.

use {
    crate::example::PROGRAMS,
    joule_bme_interface::state as bme,
    joule_escrow_interface::state as escrow,
    joule_identity_interface::state as identity,
    joule_interface::{Account as _, Address, Header},
    joule_math::Timestamp,
    joule_stake_interface::state as stake,
    solana_account::Account,
    std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet},
    },
};

/// Accounts as they were, or are.
pub type Accounts = BTreeMap<Address, Account>;

/// Sums by name and by whose they are.
type Sums = BTreeMap<(&'static str, Address), i128>;

/// What came of a call is in balance.
pub fn check(before: &Accounts, after: &Accounts) -> Result<(), String> {
    // What was closed is remembered here, so that the sums of what ever happened go on.
    let is_gone = |address: &Address| after.get(address).is_none_or(|account| read_history(account).is_none());
    let gone = before.iter().filter(|(address, _)| is_gone(address)).filter_map(|(_, account)| read_history(account));
    check_with(before, after, &gone.collect::<Vec<_>>())
}

/// What an account of credits or of work says of the past: it is forgotten when the account is closed.
#[derive(Clone, Copy)]
pub struct History {
    network: Address,
    sums: [(&'static str, u64); 4],
}

/// The history of an account that has one.
pub fn read_history(account: &Account) -> Option<History> {
    if let Some(credits) = read::<bme::CreditAccount>(account) {
        let sums = [
            ("issued", credits.issued.0),
            ("consumed", credits.consumed.0),
            ("burned credits", credits.burned.0),
            ("carried by burned credits", credits.burned_tokens.0),
        ];
        return Some(History { network: credits.network, sums });
    }
    let work = read::<bme::ProviderWork>(account)?;
    let mut sums = [("worked", 0); 4];
    sums[0].1 = work.total_work.0;
    Some(History { network: work.network, sums })
}

fn check_with(before: &Accounts, after: &Accounts, gone: &[History]) -> Result<(), String> {
    headers(before, after)?;
    // Who lost the right to bonds lost what it said of them.
    let powerless: BTreeMap<Address, [Address; 2]> = (before.iter().chain(after.iter()))
        .filter_map(|(address, account)| Some((*address, read::<stake::Slasher>(account)?)))
        .filter(|(_, slasher)| slasher.rights & stake::rights::BOND == 0)
        .map(|(address, slasher)| (address, [slasher.authority, slasher.pool]))
        .collect();
    // Of a spender that is not in force, what it locked is taken back by its owners, whatever jobs hold.
    let ended: BTreeSet<(Address, u16)> = (before.values().chain(after.values()).filter_map(read::<bme::Spender>))
        .filter(|spender| spender.closes_at != Timestamp::default())
        .filter(|spender| spender.authority == escrow_authority(spender.network))
        .map(|spender| (spender.network, spender.number))
        .collect();
    let (old, mut new) = (sums(before, &ended, &powerless), sums(after, &ended, &powerless));
    for history in gone {
        for (name, amount) in history.sums {
            *new.entry((name, history.network)).or_default() += amount as i128;
        }
    }
    let change = |name: &'static str, of: Address| {
        let sum = |sums: &Sums| sums.get(&(name, of)).copied().unwrap_or_default();
        sum(&new) - sum(&old)
    };
    let owners: BTreeSet<Address> = old.keys().chain(new.keys()).map(|(_, of)| *of).collect();
    // escrow, of a deposit: its vault holds what is free and what is held, and what somebody sent there and nobody counted.
    let uncounted = |sums: &Sums, of| {
        let sum = |name: &'static str| sums.get(&(name, of)).copied();
        Some(sum("deposit's vault")? - sum("free in a deposit")? - sum("held in a deposit")?)
    };
    for of in &owners {
        let before = uncounted(&old, *of).unwrap_or_default();
        // A vault out of which an issuer took may go on so; what is missing does not grow.
        let allowed = before.min(0)..=before.max(0);
        if let Some(after) = uncounted(&new, *of).filter(|after| !allowed.contains(after)) {
            return Err(format!("the vault of {of} has {after} more than its deposit, and had {before}"));
        }
    }
    // bme, of a network with a reserve: whoever fills it, what it pays was there before, and what it promises is there.
    let filled = |sums: &Sums, of| {
        let sum = |name: &'static str| sums.get(&(name, of)).copied();
        Some((sum("reserve")?, sum("paid by the reserve")?, sum("returned to the reserve")?))
    };
    for of in &owners {
        let Some((held, paid, returned)) = filled(&new, *of) else { continue };
        if let Some((had, had_paid, had_returned)) = filled(&old, *of)
            && held + paid - returned < had + had_paid - had_returned
        {
            return Err(format!("the reserve of {of} has {held} and paid {paid}, had {had} and had paid {had_paid}"));
        }
        let promised = new.get(&("promised by the reserve", *of)).copied().unwrap_or_default();
        if promised > held {
            return Err(format!("the reserve of {of} has {held}, and promised {promised}"));
        }
    }
    for of in owners {
        for (left, right) in BALANCED {
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

/// Everything on a chain is in balance, with what accounts that are closed said of the past.
pub fn check_all(accounts: &Accounts, gone: &[History]) -> Result<(), String> {
    check_with(&Accounts::new(), accounts, gone)?;
    orphans(accounts)?;
    accounts.iter().try_for_each(|(address, account)| {
        sound(account).map_err(|problem| format!("{address}: {problem}: {account:?}"))
    })
}

/// What a job has at stake is there only as long as the job is.
fn orphans(accounts: &Accounts) -> Result<(), String> {
    for (address, bond) in
        accounts.iter().filter_map(|(address, account)| Some((address, read::<stake::Bond>(account)?)))
    {
        let slasher = accounts.get(&bond.slasher).and_then(read::<stake::Slasher>);
        let pool = slasher.and_then(|slasher| accounts.get(&slasher.pool)).and_then(read::<stake::Pool>);
        let Some((slasher, pool)) = slasher.zip(pool) else { continue };
        let by_escrow =
            slasher.authority == escrow_authority(pool.network) && slasher.rights & stake::rights::BOND != 0;
        let there = accounts.get(&bond.job).is_some_and(|job| job.owner == joule_escrow_interface::ID);
        if by_escrow && !bond.amount.is_zero() && !there {
            return Err(format!("{address} is held for {}, which is gone", bond.job));
        }
    }
    Ok(())
}

/// What holds of an account by itself.
fn sound(account: &Account) -> Result<(), &'static str> {
    let hold = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    let sum = |parts: &[u64]| parts.iter().map(|part| *part as u128).sum::<u128>();
    if let Some(job) = read::<escrow::Job>(account) {
        let parts = sum(&[job.paid.0, job.fee_paid.0, job.penalty.0, job.refunded.0, job.held.0]);
        hold(job.deposited.0 as u128 == parts, "a job's deposit is not what became of it")?;
        hold(!job.has_ended() || job.held.is_zero(), "a job that is over holds money")?;
        hold(job.bond_to_seize <= job.terms.bond_amount, "more than the bond is to be seized")?;
        let charged = job.mandate_charged;
        hold(
            charged <= job.deposited && (job.mandate_id != 0 || charged.is_zero()),
            "a mandate was charged with more",
        )?;
        let out = job.paid.0 + job.fee_paid.0;
        let started = job.started_at.0 != 0;
        // A client pays for ten seconds at least that stops a job, and for a minute at most if it cancels an assigned one.
        let ran = job.ends_at.since(job.started_at).saturating_sub(job.downtime).max(if started { 10 } else { 60 });
        let metered = job.terms.pricing == escrow::pricing::METERED;
        let lost = job.rejection_stake.0 + job.lost_by_hand_backs().map_or(u64::MAX, |lost| lost.0);
        // Leaving a reservation costs a part of what it can cost.
        let left = (job.deposited.0 as u128 * job.cancellation_fee.0 as u128).div_ceil(10_000);
        let most = (job.price.0 as u128 * ran as u128).max(left) + lost as u128;
        hold(!metered || out as u128 <= most, "more than its time was paid")?;
        let by_usage = job.terms.pricing == escrow::pricing::USAGE;
        let price_of = |units: u64| job.price.0 as u128 * units as u128;
        hold(by_usage == (job.max_units != 0) && job.units <= job.max_units, "a job has units that it does not sell")?;
        hold(!by_usage || job.earned.0 as u128 >= price_of(job.units), "a voucher was not booked")?;
        hold(!by_usage || out as u128 <= price_of(job.max_units), "more than its units was paid")?;
        let given_up = matches!(job.state, escrow::job_state::OWING | escrow::job_state::FINISHED);
        hold(started || given_up && job.penalty.0 == 0 || out + job.penalty.0 == 0, "paid before it started")?;
    } else if let Some(mandate) = read::<escrow::Mandate>(account) {
        hold(mandate.spent <= mandate.total && mandate.used <= mandate.limit, "a mandate is spent beyond its limits")?;
    } else if let Some(queue) = read_queue(account) {
        let entries: &[escrow::QueueEntry] = bytemuck::cast_slice(&account.data[size_of::<escrow::Queue>()..]);
        let at = |offset: u32| &entries[((queue.head + offset) % queue.capacity.max(1)) as usize];
        let (mut waiting, mut offset) = (0, 0);
        while offset < queue.used {
            let entry = at(offset);
            let gap = if entry.occupant == escrow::NONE { entry.posting_or_wait_id.max(1) as u32 } else { 0 };
            hold((0..gap).all(|inner| at(offset + inner).occupant == escrow::NONE), "somebody waits in a gap")?;
            waiting += (gap == 0) as u32;
            offset += gap.max(1);
        }
        hold(offset == queue.used && waiting == queue.waiting, "a queue counts others than wait in it")?;
    } else if let Some(panel) = read::<escrow::Panel>(account) {
        let parts = sum(&[panel.paid.0, panel.fee_paid.0, panel.burned.0, panel.refunded.0, panel.held.0]);
        hold(panel.deposited.0 as u128 == parts, "a panel's deposit is not what became of it")?;
        if panel.state >= escrow::panel_state::AGREED {
            let owed = panel.replicas.iter().map(|one| one.owed.0).sum::<u64>() + panel.penalty_owed.0;
            hold(owed == panel.held.0, "a panel holds what it owes nobody")?;
        }
        if panel.state == escrow::panel_state::AGREED {
            let shown = || panel.replicas.iter().filter(|one| one.state == escrow::replica_state::REVEALED);
            let votes = |result| shown().filter(|one| one.result == result).count();
            let most = votes(panel.result);
            hold(2 * most > panel.replica_count as usize, "a panel agreed without a quorum")?;
            let others = shown().filter(|one| one.result != panel.result);
            hold(others.into_iter().all(|one| votes(one.result) < most), "a panel agreed on what not the most found")?;
            let out = panel.paid.0 + panel.fee_paid.0 + panel.held.0 - panel.penalty_owed.0;
            hold(out as u128 <= panel.price.0 as u128 * most as u128, "a panel pays more than the most")?;
        }
    } else if let Some(credits) = read::<bme::CreditAccount>(account) {
        let locked = credits.locked.map(|locked| locked.0);
        let parts = sum(&[credits.balance.0, credits.consumed.0, credits.burned.0]) + sum(&locked);
        hold(credits.issued.0 as u128 == parts, "credits are not what was issued")?;
    } else if let Some(epoch) = read::<bme::Epoch>(account) {
        hold(epoch.accrued <= epoch.emission, "more is accrued than was emitted")?;
        hold(epoch.accrued_work.0 <= epoch.worked.0 + epoch.waiting.0, "more work is accrued than was done")?;
        for lane in &epoch.lanes {
            hold(
                lane.counted <= lane.credits && lane.settled <= lane.credits,
                "a lane counts more work than was done",
            )?;
            let is_bounded = epoch.terms.vouched == 1 || lane.emission <= lane.counted_tokens;
            hold(is_bounded, "a lane's providers get more than was burned for its work")?;
        }
        let emission = sum(&epoch.lanes.map(|lane| lane.emission.0));
        hold(emission == epoch.emission.0 as u128, "the lanes' emissions are not the epoch's")?;
        let minted = sum(&[epoch.emission.0, epoch.stakers_emission.0, epoch.treasury_emission.0]);
        let is_bounded = epoch.terms.vouched == 1 || minted <= epoch.tokens.0 as u128;
        hold(is_bounded, "an epoch returns more than was burned for its work")?;
    } else if let Some(shard) = read::<bme::DollarShard>(account) {
        hold(shard.folded.0 + shard.missing.0 <= shard.received.0, "more dollars went on than came")?;
        hold(shard.issued.0 + shard.cut_due.0 <= shard.received.0, "more credits than dollars")?;
    } else if let Some(auction) = read::<bme::Auction>(account) {
        let held = auction.received.0 as i128 - auction.paid.0 as i128 - auction.cut_paid.0 as i128;
        hold(held >= auction.unsold.0 as i128 + auction.cut_due.0 as i128, "an auction has more than it received")?;
        hold(auction.level <= auction.policy.limit, "an auction is filled beyond its limit")?;
        hold(auction.policy.premium <= auction.policy.max_discount, "a premium above the discount")?;
    } else if let Some(network) = read::<bme::Network>(account) {
        hold(network.breaker.minted <= network.breaker.limit, "more was minted than the breaker lets through")?;
        let given_back = network.reminted.get() + network.remintable.0 as u128;
        let paid = network.burned.get() + network.returned.get();
        hold(given_back <= paid, "more is reminted than was paid for credits")?;
    } else if let Some(provider) = read::<stake::Provider>(account) {
        let (pot, unbonding) = (provider.delegated, provider.unbonding);
        hold(pot.shares.get() != 0 || pot.tokens.is_zero(), "delegated tokens of nobody")?;
        hold(unbonding.ticket_count != 0 || unbonding.tokens.is_zero(), "unbonding tokens of nobody")?;
        let withheld = provider.withheld;
        hold(withheld.ticket_count != 0 || withheld.tokens.is_zero(), "withheld tokens of nobody")?;
        hold(provider.withheld_liable <= withheld.tokens, "more than what is withheld can be slashed")?;
        hold(provider.pending_slash_count != 0 || provider.withheld_liable.is_zero(), "liable for nothing")?;
        let worth = joule_math::tokens_for_shares(pot.shares.get(), pot.price);
        hold(worth.is_ok_and(|worth| worth <= pot.tokens), "shares are worth more than their pot")?;
        hold(provider.lien <= provider.bonded, "a lien on what is not there")?;
        hold(provider.locked <= provider.own, "a lock on what is not there")?;
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
    (&[("open tickets", 1)], &[("tickets", 1)]),
    (&[("incoming weight", 1)], &[("tickets' weight", 1)]),
    // bme, of a network: credits are free, locked or consumed; what is consumed is worked off by someone, in a shard.
    (&[("issued", 1)], &[("free", 1), ("locked", 1), ("consumed", 1), ("burned credits", 1)]),
    (&[("issued", 1)], &[("issued by shards", 1), ("issued for dollars", 1)]),
    (&[("consumed", 1)], &[("worked", 1)]),
    (&[("consumed", 1)], &[("worked in shards", 1)]),
    // Tokens that were paid for credits go where the credits go.
    (
        &[("received", 1), ("carried for dollars", 1)],
        &[("carried by credits", 1), ("carried by work", 1), ("carried by burned credits", 1)],
    ),
    // What was received for credits is in the shards' vaults, burned, or in the reserve.
    (&[("received", 1)], &[("burned", 1), ("returned", 1), ("burn vaults", 1)]),
    (&[("returned", 1), ("sold to the reserve", 1)], &[("returned to the reserve", 1)]),
    (&[("burned", 1), ("sold", 1)], &[("burned for credits", 1), ("sold to the reserve", 1)]),
    // Dollars that were received for credits are in vaults, at those who sold tokens, or the treasury's; or the stablecoin's
    // issuer took a fee for those that were folded.
    (
        &[("dollars", 1), ("arrived in the auction", 1)],
        &[
            ("dollar vaults", 1),
            ("auction's vault", 1),
            ("paid for tokens", 1),
            ("paid to the treasury", 1),
            ("folded", 1),
        ],
    ),
    // escrow, of a funding account: what is held is held for jobs and dispute bonds.
    (&[("held in a deposit", 1)], &[("held for jobs", 1), ("dispute_bonds", 1)]),
    (&[("locked for jobs", 1)], &[("held for jobs, in credits", 1)]),
    // Of a bond: what stake holds is what the job asks for.
    (&[("bond at stake", 1)], &[("bond of a job", 1)]),
    // identity: a machine that is in service has one specification, which is nobody else's.
    (&[("node", 1)], &[("claims", 1)]),
];

/// An account of a kind, if it is one.
pub fn read<T: joule_interface::Account>(account: &Account) -> Option<&T> {
    (account.data.len() == T::SIZE).then(|| T::read(&account.owner, &account.data)).flatten()
}

/// A queue, which is the one kind of account with more behind its fields: its entries.
pub fn read_queue(account: &Account) -> Option<&escrow::Queue> {
    escrow::Queue::read(&account.owner, &account.data)
}

fn sums(accounts: &Accounts, ended: &BTreeSet<(Address, u16)>, powerless: &BTreeMap<Address, [Address; 2]>) -> Sums {
    let mut sums = Sums::new();
    let mut add = |name: &'static str, of: Address, amount: u128| {
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
        if let Some(shard) = read::<bme::DollarShard>(account) {
            vaults.insert(shard.vault, ("dollar vaults", shard.network));
        }
        if let Some(auction) = read::<bme::Auction>(account) {
            vaults.insert(auction.vault, ("auction's vault", auction.network));
        }
        if let Some(deposit) = read::<escrow::Deposit>(account) {
            vaults.insert(deposit.vault, ("deposit's vault", *address));
        }
        if let Some(network) = read::<bme::Network>(account).filter(|network| network.source == bme::source::RESERVE) {
            vaults.insert(network.reserve_vault, ("reserve", *address));
        }
    }
    let spenders: Vec<&bme::Spender> = (accounts.values().filter_map(read::<bme::Spender>))
        .filter(|spender| !ended.contains(&(spender.network, spender.number)))
        .filter(|spender| spender.authority == escrow_authority(spender.network))
        .collect();
    let locks = |network: Address| spenders.iter().filter(move |spender| spender.network == network);
    // What a job's spender locked is its owner's once that is closed, though the same authority is added again.
    let hold = |add: &mut dyn FnMut(&'static str, Address, u128), network, mint, funding_account, held, number| {
        if mint != escrow::NONE {
            add("held for jobs", funding_account, held as u128);
        } else if locks(network).any(|spender| spender.number == number) {
            add("held for jobs, in credits", funding_account, held as u128);
        }
    };
    // A bond that is there says whose it is, and who holds it. One that is not given is there; where escrow has no right to
    // bonds, its provider may have taken it.
    let lost = |network: Address| powerless.values().filter(move |[by, _]| *by == escrow_authority(network));
    // Then another slasher may hold one of that pool in its place.
    let held = |bond: &stake::Bond, network: Address| {
        let provider = accounts.get(&bond.provider).and_then(read::<stake::Provider>);
        let is_lost = |[_, pool]: &[Address; 2]| provider.is_some_and(|provider| provider.pool == *pool);
        !powerless.contains_key(&bond.slasher) && !lost(network).any(is_lost)
    };
    let counts =
        |bond: &Address, job: &Address, network: Address| match accounts.get(bond).and_then(read::<stake::Bond>) {
            Some(there) => there.job == *job && held(there, network),
            None => *bond != escrow::NONE && lost(network).next().is_none(),
        };
    for (address, account) in accounts {
        let data = &account.data;
        if [joule_interface::TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM].contains(&account.owner) {
            let word = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().unwrap());
            if data.len() == 82 {
                add("supply", *address, word(36) as u128);
            } else if data.len() >= 165 && data[108] != 0 {
                let mint = Address::new_from_array(data[..32].try_into().unwrap());
                // Without its mint, only what goes from one account to another can be told.
                add("tokens", mint, word(64) as u128);
                if let Some((name, of)) = vaults.get(address) {
                    add(name, *of, word(64) as u128);
                }
            }
        } else if let Some(rewards) = read::<stake::Rewards>(account) {
            add("unclaimed rewards", rewards.pool, rewards.unclaimed.0 as u128);
            add("rewards' weight", rewards.pool, rewards.total_weight.0 as u128);
        } else if let Some(provider) = read::<stake::Provider>(account) {
            let held = [
                provider.own,
                provider.bonded,
                provider.delegated.tokens,
                provider.unbonding.tokens,
                provider.withheld.tokens,
                provider.slashed,
                provider.treasury_due,
            ];
            held.iter().for_each(|tokens| add("stake", provider.pool, tokens.0 as u128));
            add("providers' weight", provider.pool, provider.weight().unwrap_or_default().0 as u128);
            add("shares", *address, provider.delegated.shares.get());
            add("delegated weight", *address, provider.delegated_weight.get());
            add("incoming weight", *address, provider.incoming.0 as u128);
            add("bonded", *address, provider.bonded.0 as u128);
            add("pending", *address, provider.slash_pending.0 as u128);
            let tickets = provider.unbonding.ticket_count + provider.withheld.ticket_count;
            add("open tickets", *address, tickets as u128);
        } else if let Some(delegation) = read::<stake::Delegation>(account) {
            add("delegations' shares", delegation.provider, delegation.shares.get());
            add("delegations' weight", delegation.provider, delegation.weight.get());
        } else if let Some(bond) = read::<stake::Bond>(account) {
            add("bonds", bond.provider, bond.amount.0 as u128);
            add("tickets", bond.provider, (bond.seized.price != 0) as u128);
            let order = accounts.get(&bond.job);
            let network = (order.and_then(read::<escrow::Job>).map(|job| job.network))
                .or_else(|| order.and_then(read::<escrow::Panel>).map(|panel| panel.network));
            if network.is_some_and(|network| held(bond, network)) {
                add("bond at stake", *address, bond.amount.0 as u128);
            }
        } else if let Some(slash) = read::<stake::Slash>(account) {
            add("slashes", slash.provider, slash.amount.0 as u128);
        } else if let Some(ticket) = read::<stake::UnbondingTicket>(account) {
            add("tickets", ticket.provider, 1);
            if let Some(there) = accounts.get(&ticket.new_delegation).and_then(read::<stake::Delegation>) {
                add("tickets' weight", there.provider, ticket.weight.0 as u128);
            }
        } else if let Some(network) = read::<bme::Network>(account) {
            add("returned to the reserve", *address, network.returned.get());
            add("burned for credits", *address, network.burned.get());
            if network.source == bme::source::RESERVE {
                add("paid by the reserve", *address, network.minted.get());
                let promised = network.deferred.sum().ok().zip(network.roots.unminted().ok());
                let promised =
                    promised.map_or(u128::MAX >> 1, |(deferred, roots)| deferred.0 as u128 + roots.0 as u128);
                add("promised by the reserve", *address, promised + network.refundable.0 as u128);
            }
        } else if let Some(credits) = read::<bme::CreditAccount>(account) {
            add("free", credits.network, credits.balance.0 as u128);
            add("issued", credits.network, credits.issued.0 as u128);
            add("consumed", credits.network, credits.consumed.0 as u128);
            add("burned credits", credits.network, credits.burned.0 as u128);
            add("carried by credits", credits.network, credits.tokens.0 as u128);
            add("carried by burned credits", credits.network, credits.burned_tokens.0 as u128);
            credits.locked.iter().for_each(|locked| add("locked", credits.network, locked.0 as u128));
            let is_locked = |spender: &&&bme::Spender| credits.locked_for[spender.id as usize] == spender.number;
            for spender in locks(credits.network).filter(is_locked) {
                add("locked for jobs", *address, credits.locked[spender.id as usize].0 as u128);
            }
        } else if let Some(shard) = read::<bme::BurnShard>(account) {
            add("issued by shards", shard.network, shard.issued.0 as u128);
            add("received", shard.network, shard.received.0 as u128);
            add("burned", shard.network, shard.burned.0 as u128);
            add("returned", shard.network, shard.returned.0 as u128);
        } else if let Some(shard) = read::<bme::DollarShard>(account) {
            add("issued for dollars", shard.network, shard.issued.0 as u128);
            add("carried for dollars", shard.network, shard.tokens.0 as u128);
            add("dollars", shard.network, shard.received.0 as u128);
            add("folded", shard.network, shard.folded.0 as u128);
        } else if let Some(auction) = read::<bme::Auction>(account) {
            add("arrived in the auction", auction.network, auction.received.0 as u128);
            add("paid for tokens", auction.network, auction.paid.0 as u128);
            add("paid to the treasury", auction.network, auction.cut_paid.0 as u128);
            add("sold", auction.network, auction.tokens.get());
            add("sold to the reserve", auction.network, auction.returned.get());
        } else if let Some(work) = read::<bme::ProviderWork>(account) {
            add("worked", work.network, work.total_work.0 as u128);
        } else if let Some(shard) = read::<bme::WorkShard>(account) {
            add("worked in shards", shard.network, shard.total_work.0 as u128);
            add("carried by work", shard.network, shard.total_tokens.0 as u128);
        } else if let Some(deposit) = read::<escrow::Deposit>(account) {
            add("free in a deposit", *address, deposit.free.0 as u128);
            add("held in a deposit", *address, deposit.held.0 as u128);
        } else if let Some(job) = read::<escrow::Job>(account) {
            hold(&mut add, job.network, job.mint, job.funding_account, job.held.0, job.spender_number);
            if counts(&job.bond, address, job.network) {
                add("bond of a job", job.bond, job.terms.bond_amount.0 as u128);
            }
        } else if let Some(panel) = read::<escrow::Panel>(account) {
            hold(&mut add, panel.network, panel.mint, panel.funding_account, panel.held.0, panel.spender_number);
            for replica in panel.replicas.iter().filter(|replica| counts(&replica.bond, address, panel.network)) {
                add("bond of a job", replica.bond, panel.terms.bond_amount.0 as u128);
            }
        } else if let Some(trace) = read::<escrow::Trace>(account) {
            add("dispute_bonds", trace.deposit, trace.dispute_bond.0 as u128 + trace.pot.0 as u128);
        } else if let Some(game) = read::<escrow::Game>(account) {
            if game.settled_at == Timestamp::default() || game.unpaid == 1 {
                add("dispute_bonds", game.deposit, game.dispute_bond.0 as u128);
            }
        } else if let Some(node) = read::<identity::Node>(account) {
            // What was revoked may have its specification taken away.
            if node.status & identity::status::REVOKED == 0 {
                add("node", *address, 1);
            }
        } else if let Some(claim) = read::<identity::SpecificationClaim>(account)
            && claim.reservation_ends_at == Default::default()
            && claim.revoked == 0
        {
            add("claims", claim.node, 1);
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

/// Whose credits escrow locks: derived once.
fn escrow_authority(network: Address) -> Address {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<Address, Address>> = const { RefCell::new(BTreeMap::new()) };
    }
    let derive = || joule_escrow_interface::pda::authority::find(&network).0;
    KNOWN.with_borrow_mut(|known| *known.entry(network).or_insert_with(derive))
}

/// An account stays what it is until it is closed, and then nothing is left of it. One that the System program made is
/// nothing yet.
fn headers(before: &Accounts, after: &Accounts) -> Result<(), String> {
    for (address, account) in after {
        let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { continue };
        let before = before.get(address).filter(|old| old.owner == account.owner);
        let blank = before.is_none_or(|old| old.data.iter().all(|byte| *byte == 0));
        if blank && before.is_some_and(|old| old.data == account.data) {
            continue;
        }
        let header: Header = bytemuck::pod_read_unaligned(account.data.get(..8).ok_or("an account without a header")?);
        let Some((_, layout)) = program.accounts.iter().find(|(kind, _)| *kind == header.discriminator) else {
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
        // A provider is closed into its stub, and comes back out of it.
        let (provider, stub) = (stake::Provider::DISCRIMINATOR, stake::ProviderStub::DISCRIMINATOR);
        let is_provider = |data: &[u8]| program.id == joule_stake_interface::ID && [provider, stub].contains(&data[0]);
        let same = |old: &[u8]| old[..3] == account.data[..3] || is_provider(old) && is_provider(&account.data);
        if !blank && before.is_some_and(|old| !same(&old.data)) {
            return Err(format!("{address} became another account"));
        }
    }
    Ok(())
}
