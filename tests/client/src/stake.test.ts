// A pool of `stake`, as its providers, delegators, slashers and keepers use it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, type KeyPairSigner, getAddressEncoder, getU64Encoder } from '@solana/kit';
import { getTransferInstruction } from '@solana-program/token';
import { Chain, DAY, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool, poolPolicy } from './pool';
import { stake } from './programs';

/** A provider with 100 tokens of its own and 50 of a delegator, another provider with 10 tokens, and a slasher. */
async function start() {
    const chain = await Chain.start();
    const users = [await chain.user(), await chain.user(), await chain.user(), await chain.user()] as const;
    const [authority, delegator, rival, slasherAuthority] = users;
    const [network, accounts] = await Network.create(chain, [...users]);
    const [own, theirs, rivals] = accounts as [Address, Address, Address];
    const pool = await Pool.create(chain, network);
    const provider = await pool.register(authority);
    const newProvider = await pool.register(rival);
    await pool.delegate(authority, provider, own, 100n * TOKEN);
    const delegation = await pool.delegate(delegator, provider, theirs, 50n * TOKEN);
    await pool.delegate(rival, newProvider, rivals, 10n * TOKEN);
    const slasher = await pool.addSlasher(slasherAuthority.address);
    chain.advance(1n); // stake counts from the next second
    const of = { pool: pool.address, provider };
    const read = () => chain.read<stake.Provider>(provider);
    const rentReceiver = chain.payer.address;
    return { chain, network, pool, of, authority, delegator, rival, slasherAuthority, provider, newProvider, delegation, slasher, theirs, read, rentReceiver };
}

test('stake: a pool has the policy that its network gave it, and counts stake', async () => {
    const { chain, network, pool, provider, delegation, authority, delegator, read } = await start();
    const state = chain.read<stake.Pool>(pool.address);
    assert.equal(state.network, network.address);
    assert.equal(state.treasury, network.treasury);
    const { unbondingPeriod, slashLimit, maxCommissionStep } = state.policy;
    assert.deepEqual([unbondingPeriod, slashLimit, maxCommissionStep], [604_800, 5_000, 2_000]);
    assert.equal(read().own, 100n * TOKEN);
    assert.equal(read().delegated.tokens, 50n * TOKEN);
    assert.equal(read().authority, authority.address);
    assert.equal(read().status, stake.STATUS_ACTIVE);
    assert.equal(chain.read<stake.Delegation>(delegation).owner, delegator.address);
    assert.equal(chain.read<stake.Delegation>(delegation).provider, provider);
});

