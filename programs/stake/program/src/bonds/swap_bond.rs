use {
    crate::{
        Result,
        bonds::{lock_bond::lock, release_bond::release},
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
    // `lock` checks the signer and the right for both bonds; the checks of the second bond come after the first is locked,
    // because one pass over each bond costs the fewest compute units. A failure undoes both.
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
