//! Identities without a key of their own: who acts for them, what a thief gets, and where what they earn goes.

use {
    super::*,
    joule_bme_interface::state::RootClaim,
    joule_escrow_interface::{
        instruction::*,
        state::{BondLimit, Keys, hot_right},
    },
    joule_interface::{SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
    },
    joule_math::{Timestamp, whole},
    joule_stake_interface::{
        instruction::{
            ClaimCommission, ClaimCommissionArgs, ClaimRewards, ClaimRewardsArgs, FundRewards, FundRewardsArgs,
        },
        state::{Delegation, UnbondingTicket},
    },
    joule_tests::{
        fixture::{Identity, reward_tree},
        keeping::{self, Faults, Local},
    },
    std::collections::BTreeSet,
};

/// What the hot key may bond in a day: two bonds.
const LIMIT: u64 = 120 * TOKEN;
const DAY: u64 = Identity::DELAY as u64;

/// An identity with 400 tokens of its own stake, and accounts for what it earns.
struct Kept {
    story: Story,
    identity: Identity,
    own: Backer,
    work: Address,
    /// Of the mint that jobs are paid in, and of the network's token.
    wallet: Address,
    /// Its payee's.
    payees: [Address; 2],
}

impl Kept {
    fn new() -> Self {
        Self::with(TOKEN_PROGRAM)
    }

    fn with(token_program: Address) -> Self {
        let mut story = Story::with(token_program);
        let identity = Identity::new(&mut story.world);
        let (address, payee) = (identity.address, identity.payee.pubkey());
        let mints = [story.mint.address, story.network.mint];
        let [wallet, tokens] = mints.map(|mint| story.world.associated_account(mint, address));
        let payees = mints.map(|mint| story.world.associated_account(mint, payee));
        let own = Backer::of(story.pool.provider(address), address, tokens);
        let work = story.network.open_provider_work(&story.world, address);
        let kept = Self { story, identity, own, work, wallet, payees };
        let (funder, manager) = (&kept.story.workers[1], &kept.identity.manager);
        let give = kept.story.network.transfer_instruction(funder.own.tokens, tokens, &funder.key, 400 * TOKEN);
        let enter = kept.identity.enter_instructions(kept.world(), &kept.story.pool, &kept.own, 400 * TOKEN, LIMIT);
        kept.world().ok(&[&[give][..], &enter].concat(), &[&funder.key, manager]);
        kept.story.world.pass(1);
        kept
    }

    fn world(&self) -> &World {
        &self.story.world
    }

    fn managed(&self, call: Instruction) -> Instruction {
        self.identity.by(&self.identity.manager, call)
    }

    fn hot(&self, call: Instruction) -> Instruction {
        self.identity.by(&self.identity.hot, call)
    }

    fn limit(&self, limit: u64) -> Instruction {
        self.identity.limit_instruction(self.own.provider, limit)
    }

    fn keys(&self) -> Keys {
        self.world().read(self.identity.address)
    }

    fn staked(&self) -> Provider {
        self.world().read(self.own.provider)
    }

    /// A job for the identity that is posted.
    fn posted(&self, market: &Market) -> Job {
        let payee = if market.mint == NONE { self.work } else { self.wallet };
        let job = market.job(self.story.client.pubkey(), self.story.number(), self.identity.address, payee);
        self.world().ok(&[self.story.post(market, &job, HOUR)], &self.story.posting());
        job
    }

    fn start(&self, market: &Market, job: &Job) -> Instruction {
        market.start_instruction(self.world(), job)
    }

    fn finish(&self, market: &Market, job: &Job, result: [u8; 32]) -> Instruction {
        market.finish_instruction(job, self.identity.address, result)
    }

    /// Settles the bond of a job that the identity started, `payer` having paid for its bond.
    fn settle_bond(&self, market: &Market, job: &Job, payer: &Keypair) -> (Tokens, u8) {
        let settle = market.settle_bond_instruction(job, self.story.network_wallet);
        settled(&self.world().ok(&[swap(settle, 6, payer.pubkey())], &[]))
    }

    /// A delegator, and rewards for all who stake.
    fn backed(&self) {
        let (world, pool) = (self.world(), &self.story.pool);
        let delegator = &self.story.workers[1];
        let theirs = pool.open_delegation(world, self.own.provider, delegator.key.pubkey(), delegator.own.tokens);
        let fund = FundRewards {
            funder: delegator.key.pubkey(),
            pool: pool.address,
            rewards: pool.rewards,
            source: delegator.own.tokens,
            vault: pool.vault,
            mint: pool.mint,
            token_program: pool.token_program,
        }
        .instruction(&FundRewardsArgs { amount: Tokens(70 * TOKEN) });
        world.ok(&[pool.stake_instruction(&theirs, 100 * TOKEN), fund], &[&delegator.key]);
    }

