//! `voter`: locked stake weighs lanes, and votes in SPL Governance.

use {
    crate::governance::{self, Realm},
    joule_bme_interface::{
        BmeError,
        instruction::CreateNetworkArgs,
        state::{MAX_LANES, Network as NetworkState},
    },
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM, bytemuck},
    joule_math::{Bps, Seconds, Timestamp},
    joule_stake_interface::{
        instruction::{LockStake, LockStakeArgs},
        state::{Provider, status},
    },
    joule_tests::{
        Network, Receipt, World,
        fixture::{Backer, Pool, TOKEN},
        world::swap,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    voter::{
        ID, VoterError,
        instruction::*,
        pda,
        record::record,
        state::{Council, Vote},
    },
};

const DAY: u64 = 86_400;
const HOUR: u32 = 3_600;

/// A network of two lanes, 300 to 100, that a council weighs; a provider with stake of its own, and two delegators.
struct Story {
    world: World,
    network: Network,
    pool: Pool,
    council: Address,
    provider: Keypair,
    owners: [Keypair; 2],
    backers: [Backer; 2],
    own: Backer,
}

fn lanes(parts: &[u16]) -> [u16; MAX_LANES as usize] {
    let mut lanes = [0; MAX_LANES as usize];
    lanes[..parts.len()].copy_from_slice(parts);
    lanes
}

impl Story {
    /// In the first epoch, with 100 and 300 tokens staked, and 50 of the provider's own, that nobody has locked.
    fn new() -> Self {
        Self::on(World::with(&[("voter", ID)]))
    }

    fn on(mut world: World) -> Self {
        let provider = world.user();
        let owners = [world.user(), world.user()];
        let mint = world.mint();
        let tokens = [&owners[0], &owners[1], &provider].map(|owner| {
            let account = world.token_account(mint.address, owner.pubkey());
            world.mint_to(&mint, account, 1_000 * TOKEN);
            account
        });
        let network = Network::unborn(&mut world, &mint);
        let council = pda::council::find(&network.address, &[0; 8]).0;
        let mut create = network.create_instruction(&world, mint.authority.pubkey());
        let args: &mut CreateNetworkArgs = bytemuck::from_bytes_mut(&mut create.data[1..]);
        let mut policy = args.policy;
        (policy.weigher, policy.lane_weights) = (council, lanes(&[300, 100]));
        (policy.lane_band, policy.lane_speed) = (Bps(5_000), Bps::WHOLE);
        args.policy = policy;
        world.ok(&[create], &[&network.authority, &mint.authority]);
        network.add_shard(&world, 0);
        network.refresh_price(&mut world);
        let pool = Pool::new(&world, &network);
        let registered = pool.register(&world, &provider);
        let back = |owner: &Keypair, tokens, amount| {
            let backer = pool.open_delegation(&world, registered, owner.pubkey(), tokens);
            world.ok(&[pool.stake_instruction(&backer, amount * TOKEN)], &[owner]);
            backer
        };
        let backers = [back(&owners[0], tokens[0], 100), back(&owners[1], tokens[1], 300)];
        let own = back(&provider, tokens[2], 50);
        let story = Self { world, network, pool, council, provider, owners, backers, own };
        story.world.ok(&[story.open(HOUR)], &[&story.network.authority]);
        story
    }

    /// In the second epoch; all locked their stake for a year in the first.
    fn locked() -> Self {
        Self::new().with_locks()
    }

    fn with_locks(mut self) -> Self {
        for (owner, backer) in self.owners.iter().zip(&self.backers) {
            self.lock(owner, backer, 365);
        }
        self.lock(&self.provider, &self.own, 14);
        self.next_epoch(0);
        self
    }

    fn next_epoch(&mut self, epoch: u64) {
        let ends_at = self.state().epoch_ends_at;
        self.world.set_time(ends_at);
        self.network.refresh_price(&mut self.world);
        self.world.ok(&[self.network.close_instruction(&self.world, epoch, &[0])], &[]);
        assert_eq!(self.state().open_epoch, epoch + 1);
    }

    fn lock(&self, owner: &Keypair, backer: &Backer, days: u32) {
        let lock = LockStake {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        };
        let lock = lock.instruction(&LockStakeArgs { lock_period: Seconds(days * DAY as u32) });
        self.world.ok(&[lock], &[owner]);
    }

    fn open(&self, closing_window: u32) -> Instruction {
        Open {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            pool: self.pool.address,
            council: self.council,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&OpenArgs {
            id: 0,
            closing_window: Seconds(closing_window),
            min_lock: Seconds(7 * DAY as u32),
            realm: governance::realm(),
            governing_mint: self.network.mint,
        })
    }

