// A market of `escrow`, as its operator, clients and providers use it.
import assert from 'node:assert/strict';
import { type Address, type Instruction, type KeyPairSigner } from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { Chain, NONE, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { bme, escrow, stake } from './programs';

// #region no-limit
/** As `maxAmount`: pay all that is owed. */
export const NO_LIMIT = 2n ** 64n - 1n;
// #endregion
export const systemProgram = SYSTEM_PROGRAM_ADDRESS;
export const stakeProgram = stake.JOULE_STAKE_PROGRAM_ADDRESS;
/** 32 equal bytes, in place of a hash. */
export const dummyHash = (byte: number) => new Uint8Array(32).fill(byte);

// #region terms
/** Metered at a cent a second, paid in credits. The client names the provider, which locks a bond of ten tokens. */
export const usualTerms: escrow.TermsArgs = {
    pricing: escrow.PRICING_METERED, // or PRICING_FIXED
    price: 10_000n, // micro-dollars a second
    isService: 0, // 1: lasts for its whole time; 0: ends with its result
    noticeMinutes: 0, // after which a provider may end a service
    matching: escrow.MATCHING_DIRECT, // or MATCHING_QUEUE, MATCHING_AUCTION, or a sum of them
    minDuration: 10,
    maxDuration: 86_400,
    // Who may work.
    class: 0, // any machine, and no node is needed
    allowedRoot: new Uint8Array(32), // all providers
    minSelfStake: 0n,
    minReliability: 0,
    bondAmount: 10n * TOKEN,
    maxQueueEntries: 0, // of one provider
    // Who decides disputes, and who gets a fee.
    arbiter: NONE,
    feePayee: NONE,
    feeShare: 0,
    // Times. Zero turns off the optional ones.
    waitWindow: 3_600, // for a provider, or for bids
    startWindow: 300,
    heartbeatInterval: 0,
    lateWindow: 0,
    acceptanceWindow: 0,
    arbitrationWindow: 0,
    // Auctions.
    bidExtension: 0,
    bidStep: 0,
    // Service level. Penalties are shares of the pay or of the bond.
    minAvailability: 0,
    shortfallPenalty: 0,
    heartbeatPenalty: 0,
    latePenalty: 0,
    noStartPenalty: 0,
    failurePenalty: 0,
    // If the arbiter does not decide in time.
    defaultPay: 0,
    defaultBondPenalty: 0,
    rejectionStake: 0, // what a client risks by rejecting
    reports: 1, // report outcomes to `stake`: they make up a provider's reliability
    wholeJobFee: 6, // a fee of 10^6 micro-dollars, one dollar, counts as one job there
};
// #endregion

/** A client with credits and tokens, three providers with stake, and `escrow` as the network's spender and slasher. */
export async function start(more: [string, Address][] = []) {
    const chain = await Chain.start(more);
    const [client, first, second, third] = [await chain.user(), await chain.user(), await chain.user(), await chain.user()];
    const [network, accounts] = await Network.create(chain, [client, first, second, third]);
    const [source, ...theirs] = accounts as [Address, Address, Address, Address];
    const { creditAccount } = await network.buyCredits(client, source, 100n * TOKEN);
    const pool = await Pool.create(chain, network);
    // #region escrow-authority
    const [escrowAuthority] = await escrow.findAuthorityPda({ network: network.address });
    // #endregion
    const spender = await network.addSpender(escrowAuthority);
    const slasher = await pool.addSlasher(escrowAuthority);
    const join = async (authority: KeyPairSigner, tokens: Address) => {
        const provider = await pool.register(authority);
        await pool.delegate(authority, provider, tokens, 100n * TOKEN);
        return { authority, tokens, provider, work: await network.openProviderWork(authority.address) };
    };
    const providers = [await join(first, theirs[0]!), await join(second, theirs[1]!), await join(third, theirs[2]!)] as const;
    chain.advance(1n); // stake counts from the next second
    const [workShard] = await bme.findWorkShardPda({ network: network.address, index: 0 });
    return { chain, network, client, source, creditAccount, pool, escrowAuthority, spender, slasher, providers, workShard };
}

export type World = Awaited<ReturnType<typeof start>>;
export type Provider = World['providers'][number];

/** A market, and the instructions of its users. */
export class Market {
    private constructor(
        readonly world: World,
        readonly address: Address,
        readonly terms: escrow.TermsArgs,
        /** The accounts that hold and release the client's funds. */
        readonly funding: {
            network: Address;
            fundingAccount: Address;
            spender?: Address;
            escrowAuthority?: Address;
            bmeProgram?: Address;
            haltClock: Address;
        },
        private readonly mint: Address | undefined,
        private readonly vault: Address | undefined,
    ) {}

    /** Creates a market whose jobs are paid in tokens of `mint`; without it, in credits. */
    static async create(world: World, id: bigint, changes: Partial<escrow.TermsArgs> = {}, mint?: Address): Promise<Market> {
        const { chain, pool, client, creditAccount, spender, escrowAuthority } = world;
        const { address: network, authority } = world.network;
        const terms = { ...usualTerms, ...changes };
        const [deposit] = await escrow.findDepositPda({ client: client.address, mint: mint ?? NONE });
        const [vault] = await escrow.findVaultPda({ deposit });
        const currency = mint ? { mint, tokenProgram: TOKEN_PROGRAM_ADDRESS } : { spender };
        const fee = terms.feePayee === NONE ? {} : { feePayee: terms.feePayee };
        // #region create-market
        const created = await chain.send(
            await escrow.getCreateMarketInstructionAsync({
                payer: chain.payer,
                authority,
                network,
                pool: pool.address,
                ...currency, // { spender } if jobs are paid in credits, else { mint, tokenProgram }
                ...fee, // { feePayee } if the terms name one
                id, // any number that the network has not used for another market
                terms,
                issuerPowers: 0, // of the mint: ISSUER_POWER_FREEZE of USDC
            }),
        );
        // #endregion
        assert.equal(event(created, 'escrow.marketChanged').terms.price, terms.price);
        const [address] = await escrow.findMarketPda({ network, id });
        const bmeProgram = bme.JOULE_BME_PROGRAM_ADDRESS;
        // #region funding
        const inCredits = { network, fundingAccount: creditAccount, spender, escrowAuthority, bmeProgram };
        const inTokens = { network, fundingAccount: deposit };
        const funding = mint ? inTokens : inCredits;
        // #endregion
        const [haltClock] = await escrow.findHaltClockPda(); // needed if somebody is late
        return new Market(world, address, terms, { ...funding, haltClock }, mint, mint && vault);
    }

    /** The accounts that pay a provider. */
    payment({ work, tokens }: Provider) {
        const { spender, escrowAuthority, workShard, creditAccount } = this.world;
        const { network, fundingAccount: deposit } = this.funding;
        // #region payment
        const inCredits = {
            network,
            fundingAccount: creditAccount, // the client's
            payee: work, // the provider's ProviderWork in `bme`
            workShardOrVault: workShard, // any work shard of the market's lane
            spenderOrMint: spender, // the Spender account of `escrow` in `bme`
            escrowAuthority,
            paymentProgram: bme.JOULE_BME_PROGRAM_ADDRESS,
        };
        const inTokens = (mint: Address, vault: Address) => ({
            fundingAccount: deposit, // the client's
            payee: tokens, // the provider's associated token account; if the provider calls, any of its own
            workShardOrVault: vault, // the deposit's vault
            spenderOrMint: mint,
            paymentProgram: TOKEN_PROGRAM_ADDRESS,
        });
        // #endregion
        const { haltClock } = this.funding;
        return { ...(this.mint ? inTokens(this.mint, this.vault!) : inCredits), haltClock };
    }

    read(job: Address): escrow.Job {
        return this.world.chain.read<escrow.Job>(job);
    }

    async jobAt(nonce: bigint): Promise<Address> {
        return (await escrow.findJobPda({ fundingAccount: this.funding.fundingAccount, nonce }))[0];
    }

    async post(nonce: bigint, more: Partial<escrow.PostJobAsyncInput> = {}, before: Instruction[] = []): Promise<Address> {
        const { chain, client } = this.world;
        const { funding, terms, address: market } = this;
        const { termsVersion } = chain.read<escrow.Market>(market);
        const choice = { provider: NONE, definitions: [], ...more };
        // #region post-job
        await chain.send(
            ...before, // an instruction that creates the job's account, if you choose its address; see below
            await escrow.getPostJobInstructionAsync({
                payer: chain.payer,
                client,
                ...funding,
                market,
                systemProgram,
                nonce, // a number of which this client has no other job
                termsVersion, // as read from the market
                price: terms.price,
                definition: dummyHash(1), // hash of the work to do
                duration: 100,
                matching: escrow.MATCHING_DIRECT,
                ...choice, // { provider, definitions: [] }, and { job } if you choose its address
            }),
        );
        // #endregion
        return await this.jobAt(nonce);
    }

    async bondOf({ provider }: Provider, job: Address): Promise<Address> {
        return (await stake.findBondPda({ provider, job }))[0];
    }

    /** The accounts that lock a provider's bond. */
    async bondAccounts(by: Provider, job: Address) {
        const { chain, slasher, escrowAuthority } = this.world;
        const { payer } = chain;
        return { bond: await this.bondOf(by, job), slasher, escrowAuthority, stakeProgram, payer, systemProgram };
    }

    /** The provider's accounts in `stake`, with those that lock a bond if the terms ask for one. */
    async stakeAccounts(by: Provider, job: Address) {
        const staked = { pool: this.world.pool.address, provider: by.provider };
        return this.terms.bondAmount === 0n ? staked : { ...staked, ...(await this.bondAccounts(by, job)) };
    }

    async start(by: Provider, job: Address, queued?: { queue: Address; jobs: Address[]; proofAndPostingIds: Uint8Array; maxJobs: number }) {
        const { chain, pool } = this.world;
        const { network, spender } = this.funding;
        const { postingId } = this.read(job);
        const { authority: providerAuthority, provider } = by;
        const noProof = { allowedIndex: 0, proofLength: 0, proofAndPostingIds: new Uint8Array() };
        if (this.terms.bondAmount === 0n) {
            // #region start-job
            await chain.send(
                escrow.getStartJobInstruction({
                    providerAuthority,
                    job,
                    network,
                    pool: pool.address,
                    provider,
                    spender, // if jobs are paid in credits
                    postingId, // as read from the job
                    ...noProof, // { allowedIndex: 0, proofLength: 0, proofAndPostingIds: [] } if all may work
                    maxJobs: 1,
                    ...queued, // { queue, jobs, proofAndPostingIds, maxJobs } if the job waits in the queue
                }),
            );
            // #endregion
            return;
        }
        const bondAccounts = await this.bondAccounts(by, job);
        // #region start-job-with-bond
        await chain.send(
            escrow.getStartJobWithBondInstruction({
                providerAuthority,
                job,
                network,
                pool: pool.address,
                provider,
                spender,
                ...bondAccounts, // { bond, slasher, escrowAuthority, stakeProgram, payer, systemProgram }
                postingId,
                ...noProof,
                ...queued,
            }),
        );
        // #endregion
    }

    async bid(by: Provider, job: Address, price: bigint, outbid?: Provider) {
        const { chain, pool } = this.world;
        const { network } = this.funding;
        const { postingId } = this.read(job);
        const { authority: providerAuthority, provider } = by;
        const bidder = { providerAuthority, pool: pool.address, provider };
        if (this.terms.bondAmount === 0n || outbid === by) {
            // #region bid-job
            // `bidder`: { providerAuthority, pool, provider }
            const bid = { ...bidder, job, network, postingId, price, allowedIndex: 0, proof: [] };
            await chain.send(escrow.getBidJobInstruction(bid));
            // #endregion
            return;
        }
        const bondAccounts = await this.bondAccounts(by, job);
        const outbidAccounts = outbid && {
            outbidProvider: outbid.provider,
            outbidBond: await this.bondOf(outbid, job),
            outbidPayer: chain.payer.address,
        };
        // #region bid-job-with-bond
        const bid = { ...bidder, job, network, postingId, price, allowedIndex: 0, proof: [] };
        await chain.send(
            escrow.getBidJobWithBondInstruction({
                ...bid,
                ...bondAccounts, // { bond, slasher, escrowAuthority, stakeProgram, payer, systemProgram }
                ...outbidAccounts, // { outbidProvider, outbidBond, outbidPayer } if there is a bid already
            }),
        );
        // #endregion
    }

    /** Settles a job's bond with `stake`; the client's part goes to the client's token account. */
    async settleBond(by: Provider, job: Address) {
        const { chain, network, pool, slasher, escrowAuthority, source } = this.world;
        const { provider } = by;
        const bond = await this.bondOf(by, job);
        const [vault] = await stake.findVaultPda({ pool: pool.address });
        const bondPayer = chain.payer.address;
        const { mint } = network;
        // #region settle-bond
        const seizure = { pool: pool.address, vault, receiver: source, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
        const settled = await chain.send(
            escrow.getSettleBondInstruction({
                job,
                provider,
                slasher,
                escrowAuthority,
                stakeProgram,
                bond,
                bondPayer, // paid the rent of the bond's account
                ...seizure, // if `bondToSeize` of the job is not zero; `receiver`: a token account of the client
            }),
        );
        // #endregion
        return settled;
    }
}
