// Jobs of `escrow`, as their clients, providers, arbiters, operators and keepers use them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountRole, type Address, type Instruction, type KeyPairSigner, createNoopSigner, getU64Encoder } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { DAY, NONE, TOKEN, event } from './chain';
import { type Provider, NO_LIMIT, Market, dummyHash, stakeProgram, start, systemProgram } from './market';
import { bme, escrow, stake } from './programs';

test('escrow: a job is posted, started, metered, extended, finished and closed', async () => {
    const world = await start();
    const { chain, client, providers } = world;
    const [provider] = providers;
    const market = await Market.create(world, 3n);
    const { funding } = market;
    const job = await market.post(0n, { provider: provider.authority.address });
    assert.equal(market.read(job).state, escrow.JOB_STATE_POSTED);
    assert.equal(market.read(job).deposited, 1_000_000n);
    assert.equal(market.read(job).client, client.address);
    await market.start(provider, job);
    chain.advance(30n);
    const payment = market.payment(provider);
    // #region settle-job
    const settled = await chain.send(escrow.getSettleJobInstruction({ job, ...payment, maxAmount: NO_LIMIT }));
    // #endregion
    assert.equal(event(settled, 'bme.creditsConsumed').amount, 300_000n);
    // #region extend-job
    await chain.send(escrow.getExtendJobInstruction({ client, job, ...funding, additionalDuration: 50 }));
    // #endregion
    assert.equal(market.read(job).deposited, 1_500_000n);
    chain.advance(10n);
    const result = dummyHash(2);
    // #region finish-job
    const finish = (caller: KeyPairSigner) =>
        escrow.getFinishJobInstruction({ caller, job, ...payment, maxAmount: NO_LIMIT, result, results: [] });
    // #endregion
    await chain.fails(escrow.JOULE_ESCROW_ERROR__RESULT_BY_PROVIDER_ONLY, finish(client));
    await chain.send(finish(provider.authority));
    const { state, deposited, paid, refunded, held } = market.read(job);
    assert.deepEqual(
        [state, deposited, paid, refunded, held],
        [escrow.JOB_STATE_FINISHED, 1_500_000n, 400_000n, 1_100_000n, 0n],
    );
    const bond = event(await market.settleBond(provider, job), 'stake.bondReleased');
    assert.deepEqual([bond.amount, bond.outcome], [10n * TOKEN, escrow.OUTCOME_DELIVERED]);
    await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver: chain.payer.address }));
    assert(!chain.exists(job));
});

test('escrow: the bonds of several jobs are settled at once', async () => {
    const world = await start();
    const { chain, providers, slasher, escrowAuthority } = world;
    const [by] = providers;
    const { authority: caller, provider } = by;
    const market = await Market.create(world, 9n);
    const jobs = [];
    for (const nonce of [0n, 1n, 2n]) {
        const job = await market.post(nonce, { provider: caller.address });
        await market.start(by, job);
        jobs.push(job);
    }
    chain.advance(30n);
    const payment = market.payment(by);
    const all = { ...payment, maxAmount: NO_LIMIT, result: dummyHash(2), results: jobs.slice(1).map(() => dummyHash(3)) };
    await chain.send(escrow.getFinishJobInstruction({ caller, job: jobs[0]!, ...all, jobsAndProofAccounts: jobs.slice(1) }));
    const bondPayer = chain.payer.address;
    // #region settle-bonds
    const bonds = await Promise.all(jobs.map(async (job) => (await stake.findBondPda({ provider, job }))[0]));
    const settle = escrow.getSettleBondInstruction({
        job: jobs[0]!,
        provider, // of all of them
        slasher,
        escrowAuthority,
        stakeProgram,
        bond: bonds[0]!,
        bondPayer, // paid the rent of those that are not reusable
        jobsAndBonds: [...jobs.slice(1), ...bonds.slice(1)],
    });
    // #endregion
    const settled = await chain.send(settle);
    const released = settled.events.filter(({ name }) => name === 'bondReleased');
    assert.equal(released.length, 3);
    assert.deepEqual(jobs.map((job) => market.read(job).bondUnsettled), [0, 0, 0]);
    assert.equal(chain.read<stake.Provider>(provider).bonded, 0n);
});

