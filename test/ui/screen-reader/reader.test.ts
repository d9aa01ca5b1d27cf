import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import {typeKey} from '../../../source/ui/screen-reader/input.ts';
import {createPace, createReader} from '../../../source/ui/screen-reader/reader.ts';
import {agent, event, NOW, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

const CHOICES = JSON.stringify(['yes', 'always', 'no']);
const dev = agent('dev', 3);
const decision = (question = 'Bash(npm i decimal.js)', questionId = 'q-1') =>
	agent('dev', 3, {status: 'needs-input', question, questionId, choices: CHOICES});
const quiet = room({agents: [dev, agent('dev', 1)]});
const asking = room({agents: [decision(), agent('dev', 1)]});

/** A reader on a terminal that answers what it is asked, or keeps the answers back. */
const start = (first: RoomSnapshot = quiet, {holdsAnswers = false} = {}) => {
	const store = createTestStore(first);
	const controls: string[] = [];
	let output = '';
	let at = NOW;
	const reader = createReader({
		store,
		columns: 80,
		rows: 24,
		environment: {TERM: 'xterm'},
		write: bytes => {
			output += bytes.replaceAll('\x1b[5n', '');
			if (bytes.includes('\x1b[5n') && !holdsAnswers) answer();
		},
		control: ({type}) => controls.push(type),
		now: () => at,
	});
	const answer = (): void => reader.input(Buffer.from('\x1b[0n'));
	const type = (text: string): void => reader.input(Buffer.from(text));
	let seen = 0;
	return {
		store,
		controls,
		answer,
		type,
		close: reader.close,
		wait: (ms: number): void => {
			at += ms;
			vi.advanceTimersByTime(ms);
		},
		/** What was written since the last look. */
		said: (): string => {
			const fresh = output.slice(seen);
			seen = output.length;
			return fresh;
		},
		output: () => output,
	};
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first line confirms the mode, and nothing is ever drawn', () => {
	const {said, output, type, wait, close} = start(asking);
	expect(said()).toMatch(/^agent-room in screen reader mode: [^\r]*\r\nshop on main, 2 agents, 1 needs you\. [^\r]*\r\n\x07$/);
	type('0\r1\r1\r0\r2\r1\r0\r3\r7\r8\r4\rx\r0\r9\r0\r');
	wait(5000);
	expect(output()).not.toMatch(/\x1b|[╭│─▲●]/);
	close();
});

