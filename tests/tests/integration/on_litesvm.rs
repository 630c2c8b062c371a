//! A test of a program that buys compute, on LiteSVM: a token, a network, a market and a provider, and then what the program
//! does. Copy it, and put your program in the place of `native_caller`.

use {
    bytemuck::bytes_of,
    joule_bme_interface::{
        self as bme, BmeError,
        instruction::*,
        price_update::PriceUpdate,
        state::{Policy, source},
    },
    joule_escrow_interface::{
        self as escrow, EscrowError,
        instruction::*,
        state::{Job, Market, Terms, job_state, matching, pricing},
    },
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    litesvm::LiteSVM,
    native_caller::{BuyAndPostArgs, Call, TREASURY},
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::{clock::Clock, program_pack::Pack},
    solana_signer::Signer,
    solana_transaction::Transaction,
    spl_token_interface::state::{Account as TokenAccount, AccountState, Mint},
};

/// Where the ELFs are: the four `joule_*.so`, and yours.
const ELFS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy");
/// Base units of a token: nine decimals.
const TOKEN: u64 = 1_000_000_000;
/// Micro-dollars.
const DOLLAR: u64 = 1_000_000;

// --- The chain --------------------------------------------------------------------

struct Chain {
    svm: LiteSVM,
    /// Pays fees and rent.
    payer: Keypair,
}

impl Chain {
    fn new(programs: &[(Address, &str)]) -> Self {
        let mut svm = LiteSVM::new();
        for (id, name) in programs {
            svm.add_program_from_file(*id, format!("{ELFS}/{name}.so")).unwrap();
        }
        let mut chain = Self { svm, payer: Keypair::new() };
        chain.svm.airdrop(&chain.payer.pubkey(), 100 * TOKEN).unwrap();
        // LiteSVM's clock begins at zero.
        chain.pass(1_800_000_000);
        chain
    }

    /// Sends a transaction, and shows the log if it fails.
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) {
        // Otherwise the same instruction twice would be the same transaction.
        self.svm.expire_blockhash();
        let signers: Vec<_> = [&self.payer].into_iter().chain(signers.iter().copied()).collect();
        let payer = self.payer.pubkey();
        let blockhash = self.svm.latest_blockhash();
        let transaction = Transaction::new_signed_with_payer(&[instruction], Some(&payer), &signers, blockhash);
        if let Err(failed) = self.svm.send_transaction(transaction) {
            let logs = failed.meta.pretty_logs();
            panic!("{}: {}\n{logs}", failed.err, sentence(&logs));
        }
    }

    /// Moves the clock.
    fn pass(&mut self, seconds: i64) {
        let mut clock: Clock = self.svm.get_sysvar();
        clock.unix_timestamp += seconds;
        self.svm.set_sysvar(&clock);
    }

    fn now(&self) -> i64 {
        self.svm.get_sysvar::<Clock>().unix_timestamp
    }

    /// Writes an account.
    fn write(&mut self, address: Address, owner: Address, data: Vec<u8>) {
        let lamports = self.svm.minimum_balance_for_rent_exemption(data.len());
        self.svm.set_account(address, Account { lamports, data, owner, ..Account::default() }).unwrap();
    }

    /// Writes an account of the Token program.
    fn write_token<T: Pack>(&mut self, state: T) -> Address {
        let address = Keypair::new().pubkey();
        let mut data = vec![0; T::LEN];
        state.pack_into_slice(&mut data);
        self.write(address, TOKEN_PROGRAM, data);
        address
    }

    fn token_account(&mut self, mint: Address, owner: Address, amount: u64) -> Address {
        self.write_token(TokenAccount { mint, owner, amount, state: AccountState::Initialized, ..Default::default() })
    }

    /// A copy of an account of Joule's.
    fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        let account = self.svm.get_account(&address).expect("there is an account");
        *T::read(&account.owner, &account.data).expect("an account of this kind")
    }
}

