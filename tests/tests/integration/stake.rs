//! `stake`.

use {
    joule_bme_interface::state::Network as NetworkState,
    joule_interface::{Account as _, Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Seconds, Shares, Timestamp, Tokens},
    joule_stake_interface::{
        StakeError, event,
        instruction::*,
        pda,
        state::{Bond, Delegation, Pool as PoolState, Pot, Provider, Slasher, Unbonding, status},
    },
    joule_tests::{
        Network, World,
        bench::Table,
        fixture::{Backer, Pool, TOKEN},
        world::{read_only, swap, unsigned},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const ID: Address = joule_stake_interface::ID;
const JOB: Address = Address::new_from_array([9; 32]);
const WEEK: u64 = 7 * 86_400;
/// Shares of a token at the first price.
const SHARES: u64 = 1_000 * TOKEN;

/// Errors of the token programs.
mod token_error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const MINT_MISMATCH: u32 = 3;
    pub const OWNER_MISMATCH: u32 = 4;
}

/// A pool whose providers need ten tokens of their own, a provider, and one who delegates to it: 1,000 tokens each in
/// their accounts. A slasher. `payer` pays the rent of tickets and bonds.
struct Story {
    world: World,
    network: Network,
    pool: Pool,
    authority: Keypair,
    provider: Address,
    own: Backer,
    delegator: Keypair,
    theirs: Backer,
    slashing: Keypair,
    slasher: Address,
    payer: Keypair,
}

/// Another network, with everything that the story's has, for the same people.
struct Stranger {
    network: Network,
    pool: Pool,
    provider: Address,
    slasher: Address,
}

impl Story {
    fn new() -> Self {
        Self::in_world(World::new(), TOKEN_PROGRAM)
    }

    fn in_world(mut world: World, token_program: Address) -> Self {
        let (authority, delegator, slashing, payer) = (world.user(), world.user(), world.user(), world.user());
        let mint = world.mint_of(token_program);
        let [own, theirs] = [&authority, &delegator].map(|user| {
            let account = world.token_account(mint.address, user.pubkey());
            world.mint_to(&mint, account, 1_000 * TOKEN);
            account
        });
        let network = Network::of_mint(&mut world, mint);
        network.add_shard(&world, 0);
        let pool = Pool::unborn(&network, network.mint, token_program);
        let args = CreatePoolArgs { min_self_stake: Tokens(10 * TOKEN), ..Pool::parameters() };
        world.ok(&[pool.create_instruction(&world, &network, &args)], &[&network.authority]);
        let provider = pool.register(&world, &authority);
        let own = pool.open_delegation(&world, provider, authority.pubkey(), own);
        let theirs = pool.open_delegation(&world, provider, delegator.pubkey(), theirs);
        let slasher = pool.add_slasher(&world, &network, slashing.pubkey());
        Self { world, network, pool, authority, provider, own, delegator, theirs, slashing, slasher, payer }
    }

    /// The same, with 100 tokens of the provider's own and 50 of the delegator's behind it.
    fn with_stake() -> Self {
        Self::new().staked()
    }

    fn staked(self) -> Self {
        self.world.ok(&[self.stake(100 * TOKEN), self.delegate(50 * TOKEN)], &[&self.authority, &self.delegator]);
        self
    }

    /// The same, and a job holds 120 of them.
    fn with_bond() -> Self {
        let story = Self::with_stake();
        story.world.ok(&[story.lock(120 * TOKEN)], &story.bonding());
        story
    }

    /// With stake, of which the delegator's 20 tokens are on their way out, and ripe.
    fn with_ticket() -> Self {
        let story = Self::with_stake();
        story.world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);
        story.world.pass(WEEK);
        story
    }

    fn stake(&self, amount: u64) -> Instruction {
        self.pool.stake_instruction(&self.own, amount)
    }

    fn delegate(&self, amount: u64) -> Instruction {
        self.pool.stake_instruction(&self.theirs, amount)
    }

    /// The delegator's, paid by the payer.
    fn unstake(&self, shares: u64) -> Instruction {
        let ticket = self.pool.next_ticket(&self.world, &self.theirs);
        swap(self.pool.unstake_instruction(&self.world, &self.theirs, ticket, shares), 0, self.payer.pubkey())
    }

    /// Of the delegator's first ticket.
    fn withdraw(&self) -> Instruction {
        swap(self.pool.withdraw_instruction(&self.world, &self.theirs, self.ticket()), 8, self.payer.pubkey())
    }

    fn ticket(&self) -> Address {
        self.pool.ticket(&self.theirs, 0)
    }

    fn lock(&self, amount: u64) -> Instruction {
        self.lock_for(JOB, amount)
    }

    fn lock_for(&self, job: Address, amount: u64) -> Instruction {
        LockBond {
            payer: self.payer.pubkey(),
            authority: self.authority.pubkey(),
            slasher_authority: self.slashing.pubkey(),
            slasher: self.slasher,
            network: self.network.address,
            pool: self.pool.address,
            provider: self.provider,
            bond: self.bond(job),
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&LockBondArgs { job, amount: Tokens(amount) })
    }

    fn bond(&self, job: Address) -> Address {
        pda::bond::find(&self.provider, &job).0
    }

    fn release(&self) -> Instruction {
        ReleaseBond {
            slasher_authority: self.slashing.pubkey(),
            slasher: self.slasher,
            provider: self.provider,
            bond: self.bond(JOB),
            rent_receiver: self.payer.pubkey(),
        }
        .instruction(&ReleaseBondArgs {})
    }

    /// Who signs for a bond.
    fn bonding(&self) -> [&Keypair; 3] {
        [&self.payer, &self.authority, &self.slashing]
    }

    fn provider(&self) -> Provider {
        self.world.read(self.provider)
    }

    fn edit_provider(&mut self, change: impl FnOnce(&mut Provider)) {
        let mut state = self.provider();
        change(&mut state);
        self.world.forge(self.provider, &state);
    }

    fn pause(&mut self) {
        let mut state: NetworkState = self.world.read(self.network.address);
        state.paused = 1;
        self.world.forge(self.network.address, &state);
    }

    fn stranger(&mut self) -> Stranger {
        let network = Network::new(&mut self.world, &[]).0;
        let pool = Pool::new(&self.world, &network);
        let provider = pool.register(&self.world, &self.authority);
        let slasher = pool.add_slasher(&self.world, &network, self.slashing.pubkey());
        Stranger { network, pool, provider, slasher }
    }

    /// Another provider of the pool, its authority, and the delegator's delegation to it.
    fn sibling(&mut self) -> (Keypair, Address, Backer) {
        let authority = self.world.user();
        let provider = self.pool.register(&self.world, &authority);
        let backer = self.pool.open_delegation(&self.world, provider, self.delegator.pubkey(), self.theirs.tokens);
        (authority, provider, backer)
    }

    /// The vault holds what the provider's pots hold, to the unit.
    #[track_caller]
    fn check(&self) {
        let Provider { active, unbonding, bonded, .. } = self.provider();
        assert_eq!(self.world.tokens(self.pool.vault), active.tokens.0 + unbonding.tokens.0);
        assert!(bonded <= active.tokens);
    }
}

