// A network of `bme`, as its users, keepers, oracles and operator use it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Address, type KeyPairSigner, getAddressEncoder } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS, getTransferInstruction } from '@solana-program/token';
import { Chain, DAY, NONE, TOKEN, event, measured } from './chain';
import { DOLLAR_FEED, Network, PYTH_RECEIVER, dollarUpdate } from './network';
import { bme, constant } from './programs';
import { sizes } from './transactions';

/** Appears in events: says what the credits are for. */
const reference = NONE;

class Scenario {
    private constructor(
        readonly chain: Chain,
        readonly network: Network,
        readonly client: KeyPairSigner,
        readonly source: Address,
        readonly provider: KeyPairSigner,
        readonly spenderAuthority: KeyPairSigner,
        readonly spender: Address,
        readonly credits: Address,
        readonly work: Address,
        readonly shards: Address[],
        readonly destination: Address,
    ) {}

    /** A client with credits for 249 dollars, a provider and a spender. */
    static async start(): Promise<Scenario> {
        const chain = await Chain.start();
        const [client, provider, spenderAuthority] = [await chain.user(), await chain.user(), await chain.user()];
        const [network, [source]] = await Network.create(chain, [client]);
        const spender = await network.addSpender(spenderAuthority.address);
        const work = await network.openProviderWork(provider.address);
        const { creditAccount: credits, receipt } = await network.buyCredits(client, source!, 100n * TOKEN);
        // The lower of price and average price, each less its confidence: 2.50 - 0.01 < 2.51 - 0.015.
        assert.equal(event(receipt, 'bme.creditsBought').credits, 249_000_000n);
        const shards = [];
        for (const index of [0, 1]) {
            shards.push((await bme.findWorkShardPda({ network: network.address, index }))[0]);
        }
        const destination = await chain.tokenAccount(network.mint, provider.address);
        const self = new Scenario(
            chain,
            network,
            client,
            source!,
            provider,
            spenderAuthority,
            spender,
            credits,
            work,
            shards,
            destination,
        );
        await chain.send(await self.lock(200_000_000n));
        return self;
    }

    lock(amount: bigint) {
        return bme.getLockCreditsInstructionAsync({
            owner: this.client,
            spenderAuthority: this.spenderAuthority,
            lane: 0,
            network: this.network.address,
            amount,
            reference,
        });
    }

    consume(amount: bigint) {
        return bme.getConsumeCreditsInstructionAsync({
            spenderAuthority: this.spenderAuthority,
            lane: 0,
            network: this.network.address,
            creditAccount: this.credits,
            providerWork: this.work,
            workShardIndex: 0,
            amount,
            reference,
            workedAt: this.chain.now(),
        });
    }

    close(epochArg: bigint) {
        const { chain, network, shards: workShards } = this;
        // #region close-epoch
        return bme.getCloseEpochInstructionAsync({
            payer: chain.payer,
            mint: network.mint,
            stakers: network.stakers,
            treasury: network.treasury,
            epochArg, // the epoch's number
            priceUpdate: network.price, // looked at if the average is too old
            workShards, // addresses of those that are not folded into the epoch yet
        });
        // #endregion
    }

    async epoch(index: bigint): Promise<Address> {
        return (await bme.findEpochPda({ network: this.network.address, index }))[0];
    }

    read(): bme.Network {
        return this.chain.read(this.network.address);
    }
}

test('bme: a network has the policy that its operator gave it', async () => {
    const { chain, network } = await Scenario.start();
    const state = chain.read<bme.Network>(network.address);
    assert.equal(state.authority, network.authority.address);
    assert.equal(state.mint, network.mint);
    assert.equal(state.shardCount, 2);
    assert.equal(state.decimals, 9);
    assert.equal(state.initialSupply, 1_000n * TOKEN);
    for (const [name, value] of Object.entries(network.policy)) {
        const read = (state.policy as any)[name];
        assert.deepEqual(read instanceof Uint8Array ? [...read] : read, ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value, name);
    }
    assert.equal(state.average.value, 250_000_000n);
    assert.equal(constant('bme', 'maxShards'), 64);
    const [vault] = await bme.findRewardVaultPda({ network: network.address });
    assert.equal(state.rewardVault, vault);
});

