import {describe, expect, test} from 'vitest';
import {cellWidth} from '../../../source/terminal/text/widths.ts';
import {createKeymap} from '../../../source/ui/keymap/keymap.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {capabilitiesOf} from '../../../source/ui/view/capabilities.ts';
import {type Ready, type ReadyCheck, readyRows} from '../../../source/ui/view/ready.ts';

const check = (name: string, mark: ReadyCheck['mark'], text: string, fix = ''): ReadyCheck => ({name, mark, text, fix});
const found: Ready = {
	repository: 'shop',
	starts: 'Opening starts 2 developers (claude). 3 tasks are queued: work on them begins at once.',
	note: '',
	checks: [
		check('node', 'ok', '24.1.0'),
		check('git', 'ok', '2.47'),
		check('redis', 'ok', '8.0.2 (/usr/bin/redis-server)'),
		check('claude', 'ok', '2.1.300, verified; login in .claude/credentials.json'),
		check('codex', 'absent', 'not installed'),
		check('gemini', 'absent', 'not installed'),
		check('terminal', 'ok', '80x24, UTF-8, TERM=xterm-256color'),
		check('repository', 'ok', 'shop@main'),
		check('test', 'warn', 'no test command: nothing will be merged', 'agent-room init'),
	],
};
const shown = (ready: Ready, columns = 80, rows = 24, environment: Record<string, string> = {}): readonly string[] =>
	readyRows(ready, {columns, rows, keymap: createKeymap(KEYS), capabilities: capabilitiesOf({TERM: 'xterm', ...environment})}).map(row =>
		row.replace(/\x1b\[[\d;]*m/g, ''),
	);

describe('the screen before the first room', () => {
	test('says what was found, who would work, that nothing was started, and which keys continue', () => {
		const rows = shown(found);
		expect(rows[0]).toMatch(/^ agent-room {2}set up shop/);
		const text = rows.join('\n');
		for (const words of [
			'╭─Ready ─',
			'  ✓ claude      2.1.300, verified; login in .claude/credentials.json',
			'  ! test        no test command: nothing will be merged',
			'                agent-room init',
			'  - optional    not installed: codex, gemini',
			'Opening starts 2 developers (claude). 3 tasks are queued',
			'Nothing has started; nothing has cost money.',
			'  i   write agent-room.yaml    d   run demo (no cost)',
		])
			expect(text).toContain(words);
		expect(rows.at(-1)).toMatch(/^ START │ ↵ open room {2}n new task {2}i init {2}d demo {2}c check again {2}q quit/);
	});

	test('does not offer to open what cannot work, and names the exact command', () => {
		const redis = check('redis', 'bad', 'no redis-server and no valkey-server on the PATH', 'agent-room setup');
		const rows = shown({...found, checks: [redis, ...found.checks.slice(3)]});
		const text = rows.join('\n');
		expect(text).toContain('╭─Not ready ─');
		expect(text).toMatch(/✗ redis {7}no redis-server and no valkey-server on the PATH +│\n│ {16}agent-room setup/);
		expect(rows.at(-1)).toMatch(/^ START │ ↵ check again {2}/);
		expect(text).not.toContain('open room');
	});

	test('paints at once what is not known yet', () => {
		const text = shown({...found, checks: [check('git', 'ok', '2.47'), check('redis', 'waits', 'checking…')]}).join('\n');
		expect(text).toContain('Checking…');
		expect(text).toContain('· redis       checking…');
	});

	const hostile = check('repository', 'bad', `\x1b]0;x\x07\x1b[31m${'漢字'.repeat(200)}\nline`, '\x1b[2Jrm -rf');
	test.each([
		[160, 45],
		[100, 30],
		[80, 24],
		[40, 15],
		[40, 10],
	])('fits %dx%d whatever was found, and lets through no sequence', (columns, rows) => {
		for (const checks of [found.checks, [...found.checks, ...Array.from({length: 40}, () => hostile)]]) {
			const raw = readyRows(
				{...found, checks, note: hostile.text},
				{columns, rows, keymap: createKeymap(KEYS), capabilities: capabilitiesOf({TERM: 'xterm'})},
			);
			expect(raw).toHaveLength(rows);
			for (const row of raw) expect(row.replace(/\x1b\[[\d;]*m/g, '')).not.toMatch(/[\x00-\x1f\x7f]/);
			for (const row of shown({...found, checks, note: hostile.text}, columns, rows)) expect(cellWidth(row)).toBe(columns);
		}
	});

	test('is made of ASCII where that is all a terminal shows', () => {
		expect(shown(found, 80, 24, {AGENT_ROOM_ASCII: '1'}).join('')).toMatch(/^[\x20-\x7e]*$/);
	});
});
