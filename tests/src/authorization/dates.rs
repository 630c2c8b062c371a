//! How much, and from when: what `stake` writes of dates and limits, computed again from the pool's rules and the second.

use {
    super::{Transition, Verdict, hold},
    crate::books::read,
    joule_bme_interface::state as bme,
    joule_interface::{Address, SYSTEM_PROGRAM},
    joule_math::Timestamp,
    joule_stake_interface::state as stake,
};

const HOUR: u32 = 3_600;
const DAY: i64 = 86_400;
const YEAR: u32 = 365 * 86_400;
/// Wrapped SOL of both token programs.
const NATIVE: [Address; 2] = [
    Address::from_str_const("So11111111111111111111111111111111111111112"),
    Address::from_str_const("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9"),
];

impl Transition<'_> {
    fn known_before<T: joule_interface::Account>(&self, address: &Address) -> Option<&T> {
        self.before.get(address).or_else(|| self.others.get(address)).and_then(read::<T>)
    }

    fn in_seconds(&self, seconds: u32) -> i64 {
        self.now.0 + seconds as i64
    }

    /// When what is worse for backers takes effect that is announced now: those who leave at once have been paid for a day by then.
    fn notice(&self, pool: &stake::Pool, unbonding_period: u32) -> Option<i64> {
        let delay = self.find::<bme::Network>(&pool.network)?.policy.change_delay.0;
        let paid = self.in_seconds(unbonding_period).max(pool.longer_unbonding_ends_at.0);
        Some(self.in_seconds(delay).max(paid + DAY))
    }

    pub(super) fn policy_change(
        &self,
        _: &Address,
        before: Option<&stake::PolicyChange>,
        after: Option<&stake::PolicyChange>,
    ) -> Verdict {
        let Some(is) = after else { return Ok(()) };
        if let Some(was) = before {
            return hold(was == is, "announced rules changed");
        }
        let Some(pool) = self.known_before::<stake::Pool>(&is.pool) else { return Ok(()) };
        hold(self.by_authority(&pool.network), "rules that their network did not propose")?;
        let (new, old) = (&is.policy, &pool.policy);
        possible(new, &pool.mint, &is.treasury)?;
        let rises = [
            (old.unbonding_period.0, new.unbonding_period.0),
            (old.slash_execution_window.0, new.slash_execution_window.0),
            (old.slash_window.0, new.slash_window.0),
            (old.jail_period.0, new.jail_period.0),
            (old.reward_period.0, new.reward_period.0),
            (old.slash_limit.0 as u32, new.slash_limit.0 as u32),
            (old.max_commission.0 as u32, new.max_commission.0 as u32),
            (old.max_commission_step.0 as u32, new.max_commission_step.0 as u32),
            // What may not fall.
            (new.slash_delay.0, old.slash_delay.0),
            (new.commission_delay.0, old.commission_delay.0),
        ];
        let gives = is.treasury != SYSTEM_PROGRAM && is.treasury != pool.treasury;
        let burns = new.slash_burned_share != old.slash_burned_share || new.min_slash < old.min_slash;
        let is_worse = gives || burns || rises.iter().any(|(from, to)| to > from);
        let period = old.unbonding_period.0.max(new.unbonding_period.0);
        let waits = is_worse && self.now >= pool.setup_ends_at;
        let delay = self.find::<bme::Network>(&pool.network).map(|network| network.policy.change_delay.0);
        let at = if waits { self.notice(pool, period) } else { delay.map(|delay| self.in_seconds(delay)) };
        hold(at.is_none_or(|at| is.executable_at.0 == at), "rules that wait for another time than they must")
    }

    /// Of a pool whose rules change, or that begins.
    pub(super) fn rules(&self, address: &Address, before: Option<&stake::Pool>, is: &stake::Pool) -> Verdict {
        let Some(was) = before else { return possible(&is.policy, &is.mint, &is.treasury) };
        if (is.policy, is.treasury) == (was.policy, was.treasury) {
            return Ok(());
        }
        let mut changes = self.before.values().filter_map(read::<stake::PolicyChange>);
        let due = changes.any(|change| {
            let in_time = (0..=14 * DAY).contains(&(self.now.0 - change.executable_at.0));
            change.pool == *address && in_time && (change.policy, change.treasury) == (is.policy, is.treasury)
        });
        hold(due, "rules changed before their time")?;
        let shorter = is.policy.unbonding_period < was.policy.unbonding_period;
        let paid = if shorter { self.in_seconds(was.policy.unbonding_period.0) } else { 0 };
        hold(is.longer_unbonding_ends_at.0 >= paid, "tickets of a longer period are forgotten")
    }

    /// Of a slasher that is there: more than it had waits, and places are taken in turn.
    pub(super) fn grants(&self, before: Option<&stake::Slasher>, is: &stake::Slasher) -> Verdict {
        let given = |one: &stake::Slasher| (one.rights, one.window_limit, one.slash_share);
        let was = before.copied().unwrap_or_default();
        if before.is_some() && given(&was) == given(is) {
            return hold((was.active_at, was.slot) == (is.active_at, is.slot), "a slasher's time or place changed");
        }
        let Some(pool) = self.known_before::<stake::Pool>(&is.pool) else { return Ok(()) };
        hold(self.by_authority(&pool.network), "a slasher that its network did not name")?;
        let slashes = |one: &stake::Slasher| one.rights & stake::rights::SLASH != 0;
        let more = !slashes(&was) || is.window_limit > was.window_limit || is.slash_share > was.slash_share;
        let period = pool.policy.unbonding_period.max(pool.next_unbonding_period).0;
        let waits = slashes(is) && more && self.now >= pool.setup_ends_at;
        let at = if waits { self.notice(pool, period) } else { Some(was.active_at.0) };
        hold(at.is_none_or(|at| is.active_at.0 == at), "a slasher slashes at another time than it may")?;
        if slashes(is) && !slashes(&was) {
            let places = stake::MAX_SLASHERS as u8;
            let mut in_turn = (0..places).map(|more| (pool.next_slot + more) % places);
            let next = in_turn.find(|place| pool.slasher_slots >> place & 1 == 0).map(|place| place + 1);
            hold(next == Some(is.slot), "a slasher takes another place than the next")?;
        }
        let bonds = |one: &stake::Slasher| one.rights & stake::rights::BOND != 0;
        let free_at = self.in_seconds(pool.policy.unbonding_period.0);
        let lost = bonds(&was) && !bonds(is);
        hold(!lost || is.bonds_free_at.0 == free_at, "bonds are free at another time than stake")
    }

    /// Of a proposal that begins: its dates, and that it is within the limits of its slasher and its pool.
    pub(super) fn proposed(&self, is: &stake::Slash) -> Verdict {
        let slasher = self.known_before::<stake::Slasher>(&is.slasher);
        let provider = self.known_before::<stake::Provider>(&is.provider);
        let Some((slasher, provider)) = slasher.zip(provider) else { return Ok(()) };
        let Some(pool) = self.known_before::<stake::Pool>(&provider.pool) else { return Ok(()) };
        let policy = &pool.policy;
        let executable_at = self.in_seconds(policy.slash_delay.0);
        let expires_at = executable_at + policy.slash_execution_window.0 as i64;
        hold((is.executable_at.0, is.expires_at.0) == (executable_at, expires_at), "a proposal has other dates")?;
        let may = slasher.rights & stake::rights::SLASH != 0 && self.now >= slasher.active_at;
        hold(may && slasher.pool == provider.pool, "proposed by a slasher that may not yet")?;
        let (Some(left), Some(counted)) = (
            self.after.get(&is.slasher).and_then(read::<stake::Slasher>),
            self.after.get(&is.provider).and_then(read::<stake::Provider>),
        ) else {
            return Ok(());
        };
        let window = policy.slash_window.0 as i64;
        let is_over = |began: Timestamp| self.now.0 >= began.0 + window;
        let used = if is_over(slasher.window_started_at) { 0 } else { slasher.window_proposed.0 };
        let all = used as u128 + is.amount.0 as u128;
        let in_limit = left.window_proposed.0 as u128 == all && all <= slasher.window_limit.0 as u128;
        hold(in_limit, "a slasher proposed more than its limit")?;
        let place = (slasher.slot as usize).wrapping_sub(1);
        let begins = is_over(provider.window_started_at);
        for (number, now) in counted.window_proposed.iter().enumerate() {
            let was = if begins { 0 } else { provider.window_proposed[number].0 };
            let own = if number == place { is.amount.0 } else { 0 };
            hold(now.0 as u128 == was as u128 + own as u128, "what was proposed is not counted")?;
        }
        if is.amount.0 != 0 {
            let stake = provider.stake().unwrap_or_default().0;
            let stake = if begins { stake } else { stake.max(provider.window_stake.0) };
            let part = |share: u16| stake as u128 * share as u128 / 10_000;
            let sum = counted.window_proposed.iter().map(|one| one.0 as u128).sum::<u128>();
            let own = counted.window_proposed.get(place).map_or(0, |one| one.0 as u128);
            hold(own <= part(slasher.slash_share.0), "a slasher proposed more than its part")?;
            hold(sum <= part(policy.slash_limit.0), "more is proposed than a pool's part")?;
            let is_all = own == part(slasher.slash_share.0) || sum == part(policy.slash_limit.0);
            hold(is.amount >= policy.min_slash || is_all, "a proposal for dust")?;
        }
        Ok(())
    }

    /// Of a ticket: when it leaves.
    pub(super) fn leaves_at(&self, before: Option<&stake::UnbondingTicket>, is: &stake::UnbondingTicket) -> Verdict {
        let provider = self.known_before::<stake::Provider>(&is.provider);
        let Some(pool) = provider.and_then(|one| self.known_before::<stake::Pool>(&one.pool)) else { return Ok(()) };
        let policy = &pool.policy;
        let at = match before {
            None => self.in_seconds(policy.unbonding_period.0),
            Some(was) if is.part.withheld > was.part.withheld => {
                self.in_seconds(policy.slash_delay.0) + policy.slash_execution_window.0 as i64
            }
            Some(was) => was.withdrawable_at.0,
        };
        hold(is.withdrawable_at.0 == at, "stake leaves at another time than its pool says")
    }

    /// Of a provider: commission, jail, and own stake that came.
    pub(super) fn notices(&self, was: &stake::Provider, is: &stake::Provider) -> Verdict {
        let Some(pool) = self.known_before::<stake::Pool>(&is.pool) else { return Ok(()) };
        let policy = &pool.policy;
        if is.commission != was.commission {
            let due = was.next_commission_at != Timestamp(0) && self.now >= was.next_commission_at;
            hold(due && is.commission == was.next_commission, "a commission that was not announced, or too early")?;
        }
        let next = |one: &stake::Provider| (one.next_commission, one.next_commission_at);
        if next(is) != next(was) && is.next_commission_at != Timestamp(0) {
            hold(self.by(&was.authority), "a commission that its provider did not announce")?;
            self.announced(policy, is)?;
        }
        let jailed = is.status == stake::status::JAILED;
        if jailed && (was.status != is.status || was.jail_ends_at != is.jail_ends_at) {
            let ends_at = self.in_seconds(policy.jail_period.0).max(was.jail_ends_at.0);
            hold(is.jail_ends_at.0 == ends_at, "a jail of another length")?;
        }
        let own = |one: &stake::Provider| one.own.0 + one.bonded.0;
        if own(is) > own(was) {
            let came = own(is) - own(was);
            let stands_at = self.in_seconds(policy.standing_period.0.max(1));
            let waits = |one: &stake::Provider, until: i64| {
                let parts = [(one.fresh, one.fresh_ends_at), (one.newer, one.newer_ends_at)];
                parts.iter().filter(|(_, at)| at.0 >= until).map(|(tokens, _)| tokens.0 as u128).sum::<u128>()
            };
            hold(waits(is, stands_at) >= came as u128, "stake counts before it stood")?;
            let first = was.fresh_ends_at.0 + 1;
            let may = waits(was, first) + came as u128;
            hold(was.fresh.0 == 0 || waits(is, first) <= may, "stake waits for what came after it")?;
        }
        Ok(())
    }

    fn announced(&self, policy: &stake::PoolPolicy, is: &stake::Provider) -> Verdict {
        let at = self.in_seconds(policy.commission_delay.0);
        hold(is.next_commission_at.0 == at, "a commission without its notice")?;
        let step = is.next_commission.0.abs_diff(is.commission.0);
        hold(step <= policy.max_commission_step.0, "a commission rises further than a step")?;
        hold(is.next_commission <= policy.max_commission, "a commission above the highest")
    }

    /// Of a provider that comes back: what it took when it was closed is what it takes.
    pub(super) fn comes_back(&self, stub: &stake::ProviderStub, is: &stake::Provider) -> Verdict {
        hold(is.commission <= stub.commission, "back with a higher commission")?;
        let Some(pool) = self.known_before::<stake::Pool>(&is.pool) else { return Ok(()) };
        if is.next_commission_at == Timestamp(0) { Ok(()) } else { self.announced(&pool.policy, is) }
    }

    /// Of a bond: when what was seized for its client leaves.
    pub(super) fn seized_at(&self, was: &stake::Bond, is: &stake::Bond) -> Verdict {
        let provider = self.known_before::<stake::Provider>(&is.provider);
        let Some(pool) = provider.and_then(|one| self.known_before::<stake::Pool>(&one.pool)) else { return Ok(()) };
        let at = self.in_seconds(pool.policy.unbonding_period.0);
        let more = is.amount < was.amount && is.seized.tokens > was.seized.tokens && is.seized.withheld == 0;
        hold(!more || is.withdrawable_at.0 == at, "seized tokens leave at another time than stake")
    }

    /// Of a delegation: its lock ends as long after it began as it is long, or is one that the owner had.
    pub(super) fn locked_until(&self, was: Option<&stake::Delegation>, is: &stake::Delegation) -> Verdict {
        let lock = |one: &stake::Delegation| (one.lock_ends_at, one.lock_period);
        if was.is_some_and(|was| lock(was) == lock(is)) || lock(is) == lock(&stake::Delegation::default()) {
            return Ok(());
        }
        let begins = is.lock_ends_at.0 == self.in_seconds(is.lock_period.0);
        let mut others = self.before.values().filter_map(read::<stake::Delegation>);
        let had = others.any(|other| other.owner == is.owner && lock(other) == lock(is));
        let shorter = was.is_some_and(|was| self.now < was.lock_ends_at && is.lock_ends_at < was.lock_ends_at);
        hold((begins || had) && !shorter, "a lock of another length")
    }
}

/// Rules that a pool may have.
fn possible(policy: &stake::PoolPolicy, mint: &Address, treasury: &Address) -> Verdict {
    let periods = [
        policy.unbonding_period,
        policy.reward_period,
        policy.commission_delay,
        policy.slash_delay,
        policy.slash_execution_window,
        policy.slash_window,
        policy.jail_period,
    ];
    hold(periods.iter().all(|period| (HOUR..=YEAR).contains(&period.0)), "a period of no time, or without end")?;
    hold(policy.slash_delay <= policy.unbonding_period, "a fault is decided when its stake has left")?;
    let burns = policy.slash_burned_share.0 != 0 || *treasury == SYSTEM_PROGRAM;
    hold(!burns || !NATIVE.contains(mint), "wrapped SOL is to be burned")
}
