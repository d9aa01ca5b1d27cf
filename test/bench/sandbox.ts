import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {configSchema} from '../../source/core/config/config.ts';
import {startProcess} from '../../source/pty/process.ts';
import {surround} from '../../source/room/prepare/sandbox.ts';
import {findSandbox} from '../../source/sandbox/sandbox.ts';
import {bin} from './room.ts';
import {figures, head, line, verdict} from './stats.ts';

const ROUNDS = 60;
/** So many at once, for the memory of what surrounds them. */
const AT_ONCE = 20;
const SIZE = {columns: 80, rows: 24, marker: ['AGENT_ROOM_RUN', 'bench'] as const};

/** What a process alone takes of memory, shared pages by their share, kB. */
const pss = (pid: number): number => Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);

const childrenOf = (pid: number): readonly number[] =>
	readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** From the decision to start an attempt's program in a pane to its end, with a sandbox around it and without. */
export const benchSandbox = async (print: (text: string) => void): Promise<void> => {
	const found = await findSandbox(process.env);
	print(head('Start and end of a program in a pane', 'without a sandbox'));
	if (found.kind !== 'bubblewrap') {
		print(`  left out: ${found.kind === 'none' ? found.why : 'there is no bubblewrap'}`);
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), 'ar-sandbox-'));
	const [work, repository] = [join(folder, 'state', 'work'), join(folder, 'repository')];
	for (const made of [work, repository]) mkdirSync(made, {recursive: true});
	execFileSync('git', ['init', '--quiet', repository]);
	const environment = {PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? folder};
	const paths = {
		...{found, health: {isBroken: false}, groups: undefined, inherited: process.env, stateFolder: join(folder, 'state'), repository},
		...{node: process.execPath, binFile: bin, forwardFile: '', identity: '', onRefused: () => {}},
	};
	const start = (sandbox: 'on' | 'off', command: readonly string[], name: string) => {
		const {prefix} = surround(
			{...paths, config: configSchema.parse({sandbox})},
			{...{home: `bench/${name}`, agent: 'a', task: 't', name, cwd: work, command, environment}, writable: [work], readable: []},
		);
		return startProcess({...SIZE, command: [...prefix, ...command], cwd: work, env: environment});
	};
	const timed = async (sandbox: 'on' | 'off'): Promise<number> => {
		const at = performance.now();
		const pane = start(sandbox, ['true'], 'one');
		await new Promise<void>(resolve => pane.onEnd(() => resolve()));
		return performance.now() - at;
	};
	try {
		const [on, off]: [number[], number[]] = [[], []];
		for (let round = 0; round < ROUNDS; round += 1) {
			off.push(await timed('off'));
			on.push(await timed('on'));
		}
		const [inside, plain] = [figures(on.slice(5)), figures(off.slice(5))];
		print(line('without a sandbox', plain));
		print(`${line('in bubblewrap', inside, plain)}`);
		const more = Math.max(0, inside.p50 - plain.p50);
		print(`  ${'beyond plain'.padEnd(38)} ${more.toFixed(1)} ms   ${verdict(more, {atMost: 15, unit: ' ms'})}`);
		const panes = Array.from({length: AT_ONCE}, (_, index) => start('on', ['sleep', '30'], `${index}`));
		const inner = async (pid: number): Promise<number> => {
			for (;;) {
				const [reaper] = childrenOf(pid);
				if (reaper !== undefined && childrenOf(reaper).length > 0) return pss(pid) + pss(reaper);
				await new Promise<void>(resolve => setImmediate(resolve));
			}
		};
		const each = await Promise.all(panes.map(({pid}) => inner(pid)));
		print(`  ${'memory around one of twenty'.padEnd(38)} ${(each.reduce((sum, one) => sum + one, 0) / AT_ONCE).toFixed(0)} kB`);
		for (const pane of panes) process.kill(pane.pid, 'SIGKILL');
		await Promise.all(panes.map(pane => new Promise<void>(resolve => pane.onEnd(() => resolve()))));
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};
