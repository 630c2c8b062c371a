//! New rules for a pool.

use super::{setup::bad_rules, *};

/// A longer unbonding time, and all slashed tokens burned.
fn other_rules() -> PoolPolicy {
    PoolPolicy { unbonding_period: Seconds(2 * WEEK as u32), slash_burned_share: Bps(10_000), ..Pool::rules() }
}

fn propose(story: &Story, rules: PoolPolicy) -> Instruction {
    let propose = story.pool.propose_policy_instruction(&story.world, &story.network, rules, ID);
    swap(propose, 0, story.payer.pubkey())
}

fn execute(story: &Story) -> Instruction {
    swap(story.pool.execute_policy_instruction(&story.world), 2, story.payer.pubkey())
}

fn cancel(story: &Story) -> Instruction {
    swap(story.pool.cancel_policy_instruction(&story.world, &story.network), 4, story.payer.pubkey())
}

fn delay(story: &Story) -> u64 {
    story.world.read::<NetworkState>(story.network.address).policy.change_delay.0 as u64
}

#[test]
fn the_policy_changes_after_the_networks_delay() {
    let story = Story::with_ticket();
    let signers: &[&Keypair] = &[&story.payer, &story.network.authority];
    let ripe = story.world.read::<UnbondingTicket>(story.ticket()).withdrawable_at;
    let (delay, before) = (delay(&story), story.world.read::<PoolState>(story.pool.address));
    let receipt = story.world.ok(&[propose(&story, other_rules())], signers);
    // It is worse for backers: all can leave before.
    let delay = delay.max(2 * WEEK + DAY);
    let from = Timestamp(story.world.now().0 + delay as i64);
    assert_eq!(receipt.event::<event::PolicyProposed>(ID).executable_at, from);
    let queued: PolicyChange = story.world.read(story.pool.change());
    assert_eq!((queued.policy, queued.treasury, queued.executable_at), (other_rules(), Address::default(), from));
    assert_eq!(story.world.read::<PoolState>(story.pool.address).policy, before.policy);

    story.world.pass(delay - 1);
    story.world.fails(execute(&story), &[], StakeError::ChangeNotReady);
    story.world.pass(1);
    let (lamports, rent) = (story.world.lamports(story.payer.pubkey()), story.world.lamports(story.pool.change()));
    let receipt = story.world.ok(&[execute(&story)], &[]);
    let pool: PoolState = story.world.read(story.pool.address);
    assert_eq!((pool.policy, pool.treasury), (other_rules(), Address::default()));
    assert_eq!(receipt.event::<event::PolicyChanged>(ID).header.sequence, pool.sequence);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + rent);
    assert_eq!(
        PoolState {
            policy: before.policy,
            treasury: before.treasury,
            sequence: before.sequence,
            exit_ends_at: before.exit_ends_at,
            exit_began_at: before.exit_began_at,
            ..pool
        },
        before
    );
    // Tickets keep their time, new ones have the new one.
    assert_eq!(story.world.read::<UnbondingTicket>(story.ticket()).withdrawable_at, ripe);
    story.world.ok(&[story.unstake(SHARES)], &[&story.payer, &story.delegator]);
    let ticket: UnbondingTicket = story.world.read(story.pool.ticket(&story.theirs, 1));
    assert_eq!(ticket.withdrawable_at.0, story.world.now().0 + 2 * WEEK as i64);
    // Another change can be proposed, with a treasury.
    let treasury = story.network.treasury;
    let again = story.pool.propose_policy_instruction(&story.world, &story.network, Pool::rules(), treasury);
    story.world.ok(&[again], &[&story.network.authority]);
    story.world.pass(delay + 14 * DAY);
    story.world.ok(&[story.pool.execute_policy_instruction(&story.world)], &[]);
    assert_eq!(story.world.read::<PoolState>(story.pool.address).treasury, treasury);
}

