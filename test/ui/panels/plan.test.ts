import {expect, test} from 'vitest';
import {decisions} from '../../../source/ui/model/decisions.ts';
import {agent, event, NOW, room} from '../fixtures/room.ts';

test('the plan says once what was decided again and again, and how often', () => {
	const again = [1, 2, 3].map(number => event(number, {type: 'task_released', task: 't-1'}));
	const told = decisions(room({events: [...again, event(4, {type: 'task_retried', task: 't-2'})]}), NOW).map(({text}) => text);
	expect(told.filter(text => text.includes('t-1'))).toEqual(['t-1 requeued ×3']);
	expect(told.at(-2)).toContain('t-2');
});

test('what you asked the Planner is shown whole', () => {
	const mail = event(1, {type: 'mail_sent', agent: 'agent:orc:001', text: 'a human: Add a login'});
	const told = decisions(room({agents: [{...agent('orc', 1), role: 'orchestrator'}], events: [mail]}), NOW).map(({text}) => text);
	expect(told).toContain('you to orc-1: Add a login');
});