test('escrow: a job is posted in an account that was created before', async () => {
    const world = await start();
    const { chain, providers } = world;
    const market = await Market.create(world, 7n);
    const key = await chain.key();
    // #region create-job-account
    const size = BigInt(escrow.getJobSize()); // 960 bytes
    // The System program's CreateAccount, in the same transaction as PostJob.
    const create = await chain.create(key, escrow.JOULE_ESCROW_PROGRAM_ADDRESS, size);
    // #endregion
    const { address: job } = key;
    await market.post(0n, { provider: providers[0].authority.address, job }, [create]);
    assert.equal(market.read(job).state, escrow.JOB_STATE_POSTED);
    assert.equal(market.read(job).payer, chain.payer.address);
});

test('escrow: a client cancels a job that nobody has started', async () => {
    const world = await start();
    const { chain, client: caller, providers } = world;
    const market = await Market.create(world, 0n);
    const { funding } = market;
    const job = await market.post(0n, { provider: providers[0].authority.address });
    // #region cancel-job
    await chain.send(escrow.getCancelJobInstruction({ caller, job, ...funding }));
    // #endregion
    assert.equal(market.read(job).refunded, 1_000_000n);
    assert.equal(market.read(job).state, escrow.JOB_STATE_CANCELLED);
});

test('escrow: a deposit pays for results that the client accepts or an arbiter decides on', async () => {
    const world = await start();
    const { chain, network, client, source, pool, providers } = world;
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
            heartbeatInterval: 60,
            minDuration: 60,
            defaultPay: 5_000,
        },
        mint,
    );
    const { funding } = market;
    const { fundingAccount: deposit } = funding;
    // #region deposit
    const open = { payer: chain.payer, client: client.address, mint, issuerPowers: 0 };
    await chain.send(await escrow.getOpenDepositInstructionAsync(open));
    const from = { authority: client, deposit, source, mint };
    await chain.send(await escrow.getDepositTokensInstructionAsync({ ...from, amount: 20n * TOKEN }));
    // #endregion
    const before = chain.tokens(source);

    const deliver = async (nonce: bigint) => {
        const job = await market.post(nonce, { provider: provider.authority.address });
        await market.start(provider, job);
        chain.advance(30n);
        const { authority: providerAuthority } = provider;
        // #region heartbeat
        await chain.send(escrow.getHeartbeatInstruction({ providerAuthority, job }));
        // #endregion
        chain.advance(30n);
        const result = dummyHash(7);
        // #region deliver-job
        await chain.send(escrow.getDeliverJobInstruction({ providerAuthority, job, result, results: [] }));
        // #endregion
        assert.equal(market.read(job).state, escrow.JOB_STATE_DELIVERED);
        return job;
    };
    const payment = { ...market.payment(provider), maxAmount: NO_LIMIT };
    const earned = chain.tokens(provider.tokens);
    const good = await deliver(0n);
    // #region accept-job
    const accept = (caller: KeyPairSigner) => escrow.getAcceptJobInstruction({ caller, job: good, ...payment });
    // #endregion
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, accept(arbiter));
    await chain.send(accept(client));
    assert.equal(chain.tokens(provider.tokens), earned + 8n * TOKEN);

    const job = await deliver(1n);
    const reasonsHash = dummyHash(9);
    // #region reject-job
    await chain.send(escrow.getRejectJobInstruction({ client, job, ...funding, reasonsHash }));
    // #endregion
    assert.equal(market.read(job).state, escrow.JOB_STATE_REJECTED);
    // #region resolve-job
    const verdict = { payShare: 2_500, bondPenalty: 4_000 }; // of the amount due, of the bond
    await chain.send(escrow.getResolveJobInstruction({ caller: arbiter, job, ...payment, ...verdict }));
    // #endregion
    assert.equal(chain.tokens(provider.tokens), earned + 10n * TOKEN);
    const { state, outcome, bondToSeize } = market.read(job);
    assert.deepEqual([state, outcome, bondToSeize], [escrow.JOB_STATE_FINISHED, escrow.OUTCOME_DISPUTED, 4n * TOKEN]);
    await market.settleBond(provider, job);
    assert.equal(chain.tokens(source), before);
    chain.advance(7n * DAY); // the unbonding period
    const ticket = { client, pool: pool.address, provider: provider.provider, bond: await market.bondOf(provider, job) };
    const receiver = { destination: source, mint: network.mint, rentReceiver: chain.payer.address };
    await chain.send(await stake.getWithdrawSeizedInstructionAsync({ ...ticket, ...receiver }));
    assert.equal(chain.tokens(source), before + 4n * TOKEN);

    await market.settleBond(provider, good);
    const rentReceiver = chain.payer.address;
    for (const job of [good, await market.jobAt(1n)]) {
        // #region close-job
        await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver })); // `payer` of the job
        // #endregion
    }
    assert.equal(chain.read<escrow.Deposit>(deposit).free, 10n * TOKEN);
    // #region withdraw
    const withdrawal = { client, deposit, destination: source, mint, amount: 10n * TOKEN };
    await chain.send(await escrow.getWithdrawTokensInstructionAsync(withdrawal));
    await chain.send(await escrow.getCloseDepositInstructionAsync({ client, deposit, rentReceiver }));
    // #endregion
    assert.equal(chain.tokens(source), before + 14n * TOKEN);
    assert(!chain.exists(deposit));

    const operator = { authority: network.authority, network: network.address, market: market.address };
    const { terms } = market;
    // #region set-market
    // `operator`: { authority, network, market }. `closed`: 1 closes the market to new jobs.
    await chain.send(escrow.getSetMarketInstruction({ ...operator, terms, closed: 1 }));
    // #endregion
    assert.equal(chain.read<escrow.Market>(market.address).closed, 1);
    await chain.send(await escrow.getCloseMarketInstructionAsync({ ...operator, rentReceiver }));
    assert(!chain.exists(market.address));
});

