//! `stake`: who may change what of an account is told elsewhere; here, that nothing changes but by what happened around it, and what
//! dates, locks, windows, records and rewards become by it.

use {
    super::{
        NEVER, Transition, Verdict, hold, later, part_up, supply,
        whole::{equal, equal_but},
    },
    crate::books::read,
    joule_bme_interface::state::Network,
    joule_interface::Address,
    joule_math::{
        Bps, PRICE_ONE, Seconds, Timestamp, Tokens, U128, Weight, decay_floor, earned_floor, earned_of_shares_floor,
        fraction_floor, index_step_floor, multiplier_floor, part_floor, weight_of_shares_floor,
    },
    joule_stake_interface::{pda, state::*},
};

const NOBODY: Address = Address::new_from_array([0; 32]);
const DAY: i64 = 86_400;
const CHANGE_WINDOW: Seconds = Seconds(14 * 86_400);
/// Tokens are counted with so many fractional bits.
const FRACTION: u32 = 64;

/// What fields of a provider change together.
const WEIGHTS: &[&str] =
    &["own_weight", "pot_weight", "incoming_weight", "incoming", "delegated_weight", "own_multiplier"];
const POTS: &[&str] = &["delegated", "unbonding", "withheld", "withheld_liable", "slashed", "treasury_due"];
const STAYING: &[&str] = &["staying", "staying_scale"];

