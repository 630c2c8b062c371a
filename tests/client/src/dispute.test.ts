// Verified results of `escrow`'s jobs: dispute games over a trace, and panels of several providers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
    type Address,
    type KeyPairSigner,
    address,
    getAddressEncoder,
    getProgramDerivedAddress,
    getU64Encoder,
} from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { DAY, TOKEN, event } from './chain';
import { type Provider, type World, NO_LIMIT, Market, dummyHash, start, stakeProgram } from './market';
import { escrow, stake } from './programs';

const VERIFIER = address('Verifier11111111111111111111111111111111111');
const DISPUTE_BOND = 5n * TOKEN;
/** SHA-256 of the concatenated parts. */
const sha256 = (...parts: Uint8Array[]): Uint8Array => createHash('sha256').update(Buffer.concat(parts)).digest();
const text = (of: string) => new TextEncoder().encode(of);
/** Eight bytes, little-endian. */
const u64 = (of: bigint) => getU64Encoder().encode(of) as Uint8Array;
/** The 32 bytes of an address. */
const bytesOf = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;

/** A run of one step on the virtual machine that tests/programs/verifier knows. */
function run(seed: bigint) {
    const wrap = (of: bigint) => BigInt.asUintN(64, of);
    const left = (of: bigint, bits: bigint) => wrap((of << bits) | (of >> (64n - bits)));
    const [a, b, c, d] = [seed, wrap(~seed), left(seed, 17n), 1n] as const;
    const mixed = wrap(a * 6_364_136_223_846_793_005n) ^ left(d, 23n);
    const state = (...words: bigint[]) => Buffer.concat(words.map(u64));
    const [before, after] = [state(a, b, c, d, 0n, 1n), state(b ^ mixed, wrap(c + mixed), d, mixed, 1n, 1n)];
    return { before, trace: traceOf(sha256(before), sha256(after)) };
}

/** A trace of one step. */
function traceOf(definition: Uint8Array, result: Uint8Array) {
    const leaf = (state: Uint8Array) => sha256(Uint8Array.of(0), text('trace'), state);
    const leaves = [leaf(definition), leaf(result)];
    return { definition, result, leaves, root: sha256(Uint8Array.of(1), ...leaves) };
}

const terms: Partial<escrow.TermsArgs> = {
    price: 2n * TOKEN,
    pricing: escrow.PRICING_FIXED,
    acceptanceWindow: 3_600,
    arbitrationWindow: 7_200,
    noStartPenalty: 1_000,
};

/** A market whose jobs are paid in tokens. A program verifies their results or, without one, the arbiter does. */
async function createVerifiedMarket(world: World, id: bigint, arbiter: KeyPairSigner, verifier?: Address) {
    const { chain, network, source, client, providers } = world;
    const { mint } = network;
    const market = await Market.create(world, id, { ...terms, arbiter: arbiter.address }, mint);
    const of = { authority: network.authority, network: network.address };
    const { payer } = chain;
    const by = verifier ? { verifier } : {};
    // #region create-verification
    const parameters = {
        // Dispute games.
        disputeBondMint: mint,
        disputeBond: DISPUTE_BOND, // 5 tokens: what each side risks; a loser's is burned, half of it or all
        bondPenalty: 5_000, // of the job's bond, for the client, if the provider loses
        moveWindow: 3_600, // for each move
        decisionWindow: 86_400, // for the arbiter
        gamesPerSlash: 1, // lost games that are evidence for a slash
        slashAmount: TOKEN,
        // Panels.
        minReplicas: 3,
        maxReplicas: 5,
        revealWindow: 600,
        minorityPenalty: 2_500, // of the replica's bond
        noRevealPenalty: 5_000, // of the replica's bond
        noQuorumPay: 2_000, // of the price, to the largest groups if none has more than half
    };
    // `by`: { verifier }, a program; without it, the arbiter decides. `of`: { authority, network }.
    await chain.send(await escrow.getCreateVerificationInstructionAsync({ ...of, payer, ...by, id, ...parameters }));
    const [verification] = await escrow.findVerificationPda({ network: network.address, id });
    await chain.send(escrow.getSetMarketVerificationInstruction({ ...of, market: market.address, verification }));
    // #endregion
    const parties = [[client, source], ...providers.map(({ authority, tokens }) => [authority, tokens])];
    for (const [authority, source] of parties as [KeyPairSigner, Address][]) {
        const [deposit] = await escrow.findDepositPda({ client: authority.address, mint });
        if (!chain.exists(deposit)) {
            const open = { payer, client: authority.address, mint, issuerPowers: 0 };
            await chain.send(await escrow.getOpenDepositInstructionAsync(open));
        }
        const amount = 30n * TOKEN;
        await chain.send(await escrow.getDepositTokensInstructionAsync({ authority, deposit, source, mint, amount }));
    }
    return { market, verification };
}

