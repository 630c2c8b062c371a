// Jobs as a service sends them on mainnet: each transaction has a limit of compute units from its simulation, a price for
// them from what others paid lately, and its accounts from an address lookup table; it is sent until it is confirmed or its
// blockhash expires, and made again then. A connection that breaks is used again.
//
//     npm install joule-client @solana/kit @solana-program/system @solana-program/token
//     npx tsc --target es2022 --module nodenext --skipLibCheck service.ts
//     node service.js URL DIR [--ws URL] [--while FILE] [--leave]
//
// DIR has network.json, which scripts/localnet writes, and the key pairs payer.json and authority.json, which has tokens. A
// new client buys credits, and a new provider stakes; nothing is written but by transactions, and time passes by itself.
//
// --while FILE: does job after job as long as FILE is there, while one job runs from the beginning to the end.
// --leave: then leaves jobs as they are, posted, started and delivered: keepers end them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
    type Address,
    type AddressesByLookupTableAddress,
    type Instruction,
    type KeyPairSigner,
    type Signature,
    AccountRole,
    address,
    appendTransactionMessageInstructions,
    compressTransactionMessageUsingAddressLookupTables,
    createKeyPairSignerFromBytes,
    createSolanaRpc,
    createSolanaRpcSubscriptions,
    createTransactionMessage,
    estimateResourceLimitsFactory,
    generateKeyPairSigner,
    getAddressEncoder,
    getBase64EncodedWireTransaction,
    getProgramDerivedAddress,
    getSignatureFromTransaction,
    getTransactionSize,
    isSolanaError,
    pipe,
    SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
    SOLANA_ERROR__TRANSACTION__FAILED_WHEN_SIMULATING_TO_ESTIMATE_RESOURCE_LIMITS as SIMULATION_FAILED,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageComputeUnitPrice,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import {
    TOKEN_PROGRAM_ADDRESS,
    findAssociatedTokenPda,
    getCreateAssociatedTokenIdempotentInstructionAsync,
    getTransferInstruction,
} from '@solana-program/token';
import { bme, escrow, eventsOf, explain, stake } from 'joule-client';

const [url, folder, ...rest] = process.argv.slice(2);
if (!url || !folder) throw new Error('usage: node service.js URL DIR [--ws URL] [--while FILE] [--leave]');
const option = (name: string) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const file = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const key = (name: string) => createKeyPairSignerFromBytes(Uint8Array.from(file(name)));

const TOKEN = 1_000_000_000n;
/** As a maximum: no limit. */
const NO_LIMIT = 2n ** 64n - 1n;
/** Micro-lamports for a compute unit: between these, what was enough in three of four blocks. */
const [LEAST_PRICE, MOST_PRICE] = [1_000n, 100_000n];
/** A transaction may meet other accounts than its simulation did: a tenth more compute units, and these. */
const SPARE_UNITS = 1_000;

// --- The chain ------------------------------------------------------------------

const rpc = createSolanaRpc(url);
/** The WebSocket is where it is on a node: the next port, or that of TLS. */
function socket(): string {
    const at = new URL(url!);
    at.protocol = at.protocol === 'https:' ? 'wss:' : 'ws:';
    if (at.port) at.port = `${Number(at.port) + 1}`;
    return at.href;
}
const subscriptions = createSolanaRpcSubscriptions(option('--ws') ?? socket());
const estimate = estimateResourceLimitsFactory({ rpc });
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Asks, and asks again while the connection is broken: a minute long. */
async function ask<T>(question: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await question();
        } catch (error) {
            // What a node answers is an answer, but that it is busy or down.
            const isAnswer = isSolanaError(error) && !isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR);
            if (isAnswer || attempt === 60) throw error;
            await pause(1_000);
        }
    }
}

/** Calls back when a transaction is confirmed, if the WebSocket says so: it is faster than asking, and may break. */
function notify(signature: Signature, stop: AbortSignal): Promise<void> {
    const told = (async () => {
        const notifications = await subscriptions
            .signatureNotifications(signature, { commitment: 'confirmed' })
            .subscribe({ abortSignal: stop });
        for await (const _ of notifications) {
            notified++;
            return;
        }
    })();
    return told.catch(() => new Promise<void>(() => {}));
}
let notified = 0;

