import {fork} from 'node:child_process';
import {GitRefused} from './refused.ts';
import {type GitOptions, type GitResult, type GitRunner, runGitHere, runGitThrough} from './run.ts';

/** A numbered command for the git process. */
export type GitOrder = {readonly id: number; readonly folder: string; readonly args: readonly string[]; readonly options: GitOptions};

/** Its answer: git's output, or the refusal. `stdout` is decoded from `bytes` by the receiver. */
export type GitAnswer = {readonly id: number} & (
	| {readonly ok: true; readonly code: number; readonly bytes: Buffer; readonly stderr: string}
	| {readonly ok: false; readonly code: string; readonly message: string; readonly hint: string}
);

type Waiting = {readonly resolve: (result: GitResult) => void; readonly reject: (error: Error) => void};

const settle = ({resolve, reject}: Waiting, answer: GitAnswer): void => {
	if (!answer.ok) {
		reject(new GitRefused(answer.code, answer.message, answer.hint));
		return;
	}
	const {code, bytes, stderr} = answer;
	resolve({code, stdout: bytes.toString(), stderr, bytes});
};

/**
 * Lets a small process run git. A fork copies the parent's page tables and blocks it: 0.7 ms at 50 MB, 8 ms in a room with 350 MB of
 * screens, and a task needs dozens. Before its start and after its end this process runs git itself; commands it was running fail like a
 * killed git. Returns a function that ends it after its current work, and resolves when it has ended; the end of this process does too.
 */
export const startGitProcess = ({node, programFile}: {readonly node: string; readonly programFile: string}): (() => Promise<void>) => {
	const child = fork(programFile, ['git'], {
		execPath: node,
		execArgv: [],
		serialization: 'advanced',
		stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
	});
	const waiting = new Map<number, Waiting>();
	let next = 0;
	/** Keeps this process alive only while an answer is due. */
	const hold = (): void => {
		if (waiting.size > 0) child.channel?.ref();
		else child.channel?.unref();
	};
	const run: GitRunner = (folder, args, options) =>
		new Promise((resolve, reject) => {
			const id = next++;
			waiting.set(id, {resolve, reject});
			hold();
			const order: GitOrder = {id, folder, args, options};
			child.send(order, error => {
				// It was never sent, so nothing ran.
				if (error && waiting.delete(id)) runGitHere(folder, args, options).then(resolve, reject);
			});
		});
	child.on('message', (message: 'ready' | GitAnswer) => {
		if (message === 'ready') {
			runGitThrough(run);
			return;
		}
		const asked = waiting.get(message.id);
		waiting.delete(message.id);
		if (asked) settle(asked, message);
		hold();
	});
	const over = (): void => {
		runGitThrough(undefined, run);
		for (const {reject} of waiting.values()) reject(new GitRefused('git-failed', 'git: the process that ran it has ended'));
		waiting.clear();
	};
	const ended = new Promise<void>(resolve => {
		for (const event of ['error', 'exit'] as const) {
			child.once(event, () => {
				over();
				resolve();
			});
		}
	});
	child.unref();
	hold();
	return () => {
		runGitThrough(undefined, run);
		if (child.connected) child.disconnect();
		return ended;
	};
};
