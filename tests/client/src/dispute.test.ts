// Results of `escrow`'s jobs that are verified: by games over a trace, and by the comparison of several.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Address, type KeyPairSigner, address, getAddressEncoder, getU64Encoder } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { TOKEN, event } from './chain';
import { type Provider, type World, EVERYTHING, Market, bytes, start, stakeProgram, systemProgram } from './market';
import { escrow, stake } from './programs';

const VERIFIER = address('Verifier11111111111111111111111111111111111');
const WAGER = 5n * TOKEN;
const sha256 = (...parts: Uint8Array[]): Uint8Array => createHash('sha256').update(Buffer.concat(parts)).digest();
const text = (of: string) => new TextEncoder().encode(of);
const u64 = (of: bigint) => getU64Encoder().encode(of) as Uint8Array;

/** The machine that the tests' verifier knows (tests/programs/verifier), in a run of one step. */
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
};

/** A market that is paid in tokens and whose results are verified, by a program or by its arbiter. */
async function verified(world: World, id: bigint, arbiter: KeyPairSigner, verifier?: Address) {
    const { chain, network, source, client, providers } = world;
    const { mint } = network;
    const market = await Market.create(world, id, { ...terms, arbiter: arbiter.address }, mint);
    const of = { authority: network.authority, network: network.address };
    const payer = chain.payer;
    const by = verifier ? { verifier } : {};
    // #region create-verification
    const how = {
        wager: WAGER, // what each side of a game may lose
        slash: TOKEN, // what is asked for once a provider lost
        slashGames: 1, // as many games
        moveWindow: 3_600,
        judgeWindow: 86_400,
        revealWindow: 600,
        fee: 1_000, // of a lost wager, burned
        forfeit: 5_000, // of the bond, for the client
        minorityPenalty: 2_500,
        silencePenalty: 5_000,
        minReplicas: 3,
        maxReplicas: 5,
        minQuorum: 2,
    };
    const rules = { ...of, payer, wagerMint: mint, ...by, id, ...how }; // { verifier }, a program; without, the arbiter decides
    await chain.send(await escrow.getCreateVerificationInstructionAsync(rules));
    const [verification] = await escrow.findVerificationPda({ network: network.address, id });
    await chain.send(escrow.getSetMarketVerificationInstruction({ ...of, market: market.address, verification }));
    // #endregion
    const accounts = [[client, source], ...providers.map(({ authority, tokens }) => [authority, tokens])];
    for (const [authority, source] of accounts as [KeyPairSigner, Address][]) {
        const [deposit] = await escrow.findDepositPda({ client: authority.address, mint });
        if (!chain.exists(deposit)) {
            const open = { payer, client: authority.address, mint };
            await chain.send(await escrow.getOpenDepositInstructionAsync(open));
        }
        const amount = 30n * TOKEN;
        await chain.send(await escrow.getDepositTokensInstructionAsync({ authority, deposit, source, mint, amount }));
    }
    return { market, verification };
}

/** Deposit and vault of somebody. */
async function depositOf(world: World, { address: client }: KeyPairSigner) {
    const [deposit] = await escrow.findDepositPda({ client, mint: world.network.mint });
    return { deposit, vault: (await escrow.findVaultPda({ deposit }))[0] };
}

