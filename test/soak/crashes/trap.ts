import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {loadScript, SCRIPTS} from '../../../source/redis/scripts/table.ts';

/** As in `helpers/clock.ts`: whatever small compiler is here. */
const COMPILERS = [
	['tcc', '-nostdlib'],
	['cc', '-w', '-fPIC'],
	['gcc', '-w', '-fPIC'],
] as const;

/** Builds what is preloaded; one file serves all sweeps. */
export const buildShim = (library: string): void => {
	const source = join(import.meta.dirname, 'shim.c');
	const isBuilt = COMPILERS.some(([name, ...flags]) => spawnSync(name, [...flags, '-shared', '-o', library, source]).status === 0);
	if (!isBuilt) throw new Error('No C compiler for the sweep: `agent-room setup --with tcc` installs one.');
};

const [OFF, NOTES, KILLS] = [0, 1, 2];
const HOLDS_AT = 4;
const WINDOW_AT = 8;
const TARGET_AT = 12;
const SIZE = TARGET_AT + 1000;

/** What a client calls a script, its function in the library or its digest, and the other way round: a point names the script. */
const called = new Map(
	Object.keys(SCRIPTS).map(name => {
		const {inLibrary, sha} = loadScript(name);
		return [name, inLibrary?.function ?? sha] as const;
	}),
);
const names = new Map([...called].map(([name, word]) => [word, name]));
const withNames = (point: string): string => point.replace(/ redis:(\w+)$/, (whole, word: string) => ` redis:${names.get(word) ?? whole}`);
const withCalled = (point: string): string =>
	point.replace(/ redis:([a-z-]+)$/, (whole, name: string) => ` redis:${called.get(name) ?? whole}`);

/**
 * What happens at a point. `self`: the process that comes by is killed. `all`: it stands still until everything of the world is killed, as by a
 * power cut.
 */
export type Harm = 'self' | 'all';

/** The switch of all preloaded programs of a world. A point is `<program> <call> <class of the file>`. */
export type Trap = {
	/** What a program needs to be preloaded. */
	readonly environment: Readonly<Record<string, string>>;
	/** Nothing happens any more, and nothing has. */
	readonly off: () => void;
	/** From now on points are noted, in a list of their own. */
	readonly note: () => void;
	/** The first process that comes by this point is killed right before the call. */
	readonly arm: (point: string, harm: Harm) => void;
	/** The process that came by the armed point; 0 for none. */
	readonly hit: () => number;
	/** All points that were noted, in first-seen order. */
	readonly noted: () => readonly string[];
};

export const createTrap = (given: {
	readonly library: string;
	readonly folder: string;
	readonly root: string;
	readonly mutant: string;
}): Trap => {
	const at = (name: string): string => join(given.folder, name);
	const [map, log, hit] = [at('map'), at('points'), at('hit')];
	const order = Buffer.alloc(SIZE);
	const write = (mode: number): void => {
		order.writeInt32LE(mode, 0);
		// In place: everybody has mapped this very file.
		writeFileSync(map, order, {flag: existsSync(map) ? 'r+' : 'w'});
	};
	write(OFF);
	return {
		environment: {
			...{LD_PRELOAD: given.library, CRASH_MAP: map, CRASH_LOG: log, CRASH_HIT: hit, CRASH_ROOT: given.root},
			...{CRASH_MUTANT: given.mutant, UV_USE_IO_URING: '0'},
		},
		off: () => {
			write(OFF);
			rmSync(hit, {force: true});
		},
		note: () => {
			write(OFF);
			rmSync(log, {force: true});
			order.writeInt32LE(order.readInt32LE(WINDOW_AT) + 1, WINDOW_AT);
			write(NOTES);
		},
		arm: (point, harm) => {
			write(OFF);
			rmSync(hit, {force: true});
			order.fill(0, TARGET_AT);
			order.write(withCalled(point), TARGET_AT);
			order.writeInt32LE(harm === 'all' ? 1 : 0, HOLDS_AT);
			write(KILLS);
		},
		hit: () => (existsSync(hit) ? Number(readFileSync(hit, 'utf8')) : 0),
		noted: () => (existsSync(log) ? [...new Set(readFileSync(log, 'utf8').split('\n').filter(Boolean).map(withNames))] : []),
	};
};
