// What the operator of a network sets up: a token, a price account, and a network with two shards.
import { type Address, type KeyPairSigner, address } from '@solana/kit';
import * as token from '@solana-program/token';
import { Chain, NONE, TOKEN } from './chain';
import { bme } from './programs';

/** Pyth's receiver program. */
export const PYTH_RECEIVER = address('rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ');
/** A made-up feed id. */
const FEED = new Uint8Array(32).fill(0xfe);

/** Data of a Pyth price account: 2.50 dollars with a confidence of 0.01; the average price is 2.51, with 0.015. */
function priceUpdate(now: bigint): Uint8Array {
    const bytes = new Uint8Array(134);
    const view = new DataView(bytes.buffer);
    bytes.set([0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd]);
    bytes[40] = 1; // all signatures are verified
    bytes.set(FEED, 41);
    view.setBigInt64(73, 250_000_000n, true);
    view.setBigUint64(81, 1_000_000n, true);
    view.setInt32(89, -8, true);
    view.setBigInt64(93, now, true);
    view.setBigInt64(101, now - 1n, true);
    view.setBigInt64(109, 251_000_000n, true);
    view.setBigUint64(117, 1_500_000n, true);
    return bytes;
}

/** The feed id of a stablecoin. */
export const DOLLAR_FEED = new Uint8Array(32).fill(0xdd);

/** The same of a stablecoin: a dollar. */
export function dollarUpdate(now: bigint): Uint8Array {
    const bytes = priceUpdate(now);
    const view = new DataView(bytes.buffer);
    bytes.set(DOLLAR_FEED, 41);
    for (const [price, confidence] of [[73, 81], [109, 117]] as const) {
        view.setBigInt64(price, 100_000_000n, true);
        view.setBigUint64(confidence, 0n, true);
    }
    return bytes;
}

export class Network {
    private constructor(
        readonly chain: Chain,
        readonly address: Address,
        readonly mint: Address,
        readonly authority: KeyPairSigner,
        readonly guardian: KeyPairSigner,
        readonly stakers: Address,
        readonly treasury: Address,
        readonly price: Address,
        readonly policy: bme.PolicyArgs,
    ) {}

    /** Creates a network. Each of the `holders` gets a token account with 1,000 tokens. */
    static async create(chain: Chain, holders: KeyPairSigner[]): Promise<[Network, Address[]]> {
        const [mintAuthority, authority, guardian] = [await chain.user(), await chain.user(), await chain.user()];
        const mint = await chain.mint(mintAuthority);
        const accounts = [];
        for (const holder of holders) {
            const account = await chain.associatedAccount(mint, holder.address);
            await chain.mintTo(mint, mintAuthority, account, 1_000n * TOKEN);
            accounts.push(account);
        }
        const stakers = await chain.tokenAccount(mint, authority.address);
        const treasury = await chain.tokenAccount(mint, authority.address);
        // #region policy
        const policy: bme.PolicyArgs = {
            guardian: guardian.address, // may pause the network
            stakersTokenAccount: stakers, // receives the stakers' share of each emission
            treasuryTokenAccount: treasury, // receives the treasury's share
            // The price of the token in dollars.
            priceReceiver: PYTH_RECEIVER, // Pyth's receiver program, which owns the price accounts
            priceAccount: NONE, // accept any price account of the feed
            feedId: FEED, // Pyth's 32 bytes for the token's price in dollars
            maxPriceAge: 60,
            maxConfidence: 200, // widest confidence interval, as a share of the price
            maxDeviation: 5_000, // no sale at a price further from the network's own average
            averageSpeed: 1_000, // most that the average moves in an hour
            // The emission of each epoch: at most 1,000 tokens, halved every 365 epochs.
            epochDuration: 86_400,
            initialEmission: 1_000n * TOKEN,
            decayShare: 5_000, // lost at each step
            decayStep: 365, // epochs between two steps
            maxSupply: 1_000_000_000n * TOKEN,
            remintCap: 0n, // burned tokens are never minted again
            remintShare: 0,
            vouched: 0, // and never more than was burned for the work: whoever works for itself gains nothing
            payoutShare: 0, // the emission does not depend on the dollars worked
            // Providers' income, of the dollars worked: no floor, and what is above the payout is not minted.
            payoutFloor: 0,
            surplusToStakers: 0,
            paymentsToReserve: 0, // what is paid for credits is burned
            // One lane, which nobody weighs: 16 numbers.
            laneWeights: [1, ...Array<number>(15).fill(0)],
            laneLimits: Array<bigint>(16).fill(0n), // none
            weigher: NONE,
            laneBand: 0,
            laneSpeed: 0,
            providersShare: 7_000,
            stakersShare: 2_000, // the treasury gets the rest: 10 %
            // Limits of what is minted in a window: none here.
            breakerWindow: 86_400,
            breakerTokens: 0n,
            breakerShare: 0,
            // For work that is measured off chain: this share of the schedule, open for claimants within an hour.
            rootsShare: 1_000,
            rootOpeningPeriod: 3_600,
            // Delays before changes take effect.
            changeDelay: 7_200, // of a new policy
            rootDelay: 3_600, // of a reward root
        };
        // #endregion
        const [network] = await bme.findNetworkPda({ mint });
        const price = (await chain.key()).address;
        const self = new Network(chain, network, mint, authority, guardian, stakers, treasury, price, policy);
        // #region create-network
        await chain.send(
            await bme.getCreateNetworkInstructionAsync({
                payer: chain.payer,
                authority,
                mintAuthority,
                mint,
                stakers,
                treasury,
                startsAt: chain.now(),
                policy,
                source: bme.SOURCE_MINT, // the network mints
            }),
        );
        for (const shard of [0, 1]) {
            await chain.send(await bme.getAddShardInstructionAsync({ payer: chain.payer, authority, mint, shard, lane: 0 }));
        }
        // #endregion
        await self.publishPrice();
        return [self, accounts];
    }

