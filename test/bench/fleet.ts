import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {INSPECTABLE, type Inspector, inspect, roomLog} from './inspect.ts';
import {type BenchTerminal, openBenchTerminal} from './pty.ts';
import {type BenchRepository, bin, createBenchRepository} from './room.ts';
import {type Link, type SeenTerminal, seen} from './seen.ts';
import {createPipes, ECHO_COMMAND, type Pipes, streamCommand} from './streams.ts';

/** A real room at work: panes that print what their pipes are fed, then some that echo keys. Agents are called dev-1 and so on in that order. */
export type Fleet = {
	readonly repository: BenchRepository;
	readonly pipes: Pipes;
	/** What the panes of another program run for the same streams: pipe by pipe, of `peerPipes`. */
	readonly peerCommands: readonly (readonly string[])[];
	readonly peerPipes: Pipes;
	/** Of the room: Redis and the panes' programs are processes of their own. */
	readonly pid: number;
	open(link?: Link & {readonly env?: Record<string, string>}): Promise<SeenTerminal>;
	inspect(): Promise<Inspector>;
	close(): Promise<void>;
};

const WORK_MS = 120_000;

const configOf = (streams: number, echoes: number, folder: string): string => {
	const command = ['sh', '-c', `stty raw -echo; echo ready; exec cat "$0/\${AGENT_ROOM_AGENT##*:}"`, folder];
	const member = (harness: string, count: number) => (count > 0 ? [{role: 'developer', harness, count}] : []);
	// JSON is YAML.
	return JSON.stringify({
		test: 'true',
		review: 'off',
		harnesses: {stream: {command}, echo: {command: ECHO_COMMAND}},
		team: [...member('stream', streams), ...member('echo', echoes)],
	});
};

type Status = {readonly room: {readonly pid: number}; readonly agents: readonly {readonly role: string; readonly status: string}[]};

/** Starts a room with one agent for each pane, every one at work on a task of its own; `queued` further tasks wait. */
export const createFleet = async ({
	streams,
	echoes = 0,
	queued = 0,
}: {
	readonly streams: number;
	readonly echoes?: number;
	readonly queued?: number;
}): Promise<Fleet> => {
	const count = streams + echoes;
	const names = Array.from({length: count}, (_, index) => String(index + 1).padStart(3, '0'));
	const folder = mkdtempSync(join(tmpdir(), 'ar-pipes-'));
	const pipes = createPipes(join(folder, 'room'), names);
	const peerPipes = createPipes(join(folder, 'peer'), names);
	const repository = createBenchRepository(configOf(streams, echoes, join(folder, 'room')));
	Object.assign(repository.env, INSPECTABLE);
	const terminals: BenchTerminal[] = [];
	const open: Fleet['open'] = async ({env = {}, ...link} = {}) => {
		const terminal = openBenchTerminal([process.execPath, bin], {cwd: repository.folder, env: {...repository.env, ...env}, ...link});
		terminals.push(terminal);
		const shown = seen(terminal, link);
		await shown.shows('ROOM │');
		return shown;
	};
	const status = (): Status => JSON.parse(repository.run('status', '--json')) as Status;
	const close = async (): Promise<void> => {
		try {
			repository.run('stop');
		} finally {
			for (const terminal of terminals) await terminal.end();
			pipes.close();
			peerPipes.close();
			rmSync(folder, {recursive: true, force: true});
			repository.remove();
		}
	};
	try {
		const first = await open();
		const plan = join(dirname(repository.folder), 'plan.yaml');
		const tasks = Array.from({length: count + queued}, (_, index) => ({
			id: `task-${index + 1}`,
			title: `Task ${index + 1} of many, with a title of usual length`,
			priority: 50,
		}));
		writeFileSync(plan, JSON.stringify({tasks}));
		repository.run('add', '--plan', plan);
		const deadline = performance.now() + WORK_MS;
		while (status().agents.filter(agent => agent.role === 'developer' && agent.status === 'working').length < count) {
			if (performance.now() > deadline) throw new Error(`${count} agents were not at work in ${WORK_MS / 1000} s`);
			await wait(300);
		}
		await first.end();
		const home = join(repository.env.XDG_STATE_HOME ?? '', 'agent-room');
		const state = join(home, readdirSync(home).find(name => name.startsWith('shop-')) ?? '');
		const {pid} = status().room;
		return {
			repository,
			pipes,
			peerPipes,
			peerCommands: peerPipes.files.map(streamCommand),
			pid,
			open,
			inspect: () => inspect(pid, () => roomLog(state)),
			close,
		};
	} catch (error) {
		await close().catch(() => undefined);
		throw error;
	}
};
