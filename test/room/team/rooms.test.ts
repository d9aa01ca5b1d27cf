import {describe, expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {joinTeam} from '../../../source/room/recovery/join.ts';
import {coordinationOn} from '../../helpers/coordination.ts';
import {APPROVES, DEV_1, WAITS, WRITES} from '../../helpers/engine.ts';
import {createHub} from '../../helpers/hosts.ts';
import {binFile} from '../../helpers/room.ts';

const REVIEWED = {developer: WAITS, 'code-sentinel': APPROVES};

describe('rooms of one team', () => {
	test('of one path and host name: each has agents of its own, and a room that starts leaves the work of another alone', async () => {
		const hub = await createHub();
		const first = await hub.open({agents: REVIEWED});
		await first.must({type: 'add-task', title: 'one', id: 'one'});
		const before = await first.atWork('one', 1);
		const second = await hub.open({agents: {developer: [WAITS, WAITS], 'code-sentinel': APPROVES}});
		const developers = (room: string): readonly string[] =>
			[...first.team().agents.values()].filter(agent => agent.room === room && agent.role === 'developer').map(({id}) => id);
		await first.when('all are known', () => developers(second.store.getSnapshot().room.id).length === 2);
		expect(developers(first.store.getSnapshot().room.id)).toEqual([DEV_1]);
		expect(developers(second.store.getSnapshot().room.id)).toEqual(['agent:dev:002', 'agent:dev:003']);
		const hosts = new Set([...first.team().agents.values()].map(({host}) => host));
		expect(hosts.size).toBe(2);
		expect(first.task('one')).toMatchObject({token: before.token, owner: DEV_1});
		expect(second.events.some(({type}) => type === 'task_reclaimed')).toBe(false);
	});

	test('a room that starts again takes back what its earlier life held, under the same names', async () => {
		const hub = await createHub();
		const first = await hub.open({agents: REVIEWED});
		const second = await hub.open({agents: REVIEWED});
		await second.must({type: 'pause-agent', agent: DEV_1});
		await second.must({type: 'add-task', title: 'one', id: 'one'});
		await second.atWork('one', 1);
		await second.room.stop('for the next life');
		const again = await hub.open({agents: REVIEWED, again: second});
		expect(again.store.getSnapshot().room.id.split(':')[1]).toBe(second.store.getSnapshot().room.id.split(':')[1]);
		await again.when('it works on it again', () => again.task('one').owner === 'agent:dev:002');
		expect(first.events.filter(({type}) => type === 'room_joined').map(({text}) => text)).toHaveLength(2);
		again.touch('go-one');
	});

	test('one that does not fit is refused with both values, and leaves nothing', async () => {
		const hub = await createHub();
		const first = await hub.open({agents: REVIEWED, config: {merge: 'local', test: 'true'}});
		await expect(hub.open({agents: REVIEWED})).rejects.toMatchObject({
			code: 'not-ready',
			message: expect.stringMatching(/way of merging is `local` on `.*`, `push` here/),
		});
		await expect(hub.open({agents: REVIEWED, config: {merge: 'local', test: 'false'}})).rejects.toMatchObject({
			message: expect.stringMatching(/test command is `true` on `.*`, `false` here/),
		});
		await expect(hub.open({agents: REVIEWED, config: {merge: 'local'}})).rejects.toMatchObject({
			message: expect.stringContaining('(`merge: local`), so no second clone can join'),
			hint: expect.stringContaining('Set `merge: push` in agent-room.yaml of both'),
		});
		await first.redis('HSET', `workflow:rooms:card:${first.store.getSnapshot().room.id.replace(/:[^:]+$/, '')}`, 'data', '99');
		await expect(hub.open({agents: REVIEWED, config: {merge: 'local'}})).rejects.toMatchObject({
			message: expect.stringMatching(/runs a newer agent-room \(data version 99, here \d+\)/),
			hint: 'Update agent-room here.',
		});
		expect([...first.team().agents.values()].filter(({role}) => role === 'developer')).toHaveLength(1);
	});

	test('the identity of a room that beats elsewhere is refused; once it has stood still for its lease it is taken over', async () => {
		const hub = await createHub();
		const first = await hub.open({agents: REVIEWED});
		const life = first.store.getSnapshot().room.id;
		const name = life.slice(0, life.lastIndexOf(':'));
		const joins = async (copy: string): Promise<unknown> => {
			const config = configSchema.parse({merge: 'push', test: 'true', lease: '3s'});
			const identity = {name, life: `${name}:${copy}`, machine: 'the copy', boot: 'another', host: 'copy'};
			const options = {config, namespace: 'workflow', redisUrl: hub.redis.socketPath, binFile};
			return joinTeam({coordination: coordinationOn(await hub.redis.connect())}, identity, {options, base: 'main'});
		};
		await expect(joins('a')).rejects.toMatchObject({message: expect.stringContaining('two machines have the same identity')});
		await first.redis('HSET', `workflow:rooms:card:${name}`, 'life', `${name}:gone`);
		await first.redis('SET', `workflow:heartbeat:room:${name}:gone`, '7');
		expect(await joins('b')).toMatchObject({life: `${name}:b`});
	});

	test('work goes from one to the other: reviewed, tested and merged by both, one history on the remote and in both clones', async () => {
		const hub = await createHub();
		const agents = {developer: [WRITES, WRITES], 'code-sentinel': APPROVES};
		const first = await hub.open({agents, config: {test: 'sleep 0.5'}});
		const second = await hub.open({agents, config: {test: 'sleep 0.5'}});
		const ids = ['a', 'b', 'c', 'd'];
		for (const id of ids) await first.must({type: 'add-task', title: id, id});
		await first.when('the merges', () => ids.every(id => first.team().tasks.get(id)?.state === 'merged'), 100_000);
		const roomsOf = (stage: string): ReadonlySet<string> =>
			new Set(first.events.filter(({type, text}) => type === 'task_claimed' && text === stage).map(({agent}) => first.agent(agent).room));
		expect([roomsOf('develop').size, roomsOf('test').size, roomsOf('merge').size]).toEqual([2, 2, 1]);
		expect(first.events.filter(({type}) => type === 'task_merged')).toHaveLength(ids.length);
		const remote = first.repository.git(['--git-dir', hub.remote, 'rev-parse', 'main']);
		for (const room of [first, second]) await room.when('its clone follows', () => room.repository.head('main') === remote);
		expect(first.mergedCommit().toSorted()).toEqual(ids);
	});

	test('merges are made by the one that leads; when it ends, the other leads at once', async () => {
		const hub = await createHub();
		const agents = {developer: WRITES};
		const first = await hub.open({agents, config: {review: 'off'}});
		const second = await hub.open({agents, config: {review: 'off'}});
		await first.must({type: 'pause-agent', agent: 'agent:dev:002'});
		for (const id of ['a', 'b', 'c']) await first.must({type: 'add-task', title: id, id});
		await first.when('the merges', () => ['a', 'b', 'c'].every(id => first.task(id).state === 'merged'));
		const claims = first.events.filter(({type, text}) => type === 'task_claimed' && text === 'merge');
		const rooms = new Set(claims.map(({agent}) => first.agent(agent).room));
		expect([...rooms]).toEqual([first.store.getSnapshot().room.id]);
		await second.redis('LPUSH', 'workflow:tasks:pending', 'task:implement:late');
		await second.when('it is taken in', () => second.team().tasks.has('late'));
		await first.room.stop('the leader ends');
		await second.redis('LPUSH', 'workflow:tasks:pending', 'task:implement:later');
		await second.when('it is taken in', () => second.team().tasks.has('later'));
	});
});
