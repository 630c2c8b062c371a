//! Bittensor: a subnet that is paid by roots, and two that are lanes.
//!
//! | number | here | source |
//! |---|---|---|
//! | emission | 0.5 TAO a block of 12 seconds: 3,600 a day | docs.taostats.io/docs/tao-emission; docs.learnbittensor.org/navigating-subtensor/emissions-coinbase, January 2026 |
//! | TAO when the first halving came, most TAO ever | 10,500,000 of 21,000,000 | it comes at half of the supply, in December 2025: docs.taostats.io/docs/tao-emission |
//! | owner, miners, validators | 18 %, 41 %, 41 % | docs.bittensor.com/dynamic-tao/emission, January 2025 |
//! | what subnets share | 41 % of the emission for the first, 41 % for two others by votes | assumption: 128 subnets there, by their tokens' prices |
//! | kappa, moving average of bonds | 0.5; a tenth an epoch | docs.learnbittensor.org/subnets/subnet-hyperparameters, January 2026 (32767; 900000) |
//! | an epoch | a day | a tempo of 360 blocks is 72 minutes, the same page's `tempo`; a day for a short test |
//! | price, fee of a miner's registration, fees of a subnet in a lane | 300 dollars; 30 dollars; a dollar a day | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, Customer, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
    joule_bme_interface::state::OracleSet,
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Bps, Seconds, Tokens},
    joule_tests::fixture::{Backer, Leaf, Pool, sha256},
    scores::{
        ID, ScoresError,
        instruction::*,
        payout, pda,
        state::{Board, Parameters, phase},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    std::collections::BTreeMap,
};

const MINERS: usize = 6;
/// Whole tokens at stake: the last validator's is the cheat's.
const STAKES: [u64; 4] = [400_000, 300_000, 200_000, 100_000];
/// What the validators find, and what the cheat says: all for the last miner, which is its own.
const HONEST: [u16; MINERS] = [30, 25, 20, 15, 8, 2];
const PRAISE: [u16; MINERS] = [0, 0, 0, 0, 0, 100];
/// The same of the miners of a lane.
const HONEST_IN_LANE: [u16; 3] = [50, 40, 10];
const PRAISE_IN_LANE: [u16; 3] = [0, 0, 100];
/// What two holders of locked stake think of the two lanes: three fourths of it that the first is worth three times as much.
const VOTES: [[u16; 2]; 2] = [[3, 1], [1, 1]];

/// The board of the subnet, and who has a place there.
struct Subnet {
    board: Address,
    registrar: Keypair,
    validators: Vec<Keypair>,
    miners: Vec<Keypair>,
    wallets: BTreeMap<Address, Address>,
}

impl Subnet {
    /// A board that pays so much an epoch; without a reward it only scores. The validators take places.
    fn open(month: &mut Month, validators: &[Keypair], miners: Vec<Keypair>, reward: Tokens) -> Self {
        let (key, registrar) = (month.world.key(), month.world.user());
        let validators: Vec<_> = validators.iter().map(Keypair::insecure_clone).collect();
        let subnet = Self { board: key.pubkey(), registrar, validators, miners, wallets: BTreeMap::new() };
        let (payer, size) = (month.world.payer().pubkey(), size_of::<Board>());
        let make = create_account(&payer, &subnet.board, month.world.rent(size), size as u64, &ID);
        let open = OpenBoard { board: subnet.board, network: month.network.address, pool: month.pool.address };
        let hour = Seconds(HOUR as u32);
        let open = open.instruction(&OpenBoardArgs {
            registrar: subnet.registrar.pubkey(),
            parameters: Parameters {
                reward,
                commit_period: hour,
                reveal_period: hour,
                rest_period: hour,
                kappa: Bps(5_000),
                bond_speed: Bps(1_000),
                bond_penalty: Bps::WHOLE,
                validators_share: Bps(5_000),
                budget_wait: Seconds(0),
            },
        });
        month.send(&[make, open], &[&key]);
        for (place, validator) in subnet.validators.iter().enumerate() {
            let (authority, pool, board) = (validator.pubkey(), month.pool, subnet.board);
            let enroll = Enroll { authority, provider: pool.provider(authority), pool: pool.address, board };
            month.send(&[enroll.instruction(&EnrollArgs { place: place as u16 })], &[validator]);
        }
        for (place, miner) in subnet.miners.iter().enumerate() {
            month.send(&[subnet.set_miner(place, miner.pubkey())], &[&subnet.registrar]);
        }
        subnet
    }