const payer = await key('payer');
const authority = await key('authority');
const client = await generateKeyPairSigner();
const provider = await generateKeyPairSigner();
let tables: AddressesByLookupTableAddress = {};
const total = { transactions: 0, fees: 0n, units: 0n, again: 0 };

/** Sends one transaction until it is confirmed. Returns the events of Joule's programs. */
async function send(what: string, ...instructions: Instruction[]) {
    const start = Date.now();
    for (let attempt = 1; ; attempt++) {
        const { value: lifetime } = await ask(() => rpc.getLatestBlockhash({ commitment: 'confirmed' }).send());
        const plain = pipe(
            createTransactionMessage({ version: 0 }),
            (message) => setTransactionMessageFeePayerSigner(payer, message),
            (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
            (message) => appendTransactionMessageInstructions(instructions, message),
            (message) => setTransactionMessageComputeUnitPrice(MOST_PRICE, message),
        );
        // Addresses of the table are one byte each.
        const message = compressTransactionMessageUsingAddressLookupTables(plain, tables) as typeof plain;
        let units: number;
        try {
            const { computeUnitLimit } = await ask(() => estimate(message, { commitment: 'confirmed' }));
            units = Math.ceil(computeUnitLimit * 1.1) + SPARE_UNITS;
        } catch (error) {
            const why = explain(error);
            // In the block in which a program is upgraded it cannot be called: that is no program's error.
            if (!why && isSolanaError(error, SIMULATION_FAILED) && attempt < 5) {
                total.again++;
                await pause(1_000);
                continue;
            }
            throw why ? new Error(`${what}: ${why.program}: ${why.message}${why.field ? ` (${why.field})` : ''}`, { cause: error }) : error;
        }
        const written = new Set<Address>([payer.address]);
        for (const { accounts } of instructions) {
            for (const account of accounts ?? []) if (account.role & 1) written.add(account.address);
        }
        const paid = await ask(() => rpc.getRecentPrioritizationFees([...written]).send());
        const prices = paid.map(({ prioritizationFee }) => BigInt(prioritizationFee)).sort((a, b) => Number(a - b));
        const usual = prices[Math.floor((prices.length * 3) / 4)] ?? 0n;
        const price = usual < LEAST_PRICE ? LEAST_PRICE : usual > MOST_PRICE ? MOST_PRICE : usual;
        const transaction = await signTransactionMessageWithSigners(
            pipe(
                message,
                (message) => setTransactionMessageComputeUnitLimit(units, message),
                (message) => setTransactionMessageComputeUnitPrice(price, message),
            ),
        );
        const signature = getSignatureFromTransaction(transaction);
        if (!(await land(getBase64EncodedWireTransaction(transaction), signature, lifetime.lastValidBlockHeight))) {
            total.again++;
            if (attempt < 5) continue;
            throw new Error(`${what}: ${attempt} transactions got into no block`);
        }
        const config = { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 } as const;
        const found = await ask(() => rpc.getTransaction(signature, config).send());
        const [used, fee] = [found?.meta?.computeUnitsConsumed ?? 0n, BigInt(found?.meta?.fee ?? 0n)];
        total.transactions++;
        total.fees += fee;
        total.units += used;
        const size = getTransactionSize(transaction);
        const took = `${used} of ${units} compute units at ${price}, ${size} bytes, ${fee} lamports, ${Date.now() - start} ms`;
        console.log(`${what.padEnd(44)} ${took}`);
        return eventsOf(found?.meta?.logMessages ?? []);
    }
}

/** Sends a signed transaction again and again. False: it got into no block, and never will. */
async function land(wire: ReturnType<typeof getBase64EncodedWireTransaction>, signature: Signature, last: bigint) {
    const stop = new AbortController();
    const told = notify(signature, stop.signal);
    try {
        for (;;) {
            // It was simulated. What became of it, its status says, whatever the node answers here.
            const config = { encoding: 'base64', skipPreflight: true, maxRetries: 0n } as const;
            await rpc.sendTransaction(wire, config).send().catch(() => {});
            for (let look = 0; look < 8; look++) {
                await Promise.race([told, pause(250)]);
                const [status] = (await ask(() => rpc.getSignatureStatuses([signature]).send())).value;
                if (status?.err) throw new Error(`${signature} failed: ${JSON.stringify(status.err, (_, it) => (typeof it === 'bigint' ? `${it}` : it))}`);
                if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized') return true;
            }
            if ((await ask(() => rpc.getBlockHeight({ commitment: 'confirmed' }).send())) > last) return false;
        }
    } finally {
        stop.abort();
    }
}

async function now(): Promise<bigint> {
    const clock = address('SysvarC1ock11111111111111111111111111111111');
    const { value } = await ask(() => rpc.getAccountInfo(clock, { encoding: 'base64' }).send());
    return Buffer.from(value!.data[0], 'base64').readBigInt64LE(32);
}

async function until(time: bigint) {
    while ((await now()) < time) await pause(400);
}

// --- The lookup table -----------------------------------------------------------

const LOOKUP_TABLES = address('AddressLookupTab1e1111111111111111111111111');

/** Creates an address lookup table, which one makes once and keeps. */
async function makeTable(addresses: Address[]): Promise<Address> {
    const slot = await ask(() => rpc.getSlot({ commitment: 'finalized' }).send());
    const little = (value: bigint, size: 4 | 8) => {
        const bytes = new Uint8Array(size);
        const view = new DataView(bytes.buffer);
        if (size === 8) view.setBigUint64(0, value, true);
        else view.setUint32(0, Number(value), true);
        return bytes;
    };
    const bytes = (address: Address) => getAddressEncoder().encode(address) as Uint8Array;
    const seeds = [bytes(payer.address), little(slot, 8)];
    const [table, bump] = await getProgramDerivedAddress({ programAddress: LOOKUP_TABLES, seeds });
    const signs = { address: payer.address, role: AccountRole.WRITABLE_SIGNER, signer: payer };
    const accounts = [
        { address: table, role: AccountRole.WRITABLE },
        { ...signs, role: AccountRole.READONLY_SIGNER },
        signs,
        { address: SYSTEM_PROGRAM_ADDRESS, role: AccountRole.READONLY },
    ];
    const [create, extend] = [0n, 2n];
    const first = Uint8Array.of(...little(create, 4), ...little(slot, 8), bump);
    const second = Uint8Array.of(...little(extend, 4), ...little(BigInt(addresses.length), 8), ...addresses.flatMap((it) => [...bytes(it)]));
    await send(
        `a lookup table of ${addresses.length} addresses`,
        { programAddress: LOOKUP_TABLES, accounts, data: first },
        { programAddress: LOOKUP_TABLES, accounts, data: second },
    );
    // It can be used from the next slot on.
    const made = await ask(() => rpc.getSlot({ commitment: 'confirmed' }).send());
    while ((await ask(() => rpc.getSlot({ commitment: 'confirmed' }).send())) <= made) await pause(200);
    return table;
}

const there: Record<'mint' | 'network' | 'treasury' | 'priceUpdate' | 'pool' | 'market' | 'results' | 'spender' | 'slasher', Address> =
    file('network');
const { mint, network, pool, market, results, spender, slasher, priceUpdate } = there;
// A wrong URL, or another cluster, shows before anything is sent.
const found = await rpc
    .getAccountInfo(market, { encoding: 'base64' })
    .send()
    .catch((cause) => {
        throw new Error('the URL does not answer as a Solana node: is it right?', { cause });
    });
if (found.value?.owner !== escrow.JOULE_ESCROW_PROGRAM_ADDRESS) {
    throw new Error(`${market} is no market on this cluster: ${join(folder, 'network.json')} is of another one, or the programs are`);
}
const [escrowAuthority] = await escrow.findAuthorityPda({ network });
const [workShard] = await bme.findWorkShardPda({ network, index: 0 }); // any shard of the markets' lane
const [burnShard] = await bme.findBurnShardPda({ network, index: 0 });
const [burnVault] = await bme.findBurnVaultPda({ burnShard });
const [vault] = await stake.findVaultPda({ pool });
const [bmeProgram, stakeProgram] = [bme.JOULE_BME_PROGRAM_ADDRESS, stake.JOULE_STAKE_PROGRAM_ADDRESS];
const systemProgram = SYSTEM_PROGRAM_ADDRESS;

const kept = join(folder, 'lookup-table.json');
const often = [mint, network, pool, market, results, spender, slasher, priceUpdate, escrowAuthority, workShard, burnShard];
const always = [...often, burnVault, vault, systemProgram, TOKEN_PROGRAM_ADDRESS, bmeProgram, stakeProgram];
let table: Address | undefined = existsSync(kept) ? file('lookup-table').address : undefined;
if (!table || !(await ask(() => rpc.getAccountInfo(table!, { encoding: 'base64' }).send())).value) {
    table = await makeTable(always);
    writeFileSync(kept, `${JSON.stringify({ address: table })}\n`);
}
tables = { [table]: always };

// --- A client with credits, a provider with stake -------------------------------

const tokensOf = async (owner: Address) => (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
const [clientTokens, providerTokens] = [await tokensOf(client.address), await tokensOf(provider.address)];
const give = (destination: Address, tokens: bigint) =>
    getTransferInstruction({ source: there.treasury, destination, authority, amount: tokens * TOKEN });
await send(
    'tokens for a client and a provider',
    await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner: client.address, mint }),
    await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner: provider.address, mint }),
    give(clientTokens, 100n),
    give(providerTokens, 100n),
);
await send(
    'buys credits for 100 tokens',
    await bme.getOpenCreditAccountInstructionAsync({ payer, network, owner: client.address }),
    await bme.getBuyCreditsInstructionAsync({
        buyer: client,
        source: clientTokens,
        mint,
        priceUpdate,
        burnShardIndex: 0, // any shard
        tokens: 100n * TOKEN,
        minCredits: 200_000_000n, // two dollars a token at least
    }),
);
const [staked] = await stake.findProviderPda({ pool, authority: provider.address });
await send(
    'a provider registers and stakes',
    await stake.getRegisterProviderInstructionAsync({ payer, authority: provider, pool, commission: 1_000 }),
    await stake.getOpenDelegationInstructionAsync({ payer, owner: provider.address, provider: staked }),
    await stake.getStakeInstructionAsync({ owner: provider, network, provider: staked, mint, source: providerTokens, amount: 100n * TOKEN }),
    await bme.getOpenProviderWorkInstructionAsync({ payer, network, provider: provider.address, lane: 0 }),
);
await until((await now()) + 1n); // stake counts from the next second