/** A job that its provider delivered with a trace, and its games. */
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
        { market, verification }: Awaited<ReturnType<typeof verified>>,
        nonce: bigint,
        provider: Provider,
        { definition, result, root }: ReturnType<typeof traceOf>,
    ): Promise<Delivered> {
        const { chain } = world;
        const job = await market.post(nonce, { provider: provider.authority.address, definition });
        await market.start(provider, job);
        const { authority: providerAuthority } = provider;
        const { deposit } = await depositOf(world, providerAuthority);
        const { posting } = market.read(job);
        const [trace] = await escrow.findTracePda({ job, posting });
        // #region deliver-trace
        const delivery = { providerAuthority, job, verification, deposit, trace, result, root, steps: 1 };
        await chain.send(escrow.getDeliverTraceInstruction(delivery));
        // #endregion
        return new Delivered(world, market, verification, provider, job, trace);
    }

    async game(number: number): Promise<Address> {
        return (await escrow.findGamePda({ trace: this.trace, number }))[0];
    }

    async challenge(challenger: KeyPairSigner, number: number, claim: number): Promise<Address> {
        const { world, job, trace, verification } = this;
        const { deposit } = await depositOf(world, challenger);
        const game = await this.game(number);
        // #region challenge-result
        const challenge = { challenger, job, trace, verification, deposit, game, claim };
        await world.chain.send(escrow.getChallengeResultInstruction(challenge));
        // #endregion
        return game;
    }

    phase(game: Address): number {
        return this.world.chain.read<escrow.Game>(game).phase;
    }

    /** The moves that lead to the one step, and show it. */
    async play(game: Address, challenger: KeyPairSigner, { leaves, definition, result }: ReturnType<typeof traceOf>) {
        const { chain } = this.world;
        const { authority: providerAuthority } = this.provider;
        // #region play
        await chain.send(escrow.getOpenSubtreeInstruction({ providerAuthority, game, nodes: leaves }));
        await chain.send(escrow.getChooseSubtreeInstruction({ challenger, game, choice: 1 }));
        const step = { before: definition, after: result, proof: [] };
        await chain.send(escrow.getShowStatesInstruction({ providerAuthority, game, ...step }));
        // #endregion
        assert.equal(this.phase(game), escrow.GAME_PHASE_PROVE);
    }

    async settle(game: Address, challenger: KeyPairSigner) {
        const { world, trace, job } = this;
        const [ours, theirs] = [await depositOf(world, this.provider.authority), await depositOf(world, challenger)];
        const sides = {
            providerDeposit: ours.deposit,
            providerVault: ours.vault,
            challengerDeposit: theirs.deposit,
            challengerVault: theirs.vault,
            mint: world.network.mint,
        };
        // #region settle-game
        const settled = await world.chain.send(escrow.getSettleGameInstruction({ game, trace, job, ...sides }));
        // #endregion
        return event(settled, 'gameSettled');
    }

    async closeTrace() {
        const { world, trace, job, provider } = this;
        const { deposit } = await depositOf(world, provider.authority);
        const rentReceiver = provider.authority.address;
        await world.chain.send(escrow.getCloseTraceInstruction({ trace, job, deposit, rentReceiver }));
        assert(!world.chain.exists(trace));
    }
}

test('escrow: a challenged step is proved by the verifier, and who does not move loses', async () => {
    const world = await start([['verifier', VERIFIER]]);
    const { chain, client, providers, pool, slasher, escrowAuthority } = world;
    const [provider, second] = providers;
    const arbiter = await chain.user();
    const at = await verified(world, 6n, arbiter, VERIFIER);
    const { before, trace } = run(9n);
    const delivered = await Delivered.by(world, at, 0n, provider, trace);
    const { job, market } = delivered;
    const game = await delivered.challenge(client, 0, escrow.CLAIM_STEP);
    const next = await delivered.challenge(second.authority, 1, escrow.CLAIM_END);
    const last = await delivered.challenge(second.authority, 2, escrow.CLAIM_STEP);
    assert.equal(market.read(job).state, escrow.JOB_STATE_CHALLENGED);
    await delivered.play(game, client, trace);
    // #region prove-step
    await chain.send(escrow.getProveStepInstruction({ game, verifier: VERIFIER, witness: before }));
    // #endregion
    assert.equal(delivered.phase(game), escrow.GAME_PHASE_PROVIDER_WON);
    const { won, burned } = await delivered.settle(game, client);
    assert.deepEqual([won, burned], [(WAGER * 9n) / 10n, WAGER / 10n]);

    assert.equal(delivered.phase(next), escrow.GAME_PHASE_QUEUED);
    await chain.send(escrow.getStartGameInstruction({ game: next, trace: delivered.trace }));
    const late = escrow.getTimeOutGameInstruction({ game: next });
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, late);
    chain.pass(3_601n);
    await chain.send(late);
    assert.equal(delivered.phase(next), escrow.GAME_PHASE_CHALLENGER_WON);
    await delivered.settle(next, second.authority);
    assert.equal(market.read(job).state, escrow.JOB_STATE_REJECTED);
    await delivered.settle(last, second.authority);
    assert.equal(delivered.phase(last), escrow.GAME_PHASE_MOOT);

    const paying = { ...market.paying(provider), most: EVERYTHING };
    await chain.send(escrow.getResolveJobInstruction({ caller: arbiter, job, ...paying, pay: 0, bond: 0 }));
    const { paid, seize } = market.read(job);
    assert.deepEqual([paid, seize], [0n, 5n * TOKEN]);
    await market.settleBond(provider, job);
    await delivered.closeTrace();
    const [slash] = await stake.findSlashPda({ provider: provider.provider, index: 0n });
    const staked = { pool: pool.address, provider: provider.provider, slasher, escrowAuthority, slash, stakeProgram };
    // #region cite-games
    const cite = { payer: chain.payer, verification: at.verification, ...staked, games: [next] };
    const cited = await chain.send(escrow.getProposeGameSlashInstruction(cite));
    // #endregion
    assert.equal(event(cited, 'slashProposed').amount, TOKEN);
    const close = { caller: client, game: next, rentReceiver: second.authority.address };
    await chain.send(escrow.getCloseGameInstruction(close));
    assert(!chain.exists(next));
});

