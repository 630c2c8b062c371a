use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::{
            create_ticket, emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::Unstaked,
        instruction::Unstake,
        state::{Pool, Rewards},
    },
};

/// See [`Unstake`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn unstake(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Unstake::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    let now = now()?;

    let lock = Lock::of(delegation);
    let part = Position { pool, rewards, provider, delegation, now }.unstake(args.amount)?;
    let withdrawable_at = now.after(pool.policy.unbonding_period)?;
    create_ticket(a.payer, a.ticket, a.provider, a.delegation, delegation, withdrawable_at)?.part = part;

    event::emit(&Unstaked {
        header: Unstaked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.ticket.address(),
        tokens: part.tokens,
        withdrawable_at,
    });
    emit_lock_if_changed(provider, a.provider, delegation, lock)
}
