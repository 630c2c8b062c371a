use {
    crate::Result,
    joule_bme_interface::{
        BmeError, ID,
        event::NetworkCreated,
        instruction::{CreateNetwork, CreateNetworkArgs},
        pda,
        state::Network,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Bps, Seconds, Tokens},
};

const HOUR: Seconds = Seconds(3_600);

/// See [`CreateNetwork`].
pub fn create_network(accounts: &[AccountView], args: &CreateNetworkArgs) -> Result<()> {
    let (a, _) = CreateNetwork::parse(accounts)?;
    guard::token_program(a.token_program)?;
    guard::system_program(a.system_program)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    token::require_harmless(a.mint)?;
    for account in [a.stakers, a.treasury] {
        token::balance(account, a.mint.address())?;
    }
    check_parameters(args)?;
    require({ args.starts } >= now()?, Fault::InvalidParameter)?;
    require(mint.supply <= { args.max_supply }, BmeError::MintHasSupplyOverMaximum)?;

    // Its own mint authority is what makes a network; nobody but the mint's authority can hand that over.
    token::hand_over_mint(a.token_program, a.mint, a.mint_authority, a.network.address())?;

    let seeds = pda::reward_vault::seeds(a.network.address());
    token::create_vault(a.payer, a.reward_vault, &seeds, &ID, a.mint, a.network.address(), a.token_program)?;

    let mut network = account::create::<Network>(a.payer, a.network, &pda::network::seeds(a.mint.address()))?;
    *network = Network {
        header: network.header,
        authority: *a.authority.address(),
        guardian: args.guardian,
        mint: *a.mint.address(),
        token_program: *a.token_program.address(),
        reward_vault: *a.reward_vault.address(),
        stakers: *a.stakers.address(),
        treasury: *a.treasury.address(),
        price_receiver: args.price_receiver,
        price_account: args.price_account,
        feed_id: args.feed_id,
        open_epoch: 0,
        epoch_ends: args.starts.after(args.epoch_duration)?,
        initial_emission: args.initial_emission,
        max_supply: args.max_supply,
        minted: Tokens::ZERO,
        sequence: 0,
        epoch_duration: args.epoch_duration,
        decay_step: args.decay_step,
        max_price_age: args.max_price_age,
        decay: args.decay,
        max_confidence: args.max_confidence,
        providers_share: args.providers_share,
        stakers_share: args.stakers_share,
        decimals: mint.decimals,
        shards: 0,
        spenders: 0,
        paused: 0,
        closing: 0,
        reserved: [0; 239],
    };

    event::emit(&NetworkCreated {
        header: NetworkCreated::header(*a.network.address(), event::next(&mut network.sequence)?),
        mint: network.mint,
        authority: network.authority,
    });
    Ok(())
}

/// The ranges that the arguments' documentation gives.
fn check_parameters(args: &CreateNetworkArgs) -> Result<()> {
    let within = |value: Bps, low: u16, high: u16| (low..=high).contains(&value.0);
    let shares = args.providers_share.plus(args.stakers_share)?;
    let (epoch_duration, max_price_age) = (args.epoch_duration, args.max_price_age);
    require(
        epoch_duration >= HOUR
            && args.decay_step >= 1
            && max_price_age >= Seconds(1)
            && max_price_age <= HOUR
            && within(args.decay, 0, Bps::WHOLE.0)
            && within(args.max_confidence, 1, 1_000)
            && shares <= Bps::WHOLE,
        Fault::InvalidParameter.into(),
    )
}
