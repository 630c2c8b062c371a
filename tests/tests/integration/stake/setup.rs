//! Pools, providers, delegations, slashers.

use super::*;

#[test]
fn accounts_that_set_up_a_network_store_their_parameters() {
    let story = Story::new();
    let pool: PoolState = story.world.read(story.pool.address);
    assert_eq!((pool.network, pool.mint), (story.network.address, story.network.mint));
    assert_eq!((pool.vault, pool.token_program), (story.pool.vault, TOKEN_PROGRAM));
    assert_eq!(pool.decimals, 9);
    let vault = story.world.account(pool.vault).unwrap();
    assert_eq!(vault.data[..32], pool.mint.to_bytes());
    assert_eq!(vault.data[32..64], story.pool.address.to_bytes());

    let provider = story.provider();
    assert_eq!((provider.pool, provider.authority), (story.pool.address, story.authority.pubkey()));
    assert_eq!((provider.status, provider.commission), (status::ACTIVE, Bps(1_000)));
    assert_eq!((provider.own, provider.delegated, provider.unbonding), Default::default());
    let delegation: Delegation = story.world.read(story.theirs.delegation);
    assert_eq!((delegation.provider, delegation.owner), (story.provider, story.delegator.pubkey()));
    assert_eq!((delegation.payer, delegation.shares), (story.world.payer().pubkey(), U128::new(0)));
    let slasher: Slasher = story.world.read(story.slasher);
    assert_eq!((slasher.pool, slasher.authority), (story.pool.address, story.slashing.pubkey()));
    assert_eq!((slasher.rights, slasher.window_limit), (rights::ALL, Tokens(u64::MAX)));
    assert_eq!((pool.rewards, pool.treasury), (story.pool.rewards, story.network.treasury));
    assert_eq!(pool.policy, PoolPolicy { min_self_stake: Tokens(10 * TOKEN), ..Pool::rules() });
    let rewards = story.rewards();
    assert_eq!((rewards.pool, rewards.total_weight.0, rewards.updated_at), (story.pool.address, 0, story.world.now()));
    assert_eq!(delegation.multiplier, Bps(10_000));
}

