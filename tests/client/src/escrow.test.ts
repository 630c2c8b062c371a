// Clients, providers, arbiters, operators and keepers of `escrow`'s jobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, type KeyPairSigner, address } from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { Chain, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { bme, escrow, stake } from './programs';

const NOBODY = address('11111111111111111111111111111111');
const EVERYTHING = 2n ** 64n - 1n;
const systemProgram = SYSTEM_PROGRAM_ADDRESS;
const stakeProgram = stake.JOULE_STAKE_PROGRAM_ADDRESS;
const bytes = (of: number) => new Uint8Array(32).fill(of);

// #region terms
/** A cent a second, for a provider that the client names and that stands for it with ten tokens. */
const usualTerms: escrow.TermsArgs = {
    price: 10_000n,
    bond: 10n * TOKEN,
    minStake: 0n,
    arbiter: NOBODY,
    feeTo: NOBODY,
    allowed: new Uint8Array(32),
    minDuration: 10,
    maxDuration: 86_400,
    maxWait: 3_600,
    startWindow: 300,
    lateWindow: 0,
    acceptanceWindow: 0,
    arbitrationWindow: 0,
    heartbeat: 0,
    bidExtension: 0,
    class: 0,
    fee: 0,
    bidStep: 0,
    availability: 0,
    shortfallPenalty: 0,
    heartbeatPenalty: 0,
    latePenalty: 0,
    noStartPenalty: 0,
    failurePenalty: 0,
    defaultPay: 0,
    defaultBond: 0,
    minReliability: 0,
    pricing: escrow.PRICING_METERED,
    matching: escrow.MATCHING_DIRECT,
    reports: 1,
    seats: 0,
};
// #endregion

/** A client with credits and tokens, two providers with stake, and `escrow` as the network's spender and slasher. */
async function start() {
    const chain = await Chain.start();
    const [client, first, second] = [await chain.user(), await chain.user(), await chain.user()];
    const [network, accounts] = await Network.create(chain, [client, first, second]);
    const [source, ...theirs] = accounts as [Address, Address, Address];
    const { creditAccount } = await network.buyCredits(client, source, 100n * TOKEN);
    const pool = await Pool.create(chain, network);
    const [escrowAuthority] = await escrow.findAuthorityPda({ network: network.address });
    const spender = await network.addSpender(escrowAuthority);
    const slasher = await pool.addSlasher(escrowAuthority);
    const join = async (authority: KeyPairSigner, tokens: Address) => {
        const provider = await pool.register(authority);
        await pool.delegate(authority, provider, tokens, 100n * TOKEN);
        return { authority, tokens, provider, work: await network.openProviderWork(authority.address) };
    };
    const providers = [await join(first, theirs[0]!), await join(second, theirs[1]!)] as const;
    const [workShard] = await bme.findWorkShardPda({ network: network.address, index: 0 });
    return { chain, network, client, source, creditAccount, pool, escrowAuthority, spender, slasher, providers, workShard };
}

type World = Awaited<ReturnType<typeof start>>;
type Provider = World['providers'][number];

/** A market, and what its users send. */
class Market {
    private constructor(
        readonly world: World,
        readonly address: Address,
        readonly terms: escrow.TermsArgs,
        /** What pays for its jobs: credits, or a deposit. */
        readonly holding: {
            network: Address;
            purse: Address;
            spender?: Address;
            escrowAuthority?: Address;
            bmeProgram?: Address;
        },
        private readonly mint: Address | undefined,
        private readonly vault: Address | undefined,
    ) {}

