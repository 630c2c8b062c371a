//! `bme`.

use {
    joule_bme_interface::{
        BmeError, event,
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, PriceUpdate},
        state::{
            BurnShard, CreditAccount, Epoch, Network as NetworkState, ProviderWork, Spender, WORK_RING, WorkShard,
        },
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    joule_tests::{
        Network, World,
        fixture::{PYTH_RECEIVER, TOKEN, price_update},
        world::{read_only, swap, unsigned},
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const DAY: u64 = 86_400;
const ID: Address = joule_bme_interface::ID;

/// A network with a client who has tokens and an empty credit account, a spender, and a provider.
struct Story {
    world: World,
    network: Network,
    client: Keypair,
    source: Address,
    credits: Address,
    spending: Keypair,
    spender: Address,
    provider: Keypair,
    work: Address,
}

impl Story {
    fn new() -> Self {
        let mut world = World::new();
        let (client, provider, spending) = (world.user(), world.user(), world.user());
        let (network, accounts) = Network::new(&mut world, &[client.pubkey()]);
        let credits = network.open_credit_account(&world, client.pubkey());
        let work = network.open_provider_work(&world, provider.pubkey());
        let spender = network.add_spender(&world, spending.pubkey());
        Self { world, network, client, source: accounts[0], credits, spending, spender, provider, work }
    }

    /// The same, and the client bought credits for 100 tokens: 249 dollars.
    fn with_credits() -> Self {
        let story = Self::new();
        story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
        story
    }

    /// The same, and all credits are locked.
    fn with_locked() -> Self {
        let story = Self::with_credits();
        story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
        story
    }

    /// The same, 100 dollars of them worked off in epoch 0, whose end has come.
    fn with_work() -> Self {
        let story = Self::with_locked();
        story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
        story.world.pass(DAY);
        story
    }

    /// The same, and the epoch is settled: 700 tokens for the provider.
    fn with_epoch() -> Self {
        let story = Self::with_work();
        story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
        story
    }

    fn buy(&self, tokens: u64) -> Instruction {
        self.network.buy_instruction(self.client.pubkey(), self.source, self.credits, tokens)
    }

    fn lock(&self, amount: u64) -> Instruction {
        LockCredits {
            owner: self.client.pubkey(),
            spender_authority: self.spending.pubkey(),
            spender: self.spender,
            network: self.network.address,
            credit_account: self.credits,
        }
        .instruction(&LockCreditsArgs { amount: Credits(amount), reference: JOB })
    }

    fn unlock(&self, amount: u64) -> Instruction {
        UnlockCredits { spender_authority: self.spending.pubkey(), spender: self.spender, credit_account: self.credits }
            .instruction(&UnlockCreditsArgs { amount: Credits(amount), reference: JOB })
    }

    fn consume(&self, amount: u64) -> Instruction {
        ConsumeCredits {
            spender_authority: self.spending.pubkey(),
            spender: self.spender,
            network: self.network.address,
            credit_account: self.credits,
            provider_work: self.work,
            work_shard: self.network.work_shard(0),
        }
        .instruction(&ConsumeCreditsArgs { amount: Credits(amount), reference: JOB })
    }

    fn burn(&self) -> Instruction {
        BurnTokens {
            network: self.network.address,
            burn_shard: self.network.burn_shard(0),
            burn_vault: self.network.burn_vault(0),
            mint: self.network.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&BurnTokensArgs {})
    }

    fn accrue(&self, epoch: u64) -> Instruction {
        AccrueWork { provider_work: self.work, epoch: self.network.epoch(epoch) }.instruction(&AccrueWorkArgs {})
    }

    fn claim(&self, destination: Address) -> Instruction {
        ClaimRewards {
            provider: self.provider.pubkey(),
            network: self.network.address,
            provider_work: self.work,
            reward_vault: self.network.reward_vault(),
            destination,
            mint: self.network.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&ClaimRewardsArgs {})
    }

    fn credit_account(&self) -> CreditAccount {
        self.world.read(self.credits)
    }

    /// Another network, in the same world.
    fn stranger(&mut self) -> Network {
        Network::new(&mut self.world, &[]).0
    }

    /// Changes the network's account in place.
    fn edit_network(&mut self, change: impl FnOnce(&mut NetworkState)) {
        let mut state: NetworkState = self.world.read(self.network.address);
        change(&mut state);
        self.world.forge(self.network.address, &state);
    }
}

const JOB: Address = Address::new_from_array([9; 32]);

// Buying

#[test]
fn credits_are_bought_at_the_low_side_of_the_price() {
    let story = Story::new();
    let receipt = story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);

    // Spot less confidence is 2.49 dollars, the average less its confidence 2.495: the lower counts.
    let account = story.credit_account();
    assert_eq!((account.balance, account.issued), (Credits(249_000_000), Credits(249_000_000)));
    assert_eq!(story.world.tokens(story.network.burn_vault(0)), 100 * TOKEN);
    let shard: BurnShard = story.world.read(story.network.burn_shard(0));
    assert_eq!((shard.issued, shard.received), (Credits(249_000_000), Tokens(100 * TOKEN)));
    assert_eq!(shard.published, story.world.now());

    let event: event::CreditsBought = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.credits, 1));
    assert_eq!((event.tokens, event.credits, event.price), (Tokens(100 * TOKEN), Credits(249_000_000), 249_000_000));
    for shared in [story.network.address, story.network.mint] {
        assert!(!receipt.writable.contains(&shared), "buying must not write what all users share");
    }
}

