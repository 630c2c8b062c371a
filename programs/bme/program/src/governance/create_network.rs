use {
    crate::{Result, governance::policy, lanes},
    joule_bme_interface::{
        BmeError, ID,
        event::NetworkCreated,
        instruction::CreateNetwork,
        pda,
        state::{EpochTerms, MIN_DECIMALS, Network, source},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now, token},
    joule_interface::{Address, Fault},
};

/// See [`CreateNetwork`].
pub fn create_network(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateNetwork::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    end_freezing(&a, args.source)?;
    token::require_harmless(a.mint)?;
    token::require_unscaled(a.mint)?;
    // Work carries whole base units: of fewer decimals, whoever settles in small parts would leave the provider nothing.
    in_range!(mint.decimals >= MIN_DECIMALS, "decimals")?;
    in_range!(args.source <= source::RESERVE, "source")?;
    let is_reserve = args.source == source::RESERVE;
    let policy = args.policy;
    policy::check(&policy, args.source)?;
    policy::check_destinations(&policy, a.network.address(), a.mint.address(), a.stakers, a.treasury)?;
    let now = now()?;
    in_range!((now..=now.after(policy::MONTH)?).contains(&{ args.starts_at }), "starts_at")?;

    let held_by =
        |authority| token::mint_authority(a.mint).map(|held| held.is_some_and(|held| guard::eq(&held, authority)));
    if is_reserve {
        require(token::mint_authority(a.mint)?.is_none(), BmeError::WrongMintAuthority)?;
        // Neither token program burns it.
        require(!token::is_native(a.mint.address()), Fault::MintNotAllowed)?;
    } else {
        require(mint.supply <= policy.max_supply, BmeError::MintHasSupplyOverMaximum)?;
        // Its own mint authority is what makes a network; nobody but the mint's authority can hand that over.
        require(held_by(a.mint_authority.address())?, BmeError::WrongMintAuthority)?;
        token::hand_over_mint(a.token_program, a.mint, a.mint_authority, a.network.address())?;
        require(held_by(a.network.address())?, BmeError::WrongMintAuthority)?;
    }

    let address = a.network.address();
    let seeds = pda::reward_vault::seeds(address);
    token::create_vault(a.payer, a.reward_vault, &seeds, &ID, a.mint, address, a.token_program)?;
    if is_reserve {
        let seeds = pda::reserve_vault::seeds(address);
        token::create_vault(a.payer, a.reserve_vault, &seeds, &ID, a.mint, address, a.token_program)?;
    }

    let seeds = crate::source::seeds(args.source, a.mint.address(), a.authority.address());
    let mut network = account::create::<Network>(a.payer, a.network, &seeds)?;
    network.source = args.source;
    if is_reserve {
        network.founder = *a.authority.address();
        network.reserve_vault = *a.reserve_vault.address();
    } else {
        network.initial_supply = mint.supply;
    }
    network.authority = *a.authority.address();
    network.mint = *a.mint.address();
    network.token_program = *a.token_program.address();
    network.reward_vault = *a.reward_vault.address();
    network.policy = policy;
    lanes::set_weights(&mut network, policy.weights());
    network.terms = EpochTerms::of(&policy, network.weights());
    network.last_worked_at = args.starts_at;
    network.epoch_ends_at = args.starts_at.after(policy.epoch_duration)?;
    network.decimals = mint.decimals;

    event::emit(&NetworkCreated {
        header: NetworkCreated::header(*a.network.address(), event::next(&mut network.sequence)?),
        mint: network.mint,
        authority: network.authority,
    });
    Ok(())
}

/// Nobody freezes a network's token: where the mint's authority, or the network's own address, may freeze, nobody may from now on.
/// It is ended and not kept, so that nobody has to believe that this program never freezes, and other programs take the token.
fn end_freezing(a: &CreateNetwork<&AccountView>, source: u8) -> Result<()> {
    let Some(holder) = token::freeze_authority(a.mint)? else { return Ok(()) };
    if guard::eq(&holder, a.mint_authority.address()) {
        return Ok(token::end_freezing(a.token_program, a.mint, a.mint_authority, &[])?);
    }
    if guard::eq(&holder, a.network.address()) {
        let [prefix, mint, founder] = crate::source::seeds(source, a.mint.address(), a.authority.address());
        let bump = [Address::find_program_address(&[prefix, mint, founder], &ID).1];
        let seeds = [prefix.into(), mint.into(), founder.into(), (&bump).into()];
        token::end_freezing(a.token_program, a.mint, a.network, &[(&seeds).into()])?;
    }
    Ok(())
}
