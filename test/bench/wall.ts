import {setTimeout as wait} from 'node:timers/promises';
import {sentIn} from './bytes.ts';
import {createFleet, type Fleet} from './fleet.ts';
import {openTiledTmux, type Peer} from './peers.ts';
import type {SeenTerminal} from './seen.ts';
import {figure, figures, line, median, verdict} from './stats.ts';
import {LINES_20, STREAM} from './streams.ts';
import {coreShare} from './usage.ts';

const TILES = 8;
const ROUNDS = 3;
const SHARE_MS = 4000;
/**
 * Both print for this long first: in its first minute a room compiles what it runs often, on another thread that counts as its cost, and each tile counts
 * its seconds.
 */
const WARM_MS = 60_000;
const KEYS = 24;
const PAUSE_MS = 40;

type Measured = {readonly share: number; readonly perMb: number; readonly bytes: number; readonly clears: number};

/** Processor and bytes while every tile prints: of a share alone a busy machine, which leaves some unread, would make less. */
const measured = async (pipes: Fleet['pipes'], what: typeof STREAM, terminal: SeenTerminal, pids: readonly number[]): Promise<Measured> => {
	const stop = pipes.feed(
		Array.from({length: TILES}, (_, index) => index),
		what,
	);
	await wait(500);
	const before = pipes.taken();
	const [share, sent] = await Promise.all([coreShare(pids, SHARE_MS), sentIn(terminal, SHARE_MS)]);
	const mb = (pipes.taken() - before) / 2 ** 20;
	stop();
	await wait(300);
	return {share, perMb: (share * SHARE_MS) / 100 / mb, bytes: sent.bytes / (SHARE_MS / 1000), clears: sent.clears};
};

/** Both in turn, medians of the rounds. */
const inTurn = async (fleet: Fleet, room: SeenTerminal, tmux: Peer, what: typeof STREAM) => {
	const [ours, theirs]: [Measured[], Measured[]] = [[], []];
	for (let round = 0; round < ROUNDS; round++) {
		theirs.push(await measured(fleet.peerPipes, what, tmux.terminal, tmux.pids));
		ours.push(await measured(fleet.pipes, what, room, [fleet.pid, room.process.pid]));
	}
	const of = (all: readonly Measured[], name: keyof Measured): number => median(all.map(one => one[name]));
	return (name: keyof Measured): readonly [own: number, peer: number] => [of(ours, name), of(theirs, name)];
};

/** The wall of eight panes that print, beside tmux with the same panes tiled: bytes, processor, and how long a key takes. */
export const benchWall = async (print: (text: string) => void): Promise<void> => {
	const fleet = await createFleet({streams: TILES});
	const {folder, env} = fleet.repository;
	const tmux = await openTiledTmux(fleet.peerCommands, {folder, env});
	try {
		const room = await fleet.open();
		room.write('#');
		await room.shows('WALL │');
		await room.shows('▸dev-1');
		await wait(1000);
		print(`\nThe wall: ${TILES} panes that print, all in view (160x45)${''.padEnd(22)}of tmux, tiled`);
		const all = Array.from({length: TILES}, (_, index) => index);
		const halt = [fleet.pipes, fleet.peerPipes].map(pipes => pipes.feed(all, STREAM));
		await wait(WARM_MS);
		for (const stop of halt) stop();
		await wait(1000);
		const quiet = await coreShare([fleet.pid, room.process.pid], SHARE_MS);
		print(figure('nothing is printed', quiet, '% of a core'));
		for (const [name, what] of [
			['20 lines/s each', LINES_20],
			['30 KB/s each', STREAM],
		] as const) {
			const of = await inTurn(fleet, room, tmux, what);
			const [share, peer] = of('share');
			print(figure(`${name}: processor`, share, '% of a core', peer));
			const [perMb, peerMb] = of('perMb');
			print(figure('    for a MB of output', perMb, 'ms', peerMb, {atMost: 3}));
			const [bytes, peerBytes] = of('bytes');
			print(figure(`${name}: bytes a second`, bytes, 'bytes', peerBytes, {atMost: 1.2}));
			const [clears] = of('clears');
			print(`${figure('    screen clears', clears, 'in all')}   ${verdict(clears, {atMost: 0, unit: ''})}`);
		}
		const stop = fleet.pipes.feed(all, STREAM);
		const samples: number[] = [];
		for (let key = 0; key < KEYS; key++) {
			const shown = room.shows(`▸dev-${((key + 1) % TILES) + 1} `);
			const at = performance.now();
			room.write(key % TILES === TILES - 1 ? 'g' : '\t');
			samples.push((await shown) - at);
			await wait(PAUSE_MS);
		}
		stop();
		const keys = figures(samples);
		print(`${line('key to paint while all print', keys)}   ${verdict(keys.p50, {atMost: 20, unit: ' ms p50'})}`);
	} finally {
		await tmux.close();
		await fleet.close();
	}
};
