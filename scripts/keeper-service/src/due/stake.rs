//! Slashes, stake that leaves or moves, bonds, locks, policies and rewards.

use {
    super::{Rules, after, set},
    joule_bme_interface::state::Network,
    joule_interface::{Address, SYSTEM_PROGRAM},
    joule_math::{Timestamp, Tokens, U128, Weight},
    joule_stake_interface::{ID, instruction::*, state::*},
    std::collections::BTreeMap,
};

pub const SENDS: [&str; 14] = [
    "CancelPolicy",
    "CloseDelegation",
    "CloseSlasher",
    "CollectRewards",
    "CompleteRedelegation",
    "EndLock",
    "ExecutePolicy",
    "ExecuteSlash",
    "ExpireSlash",
    "RefreshProvider",
    "ReleaseBond",
    "SettleSlashed",
    "Withdraw",
    "WithdrawSeized",
];

/// Stands for an address that is absent.
const NONE: Address = Address::new_from_array([0; 32]);

pub fn find(rules: &mut Rules) {
    let pools: BTreeMap<Address, Pool> =
        rules.view.each::<Pool>().into_iter().filter(|(_, pool)| rules.serves(&pool.network)).collect();
    let providers: BTreeMap<Address, Provider> =
        rules.view.each::<Provider>().into_iter().filter(|(_, provider)| pools.contains_key(&provider.pool)).collect();
    let stake = Stake { pools, providers };
    stake.pools(rules);
    stake.providers(rules);
    stake.slashes(rules);
    stake.delegations(rules);
    stake.tickets(rules);
    stake.bonds(rules);
    stake.slashers(rules);
}

/// Pools that are served, and their providers.
struct Stake {
    pools: BTreeMap<Address, Pool>,
    providers: BTreeMap<Address, Provider>,
}

impl Stake {
    /// A provider with its pool's address and the pool.
    fn provider(&self, address: &Address) -> Option<(&Provider, Address, &Pool)> {
        let provider = self.providers.get(address)?;
        Some((provider, provider.pool, self.pools.get(&provider.pool)?))
    }

    fn pools(&self, rules: &mut Rules) {
        for (policy_change, change) in rules.view.each::<PolicyChange>() {
            let Some(pool) = self.pools.get(&change.pool) else { continue };
            let ends_at = after(change.executable_at, joule_bme_interface::state::CHANGE_WINDOW);
            if rules.now() > ends_at {
                let cancel = CancelPolicy {
                    authority: rules.payer,
                    network: pool.network,
                    pool: change.pool,
                    policy_change,
                    rent_receiver: change.payer,
                };
                rules.push(("stake", "CancelPolicy"), policy_change, ends_at, cancel.instruction(&CancelPolicyArgs {}));
            } else if rules.now() >= change.executable_at {
                let execute = ExecutePolicy { pool: change.pool, policy_change, rent_receiver: change.payer };
                let execute = execute.instruction(&ExecutePolicyArgs {});
                rules.push(("stake", "ExecutePolicy"), policy_change, change.executable_at, execute);
            }
        }
        // What epochs mint for stakers, if that account is the pool's.
        for (address, pool) in &self.pools {
            let Some(network) = rules.view.read::<Network>(&pool.network) else { continue };
            let source = network.policy.stakers_token_account;
            let Some(token) = rules.view.token(&source) else { continue };
            if token.owner != *address || token.mint != pool.mint || source == pool.vault || token.amount == 0 {
                continue;
            }
            let collect = CollectRewards {
                pool: *address,
                rewards: pool.rewards,
                source,
                vault: pool.vault,
                mint: pool.mint,
                token_program: pool.token_program,
            };
            rules.push(("stake", "CollectRewards"), *address, rules.now(), collect.instruction(&CollectRewardsArgs {}));
            rules.recurs();
        }
    }