/// Fails with an error of the token program, which sees to it itself.
#[track_caller]
fn token_program_refuses(world: &World, instruction: Instruction, signers: &[&Keypair], code: u32) {
    let failure = world.send(&[instruction], signers).expect_err("the token program must refuse this");
    assert_eq!(failure.code(), Some(code), "{}", failure.logs.join("\n"));
}

// Staking

#[test]
fn stake_buys_shares() {
    let story = Story::new();
    let receipt = story.world.ok(&[story.stake(100 * TOKEN)], &[&story.authority]);
    let provider = story.provider();
    assert_eq!(provider.active, Pot { tokens: Tokens(100 * TOKEN), shares: Shares(100 * SHARES) });
    assert_eq!(provider.self_shares, Shares(100 * SHARES));
    assert_eq!(story.world.read::<Delegation>(story.own.delegation).shares, Shares(100 * SHARES));
    assert_eq!(story.world.tokens(story.own.tokens), 900 * TOKEN);
    story.check();

    let event: event::Staked = receipt.event(ID);
    // Registration was the first.
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 2));
    assert_eq!((event.owner, event.tokens), (story.own.owner, Tokens(100 * TOKEN)));
    assert_eq!(event.shares, Shares(100 * SHARES));
    for shared in [story.network.address, story.pool.address, story.pool.mint] {
        assert!(!receipt.writable.contains(&shared), "staking must not write more of the pool than its vault");
    }
}

#[test]
fn others_stake_is_not_the_provider_s_own() {
    let story = Story::with_stake();
    let provider = story.provider();
    assert_eq!(provider.active, Pot { tokens: Tokens(150 * TOKEN), shares: Shares(150 * SHARES) });
    assert_eq!(provider.self_shares, Shares(100 * SHARES));
    assert_eq!(story.world.read::<Delegation>(story.theirs.delegation).shares, Shares(50 * SHARES));
    story.check();
}

#[test]
fn tokens_sent_to_the_vault_unasked_buy_nothing_and_change_no_price() {
    let story = Story::with_stake();
    let gift = spl_token_interface::instruction::transfer(
        &TOKEN_PROGRAM,
        &story.theirs.tokens,
        &story.pool.vault,
        &story.delegator.pubkey(),
        &[],
        77 * TOKEN,
    )
    .unwrap();
    story.world.ok(&[gift, story.delegate(TOKEN)], &[&story.delegator]);
    assert_eq!(story.provider().active, Pot { tokens: Tokens(151 * TOKEN), shares: Shares(151 * SHARES) });
    story.world.ok(&[story.unstake(51 * SHARES)], &[&story.payer, &story.delegator]);
    assert_eq!(story.provider().unbonding.tokens, Tokens(51 * TOKEN));
}

