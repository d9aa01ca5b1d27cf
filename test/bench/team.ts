import {spawn} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {join} from 'node:path';
import {findSandbox} from '../../source/sandbox/sandbox.ts';
import {bin, createBenchRepository} from './room.ts';
import {criticalPath, inOrder, meanParts, readSpans, type Told} from './spans.ts';
import {type Target, verdict} from './stats.ts';

const TASKS = 64;
const DEVELOPERS = [4, 16, 32];
const TARGETS: Readonly<Record<number, Target>> = {
	4: {atLeast: 0.95, unit: ''},
	16: {atLeast: 0.93, unit: ''},
	32: {atLeast: 0.9, unit: ''},
};
/** Timed steps that use no processor: what each stage itself takes, ms. */
const OWN = {develop: 5000, review: 500, test: 500};

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const AGENT = `case "$AGENT_ROOM_STAGE" in
review) sleep ${OWN.review / 1000}; exec agent-room report done --verdict approve ;;
*) sleep ${OWN.develop / 1000}; echo "by $AGENT_ROOM_AGENT" >"$AGENT_ROOM_TASK.txt" ;;
esac`;

/** As many reviewers and test orchestrators as developers: nobody waits for one. JSON is YAML. */
const config = (developers: number, sandbox: 'auto' | 'off'): string =>
	JSON.stringify({
		base: 'main',
		sandbox,
		test: `sleep ${OWN.test / 1000}`,
		team: [
			{role: 'developer', harness: 'timed', count: developers},
			{role: 'code-sentinel', harness: 'timed', count: developers},
			{role: 'test-orchestrator', count: developers},
			{role: 'repository-guardian'},
		],
		harnesses: {timed: {command: ['sh', '-c', AGENT], finish: 'exit'}},
	});

/** Seconds of processor that a process, what it has waited for, and all that it has started and lives still, have used. */
const cpuSeconds = (pid: number): number => {
	const rows = readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.flatMap(name => {
			try {
				const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
				return [
					{pid: Number(name), parent: Number(fields[1]), used: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0)},
				];
			} catch {
				return [];
			}
		});
	const ofTree = (root: number): number =>
		rows.filter(({parent}) => parent === root).reduce((sum, row) => sum + ofTree(row.pid), rows.find(row => row.pid === root)?.used ?? 0);
	return ofTree(pid) / 100;
};

type Run = {readonly events: readonly Told[]; readonly cpu: number};

