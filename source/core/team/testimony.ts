import {fencingOf, type JournalState} from './journal.ts';
import {isNewer, isOlder} from './snapshot.ts';

type Raw = Readonly<Record<string, string>>;
type Raws = ReadonlyMap<string, Raw>;

/** What a room knows of data that Redis lost, told to the other rooms of its team. */
export type Testimony = {
	/** `room:<id>`, and the name of its machine. */
	readonly room: string;
	readonly host: string;
	/** The data that it followed. */
	readonly epoch: number;
	readonly nonce: string;
	/** The newest entry of the event log that it has seen, and whether the log still has it. */
	readonly seen: string;
	readonly isSeenThere: boolean;
	/** Up to this entry its journal has everything. */
	readonly knows: string;
	/** The newest entry of its journal that the log still has, '' for none: until there, both are the same. */
	readonly fork: string;
	/** All that it knows is told here. */
	readonly isWhole: boolean;
	/** How the server that it worked with calls its data; a replica that takes over keeps that name as its second. '' if unknown. */
	readonly server: string;
	/** Its attempts that the loss has overtaken have ended, and `saved` has what they left. */
	readonly isSaved: boolean;
	readonly fencing: number;
	readonly control: Raw;
	/** Tasks and features as its journal has them, where Redis has less. */
	readonly tasks: Raws;
	readonly features: Raws;
	/** Task -> fields of the work that was saved of its last attempt. */
	readonly saved: Raws;
};

/** The one whose journal goes furthest. */
const bestOf = (testimonies: readonly Testimony[]): Testimony | undefined =>
	testimonies.reduce<Testimony | undefined>((best, told) => (best && !isNewer(told.knows, best.knows) ? best : told), undefined);

const number = (text: string | undefined): number => Number(text) || 0;

/** Fields that a transition changes: of two versions of one moment they tell which is the later one. */
const DECISIVE = ['state', 'stage', 'token', 'attempt', 'commit', 'candidate', 'decision', 'title'] as const;

/** Whether a journal knows more of a task than Redis. Times are those of servers, and the same for both until one of them took over. */
export const isAhead = (journal: Raw, present: Raw | undefined): boolean => {
	if (!present) return true;
	const [known, there] = [number(journal.updatedAt), number(present.updatedAt)];
	return known === there ? DECISIVE.some(name => (journal[name] ?? '') !== (present[name] ?? '')) : known > there;
};

/** What a journal knows that Redis lacks. */
export const surplusOf = ({tasks, features}: Pick<JournalState, 'tasks' | 'features'>, present: Raws): {tasks: Raws; features: Raws} => {
	const lost = new Map([...tasks].filter(([id, raw]) => isAhead(raw, present.get(id))));
	const named = new Set([...lost.values()].map(({feature = ''}) => feature));
	return {tasks: lost, features: new Map([...features].filter(([id]) => named.has(id)))};
};

/** Of two versions of one thing the newer decides each field that it has. */
const joined = (one: Raw | undefined, other: Raw): Raw => {
	if (!one) return other;
	return isAhead(other, one) ? {...one, ...other} : {...other, ...one};
};

/** A room that was killed before its journal followed the newest data knows their epoch and nothing of them. */
const hasJournal = ({knows}: Testimony): boolean => knows !== '0-0';

/**
 * One journal of those of all rooms: what followed the newest data decides, task by task and field by field the newer; an older epoch adds nothing,
 * since what it alone knows may have been given up. Guarantee: where no journal followed the newest data, those of before count: after a kill right
 * behind a rebuild nothing is lost by a second loss. Pure: all rooms come to the same.
 */
