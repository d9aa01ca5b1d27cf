import {expect} from 'vitest';
import {FINAL_STATES} from '../../source/core/task/task.ts';
import type {Coordination} from '../../source/core/team/coordination.ts';
import {planRebuild} from '../../source/core/team/rebuild.ts';
import {emptySnapshot} from '../../source/core/team/snapshot.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {writeRebuild} from '../../source/redis/rebuild.ts';
import {createEpochWatch, type EpochWatch} from '../../source/room/redis/epoch.ts';
import {createJournal, type Journal} from '../../source/room/redis/journal.ts';
import {temporaryFolder} from './cleanup.ts';
import {checkInvariants} from './invariants.ts';

type Raw = Readonly<Record<string, string>>;

/** A journal of a namespace that nothing follows but who asks it to. */
export type Kept = {
	readonly journal: Journal;
	readonly epoch: EpochWatch;
	readonly connection: RedisConnection;
	readonly team: Coordination;
	readonly namespace: string;
};

export const keepsJournal = async (
	connection: RedisConnection,
	team: Coordination,
	namespace: string,
	stateFolder = temporaryFolder('jn'),
): Promise<Kept> => {
	const journal: Journal = createJournal(
		{stateFolder, namespace},
		async () => ({identity: 'root', isSame: async known => known === 'root'}),
		() => ({connection, coordination: team, epoch}),
	);
	const epoch = await createEpochWatch(stateFolder, namespace, journal);
	await epoch.check(connection);
	return {journal, epoch, connection, team, namespace};
};

const read = async ({journal}: Kept) => {
	const found = await journal.read();
	if (found.kind !== 'read') throw new Error(`the journal is ${found.kind}`);
	return found.state;
};

/** Every task that Redis has, whole. */
export const everything = async ({team}: Pick<Kept, 'team'>): Promise<ReadonlyMap<string, Raw>> => {
	const tasks = new Map<string, Raw>();
	let cursor = '';
	do {
		const page = await team.list(cursor, 500);
		for (const [id, fields] of await team.read(
			page.tasks.map(({id}) => id),
			true,
		))
			tasks.set(id, {...fields});
		({cursor} = page);
	} while (cursor !== '');
	return tasks;
};

/** What changes without an entry of the record, and what is empty. */
const told = (fields: Raw): Raw =>
	Object.fromEntries(
		Object.entries(fields).filter(([name, value]) => value !== '' && !['leaseUntil', 'beatAt', 'updatedAt'].includes(name)),
	);

/** The journal says what Redis holds. */
export const checkJournal = async (kept: Kept): Promise<void> => {
	await kept.epoch.check(kept.connection);
	await kept.journal.catchUp();
	expect(kept.journal.problem()).toBe('');
	const {tasks} = await read(kept);
	const stored = await everything(kept);
	expect([...tasks.keys()].toSorted()).toEqual([...stored.keys()].toSorted());
	for (const [id, fields] of stored) expect([id, told(tasks.get(id) ?? {})]).toEqual([id, told(fields)]);
};

/** Redis loses everything, and is rebuilt: twice, since the first time may have been killed. */
export const rebuilds = async (kept: Kept): Promise<void> => {
	const {connection, epoch, namespace, team} = kept;
	await connection.call('FLUSHALL');
	expect(await epoch.check(connection)).toEqual({code: 'lost', finding: 'Redis came back empty'});
	const state = await read(kept);
	const none = new Map();
	for (let time = 0; time < 2; time++) {
		const plan = planRebuild({
			...{journal: state.tasks, features: state.features, present: time === 0 ? none : await everything(kept)},
			...{merged: none, named: none, saved: none, trees: new Set<string>(), isKeeping: false, base: 'main', now: Date.now()},
		});
		const known = plan.tasks.slice(0, time === 0 ? Math.ceil(plan.tasks.length / 2) : plan.tasks.length);
		const orders = {control: {}, numbers: {}};
		expect(await writeRebuild(connection, namespace, {...plan, tasks: known}, orders, state.head?.nonces ?? [])).toEqual({
			code: 'ok',
			skipped: [],
		});
	}
	await epoch.accept(connection);
	await team.control({frozen: false}, '');
	const accepted = new Set(state.tasks.keys());
	await checkInvariants(team, connection, namespace, accepted, {folded: emptySnapshot, isSwept: false});
	const after = await everything(kept);
	for (const [id, fields] of state.tasks) {
		const now = after.get(id) ?? {};
		const kept = FINAL_STATES.some(final => final === fields.state) ? ['state', 'doneAt', 'mergedCommit'] : ['decision', 'score'];
		for (const name of [
			'title',
			'description',
			'after',
			'priority',
			'stage',
			'role',
			'attempt',
			'failures',
			'authors',
			'feedback',
			...kept,
		])
			expect([id, name, now[name] ?? '']).toEqual([id, name, fields[name] ?? '']);
		expect([id, now.spent]).toEqual([id, fields.spent]);
		// Who waited for others waits for as many, and nobody else waits.
		if (fields.state === 'blocked') expect([id, now.state, Number(now.waits) >= Number(fields.waits ?? 0)]).toEqual([id, 'blocked', true]);
		else if (!FINAL_STATES.some(final => final === fields.state)) expect([id, now.state]).toEqual([id, 'ready']);
	}
};
