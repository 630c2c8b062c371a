//! Networks whose tokens come from a reserve: nobody mints, and nothing is paid that was not there before.

use super::{spending::give_up, *};

const PROGRAMS: [Address; 2] = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM];

/// A network with a reserve of so much, which nobody vouches for, and a client who bought credits for 100 tokens: 249 dollars, locked.
pub fn on_reserve(token_program: Address, reserve: u64) -> Story {
    let story = Story::of(|world, holders| Network::with_reserve(world, token_program, holders, reserve));
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
    story
}

impl Story {
    fn reserve(&self) -> u64 {
        self.world.tokens(self.network.reserve_vault())
    }

    fn supply(&self) -> u64 {
        self.world.supply(self.network.mint)
    }

    /// The client buys credits for so much, at a price of now.
    fn buy_more(&mut self, tokens: u64) {
        self.network.refresh_price(&mut self.world);
        self.world.ok(&[self.buy(tokens)], &[&self.client]);
    }

    /// Epoch `index` ends with so much work, and is closed.
    fn work_and_close(&self, index: u64, credits: u64) {
        if credits > 0 {
            self.world.ok(&[self.consume(credits)], &[&self.spending]);
        }
        self.world.pass(DAY);
        self.world.ok(&[self.close(index)], &[]);
    }

    /// Sends the reserve so much of the client's tokens.
    fn fund(&self, amount: u64) {
        let network = &self.network;
        let fund = network.transfer_instruction(self.source, network.reserve_vault(), &self.client, amount);
        self.world.ok(&[fund], &[&self.client]);
    }

    /// All that is promised.
    fn promised(&self) -> u64 {
        let state = self.state();
        state.deferred.sum().unwrap().0 + state.roots.unminted().unwrap().0 + state.refundable.0
    }
}

#[test]
fn a_reserve_pays_all_that_a_mint_would() {
    for token_program in PROGRAMS {
        let mut story = on_reserve(token_program, 1_000 * TOKEN);
        let network: NetworkState = story.state();
        assert_eq!((network.source, network.reserve_vault), (source::RESERVE, story.network.reserve_vault()));
        assert_eq!((network.founder, network.initial_supply), (story.network.authority.pubkey(), Tokens(0)));
        let [supply, treasury] = [story.supply(), story.world.tokens(story.network.treasury)];
        // A schedule of 1,000; the work carries 100.
        story.work_and_close(0, 249_000_000);
        let state = story.state();
        assert_eq!((story.reserve(), state.minted.get()), (900 * TOKEN, 100 * TOKEN as u128));
        assert_eq!(story.supply(), supply, "nobody mints");
        assert_eq!(story.world.tokens(story.network.reward_vault()), 70 * TOKEN);
        assert_eq!(story.world.tokens(story.network.stakers), 20 * TOKEN);
        assert_eq!(story.world.tokens(story.network.treasury), treasury + 10 * TOKEN);
        let wallet = story.world.token_account(story.network.mint, story.provider.pubkey());
        story.world.ok(&[story.accrue(0), story.claim(wallet)], &[&story.provider]);
        assert_eq!(story.world.tokens(wallet), 70 * TOKEN);
        // What the client paid is burned.
        let receipt = story.world.ok(&[story.burn()], &[]);
        let event: event::TokensBurned = receipt.event(ID);
        assert_eq!((event.tokens, event.returned), (Tokens(100 * TOKEN), Tokens(0)));
        assert_eq!(story.supply(), supply - 100 * TOKEN);
        assert_eq!(story.reserve(), 900 * TOKEN);
    }
}

