// The size of a transaction in each format, and the formats that it fits into.
import {
    type Address,
    type Instruction,
    type KeyPairSigner,
    address,
    appendTransactionMessageInstructions,
    blockhash,
    compileTransaction,
    compressTransactionMessageUsingAddressLookupTables,
    createTransactionMessage,
    getTransactionEncoder,
    isSignerRole,
    pipe,
    setTransactionMessageConfig,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';

/** Accounts, and bytes in each format, signatures included. */
export type Sizes = { accounts: number; legacy: number; table: number; v1: number };

/** The limits that version 1 transactions set here. */
export const V1_LIMITS = { computeUnitLimit: 1_400_000, loadedAccountsDataSizeLimit: 1 << 24 };

/** Most bytes of a transaction, by version. A legacy transaction has the limit of version 0. */
export const LIMIT = [1_232, 4_096] as const;
const MAX_ACCOUNTS = 64;
const TABLE = address('AddressLookupTab1e1111111111111111111111111');
const lifetime = { blockhash: blockhash('11111111111111111111111111111111'), lastValidBlockHeight: 0n };

/** The lookup table holds `shared`, or whatever does not sign. */
export function sizes(payer: KeyPairSigner, instructions: Instruction[], shared?: Address[]): Sizes {
    const bytes = (message: any) => getTransactionEncoder().encode(compileTransaction(message)).length;
    const message = <V extends 'legacy' | 0 | 1>(version: V) =>
        pipe(
            createTransactionMessage({ version: version as 0 }),
            (message) => setTransactionMessageFeePayerSigner(payer, message),
            (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
            (message) => appendTransactionMessageInstructions(instructions, message),
        );
    const metas = instructions.flatMap(({ accounts }) => accounts ?? []);
    const looked = metas.filter(({ role, address }) => !isSignerRole(role) && (shared?.includes(address) ?? true));
    const inTable = [...new Set(looked.map(({ address }) => address))];
    const addresses = new Set<Address>([payer.address, ...metas.map(({ address }) => address)]);
    instructions.forEach(({ programAddress }) => addresses.add(programAddress));
    return {
        accounts: addresses.size,
        legacy: bytes(message('legacy')),
        table: bytes(compressTransactionMessageUsingAddressLookupTables(message(0), { [TABLE]: inTable })),
        // The header has the limits: no compute budget instruction is needed.
        v1: bytes(setTransactionMessageConfig(V1_LIMITS, message(1) as any)),
    };
}

function fits({ accounts, legacy, table, v1 }: Sizes): string {
    if (accounts <= MAX_ACCOUNTS && legacy <= LIMIT[0]) return 'legacy, v0, v1';
    const others = [];
    if (accounts <= MAX_ACCOUNTS && table <= LIMIT[0]) others.push('v0 with a table');
    if (accounts <= MAX_ACCOUNTS && v1 <= LIMIT[1]) others.push('v1');
    return others.join(', ') || 'none';
}

/** The text of the golden table: one row for each name. */
export function table(rows: Map<string, Sizes & { units?: bigint }>, compiler: string): string {
    const line = ([name, row]: [string, Sizes & { units?: bigint }]) =>
        `| ${name} | ${row.accounts} | ${row.legacy} | ${row.table} | ${row.v1} | ${row.units ?? ''} | ${fits(row)} |`;
    return `# Transactions

Compiler: ${compiler}

Each row is one instruction alone in a transaction, as \`scripts/client\` sends it. Accounts include programs and the fee
payer. Bytes include signatures, the fee payer's among them. Compute units are those of all programs together.

A legacy or v0 transaction has at most ${LIMIT[0].toLocaleString('en')} bytes, a v1 transaction ${LIMIT[1].toLocaleString('en')}. Each names at most ${MAX_ACCOUNTS} accounts.
A v0 transaction without a lookup table is two bytes longer than a legacy one. "v0 with a table": the lookup table holds
every account that does not sign; where a row names a table of the tree's, what is the same for all machines of the tree.

| instruction | accounts | legacy | v0 with a table | v1 | compute units | fits |
|---|---:|---:|---:|---:|---:|---|
${[...rows].map(line).join('\n')}
`;
}
