// A network's registry in `identity`, as those who mint, own, operate and attest its machines use it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { keccak_256 } from '@noble/hashes/sha3.js';
import {
    type Address,
    type Instruction,
    type KeyPairSigner,
    AccountRole,
    addEncoderSizePrefix,
    address,
    getAddressDecoder,
    getAddressEncoder,
    getBooleanEncoder,
    getProgramDerivedAddress,
    getStructEncoder,
    getU16Encoder,
    getU32Encoder,
    getU64Encoder,
    getU8Encoder,
    getUtf8Encoder,
} from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { Chain, DAY, NONE, TOKEN, event, measured } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { bme, identity, stake } from './programs';
import { sizes } from './transactions';

const BUBBLEGUM = address('BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY');
const COMPRESSION = address('cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK');
const LOG_WRAPPER = address('noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV');
const DEPTH = 3;
const BUFFER = 8;

/** A made-up hash of a machine's hardware and serial numbers. */
const specification = (of: number) => new Uint8Array(32).fill(of);
const keccak = (...parts: Uint8Array[]) => keccak_256(Buffer.concat(parts));
const bytesOf = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;

/** Bubblegum's `MetadataArgs`, without creators, collection or uses. */
function metadata(name: string): Uint8Array {
    const text = addEncoderSizePrefix(getUtf8Encoder(), getU32Encoder());
    const encoder = getStructEncoder([
        ['name', text],
        ['symbol', text],
        ['uri', text],
        ['sellerFee', getU16Encoder()],
        ['sold', getBooleanEncoder()],
        ['mutable', getBooleanEncoder()],
        ['editionNonce', getU8Encoder()],
        ['tokenStandard', getU16Encoder()],
        ['collection', getU8Encoder()],
        ['uses', getU8Encoder()],
        ['tokenProgramVersion', getU8Encoder()],
        ['creators', getU32Encoder()],
    ]);
    return encoder.encode({
        name,
        symbol: 'NODE',
        uri: 'https://example.org/node.json',
        sellerFee: 0,
        sold: false,
        mutable: false,
        editionNonce: 0,
        tokenStandard: 1, // Some(NonFungible)
        collection: 0,
        uses: 0,
        tokenProgramVersion: 0,
        creators: 0,
    }) as Uint8Array;
}

/** Eight bytes, little-endian. */
const u64 = (value: bigint) => getU64Encoder().encode(value) as Uint8Array;

/** A machine's NFT, with what an indexer of compressed NFTs knows of it. */
type Machine = { asset: Address; nonce: bigint; dataHash: Uint8Array; creatorHash: Uint8Array; owner: KeyPairSigner };

/** The leaves of a tree, from which an indexer computes proofs. */
class Leaves {
    private readonly leaves: Uint8Array[] = Array.from({ length: 1 << DEPTH }, () => new Uint8Array(32));

    set({ asset, nonce, dataHash, creatorHash, owner }: Machine) {
        const [id, ownerBytes] = [bytesOf(asset), bytesOf(owner.address)];
        const parts = [id, ownerBytes, ownerBytes, u64(nonce), dataHash, creatorHash]; // the delegate is the owner
        this.leaves[Number(nonce)] = keccak(Uint8Array.of(1), ...parts);
    }

    /** The arguments and accounts that prove a machine's leaf. */
    proof({ nonce, dataHash, creatorHash }: Machine) {
        const proof: Address[] = [];
        let [level, index] = [this.leaves, Number(nonce)];
        while (level.length > 1) {
            proof.push(getAddressDecoder().decode(level[index ^ 1]!));
            level = level.flatMap((left, i) => (i % 2 === 0 ? [keccak(left, level[i + 1]!)] : []));
            index >>= 1;
        }
        return { root: level[0]!, dataHash, creatorHash, proof };
    }
}

