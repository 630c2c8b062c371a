// A stake pool of a network, as the network's operator, providers and delegators use it.
import { type Address, type KeyPairSigner } from '@solana/kit';
import { type Chain, TOKEN } from './chain';
import { type Network } from './network';
import { stake } from './programs';

// #region pool-policy
const day = 86_400; // seconds
export const poolPolicy: stake.PoolPolicyArgs = {
    minSelfStake: 0n, // a provider's own stake, to take jobs
    minSlash: TOKEN, // least that a slasher may propose to take
    unbondingPeriod: 7 * day, // stake that leaves can still be slashed
    rewardPeriod: 7 * day, // rewards arrive evenly over this time
    commissionDelay: 3 * day, // before a new commission counts
    maxCommission: 10_000,
    maxCommissionStep: 2_000, // most that one change moves it
    slashDelay: day, // the network can veto a proposed slash
    slashExecutionWindow: 7 * day, // after that, anyone can execute it
    slashWindow: 30 * day,
    slashLimit: 5_000, // most that may be proposed in a slash window: half of a provider's stake
    slashBurnedShare: 2_500, // the treasury gets the rest
    jailPeriod: 2 * day,
    standingPeriod: 0, // how long own stake must have been there before it counts; at least one second
};
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
                mint, // of the token to stake
                treasury, // receives what is slashed and not burned
                policy: poolPolicy,
            }),
        );
        // #endregion
        const [pool] = await stake.findPoolPda({ network: network.address, mint });
        return new Pool(chain, network, pool);
    }

    async register(authority: KeyPairSigner): Promise<Address> {
        const { chain, address: pool } = this;
        // #region register-provider
        await chain.send(
            await stake.getRegisterProviderInstructionAsync({
                payer: chain.payer,
                authority, // the key that runs the provider
                pool,
                commission: 1_000, // 10 % of the delegators' rewards
            }),
        );
        // #endregion
        return (await stake.findProviderPda({ pool, authority: authority.address }))[0];
    }

    async delegate(owner: KeyPairSigner, provider: Address, source: Address, amount: bigint): Promise<Address> {
        const { chain } = this;
        const { address: network, mint } = this.network;
        const [delegation] = await stake.findDelegationPda({ provider, owner: owner.address });
        if (!chain.exists(delegation)) {
            // #region open-delegation
            await chain.send(
                await stake.getOpenDelegationInstructionAsync({ payer: chain.payer, owner: owner.address, provider }),
            );
            // #endregion
        }
        if (amount > 0n) {
            // #region stake
            // `source` is a token account of the owner.
            await chain.send(
                await stake.getStakeInstructionAsync({ owner, network, provider, mint, source, amount }),
            );
            // #endregion
        }
        return delegation;
    }

    async addSlasher(slasherAuthority: Address): Promise<Address> {
        const { chain, address: pool } = this;
        const { address: network, authority } = this.network;
        // #region add-slasher
        await chain.send(
            await stake.getAddSlasherInstructionAsync({
                payer: chain.payer,
                authority,
                network,
                pool,
                slasherAuthority,
                rights: stake.RIGHTS_ALL, // lock and seize bonds, propose slashes, report jobs
                windowLimit: 1_000n * TOKEN, // most that it may propose to slash in a slash window
                slashShare: 2_500, // and of one provider's stake; all slashers' together: at most the policy's `slashLimit`
            }),
        );
        // #endregion
        return (await stake.findSlasherPda({ pool, authority: slasherAuthority }))[0];
    }
}
