import {expect, test} from 'vitest';
import {APPROVES, DEV_1, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

test('an agent that a person adds works like the others, in a work tree of its own; one that retires ends its task and is given no other', async () => {
	const room = await openEngine({agents: {developer: `${WAITS}\n${WRITES}`, 'code-sentinel': APPROVES}});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.must({type: 'add-task', title: 'two', id: 'two'});
	await room.atWork('one', 1);
	expect(room.task('two').state).toBe('ready');
	const joined = await room.must({type: 'add-agent', role: 'developer', harness: ''});
	expect(joined).toMatchObject({text: expect.stringContaining('dev-2 added as developer')});
	const two = await room.atWork('two', 1);
	expect(two.owner).toBe('agent:dev:002');
	expect(two.worktree).not.toBe(room.task('one').worktree);

	expect(await room.must({type: 'retire-agent', agent: DEV_1})).toMatchObject({text: 'dev-1 is removed after its task'});
	await room.must({type: 'add-task', title: 'three', id: 'three'});
	room.touch('go-one');
	await room.when('it has left', () => room.agent(DEV_1).status === 'stopped');
	await room.when('its work is merged', () => room.task('one').state === 'merged');
	expect(room.agent(DEV_1)).toMatchObject({task: '', reason: 'removed by you'});
	expect(room.task('three')).toMatchObject({state: 'ready', owner: ''});
	room.touch('go-two');
	expect((await room.atWork('three', 1)).owner).toBe('agent:dev:002');
	room.touch('go-three');
	await room.when('the other has done the rest', () => room.task('three').state === 'merged');

	expect(await room.ask({type: 'add-agent', role: 'tester', harness: ''})).toMatchObject({ok: false, code: 'unknown'});
	expect(await room.ask({type: 'retire-agent', agent: DEV_1})).toMatchObject({ok: false, code: 'gone'});
	expect(await room.ask({type: 'retire-agent', agent: 'agent:merge:001'})).toMatchObject({ok: false, code: 'refused'});
});
