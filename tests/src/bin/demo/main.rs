//! Compute jobs from the first token to the last, on the real programs, and the books at the end.

mod agent;
mod dollars;
mod escrow;
mod identity;
mod keys;
mod month;
mod orders;
mod reserve;
mod verification;

use {
    joule_bme_interface::{
        event::{EpochSettled, WorkAccrued},
        instruction::{AccrueWork, AccrueWorkArgs, ConsumeCredits, ConsumeCreditsArgs, LockCredits, LockCreditsArgs},
        state::{BurnShard, CreditAccount, Epoch, ProviderWork, WorkShard},
    },
    joule_escrow_interface::{EscrowError, event::JobEnded, state::Terms},
    joule_interface::{Address, Instruction},
    joule_math::{Bps, Credits, Tokens},
    joule_stake_interface::state::Provider,
    joule_tests::{
        Receipt, World,
        fixture::{Backer, DECIMALS, Market, Network, Pool, TOKEN, usual_terms},
    },
    serde_json::{Value, json},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{collections::BTreeMap, fmt::Write, process::ExitCode},
};

/// Hardware class of the job's machine.
const CLASS: u32 = 7;
const WEEK: u64 = 7 * 86_400;

/// One step: who did what, what moved, and what it cost.
struct Step {
    who: &'static str,
    what: String,
    moved: Vec<(String, i128, &'static str)>,
    units: u64,
    written: usize,
}

/// One line of the books: two ways to arrive at a number.
struct Line {
    name: &'static str,
    left: (&'static str, u64),
    right: (&'static str, u64),
}

impl Line {
    fn balances(&self) -> bool {
        self.left.1 == self.right.1
    }
}

/// The story's accounts, and what was in them after the last step.
struct Demo {
    world: World,
    tokens: Vec<(&'static str, Address)>,
    /// Of the coin that a market is paid in.
    coins: Vec<(&'static str, Address)>,
    /// Of the stablecoin that credits are sold for.
    dollars: Vec<(&'static str, Address)>,
    credits: Option<Address>,
    balances: BTreeMap<String, (i128, &'static str)>,
    steps: Vec<Step>,
    print: bool,
}

impl Demo {
    /// Goes on after `steps`, in a world with these accounts.
    fn new(
        world: World,
        tokens: Vec<(&'static str, Address)>,
        coins: Vec<(&'static str, Address)>,
        steps: Vec<Step>,
        print: bool,
    ) -> Self {
        let (dollars, balances) = (vec![], BTreeMap::new());
        let mut demo = Self { world, tokens, coins, dollars, credits: None, balances, steps, print };
        demo.balances = demo.read_balances();
        demo
    }

    /// Sends a step and notes what it moved.
    fn step(&mut self, who: &'static str, what: &str, instructions: &[Instruction], signers: &[&Keypair]) -> Receipt {
        let receipt = self.world.ok(instructions, signers);
        self.note(who, what, receipt.units(), receipt.writable.len());
        receipt
    }

    /// Sends what must be refused with this error, and notes that it was.
    fn refused(
        &mut self,
        who: &'static str,
        what: &str,
        instruction: Instruction,
        signers: &[&Keypair],
        error: EscrowError,
    ) {
        self.world.fails(instruction, signers, error);
        self.note(who, &format!("{what}: refused, {error:?}"), 0, 0);
    }

    /// A dispatcher locks and consumes a customer's credits for a provider's work.
    fn dispatch(&mut self, network: &Network, signers: [&Keypair; 2], accounts: [Address; 2], amount: u64) {
        let ([customer, dispatcher], [credit_account, provider_work]) = (signers, accounts);
        let (reference, amount) = (Address::new_from_array([9; 32]), Credits(amount));
        let spender = network.spender(dispatcher.pubkey());
        let lock = LockCredits {
            owner: customer.pubkey(),
            spender_authority: dispatcher.pubkey(),
            spender,
            network: network.address,
            credit_account,
        }
        .instruction(&LockCreditsArgs { amount, reference });
        let consume = ConsumeCredits {
            spender_authority: dispatcher.pubkey(),
            spender,
            network: network.address,
            credit_account,
            provider_work,
            work_shard: network.work_shard(0),
        }
        .instruction(&ConsumeCreditsArgs { amount, reference, worked_at: self.world.now() });
        self.step("Its dispatcher", "counts the work that they paid for", &[lock, consume], &signers);
    }

    /// Notes what was done outside of [`Demo::step`].
    fn note(&mut self, who: &'static str, what: &str, units: u64, written: usize) {
        let now = self.read_balances();
        let mut moved = vec![];
        for (name, &(balance, unit)) in &now {
            let before = self.balances.get(name).map_or(0, |(balance, _)| *balance);
            if balance != before {
                moved.push((name.clone(), balance - before, unit));
            }
        }
        self.balances = now;
        let step = Step { who, what: what.into(), moved, units, written };
        if self.print {
            println!("{}", step.text(self.steps.len() + 1));
        }
        self.steps.push(step);
    }

    fn read_balances(&self) -> BTreeMap<String, (i128, &'static str)> {
        let there = |address: &Address| self.world.account(*address).is_some_and(|account| !account.data.is_empty());
        let tokens = self.tokens.iter().map(|(name, address)| (name, address, "tokens"));
        let coins = self.coins.iter().map(|(name, address)| (name, address, "coins"));
        let dollars = self.dollars.iter().map(|(name, address)| (name, address, "dollars"));
        let mut balances: BTreeMap<String, (i128, &'static str)> = tokens
            .chain(coins)
            .chain(dollars)
            .filter(|(_, address, _)| there(address))
            .map(|(name, address, unit)| (name.to_string(), (self.world.tokens(*address) as i128, unit)))
            .collect();
        if let Some(address) = self.credits.filter(there) {
            let account: CreditAccount = self.world.read(address);
            let locked: u64 = account.locked.iter().map(|credits| credits.0).sum();
            for (name, amount) in [
                ("free credits", account.balance.0),
                ("locked credits", locked),
                ("consumed credits", account.consumed.0),
            ] {
                balances.insert(name.into(), (amount as i128, "dollars"));
            }
        }
        balances
    }
}

impl Step {
    fn text(&self, number: usize) -> String {
        let cost = if self.units == 0 {
            String::new()
        } else {
            format!("\n    {} compute units, {} accounts written", grouped(self.units), self.written)
        };
        let mut text = format!("{number:>2}. {} {}{cost}", self.who, self.what);
        for (name, amount, unit) in &self.moved {
            write!(text, "\n    {:<22} {:>+18}", name, Amount(*amount, unit)).unwrap();
        }
        text
    }

    fn json(&self) -> Value {
        let moved: Vec<_> = self
            .moved
            .iter()
            .map(|(account, amount, unit)| {
                let unit = if *unit == "dollars" { "micro-dollars" } else { "base units" };
                json!({ "account": account, "amount": *amount as i64, "unit": unit })
            })
            .collect();
        json!({
            "who": self.who, "what": self.what, "moved": moved,
            "computeUnits": self.units, "accountsWritten": self.written,
        })
    }
}

/// A signed amount in tokens or dollars.
struct Amount(i128, &'static str);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decimals = if self.1 == "dollars" { 6 } else { DECIMALS as usize };
        let whole = 10u128.pow(decimals as u32);
        let absolute = self.0.unsigned_abs();
        let fraction = format!("{:0decimals$}", absolute % whole);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let number = format!("{}{point}{fraction} {}", grouped((absolute / whole) as u64), self.1);
        f.pad_integral(self.0 >= 0, "", &number)
    }
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn main() -> ExitCode {
    let json = std::env::args().any(|argument| argument == "--json");
    let (steps, lines) = run(!json);
    let balanced = lines.iter().all(Line::balances);
    if json {
        let books: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({
                    "name": line.name, "balances": line.balances(),
                    "left": { "is": line.left.0, "amount": line.left.1 },
                    "right": { "is": line.right.0, "amount": line.right.1 },
                })
            })
            .collect();
        let steps: Vec<_> = steps.iter().map(Step::json).collect();
        println!("{:#}", json!({ "steps": steps, "reconciliation": books, "balances": balanced }));
    } else {
        println!("\nThe books, in base units and micro-dollars");
        for line in &lines {
            let mark = if line.balances() { "ok" } else { "!!" };
            println!(
                "{mark} {}\n       {:>22}  {}\n       {:>22}  {}",
                line.name,
                grouped(line.left.1),
                line.left.0,
                grouped(line.right.1),
                line.right.0
            );
        }
        println!("\n{}", if balanced { "Every unit is accounted for." } else { "THE BOOKS DO NOT BALANCE." });
    }
    if balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The story.
fn run(print: bool) -> (Vec<Step>, Vec<Line>) {
    let mut world = World::new();
    let (client, operator) = (world.user(), world.user());
    let mint = world.mint();
    let client_tokens = world.token_account(mint.address, client.pubkey());
    let operator_tokens = world.token_account(mint.address, operator.pubkey());
    world.mint_to(&mint, client_tokens, 1_000 * TOKEN);
    world.mint_to(&mint, operator_tokens, 5_000 * TOKEN);
    let cast = escrow::Cast::new(&mut world, &mint, client.pubkey(), operator.pubkey());
    let supply_before = world.supply(mint.address);

    // The network.
    let network = Network::unborn(&mut world, &mint);
    let pool = Pool::unborn(&network, network.mint, network.token_program);
    let tokens = vec![
        ("client's wallet", client_tokens),
        ("operator's wallet", operator_tokens),
        ("burn vault", network.burn_vault(0)),
        ("reward vault", network.reward_vault()),
        ("stakers' account", network.stakers),
        ("treasury", network.treasury),
        ("stake vault", pool.vault),
    ];
    let tokens = tokens.into_iter().chain(cast.tokens()).collect();
    let mut demo = Demo::new(world, tokens, cast.coins(), vec![], print);

    let create = network.create_instruction(&demo.world, mint.authority.pubkey());
    demo.step(
        "The founder",
        "creates a network: the mint's authority passes to it",
        &[create],
        &[&network.authority, &mint.authority],
    );
    let add = network.add_shard_instruction(&demo.world, 0);
    demo.step("The founder", "adds a shard for burns and work", &[add], &[&network.authority]);

    // Stake.
    let create = pool.create_instruction(&demo.world, &network, Pool::rules());
    demo.step("The founder", "creates a stake pool of the same token", &[create], &[&network.authority]);
    let register = pool.register_instruction(&demo.world, operator.pubkey());
    demo.step("The operator", "registers as a provider", &[register], &[&operator]);
    let staked = pool.provider(operator.pubkey());
    let backer = Backer::of(staked, operator.pubkey(), operator_tokens);
    let open = pool.open_delegation_instruction(&demo.world, &backer);
    let stake = pool.stake_instruction(&backer, 5_000 * TOKEN);
    demo.step("The operator", "stakes 5,000 tokens", &[open, stake], &[&operator]);

    // A machine.
    let node = identity::play(&mut demo, &network, &operator, CLASS);

    // A market.
    let terms = Terms { bond_amount: Tokens(500 * TOKEN), class: CLASS, ..usual_terms() };
    let market = Market::unborn(&network, &pool, 0, terms);
    network.add_spender(&demo.world, market.authority);
    pool.add_slasher(&demo.world, &network, market.authority);
    let create = market.create_instruction(&demo.world, &network);
    demo.step("The founder", "opens a market: a cent a second, a bond of 500 tokens", &[create], &[&network.authority]);

    // Credits.
    network.refresh_price(&mut demo.world);
    let credits = network.open_credit_account(&demo.world, client.pubkey());
    demo.credits = Some(credits);
    let buy = network.buy_instruction(client.pubkey(), client_tokens, credits, 100 * TOKEN);
    demo.step("The client", "buys credits for 100 tokens at 2.49 dollars", &[buy], &[&client]);

    // The job.
    let work = network.open_provider_work(&demo.world, operator.pubkey());
    let mut job = market.job(client.pubkey(), 1, operator.pubkey(), work);
    job.node = node;
    let post = market.post_instruction(&demo.world, &job, 7_200);
    demo.step("The client", "posts a job of two hours and locks its price", &[post], &[&client]);
    let start = market.start_instruction(&demo.world, &job);
    demo.step("The operator", "starts it and locks its bond", &[start], &[&operator]);
    demo.world.pass(3_600);
    let settle = market.settle_instruction(&job);
    demo.step("A keeper", "settles after an hour: 36 dollars", &[settle], &[]);
    demo.world.pass(1_800);
    let finish = market.finish_instruction(&job, operator.pubkey(), [0xaa; 32]);
    let receipt = demo.step("The operator", "delivers after one hour and a half", &[finish], &[&operator]);
    let finished: JobEnded = receipt.event(joule_escrow_interface::ID);
    let release = market.settle_bond_instruction(&job, client_tokens);
    let close = market.close_job_instruction(&demo.world, &job);
    demo.step("A keeper", "releases the bond and closes the job: its rent returns", &[release, close], &[]);

    // The same client and operator, and a rival of it, in a market of another kind.
    let stage = escrow::Stage {
        network: &network,
        pool: &pool,
        client: &client,
        client_tokens,
        operator: &operator,
        operator_tokens,
    };
    let scene = escrow::play(&mut demo, &stage, &cast);

    // The epoch.
    demo.step("A keeper", "burns what the client paid", &[network.burn_instruction(0)], &[]);
    demo.world.pass(86_400);
    let close = network.close_instruction(&demo.world, 0, &[0]);
    let receipt = demo.step("A keeper", "closes the epoch: its emission is minted", &[close], &[]);
    let settled: EpochSettled = receipt.event(joule_bme_interface::ID);
    let accrue = AccrueWork { provider_work: work, epoch: network.epoch(0) }.instruction(&AccrueWorkArgs {});
    let claim = network.claim_rewards_instruction(operator.pubkey(), operator_tokens);
    let receipt = demo.step("The operator", "claims its reward", &[accrue, claim], &[&operator]);
    let accrued: WorkAccrued = receipt.event(joule_bme_interface::ID);

    // Leaving.
    let ticket = pool.next_ticket(&demo.world, &backer);
    let unstake = pool.unstake_instruction(&demo.world, &backer, ticket, u64::MAX);
    demo.step("The operator", "unstakes", &[unstake], &[&operator]);
    demo.world.pass(WEEK);
    let withdraw = pool.withdraw_instruction(&demo.world, &backer, ticket);
    demo.step("The operator", "withdraws a week later", &[withdraw], &[&operator]);

    // The books.
    let world = &demo.world;
    let held: u64 = demo.tokens.iter().map(|(_, address)| world.tokens(*address)).sum();
    let account: CreditAccount = world.read(credits);
    let locked: u64 = account.locked.iter().map(|credits| credits.0).sum();
    let shard: BurnShard = world.read(network.burn_shard(0));
    let work_shard: WorkShard = world.read(network.work_shard(0));
    let provider_work: ProviderWork = world.read(work);
    let epoch: Epoch = world.read(network.epoch(0));
    let provider: Provider = world.read(staked);
    let rival_staked: Provider = world.read(cast.staked(&pool));
    let minted = settled.providers.0 + settled.stakers.0 + settled.treasury.0;
    let bound = epoch.tokens.0.min(network.parameters(world).initial_emission.0);
    let mut lines = vec![
        Line {
            name: "Supply",
            left: ("on the mint", world.supply(network.mint)),
            right: ("before + minted - burned", supply_before + minted - shard.burned.0),
        },
        Line {
            name: "Tokens",
            left: ("in all token accounts", held),
            right: ("on the mint", world.supply(network.mint)),
        },
        Line {
            name: "Burned",
            left: ("received for credits", shard.received.0),
            right: ("burned + in the burn vault", shard.burned.0 + world.tokens(network.burn_vault(0))),
        },
        Line {
            name: "Credits",
            left: ("issued", account.issued.0),
            right: ("free + locked + consumed", account.balance.0 + locked + account.consumed.0),
        },
        Line {
            name: "Job",
            left: ("price of two hours", usual_terms().price.0 * 7_200),
            right: ("paid + given back", finished.paid.0 + finished.refunded.0),
        },
        Line {
            name: "Seconds",
            left: ("price of the time that it ran", usual_terms().price.0 * 5_400),
            right: ("paid", finished.paid.0),
        },
        Line {
            name: "Work",
            left: ("consumed", account.consumed.0),
            right: ("the provider's", provider_work.total_work.0),
        },
        Line {
            name: "Shards",
            left: ("work in the shards", work_shard.total_work.0),
            right: ("in the epoch", epoch.worked.0),
        },
        Line { name: "Emission", left: ("minted", minted), right: ("burned for the work of the epoch", bound) },
        Line {
            name: "Providers' part",
            left: ("minted for providers", epoch.emission.0),
            right: ("of what was burned", Bps(7_000).of_floor(bound).expect("a part of the whole")),
        },
        Line {
            name: "Reward vault",
            left: ("in the vault", world.tokens(network.reward_vault())),
            right: ("emission - claimed", epoch.emission.0 - provider_work.claimed.0),
        },
        Line { name: "Reward", left: ("accrued", accrued.tokens.0), right: ("claimed", provider_work.claimed.0) },
        Line {
            name: "Stake vault",
            left: ("in the vault", world.tokens(pool.vault)),
            right: (
                "active + unbonding, of both",
                provider.active_stake().unwrap().0 + provider.unbonding.tokens.0 + rival_staked.stake().unwrap().0,
            ),
        },
        Line {
            name: "Operator",
            left: ("in the wallet", world.tokens(operator_tokens)),
            right: ("its stake + its reward", 5_000 * TOKEN + provider_work.claimed.0),
        },
    ];
    lines.extend(scene);
    lines.extend(keys::play(&mut demo, &stage, &cast));
    lines.extend(agent::play(&mut demo, &stage, &cast));
    lines.extend(orders::play(&mut demo, &stage, &cast));
    lines.extend(reserve::play(&mut demo));
    lines.extend(dollars::play(&mut demo));
    let (steps, books) = verification::play(demo.steps, print);
    lines.extend(books);
    let (steps, books) = month::play(steps, print);
    lines.extend(books);
    (steps, lines)
}
