use {
    crate::{Result, credits},
    joule_bme_interface::{
        BmeError,
        instruction::ReclaimCredits,
        state::{CreditAccount, MAX_SPENDERS, Network},
    },
    joule_common::{AccountView, account, guard, guard::require},
};

/// See [`ReclaimCredits`]. Works while the network is paused: it gives back.
pub fn reclaim_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ReclaimCredits::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;
    guard::authority(a.owner, &credit_account.owner)?;

    let mut is_any = false;
    let places = network.spender_numbers.iter().zip(credit_account.locked_for).zip(0..MAX_SPENDERS);
    for ((number, locked_for), place) in places {
        if network.spender_places & 1 << place != 0 && *number == locked_for {
            continue;
        }
        let amount = credits::reclaim(credit_account, place)?;
        if amount.is_zero() {
            continue;
        }
        is_any = true;
        credits::emit_reclaimed(a.credit_account, credit_account, amount, place)?;
    }
    require(is_any, BmeError::SpenderNotClosed)
}
