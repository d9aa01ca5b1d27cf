import {fork} from 'node:child_process';
import {GitRefused} from './refused.ts';
import {type GitOptions, type GitResult, type GitRunner, runGitHere, runGitThrough} from './run.ts';

/** One command for the process that runs git, by a number of ours. */
export type GitOrder = {readonly id: number; readonly folder: string; readonly args: readonly string[]; readonly options: GitOptions};

/** Its answer: what git printed, or the refusal. `stdout` as text is made of `bytes` where it arrives. */
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
 * Lets a small process run git for this one. Starting a process copies the page tables of whoever starts it and keeps it from everything
 * else meanwhile: 0.7 ms in a process of 50 MB, 8 ms in a room with 350 MB of screens, and a task takes dozens of gits. Until the small
 * process is up, and from its end on, this one runs git itself: what it was at work on then fails as a git that was killed does. The
 * returned function ends it, once what it is running on is done; so does the end of this process.
 */
export const startGitProcess = ({node, programFile}: {readonly node: string; readonly programFile: string}): (() => void) => {
	const child = fork(programFile, ['git'], {
		execPath: node,
		execArgv: [],
		serialization: 'advanced',
		stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
	});
	const waiting = new Map<number, Waiting>();
	let next = 0;
	/** It holds this process open only while an answer is due. */
	const waitReason = (): void => {
		if (waiting.size > 0) child.channel?.ref();
		else child.channel?.unref();
	};
	const run: GitRunner = (folder, args, options) =>
		new Promise((resolve, reject) => {
			const id = next++;
			waiting.set(id, {resolve, reject});
			waitReason();
			const order: GitOrder = {id, folder, args, options};
			child.send(order, error => {
				// It never got there: nothing was run.
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
		waitReason();
	});
	const over = (): void => {
		runGitThrough(undefined);
		for (const {reject} of waiting.values()) reject(new GitRefused('git-failed', 'git: the process that ran it has ended'));
		waiting.clear();
	};
	child.once('error', over);
	child.once('exit', over);
	child.unref();
	waitReason();
	return () => {
		runGitThrough(undefined);
		if (child.connected) child.disconnect();
	};
};