test('escrow: where there is no verifier the arbiter decides', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const [provider] = providers;
    const arbiter = await chain.user();
    const at = await verified(world, 7n, arbiter);
    const trace = traceOf(bytes(3), bytes(4));
    const delivered = await Delivered.by(world, at, 0n, provider, trace);
    const game = await delivered.challenge(client, 0, escrow.CLAIM_STEP);
    await delivered.play(game, client, trace);
    await chain.send(escrow.getDecideStepInstruction({ arbiter, game, valid: 1 }));
    await delivered.settle(game, client);
    const { job, market } = delivered;
    assert.equal(market.read(job).state, escrow.JOB_STATE_DELIVERED);
    const accept = { caller: client, job, ...market.paying(provider), most: EVERYTHING };
    await chain.send(escrow.getAcceptJobInstruction(accept));
    assert.equal(market.read(job).paid, 2n * TOKEN);
    await delivered.closeTrace();
});

test('escrow: of several results the one that most have is believed', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const { market, verification } = await verified(world, 8n, await chain.user());
    const { purse, network } = market.holding;
    const post = async (nonce: bigint): Promise<Address> => {
        const { version } = chain.read<escrow.Market>(market.address);
        const payer = chain.payer;
        const ordered = { price: 2n * TOKEN, definition: bytes(1), duration: 600, replicas: 3, quorum: 2 };
        // #region post-panel
        const order = { payer, client, market: market.address, verification, ...market.holding, nonce, version, ...ordered };
        await chain.send(await escrow.getPostPanelInstructionAsync(order));
        // #endregion
        return (await escrow.findPanelPda({ purse, nonce }))[0];
    };
    const panel = await post(0n);
    const read = () => chain.read<escrow.Panel>(panel);
    const { posting } = read();
    for (const by of providers) {
        const standing = await market.standing(by, panel);
        const { authority: providerAuthority } = by;
        // #region join-panel
        const seat = { providerAuthority, panel, network, ...standing, posting, place: 0, hashes: [] };
        await chain.send(escrow.getJoinPanelInstruction(seat));
        // #endregion
    }
    const id = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;
    const [results, salt] = [[bytes(5), bytes(6), bytes(5)], bytes(0x5a)];
    for (const [replica, { authority: providerAuthority }] of providers.entries()) {
        const who = id(providerAuthority.address);
        const result = results[replica]!;
        // #region commit-result
        const commitment = sha256(text('replica'), id(panel), u64(posting), who, salt, result);
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
    await chain.send(escrow.getTallyPanelInstruction({ panel, ...market.holding }));
    // #endregion
    const { state, result, refunded } = read();
    assert.deepEqual([state, result, refunded], [escrow.PANEL_STATE_AGREED, bytes(5), 2n * TOKEN]);
    const { pool, source: receiver, slasher, escrowAuthority } = world;
    const [vault] = await stake.findVaultPda({ pool: pool.address });
    for (const [replica, by] of providers.entries()) {
        const before = chain.tokens(by.tokens);
        if (replica !== 1) {
            await chain.send(escrow.getPayReplicaInstruction({ panel, ...market.paying(by), replica }));
            assert.equal(chain.tokens(by.tokens), before + 2n * TOKEN);
        }
        const bond = await market.bondOf(by, panel);
        const left = { provider: by.provider, bond, bondPayer: by.authority.address, slasher, escrowAuthority, stakeProgram };
        const taken = { pool: pool.address, vault, receiver, mint: world.network.mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
        const settled = await chain.send(escrow.getSettleReplicaInstruction({ panel, ...left, ...taken, replica }));
        assert.equal(event(settled, 'replicaSettled').seized, replica === 1 ? (10n * TOKEN) / 4n : 0n);
    }
    await chain.send(escrow.getClosePanelInstruction({ panel, rentReceiver: chain.payer.address }));
    assert(!chain.exists(panel));

    const nobodys = await post(1n);
    await chain.send(escrow.getCancelPanelInstruction({ caller: client, panel: nobodys, ...market.holding }));
    assert.equal(chain.read<escrow.Panel>(nobodys).state, escrow.PANEL_STATE_CANCELLED);
});
