import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import type {Usage} from '../../../source/core/cost/usage.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {CLIS} from '../../../source/harnesses/clis.ts';
import {watchUsage} from '../../../source/room/attempt/usage.ts';
import type {Attempt} from '../../../source/room/parts/attempt.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {createLiveSession} from '../../../source/room/session/session.ts';

type Spent = Parameters<Coordination['recordUsage']>[0];

const {claude, codex} = CLIS;
if (!claude || !codex) throw new Error('claude or codex is not known');

let spent: Spent[] = [];
let isAway = false;
const roomOf = (prices = {}): Room =>
	({
		link: {
			coordination: {
				recordUsage: async (amounts: Spent) => {
					if (isAway) throw new Error('Redis is away');
					spent.push(amounts);
					return 'ok';
				},
			},
			retryUntilWritten: async (write: () => Promise<unknown>) => write(),
		},
		facts: {config: configSchema.parse({prices}), log: () => undefined},
	}) as unknown as Room;

const attemptOf = (cli = claude) => {
	const session = createLiveSession({cli, mode: 'interactive'});
	const attempt = {agent: {id: 'agent:dev:001'}, task: {id: 't'}, token: '1:x', session} as unknown as Attempt;
	const says = (usage: Partial<Usage>, id = 's1'): void =>
		session.take([
			{source: 'hook', sign: 'statusline', session: id, usage: {micros: 0, tokensIn: 0, tokensOut: 0, isTotal: true, ...usage}},
		]);
	return {attempt, says};
};

beforeEach(() => {
	vi.useFakeTimers();
	spent = [];
	isAway = false;
});
afterEach(() => vi.useRealTimers());

test('a call that a human cut off, or that ended with its program, is counted; one that ran a tool or was refused is not', async () => {
	const {attempt} = attemptOf(codex);
	const session = attempt.session;
	const hook = (sign: string, told: object): void => session?.take([{source: 'hook', sign, ...told}]);
	const tellRest = watchUsage(roomOf(), attempt);
	hook('prompt', {state: 'working', isPromptTaken: true});
	hook('tool', {state: 'working', doing: 'runs tests'});
	session?.take([{source: 'stream', sign: 'rollout', state: 'working'}]);
	hook('interrupt', {state: 'idle', cutOff: 'human'});
	hook('prompt', {state: 'working', isPromptTaken: true});
	hook('failure', {state: 'idle', cutOff: 'error'});
	hook('prompt', {state: 'working', isPromptTaken: true});
	hook('tool', {state: 'working', doing: 'runs tests'});
	hook('tool end', {state: 'working'});
	session?.take([{source: 'stream', sign: 'rollout', state: 'idle'}]);
	hook('interrupt', {state: 'idle', cutOff: 'human'});
	await vi.advanceTimersByTimeAsync(1000);
	expect(spent).toMatchObject([{tokensIn: 0, cancelledCalls: 1}]);
	hook('prompt', {state: 'working', isPromptTaken: true});
	await tellRest();
	expect(spent.map(({cancelledCalls}) => cancelledCalls)).toEqual([1, 1]);
});

test('running totals are told under the name of their session: where they begin, then once a second, the last one before the result', async () => {
	const {attempt, says} = attemptOf();
	const tellRest = watchUsage(roomOf(), attempt);
	for (const micros of [0, 10, 20, 15]) says({micros, tokensIn: micros});
	await vi.advanceTimersByTimeAsync(1000);
	const told = {agent: 'agent:dev:001', task: 't', token: '1:x', tokensOut: 0, tokensCached: 0, counter: 'claude:s1'};
	expect(spent).toEqual([
		{...told, micros: 0, tokensIn: 0},
		{...told, micros: 20, tokensIn: 20},
	]);
	await vi.advanceTimersByTimeAsync(5000);
	says({micros: 30, tokensIn: 30}, 's2');
	await tellRest();
	expect(spent.map(({micros, counter}) => [micros, counter])).toEqual([
		[0, 'claude:s1'],
		[20, 'claude:s1'],
		[30, 'claude:s1'],
	]);
	says({micros: 99});
	await vi.advanceTimersByTimeAsync(5000);
	expect(spent).toHaveLength(3);
});

test('amounts since the last reading are added up, and priced where only tokens are told', async () => {
	const {attempt, says} = attemptOf(codex);
	const tellRest = watchUsage(roomOf({m: {in: 2, out: 4}}), attempt);
	for (let turn = 0; turn < 3; turn++) says({isTotal: false, tokensIn: 10, tokensOut: 1, cached: turn * 5, model: 'm'});
	await tellRest();
	expect(spent).toEqual([
		{agent: 'agent:dev:001', task: 't', token: '1:x', model: 'm', micros: 45, tokensIn: 30, tokensOut: 3, tokensCached: 15},
	]);
});

test('what a stream and a transcript both tell counts once, at the price of the model that was named last', async () => {
	const {attempt} = attemptOf(codex);
	const tellRest = watchUsage(roomOf({m: {in: 2, out: 4}}), attempt);
	const amounts = {micros: 0, tokensOut: 0, isTotal: false};
	attempt.session?.take([{source: 'hook', sign: 'hook UserPromptSubmit', usage: {...amounts, tokensIn: 0, model: 'm'}}]);
	for (const tokensIn of [10, 20]) attempt.session?.take([{source: 'stream', sign: 'transcript answer', usage: {...amounts, tokensIn}}]);
	await vi.advanceTimersByTimeAsync(1000);
	attempt.session?.take([{source: 'stream', sign: 'stream result', usage: {...amounts, tokensIn: 31}}]);
	await tellRest();
	expect(spent.map(({micros, tokensIn}) => [micros, tokensIn])).toEqual([
		[60, 30],
		[2, 1],
	]);
});

test('a session that never told its name is counted under the token of its attempt; one without usage tells nothing', async () => {
	const {attempt, says} = attemptOf();
	const tellRest = watchUsage(roomOf(), attempt);
	await tellRest();
	expect(spent).toEqual([]);
	const second = attemptOf();
	const tellSecond = watchUsage(roomOf(), second.attempt);
	second.says({micros: 5}, '');
	await tellSecond();
	expect(spent.map(({counter}) => counter)).toEqual(['claude:1:x']);
	expect(says).toBeDefined();
});

test('tokens of a program that tells money are not given a price besides', async () => {
	const {attempt, says} = attemptOf();
	const tellRest = watchUsage(roomOf({m: {in: 2, out: 4}}), attempt);
	says({micros: 7, model: 'm'});
	says({isTotal: false, tokensIn: 10, model: 'm'});
	await tellRest();
	expect(spent.map(({micros, tokensIn}) => [micros, tokensIn])).toEqual([
		[7, 0],
		[0, 10],
	]);
});

test('what cannot be written holds up nothing', async () => {
	const {attempt, says} = attemptOf();
	const tellRest = watchUsage(roomOf(), attempt);
	isAway = true;
	says({micros: 5});
	await expect(tellRest()).resolves.toBeUndefined();
});
