// A manufacturer and an owner of machines in `identity`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keccak_256 } from '@noble/hashes/sha3.js';
import {
    type Address,
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
import { Chain } from './chain';
import { Network } from './network';
import { identity } from './programs';

const BUBBLEGUM = address('BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY');
const COMPRESSION = address('cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK');
const DEPTH = 3;
const BUFFER = 8;

const keccak = (...parts: Uint8Array[]) => keccak_256(Buffer.concat(parts));
const bytesOf = (of: Address) => getAddressEncoder().encode(of) as Uint8Array;

/** Bubblegum's `MetadataArgs`, of a machine without creators, collection or uses. */
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
        tokenStandard: 1, // some: non-fungible
        collection: 0,
        uses: 0,
        tokenProgramVersion: 0,
        creators: 0,
    }) as Uint8Array;
}

test('identity: a machine is minted and put into service', async () => {
    const chain = await Chain.start();
    const [network] = await Network.create(chain, []);
    const { authority } = network;
    const payer = chain.payer;
    const of = { payer, authority, network: network.address };
    await chain.send(await identity.getCreateRegistryInstructionAsync(of));
    const [registry] = await identity.findRegistryPda({ network: network.address });

    const tree = await chain.key();
    const size = 56 + 24 + (BUFFER + 1) * (32 + 32 * DEPTH + 8);
    const merkleTree = tree.address;
    const [treeConfig] = await getProgramDerivedAddress({ programAddress: BUBBLEGUM, seeds: [bytesOf(merkleTree)] });
    await chain.send(
        await chain.create(tree, COMPRESSION, BigInt(size)),
        await identity.getCreateTreeInstructionAsync({
            ...of,
            merkleTree,
            treeConfig,
            maxDepth: DEPTH,
            maxBufferSize: BUFFER,
        }),
    );

    const owner = await chain.user();
    const leafOwner = owner.address;
    const minted = await chain.send(
        await identity.getMintNodeInstructionAsync({
            ...of,
            merkleTree,
            treeConfig,
            leafOwner,
            leafDelegate: leafOwner,
            metadata: metadata('Machine 0'),
        }),
    );
    const nonce = getU64Encoder().encode(0n) as Uint8Array;
    const [asset] = await getProgramDerivedAddress({
        programAddress: BUBBLEGUM,
        seeds: ['asset', bytesOf(merkleTree), nonce],
    });
    assert.equal(getAddressDecoder().decode(minted.returned), asset);

    // As an indexer knows the tree: one leaf, and nothing beside it.
    const dataHash = keccak(keccak(metadata('Machine 0')), getU16Encoder().encode(0) as Uint8Array);
    const creatorHash = keccak();
    const id = bytesOf(asset);
    const who = bytesOf(leafOwner);
    let root = keccak(Uint8Array.of(1), id, who, who, nonce, dataHash, creatorHash);
    let empty: Uint8Array = new Uint8Array(32);
    const proof: Address[] = [];
    for (let level = 0; level < DEPTH; level++) {
        proof.push(getAddressDecoder().decode(empty));
        root = keccak(root, empty);
        empty = keccak(empty, empty);
    }
    const operator = (await chain.key()).address;
    const [node] = await identity.findNodePda({ asset });
    const activate = (operator: Address, kind: number) =>
        // #region activate-node
        identity.getActivateNodeInstructionAsync({
            payer,
            owner,
            leafDelegate: leafOwner,
            registry,
            merkleTree,
            node,
            root,
            dataHash,
            creatorHash,
            nonce: 0n,
            index: 0,
            operator,
            specification: new Uint8Array(32).fill(0x5c),
            class: kind,
            proof,
        });
        // #endregion
    await chain.fails(identity.JOULE_IDENTITY_ERROR__INVALID_CLASS, await activate(operator, 0));
    await chain.send(await activate(operator, 7));
    const state = chain.read<identity.Node>(node);
    assert.deepEqual(
        [state.asset, state.owner, state.operator, state.class, state.status],
        [asset, leafOwner, operator, 7, identity.STATUS_ACTIVE],
    );
});