/** A real room without a screen, idle, is given all tasks at once; what its record says until the last is merged. */
const runTeam = async (developers: number, tasks: number, sandbox: 'auto' | 'off'): Promise<Run> => {
	const repository = createBenchRepository(config(developers, sandbox));
	const plan = join(repository.folder, '..', 'plan.yaml');
	writeFileSync(
		plan,
		JSON.stringify({tasks: Array.from({length: tasks}, (_, at) => ({id: `task-${at + 1}`, title: `Task ${at + 1}`, priority: 50}))}),
	);
	const room = spawn(process.execPath, [bin, 'run', '--json'], {
		cwd: repository.folder,
		env: repository.env,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const events: Told[] = [];
	try {
		let rest = '';
		const merged = new Promise<void>((resolve, reject) => {
			room.once('exit', code => reject(new Error(`the room ended with ${code}`)));
			room.stdout.setEncoding('utf8').on('data', (text: string) => {
				const lines = (rest + text).split('\n');
				rest = lines.pop() ?? '';
				for (const line of lines) events.push(JSON.parse(line) as Told);
				const failed = events.find(({type}) => type === 'attempt_failed');
				if (failed) reject(new Error(`${failed.task} failed: ${failed.text}`));
				if (events.filter(({type}) => type === 'task_merged').length >= tasks) resolve();
			});
		});
		const deadline = Date.now() + 30_000;
		const idle = (): number =>
			(JSON.parse(repository.run('status', '--json')) as {agents: readonly {status: string}[]}).agents.filter(
				({status}) => status === 'idle',
			).length;
		while (idle() < 3 * developers + 1) {
			if (Date.now() > deadline) throw new Error('the team did not become idle');
			await new Promise(resolve => setTimeout(resolve, 200));
		}
		const before = cpuSeconds(room.pid ?? 0);
		repository.run('add', '--plan', plan);
		await merged;
		return {events: events.filter(({task, type}) => task !== '' || type === 'agent_updated'), cpu: cpuSeconds(room.pid ?? 0) - before};
	} finally {
		room.removeAllListeners('exit');
		if (room.exitCode === null) {
			const gone = new Promise(resolve => room.once('exit', resolve));
			room.kill('SIGTERM');
			await gone;
		}
		repository.remove();
	}
};

const makespan = (events: readonly Told[]): {readonly beganAt: number; readonly took: number} => {
	const beganAt = events.find(({type}) => type === 'task_submitted')?.at ?? 0;
	return {beganAt, took: (events.findLast(({type}) => type === 'task_merged')?.at ?? 0) - beganAt};
};

/**
 * `npm run bench team`: the makespan of independent tasks of equal length with 4, 16 and 32 developers, with real worktrees, reviews, tests
 * and merges, beside the ideal, and where the rest goes.
 */
export const benchTeam = async (print: (text: string) => void): Promise<void> => {
	const {develop, review, test} = OWN;
	const found = await findSandbox(process.env);
	print(`\nThe team: ${TASKS} independent tasks; each develops ${seconds(develop)} s, is reviewed ${seconds(review)} s and tested ${seconds(test)} s, and merges
  The ideal with N developers: every developer at work without a pause, ${TASKS}/N tasks one after another, then the review and the test of
  the last one, and nothing else: ${TASKS}/N x ${seconds(develop)} s + ${seconds(review)} s + ${seconds(test)} s. There are as many reviewers and test orchestrators as developers.`);
	for (const developers of DEVELOPERS) {
		const {events, cpu} = await runTeam(developers, TASKS, 'auto');
		const {beganAt, took} = makespan(events);
		const ideal = Math.ceil(TASKS / developers) * develop + review + test;
		const target = TARGETS[developers];
		const share = cpu / ((took / 1000) * cpus().length);
		const name = `${developers} developer${developers === 1 ? '' : 's'}`;
		const row = (text: string, value: string): string => `  ${`${name}: ${text}`.padEnd(58)}${value.padStart(9)}`;
		print(row(`makespan, ideal ${seconds(ideal)} s`, `${seconds(took)} s`));
		print(row('efficiency', (ideal / took).toFixed(3)) + (target ? `   ${verdict(ideal / took, target)}` : ''));
		print(
			`    processor: ${cpu.toFixed(1)} s, ${((cpu * 1000) / TASKS).toFixed(0)} ms a task, ${(share * 100).toFixed(0)} % of ${cpus().length} cores`,
		);
		if (target && found.kind !== 'none') {
			const plain = makespan((await runTeam(developers, TASKS, 'off')).events).took;
			print(
				`${row('speed in the sandbox', (plain / took).toFixed(3))} of that without one   ${verdict(plain / took, {atLeast: 0.95, unit: ''})}`,
			);
			print(`    without a sandbox: ${seconds(plain)} s`);
		}
		if (target && found.kind === 'none') print(`  the same in a sandbox is left out: ${found.why}`);
		const spans = readSpans(events);
		const path = criticalPath(spans, OWN, beganAt);
		const mean = meanParts(spans, OWN, beganAt);
		print(`    ${'where the makespan goes'.padEnd(44)}${'last task’s path'.padStart(18)}${'mean a task'.padStart(14)}`);
		for (const [name, ms] of inOrder(path))
			print(`    ${name.padEnd(44)}${`${ms.toFixed(0)} ms`.padStart(18)}${`${(mean[name] ?? 0).toFixed(0)} ms`.padStart(14)}`);
	}
};