test('bme: credits are bought, locked, unlocked and consumed', async () => {
    const scenario = await Scenario.start();
    const { chain, network, client: buyer, source, spender, credits: creditAccount, spenderAuthority } = scenario;
    const exact = {
        buyer,
        source,
        mint: network.mint,
        priceUpdate: network.price,
        burnShardIndex: 1,
        credits: 1_000_000n,
    };
    await chain.fails(
        bme.JOULE_BME_ERROR__SLIPPAGE,
        await bme.getBuyCreditsExactOutInstructionAsync({ ...exact, maxTokens: 1n }),
    );
    const bought = await chain.send(await bme.getBuyCreditsExactOutInstructionAsync({ ...exact, maxTokens: TOKEN }));
    // A dollar at 2.49 dollars a token, rounded up.
    assert.equal(event(bought, 'bme.creditsBought').tokens, 401_606_426n);

    await chain.send(bme.getUnlockCreditsInstruction({ spenderAuthority, spender, creditAccount, amount: 5n, reference }));
    const consumed = event(await chain.send(await scenario.consume(50_000_000n)), 'bme.creditsConsumed');
    assert.equal(consumed.provider, scenario.provider.address);
    assert.equal(consumed.header.source, creditAccount);
    // #region burn-credits
    const burn = bme.getBurnCreditsInstruction({ owner: buyer, creditAccount, amount: 5n, reference });
    // #endregion
    assert.equal(event(await chain.send(burn), 'bme.creditsBurned').amount, 5n);
    const state = chain.read<bme.CreditAccount>(creditAccount);
    assert.equal(state.balance, 250_000_000n - 200_000_000n);
    assert.equal(state.burned, 5n);
    assert.equal(state.consumed, 50_000_000n);
    assert.equal(state.locked[0], 149_999_995n);
    assert.equal(state.sequence, consumed.header.sequence + 1n);
    await chain.fails(bme.JOULE_BME_ERROR__INSUFFICIENT_CREDITS, await scenario.consume(200_000_000n));

    const supply = chain.supply(network.mint);
    // #region burn
    const burned = await chain.send(await bme.getBurnTokensInstructionAsync({ mint: network.mint, burnShardIndex: 0 }));
    // #endregion
    assert.equal(event(burned, 'bme.tokensBurned').tokens, 100n * TOKEN);
    assert.equal(chain.supply(network.mint), supply - 100n * TOKEN);
});

test('bme: an epoch is closed and pays providers by their work', async () => {
    const scenario = await Scenario.start();
    const { chain, network, provider, work: providerWork, destination } = scenario;
    await chain.send(await scenario.consume(50_000_000n));
    await chain.fails(bme.JOULE_BME_ERROR__EPOCH_OPEN, await scenario.close(0n));
    chain.advance(DAY);
    const settled = event(await chain.send(await scenario.close(0n)), 'bme.epochSettled');
    // 50 dollars cost 20.08 tokens: as much returns, 70 % of it to the provider.
    const providers = (settled.tokens * 7n) / 10n;
    const stakers = settled.tokens / 5n;
    assert.equal(settled.tokens, 20_080_321_285n);
    assert.deepEqual(
        [settled.worked, settled.providers, settled.stakers, settled.treasury],
        [50_000_000n, providers, stakers, settled.tokens - providers - stakers],
    );
    assert.equal(chain.tokens(network.treasury), settled.treasury);
    const epoch = await scenario.epoch(0n);
    assert.equal(chain.read<bme.Epoch>(epoch).emission, providers);
    // #region accrue-and-claim
    // `providerWork` and `epoch` are the accounts' addresses.
    await chain.send(bme.getAccrueWorkInstruction({ providerWork, epoch }));
    // `provider`: the provider's authority. `destination`: any token account.
    const claim = { provider, lane: 0, mint: network.mint, destination };
    await chain.send(await bme.getClaimRewardsInstructionAsync(claim));
    // #endregion
    assert.equal(chain.tokens(destination), providers);
    await chain.fails(bme.JOULE_BME_ERROR__NOTHING_TO_CLAIM, await bme.getClaimRewardsInstructionAsync(claim));

    for (const count of [16, 32, 48]) {
        const close = { payer: chain.payer, mint: network.mint, stakers: network.stakers, treasury: network.treasury };
        const workShards = await Promise.all(Array.from({ length: count }, async () => (await chain.key()).address));
        const instruction = await bme.getCloseEpochInstructionAsync({ ...close, priceUpdate: network.price, epochArg: 1n, workShards });
        measured.set(`bme.closeEpoch, ${count} shards`, sizes(chain.payer, [instruction]));
    }

    // ClaimEpochs accrues any number of epochs and pays. Then the epoch can be swept.
    await chain.send(await scenario.consume(20_000_000n));
    chain.advance(DAY);
    const later = event(await chain.send(await scenario.close(1n)), 'bme.epochSettled');
    const second = await scenario.epoch(1n);
    await chain.send(await bme.getClaimEpochsInstructionAsync({ ...claim, epochs: [second] }));
    assert.equal(chain.tokens(destination), providers + later.providers);
    const rentReceiver = chain.payer.address;
    // #region sweep
    const swept = await chain.send(
        bme.getSweepEpochInstruction({ network: network.address, epoch: second, rentReceiver }),
    );
    // #endregion
    assert.equal(event(swept, 'bme.epochSwept').carried, 0n);
    assert(!chain.exists(second));
});

