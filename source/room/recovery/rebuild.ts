import type {ActionResult} from '../../core/protocol/action.ts';
import {FINAL_STATES, parseTask} from '../../core/task/task.ts';
import type {JournalState} from '../../core/team/journal.ts';
import {planRebuild, type RebuildPlan, tellCounts} from '../../core/team/rebuild.ts';
import {highestFencing, withTestimonies} from '../../core/team/testimony.ts';
import {counted} from '../../core/text/format.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';
import {commitsOnBase, namedOnBase} from '../../git/guardian/merged.ts';
import {isObjectId} from '../../git/process/names.ts';
import type {Store} from '../../git/store/store.ts';
import {saveWork} from '../../git/worktree/save.ts';
import {attemptTree, findTree, lastTaken} from '../../git/worktree/tree.ts';
import {endTree} from '../../os/process-tree.ts';
import {type Rebuilt, writeRebuild} from '../../redis/rebuild.ts';
import {readTestimonies} from '../../redis/testimony.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {STATE_MARK} from '../prepare/environment.ts';
import type {RoomRedis} from '../redis/redis.ts';

type Raw = Readonly<Record<string, string>>;
type Raws = ReadonlyMap<string, Raw>;

/** What rebuilding needs, also where no room runs. */
export type RebuildPlace = {
	readonly redis: Pick<RoomRedis, 'connection' | 'coordination' | 'epoch' | 'journal'>;
	readonly namespace: string;
	readonly store: Store;
	readonly log: (line: string) => void;
};

/** What was lost, and what a rebuild would write. `noJournal`: why there is nothing to rebuild from, as a sentence; '' if there is. */
export type Lost = {readonly plan: RebuildPlan; readonly journal: JournalState | undefined; readonly noJournal: string};

/** A commit older than its task by less than this, ms, may still be its merge: clocks differ. */
const CLOCKS_MS = 600_000;
const PAGE = 500;

/** Orders that a rebuild restores. A freeze and a failing base are determined again. */
const ORDERS: readonly string[] = [
	...['paused', 'drained', 'budget', 'atBudget', 'budgetFrom', 'budgetRoom', 'reachedAt', 'spent', 'tokenBudget', 'tokens'],
	...['stray', 'strayFrom', 'strayTask', 'strayAgent', 'strayAt'],
];

/** Every task that Redis still has. */
export const presentTasks = async ({coordination}: RebuildPlace['redis']): Promise<Raws> => {
	const found = new Map<string, Raw>();
	let cursor = '';
	do {
		const page = await coordination.list(cursor, PAGE);
		for (const [id, fields] of await coordination.read(page.tasks.map(({id}) => id))) found.set(id, fields);
		({cursor} = page);
	} while (cursor !== '');
	return found;
};

/** Commits of the base that merge the known work of a task: what was submitted, or built from it. */
const mergedOf = async (store: Store, tasks: Raws): Promise<ReadonlyMap<string, string>> => {
	const worksBy = (name: string) =>
		[...tasks].flatMap(([task, raw]) => (isObjectId(raw[name] ?? '') ? [{task, commit: raw[name] ?? ''}] : []));
	return new Map([...(await commitsOnBase(store, worksBy('candidate'))), ...(await commitsOnBase(store, worksBy('commit')))]);
};

