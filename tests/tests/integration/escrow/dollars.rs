//! Stablecoins, and what their issuers may do: freeze an account, tax, hook or pause transfers, take from any account.

use {
    super::*,
    joule_escrow_interface::{
        instruction::{CreateVerificationArgs, DepositTokens, DepositTokensArgs},
        state::{Market as MarketState, issuer_power::*},
    },
    joule_interface::TOKEN_2022_PROGRAM,
    joule_tests::fixture::{PAXOS, Verified, usual_verification},
    spl_token_2022_interface::extension::ExtensionType::{self, *},
};

const ALL: u8 = FREEZE | FEE | HOOK | PAUSE | TAKE;
/// What the client has put in: a thousand dollars.
const DOLLARS: u64 = 1_000_000_000;
const FEE_SHARE: Bps = Bps(250);
const PAYMENT: u64 = COST - COST / 40;
/// Where the vault of the deposit stands in PostJob, ExtendJob and RejectJob, if the issuer may take.
const VAULT_IN_POST: usize = 7;

/// A stablecoin by its bytes, and the powers of its issuer.
fn stablecoins() -> [(&'static str, Option<&'static [ExtensionType]>, u8); 4] {
    [("USDC", None, FREEZE), ("USDT", None, FREEZE), ("PYUSD", Some(&PAXOS), ALL), ("USDG", Some(&PAXOS), ALL)]
}

/// The usual story, with a market that is paid in dollars and whose treasury gets a fee, and two clients with deposits: the second
/// is `story.someone`.
struct Dollars {
    story: Story,
    coin: NewMint,
    market: Market,
    deposits: [Deposit; 2],
    wallets: [Address; 2],
    treasury: Address,
    payees: [Address; 2],
}

impl Dollars {
    fn new(name: &str, extensions: Option<&[ExtensionType]>, powers: u8) -> Self {
        let mut story = Story::new();
        let world = &mut story.world;
        let coin = match extensions {
            None => world.classic_dollar(),
            Some(extensions) => world.dollar_with(extensions, powers & FREEZE != 0, name),
        };
        let clients = [story.client.pubkey(), story.someone.pubkey()];
        let wallets = clients.map(|client| world.token_account(coin.address, client));
        let treasury_owner = world.address();
        let treasury = world.associated_account(coin.address, treasury_owner);
        let payees = [0, 1].map(|worker: usize| {
            let worker = story.workers[worker].key.pubkey();
            world.associated_account(coin.address, worker)
        });
        let deposits = clients.map(|client| Deposit::of(client, coin.address, coin.token_program));
        for ((deposit, wallet), key) in deposits.iter().zip(wallets).zip([&story.client, &story.someone]) {
            world.mint_to(&coin, wallet, 2 * DOLLARS);
            let open = deposit.open_naming_instruction(world, powers);
            world.ok(&[open, deposit.deposit_instruction(key.pubkey(), wallet, DOLLARS)], &[key]);
        }
        let terms = Terms { fee_share: FEE_SHARE, fee_payee: treasury, ..usual_terms() };
        let market = Market::unborn(&story.network, &story.pool, story.number(), terms).paid_in(&coin);
        let create = market.create_naming_instruction(&story.world, &story.network, powers);
        story.world.ok(&[create], &[&story.network.authority]);
        Self { story, coin, market, deposits, wallets, treasury, payees }
    }

    fn client(&self, who: usize) -> &Keypair {
        [&self.story.client, &self.story.someone][who]
    }

    /// A job of one of the clients for one of the workers.
    fn unposted(&self, who: usize, worker: usize) -> Job {
        let provider = self.story.workers[worker].key.pubkey();
        self.market.job(self.client(who).pubkey(), self.story.number(), provider, self.payees[worker])
    }

    fn post(&self, job: &Job) -> Instruction {
        let post = self.market.post_instruction(&self.story.world, job, HOUR);
        if self.market_state().issuer_powers & TAKE == 0 {
            return post;
        }
        swap(post, VAULT_IN_POST, job.work_shard_or_vault)
    }

