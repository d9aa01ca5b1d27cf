import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {keepProgram, programId} from '../../source/os/kept-program.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {root} from '../helpers/program.ts';

test('a room keeps the program under the name that its build gave it, and runs one that is being built where it is', async () => {
	expect(programId(root)).toMatch(/^[0-9a-f]{12}$/);
	const folder = temporaryFolder('kept');
	const [installed, states] = [join(folder, 'installed'), join(folder, 'states')];
	mkdirSync(states, {mode: 0o700});
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(join(installed, file)), {recursive: true});
		writeFileSync(join(installed, file), text);
	};
	for (const file of ['package.json', 'dist/room.js', 'lua/claim.lua']) write(file, 'one');
	expect(await keepProgram(installed, states)).toBe(installed);
	for (const damaged of ['', '../../../x', 'not an id']) {
		write('dist/id.txt', damaged);
		expect(await keepProgram(installed, states)).toBe(installed);
	}

	write('dist/id.txt', '0123456789ab');
	const copy = join(states, 'programs', '0123456789ab');
	expect(await keepProgram(installed, states)).toBe(copy);
	expect(programId(copy)).toBe('0123456789ab');
	write('lua/claim.lua', 'two');
	expect(await keepProgram(installed, states)).toBe(copy);
	expect(await keepProgram(copy, states)).toBe(copy);
	expect(readFileSync(join(copy, 'lua', 'claim.lua'), 'utf8')).toBe('one');

	write('dist/id.txt', 'ba9876543210');
	expect(readFileSync(join(await keepProgram(installed, states), 'lua', 'claim.lua'), 'utf8')).toBe('two');
	expect(existsSync(copy)).toBe(false);
});
