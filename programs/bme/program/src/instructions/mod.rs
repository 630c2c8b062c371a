//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod accept_authority;
mod accrue_work;
mod activate_root;
mod add_shard;
mod add_spender;
mod approve_root;
mod burn_tokens;
mod buy_credits;
mod buy_credits_exact_out;
mod cancel_policy;
mod claim_epochs;
mod claim_rewards;
mod claim_root;
mod close_epoch;
mod close_root;
mod consume_credits;
mod create_network;
mod execute_policy;
mod fund_roots;
mod lock_credits;
mod mint_deferred;
mod open_credit_account;
mod open_provider_work;
mod open_root_claim;
mod open_roots;
mod pause;
mod propose_authority;
mod propose_policy;
mod publish_root;
mod reclaim_credits;
mod restore_spender;
mod resume;
mod revoke_spender;
mod set_oracles;
mod set_spender_limit;
mod sweep_epoch;
mod unlock_credits;
mod update_average;
mod veto_root;

joule_interface::dispatch!(joule_bme_interface);

use {
    crate::Result,
    joule_bme_interface::{
        event::SpenderChanged,
        state::{Network, Spender},
    },
    joule_common::{AccountView, account, event, guard},
    joule_interface::{Address, Fault},
};

/// A spender of the network whose authority signed.
#[inline(always)]
fn spender<'a>(view: &'a AccountView, authority: &AccountView, network: &Address) -> Result<&'a Spender> {
    let spender = account::keep::<Spender>(view)?;
    guard::network(&spender.network, network)?;
    guard::authority(authority, &spender.authority)?;
    Ok(spender)
}

/// Tells of a spender's new state.
fn spender_changed(view: &AccountView, spender: &mut Spender) -> Result<()> {
    event::emit(&SpenderChanged {
        header: SpenderChanged::header(*view.address(), event::next(&mut spender.sequence)?),
        authority: spender.authority,
        id: spender.id as u64,
        epoch_limit: spender.epoch_limit,
        closes_at: spender.closes_at,
    });
    Ok(())
}

/// The signer is the network's guardian or its authority.
fn guardian(signer: &AccountView, network: &Network) -> Result<()> {
    let known =
        guard::eq(signer.address(), &network.policy.guardian) || guard::eq(signer.address(), &network.authority);
    guard::require(known, Fault::Unauthorized.into())
}
