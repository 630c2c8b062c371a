use {
    crate::{
        Result,
        markets::{emit_market_changed, terms},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard},
    joule_escrow_interface::{
        ID,
        instruction::SetMarketVerification,
        state::{Market, NONE, Verification},
    },
    joule_interface::Fault,
};

/// See [`SetMarketVerification`].
#[inline(never)]
pub fn set_market_verification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SetMarketVerification::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut market = account::load_mut::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    let (verification, needs_arbiter, kind) = if guard::present(a.verification, &ID) {
        let verification = account::load::<Verification>(a.verification)?;
        guard::network(&verification.network, a.network.address())?;
        (*a.verification.address(), guard::eq(&verification.verifier, &NONE), verification.kind)
    } else {
        (NONE, false, 0)
    };
    terms::check_verifiable(&market.terms, &verification, needs_arbiter)?;

    market.verification = verification;
    market.needs_arbiter = needs_arbiter as u8;
    market.verification_kind = kind;
    market.terms_version = market.terms_version.checked_add(1).ok_or(Fault::Overflow)?;
    emit_market_changed(a.market, &market);
    Ok(())
}
