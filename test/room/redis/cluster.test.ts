import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {loadScript, SCRIPTS, type ScriptName} from '../../../source/redis/scripts/table.ts';
import {APPROVES, openEngine, WRITES} from '../../helpers/engine.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {until} from '../../helpers/wait.ts';

/** A Cluster node that serves one slot alone: any key of another slot is refused, inside scripts too. */
const nodeOfOneSlot = async (tag: string): Promise<{socketPath: string; admin: RedisConnection}> => {
	// The port of the bus is each process's own: by default those of two servers without a port are the same.
	const bus = ['--bind', '127.0.0.1', '--cluster-port', String(20_000 + (process.pid % 10_000))];
	const redis = await startTestRedis(['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no', ...bus]);
	onTestFinished(() => redis.stop());
	const admin = await redis.connect();
	await admin.call('CLUSTER', 'ADDSLOTS', Number(await admin.call('CLUSTER', 'KEYSLOT', tag)));
	await until(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'), {what: 'the slot to be served'});
	return {socketPath: redis.socketPath, admin};
};
const ELSEWHERE = /CROSSSLOT|CLUSTERDOWN|MOVED|non local key|same slot|slot not served/;

test('a namespace with a hash tag keeps all keys of all scripts in one slot: a whole task runs on a node that serves no other', async () => {
	const {socketPath, admin} = await nodeOfOneSlot('{acme}');
	const room = await openEngine({
		agents: {developer: `agent-room report progress half\nagent-room report lock src\n${WRITES}`, 'code-sentinel': APPROVES},
		options: {redisUrl: socketPath, namespace: '{acme}'},
	});
	await room.must({type: 'add-task', title: 'first', id: 'a'});
	await admin.call('LPUSH', '{acme}:tasks:pending', 'task:implement:b');
	await room.when('the merges', () => ['a', 'b'].every(id => room.team().tasks.get(id)?.state === 'merged'));
	const log = join(dirname(room.folder), 's', 'room.log');
	expect(existsSync(log) ? readFileSync(log, 'utf8') : '').not.toMatch(ELSEWHERE);
	// Every script, whatever it finds: none reaches beyond the slot.
	for (const name of Object.keys(SCRIPTS) as ScriptName[]) {
		const answer = await admin
			.run(loadScript(name), ['{acme}:events'], ['{acme}', ...SCRIPTS[name].map(argument => (argument === 'op' ? '1-op' : '1'))])
			.catch((error: Error) => error.message);
		expect(String(answer), name).not.toMatch(ELSEWHERE);
	}
});

test('without a hash tag a Cluster refuses the scripts', async () => {
	const {admin} = await nodeOfOneSlot('workflow:events');
	await expect(admin.run(loadScript('snapshot'), ['workflow:events'], ['workflow', '10'])).rejects.toThrow(ELSEWHERE);
});