    fn running(&self, who: usize, worker: usize) -> Job {
        let job = self.unposted(who, worker);
        self.story.world.ok(&[self.post(&job)], &[self.client(who)]);
        self.story.start(&self.market, &job);
        job
    }

    /// What anyone may send once the time is over, to pay at most `most` now.
    fn finish(&self, job: &Job, most: u64) -> Instruction {
        let mut finish = self.market.finish_instruction(job, self.story.payer.pubkey(), NO_RESULT);
        finish.data[33..41].copy_from_slice(&most.to_le_bytes());
        finish
    }

    fn finished(&self, job: &Job, most: u64) -> Receipt {
        self.story.world.ok(&[self.finish(job, most)], &[&self.story.payer])
    }

    fn settle(&self, job: &Job) -> Instruction {
        self.market.settle_instruction(job)
    }

    fn is_refused(&self, instruction: Instruction, signers: &[&Keypair]) {
        assert!(self.story.world.send(&[instruction], signers).is_err());
    }

    /// What only the issuer may do.
    fn issuer(&self, instruction: Instruction) {
        self.story.world.ok(&[instruction], &[&self.coin.authority]);
    }

    fn state(&self, job: &Job) -> (u8, u64, u64, u64) {
        let job = self.story.job(job);
        assert_eq!(
            job.deposited.0,
            job.paid.0 + job.fee_paid.0 + job.penalty.0 + job.refunded.0 + job.held.0,
            "the books"
        );
        (job.state, job.paid.0, job.fee_paid.0, job.held.0)
    }

    fn books(&self, who: usize) -> (u64, u64) {
        let deposit: DepositState = self.story.world.read(self.deposits[who].address);
        (deposit.free.0, deposit.held.0)
    }

    fn tokens(&self, account: Address) -> u64 {
        self.story.world.tokens(account)
    }

    fn market_state(&self) -> MarketState {
        self.story.world.read(self.market.address)
    }

    /// What notes what is missing, by anyone: a deposit of nothing.
    fn note(&self, who: usize) -> Instruction {
        let deposit = &self.deposits[who];
        deposit.deposit_instruction(self.story.payer.pubkey(), deposit.vault, 0)
    }

    /// Everything that was left is paid, comes out, and the deposit closes.
    fn wind_up(&self, who: usize) {
        let (world, deposit) = (&self.story.world, &self.deposits[who]);
        let (free, held) = self.books(who);
        assert_eq!((held, self.tokens(deposit.vault)), (0, free));
        let out = deposit.withdraw_instruction(self.wallets[who], free);
        world.ok(&[out, deposit.close_instruction(world)], &[self.client(who)]);
        assert_eq!((world.account(deposit.vault), world.account(deposit.address)), (None, None));
    }
}

#[test]
fn stablecoins_pay_as_they_are() {
    for (name, extensions, powers) in stablecoins() {
        let dollars = Dollars::new(name, extensions, powers);
        let world = &dollars.story.world;
        let deposit: DepositState = world.read(dollars.deposits[0].address);
        assert_eq!((dollars.market_state().issuer_powers, deposit.issuer_powers), (powers, powers), "{name}");
        assert_eq!((deposit.decimals, deposit.free), (6, Amount(DOLLARS)));
        let job = dollars.running(0, 0);
        world.pass(60);
        world.ok(&[dollars.settle(&job)], &[]);
        assert_eq!(dollars.tokens(dollars.payees[0]), 60 * PRICE - 60 * PRICE / 40);
        world.pass(HOUR as u64);
        dollars.finished(&job, u64::MAX);
        assert_eq!(dollars.state(&job), (job_state::FINISHED, PAYMENT, COST / 40, 0));
        assert_eq!((dollars.tokens(dollars.payees[0]), dollars.tokens(dollars.treasury)), (PAYMENT, COST / 40));
        // A fee can be burned as well.
        let terms = Terms { fee_payee: dollars.coin.address, ..dollars.market.terms };
        world.ok(
            &[dollars.market.set_instruction(&dollars.story.network, terms, 0)],
            &[&dollars.story.network.authority],
        );
        let burning = Dollars { market: Market { terms, ..dollars.market }, ..dollars };
        let (supply, job) = (burning.story.world.supply(burning.coin.address), burning.running(1, 1));
        burning.story.world.pass(HOUR as u64);
        burning.finished(&job, u64::MAX);
        assert_eq!(supply - burning.story.world.supply(burning.coin.address), COST / 40);
        burning.wind_up(0);
        burning.wind_up(1);
    }
}

