import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {dirname} from 'node:path';
import {promisify} from 'node:util';
import {onTestFinished} from 'vitest';
import {addressOf} from '../../source/redis/server/credentials.ts';
import type {TestRoom} from './engine.ts';
import {until} from './wait.ts';

export type ExternalProcesses = {
	/** Redis as somebody outside types it; resolves with what redis-cli printed. */
	types(...words: readonly string[]): Promise<string>;
	/** A worker that waits for work with this command, in a process of its own. */
	waits(...words: readonly string[]): Promise<Waiting>;
};
export type Waiting = {
	/** Resolves once it was handed something, with all that it printed. */
	readonly handed: Promise<string>;
	/** SIGKILL. */
	dies(): void;
};

/** Real redis-cli processes at the given server. */
export const externalProcessesOf = ({
	socketPath,
	username,
	password,
}: {
	readonly socketPath: string;
	readonly username?: string;
	readonly password?: string;
}): ExternalProcesses => {
	const prefix = ['-s', socketPath, ...(username ? ['--user', username] : [])];
	const env = {...process.env, ...(password ? {REDISCLI_AUTH: password} : {})};
	const types = async (...words: readonly string[]) => (await promisify(execFile)('redis-cli', [...prefix, ...words], {env})).stdout.trim();
	const blocked = async () => Number(/blocked_clients:(\d+)/.exec(await types('INFO', 'clients'))?.[1]);
	return {
		types,
		waits: async (...words) => {
			const before = await blocked();
			const child: ChildProcess = spawn('redis-cli', [...prefix, ...words], {env, stdio: ['ignore', 'pipe', 'ignore']});
			const dies = () => void child.kill('SIGKILL');
			onTestFinished(dies);
			let printed = '';
			child.stdout?.on('data', chunk => {
				printed += String(chunk);
			});
			await until(async () => printed !== '' || (await blocked()) > before, {what: `${words[0]} waits`});
			return {handed: until(() => printed !== '', {what: `${words[0]} is handed something`}).then(() => printed.trim()), dies};
		},
	};
};

/** At the private server of a running room. */
export const externalProcessesAt = ({store}: Pick<TestRoom, 'store'>): ExternalProcesses => {
	const {socketPath, username, password} = addressOf(dirname(store.getSnapshot().redis.address));
	return externalProcessesOf({socketPath, ...(username ? {username} : {}), ...(password ? {password} : {})});
};
