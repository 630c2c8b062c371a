//! Reward roots: what oracles publish, and what claimants get.

use super::*;

const HOUR: u64 = 3_600;

/// A network with three oracles, of which two must approve, two claimants, and a budget of 1,000,000.
struct Roots {
    story: Story,
    oracles: [Keypair; 3],
    claimants: [Keypair; 2],
    wallets: [Address; 2],
}

/// What each claimant had earned, and has.
type Earned = [[u64; 2]; 2];

impl Roots {
    fn new() -> Self {
        let mut story = Story::new();
        let oracles = std::array::from_fn(|_| story.world.user());
        let claimants: [Keypair; 2] = std::array::from_fn(|_| story.world.user());
        let mint = story.network.mint;
        let wallets = std::array::from_fn(|i| story.world.token_account(mint, claimants[i].pubkey()));
        let mut roots = Self { story, oracles, claimants, wallets };
        let keys = roots.keys();
        roots.story.network.open_roots(&mut roots.story.world, &keys, 2, 1_000_000);
        let (world, network) = (&roots.story.world, &roots.story.network);
        for claimant in &roots.claimants {
            world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
        }
        roots
    }

    fn keys(&self) -> Vec<Address> {
        self.oracles.iter().map(|oracle| oracle.pubkey()).collect()
    }

    fn world(&self) -> &World {
        &self.story.world
    }

    fn network(&self) -> &Network {
        &self.story.network
    }

    fn earned(&self, earned: Earned) -> Vec<(Address, [u64; 2])> {
        self.claimants.iter().map(|claimant| claimant.pubkey()).zip(earned).collect()
    }

    fn publish(&self, index: u64, earned: Earned) -> Instruction {
        let (root, _) = reward_tree(self.network(), &self.earned(earned));
        let totals = [0, 1].map(|i| earned[0][i] + earned[1][i]);
        self.network().publish_root_instruction(self.world(), self.oracles[0].pubkey(), index, root, totals)
    }

    fn approve(&self, index: u64) -> Instruction {
        self.network().approve_root_instruction(self.oracles[1].pubkey(), index)
    }

    /// Root `index`, published and approved.
    fn pending(&self, index: u64, earned: Earned) {
        self.world().ok(&[self.publish(index, earned), self.approve(index)], &[&self.oracles[0], &self.oracles[1]]);
    }

    /// And active.
    fn active(&self, index: u64, earned: Earned) {
        self.pending(index, earned);
        self.world().pass(HOUR);
        self.world().ok(&[self.activate(index)], &[]);
    }

    /// Root `index` ripens, and cannot be activated.
    fn active_fails(&self, index: u64, earned: Earned, error: BmeError) {
        self.pending(index, earned);
        self.world().pass(HOUR);
        self.world().fails(self.activate(index), &[], error);
    }

    /// And open.
    fn open(&self, index: u64, earned: Earned) {
        self.active(index, earned);
        self.world().pass(HOUR);
        self.world().ok(&[self.fund(index)], &[]);
    }

    fn activate(&self, index: u64) -> Instruction {
        self.network().activate_root_instruction(index)
    }

    fn fund(&self, index: u64) -> Instruction {
        self.network().fund_roots_instruction(index)
    }

    fn claim(&self, who: usize, root: u64, earned: Earned) -> Instruction {
        let (_, leaves) = reward_tree(self.network(), &self.earned(earned));
        self.network().claim_root_instruction(self.claimants[who].pubkey(), root, &leaves[who], self.wallets[who])
    }

    fn close(&self, index: u64) -> Instruction {
        self.network().close_root_instruction(self.world(), index)
    }

    fn wallet(&self, who: usize) -> u64 {
        self.world().tokens(self.wallets[who])
    }

    fn set(&self) -> OracleSet {
        self.world().read(self.network().oracle_set())
    }

    fn root(&self, index: u64) -> RewardRoot {
        self.world().read(self.network().reward_root(index))
    }

    fn budget(&self) -> [u64; 3] {
        let roots = self.story.state().roots;
        [roots.free, roots.owed, roots.in_vault].map(|tokens| tokens.0)
    }

    fn veto(&self, by: Address, index: u64) -> Instruction {
        self.network().veto_root_instruction(self.world(), by, index)
    }
}

/// Why the oracles' account has no end.
#[test]
fn oracles_that_began_anew_would_count_what_claimants_were_paid_before() {
    let mut roots = Roots::new();
    let first = [[0, 100], [0, 50]];
    roots.open(0, first);
    roots.world().ok(&[roots.claim(0, 0, first)], &[&roots.claimants[0]]);
    let begun = OracleSet { active_count: 0, active_root: 0, total: Tokens(0), ..roots.set() };
    let address = roots.network().oracle_set();
    roots.story.world.forge(address, &begun);
    let second = [[0, 80], [0, 20]];
    roots.open(1, second);
    roots.world().fails(roots.claim(0, 1, second), &[&roots.claimants[0]], BmeError::NothingToClaim);
    roots.world().ok(&[roots.claim(1, 1, second)], &[&roots.claimants[1]]);
}