/// USDC is paid for the same compute units as a mint without a freeze authority.
#[test]
fn a_freeze_authority_costs_nothing() {
    let plain = Story::new();
    let market = plain.token_market(usual_terms());
    let usdc = Dollars::new("USDC", None, FREEZE);
    let free = Market { terms: usual_terms(), ..usdc.market };
    let set = free.set_instruction(&usdc.story.network, usual_terms(), 0);
    usdc.story.world.ok(&[set], &[&usdc.story.network.authority]);
    let usdc = Dollars { market: free, ..usdc };
    let of_plain = {
        let job = plain.running(&market);
        plain.world.pass(HOUR as u64);
        let finish = market.finish_instruction(&job, job.provider, RESULT);
        plain.world.ok(&[finish], &[plain.key(&job)]).own_units(ID)
    };
    let of_usdc = {
        let job = usdc.running(0, 0);
        usdc.story.world.pass(HOUR as u64);
        let finish = usdc.market.finish_instruction(&job, job.provider, RESULT);
        usdc.story.world.ok(&[finish], &[usdc.story.key(&job)]).own_units(ID)
    };
    assert_eq!(of_plain, of_usdc);
}

#[test]
fn what_an_issuer_may_do_is_named_or_refused() {
    let mut story = Story::new();
    let extensions = |power| -> &[ExtensionType] {
        match power {
            FREEZE => &[DefaultAccountState],
            FEE => &[TransferFeeConfig],
            HOOK => &[TransferHook],
            PAUSE => &[Pausable],
            TAKE => &[PermanentDelegate],
            _ => &[MintCloseAuthority],
        }
    };
    let harmless = [ConfidentialTransferMint, ConfidentialTransferFeeConfig, MetadataPointer, TokenMetadata];
    let mut mints = vec![(story.world.classic_dollar(), FREEZE), (story.world.dollar_with(&[], true, ""), FREEZE)];
    mints.push((story.world.dollar_with(&harmless, false, "named"), 0));
    for power in [FREEZE, FEE, HOOK, PAUSE, TAKE, ALL] {
        mints.push((story.world.dollar_with(extensions(power), false, ""), power));
    }
    let (world, client) = (&story.world, &story.client);
    for (mint, powers) in &mints {
        let deposit = Deposit::of(client.pubkey(), mint.address, mint.token_program);
        let market = Market::unborn(&story.network, &story.pool, story.number(), usual_terms()).paid_in(mint);
        let open = |named| deposit.open_naming_instruction(world, named);
        let create = |named| market.create_naming_instruction(world, &story.network, named);
        for missing in [FREEZE, FEE, HOOK, PAUSE, TAKE].into_iter().filter(|power| powers & power != 0) {
            world.fails(open(ALL & !missing), &[client], EscrowError::PowersNotNamed);
            world.fails(create(ALL & !missing), &[&story.network.authority], EscrowError::PowersNotNamed);
        }
        if *powers != 0 {
            // A stranger pays the rent, and names nothing for the client.
            world.fails(unsigned(open(*powers), 1), &[], EscrowError::MissingSigner);
        }
        // More may be named than there is; what there is is noted.
        world.ok(&[open(ALL)], &[client]);
        world.ok(&[create(ALL)], &[&story.network.authority]);
        assert_eq!(world.read::<DepositState>(deposit.address).issuer_powers, *powers);
        assert_eq!(world.read::<MarketState>(market.address).issuer_powers, *powers);
    }
    // What no vault could live with is refused whatever is named.
    for extension in [NonTransferable, ConfidentialMintBurn, PermissionedBurn] {
        let mint = story.world.dollar_with(&[extension], false, "");
        let deposit = Deposit::of(story.client.pubkey(), mint.address, mint.token_program);
        let open = deposit.open_naming_instruction(&story.world, ALL);
        story.world.fails(open, &[&story.client], EscrowError::MintNotAllowed);
    }
}

