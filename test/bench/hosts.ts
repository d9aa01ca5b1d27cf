import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {RoomEvent} from '../../source/core/event/event.ts';
import {readInfo} from '../../source/redis/requirements.ts';
import {eventsOf} from '../../source/redis/scripts/replies.ts';
import {coordinationOn, submission} from '../helpers/coordination.ts';
import {openTeamApart, type TeamApart} from '../helpers/hosts-apart.ts';
import {until} from '../helpers/wait.ts';
import {figure, figures, head, line, verdict} from './stats.ts';

const TASKS = 64;
const ROOMS = [1, 2, 4];
const DEVELOPERS = 8;
/** Timed steps that use no processor, ms. */
const OWN = {develop: 15_000, review: 500, test: 500};
/** A start reads the whole record: what follows is what a waiting team costs. */
const SETTLE_MS = 10_000;
const IDLE_MS = 15_000;
/** A silent team of this size has a target. */
const SILENT = {hosts: 3, developers: 50};

/** Says when it begins, in ms of the machine that all hosts share. */
const AGENT = `: >"$STORY/at-$AGENT_ROOM_TASK-$AGENT_ROOM_STAGE"
case "$AGENT_ROOM_STAGE" in
review) sleep ${OWN.review / 1000}; exec agent-room report done --verdict approve ;;
*) sleep ${OWN.develop / 1000}; echo done >"$AGENT_ROOM_TASK.txt" ;;
esac`;

/** JSON is YAML. */
const configOf = (developers: number): string =>
	JSON.stringify({
		base: 'main',
		merge: 'push',
		sandbox: 'off',
		test: `sleep ${OWN.test / 1000}`,
		env: ['STORY'],
		team: [
			{role: 'developer', harness: 'timed', count: developers},
			{role: 'code-sentinel', harness: 'timed', count: 4},
			{role: 'test-orchestrator', count: 4},
			{role: 'repository-guardian'},
		],
		harnesses: {timed: {command: ['sh', '-c', AGENT], finish: 'exit'}},
	});

/** A team whose agents all wait; whatever becomes of `work`, nothing is left of it. */
const withTeam = async <T>(hosts: number, developers: number, work: (team: TeamApart, ask: Asks) => Promise<T>): Promise<T> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-bh-'));
	const team = await openTeamApart(folder, {hosts, files: {'agent-room.yaml': configOf(developers)}});
	const connection = await team.connect();
	try {
		for (const host of team.hosts) host.start('worker', '--json');
		const coordination = coordinationOn(connection);
		const areIdle = async (): Promise<boolean> => {
			const {agents} = (await coordination.snapshot()).team;
			return [...agents.values()].filter(({role, status}) => role === 'developer' && status === 'idle').length === hosts * developers;
		};
		await until(areIdle, {
			timeoutMs: 240_000,
			everyMs: 500,
			what: () => `idle agents\n${team.hosts.map(host => host.log().slice(-1000)).join('\n')}`,
		});
		const bytes = async (): Promise<number> => {
			const info = readInfo(String(await connection.call('INFO', 'stats')));
			return Number(info.get('total_net_input_bytes')) + Number(info.get('total_net_output_bytes'));
		};
		await wait(SETTLE_MS);
		return await work(team, {coordination, bytes, call: (...words) => connection.call(...words)});
	} finally {
		connection.close();
		await team.close();
		rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
	}
};

type Asks = {
	readonly coordination: ReturnType<typeof coordinationOn>;
	/** Bytes in and out of Redis so far. */
	readonly bytes: () => Promise<number>;
	readonly call: (command: string, ...words: readonly (string | number)[]) => Promise<unknown>;
};

const bytesPerSecond = async (ask: Asks, work: () => Promise<unknown>): Promise<number> => {
	const [before, since] = [await ask.bytes(), performance.now()];
	await work();
	return ((await ask.bytes()) - before) / ((performance.now() - since) / 1000);
};

const readEvents = async ({call}: Asks): Promise<readonly RoomEvent[]> => eventsOf(await call('XRANGE', 'workflow:events', '-', '+'));

type Run = {readonly took: number; readonly idle: number; readonly busy: number; readonly handOffs: readonly number[]};

