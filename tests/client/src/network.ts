// A network operator's part: a token, a price, a network with two shards.
import { type Address, type KeyPairSigner, address } from '@solana/kit';
import { Chain, TOKEN } from './chain';
import { bme } from './programs';

export const PYTH_RECEIVER = address('rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ');
const FEED = new Uint8Array(32).fill(0xfe);
const NOBODY = address('11111111111111111111111111111111');

/** A price account in Pyth's bytes: two dollars and a half, give or take a cent. */
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

    /** A network; each of the `holders` gets a token account with 1,000 tokens. */
    static async create(chain: Chain, holders: KeyPairSigner[]): Promise<[Network, Address[]]> {
        const [mintAuthority, authority, guardian] = [await chain.user(), await chain.user(), await chain.user()];
        const mint = await chain.mint(mintAuthority);
        const accounts = [];
        for (const holder of holders) {
            const account = await chain.tokenAccount(mint, holder.address);
            await chain.mintTo(mint, mintAuthority, account, 1_000n * TOKEN);
            accounts.push(account);
        }
        const stakers = await chain.tokenAccount(mint, authority.address);
        const treasury = await chain.tokenAccount(mint, authority.address);
        // #region policy
        const policy: bme.PolicyArgs = {
            guardian: guardian.address,
            stakers,
            treasury,
            priceReceiver: PYTH_RECEIVER,
            priceAccount: NOBODY,
            feedId: FEED,
            initialEmission: 1_000n * TOKEN,
            maxSupply: 1_000_000_000n * TOKEN,
            remintCap: 0n,
            breakerTokens: 0n,
            epochDuration: 86_400,
            decayStep: 365,
            maxPriceAge: 60,
            breakerWindow: 86_400,
            changeDelay: 7_200,
            rootDelay: 3_600,
            decay: 5_000,
            maxConfidence: 200,
            providersShare: 7_000,
            stakersShare: 2_000,
            payout: 0,
            band: 5_000,
            averageSpeed: 1_000,
            breakerShare: 0,
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
                starts: chain.now(),
                policy,
            }),
        );
        for (const shard of [0, 1]) {
            await chain.send(await bme.getAddShardInstructionAsync({ payer: chain.payer, authority, mint, shard }));
        }
        // #endregion
        await self.publishPrice();
        return [self, accounts];
    }

    async publishPrice() {
        this.chain.put(this.price, PYTH_RECEIVER, priceUpdate(this.chain.now()));
        const { chain, address: network, price } = this;
        // #region publish-price
        await chain.send(bme.getUpdateAverageInstruction({ network, priceUpdate: price }));
        // #endregion
    }

    /** An account with credits for `tokens`. */
    async buyCredits(buyer: KeyPairSigner, source: Address, tokens: bigint) {
        const { chain, address: network, mint, price: priceUpdate } = this;
        const [creditAccount] = await bme.findCreditAccountPda({ network, owner: buyer.address });
        if (!chain.exists(creditAccount)) {
            await chain.send(
                await bme.getOpenCreditAccountInstructionAsync({ payer: chain.payer, network, owner: buyer.address }),
            );
        }
        // #region buy-credits
        const receipt = await chain.send(
            await bme.getBuyCreditsInstructionAsync({
                buyer,
                source,
                mint,
                priceUpdate,
                burnShardIndex: 0,
                tokens,
                minCredits: 1n,
            }),
        );
        // #endregion
        return { creditAccount, receipt };
    }

    async addSpender(spenderAuthority: Address): Promise<Address> {
        const { chain, authority, address: network } = this;
        await chain.send(
            await bme.getAddSpenderInstructionAsync({ payer: chain.payer, authority, network, spenderAuthority, limit: 0n }),
        );
        const [spender] = await bme.findSpenderPda({ network, authority: spenderAuthority });
        return spender;
    }

    async openProviderWork(provider: Address): Promise<Address> {
        const { chain, address: network } = this;
        await chain.send(await bme.getOpenProviderWorkInstructionAsync({ payer: chain.payer, network, provider }));
        const [work] = await bme.findProviderWorkPda({ network, provider });
        return work;
    }
}
