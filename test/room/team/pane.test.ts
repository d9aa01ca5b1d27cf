import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, onTestFinished, test, vi} from 'vitest';
import {createOutputScheduler, createPane} from '../../../source/room/team/pane.ts';
import {until} from '../../ui/fixtures/terminal.ts';

/** Turns on a clock that moves by what parsing costs, run one by one. */
const bench = (msPerByte: number) => {
	let at = 0;
	let next: (() => void) | undefined;
	const turns = createOutputScheduler(
		() => at,
		run => {
			next = run;
		},
	);
	const lane = (name: string, log: string[] = [], cost = msPerByte) =>
		turns.lane(bytes => {
			log.push(name + Buffer.from(bytes).toString());
			at += bytes.length * cost;
		});
	/** Runs one turn; what it took, ms, or undefined where none was asked for. */
	const turn = (): number | undefined => {
		const run = next;
		const began = at;
		next = undefined;
		run?.();
		return run && at - began;
	};
	const wait = (ms: number): void => {
		at += ms;
	};
	return {turns, lane, turn, wait, now: () => at};
};

describe('turns of parsing', () => {
	test('parse at once what comes while there is time', () => {
		const log: string[] = [];
		bench(0.001).lane('a', log).push(Buffer.from('key'));
		expect(log).toEqual(['akey']);
	});

	test('end when their time is used up, whatever many floods bring', () => {
		const {lane, turn, now} = bench(0.001);
		const floods = Array.from({length: 50}, (_, index) => lane(`${index}`));
		for (const flood of floods) for (let chunk = 0; chunk < 8; chunk++) flood.push(Buffer.alloc(4096));
		// Fifty panes of eight chunks at 4 ms each are 1.6 s of work: no more than a turn of it was done.
		expect(now()).toBeLessThan(20);
		let took = turn();
		for (; took !== undefined && floods.some(flood => flood.waiting > 0); took = turn()) expect(took).toBeLessThan(20);
		expect(floods.every(flood => flood.waiting === 0)).toBe(true);
	});

	test('give an echo its place before the floods that had theirs', () => {
		const {lane, turn} = bench(0.001);
		const log: string[] = [];
		const floods = Array.from({length: 20}, () => lane('flood', log));
		const echo = lane('echo', log);
		for (let round = 0; round < 10; round++) {
			for (const flood of floods) flood.push(Buffer.alloc(4096, 'x'));
			log.length = 0;
			echo.push(Buffer.from('!'));
			turn();
			expect(log[0]).toBe('echo!');
		}
	});

	test('let no flood starve another', () => {
		const {lane, turn} = bench(0.001);
		const logs: string[][] = [[], [], []];
		// One of them is ten times as dear.
		const floods = logs.map((log, index) => lane('', log, index === 0 ? 0.01 : 0.001));
		for (let round = 0; round < 300; round++) {
			for (const flood of floods) while (flood.waiting < 30_000) flood.push(Buffer.alloc(4096));
			turn();
		}
		const parsed = logs.map(log => log.reduce((sum, {length}) => sum + length, 0));
		// 2,400 ms by three: each has had its third of the time, or nearly.
		expect(parsed[0]).toBeGreaterThan(60_000);
		expect(parsed[1]).toBeGreaterThan(600_000);
		expect(parsed[2]).toBeGreaterThan(600_000);
	});

	test('are not asked for while nothing waits, and what a pane had is forgotten meanwhile all the same', () => {
		const {lane, turn, wait} = bench(0.001);
		const log: string[] = [];
		const [flood, other] = [lane('flood', log), lane('other', log)];
		flood.push(Buffer.alloc(6000));
		expect([turn(), turn()]).toEqual([0, undefined]);
		/** Both wait behind a whole turn; who goes first? */
		const first = (): string | undefined => {
			lane('full').push(Buffer.alloc(9000));
			log.length = 0;
			flood.push(Buffer.alloc(2000));
			other.push(Buffer.alloc(2000));
			turn();
			return log[0]?.slice(0, 5);
		};
		wait(1);
		expect(first()).toBe('other');
		while (turn() !== undefined);
		flood.push(Buffer.alloc(6000));
		while (turn() !== undefined);
		wait(50);
		expect(first()).toBe('flood');
	});

	test('look at the clock after fewer bytes where they are dear', () => {
		const {lane, turn} = bench(1);
		const flood = lane('a');
		for (let chunk = 0; chunk < 4; chunk++) flood.push(Buffer.alloc(4096));
		for (let round = 0; round < 8; round++) turn();
		// A byte costs 1 ms: a slice is as short as it may be.
		expect(turn()).toBe(256);
	});

	test('keep every byte and its order, however it is cut', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(2), fc.string({minLength: 1, maxLength: 40}), fc.nat(2)), {maxLength: 60}), steps => {
				const {lane, turn} = bench(2);
				const logs: string[][] = [[], [], []];
				const lanes = logs.map(log => lane('', log));
				const sent = ['', '', ''];
				for (const [index, text, turnCount] of steps) {
					const ascii = Buffer.from(text).toString('hex');
					lanes[index]?.push(Buffer.from(ascii));
					sent[index] += ascii;
					for (let count = 0; count < turnCount; count++) turn();
				}
				for (const one of lanes) one.flush();
				expect(logs.map(log => log.join(''))).toEqual(sent);
			}),
		);
	});
});