/// What secures jobs is never in a token that an issuer can freeze or take. (Pools are tested with `stake`.)
#[test]
fn dispute_bonds_stay_strict() {
    let mut story = Story::new();
    let mints = [story.world.classic_dollar(), story.world.dollar_with(&PAXOS, true, "PYUSD")];
    for mint in mints {
        let staked = (mint.address, mint.token_program);
        let terms = CreateVerificationArgs { id: story.number(), ..usual_verification() };
        let verified = Verified::unborn(&story.network, VERIFIER.1, staked, terms);
        let create = verified.create_instruction(&story.world, &story.network);
        story.world.fails(create, &[&story.network.authority], EscrowError::MintNotAllowed);
    }
}

#[test]
fn a_frozen_account_delays_its_own_payment_alone() {
    for (name, extensions, powers) in stablecoins() {
        let dollars = Dollars::new(name, extensions, powers);
        let (world, coin) = (&dollars.story.world, &dollars.coin);
        let jobs: [Job; 6] = std::array::from_fn(|number| dollars.running(number / 4, number % 2));
        world.pass(60);
        dollars.issuer(coin.freeze_instruction(dollars.payees[0], true));
        // While it runs: nothing is paid, and nobody fails.
        let settled = world.ok(&[dollars.settle(&jobs[0])], &[]);
        assert!(settled.events::<event::JobSettled>(ID).is_empty());
        assert_eq!(dollars.state(&jobs[0]), (job_state::RUNNING, 0, 0, COST));
        world.pass(HOUR as u64);
        // The provider's account: its pay waits, the fee and the refund do not.
        let ended: event::JobEnded = dollars.finished(&jobs[0], u64::MAX).event(ID);
        assert_eq!((ended.state, ended.paid, ended.held), (job_state::OWING, Amount(0), Amount(PAYMENT)));
        assert_eq!(dollars.state(&jobs[0]), (job_state::OWING, 0, COST / 40, PAYMENT));
        assert_eq!((dollars.tokens(dollars.payees[0]), dollars.tokens(dollars.treasury)), (0, COST / 40));
        world.fails(dollars.settle(&jobs[0]), &[], EscrowError::NothingPaid);
        world.ok(&[dollars.market.settle_bond_instruction(&jobs[0], dollars.story.network_wallet)], &[]);
        // Other jobs of the same client and of another.
        dollars.finished(&jobs[1], u64::MAX);
        dollars.finished(&jobs[5], u64::MAX);
        assert_eq!(dollars.tokens(dollars.payees[1]), 2 * PAYMENT);

        // The treasury's account: the fee waits for it, and goes to nobody else.
        dollars.issuer(coin.freeze_instruction(dollars.treasury, true));
        dollars.finished(&jobs[3], u64::MAX);
        assert_eq!(dollars.state(&jobs[3]), (job_state::OWING, PAYMENT, 0, COST / 40));
        assert_eq!(dollars.tokens(dollars.payees[1]), 3 * PAYMENT);
        world.fails(dollars.settle(&jobs[3]), &[], EscrowError::NothingPaid);
        assert_eq!(dollars.state(&jobs[3]), (job_state::OWING, PAYMENT, 0, COST / 40));
        // Both, and two jobs at once.
        dollars.finished(&jobs[2], u64::MAX);
        assert_eq!(dollars.state(&jobs[2]), (job_state::OWING, 0, 0, COST));
        let both = dollars.market.settle_many_instruction(&[jobs[0], jobs[2]], u64::MAX);
        world.fails(both.clone(), &[], EscrowError::NothingPaid);
        assert_eq!(dollars.state(&jobs[2]), (job_state::OWING, 0, 0, COST));

        // Another account in the place of the fee's makes it wait no more than a frozen one.
        let wrong = swap(dollars.settle(&jobs[2]), 8, dollars.payees[0]);
        world.fails(wrong, &[], EscrowError::FeeRequired);

        // The vault: nothing of it is paid, all is booked, other clients' jobs are paid.
        dollars.issuer(coin.freeze_instruction(dollars.treasury, false));
        dollars.issuer(coin.freeze_instruction(dollars.deposits[1].vault, true));
        dollars.is_refused(dollars.finish(&jobs[4], u64::MAX), &[&dollars.story.payer]);
        dollars.finished(&jobs[4], 0);
        assert_eq!(dollars.state(&jobs[4]), (job_state::OWING, 0, 0, COST));
        let posted = dollars.unposted(1, 1);
        world.ok(&[dollars.post(&posted)], &[dollars.client(1)]);
        world.ok(&[dollars.market.cancel_instruction(&posted, posted.client)], &[dollars.client(1)]);
        let out = dollars.deposits[1].withdraw_instruction(dollars.wallets[1], 1);
        dollars.is_refused(out, &[dollars.client(1)]);
        dollars.is_refused(dollars.settle(&jobs[4]), &[]);
        world.ok(&[dollars.settle(&jobs[3])], &[]);
        assert_eq!(dollars.state(&jobs[3]), (job_state::FINISHED, PAYMENT, COST / 40, 0));

        // All is fetched by anyone, once the accounts are free again.
        dollars.issuer(coin.freeze_instruction(dollars.deposits[1].vault, false));
        dollars.issuer(coin.freeze_instruction(dollars.payees[0], false));
        world.ok(&[both], &[]);
        world.ok(&[dollars.settle(&jobs[4])], &[]);
        for job in &jobs {
            assert_eq!(dollars.state(job), (job_state::FINISHED, PAYMENT, COST / 40, 0), "{name}");
        }
        assert_eq!(dollars.payees.map(|payee| dollars.tokens(payee)), [3 * PAYMENT; 2]);
        assert_eq!(dollars.tokens(dollars.treasury), 6 * (COST / 40));
        dollars.wind_up(0);
        dollars.wind_up(1);
    }
}

