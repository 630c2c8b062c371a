//! `fanout`: the income of a token account, shared.

use {
    fanout::{FanoutError, ID, instruction::*, pda, state::Fanout, token::associated},
    joule_bme_interface::{BmeError, instruction as bme, state::Epoch},
    joule_escrow_interface::{EscrowError, state::Terms},
    joule_interface::{
        AccountMeta, Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, bytemuck::bytes_of,
    },
    joule_math::{Bps, Seconds, Tokens},
    joule_tests::{
        Network, Receipt, World,
        fixture::{Deposit, Market, NewMint, Pool, TOKEN, usual_terms},
        world::swap,
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::program_pack::Pack,
    solana_signer::Signer,
    solana_system_interface::instruction as system,
    spl_token_2022_interface::{
        extension::{
            BaseStateWithExtensionsMut, ExtensionType, StateWithExtensionsMut, immutable_owner::ImmutableOwner,
            memo_transfer::MemoTransfer,
        },
        instruction as token_2022,
        state::{Account as Account2022, Mint as Mint2022},
    },
    spl_token_interface::{
        instruction::{self as token, AuthorityType},
        state::Mint,
    },
};

const MINUTE: u64 = 60;

/// A fanout of a mint whose authority can freeze, and three who are to share its income.
struct Story {
    world: World,
    mint: NewMint,
    authority: Keypair,
    fanout: Address,
    income: Address,
    people: [Keypair; 3],
}

impl Story {
    fn new(token_program: Address) -> Self {
        let mut world = World::with(&[("fanout", ID)]);
        let mint = freezable(&mut world, token_program);
        Self::of(world, mint)
    }

    fn of(mut world: World, mint: NewMint) -> Self {
        let authority = world.user();
        let people = [world.user(), world.user(), world.user()];
        let fanout = pda::fanout::find(&authority.pubkey(), &mint.address, &[0; 8]).0;
        let income = associated(&fanout, &mint.address, &mint.token_program);
        let story = Self { world, mint, authority, fanout, income, people };
        story.world.ok(&[story.open()], &[&story.authority]);
        story
    }

    /// The same, where the token accounts of all are there.
    fn ready(token_program: Address) -> Self {
        let mut story = Self::new(token_program);
        story.make_accounts();
        story
    }

    fn make_accounts(&mut self) {
        let made = self.world.associated_account(self.mint.address, self.fanout);
        assert_eq!(made, self.income);
        for person in &self.people {
            self.world.associated_account(self.mint.address, person.pubkey());
        }
    }

    fn open(&self) -> Instruction {
        Open {
            payer: self.world.payer().pubkey(),
            authority: self.authority.pubkey(),
            fanout: self.fanout,
            mint: self.mint.address,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&OpenArgs { id: 0 })
    }

    /// Names receivers: each with a fixed amount and a share.
    fn set(&self, period: u32, parts: &[(Address, u64, u32)]) -> Instruction {
        let tail: Vec<u8> = parts
            .iter()
            .flat_map(|&(receiver, fixed, share)| bytes_of(&Share { receiver, fixed: Tokens(fixed), share }).to_vec())
            .collect();
        SetReceivers { authority: self.authority.pubkey(), fanout: self.fanout, income: self.income }
            .instruction_with(&SetReceiversArgs { period: Seconds(period) }, &tail)
    }

    /// The people, with these shares.
    fn share(&self, shares: [u32; 3]) {
        let parts: Vec<_> = self.people.iter().zip(shares).map(|(person, share)| (person.pubkey(), 0, share)).collect();
        self.world.ok(&[self.set(0, &parts)], &[&self.authority]);
    }

    fn distribute(&self, accounts: &[Address]) -> Instruction {
        let mut distribute = Distribute {
            fanout: self.fanout,
            income: self.income,
            mint: self.mint.address,
            token_program: self.mint.token_program,
        }
        .instruction(&DistributeArgs {});
        distribute.accounts.extend(accounts.iter().map(|&account| AccountMeta::new(account, false)));
        distribute
    }

    fn pay_all(&self) -> Receipt {
        self.world.ok(&[self.distribute(&self.accounts())], &[])
    }

    fn accounts(&self) -> [Address; 3] {
        [0, 1, 2].map(|person| self.account_of(person))
    }

    fn account_of(&self, person: usize) -> Address {
        associated(&self.people[person].pubkey(), &self.mint.address, &self.mint.token_program)
    }

    fn claim(&self, person: usize, destination: Address) -> Instruction {
        Claim {
            receiver: self.people[person].pubkey(),
            fanout: self.fanout,
            income: self.income,
            destination,
            mint: self.mint.address,
            token_program: self.mint.token_program,
        }
        .instruction(&ClaimArgs {})
    }

    fn hand_over(&self, successor: Address) -> Instruction {
        HandOver { authority: self.authority.pubkey(), fanout: self.fanout, successor }.instruction(&HandOverArgs {})
    }

    fn close(&self, destination: Address) -> Instruction {
        Close {
            authority: self.authority.pubkey(),
            fanout: self.fanout,
            income: self.income,
            destination,
            rent_receiver: self.world.payer().pubkey(),
            mint: self.mint.address,
            token_program: self.mint.token_program,
        }
        .instruction(&CloseArgs {})
    }

    fn receive(&mut self, amount: u64) {
        self.world.mint_to(&self.mint, self.income, amount);
    }

    fn balances(&self) -> [u64; 3] {
        self.accounts().map(|account| self.world.tokens(account))
    }

    fn owed(&self) -> Vec<u64> {
        self.state().receivers().iter().map(|receiver| receiver.owed.0).collect()
    }

    fn state(&self) -> Fanout {
        self.world.read(self.fanout)
    }

    /// Freezes a token account, or thaws it.
    fn freeze(&self, account: Address, is_frozen: bool) {
        let (mint, authority) = (self.mint.address, self.mint.authority.pubkey());
        let make = if is_frozen { token::freeze_account } else { token::thaw_account };
        let mut instruction = make(&TOKEN_PROGRAM, &account, &mint, &authority, &[]).unwrap();
        instruction.program_id = self.mint.token_program;
        self.world.ok(&[instruction], &[&self.mint.authority]);
    }
}

/// A mint whose authority can freeze.
fn freezable(world: &mut World, token_program: Address) -> NewMint {
    let (mint, authority) = (world.key(), world.user());
    let (payer, size) = (world.payer().pubkey(), Mint::LEN);
    let create = system::create_account(&payer, &mint.pubkey(), world.rent(size), size as u64, &token_program);
    let keys = (authority.pubkey(), mint.pubkey());
    let mut initialize = token::initialize_mint2(&TOKEN_PROGRAM, &keys.1, &keys.0, Some(&keys.0), 6).unwrap();
    initialize.program_id = token_program;
    world.ok(&[create, initialize], &[&mint]);
    NewMint { address: mint.pubkey(), authority, token_program }
}

#[test]
fn income_is_shared_to_the_unit() {
    for token_program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let mut story = Story::ready(token_program);
        story.share([1, 1, 1]);
        story.receive(100);
        story.pay_all();
        assert_eq!((story.balances(), story.world.tokens(story.income)), ([33, 33, 33], 1));
        // The dust is theirs, and paid as soon as there is enough.
        story.receive(2);
        story.pay_all();
        assert_eq!((story.balances(), story.world.tokens(story.income)), ([34, 34, 34], 0));
        // Nothing new, nothing paid.
        story.pay_all();
        assert_eq!(story.balances(), [34, 34, 34]);
    }
}

