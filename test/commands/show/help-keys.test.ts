import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {help} from '../../../source/commands/help.ts';
import {nameOfRow} from '../../../source/ui/keymap/overrides.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {linesOf} from '../../helpers/command.ts';

let folder = '';
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'ar-')));
	mkdirSync(join(folder, 'config', 'agent-room'), {recursive: true});
	mkdirSync(join(folder, 'repository', '.git'), {recursive: true});
	writeFileSync(join(folder, 'repository', '.git', 'HEAD'), 'ref: refs/heads/main');
});
afterEach(() => rmSync(folder, {recursive: true}));

const run = (flags: Readonly<Record<string, boolean>> = {}, trust = '1'): Promise<readonly string[]> => {
	const environment = {XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state'), AGENT_ROOM_TRUST: trust};
	return linesOf(help, {command: 'help', input: ['keys'], flags, environment, folder: join(folder, 'repository')});
};
const write = (text: string): void => writeFileSync(join(folder, 'repository', 'agent-room.yaml'), text);

describe('`agent-room help keys`', () => {
	test('prints every key of the table with its name, in at most 110 columns', async () => {
		const lines = await run();
		for (const row of KEYS)
			expect(
				lines.some(line => row.keys.every(key => line.includes(key)) && line.includes(row.help) && line.endsWith(nameOfRow(row))),
			).toBe(true);
		expect(lines.filter(line => line.length > 110)).toEqual([]);
	});

	test('prints what holds here, and what it is by default', async () => {
		writeFileSync(join(folder, 'config', 'agent-room', 'config.yaml'), 'keys: {zoom: [Z, ctrl+x], pause: null}\n');
		write('keys: {leader: ctrl+a}\n');
		// Before it is trusted, the person's own keys hold alone.
		expect((await run({}, '')).join('\n')).not.toContain('ctrl+a');
		const text = (await run()).join('\n');
		expect(text).toMatch(/^ {2}Z ctrl\+x +zoom pane +zoom {2}\(z by default\)$/m);
		expect(text).toMatch(/^ {2}- +pause \/ resume +pause {2}\(p by default\)$/m);
		expect(text).toContain(
			`! ${join(folder, 'repository', 'agent-room.yaml')}:1: \`ctrl+a\` of \`leader\`: screen and tmux use it as their prefix`,
		);
		const rows = (await run({json: true})).map(line => JSON.parse(line));
		expect(rows.find(({name}) => name === 'zoom')).toMatchObject({keys: ['Z', 'ctrl+x'], default: ['z'], scope: 'room'});
	});

	test('refuses what is wrong with them, and lets no text of a file reach the terminal raw', async () => {
		write('keys: {"zo\\e[31mom": x}\n');
		await expect(run()).rejects.toThrow(/^[^\p{Cc}]*unknown action[^\p{Cc}]*$/u);
	});
});