// What a root pays

#[test]
fn a_root_pays_what_it_adds_and_nothing_twice() {
    let roots = Roots::new();
    let supply = roots.world().supply(roots.network().mint);
    let first = [[0, 100], [0, 50]];
    roots.active(0, first);
    assert_eq!(roots.budget(), [1_000_000 - 150, 150, 0]);
    roots.world().pass(HOUR);
    let receipt = roots.world().ok(&[roots.fund(0)], &[]);
    let event: event::RootsFunded = receipt.event(ID);
    assert_eq!((event.index, event.tokens, event.opened, event.minted), (0, Tokens(150), Tokens(150), Tokens(150)));
    let receipt = roots.world().ok(&[roots.claim(0, 0, first)], &[&roots.claimants[0]]);
    let event: event::RootClaimed = receipt.event(ID);
    assert_eq!((event.tokens, event.claimed, event.destination), (Tokens(100), Tokens(100), roots.wallets[0]));
    for shared in [roots.network().address, roots.network().oracle_set(), roots.network().mint] {
        assert!(!receipt.writable.contains(&shared), "claims write the vault, the root and what is the claimant's");
    }
    roots.world().fails(roots.claim(0, 0, first), &[&roots.claimants[0]], BmeError::NothingToClaim);

    // The next root adds something for one and nothing for the other, whom the first still owes.
    let second = [[100, 130], [50, 50]];
    roots.open(1, second);
    roots.world().ok(&[roots.claim(0, 1, second)], &[&roots.claimants[0]]);
    roots.world().fails(roots.claim(1, 1, second), &[&roots.claimants[1]], BmeError::NothingToClaim);
    roots.world().ok(&[roots.claim(1, 0, first)], &[&roots.claimants[1]]);
    assert_eq!((roots.wallet(0), roots.wallet(1)), (130, 50));
    assert_eq!(roots.world().tokens(roots.network().root_vault()), 0);
    assert_eq!(roots.world().supply(roots.network().mint), supply + 180);
    assert_eq!((roots.story.state().minted.get(), roots.set().minted), (180, Tokens(180)));
    roots.world().fails(roots.fund(1), &[], BmeError::NothingToClaim);
    let claim: RootClaim = roots.world().read(roots.network().root_claim(roots.claimants[0].pubkey()));
    assert_eq!((claim.claimed, claim.payments[2].root, claim.payments[2].paid), (Tokens(130), 2, Tokens(30)));
}

/// Its record is all that keeps a root from paying a claimant twice.
#[test]
fn a_claimant_closes_its_record_as_long_as_no_root_has_paid_by_it() {
    let roots = Roots::new();
    let (world, network) = (roots.world(), roots.network());
    let close = |who: usize| network.close_root_claim_instruction(world, roots.claimants[who].pubkey());
    let first = [[0, 100], [0, 50]];
    roots.open(0, first);
    world.ok(&[roots.claim(0, 0, first)], &[&roots.claimants[0]]);
    world.fails(close(0), &[&roots.claimants[0]], BmeError::NotEmpty);
    let rent = world.rent(size_of::<RootClaim>());
    let before = world.lamports(world.payer().pubkey());
    let receipt = world.ok(&[close(1)], &[&roots.claimants[1]]);
    let fees = 5_000 * receipt.writable.len().min(2) as u64;
    assert!(world.lamports(world.payer().pubkey()) >= before + rent - fees);
    world.fails(roots.claim(1, 0, first), &[&roots.claimants[1]], BmeError::WrongOwner);
    // What it is owed waits for it, and is paid once.
    world.ok(&[network.open_root_claim_instruction(world, roots.claimants[1].pubkey())], &[]);
    world.ok(&[roots.claim(1, 0, first)], &[&roots.claimants[1]]);
    world.fails(close(1), &[&roots.claimants[1]], BmeError::NotEmpty);
    // Also when the root is gone, since another could state the same again.
    world.ok(&[roots.close(0)], &[]);
    world.fails(close(1), &[&roots.claimants[1]], BmeError::NotEmpty);
}

