//! `bme`: one file for each concern.

mod bench;
mod burning;
mod buying;
mod closing;
mod dollars;
mod emission;
mod epochs;
mod errors;
mod governance;
mod lanes;
mod layouts;
mod machines;
mod price;
mod reserve;
mod roots;
mod setup;
mod spending;
mod upkeep;

use {
    joule_bme_interface::{
        BmeError, event,
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, PriceUpdate},
        state::{
            BurnShard, CreditAccount, Epoch, EpochTerms, Network as NetworkState, OracleSet, Policy, PolicyChange,
            ProviderWork, RewardRoot, RootClaim, Spender, WORK_RING, WorkShard, source,
        },
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    joule_tests::{
        Network, World,
        fixture::{PYTH_RECEIVER, TOKEN, price_update, reward_tree},
        world::{read_only, swap, swap_named, unsigned},
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
};

const DAY: u64 = 86_400;
const ID: Address = joule_bme_interface::ID;

/// A network whose operator vouches for every job, with a client who has tokens and an empty credit account, a spender, and
/// a provider.
struct Story {
    world: World,
    network: Network,
    client: Keypair,
    source: Address,
    credits: Address,
    spending: Keypair,
    spender: Address,
    provider: Keypair,
    work: Address,
}

impl Story {
    fn new() -> Self {
        let mut story = Self::safe();
        story.network.vouch(&mut story.world);
        story
    }

    /// The same, and nobody vouches for anything.
    fn safe() -> Self {
        Self::of(Network::new)
    }

    /// The same, on this network.
    fn of(network: impl FnOnce(&mut World, &[Address]) -> (Network, Vec<Address>)) -> Self {
        let mut world = World::new();
        let (client, provider, spending) = (world.user(), world.user(), world.user());
        let (network, accounts) = network(&mut world, &[client.pubkey()]);
        let credits = network.open_credit_account(&world, client.pubkey());
        let work = network.open_provider_work(&world, provider.pubkey());
        let spender = network.add_spender(&world, spending.pubkey());
        Self { world, network, client, source: accounts[0], credits, spending, spender, provider, work }
    }

    /// The same, and the client bought credits for 100 tokens: 249 dollars.
    fn with_credits() -> Self {
        let story = Self::new();
        story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
        story
    }

    /// The same, and all credits are locked.
    fn with_locked() -> Self {
        let story = Self::with_credits();
        story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
        story
    }

    /// The same, 100 dollars of them worked off in epoch 0, whose end has come.
    fn with_work() -> Self {
        let story = Self::with_locked();
        story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
        story.world.pass(DAY);
        story
    }

    /// The same, and the epoch is settled: 700 tokens for the provider.
    fn with_epoch() -> Self {
        let story = Self::with_work();
        story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
        story
    }

    fn buy(&self, tokens: u64) -> Instruction {
        self.network.buy_instruction(self.client.pubkey(), self.source, self.credits, tokens)
    }

    fn lock(&self, amount: u64) -> Instruction {
        LockCredits {
            owner: self.client.pubkey(),
            spender_authority: self.spending.pubkey(),
            spender: self.spender,
            network: self.network.address,
            credit_account: self.credits,
        }
        .instruction(&LockCreditsArgs { amount: Credits(amount), reference: JOB })
    }

    fn unlock(&self, amount: u64) -> Instruction {
        UnlockCredits { spender_authority: self.spending.pubkey(), spender: self.spender, credit_account: self.credits }
            .instruction(&UnlockCreditsArgs { amount: Credits(amount), reference: JOB })
    }

    fn consume(&self, amount: u64) -> Instruction {
        ConsumeCredits {
            spender_authority: self.spending.pubkey(),
            spender: self.spender,
            network: self.network.address,
            credit_account: self.credits,
            provider_work: self.work,
            work_shard: self.network.work_shard(0),
        }
        .instruction(&ConsumeCreditsArgs {
            amount: Credits(amount),
            reference: JOB,
            worked_at: self.world.now(),
        })
    }

    fn burn(&self) -> Instruction {
        self.network.burn_instruction(0)
    }

    fn accrue(&self, epoch: u64) -> Instruction {
        AccrueWork { provider_work: self.work, epoch: self.network.epoch(epoch) }.instruction(&AccrueWorkArgs {})
    }

    fn claim(&self, destination: Address) -> Instruction {
        self.network.claim_rewards_instruction(self.provider.pubkey(), destination)
    }

    fn credit_account(&self) -> CreditAccount {
        self.world.read(self.credits)
    }

    /// Another network, in the same world.
    fn stranger(&mut self) -> Network {
        Network::new(&mut self.world, &[]).0
    }

    fn exact_out(&self, max_tokens: u64, credits: u64) -> Instruction {
        let accounts = self.buy(0).accounts;
        let mut data = vec![BuyCreditsExactOut::DISCRIMINATOR];
        data.extend_from_slice(bytemuck::bytes_of(&BuyCreditsExactOutArgs {
            max_tokens: Tokens(max_tokens),
            credits: Credits(credits),
        }));
        Instruction { program_id: ID, accounts, data }
    }

    fn reclaim(&self) -> Instruction {
        ReclaimCredits { owner: self.client.pubkey(), network: self.network.address, credit_account: self.credits }
            .instruction(&ReclaimCreditsArgs {})
    }

    fn claim_epochs(&self, destination: Address, epochs: &[u64]) -> Instruction {
        let mut claim = self.claim(destination);
        claim.data = vec![ClaimEpochs::DISCRIMINATOR];
        claim.accounts.extend(epochs.iter().map(|&epoch| AccountMeta::new(self.network.epoch(epoch), false)));
        claim
    }

    fn close(&self, epoch: u64) -> Instruction {
        self.network.close_instruction(&self.world, epoch, &[0, 1])
    }

    fn state(&self) -> NetworkState {
        self.world.read(self.network.address)
    }

    fn epoch(&self, index: u64) -> Epoch {
        self.world.read(self.network.epoch(index))
    }

    /// Publishes a price without confidence interval, now.
    fn publish(&mut self, price: i64) {
        let now = self.world.now().0;
        let update = PriceUpdate { price, conf: 0, ema_price: price, ema_conf: 0, ..price_update(now) };
        self.world.set_price(self.network.price, &update);
    }

    /// Changes the network's policy in place, as if the open epoch had begun with it.
    fn edit_policy(&mut self, change: impl FnOnce(&mut Policy)) {
        self.edit_network(|network| {
            change(&mut network.policy);
            network.terms = EpochTerms::of(&network.policy, network.weights());
        });
    }

    /// Changes the network's account in place.
    fn edit_network(&mut self, change: impl FnOnce(&mut NetworkState)) {
        let mut state: NetworkState = self.world.read(self.network.address);
        change(&mut state);
        self.world.forge(self.network.address, &state);
    }
}

const JOB: Address = Address::new_from_array([9; 32]);
