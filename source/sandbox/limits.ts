import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Limits} from '../core/agent/sandbox.ts';
import {formatSize} from '../core/text/format.ts';

/** The folders in which groups of processes can be made: one for both with cgroup v2, one for each with v1. */
export type Groups = {readonly version: 1 | 2; readonly memory?: string; readonly processes?: string};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return '';
	}
};

const lines = (file: string): readonly string[] => read(file).split('\n').filter(Boolean);

/** Where a hierarchy is mounted: by a word of its options for v1, '' for v2. */
const mountOf = (controller: string): string | undefined =>
	lines('/proc/self/mountinfo')
		.map(line => {
			const [left = '', right = ''] = line.split(' - ');
			const [type = '', , options = ''] = right.split(' ');
			return {place: left.split(' ')[4] ?? '', type, options: options.split(',')};
		})
		.find(({type, options}) => (controller === '' ? type === 'cgroup2' : type === 'cgroup' && options.includes(controller)))?.place;

/** Where this process is in a hierarchy. */
const ownGroup = (controller: string): string =>
	lines('/proc/self/cgroup')
		.map(line => line.split(':'))
		.find(([, controllers = '']) => (controller === '' ? controllers === '' : controllers.split(',').includes(controller)))
		?.slice(2)
		.join(':') ?? '/';

/** Can a group be made below, with this file in it? */
const canMake = (folder: string, file: string): boolean => {
	const group = join(folder, `agent-room-try-${process.pid}`);
	try {
		mkdirSync(group);
	} catch {
		return false;
	}
	try {
		return existsSync(join(group, file));
	} finally {
		rmdirSync(group);
	}
};

/** The nearest folder above this process in which a group with that file can be made. */
const nearest = (mount: string, own: string, file: string): string | undefined => {
	for (let folder = join(mount, own); folder.startsWith(mount); folder = dirname(folder)) {
		if (existsSync(folder) && canMake(folder, file)) return folder;
		if (folder === mount) return undefined;
	}
	return undefined;
};

/** What this system lets the user limit: looked for once, by making a group and removing it. */
export const findGroups = (): Groups | undefined => {
	const unified = mountOf('');
	const both = unified && nearest(unified, ownGroup(''), 'memory.max');
	if (both) return {version: 2, memory: both, processes: both};
	const of = (controller: string, file: string): string | undefined => {
		const mount = mountOf(controller);
		return mount && nearest(mount, ownGroup(controller), file);
	};
	const [memory, processes] = [of('memory', 'memory.limit_in_bytes'), of('pids', 'pids.max')];
	return memory || processes ? {version: 1, ...(memory ? {memory} : {}), ...(processes ? {processes} : {})} : undefined;
};

/** Limits that nothing here can hold, in words. The disk is watched by the room itself. */
export const notEnforced = (limits: Limits, groups: Groups | undefined): readonly string[] => [
	...(limits.memory !== undefined && !groups?.memory ? ['memory'] : []),
	...(limits.processes !== undefined && !groups?.processes ? ['processes'] : []),
];

/** The groups of one attempt. */
export type Held = {
	/** The beginning of a command that runs the rest of it within the limits. */
	readonly prefix: readonly string[];
	/** Which limit was met, in words; '' for none. */
	exceeded(): string;
	/** Nobody may be in them any more. */
	close(): Promise<void>;
};

/**
 * Enters the groups, sets how large a file may get, and becomes the command: no process of it is ever outside. What cannot be entered is not run
 * without.
 */
const ENTER = [
	'[ -z "$1" ] || ulimit -f "$1" || exit 125',
	'groups=$2; shift 2',
	'while [ "$groups" -gt 0 ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; groups=$((groups - 1)); done',
	'exec "$@"',
].join('\n');

const counter = (file: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(read(file))?.[1] ?? 0);

const nameFor = (stateFolder: string): string => `agent-room-${createHash('sha256').update(stateFolder).digest('hex').slice(0, 12)}-`;

/** Groups that an earlier life of this room has left. */
export const sweepGroups = (groups: Groups | undefined, stateFolder: string): void => {
	for (const folder of new Set([groups?.memory, groups?.processes])) {
		if (folder === undefined) continue;
		for (const name of readdirSync(folder).filter(each => each.startsWith(nameFor(stateFolder)))) {
			try {
				rmdirSync(join(folder, name));
			} catch {
				// Somebody is in it still: the next start looks again.
			}
		}
	}
};

/** Holds what will run to its limits, as far as this system can. `name` is the attempt's own. Throws an Error with a sentence where a group cannot be made. */
export const holdTo = (
	limits: Limits,
	groups: Groups | undefined,
	{stateFolder, name}: {readonly stateFolder: string; readonly name: string},
): Held => {
	const {memory, processes, disk} = limits;
	const own = `${nameFor(stateFolder)}${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
	const made: string[] = [];
	const group = (folder: string | undefined): string | undefined => {
		if (folder === undefined) return undefined;
		const path = join(folder, own);
		if (!made.includes(path)) {
			mkdirSync(path, {recursive: true});
			made.push(path);
		}
		return path;
	};
	const isV2 = groups?.version === 2;
	const inMemory = memory === undefined ? undefined : group(groups?.memory);
	const inProcesses = processes === undefined ? undefined : group(groups?.processes);
	const set = (folder: string, file: string, value: string): void => {
		if (existsSync(join(folder, file))) writeFileSync(join(folder, file), value);
	};
	if (inMemory !== undefined) {
		set(inMemory, isV2 ? 'memory.max' : 'memory.limit_in_bytes', String(memory));
		set(inMemory, isV2 ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes', isV2 ? '0' : String(memory));
		if (isV2) set(inMemory, 'memory.oom.group', '1');
	}
	if (inProcesses !== undefined) set(inProcesses, 'pids.max', String(processes));
	const blocks = disk === undefined ? '' : String(Math.floor(disk / 512));
	return {
		prefix: made.length === 0 && blocks === '' ? [] : ['/bin/sh', '-c', ENTER, 'sh', blocks, String(made.length), ...made],
		exceeded: () => {
			if (inMemory !== undefined && counter(join(inMemory, isV2 ? 'memory.events' : 'memory.oom_control'), 'oom_kill') > 0)
				return `it needed more than its ${formatSize(memory ?? 0)} of memory`;
			if (inProcesses !== undefined && counter(join(inProcesses, 'pids.events'), 'max') > 0)
				return `it started more than its ${processes} processes`;
			return '';
		},
		close: async () => {
			for (const path of made) {
				for (let tries = 0; tries < 20 && existsSync(path); tries += 1) {
					try {
						rmdirSync(path);
					} catch {
						// Its last process is being buried.
						await wait(25);
					}
				}
			}
		},
	};
};