/** A client's or provider's deposit in the network's token, and its vault. */
async function depositOf(world: World, { address: client }: KeyPairSigner) {
    const [deposit] = await escrow.findDepositPda({ client, mint: world.network.mint });
    return { deposit, vault: (await escrow.findVaultPda({ deposit }))[0] };
}

/** A job that its provider delivered with a trace, and the games over the trace. */
class Delivered {
    private constructor(
        readonly world: World,
        readonly market: Market,
        readonly verification: Address,
        readonly provider: Provider,
        readonly job: Address,
        readonly trace: Address,
    ) {}

    static async by(
        world: World,
        { market, verification }: Awaited<ReturnType<typeof createVerifiedMarket>>,
        nonce: bigint,
        provider: Provider,
        { definition, result, root }: ReturnType<typeof traceOf>,
    ): Promise<Delivered> {
        const { chain } = world;
        const job = await market.post(nonce, { provider: provider.authority.address, definition });
        await market.start(provider, job);
        const { authority: providerAuthority } = provider;
        const { deposit } = await depositOf(world, providerAuthority);
        const { postingId } = market.read(job);
        const { payer } = chain;
        const [trace] = await escrow.findTracePda({ job, postingId });
        chain.advance(BigInt(market.read(job).terms.minDuration)); // no result is taken before
        // #region deliver-trace
        const accounts = { payer, providerAuthority, job, verification, deposit, trace };
        const delivered = { result, root, steps: 1 }; // the root of the Merkle tree over the states
        await chain.send(escrow.getDeliverTraceInstruction({ ...accounts, ...delivered }));
        // #endregion
        return new Delivered(world, market, verification, provider, job, trace);
    }

    async game(number: number): Promise<Address> {
        return (await escrow.findGamePda({ trace: this.trace, number }))[0];
    }

    async challenge(challenger: KeyPairSigner, number: number, statementKind: number): Promise<Address> {
        const { world, job, trace, verification } = this;
        const { chain } = world;
        const { payer } = chain;
        const { deposit } = await depositOf(world, challenger);
        const game = await this.game(number);
        // #region challenge-result
        // STATEMENT_STEP: a step of the trace is wrong. STATEMENT_END: the trace ends before the computation does.
        const accounts = { payer, challenger, job, trace, verification, deposit, game };
        await chain.send(escrow.getChallengeResultInstruction({ ...accounts, statementKind }));
        // #endregion
        return game;
    }

    phase(game: Address): number {
        return this.world.chain.read<escrow.Game>(game).phase;
    }

    /** The moves that lead to the disputed step, and show its states. */
    async play(game: Address, challenger: KeyPairSigner, { leaves, definition, result }: ReturnType<typeof traceOf>) {
        const { chain } = this.world;
        const { authority: providerAuthority } = this.provider;
        // #region play
        // The provider shows the roots of the subtrees up to four levels below the disputed one.
        await chain.send(escrow.getOpenSubtreeInstruction({ providerAuthority, game, subtrees: leaves }));
        // The challenger picks the first subtree that it disagrees with. Both repeat until a single step is left.
        await chain.send(escrow.getChooseSubtreeInstruction({ challenger, game, choice: 1 }));
        // The provider shows the states before and after the step.
        const step = { before: definition, after: result, proof: [] };
        await chain.send(escrow.getShowStatesInstruction({ providerAuthority, game, ...step }));
        // #endregion
        assert.equal(this.phase(game), escrow.GAME_PHASE_PROVE);
    }