    /** One that is paid in credits, or in tokens of `mint`. */
    static async create(world: World, id: bigint, changes: Partial<escrow.TermsArgs> = {}, mint?: Address): Promise<Market> {
        const { chain, network, pool, client, creditAccount, spender, escrowAuthority } = world;
        const [payer, terms] = [chain.payer, { ...usualTerms, ...changes }];
        const [deposit] = await escrow.findDepositPda({ client: client.address, mint: mint ?? NOBODY });
        const [vault] = await escrow.findVaultPda({ deposit });
        const currency = mint ? { mint, tokenProgram: TOKEN_PROGRAM_ADDRESS } : { spender };
        // #region create-market
        const created = await chain.send(
            await escrow.getCreateMarketInstructionAsync({
                payer,
                authority: network.authority,
                network: network.address,
                pool: pool.address,
                ...currency, // { spender } where it is paid in credits, else { mint, tokenProgram }
                id,
                terms,
            }),
        );
        // #endregion
        assert.equal(event(created, 'marketSet').terms.price, terms.price);
        const [address] = await escrow.findMarketPda({ network: network.address, id });
        const of = { network: network.address };
        const bmeProgram = bme.JOULE_BME_PROGRAM_ADDRESS;
        const holding = mint
            ? { ...of, purse: deposit }
            : { ...of, purse: creditAccount, spender, escrowAuthority, bmeProgram };
        return new Market(world, address, terms, holding, mint, mint && vault);
    }

    /** Accounts of instructions that pay a provider. */
    paying({ work, tokens }: Provider) {
        const { spender, escrowAuthority, workShard, creditAccount: purse } = this.world;
        const { network, purse: deposit } = this.holding;
        // #region paying
        const inCredits = {
            network,
            purse, // the client's credits
            payee: work, // the provider's work in bme
            till: workShard, // any of the network
            means: spender, // escrow's
            escrowAuthority,
            paymentProgram: bme.JOULE_BME_PROGRAM_ADDRESS,
        };
        const inTokens = (mint: Address, vault: Address) => ({
            purse: deposit, // the client's
            payee: tokens, // a token account of the provider
            till: vault, // the deposit's
            means: mint,
            paymentProgram: TOKEN_PROGRAM_ADDRESS,
        });
        // #endregion
        return this.mint ? inTokens(this.mint, this.vault!) : inCredits;
    }

    read(job: Address): escrow.Job {
        return this.world.chain.read<escrow.Job>(job);
    }

    async jobAt(nonce: bigint): Promise<Address> {
        return (await escrow.findJobPda({ purse: this.holding.purse, nonce }))[0];
    }

    async post(nonce: bigint, more: Partial<escrow.PostJobAsyncInput> = {}): Promise<Address> {
        const { chain, client } = this.world;
        const { holding, terms } = this;
        const [payer, market] = [chain.payer, this.address];
        const { version } = chain.read<escrow.Market>(market);
        const ways = { provider: NOBODY, definitions: [], ...more };
        // #region post-job
        await chain.send(
            await escrow.getPostJobInstructionAsync({
                payer,
                client,
                ...holding, // { network, purse, spender, escrowAuthority, bmeProgram }
                market,
                systemProgram,
                nonce,
                version,
                price: terms.price,
                definition: new Uint8Array(32).fill(1),
                duration: 100,
                matching: escrow.MATCHING_DIRECT,
                ...ways, // { provider, definitions: [] }
            }),
        );
        // #endregion
        return await this.jobAt(nonce);
    }

    async bondOf({ provider }: Provider, job: Address): Promise<Address> {
        return (await stake.findBondPda({ provider, job }))[0];
    }

    /** What a provider stands in, and locks where the terms ask for it. */
    private async standing(by: Provider, job: Address) {
        const { pool, slasher, escrowAuthority } = this.world;
        const staked = { pool: pool.address, provider: by.provider };
        if (this.terms.bond === 0n) return staked;
        const bond = await this.bondOf(by, job);
        return { ...staked, bond, slasher, escrowAuthority, stakeProgram, systemProgram };
    }

    async start(by: Provider, job: Address, queued?: { queue: Address; jobs: Address[]; hashesAndPostings: Uint8Array }) {
        const [{ chain }, { network }] = [this.world, this.holding];
        const { posting } = this.read(job);
        const standing = await this.standing(by, job);
        const { authority: providerAuthority } = by;
        const asked = { place: 0, hashes: 0, hashesAndPostings: new Uint8Array(), ...queued };
        // #region start-job
        await chain.send(
            escrow.getStartJobInstruction({
                providerAuthority,
                job,
                network,
                ...standing, // { pool, provider, bond, slasher, escrowAuthority, stakeProgram, systemProgram }
                posting,
                ...asked, // { place: 0, hashes: 0, hashesAndPostings: [] } where all may work
            }),
        );
        // #endregion
    }