    fn vote_instruction(&self, backer: &Backer, parts: &[u16]) -> Instruction {
        CastVote {
            payer: self.world.payer().pubkey(),
            owner: backer.owner,
            council: self.council,
            vote: pda::vote::find(&self.council, &backer.delegation).0,
            network: self.network.address,
            pool: self.pool.address,
            delegation: backer.delegation,
            provider: backer.provider,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CastVoteArgs { parts: lanes(parts) })
    }

    fn vote(&self, owner: usize, parts: &[u16]) -> Receipt {
        self.world.ok(&[self.vote_instruction(&self.backers[owner], parts)], &[&self.owners[owner]])
    }

    fn weigh(&self) -> Instruction {
        Weigh { council: self.council, network: self.network.address, bme_program: joule_bme_interface::ID }
            .instruction(&WeighArgs {})
    }

    /// Lets time pass until votes are closed.
    fn close_votes(&self) {
        let ends_at = self.state().epoch_ends_at.0;
        self.world.set_time(Timestamp(ends_at - HOUR as i64));
    }

    fn close_vote(&self, owner: usize) -> Instruction {
        CloseVote {
            council: self.council,
            network: self.network.address,
            vote: pda::vote::find(&self.council, &self.backers[owner].delegation).0,
            rent_receiver: self.world.payer().pubkey(),
        }
        .instruction(&CloseVoteArgs {})
    }

    fn record(&self, owner: Address) -> Address {
        pda::record::find(&self.council, &owner).0
    }

    fn create_record(&self, owner: Address) -> Instruction {
        CreateRecord {
            payer: self.world.payer().pubkey(),
            council: self.council,
            owner,
            record: self.record(owner),
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CreateRecordArgs {})
    }

    fn update_record(&self, owner: Address, stake: &[&Backer]) -> Instruction {
        let mut update =
            UpdateRecord { council: self.council, owner, record: self.record(owner) }.instruction(&UpdateRecordArgs {});
        let pairs = stake.iter().flat_map(|backer| [backer.delegation, backer.provider]);
        update.accounts.extend(pairs.map(|address| AccountMeta::new_readonly(address, false)));
        update
    }

    fn state(&self) -> NetworkState {
        self.world.read(self.network.address)
    }

    fn tally(&self) -> [u64; 2] {
        let council: Council = self.world.read(self.council);
        [council.tally[0], council.tally[1]]
    }
}

#[test]
fn locked_stake_weighs_the_lanes() {
    let mut story = Story::locked();
    // A year weighs all of it, two weeks a quarter.
    story.vote(0, &[1, 0]);
    story.vote(1, &[1, 1]);
    let own = story.vote_instruction(&story.own, &[0, 7]);
    story.world.ok(&[own], &[&story.provider]);
    assert_eq!(story.tally(), [250 * TOKEN, 150 * TOKEN + 50 * TOKEN / 4]);
    // Who changes his mind does not vote twice.
    story.vote(1, &[3, 1]);
    assert_eq!(story.tally(), [325 * TOKEN, 75 * TOKEN + 50 * TOKEN / 4]);
    assert_eq!(story.world.read::<Council>(story.council).voters, 3);

    story.world.fails(story.weigh(), &[], VoterError::VotingOpen);
    story.close_votes();
    let late = story.vote_instruction(&story.backers[0], &[1]);
    story.world.fails(late, &[&story.owners[0]], VoterError::VotingClosed);
    story.world.ok(&[story.weigh()], &[]);
    // 400 together, as the policy's: 325 and 87.5 of 412.5.
    let weights = story.state().weights();
    assert_eq!((weights[0], weights[1], weights[2]), (315, 84, 0));
    story.world.fails(story.weigh(), &[], BmeError::AlreadyWeighed);
    // It counts from the next epoch on, in which old votes are none.
    assert_eq!(story.state().terms.lane_weights[..2], [300, 100]);
    story.next_epoch(1);
    assert_eq!(story.state().terms.lane_weights[..2], [315, 84]);
    story.close_votes();
    story.world.fails(story.weigh(), &[], VoterError::NoVotes);
}

#[test]
fn the_policys_band_holds_whatever_is_voted() {
    let story = Story::locked();
    story.vote(1, &[0, 1]);
    story.close_votes();
    story.world.ok(&[story.weigh()], &[]);
    assert_eq!(story.state().weights()[..2], [150, 150], "half of the way, each");
}

