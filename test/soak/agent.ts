import {spawn} from 'node:child_process';
import {join} from 'node:path';

/** One agent's process. It lives on while its room is stopped, and dies alone. */
export type Agent = {
	readonly id: string;
	/** Resolves when it has said the token, false when it died before. */
	readonly work: (task: string, token: string, stage: string, ms: number) => Promise<boolean>;
	readonly kill: () => void;
	/** SIGSTOP, and SIGCONT after so long. */
	readonly stop: (ms: number) => void;
	readonly isAlive: () => boolean;
};

export const startAgent = (id: string, ledger: string, onDeath: () => void): Agent => {
	const child = spawn(join(import.meta.dirname, 'agent.sh'), [ledger, id], {stdio: ['pipe', 'pipe', 'ignore']});
	let current: {readonly token: string; readonly done: (hasFinished: boolean) => void} | undefined;
	let rest = '';
	let isAlive = true;
	child.stdin.on('error', () => undefined);
	child.stdout.setEncoding('utf8').on('data', (data: string) => {
		const lines = (rest + data).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) if (line === current?.token) current.done(true);
	});
	child.once('close', () => {
		isAlive = false;
		current?.done(false);
		onDeath();
	});
	return {
		id,
		work: (task, token, stage, ms) =>
			new Promise(resolve => {
				current = {token, done: resolve};
				if (isAlive) child.stdin.write(`${task} ${token} ${stage} ${(ms / 1000).toFixed(3)}\n`);
				else resolve(false);
			}),
		kill: () => void child.kill('SIGKILL'),
		stop: ms => {
			child.kill('SIGSTOP');
			setTimeout(() => child.kill('SIGCONT'), ms);
		},
		isAlive: () => isAlive,
	};
};
