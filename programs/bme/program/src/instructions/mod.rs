//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod accrue_work;
mod add_shard;
mod add_spender;
mod burn_tokens;
mod buy_credits;
mod claim_rewards;
mod close_epoch;
mod consume_credits;
mod create_network;
mod lock_credits;
mod open_credit_account;
mod open_provider_work;
mod unlock_credits;

pub use {
    accrue_work::accrue_work, add_shard::add_shard, add_spender::add_spender, burn_tokens::burn_tokens,
    buy_credits::buy_credits, claim_rewards::claim_rewards, close_epoch::close_epoch, consume_credits::consume_credits,
    create_network::create_network, lock_credits::lock_credits, open_credit_account::open_credit_account,
    open_provider_work::open_provider_work, unlock_credits::unlock_credits,
};

use {
    crate::Result,
    joule_bme_interface::state::Spender,
    joule_common::{AccountView, account, guard},
    joule_interface::Address,
};

/// The id of a spender of the network whose authority signed.
#[inline(always)]
fn spender(view: &AccountView, authority: &AccountView, network: &Address) -> Result<u8> {
    let spender = account::load::<Spender>(view)?;
    guard::network(&spender.network, network)?;
    guard::authority(authority, &spender.authority)?;
    Ok(spender.id)
}
