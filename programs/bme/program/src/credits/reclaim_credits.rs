use {
    crate::{Result, credits},
    joule_bme_interface::{
        BmeError,
        event::CreditsReclaimed,
        instruction::ReclaimCredits,
        state::{CreditAccount, Spender},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`ReclaimCredits`]. Works while the network is paused: it gives back.
pub fn reclaim_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ReclaimCredits::parse(accounts, data)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::authority(a.owner, &credit_account.owner)?;
    let spender = account::keep::<Spender>(a.spender)?;
    guard::network(&spender.network, &credit_account.network)?;
    require(spender.closes_at != Timestamp::default() && now()? >= spender.closes_at, BmeError::SpenderNotClosed)?;

    let amount = credits::reclaim(credit_account, spender.id)?;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    event::emit(&CreditsReclaimed {
        header: CreditsReclaimed::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        amount,
        spender: spender.id as u64,
    });
    Ok(())
}