describe('a question', () => {
	test('is one labelled line with a bell, and a number answers it once it can have been heard', () => {
		const {store, said, type, wait} = start();
		said();
		store.publish(asking);
		expect(said()).toBe(
			'needs you: dev-3 needs input Bash(npm i decimal.js). Type 1 yes, 2 always, 3 no; r and words to reply; 0 for later.\r\n\x07',
		);
		wait(1000);
		type('2\r');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 2}]);
		expect(said()).toContain('Answered dev-3: 2 always');
	});

	test('ends with its own mark, and is listed with each state once: a task fails, an agent crashes', () => {
		const {store, said, type, wait} = start();
		said();
		store.publish(room({agents: [decision('Which index?')]}));
		expect(said()).toContain('needs you: dev-3 needs input Which index? Type 1 yes');
		wait(1000);
		const blocked = task('t-1', {state: 'blocked', decision: 'blocked', waitReason: 'blocked: no key'});
		const failed = task('t-2', {state: 'failed', reason: 'exit 3', stageAt: NOW - 1000});
		const crashed = agent('dev', 4, {status: 'crashed', reason: 'killed by SIGKILL'});
		store.publish(room({agents: [decision('Which index?'), crashed], tasks: [blocked, failed]}));
		said();
		type('0\r');
		wait(1000);
		type('1\r');
		wait(1000);
		const list = said();
		for (const row of [/\d t-1, for [^:]*: blocked: no key\r/, /\d dev-3, for [^:]*: needs input: Which index\?\r/])
			expect(list).toMatch(row);
		for (const row of [/\d t-2, (?:failed, )?for [^:]*: .*exit 3\r/, /\d dev-4, crashed, for [^:]*: killed by SIGKILL\r/])
			expect(list).toMatch(row);
	});

	test('takes words as a reply', () => {
		const {store, type, wait} = start();
		store.publish(asking);
		wait(1000);
		type('r use big.js instead\r');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', text: 'use big.js instead'}]);
	});

	test.each([
		['within a second of being read', true],
		['before the terminal has shown it', false],
	])('is not answered by a line that was begun %s: that was meant for the menu', (_when, isShown) => {
		const {store, type, wait, said, answer} = start(quiet, {holdsAnswers: true});
		store.publish(asking);
		if (isShown) answer();
		else wait(500);
		said();
		type('2\r');
		expect(store.actions).toEqual([]);
		expect(said()).toContain('2 agents:');
		// Asked for, it is read in full, and counts as soon as the terminal has it.
		answer();
		type('0\r1\r1\r1\r');
		expect(said()).toContain('Nothing was sent: you typed before the question was read.');
		answer();
		type('1\r');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 1}]);
	});

	test('that is another by now gets no answer that was meant for the first', () => {
		const {store, type, wait, said} = start();
		store.publish(asking);
		wait(1000);
		type('1');
		store.publish(room({agents: [decision('rm -rf /', 'q-2')]}));
		said();
		type('\r');
		expect(store.actions).toEqual([]);
		expect(said()).toMatch(/The question has changed: nothing was sent\.[\s\S]*dev-3 needs input: rm -rf/);
	});

	test('does not break into a line that is being typed, and waits until it ends', () => {
		const {store, type, said, wait} = start();
		type('4\rFix the log');
		said();
		store.publish(asking);
		wait(2000);
		expect(said()).toBe('');
		type('in\r');
		expect(store.actions).toEqual([{type: 'add-task', title: 'Fix the login'}]);
		expect(said()).toContain('needs you: dev-3 needs input');
	});

	test('of several at once is told in one line', () => {
		const {store, said} = start();
		said();
		store.publish(
			room({agents: [decision(), agent('dev', 1, {status: 'needs-input', question: 'May I?', questionId: 'q-7', choices: CHOICES})]}),
		);
		expect(said()).toBe('new for you: dev-1, dev-3. Type 1 to hear all 2.\r\n\x07');
	});
});

describe('the menus', () => {
	test('lead to an agent and pause it', () => {
		const {store, type} = start();
		type('2\r1\r1\r');
		expect(store.actions).toEqual([{type: 'pause-agent', agent: 'agent:dev:003'}]);
	});

	test('read a plan before it is accepted, and take no word for one that has changed', async () => {
		const waiting = (changes = {}) => task('login', {state: 'blocked', stage: 'plan', decision: 'plan', updatedAt: NOW, ...changes});
		const {store, type, said} = start(room({tasks: [waiting()]}));
		type('1\r1\r');
		await vi.advanceTimersByTimeAsync(0);
		expect(said()).toMatch(/login ?: approve the plan\?/);
		store.publish(room({tasks: [waiting({updatedAt: NOW + 1})]}));
		type('1\r');
		expect(store.actions).toEqual([]);
		await vi.advanceTimersByTimeAsync(0);
		expect(said()).toContain('It has changed: nothing was sent.');
		type('1\r');
		expect(store.actions).toEqual([{type: 'approve', task: 'login'}]);
	});

	test('leave with the agents going on, or stop the room', async () => {
		const {type, controls} = start();
		type('9\r1\r');
		expect(controls).toEqual(['detach']);
		const other = start();
		other.type('\x03');
		other.type('2\r');
		await vi.advanceTimersByTimeAsync(0);
		expect([other.store.actions, other.controls]).toEqual([[{type: 'stop-room'}], ['stopped']]);
	});

	test('say a refusal in its own words', async () => {
		const {store, type, said} = start();
		store.answer = {ok: false, code: 'gone', message: 'Agent `dev-3` is gone.', hint: 'Choose another.'};
		type('2\r1\r1\r');
		await vi.advanceTimersByTimeAsync(0);
		expect(said()).toContain('Agent `dev-3` is gone. Choose another.\r\n');
	});
});