/** A registry with a tree and a class that needs attestations. Each attestor has a bond of 50 tokens. */
async function start() {
    const chain = await Chain.start();
    const [owner, attestor, feeReceiver] = [await chain.user(), await chain.user(), await chain.user()];
    const [network, [tokens]] = await Network.create(chain, [attestor]);
    const pool = await Pool.create(chain, network);
    const provider = await pool.register(attestor);
    await pool.delegate(attestor, provider, tokens!, 100n * TOKEN);
    chain.advance(1n); // stake counts from the next second
    const [payer, authority] = [chain.payer, network.authority];
    const of = { payer, authority, network: network.address };
    // #region create-registry
    const policy: identity.PolicyArgs = {
        minter: authority.address,
        feeReceiver: feeReceiver.address,
        pool: pool.address, // attestors are providers of this pool
        mintFee: 10_000n, // lamports
        attestorBond: 50n * TOKEN, // an attestor's own stake, at least
        maxAttestationPeriod: 5 * 86_400, // seconds
        liabilityPeriod: 2 * 86_400, // after its end an attestation can be punished: both within the unbonding period
    };
    await chain.send(await identity.getCreateRegistryInstructionAsync({ ...of, pool: pool.address, policy }));
    const [registry] = await identity.findRegistryPda({ network: network.address });
    // #endregion
    const slasher = await pool.addSlasher(registry);
    const addClass = async (id: number, threshold: number): Promise<Address> => {
        const gpuModel = new Uint8Array(32);
        gpuModel.set(new TextEncoder().encode('H100 SXM'));
        const region = new Uint8Array(8);
        region.set(new TextEncoder().encode('IS'));
        const document = new Uint8Array(32).fill(0xd0);
        // #region add-class
        const description = {
            gpuModel, // UTF-8, padded with zeros to 32 bytes
            region, // ISO 3166, padded with zeros to 8 bytes; zeros: anywhere
            gpuMemory: 80, // GiB of each GPU
            gpus: 8,
            bandwidth: 3, // a class of bandwidth that the document defines
            document, // SHA-256 of the document that says how all this is measured
        };
        // `threshold`: the sum of attestors' weights that a machine needs; 0: it needs none.
        await chain.send(await identity.getAddClassInstructionAsync({ ...of, description, id, threshold }));
        // #endregion
        return (await identity.findClassPda({ registry, id }))[0];
    };
    const h100 = await addClass(7, 5);

    const tree = await chain.key();
    const merkleTree = tree.address;
    const [treeConfig] = await getProgramDerivedAddress({ programAddress: BUBBLEGUM, seeds: [bytesOf(merkleTree)] });
    // #region create-tree
    const size = 56 + 24 + (BUFFER + 1) * (32 + 32 * DEPTH + 8); // without a canopy
    await chain.send(
        // The System program's CreateAccount: makes an account of the account compression program.
        await chain.create(tree, COMPRESSION, BigInt(size)),
        await identity.getCreateTreeInstructionAsync({
            ...of, // { payer, authority, network }
            merkleTree,
            treeConfig, // derived by Bubblegum
            maxDepth: DEPTH, // 3, for 2^3 machines
            maxBufferSize: BUFFER, // 8: a proof may be as many changes old
            schema: 1, // Bubblegum's
            soulbound: 0,
        }),
    );
    // #endregion
    const leaves = new Leaves();
    const mint = async (nonce: bigint): Promise<Machine> => {
        const content = metadata(`Machine ${nonce}`);
        // #region mint-node
        const minted = await chain.send(
            await identity.getMintNodeInstructionAsync({
                payer,
                minter: authority,
                network: network.address,
                merkleTree,
                treeConfig,
                leafOwner: owner.address,
                leafDelegate: owner.address,
                metadata: content, // Bubblegum's MetadataArgs, in borsh
            }),
        );
        // #endregion
        const seeds = ['asset', bytesOf(merkleTree), u64(nonce)];
        const [asset] = await getProgramDerivedAddress({ programAddress: BUBBLEGUM, seeds });
        assert.equal(getAddressDecoder().decode(minted.returned.slice(0, 32)), asset);
        const dataHash = keccak(keccak(content), getU16Encoder().encode(0) as Uint8Array);
        const machine = { asset, nonce, dataHash, creatorHash: keccak(), owner };
        leaves.set(machine);
        return machine;
    };
    const specificationClaimOf = async (specification: Uint8Array) =>
        (await identity.findSpecificationClaimPda({ registry, specification }))[0];
    const nodeOf = async ({ asset }: Machine) => (await identity.findNodePda({ asset }))[0];
    // Reserves it for the machines' owner, unless it is reserved.
    const reserve = async (specification: Uint8Array) => {
        if (chain.exists(await specificationClaimOf(specification))) return;
        // #region reserve-specification
        const salt = crypto.getRandomValues(new Uint8Array(32)); // keep it until the specification is reserved
        const parts = [Buffer.from('joule-commitment'), bytesOf(registry), specification, bytesOf(owner.address), salt];
        const hash = new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());
        await chain.send(await identity.getCommitSpecificationInstructionAsync({ payer, hash }));
        chain.advance(60n); // at least a minute, at most a day
        const [commitment] = await identity.findCommitmentPda({ hash });
        await chain.send(
            await identity.getReserveSpecificationInstructionAsync({
                payer,
                registry,
                commitment,
                commitmentPayer: payer.address, // paid the commitment's rent
                specification,
                owner: owner.address,
                salt,
            }),
        );
        // #endregion
    };
    const activate = async (machine: Machine, operator: Address, specification: Uint8Array) => {
        await reserve(specification);
        const { asset, nonce } = machine;
        const proof = leaves.proof(machine);
        const specificationClaim = await specificationClaimOf(specification);
        // #region activate-node
        return await identity.getActivateNodeInstructionAsync({
            payer,
            owner, // of the NFT
            leafDelegate: owner.address, // the owner, if the NFT has no delegate
            network: network.address,
            class: h100, // address of the class
            specificationClaim,
            merkleTree,
            asset,
            nonce,
            ...proof, // { root, dataHash, creatorHash, proof }, from an indexer of compressed NFTs
            operator, // the provider's authority
            flags: 0,
        });
        // #endregion
    };
    const [treeRecord] = await identity.findTreePda({ merkleTree });
    return {
        chain, network, of, owner, attestor, provider, pool, slasher, feeReceiver, policy, registry, h100, merkleTree,
        treeConfig, treeRecord, leaves, addClass, mint, activate, reserve, specificationClaimOf, nodeOf,
    };
}