/// Whoever waits in a queue is assigned a job without being asked, also one that nobody can pay now.
#[test]
fn a_provider_need_not_start_what_a_vault_cannot_pay() {
    for (name, extensions, powers) in stablecoins() {
        let mut dollars = Dollars::new(name, extensions, powers);
        let terms = Terms {
            bond_amount: Tokens(BOND),
            no_start_penalty: Bps::WHOLE,
            reports: 1,
            fee_share: FEE_SHARE,
            fee_payee: dollars.treasury,
            ..usual_terms()
        };
        let story = &dollars.story;
        let market = Market::unborn(&story.network, &story.pool, story.number(), terms).paid_in(&dollars.coin);
        story
            .world
            .ok(&[market.create_naming_instruction(&story.world, &story.network, powers)], &[&story.network.authority]);
        dollars.market = market.with_queue(&story.world, 4);
        let (story, market) = (&dollars.story, &dollars.market);
        let world = &story.world;
        let assigned = || {
            let worker = &story.workers[0].key;
            world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
            let job = Job { matching: matching::QUEUE, ..dollars.unposted(1, 0) };
            world.ok(&[dollars.post(&job)], &[dollars.client(1)]);
            assert_eq!(story.job(&job).state, job_state::ASSIGNED);
            job
        };
        let cancel = |job: &Job, vault: Address, caller: &Keypair| {
            // The vault stands where the spender does.
            swap(market.cancel_instruction(job, caller.pubkey()), 4, vault)
        };
        let (vault, other) = (dollars.deposits[1].vault, dollars.deposits[0].vault);
        let freeze = |frozen| dollars.issuer(dollars.coin.freeze_instruction(vault, frozen));
        let client = dollars.client(1);
        // In time a client owes its provider, whatever the issuer did. It need not show the vault.
        let job = assigned();
        freeze(true);
        world.ok(&[cancel(&job, ID, client)], &[client]);
        assert_eq!(story.job(&job).state, job_state::OWING);
        freeze(false);
        // Too late without an excuse, and with one. Nobody hides it.
        for (frozen, how) in [(false, outcome::FAILED), (true, outcome::NONE)] {
            let job = assigned();
            if frozen {
                freeze(true);
            }
            world.pass(300);
            world.fails(cancel(&job, ID, &story.payer), &[&story.payer], EscrowError::TooEarly);
            world.pass(1);
            for wrong in [ID, other] {
                world.fails(cancel(&job, wrong, client), &[client], EscrowError::WrongAddress);
            }
            world.ok(&[cancel(&job, vault, &story.payer)], &[&story.payer]);
            let state = story.job(&job);
            assert_eq!(
                (state.state, state.outcome, state.refunded),
                (job_state::CANCELLED, how, state.deposited),
                "{name}"
            );
        }
        // Nor need it hold a machine ready for it. Its client pays for leaving as ever.
        freeze(false);
        let reserved = [(); 3].map(|()| {
            let job = dollars.unposted(1, 0);
            let offer = market.offer_instruction(&job, world.now().0 + 1_000, 1_000, 5_000);
            world.ok(&[dollars.post(&job), offer], &[client]);
            let key = story.key(&job);
            world.ok(&[market.take_instruction(world, &job)], &[key]);
            job
        });
        let [held, left, by_client] = &reserved;
        let key = story.key(held);
        world.fails(cancel(held, other, key), &[key], EscrowError::WrongAddress);
        world.ok(&[cancel(held, vault, key)], &[key]);
        assert!(story.job(held).bond_to_seize > Tokens(0), "{name}");
        freeze(true);
        world.ok(&[cancel(left, vault, key)], &[key]);
        assert_eq!((story.job(left).state, story.job(left).bond_to_seize), (job_state::CANCELLED, Tokens(0)), "{name}");
        world.ok(&[cancel(by_client, ID, client)], &[client]);
        assert_eq!(story.job(by_client).state, job_state::OWING, "{name}");
        if powers & TAKE == 0 {
            continue;
        }
        // So if the issuer took of what jobs hold, and not if only of what is free.
        freeze(false);
        let take = |amount| dollars.issuer(dollars.coin.take_instruction(vault, dollars.wallets[0], amount));
        for (left, how) in [(COST, outcome::FAILED), (COST - 1, outcome::NONE)] {
            let job = assigned();
            let held = dollars.books(1).1;
            take(dollars.tokens(vault) - held + COST - left);
            world.pass(301);
            world.fails(cancel(&job, ID, client), &[client], EscrowError::WrongAddress);
            world.ok(&[cancel(&job, vault, client)], &[client]);
            assert_eq!(story.job(&job).outcome, how, "{name}: {left}");
        }
    }
}

