import {setTimeout as wait} from 'node:timers/promises';
import {createFleet} from './fleet.ts';
import {openMprocs, openRelay, openTmux} from './peers.ts';
import type {SeenTerminal} from './seen.ts';
import {figure, figures, head, line, verdict} from './stats.ts';
import {ECHO_COMMAND, STREAM} from './streams.ts';

const STREAMS = 8;
const ROUNDS = 3;
const KEYS = 100;
const WARM_UP = 20;
const FLOOD_KEYS = 100;
const PAUSE_MS = 12;

/** Each key another letter of Latin Extended: no screen shows it before its echo, and no escape sequence holds it. */
const letterOf = (key: number): string => String.fromCharCode(0x100 + (key % 0x150));
let typed = 0;

const typeKeys = async (terminal: SeenTerminal, keys: number): Promise<number[]> => {
	const samples: number[] = [];
	for (let key = 0; key < keys + WARM_UP; key++) {
		const letter = letterOf(typed++);
		const echoed = terminal.until(letter);
		const start = performance.now();
		terminal.write(letter);
		samples.push((await echoed) - start);
		// A person's keys do not come back to back: the next one waits for a turn of the other side's timers.
		await wait(PAUSE_MS);
	}
	return samples.slice(WARM_UP);
};

/** Key to echo through terminal end, socket, room and compositor while eight other panes stream, beside programs with the same panes; then while one floods. */
export const benchEcho = async (print: (text: string) => void): Promise<void> => {
	const fleet = await createFleet({streams: STREAMS, echoes: 1});
	const {folder, env} = fleet.repository;
	const commands = [ECHO_COMMAND, ...fleet.peerCommands.slice(0, STREAMS)];
	const tmux = await openTmux(commands, {folder, env});
	const mprocs = await openMprocs(commands, {folder, env});
	const relay = await openRelay({folder, env});
	try {
		const room = await fleet.open();
		room.write(`'dev-${STREAMS + 1}\r`);
		await room.shows(`─0 dev-${STREAMS + 1} `, 1);
		room.write('\r');
		await room.shows('Typing into');
		// The first time a card teaches the way back; its key takes us in.
		room.write('\x1d');
		await room.shows(`TYPE dev-${STREAMS + 1}`);
		const streaming = Array.from({length: STREAMS}, (_, index) => index);
		const stops = [fleet.pipes.feed(streaming, STREAM), fleet.peerPipes.feed(streaming, STREAM)];
		const [ours, theirs, others, floor]: [number[], number[], number[], number[]] = [[], [], [], []];
		for (let round = 0; round < ROUNDS; round++) {
			theirs.push(...(await typeKeys(tmux.terminal, KEYS)));
			ours.push(...(await typeKeys(room, KEYS)));
			floor.push(...(await typeKeys(relay.terminal, KEYS)));
			if (typeof mprocs !== 'string') others.push(...(await typeKeys(mprocs.terminal, KEYS)));
		}
		for (const stop of stops) stop();
		const [own, peer] = [figures(ours), figures(theirs)];
		print(head(`Key to echo in a pane while ${STREAMS} others print 30 KB/s each (160x45, ${own.count} keys, in turn)`, 'tmux'));
		print(line('tmux', peer));
		if (typeof mprocs === 'string') print(`  mprocs is left out: ${mprocs}`);
		else print(line('mprocs', figures(others), peer));
		print(line('two Node processes that only copy, no stream', figures(floor), peer));
		print(line('agent-room', own, peer, {atMost: 2}));
		print(`${figure('    p95', own.p95, 'ms')}   ${verdict(own.p95, {atMost: 5, unit: ' ms'})}`);
		// Neighbours of a person who types: they would only measure the load.
		await tmux.close();
		await relay.close();
		if (typeof mprocs !== 'string') await mprocs.close();
		const flood = 'y\r\n'.repeat(20_000);
		const stop = fleet.pipes.feed([0], {everyMs: 1, slice: () => flood});
		const flooded = figures(await typeKeys(room, FLOOD_KEYS));
		stop();
		print(`${line('agent-room while one pane floods', flooded, own)}   ${verdict(flooded.p95, {atMost: 20, unit: ' ms p95'})}`);
	} finally {
		await tmux.close();
		await relay.close();
		if (typeof mprocs !== 'string') await mprocs.close();
		await fleet.close();
	}
};
