//! Reward roots: what oracles publish, and what claimants get.

use super::*;

const HOUR: u64 = 3_600;

/// A network with three oracles, of which two must approve, and two claimants.
struct Roots {
    story: Story,
    oracles: [Keypair; 3],
    claimants: [Keypair; 2],
    wallets: [Address; 2],
}

impl Roots {
    fn new() -> Self {
        let mut story = Story::new();
        let oracles = std::array::from_fn(|_| story.world.user());
        let claimants: [Keypair; 2] = std::array::from_fn(|_| story.world.user());
        let mint = story.network.mint;
        let wallets = std::array::from_fn(|i| story.world.token_account(mint, claimants[i].pubkey()));
        let roots = Self { story, oracles, claimants, wallets };
        let (world, network) = (&roots.story.world, &roots.story.network);
        let keys: Vec<_> = roots.oracles.iter().map(|oracle| oracle.pubkey()).collect();
        world.ok(
            &[network.open_roots_instruction(world), network.set_oracles_instruction(&keys, 2)],
            &[&network.authority],
        );
        for claimant in &roots.claimants {
            world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
        }
        roots
    }

    fn world(&self) -> &World {
        &self.story.world
    }

    fn network(&self) -> &Network {
        &self.story.network
    }

    fn earned(&self, earned: [u64; 2]) -> Vec<(Address, u64)> {
        self.claimants.iter().map(|claimant| claimant.pubkey()).zip(earned).collect()
    }

    fn publish(&self, index: u64, earned: [u64; 2]) -> Instruction {
        let (root, _) = reward_tree(self.network(), &self.earned(earned));
        let total = earned.iter().sum();
        self.network().publish_root_instruction(self.world(), self.oracles[0].pubkey(), index, root, total)
    }

    fn approve(&self, index: u64) -> Instruction {
        self.network().approve_root_instruction(self.oracles[1].pubkey(), index)
    }

    /// Root `index`, published and approved.
    fn pending(&self, index: u64, earned: [u64; 2]) {
        self.world().ok(&[self.publish(index, earned), self.approve(index)], &[&self.oracles[0], &self.oracles[1]]);
    }

    /// And active.
    fn active(&self, index: u64, earned: [u64; 2]) {
        self.pending(index, earned);
        self.world().pass(HOUR);
        self.world().ok(&[self.network().activate_root_instruction(index)], &[]);
    }

    fn fund(&self, index: u64) -> Instruction {
        self.network().fund_roots_instruction(index)
    }

    fn claim(&self, who: usize, root: u64, earned: [u64; 2]) -> Instruction {
        let (_, leaves) = reward_tree(self.network(), &self.earned(earned));
        self.network().claim_root_instruction(self.claimants[who].pubkey(), root, &leaves[who], self.wallets[who])
    }

    fn wallet(&self, who: usize) -> u64 {
        self.world().tokens(self.wallets[who])
    }

    fn set(&self) -> OracleSet {
        self.world().read(self.network().oracle_set())
    }

    fn veto(&self, by: Address, index: u64) -> Instruction {
        self.network().veto_root_instruction(self.world(), by, index)
    }
}

#[test]
fn claimants_get_what_cumulative_roots_say_and_nothing_twice() {
    let roots = Roots::new();
    let supply = roots.world().supply(roots.network().mint);
    roots.active(0, [100, 50]);
    let receipt = roots.world().ok(&[roots.fund(0)], &[]);
    let event: event::RootsFunded = receipt.event(ID);
    assert_eq!((event.tokens, event.minted), (Tokens(150), Tokens(150)));
    let receipt = roots.world().ok(&[roots.claim(0, 0, [100, 50])], &[&roots.claimants[0]]);
    let event: event::RootClaimed = receipt.event(ID);
    assert_eq!((event.tokens, event.claimed, event.destination), (Tokens(100), Tokens(100), roots.wallets[0]));
    for shared in [roots.network().address, roots.network().oracle_set(), roots.network().mint] {
        assert!(!receipt.writable.contains(&shared), "claims write the vault and what is the claimant's");
    }
    roots.world().fails(roots.claim(0, 0, [100, 50]), &[&roots.claimants[0]], BmeError::NothingToClaim);

    // The next root says more for one and the same for the other.
    roots.active(1, [130, 50]);
    roots.world().ok(&[roots.fund(1)], &[]);
    roots.world().ok(&[roots.claim(0, 1, [130, 50])], &[&roots.claimants[0]]);
    roots.world().ok(&[roots.claim(1, 1, [130, 50])], &[&roots.claimants[1]]);
    assert_eq!((roots.wallet(0), roots.wallet(1)), (130, 50));
    assert_eq!(roots.world().tokens(roots.network().root_vault()), 0);
    assert_eq!(roots.world().supply(roots.network().mint), supply + 180);
    assert_eq!(roots.story.state().minted.get(), 180);
    // The old root pays no longer.
    roots.world().fails(roots.claim(1, 0, [100, 50]), &[&roots.claimants[1]], BmeError::RootNotActive);
    roots.world().fails(roots.fund(0), &[], BmeError::RootNotActive);
    roots.world().fails(roots.fund(1), &[], BmeError::NothingToClaim);
}