test('identity: a machine is minted, activated and attested', async () => {
    const world = await start();
    const { chain, network, of, owner, attestor, provider, pool, slasher, registry, h100 } = world;
    const { authority } = network;
    const payer = chain.payer;
    const machine = await world.mint(0n);
    const operator = (await chain.key()).address;
    const node = await world.nodeOf(machine);
    const read = () => chain.read<identity.Node>(node);
    await chain.fails(
        identity.JOULE_IDENTITY_ERROR__LEAF_INDEX_OUT_OF_RANGE,
        await world.activate({ ...machine, nonce: 1n }, operator, specification(1)),
    );
    await chain.send(await world.activate(machine, operator, specification(1)));
    assert.deepEqual(
        [read().asset, read().owner, read().operator, read().class, read().status, read().version],
        [machine.asset, owner.address, operator, 7, identity.STATUS_ACTIVE, 1],
    );

    chain.advance(1n); // stake does not count in the second in which it came
    // #region add-attestor
    const who = { attestor: attestor.address, provider }; // the attestor's own provider in the policy's pool
    await chain.send(await identity.getAddAttestorInstructionAsync({ ...of, ...who, weight: 5 }));
    // #endregion
    const statementOf = async (expiresAt: bigint) =>
        (await identity.findStatementPda({ node, attestor: 1, expiresAt }))[0];
    const attest = async (expiresAt = chain.now() + 4n * DAY) => {
        const { owner, specification, site } = read();
        const statement = await statementOf(expiresAt);
        // #region attest
        return identity.getAttestInstruction({
            authority: attestor,
            registry,
            class: h100,
            node,
            provider, // of the attestor
            pool: pool.address,
            payer, // of the statement's rent
            statement, // derived from node, attestor and end
            systemProgram: SYSTEM_PROGRAM_ADDRESS,
            evidence: new Uint8Array(32).fill(0xe1), // a hash
            expiresAt,
            attestor: 1, // the attestor's number in the registry
            // What the attestor vouches for, as it saw it:
            classArg: 7,
            owner,
            specification: specification as Uint8Array,
            site: site as Uint8Array, // zeros: it states none
        });
        // #endregion
    };
    assert(read().classExpiresAt < chain.now());
    await chain.send(await attest());
    assert.equal(read().classExpiresAt, chain.now() + 4n * DAY);
    await chain.fails(identity.JOULE_IDENTITY_ERROR__ALREADY_ATTESTED, await attest());
    const attestation = { authority: attestor, registry, class: h100, node, attestor: 1 };
    await chain.send(identity.getWithdrawAttestationInstruction(attestation));
    assert(read().classExpiresAt < chain.now());
    const expiresAt = chain.now() + 5n * DAY;
    await chain.send(await attest(expiresAt));
    // #region refresh
    await chain.send(identity.getRefreshAttestorInstruction({ registry, provider, attestor: 1 }));
    await chain.send(identity.getRefreshNodeInstruction({ registry, class: h100, node }));
    // #endregion
    assert.equal(chain.read<identity.Registry>(registry).attestors[0]!.bonded, 1);

    // The attestor is punished. The machine changes, and its attestations end.
    const proven = { owner, leafDelegate: owner.address, node, merkleTree: world.merkleTree, flags: 0, ...world.leaves.proof(machine) };
    await chain.send(await identity.getSetOperatorInstructionAsync({ ...proven, operator: owner.address }));
    assert.equal(read().operator, owner.address);
    // #region punish-attestor
    const [slash] = await stake.findSlashPda({ provider, index: 0n }); // `slashCount` of the provider
    const punish = await identity.getPunishAttestorInstructionAsync({
        ...of,
        statement: await statementOf(expiresAt),
        pool: pool.address,
        slasher,
        provider,
        slash,
        amount: 20n * TOKEN,
        evidence: new Uint8Array(32).fill(0xe2),
        sentence: stake.SENTENCE_FINE,
    });
    // #endregion
    assert.equal(event(await chain.send(punish), 'stake.slashProposed').amount, 20n * TOKEN);
    const strike = { authority, network: network.address, class: h100, node, attestor: 1 };
    await chain.send(identity.getStrikeAttestationInstruction(strike));
    assert(read().classExpiresAt < chain.now());
    await world.reserve(specification(2));
    const changed = {
        ...proven,
        class: h100,
        oldSpecificationClaim: await world.specificationClaimOf(specification(1)),
        specificationClaim: await world.specificationClaimOf(specification(2)),
        site: new Uint8Array(32).fill(0x51), // where it stands, as the network's documents name it
    };
    await chain.send(await identity.getChangeSpecificationInstructionAsync(changed));
    assert.equal(read().version, 2);
    assert.equal(chain.read<identity.SpecificationClaim>(changed.oldSpecificationClaim).owner, owner.address);
    // #region remove-attestor
    await chain.send(
        await identity.getRemoveAttestorInstructionAsync({ authority, network: network.address, attestor: 1 }),
    );
    // #endregion
    await chain.fails(identity.JOULE_IDENTITY_ERROR__UNKNOWN_ATTESTOR, await attest());

    // When their time is over, anyone closes what was said and what was committed to and not revealed.
    await chain.send(await identity.getCommitSpecificationInstructionAsync({ payer, hash: specification(3) }));
    chain.advance(45n * DAY);
    for (const end of [expiresAt, expiresAt - DAY]) {
        const statement = await statementOf(end);
        chain.read<identity.Statement>(statement);
        await chain.send(identity.getCloseStatementInstruction({ statement, payer: payer.address }));
    }
    const [commitment] = await identity.findCommitmentPda({ hash: specification(3) });
    chain.read<identity.Commitment>(commitment);
    await chain.send(identity.getCloseCommitmentInstruction({ commitment, payer: payer.address }));
});

