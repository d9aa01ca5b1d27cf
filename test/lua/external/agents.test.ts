import {describe, expect, test} from 'vitest';
import {submission, takes} from '../../helpers/coordination.ts';
import {besideATeam} from '../../helpers/external-worker.ts';

const externalWorker = besideATeam();
const types = (command: string, key: string, ...args: (string | number)[]) => externalWorker().types(command, key, ...args);
const sweeps = () => externalWorker().sweeps();
const taskOf = (id: string) => externalWorker().taskOf(id);
const agentOf = (id: string) => externalWorker().agentOf(id);
const told = () => externalWorker().told();

describe('the state store', () => {
	test('progress that anybody writes is told once, bounded and clean', async () => {
		await externalWorker().team.submit(submission({id: 'a'}));
		const claimed = await takes(externalWorker().team, 'agent:dev:001');
		await externalWorker().team.progress({agent: 'agent:dev:001', task: 'a', token: claimed.token}, {progress: '10%'}, '10%');
		await sweeps();
		await types('HSET', 'tasks:status:a', 'progress', `50%\u001b[2J${'é'.repeat(500)}`);
		await sweeps();
		await sweeps();
		const progress = (await taskOf('a'))?.progress ?? '';
		expect(progress).toMatch(/^50% \[2Jé+$/);
		expect(Buffer.byteLength(progress)).toBeLessThanOrEqual(200);
		expect((await told()).filter(line => line.startsWith('task_progressed a'))).toHaveLength(2);
	});
});

describe('agents from outside', () => {
	test('appear with what their registry entry says, change with it, and leave with it', async () => {
		await types('HSET', 'agents:registry', 'agent:001', '{"status":"active","capabilities":["backend","go"]}');
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		const {externalWorkers} = await sweeps();
		expect(externalWorkers).toMatchObject([{agent: 'agent:001', stamp: expect.stringMatching(/^alive@\d+$/)}]);
		expect(await agentOf('agent:001')).toMatchObject({room: '', harness: 'external', capabilities: ['backend', 'go'], status: 'idle'});
		expect(await types('HGET', 'agents:registry', 'agent:001')).toBe('{"status":"active","capabilities":["backend","go"]}');
		await types('HSET', 'agents:registry', 'agent:001', '{"status":"paused","capabilities":[]}');
		await sweeps();
		expect(await agentOf('agent:001')).toMatchObject({status: 'paused', capabilities: []});
		await types('HDEL', 'agents:registry', 'agent:001');
		await sweeps();
		expect(await agentOf('agent:001')).toBeUndefined();
		expect(await agentOf('agent:dev:001')).toBeDefined();
	});

	test('hostile entries are read as far as they go', async () => {
		const hostile = [
			'',
			'active',
			'[1,2]',
			'{"status":7,"capabilities":"x","role":"../x"}',
			`{"a":${'['.repeat(5000)}`,
			'{"capabilities":{"a":1}}',
		];
		for (const [index, entry] of hostile.entries()) await types('HSET', 'agents:registry', `agent:h${index}`, entry);
		await types('HSET', 'agents:registry', '../../x \n', '{}', 'x'.repeat(5000), '{}');
		await sweeps();
		const agents = [...(await externalWorker().team.snapshot()).team.agents.values()].filter(agent => agent.room === '');
		expect(agents.map(agent => [agent.id, agent.role, agent.capabilities, agent.status])).toEqual(
			hostile.map((_, index) => [`agent:h${index}`, 'external', [], 'idle']),
		);
	});

	test('at most a thousand are shown, and one look reads about a hundred', async () => {
		for (let from = 0; from < 1500; from += 500)
			await types('HSET', 'agents:registry', ...Array.from({length: 500}, (_, index) => [`agent:m${from + index}`, '{}']).flat());
		await sweeps();
		const first = [...(await externalWorker().team.snapshot()).team.agents.values()].filter(agent => agent.room === '').length;
		expect(first).toBeGreaterThan(50);
		expect(first).toBeLessThan(300);
		for (let round = 0; round < 40; round++) await externalWorker().team.sweep();
		expect([...(await externalWorker().team.snapshot()).team.agents.values()].filter(agent => agent.room === '')).toHaveLength(1000);
	});

	test('one whose heartbeat is gone is lost, and back when it beats', async () => {
		await types('HSET', 'agents:registry', 'agent:001', '{}');
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		await sweeps();
		expect(await externalWorker().team.expire('agent:001', 0)).toBe('alive');
		await types('DEL', 'heartbeat:agent:001');
		expect((await sweeps()).externalWorkers).toMatchObject([{agent: 'agent:001', stamp: 'gone'}]);
		expect(await externalWorker().team.expire('agent:001', 0)).toBe('ok');
		expect(await agentOf('agent:001')).toMatchObject({status: 'unreachable', reason: 'no heartbeat'});
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		await sweeps();
		expect(await agentOf('agent:001')).toMatchObject({status: 'idle', reason: ''});
	});
});

describe('rooms', () => {
	const beats = (room: string, agents: string[]) => externalWorker().team.heartbeat({room, leaseMs: 5000, ttlMs: 30_000, agents, held: []});

	test('are named by every sweep with their heartbeat and their lease', async () => {
		await beats('r1', ['agent:dev:001']);
		const [first] = (await externalWorker().team.sweep()).rooms;
		expect(first).toMatchObject({room: 'r1', leaseMs: 5000});
		await beats('r1', ['agent:dev:001']);
		const [second] = (await externalWorker().team.sweep()).rooms;
		expect(second?.beat).toBeGreaterThan(first?.beat ?? 0);
	});

	test('a lost one loses its agents, unless it has beaten since', async () => {
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		const [seen] = (await externalWorker().team.sweep()).rooms;
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		expect(await externalWorker().team.expire('r1', seen?.beat ?? 0)).toBe('alive');
		const [last] = (await externalWorker().team.sweep()).rooms;
		expect(await externalWorker().team.expire('r1', last?.beat ?? 0)).toBe('ok');
		expect(await agentOf('agent:dev:001')).toMatchObject({status: 'unreachable', reason: 'its room is gone'});
		expect((await externalWorker().team.sweep()).rooms).toEqual([]);
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		expect((await externalWorker().team.sweep()).rooms).toMatchObject([{room: 'r1'}]);
	});

	test('a lost one loses those, too, who joined it later', async () => {
		await beats('r1', ['agent:dev:001']);
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		const [last] = (await externalWorker().team.sweep()).rooms;
		expect(await externalWorker().team.expire('r1', last?.beat ?? 0)).toBe('ok');
		expect(await agentOf('agent:dev:002')).toMatchObject({status: 'unreachable'});
	});
});
