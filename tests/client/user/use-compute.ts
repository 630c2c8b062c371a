// Uses compute on a network of its own, from the mint to the withdrawal: as its operator, a provider and a client.
//
//     npm install joule-client @solana/kit @solana-program/system @solana-program/token
//     npx tsc --target es2022 --module nodenext --skipLibCheck use-compute.ts
//     node use-compute.js http://127.0.0.1:8899
//
// The node must run the four programs, and be one of a test: it gives lamports away, writes the price account and moves
// its clock (`requestAirdrop`, and Surfpool's `surfnet_setAccount` and `surfnet_timeTravel`). On mainnet the operator has
// lamports, Pyth writes the price, and time passes by itself.
import {
    type Address,
    type Instruction,
    type KeyPairSigner,
    address,
    appendTransactionMessageInstructions,
    createSolanaRpc,
    createTransactionMessage,
    generateKeyPairSigner,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    lamports,
    pipe,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS, getCreateAccountInstruction } from '@solana-program/system';
import {
    TOKEN_PROGRAM_ADDRESS,
    fetchToken,
    findAssociatedTokenPda,
    getCreateAssociatedTokenIdempotentInstructionAsync,
    getInitializeMint2Instruction,
    getMintSize,
    getMintToInstruction,
} from '@solana-program/token';
import { bme, escrow, eventsOf, explain, stake } from 'joule-client';

const URL = process.argv[2] ?? 'http://127.0.0.1:8899';
const rpc = createSolanaRpc(URL);

// --- Units ----------------------------------------------------------------------

/** Base units of one token: the mint below has 9 decimals. */
const TOKEN = 1_000_000_000n;
/** Credits of one dollar: a credit is a micro-dollar. */
const DOLLAR = 1_000_000n;
/** Seconds. */
const HOUR = 3_600;
const DAY = 86_400;
/** Means "no address": 32 zero bytes. */
const NONE = address('11111111111111111111111111111111');
/** As a maximum: no limit. */
const NO_LIMIT = 2n ** 64n - 1n;
/** 32 bytes in place of a hash. */
const hash = (byte: number) => new Uint8Array(32).fill(byte);

// --- The chain ------------------------------------------------------------------

/** A key with lamports. Yours is in a file or in a wallet. */
async function user(): Promise<KeyPairSigner> {
    const key = await generateKeyPairSigner();
    await rpc.requestAirdrop(key.address, lamports(10_000_000_000n)).send();
    while ((await rpc.getBalance(key.address).send()).value === 0n) await pause();
    return key;
}

const pause = () => new Promise((done) => setTimeout(done, 50));