/** A reward root says that a machine earned 100 base units: its owner claims them, and `prove` proves that it is. */
async function claimedByOwner(chain: Chain, network: Network, owner: KeyPairSigner, node: Address, prove: Instruction) {
    const { address, authority, mint } = network;
    const [payer, oracle] = [chain.payer, await chain.user()];
    await chain.send(await bme.getOpenRootsInstructionAsync({ payer, authority, mint }));
    const oracles = Array.from({ length: 16 }, (_, i) => (i === 0 ? oracle.address : NONE));
    await chain.send(await bme.getSetOraclesInstructionAsync({ authority, network: address, oracles, threshold: 1 }));
    chain.advance(7_200n);
    const [oracleSet] = await bme.findOracleSetPda({ network: address });
    await chain.send(bme.getExecuteOraclesInstruction({ oracleSet }));
    // The first epoch gives roots their part.
    chain.advance(DAY);
    await network.publishPrice();
    const workShards = await Promise.all([0, 1].map(async index => (await bme.findWorkShardPda({ network: address, index }))[0]));
    const { stakers, treasury, price: priceUpdate } = network;
    const close = { payer, mint, stakers, treasury, epochArg: 0n, priceUpdate, workShards };
    await chain.send(await bme.getCloseEpochInstructionAsync(close));

    const [previousTotal, total] = [0n, 100n];
    const leaf = Buffer.concat([Uint8Array.of(0), bytesOf(address), bytesOf(node), u64(previousTotal), u64(total)]);
    const root = createHash('sha256').update(leaf).digest();
    const of = { network: address, rewardRootIndex: 0n };
    await chain.send(await bme.getPublishRootInstructionAsync({ payer, oracle, ...of, root, previousTotal, total }));
    chain.advance(3_600n);
    await chain.send(await bme.getActivateRootInstructionAsync(of));
    chain.advance(3_600n);
    await chain.send(await bme.getFundRootsInstructionAsync({ mint, rewardRootIndex: 0n }));
    await chain.send(await bme.getOpenRootClaimInstructionAsync({ payer, network: address, claimant: node }));
    const [rootClaim] = await bme.findRootClaimPda({ network: address, claimant: node });
    const destination = await chain.tokenAccount(mint, owner.address);
    const claim = {
        owner,
        node,
        mint,
        rootClaim,
        destination, // any token account
        root: 0n,
        index: 0,
        previousTotal,
        total,
        proof: [],
    };
    await chain.fails(bme.JOULE_BME_ERROR__NODE_NOT_PROVED, await bme.getClaimNodeRootInstructionAsync(claim));
    // #region claim-node-root
    // `prove`: SyncNode, not more than a minute before. The leaf's claimant is the node.
    await chain.send(prove, await bme.getClaimNodeRootInstructionAsync(claim));
    // #endregion
    assert.equal(chain.tokens(destination), total);
}

