use {
    crate::{
        Result,
        instructions::{lock_bond::lock, release_bond::release},
    },
    joule_common::{AccountView, account, event},
    joule_stake_interface::{
        event::BondSwapped,
        instruction::{LockBond, SwapBond},
        state::Provider,
    },
};

/// See [`SwapBond`].
#[inline(never)]
pub fn swap_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SwapBond::parse(accounts, data)?;
    let locking = LockBond {
        authority: a.authority,
        slasher_authority: a.slasher_authority,
        slasher: a.slasher,
        network: a.network,
        pool: a.pool,
        provider: a.provider,
        bond: a.bond,
        system_program: a.system_program,
        payer: a.payer,
    };
    let (job, amount) = (args.job, args.amount);
    // Who signed for the slasher has its right to bonds, so that it releases this one too.
    let provider = lock(&locking, &job, amount, &args.client)?;
    let other = account::keep_mut::<Provider>(a.released_provider)?;
    let (_, released) = release(other, a.released_provider, a.released_bond, a.slasher, a.rent_receiver)?;

    event::emit(&BondSwapped {
        header: BondSwapped::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job,
        amount,
        released_provider: *a.released_provider.address(),
        released_amount: released,
    });
    Ok(())
}