#[test]
fn a_root_that_shrinks_a_total_pays_nothing_and_traps_nothing() {
    let roots = Roots::new();
    roots.active(0, [100, 50]);
    roots.world().ok(&[roots.fund(0), roots.claim(0, 0, [100, 50])], &[&roots.claimants[0]]);
    roots.active(1, [60, 50]);
    roots.world().fails(roots.claim(0, 1, [60, 50]), &[&roots.claimants[0]], BmeError::NothingToClaim);
    roots.world().fails(roots.fund(1), &[], BmeError::NothingToClaim);
    roots.world().ok(&[roots.claim(1, 1, [60, 50])], &[&roots.claimants[1]]);
    assert_eq!((roots.wallet(0), roots.wallet(1)), (100, 50));
    // What exceeds the old total is paid again.
    roots.active(2, [110, 50]);
    roots.world().ok(&[roots.fund(2), roots.claim(0, 2, [110, 50])], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 110);
}

#[test]
fn a_root_needs_its_quorum_and_its_challenge_delay() {
    let roots = Roots::new();
    let activate = || roots.network().activate_root_instruction(0);
    roots.world().ok(&[roots.publish(0, [1, 1])], &[&roots.oracles[0]]);
    roots.world().pass(30 * DAY);
    roots.world().fails(activate(), &[], BmeError::RootNotActivatable);
    let again = roots.network().approve_root_instruction(roots.oracles[0].pubkey(), 0);
    roots.world().fails(again, &[&roots.oracles[0]], BmeError::AlreadyApproved);
    let receipt = roots.world().ok(&[roots.approve(0)], &[&roots.oracles[1]]);
    let event: event::RootApproved = receipt.event(ID);
    assert_eq!(event.activatable_at, Timestamp(roots.world().now().0 + HOUR as i64));
    roots.world().fails(roots.fund(0), &[], BmeError::RootNotActive);
    roots.world().pass(HOUR - 1);
    roots.world().fails(activate(), &[], BmeError::RootNotActivatable);
    roots.world().fails(roots.claim(0, 0, [1, 1]), &[&roots.claimants[0]], BmeError::RootNotActive);
    roots.world().pass(1);
    roots.world().ok(&[activate()], &[]);
    roots.world().fails(activate(), &[], BmeError::RootOutdated);
    let third = roots.network().approve_root_instruction(roots.oracles[2].pubkey(), 0);
    roots.world().ok(&[third], &[&roots.oracles[2]]);
    assert_eq!(roots.world().read::<RewardRoot>(roots.network().reward_root(0)).approvals, 0b111);
}

#[test]
fn the_guardian_vetoes_a_root_and_another_replaces_it() {
    let roots = Roots::new();
    let (guardian, authority) = (&roots.network().guardian, &roots.network().authority);
    roots.pending(0, [1 << 60, 1]);
    roots.world().fails(roots.veto(roots.oracles[0].pubkey(), 0), &[&roots.oracles[0]], BmeError::Unauthorized);
    let payer = roots.world().payer().pubkey();
    let (before, rent) = (roots.world().lamports(payer), roots.world().lamports(roots.network().reward_root(0)));
    let receipt = roots.world().ok(&[roots.veto(guardian.pubkey(), 0)], &[guardian]);
    assert_eq!(receipt.event::<event::RootVetoed>(ID).vetoed_by, guardian.pubkey());
    assert_eq!(roots.world().lamports(payer), before + rent - 10_000);
    roots.world().pass(HOUR);
    roots.world().fails(roots.network().activate_root_instruction(0), &[], BmeError::WrongOwner);
    // Its number is not given again.
    roots.world().fails(roots.publish(0, [1, 1]), &[&roots.oracles[0]], BmeError::WrongAddress);
    roots.active(1, [7, 1]);
    roots.world().ok(&[roots.fund(1), roots.claim(0, 1, [7, 1])], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 7);
    // What is active is replaced, not vetoed.
    roots.world().fails(roots.veto(authority.pubkey(), 1), &[authority], BmeError::RootOutdated);
    roots.pending(2, [9, 1]);
    roots.world().ok(&[roots.veto(authority.pubkey(), 2)], &[authority]);
}