#[test]
fn a_lower_average_counts_as_well() {
    let mut story = Story::new();
    let now = story.world.now().0;
    story
        .world
        .set_price(story.network.price, &PriceUpdate { ema_price: 200_000_000, ema_conf: 0, ..price_update(now) });
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
    assert_eq!(story.credit_account().balance, Credits(2_000_000));
}

#[test]
fn anyone_may_buy_for_another() {
    let mut story = Story::new();
    let friend = story.world.user();
    let theirs = story.network.open_credit_account(&story.world, friend.pubkey());
    let buy = story.network.buy_instruction(story.client.pubkey(), story.source, theirs, TOKEN);
    story.world.ok(&[buy], &[&story.client]);
    assert_eq!(story.world.read::<CreditAccount>(theirs).balance, Credits(2_490_000));
    assert_eq!(story.credit_account().balance, Credits(0));
}

#[test]
fn buying_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let buy = || story.buy(TOKEN);
    let (world, network) = (&story.world, &story.network);
    let client = &[&story.client][..];
    let their_credits = stranger.open_credit_account(world, story.client.pubkey());

    world.fails(unsigned(buy(), 0), &[], BmeError::MissingSigner);
    for index in [2, 3, 4, 5] {
        world.fails(read_only(buy(), index), client, BmeError::NotWritable);
    }
    world.fails(swap(buy(), 1, network.price), client, BmeError::WrongOwner);
    world.fails(swap(buy(), 1, network.burn_shard(0)), client, BmeError::WrongKind);
    world.fails(swap(buy(), 1, stranger.address), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 2, their_credits), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 2, network.work_shard(0)), client, BmeError::WrongKind);
    world.fails(swap(buy(), 2, network.burn_shard(0)), client, BmeError::WrongKind);
    world.fails(swap(buy(), 4, stranger.burn_shard(0)), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 4, network.work_shard(0)), client, BmeError::WrongKind);
    world.fails(swap(buy(), 5, network.burn_vault(1)), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 6, stranger.mint), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 8, TOKEN_2022_PROGRAM), client, BmeError::WrongTokenProgram);
    world.fails(swap(buy(), 8, SYSTEM_PROGRAM), client, BmeError::WrongTokenProgram);
    let mut short = buy();
    short.accounts.truncate(8);
    world.fails(short, client, BmeError::NotEnoughAccounts);
}

#[test]
fn the_vault_cannot_pay_itself() {
    let story = Story::new();
    // The network would have to sign; only the program can make it, and never as a buyer.
    let buy = swap(story.buy(TOKEN), 3, story.network.burn_vault(0));
    assert!(story.world.send(&[buy], &[&story.client]).is_err());
}

#[test]
fn slippage_and_dust_are_refused() {
    let story = Story::new();
    let mut buy = story.buy(100 * TOKEN);
    buy.data[9..17].copy_from_slice(&249_000_001u64.to_le_bytes());
    story.world.fails(buy.clone(), &[&story.client], BmeError::Slippage);
    buy.data[9..17].copy_from_slice(&249_000_000u64.to_le_bytes());
    story.world.ok(&[buy], &[&story.client]);
    // A base unit is worth less than a micro-dollar.
    story.world.fails(story.buy(1), &[&story.client], BmeError::ZeroAmount);
    story.world.fails(story.buy(0), &[&story.client], BmeError::ZeroAmount);
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::new();
    let mut buy = story.buy(TOKEN);
    buy.data.push(0);
    story.world.fails(buy.clone(), &[&story.client], BmeError::InvalidArguments);
    buy.data.truncate(16);
    story.world.fails(buy.clone(), &[&story.client], BmeError::InvalidArguments);
    buy.data.clear();
    story.world.fails(buy.clone(), &[&story.client], BmeError::UnknownInstruction);
    buy.data.push(255);
    story.world.fails(buy, &[&story.client], BmeError::UnknownInstruction);
}

#[test]
fn a_paused_network_sells_and_locks_nothing_but_gives_back_and_settles() {
    let mut story = Story::with_locked();
    story.edit_network(|network| network.paused = 1);
    story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::Paused);
    story.world.fails(story.lock(1), &[&story.client, &story.spending], BmeError::Paused);
    story.world.ok(&[story.unlock(1), story.consume(1), story.burn()], &[&story.spending]);
}

// The price

