// Inference by the request: an HTTP service that asks for payment, as x402 does, and an agent that has a key and a mandate.
import assert from 'node:assert/strict';
import { type IncomingMessage, type ServerResponse, Agent, createServer, get } from 'node:http';
import { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Address, type Instruction, type KeyPairSigner, address } from '@solana/kit';
import { DAY, NONE, event } from './chain';
import { Market, NO_LIMIT, type Provider, dummyHash, start, systemProgram } from './market';
import { bme, escrow } from './programs';
import { SessionKey, type Signed, verifier, verifyInstruction, vouchersOf } from './vouchers';

const REQUESTS = 10_000n;
/** First eight bytes, little-endian, of the genesis hash. */
const CHAIN = 0x1122_3344_5566_7788n;

/** A market of requests at 10 micro-dollars each, without bonds. */
async function requests() {
    const world = await start();
    const market = await Market.create(world, 20n, {
        pricing: escrow.PRICING_USAGE,
        price: 10n,
        lateWindow: 3_600,
        isService: 1,
        noticeMinutes: 1,
        bondAmount: 0n,
    });
    const { chain } = world;
    const { funding, terms, address: at } = market;

    const post = async (
        nonce: bigint,
        provider: Address,
        session: SessionKey,
        maxUnits: bigint,
        sessionScheme: number = escrow.SCHEME_ED25519,
        { client, mandate = [] }: { client: KeyPairSigner; mandate?: Address[] } = world,
    ) => {
        const { termsVersion } = chain.read<escrow.Market>(at);
        // #region post-usage-job
        await chain.send(
            await escrow.getPostUsageJobInstructionAsync({
                payer: chain.payer,
                client,
                ...funding,
                market: at,
                systemProgram,
                nonce,
                termsVersion,
                price: terms.price, // of one request
                maxUnits, // their price is held
                chain: CHAIN, // the first eight bytes of `getGenesisHash`, little-endian
                provider,
                definition: dummyHash(1), // hash of what a unit is
                sessionKey: session.bytes,
                sessionScheme, // escrow.SCHEME_ED25519
                duration: 3_600,
                matching: escrow.MATCHING_DIRECT,
                mandate, // [mandate] if `client` is the delegate of one, else []
            }),
        );
        // #endregion
        return await market.jobAt(nonce);
    };

    const redeem = (job: Address, by: Provider, last: Signed): Instruction[] => {
        const payment = market.payment(by);
        // #region redeem-voucher
        return [
            verifyInstruction([last]),
            escrow.getRedeemVoucherInstruction({
                caller: by.authority,
                job,
                ...payment,
                maxAmount: NO_LIMIT,
                verifyIndex: 1, // a limit of compute units comes first
                signatureNumber: 0,
            }),
        ];
        // #endregion
    };
    return { world, market, post, redeem };
}

/** What an agent sends beside its request: `job units signature`, in one header. */
const HEADER = 'payment';

/** What a service keeps of a job. */
type Served = {
    job: escrow.Job;
    voucher: ReturnType<typeof vouchersOf>;
    verifies: ReturnType<typeof verifier>;
    units: bigint;
    last?: Signed; // the only voucher to keep
};

/** Serves whoever pays: reads the job once, then takes one voucher more with each request. */
class Service {
    private readonly jobs = new Map<string, Served>();
    private readonly server = createServer((request, response) => this.answer(request, response));

    constructor(
        private readonly market: Market,
        private readonly provider: Provider,
    ) {}

    async listen(): Promise<string> {
        await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
    }

    close() {
        this.server.closeAllConnections();
        this.server.close();
    }

    /** What an event of the job asks for: its last voucher was redeemed, and it is read again. */
    forget(job: Address) {
        this.jobs.delete(job);
    }

    last(job: Address): Signed {
        return this.jobs.get(job)!.last!;
    }

    private answer({ headers }: IncomingMessage, response: ServerResponse) {
        const [job, units, signature] = String(headers[HEADER] ?? '').split(' ');
        if (!job || !this.takes(job as Address, BigInt(units ?? 0), Buffer.from(signature ?? '', 'base64'))) {
            // What it asks for, so that an agent that knows nothing but Joule can pay.
            const terms = {
                scheme: 'joule-usage',
                program: escrow.JOULE_ESCROW_PROGRAM_ADDRESS,
                market: this.market.address,
                provider: this.provider.authority.address,
                price: String(this.market.terms.price),
            };
            response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify(terms));
            return;
        }
        response.end('42');
    }

    // #region take-voucher
    /** Whether a request is paid: by a voucher for one unit more than the last, signed by the key of a job that runs here. */
    private takes(at: Address, units: bigint, signature: Uint8Array): boolean {
        let known = this.jobs.get(at);
        if (!known) {
            const job = this.market.read(at);
            const isOurs = job.provider === this.provider.authority.address && job.market === this.market.address;
            // What this service cannot verify, it does not serve.
            if (job.sessionScheme !== escrow.SCHEME_ED25519) return false;
            if (!isOurs || job.state !== escrow.JOB_STATE_RUNNING) return false;
            const verifies = verifier(job.sessionKey as Uint8Array);
            // Units that were redeemed are served already.
            this.jobs.set(at, (known = { job, voucher: vouchersOf(at, job), verifies, units: job.units }));
        }
        // No event says that the time is over: what is signed for later is soon worth nothing.
        if (this.market.world.chain.now() >= known.job.endsAt) return false;
        const bytes = known.voucher(units);
        if (units !== known.units + 1n || units > known.job.maxUnits || !known.verifies(bytes, signature)) return false;
        known.units = units;
        known.last = { key: known.job.sessionKey as Uint8Array, signature, bytes };
        return true;
    }
    // #endregion
}

