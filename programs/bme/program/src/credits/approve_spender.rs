use {
    crate::{Result, credits},
    joule_bme_interface::{
        BmeError,
        instruction::ApproveSpender,
        state::{CreditAccount, Spender},
    },
    joule_common::{AccountView, account, guard, guard::require, in_range},
    joule_math::Timestamp,
};

/// See [`ApproveSpender`]. Works while the network is paused: it moves nothing.
pub fn approve_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ApproveSpender::parse(accounts, data)?;
    let spender = account::keep::<Spender>(a.spender)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, &spender.network)?;
    guard::authority(a.owner, &credit_account.owner)?;
    in_range!(args.approved <= 1, "approved")?;
    let approves = args.approved == 1;
    // One that is revoked locks nothing any more, and gets no new approval.
    require(!approves || spender.closes_at == Timestamp::default(), BmeError::SpenderRevoked)?;

    let freed = credits::approve(credit_account, spender, approves)?;
    if !freed.is_zero() {
        credits::emit_reclaimed(a.credit_account, credit_account, freed, spender.id)?;
    }
    Ok(())
}
