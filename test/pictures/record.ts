// First: the demo reads no person's configuration, so the pictures are the same everywhere.

import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {openOnScreen} from '../helpers/on-screen.ts';
import {removeFileFolder} from '../helpers/own-home.ts';
import {svgOf} from './svg.ts';

/**
 * Writes the README's pictures: runs the demo in a terminal of its own, presses the keys that a person would, and saves what stands on
 * the screen. `npm run build && npm run pictures`; needs what `npm run demo` needs.
 */
const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.github', 'screens');
const SIZE = {columns: 150, rows: 40} as const;
const DEADLINE_MS = 60_000;
const STILL_MS = 300;

process.once('exit', removeFileFolder);
const temporary = mkdtempSync('/tmp/pictures-');
const node = join(root, 'node_modules', '.bin', 'node');
const kept = ['HOME', 'LANG', 'PATH'].flatMap(name => (process.env[name] ? [[name, process.env[name] ?? ''] as const] : []));
const env = {...Object.fromEntries(kept), PATH: `${dirname(node)}:${process.env.PATH ?? ''}`, TMPDIR: temporary, TERM: 'xterm-256color'};

const {screen, text, press, shows, stillMs, ended, close} = openOnScreen({
	command: [node, join(root, 'bin', 'agent-room.js'), 'demo'],
	cwd: temporary,
	env,
	...SIZE,
	deadlineMs: DEADLINE_MS,
});

/** A picture in which nothing has moved for a moment, or the one at hand where something always moves. */
const save = async (name: string, title: string): Promise<void> => {
	const deadline = performance.now() + STILL_MS * 4;
	while (stillMs() < STILL_MS && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20));
	writeFileSync(join(folder, `${name}.svg`), svgOf(screen, title));
	console.log(`${name}.svg: ${title}`);
};
try {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	await shows(/needs input: Do you want to proceed\?/);
	await save('room', 'The room: agents by urgency, the pane of the agent that needs input, queue, locks and events');
	press('a');
	await shows(/or type a reply/);
	await save('answer', 'The dialog of an agent that needs input: a digit answers it');
	while (/or type a reply/.test(text())) {
		if (!/› 1/.test(text())) press('1');
		await new Promise(resolve => setTimeout(resolve, 200));
	}
	await shows(/✓ \S+ merged/);
	press('d');
	await shows(/TASK │/);
	await shows(/@@ /);
	await save('task', 'A task: its timeline, its change with what the review said, and whether it is ready to merge');
	press('m');
	await shows(/MERGES │/);
	await save('merges', 'The merge queue, with the tests of the selected entry as they run');
	press('t');
	await shows(/BOARD │/);
	await save('board', 'All tasks as a board');
	press('\x1b');
	await shows(/MERGES │/);
	press('\x1b');
	await shows(/TASK │/);
	press('\x1b');
	await shows(/ROOM │/);
	press('q');
	await shows(/QUIT │/);
	press('s');
	await ended;
	console.log(`${readdirSync(folder).length} pictures in ${folder}`);
} finally {
	close();
	rmSync(temporary, {recursive: true, force: true});
}