#[test]
fn replaced_oracles_leave_no_pending_root_behind() {
    let roots = Roots::new();
    roots.pending(0, [1 << 60, 1]);
    roots.world().ok(&[roots.publish(1, [1, 1])], &[&roots.oracles[0]]);
    let keys: Vec<_> = roots.oracles.iter().map(|oracle| oracle.pubkey()).collect();
    roots.world().ok(&[roots.network().set_oracles_instruction(&keys[1..], 1)], &[&roots.network().authority]);
    roots.world().pass(HOUR);
    roots.world().fails(roots.network().activate_root_instruction(0), &[], BmeError::RootOutdated);
    roots.world().fails(roots.approve(1), &[&roots.oracles[1]], BmeError::RootOutdated);
    roots.world().fails(roots.publish(2, [1, 1]), &[&roots.oracles[0]], BmeError::NotAnOracle);
    let (root, _) = reward_tree(roots.network(), &roots.earned([1, 1]));
    let publish = roots.network().publish_root_instruction(roots.world(), keys[1], 2, root, 2);
    roots.world().ok(&[publish], &[&roots.oracles[1]]);
    roots.world().pass(HOUR);
    roots.world().ok(&[roots.network().activate_root_instruction(2)], &[]);
    // Outdated ones are vetoed for their rent.
    let guardian = &roots.network().guardian;
    roots.world().fails(roots.veto(guardian.pubkey(), 0), &[guardian], BmeError::RootOutdated);
    roots.world().ok(
        &[
            roots.network().close_root_instruction(roots.world(), 0),
            roots.network().close_root_instruction(roots.world(), 1),
        ],
        &[],
    );
}

#[test]
fn replaced_roots_are_closed_for_their_rent() {
    let roots = Roots::new();
    let close = |index| roots.network().close_root_instruction(roots.world(), index);
    roots.active(0, [1, 1]);
    roots.world().fails(close(0), &[], BmeError::RootInUse);
    roots.active(1, [2, 2]);
    roots.pending(2, [3, 3]);
    for index in [1, 2] {
        roots.world().fails(close(index), &[], BmeError::RootInUse);
    }
    roots.world().fails(read_only(close(0), 1), &[], BmeError::NotWritable);
    roots.world().fails(swap(close(0), 2, roots.oracles[0].pubkey()), &[], BmeError::WrongAddress);
    roots.world().fails(swap(close(0), 1, roots.story.work), &[], BmeError::WrongAccountType);
    roots.world().ok(&[close(0)], &[]);
    assert!(roots.world().account(roots.network().reward_root(0)).is_none());
}

#[test]
fn the_breaker_and_the_maximum_supply_hold_for_roots_too() {
    let mut roots = Roots::new();
    let supply = roots.world().supply(roots.network().mint);
    roots.story.edit_policy(|policy| {
        policy.breaker_tokens = Tokens(100);
        policy.max_supply = Tokens(supply + 170);
    });
    let window = roots.world().now().0 / DAY as i64 * DAY as i64 + 2 * DAY as i64;
    roots.active(0, [120, 80]);
    roots.world().set_time(Timestamp(window));
    let [first, second] = &roots.claimants;
    roots.world().fails(roots.claim(0, 0, [120, 80]), &[first], BmeError::BreakerHolds);
    roots.world().ok(&[roots.fund(0)], &[]);
    roots.world().fails(roots.fund(0), &[], BmeError::BreakerHolds);
    // What is there is paid; the rest waits for the next window.
    roots.world().ok(&[roots.claim(0, 0, [120, 80])], &[first]);
    assert_eq!(roots.wallet(0), 100);
    roots.world().fails(roots.claim(1, 0, [120, 80]), &[second], BmeError::BreakerHolds);
    roots.world().pass(DAY);
    roots.world().ok(&[roots.fund(0)], &[]);
    assert_eq!(roots.set().minted, Tokens(170), "the maximum supply");
    roots.world().ok(&[roots.claim(1, 0, [120, 80])], &[second]);
    assert_eq!((roots.wallet(1), roots.world().supply(roots.network().mint)), (70, supply + 170));
    roots.world().pass(DAY);
    roots.world().fails(roots.fund(0), &[], BmeError::BreakerHolds);
    assert_eq!(roots.world().read::<RootClaim>(roots.network().root_claim(second.pubkey())).claimed, Tokens(70));
}