test('stake: collateral is locked, seized and released', async () => {
    const { chain, network, pool, of, authority, delegator: client, slasherAuthority, provider, slasher, theirs, read, ...theOther } =
        await start();
    const payer = chain.payer;
    const [bondId, job] = [(await chain.key()).address, (await chain.key()).address];
    // #region open-bond
    // `bondId`: any address that this provider has not used for another bond.
    await chain.send(await stake.getOpenBondInstructionAsync({ payer, provider, bondId }));
    const [bond] = await stake.findBondPda({ provider, job: bondId });
    // #endregion
    const lock = {
        payer,
        authority,
        slasherAuthority,
        network: network.address,
        pool: pool.address,
        job,
        client: client.address,
    };
    await chain.fails(
        stake.JOULE_STAKE_ERROR__INSUFFICIENT_STAKE,
        await stake.getLockBondInstructionAsync({ ...lock, bond, amount: 101n * TOKEN }),
    );
    await chain.send(await stake.getLockBondInstructionAsync({ ...lock, bond, amount: 30n * TOKEN }));
    assert.equal(read().bonded, 30n * TOKEN);
    assert.equal(chain.read<stake.Bond>(bond).job, job);
    const before = chain.tokens(theirs);
    const seize = { slasherAuthority, ...of, bond, mint: network.mint };
    await chain.send(
        await stake.getSeizeBondInstructionAsync({ ...seize, amount: 12n * TOKEN, destination: stake.SEIZURE_CLIENT }),
    );
    assert.equal(read().unbonding.tokens, 12n * TOKEN);
    const weight = stake.WHOLE_JOB;
    await chain.send(
        stake.getReportJobInstruction({ slasherAuthority, slasher, provider, job, outcome: stake.OUTCOME_FAILED, weight }),
    );
    assert.equal(read().reputation.failed, 1);
    await chain.send(await stake.getRefreshProviderInstructionAsync(of));
    const release = { slasherAuthority, slasher, provider, rentReceiver: payer.address, outcome: stake.OUTCOME_NONE, weight: 0, reports: [] };
    const released = await chain.send(stake.getReleaseBondInstruction({ ...release, bond }));
    assert.equal(event(released, 'stake.bondReleased').amount, 18n * TOKEN);
    chain.advance(7n * DAY);
    // #region withdraw-seized
    // The client need not sign if `destination` is its associated token account.
    const withdraw = await stake.getWithdrawSeizedInstructionAsync({
        client, // of the job
        ...of, // { pool, provider }
        bond,
        destination: theirs,
        mint: network.mint,
        rentReceiver: payer.address, // paid the rent of the bond's account
    });
    // #endregion
    const paid = await chain.send(withdraw);
    assert.equal(event(paid, 'stake.seizedWithdrawn').tokens, 12n * TOKEN);
    assert.equal(chain.tokens(theirs), before + 12n * TOKEN);
    await chain.send(stake.getCloseBondInstruction({ payer, bond }));
    assert(!chain.exists(bond));

    // Without a reusable bond, the bond is created for the job and closed with it.
    await chain.send(await stake.getLockBondInstructionAsync({ ...lock, amount: TOKEN }));
    const [temporary] = await stake.findBondPda({ provider, job });
    await chain.send(stake.getReleaseBondInstruction({ ...release, bond: temporary }));
    assert(!chain.exists(temporary));

    // One provider's bond replaces another's; the release reports the job's outcome too.
    await chain.send(await stake.getLockBondInstructionAsync({ ...lock, amount: TOKEN }));
    const { rival, newProvider } = theOther;
    const swapped = await chain.send(
        await stake.getSwapBondInstructionAsync({
            ...lock,
            authority: rival,
            bond: (await stake.findBondPda({ provider: newProvider, job }))[0],
            amount: 2n * TOKEN,
            releasedProvider: provider,
            releasedBond: temporary,
            rentReceiver: payer.address,
        }),
    );
    const { amount, releasedAmount } = event(swapped, 'stake.bondSwapped');
    assert.deepEqual([amount, releasedAmount], [2n * TOKEN, TOKEN]);
    const [other] = await stake.findBondPda({ provider: newProvider, job });
    const done = { ...release, provider: newProvider, bond: other, outcome: stake.OUTCOME_DELIVERED, weight };
    await chain.send(stake.getReleaseBondInstruction(done));
    assert.equal(chain.read<stake.Provider>(newProvider).reputation.delivered, 1);

    const { authority: networkAuthority } = network;
    await chain.send(
        await stake.getSetSlasherInstructionAsync({
            authority: networkAuthority,
            network: network.address,
            pool: pool.address,
            slasherAuthority: slasherAuthority.address,
            rights: stake.RIGHTS_REPORT,
            windowLimit: 0n,
            slashShare: 0,
        }),
    );
    assert.equal(chain.read<stake.Slasher>(slasher).rights, stake.RIGHTS_REPORT);
    await chain.fails(
        stake.JOULE_STAKE_ERROR__MISSING_RIGHT,
        await stake.getLockBondInstructionAsync({ ...lock, amount: TOKEN }),
    );
});

test('stake: a delegator unstakes, cancels, unstakes again and withdraws', async () => {
    const { chain, of, network, delegator: owner, delegation, theirs, rentReceiver } = await start();
    // #region unstake
    const unstake = (ticketIndex: bigint) =>
        stake.getUnstakeInstructionAsync({
            payer: chain.payer,
            owner,
            ...of, // { pool, provider }
            ticketIndex, // `ticketCount` of the delegation
            amount: 20n * TOKEN, // or 2n ** 64n - 1n: all of it
        });
    // #endregion
    await chain.send(await unstake(0n));
    await chain.send(await stake.getCancelUnstakeInstructionAsync({ owner, ...of, ticketIndex: 0n, rentReceiver }));
    await chain.send(await unstake(1n));
    const [ticket] = await stake.findTicketPda({ delegation, index: 1n });
    assert.equal(chain.read<stake.UnbondingTicket>(ticket).withdrawableAt, chain.now() + 7n * DAY);
    // #region withdraw
    // The owner need not sign if `destination` is its associated token account: then anyone can pay.
    const withdraw = await stake.getWithdrawInstructionAsync({
        owner,
        ...of,
        ticket,
        destination: theirs,
        mint: network.mint,
        rentReceiver,
    });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__NOT_WITHDRAWABLE, withdraw);
    chain.advance(7n * DAY);
    await chain.send(withdraw);
    assert.equal(chain.tokens(theirs), 970n * TOKEN);

    const passerby = await chain.user();
    const [nothing] = await stake.findDelegationPda({ provider: of.provider, owner: passerby.address });
    await chain.send(
        await stake.getOpenDelegationInstructionAsync({
            payer: chain.payer,
            owner: passerby.address,
            provider: of.provider,
        }),
    );
    await chain.send(await stake.getCloseDelegationInstructionAsync({ owner: passerby.address, ...of, rentReceiver }));
    assert(!chain.exists(nothing));
});