impl Transition<'_> {
    fn pool_of(&self, provider: &Address) -> Option<&Pool> {
        self.find::<Provider>(provider).and_then(|provider| self.find::<Pool>(&provider.pool))
    }

    /// The pool's rewards, if they could change, before and after.
    fn rewards_of(&self, pool: &Address) -> Option<(&Rewards, &Rewards)> {
        let (at, was) = self.before.iter().find_map(|(at, account)| {
            read::<Rewards>(account).filter(|rewards| rewards.pool == *pool).map(|rewards| (at, rewards))
        })?;
        Some((was, self.after.get(at).and_then(read::<Rewards>)?))
    }

    /// The ticket of this number of a delegation began in this call.
    fn began(&self, delegation: &Address, number: u64) -> Option<&UnbondingTicket> {
        let at = pda::ticket::find(delegation, &number.to_le_bytes()).0;
        let was = self.was::<UnbondingTicket>(&at).is_some();
        self.after.get(&at).filter(|_| !was).and_then(read::<UnbondingTicket>)
    }

    // ---- The pool.

    /// A pool counts who is in it, and its rules change by what was announced.
    pub(super) fn reckon_pool(&self, address: &Address, before: Option<&Pool>, is: &Pool) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            let setup_ends_at = later(now, SETUP_PERIOD);
            let (network, mint, vault, token_program) = (is.network, is.mint, is.vault, is.token_program);
            let (treasury, rewards, policy, payer) = (is.treasury, is.rewards, is.policy, is.payer);
            let decimals = self.before.get(&is.mint).and_then(|mint| mint.data.get(44)).copied().unwrap_or(is.decimals);
            let e =
                Pool { network, mint, vault, token_program, treasury, rewards, policy, payer, ..Default::default() };
            return equal(&Pool { setup_ends_at, decimals, ..e }, is);
        };
        let mut e = *was;
        if is.provider_count != was.provider_count {
            let closed = self.gone::<Provider>().filter(|(_, one)| one.pool == *address).count() as u32;
            let opened =
                self.there::<Provider>().filter(|(at, one)| one.pool == *address && self.was::<Provider>(at).is_none());
            e.provider_count = was.provider_count + opened.count().min(1) as u32 - closed;
        }
        // Announced rules, and those in force.
        let gone = self.gone::<PolicyChange>().map(|(_, change)| change).find(|change| change.pool == *address);
        let mut announced = vec![];
        if let Some(change) = gone {
            e.next_unbonding_period = Seconds(0);
            if (is.policy, is.treasury) != (was.policy, was.treasury) || self.is_in_force(change, is) {
                let in_time = now >= change.executable_at && now <= later(change.executable_at, CHANGE_WINDOW);
                hold(in_time, "rules in force out of their time")?;
                if change.policy.unbonding_period < was.policy.unbonding_period {
                    let ends_at = later(now, was.policy.unbonding_period);
                    e.longer_unbonding_ends_at = was.longer_unbonding_ends_at.max(ends_at);
                }
                (e.policy, e.treasury) = (change.policy, change.treasury);
            }
        } else if is.next_unbonding_period != was.next_unbonding_period {
            let change = self.there::<PolicyChange>().map(|(_, change)| change).find(|change| change.pool == *address);
            let change = change.ok_or("a period to come that nobody proposed")?;
            e.next_unbonding_period = change.policy.unbonding_period;
            announced.push(change.executable_at);
        } else if let Some((at, change)) = self.there::<PolicyChange>().find(|(_, change)| change.pool == *address)
            && self.was::<PolicyChange>(at).is_none()
            && is.exit_began_at == now
        {
            announced.push(change.executable_at);
        }
        // Slashers.
        for (at, new) in self.there::<Slasher>().filter(|(_, one)| one.pool == *address) {
            let old = self.was::<Slasher>(at).copied();
            if old.is_none() && is.slasher_count == was.slasher_count || old == Some(*new) {
                continue;
            }
            if old.is_none() && !self.is_named_now(new) {
                continue;
            }
            let old = old.unwrap_or_else(|| {
                e.slasher_count += 1;
                Slasher::default()
            });
            e.slash_shares = Bps(e.slash_shares.0 + new.slash_share.0 - old.slash_share.0);
            if old.slot == 0 && new.slot != 0 {
                e.slasher_slots |= 1 << (new.slot - 1);
                e.next_slot = new.slot % MAX_SLASHERS as u8;
            } else if old.slot != 0 && new.slot == 0 {
                e.slasher_slots &= !(1 << (old.slot - 1));
            }
            if new.active_at != old.active_at {
                announced.push(new.active_at);
            }
        }
        e.slasher_count -= self.gone::<Slasher>().filter(|(_, one)| one.pool == *address).count() as u32;
        if let Some(at) =
            announced.first().filter(|_| (is.exit_began_at, is.exit_ends_at) != (was.exit_began_at, was.exit_ends_at))
        {
            (e.exit_began_at, e.exit_ends_at) = (now, was.exit_ends_at.max(*at));
        }
        equal(&e, is)
    }

    fn is_in_force(&self, change: &PolicyChange, is: &Pool) -> bool {
        let authority =
            self.find::<Network>(&is.network).is_some_and(|network| self.signers.contains(&network.authority));
        let is_late = self.now > later(change.executable_at, CHANGE_WINDOW);
        !authority && !is_late && (change.policy, change.treasury) == (is.policy, is.treasury)
    }

    /// One that is not among those that could be written was there before.
    fn is_named_now(&self, slasher: &Slasher) -> bool {
        self.signers.contains(&slasher.payer) && slasher.window_started_at == NEVER && slasher.window_proposed.0 == 0
    }

    /// What arrives arrives evenly; what is added, over the mean of both times.
    pub(super) fn reckon_rewards(&self, _: &Address, before: Option<&Rewards>, is: &Rewards) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            return equal(&Rewards { pool: is.pool, updated_at: now, ..Default::default() }, is);
        };
        let mut e = advanced(was, now);
        let claimed = was.unclaimed.0.saturating_sub(is.unclaimed.0);
        e.unclaimed.0 -= claimed;
        let tokens = is.unclaimed.0.saturating_sub(was.unclaimed.0);
        if tokens > 0 {
            let Some(pool) = self.find::<Pool>(&is.pool) else { return Ok(()) };
            e.unclaimed.0 += tokens;
            e.funding_period = pool.policy.reward_period;
            distribute(&mut e, tokens, pool.policy.reward_period);
        }
        if is.returned != was.returned || is.undistributed > e.undistributed {
            // What weight without tokens accrued comes again: never sooner than the latest funding.
            hold(is.undistributed >= e.undistributed, "rewards arrived faster than time passes")?;
            return equal_but(&e, is, &["total_weight", "undistributed", "distribution_period", "returned"]);
        }
        equal_but(&e, is, &["total_weight"])
    }

    /// Announced rules wait, and stay what they are.
    pub(super) fn reckon_rules(&self, _: &Address, before: Option<&PolicyChange>, is: &PolicyChange) -> Verdict {
        before.map_or(Ok(()), |was| equal(was, is))
    }

    // ---- Providers.

    /// Nothing of a provider changes but by what happened: by its tickets, bonds, slashes and delegations, and by settling rewards.
    pub(super) fn reckon_provider(&self, address: &Address, before: Option<&Provider>, is: &Provider) -> Verdict {
        let now = self.now;
        let Some(pool) = self.find::<Pool>(&is.pool) else { return Ok(()) };
        let Some(was) = before else { return self.provider_begins(address, is) };
        let mut e = *was;
        let mut but: Vec<&str> = vec![];
        let policy = &pool.policy;
        let rewards = self.rewards_of(&was.pool);
        let tickets = self.changes::<UnbondingTicket>().map(|(_, was, _)| was);
        let tickets = tickets.chain(self.gone::<UnbondingTicket>().map(|(_, was)| was));
        let mut tickets: Vec<UnbondingTicket> = tickets.filter(|one| one.provider == *address).copied().collect();
        let mut new_tickets = 0;
        let mut delegations = 0;
        let mut own_delegation = None;
        let given = self.before.iter().filter_map(|(at, account)| {
            Some((at, read::<Delegation>(account)?, self.after.get(at).and_then(read::<Delegation>)?))
        });
        for (at, old, new) in given.filter(|(_, one, _)| one.provider == *address) {
            delegations += 1;
            if new.owner == was.authority {
                own_delegation = Some((*old, *new));
            }
            if new.ticket_count != old.ticket_count
                && let Some(ticket) = self.began(at, old.ticket_count)
            {
                tickets.push(*ticket);
                new_tickets += 1;
            }
        }
        let gone: Vec<_> = self.gone::<Delegation>().filter(|(_, one)| one.provider == *address).collect();
        let bonds = self.bonds_moved(address);
        let begun = (is.slash_count == was.slash_count + 1).then_some(()).and_then(|()| {
            let mut slashes = self.there::<Slash>().map(|(_, slash)| slash);
            slashes.find(|slash| slash.provider == *address && slash.index == was.slash_count)
        });
        let ended: Vec<_> = self.gone::<Slash>().filter(|(_, slash)| slash.provider == *address).collect();
        let is_executed = !ended.is_empty() && rewards.is_some();
        // Rewards and commission.
        if rewards.is_some() {
            but.extend(WEIGHTS);
        }
        if is.pool_reward_index != was.pool_reward_index {
            let (_, after) = rewards.ok_or("rewards were settled without the pool's")?;
            hold(is.pool_reward_index == after.reward_index, "settled up to another index than the pool's")?;
            accrue(&mut e, after.reward_index.get()).map_err(|_| "rewards overflow")?;
            let due = was.next_commission_at != NEVER && now >= was.next_commission_at;
            hold(!due || is.commission == was.next_commission, "a commission that is due does not apply")?;
        }
        if let Some((old, new)) = own_delegation.filter(|_| rewards.is_some()) {
            let takes = new.accrued.get() + claimed_of(rewards) >= old.accrued.get() + e.own_accrued.get();
            hold(takes || is.own_accrued == e.own_accrued, "own rewards are another's")?;
            e.own_accrued = is.own_accrued;
            hold(is.own_accrued.get() == 0, "own rewards were not taken over")?;
        }
        let on_the_way = tickets.is_empty() && self.tickets_to(address);
        if on_the_way || tickets.iter().any(|ticket| ticket.new_delegation != NOBODY) {
            but.push("commission_accrued");
        }
        if is.commission_accrued != e.commission_accrued && !but.contains(&"commission_accrued") {
            let (old, new) = rewards.ok_or("commission without rewards")?;
            let paid = (old.unclaimed.0.saturating_sub(new.unclaimed.0) as u128) << FRACTION;
            hold(e.commission_accrued.get() == is.commission_accrued.get() + paid, "another commission than accrued")?;
            e.commission_accrued = is.commission_accrued;
        }
        let due = was.next_commission_at != NEVER && now >= was.next_commission_at;
        if due && (is.commission, is.next_commission_at) != (was.commission, was.next_commission_at) {
            (e.commission, e.next_commission_at) = (was.next_commission, NEVER);
        }
        if (is.next_commission, is.next_commission_at) != (e.next_commission, e.next_commission_at) {
            hold(self.signers.contains(&was.authority), "a commission that its provider did not announce")?;
            let step = is.next_commission.0.abs_diff(e.commission.0);
            let may = step <= policy.max_commission_step.0 && is.next_commission <= policy.max_commission;
            hold(may, "a commission above the highest, or further than a step")?;
            (e.next_commission, e.next_commission_at) = (is.next_commission, later(now, policy.commission_delay));
        }
        // Slashes.
        if let Some(slash) = begun {
            e.slash_count += 1;
            if now >= later(was.window_started_at, policy.slash_window) {
                (e.window_started_at, e.window_stake) = (now, was.stake().unwrap_or_default());
                (e.window_proposed, e.window_sentences) = Default::default();
            }
            let place = slash.slot as usize - 1;
            e.window_proposed[place].0 += slash.amount.0;
            e.window_sentences[place] += (slash.sentence != sentence::FINE) as u8;
            e.pending_slashes[place] += 1;
            hold(e.window_sentences[place] <= MAX_SENTENCES, "more sentences than a window has")?;
            hold(e.pending_slashes[place] <= MAX_PENDING_SLASHES, "more proposals than may be pending")?;
            e.slash_pending.0 += slash.amount.0;
            e.pending_slash_count += 1;
            if was.pending_slash_count == 0 {
                e.staying = PRICE_ONE;
            }
        }
        for (_, slash) in &ended {
            e.slash_pending.0 -= slash.amount.0;
            e.pending_slash_count -= 1;
            let place = (slash.slot as usize).wrapping_sub(1);
            if let Some(pending) = e.pending_slashes.get_mut(place) {
                *pending = pending.saturating_sub(1);
            }
            but.push("withheld_liable");
            let none_left = e.pending_slash_count == 0;
            hold(!none_left || is.withheld_liable.0 == 0, "what was withheld stays liable for nothing")?;
            if is_executed {
                but.extend(["own", "lien", "delegated", "unbonding", "withheld", "slashed"]);
                let own = |one: &Provider| one.own_stake().unwrap_or_default().0;
                hold(is.own.0 == 0 || is.lien == was.lien, "a lien while there is free stake")?;
                e.locked = was.locked.min(is.own);
                hold(own(is) <= own(was), "a slash gave something")?;
                match slash.sentence {
                    sentence::FINE => {}
                    _ if was.status == status::TOMBSTONED => {}
                    sentence::TOMBSTONE => e.status = status::TOMBSTONED,
                    _ => {
                        e.status = status::JAILED;
                        e.jail_ends_at = was.jail_ends_at.max(later(now, policy.jail_period));
                    }
                }
            }
        }
        if ended.is_empty() && was.status == status::JAILED && is.status == status::ACTIVE {
            e.status = status::ACTIVE;
        }
        // Bonds.
        if bonds {
            but.extend(["own", "bonded", "lien", "unbonding", "slashed", "treasury_due"]);
            ripen(&mut e, now);
            if (is.fresh, is.newer) == (was.fresh, was.newer) {
                (e.fresh, e.newer, e.fresh_ends_at, e.newer_ends_at) =
                    (was.fresh, was.newer, was.fresh_ends_at, was.newer_ends_at);
            }
            let given = self.before.values().chain(self.after.values()).filter_map(read::<Bond>);
            if { given }.any(|bond| bond.provider == *address && bond.seized.withheld == 1) {
                but.extend(POTS);
                but.extend(STAYING);
            }
        }
        // Stake that comes and goes.
        if !tickets.is_empty() || delegations > 0 || !gone.is_empty() {
            but.extend(["delegated", "unbonding", "withheld", "withheld_liable"]);
            if tickets.iter().any(|ticket| ticket.owner == was.authority) || own_delegation.is_some() {
                but.push("own");
            }
            if new_tickets == 0 && !tickets.is_empty() {
                but.extend(STAYING);
            }
            // What a bond gives back has been there all the time.
            if !bonds {
                self.own_comes_and_goes(policy, was, is, own_delegation.as_ref(), &mut e)?;
            }
        }
        let price = |pot: &UnbondingPot| (pot.price, pot.scale);
        let keeps = is_executed || is.unbonding.ticket_count == 0 || was.unbonding.ticket_count == 0;
        hold(keeps || price(&is.unbonding) == price(&was.unbonding), "what leaves has another price without a slash")?;
        let keeps = is_executed || is.delegated.shares.get() == 0 || was.delegated.shares.get() == 0;
        hold(keeps || is.delegated.price == was.delegated.price, "stake has another price without a slash")?;
        for (_, delegation) in &gone {
            e.delegation_count -= 1;
            e.ticket_base = e.ticket_base.max(delegation.ticket_count);
        }
        if is.delegation_count > was.delegation_count {
            let opened = self.there::<Delegation>().filter(|(at, one)| {
                one.provider == *address && self.was::<Delegation>(at).is_none() && self.is_opened_now(one)
            });
            hold(
                opened.count() as u32 >= is.delegation_count - was.delegation_count,
                "a delegation that is not there",
            )?;
            but.push("delegation_count");
            but.extend(["delegated"]);
        }
        if is.slashed.0 < was.slashed.0 || is.treasury_due.0 < was.treasury_due.0 {
            self.settled_slashed(pool, was, is, &mut e)?;
        }
        self.reported(was, is, &mut e)?;
        equal_but(&e, is, &but)
    }

    /// A delegation that may have begun in this call.
    fn is_opened_now(&self, delegation: &Delegation) -> bool {
        self.signers.contains(&delegation.payer)
    }

    fn tickets_to(&self, provider: &Address) -> bool {
        let to = |ticket: &UnbondingTicket| {
            self.find::<Delegation>(&ticket.new_delegation).is_some_and(|target| target.provider == *provider)
        };
        let moved = self.changes::<UnbondingTicket>().map(|(_, was, _)| was);
        moved.chain(self.gone::<UnbondingTicket>().map(|(_, was)| was)).any(to)
    }

    /// Some bond of the provider began, changed or ended.
    fn bonds_moved(&self, provider: &Address) -> bool {
        let old = self.before.iter().any(|(at, account)| {
            let bond = read::<Bond>(account).filter(|bond| bond.provider == *provider);
            bond.is_some() && self.after.get(at) != Some(account)
        });
        let new = self.there::<Bond>().any(|(at, bond)| bond.provider == *provider && self.was::<Bond>(at).is_none());
        old || new
    }

    /// Own stake that comes waits until it counts; what comes last leaves first; a lock holds what was locked.
    fn own_comes_and_goes(
        &self,
        policy: &PoolPolicy,
        was: &Provider,
        is: &Provider,
        own: Option<&(Delegation, Delegation)>,
        e: &mut Provider,
    ) -> Verdict {
        let now = self.now;
        let Some((old, new)) = own else { return Ok(()) };
        let ended = old.lock_ends_at != NEVER && now >= old.lock_ends_at;
        let locks = (new.lock_ends_at, new.lock_period) != (old.lock_ends_at, old.lock_period) && !ended;
        if ended || old.lock_ends_at == NEVER {
            e.locked = Tokens(0);
        }
        let came = is.own.0.saturating_sub(was.own.0);
        let left = was.own.0.saturating_sub(is.own.0);
        if came > 0 {
            let stands_at = later(now, Seconds(policy.standing_period.0.max(1)));
            ripen(e, now);
            let is_first = e.fresh.0 == 0 || e.fresh_ends_at == stands_at;
            let (tokens, ends_at) =
                if is_first { (&mut e.fresh, &mut e.fresh_ends_at) } else { (&mut e.newer, &mut e.newer_ends_at) };
            tokens.0 += came;
            *ends_at = (*ends_at).max(stands_at);
            let mut tickets = self.gone::<UnbondingTicket>().map(|(_, ticket)| ticket);
            let joins = now < old.lock_ends_at && tickets.any(|ticket| now < ticket.lock_ends_at);
            if joins {
                e.locked.0 += came;
            }
        }
        if left > 0 {
            let newer = e.newer.0.min(left);
            e.newer.0 -= newer;
            e.fresh.0 = e.fresh.0.saturating_sub(left - newer);
            e.locked = e.locked.min(is.own);
        }
        let is_target = new.incoming_count != old.incoming_count;
        if came == 0 && left == 0 && !is_target && (locks || now < new.lock_ends_at && is.locked != e.locked) {
            hold(self.signers.contains(&was.authority), "own stake was locked by another")?;
            e.locked = is.own;
        }
        Ok(())
    }

    fn provider_begins(&self, address: &Address, is: &Provider) -> Verdict {
        let mut e = Provider { pool: is.pool, authority: is.authority, payer: is.payer, ..Default::default() };
        (e.status, e.own_multiplier, e.commission) = (status::ACTIVE, Bps::WHOLE, is.commission);
        let Some(stub) = self.was::<ProviderStub>(address) else { return equal(&e, is) };
        (e.slash_count, e.ticket_base, e.reputation) = (stub.slash_count, stub.ticket_base, stub.reputation);
        hold(stub.status != status::TOMBSTONED, "one that is out for good is back")?;
        equal_but(&e, is, &["next_commission", "next_commission_at"])
    }

    /// What was slashed is burned by the policy's part, and the treasury's otherwise; without a treasury all is burned.
    fn settled_slashed(&self, pool: &Pool, was: &Provider, is: &Provider, e: &mut Provider) -> Verdict {
        let slashed = was.slashed.0;
        let has_treasury = pool.treasury != NOBODY;
        let burned = if has_treasury { part_up(slashed, pool.policy.slash_burned_share) } else { slashed };
        let due = was.treasury_due.0 + slashed - burned;
        let supplies = [self.before, self.after].map(|accounts| accounts.get(&pool.mint).and_then(supply));
        if let [Some(old), Some(new)] = supplies {
            let all = if has_treasury { burned } else { burned + due };
            hold(old - new == all, "another part of what was slashed was burned")?;
        }
        e.slashed = Tokens(0);
        let is_paid = !has_treasury || is.treasury_due.0 == 0;
        e.treasury_due = Tokens(if is_paid { 0 } else { due });
        Ok(())
    }

    /// A record counts each job once, by its weight, as it went; and fades by days.
    fn reported(&self, was: &Provider, is: &Provider, e: &mut Provider) -> Verdict {
        let (old, new) = (&was.reputation, &is.reputation);
        if old == new {
            return Ok(());
        }
        e.reputation = *new;
        counted(old, new, self.now)
    }

    pub(super) fn reckon_stub(&self, _: &Address, before: Option<&ProviderStub>, is: &ProviderStub) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        if was.reputation != is.reputation {
            counted(&was.reputation, &is.reputation, self.now)?;
        }
        equal_but(was, is, &["reputation"])
    }

    // ---- Owners.

    /// A delegation earns by its weight; its lock starts again with what joins it; its tickets are numbered on.
    pub(super) fn reckon_delegation(&self, address: &Address, before: Option<&Delegation>, is: &Delegation) -> Verdict {
        let now = self.now;
        let provider = self.after.get(&is.provider).and_then(read::<Provider>);
        let was_provider = self.was::<Provider>(&is.provider);
        let Some(provider) = provider else { return Ok(()) };
        let Some(was) = before else {
            let (at, owner, payer) = (is.provider, is.owner, is.payer);
            let base = was_provider.map_or(is.ticket_count, |provider| provider.ticket_base);
            hold(is.ticket_count == base, "tickets of a new delegation have numbers of old ones")?;
            let e = Delegation {
                provider: at,
                owner,
                payer,
                multiplier: Bps::WHOLE,
                ticket_count: base,
                ..Default::default()
            };
            if is.shares.get() == 0 {
                return equal(&e, is);
            }
            hold(
                is.reward_index == provider.reward_index && is.accrued.get() == 0,
                "a new delegation earns what came before",
            )?;
            let locks = is.lock_ends_at != NEVER;
            hold(!locks || is.lock_ends_at == later(now, is.lock_period), "a lock of another length")?;
            return self.weighed(is, provider);
        };
        let is_own = is.owner == provider.authority;
        let rewards = self.rewards_of(&provider.pool);
        let mut e = *was;
        let mut but = vec!["weight"];
        if is.ticket_count != was.ticket_count {
            hold(self.began(address, was.ticket_count).is_some(), "a number was given to no ticket")?;
            e.ticket_count += 1;
        }
        // A lock whose time has passed ends.
        let settles = rewards.is_some();
        if settles && now >= e.lock_ends_at {
            (e.lock_ends_at, e.lock_period, e.multiplier) = (NEVER, Seconds(0), Bps::WHOLE);
        }
        // Tickets on their way here.
        let target = |ticket: &&UnbondingTicket| ticket.new_delegation == *address;
        let mut arrived: Vec<UnbondingTicket> = vec![];
        let mut on_the_way = false;
        for (at, ticket) in self.gone::<UnbondingTicket>().filter(|(_, ticket)| target(ticket)) {
            let _ = at;
            e.incoming_count -= 1;
            arrived.push(*ticket);
        }
        for (_, old, new) in self.changes::<UnbondingTicket>().filter(|(_, old, _)| target(old)) {
            e.incoming_count -= (new.new_delegation != old.new_delegation) as u32;
            on_the_way = true;
        }
        let mut comes = None;
        for (at, old, new) in
            self.changes::<Delegation>().filter(|(at, one, _)| *at != address && one.owner == was.owner)
        {
            if new.ticket_count != old.ticket_count
                && let Some(ticket) = self.began(at, old.ticket_count).filter(target)
            {
                e.incoming_count += 1;
                comes = Some(*ticket);
            }
        }
        if !arrived.is_empty() || on_the_way {
            but.push("accrued");
        }
        // Shares, by the price of the pot.
        let came = provider.delegated.tokens.0.saturating_sub(was_provider.map_or(0, |one| one.delegated.tokens.0));
        let owns = was_provider.map_or(0, |one| one.own.0);
        let own_came = if is_own { provider.own.0.saturating_sub(owns) } else { 0 };
        let gains = if is_own { own_came > 0 } else { is.shares.get() > was.shares.get() };
        if is.shares.get() > was.shares.get() {
            let price =
                was_provider.filter(|one| one.delegated.shares.get() != 0).map_or(PRICE_ONE, |one| one.delegated.price);
            let shares = joule_math::shares_for_deposit(Tokens(came), price).map_err(|_| "shares overflow")?;
            hold(is.shares.get() - was.shares.get() == shares, "shares at another price than the pot's")?;
            e.shares = is.shares;
        } else if is.shares.get() < was.shares.get() {
            hold(is.ticket_count != was.ticket_count, "shares left without a ticket")?;
            e.shares = is.shares;
        }
        // Locks.
        let lock = (e.lock_ends_at, e.lock_period);
        if gains && now < e.lock_ends_at {
            let brought =
                arrived.first().map_or((NEVER, Seconds(0)), |ticket| (ticket.lock_ends_at, ticket.lock_period));
            let joins = !is_own || now < brought.0;
            let restarts = joins && (lock.0 > brought.0 || lock.1 > brought.1);
            if restarts {
                e.lock_ends_at = later(now, e.lock_period);
            }
        } else if !gains && (is.lock_ends_at, is.lock_period) != lock {
            if let Some(ticket) = comes {
                let is_joined = (is.lock_ends_at, is.lock_period) == (ticket.lock_ends_at, ticket.lock_period);
                hold(is_joined && lock.0 < ticket.lock_ends_at, "a lock that came from nowhere")?;
            } else {
                hold(self.signers.contains(&was.owner), "a lock that its owner did not begin")?;
                hold(is.lock_ends_at == later(now, is.lock_period), "a lock of another length")?;
            }
            (e.lock_ends_at, e.lock_period) = (is.lock_ends_at, is.lock_period);
            e.multiplier = multiplier_floor(is.lock_period).map_err(|_| "a lock of no length")?;
        }
        // Rewards.
        if settles {
            e.reward_index = provider.reward_index;
            let earned = if is_own {
                None
            } else {
                earned_of_shares_floor(was.weight.get(), was.reward_index.get(), provider.reward_index.get()).ok()
            };
            let paid = claimed_of(rewards);
            match earned {
                Some(earned) => {
                    let all = was.accrued.get() + earned;
                    hold(all >= paid || but.contains(&"accrued"), "more rewards were claimed than accrued")?;
                    e.accrued = U128::new(all.saturating_sub(paid));
                }
                None => but.push("accrued"),
            }
        }
        equal_but(&e, is, &but)?;
        self.weighed(is, provider)
    }

    /// A delegation weighs its shares by its lock; own stake is weighed with its provider.
    fn weighed(&self, is: &Delegation, provider: &Provider) -> Verdict {
        if self.rewards_of(&provider.pool).is_none() {
            return Ok(());
        }
        let is_own = is.owner == provider.authority;
        let weight = if is_own { 0 } else { weight_of_shares_floor(is.shares.get(), is.multiplier) };
        hold(is.weight.get() == weight, "a delegation weighs otherwise than its shares and lock")?;
        hold(!is_own || provider.own_multiplier == is.multiplier, "own stake is weighed by another lock")
    }

    /// A ticket is a part of what leaves, at the price of its moment; it is its owner's, and keeps its lock.
    pub(super) fn reckon_ticket(
        &self,
        address: &Address,
        before: Option<&UnbondingTicket>,
        is: &UnbondingTicket,
    ) -> Verdict {
        let Some(provider) = self.after.get(&is.provider).and_then(read::<Provider>) else { return Ok(()) };
        let Some(was) = before else {
            let mut sources = self.changes::<Delegation>().filter(|(_, one, _)| one.provider == is.provider);
            let source =
                sources.find(|(at, old, _)| *address == pda::ticket::find(at, &old.ticket_count.to_le_bytes()).0);
            let (_, old, _) = source.ok_or("a ticket of no delegation, or of another number than its next")?;
            hold(is.owner == old.owner, "a ticket is another's than its delegation")?;
            let pot = &provider.unbonding;
            let fits = (is.part.price, is.part.scale, is.part.withheld) == (pot.price, pot.scale, 0);
            hold(fits, "what leaves has another price than the pot")?;
            let before = self.was::<Provider>(&is.provider).map_or(0, |one| one.unbonding.tokens.0);
            hold(pot.tokens.0 - before == is.part.tokens.0, "a ticket of another amount than left")?;
            let goes_on = is.new_delegation != NOBODY;
            let weight = if goes_on {
                joule_math::weight_floor(is.part.tokens, Bps::WHOLE).unwrap_or_default()
            } else {
                Weight::ZERO
            };
            hold(is.weight == weight, "a ticket on its way counts otherwise than its tokens")?;
            let target = self.after.get(&is.new_delegation).and_then(read::<Delegation>);
            let to = target.and_then(|target| self.after.get(&target.provider)).and_then(read::<Provider>);
            let begins = (is.reward_index, is.commission_index);
            let now = to.map(|to| (to.incoming_index, to.incoming_commission_index));
            hold(now.is_none_or(|now| now == begins), "a ticket earns what came before it")?;
            let is_own = old.owner == provider.authority;
            let held = goes_on && !is_own && self.now < old.lock_ends_at;
            let lock = (is.lock_ends_at, is.lock_period);
            let none = (NEVER, Seconds(0));
            // Of one that is out, or while a change is announced, no lock holds.
            let pool = self.find::<Pool>(&provider.pool);
            let may_be_void =
                provider.status == status::TOMBSTONED || pool.is_some_and(|pool| self.now < pool.exit_ends_at);
            let brings = (old.lock_ends_at, old.lock_period);
            let fits = lock == if held { brings } else { none } || held && may_be_void && lock == none;
            return hold(fits, "a ticket on its way has another lock than its stake had");
        };
        let mut e = *was;
        let mut but = vec![];
        if is.new_delegation != was.new_delegation {
            hold(is.new_delegation == NOBODY, "stake on its way goes elsewhere")?;
            (e.new_delegation, e.weight) = (NOBODY, Weight::ZERO);
        }
        if was.new_delegation != NOBODY {
            let target = self.find::<Delegation>(&was.new_delegation).map(|target| target.provider);
            if let Some(to) = target.and_then(|at| self.after.get(&at)).and_then(read::<Provider>) {
                (e.reward_index, e.commission_index) = (to.incoming_index, to.incoming_commission_index);
            } else {
                but.extend(["reward_index", "commission_index"]);
            }
            if is.new_delegation != NOBODY {
                let worth = self.was::<Provider>(&was.provider).and_then(|from| from.unbonding.worth(&was.part).ok());
                let most = worth.and_then(|worth| joule_math::weight_floor(worth, Bps::WHOLE).ok());
                e.weight = most.map_or(is.weight, |most| was.weight.min(most));
            }
        }
        if is.part != was.part {
            hold(is.part.withheld == 1 && is.part.tokens <= was.part.tokens, "a part of what leaves became another")?;
            hold(was.new_delegation == NOBODY, "stake on its way was paid")?;
            but.extend(["part", "withdrawable_at"]);
        }
        equal_but(&e, is, &but)
    }

    // ---- Slashers.

    /// A slasher is its pool's; its window counts what it proposes.
    pub(super) fn reckon_slasher(&self, _: &Address, before: Option<&Slasher>, is: &Slasher) -> Verdict {
        let pool = self.find::<Pool>(&is.pool);
        let Some(was) = before else {
            let mut e = Slasher { pool: is.pool, authority: is.authority, payer: is.payer, ..Default::default() };
            (e.rights, e.slot, e.slash_share, e.window_limit) = (is.rights, is.slot, is.slash_share, is.window_limit);
            return equal_but(&e, is, &["active_at"]);
        };
        let mut e = *was;
        let given = |one: &Slasher| (one.rights, one.slash_share, one.window_limit);
        if given(is) != given(was) {
            (e.rights, e.slash_share, e.window_limit) = given(is);
            let (rights, slot) = (is.rights & rights::SLASH != 0, is.slot);
            hold(rights == (slot != 0), "a place without the right, or a right without its place")?;
            return equal_but(&e, is, &["active_at", "slot", "bonds_free_at"]);
        }
        if (is.window_started_at, is.window_proposed) != (was.window_started_at, was.window_proposed) {
            let Some(pool) = pool else { return Ok(()) };
            if self.now >= later(was.window_started_at, pool.policy.slash_window) {
                (e.window_started_at, e.window_proposed) = (self.now, Tokens(0));
            }
            let amount =
                self.changes::<Provider>().map(|(_, was, is)| is.slash_pending.0.saturating_sub(was.slash_pending.0));
            e.window_proposed.0 += amount.sum::<u64>();
        }
        equal_but(&e, is, &["active_at"])
    }

    /// A slasher ends that has no rights, once nobody needs its bonds and its window is over.
    pub(super) fn slasher_ends(&self, was: &Slasher) -> Verdict {
        let Some(pool) = self.find::<Pool>(&was.pool) else { return Ok(()) };
        let window_ends_at = later(was.window_started_at, pool.policy.slash_window);
        let is_over = was.rights == 0 && self.now >= was.bonds_free_at && self.now >= window_ends_at;
        hold(is_over, "a slasher was closed while what it proposed counts")
    }

    /// A proposal is what it is until it ends: its provider's next number, of its slasher's place, of those who are there.
    pub(super) fn reckon_slash(&self, _: &Address, before: Option<&Slash>, is: &Slash) -> Verdict {
        if let Some(was) = before {
            return equal(was, is);
        }
        let (old, new) = (self.was::<Provider>(&is.provider), self.after.get(&is.provider));
        let new = new.and_then(read::<Provider>);
        let slot = self.find::<Slasher>(&is.slasher).map(|slasher| slasher.slot);
        hold(slot.is_none_or(|slot| slot == is.slot), "a proposal of another slasher's place")?;
        let Some((old, new)) = old.zip(new) else { return Ok(()) };
        hold(is.index == old.slash_count, "a proposal of another number")?;
        hold((is.staying, is.staying_scale) == (new.staying, new.staying_scale), "a proposal of others than are there")
    }

    /// A proposal ends in its time: taken, vetoed by who governs, or expired.
    pub(super) fn slash_ends(&self, was: &Slash) -> Verdict {
        let pool = self.pool_of(&was.provider);
        let network = pool.and_then(|pool| self.find::<Network>(&pool.network));
        let rewards = pool.is_some_and(|_| {
            let of = self.find::<Provider>(&was.provider).map(|provider| provider.pool);
            of.is_some_and(|of| self.rewards_of(&of).is_some())
        });
        if rewards {
            let in_time = self.now >= was.executable_at && self.now < was.expires_at;
            return hold(in_time, "a slash was executed out of its time");
        }
        let vetoes = network.is_some_and(|network| {
            [network.authority, network.policy.guardian].iter().any(|who| self.signers.contains(who))
        });
        // Where the call does not name the network, nobody can veto.
        hold(vetoes || self.now >= was.expires_at, "a proposal expired before its time")
    }

    // ---- Bonds.

    /// A bond is one job's: locked when it is free, seized for its client with a date, and given back whole.
    pub(super) fn reckon_bond(&self, _: &Address, before: Option<&Bond>, is: &Bond) -> Verdict {
        let provider = self.after.get(&is.provider).and_then(read::<Provider>);
        let pool = self.pool_of(&is.provider);
        let Some(was) = before else {
            let mut e = Bond { provider: is.provider, payer: is.payer, reusable: is.reusable, ..Default::default() };
            if is.amount.0 > 0 {
                (e.job, e.slasher, e.amount, e.client) = (is.job, is.slasher, is.amount, is.client);
            }
            return equal(&e, is);
        };
        let mut e = *was;
        let is_free = |bond: &Bond| bond.slasher == NOBODY;
        let mut but = vec![];
        let locks = !is_free(is) && (is.job, is.slasher) != (was.job, was.slasher);
        if locks {
            // It may have been given back in the same call.
            hold(is_free(was) && was.seized.price == 0 || self.signers.len() > 1, "a bond was locked that is in use")?;
            (e.job, e.slasher, e.amount, e.client) = (is.job, is.slasher, is.amount, is.client);
        } else if !is_free(was) && is_free(is) {
            (e.job, e.slasher, e.amount) = (NOBODY, NOBODY, Tokens(0));
            if is.seized.price == 0 {
                e.client = NOBODY;
            }
        } else if is.amount < was.amount {
            e.amount = is.amount;
        }
        if is.seized != was.seized {
            let taken = was.amount.0.saturating_sub(is.amount.0);
            if is.seized.price == 0 {
                e.seized = UnbondingPart::default();
                if is_free(is) {
                    e.client = NOBODY;
                }
            } else if taken > 0 && is.seized.withheld == 0 {
                let Some((pool, provider)) = pool.zip(provider) else { return Ok(()) };
                e.withdrawable_at = later(self.now, pool.policy.unbonding_period);
                let pot = (provider.unbonding.price, provider.unbonding.scale);
                hold((is.seized.price, is.seized.scale) == pot, "what was seized has another price than the pot")?;
                e.seized = is.seized;
            } else {
                hold(is.seized.withheld == 1, "what was seized became another")?;
                e.seized = is.seized;
                if was.seized.withheld == 0 {
                    let Some(pool) = pool else { return Ok(()) };
                    e.withdrawable_at =
                        later(later(self.now, pool.policy.slash_delay), pool.policy.slash_execution_window);
                }
            }
        } else if is.amount < was.amount && is.withdrawable_at != was.withdrawable_at {
            // All of it was a lien.
            but.push("withdrawable_at");
        }
        equal_but(&e, is, &but)
    }
}