test('bme: a reserve pays for work in a token that nobody can mint, and is paid back', async () => {
    const chain = await Chain.start();
    const [like] = await Network.create(chain, []);
    const [network, wallet] = await Network.createWithReserve(chain, like);
    const { mint, stakers, treasury, address, authority } = network;
    const [spenderAuthority, provider] = [await chain.user(), await chain.user()];
    await network.addSpender(spenderAuthority.address);
    const providerWork = await network.openProviderWork(provider.address);
    const { creditAccount } = await network.buyCredits(authority, wallet, 100n * TOKEN);
    const amount = 249_000_000n;
    const lock = { owner: authority, spenderAuthority, lane: 0, network: address, amount, reference };
    await chain.send(await bme.getLockCreditsInstructionAsync(lock));
    const [workShard] = await bme.findWorkShardPda({ network: address, index: 0 });
    const worked = { spenderAuthority, lane: 0, network: address, creditAccount, providerWork, workShardIndex: 0 };
    await chain.send(await bme.getConsumeCreditsInstructionAsync({ ...worked, amount, reference, workedAt: chain.now() }));
    const [reserveVault] = await bme.findReserveVaultPda({ network: address });
    const supply = chain.supply(mint);
    // #region reserve-cranks
    // What customers paid goes back to the reserve: send it before the epoch is closed, so that the reserve has it.
    const sweep = await bme.getBurnTokensInstructionAsync({ network: address, mint, burnShardIndex: 0, reserveVault });
    const returned = await chain.send(sweep);
    // #endregion
    assert.equal(event(returned, 'bme.tokensBurned').returned, 100n * TOKEN);
    assert.equal(chain.tokens(reserveVault), 1_100n * TOKEN);
    chain.advance(DAY);
    const close = { payer: chain.payer, network: address, mint, stakers, treasury, reserveVault, priceUpdate: network.price };
    const closed = await chain.send(
        await bme.getCloseEpochInstructionAsync({ ...close, epochArg: 0n, workShards: [workShard] }),
    );
    // As much as was paid for the work, less the roots' part of the schedule, which is promised and still there.
    assert.equal(event(closed, 'bme.epochSettled').tokens, 100n * TOKEN);
    assert.equal(chain.tokens(reserveVault), 1_000n * TOKEN);
    assert.equal(chain.supply(mint), supply);
});

test('bme: a new policy takes effect after the delay, and the breaker defers emission', async () => {
    const scenario = await Scenario.start();
    const { chain, network } = scenario;
    const { authority, address, mint, stakers, treasury } = network;
    // #region propose-policy
    const propose = (changeIndex: bigint, breakerTokens: bigint) =>
        bme.getProposePolicyInstructionAsync({
            payer: chain.payer,
            authority,
            network: address,
            changeIndex, // `changeCount` of the network
            stakers,
            treasury,
            policy: { ...network.policy, breakerTokens }, // the whole policy
            resetAverage: 0, // 1 forgets the average price
        });
    // #endregion
    const rentReceiver = chain.payer.address;
    await chain.send(await propose(0n, 7n));
    await chain.send(
        await bme.getCancelPolicyInstructionAsync({ signer: authority, network: address, changeIndex: 0n, rentReceiver }),
    );
    const proposed = event(await chain.send(await propose(1n, 4n * TOKEN)), 'bme.policyProposed');
    assert.equal(proposed.executableAt, chain.now() + 7_200n);
    // #region execute-policy
    const execute = await bme.getExecutePolicyInstructionAsync({ mint, changeIndex: 1n, rentReceiver });
    // #endregion
    await chain.fails(bme.JOULE_BME_ERROR__CHANGE_NOT_READY, execute);
    chain.advance(7_200n);
    await chain.send(execute);
    assert.equal(scenario.read().policy.breakerTokens, 4n * TOKEN);

    // 25 dollars cost 10.04 tokens.
    await chain.send(await scenario.consume(25_000_000n));
    chain.advance(DAY);
    const minted = event(await chain.send(await scenario.close(0n)), 'bme.minted');
    assert.deepEqual([minted.providers, minted.deferred], [3_600_000_000n, 6_440_160_642n]);
    chain.advance(DAY);
    // #region mint-deferred
    const later = await chain.send(await bme.getMintDeferredInstructionAsync({ mint, stakers, treasury }));
    // #endregion
    assert.equal(event(later, 'bme.minted').deferred, 2_840_160_642n);
    assert.deepEqual(scenario.read().deferred, {
        providers: 0n,
        stakers: 1_836_144_577n,
        treasury: 1_004_016_065n,
    });
});