// --- Jobs -----------------------------------------------------------------------

const [creditAccount] = await bme.findCreditAccountPda({ network, owner: client.address });
const [work] = await bme.findProviderWorkPda({ network, provider: provider.address, lane: 0 });
const inCredits = { network, fundingAccount: creditAccount, spender, escrowAuthority, bmeProgram };
const payment = {
    network,
    fundingAccount: creditAccount,
    payee: work,
    workShardOrVault: workShard,
    spenderOrMint: spender,
    escrowAuthority,
    paymentProgram: bmeProgram,
    maxAmount: NO_LIMIT,
};
const bondOf = async (job: Address) => (await stake.findBondPda({ provider: staked, job }))[0];

/** Posts a job to the provider. */
async function post(what: string, market: Address, nonce: bigint, duration: number): Promise<Address> {
    const { termsVersion, terms } = (await ask(() => escrow.fetchMarket(rpc, market))).data;
    const [job] = await escrow.findJobPda({ fundingAccount: creditAccount, nonce });
    await send(
        `${what}: posted`,
        await escrow.getPostJobInstructionAsync({
            payer,
            client,
            market,
            ...inCredits,
            systemProgram,
            nonce,
            termsVersion,
            price: terms.price,
            provider: provider.address,
            definition: new Uint8Array(32).fill(1),
            duration,
            matching: escrow.MATCHING_DIRECT,
            definitions: [],
        }),
    );
    return job;
}

