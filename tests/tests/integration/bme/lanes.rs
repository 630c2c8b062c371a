//! Lanes: their shares of an epoch, their limits, and who weighs them.

use super::*;

/// A network of two lanes, 3 to 1, with a spender, a work shard and the provider's record in each; work of both is bought at $2.50.
struct Lanes {
    story: Story,
    spender: Keypair,
    work: Address,
}

const WEIGHTS: [u16; 2] = [300, 100];

impl Lanes {
    fn new() -> Self {
        let mut story = Story::safe();
        story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
        story.world.ok(&[story.lock(149_000_000)], &[&story.client, &story.spending]);
        story.edit_network(|network| {
            for (lane, weight) in WEIGHTS.into_iter().enumerate() {
                network.policy.lane_weights[lane] = weight;
                network.lanes[lane].weight = weight;
            }
            network.terms = EpochTerms::of(&network.policy, network.weights());
        });
        let (network, spender) = (&story.network, story.world.user());
        let authority: &[&Keypair] = &[&network.authority];
        story.world.ok(&[network.add_lane_shard_instruction(&story.world, 2, 1)], authority);
        story.world.ok(&[network.add_spender_instruction(&story.world, spender.pubkey(), 1)], authority);
        let work = network.open_lane_work(&story.world, story.provider.pubkey(), 1);
        let it = Self { story, spender, work };
        let lock = swap(swap(it.story.lock(100_000_000), 1, it.spender.pubkey()), 2, it.spender_account());
        it.story.world.ok(&[lock], &[&it.story.client, &it.spender]);
        it
    }

    fn spender_account(&self) -> Address {
        self.story.network.lane_spender(self.spender.pubkey(), 1)
    }

    /// Credits worked off in `lane`.
    fn work(&self, lane: usize, credits: u64) {
        if lane == 0 {
            self.story.world.ok(&[self.story.consume(credits)], &[&self.story.spending]);
        } else {
            self.story.world.ok(&[self.consume(credits)], &[&self.spender]);
        }
    }

    fn consume(&self, credits: u64) -> Instruction {
        let mut consume = self.story.consume(credits);
        let accounts = [
            (0, self.spender.pubkey()),
            (1, self.spender_account()),
            (4, self.work),
            (5, self.story.network.work_shard(2)),
        ];
        for (index, address) in accounts {
            consume.accounts[index].pubkey = address;
        }
        consume
    }

    /// As if the open epoch had begun with this policy.
    fn edit_policy(&mut self, change: impl FnOnce(&mut Policy)) {
        self.story.edit_policy(change);
    }

    fn close(&self, epoch: u64) -> Epoch {
        self.story.world.ok(&[self.story.network.close_instruction(&self.story.world, epoch, &[0, 1, 2])], &[]);
        self.story.world.read(self.story.network.epoch(epoch))
    }

    /// A day of this work in each lane.
    fn day(&mut self, epoch: u64, work: [u64; 2]) -> Epoch {
        (0..2).filter(|lane| work[*lane] > 0).for_each(|lane| self.work(lane, work[lane]));
        self.story.world.pass(DAY);
        self.close(epoch)
    }

    fn accrue(&self, work: Address, epoch: u64) -> event::WorkAccrued {
        let accrue = AccrueWork { provider_work: work, epoch: self.story.network.epoch(epoch) };
        self.story.world.ok(&[accrue.instruction(&AccrueWorkArgs {})], &[]).event(ID)
    }

    fn emissions(epoch: &Epoch) -> [u64; 2] {
        [0, 1].map(|lane| epoch.lanes[lane].emission.0)
    }
}

/// 1,000 a day, of which 700 for providers.
const PROVIDERS: u64 = 700 * TOKEN;

