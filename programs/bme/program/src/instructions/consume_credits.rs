use {
    crate::{Result, credits, instructions::spender, work},
    joule_bme_interface::{
        event::CreditsConsumed,
        instruction::{ConsumeCredits, ConsumeCreditsArgs},
        state::{CreditAccount, Network, ProviderWork, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_interface::Fault,
};

/// See [`ConsumeCredits`]. Works while the network is paused: it settles.
pub fn consume_credits(accounts: &[AccountView], args: &ConsumeCreditsArgs) -> Result<()> {
    let (a, _) = ConsumeCredits::parse(accounts)?;
    let network = a.network.address();
    let epoch = account::load::<Network>(a.network)?.open_epoch;
    let spender = spender(a.spender, a.spender_authority, network)?;
    let mut credit_account = account::load_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, network)?;
    let mut provider_work = account::load_mut::<ProviderWork>(a.provider_work)?;
    guard::network(&provider_work.network, network)?;
    let mut work_shard = account::load_mut::<WorkShard>(a.work_shard)?;
    guard::network(&work_shard.network, network)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    credits::consume(&mut credit_account, spender, amount)?;
    work::record(&mut provider_work, epoch, amount)?;
    work::record_in_shard(&mut work_shard, epoch, amount)?;

    event::emit(&CreditsConsumed {
        header: CreditsConsumed::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        reference: args.reference,
        provider: provider_work.provider,
        amount,
        epoch,
        spender: spender as u64,
    });
    Ok(())
}
