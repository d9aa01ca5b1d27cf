import {existsSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {ChangeFacts} from '../core/change-facts.ts';
import type {LogEnd} from '../core/log-end.ts';
import type {Patch} from '../core/patch.ts';
import {isDependencies, isMigration} from '../core/risk.ts';
import type {Task, WholeTask} from '../core/task.ts';
import {addToRecord, emptyRecord, type TaskRecord} from '../core/task-record.ts';
import {type Against, createAgainst} from '../git/against.ts';
import {changedAmong} from '../git/diff.ts';
import {linkedBranch, readHead} from '../git/heads.ts';
import {slug} from '../git/names.ts';
import {readLanded, readPatch, readWorkTree} from '../git/patch.ts';
import {searchSecrets} from '../git/secrets.ts';
import {createTurns} from '../git/turns.ts';
import {WRITING_STAGES} from '../roles/roles.ts';
import type {LookedAt, Looker} from '../store/room.ts';
import type {Engine} from './engine.ts';
import {lastLog, logLines} from './old-logs.ts';
import {trialTree} from './trial.ts';
import {webPage} from './web-page.ts';

/** Patches are large, and one is looked at at a time; facts are small, and a whole train is looked at. */
const KEPT = {patch: 8, facts: 300, record: 20} as const;
/** Questions that git is asked at once: a screen must not take the machine from the agents. */
const AT_ONCE = 2;
/** Entries of the record that are read in one go; it keeps no more than twenty times as many. */
const ENTRIES_A_READ = 1000;
const SECRETS_TOLD = 20;
/** Lines of a log that a screen may scroll through; the pager has more. */
const LOG_LINES = 400;

/** What of the room is looked at. */
type Sources = Pick<Engine, 'repository' | 'guardian' | 'train' | 'coordination' | 'options' | 'state' | 'config' | 'attempts'>;

/** Remembers the last answers by key, at most `most`; one that failed is asked for again. */
const createMemory = <T>(most: number): ((key: string, make: () => Promise<T>) => Promise<T>) => {
	const known = new Map<string, Promise<T>>();
	return (key, make) => {
		const found = known.get(key) ?? make();
		known.delete(key);
		known.set(key, found);
		found.catch(() => known.get(key) === found && known.delete(key));
		for (const oldest of known.keys()) if (known.size > most) known.delete(oldest);
		return found;
	};
};

/** Where the work on a task stands now: what has landed, a work tree of the room's, or the commit that was handed in. Undefined where there is nothing yet. */
type Standing = {readonly kind: 'landed' | 'branch'; readonly commit: string} | {readonly kind: 'worktree'; readonly folder: string};

const standingOf = async (engine: Sources, task: Task): Promise<Standing | undefined> => {
	const {root, commonDir} = engine.repository;
	if (task.state === 'merged') return task.landed === '' ? undefined : {kind: 'landed', commit: task.landed};
	const attempt = [...engine.attempts.values()].find(running => running.task.id === task.id && running.place.branch !== '');
	if (attempt && WRITING_STAGES.includes(attempt.task.stage)) return {kind: 'worktree', folder: attempt.place.folder};
	if (task.commit !== '') return {kind: 'branch', commit: task.commit};
	// Anybody may have written the field: only what git itself calls a work tree of this repository is looked into.
	const isOurs = task.worktree !== '' && (await linkedBranch(root, commonDir, task.worktree)) !== undefined;
	return isOurs ? {kind: 'worktree', folder: task.worktree} : undefined;
};

/**
 * Answers what a person looks at of one task. Everything is computed on demand and kept by the commits that it was made of, never for a snapshot: while nobody
 * looks it costs nothing. Git only reads the repository, and works in the room's own folder where it has to write.
 */
export const createLooker = (engine: Sources): Looker => {
	const {repository, coordination, options, state, config} = engine;
	const {root} = repository;
	const turns = createTurns(AT_ONCE);
	const against = createAgainst(repository, join(options.stateFolder, 'looks.git'));
	const patches = createMemory<Patch>(KEPT.patch);
	const standings = createMemory<Against>(KEPT.facts);
	const areas = createMemory<readonly string[]>(KEPT.facts);
	const summaries = createMemory<
		Pick<ChangeFacts, 'secrets' | 'unsearched' | 'paths' | 'files' | 'added' | 'removed' | 'dependencies' | 'migrations'>
	>(KEPT.facts);
	const records = new Map<string, {readonly since: string; readonly record: TaskRecord}>();

	const patchOf = (standing: Exclude<Standing, {kind: 'worktree'}>, base: string): Promise<Patch> => {
		const {kind, commit} = standing;
		return kind === 'landed'
			? patches(`landed ${commit}`, () => turns(() => readLanded({root, commit})))
			: patches(`${base} ${commit}`, () => turns(() => readPatch({root, base, commit})));
	};

	const patch = async (task: WholeTask): Promise<Patch | undefined> => {
		const standing = await standingOf(engine, task);
		if (!standing) return undefined;
		const base = state.baseCommit();
		if (standing.kind !== 'worktree') return patchOf(standing, base);
		const index = join(options.stateFolder, `look-${slug(task.id)}.index`);
		return turns(() => readWorkTree({folder: standing.folder, base, index}));
	};

	const summary = async (standing: Exclude<Standing, {kind: 'worktree'}>, base: string) => {
		const read = await patchOf(standing, base);
		const paths = read.files.map(({path}) => path);
		const searched = await turns(() =>
			searchSecrets({folder: root, from: read.from, to: read.commit, allowed: config.notSecret, most: SECRETS_TOLD}),
		);
		return {
			files: read.total,
			added: read.added,
			removed: read.removed,
			paths,
			dependencies: paths.filter(isDependencies),
			migrations: paths.filter(isMigration),
			...searched,
		};
	};

	/** Changed files that none of the patterns covers; git itself does the matching. */
	const outsideOf = async (
		commit: string,
		base: string,
		globs: readonly string[],
		paths: readonly string[],
	): Promise<readonly string[]> => {
		if (globs.length === 0) return [];
		const among = new Set(await changedAmong({root, base, commit, globs}));
		return paths.filter(path => !among.has(path));
	};

	const facts = async (task: WholeTask): Promise<ChangeFacts> => {
		const base = state.baseCommit();
		const standing = await standingOf(engine, task);
		const said = {lastRound: task.reviews.at(-1), remarks: task.remarks, isReviewed: config.review === 'required', holds: config.hold};
		const commit = !standing ? '' : standing.kind === 'worktree' ? await readHead(standing.folder) : standing.commit;
		const none = {
			base,
			commit: '',
			files: 0,
			added: 0,
			removed: 0,
			behind: 0,
			conflicts: [],
			paths: [],
			outside: [],
			dependencies: [],
			migrations: [],
			secrets: [],
			unsearched: 0,
		};
		if (!standing || commit === '') return {...none, ...said};
		const kind = standing.kind === 'landed' ? 'landed' : 'branch';
		const key = `${kind} ${base} ${commit}`;
		const [change, stands] = await Promise.all([
			summaries(key, () => summary({kind, commit}, base)),
			kind === 'landed' ? {behind: 0, conflicts: []} : standings(key, () => turns(() => against(commit, base))),
		]);
		// A work tree whose branch has not moved yet.
		if (kind === 'branch' && change.files === 0 && standing.kind === 'worktree') return {...none, ...said};
		const outside =
			kind === 'landed'
				? []
				: await areas(`${key} ${JSON.stringify(task.paths)}`, () => turns(() => outsideOf(commit, base, task.paths, change.paths)));
		return {base, commit, ...change, ...stands, outside, ...said};
	};

	const record = async (task: WholeTask): Promise<TaskRecord> => {
		// One millisecond before it was made: nothing of it is older.
		let {since, record: told} = records.get(task.id) ?? {since: `${Math.max(0, task.createdAt - 1)}-0`, record: emptyRecord};
		for (;;) {
			const some = await coordination.events(since, ENTRIES_A_READ);
			told = addToRecord(told, task.id, some);
			since = some.at(-1)?.id ?? since;
			if (some.length < ENTRIES_A_READ) break;
		}
		records.delete(task.id);
		records.set(task.id, {since, record: told});
		for (const oldest of records.keys()) if (records.size > KEPT.record) records.delete(oldest);
		return told;
	};

	/** Of the tests where there was a run of them, else of the newest attempt. */
	const log = async (task: WholeTask): Promise<LogEnd | undefined> => {
		const file = task.testLog === '' ? '' : join(options.stateFolder, 'logs', basename(task.testLog));
		if (file !== '' && existsSync(file)) return {log: basename(file), lines: logLines(file, LOG_LINES)};
		const last = lastLog(options.stateFolder, task.id);
		return last && {log: basename(last.file), lines: last.lines.slice(-LOG_LINES)};
	};

	const answers: {readonly [K in keyof LookedAt]: (task: WholeTask) => Promise<LookedAt[K] | undefined>} = {
		patch,
		facts,
		record,
		log,
		trial: task => trialTree(engine, task),
		web: task => webPage(root, state.getSnapshot().repository.base, task),
	};
	return async (what, id) => {
		const task = await coordination.task(id);
		return task && answers[what](task);
	};
};
