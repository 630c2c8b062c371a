use {
    crate::{Result, credits, spenders},
    joule_bme_interface::{event::CreditsUnlocked, instruction::UnlockCredits, state::CreditAccount},
    joule_common::{AccountView, account, event, guard::require},
    joule_interface::Fault,
};

/// See [`UnlockCredits`]. Works while the network is paused: it gives back.
pub fn unlock_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = UnlockCredits::parse(accounts, data)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    let spender = spenders::signed_by(a.spender, a.spender_authority, &credit_account.network)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    credits::unlock(credit_account, spender, amount)?;

    event::emit(&CreditsUnlocked {
        header: CreditsUnlocked::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        amount,
        spender: spender.id as u64,
    });
    Ok(())
}
