import {beforeEach, describe, expect, test} from 'vitest';
import {STAGES} from '../../../source/core/task/task.ts';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {reduce} from '../../../source/core/team/snapshot.ts';
import {claims, coordinationOn, joins, nextNonce, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const [FIRST, SECOND] = ['agent:dev:001', 'agent:dev:002'] as const;

beforeEach(async () => {
	namespace = `{${server.newNamespace()}}`;
	team = coordinationOn(server.connection, namespace);
	for (const id of [FIRST, SECOND]) await joins(team, id);
	await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [FIRST, SECOND], held: []});
	for (const id of ['a', 'b']) await team.submit(submission({id}));
});

const snapshot = async () => (await team.snapshot()).team;
const control = async () => (await snapshot()).control;
const events = async (type: string) => (await team.events('0-0', 1000)).filter(event => event.type === type);
const spends = (claimed: Claimed, micros: number) =>
	team.recordUsage({
		task: claimed.task.id,
		agent: claimed.task.owner,
		token: claimed.token,
		micros,
		tokensIn: 100,
		tokensOut: 1,
		tokensCached: 90,
	});
const waits = () => team.claim({agent: SECOND, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES, waits: true});

describe('a budget that is reached', () => {
	test('holds what costs money, until it is higher', async () => {
		await team.control({budgetMicros: 50}, '');
		const claimed = await takes(team, FIRST);
		await spends(claimed, 49);
		expect(await control()).toMatchObject({budget: 50, spent: 49, atBudget: 'hold', reachedAt: 0});
		expect(await events('budget_reached')).toEqual([]);
		await spends(claimed, 1);
		expect(await claims(team, SECOND)).toEqual({code: 'over-budget'});
		expect(await control()).toMatchObject({frozen: false, frozenWhy: '', reachedAt: expect.any(Number)});
		await waits();
		await team.control({budgetMicros: 51}, '');
		expect((await snapshot()).tasks.get('b')?.owner).toBe(SECOND);
	});

	test('may be one of tokens, which counts what has no price', async () => {
		await team.control({tokenBudget: 202}, '');
		const claimed = await takes(team, FIRST);
		await spends(claimed, 0);
		expect(await control()).toMatchObject({tokenBudget: 202, tokens: 101, reachedAt: 0});
		await spends(claimed, 0);
		expect(await claims(team, SECOND)).toEqual({code: 'over-budget'});
		expect((await events('budget_reached')).map(({text}) => text)).toEqual(['the budget of 202 tokens is reached: no new work starts']);
		await team.control({tokenBudget: 0}, '');
		expect((await claims(team, SECOND)).code).toBe('ok');
	});

	test('freezes everything in the very step in which it is reached, and once: what is let go on is held, not frozen again', async () => {
		await team.control({budgetMicros: 2_500_000, atBudget: 'freeze'}, '');
		const claimed = await takes(team, FIRST);
		const before = await snapshot();
		await spends(claimed, 3_000_000);
		expect(await control()).toMatchObject({frozen: true, frozenWhy: 'budget'});
		expect(await claims(team, SECOND)).toEqual({code: 'frozen'});
		expect((await events('budget_reached')).map(({text}) => text)).toEqual(['the budget of $2.50 is reached: everything is frozen']);
		// The record says the same as the hashes.
		const after = await snapshot();
		expect(reduce(before, await team.events(before.streamId, 100)).control).toEqual(after.control);
		await team.control({frozen: false}, '');
		await spends(claimed, 5);
		expect(await control()).toMatchObject({frozen: false, frozenWhy: ''});
		expect(await claims(team, SECOND)).toEqual({code: 'over-budget'});
		await team.control({budgetMicros: 3_000_010}, '');
		await spends(claimed, 5);
		expect(await control()).toMatchObject({frozen: true, frozenWhy: 'budget'});
		expect(await events('budget_reached')).toHaveLength(2);
	});

	test('is only told of where it only warns: nobody is held up, also those who waited since it held', async () => {
		await team.control({budgetMicros: 50, atBudget: 'warn'}, '');
		const claimed = await takes(team, FIRST);
		await spends(claimed, 60);
		expect((await events('budget_reached')).map(({text}) => text)).toEqual(['the budget of $0.00 is reached: agents continue']);
		await team.control({atBudget: 'hold'}, '');
		await waits();
		expect((await snapshot()).tasks.get('b')?.owner).toBe('');
		await team.control({atBudget: 'warn'}, '');
		expect((await snapshot()).tasks.get('b')?.owner).toBe(SECOND);
		expect(await events('budget_reached')).toHaveLength(1);
	});

	test('is met at once where it is set below what is spent; what a person froze stays theirs', async () => {
		const claimed = await takes(team, FIRST);
		await spends(claimed, 60);
		await team.control({budgetMicros: 50, atBudget: 'freeze'}, '');
		expect(await control()).toMatchObject({frozen: true, frozenWhy: 'budget'});
		await team.control({frozen: true}, '');
		expect(await control()).toMatchObject({frozen: true, frozenWhy: ''});
		await team.control({budgetMicros: 100}, '');
		await spends(claimed, 40);
		expect(await control()).toMatchObject({frozen: true, frozenWhy: '', reachedAt: expect.any(Number)});
	});

	test('holds whatever else an outsider wrote as its word', async () => {
		await server.connection.call('HSET', `${namespace}:control`, 'atBudget', 'explode', 'budget', '50', 'reachedAt', 'soon');
		const claimed = await takes(team, FIRST);
		await spends(claimed, 60);
		expect(await control()).toMatchObject({atBudget: 'hold', frozen: false, reachedAt: expect.any(Number)});
		expect(await claims(team, SECOND)).toEqual({code: 'over-budget'});
	});
});

