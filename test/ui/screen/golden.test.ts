import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Inspection} from '../../../source/store/room.ts';
import {GOLDEN_SCREENS, type GoldenScreen, SIZES} from '../fixtures/golden-screens.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {createTestStore, type TestStore} from '../fixtures/store.ts';
import {texts} from '../fixtures/team.ts';
import {type Attached, until} from '../fixtures/terminal.ts';

withTerminals();

/**
 * Every screen at every size, row for row, as it was looked at and found right once. `GOLDEN=write` and the
 * command in .github/CONTRIBUTING.md write them again: look at each that `git diff` shows.
 */
const folder = join(import.meta.dirname, '../golden');
const isWriting = process.env.GOLDEN === 'write';
const fileOf = (name: string, columns: number, rows: number): string => join(folder, `${name}-${columns}x${rows}.txt`);

const picture = (terminal: Attached): string =>
	`${terminal
		.rows()
		.map(row => row.trimEnd())
		.join('\n')}\n`;

/** The picture when it has not changed for a while: only for writing, a comparison waits for what it expects. */
const settled = async (terminal: Attached): Promise<string> => {
	let [last, since] = ['', performance.now()];
	await until(
		() => {
			const now = picture(terminal);
			if (now !== last) [last, since] = [now, performance.now()];
			return performance.now() - since > 250;
		},
		() => 'the screen never came to rest',
	);
	return last;
};

const give = <K extends keyof Inspection>(store: TestStore, kind: K, given: Readonly<Record<string, Inspection[K]>> = {}): void => {
	for (const [id, value] of Object.entries(given)) store.looks[kind].set(id, value);
};

const start = async ({room, panes, keys = [], shows, looks = {}}: GoldenScreen): Promise<Attached> => {
	const store = createTestStore(room(), panes?.());
	for (const [id, given] of texts) store.texts.set(id, given);
	give(store, 'log', looks.log);
	give(store, 'patch', looks.patch);
	give(store, 'facts', looks.facts);
	give(store, 'record', looks.record);
	give(store, 'hosts', looks.hosts);
	give(store, 'figures', looks.figures);
	const terminal = open(store, {columns: 160, rows: 45});
	await terminal.shows('ROOM │');
	for (const [typed, wanted] of keys) {
		terminal.type(typed);
		await terminal.shows(wanted);
	}
	await terminal.shows(shows);
	return terminal;
};

describe('the screens', () => {
	test.each(GOLDEN_SCREENS)('$name', async screen => {
		const terminal = await start(screen);
		for (const [columns, rows] of SIZES) {
			if (terminal.rows().length !== rows) terminal.resize(columns, rows);
			await terminal.shows(screen.shows);
			const file = fileOf(screen.name, columns, rows);
			if (isWriting) writeFileSync(file, await settled(terminal));
			const golden = existsSync(file) ? readFileSync(file, 'utf8') : '';
			await terminal.shows(() => picture(terminal) === golden).catch(() => expect(picture(terminal)).toBe(golden));
		}
	});

	test('have a picture each, and every picture a screen', () => {
		const wanted = GOLDEN_SCREENS.flatMap(({name}) => SIZES.map(([columns, rows]) => fileOf(name, columns, rows)));
		expect(
			readdirSync(folder)
				.map(name => join(folder, name))
				.sort(),
		).toEqual([...wanted].sort());
	});
});
