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
import { Chain, DAY, NONE, TOKEN, event } from './chain';
import { Network } from './network';
import { Pool } from './pool';
import { identity, stake } from './programs';

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
        maxAttestationPeriod: 90 * 86_400, // seconds
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
            collection: NONE,
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
    const activate = async (machine: Machine, operator: Address, specification: Uint8Array) => {
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
            specification,
            flags: 0,
        });
        // #endregion
    };
    const [treeRecord] = await identity.findTreePda({ merkleTree });
    return {
        chain, network, of, owner, attestor, provider, pool, slasher, feeReceiver, policy, registry, h100, merkleTree,
        treeConfig, treeRecord, leaves, addClass, mint, activate, specificationClaimOf, nodeOf,
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
    const attest = () => {
        const { owner, specification } = read();
        // #region attest
        return identity.getAttestInstruction({
            authority: attestor,
            registry,
            class: h100,
            node,
            provider, // of the attestor
            evidence: new Uint8Array(32).fill(0xe1), // a hash
            expiresAt: chain.now() + 30n * DAY,
            attestor: 1, // the attestor's number in the registry
            // What the attestor vouches for, as it saw it:
            classArg: 7,
            owner,
            specification: specification as Uint8Array,
        });
        // #endregion
    };
    assert(read().classExpiresAt < chain.now());
    await chain.send(attest());
    assert.equal(read().classExpiresAt, chain.now() + 30n * DAY);
    await chain.fails(identity.JOULE_IDENTITY_ERROR__ALREADY_ATTESTED, attest());
    const attestation = { authority: attestor, registry, class: h100, node, attestor: 1 };
    await chain.send(identity.getWithdrawAttestationInstruction(attestation));
    assert(read().classExpiresAt < chain.now());
    await chain.send(attest());
    // #region refresh
    await chain.send(identity.getRefreshAttestorInstruction({ registry, provider, attestor: 1 }));
    await chain.send(identity.getRefreshNodeInstruction({ registry, class: h100, node }));
    // #endregion
    assert.equal(chain.read<identity.Registry>(registry).attestors[0]!.bonded, 1);

    // The attestor is punished. The machine changes, and its attestations end.
    await chain.send(identity.getSetOperatorInstruction({ owner, node, operator: owner.address }));
    assert.equal(read().operator, owner.address);
    // #region punish-attestor
    const [slash] = await stake.findSlashPda({ provider, index: 0n }); // `slashCount` of the provider
    const punish = await identity.getPunishAttestorInstructionAsync({
        ...of,
        class: h100,
        node,
        pool: pool.address,
        slasher,
        provider,
        slash,
        amount: 20n * TOKEN,
        evidence: new Uint8Array(32).fill(0xe2),
        attestor: 1,
        sentence: stake.SENTENCE_FINE,
    });
    // #endregion
    assert.equal(event(await chain.send(punish), 'stake.slashProposed').amount, 20n * TOKEN);
    assert(read().classExpiresAt < chain.now());
    const changed = {
        payer,
        owner,
        class: h100,
        node,
        oldSpecificationClaim: await world.specificationClaimOf(specification(1)),
        specificationClaim: await world.specificationClaimOf(specification(2)),
        specificationClaimPayer: payer.address,
        specification: specification(2),
    };
    await chain.send(identity.getChangeSpecificationInstruction(changed));
    assert.equal(read().version, 2);
    assert(!chain.exists(changed.oldSpecificationClaim));
    // #region remove-attestor
    await chain.send(
        await identity.getRemoveAttestorInstructionAsync({ authority, network: network.address, attestor: 1 }),
    );
    // #endregion
    await chain.fails(identity.JOULE_IDENTITY_ERROR__UNKNOWN_ATTESTOR, attest());
});

test('identity: a machine is sold, suspended, revoked, reinstated and deactivated', async () => {
    const world = await start();
    const { chain, network, owner, h100, merkleTree, treeConfig, leaves } = world;
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
    const challenge = { ...leaf, leafOwner: buyer.address, isBurned: 0 };
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

    const specificationClaim = await world.specificationClaimOf(specification(1));
    const nodePayer = chain.payer.address;
    const specificationClaimPayer = nodePayer;
    const { guardian } = network;
    // #region suspend-node
    await chain.send(identity.getSuspendNodeInstruction({ authority: guardian, network: network.address, node }));
    // #endregion
    assert.equal(status(), identity.STATUS_SUSPENDED);
    // #region deactivate-node
    const payers = { nodePayer, specificationClaimPayer }; // paid the rent of the two accounts
    const deactivate = identity.getDeactivateNodeInstruction({ owner: buyer, node, specificationClaim, ...payers });
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
    assert(!chain.exists(node) && !chain.exists(specificationClaim));
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
