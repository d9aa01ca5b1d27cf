import {Redis} from 'ioredis';
import {beforeEach, describe, expect, test} from 'vitest';
import type {Completion, Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
const ROLE = {
	audit: 'security-auditor',
	develop: 'developer',
	review: 'code-sentinel',
	test: 'test-orchestrator',
	merge: 'repository-guardian',
	merged: 'none',
} as const;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:rev:001', 'code-sentinel');
	await joins(team, 'agent:test:001', 'test-orchestrator');
	await joins(team, 'agent:merge:001', 'repository-guardian');
});

/** An agent takes the next task of its queue and completes it to `next`. */
const passes = async (agent: string, next: keyof typeof ROLE, more: Partial<Omit<Completion, 'next'>> = {}) =>
	team.complete(completion(await takes(team, agent), {nextRole: ROLE[next], ...more, next}));
const task = async (id = 't-1') => team.task(id);

describe('the pipeline', () => {
	test('a task passes every role in turn, and says so on the seed’s channel', async () => {
		const listening = new Redis({path: server.redis.socketPath});
		const heard: string[] = [];
		listening.on('message', (_, message) => heard.push(message));
		await listening.subscribe(`${server.namespace}:events:task_completed`);
		await team.submit(submission());
		await passes('agent:dev:001', 'review', {word: 'ready-for-review', fields: {commit: 'c1'}});
		expect(await task()).toMatchObject({
			state: 'ready',
			stage: 'review',
			role: 'code-sentinel',
			author: 'agent:dev:001',
			commit: 'c1',
			token: '',
		});
		await passes('agent:rev:001', 'test', {word: 'approved'});
		expect(await task()).toMatchObject({stage: 'test', reviewer: 'agent:rev:001', reviewedCommit: 'c1'});
		await passes('agent:test:001', 'merge', {word: 'tested', fields: {candidate: 'k1', checked: 'k1', testedCommit: 'k1'}});
		expect(await passes('agent:merge:001', 'merged', {word: 'merged', fields: {mergedCommit: 'k1'}})).toEqual({code: 'ok'});
		expect(await task()).toMatchObject({state: 'merged', mergedCommit: 'k1', owner: '', candidate: 'k1', attempt: 1});
		expect((await team.snapshot()).team.agents.get('agent:merge:001')).toMatchObject({status: 'idle', task: ''});
		await eventually(() => heard.length === 4, 'four messages are heard');
		expect(heard).toEqual(['task:t-1:ready-for-review', 'task:t-1:approved', 'task:t-1:tested', 'task:t-1:merged']);
		listening.disconnect();
	});

	test('needs are of the development: a reviewer without them reviews', async () => {
		await joins(team, 'agent:dev:002', 'developer', ['go']);
		await team.submit(submission({needs: ['go']}));
		await passes('agent:dev:002', 'review');
		expect((await takes(team, 'agent:rev:001')).task.id).toBe('t-1');
	});

	test('changes asked for count a round, keep the attempt and the worktree, and drop the review that was', async () => {
		await team.submit(submission());
		await passes('agent:dev:001', 'review', {fields: {commit: 'c1', branch: 'b', worktree: '/w'}});
		await passes('agent:rev:001', 'develop', {counts: 'rounds', text: 'too long', fields: {feedback: 'shorten it', reviewedCommit: 'c1'}});
		expect(await task()).toMatchObject({stage: 'develop', rounds: 1, failures: 0, feedback: 'shorten it', reason: 'too long'});
		const again = await takes(team, 'agent:dev:001');
		expect(again.task).toMatchObject({attempt: 1, branch: 'b', worktree: '/w'});
		await team.complete(completion(again, {next: 'test', nextRole: ROLE.test, fields: {commit: 'c2'}}));
		expect(await task()).toMatchObject({stage: 'test', commit: 'c2', reviewedCommit: '', reviewer: ''});
	});

	test('a failing test counts, and the last one ends among the dead letters', async () => {
		await team.submit(submission({attempts: 2}));
		await passes('agent:dev:001', 'test', {fields: {commit: 'c1'}});
		expect(await passes('agent:test:001', 'develop', {counts: 'failures', text: 'red'})).toEqual({code: 'ok'});
		expect(await task()).toMatchObject({state: 'ready', stage: 'develop', failures: 1, reason: 'red'});
		await passes('agent:dev:001', 'test');
		expect(await passes('agent:test:001', 'develop', {counts: 'failures'})).toEqual({code: 'failed'});
		expect(await task()).toMatchObject({state: 'failed', failures: 2, owner: ''});
	});

	test('the next stage can be put off', async () => {
		await team.submit(submission());
		await passes('agent:dev:001', 'test', {delayMs: 60_000});
		expect(await task()).toMatchObject({state: 'delayed', stage: 'test'});
		expect(await claims(team, 'agent:test:001')).toEqual({code: 'none'});
	});

	test('a hold says why it waits, and goes with the stage', async () => {
		await team.submit(submission());
		expect(await team.setWaitReason('t-1', 'uncommitted work in the way')).toBe('ok');
		expect((await task())?.waitReason).toBe('uncommitted work in the way');
		await passes('agent:dev:001', 'test');
		expect((await task())?.waitReason).toBe('');
	});
});

