//! Identities that keys act for: keys that were announced, what was earned, and what goes on to the payee.
//!
//! An identity is anyone's to open, and what it earns can come back to whoever paid it. So little is not due, nothing is done twice a
//! day, and an account is opened for a payee once.

use {
    super::{Rules, set},
    joule_bme_interface::{
        instruction as bme,
        state::{Network, ProviderWork},
    },
    joule_escrow_interface::{
        instruction::{ExecuteKeys, ExecuteKeysArgs, PayOut, PayOutArgs, act_for},
        state::{Job, Keys, Market, NONE, Panel},
    },
    joule_interface::{Address, Instruction, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{
        Bps, Overflow, Seconds, Timestamp, Tokens, Weight, earned_floor, earned_of_shares_floor, fraction_floor,
        index_step_floor, mul_div_floor, part_floor, whole,
    },
    joule_stake_interface::{
        instruction as stake,
        state::{Delegation, Pool, Provider, Rewards},
    },
    std::collections::{BTreeMap, BTreeSet},
};

/// An account is opened for a payee, who can close it and keep its rent, once.
const ONCE: Seconds = Seconds(u32::MAX);
/// Which part of what is due for a token account it is to open the payee's.
const OPENING: u8 = 1;

/// Which identities earn in a network that is served, and in what.
#[derive(Default)]
struct Earning {
    identities: BTreeSet<Address>,
    mints: BTreeSet<Address>,
}

pub fn find(rules: &mut Rules) {
    let identities: BTreeMap<Address, Keys> = rules.view.each::<Keys>().into_iter().collect();
    if identities.is_empty() {
        return;
    }
    // They are of no network: every keeper's.
    for (keys, state) in &identities {
        if let Some(since) = set(state.executable_at).filter(|at| rules.now() >= *at) {
            let execute = ExecuteKeys { keys: *keys }.instruction(&ExecuteKeysArgs {});
            rules.push(("escrow", "ExecuteKeys"), *keys, since, execute);
        }
    }
    // In a network of his own a stranger earns every day for nothing, in as many tokens as he likes.
    if rules.settings.networks.is_none() {
        return;
    }
    // First what comes in: what goes on takes it along.
    let mut earnings = BTreeMap::new();
    worked(rules, &identities, &mut earnings);
    staked(rules, &identities, &mut earnings);
    hired(rules, &identities, &mut earnings);
    pay_out(rules, &identities, earnings);
}

fn of_network<'a>(
    rules: &Rules,
    earnings: &'a mut BTreeMap<Address, Earning>,
    network: Address,
) -> Option<&'a mut Earning> {
    rules.serves(&network).then(|| earnings.entry(network).or_default())
}

/// Work that became tokens by `AccrueWork`, which is sent for everybody.
fn worked(rules: &mut Rules, identities: &BTreeMap<Address, Keys>, earnings: &mut BTreeMap<Address, Earning>) {
    for (address, network) in rules.view.each::<Network>() {
        if let Some(earning) = of_network(rules, earnings, address) {
            earning.mints.insert(network.mint);
        }
    }
    for (provider_work, state) in rules.view.each::<ProviderWork>() {
        let Some(earning) = of_network(rules, earnings, state.network) else { continue };
        if !identities.contains_key(&state.provider) {
            continue;
        }
        earning.identities.insert(state.provider);
        let Some(network) = rules.view.read::<Network>(&state.network) else { continue };
        if state.accrued.is_zero() {
            continue;
        }
        // What the breaker holds back is not there yet.
        let Some(vault) = rules.view.token(&network.reward_vault) else { continue };
        let tokens = state.accrued.min(Tokens(vault.amount));
        claim(rules, state.provider, provider_work, (network.mint, network.token_program), tokens, |destination| {
            bme::ClaimRewards {
                provider: state.provider,
                network: state.network,
                provider_work,
                reward_vault: network.reward_vault,
                destination,
                mint: network.mint,
                token_program: network.token_program,
            }
            .instruction(&bme::ClaimRewardsArgs {})
        });
    }
}