#[test]
fn lanes_share_by_their_weights_to_the_unit() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    let epoch = it.day(0, [1_000_000, 50_000_000]);
    assert_eq!(Lanes::emissions(&epoch), [PROVIDERS / 4 * 3, PROVIDERS / 4], "by weight, whatever was worked");
    assert_eq!((epoch.emission, epoch.worked), (Tokens(PROVIDERS), Credits(51_000_000)));
    assert_eq!((epoch.stakers_emission, epoch.treasury_emission), (Tokens(200 * TOKEN), Tokens(100 * TOKEN)));
    // A provider is paid by lanes: one record each.
    let common = it.accrue(it.story.work, 0);
    let other = it.accrue(it.work, 0);
    assert_eq!((common.tokens, other.tokens), (Tokens(PROVIDERS / 4 * 3), Tokens(PROVIDERS / 4)));
    let sweep = it.story.network.sweep_instruction(&it.story.world, 0);
    it.story.world.ok(&[sweep], &[]);
}

#[test]
fn no_lane_returns_more_than_was_burned_for_its_work() {
    let mut it = Lanes::new();
    // A dollar of work in the lane that is given 250 tokens, and 90 in the other: at 2.50 less a cent of confidence.
    let epoch = it.day(0, [90_000_000, 1_000_000]);
    let [common, other] = [0, 1].map(|lane| epoch.lanes[lane]);
    assert_eq!((common.credits, other.credits), (Credits(90_000_000), Credits(1_000_000)));
    for lane in [common, other] {
        assert_eq!(lane.emission.0, lane.counted_tokens.0 * 7 / 10, "of what was burned, the providers' part");
    }
    let all = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
    assert_eq!(all, epoch.tokens.0);
}

/// What a lane without work would have had waits for it for one epoch; then the others get it.
#[test]
fn what_an_empty_lane_would_have_had_is_kept_for_one_epoch() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    let [common, other] = [PROVIDERS / 4 * 3, PROVIDERS / 4];
    assert_eq!(Lanes::emissions(&it.day(0, [1_000, 0])), [common, 0]);
    // The next day it works, and has both.
    assert_eq!(Lanes::emissions(&it.day(1, [1_000, 1_000])), [common, 2 * other]);
    assert_eq!(Lanes::emissions(&it.day(2, [1_000, 0])), [common, 0]);
    // Two days without: the first one's is the others'.
    assert_eq!(Lanes::emissions(&it.day(3, [1_000, 0])), [common + other, 0]);
    // A day on which nobody works gives and takes nothing.
    assert_eq!(Lanes::emissions(&it.day(4, [0, 0])), [0, 0]);
    assert_eq!(Lanes::emissions(&it.day(5, [0, 1_000])), [0, 2 * other]);
    assert_eq!(Lanes::emissions(&it.day(6, [1_000, 1_000])), [2 * common, other]);
}

/// Whoever used a limit up in an epoch's first second had the whole emission.
#[test]
fn what_is_beyond_a_limit_waits_and_is_paid_pro_rata_with_new_work() {
    let mut it = Lanes::new();
    let rival = it.story.world.user();
    let rivals_work = it.story.network.open_provider_work(&it.story.world, rival.pubkey());
    it.edit_policy(|policy| policy.lane_limits[0] = Credits(10_000_000));

    // The first takes twice the limit at once, an honest one does half of it later.
    it.work(0, 20_000_000);
    it.story.world.ok(&[swap(it.story.consume(5_000_000), 4, rivals_work)], &[&it.story.spending]);
    it.story.world.pass(DAY);
    let epoch = it.close(0);
    assert_eq!((epoch.worked, epoch.waiting), (Credits(10_000_000), Credits(15_000_000)));
    let (first, honest) = (it.accrue(it.story.work, 0), it.accrue(rivals_work, 0));
    assert_eq!((first.work, first.waiting), (Credits(8_000_000), Credits(12_000_000)));
    assert_eq!((honest.work, honest.waiting), (Credits(2_000_000), Credits(3_000_000)));
    // To the unit, that is: each part is rounded down.
    assert!(first.tokens.0.abs_diff(4 * honest.tokens.0) < 8);

    // Of the next, 9 of new work and 15 that waited share the limit.
    it.story.world.ok(&[swap(it.story.consume(9_000_000), 4, rivals_work)], &[&it.story.spending]);
    it.story.world.pass(DAY);
    let epoch = it.close(1);
    assert_eq!((epoch.worked, epoch.waiting), (Credits(10_000_000), Credits(14_000_000)));
    let (first, honest) = (it.accrue(it.story.work, 1), it.accrue(rivals_work, 1));
    assert_eq!((first.work, honest.work), (Credits(5_000_000), Credits(5_000_000)));

    // Without new work the rest is paid, as fast as the limit lets it; no epoch is passed over meanwhile.
    it.story.world.pass(3 * DAY);
    let skip = it.story.network.close_instruction(&it.story.world, 3, &[0, 1, 2]);
    it.story.world.fails(skip, &[], BmeError::EpochHasWork);
    let paid = [2, 3].map(|index| {
        let epoch = it.close(index);
        let works = [it.accrue(it.story.work, index), it.accrue(rivals_work, index)];
        assert_eq!(works[0].work.0 + works[1].work.0, epoch.worked.0);
        epoch.worked.0
    });
    assert_eq!(paid, [10_000_000, 4_000_000]);
    for index in 0..4 {
        it.story.world.ok(&[it.story.network.sweep_instruction(&it.story.world, index)], &[]);
    }
    assert_eq!(it.story.state().lanes[0].waiting, Credits(0));
}