#[test]
fn fixed_amounts_are_paid_first_each_period() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    let [rent, wages, owner] = [0, 1, 2].map(|person| story.people[person].pubkey());
    let parts = [(rent, 100, 0), (wages, 50, 1), (owner, 0, 3)];
    story.world.ok(&[story.set(MINUTE as u32, &parts)], &[&story.authority]);
    story.receive(120);
    story.pay_all();
    assert_eq!(story.balances(), [100, 20, 0]);
    // As often as anybody calls within the period: no more.
    story.receive(70);
    (0..3).for_each(|_| drop(story.pay_all()));
    assert_eq!(story.balances(), [100, 60, 30]);
    // Three periods in which nobody called and nothing came in: what comes later is for them first.
    story.world.pass(3 * MINUTE);
    story.receive(454);
    story.pay_all();
    assert_eq!(story.balances(), [400, 211, 33]);
}

#[test]
fn what_came_in_before_a_change_is_shared_as_before() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 2]);
    story.receive(400);
    // The authority would have it all: what came in before is the others' all the same.
    let all = [(story.authority.pubkey(), 0, 1)];
    story.world.ok(&[story.set(0, &all)], &[&story.authority]);
    assert_eq!(story.owed(), [0, 100, 100, 200]);
    story.receive(50);
    story.pay_all();
    assert_eq!((story.balances(), story.owed()[0]), ([100, 100, 200], 50));
    // Who left and was paid needs no room any more.
    story.world.ok(&[story.set(0, &all)], &[&story.authority]);
    assert_eq!(story.state().count, 1);
}

