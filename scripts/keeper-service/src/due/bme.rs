//! Epochs, burns, dollars, prices, policies, reward roots and spenders.

use {
    super::{Rules, after, set},
    joule_bme_interface::{
        ID,
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, DISCRIMINATOR, FULL, PriceUpdate},
        state::*,
    },
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Credits, Timestamp, Tokens},
};

pub const SENDS: [&str; 17] = [
    "AccrueWork",
    "ActivateRoot",
    "BurnTokens",
    "CancelPolicy",
    "CloseEpoch",
    "CloseRoot",
    "CloseSpender",
    "ExecuteDollarPolicy",
    "ExecuteOracles",
    "ExecutePolicy",
    "FoldDollars",
    "ForwardTreasury",
    "FundRoots",
    "MintDeferred",
    "Resume",
    "SweepEpoch",
    "UpdateAverage",
];

/// As many work shards fit into a transaction beside what closing an epoch needs.
const MOST_SHARDS: usize = 16;

pub fn find(rules: &mut Rules) {
    for (address, network) in rules.view.each::<Network>() {
        if !rules.serves(&address) {
            continue;
        }
        average(rules, address, &network);
        burns(rules, address, &network);
        epoch(rules, address, &network);
        deferred(rules, address, &network);
        if network.paused == 1 && rules.now() >= network.pause_ends_at {
            let resume = Resume { signer: rules.payer, network: address }.instruction(&ResumeArgs {});
            rules.push(("bme", "Resume"), address, network.pause_ends_at, resume);
        }
    }
    dollars(rules);
    upkeeps(rules);
    work(rules);
    policies(rules);
    roots(rules);
    for (spender, state) in rules.view.each::<Spender>() {
        let Some(closes_at) = set(state.closes_at) else { continue };
        if rules.serves(&state.network) && rules.now() >= closes_at {
            let close = CloseSpender { network: state.network, spender, rent_receiver: state.payer };
            rules.push(("bme", "CloseSpender"), spender, closes_at, close.instruction(&CloseSpenderArgs {}));
        }
    }
}

/// The account that a reserve needs; absent for a network that mints.
fn reserve(network: &Network) -> Address {
    if network.source == source::RESERVE { network.reserve_vault } else { ID }
}

fn price_account(rules: &Rules, address: &Address, network: &Network) -> Option<Address> {
    let pinned = network.policy.price_account;
    if pinned != Address::default() { Some(pinned) } else { rules.settings.prices.get(address).copied() }
}

/// When the network's price was published, if it may be used now.
fn published(rules: &Rules, price: &Address, network: &Network) -> Option<Timestamp> {
    let account = rules.view.account(price)?;
    if account.owner != network.policy.price_receiver || account.data.len() != ACCOUNT_SIZE {
        return None;
    }
    let update: PriceUpdate = bytemuck::pod_read_unaligned(&account.data[..size_of::<PriceUpdate>()]);
    let is_right = update.discriminator == DISCRIMINATOR && update.verification == FULL;
    let (published, now) = (Timestamp(update.publish_time), rules.now());
    let is_fresh = now.since(published) <= network.policy.max_price_age.0 as u64
        && published.since(now) <= PRICE_TOLERANCE.0 as u64;
    (is_right && update.feed_id == network.policy.feed_id && is_fresh).then_some(published)
}

fn average(rules: &mut Rules, address: Address, network: &Network) {
    let Some(price) = price_account(rules, &address, network) else { return };
    let Some(published) = published(rules, &price, network) else { return };
    let last = network.average.published_at;
    // A price a second newer every time would be a transaction every time.
    let since = after(last, rules.settings.average_age);
    if published > last && published >= since {
        let update = UpdateAverage { network: address, price_update: price }.instruction(&UpdateAverageArgs {});
        rules.push(("bme", "UpdateAverage"), address, since.max(network.average.moved_at), update);
        rules.recurs();
    }
}

fn burns(rules: &mut Rules, address: Address, network: &Network) {
    let shards: Vec<_> = rules.view.each::<BurnShard>();
    for (burn_shard, shard) in shards.into_iter().filter(|(_, shard)| shard.network == address) {
        let spent = shard.burned.0.saturating_add(shard.returned.0);
        let Some(vault) = rules.view.token(&shard.vault) else { continue };
        if shard.received.0.saturating_sub(spent).min(vault.amount) == 0 {
            continue;
        }
        let burn = BurnTokens {
            network: address,
            burn_shard,
            burn_vault: shard.vault,
            mint: network.mint,
            token_program: network.token_program,
            reserve_vault: reserve(network),
        };
        rules.push(("bme", "BurnTokens"), burn_shard, shard.published_at, burn.instruction(&BurnTokensArgs {}));
        rules.recurs();
    }
}

