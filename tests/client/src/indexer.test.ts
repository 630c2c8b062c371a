// What an indexer knows from the events of all flows, against the accounts that they left behind.
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
            const { name, value } = program.account(data);
            yield { kind: `${program.name}.${name}`, address, value };
        }
    }
}

test('events alone tell every balance, every stake and every job', () => {
    const compared = new Set<string>();
    for (const chain of Chain.all) {
        const { books, sequences } = indexed(chain.log);
        for (const { kind, address, value } of accounts(chain)) {
            // Nothing is missing at the end of a source either.
            if (value.sequence !== undefined) assert.equal(sequences.get(address) ?? 0n, value.sequence, `${kind} ${address}`);
            for (const [key, numbers] of booksOf(kind, address, value)) {
                const book = books.get(key);
                const known = Object.fromEntries(Object.keys(numbers).map((name) => [name, book?.get(name) ?? 0n]));
                assert.deepEqual(known, numbers, key);
                compared.add(kind);
            }
        }
    }
    assert.equal(compared.size, 12);
});

test('whichever event is dropped, the next of its source tells', () => {
    let dropped = 0;
    for (const { log } of Chain.all) {
        for (const source of new Set(log.map((event) => event.value.header.source))) {
            const own = log.filter((event) => event.value.header.source === source);
            // The last one is missed by what the account says.
            for (const index of own.keys()) {
                if (index === own.length - 1) continue;
                assert.throws(() => indexed(own.toSpliced(index, 1)), MissedEvent);
                dropped++;
            }
        }
    }
    assert(dropped > 100);
});