test('escrow: providers wait in a queue for jobs, and jobs for providers', async () => {
    const world = await start();
    const { chain, network, client, pool, providers } = world;
    const [payer, rentReceiver] = [chain.payer, chain.payer.address];
    const changes = { bondAmount: 0n, matching: escrow.MATCHING_QUEUE, maxQueueEntries: 1 };
    const market = await Market.create(world, 4n, changes);
    const { funding } = market;
    // #region create-queue
    await chain.send(await escrow.getCreateQueueInstructionAsync({ payer, market: market.address }));
    const [queue] = await escrow.findQueuePda({ market: market.address });
    await chain.send(escrow.getGrowQueueInstruction({ payer, queue, slots: 8 }));
    // #endregion
    const entries = () => chain.read<escrow.Queue>(queue).entries;
    assert.equal(entries().length, 8);
    const join = async ({ authority: providerAuthority, provider }: Provider) => {
        const accounts = { market: market.address, network: network.address, pool: pool.address, provider, systemProgram };
        // #region join-queue
        const args = { index: 0, allowedIndex: 0, proof: [] }; // `index` is below `maxQueueEntries` of the terms
        await chain.send(
            await escrow.getJoinQueueInstructionAsync({
                payer, // of the rent, if this provider waits with this `index` for the first time
                providerAuthority,
                ...accounts, // { market, network, pool, provider, systemProgram }
                ...args,
            }),
        );
        // #endregion
    };
    const waitingProviderOf = async ({ authority }: Provider) =>
        (await escrow.findWaitingProviderPda({ market: market.address, provider: authority.address, index: 0 }))[0];
    const queued = { queue, matching: escrow.MATCHING_QUEUE };

    await join(providers[1]);
    await join(providers[0]);
    const occupants = entries().map(({ occupant }) => occupant);
    assert.deepEqual(occupants.slice(0, 2), [providers[1].authority.address, providers[0].authority.address]);
    // The provider that has waited longest gets the job.
    const assigned = await market.post(0n, queued);
    assert.equal(market.read(assigned).provider, providers[1].authority.address);
    assert.equal(market.read(assigned).state, escrow.JOB_STATE_ASSIGNED);
    await market.start(providers[1], assigned);
    const waitingProvider = await waitingProviderOf(providers[0]);
    const { authority: providerAuthority } = providers[0];
    // #region leave-queue
    await chain.send(escrow.getLeaveQueueInstruction({ providerAuthority, queue, waitingProvider }));
    // #endregion
    await join(providers[1]);
    chain.advance(3_601n);
    // #region sweep-queue
    await chain.send(await escrow.getSweepQueueInstructionAsync({ market: market.address, maxEntries: 8 }));
    // #endregion
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 0);
    const close = { providerAuthority, queue, waitingProvider, rentReceiver };
    await chain.send(escrow.getCloseWaitingProviderInstruction(close));
    assert(!chain.exists(waitingProvider));

    // Two jobs are posted, started, kept alive and ended at once.
    const second = await market.jobAt(2n);
    const first = await market.post(1n, { ...queued, definitions: [dummyHash(2)], jobs: [second] });
    assert.deepEqual(market.read(second).definition, dummyHash(2));
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 2);
    const postingIds = getU64Encoder().encode(market.read(second).postingId) as Uint8Array;
    await market.start(providers[0], first, { queue, jobs: [second], proofAndPostingIds: postingIds, maxJobs: 2 });
    assert.deepEqual([first, second].map((job) => market.read(job).state), [escrow.JOB_STATE_RUNNING, escrow.JOB_STATE_RUNNING]);
    assert.equal(chain.read<escrow.Queue>(queue).waiting, 0);
    await chain.send(escrow.getHeartbeatInstruction({ providerAuthority, job: first, jobs: [second] }));
    chain.advance(10n);
    const payment = market.payment(providers[0]);
    // #region finish-jobs
    const more = { jobsAndProofAccounts: [second], results: [dummyHash(4)] }; // a result for each of them
    const finish = escrow.getFinishJobInstruction({
        caller: providerAuthority,
        job: first,
        ...payment,
        maxAmount: NO_LIMIT, // for all of them together
        result: dummyHash(3),
        ...more,
    });
    // #endregion
    // The client was faster with the first: it is passed over.
    const stop = { ...payment, maxAmount: NO_LIMIT, result: new Uint8Array(32), results: [] };
    await chain.send(escrow.getFinishJobInstruction({ caller: client, job: first, ...stop }));
    const passedOver = event(await chain.send(finish), 'escrow.jobPassedOver');
    assert.deepEqual([passedOver.header.source, passedOver.error], [first, escrow.JOULE_ESCROW_ERROR__WRONG_JOB_STATE]);
    assert.deepEqual([first, second].map((job) => market.read(job).state), [escrow.JOB_STATE_FINISHED, escrow.JOB_STATE_FINISHED]);
    const operator = { authority: network.authority, network: network.address, market: market.address };
    await chain.send(await escrow.getCloseQueueInstructionAsync({ ...operator, rentReceiver }));
    assert(!chain.exists(queue));
});

