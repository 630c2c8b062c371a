// What a client signs for the units that it used, and what verifies that on chain.
import { type KeyObject, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { type Address, type Instruction, address } from '@solana/kit';
import { escrow } from './programs';

// #region voucher
const DOMAIN = new TextEncoder().encode('joule voucher 1\0');

/** Vouchers of a job that has its provider, by their units: all since the start. The session key signs their 136 bytes. */
export function vouchersOf(job: Address, { chain, postingId, provider }: escrow.Job): (units: bigint) => Uint8Array {
    const program = escrow.JOULE_ESCROW_PROGRAM_ADDRESS;
    const fields = { domain: DOMAIN, program, chain, job, postingId, provider, units: 0n };
    const bytes = new Uint8Array(escrow.getVoucherEncoder().encode(fields));
    return (units) => {
        const voucher = bytes.slice();
        new DataView(voucher.buffer).setBigUint64(voucher.length - 8, units, true); // the last field
        return voucher;
    };
}
// #endregion

// #region session-key
/** A key that signs vouchers of one job, and nothing else. */
export class SessionKey {
    private constructor(
        private readonly secret: KeyObject,
        /** As `PostUsageJob` takes it, with the scheme `SCHEME_ED25519`. */
        readonly bytes: Uint8Array,
    ) {}

    static make(): SessionKey {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        return new SessionKey(privateKey, Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'));
    }

    sign(bytes: Uint8Array): Uint8Array {
        return sign(null, bytes, this.secret);
    }
}
// #endregion

// #region verifier
/** What verifies signatures of a job's session key, off chain. */
export function verifier(key: Uint8Array): (bytes: Uint8Array, signature: Uint8Array) => boolean {
    const x = Buffer.from(key).toString('base64url');
    const open = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return (bytes, signature) => verify(null, bytes, open, signature);
}
// #endregion

// #region verify-instruction
const [START, OFFSETS, KEY, SIGNATURE] = [2, 14, 32, 64];
const HERE = 0xffff; // this very instruction

export type Signed = { key: Uint8Array; signature: Uint8Array; bytes: Uint8Array };

/** The instruction of the Ed25519 program that verifies vouchers, laid out as `RedeemVoucher` takes it. */
export function verifyInstruction(vouchers: Signed[]): Instruction {
    const sizes = vouchers.map(({ bytes }) => KEY + SIGNATURE + bytes.length);
    const data = new Uint8Array(sizes.reduce((sum, size) => sum + OFFSETS + size, START));
    const view = new DataView(data.buffer);
    data[0] = vouchers.length;
    let place = START + OFFSETS * vouchers.length;
    vouchers.forEach(({ key, signature, bytes }, number) => {
        const [atSignature, atMessage] = [place + KEY, place + KEY + SIGNATURE];
        const offsets = [atSignature, HERE, place, HERE, atMessage, bytes.length, HERE];
        offsets.forEach((offset, field) => view.setUint16(START + OFFSETS * number + 2 * field, offset, true));
        data.set(key, place);
        data.set(signature, atSignature);
        data.set(bytes, atMessage);
        place = atMessage + bytes.length;
    });
    return { programAddress: address('Ed25519SigVerify111111111111111111111111111'), data };
}
// #endregion