#[test]
fn creating_a_pool_checks_its_accounts() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let stranger = Network::new(&mut world, &[]).0;
    let (thief, payer) = (world.user(), world.user());
    let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
    let own = world.token_account(network.mint, pool.address);
    let of_a_program = world.token_account(network.mint, pool.vault);
    let elsewhere = world.address();
    let create = || swap(pool.create_instruction(&world, &network, Pool::rules()), 0, payer.pubkey());
    let signers = &[&payer, &network.authority][..];

    world.fails(unsigned(create(), 0), &[&network.authority], StakeError::MissingSigner);
    world.fails(unsigned(create(), 1), &[&payer], StakeError::MissingSigner);
    world.fails(swap(create(), 1, thief.pubkey()), &[&payer, &thief], StakeError::Unauthorized);
    for index in [0, 3, 4, 8] {
        world.fails(read_only(create(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(create(), 8, elsewhere), signers, StakeError::WrongAddress);
    world.fails(swap(create(), 9, stranger.treasury), signers, StakeError::WrongMint);
    world.fails(swap(create(), 9, network.mint), signers, StakeError::InvalidTokenAccount);
    world.fails(swap(create(), 9, own), signers, StakeError::WrongTokenOwner);
    world.fails(swap(create(), 9, of_a_program), signers, StakeError::WrongTokenOwner);
    world.fails(swap(create(), 2, stranger.address), signers, StakeError::Unauthorized);
    world.fails(swap(create(), 2, network.burn_shard(0)), signers, StakeError::WrongAccountType);
    world.fails(swap(create(), 2, network.mint), signers, StakeError::WrongOwner);
    let with_its_vault = swap(swap(create(), 3, elsewhere), 4, pda::vault::find(&elsewhere).0);
    world.fails(with_its_vault, signers, StakeError::WrongAddress);
    world.fails(swap(create(), 4, elsewhere), signers, StakeError::WrongAddress);
    // Another mint has another pool.
    world.fails(swap(create(), 5, stranger.mint), signers, StakeError::WrongAddress);
    world.fails(swap(create(), 5, network.stakers), signers, StakeError::WrongMint);
    world.fails(swap(create(), 5, network.address), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 6, TOKEN_2022_PROGRAM), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 6, SYSTEM_PROGRAM), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 7, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.ok(&[create()], signers);
    world.fails(create(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn creating_a_pool_checks_its_parameters() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let [one, other] = [world.mint(), world.mint()];
    let create = |mint: Address, seconds: u32| {
        let args = PoolPolicy { unbonding_period: Seconds(seconds), slash_delay: Seconds(3_600), ..Pool::rules() };
        Pool::unborn(&network, mint, TOKEN_PROGRAM).create_instruction(&world, &network, args)
    };
    for rules in bad_rules() {
        let create = Pool::unborn(&network, one.address, TOKEN_PROGRAM).create_instruction(&world, &network, rules);
        let named = world.out_of_range(create, &[&network.authority]);
        let (usual, rules) = (Pool::rules(), rules);
        let differs = |field: &&joule_interface::FieldSpec| {
            let bytes = field.offset..field.offset + field.size;
            bytemuck::bytes_of(&usual)[bytes.clone()] != bytemuck::bytes_of(&rules)[bytes]
        };
        let fields = <PoolPolicy as joule_interface::Layout>::SPEC.fields;
        assert!(fields.iter().filter(differs).any(|field| field.name == named), "{named}");
    }
    for seconds in [0, 3_599, 365 * 86_400 + 1, u32::MAX] {
        world.fails(create(one.address, seconds), &[&network.authority], StakeError::InvalidParameter);
    }
    world.ok(&[create(one.address, 3_600), create(other.address, 365 * 86_400)], &[&network.authority]);
}

/// A field, what sets it, and the least and the most that it may be.
type Range = (&'static str, fn(&mut PoolPolicy, u64), u64, u64);

#[test]
fn every_number_of_a_pools_policy_has_two_bounds() {
    const HOUR: u64 = 3_600;
    const YEAR: u64 = 365 * DAY;
    let story = Story::new();
    let ranges: Vec<Range> = vec![
        ("min_self_stake", |rules, value| rules.min_self_stake = Tokens(value), 0, u64::MAX),
        ("min_slash", |rules, value| rules.min_slash = Tokens(value), 0, u64::MAX),
        // A slash's delay is no longer.
        ("unbonding_period", |rules, value| rules.unbonding_period = Seconds(value as u32), DAY, YEAR),
        ("reward_period", |rules, value| rules.reward_period = Seconds(value as u32), HOUR, YEAR),
        ("commission_delay", |rules, value| rules.commission_delay = Seconds(value as u32), HOUR, YEAR),
        ("slash_delay", |rules, value| rules.slash_delay = Seconds(value as u32), HOUR, WEEK),
        ("slash_execution_window", |rules, value| rules.slash_execution_window = Seconds(value as u32), HOUR, YEAR),
        ("slash_window", |rules, value| rules.slash_window = Seconds(value as u32), HOUR, YEAR),
        ("jail_period", |rules, value| rules.jail_period = Seconds(value as u32), HOUR, YEAR),
        ("max_commission", |rules, value| rules.max_commission = Bps(value as u16), 0, 10_000),
        ("max_commission_step", |rules, value| rules.max_commission_step = Bps(value as u16), 0, 10_000),
        ("slash_limit", |rules, value| rules.slash_limit = Bps(value as u16), 0, 10_000),
        ("slash_burned_share", |rules, value| rules.slash_burned_share = Bps(value as u16), 0, 10_000),
        ("standing_period", |rules, value| rules.standing_period = Seconds(value as u32), 0, YEAR),
    ];
    for field in <PoolPolicy as joule_interface::Layout>::SPEC.fields {
        assert!(ranges.iter().any(|(name, ..)| *name == field.name), "{} has no bounds", field.name);
    }
    let (world, authority) = (&story.world, &[&story.network.authority][..]);
    let propose = |set: fn(&mut PoolPolicy, u64), value| {
        let mut rules = Pool::rules();
        set(&mut rules, value);
        story.pool.propose_policy_instruction(world, &story.network, rules, ID)
    };
    for (name, set, least, most) in ranges {
        for value in [least, most] {
            world.ok(&[propose(set, value)], authority);
            world.ok(&[story.pool.cancel_policy_instruction(world, &story.network)], authority);
        }
        for value in least.checked_sub(1).into_iter().chain(most.checked_add(1)) {
            let named = world.out_of_range(propose(set, value), authority);
            assert!(named == name || name == "unbonding_period" && named == "slash_delay", "{name}: {named}");
        }
    }
}

/// Each with one parameter outside its range.
pub fn bad_rules() -> Vec<PoolPolicy> {
    let year = Seconds(365 * 86_400);
    let (short, long, more) = (Seconds(3_599), Seconds(year.0 + 1), Bps(10_001));
    let p = Pool::rules;
    vec![
        PoolPolicy { unbonding_period: short, slash_delay: Seconds(0), ..p() },
        PoolPolicy { unbonding_period: long, ..p() },
        PoolPolicy { reward_period: short, ..p() },
        PoolPolicy { reward_period: long, ..p() },
        PoolPolicy { commission_delay: short, ..p() },
        PoolPolicy { commission_delay: long, ..p() },
        PoolPolicy { slash_delay: short, ..p() },
        PoolPolicy { slash_delay: Seconds(WEEK as u32 + 1), ..p() },
        PoolPolicy { slash_execution_window: short, ..p() },
        PoolPolicy { slash_execution_window: long, ..p() },
        PoolPolicy { slash_window: short, ..p() },
        PoolPolicy { slash_window: long, ..p() },
        PoolPolicy { jail_period: short, ..p() },
        PoolPolicy { jail_period: long, ..p() },
        PoolPolicy { max_commission: more, ..p() },
        PoolPolicy { max_commission_step: more, ..p() },
        PoolPolicy { slash_limit: more, ..p() },
        PoolPolicy { slash_burned_share: more, ..p() },
        PoolPolicy { standing_period: long, ..p() },
    ]
}

#[test]
fn a_mint_that_can_be_frozen_is_refused() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let mut mint = world.account(network.mint).unwrap();
    // COption tag of the freeze authority.
    mint.data[46] = 1;
    world.set_account(network.mint, mint);
    let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
    let create = pool.create_instruction(&world, &network, Pool::rules());
    world.fails(create, &[&network.authority], StakeError::MintNotAllowed);
}

#[test]
fn a_pool_of_wrapped_sol_burns_nothing() {
    for token_program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let mut story = Story::in_world(World::new(), token_program);
        let native = if token_program == TOKEN_PROGRAM {
            Address::from_str_const("So11111111111111111111111111111111111111112")
        } else {
            Address::from_str_const("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9")
        };
        let mint = story.world.account(story.pool.mint).expect("the mint is there");
        story.world.set_account(native, mint);
        let treasury = story.world.token_account(native, story.client.pubkey());
        let pool = Pool::unborn(&story.network, native, token_program);
        let rules = |burned| PoolPolicy { slash_burned_share: Bps(burned), ..Pool::rules() };
        let authority = &[&story.network.authority][..];
        let create =
            |burned, treasury| swap(pool.create_instruction(&story.world, &story.network, rules(burned)), 9, treasury);
        let change =
            |burned, treasury| pool.propose_policy_instruction(&story.world, &story.network, rules(burned), treasury);
        story.world.fails(create(0, ID), authority, StakeError::MintNotAllowed);
        story.world.fails(create(1, treasury), authority, StakeError::MintNotAllowed);
        story.world.ok(&[create(0, treasury)], authority);
        story.world.fails(change(0, ID), authority, StakeError::MintNotAllowed);
        story.world.fails(change(1, treasury), authority, StakeError::MintNotAllowed);
        story.world.ok(&[change(0, treasury)], authority);
    }
}

#[test]
fn registering_checks_its_accounts_and_the_commission() {
    let mut story = Story::new();
    let (someone, payer) = (story.world.user(), story.world.user());
    let (world, pool) = (&story.world, &story.pool);
    let signers = &[&payer, &someone][..];
    let register = || swap(pool.register_instruction(world, someone.pubkey()), 0, payer.pubkey());

    world.fails(unsigned(register(), 0), &[&someone], StakeError::MissingSigner);
    world.fails(unsigned(register(), 1), &[&payer], StakeError::MissingSigner);
    for index in [0, 3] {
        world.fails(read_only(register(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(register(), 2, story.slasher), signers, StakeError::WrongAccountType);
    world.fails(swap(register(), 2, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(register(), 3, story.bond(JOB)), signers, StakeError::WrongAddress);
    world.fails(swap(register(), 4, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    let with = |commission: u16| {
        let mut register = register();
        register.data[1..].copy_from_slice(&commission.to_le_bytes());
        register
    };
    for commission in [10_001, u16::MAX] {
        world.fails(with(commission), signers, StakeError::CommissionTooHigh);
    }
    let receipt = world.ok(&[with(10_000)], signers);
    let event: event::ProviderRegistered = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (pool.provider(someone.pubkey()), 1));
    assert_eq!((event.pool, event.authority), (pool.address, someone.pubkey()));
    world.fails(register(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn opening_a_delegation_checks_its_accounts() {
    let mut story = Story::new();
    let payer = story.world.user();
    let (_, sibling, _) = story.sibling();
    let world = &story.world;
    let owner = world.address();
    let delegation = pda::delegation::find(&story.provider, &owner).0;
    let backer = Backer { owner, provider: story.provider, delegation, tokens: owner };
    let open = || swap(story.pool.open_delegation_instruction(world, &backer), 0, payer.pubkey());

    world.fails(unsigned(open(), 0), &[], StakeError::MissingSigner);
    for index in [0, 2, 3] {
        world.fails(read_only(open(), index), &[&payer], StakeError::NotWritable);
    }
    world.fails(swap(open(), 1, payer.pubkey()), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 2, sibling), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 2, story.pool.address), &[&payer], StakeError::WrongAccountType);
    world.fails(swap(open(), 2, story.network.address), &[&payer], StakeError::WrongOwner);
    world.fails(swap(open(), 3, story.bond(JOB)), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[&payer], StakeError::WrongProgram);
    world.ok(&[open()], &[&payer]);
    assert_eq!(world.read::<Delegation>(delegation).payer, payer.pubkey());
    world.fails(open(), &[&payer], StakeError::AlreadyInitialized);
}

#[test]
fn adding_a_slasher_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (thief, payer) = (story.world.user(), story.world.user());
    let (world, network) = (&story.world, &story.network);
    let signers = &[&payer, &network.authority][..];
    let add = || swap(story.pool.add_slasher_instruction(world, network, thief.pubkey()), 0, payer.pubkey());

    world.fails(unsigned(add(), 0), &[&network.authority], StakeError::MissingSigner);
    world.fails(unsigned(add(), 1), &[&payer], StakeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&payer, &thief], StakeError::Unauthorized);
    for index in [0, 5] {
        world.fails(read_only(add(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.network.address), signers, StakeError::Unauthorized);
    world.fails(swap(add(), 2, network.burn_shard(0)), signers, StakeError::WrongAccountType);
    world.fails(swap(add(), 2, story.pool.address), signers, StakeError::WrongOwner);
    world.fails(swap(add(), 3, stranger.pool.address), signers, StakeError::WrongNetwork);
    world.fails(swap(add(), 3, story.slasher), signers, StakeError::WrongAccountType);
    world.fails(swap(add(), 3, network.address), signers, StakeError::WrongOwner);
    world.fails(swap(add(), 4, payer.pubkey()), signers, StakeError::WrongAddress);
    world.fails(swap(add(), 5, story.bond(JOB)), signers, StakeError::WrongAddress);
    world.fails(swap(add(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.ok(&[add()], signers);
    world.fails(add(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::with_stake();
    let signers = &[&story.delegator][..];
    let mut stake = story.delegate(TOKEN);
    stake.data.push(0);
    story.world.fails(stake.clone(), signers, StakeError::InvalidArguments);
    stake.data.truncate(8);
    story.world.fails(stake.clone(), signers, StakeError::InvalidArguments);
    stake.data.clear();
    story.world.fails(stake.clone(), signers, StakeError::UnknownInstruction);
    stake.data.push(255);
    story.world.fails(stake, signers, StakeError::UnknownInstruction);
}

#[test]
fn a_slasher_s_rights_can_be_changed_and_there_are_no_others() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (world, authority) = (&story.world, &[&story.network.authority][..]);
    let set = || story.set_slasher(rights::SLASH, 5);
    world.fails(unsigned(set(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(set(), 0, story.slashing.pubkey()), &[&story.slashing], StakeError::Unauthorized);
    world.fails(swap(set(), 1, stranger.network.address), authority, StakeError::Unauthorized);
    world.fails(swap(set(), 2, stranger.pool.address), authority, StakeError::WrongNetwork);
    world.fails(swap(set(), 3, stranger.slasher), authority, StakeError::WrongPool);
    world.fails(swap(set(), 3, story.provider), authority, StakeError::WrongAccountType);
    world.fails(read_only(set(), 3), authority, StakeError::NotWritable);
    for sum in [8, u8::MAX] {
        world.fails(story.set_slasher(sum, 0), authority, StakeError::InvalidParameter);
        let mut add = story.pool.add_slasher_instruction(world, &story.network, story.client.pubkey());
        add.data[1] = sum;
        world.fails(add, authority, StakeError::InvalidParameter);
    }
    world.ok(&[set()], authority);
    let slasher: Slasher = world.read(story.slasher);
    assert_eq!((slasher.rights, slasher.window_limit), (rights::SLASH, Tokens(5)));
}

#[test]
fn a_pool_of_another_mint_has_that_mints_program() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let mint = world.mint_of(TOKEN_2022_PROGRAM);
    let pool = Pool::unborn(&network, mint.address, TOKEN_2022_PROGRAM);
    let receipt = world.ok(&[pool.create_instruction(&world, &network, Pool::rules())], &[&network.authority]);
    let state: PoolState = world.read(pool.address);
    assert_eq!((network.token_program, state.token_program), (TOKEN_PROGRAM, TOKEN_2022_PROGRAM));
    assert_eq!(
        (state.network, state.mint, receipt.event::<event::PoolCreated>(ID).mint),
        (network.address, mint.address, mint.address)
    );
}
