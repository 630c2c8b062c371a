use {
    crate::{Result, credits},
    joule_bme_interface::{event::CreditsBurned, instruction::BurnCredits, state::CreditAccount},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_interface::Fault,
};

/// See [`BurnCredits`]. Works while the network is paused: nothing begins with it.
pub fn burn_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = BurnCredits::parse(accounts, data)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::authority(a.owner, &credit_account.owner)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let tokens = credits::burn(credit_account, amount)?;

    event::emit(&CreditsBurned {
        header: CreditsBurned::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        amount,
        tokens,
    });
    Ok(())
}
