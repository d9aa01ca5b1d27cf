import {setTimeout as wait} from 'node:timers/promises';
import {createFleet, type Fleet} from './fleet.ts';
import type {Inspector} from './inspect.ts';
import {openTmux} from './peers.ts';
import {figure, verdict} from './stats.ts';
import {LINES_20, STREAM_100} from './streams.ts';
import {coreShare, residentMb} from './usage.ts';

const AGENTS = 50;
const SHOWN = 8;
const SHARE_MS = 5000;
/** Of a silent room: long enough for a collection of the memory that its start has left to be a part of it, not all. */
const SILENT_MS = 15_000;
const SETTLE_SECONDS = 30;
const GROWTH_MS = 10_000;
const LONG_GROWTH_MS = 600_000;

/** Longest wait of the room's loop while `ms` pass, p99 in ms. */
const loopDelay = async (inspector: Inspector, ms: number): Promise<number> => {
	await inspector.evaluate(
		"globalThis.benchDelay = process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({resolution: 5}); benchDelay.enable()",
	);
	await wait(ms);
	return Number(await inspector.evaluate('benchDelay.disable(), benchDelay.percentile(99) / 1e6'));
};

/** What the room holds after a full collection, MB. */
const heapMb = async (inspector: Inspector): Promise<number> => {
	await inspector.call('HeapProfiler.collectGarbage');
	return Number(await inspector.evaluate('process.memoryUsage().heapUsed')) / 2 ** 20;
};

/** What fifty starts leave to be done is no silence yet. */
const settled = async (fleet: Fleet): Promise<void> => {
	for (let second = 0, quiet = 0; second < SETTLE_SECONDS && quiet < 2; second++)
		quiet = (await coreShare([fleet.pid], 1000)) < 3 ? quiet + 1 : 0;
};

const ofCore = (name: string, own: number, atMost: number): string =>
	`${figure(name, own, '% of a core')}   ${verdict(own, {atMost, unit: ' %'})}`;

const all = Array.from({length: AGENTS}, (_, index) => index);

/** As many terminals as panes shall be seen at once: a view shows one. */
const openShown = async (fleet: Fleet) => {
	const terminals = [];
	for (let index = 0; index < SHOWN; index++) {
		const terminal = await fleet.open();
		terminal.write(`'dev-${index + 1}\r`);
		await terminal.shows(`─0 dev-${index + 1} `, 1);
		terminals.push(terminal);
	}
	return terminals;
};

const besideTmux = async (fleet: Fleet, print: (text: string) => void): Promise<void> => {
	const room = await fleet.open();
	const {folder, env} = fleet.repository;
	const tmux = await openTmux(fleet.peerCommands, {folder, env});
	try {
		/** ms of processor for a MB of output: of a share alone a busy machine, which leaves some unread, would make less. */
		const measure = async (pipes: Fleet['pipes'], pids: readonly number[]): Promise<{share: number; perMb: number}> => {
			const stop = pipes.feed(all, STREAM_100);
			await wait(1000);
			const before = pipes.taken();
			const share = await coreShare(pids, SHARE_MS);
			const mb = (pipes.taken() - before) / 2 ** 20;
			stop();
			await wait(500);
			return {share, perMb: (share * SHARE_MS) / 100 / mb};
		};
		const theirs = await measure(fleet.peerPipes, tmux.pids);
		const ours = await measure(fleet.pipes, [fleet.pid, room.process.pid]);
		print(figure('50 panes at 100 KB/s, one shown: tmux', theirs.share, '% of a core', theirs.share));
		print(figure('50 panes at 100 KB/s, one shown: agent-room', ours.share, '% of a core', theirs.share));
		print(figure('    processor for a MB of output', ours.perMb, 'ms', theirs.perMb, {atMost: 1}));
	} finally {
		await tmux.close();
		await room.end();
	}
};

/** Processor and memory of a room with fifty agents: silent, at work, and as busy as can be; `isLong`: the growth of its heap over ten minutes. */
export const benchFifty = async (print: (text: string) => void, isLong: boolean): Promise<void> => {
	const fleet = await createFleet({streams: AGENTS});
	try {
		await settled(fleet);
		print(`\nA room with ${AGENTS} agents (160x45; the room and its terminals, neither Redis nor the agents' own programs)   of tmux`);
		print(ofCore('silent, no terminal attached', await coreShare([fleet.pid], SILENT_MS), 1));
		const first = await fleet.open();
		await wait(1500);
		print(ofCore('silent, a terminal attached', await coreShare([fleet.pid, first.process.pid], SILENT_MS), 2));
		await first.end();
		const terminals = await openShown(fleet);
		const stop = fleet.pipes.feed(all, LINES_20);
		await wait(1000);
		const inspector = await fleet.inspect();
		const pids = [fleet.pid, ...terminals.map(terminal => terminal.process.pid)];
		const [busy, delay] = await Promise.all([coreShare(pids, SHARE_MS), loopDelay(inspector, SHARE_MS)]);
		print(ofCore(`20 lines/s each, ${SHOWN} terminals that show a pane each`, busy, 60));
		print(`${figure('    of it the delay of its loop, p99', delay, 'ms')}   ${verdict(delay, {atMost: 50, unit: ' ms'})}`);
		for (const terminal of terminals) await terminal.end();
		const last = await fleet.open();
		await wait(1000);
		print(ofCore('20 lines/s each, one terminal', await coreShare([fleet.pid, last.process.pid], SHARE_MS), 60));
		await besideTmux(fleet, print);
		const resident = residentMb(fleet.pid);
		print(`${figure('resident memory, every scrollback full', resident, 'MB')}   ${verdict(resident, {atMost: 350, unit: ' MB'})}`);
		const before = await heapMb(inspector);
		const growthMs = isLong ? LONG_GROWTH_MS : GROWTH_MS;
		await wait(growthMs);
		const growth = (await heapMb(inspector)) - before;
		stop();
		inspector.close();
		print(
			`${figure(`growth of the heap in ${growthMs / 1000} s at 20 lines/s${isLong ? '' : ' (--long: 10 minutes)'}`, growth, 'MB')}   ${verdict(growth, {atMost: 1, unit: ' MB'})}`,
		);
	} finally {
		await fleet.close();
	}
};
