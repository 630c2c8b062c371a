// Compares an indexer's books, kept from the events of all tests, with the accounts that the tests left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chain } from './chain';
import { Indexer, MissedEvent, booksOf } from './indexer';
import { type Decoded, programs } from './programs';

function indexed(log: Decoded[]): Indexer {
    const indexer = new Indexer();
    log.forEach((event) => indexer.apply(event));
    return indexer;
}

function* accounts(chain: Chain) {
    for (const program of programs) {
        for (const { address, data } of chain.svm.getProgramAccounts(program.address)) {
            if (data.length === 8) continue; // what a closed registry leaves
            const { name, value } = program.account(data);
            yield { type: `${program.name}.${name}`, address, value };
        }
    }
}

test('events alone give every balance, every stake and the state of every job', () => {
    const compared = new Set<string>();
    for (const chain of Chain.all) {
        const { books, sequences } = indexed(chain.log);
        for (const { type, address, value } of accounts(chain)) {
            // The account's own sequence number shows whether its last events are missing. Of a market it follows from `termsVersion`,
            // of the halt clock it is the number of halts.
            const last = sequences.get(address);
            const ofMarket = type === 'escrow.market' ? (value.termsVersion & 0xfffffn) + 1n : undefined;
            const own = ofMarket ?? (type === 'escrow.haltClock' ? value.count : value.sequence);
            if (own !== undefined || last !== undefined) assert.equal(last ?? 0n, own, `${type} ${address}`);
            for (const [key, numbers] of booksOf(type, address, value)) {
                const book = books.get(key);
                const known = Object.fromEntries(Object.keys(numbers).map((name) => [name, book?.get(name) ?? 0n]));
                assert.deepEqual(known, numbers, key);
                compared.add(type);
            }
        }
    }
    assert.equal(compared.size, 11);
});

test('after a gap, accounts give the same books', () => {
    const [chain] = Chain.all;
    const indexer = indexed(chain!.log);
    assert(Indexer.isCut(['Program log: x', 'Log truncated']) && !Indexer.isCut(['Program log: Log truncated']));
    for (const { type, address, value } of accounts(chain!)) {
        indexer.reset(type, address, value);
        for (const [key, numbers] of booksOf(type, address, value)) {
            assert.deepEqual(Object.fromEntries(indexer.books.get(key)!), numbers, key);
        }
        assert.equal(indexer.sequences.get(address) ?? 0n, value.sequence ?? 0n);
        indexer.reset(type, address);
        assert(!indexer.books.has(`${type} ${address}`));
    }
});

test('if an event is missing, the next event of its source shows it', () => {
    let dropped = 0;
    for (const { log } of Chain.all) {
        for (const source of new Set(log.map((event) => event.value.header.source))) {
            // What counts in no account has no number.
            const counts = ({ header }: Decoded['value']) => header.source === source && header.sequence !== 0n;
            const own = log.filter((event) => counts(event.value));
            // Only the account's sequence number shows that the last event is missing.
            for (const index of own.keys()) {
                if (index === own.length - 1) continue;
                // Likewise the last of an account that was closed, before it was created again.
                if (own[index + 1]!.value.header.sequence === 1n) continue;
                assert.throws(() => indexed(own.toSpliced(index, 1)), MissedEvent, own[index]!.name);
                dropped++;
            }
        }
    }
    assert(dropped > 100);
});
