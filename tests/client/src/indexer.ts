// An indexer: from events alone it knows every balance, every stake and the state of every job.
import { type Accounts, type Decoded, type Events, constant } from './programs';

/** Numbers of an account, by name. A missing number is zero. */
type Numbers = Map<string, bigint>;

/** One function for each event that changes a number; gets the event's fields and its source account. */
type Handlers = { [N in keyof Events]?: (event: Events[N], source: string) => void };

/** The job that a trace of `escrow` belongs to, how many games over it were opened and are settled, and what they decided. */
type TraceGames = { job: string; opened: bigint; settled: bigint; isDecided: boolean; isUndecided: boolean };

const minus = (amount: bigint) => -amount;
const escrowConstant = (name: string) => BigInt(constant('escrow', name));

export class MissedEvent extends Error {}

export class Indexer {
    /** Numbers by `<program>.<account type> <address>`, or by what identifies the account in events. */
    readonly books = new Map<string, Numbers>();
    /** Sequence number of each source account's last event. */
    readonly sequences = new Map<string, bigint>();
    /** The authority of a provider of `stake`. */
    private readonly authorities = new Map<string, string>();
    /** What a proposed slash is to take. */
    private readonly proposed = new Map<string, bigint>();
    /** The provider whose unbonding pot backs a ticket of `stake`. */
    private readonly tickets = new Map<string, string>();
    /** Tickets, and bonds that are tickets, that were paid but for what proposed slashes may take. */
    private readonly withheld = new Set<string>();
    private readonly traces = new Map<string, TraceGames>();
    /** The trace that a game is about. */
    private readonly games = new Map<string, TraceGames>();

    // #region apply
    /** Applies the next event. Throws if an earlier event of the same source account was missed. */
    apply({ program, name, value }: Decoded) {
        const { source, sequence } = value.header;
        if (sequence === 0n) return; // JobPassedOver belongs to no account.
        const expected = (this.sequences.get(source) ?? 0n) + 1n;
        // An account that was closed and created again starts again at 1.
        if (sequence !== expected && sequence !== 1n) {
            throw new MissedEvent(`${source}: event ${sequence}, expected ${expected}`);
        }
        this.sequences.set(source, sequence);
        const handlers: Record<string, ((event: any, source: string) => void) | undefined> = this.handlers;
        handlers[`${program}.${name}`]?.(value, source);
    }
    // #endregion

    // #region gap
    /** Whether the runtime cut a transaction's logs: a gap, whatever else they say. Then reset what the transaction wrote. */
    static isCut(logs: string[]): boolean {
        return logs.some((line) => line === 'Log truncated');
    }

    /** After a gap: takes an account's numbers from the account itself. Without an account, it was closed. */
    reset(type: string, address: string, account?: { sequence?: bigint }) {
        this.sequences.delete(address);
        this.books.delete(`${type} ${address}`);
        if (!account) return; // Only a job that is over is closed: its last payments are in `paid` of its deposit.
        if (account.sequence) this.sequences.set(address, account.sequence);
        for (const [key, numbers] of booksOf(type, address, account)) this.books.set(key, new Map(Object.entries(numbers)));
    }
    // #endregion

    private book(type: string, address: string): Numbers {
        const key = `${type} ${address}`;
        if (!this.books.has(key)) this.books.set(key, new Map());
        return this.books.get(key)!;
    }

    private add(type: string, address: string, changes: Record<string, bigint>) {
        const book = this.book(type, address);
        for (const [name, change] of Object.entries(changes)) book.set(name, (book.get(name) ?? 0n) + change);
    }

    private set(type: string, address: string, values: Record<string, bigint>) {
        const book = this.book(type, address);
        for (const [name, value] of Object.entries(values)) book.set(name, value);
    }

    /** Tokens that came to a provider: its own if its authority owns them, else delegated. */
    private addStake(provider: string, owner: string, tokens: bigint) {
        const own = this.authorities.get(provider) === owner;
        this.add('stake.provider', provider, own ? { own: tokens } : { delegated: tokens });
    }

    private addUnbonding(provider: string, unbonding: bigint) {
        this.add('stake.provider', provider, { unbonding });
    }

