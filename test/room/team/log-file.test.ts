import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {Writable} from 'node:stream';
import {expect, onTestFinished, test, vi} from 'vitest';
import {openLog} from '../../../source/room/team/output.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {until} from '../../helpers/wait.ts';

const written = async (pieces: Iterable<Uint8Array>): Promise<string> => {
	const file = join(temporaryFolder('log'), 'x.log');
	const log = openLog(file);
	for (const bytes of pieces) log.write(bytes);
	log.write(Buffer.from('the last line\n'));
	log.end();
	await until(() => existsSync(file) && readFileSync(file, 'latin1').endsWith('the last line\n'), {what: 'the end of the log'});
	return file;
};

test('a short output is kept as it is', async () => {
	const file = await written([Buffer.from('first\n'), Buffer.from('second\n')]);
	expect(readFileSync(file, 'utf8')).toBe('first\nsecond\nthe last line\n');
});

test('of a flood the beginning and the end are kept, and how much is between is said', async () => {
	const piece = Buffer.alloc(64 * 1024, 'x\n');
	const file = await written(
		(function* () {
			yield Buffer.from('the head line\n');
			for (let at = 0; at < 1600; at++) yield piece;
		})(),
	);
	const text = readFileSync(file, 'utf8');
	expect(text.startsWith('the head line\n')).toBe(true);
	expect(statSync(file).size).toBeLessThan(5 * 1024 * 1024);
	const left = Number(/\[… (\d+) bytes left out …]/.exec(text)?.[1]);
	expect(left + text.length).toBeGreaterThan(1600 * piece.length);
});

test('all logs are written together, once a second; what a flood brings at once', async () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']});
	const write = vi.spyOn(Writable.prototype, 'write');
	onTestFinished(() => {
		write.mockRestore();
		vi.useRealTimers();
	});
	const folder = temporaryFolder('logs');
	const files = Array.from({length: 4}, (_, at) => join(folder, `${at}.log`));
	const logs = files.map(openLog);
	const pass = (ms: number): void => {
		for (let at = 0; at < ms; at += 50) {
			for (const log of logs) log.write(Buffer.from('a line\n'));
			vi.advanceTimersByTime(50);
		}
	};
	pass(950);
	expect(write).not.toHaveBeenCalled();
	pass(50);
	expect(write).toHaveBeenCalledTimes(4);
	pass(1000);
	expect(write).toHaveBeenCalledTimes(8);
	logs[0]?.write(Buffer.alloc(70_000, 'x'));
	expect(write).toHaveBeenCalledTimes(9);
	// No timer is left for what has ended.
	for (const log of logs) log.end();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
	const whole = 'a line\n'.repeat(40);
	await until(() => files.slice(1).every(file => existsSync(file) && readFileSync(file, 'utf8') === whole), {what: 'the logs'});
});
