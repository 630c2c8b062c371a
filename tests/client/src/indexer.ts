// An indexer: it sees the events and nothing else, and knows every balance, every stake and the state of every job.
import { type Decoded, constant } from './programs';

/** Numbers that an account has, by their names; what nothing was said of is zero. */
type Numbers = Map<string, bigint>;

const minus = (amount: bigint) => -amount;

export class MissedEvent extends Error {}

export class Indexer {
    /** By program, kind and address, or what stands for it. */
    readonly books = new Map<string, Numbers>();
    /** The number of each source's last event. */
    readonly sequences = new Map<string, bigint>();
    /** Which provider a ticket of `stake` is liable to. */
    private readonly tickets = new Map<string, string>();

    /** Which job a trace of `escrow` is of, and how many games over it there are and are settled. */
    private readonly traces = new Map<string, { job: string; opened: bigint; played: bigint }>();
    /** Which trace a game is over. */
    private readonly games = new Map<string, { job: string; opened: bigint; played: bigint }>();

    // #region apply
    /** Takes the next event of the chain. Throws where one of its source's was missed before it. */
    apply({ program, name, value }: Decoded) {
        const { source, sequence } = value.header;
        const next = (this.sequences.get(source) ?? 0n) + 1n;
        // An account that was closed and opened again begins anew.
        if (sequence !== next && sequence !== 1n) throw new MissedEvent(`${source}: ${sequence} after ${next - 1n}`);
        this.sequences.set(source, sequence);
        const record = (this as any)[`${program}_${name}`];
        record?.call(this, value, source);
    }
    // #endregion

    private book(kind: string, address: string): Numbers {
        const key = `${kind} ${address}`;
        if (!this.books.has(key)) this.books.set(key, new Map());
        return this.books.get(key)!;
    }

    private add(kind: string, address: string, changes: Record<string, bigint>) {
        const book = this.book(kind, address);
        for (const [name, change] of Object.entries(changes)) book.set(name, (book.get(name) ?? 0n) + change);
    }

    private set(kind: string, address: string, values: Record<string, bigint>) {
        const book = this.book(kind, address);
        for (const [name, value] of Object.entries(values)) book.set(name, value);
    }

    // --- bme

    bme_creditsBought({ burnShard, tokens, credits }: any, account: string) {
        this.add('bme.creditAccount', account, { issued: credits, balance: credits });
        this.add('bme.burnShard', burnShard, { received: tokens, issued: credits });
    }
    bme_creditsLocked({ amount, spender }: any, account: string) {
        this.add('bme.creditAccount', account, { balance: minus(amount), [`locked ${spender}`]: amount });
    }
    bme_creditsUnlocked({ amount, spender }: any, account: string) {
        this.add('bme.creditAccount', account, { balance: amount, [`locked ${spender}`]: minus(amount) });
    }
    bme_creditsReclaimed(event: any, account: string) {
        this.bme_creditsUnlocked(event, account);
    }
    bme_creditsConsumed({ amount, spender, provider }: any, account: string) {
        this.add('bme.creditAccount', account, { consumed: amount, [`locked ${spender}`]: minus(amount) });
        this.add('provider', provider, { worked: amount });
    }
    bme_tokensBurned({ tokens }: any, shard: string) {
        this.add('bme.burnShard', shard, { burned: tokens });
    }
    bme_workAccrued({ tokens }: any, work: string) {
        this.add('bme.providerWork', work, { accrued: tokens });
    }
    bme_rewardsClaimed({ tokens }: any, work: string) {
        this.add('bme.providerWork', work, { accrued: minus(tokens), claimed: tokens });
    }
    bme_rootsFunded({ tokens }: any, set: string) {
        this.add('bme.oracleSet', set, { minted: tokens });
    }
    bme_rootActivated({ index }: any, set: string) {
        this.set('bme.oracleSet', set, { active: index + 1n });
    }
    bme_rootClaimed({ tokens }: any, claim: string) {
        this.add('bme.rootClaim', claim, { claimed: tokens });
    }
    bme_pauseChanged({ paused }: any, network: string) {
        this.set('bme.network', network, { paused });
    }
    bme_spenderChanged({ limit, closes }: any, spender: string) {
        this.set('bme.spender', spender, { limit, closes });
    }

    // --- stake

