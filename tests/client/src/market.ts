// A market of `escrow`, as its operator, clients and providers use it.
import assert from 'node:assert/strict';
import { type Address, type Instruction, type KeyPairSigner, address } from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { Chain, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { bme, escrow, stake } from './programs';

export const NOBODY = address('11111111111111111111111111111111');
export const EVERYTHING = 2n ** 64n - 1n;
export const systemProgram = SYSTEM_PROGRAM_ADDRESS;
export const stakeProgram = stake.JOULE_STAKE_PROGRAM_ADDRESS;
export const bytes = (of: number) => new Uint8Array(32).fill(of);

// #region terms
/** A cent a second, for a provider that the client names and that stands for it with ten tokens. */
export const usualTerms: escrow.TermsArgs = {
    price: 10_000n,
    bond: 10n * TOKEN,
    minStake: 0n,
    arbiter: NOBODY,
    feeTo: NOBODY,
    allowed: new Uint8Array(32),
    minDuration: 10,
    maxDuration: 86_400,
    waitWindow: 3_600,
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

/** A client with credits and tokens, three providers with stake, and `escrow` as the network's spender and slasher. */
export async function start(elves: [string, Address][] = []) {
    const chain = await Chain.start(elves);
    const [client, first, second, third] = [await chain.user(), await chain.user(), await chain.user(), await chain.user()];
    const [network, accounts] = await Network.create(chain, [client, first, second, third]);
    const [source, ...theirs] = accounts as [Address, Address, Address, Address];
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
    const providers = [await join(first, theirs[0]!), await join(second, theirs[1]!), await join(third, theirs[2]!)] as const;
    const [workShard] = await bme.findWorkShardPda({ network: network.address, index: 0 });
    return { chain, network, client, source, creditAccount, pool, escrowAuthority, spender, slasher, providers, workShard };
}

export type World = Awaited<ReturnType<typeof start>>;
export type Provider = World['providers'][number];

/** A market, and what its users send. */
export class Market {
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
        assert.equal(event(created, 'marketChanged').terms.price, terms.price);
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

    async post(nonce: bigint, more: Partial<escrow.PostJobAsyncInput> = {}, before: Instruction[] = []): Promise<Address> {
        const { chain, client } = this.world;
        const { holding, terms } = this;
        const [payer, market] = [chain.payer, this.address];
        const { version } = chain.read<escrow.Market>(market);
        const ways = { provider: NOBODY, definitions: [], ...more };
        // #region post-job
        await chain.send(
            ...before, // what makes the job's account, where it lies elsewhere than at its number
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

    /** What locks a provider's bond. */
    async bonding(by: Provider, job: Address) {
        const { slasher, escrowAuthority } = this.world;
        return { bond: await this.bondOf(by, job), slasher, escrowAuthority, stakeProgram, systemProgram };
    }

    /** What a provider stands in, and locks where the terms ask for it. */
    async standing(by: Provider, job: Address) {
        const staked = { pool: this.world.pool.address, provider: by.provider };
        return this.terms.bond === 0n ? staked : { ...staked, ...(await this.bonding(by, job)) };
    }

    async start(by: Provider, job: Address, queued?: { queue: Address; jobs: Address[]; hashesAndPostings: Uint8Array }) {
        const [{ chain, pool }, { network }] = [this.world, this.holding];
        const { posting } = this.read(job);
        const { authority: providerAuthority, provider } = by;
        const asked = { place: 0, hashes: 0, hashesAndPostings: new Uint8Array(), ...queued };
        const staked = { pool: pool.address, provider };
        if (this.terms.bond === 0n) {
            // #region start-job
            await chain.send(
                escrow.getStartJobInstruction({
                    providerAuthority,
                    job,
                    network,
                    ...staked, // { pool, provider }
                    posting,
                    ...asked, // { place: 0, hashes: 0, hashesAndPostings: [] } where all may work
                }),
            );
            // #endregion
            return;
        }
        const standing = { ...staked, ...(await this.bonding(by, job)) };
        // #region start-bonded
        await chain.send(
            escrow.getStartJobWithBondInstruction({
                providerAuthority,
                job,
                network,
                ...standing, // { pool, provider, bond, slasher, escrowAuthority, stakeProgram, systemProgram }
                posting,
                ...asked,
            }),
        );
        // #endregion
    }

    async bid(by: Provider, job: Address, price: bigint, beaten?: Provider) {
        const { posting } = this.read(job);
        const [{ chain, pool }, { network }] = [this.world, this.holding];
        const bidder = { providerAuthority: by.authority, pool: pool.address, provider: by.provider };
        if (this.terms.bond === 0n || beaten === by) {
            // #region bid-job
            await chain.send(
                escrow.getBidJobInstruction({ ...bidder, job, network, posting, price, place: 0, hashes: [] }),
            );
            // #endregion
            return;
        }
        const bonding = await this.bonding(by, job);
        const before = beaten && {
            beatenProvider: beaten.provider,
            beatenBond: await this.bondOf(beaten, job),
            beatenPayer: beaten.authority.address,
        };
        // #region bid-bonded
        const bid = { ...bidder, job, network, posting, price, place: 0, hashes: [] };
        await chain.send(
            escrow.getBidJobWithBondInstruction({
                ...bid,
                ...bonding, // { bond, slasher, escrowAuthority, stakeProgram, systemProgram }
                ...before, // { beatenProvider, beatenBond, beatenPayer } where there is a bid to beat
            }),
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