/** Reads what was lost, by the journals of all rooms that have told theirs; changes nothing. `saved`: saved work of leases, by task. */
export const inspectLoss = async (
	place: RebuildPlace,
	{
		isKeeping,
		isHealing = false,
		base,
		saved = new Map(),
	}: {readonly isKeeping: boolean; readonly isHealing?: boolean; readonly base: string; readonly saved?: Raws},
): Promise<Lost> => {
	const {redis, store, namespace} = place;
	const found = await redis.journal.read();
	const own = found.kind === 'read' ? found.state : undefined;
	const journal = withTestimonies(own, await readTestimonies(redis.connection, namespace));
	const present = await presentTasks(redis);
	const tasks = new Map([...present, ...(journal?.tasks ?? [])]);
	const merged = new Map([...(await mergedOf(store, present)), ...(await mergedOf(store, tasks))]);
	const since = [...tasks].map(([task, {createdAt}]) => ({task, since: (Number(createdAt) || 0) - CLOCKS_MS}));
	const plan = planRebuild({
		...{journal: journal?.tasks ?? new Map(), features: journal?.features ?? new Map(), present, merged, saved, isKeeping, isHealing, base},
		named: await namedOnBase(store, since),
		trees: new Set([...tasks].flatMap(([id, {worktree = ''}]) => (worktree !== '' && findTree(store, worktree) ? [id] : []))),
		now: Date.now(),
	});
	const noJournal =
		found.kind === 'refused' && !journal
			? found.message
			: journal
				? ''
				: `There is no journal to rebuild from (\`${redis.journal.file}\`).`;
	return {plan, journal, noJournal};
};

/**
 * Commits what leases without a process left in their worktrees; returns by task the fields by which the next attempt starts from it. No agent may
 * work there any more.
 */
export const saveLeases = async (
	{store, log}: Pick<RebuildPlace, 'store' | 'log'>,
	{tasks}: Pick<JournalState, 'tasks'>,
): Promise<Raws> => {
	const saved = new Map<string, Raw>();
	for (const [id, raw] of tasks) {
		const task = parseTask(id, raw);
		if (task.state !== 'leased' || !WRITING_STAGES.includes(task.stage)) continue;
		const worktree = attemptTree(store, task, task.createdAt - CLOCKS_MS) ?? task.worktree;
		if (worktree === '') continue;
		if (!findTree(store, worktree)) {
			// It ended between the loss and its discovery, when its work was saved.
			const commit = lastTaken(store, worktree);
			if (commit !== '') saved.set(id, {commit});
			continue;
		}
		const message = `Save what ${task.owner} left on ${id}\n\nRedis lost its data during the attempt; committed before the rebuild.`;
		try {
			saved.set(id, {commit: (await saveWork({store, worktree, message})).commit});
		} catch (error) {
			log(`cannot save the work on ${id}: ${String(error)}`);
			// Its content is nowhere else: the next attempt continues in it.
			saved.set(id, {worktree, fresh: '0'});
		}
	}
	return saved;
};

/** The lead is taken under the same numbers, and no journal has those: so many may have been given since. */
const LEADS = 1000;

const numbersOf = ({tasks, fencing}: JournalState): Readonly<Record<string, number>> => {
	const numbers = [...tasks.keys()].map(id => Number(/^t-(\d{1,15})$/.exec(id)?.[1] ?? 0));
	return {'tasks:number': Math.max(0, ...numbers), fencing: Math.max(fencing, highestFencing(tasks)) + LEADS};
};

const ordersOf = ({control, spending}: JournalState): Raw => {
	const kept = Object.fromEntries(Object.entries(control).filter(([name]) => ORDERS.includes(name)));
	return spending.length === 0 ? kept : {...kept, quarters: spending.map(({quarter, micros}) => `${quarter}:${micros}`).join(' ')};
};

/** Writes what `inspectLoss` found. Nothing is assigned before the data are accepted. */
const writeLost = ({redis, namespace}: RebuildPlace, {plan, journal}: Lost, isKeeping: boolean): Promise<Rebuilt> => {
	// No id is given twice, whatever is decided.
	const orders = {control: journal && !isKeeping ? ordersOf(journal) : {}, numbers: journal ? numbersOf(journal) : {}};
	const nonces = [...(journal?.head?.nonces ?? []), redis.epoch.remembered().nonce].filter(Boolean);
	return writeRebuild(redis.connection, namespace, plan, orders, nonces);
};

