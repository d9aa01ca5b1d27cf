import {FINAL_STATES} from '../task/task.ts';
import {counted} from '../text/format.ts';
import {isAhead} from './testimony.ts';

type Raw = Readonly<Record<string, string>>;
type Raws = ReadonlyMap<string, Raw>;

/** A commit of the base that names a task, and merges other work than is known of it. */
export type NamedMerge = {readonly commit: string; readonly subject: string};

/** What a rebuild follows from. */
export type Known = {
	/** Tasks of the journal, and its features. */
	readonly journal: Raws;
	readonly features: Raws;
	/** Tasks that Redis still has. */
	readonly present: Raws;
	/** Task -> the commit of the base that merges the work which the journal, or Redis, names. */
	readonly merged: ReadonlyMap<string, string>;
	/** Task -> a commit of the base with its name only. */
	readonly named: ReadonlyMap<string, NamedMerge>;
	/** Task -> fields of the work that was saved of its last attempt. */
	readonly saved: Raws;
	/** Tasks with a worktree on this machine. */
	readonly trees: ReadonlySet<string>;
	/** Keeps what Redis has, and only ends what was merged since. */
	readonly isKeeping: boolean;
	/** Writes only what the journal knows better; leases that both know go on. */
	readonly isHealing?: boolean;
	readonly base: string;
	/** Epoch ms. */
	readonly now: number;
};

/** One task as `lua/rebuild.lua` takes it: `place` is its state (`leased`: its lease goes on, under the token among its fields), `waitsFor` the names that it waits for (`lua/lib/dependents.lua`). */
export type RebuiltTask = {
	readonly id: string;
	readonly place: string;
	readonly createdAt: string;
	readonly fields: Raw;
	readonly waitsFor: readonly string[];
};
export type RebuiltFeature = {readonly feature: string; readonly fields: Raw};

export type RebuildCounts = {
	readonly unfinished: number;
	/** Of the unfinished: with a commit, or a worktree on this machine. */
	readonly withWork: number;
	/** Unfinished by what is known, and on the base. */
	readonly merged: number;
	/** Unfinished, with a commit of their name on the base: they need a decision. */
	readonly asked: number;
};

export type RebuildPlan = {
	readonly tasks: readonly RebuiltTask[];
	readonly features: readonly RebuiltFeature[];
	readonly counts: RebuildCounts;
};

const isFinal = ({state}: Raw): boolean => FINAL_STATES.some(final => final === state);
const number = (text: string | undefined, otherwise: number): number => {
	const value = Number(text);
	return text !== undefined && text !== '' && Number.isFinite(value) ? value : otherwise;
};

/** What a lease leaves: no holder, no session (its program is gone, and its totals would count twice), no wait that time has answered. */
const FREE: Raw = {
	...{owner: '', token: '', leaseUntil: '0', session: '', sessionOf: '', prefers: '', progress: '', progressTold: '', status: ''},
	...{waits: '', origin: ''},
};

const HOMES: readonly string[] = ['plan', 'develop', 'document'];

/** The fields of an unfinished task. A lease costs no attempt; the task restarts in a new worktree. */
const openFields = (raw: Raw, saved: Raw | undefined): Raw => {
	const isHome = HOMES.includes(raw.stage ?? 'develop');
	const wasLeased = raw.state === 'leased';
	const lost: Raw = raw.stage === 'test' && wasLeased ? {candidate: '', candidateBase: '', failedCandidate: ''} : {};
	const begins: Raw = wasLeased && isHome ? {fresh: '1', reason: 'Redis lost its data during the attempt'} : {};
	const waitReason = raw.decision ? (raw.waitReason ?? '') : '';
	return {...raw, ...FREE, waitReason, ...begins, ...lost, ...saved};
};

/** Of what Redis still has and what the journal says of the same task, the newer one. */
const newest = (present: Raws, journal: Raws): Raws => {
	const all = new Map(present);
	for (const [id, raw] of journal) {
		const here = present.get(id);
		if (!here || number(raw.updatedAt, 0) >= number(here.updatedAt, 0)) all.set(id, raw);
	}
	return all;
};

