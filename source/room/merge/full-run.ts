import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {stageRole} from '../../core/task/stages.ts';
import {parseTask} from '../../core/task/task.ts';
import {FLAKY_EXIT} from '../../core/task/test-run.ts';
import {endTree} from '../../os/process-tree.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {makeTemporary} from '../attempt/temporary.ts';
import type {Room} from '../parts/parts.ts';
import {agentEnvironment, attemptMark, withoutLogins} from '../prepare/environment.ts';
import {surround} from '../prepare/sandbox.ts';
import {FULL_TESTS_LOG, openLog} from '../team/output.ts';
import {createPane} from '../team/pane.ts';

/** How a run of all tests ended; `unfinished`: by itself it says nothing, with the reason. */
export type FullEnd = {readonly end: 'passed' | 'flaky' | 'failed' | 'unfinished'; readonly why: string};

export type FullRun = {
	readonly ended: Promise<FullEnd>;
	/** Ends it with all its processes. */
	stop(): Promise<void>;
};

const LOGS_KEPT = 20;
const GRACE_MS = 1500;
/** Rows of the end of its screen in which its last word is sought. */
const ROWS = 40;

const forgetOldLogs = (logs: string): void => {
	const own = readdirSync(logs).filter(name => /^base-tests-\d+\.log$/.test(name));
	for (const name of own.toSorted().slice(0, -LOGS_KEPT)) rmSync(join(logs, name), {force: true});
};

/** The program's own last word on why it failed; quoted, never believed: the exit code decides. */
const lastWord = (lines: readonly string[]): string => cleanText(lines.findLast(line => line.startsWith('✗ '))?.slice(2) ?? '', 120);

const endOf = ({exitCode, signal}: {readonly exitCode: number; readonly signal: string}, why: string): FullEnd => {
	if (signal !== '') return {end: 'unfinished', why: `killed by ${signal}`};
	if (exitCode === 0) return {end: 'passed', why: ''};
	if (exitCode === FLAKY_EXIT) return {end: 'flaky', why};
	return exitCode === 1 ? {end: 'failed', why: why || 'exit 1'} : {end: 'unfinished', why: why || `exit ${exitCode}`};
};

/**
 * Runs all tests on a commit of the base, in a worktree of its own and in the sandbox of the tests, beside those of the merge queue. A failed
 * run is repeated once, whatever `testRetries` says. Its processes carry the mark of the room: an earlier life's are ended at the next start.
 */
export const startFullRun = async ({facts}: Pick<Room, 'facts'>, commit: string): Promise<FullRun> => {
	const {options, config, guardian, paths, repository, base} = facts;
	const {stateFolder} = options;
	const folder = join(stateFolder, 'tests', FULL_TESTS_LOG);
	await guardian.prepareTestTree({candidate: commit, folder});
	const name = `${FULL_TESTS_LOG}-tests-${Date.now()}`;
	const logs = join(stateFolder, 'logs');
	mkdirSync(logs, {recursive: true, mode: 0o700});
	forgetOldLogs(logs);
	const temporary = makeTemporary(stateFolder, name);
	const marker = attemptMark(name);
	const about = {
		agent: 'room',
		role: stageRole('test'),
		task: parseTask('base-tests', {stage: 'test', title: `all tests of ${base}`}),
		...{
			token: '',
			briefFile: '',
			worktree: folder,
			branch: '',
			base,
			socket: '',
			stateFolder,
			port: 20_000,
			commands: paths.commandsFolder,
		},
	};
	const environment = {
		...withoutLogins(agentEnvironment(paths.inherited, paths.furtherEnvironment, about), paths.furtherEnvironment),
		AGENT_ROOM_TEST: config.test ?? '',
		AGENT_ROOM_TESTED: `${base} with all tests`,
		AGENT_ROOM_SETUP: config.setup ?? '',
		AGENT_ROOM_TEST_TIMEOUT_MS: String(config.testTimeout),
		AGENT_ROOM_TEST_RETRY: '1',
		AGENT_ROOM_TEST_WHOLE: '1',
		AGENT_ROOM_CANDIDATE: commit,
		AGENT_ROOM_CLONE: guardian.folder,
		AGENT_ROOM_REPOSITORY: repository.root,
		TMPDIR: temporary,
	};
	const surrounded = surround(paths.sandbox, {
		...{home: join('tests', FULL_TESTS_LOG), agent: '', task: '', name, cwd: folder, command: ['sh'], environment},
		writable: [folder],
		readable: [join(guardian.folder, 'objects'), join(repository.commonDir, 'lfs')],
	});
	const pane = createPane('tests:base', () => undefined);
	const leave = async (): Promise<void> => {
		await surrounded.leave();
		rmSync(temporary, {recursive: true, force: true});
		pane.dispose();
	};
	try {
		await surrounded.enter();
		const log = openLog(join(logs, `${name}.log`));
		const process = pane.start({
			command: [options.node, options.programFile, 'test'],
			cwd: folder,
			env: {...environment, AGENT_ROOM_SANDBOX: JSON.stringify(surrounded.prefix)},
			marker,
			onOutput: log.write,
			isPlain: true,
		});
		const ended = new Promise<FullEnd>(resolve => {
			process.onEnd(end => {
				log.end();
				const found = endOf(end, lastWord(pane.screen.tail(ROWS)));
				leave()
					.catch(error => facts.log(`after the tests of ${base}: ${String(error)}`))
					.finally(() => resolve(found));
			});
		});
		return {ended, stop: async () => void (await endTree(process, marker, {graceMs: GRACE_MS}))};
	} catch (error) {
		await leave();
		throw error;
	}
};