/// The attack: whoever names itself the only oracle publishes a root of all that others are owed.
#[test]
fn a_new_root_never_spends_what_an_older_one_was_given() {
    let mut roots = Roots::new();
    let first = [[0, 900_000], [0, 50_000]];
    roots.open(0, first);
    let thief = roots.story.world.user();
    let wallet = roots.story.world.token_account(roots.network().mint, thief.pubkey());
    let (world, network) = (roots.world(), roots.network());
    world.ok(&[network.open_root_claim_instruction(world, thief.pubkey())], &[]);
    world.ok(&[network.set_oracles_instruction(&[thief.pubkey()], 1)], &[&network.authority]);
    world.pass(7_200);
    world.ok(&[network.execute_oracles_instruction()], &[]);
    let publish = |index, previous, total| {
        let (root, leaves) = reward_tree(network, &[(thief.pubkey(), [0, total - previous])]);
        let publish = network.publish_root_instruction(world, thief.pubkey(), index, root, [previous, total]);
        world.ok(&[publish], &[&thief]);
        world.pass(HOUR);
        leaves
    };
    // A root for all that was ever stated, for all the supply that is left, and for all of the budget.
    for (index, previous, total) in [(1, 0, 900_000), (2, 950_000, 999_999_000), (3, 950_000, 1_000_001)] {
        publish(index, previous, total);
        let refused = if previous == 0 { BmeError::RootOutdated } else { BmeError::RootOverBudget };
        world.fails(roots.activate(index), &[], refused);
    }
    let leaves = publish(4, 950_000, 1_000_000);
    world.ok(&[roots.activate(4)], &[]);
    world.pass(HOUR);
    world.ok(&[roots.fund(4)], &[]);
    let claim = network.claim_root_instruction(thief.pubkey(), 4, &leaves[0], wallet);
    world.ok(std::slice::from_ref(&claim), &[&thief]);
    world.fails(claim, &[&thief], BmeError::NothingToClaim);
    assert_eq!(world.tokens(wallet), 50_000, "what nobody was given");
    for who in [0, 1] {
        world.ok(&[roots.claim(who, 0, first)], &[&roots.claimants[who]]);
        assert_eq!(roots.wallet(who), first[who][1]);
    }
    assert_eq!((roots.budget(), world.tokens(network.root_vault())), ([0, 0, 0], 0));
}

#[test]
fn a_root_opens_over_time_for_all_of_its_claimants_alike() {
    let roots = Roots::new();
    let earned = [[7, 1_007], [0, 500]];
    roots.pending(0, earned);
    roots.world().pass(HOUR);
    roots.world().fails(roots.activate(0), &[], BmeError::RootOutdated);
    let earned = [[0, 1_000], [0, 500]];
    roots.active(1, earned);
    roots.world().fails(roots.fund(1), &[], BmeError::NothingToClaim);
    for (minutes, share) in [(15, 4), (15, 2), (30, 1)] {
        roots.world().pass(60 * minutes);
        roots.world().ok(&[roots.fund(1)], &[]);
        assert_eq!(roots.root(1).opened, Tokens(1_500 / share));
        for who in [1, 0] {
            roots.world().ok(&[roots.claim(who, 1, earned)], &[&roots.claimants[who]]);
            roots.world().fails(roots.claim(who, 1, earned), &[&roots.claimants[who]], BmeError::NothingToClaim);
            assert_eq!(roots.wallet(who), earned[who][1] / share);
        }
    }
    assert_eq!(roots.root(1).claimed, Tokens(1_500));
}

#[test]
fn leaves_that_say_more_than_the_root_share_what_it_was_given() {
    let roots = Roots::new();
    let (network, world) = (roots.network(), roots.world());
    let (root, leaves) = reward_tree(network, &roots.earned([[0, 600], [0, 1 << 60]]));
    let publish = network.publish_root_instruction(world, roots.oracles[0].pubkey(), 0, root, [0, 1_000]);
    world.ok(&[publish, roots.approve(0)], &[&roots.oracles[0], &roots.oracles[1]]);
    world.pass(HOUR);
    world.ok(&[roots.activate(0)], &[]);
    world.pass(HOUR);
    world.ok(&[roots.fund(0)], &[]);
    for (who, paid) in [(0, 600), (1, 400)] {
        let claimant = &roots.claimants[who];
        let claim = network.claim_root_instruction(claimant.pubkey(), 0, &leaves[who], roots.wallets[who]);
        world.ok(&[claim], &[claimant]);
        assert_eq!(roots.wallet(who), paid);
    }
}

#[test]
fn a_claimant_is_owed_by_eight_roots_at_a_time() {
    let roots = Roots::new();
    let earned = |index: u64| [[10 * index, 10 * index + 10], [0, 0]];
    for index in 0..9 {
        roots.open(index, earned(index));
    }
    let claim = |index| roots.claim(0, index, earned(index));
    for index in [7, 1, 2, 8] {
        roots.world().ok(&[claim(index)], &[&roots.claimants[0]]);
    }
    roots.world().fails(claim(0), &[&roots.claimants[0]], BmeError::LaterRootPaid);
    roots.world().ok(&[claim(3)], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 50);
}