    async sides(challenger: KeyPairSigner) {
        const { world } = this;
        const [ours, theirs] = [await depositOf(world, this.provider.authority), await depositOf(world, challenger)];
        return {
            providerDeposit: ours.deposit,
            providerVault: ours.vault,
            challengerDeposit: theirs.deposit,
            challengerVault: theirs.vault,
            mint: world.network.mint,
        };
    }

    async pay(game: Address, challenger: KeyPairSigner) {
        const { world, trace } = this;
        const { chain } = world;
        const sides = await this.sides(challenger);
        // #region pay-challenger
        const paid = await chain.send(escrow.getPayChallengerInstruction({ game, trace, ...sides }));
        // #endregion
        return event(paid, 'escrow.challengerPaid').share;
    }

    async settle(game: Address, challenger: KeyPairSigner) {
        const { world, trace, job } = this;
        const { chain } = world;
        const sides = await this.sides(challenger);
        // #region settle-game
        // `sides`: { providerDeposit, providerVault, challengerDeposit, challengerVault, mint }
        const settled = await chain.send(escrow.getSettleGameInstruction({ game, trace, job, ...sides }));
        // #endregion
        return event(settled, 'escrow.gameSettled');
    }

    async closeTrace() {
        const { world, trace, job, provider } = this;
        const { deposit } = await depositOf(world, provider.authority);
        const rentReceiver = world.chain.payer.address;
        await world.chain.send(escrow.getCloseTraceInstruction({ trace, job, deposit, rentReceiver }));
        assert(!world.chain.exists(trace));
    }
}

test('escrow: a verifier proves a challenged step, and a player that does not move in time loses', async () => {
    const world = await start([['verifier', VERIFIER]]);
    const { chain, client, providers, pool, slasher, escrowAuthority } = world;
    const [provider, second] = providers;
    const arbiter = await chain.user();
    const at = await createVerifiedMarket(world, 6n, arbiter, VERIFIER);
    const { before: witness, trace } = run(9n);
    const delivered = await Delivered.by(world, at, 0n, provider, trace);
    const { job, market, verification } = delivered;
    const game = await delivered.challenge(client, 0, escrow.STATEMENT_STEP);
    const next = await delivered.challenge(second.authority, 1, escrow.STATEMENT_END);
    const last = await delivered.challenge(second.authority, 2, escrow.STATEMENT_STEP);
    assert.equal(market.read(job).state, escrow.JOB_STATE_CHALLENGED);
    await delivered.play(game, client, trace);
    // #region prove-step
    // The verifier program defines the witness; usually it is the state before the step.
    await chain.send(escrow.getProveStepInstruction({ game, verifier: VERIFIER, witness }));
    // #endregion
    assert.equal(delivered.phase(game), escrow.GAME_PHASE_PROVIDER_WON);
    const { shared, burned } = await delivered.settle(game, client);
    assert.deepEqual([shared, burned], [DISPUTE_BOND / 2n, DISPUTE_BOND / 2n]);

    assert.equal(delivered.phase(next), escrow.GAME_PHASE_PROVE);
    const { haltClock } = market.funding;
    // #region time-out-game
    const timeOut = escrow.getTimeOutGameInstruction({ game: next, haltClock });
    // #endregion
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, timeOut);
    chain.advance(3_601n);
    await chain.send(timeOut);
    assert.equal(delivered.phase(next), escrow.GAME_PHASE_CHALLENGER_WON);
    await delivered.settle(next, second.authority);
    assert.equal(market.read(job).state, escrow.JOB_STATE_REJECTED);
    // The provider did not move there either: it lost that game by silence, and all of its dispute bond is burned.
    await chain.send(escrow.getTimeOutGameInstruction({ game: last, haltClock }));
    const settled = await delivered.settle(last, second.authority);
    assert.deepEqual([settled.shared, settled.burned], [0n, DISPUTE_BOND]);
    assert.equal(await delivered.pay(next, second.authority), DISPUTE_BOND / 2n);

    const payment = { ...market.payment(provider), maxAmount: NO_LIMIT };
    const verdict = { payShare: 0, bondPenalty: 0 }; // ignored: the game has decided
    await chain.send(escrow.getResolveJobInstruction({ caller: arbiter, job, ...payment, ...verdict }));
    const { paid, bondToSeize } = market.read(job);
    assert.deepEqual([paid, bondToSeize], [0n, 5n * TOKEN]);
    await market.settleBond(provider, job);
    await delivered.closeTrace();
    const [slash] = await stake.findSlashPda({ provider: provider.provider, index: 0n });
    const staked = { pool: pool.address, provider: provider.provider, slasher, escrowAuthority, slash, stakeProgram };
    const { payer } = chain;
    // #region propose-game-slash
    const games = [next]; // as many as `gamesPerSlash`, all lost by this provider
    // `staked`: { pool, provider, slasher, escrowAuthority, slash, stakeProgram }
    const proposed = await chain.send(escrow.getProposeGameSlashInstruction({ payer, verification, ...staked, games }));
    // #endregion
    assert.equal(event(proposed, 'stake.slashProposed').amount, TOKEN);
    await chain.send(escrow.getCloseGameInstruction({ game: next, rentReceiver: payer.address }));
    assert(!chain.exists(next));
});