    fn pay_out(&self) -> Instruction {
        let mint = &self.story.mint;
        self.identity.pay_out_instruction(self.wallet, self.payees[0], mint.address, mint.token_program)
    }

    fn pay_out_network_tokens(&self) -> Instruction {
        let network = &self.story.network;
        let (from, to) = (self.own.tokens, self.payees[1]);
        self.identity.pay_out_instruction(from, to, network.mint, network.token_program)
    }
}

/// A bond for each job, all of it lost by whoever fails.
fn bonded() -> Terms {
    Terms { bond_amount: Tokens(BOND), failure_penalty: Bps::WHOLE, ..usual_terms() }
}

#[test]
fn a_stolen_hot_key_loses_at_most_the_windows_bonds_and_is_replaced_while_jobs_run() {
    let mut kept = Kept::new();
    let new_key = kept.story.world.user();
    let market = kept.story.token_market(bonded());
    let [job, failed, third] = std::array::from_fn(|_| kept.posted(&market));
    let (world, identity) = (kept.world(), &kept.identity);
    let hot = &[&identity.hot][..];
    world.ok(&[kept.hot(kept.start(&market, &job))], hot);

    // A thief has the hot key. What it can bond is what is left of the window.
    world.pass(100);
    world.ok(&[kept.hot(kept.start(&market, &failed))], hot);
    world.fails(kept.hot(kept.start(&market, &third)), hot, EscrowError::BondLimitReached);
    assert_eq!(kept.staked().bonded, Tokens(2 * BOND));
    let quit = kept.hot(kept.finish(&market, &failed, NO_RESULT));
    world.ok(&[quit], hot);
    assert_eq!(kept.settle_bond(&market, &failed, &identity.hot).0, Tokens(BOND));
    // What was lost does not come back into the window.
    world.fails(kept.hot(kept.start(&market, &third)), hot, EscrowError::BondLimitReached);
    // And takes nothing out.
    let ticket = kept.story.pool.next_ticket(world, &kept.own);
    let unstake = kept.story.pool.unstake_instruction(world, &kept.own, ticket, TOKEN);
    world.fails(kept.hot(unstake), hot, EscrowError::NotPermitted);
    world.fails(swap(kept.limit(u64::MAX), 0, identity.hot.pubkey()), hot, EscrowError::Unauthorized);

    // The manager replaces it at once.
    let replace = identity.set_hot_key_instruction(new_key.pubkey(), hot_right::WORK);
    let changed: event::KeysChanged = world.ok(&[replace], &[&identity.manager]).event(ID);
    assert_eq!((changed.hot_key, changed.rights), (new_key.pubkey(), 1));
    world.fails(kept.hot(kept.finish(&market, &job, NO_RESULT)), hot, EscrowError::NotPermitted);
    // The job that runs goes on, and pays the payee.
    world.pass(1_000);
    let finish = identity.by(&new_key, kept.finish(&market, &job, RESULT));
    world.ok(&[finish], &[&new_key]);
    assert_eq!(kept.settle_bond(&market, &job, &identity.hot).0, Tokens(0));
    let earned = world.tokens(kept.wallet);
    assert!(earned > 0);
    let paid: event::PaidOut = world.ok(&[kept.pay_out()], &[]).event(ID);
    assert_eq!((paid.payee, paid.mint, paid.tokens.0), (identity.payee.pubkey(), kept.story.mint.address, earned));
    assert_eq!((world.tokens(kept.wallet), world.tokens(kept.payees[0])), (0, earned));
    assert_eq!(kept.staked().own, Tokens(350 * TOKEN));
    world.fails(kept.pay_out(), &[], EscrowError::ZeroAmount);
}

#[test]
fn an_identity_reserves_ahead_and_leaves_within_its_limit() {
    let kept = Kept::new();
    let market = kept.story.token_market(Terms { max_duration: Seconds(HOUR), ..bonded() });
    let jobs = [(); 3].map(|()| kept.posted(&market));
    let (world, identity) = (kept.world(), &kept.identity);
    let hot = &[&identity.hot][..];
    let starts_at = world.now().0 + 2 * HOUR as i64;
    for job in &jobs {
        let offer = market.offer_instruction(job, starts_at, HOUR, 5_000);
        world.ok(&[offer], &[&kept.story.client]);
    }
    let take = |job| kept.hot(market.take_instruction(world, job));
    for job in &jobs[..2] {
        world.ok(&[take(job)], hot);
    }
    world.fails(take(&jobs[2]), hot, EscrowError::BondLimitReached);
    assert_eq!(kept.staked().bonded, Tokens(2 * BOND));
    let leave = kept.hot(market.cancel_instruction(&jobs[0], identity.address));
    world.ok(&[leave], hot);
    assert_eq!(kept.story.job(&jobs[0]).state, job_state::CANCELLED);
    // Ten seconds of an hour.
    assert_eq!(kept.settle_bond(&market, &jobs[0], &identity.hot).0, Tokens(BOND.div_ceil(360)));
}

