/** The four programs, as their IDLs describe them: what they wrote, decoded by what it is. */
import { type Address, type Codec, type Decoder, type ReadonlyUint8Array, getBase16Decoder, getBase64Encoder } from '@solana/kit';
import * as bme from './bme/index.js';
import { description as aboutBme } from './bme/description.js';
import * as escrow from './escrow/index.js';
import { description as aboutEscrow } from './escrow/description.js';
import * as identity from './identity/index.js';
import { description as aboutIdentity } from './identity/description.js';
import * as stake from './stake/index.js';
import { description as aboutStake } from './stake/description.js';

/** How an account or an event is told from the others. */
export type Layout = {
    name: string;
    /** Discriminator and version, in hexadecimal. */
    firstBytes: string;
    /** Bytes; an account that grows has none. */
    size?: number;
};

/** A program's accounts, events, instructions and errors by what tells them apart. */
export type Description = {
    name: string;
    address: Address;
    accounts: Layout[];
    events: Layout[];
    instructions: { name: string; discriminator: number }[];
    errors: { code: number; name: string; message: string }[];
};

/** An account or an event that a program wrote. */
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

/** One of the four programs. */
export class Program {
    readonly name: string;
    readonly address: Address;

    constructor(
        readonly description: Description,
        private readonly client: Record<string, any>,
    ) {
        ({ name: this.name, address: this.address } = description);
    }

    /** The name of the instruction that the data encodes. */
    instruction(data: ReadonlyUint8Array): string | undefined {
        return this.description.instructions.find(({ discriminator }) => discriminator === data[0])?.name;
    }

    /** An account, by its data. Throws if this version knows no such account. */
    account(data: ReadonlyUint8Array): Decoded {
        return this.decode(this.description.accounts, '', data);
    }

    /** An event, by its data. Throws if this version knows no such event. */
    event(data: ReadonlyUint8Array): Decoded {
        return this.decode(this.description.events, 'Event', data);
    }

    /** The error with this number. */
    error(code: number): Description['errors'][number] | undefined {
        return this.description.errors.find((error) => error.code === code);
    }

    /** The codec of an account, or with `Event` behind its name of an event. */
    codec(name: string): Codec<any> {
        return this.client[`get${pascal(name)}Codec`]();
    }

    // #region decode
    /** Finds the type by discriminator, version and size. */
    private decode(types: Layout[], suffix: string, data: ReadonlyUint8Array): Decoded {
        const first = hex.decode(data.slice(0, 2)); // discriminator and version
        const type = types.find(({ firstBytes, size }) => first.startsWith(firstBytes) && (size ?? data.length) === data.length);
        if (!type) throw new Error(`${this.name}: no type has ${data.length} bytes that begin with ${first}`);
        return { program: this.name, name: type.name, value: this.codec(`${type.name}${suffix}`).decode(data) };
    }
    // #endregion
}

/** In the order of their error numbers. */
export const programs: readonly Program[] = [
    new Program(aboutBme, bme),
    new Program(aboutStake, stake),
    new Program(aboutEscrow, escrow),
    new Program(aboutIdentity, identity),
];

/** The program at this address, if it is one of the four. */
export function programAt(address: Address | string): Program | undefined {
    return programs.find((program) => program.address === address);
}

// #region events-of
/** Our programs' events in a transaction's logs. A line belongs to the program that was running when it was logged. */
export function eventsOf(logs: readonly string[]): Decoded[] {
    const running: string[] = []; // the call stack
    const events: Decoded[] = [];
    for (const line of logs) {
        const [, id, step] = /^Program (\w+) (invoke|success|failed)/.exec(line) ?? [];
        if (step === 'invoke') running.push(id!);
        else if (step) running.pop();
        else if (line.startsWith('Program data: ')) {
            const program = programAt(running.at(-1) ?? '');
            const [data] = line.slice('Program data: '.length).split(' ');
            if (program) events.push(program.event(getBase64Encoder().encode(data!)));
        }
    }
    return events;
}
// #endregion