/// The limit is what it says, whatever the number of shards, and also if shards are added in between.
#[test]
fn a_limit_holds_over_all_shards() {
    let mut it = Lanes::new();
    let authority = it.story.network.authority.insecure_clone();
    it.edit_policy(|policy| policy.lane_limits[0] = Credits(1_000_000));
    it.work(0, 900_000);
    it.story.world.ok(&[it.story.network.add_shard_instruction(&it.story.world, 3)], &[&authority]);
    let at_the_new_one = swap(it.story.consume(900_000), 5, it.story.network.work_shard(3));
    it.story.world.ok(&[at_the_new_one], &[&it.story.spending]);
    it.story.world.pass(DAY);
    it.story.world.ok(&[it.story.network.close_instruction(&it.story.world, 0, &[0, 1, 2, 3])], &[]);
    let epoch: Epoch = it.story.world.read(it.story.network.epoch(0));
    assert_eq!((epoch.worked, epoch.waiting), (Credits(1_000_000), Credits(800_000)));
}

#[test]
fn the_weigher_moves_weights_once_an_epoch_within_the_band() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    let (weigher, network) = (it.story.world.user(), it.story.network.address);
    let weigh = |named: [u16; 2]| {
        let mut weights = [0; 16];
        weights[..2].copy_from_slice(&named);
        weights[7] = 500;
        WeighLanes { weigher: weigher.pubkey(), network }.instruction(&WeighLanesArgs { weights })
    };
    // As long as the policy names none, nobody is.
    it.story.world.fails(weigh([1, 1]), &[&weigher], BmeError::Unauthorized);
    it.story.edit_network(|network| {
        network.policy.weigher = weigher.pubkey();
        (network.policy.lane_band, network.policy.lane_speed) = (Bps(5_000), Bps(2_500));
    });
    let stranger = it.story.world.user();
    it.story.world.fails(swap(weigh([1, 1]), 0, stranger.pubkey()), &[&stranger], BmeError::Unauthorized);
    it.story.world.fails(unsigned(weigh([1, 1]), 0), &[], BmeError::MissingSigner);
    it.story.world.fails(read_only(weigh([1, 1]), 1), &[&weigher], BmeError::NotWritable);

    // A quarter of the way: from 300 towards 150, where the band ends, and from 100 towards 120.
    let event: event::LanesWeighed = it.story.world.ok(&[weigh([0, 120])], &[&weigher]).event(ID);
    assert_eq!((event.epoch, &event.weights[..3], event.weights[7]), (0, &[262, 105, 0][..], 0));
    it.story.world.fails(weigh([0, 120]), &[&weigher], BmeError::AlreadyWeighed);
    // The epoch that runs is paid by the weights that it began with.
    assert_eq!(Lanes::emissions(&it.day(0, [1_000, 1_000])), [PROVIDERS / 4 * 3, PROVIDERS / 4]);
    let [common, other] = Lanes::emissions(&it.day(1, [1_000, 1_000]));
    // What rounding takes from providers is the treasury's.
    assert_eq!((common, common + other), ((PROVIDERS as u128 * 262 / 367) as u64, PROVIDERS - 1));
    it.story.world.ok(&[weigh([u16::MAX, 0])], &[&weigher]);
    assert_eq!(it.story.state().weights()[..2], [309, 91]);
    // A policy with other weights begins anew.
    let authority = it.story.network.authority.insecure_clone();
    let mut policy = it.story.state().policy;
    policy.lane_weights[1] = 200;
    let propose = it.story.network.propose_policy_instruction(&it.story.world, 0, policy);
    it.story.world.ok(&[propose], &[&authority]);
    it.story.world.pass(7_200);
    it.story.world.ok(&[it.story.network.execute_policy_instruction(&it.story.world, 0)], &[]);
    assert_eq!(it.story.state().weights()[..2], [300, 200]);
}