    fn providers(&self, rules: &mut Rules) {
        for (address, provider) in &self.providers {
            let Some(pool) = self.pools.get(&provider.pool) else { continue };
            let own = provider.present_own_weight().unwrap_or(provider.own_weight);
            let weighs = if provider.status == status::ACTIVE { own } else { Weight::ZERO };
            if provider.own_weight != weighs {
                let refresh = RefreshProvider { pool: provider.pool, provider: *address, rewards: pool.rewards };
                let refresh = refresh.instruction(&RefreshProviderArgs {});
                rules.push(("stake", "RefreshProvider"), *address, rules.now(), refresh);
            }
            let has_treasury = pool.treasury != NONE;
            let burned = if has_treasury {
                pool.policy.slash_burned_share.of_ceil(provider.slashed.0).unwrap_or(0)
            } else {
                provider.slashed.0.saturating_add(provider.treasury_due.0)
            };
            let due = provider.treasury_due.0.saturating_add(provider.slashed.0).saturating_sub(burned);
            if burned == 0 && due == 0 {
                continue;
            }
            let settle = |treasury: Address| {
                SettleSlashed {
                    pool: provider.pool,
                    provider: *address,
                    vault: pool.vault,
                    mint: pool.mint,
                    token_program: pool.token_program,
                    treasury,
                }
                .instruction(&SettleSlashedArgs {})
            };
            let mut ways = vec![];
            if has_treasury && rules.view.token(&pool.treasury).is_some() {
                ways.push(vec![settle(pool.treasury)]);
            }
            // A treasury that cannot be paid waits for its part.
            if burned != 0 {
                ways.push(vec![settle(ID)]);
            }
            if !ways.is_empty() {
                rules.push_ways(("stake", "SettleSlashed"), *address, rules.now(), ways);
            }
        }
    }

    fn slashes(&self, rules: &mut Rules) {
        for (slash, state) in rules.view.each::<Slash>() {
            let Some((_, pool, of)) = self.provider(&state.provider) else { continue };
            let (provider, rent_receiver) = (state.provider, state.payer);
            if rules.now() >= state.expires_at {
                let expire = ExpireSlash { provider, slash, rent_receiver }.instruction(&ExpireSlashArgs {});
                rules.push(("stake", "ExpireSlash"), slash, state.expires_at, expire);
            } else if rules.now() >= state.executable_at {
                let execute = ExecuteSlash { pool, provider, slash, rewards: of.rewards, rent_receiver };
                let execute = execute.instruction(&ExecuteSlashArgs {});
                rules.push(("stake", "ExecuteSlash"), slash, state.executable_at, execute);
            }
        }
    }

    fn delegations(&self, rules: &mut Rules) {
        for (delegation, state) in rules.view.each::<Delegation>() {
            let Some((provider, pool, of)) = self.provider(&state.provider) else { continue };
            if let Some(ends_at) = set(state.lock_ends_at).filter(|at| rules.now() >= *at) {
                let end = EndLock { pool, provider: state.provider, delegation, rewards: of.rewards };
                rules.push(("stake", "EndLock"), delegation, ends_at, end.instruction(&EndLockArgs {}));
                continue;
            }
            // Slashes left nothing of what it is, and nothing is on its way there or to be claimed. One that never had a share is
            // its owner's, who is about to stake.
            let is_own = state.owner == provider.authority;
            let has_shares = state.shares != U128::default();
            let is_worthless = state.worth(provider).is_ok_and(|worth| worth == Tokens(0));
            if is_own || !has_shares || !is_worthless || state.incoming_count != 0 || state.claimable() != Tokens(0) {
                continue;
            }
            let close = CloseDelegation {
                owner: state.owner,
                pool,
                provider: state.provider,
                delegation,
                rewards: of.rewards,
                rent_receiver: state.payer,
            };
            let close = close.instruction(&CloseDelegationArgs {});
            rules.push(("stake", "CloseDelegation"), delegation, rules.now(), close);
        }
    }

    /// Since when a part can leave as a whole; `None` if it cannot.
    fn leaves(&self, rules: &Rules, provider: &Provider, part: &UnbondingPart, at: Timestamp) -> Option<Timestamp> {
        let is_due = rules.now() >= at;
        let is_free = part.withheld == 1 && provider.withheld_liable == Tokens(0);
        let worth = provider.worth(part).ok()?;
        let is_whole = provider.held_back(part, worth).ok()? == Tokens(0);
        ((is_due || is_free) && is_whole).then_some(at.min(rules.now()))
    }

    fn tickets(&self, rules: &mut Rules) {
        for (ticket, state) in rules.view.each::<UnbondingTicket>() {
            let Some((provider, pool, of)) = self.provider(&state.provider) else { continue };
            if state.new_delegation != NONE {
                self.redelegation(rules, ticket, &state);
                continue;
            }
            let Some(since) = self.leaves(rules, provider, &state.part, state.withdrawable_at) else { continue };
            let account = rules.associated(state.owner, of.mint, of.token_program);
            let Some((destination, mut calls)) = account else { continue };
            let withdraw = Withdraw {
                owner: state.owner,
                pool,
                provider: state.provider,
                ticket,
                vault: of.vault,
                destination,
                mint: of.mint,
                token_program: of.token_program,
                rent_receiver: state.payer,
            };
            calls.push(withdraw.instruction(&WithdrawArgs {}));
            rules.push_ways(("stake", "Withdraw"), ticket, since, vec![calls]);
        }
    }