test('identity: a machine is sold, suspended, revoked, reinstated and deactivated', async () => {
    const world = await start();
    const { chain, network, owner, h100, merkleTree, treeConfig, treeRecord: tree, leaves } = world;
    const { authority } = network;
    const machine = await world.mint(0n);
    const other = await world.mint(1n);
    await chain.send(await world.activate(machine, owner.address, specification(1)));
    await chain.send(await world.activate(other, owner.address, specification(2)));
    const node = await world.nodeOf(machine);
    const status = () => chain.read<identity.Node>(node).status;

    const buyer = await chain.user();
    const before = leaves.proof(machine);
    const readonly = (address: Address) => ({ address, role: AccountRole.READONLY });
    const transfer: Instruction = {
        programAddress: BUBBLEGUM,
        accounts: [
            readonly(treeConfig),
            { address: owner.address, role: AccountRole.READONLY_SIGNER, signer: owner } as any,
            readonly(owner.address),
            readonly(buyer.address),
            { address: merkleTree, role: AccountRole.WRITABLE },
            ...[LOG_WRAPPER, COMPRESSION, SYSTEM_PROGRAM_ADDRESS, ...before.proof].map(readonly),
        ],
        data: Buffer.concat([
            createHash('sha256').update('global:transfer').digest().subarray(0, 8),
            before.root,
            machine.dataHash,
            machine.creatorHash,
            u64(0n),
            getU32Encoder().encode(0) as Uint8Array,
        ]),
    };
    await chain.send(transfer);
    const sold = { ...machine, owner: buyer };
    leaves.set(sold);
    const proof = leaves.proof(sold);
    // #region leaf
    const leaf = {
        leafDelegate: buyer.address,
        node,
        merkleTree,
        flags: 0,
        ...proof, // { root, dataHash, creatorHash, proof }, from an indexer of compressed NFTs
    };
    // #endregion
    // #region challenge-node
    const challenge = { ...leaf, leafOwner: buyer.address, collection: NONE, isBurned: 0 };
    await chain.send(await identity.getChallengeNodeInstructionAsync(challenge));
    // #endregion
    assert.equal(status(), identity.STATUS_LOST);
    const operator = (await chain.key()).address;
    // #region sync-node
    const sync = { ...leaf, class: h100, operator };
    await chain.send(await identity.getSyncNodeInstructionAsync({ ...sync, owner: buyer }));
    // #endregion
    assert.equal(status(), identity.STATUS_ACTIVE);
    const { owner: now, version } = chain.read<identity.Node>(node);
    assert.deepEqual([now, version], [buyer.address, 2]);
    await claimedByOwner(chain, network, buyer, node, await identity.getSyncNodeInstructionAsync({ ...sync, owner: buyer }));

    const specificationClaim = await world.specificationClaimOf(specification(1));
    const nodePayer = chain.payer.address;
    const specificationClaimPayer = nodePayer;
    const { guardian } = network;
    // #region suspend-node
    await chain.send(identity.getSuspendNodeInstruction({ authority: guardian, network: network.address, node }));
    // #endregion
    assert.equal(status(), identity.STATUS_SUSPENDED);
    // #region deactivate-node
    // `nodePayer` paid the rent of the node. The owner proves that the leaf is still its own, as to sync.
    const leave = { ...leaf, tree, compressionProgram: COMPRESSION, owner: buyer, specificationClaim, nodePayer };
    const deactivate = identity.getDeactivateNodeInstruction(leave);
    // #endregion
    await chain.fails(identity.JOULE_IDENTITY_ERROR__NODE_BLOCKED, deactivate);
    const of = { authority, network: network.address, node, specificationClaim };
    await chain.send(
        identity.getRevokeNodeInstruction({ ...of, specificationClaimPayer, freeSpecification: 0 }),
    );
    assert.equal(chain.read<identity.SpecificationClaim>(specificationClaim).revoked, 1);
    await chain.send(identity.getReinstateNodeInstruction(of));
    assert.equal(status(), identity.STATUS_ACTIVE);
    await chain.send(deactivate);
    assert(!chain.exists(node) && chain.exists(specificationClaim));
    // #region release-specification
    const reserved = { authority: buyer, specificationClaim, payer: specificationClaimPayer }; // paid the claim's rent
    await chain.send(identity.getReleaseSpecificationInstruction(reserved));
    // #endregion
    assert(!chain.exists(specificationClaim));
});

