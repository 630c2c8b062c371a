//! Auctions.

use super::*;

fn terms() -> Terms {
    Terms { bid_step: Bps(1_000), bid_extension: Seconds(60), no_start_penalty: Bps(4_000), ..usual_terms() }
}

fn auctioned(story: &Story, market: &Market) -> [Job; 2] {
    let job = Job { matching: matching::AUCTION, ..story.unposted(market) };
    market.post(&story.world, &story.client, &job, HOUR);
    [job, story.by(market, &job, 1)]
}

#[test]
fn the_lowest_bid_has_the_job_and_the_rest_of_the_money_goes_back() {
    for credits in [true, false] {
        let story = Story::new();
        let terms = Terms { bond_amount: Tokens(BOND), ..terms() };
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let world = &story.world;
        let [job, rival] = auctioned(&story, &market);
        let bid = |job: &Job, price, outbid| {
            let bid = market.bid_instruction(world, job, price, outbid);
            world.send(&[bid], &[story.key(job)])
        };
        let too_high = Some(EscrowError::BidTooHigh as u32);
        assert_eq!(bid(&job, PRICE + 1, None).unwrap_err().code(), too_high);
        assert_eq!(bid(&job, 0, None).unwrap_err().code(), Some(EscrowError::PriceOutOfRange as u32));
        bid(&job, PRICE, None).unwrap();
        assert_eq!((story.staked(0).bonded, story.staked(1).bonded), (Tokens(BOND), Tokens(0)));
        assert_eq!(bid(&rival, PRICE * 9 / 10 + 1, Some(&job)).unwrap_err().code(), too_high);
        // The one bond is held and the other free in the same instruction.
        bid(&rival, PRICE * 9 / 10, Some(&job)).unwrap();
        let state = story.job(&job);
        assert_eq!((state.provider, state.price), (rival.provider, Amount(PRICE * 9 / 10)));
        assert_eq!((story.staked(0).bonded, story.staked(1).bonded), (Tokens(0), Tokens(BOND)));
        assert_eq!((world.account(job.bond), story.job(&job).bond), (None, rival.bond));
        // One beats itself with the bond that it has; others need one.
        let without = |job: &Job, price| {
            let bid = market.bid_without_bond_instruction(job, job.posting(world), Amount(price));
            world.send(&[bid], &[story.key(job)])
        };
        let required = Some(EscrowError::StakeRequired as u32);
        assert_eq!(without(&job, PRICE / 2).unwrap_err().code(), required);
        without(&rival, PRICE / 2).unwrap();
        bid(&rival, PRICE / 2 - PRICE / 20, None).unwrap();
        assert_eq!(story.staked(1).bonded, Tokens(BOND));
        world.pass(3_590);
        bid(&job, PRICE / 4, Some(&rival)).unwrap();
        let award = || market.award_instruction(&job);
        world.pass(60);
        world.fails(award(), &[], EscrowError::TooEarly);
        world.pass(1);
        assert_eq!(bid(&rival, 1, Some(&job)).unwrap_err().code(), Some(EscrowError::TooLate as u32));
        world.fails(market.start_instruction(world, &job), &[story.key(&job)], EscrowError::WrongJobState);
        let awarded: event::JobAwarded = world.ok(&[award()], &[]).event(ID);
        assert_eq!((awarded.provider, awarded.refunded), (job.provider, Amount(COST - COST / 4)));
        story.check(&[job]);
        story.start(&market, &job);
        world.pass(HOUR as u64);
        let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
        world.ok(&[finish], &[&story.someone]);
        assert_eq!(story.job(&job).paid, Amount(COST / 4));
        story.settle_bond(&market, &job);
        assert_eq!((story.staked(0).bonded, story.staked(1).bonded), (Tokens(0), Tokens(0)));
        story.check(&[job]);
    }
}

#[test]
fn a_winner_that_does_not_start_loses_of_its_bond() {
    let story = Story::new();
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), reports: 1, ..terms() });
    let jobs = [auctioned(&story, &market)[0], auctioned(&story, &market)[0]];
    for job in &jobs {
        let bid = market.bid_instruction(&story.world, job, PRICE, None);
        story.world.ok(&[bid], &[story.key(job)]);
    }
    story.world.pass(3_601);
    story.world.ok(&jobs.map(|job| market.award_instruction(&job)), &[]);
    let cancel = |job: &Job| market.cancel_instruction(job, story.someone.pubkey());
    story.world.pass(299);
    story.world.fails(cancel(&jobs[0]), &[&story.someone], EscrowError::TooEarly);
    // While the network is paused, it is not its fault, and the pause extends its time.
    story.set_pause(1);
    story.world.pass(1);
    story.world.ok(&[cancel(&jobs[1])], &[&story.someone]);
    assert_eq!(story.settled(&market, &jobs[1]), (Tokens(0), outcome::NONE));
    story.set_pause(0);
    story.world.fails(cancel(&jobs[0]), &[&story.someone], EscrowError::TooEarly);
    story.world.pass(1);
    let before = story.staked(0).unbonding.tokens;
    story.world.ok(&[cancel(&jobs[0])], &[&story.someone]);
    assert_eq!(story.settled(&market, &jobs[0]), (Tokens(BOND * 2 / 5), outcome::FAILED));
    // It is the client's ticket.
    assert_eq!(story.staked(0).unbonding.tokens, Tokens(before.0 + BOND * 2 / 5));
    assert_eq!(story.staked(0).active_stake().unwrap(), Tokens(400 * TOKEN - BOND * 2 / 5));
    assert_eq!((story.staked(0).bonded, story.staked(0).reputation.failed), (Tokens(0), 1));
    story.check(&jobs);
}

