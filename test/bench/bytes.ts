import {setTimeout as wait} from 'node:timers/promises';
import {createFleet} from './fleet.ts';
import {openTmux} from './peers.ts';
import type {SeenTerminal} from './seen.ts';
import {figure, verdict} from './stats.ts';
import {LINES_20, STREAM} from './streams.ts';

const STREAMS = 8;
const IDLE_MS = 6000;
const SCROLL_MS = 5000;
/** Of the pane beside the lists of a room at 160x45. */
const BESIDE = {columns: 104, rows: 25};
const FRAME = Buffer.from('\x1b[?2026h');

export type Sent = {readonly bytes: number; readonly frames: number; readonly clears: number};

/** What reaches a terminal while `ms` pass. */
export const sentIn = async (terminal: SeenTerminal, ms: number): Promise<Sent> => {
	const parts: Uint8Array[] = [];
	terminal.onBytes(bytes => void parts.push(bytes));
	await wait(ms);
	const all = Buffer.concat(parts);
	const count = (wanted: Buffer): number => {
		let found = 0;
		for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + 1)) found++;
		return found;
	};
	return {bytes: all.length, frames: count(FRAME), clears: count(Buffer.from('\x1b[2J')) + count(Buffer.from('\x1b[3J'))};
};

const perFrame = ({bytes, frames}: Sent): number => bytes / Math.max(1, frames);

/** Bytes that reach the terminal: of a room where nothing happens, of panes that scroll, beside tmux with the same panes in the same places. */
export const benchBytes = async (print: (text: string) => void): Promise<void> => {
	const fleet = await createFleet({streams: STREAMS});
	const {folder, env} = fleet.repository;
	const place = {folder, env};
	const all = Array.from({length: STREAMS}, (_, index) => index);
	const stops: (() => void)[] = [];
	const feed = (pipes: readonly number[], what: typeof LINES_20): void => {
		stops.push(fleet.pipes.feed(pipes, what), fleet.peerPipes.feed(pipes, what));
	};
	const halt = (): void => {
		for (const stop of stops.splice(0)) stop();
	};
	const room = await fleet.open();
	const beside = await openTmux([fleet.peerCommands[0] ?? []], place, BESIDE);
	try {
		await wait(1500);
		const idle = await sentIn(room, IDLE_MS);
		feed([0], LINES_20);
		await wait(500);
		const [one, peer] = await Promise.all([sentIn(room, SCROLL_MS), sentIn(beside.terminal, SCROLL_MS)]);
		halt();
		feed(all, STREAM);
		await wait(500);
		const [eight, busyPeer] = await Promise.all([sentIn(room, SCROLL_MS), sentIn(beside.terminal, SCROLL_MS)]);
		halt();
		print(`\nBytes to the terminal (160x45, the same pane in the same place)${''.padEnd(16)}of tmux`);
		print(`${figure('nothing happens: a frame', perFrame(idle), 'bytes')}   ${verdict(perFrame(idle), {atMost: 1500, unit: ' bytes'})}`);
		print(figure('nothing happens: a second', idle.bytes / (IDLE_MS / 1000), 'bytes'));
		print(
			`${figure('one pane scrolls, 20 lines/s: a frame', perFrame(one), 'bytes')}   ${verdict(perFrame(one), {atMost: 6000, unit: ' bytes'})}`,
		);
		print(
			figure('one pane scrolls, 20 lines/s: a second', one.bytes / (SCROLL_MS / 1000), 'bytes', peer.bytes / (SCROLL_MS / 1000), {
				atMost: 1.2,
			}),
		);
		print(
			`${figure('eight panes at 30 KB/s, one shown: a frame', perFrame(eight), 'bytes')}   ${verdict(perFrame(eight), {atMost: 6000, unit: ' bytes'})}`,
		);
		print(
			figure(
				'eight panes at 30 KB/s, one shown: a second',
				eight.bytes / (SCROLL_MS / 1000),
				'bytes',
				busyPeer.bytes / (SCROLL_MS / 1000),
				{
					atMost: 1.2,
				},
			),
		);
		const clears = idle.clears + one.clears + eight.clears;
		print(`${figure('screen clears', clears, 'in all')}   ${verdict(clears, {atMost: 0, unit: ''})}`);
	} finally {
		halt();
		await beside.close();
		await fleet.close();
	}
};