#[test]
fn work_stays_in_its_lane() {
    let it = Lanes::new();
    let (world, network) = (&it.story.world, &it.story.network);
    let authority: &[&Keypair] = &[&network.authority];
    for (index, address) in [(4, it.story.work), (5, network.work_shard(0))] {
        world.fails(swap(it.consume(1), index, address), &[&it.spender], BmeError::WrongLane);
    }
    let both = swap(swap(it.consume(1), 4, it.story.work), 5, network.work_shard(0));
    world.fails(both, &[&it.spender], BmeError::WrongLane);

    // A lane needs a weight for shards, and both for spenders.
    let key = world.address();
    for lane in [2, 15, 16, 255] {
        world.fails(network.add_lane_shard_instruction(world, 3, lane), authority, BmeError::LaneNotOpen);
        world.fails(network.add_spender_instruction(world, key, lane), authority, BmeError::LaneNotOpen);
    }
    let open = |lane| {
        OpenProviderWork {
            payer: world.payer().pubkey(),
            network: network.address,
            provider: key,
            provider_work: pda::provider_work::find(&network.address, &key, &[lane]).0,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&OpenProviderWorkArgs { lane })
    };
    assert_eq!(world.out_of_range(open(16), &[]), "lane");
    world.ok(&[open(15)], &[]);
}

/// A floor mints beyond the schedule, for an operator who vouches for every job; what is above the ceiling goes to stakers, if it says so.
#[test]
fn income_has_a_floor_and_a_ceiling_in_dollars() {
    let day = |floor: u16, ceiling: u16, to_stakers: u8, work: u64| {
        let mut it = Lanes::new();
        it.story.network.vouch(&mut it.story.world);
        it.story.edit_network(|network| {
            (network.policy.payout_floor, network.policy.payout_share) = (Bps(floor), Bps(ceiling));
            network.policy.surplus_to_stakers = to_stakers;
            network.policy.initial_emission = Tokens(10 * TOKEN);
            network.terms = EpochTerms::of(&network.policy, network.weights());
        });
        it.work(0, work);
        it.story.world.pass(DAY);
        it.story.network.refresh_price(&mut it.story.world);
        let epoch = it.close(0);
        (epoch.emission.0, epoch.stakers_emission.0, it.story.state().topped_up.get())
    };
    // 7 tokens for providers, three quarters of it in this lane. 90 dollars of work are 36 tokens at 2.50.
    let usual = TOKEN * 7 / 4 * 3;
    assert_eq!(day(0, 10_000, 0, 90_000_000).0, usual);
    let (providers, stakers, more) = day(5_000, 10_000, 0, 90_000_000);
    assert_eq!((providers, stakers, more), (18 * TOKEN, TOKEN * 3 / 2, (18 * TOKEN - usual) as u128));
    // A dollar of work is 0.4 tokens.
    let (providers, stakers, _) = day(0, 10_000, 0, 1_000_000);
    let worth = TOKEN * 4 / 10;
    assert_eq!((providers, stakers), (worth - 1, worth * 2 / 7));
    assert_eq!(day(0, 10_000, 1, 1_000_000), (worth, TOKEN * 3 / 2 + usual - worth, 0));
}