#[test]
fn sixteen_is_the_limit_with_those_that_are_still_owed() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 1]);
    story.receive(300);
    let many = |count: u8| -> Vec<_> { (1..=count).map(|it| (Address::new_from_array([it; 32]), 0, 1)).collect() };
    let try_set = |count| story.set(0, &many(count));
    story.world.fails(try_set(14), &[&story.authority], FanoutError::TooManyReceivers);
    story.world.ok(&[try_set(13)], &[&story.authority]);
    story.world.fails(try_set(14), &[&story.authority], FanoutError::TooManyReceivers);
    story.pay_all();
    story.world.ok(&[try_set(16)], &[&story.authority]);
}

/// Closed, frozen, sold, or with an extension that refuses: passed over, and kept.
#[test]
fn who_cannot_be_paid_delays_nobody() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 2]);
    story.receive(400);
    story.freeze(story.account_of(0), true);
    let closing = token::close_account(
        &TOKEN_PROGRAM,
        &story.account_of(1),
        &story.people[1].pubkey(),
        &story.people[1].pubkey(),
        &[],
    );
    story.world.ok(&[closing.unwrap()], &[&story.people[1]]);
    story.pay_all();
    assert_eq!((story.world.tokens(story.account_of(2)), story.owed()), (200, vec![100, 100, 0]));
    // Paid as soon as they can be.
    story.freeze(story.account_of(0), false);
    story.world.associated_account(story.mint.address, story.people[1].pubkey());
    story.receive(4);
    story.pay_all();
    assert_eq!(story.balances(), [101, 101, 202]);

    // Who buys the account of a receiver does not buy its income.
    let buyer = story.world.user();
    let sell = token::set_authority(
        &TOKEN_PROGRAM,
        &story.account_of(0),
        Some(&buyer.pubkey()),
        AuthorityType::AccountOwner,
        &story.people[0].pubkey(),
        &[],
    );
    story.world.ok(&[sell.unwrap()], &[&story.people[0]]);
    story.receive(400);
    story.pay_all();
    assert_eq!((story.balances(), story.owed()), ([101, 201, 402], vec![100, 0, 0]));
    // A receiver that signs takes it where it wants.
    let elsewhere = story.world.token_account(story.mint.address, buyer.pubkey());
    story.world.fails(story.claim(0, story.income), &[&story.people[0]], FanoutError::DuplicateAccount);
    story.world.ok(&[story.claim(0, elsewhere)], &[&story.people[0]]);
    assert_eq!((story.world.tokens(elsewhere), story.owed()), (100, vec![0, 0, 0]));
    story.world.fails(story.claim(0, elsewhere), &[&story.people[0]], FanoutError::ZeroAmount);
    // Read-only in the transaction, as any account can be passed: passed over too.
    story.receive(4);
    let mut distribute = story.distribute(&story.accounts());
    distribute.accounts.last_mut().unwrap().is_writable = false;
    story.world.ok(&[distribute], &[]);
    assert_eq!((story.balances(), story.owed()), ([101, 202, 402], vec![1, 0, 2]));
}