/// A change of policy reaches what is swept in later epochs, and nothing of the one in which it is executed.
#[test]
fn what_is_paid_goes_back_to_the_reserve_if_the_open_epochs_policy_says_so() {
    let set = |story: &mut Story, index, payments_to_reserve| {
        let policy = Policy { payments_to_reserve, ..story.state().policy };
        let propose = story.network.propose_policy_instruction(&story.world, index, policy);
        story.world.ok(&[propose], &[&story.network.authority]);
        story.world.pass(7_200);
        story.world.ok(&[story.network.execute_policy_instruction(&story.world, index)], &[]);
        story.buy_more(10 * TOKEN);
    };
    for token_program in PROGRAMS {
        let mut story = on_reserve(token_program, 1_000 * TOKEN);
        set(&mut story, 0, 1);
        let before = story.supply();
        story.world.ok(&[story.burn()], &[]);
        let now = (story.reserve(), story.supply());
        assert_eq!(now, (1_000 * TOKEN, before - 110 * TOKEN), "the epoch began without it");

        story.buy_more(10 * TOKEN);
        story.work_and_close(0, 0);
        let receipt = story.world.ok(&[story.burn()], &[]);
        let event: event::TokensBurned = receipt.event(ID);
        assert_eq!((event.tokens, event.returned), (Tokens(0), Tokens(10 * TOKEN)));
        assert_eq!((story.reserve(), story.supply()), (1_010 * TOKEN, before - 110 * TOKEN));
        let shard: BurnShard = story.world.read(story.network.burn_shard(0));
        assert_eq!((shard.burned, shard.returned), (Tokens(110 * TOKEN), Tokens(10 * TOKEN)));
        let state = story.state();
        assert_eq!((state.burned.get(), state.returned.get()), (110 * TOKEN as u128, 10 * TOKEN as u128));
        assert_eq!(state.remintable, Tokens(120 * TOKEN), "both may be given back");
        // What somebody sends there without buying credits stays there.
        let vault = story.network.burn_vault(0);
        let send = story.network.transfer_instruction(story.source, vault, &story.client, TOKEN);
        story.world.ok(&[send], &[&story.client]);
        story.world.fails(story.burn(), &[], BmeError::ZeroAmount);

        set(&mut story, 1, 0);
        story.world.ok(&[story.burn()], &[]);
        assert_eq!(story.reserve(), 1_020 * TOKEN, "the epoch began with it");
        story.buy_more(10 * TOKEN);
        story.work_and_close(1, 0);
        story.world.ok(&[story.burn()], &[]);
        assert_eq!((story.reserve(), story.supply()), (1_020 * TOKEN, before - 120 * TOKEN));
    }
}

/// Epochs close all the same: each divides what is there, and what comes later is for later work.
#[test]
fn a_reserve_promises_no_more_than_it_holds() {
    let mut story = on_reserve(TOKEN_PROGRAM, 30 * TOKEN);
    let rival = story.world.user();
    let rivals = story.network.open_provider_work(&story.world, rival.pubkey());
    // Half of the work each, which carries 40 tokens together.
    story.world.ok(&[swap(story.consume(49_800_000), 4, rivals)], &[&story.spending]);
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(10 * TOKEN));
    story.work_and_close(0, 49_800_000);
    let epoch = story.epoch(0);
    assert_eq!(epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0, 30 * TOKEN);
    assert_eq!((story.reserve(), story.promised()), (20 * TOKEN, 20 * TOKEN), "the rest waits for the breaker");
    story.world.ok(&[story.accrue(0), swap(story.accrue(0), 0, rivals)], &[]);
    let accrued = |work| story.world.read::<ProviderWork>(work).accrued.0;
    assert_eq!((accrued(story.work), accrued(rivals)), (21 * TOKEN / 2, 21 * TOKEN / 2), "whoever comes first");

    // What is there is promised: the next epoch has nothing, and closes.
    story.work_and_close(1, 49_800_000);
    assert_eq!(story.epoch(1).emission, Tokens(0));
    assert_eq!((story.reserve(), story.promised()), (10 * TOKEN, 10 * TOKEN));
    story.world.pass(DAY);
    story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
    assert_eq!((story.reserve(), story.promised()), (0, 0));
    story.world.ok(&[story.close(2)], &[]);
    story.work_and_close(3, 49_800_000);
    assert_eq!((story.epoch(3).emission, story.reserve()), (Tokens(0), 0), "empty");

    // Funded again, just before a close: for all who worked in that epoch.
    story.fund(10 * TOKEN);
    story.work_and_close(4, 49_800_000);
    assert_eq!((story.epoch(4).emission, story.reserve()), (Tokens(7 * TOKEN), 0));
    assert_eq!(story.state().minted.get(), 40 * TOKEN as u128, "as much as was funded");
}

#[test]
fn the_breaker_lets_a_share_of_the_reserve_pass() {
    let mut story = on_reserve(TOKEN_PROGRAM, 500 * TOKEN);
    story.network.vouch(&mut story.world);
    story.edit_policy(|policy| {
        policy.breaker_share = Bps(1_000);
        policy.initial_emission = Tokens(100 * TOKEN);
    });
    // A tenth of 500, where the supply is 1,500.
    story.work_and_close(0, 249_000_000);
    assert_eq!((story.state().breaker.limit, story.reserve()), (Tokens(50 * TOKEN), 450 * TOKEN));
    story.world.pass(DAY);
    story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
    assert_eq!((story.state().breaker.limit, story.reserve()), (Tokens(45 * TOKEN), 405 * TOKEN));
    // What is scheduled for a window, at least.
    story.edit_policy(|policy| policy.initial_emission = Tokens(1_000 * TOKEN));
    story.world.pass(DAY);
    story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
    assert_eq!(story.state().breaker.limit, Tokens(100 * TOKEN));
}

