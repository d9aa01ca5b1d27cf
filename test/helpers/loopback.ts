import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {isRunning} from './cleanup.ts';
import type {NetworkHost, Place} from './namespaces.ts';
import {startProxy} from './proxy.ts';
import {until} from './wait.ts';

/** Programs of this machine, told apart by nothing. */
export const HERE: Place = {
	run([program, ...args], {env, log}) {
		const child = spawn(program, args, {env, stdio: ['ignore', log, log]});
		const ended = once(child, 'exit');
		return {
			child,
			kill: async () => {
				child.kill('SIGKILL');
				await ended;
			},
			freeze: async () => {
				child.kill('SIGSTOP');
				return () => void child.kill('SIGCONT');
			},
		};
	},
};

const livingIn = (folder: string): readonly number[] =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter(name => {
			try {
				return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`HOME=${folder}`);
			} catch {
				return false;
			}
		})
		.map(Number)
		.filter(isRunning);

/** Ends all whose home is this folder, each by its own pid. */
export const killAllIn = async (folder: string): Promise<void> => {
	await until(
		() => {
			const left = livingIn(folder);
			for (const pid of left) {
				try {
					process.kill(pid, 'SIGKILL');
				} catch {
					// It ended between the look and the signal.
				}
			}
			return left.length === 0;
		},
		{what: `the end of all that lives in ${folder}`},
	);
};

/**
 * A host where no namespaces are allowed: a home and a link of its own (a proxy before each port of the hub), and this machine's name and processes.
 * `ports` are those at which it finds the hub's.
 */
export const startLoopbackHost = async (
	folder: string,
	hub: readonly number[],
): Promise<NetworkHost & {readonly ports: readonly number[]; readonly leave: () => Promise<void>}> => {
	const proxies = await Promise.all(hub.map(port => startProxy(port, 0)));
	return {
		...HERE,
		ports: proxies.map(({address}) => Number(address)),
		cut: () => {
			for (const proxy of proxies) proxy.hang();
		},
		heal: () => {
			for (const proxy of proxies) proxy.restore();
		},
		kill: () => killAllIn(folder),
		leave: async () => {
			await killAllIn(folder);
			await Promise.all(proxies.map(proxy => proxy.close()));
		},
	};
};
