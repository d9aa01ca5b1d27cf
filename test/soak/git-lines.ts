import {type ChildProcessByStdio, execFile, spawn} from 'node:child_process';
import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {promisify} from 'node:util';

const run = promisify(execFile);
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A git command that stays and answers lines with lines: thousands of objects and refs without thousands of processes. */
const stay = (repository: string, args: readonly string[]) => {
	let child: ChildProcessByStdio<Writable, Readable, null> | undefined;
	let waiting: {readonly count: number; readonly lines: string[]; readonly done: (lines: string[] | undefined) => void}[] = [];
	const open = (): ChildProcessByStdio<Writable, Readable, null> => {
		const opened = spawn('git', ['-c', 'core.fsync=none', '-C', repository, ...args], {stdio: ['pipe', 'pipe', 'ignore']});
		child = opened;
		let rest = '';
		opened.stdin.on('error', () => undefined);
		opened.stdout.setEncoding('utf8').on('data', (data: string) => {
			const lines = (rest + data).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				const first = waiting[0];
				first?.lines.push(line);
				if (first && first.lines.length >= first.count) waiting.shift()?.done(first.lines);
			}
		});
		opened.once('close', () => {
			if (child === opened) child = undefined;
			const left = waiting;
			waiting = [];
			for (const one of left) one.done(undefined);
		});
		return opened;
	};
	/** Undefined where git refused, which ends it; the next question starts another. */
	return (question: string, count: number): Promise<string[] | undefined> =>
		new Promise(done => {
			const {stdin} = child ?? open();
			waiting.push({count, lines: [], done});
			stdin.write(question);
		});
};

/** The bare repository in which accepted work lands: one ref a task, made once. */
export const createRepository = async (repository: string): Promise<void> => {
	await run('git', ['init', '--quiet', '--bare', repository]);
	await run('git', ['-C', repository, 'hash-object', '-t', 'tree', '-w', '/dev/null']);
};

/** Writes the commit of one attempt, which names task and token; returns its id. */
export const createCommits = (repository: string, scratch: string, name: string) => {
	const ask = stay(repository, ['hash-object', '-t', 'commit', '-w', '--no-filters', '--stdin-paths']);
	let number = 0;
	return async (task: string, token: string): Promise<string> => {
		const file = join(scratch, `${name}-${++number}`);
		const who = `soak <soak@localhost> ${Math.floor(Date.now() / 1000)} +0000`;
		writeFileSync(file, `tree ${EMPTY_TREE}\nauthor ${who}\ncommitter ${who}\n\nDo ${task}\n\nRoom-Task: ${task}\nRoom-Token: ${token}\n`);
		const [commit] = (await ask(`${file}\n`, 1)) ?? [];
		rmSync(file, {force: true});
		if (!commit) throw new Error(`git wrote no commit for ${task}`);
		return commit;
	};
};

/**
 * Lands a commit as `refs/tasks/<id>`: made by a compare-and-swap against nothing, so that no second landing can hide behind the first.
 * Returns the commit that the ref has then, which is another's where somebody was faster with other work.
 */
export const createMerging = (repository: string) => {
	const ask = stay(repository, ['update-ref', '--stdin']);
	let last: Promise<unknown> = Promise.resolve();
	const mergeCandidate = async (task: string, commit: string): Promise<string> => {
		for (let attempt = 1; ; attempt++) {
			const answer = await ask(`start\ncreate refs/tasks/${task} ${commit}\ncommit\n`, 2);
			if (answer?.[1] === 'commit: ok') return commit;
			const {stdout} = await run('git', ['-C', repository, 'for-each-ref', '--format=%(objectname)', `refs/tasks/${task}`]);
			if (stdout.trim()) return stdout.trim();
			// Two guardians met at the ref's lock file: neither may have landed.
			if (attempt === 100) throw new Error(`git does not land ${task}`);
		}
	};
	/** One transaction at a time. */
	return (task: string, commit: string): Promise<string> => {
		const merged = last.then(() => mergeCandidate(task, commit));
		last = merged.catch(() => undefined);
		return merged;
	};
};
