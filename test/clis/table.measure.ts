import {appendFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {type Price, priceOf} from '../../source/core/cost/prices.ts';
import {DEV_1} from '../helpers/engine.ts';
import type {Script, Step} from '../helpers/model-server/script.ts';
import {openReal, type RealRoom, SCREENED, type Screened} from '../helpers/real-room.ts';
import {until} from '../helpers/wait.ts';
import {installed} from './cache.ts';
import {PINNED} from './pinned.ts';

/** Latest that a state may follow what the model's server knows, ms. */
const LATE_MS = 2000;
/** Turns of the scripted session: each begins and ends, so it has twice as many transitions. */
const TURNS = 20;
const names = (process.env.TABLE_CLIS ?? SCREENED.join(',')).split(',') as readonly Screened[];

const say = (cli: Screened, row: string, text: string): void => {
	process.stdout.write(`${cli}: ${row}: ${text}\n`);
	if (process.env.TABLE_FILE) appendFileSync(process.env.TABLE_FILE, `${JSON.stringify({cli, row, text})}\n`);
};
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const START = 'do all that it says now';
const begin = async (cli: Screened, script: Script): Promise<RealRoom> => {
	const room = await openReal(cli, script);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	return room;
};
const asked = (room: RealRoom, fits: (step: Step) => boolean): Promise<unknown> =>
	until(() => room.model.requests.find(({steps}) => steps.some(fits)), {
		timeoutMs: 180_000,
		what: () => `the model to be asked\n${room.screen()}`,
	});
const status = (room: RealRoom): string => room.agent(DEV_1).status;

/** How long until its status is one of these; with what it says then. */
const after = async (room: RealRoom, wanted: readonly string[]): Promise<string> => {
	const at = performance.now();
	const found = await until(() => wanted.includes(status(room)), {timeoutMs: 30_000, everyMs: 20, what: () => room.screen()}).then(
		() => true,
		() => false,
	);
	return found ? `${status(room)} after ${seconds(performance.now() - at)}` : `not told in 30 s (${status(room)})`;
};

for (const cli of names) {
	const found = installed(cli);
	if ('reason' in found) {
		process.stderr.write(`Left out: ${found.reason}\n`);
		continue;
	}
	const version = PINNED[cli].version;

	test(`${cli} ${version}: Esc`, async () => {
		const room = await begin(cli, [{when: START, turns: [{run: 'echo one >one.txt'}, {hang: true}]}]);
		await asked(room, step => 'hang' in step);
		await until(() => status(room) === 'working', {timeoutMs: 30_000, what: () => room.screen()});
		room.type('\u001b');
		if (cli === 'opencode') {
			await until(() => room.screen().includes('again to interrupt'), {what: () => room.screen()});
			room.type('\u001b');
		}
		say(cli, 'Esc', await after(room, ['waiting']));
	});

	for (const fail of [429, 529, 401] as const)
		test(`${cli} ${version}: ${fail}`, async () => {
			const room = await begin(cli, [{when: START, turns: [{run: 'echo one >one.txt'}, {fail}]}]);
			await asked(room, step => 'fail' in step);
			say(cli, String(fail), await after(room, ['rate-limited', 'logged-out', 'retrying', 'waiting']));
		});

	test(`${cli} ${version}: no network`, async () => {
		const room = await begin(cli, [{when: START, turns: [{run: 'echo one >one.txt'}, {run: 'echo two >two.txt'}]}]);
		await asked(room, step => 'run' in step && step.run.includes('two'));
		await room.model.close();
		say(cli, 'no network', await after(room, ['retrying', 'rate-limited', 'waiting']));
	});

	test(`${cli} ${version}: money`, async () => {
		const room = await begin(cli, [
			{
				when: 'Now finish it',
				turns: [{run: 'agent-room report commit "All of it"'}, {run: 'agent-room report done'}, {say: 'It is done.'}],
			},
			{when: START, turns: [...['one', 'two', 'three', 'four'].map(word => ({run: `echo ${word} >${word}.txt`})), {hang: true}]},
		]);
		await asked(room, step => 'hang' in step);
		await until(() => status(room) === 'working', {timeoutMs: 30_000, what: () => room.screen()});
		room.type('\u001b');
		if (cli === 'opencode') {
			await until(() => room.screen().includes('again to interrupt'), {what: () => room.screen()});
			room.type('\u001b');
		}
		await until(() => room.agent(DEV_1).questionId !== '', {timeoutMs: 60_000, what: () => room.screen()});
		await room.must({type: 'answer', agent: DEV_1, questionId: room.agent(DEV_1).questionId, text: 'Now finish it.'});
		await room.when('it is merged', () => room.task('t-1').state === 'merged', 120_000);
		const {told} = room.model;
		const priceIn = (model: string): Price => (cli === 'opencode' ? {in: 3, out: 15} : (priceOf(model, {}) ?? {in: 0, out: 0}));
		const sum = (of: (row: (typeof told)[number]) => number): number => told.reduce((total, row) => total + of(row), 0);
		const off = (is: number, should: number): string =>
			`${is >= should ? '+' : ''}${(should === 0 ? 0 : ((is - should) / should) * 100).toFixed(1)} %`;
		const {tokensIn, tokensOut, spent, cancelledCalls} = room.agent(DEV_1);
		const money = sum(({model, tokensIn: read, tokensOut: written}) => read * priceIn(model).in + written * priceIn(model).out);
		say(
			cli,
			'counted, beside the server',
			`${told.length} calls: in ${off(
				tokensIn,
				sum(row => row.tokensIn),
			)}, out ${off(
				tokensOut,
				sum(row => row.tokensOut),
			)}, money ${off(spent, money)}; ${cancelledCalls} of ${room.model.cancelled()} cancelled`,
		);
	});

	test(`${cli} ${version}: ${2 * TURNS} transitions`, async () => {
		const room = await begin(cli, [
			{when: 'without reporting', turns: [{say: 'I wait.'}]},
			// Where the reminder is no prompt of its own, its answer is the next turn.
			{when: /Turn \d+ of the session/, turns: [{run: 'git status'}, {say: 'I have looked.'}, {say: 'I wait.'}]},
			{when: START, turns: [{say: 'I have read it.'}, {say: 'I wait.'}]},
		]);
		const late: number[] = [];
		const wrong: string[] = [];
		/** From what the server knows to the status; whatever stands between that is neither the old nor the new one is wrong. */
		const follow = async (from: string, to: string): Promise<void> => {
			const at = performance.now();
			await until(
				() => {
					const now = status(room);
					if (now !== from && now !== to && !wrong.includes(now)) wrong.push(now);
					return now === to;
				},
				{timeoutMs: 60_000, everyMs: 20, what: () => `${to}\n${room.screen()}`},
			);
			late.push(performance.now() - at);
		};
		await until(() => room.agent(DEV_1).questionId !== '', {timeoutMs: 180_000, what: () => room.screen()});
		for (let turn = 1; turn <= TURNS; turn++) {
			const before = room.model.requests.length;
			const {questionId} = room.agent(DEV_1);
			await room.must({type: 'answer', agent: DEV_1, questionId, text: `Turn ${turn} of the session.`});
			await until(() => room.model.requests.length > before, {timeoutMs: 60_000, everyMs: 10, what: () => room.screen()});
			await follow('waiting', 'working');
			// The reminder is answered last: then the turn is over.
			await until(() => room.model.requests.slice(before).some(({steps}) => steps.some(step => 'say' in step && step.say === 'I wait.')), {
				timeoutMs: 60_000,
				everyMs: 10,
				what: () => room.screen(),
			});
			await follow('working', 'waiting');
			await until(() => room.agent(DEV_1).questionId !== '' && room.agent(DEV_1).questionId !== questionId, {
				timeoutMs: 60_000,
				what: () => room.screen(),
			});
		}
		const slow = late.filter(ms => ms > LATE_MS).length;
		const sorted = late.toSorted((one, other) => one - other);
		const text = `${late.length}: wrong ${wrong.length}, late ${slow}; half within ${seconds(sorted[sorted.length >> 1] ?? 0)}, all within ${seconds(sorted.at(-1) ?? 0)}`;
		say(cli, 'transitions', text);
		expect(wrong).toEqual([]);
	});
}
