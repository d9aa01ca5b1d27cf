import {execFileSync} from 'node:child_process';
import {appendFile, link, mkdtemp, rename, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {CLIS} from '../../../source/harnesses/clis.ts';
import type {Cli} from '../../../source/harnesses/shared/cli.ts';
import {followLines, followStateFile, followTranscript} from '../../../source/room/session/files.ts';
import {createLiveSession} from '../../../source/room/session/session.ts';
import {waitFor} from '../../wait-for.ts';

let folder = '';
const stops: Array<() => void> = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'transcript-'));
});
afterEach(async () => {
	for (const stop of stops.splice(0)) stop();
	await rm(folder, {recursive: true, force: true});
});

const following = async (path: string): Promise<string[]> => {
	const lines: string[] = [];
	const stop = await followLines(path, line => lines.push(line));
	if (!stop) throw new Error('it is not followed');
	stops.push(stop);
	return lines;
};

describe('following the lines of a file', () => {
	test('gives what is added, in whole lines, and nothing of before', async () => {
		const path = join(folder, 'a');
		await writeFile(path, 'old\n');
		const lines = await following(path);
		await appendFile(path, 'one\ntw');
		await waitFor('the first line', () => lines.length === 1);
		await appendFile(path, 'o\n\nthree ü\n');
		await waitFor('the other lines', () => lines.length === 3);
		expect(lines).toEqual(['one', 'two', 'three ü']);
	});

	test('goes on at the new end of a file that was cut off', async () => {
		const path = join(folder, 'a');
		await writeFile(path, 'old and long\n');
		const lines = await following(path);
		await truncate(path, 0);
		await appendFile(path, 'mark\n');
		await waitFor('a line after the cut', async () => {
			await appendFile(path, 'next\n');
			return lines.includes('next');
		});
	});

	test('empties a file that it has read to its end once it is long, and misses no line; never one with two names', async () => {
		const [path, twin] = [join(folder, 'a'), join(folder, 'b')];
		for (const file of [path, twin]) await writeFile(file, '');
		await link(twin, join(folder, 'another name'));
		const lines: string[] = [];
		for (const file of [path, twin]) {
			const stop = await followLines(file, line => lines.push(line), true, 1000);
			if (stop) stops.push(stop);
		}
		const told = Array.from({length: 100}, (_, number) => `${number} ${'x'.repeat(50)}`);
		for (const line of told) await appendFile(path, `${line}\n`);
		await waitFor('all lines', () => lines.length === told.length);
		expect(lines).toEqual(told);
		await waitFor('the short file', async () => (await stat(path)).size < 1000 + 100);
		await appendFile(twin, `${told.join('\n')}\n`);
		await waitFor('all lines', () => lines.length === 2 * told.length);
		expect((await stat(twin)).size).toBeGreaterThan(5000);
	});

	test('leaves out a line that is longer than anything that tells a state', async () => {
		const path = join(folder, 'a');
		await writeFile(path, '');
		const lines = await following(path);
		await appendFile(path, `${'x'.repeat(1_500_000)}\nshort\n`);
		await waitFor('the short line', () => lines.length > 0);
		expect(lines).toEqual(['short']);
	});

	test('opens nothing but a regular file', async () => {
		execFileSync('mkfifo', [join(folder, 'fifo')]);
		const none = () => {};
		expect(await followLines(folder, none)).toBeUndefined();
		expect(await followLines('/dev/zero', none)).toBeUndefined();
		expect(await followLines('relative', none)).toBeUndefined();
		expect(await followLines(join(folder, 'nothing'), none)).toBeUndefined();
		expect(
			await Promise.race([followLines(join(folder, 'fifo'), none), new Promise(resolve => setTimeout(resolve, 30_000, 'stuck'))]),
		).toBeUndefined();
	});
});

test('a session reads the state that its program keeps, and nothing but a regular file', async () => {
	const path = join(folder, 'state');
	const known = CLIS.claude;
	if (!known) throw new Error('no such CLI');
	const stateFile = {path: () => path, read: (text: string) => [{source: 'stream', sign: 'state', said: text}] as const};
	const session = createLiveSession({cli: {...known, stateFile}, mode: 'interactive'});
	execFileSync('mkfifo', [path]);
	stops.push(followStateFile(session, {pid: 1, environment: {}}));
	await writeFile(join(folder, 'next'), 'working');
	await rename(join(folder, 'next'), path);
	await waitFor('its state', () => session.now().said === 'working');
});

describe('a session reads along in its transcript', () => {
	const cli = (): Cli => {
		const known = CLIS.gemini;
		if (!known) throw new Error('no such CLI');
		return {...known, readTranscript: line => [{source: 'stream', sign: 'transcript', said: line}]};
	};

	test('from when its program tells the file, also where that is told before the file is made', async () => {
		const session = createLiveSession({cli: cli(), mode: 'interactive'});
		stops.push(followTranscript(session));
		const path = join(folder, 'talk.jsonl');
		session.take([{source: 'hook', sign: 'hook SessionStart', transcript: path}]);
		await writeFile(path, '');
		session.take([{source: 'hook', sign: 'hook BeforeAgent', state: 'working'}]);
		await waitFor('what was said', async () => {
			await appendFile(path, 'hello\n');
			return session.now().said === 'hello';
		});
	});
});