/** The same, where only what the journal knows better is written. */
const ahead = (present: Raws, journal: Raws): Raws => {
	const all = new Map(present);
	for (const [id, raw] of journal) if (isAhead(raw, present.get(id))) all.set(id, raw);
	return all;
};

/** Both know the same holder: what differs is what it has told since. */
const isSameLease = (journal: Raw, present: Raw | undefined): boolean =>
	journal.state === 'leased' && present?.state === 'leased' && (journal.token ?? '') !== '' && journal.token === present.token;

const isWholeFeature = (fields: Raw): boolean => [fields.open, fields.failed, fields.cancelled].every(count => number(count, 0) === 0);

/** The count of its feature that a task is part of, '' for none. */
const bucketOf = (state: string | undefined): string =>
	state === undefined || state === 'planned' ? '' : isFinal({state}) ? state : 'open';

/** The features of the journal, with what it did not know of their tasks. */
const recounted = (
	features: Raws,
	sources: Raws,
	journal: Raws,
	endedAs: (id: string) => Raw | undefined,
	now: number,
): ReadonlyMap<string, Raw> => {
	const counts = new Map(features);
	for (const [id, raw] of sources) {
		const feature = counts.get(raw.feature ?? '');
		const known = journal.get(id);
		const [from, to] = [bucketOf(known?.state), bucketOf((endedAs(id) ?? raw).state ?? 'ready')];
		if (!feature || from === to) continue;
		const next: Record<string, string> = {...feature};
		if (from !== '') next[from] = String(Math.max(0, number(feature[from], 0) - 1));
		if (to !== '') next[to] = String(number(feature[to], 0) + 1);
		next.total = String(number(feature.total, 0) + (to === '' ? 0 : 1) - (from === '' ? 0 : 1));
		next.endedAt = next.open === '0' ? String(now) : '0';
		counts.set(raw.feature ?? '', next);
	}
	return counts;
};