    fn state(&self, month: &Month) -> Board {
        month.world.read(self.board)
    }

    fn oracle(&self) -> Address {
        pda::oracle::find(&self.board).0
    }

    fn set_miner(&self, place: usize, claimant: Address) -> Instruction {
        SetMiner { registrar: self.registrar.pubkey(), board: self.board }
            .instruction(&SetMinerArgs { place: place as u16, claimant })
    }

    /// A row of a validator: what it commits to, and how it reveals it.
    fn row(&self, month: &Month, who: usize, row: &[u16]) -> [Instruction; 2] {
        let authority = self.validators[who].pubkey();
        let (provider, pool) = (month.pool.provider(authority), month.pool.address);
        let (salt, bytes) =
            ([who as u8 + 1; 32], row.iter().flat_map(|weight| weight.to_le_bytes()).collect::<Vec<u8>>());
        let commitment = commitment(sha256, &self.board, self.state(month).epoch, &provider, &salt, &bytes);
        let commit = Commit { authority, provider, pool, board: self.board }.instruction(&CommitArgs { commitment });
        let reveal = Reveal { provider, pool, board: self.board }.instruction_with(&RevealArgs { salt }, &bytes);
        [commit, reveal]
    }

    fn publish(&self, month: &Month) -> Instruction {
        let set: OracleSet = month.world.read(month.network.oracle_set());
        Publish {
            payer: month.world.payer().pubkey(),
            board: self.board,
            oracle: self.oracle(),
            network: month.network.address,
            oracle_set: month.network.oracle_set(),
            last_root: self.state(month).root,
            reward_root: month.network.reward_root(set.root_count),
            bme_program: joule_bme_interface::ID,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&PublishArgs {})
    }

    /// The validators commit and reveal, and anyone scores, in two hours.
    fn scored(&self, month: &mut Month, rows: &[&[u16]]) {
        month.send(&[BeginEpoch { board: self.board }.instruction(&BeginEpochArgs {})], &[]);
        let rows: Vec<_> = rows.iter().enumerate().map(|(who, row)| self.row(month, who, row)).collect();
        for (validator, [commit, _]) in self.validators.iter().zip(&rows) {
            month.send(std::slice::from_ref(commit), &[validator]);
        }
        month.world.run(HOUR);
        for [_, reveal] in &rows {
            month.send(std::slice::from_ref(reveal), &[]);
        }
        month.world.run(HOUR);
        self.score(month);
    }

    fn score(&self, month: &mut Month) {
        while !matches!(self.state(month).phase, phase::SCORED | phase::REST) {
            month.send(&[Score { board: self.board }.instruction(&ScoreArgs { columns: 100 })], &[]);
        }
    }

    /// An epoch of the board, in five hours: what all got.
    fn epoch(&self, month: &mut Month, rows: &[&[u16]]) -> u64 {
        self.scored(month, rows);
        let publish = self.publish(month);
        month.send(&[publish], &[]);
        let board = self.state(month);
        let index = board.pending_root - 1;
        let level = payout::leaves(sha256, &month.network.address, payout::claims(&board));
        month.open_root(index);
        let mut paid = 0;
        for (place, claim) in payout::claims(&board).enumerate() {
            if claim.total == claim.previous_total {
                continue;
            }
            let leaf = Leaf {
                previous_total: claim.previous_total.0,
                total: claim.total.0,
                index: place as u32,
                proof: payout::proof(sha256, level.clone(), place),
            };
            let mut keys = self.validators.iter().chain(&self.miners);
            let key = keys.find(|key| key.pubkey() == claim.claimant).expect("a member");
            let claim_root =
                month.network.claim_root_instruction(claim.claimant, index, &leaf, self.wallets[&claim.claimant]);
            month.send(&[claim_root], &[key]);
            paid += leaf.total - leaf.previous_total;
        }
        month.note_income(paid);
        paid
    }

    /// What a member holds of what it got.
    fn got(&self, month: &Month, member: &Keypair) -> u64 {
        month.world.tokens(self.wallets[&member.pubkey()])
    }