describe('news', () => {
	const merged = (number: number) => event(number, {type: 'task_merged', task: `t-${number}`, taskFields: {state: 'merged'}});

	test('are lines; many of one kind are one', () => {
		const {store, said} = start();
		said();
		store.publish(room({agents: [dev], events: [merged(1), event(2, {type: 'usage_recorded'})]}));
		expect(said()).toBe('t-1 merged.\r\n');
		store.publish(room({agents: [dev], events: [3, 4, 5, 6].map(merged)}));
		expect(said()).toBe('merged 4: t-3, t-4, t-5, and 1 more.\r\n');
	});

	test('are twenty lines a minute at most, and each is told or counted', () => {
		const kinds = ['merged', 'taken', 'failed'] as const;
		const arbitrary = fc.array(
			fc.record({after: fc.integer({min: 0, max: 3000}), count: fc.integer({min: 0, max: 12}), isUrgent: fc.boolean()}),
			{maxLength: 60},
		);
		fc.assert(
			fc.property(arbitrary, ticks => {
				const pace = createPace();
				const told: {at: number; text: string}[] = [];
				let at = 0;
				let given = 0;
				const take = (count: number, isUrgent: boolean): void => {
					const news = Array.from({length: count}, (_, index) => ({kind: kinds[index % 3] ?? '', text: 'one', isUrgent}));
					given += count;
					for (const text of pace.take(news, at)) told.push({at, text});
				};
				for (const {after, count, isUrgent} of ticks) {
					at += after;
					take(count, isUrgent);
				}
				at += 60_000;
				take(0, false);
				for (const {at: from} of told) expect(told.filter(one => one.at >= from && one.at < from + 60_000).length).toBeLessThanOrEqual(20);
				const counted = told.flatMap(({text}) => (text === 'one' ? [1] : [...text.matchAll(/\d+/g)].map(([count]) => Number(count))));
				expect(counted.reduce((sum, count) => sum + count, 0)).toBe(given);
			}),
		);
	});

	test('and everything else is harmless to the terminal, whatever agents say', () => {
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 200}), text => {
				const {store, output, type, close} = start();
				const hostile = `${text}\x1b]0;owned\x07\x9b2J\r\nneeds you`;
				store.publish(room({agents: [decision(hostile), agent('dev', 1, {doing: hostile})], tasks: [task('t-1', {title: hostile})]}));
				type('0\r1\r1\r0\r2\r3\r8\r');
				expect(output().replaceAll('\r\n', '').replaceAll('\x07', '')).not.toMatch(/\p{Cc}/u);
				close();
			}),
			{numRuns: 50},
		);
	});
});

test('a typed line is echoed, and taken back by whole characters', () => {
	expect(typeKey('a', 'é', 'é')).toEqual({text: 'aé', echo: 'é'});
	expect(typeKey('ae\u0301', 'backspace', '')).toEqual({text: 'a', echo: '\b \b'});
	expect(typeKey('', 'backspace', '')).toEqual({text: '', echo: ''});
	expect(typeKey('abc', 'ctrl+u', '')).toEqual({text: '', echo: '\r\n'});
	expect(typeKey('abc', 'up', '')).toEqual({text: 'abc', echo: ''});
});

test('9 leads to quitting from wherever it is no item, and is words where words are typed', () => {
	const {said, type, wait} = start(asking);
	wait(2000);
	type('1\r1\r9\r');
	expect(said()).toContain('Type 1 to detach');
	type('0\r4\r9\r');
	expect(said()).not.toContain('Type 1 to detach');
});

test('the figures are read with the cost: merges, times, and success by model and agent', async () => {
	const {store, said, type} = start();
	const agents = [
		{agent: 'agent:dev:001', model: 'large-1', merged: 3, sentBack: 1, failed: 0},
		{agent: 'agent:dev:003', model: 'small-1', merged: 1, sentBack: 0, failed: 1},
	];
	const hours = [{hour: 500_000, merged: 4, leads: [], micros: 0, queued: 2}];
	store.looks.figures.set('', {from: 1, hours, agents, lead: {count: 4, medianMs: 60_000, highMs: 600_000}});
	type('7\r');
	await vi.waitFor(() =>
		expect(said()).toContain('4 merged in the last 1 hours, median time from added to merged 60s, nine of ten within 10m; 2 waiting now.'),
	);
	expect(store.looks.figures.size).toBe(1);
});