#[test]
fn stake_that_is_locked_in_the_epoch_does_not_vote_in_it() {
    let mut story = Story::new();
    let [vote, other] = [0, 1].map(|owner| story.vote_instruction(&story.backers[owner], &[1]));
    story.world.fails(vote.clone(), &[&story.owners[0]], VoterError::NotLocked);
    story.world.pass(1);
    story.lock(&story.owners[0], &story.backers[0], 365);
    story.lock(&story.owners[1], &story.backers[1], 14);
    story.world.fails(vote.clone(), &[&story.owners[0]], VoterError::NotLocked);
    story.next_epoch(0);
    story.world.ok(&[vote], &[&story.owners[0]]);
    // More stake starts the lock again.
    let add = story.pool.stake_instruction(&story.backers[1], TOKEN);
    story.world.pass(1);
    story.world.ok(&[add], &[&story.owners[1]]);
    story.world.fails(other, &[&story.owners[1]], VoterError::NotLocked);
}

#[test]
fn a_vote_is_the_owners_with_stake_of_the_pool() {
    let mut story = Story::locked();
    let stranger = story.world.user();
    let vote = || story.vote_instruction(&story.backers[0], &[1]);
    let by = |instruction: Instruction, error: VoterError| story.world.fails(instruction, &[&story.owners[0]], error);
    let theirs = swap(vote(), 1, stranger.pubkey());
    story.world.fails(theirs, &[&stranger], VoterError::WrongDelegation);
    by(swap(vote(), 2, story.network.address), VoterError::WrongAccountType);
    by(swap(vote(), 3, story.council), VoterError::WrongAddress);
    by(swap(vote(), 4, story.pool.address), VoterError::WrongAddress);
    by(swap(vote(), 5, story.network.address), VoterError::WrongAddress);
    by(swap(vote(), 6, story.backers[1].delegation), VoterError::WrongDelegation);
    by(swap(vote(), 7, story.pool.address), VoterError::WrongAccountType);
    by(story.vote_instruction(&story.backers[0], &[]), VoterError::InvalidVote);
    let mut provider: Provider = story.world.read(story.backers[0].provider);
    let right = provider;
    provider.status = status::TOMBSTONED;
    let of = story.backers[0].provider;
    story.world.forge(of, &provider);
    let refused = story.vote_instruction(&story.backers[0], &[1]);
    story.world.fails(refused, &[&story.owners[0]], VoterError::LockVoid);
    story.world.forge(of, &right);

    // Stake that could go round within an epoch.
    let mut pool: joule_stake_interface::state::Pool = story.world.read(story.pool.address);
    pool.policy.unbonding_period = Seconds(DAY as u32 - 1);
    let address = story.pool.address;
    story.world.forge(address, &pool);
    let refused = story.vote_instruction(&story.backers[0], &[1]);
    story.world.fails(refused, &[&story.owners[0]], VoterError::UnbondingTooShort);
}

#[test]
fn councils_are_the_authoritys() {
    let mut story = Story::new();
    let stranger = story.world.user();
    story.world.fails(swap(story.open(HOUR), 1, stranger.pubkey()), &[&stranger], VoterError::Unauthorized);
    story.world.fails(story.open(HOUR), &[&story.network.authority], VoterError::AlreadyInitialized);
    for window in [59, DAY as u32 / 2 + 1] {
        story.world.fails(story.open(window), &[&story.network.authority], VoterError::InvalidParameter);
    }
    let wrong = swap(story.open(HOUR), 4, story.pool.address);
    story.world.fails(wrong, &[&story.network.authority], VoterError::WrongAddress);
}

#[test]
fn a_votes_rent_comes_back_in_the_next_epoch() {
    let mut story = Story::locked();
    story.vote(0, &[1]);
    story.world.fails(story.close_vote(0), &[], VoterError::VoteCounts);
    story.next_epoch(1);
    story.world.fails(swap(story.close_vote(0), 3, story.council), &[], VoterError::WrongAddress);
    story.world.ok(&[story.close_vote(0)], &[]);
    story.vote(0, &[0, 1]);
    let vote: Vote = story.world.read(pda::vote::find(&story.council, &story.backers[0].delegation).0);
    assert_eq!((vote.voted, vote.weight), (3, 100 * TOKEN));
}