/** The rows that a rebuild writes. Pure: the same facts give the same rows, in every room and every time. */
export const planRebuild = (known: Known): RebuildPlan => {
	const {journal, features, present, merged, named, saved, trees, isKeeping, isHealing = false, base, now} = known;
	const sources = isKeeping ? present : isHealing ? ahead(present, journal) : newest(present, journal);
	const leased = new Map<string, Raw>();
	const ended = new Map<string, Raw>();
	const asked = new Map<string, Raw>();
	const open = new Map<string, Raw>();
	let [mergedSince, withWork] = [0, 0];
	for (const [id, raw] of sources) {
		// Of what Redis itself knows best nothing is written, unless the base says what became of it.
		const isOurs = raw === journal.get(id) && raw !== present.get(id);
		if (isHealing && isOurs && isSameLease(raw, present.get(id))) leased.set(id, raw);
		if (isHealing && (!isOurs || leased.has(id))) {
			open.set(id, raw);
			continue;
		}
		const mergedAs = merged.get(id);
		const other = named.get(id);
		if (isFinal(raw)) {
			// Redis is about to learn of it.
			if (isOurs && raw.state === 'merged' && !isFinal(present.get(id) ?? raw)) mergedSince++;
			if (isOurs) ended.set(id, {...raw, owner: '', token: '', leaseUntil: '0', origin: ''});
			continue;
		}
		if (mergedAs !== undefined) {
			mergedSince++;
			ended.set(id, {
				...{...raw, ...FREE, state: 'merged', mergedCommit: mergedAs, doneAt: String(now), decision: '', waitReason: ''},
				...{unmergedCommit: '', failedCandidate: '', pullOf: ''},
			});
			continue;
		}
		const work = saved.get(id);
		const commit = work?.commit ?? raw.commit ?? '';
		if ((commit !== '' && commit !== raw.base) || trees.has(id)) withWork++;
		if (other !== undefined && other.commit !== raw.unmergedCommit && other.commit !== raw.mergedCommit)
			asked.set(id, {
				...openFields(raw, work),
				...{state: 'blocked', decision: 'named', unmergedCommit: other.commit},
				waitReason: `${base} contains ${other.commit.slice(0, 7)} with its name (${other.subject})`,
			});
		else open.set(id, isOurs ? openFields(raw, work) : raw);
	}
	const counts = isKeeping ? new Map<string, Raw>() : recounted(features, sources, journal, id => ended.get(id), now);
	/** The state after the rebuild, of every task that anything may wait for. */
	const stateOf = (id: string): Raw | undefined => ended.get(id) ?? asked.get(id) ?? open.get(id) ?? sources.get(id) ?? present.get(id);
	/** Merged once, so that those who waited for it may have gone on since: a task that was taken off the base, or a feature. */
	const mayBeFreed = (name: string): boolean => name.startsWith('@') || (stateOf(name)?.unmergedCommit ?? '') !== '';
	const waitsFor = ({after, feature, waits}: Raw): readonly string[] => {
		const names = (after ?? '').split(',').flatMap(id => {
			if (id === '') return [];
			const task = stateOf(id);
			const of = task?.stage === 'plan' && task.feature && task.feature !== feature ? task.feature : task ? undefined : id;
			// Its work is on the branch that this task starts from.
			const isOnBranch = task?.pullOf === 'feature' && task.feature !== '' && task.feature === feature;
			if (of === undefined) return task?.state === 'merged' || task?.state === 'planned' || isOnBranch ? [] : [id];
			const known = counts.get(of);
			return known && isWholeFeature(known) ? [] : [known || task ? `@${of}` : id];
		});
		const all = [...new Set(names)];
		const freed = all.filter(mayBeFreed);
		const excess = all.length - number(waits, all.length);
		// Where it is not known which of several it was, waiting for all of them starts nothing too early.
		return excess > 0 && excess === freed.length && excess < all.length ? all.filter(name => !freed.includes(name)) : all;
	};
	const row = (id: string, {state = 'ready', ...raw}: Raw): RebuiltTask => {
		const {waits: _, readyAt: _readyAt, ...fields} = raw;
		if (leased.has(id)) return {id, place: 'leased', createdAt: '0', fields, waitsFor: []};
		const isAsking = state === 'blocked' && (raw.decision ?? '') !== '';
		const names = state === 'blocked' && !isAsking ? waitsFor(raw) : [];
		const isEnded = isFinal({state});
		const place = isEnded || isAsking ? state : names.length > 0 ? 'blocked' : 'ready';
		const score = number(raw.score, number(raw.createdAt, now) - number(raw.priority, 50) * 60_000);
		const createdAt = number(raw.madeAt, score + number(raw.priority, 50) * 60_000);
		return {
			...{id, place, createdAt: createdAt.toFixed(3)},
			fields: {...fields, ...(raw.score === undefined ? {score: score.toFixed(3)} : {score: raw.score})},
			waitsFor: names,
		};
	};
	const rewritten = [...open].filter(([id, raw]) => raw !== present.get(id));
	const tasks = [...ended, ...asked, ...rewritten].map(([id, raw]) => row(id, raw));
	return {
		tasks: tasks.toSorted((a, b) => Number(a.createdAt) - Number(b.createdAt) || (a.id < b.id ? -1 : 1)),
		features: [...counts].map(([feature, fields]) => ({feature, fields})),
		counts: {
			...{unfinished: (isHealing ? rewritten.length : open.size) + asked.size, withWork, merged: mergedSince, asked: asked.size},
		},
	};
};

/** `14 unfinished tasks, 7 with work, 3 merged since`. */
export const tellCounts = ({unfinished, withWork, merged, asked}: RebuildCounts): string =>
	[
		counted(unfinished, 'unfinished task', 'unfinished tasks'),
		`${withWork} with work`,
		...(merged > 0 ? [`${merged} merged since`] : []),
		...(asked > 0 ? [`${asked} that may be merged`] : []),
	].join(', ');