test('what caches gave is counted with the tokens, of a running total what it grew by, and a counter without it goes on', async () => {
	const claimed = await takes(team, FIRST);
	const {task, token} = {task: claimed.task.id, token: claimed.token};
	const says = (tokensIn: number, tokensCached: number) =>
		team.recordUsage({task, agent: FIRST, token, micros: 0, tokensIn, tokensOut: 0, tokensCached, counter: 's'});
	await server.connection.call('SET', `${namespace}:counters:s`, `${token} 0 100 0`);
	await says(200, 90);
	await says(200, 90);
	await says(300, 170);
	const {agents, tasks} = await snapshot();
	// Of the hundred tokens that came since, no more than a hundred were from a cache.
	expect([agents.get(FIRST)?.tokensIn, agents.get(FIRST)?.tokensCached]).toEqual([200, 170]);
	expect(tasks.get(task)?.tokensCached).toBe(170);
	await spends(claimed, 1);
	expect((await snapshot()).agents.get(FIRST)).toMatchObject({tokensIn: 300, tokensCached: 260});
	await team.recordUsage({task, agent: FIRST, token, micros: 0, tokensIn: 5, tokensOut: 0, tokensCached: 50});
	expect((await snapshot()).agents.get(FIRST)).toMatchObject({tokensIn: 305, tokensCached: 265, cancelledCalls: 0});
	await team.recordUsage({task, agent: FIRST, token, micros: 0, tokensIn: 0, tokensOut: 0, cancelledCalls: 2});
	const told = await snapshot();
	expect([told.agents.get(FIRST)?.cancelledCalls, told.tasks.get(task)?.cancelledCalls]).toEqual([2, 2]);
});

test('the model of a program is kept with its agent, told once, and no text that is no name', async () => {
	const {task, token} = await takes(team, FIRST);
	const tells = (model: string, micros: number) =>
		team.recordUsage({task: task.id, agent: FIRST, token, micros, tokensIn: 1, tokensOut: 1, model});
	for (const [at, model] of ['large-1', 'large-1', '--evil flag', ''].entries()) await tells(model, at);
	expect((await snapshot()).agents.get(FIRST)?.model).toBe('large-1');
	expect((await events('usage_recorded')).map(({agentFields}) => agentFields.model)).toEqual(['large-1', undefined, undefined, undefined]);
});
