//! Creating networks, shards, spenders and accounts.

use super::*;

#[test]
fn a_network_takes_the_mint_over() {
    let story = Story::new();
    let network: NetworkState = story.world.read(story.network.address);
    assert_eq!(network.authority, story.network.authority.pubkey());
    assert_eq!((network.shard_count, network.spender_count, network.decimals), (2, 1, 9));
    let mint = story.world.account(story.network.mint).unwrap();
    assert_eq!(mint.data[4..36], story.network.address.to_bytes());
}

#[test]
fn token_2022_mints_work_as_well() {
    let mut world = World::new();
    let client = world.user();
    let mint = world.mint_of(TOKEN_2022_PROGRAM);
    let source = world.token_account(mint.address, client.pubkey());
    world.mint_to(&mint, source, 10 * TOKEN);
    let network = Network::of_mint(&mut world, mint);
    network.add_shard(&world, 0);
    network.refresh_price(&mut world);
    let credits = network.open_credit_account(&world, client.pubkey());
    world.ok(&[network.buy_instruction(client.pubkey(), source, credits, TOKEN)], &[&client]);
    assert_eq!(world.read::<CreditAccount>(credits).balance, Credits(2_490_000));
    world.ok(&[network.burn_instruction(0)], &[]);
    assert_eq!(world.supply(network.mint), 9 * TOKEN);
}

/// What creates a network that is not there yet, and who must sign.
fn unborn(world: &mut World) -> (Network, Keypair, Instruction) {
    let mint = world.mint();
    let network = Network::unborn(world, &mint);
    let create = network.create_instruction(world, mint.authority.pubkey());
    (network, mint.authority, create)
}

#[test]
fn creating_a_network_checks_its_accounts() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let stranger = Network::new(&mut world, &[]).0;
    let thief = world.user();
    let both: &[&Keypair] = &[&network.authority, &mint_authority];
    let create = || create.clone();

    world.fails(unsigned(create(), 1), &[&mint_authority], BmeError::MissingSigner);
    world.fails(unsigned(create(), 2), &[&network.authority], BmeError::MissingSigner);
    for index in [3, 4, 5] {
        world.fails(read_only(create(), index), both, BmeError::NotWritable);
    }
    let pretend = swap(create(), 2, thief.pubkey());
    world.fails(pretend, &[&network.authority, &thief], BmeError::WrongMintAuthority);
    world.fails(swap(create(), 3, network.stakers), both, BmeError::WrongMint);
    world.fails(swap(create(), 4, world.address()), both, BmeError::WrongAddress);
    world.fails(swap(create(), 5, world.address()), both, BmeError::WrongAddress);
    world.fails(swap(create(), 6, stranger.stakers), both, BmeError::WrongMint);
    world.fails(swap(create(), 7, stranger.treasury), both, BmeError::WrongMint);
    world.fails(swap(create(), 7, stranger.address), both, BmeError::InvalidTokenAccount);
    world.fails(swap(create(), 8, TOKEN_2022_PROGRAM), both, BmeError::WrongTokenProgram);
    world.fails(swap(create(), 8, SYSTEM_PROGRAM), both, BmeError::WrongTokenProgram);
    world.fails(swap(create(), 9, TOKEN_PROGRAM), both, BmeError::WrongProgram);
    world.ok(&[create()], both);
    // Its mint authority is gone, so the second attempt fails before it reaches the account.
    world.fails(create(), both, BmeError::WrongMintAuthority);
}

/// Of two decimals, each cent that was settled in two parts carried nothing, and its tokens stayed for the client's next provider.
#[test]
fn a_token_of_few_decimals_is_refused() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let both: &[&Keypair] = &[&network.authority, &mint_authority];
    let mut mint = world.account(network.mint).unwrap();
    mint.data[44] = 5;
    world.set_account(network.mint, mint.clone());
    assert_eq!(world.out_of_range(create.clone(), both), "decimals");
    mint.data[44] = 6;
    world.set_account(network.mint, mint);
    world.ok(&[create], both);
}