/// Dollars that go on to auctions, and auctions' policies.
fn dollars(rules: &mut Rules) {
    let shards: Vec<_> = rules.view.each::<DollarShard>();
    for (auction, state) in rules.view.each::<Auction>() {
        let Some(network) = rules.view.read::<Network>(&state.network) else { continue };
        if !rules.serves(&state.network) {
            continue;
        }
        if let Some(executable_at) = set(state.executable_at)
            && (executable_at..=after(executable_at, CHANGE_WINDOW)).contains(&rules.now())
            && network.closing == 0
            && rules.now() < network.epoch_ends_at
        {
            let execute = ExecuteDollarPolicy { network: state.network, auction };
            let execute = execute.instruction(&ExecuteDollarPolicyArgs {});
            rules.push(("bme", "ExecuteDollarPolicy"), auction, executable_at, execute);
        }
        for (dollar_shard, shard) in shards.iter().filter(|(_, shard)| shard.network == state.network) {
            let Some(vault) = rules.view.token(&shard.vault) else { continue };
            let unfolded = shard.received.0.saturating_sub(shard.folded.0);
            // What is there goes on; what was taken is counted, so that the shard takes as much again.
            if unfolded.min(vault.amount) == 0 && unfolded == shard.missing.0 {
                continue;
            }
            let fold = FoldDollars {
                network: state.network,
                auction,
                auction_vault: state.vault,
                dollar_shard: *dollar_shard,
                dollar_vault: shard.vault,
                treasury: state.policy.treasury,
                dollar_mint: state.mint,
                token_program: state.token_program,
            };
            let fold = fold.instruction(&FoldDollarsArgs {});
            rules.push(("bme", "FoldDollars"), *dollar_shard, shard.published_at, fold);
            rules.recurs();
        }
    }
}

/// What came in for a treasury behind an upkeep, but for the keepers' part.
fn upkeeps(rules: &mut Rules) {
    for (upkeep, state) in rules.view.each::<Upkeep>() {
        if !rules.serves(&state.network) {
            continue;
        }
        let (vault, network) = (rules.view.token(&state.vault), rules.view.read::<Network>(&state.network));
        let Some((vault, network)) = vault.zip(network) else { continue };
        let came = vault.amount.saturating_sub(state.kept.0.saturating_add(state.amount_due.0));
        let room = state.max_kept.0.saturating_sub(state.kept.0);
        let kept = state.keeper_share.of_floor(came).map_or(0, |kept| kept.min(room));
        if state.amount_due.0.saturating_add(came - kept) == 0 {
            continue;
        }
        let forward = ForwardTreasury {
            upkeep,
            vault: state.vault,
            treasury: state.treasury,
            mint: network.mint,
            token_program: state.token_program,
        };
        rules.push(("bme", "ForwardTreasury"), upkeep, rules.now(), forward.instruction(&ForwardTreasuryArgs {}));
    }
}

fn epoch(rules: &mut Rules, address: Address, network: &Network) {
    let shards: Vec<_> = rules.view.each::<WorkShard>().into_iter().filter(|(_, s)| s.network == address).collect();
    let now = rules.now();
    let (index, since, shards): (u64, Timestamp, Vec<Address>) = if network.closing == 1 {
        let index = network.open_epoch.saturating_sub(1);
        let Some(epoch) = rules.view.read::<Epoch>(&pda::epoch::find(&address, &index.to_le_bytes()).0) else { return };
        let is_left = |shard: &WorkShard| epoch.folded & 1 << (shard.index & 63) == 0;
        let left = shards.iter().filter(|(_, shard)| is_left(shard)).map(|(shard, _)| *shard);
        (index, epoch.ended_at, left.take(MOST_SHARDS).collect())
    } else {
        if now < network.epoch_ends_at {
            return;
        }
        let index = first_with_work(network, &shards, now);
        (index, network.epoch_ends_at, shards.iter().map(|(shard, _)| *shard).take(MOST_SHARDS).collect())
    };
    let close = CloseEpoch {
        payer: rules.payer,
        network: address,
        epoch: pda::epoch::find(&address, &index.to_le_bytes()).0,
        mint: network.mint,
        reward_vault: network.reward_vault,
        stakers: network.policy.stakers_token_account,
        treasury: network.policy.treasury_token_account,
        token_program: network.token_program,
        system_program: SYSTEM_PROGRAM,
        // It is looked at only if the average is too old.
        price_update: price_account(rules, &address, network).unwrap_or(network.mint),
        reserve_vault: reserve(network),
    };
    let mut close = close.instruction(&CloseEpochArgs { epoch: index });
    close.accounts.extend(shards.into_iter().map(|shard| AccountMeta::new(shard, false)));
    rules.push(("bme", "CloseEpoch"), address, since, close);
    // One epoch after the other, each as soon as the one before it is closed.
    rules.recurs();
}

