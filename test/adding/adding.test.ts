import {execFileSync} from 'node:child_process';
import {chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {node, root, startProgram} from '../helpers/program.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {createStory} from '../helpers/room.ts';
import {openTerminal} from '../helpers/screen.ts';
import {until} from '../helpers/wait.ts';
import {ADDITIONS, type Addition, CALL_OF_SCRIPT} from './additions.ts';

/** A copy of the product to which everything was added that `additions.ts` adds, built and type-checked; the files that each kind has touched. */
const withAdditions = (): {readonly folder: string; readonly touched: Readonly<Record<string, number>>} => {
	const folder = temporaryFolder('x');
	for (const name of ['source', 'lua', 'bin', 'package.json', 'tsconfig.json', 'LICENSE'])
		cpSync(join(root, name), join(folder, name), {recursive: true});
	// Without the cache, into which this build writes what it has built.
	mkdirSync(join(folder, 'node_modules'));
	for (const name of readdirSync(join(root, 'node_modules')))
		if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
	const add = ({files, rows}: Addition): number => {
		for (const [path, text] of Object.entries(files)) {
			mkdirSync(dirname(join(folder, path)), {recursive: true});
			writeFileSync(join(folder, path), text, {flag: 'wx'});
		}
		for (const [path, edits] of Object.entries(rows)) {
			const before = readFileSync(join(folder, path), 'utf8');
			const after = edits.reduce((text, [anchor, added]) => {
				if (text.split(anchor).length !== 2) throw new Error(`\`${anchor}\` is not once in ${path}`);
				return text.replace(anchor, () => `${added}${anchor}`);
			}, before);
			writeFileSync(join(folder, path), after);
		}
		return Object.keys(files).length + Object.keys(rows).length;
	};
	const touched = Object.fromEntries(Object.entries(ADDITIONS).map(([kind, addition]) => [kind, add(addition)]));
	// Several checkers each read the types of all libraries: with one it takes less of a machine whose other cores test meanwhile.
	execFileSync(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--checkers', '1'], {cwd: folder, stdio: 'inherit'});
	execFileSync(node, ['source/build.js'], {cwd: folder, stdio: 'inherit'});
	return {folder, touched};
};

test('a role, a harness, an action, a command, a key, a dialog, a panel, a page, a theme and a script are each added in the files that the guide names, and work', async () => {
	const {folder, touched} = withAdditions();
	expect(touched).toEqual({role: 2, harness: 2, action: 3, command: 1, dialog: 2, key: 1, panel: 2, page: 2, theme: 1, script: 2});
	// The guide says the same number of each.
	const guide = readFileSync(join(root, 'source/guide/adding.md'), 'utf8');
	for (const [kind, count] of Object.entries(touched)) expect(guide).toMatch(new RegExp(`^\\| ${kind} \\| ${count} \\|`, 'm'));

	const story = createStory(
		'test: "true"\nreview: "off"\nteam:\n  - {role: developer, harness: parrot}\n  - {role: release-writer, harness: parrot}\n  - {role: test-orchestrator}\n  - {role: repository-guardian}\n',
	);
	const programs = join(story.folder, 'programs');
	mkdirSync(programs);
	writeFileSync(join(programs, 'parrot'), '#!/bin/sh\ncp "$AGENT_ROOM_BRIEF_FILE" said.txt\necho said\n');
	chmodSync(join(programs, 'parrot'), 0o755);
	const env = {...story.env, PATH: `${programs}:${story.env.PATH ?? ''}`};
	const start = (...args: readonly string[]) =>
		startProgram([node, join(folder, 'bin', 'agent-room.js'), ...args], {cwd: story.repository, env});
	const run = start('run');
	const status = async (): Promise<{readonly room: unknown; readonly tasks: readonly {readonly state: string}[]}> =>
		JSON.parse((await start('status', '--json').ended).stdout || '{"room": null, "tasks": []}');
	await until(async () => (await status()).room !== null, {what: () => `the room:\n${run.output()}`});
	expect(await start('add', 'The release', '--role', 'release-writer').ended).toMatchObject({code: 0, stderr: ''});
	await until(async () => (await status()).tasks[0]?.state === 'merged', {what: () => `the merge:\n${run.output()}`});
	expect(story.git('show', 'main:said.txt')).toContain('You write the release notes.');

	expect((await start('help', 'salute').ended).stdout).toContain('Greet somebody.');
	expect(await start('salute', 'the world').ended).toMatchObject({code: 0, stdout: 'hello, the world\n'});

	expect((await start('help', 'keys').ended).stdout).toMatch(/& +greet the repository +greeting/);
	const terminal = openTerminal({command: [node, join(folder, 'bin', 'agent-room.js'), '--theme', 'neon'], cwd: story.repository, env});
	await terminal.waitFor('ROOM │');
	terminal.press('7');
	await terminal.waitFor('[7 Roles 4]');
	await terminal.waitFor('▸the developer');
	terminal.press('j');
	await terminal.waitFor('▸the release-writer');
	expect((await start('help', 'keys').ended).stdout).toMatch(/7 +Roles/);
	terminal.press('=');
	await terminal.waitFor('everybody waves back');
	terminal.press('&');
	await terminal.waitFor('GREETING │ esc close');
	expect(terminal.text()).toMatch(/┃ {2}hello, \S+ +┃/);
	terminal.press('\x1b');
	await terminal.waitFor('ROOM │');
	terminal.press('_');
	await terminal.waitFor('CENSUS │ esc back  c count');
	terminal.press('c');
	await terminal.waitFor(/┃4 agents +┃/);
	expect(terminal.rows()[0]).toContain(' agent-room › census');
	terminal.press('\x1b');
	await terminal.waitFor('ROOM │');

	await start('stop').ended;
	await run.ended;

	const redis = await startTestRedis();
	try {
		writeFileSync(join(folder, 'called.ts'), CALL_OF_SCRIPT);
		const called = execFileSync(node, ['called.ts', redis.socketPath], {cwd: folder, encoding: 'utf8'});
		expect(called).toBe('hello, somebody\n');
	} finally {
		await redis.stop();
	}
});