export const withTestimonies = (own: JournalState | undefined, testimonies: readonly Testimony[]): JournalState | undefined => {
	const known = testimonies.filter(hasJournal);
	const epoch = Math.max(own?.head?.epoch ?? 0, ...known.map(told => told.epoch));
	const told = known.filter(other => other.epoch === epoch);
	const base = own && (own.head?.epoch ?? 0) === epoch ? own : undefined;
	if (told.length === 0) return base ?? own;
	const [tasks, features] = [new Map(base?.tasks), new Map(base?.features)];
	for (const other of told) {
		for (const [id, raw] of other.tasks) tasks.set(id, joined(tasks.get(id), raw));
		for (const [id, raw] of other.features) features.set(id, joined(features.get(id), raw));
	}
	const first = bestOf(told);
	const isNewest = base === undefined || (first !== undefined && isNewer(first.knows, base.at));
	const control = isNewest ? {...base?.control, ...first?.control} : base.control;
	const nonces = [...new Set([...(own?.head?.nonces ?? []), ...testimonies.map(({nonce}) => nonce)])].filter(Boolean);
	const head = {...(own?.head ?? {journal: 0, repository: '', namespace: ''}), epoch, nonces};
	const fencing = Math.max(own?.fencing ?? 0, ...testimonies.map(other => other.fencing));
	return {...{head, at: base?.at ?? '0-0', tasks, features, control, spending: base?.spending ?? []}, positions: [], fencing};
};

/** A room as its card tells: it must be heard unless it has ended, or was silent for this long before the loss. */
type Card = {
	readonly room: string;
	readonly host: string;
	readonly endedAt: number;
	readonly beatAt: number;
	readonly joinedAt: number;
	readonly leaseMs: number;
};

/** What the journals prove of a loss. `unproved`: a human must decide; `waits` names the machines whose journals are not known yet. */
export type Proof =
	| {readonly kind: 'proved'; readonly isSaved: boolean}
	| {readonly kind: 'waits'; readonly hosts: readonly string[]}
	| {readonly kind: 'unproved'};

/** What the server says of itself: its data's name, and that of the data which it took over. */
export type Server = {readonly name: string; readonly earlier: string};

/** More tasks than this are no loss of a moment. */
const MOST_LOST = 1000;

/**
 * Whether the journals of all rooms know everything that a failover lost: then no human has to decide. Guarantee: proved only if this is a copy of the
 * very data that every room worked with; if each room that may have seen more has spoken; and if one journal goes without a gap from an entry that
 * the log still has to the newest that any room has seen. An emptied, restored or other Redis is never proved.
 */
export const proofOf = (finding: string, testimonies: readonly Testimony[], cards: readonly Card[], {name, earlier}: Server): Proof => {
	if (!isOlder(finding)) return {kind: 'unproved'};
	const ahead = testimonies.filter(({isSeenThere}) => !isSeenThere);
	const forkAt = Math.min(...ahead.map(({fork}) => Number(fork.split('-')[0]) || 0));
	const heard = new Set(testimonies.map(({room}) => room));
	// A room that was silent for two leases before had lost its Redis already.
	const mayKnow = ({endedAt, beatAt, joinedAt, leaseMs}: Card): boolean =>
		endedAt === 0 && Math.max(beatAt, joinedAt) >= forkAt - 2 * leaseMs;
	const missing = cards.filter(card => !heard.has(card.room) && mayKnow(card));
	const best = bestOf(ahead);
	if (!best) return testimonies.length > 0 && missing.length > 0 ? waitsFor(missing) : {kind: 'unproved'};
	const isCopy =
		earlier !== '' && ahead.every(({server}) => server === earlier) && testimonies.every(({server}) => [name, earlier].includes(server));
	const isOfOne = testimonies.every(({nonce, epoch}) => nonce === best.nonce && epoch === best.epoch);
	const lost = new Set(ahead.flatMap(({tasks}) => [...tasks.keys()]));
	const isKnown = best.fork !== '' && ahead.every(({seen, isWhole}) => isWhole && !isNewer(seen, best.knows));
	if (!isCopy || !isOfOne || !isKnown || lost.size > MOST_LOST) return {kind: 'unproved'};
	if (missing.length > 0) return waitsFor(missing);
	return {kind: 'proved', isSaved: testimonies.every(({isSaved}) => isSaved)};
};

const waitsFor = (missing: readonly Card[]): Proof => ({kind: 'waits', hosts: missing.map(({host, room}) => host || room)});

/** The highest fencing number that a task names. */
export const highestFencing = (tasks: Raws): number => Math.max(0, ...[...tasks.values()].map(({token}) => fencingOf(token)));
