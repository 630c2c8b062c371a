//! Staking, pause, both token programs.

use super::*;

#[test]
fn the_provider_s_own_stake_is_tokens() {
    let story = Story::new();
    let receipt = story.world.ok(&[story.stake(100 * TOKEN)], &[&story.authority]);
    let provider = story.provider();
    assert_eq!((provider.own, provider.delegated), (Tokens(100 * TOKEN), Pot::default()));
    assert_eq!(story.world.read::<Delegation>(story.own.delegation).shares, U128::new(0));
    assert_eq!(story.world.tokens(story.own.tokens), 900 * TOKEN);
    story.check();

    let event: event::Staked = receipt.event(ID);
    // Registration was the first.
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 2));
    assert_eq!((event.owner, event.tokens), (story.own.owner, Tokens(100 * TOKEN)));
    for shared in [story.network.address, story.pool.address, story.pool.mint] {
        assert!(!receipt.writable.contains(&shared), "staking must not write more of the pool than its vault");
    }
}

#[test]
fn others_stake_is_not_the_provider_s_own() {
    let story = Story::with_stake();
    let provider = story.provider();
    assert_eq!((provider.own, provider.delegated), (Tokens(100 * TOKEN), pot(50 * TOKEN)));
    assert_eq!(story.world.read::<Delegation>(story.theirs.delegation).shares, U128::new((50 * SHARES) as u128));
    story.check();
}

#[test]
fn tokens_sent_to_the_vault_unasked_buy_nothing_and_change_no_price() {
    let story = Story::with_stake();
    let gift = spl_token_interface::instruction::transfer(
        &TOKEN_PROGRAM,
        &story.theirs.tokens,
        &story.pool.vault,
        &story.delegator.pubkey(),
        &[],
        77 * TOKEN,
    )
    .unwrap();
    story.world.ok(&[gift, story.delegate(TOKEN)], &[&story.delegator]);
    assert_eq!(story.provider().delegated, pot(51 * TOKEN));
    story.world.ok(&[story.unstake(51 * SHARES)], &[&story.payer, &story.delegator]);
    assert_eq!(story.provider().unbonding.tokens, Tokens(51 * TOKEN));
}

