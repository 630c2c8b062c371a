// The four programs by the client that the package has, held to their IDLs: a client's user has the package alone.
import { readFileSync } from 'node:fs';
import { type Address, type ReadonlyUint8Array, getBase16Decoder, getBase64Decoder } from '@solana/kit';
import { type Decoded, type Program as Client, eventsOf as eventsInLogs, programs as clients } from 'joule-client';

export { type Accounts, type Decoded, type Events, bme, escrow, identity, stake } from 'joule-client';

type Named = { name: string };
type Idl = {
    name: string;
    publicKey: Address;
    instructions: Named[];
    accounts: Named[];
    events: Named[];
    errors: (Named & { code: number; message: string })[];
    constants: (Named & { value: { number: number } })[];
};

const hex = getBase16Decoder();

export class Program {
    readonly idl: Idl;
    readonly address: Address;
    readonly name: string;

    constructor(private readonly client: Client) {
        ({ name: this.name, address: this.address } = client);
        this.idl = JSON.parse(readFileSync(`../../idl/${this.name}.json`, 'utf8')).program;
    }

    /** The name of the instruction that the data encodes. */
    instruction(data: ReadonlyUint8Array): string {
        return this.client.instruction(data)!;
    }

    account(data: ReadonlyUint8Array): Decoded {
        const decoded = this.client.account(data);
        if (hex.decode(this.encode(decoded, '')) !== hex.decode(data)) {
            throw new Error(`${this.name}: ${decoded.name} was encoded to other bytes than it was decoded from`);
        }
        return decoded;
    }

    encode({ name, value }: Decoded, suffix: 'Event' | ''): ReadonlyUint8Array {
        return this.client.codec(`${name}${suffix}`).encode(value);
    }

    /** The error with this code. The client and the IDL must give it the same message. */
    error(code: number): Named & { code: number; message: string } {
        const error = this.idl.errors.find((error) => error.code === code);
        if (!error || this.client.error(code)?.message !== error.message) {
            throw new Error(`${this.name}: error ${code} differs from the IDL`);
        }
        return error;
    }
}

export const programs = clients.map((client) => new Program(client));

export function programAt(address: Address): Program | undefined {
    return programs.find((program) => program.address === address);
}

/** The events in a log. The decoded values must encode to the same bytes. */
export function eventsOf(logs: string[]): Decoded[] {
    const events = eventsInLogs(logs);
    for (const event of events) {
        const program = programs.find(({ name }) => name === event.program)!;
        const line = `Program data: ${getBase64Decoder().decode(program.encode(event, 'Event'))}`;
        if (!logs.includes(line)) throw new Error(`${event.program}: ${event.name} was encoded to other bytes`);
    }
    return events;
}

/** A constant of a program, from its IDL. */
export function constant(program: string, name: string): number {
    return programs.find((one) => one.name === program)!.idl.constants.find((one) => one.name === name)!.value.number;
}