/// One oracle alone published seven, and who claimed from the eighth lost what was still to open of the first.
#[test]
fn roots_that_never_became_active_take_no_place_of_a_claimant() {
    let roots = Roots::new();
    let (first, second) = ([[0, 100], [0, 0]], [[100, 300], [0, 0]]);
    roots.open(0, first);
    for index in 1..8 {
        roots.world().ok(&[roots.publish(index, second)], &[&roots.oracles[0]]);
    }
    roots.open(8, second);
    roots.world().ok(&[roots.claim(0, 8, second), roots.claim(0, 0, first)], &[&roots.claimants[0]]);
    assert_eq!((roots.wallet(0), roots.root(8).number, roots.root(1).number), (300, 2, 0));
}

// Where it comes from

#[test]
fn roots_spend_a_budget_that_epochs_gave_them_with_or_without_work() {
    let mut roots = Roots::new();
    roots.story.edit_policy(|policy| policy.roots_share = Bps(1_000));
    roots.story.edit_network(|network| network.roots = Default::default());
    let earned = [[0, 90 * TOKEN], [0, 10 * TOKEN + 1]];
    roots.active_fails(0, earned, BmeError::RootOverBudget);
    roots.world().pass(DAY);
    let receipt = roots.world().ok(&[roots.story.close(0)], &[]);
    let event: event::EpochSettled = receipt.event(ID);
    assert_eq!(
        (event.scheduled, event.roots, event.stakers),
        (Tokens(1_000 * TOKEN), Tokens(100 * TOKEN), Tokens(180 * TOKEN))
    );
    assert_eq!(roots.story.epoch(0).roots_emission, Tokens(100 * TOKEN));
    roots.world().fails(roots.activate(0), &[], BmeError::RootOverBudget);
    let earned = [[0, 90 * TOKEN], [0, 10 * TOKEN]];
    roots.open(1, earned);
    assert_eq!((roots.budget(), roots.set().minted), ([0; 3], Tokens(100 * TOKEN)));
    // What has been given is given: the next root waits for the next epoch.
    roots.active_fails(2, [[90 * TOKEN, 91 * TOKEN], [10 * TOKEN; 2]], BmeError::RootOverBudget);
}

/// Closing first left a claimant nothing for ever, funding first paid him 700.
#[test]
fn what_a_root_owes_is_promised_at_the_maximum_supply() {
    let mut roots = Roots::new();
    let supply = roots.world().supply(roots.network().mint);
    roots.story.edit_network(|network| {
        network.policy.max_supply = Tokens(supply + 1_000_700);
    });
    roots.active(0, [[0, 700], [0, 0]]);
    roots.world().pass(DAY);
    roots.world().ok(&[roots.story.close(0)], &[]);
    let left: u64 =
        [roots.network().stakers, roots.network().treasury].map(|view| roots.world().tokens(view)).iter().sum();
    assert_eq!(left, 700 * 3 / 10, "of what is promised to nobody, nobody having worked");
    roots.world().ok(&[roots.fund(0), roots.claim(0, 0, [[0, 700], [0, 0]])], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 700);
}

#[test]
fn the_breaker_has_a_part_for_epochs_and_one_for_roots() {
    let mut roots = Roots::new();
    roots.story.edit_policy(|policy| {
        policy.breaker_tokens = Tokens(1_000);
        policy.roots_share = Bps(2_500);
    });
    let earned = [[0, 600], [0, 300]];
    roots.active(0, earned);
    let window = roots.world().now().0 / DAY as i64 * DAY as i64 + 2 * DAY as i64;
    roots.world().set_time(Timestamp(window));
    // Whoever comes first, neither takes the other's.
    roots.world().ok(&[roots.fund(0), roots.story.close(0)], &[]);
    let state = roots.story.state();
    assert_eq!((state.breaker.minted, state.breaker.limit), (Tokens(750), Tokens(750)));
    assert_eq!((state.roots_breaker.minted, state.roots_breaker.limit), (Tokens(250), Tokens(250)));
    assert_eq!(state.minted.get(), 1_000);
    roots.world().fails(roots.fund(0), &[], BmeError::BreakerHolds);
    // What is there is paid, to all alike; the rest waits for the next window.
    roots.world().ok(&[roots.claim(0, 0, earned)], &[&roots.claimants[0]]);
    assert_eq!((roots.wallet(0), roots.root(0).opened), (166, Tokens(250)));
    roots.world().pass(DAY);
    roots.world().ok(&[roots.network().mint_deferred_instruction(), roots.fund(0)], &[]);
    assert_eq!(roots.story.state().minted.get(), 2_000);
    // A network that gives roots nothing any more still pays what it owes them.
    roots.story.edit_policy(|policy| policy.roots_share = Bps(0));
    roots.world().pass(DAY);
    roots.world().ok(&[roots.fund(0)], &[]);
    assert_eq!(roots.root(0).opened, Tokens(600));
}

// Who decides

