import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {WholeTask} from '../../core/task/task.ts';
import {asGitWork} from '../../git/process/work.ts';
import {continueTree, endTree, processesOf, stopTree} from '../../os/process-tree.ts';
import type {Attempt, Ended, Workspace} from '../parts/attempt.ts';
import {attemptMark} from '../prepare/environment.ts';
import {NOT_SURROUNDED} from '../prepare/sandbox.ts';
import {openLog} from '../team/output.ts';
import {NO_PROCESS} from '../team/own-work.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import {attemptName} from './attempt.ts';
import {beginning} from './beginning.ts';

/** What the room does in an attempt of its own: `say` prints a line in the pane, `withGit` runs what may start git. Never throws. */
export type OwnTask = (
	attempt: Attempt,
	tools: {readonly say: (line: string) => void; readonly withGit: <T>(work: () => Promise<T>) => Promise<T>},
) => Promise<void>;

/** After its git was killed it has this long to notice, ms; then somebody must look. */
const LAST_MS = 5000;
/** A git that was about to start when all were ended is found by the next look, ms. */
const LOOK_MS = 20;

/**
 * Starts an attempt that the room does itself, shown in its agent's pane. Its git processes have the mark of the token, as those of a
 * program would: they are stopped, continued and ended with it, and found after a kill of the room. Guarantees: paused, it starts no further git;
 * once `end` has resolved, none runs and none will.
 */
export const startOwnAttempt = (
	given: {
		readonly agent: PlannedAgent;
		readonly task: WholeTask;
		readonly token: string;
		readonly startedAt: number;
		readonly workspace: Workspace;
		readonly pane: Pane;
	},
	stateFolder: string,
	work: OwnTask,
): Attempt => {
	const {agent, task, token, startedAt, workspace, pane} = given;
	const logs = join(stateFolder, 'logs');
	mkdirSync(logs, {recursive: true, mode: 0o700});
	const logFile = join(logs, `${attemptName(task, token)}.log`);
	const log = openLog(logFile);
	const marker = attemptMark(token);
	const ending = new AbortController();
	let hold: PromiseWithResolvers<void> | undefined;
	const release = (): void => {
		hold?.resolve();
		hold = undefined;
	};
	const gitWork = {marker, signal: ending.signal, held: () => hold?.promise};
	const process = pane.start({
		marker,
		onOutput: log.write,
		work: async say => {
			await work(attempt, {say, withGit: run => asGitWork(gitWork, run)});
			return ending.signal.aborted ? {exitCode: 0, signal: 'SIGTERM'} : {exitCode: 0, signal: ''};
		},
	});
	const ended = new Promise<Ended>(resolve => {
		process.onEnd(end => {
			log.end();
			resolve(end);
		});
	});
	const isOver = async (withinMs: number): Promise<boolean> => Promise.race([ended.then(() => true), wait(withinMs, false, {ref: false})]);
	const attempt: Attempt = {
		...beginning(startedAt, workspace),
		...{agent, task, token, logFile, process, ended},
		pid: NO_PROCESS.pid,
		surrounded: NOT_SURROUNDED({}),
		temporary: '',
		files: '',
		socket: undefined,
		launched: undefined,
		session: undefined,
		stoppedPids: () => processesOf(NO_PROCESS, marker).flatMap(({pid, isStopped}) => (isStopped ? [pid] : [])),
		stop: () => {
			hold ??= Promise.withResolvers<void>();
			stopTree(NO_PROCESS, marker);
		},
		resume: () => {
			release();
			continueTree(NO_PROCESS, marker);
		},
		end: async graceMs => {
			ending.abort();
			release();
			const until = performance.now() + graceMs + LAST_MS;
			do {
				const survivors = await endTree(NO_PROCESS, marker, {graceMs});
				if (survivors.length > 0) throw new Error(`cannot end processes ${survivors.map(row => row.pid).join(', ')} of ${agent.id}`);
			} while (!(await isOver(LOOK_MS)) && performance.now() < until);
			if (!(await isOver(0))) throw new Error(`the work of ${agent.id} on ${task.id} does not end`);
		},
	};
	return attempt;
};
