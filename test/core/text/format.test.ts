import {expect, test} from 'vitest';
import {agentId, agentName, parseAgentId} from '../../../source/core/agent/agent.ts';
import {nextStage, type Standing} from '../../../source/core/task/stages.ts';
import {priorityBadge, type Stage} from '../../../source/core/task/task.ts';
import {formatAge} from '../../../source/core/text/format.ts';

test('ages read in the largest unit', () => {
	expect([0, 59_999, 60_000, 3_600_000, 90_000_000].map(formatAge)).toEqual(['0s', '59s', '1m', '1h', '1d']);
});

test('agents are named as people type them', () => {
	expect(agentId('dev', 1)).toBe('agent:dev:001');
	expect(agentName('agent:dev:001')).toBe('dev-1');
	expect(['dev-1', 'dev:001', 'agent:dev:001', 'DEV'.toLowerCase()].map(parseAgentId)).toEqual([
		'agent:dev:001',
		'agent:dev:001',
		'agent:dev:001',
		'agent:dev',
	]);
});

test('the pipeline skips the review where it is off and sends failures back to the developer', () => {
	const ways = {review: true, hasResolver: false};
	const at = (stage: Stage, given: Partial<Standing> = {}): Standing => ({stage, firstStage: 'develop', audit: false, ...given});
	expect(nextStage(at('develop'), 'done', ways)).toBe('review');
	expect(nextStage(at('develop'), 'done', {...ways, review: false})).toBe('test');
	expect(nextStage(at('test'), 'failed', ways)).toBe('develop');
	expect(nextStage(at('merge'), 'done', ways)).toBe('merged');
	expect(nextStage(at('develop'), 'failed', ways)).toBeUndefined();
});

test('badges follow the priority', () => {
	expect([100, 90, 70, 40, 39].map(priorityBadge)).toEqual(['P0', 'P0', 'P1', 'P2', 'P3']);
});