#[test]
fn staking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let foreign = story.world.token_account(stranger.network.mint, story.delegator.pubkey());
    let mut rich = story.world.account(foreign).unwrap();
    rich.data[64..72].copy_from_slice(&TOKEN.to_le_bytes());
    story.world.set_account(foreign, rich);
    let stake = || story.delegate(TOKEN);
    let (world, owner) = (&story.world, &[&story.delegator][..]);

    world.fails(unsigned(stake(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(stake(), 0, story.authority.pubkey()), &[&story.authority], StakeError::Unauthorized);
    for index in [3, 4, 5, 6] {
        world.fails(read_only(stake(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(stake(), 1, stranger.network.address), owner, StakeError::WrongNetwork);
    world.fails(swap(stake(), 1, story.network.burn_shard(0)), owner, StakeError::WrongKind);
    world.fails(swap(stake(), 1, story.pool.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 2, stranger.pool.address), owner, StakeError::WrongNetwork);
    world.fails(swap(stake(), 2, story.slasher), owner, StakeError::WrongKind);
    world.fails(swap(stake(), 2, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 3, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(stake(), 3, stranger.provider), owner, StakeError::WrongPool);
    world.fails(swap(stake(), 3, story.pool.address), owner, StakeError::WrongKind);
    world.fails(swap(stake(), 3, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 4, their_sibling.delegation), owner, StakeError::WrongProvider);
    world.fails(swap(stake(), 4, story.own.delegation), owner, StakeError::Unauthorized);
    world.fails(swap(stake(), 4, story.provider), owner, StakeError::WrongKind);
    world.fails(swap(stake(), 4, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(stake(), 6, stranger.pool.vault), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 6, story.own.tokens), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 7, stranger.network.mint), owner, StakeError::WrongAddress);
    world.fails(swap(stake(), 8, TOKEN_2022_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(stake(), 8, SYSTEM_PROGRAM), owner, StakeError::WrongTokenProgram);
    let mut short = stake();
    short.accounts.truncate(8);
    world.fails(short, owner, StakeError::NotEnoughAccounts);

    // All of the stranger's, and one provider that is not.
    let mixed = stranger.pool.stake_instruction(&Backer { tokens: foreign, ..story.theirs }, TOKEN);
    world.fails(mixed, owner, StakeError::WrongPool);
    token_program_refuses(world, swap(stake(), 5, story.own.tokens), owner, token_error::OWNER_MISMATCH);
    token_program_refuses(world, swap(stake(), 5, story.pool.vault), owner, token_error::OWNER_MISMATCH);
    token_program_refuses(world, swap(stake(), 5, foreign), owner, token_error::MINT_MISMATCH);
    world.ok(&[stake()], owner);
}

#[test]
fn stake_of_nothing_and_of_more_than_there_is_is_refused() {
    let story = Story::new();
    story.world.fails(story.stake(0), &[&story.authority], StakeError::ZeroAmount);
    for amount in [1_000 * TOKEN + 1, u64::MAX] {
        let code = token_error::INSUFFICIENT_FUNDS;
        token_program_refuses(&story.world, story.stake(amount), &[&story.authority], code);
    }
    story.world.ok(&[story.stake(1_000 * TOKEN)], &[&story.authority]);
}

#[test]
fn a_pot_is_not_filled_beyond_what_its_shares_can_count() {
    let mut story = Story::new();
    let mint = story.world.mint();
    let pool = Pool::unborn(&story.network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(&story.world, &story.network, &Pool::parameters());
    story.world.ok(&[create], &[&story.network.authority]);
    let provider = pool.register(&story.world, &story.authority);
    let tokens = story.world.token_account(mint.address, story.own.owner);
    story.world.mint_to(&mint, tokens, u64::MAX);
    let own = pool.open_delegation(&story.world, provider, story.own.owner, tokens);

    let (world, owner) = (&story.world, &[&story.authority][..]);
    // With the thousand shares of nobody it would be one too many, and nobody could leave.
    let most = u64::MAX / 1_000 - 1;
    for amount in [u64::MAX, most + 2, most + 1] {
        world.fails(pool.stake_instruction(&own, amount), owner, StakeError::Overflow);
    }
    world.ok(&[pool.stake_instruction(&own, most)], owner);
    world.fails(pool.stake_instruction(&own, 1), owner, StakeError::Overflow);
    let ticket = pool.next_ticket(world, &own);
    world.ok(&[pool.unstake_instruction(world, &own, ticket, most * 1_000)], owner);
    assert_eq!(world.read::<Provider>(provider).unbonding.tokens, Tokens(most));
}

// Leaving

#[test]
fn unstaking_moves_shares_into_a_ticket() {
    let story = Story::with_stake();
    let (ticket, payer) = (story.ticket(), story.payer.pubkey());
    let lamports = story.world.lamports(payer);
    let receipt = story.world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);

    let provider = story.provider();
    assert_eq!(provider.active, Pot { tokens: Tokens(130 * TOKEN), shares: Shares(130 * SHARES) });
    assert_eq!(provider.unbonding, Pot { tokens: Tokens(20 * TOKEN), shares: Shares(20 * SHARES) });
    assert_eq!(provider.self_shares, Shares(100 * SHARES));
    let delegation: Delegation = story.world.read(story.theirs.delegation);
    assert_eq!((delegation.shares, delegation.tickets), (Shares(30 * SHARES), 1));
    let ripe = story.world.now().after(Seconds(WEEK as u32)).unwrap();
    let state: Unbonding = story.world.read(ticket);
    assert_eq!((state.provider, state.owner, state.payer), (story.provider, story.theirs.owner, payer));
    assert_eq!((state.shares, state.ripe), (Shares(20 * SHARES), ripe));
    assert_eq!(story.world.lamports(payer), lamports - story.world.rent(Unbonding::SIZE));
    story.check();

    let event: event::Unstaked = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 4));
    assert_eq!((event.owner, event.ticket, event.ripe), (story.theirs.owner, ticket, ripe));
    assert_eq!(
        (event.left, event.tokens, event.shares),
        (Shares(20 * SHARES), Tokens(20 * TOKEN), Shares(20 * SHARES))
    );
    assert!(!receipt.writable.contains(&story.pool.address), "leaving must not write the pool");
}

#[test]
fn the_provider_s_own_stake_leaves_as_well() {
    let story = Story::with_stake();
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 60 * SHARES);
    story.world.ok(&[unstake], &[&story.authority]);
    assert_eq!(story.provider().self_shares, Shares(40 * SHARES));
    assert_eq!(story.provider().active.tokens, Tokens(90 * TOKEN));
    story.check();
}

#[test]
fn each_ticket_has_an_address_of_its_own() {
    let story = Story::with_ticket();
    let signers = &[&story.payer, &story.delegator][..];
    story.world.fails(swap(story.unstake(SHARES), 5, story.ticket()), signers, StakeError::WrongAddress);
    story.world.ok(&[story.unstake(SHARES)], signers);
    // The number of a ticket that was paid out is not given again.
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    story.world.fails(swap(story.unstake(SHARES), 5, story.ticket()), signers, StakeError::WrongAddress);
    story.world.ok(&[story.unstake(SHARES)], signers);
    assert_eq!(story.world.read::<Delegation>(story.theirs.delegation).tickets, 3);
}

#[test]
fn a_ticket_is_created_once() {
    let mut story = Story::with_ticket();
    // As if the count had been lost.
    let mut delegation: Delegation = story.world.read(story.theirs.delegation);
    delegation.tickets = 0;
    story.world.forge(story.theirs.delegation, &delegation);
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::AlreadyInitialized);
    delegation.tickets = u64::MAX;
    story.world.forge(story.theirs.delegation, &delegation);
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::Overflow);
}

