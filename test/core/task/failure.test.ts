import {describe, expect, test} from 'vitest';
import {agentId, parseAgent} from '../../../source/core/agent/agent.ts';
import {CAUSES, causeHere, causeOf} from '../../../source/core/task/failure.ts';
import {parseTask} from '../../../source/core/task/task.ts';

describe('the cause of a failure', () => {
	test.each([
		['rate-limited: You have hit your usage limit', 'rate limit'],
		['logged out: run `claude` and /login', 'logged out'],
		['context full', 'context full'],
		['tests failed (exit 1 after 3.2 s), main at 51fe0a2 passes: removed from the merge queue', 'tests failed'],
		['the test run could not finish: exit 75', 'tests failed'],
		['the merge lost content that a side had added in src/cart.ts', 'conflict'],
		['conflict markers left in src/cart.ts', 'conflict'],
		['changes to the merge requested by you', 'changes requested'],
		['its agent was unreachable: no heartbeat for a whole lease', 'heartbeat lost'],
		['took longer than the timeout of 30m', 'timed out'],
		['blocked: there is no access to the registry', 'gave up'],
		['ended normally but changed nothing', 'nothing changed'],
		['ended without reporting a result', 'nothing changed'],
		['submitted without a change since the review requested changes', 'nothing changed'],
		['no output', 'stalled'],
		['the reviewer ended without a verdict', 'nothing changed'],
		['paused by you', 'stopped by you'],
		['killed by SIGTERM', 'killed'],
		['exit 3', 'ended with an error'],
	] as const)('that the room itself wrote is certain: %s', (reason, kind) => {
		expect(causeOf(reason, '429 Too Many Requests'.slice(0, kind === 'killed' || kind === 'ended with an error' ? 0 : 99))).toEqual({
			kind,
			isSure: true,
			text: reason,
		});
	});

	test.each([
		['exit 1: API Error: 429 rate limit', '', 'rate limit'],
		['exit 1', 'Please run /login', 'logged out'],
		['exit 1: prompt is too long', '', 'context full'],
		['killed by SIGKILL', 'FATAL ERROR: Reached heap limit Allocation failed', 'out of memory'],
		['exit 1: write failed', 'ENOSPC: no space left on device', 'disk full'],
		['exit 13: EACCES', '', 'refused permission'],
		['something that nobody knows', '', 'unknown'],
	] as const)('that is read out of what was printed is a guess: %s %s', (reason, printed, kind) => {
		expect(causeOf(reason, printed)).toMatchObject({kind, isSure: false});
	});

	test('is none where nothing was recorded, and one clean line otherwise', () => {
		expect(causeOf('  ', 'rate limit')).toBeUndefined();
		expect(causeOf('exit 1: a\n\u001b[31mb', '')?.text).toMatch(/^exit 1: a [^\n\u001b]*b$/);
		expect(CAUSES).toContain(causeOf('x'.repeat(5000), '')?.kind);
	});

	test('is the end of the agent before what its task says, and of one that is at work there is none of its own', () => {
		const task = parseTask('t-1', {state: 'ready', reason: 'ended normally but changed nothing'});
		const of = (status: string) => parseAgent(agentId('dev', 1), {role: 'developer', status, reason: 'exit 1: 429'});
		expect(causeHere(task, of('crashed'))?.kind).toBe('rate limit');
		expect(causeHere(task, of('working'))?.kind).toBe('nothing changed');
		expect(causeHere(undefined, of('working'))).toBeUndefined();
	});
});
