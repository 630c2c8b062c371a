// A node for one script: LiteSVM with our programs behind the JSON-RPC methods that idl/cookbook/use-compute.md sends. Starts
// the script with the node's address as its argument, and ends with it. It needs litesvm, @solana/kit and joule-client:
//
//     node rpc.mjs SCRIPT [FOLDER WITH THE ELFS]
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { address, getBase64Decoder, getBase64Encoder, getSignatureFromTransaction, getTransactionDecoder, lamports } from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import { programs } from 'joule-client';

const [script, elfs = '../../target/deploy'] = process.argv.slice(2);
const svm = new LiteSVM();
for (const { name, address } of programs) svm.addProgramFromFile(address, `${elfs}/joule_${name}.so`);
setTime(1_790_000_000n);

function setTime(time) {
    const clock = svm.getClock();
    clock.unixTimestamp = time;
    svm.setClock(clock);
}

const base64 = (bytes) => getBase64Decoder().decode(bytes);
const withContext = (value) => ({ context: { slot: 1, apiVersion: '3.0.0' }, value });

class Refused extends Error {
    constructor(message, data) {
        super(message);
        this.data = data;
    }
}

const methods = {
    requestAirdrop: (to, amount) => {
        svm.airdrop(address(to), lamports(BigInt(amount)));
        return '1'.repeat(64);
    },
    getBalance: (of) => withContext(Number(svm.getBalance(address(of)) ?? 0n)),
    getLatestBlockhash: () => {
        svm.expireBlockhash();
        return withContext({ blockhash: svm.latestBlockhash(), lastValidBlockHeight: 1_000 });
    },
    getMinimumBalanceForRentExemption: (size) => Number(svm.minimumBalanceForRentExemption(BigInt(size))),
    getAccountInfo: (of) => {
        const account = svm.getAccount(address(of));
        if (!account.exists) return withContext(null);
        const { data, lamports, programAddress, executable } = account;
        const info = { owner: programAddress, executable, lamports: Number(lamports), rentEpoch: 0, space: data.length };
        return withContext({ ...info, data: [base64(data), 'base64'] });
    },
    sendTransaction: (wire) => {
        const transaction = getTransactionDecoder().decode(getBase64Encoder().encode(wire));
        const outcome = svm.sendTransaction(transaction);
        if (outcome instanceof FailedTransactionMetadata) {
            const error = outcome.err();
            const custom = typeof error.err === 'function' ? error.err().code : undefined;
            const err = custom === undefined ? 'AccountNotFound' : { InstructionError: [error.index ?? 0, { Custom: custom }] };
            const data = { accounts: null, err, logs: outcome.meta().logs(), unitsConsumed: 0, returnData: null };
            throw new Refused('Transaction simulation failed', data);
        }
        return getSignatureFromTransaction(transaction);
    },
    getSignatureStatuses: (signatures) => {
        const status = { slot: 1, confirmations: null, err: null, status: { Ok: null }, confirmationStatus: 'finalized' };
        return withContext(signatures.map((signature) => (svm.getTransaction(signature) ? status : null)));
    },
    getTransaction: (signature) => {
        const logMessages = svm.getTransaction(signature).logs();
        return { slot: 1, blockTime: null, version: 0, transaction: ['', 'base64'], meta: { err: null, logMessages } };
    },
    surfnet_setAccount: (at, { lamports: amount, owner, data }) => {
        const bytes = Uint8Array.from(Buffer.from(data, 'hex'));
        const [space, executable] = [BigInt(bytes.length), false];
        svm.setAccount({ address: address(at), programAddress: address(owner), data: bytes, lamports: lamports(BigInt(amount)), space, executable });
        return null;
    },
    surfnet_timeTravel: ({ absoluteTimestamp }) => {
        setTime(BigInt(Math.floor(absoluteTimestamp / 1_000)));
        return {};
    },
};

const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
    let answer;
    try {
        if (!methods[method]) throw new Refused(`there is no method ${method}`);
        answer = { result: methods[method](...(params ?? [])) };
    } catch (error) {
        answer = { error: { code: error.data ? -32002 : -32601, message: error.message, ...(error.data ? { data: error.data } : {}) } };
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});
server.listen(0, '127.0.0.1', () => {
    const run = spawn(process.execPath, [script, `http://127.0.0.1:${server.address().port}`], { stdio: 'inherit' });
    run.on('exit', (code) => process.exit(code ?? 1));
});