#[test]
fn unstaking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let unstake = || story.unstake(20 * SHARES);
    let (world, payer, owner) = (&story.world, &story.payer, &story.delegator);
    let signers = &[payer, owner][..];

    world.fails(unsigned(unstake(), 0), &[owner], StakeError::MissingSigner);
    world.fails(unsigned(unstake(), 1), &[payer], StakeError::MissingSigner);
    world.fails(swap(unstake(), 1, story.own.owner), &[payer, &story.authority], StakeError::Unauthorized);
    for index in [0, 3, 4, 5] {
        world.fails(read_only(unstake(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(unstake(), 2, stranger.pool.address), signers, StakeError::WrongPool);
    world.fails(swap(unstake(), 2, story.slasher), signers, StakeError::WrongKind);
    world.fails(swap(unstake(), 2, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 3, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(unstake(), 3, sibling), signers, StakeError::WrongProvider);
    world.fails(swap(unstake(), 3, story.pool.address), signers, StakeError::WrongKind);
    world.fails(swap(unstake(), 3, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 4, their_sibling.delegation), signers, StakeError::WrongProvider);
    world.fails(swap(unstake(), 4, story.own.delegation), signers, StakeError::Unauthorized);
    world.fails(swap(unstake(), 4, story.provider), signers, StakeError::WrongKind);
    world.fails(swap(unstake(), 4, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 5, story.pool.ticket(&story.theirs, 1)), signers, StakeError::WrongAddress);
    world.fails(swap(unstake(), 5, story.pool.ticket(&story.own, 0)), signers, StakeError::WrongAddress);
    world.fails(swap(unstake(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.ok(&[unstake()], signers);
}

#[test]
fn unstaking_checks_its_amount() {
    let story = Story::with_stake();
    let signers = &[&story.payer, &story.delegator][..];
    for shares in [50 * SHARES + 1, u64::MAX] {
        story.world.fails(story.unstake(shares), signers, StakeError::InsufficientShares);
    }
    // Less than a thousand shares are worth less than a base unit.
    for shares in [0, 999] {
        story.world.fails(story.unstake(shares), signers, StakeError::ZeroAmount);
    }
    story.world.ok(&[story.unstake(50 * SHARES)], signers);
    story.check();
}

#[test]
fn time_that_does_not_fit_is_an_overflow() {
    let story = Story::with_stake();
    story.world.set_time(Timestamp(i64::MAX));
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::Overflow);
}

#[test]
fn what_backs_a_job_cannot_leave() {
    let story = Story::with_bond();
    let signers = &[&story.payer, &story.delegator][..];
    // 30 of 150 are free.
    story.world.fails(story.unstake(30 * SHARES + 1_000), signers, StakeError::InsufficientStake);
    story.world.ok(&[story.unstake(30 * SHARES)], signers);
    story.world.fails(story.unstake(1_000), signers, StakeError::InsufficientStake);
    story.world.ok(&[story.release()], &[&story.slashing]);
    story.world.ok(&[story.unstake(20 * SHARES)], signers);
    story.check();
}

#[test]
fn a_ripe_ticket_is_paid_and_closed() {
    let story = Story::with_stake();
    story.world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK - 1);
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::NotRipe);
    story.world.pass(1);

    let lamports = story.world.lamports(story.payer.pubkey());
    let receipt = story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 970 * TOKEN);
    assert_eq!(story.provider().unbonding, Pot::default());
    assert_eq!(story.world.account(story.ticket()), None);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(Unbonding::SIZE));
    story.check();

    let event: event::Withdrawn = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 5));
    assert_eq!((event.owner, event.ticket), (story.theirs.owner, story.ticket()));
    assert_eq!(event.tokens, Tokens(20 * TOKEN));
    assert!(!receipt.writable.contains(&story.pool.address), "paying out must not write the pool");
}

#[test]
fn a_ticket_is_paid_once() {
    let story = Story::with_ticket();
    // Neither in one transaction, where the account's bytes are still there, nor later.
    let failure = story.world.send(&[story.withdraw(), story.withdraw()], &[&story.delegator]).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::WrongOwner as u32));
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::WrongOwner);
}