test('stake: who migrates a network stakes for many owners', async () => {
    const { chain, network, provider, delegator, theirs } = await start();
    const owners = [(await chain.key()).address, (await chain.key()).address];
    // #region stake-for
    const delegations: Address[] = [];
    for (const owner of owners) delegations.push((await stake.findDelegationPda({ provider, owner }))[0]);
    const entry = (owner: Address) => [...getAddressEncoder().encode(owner), ...getU64Encoder().encode(TOKEN)];
    await chain.send(
        await stake.getStakeForInstructionAsync({
            payer: chain.payer,
            authority: network.authority,
            funder: delegator, // owner of the tokens in `source`
            network: network.address,
            provider,
            source: theirs,
            mint: network.mint,
            lockPeriod: 365 * 86_400, // 0: no lock
            ownersAndAmounts: owners.map((owner) => Uint8Array.from(entry(owner))),
            delegations,
        }),
    );
    // #endregion
    for (const [place, delegation] of delegations.entries()) {
        const { owner, multiplier } = chain.read<stake.Delegation>(delegation);
        assert.deepEqual([owner, multiplier], [owners[place], 40_000]);
    }
});

test('stake: a delegator moves stake to another provider', async () => {
    const { chain, pool, of, provider, newProvider, delegator: owner, delegation, theirs, rentReceiver } = await start();
    const newDelegation = await pool.delegate(owner, newProvider, theirs, 0n);
    const redelegate = (ticketIndex: bigint) =>
        stake.getRedelegateInstructionAsync({
            payer: chain.payer,
            owner,
            ...of,
            newProvider,
            ticketIndex,
            amount: 10n * TOKEN,
        });
    await chain.send(await redelegate(0n));
    const ticketAt = async (index: bigint) => (await stake.findTicketPda({ delegation, index }))[0];
    chain.advance(7n * DAY);
    const ticket = await ticketAt(0n);
    // #region complete-redelegation
    const move = { pool: pool.address, provider, ticket, newProvider, newDelegation, rentReceiver };
    await chain.send(await stake.getCompleteRedelegationInstructionAsync(move));
    // #endregion
    assert.equal(chain.read<stake.Provider>(newProvider).delegated.tokens, 10n * TOKEN);
    await chain.send(await redelegate(1n));
    const stop = { owner, pool: pool.address, newProvider, ticket: await ticketAt(1n), provider };
    await chain.send(await stake.getStopRedelegationInstructionAsync(stop));
    assert.equal(chain.read<stake.Delegation>(newDelegation).incomingCount, 0);
    await chain.fails(
        stake.JOULE_STAKE_ERROR__WRONG_NEW_DELEGATION,
        await stake.getStopRedelegationInstructionAsync(stop),
    );
});

