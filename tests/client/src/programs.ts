// The four programs, as their IDLs describe them: everything that an indexer needs to decode what they write.
import { readFileSync } from 'node:fs';
import { type Address, type Decoder, type ReadonlyUint8Array, getBase16Decoder } from '@solana/kit';
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

/** An account or event that a program wrote, decoded. */
export type Decoded = { program: string; name: string; value: any };

type DecodedBy<F> = F extends () => Decoder<infer T> ? T : never;
type EventsOf<C> = {
    [F in keyof C as F extends `get${infer N}EventDecoder` ? Uncapitalize<N> : never]: DecodedBy<C[F]>;
};
type AccountsOf<C> = {
    [F in keyof C as F extends `decode${infer N}` ? Uncapitalize<N> : never]: F extends `decode${infer N}`
        ? DecodedBy<C[`get${N}Decoder` & keyof C]>
        : never;
};
type Qualified<P extends string, T> = { [N in keyof T & string as `${P}.${N}`]: T[N] };

/** The fields of every event, by qualified name: `Events['bme.creditsBought']`. */
export type Events = Qualified<'bme', EventsOf<typeof bme>> &
    Qualified<'stake', EventsOf<typeof stake>> &
    Qualified<'escrow', EventsOf<typeof escrow>> &
    Qualified<'identity', EventsOf<typeof identity>>;

/** The fields of every account, by qualified name: `Accounts['bme.network']`. */
export type Accounts = Qualified<'bme', AccountsOf<typeof bme>> &
    Qualified<'stake', AccountsOf<typeof stake>> &
    Qualified<'escrow', AccountsOf<typeof escrow>> &
    Qualified<'identity', AccountsOf<typeof identity>>;

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

    /** The name of the instruction that the data encodes. */
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

    /** The error with this code. The client and the IDL must give it the same message. */
    error(code: number): Named & { code: number; message: string } {
        const error = this.idl.errors.find((error) => error.code === code);
        if (!error || this.errorMessage(code) !== error.message) {
            throw new Error(`${this.name}: error ${code} differs from the IDL`);
        }
        return error;
    }

    // #region decode
    /** Finds the type by discriminator, version and size. The decoded value must encode to the same bytes. */
    private decode(types: Discriminated[], suffix: string, data: ReadonlyUint8Array): Decoded {
        const firstBytes = hex.decode(data.slice(0, 2)); // discriminator and version
        const matches = ({ constant, size }: Discriminated['discriminators'][number]) =>
            constant ? constant.value.data === firstBytes : size === data.length;
        const type = types.find(({ discriminators }) => discriminators.every(matches));
        if (!type) throw new Error(`${this.name}: no type has ${data.length} bytes that begin with ${firstBytes}`);
        const codec: Codec = this.client[`get${pascal(type.name)}${suffix}Codec`]();
        const value = codec.decode(data);
        if (hex.decode(codec.encode(value)) !== hex.decode(data)) {
            throw new Error(`${this.name}: ${type.name} was encoded to other bytes than it was decoded from`);
        }
        return { program: this.name, name: type.name, value };
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

/** A constant of a program, from its IDL. */
export function constant(program: string, name: string): number {
    return programs.find((one) => one.name === program)!.idl.constants.find((one) => one.name === name)!.value.number;
}