test('escrow: a provider ends a service after a notice', async () => {
    const world = await start();
    const { chain, providers } = world;
    const [provider] = providers;
    const market = await Market.create(world, 8n, { bondAmount: 0n, isService: 1, noticeMinutes: 1 });
    const job = await market.post(0n, { provider: provider.authority.address });
    await market.start(provider, job);
    const { authority: providerAuthority } = provider;
    // #region give-notice
    await chain.send(escrow.getGiveNoticeInstruction({ providerAuthority, job }));
    // #endregion
    const { startedAt, endsAt } = market.read(job);
    assert.equal(endsAt - startedAt, 60n);
});

test('escrow: a job that nobody can do is handed back', async () => {
    const world = await start();
    const { chain, network, pool, providers, slasher, escrowAuthority } = world;
    const [provider, other] = providers;
    const changes = { matching: escrow.MATCHING_QUEUE, maxQueueEntries: 1, feeShare: 100, feePayee: other.work };
    const market = await Market.create(world, 9n, changes);
    const { funding } = market;
    const { payer } = chain;
    await chain.send(await escrow.getCreateQueueInstructionAsync({ payer, market: market.address }));
    const [queue] = await escrow.findQueuePda({ market: market.address });
    await chain.send(escrow.getGrowQueueInstruction({ payer, queue, slots: 8 }));
    const job = await market.post(0n, { queue, matching: escrow.MATCHING_QUEUE });
    await market.start(provider, job, { queue, jobs: [], proofAndPostingIds: new Uint8Array(), maxJobs: 1 });
    const { authority: providerAuthority } = provider;
    const { mint } = network;
    const [vault] = await stake.findVaultPda({ pool: pool.address });
    const bond = { bond: await market.bondOf(provider, job), bondPayer: payer.address };
    // #region hand-back-job
    const burn = { pool: pool.address, vault, receiver: mint, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
    await chain.send(
        escrow.getHandBackJobInstruction({
            providerAuthority,
            job,
            queue,
            fundingAccount: funding.fundingAccount,
            spender: funding.spender, // if jobs are paid in credits
            bmeProgram: funding.bmeProgram,
            provider: provider.provider,
            slasher,
            escrowAuthority,
            stakeProgram,
            ...bond, // the bond and who paid its rent
            ...burn, // `receiver`: the mint, because a part of the bond is burned
        }),
    );
    // #endregion
    assert.deepEqual([market.read(job).state, market.read(job).handBacks], [escrow.JOB_STATE_POSTED, 1]);
});

test('escrow: a delegate posts jobs for an owner, within limits', async () => {
    const world = await start();
    const { chain, client: owner, providers, creditAccount, spender } = world;
    const [provider] = providers;
    const market = await Market.create(world, 10n, { bondAmount: 0n });
    const { funding } = market;
    const delegate = await chain.user();
    const payer = chain.payer;
    // #region open-mandate
    const [mandate] = await escrow.findMandatePda({ owner: owner.address, index: 0 });
    const open = await escrow.getOpenMandateInstructionAsync({
        payer,
        owner,
        index: 0,
        delegate: delegate.address,
        fundingAccount: creditAccount, // or a deposit
        markets: [market.address, NONE, NONE, NONE],
        limit: 2_000_000n, // micro-dollars at once, and
        window: 86_400, // as much again in a day
        total: 50_000_000n,
        expiresAt: chain.now() + 30n * DAY,
    });
    // To spend credits, `escrow` needs the owner's approval in `bme`.
    const approve = bme.getApproveSpenderInstruction({ owner, spender, creditAccount, approved: 1 });
    // #endregion
    await chain.send(open, approve);
    // The delegate signs in the client's place, and the mandate comes behind all other accounts.
    const job = await market.post(0n, { provider: provider.authority.address, client: delegate, jobs: [mandate] });
    assert.deepEqual([market.read(job).client, market.read(job).mandateCharged], [owner.address, 1_000_000n]);
    await market.start(provider, job);
    const extend = (additionalDuration: number) =>
        // #region act-by-mandate
        escrow.getExtendJobInstruction({ client: delegate, job, ...funding, additionalDuration, mandate: [mandate] });
    // #endregion
    await chain.send(extend(50));
    await chain.fails(escrow.JOULE_ESCROW_ERROR__MANDATE_EXCEEDED, extend(51));
    chain.advance(10n);
    const payment = market.payment(provider);
    const stop = { caller: delegate, job, ...payment, maxAmount: NO_LIMIT, result: new Uint8Array(32), results: [] };
    await chain.send(escrow.getFinishJobInstruction({ ...stop, jobsAndProofAccounts: [mandate] }));
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__MANDATE_UNSETTLED,
        escrow.getCloseJobInstruction({ job, rentReceiver: payer.address }),
    );
    const { termsVersion } = chain.read<escrow.Market>(market.address);
    const { postingId } = market.read(job);
    // #region renew-job
    const renew = escrow.getRenewJobInstruction({
        payer, // adds what keepers took of the advance, in a market with tips
        client: delegate, // or the client itself, without a mandate
        market: market.address,
        job, // which is over
        ...funding,
        termsVersion, // as read from the market
        postingId, // as read from the job
        mandate: [mandate],
    });
    // #endregion
    await chain.send(renew);
    assert.equal(market.read(job).deposited, 1_500_000n); // with its extension
    await chain.send(escrow.getCancelJobInstruction({ caller: delegate, job, ...funding, mandate: [mandate] }));
    // #region settle-mandate
    await chain.send(escrow.getSettleMandateInstruction({ job, mandate }));
    // #endregion
    assert.equal(chain.read<escrow.Mandate>(mandate).spent, 100_000n);
    // #region close-mandate
    const close = escrow.getCloseMandateInstruction({ caller: owner, mandate, rentReceiver: payer.address });
    // #endregion
    await chain.send(close);
    assert(!chain.exists(mandate));
});