    /** A ticket was paid, but for what is withheld of it. */
    private payTicket(provider: string, ticket: string, tokens: bigint, withheld: bigint) {
        const out = minus(tokens + withheld);
        this.add('stake.provider', provider, this.withheld.has(ticket) ? { withheld: out } : { unbonding: out });
        this.add('stake.provider', provider, { withheld });
        if (withheld > 0n) this.withheld.add(ticket);
        else this.withheld.delete(ticket);
    }

    /** A job paid `paid` to its provider, the rest of what it holds no more to the receiver of its fee. */
    private pay(job: string, { paid, held }: { paid: bigint; held: bigint }) {
        const before = this.book('escrow.job', job);
        const isOwing = before.get('state') === escrowConstant('jobStateOwing');
        this.add('escrow.job', job, { paid, feePaid: before.get('held')! - held - paid });
        this.set('escrow.job', job, { held });
        if (held === 0n && isOwing) this.setJobState(job, 'jobStateFinished');
    }

    private setJobState(job: string, state: string) {
        this.set('escrow.job', job, { state: escrowConstant(state) });
    }

    private readonly handlers: Handlers = {
        'bme.creditsBought': ({ burnShard, tokens, credits }, account) => {
            this.add('bme.creditAccount', account, { issued: credits, balance: credits });
            this.add('bme.burnShard', burnShard, { received: tokens, issued: credits });
        },
        'bme.creditsBoughtWithDollars': ({ credits }, account) =>
            this.add('bme.creditAccount', account, { issued: credits, balance: credits }),
        'bme.creditsLocked': ({ amount, spender }, account) => {
            this.add('bme.creditAccount', account, { balance: minus(amount), [`locked ${spender}`]: amount });
        },
        'bme.creditsUnlocked': ({ amount, spender }, account) => {
            this.add('bme.creditAccount', account, { balance: amount, [`locked ${spender}`]: minus(amount) });
        },
        'bme.creditsReclaimed': ({ amount, spender }, account) => {
            this.add('bme.creditAccount', account, { balance: amount, [`locked ${spender}`]: minus(amount) });
        },
        'bme.creditsConsumed': ({ amount, spender, provider }, account) => {
            this.add('bme.creditAccount', account, { consumed: amount, [`locked ${spender}`]: minus(amount) });
            this.add('provider', provider, { worked: amount });
        },
        'bme.creditsBurned': ({ amount }, account) => this.add('bme.creditAccount', account, { balance: minus(amount) }),
        'bme.creditsGivenUp': ({ amount }, account) => this.add('bme.creditAccount', account, { balance: minus(amount) }),
        'bme.tokensBurned': ({ tokens }, shard) => this.add('bme.burnShard', shard, { burned: tokens }),
        'bme.workAccrued': ({ tokens }, work) => this.add('bme.providerWork', work, { accrued: tokens }),
        'bme.rewardsClaimed': ({ tokens }, work) => {
            this.add('bme.providerWork', work, { accrued: minus(tokens), claimed: tokens });
        },
        'bme.rootsFunded': ({ tokens }, set) => this.add('bme.oracleSet', set, { minted: tokens }),
        'bme.rootActivated': ({ index }, set) => this.set('bme.oracleSet', set, { activeRoot: index + 1n }),
        'bme.rootClaimed': ({ tokens }, claim) => this.add('bme.rootClaim', claim, { claimed: tokens }),
        'bme.pauseChanged': ({ paused }, network) => this.set('bme.network', network, { paused }),
        'bme.spenderChanged': ({ lane, closesAt }, spender) => {
            this.set('bme.spender', spender, { lane, closesAt });
        },

        'stake.providerRegistered': ({ authority }, provider) => {
            this.authorities.set(provider, authority);
            this.set('stake.provider', provider, { status: 1n });
        },
        'stake.staked': ({ owner, tokens }, provider) => this.addStake(provider, owner, tokens),
        'stake.unstaked': ({ owner, ticket, tokens }, provider) => {
            this.tickets.set(ticket, provider);
            this.addStake(provider, owner, minus(tokens));
            this.addUnbonding(provider, tokens);
        },
        'stake.redelegated': ({ owner, ticket, tokens }, provider) => {
            this.tickets.set(ticket, provider);
            this.addStake(provider, owner, minus(tokens));
            this.addUnbonding(provider, tokens);
        },
        'stake.unstakeCancelled': ({ owner, tokens }, provider) => {
            this.addStake(provider, owner, tokens);
            this.addUnbonding(provider, minus(tokens));
        },
        'stake.withdrawn': ({ ticket, tokens, withheld }, provider) => {
            this.payTicket(provider, ticket, tokens, withheld);
        },
        'stake.seizedWithdrawn': ({ bond, tokens, withheld }, provider) => {
            this.payTicket(provider, bond, tokens, withheld);
        },
        'stake.redelegationCompleted': ({ owner, ticket, tokens }, newProvider) => {
            this.addUnbonding(this.tickets.get(ticket)!, minus(tokens));
            this.addStake(newProvider, owner, tokens);
        },
        'stake.rewardsClaimed': ({ owner, tokens, compounded }, provider) => {
            if (compounded === 1n) this.addStake(provider, owner, tokens);
        },
        'stake.bondLocked': ({ amount }, provider) => this.add('stake.provider', provider, { bonded: amount }),
        'stake.bondReleased': ({ amount }, provider) => this.add('stake.provider', provider, { bonded: minus(amount) }),
        'stake.bondSwapped': ({ amount, releasedProvider, releasedAmount }, provider) => {
            this.add('stake.provider', provider, { bonded: amount });
            this.add('stake.provider', releasedProvider, { bonded: minus(releasedAmount) });
        },
        'stake.bondSeized': ({ amount, lien, destination }, provider) => {
            // Slashes took the lien from its own stake before.
            const seized = amount - lien;
            this.add('stake.provider', provider, { bonded: minus(amount), own: minus(seized) });
            if (destination === BigInt(constant('stake', 'seizureClient'))) this.addUnbonding(provider, seized);
        },
        'stake.slashProposed': ({ slash, amount }, provider) => {
            this.proposed.set(slash, amount);
            this.add('stake.provider', provider, { slashPending: amount });
        },
        'stake.slashed': ({ slash, own, delegated, unbonding, withheld }, provider) => {
            const taken = { own: minus(own), delegated: minus(delegated), unbonding: minus(unbonding) };
            this.add('stake.provider', provider, { ...taken, withheld: minus(withheld) });
            this.add('stake.provider', provider, { slashPending: minus(this.proposed.get(slash)!) });
        },
        'stake.slashClosed': ({ amount }, provider) => {
            this.add('stake.provider', provider, { slashPending: minus(amount) });
        },
        'stake.statusChanged': ({ status }, provider) => this.set('stake.provider', provider, { status }),

        'escrow.jobPosted': ({ deposited, state }, job) => {
            const nothingYet = { paid: 0n, feePaid: 0n, penalty: 0n, refunded: 0n };
            this.set('escrow.job', job, { state, deposited, held: deposited, ...nothingYet });
        },
        'escrow.jobStarted': (_, job) => this.setJobState(job, 'jobStateRunning'),
        'escrow.jobSettled': (settled, job) => this.pay(job, settled),
        'escrow.voucherRedeemed': (redeemed, job) => this.pay(job, redeemed),
        'escrow.jobHandedBack': ({ state }, job) => this.set('escrow.job', job, { state: BigInt(state) }),
        'escrow.jobExtended': ({ added }, job) => this.add('escrow.job', job, { deposited: added, held: added }),
        'escrow.jobAwarded': ({ refunded }, job) => {
            this.add('escrow.job', job, { refunded, held: minus(refunded) });
            this.setJobState(job, 'jobStateAssigned');
        },
        'escrow.jobReserved': ({ state }, job) => this.set('escrow.job', job, { state: BigInt(state) }),
        'escrow.jobDelivered': (_, job) => this.setJobState(job, 'jobStateDelivered'),
        'escrow.jobRejected': (_, job) => this.setJobState(job, 'jobStateRejected'),
        'escrow.jobEnded': ({ state, paid, feePaid, penalty, refunded, held }, job) => {
            this.set('escrow.job', job, { state: BigInt(state), paid, feePaid, penalty, refunded, held });
        },
        'escrow.traceDelivered': ({ job }, trace) => {
            this.traces.set(trace, { job, opened: 0n, settled: 0n, isDecided: false, isUndecided: false });
            this.setJobState(job, 'jobStateDelivered');
        },
        'escrow.resultChallenged': ({ game }, source) => {
            const trace = this.traces.get(source)!;
            trace.opened += 1n;
            this.games.set(game, trace);
            this.setJobState(trace.job, 'jobStateChallenged');
        },
        'escrow.gameSettled': ({ phase }, game) => {
            const trace = this.games.get(game)!;
            trace.settled += 1n;
            // The first game that the provider lost has decided on the job; the others go on for their dispute bonds.
            if (trace.isDecided) return;
            const isLast = trace.settled === trace.opened;
            trace.isUndecided ||= phase === escrowConstant('gamePhaseUndecided');
            trace.isDecided = phase === escrowConstant('gamePhaseChallengerWon') || (isLast && trace.isUndecided);
            if (!trace.isDecided && !isLast) return;
            this.setJobState(trace.job, trace.isDecided ? 'jobStateRejected' : 'jobStateDelivered');
        },
        'escrow.panelMoved': ({ state }, panel) => this.set('escrow.panel', panel, { state }),
        'escrow.replicaPaid': ({ paid }, panel) => this.add('escrow.panel', panel, { paid }),
        'escrow.panelDecided': ({ state, refunded }, panel) => this.set('escrow.panel', panel, { state, refunded }),

        'identity.nodeActivated': ({ class: id }, node) => {
            this.set('identity.node', node, { class: id, status: 1n, version: 1n });
        },
        'identity.nodeSynced': ({ version, status }, node) => this.set('identity.node', node, { version, status }),
        'identity.nodeChallenged': ({ status }, node) => this.set('identity.node', node, { status }),
        'identity.statusChanged': ({ status }, node) => this.set('identity.node', node, { status }),
        'identity.specificationChanged': ({ class: id, version }, node) => {
            this.set('identity.node', node, { class: id, version });
        },
    };
}