/// Sets one number of a policy.
type Set = fn(&mut Policy, u64);

/// Every number of a policy, with the least and the most that it may be.
fn ranges(usual: &Policy) -> Vec<(&'static str, Set, u64, u64)> {
    const HOUR: u64 = 3_600;
    const MONTH: u64 = 30 * DAY;
    let most = usual.max_supply.0;
    let payout = if usual.vouched == 1 { 20_000 } else { 10_000 };
    vec![
        ("max_supply", |policy, value| policy.max_supply = Tokens(value), usual.initial_emission.0, 1 << 63),
        ("initial_emission", |policy, value| policy.initial_emission = Tokens(value), 0, most),
        ("remint_cap", |policy, value| policy.remint_cap = Tokens(value), 0, most),
        ("breaker_tokens", |policy, value| policy.breaker_tokens = Tokens(value), 0, most),
        ("epoch_duration", |policy, value| policy.epoch_duration = Seconds(value as u32), HOUR, MONTH),
        ("decay_step", |policy, value| policy.decay_step = value as u32, 1, 100_000),
        ("max_price_age", |policy, value| policy.max_price_age = Seconds(value as u32), 1, HOUR),
        ("breaker_window", |policy, value| policy.breaker_window = Seconds(value as u32), HOUR, MONTH),
        ("change_delay", |policy, value| policy.change_delay = Seconds(value as u32), HOUR, MONTH),
        ("root_delay", |policy, value| policy.root_delay = Seconds(value as u32), HOUR, MONTH),
        ("root_opening_period", |policy, value| policy.root_opening_period = Seconds(value as u32), HOUR, MONTH),
        ("decay_share", |policy, value| policy.decay_share = Bps(value as u16), 0, 10_000),
        ("max_confidence", |policy, value| policy.max_confidence = Bps(value as u16), 1, 1_000),
        ("providers_share", |policy, value| policy.providers_share = Bps(value as u16), 0, 8_000),
        ("stakers_share", |policy, value| policy.stakers_share = Bps(value as u16), 0, 3_000),
        ("payout_share", |policy, value| policy.payout_share = Bps(value as u16), 0, payout),
        ("surplus_to_stakers", |policy, value| policy.surplus_to_stakers = value as u8, 0, 1),
        ("payments_to_reserve", |policy, value| policy.payments_to_reserve = value as u8, 0, 0),
        ("payout_floor", |policy, value| policy.payout_floor = Bps(value as u16), 0, usual.payout_share.0 as u64),
        ("lane_band", |policy, value| policy.lane_band = Bps(value as u16), 0, 10_000),
        ("lane_speed", |policy, value| policy.lane_speed = Bps(value as u16), 0, 10_000),
        ("lane_weights", |policy, value| policy.lane_weights[7] = value as u16, 0, 10_000),
        ("lane_limits", |policy, value| policy.lane_limits[7] = Credits(value), 1_000_000, 1 << 63),
        ("remint_share", |policy, value| policy.remint_share = Bps(value as u16), 0, 10_000),
        ("vouched", |policy, value| policy.vouched = value as u8, 0, 1),
        ("max_deviation", |policy, value| policy.max_deviation = Bps(value as u16), 0, 5_000),
        ("average_speed", |policy, value| policy.average_speed = Bps(value as u16), 1, 5_000),
        ("breaker_share", |policy, value| policy.breaker_share = Bps(value as u16), 0, 10_000),
        ("roots_share", |policy, value| policy.roots_share = Bps(value as u16), 0, 10_000),
    ]
}