    /// One who can be paid by the board.
    fn member(&mut self, month: &mut Month, key: &Keypair) {
        let wallet = month.wallet(key.pubkey(), 0);
        let open = month.network.open_root_claim_instruction(&month.world, key.pubkey());
        month.send(&[open], &[]);
        self.wallets.insert(key.pubkey(), wallet);
    }
}

/// A subnet that is a lane: its board scores, and its owner's key makes work of the scores.
struct Lane {
    subnet: Subnet,
    owner: Customer,
    key: Keypair,
    /// Their records of work: the miners', then the validators'.
    workers: Vec<usize>,
}

impl Lane {
    fn open(month: &mut Month, lane: u8, validators: &[Keypair]) -> Self {
        let miners: Vec<Keypair> = HONEST_IN_LANE.iter().map(|_| month.world.user()).collect();
        let all = miners.iter().chain(validators).map(Keypair::insecure_clone).collect::<Vec<_>>();
        let workers = all.into_iter().map(|key| month.works(key, lane)).collect();
        let subnet = Subnet::open(month, validators, miners, Tokens(0));
        Self { subnet, owner: month.customer(100), key: month.dispatcher(lane), workers }
    }

    /// A day's fees are work of who was scored: half the miners', half the validators'. Everyone can reckon it from the board.
    fn epoch(&self, month: &mut Month, rows: &[&[u16]]) {
        self.subnet.scored(month, rows);
        let mut board = self.subnet.state(month);
        payout::divide(&mut board, Tokens(DOLLAR)).expect("parts of a dollar");
        let miners = board.miners.iter().map(|miner| miner.pending).take(self.subnet.miners.len());
        let parts = miners.chain(board.validators.iter().map(|validator| validator.pending));
        month.buy(&self.owner, DOLLAR);
        for (worker, part) in self.workers.iter().zip(parts) {
            month.work(&self.key, &self.owner, *worker, part.0);
        }
    }

    fn got(&self, month: &Month, place: usize) -> u64 {
        month.world.tokens(month.workers[self.workers[place]].wallet)
    }

    fn got_by_miners(&self, month: &Month) -> u64 {
        (0..self.subnet.miners.len()).map(|place| self.got(month, place)).sum()
    }

