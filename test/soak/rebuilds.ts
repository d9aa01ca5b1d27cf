import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {STAGES} from '../../source/core/task/task.ts';
import {planRebuild} from '../../source/core/team/rebuild.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {writeRebuild} from '../../source/redis/rebuild.ts';
import {createEpochWatch} from '../../source/room/redis/epoch.ts';
import {createJournal, type Journal} from '../../source/room/redis/journal.ts';
import {submission} from '../helpers/coordination.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {createRandom} from './random.ts';

/** Agents that write, and one that merges. */
const AGENTS = [...Array.from({length: 6}, (_, index) => `agent:dev:00${index + 1}`), 'agent:merge:001'];
const MERGER = 'agent:merge:001';
const PACE_MS = 20;

export type Rebuilds = {readonly violations: readonly string[]; readonly figures: string};

/**
 * A team works on `tasks` tasks while its Redis is emptied, or its AOF put back from before, `rounds` times; each time it is rebuilt from the
 * journal, or (`isControl`) its data are taken as they are. The base is a list of what was merged: nothing may be missing or be there twice.
 */
export const runRebuilds = async (given: {rounds: number; tasks: number; seed: number; isControl: boolean}): Promise<Rebuilds> => {
	const random = createRandom(given.seed);
	const redis = await startTestRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
	const stateFolder = mkdtempSync(join(tmpdir(), 'ar-rebuilds-'));
	const aof = join(redis.folder, 'appendonlydir');
	let connection: RedisConnection = await redis.connect();
	let ops = 0;
	const teamOf = (on: RedisConnection) => createCoordination({connection: on, newOpId: () => `op${++ops}`});
	let team = teamOf(connection);
	const journal: Journal = createJournal(
		{stateFolder, namespace: 'workflow'},
		async () => ({identity: 'root', isSame: async () => true}),
		() => ({connection, coordination: team, epoch}),
	);
	const epoch = await createEpochWatch(stateFolder, 'workflow', journal);
	epoch.follow(() => ({streamId: journal.at(), hasTasks: true}));
	await epoch.check(connection);
	/** What was merged, in order, and as whose work. */
	const base: {readonly task: string; readonly work: string}[] = [];
	let isHeld = false;
	let isOver = false;
	let nonce = 0;

	const register = async (): Promise<void> => {
		for (const id of AGENTS) {
			const role = id === MERGER ? 'repository-guardian' : 'developer';
			await team.register({id, role, capabilities: [], room: 'r1', harness: 'soak', account: '', host: 'here'});
		}
	};
	const merge = (task: string, work: string): void => {
		// As git does: a work that the base has is not merged a second time.
		if (!base.some(one => one.work === work)) base.push({task, work});
	};
	const step = async (agent: string): Promise<void> => {
		const ready =
			agent === MERGER
				? [...(await team.snapshot()).team.tasks.values()].find(one => one.stage === 'merge' && one.state === 'ready')
				: undefined;
		if (agent === MERGER && !ready) return;
		const claimed = await team.claim({agent, room: 'r1', leaseMs: 60_000, nonce: `n${++nonce}`, stages: STAGES, wanted: ready?.id ?? ''});
		if (claimed.code !== 'ok') return;
		const {task, token} = claimed;
		await wait(random.between(0, 30));
		const done = {task: task.id, agent, token, stage: task.stage, counts: 'none', delayMs: 0, text: ''} as const;
		if (task.stage === 'merge') {
			if (isHeld) return;
			merge(task.id, task.commit);
			await team.complete({...done, next: 'merged', nextRole: '', word: 'merged', fields: {mergedCommit: task.commit}});
		} else
			await team.complete({
				...done,
				next: 'merge',
				nextRole: 'repository-guardian',
				word: 'done',
				fields: {commit: `${++nonce}`.padStart(40, '0')},
			});
	};
	const works = async (agent: string): Promise<void> => {
		while (!isOver) {
			// What Redis does not answer now is tried again when it does.
			if (!isHeld) await step(agent).catch(() => undefined);
			await wait(random.between(1, 10));
		}
	};
	const follows = async (): Promise<void> => {
		while (!isOver) {
			if (!isHeld) await journal.catchUp();
			await wait(PACE_MS);
		}
	};

	const rebuild = async (): Promise<void> => {
		const found = await journal.read();
		const state = found.kind === 'read' ? found.state : undefined;
		const present = new Map([...(await team.snapshot()).team.rawTasks]);
		const merged = new Map(
			[...present, ...(state?.tasks ?? [])].flatMap(([id, {commit}]) => {
				const one = base.find(({task, work}) => task === id && work === commit);
				return one ? [[id, one.work] as const] : [];
			}),
		);
		const plan = planRebuild({
			...{journal: state?.tasks ?? new Map(), features: new Map(), present, merged, named: new Map(), saved: new Map()},
			...{trees: new Set<string>(), isKeeping: false, base: 'main', now: Date.now()},
		});
		const answer = await writeRebuild(connection, 'workflow', plan, {control: {}, numbers: {}}, state?.head?.nonces ?? []);
		if (answer.code !== 'ok') throw new Error(`the rebuild was refused: ${answer.code}`);
	};
	const lose = async (isOlder: boolean): Promise<void> => {
		isHeld = true;
		if (isOlder) {
			connection.close();
			await redis.kill();
			rmSync(aof, {recursive: true});
			cpSync(`${aof}.old`, aof, {recursive: true});
			await redis.restart();
			connection = await redis.connect();
			team = teamOf(connection);
		} else await connection.call('FLUSHALL');
		if ((await epoch.check(connection)).code === 'lost') {
			if (!given.isControl) await rebuild();
			await epoch.accept(connection);
			await epoch.check(connection);
			await team.control({frozen: false}, '');
		}
		await register();
		await team.closeAgents([]);
		// What an older Redis still has as leased is nobody's any more.
		for (const {id, state, token} of (await team.snapshot()).team.tasks.values())
			if (state === 'leased') await team.release({task: id, token, reason: 'lost', to: '', fields: {}});
		isHeld = false;
	};

	await register();
	const running = [...AGENTS.map(works), follows()];
	const ids = Array.from({length: given.tasks}, (_, index) => `k-${index}`);
	const isKept = async (id: string): Promise<boolean> => {
		const found = await journal.read();
		return found.kind === 'read' && found.state.tasks.has(id);
	};
	/** A task is accepted once the journal has it: who was told of no acceptance adds it again. */
	const adds = async (): Promise<void> => {
		for (const id of ids) {
			const task = submission({id, title: id, description: `text of ${id}`});
			do {
				while (isHeld) await wait(5);
				await team.submit(task).catch(() => undefined);
				await journal.catchUp();
			} while (!(await isKept(id)));
			await wait(random.between(0, 20));
		}
	};
	const adding = adds();
	for (let round = 0; round < given.rounds; round++) {
		rmSync(`${aof}.old`, {recursive: true, force: true});
		cpSync(aof, `${aof}.old`, {recursive: true});
		await wait(random.between(100, 700));
		await lose(random.next() < 0.5);
	}
	await adding;
	for (let quiet = 0, before = -1; quiet < 100; quiet = base.length === before ? quiet + 1 : 0) {
		before = base.length;
		await wait(50);
		if (ids.every(id => base.some(({task}) => task === id))) break;
	}
	isOver = true;
	await Promise.all(running);
	connection.close();
	await redis.stop();
	rmSync(stateFolder, {recursive: true});
	const lost = ids.filter(id => !base.some(({task}) => task === id));
	const twice = ids.filter(id => base.filter(({task}) => task === id).length > 1);
	return {
		violations: [...lost.map(id => `${id} was lost`), ...twice.map(id => `${id} was merged twice`)],
		figures: `${given.rounds} losses, ${ids.length} tasks, ${base.length} merges: ${lost.length} lost, ${twice.length} merged twice`,
	};
};