#[test]
fn oracles_change_with_the_networks_delay() {
    let mut roots = Roots::new();
    let thief = roots.story.world.user();
    let (world, network) = (roots.world(), roots.network());
    let execute = || network.execute_oracles_instruction();
    world.fails(execute(), &[], BmeError::ChangeNotReady);
    // One behind an empty place would be none, and nobody would say so.
    let hidden = network.set_oracles_instruction(&[thief.pubkey(), Address::default(), roots.keys()[0]], 1);
    assert_eq!(world.out_of_range(hidden, &[&network.authority]), "oracles");
    let receipt = world.ok(&[network.set_oracles_instruction(&[thief.pubkey()], 1)], &[&network.authority]);
    let event: event::OraclesProposed = receipt.event(ID);
    assert_eq!(event.executable_at, Timestamp(world.now().0 + 7_200));
    world.pass(7_199);
    world.fails(execute(), &[], BmeError::ChangeNotReady);
    let (root, _) = reward_tree(network, &[(thief.pubkey(), [0, 9])]);
    let publish = network.publish_root_instruction(world, thief.pubkey(), 0, root, [0, 9]);
    world.fails(publish.clone(), &[&thief], BmeError::NotAnOracle);
    world.pass(1);
    let receipt = world.ok(&[execute(), publish], &[&thief]);
    let event: event::OraclesChanged = receipt.event(ID);
    assert_eq!((event.generation, event.oracle_count, event.threshold), (2, 1, 1));
    world.fails(execute(), &[], BmeError::ChangeNotReady);

    // A proposal is withdrawn by another, and expires.
    world.ok(&[network.set_oracles_instruction(&roots.keys(), 2)], &[&network.authority]);
    world.pass(7_200 + 14 * DAY);
    world.fails(read_only(execute(), 0), &[], BmeError::NotWritable);
    world.pass(1);
    world.fails(execute(), &[], BmeError::ChangeExpired);
    // That nobody may publish is at once, and outdates what is pending.
    world.ok(&[network.set_oracles_instruction(&[], 0)], &[&network.authority]);
    assert_eq!((roots.set().oracle_count, roots.set().generation, roots.set().executable_at), (0, 3, Timestamp(0)));
    world.fails(roots.activate(0), &[], BmeError::RootOutdated);
}

#[test]
fn a_root_needs_its_quorum_and_its_challenge_delay() {
    let roots = Roots::new();
    let activate = || roots.network().activate_root_instruction(0);
    roots.world().ok(&[roots.publish(0, [[0, 1], [0, 1]])], &[&roots.oracles[0]]);
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
    roots.world().fails(roots.claim(0, 0, [[0, 1], [0, 1]]), &[&roots.claimants[0]], BmeError::RootNotActive);
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
    let guardian = &roots.network().guardian;
    roots.pending(0, [[0, 1 << 60], [0, 1]]);
    roots.world().fails(roots.veto(roots.oracles[0].pubkey(), 0), &[&roots.oracles[0]], BmeError::Unauthorized);
    let payer = roots.world().payer().pubkey();
    let (before, rent) = (roots.world().lamports(payer), roots.world().lamports(roots.network().reward_root(0)));
    let receipt = roots.world().ok(&[roots.veto(guardian.pubkey(), 0)], &[guardian]);
    let event: event::RootVetoed = receipt.event(ID);
    assert_eq!((event.vetoed_by, event.unopened), (guardian.pubkey(), Tokens(0)));
    assert_eq!(roots.world().lamports(payer), before + rent - 10_000);
    roots.world().pass(HOUR);
    roots.world().fails(roots.activate(0), &[], BmeError::WrongOwner);
    // Its number is not given again.
    roots.world().fails(roots.publish(0, [[0, 1], [0, 1]]), &[&roots.oracles[0]], BmeError::WrongAddress);
    let earned = [[0, 7], [0, 1]];
    roots.open(1, earned);
    roots.world().ok(&[roots.claim(0, 1, earned)], &[&roots.claimants[0]]);
    assert_eq!(roots.wallet(0), 7);
}

