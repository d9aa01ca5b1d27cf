import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Config} from '../../core/config/config.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import {isObjectId} from '../../git/process/names.ts';
import type {Repository} from '../../git/repository/repository.ts';
import {copyFiles, createAttempt, createDetachedWorktree, discardAttempt} from '../../git/worktree/create.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {clearLocks} from '../../git/worktree/look.ts';
import {removeWorktree} from '../../git/worktree/remove.ts';
import {saveWork} from '../../git/worktree/save.ts';
import {findTree} from '../../git/worktree/tree.ts';
import {expandCommand, type PlaceholderValues} from '../../harnesses/shared/command.ts';
import {endTree} from '../../os/process-tree.ts';
import type {AttemptPaths, NothingToRun, Workspace} from '../parts/attempt.ts';
import type {RoomOptions} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';
import {beginningOf, enterConflict} from './conflict.ts';
import {allowedEnvironment, STATE_MARK, withoutLogins} from './environment.ts';
import {reviewValues} from './review-brief.ts';
import {brokenSandbox, surround} from './sandbox.ts';
import {homeName, worktreePaths} from './sandbox-paths.ts';

export type WorkspaceSources = {
	readonly repository: Repository;
	readonly guardian: Guardian;
	readonly config: Config;
	readonly base: string;
	readonly options: Pick<RoomOptions, 'stateFolder' | 'node' | 'programFile' | 'repository'>;
	readonly workBase: Room['merges']['workBase'];
	readonly branchHead: Room['merges']['branchHead'];
	readonly paths: AttemptPaths;
	/** Reads another task with its texts. */
	readonly task: (id: string) => Promise<WholeTask | undefined>;
};

const SETUP_TIMEOUT_MS = 900_000;

const nothing = async (): Promise<void> => {};

export const harnessCommand =
	(agent: PlannedAgent) =>
	(values: PlaceholderValues): readonly string[] => {
		const expanded = expandCommand({name: agent.harness, command: agent.command, finish: agent.finish}, values);
		if (!expanded.ok) throw new Error(`${expanded.message} ${expanded.hint}`);
		return expanded.command;
	};

/** Marks every process of a `setup` with its worktree. */
const SETUP_MARK = 'AGENT_ROOM_SETS_UP';

/**
 * The owner's `setup` runs once in a new worktree. It is a shell command of the trusted configuration, but may run an agent's code (a
 * `postinstall`): so it is sandboxed as the agent will be, with an environment of allowed names and no login. One that fails or takes too long
 * leaves no process behind.
 */
const setUp = async (task: string, folder: string, sources: WorkspaceSources): Promise<void> => {
	copyFiles(sources.repository.root, folder, sources.config.copyFiles);
	if (!sources.config.setup) return;
	const {inherited, furtherEnvironment, store, sandbox, stateFolder} = sources.paths;
	const environment = withoutLogins(allowedEnvironment(inherited, furtherEnvironment), furtherEnvironment);
	const surrounded = surround(sandbox, {
		home: homeName(task, folder),
		agent: '',
		task,
		name: `setup ${folder}`,
		cwd: folder,
		command: ['sh'],
		environment: {...environment, [STATE_MARK]: stateFolder, [SETUP_MARK]: folder},
		...worktreePaths(folder, store),
	});
	await surrounded.enter();
	const [program = 'sh', ...args] = [...surrounded.prefix, 'sh', '-c', sources.config.setup];
	try {
		const running = promisify(execFile)(program, args, {
			cwd: folder,
			env: surrounded.environment,
			timeout: SETUP_TIMEOUT_MS,
			maxBuffer: 64 * 1024 * 1024,
		});
		// No one answers it.
		running.child.stdin?.end();
		await running;
	} catch (error) {
		await endTree({pid: 0, startTime: ''}, [SETUP_MARK, folder], {graceMs: 500});
		const problem = await surrounded.problem();
		if (problem !== '') throw new Error(brokenSandbox(problem));
		const {stderr, stdout} = error as {stderr?: string; stdout?: string};
		const met = surrounded.exceeded();
		throw new Error(`\`setup\` failed in the new worktree: ${met || (stderr || stdout || String(error)).trim().slice(-2000)}`);
	} finally {
		await surrounded.leave();
	}
};

export const worktreesFolder = (stateFolder: string): string => join(stateFolder, 'worktrees');
export const reviewName = (id: string, stage: string): string => `${id.toLowerCase()}-${stage}-`;

/** The folder of an attempt that only reads: a review, an audit, a plan. */
export const readingFolder = (stateFolder: string, {id, stage}: Pick<Task, 'id' | 'stage'>, token: string): string =>
	join(worktreesFolder(stateFolder), `${reviewName(id, stage)}${token.split(':')[0]}`);

