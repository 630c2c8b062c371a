//! The same example on plain `solana-program` and on Anchor, on their ELFs and Joule's: a treasury that buys credits, and is
//! the client of jobs. And a buyer on `solana-program` 2.

use {
    borsh::{BorshDeserialize, BorshSerialize},
    joule_bme_interface::{BmeError, state::CreditAccount},
    joule_escrow_interface::{
        EscrowError,
        state::{self, NONE, Terms, job_state},
    },
    joule_interface::{AccountMeta, Address, Instruction, ProgramError, SYSTEM_PROGRAM},
    joule_math::{Amount, Credits},
    joule_tests::{
        Network, Receipt, World,
        fixture::{Job, Market, Pool, TOKEN, accepted, sha256, usual_terms},
    },
    native_caller::{BuyAndPostArgs, CallerError, TREASURY, Treasury},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

/// A dollar, in credits.
const DOLLAR: u64 = 1_000_000;

/// How a program is spoken to; all else is the same.
struct Dialect {
    elf: &'static str,
    id: Address,
    /// What an instruction's data starts with.
    instruction: fn(&str) -> Vec<u8>,
    /// What an account's data starts with.
    account: fn(&str) -> Vec<u8>,
    /// Code of the program's first error.
    first_error: u32,
    /// Most compute units that it takes itself to buy and post.
    max_units: u64,
}

const NATIVE: Dialect = Dialect {
    elf: "native_caller",
    id: native_caller::ID,
    instruction: |name| {
        let names = ["open", "buy_and_post", "accept_or_cancel"];
        vec![names.iter().position(|known| *known == name).expect("an instruction") as u8]
    },
    account: |_| vec![],
    first_error: 0,
    max_units: 12_000,
};

const ANCHOR: Dialect = Dialect {
    elf: "anchor_caller",
    id: Address::from_str_const("JouLeAnchorCaLLer11111111111111111111111111"),
    instruction: |name| sha256(&[b"global:", name.as_bytes()])[..8].to_vec(),
    account: |name| sha256(&[b"account:", name.as_bytes()])[..8].to_vec(),
    first_error: 6000,
    max_units: 16_000,
};

/// A treasury with a market that sells results for a dollar, which the client accepts; and a provider.
struct Story {
    dialect: Dialect,
    world: World,
    network: Network,
    market: Market,
    provider: Keypair,
    work: Address,
    authority: Keypair,
    source: Address,
    treasury: Address,
    credits: Address,
}

impl Story {
    fn new(dialect: Dialect) -> Self {
        let mut world = World::with(&[(dialect.elf, dialect.id)]);
        let (authority, provider) = (world.user(), world.user());
        let (network, tokens) = Network::new(&mut world, &[authority.pubkey()]);
        let pool = Pool::new(&world, &network);
        let terms = Terms { price: Amount(DOLLAR), ..accepted(network.authority.pubkey(), usual_terms()) };
        let market = Market::unborn(&network, &pool, 0, terms).without_pool();
        network.add_spender(&world, market.authority);
        let market = market.create(&world, &network);
        let work = network.open_provider_work(&world, provider.pubkey());
        let treasury = Address::find_program_address(&[TREASURY, authority.pubkey().as_ref()], &dialect.id).0;
        let credits = network.open_credit_account(&world, treasury);
        let source = tokens[0];
        Self { dialect, world, network, market, provider, work, authority, source, treasury, credits }
    }

    fn instruction(&self, name: &str, accounts: Vec<AccountMeta>, args: &impl BorshSerialize) -> Instruction {
        let mut data = (self.dialect.instruction)(name);
        args.serialize(&mut data).expect("there is room");
        Instruction { program_id: self.dialect.id, accounts, data }
    }

    fn open(&self) -> Instruction {
        let accounts = vec![
            AccountMeta::new(self.authority.pubkey(), true),
            AccountMeta::new(self.treasury, false),
            AccountMeta::new_readonly(SYSTEM_PROGRAM, false),
        ];
        self.instruction("open", accounts, &())
    }

    fn job(&self, nonce: u64) -> Job {
        self.market.job(self.treasury, nonce, self.provider.pubkey(), self.work)
    }

    fn wants(&self, nonce: u64) -> BuyAndPostArgs {
        BuyAndPostArgs {
            tokens: TOKEN,
            min_credits: 1,
            nonce,
            terms_version: self.world.read::<state::Market>(self.market.address).terms_version,
            provider: self.provider.pubkey(),
            definition: [0xde; 32],
            duration: 100,
        }
    }

    fn buy_and_post(&self, args: &BuyAndPostArgs) -> Instruction {
        let (written, seen) = (AccountMeta::new, AccountMeta::new_readonly);
        let accounts = vec![
            written(self.authority.pubkey(), true),
            seen(self.treasury, false),
            seen(self.network.address, false),
            written(self.credits, false),
            written(self.source, false),
            written(self.network.burn_shard(0), false),
            written(self.network.burn_vault(0), false),
            seen(self.network.mint, false),
            seen(self.network.price, false),
            seen(self.network.token_program, false),
            seen(self.market.address, false),
            written(self.job(args.nonce).address, false),
            seen(self.market.spender, false),
            seen(self.market.authority, false),
            seen(joule_bme_interface::ID, false),
            seen(joule_escrow_interface::ID, false),
            seen(SYSTEM_PROGRAM, false),
        ];
        self.instruction("buy_and_post", accounts, args)
    }

    fn accept_or_cancel(&self, nonce: u64) -> Instruction {
        let (written, seen) = (AccountMeta::new, AccountMeta::new_readonly);
        let job = self.job(nonce);
        let accounts = vec![
            seen(self.authority.pubkey(), true),
            written(self.treasury, false),
            seen(self.network.address, false),
            written(self.credits, false),
            written(job.address, false),
            written(job.payee, false),
            written(job.work_shard_or_vault, false),
            seen(self.market.spender, false),
            seen(self.market.authority, false),
            seen(joule_bme_interface::ID, false),
            seen(joule_escrow_interface::ID, false),
        ];
        self.instruction("accept_or_cancel", accounts, &())
    }

    #[track_caller]
    fn ok(&self, instruction: Instruction) -> Receipt {
        self.world.ok(&[instruction], &[&self.authority])
    }

    fn error(&self, error: CallerError) -> ProgramError {
        ProgramError::Custom(self.dialect.first_error + error as u32)
    }

    fn treasury(&self) -> Treasury {
        let account = self.world.account(self.treasury).expect("the treasury is open");
        let discriminator = (self.dialect.account)("Treasury");
        let state = account.data.strip_prefix(&discriminator[..]).expect("a treasury");
        Treasury::try_from_slice(state).expect("a treasury")
    }

    /// Jobs accepted and cancelled, credits spent.
    fn counts(&self) -> (u64, u64, u64) {
        let treasury = self.treasury();
        (treasury.accepted, treasury.cancelled, treasury.spent)
    }

    fn free(&self) -> Credits {
        self.world.read::<CreditAccount>(self.credits).balance
    }
}

fn a_treasury_pays_for_jobs(dialect: Dialect) {
    let story = Story::new(dialect);
    let (world, market) = (&story.world, &story.market);
    story.ok(story.open());
    assert_eq!(story.treasury().authority, story.authority.pubkey());

    // A token is worth 2.49 dollars: buying and posting is one step.
    let receipt = story.ok(story.buy_and_post(&story.wants(0)));
    let own = receipt.own_units(story.dialect.id);
    assert!(own <= story.dialect.max_units, "{own} of {} compute units", receipt.units());
    let posted: state::Job = world.read(story.job(0).address);
    assert_eq!((posted.client, posted.funding_account, posted.mint), (story.treasury, story.credits, NONE));
    assert_eq!((posted.provider, posted.deposited), (story.provider.pubkey(), Amount(DOLLAR)));
    assert_eq!(story.free(), Credits(1_490_000));

    // The provider delivers, and the treasury pays.
    world.ok(&[market.start_instruction(world, &story.job(0))], &[&story.provider]);
    world.fails(story.accept_or_cancel(0), &[&story.authority], story.error(CallerError::NothingToDecide));
    // The market's shortest time.
    world.pass(10);
    world.ok(&[market.deliver_instruction(&story.job(0), [7; 32])], &[&story.provider]);
    story.ok(story.accept_or_cancel(0));
    let paid: state::Job = world.read(story.job(0).address);
    assert_eq!((paid.state, paid.paid), (job_state::FINISHED, Amount(DOLLAR)));
    assert_eq!(story.counts(), (1, 0, DOLLAR));
    world.fails(story.accept_or_cancel(0), &[&story.authority], story.error(CallerError::NothingToDecide));

    // Nobody starts the next job: the treasury takes it back.
    story.ok(story.buy_and_post(&story.wants(1)));
    assert_eq!(story.free(), Credits(2_980_000));
    story.ok(story.accept_or_cancel(1));
    assert_eq!(story.counts(), (1, 1, DOLLAR));
    assert_eq!(story.free(), Credits(3_980_000));
}

fn what_joule_refuses_the_caller_cannot_do(dialect: Dialect) {
    let mut story = Story::new(dialect);
    story.ok(story.open());
    let stranger = story.world.user();
    let (world, authority) = (&story.world, &story.authority);

    // Joule's errors come through as they are, and nothing was bought.
    let dear = BuyAndPostArgs { min_credits: 2_490_001, ..story.wants(0) };
    world.fails(story.buy_and_post(&dear), &[authority], BmeError::Slippage);
    let outdated = BuyAndPostArgs { terms_version: story.wants(0).terms_version + 1, ..story.wants(0) };
    world.fails(story.buy_and_post(&outdated), &[authority], EscrowError::TermsChanged);
    assert_eq!((story.free(), world.tokens(story.source)), (Credits(0), 1_000 * TOKEN));

    // Another's treasury.
    story.ok(story.buy_and_post(&story.wants(0)));
    for mut theirs in [story.buy_and_post(&story.wants(1)), story.accept_or_cancel(0)] {
        theirs.accounts[0].pubkey = stranger.pubkey();
        world.fails(theirs, &[&stranger], story.error(CallerError::NotYours));
    }
    // Another's job.
    let theirs = story.market.job(stranger.pubkey(), 0, story.provider.pubkey(), story.work);
    story.network.open_credit_account(world, stranger.pubkey());
    let buy = story.network.buy_instruction(authority.pubkey(), story.source, theirs.funding_account, TOKEN);
    world.ok(&[buy], &[authority]);
    story.market.post(world, &stranger, &theirs, 100);
    let mut meddling = story.accept_or_cancel(0);
    meddling.accounts[4].pubkey = theirs.address;
    world.fails(meddling, &[authority], story.error(CallerError::WrongClient));
    assert_eq!(story.counts(), (0, 0, 0));
}

#[test]
fn a_treasury_pays_for_jobs_on_solana_program() {
    a_treasury_pays_for_jobs(NATIVE);
}

#[test]
fn a_treasury_pays_for_jobs_on_anchor() {
    a_treasury_pays_for_jobs(ANCHOR);
}

#[test]
fn what_joule_refuses_the_caller_cannot_do_on_solana_program() {
    what_joule_refuses_the_caller_cannot_do(NATIVE);
}

#[test]
fn what_joule_refuses_the_caller_cannot_do_on_anchor() {
    what_joule_refuses_the_caller_cannot_do(ANCHOR);
}

/// Its types are others, of the same bytes.
#[test]
fn a_program_on_solana_program_2_buys_credits() {
    let id = Address::new_from_array([0x52; 32]);
    let mut world = World::with(&[("solana_2_caller_test_program", id)]);
    let buyer = world.user();
    let (network, tokens) = Network::new(&mut world, &[buyer.pubkey()]);
    let credits = network.open_credit_account(&world, buyer.pubkey());
    let mut accounts = network.buy_instruction(buyer.pubkey(), tokens[0], credits, TOKEN).accounts;
    accounts.push(AccountMeta::new_readonly(joule_bme_interface::ID, false));
    let buy = |min_credits: u64| Instruction {
        program_id: id,
        accounts: accounts.clone(),
        data: [TOKEN, min_credits].into_iter().flat_map(u64::to_le_bytes).collect(),
    };
    world.fails(buy(2_490_001), &[&buyer], BmeError::Slippage);
    world.ok(&[buy(2_490_000)], &[&buyer]);
    assert_eq!(world.read::<CreditAccount>(credits).balance, Credits(2_490_000));
}