test('bme: work beyond a lane\'s limit waits, and lanes are weighed', async () => {
    const scenario = await Scenario.start();
    const { chain, network, work: providerWork } = scenario;
    const { authority, address, mint, stakers, treasury } = network;
    // #region lanes
    // Two lanes of equal weight, which the authority may move by half. An epoch pays for 10 dollars of work in the first; what is
    // beyond waits for the next.
    const policy = {
        ...network.policy,
        laneWeights: [1_000, 1_000, ...Array<number>(14).fill(0)],
        laneLimits: [10_000_000n, ...Array<bigint>(15).fill(0n)], // zero: none
        weigher: authority.address,
        laneBand: 5_000,
        laneSpeed: 10_000,
    };
    const change = { payer: chain.payer, authority, network: address, changeIndex: 0n, stakers, treasury };
    await chain.send(await bme.getProposePolicyInstructionAsync({ ...change, policy, resetAverage: 0 }));
    chain.advance(7_200n);
    const rentReceiver = chain.payer.address;
    await chain.send(await bme.getExecutePolicyInstructionAsync({ mint, changeIndex: 0n, rentReceiver }));
    await chain.send(
        await bme.getAddShardInstructionAsync({ payer: chain.payer, authority, mint, shard: 2, lane: 1 }),
    );
    // Once an epoch, for the epochs after it.
    const weights = [1_400, 600, ...Array<number>(14).fill(0)];
    const weighed = await chain.send(bme.getWeighLanesInstruction({ weigher: authority, network: address, weights }));
    // #endregion
    assert.deepEqual(event(weighed, 'bme.lanesWeighed').weights, weights);

    // A change of policy counts from the next epoch on.
    chain.advance(DAY);
    scenario.shards.push((await bme.findWorkShardPda({ network: address, index: 2 }))[0]);
    await chain.send(await scenario.close(0n));
    await chain.send(await scenario.consume(25_000_000n));
    chain.advance(DAY);
    const settled = event(await chain.send(await scenario.close(1n)), 'bme.epochSettled');
    assert.deepEqual([settled.worked, settled.waiting], [10_000_000n, 15_000_000n]);
    const accrued = await chain.send(
        bme.getAccrueWorkInstruction({ providerWork, epoch: await scenario.epoch(1n) }),
    );
    assert.equal(event(accrued, 'bme.workAccrued').waiting, 15_000_000n);
});

test('bme: the newest shard is closed, and another goes on with what it counted', async () => {
    const { chain, network } = await Scenario.start();
    const { address, authority, mint } = network;
    const rentReceiver = chain.payer.address; // paid the rent of the shard
    // #region close-shard
    const { shardCount } = chain.read<bme.Network>(address);
    const [toBurnShard] = await bme.findBurnShardPda({ network: address, index: 0 });
    const [toBurnVault] = await bme.findBurnVaultPda({ burnShard: toBurnShard });
    const [toWorkShard] = await bme.findWorkShardPda({ network: address, index: 0 }); // of the same lane
    const close = await bme.getCloseShardInstructionAsync({
        authority,
        network: address,
        shard: shardCount - 1, // always the newest
        toBurnShard,
        toBurnVault,
        toWorkShard,
        mint,
        rentReceiver,
    });
    // #endregion
    await chain.send(close);
    assert.equal(chain.read<bme.Network>(address).shardCount, shardCount - 1);
});