/**
 * Where a reassigned task continues: the last commit of its worktree, with its uncommitted changes. Guarantee: no agent works in another's worktree,
 * so late writes in the old one never reach the new. '' if git refuses to save: then its content is nowhere else.
 */
const handedCommit = async (task: Task, {guardian: {store}}: WorkspaceSources): Promise<string> => {
	try {
		const message = `Save what was left on ${task.id}\n\nUncommitted when the task was reassigned; committed by agent-room.`;
		const {commit} = await saveWork({store, worktree: task.worktree, message});
		return task.commit === '' || (await hasDescended(store.clone, commit, task.commit)) ? commit : task.commit;
	} catch {
		return '';
	}
};

/** The commit that a person gave a task to start from. Untrusted: it must be an id, and its objects are in the person's repository. '' for none. */
const givenStart = async ({startsAt}: Task, {guardian}: WorkspaceSources): Promise<string> => {
	if (!isObjectId(startsAt)) return '';
	await guardian.importCommit(startsAt);
	return startsAt;
};

const prepareDevelop = async (task: Task, agent: PlannedAgent, sources: WorkspaceSources): Promise<Workspace> => {
	const command = harnessCommand(agent);
	const {store} = sources.guardian;
	// The field is untrusted: work continues only in a worktree that this room made and that is still that folder.
	const isThere = task.branch !== '' && findTree(store, task.worktree) !== undefined;
	const handed = isThere && task.author !== '' && task.author !== agent.id ? await handedCommit(task, sources) : '';
	const {half, theirs, commit} = await beginningOf(sources, handed === '' ? task : {...task, commit: handed});
	if (isThere && handed === '' && half === undefined) {
		await clearLocks(store, task.worktree);
		const promptValues = {conflict: await enterConflict(sources, task, {folder: task.worktree})};
		return {
			folder: task.worktree,
			branch: task.branch,
			command,
			environment: {},
			promptValues,
			fields: {},
			leave: nothing,
			discard: nothing,
		};
	}
	const from = commit || (await givenStart(task, sources)) || (await sources.workBase(task));
	const made = await createAttempt({
		store,
		worktreesFolder: worktreesFolder(sources.options.stateFolder),
		task: task.id,
		attempt: task.attempt,
		from,
	});
	const discard = (): Promise<void> => discardAttempt(store, made);
	let conflict = '';
	try {
		await setUp(task.id, made.path, sources);
		conflict = await enterConflict(sources, task, {folder: made.path, half, theirs});
	} catch (error) {
		await discard();
		throw error;
	}
	return {
		folder: made.path,
		branch: made.branch,
		command,
		environment: {},
		promptValues: {conflict},
		fields: {worktree: made.path, branch: made.branch, base: from},
		leave: nothing,
		discard,
	};
};

/** A reviewer gets the pinned commit in a detached worktree: its changes are discarded. */
const prepareReview = async (task: WholeTask, token: string, agent: PlannedAgent, sources: WorkspaceSources): Promise<Workspace> => {
	const {guardian, base, config} = sources;
	const {store} = guardian;
	const folder = readingFolder(sources.options.stateFolder, task, token);
	const leave = async (): Promise<void> => {
		await removeWorktree({store, folder});
	};
	await guardian.importCommit(task.commit);
	// Read while the worktree is made: the two are independent.
	const [shown, made] = await Promise.allSettled([
		reviewValues(task, {root: store.clone, base, baseHead: await sources.workBase(task), protectedPaths: config.protectedPaths}),
		createDetachedWorktree({store, folder, commit: task.commit}),
	]);
	if (made.status === 'rejected') throw made.reason;
	if (shown.status === 'rejected') {
		await leave();
		throw shown.reason;
	}
	return {
		folder,
		branch: '',
		command: harnessCommand(agent),
		environment: {AGENT_ROOM_COMMIT: task.commit},
		promptValues: shown.value,
		fields: {},
		leave,
		discard: leave,
	};
};

/** The room merges by itself: there is nothing to make, and nothing of an agent runs. */
const placeMerge = ({guardian}: WorkspaceSources): Workspace => ({
	folder: guardian.folder,
	branch: '',
	command: () => [],
	environment: {},
	fields: {},
	leave: nothing,
	discard: nothing,
});

/** Makes the workspace of a claimed task, by its stage. Throws an Error with a sentence if git or the setup refuses. */
export const prepareWorkspace = async (
	task: WholeTask,
	token: string,
	agent: PlannedAgent,
	sources: WorkspaceSources,
): Promise<Workspace | NothingToRun> => {
	if (agent.program === 'merge') return placeMerge(sources);
	if (task.stage === 'review' || task.stage === 'audit') return prepareReview(task, token, agent, sources);
	return prepareDevelop(task, agent, sources);
};
