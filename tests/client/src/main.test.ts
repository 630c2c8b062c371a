// Runs all tests, and then checks that no instruction, account or event was left out.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import './bme.test';
import './stake.test';
import './escrow.test';
import './usage.test';
import './dispute.test';
import './gang.test';
import './identity.test';
import './indexer.test';
import { address } from '@solana/kit';
import { Chain, measured, seen } from './chain';
import { programs } from './programs';
import { table } from './transactions';

/**
 * Instructions that no test sends. Never add one: write a test for a new instruction.
 *
 * `controlLeaf` calls Bubblegum's second version and Core, whose source is not published. What it passes to them is
 * checked in tests/tests/integration/identity/schema_2.rs.
 */
const NEVER_SENT = ['identity.controlLeaf'];

/** Accounts and events that no test decodes. */
const NEVER_DECODED = ['identity.leafControlled'];

/** Features that program-test activates and mainnet has not, as of October 2026. Same list as in tests/src/world.rs. */
const ABSENT_FROM_MAINNET = [
    'CR3dVN2Yoo95Y96kLSTaziWDAQT2MNEpiWh5cqVq2pNE', // account_data_direct_mapping
    'a1penGLz8Vm2QHYB3JPefBiU4BY3Z6JkW2k3Scw5GWP', // alpenglow
    'HTW2pSyErTj4BV6KBM9NZ9VBUJVxt7sacNWcf76wtzb3', // blake3_syscall_enabled
    'ptr9umikaeAS7ZBBp2fsfRhie16F1V2jCKA2y6gXNAK', // direct_account_pointers_in_program_input
    'TestFeature11111111111111111111111111111111', // disable_sbpf_v0_execution
    'B8JJXCy5amZyWG9r7EnUYLwzXSXTxG7GZ1qZ1qggo83g', // disable_sbpf_v0_v1_v2_deployment
    'EBq48m8irRKuE7ZnMTLvLg2UuGSqhe8s8oMqnmja1fJw', // enable_big_mod_exp_syscall
    'LoaderV4WasAbandoned11111111111111111111111', // enable_loader_v4
    's512oDwgx8hjMnaQjXfqqrZroVj4HvC6TkN3iSSWXCh', // enable_sha512_syscall
    '9LZdXeKGeBV6hRLdxS1rHbHoEUsKqesCC2ZAPTPKJAbK', // increase_tx_account_lock_limit
    '6TkHkRmP7JZy1fdM6fg5uXn76wChQBWGokHBJzrLB3mj', // raise_cpi_nesting_limit_to_8
    '5TuppMutoyzhUSfuYdhgzD47F92GL1g89KpCZQKqedxP', // remaining_compute_units_syscall_enabled
    'GsUBNYNDPdMLHPD37TToHzrzcNcjpC9w5n1EcJk5iTaM', // set_lamports_per_byte_to_1322
    'Ftxb3ZKq7aNqgxDBbP7EonvR2RszZk9ctjdsTX38kQaz', // set_lamports_per_byte_to_2575
    'mZdnRh9T2EbDNvqKjkCR3bvo5c816tJaojtE9Xs7iuY', // set_lamports_per_byte_to_696
    '7VgiehxNxu53KdxgLspGQY8myE6f7UokaWa4jsGcaSz', // virtual_address_space_adjustments
];
const P_TOKEN = 'ptokFjwyJtrwCa9Kgo9xoDS59V4QccBGEaRFnRPnSdP';

// LiteSVM's default features are those of mainnet at its release. A feature is active if its account exists.
test('LiteSVM has no feature that mainnet lacks', async () => {
    const { svm } = await Chain.start();
    const isActive = (id: string) => svm.getAccount(address(id)).exists;
    assert.deepEqual(ABSENT_FROM_MAINNET.filter(isActive), []);
    assert(isActive(P_TOKEN));
});

const all = (kind: 'instructions' | 'accounts' | 'events') =>
    programs.flatMap(({ name, idl }) => idl[kind].map((node) => `${name}.${node.name}`));
const missing = (kind: 'instructions' | 'accounts' | 'events') => all(kind).filter((name) => !seen[kind].has(name));

test('every instruction was sent', () => {
    assert.deepEqual(missing('instructions'), NEVER_SENT);
});

test('every error has a message', () => {
    for (const program of programs) {
        for (const { code, name } of program.idl.errors) assert.equal(program.error(code).name, name);
    }
    assert(seen.errors.size > 20);
});

test('every account and event was decoded, and encoded to the same bytes', () => {
    assert.deepEqual([...missing('accounts'), ...missing('events')], NEVER_DECODED);
});

const GOLDEN = '../golden/transactions.md';
/** A line of the table without compute units, which depend on the compiler. */
const withoutUnits = (line: string) => line.split('|').toSpliced(6, 1).join('|');

test('transactions have the sizes and costs of the committed table', () => {
    const compiler = readFileSync('../../target/deploy/compiler.txt', 'utf8').trim();
    const current = table(new Map([...measured].sort()), compiler);
    if (process.env['JOULE_UPDATE_GOLDEN']) writeFileSync(GOLDEN, current);
    const committed = readFileSync(GOLDEN, 'utf8');
    const same = committed.includes(`Compiler: ${compiler}\n`);
    const lines = (text: string) =>
        text.split('\n').flatMap((line) => (line.startsWith('|') ? [same ? line : withoutUnits(line)] : []));
    const [actual, expected] = [lines(current), lines(committed)];
    // Compares only the lines that differ, so that a failure is short.
    const notIn = (others: string[], lines: string[]) => lines.filter((line) => !others.includes(line));
    assert.deepEqual(notIn(expected, actual), notIn(actual, expected));
});