#[test]
fn an_account_that_can_refuse_tokens_is_passed_over() {
    let mut story = Story::ready(TOKEN_2022_PROGRAM);
    story.share([1, 1, 2]);
    let mut extend = |person: usize, extension, init: fn(&mut StateWithExtensionsMut<Account2022>)| {
        let address = story.account_of(person);
        let plain = story.world.account(address).unwrap();
        let size = ExtensionType::try_calculate_account_len::<Account2022>(&[extension]).unwrap();
        let mut data = plain.data.clone();
        data.resize(size, 0);
        data[165] = 2;
        init(&mut StateWithExtensionsMut::<Account2022>::unpack(&mut data).unwrap());
        story.world.set_account(address, Account { data, lamports: 1 << 30, ..plain });
    };
    extend(0, ExtensionType::MemoTransfer, |state| {
        state.init_extension::<MemoTransfer>(true).unwrap().require_incoming_transfer_memos = true.into();
    });
    // As the associated account program makes them.
    extend(1, ExtensionType::ImmutableOwner, |state| {
        state.init_extension::<ImmutableOwner>(true).unwrap();
    });
    story.receive(400);
    story.pay_all();
    assert_eq!((story.balances(), story.owed()), ([0, 100, 200], vec![100, 0, 0]));
}

#[test]
fn frozen_income_waits() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 2]);
    story.receive(400);
    story.freeze(story.income, true);
    story.pay_all();
    assert_eq!((story.balances(), story.owed()), ([0; 3], vec![100, 100, 200]));
    story.world.fails(story.claim(0, story.account_of(0)), &[&story.people[0]], FanoutError::IncomeFrozen);
    // Shares are changed all the same.
    story.share([2, 1, 1]);
    story.freeze(story.income, false);
    story.pay_all();
    assert_eq!(story.balances(), [100, 100, 200]);
}

#[test]
fn only_the_authority_changes_it() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    let thief = story.world.user();
    let all = [(thief.pubkey(), 0, 1)];
    let destination = story.account_of(0);
    for instruction in [story.set(0, &all), story.hand_over(thief.pubkey()), story.close(destination)] {
        let signers: &[&Keypair] = &[&thief];
        story.world.fails(swap(instruction, 0, thief.pubkey()), signers, FanoutError::Unauthorized);
    }
    let mut unsigned = story.set(0, &all);
    unsigned.accounts[0].is_signer = false;
    story.world.fails(unsigned, &[], FanoutError::MissingSigner);
    story.share([1, 1, 1]);
    story.receive(300);
    story.world.fails(swap(story.claim(0, destination), 0, thief.pubkey()), &[&thief], FanoutError::Unauthorized);

    let mut alone = story.hand_over(thief.pubkey());
    alone.accounts[2].is_signer = false;
    story.world.fails(alone, &[&story.authority], FanoutError::MissingSigner);
    let next = story.world.user();
    story.world.ok(&[story.hand_over(next.pubkey())], &[&story.authority, &next]);
    story.world.fails(story.set(0, &all), &[&story.authority], FanoutError::Unauthorized);
    // To nobody, for good: it goes on paying.
    story.world.ok(&[swap(story.hand_over(ID), 0, next.pubkey())], &[&next]);
    story.world.fails(swap(story.set(0, &all), 0, next.pubkey()), &[&next], FanoutError::Final);
    story.world.fails(swap(story.close(destination), 0, next.pubkey()), &[&next], FanoutError::Final);
    story.pay_all();
    assert_eq!(story.balances(), [100; 3]);
}

#[test]
fn accounts_are_those_that_the_fanout_knows() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 1]);
    story.receive(300);
    // Another account of the fanout's, another mint, another fanout.
    let other = story.world.token_account(story.mint.address, story.fanout);
    let mint = freezable(&mut story.world, TOKEN_PROGRAM).address;
    let distribute = || story.distribute(&story.accounts());
    story.world.fails(swap(distribute(), 0, story.income), &[], FanoutError::WrongAccountType);
    story.world.fails(swap(distribute(), 1, other), &[], FanoutError::WrongAddress);
    story.world.fails(swap(distribute(), 2, mint), &[], FanoutError::WrongMint);
    story.world.fails(swap(distribute(), 3, TOKEN_2022_PROGRAM), &[], FanoutError::WrongTokenProgram);
    story.world.fails(swap(distribute(), 4, other), &[], FanoutError::NotAReceiver);
    let set = story.set(0, &[(story.people[0].pubkey(), 0, 1)]);
    story.world.fails(swap(set, 2, other), &[&story.authority], FanoutError::WrongAddress);
    let claim = || story.claim(0, story.account_of(0));
    story.world.fails(swap(claim(), 2, other), &[&story.people[0]], FanoutError::WrongAddress);
    story.world.fails(swap(claim(), 4, mint), &[&story.people[0]], FanoutError::WrongMint);
    story.world.fails(swap(claim(), 5, TOKEN_2022_PROGRAM), &[&story.people[0]], FanoutError::WrongTokenProgram);
    story.world.fails(swap(story.close(other), 2, other), &[&story.authority], FanoutError::WrongAddress);
    story.world.fails(swap(story.close(other), 4, other), &[&story.authority], FanoutError::WrongAddress);
    story.world.fails(story.open(), &[&story.authority], FanoutError::AlreadyInitialized);
    let wrong = swap(story.open(), 2, other);
    story.world.fails(wrong, &[&story.authority], FanoutError::WrongAddress);
    // Once twice, and only some.
    let twice = [story.account_of(0), story.account_of(0)];
    story.world.ok(&[story.distribute(&twice)], &[]);
    assert_eq!((story.balances(), story.owed()), ([100, 0, 0], vec![0, 100, 100]));
}