    async bid(by: Provider, job: Address, price: bigint, beaten?: Provider) {
        const { posting } = this.read(job);
        const before = beaten && {
            beatenProvider: beaten.provider,
            beatenBond: await this.bondOf(beaten, job),
            beatenPayer: beaten.authority.address,
        };
        const [{ chain }, { network }] = [this.world, this.holding];
        const standing = await this.standing(by, job);
        const bidder = { providerAuthority: by.authority, ...standing, ...before };
        // #region bid-job
        await chain.send(
            escrow.getBidJobInstruction({ ...bidder, job, network, posting, price, place: 0, hashes: [] }),
        );
        // #endregion
    }

    /** Settles with `stake`; what is taken of the bond goes to the client's token account. */
    async settleBond(by: Provider, job: Address) {
        const { chain, network, pool, slasher, escrowAuthority, source: receiver } = this.world;
        const { provider, authority } = by;
        const bond = await this.bondOf(by, job);
        const [vault] = await stake.findVaultPda({ pool: pool.address });
        const bondPayer = authority.address;
        const taken = { pool: pool.address, vault, receiver, mint: network.mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
        // #region settle-bond
        const settled = await chain.send(
            escrow.getSettleBondInstruction({ job, provider, slasher, escrowAuthority, stakeProgram, bond, bondPayer, ...taken }),
        );
        // #endregion
        return settled;
    }
}

test('escrow: a job is posted, started, metered, extended, finished and closed', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const [provider] = providers;
    const market = await Market.create(world, 3n);
    const job = await market.post(0n, { provider: provider.authority.address });
    assert.equal(market.read(job).state, escrow.JOB_STATE_POSTED);
    assert.equal(market.read(job).deposit, 1_000_000n);
    assert.equal(market.read(job).client, client.address);
    await market.start(provider, job);
    chain.pass(30n);
    const paying = market.paying(provider);
    // #region settle-job
    const settled = await chain.send(escrow.getSettleJobInstruction({ job, ...paying, most: EVERYTHING }));
    // #endregion
    assert.equal(event(settled, 'creditsConsumed').amount, 300_000n);
    // #region extend-job
    await chain.send(escrow.getExtendJobInstruction({ client, job, ...market.holding, seconds: 50 }));
    // #endregion
    assert.equal(market.read(job).deposit, 1_500_000n);
    chain.pass(10n);
    const finish = { job, ...paying, most: EVERYTHING, result: bytes(2) };
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__RESULT_BY_PROVIDER_ONLY,
        escrow.getFinishJobInstruction({ ...finish, caller: client }),
    );
    const { authority: caller } = provider;
    // #region finish-job
    await chain.send(escrow.getFinishJobInstruction({ ...finish, caller }));
    // #endregion
    const { state, deposit, paid, refunded, held } = market.read(job);
    assert.deepEqual(
        [state, deposit, paid, refunded, held],
        [escrow.JOB_STATE_FINISHED, 1_500_000n, 400_000n, 1_100_000n, 0n],
    );
    const bond = event(await market.settleBond(provider, job), 'bondSettled');
    assert.deepEqual([bond.seized, bond.outcome], [0n, BigInt(escrow.OUTCOME_DELIVERED)]);
    await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver: chain.payer.address }));
    assert(!chain.exists(job));
});

test('escrow: a job that nobody starts is taken back', async () => {
    const world = await start();
    const { chain, client: caller, providers } = world;
    const market = await Market.create(world, 0n);
    const job = await market.post(0n, { provider: providers[0].authority.address });
    // #region cancel-job
    await chain.send(escrow.getCancelJobInstruction({ caller, job, ...market.holding }));
    // #endregion
    assert.equal(market.read(job).refunded, 1_000_000n);
    assert.equal(market.read(job).state, escrow.JOB_STATE_CANCELLED);
});

