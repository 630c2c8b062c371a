//! The scores of `tests/programs/scores`, on its ELF and Joule's: a network whose validators say what miners are worth.

use {
    joule_bme_interface::{
        merkle,
        state::{Network as NetworkState, OracleSet, ROOT_LIFETIME, RewardRoot},
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Bps, Seconds, Tokens},
    joule_stake_interface::{
        pda as stake_pda,
        state::{Pool as PoolState, Provider, status as provider_status},
    },
    joule_tests::{
        Network, Receipt, World,
        fixture::{Backer, Leaf, Pool, TOKEN, sha256},
    },
    scores::{
        ID, ScoresError,
        instruction::*,
        payout, pda,
        state::{ABANDON_AFTER, Board, MAX_MINERS, MAX_VALIDATORS, Parameters, phase, status},
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
};

const HOUR: u64 = 3_600;
const BUDGET: u64 = 600;

/// A network, a pool of validators, and a board that is the network's only oracle.
struct Story {
    world: World,
    network: Network,
    pool: Pool,
    registrar: Keypair,
    board: Address,
    validators: Vec<Keypair>,
    backers: Vec<Backer>,
    miners: Vec<Keypair>,
}

fn rules() -> Parameters {
    Parameters {
        reward: Tokens(1_000),
        commit_period: Seconds(HOUR as u32),
        reveal_period: Seconds(HOUR as u32),
        rest_period: Seconds(HOUR as u32),
        kappa: Bps(5_000),
        bond_speed: Bps(1_000),
        bond_penalty: Bps::WHOLE,
        validators_share: Bps(5_000),
        budget_wait: Seconds(0),
    }
}

impl Story {
    /// Validators with so many tokens of their own at stake, and so many miners.
    fn new(stakes: &[u64], miners: usize) -> Self {
        Self::with(stakes, miners, rules())
    }

    fn with(stakes: &[u64], miners: usize, rules: Parameters) -> Self {
        let mut world = World::with(&[("scores", ID)]);
        let validators: Vec<_> = stakes.iter().map(|_| world.user()).collect();
        let holders: Vec<_> = validators.iter().map(|validator| validator.pubkey()).collect();
        let (network, tokens) = Network::new(&mut world, &holders);
        let pool = Pool::new(&world, &network);
        let (registrar, key) = (world.user(), world.key());
        let miners = (0..miners).map(|_| world.user()).collect();
        let backers = vec![];
        let board = key.pubkey();
        let mut story = Self { world, network, pool, registrar, board, validators, backers, miners };
        story.backers = stakes.iter().enumerate().map(|(i, stake)| story.back(i, tokens[i], *stake)).collect();
        story.world.ok(&[story.make(), story.open(rules)], &[&key]);
        let oracle = story.oracle();
        story.network.open_roots(&mut story.world, &[oracle], 1, BUDGET);
        for (place, miner) in story.miners.iter().enumerate() {
            story.world.ok(&[story.set_miner(place, miner.pubkey())], &[&story.registrar]);
        }
        for place in 0..stakes.len() {
            story.world.ok(&[story.enroll(place, place)], &[&story.validators[place]]);
        }
        story
    }

    fn back(&self, who: usize, tokens: Address, stake: u64) -> Backer {
        let validator = &self.validators[who];
        let provider = self.pool.register(&self.world, validator);
        let backer = self.pool.open_delegation(&self.world, provider, validator.pubkey(), tokens);
        self.world.ok(&[self.pool.stake_instruction(&backer, stake)], &[validator]);
        backer
    }

    fn oracle(&self) -> Address {
        pda::oracle::find(&self.board).0
    }

    fn state(&self) -> Board {
        self.world.read(self.board)
    }

    fn provider(&self, who: usize) -> Address {
        self.backers[who].provider
    }

    // Instructions

    fn make(&self) -> Instruction {
        let (payer, rent) = (self.world.payer().pubkey(), self.world.rent(size_of::<Board>()));
        create_account(&payer, &self.board, rent, size_of::<Board>() as u64, &ID)
    }

    fn open(&self, parameters: Parameters) -> Instruction {
        OpenBoard { board: self.board, network: self.network.address, pool: self.pool.address }
            .instruction(&OpenBoardArgs { registrar: self.registrar.pubkey(), parameters })
    }

    fn set_miner(&self, place: usize, claimant: Address) -> Instruction {
        SetMiner { registrar: self.registrar.pubkey(), board: self.board }
            .instruction(&SetMinerArgs { place: place as u16, claimant })
    }

    fn enroll(&self, who: usize, place: usize) -> Instruction {
        let authority = self.validators[who].pubkey();
        let provider = self.pool.provider(authority);
        Enroll { authority, provider, pool: self.pool.address, board: self.board }
            .instruction(&EnrollArgs { place: place as u16 })
    }

    fn begin(&self) -> Instruction {
        BeginEpoch { board: self.board }.instruction(&BeginEpochArgs {})
    }

    fn commit(&self, who: usize, row: &[u16]) -> Instruction {
        let epoch = self.state().epoch;
        let hash = commitment(sha256, &self.board, epoch, &self.provider(who), &salt(who), &bytes(row));
        self.commit_to(who, hash)
    }

    fn commit_to(&self, who: usize, commitment: [u8; 32]) -> Instruction {
        let (authority, provider) = (self.validators[who].pubkey(), self.provider(who));
        Commit { authority, provider, pool: self.pool.address, board: self.board }
            .instruction(&CommitArgs { commitment })
    }

    fn reveal(&self, who: usize, row: &[u16]) -> Instruction {
        self.reveal_salted(who, salt(who), row)
    }

    fn reveal_salted(&self, who: usize, salt: [u8; 32], row: &[u16]) -> Instruction {
        Reveal { provider: self.provider(who), pool: self.pool.address, board: self.board }
            .instruction_with(&RevealArgs { salt }, &bytes(row))
    }

    fn score(&self, columns: u16) -> Instruction {
        Score { board: self.board }.instruction(&ScoreArgs { columns })
    }

    fn publish(&self) -> Instruction {
        let set: OracleSet = self.world.read(self.network.oracle_set());
        Publish {
            payer: self.world.payer().pubkey(),
            board: self.board,
            oracle: self.oracle(),
            network: self.network.address,
            oracle_set: self.network.oracle_set(),
            last_root: self.state().root,
            reward_root: self.network.reward_root(set.root_count),
            bme_program: joule_bme_interface::ID,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&PublishArgs {})
    }

    fn abandon(&self) -> Instruction {
        Abandon { board: self.board }.instruction(&AbandonArgs {})
    }

    fn close(&self, registrar: Address) -> Instruction {
        CloseBoard { registrar, board: self.board, rent_receiver: registrar }.instruction(&CloseBoardArgs {})
    }

    // Steps

    /// An epoch begins; those with a row commit, and the time to reveal comes.
    fn committed(&self, rows: &[Option<&[u16]>]) {
        self.world.ok(&[self.begin()], &[]);
        for (who, row) in said(rows) {
            self.world.ok(&[self.commit(who, row)], &[&self.validators[who]]);
        }
        self.world.pass(HOUR);
    }

    /// And reveal, and the time to score comes.
    fn revealed(&self, rows: &[Option<&[u16]>]) {
        self.committed(rows);
        for (who, row) in said(rows) {
            self.world.ok(&[self.reveal(who, row)], &[]);
        }
        self.world.pass(HOUR);
    }

    /// And all is scored.
    fn scored(&self, rows: &[Option<&[u16]>]) {
        self.revealed(rows);
        while self.state().phase != phase::SCORED {
            self.world.ok(&[self.score(100)], &[]);
        }
    }

    /// And its root is published: its index.
    fn published(&self, rows: &[Option<&[u16]>]) -> u64 {
        self.scored(rows);
        self.world.ok(&[self.publish()], &[]);
        self.state().pending_root - 1
    }

    /// Root `index` becomes active and opens.
    fn opened(&self, index: u64) {
        self.world.pass(HOUR);
        self.world.ok(&[self.network.activate_root_instruction(index)], &[]);
        self.world.pass(HOUR);
        self.world.ok(&[self.network.fund_roots_instruction(index)], &[]);
    }

    /// What the newest root says, and the proofs.
    fn leaves(&self) -> Vec<(Address, Leaf)> {
        let board = self.state();
        let level = payout::leaves(sha256, &self.network.address, payout::claims(&board));
        let leaf = |(index, claim): (usize, payout::Claim)| {
            let proof = payout::proof(sha256, level.clone(), index);
            let (previous_total, total) = (claim.previous_total.0, claim.total.0);
            (claim.claimant, Leaf { previous_total, total, index: index as u32, proof })
        };
        payout::claims(&board).enumerate().map(leaf).collect()
    }

    /// Claims all that root `index` says, each to a new token account: what each got.
    fn claimed(&mut self, index: u64) -> Vec<(Address, u64)> {
        let mut got = vec![];
        for (claimant, leaf) in self.leaves() {
            let wallet = self.world.token_account(self.network.mint, claimant);
            let keys = self.miners.iter().chain(&self.validators);
            let key = keys.into_iter().find(|key| key.pubkey() == claimant).expect("a member");
            if self.world.account(self.network.root_claim(claimant)).is_none() {
                self.world.ok(&[self.network.open_root_claim_instruction(&self.world, claimant)], &[]);
            }
            self.world.ok(&[self.network.claim_root_instruction(claimant, index, &leaf, wallet)], &[key]);
            got.push((claimant, self.world.tokens(wallet)));
        }
        got
    }
}

fn salt(who: usize) -> [u8; 32] {
    [who as u8 + 1; 32]
}

fn bytes(row: &[u16]) -> Vec<u8> {
    row.iter().flat_map(|weight| weight.to_le_bytes()).collect()
}

fn said<'a>(rows: &'a [Option<&'a [u16]>]) -> impl Iterator<Item = (usize, &'a [u16])> {
    rows.iter().enumerate().filter_map(|(who, row)| Some((who, (*row)?)))
}

/// Four fifths of the stake agree; the last fifth praises the fourth miner.
const STAKES: [u64; 3] = [50 * TOKEN, 30 * TOKEN, 20 * TOKEN];
const HONEST: Option<&[u16]> = Some(&[40, 30, 20, 10]);
const PRAISE: Option<&[u16]> = Some(&[0, 0, 0, 100]);

#[test]
fn an_epoch_is_scored_and_its_root_pays_miners_and_validators() {
    let mut story = Story::new(&STAKES, 4);
    let index = story.published(&[HONEST, HONEST, PRAISE]);
    let state = story.state();
    // A tenth of the fourth miner is all that half of the stake supports.
    assert_eq!(state.miners.map(|miner| miner.consensus)[..5], [40, 30, 20, 10, 0].map(|part| (part << 47) / 100));
    story.opened(index);
    // The budget holds less than the board's rules would pay. By hand: ranks .32, .24, .16 and .1 of .82, and of bonds times
    // incentives .6098, .3659 and .0244; of 300 each.
    let got = story.claimed(index);
    let keys = story.miners.iter().chain(&story.validators).map(|key| key.pubkey());
    let expected: Vec<_> = keys.zip([117, 87, 58, 36, 182, 109, 7]).collect();
    assert_eq!(got, expected);
    let left = BUDGET - got.iter().map(|(_, tokens)| tokens).sum::<u64>();
    assert_eq!(
        story.world.read::<NetworkState>(story.network.address).roots.free,
        Tokens(left),
        "dust stays in the budget"
    );

    // The next epoch adds to what the first paid.
    let mut network: NetworkState = story.world.read(story.network.address);
    network.roots.free = Tokens(2 * BUDGET);
    story.world.forge(story.network.address, &network);
    let index = story.published(&[HONEST, HONEST, HONEST]);
    let (_, first) = &story.leaves()[0];
    assert_eq!((first.previous_total, first.total), (117, 117 + 200));
    let root: RewardRoot = story.world.read(story.network.reward_root(index));
    assert!(root.addition().unwrap() <= Tokens(1_000), "no more than its rules pay");
    story.opened(index);
    assert_eq!(story.claimed(index)[0].1, 200);
}

#[test]
fn what_is_committed_can_neither_be_copied_nor_changed() {
    let story = Story::new(&STAKES, 4);
    let world = &story.world;
    let row = HONEST.unwrap();
    world.fails(story.commit(0, row), &[&story.validators[0]], ScoresError::NoEpoch);
    world.fails(story.reveal(0, row), &[], ScoresError::NoEpoch);
    world.ok(&[story.begin()], &[]);
    let copied = commitment(sha256, &story.board, 0, &story.provider(0), &salt(0), &bytes(row));
    let mut foreign = story.commit(1, row);
    foreign.accounts[0].pubkey = story.validators[0].pubkey();
    world.fails(foreign, &[&story.validators[0]], ScoresError::Unauthorized);
    world.ok(&[story.commit(0, &[1])], &[&story.validators[0]]);
    // Until the period ends, another commitment takes its place.
    world.ok(&[story.commit(0, row)], &[&story.validators[0]]);
    world.ok(&[story.commit_to(1, copied)], &[&story.validators[1]]);
    world.fails(story.reveal(0, row), &[], ScoresError::TooEarly);
    world.pass(HOUR);
    world.fails(story.commit(2, row), &[&story.validators[2]], ScoresError::TooLate);
    world.fails(story.reveal(2, row), &[], ScoresError::NotCommitted);
    world.fails(story.reveal(0, &[40, 30, 20, 11]), &[], ScoresError::WrongReveal);
    world.fails(story.reveal_salted(0, salt(9), row), &[], ScoresError::WrongReveal);
    world.ok(&[story.reveal(0, row)], &[]);
    world.fails(story.reveal(0, row), &[], ScoresError::NotCommitted);
    // The copy of another's hash fits nothing that its thief could reveal.
    world.fails(story.reveal_salted(1, salt(0), row), &[], ScoresError::WrongReveal);
    world.pass(HOUR);
    world.fails(story.reveal(1, row), &[], ScoresError::TooLate);
    // Nor does what was committed in one epoch in the next.
    world.ok(&[story.score(256), story.publish()], &[]);
    world.pass(HOUR);
    world.ok(&[story.begin(), story.commit_to(0, copied)], &[&story.validators[0]]);
    world.pass(HOUR);
    world.fails(story.reveal(0, row), &[], ScoresError::WrongReveal);
}

#[test]
fn weights_are_for_miners_alone() {
    let story = Story::new(&STAKES[..1], 2);
    for row in [&[0, 0][..], &[1, 1, 1], &[]] {
        story.committed(&[Some(row)]);
        story.world.fails(story.reveal(0, row), &[], ScoresError::InvalidWeights);
        story.world.pass(HOUR);
        story.world.ok(&[story.score(1), story.publish()], &[]);
        story.world.pass(HOUR);
    }
}

#[test]
fn who_never_reveals_stops_nothing_and_is_paid_nothing() {
    let story = Story::new(&STAKES, 4);
    story.committed(&[HONEST, HONEST, PRAISE]);
    for who in 0..2 {
        story.world.ok(&[story.reveal(who, HONEST.unwrap())], &[]);
    }
    story.world.pass(HOUR);
    story.world.ok(&[story.score(256), story.publish()], &[]);
    let state = story.state();
    assert_eq!(state.revealed_stake, Tokens(80 * TOKEN));
    assert_eq!(state.miners[3].consensus, (1 << 47) / 10);
    let claimants: Vec<_> = story.leaves().into_iter().map(|(claimant, _)| claimant).collect();
    assert_eq!(claimants.len(), 6);
    assert!(!claimants.contains(&story.validators[2].pubkey()));
    assert_eq!(state.validators[2].stake, Tokens(0), "the first to lose its place");
}

#[test]
fn an_epoch_without_reveals_ends_without_a_root() {
    let story = Story::new(&STAKES, 4);
    story.committed(&[HONEST, None, None]);
    story.world.pass(HOUR);
    story.world.ok(&[story.score(1)], &[]);
    assert_eq!(story.state().phase, phase::SCORED, "there is nothing to score");
    story.world.ok(&[story.publish()], &[]);
    let state = story.state();
    assert_eq!((state.phase, state.epoch, state.pending_root), (phase::REST, 1, 0));
    assert_eq!(story.world.read::<OracleSet>(story.network.oracle_set()).root_count, 0);
    // And the next one goes on as ever.
    story.world.pass(HOUR);
    story.published(&[HONEST, HONEST, PRAISE]);
}

#[test]
fn only_stake_in_the_pool_votes() {
    let mut story = Story::new(&STAKES, 4);
    let row = HONEST.unwrap();
    story.world.ok(&[story.begin()], &[]);
    let commit = story.commit(0, row);
    let fails = |story: &Story, error: ScoresError| story.world.fails(commit.clone(), &[&story.validators[0]], error);
    let provider: Provider = story.world.read(story.provider(0));

    for broken in [
        Provider { pool: story.board, ..provider },
        Provider { status: provider_status::JAILED, ..provider },
        Provider { own: Tokens(0), ..provider },
    ] {
        story.world.forge(story.provider(0), &broken);
        fails(&story, ScoresError::ProviderUnfit);
    }
    story.world.forge(story.provider(0), &provider);
    let mut account = story.world.account(story.provider(0)).unwrap();
    account.owner = ID;
    story.world.set_account(story.provider(0), account);
    fails(&story, ScoresError::WrongAccountType);
    story.world.forge(story.provider(0), &provider);

    let pool: PoolState = story.world.read(story.pool.address);
    let mut poor = pool;
    poor.policy.min_self_stake = Tokens(50 * TOKEN + 1);
    story.world.forge(story.pool.address, &poor);
    fails(&story, ScoresError::ProviderUnfit);
    // Stake that leaves sooner than reveals end could vote for one validator after the other.
    let mut quick = pool;
    quick.policy.unbonding_period = Seconds(HOUR as u32 - 1);
    story.world.forge(story.pool.address, &quick);
    fails(&story, ScoresError::UnbondingTooShort);
    story.world.forge(story.pool.address, &pool);
    let other = stake_pda::pool::find(&story.network.address, &story.board).0;
    story.world.forge(other, &pool);
    let mut elsewhere = commit.clone();
    elsewhere.accounts[2].pubkey = other;
    story.world.fails(elsewhere, &[&story.validators[0]], ScoresError::WrongAddress);
    let stranger = story.world.user();
    let nobody = story.pool.register(&story.world, &stranger);
    let mut unknown = commit.clone();
    (unknown.accounts[0].pubkey, unknown.accounts[1].pubkey) = (stranger.pubkey(), nobody);
    story.world.fails(unknown, &[&stranger], ScoresError::NotEnrolled);

    // Of the stake at commitment and at reveal the smaller counts, whichever way it went.
    story.world.ok(&[commit.clone(), story.commit(1, row)], &[&story.validators[0], &story.validators[1]]);
    let ticket = story.pool.next_ticket(&story.world, &story.backers[0]);
    let leave = story.pool.unstake_instruction(&story.world, &story.backers[0], ticket, 10 * TOKEN);
    let come = story.pool.stake_instruction(&story.backers[1], 10 * TOKEN);
    story.world.ok(&[leave, come], &[&story.validators[0], &story.validators[1]]);
    story.world.pass(HOUR);
    story.world.ok(&[story.reveal(0, row), story.reveal(1, row)], &[]);
    let state = story.state();
    assert_eq!([0, 1].map(|i| state.validators[i].stake), [Tokens(40 * TOKEN), Tokens(30 * TOKEN)]);
    assert_eq!(state.revealed_stake, Tokens(70 * TOKEN));
}

#[test]
fn columns_are_scored_once_and_in_order_by_anyone() {
    let story = Story::new(&STAKES, 4);
    let world = &story.world;
    world.fails(story.score(1), &[], ScoresError::NoEpoch);
    world.ok(&[story.begin()], &[]);
    for who in 0..3 {
        world.ok(&[story.commit(who, HONEST.unwrap())], &[&story.validators[who]]);
    }
    world.pass(HOUR);
    for who in 0..3 {
        world.ok(&[story.reveal(who, HONEST.unwrap())], &[]);
    }
    world.fails(story.score(1), &[], ScoresError::TooEarly);
    world.fails(story.publish(), &[], ScoresError::NotScored);
    world.pass(HOUR);
    world.fails(story.score(0), &[], ScoresError::ZeroAmount);
    // Whoever stops in the middle, another goes on where he stopped.
    for column in 1..=3 {
        world.ok(&[story.score(1)], &[]);
        assert_eq!(story.state().next_column, column);
    }
    world.fails(story.publish(), &[], ScoresError::NotScored);
    world.fails(story.begin(), &[], ScoresError::EpochRunning);
    let before = story.state();
    assert_eq!(before.miners[3].rank, 0);
    world.ok(&[story.score(u16::MAX)], &[]);
    let state = story.state();
    assert_eq!((state.next_column, state.phase), (256, phase::SCORED));
    assert_eq!((state.miners[2].rank, state.bonds[2]), (before.miners[2].rank, before.bonds[2]));
    world.fails(story.score(1), &[], ScoresError::NothingToScore);
    world.ok(&[story.publish()], &[]);
    world.fails(story.publish(), &[], ScoresError::NotScored);
}

#[test]
fn members_change_between_epochs_alone() {
    let mut story = Story::new(&STAKES, 4);
    let (newcomer, stranger) = (story.world.user(), story.world.user());
    let world = &story.world;
    let set = story.set_miner(4, newcomer.pubkey());
    let mut by_stranger = set.clone();
    by_stranger.accounts[0].pubkey = stranger.pubkey();
    world.fails(by_stranger, &[&stranger], ScoresError::Unauthorized);
    world.fails(story.set_miner(256, newcomer.pubkey()), &[&story.registrar], ScoresError::NoPlace);
    // A root pays each key once, so each has one place.
    for taken in [story.miners[0].pubkey(), story.validators[0].pubkey()] {
        world.fails(story.set_miner(4, taken), &[&story.registrar], ScoresError::ClaimantTaken);
    }
    world.fails(story.enroll(0, 5), &[&story.validators[0]], ScoresError::ClaimantTaken);
    world.ok(std::slice::from_ref(&set), &[&story.registrar]);
    world.ok(&[story.set_miner(4, Address::default())], &[&story.registrar]);
    // A free place is nobody's to take from another.
    let provider = story.pool.register(world, &newcomer);
    let mut enroll = story.enroll(0, 0);
    (enroll.accounts[0].pubkey, enroll.accounts[1].pubkey) = (newcomer.pubkey(), provider);
    world.fails(enroll.clone(), &[&newcomer], ScoresError::ProviderUnfit);
    let mut foreign = story.enroll(0, 5);
    foreign.accounts[0].pubkey = newcomer.pubkey();
    world.fails(foreign, &[&newcomer], ScoresError::Unauthorized);
    let mut state: Provider = world.read(provider);
    state.own = Tokens(1);
    story.world.forge(provider, &state);
    story.world.fails(enroll, &[&newcomer], ScoresError::PlaceTaken);

    let world = &story.world;
    world.ok(&[story.begin()], &[]);
    world.fails(set.clone(), &[&story.registrar], ScoresError::EpochRunning);
    world.fails(story.enroll(0, 5), &[&story.validators[0]], ScoresError::EpochRunning);
    world.fails(story.close(story.registrar.pubkey()), &[&story.registrar], ScoresError::EpochRunning);
    world.pass(2 * HOUR);
    world.ok(&[story.score(256), story.publish()], &[]);
    // Whoever ends an epoch cannot begin the next before others had time to change.
    world.fails(story.begin(), &[], ScoresError::NotRested);
    world.pass(HOUR - 1);
    world.fails(story.begin(), &[], ScoresError::NotRested);
    world.ok(&[set], &[&story.registrar]);
    world.pass(1);
    world.ok(&[story.begin()], &[]);
}

#[test]
fn a_root_is_published_by_the_only_oracle_and_one_at_a_time() {
    let mut story = Story::new(&STAKES, 4);
    story.scored(&[HONEST, HONEST, PRAISE]);
    let set: OracleSet = story.world.read(story.network.oracle_set());
    let (oracle, other) = (story.oracle(), story.world.address());
    let publish = story.publish();
    let mut wrong = set;
    for (count, threshold, first) in [(2, 1, oracle), (1, 0, oracle), (1, 1, other)] {
        (wrong.oracle_count, wrong.threshold, wrong.oracles[0]) = (count, threshold, first);
        story.world.forge(story.network.oracle_set(), &wrong);
        story.world.fails(publish.clone(), &[], ScoresError::NotSoleOracle);
    }
    story.world.forge(story.network.oracle_set(), &set);
    for (account, error) in [
        (2, ScoresError::WrongAddress),
        (3, ScoresError::WrongAddress),
        (4, ScoresError::WrongAccountType),
        (7, ScoresError::WrongProgram),
    ] {
        let mut swapped = publish.clone();
        swapped.accounts[account].pubkey = other;
        story.world.fails(swapped, &[], error);
    }
    let mut foreign = publish.clone();
    foreign.accounts[4].pubkey = other;
    story.world.forge(other, &OracleSet { network: other, ..set });
    story.world.fails(foreign, &[], ScoresError::WrongNetwork);
    story.world.ok(&[publish], &[]);
    let first = story.state().root;

    // The next epoch runs while the root waits for its activation, and its own root waits for that one.
    story.world.pass(HOUR);
    story.scored(&[HONEST, HONEST, PRAISE]);
    story.world.fails(story.publish(), &[], ScoresError::RootPending);
    let mut elsewhere = story.publish();
    elsewhere.accounts[5].pubkey = other;
    story.world.fails(elsewhere, &[], ScoresError::WrongAddress);
    // One that the guardian vetoed is forgotten: its part of the budget is there for this one.
    let guardian = story.network.guardian.pubkey();
    let veto = story.network.veto_root_instruction(&story.world, guardian, 0);
    story.world.ok(&[veto], &[&story.network.guardian]);
    story.world.ok(&[story.publish()], &[]);
    let (_, leaf) = &story.leaves()[0];
    assert_eq!((leaf.previous_total, leaf.total), (0, 117));
    assert_ne!(story.state().root, first);
    story.opened(1);

    // One of oracles that were replaced can never be activated.
    let mut network: NetworkState = story.world.read(story.network.address);
    network.roots.free = Tokens(BUDGET);
    story.world.forge(story.network.address, &network);
    story.world.pass(HOUR);
    story.published(&[HONEST, HONEST, PRAISE]);
    let mut set: OracleSet = story.world.read(story.network.oracle_set());
    set.generation += 1;
    story.world.forge(story.network.oracle_set(), &set);
    story.world.pass(HOUR);
    story.published(&[HONEST, HONEST, PRAISE]);
    let (_, leaf) = &story.leaves()[0];
    assert_eq!((leaf.previous_total, leaf.total), (117, 234));
    // Nor one that nobody activated in its time.
    story.world.pass(HOUR);
    story.scored(&[HONEST, HONEST, PRAISE]);
    story.world.set_time(story.state().root_published_at.after(ROOT_LIFETIME).unwrap());
    story.world.fails(story.publish(), &[], ScoresError::RootPending);
    story.world.pass(1);
    story.world.ok(&[story.publish()], &[]);
}

#[test]
fn an_epoch_waits_for_the_budget_to_hold_its_reward() {
    let mut story = Story::with(&STAKES, 4, Parameters { budget_wait: Seconds(HOUR as u32), ..rules() });
    // One that pays nobody has nothing to wait for.
    story.revealed(&[None, None, None]);
    story.world.ok(&[story.score(1), story.publish()], &[]);
    story.world.pass(HOUR);
    // Whoever profits from the next epoch more than from this one would publish before there is anything to pay.
    story.scored(&[HONEST, HONEST, PRAISE]);
    story.world.fails(story.publish(), &[], ScoresError::BudgetTooSmall);
    story.world.pass(HOUR - 1);
    story.world.fails(story.publish(), &[], ScoresError::BudgetTooSmall);
    story.world.pass(1);
    story.world.ok(&[story.publish()], &[]);
    story.opened(0);
    let mut network: NetworkState = story.world.read(story.network.address);
    network.roots.free = Tokens(1_000);
    story.world.forge(story.network.address, &network);
    assert_eq!(story.published(&[HONEST, HONEST, PRAISE]), 1, "at once where the budget holds it");
}

#[test]
fn the_tree_is_that_of_every_oracle() {
    let story = Story::new(&STAKES, 3);
    let index = story.published(&[Some(&[1, 1, 1]), Some(&[1, 1, 1]), None]);
    let root: RewardRoot = story.world.read(story.network.reward_root(index));
    let earned: Vec<_> =
        payout::claims(&story.state()).map(|claim| (claim.claimant, [claim.previous_total.0, claim.total.0])).collect();
    let (expected, leaves) = joule_tests::fixture::reward_tree(&story.network, &earned);
    assert_eq!((root.root, leaves.len()), (expected, 5));
    for ((claimant, leaf), other) in story.leaves().iter().zip(leaves) {
        assert_eq!((leaf.index, &leaf.proof), (other.index, &other.proof));
        let hash = merkle::leaf(sha256, &story.network.address, claimant, leaf.previous_total, leaf.total);
        assert_eq!(merkle::root(sha256, hash, leaf.index, &leaf.proof), Some(expected));
    }
}

#[test]
fn an_epoch_that_nobody_publishes_is_given_up_by_anyone() {
    let mut story = Story::new(&STAKES, 4);
    story.world.fails(story.abandon(), &[], ScoresError::NoEpoch);
    story.scored(&[HONEST, HONEST, PRAISE]);
    // The network has named another oracle, and nobody can publish.
    let mut set: OracleSet = story.world.read(story.network.oracle_set());
    set.oracles[0] = story.world.address();
    story.world.forge(story.network.oracle_set(), &set);
    story.world.fails(story.publish(), &[], ScoresError::NotSoleOracle);
    story.world.pass(ABANDON_AFTER.0 as u64 - 1);
    story.world.fails(story.abandon(), &[], ScoresError::TooEarly);
    story.world.pass(1);
    story.world.ok(&[story.abandon()], &[]);
    assert_eq!((story.state().phase, story.state().epoch, payout::claims(&story.state()).count()), (phase::REST, 1, 0));
    set.oracles[0] = story.oracle();
    story.world.forge(story.network.oracle_set(), &set);
    story.world.pass(HOUR);
    story.published(&[HONEST, HONEST, PRAISE]);
}

#[test]
fn a_board_without_a_reward_only_scores() {
    let rows = [HONEST, HONEST, PRAISE];
    let paying = Story::new(&STAKES, 4);
    paying.published(&rows);
    let story = Story::with(&STAKES, 4, Parameters { reward: Tokens(0), ..rules() });
    let scored = || {
        story.revealed(&rows);
        while story.state().phase != phase::REST {
            story.world.ok(&[story.score(100)], &[]);
        }
        story.state()
    };
    let mut board = scored();
    assert_eq!((board.epoch, board.ended_at, board.pending_root), (1, story.world.now(), 0));
    // What a board with a reward pays, anyone finds here.
    payout::divide(&mut board, Tokens(BUDGET)).unwrap();
    let pending = |board: &Board| {
        let miners = board.miners.iter().map(|miner| miner.pending);
        miners.chain(board.validators.iter().map(|validator| validator.pending)).collect::<Vec<_>>()
    };
    assert_eq!(pending(&board), pending(&paying.state()));
    assert!(board.miners[0].pending > Tokens(0));
    story.world.fails(story.publish(), &[], ScoresError::NotScored);
    story.world.fails(story.score(1), &[], ScoresError::NoEpoch);
    story.world.fails(story.begin(), &[], ScoresError::NotRested);
    story.world.pass(HOUR);
    assert_eq!(scored().epoch, 2);
}

#[test]
fn a_board_is_opened_once_within_its_rules_and_closed_for_its_rent() {
    let mut story = Story::new(&STAKES[..1], 1);
    let story_board = story.board;
    let key = story.world.key();
    story.board = key.pubkey();
    // Another program's account, a poor one, a short one.
    let data = vec![0; size_of::<Board>()];
    let account =
        |owner, lamports, size| Account { lamports, data: data[..size].to_vec(), owner, ..Account::default() };
    let rent = story.world.rent(data.len());
    for (made, error) in [
        (account(SYSTEM_PROGRAM, rent, data.len()), ScoresError::WrongOwner),
        (account(ID, rent - 1, data.len()), ScoresError::NotRentExempt),
        (account(ID, rent, data.len() - 8), ScoresError::WrongAccountType),
    ] {
        story.world.set_account(story.board, made);
        story.world.fails(story.open(rules()), &[&key], error);
    }
    story.world.set_account(story.board, Account::default());
    let bad = |change: fn(&mut Parameters)| {
        let mut parameters = rules();
        change(&mut parameters);
        story.open(parameters)
    };
    story.world.ok(&[story.make()], &[&key]);
    for open in [
        bad(|rules| rules.kappa = Bps(0)),
        bad(|rules| rules.kappa = Bps(10_001)),
        bad(|rules| rules.bond_speed = Bps(0)),
        bad(|rules| rules.bond_penalty = Bps(10_001)),
        bad(|rules| rules.validators_share = Bps(10_001)),
        bad(|rules| rules.commit_period = Seconds(59)),
        bad(|rules| rules.reveal_period = Seconds(30 * 86_400 + 1)),
        bad(|rules| rules.rest_period = Seconds(0)),
        bad(|rules| rules.budget_wait = Seconds(30 * 86_400 + 1)),
    ] {
        story.world.fails(open, &[&key], ScoresError::ParameterOutOfRange);
    }
    let mut elsewhere = story.open(rules());
    let other = story.world.address();
    let network: NetworkState = story.world.read(story.network.address);
    story.world.forge(other, &network);
    elsewhere.accounts[1].pubkey = other;
    story.world.fails(elsewhere, &[&key], ScoresError::WrongNetwork);
    let mut unsigned = story.open(rules());
    unsigned.accounts[0].is_signer = false;
    story.world.fails(unsigned, &[], ScoresError::MissingSigner);
    story.world.ok(&[story.open(rules())], &[&key]);
    story.world.fails(story.open(rules()), &[&key], ScoresError::AlreadyInitialized);

    story.board = story_board;
    let stranger = story.world.user();
    story.world.fails(story.close(stranger.pubkey()), &[&stranger], ScoresError::Unauthorized);
    let mut itself = story.close(story.registrar.pubkey());
    itself.accounts[2].pubkey = story.board;
    story.world.fails(itself, &[&story.registrar], ScoresError::DuplicateAccount);
    let before = story.world.lamports(story.registrar.pubkey());
    story.world.ok(&[story.close(story.registrar.pubkey())], &[&story.registrar]);
    assert_eq!(story.world.lamports(story.registrar.pubkey()) - before, story.world.rent(size_of::<Board>()));
    assert!(story.world.account(story.board).is_none_or(|account| account.data.is_empty()));
}

/// What every instruction takes on a full board, as the program's page says: another compiler may differ by a twentieth.
#[test]
fn a_full_board_takes_what_the_page_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/scores/README.md");
    let page = std::fs::read_to_string(path).expect("the program has a page");
    let rules = Parameters { bond_penalty: Bps(5_000), reward: Tokens(1_000_000), ..rules() };
    let mut story = Story::with(&[10 * TOKEN; MAX_VALIDATORS], MAX_MINERS, rules);
    // Enough for every leaf to say something, twice.
    let mut network: NetworkState = story.world.read(story.network.address);
    network.roots.free = Tokens(2_000_000);
    story.world.forge(story.network.address, &network);
    let mut wrong = vec![];
    let mut row = |name: &str, receipt: &Receipt| {
        let units = receipt.units();
        println!("| {name} | {units} |");
        let start = format!("| {name} | ");
        let said = page.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix(" |")?.parse().ok());
        let said: u64 = said.unwrap_or_default();
        if units >= 1_400_000 || units.abs_diff(said) > said / 20 {
            wrong.push(format!("{name} takes {units}, not {said}"));
        }
    };
    let (world, last) = (&story.world, MAX_VALIDATORS - 1);
    // The last place is given again.
    let claimant = story.miners[MAX_MINERS - 1].pubkey();
    world.ok(&[story.set_miner(MAX_MINERS - 1, Address::default())], &[&story.registrar]);
    row("`SetMiner`", &world.ok(&[story.set_miner(MAX_MINERS - 1, claimant)], &[&story.registrar]));

    // Two epochs: in the second there are bonds already, and a root to decide.
    let mut numbers = 1u64;
    for epoch in 0..2 {
        let mut rows = vec![];
        for _ in 0..MAX_VALIDATORS {
            let weights: Vec<u16> = (0..MAX_MINERS)
                .map(|_| {
                    numbers = numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (numbers >> 48) as u16 | 1
                })
                .collect();
            rows.push(weights);
        }
        let mut receipts = vec![("`BeginEpoch`".to_owned(), world.ok(&[story.begin()], &[]))];
        for (who, weights) in rows.iter().enumerate() {
            let receipt = world.ok(&[story.commit(who, weights)], &[&story.validators[who]]);
            if who == last {
                receipts.push(("`Commit`".into(), receipt));
            }
        }
        world.pass(HOUR);
        for (who, weights) in rows.iter().enumerate() {
            let receipt = world.ok(&[story.reveal(who, weights)], &[]);
            if who == last {
                receipts.push(("`Reveal`".into(), receipt));
            }
        }
        world.pass(HOUR);
        receipts.push(("`Score`, a column, the first".into(), world.ok(&[story.score(1)], &[])));
        receipts.push(("`Score`, a column".into(), world.ok(&[story.score(1)], &[])));
        receipts.push(("`Score`, 32 columns".into(), world.ok(&[story.score(32)], &[])));
        let mut calls = 3;
        while story.state().phase != phase::SCORED {
            world.ok(&[story.score(32)], &[]);
            calls += 1;
        }
        assert_eq!(calls, 10);
        let state = story.state();
        assert!(state.validators.iter().all(|validator| validator.status == status::REVEALED));
        receipts.push(("`Publish`, 320 leaves".into(), world.ok(&[story.publish()], &[])));
        if epoch == 1 {
            receipts.iter().for_each(|(name, receipt)| row(name, receipt));
            assert_eq!(story.leaves().len(), MAX_VALIDATORS + MAX_MINERS);
        }
        story.opened(epoch);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
