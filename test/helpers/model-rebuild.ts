import {expect} from 'vitest';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createEpochWatch, type EpochWatch} from '../../source/room/redis/epoch.ts';
import {createJournal, type Journal} from '../../source/room/redis/journal.ts';
import {temporaryFolder} from './cleanup.ts';

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
