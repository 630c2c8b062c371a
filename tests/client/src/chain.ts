// A chain in this process (LiteSVM), and what an off-chain service keeps of each transaction.
import assert from 'node:assert/strict';
import {
    type Address,
    type Instruction,
    type KeyPairSigner,
    AccountRole,
    address,
    appendTransactionMessageInstructions,
    createKeyPairSignerFromPrivateKeyBytes,
    createTransactionMessage,
    getTransactionEncoder,
    lamports,
    pipe,
    prependTransactionMessageInstruction,
    setTransactionMessageConfig,
    setTransactionMessageFeePayerSigner,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import { type Decoded, type Events, type Program, eventsOf, programAt, programs } from './programs';
import { LIMIT, type Sizes, V1_LIMITS, sizes } from './transactions';

// #region constants
/** Seconds. */
export const DAY = 86_400n;
/** Base units of one token: all mints here have 9 decimals. */
export const TOKEN = 1_000_000_000n;
/** Means "no address": the System program's address, 32 zero bytes. */
export const NONE = address('11111111111111111111111111111111');
// #endregion

const ELFS = '../../target/deploy';
/** The programs that ours call. */
const THIRD_PARTY_PROGRAMS: [string, string][] = [
    ['mpl_bubblegum', 'BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY'],
    ['spl_account_compression', 'cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK'],
    ['spl_noop', 'noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV'],
];
const COMPUTE_UNIT_LIMIT = {
    programAddress: address('ComputeBudget111111111111111111111111111111'),
    data: Uint8Array.of(2, 0xc0, 0x5c, 0x15, 0), // 1,400,000
};
/** Compute units of the instruction that sets the limit. */
const LIMIT_UNITS = 150n;

// Salts are the same in every run, as keys are: a hash over them gives an address, and that the compute units.
let randomCount = 0;
crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    if (array) new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(++randomCount);
    return array;
};

/** The results of a transaction. */
export type Receipt = { events: Decoded[]; units: bigint; returned: Uint8Array };

/** What was sent and decoded on all chains. The last tests find what is missing. */
export const seen = {
    instructions: new Set<string>(),
    accounts: new Set<string>(),
    events: new Set<string>(),
    errors: new Set<string>(),
};

/** Sizes and compute units of the first transaction with one instruction only, by the instruction's name. */
export const measured = new Map<string, Sizes & { units?: bigint }>();

export class Chain {
    /** Every chain of the run. */
    static readonly all: Chain[] = [];

    readonly svm = new LiteSVM();
    payer!: KeyPairSigner;
    /** Version of the transactions that are sent. */
    version: 0 | 1 = 0;
    /** All events, in the order in which they were logged. */
    readonly log: Decoded[] = [];
    private keyCount = 0;

    /** A chain with our programs, the programs that they call, and `more` programs: names of ELFs and addresses. */
    static async start(more: [string, Address][] = []): Promise<Chain> {
        const chain = new Chain();
        Chain.all.push(chain);
        for (const { name, address } of programs) chain.svm.addProgramFromFile(address, `${ELFS}/joule_${name}.so`);
        for (const [name, id] of [...THIRD_PARTY_PROGRAMS, ...more]) {
            chain.svm.addProgramFromFile(address(id), `${ELFS}/${name}.so`);
        }
        chain.payer = await chain.user();
        chain.setTime(1_790_000_000n);
        return chain;
    }

    /** A new key. Every run makes the same keys in the same order. */
    async key(): Promise<KeyPairSigner> {
        const seed = new Uint8Array(32);
        new DataView(seed.buffer).setUint32(0, ++this.keyCount, true);
        return await createKeyPairSignerFromPrivateKeyBytes(seed);
    }

    /** A new key with lamports. */
    async user(): Promise<KeyPairSigner> {
        const user = await this.key();
        this.svm.airdrop(user.address, lamports(1_000_000_000_000n));
        return user;
    }

    now(): bigint {
        return this.svm.getClock().unixTimestamp;
    }

    setTime(time: bigint) {
        const clock = this.svm.getClock();
        clock.unixTimestamp = time;
        this.svm.setClock(clock);
    }

    advance(seconds: bigint) {
        this.setTime(this.now() + seconds);
    }

    private async execute(instructions: Instruction[]) {
        this.svm.expireBlockhash();
        const message = pipe(
            createTransactionMessage({ version: this.version as 0 }),
            (message) => setTransactionMessageFeePayerSigner(this.payer, message),
            (message) => this.svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
            (message) => appendTransactionMessageInstructions(instructions, message),
        );
        // A version 1 transaction sets its limits in its header. Left out, the limit of loaded account data is zero.
        const limited: typeof message =
            this.version === 1
                ? setTransactionMessageConfig(V1_LIMITS, message as any)
                : prependTransactionMessageInstruction(COMPUTE_UNIT_LIMIT, message);
        const transaction = await signTransactionMessageWithSigners(limited);
        // LiteSVM accepts transactions of any length; validators do not.
        const bytes = getTransactionEncoder().encode(transaction).length;
        assert(bytes <= LIMIT[this.version], `${bytes} bytes`);
        return this.svm.sendTransaction(transaction);
    }