test('stake: rewards are paid by weight, less the commission', async () => {
    const { chain, network, pool, of, authority, delegator: owner, delegation, theirs, read } = await start();
    const { mint } = network;
    // #region lock-stake
    await chain.send(await stake.getLockStakeInstructionAsync({ owner, ...of, lockPeriod: 73 * 86_400 }));
    // #endregion
    // The multiplier grows evenly from 1 at 14 days to 4 at 365 days.
    assert.equal(chain.read<stake.Delegation>(delegation).multiplier, 15_042);
    const leave = { payer: chain.payer, owner, ...of, ticketIndex: 0n, amount: 1n };
    await chain.fails(stake.JOULE_STAKE_ERROR__LOCKED, await stake.getUnstakeInstructionAsync(leave));

    const fund = { funder: owner, pool: pool.address, source: theirs, mint, amount: 160n * TOKEN };
    await chain.send(await stake.getFundRewardsInstructionAsync(fund));
    // A token account of the pool, to which a network can send the stakers' share of its emission.
    const income = await chain.tokenAccount(mint, pool.address);
    await chain.send(
        getTransferInstruction({ source: theirs, destination: income, authority: owner, amount: 32n * TOKEN }),
    );
    // #region collect-rewards
    const collected = await chain.send(
        await stake.getCollectRewardsInstructionAsync({ pool: pool.address, source: income, mint }),
    );
    // #endregion
    assert.equal(event(collected, 'stake.rewardsFunded').tokens, 32n * TOKEN);
    chain.advance(73n * DAY);
    // #region end-lock
    await chain.send(await stake.getEndLockInstructionAsync({ ...of, delegation }));
    // #endregion
    assert.equal(chain.read<stake.Delegation>(delegation).multiplier, 10_000);

    const before = chain.tokens(theirs);
    // #region claim-rewards
    const claim = { owner, ...of, mint }; // of: { pool, provider }
    const claimed = await chain.send(
        await stake.getClaimRewardsInstructionAsync({ ...claim, destination: theirs }), // any token account
    );
    // #endregion
    assert.equal(chain.tokens(theirs) - before, event(claimed, 'stake.rewardsClaimed').tokens);
    assert(chain.tokens(theirs) > before);
    await chain.fails(
        stake.JOULE_STAKE_ERROR__NO_REWARDS,
        await stake.getClaimRewardsInstructionAsync({ owner, ...of, destination: theirs, mint }),
    );
    const own = read().own;
    const compounded = await chain.send(
        await stake.getCompoundRewardsInstructionAsync({ owner: authority, ...of }),
    );
    assert.equal(read().own - own, event(compounded, 'stake.rewardsClaimed').tokens);
    // #region claim-commission
    const payee = { destination: theirs, mint }; // any token account
    const commission = await chain.send(
        await stake.getClaimCommissionInstructionAsync({ authority, pool: pool.address, ...payee }),
    );
    // #endregion
    assert(event(commission, 'stake.commissionClaimed').tokens > 0n);
    const change = { authority, pool: pool.address };
    await chain.fails(
        stake.JOULE_STAKE_ERROR__COMMISSION_STEP_TOO_LARGE,
        await stake.getSetCommissionInstructionAsync({ ...change, commission: 3_001 }),
    );
    await chain.send(await stake.getSetCommissionInstructionAsync({ ...change, commission: 3_000 }));
    assert.equal(read().nextCommission, 3_000);
});

test('stake: a proposed slash is executed, is vetoed, or expires', async () => {
    const { chain, network, pool, of, authority, slasherAuthority, read, rentReceiver } = await start();
    const propose = (slashIndex: bigint, sentence: number) =>
        stake.getProposeSlashInstructionAsync({
            payer: chain.payer,
            slasherAuthority,
            ...of,
            slashIndex,
            amount: 10n * TOKEN,
            evidence: new Uint8Array(32).fill(9),
            sentence,
        });
    await chain.send(await propose(0n, stake.SENTENCE_JAIL));
    const slashAt = async (index: bigint) => (await stake.findSlashPda({ provider: of.provider, index }))[0];
    const slash = await slashAt(0n);
    assert.deepEqual(chain.read<stake.Slash>(slash).evidence, new Uint8Array(32).fill(9));
    // #region execute-slash
    const execute = await stake.getExecuteSlashInstructionAsync({
        ...of,
        slash,
        rentReceiver,
    });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__SLASH_NOT_EXECUTABLE, execute);
    chain.advance(DAY);
    const slashed = event(await chain.send(execute), 'stake.slashed');
    assert.equal(slashed.own + slashed.delegated + slashed.unbonding, 10n * TOKEN);
    // #region settle-slashed
    const settle = await stake.getSettleSlashedInstructionAsync({
        ...of, // { pool, provider }
        mint: network.mint,
        treasury: network.treasury, // left out: only burns
    });
    // #endregion
    const settled = event(await chain.send(settle), 'stake.slashSettled');
    assert.deepEqual([settled.burned, settled.paid, settled.due], [(10n * TOKEN) / 4n, (10n * TOKEN * 3n) / 4n, 0n]);
    assert.equal(chain.tokens(network.treasury), settled.paid);
    assert.equal(read().status, stake.STATUS_JAILED);
    // #region unjail
    const unjail = await stake.getUnjailInstructionAsync({ authority, pool: pool.address });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__STILL_JAILED, unjail);
    chain.advance(2n * DAY);
    await chain.send(unjail);
    assert.equal(read().status, stake.STATUS_ACTIVE);

    await chain.send(await propose(1n, stake.SENTENCE_FINE));
    const disputed = await slashAt(1n);
    // #region veto-slash
    const veto = { authority: network.guardian, network: network.address, ...of, slash: disputed, rentReceiver };
    const vetoed = await chain.send(stake.getVetoSlashInstruction(veto)); // of: { pool, provider }
    // #endregion
    assert.equal(event(vetoed, 'stake.slashClosed').vetoed, 1n);
    await chain.send(await propose(2n, stake.SENTENCE_TOMBSTONE));
    const { provider } = of;
    const late = await slashAt(2n);
    // #region expire-slash
    const expire = stake.getExpireSlashInstruction({ provider, slash: late, rentReceiver });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__SLASH_NOT_EXPIRED, expire);
    chain.advance(8n * DAY);
    await chain.send(expire);
    assert.equal(read().pendingSlashCount, 0);
});

