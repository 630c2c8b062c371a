// A stake pool of a network, as its operator, providers and delegators use it.
import { type Address, type KeyPairSigner } from '@solana/kit';
import { type Chain, DAY, TOKEN } from './chain';
import { type Network } from './network';
import { stake } from './programs';

const day = Number(DAY);

// #region rules
/** A week to leave, a day to object to a slash, at most half of a provider's stake at once. */
export const rules = (): stake.PoolPolicyArgs => ({
    minSelfStake: 0n,
    unbonding: 7 * day,
    rewardPeriod: 7 * day,
    commissionDelay: 3 * day,
    slashDelay: day,
    slashExpiry: 7 * day,
    slashWindow: 30 * day,
    jail: 2 * day,
    maxCommission: 10_000,
    maxCommissionStep: 2_000,
    slashLimitReached: 5_000,
    slashBurned: 2_500,
});
// #endregion

export class Pool {
    private constructor(
        readonly chain: Chain,
        readonly network: Network,
        readonly address: Address,
    ) {}

    static async create(chain: Chain, network: Network): Promise<Pool> {
        const { mint, authority, treasury } = network;
        // #region create-pool
        await chain.send(
            await stake.getCreatePoolInstructionAsync({
                payer: chain.payer,
                authority,
                network: network.address,
                mint,
                treasury,
                rules: rules(),
            }),
        );
        // #endregion
        const [address] = await stake.findPoolPda({ network: network.address, mint });
        return new Pool(chain, network, address);
    }

    async register(authority: KeyPairSigner): Promise<Address> {
        const payer = this.chain.payer;
        // #region register-provider
        await this.chain.send(
            await stake.getRegisterProviderInstructionAsync({ payer, authority, pool: this.address, commission: 1_000 }),
        );
        // #endregion
        return (await stake.findProviderPda({ pool: this.address, authority: authority.address }))[0];
    }

    async delegate(owner: KeyPairSigner, provider: Address, source: Address, amount: bigint): Promise<Address> {
        const { chain, network } = this;
        const [delegation] = await stake.findDelegationPda({ provider, owner: owner.address });
        if (!chain.exists(delegation)) {
            await chain.send(
                await stake.getOpenDelegationInstructionAsync({ payer: chain.payer, owner: owner.address, provider }),
            );
        }
        if (amount > 0n) {
            // #region stake
            const from = { owner, network: network.address, mint: network.mint, provider, source, amount };
            await chain.send(await stake.getStakeInstructionAsync(from));
            // #endregion
        }
        return delegation;
    }

    async addSlasher(slasherAuthority: Address): Promise<Address> {
        const { chain, network, address: pool } = this;
        await chain.send(
            await stake.getAddSlasherInstructionAsync({
                payer: chain.payer,
                authority: network.authority,
                network: network.address,
                pool,
                slasherAuthority,
                rights: stake.RIGHTS_ALL,
                limit: 1_000n * TOKEN,
            }),
        );
        return (await stake.findSlasherPda({ pool, authority: slasherAuthority }))[0];
    }
}