    private pots(provider: string, active: bigint, shares: bigint, unbonding: bigint) {
        this.add('stake.provider', provider, { active, shares, unbonding });
    }
    private owns(provider: string, owner: string, shares: bigint) {
        this.add('stake.delegation', `${provider} ${owner}`, { shares });
    }
    stake_providerRegistered(_: any, provider: string) {
        this.set('stake.provider', provider, { status: 1n });
    }
    stake_staked({ owner, tokens, shares }: any, provider: string) {
        this.pots(provider, tokens, shares, 0n);
        this.owns(provider, owner, shares);
    }
    stake_unstaked({ owner, ticket, left, tokens }: any, provider: string) {
        this.tickets.set(ticket, provider);
        this.pots(provider, minus(tokens), minus(left), tokens);
        this.owns(provider, owner, minus(left));
    }
    stake_redelegated(event: any, provider: string) {
        this.stake_unstaked(event, provider);
    }
    stake_unstakeCancelled({ owner, tokens, shares }: any, provider: string) {
        this.pots(provider, tokens, shares, minus(tokens));
        this.owns(provider, owner, shares);
    }
    stake_withdrawn({ tokens }: any, provider: string) {
        this.pots(provider, 0n, 0n, minus(tokens));
    }
    stake_redelegationSettled({ owner, ticket, tokens, shares }: any, provider: string) {
        this.pots(this.tickets.get(ticket)!, 0n, 0n, minus(tokens));
        this.pots(provider, tokens, shares, 0n);
        this.owns(provider, owner, shares);
    }
    stake_rewardsClaimed({ owner, tokens, shares }: any, provider: string) {
        if (shares === 0n) return;
        this.pots(provider, tokens, shares, 0n);
        this.owns(provider, owner, shares);
    }
    stake_bondLocked({ amount }: any, provider: string) {
        this.add('stake.provider', provider, { bonded: amount });
    }
    stake_bondReleased({ amount }: any, provider: string) {
        this.add('stake.provider', provider, { bonded: minus(amount) });
    }
    stake_bondSwapped({ amount, releasedProvider, released }: any, provider: string) {
        this.add('stake.provider', provider, { bonded: amount });
        this.add('stake.provider', releasedProvider, { bonded: minus(released) });
    }
    stake_bondSeized({ amount }: any, provider: string) {
        this.add('stake.provider', provider, { bonded: minus(amount), active: minus(amount) });
    }
    stake_slashProposed({ amount }: any, provider: string) {
        this.add('stake.provider', provider, { pending: amount });
    }
    stake_slashed({ active, unbonding }: any, provider: string) {
        this.pots(provider, minus(active), 0n, minus(unbonding));
        this.add('stake.provider', provider, { pending: minus(active + unbonding) });
    }
    stake_slashClosed({ amount }: any, provider: string) {
        this.add('stake.provider', provider, { pending: minus(amount) });
    }
    stake_statusChanged({ status }: any, provider: string) {
        this.set('stake.provider', provider, { status });
    }

    // --- escrow

