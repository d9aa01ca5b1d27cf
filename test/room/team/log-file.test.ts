import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
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
