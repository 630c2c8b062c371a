//! Founds a network on a local cluster: a token, a network with two shards, a pool and two markets. What `scripts/localnet` runs
//! when the programs are deployed; compiled for their ids. What is there already is left as it is.

use {
    anyhow::{Context, Result},
    bytemuck::Zeroable,
    joule_bme_interface as bme,
    joule_deployer::{cluster::Cluster, keys::Keys},
    joule_escrow_interface as escrow,
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface as stake,
    serde_json::json,
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::{create_account, transfer},
    spl_token_interface::instruction as token,
    std::{fs, path::Path, time::Duration},
};

const ASSOCIATED_TOKEN_PROGRAM: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
const PYTH_RECEIVER: Address = Address::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// The feed that the local cluster's price account is of.
const FEED: [u8; 32] = [0xfe; 32];
const DECIMALS: u8 = 9;
/// Base units of a token.
const TOKEN: u64 = 1_000_000_000;
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;
/// Size of a mint.
const MINT_SIZE: usize = 82;

struct Founder<'a> {
    cluster: &'a Cluster,
    payer: &'a Keypair,
}

impl Founder<'_> {
    fn is_there(&self, address: &Address) -> Result<bool> {
        Ok(self.cluster.account(address)?.is_some_and(|account: Account| !account.data.is_empty()))
    }

    /// Sends, unless what it makes is there.
    fn make(&self, what: &str, address: &Address, instructions: Vec<Instruction>, signers: &[&Keypair]) -> Result<()> {
        if !self.is_there(address)? {
            self.cluster.send(instructions, self.payer, signers).with_context(|| what.to_owned())?;
            println!("{what:<16} {address}");
        }
        Ok(())
    }

    /// The associated token account of an owner, and what makes it.
    fn tokens(&self, mint: &Address, owner: &Address) -> (Address, Instruction) {
        let seeds: [&[u8]; 3] = [owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
        let (address, _) = Address::find_program_address(&seeds, &ASSOCIATED_TOKEN_PROGRAM);
        let (writes, reads) = (AccountMeta::new, AccountMeta::new_readonly);
        let accounts = vec![
            writes(self.payer.pubkey(), true),
            writes(address, false),
            reads(*owner, false),
            reads(*mint, false),
            reads(SYSTEM_PROGRAM, false),
            reads(TOKEN_PROGRAM, false),
        ];
        const CREATE_IDEMPOTENT: u8 = 1;
        (address, Instruction { program_id: ASSOCIATED_TOKEN_PROGRAM, accounts, data: vec![CREATE_IDEMPOTENT] })
    }
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, folder] = &arguments[..] else { anyhow::bail!("usage: found_network URL KEYS") };
    let keys = Keys::open(Path::new(folder), Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))?;
    let cluster = Cluster::open(url, 0, Duration::from_secs(60))?;
    let (payer, authority) = (keys.get_or_make("payer")?, keys.get_or_make("authority")?);
    let (mint_key, guardian) = (keys.get_or_make("mint")?, keys.get_or_make("guardian")?);
    let price = keys.get("price")?.context("the key of the price account is missing")?.pubkey();
    let (pays, governs, mint) = (payer.pubkey(), authority.pubkey(), mint_key.pubkey());
    let founder = Founder { cluster: &cluster, payer: &payer };

    // The token, and all of it that there is before the network mints.
    let (treasury, open_treasury) = founder.tokens(&mint, &governs);
    let network = bme::pda::network::find(&mint).0;
    let pool = stake::pda::pool::find(&network, &mint).0;
    let (stakers, open_stakers) = founder.tokens(&mint, &pool);
    let rent = cluster.rent(MINT_SIZE)?;
    let make_mint = vec![
        transfer(&pays, &governs, 1_000_000_000),
        create_account(&pays, &mint, rent, MINT_SIZE as u64, &TOKEN_PROGRAM),
        token::initialize_mint2(&TOKEN_PROGRAM, &mint, &governs, None, DECIMALS)?,
        open_treasury,
        open_stakers,
        token::mint_to(&TOKEN_PROGRAM, &mint, &treasury, &governs, &[], 1_000_000 * TOKEN)?,
    ];
    founder.make("token", &mint, make_mint, &[&mint_key, &authority])?;

    // The network.
    let now = cluster.account(&CLOCK)?.context("the clock is there")?.data;
    let now = i64::from_le_bytes(now[32..40].try_into()?);
    let policy = bme::state::Policy {
        guardian: guardian.pubkey(),
        stakers_token_account: stakers,
        treasury_token_account: treasury,
        price_receiver: PYTH_RECEIVER,
        price_account: price,
        feed_id: FEED,
        initial_emission: Tokens(1_000 * TOKEN),
        max_supply: Tokens(1_000_000_000 * TOKEN),
        epoch_duration: Seconds(HOUR),
        decay_step: 365 * 24,
        decay_share: Bps(5_000),
        max_price_age: Seconds(60),
        max_confidence: Bps(200),
        max_deviation: Bps(5_000),
        average_speed: Bps(1_000),
        breaker_window: Seconds(DAY),
        change_delay: Seconds(2 * HOUR),
        root_delay: Seconds(HOUR),
        root_opening_period: Seconds(HOUR),
        providers_share: Bps(7_000),
        stakers_share: Bps(2_000),
        ..Zeroable::zeroed()
    };
    let (token_program, system_program) = (TOKEN_PROGRAM, SYSTEM_PROGRAM);
    let create = bme::instruction::CreateNetwork {
        payer: pays,
        authority: governs,
        mint_authority: governs,
        mint,
        network,
        reward_vault: bme::pda::reward_vault::find(&network).0,
        stakers,
        treasury,
        token_program,
        system_program,
        reserve_vault: bme::ID,
    };
    let create = create.instruction(&bme::instruction::CreateNetworkArgs {
        starts_at: Timestamp(now),
        policy,
        source: bme::state::source::MINT,
    });
    founder.make("network", &network, vec![create], &[&authority])?;
    for index in [0, 1] {
        let burn_shard = bme::pda::burn_shard::find(&network, &[index]).0;
        let add = bme::instruction::AddShard {
            payer: pays,
            authority: governs,
            network,
            burn_shard,
            burn_vault: bme::pda::burn_vault::find(&burn_shard).0,
            work_shard: bme::pda::work_shard::find(&network, &[index]).0,
            mint,
            token_program,
            system_program,
        };
        let add = add.instruction(&bme::instruction::AddShardArgs { lane: 0 });
        founder.make("shard", &burn_shard, vec![add], &[&authority])?;
    }
    let update = bme::instruction::UpdateAverage { network, price_update: price };
    cluster.send(vec![update.instruction(&bme::instruction::UpdateAverageArgs {})], &payer, &[])?;

    // The pool.
    let rules = stake::state::PoolPolicy {
        min_slash: Tokens(TOKEN),
        unbonding_period: Seconds(7 * DAY),
        reward_period: Seconds(7 * DAY),
        commission_delay: Seconds(3 * DAY),
        slash_delay: Seconds(DAY),
        slash_execution_window: Seconds(7 * DAY),
        slash_window: Seconds(30 * DAY),
        jail_period: Seconds(2 * DAY),
        max_commission: Bps::WHOLE,
        max_commission_step: Bps(2_000),
        slash_limit: Bps(5_000),
        slash_burned_share: Bps(2_500),
        ..Zeroable::zeroed()
    };
    let create = stake::instruction::CreatePool {
        payer: pays,
        authority: governs,
        network,
        pool,
        vault: stake::pda::vault::find(&pool).0,
        mint,
        token_program,
        system_program,
        rewards: stake::pda::rewards::find(&pool).0,
        treasury: stake::ID,
    };
    let create = create.instruction(&stake::instruction::CreatePoolArgs { policy: rules });
    founder.make("pool", &pool, vec![create], &[&authority])?;

    // `escrow` spends credits, and locks and seizes bonds.
    let escrow_authority = escrow::pda::authority::find(&network).0;
    let spender = bme::pda::spender::find(&network, &escrow_authority, &[0]).0;
    let add = bme::instruction::AddSpender {
        payer: pays,
        authority: governs,
        network,
        spender_authority: escrow_authority,
        spender,
        system_program,
    };
    let add = add.instruction(&bme::instruction::AddSpenderArgs { lane: 0 });
    founder.make("spender", &spender, vec![add], &[&authority])?;
    let slasher = stake::pda::slasher::find(&pool, &escrow_authority).0;
    let add = stake::instruction::AddSlasher {
        payer: pays,
        authority: governs,
        network,
        pool,
        slasher_authority: escrow_authority,
        slasher,
        system_program,
    };
    let add = add.instruction(&stake::instruction::AddSlasherArgs {
        rights: stake::state::rights::BOND | stake::state::rights::REPORT,
        window_limit: Tokens(0),
        slash_share: Bps(0),
    });
    founder.make("slasher", &slasher, vec![add], &[&authority])?;

    // Two markets. A cent a second, for ten seconds to a day, with a bond of ten tokens. And two dollars for a result, which the
    // client may reject for an hour.
    let metered = escrow::state::Terms {
        price: Amount(10_000),
        min_duration: Seconds(10),
        max_duration: Seconds(DAY),
        wait_window: Seconds(HOUR),
        start_window: Seconds(300),
        matching: escrow::state::matching::DIRECT,
        bond_amount: Tokens(10 * TOKEN),
        failure_penalty: Bps(5_000),
        reports: 1,
        whole_job_fee: 6,
        ..escrow::state::Terms::default()
    };
    let fixed = escrow::state::Terms {
        pricing: escrow::state::pricing::FIXED,
        price: Amount(2_000_000),
        min_duration: Seconds(1),
        max_duration: Seconds(HOUR),
        acceptance_window: Seconds(HOUR),
        arbitration_window: Seconds(HOUR),
        arbiter: governs,
        default_pay: Bps(5_000),
        ..metered
    };
    let mut markets = vec![];
    for (id, terms) in [(1u64, metered), (2, fixed)] {
        let market = escrow::pda::market::find(&network, &id.to_le_bytes()).0;
        let create = escrow::instruction::CreateMarket {
            payer: pays,
            authority: governs,
            network,
            market,
            pool,
            mint: escrow::ID,
            token_program,
            spender,
            system_program,
            fee_payee: escrow::ID,
        };
        let create = create.instruction(&escrow::instruction::CreateMarketArgs { id, terms, issuer_powers: 0 });
        founder.make("market", &market, vec![create], &[&authority])?;
        markets.push(market);
    }

    let text = |address: Address| address.to_string();
    let there = json!({
        "programs": { "bme": text(bme::ID), "stake": text(stake::ID), "escrow": text(escrow::ID) },
        "mint": text(mint), "network": text(network), "authority": text(governs), "guardian": text(guardian.pubkey()),
        "stakers": text(stakers), "treasury": text(treasury), "priceUpdate": text(price),
        "pool": text(pool), "market": text(markets[0]), "results": text(markets[1]), "spender": text(spender), "slasher": text(slasher),
    });
    let path = Path::new(folder).join("network.json");
    fs::write(&path, format!("{there:#}\n")).with_context(|| path.display().to_string())?;
    println!("{there:#}");
    Ok(())
}