/** Posts a job to the provider, which starts it. */
async function begin(what: string, market: Address, nonce: bigint, duration: number): Promise<Address> {
    const job = await post(what, market, nonce, duration);
    const { postingId } = (await ask(() => escrow.fetchJob(rpc, job, { commitment: 'confirmed' }))).data;
    await send(
        `${what}: started`,
        escrow.getStartJobWithBondInstruction({
            providerAuthority: provider,
            job,
            network,
            pool,
            provider: staked,
            spender,
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
    return job;
}

/** Waits until a job has run for the market's shortest time: no result is taken before. */
async function shortest(job: Address) {
    const { startedAt, terms } = (await ask(() => escrow.fetchJob(rpc, job, { commitment: 'confirmed' }))).data;
    await until(startedAt + BigInt(terms.minDuration));
}

/** Posts a job to the provider, which starts it and delivers the result. */
async function deliver(what: string, nonce: bigint): Promise<Address> {
    const job = await begin(what, results, nonce, 600);
    await shortest(job);
    const result = new Uint8Array(32).fill(2);
    await send(`${what}: delivered`, escrow.getDeliverJobInstruction({ providerAuthority: provider, job, result, results: [] }));
    return job;
}

/** Settles the bond of a job that is over, and gives its rent back. Returns what it cost. */
async function close(what: string, job: Address): Promise<bigint> {
    const { paid, deposited, refunded, held } = (await ask(() => escrow.fetchJob(rpc, job, { commitment: 'confirmed' }))).data;
    if (held !== 0n || deposited !== paid + refunded) throw new Error(`${what}: ${deposited} is not ${paid} and ${refunded}`);
    const bond = await bondOf(job);
    await send(
        `${what}: bond settled, account closed`,
        escrow.getSettleBondInstruction({ job, provider: staked, slasher, escrowAuthority, stakeProgram, bond, bondPayer: payer.address }),
        escrow.getCloseJobInstruction({ job, rentReceiver: payer.address }),
    );
    return paid;
}

const goesOn = option('--while');
const before = (await ask(() => bme.fetchCreditAccount(rpc, creditAccount, { commitment: 'confirmed' }))).data;
const since = await now();
const long = await begin('a job by the second', market, 0n, 3_600);
let spent = 0n;
let done = 0;
do {
    const what = `job ${++done}`;
    const job = await deliver(what, BigInt(done));
    await send(`${what}: accepted`, escrow.getAcceptJobInstruction({ caller: client, job, ...payment }));
    spent += await close(what, job);
} while (goesOn && existsSync(goesOn));
await shortest(long);
await send('a job by the second: finished', escrow.getFinishJobInstruction({ caller: provider, job: long, ...payment, result: new Uint8Array(32).fill(3), results: [] }));
const seconds = await close('a job by the second', long);
spent += seconds;

const after = (await ask(() => bme.fetchCreditAccount(rpc, creditAccount, { commitment: 'confirmed' }))).data;
if (after.locked.some((it) => it !== 0n) || after.balance !== before.balance - spent) throw new Error(`${before.balance} credits less ${spent} are not ${after.balance}`);
const most = ((await now()) - since) * 10_000n;
if (seconds === 0n || seconds > most) throw new Error(`the job by the second cost ${seconds}, of ${most} at most`);
console.log(
    `${done + 1} jobs cost ${spent} credits, of ${before.balance}; ${total.transactions} transactions cost ${total.fees} lamports and ${total.units} compute units; ` +
        `${notified} confirmations by WebSocket; ${total.again} made again`,
);
if (rest.includes('--leave')) {
    await post('left: nobody starts it', market, 1_000n, 600);
    await begin('left: nobody ends it', market, 1_001n, 600);
    await begin('left: nobody delivers it', results, 1_002n, 600);
    await deliver('left: nobody accepts it', 1_003n);
}
process.exit(0);
