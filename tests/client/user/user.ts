// A user's first file: it has the package from npm and kit, and nothing else. scripts/client compiles and runs it.
import { address, createNoopSigner } from '@solana/kit';
import { explain, explainCode, programs } from 'joule-client';
import * as bme from 'joule-client/bme';

function require(condition: boolean, what: string) {
    if (!condition) throw new Error(what);
}

const mint = address('So11111111111111111111111111111111111111112');
const [buyer, source, priceUpdate] = [createNoopSigner(mint), mint, mint]; // any addresses
// #region use
const [network] = await bme.findNetworkPda({ mint });
const buy = await bme.getBuyCreditsInstructionAsync({
    buyer, // a signer
    source, // a token account of the buyer
    mint,
    priceUpdate, // Pyth's price account
    burnShardIndex: 0, // any shard of the network
    tokens: 1n, // base units
    minCredits: 1n, // fails with `slippage` if the tokens buy fewer
});
// #endregion
require(buy.accounts[1].address === network, 'addresses are derived');
require(bme.parseBuyCreditsInstruction(buy).data.tokens === 1n, 'instructions are parsed');
require(bme.MAX_SHARDS === 64, 'constants are there');
require(programs.map(({ name }) => name).join() === 'bme,stake,escrow,identity', 'all programs are there');

// Sentences are there in production.
const paused = bme.JOULE_BME_ERROR__PAUSED;
require(bme.getJouleBmeErrorMessage(paused).startsWith('the network is paused'), 'errors have sentences');
require(explainCode(paused)?.name === 'paused', 'errors are found by number');
// A called program's error ends the transaction with its number: the log says whose it is.
const log = (program: string, code: string, ...lines: string[]) => [
    `Program ${bme.JOULE_BME_PROGRAM_ADDRESS} invoke [1]`,
    ...lines,
    `Program ${bme.JOULE_BME_PROGRAM_ADDRESS} consumed 900 of 1000 compute units`,
    `Program ${program} failed: custom program error: ${code}`,
    `Program ${bme.JOULE_BME_PROGRAM_ADDRESS} failed: custom program error: ${code}`,
];
const thrown = new Error('the transaction failed', { cause: { context: { logs: log('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', '0x1') } } });
// #region explain
const token = explain(thrown);
// { program: 'Token program', code: 1, name: 'insufficientFunds', message: 'the token account has too few tokens, …' }
// #endregion
require(token?.program === 'Token program' && token.name === 'insufficientFunds', 'a called program is named');
const range = explain({ cause: { context: { logs: log(bme.JOULE_BME_PROGRAM_ADDRESS, '0x3fa', 'Program log: out of range: decay_step') } } });
require(range?.name === 'invalidParameter' && range.field === 'decay_step', 'the field is named');
require(explain(new Error('no program failed')) === undefined, 'what is no error of a program has no explanation');

console.log('joule-client: installed from its tarball, it compiles and runs alone');
