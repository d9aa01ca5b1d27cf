import {beforeEach, expect, test} from 'vitest';
import type {Comment} from '../../../source/core/review/round.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:rev:001', 'code-sentinel');
	await joins(team, 'agent:test:001', 'test-orchestrator');
	await joins(team, 'agent:merge:001', 'repository-guardian');
	await team.submit(submission());
});

const commentOf = (given: Partial<Comment> = {}): Comment => ({
	file: 'a.ts',
	line: 3,
	severity: 'must-fix',
	text: 'mend it',
	at: 1,
	commit: 'c1',
	...given,
});
const says = (given: Partial<Comment> = {}) =>
	team.comment({task: 't-1', comment: commentOf(given), role: 'developer', feedback: 'a.ts:3: must-fix: mend it', text: 'mend it'});
const develops = async () =>
	team.complete(completion(await takes(team, 'agent:dev:001'), {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1'}}));
const approves = async () => team.complete(completion(await takes(team, 'agent:rev:001'), {next: 'test', nextRole: 'test-orchestrator'}));
const passes = async () =>
	team.complete(
		completion(await takes(team, 'agent:test:001'), {
			next: 'merge',
			nextRole: 'repository-guardian',
			fields: {candidate: 'k1', checked: 'k1', testedCommit: 'k1'},
		}),
	);
const back = {
	state: 'ready',
	stage: 'develop',
	role: 'developer',
	owner: '',
	token: '',
	reason: 'changes requested by you',
	rounds: 0,
	failures: 0,
};

test('remarks are kept in their order, also while somebody writes, who is named', async () => {
	const claimed = await takes(team, 'agent:dev:001');
	expect(await says({text: 'one'})).toEqual({code: 'ok', stage: 'develop', owner: 'agent:dev:001'});
	expect(await says({text: 'two', severity: 'nit'})).toEqual({code: 'ok', stage: 'develop', owner: 'agent:dev:001'});
	expect(await team.task('t-1')).toMatchObject({
		state: 'leased',
		token: claimed.token,
		comments: [commentOf({text: 'one'}), commentOf({text: 'two', severity: 'nit'})],
	});
	// A verdict writes the rounds anew, and no remark is lost by it.
	await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c2', reviews: '[]'}}));
	expect((await team.task('t-1'))?.comments).toHaveLength(2);
	const {team: snapshot} = await team.snapshot();
	expect(snapshot.events.filter(({type}) => type === 'task_commented').map(({text}) => text)).toEqual(['mend it', 'mend it']);
});

test('what must be fixed takes a task out of its review, its tests and the train, and no verdict about it counts any more', async () => {
	await develops();
	expect(await says()).toEqual({code: 'back', stage: 'develop'});
	expect(await team.task('t-1')).toMatchObject({...back, feedback: 'a.ts:3: must-fix: mend it'});
	await develops();
	const reviewing = await takes(team, 'agent:rev:001');
	expect(await says()).toEqual({code: 'back', stage: 'develop'});
	expect(await team.complete(completion(reviewing, {next: 'test', nextRole: 'test-orchestrator'}))).toEqual({code: 'stale'});
	expect((await team.snapshot()).team.agents.get('agent:rev:001')).toMatchObject({status: 'idle', task: ''});
	await develops();
	await approves();
	const testing = await takes(team, 'agent:test:001');
	expect(await says()).toEqual({code: 'back', stage: 'develop'});
	expect(await team.complete(completion(testing, {next: 'merge', nextRole: 'repository-guardian'}))).toEqual({code: 'stale'});
	await develops();
	await approves();
	await passes();
	expect(await says()).toEqual({code: 'back', stage: 'develop'});
	expect(await team.task('t-1')).toMatchObject(back);
	await develops();
	// What was approved before is not approved any more.
	expect(await team.task('t-1')).toMatchObject({stage: 'review', reviewedCommit: '', candidate: ''});
});

test('a nit moves nothing, and nothing stops a landing that has begun', async () => {
	await develops();
	expect(await says({severity: 'nit'})).toEqual({code: 'ok', stage: 'review', owner: ''});
	expect(await team.task('t-1')).toMatchObject({state: 'ready', stage: 'review'});
	await approves();
	await passes();
	const merging = await takes(team, 'agent:merge:001');
	expect(await says()).toEqual({code: 'merging'});
	expect((await team.task('t-1'))?.comments).toHaveLength(1);
	await team.complete(completion(merging, {next: 'merged', nextRole: 'none', fields: {mergedCommit: 'k1'}}));
	expect(await says()).toEqual({code: 'gone'});
	expect(await team.comment({task: 't-9', comment: commentOf(), role: 'developer', feedback: '', text: ''})).toEqual({code: 'gone'});
});

test('what waits for a person keeps waiting, and remarks have an end', async () => {
	await develops();
	await team.complete(
		completion(await takes(team, 'agent:rev:001'), {
			next: 'needs-decision',
			nextRole: '',
			fields: {decision: 'rounds', waitReason: 'good enough?'},
		}),
	);
	expect(await says()).toEqual({code: 'ok', stage: 'review', owner: ''});
	expect(await team.task('t-1')).toMatchObject({state: 'blocked', decision: 'rounds', waitReason: 'good enough?'});
	for (let at = 0; at < 3; at += 1) expect((await says({text: 'x'.repeat(60_000)})).code).toBe('ok');
	expect(await says({text: 'x'.repeat(60_000)})).toEqual({code: 'full'});
	expect((await team.task('t-1'))?.comments).toHaveLength(4);
});