/// What has opened is its claimants', what has not is nobody's: neither who stops nor who publishes the next root gains.
#[test]
fn the_guardian_stops_an_active_root() {
    let roots = Roots::new();
    let (guardian, authority) = (&roots.network().guardian, &roots.network().authority);
    let earned = [[0, 600], [0, 400]];
    roots.active(0, earned);
    roots.world().pass(HOUR / 4);
    roots.world().ok(&[roots.fund(0), roots.claim(0, 0, earned)], &[&roots.claimants[0]]);
    roots.world().pass(HOUR / 4);
    let receipt = roots.world().ok(&[roots.veto(guardian.pubkey(), 0)], &[guardian]);
    assert_eq!(receipt.event::<event::RootVetoed>(ID).unopened, Tokens(750));
    roots.world().fails(roots.veto(authority.pubkey(), 0), &[authority], BmeError::RootNotActive);
    roots.world().fails(roots.fund(0), &[], BmeError::RootNotActive);
    roots.world().fails(roots.claim(0, 0, earned), &[&roots.claimants[0]], BmeError::NothingToClaim);
    assert_eq!(roots.budget(), [1_000_000 - 1_000, 0, 0]);
    roots.world().fails(roots.close(0), &[], BmeError::RootInUse);
    roots.world().ok(&[roots.claim(1, 0, earned)], &[&roots.claimants[1]]);
    assert_eq!((roots.wallet(0), roots.wallet(1)), (150, 100));
    roots.world().ok(&[roots.close(0)], &[]);
    // What was not paid is stated again, as an addition, out of what is left.
    let again = [[600, 600 + 450], [400, 400 + 300]];
    roots.open(1, again);
    roots.world().ok(&[roots.claim(0, 1, again)], &[&roots.claimants[0]]);
    assert_eq!((roots.wallet(0), roots.budget()[0]), (600, 1_000_000 - 1_750));
    // All of it open, there is nothing to stop.
    roots.world().fails(roots.veto(authority.pubkey(), 1), &[authority], BmeError::RootNotActive);
}

/// An authority that stops a root of others has nothing of it, of what lies in the vault already neither: its own oracles could give
/// that to itself.
#[test]
fn stopping_a_root_brings_nothing_back_to_the_budget() {
    let roots = Roots::new();
    let authority = &roots.network().authority;
    // 400 that a claimant left lie in the vault.
    let earned = [[0, 600], [0, 400]];
    roots.open(0, earned);
    roots.world().ok(&[roots.claim(0, 0, earned)], &[&roots.claimants[0]]);
    roots.world().pass(180 * DAY);
    roots.world().ok(&[roots.close(0)], &[]);
    let all = 1_000_000 - 1_000 + 400;
    assert_eq!(roots.budget(), [all, 0, 400]);
    // A root is given the whole budget, and stopped.
    roots.active(1, [[600, 600 + all], [400, 400]]);
    assert_eq!(roots.budget(), [0, all, 400]);
    roots.world().ok(&[roots.veto(authority.pubkey(), 1)], &[authority]);
    assert_eq!(roots.budget(), [0, 0, 400]);
    let next = [[600 + all, 600 + all + 500], [400, 400]];
    roots.active_fails(2, next, BmeError::RootOverBudget);

    // Of what epochs give after that, what is in the vault is not minted.
    let mut roots = roots;
    roots.story.edit_network(|network| network.roots.free = Tokens(700));
    let supply = roots.world().supply(roots.network().mint);
    roots.world().ok(&[roots.activate(2)], &[]);
    assert_eq!(roots.story.state().roots.unminted(), Ok(Tokens(300)));
    roots.world().pass(HOUR);
    roots.world().ok(&[roots.fund(2), roots.claim(0, 2, next)], &[&roots.claimants[0]]);
    assert_eq!((roots.world().supply(roots.network().mint), roots.budget()), (supply + 100, [200, 0, 0]));
    assert_eq!((roots.wallet(0), roots.world().tokens(roots.network().root_vault())), (1_100, 0));
}

#[test]
fn of_two_roots_that_add_to_the_same_total_one_counts() {
    let roots = Roots::new();
    roots.pending(0, [[0, 5], [0, 5]]);
    roots.pending(1, [[0, 6], [0, 5]]);
    roots.pending(2, [[5, 6], [5, 5]]);
    roots.world().pass(HOUR);
    roots.world().ok(&[roots.activate(0)], &[]);
    roots.world().fails(roots.activate(1), &[], BmeError::RootOutdated);
    roots.world().ok(&[roots.activate(2)], &[]);
    assert_eq!((roots.set().total, roots.set().active_root), (Tokens(11), 3));
    // The other is closed for its rent.
    roots.world().ok(&[roots.close(1)], &[]);
}

// Their ends

