//! `stake`.

mod bench;
mod bonds;
mod closing;
mod commission;
mod errors;
mod leaving;
mod locks;
mod migration;
mod redelegation;
mod reputation;
mod rewards;
mod rules;
mod setup;
mod slashing;
mod staking;

use {
    joule_bme_interface::state::Network as NetworkState,
    joule_interface::{Account as _, Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, PRICE_ONE, Seconds, Timestamp, Tokens, U128, Weight},
    joule_stake_interface::{
        StakeError, event,
        instruction::*,
        pda,
        state::{
            Bond, Delegation, MAX_PENDING_SLASHES, PolicyChange, Pool as PoolState, PoolPolicy, Pot, Provider,
            ProviderStub, Rewards, Slash, Slasher, UnbondingTicket, WHOLE_JOB, outcome, rights, seizure, sentence,
            status,
        },
    },
    joule_tests::{
        Network, World,
        bench::Table,
        fixture::{Backer, Pool, TOKEN},
        world::{read_only, swap, swap_named, unsigned},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const ID: Address = joule_stake_interface::ID;
const JOB: Address = Address::new_from_array([9; 32]);
const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;
const EVIDENCE: [u8; 32] = [0xe1; 32];
/// Shares of a token at the first price.
const SHARES: u64 = TOKEN;

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
    /// Whose jobs the provider does, and an account of theirs.
    client: Keypair,
    client_tokens: Address,
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
        let client = world.user();
        let mint = world.mint_of(token_program);
        let [own, theirs] = [&authority, &delegator].map(|user| {
            let account = world.token_account(mint.address, user.pubkey());
            world.mint_to(&mint, account, 1_000 * TOKEN);
            account
        });
        let client_tokens = world.token_account(mint.address, client.pubkey());
        let network = Network::of_mint(&mut world, mint);
        network.add_shard(&world, 0);
        let pool = Pool::unborn(&network, network.mint, token_program);
        let args = PoolPolicy { min_self_stake: Tokens(10 * TOKEN), ..Pool::rules() };
        let create = swap(pool.create_instruction(&world, &network, args), 9, network.treasury);
        world.ok(&[create], &[&network.authority]);
        let provider = pool.register(&world, &authority);
        let own = pool.open_delegation(&world, provider, authority.pubkey(), own);
        let theirs = pool.open_delegation(&world, provider, delegator.pubkey(), theirs);
        let slasher = pool.add_slasher(&world, &network, slashing.pubkey());
        Self {
            world,
            network,
            pool,
            authority,
            provider,
            own,
            delegator,
            theirs,
            slashing,
            slasher,
            payer,
            client,
            client_tokens,
        }
    }

    /// The same, with 100 tokens of the provider's own and 50 of the delegator's behind it.
    fn with_stake() -> Self {
        Self::new().staked()
    }

    fn staked(self) -> Self {
        self.world.ok(&[self.stake(100 * TOKEN), self.delegate(50 * TOKEN)], &[&self.authority, &self.delegator]);
        // Own stake counts from the next second.
        self.world.pass(1);
        self
    }

    /// The same, and a job holds 80 of them.
    fn with_bond() -> Self {
        let story = Self::with_stake();
        story.world.ok(&[story.lock(80 * TOKEN)], &story.bonding());
        story
    }

    /// With stake, of which the delegator's 20 tokens are on their way out, and withdrawable.
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

    /// Of another of the delegator's tickets.
    fn withdraw_ticket(&self, index: u64) -> Instruction {
        let ticket = self.pool.ticket(&self.theirs, index);
        swap(self.pool.withdraw_instruction(&self.world, &self.theirs, ticket), 8, self.payer.pubkey())
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
        .instruction(&LockBondArgs { job, amount: Tokens(amount), client: self.client.pubkey() })
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
        .instruction(&ReleaseBondArgs { outcome: 0, weight: WHOLE_JOB })
    }

    /// Locks a bond of the sibling's for the job, in place of the provider's.
    fn swap_bond(&self, amount: u64, authority: &Keypair, sibling: Address) -> Instruction {
        SwapBond {
            authority: authority.pubkey(),
            slasher_authority: self.slashing.pubkey(),
            slasher: self.slasher,
            network: self.network.address,
            pool: self.pool.address,
            provider: sibling,
            bond: pda::bond::find(&sibling, &JOB).0,
            system_program: SYSTEM_PROGRAM,
            released_provider: self.provider,
            released_bond: self.bond(JOB),
            rent_receiver: self.payer.pubkey(),
            payer: self.payer.pubkey(),
        }
        .instruction(&SwapBondArgs { job: JOB, amount: Tokens(amount), client: self.client.pubkey() })
    }

    fn seize(&self, amount: u64, to: u8, receiver: Address) -> Instruction {
        SeizeBond {
            slasher_authority: self.slashing.pubkey(),
            slasher: self.slasher,
            pool: self.pool.address,
            provider: self.provider,
            bond: self.bond(JOB),
            vault: self.pool.vault,
            receiver,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
        }
        .instruction(&SeizeBondArgs { amount: Tokens(amount), destination: to })
    }

    fn report(&self, outcome: u8) -> Instruction {
        ReportJob { slasher_authority: self.slashing.pubkey(), slasher: self.slasher, provider: self.provider }
            .instruction(&ReportJobArgs { job: JOB, outcome, weight: WHOLE_JOB })
    }

    fn slash(&self, index: u64) -> Address {
        pda::slash::find(&self.provider, &index.to_le_bytes()).0
    }

    /// The next proposal, paid by the payer.
    fn propose(&self, amount: u64, sentence: u8) -> Instruction {
        ProposeSlash {
            payer: self.payer.pubkey(),
            slasher_authority: self.slashing.pubkey(),
            slasher: self.slasher,
            pool: self.pool.address,
            provider: self.provider,
            slash: self.slash(self.provider().slash_count),
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&ProposeSlashArgs { amount: Tokens(amount), evidence: EVIDENCE, sentence })
    }

    fn execute(&self, index: u64) -> Instruction {
        ExecuteSlash {
            pool: self.pool.address,
            provider: self.provider,
            slash: self.slash(index),
            rewards: self.pool.rewards,
            rent_receiver: self.payer.pubkey(),
        }
        .instruction(&ExecuteSlashArgs {})
    }

    fn veto(&self, index: u64) -> Instruction {
        VetoSlash {
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            pool: self.pool.address,
            provider: self.provider,
            slash: self.slash(index),
            rent_receiver: self.payer.pubkey(),
        }
        .instruction(&VetoSlashArgs {})
    }

    fn expire(&self, index: u64) -> Instruction {
        ExpireSlash { provider: self.provider, slash: self.slash(index), rent_receiver: self.payer.pubkey() }
            .instruction(&ExpireSlashArgs {})
    }

    /// Burns what was slashed, and pays the treasury.
    fn settle_slashed(&self) -> Instruction {
        self.pool.settle_slashed_instruction(self.provider, self.network.treasury)
    }

    /// Pays the client what was seized of the job's bond.
    fn withdraw_seized(&self) -> Instruction {
        let (client, payer) = (self.client.pubkey(), self.payer.pubkey());
        self.pool.withdraw_seized_instruction(self.provider, self.bond(JOB), client, self.client_tokens, payer)
    }

    /// Who signs for a proposal.
    fn proposing(&self) -> [&Keypair; 2] {
        [&self.payer, &self.slashing]
    }

    /// Proposed by the slasher, and a day later executed.
    fn slashed(&self, amount: u64, sentence: u8) -> joule_tests::Receipt {
        let index = self.provider().slash_count;
        self.world.ok(&[self.propose(amount, sentence)], &self.proposing());
        self.world.pass(DAY);
        self.world.ok(&[self.execute(index)], &[])
    }

    fn unjail(&self) -> Instruction {
        Unjail {
            authority: self.authority.pubkey(),
            pool: self.pool.address,
            provider: self.provider,
            rewards: self.pool.rewards,
        }
        .instruction(&UnjailArgs {})
    }

    /// By the delegator.
    fn fund(&self, amount: u64) -> Instruction {
        FundRewards {
            funder: self.delegator.pubkey(),
            pool: self.pool.address,
            rewards: self.pool.rewards,
            source: self.theirs.tokens,
            vault: self.pool.vault,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
        }
        .instruction(&FundRewardsArgs { amount: Tokens(amount) })
    }

    fn collect(&self, source: Address) -> Instruction {
        CollectRewards {
            pool: self.pool.address,
            rewards: self.pool.rewards,
            source,
            vault: self.pool.vault,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
        }
        .instruction(&CollectRewardsArgs {})
    }

    fn claim(&self, backer: &Backer) -> Instruction {
        ClaimRewards {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
            vault: self.pool.vault,
            destination: backer.tokens,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
        }
        .instruction(&ClaimRewardsArgs {})
    }

    fn compound(&self, backer: &Backer) -> Instruction {
        CompoundRewards {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        }
        .instruction(&CompoundRewardsArgs {})
    }

    fn claim_commission(&self) -> Instruction {
        ClaimCommission {
            authority: self.authority.pubkey(),
            pool: self.pool.address,
            provider: self.provider,
            rewards: self.pool.rewards,
            vault: self.pool.vault,
            destination: self.own.tokens,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
        }
        .instruction(&ClaimCommissionArgs {})
    }

    fn set_commission(&self, commission: u16) -> Instruction {
        SetCommission {
            authority: self.authority.pubkey(),
            pool: self.pool.address,
            provider: self.provider,
            rewards: self.pool.rewards,
        }
        .instruction(&SetCommissionArgs { commission: Bps(commission) })
    }

    fn refresh(&self) -> Instruction {
        RefreshProvider { pool: self.pool.address, provider: self.provider, rewards: self.pool.rewards }
            .instruction(&RefreshProviderArgs {})
    }

    fn lock_stake(&self, backer: &Backer, days: u32) -> Instruction {
        LockStake {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        }
        .instruction(&LockStakeArgs { lock_period: Seconds(days * DAY as u32) })
    }

    fn end_lock(&self, backer: &Backer) -> Instruction {
        EndLock {
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        }
        .instruction(&EndLockArgs {})
    }

    /// Of the delegator's first ticket.
    fn cancel(&self) -> Instruction {
        CancelUnstake {
            owner: self.delegator.pubkey(),
            pool: self.pool.address,
            provider: self.provider,
            delegation: self.theirs.delegation,
            ticket: self.ticket(),
            rent_receiver: self.payer.pubkey(),
            rewards: self.pool.rewards,
        }
        .instruction(&CancelUnstakeArgs {})
    }

    /// From the delegator's delegation to another of theirs, by their first ticket.
    fn redelegate(&self, shares: u64, to: &Backer) -> Instruction {
        Redelegate {
            payer: self.payer.pubkey(),
            owner: self.delegator.pubkey(),
            pool: self.pool.address,
            provider: self.provider,
            delegation: self.theirs.delegation,
            ticket: self.pool.next_ticket(&self.world, &self.theirs),
            system_program: SYSTEM_PROGRAM,
            rewards: self.pool.rewards,
            new_provider: to.provider,
            new_delegation: to.delegation,
        }
        .instruction(&RedelegateArgs { amount: Tokens(shares) })
    }

    fn settle(&self, to: &Backer) -> Instruction {
        CompleteRedelegation {
            pool: self.pool.address,
            provider: self.provider,
            ticket: self.ticket(),
            rewards: self.pool.rewards,
            new_provider: to.provider,
            new_delegation: to.delegation,
            rent_receiver: self.payer.pubkey(),
        }
        .instruction(&CompleteRedelegationArgs {})
    }

    fn stop(&self, to: &Backer) -> Instruction {
        StopRedelegation {
            owner: self.delegator.pubkey(),
            pool: self.pool.address,
            rewards: self.pool.rewards,
            new_provider: to.provider,
            new_delegation: to.delegation,
            ticket: self.ticket(),
            provider: self.provider,
        }
        .instruction(&StopRedelegationArgs {})
    }

    fn close_delegation(&self, backer: &Backer) -> Instruction {
        CloseDelegation {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
            rent_receiver: self.world.payer().pubkey(),
        }
        .instruction(&CloseDelegationArgs {})
    }

    fn set_slasher(&self, to: u8, limit: u64) -> Instruction {
        SetSlasher {
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            pool: self.pool.address,
            slasher: self.slasher,
        }
        .instruction(&SetSlasherArgs {
            rights: to,
            window_limit: Tokens(limit),
            slash_share: Bps(if to & rights::SLASH != 0 { 5_000 } else { 0 }),
        })
    }

    fn rewards(&self) -> Rewards {
        self.world.read(self.pool.rewards)
    }

    fn delegation(&self, backer: &Backer) -> Delegation {
        self.world.read(backer.delegation)
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

    /// The associated token account of an owner, for the pool's mint.
    fn associated(&mut self, owner: Address) -> Address {
        self.world.associated_account(self.pool.mint, owner)
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

    /// The vault holds what the provider's pots and the rewards hold, to the unit.
    #[track_caller]
    fn check(&self) {
        let Provider { own, bonded, lien, delegated, unbonding, withheld, slashed, treasury_due, .. } = self.provider();
        let held = [own, bonded, delegated.tokens, unbonding.tokens, withheld.tokens, slashed, treasury_due];
        let held: u64 = held.iter().map(|tokens| tokens.0).sum();
        assert_eq!(self.world.tokens(self.pool.vault), held + self.rewards().unclaimed.0);
        assert!(lien <= bonded);
    }
}

/// A delegated pot that was never slashed.
fn pot(tokens: u64) -> Pot {
    Pot { tokens: Tokens(tokens), price: PRICE_ONE, shares: U128::new(tokens as u128) }
}

/// Fails with an error of the token program, which sees to it itself.
#[track_caller]
fn token_program_refuses(world: &World, instruction: Instruction, signers: &[&Keypair], code: u32) {
    let failure = world.send(&[instruction], signers).expect_err("the token program must refuse this");
    assert_eq!(failure.code(), Some(code), "{}", failure.logs.join("\n"));
}