#[test]
fn prices_that_are_not_to_be_trusted_are_refused() {
    let mut story = Story::new();
    let now = story.world.now().0;
    let fresh = price_update(now);
    let cases = [
        (PriceUpdate { discriminator: [0; 8], ..fresh }, BmeError::InvalidPriceAccount),
        (PriceUpdate { verification: 0, ..fresh }, BmeError::PartialPrice),
        (PriceUpdate { feed_id: [1; 32], ..fresh }, BmeError::WrongFeed),
        (PriceUpdate { publish_time: now - 61, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: now + 6, ..fresh }, BmeError::FuturePrice),
        (PriceUpdate { publish_time: i64::MIN, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: i64::MAX, ..fresh }, BmeError::FuturePrice),
        (PriceUpdate { price: 0, conf: 0, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { price: -1, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { ema_price: 0, ema_conf: 0, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { conf: 5_000_001, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { ema_conf: 5_020_001, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { conf: u64::MAX, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { exponent: 1, ..fresh }, BmeError::PriceExponent),
        (PriceUpdate { exponent: -13, ..fresh }, BmeError::PriceExponent),
    ];
    for (update, error) in cases {
        story.world.set_price(story.network.price, &update);
        story.world.fails(story.buy(TOKEN), &[&story.client], error);
    }
    for update in [
        PriceUpdate { publish_time: now - 60, ..fresh },
        PriceUpdate { publish_time: now + 5, ..fresh },
        PriceUpdate { conf: 5_000_000, publish_time: now + 5, ..fresh },
    ] {
        story.world.set_price(story.network.price, &update);
        story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
    }
}

#[test]
fn a_price_older_than_one_that_was_accepted_is_refused() {
    let mut story = Story::with_credits();
    let now = story.world.now().0;
    story.world.set_price(story.network.price, &PriceUpdate { publish_time: now - 1, ..price_update(now) });
    story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::StalePrice);
}

#[test]
fn price_accounts_are_the_receivers_and_the_pinned_one() {
    let mut story = Story::new();
    let now = story.world.now().0;
    let forged = Address::new_unique();
    let bytes = story.world.account(story.network.price).unwrap().data;
    story.world.set_account(
        forged,
        Account { lamports: 1 << 30, data: bytes.clone(), owner: SYSTEM_PROGRAM, ..Account::default() },
    );
    story.world.fails(swap(story.buy(TOKEN), 7, forged), &[&story.client], BmeError::WrongPriceOwner);

    for size in [ACCOUNT_SIZE - 1, ACCOUNT_SIZE + 1, 0] {
        let mut data = bytes.clone();
        data.resize(size, 0);
        let account = Account { lamports: 1 << 30, data, owner: PYTH_RECEIVER, ..Account::default() };
        story.world.set_account(forged, account);
        story.world.fails(swap(story.buy(TOKEN), 7, forged), &[&story.client], BmeError::InvalidPriceAccount);
    }

    let pinned = story.network.price;
    story.edit_network(|network| network.price_account = pinned);
    let other = Address::new_unique();
    story.world.set_price(other, &price_update(now));
    story.world.fails(swap(story.buy(TOKEN), 7, other), &[&story.client], BmeError::WrongPriceAccount);
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
}

// Spending

#[test]
fn credits_are_locked_given_back_and_consumed() {
    let story = Story::with_credits();
    let both: &[&Keypair] = &[&story.client, &story.spending];
    let receipt = story.world.ok(&[story.lock(100)], both);
    let event: event::CreditsLocked = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(100), 2));

    let receipt = story.world.ok(&[story.unlock(30)], &[&story.spending]);
    let event: event::CreditsUnlocked = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(30), 3));

    let receipt = story.world.ok(&[story.consume(70)], &[&story.spending]);
    let event: event::CreditsConsumed = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(70), 4));
    assert_eq!((event.provider, event.epoch), (story.provider.pubkey(), 0));
    for shared in [story.network.address, story.network.mint, story.spender] {
        assert!(!receipt.writable.contains(&shared), "consuming must not write what all users share");
    }

    let account = story.credit_account();
    assert_eq!((account.balance, account.consumed), (Credits(248_999_930), Credits(70)));
    assert_eq!(account.locked, [Credits(0); 16]);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.work[0].credits, work.total), (Credits(70), Credits(70)));
    let shard: WorkShard = story.world.read(story.network.work_shard(0));
    assert_eq!((shard.work[0].credits, shard.total), (Credits(70), Credits(70)));
}

#[test]
fn no_more_than_there_is() {
    let story = Story::with_credits();
    let both: &[&Keypair] = &[&story.client, &story.spending];
    for amount in [249_000_001, u64::MAX] {
        story.world.fails(story.lock(amount), both, BmeError::InsufficientCredits);
    }
    story.world.fails(story.lock(0), both, BmeError::ZeroAmount);
    story.world.ok(&[story.lock(249_000_000)], both);
    for amount in [249_000_001, u64::MAX] {
        story.world.fails(story.unlock(amount), &[&story.spending], BmeError::InsufficientCredits);
        story.world.fails(story.consume(amount), &[&story.spending], BmeError::InsufficientCredits);
    }
    story.world.fails(story.unlock(0), &[&story.spending], BmeError::ZeroAmount);
    story.world.fails(story.consume(0), &[&story.spending], BmeError::ZeroAmount);
}