test('bme: a customer pays dollars, and tokens are burned for them', async () => {
    const scenario = await Scenario.start();
    const { chain, network, client, source } = scenario;
    const { address, authority, mint, stakers, treasury: networkTreasury } = network;
    // Providers' income is bounded by the dollars worked, so that no circle pays.
    const change = { payer: chain.payer, authority, network: address, changeIndex: 0n, stakers, treasury: networkTreasury };
    const bounded = { ...network.policy, payoutShare: 6_000 };
    await chain.send(await bme.getProposePolicyInstructionAsync({ ...change, policy: bounded, resetAverage: 0 }));
    chain.advance(7_200n);
    const rentReceiver = chain.payer.address;
    await chain.send(await bme.getExecutePolicyInstructionAsync({ mint, changeIndex: 0n, rentReceiver }));
    chain.advance(DAY);
    await chain.send(await scenario.close(0n));

    const issuer = await chain.user();
    const dollarMint = await chain.mint(issuer, 6);
    const treasury = await chain.tokenAccount(dollarMint, authority.address);
    const wallet = await chain.tokenAccount(dollarMint, client.address);
    await chain.mintTo(dollarMint, issuer, wallet, 1_000_000_000n);
    const dollarPriceUpdate = (await chain.key()).address;
    const publish = async () => {
        chain.setAccount(dollarPriceUpdate, PYTH_RECEIVER, dollarUpdate(chain.now()));
        await network.publishPrice();
    };
    const closeEpoch = await scenario.close(1n);
    // #region open-auction
    const policy: bme.DollarPolicyArgs = {
        feedId: DOLLAR_FEED, // Pyth's 32 bytes for the stablecoin's price in dollars
        priceAccount: NONE, // accept any price account of the feed
        treasury, // receives the cut
        cut: 300, // 3 % of what customers pay
        limit: 1_000_000_000n, // a thousand dollars' worth of tokens are bought at once,
        window: 86_400, // and as much again each day
        maxDiscount: 1_000, // from 10 % below the price
        premium: 200, // to 2 % above it
        maxUnwanted: 3, // sales stop while more than three limits of dollars wait
    };
    const of = { payer: chain.payer, authority, network: address, dollarMint };
    const issuerPowers = 0; // ISSUER_POWER_FREEZE of escrow for USDC, and so on
    await chain.send(await bme.getOpenAuctionInstructionAsync({ ...of, treasury, policy, issuerPowers }));
    for (const shard of [0, 1]) {
        await chain.send(await bme.getAddDollarShardInstructionAsync({ ...of, shard }));
    }
    chain.advance(DAY); // at least the network's changeDelay, and the rest of the open epoch
    await chain.send(closeEpoch); // CloseEpoch of that
    await chain.send(await bme.getExecuteDollarPolicyInstructionAsync({ network: address }));
    // #endregion
    await publish();

    const [dollarShard] = await bme.findDollarShardPda({ network: address, index: 0 });
    // #region buy-with-dollars
    const bought = await chain.send(
        await bme.getBuyCreditsWithDollarsInstructionAsync({
            buyer: client,
            network: address,
            source: wallet, // pays
            dollarShardIndex: 0, // any
            dollarMint,
            priceUpdate: network.price, // of the network's token: how many tokens the credits carry
            dollarPriceUpdate, // of the stablecoin
            dollars: 100_000_000n, // 100 dollars
            minCredits: 97_000_000n, // less the cut
        }),
    );
    // #endregion
    assert.equal(event(bought, 'bme.creditsBoughtWithDollars').credits, 97_000_000n);

    // #region fold-dollars
    const fold = await bme.getFoldDollarsInstructionAsync({ network: address, dollarShardIndex: 0, treasury, dollarMint });
    // #endregion
    assert.equal(event(await chain.send(fold), 'bme.dollarsFolded').unsold, 97_000_000n);
    assert.equal(chain.tokens(treasury), 3_000_000n);

    // The auction closes within a day: the seller then gets up to 2 % more than the price.
    chain.advance(DAY);
    await publish();
    const till = await chain.tokenAccount(dollarMint, client.address);
    const before = chain.supply(mint);
    // #region sell-tokens
    const sold = await chain.send(
        await bme.getSellTokensInstructionAsync({
            seller: client,
            network: address,
            source, // of the network's token
            destination: till, // receives the dollars
            mint,
            dollarMint,
            priceUpdate: network.price,
            dollarPriceUpdate,
            dollarTokenProgram: TOKEN_PROGRAM_ADDRESS, // the stablecoin's: that of Token-2022 for PYUSD
            tokens: 10n * TOKEN,
            minDollars: 24_900_000n,
        }),
    );
    // #endregion
    // 24.90 dollars' worth at 1.02 - 0.12 * 12.45 / 1000.
    assert.equal(event(sold, 'bme.tokensSold').dollars, 25_360_799n);
    assert.equal(before - chain.supply(mint), 10n * TOKEN);

    await chain.send(await scenario.close(2n));
    const closeNext = await scenario.close(3n);
    // #region change-dollar-policy
    const propose = { authority, network: address, treasury, policy: { ...policy, cut: 500 } };
    await chain.send(await bme.getProposeDollarPolicyInstructionAsync(propose));
    chain.advance(DAY); // at least the network's changeDelay, and the rest of the open epoch
    await chain.send(closeNext); // CloseEpoch of that
    const changed = await chain.send(await bme.getExecuteDollarPolicyInstructionAsync({ network: address }));
    // #endregion
    assert.equal(event(changed, 'bme.dollarPolicyChanged').executableAt, 0n);
    assert.equal(chain.read<bme.DollarShard>(dollarShard).issued, 97_000_000n);
});