test('identity: a new policy takes effect after the delay, and fees are collected', async () => {
    const world = await start();
    const { chain, network, feeReceiver, policy, registry, treeRecord: tree } = world;
    const operator = { authority: network.authority, network: network.address };
    await world.mint(0n);
    const receiver = feeReceiver.address;
    const lamports = (): bigint => chain.svm.getBalance(receiver)!;
    const before = lamports();
    // #region collect-fees
    await chain.send(identity.getCollectFeesInstruction({ registry, tree, receiver }));
    // #endregion
    assert.equal(lamports(), before + 10_000n);

    const propose = () =>
        identity.getProposePolicyInstructionAsync({ ...operator, pool: policy.pool, policy: { ...policy, mintFee: 20_000n } });
    await chain.send(await propose());
    await chain.send(await identity.getCancelPolicyInstructionAsync({ ...operator, authority: network.guardian }));
    const execute = identity.getExecutePolicyInstruction({ registry });
    await chain.fails(identity.JOULE_IDENTITY_ERROR__NO_CHANGE, execute);
    await chain.send(await propose());
    await chain.fails(identity.JOULE_IDENTITY_ERROR__CHANGE_NOT_READY, execute);
    chain.advance(BigInt(network.policy.changeDelay));
    await chain.send(execute);
    assert.equal(chain.read<identity.Registry>(registry).policy.mintFee, 20_000n);

    const retired = await world.addClass(8, 0);
    await chain.send(await identity.getRetireClassInstructionAsync({ ...operator, class: retired }));
    assert.equal(chain.read<identity.Class>(retired).retired, 1);
});

