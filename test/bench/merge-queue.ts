import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {configSchema} from '../../source/core/config/config.ts';
import type {RoomEvent} from '../../source/core/event/event.ts';
import type {Action} from '../../source/core/protocol/action.ts';
import {startRoom} from '../../source/room/lifecycle/start.ts';
import {bin, createBenchRepository, root} from './room.ts';
import {median, type Target, verdict} from './stats.ts';

const TASKS = 32;
const TEST_MS = 3000;
const TESTERS = [1, 2, 4, 8];
/** Of the speed with one: as many times as there are test orchestrators, less what is between. */
const SHARE = 0.85;

const DEVELOP = 'echo "by $AGENT_ROOM_AGENT" >"$AGENT_ROOM_TASK.txt"';

const until = async (condition: () => boolean, what: string): Promise<void> => {
	for (const deadline = Date.now() + 180_000; !condition(); await new Promise(resolve => setTimeout(resolve, 10)))
		if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
};

/** Of this process and all that it has waited for so far, ms. */
const cpuMs = (): number => {
	const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
	return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) * 10;
};

/** All tasks developed and waiting for their test; then every test orchestrator at once. The record from that moment on. */
const runMergeQueue = async (testers: number): Promise<{readonly events: readonly RoomEvent[]; readonly cpuMs: number}> => {
	const repository = createBenchRepository('base: main\n');
	const stateFolder = join(repository.folder, '..', 's');
	mkdirSync(stateFolder, {recursive: true, mode: 0o700});
	const room = await startRoom(
		{
			repository: repository.folder,
			stateFolder,
			config: configSchema.parse({
				// A batch needs one test runner only: here is measured what more of them bring.
				...{base: 'main', test: `sleep ${TEST_MS / 1000}`, review: 'off', batch: 'off'},
				team: [
					{role: 'developer', harness: 'quick', count: 4},
					{role: 'test-orchestrator', count: testers},
				],
			}),
			isTrusted: true,
			harnesses: {quick: {name: 'quick', command: ['sh', '-c', DEVELOP], finish: 'exit'}},
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
		const {store} = room;
		const team = () => store.getSnapshot().team;
		const agents = Array.from({length: testers}, (_, at) => `agent:test:${String(at + 1).padStart(3, '0')}`);
		const order = async (action: Action): Promise<void> => {
			const result = await store.dispatch(action);
			if (!result.ok) throw new Error(`${action.type}: ${result.message}`);
		};
		await until(() => agents.every(agent => team().agents.has(agent)), 'the team is there');
		for (const agent of agents) await order({type: 'pause-agent', agent});
		const tasks = Array.from({length: TASKS}, (_, at) => ({title: `Task ${at + 1}`, id: `task-${at + 1}`}));
		await order({type: 'add-plan', tasks});
		const are = (count: number, is: (task: {readonly stage: string; readonly state: string}) => boolean): boolean =>
			[...team().tasks.values()].filter(is).length === count;
		await until(() => are(TASKS, ({stage, state}) => stage === 'test' && state === 'ready'), 'all are ready for their test');
		events.length = 0;
		const before = cpuMs();
		await Promise.all(agents.map(agent => order({type: 'resume-agent', agent})));
		await until(() => are(TASKS, ({state}) => state === 'merged'), 'all are merged');
		return {events, cpuMs: cpuMs() - before};
	} finally {
		await room.stop('measured');
		repository.remove();
	}
};

/** Means over all tasks in ms: what is between the end of a test orchestrator's test and the next one's command. */
const breakdown = (events: readonly RoomEvent[]): Readonly<Record<string, number>> => {
	const parts: Record<string, number[]> = {};
	const note = (name: string, ms: number): void => {
		parts[name] = [...(parts[name] ?? []), ms];
	};
	const freeAt = new Map<string, number>();
	const beganAt = events[0]?.at ?? 0;
	for (const [at, claim] of events.entries()) {
		if (claim.type !== 'task_claimed') continue;
		const of = (wanted: (event: RoomEvent) => boolean): RoomEvent | undefined =>
			events.slice(at + 1).find(event => (event.task === claim.task || event.agent === claim.agent) && wanted(event));
		const built = of(({type, task}) => type === 'task_progressed' && task === claim.task);
		const placed = events.slice(at + 1).filter(({type, task}) => type === 'task_progressed' && task === claim.task)[1];
		const started = of(({type, agent}) => type === 'agent_updated' && agent === claim.agent);
		const ended = of(({type, task}) => (type === 'task_completed' || type === 'task_merged') && task === claim.task);
		if (claim.text === 'test' && built && started && ended) {
			note('idle: from the last result to the claim', claim.at - (freeAt.get(claim.agent) ?? beganAt));
			note('building the candidate', built.at - claim.at);
			note('preparing the tree', (placed?.at ?? built.at) - built.at);
			note('starting the program', started.at - (placed?.at ?? built.at));
			note(`the test (${TEST_MS} ms) and its result`, ended.at - started.at);
			freeAt.set(claim.agent, ended.at);
		} else if (claim.text === 'merge' && ended) note('a landing, beside the tests', ended.at - claim.at);
	}
	return Object.fromEntries(Object.entries(parts).map(([name, all]) => [`${name} (${all.length})`, median(all)]));
};

/**
 * `npm run bench mergeQueue`: how much faster the merge queue is with more test orchestrators, on tests of a fixed duration that use no processor, from the
 * first claim to the last landing; and where the rest goes.
 */
export const benchMergeQueue = async (print: (text: string) => void): Promise<void> => {
	print(`\nThe merge queue: ${TASKS} ready tasks without failures, tests of ${TEST_MS / 1000} s, one step for every passed prefix`);
	let one = Number.NaN;
	for (const testers of TESTERS) {
		const {events, cpuMs: used} = await runMergeQueue(testers);
		const took = (events.findLast(({type}) => type === 'task_merged')?.at ?? 0) - (events[0]?.at ?? 0);
		one = testers === 1 ? took : one;
		const target: Target = {atLeast: Number((SHARE * testers).toFixed(2))};
		const times = one / took;
		const mergedTasks = events.filter(({type, text}) => type === 'task_claimed' && text === 'merge').length;
		const tested = events.filter(({type, text}) => type === 'task_claimed' && text === 'test').length;
		const name = `${testers} test runner${testers === 1 ? '' : 's'}`;
		const seconds = `${(took / 1000).toFixed(1)} s`;
		print(
			testers === 1
				? `  ${name.padEnd(58)}${seconds.padStart(9)}`
				: `  ${name.padEnd(58)}${seconds.padStart(9)}, ${times.toFixed(2)}x as fast as one   ${verdict(times, target)}`,
		);
		print(`    ${tested} tests, ${mergedTasks} merges, ${(used / TASKS).toFixed(0)} ms of processor a task`);
		for (const [name, ms] of Object.entries(breakdown(events))) print(`    ${name.padEnd(52)}${ms.toFixed(0).padStart(8)} ms (p50)`);
	}
};
