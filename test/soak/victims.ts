import {type ChildProcess, fork, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {findServerBinary} from '../../source/redis/server/binary.ts';
import {type RedisProxy, startProxy} from '../helpers/proxy.ts';
import {filesOf, type Plan, type Post} from './plan.ts';
import type {Random} from './random.ts';

/** So many of the rooms that were killed do not come back: the next one is another. */
const NEVER_BACK = 0.4;

/** A process of which another life starts when one has ended. */
export type Victim = {
	readonly slot: number;
	readonly proxy: RedisProxy;
	/** The process of the moment; undefined between two lives. */
	readonly child: () => ChildProcess | undefined;
	/** Something is done to it already. */
	isBusy: boolean;
};

/** Signals the whole group of a room: the room and its agents. A group that has ended is no error. */
export const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
	try {
		if (child.pid) process.kill(-child.pid, signal);
	} catch {
		// Nobody is left in it.
	}
};

/** Keeps a room (or the submitter, slot 0) behind a proxy of its own; `end` starts no further life. */
export const keepVictim = async (
	plan: Plan,
	slot: number,
	random: Random,
	onCrash: (code: number | null) => void,
	onMessage: (message: unknown) => void,
) => {
	const files = filesOf(plan.folder);
	const proxy = await startProxy(files.redis, files.proxy(slot));
	const script = join(import.meta.dirname, plan.design === 'seed' ? 'seed-room.ts' : 'room.ts');
	const log = openSync(files.log, 'a');
	let child: ChildProcess | undefined;
	let life = 0;
	let name = String(slot);
	let isEnding = false;
	let pause: NodeJS.Timeout | undefined;
	const live = (): void => {
		const post: Post = {plan, slot, name, life: ++life};
		// A group of its own, so that its agents are continued, or ended, with it and nobody else.
		const started = fork(script, [JSON.stringify(post)], {detached: true, stdio: ['ignore', log, log, 'ipc']});
		child = started;
		started.on('message', onMessage);
		started.on('error', () => undefined);
		started.once('exit', (code, signal) => {
			// An agent that was stopped goes on, finds its room gone and ends.
			signalGroup(started, 'SIGCONT');
			child = undefined;
			if (isEnding) return;
			if (signal !== 'SIGKILL') onCrash(code);
			// Sometimes before its leases are over, sometimes when others have taken them back.
			pause = setTimeout(live, random.between(0, 2 * plan.leaseMs));
			if (random.next() < NEVER_BACK) name = `${slot}.${life}`;
		});
	};
	live();
	const victim: Victim = {slot, proxy, child: () => child, isBusy: false};
	return {
		victim,
		end: async () => {
			isEnding = true;
			clearTimeout(pause);
			const left = child;
			if (left) {
				signalGroup(left, 'SIGCONT');
				const ended = once(left, 'exit');
				if (left.connected) left.disconnect();
				const hardly = setTimeout(() => left.kill('SIGKILL'), 5000);
				await ended;
				clearTimeout(hardly);
			}
			closeSync(log);
			await proxy.close();
		},
	};
};

/** A server whose AOF is on the disk before it answers; `kill` is SIGKILL, and the same folder again soon after. */
export const keepServer = async (folder: string, random: Random) => {
	const {redis: socket} = filesOf(folder);
	const settings = {
		port: '0',
		unixsocket: socket,
		dir: folder,
		save: '',
		appendonly: 'yes',
		appendfsync: 'always',
		'notify-keyspace-events': 'Ex',
		// Rewritten often: it is killed in the middle of that, too, and does not spend the run reading its file.
		'auto-aof-rewrite-min-size': '4mb',
	};
	const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
	const binary = findServerBinary(process.env) ?? 'redis-server';
	let child: ChildProcess | undefined;
	const start = async (): Promise<void> => {
		const started = spawn(binary, args, {stdio: 'ignore'});
		child = started;
		const client = new Redis({path: socket, maxRetriesPerRequest: null, retryStrategy: () => 20, maxLoadingRetryTime: 20});
		client.on('error', () => undefined);
		await Promise.race([client.ping(), once(started, 'exit').then(() => Promise.reject(new Error('redis-server has exited')))]);
		client.disconnect();
	};
	const stop = async (): Promise<void> => {
		const running = child;
		if (!running || running.exitCode !== null || running.signalCode !== null) return;
		const ended = once(running, 'exit');
		running.kill('SIGKILL');
		await ended;
	};
	process.once('exit', () => child?.kill('SIGKILL'));
	await start();
	return {
		kill: async (): Promise<void> => {
			await stop();
			await wait(random.between(0, 300));
			await start();
		},
		stop,
	};
};