// Bubblegum of schema 2 is not here: only the sizes of its transactions, for a tree of depth 20 with a canopy of 6.
test('identity: transactions of schema 2 are measured', async () => {
    const { chain, network, registry, h100, merkleTree, treeConfig, treeRecord: tree, owner } = await start();
    const key = async () => (await chain.key()).address;
    const [collection, proof] = [await key(), await Promise.all(Array.from({ length: 14 }, key))];
    const [asset, specificationClaim] = [await key(), await key()];
    const payer = network.authority;
    const programs = {
        compressionProgram: address('mcmt6YrQEMKw8Mw43FmpRLmf7BqRnFMKmAcbxE3xkAW'),
        logWrapper: address('mnoopTCrg4p8ry25e4bcWA9XZjbNjMTfgYVGGEdRsf3'),
    };
    const core = {
        coreSigner: address('CbNY3JiXdXNE9tPNEk1aRZVEkWdj2v7kfJLNQwZZgpXk'),
        coreProgram: address('CoREENxT6tW1HoK8ypY1SxRMZTcVPm7R94rH4PZNhX7d'),
    };
    const of = { payer, network: network.address, registry, tree, merkleTree, treeConfig, collection, ...programs };
    const hash = new Uint8Array(32);
    const leaf = { root: hash, dataHash: hash, creatorHash: hash, flags: 0, proof, leafDelegate: owner.address };
    const control = (action: number, more: Partial<typeof leaf> & Partial<typeof core> = {}) =>
        identity.getControlLeafInstructionAsync({
            ...of,
            ...leaf,
            ...more,
            authority: payer,
            leafOwner: owner.address,
            index: 0,
            action,
        });
    const bind = await control(identity.CONTROL_BIND);
    measured.set('identity.controlLeaf, a proof of 14', sizes(payer, [bind]));
    const burn = await control(identity.CONTROL_BURN, core);
    measured.set('identity.controlLeaf, burns, a proof of 14', sizes(payer, [burn]));
    const mint = await identity.getMintNodeInstructionAsync({
        ...of,
        ...core,
        minter: payer,
        leafOwner: owner.address,
        leafDelegate: owner.address,
        metadata: metadata('H100 SXM #123456'),
    });
    const activate = (more: Partial<typeof leaf> = {}) =>
        identity.getActivateNodeInstructionAsync({
            ...of,
            ...leaf,
            ...more,
            owner,
            class: h100,
            specificationClaim,
            asset,
            nonce: 0n,
            operator: owner.address,
        });
    const all = [mint, bind, await activate()];
    measured.set('identity.mintNode, controlLeaf, activateNode, a proof of 14', sizes(payer, all));
    // With a canopy of 8, another's machine takes one transaction and a table that is made once for each tree.
    const shorter = { proof: proof.slice(2) };
    const fewer = [mint, await control(identity.CONTROL_BIND, shorter), await activate(shorter)];
    const shared = [
        ...[network.address, registry, h100, tree, merkleTree, treeConfig, collection],
        ...[programs.compressionProgram, programs.logWrapper, core.coreSigner, core.coreProgram],
        ...[BUBBLEGUM, SYSTEM_PROGRAM_ADDRESS],
    ];
    const name = "identity.mintNode, controlLeaf, activateNode, a proof of 12, a table of the tree's";
    measured.set(name, sizes(payer, fewer, shared));
});

test('identity: a registry is wound up', async () => {
    const world = await start();
    const { chain, network, registry, h100, merkleTree, treeConfig, treeRecord: tree } = world;
    const of = { authority: network.authority, network: network.address, payer: chain.payer.address };
    await chain.send(await identity.getCloseTreeInstructionAsync({ ...of, tree, merkleTree, treeConfig }));
    const { payer: _, ...operator } = of;
    await chain.send(await identity.getRetireClassInstructionAsync({ ...operator, class: h100 }));
    chain.advance(90n * DAY);
    await chain.send(await identity.getCloseClassInstructionAsync({ ...of, class: h100 }));
    await chain.send(await identity.getCloseRegistryInstructionAsync(of));
    assert(!chain.exists(tree) && !chain.exists(h100) && chain.exists(registry));
});