test('escrow: without a verifier the arbiter decides on the step', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const [provider] = providers;
    const arbiter = await chain.user();
    const at = await createVerifiedMarket(world, 7n, arbiter);
    const { authority, address: network } = world.network;
    await chain.send(escrow.getSetTipInstruction({ authority, network, market: at.market.address, tip: 10_000 }));
    const trace = traceOf(dummyHash(3), dummyHash(4));
    const delivered = await Delivered.by(world, at, 0n, provider, trace);
    const game = await delivered.challenge(client, 0, escrow.STATEMENT_STEP);
    await delivered.play(game, client, trace);
    // #region decide-step
    await chain.send(escrow.getDecideStepInstruction({ arbiter, game, valid: 1 })); // 0: the step is wrong
    // #endregion
    await delivered.settle(game, client);
    const { job, market } = delivered;
    assert.equal(market.read(job).state, escrow.JOB_STATE_DELIVERED);
    const accept = { caller: client, job, ...market.payment(provider), maxAmount: NO_LIMIT };
    await chain.send(escrow.getAcceptJobInstruction(accept));
    assert.equal(market.read(job).paid, 2n * TOKEN);
    await delivered.closeTrace();
    chain.advance(2n * DAY);
    const keeper = await chain.user();
    const close = escrow.getCloseGameInstruction({ game, rentReceiver: chain.payer.address });
    // #region take-game-tip
    await chain.send(escrow.getTakeGameTipInstruction({ gameOrTrace: game, keeper: keeper.address }), close);
    // #endregion
    assert(!chain.exists(game));
});