#[test]
fn a_record_says_what_an_owner_weighs_in_this_slot() {
    let story = Story::locked();
    let owner = story.owners[0].pubkey();
    let record_bytes = || story.world.account(story.record(owner)).expect("the record is there").data;
    story.world.ok(&[story.create_record(owner)], &[]);
    let expected = |weight, slot| record(&governance::realm(), &story.network.mint, &owner, weight, slot).to_vec();
    assert_eq!(record_bytes(), expected(0, 0));
    story.world.ok(&[story.update_record(owner, &[&story.backers[0]])], &[]);
    assert_eq!(record_bytes(), expected(100 * TOKEN, story.world.slot()));

    // No stake twice, and no other's.
    let backer = &story.backers[0];
    let twice = story.update_record(owner, &[backer, backer]);
    story.world.fails(twice, &[], VoterError::NotAscending);
    let theirs = story.update_record(owner, &[&story.backers[1]]);
    story.world.fails(theirs, &[], VoterError::WrongDelegation);
    let mut half = story.update_record(owner, &[backer]);
    half.accounts.pop();
    story.world.fails(half, &[], VoterError::NotAscending);
    let other = swap(story.update_record(owner, &[backer]), 2, story.council);
    story.world.fails(other, &[], VoterError::WrongAddress);
    // A lock that ends before a proposal's votes do is none.
    let provider = story.provider.pubkey();
    story.world.ok(&[story.create_record(provider)], &[]);
    story.world.ok(&[story.update_record(provider, &[&story.own])], &[]);
    story.world.pass(7 * DAY);
    let short = story.update_record(provider, &[&story.own]);
    story.world.fails(short, &[], VoterError::NotLocked);
    story.world.ok(&[story.update_record(owner, &[])], &[]);
    assert_eq!(record_bytes(), expected(0, story.world.slot()));
}

/// With the program itself, as its registry has it.
#[test]
fn locked_stake_votes_in_spl_governance() {
    let story = Story::on(World::with(&[("voter", ID), ("spl_governance", governance::ID)])).with_locks();
    let realm = Realm { payer: story.world.payer().pubkey(), mint: story.network.mint, addin: ID };
    let [proposer, other] = [0, 1].map(|owner| story.owners[owner].pubkey());
    let [first, second] = [proposer, other].map(|owner| story.record(owner));
    let [update, update_other] = [0, 1].map(|it| story.update_record(story.owners[it].pubkey(), &[&story.backers[it]]));
    let mut set_up = vec![realm.create()];
    for owner in [proposer, other] {
        set_up.extend([realm.create_owner_record(owner), story.create_record(owner)]);
    }
    story.world.ok(&set_up, &[]);
    // Stake of which no record was written governs nothing.
    let govern = realm.create_governance(proposer, first);
    assert!(story.world.send(std::slice::from_ref(&govern), &[&story.owners[0]]).is_err());
    story.world.ok(&[update.clone(), govern], &[&story.owners[0]]);
    let [create, sign_off] = realm.propose(proposer, first);
    story.world.ok(&[update.clone(), create, sign_off], &[&story.owners[0]]);
    story.world.ok(&[update, realm.approve(proposer, proposer, first)], &[&story.owners[0]]);
    assert_eq!(realm.approved(&story.world), 100 * TOKEN);

    // A record counts in its slot, and for its owner.
    let vote = |weight: Address| realm.approve(proposer, other, weight);
    story.world.ok(std::slice::from_ref(&update_other), &[]);
    story.world.run(1);
    let late = story.world.send(&[vote(second)], &[&story.owners[1]]).expect_err("the record is of an earlier slot");
    assert_eq!(late.code(), Some(governance::RECORD_EXPIRED));
    let theirs = story.world.send(&[update_other.clone(), vote(first)], &[&story.owners[1]]);
    assert!(theirs.is_err());
    story.world.ok(&[update_other.clone(), vote(second)], &[&story.owners[1]]);
    assert_eq!(realm.approved(&story.world), 400 * TOKEN);
    // Once the lock is over, so is the weight.
    story.world.pass(359 * DAY);
    story.world.fails(update_other, &[], VoterError::NotLocked);
}

/// The figures of the program's page: `cargo test -p joule-tests --test networks voter::what_it_costs -- --nocapture`.
#[test]
fn what_it_costs() {
    let story = Story::locked();
    let report = |name: &str, receipt: Receipt, most: u64| {
        let units = receipt.own_units(ID);
        println!("{name}: {} compute units, {units} of them its own", receipt.units());
        assert!(units <= most, "{name}: {units}");
    };
    report("CastVote, the first", story.vote(0, &[1, 2]), 10_000);
    report("CastVote, again", story.vote(0, &[2, 1]), 6_000);
    story.close_votes();
    report("Weigh", story.world.ok(&[story.weigh()], &[]), 2_500);
    let owner = story.owners[0].pubkey();
    story.world.ok(&[story.create_record(owner)], &[]);
    let update = story.update_record(owner, &[&story.backers[0]]);
    report("UpdateRecord, one delegation", story.world.ok(&[update], &[]), 4_600);
}
