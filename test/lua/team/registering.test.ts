import {beforeEach, describe, expect, test} from 'vitest';
import type {Agent} from '../../../source/core/agent/agent.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {coordinationOn, joins} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:dev:002');
});

const agentOf = async (id: string): Promise<Agent | undefined> => (await team.snapshot()).team.agents.get(id);

describe('registering', () => {
	test('an id belongs to one living room', async () => {
		await team.heartbeat({room: 'r1', leaseMs: 1000, ttlMs: 30_000, agents: ['agent:dev:001'], held: []});
		expect(await joins(team, 'agent:dev:001', 'developer', [], 'r2')).toBe('taken');
		expect([await joins(team, 'agent:dev:001'), await joins(team, 'agent:dev:002', 'developer', [], 'r2')]).toEqual(['ok', 'ok']);
	});

	test('a later life of the same room takes over at once, another folder does not', async () => {
		await joins(team, 'agent:dev:001', 'developer', [], 'room:shop-1:aa');
		await team.heartbeat({room: 'room:shop-1:aa', leaseMs: 1000, ttlMs: 30_000, agents: ['agent:dev:001'], held: []});
		const answers = ['room:shop-2:bb', 'room:shop-1:bb'].map(room => joins(team, 'agent:dev:001', 'developer', [], room));
		expect(await Promise.all(answers)).toEqual(['taken', 'ok']);
	});

	test('begins anew, but a person’s pause outlives the room', async () => {
		await team.updateAgent(
			'agent:dev:001',
			{status: 'needs-input', question: 'May I?', choices: '["yes"]', questionId: 'q1', paused: '1'},
			'',
		);
		await joins(team, 'agent:dev:001');
		expect(await agentOf('agent:dev:001')).toMatchObject({status: 'paused', paused: true, question: '', choices: [], questionId: ''});
		expect(await team.updateAgent('agent:dev:099', {status: 'idle'}, '')).toBe('gone');
	});
});
