use {
    crate::{Result, credits, spenders},
    joule_bme_interface::{
        BmeError,
        event::CreditsLocked,
        instruction::LockCredits,
        state::{CreditAccount, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`LockCredits`].
pub fn lock_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = LockCredits::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    network.require_unpaused()?;
    let spender = spenders::signed_by(a.spender, a.spender_authority, a.network.address())?;
    require(spender.closes_at == Timestamp::default(), BmeError::SpenderRevoked)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;
    if !guard::eq(a.owner.address(), &credit_account.owner) {
        // Whoever signs for the spender signs for itself: it was approved, or it was not.
        guard::authority(a.owner, a.spender_authority.address())?;
        require(credit_account.approves(spender), BmeError::SpenderNotApproved)?;
    }
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let freed = credits::lock(credit_account, spender, amount)?;
    if !freed.is_zero() {
        credits::emit_reclaimed(a.credit_account, credit_account, freed, spender.id)?;
    }

    event::emit(&CreditsLocked {
        header: CreditsLocked::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        amount,
        spender: spender.id as u64,
    });
    Ok(())
}