test('bme: a network pays keepers out of what its treasury gets', async () => {
    const { chain, network, client, source, destination } = await Scenario.start();
    const { address, authority, mint, treasury } = network;
    // #region set-upkeep
    const [upkeep] = await bme.findUpkeepPda({ network: address, treasury }); // `treasury` gets the rest
    const vault = await chain.associatedAccount(mint, upkeep);
    const share = { keeperShare: 1_000, maxKept: 1_000n * TOKEN }; // a tenth, up to 1,000 tokens
    await chain.send(
        await bme.getSetUpkeepInstructionAsync({ payer: chain.payer, authority, network: address, treasury, vault, ...share }),
    );
    // #endregion
    // #region set-chore
    const update = bme.getUpdateAverageInstruction({ network: address, priceUpdate: network.price });
    const [discriminator] = update.data!;
    await chain.send(
        bme.getSetChoreInstruction({
            authority,
            network: address,
            upkeep,
            index: 0, // of 16
            program: bme.JOULE_BME_PROGRAM_ADDRESS,
            data: Uint8Array.of(discriminator!, 0, 0, 0, 0, 0, 0, 0),
            dataLength: 1, // bytes of it that count
            account: address, // the instruction's account ...
            place: 0, // ... at this place
            tip: TOKEN,
            interval: 3_600, // once an hour
        }),
    );
    // #endregion
    await chain.send(getTransferInstruction({ source, destination: vault, authority: client, amount: 20n * TOKEN }));
    chain.advance(3_601n);
    await network.publishPrice();
    // #region take-chore-tip
    const tip = bme.getTakeChoreTipInstruction({ upkeep, vault, destination, mint, index: 0 });
    await chain.send(tip, update); // `update`: the instruction of the chore
    // #endregion
    assert.equal(chain.tokens(destination), TOKEN);
    await chain.fails(bme.JOULE_BME_ERROR__NO_TIP_DUE, tip);
    const before = chain.tokens(treasury);
    // #region forward-treasury
    await chain.send(bme.getForwardTreasuryInstruction({ upkeep, vault, treasury, mint }));
    // #endregion
    assert.equal(chain.tokens(treasury) - before, 18n * TOKEN);
    const { kept, paid, amountDue } = chain.read<bme.Upkeep>(upkeep);
    assert.deepEqual([kept, paid, amountDue], [TOKEN, TOKEN, 0n]);
});

test('bme: a spender is revoked and restored, and an owner reclaims credits', async () => {
    const scenario = await Scenario.start();
    const { chain, client: owner, spender, credits: creditAccount, network } = scenario;
    const { address: spenderAuthority } = scenario.spenderAuthority;
    const of = { authority: network.authority, network: network.address, spenderAuthority, lane: 0 };
    await chain.send(await scenario.consume(5n));
    // #region revoke-spender
    await chain.send(await bme.getRevokeSpenderInstructionAsync({ ...of, gracePeriod: 2_592_000 }));
    // #endregion
    assert.equal(chain.read<bme.Spender>(spender).closesAt, chain.now() + 2_592_000n);
    await chain.send(await bme.getRestoreSpenderInstructionAsync(of));
    await chain.send(await bme.getRevokeSpenderInstructionAsync({ ...of, gracePeriod: 2_592_000 }));
    await chain.fails(bme.JOULE_BME_ERROR__SPENDER_REVOKED, await scenario.lock(1n));
    chain.advance(2_592_000n);
    const rentReceiver = chain.payer.address;
    // #region close-spender
    const close = await bme.getCloseSpenderInstructionAsync({ ...of, rentReceiver });
    const reclaim = bme.getReclaimCreditsInstruction({ owner, network: network.address, creditAccount });
    // #endregion
    await chain.fails(bme.JOULE_BME_ERROR__SPENDER_NOT_CLOSED, reclaim);
    await chain.send(close);
    assert.equal(event(await chain.send(reclaim), 'bme.creditsReclaimed').amount, 199_999_995n);
    // The same authority can be added again.
    assert.equal(await network.addSpender(spenderAuthority), spender);
});