/** Sends one transaction and waits for it. Returns the events of Joule's programs. */
async function send(...instructions: Instruction[]) {
    const { value: lifetime } = await rpc.getLatestBlockhash().send();
    const message = pipe(
        createTransactionMessage({ version: 0 }),
        (message) => setTransactionMessageFeePayerSigner(payer, message),
        (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
        (message) => appendTransactionMessageInstructions(instructions, message),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    const signature = getSignatureFromTransaction(transaction);
    try {
        await rpc.sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' }).send();
    } catch (error) {
        const why = explain(error);
        throw why ? new Error(`${why.program}: ${why.message}${why.field ? ` (${why.field})` : ''}`, { cause: error }) : error;
    }
    for (;;) {
        const [status] = (await rpc.getSignatureStatuses([signature]).send()).value;
        if (status?.err) throw new Error(`${signature} failed`);
        if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized') break;
        await pause();
    }
    const found = await rpc.getTransaction(signature, { encoding: 'base64', maxSupportedTransactionVersion: 0 }).send();
    return eventsOf(found?.meta?.logMessages ?? []);
}

/** The chain's time, by the Clock sysvar. */
async function now(): Promise<bigint> {
    const clock = address('SysvarC1ock11111111111111111111111111111111');
    const { value } = await rpc.getAccountInfo(clock, { encoding: 'base64' }).send();
    return Buffer.from(value!.data[0], 'base64').readBigInt64LE(32);
}

/** A method of the test's node that kit does not know. */
async function cheat(method: string, ...params: unknown[]) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(URL, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { error } = (await response.json()) as { error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
}

/** Waits: on mainnet, for as long. */
async function wait(seconds: number) {
    const until = (await now()) + BigInt(seconds);
    await cheat('surfnet_timeTravel', { absoluteTimestamp: Number(until) * 1_000 });
    while ((await now()) < until) await pause();
}

/** The associated token account of an owner, created if it is not there. */
async function tokenAccount(owner: Address): Promise<Address> {
    await send(await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner, mint: mint.address }));
    return (await findAssociatedTokenPda({ owner, mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
}

const tokens = async (account: Address) => (await fetchToken(rpc, account)).data.amount;

const payer = await user(); // pays fees and rent
const authority = await user(); // governs the network: use a multisig
const guardian = await user(); // may pause it: a key that somebody on call holds
const client = await user();
const provider = await user();

// --- The token ------------------------------------------------------------------

// The whole initial supply is minted first: once the network exists, only the network mints.
const mint = await generateKeyPairSigner();
const space = BigInt(getMintSize());
await send(
    getCreateAccountInstruction({
        payer,
        newAccount: mint,
        lamports: await rpc.getMinimumBalanceForRentExemption(space).send(),
        space,
        programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    // Without a freeze authority: pools and networks take no token that somebody may freeze.
    getInitializeMint2Instruction({ mint: mint.address, decimals: 9, mintAuthority: authority.address, freezeAuthority: null }),
);
for (const [owner, amount] of [[client, 1_000n], [provider, 1_000n], [authority, 1_000_000n]] as const) {
    const token = await tokenAccount(owner.address);
    await send(getMintToInstruction({ mint: mint.address, token, mintAuthority: authority, amount: amount * TOKEN }));
}
const [clientTokens, providerTokens] = [await tokenAccount(client.address), await tokenAccount(provider.address)];

// --- The price ------------------------------------------------------------------

// On mainnet: Pyth's receiver program, the feed of your token, and an account that Pyth or you keep fresh.
const priceUpdate = (await generateKeyPairSigner()).address;
const feedId = hash(0xfe);

/** Writes what Pyth would: 2.50 dollars a token, give or take a cent, fully verified. */
async function publishPrice() {
    const publishTime = await now();
    const [price, conf] = [250_000_000n, 1_000_000n]; // times 10^-8
    const update = bme.getPriceUpdateEncoder().encode({
        discriminator: Buffer.from(bme.PRICE_UPDATE_DISCRIMINATOR, 'hex'),
        writeAuthority: new Uint8Array(32),
        verification: bme.PRICE_FULLY_VERIFIED,
        feedId,
        price,
        conf,
        exponent: -8,
        publishTime,
        prevPublishTime: publishTime - 1n,
        emaPrice: price,
        emaConf: conf,
        postedSlot: 0n,
    });
    // The account has one byte more.
    const data = `${Buffer.from(update as Uint8Array).toString('hex')}00`;
    await cheat('surfnet_setAccount', priceUpdate, { lamports: 10_000_000, owner: bme.PYTH_RECEIVER, data });
    await send(bme.getUpdateAverageInstruction({ network, priceUpdate }));
}

// --- The network ----------------------------------------------------------------

const [network] = await bme.findNetworkPda({ mint: mint.address });
const [pool] = await stake.findPoolPda({ network, mint: mint.address });
// The stakers' share goes to a token account of the pool, from which anyone collects it for the stakers; the treasury's
// to one of the authority.
const [stakers, treasury] = [await tokenAccount(pool), await tokenAccount(authority.address)];
const policy: bme.PolicyArgs = {
    guardian: guardian.address,
    stakersTokenAccount: stakers,
    treasuryTokenAccount: treasury,
    priceReceiver: bme.PYTH_RECEIVER as Address,
    priceAccount: NONE, // any account of the feed
    feedId,
    maxPriceAge: 60,
    maxConfidence: 200,
    maxDeviation: 5_000,
    averageSpeed: 1_000,
    epochDuration: DAY,
    initialEmission: 1_000n * TOKEN,
    decayShare: 5_000,
    decayStep: 365,
    maxSupply: 1_000_000_000n * TOKEN,
    remintCap: 0n,
    remintShare: 0,
    vouched: 0, // never mints more than was burned for the work: whoever works for itself gains nothing
    payoutShare: 0,
    payoutFloor: 0,
    surplusToStakers: 0,
    paymentsToReserve: 0, // what is paid for credits is burned
    laneWeights: [1, ...Array<number>(15).fill(0)], // one lane
    laneLimits: Array<bigint>(16).fill(0n), // none
    weigher: NONE,
    laneBand: 0,
    laneSpeed: 0,
    providersShare: 7_000,
    stakersShare: 2_000, // the treasury gets the rest
    breakerWindow: DAY,
    breakerTokens: 0n,
    breakerShare: 0,
    rootsShare: 0, // no reward roots
    rootOpeningPeriod: HOUR,
    changeDelay: 2 * HOUR,
    rootDelay: HOUR,
};
await send(
    await bme.getCreateNetworkInstructionAsync({
        payer,
        authority,
        mintAuthority: authority,
        mint: mint.address,
        stakers,
        treasury,
        startsAt: (await now()) + 5n, // not in the past
        policy,
        source: bme.SOURCE_MINT, // the network mints
    }),
);
await wait(5);
for (const shard of [0, 1]) {
    await send(await bme.getAddShardInstructionAsync({ payer, authority, mint: mint.address, shard, lane: 0 }));
}
await publishPrice(); // nobody can buy before the first average

// --- Stake, and what escrow may do ----------------------------------------------

await send(
    await stake.getCreatePoolInstructionAsync({
        payer,
        authority,
        network,
        mint: mint.address,
        treasury,
        policy: {
            minSelfStake: 0n,
            minSlash: TOKEN,
            unbondingPeriod: 7 * DAY,
            rewardPeriod: 7 * DAY,
            commissionDelay: 3 * DAY,
            maxCommission: 10_000,
            maxCommissionStep: 2_000,
            slashDelay: DAY,
            slashExecutionWindow: 7 * DAY,
            slashWindow: 30 * DAY,
            slashLimit: 5_000,
            slashBurnedShare: 2_500,
            jailPeriod: 2 * DAY,
            standingPeriod: 0,
        },
    }),
);
// `escrow` signs with an address of its own for each network: it spends credits, and locks and seizes bonds.
const [escrowAuthority] = await escrow.findAuthorityPda({ network });
await send(
    await bme.getAddSpenderInstructionAsync({
        payer,
        authority,
        network,
        spenderAuthority: escrowAuthority,
        lane: 0, // jobs are work of lane 0
    }),
    await stake.getAddSlasherInstructionAsync({
        payer,
        authority,
        network,
        pool,
        slasherAuthority: escrowAuthority,
        rights: stake.RIGHTS_BOND | stake.RIGHTS_REPORT,
        windowLimit: 0n, // tokens a window that it may propose to slash: none
        slashShare: 0,
    }),
);
const [spender] = await bme.findSpenderPda({ network, authority: escrowAuthority, lane: 0 });
const [slasher] = await stake.findSlasherPda({ pool, authority: escrowAuthority });

// --- Two markets ----------------------------------------------------------------

/** What both markets have in common. */
const common: escrow.TermsArgs = {
    pricing: escrow.PRICING_METERED,
    price: 10_000n, // a cent a second
    isService: 0,
    noticeMinutes: 0,
    matching: escrow.MATCHING_DIRECT,
    minDuration: 10,
    maxDuration: DAY,
    class: 0,
    allowedRoot: new Uint8Array(32),
    minSelfStake: 0n,
    minReliability: 0,
    bondAmount: 10n * TOKEN, // the provider locks them for each job
    maxQueueEntries: 0,
    arbiter: NONE,
    feePayee: NONE,
    feeShare: 0,
    waitWindow: HOUR,
    startWindow: 300,
    heartbeatInterval: 10, // time without heartbeats is not paid
    lateWindow: 0,
    acceptanceWindow: 0,
    arbitrationWindow: 0,
    bidExtension: 0,
    bidStep: 0,
    minAvailability: 9_000, // of its time
    shortfallPenalty: 100, // of the pay, for each hundredth below
    heartbeatPenalty: 0,
    latePenalty: 0,
    noStartPenalty: 0,
    failurePenalty: 5_000, // of the bond
    defaultPay: 0,
    defaultBondPenalty: 0,
    rejectionStake: 0,
    reports: 1,
    wholeJobFee: 6, // a fee of 10^6 micro-dollars makes a job count as one
};

/** Creates a market that is paid in credits, or in tokens of the mint. */
async function market(id: bigint, terms: escrow.TermsArgs, isPaidInTokens: boolean): Promise<Address> {
    const currency = isPaidInTokens ? { mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS } : { spender };
    const feePayee = terms.feeShare > 0 ? { feePayee: terms.feePayee } : {};
    const accounts = { payer, authority, network, pool, ...currency, ...feePayee };
    await send(await escrow.getCreateMarketInstructionAsync({ ...accounts, id, terms, issuerPowers: 0 }));
    return (await escrow.findMarketPda({ network, id }))[0];
}
const compute = await market(1n, common, false);
const results = await market(
    2n,
    {
        ...common,
        pricing: escrow.PRICING_FIXED,
        price: 8n * TOKEN, // for the result
        heartbeatInterval: 0,
        minAvailability: 0,
        shortfallPenalty: 0,
        arbiter: authority.address,
        acceptanceWindow: HOUR, // to reject it
        arbitrationWindow: DAY,
        defaultPay: 5_000,
        rejectionStake: 5_000, // of the pay: no less than the client gains if the arbiter stays silent
        feeShare: 100, // of the pay; the stake goes where the fee goes
        feePayee: treasury,
    },
    true,
);

// --- The provider ---------------------------------------------------------------

await send(await stake.getRegisterProviderInstructionAsync({ payer, authority: provider, pool, commission: 1_000 }));
const [staked] = await stake.findProviderPda({ pool, authority: provider.address });
await send(
    await stake.getOpenDelegationInstructionAsync({ payer, owner: provider.address, provider: staked }),
    await stake.getStakeInstructionAsync({
        owner: provider,
        network,
        provider: staked,
        mint: mint.address,
        source: providerTokens,
        amount: 100n * TOKEN,
    }),
    // Once in each network: counts the credits that the provider earns.
    await bme.getOpenProviderWorkInstructionAsync({ payer, network, provider: provider.address, lane: 0 }),
);
const [work] = await bme.findProviderWorkPda({ network, provider: provider.address, lane: 0 });
await wait(1); // stake counts from the next second

const bondOf = async (job: Address) => (await stake.findBondPda({ provider: staked, job }))[0];
const stakeProgram = stake.JOULE_STAKE_PROGRAM_ADDRESS;
const bmeProgram = bme.JOULE_BME_PROGRAM_ADDRESS;
const systemProgram = SYSTEM_PROGRAM_ADDRESS;

async function startJob(job: Address, spender?: Address) {
    const { postingId } = (await escrow.fetchJob(rpc, job)).data;
    await send(
        escrow.getStartJobWithBondInstruction({
            providerAuthority: provider,
            job,
            network,
            pool,
            provider: staked,
            spender, // if the job is paid in credits
            bond: await bondOf(job),
            slasher,
            escrowAuthority,
            stakeProgram,
            payer,
            systemProgram,
            postingId,
            allowedIndex: 0,
            proofLength: 0,
            proofAndPostingIds: new Uint8Array(),
        }),
    );
}

/** When a job has ended: settles its bond, reports the outcome, and gives the job's rent back. */
async function settleAndClose(job: Address) {
    const { bondToSeize, bondUnsettled } = (await escrow.fetchJob(rpc, job)).data;
    const [vault] = await stake.findVaultPda({ pool });
    const seizure = { pool, vault, receiver: clientTokens, mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS };
    const settle = escrow.getSettleBondInstruction({
        job,
        provider: staked,
        slasher,
        escrowAuthority,
        stakeProgram,
        bond: await bondOf(job),
        bondPayer: payer.address,
        ...(bondToSeize > 0n ? seizure : {}),
    });
    if (bondUnsettled) await send(settle);
    await send(escrow.getCloseJobInstruction({ job, rentReceiver: payer.address }));
}

// --- Compute, paid in credits ---------------------------------------------------

await send(await bme.getOpenCreditAccountInstructionAsync({ payer, network, owner: client.address }));
await publishPrice(); // at most `maxPriceAge` old
await send(
    await bme.getBuyCreditsInstructionAsync({
        buyer: client,
        source: clientTokens,
        mint: mint.address,
        priceUpdate,
        burnShardIndex: 0, // any shard of the network
        tokens: 100n * TOKEN,
        minCredits: 240n * DOLLAR,
    }),
);
const [creditAccount] = await bme.findCreditAccountPda({ network, owner: client.address });
const inCredits = { network, fundingAccount: creditAccount, spender, escrowAuthority, bmeProgram };

async function post(market: Address, fundingAccount: Address, nonce: bigint, credits: object): Promise<Address> {
    const { termsVersion, terms } = (await escrow.fetchMarket(rpc, market)).data;
    await send(
        await escrow.getPostJobInstructionAsync({
            payer,
            client,
            market,
            network,
            fundingAccount,
            ...credits,
            systemProgram,
            nonce, // a number of which this client has no other job
            termsVersion, // the terms that you saw
            price: terms.price,
            provider: provider.address,
            definition: hash(1), // of the work to do
            duration: 60,
            matching: escrow.MATCHING_DIRECT,
            definitions: [],
        }),
    );
    return (await escrow.findJobPda({ fundingAccount, nonce }))[0];
}

// A job that nobody starts is cancelled, and costs nothing.
const unwanted = await post(compute, creditAccount, 0n, inCredits);
await send(escrow.getCancelJobInstruction({ caller: client, job: unwanted, ...inCredits }));
await wait(1); // not in the second of posting
await settleAndClose(unwanted);

const job = await post(compute, creditAccount, 1n, inCredits);
await startJob(job, spender);
for (const _ of [1, 2, 3, 4, 5]) {
    await wait(8);
    await send(escrow.getHeartbeatInstruction({ providerAuthority: provider, job }));
}
await send(escrow.getExtendJobInstruction({ client, job, ...inCredits, additionalDuration: 30 }));
const [workShard] = await bme.findWorkShardPda({ network, index: 1 }); // any shard of the market's lane
const creditPayment = {
    network,
    fundingAccount: creditAccount,
    payee: work,
    workShardOrVault: workShard,
    spenderOrMint: spender,
    escrowAuthority,
    paymentProgram: bmeProgram,
    maxAmount: NO_LIMIT,
};
await send(escrow.getFinishJobInstruction({ caller: provider, job, ...creditPayment, result: hash(2), results: [] }));
const { paid, refunded } = (await escrow.fetchJob(rpc, job)).data;
if (paid < 40n * 10_000n) throw new Error(`40 seconds cost ${paid} credits`);
console.log(`${paid / 10_000n} seconds of compute cost ${paid} credits; ${refunded} are free again`);
await settleAndClose(job);

// --- Results, paid in tokens ----------------------------------------------------

const [deposit] = await escrow.findDepositPda({ client: client.address, mint: mint.address });
const [depositVault] = await escrow.findVaultPda({ deposit });
await send(
    await escrow.getOpenDepositInstructionAsync({ payer, client: client.address, mint: mint.address, issuerPowers: 0 }),
    await escrow.getDepositTokensInstructionAsync({
        authority: client,
        deposit,
        source: clientTokens,
        mint: mint.address,
        amount: 20n * TOKEN,
    }),
);
const tokenPayment = {
    fundingAccount: deposit,
    payee: providerTokens,
    workShardOrVault: depositVault,
    spenderOrMint: mint.address,
    paymentProgram: TOKEN_PROGRAM_ADDRESS,
    feePayee: treasury,
    maxAmount: NO_LIMIT,
};

async function delivered(nonce: bigint): Promise<Address> {
    const job = await post(results, deposit, nonce, {});
    await startJob(job);
    await wait(20);
    await send(escrow.getDeliverJobInstruction({ providerAuthority: provider, job, result: hash(3), results: [] }));
    return job;
}
const before = await tokens(providerTokens);
const feesBefore = await tokens(treasury);
const good = await delivered(0n);
await send(escrow.getAcceptJobInstruction({ caller: client, job: good, ...tokenPayment }));
const bad = await delivered(1n);
await send(escrow.getRejectJobInstruction({ client, job: bad, network, fundingAccount: deposit, reasonsHash: hash(4) }));
// The arbiter: a quarter of the pay, and two fifths of the bond for the client.
const verdict = { payShare: 2_500, bondPenalty: 4_000 };
await send(escrow.getResolveJobInstruction({ caller: authority, job: bad, ...tokenPayment, ...verdict }));
const earned = (await tokens(providerTokens)) - before;
if (earned !== (99n * TOKEN) / 10n) throw new Error(`the provider earned ${earned}`);
// The fees, and the quarter of the client's stake of 4 tokens for which the provider was right.
const fees = (await tokens(treasury)) - feesBefore;
if (fees !== (11n * TOKEN) / 10n) throw new Error(`the treasury got ${fees}`);
await settleAndClose(good);
await settleAndClose(bad);
await send(
    await escrow.getWithdrawTokensInstructionAsync({
        client,
        deposit,
        destination: clientTokens,
        mint: mint.address,
        amount: 9n * TOKEN,
    }),
    await escrow.getCloseDepositInstructionAsync({ client, deposit, rentReceiver: payer.address }),
);
console.log(`two results cost ${(earned + fees) / TOKEN} tokens`);

// --- The epoch ------------------------------------------------------------------

// A day later anyone closes the epoch: its number is the open one, and the shards are those from 0 to `shardCount`.
await wait(DAY);
const { openEpoch, shardCount } = (await bme.fetchNetwork(rpc, network)).data;
const workShards: Address[] = [];
for (let index = 0; index < shardCount; index++) workShards.push((await bme.findWorkShardPda({ network, index }))[0]);
await send(
    await bme.getCloseEpochInstructionAsync({
        payer,
        mint: mint.address,
        stakers,
        treasury,
        epochArg: openEpoch,
        priceUpdate, // looked at if the average is too old
        workShards,
    }),
);
// The provider's work becomes tokens, which it withdraws.
const [epoch] = await bme.findEpochPda({ network, index: openEpoch });
await send(
    bme.getAccrueWorkInstruction({ providerWork: work, epoch }),
    await bme.getClaimRewardsInstructionAsync({ provider, lane: 0, mint: mint.address, destination: providerTokens }),
);
const claimed = (await tokens(providerTokens)) - before - earned;
if (claimed === 0n) throw new Error('the provider claimed nothing');
console.log(`the epoch paid its only provider ${claimed} base units of the token`);

// --- The withdrawal -------------------------------------------------------------

// What the client gets of the bond, and what the provider takes out of its stake, is theirs after the unbonding period.
await send(
    await stake.getUnstakeInstructionAsync({
        payer,
        owner: provider,
        pool,
        provider: staked,
        ticketIndex: 0n,
        amount: 50n * TOKEN,
    }),
);
await wait(7 * DAY);
const [delegation] = await stake.findDelegationPda({ provider: staked, owner: provider.address });
const [ticket] = await stake.findTicketPda({ delegation, index: 0n });
const had = [await tokens(providerTokens), await tokens(clientTokens)] as const;
await send(
    await stake.getWithdrawInstructionAsync({
        owner: provider,
        pool,
        provider: staked,
        ticket,
        destination: providerTokens,
        mint: mint.address,
        rentReceiver: payer.address,
    }),
    await stake.getWithdrawSeizedInstructionAsync({
        client: client.address, // need not sign: the destination is its associated token account
        pool,
        provider: staked,
        bond: await bondOf(bad),
        destination: clientTokens,
        mint: mint.address,
        rentReceiver: payer.address,
    }),
);
const withdrawn = (await tokens(providerTokens)) - had[0];
const seized = (await tokens(clientTokens)) - had[1];
if (withdrawn !== 50n * TOKEN || seized !== 4n * TOKEN) throw new Error(`withdrawn ${withdrawn}, seized ${seized}`);
console.log(`the provider took ${withdrawn / TOKEN} tokens out of its stake, the client ${seized / TOKEN} of its bond`);
