import {mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {createMemory} from '../../source/attach/terminal-tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'memory-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

test('a text is kept until another is, for whoever comes next, and belongs to the person alone', () => {
	const memory = createMemory(folder);
	expect(memory.recall('seen')).toBe('');
	memory.keep('seen', 'one');
	memory.keep('seen', 'two');
	expect(createMemory(folder).recall('seen')).toBe('two');
	expect(readdirSync(join(folder, 'memory'))).toEqual(['seen.json']);
	expect(statSync(join(folder, 'memory', 'seen.json')).mode & 0o777).toBe(0o600);
	memory.keep('seen', '');
	expect(memory.recall('seen')).toBe('');
});

test('what cannot be written or is far too long is nothing, and no name leads out of the folder', () => {
	const file = join(folder, 'file');
	writeFileSync(file, '');
	const memory = createMemory(file);
	memory.keep('seen', 'lost');
	expect(memory.recall('seen')).toBe('');
	const own = createMemory(folder);
	own.keep('../../up', 'x'.repeat(300_000));
	expect(own.recall('../../up')).toBe('');
	expect(readdirSync(join(folder, 'memory'))).toEqual(['up.json']);
});