/// Of which a mint's maximum supply would have left nothing.
#[test]
fn no_book_of_a_reserve_reads_the_supply() {
    let mut world = World::new();
    let mint = world.mint();
    let founder = world.user();
    let network = Network::unborn_with_reserve(&mut world, &mint, founder);
    world.mint_to(&mint, network.treasury, 100 * TOKEN);
    world.end_minting(&mint);
    let mut create = network.create_instruction(&world, network.authority.pubkey());
    let policy = Policy { max_supply: Tokens(9), initial_emission: Tokens(9), ..network.parameters(&world) };
    let args = CreateNetworkArgs { starts_at: world.now(), policy, source: source::RESERVE };
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    world.ok(&[create], &[&network.authority]);
    let policy = Policy { max_supply: Tokens(8), initial_emission: Tokens(8), ..policy };
    world.ok(&[network.propose_policy_instruction(&world, 0, policy)], &[&network.authority]);
    world.pass(7_200);
    world.ok(&[network.execute_policy_instruction(&world, 0)], &[]);
    assert_eq!(world.read::<NetworkState>(network.address).initial_supply, Tokens(0));
}

#[test]
fn a_reserve_pays_reward_roots_and_credits_that_are_given_up() {
    let mut story = on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    let (owner, claimant, oracle) = (story.client.insecure_clone(), story.world.user(), story.world.user());
    story.network.open_roots(&mut story.world, &[oracle.pubkey()], 1, 0);
    story.edit_policy(|policy| {
        policy.roots_share = Bps(1_000);
        policy.initial_emission = Tokens(100 * TOKEN);
    });
    story.work_and_close(0, 0);
    assert_eq!((story.reserve(), story.promised()), (1_000 * TOKEN, 10 * TOKEN), "promised, and still there");
    let leaves = [(claimant.pubkey(), [0, 4 * TOKEN])];
    let (root, _) = reward_tree(&story.network, &leaves);
    let publish = story.network.publish_root_instruction(&story.world, oracle.pubkey(), 0, root, [0, 4 * TOKEN]);
    story.world.ok(&[publish], &[&oracle]);
    story.world.pass(3_600);
    story.world.ok(&[story.network.activate_root_instruction(0)], &[]);
    story.world.pass(3_600);
    let fund = || story.network.fund_roots_instruction(0);
    for wrong in [story.network.reward_vault(), story.network.burn_vault(0), ID] {
        story.world.fails(swap(fund(), 6, wrong), &[], BmeError::WrongAddress);
    }
    story.world.fails(read_only(fund(), 6), &[], BmeError::NotWritable);
    story.world.ok(&[fund()], &[]);
    assert_eq!((story.reserve(), story.promised()), (996 * TOKEN, 6 * TOKEN));
    assert_eq!(story.world.tokens(story.network.root_vault()), 4 * TOKEN);

    // Half a year later nobody works for credits, and roots would have had all that is there.
    story.edit_policy(|policy| policy.roots_share = Bps(0));
    let unlock = story.unlock(249_000_000);
    story.world.ok(&[unlock], &[&story.spending]);
    story.world.pass(181 * DAY);
    let state = story.state();
    let last = state.open_epoch + story.world.now().since(state.epoch_ends_at) / DAY;
    story.world.ok(&[story.close(last)], &[]);
    assert!(story.state().refundable >= Tokens(50 * TOKEN));
    let promised = story.promised();
    assert!(promised <= story.reserve());
    let before = (story.reserve(), story.world.tokens(story.source));
    for wrong in [story.network.reward_vault(), ID] {
        story.world.fails(swap(give_up(&story, 124_500_000), 6, wrong), &[&owner], BmeError::WrongAddress);
    }
    let to_itself = swap(give_up(&story, 124_500_000), 4, story.network.reserve_vault());
    story.world.fails(to_itself, &[&owner], BmeError::DuplicateAccount);
    story.world.ok(&[give_up(&story, 124_500_000)], &[&owner]);
    assert_eq!((story.reserve(), story.world.tokens(story.source)), (before.0 - 50 * TOKEN, before.1 + 50 * TOKEN));
    assert_eq!(story.promised(), promised - 50 * TOKEN);
}