/// Eight epochs with work that waits, of which none is accrued: each rest wanted the place of another.
#[test]
fn whoever_skips_accruing_loses_no_work_and_blocks_no_epoch() {
    let mut it = Lanes::new();
    it.edit_policy(|policy| policy.lane_limits[0] = Credits(1_000_000));
    // Somebody keeps the lane at its limit.
    let rival = it.story.world.user();
    let rivals_work = it.story.network.open_provider_work(&it.story.world, rival.pubkey());
    it.story.world.ok(&[swap(it.story.consume(17_000_000), 4, rivals_work)], &[&it.story.spending]);
    for epoch in 0..16 {
        if [0, 2, 4, 6, 9, 11, 13, 15].contains(&epoch) {
            it.work(0, 10_000);
        }
        it.story.world.pass(DAY);
        it.close(epoch);
    }
    let accrue = |work, epoch| {
        let accrue = AccrueWork { provider_work: work, epoch: it.story.network.epoch(epoch) };
        it.story.world.send(&[accrue.instruction(&AccrueWorkArgs {})], &[])
    };
    // Anyone may accrue, but what has to wait in order.
    let newest = AccrueWork { provider_work: it.story.work, epoch: it.story.network.epoch(15) };
    it.story.world.fails(newest.instruction(&AccrueWorkArgs {}), &[], BmeError::OldestFirst);
    for epoch in 0..16 {
        for work in [it.story.work, rivals_work] {
            let held: ProviderWork = it.story.world.read(work);
            let has_work =
                held.work.iter().chain([&held.waiting]).any(|work| work.epoch == epoch && work.credits.0 > 0);
            assert_eq!(accrue(work, epoch).is_ok(), has_work, "{epoch}");
        }
        it.story.world.ok(&[it.story.network.sweep_instruction(&it.story.world, epoch)], &[]);
    }
    let waiting: u64 = [it.story.work, rivals_work]
        .map(|work| it.story.world.read::<ProviderWork>(work).waiting.credits.0)
        .iter()
        .sum();
    assert_eq!(waiting, it.story.state().lanes[0].waiting.0);
    assert_eq!(17_000_000 + 8 * 10_000 - 16_000_000, waiting);
}

/// When the epoch has ended, work of those after it may be known.
#[test]
fn no_vote_follows_the_work() {
    let mut it = Lanes::new();
    let weigher = it.story.world.user();
    it.story.edit_network(|network| {
        network.policy.weigher = weigher.pubkey();
        (network.policy.lane_band, network.policy.lane_speed) = (Bps(5_000), Bps(10_000));
    });
    let weigh = WeighLanes { weigher: weigher.pubkey(), network: it.story.network.address };
    let weigh = || weigh.instruction(&WeighLanesArgs { weights: [u16::MAX; 16] });
    it.story.world.pass(DAY);
    it.story.world.fails(weigh(), &[&weigher], BmeError::EpochEnded);
    it.close(0);
    it.story.world.ok(&[weigh()], &[&weigher]);
}