/// What Joule says of the error that ended a transaction.
fn sentence(logs: &str) -> &'static str {
    let number = logs.rsplit("custom program error: 0x").next().unwrap_or_default();
    let digits = number.split(|letter: char| !letter.is_ascii_hexdigit()).next().unwrap_or_default();
    let code = u32::from_str_radix(digits, 16).unwrap_or_default();
    let mut errors = BmeError::ALL.iter().chain(EscrowError::ALL);
    errors.find(|error| error.code == code).map_or("no error of Joule's", |error| error.message)
}

// --- A network, and a market that is paid in credits -------------------------------

struct Joule {
    /// Governs the network.
    authority: Keypair,
    mint: Address,
    network: Address,
    /// Pyth's account, which the test writes.
    price: Address,
    /// `escrow`'s own address in the network, and its right to spend credits.
    escrow_authority: Address,
    spender: Address,
    market: Address,
}

impl Joule {
    fn new(chain: &mut Chain) -> Self {
        let authority = Keypair::new();
        let mint = chain.write_token(Mint {
            mint_authority: Some(authority.pubkey()).into(),
            supply: 1_000 * TOKEN,
            decimals: 9,
            is_initialized: true,
            freeze_authority: None.into(),
        });
        let network = bme::pda::network::find(&mint).0;
        let escrow_authority = escrow::pda::authority::find(&network).0;
        let joule = Self {
            spender: bme::pda::spender::find(&network, &escrow_authority, &[0]).0,
            market: escrow::pda::market::find(&network, &u64::to_le_bytes(1)).0,
            price: Keypair::new().pubkey(),
            authority,
            mint,
            network,
            escrow_authority,
        };
        joule.create_network(chain);
        joule.publish_price(chain);
        joule.create_market(chain);
        joule
    }

    fn create_network(&self, chain: &mut Chain) {
        let (payer, authority) = (chain.payer.pubkey(), self.authority.pubkey());
        let income = chain.token_account(self.mint, authority, 0);
        let policy = Policy {
            guardian: authority,
            stakers_token_account: income,
            treasury_token_account: income,
            price_receiver: bme::state::PYTH_RECEIVER,
            feed_id: [0xfe; 32],
            initial_emission: Tokens(1_000 * TOKEN),
            max_supply: Tokens(1_000_000 * TOKEN),
            epoch_duration: Seconds(86_400),
            decay_step: 365,
            max_price_age: Seconds(60),
            max_confidence: Bps(200),
            average_speed: Bps(1_000),
            breaker_window: Seconds(86_400),
            change_delay: Seconds(7_200),
            root_delay: Seconds(3_600),
            root_opening_period: Seconds(3_600),
            providers_share: Bps::WHOLE,
            ..Policy::default()
        };
        let create = CreateNetwork {
            payer,
            authority,
            mint_authority: authority,
            mint: self.mint,
            network: self.network,
            reward_vault: bme::pda::reward_vault::find(&self.network).0,
            stakers: income,
            treasury: income,
            token_program: TOKEN_PROGRAM,
            system_program: SYSTEM_PROGRAM,
            reserve_vault: bme::ID, // left out: this network mints
        }
        .instruction(&CreateNetworkArgs { starts_at: Timestamp(chain.now()), policy, source: source::MINT });
        chain.send(create, &[&self.authority]);

        let shard = AddShard {
            payer,
            authority,
            network: self.network,
            burn_shard: self.burn_shard(),
            burn_vault: bme::pda::burn_vault::find(&self.burn_shard()).0,
            work_shard: self.work_shard(),
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&AddShardArgs { lane: 0 });
        chain.send(shard, &[&self.authority]);

        let spender = AddSpender {
            payer,
            authority,
            network: self.network,
            spender_authority: self.escrow_authority,
            spender: self.spender,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&AddSpenderArgs { lane: 0 });
        chain.send(spender, &[&self.authority]);
    }

