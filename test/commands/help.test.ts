import {describe, expect, test} from 'vitest';
import {help} from '../../source/commands/help.ts';
import {commandHelp, helpText} from '../../source/commands/parse/help-text.ts';
import {isTopic, TOPICS} from '../../source/commands/show/guide.ts';
import {markdownLines} from '../../source/commands/show/markdown.ts';
import {COMMANDS} from '../../source/commands/table.ts';
import {linesOf} from '../helpers/command.ts';
import {oldWordsIn} from '../helpers/old-words.ts';
import {cleanEnvironment, node} from '../helpers/program.ts';
import {binFile} from '../helpers/room.ts';
import {openTerminal} from '../helpers/screen.ts';

const run = (name: string, flags = {}): Promise<readonly string[]> => linesOf(help, {command: 'help', input: [name], flags});
const pages = TOPICS.filter(topic => isTopic(topic) && topic !== 'keys');

describe('a page of the guide', () => {
	test.each(pages)('`%s` is at most 80 columns wide and shows no Markdown', async topic => {
		const lines = await run(topic);
		// A command stays whole.
		expect(lines.filter(line => line.length > (/^ {4}/.test(line) ? 104 : 80))).toEqual([]);
		expect(lines.filter(line => /^\s*(#|\||```|>)|\]\(|<!--/.test(line.replace(/`[^`]*`|^ {4}.*/g, '')))).toEqual([]);
	});

	test('is its Markdown with --json, and one line in the list of topics', async () => {
		const [json = ''] = await run('security', {json: true});
		expect(JSON.parse(json)).toMatchObject({topic: 'security', text: expect.stringMatching(/^# Security\n/)});
		expect((await run('topics')).join('\n')).toMatch(/^ {2}security {2,}[A-Z]/m);
	});

	test('opens in the pager on a terminal that is too small for it, and never for an agent', async () => {
		const shown = async (more: NodeJS.ProcessEnv): Promise<string> => {
			const env = cleanEnvironment({PAGER: 'sed "s/^SECURITY/paged/" #', NO_COLOR: '1', TERM: 'xterm-256color', ...more});
			const terminal = openTerminal({command: [node, binFile, 'help', 'security'], columns: 80, rows: 24, cwd: '/', env});
			await terminal.exit;
			return terminal.written();
		};
		expect(await shown({})).toMatch(/^paged\r$/m);
		expect(await shown({AGENT_ROOM_AGENT: 'agent:dev:001'})).toMatch(/^SECURITY\r$/m);
	});
});

test('the help of the program and of each command has no old word', () => {
	for (const text of [helpText(COMMANDS), ...COMMANDS.map(commandHelp)]) expect(oldWordsIn(text.replace(/^ {4}/gm, ''))).toEqual([]);
});

test('a name that is neither a command nor a page is refused with the nearest one', async () => {
	await expect(run('securty')).rejects.toMatchObject({hint: 'Did you mean `security`?'});
});

test('Markdown becomes lines of a terminal: headings, lists, code, links, and tables beside or below each other', () => {
	const source = [
		'# Title',
		'',
		'Words with `code that stays together` and a [page](redis.md), [one outside](https://example.org) and **weight**.',
		'',
		'- one',
		'- two that is longer',
		'  than a line',
		'',
		'```sh',
		'run  this   # as it is',
		'```',
		'',
		'| key | what |',
		'|---|---|',
		'| `a\\|b` | short |',
	].join('\n');
	expect(markdownLines(source, {columns: 40, isColoured: false})).toEqual([
		'TITLE',
		'',
		'  Words with `code that stays together`',
		'  and a page (`agent-room help redis`),',
		'  one outside (https://example.org) and',
		'  weight.',
		'',
		'  - one',
		'  - two that is longer than a line',
		'',
		'    run  this   # as it is',
		'',
		'  key    what',
		'  `a|b`  short',
	]);
	const narrow = markdownLines('| key | default | what |\n|---|---|---|\n| averylongname | none | anotherlongword |', {
		columns: 24,
		isColoured: false,
	});
	expect(narrow).toEqual(['  averylongname', '    default: none', '    what:', '    anotherlongword']);
	expect(markdownLines('`x` and **y**', {columns: 40, isColoured: true})).toEqual(['  \x1b[36mx\x1b[39m and \x1b[1my\x1b[22m']);
});