/// The epoch to close: those before it, which have ended, have no work and may be passed over.
fn first_with_work(network: &Network, shards: &[(Address, WorkShard)], now: Timestamp) -> u64 {
    let open = network.open_epoch;
    let is_waiting = network.lanes.iter().any(|lane| lane.waiting != Credits(0));
    let is_alike = network.terms == EpochTerms::of(&network.policy, network.weights());
    if is_waiting || !is_alike || shards.len() != network.shard_count as usize || shards.len() > MOST_SHARDS {
        return open;
    }
    let late = now.since(network.epoch_ends_at) / network.policy.epoch_duration.0.max(1) as u64;
    let newest = open.saturating_add(late);
    let worked = shards.iter().flat_map(|(_, shard)| &shard.work).filter(|work| work.credits != Credits(0));
    worked.map(|work| work.epoch).filter(|epoch| (open..newest).contains(epoch)).min().unwrap_or(newest)
}

fn deferred(rules: &mut Rules, address: Address, network: &Network) {
    let is_deferred = network.deferred.sum().is_ok_and(|sum| sum != Tokens(0));
    if !is_deferred || network.closing == 1 || !passes(&network.breaker, rules.now()) {
        return;
    }
    let mint = MintDeferred {
        network: address,
        mint: network.mint,
        reward_vault: network.reward_vault,
        stakers: network.policy.stakers_token_account,
        treasury: network.policy.treasury_token_account,
        token_program: network.token_program,
        reserve_vault: reserve(network),
    };
    rules.push(("bme", "MintDeferred"), address, network.breaker.ends_at, mint.instruction(&MintDeferredArgs {}));
}

/// The breaker may let something pass.
fn passes(breaker: &Breaker, now: Timestamp) -> bool {
    now >= breaker.ends_at || breaker.minted < breaker.limit
}

/// Work of closed epochs, and epochs of which all work is accrued.
fn work(rules: &mut Rules) {
    let mut epochs: Vec<_> = rules.view.each::<Epoch>();
    epochs.retain(|(_, epoch)| epoch.is_settled == 1 && rules.serves(&epoch.network));
    // What an epoch does not pay for waits for the next: the oldest first.
    epochs.sort_by_key(|(_, epoch)| epoch.index);
    let providers = if epochs.is_empty() { vec![] } else { rules.view.each::<ProviderWork>() };
    for (address, epoch) in epochs {
        if epoch.accrued_work.0 == epoch.worked.0.saturating_add(epoch.waiting.0) {
            let sweep = SweepEpoch { network: epoch.network, epoch: address, rent_receiver: epoch.payer };
            rules.push(("bme", "SweepEpoch"), address, epoch.closed_at, sweep.instruction(&SweepEpochArgs {}));
            continue;
        }
        for (provider_work, state) in providers.iter().filter(|(_, state)| state.network == epoch.network) {
            let mut entries = state.work.iter().chain([&state.waiting]);
            if entries.any(|work| work.epoch == epoch.index && work.credits != Credits(0)) {
                let accrue = AccrueWork { provider_work: *provider_work, epoch: address };
                let name = ("bme", "AccrueWork");
                rules.push(name, *provider_work, epoch.closed_at, accrue.instruction(&AccrueWorkArgs {}));
                rules.recurs();
            }
        }
    }
}

