use {
    crate::{
        Result,
        accounts::{of_provider, paid_by, provider_of},
        rewards,
        slashing::{drop_slash, emit_status_changed},
        staking::pots::{self, Loss},
    },
    joule_common::{AccountView, account, event, guard::require, now},
    joule_math::Timestamp,
    joule_stake_interface::{
        StakeError,
        event::Slashed,
        instruction::ExecuteSlash,
        state::{Pool, Provider, Rewards, Slash, sentence, status},
    },
};

/// See [`ExecuteSlash`]. It calls no token program, so that no token account can stop it.
#[inline(never)]
pub fn execute_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecuteSlash::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let slash = account::load::<Slash>(a.slash)?;
    of_provider(&slash.provider, a.provider)?;
    paid_by(&slash.payer, a.rent_receiver)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let before = (provider.status, provider.jail_ends_at);
    let loss = execute(pool, rewards, provider, &slash, now()?)?;
    drop(slash);
    account::close(a.slash, a.rent_receiver)?;

    event::emit(&Slashed {
        header: Slashed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        own: loss.own,
        delegated: loss.delegated,
        unbonding: loss.unbonding,
        lien: loss.lien,
        withheld: loss.withheld,
    });
    if (provider.status, provider.jail_ends_at) != before {
        emit_status_changed(provider, a.provider)?;
    }
    Ok(())
}

/// Takes what is proposed, as far as there is so much, and carries out the sentence.
#[inline(always)]
pub fn execute(
    pool: &Pool,
    rewards: &mut Rewards,
    provider: &mut Provider,
    slash: &Slash,
    now: Timestamp,
) -> Result<Loss> {
    require(now >= slash.executable_at, StakeError::SlashNotExecutable)?;
    require(now < slash.expires_at, StakeError::SlashExpired)?;
    rewards::settle_provider(rewards, provider, now)?;

    let withheld = drop_slash(provider, slash)?;
    let loss = pots::slash(provider, slash.amount.minus(withheld)?, withheld)?;
    if slash.sentence != sentence::FINE && provider.status != status::TOMBSTONED {
        if slash.sentence == sentence::TOMBSTONE {
            provider.status = status::TOMBSTONED;
        } else {
            provider.status = status::JAILED;
            provider.jail_ends_at = provider.jail_ends_at.max(now.after(pool.policy.jail_period)?);
        }
    }
    rewards::reweigh_provider(rewards, provider)?;
    Ok(loss)
}
