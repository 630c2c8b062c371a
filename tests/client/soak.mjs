// A day of a keeper at a network that scripts/localnet started, in minutes: the clock is moved by an hour again and again, jobs
// are left in each state, the connection between keeper and node breaks all the time and is gone twice, and the keeper is
// killed. At the end nothing is due. scripts/localnet --test runs it:
//
//     node soak.mjs URL KEYS KEEPER SERVICE
//
// KEYS: the folder with keeper.json and network.json. KEEPER: its program. SERVICE: service.js with its packages.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [url, keys, program, service] = process.argv.slice(2);
const port = Number(new URL(url).port);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const say = (line) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

// --- The connection that breaks -------------------------------------------------

const faults = { refused: 0, cut: 0, busy: 0, slow: 0 };
let isGone = false;
let isSound = false;
let seed = 1;
const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
const proxy = createServer((from) => {
    from.on('error', () => {});
    const what = isGone ? 0 : isSound ? 9 : random(10);
    if (what === 0) {
        faults.refused++;
        return from.destroy();
    }
    if (what === 1) {
        faults.busy++;
        return from.end('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }
    const to = connect(port, '127.0.0.1');
    to.on('error', () => from.destroy());
    from.on('close', () => to.destroy());
    to.on('close', () => from.destroy());
    from.pipe(to);
    // Every connection is cut in the middle of an answer, after what was sent has arrived.
    let left = isSound ? Infinity : 2_000 + random(50_000);
    to.on('data', async (bytes) => {
        if (what === 2) {
            faults.slow++;
            await pause(1_000);
        }
        if (isGone || bytes.length > left) {
            faults.cut++;
            return from.destroy();
        }
        left -= bytes.length;
        if (!from.destroyed) from.write(bytes);
    });
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
const broken = `http://127.0.0.1:${proxy.address().port}`;

// --- The keeper -----------------------------------------------------------------

const counts = {};
let killed = 0;
let keeper;
function start() {
    const budget = ['--lamports-a-day', '100_000_000_000', '--accounts-a-day', '100_000_000_000', '--open-accounts', '--close-jobs-after', '600', '--settle-after', '3600'];
    const run = spawn(program, ['--url', broken, '--key', `${keys}/keeper.json`, '--all-networks', '--every', '1', ...budget]);
    let rest = '';
    run.stdout.on('data', (bytes) => {
        const lines = (rest + bytes).split('\n');
        rest = lines.pop();
        for (const line of lines) {
            const done = /(\d+) due, (\d+) done, (\d+) failed/.exec(line);
            if (done) ['due', 'done', 'failed'].forEach((name, at) => (counts[name] = (counts[name] ?? 0) + Number(done[at + 1])));
        }
    });
    run.stderr.pipe(process.stderr);
    keeper = run;
}
async function kill() {
    const over = once(keeper, 'exit');
    keeper.kill('SIGKILL');
    await over;
}
process.on('exit', () => keeper?.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** What is due and since when, asked without faults. */
async function due() {
    const run = spawn(program, ['--url', url, '--all-networks', '--dry-run', '--open-accounts', '--close-jobs-after', '600', '--settle-after', '3600']);
    let text = '';
    run.stdout.on('data', (bytes) => (text += bytes));
    run.stderr.pipe(process.stderr);
    const [code] = await once(run, 'close');
    if (code !== 0) throw new Error('the keeper does not read');
    return text.trim().split('\n').slice(0, -1);
}

// --- The day --------------------------------------------------------------------

async function rpc(method, ...params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = await response.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
}
async function now() {
    const clock = await rpc('getAccountInfo', 'SysvarC1ock11111111111111111111111111111111', { encoding: 'base64' });
    return Number(Buffer.from(clock.value.data[0], 'base64').readBigInt64LE(32));
}
async function jobs() {
    const run = spawn(process.execPath, [service, url, keys, '--leave'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let last = '';
    run.stdout.on('data', (bytes) => (last = `${bytes}`));
    const [code] = await once(run, 'close');
    if (code !== 0) throw new Error(`the service failed: ${last}`);
}

start();
const began = await now();
for (let hour = 0; hour < 24; hour++) {
    if (hour % 8 === 0) {
        await jobs();
        say(`hour ${hour}: jobs were left behind`);
    }
    if (hour % 5 === 3) {
        await kill();
        killed++;
        start();
    }
    isGone = hour === 6 || hour === 17;
    await rpc('surfnet_timeTravel', { absoluteTimestamp: ((await now()) + 3_600) * 1_000 });
    await pause(6_000);
}
isGone = false;
say(`${((await now()) - began) / 3_600} hours passed; the connection was ${JSON.stringify(faults)}; the keeper was killed ${killed} times`);
isSound = true;
// What failed waits longer each time: one that starts now does not.
await kill();
start();
let left = [];
for (let attempt = 0; attempt < 60; attempt++) {
    await pause(2_000);
    left = await due();
    if (left.length === 0) break;
}
if (left.length > 0) throw new Error(`still due:\n${left.join('\n')}`);
say(`nothing is due; in all ${counts.due} due, ${counts.done} done, ${counts.failed} failed and done later`);
process.exit(0);