test('escrow: a machine is reserved ahead, and each side pays for leaving', async () => {
    const world = await start();
    const { chain, client, providers, pool } = world;
    const [provider] = providers;
    const { authority: providerAuthority } = provider;
    const market = await Market.create(world, 13n);
    const { network, spender } = market.funding;
    const reserve = async (nonce: bigint) => {
        const job = await market.post(nonce, { provider: providerAuthority.address });
        // #region offer-reservation
        const offered = await chain.send(
            escrow.getOfferReservationInstruction({
                client,
                job, // which was posted, in this transaction or before
                startsAt: chain.now() + 30n * DAY,
                leadPeriod: 10 * 86_400, // so long before the start the price of leaving rises
                cancellationFee: 5_000, // to half of all
            }),
        );
        // #endregion
        assert.equal(event(offered, 'escrow.jobReserved').state, escrow.JOB_STATE_OFFERED);
        const { postingId } = market.read(job);
        const bondAccounts = await market.bondAccounts(provider, job);
        // #region take-reservation
        const accounts = { providerAuthority, job, network, pool: pool.address, provider: provider.provider, spender };
        const taken = await chain.send(
            escrow.getTakeReservationInstruction({
                ...accounts, // `spender`, if jobs are paid in credits
                ...bondAccounts, // { bond, slasher, escrowAuthority, stakeProgram, payer, systemProgram }
                postingId, // as read from the job
                allowedIndex: 0,
                proof: [],
            }),
        );
        // #endregion
        assert.equal(event(taken, 'escrow.jobReserved').provider, providerAuthority.address);
        return job;
    };
    const [kept, left, cancelled] = [await reserve(0n), await reserve(1n), await reserve(2n)];
    assert.equal(market.read(kept).state, escrow.JOB_STATE_ASSIGNED);
    chain.advance(25n * DAY);
    const { funding } = market;
    // #region leave-reservation
    // The provider before the start, or the client.
    const leave = (caller: KeyPairSigner, job: Address) => escrow.getCancelJobInstruction({ caller, job, ...funding });
    // #endregion
    await chain.send(leave(providerAuthority, left));
    assert.equal(market.read(left).bondToSeize, (10n * TOKEN) / 4n);
    await chain.send(leave(client, cancelled));
    assert.equal(market.read(cancelled).earned, 250_000n);
    const payment = market.payment(provider);
    await chain.send(escrow.getSettleJobInstruction({ job: cancelled, ...payment, maxAmount: NO_LIMIT }));
    assert.equal(market.read(cancelled).paid, 250_000n);
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__STARTS_LATER,
        escrow.getStartJobInstruction({
            providerAuthority,
            job: kept,
            network,
            pool: pool.address,
            provider: provider.provider,
            spender,
            postingId: market.read(kept).postingId,
            allowedIndex: 0,
            proofLength: 0,
            proofAndPostingIds: new Uint8Array(),
            maxJobs: 1,
        }),
    );
    chain.advance(5n * DAY);
    await market.start(provider, kept);
    assert.equal(market.read(kept).state, escrow.JOB_STATE_RUNNING);
});