fn policies(rules: &mut Rules) {
    for (policy_change, change) in rules.view.each::<PolicyChange>() {
        let Some(network) = rules.view.read::<Network>(&change.network) else { continue };
        if !rules.serves(&change.network) {
            continue;
        }
        let ends_at = after(change.executable_at, CHANGE_WINDOW);
        if change.base_policy_version != network.policy_version || rules.now() > ends_at {
            let cancel = CancelPolicy {
                signer: rules.payer,
                network: change.network,
                policy_change,
                rent_receiver: change.payer,
            };
            let since = if rules.now() > ends_at { ends_at } else { rules.now() };
            rules.push(("bme", "CancelPolicy"), policy_change, since, cancel.instruction(&CancelPolicyArgs {}));
        } else if rules.now() >= change.executable_at && rules.now() < network.epoch_ends_at {
            let execute = ExecutePolicy {
                network: change.network,
                policy_change,
                rent_receiver: change.payer,
                mint: network.mint,
            };
            let execute = execute.instruction(&ExecutePolicyArgs {});
            rules.push(("bme", "ExecutePolicy"), policy_change, change.executable_at, execute);
        }
    }
}

fn roots(rules: &mut Rules) {
    let now = rules.now();
    for (oracle_set, set_) in rules.view.each::<OracleSet>() {
        let Some(network) = rules.view.read::<Network>(&set_.network) else { continue };
        if !rules.serves(&set_.network) {
            continue;
        }
        if let Some(at) = set(set_.executable_at)
            && (at..=after(at, CHANGE_WINDOW)).contains(&now)
        {
            let execute = ExecuteOracles { oracle_set }.instruction(&ExecuteOraclesArgs {});
            rules.push(("bme", "ExecuteOracles"), oracle_set, at, execute);
        }
        let mut roots: Vec<_> = rules.view.each::<RewardRoot>();
        roots.retain(|(_, root)| root.network == set_.network);
        roots.sort_by_key(|(_, root)| root.index);
        // Of those that can be activated, the first: it changes what the others add to.
        let mut is_activating = false;
        for (reward_root, root) in roots {
            if let Some((name, since)) = of_root(rules, &network, &set_, &root) {
                if name == "ActivateRoot" && std::mem::replace(&mut is_activating, true) {
                    continue;
                }
                let call = root_instruction(name, &network, (oracle_set, &set_), (reward_root, &root));
                rules.push(("bme", name), reward_root, since, call);
            }
        }
    }
}

/// What is due of a root, and since when.
fn of_root(rules: &Rules, network: &Network, set_: &OracleSet, root: &RewardRoot) -> Option<(&'static str, Timestamp)> {
    let now = rules.now();
    let addition = root.addition().ok()?;
    let Some(activated_at) = set(root.activated_at) else {
        let dies_at = after(root.published_at, ROOT_LIFETIME);
        if now > dies_at {
            return Some(("CloseRoot", dies_at));
        }
        if root.generation != set_.generation || root.index < set_.active_root {
            return Some(("CloseRoot", root.published_at));
        }
        let activatable_at = set(root.activatable_at).filter(|at| now >= *at)?;
        let fits = root.previous_total == set_.total && addition <= network.roots.free;
        return fits.then_some(("ActivateRoot", activatable_at));
    };
    if root.is_stopped == 1 || root.opened == addition {
        let ends_at = after(root.opened_at, ROOT_CLAIM_PERIOD);
        let is_claimed = root.claimed == root.opened;
        return (is_claimed || now >= ends_at)
            .then_some(("CloseRoot", if is_claimed { root.opened_at } else { ends_at }));
    }
    let opens = root.openable(now).ok()?.0.saturating_sub(root.opened.0);
    let is_over = now >= after(activated_at, root.opening_period);
    let since = after(root.opened_at, rules.settings.fund_after);
    let can_pass = network.roots.in_vault != Tokens(0) || passes(&network.roots_breaker, now);
    (opens != 0 && can_pass && (is_over || now >= since)).then_some(("FundRoots", since.min(now)))
}

fn root_instruction(
    name: &str,
    network: &Network,
    (oracle_set, set_): (Address, &OracleSet),
    (reward_root, root): (Address, &RewardRoot),
) -> Instruction {
    match name {
        "ActivateRoot" => {
            ActivateRoot { network: root.network, oracle_set, reward_root }.instruction(&ActivateRootArgs {})
        }
        "CloseRoot" => CloseRoot { network: root.network, oracle_set, reward_root, rent_receiver: root.payer }
            .instruction(&CloseRootArgs {}),
        _ => FundRoots {
            network: root.network,
            oracle_set,
            reward_root,
            root_vault: set_.vault,
            mint: network.mint,
            token_program: network.token_program,
            reserve_vault: reserve(network),
        }
        .instruction(&FundRootsArgs {}),
    }
}