/// Work of a lane is not sold before an epoch pays for it, and no slip takes its weight away.
#[test]
fn a_lane_opens_with_the_first_epoch_that_pays_for_it_and_stays_open() {
    let mut it = Lanes::new();
    let authority = it.story.network.authority.insecure_clone();
    let key = it.story.world.address();
    let change = |it: &mut Lanes, index, edit: fn(&mut Policy)| {
        let mut policy = it.story.state().policy;
        edit(&mut policy);
        let propose = it.story.network.propose_policy_instruction(&it.story.world, index, policy);
        it.story.world.ok(&[propose], &[&authority]);
        it.story.world.pass(7_200);
        it.story.network.execute_policy_instruction(&it.story.world, index)
    };
    let execute = change(&mut it, 0, |policy| policy.lane_weights[2] = 50);
    it.story.world.ok(&[execute], &[]);
    let (world, network) = (&it.story.world, &it.story.network);
    world.ok(&[network.add_lane_shard_instruction(world, 3, 2)], &[&authority]);
    let add = || network.add_spender_instruction(world, key, 2);
    world.fails(add(), &[&authority], BmeError::LaneNotOpen);
    world.pass(DAY);
    world.ok(&[network.close_instruction(world, 0, &[0, 1, 2, 3]), add()], &[&authority]);

    let slip = change(&mut it, 1, |policy| policy.lane_weights = core::array::from_fn(|lane| (lane == 2) as u16));
    it.story.world.fails(slip, &[], BmeError::LaneInUse);
    // Weights that were weighed stay as far as a new band lets them.
    it.story.edit_network(|network| network.lanes[0].weight = 420);
    let execute = change(&mut it, 2, |policy| policy.lane_band = Bps(1_000));
    it.story.world.ok(&[execute], &[]);
    assert_eq!(it.story.state().weights()[..3], [330, 100, 50]);
    // Nor is it sold where it would be counted nowhere, or not be paid for later.
    for (weight, shard_count) in [(1, 0), (0, 1)] {
        it.story.edit_network(|network| {
            network.terms.lane_weights[3] = 1;
            (network.lanes[3].weight, network.lanes[3].shard_count) = (weight, shard_count);
        });
        let add = it.story.network.add_spender_instruction(&it.story.world, key, 3);
        it.story.world.fails(add, &[&authority], BmeError::LaneNotOpen);
    }
}

/// Near the maximum supply no lane takes what is scheduled for another.
#[test]
fn room_that_is_left_is_shared_by_weight() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    let supply = it.story.state().initial_supply.0;
    it.story.edit_policy(|policy| {
        (policy.payout_share, policy.payout_floor) = (Bps(10_000), Bps(10_000));
        (policy.providers_share, policy.stakers_share) = (Bps(10_000), Bps(0));
        policy.lane_weights[..2].copy_from_slice(&[1, 1]);
    });
    it.story.edit_network(|network| {
        network.policy.max_supply = Tokens(supply + 10 * TOKEN);
        network.policy.initial_emission = Tokens(10 * TOKEN);
        (0..2).for_each(|lane| network.lanes[lane].weight = 1);
        network.terms = EpochTerms::of(&network.policy, network.weights());
    });
    it.work(0, 90_000_000);
    it.work(1, 90_000_000);
    it.story.world.pass(DAY);
    it.story.network.refresh_price(&mut it.story.world);
    let epoch = it.close(0);
    assert_eq!(Lanes::emissions(&epoch), [5 * TOKEN; 2], "a floor of 36 tokens each has no room");
}

/// What stakers get above the ceiling is of the schedule: nothing is given back for it.
#[test]
fn a_surplus_for_stakers_gives_nothing_back() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    it.story.edit_policy(|policy| {
        (policy.payout_share, policy.surplus_to_stakers) = (Bps(10_000), 1);
        policy.initial_emission = Tokens(10 * TOKEN);
        policy.remint_cap = Tokens(1_000 * TOKEN);
    });
    it.story.edit_network(|network| network.remintable = Tokens(500 * TOKEN));
    it.work(0, 1_000_000);
    it.story.world.pass(DAY);
    it.story.network.refresh_price(&mut it.story.world);
    let epoch = it.close(0);
    let all = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
    assert_eq!((all, it.story.state().reminted.get()), (TOKEN * 30 / 4, 0));
}

/// Work of a lane without weight lets no other lane keep anything, nor takes what one has kept.
#[test]
fn work_without_weight_counts_for_nothing() {
    let mut it = Lanes::new();
    it.story.network.vouch(&mut it.story.world);
    let other = PROVIDERS / 4;
    assert_eq!(Lanes::emissions(&it.day(0, [1_000, 0]))[1], 0);
    assert_eq!(it.story.state().lanes[1].kept, Tokens(other));
    it.story.edit_network(|network| network.terms.lane_weights[0] = 0);
    it.day(1, [1_000, 0]);
    assert_eq!(it.story.state().lanes[1].kept, Tokens(other));
}