#[test]
fn what_a_roots_claimants_leave_for_180_days_goes_back_to_the_budget() {
    let roots = Roots::new();
    let earned = [[0, 600], [0, 400]];
    roots.active(0, earned);
    roots.world().pass(HOUR / 2);
    roots.world().ok(&[roots.fund(0), roots.claim(0, 0, earned)], &[&roots.claimants[0]]);
    roots.world().pass(200 * DAY);
    roots.world().fails(roots.close(0), &[], BmeError::RootInUse);
    roots.world().ok(&[roots.fund(0)], &[]);
    roots.world().pass(180 * DAY - 1);
    roots.world().fails(roots.close(0), &[], BmeError::RootInUse);
    roots.world().pass(1);
    roots.world().fails(read_only(roots.close(0), 2), &[], BmeError::NotWritable);
    roots.world().fails(swap(roots.close(0), 3, roots.oracles[0].pubkey()), &[], BmeError::WrongAddress);
    roots.world().fails(swap(roots.close(0), 2, roots.story.work), &[], BmeError::WrongAccountType);
    let receipt = roots.world().ok(&[roots.close(0)], &[]);
    assert_eq!(receipt.event::<event::RootClosed>(ID).unclaimed, Tokens(700));
    assert!(roots.world().account(roots.network().reward_root(0)).is_none());
    assert_eq!(roots.budget(), [1_000_000 - 1_000 + 700, 0, 700]);
    // They are in the vault already: of the next root only the rest is minted.
    let supply = roots.world().supply(roots.network().mint);
    let next = [[600, 1_600], [400, 400]];
    roots.open(1, next);
    assert_eq!((roots.world().supply(roots.network().mint), roots.budget()[2]), (supply + 300, 0));
    roots.world().ok(&[roots.claim(0, 1, next)], &[&roots.claimants[0]]);
    assert_eq!((roots.wallet(0), roots.world().tokens(roots.network().root_vault())), (1_300, 0));
}

#[test]
fn a_root_that_cannot_be_activated_is_closed_for_its_rent() {
    let roots = Roots::new();
    let earned = [[0, 1], [0, 1]];
    // Replaced oracles, without any newer root.
    roots.pending(0, earned);
    roots.world().fails(roots.close(0), &[], BmeError::RootInUse);
    let (world, network) = (roots.world(), roots.network());
    world.ok(&[network.set_oracles_instruction(&roots.keys(), 2)], &[&network.authority]);
    world.pass(7_200);
    world.ok(&[network.execute_oracles_instruction()], &[]);
    world.fails(roots.activate(0), &[], BmeError::RootOutdated);
    world.fails(roots.approve(0), &[&roots.oracles[1]], BmeError::RootOutdated);
    world.ok(&[roots.close(0)], &[]);
    // Never approved, or never activated.
    world.ok(&[roots.publish(1, earned)], &[&roots.oracles[0]]);
    roots.pending(2, earned);
    world.pass(60 * DAY);
    for index in [1, 2] {
        world.fails(roots.close(index), &[], BmeError::RootInUse);
    }
    world.pass(1);
    world.fails(roots.activate(2), &[], BmeError::RootOutdated);
    world.ok(&[roots.close(1), roots.close(2)], &[]);
    let later = roots.publish(3, [[1, 1], [1, 1]]);
    world.fails(later, &[&roots.oracles[0]], BmeError::InvalidParameter);
}

