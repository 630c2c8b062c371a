/** What a failed transaction means: whose error it is, its sentence, and the field that is out of range. */
import { programAt, programs } from './programs.js';

export type Explanation = {
    /** Whose error it is: `bme`, `stake`, `escrow`, `identity`, a program that they call, or an address. */
    program: string;
    code: number;
    /** The error's name; of a program that is not in the list, its number. */
    name: string;
    /** What was wrong, and what to do. */
    message: string;
    /** The parameter that is outside its range, if the program logged it. */
    field?: string;
};

type Sentences = Record<number, [string, string]>;

const TOKEN: Sentences = {
    0: ['notRentExempt', 'the token account does not hold its rent: fund it'],
    1: ['insufficientFunds', 'the token account has too few tokens, or its owner approved too few'],
    3: ['mintMismatch', 'a token account is of another mint'],
    4: ['ownerMismatch', 'a token account belongs to another owner'],
    6: ['alreadyInUse', 'the token account exists already'],
    14: ['overflow', 'the amount does not fit in 64 bits'],
    17: ['accountFrozen', 'a token account is frozen: have it thawed'],
};

/** Programs that Joule's programs call. */
const CALLED: Record<string, [string, Sentences]> = {
    '11111111111111111111111111111111': [
        'System program',
        {
            0: ['accountAlreadyInUse', 'the account to create exists already'],
            1: ['resultWithNegativeLamports', 'the payer has too few lamports for the rent: fund it'],
        },
    ],
    TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: ['Token program', TOKEN],
    TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb: ['Token-2022 program', TOKEN],
    BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY: ['Bubblegum', {}],
    cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK: [
        'account compression',
        { 6001: ['concurrentMerkleTreeError', 'the leaf is not where it is said to be: sold, burned, or an old proof'] },
    ],
};

/** An error of one of the four programs, by its number alone: their ranges do not overlap. */
export function explainCode(code: number): Explanation | undefined {
    for (const program of programs) {
        const error = program.error(code);
        if (error) return { program: program.name, code, name: error.name, message: error.message };
    }
    return undefined;
}

/**
 * What a failed transaction means. Takes its log, or what was thrown when it was sent: any error that has a log or the number of a
 * custom program error in it, or in its cause. An error of a called program ends the whole transaction: the log says whose it is.
 */
export function explain(failure: readonly string[] | unknown): Explanation | undefined {
    if (Array.isArray(failure)) return explainLog(failure);
    let code: number | undefined;
    for (let error: any = failure; error; error = error.cause) {
        const logs = error.context?.logs ?? error.logs;
        const explained = Array.isArray(logs) ? explainLog(logs) : undefined;
        if (explained) return explained;
        code ??= typeof error.context?.code === 'number' ? error.context.code : undefined;
    }
    return code === undefined ? undefined : explainCode(code);
}

function explainLog(logs: readonly string[]): Explanation | undefined {
    // The innermost program fails first; those that called it fail with its number.
    const at = logs.findIndex((line) => /^Program \w+ failed: custom program error: 0x/.test(line));
    if (at < 0) return undefined;
    const [, address, number] = /^Program (\w+) failed: custom program error: 0x([0-9a-f]+)/.exec(logs[at]!)!;
    const code = parseInt(number!, 16);
    const own = programAt(address!);
    if (own) {
        const { name, message } = own.error(code) ?? { name: `${code}`, message: 'unknown to this version of the client' };
        const field = fieldBefore(logs, at);
        return { program: own.name, code, name, message, ...(field === undefined ? {} : { field }) };
    }
    const [program, sentences] = CALLED[address!] ?? [address!, {} as Sentences];
    const [name, message] = sentences[code] ?? [`${code}`, `an error of this program: see its documentation`];
    return { program, code, name, message };
}

/** The line is the last that the program logs; the runtime's own, such as of compute units, may follow. */
function fieldBefore(logs: readonly string[], at: number): string | undefined {
    for (let index = at - 1; index >= 0; index--) {
        const field = /^Program log: out of range: (\w+)$/.exec(logs[index]!)?.[1];
        if (field) return field;
        if (/^Program \w+ (invoke|success)/.test(logs[index]!)) return undefined;
    }
    return undefined;
}