    /** Creates a network of a token that nobody can mint, with a reserve of 1,000 tokens that a founder has. */
    static async createWithReserve(chain: Chain, like: Network): Promise<[Network, Address]> {
        const [mintAuthority, authority] = [await chain.user(), await chain.user()];
        const mint = await chain.mint(mintAuthority);
        const wallet = await chain.tokenAccount(mint, authority.address);
        await chain.mintTo(mint, mintAuthority, wallet, 2_000n * TOKEN);
        await chain.send(
            token.getSetAuthorityInstruction({
                owned: mint,
                owner: mintAuthority,
                authorityType: token.AuthorityType.MintTokens,
                newAuthority: null,
            }),
        );
        const stakers = await chain.tokenAccount(mint, authority.address);
        const treasury = await chain.tokenAccount(mint, authority.address);
        const accounts = { stakersTokenAccount: stakers, treasuryTokenAccount: treasury };
        // #region reserve-network
        // The address depends on the mint and on the authority that creates it: look it up, and pass it everywhere.
        const [network] = await bme.findReserveNetworkPda({ mint, founder: authority.address });
        const [reserveVault] = await bme.findReserveVaultPda({ network });
        const policy: bme.PolicyArgs = {
            ...like.policy,
            ...accounts,
            paymentsToReserve: 1, // 0: what is paid for credits is burned; 1: it goes back to the reserve
        };
        await chain.send(
            await bme.getCreateNetworkInstructionAsync({
                payer: chain.payer,
                authority,
                mintAuthority: authority, // nobody mints; pass who may freeze, if there is one
                mint,
                network,
                reserveVault,
                stakers,
                treasury,
                startsAt: chain.now(),
                policy,
                source: bme.SOURCE_RESERVE,
            }),
        );
        const shard = { payer: chain.payer, authority, mint, network, shard: 0, lane: 0 };
        await chain.send(await bme.getAddShardInstructionAsync(shard));
        // Anyone fills the reserve, at any time, by a plain transfer. Nobody takes anything out but by the policy.
        const amount = 1_000n * TOKEN;
        await chain.send(
            token.getTransferInstruction({ source: wallet, destination: reserveVault, authority, amount }),
        );
        // #endregion
        const self = new Network(chain, network, mint, authority, authority, stakers, treasury, like.price, policy);
        await self.publishPrice();
        return [self, wallet];
    }

    async publishPrice() {
        this.chain.setAccount(this.price, PYTH_RECEIVER, priceUpdate(this.chain.now()));
        const { chain, address: network, price } = this;
        // #region publish-price
        await chain.send(bme.getUpdateAverageInstruction({ network, priceUpdate: price }));
        // #endregion
    }

    /** Buys credits for `tokens`. */
    async buyCredits(buyer: KeyPairSigner, source: Address, tokens: bigint) {
        const { chain, address: network, mint, price: priceUpdate } = this;
        const [creditAccount] = await bme.findCreditAccountPda({ network, owner: buyer.address });
        if (!chain.exists(creditAccount)) {
            // #region open-credit-account
            await chain.send(
                await bme.getOpenCreditAccountInstructionAsync({ payer: chain.payer, network, owner: buyer.address }),
            );
            // #endregion
        }
        // #region buy-credits
        const receipt = await chain.send(
            await bme.getBuyCreditsInstructionAsync({
                buyer,
                network,
                source,
                mint,
                priceUpdate, // Pyth's price account
                burnShardIndex: 0, // any shard of the network
                tokens, // base units
                minCredits: 1n, // fails with `slippage` if the tokens buy fewer
            }),
        );
        // #endregion
        return { creditAccount, receipt };
    }

    async addSpender(spenderAuthority: Address): Promise<Address> {
        const { chain, authority, address: network } = this;
        // #region add-spender
        await chain.send(
            await bme.getAddSpenderInstructionAsync({
                payer: chain.payer,
                authority,
                network,
                spenderAuthority,
                lane: 0, // the part of the network that its jobs are work of
            }),
        );
        // #endregion
        const [spender] = await bme.findSpenderPda({ network, authority: spenderAuthority, lane: 0 });
        return spender;
    }

    async openProviderWork(provider: Address): Promise<Address> {
        const { chain, address: network } = this;
        // #region open-provider-work
        // `provider`: the provider's authority; `lane`: that of the market whose jobs it does.
        await chain.send(
            await bme.getOpenProviderWorkInstructionAsync({ payer: chain.payer, network, provider, lane: 0 }),
        );
        // #endregion
        const [work] = await bme.findProviderWorkPda({ network, provider, lane: 0 });
        return work;
    }
}