/** All tasks at once to an idle team, until the last is merged. A hand-off: from a submitted result to the start of its reviewer's program on another host. */
const runRooms = (hosts: number): Promise<Run> =>
	withTeam(hosts, DEVELOPERS, async (team, ask) => {
		const idle = await bytesPerSecond(ask, () => wait(IDLE_MS));
		const merged = async (): Promise<boolean> => (await ask.coordination.snapshot()).team.counts.merged >= TASKS;
		const busy = await bytesPerSecond(ask, async () => {
			for (let at = 1; at <= TASKS; at++) await ask.coordination.submit(submission({id: `task-${at}`, title: `Task ${at}`}));
			await until(merged, {
				timeoutMs: 900_000,
				everyMs: 1000,
				what: () => `the merges\n${team.hosts.map(host => host.log().slice(-1000)).join('\n')}`,
			});
		});
		const events = await readEvents(ask);
		const {agents} = (await ask.coordination.snapshot()).team;
		const roomOf = (agent: string): string => agents.get(agent)?.room ?? '';
		const handOffs = readdirSync(team.files)
			.filter(name => name.endsWith('-review'))
			.flatMap(name => {
				const task = name.slice('at-'.length, -'-review'.length);
				const own = events.filter(event => event.task === task);
				const done = own.find(({type}) => type === 'task_completed');
				const claim = own.find(({type, text}) => type === 'task_claimed' && text === 'review');
				if (!done || !claim || roomOf(done.agent) === roomOf(claim.agent)) return [];
				// What waited for a free reviewer says nothing of the way.
				return claim.at - done.at > 5 ? [] : [statSync(join(team.files, name)).mtimeMs - done.at];
			});
		const began = events.find(({type}) => type === 'task_submitted')?.at ?? 0;
		return {took: (events.findLast(({type}) => type === 'task_merged')?.at ?? 0) - began, idle, busy, handOffs};
	});

/** `npm run bench hosts`: one queue worked on by 1, 2 and 4 rooms, each on a host of its own network; the work waits most of the time, as agents do. */
export const benchHosts = async (print: (text: string) => void): Promise<void> => {
	const {develop, review, test} = OWN;
	print(
		`\nSeveral hosts: ${TASKS} tasks with 1, 2 and 4 rooms of ${DEVELOPERS} developers; each develops ${develop / 1000} s, is reviewed ${review / 1000} s and tested ${test / 1000} s`,
	);
	const runs: Run[] = [];
	for (const rooms of ROOMS) {
		const run = await runRooms(rooms);
		runs.push(run);
		const ideal = Math.ceil(TASKS / (rooms * DEVELOPERS)) * develop + review + test;
		const name = `${rooms} x ${DEVELOPERS}`;
		print(`  ${`${name}: makespan, ideal ${(ideal / 1000).toFixed(0)} s`.padEnd(58)}${(run.took / 1000).toFixed(1).padStart(9)} s`);
		print(
			`  ${`${name}: efficiency`.padEnd(58)}${(ideal / run.took).toFixed(3).padStart(9)}   ${verdict(ideal / run.took, {atLeast: 0.9, unit: ''})}`,
		);
		print(figure(`${name}: Redis, all agents wait`, run.idle, 'bytes/s', runs[0]?.idle));
		print(figure(`${name}: Redis, at work`, run.busy, 'bytes/s', runs[0]?.busy));
	}
	const [first] = runs;
	for (const [at, run] of runs.entries())
		if (first && at > 0) print(figure(`${ROOMS[at]} x ${DEVELOPERS}: as fast as one room`, first.took / run.took, 'times'));
	print(`${head('From a result on one host to its reviewer at work on another', 'one room').replace(/ {3}of one room$/, '')}`);
	for (const [at, {handOffs}] of runs.entries())
		if (handOffs.length > 0) print(line(`${ROOMS[at]} x ${DEVELOPERS} (${handOffs.length} samples)`, figures(handOffs)));
	const {hosts, developers} = SILENT;
	const silent = await withTeam(hosts, developers, (_team, ask) => bytesPerSecond(ask, () => wait(IDLE_MS)));
	print(`\nA silent team of ${hosts} rooms of ${developers} developers`);
	print(figure('Redis, in and out', silent, 'bytes/s'));
};
