import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {install} from '../clis/installing.ts';
import {openBenchTerminal} from './pty.ts';
import {COLUMNS, ROWS, type SeenTerminal, seen} from './seen.ts';
import {childrenOf} from './usage.ts';

type Command = readonly string[];
type Place = {readonly folder: string; readonly env: Record<string, string>};

/** Another program with the same panes, the first of them shown. */
export type Peer = {
	readonly terminal: SeenTerminal;
	/** Its processes without those in its panes: what it costs to have the panes and to show one. */
	readonly pids: readonly number[];
	close(): Promise<void>;
};
type Tmux = Peer & {readonly tmux: (...args: string[]) => string};

/** Whoever measured with it may close it early, and the cleaning up does it anyway. */
const once = (work: () => Promise<void>): (() => Promise<void>) => {
	let done: Promise<void> | undefined;
	return () => {
		done ??= work();
		return done;
	};
};

const quoted = (command: Command): string => command.map(part => `'${part.replaceAll("'", "'\\''")}'`).join(' ');

/**
 * tmux without a configuration, one window a pane. With `size` the first pane has that size at the right of an empty one, as the pane stands beside
 * the list of a room; else it has the window.
 */
export const openTmux = async (
	commands: readonly Command[],
	{folder, env}: Place,
	size?: {readonly columns: number; readonly rows: number},
): Promise<Tmux> => {
	const socket = join(folder, '..', `tmux-${Math.random().toString(36).slice(2, 8)}`);
	const tmux = (...args: string[]): string =>
		execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {cwd: folder, env, encoding: 'utf8'});
	const [first = [], ...others] = commands;
	const terminal = seen(openBenchTerminal(['tmux', '-S', socket, '-f', '/dev/null', 'new-session', quoted(first)], {cwd: folder, env}));
	await terminal.shows('ready');
	for (const command of others) tmux('new-window', '-d', quoted(command));
	if (size) {
		tmux('split-window', '-d', '-h', '-b', '-l', String(COLUMNS - 1 - size.columns), 'sleep 600');
		tmux('split-window', '-d', '-v', '-l', String(ROWS - 2 - size.rows), 'sleep 600');
	}
	const server = Number(tmux('display-message', '-p', '#{pid}'));
	return {
		terminal,
		tmux,
		pids: [terminal.process.pid, server],
		close: once(async () => {
			tmux('kill-server');
			await terminal.end();
			rmSync(socket, {force: true});
		}),
	};
};

/** tmux without a configuration that shows all these panes at once, tiled. */
export const openTiledTmux = async (commands: readonly Command[], place: Place): Promise<Peer> => {
	const [first = [], ...others] = commands;
	const peer = await openTmux([first], place);
	for (const command of others) {
		peer.tmux('split-window', '-d', quoted(command));
		peer.tmux('select-layout', 'tiled');
	}
	return peer;
};

/** mprocs of the cache, put there at the first run, or why there is none. It shows the first pane beside its list and takes keys for it. */
export const openMprocs = async (commands: readonly Command[], {folder, env}: Place): Promise<Peer | string> => {
	const found = await install('mprocs', {mostMs: 60_000});
	if ('reason' in found) return found.reason;
	const place = join(folder, '..', 'mprocs');
	mkdirSync(place, {recursive: true});
	const procs = Object.fromEntries(commands.map((cmd, index) => [`p${index}`, {cmd}]));
	writeFileSync(join(place, 'mprocs.yaml'), JSON.stringify({procs}));
	const terminal = seen(openBenchTerminal([process.execPath, found.program], {cwd: place, env}));
	try {
		await terminal.shows('ready');
	} catch (error) {
		await terminal.end();
		return `mprocs does not start: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
	}
	// Out of its list and into the pane.
	terminal.write('\u0001');
	return {
		terminal,
		pids: [terminal.process.pid, ...childrenOf(terminal.process.pid)],
		close: once(async () => {
			for (const pid of childrenOf(terminal.process.pid)) process.kill(pid, 'SIGTERM');
			await terminal.end();
			rmSync(place, {recursive: true, force: true});
		}),
	};
};

/** Two Node processes that only copy bytes between a terminal and a pane, as a terminal's end and a room do. */
export const openRelay = async ({folder, env}: Place): Promise<Peer> => {
	const socket = join(folder, '..', 'relay');
	const terminal = seen(openBenchTerminal([process.execPath, join(import.meta.dirname, 'relay.ts'), socket], {cwd: folder, env}));
	await terminal.shows('ready');
	return {terminal, pids: [terminal.process.pid], close: once(() => terminal.end())};
};
