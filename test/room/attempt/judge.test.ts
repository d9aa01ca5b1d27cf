import {describe, expect, test} from 'vitest';
import {readReviews} from '../../../source/core/review/round.ts';
import {type Evidence, judge} from '../../../source/room/attempt/judge.ts';

const evidence = (changes: Partial<Evidence>): Evidence => ({
	stage: 'develop',
	agent: 'agent:dev:001',
	finish: 'exit',
	ended: {exitCode: 0, signal: ''},
	reported: undefined,
	blocked: '',
	isAnswerable: true,
	endReason: '',
	isInterrupted: false,
	lastLines: ['one', 'rate limit'],
	work: {commit: 'c1', isChanged: true, isDescended: true, wasDirty: false},
	review: undefined,
	resolved: undefined,
	branch: 'agent/t-1-a1',
	worktree: '/w',
	commit: 'c0',
	...changes,
});

describe('a developer', () => {
	test('that exits with 0 and changed something is done, with its commit and authorship', () => {
		expect(judge(evidence({}))).toMatchObject({
			kind: 'complete',
			outcome: 'done',
			fields: {commit: 'c1', author: 'agent:dev:001', branch: 'agent/t-1-a1'},
		});
	});

	test('that changed nothing is told so', () => {
		expect(judge(evidence({work: {commit: 'c0', isChanged: false, isDescended: true, wasDirty: false}}))).toMatchObject({
			kind: 'fail',
			reason: 'ended normally but changed nothing',
		});
	});

	test('that submits the very commit of which the review requested changes submits nothing', () => {
		expect(judge(evidence({refusedCommit: 'c1'}))).toMatchObject({
			kind: 'fail',
			reason: 'submitted without a change since the review requested changes',
			isCrash: false,
		});
		expect(judge(evidence({refusedCommit: 'c0'}))).toMatchObject({kind: 'complete', outcome: 'done'});
	});

	test('whose branch was reset beneath it hands nothing in', () => {
		expect(judge(evidence({work: {commit: 'c9', isChanged: true, isDescended: false, wasDirty: false}}))).toMatchObject({kind: 'fail'});
	});

	test('that exits otherwise fails with the last line of its screen as the reason', () => {
		expect(judge(evidence({ended: {exitCode: 1, signal: ''}}))).toMatchObject({
			kind: 'fail',
			reason: 'exit 1: rate limit',
			feedback: 'one\nrate limit',
			isCrash: true,
		});
	});

	test('that dies at its prompt is quoted by what it said before', () => {
		const judged = judge(evidence({ended: {exitCode: 1, signal: ''}, lastLines: ['out of tokens', '────', '›']}));
		expect(judged).toMatchObject({reason: 'exit 1: out of tokens'});
	});

	test('that is killed never counts as done, whatever its exit code says', () => {
		expect(judge(evidence({ended: {exitCode: 0, signal: 'SIGKILL'}}))).toMatchObject({
			kind: 'fail',
			reason: 'killed by SIGKILL: rate limit',
		});
	});

	test('of a harness that reports is done only when it said so', () => {
		expect(judge(evidence({finish: 'report'}))).toMatchObject({kind: 'fail', reason: 'ended without reporting a result'});
		expect(judge(evidence({finish: 'report', reported: {kind: 'done'}, ended: {exitCode: 143, signal: 'SIGTERM'}}))).toMatchObject({
			kind: 'complete',
		});
	});

	test('that said last that it cannot go on has failed with its reason, whatever its exit code; one that is done after all is done', () => {
		expect(judge(evidence({blocked: 'no access to the registry', isAnswerable: false}))).toMatchObject({
			kind: 'fail',
			reason: 'blocked: no access to the registry',
			isCrash: false,
		});
		expect(judge(evidence({blocked: 'x'}))).toMatchObject({kind: 'blocked', reason: 'blocked: x'});
		expect(judge(evidence({stage: 'review', blocked: 'x'}))).toMatchObject({kind: 'blocked', reason: 'blocked: x'});
		expect(judge(evidence({stage: 'plan', blocked: 'x'}))).toMatchObject({kind: 'blocked', reason: 'blocked: x'});
		expect(judge(evidence({blocked: 'x', reported: {kind: 'done'}}))).toMatchObject({kind: 'complete'});
	});

	test('that the room ended fails with the reason of the room', () => {
		expect(judge(evidence({endReason: 'took too long', ended: {exitCode: 143, signal: 'SIGTERM'}}))).toMatchObject({
			kind: 'fail',
			reason: 'took too long',
			isCrash: false,
		});
	});
});

describe('a reviewer', () => {
	test('approves exactly the commit that it saw', () => {
		expect(judge(evidence({stage: 'review', reported: {kind: 'done', verdict: 'approve'}}))).toMatchObject({
			kind: 'complete',
			outcome: 'done',
			fields: {reviewedCommit: 'c0'},
		});
	});

	test('that asks for changes hands its comments on', () => {
		expect(judge(evidence({stage: 'review', reported: {kind: 'done', verdict: 'changes', comments: 'rename it'}}))).toMatchObject({
			outcome: 'changes',
			feedback: 'must-fix: rename it',
			text: 'changes requested (1 must-fix)',
		});
	});

	test('keeps its rounds as they count, after those before', () => {
		const before = {round: 4, at: 1, stage: 'review', reviewer: 'r', commit: 'b', verdict: 'changes', text: '', comments: []} as const;
		const review = {rounds: [before], at: 9, isTouched: true};
		const comments = 'a.ts:1: must-fix: x';
		const judged = judge(
			evidence({stage: 'audit', agent: 'agent:sec:001', review, reported: {kind: 'done', verdict: 'approve', comments}}),
		);
		expect(judged).toMatchObject({
			outcome: 'changes',
			text: 'changes requested (1 must-fix), although the verdict was approve; its own changes to the worktree were discarded',
		});
		const fields = judged.kind === 'complete' ? judged.fields : {};
		expect(fields).not.toHaveProperty('reviewer');
		expect(readReviews(fields.reviews)).toMatchObject([before, {round: 5, at: 9, stage: 'audit', reviewer: 'agent:sec:001', commit: 'c0'}]);
	});

	test('may say something beside its comments, and that alone is a comment where changes are asked for', () => {
		const judged = (reported: object) => judge(evidence({stage: 'review', reported: {kind: 'done', verdict: 'changes', ...reported}}));
		expect(judged({text: 'So:', comments: '[{"file": "a", "line": 1, "text": "x"}]'})).toMatchObject({feedback: 'So:\na:1: must-fix: x'});
		expect(judged({text: 'No.'})).toMatchObject({feedback: 'must-fix: No.'});
		expect(judged({})).toMatchObject({feedback: 'The reviewer requested changes without naming any.', text: 'changes requested'});
	});

	test('that ends well without a verdict has not approved', () => {
		expect(judge(evidence({stage: 'review'}))).toMatchObject({kind: 'fail', reason: 'the reviewer ended without a verdict'});
	});
});