/// Forgets of fresh stake what counts by now.
fn ripen(e: &mut Provider, now: Timestamp) {
    if now >= e.fresh_ends_at {
        (e.fresh, e.fresh_ends_at, e.newer) = (e.newer, e.newer_ends_at, Tokens(0));
        if now >= e.fresh_ends_at {
            e.fresh = Tokens(0);
        }
    }
}

/// What has arrived by now.
fn advanced(was: &Rewards, now: Timestamp) -> Rewards {
    let mut e = *was;
    let elapsed = now.since(was.updated_at);
    e.updated_at = was.updated_at.max(now);
    if elapsed == 0 || was.undistributed.0 == 0 || was.total_weight.0 == 0 {
        return e;
    }
    let time = was.distribution_period.0 as u64;
    let all = was.undistributed.0;
    let arrived = if elapsed >= time { all } else { (all as u128 * elapsed as u128 / time as u128) as u64 };
    e.undistributed.0 -= arrived;
    e.distribution_period = Seconds(time.saturating_sub(elapsed) as u32);
    let step = index_step_floor(Tokens(arrived), was.total_weight).unwrap_or_default();
    e.reward_index = U128::new(was.reward_index.get().wrapping_add(step));
    e
}

/// Adds tokens that arrive over a period, to what arrives over another: over their mean.
fn distribute(e: &mut Rewards, tokens: u64, period: Seconds) {
    let left = e.undistributed.0 + tokens;
    let times = e.undistributed.0 as u128 * e.distribution_period.0 as u128 + tokens as u128 * period.0 as u128;
    e.distribution_period = Seconds(((times / left as u128) as u32).max(1));
    e.undistributed = Tokens(left);
}