test('escrow: a panel accepts the result that more than half of its providers revealed', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const { market, verification } = await createVerifiedMarket(world, 8n, await chain.user());
    const { funding } = market;
    const { fundingAccount, network, haltClock } = funding;
    const { authority } = world.network;
    await chain.send(escrow.getSetTipInstruction({ authority, network, market: market.address, tip: 10_000 }));
    const post = async (nonce: bigint): Promise<Address> => {
        const { termsVersion } = chain.read<escrow.Market>(market.address);
        const { payer } = chain;
        const definition = dummyHash(1);
        // #region post-panel
        const accounts = { payer, client, market: market.address, verification, ...funding };
        const order = { nonce, termsVersion, definition, duration: 600 };
        const panelOf = { price: 2n * TOKEN, replicas: 3 }; // the price of each replica
        await chain.send(await escrow.getPostPanelInstructionAsync({ ...accounts, ...order, ...panelOf }));
        // #endregion
        return (await escrow.findPanelPda({ fundingAccount, nonce }))[0];
    };
    const panel = await post(0n);
    const read = () => chain.read<escrow.Panel>(panel);
    const { postingId } = read();
    const { payer } = chain;
    for (const by of providers) {
        const stakeAccounts = await market.stakeAccounts(by, panel);
        const { authority: providerAuthority } = by;
        // #region join-panel
        const accounts = { payer, providerAuthority, panel, network, ...stakeAccounts };
        await chain.send(escrow.getJoinPanelInstruction({ ...accounts, postingId, allowedIndex: 0, proof: [] }));
        // #endregion
    }
    for (const [replica, { authority: providerAuthority }] of providers.entries()) {
        // #region acknowledge-input
        await chain.send(escrow.getAcknowledgeInputInstruction({ providerAuthority, panel, replica }));
        // #endregion
    }
    const [results, salt] = [[dummyHash(5), dummyHash(6), dummyHash(5)], dummyHash(0x5a)];
    for (const [replica, { authority: providerAuthority }] of providers.entries()) {
        const result = results[replica]!;
        // #region commit-result
        const provider = bytesOf(providerAuthority.address);
        // `salt`: 32 random bytes, secret until the reveal.
        const commitment = sha256(text('replica'), bytesOf(panel), u64(postingId), provider, salt, result);
        await chain.send(escrow.getCommitResultInstruction({ providerAuthority, panel, commitment, replica }));
        // #endregion
    }
    for (const [replica, { authority: providerAuthority }] of providers.entries()) {
        const result = results[replica]!;
        // #region reveal-result
        await chain.send(escrow.getRevealResultInstruction({ providerAuthority, panel, result, salt, replica }));
        // #endregion
    }
    // #region tally-panel
    await chain.send(escrow.getTallyPanelInstruction({ panel, ...funding }));
    // #endregion
    const { state, result, refunded } = read();
    assert.deepEqual([state, result, refunded], [escrow.PANEL_STATE_AGREED, dummyHash(5), 2_600_000_000n]);
    const { pool, slasher, escrowAuthority } = world;
    const [vault] = await stake.findVaultPda({ pool: pool.address });
    for (const [replica, by] of providers.entries()) {
        const before = chain.tokens(by.tokens);
        if (replica !== 1) {
            const payment = market.payment(by);
            // #region pay-replica
            await chain.send(escrow.getPayReplicaInstruction({ panel, ...payment, replica, maxAmount: NO_LIMIT }));
            // #endregion
            assert.equal(chain.tokens(by.tokens), before + 2n * TOKEN);
        }
        const bond = await market.bondOf(by, panel);
        const { provider } = by;
        const bondAccounts = { provider, bond, bondPayer: payer.address, slasher, escrowAuthority, stakeProgram };
        const { mint } = world.network;
        // What a replica loses is burned: the mint receives it.
        const seizure = { pool: pool.address, vault, receiver: mint, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
        // #region settle-replica
        const settle = escrow.getSettleReplicaInstruction({ panel, ...bondAccounts, ...seizure, replica });
        // #endregion
        const { seizedAmount } = event(await chain.send(settle), 'escrow.replicaSettled');
        assert.equal(seizedAmount, replica === 1 ? (10n * TOKEN) / 4n : 0n);
    }
    chain.advance(2n * DAY);
    const keeper = await chain.user();
    const close = escrow.getClosePanelInstruction({ panel, rentReceiver: chain.payer.address });
    // #region take-panel-tip
    await chain.send(escrow.getTakePanelTipInstruction({ panel, keeper: keeper.address }), close);
    // #endregion
    assert(!chain.exists(panel));

    const withoutProviders = await post(1n);
    const [first] = providers;
    {
        const panel = withoutProviders;
        const { postingId } = chain.read<escrow.Panel>(panel);
        const { authority: providerAuthority, provider } = first;
        const accounts = { payer, providerAuthority, panel, network, ...(await market.stakeAccounts(first, panel)) };
        await chain.send(escrow.getJoinPanelInstruction({ ...accounts, postingId, allowedIndex: 0, proof: [] }));
        const bond = await market.bondOf(first, panel);
        const bondAccounts = { provider, bond, bondPayer: payer.address, slasher, escrowAuthority, stakeProgram };
        const replica = 0;
        // #region leave-panel
        await chain.send(escrow.getLeavePanelInstruction({ providerAuthority, panel, ...bondAccounts, replica }));
        // #endregion
        assert.equal(chain.read<escrow.Panel>(panel).joinedCount, 0);
    }
    await chain.send(escrow.getCancelPanelInstruction({ caller: client, panel: withoutProviders, ...funding }));
    assert.equal(chain.read<escrow.Panel>(withoutProviders).state, escrow.PANEL_STATE_CANCELLED);

    // Only one acknowledges: the others are removed, and a part of their bonds and of the client's money is burned.
    const waiting = await post(2n);
    for (const by of providers) {
        const panel = waiting;
        const { postingId } = chain.read<escrow.Panel>(panel);
        const { authority: providerAuthority } = by;
        const accounts = { payer, providerAuthority, panel, network, ...(await market.stakeAccounts(by, panel)) };
        await chain.send(escrow.getJoinPanelInstruction({ ...accounts, postingId, allowedIndex: 0, proof: [] }));
    }
    {
        const panel = waiting;
        const { authority: providerAuthority } = first;
        await chain.send(escrow.getAcknowledgeInputInstruction({ providerAuthority, panel, replica: 0 }));
        chain.advance(BigInt(chain.read<escrow.Panel>(panel).terms.startWindow) + 1n);
        for (const [replica, by] of providers.entries()) {
            if (replica === 0) continue;
            const bond = await market.bondOf(by, panel);
            const { provider } = by;
            const bondAccounts = { provider, bond, bondPayer: payer.address, slasher, escrowAuthority, stakeProgram };
            const { mint } = world.network;
            const seizure = { pool: pool.address, vault, receiver: mint, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
            // #region remove-replica
            await chain.send(escrow.getRemoveReplicaInstruction({ panel, ...bondAccounts, ...seizure, haltClock, replica }));
            // #endregion
        }
        assert.equal(chain.read<escrow.Panel>(panel).refilled, 1);
        const [fundingVault] = await escrow.findVaultPda({ deposit: fundingAccount });
        const { mint } = world.network;
        const burning = { fundingAccount, workShardOrVault: fundingVault, feePayeeOrMint: mint };
        const paymentProgram = TOKEN_PROGRAM_ADDRESS;
        const maxAmount = NO_LIMIT;
        // #region burn-panel-penalty
        // `burning`: { fundingAccount, workShardOrVault, feePayeeOrMint }
        const burn = escrow.getBurnPanelPenaltyInstruction({ panel, ...burning, paymentProgram, maxAmount });
        // #endregion
        const { owed } = event(await chain.send(burn), 'escrow.panelPenaltyBurned');
        assert.equal(owed, 0n);
        assert.equal(chain.read<escrow.Panel>(panel).penaltyOwed, 0n);
    }
});

test('escrow: a result with a proof is paid at once', async () => {
    const world = await start([['verifier', VERIFIER]]);
    const { chain, network, providers } = world;
    const [provider] = providers;
    const { payer } = chain;
    const arbiter = await chain.user();
    const { market } = await createVerifiedMarket(world, 9n, arbiter, VERIFIER);
    const of = { authority: network.authority, network: network.address };
    const id = 10n;
    // #region create-proof-verification
    const programAddress = address('BPFLoaderUpgradeab1e11111111111111111111111');
    // Its upgrade authority was given up: `solana program set-upgrade-authority --final`.
    const [verifierData] = await getProgramDerivedAddress({ programAddress, seeds: [bytesOf(VERIFIER)] });
    const confirms = { verifier: VERIFIER, verifierData };
    await chain.send(await escrow.getCreateProofVerificationInstructionAsync({ ...of, payer, ...confirms, id }));
    // #endregion
    const [verification] = await escrow.findVerificationPda({ network: network.address, id });
    await chain.send(escrow.getSetMarketVerificationInstruction({ ...of, market: market.address, verification }));
    const { before: proof, trace } = run(11n);
    const { definition, result } = trace;
    const { authority: providerAuthority } = provider;
    const job = await market.post(0n, { provider: providerAuthority.address, definition });
    await market.start(provider, job);
    const payment = market.payment(provider);
    // #region deliver-proof
    const accounts = { providerAuthority, job, verification, ...confirms, ...payment };
    await chain.send(escrow.getDeliverProofInstruction({ ...accounts, result, maxAmount: NO_LIMIT, proof }));
    // #endregion
    const { state, paid } = market.read(job);
    assert.deepEqual([state, paid], [escrow.JOB_STATE_FINISHED, 2n * TOKEN]);
});
