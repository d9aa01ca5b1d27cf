import {randomUUID} from 'node:crypto';
import {expect, onTestFinished, test} from 'vitest';
import {connectRedis} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {checkReplica} from '../../source/redis/replicated.ts';
import {makeLibrary} from '../../source/redis/scripts/table.ts';
import {submission} from '../helpers/coordination.ts';
import {ofTest} from '../helpers/fleet-of-test.ts';
import {startMember} from '../helpers/redis-fleet.ts';
import {until} from '../helpers/wait.ts';

test('what is told as done is on a replica: with none that answers nothing is, and all that was is there when the replica takes over', async () => {
	const primary = await startMember(ofTest, ['--repl-diskless-sync-delay', '0']);
	const connection = await connectRedis({url: `redis://127.0.0.1:${primary.port}`});
	onTestFinished(() => connection.close());
	await expect(checkReplica(connection, 'here')).rejects.toMatchObject({code: 'no-replica'});
	const replica = await startMember(ofTest, ['--replicaof', '127.0.0.1', String(primary.port)]);
	await until(async () => String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'), {what: 'the replica'});
	await checkReplica(connection, 'here');
	const coordination = createCoordination({connection, newOpId: randomUUID, resendMs: 1500, isReplicated: true});
	const submits = async (id: string): Promise<string> => (await coordination.submit(submission({id}))).code;
	const many = Array.from({length: 50}, (_, at) => `t-${at}`);
	expect(new Set(await Promise.all(many.map(submits)))).toEqual(new Set(['ok']));
	replica.freeze();
	await expect(submits('in-vain')).rejects.toMatchObject({name: 'RedisLost', wasSent: true});
	await primary.kill();
	replica.unfreeze();
	await replica.ask('REPLICAOF', 'NO', 'ONE');
	const kept = await Promise.all(many.map(id => replica.ask('HEXISTS', `workflow:tasks:status:${id}`, 'state')));
	expect(kept.every(found => found === 1)).toBe(true);
});

/** The guarantee at `IN_LIBRARY`. With 150 functions Valkey 8.1.1 crashed within these copies. */
test('a replica on Valkey copies its primary again and again with the libraries of two versions, and lives', async () => {
	const primary = await startMember(ofTest, ['--repl-diskless-sync-delay', '0'], 'valkey-server');
	const {name, text} = makeLibrary();
	for (const library of [text, text.replaceAll(name, 'agent_room_0123456789ab')]) await primary.ask('FUNCTION', 'LOAD', library);
	const replica = await startMember(ofTest, [], 'valkey-server');
	for (let copies = 0; copies < 40; copies++) {
		await replica.ask('REPLICAOF', 'NO', 'ONE');
		await replica.ask('SET', 'of-its-own', copies);
		await replica.ask('REPLICAOF', '127.0.0.1', primary.port);
		await until(async () => String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'), {what: 'the copy'});
	}
	expect(await primary.ask('INFO', 'stats')).toContain('sync_full:40');
});