    /// Publishes that a token is worth 2.50 dollars, give or take a cent. A purchase needs a price of the last minute.
    fn publish_price(&self, chain: &mut Chain) {
        let now = chain.now();
        let update = PriceUpdate {
            discriminator: bme::price_update::DISCRIMINATOR,
            write_authority: [0; 32],
            verification: bme::price_update::FULL,
            feed_id: [0xfe; 32],
            price: 250_000_000,
            conf: 1_000_000,
            exponent: -8,
            publish_time: now,
            prev_publish_time: now - 1,
            ema_price: 250_000_000,
            ema_conf: 1_000_000,
            posted_slot: 0,
        };
        let mut data = bytes_of(&update).to_vec();
        data.resize(bme::price_update::ACCOUNT_SIZE, 0);
        chain.write(self.price, bme::state::PYTH_RECEIVER, data);
        let update = UpdateAverage { network: self.network, price_update: self.price };
        chain.send(update.instruction(&UpdateAverageArgs {}), &[]);
    }

    /// A result for a dollar, which the client accepts or rejects within an hour.
    fn create_market(&self, chain: &mut Chain) {
        let terms = Terms {
            pricing: pricing::FIXED,
            price: Amount(DOLLAR),
            matching: matching::DIRECT,
            min_duration: Seconds(10),
            max_duration: Seconds(3_600),
            wait_window: Seconds(3_600),
            start_window: Seconds(300),
            arbiter: self.authority.pubkey(),
            acceptance_window: Seconds(3_600),
            arbitration_window: Seconds(3_600),
            ..Terms::default()
        };
        let create = CreateMarket {
            payer: chain.payer.pubkey(),
            authority: self.authority.pubkey(),
            network: self.network,
            market: self.market,
            pool: escrow::ID, // left out: without a pool, any key is a provider
            mint: escrow::ID, // left out, with `token_program`: paid in credits, and so `spender` is there
            token_program: escrow::ID,
            spender: self.spender,
            system_program: SYSTEM_PROGRAM,
            fee_payee: escrow::ID,
        }
        .instruction(&CreateMarketArgs { id: 1, terms, issuer_powers: 0 });
        chain.send(create, &[&self.authority]);
    }

    fn burn_shard(&self) -> Address {
        bme::pda::burn_shard::find(&self.network, &[0]).0
    }

    fn work_shard(&self) -> Address {
        bme::pda::work_shard::find(&self.network, &[0]).0
    }

    /// Anyone opens a credit account, for anyone.
    fn open_credit_account(&self, chain: &mut Chain, owner: Address) -> Address {
        let credit_account = bme::pda::credit_account::find(&self.network, &owner).0;
        let (payer, network) = (chain.payer.pubkey(), self.network);
        let open = OpenCreditAccount { payer, network, owner, credit_account, system_program: SYSTEM_PROGRAM };
        chain.send(open.instruction(&OpenCreditAccountArgs {}), &[]);
        credit_account
    }

    /// What counts a provider's work; anyone opens it.
    fn open_provider_work(&self, chain: &mut Chain, provider: Address) -> Address {
        let provider_work = bme::pda::provider_work::find(&self.network, &provider, &[0]).0;
        let (payer, network) = (chain.payer.pubkey(), self.network);
        let open = OpenProviderWork { payer, network, provider, provider_work, system_program: SYSTEM_PROGRAM };
        chain.send(open.instruction(&OpenProviderWorkArgs { lane: 0 }), &[]);
        provider_work
    }