#[test]
fn mints_that_take_tax_or_stop_tokens_are_refused() {
    let mut world = World::with(&[("fanout", ID)]);
    let authority = world.user();
    let open = |world: &World, mint: Address| {
        let fanout = pda::fanout::find(&authority.pubkey(), &mint, &[0; 8]).0;
        let payer = world.payer().pubkey();
        Open { payer, authority: authority.pubkey(), fanout, mint, system_program: SYSTEM_PROGRAM }
            .instruction(&OpenArgs { id: 0 })
    };
    type Make = fn(&Address, &Address) -> Instruction;
    let makes: [(ExtensionType, Make, bool); 4] = [
        (
            ExtensionType::PermanentDelegate,
            |mint, who| token_2022::initialize_permanent_delegate(&TOKEN_2022_PROGRAM, mint, who).unwrap(),
            false,
        ),
        (
            ExtensionType::MintCloseAuthority,
            |mint, who| token_2022::initialize_mint_close_authority(&TOKEN_2022_PROGRAM, mint, Some(who)).unwrap(),
            false,
        ),
        (
            ExtensionType::NonTransferable,
            |mint, _| token_2022::initialize_non_transferable_mint(&TOKEN_2022_PROGRAM, mint).unwrap(),
            false,
        ),
        (
            ExtensionType::MetadataPointer,
            |mint, who| {
                use spl_token_2022_interface::extension::metadata_pointer::instruction::initialize;
                initialize(&TOKEN_2022_PROGRAM, mint, Some(*who), Some(*mint)).unwrap()
            },
            true,
        ),
    ];
    for (extension, make, is_right) in makes {
        let mint = world.key();
        let (payer, who) = (world.payer().pubkey(), authority.pubkey());
        let size = ExtensionType::try_calculate_account_len::<Mint2022>(&[extension]).unwrap();
        let rent = world.rent(size);
        let create = system::create_account(&payer, &mint.pubkey(), rent, size as u64, &TOKEN_2022_PROGRAM);
        let initialize = token_2022::initialize_mint2(&TOKEN_2022_PROGRAM, &mint.pubkey(), &who, None, 6).unwrap();
        world.ok(&[create, make(&mint.pubkey(), &who), initialize], &[&mint]);
        let open = open(&world, mint.pubkey());
        if is_right {
            world.ok(&[open], &[&authority]);
        } else {
            world.fails(open, &[&authority], FanoutError::MintNotAllowed);
        }
    }
    let nothing = world.user().pubkey();
    world.fails(open(&world, nothing), &[&authority], FanoutError::WrongTokenProgram);
}

#[test]
fn lamports_sent_before_hinder_nobody() {
    let mut world = World::with(&[("fanout", ID)]);
    let mint = world.mint();
    let (rich, authority) = (world.payer().pubkey(), world.user());
    let fanout = pda::fanout::find(&authority.pubkey(), &mint.address, &[0; 8]).0;
    world.ok(&[system::transfer(&rich, &fanout, 1_000_000)], &[]);
    let open =
        Open { payer: rich, authority: authority.pubkey(), fanout, mint: mint.address, system_program: SYSTEM_PROGRAM };
    world.ok(&[open.instruction(&OpenArgs { id: 0 })], &[&authority]);
    assert_eq!(world.lamports(fanout), world.rent(size_of::<Fanout>()));
}

