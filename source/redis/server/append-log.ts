import type {TakenEntry} from '../../core/intake/external-workers.ts';

/** What was pushed into the intake and no sweep has seen yet, by its place: where it stands in the list (its head is lowest), or its score. */
export type Unseen = {
	/** Whether the commands that follow are for database 0. */
	isOurs: boolean;
	readonly l: Map<string, number>;
	readonly z: Map<string, number>;
	pushes: number;
	/** What left the intake before a sweep noted it. */
	taken: readonly TakenEntry[];
};

export const nothingUnseen = (isOurs = true): Unseen => ({isOurs, l: new Map(), z: new Map(), pushes: 0, taken: []});

/** Limit of unseen entries; the oldest are forgotten. A sweep that is late reads those that wait from the intake itself. */
const MOST_UNSEEN = 10_000;

const [STAR, DOLLAR, HASH, CR, ZERO, NINE] = [0x2a, 0x24, 0x23, 0x0d, 0x30, 0x39];

/** Commands that touch the intake, by the place of its key; others are passed over unread. */
const WATCHED: Readonly<Record<string, true>> = Object.fromEntries(
	[
		...['SELECT', 'LPUSH', 'LPUSHX', 'RPUSH', 'RPUSHX', 'LPOP', 'RPOP', 'LMOVE', 'RPOPLPUSH'],
		...['ZADD', 'ZPOPMAX', 'ZPOPMIN', 'HSETNX'],
	].map(name => [name, true]),
);

type Read = {readonly commands: readonly (readonly string[])[] /** Bytes of whole commands. */; readonly length: number};

/** The digits of a header line at `at`, and where the next line begins; undefined if it is cut off. Throws where there is no such line. */
const headerAt = (bytes: Buffer, at: number, mark: number): {readonly value: number; readonly next: number} | undefined => {
	if (at >= bytes.length) return undefined;
	let [value, end] = [0, at + 1];
	for (let digit = bytes[end] ?? CR; digit >= ZERO && digit <= NINE; digit = bytes[++end] ?? CR) value = value * 10 + digit - ZERO;
	const isCut = end >= bytes.length;
	if (bytes[at] !== mark || (!isCut && (bytes[end] !== CR || end === at + 1)))
		throw new Error('the append-only file is not read from a command on');
	return isCut || end + 2 > bytes.length ? undefined : {value, next: end + 2};
};

/**
 * Reads commands of an append-only file, from the beginning of one: those that touch one of `keys`, or select a database. Stops at one that is cut
 * off. Throws if the bytes do not begin with a command. Pure.
 */
export const readCommands = (bytes: Buffer, keys: ReadonlySet<string>): Read => {
	const commands: (readonly string[])[] = [];
	let at = 0;
	for (;;) {
		let next = at;
		// A line with the time (`aof-timestamp-enabled`).
		if (bytes[next] === HASH) {
			const end = bytes.indexOf(CR, next);
			if (end === -1 || end + 2 > bytes.length) break;
			at = end + 2;
			continue;
		}
		const count = headerAt(bytes, next, STAR);
		if (!count) break;
		next = count.next;
		const spans: (readonly [number, number])[] = [];
		while (spans.length < count.value) {
			const header = headerAt(bytes, next, DOLLAR);
			if (!header || header.next + header.value + 2 > bytes.length) return {commands, length: at};
			spans.push([header.next, header.next + header.value]);
			next = header.next + header.value + 2;
		}
		const word = (index: number): string => {
			const [from, to] = spans[index] ?? [0, 0];
			return to - from > 200 ? '' : bytes.toString('utf8', from, to);
		};
		const name = word(0).toUpperCase();
		if (WATCHED[name] && (name === 'SELECT' || keys.has(word(1))))
			commands.push([name, ...spans.slice(1).map(([from, to]) => bytes.toString('utf8', from, to))]);
		at = next;
	}
	return {commands, length: at};
};

/**
 * The end of the last whole command in the tail of an append-only file that begins anywhere; undefined if the tail has no whole command. What is
 * in a value can look like a command, but then the next real header does not follow it, unless the value is the last: the end is right then too.
 */
export const endOfCommands = (tail: Buffer): number | undefined => {
	for (let from = tail.indexOf('\r\n*'); from !== -1; from = tail.indexOf('\r\n*', from + 1)) {
		try {
			const {length} = readCommands(tail.subarray(from + 2), new Set());
			if (length > 0) return from + 2 + length;
		} catch {
			// Not the beginning of a command.
		}
	}
	return undefined;
};

const FLAGS: ReadonlySet<string> = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']);

const scoresIn = (words: readonly string[]): readonly (readonly [string, number])[] => {
	const pairs = words.slice(words.findIndex(word => !FLAGS.has(word.toUpperCase())));
	return pairs.flatMap((score, index) => (index % 2 === 0 ? [[pairs[index + 1] ?? '', Number(score)] as const] : []));
};

/** Removes the highest or lowest entries; among equals the text decides, as in Redis. */
const takeFrom = (unseen: Unseen, source: 'l' | 'z', isHighest: boolean, count: number): void => {
	const sign = isHighest ? -1 : 1;
	const ordered = [...unseen[source]].toSorted(([a, one], [b, other]) => sign * (one - other || (a > b ? 1 : -1)));
	const left = ordered.slice(0, count).map(([text]) => ({source, text}));
	for (const {text} of left) unseen[source].delete(text);
	unseen.taken = [...unseen.taken, ...left].slice(-MOST_UNSEEN);
};

const keep = (unseen: Unseen, source: 'l' | 'z', text: string, place: number): void => {
	unseen[source].set(text, place);
	const [oldest] = unseen[source].keys();
	if (unseen[source].size > MOST_UNSEEN && oldest !== undefined) unseen[source].delete(oldest);
};

/**
 * Follows the intake through one command. `taken` gets what left it and no sweep had noted. Where the list held others too, these may be there
 * still: the script that notes them looks.
 */
export const follow = (unseen: Unseen, [name = '', key = '', ...words]: readonly string[]): void => {
	if (name === 'SELECT') unseen.isOurs = key === '0';
	if (!unseen.isOurs) return;
	const count = Number(words[0] ?? 1);
	switch (name) {
		case 'LPUSH':
		case 'LPUSHX':
		case 'RPUSH':
		case 'RPUSHX':
			for (const text of words) keep(unseen, 'l', text, name.startsWith('L') ? -++unseen.pushes : ++unseen.pushes);
			return;
		case 'ZADD':
			for (const [text, score] of scoresIn(words)) keep(unseen, 'z', text, score);
			return;
		case 'LPOP':
		case 'RPOP':
			takeFrom(unseen, 'l', name === 'RPOP', count);
			return;
		case 'ZPOPMAX':
		case 'ZPOPMIN':
			takeFrom(unseen, 'z', name === 'ZPOPMAX', count);
			return;
		case 'LMOVE':
		case 'RPOPLPUSH':
			takeFrom(unseen, 'l', words[1]?.toUpperCase() !== 'LEFT', 1);
			return;
		case 'HSETNX': {
			const source = words[0]?.startsWith('z') ? 'z' : 'l';
			unseen[source].delete(words[1] ?? '');
			unseen.taken = unseen.taken.filter(entry => entry.source !== source || entry.text !== words[1]);
		}
	}
};