test('bme: an owner gives credits up that nobody takes any more', async () => {
    const scenario = await Scenario.start();
    const { chain, client: owner, source, network } = scenario;
    const give = { owner, mint: network.mint, destination: source, amount: 24_900_000n };
    await chain.fails(bme.JOULE_BME_ERROR__NETWORK_NOT_IDLE, await bme.getGiveUpCreditsInstructionAsync(give));
    // Half a year without work: the epochs are passed over in one call.
    chain.advance(180n * 86_400n);
    await chain.send(await scenario.close(179n));
    const receipt = await chain.send(await bme.getGiveUpCreditsInstructionAsync(give));
    assert.equal(event(receipt, 'bme.creditsGivenUp').tokens, 10n * TOKEN);
});

test('bme: whoever leaves closes what is empty', async () => {
    const scenario = await Scenario.start();
    const { chain, network, client: owner, provider, credits: creditAccount, work: providerWork } = scenario;
    const claimant = await chain.user();
    const payer = chain.payer;
    await chain.send(
        await bme.getOpenRootClaimInstructionAsync({ payer, network: network.address, claimant: claimant.address }),
    );
    const [rootClaim] = await bme.findRootClaimPda({ network: network.address, claimant: claimant.address });
    const rentReceiver = payer.address;
    // #region close-credit-account
    // `rentReceiver`: who paid for the account, `payer` in its data.
    const close = bme.getCloseCreditAccountInstruction({ owner, creditAccount, rentReceiver });
    // #endregion
    await chain.fails(bme.JOULE_BME_ERROR__NOT_EMPTY, close);
    const { spender, spenderAuthority } = scenario;
    const amount = 200_000_000n;
    await chain.send(bme.getUnlockCreditsInstruction({ spenderAuthority, spender, creditAccount, amount, reference }));
    await chain.send(bme.getBurnCreditsInstruction({ owner, creditAccount, amount: 249_000_000n, reference }));
    chain.advance(1n);
    await chain.send(close);
    // #region close-provider-work
    await chain.send(bme.getCloseProviderWorkInstruction({ provider, providerWork, rentReceiver }));
    // #endregion
    // #region close-root-claim
    await chain.send(bme.getCloseRootClaimInstruction({ closer: claimant, rootClaim, rentReceiver }));
    // #endregion
    for (const closed of [creditAccount, providerWork, rootClaim]) assert(!chain.exists(closed));
});