/// Policies that are each out of one range, by one.
pub fn bad_policies(usual: Policy) -> Vec<(&'static str, Policy)> {
    let with = |set: Set, value| {
        let mut policy = usual;
        set(&mut policy, value);
        policy
    };
    let bad = |(name, set, least, most): (&'static str, Set, u64, u64)| {
        // A supply below the emission: the emission is named. Of the two shares that have a sum, the second.
        let low_name = if name == "max_supply" { "initial_emission" } else { name };
        let high_name = if name == "providers_share" { "stakers_share" } else { name };
        let low = least.checked_sub(1).map(|value| (low_name, with(set, value)));
        low.into_iter().chain([(high_name, with(set, most + 1))])
    };
    ranges(&usual).into_iter().flat_map(bad).collect()
}

#[test]
fn every_number_of_a_policy_has_two_bounds() {
    let story = Story::new();
    let usual = story.state().policy;
    let ranges = ranges(&usual);
    // The fields that are amounts, lengths or shares.
    let fields = <Policy as joule_interface::Layout>::SPEC.fields;
    for field in fields.iter().filter(|field| !["reserved", "feed_id"].contains(&field.name) && field.size < 32) {
        assert!(ranges.iter().any(|(name, ..)| *name == field.name), "{} has no bounds", field.name);
    }
    let authority = &story.network.authority;
    for ((name, set, least, most), index) in ranges.into_iter().filter(|range| range.0 != "max_supply").zip(0..) {
        for (value, index) in [(least, 2 * index), (most, 2 * index + 1)] {
            let mut policy = usual;
            set(&mut policy, value);
            let propose = story.network.propose_policy_instruction(&story.world, index, policy);
            assert!(story.world.send(&[propose], &[authority]).is_ok(), "{name} may be {value}");
        }
    }
    // What holds between two of them.
    let (mut weighed, mut unvouched) = (usual, usual);
    weighed.weigher = story.client.pubkey();
    (unvouched.vouched, unvouched.payout_share, unvouched.payout_floor) = (0, Bps(5_000), Bps(1));
    for (policy, name) in [(weighed, "lane_speed"), (unvouched, "payout_floor")] {
        let propose = story.network.propose_policy_instruction(&story.world, 99, policy);
        assert_eq!(story.world.out_of_range(propose, &[authority]), name);
    }
}

#[test]
fn creating_a_network_checks_its_parameters() {
    let mut world = World::new();
    let (network, mint_authority, _) = unborn(&mut world);
    let both: &[&Keypair] = &[&network.authority, &mint_authority];
    let usual = network.parameters(&world);
    let starts = world.now();
    let create = |starts, policy| {
        let mut create = network.create_instruction(&world, mint_authority.pubkey());
        create.data[1..].copy_from_slice(bytemuck::bytes_of(&CreateNetworkArgs {
            starts_at: starts,
            policy,
            source: source::MINT,
        }));
        create
    };
    world.fails(create(Timestamp(starts.0 - 1), usual), both, BmeError::InvalidParameter);
    for (name, policy) in bad_policies(usual) {
        assert_eq!(world.out_of_range(create(starts, policy), both), name);
    }
    world.fails(create(starts, Policy { providers_share: Bps(u16::MAX), ..usual }), both, BmeError::Overflow);
    // Milliseconds, or any start beyond a month.
    for late in [30 * DAY as i64 + 1, starts.0 * 999, i64::MAX - starts.0] {
        world.fails(create(Timestamp(starts.0 + late), usual), both, BmeError::InvalidParameter);
    }
    let low = Policy { max_supply: Tokens(0), initial_emission: Tokens(0), ..usual };
    world.fails(create(starts, low), both, BmeError::InvalidParameter);
    for policy in [
        Policy { stakers_token_account: network.treasury, ..usual },
        Policy { treasury_token_account: network.stakers, ..usual },
    ] {
        world.fails(create(starts, policy), both, BmeError::WrongAddress);
    }
    let last = Timestamp(starts.0 + 30 * DAY as i64);
    let most = Policy { max_supply: Tokens(1 << 63), ..usual };
    world.ok(&[create(last, most)], both);
}

