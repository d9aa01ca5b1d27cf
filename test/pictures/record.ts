// First: the demo reads no person's configuration, so the pictures are the same everywhere.

import {mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {openOnScreen} from '../helpers/on-screen.ts';
import {removeFileFolder} from '../helpers/own-home.ts';
import {type Frame, filmOf, frameOf, LOOKS, svgOf} from './svg.ts';

/**
 * Writes the README's pictures, for dark and for light pages: runs the demo in a terminal of its own, presses the keys that a person would,
 * and saves what stands on the screen. `npm run build && npm run pictures`; needs what `npm run demo` needs.
 */
const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.github', 'screens');
const SIZE = {columns: 150, rows: 40} as const;
const DEADLINE_MS = 60_000;
const STILL_MS = 300;
/** Of the film: how often it looks, and how long it stays at most where nothing happens. */
const LOOK_MS = 500;
const LONGEST_MS = 900;
const LAST_MS = 3000;

process.once('exit', removeFileFolder);
const temporary = mkdtempSync('/tmp/pictures-');
const node = join(root, 'node_modules', '.bin', 'node');
const kept = ['HOME', 'LANG', 'PATH'].flatMap(name => (process.env[name] ? [[name, process.env[name] ?? ''] as const] : []));
const env = {...Object.fromEntries(kept), PATH: `${dirname(node)}:${process.env.PATH ?? ''}`, TMPDIR: temporary, TERM: 'xterm-256color'};
const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

type Shown = ReturnType<typeof openOnScreen>;
type Name = keyof typeof LOOKS;

const write = (name: string, svg: string, title: string): void => {
	const file = join(folder, `${name}.svg`);
	writeFileSync(file, svg);
	console.log(`${name}.svg (${Math.round(statSync(file).size / 1024)} KB): ${title}`);
};

/** Plays the demo in one look of the terminal, from its first question to what `then` does. */
const play = async (
	name: Name,
	then: (shown: Shown, save: (file: string, title: string, stillMs?: number) => Promise<void>) => Promise<void>,
): Promise<void> => {
	const shown = openOnScreen({
		command: [node, join(root, 'bin', 'agent-room.js'), 'demo'],
		cwd: temporary,
		env: {...env, AGENT_ROOM_THEME: name},
		...SIZE,
		deadlineMs: DEADLINE_MS,
	});
	/** A picture in which nothing has moved for a moment (0: what is there now), or the one at hand where something always moves. */
	const save = async (file: string, title: string, stillMs = STILL_MS): Promise<void> => {
		const deadline = performance.now() + stillMs * 4;
		while (shown.stillMs() < stillMs && performance.now() < deadline) await wait(20);
		write(`${file}-${name}`, svgOf(shown.screen, title, LOOKS[name]), title);
	};
	try {
		await then(shown, save);
		for (let tries = 0; tries < 9 && !/ROOM │/.test(shown.text()); tries++) {
			shown.press('\x1b');
			await wait(STILL_MS);
		}
		shown.press('q');
		await shown.shows(/QUIT │/);
		shown.press('s');
		await shown.ended;
	} finally {
		shown.close();
	}
};

/** Answers by a digit, which counts half a second later if no other key follows. */
const answered = async ({text, press}: Shown): Promise<void> => {
	while (/or type a reply|keep typing to reply/.test(text())) {
		if (!/› 1/.test(text())) press('1');
		await wait(200);
	}
};

/** The pictures that stand still. */
const record = (name: Name): Promise<void> =>
	play(name, async (shown, save) => {
		const {press, shows} = shown;
		await shows(/needs input: Do you want to proceed\?/);
		await save('room', 'The room: agents by urgency, the pane of the agent that needs input, queue, locks and events');
		press('a');
		await shows(/or type a reply/);
		await save('answer', 'The dialog of an agent that needs input: a digit answers it');
		await answered(shown);
		await shows(/✓ \S+ merged/);
		press('d');
		await shows(/TASK │/);
		await shows(/@@ /);
		await save('task', 'A task: its timeline, its change with what the review said, and whether it is ready to merge');
		press('m');
		await shows(/Merge queue [1-9][\s\S]*MERGES │/);
		// Its tests take less than a second.
		await save('merges', 'The merge queue, with the tests of the selected entry as they run', 0);
		press('t');
		await shows(/BOARD │/);
		await save('board', 'All tasks as a board');
	});

/** The film, from the start of the demo: what stands there when something has changed. */
const shoot = (name: Name): Promise<void> =>
	play(name, async (shown, save) => {
		const {screen, text, press, shows} = shown;
		const film: Frame[] = [];
		let [last, since] = ['', performance.now()];
		const camera = setInterval(() => {
			const now = text();
			if (now === last) return;
			const before = film.at(-1);
			if (before) film[film.length - 1] = {...before, ms: Math.min(LONGEST_MS, performance.now() - since)};
			[last, since] = [now, performance.now()];
			film.push(frameOf(screen, LAST_MS, LOOKS[name]));
		}, LOOK_MS);
		try {
			await shows(/needs input: Do you want to proceed\?/);
			await wait(LONGEST_MS);
			press('a');
			await shows(/or type a reply/);
			await wait(2 * LONGEST_MS);
			await answered(shown);
			await wait(LONGEST_MS);
			press('#');
			await shows(/WALL │/);
			await save('wall', 'The wall: the panes of many agents at once, the most urgent first');
			await wait(3 * LONGEST_MS);
			press('\x1b');
			await shows(/The demo is done/);
			await wait(LONGEST_MS);
		} finally {
			clearInterval(camera);
		}
		const title = 'The demo: agents work, one needs input and is answered, all tasks merge';
		write(`film-${name}`, filmOf(film, SIZE, title, LOOKS[name]), title);
	});

try {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	for (const name of ['dark', 'light'] as const) {
		await record(name);
		await shoot(name);
	}
	console.log(`${readdirSync(folder).length} pictures in ${folder}`);
} finally {
	rmSync(temporary, {recursive: true, force: true});
}