#[test]
fn an_auction_without_bids_gives_everything_back() {
    let story = Story::new();
    let market = story.credit_market(terms());
    let [job, _] = auctioned(&story, &market);
    story.world.pass(3_601);
    story.world.fails(
        market.cancel_instruction(&job, story.someone.pubkey()),
        &[&story.someone],
        EscrowError::TooEarly,
    );
    let ended: event::JobEnded = story.world.ok(&[market.award_instruction(&job)], &[]).event(ID);
    assert_eq!((ended.state, ended.refunded), (job_state::CANCELLED, Amount(COST)));
    story.check(&[job]);
    // So does one that its client calls off, and the bond of its best bidder.
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), ..terms() });
    let [job, _] = auctioned(&story, &market);
    story.world.ok(&[market.bid_instruction(&story.world, &job, 1, None)], &[story.key(&job)]);
    story.world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::NONE));
    assert_eq!(story.staked(0).bonded, Tokens(0));
    story.check(&[job]);
}

/// Else who vouches for machines would have jobs given to them, end what it said, and have their bonds.
#[test]
fn a_winner_for_whose_machine_nobody_vouches_any_more_loses_nothing_to_its_client() {
    const CLASS: u32 = 7;
    let mut story = Story::new();
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), class: CLASS, ..terms() });
    let [job, _] = auctioned(&story, &market);
    let address = story.world.address();
    let expires_at = Timestamp(story.world.now().0 + 3_700);
    story.world.forge(address, &machine(&story.network, job.provider, CLASS, expires_at));
    let job = Job { node: address, ..job };
    let bid = market.bid_instruction(&story.world, &job, PRICE, None);
    // Where nobody can burn what it loses, nobody bids.
    let pool: PoolState = story.world.read(story.pool.address);
    stake_wrapped_sol(&mut story.world, story.pool.address);
    story.world.fails(bid.clone(), &[story.key(&job)], EscrowError::MintNotAllowed);
    story.world.forge(story.pool.address, &pool);
    story.world.ok(&[bid], &[story.key(&job)]);

    story.world.pass(HOUR as u64 + 1);
    story.world.ok(&[market.award_instruction(&job)], &[]);
    story.world.pass(200);
    let start = market.start_instruction(&story.world, &job);
    story.world.fails(start, &[story.key(&job)], EscrowError::WrongNode);
    story.world.pass(101);
    let cancel = market.cancel_instruction(&job, story.client.pubkey());
    story.world.ok(&[cancel], &[&story.client]);
    let supply = story.world.supply(story.network.mint);
    let to_client = market.settle_bond_instruction(&job, story.network_wallet);
    assert!(story.world.send(&[to_client], &[]).is_err());
    story.world.ok(&[market.settle_bond_instruction(&job, story.network.mint)], &[]);
    assert_eq!(supply - story.world.supply(story.network.mint), BOND * 4 / 10);
}

/// Not the bidder, nor who bids less and pays for another bond.
#[test]
fn who_pays_for_a_bidders_bond_gets_its_rent_back() {
    let mut story = Story::new();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| story.world.user());
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), ..terms() });
    let (world, [job, rival]) = (&story.world, auctioned(&story, &market));
    let bid = swap_named(market.bid_instruction(world, &job, PRICE, None), "payer", payer.pubkey());
    world.ok(&[bid], &[&payer, story.key(&job)]);
    assert_eq!((story.job(&job).provider, world.read::<Bond>(job.bond).payer), (job.provider, payer.pubkey()));
    let bid = swap_named(market.bid_instruction(world, &rival, PRICE / 2, Some(&job)), "payer", other.pubkey());
    let bid = swap_named(bid, "outbid_payer", payer.pubkey());
    world.closes(bid, &[&other, story.key(&rival)], job.bond, payer.pubkey());
    assert_eq!((story.job(&job).provider, world.read::<Bond>(rival.bond).payer), (rival.provider, other.pubkey()));
}
