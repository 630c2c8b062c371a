// Clients, providers, arbiters, operators and keepers of `escrow`'s jobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyPairSigner } from '@solana/kit';
import { TOKEN, event } from './chain';
import { type Provider, EVERYTHING, Market, bytes, start, systemProgram } from './market';
import { escrow } from './programs';

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
    const bond = event(await market.settleBond(provider, job), 'bondReleased');
    assert.deepEqual([bond.amount, bond.report], [10n * TOKEN, BigInt(escrow.OUTCOME_DELIVERED)]);
    await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver: chain.payer.address }));
    assert(!chain.exists(job));
});

test('escrow: a job is posted in an account that was made before', async () => {
    const world = await start();
    const { chain, providers } = world;
    const market = await Market.create(world, 7n);
    const key = await chain.key();
    // #region made-before
    const size = 832n;
    const make = await chain.create(key, escrow.JOULE_ESCROW_PROGRAM_ADDRESS, size); // an instruction of the System program
    // #endregion
    const { address: job } = key;
    await market.post(0n, { provider: providers[0].authority.address, job }, [make]);
    assert.equal(market.read(job).state, escrow.JOB_STATE_POSTED);
    assert.equal(market.read(job).payer, chain.payer.address);
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
    await chain.send(escrow.getCloseWaitingProviderInstruction({ ...leave, rentReceiver: providers[0].authority.address }));
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
    await market.bid(providers[1], job, 8_500n, providers[1]);
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
