import {basename, join} from 'node:path';
import pLimit from 'p-limit';
import {type ChangeFacts, isDependencies, isMigration, isPipeline} from '../../core/change/change.ts';
import {filesWithMarkers, type Patch} from '../../core/change/diff.ts';
import {forgePage} from '../../core/change/web-page.ts';
import type {LogEnd} from '../../core/task/failure.ts';
import {addToRecord, emptyRecord, type TaskRecord} from '../../core/task/history.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import {readMerged, readPatch, readWorkTree} from '../../git/diff/patch.ts';
import {changedAmong} from '../../git/diff/paths.ts';
import {changedRuns} from '../../git/diff/runs.ts';
import {searchSecrets} from '../../git/diff/secrets.ts';
import {halfDone} from '../../git/merge/in-progress.ts';
import {type Against, createAgainst} from '../../git/merge/merge-tree.ts';
import {slug} from '../../git/process/names.ts';
import {gitLine} from '../../git/process/run.ts';
import {remoteOf} from '../../git/remote/remote.ts';
import {asRepository} from '../../git/store/store.ts';
import {takeHead} from '../../git/worktree/look.ts';
import {findTree} from '../../git/worktree/tree.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import type {Inspection, TaskInspector, WebPage} from '../../store/room.ts';
import {runsOf} from '../merge/approval.ts';
import {trialTree} from '../merge/blocked.ts';
import type {Room} from '../parts/parts.ts';
import {logLines, logsOf, namedLog} from '../team/output.ts';
import {createFigures} from './figures.ts';
import {hostsPage} from './hosts.ts';

const no = (why: string): WebPage => ({url: '', why});

/** The web page of a task's work, where this clone knows it to exist: its commit on the base once pushed, else its branch. Asks only this clone. */
const webPage = async (root: string, base: string, task: Pick<Task, 'id' | 'branch' | 'mergedCommit'>): Promise<WebPage> => {
	const remote = await remoteOf(root, base);
	if (remote === '') return no('This repository has no remote, so it has no web page.');
	const address = await gitLine(root, ['remote', 'get-url', '--', remote]).catch(() => '');
	const has = (...args: readonly string[]): Promise<boolean> =>
		gitLine(root, args).then(
			() => true,
			() => false,
		);
	if (forgePage(address, {branch: base}) === undefined)
		return no(`\`${remote}\` is not on a known forge: ${address.replace(/\/\/[^@/]*@/, '//')}`);
	if (task.mergedCommit !== '' && (await has('merge-base', '--is-ancestor', task.mergedCommit, `refs/remotes/${remote}/${base}`)))
		return {url: forgePage(address, {commit: task.mergedCommit}) ?? '', why: ''};
	if (task.mergedCommit !== '') return no(`Task ${task.id} is merged into ${base}; push ${base} to ${remote} to see it on the web.`);
	if (task.branch === '') return no(`Task ${task.id} has no branch yet.`);
	if (await has('rev-parse', '--verify', '--quiet', `refs/remotes/${remote}/${task.branch}`))
		return {url: forgePage(address, {branch: task.branch}) ?? '', why: ''};
	return no(`${task.branch} is only in this clone; push it to ${remote} to see it on the web.`);
};

/** Patches are large and viewed one at a time; facts are small and needed for a whole merge queue. */
const KEPT = {patch: 8, facts: 300, record: 20} as const;
/** Concurrent git calls: a screen must not take the machine from the agents. */
const AT_ONCE = 2;
/** Entries of the record read at once; the record keeps at most twenty times as many. */
const ENTRIES_A_READ = 1000;
const SECRETS_TOLD = 20;
/** Lines of a log that a screen may scroll through; the pager has more. */
const LOG_LINES = 400;

type Sources = Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges'>;

/** Caches at most `most` answers by key; a failed one is not cached. */
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

/** Where a task's work is now: merged, in a worktree of the room, or as a submitted commit. Undefined before there is any. */
type Standing = {readonly kind: 'merged' | 'branch'; readonly commit: string} | {readonly kind: 'worktree'; readonly folder: string};

const standingOf = async ({facts, slots}: Pick<Sources, 'facts' | 'slots'>, task: Task): Promise<Standing | undefined> => {
	if (task.state === 'merged') return task.mergedCommit === '' ? undefined : {kind: 'merged', commit: task.mergedCommit};
	const attempt = slots.attempts().find(running => running.task.id === task.id && running.workspace.branch !== '');
	if (attempt && WRITING_STAGES.includes(attempt.task.stage)) return {kind: 'worktree', folder: attempt.workspace.folder};
	if (task.commit !== '') return {kind: 'branch', commit: task.commit};
	// The field is untrusted: only a worktree that this room made is read.
	return findTree(facts.guardian.store, task.worktree) ? {kind: 'worktree', folder: task.worktree} : undefined;
};

/**
 * Answers what a human views of one task. Everything is computed on demand and cached by its commits, never for a snapshot: it costs nothing while
 * no one views it. Git only reads the repository, and writes only in the room's own folder.
 */