    /// What a provider does: it starts the job, works for twenty seconds, and delivers a result.
    fn work(&self, chain: &mut Chain, provider: &Keypair, job: Address) {
        let start = StartJob {
            provider_authority: provider.pubkey(),
            job,
            network: self.network,
            spender: self.spender,
            // Left out.
            pool: escrow::ID,
            provider: escrow::ID,
            queue: escrow::ID,
            node: escrow::ID,
            halt_clock: escrow::ID,
        }
        .instruction(&StartJobArgs {
            posting_id: chain.read::<Job>(job).posting_id,
            allowed_index: 0,
            proof_length: 0,
            max_jobs: 1,
        });
        chain.send(start, &[provider]);
        chain.pass(20);
        let deliver = DeliverJob { provider_authority: provider.pubkey(), job, halt_clock: escrow::ID }
            .instruction(&DeliverJobArgs { result: [7; 32] });
        chain.send(deliver, &[provider]);
    }
}

// --- Your program ------------------------------------------------------------------

#[test]
fn a_program_buys_compute() {
    let mut chain =
        Chain::new(&[(bme::ID, "joule_bme"), (escrow::ID, "joule_escrow"), (native_caller::ID, "native_caller")]);
    let joule = Joule::new(&mut chain);
    let (user, provider) = (Keypair::new(), Keypair::new());
    chain.svm.airdrop(&user.pubkey(), TOKEN).unwrap();
    let source = chain.token_account(joule.mint, user.pubkey(), 10 * TOKEN);
    let work = joule.open_provider_work(&mut chain, provider.pubkey());
    // The program's address is the client.
    let treasury = Address::find_program_address(&[TREASURY, user.pubkey().as_ref()], &native_caller::ID).0;
    let credits = joule.open_credit_account(&mut chain, treasury);
    let job = escrow::pda::job::find(&credits, &u64::to_le_bytes(0)).0;

    let (written, seen) = (AccountMeta::new, AccountMeta::new_readonly);
    let mine = |call: Call, accounts| Instruction::new_with_borsh(native_caller::ID, &call, accounts);
    let open = vec![written(user.pubkey(), true), written(treasury, false), seen(SYSTEM_PROGRAM, false)];
    chain.send(mine(Call::Open, open), &[&user]);

    let post = vec![
        written(user.pubkey(), true),
        seen(treasury, false),
        seen(joule.network, false),
        written(credits, false),
        written(source, false),
        written(joule.burn_shard(), false),
        written(bme::pda::burn_vault::find(&joule.burn_shard()).0, false),
        seen(joule.mint, false),
        seen(joule.price, false),
        seen(TOKEN_PROGRAM, false),
        seen(joule.market, false),
        written(job, false),
        seen(joule.spender, false),
        seen(joule.escrow_authority, false),
        seen(bme::ID, false),
        seen(escrow::ID, false),
        seen(SYSTEM_PROGRAM, false),
    ];
    let order = BuyAndPostArgs {
        tokens: TOKEN,
        min_credits: 2 * DOLLAR,
        nonce: 0,
        terms_version: chain.read::<Market>(joule.market).terms_version,
        provider: provider.pubkey(),
        definition: [0xde; 32],
        duration: 60,
    };
    chain.send(mine(Call::BuyAndPost(order), post), &[&user]);

    joule.work(&mut chain, &provider, job);
    let accept = vec![
        seen(user.pubkey(), true),
        written(treasury, false),
        seen(joule.network, false),
        written(credits, false),
        written(job, false),
        written(work, false),
        written(joule.work_shard(), false),
        seen(joule.spender, false),
        seen(joule.escrow_authority, false),
        seen(bme::ID, false),
        seen(escrow::ID, false),
    ];
    chain.send(mine(Call::AcceptOrCancel, accept), &[&user]);
    let paid: Job = chain.read(job);
    assert_eq!((paid.state, paid.paid), (job_state::FINISHED, Amount(DOLLAR)));
}

#[test]
fn an_error_is_explained() {
    let logs = "Program JouLeEscrow11111111111111111111111111111111 failed: custom program error: 0xc6c\n";
    assert!(sentence(logs).starts_with("the provider did not call: pay into its associated token account"));
    assert_eq!(sentence("Program log: nothing"), "no error of Joule's");
}
