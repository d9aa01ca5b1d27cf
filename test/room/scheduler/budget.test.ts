import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {outsideBudget} from '../../../source/room/team/outside-budget.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';
import {DEV_1, DEV_2, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {createHub} from '../../helpers/hosts.ts';

const SLOW = `${WRITES}\n${WAITS}`;
/** Whether a process is stopped, as `ps` shows it. */
const isStopped = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T') ?? false;

test('a budget that is reached stops the agents in place, holds what they have not begun when they go on, and holds nobody once it only warns', async () => {
	const room = await openEngine({
		agents: {developer: [SLOW, SLOW]},
		config: {review: 'off', budget: {usd: 2, onReached: 'freeze'}},
	});
	for (const id of ['a', 'b', 'c']) await room.must({type: 'add-task', title: id, id});
	const [task] = await Promise.all([room.atWork('a', 1), room.atWork('b', 1)]);
	const spends = (usd: number) =>
		room.report(
			{agent: task.owner, task: 'a', token: task.token},
			{kind: 'cost', micros: usd * 1_000_000, tokensIn: 100, tokensOut: 1, tokensCached: 80},
		);
	await spends(1.99);
	expect(room.team().control.frozen).toBe(false);
	await spends(0.01);
	// A process stops a moment after its signal was sent.
	await room.when('both stopped', () => [DEV_1, DEV_2].every(id => room.agent(id).status === 'paused' && isStopped(room.agent(id).pid)));
	expect(room.team().control).toMatchObject({frozen: true, frozenWhy: 'budget', budget: 2_000_000, spent: 2_000_000});
	expect(room.agent(task.owner)).toMatchObject({tokensIn: 200, tokensCached: 160});
	await room.must({type: 'freeze', on: false});
	await room.when('both at work', () => [DEV_1, DEV_2].every(id => room.agent(id).status === 'working'));
	room.touch('go-a');
	await room.when('its landing', () => room.task('a').state === 'merged');
	expect(room.task('c')).toMatchObject({state: 'ready', attempt: 0});
	expect(await room.must({type: 'budget', reached: 'warn'})).toMatchObject({
		text: expect.stringContaining('It stays until `budget` changes in the configuration'),
	});
	await room.atWork('c', 1);
	expect(room.team().control).toMatchObject({budget: 2_000_000, atBudget: 'warn', frozen: false});
	for (const id of ['b', 'c']) room.touch(`go-${id}`);
});

test('a budget that a human sets stays over a restart and a rebuild, until the configured one changes or the orders are lost', async () => {
	const opens = (usd: number, again?: TestRoom) =>
		openEngine({agents: {developer: WRITES}, config: {review: 'off', budget: {usd}}, ...(again ? {again} : {})});
	const loses = async (room: TestRoom, from: 'journal' | 'redis') => {
		await room.redis('FLUSHALL');
		await room.when('what was lost', () => room.team().control.recovery !== '');
		await room.must({type: 'rebuild', from});
		await room.when('work again', () => !room.team().control.frozen);
	};
	const first = await opens(50);
	expect(first.team().control).toMatchObject({budget: 50_000_000, budgetFrom: 'usd 50 tokens 0'});
	await first.must({type: 'budget', micros: 80_000_000, reached: 'warn'});
	await first.room.stop('the first life is over');

	const second = await opens(50, first);
	const ordered = {budget: 80_000_000, atBudget: 'warn', budgetFrom: 'usd 50 tokens 0'};
	expect(second.team().control).toMatchObject(ordered);
	await second.must({type: 'add-task', title: 'a', id: 'a'});
	await second.when('a merge', () => second.task('a').state === 'merged');
	await loses(second, 'journal');
	await second.when('the orders', () => second.team().control.budget === 80_000_000);
	await second.room.stop('the second life is over');

	const third = await opens(50, second);
	expect(third.team().control).toMatchObject(ordered);
	await third.room.stop('the third life is over');

	const fourth = await opens(60, third);
	expect(fourth.team().control).toMatchObject({budget: 60_000_000, atBudget: 'warn', budgetFrom: 'usd 60 tokens 0'});
	await fourth.must({type: 'budget', micros: 90_000_000});
	await loses(fourth, 'redis');
	await fourth.when('the configured budget', () => fourth.team().control.budget === 60_000_000);
});

test('rooms of one team with other budgets do not take turns: the first stands until a human says otherwise, and the other shows its own', async () => {
	const hub = await createHub();
	const opens = (usd: number, again?: TestRoom) =>
		hub.open({agents: {developer: WRITES}, config: {review: 'off', budget: {usd, tokens: '5M'}}, ...(again ? {again} : {})});
	const told = (room: TestRoom) => room.store.getSnapshot().banners.find(({id}) => id === 'budget-differs')?.text ?? '';
	const first = await opens(50);
	const second = await opens(60);
	await second.when('what differs', () => told(second) !== '');
	expect(told(second)).toMatch(
		/^The team's budget is \$50\.00 and 5M tokens, configured by the room on `.+`; the \$60\.00 and 5M tokens configured here are not in effect\. To set them: `agent-room budget 60 --tokens 5M`$/,
	);
	await second.room.stop('the first life is over');
	const again = await opens(60, second);
	await again.when('what differs', () => told(again) !== '');
	expect([first, again].map(room => room.team().control.budget)).toEqual([50_000_000, 50_000_000]);
	expect(told(first)).toBe('');

	await again.must({type: 'budget', micros: 60_000_000});
	await again.when('the order of a human', () => told(again) === '');
	await first.room.stop('the first life is over');
	const unchanged = await opens(50, first);
	expect(unchanged.team().control.budget).toBe(60_000_000);
	await unchanged.room.stop('the second life is over');
	const changed = await opens(70, unchanged);
	expect(changed.team().control).toMatchObject({budget: 70_000_000, budgetFrom: 'usd 70 tokens 5000000'});
	await again.when('what differs', () => told(again).includes('$70.00'));
});

test('agents that a budget cannot see are named before it starts, and are no part of the team where it refuses them', async () => {
	const outside = async (wanted: 'allow' | 'refuse') => {
		const room = await openEngine({agents: {developer: SLOW}, config: {review: 'off', budget: {tokens: '5M', outside: wanted}}});
		expect(room.team().control.tokenBudget).toBe(5_000_000);
		const told = room.store.getSnapshot().banners.map(({text}) => text);
		return {
			told: told.filter(text => text.includes('outside of the budget')),
			developers: [...room.team().agents.values()].filter(({role}) => role === 'developer').length,
		};
	};
	expect(await outside('allow')).toEqual({
		told: [expect.stringMatching(/tells no usage: 1 agent is outside of the budget, unless/)],
		developers: 1,
	});
	await expect(outside('refuse')).rejects.toThrow('the team has no developer');
	const ofCli = (cli: string): PlannedAgent => ({harness: cli, cli}) as PlannedAgent;
	expect(outsideBudget({budget: {} as never}, [ofCli('copilot'), ofCli('codex')])).toEqual([
		expect.stringContaining('`copilot` tells no usage'),
	]);
});