    fn got_by_all(&self, month: &Month) -> u64 {
        (0..self.workers.len()).map(|place| self.got(month, place)).sum()
    }
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "bittensor",
        symbol: "TAO",
        decimals: 9,
        supply: 10_500_000,
        reserve: 0,
        price: 300 * PRICE,
        programs: &[("scores", ID), ("voter", voter::ID)],
    };
    let tao = |whole: u64| Tokens(whole * 1_000_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, network| {
        policy.initial_emission = tao(3_600);
        (policy.decay_step, policy.decay_share) = (1_461, Bps(5_000));
        policy.max_supply = tao(21_000_000);
        // 41 % of the emission are paid by roots. Of the rest, 41 for those who work in lanes; what is left is the owners', who are the
        // treasury.
        policy.roots_share = Bps(4_100);
        (policy.providers_share, policy.stakers_share, policy.vouched) = (Bps(6_949), Bps(0), 1);
        policy.lane_weights[..2].copy_from_slice(&[5_000, 5_000]);
        (policy.lane_band, policy.lane_speed) = (Bps(5_000), Bps::WHOLE);
        policy.weigher = Month::council_of(network);
    });
    month.add_lane(1);
    let validators: Vec<Keypair> = STAKES.iter().map(|_| month.world.user()).collect();
    let miners: Vec<Keypair> = (0..MINERS).map(|_| month.world.user()).collect();
    let own: Vec<Backer> =
        validators.iter().zip(STAKES).map(|(validator, stake)| month.stake(validator, stake)).collect();
    month.settle_in();
    let mut subnet = Subnet::open(&mut month, &validators, miners, tao(1_476));
    month.open_roots_of(&[subnet.oracle()]);
    let members = subnet.validators.iter().chain(&subnet.miners).map(Keypair::insecure_clone).collect::<Vec<_>>();
    for member in &members {
        subnet.member(&mut month, member);
    }
    let registrar = subnet.registrar.insecure_clone();
    let lanes = [0, 1].map(|lane| Lane::open(&mut month, lane, &validators));
    // Who locks stake weighs the lanes.
    month.open_council();
    let holders = [month.world.user(), month.world.user()];
    let stakes = [0, 1].map(|who| month.delegate(&holders[who], own[0].provider, [30_000, 10_000][who]));
    (0..2).for_each(|who| month.lock(&holders[who], &stakes[who], 365));
    // A board rests for an hour first.
    month.world.run(HOUR);
    // Who registers burns a fee.
    let newcomer = month.customer(100);

    let mut paid = 0;
    for day in 0..DAYS {
        if day == 15 {
            // A better miner takes the place of the fifth: its fee is burned.
            month.buy(&newcomer, 30 * DOLLAR);
            month.burn(&newcomer, 30 * DOLLAR);
            let taken = subnet.set_miner(4, newcomer.key.pubkey());
            month.send(&[subnet.set_miner(4, Address::default()), taken], &[&registrar]);
            let key = newcomer.key.insecure_clone();
            subnet.member(&mut month, &key);
            subnet.miners.push(key);
        }
        // Before the first epoch has ended there is no budget.
        if day > 0 {
            let rows: [&[u16]; 4] = [&HONEST, &HONEST, &HONEST, &PRAISE];
            paid += subnet.epoch(&mut month, &rows);
        }
        for lane in &lanes {
            let rows: [&[u16]; 4] = [&HONEST_IN_LANE, &HONEST_IN_LANE, &HONEST_IN_LANE, &PRAISE_IN_LANE];
            lane.epoch(&mut month, &rows);
        }
        if day == 20 {
            // The cheat copies a commitment of another: it names another provider, and cannot be revealed.
            month.world.run(HOUR);
            month.send(&[BeginEpoch { board: subnet.board }.instruction(&BeginEpochArgs {})], &[]);
            let [theirs, reveal] = subnet.row(&month, 0, &HONEST);
            let [mut copy, mut copied] = subnet.row(&month, 3, &HONEST);
            copy.data = theirs.data;
            month.send(&[copy], &[&subnet.validators[3]]);
            month.world.run(HOUR);
            copied.data = reveal.data;
            month.world.fails(copied, &[], ScoresError::WrongReveal);
            month.world.run(HOUR);
            subnet.score(&mut month);
            let publish = subnet.publish(&month);
            month.send(&[publish], &[]);
        }
        // Stake votes from the epoch after its lock on, and votes count from the epoch after them on.
        if day > 0 {
            for (who, parts) in VOTES.iter().enumerate() {
                month.vote(&holders[who], &stakes[who], parts);
            }
            month.weigh();
        }
        let epoch = month.end_day().expect("an epoch a day");
        // Three quarters of the stake for three to one, a quarter for one to one.
        let parts = epoch.lanes[..2].iter().map(|lane| lane.emission.0).collect::<Vec<_>>();
        let first = parts[0] as f64 / (parts[0] + parts[1]) as f64;
        assert!((first - if day < 2 { 0.5 } else { 0.6875 }).abs() < 0.001, "on day {day}: {first}");
    }
    let owner = month.world.tokens(month.network.treasury);
    assert!(owner.abs_diff(tao(648).0 * DAYS) < tao(1).0 * DAYS, "the owners' 18 %");
    let got = |keys: &[Keypair]| keys.iter().map(|key| subnet.got(&month, key)).sum::<u64>();
    let (miners, validators) = (got(&subnet.miners), got(&subnet.validators));
    assert_eq!(miners + validators, paid);
    assert!(miners.abs_diff(validators) < paid / 50, "half each: {miners} {validators}");
    // A tenth of the stake praises its own miner: no more than what most of the stake finds counts for it.
    let per_stake = |who: usize| subnet.got(&month, &subnet.validators[who]) as f64 / STAKES[who] as f64;
    let (honest, cheat) = (per_stake(0), per_stake(3));
    assert!(cheat < honest / 5.0, "{cheat} {honest}");
    let praised = subnet.got(&month, &subnet.miners[5]) as f64 / miners as f64;
    assert!(praised < 0.03, "two hundredths, as the honest find: {praised}");
    let in_lanes: Vec<u64> = lanes.iter().map(|lane| lane.got_by_all(&month)).collect();
    assert!(
        (in_lanes[0] + in_lanes[1]).abs_diff(tao(1_476).0 * DAYS) < tao(2).0 * DAYS,
        "41 % in the lanes: {in_lanes:?}"
    );
    for (lane, all) in lanes.iter().zip(&in_lanes) {
        assert!(lane.got_by_miners(&month).abs_diff(all / 2) < tao(1).0, "half each");
        let per_stake = |who: usize| lane.got(&month, lane.subnet.miners.len() + who) as f64 / STAKES[who] as f64;
        assert!(per_stake(3) < per_stake(0) / 2.0, "the cheat's dividend there");
        assert!((lane.got(&month, 2) as f64) < *all as f64 * 0.06, "and its miner's: a tenth of the half");
    }
    let (owner, miners, validators) = (month.whole(owner), month.whole(miners), month.whole(validators));
    month.fact("the owners' part", format!("{} TAO", number(owner)));
    month.fact("miners' part in the first subnet", format!("{} TAO", number(miners)));
    month.fact("validators' part in it", format!("{} TAO", number(validators)));
    let in_lanes = in_lanes.iter().map(|all| number(month.whole(*all))).collect::<Vec<_>>().join(" and ");
    month.fact("paid in the lanes, by votes of 11 to 5", format!("{in_lanes} TAO"));
    month.fact("dividend of the cheat for a staked token, of an honest one's", format!("{:.3}", cheat / honest));
    month.fact("part of the miner that it praised", format!("{praised:.4}"));
    month.end("Bittensor", ACTS);
}

