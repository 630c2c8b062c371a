// Clients, providers and keepers of `escrow`'s jobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address } from '@solana/kit';
import { Chain, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { bme, escrow, stake } from './programs';

/** A client with credits, a provider with stake, and a market of a cent a second with a bond of 10 tokens. */
async function start() {
    const chain = await Chain.start();
    const [client, providerAuthority] = [await chain.user(), await chain.user()];
    const [network, [source, theirs]] = (await Network.create(chain, [client, providerAuthority])) as any;
    const { creditAccount } = await network.buyCredits(client, source, 100n * TOKEN);
    const pool = await Pool.create(chain, network);
    const provider = await pool.register(providerAuthority);
    await pool.delegate(providerAuthority, provider, theirs, 100n * TOKEN);
    const providerWork = await network.openProviderWork(providerAuthority.address);
    const [escrowAuthority] = await escrow.findAuthorityPda({ network: network.address });
    const spender = await network.addSpender(escrowAuthority);
    const slasher = await pool.addSlasher(escrowAuthority);
    const payer = chain.payer;
    // #region create-market
    await chain.send(
        await escrow.getCreateMarketInstructionAsync({
            payer,
            authority: network.authority,
            network: network.address,
            pool: pool.address,
            spender,
            escrowAuthority,
            id: 3n,
            terms: {
                price: 10_000n,
                bond: 10n * TOKEN,
                minDuration: 10,
                maxDuration: 86_400,
                startWindow: 300,
                class: 0,
            },
        }),
    );
    // #endregion
    const [market] = await escrow.findMarketPda({ network: network.address, id: 3n });
    const ours = { network: network.address, creditAccount, spender, escrowAuthority };
    const post = async (nonce: bigint): Promise<Address> => {
        await chain.send(
            // #region post-job
            await escrow.getPostJobInstructionAsync({
                payer,
                client,
                ...ours,
                market,
                nonce,
                provider: providerAuthority.address,
                definition: new Uint8Array(32).fill(1),
                duration: 100,
            }),
            // #endregion
        );
        return (await escrow.findJobPda({ client: client.address, nonce }))[0];
    };
    const [workShard] = await bme.findWorkShardPda({ network: network.address, index: 0 });
    return { chain, client, providerAuthority, provider, pool, providerWork, workShard, slasher, ours, post, rentReceiver: payer.address };
}

test('escrow: a job is posted, started, metered, finished and closed', async () => {
    const { chain, client, providerAuthority, provider, pool, providerWork, workShard, slasher, ours, post, rentReceiver } =
        await start();
    const job = await post(0n);
    const read = () => chain.read<escrow.Job>(job);
    assert.equal(read().state, escrow.JOB_STATE_POSTED);
    assert.equal(read().deposit, 1_000_000n);
    assert.equal(read().client, client.address);
    const [bond] = await stake.findBondPda({ provider, job });
    const { network, escrowAuthority, creditAccount, spender } = ours;
    const { posting } = read();
    // #region start-job
    const starting = { providerAuthority, job, network, pool: pool.address, provider, bond, slasher, escrowAuthority, posting };
    await chain.send(escrow.getStartJobInstruction(starting));
    // #endregion
    chain.pass(30n);
    // #region settle-job
    const settle = { job, network, creditAccount, providerWork, workShard, spender, escrowAuthority };
    const settled = await chain.send(escrow.getSettleJobInstruction(settle));
    // #endregion
    assert.equal(event(settled, 'creditsConsumed').amount, 300_000n);
    chain.pass(10n);
    const result = new Uint8Array(32).fill(2);
    const finish = { ...settle, provider, bond, slasher, bondPayer: providerAuthority.address, result };
    await chain.fails(
        escrow.JOULE_ESCROW_ERROR__RESULT_BY_PROVIDER_ONLY,
        escrow.getFinishJobInstruction({ ...finish, caller: client }),
    );
    // #region finish-job
    await chain.send(escrow.getFinishJobInstruction({ ...finish, caller: providerAuthority }));
    // #endregion
    const { state, deposit, paid, refunded, held } = read();
    assert.deepEqual(
        [state, deposit, paid, refunded, held],
        [escrow.JOB_STATE_FINISHED, 1_000_000n, 400_000n, 600_000n, 0n],
    );
    await chain.send(escrow.getCloseJobInstruction({ job, rentReceiver }));
    assert(!chain.exists(job));
});

test('escrow: a job that nobody starts is taken back', async () => {
    const { chain, client: caller, ours, post } = await start();
    const job = await post(0n);
    const { creditAccount, spender, escrowAuthority } = ours;
    await chain.send(escrow.getCancelJobInstruction({ caller, job, creditAccount, spender, escrowAuthority }));
    assert.equal(chain.read<escrow.Job>(job).refunded, 1_000_000n);
});
