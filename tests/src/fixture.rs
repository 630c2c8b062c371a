//! Networks, clients and providers, ready to use.

use {
    crate::world::{World, key},
    bytemuck::bytes_of,
    joule_bme_interface::{
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, DISCRIMINATOR, FULL, PriceUpdate},
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Tokens},
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::{instruction::AccountMeta, program_pack::Pack},
    solana_signer::Signer,
    solana_system_interface::instruction as system_instruction,
    spl_token_interface::state::{Account as TokenAccount, Mint},
};

/// Pyth's receiver program.
pub const PYTH_RECEIVER: Address = key("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/// The feed of the tests' token.
pub const FEED: [u8; 32] = [0xfe; 32];
/// Decimals of the tests' token.
pub const DECIMALS: u8 = 9;
/// One token.
pub const TOKEN: u64 = 1_000_000_000;

/// A price in Pyth's bytes: two dollars and a half a token, give or take a cent, published now.
pub fn price_update(now: i64) -> PriceUpdate {
    PriceUpdate {
        discriminator: DISCRIMINATOR,
        write_authority: [7; 32],
        verification: FULL,
        feed_id: FEED,
        price: 250_000_000,
        conf: 1_000_000,
        exponent: -8,
        publish_time: now,
        prev_publish_time: now - 1,
        ema_price: 251_000_000,
        ema_conf: 1_500_000,
        posted_slot: 1,
    }
}

/// A network with everything that its users need, run by `authority`.
pub struct Network {
    /// The network.
    pub address: Address,
    /// Its authority.
    pub authority: Keypair,
    /// Its token.
    pub mint: Address,
    /// Token or Token-2022.
    pub token_program: Address,
    /// Token accounts for the stakers' and the treasury's parts.
    pub stakers: Address,
    /// See `stakers`.
    pub treasury: Address,
    /// A price account of [`PYTH_RECEIVER`].
    pub price: Address,
}

/// Mint, and what `world` calls for its accounts, of the classic program.
pub struct NewMint {
    /// The mint.
    pub address: Address,
    /// Mint authority.
    pub authority: Keypair,
    /// Its program.
    pub token_program: Address,
}

impl World {
    /// A mint of the classic Token program.
    pub fn mint(&mut self) -> NewMint {
        self.mint_of(TOKEN_PROGRAM)
    }

    /// A mint of either program, without extensions.
    pub fn mint_of(&mut self, token_program: Address) -> NewMint {
        let (mint, authority) = (Keypair::new(), self.user());
        let space = Mint::LEN;
        let create = system_instruction::create_account(
            &self.payer().pubkey(),
            &mint.pubkey(),
            self.rent(space),
            space as u64,
            &token_program,
        );
        let mut initialize = spl_token_interface::instruction::initialize_mint2(
            &TOKEN_PROGRAM,
            &mint.pubkey(),
            &authority.pubkey(),
            None,
            DECIMALS,
        )
        .unwrap();
        initialize.program_id = token_program;
        self.ok(&[create, initialize], &[&mint]);
        NewMint { address: mint.pubkey(), authority, token_program }
    }

    /// A token account of `owner`.
    pub fn token_account(&mut self, mint: Address, owner: Address) -> Address {
        let token_program = self.account(mint).expect("the mint is there").owner;
        assert!(token_program == TOKEN_PROGRAM || token_program == TOKEN_2022_PROGRAM);
        let account = Keypair::new();
        let space = TokenAccount::LEN;
        let create = system_instruction::create_account(
            &self.payer().pubkey(),
            &account.pubkey(),
            self.rent(space),
            space as u64,
            &token_program,
        );
        let mut initialize =
            spl_token_interface::instruction::initialize_account3(&TOKEN_PROGRAM, &account.pubkey(), &mint, &owner)
                .unwrap();
        initialize.program_id = token_program;
        self.ok(&[create, initialize], &[&account]);
        account.pubkey()
    }

    /// Mints `amount` to a token account.
    pub fn mint_to(&mut self, mint: &NewMint, account: Address, amount: u64) {
        let authority = &mint.authority;
        let mut mint_to = spl_token_interface::instruction::mint_to(
            &TOKEN_PROGRAM,
            &mint.address,
            &account,
            &authority.pubkey(),
            &[],
            amount,
        )
        .unwrap();
        mint_to.program_id = mint.token_program;
        self.ok(&[mint_to], &[authority]);
    }

    /// Writes a price account as Pyth's receiver would.
    pub fn set_price(&mut self, address: Address, update: &PriceUpdate) {
        let mut data = bytes_of(update).to_vec();
        data.resize(ACCOUNT_SIZE, 0);
        self.set_account(address, Account { lamports: 1 << 30, data, owner: PYTH_RECEIVER, ..Account::default() });
    }
}

impl Network {
    /// A network of a new classic mint, two shards, a fresh price; `holders` hold 1,000 tokens each.
    pub fn new(world: &mut World, holders: &[Address]) -> (Self, Vec<Address>) {
        let mint = world.mint();
        let accounts = holders
            .iter()
            .map(|&holder| {
                let account = world.token_account(mint.address, holder);
                world.mint_to(&mint, account, 1_000 * TOKEN);
                account
            })
            .collect();
        let network = Self::of_mint(world, mint);
        network.add_shard(world, 0);
        network.add_shard(world, 1);
        network.refresh_price(world);
        (network, accounts)
    }

    /// A network of this mint, without shards.
    pub fn of_mint(world: &mut World, mint: NewMint) -> Self {
        let authority = world.user();
        let (stakers, treasury) = (
            world.token_account(mint.address, authority.pubkey()),
            world.token_account(mint.address, authority.pubkey()),
        );
        let network = Self {
            address: pda::network::find(&mint.address).0,
            authority,
            mint: mint.address,
            token_program: mint.token_program,
            stakers,
            treasury,
            price: Address::new_unique(),
        };
        let create = network.create_instruction(world, mint.authority.pubkey());
        world.ok(&[create], &[&network.authority, &mint.authority]);
        network
    }

    /// What creates this network, with [`Network::parameters`].
    pub fn create_instruction(&self, world: &World, mint_authority: Address) -> Instruction {
        CreateNetwork {
            payer: world.payer().pubkey(),
            authority: self.authority.pubkey(),
            mint_authority,
            mint: self.mint,
            network: self.address,
            reward_vault: pda::reward_vault::find(&self.address).0,
            stakers: self.stakers,
            treasury: self.treasury,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&self.parameters(world))
    }

    /// Daily epochs of at first 1,000 tokens, which halve every 365: 70 % to providers, 20 % to stakers.
    pub fn parameters(&self, world: &World) -> CreateNetworkArgs {
        CreateNetworkArgs {
            guardian: self.authority.pubkey(),
            price_receiver: PYTH_RECEIVER,
            price_account: Address::default(),
            feed_id: FEED,
            starts: world.now(),
            initial_emission: Tokens(1_000 * TOKEN),
            max_supply: Tokens(1_000_000_000 * TOKEN),
            epoch_duration: Seconds(86_400),
            decay_step: 365,
            max_price_age: Seconds(60),
            decay: Bps(5_000),
            max_confidence: Bps(200),
            providers_share: Bps(7_000),
            stakers_share: Bps(2_000),
        }
    }

    /// Adds the shard `index`, which must be the next.
    pub fn add_shard(&self, world: &World, index: u8) {
        world.ok(&[self.add_shard_instruction(world, index)], &[&self.authority]);
    }

    /// What adds it.
    pub fn add_shard_instruction(&self, world: &World, index: u8) -> Instruction {
        AddShard {
            payer: world.payer().pubkey(),
            authority: self.authority.pubkey(),
            network: self.address,
            burn_shard: self.burn_shard(index),
            burn_vault: self.burn_vault(index),
            work_shard: self.work_shard(index),
            mint: self.mint,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&AddShardArgs {})
    }

    /// Publishes the usual price, now.
    pub fn refresh_price(&self, world: &mut World) {
        let now = world.now().0;
        world.set_price(self.price, &price_update(now));
    }

    /// Burn shard `index`.
    pub fn burn_shard(&self, index: u8) -> Address {
        pda::burn_shard::find(&self.address, &[index]).0
    }

    /// Its vault.
    pub fn burn_vault(&self, index: u8) -> Address {
        pda::burn_vault::find(&self.burn_shard(index)).0
    }

    /// Work shard `index`.
    pub fn work_shard(&self, index: u8) -> Address {
        pda::work_shard::find(&self.address, &[index]).0
    }

    /// The vault that providers claim from.
    pub fn reward_vault(&self) -> Address {
        pda::reward_vault::find(&self.address).0
    }

    /// Epoch `index`.
    pub fn epoch(&self, index: u64) -> Address {
        pda::epoch::find(&self.address, &index.to_le_bytes()).0
    }

    /// Opens `owner`'s credit account.
    pub fn open_credit_account(&self, world: &World, owner: Address) -> Address {
        let credit_account = pda::credit_account::find(&self.address, &owner).0;
        let open = OpenCreditAccount {
            payer: world.payer().pubkey(),
            network: self.address,
            owner,
            credit_account,
            system_program: SYSTEM_PROGRAM,
        };
        world.ok(&[open.instruction(&OpenCreditAccountArgs {})], &[]);
        credit_account
    }

    /// Opens `provider`'s record of work.
    pub fn open_provider_work(&self, world: &World, provider: Address) -> Address {
        let provider_work = pda::provider_work::find(&self.address, &provider).0;
        let open = OpenProviderWork {
            payer: world.payer().pubkey(),
            network: self.address,
            provider,
            provider_work,
            system_program: SYSTEM_PROGRAM,
        };
        world.ok(&[open.instruction(&OpenProviderWorkArgs {})], &[]);
        provider_work
    }

    /// Lets `authority` spend credits.
    pub fn add_spender(&self, world: &World, authority: Address) -> Address {
        let spender = pda::spender::find(&self.address, &authority).0;
        let add = AddSpender {
            payer: world.payer().pubkey(),
            authority: self.authority.pubkey(),
            network: self.address,
            spender_authority: authority,
            spender,
            system_program: SYSTEM_PROGRAM,
        };
        world.ok(&[add.instruction(&AddSpenderArgs {})], &[&self.authority]);
        spender
    }

    /// What buys credits of at least one micro-dollar for `tokens`, at shard 0.
    pub fn buy_instruction(
        &self,
        buyer: Address,
        source: Address,
        credit_account: Address,
        tokens: u64,
    ) -> Instruction {
        BuyCredits {
            buyer,
            network: self.address,
            credit_account,
            source,
            burn_shard: self.burn_shard(0),
            burn_vault: self.burn_vault(0),
            mint: self.mint,
            price_update: self.price,
            token_program: self.token_program,
        }
        .instruction(&BuyCreditsArgs { tokens: Tokens(tokens), min_credits: Credits(1) })
    }

    /// What closes epoch `index`, folding `shards`.
    pub fn close_instruction(&self, world: &World, index: u64, shards: &[u8]) -> Instruction {
        let mut close = CloseEpoch {
            payer: world.payer().pubkey(),
            network: self.address,
            epoch: self.epoch(index),
            mint: self.mint,
            reward_vault: self.reward_vault(),
            stakers: self.stakers,
            treasury: self.treasury,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CloseEpochArgs { epoch: index });
        let shards = shards.iter().map(|&shard| AccountMeta::new(self.work_shard(shard), false));
        close.accounts.extend(shards);
        close
    }
}