#[test]
fn a_policy_that_is_worse_for_backers_waits_until_they_can_have_left() {
    let story = Story::with_stake();
    let signers: &[&Keypair] = &[&story.payer, &story.network.authority];
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    story.world.pass(DAY);
    let usual = PoolPolicy { min_self_stake: Tokens(10 * TOKEN), min_slash: Tokens(9), ..Pool::rules() };
    let executable_after = |policy: PoolPolicy| {
        let receipt = story.world.ok(&[propose(&story, policy)], signers);
        story.world.ok(&[cancel(&story)], &[&story.network.authority]);
        receipt.event::<event::PolicyProposed>(ID).executable_at.since(story.world.now())
    };
    // What is no worse waits as long as the network says, and opens no lock.
    let (soon, late) = (delay(&story), WEEK + DAY);
    assert!(soon < late);
    let better = [
        PoolPolicy { unbonding_period: Seconds(6 * DAY as u32), ..usual },
        PoolPolicy { slash_limit: Bps(4_999), ..usual },
        PoolPolicy { min_slash: Tokens(10), ..usual },
        PoolPolicy { min_self_stake: Tokens(0), ..usual },
    ];
    for policy in better {
        assert_eq!(executable_after(policy), soon);
    }
    let leave = || story.unstake(50 * SHARES);
    let leaving = &[&story.payer, &story.delegator][..];
    story.world.fails(leave(), leaving, StakeError::Locked);
    let rules = Pool::rules();
    let worse = [
        (PoolPolicy { unbonding_period: Seconds(8 * DAY as u32), ..usual }, late + DAY),
        (PoolPolicy { slash_delay: Seconds(DAY as u32 - 1), ..usual }, late),
        (PoolPolicy { slash_execution_window: Seconds(rules.slash_execution_window.0 + 1), ..usual }, late),
        (PoolPolicy { slash_window: Seconds(rules.slash_window.0 - 1), ..usual }, late),
        (PoolPolicy { slash_limit: Bps(5_001), ..usual }, late),
        (PoolPolicy { slash_burned_share: Bps(2_501), ..usual }, late),
        (PoolPolicy { jail_period: Seconds(rules.jail_period.0 + 1), ..usual }, late),
        (PoolPolicy { commission_delay: Seconds(rules.commission_delay.0 - 1), ..usual }, late),
        (PoolPolicy { max_commission_step: Bps(2_001), ..usual }, late),
        (PoolPolicy { reward_period: Seconds(rules.reward_period.0 + 1), ..usual }, late),
    ];
    for (policy, wait) in worse {
        assert_eq!(executable_after(policy), wait);
    }
    // It was announced: the locked can go, and have left before it is in force.
    story.world.ok(&[leave()], leaving);
    story.check();
}

#[test]
fn one_change_waits_at_a_time_and_not_for_ever() {
    let story = Story::new();
    let signers: &[&Keypair] = &[&story.payer, &story.network.authority];
    story.world.ok(&[propose(&story, other_rules())], signers);
    story.world.fails(propose(&story, Pool::rules()), signers, StakeError::AlreadyInitialized);
    story.world.pass(delay(&story) + 14 * DAY + 1);
    story.world.fails(execute(&story), &[], StakeError::ChangeExpired);
    // Nobody can execute it any more, so anyone clears it away.
    let receipt = story.world.ok(&[swap(cancel(&story), 0, story.delegator.pubkey())], &[&story.delegator]);
    let pool: PoolState = story.world.read(story.pool.address);
    assert_eq!(receipt.event::<event::PolicyCancelled>(ID).header.sequence, pool.sequence);
    assert_eq!(pool.policy, PoolPolicy { min_self_stake: Tokens(10 * TOKEN), ..Pool::rules() });
    story.world.fails(execute(&story), &[], StakeError::WrongOwner);
    story.world.ok(&[propose(&story, Pool::rules())], signers);
}

#[test]
fn a_new_treasury_waits_until_all_can_have_left() {
    let mut story = Story::with_stake();
    story.world.pass(2 * DAY);
    let rules = story.world.read::<PoolState>(story.pool.address).policy;
    let other = story.world.token_account(story.pool.mint, story.client.pubkey());
    let (authority, delay) = (&[&story.network.authority][..], delay(&story));
    let wait = delay.max(WEEK + DAY);
    assert!(wait > delay);
    // It gives the authority a reason to slash; none, or the same, does not.
    for (treasury, wait) in [(other, wait), (ID, delay), (story.network.treasury, delay)] {
        let propose = story.pool.propose_policy_instruction(&story.world, &story.network, rules, treasury);
        story.world.ok(&[propose], authority);
        let change: PolicyChange = story.world.read(story.pool.change());
        assert_eq!(change.executable_at.0, story.world.now().0 + wait as i64);
        story.world.ok(&[story.pool.cancel_policy_instruction(&story.world, &story.network)], authority);
    }
}

#[test]
fn a_slasher_waits_for_the_longest_unbonding_of_any_ticket() {
    let mut story = Story::with_stake();
    story.world.pass(2 * DAY);
    let keys = [story.world.user(), story.world.user()];
    let (authority, delay) = (&[&story.network.authority][..], delay(&story));
    let rules = story.world.read::<PoolState>(story.pool.address).policy;
    let propose = |period: u64| {
        let rules = PoolPolicy { unbonding_period: Seconds(period as u32), ..rules };
        story.pool.propose_policy_instruction(&story.world, &story.network, rules, story.network.treasury)
    };
    let execute = || story.pool.execute_policy_instruction(&story.world);
    let wait = |key: &Keypair| {
        story.world.ok(&[story.pool.add_slasher_instruction(&story.world, &story.network, key.pubkey())], authority);
        let slasher: Slasher = story.world.read(story.pool.slasher(key.pubkey()));
        (slasher.active_at.0 - story.world.now().0) as u64
    };
    // One that is longer is about to apply: who hears of the slasher a day late leaves by that.
    story.world.ok(&[propose(2 * WEEK)], authority);
    assert_eq!(wait(&keys[0]), 2 * WEEK + DAY);
    story.world.ok(&[story.pool.cancel_policy_instruction(&story.world, &story.network)], authority);
    // One that was longer has just ended: tickets have it still.
    story.world.ok(&[propose(DAY)], authority);
    story.world.pass(delay);
    story.world.ok(&[execute()], &[]);
    assert_eq!(wait(&keys[1]), WEEK + DAY);
}