/// Whoever has the key of an address can close an account there, and make another.
#[test]
fn a_frozen_account_of_another_mint_receives_no_fee() {
    let mut dollars = Dollars::new("USDC", None, FREEZE);
    let job = dollars.running(0, 0);
    dollars.story.world.pass(HOUR as u64 + 60);
    let mut account = dollars.story.world.account(dollars.treasury).expect("it is there");
    let other = dollars.story.world.address();
    account.data[..32].copy_from_slice(other.as_ref());
    account.data[108] = 2;
    dollars.story.world.set_account(dollars.treasury, account);
    dollars.finished(&job, u64::MAX);
    assert_eq!(dollars.state(&job), (job_state::FINISHED, PAYMENT, COST / 40, 0));
    assert_eq!(dollars.tokens(dollars.payees[0]), COST);
}

/// A mint that was closed and made again without the powers that it had: deposits of the old one hold nothing for markets of the new.
#[test]
fn a_deposit_of_an_earlier_mint_pays_no_job() {
    let mut dollars = Dollars::new("USDC", None, FREEZE);
    let mut deposit: DepositState = dollars.story.world.read(dollars.deposits[0].address);
    deposit.issuer_powers = ALL;
    dollars.story.world.forge(dollars.deposits[0].address, &deposit);
    let job = dollars.unposted(0, 0);
    dollars.story.world.fails(dollars.post(&job), &[dollars.client(0)], EscrowError::PowersNotNamed);
}

