import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Limits} from '../core/agent/sandbox.ts';
import {formatSize} from '../core/text/format.ts';

/** Folders where process groups can be created: one for both limits with cgroup v2, one each with v1. */
export type Groups = {readonly version: 1 | 2; readonly memory?: string; readonly processes?: string};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return '';
	}
};

const lines = (file: string): readonly string[] => read(file).split('\n').filter(Boolean);

/** Mount point of a hierarchy: by its option for v1, '' for v2. */
const mountOf = (controller: string): string | undefined =>
	lines('/proc/self/mountinfo')
		.map(line => {
			const [left = '', right = ''] = line.split(' - ');
			const [type = '', , options = ''] = right.split(' ');
			return {place: left.split(' ')[4] ?? '', type, options: options.split(',')};
		})
		.find(({type, options}) => (controller === '' ? type === 'cgroup2' : type === 'cgroup' && options.includes(controller)))?.place;

const ownGroup = (controller: string): string =>
	lines('/proc/self/cgroup')
		.map(line => line.split(':'))
		.find(([, controllers = '']) => (controller === '' ? controllers === '' : controllers.split(',').includes(controller)))
		?.slice(2)
		.join(':') ?? '/';

/** Whether a group with this file can be created below. */
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

/** The nearest group, from this process's own upwards, below which a group with that file can be created. */
const nearest = (mount: string, own: string, file: string): string | undefined => {
	for (let folder = join(mount, own); folder.startsWith(mount); folder = dirname(folder)) {
		if (existsSync(folder) && canMake(folder, file)) return folder;
		if (folder === mount) return undefined;
	}
	return undefined;
};

/** What the system lets the user limit; found once, by creating and removing a group. */
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

/** Limits that cannot be enforced here, in words. The room itself watches the disk. */
export const notEnforced = (limits: Limits, groups: Groups | undefined): readonly string[] => [
	...(limits.memory !== undefined && !groups?.memory ? ['memory'] : []),
	...(limits.processes !== undefined && !groups?.processes ? ['processes'] : []),
];

export type Held = {
	/** Wrapper command that runs the rest within the limits. */
	readonly prefix: readonly string[];
	/** The limit that was reached, in words; '' for none. */
	exceeded(): string;
	/** All processes must have left. */
	close(): Promise<void>;
};

/**
 * Enters the groups, sets the file size limit, and execs the command: none of its processes is ever outside. Fails if a group cannot be
 * entered.
 */
const ENTER = [
	'[ -z "$1" ] || ulimit -f "$1" || exit 125',
	'groups=$2; shift 2',
	'while [ "$groups" -gt 0 ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; groups=$((groups - 1)); done',
	'exec "$@"',
].join('\n');

const counter = (file: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(read(file))?.[1] ?? 0);

const nameFor = (stateFolder: string): string => `agent-room-${createHash('sha256').update(stateFolder).digest('hex').slice(0, 12)}-`;

/** Removes groups left by an earlier run of this room. */
export const sweepGroups = (groups: Groups | undefined, stateFolder: string): void => {
	for (const folder of new Set([groups?.memory, groups?.processes])) {
		if (folder === undefined) continue;
		for (const name of readdirSync(folder).filter(each => each.startsWith(nameFor(stateFolder)))) {
			try {
				rmdirSync(join(folder, name));
			} catch {
				// Still in use: the next start tries again.
			}
		}
	}
};

/** Creates the limits of an attempt (`name`), as far as the system can. Throws an Error if a group cannot be created. */
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
						// Its last process is still exiting.
						await wait(25);
					}
				}
			}
		},
	};
};