export const createTaskInspector = (room: Sources): TaskInspector => {
	const {repository, guardian, options, config} = room.facts;
	const {store, folder: root} = guardian;
	const inTurn = pLimit(AT_ONCE);
	/** Commits of a human, or of an earlier version of this program, are imported into the room's own objects first. */
	const have = (...commits: readonly string[]): Promise<unknown> => Promise.all(commits.map(guardian.importCommit));
	const against = createAgainst(asRepository(store), join(options.stateFolder, 'looks.git'));
	const patches = createMemory<Patch>(KEPT.patch);
	const standings = createMemory<Against>(KEPT.facts);
	const areas = createMemory<readonly string[]>(KEPT.facts);
	const summaries = createMemory<
		Pick<
			ChangeFacts,
			| 'marked'
			| 'secrets'
			| 'unsearched'
			| 'runs'
			| 'pipelines'
			| 'configures'
			| 'paths'
			| 'files'
			| 'added'
			| 'removed'
			| 'dependencies'
			| 'migrations'
		>
	>(KEPT.facts);
	const records = new Map<string, {readonly since: string; readonly record: TaskRecord}>();

	const patchOf = (standing: Exclude<Standing, {kind: 'worktree'}>, base: string): Promise<Patch> => {
		const {kind, commit} = standing;
		return kind === 'merged'
			? patches(`merged ${commit}`, () => inTurn(() => have(commit).then(() => readMerged({root, commit}))))
			: patches(`${base} ${commit}`, () =>
					inTurn(async () => {
						await have(base, commit);
						return readPatch({root, base, commit, theirs: (await halfDone(root, commit))?.theirs ?? ''});
					}),
				);
	};

	const patch = async (task: WholeTask): Promise<Patch | undefined> => {
		const standing = await standingOf(room, task);
		if (!standing) return undefined;
		const base = room.record.baseCommit();
		if (standing.kind !== 'worktree') return patchOf(standing, base);
		const index = join(options.stateFolder, `look-${slug(task.id)}.index`);
		return inTurn(() => readWorkTree({store, folder: standing.folder, base, index}));
	};

	const summary = async (standing: Exclude<Standing, {kind: 'worktree'}>, base: string) => {
		const read = await patchOf(standing, base);
		const paths = read.files.map(({path}) => path);
		const sides = {folder: root, from: read.from, to: read.commit};
		const searched = await inTurn(() => searchSecrets({...sides, allowed: config.secretAllowlist, most: SECRETS_TOLD}));
		const changed = await inTurn(() => changedRuns(sides, paths, runsOf(room)));
		return {
			files: read.total,
			added: read.added,
			removed: read.removed,
			paths,
			dependencies: paths.filter(isDependencies),
			migrations: paths.filter(isMigration),
			marked: filesWithMarkers(read),
			...searched,
			...changed,
			pipelines: room.facts.guardian.store.remote ? paths.filter(isPipeline) : [],
		};
	};

	/** Changed files that no pattern covers; git itself does the matching. */
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
		const base = room.record.baseCommit();
		const standing = await standingOf(room, task);
		const said = {
			lastRound: task.reviews.at(-1),
			comments: task.comments,
			isReviewed: config.review === 'required',
			holds: config.requireApproval,
		};
		const commit = !standing ? '' : standing.kind === 'worktree' ? await takeHead(store, standing.folder) : standing.commit;
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
			marked: [],
			secrets: [],
			unsearched: [],
			runs: [],
			pipelines: [],
			configures: [],
		};
		if (!standing || commit === '') return {...none, ...said};
		const kind = standing.kind === 'merged' ? 'merged' : 'branch';
		const key = `${kind} ${base} ${commit}`;
		const [change, stands] = await Promise.all([
			summaries(key, () => summary({kind, commit}, base)),
			kind === 'merged' ? {behind: 0, conflicts: []} : standings(key, () => inTurn(() => against(commit, base))),
		]);
		// A worktree whose branch has not moved yet.
		if (kind === 'branch' && change.files === 0 && standing.kind === 'worktree') return {...none, ...said};
		const outside =
			kind === 'merged'
				? []
				: await areas(`${key} ${JSON.stringify(task.paths)}`, () => inTurn(() => outsideOf(commit, base, task.paths, change.paths)));
		return {base, commit, ...change, ...stands, outside, ...said};
	};

	const record = async (task: WholeTask): Promise<TaskRecord> => {
		// One millisecond before its creation: no entry is older.
		let {since, record: told} = records.get(task.id) ?? {since: `${Math.max(0, task.createdAt - 1)}-0`, record: emptyRecord};
		for (;;) {
			const some = await room.link.coordination.events(since, ENTRIES_A_READ);
			told = addToRecord(told, task.id, some);
			since = some.at(-1)?.id ?? since;
			if (some.length < ENTRIES_A_READ) break;
		}
		records.delete(task.id);
		records.set(task.id, {since, record: told});
		for (const oldest of records.keys()) if (records.size > KEPT.record) records.delete(oldest);
		return told;
	};

	/** The named log, else that of its tests if they ran, else of the newest attempt. */
	const log = async (task: WholeTask, name: string): Promise<LogEnd | undefined> => {
		const all = logsOf(options.stateFolder, task.id);
		const tests = all.find(({file}) => basename(file) === basename(task.testLog));
		const found = (name === '' && tests) || namedLog(all, name);
		return found && {log: basename(found.file), lines: logLines(found.file, LOG_LINES), name: found.name, names: all.map(one => one.name)};
	};

	const answers: {
		readonly [K in Exclude<keyof Inspection, 'hosts' | 'figures'>]: (task: WholeTask, part: string) => Promise<Inspection[K] | undefined>;
	} = {
		patch,
		facts,
		record,
		log,
		trial: task => trialTree(room, task),
		web: task => webPage(repository.root, room.record.getSnapshot().repository.base, task),
	};
	const ofTask = async <K extends keyof typeof answers>(what: K, id: string): Promise<Inspection[K] | undefined> => {
		const [name = '', part = ''] = id.split(' ');
		const task = await room.link.coordination.task(name);
		return task && answers[what](task, part);
	};
	const figures = createFigures(room);
	const look = (what: keyof Inspection, id: string): Promise<Inspection[keyof Inspection] | undefined> =>
		what === 'hosts' ? hostsPage(room) : what === 'figures' ? figures() : ofTask(what, id);
	return look as TaskInspector;
};
