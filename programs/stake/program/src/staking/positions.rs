//! What owners do with their stake: each is a step between a settlement of rewards and a new weight.

use {
    crate::{Result, rewards, staking::pots},
    joule_common::{guard::require, in_range},
    joule_interface::{Address, Fault},
    joule_math::{Bps, LOCK_MAX, LOCK_MIN, Seconds, Timestamp, Tokens, Weight, multiplier_floor, weight_floor},
    joule_stake_interface::{
        StakeError,
        state::{Delegation, Pool, Pot, Provider, Rewards, UnbondingPart, UnbondingTicket, status},
    },
};

/// A provider, a delegation to it and the pool's rewards, now.
pub struct Position<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// The pool's rewards.
    pub rewards: &'a mut Rewards,
    /// The provider.
    pub provider: &'a mut Provider,
    /// The delegation.
    pub delegation: &'a mut Delegation,
    /// Now.
    pub now: Timestamp,
}

impl Position<'_> {
    #[inline(always)]
    fn settle(&mut self) -> Result<()> {
        rewards::settle(self.rewards, self.provider, self.delegation, self.now)
    }

    #[inline(always)]
    fn reweigh(&mut self) -> Result<()> {
        rewards::reweigh(self.rewards, self.provider, self.delegation)
    }

    /// Puts tokens behind the provider, into the delegation. Delegated stake joins a running lock, which starts again unless the
    /// tokens were locked as long. Own stake joins it only if it was locked: what comes otherwise is to back jobs.
    #[inline(never)]
    fn add(&mut self, tokens: Tokens, lock: Lock) -> Result<()> {
        require(self.provider.status != status::TOMBSTONED, StakeError::ProviderNotActive)?;
        // It never stands in the second in which it came.
        let stands_at = self.now.after(self.pool.policy.standing_period.max(Seconds(1)))?;
        pots::stake(self.provider, self.delegation, tokens, self.now, stands_at)?;
        if self.is_own() && self.joins(&lock) {
            self.provider.locked = self.provider.locked.plus(tokens)?;
        }
        if self.restarts(&lock) {
            self.delegation.lock_ends_at = self.now.after(self.delegation.lock_period)?;
        }
        Ok(())
    }

    /// Stake that comes from a lock, or from none, joins the running one.
    #[inline(always)]
    fn joins(&self, lock: &Lock) -> bool {
        self.delegation.is_locked(self.now) && (!self.is_own() || self.now < lock.ends_at)
    }

    /// The lock starts again when stake joins it whose own one ended earlier, or was shorter and weighs less.
    #[inline(always)]
    fn restarts(&self, lock: &Lock) -> bool {
        self.joins(lock) && (self.delegation.lock_ends_at > lock.ends_at || self.delegation.lock_period > lock.period)
    }

    /// Puts tokens in.
    #[inline(always)]
    pub fn stake(&mut self, tokens: Tokens) -> Result<()> {
        self.settle()?;
        self.add(tokens, Lock::NONE)?;
        self.reweigh()
    }

    /// Takes tokens out, into the unbonding pot.
    #[inline(always)]
    pub fn unstake(&mut self, amount: Tokens) -> Result<UnbondingPart> {
        self.settle()?;
        require(self.is_own() || !self.is_held(), StakeError::Locked)?;
        self.take_out(amount)
    }

    /// The delegation is the provider's own stake.
    #[inline(always)]
    fn is_own(&self) -> bool {
        super::is_own(self.provider, self.delegation)
    }

    /// A lock holds the stake. None does at a provider that is out for good.
    #[inline(always)]
    fn is_held(&self) -> bool {
        self.delegation.is_locked(self.now)
            && self.provider.status != status::TOMBSTONED
            && !self.is_void(Lock::of(self.delegation))
    }

    /// A change that is worse for backers was announced after the lock began, and is not in force yet. Who locks stake knowing of
    /// the change is held: its stake would weigh as if it were locked. In the same second nobody knew: else whoever announces would
    /// complete a redelegation just before, which starts its owner's lock again.
    #[inline(always)]
    fn is_void(&self, lock: Lock) -> bool {
        let began_at = lock.ends_at.0.saturating_sub(lock.period.0 as i64);
        self.now < self.pool.exit_ends_at && began_at <= self.pool.exit_began_at.0
    }

    /// A locked delegator can go to another provider, with the rest of the lock: this one is in jail, or raises its commission.
    #[inline(always)]
    fn can_move_lock(&self) -> bool {
        let provider = &self.provider;
        let raises = provider.next_commission_at != Timestamp(0) && provider.next_commission > provider.commission;
        raises || provider.status == status::JAILED
    }

    /// Takes tokens out of a settled position, into the unbonding pot. Own stake but for what a lock holds.
    #[inline(never)]
    fn take_out(&mut self, amount: Tokens) -> Result<UnbondingPart> {
        let held = if self.is_held() { self.provider.locked } else { Tokens::ZERO };
        let part = pots::unstake(self.provider, self.delegation, amount, held)?;
        self.reweigh()?;
        Ok(part)
    }

    /// Takes a ticket back in. Returns the tokens that it is worth.
    #[inline(always)]
    pub fn cancel(&mut self, ticket: &UnbondingTicket) -> Result<Tokens> {
        require(!is_redelegation(ticket), StakeError::Redelegating)?;
        // It answers for proposed slashes, in which stake that comes now has another part.
        require(ticket.part.withheld == 0, StakeError::SlashPending)?;
        self.settle()?;
        let tokens = pots::leave(self.provider, &ticket.part)?;
        self.add(tokens, Lock::NONE)?;
        self.reweigh()?;
        Ok(tokens)
    }

    /// Locks all of it; of own stake, what no job holds.
    #[inline(always)]
    pub fn lock(&mut self, lock_period: Seconds) -> Result<()> {
        self.settle()?;
        in_range!((LOCK_MIN..=LOCK_MAX).contains(&lock_period), "lock_period")?;
        // What arrives later would join a lock without having been locked as long.
        require(self.delegation.incoming_count == 0, StakeError::IncomingStake)?;
        require(self.provider.status != status::TOMBSTONED, StakeError::ProviderNotActive)?;
        let ends_at = self.now.after(lock_period)?;
        require(ends_at >= self.delegation.lock_ends_at, StakeError::LockTooShort)?;
        self.delegation.lock_ends_at = ends_at;
        self.delegation.lock_period = lock_period;
        self.delegation.multiplier = multiplier_floor(lock_period)?;
        if self.is_own() {
            self.provider.locked = self.provider.own;
        }
        self.reweigh()
    }

    /// Ends a lock whose time has passed.
    #[inline(always)]
    pub fn end_lock(&mut self) -> Result<()> {
        require(!self.delegation.is_locked(self.now), StakeError::Locked)?;
        self.settle()?;
        self.reweigh()
    }

    /// Takes the whole tokens of the delegation's rewards.
    #[inline(always)]
    pub fn claim(&mut self) -> Result<Tokens> {
        self.settle()?;
        let tokens = rewards::claim(self.rewards, &mut self.delegation.accrued)?;
        self.reweigh()?;
        Ok(tokens)
    }

    /// Stakes them. Returns the tokens.
    #[inline(always)]
    pub fn compound(&mut self) -> Result<Tokens> {
        self.settle()?;
        let tokens = rewards::claim(self.rewards, &mut self.delegation.accrued)?;
        self.add(tokens, Lock::NONE)?;
        self.reweigh()?;
        Ok(tokens)
    }

    /// Gives up shares that are worth nothing; then the delegation is empty.
    #[inline(always)]
    pub fn give_up(&mut self) -> Result<()> {
        self.settle()?;
        let delegation = &self.delegation;
        require(delegation.incoming_count == 0 && delegation.claimable().is_zero(), StakeError::NotEmpty)?;
        pots::give_up(self.provider, self.delegation)?;
        // Tickets of a delegation that is opened again have other addresses.
        self.provider.ticket_base = self.provider.ticket_base.max(self.delegation.ticket_count);
        self.delegation.multiplier = Bps::WHOLE;
        self.reweigh()
    }

    /// Takes tokens out, into a ticket for the owner's delegation to another provider.
    ///
    /// Until they are through, the tokens back only the old provider: they are in its unbonding pot, and no bond or slash of the
    /// new one counts them. They earn with the new one, by what is left of them.
    #[inline(always)]
    pub fn redelegate(
        &mut self,
        new_provider: &mut Provider,
        new_delegation: &mut Delegation,
        amount: Tokens,
        ticket: &mut UnbondingTicket,
    ) -> Result<()> {
        self.settle()?;
        if self.is_own() {
            // Jail costs the provider its rewards, also those that it could have elsewhere until it is let out.
            require(self.provider.status != status::JAILED, StakeError::ProviderNotActive)?;
            require(self.provider.pending_slash_count == 0, StakeError::SlashPending)?;
        }
        let is_held = self.is_held() && !self.is_own();
        require(!is_held || self.can_move_lock(), StakeError::Locked)?;
        let lock = Lock::of(self.delegation);
        ticket.part = self.take_out(amount)?;
        let mut there = self.there(new_provider, new_delegation);
        there.settle()?;
        require(there.provider.status == status::ACTIVE, StakeError::ProviderNotActive)?;
        require(there.takes_stake(), StakeError::PotWornOut)?;
        if is_held {
            (ticket.lock_ends_at, ticket.lock_period) = (lock.ends_at, lock.period);
            there.join_lock(lock)?;
        } else {
            require(there.is_own() || !there.delegation.is_locked(there.now), StakeError::Locked)?;
        }
        there.delegation.incoming_count = there.delegation.incoming_count.checked_add(1).ok_or(Fault::Overflow)?;
        ticket.reward_index = there.provider.incoming_index;
        ticket.commission_index = there.provider.incoming_commission_index;
        ticket.weight = weight_floor(ticket.part.tokens, Bps::WHOLE)?;
        there.provider.incoming = there.provider.incoming.plus(ticket.weight)?;
        there.reweigh()
    }

    /// Locks this position at least as long as stake that comes from a lock.
    #[inline(always)]
    fn join_lock(&mut self, lock: Lock) -> Result<()> {
        if self.delegation.lock_ends_at >= lock.ends_at {
            return Ok(());
        }
        // Shares that are here would be locked without their owner's wish, and weigh as if they had been locked as long.
        let is_empty = self.delegation.shares.get() == 0;
        require(is_empty && !self.delegation.is_locked(self.now), StakeError::LockTooShort)?;
        (self.delegation.lock_ends_at, self.delegation.lock_period) = (lock.ends_at, lock.period);
        self.delegation.multiplier = multiplier_floor(lock.period)?;
        Ok(())
    }

    /// The owner's position with another provider.
    #[inline(always)]
    fn there<'a>(&'a mut self, provider: &'a mut Provider, delegation: &'a mut Delegation) -> Position<'a> {
        Position { pool: self.pool, rewards: &mut *self.rewards, provider, delegation, now: self.now }
    }

    /// Completes a redelegation to this position, if its time has come; else weighs it again: less, if slashes left less. Returns
    /// the tokens that arrived, and whether the ticket is through.
    #[inline(always)]
    pub fn complete_redelegation(
        &mut self,
        from: &mut Provider,
        ticket: &mut UnbondingTicket,
    ) -> Result<(Tokens, bool)> {
        self.settle()?;
        let worth = self.take_off_the_way(from, ticket)?;
        // What a lock holds does not leave by a provider that cannot take it.
        let leaves = !worth.is_zero() && !self.takes_stake();
        if self.waits(from, ticket) || leaves && !self.may_leave(from, ticket) {
            self.delegation.incoming_count += 1;
            ticket.weight = ticket.weight.min(weight_floor(worth, Bps::WHOLE)?);
            self.provider.incoming = self.provider.incoming.plus(ticket.weight)?;
            self.reweigh()?;
            return Ok((Tokens::ZERO, false));
        }
        ticket.weight = Weight::ZERO;
        if leaves {
            // It leaves the pool instead, and its owner or anyone else withdraws it.
            ticket.new_delegation = Address::default();
            self.reweigh()?;
            return Ok((Tokens::ZERO, false));
        }
        let tokens = pots::leave(from, &ticket.part)?;
        if !tokens.is_zero() {
            self.add(tokens, Lock::of_ticket(ticket))?;
        }
        self.reweigh()?;
        Ok((tokens, true))
    }

    /// A redelegation to this position cannot be completed yet: its time has not come; the provider that it leaves could be slashed
    /// of it; or the new one could, for what was before it came; or it would start a lock again that lets its owner leave now, and
    /// anyone can call.
    #[inline(always)]
    fn waits(&self, from: &Provider, ticket: &UnbondingTicket) -> bool {
        let proposed = from.pending_slash_count != 0 || self.provider.pending_slash_count != 0;
        let takes_exit = self.is_void(Lock::of(self.delegation)) && self.restarts(&Lock::of_ticket(ticket));
        proposed || takes_exit || self.now < ticket.withdrawable_at
    }

    /// No lock keeps a ticket that is on its way to this position in the pool.
    #[inline(always)]
    fn may_leave(&self, from: &Provider, ticket: &UnbondingTicket) -> bool {
        let lock = Lock::of_ticket(ticket);
        let is_out = |provider: &Provider| provider.status == status::TOMBSTONED;
        self.now >= lock.ends_at || self.is_void(lock) || is_out(self.provider) || is_out(from)
    }

    /// Makes a redelegation's ticket to this position an ordinary one.
    #[inline(always)]
    pub fn stop_redelegation(&mut self, from: &Provider, ticket: &mut UnbondingTicket) -> Result<()> {
        self.settle()?;
        require(self.may_leave(from, ticket), StakeError::Locked)?;
        self.take_off_the_way(from, ticket)?;
        ticket.weight = Weight::ZERO;
        ticket.new_delegation = Address::default();
        self.reweigh()
    }

    /// Accrues what a ticket earned on its way here, and counts it no more. Returns what it is worth.
    #[inline(never)]
    fn take_off_the_way(&mut self, from: &Provider, ticket: &mut UnbondingTicket) -> Result<Tokens> {
        let worth = from.unbonding.worth(&ticket.part)?;
        rewards::settle_ticket(self.rewards, self.provider, self.delegation, ticket, worth)?;
        self.provider.incoming = self.provider.incoming.minus(ticket.weight)?;
        self.delegation.incoming_count = self.delegation.incoming_count.checked_sub(1).ok_or(Fault::Overflow)?;
        Ok(worth)
    }

    /// The provider takes stake of this delegation's owner.
    #[inline(always)]
    fn takes_stake(&self) -> bool {
        let pot = &self.provider.delegated;
        let sells = pot.shares.get() == 0 || pot.price >= Pot::LEAST_PRICE;
        self.provider.status != status::TOMBSTONED && (sells || self.is_own())
    }
}

/// When stake's lock ends, and how long it is in all.
#[derive(Clone, Copy, PartialEq)]
pub struct Lock {
    ends_at: Timestamp,
    period: Seconds,
}

impl Lock {
    const NONE: Self = Self { ends_at: Timestamp(0), period: Seconds(0) };

    /// Of a delegation.
    #[inline(always)]
    pub fn of(delegation: &Delegation) -> Self {
        Self { ends_at: delegation.lock_ends_at, period: delegation.lock_period }
    }

    #[inline(always)]
    fn of_ticket(ticket: &UnbondingTicket) -> Self {
        Self { ends_at: ticket.lock_ends_at, period: ticket.lock_period }
    }
}

/// The ticket goes to another delegation.
#[inline(always)]
pub fn is_redelegation(ticket: &UnbondingTicket) -> bool {
    !joule_common::guard::eq(&ticket.new_delegation, &Address::new_from_array([0; 32]))
}