    escrow_jobPosted({ deposit, state }: any, job: string) {
        this.set('escrow.job', job, { state, deposit, held: deposit, paid: 0n, fee: 0n, penalty: 0n, refunded: 0n });
    }
    escrow_jobStarted(_: any, job: string) {
        this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateRunning')) });
    }
    escrow_jobSettled({ paid, held }: any, job: string) {
        const before = this.book('escrow.job', job).get('held')!;
        this.add('escrow.job', job, { paid, fee: before - held - paid });
        this.set('escrow.job', job, { held });
        const owing = BigInt(constant('escrow', 'jobStateOwing'));
        if (held === 0n && this.book('escrow.job', job).get('state') === owing) {
            this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateFinished')) });
        }
    }
    escrow_jobExtended({ added }: any, job: string) {
        this.add('escrow.job', job, { deposit: added, held: added });
    }
    escrow_jobAwarded({ refunded }: any, job: string) {
        this.add('escrow.job', job, { refunded, held: minus(refunded) });
        this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateAssigned')) });
    }
    escrow_jobDelivered(_: any, job: string) {
        this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateDelivered')) });
    }
    escrow_jobRejected(_: any, job: string) {
        this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateRejected')) });
    }
    escrow_jobEnded({ state, paid, fee, penalty, refunded, held }: any, job: string) {
        this.set('escrow.job', job, { state: BigInt(state), paid, fee, penalty, refunded, held });
    }
    escrow_traceDelivered({ job }: any, trace: string) {
        this.traces.set(trace, { job, opened: 0n, played: 0n });
        this.set('escrow.job', job, { state: BigInt(constant('escrow', 'jobStateDelivered')) });
    }
    escrow_resultChallenged({ game }: any, source: string) {
        const trace = this.traces.get(source)!;
        trace.opened += 1n;
        this.games.set(game, trace);
        this.set('escrow.job', trace.job, { state: BigInt(constant('escrow', 'jobStateChallenged')) });
    }
    escrow_gameSettled({ phase }: any, source: string) {
        const trace = this.games.get(source)!;
        if (phase === BigInt(constant('escrow', 'gamePhaseMoot'))) return;
        trace.played += 1n;
        const won = phase === BigInt(constant('escrow', 'gamePhaseProviderWon'));
        // The next one that challenged it plays.
        if (won && trace.played < trace.opened) return;
        const state = won ? 'jobStateDelivered' : 'jobStateRejected';
        this.set('escrow.job', trace.job, { state: BigInt(constant('escrow', state)) });
    }
    escrow_panelMoved({ state }: any, panel: string) {
        this.set('escrow.panel', panel, { state });
    }
    escrow_replicaPaid({ paid }: any, panel: string) {
        this.add('escrow.panel', panel, { paid });
    }
    escrow_panelDecided({ state, refunded }: any, panel: string) {
        this.set('escrow.panel', panel, { state, refunded });
    }

    // --- identity

    identity_nodeActivated({ class: kind }: any, node: string) {
        this.set('identity.node', node, { class: kind, status: 1n, version: 1n });
    }
    identity_nodeSynced({ version, status }: any, node: string) {
        this.set('identity.node', node, { version, status });
    }
    identity_nodeChallenged({ status }: any, node: string) {
        this.set('identity.node', node, { status });
    }
    identity_statusChanged({ status }: any, node: string) {
        this.set('identity.node', node, { status });
    }
    identity_specificationChanged({ class: kind, version }: any, node: string) {
        this.set('identity.node', node, { class: kind, version });
    }
}

/** The same numbers as the account has them, by book; none for kinds that the indexer keeps no book of. */
export function booksOf(kind: string, address: string, state: any): Map<string, Record<string, bigint>> {
    const numbers = (...names: string[]) => Object.fromEntries(names.map((name) => [name, BigInt(state[name])]));
    const own = `${kind} ${address}`;
    switch (kind) {
        case 'bme.creditAccount': {
            const locked = state.locked.map((amount: bigint, spender: number) => [`locked ${spender}`, amount]);
            return new Map([[own, { ...numbers('issued', 'balance', 'consumed'), ...Object.fromEntries(locked) }]]);
        }
        case 'bme.burnShard':
            return new Map([[own, numbers('received', 'issued', 'burned')]]);
        case 'bme.providerWork':
            return new Map([
                [own, numbers('accrued', 'claimed')],
                [`provider ${state.provider}`, { worked: state.total }],
            ]);
        case 'bme.network':
            return new Map([[own, numbers('paused')]]);
        case 'bme.oracleSet':
            return new Map([[own, numbers('minted', 'active')]]);
        case 'bme.rootClaim':
            return new Map([[own, numbers('claimed')]]);
        case 'bme.spender':
            return new Map([[own, numbers('limit', 'closes')]]);
        case 'stake.provider': {
            const { active, unbonding } = state;
            const pots = { active: active.tokens, shares: active.shares, unbonding: unbonding.tokens };
            return new Map([[own, { ...numbers('bonded', 'pending', 'status'), ...pots }]]);
        }
        case 'stake.delegation':
            return new Map([[`${kind} ${state.provider} ${state.owner}`, numbers('shares')]]);
        case 'escrow.job':
            return new Map([[own, numbers('state', 'deposit', 'held', 'paid', 'fee', 'penalty', 'refunded')]]);
        case 'escrow.panel':
            return new Map([[own, numbers('state', 'paid', 'refunded')]]);
        case 'identity.node':
            return new Map([[own, numbers('class', 'status', 'version')]]);
    }
    return new Map();
}
