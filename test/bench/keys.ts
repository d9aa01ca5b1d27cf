import {writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {createFleet, type Fleet} from './fleet.ts';
import type {SeenTerminal} from './seen.ts';
import {figure, figures, head, line, verdict} from './stats.ts';
import {STREAM} from './streams.ts';

const STREAMS = 8;
const ROUNDS = 8;
const PAUSE_MS = 25;
const LINK_MS = 100;
const QUEUED = 2000;

/** A key, and what the screen shows on which row once it has taken effect. */
type Step = readonly [key: string, shown: string | RegExp, row?: number];

const TITLES = 1;
const FOOTER = 44;
/** Down the list and up again: the pane's title tells whom it shows. */
const SELECTION: readonly Step[] = [
	...Array.from({length: STREAMS - 1}, (_, index): Step => ['j', `─0 dev-${index + 2} `, TITLES]),
	...Array.from({length: STREAMS - 1}, (_, index): Step => ['k', `─0 dev-${STREAMS - 1 - index} `, TITLES]),
];
/** Another panel has the focus: its border is heavy, on whatever row an empty one stands. */
const PANELS: readonly Step[] = [
	['2', /┏━2 Queue/],
	['1', /╭─2 Queue/],
	['3', /┏━3 Locks/],
	['1', /╭─3 Locks/],
];
const DIALOGS: readonly Step[] = [
	['q', 'QUIT │', FOOTER],
	['\x1b', 'ROOM │', FOOTER],
];

const press = async (terminal: SeenTerminal, steps: readonly Step[], rounds: number): Promise<number[]> => {
	const samples: number[] = [];
	for (let round = 0; round < rounds; round++)
		for (const [key, text, row] of steps) {
			const shown = terminal.shows(text, row);
			const start = performance.now();
			terminal.write(key);
			samples.push((await shown) - start);
			// A person's keys do not come back to back, and not in step with a timer.
			await wait(PAUSE_MS + Math.random() * PAUSE_MS);
		}
	return samples;
};

const addTasks = (fleet: Fleet): void => {
	const plan = join(dirname(fleet.repository.folder), 'many.yaml');
	const tasks = Array.from({length: QUEUED}, (_, index) => ({id: `many-${index + 1}`, title: `One of many ${index + 1}`, priority: 40}));
	writeFileSync(plan, JSON.stringify({tasks}));
	fleet.repository.run('add', '--plan', plan);
};

/** From a key in the room to its effect on the screen, with eight panes that stream: near, over a slow link, and with a long queue. */
export const benchKeys = async (print: (text: string) => void): Promise<void> => {
	const fleet = await createFleet({streams: STREAMS});
	try {
		const terminal = await fleet.open();
		const stop = fleet.pipes.feed([...fleet.pipes.files.keys()], STREAM);
		await wait(1500);
		await press(terminal, [...SELECTION, ...PANELS, ...DIALOGS], 2);
		const near = await press(terminal, [...SELECTION, ...PANELS], ROUNDS);
		const dialogs = await press(terminal, DIALOGS, ROUNDS * 3);
		await terminal.end();
		const far = await fleet.open({delayMs: LINK_MS, env: {SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22'}});
		const overLink = (await press(far, [...SELECTION, ...PANELS], 3)).map(ms => ms - 2 * LINK_MS);
		await far.end();
		addTasks(fleet);
		const crowded = await fleet.open();
		await crowded.shows(/2 Queue .*\d/);
		await press(crowded, SELECTION, 1);
		const many = await press(crowded, [...SELECTION, ...PANELS], ROUNDS / 2);
		stop();
		const all = figures(near);
		print(head(`Key to paint of an action in the room (160x45, ${STREAMS} panes at 30 KB/s, ${all.count} keys)`, 'the first line'));
		print(`${line('selection and panels', all)}   ${verdict(all.p50, {atMost: 20, unit: ' ms p50'})}`);
		print(`${figure('    p90', all.p90, 'ms')}   ${verdict(all.p90, {atMost: 50, unit: ' ms'})}`);
		print(line('a dialog opens and closes (esc waits 25 ms)', figures(dialogs), all));
		const link = figures(overLink);
		print(
			`${line(`over a link of ${2 * LINK_MS} ms, the link taken off`, link, all)}   ${verdict(link.p50, {atMost: 20, unit: ' ms p50'})}`,
		);
		const long = figures(many);
		print(`${line(`with ${QUEUED} tasks queued`, long, all)}   ${verdict(long.p50, {atMost: 20, unit: ' ms p50'})}`);
	} finally {
		await fleet.close();
	}
};
