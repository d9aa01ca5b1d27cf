import {expect, test} from 'vitest';
import {parseEvent} from '../../../source/core/event/event.ts';

const FLAT = [
	'type',
	'task_claimed',
	'task',
	't-1',
	'agent',
	'agent:dev:001',
	'text',
	'é "x"',
	'by',
	'laptop',
	'was',
	'ready',
	't:state',
	'leased',
	'a:status',
	'working',
];
const PACKED = {
	...{type: 'task_claimed', task: 't-1', agent: 'agent:dev:001', text: 'é "x"', by: 'laptop', was: 'ready'},
	...{t: ['state', 'leased'], a: ['status', 'working']},
};

test('an entry of one JSON text reads like one with a stream field for each value, as older rooms wrote them', () => {
	const event = parseEvent('1-0', ['event', JSON.stringify(PACKED)]);
	expect(event).toEqual(parseEvent('1-0', FLAT));
	expect(event).toMatchObject({
		text: 'é "x"',
		was: 'ready',
		taskFields: {state: 'leased'},
		agentFields: {status: 'working'},
		lockFields: {},
	});
});

test.each(['', '{', 'null', '7', '[["t",1]]', '{"t":{"state":"x"},"type":null}', '{"t":["state"]}'])(
	'%s of a stranger says nothing',
	text => {
		expect(parseEvent('1-0', ['event', text])).toMatchObject({taskFields: {}, agentFields: {}});
	},
);
