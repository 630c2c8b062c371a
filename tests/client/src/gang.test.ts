// Gangs of `escrow`: one job on several machines, all or none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { NONE, TOKEN, event } from './chain';
import { Market, NO_LIMIT, type Provider, dummyHash, stakeProgram, start, systemProgram } from './market';
import { escrow, stake } from './programs';

test('escrow: a gang works while it is whole, and a substitute joins it', async () => {
    const world = await start();
    const { chain, client, providers, pool, slasher, escrowAuthority } = world;
    const market = await Market.create(world, 30n, {
        matching: escrow.MATCHING_GANG, // or a sum with others
        heartbeatInterval: 60,
        minDuration: 60,
        failurePenalty: 5_000, // half of the bond, burned
    });
    const { funding, terms } = market;
    const price = BigInt(terms.price as bigint);
    const { network, spender, haltClock } = funding;
    const { termsVersion } = chain.read<escrow.Market>(market.address);
    const { payer } = chain;
    const postGang = async (number: bigint): Promise<Address> => {
        // #region post-gang
        await chain.send(
            await escrow.getPostGangInstructionAsync({
                payer,
                client,
                market: market.address,
                network,
                number, // of which this client has no other gang
                termsVersion,
                price, // of a second of each member
                duration: 600,
                size: 2, // 2 to 64
                owner: NONE, // or of all members' nodes, where the terms ask for a class
                site: new Uint8Array(32), // or where all of them stand, likewise
            }),
        );
        const [gang] = await escrow.findGangPda({ client: client.address, number });
        // #endregion
        return gang;
    };
    const gang = await postGang(0n);
    const post = async (nonce: bigint): Promise<Address> => {
        const definition = dummyHash(1);
        // #region post-places
        const place = { payer, client, gang, market: market.address, ...funding, systemProgram, nonce, definition };
        // Up to as many in one transaction as fit: `definitions` has one for each more, and they are remaining accounts.
        await chain.send(await escrow.getPostPlacesInstructionAsync({ ...place, definitions: [] }));
        // #endregion
        return await market.jobAt(nonce);
    };
    const [lost, kept] = [await post(0n), await post(1n)];
    const read = () => chain.read<escrow.Gang>(gang);
    assert.deepEqual([read().posted, read().state], [2, escrow.GANG_STATE_FILLING]);

    const join = async (by: Provider, job: Address) => {
        const bondAccounts = await market.bondAccounts(by, job);
        const staked = { pool: pool.address, provider: by.provider };
        const { authority: providerAuthority } = by;
        const { postingId } = market.read(job);
        // #region join-gang
        const accounts = { providerAuthority, gang, job, network, ...staked, ...bondAccounts, spender };
        const joined = await chain.send(
            escrow.getJoinGangInstruction({ ...accounts, postingId, allowedIndex: 0, proof: [] }),
        );
        // #endregion
        return event(joined, 'escrow.gangMoved');
    };
    const { mint } = world.network;
    const [vault] = await stake.findVaultPda({ pool: pool.address });
    const settlement = async (by: Provider, job: Address) => {
        const bond = await market.bondOf(by, job);
        const bondAccounts = { bond, bondPayer: payer.address, slasher, escrowAuthority, stakeProgram };
        // What is seized is burned: the mint receives it.
        const seizure = { pool: pool.address, vault, receiver: mint, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS };
        return { provider: by.provider, ...bondAccounts, ...seizure };
    };
    const [first, second, third] = providers;
    await join(third, lost);
    {
        const { authority: providerAuthority } = third;
        const settled = await settlement(third, lost);
        // #region leave-gang
        const left = await chain.send(escrow.getLeaveGangInstruction({ providerAuthority, gang, job: lost, ...settled }));
        // #endregion
        // Ten seconds of ten minutes.
        assert.equal(event(left, 'stake.bondSeized').amount, (10n * TOKEN + 59n) / 60n);
    }
    assert.equal((await join(first, lost)).state, escrow.GANG_STATE_FILLING);
    assert.equal((await join(second, kept)).state, escrow.GANG_STATE_RUNNING);

    const beat = async ({ authority: providerAuthority }: Provider, job: Address) => {
        // #region heartbeat-member
        await chain.send(escrow.getHeartbeatMemberInstruction({ providerAuthority, gang, job }));
        // #endregion
    };
    for (let minute = 0; minute < 4; minute++) {
        chain.advance(60n);
        await beat(second, kept);
    }
    const someone = await chain.user();
    // #region stop-gang
    // With the job of a member that is silent: anyone. Without a job: its client, or anyone after the deadline.
    const stop = escrow.getStopGangInstruction({ caller: someone, gang, job: lost, haltClock, spender });
    // #endregion
    const broken = event(await chain.send(stop), 'escrow.gangMoved');
    assert.deepEqual([broken.state, broken.joined], [escrow.GANG_STATE_BROKEN, 1]);

    const settle = async (by: Provider, job: Address) => {
        const payment = market.payment(by);
        // #region settle-member
        const settled = escrow.getSettleMemberInstruction({ caller: someone, gang, job, ...payment, maxAmount: NO_LIMIT });
        // #endregion
        await chain.send(settled);
        return market.read(job);
    };
    const failed = await settle(first, lost);
    assert.deepEqual([failed.earned, failed.outcome], [60n * price, escrow.OUTCOME_FAILED]);
    const bond = escrow.getSettleBondInstruction({ job: lost, ...(await settlement(first, lost)) });
    assert.equal(event(await chain.send(bond), 'stake.bondSeized').amount, 5n * TOKEN);

    // A substitute, for the time that is left.
    const substitute = await post(2n);
    assert.equal(market.read(substitute).duration, 360);
    chain.advance(100n);
    await beat(second, kept); // also while the clock stands
    const again = await join(third, substitute);
    assert.deepEqual([again.state, again.stood], [escrow.GANG_STATE_RUNNING, 100n]);
    for (let minute = 1; minute < 6; minute++) {
        chain.advance(60n);
        await beat(second, kept);
        await beat(third, substitute);
    }
    chain.advance(60n); // its time is over
    assert.equal((await settle(second, kept)).earned, 600n * price);
    const last = await settle(third, substitute);
    assert.deepEqual([last.earned, last.outcome], [360n * price, escrow.OUTCOME_DELIVERED]);
    // #region close-gang
    await chain.send(escrow.getCloseGangInstruction({ gang, rentReceiver: payer.address }));
    // #endregion
    assert(!chain.exists(gang));
});