#[test]
fn a_spender_reaches_only_what_was_locked_for_it() {
    let mut story = Story::with_locked();
    let rival = story.world.user();
    let theirs = story.network.add_spender(&story.world, rival.pubkey());
    let as_rival = |instruction| swap(swap(instruction, 0, rival.pubkey()), 1, theirs);
    story.world.fails(as_rival(story.unlock(1)), &[&rival], BmeError::InsufficientCredits);
    story.world.fails(as_rival(story.consume(1)), &[&rival], BmeError::InsufficientCredits);
    assert_eq!(story.world.read::<Spender>(theirs).id, 1);
    // Nor with another's account and its own signature.
    story.world.fails(swap(story.consume(1), 0, rival.pubkey()), &[&rival], BmeError::Unauthorized);
    story.world.fails(swap(story.unlock(1), 0, rival.pubkey()), &[&rival], BmeError::Unauthorized);
}

#[test]
fn locking_checks_its_accounts() {
    let mut story = Story::with_credits();
    let stranger = story.stranger();
    let their_spender = stranger.add_spender(&story.world, story.spending.pubkey());
    let other = story.world.user();
    let others = story.network.open_credit_account(&story.world, other.pubkey());
    let their_credits = stranger.open_credit_account(&story.world, story.client.pubkey());
    let (world, lock) = (&story.world, || story.lock(1));
    let both: &[&Keypair] = &[&story.client, &story.spending];

    world.fails(unsigned(lock(), 0), &[&story.spending], BmeError::MissingSigner);
    world.fails(unsigned(lock(), 1), &[&story.client], BmeError::MissingSigner);
    world.fails(read_only(lock(), 4), both, BmeError::NotWritable);
    world.fails(swap(lock(), 0, other.pubkey()), &[&other, &story.spending], BmeError::Unauthorized);
    world.fails(swap(lock(), 1, other.pubkey()), &[&story.client, &other], BmeError::Unauthorized);
    world.fails(swap(lock(), 2, their_spender), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 2, story.work), both, BmeError::WrongKind);
    world.fails(swap(lock(), 2, story.source), both, BmeError::WrongOwner);
    world.fails(swap(lock(), 3, stranger.address), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 4, others), both, BmeError::Unauthorized);
    world.fails(swap(lock(), 4, their_credits), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 4, story.work), both, BmeError::WrongKind);
}

#[test]
fn giving_back_and_consuming_check_their_accounts() {
    let mut story = Story::with_locked();
    let stranger = story.stranger();
    let their_spender = stranger.add_spender(&story.world, story.spending.pubkey());
    let their_credits = stranger.open_credit_account(&story.world, story.client.pubkey());
    let their_work = stranger.open_provider_work(&story.world, story.provider.pubkey());
    let (world, network) = (&story.world, &story.network);
    let signer: &[&Keypair] = &[&story.spending];

    let unlock = || story.unlock(1);
    world.fails(unsigned(unlock(), 0), &[], BmeError::MissingSigner);
    world.fails(read_only(unlock(), 2), signer, BmeError::NotWritable);
    world.fails(swap(unlock(), 1, their_spender), signer, BmeError::WrongNetwork);
    world.fails(swap(unlock(), 2, their_credits), signer, BmeError::WrongNetwork);
    world.fails(swap(unlock(), 2, story.source), signer, BmeError::WrongOwner);

    let consume = || story.consume(1);
    world.fails(unsigned(consume(), 0), &[], BmeError::MissingSigner);
    for index in [3, 4, 5] {
        world.fails(read_only(consume(), index), signer, BmeError::NotWritable);
    }
    world.fails(swap(consume(), 1, their_spender), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 2, stranger.address), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 3, their_credits), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 4, their_work), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 4, network.work_shard(0)), signer, BmeError::WrongKind);
    world.fails(swap(consume(), 5, stranger.work_shard(0)), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 5, network.burn_shard(0)), signer, BmeError::WrongKind);
}

// Epochs

#[test]
fn an_epoch_mints_its_schedule_once_and_pays_by_work() {
    let mut story = Story::with_work();
    let before = story.world.supply(story.network.mint);
    let receipt = story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let event: event::EpochSettled = receipt.event(ID);
    assert_eq!((event.epoch, event.worked), (0, Credits(100_000_000)));
    assert_eq!(
        (event.providers, event.stakers, event.treasury),
        (Tokens(700 * TOKEN), Tokens(200 * TOKEN), Tokens(100 * TOKEN))
    );
    assert_eq!(story.world.supply(story.network.mint), before + 1_000 * TOKEN);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 700 * TOKEN);
    assert_eq!(story.world.tokens(story.network.stakers), 200 * TOKEN);
    assert_eq!(story.world.tokens(story.network.treasury), 100 * TOKEN);

    story.world.ok(&[story.accrue(0)], &[]);
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    let receipt = story.world.ok(&[story.claim(destination)], &[&story.provider]);
    let event: event::RewardsClaimed = receipt.event(ID);
    assert_eq!((event.tokens, event.destination), (Tokens(700 * TOKEN), destination));
    assert_eq!(story.world.tokens(destination), 700 * TOKEN);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 0);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.accrued, work.claimed), (Tokens(0), Tokens(700 * TOKEN)));

    story.world.fails(story.accrue(0), &[], BmeError::NoWork);
    story.world.fails(story.claim(destination), &[&story.provider], BmeError::NothingToClaim);
}

