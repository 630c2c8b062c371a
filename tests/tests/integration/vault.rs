//! The example protocol, on its ELF and Joule's: a program whose address is a client.

use {
    inference_vault::{
        ID, VaultError,
        instruction::*,
        pda,
        state::{Request as RequestState, User, Vault},
    },
    joule_bme_interface::{
        BmeError, pda as bme,
        state::{CreditAccount, Epoch},
    },
    joule_escrow_interface::state::{Job as JobState, Terms, pricing},
    joule_interface::{AccountMeta, Address, Fault, Instruction, SYSTEM_PROGRAM},
    joule_math::{Amount, Bps, Credits, Seconds, Tokens},
    joule_tests::{
        Network, Receipt, World,
        fixture::{Job, Market, Pool, TOKEN, Tree, add_class, create_registry, reward_tree, serviced, usual_terms},
    },
    solana_keypair::Keypair,
    solana_program::instruction::InstructionError,
    solana_signer::Signer,
    solana_transaction_error::TransactionError,
    std::cell::Cell,
};

const CLASS: u32 = 7;

struct Story {
    world: World,
    network: Network,
    pool: Pool,
    market: Market,
    authority: Keypair,
    vault: Address,
    credits: Address,
    owner: Keypair,
    source: Address,
    user: Address,
    provider: Keypair,
    node: Address,
    posted: Cell<u64>,
}

impl Story {
    /// A vault in a network with a market of a cent a second; a user with 1,000 tokens; a provider with 10 at stake and a
    /// machine of a class.
    fn new() -> Self {
        Self::of(usual_terms())
    }

    fn of(terms: Terms) -> Self {
        let mut world = World::with(&[("inference_vault", ID), ("wallet", wallet::ID)]);
        let (owner, provider, authority) = (world.user(), world.user(), world.user());
        let (network, tokens) = Network::new(&mut world, &[owner.pubkey(), provider.pubkey()]);
        let pool = Pool::new(&world, &network);
        let staked = pool.register(&world, &provider);
        let own = pool.open_delegation(&world, staked, provider.pubkey(), tokens[1]);
        world.ok(&[pool.stake_instruction(&own, 10 * TOKEN)], &[&provider]);
        world.pass(1);
        let market = Market::new(&world, &network, &pool, terms);
        network.open_provider_work(&world, provider.pubkey());
        create_registry(&world, &network);
        add_class(&world, &network, CLASS, 0);
        let (mut tree, _) = Tree::new(&world, &network, 5, 8, 0);
        let (machine, _) = tree.mint(&world, &network, owner.pubkey(), "GPU 1");
        tree.reserve(&world, owner.pubkey(), &tree.specification(&machine));
        network.refresh_price(&mut world);
        world.ok(&[tree.activate_instruction(&world, &machine, provider.pubkey(), CLASS)], &[&owner]);

        let vault = pda::vault::find(&network.address, &authority.pubkey()).0;
        let credits = bme::credit_account::find(&network.address, &vault).0;
        let open = OpenVault {
            payer: world.payer().pubkey(),
            authority: authority.pubkey(),
            network: network.address,
            vault,
            credit_account: credits,
            bme_program: joule_bme_interface::ID,
            system_program: SYSTEM_PROGRAM,
        };
        world.ok(&[open.instruction(&OpenVaultArgs {})], &[&authority]);
        let user = pda::user::find(&vault, &owner.pubkey()).0;
        let (source, node, posted) = (tokens[0], machine.node(), Cell::new(0));
        let story = Self {
            world,
            network,
            pool,
            market,
            authority,
            vault,
            credits,
            owner,
            source,
            user,
            provider,
            node,
            posted,
        };
        story.open_user(story.owner.pubkey());
        story
    }

    fn open_user(&self, owner: Address) -> Address {
        let user = pda::user::find(&self.vault, &owner).0;
        let payer = self.world.payer().pubkey();
        let open = OpenUser { payer, owner, vault: self.vault, user, system_program: SYSTEM_PROGRAM };
        self.world.ok(&[open.instruction(&OpenUserArgs {})], &[]);
        user
    }

    fn fund(&self, tokens: u64) -> Receipt {
        self.world.ok(&[self.fund_instruction(tokens)], &[&self.owner])
    }

