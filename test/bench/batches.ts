import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {z} from 'zod';
import {configSchema} from '../../source/core/config/config.ts';
import type {RoomEvent} from '../../source/core/event/event.ts';
import type {Action} from '../../source/core/protocol/action.ts';
import type {TeamSnapshot} from '../../source/core/team/snapshot.ts';
import {startRoom} from '../../source/room/lifecycle/start.ts';
import {bin, createBenchRepository, root} from './room.ts';

const TASKS = 20;
const TEST_MS = 1000;
const TESTERS = [1, 2];
const FAILING = [0, 1, 4];
/** Longest wait for anything here, ms. */
const LONGEST_MS = 180_000;

const until = async (condition: () => boolean, what: string): Promise<void> => {
	for (const deadline = Date.now() + LONGEST_MS; !condition(); await new Promise(resolve => setTimeout(resolve, 10)))
		if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
};

type Opened = {
	readonly folder: string;
	readonly events: readonly RoomEvent[];
	team(): TeamSnapshot;
	order(action: Action): Promise<void>;
	/** The scratch folder that test and agents know as `$D`. */
	readonly scratch: string;
};

/** A room of its own for one measurement; `prepare` is given its repository first. */
const withRoom = async <T>(
	{
		develop,
		test,
		config,
		prepare = () => undefined,
	}: {
		readonly develop: string;
		readonly test: string;
		readonly config: Partial<z.input<typeof configSchema>>;
		readonly prepare?: (repository: string) => void;
	},
	measure: (room: Opened) => Promise<T>,
): Promise<T> => {
	const repository = createBenchRepository('base: main\n');
	const [stateFolder, scratch] = [join(dirname(repository.folder), 's'), join(dirname(repository.folder), 'd')];
	for (const folder of [stateFolder, scratch]) mkdirSync(folder, {recursive: true, mode: 0o700});
	prepare(repository.folder);
	const room = await startRoom(
		{
			repository: repository.folder,
			stateFolder,
			config: configSchema.parse({
				...{base: 'main', test: test.replaceAll('$D', scratch), testRetries: 0, review: 'off', backoff: '50ms', writable: [scratch]},
				...config,
			}),
			isTrusted: true,
			harnesses: {quick: {name: 'quick', command: ['sh', '-c', develop.replaceAll('$D', scratch)], finish: 'exit'}},
			notes: [],
			namespace: 'workflow',
			isForeground: true,
			untilEmpty: false,
			node: process.execPath,
			binFile: bin,
			programFile: join(root, 'dist', 'program.js'),
		},
		{attach: connection => void connection.destroy(), count: () => 0, sendHome: () => undefined},
	);
	try {
		const events: RoomEvent[] = [];
		room.onEvent(event => events.push(event));
		return await measure({
			...{folder: repository.folder, events, scratch},
			team: () => room.store.getSnapshot().team,
			order: async action => {
				const result = await room.store.dispatch(action);
				if (!result.ok) throw new Error(`${action.type}: ${result.message}`);
			},
		});
	} finally {
		await room.stop('measured');
		repository.remove();
	}
};

/** Writes what fails the first time where the task's name says so, and what passes once its brief tells of failed tests. */
const MENDS = `case "$AGENT_ROOM_TASK" in bad*) grep -q "tests failed" "$AGENT_ROOM_BRIEF_FILE" || { echo bad >"$AGENT_ROOM_TASK.txt"; exit; } ;; esac
echo good >"$AGENT_ROOM_TASK.txt"`;
const COUNTED = `echo run >>"$D/runs"; sleep ${TEST_MS / 1000}; ! grep -ls bad bad*.txt`;

/** Test runs for each merge, and how long all of them took, s. */
const mergeAll = (testers: number, failing: number, batch: 'auto' | 'off') =>
	withRoom(
		{
			develop: MENDS,
			test: COUNTED,
			config: {
				batch,
				team: [
					{role: 'developer', harness: 'quick', count: 4},
					{role: 'test-orchestrator', count: testers},
				],
			},
		},
		async ({team, order, scratch}) => {
			const agents = Array.from({length: testers}, (_, at) => `agent:test:${String(at + 1).padStart(3, '0')}`);
			await until(() => agents.every(agent => team().agents.has(agent)), 'the team is there');
			for (const agent of agents) await order({type: 'pause-agent', agent});
			const every = failing === 0 ? Number.POSITIVE_INFINITY : Math.floor(TASKS / failing);
			const tasks = Array.from({length: TASKS}, (_, at) => ({
				title: `Task ${at}`,
				id: `${at % every === every - 1 ? 'bad' : 'task'}-${at}`,
			}));
			await order({type: 'add-plan', tasks});
			const are = (is: (task: {readonly stage: string; readonly state: string}) => boolean): boolean =>
				[...team().tasks.values()].filter(is).length === TASKS;
			await until(() => are(({stage, state}) => stage === 'test' && state === 'ready'), 'all are ready for their test');
			const at = performance.now();
			for (const agent of agents) await order({type: 'resume-agent', agent});
			await until(() => are(({state}) => state === 'merged'), 'all are merged');
			const runs = readFileSync(join(scratch, 'runs'), 'utf8').trim().split('\n').length;
			return {runs: runs / TASKS, seconds: (performance.now() - at) / 1000};
		},
	);