#[test]
fn withdrawing_checks_its_accounts() {
    let mut story = Story::with_ticket();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let (foreign, elsewhere) = (
        story.world.token_account(stranger.network.mint, story.delegator.pubkey()),
        story.world.token_account(story.network.mint, Address::new_unique()),
    );
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, SHARES);
    story.world.ok(&[unstake], &[&story.authority]);
    let withdraw = || story.withdraw();
    let (world, owner) = (&story.world, &[&story.delegator][..]);

    world.fails(unsigned(withdraw(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(withdraw(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    for index in [2, 3, 4, 5, 8] {
        world.fails(read_only(withdraw(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(withdraw(), 1, stranger.pool.address), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 1, story.slasher), owner, StakeError::WrongKind);
    world.fails(swap(withdraw(), 1, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 2, stranger.provider), owner, StakeError::WrongPool);
    world.fails(swap(withdraw(), 2, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(withdraw(), 2, story.pool.address), owner, StakeError::WrongKind);
    world.fails(swap(withdraw(), 2, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 3, ticket), owner, StakeError::Unauthorized);
    world.fails(swap(withdraw(), 3, story.theirs.delegation), owner, StakeError::WrongKind);
    world.fails(swap(withdraw(), 3, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 4, stranger.pool.vault), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 4, story.own.tokens), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 5, story.pool.vault), owner, StakeError::DuplicateAccount);
    world.fails(swap(withdraw(), 6, stranger.network.mint), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 7, TOKEN_2022_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(withdraw(), 7, SYSTEM_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(withdraw(), 8, story.theirs.owner), owner, StakeError::WrongPayer);
    world.fails(swap(withdraw(), 8, story.ticket()), owner, StakeError::WrongPayer);

    // Another pool, whole, cannot pay the ticket.
    let mixed = stranger.pool.withdraw_instruction(world, &Backer { tokens: foreign, ..story.theirs }, story.ticket());
    world.fails(mixed, owner, StakeError::WrongPool);
    token_program_refuses(world, swap(withdraw(), 5, foreign), owner, token_error::MINT_MISMATCH);
    // Where to is the owner's choice.
    world.ok(&[swap(withdraw(), 5, elsewhere)], owner);
    assert_eq!(world.tokens(elsewhere), 20 * TOKEN);
}

#[test]
fn a_ticket_that_was_slashed_to_nothing_is_closed_all_the_same() {
    let mut story = Story::with_ticket();
    // What slashing will do.
    story.edit_provider(|provider| provider.unbonding.tokens = Tokens::ZERO);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 950 * TOKEN);
    assert_eq!(story.provider().unbonding, Pot::default());
    assert_eq!(story.world.account(story.ticket()), None);
}

// Bonds

#[test]
fn a_job_locks_collateral() {
    let story = Story::with_stake();
    let receipt = story.world.ok(&[story.lock(120 * TOKEN)], &story.bonding());
    let provider = story.provider();
    assert_eq!((provider.bonded, provider.active.tokens), (Tokens(120 * TOKEN), Tokens(150 * TOKEN)));
    let bond: Bond = story.world.read(story.bond(JOB));
    assert_eq!((bond.provider, bond.job, bond.slasher), (story.provider, JOB, story.slasher));
    assert_eq!((bond.payer, bond.amount), (story.payer.pubkey(), Tokens(120 * TOKEN)));

    let event: event::BondLocked = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 4));
    assert_eq!((event.job, event.amount), (JOB, Tokens(120 * TOKEN)));
    for shared in [story.network.address, story.pool.address, story.pool.vault, story.slasher] {
        assert!(!receipt.writable.contains(&shared), "a bond must not write what all providers share");
    }
}

#[test]
fn bonds_take_what_is_free_and_no_more() {
    let story = Story::with_bond();
    let (world, signers) = (&story.world, &story.bonding());
    let other = Address::new_from_array([8; 32]);
    world.fails(story.lock_for(other, 0), signers, StakeError::ZeroAmount);
    for amount in [30 * TOKEN + 1, u64::MAX] {
        world.fails(story.lock_for(other, amount), signers, StakeError::InsufficientStake);
    }
    world.ok(&[story.lock_for(other, 30 * TOKEN)], signers);
    assert_eq!(story.provider().bonded, Tokens(150 * TOKEN));
    world.fails(story.lock_for(Address::new_from_array([7; 32]), 1), signers, StakeError::InsufficientStake);
}

#[test]
fn locking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let thief = story.world.user();
    let lock = || story.lock(TOKEN);
    let (world, signers) = (&story.world, &story.bonding()[..]);
    let (payer, authority, slashing) = (&story.payer, &story.authority, &story.slashing);

    world.fails(unsigned(lock(), 0), &[authority, slashing], StakeError::MissingSigner);
    world.fails(unsigned(lock(), 1), &[payer, slashing], StakeError::MissingSigner);
    world.fails(unsigned(lock(), 2), &[payer, authority], StakeError::MissingSigner);
    world.fails(swap(lock(), 1, thief.pubkey()), &[payer, &thief, slashing], StakeError::Unauthorized);
    world.fails(swap(lock(), 2, thief.pubkey()), &[payer, authority, &thief], StakeError::Unauthorized);
    for index in [0, 6, 7] {
        world.fails(read_only(lock(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(lock(), 3, stranger.slasher), signers, StakeError::WrongPool);
    world.fails(swap(lock(), 3, story.pool.address), signers, StakeError::WrongKind);
    world.fails(swap(lock(), 3, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 4, stranger.network.address), signers, StakeError::WrongNetwork);
    world.fails(swap(lock(), 4, story.network.burn_shard(0)), signers, StakeError::WrongKind);
    world.fails(swap(lock(), 4, story.pool.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 5, stranger.pool.address), signers, StakeError::WrongNetwork);
    world.fails(swap(lock(), 5, story.slasher), signers, StakeError::WrongKind);
    world.fails(swap(lock(), 5, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 6, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(lock(), 6, sibling), signers, StakeError::Unauthorized);
    world.fails(swap(lock(), 6, story.pool.address), signers, StakeError::WrongKind);
    world.fails(swap(lock(), 6, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 7, story.bond(Address::default())), signers, StakeError::WrongAddress);
    world.fails(swap(lock(), 7, story.provider), signers, StakeError::WrongAddress);
    world.fails(swap(lock(), 8, TOKEN_PROGRAM), signers, StakeError::WrongProgram);

    // A slasher of the stranger's whole pool does not reach this provider.
    let mixed = swap(swap(lock(), 3, stranger.slasher), 4, stranger.network.address);
    world.fails(swap(mixed, 5, stranger.pool.address), signers, StakeError::WrongPool);
    world.ok(&[lock()], signers);
    world.fails(lock(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn a_provider_without_enough_stake_of_its_own_takes_no_jobs() {
    let story = Story::new();
    let signers = &story.bonding()[..];
    story.world.ok(&[story.delegate(500 * TOKEN)], &[&story.delegator]);
    story.world.fails(story.lock(TOKEN), signers, StakeError::SelfStakeTooLow);
    story.world.ok(&[story.stake(10 * TOKEN - 1)], &[&story.authority]);
    story.world.fails(story.lock(TOKEN), signers, StakeError::SelfStakeTooLow);
    story.world.ok(&[story.stake(1), story.lock(TOKEN)], signers);
    // It may leave while a job runs that others' stake backs, and takes no new one.
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 1_000);
    story.world.ok(&[unstake], &[&story.authority]);
    story.world.fails(story.lock_for(story.slasher, TOKEN), signers, StakeError::SelfStakeTooLow);
}

#[test]
fn only_an_active_provider_takes_jobs() {
    let mut story = Story::with_stake();
    story.edit_provider(|provider| provider.status = 0);
    story.world.fails(story.lock(TOKEN), &story.bonding(), StakeError::ProviderNotActive);
    story.edit_provider(|provider| provider.status = status::ACTIVE);
    story.world.ok(&[story.lock(TOKEN)], &story.bonding());
}

#[test]
fn a_bond_is_released_once() {
    let story = Story::with_bond();
    let lamports = story.world.lamports(story.payer.pubkey());
    let slashing = &[&story.slashing][..];
    // The second fails in one transaction, where the account's bytes are still there, and later.
    let failure = story.world.send(&[story.release(), story.release()], slashing).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::WrongOwner as u32));

    let receipt = story.world.ok(&[story.release()], slashing);
    assert_eq!((story.provider().bonded, story.provider().active.tokens), (Tokens(0), Tokens(150 * TOKEN)));
    assert_eq!(story.world.account(story.bond(JOB)), None);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(Bond::SIZE));
    let event: event::BondReleased = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 5));
    assert_eq!((event.job, event.amount), (JOB, Tokens(120 * TOKEN)));

    story.world.fails(story.release(), slashing, StakeError::WrongOwner);
    story.world.ok(&[story.lock(150 * TOKEN), story.release()], &story.bonding());
}

#[test]
fn releasing_checks_its_accounts() {
    let mut story = Story::with_bond();
    let (_, sibling, _) = story.sibling();
    let thief = story.world.user();
    let rival = story.pool.add_slasher(&story.world, &story.network, thief.pubkey());
    let release = || story.release();
    let (world, slashing) = (&story.world, &[&story.slashing][..]);

    world.fails(unsigned(release(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(release(), 0, thief.pubkey()), &[&thief], StakeError::Unauthorized);
    for index in [2, 3, 4] {
        world.fails(read_only(release(), index), slashing, StakeError::NotWritable);
    }
    let by_rival = swap(swap(release(), 0, thief.pubkey()), 1, rival);
    world.fails(by_rival, &[&thief], StakeError::WrongSlasher);
    world.fails(swap(release(), 1, story.pool.address), slashing, StakeError::WrongSlasher);
    world.fails(swap(release(), 2, sibling), slashing, StakeError::WrongProvider);
    world.fails(swap(release(), 2, story.pool.address), slashing, StakeError::WrongKind);
    world.fails(swap(release(), 2, story.network.address), slashing, StakeError::WrongOwner);
    world.fails(swap(release(), 3, story.theirs.delegation), slashing, StakeError::WrongKind);
    world.fails(swap(release(), 3, story.network.address), slashing, StakeError::WrongOwner);
    world.fails(swap(release(), 4, thief.pubkey()), slashing, StakeError::WrongPayer);
    world.fails(swap(release(), 4, story.bond(JOB)), slashing, StakeError::WrongPayer);
    world.ok(&[release()], slashing);
}

// The network's pause

#[test]
fn a_paused_network_takes_no_stake_and_no_bonds_but_gives_everything_back() {
    let mut story = Story::with_bond();
    story.pause();
    story.world.fails(story.stake(TOKEN), &[&story.authority], StakeError::Paused);
    let other = Address::new_from_array([8; 32]);
    story.world.fails(story.lock_for(other, TOKEN), &story.bonding(), StakeError::Paused);
    story.world.ok(&[story.release()], &[&story.slashing]);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}

// Token-2022

#[test]
fn token_2022_mints_work_as_well() {
    let story = Story::in_world(World::new(), TOKEN_2022_PROGRAM).staked();
    story.world.fails(swap(story.stake(TOKEN), 8, TOKEN_PROGRAM), &[&story.authority], StakeError::WrongTokenProgram);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}

// Setting up

#[test]
fn what_is_set_up_says_what_it_is() {
    let story = Story::new();
    let pool: PoolState = story.world.read(story.pool.address);
    assert_eq!((pool.network, pool.mint), (story.network.address, story.network.mint));
    assert_eq!((pool.vault, pool.token_program), (story.pool.vault, TOKEN_PROGRAM));
    assert_eq!((pool.min_self_stake, pool.unbonding), (Tokens(10 * TOKEN), Seconds(WEEK as u32)));
    assert_eq!(pool.decimals, 9);
    let vault = story.world.account(pool.vault).unwrap();
    assert_eq!(vault.data[..32], pool.mint.to_bytes());
    assert_eq!(vault.data[32..64], story.pool.address.to_bytes());

    let provider = story.provider();
    assert_eq!((provider.pool, provider.authority), (story.pool.address, story.authority.pubkey()));
    assert_eq!((provider.status, provider.commission), (status::ACTIVE, Bps(1_000)));
    assert_eq!((provider.active, provider.unbonding), (Pot::default(), Pot::default()));
    let delegation: Delegation = story.world.read(story.theirs.delegation);
    assert_eq!((delegation.provider, delegation.owner), (story.provider, story.delegator.pubkey()));
    assert_eq!((delegation.payer, delegation.shares), (story.world.payer().pubkey(), Shares(0)));
    let slasher: Slasher = story.world.read(story.slasher);
    assert_eq!((slasher.pool, slasher.authority), (story.pool.address, story.slashing.pubkey()));
}

#[test]
fn creating_a_pool_checks_its_accounts() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let stranger = Network::new(&mut world, &[]).0;
    let (thief, payer) = (world.user(), world.user());
    let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
    let create = || swap(pool.create_instruction(&world, &network, &Pool::parameters()), 0, payer.pubkey());
    let signers = &[&payer, &network.authority][..];

    world.fails(unsigned(create(), 0), &[&network.authority], StakeError::MissingSigner);
    world.fails(unsigned(create(), 1), &[&payer], StakeError::MissingSigner);
    world.fails(swap(create(), 1, thief.pubkey()), &[&payer, &thief], StakeError::Unauthorized);
    for index in [0, 3, 4] {
        world.fails(read_only(create(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(create(), 2, stranger.address), signers, StakeError::Unauthorized);
    world.fails(swap(create(), 2, network.burn_shard(0)), signers, StakeError::WrongKind);
    world.fails(swap(create(), 2, network.mint), signers, StakeError::WrongOwner);
    let elsewhere = Address::new_unique();
    let with_its_vault = swap(swap(create(), 3, elsewhere), 4, pda::vault::find(&elsewhere).0);
    world.fails(with_its_vault, signers, StakeError::WrongAddress);
    world.fails(swap(create(), 4, elsewhere), signers, StakeError::WrongAddress);
    // Another mint has another pool.
    world.fails(swap(create(), 5, stranger.mint), signers, StakeError::WrongAddress);
    world.fails(swap(create(), 5, network.stakers), signers, StakeError::WrongMint);
    world.fails(swap(create(), 5, network.address), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 6, TOKEN_2022_PROGRAM), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 6, SYSTEM_PROGRAM), signers, StakeError::WrongTokenProgram);
    world.fails(swap(create(), 7, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.ok(&[create()], signers);
    world.fails(create(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn creating_a_pool_checks_its_parameters() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let [one, other] = [world.mint(), world.mint()];
    let create = |mint: Address, seconds: u32| {
        let args = CreatePoolArgs { unbonding: Seconds(seconds), ..Pool::parameters() };
        Pool::unborn(&network, mint, TOKEN_PROGRAM).create_instruction(&world, &network, &args)
    };
    for seconds in [0, 3_599, 365 * 86_400 + 1, u32::MAX] {
        world.fails(create(one.address, seconds), &[&network.authority], StakeError::InvalidParameter);
    }
    world.ok(&[create(one.address, 3_600), create(other.address, 365 * 86_400)], &[&network.authority]);
}

#[test]
fn a_mint_that_can_be_frozen_is_refused() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let mut mint = world.account(network.mint).unwrap();
    // COption tag of the freeze authority.
    mint.data[46] = 1;
    world.set_account(network.mint, mint);
    let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
    let create = pool.create_instruction(&world, &network, &Pool::parameters());
    world.fails(create, &[&network.authority], StakeError::MintNotAllowed);
}

#[test]
fn registering_checks_its_accounts_and_the_commission() {
    let mut story = Story::new();
    let (someone, payer) = (story.world.user(), story.world.user());
    let (world, pool) = (&story.world, &story.pool);
    let signers = &[&payer, &someone][..];
    let register = || swap(pool.register_instruction(world, someone.pubkey()), 0, payer.pubkey());

    world.fails(unsigned(register(), 0), &[&someone], StakeError::MissingSigner);
    world.fails(unsigned(register(), 1), &[&payer], StakeError::MissingSigner);
    for index in [0, 3] {
        world.fails(read_only(register(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(register(), 2, story.slasher), signers, StakeError::WrongKind);
    world.fails(swap(register(), 2, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(register(), 3, story.bond(JOB)), signers, StakeError::WrongAddress);
    world.fails(swap(register(), 4, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    let with = |commission: u16| {
        let mut register = register();
        register.data[1..].copy_from_slice(&commission.to_le_bytes());
        register
    };
    for commission in [10_001, u16::MAX] {
        world.fails(with(commission), signers, StakeError::CommissionTooHigh);
    }
    let receipt = world.ok(&[with(10_000)], signers);
    let event: event::ProviderRegistered = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (pool.provider(someone.pubkey()), 1));
    assert_eq!((event.pool, event.authority), (pool.address, someone.pubkey()));
    world.fails(register(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn opening_a_delegation_checks_its_accounts() {
    let mut story = Story::new();
    let payer = story.world.user();
    let (_, sibling, _) = story.sibling();
    let world = &story.world;
    let owner = Address::new_unique();
    let delegation = pda::delegation::find(&story.provider, &owner).0;
    let backer = Backer { owner, provider: story.provider, delegation, tokens: owner };
    let open = || swap(story.pool.open_delegation_instruction(world, &backer), 0, payer.pubkey());

    world.fails(unsigned(open(), 0), &[], StakeError::MissingSigner);
    for index in [0, 3] {
        world.fails(read_only(open(), index), &[&payer], StakeError::NotWritable);
    }
    world.fails(swap(open(), 1, payer.pubkey()), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 2, sibling), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 2, story.pool.address), &[&payer], StakeError::WrongKind);
    world.fails(swap(open(), 2, story.network.address), &[&payer], StakeError::WrongOwner);
    world.fails(swap(open(), 3, story.bond(JOB)), &[&payer], StakeError::WrongAddress);
    world.fails(swap(open(), 4, TOKEN_PROGRAM), &[&payer], StakeError::WrongProgram);
    world.ok(&[open()], &[&payer]);
    assert_eq!(world.read::<Delegation>(delegation).payer, payer.pubkey());
    world.fails(open(), &[&payer], StakeError::AlreadyInitialized);
}

#[test]
fn adding_a_slasher_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (thief, payer) = (story.world.user(), story.world.user());
    let (world, network) = (&story.world, &story.network);
    let signers = &[&payer, &network.authority][..];
    let add = || swap(story.pool.add_slasher_instruction(world, network, thief.pubkey()), 0, payer.pubkey());

    world.fails(unsigned(add(), 0), &[&network.authority], StakeError::MissingSigner);
    world.fails(unsigned(add(), 1), &[&payer], StakeError::MissingSigner);
    world.fails(swap(add(), 1, thief.pubkey()), &[&payer, &thief], StakeError::Unauthorized);
    for index in [0, 5] {
        world.fails(read_only(add(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(add(), 2, stranger.network.address), signers, StakeError::Unauthorized);
    world.fails(swap(add(), 2, network.burn_shard(0)), signers, StakeError::WrongKind);
    world.fails(swap(add(), 2, story.pool.address), signers, StakeError::WrongOwner);
    world.fails(swap(add(), 3, stranger.pool.address), signers, StakeError::WrongNetwork);
    world.fails(swap(add(), 3, story.slasher), signers, StakeError::WrongKind);
    world.fails(swap(add(), 3, network.address), signers, StakeError::WrongOwner);
    world.fails(swap(add(), 4, payer.pubkey()), signers, StakeError::WrongAddress);
    world.fails(swap(add(), 5, story.bond(JOB)), signers, StakeError::WrongAddress);
    world.fails(swap(add(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.ok(&[add()], signers);
    world.fails(add(), signers, StakeError::AlreadyInitialized);
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::with_stake();
    let signers = &[&story.delegator][..];
    let mut stake = story.delegate(TOKEN);
    stake.data.push(0);
    story.world.fails(stake.clone(), signers, StakeError::InvalidArguments);
    stake.data.truncate(8);
    story.world.fails(stake.clone(), signers, StakeError::InvalidArguments);
    stake.data.clear();
    story.world.fails(stake.clone(), signers, StakeError::UnknownInstruction);
    stake.data.push(255);
    story.world.fails(stake, signers, StakeError::UnknownInstruction);
}

// What it costs

#[test]
fn bench() {
    let mut story = Story::new();
    let (mint, someone) = (story.world.mint(), story.world.user());
    let (world, network) = (&story.world, &story.network);
    let mut table = Table::new("stake", ID);
    let mut row = |name: &str, instruction: Instruction, signers: &[&Keypair]| {
        table.row(name, &world.ok(&[instruction], signers));
    };

    let pool = Pool::unborn(network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(world, network, &Pool::parameters());
    row("CreatePool", create, &[&network.authority]);
    row("RegisterProvider", story.pool.register_instruction(world, someone.pubkey()), &[&someone]);
    let delegation = pda::delegation::find(&story.provider, &someone.pubkey()).0;
    let backer = Backer { owner: someone.pubkey(), provider: story.provider, delegation, tokens: story.own.tokens };
    row("OpenDelegation", story.pool.open_delegation_instruction(world, &backer), &[]);
    row("AddSlasher", story.pool.add_slasher_instruction(world, network, someone.pubkey()), &[&network.authority]);

    row("Stake", story.stake(100 * TOKEN), &[&story.authority]);
    row("Stake (in a pot that others share)", story.delegate(50 * TOKEN), &[&story.delegator]);
    row("LockBond", story.lock(120 * TOKEN), &story.bonding());
    row("ReleaseBond", story.release(), &[&story.slashing]);
    row("Unstake", story.unstake(20 * SHARES), &[&story.payer, &story.delegator]);
    world.pass(WEEK);
    row("Withdraw", story.withdraw(), &[&story.delegator]);
    table.check();
}