#[test]
fn what_is_out_when_a_window_begins_counts_in_it() {
    let kept = Kept::new();
    let market = kept.story.token_market(Terms { start_window: Seconds(86_400 * 2), ..bonded() });
    let jobs: [Job; 4] = std::array::from_fn(|_| kept.posted(&market));
    let (world, hot) = (kept.world(), &[&kept.identity.hot][..]);
    let start = |index: usize| kept.hot(kept.start(&market, &jobs[index]));
    let began_at = world.now();
    world.ok(&[start(0), start(1)], hot);
    let place = kept.keys().limits[0];
    let used = BondLimit { account: kept.own.provider, limit: LIMIT, window_started_at: began_at, used: 2 * BOND };
    assert_eq!(place, used);
    world.pass(DAY - 1);
    world.fails(start(2), hot, EscrowError::BondLimitReached);
    // Both are still out: the next window has no room either, until one comes back.
    world.pass(1);
    world.fails(start(2), hot, EscrowError::BondLimitReached);
    let end = kept.hot(kept.finish(&market, &jobs[0], RESULT));
    world.ok(&[end], hot);
    kept.settle_bond(&market, &jobs[0], &kept.identity.hot);
    world.ok(&[start(2)], hot);
    assert_eq!(kept.keys().limits[0].used, 2 * BOND);
    world.fails(start(3), hot, EscrowError::BondLimitReached);
    // The manager itself has no limit, and can take the hot key's away.
    world.ok(&[kept.managed(kept.start(&market, &jobs[3]))], &[&kept.identity.manager]);
    assert_eq!(kept.keys().limits[0].used, 2 * BOND);
    world.ok(&[kept.limit(0)], &[&kept.identity.manager]);
    assert_eq!(kept.keys().limits[0], BondLimit::default());
}

/// Whoever passes the provider twice has bonded once.
#[test]
fn an_account_that_is_passed_twice_counts_once() {
    let kept = Kept::new();
    let market = kept.story.token_market(bonded());
    let job = kept.posted(&market);
    let mut start = kept.start(&market, &job);
    // The halt clock's place: nobody is late.
    start.accounts.last_mut().expect("it has accounts").pubkey = kept.own.provider;
    kept.world().ok(&[kept.hot(start)], &[&kept.identity.hot]);
    assert_eq!((kept.staked().bonded, kept.keys().limits[0].used), (Tokens(BOND), BOND));
}

/// Each bid locks a bond anew, whoever beats it.
#[test]
fn bids_count_and_what_comes_back_makes_no_room() {
    let kept = Kept::new();
    let (world, rival) = (kept.world(), &kept.story.workers[0]);
    let market = kept.story.token_market(bonded());
    let job = market.job(kept.story.client.pubkey(), kept.story.number(), kept.identity.address, kept.wallet);
    let job = Job { matching: matching::AUCTION, ..job };
    world.ok(&[kept.story.post(&market, &job, HOUR)], &kept.story.posting());
    let theirs = job.by(&market, rival.key.pubkey(), rival.wallet);
    let hot = &[&kept.identity.hot][..];
    let bid = |price, beaten| kept.hot(market.bid_instruction(world, &job, price, beaten));
    let beat = |price| {
        let bid = market.bid_instruction(world, &theirs, price, Some(&job));
        // Who paid the rent of the identity's bond gets it back.
        world.ok(&[swap(bid, 13, kept.identity.hot.pubkey())], &[&rival.key]);
    };
    world.ok(&[bid(9_000, None)], hot);
    assert_eq!(kept.staked().bonded, Tokens(BOND));
    beat(8_000);
    assert_eq!(kept.staked().bonded, Tokens(0));
    world.ok(&[bid(7_000, Some(&theirs))], hot);
    beat(6_000);
    world.fails(bid(5_000, Some(&theirs)), hot, EscrowError::BondLimitReached);
    assert_eq!(kept.keys().limits[0].used, 2 * BOND);
    world.pass(DAY);
    assert_eq!(kept.staked().own, Tokens(400 * TOKEN));
}

#[test]
fn a_lost_hot_key_loses_nothing() {
    let kept = Kept::new();
    let world = kept.world();
    // Paid in credits, with a bond: three programs deep.
    let market = kept.story.credit_market(bonded());
    let [job, other] = std::array::from_fn(|_| kept.posted(&market));
    for job in [&job, &other] {
        world.ok(&[kept.hot(kept.start(&market, job))], &[&kept.identity.hot]);
    }
    world.pass(1_000);
    // The manager does what the hot key did; or time does.
    let finish = kept.managed(kept.finish(&market, &job, RESULT));
    world.ok(&[finish], &[&kept.identity.manager]);
    world.pass(3_600);
    let end = market.finish_instruction(&other, kept.story.someone.pubkey(), NO_RESULT);
    world.ok(&[end], &[&kept.story.someone]);
    for job in [&job, &other] {
        assert_eq!(kept.settle_bond(&market, job, &kept.identity.hot).0, Tokens(0));
    }
    let work: ProviderWork = world.read(kept.work);
    assert_eq!(work.work.iter().map(|work| work.credits.0).sum::<u64>(), 1_000 * PRICE + COST);
    assert_eq!((kept.staked().own, kept.staked().bonded), (Tokens(400 * TOKEN), Tokens(0)));
}