test('stake: a provider that is closed leaves a stub', async () => {
    const { chain, pool } = await start();
    const authority = await chain.user();
    const provider = await pool.register(authority);
    const rentReceiver = chain.payer.address; // paid the rent of the provider
    // #region close-provider
    // Nothing is behind it: no stake, ticket, bond, delegation or slash.
    const close = await stake.getCloseProviderInstructionAsync({ authority, pool: pool.address, rentReceiver });
    const closed = await chain.send(close);
    // #endregion
    assert.equal(event(closed, 'stake.providerClosed').authority, authority.address);
    assert.equal(chain.read<stake.ProviderStub>(provider).authority, authority.address);
    await pool.register(authority);
    assert.equal(chain.read<stake.Provider>(provider).status, stake.STATUS_ACTIVE);
});

test('stake: a slasher without rights is closed, and a pool in which nobody is left', async () => {
    const chain = await Chain.start();
    const [network] = await Network.create(chain, []);
    const pool = await Pool.create(chain, network);
    const { address: slasherAuthority } = await chain.key();
    const slasher = await pool.addSlasher(slasherAuthority);
    const { authority, mint, treasury } = network;
    const rentReceiver = chain.payer.address; // paid the rent of both
    // #region close-slasher
    const of = { network: network.address, pool: pool.address };
    const rights = { rights: 0, windowLimit: 0n, slashShare: 0 };
    await chain.send(await stake.getSetSlasherInstructionAsync({ authority, ...of, slasherAuthority, ...rights }));
    // Anyone can close it when an unbonding period is over, and the slash window of its last proposal.
    const close = await stake.getCloseSlasherInstructionAsync({ pool: pool.address, slasherAuthority, rentReceiver });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__SLASHER_IN_USE, close);
    chain.advance(7n * DAY);
    // #region close-pool
    const closePool = await stake.getClosePoolInstructionAsync({
        authority,
        network: network.address,
        mint,
        treasury, // gets what is left in the vault; left out if the pool has none: then it is burned
        rentReceiver,
    });
    // #endregion
    await chain.fails(stake.JOULE_STAKE_ERROR__POOL_IN_USE, closePool);
    await chain.send(close);
    assert(!chain.exists(slasher));
    await chain.send(closePool);
    assert(!chain.exists(pool.address));
});

test('stake: a new policy takes effect after the delay', async () => {
    const { chain, network, pool, rentReceiver } = await start();
    const { authority, address, treasury } = network;
    const of = { network: address, pool: pool.address };
    const [policyChange] = await stake.findPolicyChangePda({ pool: pool.address });
    chain.advance(DAY); // the pool is set up
    // #region propose-pool-policy
    const policy = { ...poolPolicy, unbondingPeriod: 14 * 86_400 };
    const propose = () =>
        stake.getProposePolicyInstructionAsync({ payer: chain.payer, authority, ...of, treasury, policy });
    // #endregion
    const proposed = event(await chain.send(await propose()), 'stake.policyProposed');
    // A longer unbonding period is worse for backers: it waits until all could have left, and a day more.
    const wait = BigInt(policy.unbondingPeriod) + DAY;
    assert.equal(proposed.executableAt, chain.now() + wait);
    assert.equal(chain.read<stake.PolicyChange>(policyChange).policy.unbondingPeriod, policy.unbondingPeriod);
    await chain.send(await stake.getCancelPolicyInstructionAsync({ authority, ...of, rentReceiver }));
    assert(!chain.exists(policyChange));

    await chain.send(await propose());
    const execute = await stake.getExecutePolicyInstructionAsync({ pool: pool.address, rentReceiver });
    await chain.fails(stake.JOULE_STAKE_ERROR__CHANGE_NOT_READY, execute);
    chain.advance(wait);
    await chain.send(execute);
    assert.equal(chain.read<stake.Pool>(pool.address).policy.unbondingPeriod, policy.unbondingPeriod);
});