#[test]
fn staking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let foreign = story.world.token_account(stranger.network.mint, story.delegator.pubkey());
    let mut rich = story.world.account(foreign).unwrap();
    rich.data[64..72].copy_from_slice(&TOKEN.to_le_bytes());
    story.world.set_account(foreign, rich);
    let stake = || story.delegate(TOKEN);
    let (world, owner) = (&story.world, &[&story.delegator][..]);

    world.fails(unsigned(stake(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(stake(), 0, story.authority.pubkey()), &[&story.authority], StakeError::Unauthorized);
    for index in [3, 4, 5, 6, 9] {
        world.fails(read_only(stake(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(stake(), 1, stranger.network.address), owner, StakeError::WrongNetwork);
    world.fails(swap(stake(), 1, story.network.burn_shard(0)), owner, StakeError::WrongAccountType);
    world.fails(swap(stake(), 1, story.pool.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 2, stranger.pool.address), owner, StakeError::WrongNetwork);
    world.fails(swap(stake(), 2, story.slasher), owner, StakeError::WrongAccountType);
    world.fails(swap(stake(), 2, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 3, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(stake(), 3, stranger.provider), owner, StakeError::WrongPool);
    world.fails(swap(stake(), 3, story.pool.address), owner, StakeError::WrongAccountType);
    world.fails(swap(stake(), 3, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 4, their_sibling.delegation), owner, StakeError::WrongProvider);
    world.fails(swap(stake(), 4, story.own.delegation), owner, StakeError::Unauthorized);
    world.fails(swap(stake(), 4, story.provider), owner, StakeError::WrongAccountType);
    world.fails(swap(stake(), 4, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 6, stranger.pool.vault), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 6, story.own.tokens), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 7, stranger.network.mint), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 8, TOKEN_2022_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(stake(), 8, SYSTEM_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(stake(), 9, stranger.pool.rewards), owner, StakeError::WrongAddress);
    let mut short = stake();
    short.accounts.truncate(9);
    world.fails(short, owner, StakeError::NotEnoughAccounts);

    // All of the stranger's, and one provider that is not.
    let mixed = stranger.pool.stake_instruction(&Backer { tokens: foreign, ..story.theirs }, TOKEN);
    world.fails(mixed, owner, StakeError::WrongPool);
    token_program_refuses(world, swap(stake(), 5, story.own.tokens), owner, token_error::OWNER_MISMATCH);
    token_program_refuses(world, swap(stake(), 5, story.pool.vault), owner, token_error::OWNER_MISMATCH);
    token_program_refuses(world, swap(stake(), 5, foreign), owner, token_error::MINT_MISMATCH);
    world.ok(&[stake()], owner);
}

#[test]
fn stake_of_nothing_and_of_more_than_there_is_is_refused() {
    let story = Story::new();
    story.world.fails(story.stake(0), &[&story.authority], StakeError::ZeroAmount);
    for amount in [1_000 * TOKEN + 1, u64::MAX] {
        let code = token_error::INSUFFICIENT_FUNDS;
        token_program_refuses(&story.world, story.stake(amount), &[&story.authority], code);
    }
    story.world.ok(&[story.stake(1_000 * TOKEN)], &[&story.authority]);
}

#[test]
fn a_pot_holds_and_releases_all_that_a_supply_can_be() {
    let mut story = Story::new();
    let mint = story.world.mint();
    let pool = Pool::unborn(&story.network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(&story.world, &story.network, Pool::rules());
    story.world.ok(&[create], &[&story.network.authority]);
    let provider = pool.register(&story.world, &story.authority);
    let [own, theirs] = [&story.own, &story.theirs].map(|backer| {
        let tokens = story.world.token_account(mint.address, backer.owner);
        pool.open_delegation(&story.world, provider, backer.owner, tokens)
    });
    story.world.mint_to(&mint, own.tokens, 1);
    story.world.mint_to(&mint, theirs.tokens, u64::MAX - 1);
    let (world, owners) = (&story.world, &[&story.authority, &story.delegator][..]);
    world.ok(&[pool.stake_instruction(&own, 1), pool.stake_instruction(&theirs, u64::MAX - 1)], owners);
    let lock = LockStake {
        owner: theirs.owner,
        pool: pool.address,
        provider,
        delegation: theirs.delegation,
        rewards: pool.rewards,
    };
    let lock = lock.instruction(&LockStakeArgs { lock_period: Seconds(365 * DAY as u32) });
    world.ok(&[lock], &[&story.delegator]);
    world.pass(365 * DAY);
    for (backer, owner) in [(&theirs, &story.delegator), (&own, &story.authority)] {
        let ticket = pool.next_ticket(world, backer);
        world.ok(&[pool.unstake_instruction(world, backer, ticket, u64::MAX)], &[owner]);
    }
    assert_eq!(world.read::<Provider>(provider).unbonding.tokens, Tokens::MAX);
    world.pass(WEEK);
    for (backer, owner) in [(&theirs, &story.delegator), (&own, &story.authority)] {
        world.ok(&[pool.withdraw_instruction(world, backer, pool.ticket(backer, 0))], &[owner]);
    }
    assert_eq!((world.tokens(theirs.tokens), world.tokens(own.tokens)), (u64::MAX - 1, 1));
}

#[test]
fn a_paused_network_takes_no_stake_and_no_bonds_but_gives_everything_back() {
    let mut story = Story::with_bond();
    story.pause();
    story.world.fails(story.stake(TOKEN), &[&story.authority], StakeError::Paused);
    let other = Address::new_from_array([8; 32]);
    story.world.fails(story.lock_for(other, TOKEN), &story.bonding(), StakeError::Paused);
    story.world.ok(&[story.release()], &[&story.slashing]);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}

#[test]
fn token_2022_mints_work_as_well() {
    let story = Story::in_world(World::new(), TOKEN_2022_PROGRAM).staked();
    story.world.fails(swap(story.stake(TOKEN), 8, TOKEN_PROGRAM), &[&story.authority], StakeError::WrongTokenProgram);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}
