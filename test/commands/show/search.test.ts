import {mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {findPlace} from '../../../source/commands/config/place.ts';
import {linesWith, search} from '../../../source/commands/show/search.ts';
import {foundSchema} from '../../../source/core/protocol/output-schema.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {linesOf} from '../../helpers/command.ts';

test('`agent-room search` finds a line in every log, newest first, as it was read on the screen', async () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'repository', '.git'), {recursive: true});
	writeFileSync(join(folder, 'repository', '.git', 'HEAD'), 'ref: refs/heads/main');
	const given = {
		...{command: 'search', folder: join(folder, 'repository')},
		environment: {XDG_STATE_HOME: join(folder, 'state'), XDG_CONFIG_HOME: join(folder, 'config')},
	};
	const logs = join(findPlace({...given, input: [], flags: {}, print() {}, note() {}, onReaderGone() {}}).stateFolder, 'logs');
	mkdirSync(logs, {recursive: true, mode: 0o700});
	expect(dirname(logs)).toContain('repository-');
	writeFileSync(join(logs, 't-1-test-1.log'), 'one\n\u001b[31mError:\u001b[m Cannot find module `x`\u001b]0;owned\u0007\ntwo\n');
	writeFileSync(join(logs, 't-2-dev-1.log'), '\u001b[2J\u001b[3;1Hcannot\u001b[1Cfind the module\u001b[4;1Hcannot find the module\n');
	utimesSync(join(logs, 't-1-test-1.log'), 1, 1);
	const found = (words: readonly string[], flags = {}) => linesOf(search, {...given, input: words, flags});
	expect(await found(['MODULE', 'cannot find'])).toEqual([
		't-2-dev-1.log:2: cannot find the module',
		't-1-test-1.log:2: Error: Cannot find module `x`',
	]);
	expect(foundSchema.parse(JSON.parse((await found(['error'], {json: true}))[0] ?? ''))).toMatchObject({log: 't-1-test-1.log', line: 2});
	expect(await found(['nowhere'])).toEqual(['No line with all these words in 2 logs.']);
	await expect(found([' '])).rejects.toMatchObject({exitCode: 2});
	expect(linesWith('a\r\nb a\rA', ['a'])).toEqual([
		{line: 1, text: 'a'},
		{line: 2, text: 'b a'},
		{line: 3, text: 'A'},
	]);
});