test('escrow: one heartbeat for all jobs of a machine', async () => {
    const world = await start();
    const { chain, providers } = world;
    const [provider] = providers;
    const { authority: providerAuthority } = provider;
    const { payer } = chain;
    const reports = escrow.REPORT_OUTCOME + escrow.REPORT_BEACON;
    const market = await Market.create(world, 12n, { heartbeatInterval: 60, minDuration: 60, reports, bondAmount: 0n });
    const machineKey = await chain.user();
    // #region open-beacon
    const [beacon] = await escrow.findBeaconPda({ provider: providerAuthority.address, node: NONE });
    const open = escrow.getOpenBeaconInstruction({
        payer,
        providerAuthority,
        beacon,
        // node and class, in `identity`: for jobs whose terms ask for a class
        machineKey: machineKey.address, // may beat, and nothing else
        interval: 60, // `heartbeatInterval` of the terms
        capacity: 8, // jobs at once; with a node at most the GPUs of its class
    });
    // #endregion
    await chain.send(open);
    const [job, other] = [
        await market.post(0n, { provider: providerAuthority.address }),
        await market.post(1n, { provider: providerAuthority.address }),
    ];
    await market.start(provider, job);
    await market.start(provider, other);
    // #region join-beacon
    // In the transaction of the starts, or at least in their second.
    const join = escrow.getJoinBeaconInstruction({ providerAuthority, beacon, job, jobs: [other] });
    // #endregion
    await chain.send(join);
    chain.advance(60n);
    // #region beat
    await chain.send(escrow.getBeatInstruction({ machineKey, beacon }));
    // #endregion
    chain.advance(60n);
    const payment = market.payment(provider);
    const finish = escrow.getFinishJobInstruction({
        caller: providerAuthority,
        job,
        ...payment,
        maxAmount: NO_LIMIT,
        result: dummyHash(7),
        results: [],
    });
    await chain.fails(escrow.JOULE_ESCROW_ERROR__BEACON_UNREAD, finish);
    // #region read-beacon
    const read = escrow.getReadBeaconInstruction({ beacon, job });
    const leave = escrow.getLeaveBeaconInstruction({ beacon, job });
    await chain.send(read, finish, leave);
    // #endregion
    assert.deepEqual([market.read(job).paid, market.read(job).downtime], [1_000_000n, 0n]);
    assert.equal(chain.read<escrow.Beacon>(beacon).jobs, 1);
    chain.advance(60n);
    await chain.send(escrow.getReadBeaconInstruction({ beacon, job: other }));
    await chain.send(
        escrow.getFinishJobInstruction({ caller: world.client, job: other, ...payment, maxAmount: NO_LIMIT, result: new Uint8Array(32), results: [] }),
        escrow.getLeaveBeaconInstruction({ beacon, job: other }),
    );
    // #region close-beacon
    const close = escrow.getCloseBeaconInstruction({ caller: providerAuthority, beacon, rentReceiver: payer.address });
    // #endregion
    await chain.send(close);
    assert(!chain.exists(beacon));
});

