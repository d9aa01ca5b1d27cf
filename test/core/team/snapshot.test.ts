import {describe, expect, test} from 'vitest';
import {parseEvent} from '../../../source/core/event/event.ts';
import {EVENTS_KEPT, emptySnapshot, isNewer, reduce, unknownTasks} from '../../../source/core/team/snapshot.ts';

const event = (id: string, ...fields: string[]) => parseEvent(id, fields);

describe('folding events', () => {
	test('fields of a task and an agent are laid over what was known', () => {
		const team = reduce(emptySnapshot, [
			event('1-0', 'type', 'task_submitted', 'task', 't-1', 't:title', 'Login', 't:state', 'ready'),
			event(
				'2-0',
				'type',
				'task_claimed',
				'task',
				't-1',
				'agent',
				'agent:dev:001',
				't:state',
				'leased',
				't:token',
				'1:a',
				'a:status',
				'working',
				'a:task',
				't-1',
			),
		]);
		expect(team.tasks.get('t-1')).toMatchObject({title: 'Login', state: 'leased', token: '1:a'});
		expect(team.agents.get('agent:dev:001')).toMatchObject({status: 'working', task: 't-1'});
		expect(team.streamId).toBe('2-0');
	});

	test('an entry that was folded before changes nothing', () => {
		const once = reduce(emptySnapshot, [event('5-1', 'type', 'task_submitted', 'task', 't-1', 't:state', 'ready')]);
		expect(reduce(once, [event('5-1', 'task', 't-1', 't:state', 'failed'), event('4-9', 'task', 't-1', 't:state', 'failed')])).toBe(once);
	});

	test('a snapshot is never changed by folding onto it', () => {
		const before = reduce(emptySnapshot, [event('1-0', 'task', 't-1', 't:state', 'ready')]);
		reduce(before, [event('2-0', 'task', 't-1', 't:state', 'failed')]);
		expect(before.tasks.get('t-1')?.state).toBe('ready');
	});

	test('what happens to a task that is not known is counted, and shown only once its fields were read', () => {
		const before = {...emptySnapshot, counts: {...emptySnapshot.counts, ready: 90_000}};
		const claimed = event('1-0', 'type', 'task_claimed', 'task', 't-9', 'was', 'ready', 't:state', 'leased', 't:owner', 'agent:dev:001');
		const halved = reduce(before, [claimed]);
		expect(halved.counts).toMatchObject({ready: 89_999, leased: 1});
		expect(halved.tasks.size).toBe(0);
		expect(unknownTasks(before, [claimed])).toEqual(['t-9']);
		const shown = reduce(before, [claimed], new Map([['t-9', {title: 'Far away', state: 'ready'}]]));
		expect(shown.tasks.get('t-9')).toMatchObject({title: 'Far away', state: 'leased', owner: 'agent:dev:001'});
	});

	test('a new task needs no reading, nor what follows it', () => {
		const added = event('1-0', 'task', 't-1', 'was', '', 't:state', 'ready');
		const gone = event('2-0', 'task', 't-1', 'was', 'ready', 't:state', 'cancelled');
		const words = event('3-0', 'task', 't-2', 'agent', 'agent:dev:001', 'a:doing', 'thinks');
		expect(unknownTasks(emptySnapshot, [added, gone, words])).toEqual([]);
		expect(reduce(emptySnapshot, [added, gone]).counts).toEqual({...emptySnapshot.counts, cancelled: 1});
	});

	test('locks come, are renewed and go; their age counts from the first taking', () => {
		const taken = reduce(emptySnapshot, [event('10-0', 'l:name', 'path:src', 'l:owner', 'agent:dev:001', 'l:until', '99')]);
		const renewed = reduce(taken, [event('20-0', 'l:name', 'path:src', 'l:owner', 'agent:dev:001', 'l:until', '199')]);
		expect(renewed.locks.get('path:src')).toEqual({name: 'path:src', owner: 'agent:dev:001', until: 199, takenAt: 10});
		expect(reduce(renewed, [event('30-0', 'l:name', 'path:src', 'l:owner', '')]).locks.size).toBe(0);
	});

	test('orders are kept until they change', () => {
		const frozen = reduce(emptySnapshot, [event('1-0', 'c:frozen', '1')]);
		expect(reduce(frozen, [event('2-0', 'c:drained', '1')]).control).toEqual({...emptySnapshot.control, drained: true, frozen: true});
	});

	test('the list of events is bounded', () => {
		const many = Array.from({length: EVENTS_KEPT + 50}, (_, index) => event(`${index + 1}-0`, 'type', 'x'));
		const {events} = reduce(emptySnapshot, many);
		expect(events).toHaveLength(EVENTS_KEPT);
		expect(events.at(-1)?.id).toBe(`${EVENTS_KEPT + 50}-0`);
	});
});

test('stream ids compare as two numbers, not as text', () => {
	expect(isNewer('10-0', '9-0')).toBe(true);
	expect(isNewer('9-10', '9-9')).toBe(true);
	expect(isNewer('9-9', '9-9')).toBe(false);
});
