//! Staking, pause, both token programs.

use super::*;

#[test]
fn stake_buys_shares() {
    let story = Story::new();
    let receipt = story.world.ok(&[story.stake(100 * TOKEN)], &[&story.authority]);
    let provider = story.provider();
    assert_eq!(provider.active, Pot { tokens: Tokens(100 * TOKEN), shares: U128::new((100 * SHARES) as u128) });
    assert_eq!(provider.self_shares, U128::new((100 * SHARES) as u128));
    assert_eq!(story.world.read::<Delegation>(story.own.delegation).shares, U128::new((100 * SHARES) as u128));
    assert_eq!(story.world.tokens(story.own.tokens), 900 * TOKEN);
    story.check();

    let event: event::Staked = receipt.event(ID);
    // Registration was the first.
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 2));
    assert_eq!((event.owner, event.tokens), (story.own.owner, Tokens(100 * TOKEN)));
    assert_eq!(event.shares, U128::new((100 * SHARES) as u128));
    for shared in [story.network.address, story.pool.address, story.pool.mint] {
        assert!(!receipt.writable.contains(&shared), "staking must not write more of the pool than its vault");
    }
}

#[test]
fn others_stake_is_not_the_provider_s_own() {
    let story = Story::with_stake();
    let provider = story.provider();
    assert_eq!(provider.active, Pot { tokens: Tokens(150 * TOKEN), shares: U128::new((150 * SHARES) as u128) });
    assert_eq!(provider.self_shares, U128::new((100 * SHARES) as u128));
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
    assert_eq!(story.provider().active, Pot { tokens: Tokens(151 * TOKEN), shares: U128::new((151 * SHARES) as u128) });
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
fn a_pot_is_not_filled_beyond_what_its_shares_can_count() {
    let mut story = Story::new();
    let mint = story.world.mint();
    let pool = Pool::unborn(&story.network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(&story.world, &story.network, Pool::rules());
    story.world.ok(&[create], &[&story.network.authority]);
    let provider = pool.register(&story.world, &story.authority);
    let tokens = story.world.token_account(mint.address, story.own.owner);
    story.world.mint_to(&mint, tokens, u64::MAX);
    let own = pool.open_delegation(&story.world, provider, story.own.owner, tokens);

    let (world, owner) = (&story.world, &[&story.authority][..]);
    // With the thousand shares of nobody it would be one too many, and nobody could leave.
    let most = u64::MAX / 1_000 - 1;
    for amount in [u64::MAX, most + 2, most + 1] {
        world.fails(pool.stake_instruction(&own, amount), owner, StakeError::Overflow);
    }
    world.ok(&[pool.stake_instruction(&own, most)], owner);
    world.fails(pool.stake_instruction(&own, 1), owner, StakeError::Overflow);
    let ticket = pool.next_ticket(world, &own);
    world.ok(&[pool.unstake_instruction(world, &own, ticket, most * 1_000)], owner);
    assert_eq!(world.read::<Provider>(provider).unbonding.tokens, Tokens(most));
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
