use {
    crate::{Result, credits, instructions::spender, work},
    joule_bme_interface::{
        BmeError,
        event::CreditsConsumed,
        instruction::{ConsumeCredits, ConsumeCreditsArgs},
        state::{CreditAccount, Network, ProviderWork, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`ConsumeCredits`]. Works while the network is paused: it settles.
pub fn consume_credits(accounts: &[AccountView], args: &ConsumeCreditsArgs) -> Result<()> {
    let (a, _) = ConsumeCredits::parse(accounts)?;
    let network = a.network.address();
    let (epoch, shards) = {
        let network = account::load::<Network>(a.network)?;
        (network.open_epoch, network.shards)
    };
    let spender = spender(a.spender, a.spender_authority, network)?;
    if spender.closes != Timestamp::default() {
        require(now()? < spender.closes, BmeError::SpenderRevoked)?;
    }
    let mut credit_account = account::load_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, network)?;
    let mut provider_work = account::load_mut::<ProviderWork>(a.provider_work)?;
    guard::network(&provider_work.network, network)?;
    let mut work_shard = account::load_mut::<WorkShard>(a.work_shard)?;
    guard::network(&work_shard.network, network)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    credits::consume(&mut credit_account, spender.id, amount)?;
    work::spend(&mut work_shard, &spender, epoch, shards, amount)?;
    work::record(&mut provider_work, epoch, amount)?;
    work::record_in_shard(&mut work_shard, epoch, amount)?;

    event::emit(&CreditsConsumed {
        header: CreditsConsumed::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        provider: provider_work.provider,
        amount,
        epoch,
        spender: spender.id as u64,
    });
    Ok(())
}