#[test]
fn shards_are_folded_in_any_number_of_steps_and_each_once() {
    let story = Story::with_work();
    let close = |shards: &[u8]| story.network.close_instruction(&story.world, 0, shards);
    story.world.ok(&[close(&[1])], &[]);
    assert_eq!(story.world.read::<Epoch>(story.network.epoch(0)).settled, 0);
    story.world.fails(close(&[1]), &[], BmeError::AlreadyFolded);
    story.world.fails(story.accrue(0), &[], BmeError::EpochUnsettled);

    // Work goes on, in the next epoch.
    story.world.ok(&[story.consume(5)], &[&story.spending]);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.work[1].epoch, work.work[1].credits), (1, Credits(5)));
    // The next cannot be closed before this one is settled, nor shards be added.
    story.world.pass(DAY);
    story.world.fails(story.network.close_instruction(&story.world, 1, &[0]), &[], BmeError::EpochUnsettled);
    story.world.fails(
        story.network.add_shard_instruction(&story.world, 2),
        &[&story.network.authority],
        BmeError::EpochUnsettled,
    );

    story.world.ok(&[close(&[0])], &[]);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.settled, epoch.worked), (1, Credits(100_000_000)));
    story.world.fails(close(&[]), &[], BmeError::WrongEpoch);
    story.world.fails(close(&[0]), &[], BmeError::WrongEpoch);

    story.world.ok(&[story.network.close_instruction(&story.world, 1, &[0, 1])], &[]);
    assert_eq!(story.world.read::<Epoch>(story.network.epoch(1)).worked, Credits(5));
}

#[test]
fn an_epoch_closes_at_its_end_and_not_a_second_before() {
    let story = Story::with_locked();
    let ends = story.world.read::<NetworkState>(story.network.address).epoch_ends;
    let close = || story.network.close_instruction(&story.world, 0, &[0, 1]);
    story.world.set_time(Timestamp(ends.0 - 1));
    story.world.fails(close(), &[], BmeError::EpochOpen);
    story.world.set_time(ends);
    story.world.ok(&[close()], &[]);
    assert_eq!(story.world.read::<NetworkState>(story.network.address).epoch_ends, Timestamp(ends.0 + DAY as i64));
}

#[test]
fn missed_ends_are_skipped_on_the_same_grid() {
    let story = Story::with_locked();
    let ends = story.world.read::<NetworkState>(story.network.address).epoch_ends;
    story.world.set_time(Timestamp(ends.0 + 3 * DAY as i64 + 7));
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let network: NetworkState = story.world.read(story.network.address);
    assert_eq!((network.open_epoch, network.epoch_ends), (1, Timestamp(ends.0 + 4 * DAY as i64)));
}

#[test]
fn without_work_providers_get_nothing_and_nothing_is_stuck() {
    let story = Story::with_locked();
    story.world.pass(DAY);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 0);
    assert_eq!(story.world.tokens(story.network.stakers), 200 * TOKEN);
}

#[test]
fn emission_stops_at_the_maximum_supply() {
    let mut story = Story::with_work();
    let supply = story.world.supply(story.network.mint);
    story.edit_network(|network| network.max_supply = Tokens(supply + 10));
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    assert_eq!(story.world.supply(story.network.mint), supply + 10);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.emission, epoch.stakers_emission, epoch.treasury_emission), (Tokens(7), Tokens(2), Tokens(1)));
}

#[test]
fn a_closed_treasury_stops_nobody() {
    let story = Story::with_work();
    let authority = &story.network.authority;
    let close_account = spl_token_interface::instruction::close_account(
        &TOKEN_PROGRAM,
        &story.network.treasury,
        &authority.pubkey(),
        &authority.pubkey(),
        &[],
    )
    .unwrap();
    story.world.ok(&[close_account], &[authority]);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.emission, epoch.treasury_emission), (Tokens(700 * TOKEN), Tokens(0)));
}