    fn fund_instruction(&self, tokens: u64) -> Instruction {
        Fund {
            buyer: self.owner.pubkey(),
            vault: self.vault,
            user: self.user,
            network: self.network.address,
            credit_account: self.credits,
            source: self.source,
            burn_shard: self.network.burn_shard(0),
            burn_vault: self.network.burn_vault(0),
            mint: self.network.mint,
            price_update: self.network.price,
            token_program: self.network.token_program,
            bme_program: joule_bme_interface::ID,
        }
        .instruction(&FundArgs { tokens: Tokens(tokens), min_credits: Credits(1) })
    }

    fn job(&self) -> Job {
        let provider = self.provider.pubkey();
        let work = bme::provider_work::find(&self.network.address, &provider, &[0]).0;
        self.market.job(self.vault, self.posted.get(), provider, work)
    }

    fn request_address(&self) -> Address {
        pda::request::find(&self.vault, &self.posted.get().to_le_bytes()).0
    }

    fn wants() -> RequestArgs {
        RequestArgs {
            definition: [0xde; 32],
            duration: Seconds(100),
            bond: Tokens(0),
            reliability: Bps(0),
            class: CLASS,
        }
    }

    fn request(&self, args: &RequestArgs) -> Instruction {
        let job = self.job();
        Request {
            payer: self.world.payer().pubkey(),
            owner: self.owner.pubkey(),
            vault: self.vault,
            user: self.user,
            request: self.request_address(),
            market: self.market.address,
            pool: self.pool.address,
            provider: job.staked,
            node: self.node,
            job: job.address,
            network: self.network.address,
            credit_account: self.credits,
            spender: self.market.spender,
            escrow_authority: self.market.authority,
            bme_program: joule_bme_interface::ID,
            escrow_program: joule_escrow_interface::ID,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(args)
    }

    /// Posts a job of 100 seconds, which its provider starts.
    fn running() -> Self {
        Self::running_on(usual_terms())
    }

    fn running_on(terms: Terms) -> Self {
        let story = Self::of(terms);
        story.fund(TOKEN);
        story.world.ok(&[story.request(&Self::wants())], &[&story.owner]);
        let start = story.market.start_instruction(&story.world, &story.job());
        story.world.ok(&[start], &[&story.provider]);
        story
    }

    fn withdraw(&self) -> Instruction {
        Withdraw {
            owner: self.owner.pubkey(),
            vault: self.vault,
            user: self.user,
            request: self.request_address(),
            rent_receiver: self.world.payer().pubkey(),
            job: self.job().address,
            network: self.network.address,
            credit_account: self.credits,
            spender: self.market.spender,
            escrow_authority: self.market.authority,
            bme_program: joule_bme_interface::ID,
            escrow_program: joule_escrow_interface::ID,
        }
        .instruction(&WithdrawArgs {})
    }

    fn stop(&self) -> Instruction {
        let job = self.job();
        Stop {
            owner: self.owner.pubkey(),
            vault: self.vault,
            user: self.user,
            request: self.request_address(),
            rent_receiver: self.world.payer().pubkey(),
            job: job.address,
            network: self.network.address,
            credit_account: self.credits,
            provider_work: job.payee,
            work_shard: self.network.work_shard(0),
            spender: self.market.spender,
            escrow_authority: self.market.authority,
            bme_program: joule_bme_interface::ID,
            escrow_program: joule_escrow_interface::ID,
            halt_clock: joule_escrow_interface::state::HALT_CLOCK,
        }
        .instruction(&StopArgs {})
    }

    fn settle(&self) -> Instruction {
        Settle {
            vault: self.vault,
            user: self.user,
            request: self.request_address(),
            rent_receiver: self.world.payer().pubkey(),
            job: self.job().address,
        }
        .instruction(&SettleArgs {})
    }

    fn grant(&self, user: Address, credits: u64) -> Instruction {
        Grant { authority: self.authority.pubkey(), vault: self.vault, user, credit_account: self.credits }
            .instruction(&GrantArgs { credits: Credits(credits) })
    }

    /// What the user may spend, and what it spent.
    fn user(&self) -> (u64, u64) {
        let user: User = self.world.read(self.user);
        (user.limit.0, user.spent.0)
    }

    /// The vault never promises what it does not own.
    fn check(&self) {
        let vault: Vault = self.world.read(self.vault);
        let credits: CreditAccount = self.world.read(self.credits);
        assert!(vault.promised.0 <= credits.issued.0 - credits.consumed.0, "{vault:?} {credits:?}");
    }
}

/// One token at 2.49 dollars.
const FUNDED: u64 = 2_490_000;

#[test]
fn a_user_funds_the_vault_and_stops_its_job() {
    let story = Story::new();
    let depth = |receipt: &Receipt| receipt.calls.iter().map(|call| call.depth).max();
    // vault > bme > token
    assert_eq!(depth(&story.fund(TOKEN)), Some(3));
    assert_eq!(story.user(), (FUNDED, 0));
    let receipt = story.world.ok(&[story.request(&Story::wants())], &[&story.owner]);
    // vault > escrow > bme
    assert_eq!(depth(&receipt), Some(3));
    assert_eq!(story.user(), (FUNDED - 1_000_000, 0));
    let state: JobState = story.world.read(story.job().address);
    assert_eq!((state.client, state.deposited), (story.vault, Amount(1_000_000)));
    story.check();

    let start = story.market.start_instruction(&story.world, &story.job());
    story.world.ok(&[start], &[&story.provider]);
    story.world.pass(30);
    story.world.fails(story.settle(), &[], VaultError::StillOpen);
    let lamports = story.world.lamports(story.world.payer().pubkey());
    story.world.ok(&[story.stop()], &[&story.owner]);
    assert_eq!(story.user(), (FUNDED - 300_000, 300_000));
    assert_eq!(story.world.account(story.request_address()), None);
    assert!(story.world.lamports(story.world.payer().pubkey()) > lamports);
    story.check();
}

/// Mainnet's limit is five programs deep. The vault needs three, so that two may stand above it.
#[test]
fn a_vault_leaves_room_for_its_callers() {
    let story = Story::new();
    story.fund(TOKEN);
    let through_wallet = |inner: Instruction| {
        let program = AccountMeta::new_readonly(inner.program_id, false);
        let accounts = [program].into_iter().chain(inner.accounts).collect();
        Instruction { program_id: wallet::ID, accounts, data: inner.data }
    };
    let twice = through_wallet(through_wallet(story.request(&Story::wants())));
    let failure = story.world.send(&[through_wallet(twice.clone())], &[&story.owner]).expect_err("six deep");
    let error = TransactionError::InstructionError(1, InstructionError::CallDepth);
    assert_eq!(failure.error, error, "{:?}", failure.logs);
    let receipt = story.world.ok(&[twice], &[&story.owner]);
    // wallet > wallet > vault > escrow > bme
    assert_eq!(receipt.calls.iter().map(|call| call.depth).max(), Some(5));
    assert_eq!(story.user(), (FUNDED - 1_000_000, 0));
    story.check();
}

#[test]
fn a_job_that_nobody_starts_is_taken_back() {
    let story = Story::new();
    story.fund(TOKEN);
    story.world.ok(&[story.request(&Story::wants())], &[&story.owner]);
    story.world.ok(&[story.withdraw()], &[&story.owner]);
    assert_eq!(story.user(), (FUNDED, 0));
    // The next request is another job.
    story.posted.set(1);
    story.world.ok(&[story.request(&Story::wants())], &[&story.owner]);
    assert_eq!(story.world.read::<Vault>(story.vault).requests, 2);
    story.check();
}

#[test]
fn a_job_that_its_provider_ended_is_settled_by_anyone() {
    let story = Story::running();
    story.world.pass(40);
    let finish = story.market.finish_instruction(&story.job(), story.provider.pubkey(), [1; 32]);
    story.world.ok(&[finish], &[&story.provider]);
    story.world.ok(&[story.settle()], &[]);
    assert_eq!(story.user(), (FUNDED - 400_000, 400_000));
    story.world.fails(story.settle(), &[], Fault::WrongAccountType.in_vault());
    story.check();
}

#[test]
fn penalties_taken_from_the_pay_go_to_the_user() {
    // The vault's jobs have no bond, so only a fixed price can have penalties.
    let story = Story::running_on(Terms { pricing: pricing::FIXED, ..serviced(usual_terms()) });
    story.world.pass(90);
    let finish = story.market.finish_instruction(&story.job(), story.provider.pubkey(), [1; 32]);
    story.world.ok(&[finish], &[&story.provider]);
    let job: JobState = story.world.read(story.job().address);
    assert!(!job.penalty.is_zero());
    story.world.ok(&[story.settle()], &[]);
    assert_eq!(story.user(), (FUNDED - job.paid.0, job.paid.0));
    story.check();
}

#[test]
fn minting_stops_at_the_limit() {
    let story = Story::new();
    story.fund(TOKEN);
    let longest = |seconds| RequestArgs { duration: Seconds(seconds), ..Story::wants() };
    // Another user's credits are in the vault, and out of reach.
    let rich = story.open_user(story.provider.pubkey());
    let mut more = story.grant(rich, 1);
    story.world.fails(more.clone(), &[&story.authority], VaultError::Unfunded);
    let direct = story.network.buy_instruction(story.owner.pubkey(), story.source, story.credits, TOKEN);
    story.world.ok(&[direct], &[&story.owner]);
    more = story.grant(rich, FUNDED);
    let by_nobody = more.accounts.iter().map(|meta| AccountMeta { is_signer: false, ..meta.clone() }).collect();
    let by_nobody = Instruction { accounts: by_nobody, ..more.clone() };
    story.world.fails(by_nobody, &[], Fault::MissingSigner.in_vault());
    story.world.ok(&[more], &[&story.authority]);
    story.world.fails(story.request(&longest(250)), &[&story.owner], VaultError::OverLimit);
    story.world.ok(&[story.request(&longest(249))], &[&story.owner]);
    assert_eq!(story.user(), (0, 0));
    story.check();
}

#[test]
fn a_provider_is_checked_before_its_stake_is_used() {
    let story = Story::new();
    story.fund(TOKEN);
    let refused =
        |args: RequestArgs, error: VaultError| story.world.fails(story.request(&args), &[&story.owner], error);
    refused(RequestArgs { bond: Tokens(10 * TOKEN + 1), ..Story::wants() }, VaultError::ProviderUnfit);
    refused(RequestArgs { reliability: Bps(1), ..Story::wants() }, VaultError::ProviderUnfit);
    refused(RequestArgs { class: CLASS + 1, ..Story::wants() }, VaultError::MachineUnfit);
    // A class is asked for, and no machine shown.
    let mut bare = story.request(&Story::wants());
    bare.accounts[8].pubkey = ID;
    story.world.fails(bare.clone(), &[&story.owner], Fault::WrongAccountType.in_vault());
    // Another's machine.
    let mut another = story.request(&Story::wants());
    let stranger = Keypair::new_from_array([9; 32]);
    let staked = story.pool.register(&story.world, &stranger);
    another.accounts[7].pubkey = staked;
    story.world.fails(another, &[&story.owner], VaultError::MachineUnfit);
    // Whoever asks for none needs none.
    let free = story.request(&RequestArgs { class: 0, bond: Tokens(10 * TOKEN), ..Story::wants() });
    story.world.ok(&[free], &[&story.owner]);
}

#[test]
fn a_vault_spends_for_its_users_only() {
    let mut story = Story::running();
    let stranger = story.world.user();
    let theirs = story.open_user(stranger.pubkey());
    let with = |mut instruction: Instruction, index: usize, address: Address| {
        instruction.accounts[index].pubkey = address;
        instruction
    };
    // With the user's account, and with one of their own.
    let stop = with(story.stop(), 0, stranger.pubkey());
    story.world.fails(stop.clone(), &[&stranger], Fault::Unauthorized.in_vault());
    story.world.fails(with(stop, 2, theirs), &[&stranger], VaultError::WrongRequest);
    story.world.fails(
        with(story.request(&Story::wants()), 1, stranger.pubkey()),
        &[&stranger],
        Fault::Unauthorized.in_vault(),
    );
    // The vault's signature goes to `escrow`, and nowhere else.
    story.world.fails(with(story.stop(), 13, ID), &[&story.owner], Fault::WrongProgram.in_vault());
    story.world.fails(with(story.grant(theirs, 1), 0, stranger.pubkey()), &[&stranger], Fault::Unauthorized.in_vault());
}

#[test]
fn accounts_are_those_that_the_vault_knows() {
    let story = Story::new();
    story.fund(TOKEN);
    let theirs = story.network.open_credit_account(&story.world, story.owner.pubkey());
    let refused =
        |mut instruction: Instruction, index: usize, address: Address, signer: &Keypair, error: VaultError| {
            instruction.accounts[index].pubkey = address;
            story.world.fails(instruction, &[signer], error);
        };
    let (owner, wrong) = (&story.owner, Fault::WrongAddress.in_vault());
    // Credits that are bought for another are not the vault's.
    refused(story.fund_instruction(TOKEN), 4, theirs, owner, wrong);
    refused(story.fund_instruction(TOKEN), 11, ID, owner, Fault::WrongProgram.in_vault());
    refused(story.grant(story.user, 1), 3, theirs, &story.authority, wrong);
    let request = || story.request(&Story::wants());
    refused(request(), 11, theirs, owner, wrong);
    refused(request(), 4, story.user, owner, wrong);
    refused(request(), 6, story.vault, owner, VaultError::ProviderUnfit);
    refused(request(), 7, story.vault, owner, Fault::WrongAccountType.in_vault());
    refused(request(), 15, ID, owner, Fault::WrongProgram.in_vault());
    story.world.ok(&[request()], &[owner]);
}

/// A job's account is closed by anyone once it ended. What it cost cannot be read any more; its user is not promised the
/// rest, but the vault still owns it, and its authority gives it back.
#[test]
fn a_lost_job_costs_everything_until_the_authority_decides() {
    let story = Story::running();
    story.world.pass(40);
    let finish = story.market.finish_instruction(&story.job(), story.provider.pubkey(), [1; 32]);
    let close = story.market.close_job_instruction(&story.world, &story.job());
    story.world.ok(&[finish, close], &[&story.provider]);
    let request: RequestState = story.world.read(story.request_address());
    assert_eq!(request.deposit, Credits(1_000_000));
    story.world.ok(&[story.settle()], &[]);
    assert_eq!(story.user(), (FUNDED - 1_000_000, 1_000_000));
    story.world.fails(story.grant(story.user, 600_001), &[&story.authority], VaultError::Unfunded);
    story.world.ok(&[story.grant(story.user, 600_000)], &[&story.authority]);
    assert_eq!(story.user(), (FUNDED - 400_000, 1_000_000));
    story.check();
}

trait InVault {
    fn in_vault(self) -> VaultError;
}

impl InVault for Fault {
    fn in_vault(self) -> VaultError {
        self.into()
    }
}

/// What follows the arguments, and what follows the accounts, in calls of a program.
#[test]
fn a_vault_claims_rebates_and_closes_epochs() {
    let mut story = Story::running();
    let (world, network) = (&mut story.world, &story.network);
    let oracle = world.user();
    network.open_roots(world, &[oracle.pubkey()], 1, 1_000);
    let earned = [(oracle.pubkey(), [0, 1]), (story.vault, [0, 70]), (story.user, [0, 3])];
    let (root, leaves) = reward_tree(network, &earned);
    world.ok(&[network.publish_root_instruction(world, oracle.pubkey(), 0, root, [0, 74])], &[&oracle]);
    world.pass(3_600);
    world.ok(&[network.activate_root_instruction(0)], &[]);
    world.pass(3_600);
    world.ok(&[network.fund_roots_instruction(0)], &[]);
    world.ok(&[network.open_root_claim_instruction(world, story.vault)], &[]);
    let destination = world.token_account(network.mint, story.owner.pubkey());
    let rebate = |by: Address, proof: &[u8]| {
        Rebate {
            authority: by,
            vault: story.vault,
            network: network.address,
            oracle_set: network.oracle_set(),
            reward_root: network.reward_root(0),
            root_claim: network.root_claim(story.vault),
            root_vault: network.root_vault(),
            destination,
            mint: network.mint,
            token_program: network.token_program,
            bme_program: joule_bme_interface::ID,
        }
        .instruction_with(&RebateArgs { previous_total: Tokens(0), total: Tokens(70), index: 1 }, proof)
    };
    let proof = leaves[1].proof.concat();
    world.fails(rebate(oracle.pubkey(), &proof), &[&oracle], Fault::Unauthorized.in_vault());
    let authority = story.authority.pubkey();
    world.fails(rebate(authority, &proof[..32]), &[&story.authority], BmeError::InvalidProof);
    world.ok(&[rebate(authority, &proof)], &[&story.authority]);
    assert_eq!(world.tokens(destination), 70);

    world.pass(86_400);
    let mut crank = Crank {
        payer: world.payer().pubkey(),
        network: network.address,
        epoch: network.epoch(0),
        mint: network.mint,
        reward_vault: network.reward_vault(),
        stakers: network.stakers,
        treasury: network.treasury,
        token_program: network.token_program,
        system_program: SYSTEM_PROGRAM,
        price_update: network.price,
        bme_program: joule_bme_interface::ID,
    }
    .instruction(&CrankArgs { epoch: 0 });
    crank.accounts.extend([0, 1].map(|shard| AccountMeta::new(network.work_shard(shard), false)));
    world.ok(&[crank], &[]);
    assert_eq!(world.read::<Epoch>(network.epoch(0)).is_settled, 1);
}