/// What is Bittensor's in truth: miners and validators are paid by roots, and providers have no part. LLVM's code generator took
/// a division by that part out of the loop over lanes, before the test that it is not zero: every epoch's closing aborted.
#[test]
fn a_network_may_have_nothing_for_providers() {
    let plan =
        Plan { name: "nobody", symbol: "TAO", decimals: 9, supply: 1_000, reserve: 0, price: PRICE, programs: &[] };
    for vouched in [0, 1] {
        let mut month = Month::new(plan, Pool::rules(), |policy, _| {
            (policy.providers_share, policy.stakers_share, policy.vouched) = (Bps(0), Bps(0), vouched);
        });
        let epoch = month.end_day().expect("an epoch a day");
        assert_eq!((epoch.is_settled, epoch.emission), (1, Tokens(0)));
    }
}

const ACTS: &[Act] = &[
    Act {
        what: "Yuma consensus",
        today: "validators set weights; the stake-weighted median cuts them, bonds follow by a moving average",
        here: "the program `scores` with the published formulas, a board a subnet. One board is the network's only oracle, and its reward roots pay; the others score",
        differs: "64 validators and 256 miners a board; an epoch of hours at least, for a root waits an hour to be vetoed and opens in another",
    },
    Act {
        what: "Commit and reveal",
        today: "an option of a subnet",
        here: "always: a row counts if it was committed to before the first was revealed",
        differs: "none",
    },
    Act {
        what: "Emission",
        today: "0.5 TAO a block: 41 % miners, 41 % validators, 18 % the subnet's owner",
        here: "3,600 a day: `roots_share` 41 % for the first subnet, 41 % for the lanes, which boards halve for miners and validators; the treasury's 18 %",
        differs: "a halving comes by time, not by supply",
    },
    Act {
        what: "Stakers",
        today: "who stakes with a validator gets its part of the dividend",
        here: "a validator's dividend is its own; delegators earn what the pool's rewards are funded with",
        differs: "not there: a dividend that goes on to delegators by itself",
    },
    Act {
        what: "Subnets",
        today: "128, each with a token of its own, whose price says what its part of the emission is",
        here: "lanes: locked stake votes for them by the program `voter`, and a day's fees of a subnet become work of who its board scored",
        differs: "16 lanes. A key of the subnet's owner makes work of the scores; everyone can reckon it from the board, and the program for it is not there. One board a network publishes roots. No tokens of subnets",
    },
    Act {
        what: "Registration",
        today: "a miner's fee is recycled",
        here: "credits that are burned; the registrar gives the place",
        differs: "the registrar is trusted to see the fee",
    },
    Act {
        what: "Who cheats",
        today: "a validator that praises its own miner earns less; copied weights are late",
        here: "the same, by the same formulas; a copied commitment cannot be revealed",
        differs: "none",
    },
];