/** Named fields of an account, as bigints. */
function numbers<N extends string>(account: Record<N, bigint | number>, ...names: N[]): Record<string, bigint> {
    return Object.fromEntries(names.map((name) => [name, BigInt(account[name])]));
}

/** Keys of the indexer's books, each with numbers. */
type Entries = [key: string, numbers: Record<string, bigint>][];
type Readers = { [N in keyof Accounts]?: (account: Accounts[N], key: string) => Entries };

/** How to read the numbers that the indexer keeps from an account itself. */
const READERS: Readers = {
    'bme.creditAccount': (account, key) => {
        const locked = account.locked.map((amount, spender) => [`locked ${spender}`, amount]);
        return [[key, { ...numbers(account, 'issued', 'balance', 'consumed'), ...Object.fromEntries(locked) }]];
    },
    'bme.burnShard': (shard, key) => [[key, numbers(shard, 'received', 'issued', 'burned')]],
    'bme.providerWork': (work, key) => [
        [key, numbers(work, 'accrued', 'claimed')],
        [`provider ${work.provider}`, { worked: work.totalWork }],
    ],
    'bme.network': (network, key) => [[key, numbers(network, 'paused')]],
    'bme.oracleSet': (set, key) => [[key, numbers(set, 'minted', 'activeRoot')]],
    'bme.rootClaim': (claim, key) => [[key, numbers(claim, 'claimed')]],
    'bme.spender': (spender, key) => [[key, numbers(spender, 'lane', 'closesAt')]],
    'stake.provider': (provider, key) => {
        const own = provider.own + provider.bonded - provider.lien;
        const pots = { own, delegated: provider.delegated.tokens, unbonding: provider.unbonding.tokens };
        const withheld = provider.withheld.tokens;
        return [[key, { ...numbers(provider, 'bonded', 'slashPending', 'status'), ...pots, withheld }]];
    },
    'escrow.job': (job, key) => [
        [key, numbers(job, 'state', 'deposited', 'held', 'paid', 'feePaid', 'penalty', 'refunded')],
    ],
    'escrow.panel': (panel, key) => [[key, numbers(panel, 'state', 'paid', 'refunded')]],
    'identity.node': (node, key) => [[key, numbers(node, 'class', 'status', 'version')]],
};

/** An account's own numbers, by the keys of the indexer's books. Empty for types of which the indexer keeps none. */
export function booksOf(type: string, address: string, account: unknown): Entries {
    const readers: Record<string, ((account: any, key: string) => Entries) | undefined> = READERS;
    return readers[type]?.(account, `${type} ${address}`) ?? [];
}