#[test]
fn it_is_closed_once_nobody_is_owed_anything() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    story.share([1, 1, 1]);
    story.receive(100);
    let destination = story.world.token_account(story.mint.address, story.authority.pubkey());
    story.world.fails(story.close(destination), &[&story.authority], FanoutError::StillOwed);
    let before = story.world.lamports(story.world.payer().pubkey());
    let rents = story.world.lamports(story.fanout) + story.world.lamports(story.income);
    story.world.ok(&[story.distribute(&story.accounts()), story.close(destination)], &[&story.authority]);
    assert_eq!((story.balances(), story.world.tokens(destination)), ([33; 3], 1));
    assert_eq!(story.world.account(story.fanout), None);
    assert_eq!(story.world.account(story.income), None);
    // Of two signatures.
    let fees = 10_000;
    assert_eq!(story.world.lamports(story.world.payer().pubkey()), before + rents - fees);
    // Opened again, it knows nothing of before; without a token account it is closed as well.
    story.world.ok(&[story.open(), story.close(destination)], &[&story.authority]);
}

// As the receiver of what Joule pays

/// A network whose treasury is a fanout, with a client who has tokens.
struct Treasury {
    story: Story,
    network: Network,
    client: Keypair,
    source: Address,
}

impl Treasury {
    fn new() -> Self {
        let mut world = World::with(&[("fanout", ID)]);
        let client = world.user();
        let mint = world.mint();
        let source = world.token_account(mint.address, client.pubkey());
        world.mint_to(&mint, source, 1_000 * TOKEN);
        let mut network = Network::unborn(&mut world, &mint);
        let mut story = Story::of(world, mint);
        story.make_accounts();

        // An account of the fanout's that is not its associated one is refused: what comes in there could be nobody's.
        network.treasury = story.world.token_account(network.mint, story.fanout);
        let create = |network: &Network| network.create_instruction(&story.world, story.mint.authority.pubkey());
        let refused = create(&network);
        story.world.fails(refused, &[&network.authority, &story.mint.authority], BmeError::WrongTokenOwner);
        network.treasury = story.income;
        story.world.ok(&[create(&network)], &[&network.authority, &story.mint.authority]);
        network.add_shard(&story.world, 0);
        network.add_shard(&story.world, 1);
        network.refresh_price(&mut story.world);
        Self { story, network, client, source }
    }
}

#[test]
fn a_fanout_is_a_treasury_and_gets_fees_in_credits() {
    let mut it = Treasury::new();
    it.story.share([1, 1, 2]);
    let (world, network) = (&it.story.world, &it.network);
    let provider = Keypair::new_from_array([77; 32]);
    let pool = Pool::unborn(network, network.mint, network.token_program);
    let [work, fees] = [provider.pubkey(), it.story.fanout].map(|owner| network.open_provider_work(world, owner));
    let terms = Terms { fee_share: Bps(1_000), fee_payee: fees, ..usual_terms() };
    let market = Market::unborn(network, &pool, 0, terms).without_pool();
    network.add_spender(world, market.authority);
    let market = market.create(world, network);
    let credits = network.open_credit_account(world, it.client.pubkey());
    let buy = network.buy_instruction(it.client.pubkey(), it.source, credits, 10 * TOKEN);
    world.ok(&[buy], &[&it.client]);
    let job = market.job(it.client.pubkey(), 0, provider.pubkey(), work);
    market.post(world, &it.client, &job, 1_000);
    world.ok(&[market.start_instruction(world, &job)], &[&provider]);
    world.pass(1_000);
    world.ok(&[market.finish_instruction(&job, provider.pubkey(), [1; 32])], &[&provider]);
    world.pass(86_400);
    it.network.refresh_price(&mut it.story.world);
    let (world, network) = (&it.story.world, &it.network);
    world.ok(&[network.close_instruction(world, 0, &[0, 1])], &[]);
    let epoch: Epoch = world.read(network.epoch(0));
    let treasury = epoch.treasury_emission.0;
    assert!(treasury > 0);
    assert_eq!(world.tokens(it.story.income), treasury);

    // Anyone brings in the fees, and nobody elsewhere.
    let collect = |income: Address| {
        let mut collect = CollectRewards {
            fanout: it.story.fanout,
            income,
            network: network.address,
            provider_work: fees,
            reward_vault: network.reward_vault(),
            mint: network.mint,
            token_program: network.token_program,
            bme_program: joule_bme_interface::ID,
        }
        .instruction(&CollectRewardsArgs {});
        collect.accounts.push(AccountMeta::new(network.epoch(0), false));
        collect
    };
    world.fails(collect(it.source), &[], FanoutError::WrongAddress);
    world.ok(&[collect(it.story.income)], &[]);
    let fee = world.tokens(it.story.income) - treasury;
    // A tenth of the providers' part, to the unit.
    assert!(fee.abs_diff(epoch.emission.0 / 10) <= 1, "{fee} of {}", epoch.emission.0);

    // A provider has its own rewards sent there.
    let claim = bme::ClaimEpochs {
        provider: provider.pubkey(),
        network: network.address,
        provider_work: work,
        reward_vault: network.reward_vault(),
        destination: it.story.income,
        mint: network.mint,
        token_program: network.token_program,
    };
    let mut claim = claim.instruction(&bme::ClaimEpochsArgs {});
    claim.accounts.push(AccountMeta::new(network.epoch(0), false));
    world.ok(&[claim], &[&provider]);
    let all = world.tokens(it.story.income);
    assert!(all.abs_diff(treasury + epoch.emission.0) <= 2);
    it.story.pay_all();
    let quarter = all / 4;
    assert_eq!(it.story.balances(), [quarter, quarter, all / 2]);
}