describe('author, reviewer and merger', () => {
	test('a review is never given to the author, and an approval by the author is refused', async () => {
		await team.submit(submission());
		await passes('agent:dev:001', 'review', {fields: {author: 'agent:rev:001', commit: 'c1'}});
		expect(await claims(team, 'agent:rev:001')).toEqual({code: 'none'});
		await joins(team, 'agent:rev:002', 'code-sentinel');
		const review = await takes(team, 'agent:rev:002');
		await server.connection.call('HSET', `${server.namespace}:tasks:status:t-1`, 'author', 'agent:rev:002');
		const refused = await team.complete(completion(review, {next: 'test', nextRole: ROLE.test}));
		expect(refused).toEqual({code: 'refused', reason: 'agent:rev:002 is an author of t-1 and cannot approve it'});
		expect(await team.complete(completion(review, {next: 'develop', nextRole: ROLE.develop}))).toEqual({code: 'ok'});
	});

	test('everybody who wrote is an author, also who saved a part of it and who resolved a conflict, and stays one', async () => {
		for (const id of ['agent:dev:002', 'agent:fix:001']) await joins(team, id, id.includes('fix') ? 'conflict-resolver' : 'developer');
		await team.submit(submission());
		const {token} = await takes(team, 'agent:dev:002');
		const held = {task: 't-1', agent: 'agent:dev:002', token, reason: 'no', feedback: '', delayMs: 0};
		await team.fail({...held, fields: {commit: 'c0'}});
		await passes('agent:dev:001', 'review', {fields: {commit: 'c1'}});
		await passes('agent:rev:001', 'develop', {counts: 'rounds'});
		await passes('agent:dev:001', 'review', {fields: {commit: 'c2'}});
		const all = ['agent:dev:002', 'agent:dev:001'];
		expect((await task())?.authors).toEqual(all);
		await server.connection.call('HSET', `${server.namespace}:tasks:status:t-1`, 'authors', [...all, 'agent:rev:001'].join(','));
		expect(await claims(team, 'agent:rev:001')).toEqual({code: 'none'});
		await joins(team, 'agent:rev:002', 'code-sentinel');
		const review = await takes(team, 'agent:rev:002');
		await server.connection.call('HSET', `${server.namespace}:tasks:status:t-1`, 'authors', 'agent:rev:002,agent:dev:001');
		const refused = await team.complete(completion(review, {next: 'audit', nextRole: 'security-auditor'}));
		expect(refused).toEqual({code: 'refused', reason: 'agent:rev:002 is an author of t-1 and cannot approve it'});
	});

	test('what wants an audit is not merged without one of the commit that is merged', async () => {
		await joins(team, 'agent:sec:001', 'security-auditor');
		const audited = async (commit: string) =>
			server.connection.call('HSET', `${server.namespace}:tasks:status:t-1`, 'auditedCommit', commit);
		await team.submit(submission({audit: true}));
		await passes('agent:dev:001', 'test', {fields: {commit: 'c1'}});
		await passes('agent:test:001', 'merge');
		expect(await claims(team, 'agent:merge:001')).toEqual({code: 'none'});
		await audited('c1');
		const merge = await takes(team, 'agent:merge:001');
		await audited('c0');
		expect(await team.complete(completion(merge, {next: 'merged', nextRole: ''}))).toEqual({
			code: 'refused',
			reason: 't-1 needs a security review of c1',
		});
		await team.complete(completion(merge, {next: 'audit', nextRole: 'security-auditor'}));
		const audit = await takes(team, 'agent:sec:001');
		await team.complete(completion(audit, {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		await passes('agent:dev:001', 'audit', {fields: {commit: 'c2'}});
		await passes('agent:sec:001', 'test');
		await passes('agent:test:001', 'merge');
		expect(await passes('agent:merge:001', 'merged')).toEqual({code: 'ok'});
	});

	test.each([
		['author', 'an author'],
		['reviewer', 'the reviewer'],
	])('a merge is never given to the %s, and one by it is refused', async (part, said) => {
		await team.submit(submission());
		await passes('agent:dev:001', 'test', {fields: {[part]: 'agent:merge:001'}});
		await passes('agent:test:001', 'merge');
		expect(await claims(team, 'agent:merge:001')).toEqual({code: 'none'});
		await joins(team, 'agent:merge:002', 'repository-guardian');
		const merge = await takes(team, 'agent:merge:002');
		await server.connection.call('HSET', `${server.namespace}:tasks:status:t-1`, part, 'agent:merge:002');
		const refused = await team.complete(completion(merge, {next: 'merged', nextRole: 'none'}));
		expect(refused).toEqual({code: 'refused', reason: `agent:merge:002 is ${said} of t-1 and cannot merge it`});
		expect((await task())?.state).toBe('leased');
	});

	test('only the commit that the review saw is merged', async () => {
		await team.submit(submission());
		await passes('agent:dev:001', 'review', {fields: {commit: 'c1'}});
		await passes('agent:rev:001', 'test');
		await passes('agent:test:001', 'merge');
		const merge = await takes(team, 'agent:merge:001');
		const other = await team.complete(completion(merge, {next: 'merged', nextRole: 'none', fields: {commit: 'c2'}}));
		expect(other).toEqual({code: 'refused', reason: 'agent:merge:001 cannot merge c2: the review of t-1 approved c1'});
		expect(await team.complete(completion(merge, {next: 'merged', nextRole: 'none'}))).toEqual({code: 'ok'});
	});
});