/// An account of the network's address that was there before it.
#[test]
fn a_network_is_not_its_own_treasury() {
    let mut world = World::new();
    let mint = world.mint();
    let mut network = Network::unborn(&mut world, &mint);
    network.treasury = world.token_account(mint.address, network.address);
    let create = network.create_instruction(&world, mint.authority.pubkey());
    world.fails(create, &[&network.authority, &mint.authority], BmeError::WrongTokenOwner);
}

/// Byte 165 of a multisig is a signer's, and its first bytes may be what a token account's are.
#[test]
fn a_multisig_is_no_token_account() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let mut account = world.account(network.treasury).unwrap();
    account.data.resize(355, 2);
    account.lamports = 1 << 30;
    world.set_account(network.treasury, account);
    world.fails(create, &[&network.authority, &mint_authority], BmeError::InvalidTokenAccount);
}

#[test]
fn a_mint_with_more_supply_than_the_maximum_is_refused() {
    let mut world = World::new();
    let mint = world.mint();
    let network = Network::unborn(&mut world, &mint);
    world.mint_to(&mint, network.stakers, 11);
    let mut create = network.create_instruction(&world, mint.authority.pubkey());
    let with = |max_supply| CreateNetworkArgs {
        starts_at: world.now(),
        policy: Policy { max_supply: Tokens(max_supply), initial_emission: Tokens(1), ..network.parameters(&world) },
        source: source::MINT,
    };
    let args = with(10);
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    world.fails(create.clone(), &[&network.authority, &mint.authority], BmeError::MintHasSupplyOverMaximum);
    let args = with(11);
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    world.ok(&[create], &[&network.authority, &mint.authority]);
}

/// Makes `who` the freeze authority of a mint.
pub fn let_freeze(world: &mut World, mint: Address, who: Address) {
    let mut account = world.account(mint).unwrap();
    // The tag of a COption, then the address.
    account.data[46] = 1;
    account.data[50..82].copy_from_slice(&who.to_bytes());
    world.set_account(mint, account);
}

/// The mint authority may be the one that freezes, or the network's address, to which another handed that over before.
#[test]
fn nobody_freezes_a_networks_token_any_more() {
    for (token_program, is_handed_over) in
        [(TOKEN_PROGRAM, false), (TOKEN_PROGRAM, true), (TOKEN_2022_PROGRAM, false), (TOKEN_2022_PROGRAM, true)]
    {
        let mut world = World::new();
        let (mint, freezer) = (world.mint_of(token_program), world.user());
        let network = Network::unborn(&mut world, &mint);
        let both: &[&Keypair] = &[&network.authority, &mint.authority];
        let create = network.create_instruction(&world, mint.authority.pubkey());
        let holder = if is_handed_over { &freezer } else { &mint.authority };
        let_freeze(&mut world, mint.address, holder.pubkey());
        let freeze = || {
            let (authority, signers) = (holder.pubkey(), &[]);
            let freeze = spl_token_interface::instruction::freeze_account;
            let mut freeze = freeze(&TOKEN_PROGRAM, &network.treasury, &mint.address, &authority, signers).unwrap();
            freeze.program_id = token_program;
            freeze
        };
        if is_handed_over {
            // As long as somebody else may freeze, the mint is refused.
            world.fails(create.clone(), both, BmeError::MintNotAllowed);
            let set = spl_token_interface::instruction::set_authority;
            let kind = spl_token_interface::instruction::AuthorityType::FreezeAccount;
            let (to, from) = (Some(&network.address), freezer.pubkey());
            let mut hand_over = set(&TOKEN_PROGRAM, &mint.address, to, kind, &from, &[]).unwrap();
            hand_over.program_id = token_program;
            world.ok(&[hand_over], &[&freezer]);
        }
        world.ok(&[create], both);
        assert_eq!(world.account(mint.address).unwrap().data[46..50], [0; 4], "no freeze authority");
        assert!(world.send(&[freeze()], &[holder]).is_err(), "it was one");
        network.add_shard(&world, 0);
    }
}