#[test]
fn only_the_leafs_own_words_are_proved() {
    let mut roots = Roots::new();
    roots.open(0, [[0, 100], [0, 50]]);
    let thief = roots.story.world.user();
    let wallet = roots.story.world.token_account(roots.story.network.mint, thief.pubkey());
    roots.world().ok(&[roots.network().open_root_claim_instruction(roots.world(), thief.pubkey())], &[]);
    let first = &[&roots.claimants[0]][..];
    let claim = || roots.claim(0, 0, [[0, 100], [0, 50]]);
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut claim = claim();
        change(&mut claim.data);
        claim
    };

    // Both totals, the place, the proof.
    for at in [1, 8, 9, 16, 17, 20, 21] {
        roots.world().fails(with(&|data| data[at] ^= 1), first, BmeError::InvalidProof);
    }
    roots.world().fails(with(&|data| data.truncate(21)), first, BmeError::InvalidProof);
    roots.world().fails(with(&|data| data.truncate(52)), first, BmeError::InvalidArguments);
    roots.world().fails(with(&|data| data.truncate(20)), first, BmeError::InvalidArguments);
    roots.world().fails(with(&|data| data.resize(21 + 33 * 32, 0)), first, BmeError::InvalidArguments);
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
    let leaf = merkle::leaf(sha256, &network.address, &claimant, 2, 7);
    let root = merkle::root(sha256, leaf, 0xa5a5_a5a5, &proof).unwrap();
    let publish = network.publish_root_instruction(roots.world(), roots.oracles[0].pubkey(), 0, root, [0, 5]);
    roots.world().ok(&[publish, roots.approve(0)], &[&roots.oracles[0], &roots.oracles[1]]);
    roots.world().pass(HOUR);
    roots.world().ok(&[roots.activate(0)], &[]);
    roots.world().pass(HOUR);
    roots.world().ok(&[roots.fund(0)], &[]);
    let leaf = Leaf { previous_total: 2, total: 7, index: 0xa5a5_a5a5, proof };
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

    let publish = || roots.publish(0, [[0, 1], [0, 1]]);
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
    for index in [1, 2, 3] {
        world.fails(read_only(veto(), index), guardian, BmeError::NotWritable);
    }

    let activate = || network.activate_root_instruction(0);
    world.pass(HOUR);
    for index in [0, 1, 2] {
        world.fails(read_only(activate(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(activate(), 0, stranger.address), &[], BmeError::WrongNetwork);
    world.fails(swap(activate(), 1, stranger.oracle_set()), &[], BmeError::WrongNetwork);
    world.fails(swap(activate(), 2, roots.story.work), &[], BmeError::WrongAccountType);
    world.ok(&[activate()], &[]);

    let close = || roots.close(0);
    for index in [0, 1] {
        world.fails(read_only(close(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(close(), 0, stranger.address), &[], BmeError::WrongNetwork);
    world.fails(swap(close(), 1, stranger.oracle_set()), &[], BmeError::WrongNetwork);
    world.fails(swap(network.execute_oracles_instruction(), 0, roots.story.work), &[], BmeError::WrongAccountType);
    world.pass(HOUR);

    let fund = || roots.fund(0);
    for index in 0..5 {
        world.fails(read_only(fund(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(fund(), 0, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 1, stranger.oracle_set()), &[], BmeError::WrongNetwork);
    world.fails(swap(fund(), 2, roots.story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(fund(), 3, network.reward_vault()), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 4, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(fund(), 5, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
    world.ok(&[fund()], &[]);

    let claim = || roots.claim(0, 0, [[0, 1], [0, 1]]);
    let first: &[&Keypair] = &[&roots.claimants[0]];
    world.fails(unsigned(claim(), 0), &[], BmeError::MissingSigner);
    for index in [3, 4, 5, 6] {
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
    // A network of the thief's own, in which it is oracle and owed a lot.
    stranger.open_roots(&mut roots.story.world, &[thief.pubkey()], 1, 10_000);
    let (world, network) = (roots.world(), roots.network());
    let theirs = |index, previous| {
        let (root, leaves) = reward_tree(&stranger, &[(thief.pubkey(), [0, 1_000])]);
        let totals = [previous, previous + 1_000];
        let publish = stranger.publish_root_instruction(world, thief.pubkey(), index, root, totals);
        world.ok(&[publish], &[&thief]);
        world.pass(HOUR);
        world.ok(&[stranger.activate_root_instruction(index)], &[]);
        leaves
    };
    let leaves = theirs(0, 0);
    // One here that pays, and one that waits for its second oracle.
    roots.open(0, [[0, 100], [0, 50]]);
    world.ok(&[roots.publish(1, [[100, 200], [50, 50]])], &[&roots.oracles[0]]);

    let approve = swap(stranger.approve_root_instruction(thief.pubkey(), 0), 3, network.reward_root(1));
    world.fails(approve, &[&thief], BmeError::WrongNetwork);

    // Nothing is minted here for what is owed there.
    let fund = swap(network.fund_roots_instruction(0), 2, stranger.reward_root(0));
    world.fails(fund, &[], BmeError::WrongNetwork);
    // Nor is a root closed that only another network has replaced.
    theirs(1, 1_000);
    let close = swap(stranger.close_root_instruction(world, 0), 2, network.reward_root(1));
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
    world.ok(&[roots.claim(0, 0, [[0, 100], [0, 50]])], &[claimant]);
    let again = swap(roots.claim(0, 0, [[0, 100], [0, 50]]), 4, stranger.root_claim(claimant.pubkey()));
    world.fails(again, &[claimant], BmeError::WrongNetwork);
    assert_eq!((world.tokens(wallet), roots.wallet(0), world.tokens(network.root_vault())), (0, 100, 50));
}

/// The delay and the opening differ, from each other and from other hours: once where one oracle is enough, and where two are.
#[test]
fn a_root_waits_for_its_delay_and_opens_for_its_period() {
    let earned = [[0, 100], [0, 50]];
    for threshold in [1, 2] {
        let mut roots = Roots::new();
        if threshold == 1 {
            let set = OracleSet { threshold, ..roots.set() };
            let address = roots.network().oracle_set();
            roots.story.world.forge(address, &set);
        }
        roots.story.edit_policy(|policy| {
            (policy.root_delay, policy.root_opening_period) = (Seconds(5_000), Seconds(4_000));
        });
        let root = || roots.world().read::<RewardRoot>(roots.network().reward_root(0));
        roots.world().ok(&[roots.publish(0, earned)], &[&roots.oracles[0]]);
        if threshold == 2 {
            assert_eq!(root().activatable_at, Timestamp(0));
            roots.world().pass(7);
            let approved: event::RootApproved = roots.world().ok(&[roots.approve(0)], &[&roots.oracles[1]]).event(ID);
            assert_eq!(approved.activatable_at, root().activatable_at);
        }
        assert_eq!(root().activatable_at, roots.world().now().after(Seconds(5_000)).unwrap());
        roots.world().pass(5_000);
        let activated: event::RootActivated = roots.world().ok(&[roots.activate(0)], &[]).event(ID);
        assert_eq!((root().opening_period, activated.opening_period), (Seconds(4_000), 4_000));
    }
}
