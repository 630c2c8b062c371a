// Users, keepers, oracles and the operator of a network of `bme`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Address, type KeyPairSigner, getAddressEncoder } from '@solana/kit';
import { Chain, DAY, TOKEN, event, measured } from './chain';
import { Network } from './network';
import { bme, constant } from './programs';
import { sizes } from './transactions';

const reference = '11111111111111111111111111111111' as Address;

class Story {
    private constructor(
        readonly chain: Chain,
        readonly network: Network,
        readonly client: KeyPairSigner,
        readonly source: Address,
        readonly provider: KeyPairSigner,
        readonly spending: KeyPairSigner,
        readonly spender: Address,
        readonly credits: Address,
        readonly work: Address,
        readonly shards: Address[],
        readonly destination: Address,
    ) {}

    /** A client with 249 dollars of credits, a provider and a spender. */
    static async start(): Promise<Story> {
        const chain = await Chain.start();
        const [client, provider, spending] = [await chain.user(), await chain.user(), await chain.user()];
        const [network, [source]] = await Network.create(chain, [client]);
        const spender = await network.addSpender(spending.address);
        const work = await network.openProviderWork(provider.address);
        const { creditAccount: credits, receipt } = await network.buyCredits(client, source!, 100n * TOKEN);
        // The low side: 2.50 less a cent is less than 2.51 less one and a half.
        assert.equal(event(receipt, 'creditsBought').credits, 249_000_000n);
        const shards = [];
        for (const index of [0, 1]) {
            shards.push((await bme.findWorkShardPda({ network: network.address, index }))[0]);
        }
        const destination = await chain.tokenAccount(network.mint, provider.address);
        const self = new Story(
            chain,
            network,
            client,
            source!,
            provider,
            spending,
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
            spenderAuthority: this.spending,
            network: this.network.address,
            amount,
            reference,
        });
    }

    consume(amount: bigint) {
        return bme.getConsumeCreditsInstructionAsync({
            spenderAuthority: this.spending,
            network: this.network.address,
            creditAccount: this.credits,
            providerWork: this.work,
            workShardIndex: 0,
            amount,
            reference,
        });
    }

    close(epochArg: bigint) {
        const { chain, network } = this;
        // #region close-epoch
        return bme.getCloseEpochInstructionAsync({
            payer: chain.payer,
            mint: network.mint,
            stakers: network.stakers,
            treasury: network.treasury,
            epochArg,
            workShards: this.shards,
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

test('bme: a network is what its operator wrote', async () => {
    const { chain, network } = await Story.start();
    const state = chain.read<bme.Network>(network.address);
    assert.equal(state.authority, network.authority.address);
    assert.equal(state.mint, network.mint);
    assert.equal(state.shards, 2);
    assert.equal(state.decimals, 9);
    assert.equal(state.initialSupply, 1_000n * TOKEN);
    for (const [name, value] of Object.entries(network.policy)) {
        assert.deepEqual((state.policy as any)[name], typeof value === 'object' ? new Uint8Array(value as any) : value, name);
    }
    assert.equal(state.average.value, 250_000_000n);
    assert.equal(constant('bme', 'maxShards'), 64);
    const [vault] = await bme.findRewardVaultPda({ network: network.address });
    assert.equal(state.rewardVault, vault);
});

test('bme: credits are bought, locked, freed and consumed', async () => {
    const story = await Story.start();
    const { chain, network, client: buyer, source, spender, credits: creditAccount, spending: spenderAuthority } = story;
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
    // A dollar at 2.49, rounded up.
    assert.equal(event(bought, 'creditsBought').tokens, 401_606_426n);

    await chain.send(bme.getUnlockCreditsInstruction({ spenderAuthority, spender, creditAccount, amount: 5n, reference }));
    const consumed = event(await chain.send(await story.consume(50_000_000n)), 'creditsConsumed');
    assert.equal(consumed.provider, story.provider.address);
    assert.equal(consumed.header.source, creditAccount);
    const state = chain.read<bme.CreditAccount>(creditAccount);
    assert.equal(state.balance, 250_000_000n - 200_000_000n + 5n);
    assert.equal(state.consumed, 50_000_000n);
    assert.equal(state.locked[0], 149_999_995n);
    assert.equal(state.sequence, consumed.header.sequence);
    await chain.fails(bme.JOULE_BME_ERROR__INSUFFICIENT_CREDITS, await story.consume(200_000_000n));

    const supply = chain.supply(network.mint);
    // #region burn
    const burned = await chain.send(await bme.getBurnTokensInstructionAsync({ mint: network.mint, burnShardIndex: 0 }));
    // #endregion
    assert.equal(event(burned, 'tokensBurned').tokens, 100n * TOKEN);
    assert.equal(chain.supply(network.mint), supply - 100n * TOKEN);
});

test('bme: epochs close, and pay by work', async () => {
    const story = await Story.start();
    const { chain, network, provider, work: providerWork, destination } = story;
    await chain.send(await story.consume(50_000_000n));
    await chain.fails(bme.JOULE_BME_ERROR__EPOCH_OPEN, await story.close(0n));
    chain.pass(DAY);
    const settled = event(await chain.send(await story.close(0n)), 'epochSettled');
    assert.deepEqual(
        [settled.worked, settled.providers, settled.stakers, settled.treasury],
        [50_000_000n, 700n * TOKEN, 200n * TOKEN, 100n * TOKEN],
    );
    assert.equal(chain.tokens(network.treasury), 100n * TOKEN);
    const epoch = await story.epoch(0n);
    assert.equal(chain.read<bme.Epoch>(epoch).emission, 700n * TOKEN);
    // #region accrue-and-claim
    await chain.send(bme.getAccrueWorkInstruction({ providerWork, epoch }));
    const claim = { provider, mint: network.mint, destination };
    await chain.send(await bme.getClaimRewardsInstructionAsync(claim));
    // #endregion
    assert.equal(chain.tokens(destination), 700n * TOKEN);
    await chain.fails(bme.JOULE_BME_ERROR__NOTHING_TO_CLAIM, await bme.getClaimRewardsInstructionAsync(claim));

    for (const count of [16, 32, 48]) {
        const close = { payer: chain.payer, mint: network.mint, stakers: network.stakers, treasury: network.treasury };
        const workShards = await Promise.all(Array.from({ length: count }, async () => (await chain.key()).address));
        const instruction = await bme.getCloseEpochInstructionAsync({ ...close, epochArg: 1n, workShards });
        measured.set(`bme.closeEpoch, ${count} shards`, sizes(chain.payer, [instruction]));
    }

    // Several at once, and what is left of them.
    await chain.send(await story.consume(20_000_000n));
    chain.pass(DAY);
    await chain.send(await story.close(1n));
    const second = await story.epoch(1n);
    await chain.send(await bme.getClaimEpochsInstructionAsync({ ...claim, epochs: [second] }));
    assert.equal(chain.tokens(destination), 1_400n * TOKEN);
    const rentReceiver = chain.payer.address;
    // #region sweep
    const swept = await chain.send(
        bme.getSweepEpochInstruction({ network: network.address, epoch: second, rentReceiver }),
    );
    // #endregion
    assert.equal(event(swept, 'epochSwept').carried, 0n);
    assert(!chain.exists(second));
});

test('bme: a policy changes after its delay, and the breaker holds emissions back', async () => {
    const story = await Story.start();
    const { chain, network } = story;
    const { authority, address, mint, stakers, treasury } = network;
    // #region change-policy
    const propose = (changeIndex: bigint, breakerTokens: bigint) =>
        bme.getProposePolicyInstructionAsync({
            payer: chain.payer,
            authority,
            network: address,
            changeIndex,
            stakers,
            treasury,
            policy: { ...network.policy, breakerTokens },
            resetAverage: 0,
        });
    // #endregion
    const rentReceiver = chain.payer.address;
    await chain.send(await propose(0n, 7n));
    await chain.send(
        await bme.getCancelPolicyInstructionAsync({ authority, network: address, changeIndex: 0n, rentReceiver }),
    );
    const proposed = event(await chain.send(await propose(1n, 400n * TOKEN)), 'policyProposed');
    assert.equal(proposed.executableFrom, chain.now() + 7_200n);
    // #region execute-change
    const execute = await bme.getExecutePolicyInstructionAsync({ mint, changeIndex: 1n, rentReceiver });
    // #endregion
    await chain.fails(bme.JOULE_BME_ERROR__CHANGE_SLASH_NOT_EXECUTABLE, execute);
    chain.pass(7_200n);
    await chain.send(execute);
    assert.equal(story.read().policy.breakerTokens, 400n * TOKEN);

    await chain.send(await story.consume(1_000n));
    chain.pass(DAY);
    const minted = event(await chain.send(await story.close(0n)), 'minted');
    assert.deepEqual([minted.providers, minted.deferred], [400n * TOKEN, 600n * TOKEN]);
    chain.pass(DAY);
    const later = await chain.send(await bme.getMintDeferredInstructionAsync({ mint, stakers, treasury }));
    assert.equal(event(later, 'minted').deferred, 200n * TOKEN);
    assert.deepEqual(story.read().deferred, { providers: 0n, stakers: 100n * TOKEN, treasury: 100n * TOKEN });
});

test('bme: a spender is limited, revoked and restored, and owners take their credits back', async () => {
    const story = await Story.start();
    const { chain, client: owner, spender, credits: creditAccount, network, spending } = story;
    const change = { authority: network.authority, network: network.address, spenderAuthority: spending.address };
    await chain.send(await bme.getSetSpenderLimitInstructionAsync({ ...change, limit: 10n }));
    // Of two shards, each lets half pass.
    await chain.fails(bme.JOULE_BME_ERROR__SPENDER_LIMIT_REACHED, await story.consume(6n));
    await chain.send(await story.consume(5n));
    // #region revoke-spender
    await chain.send(await bme.getRevokeSpenderInstructionAsync({ ...change, grace: 60 }));
    // #endregion
    assert.equal(chain.read<bme.Spender>(spender).closes, chain.now() + 60n);
    await chain.send(await bme.getRestoreSpenderInstructionAsync(change));
    await chain.send(await bme.getRevokeSpenderInstructionAsync({ ...change, grace: 60 }));
    await chain.fails(bme.JOULE_BME_ERROR__SPENDER_REVOKED, await story.lock(1n));
    const reclaim = bme.getReclaimCreditsInstruction({ owner, spender, creditAccount });
    await chain.fails(bme.JOULE_BME_ERROR__SPENDER_NOT_CLOSED, reclaim);
    chain.pass(60n);
    assert.equal(event(await chain.send(reclaim), 'creditsReclaimed').amount, 199_999_995n);
});

test('bme: oracles publish a root, and claimants are paid what is new to them', async () => {
    const story = await Story.start();
    const { chain, network, provider: claimant, destination } = story;
    const { address, authority, mint } = network;
    const [first, second] = [await chain.user(), await chain.user()];
    const payer = chain.payer;
    await chain.send(await bme.getOpenRootsInstructionAsync({ payer, authority, mint }));
    const oracles = Array.from({ length: 16 }, (_, i) => [first, second][i]?.address ?? reference);
    await chain.send(await bme.getSetOraclesInstructionAsync({ authority, network: address, oracles, threshold: 2 }));

    const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const bytes = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;
    /** The leftmost leaf of a tree of that height, all else in which is made up. */
    const tree = (earned: bigint, height = 1) => {
        const total = Buffer.alloc(8);
        total.writeBigUInt64LE(earned);
        const proof = Array.from({ length: height }, (_, level) => new Uint8Array(32).fill(level));
        const leaf = sha256(Uint8Array.of(0), bytes(address), bytes(claimant.address), total);
        return { root: proof.reduce((hash, sibling) => sha256(Uint8Array.of(1), hash, sibling), leaf), proof };
    };
    const root = async (index: bigint) => (await bme.findRewardRootPda({ network: address, index }))[0];
    const [oracleSet] = await bme.findOracleSetPda({ network: address });
    const publish = async (rewardRootIndex: bigint, total: bigint, height = 1) => {
        const of = { network: address, rewardRootIndex };
        const published = { payer, oracle: first, ...of, root: tree(total, height).root, total };
        await chain.send(await bme.getPublishRootInstructionAsync(published));
        await chain.send(await bme.getApproveRootInstructionAsync({ oracle: second, ...of }));
    };
    const activate = async (index: bigint) => {
        const ripe = bme.getActivateRootInstruction({ oracleSet, rewardRoot: await root(index) });
        await chain.fails(bme.JOULE_BME_ERROR__ROOT_NOT_WITHDRAWABLE, ripe);
        chain.pass(3_600n);
        await chain.send(ripe);
    };
    const rentReceiver = payer.address;

    await publish(0n, 999n);
    const strike = { by: network.guardian, network: address, rewardRootIndex: 0n, rentReceiver };
    const struck = event(await chain.send(await bme.getVetoRootInstructionAsync(strike)), 'rootVetoed');
    assert.equal(struck.by, network.guardian.address);

    await publish(1n, 100n);
    await activate(1n);
    await chain.send(await bme.getFundRootsInstructionAsync({ mint, rewardRootIndex: 1n }));
    await chain.send(
        await bme.getOpenRootClaimInstructionAsync({ payer, network: address, claimant: claimant.address }),
    );
    const claim = (index: bigint, total: bigint, height = 1) =>
        bme.getClaimRootInstructionAsync({
            claimant,
            mint,
            destination,
            root: index,
            index: 0,
            total,
            proof: tree(total, height).proof,
        });
    await chain.fails(bme.JOULE_BME_ERROR__INVALID_PROOF, await claim(1n, 101n));
    await chain.send(await claim(1n, 100n));
    assert.equal(chain.tokens(destination), 100n);

    // Of trees of a million claimants, of 16 million, and of the largest.
    for (const height of [20, 24, 32]) {
        measured.set(`bme.claimRoot, a proof of ${height}`, sizes(payer, [await claim(1n, 1n, height)]));
    }

    await publish(2n, 130n, 32);
    await activate(2n);
    await chain.send(await bme.getFundRootsInstructionAsync({ mint, rewardRootIndex: 2n }));
    const longest = await claim(2n, 130n, 32);
    await assert.rejects(chain.send(longest), /1610 bytes/);
    chain.version = 1;
    assert.equal(event(await chain.send(longest), 'rootClaimed').tokens, 30n);
    chain.version = 0;
    await chain.send(bme.getCloseRootInstruction({ oracleSet, rewardRoot: await root(1n), rentReceiver }));
    assert(!chain.exists(await root(1n)));
});

test('bme: a guardian pauses, the authority resumes and hands over', async () => {
    const story = await Story.start();
    const { chain, network, client: buyer, source } = story;
    const { address, authority, guardian, mint, price: priceUpdate } = network;
    // #region pause
    await chain.send(bme.getPauseInstruction({ by: guardian, network: address }));
    // #endregion
    assert.equal(story.read().paused, 1);
    const buy = { buyer, source, mint, priceUpdate, burnShardIndex: 0, tokens: TOKEN, minCredits: 1n };
    await chain.fails(bme.JOULE_BME_ERROR__PAUSED, await bme.getBuyCreditsInstructionAsync(buy));
    await chain.fails(
        bme.JOULE_BME_ERROR__UNAUTHORIZED,
        bme.getResumeInstruction({ authority: guardian, network: address }),
    );
    await chain.send(bme.getResumeInstruction({ authority, network: address }));
    const successor = await chain.user();
    await chain.send(bme.getProposeAuthorityInstruction({ authority, network: address, proposed: successor.address }));
    await chain.send(bme.getAcceptAuthorityInstruction({ successor, network: address }));
    assert.equal(story.read().authority, successor.address);
});
