use {
    crate::{Result, credits, epochs::work, spenders},
    joule_bme_interface::{
        BmeError,
        event::CreditsConsumed,
        instruction::ConsumeCredits,
        state::{CreditAccount, Network, ProviderWork, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`ConsumeCredits`]. Works while the network is paused: it settles.
pub fn consume_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ConsumeCredits::parse(accounts, data)?;
    let network = a.network.address();
    let (open, epoch, shards) = {
        let network = account::keep::<Network>(a.network)?;
        (network.open_epoch, work::epoch_at(network, args.worked_at), network.shard_count)
    };
    let spender = spenders::signed_by(a.spender, a.spender_authority, network)?;
    if spender.closes_at != Timestamp::default() {
        require(now()? < spender.closes_at, BmeError::SpenderRevoked)?;
    }
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, network)?;
    let provider_work = account::keep_mut::<ProviderWork>(a.provider_work)?;
    guard::network(&provider_work.network, network)?;
    let work_shard = account::keep_mut::<WorkShard>(a.work_shard)?;
    guard::network(&work_shard.network, network)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let tokens = credits::consume(credit_account, spender, amount)?;
    // By the open epoch, which no spender chooses.
    work::spend(work_shard, spender, open, shards, amount)?;
    work::record(provider_work, epoch, amount, tokens)?;
    work::record_in_shard(work_shard, epoch, amount, tokens)?;

    event::emit(&CreditsConsumed {
        header: CreditsConsumed::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        provider: provider_work.provider,
        amount,
        tokens,
        epoch,
        spender: spender.id as u64,
    });
    Ok(())
}