/// Commission, and rewards of what it staked with itself or with others.
fn staked(rules: &mut Rules, identities: &BTreeMap<Address, Keys>, earnings: &mut BTreeMap<Address, Earning>) {
    let mut pools = BTreeMap::new();
    for (address, pool) in rules.view.each::<Pool>() {
        if let Some(earning) = of_network(rules, earnings, pool.network) {
            earning.mints.insert(pool.mint);
            pools.insert(address, pool);
        }
    }
    let mut providers: BTreeMap<Address, Provider> = rules.view.each::<Provider>().into_iter().collect();
    providers.retain(|_, provider| pools.contains_key(&provider.pool));
    for (address, provider) in &providers {
        if !identities.contains_key(&provider.authority) {
            continue;
        }
        let pool = &pools[&provider.pool];
        earnings.entry(pool.network).or_default().identities.insert(provider.authority);
        let Some(earned) = earned(rules, pool, provider) else { continue };
        let mint = (pool.mint, pool.token_program);
        claim(rules, provider.authority, *address, mint, whole(earned.commission).0, |destination| {
            stake::ClaimCommission {
                authority: provider.authority,
                pool: provider.pool,
                provider: *address,
                rewards: pool.rewards,
                vault: pool.vault,
                destination,
                mint: pool.mint,
                token_program: pool.token_program,
            }
            .instruction(&stake::ClaimCommissionArgs {})
        });
    }
    for (address, delegation) in rules.view.each::<Delegation>() {
        let owner = delegation.owner;
        let Some(provider) = providers.get(&delegation.provider).filter(|_| identities.contains_key(&owner)) else {
            continue;
        };
        let pool = &pools[&provider.pool];
        earnings.entry(pool.network).or_default().identities.insert(owner);
        let Some(earned) = earned(rules, pool, provider) else { continue };
        let more = if owner == provider.authority {
            Ok(earned.own)
        } else {
            earned_of_shares_floor(delegation.weight.get(), delegation.reward_index.get(), earned.index)
        };
        let Ok(more) = more else { continue };
        let tokens = whole(delegation.accrued.get().saturating_add(more)).0;
        claim(rules, owner, address, (pool.mint, pool.token_program), tokens, |destination| {
            stake::ClaimRewards {
                owner,
                pool: provider.pool,
                provider: delegation.provider,
                delegation: address,
                rewards: pool.rewards,
                vault: pool.vault,
                destination,
                mint: pool.mint,
                token_program: pool.token_program,
            }
            .instruction(&stake::ClaimRewardsArgs {})
        });
    }
}

/// What a provider earned by now, as the program will count it, tokens with 64 fractional bits.
struct Earned {
    own: u128,
    commission: u128,
    /// Of a unit of its delegations' weight, since the beginning.
    index: u128,
}

fn earned(rules: &Rules, pool: &Pool, provider: &Provider) -> Option<Earned> {
    let rewards = rules.view.read::<Rewards>(&pool.rewards)?;
    earned_by(rules.now(), &rewards, provider).ok()
}

fn earned_by(now: Timestamp, rewards: &Rewards, provider: &Provider) -> Result<Earned, Overflow> {
    let (from, mut to) = (provider.pool_reward_index.get(), rewards.reward_index.get());
    if rewards.total_weight != Weight::ZERO {
        let period = rewards.distribution_period.0 as u64;
        let elapsed = now.since(rewards.updated_at).min(period);
        let arrived = mul_div_floor(rewards.undistributed.0, elapsed, period.max(1))?;
        to = to.wrapping_add(index_step_floor(Tokens(arrived), rewards.total_weight)?);
    }
    let live = provider.own_weight.min(provider.present_own_weight()?);
    let of_others = earned_floor(provider.pot_weight, from, to)?;
    let rest = part_floor(of_others, Bps::WHOLE.minus(provider.commission)?);
    let step = fraction_floor(rest, provider.delegated_weight.get().max(1))?;
    Ok(Earned {
        own: provider.own_accrued.get().saturating_add(earned_floor(live, from, to)?),
        commission: provider.commission_accrued.get().saturating_add(part_floor(of_others, provider.commission)),
        index: provider.reward_index.get().wrapping_add(step),
    })
}

/// Providers of jobs and of panels: they earn the markets' tokens, with or without stake.
fn hired(rules: &Rules, identities: &BTreeMap<Address, Keys>, earnings: &mut BTreeMap<Address, Earning>) {
    for (_, market) in rules.view.each::<Market>() {
        if let Some(earning) = of_network(rules, earnings, market.network).filter(|_| market.mint != NONE) {
            earning.mints.insert(market.mint);
        }
    }
    let jobs = rules.view.each::<Job>().into_iter().map(|(_, job)| (job.network, job.provider));
    let panels = rules.view.each::<Panel>();
    let replicas =
        panels.iter().flat_map(|(_, panel)| panel.present().map(|(_, replica)| (panel.network, replica.provider)));
    for (network, provider) in jobs.chain(replicas).filter(|(_, provider)| identities.contains_key(provider)) {
        if let Some(earning) = of_network(rules, earnings, network) {
            earning.identities.insert(provider);
        }
    }
}