const connections = new Agent({ keepAlive: true, maxSockets: 1 });

const request = (url: string, payment?: string): Promise<{ status: number; body: string }> =>
    new Promise((done, failed) => {
        const headers = payment ? { [HEADER]: payment } : {};
        get(url, { agent: connections, headers }, (response) => {
            let body = '';
            response.on('data', (part) => (body += part));
            response.on('end', () => done({ status: response.statusCode!, body }));
        }).on('error', failed);
    });

test('escrow: who cheats with vouchers gets nothing', async () => {
    const { world, market, post, redeem } = await requests();
    const { chain, client, providers } = world;
    const [provider, other] = providers;
    const [session, next] = [SessionKey.make(), SessionKey.make()];
    const job = await post(0n, provider.authority.address, session, 100n);
    await market.start(provider, job);
    const state = market.read(job);
    const voucher = vouchersOf(job, state);
    const signed = (units: bigint, key = session): Signed => {
        const bytes = voucher(units);
        return { key: key.bytes, signature: key.sign(bytes), bytes };
    };
    const { JOULE_ESCROW_ERROR__TOO_MANY_UNITS, JOULE_ESCROW_ERROR__WRONG_SESSION_KEY } = escrow;
    // A provider that signs for itself, that has more signed than is held, or that is another one.
    await chain.fails(JOULE_ESCROW_ERROR__WRONG_SESSION_KEY, ...redeem(job, provider, signed(5n, next)));
    await chain.fails(JOULE_ESCROW_ERROR__TOO_MANY_UNITS, ...redeem(job, provider, signed(101n)));
    await chain.fails(escrow.JOULE_ESCROW_ERROR__WRONG_PROVIDER, ...redeem(job, other, signed(5n)));
    // A voucher that nobody verified.
    const [, alone] = redeem(job, provider, signed(5n));
    await chain.fails(escrow.JOULE_ESCROW_ERROR__NOT_VERIFIED_HERE, alone!);

    const { funding } = market;
    // #region add-units
    const added = await chain.send(escrow.getAddUnitsInstruction({ client, job, ...funding, units: 1n }));
    // #endregion
    assert.equal(event(added, 'escrow.jobExtended').added, 10n);
    // #region replace-session-key
    const { haltClock } = funding;
    const replacement = { sessionKey: next.bytes, sessionScheme: escrow.SCHEME_ED25519 };
    const replaced = await chain.send(
        escrow.getReplaceSessionKeyInstruction({ client, job, haltClock, ...replacement }),
    );
    // #endregion
    assert.equal(event(replaced, 'escrow.sessionKeyReplaced').previousKeyEndsAt, chain.now() + 3_600n);
    // A client that replaces the key, and stops: what was signed before is paid all the same.
    const result = new Uint8Array(32);
    const finish = { job, ...market.payment(provider), maxAmount: NO_LIMIT, result, results: [] };
    await chain.send(escrow.getFinishJobInstruction({ caller: client, ...finish }));
    chain.advance(3_600n);
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__TOO_EARLY,
        escrow.getFinishJobInstruction({ caller: client, ...finish }),
    );
    const settled = await chain.send(...redeem(job, provider, signed(101n)));
    assert.equal(event(settled, 'escrow.voucherRedeemed').paid, 1_010n);
    chain.advance(1n);
    await chain.send(escrow.getFinishJobInstruction({ caller: client, ...finish }));
    const { paid, refunded } = market.read(job);
    assert.deepEqual([paid, refunded], [1_010n, 0n]);
});

