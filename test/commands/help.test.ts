import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {help} from '../../source/commands/help.ts';
import {linesOf} from '../helpers/command.ts';
import {root} from '../helpers/program.ts';

const run = async (name: string): Promise<string> => (await linesOf(help, {command: 'help', input: [name]})).join('\n');

test('`agent-room help PAGE` prints a page of the guide as it is shipped', async () => {
	for (const file of readdirSync(join(root, 'source', 'guide')))
		expect(await run(file.replace(/\.md$/, ''))).toBe(readFileSync(join(root, 'source', 'guide', file), 'utf8').trimEnd());
	expect(await run('security')).toMatch(/^# Security\n/);
});

test('a name that is neither a command nor a page is refused with the nearest one', async () => {
	await expect(run('securty')).rejects.toMatchObject({hint: 'Did you mean `security`?'});
});
