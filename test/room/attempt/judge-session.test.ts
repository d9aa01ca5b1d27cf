import {describe, expect, test} from 'vitest';
import {type Evidence, judge} from '../../../source/room/attempt/judge.ts';
import type {SessionEnd} from '../../../source/room/attempt/judge-session.ts';

const session: SessionEnd = {state: 'idle', source: 'hook', reason: '', isResumed: false, hasBegun: true, missing: ''};
const evidence = (end: Partial<SessionEnd>, further: Partial<Evidence> = {}): Evidence => ({
	stage: 'develop',
	agent: 'agent:dev:001',
	finish: 'report',
	ended: {exitCode: 143, signal: 'SIGTERM'},
	reported: undefined,
	blocked: '',
	isAnswerable: true,
	endReason: '',
	isInterrupted: false,
	lastLines: ['the last line'],
	work: {commit: 'b', isChanged: true, isDescended: true, wasDirty: false},
	review: undefined,
	resolved: undefined,
	session: {...session, ...end},
	branch: 'agent/t-1-a1',
	worktree: '/w',
	commit: 'a',
	...further,
});

describe('the end of a session', () => {
	test.each([
		['rate-limited', 'throttle'],
		['logged-out', 'logged-out'],
		['out-of-context', 'new-session'],
	] as const)('%s costs no attempt where its program says so itself', (state, after) => {
		expect(judge(evidence({state, reason: 'as it says.'}))).toMatchObject({kind: 'release', after, isCrash: false});
		expect(judge(evidence({state}, {stage: 'review'}))).toMatchObject({kind: 'release', after});
		expect(judge(evidence({state}, {stage: 'plan', work: undefined})).kind).toBe(state === 'out-of-context' ? 'fail' : 'release');
	});

	test('is not believed where only a screen or a title says so: anybody may print that', () => {
		for (const source of ['screen', 'notice', undefined] as const)
			expect(judge(evidence({state: 'rate-limited', source}))).toMatchObject({kind: 'fail', isCrash: true});
	});

	test('changes nothing of work that was handed in before', () => {
		const reported = {kind: 'done' as const};
		expect(judge(evidence({state: 'rate-limited'}, {reported}))).toMatchObject({kind: 'complete', outcome: 'done'});
	});

	test('does not stand against a reason of the room, such as its time being up', () => {
		expect(judge(evidence({state: 'rate-limited'}, {endReason: 'took longer'}))).toMatchObject({kind: 'fail', reason: 'took longer'});
	});

	test('in a full context counts where it brought nothing', () => {
		const work = {commit: 'a', isChanged: true, isDescended: true, wasDirty: false};
		expect(judge(evidence({state: 'out-of-context'}, {work}))).toMatchObject({kind: 'fail', isCrash: false});
		expect(judge(evidence({state: 'out-of-context'}, {work: {...work, wasDirty: true}}))).toMatchObject({kind: 'release'});
	});

	test('that never began for want of a variable costs nothing, and waits until it is set up', () => {
		const missing = {state: 'starting', source: 'process', hasBegun: false, missing: 'SHOP_KEY'} as const;
		expect(judge(evidence(missing))).toMatchObject({kind: 'release', after: 'not-set-up', reason: 'not set up: agents have no `SHOP_KEY`'});
		// What a program prints once it works proves nothing.
		expect(judge(evidence({...missing, hasBegun: true}))).toMatchObject({kind: 'fail'});
		const failed = {...missing, hasBegun: true, state: 'logged-out'} as const;
		expect(judge(evidence({...failed, source: 'hook'}))).toMatchObject({after: 'not-set-up'});
		expect(judge(evidence({...failed, source: 'screen'}))).toMatchObject({kind: 'fail'});
	});

	test('that could not be gone on with is left for a new one, once it failed before anything was taken up', () => {
		const resumed = {isResumed: true, hasBegun: false, state: 'starting', source: 'process'} as const;
		const ended = {exitCode: 1, signal: ''};
		expect(judge(evidence(resumed, {ended}))).toMatchObject({kind: 'release', after: 'new-session'});
		expect(judge(evidence({...resumed, hasBegun: true}, {ended}))).toMatchObject({kind: 'fail', isCrash: true});
		expect(judge(evidence({...resumed, isResumed: false}, {ended}))).toMatchObject({kind: 'fail', isCrash: true});
	});

	test('says what was not allowed where nothing was changed', () => {
		const work = {commit: 'a', isChanged: false, isDescended: true, wasDirty: false};
		const ended = {exitCode: 0, signal: ''};
		expect(judge(evidence({reason: 'not allowed: Bash'}, {work, ended, finish: 'exit'}))).toMatchObject({
			kind: 'fail',
			reason: 'ended normally but changed nothing: not allowed: Bash',
		});
	});
});