/// What was paid of rewards, with fractional bits.
fn claimed_of(rewards: Option<(&Rewards, &Rewards)>) -> u128 {
    rewards.map_or(0, |(was, is)| (was.unclaimed.0.saturating_sub(is.unclaimed.0) as u128) << FRACTION)
}

/// What a provider earned by its three weights since it was settled last.
fn accrue(e: &mut Provider, to: u128) -> Result<(), joule_math::Overflow> {
    let from = e.pool_reward_index.get();
    e.pool_reward_index = U128::new(to);
    let plus = |accrued: &mut U128, amount: u128| *accrued = U128::new(accrued.get().wrapping_add(amount));
    let commission = |earned| part_floor(earned, e.commission);
    let rest = Bps(Bps::WHOLE.0 - e.commission.0);
    if e.own_weight.0 != 0 {
        let live = e.own_weight.min(e.present_own_weight()?);
        plus(&mut e.own_accrued, earned_floor(live, from, to)?);
    }
    if e.pot_weight.0 != 0 {
        let earned = earned_floor(e.pot_weight, from, to)?;
        let own = commission(earned);
        plus(&mut e.commission_accrued, own);
        plus(&mut e.reward_index, fraction_floor(part_floor(earned, rest), e.delegated_weight.get())?);
    }
    if e.incoming_weight.0 != 0 {
        let (earned, whole) = (earned_floor(e.incoming_weight, from, to)?, e.incoming_weight.0 as u128);
        let own = part_floor(earned, e.commission);
        plus(&mut e.incoming_commission_index, fraction_floor(own, whole)?);
        plus(&mut e.incoming_index, fraction_floor(part_floor(earned, rest), whole)?);
    }
    Ok(())
}