#[test]
fn cranks_ask_for_the_networks_own_reserve() {
    let mut story = on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    story.edit_policy(|policy| {
        policy.payments_to_reserve = 1;
        policy.breaker_tokens = Tokens(TOKEN);
    });
    let (strangers, _) = Network::with_reserve(&mut story.world, TOKEN_PROGRAM, &[], 1);
    story.world.ok(&[story.consume(249_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    let wrong = [strangers.reserve_vault(), story.network.reward_vault(), story.network.burn_vault(1), ID];
    let asks = |crank: Instruction, index| {
        for wrong in wrong {
            story.world.fails(swap(crank.clone(), index, wrong), &[], BmeError::WrongAddress);
        }
        story.world.fails(read_only(crank.clone(), index), &[], BmeError::NotWritable);
        story.world.ok(&[crank], &[]);
    };
    asks(story.close(0), 10);
    asks(story.burn(), 5);
    story.world.pass(DAY);
    asks(story.network.mint_deferred_instruction(), 6);
    // Where nothing goes back, the reserve is not looked at.
    story.edit_policy(|policy| policy.payments_to_reserve = 0);
    story.buy_more(TOKEN);
    story.world.ok(&[swap(story.burn(), 5, ID)], &[]);
}

#[test]
fn a_reserve_is_of_a_mint_that_nobody_can_mint() {
    let mut world = World::new();
    let mint = world.mint();
    let founder = world.user();
    let network = Network::unborn_with_reserve(&mut world, &mint, founder);
    let founder: &[&Keypair] = &[&network.authority];
    let create = || network.create_instruction(&world, network.authority.pubkey());
    world.fails(create(), founder, BmeError::WrongMintAuthority);
    let given_up = swap(create(), 2, mint.authority.pubkey());
    world.fails(given_up, &[&network.authority, &mint.authority], BmeError::WrongMintAuthority);
    world.end_minting(&mint);

    let with = |change: &dyn Fn(&mut CreateNetworkArgs)| {
        let mut create = create();
        let mut args: CreateNetworkArgs = bytemuck::pod_read_unaligned(&create.data[1..]);
        change(&mut args);
        create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
        create
    };
    assert_eq!(world.out_of_range(with(&|args| args.source = 2), founder), "source");
    world.fails(with(&|args| args.source = source::MINT), founder, BmeError::WrongMintAuthority);
    for value in [2, 255] {
        let bad = with(&|args| args.policy.payments_to_reserve = value);
        assert_eq!(world.out_of_range(bad, founder), "payments_to_reserve");
    }
    for wrong in [network.treasury, network.authority.pubkey()] {
        world.fails(swap(create(), 10, wrong), founder, BmeError::WrongAddress);
    }
    assert!(world.send(&[swap(create(), 10, ID)], founder).is_err(), "left out");
    world.fails(read_only(create(), 10), founder, BmeError::NotWritable);
    world.fails(swap(create(), 4, pda::network::find(&mint.address).0), founder, BmeError::WrongAddress);
    let paid = with(&|args| args.policy.payments_to_reserve = 1);
    world.ok(&[paid], founder);
}

/// Nobody's consent makes a network of such a mint, so nobody takes another's address.
#[test]
fn each_founder_has_a_network_of_a_mint_that_nobody_can_mint() {
    let mut world = World::new();
    let mint = world.mint();
    world.end_minting(&mint);
    let (first, second) = (world.user(), world.user());
    let networks = [first, second].map(|founder| Network::unborn_with_reserve(&mut world, &mint, founder));
    let thief = world.user();
    let stolen = swap(networks[0].create_instruction(&world, thief.pubkey()), 1, thief.pubkey());
    world.fails(stolen, &[&thief], BmeError::WrongAddress);
    for network in networks.iter().rev() {
        let create = network.create_instruction(&world, network.authority.pubkey());
        world.ok(std::slice::from_ref(&create), &[&network.authority]);
        world.fails(create, &[&network.authority], BmeError::AlreadyInitialized);
    }
    assert_ne!(networks[0].reserve_vault(), networks[1].reserve_vault());
}

/// Who may freeze signs in the mint authority's place, or handed that over to the network's address.
#[test]
fn nobody_freezes_the_token_of_a_reserve() {
    for token_program in PROGRAMS {
        for is_handed_over in [false, true] {
            let mut world = World::new();
            let mint = world.mint_of(token_program);
            world.end_minting(&mint);
            let (founder, freezer) = (world.user(), world.user());
            let network = Network::unborn_with_reserve(&mut world, &mint, founder);
            let holder = if is_handed_over { network.address } else { freezer.pubkey() };
            super::setup::let_freeze(&mut world, mint.address, holder);
            let create = |signer: &Keypair| network.create_instruction(&world, signer.pubkey());
            if !is_handed_over {
                world.fails(create(&network.authority), &[&network.authority], BmeError::MintNotAllowed);
            }
            world.ok(&[create(&freezer)], &[&network.authority, &freezer]);
            assert_eq!(world.account(mint.address).unwrap().data[46..50], [0; 4], "no freeze authority");
        }
    }
}

/// Neither token program burns it.
#[test]
fn wrapped_sol_is_no_token_of_a_network() {
    let mut world = World::new();
    let mint = world.mint();
    let native: Address = joule_tests::world::key("So11111111111111111111111111111111111111112");
    world.end_minting(&mint);
    let founder = world.user();
    let account = world.account(mint.address).unwrap();
    world.set_account(native, account);
    let mint = joule_tests::fixture::NewMint { address: native, ..mint };
    let network = Network::unborn_with_reserve(&mut world, &mint, founder);
    let create = network.create_instruction(&world, network.authority.pubkey());
    world.fails(create, &[&network.authority], BmeError::MintNotAllowed);
}

#[test]
fn a_reserve_receives_no_emission_and_buys_nothing() {
    let story = on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    let reserve = story.network.reserve_vault();
    for policy in [
        Policy { treasury_token_account: reserve, ..story.state().policy },
        Policy { stakers_token_account: reserve, ..story.state().policy },
    ] {
        let propose = story.network.propose_policy_instruction(&story.world, 0, policy);
        story.world.fails(propose, &[&story.network.authority], BmeError::WrongTokenOwner);
    }
    // In the place of the shard's vault.
    let buy = swap(story.buy(TOKEN), 5, reserve);
    story.world.fails(buy, &[&story.client], BmeError::WrongAddress);
}

/// Where nobody vouches, whoever pays the reserve and works for itself has no more than before, and the reserve no less.
#[test]
fn self_dealing_takes_nothing_from_a_reserve_that_is_paid_back() {
    let mut story = on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    story.edit_policy(|policy| policy.payments_to_reserve = 1);
    story.world.ok(&[story.burn()], &[]);
    story.work_and_close(0, 249_000_000);
    assert_eq!(story.reserve(), 1_000 * TOKEN);
}

/// A reserve pays by transfers, which the owner of an account can refuse: its part is nobody's, and the epoch goes on.
#[test]
fn an_account_that_refuses_transfers_stops_no_epoch() {
    for refuses in [0, 1] {
        let mut story = on_reserve(TOKEN_2022_PROGRAM, 1_000 * TOKEN);
        let accounts = [story.network.stakers, story.network.treasury];
        let before = accounts.map(|account| story.world.tokens(account));
        story.world.ask_for_memos(accounts[refuses]);
        story.work_and_close(0, 249_000_000);
        assert_eq!(story.world.tokens(story.network.reward_vault()), 70 * TOKEN);
        let mut parts = [20 * TOKEN, 10 * TOKEN];
        parts[refuses] = 0;
        for (place, account) in accounts.into_iter().enumerate() {
            let data = story.world.account(account).expect("it is there").data;
            let now = u64::from_le_bytes(data[64..72].try_into().unwrap());
            assert_eq!(now - before[place], parts[place]);
        }
        assert_eq!(story.promised(), 0);
    }
}

/// The same for what was decided before, and is held back.
#[test]
fn an_account_that_refuses_transfers_waits_for_what_was_deferred() {
    let mut story = on_reserve(TOKEN_2022_PROGRAM, 1_000 * TOKEN);
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(50 * TOKEN));
    story.work_and_close(0, 249_000_000);
    assert_eq!(story.promised(), 50 * TOKEN);
    let treasury = story.network.treasury;
    story.world.ask_for_memos(treasury);
    story.world.pass(DAY);
    story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
    assert_eq!((story.world.tokens(story.network.reward_vault()), story.promised()), (70 * TOKEN, 10 * TOKEN));
}

/// What was set aside for owners whose credits nobody took is there again for who works.
#[test]
fn who_works_after_half_a_year_is_paid_out_of_what_was_set_aside() {
    let story = on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    story.world.pass(181 * DAY);
    story.world.ok(&[story.close(180)], &[]);
    assert_eq!(story.state().refundable, Tokens(1_000 * TOKEN));
    story.work_and_close(181, 249_000_000);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 70 * TOKEN);
    assert_eq!((story.state().refundable, story.reserve()), (Tokens(0), 900 * TOKEN));
}