/// An issuer that stops, hooks or taxes transfers: nobody gets less, all is booked as owed, and fetched when transfers are whole again.
#[test]
fn what_cannot_be_transferred_whole_waits() {
    for (extensions, powers) in [
        (vec![Pausable], PAUSE),
        (vec![TransferHook], HOOK),
        (vec![TransferFeeConfig], FEE),
        (PAXOS.to_vec(), ALL),
        ([&PAXOS[..], &[Pausable]].concat(), ALL),
    ] {
        let mut dollars = Dollars::new("USDG", Some(&extensions), powers);
        let has = |extension| extensions.contains(&extension);
        let acts = [(has(Pausable), "pauses"), (has(TransferHook), "hooks"), (has(TransferFeeConfig), "taxes")];
        for (_, act) in acts.into_iter().filter(|(can, _)| *can) {
            let set = |dollars: &mut Dollars, on: bool| match act {
                "pauses" => dollars.issuer(dollars.coin.pause_instruction(on)),
                "hooks" => dollars.issuer(dollars.coin.hook_instruction(on.then_some(ID))),
                _ => dollars.story.world.set_transfer_fee(&dollars.coin, if on { 1 } else { 0 }),
            };
            let job = dollars.running(0, 0);
            dollars.story.world.pass(HOUR as u64);
            set(&mut dollars, true);
            let before = [dollars.payees[0], dollars.treasury].map(|account| dollars.tokens(account));
            dollars.is_refused(dollars.finish(&job, u64::MAX), &[&dollars.story.payer]);
            dollars.finished(&job, 0);
            assert_eq!(dollars.state(&job), (job_state::OWING, 0, 0, COST), "{act}");
            dollars.is_refused(dollars.settle(&job), &[]);
            // Neither does anything go in or out short.
            let (deposit, wallet) = (dollars.deposits[0], dollars.wallets[0]);
            dollars.is_refused(deposit.withdraw_instruction(wallet, 1_000), &[dollars.client(0)]);
            let put = deposit.deposit_instruction(deposit.client, wallet, 1_000);
            dollars.is_refused(put.clone(), &[dollars.client(0)]);
            // Jobs are posted, started and cancelled as before.
            let next = dollars.running(0, 1);
            assert_eq!([dollars.payees[0], dollars.treasury].map(|account| dollars.tokens(account)), before);

            set(&mut dollars, false);
            let world = &dollars.story.world;
            world.ok(&[dollars.settle(&job)], &[]);
            assert_eq!(dollars.state(&job), (job_state::FINISHED, PAYMENT, COST / 40, 0), "{act}");
            assert_eq!(
                [dollars.payees[0], dollars.treasury].map(|account| dollars.tokens(account)),
                [before[0] + PAYMENT, before[1] + COST / 40]
            );
            world.ok(&[put, deposit.withdraw_instruction(wallet, 1_000)], &[dollars.client(0)]);
            world.pass(HOUR as u64);
            dollars.finished(&next, u64::MAX);
        }
        dollars.wind_up(0);
    }
}

