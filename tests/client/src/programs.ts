// The four programs, as their IDLs describe them: what an indexer needs to read whatever they write.
import { readFileSync } from 'node:fs';
import { type Address, type ReadonlyUint8Array, getBase16Decoder } from '@solana/kit';
import * as bme from '../generated/bme/src/generated';
import * as escrow from '../generated/escrow/src/generated';
import * as identity from '../generated/identity/src/generated';
import * as stake from '../generated/stake/src/generated';

export { bme, escrow, identity, stake };

type Named = { name: string };
type Discriminated = Named & {
    discriminators: { kind: string; size?: number; constant?: { value: { data: string } } }[];
};
type Idl = {
    name: string;
    publicKey: Address;
    instructions: (Named & { arguments: { defaultValue?: { number: number } }[] })[];
    accounts: Discriminated[];
    events: Discriminated[];
    errors: (Named & { code: number; message: string })[];
    constants: (Named & { value: { number: number } })[];
};
type Codec = { decode(bytes: ReadonlyUint8Array): Record<string, unknown>; encode(value: unknown): ReadonlyUint8Array };

/** Something that a program wrote, decoded. */
export type Decoded = { program: string; name: string; value: any };

const hex = getBase16Decoder();
const pascal = (name: string) => name[0]!.toUpperCase() + name.slice(1);

export class Program {
    readonly idl: Idl;
    readonly address: Address;
    private readonly errorMessage: (code: number) => string;

    constructor(
        readonly name: string,
        readonly client: Record<string, any>,
    ) {
        this.idl = JSON.parse(readFileSync(`../../idl/${name}.json`, 'utf8')).program;
        this.address = this.idl.publicKey;
        this.errorMessage = client[`get${pascal(this.idl.name)}ErrorMessage`];
    }

    /** Which instruction the data are of. */
    instruction(data: ReadonlyUint8Array): string {
        const name = this.client[`${pascal(this.idl.name)}Instruction`];
        return name[this.client[`identify${pascal(this.idl.name)}Instruction`](data)];
    }

    account(data: ReadonlyUint8Array): Decoded {
        return this.decode(this.idl.accounts, '', data);
    }

    event(data: ReadonlyUint8Array): Decoded {
        return this.decode(this.idl.events, 'Event', data);
    }

    /** What an error of the program says, by the client; the IDL says the same. */
    error(code: number): Named & { code: number; message: string } {
        const error = this.idl.errors.find((error) => error.code === code);
        if (!error || this.errorMessage(code) !== error.message) throw new Error(`${this.name}: error ${code}?`);
        return error;
    }

    // #region decode
    /** By kind and size; written again, it must be the same bytes. */
    private decode(kinds: Discriminated[], suffix: string, data: ReadonlyUint8Array): Decoded {
        const first = hex.decode(data.slice(0, 2));
        const kind = kinds.find(({ discriminators }) =>
            discriminators.every(({ constant, size }) => (constant ? constant.value.data === first : size === data.length)),
        );
        if (!kind) throw new Error(`${this.name}: ${data.length} bytes that begin with ${first}?`);
        const codec: Codec = this.client[`get${pascal(kind.name)}${suffix}Codec`]();
        const value = codec.decode(data);
        if (hex.decode(codec.encode(value)) !== hex.decode(data)) {
            throw new Error(`${this.name}: ${kind.name} is written otherwise than it was read`);
        }
        return { program: this.name, name: kind.name, value };
    }
    // #endregion
}

export const programs = [
    new Program('bme', bme),
    new Program('stake', stake),
    new Program('escrow', escrow),
    new Program('identity', identity),
];

export function programAt(address: Address): Program | undefined {
    return programs.find((program) => program.address === address);
}

/** A constant of a program. */
export function constant(program: string, name: string): number {
    return programs.find((one) => one.name === program)!.idl.constants.find((one) => one.name === name)!.value.number;
}