test('escrow: tokens of a deposit pay for results, which a client takes or an arbiter judges', async () => {
    const world = await start();
    const { chain, network, client, source, providers } = world;
    const [provider] = providers;
    const { mint } = network;
    const arbiter = await chain.user();
    const market = await Market.create(
        world,
        1n,
        {
            price: 8n * TOKEN,
            pricing: escrow.PRICING_FIXED,
            arbiter: arbiter.address,
            acceptanceWindow: 3_600,
            arbitrationWindow: 7_200,
            heartbeat: 60,
            minDuration: 60,
            defaultPay: 5_000,
        },
        mint,
    );
    const deposit = market.holding.purse;
    // #region deposit
    await chain.send(await escrow.getOpenDepositInstructionAsync({ payer: chain.payer, client: client.address, mint }));
    const from = { authority: client, deposit, source, mint };
    await chain.send(await escrow.getDepositTokensInstructionAsync({ ...from, amount: 20n * TOKEN }));
    // #endregion
    const before = chain.tokens(source);

    const deliver = async (nonce: bigint) => {
        const job = await market.post(nonce, { provider: provider.authority.address });
        await market.start(provider, job);
        chain.pass(30n);
        const { authority: providerAuthority } = provider;
        // #region heartbeat
        await chain.send(escrow.getHeartbeatInstruction({ providerAuthority, job }));
        // #endregion
        chain.pass(30n);
        const result = bytes(7);
        // #region deliver-job
        await chain.send(escrow.getDeliverJobInstruction({ providerAuthority, job, result }));
        // #endregion
        assert.equal(market.read(job).state, escrow.JOB_STATE_DELIVERED);
        return job;
    };
    const paying = { ...market.paying(provider), most: EVERYTHING };
    const earned = chain.tokens(provider.tokens);
    const good = await deliver(0n);
    const accept = (caller: KeyPairSigner) => escrow.getAcceptJobInstruction({ caller, job: good, ...paying });
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, accept(arbiter));
    await chain.send(accept(client));
    assert.equal(chain.tokens(provider.tokens), earned + 8n * TOKEN);

    const job = await deliver(1n);
    await chain.send(escrow.getRejectJobInstruction({ client, job, reasons: bytes(9) }));
    assert.equal(market.read(job).state, escrow.JOB_STATE_REJECTED);
    // #region resolve-job
    const verdict = { caller: arbiter, job, ...paying, pay: 2_500, bond: 4_000 };
    await chain.send(escrow.getResolveJobInstruction(verdict));
    // #endregion
    assert.equal(chain.tokens(provider.tokens), earned + 10n * TOKEN);
    const { state, outcome, seize } = market.read(job);
    assert.deepEqual([state, outcome, seize], [escrow.JOB_STATE_FINISHED, escrow.OUTCOME_DISPUTED, 4n * TOKEN]);
    await market.settleBond(provider, job);
    assert.equal(chain.tokens(source), before + 4n * TOKEN);

    await market.settleBond(provider, good);
    const rentReceiver = chain.payer.address;
    for (const job of [good, await market.jobAt(1n)]) {
        await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver }));
    }
    assert.equal(chain.read<escrow.Deposit>(deposit).free, 10n * TOKEN);
    // #region withdraw
    const back = { client, deposit, destination: source, mint, amount: 10n * TOKEN };
    await chain.send(await escrow.getWithdrawTokensInstructionAsync(back));
    await chain.send(await escrow.getCloseDepositInstructionAsync({ client, deposit, rentReceiver }));
    // #endregion
    assert.equal(chain.tokens(source), before + 14n * TOKEN);
    assert(!chain.exists(deposit));

    const operator = { authority: network.authority, network: network.address, market: market.address };
    // #region set-market
    await chain.send(escrow.getSetMarketInstruction({ ...operator, terms: market.terms, closed: 1 }));
    // #endregion
    assert.equal(chain.read<escrow.Market>(market.address).closed, 1);
    await chain.send(await escrow.getCloseMarketInstructionAsync({ ...operator, rentReceiver }));
    assert(!chain.exists(market.address));
});

