import {expect, test} from 'vitest';
import {costText} from '../../../source/commands/show/cost.ts';
import {agentLines} from '../../../source/commands/show/status-text.ts';
import {parseAgent} from '../../../source/core/agent/agent.ts';
import {parseFeature} from '../../../source/core/plan/feature.ts';
import {costLine, costSchema, tokensText, usedText} from '../../../source/core/protocol/cost.ts';
import type {StatusLine} from '../../../source/core/protocol/output-schema.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';

const agents = [
	parseAgent('agent:dev:001', {
		role: 'developer',
		harness: 'claude',
		account: 'work',
		spent: '1250000',
		tokensIn: '900000',
		tokensOut: '31000',
		tokensCached: '819000',
	}),
	parseAgent('agent:dev:002', {
		role: 'developer',
		harness: 'codex',
		account: 'codex',
		tokensIn: '1500000',
		tokensOut: '900',
		cancelledCalls: '2',
	}),
	parseAgent('agent:rev:001', {role: 'code-sentinel', harness: 'claude'}),
];
const status = {
	at: 1000,
	control: {...emptySnapshot.control, budget: 50_000_000, spent: 1_250_000},
	agents,
	features: [parseFeature('login', {open: '1', merged: '2', spent: '800000', tokensIn: '10', tokensOut: '1'}), parseFeature('free', {})],
} as unknown as StatusLine;
const tasks = Array.from({length: 17}, (_, index) => ({
	...parseTask(`t-${index}`, {
		title: `Task ${index}\x1b[31m`,
		state: 'merged',
		feature: 'login',
		spent: String(index * 1000),
		tokensIn: '5',
	}),
	why: '',
}));

test('the dearest come first, with what was spent of the budget, and who told tokens alone', () => {
	const line = costLine(status, tasks);
	expect(costSchema.parse(line)).toEqual(line);
	const text = costText(line);
	expect(text[0]).toBe('$1.25 of $50.00 · tokens: 2.4M in (34% cached), 32k out');
	expect(text[1]).toBe('2 cancelled calls, cost unknown');
	expect(text[2]).toBe('When it is reached: no new work starts.');
	expect(text).toContain('     $1.25    900k     31k  dev-1  claude  account work'.replace(/^ {5}/, '     '));
	expect(text).toContain('         —    1.5M     900  dev-2  codex   2 cancelled');
	expect(text).toContain('     $0.80      10       1  login  1 open, 2 merged');
	expect(text.filter(row => /t-\d/.test(row))).toHaveLength(15);
	expect(text.find(row => /t-\d/.test(row))).toContain('t-16');
	expect(text).toContain('  … 2 more');
	expect(text.join('\n')).not.toContain('\x1b');
	expect(text.join('\n')).not.toContain('rev-1');
	expect(text.at(-2)).toBe('No price known for the model of dev-2: tokens only. Add `prices` in agent-room.yaml.');
});

test('nothing is said to cost nothing while nobody told of it', () => {
	expect(costText(costLine({...status, control: emptySnapshot.control, agents: [], features: []}, []))).toEqual(['No usage reported yet.']);
});

test('amounts are short; agents are listed with theirs', () => {
	expect([0, 999, 1000, 12_499, 999_499, 999_500, 1_440_000].map(tokensText)).toEqual(['0', '999', '1k', '12k', '999k', '1.0M', '1.4M']);
	expect(usedText({spent: 420_000, tokensIn: 31_000, tokensOut: 2000, tokensCached: 0, cancelledCalls: 0})).toBe('$0.42 · 31k in, 2k out');
	expect(usedText({spent: 0, tokensIn: 31_000, tokensOut: 2000, tokensCached: 30_999, cancelledCalls: 0})).toBe(
		'31k in (99% cached), 2k out',
	);
	expect(usedText({spent: 0, tokensIn: 31_000, tokensOut: 2000, tokensCached: 3, cancelledCalls: 0})).toBe(
		'31k in (below 1% cached), 2k out',
	);
	expect(usedText({spent: 0, tokensIn: 0, tokensOut: 0, tokensCached: 0, cancelledCalls: 0})).toBe('');
	expect(agentLines(status)[0]).toContain('$1.25');
	const rateLimit = {account: 'work', at: 0, until: 61_000, level: 1, by: 'agent:dev:002', probe: '', reason: ''};
	const throttled = agentLines({...status, control: {...status.control, rateLimits: [rateLimit]}});
	expect(throttled[0]).toMatch(/dev-1 +Developer +rate-limited .*work is rate-limited until \d\d:\d\d \(reported by dev-2\)/);
	expect(throttled[1]).toMatch(/dev-2 +Developer +idle/);
});