    /** Sends a transaction that must succeed, and decodes all that our programs wrote. */
    async send(...instructions: Instruction[]): Promise<Receipt> {
        const outcome = await this.execute(instructions);
        if (outcome instanceof FailedTransactionMetadata) throw new Error(outcome.meta().prettyLogs());
        const events = eventsOf(outcome.logs());
        this.log.push(...events);
        events.forEach(({ program, name }) => seen.events.add(`${program}.${name}`));
        for (const { programAddress, accounts, data } of instructions) {
            const program = programAt(programAddress);
            if (program) seen.instructions.add(nameOf(program, data as Uint8Array));
            for (const { address, role } of accounts ?? []) {
                if (role === AccountRole.WRITABLE) this.decodeAccount(address);
            }
        }
        const units = outcome.computeUnitsConsumed() - LIMIT_UNITS;
        const [first] = instructions;
        const program = instructions.length === 1 ? programAt(first!.programAddress) : undefined;
        const name = program && nameOf(program, first!.data as Uint8Array);
        if (name && !measured.has(name)) measured.set(name, { ...sizes(this.payer, instructions), units });
        return { events, units, returned: outcome.returnData().data() };
    }

    /** Sends a transaction that must fail with this error code of the last instruction's program. */
    async fails(code: number, ...instructions: Instruction[]) {
        const outcome = await this.execute(instructions);
        assert(outcome instanceof FailedTransactionMetadata, `expected error ${code}, but it succeeded`);
        const error = outcome.err() as any;
        const custom = typeof error.err === 'function' ? error.err() : undefined;
        assert.equal(custom?.code, code, outcome.meta().prettyLogs());
        const program = programAt(instructions.at(-1)!.programAddress)!;
        seen.errors.add(`${program.name}.${program.error(code).name}`);
    }

    private decodeAccount(at: Address) {
        const account = this.svm.getAccount(at);
        const program = account.exists ? programAt(account.programAddress) : undefined;
        // A registry that was closed keeps its first 8 bytes, so that none is made there again.
        if (!program || !account.exists || account.data.length === 8) return;
        seen.accounts.add(`${program.name}.${program.account(account.data).name}`);
    }

    /** An account of one of our programs, decoded. */
    read<T = any>(at: Address): T {
        const account = this.svm.getAccount(at);
        assert(account.exists, `there is no account ${at}`);
        return programAt(account.programAddress)!.account(account.data).value;
    }

    exists(at: Address): boolean {
        return this.svm.getAccount(at).exists;
    }

    /** Writes an account of another program, such as a price account. */
    setAccount(at: Address, programAddress: Address, data: Uint8Array) {
        const space = BigInt(data.length);
        this.svm.setAccount({ address: at, programAddress, data, space, executable: false, lamports: lamports(1n << 30n) });
    }

    async create(account: KeyPairSigner, owner: Address, space: bigint): Promise<Instruction> {
        const rent = this.svm.minimumBalanceForRentExemption(space);
        return getCreateAccountInstruction({
            payer: this.payer,
            newAccount: account,
            lamports: rent,
            space,
            programAddress: owner,
        });
    }

    async mint(authority: KeyPairSigner, decimals = 9): Promise<Address> {
        const mint = await this.key();
        const initialize = token.getInitializeMint2Instruction({
            mint: mint.address,
            decimals,
            mintAuthority: authority.address,
            freezeAuthority: null,
        });
        await this.send(await this.create(mint, token.TOKEN_PROGRAM_ADDRESS, 82n), initialize);
        return mint.address;
    }

    async tokenAccount(mint: Address, owner: Address): Promise<Address> {
        const account = await this.key();
        const initialize = token.getInitializeAccount3Instruction({ account: account.address, mint, owner });
        await this.send(await this.create(account, token.TOKEN_PROGRAM_ADDRESS, 165n), initialize);
        return account.address;
    }

    async associatedAccount(mint: Address, owner: Address): Promise<Address> {
        const tokenProgram = token.TOKEN_PROGRAM_ADDRESS;
        await this.send(await token.getCreateAssociatedTokenInstructionAsync({ payer: this.payer, owner, mint }));
        return (await token.findAssociatedTokenPda({ owner, mint, tokenProgram }))[0];
    }

    async mintTo(mint: Address, mintAuthority: KeyPairSigner, account: Address, amount: bigint) {
        await this.send(token.getMintToInstruction({ mint, token: account, mintAuthority, amount }));
    }

    tokens(account: Address): bigint {
        const found = this.svm.getAccount(account);
        assert(found.exists);
        return token.getTokenDecoder().decode(found.data).amount;
    }

    supply(mint: Address): bigint {
        const found = this.svm.getAccount(mint);
        assert(found.exists);
        return token.getMintDecoder().decode(found.data).supply;
    }
}

function nameOf(program: Program, data: Uint8Array): string {
    return `${program.name}.${program.instruction(data)}`;
}

/** The fields of the transaction's one event of this name. */
export function event<N extends keyof Events>(receipt: Receipt, name: N): Events[N] {
    const names = receipt.events.map(({ program, name }) => `${program}.${name}`);
    const found = receipt.events.filter((_, index) => names[index] === name);
    assert.equal(found.length, 1, `expected one ${name} among ${names}`);
    return found[0]!.value;
}