test('escrow: an agent with a key and a mandate pays 10,000 requests by vouchers, and the last one settles them', async () => {
    const { world, market, post, redeem } = await requests();
    const { chain, client: owner, providers, creditAccount, spender } = world;
    const [provider] = providers;
    // All that the agent has is a key, which its owner names once: it may spend a tenth of a dollar a day, in this market.
    const agent = await chain.key();
    const [mandate] = await escrow.findMandatePda({ owner: owner.address, index: 0 });
    const most = 10n * REQUESTS;
    await chain.send(
        await escrow.getOpenMandateInstructionAsync({
            payer: chain.payer,
            owner,
            index: 0,
            delegate: agent.address,
            fundingAccount: creditAccount,
            markets: [market.address, NONE, NONE, NONE],
            limit: most,
            window: Number(DAY),
            total: 30n * most,
            expiresAt: chain.now() + 30n * DAY,
        }),
        bme.getApproveSpenderInstruction({ owner, spender, creditAccount, approved: 1 }),
    );
    const session = SessionKey.make();
    const service = new Service(market, provider);
    const url = await service.listen();

    // It is asked for payment, reads the terms, and holds what the requests cost.
    const asked = await request(url);
    const terms = JSON.parse(asked.body);
    assert.equal(asked.status, 402);
    assert.deepEqual([terms.market, terms.price], [market.address, '10']);
    const open = (nonce: bigint, units: bigint) =>
        post(nonce, terms.provider, session, units, escrow.SCHEME_ED25519, { client: agent, mandate: [mandate] });
    const job = await open(0n, REQUESTS);
    // That is all for today.
    await assert.rejects(open(1n, 1n), new RegExp(`0x${escrow.JOULE_ESCROW_ERROR__MANDATE_EXCEEDED.toString(16)}`));
    await market.start(provider, job);
    const state = market.read(job);
    assert.deepEqual([state.client, state.deposited, state.maxUnits, state.chain], [owner.address, most, REQUESTS, CHAIN]);

    const voucher = vouchersOf(job, state);
    const pay = (units: bigint, key = session) => {
        const signature = Buffer.from(key.sign(voucher(units))).toString('base64');
        return request(url, `${job} ${units} ${signature}`);
    };
    for (let units = 1n; units <= REQUESTS; units++) {
        const { status, body } = await pay(units);
        assert.deepEqual([status, body], [200, '42']);
        if (units === 3n) {
            // Nobody is served for a voucher that was used, for one of another key, or for what nobody signed.
            assert.equal((await pay(3n)).status, 402);
            assert.equal((await pay(4n, SessionKey.make())).status, 402);
            assert.equal((await request(url, `${job} 4 ${'A'.repeat(88)}`)).status, 402);
        }
    }
    assert.equal((await pay(REQUESTS + 1n)).status, 402);
    service.close();
    connections.destroy();

    const settled = await chain.send(...redeem(job, provider, service.last(job)));
    const { units, paid, held } = event(settled, 'escrow.voucherRedeemed');
    assert.deepEqual([units, paid, held], [REQUESTS, 100_000n, 0n]);
    assert.equal(event(settled, 'bme.creditsConsumed').amount, 100_000n);
    assert(settled.units < 5_000n, `${settled.units} compute units`);

    const ending = market.payment(provider);
    const finish = { job, ...ending, maxAmount: NO_LIMIT, result: new Uint8Array(32), results: [] };
    const ended = await chain.send(
        escrow.getFinishJobInstruction({ caller: agent, ...finish, jobsAndProofAccounts: [mandate] }),
    );
    assert.equal(event(ended, 'escrow.usageEnded').deadlineAt, chain.now() + 3_600n);
    assert.equal(market.read(job).state, escrow.JOB_STATE_REDEEMING);
    await chain.send(escrow.getFinishJobInstruction({ caller: provider.authority, ...finish }));
    assert.equal(market.read(job).state, escrow.JOB_STATE_FINISHED);
    await chain.send(escrow.getSettleMandateInstruction({ job, mandate }));
    assert.equal(chain.read<escrow.Mandate>(mandate).spent, most);
    assert(!chain.exists(agent.address), 'it never had an account');
});

test('escrow: a service serves nobody for what it could not redeem', async () => {
    const { world, market, post, redeem } = await requests();
    const { chain, client, providers } = world;
    const [provider] = providers;
    const [session, next] = [SessionKey.make(), SessionKey.make()];
    const service = new Service(market, provider);
    const url = await service.listen();
    const paying = (job: Address) => {
        const voucher = vouchersOf(job, market.read(job));
        return async (units: bigint, key = session) => {
            const signature = Buffer.from(key.sign(voucher(units))).toString('base64');
            return (await request(url, `${job} ${units} ${signature}`)).status;
        };
    };
    // The key is said to be of another scheme, so that no voucher of it counts.
    const other = await post(0n, provider.authority.address, session, 10n, escrow.SCHEME_P256_EVEN);
    await market.start(provider, other);
    assert.equal(await paying(other)(1n), 402);

    const job = await post(1n, provider.authority.address, session, 10n);
    await market.start(provider, job);
    const pay = paying(job);
    assert.deepEqual([await pay(1n), await pay(2n)], [200, 200]);
    // A new key does not begin again from the first unit.
    const { haltClock } = market.funding;
    const replacement = { sessionKey: next.bytes, sessionScheme: escrow.SCHEME_ED25519 };
    await chain.send(escrow.getReplaceSessionKeyInstruction({ client, job, haltClock, ...replacement }));
    await chain.send(...redeem(job, provider, service.last(job)));
    service.forget(job);
    assert.deepEqual([await pay(1n, next), await pay(3n), await pay(3n, next)], [402, 402, 200]);
    // Nor does the service go on when the time is over.
    chain.advance(3_600n);
    assert.equal(await pay(4n, next), 402);
    service.close();
    connections.destroy();
});