test('escrow: keys act for an identity, and its payee is paid', async () => {
    const world = await start();
    const { chain, network, client, source, pool } = world;
    const { payer } = chain;
    const [manager, hotKey, recovery, payee] = [await chain.user(), await chain.user(), await chain.user(), await chain.user()];
    // #region open-keys
    const parties = { payee: payee.address, recovery: recovery.address };
    await chain.send(
        await escrow.getOpenKeysInstructionAsync({ payer, manager, id: 0n, ...parties, changeDelay: 7 * 86_400 }),
    );
    const [keys] = await escrow.findKeysPda({ openedBy: manager.address, id: 0n }); // the identity's address
    const rights = escrow.HOT_RIGHT_WORK;
    await chain.send(escrow.getSetHotKeyInstruction({ manager, keys, hotKey: hotKey.address, rights, window: 86_400 }));
    // #endregion
    // #region act-for
    /** What the identity would sign, as `signer` sends it. */
    const actFor = (signer: KeyPairSigner, call: Instruction): Instruction => {
        const act = escrow.getActInstruction({ signer, keys, program: call.programAddress, call: call.data! });
        const accounts = call.accounts!.map((account) =>
            account.address === keys ? { address: keys, role: AccountRole.READONLY } : account,
        );
        return { ...act, accounts: [...act.accounts, ...accounts] };
    };
    // Where an instruction asks for the identity's signature: a signer that signs nothing.
    const identity = createNoopSigner(keys);
    // #endregion
    // #region register-identity
    const register = { payer, authority: identity, pool: pool.address, commission: 1_000 };
    await chain.send(actFor(manager, await stake.getRegisterProviderInstructionAsync(register)));
    const [provider] = await stake.findProviderPda({ pool: pool.address, authority: keys });
    await chain.send(escrow.getSetBondLimitInstruction({ manager, keys, account: provider, limit: 20n * TOKEN }));
    // #endregion
    assert.equal(chain.read<escrow.Keys>(keys).limits[0]!.limit, 20n * TOKEN);

    const { mint } = network;
    const market = await Market.create(world, 10n, { bondAmount: 0n }, mint);
    const { fundingAccount: deposit } = market.funding;
    await chain.send(
        await escrow.getOpenDepositInstructionAsync({ payer, client: client.address, mint, issuerPowers: 0 }),
    );
    const from = { authority: client, deposit, source, mint };
    await chain.send(await escrow.getDepositTokensInstructionAsync({ ...from, amount: 20n * TOKEN }));
    const [tokens, payees] = [await chain.associatedAccount(mint, keys), await chain.associatedAccount(mint, payee.address)];
    const job = await market.post(0n, { provider: keys });
    const { postingId } = market.read(job);
    const starts = { providerAuthority: identity, job, network: network.address, pool: pool.address, provider, postingId };
    const noProof = { allowedIndex: 0, proofLength: 0, proofAndPostingIds: new Uint8Array() };
    await chain.send(actFor(hotKey, escrow.getStartJobInstruction({ ...starts, ...noProof, maxJobs: 1 })));
    chain.advance(30n);
    const payment = market.payment({ authority: hotKey, tokens, provider, work: tokens });
    const finish = escrow.getFinishJobInstruction({ caller: identity, job, ...payment, maxAmount: NO_LIMIT, result: dummyHash(2), results: [] });
    await chain.fails(escrow.JOULE_ESCROW_ERROR__NOT_PERMITTED, actFor(recovery, finish));
    await chain.send(actFor(hotKey, finish));
    // #region pay-out
    const out = { keys, source: tokens, destination: payees, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
    const paid = await chain.send(escrow.getPayOutInstruction(out)); // by anyone
    // #endregion
    assert.equal(event(paid, 'escrow.paidOut').tokens, 300_000n);
    assert.equal(chain.tokens(payees), 300_000n);

    const next = { nextManager: recovery.address, nextPayee: payee.address, nextRecovery: NONE };
    // #region propose-keys
    await chain.send(escrow.getProposeKeysInstruction({ manager, keys, ...next }));
    await chain.send(escrow.getCancelKeysInstruction({ authority: recovery, keys }));
    // #endregion
    await chain.send(escrow.getProposeKeysInstruction({ manager, keys, ...next }));
    chain.advance(7n * DAY);
    const changed = await chain.send(escrow.getExecuteKeysInstruction({ keys }));
    assert.equal(event(changed, 'escrow.keysChanged').manager, recovery.address);
    assert.equal(chain.read<escrow.Keys>(keys).manager, recovery.address);
});

test('escrow: anyone ticks the halt clock', async () => {
    const { chain } = await start();
    // #region tick-clock
    await chain.send(await escrow.getTickClockInstructionAsync({ payer: chain.payer, systemProgram }));
    const [haltClock] = await escrow.findHaltClockPda();
    // #endregion
    assert.equal(chain.read<escrow.HaltClock>(haltClock).count, 0n);
    chain.advance(3_600n); // no slots are made meanwhile
    const halt = await chain.send(await escrow.getTickClockInstructionAsync({ payer: chain.payer, systemProgram }));
    assert.equal(event(halt, 'escrow.haltNoted').length, 3_600n);
});

test('escrow: a keeper is paid for what was left lying', async () => {
    const world = await start();
    const { chain, network, providers } = world;
    const market = await Market.create(world, 10n);
    const { funding } = market;
    const operator = { authority: network.authority, network: network.address, market: market.address };
    // #region set-tip
    await chain.send(escrow.getSetTipInstruction({ ...operator, tip: 10_000 })); // lamports
    // #endregion
    const job = await market.post(0n, { provider: providers[0].authority.address });
    const keeper = await chain.user();
    chain.advance(300n + 61n); // a minute after the time to start
    const before = chain.svm.getBalance(keeper.address)!;
    // #region take-tip
    const cancel = escrow.getCancelJobInstruction({ caller: keeper, job, ...funding });
    await chain.send(escrow.getTakeTipInstruction({ job, keeper: keeper.address }), cancel);
    // #endregion
    assert.equal(chain.svm.getBalance(keeper.address)! - before, 10_000n);
    assert.equal(market.read(job).tipsTaken, escrow.TIP_END);
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__NO_TIP_DUE,
        escrow.getTakeTipInstruction({ job, keeper: keeper.address }),
    );
});

test('escrow: the lowest bidder gets the job', async () => {
    const world = await start();
    const { chain, providers } = world;
    const market = await Market.create(world, 5n, { matching: escrow.MATCHING_AUCTION, bidStep: 500 });
    const { funding } = market;
    const job = await market.post(0n, { matching: escrow.MATCHING_AUCTION });
    assert.equal(market.read(job).state, escrow.JOB_STATE_BIDDING);
    await market.bid(providers[1], job, 9_000n);
    await market.bid(providers[1], job, 8_500n, providers[1]);
    await market.bid(providers[0], job, 8_000n, providers[1]);
    assert(!chain.exists(await market.bondOf(providers[1], job)));
    // #region award-job
    const award = escrow.getAwardJobInstruction({ job, ...funding });
    // #endregion
    await chain.fails(escrow.JOULE_ESCROW_ERROR__TOO_EARLY, award);
    chain.advance(3_601n);
    assert.equal(event(await chain.send(award), 'escrow.jobAwarded').refunded, 200_000n);
    await market.start(providers[0], job);
    const { state, price, provider } = market.read(job);
    assert.deepEqual([state, price, provider], [escrow.JOB_STATE_RUNNING, 8_000n, providers[0].authority.address]);
});