test('bme: oracles publish a reward root, and a claimant is paid what it has earned since its last claim', async () => {
    const scenario = await Scenario.start();
    const { chain, network, provider: claimant, destination } = scenario;
    const { address, authority, mint } = network;
    const [first, second] = [await chain.user(), await chain.user()];
    const payer = chain.payer;
    // #region open-roots
    await chain.send(await bme.getOpenRootsInstructionAsync({ payer, authority, mint }));
    // 16 places; NONE where there is no oracle.
    const oracles = Array.from({ length: 16 }, (_, i) => [first, second][i]?.address ?? NONE);
    // `threshold`: how many must approve a root, the one that publishes it included.
    await chain.send(await bme.getSetOraclesInstructionAsync({ authority, network: address, oracles, threshold: 2 }));
    // After the policy's `changeDelay` anyone puts them in force.
    const [oracleSet] = await bme.findOracleSetPda({ network: address });
    const execute = bme.getExecuteOraclesInstruction({ oracleSet });
    // #endregion

    await chain.fails(bme.JOULE_BME_ERROR__CHANGE_NOT_READY, execute);
    chain.advance(7_200n);
    await chain.send(execute);
    // The first epoch gives roots their part of the schedule: 100 tokens.
    chain.advance(86_400n);
    await chain.send(await scenario.close(0n));
    assert.equal(scenario.read().roots.free, 100n * TOKEN);

    const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const bytes = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;
    /** Root and proof of the leftmost leaf in a tree of this height. All other nodes are made up. */
    const tree = ([before, earned]: [bigint, bigint], height = 1) => {
        const totals = Buffer.alloc(16);
        totals.writeBigUInt64LE(before);
        totals.writeBigUInt64LE(earned, 8);
        const proof = Array.from({ length: height }, (_, level) => new Uint8Array(32).fill(level));
        const leaf = sha256(Uint8Array.of(0), bytes(address), bytes(claimant.address), totals);
        return { root: proof.reduce((hash, sibling) => sha256(Uint8Array.of(1), hash, sibling), leaf), proof };
    };
    const root = async (index: bigint) => (await bme.findRewardRootPda({ network: address, index }))[0];
    const publish = async (rewardRootIndex: bigint, [previousTotal, total]: [bigint, bigint], height = 1) => {
        const { root } = tree([previousTotal, total], height);
        // #region publish-root
        const of = { network: address, rewardRootIndex }; // `rootCount` of the oracle set
        // The sums of both totals over all leaves: the first is `total` of the oracle set.
        const totals = { previousTotal, total };
        await chain.send(await bme.getPublishRootInstructionAsync({ payer, oracle: first, ...of, root, ...totals }));
        await chain.send(await bme.getApproveRootInstructionAsync({ oracle: second, ...of }));
        // #endregion
    };
    const activateRoot = async (index: bigint) => {
        // #region activate-root
        const of = { network: address, oracleSet, rewardRootIndex: index };
        const activate = await bme.getActivateRootInstructionAsync(of);
        // #endregion
        await chain.fails(bme.JOULE_BME_ERROR__ROOT_NOT_ACTIVATABLE, activate);
        chain.advance(3_600n);
        await chain.send(activate);
    };
    const rentReceiver = payer.address;

    await publish(0n, [0n, 999n]);
    // #region veto-root
    const veto = { authorityOrGuardian: network.guardian, network: address, rewardRootIndex: 0n, rentReceiver };
    const receipt = await chain.send(await bme.getVetoRootInstructionAsync(veto));
    // #endregion
    const vetoed = event(receipt, 'bme.rootVetoed');
    assert.equal(vetoed.vetoedBy, network.guardian.address);

    await publish(1n, [0n, 100n]);
    await activateRoot(1n);
    chain.advance(3_600n);
    // #region fund-roots
    await chain.send(await bme.getFundRootsInstructionAsync({ mint, rewardRootIndex: 1n })); // an active root
    // #endregion
    await chain.send(
        await bme.getOpenRootClaimInstructionAsync({ payer, network: address, claimant: claimant.address }),
    );
    const claim = (root: bigint, [previousTotal, total]: [bigint, bigint], height = 1) => {
        const { proof } = tree([previousTotal, total], height);
        // #region claim-root
        return bme.getClaimRootInstructionAsync({
            claimant,
            mint,
            destination, // any token account
            root, // the number of an active root
            index: 0, // of the claimant's leaf
            previousTotal, // what the claimant had earned by the root before, as the leaf says
            total, // and has earned by this one
            proof,
        });
        // #endregion
    };
    await chain.fails(bme.JOULE_BME_ERROR__INVALID_PROOF, await claim(1n, [0n, 101n]));
    await chain.send(await claim(1n, [0n, 100n]));
    assert.equal(chain.tokens(destination), 100n);

    // Trees with a million claimants, with 16 million, and with the largest possible number.
    for (const height of [20, 24, 32]) {
        measured.set(`bme.claimRoot, a proof of ${height}`, sizes(payer, [await claim(1n, [0n, 1n], height)]));
    }

    await publish(2n, [100n, 130n], 32);
    await activateRoot(2n);
    chain.advance(3_600n);
    await chain.send(await bme.getFundRootsInstructionAsync({ mint, rewardRootIndex: 2n }));
    const longest = await claim(2n, [100n, 130n], 32);
    await assert.rejects(chain.send(longest), /1618 bytes/);
    chain.version = 1;
    assert.equal(event(await chain.send(longest), 'bme.rootClaimed').tokens, 30n);
    chain.version = 0;
    await chain.send(bme.getCloseRootInstruction({ network: address, oracleSet, rewardRoot: await root(1n), rentReceiver }));
    assert(!chain.exists(await root(1n)));
});

test('bme: a guardian pauses the network, and the authority resumes it and hands over', async () => {
    const scenario = await Scenario.start();
    const { chain, network, client: buyer, source } = scenario;
    const { address, authority, guardian, mint, price: priceUpdate } = network;
    // #region pause
    await chain.send(bme.getPauseInstruction({ authorityOrGuardian: guardian, network: address }));
    // #endregion
    assert.equal(scenario.read().paused, 1);
    const buy = { buyer, source, mint, priceUpdate, burnShardIndex: 0, tokens: TOKEN, minCredits: 1n };
    await chain.fails(bme.JOULE_BME_ERROR__PAUSED, await bme.getBuyCreditsInstructionAsync(buy));
    await chain.fails(
        bme.JOULE_BME_ERROR__UNAUTHORIZED,
        bme.getResumeInstruction({ signer: guardian, network: address }),
    );
    // #region resume
    await chain.send(bme.getResumeInstruction({ signer: authority, network: address }));
    // #endregion
    const successor = await chain.user();
    // #region hand-over
    await chain.send(bme.getProposeAuthorityInstruction({ authority, network: address, proposed: successor.address }));
    await chain.send(bme.getAcceptAuthorityInstruction({ successor, network: address }));
    // #endregion
    assert.equal(scenario.read().authority, successor.address);
});