/// One job, or several that went alike, were counted.
fn counted(old: &Reputation, new: &Reputation, now: Timestamp) -> Verdict {
    let counters = |one: &Reputation| [one.delivered, one.late, one.failed, one.disputed];
    let more: Vec<u32> = counters(new).iter().zip(counters(old)).map(|(new, old)| new.wrapping_sub(old)).collect();
    hold(more.iter().all(|more| *more < 1_000) && more.iter().sum::<u32>() > 0, "a record counts no job")?;
    let day = Timestamp(now.0.max(0) / DAY * DAY);
    hold(new.reported_at == old.reported_at.max(day), "a record of another day")?;
    let age = day.since(old.reported_at);
    let faded = |jobs: u64| decay_floor(jobs, age, Reputation::HALF_LIFE);
    let (all, good) = (new.all_jobs.checked_sub(faded(old.all_jobs)), new.good_jobs.checked_sub(faded(old.good_jobs)));
    let (Some(all), Some(good)) = (all, good) else { return Err("a record fades faster than days pass") };
    let of = |places: &[usize]| places.iter().any(|place| more[*place] > 0);
    let fits = match (of(&[0]), of(&[1]), of(&[2, 3])) {
        (true, false, false) => good == all,
        (false, true, false) => all / 2 - good.min(all / 2) <= more[1] as u64 && good <= all / 2,
        (false, false, true) => good == 0,
        _ => good <= all,
    };
    hold(fits, "a job counts otherwise than it went")
}