/// First the client's free tokens, then what it puts in next, and only then its jobs, in the order in which they are paid.
#[test]
fn a_clawback_falls_on_that_clients_deposit() {
    let dollars = Dollars::new("PYUSD", Some(&PAXOS), ALL);
    let (world, [deposit, other]) = (&dollars.story.world, &dollars.deposits);
    let client = dollars.client(0);
    let take = |amount| dollars.issuer(dollars.coin.take_instruction(deposit.vault, dollars.wallets[1], amount));
    let put = |amount| deposit.deposit_instruction(deposit.client, dollars.wallets[0], amount);
    let out = |amount| deposit.withdraw_instruction(dollars.wallets[0], amount);
    let [first, second] = [0, 1].map(|worker| dollars.running(0, worker));
    let of_other = dollars.running(1, 0);
    world.fails(dollars.note(0), &[&dollars.story.payer], EscrowError::ZeroAmount);

    // A part of what is free: jobs do not notice it. It cannot be spent again, whether it is noted or not.
    let free = DOLLARS - 2 * COST;
    take(free - COST);
    assert_eq!(dollars.books(0), (free, 2 * COST));
    world.fails(out(COST + 1), &[client], EscrowError::InsufficientFunds);
    let [third, fourth] = [0, 1].map(|worker| dollars.unposted(0, worker));
    let fails = |instruction| world.fails(instruction, &[client], EscrowError::InsufficientFunds);
    world.ok(&[dollars.post(&third)], &[client]);
    fails(dollars.post(&fourth));
    // The vault must be shown, and it must be this one's.
    world.fails(swap(dollars.post(&fourth), VAULT_IN_POST, ID), &[client], EscrowError::WrongAddress);
    world.fails(swap(dollars.post(&fourth), VAULT_IN_POST, other.vault), &[client], EscrowError::WrongAddress);
    let extend = |vault| swap(dollars.market.extend_instruction(&first, 60), 4, vault);
    fails(extend(deposit.vault));
    world.fails(extend(ID), &[client], EscrowError::WrongAddress);
    world.ok(&[dollars.market.cancel_instruction(&third, third.client)], &[client]);
    // Anyone notes what is missing.
    let noted: event::TokensDeposited = world.ok(&[dollars.note(0)], &[&dollars.story.payer]).event(ID);
    assert_eq!((noted.amount, noted.free), (Amount(0), Amount(COST)));
    world.ok(&[out(COST)], &[client]);
    assert_eq!(dollars.books(0), (0, 2 * COST));

    // More than was free: jobs are paid in the order in which they are settled, while there is something.
    take(COST / 2);
    world.pass(HOUR as u64);
    dollars.finished(&first, u64::MAX);
    assert_eq!(dollars.state(&first), (job_state::FINISHED, PAYMENT, COST / 40, 0));
    dollars.is_refused(dollars.finish(&second, u64::MAX), &[&dollars.story.payer]);
    dollars.finished(&second, COST / 2);
    assert_eq!(dollars.state(&second), (job_state::OWING, COST / 2, 0, COST / 2));
    assert_eq!(dollars.tokens(deposit.vault), 0);
    // Other clients' jobs are paid, and what they hold is there.
    dollars.finished(&of_other, u64::MAX);
    assert_eq!(dollars.books(1), (DOLLARS - COST, 0));
    dollars.wind_up(1);

    // What the client puts in next fills the gap.
    let filled: event::TokensDeposited = world.ok(&[put(COST / 4)], &[client]).event(ID);
    assert_eq!((filled.amount, filled.free), (Amount(0), Amount(0)));
    fails(out(1));
    fails(dollars.post(&fourth));
    let filled: event::TokensDeposited = world.ok(&[put(COST / 4 + 7)], &[client]).event(ID);
    assert_eq!((filled.amount, filled.free), (Amount(7), Amount(7)));
    world.ok(&[dollars.settle(&second)], &[]);
    assert_eq!(dollars.state(&second), (job_state::FINISHED, PAYMENT, COST / 40, 0));
    dollars.wind_up(0);
}

#[test]
fn a_note_of_what_is_missing_reads_the_deposits_own_vault() {
    let dollars = Dollars::new("PYUSD", Some(&PAXOS), ALL);
    let [deposit, other] = &dollars.deposits;
    let note = DepositTokens {
        authority: dollars.story.payer.pubkey(),
        deposit: deposit.address,
        source: dollars.wallets[0],
        vault: other.vault,
        mint: deposit.mint,
        token_program: TOKEN_2022_PROGRAM,
    }
    .instruction(&DepositTokensArgs { amount: Amount(0) });
    dollars.story.world.fails(note, &[&dollars.story.payer], EscrowError::WrongAddress);
}