#[test]
fn stake_leaves_by_the_manager_and_goes_to_the_payee() {
    let mut kept = Kept::new();
    let thief = kept.story.world.user();
    let thiefs = kept.story.world.associated_account(kept.story.network.mint, thief.pubkey());
    let (world, pool, identity) = (kept.world(), &kept.story.pool, &kept.identity);
    let ticket = pool.next_ticket(world, &kept.own);
    let unstake = pool.unstake_instruction(world, &kept.own, ticket, 100 * TOKEN);
    for key in [&identity.hot, &identity.recovery, &identity.payee, &thief] {
        world.fails(identity.by(key, unstake.clone()), &[key], EscrowError::NotPermitted);
    }
    world.ok(&[kept.managed(unstake)], &[&identity.manager]);
    world.pass(7 * DAY);
    // Not even the manager sends it elsewhere.
    let withdraw = pool.withdraw_instruction(world, &kept.own, ticket);
    let elsewhere = kept.managed(swap(withdraw.clone(), 5, thiefs));
    world.fails(elsewhere, &[&identity.manager], EscrowError::WrongTokenOwner);
    world.fails(kept.hot(withdraw.clone()), &[&identity.hot], EscrowError::NotPermitted);
    assert_eq!(world.read::<UnbondingTicket>(ticket).owner, identity.address);
    world.ok(&[unsigned(withdraw, 0), kept.pay_out_network_tokens()], &[]);
    assert_eq!(world.tokens(kept.payees[1]), 100 * TOKEN);
}

/// A claim of a later root takes the place of an earlier one's: in the wrong order, roots are lost.
#[test]
fn no_stranger_chooses_the_order_of_an_identitys_roots() {
    const EACH: u64 = 100_000;
    let mut kept = Kept::new();
    let oracle = kept.story.world.user();
    let Kept { story, identity, own, .. } = &mut kept;
    story.network.open_roots(&mut story.world, &[oracle.pubkey()], 1, 9 * EACH);
    let open = story.network.open_root_claim_instruction(&story.world, identity.address);
    story.world.ok(&[open], &[]);
    let claims: [Instruction; 9] = std::array::from_fn(|index| {
        let (index, world) = (index as u64, &story.world);
        let earned = [index * EACH, (index + 1) * EACH];
        let (root, leaves) = reward_tree(&story.network, &[(identity.address, earned)]);
        let publish = story.network.publish_root_instruction(world, oracle.pubkey(), index, root, earned);
        world.ok(&[publish], &[&oracle]);
        world.pass(HOUR as u64);
        world.ok(&[story.network.activate_root_instruction(index)], &[]);
        world.pass(HOUR as u64);
        world.ok(&[story.network.fund_roots_instruction(index)], &[]);
        story.network.claim_root_instruction(identity.address, index, &leaves[0], own.tokens)
    });

    let (world, identity, someone) = (kept.world(), &kept.identity, &kept.story.someone);
    for key in [someone, &identity.hot, &identity.payee] {
        world.fails(identity.by(key, claims[8].clone()), &[key], EscrowError::NotPermitted);
    }
    // Nor does the manager send elsewhere what it claims.
    let manager = &[&identity.manager][..];
    let elsewhere = kept.managed(swap(claims[0].clone(), 6, kept.payees[1]));
    world.fails(elsewhere, manager, EscrowError::WrongTokenOwner);
    for claim in &claims {
        world.ok(&[kept.managed(claim.clone())], manager);
    }
    let from_roots = world.read::<RootClaim>(kept.story.network.root_claim(identity.address)).claimed.0;
    assert!(from_roots > 0);
    world.ok(&[kept.pay_out_network_tokens()], &[]);
    assert_eq!(world.tokens(kept.payees[1]), from_roots);
}

