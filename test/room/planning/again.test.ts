import {describe, expect, test} from 'vitest';
import {WAITS, WRITES} from '../../helpers/engine.ts';
import {openPlanned} from '../../helpers/planning.ts';

const FEATURE = {type: 'add-task', title: 'Add login', id: 'login', feature: true} as const;
const FIRST = ['- {id: one, title: One}', '- {id: two, title: Two}', '- {id: three, title: Three, after: [two]}', ''].join('\n');
/** One goes on, two and three are not wanted any more. */
const SECOND = 'summary: Another way.\ntasks:\n  - {id: four, title: Four, after: [one]}\ncancel: [two, three]\n';

/** The second task waits in its agent until it is ended; the others are done at once. */
const DEVELOPER = `if [ "$AGENT_ROOM_TASK" = two ]; then ${WRITES}\n${WAITS}\nelse ${WRITES}; fi`;

describe('a running feature', () => {
	test('is planned anew: what is merged stays, what is cancelled ends with its work kept, what is new is done', async () => {
		const room = await openPlanned({plan: FIRST, agents: {developer: [DEVELOPER, DEVELOPER]}});
		await room.must(FEATURE);
		await room.must({type: 'add-task', title: 'Afterwards', id: 'after', after: ['login']});
		await room.when('the plan waits', () => room.task('login').decision === 'plan');
		await room.must({type: 'approve', task: 'login'});
		await room.when(
			'one is merged, two is at work',
			() => room.team().tasks.get('one')?.state === 'merged' && room.read('at-two-1') !== '',
		);

		room.write('plan.yaml', SECOND);
		expect(await room.must({type: 'replan', feature: 'login', text: 'Passkeys, please.'})).toMatchObject({ids: ['login-replan-1']});
		expect(await room.ask({type: 'replan', feature: 'login', text: ''})).toMatchObject({ok: false, code: 'refused'});
		await room.when('the new plan waits', () => room.task('login-replan-1').decision === 'plan');
		expect(room.task('two').state).toBe('leased');
		for (const told of ['Passkeys, please.', 'one (merged): One', 'two (leased, in develop, dev-', 'three (blocked', 'cancel: [id, ...]'])
			expect(room.read('brief-2')).toContain(told);
		expect((await room.call({op: 'plan', id: 'login'})).data).toMatchObject({
			planTask: 'login-replan-1',
			state: 'needs-decision',
			proposal: {cancel: ['two', 'three'], tasks: [{id: 'four'}]},
		});
		expect(await room.ask({type: 'replan', feature: 'login', text: ''})).toMatchObject({
			ok: false,
			message: 'The plan `login-replan-1` already needs your approval.',
		});

		await room.must({type: 'approve', task: 'login-replan-1'});
		await room.when('all of it is merged', () => room.task('after').state === 'merged');
		expect(room.task('two')).toMatchObject({state: 'cancelled', owner: ''});
		expect(room.task('three').state).toBe('cancelled');
		expect(room.task('login-replan-1').state).toBe('planned');
		expect(room.mergedCommit()).toEqual(['after', 'four', 'one']);
		// The work on what was cancelled stays with the room.
		await room.when('its agent is free', () => [...room.team().agents.values()].every(agent => agent.task === ''));
		expect(room.kept('show', 'refs/agent-room/attempts/two-a1:two.txt')).toContain('attempt 1');
	});

	test('goes on as it was where the new plan cannot be used, and a person is asked', async () => {
		const room = await openPlanned({plan: FIRST, config: {plan: 'auto'}, agents: {developer: DEVELOPER}});
		await room.must(FEATURE);
		await room.when('two is at work', () => room.read('at-two-1') !== '');
		room.write('plan.yaml', 'cancel: [nothing]\n');
		await room.must({type: 'replan', feature: 'login', text: ''});
		await room.when('a person is asked', () => room.task('login-replan-1').decision === 'plan', 60_000);
		expect(room.task('login-replan-1').waitReason).toContain('no new plan: invalid plan: line 1: `nothing` is not a task of `login`');
		expect(room.task('two').state).toBe('leased');
		expect(await room.call({op: 'explain', id: 'login-replan-1'})).toMatchObject({
			data: {moves: expect.stringMatching(/^`agent-room approve login-replan-1 --plan FILE` adds one/)},
		});
		expect(await room.ask({type: 'approve', task: 'login-replan-1'})).toMatchObject({ok: false, code: 'bad-plan'});
		await room.must({type: 'approve', task: 'login-replan-1', plan: 'tasks: [{id: five, title: Five}]\n'});
		room.touch('go-two');
		await room.when('all is merged', () => room.team().features.get('login')?.open === 0);
		expect([...room.mergedCommit()].toSorted()).toEqual(['five', 'one', 'three', 'two']);
	});

	test('cannot be planned anew where there is none, or nobody who plans', async () => {
		const room = await openPlanned({plan: FIRST});
		expect(await room.ask({type: 'replan', feature: 'login', text: ''})).toMatchObject({ok: false, code: 'gone'});
	});
});