    fn redelegation(&self, rules: &mut Rules, ticket: Address, state: &UnbondingTicket) {
        let now = rules.now();
        let Some((from, pool, of)) = self.provider(&state.provider) else { return };
        let Some(delegation) = rules.view.read::<Delegation>(&state.new_delegation) else { return };
        let Some((to, ..)) = self.provider(&delegation.provider) else { return };
        let is_proposed = from.pending_slash_count != 0 || to.pending_slash_count != 0;
        // It would start a lock again whose owner may leave now.
        let began_at = delegation.lock_ends_at.0.saturating_sub(delegation.lock_period.0 as i64);
        let is_void = now < of.exit_ends_at && began_at < of.exit_began_at.0 && delegation.is_locked(now);
        if now < state.withdrawable_at || is_proposed || is_void || is_held(state, from, to, of, now) {
            return;
        }
        let complete = CompleteRedelegation {
            pool,
            provider: state.provider,
            ticket,
            rewards: of.rewards,
            new_provider: delegation.provider,
            new_delegation: state.new_delegation,
            rent_receiver: state.payer,
        };
        let complete = complete.instruction(&CompleteRedelegationArgs {});
        rules.push(("stake", "CompleteRedelegation"), ticket, state.withdrawable_at, complete);
    }

    fn bonds(&self, rules: &mut Rules) {
        for (bond, state) in rules.view.each::<Bond>() {
            let Some((provider, pool, of)) = self.provider(&state.provider) else { continue };
            if let Some(since) = self.releasable(rules, &state) {
                let release = ReleaseBond {
                    slasher_authority: rules.payer,
                    slasher: state.slasher,
                    provider: state.provider,
                    bond,
                    rent_receiver: state.payer,
                };
                let release = release.instruction(&ReleaseBondArgs { outcome: outcome::NONE, weight: 0 });
                rules.push(("stake", "ReleaseBond"), bond, since, release);
                continue;
            }
            if state.seized.price == 0 {
                continue;
            }
            let Some(since) = self.leaves(rules, provider, &state.seized, state.withdrawable_at) else { continue };
            let account = rules.associated(state.client, of.mint, of.token_program);
            let Some((destination, mut calls)) = account else { continue };
            let withdraw = WithdrawSeized {
                client: state.client,
                pool,
                provider: state.provider,
                bond,
                vault: of.vault,
                destination,
                mint: of.mint,
                token_program: of.token_program,
                rent_receiver: state.payer,
            };
            calls.push(withdraw.instruction(&WithdrawSeizedArgs {}));
            rules.push_ways(("stake", "WithdrawSeized"), bond, since, vec![calls]);
        }
    }

    /// Since when anyone can release a bond: its slasher lost the right to it, or is closed.
    fn releasable(&self, rules: &Rules, bond: &Bond) -> Option<Timestamp> {
        if bond.slasher == NONE {
            return None;
        }
        let is_gone = match rules.view.find(&bond.slasher)? {
            None => true,
            Some(account) => account.owner == SYSTEM_PROGRAM,
        };
        if is_gone {
            return Some(rules.now());
        }
        let slasher = rules.view.read::<Slasher>(&bond.slasher)?;
        let is_free = slasher.rights & rights::BOND == 0 && rules.now() >= slasher.bonds_free_at;
        is_free.then_some(slasher.bonds_free_at)
    }

    fn slashers(&self, rules: &mut Rules) {
        for (slasher, state) in rules.view.each::<Slasher>() {
            let Some(pool) = self.pools.get(&state.pool) else { continue };
            let over = after(state.window_started_at, pool.policy.slash_window).max(state.bonds_free_at);
            if state.rights == 0 && rules.now() >= over {
                let close = CloseSlasher { pool: state.pool, slasher, rent_receiver: state.payer };
                rules.push(("stake", "CloseSlasher"), slasher, over, close.instruction(&CloseSlasherArgs {}));
            }
        }
    }
}

/// A lock keeps a redelegation from leaving the pool, where the new provider cannot take it.
fn is_held(ticket: &UnbondingTicket, from: &Provider, to: &Provider, pool: &Pool, now: Timestamp) -> bool {
    let pot = &to.delegated;
    let takes = pot.shares == U128::default() || pot.price >= Pot::LEAST_PRICE || ticket.owner == to.authority;
    let is_worthless = from.unbonding.worth(&ticket.part).is_ok_and(|worth| worth == Tokens(0));
    let is_out = [from, to].iter().any(|provider| provider.status == status::TOMBSTONED);
    let began_at = ticket.lock_ends_at.0.saturating_sub(ticket.lock_period.0 as i64);
    let is_void = now < pool.exit_ends_at && began_at < pool.exit_began_at.0;
    !takes && !is_worthless && !is_out && !is_void && now < ticket.lock_ends_at
}