#[test]
fn a_fanout_gets_the_fees_of_a_token_market() {
    let mut it = Treasury::new();
    it.story.share([1, 1, 2]);
    let provider = it.story.world.user();
    let payee = it.story.world.associated_account(it.network.mint, provider.pubkey());
    let (world, network) = (&it.story.world, &it.network);
    let pool = Pool::unborn(network, network.mint, network.token_program);
    let terms = Terms { fee_share: Bps(1_000), fee_payee: it.story.income, ..usual_terms() };
    let market = Market::unborn(network, &pool, 0, terms).without_pool().paid_in(&it.story.mint).create(world, network);
    let deposit = Deposit::of(it.client.pubkey(), network.mint, network.token_program);
    let pay_in = deposit.deposit_instruction(it.client.pubkey(), it.source, TOKEN);
    world.ok(&[deposit.open_instruction(world), pay_in], &[&it.client]);
    let job = market.job(it.client.pubkey(), 0, provider.pubkey(), payee);
    market.post(world, &it.client, &job, 100);
    world.ok(&[market.start_instruction(world, &job)], &[&provider]);
    world.pass(100);
    // A job's pay cannot go to a fanout: the provider itself must own the account.
    let finish = market.finish_instruction(&job, provider.pubkey(), [1; 32]);
    let place = finish.accounts.iter().position(|meta| meta.pubkey == payee).expect("the payee is passed");
    world.fails(swap(finish.clone(), place, it.story.income), &[&provider], EscrowError::WrongTokenOwner);
    world.ok(&[finish], &[&provider]);
    assert_eq!((world.tokens(payee), world.tokens(it.story.income)), (900_000, 100_000));
    it.story.pay_all();
    assert_eq!(it.story.balances(), [25_000, 25_000, 50_000]);
}

/// The figures of the program's page: `cargo test -p joule-tests --test networks fanout::what_it_costs -- --nocapture`.
#[test]
fn what_it_costs() {
    let mut story = Story::ready(TOKEN_PROGRAM);
    let parts: Vec<_> = story.people.iter().map(|person| (person.pubkey(), 0, 1)).collect();
    let report = |name: &str, receipt: &Receipt, most: u64| {
        let units = receipt.own_units(ID);
        println!("{name}: {} compute units, {units} of them its own", receipt.units());
        assert!(units <= most, "{name}: {units}");
    };
    report("SetReceivers, 3 new", &story.world.ok(&[story.set(0, &parts)], &[&story.authority]), 10_000);
    story.receive(300);
    report("Distribute, books alone", &story.world.ok(&[story.distribute(&[])], &[]), 800);
    report("Distribute, pays 3", &story.pay_all(), 5_000);
    story.receive(300);
    report("Claim", &story.world.ok(&[story.claim(0, story.account_of(0))], &[&story.people[0]]), 2_200);
}