#[test]
fn proposing_a_policy_checks_its_accounts_and_values() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let thief = story.world.user();
    let own = story.world.token_account(story.pool.mint, story.pool.address);
    let signers: &[&Keypair] = &[&story.payer, &story.network.authority];
    for rules in bad_rules() {
        story.world.fails(propose(&story, rules), signers, StakeError::InvalidParameter);
    }
    let (world, propose) = (&story.world, || propose(&story, other_rules()));
    world.fails(unsigned(propose(), 0), &[&story.network.authority], StakeError::MissingSigner);
    world.fails(unsigned(propose(), 1), &[&story.payer], StakeError::MissingSigner);
    world.fails(swap(propose(), 1, thief.pubkey()), &[&story.payer, &thief], StakeError::Unauthorized);
    for index in [0, 3, 4] {
        world.fails(read_only(propose(), index), signers, StakeError::NotWritable);
    }
    let theirs = swap(swap(propose(), 1, stranger.network.authority.pubkey()), 2, stranger.network.address);
    world.fails(theirs, &[&story.payer, &stranger.network.authority], StakeError::WrongNetwork);
    world.fails(swap(propose(), 2, story.network.mint), signers, StakeError::WrongOwner);
    world.fails(swap(propose(), 3, story.provider), signers, StakeError::WrongAccountType);
    world.fails(swap(propose(), 4, stranger.pool.change()), signers, StakeError::WrongAddress);
    world.fails(swap(propose(), 5, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.fails(swap(propose(), 6, stranger.network.treasury), signers, StakeError::WrongMint);
    world.fails(swap(propose(), 6, story.pool.mint), signers, StakeError::InvalidTokenAccount);
    world.fails(swap(propose(), 6, own), signers, StakeError::WrongTokenOwner);
    world.ok(&[propose()], signers);
}

#[test]
fn executing_and_cancelling_check_their_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let thief = story.world.user();
    let authority: &[&Keypair] = &[&story.network.authority];
    story.world.ok(&[propose(&story, other_rules())], &[&story.payer, &story.network.authority]);
    let theirs = stranger.pool.propose_policy_instruction(&story.world, &stranger.network, other_rules(), ID);
    story.world.ok(&[theirs], &[&stranger.network.authority]);

    let (world, cancel) = (&story.world, || cancel(&story));
    world.fails(unsigned(cancel(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(cancel(), 0, thief.pubkey()), &[&thief], StakeError::Unauthorized);
    for index in [2, 3, 4] {
        world.fails(read_only(cancel(), index), authority, StakeError::NotWritable);
    }
    let foreign = swap(swap(cancel(), 0, stranger.network.authority.pubkey()), 1, stranger.network.address);
    world.fails(foreign, &[&stranger.network.authority], StakeError::WrongNetwork);
    world.fails(swap(cancel(), 3, stranger.pool.change()), authority, StakeError::WrongPool);
    world.fails(swap(cancel(), 3, story.provider), authority, StakeError::WrongAccountType);
    world.fails(swap(cancel(), 4, thief.pubkey()), authority, StakeError::WrongPayer);

    world.pass(delay(&story));
    let execute = || execute(&story);
    for index in [0, 1, 2] {
        world.fails(read_only(execute(), index), &[], StakeError::NotWritable);
    }
    world.fails(swap(execute(), 0, story.provider), &[], StakeError::WrongAccountType);
    world.fails(swap(execute(), 1, stranger.pool.change()), &[], StakeError::WrongPool);
    world.fails(swap(execute(), 1, story.pool.mint), &[], StakeError::WrongOwner);
    world.fails(swap(execute(), 2, thief.pubkey()), &[], StakeError::WrongPayer);
    world.ok(&[execute()], &[]);
}

/// No two periods of the pool are alike.
#[test]
fn what_leaves_and_what_is_proposed_waits_for_its_own_period() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let days = |days: u64| Seconds((days * DAY) as u32);
    let pool: PoolState = story.world.read(story.pool.address);
    let policy = PoolPolicy {
        unbonding_period: days(9),
        reward_period: days(6),
        slash_delay: days(2),
        slash_execution_window: days(5),
        jail_period: days(4),
        ..pool.policy
    };
    story.world.forge(story.pool.address, &PoolState { policy, ..pool });
    let world = &story.world;
    let within = |period: Seconds| world.now().after(period).unwrap();
    for leave in [story.unstake(SHARES), story.redelegate(SHARES, &to)] {
        let ticket = story.pool.next_ticket(world, &story.theirs);
        let leave = swap_named(leave, "ticket", ticket);
        world.ok(&[leave], &[&story.payer, &story.delegator]);
        assert_eq!(world.read::<UnbondingTicket>(ticket).withdrawable_at, within(days(9)));
    }
    let receipt = world.ok(&[story.propose(TOKEN, sentence::FINE)], &story.proposing());
    let slash: Slash = world.read(story.slash(0));
    assert_eq!((slash.executable_at, slash.expires_at), (within(days(2)), within(days(7))));
    assert_eq!(receipt.event::<event::SlashProposed>(ID).executable_at, slash.executable_at);
}