test('the last line of a pane is read when somebody asks, once for each change', () => {
	const pane = createPane('a', () => undefined);
	onTestFinished(() => pane.dispose());
	const tail = vi.spyOn(pane.screen, 'tail');
	for (const line of ['first', 'second', 'third']) {
		pane.say(line);
		pane.info();
	}
	expect(tail).not.toHaveBeenCalled();
	const info = pane.info();
	expect([info.lastLine, pane.info().lastLine, {...info}.lastLine]).toEqual(['third', 'third', 'third']);
	expect(tail).toHaveBeenCalledTimes(1);
	pane.say('fourth');
	expect([info.lastLine, pane.info().lastLine]).toEqual(['third', 'fourth']);
	expect(tail).toHaveBeenCalledTimes(2);
});

describe('a pane that floods', () => {
	const start = (name: string, command: readonly string[]) => {
		const pane = createPane(name, () => undefined);
		const env = {PATH: process.env.PATH ?? ''};
		const started = pane.start({command, cwd: '/', env, marker: ['AGENT_ROOM_TEST', name], onOutput: () => undefined});
		onTestFinished(() => {
			try {
				process.kill(-started.pid, 'SIGKILL');
			} catch {
				// It has ended by itself.
			}
			pane.dispose();
		});
		return {pane, started};
	};

	test.each([
		['lines without end', 'exec yes'],
		['garbage', 'exec cat /dev/urandom'],
		['lines of 200,000 columns', 'while :; do printf "%0200000d\\n" 0; done'],
		['strings of a megabyte', 'while :; do printf "\\033]52;c;%01000000d\\a" 0; done'],
	])('%s: its keys and those of another pane arrive, ^C ends it, and its last screen is right', async (_name, flood) => {
		const {pane, started} = start('flood', ['bash', '-c', `trap : INT; bash -c '${flood}'; printf '\\ec\\nover'; read -r`]);
		let bytes = 0;
		started.onData(data => {
			bytes += data.length;
		});
		const {pane: other} = start('other', ['cat']);
		await until(
			() => bytes > 1_000_000,
			() => `only ${bytes} bytes came`,
		);
		for (const key of 'echo') {
			const before = other.screen.textOf(0);
			other.handle.write(Buffer.from(key));
			await until(
				() => other.screen.textOf(0) === before + key,
				() => `no echo of ${key}`,
			);
		}
		pane.handle.write(Buffer.from('\u0003'));
		await until(
			() => pane.screen.textOf(1) === 'over',
			() => `it goes on: ${pane.screen.textOf(0).slice(0, 40)}`,
		);
		expect(pane.info().isRunning).toBe(true);
		expect(execFileSync('ps', ['-o', 'comm=', '-g', String(started.pid)]).toString()).not.toMatch(/yes|cat/);
	});
});