#[test]
fn what_stake_earns_anyone_brings_to_the_payee() {
    let kept = Kept::new();
    let (world, pool, someone) = (kept.world(), &kept.story.pool, &kept.story.someone);
    kept.backed();
    world.pass(7 * DAY);
    let (owner, destination) = (kept.identity.address, kept.own.tokens);
    let rewards = ClaimRewards {
        owner,
        pool: pool.address,
        provider: kept.own.provider,
        delegation: kept.own.delegation,
        rewards: pool.rewards,
        vault: pool.vault,
        destination,
        mint: pool.mint,
        token_program: pool.token_program,
    }
    .instruction(&ClaimRewardsArgs {});
    let commission = ClaimCommission {
        authority: owner,
        pool: pool.address,
        provider: kept.own.provider,
        rewards: pool.rewards,
        vault: pool.vault,
        destination,
        mint: pool.mint,
        token_program: pool.token_program,
    }
    .instruction(&ClaimCommissionArgs {});
    for call in [rewards, commission] {
        let index = call.accounts.iter().position(|account| account.pubkey == destination).unwrap();
        let mine = swap(call.clone(), index, kept.payees[1]);
        world.fails(kept.identity.by(someone, mine), &[someone], EscrowError::WrongTokenOwner);
        let before = world.tokens(destination);
        world.ok(&[kept.identity.by(someone, call)], &[someone]);
        assert!(world.tokens(destination) > before);
    }
    world.ok(&[kept.pay_out_network_tokens()], &[]);
    assert_eq!(world.tokens(destination), 0);
}