#[test]
fn closing_checks_its_accounts() {
    let mut story = Story::with_work();
    let stranger = story.stranger();
    let (world, network) = (&story.world, &story.network);
    let close = || network.close_instruction(world, 0, &[0, 1]);

    for index in 1..7 {
        world.fails(read_only(close(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(close(), 1, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 1, story.work), &[], BmeError::WrongKind);
    world.fails(swap(close(), 2, network.epoch(1)), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 3, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 4, network.burn_vault(0)), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 5, network.treasury), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 6, network.stakers), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 7, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
    world.fails(swap(close(), 8, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.fails(swap(close(), 9, stranger.work_shard(0)), &[], BmeError::WrongNetwork);
    world.fails(swap(close(), 9, network.work_shard(1)), &[], BmeError::AlreadyFolded);
    world.fails(swap(close(), 9, network.burn_shard(0)), &[], BmeError::WrongKind);
    world.fails(read_only(close(), 9), &[], BmeError::NotWritable);
    world.fails(network.close_instruction(world, 1, &[0, 1]), &[], BmeError::WrongOwner);

    world.ok(&[network.close_instruction(world, 0, &[0])], &[]);
    // Another network's epoch, of the same number, in the same state.
    let mut theirs: Epoch = world.read(network.epoch(0));
    theirs.network = stranger.address;
    let (network, other) = (network.close_instruction(world, 0, &[1]), Address::new_unique());
    story.world.forge(other, &theirs);
    story.world.fails(swap(network, 2, other), &[], BmeError::WrongNetwork);
}

#[test]
fn work_is_kept_for_as_long_as_the_ring_and_a_full_ring_refuses_more() {
    let mut story = Story::with_locked();
    for epoch in 0..WORK_RING as u64 {
        story.world.ok(&[story.consume(1_000)], &[&story.spending]);
        story.world.pass(DAY);
        story.world.ok(&[story.network.close_instruction(&story.world, epoch, &[0, 1])], &[]);
    }
    story.world.fails(story.consume(1), &[&story.spending], BmeError::RingFull);
    // Anyone makes room; nothing is lost, however late.
    story.world.ok(&[story.accrue(0)], &[]);
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    for epoch in 1..WORK_RING as u64 {
        story.world.ok(&[story.accrue(epoch)], &[]);
    }
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    story.world.ok(&[story.claim(destination)], &[&story.provider]);
    assert_eq!(story.world.tokens(destination), 8 * 700 * TOKEN);
}

#[test]
fn emission_is_split_by_work_and_rounded_down() {
    let mut story = Story::with_locked();
    let second = story.world.user();
    let theirs = story.network.open_provider_work(&story.world, second.pubkey());
    let consume = swap(swap(story.consume(2), 4, theirs), 5, story.network.work_shard(1));
    story.world.ok(&[story.consume(1), consume], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    story.world.ok(&[story.accrue(0), swap(story.accrue(0), 0, theirs)], &[]);
    let (first, second): (ProviderWork, ProviderWork) = (story.world.read(story.work), story.world.read(theirs));
    assert_eq!((first.accrued, second.accrued), (Tokens(233_333_333_333), Tokens(466_666_666_666)));
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.accrued, epoch.accrued_work), (Tokens(699_999_999_999), Credits(3)));
}

#[test]
fn accruing_and_claiming_check_their_accounts() {
    let mut story = Story::with_epoch();
    let stranger = story.stranger();
    let their_work = stranger.open_provider_work(&story.world, story.provider.pubkey());
    let thief = story.world.user();
    let (mint, owner) = (story.network.mint, story.provider.pubkey());
    let destination = story.world.token_account(mint, owner);
    let foreign = story.world.token_account(stranger.mint, owner);
    let world = &story.world;

    for index in [0, 1] {
        world.fails(read_only(story.accrue(0), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(story.accrue(0), 0, their_work), &[], BmeError::WrongNetwork);
    world.fails(swap(story.accrue(0), 0, story.network.epoch(0)), &[], BmeError::WrongKind);
    world.fails(swap(story.accrue(0), 1, story.work), &[], BmeError::WrongKind);
    world.fails(swap(story.accrue(0), 1, story.source), &[], BmeError::WrongOwner);
    world.ok(&[story.accrue(0)], &[]);

    let claim = || story.claim(destination);
    let provider: &[&Keypair] = &[&story.provider];
    world.fails(unsigned(claim(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(claim(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [2, 3, 4] {
        world.fails(read_only(claim(), index), provider, BmeError::NotWritable);
    }
    world.fails(swap(claim(), 1, stranger.address), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 2, their_work), provider, BmeError::WrongNetwork);
    world.fails(swap(claim(), 3, story.network.burn_vault(0)), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 4, story.network.reward_vault()), provider, BmeError::DuplicateAccount);
    world.fails(swap(claim(), 5, stranger.mint), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 6, TOKEN_2022_PROGRAM), provider, BmeError::WrongTokenProgram);
    assert!(world.send(&[swap(claim(), 4, foreign)], provider).is_err(), "the token program refuses another mint");
    world.ok(&[claim()], provider);
}

// Burning

#[test]
fn what_was_taken_is_burned() {
    let story = Story::with_credits();
    let before = story.world.supply(story.network.mint);
    let receipt = story.world.ok(&[story.burn()], &[]);
    assert_eq!(story.world.supply(story.network.mint), before - 100 * TOKEN);
    assert_eq!(story.world.tokens(story.network.burn_vault(0)), 0);
    let event: event::TokensBurned = receipt.event(ID);
    assert_eq!((event.tokens, event.header.sequence), (Tokens(100 * TOKEN), 1));
    assert_eq!(story.world.read::<BurnShard>(story.network.burn_shard(0)).burned, Tokens(100 * TOKEN));
    story.world.fails(story.burn(), &[], BmeError::ZeroAmount);
}

#[test]
fn burning_checks_its_accounts() {
    let mut story = Story::with_credits();
    let stranger = story.stranger();
    let (world, burn) = (&story.world, || story.burn());
    for index in [1, 2, 3] {
        world.fails(read_only(burn(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(burn(), 0, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 1, stranger.burn_shard(0)), &[], BmeError::WrongNetwork);
    world.fails(swap(burn(), 1, story.network.work_shard(0)), &[], BmeError::WrongKind);
    world.fails(swap(burn(), 2, story.network.reward_vault()), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 3, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 4, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
}

// Setting up

#[test]
fn a_network_takes_the_mint_over() {
    let story = Story::new();
    let network: NetworkState = story.world.read(story.network.address);
    assert_eq!(network.authority, story.network.authority.pubkey());
    assert_eq!((network.shards, network.spenders, network.decimals), (2, 1, 9));
    let mint = story.world.account(story.network.mint).unwrap();
    assert_eq!(mint.data[4..36], story.network.address.to_bytes());
}

#[test]
fn token_2022_mints_work_as_well() {
    let mut world = World::new();
    let client = world.user();
    let mint = world.mint_of(TOKEN_2022_PROGRAM);
    let source = world.token_account(mint.address, client.pubkey());
    world.mint_to(&mint, source, 10 * TOKEN);
    let network = Network::of_mint(&mut world, mint);
    network.add_shard(&world, 0);
    network.refresh_price(&mut world);
    let credits = network.open_credit_account(&world, client.pubkey());
    world.ok(&[network.buy_instruction(client.pubkey(), source, credits, TOKEN)], &[&client]);
    assert_eq!(world.read::<CreditAccount>(credits).balance, Credits(2_490_000));
    let burn = BurnTokens {
        network: network.address,
        burn_shard: network.burn_shard(0),
        burn_vault: network.burn_vault(0),
        mint: network.mint,
        token_program: TOKEN_2022_PROGRAM,
    };
    world.ok(&[burn.instruction(&BurnTokensArgs {})], &[]);
    assert_eq!(world.supply(network.mint), 9 * TOKEN);
}

/// What creates a network that is not there yet, and who must sign.
fn unborn(world: &mut World) -> (Network, Keypair, Instruction) {
    let mint = world.mint();
    let network = Network::unborn(world, &mint);
    let create = network.create_instruction(world, mint.authority.pubkey());
    (network, mint.authority, create)
}

#[test]
fn creating_a_network_checks_its_accounts() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let stranger = Network::new(&mut world, &[]).0;
    let thief = world.user();
    let both: &[&Keypair] = &[&network.authority, &mint_authority];
    let create = || create.clone();

    world.fails(unsigned(create(), 1), &[&mint_authority], BmeError::MissingSigner);
    world.fails(unsigned(create(), 2), &[&network.authority], BmeError::MissingSigner);
    for index in [3, 4, 5] {
        world.fails(read_only(create(), index), both, BmeError::NotWritable);
    }
    assert!(
        world.send(&[swap(create(), 2, thief.pubkey())], &[&network.authority, &thief]).is_err(),
        "the token program refuses who is not the mint's authority"
    );
    world.fails(swap(create(), 3, network.stakers), both, BmeError::WrongMint);
    world.fails(swap(create(), 4, Address::new_unique()), both, BmeError::WrongAddress);
    world.fails(swap(create(), 5, Address::new_unique()), both, BmeError::WrongAddress);
    world.fails(swap(create(), 6, stranger.stakers), both, BmeError::WrongMint);
    world.fails(swap(create(), 7, stranger.treasury), both, BmeError::WrongMint);
    world.fails(swap(create(), 7, stranger.address), both, BmeError::InvalidTokenAccount);
    world.fails(swap(create(), 8, TOKEN_2022_PROGRAM), both, BmeError::WrongTokenProgram);
    world.fails(swap(create(), 8, SYSTEM_PROGRAM), both, BmeError::WrongTokenProgram);
    world.fails(swap(create(), 9, TOKEN_PROGRAM), both, BmeError::WrongProgram);
    world.ok(&[create()], both);
    // Its mint authority is gone, so the second attempt fails before it reaches the account.
    assert!(world.send(&[create()], both).is_err());
}

#[test]
fn creating_a_network_checks_its_parameters() {
    let mut world = World::new();
    let (network, mint_authority, _) = unborn(&mut world);
    let both: &[&Keypair] = &[&network.authority, &mint_authority];
    let usual = network.parameters(&world);
    let mut create = network.create_instruction(&world, mint_authority.pubkey());
    let cases = [
        CreateNetworkArgs { starts: Timestamp({ usual.starts }.0 - 1), ..usual },
        CreateNetworkArgs { epoch_duration: Seconds(3_599), ..usual },
        CreateNetworkArgs { decay_step: 0, ..usual },
        CreateNetworkArgs { max_price_age: Seconds(0), ..usual },
        CreateNetworkArgs { max_price_age: Seconds(3_601), ..usual },
        CreateNetworkArgs { decay: Bps(10_001), ..usual },
        CreateNetworkArgs { max_confidence: Bps(0), ..usual },
        CreateNetworkArgs { max_confidence: Bps(1_001), ..usual },
        CreateNetworkArgs { providers_share: Bps(8_001), ..usual },
    ];
    for args in cases {
        create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
        world.fails(create.clone(), both, BmeError::InvalidParameter);
    }
    for args in [
        CreateNetworkArgs { providers_share: Bps(u16::MAX), ..usual },
        CreateNetworkArgs { starts: Timestamp(i64::MAX), ..usual },
    ] {
        create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
        world.fails(create.clone(), both, BmeError::Overflow);
    }
}

#[test]
fn a_mint_with_more_supply_than_the_maximum_is_refused() {
    let mut world = World::new();
    let mint = world.mint();
    let network = Network::unborn(&mut world, &mint);
    world.mint_to(&mint, network.stakers, 11);
    let mut create = network.create_instruction(&world, mint.authority.pubkey());
    let args = CreateNetworkArgs { max_supply: Tokens(10), ..network.parameters(&world) };
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    world.fails(create.clone(), &[&network.authority, &mint.authority], BmeError::MintHasSupplyOverMaximum);
    let args = CreateNetworkArgs { max_supply: Tokens(11), ..args };
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    world.ok(&[create], &[&network.authority, &mint.authority]);
}

#[test]
fn a_mint_that_can_be_frozen_is_refused() {
    let mut world = World::new();
    let (network, mint_authority, create) = unborn(&mut world);
    let mut mint = world.account(network.mint).unwrap();
    // COption tag of the freeze authority.
    mint.data[46] = 1;
    world.set_account(network.mint, mint);
    world.fails(create, &[&network.authority, &mint_authority], BmeError::MintNotAllowed);
}

#[test]
fn shards_spenders_and_accounts_are_checked() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let thief = story.world.user();
    let (world, network) = (&story.world, &story.network);
    let authority: &[&Keypair] = &[&network.authority];

    let add = || network.add_shard_instruction(world, 2);
    world.fails(unsigned(add(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in 2..6 {
        world.fails(read_only(add(), index), authority, BmeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.address), authority, BmeError::Unauthorized);
    world.fails(network.add_shard_instruction(world, 3), authority, BmeError::WrongAddress);
    world.fails(network.add_shard_instruction(world, 1), authority, BmeError::AlreadyInitialized);
    world.fails(swap(add(), 4, network.burn_vault(3)), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 5, network.work_shard(3)), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 6, stranger.mint), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 7, TOKEN_2022_PROGRAM), authority, BmeError::WrongTokenProgram);
    world.fails(swap(add(), 8, TOKEN_PROGRAM), authority, BmeError::WrongProgram);

    let add = AddSpender {
        payer: world.payer().pubkey(),
        authority: network.authority.pubkey(),
        network: network.address,
        spender_authority: thief.pubkey(),
        spender: pda::spender::find(&network.address, &thief.pubkey()).0,
        system_program: SYSTEM_PROGRAM,
    };
    let add = || add.instruction(&AddSpenderArgs {});
    world.fails(unsigned(add(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [2, 4] {
        world.fails(read_only(add(), index), authority, BmeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.address), authority, BmeError::Unauthorized);
    world.fails(swap(add(), 3, story.provider.pubkey()), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 5, TOKEN_PROGRAM), authority, BmeError::WrongProgram);
    world.ok(&[add()], authority);
    world.fails(add(), authority, BmeError::AlreadyInitialized);

    let open = OpenCreditAccount {
        payer: world.payer().pubkey(),
        network: network.address,
        owner: thief.pubkey(),
        credit_account: pda::credit_account::find(&network.address, &thief.pubkey()).0,
        system_program: SYSTEM_PROGRAM,
    };
    let open = || open.instruction(&OpenCreditAccountArgs {});
    world.fails(read_only(open(), 3), &[], BmeError::NotWritable);
    world.fails(swap(open(), 1, story.work), &[], BmeError::WrongKind);
    world.fails(swap(open(), 1, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 2, story.client.pubkey()), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.ok(&[open()], &[]);
    world.fails(open(), &[], BmeError::AlreadyInitialized);

    let open = OpenProviderWork {
        payer: world.payer().pubkey(),
        network: network.address,
        provider: thief.pubkey(),
        provider_work: pda::provider_work::find(&network.address, &thief.pubkey()).0,
        system_program: SYSTEM_PROGRAM,
    };
    let open = || open.instruction(&OpenProviderWorkArgs {});
    world.fails(read_only(open(), 3), &[], BmeError::NotWritable);
    world.fails(swap(open(), 1, story.work), &[], BmeError::WrongKind);
    world.fails(swap(open(), 2, story.client.pubkey()), &[], BmeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.ok(&[open()], &[]);
    world.fails(open(), &[], BmeError::AlreadyInitialized);
}

#[test]
fn limits_of_shards_and_spenders() {
    let mut story = Story::new();
    story.edit_network(|network| {
        network.shards = 64;
        network.spenders = 16;
    });
    let add = story.network.add_shard_instruction(&story.world, 64);
    story.world.fails(add, &[&story.network.authority], BmeError::TooManyShards);
    let authority = Address::new_unique();
    let add = AddSpender {
        payer: story.world.payer().pubkey(),
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        spender_authority: authority,
        spender: pda::spender::find(&story.network.address, &authority).0,
        system_program: SYSTEM_PROGRAM,
    };
    story.world.fails(add.instruction(&AddSpenderArgs {}), &[&story.network.authority], BmeError::TooManySpenders);
}

#[test]
fn lamports_sent_ahead_do_not_stop_a_creation() {
    let mut story = Story::new();
    let owner = Address::new_unique();
    let address = pda::credit_account::find(&story.network.address, &owner).0;
    for lamports in [1, 1_000_000_000] {
        story.world.set_account(address, Account { lamports, ..Account::default() });
        story.network.open_credit_account(&story.world, owner);
        let account = story.world.account(address).unwrap();
        assert_eq!(account.lamports, story.world.rent(256).max(lamports));
        story.world.set_account(address, Account::default());
    }
}
