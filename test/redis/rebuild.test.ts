import {beforeEach, expect, onTestFinished, test} from 'vitest';
import type {RebuiltTask} from '../../source/core/team/rebuild.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {writeRebuild} from '../../source/redis/rebuild.ts';
import {argumentList, loadScript} from '../../source/redis/scripts/table.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {coordinationOn, submission} from '../helpers/coordination.ts';
import {checkJournal, everything, type Kept, keepsJournal} from '../helpers/model-rebuild.ts';
import {startTestRedis} from '../helpers/redis.ts';

let connection: RedisConnection;
beforeEach(async () => {
	const redis = await startTestRedis(['--appendfsync', 'no']);
	onTestFinished(() => redis.stop());
	connection = await redis.connect();
});

const rowOf = (id: string, fields: Readonly<Record<string, string>> = {}): RebuiltTask => ({
	...{id, place: 'ready', createdAt: '1796000000000.000', waitsFor: []},
	fields: {title: id, stage: 'develop', role: 'developer', score: '1795997000000.000', createdAt: '1796000000000', ...fields},
});
const plan = (...tasks: readonly RebuiltTask[]) => ({tasks, features: []});
const ORDERS = {control: {}, numbers: {'tasks:number': 40, fencing: 7}};

/** A namespace whose journal knows one task, and what has come back instead. */
const lost = async (): Promise<Kept> => {
	const team = coordinationOn(connection);
	await team.submit(submission());
	const kept = await keepsJournal(connection, team, 'workflow', temporaryFolder('jn'));
	await checkJournal(kept);
	await connection.call('FLUSHALL');
	await kept.epoch.check(connection);
	return kept;
};

test('a rebuild is refused where nothing is undecided, and in a Redis with tasks of its own', async () => {
	const team = coordinationOn(connection);
	await team.submit(submission({title: 'mine'}));
	expect(await writeRebuild(connection, 'workflow', plan(rowOf('t-1')), ORDERS, ['n'])).toEqual({code: 'over'});
	await connection.call('HSET', 'workflow:meta', 'nonce', 'another');
	await connection.call('HSET', 'workflow:control', 'recovery', 'This is a different Redis than before', 'frozen', '1');
	expect(await writeRebuild(connection, 'workflow', plan(rowOf('t-1')), ORDERS, ['n'])).toEqual({code: 'other'});
	expect((await team.task('t-1'))?.title).toBe('mine');
	expect(await writeRebuild(connection, 'workflow', plan(rowOf('t-1')), ORDERS, ['n', 'another'])).toEqual({code: 'ok', skipped: []});
	expect((await team.task('t-1'))?.title).toBe('t-1');
});

test('of two rebuilds the later one ends, a batch that is sent again counts once, and no number is given twice', async () => {
	const kept = await lost();
	const send = (op: string, rebuild: string, isFirst: boolean, ...rows: readonly object[]): Promise<unknown> => {
		const given = {rebuild, isFirst, nonces: '', 'rows...': rows.map(row => JSON.stringify(row))};
		return connection.run(loadScript('rebuild'), ['workflow:events'], argumentList('rebuild', 'workflow', op, given));
	};
	expect(await send('1-a', 'first', true, rowOf('t-1'))).toEqual(['ok']);
	expect(await send('1-b', 'second', true, ORDERS, rowOf('t-1', {title: 'later'}))).toEqual(['ok']);
	expect(await send('1-c', 'first', false, rowOf('t-1'))).toEqual(['taken']);
	expect(await send('1-d', 'second', false, rowOf('t-2', {title: 'once'}))).toEqual(['ok']);
	await kept.team.setWaitReason('t-2', 'changed since');
	expect(await send('1-d', 'second', false, rowOf('t-2', {title: 'once'}))).toEqual(['ok']);
	expect([...(await everything(kept))].map(([id, {title, waitReason}]) => [id, title, waitReason])).toEqual([
		['t-1', 'later', undefined],
		['t-2', 'once', 'changed since'],
	]);
	// What somebody outside has put where a task belongs is not touched, and named.
	await connection.call('SET', 'workflow:tasks:status:t-3', 'mine');
	expect(await send('1-e', 'second', false, rowOf('t-3'))).toEqual(['ok', 't-3']);
	await kept.epoch.accept(connection);
	expect(await send('1-f', 'second', false, rowOf('t-4'))).toEqual(['over']);
	await kept.team.control({frozen: false}, '');
	expect(await kept.team.submit(submission())).toEqual({code: 'ok', id: 't-41'});
});