/// The hot key worked, and then nobody does anything but a keeper: pay in tokens and in credits, rewards of its own stake and of
/// what it delegated, and commission.
#[test]
fn the_keeper_alone_brings_to_the_payee_what_an_identity_earned() {
    let mut kept = Kept::new();
    let key = kept.story.world.user();
    let (world, pool, hot) = (kept.world(), &kept.story.pool, &kept.identity.hot);
    for market in [kept.story.token_market(usual_terms()), kept.story.credit_market(usual_terms())] {
        let job = kept.posted(&market);
        world.ok(&[kept.hot(kept.start(&market, &job))], &[hot]);
        world.run(1_000);
        world.ok(&[kept.hot(kept.finish(&market, &job, RESULT))], &[hot]);
    }
    let (other, tokens) = (kept.story.workers[0].own.provider, kept.own.tokens);
    let abroad = pool.open_delegation(world, other, kept.identity.address, tokens);
    let funder = &kept.story.workers[1];
    let give = kept.story.network.transfer_instruction(funder.own.tokens, tokens, &funder.key, 10 * TOKEN);
    let stake = kept.managed(pool.stake_instruction(&abroad, 10 * TOKEN));
    world.ok(&[give, stake], &[&funder.key, &kept.identity.manager]);
    kept.backed();

    let networks = Some(BTreeSet::from([kept.story.network.address]));
    let settings = Settings { networks, least_earnings: 1, ..Settings::default() };
    let limits = Limits { lamports_a_day: u64::MAX, accounts_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(Local::new(world, Faults::default(), 1), key, settings, limits, |_| {});
    let mut payouts = 0;
    for _ in 0..12 {
        world.run(DAY);
        // What is counted without the program is what the program counts: no claim fails.
        for _ in 0..4 {
            let pass = keeper.pass().expect("a chain that answers");
            assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
            let names = keeping::names(&pass.done);
            payouts += names.contains(&("escrow", "PayOut")) as u32;
            world.run(1);
        }
    }
    let (_, due, _) = keeper.read().expect("a chain that answers");
    assert!(due.iter().all(|due| !["Act", "PayOut"].contains(&due.name.1)), "{due:#?}");
    // At most once a day for each of two mints.
    assert!(payouts <= 24, "{payouts}");

    assert_eq!([kept.wallet, tokens].map(|address| world.tokens(address)), [0, 0]);
    assert_eq!(world.tokens(kept.payees[0]), 1_000 * PRICE);
    let (work, staked): (ProviderWork, _) = (world.read(kept.work), kept.staked());
    assert!(work.claimed > Tokens(0) && work.accrued == Tokens(0));
    for accrued in [staked.own_accrued, staked.commission_accrued] {
        assert_eq!(whole(accrued.get()).0, Tokens(0));
    }
    for delegation in [kept.own.delegation, abroad.delegation] {
        assert_eq!(world.read::<Delegation>(delegation).claimable(), Tokens(0));
    }
    // Of the rewards, all but what is the two workers' and the delegator's.
    let rewards = world.tokens(kept.payees[1]) - work.claimed.0;
    assert!(rewards > 20 * TOKEN && rewards < 70 * TOKEN, "{rewards}");
    assert_eq!(staked.own, Tokens(400 * TOKEN));
}

#[test]
fn other_keys_wait_and_the_recovery_key_cancels_them() {
    let mut kept = Kept::new();
    let [manager, payee, recovery]: [Keypair; 3] = std::array::from_fn(|_| kept.story.world.user());
    let (world, identity) = (kept.world(), &kept.identity);
    let by_manager = &[&identity.manager][..];
    let propose = || identity.propose_instruction(manager.pubkey(), payee.pubkey(), recovery.pubkey());
    let cancel = |key: &Keypair| identity.cancel_instruction(key.pubkey());
    world.fails(cancel(&identity.recovery), &[&identity.recovery], EscrowError::NoChange);
    world.fails(identity.execute_instruction(), &[], EscrowError::NoChange);
    let receipt = world.ok(&[propose()], by_manager);
    let executable_at = Timestamp(world.now().0 + DAY as i64);
    assert_eq!(receipt.event::<event::KeysChanged>(ID).executable_at, executable_at);
    world.pass(DAY - 1);
    world.fails(identity.execute_instruction(), &[], EscrowError::ChangeNotReady);
    for key in [&identity.hot, &manager, &recovery, &identity.payee] {
        world.fails(cancel(key), &[key], EscrowError::Unauthorized);
    }
    world.ok(&[cancel(&identity.recovery)], &[&identity.recovery]);
    world.pass(1);
    world.fails(identity.execute_instruction(), &[], EscrowError::NoChange);
    // The manager cancels as well. A second announcement waits from its own time.
    world.ok(&[propose(), cancel(&identity.manager), propose()], by_manager);
    world.pass(DAY - 1);
    world.ok(&[propose()], by_manager);
    world.pass(DAY - 1);
    world.fails(identity.execute_instruction(), &[], EscrowError::ChangeNotReady);
    world.pass(1);
    let receipt = world.ok(&[identity.execute_instruction()], &[]);
    let changed: event::KeysChanged = receipt.event(ID);
    assert_eq!((changed.manager, changed.payee), (manager.pubkey(), payee.pubkey()));
    assert_eq!((changed.recovery, changed.executable_at), (recovery.pubkey(), Timestamp(0)));
    assert_eq!(kept.keys().next_manager, NONE);
    // Whoever opened the keys has no right any more, and opens no others in their place.
    let set = identity.set_hot_key_instruction(identity.hot.pubkey(), hot_right::ALL);
    world.fails(set, by_manager, EscrowError::Unauthorized);
    world.fails(identity.open_instruction(world), by_manager, EscrowError::AlreadyInitialized);
    world.fails(cancel(&identity.recovery), &[&identity.recovery], EscrowError::Unauthorized);
    let unlock = swap(identity.set_hot_key_instruction(NONE, 0), 0, manager.pubkey());
    world.ok(&[unlock], &[&manager]);
    let market = kept.story.token_market(usual_terms());
    let job = kept.posted(&market);
    world.fails(kept.hot(kept.start(&market, &job)), &[&identity.hot], EscrowError::NotPermitted);
    world.ok(&[identity.by(&manager, kept.start(&market, &job))], &[&manager]);
}

#[test]
fn each_right_is_for_its_own_acts_and_nothing_else_is_permitted() {
    let kept = Kept::new();
    let (world, identity) = (kept.world(), &kept.identity);
    let market = kept.story.token_market(usual_terms());
    let job = kept.posted(&market);
    let set = |rights| identity.set_hot_key_instruction(identity.hot.pubkey(), rights);
    world.ok(&[set(hot_right::ATTEST)], &[&identity.manager]);
    world.fails(kept.hot(kept.start(&market, &job)), &[&identity.hot], EscrowError::NotPermitted);
    world.ok(&[set(hot_right::WORK)], &[&identity.manager]);
    world.ok(&[kept.hot(kept.start(&market, &job))], &[&identity.hot]);
    let start = kept.start(&market, &job);
    for key in [&identity.recovery, &identity.payee, &kept.story.someone] {
        world.fails(identity.by(key, start.clone()), &[key], EscrowError::NotPermitted);
    }
    // Nobody acts with the identity for its own keys, for another program, or in what is not listed.
    let manager = &identity.manager;
    let other = Instruction { program_id: TOKEN_PROGRAM, ..start.clone() };
    let again = kept.managed(start.clone());
    let unknown = Instruction { data: vec![255], ..start.clone() };
    let put_in = kept.story.deposit.deposit_instruction(identity.address, kept.wallet, 1);
    for call in [other, again, unknown, put_in, identity.limit_instruction(kept.own.provider, 1)] {
        world.fails(kept.managed(call), &[manager], EscrowError::NotPermitted);
    }
    let empty = Instruction { data: vec![], ..start.clone() };
    world.fails(kept.managed(empty), &[manager], EscrowError::InvalidArguments);
    let mut long = start;
    let last = long.accounts[3].clone();
    long.accounts.extend(std::iter::repeat_n(last, 40));
    world.fails(kept.managed(long.clone()), &[manager], EscrowError::InvalidArguments);
    world.fails(kept.hot(long), &[&identity.hot], EscrowError::InvalidArguments);
}

#[test]
fn the_identity_pays_for_nothing_and_is_not_writable_in_a_call() {
    let kept = Kept::new();
    let (world, identity) = (kept.world(), &kept.identity);
    let market = kept.story.token_market(Terms { matching: matching::QUEUE, ..usual_terms() }).with_queue(world, 8);
    let join = market.join_instruction(identity.address, 0);
    // As its own payer: the call is refused before any lamport moves.
    let own = joule_escrow_interface::act_for(identity.address, identity.hot.pubkey(), &join);
    world.fails(own, &[&identity.hot], EscrowError::NotWritable);
    world.ok(&[kept.hot(join), kept.hot(market.leave_instruction(identity.address, 0))], &[&identity.hot]);
    let close = market.close_waiting_provider_instruction(identity.address, 0);
    world.ok(&[kept.hot(close)], &[&identity.hot]);
}

#[test]
fn opening_and_setting_keys_checks_what_it_is_given() {
    let mut story = Story::new();
    let identity = Identity::unopened(&mut story.world);
    let (world, address) = (&story.world, identity.address);
    let manager = &[&identity.manager][..];
    let open = |payee: Address, delay: u32| {
        OpenKeys {
            payer: world.payer().pubkey(),
            manager: identity.manager.pubkey(),
            keys: address,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&OpenKeysArgs { id: 0, payee, recovery: NONE, change_delay: Seconds(delay) })
    };
    let payee = identity.payee.pubkey();
    world.fails(unsigned(open(payee, HOUR), 1), &[], EscrowError::MissingSigner);
    world.fails(swap(open(payee, HOUR), 1, story.someone.pubkey()), &[&story.someone], EscrowError::WrongAddress);
    world.fails(swap(open(payee, HOUR), 3, TOKEN_PROGRAM), manager, EscrowError::WrongProgram);
    for payee in [NONE, address] {
        assert_eq!(world.out_of_range(open(payee, HOUR), manager), "payee");
    }
    for delay in [0, HOUR - 1, 365 * 86_400 + 1] {
        assert_eq!(world.out_of_range(open(payee, delay), manager), "change_delay");
    }
    world.ok(&[open(payee, HOUR)], manager);
    let keys: Keys = world.read(address);
    assert_eq!(
        (keys.manager, keys.payee, keys.opened_by),
        (identity.manager.pubkey(), payee, identity.manager.pubkey())
    );
    assert_eq!((keys.hot_key, keys.recovery, keys.change_delay), (NONE, NONE, Seconds(HOUR)));
    // Nobody has the hot key yet, and zero is nobody's recovery key.
    let set = |rights, window| {
        SetHotKey { manager: identity.manager.pubkey(), keys: address }.instruction(&SetHotKeyArgs {
            hot_key: identity.hot.pubkey(),
            rights,
            window: Seconds(window),
        })
    };
    assert_eq!(world.out_of_range(set(4, HOUR), manager), "rights");
    for window in [0, HOUR - 1, 365 * 86_400 + 1] {
        assert_eq!(world.out_of_range(set(hot_right::ALL, window), manager), "window");
    }
    world.fails(unsigned(set(1, HOUR), 0), &[], EscrowError::MissingSigner);
    world.fails(swap(set(1, HOUR), 0, identity.hot.pubkey()), &[&identity.hot], EscrowError::Unauthorized);
    world.fails(swap(set(1, HOUR), 1, story.deposit.address), manager, EscrowError::WrongAccountType);
    for (manager_to_come, payee) in [(NONE, payee), (address, payee)] {
        let propose = identity.propose_instruction(manager_to_come, payee, NONE);
        assert_eq!(world.out_of_range(propose, manager), "manager");
    }
    for payee in [NONE, address] {
        let propose = identity.propose_instruction(identity.manager.pubkey(), payee, NONE);
        assert_eq!(world.out_of_range(propose, manager), "payee");
    }
    let propose = identity.propose_instruction(identity.hot.pubkey(), payee, NONE);
    world.fails(swap(propose, 0, identity.hot.pubkey()), &[&identity.hot], EscrowError::Unauthorized);
}

#[test]
fn limits_are_for_accounts_of_the_identity() {
    let mut kept = Kept::new();
    let mint = kept.story.mint.address;
    let other = Identity::new(&mut kept.story.world);
    let (world, identity) = (kept.world(), &kept.identity);
    let manager = &[&identity.manager][..];
    let limit = |account| identity.limit_instruction(account, 7);
    for account in [kept.story.workers[0].own.provider, kept.story.deposit.address, kept.wallet, other.address] {
        world.fails(limit(account), manager, EscrowError::WrongProvider);
    }
    // Of deposits, four at most with the provider's own.
    let deposits: Vec<Deposit> = {
        let mut mints = vec![mint];
        mints.extend((0..3).map(|_| kept.story.world.mint().address));
        mints.into_iter().map(|mint| Deposit::of(kept.identity.address, mint, TOKEN_PROGRAM)).collect()
    };
    let (world, identity) = (kept.world(), &kept.identity);
    for (index, deposit) in deposits.iter().enumerate() {
        world.ok(&[deposit.open_instruction(world)], &[]);
        if index < 3 {
            world.ok(&[identity.limit_instruction(deposit.address, 7)], &[&identity.manager]);
        }
    }
    let last = identity.limit_instruction(deposits[3].address, 7);
    world.fails(last.clone(), &[&identity.manager], EscrowError::TooManyLimits);
    world.ok(&[identity.limit_instruction(deposits[0].address, 0), last], &[&identity.manager]);
    assert_eq!(kept.keys().limits.map(|place| place.limit), [LIMIT, 7, 7, 7]);
    // A deposit is opened by anyone, filled by anyone, and emptied by the manager into the identity's account.
    let worker = &kept.story.client;
    let put_in = deposits[0].deposit_instruction(worker.pubkey(), kept.story.wallet, 50);
    world.ok(&[put_in], &[worker]);
    let take = deposits[0].withdraw_instruction(kept.wallet, 50);
    world.fails(kept.hot(take.clone()), &[&identity.hot], EscrowError::NotPermitted);
    let mine = swap(take.clone(), 2, kept.payees[0]);
    world.fails(kept.managed(mine), &[&identity.manager], EscrowError::WrongTokenOwner);
    world.ok(&[kept.managed(take), kept.pay_out()], &[&identity.manager]);
    assert_eq!(world.tokens(kept.payees[0]), 50);

    // The limit of an account that is gone can be taken back, and no other.
    world.pass(1);
    let close = kept.managed(deposits[1].close_instruction(world));
    world.ok(&[close], &[&identity.manager]);
    let gone = |limit| identity.limit_instruction(deposits[1].address, limit);
    world.fails(gone(7), &[&identity.manager], EscrowError::WrongProvider);
    world.ok(&[gone(0)], &[&identity.manager]);
    assert_eq!(kept.keys().limits.map(|place| place.limit), [LIMIT, 7, 0, 7]);
}

#[test]
fn only_the_payee_is_paid_out() {
    for token_program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let mut kept = Kept::with(token_program);
        let (story, identity) = (&mut kept.story, &kept.identity);
        story.world.mint_to(&story.mint, kept.wallet, 9);
        let (mint, payee) = (story.mint.address, identity.payee.pubkey());
        let thief = story.someone.pubkey();
        let thiefs = story.world.associated_account(mint, thief);
        let second = story.world.token_account(mint, payee);
        let another = story.world.token_account(mint, identity.address);
        let foreign = story.world.mint_of(token_program);
        story.world.mint_to(&story.mint, another, 5);
        let (world, pay) = (kept.world(), kept.pay_out());
        world.fails(swap(pay.clone(), 0, kept.story.deposit.address), &[], EscrowError::WrongAccountType);
        world.fails(swap(pay.clone(), 1, kept.story.wallet), &[], EscrowError::WrongTokenOwner);
        world.fails(swap(pay.clone(), 1, kept.own.tokens), &[], EscrowError::WrongMint);
        for destination in [thiefs, second, kept.wallet, another] {
            world.fails(swap(pay.clone(), 2, destination), &[], EscrowError::WrongDestination);
        }
        world.fails(swap(pay.clone(), 3, foreign.address), &[], EscrowError::WrongMint);
        world.fails(swap(pay.clone(), 4, SYSTEM_PROGRAM), &[], EscrowError::WrongTokenProgram);
        for index in 0..3 {
            world.fails(read_only(pay.clone(), index), &[], EscrowError::NotWritable);
        }
        // From any account of the identity's, so that nothing is lost in one that a stranger made.
        world.ok(&[pay.clone(), swap(pay.clone(), 1, another)], &[]);
        assert_eq!(world.tokens(kept.payees[0]), 14);
        if token_program == TOKEN_PROGRAM {
            // Its own account, which the payee handed to another. (In Token-2022 nobody can.)
            kept.story.world.mint_to(&kept.story.mint, kept.wallet, 9);
            let kind = spl_token_interface::instruction::AuthorityType::AccountOwner;
            let set = spl_token_interface::instruction::set_authority;
            let hand_over = set(&token_program, &kept.payees[0], Some(&thief), kind, &payee, &[]).unwrap();
            kept.world().ok(&[hand_over], &[&kept.identity.payee]);
            kept.world().fails(pay, &[], EscrowError::WrongDestination);
        }
    }
}

/// Not the key that signs for the identity.
#[test]
fn who_pays_for_an_identitys_bond_gets_its_rent_back() {
    let mut kept = Kept::new();
    let payer = kept.story.world.user();
    let market = kept.story.token_market(bonded());
    let job = kept.posted(&market);
    let (world, hot) = (kept.world(), &kept.identity.hot);
    let start = swap_named(kept.start(&market, &job), "payer", payer.pubkey());
    world.ok(&[kept.hot(start)], &[hot, &payer]);
    assert_eq!(kept.story.job(&job).provider, kept.identity.address);
    assert_eq!(world.read::<Bond>(job.bond).payer, payer.pubkey());
    world.pass(HOUR as u64);
    world.ok(&[kept.hot(kept.finish(&market, &job, RESULT))], &[hot]);
    let settle = market.settle_bond_instruction(&job, kept.story.network_wallet);
    world.closes(swap_named(settle, "bond_payer", payer.pubkey()), &[], job.bond, payer.pubkey());
}
