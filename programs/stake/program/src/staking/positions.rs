//! What owners do with their stake: each a step of the pots between a settlement of rewards and a new weight.

use {
    crate::{Result, rewards, staking::pots},
    joule_common::guard::require,
    joule_interface::{Address, Fault},
    joule_math::{
        Bps, LOCK_MAX, LOCK_MIN, Seconds, Shares, Timestamp, Tokens, Weight, multiplier_floor, shares_for_deposit,
        weight_of_shares_floor,
    },
    joule_stake_interface::{
        StakeError,
        state::{Delegation, Provider, Rewards, UnbondingTicket, status},
    },
};

/// A provider, a delegation to it and the pool's rewards, now.
pub struct Position<'a> {
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

    /// Buys shares of the active pot, into the delegation.
    #[inline(always)]
    fn buy(&mut self, tokens: Tokens) -> Result<Shares> {
        require(self.provider.status != status::TOMBSTONED, StakeError::ProviderNotActive)?;
        let shares = pots::stake(self.provider, self.delegation, tokens)?;
        // Or the last day of a long lock would weigh as much as its whole.
        if self.delegation.is_locked(self.now) {
            self.delegation.lock_ends_at = self.now.after(self.delegation.lock_period)?;
        }
        Ok(shares)
    }

    /// Puts tokens in.
    #[inline(always)]
    pub fn stake(&mut self, tokens: Tokens) -> Result<Shares> {
        self.settle()?;
        let shares = self.buy(tokens)?;
        self.reweigh()?;
        Ok(shares)
    }

    /// Takes shares out. Returns the tokens that they are worth, and the shares of the unbonding pot.
    #[inline(always)]
    pub fn unstake(&mut self, shares: Shares) -> Result<(Tokens, Shares)> {
        self.settle()?;
        // There is nothing to wait for at a provider that never works again.
        let free = !self.delegation.is_locked(self.now) || self.provider.status == status::TOMBSTONED;
        require(free, StakeError::Locked)?;
        let left = pots::unstake(self.provider, self.delegation, shares)?;
        self.reweigh()?;
        Ok(left)
    }

    /// Takes a ticket back in. Returns the tokens that it is worth, and their shares.
    #[inline(always)]
    pub fn cancel(&mut self, ticket: &UnbondingTicket) -> Result<(Tokens, Shares)> {
        require(!is_redelegation(ticket), StakeError::Redelegating)?;
        self.settle()?;
        let tokens = pots::withdraw(self.provider, ticket)?;
        let shares = self.buy(tokens)?;
        self.reweigh()?;
        Ok((tokens, shares))
    }

    /// Locks all of it.
    #[inline(always)]
    pub fn lock(&mut self, duration: Seconds) -> Result<()> {
        self.settle()?;
        require((LOCK_MIN..=LOCK_MAX).contains(&duration), Fault::InvalidParameter)?;
        // What arrives later would join a lock without having been locked as long.
        require(self.delegation.incoming_weight.is_zero(), StakeError::IncomingStake)?;
        require(self.provider.status != status::TOMBSTONED, StakeError::ProviderNotActive)?;
        let ends = self.now.after(duration)?;
        require(ends >= self.delegation.lock_ends_at, StakeError::LockTooShort)?;
        self.delegation.lock_ends_at = ends;
        self.delegation.lock_period = duration;
        self.delegation.multiplier = multiplier_floor(duration)?;
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

    /// Stakes them. Returns the tokens and their shares.
    #[inline(always)]
    pub fn compound(&mut self) -> Result<(Tokens, Shares)> {
        self.settle()?;
        let tokens = rewards::claim(self.rewards, &mut self.delegation.accrued)?;
        let shares = self.buy(tokens)?;
        self.reweigh()?;
        Ok((tokens, shares))
    }

    /// Gives up shares that are worth nothing; then the delegation is empty.
    #[inline(always)]
    pub fn give_up(&mut self) -> Result<()> {
        self.settle()?;
        let delegation = &self.delegation;
        require(delegation.incoming_weight.is_zero() && delegation.claimable().is_zero(), StakeError::NotEmpty)?;
        pots::give_up(self.provider, self.delegation)?;
        self.reweigh()
    }

    /// Takes shares out for a delegation to another provider. Returns the tokens, their shares of the unbonding pot, and
    /// their weight at the other.
    ///
    /// Until they are through, the tokens back only the old provider: they are in its unbonding pot, and nothing of them
    /// is in the new one's pots, whose bonds and slashes count only what is there. They weigh as the shares would that
    /// they bought now.
    #[inline(always)]
    pub fn redelegate(
        &mut self,
        to: &mut Provider,
        target: &mut Delegation,
        shares: Shares,
    ) -> Result<(Tokens, Shares, Weight)> {
        let (tokens, shares) = self.unstake(shares)?;
        let mut there = Position { rewards: &mut *self.rewards, provider: to, delegation: target, now: self.now };
        there.settle()?;
        require(there.provider.status == status::ACTIVE, StakeError::ProviderNotActive)?;
        require(!there.delegation.is_locked(there.now), StakeError::Locked)?;
        let weight = incoming_weight(there.provider, tokens)?;
        there.delegation.incoming_weight = there.delegation.incoming_weight.plus(weight)?;
        there.reweigh()?;
        Ok((tokens, shares, weight))
    }

    /// Brings a redelegation's ticket in from the provider that it leaves, if it may leave; else weighs it again: less, if
    /// slashing left less. Returns tokens and their shares; none while it is on its way.
    ///
    /// This position is the one that it goes to.
    #[inline(always)]
    pub fn complete_redelegation(
        &mut self,
        from: &mut Provider,
        ticket: &mut UnbondingTicket,
    ) -> Result<(Tokens, Shares)> {
        self.settle()?;
        self.delegation.incoming_weight = self.delegation.incoming_weight.minus(ticket.weight)?;
        if self.now >= ticket.withdrawable_at && from.pending_slash_count == 0 {
            ticket.weight = Weight::ZERO;
            let tokens = pots::withdraw(from, ticket)?;
            // Of nothing nothing arrives, and the ticket is done all the same.
            let shares = if tokens.is_zero() { Shares::ZERO } else { self.buy(tokens)? };
            self.reweigh()?;
            return Ok((tokens, shares));
        }
        let worth = pots::worth(from, ticket)?;
        ticket.weight = ticket.weight.min(incoming_weight(self.provider, worth)?);
        self.delegation.incoming_weight = self.delegation.incoming_weight.plus(ticket.weight)?;
        self.reweigh()?;
        Ok((Tokens::ZERO, Shares::ZERO))
    }

    /// Makes a redelegation's ticket to this position an ordinary one.
    #[inline(always)]
    pub fn stop_redelegation(&mut self, ticket: &mut UnbondingTicket) -> Result<()> {
        self.settle()?;
        self.delegation.incoming_weight = self.delegation.incoming_weight.minus(ticket.weight)?;
        ticket.weight = Weight::ZERO;
        ticket.new_delegation = Address::default();
        self.reweigh()
    }
}

/// The ticket goes to another delegation.
#[inline(always)]
pub fn is_redelegation(ticket: &UnbondingTicket) -> bool {
    !joule_common::guard::eq(&ticket.new_delegation, &Address::new_from_array([0; 32]))
}

/// Weight of the shares that tokens would buy of a provider's active pot.
#[inline(always)]
fn incoming_weight(provider: &Provider, tokens: Tokens) -> Result<Weight> {
    let shares = shares_for_deposit(tokens, provider.active.tokens, provider.active.shares)?;
    Ok(weight_of_shares_floor(shares, Bps::WHOLE)?)
}

/// A ticket may be paid out: it is ripe, and no proposed slash may still reach it.
#[inline(always)]
pub fn may_leave(provider: &Provider, ticket: &UnbondingTicket, now: Timestamp) -> Result<()> {
    require(!is_redelegation(ticket), StakeError::Redelegating)?;
    require(now >= ticket.withdrawable_at, StakeError::NotWithdrawable)?;
    require(provider.pending_slash_count == 0, StakeError::SlashPending)
}
