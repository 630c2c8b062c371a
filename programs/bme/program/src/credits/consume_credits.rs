use {
    crate::{Result, credits, epochs::work, price, spenders},
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
    let state = account::keep::<Network>(a.network)?;
    let epoch = work::epoch_at(state, args.worked_at);
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
    let lane = spender.lane;
    require(provider_work.lane == lane && work_shard.lane == lane, BmeError::WrongLane)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let paid = credits::consume(credit_account, spender, amount)?;
    let tokens = price::no_more_than_worth(state, amount, paid);
    if tokens != paid {
        credit_account.burned_tokens = credit_account.burned_tokens.plus(paid.minus(tokens)?)?;
    }
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