#[test]
fn epochs_and_roots_share_one_window() {
    let mut roots = Roots::new();
    roots.story.edit_policy(|policy| policy.breaker_tokens = Tokens(1_000));
    roots.active(0, [600, 0]);
    let window = roots.world().now().0 / DAY as i64 * DAY as i64 + 2 * DAY as i64;
    roots.world().set_time(Timestamp(window));
    roots.world().ok(&[roots.fund(0), roots.story.close(0)], &[]);
    let state = roots.story.state();
    assert_eq!((state.minted.get(), state.breaker.minted), (1_000, Tokens(1_000)));
    assert_eq!(state.deferred.stakers, Tokens(200 * TOKEN - 400), "nobody worked");
}

#[test]
fn only_the_leafs_own_words_are_proved() {
    let mut roots = Roots::new();
    roots.active(0, [100, 50]);
    roots.world().ok(&[roots.fund(0)], &[]);
    let thief = roots.story.world.user();
    let wallet = roots.story.world.token_account(roots.story.network.mint, thief.pubkey());
    roots.world().ok(&[roots.network().open_root_claim_instruction(roots.world(), thief.pubkey())], &[]);
    let first = &[&roots.claimants[0]][..];
    let claim = || roots.claim(0, 0, [100, 50]);
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut claim = claim();
        change(&mut claim.data);
        claim
    };

    roots.world().fails(with(&|data| data[1] += 1), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data[9] = 1), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data[12] = 1), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data[13] += 1), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data.truncate(13)), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data.truncate(44)), first, BmeError::InvalidArguments);
    roots.world().fails(with(&|data| data.truncate(12)), first, BmeError::InvalidArguments);
    roots.world().fails(with(&|data| data.resize(13 + 33 * 32, 0)), first, BmeError::InvalidArguments);
    // Another's leaf, with one's own record and signature.
    let theirs = swap(swap(claim(), 0, thief.pubkey()), 4, roots.network().root_claim(thief.pubkey()));
    roots.world().fails(swap(theirs, 6, wallet), &[&thief], BmeError::InvalidProof);
    // Another's record.
    roots.world().fails(swap(claim(), 4, roots.network().root_claim(thief.pubkey())), first, BmeError::Unauthorized);
    roots.world().fails(swap(claim(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    roots.world().ok(&[claim()], first);
}

#[test]
fn long_proofs_are_walked_on_chain() {
    // A tree of 32 levels, of which one path is known: as many as a proof may have.
    let roots = Roots::new();
    let (network, claimant) = (roots.network(), roots.claimants[0].pubkey());
    use {
        joule_bme_interface::merkle,
        joule_tests::fixture::{Leaf, sha256},
    };
    let proof: Vec<merkle::Hash> = (0..32).map(|level| [level; 32]).collect();
    let leaf = merkle::leaf(sha256, &network.address, &claimant, 5);
    let root = merkle::root(sha256, leaf, 0xa5a5_a5a5, &proof).unwrap();
    let publish = network.publish_root_instruction(roots.world(), roots.oracles[0].pubkey(), 0, root, 5);
    roots.world().ok(&[publish, roots.approve(0)], &[&roots.oracles[0], &roots.oracles[1]]);
    roots.world().pass(HOUR);
    roots.world().ok(&[network.activate_root_instruction(0), roots.fund(0)], &[]);
    let leaf = Leaf { total: 5, index: 0xa5a5_a5a5, proof };
    let claim = network.claim_root_instruction(claimant, 0, &leaf, roots.wallets[0]);
    roots.world().ok(&[claim], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 5);
}

#[test]
fn roots_check_their_accounts() {
    let mut roots = Roots::new();
    let stranger = roots.story.stranger();
    let thief = roots.story.world.user();
    let (world, network) = (roots.world(), roots.network());
    let authority: &[&Keypair] = &[&network.authority];
    let theirs: &[&Keypair] = &[&stranger.authority];
    world.ok(&[stranger.open_roots_instruction(world)], theirs);
    let oracle: &[&Keypair] = &[&roots.oracles[0]];

    let open = || stranger.open_roots_instruction(world);
    world.fails(unsigned(open(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(open(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    world.fails(open(), theirs, BmeError::AlreadyInitialized);
    for index in [3, 4] {
        world.fails(read_only(open(), index), theirs, BmeError::NotWritable);
    }
    world.fails(swap(open(), 3, network.oracle_set()), theirs, BmeError::WrongAddress);
    world.fails(swap(open(), 5, network.mint), theirs, BmeError::WrongAddress);
    world.fails(swap(open(), 6, TOKEN_2022_PROGRAM), theirs, BmeError::WrongTokenProgram);
    world.fails(swap(open(), 7, TOKEN_PROGRAM), theirs, BmeError::WrongProgram);

    let set = |oracles: &[Address], threshold| network.set_oracles_instruction(oracles, threshold);
    let (a, b) = (world.address(), world.address());
    world.fails(unsigned(set(&[a], 1), 0), &[], BmeError::MissingSigner);
    world.fails(swap(set(&[a], 1), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    world.fails(read_only(set(&[a], 1), 2), authority, BmeError::NotWritable);
    world.fails(swap(set(&[a], 1), 2, stranger.oracle_set()), authority, BmeError::WrongNetwork);
    world.fails(swap(set(&[a], 1), 2, roots.story.work), authority, BmeError::WrongAccountType);
    for (oracles, threshold) in [(&[a, b][..], 3), (&[a], 0), (&[a, a], 1), (&[], 1)] {
        world.fails(set(oracles, threshold), authority, BmeError::InvalidParameter);
    }

    let publish = || roots.publish(0, [1, 1]);
    world.fails(unsigned(publish(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(publish(), 1, thief.pubkey()), &[&thief], BmeError::NotAnOracle);
    world.fails(swap(publish(), 2, stranger.address), oracle, BmeError::WrongNetwork);
    world.fails(swap(publish(), 3, stranger.oracle_set()), oracle, BmeError::WrongNetwork);
    world.fails(swap(publish(), 4, network.reward_root(1)), oracle, BmeError::WrongAddress);
    world.fails(swap(publish(), 5, TOKEN_PROGRAM), oracle, BmeError::WrongProgram);
    for index in [3, 4] {
        world.fails(read_only(publish(), index), oracle, BmeError::NotWritable);
    }
    world.ok(&[publish()], oracle);

    let approve = || roots.approve(0);
    let second: &[&Keypair] = &[&roots.oracles[1]];
    world.fails(unsigned(approve(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(approve(), 0, thief.pubkey()), &[&thief], BmeError::NotAnOracle);
    world.fails(swap(approve(), 1, stranger.address), second, BmeError::WrongNetwork);
    world.fails(swap(approve(), 2, stranger.oracle_set()), second, BmeError::WrongNetwork);
    world.fails(swap(approve(), 3, roots.story.work), second, BmeError::WrongAccountType);
    for index in [2, 3] {
        world.fails(read_only(approve(), index), second, BmeError::NotWritable);
    }
    world.ok(&[approve()], second);

    let veto = || roots.veto(network.guardian.pubkey(), 0);
    let guardian: &[&Keypair] = &[&network.guardian];
    world.fails(unsigned(veto(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(veto(), 2, stranger.oracle_set()), guardian, BmeError::WrongNetwork);
    world.fails(swap(veto(), 3, roots.story.work), guardian, BmeError::WrongAccountType);
    world.fails(swap(veto(), 4, thief.pubkey()), guardian, BmeError::WrongAddress);
    for index in [2, 3] {
        world.fails(read_only(veto(), index), guardian, BmeError::NotWritable);
    }

    let activate = || network.activate_root_instruction(0);
    world.pass(HOUR);
    world.fails(read_only(activate(), 0), &[], BmeError::NotWritable);
    world.fails(swap(activate(), 0, stranger.oracle_set()), &[], BmeError::WrongNetwork);
    world.fails(swap(activate(), 1, roots.story.work), &[], BmeError::WrongAccountType);
    world.ok(&[activate()], &[]);

    let fund = || roots.fund(0);
    for index in [0, 1, 3, 4] {
        world.fails(read_only(fund(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(fund(), 0, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 1, stranger.oracle_set()), &[], BmeError::WrongNetwork);
    world.fails(swap(fund(), 2, roots.story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(fund(), 3, network.reward_vault()), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 4, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 5, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
    world.ok(&[fund()], &[]);

    let claim = || roots.claim(0, 0, [1, 1]);
    let first: &[&Keypair] = &[&roots.claimants[0]];
    world.fails(unsigned(claim(), 0), &[], BmeError::MissingSigner);
    for index in [4, 5, 6] {
        world.fails(read_only(claim(), index), first, BmeError::NotWritable);
    }
    world.fails(swap(claim(), 1, stranger.address), first, BmeError::WrongAddress);
    world.fails(swap(claim(), 2, stranger.oracle_set()), first, BmeError::WrongNetwork);
    world.fails(swap(claim(), 3, roots.story.work), first, BmeError::WrongAccountType);
    world.fails(swap(claim(), 4, roots.story.work), first, BmeError::WrongAccountType);
    world.fails(swap(claim(), 5, network.reward_vault()), first, BmeError::WrongAddress);
    world.fails(swap(claim(), 6, network.root_vault()), first, BmeError::DuplicateAccount);
    world.fails(swap(claim(), 7, stranger.mint), first, BmeError::WrongAddress);
    world.fails(swap(claim(), 8, TOKEN_2022_PROGRAM), first, BmeError::WrongTokenProgram);

    let open = || network.open_root_claim_instruction(world, thief.pubkey());
    world.fails(read_only(open(), 3), &[], BmeError::NotWritable);
    world.fails(swap(open(), 1, roots.story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(open(), 2, a), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.ok(&[open()], &[]);
    world.fails(open(), &[], BmeError::AlreadyInitialized);
}

#[test]
fn roots_oracles_and_claims_of_another_network_are_nobodys_here() {
    let mut roots = Roots::new();
    let stranger = roots.story.stranger();
    let thief = roots.story.world.user();
    let wallet = roots.story.world.token_account(roots.network().mint, thief.pubkey());
    let (world, network) = (roots.world(), roots.network());
    // A network of the thief's own, in which it is oracle and owed a lot.
    let set_up = [stranger.open_roots_instruction(world), stranger.set_oracles_instruction(&[thief.pubkey()], 1)];
    world.ok(&set_up, &[&stranger.authority]);
    let (root, leaves) = reward_tree(&stranger, &[(thief.pubkey(), 1_000)]);
    world.ok(&[stranger.publish_root_instruction(world, thief.pubkey(), 0, root, 1_000)], &[&thief]);
    world.pass(HOUR);
    world.ok(&[stranger.activate_root_instruction(0)], &[]);
    // One here that pays, and one that waits for its second oracle.
    roots.active(0, [100, 50]);
    world.ok(&[roots.fund(0)], &[]);
    world.ok(&[roots.publish(1, [200, 50])], &[&roots.oracles[0]]);

    let approve = swap(stranger.approve_root_instruction(thief.pubkey(), 0), 3, network.reward_root(1));
    world.fails(approve, &[&thief], BmeError::WrongNetwork);

    // Nothing is minted here for what is owed there.
    let fund = swap(network.fund_roots_instruction(0), 2, stranger.reward_root(0));
    world.fails(fund, &[], BmeError::WrongNetwork);
    // Nor is a root closed that only another network has replaced.
    world.ok(&[stranger.publish_root_instruction(world, thief.pubkey(), 1, root, 1_000)], &[&thief]);
    world.pass(HOUR);
    world.ok(&[stranger.activate_root_instruction(1)], &[]);
    let close = swap(stranger.close_root_instruction(world, 0), 1, network.reward_root(0));
    world.fails(close, &[], BmeError::WrongNetwork);
    // Nor vetoed by another network's guardian.
    let veto = stranger.veto_root_instruction(world, stranger.guardian.pubkey(), 1);
    world.fails(swap(veto, 3, network.reward_root(1)), &[&stranger.guardian], BmeError::WrongNetwork);

    world.ok(&[network.open_root_claim_instruction(world, thief.pubkey())], &[]);
    let claim = network.claim_root_instruction(thief.pubkey(), 0, &leaves[0], wallet);
    world.fails(swap(claim, 3, stranger.reward_root(0)), &[&thief], BmeError::WrongNetwork);

    // A record of the claimant's in another network knows nothing of what was paid here.
    let claimant = &roots.claimants[0];
    world.ok(&[stranger.open_root_claim_instruction(world, claimant.pubkey())], &[]);
    world.ok(&[roots.claim(0, 0, [100, 50])], &[claimant]);
    let again = swap(roots.claim(0, 0, [100, 50]), 4, stranger.root_claim(claimant.pubkey()));
    world.fails(again, &[claimant], BmeError::WrongNetwork);
    assert_eq!((world.tokens(wallet), roots.wallet(0), world.tokens(network.root_vault())), (0, 100, 50));
}