/** From the moment in which a check has failed for good to its author at work again, at the room's own pace, s. */
const fromRedToWork = (): Promise<number> => {
	const program = join(root, 'test', 'fixtures', 'forge');
	const before = {PATH: process.env.PATH, FAKE_FORGE: process.env.FAKE_FORGE};
	let forge = '';
	const person = (...args: readonly string[]): void => void execFileSync(process.execPath, [join(program, 'gh'), 'as-person', ...args]);
	return withRoom(
		{
			develop: 'echo x >>"$AGENT_ROOM_TASK.txt"',
			test: 'true',
			config: {merge: 'pr', forge: 'github', team: [{role: 'developer', harness: 'quick'}]},
			prepare: repository => {
				const remote = join(dirname(repository), 'remote.git');
				forge = join(dirname(repository), 'forge');
				mkdirSync(forge);
				const git = (...args: readonly string[]): void => void execFileSync('git', args, {cwd: repository, stdio: 'ignore'});
				git('clone', '--bare', '--no-local', repository, remote);
				git('remote', 'add', 'origin', remote);
				git('fetch', 'origin');
				git('branch', '--set-upstream-to=origin/main', 'main');
				writeFileSync(join(forge, 'state.json'), JSON.stringify({remote}));
				Object.assign(process.env, {PATH: `${program}:${process.env.PATH ?? ''}`, FAKE_FORGE: forge});
			},
		},
		async ({team, order, events}) => {
			await order({type: 'add-task', title: 'One', id: 'one'});
			await until(() => team().tasks.get('one')?.decision === 'pull', 'its pull request is open');
			const calls = (words: string): number =>
				existsSync(join(forge, 'ledger')) ? readFileSync(join(forge, 'ledger'), 'utf8').split(words).length - 1 : 0;
			person('check', '12', 'unit', 'pending');
			await order({type: 'merge-task', task: 'one'});
			await until(() => team().tasks.get('one')?.pull.checks.length === 1, 'its check runs');
			person('check', '12', 'unit', 'FAILURE');
			await until(() => calls('/rerun') > 0, 'it runs again');
			person('check', '12', 'unit', 'FAILURE');
			const at = performance.now();
			const begun = (): boolean =>
				events.filter(({type, text, task}) => type === 'task_claimed' && text === 'develop' && task === 'one').length > 1;
			await until(begun, 'its author works again');
			return (performance.now() - at) / 1000;
		},
	).finally(() => {
		process.env.PATH = before.PATH;
		if (before.FAKE_FORGE === undefined) delete process.env.FAKE_FORGE;
		else process.env.FAKE_FORGE = before.FAKE_FORGE;
	});
};

/**
 * `npm run bench batches`: test runs for each merge, one by one and in batches, with tasks of which some fail their tests the first time; and the
 * time from a red check of a pull request to its author.
 */
export const benchBatches = async (print: (text: string) => void): Promise<void> => {
	print(`\nBatches: ${TASKS} ready tasks, tests of ${TEST_MS / 1000} s; test runs for each merge, those of repaired tasks included`);
	for (const testers of TESTERS)
		for (const failing of FAILING) {
			const alone = await mergeAll(testers, failing, 'off');
			const batched = await mergeAll(testers, failing, 'auto');
			const of = ({runs, seconds}: {readonly runs: number; readonly seconds: number}): string =>
				`${runs.toFixed(2)} runs, ${seconds.toFixed(0)} s`;
			print(
				`  ${testers} test runner${testers === 1 ? ' ' : 's'}, ${String((failing / TASKS) * 100).padStart(2)} % fail: one by one ${of(alone)}; batches ${of(batched)}: ${(alone.runs / batched.runs).toFixed(1)}x fewer`,
			);
		}
	print(
		`  From a check that failed twice to its author at work: ${(await fromRedToWork()).toFixed(1)} s (asked every 15 s while checks run)`,
	);
};