#[test]
fn a_mint_that_others_can_freeze_is_refused() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let elsewhere = Network::new(&mut world, &[]).0;
    for other in [Address::default(), network.authority.pubkey(), elsewhere.address, network.treasury] {
        let_freeze(&mut world, network.mint, other);
        world.fails(create.clone(), &[&network.authority, &mint_authority], BmeError::MintNotAllowed);
    }
}

#[test]
fn shards_spenders_and_accounts_are_checked() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let thief = story.world.user();
    let (world, network) = (&story.world, &story.network);
    let authority: &[&Keypair] = &[&network.authority];

    let add = || network.add_shard_instruction(world, 2);
    world.fails(unsigned(add(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in 2..6 {
        world.fails(read_only(add(), index), authority, BmeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.address), authority, BmeError::Unauthorized);
    world.fails(network.add_shard_instruction(world, 3), authority, BmeError::WrongAddress);
    world.fails(network.add_shard_instruction(world, 1), authority, BmeError::AlreadyInitialized);
    world.fails(swap(add(), 4, network.burn_vault(3)), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 5, network.work_shard(3)), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 6, stranger.mint), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 7, TOKEN_2022_PROGRAM), authority, BmeError::WrongTokenProgram);
    world.fails(swap(add(), 8, TOKEN_PROGRAM), authority, BmeError::WrongProgram);

    let add = AddSpender {
        payer: world.payer().pubkey(),
        authority: network.authority.pubkey(),
        network: network.address,
        spender_authority: thief.pubkey(),
        spender: network.spender(thief.pubkey()),
        system_program: SYSTEM_PROGRAM,
    };
    let add = || add.instruction(&AddSpenderArgs { lane: 0 });
    world.fails(unsigned(add(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [2, 4] {
        world.fails(read_only(add(), index), authority, BmeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.address), authority, BmeError::Unauthorized);
    world.fails(swap(add(), 3, story.provider.pubkey()), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 5, TOKEN_PROGRAM), authority, BmeError::WrongProgram);
    world.ok(&[add()], authority);
    world.fails(add(), authority, BmeError::AlreadyInitialized);

    let open = OpenCreditAccount {
        payer: world.payer().pubkey(),
        network: network.address,
        owner: thief.pubkey(),
        credit_account: pda::credit_account::find(&network.address, &thief.pubkey()).0,
        system_program: SYSTEM_PROGRAM,
    };
    let open = || open.instruction(&OpenCreditAccountArgs {});
    world.fails(read_only(open(), 3), &[], BmeError::NotWritable);
    world.fails(swap(open(), 1, story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(open(), 1, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 2, story.client.pubkey()), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.ok(&[open()], &[]);
    world.fails(open(), &[], BmeError::AlreadyInitialized);

    let open = OpenProviderWork {
        payer: world.payer().pubkey(),
        network: network.address,
        provider: thief.pubkey(),
        provider_work: pda::provider_work::find(&network.address, &thief.pubkey(), &[0]).0,
        system_program: SYSTEM_PROGRAM,
    };
    let open = || open.instruction(&OpenProviderWorkArgs { lane: 0 });
    world.fails(read_only(open(), 3), &[], BmeError::NotWritable);
    world.fails(swap(open(), 1, story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(open(), 2, story.client.pubkey()), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.ok(&[open()], &[]);
    world.fails(open(), &[], BmeError::AlreadyInitialized);
}

#[test]
fn limits_of_shards_and_spenders() {
    let mut story = Story::new();
    story.edit_network(|network| {
        network.shard_count = 64;
        network.spender_places = u16::MAX;
    });
    let add = story.network.add_shard_instruction(&story.world, 64);
    story.world.fails(add, &[&story.network.authority], BmeError::TooManyShards);
    let authority = story.world.address();
    let add = AddSpender {
        payer: story.world.payer().pubkey(),
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        spender_authority: authority,
        spender: story.network.spender(authority),
        system_program: SYSTEM_PROGRAM,
    };
    story.world.fails(
        add.instruction(&AddSpenderArgs { lane: 0 }),
        &[&story.network.authority],
        BmeError::TooManySpenders,
    );
}

#[test]
fn lamports_sent_ahead_do_not_stop_a_creation() {
    let mut story = Story::new();
    let owner = story.world.address();
    let address = pda::credit_account::find(&story.network.address, &owner).0;
    for lamports in [1, 1_000_000_000] {
        story.world.set_account(address, Account { lamports, ..Account::default() });
        story.network.open_credit_account(&story.world, owner);
        let account = story.world.account(address).unwrap();
        assert_eq!(account.lamports, story.world.rent(352).max(lamports));
        story.world.set_account(address, Account::default());
    }
}

#[test]
fn token_2022_mints_may_describe_themselves_and_nothing_more() {
    use spl_token_2022_interface::{extension::ExtensionType, state::Mint};
    let mut world = World::new();
    let mut create = |extension: ExtensionType| {
        let mint = world.mint_of(TOKEN_2022_PROGRAM);
        let network = Network::unborn(&mut world, &mint);
        // The mint's 82 bytes, padding to an account's 165, a byte that says that it is a mint, then the extension.
        let size = ExtensionType::try_calculate_account_len::<Mint>(&[extension]).unwrap();
        let mut account = world.account(mint.address).unwrap();
        account.data.resize(size, 0);
        account.data[165] = 1;
        account.data[166..168].copy_from_slice(&(extension as u16).to_le_bytes());
        account.data[168..170].copy_from_slice(&((size - 170) as u16).to_le_bytes());
        account.lamports = 1 << 30;
        world.set_account(mint.address, account);
        let create = network.create_instruction(&world, mint.authority.pubkey());
        world.send(&[create], &[&network.authority, &mint.authority]).map_err(|failure| failure.code())
    };
    use ExtensionType::*;
    for harmless in [MetadataPointer, GroupPointer, GroupMemberPointer] {
        assert!(create(harmless).is_ok(), "{harmless:?}");
    }
    for harmful in [
        TransferFeeConfig,
        MintCloseAuthority,
        ConfidentialTransferMint,
        DefaultAccountState,
        NonTransferable,
        PermanentDelegate,
        TransferHook,
        ConfidentialTransferFeeConfig,
        ConfidentialMintBurn,
        Pausable,
        PermissionedBurn,
        // What is a price of one of these a price of?
        InterestBearingConfig,
        ScaledUiAmount,
    ] {
        let refused = create(harmful).expect_err("must be refused");
        assert_eq!(refused, Some(BmeError::MintNotAllowed as u32), "{harmful:?}");
    }
}

/// Not the breaker's window, which other networks have as long.
#[test]
fn a_networks_first_epoch_is_as_long_as_its_policy_says() {
    let mut world = World::new();
    let mint = world.mint_of(TOKEN_PROGRAM);
    let network = Network::unborn(&mut world, &mint);
    let mut create = network.create_instruction(&world, mint.authority.pubkey());
    let mut args: CreateNetworkArgs = bytemuck::pod_read_unaligned(&create.data[1..]);
    (args.policy.epoch_duration, args.policy.breaker_window) = (Seconds(40_000), Seconds(50_000));
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    let receipt = world.ok(&[create], &[&network.authority, &mint.authority]);
    let state: NetworkState = world.read(network.address);
    assert_eq!(state.epoch_ends_at, world.now().after(Seconds(40_000)).unwrap());
    assert_eq!(({ state.terms.duration }, { state.terms.own_duration }), (Seconds(40_000), Seconds(40_000)));
    let created: event::NetworkCreated = receipt.event(ID);
    assert_eq!((created.mint, created.authority), (mint.address, network.authority.pubkey()));
}