test('escrow: providers wait for jobs, and jobs for providers', async () => {
    const world = await start();
    const { chain, network, client, pool, providers } = world;
    const [payer, rentReceiver] = [chain.payer, chain.payer.address];
    const market = await Market.create(world, 4n, { bond: 0n, matching: escrow.MATCHING_QUEUE, seats: 1 });
    // #region create-queue
    await chain.send(await escrow.getCreateQueueInstructionAsync({ payer, market: market.address }));
    const [queue] = await escrow.findQueuePda({ market: market.address });
    await chain.send(escrow.getGrowQueueInstruction({ payer, queue, slots: 8 }));
    // #endregion
    const entries = () => chain.read<escrow.Queue>(queue).entries;
    assert.equal(entries().length, 8);
    const join = async ({ authority: providerAuthority, provider }: Provider) => {
        const which = { market: market.address, network: network.address, pool: pool.address, provider, systemProgram };
        // #region join-queue
        const seat = { providerAuthority, ...which, number: 0, place: 0, hashes: [] };
        await chain.send(await escrow.getJoinQueueInstructionAsync(seat));
        // #endregion
    };
    const seatOf = async ({ authority }: Provider) =>
        (await escrow.findSeatPda({ market: market.address, provider: authority.address, number: 0 }))[0];
    const queued = { queue, matching: escrow.MATCHING_QUEUE };

    await join(providers[1]);
    await join(providers[0]);
    assert.deepEqual(entries().slice(0, 2).map(({ who }) => who), [providers[1], providers[0]].map((of) => of.authority.address));
    // Whoever waited longest has the job.
    const assigned = await market.post(0n, queued);
    assert.equal(market.read(assigned).provider, providers[1].authority.address);
    assert.equal(market.read(assigned).state, escrow.JOB_STATE_ASSIGNED);
    await market.start(providers[1], assigned);
    const leave = { providerAuthority: providers[0].authority, queue, seat: await seatOf(providers[0]) };
    await chain.send(escrow.getLeaveQueueInstruction(leave));
    await join(providers[1]);
    chain.pass(3_601n);
    // #region sweep-queue
    await chain.send(await escrow.getSweepQueueInstructionAsync({ market: market.address, most: 8 }));
    // #endregion
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 0);
    await chain.send(escrow.getCloseSeatInstruction({ ...leave, rentReceiver: providers[0].authority.address }));
    assert(!chain.exists(leave.seat));

    // Two jobs at once; one is started, and the other taken back.
    const second = await market.jobAt(2n);
    const first = await market.post(1n, { ...queued, definitions: [bytes(2)], jobs: [second] });
    assert.deepEqual(market.read(second).definition, bytes(2));
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 2);
    const posting = new Uint8Array(8);
    new DataView(posting.buffer).setBigUint64(0, market.read(second).posting, true);
    await market.start(providers[0], first, { queue, jobs: [second], hashesAndPostings: posting });
    assert.equal(market.read(first).state, escrow.JOB_STATE_RUNNING);
    await chain.send(escrow.getCancelJobInstruction({ caller: client, job: second, ...market.holding, queue }));
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 0);
    const operator = { authority: network.authority, network: network.address, market: market.address };
    await chain.send(await escrow.getCloseQueueInstructionAsync({ ...operator, rentReceiver }));
    assert(!chain.exists(queue));
});

test('escrow: the lowest bid has the job', async () => {
    const world = await start();
    const { chain, providers } = world;
    const market = await Market.create(world, 5n, { matching: escrow.MATCHING_AUCTION, bidStep: 500 });
    const job = await market.post(0n, { matching: escrow.MATCHING_AUCTION });
    assert.equal(market.read(job).state, escrow.JOB_STATE_BIDDING);
    await market.bid(providers[1], job, 9_000n);
    await market.bid(providers[0], job, 8_000n, providers[1]);
    assert(!chain.exists(await market.bondOf(providers[1], job)));
    // #region award-job
    const award = escrow.getAwardJobInstruction({ job, ...market.holding });
    // #endregion
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, award);
    chain.pass(3_601n);
    assert.equal(event(await chain.send(award), 'jobAwarded').refunded, 200_000n);
    await market.start(providers[0], job);
    const { state, price, provider } = market.read(job);
    assert.deepEqual([state, price, provider], [escrow.JOB_STATE_RUNNING, 8_000n, providers[0].authority.address]);
});