/// What collects `tokens` for an identity, into its associated account.
fn claim(
    rules: &mut Rules,
    identity: Address,
    from: Address,
    (mint, token_program): (Address, Address),
    tokens: Tokens,
    call: impl FnOnce(Address) -> Instruction,
) {
    if tokens.0 < least(rules) {
        return;
    }
    let Some((destination, mut calls)) = account(rules, identity, mint, token_program) else { return };
    calls.push(act_for(identity, rules.payer, &call(destination)));
    rules.push_ways(("escrow", "Act"), from, rules.now(), vec![calls]);
    rules.rests(rules.settings.pay_out_every);
}

/// What lies in identities' associated accounts of the mints in which they earn.
fn pay_out(rules: &mut Rules, identities: &BTreeMap<Address, Keys>, earnings: BTreeMap<Address, Earning>) {
    let each = |earning: Earning| {
        let Earning { identities, mints } = earning;
        identities.into_iter().flat_map(move |identity| mints.clone().into_iter().map(move |mint| (identity, mint)))
    };
    let pairs: BTreeSet<(Address, Address)> = earnings.into_values().flat_map(each).collect();
    for (keys, mint) in pairs {
        let Some(token_program) = rules.view.account(&mint).map(|account| account.owner) else { continue };
        if ![TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&token_program) {
            continue;
        }
        let source = Rules::associated_address(&keys, &mint, &token_program);
        let is_enough = |amount: u64| amount >= least(rules);
        if !rules.view.token(&source).is_some_and(|token| token.owner == keys && is_enough(token.amount)) {
            continue;
        }
        let payee = identities[&keys].payee;
        let Some((destination, mut calls)) = account(rules, payee, mint, token_program) else { continue };
        let opens = !calls.is_empty();
        calls.push(PayOut { keys, source, destination, mint, token_program }.instruction(&PayOutArgs {}));
        rules.push_ways(("escrow", "PayOut"), source, rules.now(), vec![calls]);
        if opens {
            rules.part(OPENING);
        }
        rules.rests(if opens { ONCE } else { rules.settings.pay_out_every });
    }
}

/// Nothing at all is never due.
fn least(rules: &Rules) -> u64 {
    rules.settings.least_earnings.max(1)
}

/// The associated account of `owner`, which can be paid, and what opens it if it is missing.
fn account(
    rules: &Rules,
    owner: Address,
    mint: Address,
    token_program: Address,
) -> Option<(Address, Vec<Instruction>)> {
    let (address, open) = rules.associated(owner, mint, token_program)?;
    // Not frozen, and not handed to another.
    let is_his = || rules.view.token(&address).is_some_and(|token| token.owner == owner);
    (!open.is_empty() || is_his()).then_some((address, open))
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::U128, joule_stake_interface::state::status};

    /// A provider with 100 of its own and 300 of others, of which it takes a tenth, and the pool's rewards: 1,000 tokens in 100 seconds.
    fn earning() -> (Rewards, Provider) {
        let rewards = Rewards {
            total_weight: Weight(100),
            undistributed: Tokens(1_000),
            distribution_period: Seconds(100),
            updated_at: Timestamp(1_000),
            ..Rewards::default()
        };
        let provider = Provider {
            status: status::ACTIVE,
            own: Tokens(100),
            own_multiplier: Bps::WHOLE,
            own_weight: Weight(25),
            pot_weight: Weight(75),
            delegated_weight: U128::new(75),
            commission: Bps(1_000),
            ..Provider::default()
        };
        (rewards, provider)
    }

    #[test]
    fn what_was_earned_is_told_without_a_settlement() {
        let (rewards, provider) = earning();
        let at = |second: i64, rewards: &Rewards| {
            let earned = earned_by(Timestamp(1_000 + second), rewards, &provider).expect("it fits");
            [earned.own, earned.commission, 75 * earned.index].map(|amount| amount as f64 / (1u128 << 64) as f64)
        };
        let near = |found: [f64; 3], expected: [f64; 3]| {
            assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{found:?}");
        };
        near(at(0, &rewards), [0.0; 3]);
        near(at(10, &rewards), [25.0, 7.5, 67.5]);
        near(at(100, &rewards), [250.0, 75.0, 675.0]);
        near(at(1_000_000, &rewards), [250.0, 75.0, 675.0]);
        // Nothing comes any more; or nobody stakes.
        near(at(10, &Rewards { undistributed: Tokens(0), distribution_period: Seconds(0), ..rewards }), [0.0; 3]);
        near(at(10, &Rewards { total_weight: Weight(0), ..rewards }), [0.0; 3]);
    }
}