/** Why a rebuild was not written, for the human who ordered it. */
const tellNotRebuilt = (code: Exclude<Rebuilt['code'], 'ok'>): Refusal => {
	const looks = 'See `agent-room status`.';
	if (code === 'over') return refusal('changed', 'Nothing to rebuild: another room of the team has decided about the data.', looks);
	if (code === 'taken') return refusal('changed', 'Another rebuild of the same data started since.', looks);
	return refusal(
		'other-redis',
		'This Redis has tasks that the journal has never seen: nothing is rebuilt into it.',
		'Connect the Redis of before, or take this one as it is: `agent-room rebuild --start-empty`.',
	);
};

/** Ends the processes of a killed room, so that nothing runs where work is saved. Writes nothing to Redis. */
export const endLeft = async (stateFolder: string): Promise<Raws> => {
	await endTree({pid: 0, startTime: ''}, [STATE_MARK, stateFolder], {graceMs: 500});
	return new Map();
};

/** What a rebuild can use, in one clause. */
export const tellLost = ({plan, noJournal}: Lost): string => (noJournal ? noJournal.replace(/\.$/, '') : tellCounts(plan.counts));

/** How a loss is decided: rebuilt from the journal, or Redis is accepted as it is. */
export type Deciding = {
	readonly from: 'journal' | 'redis';
	/** Nobody had to decide: only what was lost is written, and what Redis still knows as it was goes on. */
	readonly isHealing?: boolean;
	/** Only says what would be done. */
	readonly isTrial: boolean;
	readonly base: string;
	/** Ends running attempts; returns by task the fields by which its next attempt starts from the work. */
	readonly endAttempts: () => Promise<Raws>;
	/** Accepts the data: a new epoch. Everything is still frozen. */
	readonly accept: () => Promise<void>;
};

/**
 * Carries out a human's decision about a Redis that lost its data. Guarantee: either way no work that was merged is done again. After a kill at any
 * moment the next start asks the same question, and the answer has the same result.
 */
export const decideLoss = async (
	place: RebuildPlace,
	{from, isHealing = false, isTrial, base, endAttempts, accept}: Deciding,
): Promise<ActionResult> => {
	const {redis, store, log} = place;
	const isKeeping = from === 'redis';
	const before = await inspectLoss(place, {isKeeping, isHealing, base});
	if (!isKeeping && before.noJournal)
		return refusal('no-journal', before.noJournal, 'Restore the data, or give up what is lost: `agent-room rebuild --start-empty`.');
	if (isTrial)
		return {
			ok: true,
			text: tellCounts(before.plan.counts),
			ids: before.plan.tasks.filter(({place}) => !FINAL_STATES.some(state => state === place)).map(({id}) => id),
		};
	const ended = await endAttempts();
	// Where nobody decided, each room has saved what it held, and agents are at work.
	const left = !isKeeping && !isHealing && before.journal ? await saveLeases({store, log}, before.journal) : new Map();
	// Merged work is read once nothing runs any more.
	const lost = await inspectLoss(place, {isKeeping, isHealing, base, saved: new Map([...left, ...ended])});
	const rebuilt = await writeLost(place, lost, isKeeping);
	const isOther = isKeeping && rebuilt.code === 'other';
	if (rebuilt.code !== 'ok' && !isOther) return tellNotRebuilt(rebuilt.code);
	await accept();
	await redis.journal.catchUp();
	const {counts} = lost.plan;
	const merged = counts.merged > 0 ? `; ${counted(counts.merged, 'task was', 'tasks were')} merged since` : '';
	const done = isHealing ? 'what the failover lost was in the journals, and work continues' : 'rebuilt';
	const text = isKeeping ? `the data in Redis is kept as it is${isOther ? '' : merged}` : `${done}: ${tellCounts(counts)}`;
	const {control} = (await redis.coordination.snapshot()).team;
	if (!isHealing || control.frozenWhy === 'rebuild') await redis.coordination.control({frozen: false}, text);
	const skipped = rebuilt.code === 'ok' && rebuilt.skipped.length > 0 ? `; not rebuilt: ${rebuilt.skipped.slice(0, 5).join(', ')}` : '';
	return {ok: true, text: `${text}${skipped}`};
};
