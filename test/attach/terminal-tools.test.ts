import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {createTerminalTools} from '../../source/attach/terminal-tools.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'agent-room-desk-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** A desk whose tool does this with the file and ends with an exit code. */
const terminalToolsWith = (tool: (file: string) => number) =>
	createTerminalTools({
		stateFolder: folder,
		open: async (_tool, file) => tool(file),
		give: async () => false,
		gitOf: async () => undefined,
	});

describe('a text in the editor', () => {
	test('comes back as it was saved, from a file that only its owner reads', async () => {
		let mode = 0;
		const terminalTools = terminalToolsWith(file => {
			mode = statSync(file).mode & 0o777;
			writeFileSync(file, readFileSync(file, 'utf8').replace('Five', 'Six'));
			return 0;
		});
		expect(await terminalTools.edit('plan-login', 'Five tries')).toEqual({ok: true, text: 'Six tries'});
		expect(mode).toBe(0o600);
	});

	test('is kept when its terminal is lost, and opened again in place of the first one', async () => {
		let opened = '';
		const lost = createTerminalTools({
			gitOf: async () => undefined,
			stateFolder: folder,
			give: async () => false,
			open: (_tool, file) => {
				writeFileSync(file, 'half a thought');
				return new Promise(() => undefined);
			},
		});
		void lost.edit('plan-login', 'the proposal');
		const terminalTools = terminalToolsWith(file => {
			opened = readFileSync(file, 'utf8');
			return 0;
		});
		expect(await terminalTools.edit('plan-login', 'the proposal')).toEqual({ok: true, text: 'half a thought'});
		expect(opened).toBe('half a thought');
		terminalTools.forget('plan-login');
		await terminalTools.edit('plan-login', 'the proposal');
		expect(opened).toBe('the proposal');
	});

	test('that only shows is gone with the editor, whatever was changed in it', async () => {
		let shown = '';
		const terminalTools = terminalToolsWith(file => {
			shown = readFileSync(file, 'utf8');
			return 0;
		});
		expect(await terminalTools.show('../dev-3.txt', 'row 1\n')).toBe('');
		expect(shown).toBe('row 1\n');
		expect(readdirSync(join(folder, 'edits'))).toEqual([]);
		expect(await terminalToolsWith(() => 127).show('dev-3.txt', '')).toContain('Set $EDITOR');
	});

	test('is not taken from an editor that failed, and the answer says where it is', async () => {
		const failed = await terminalToolsWith(() => 3).edit('plan-login', 'text');
		expect(failed).toEqual({
			ok: false,
			message: `The editor exited with 3: nothing was changed. The text is in ${join(folder, 'edits', 'plan-login.yaml')}.`,
		});
		expect(await terminalToolsWith(() => 127).edit('other', 'text')).toMatchObject({message: expect.stringContaining('Set $EDITOR')});
	});

	test('stays in its folder, whatever its name, and has a bound', async () => {
		await terminalToolsWith(() => 0).edit('../../out', 'text');
		expect(readdirSync(join(folder, 'edits'))).toEqual(['out.yaml']);
		const huge = terminalToolsWith(file => {
			writeFileSync(file, 'x'.repeat(2 << 20));
			return 0;
		});
		expect(await huge.edit('huge', '')).toMatchObject({ok: false, message: expect.stringContaining('too long')});
	});

	test('is refused with a sentence where it cannot be written', async () => {
		writeFileSync(join(folder, 'edits'), '');
		expect(await terminalToolsWith(() => 0).edit('plan', 'text')).toMatchObject({
			ok: false,
			message: expect.stringContaining('cannot be written'),
		});
	});
});

describe('a log in the pager', () => {
	const write = (name: string, content: string): void => {
		mkdirSync(join(folder, 'logs'), {recursive: true});
		writeFileSync(join(folder, 'logs', name), content);
	};

	test('is what stood on the screen, without a sequence of it, and leaves no copy', async () => {
		write('t-1-test-1.log', '\x1b]0;owned\x07\x1b[31m✗ 1 failed\x1b[0m\r\nprogress 1\rprogress 2\r\n');
		let shown = '';
		expect(
			await terminalToolsWith(file => {
				shown = readFileSync(file, 'utf8');
				return 0;
			}).page('t-1-test-1.log'),
		).toBe('');
		expect(shown.trim().split('\n')).toEqual(['✗ 1 failed', 'progress 2']);
		expect(readdirSync(join(folder, 'edits'))).toEqual([]);
	});

	test('of a flood is its end', async () => {
		write('flood.log', `${'flood\r\n'.repeat(400_000)}the end\r\n`);
		let shown = '';
		await terminalToolsWith(file => {
			shown = readFileSync(file, 'utf8');
			return 0;
		}).page('flood.log');
		expect(shown.trimEnd().endsWith('the end')).toBe(true);
		expect(shown.length).toBeLessThan(100_000);
	});

	test('that is gone, or cannot be shown, is said', async () => {
		expect(await terminalToolsWith(() => 0).page('../../etc/passwd')).toBe('The log `passwd` is gone.');
		write('a.log', 'text');
		expect(await terminalToolsWith(() => 127).page('a.log')).toBe(`No pager found. The log is ${join(folder, 'logs', 'a.log')}.`);
		expect(existsSync(join(folder, 'edits', 'a.log.txt'))).toBe(false);
	});
});

describe('a folder', () => {
	const opened: string[] = [];
	const terminalTools = (exitCode: number) =>
		createTerminalTools({
			gitOf: async () => undefined,
			stateFolder: folder,
			ownFiles: [join(folder, 'notes.txt')],
			open: async (tool, file) => {
				opened.push(`${tool} ${file}`);
				return exitCode;
			},
			give: async () => false,
		});

	test('is worked in with a shell or the editor, a file only with the editor', async () => {
		const file = join(folder, 'notes.txt');
		writeFileSync(file, '');
		opened.length = 0;
		const tree = join(folder, 'worktrees', 't-1-a1');
		mkdirSync(tree, {recursive: true});
		expect([
			await terminalTools(0).work('shell', tree),
			await terminalTools(0).work('editor', tree),
			await terminalTools(0).work('editor', file),
		]).toEqual(['', '', '']);
		expect(opened).toEqual([`shell ${tree}`, `folder ${tree}`, `editor ${file}`]);
		expect(await terminalTools(0).work('shell', file)).toBe(`\`${file}\` no longer exists.`);
	});

	test('that is gone opens nothing, and a tool that is missing is named', async () => {
		opened.length = 0;
		mkdirSync(join(folder, 'worktrees', 't-1-a1'), {recursive: true});
		expect(await terminalTools(0).work('shell', join(folder, 'gone'))).toContain('no longer exists');
		expect(opened).toEqual([]);
		expect(await terminalTools(127).work('editor', join(folder, 'worktrees', 't-1-a1'))).toContain('Set $EDITOR');
	});

	test('of anybody else is not gone to, whatever a task says', async () => {
		const elsewhere = mkdtempSync(join(tmpdir(), 'agent-room-elsewhere-'));
		mkdirSync(join(folder, 'worktrees'), {recursive: true});
		symlinkSync(elsewhere, join(folder, 'worktrees', 'link'));
		opened.length = 0;
		for (const path of [elsewhere, folder, join(folder, 'worktrees', 'link'), join(folder, 'worktrees', '..', '..')])
			expect(await terminalTools(0).work('shell', path)).toBe(`\`${path}\` is not a worktree of this room.`);
		expect(opened).toEqual([]);
		rmSync(elsewhere, {recursive: true});
	});
});
