import {spawn} from 'node:child_process';
import {appendFile, mkdir, readFile, realpath, writeFile} from 'node:fs/promises';
import {dirname, relative, resolve} from 'node:path';
import {agentName} from '../../core/agent/agent.ts';
import type {Comment, Edit} from './script.ts';
import type {Situation} from './steps.ts';

/** A reviewer's comments as submitted: `path:line: must-fix|nit: text`, one a line; free text unchanged. */
export const commentText = (comments: string | readonly Comment[] | undefined): string | undefined =>
	comments === undefined || typeof comments === 'string'
		? comments
		: comments.map(({file, line, severity, text}) => `${file}:${line}: ${severity}: ${text}`).join('\n');

export type Ran = {readonly exitCode: number; readonly output: string};

/** Runs a command in the worktree and collects its output; `signal` kills it. Exit code 127 if it could not start. */
export const runCommand = (
	argv: readonly string[],
	situation: Situation,
	signal: AbortSignal | undefined,
	onOutput: (text: string) => void = () => {},
): Promise<Ran> =>
	new Promise(done => {
		const [program = '', ...args] = argv;
		const name = agentName(situation.agent).replace(/[^A-Za-z0-9_-]/g, '-');
		const identity = {
			GIT_AUTHOR_NAME: name,
			GIT_AUTHOR_EMAIL: `${name}@agent-room`,
			GIT_COMMITTER_NAME: name,
			GIT_COMMITTER_EMAIL: `${name}@agent-room`,
		};
		const child = spawn(program, args, {
			cwd: situation.worktree,
			env: {...process.env, ...identity, GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true'},
			stdio: ['ignore', 'pipe', 'pipe'],
			...(signal ? {signal, killSignal: 'SIGKILL' as const} : {}),
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => {
				output += text;
				onOutput(text);
			});
		child.once('error', error => done({exitCode: 127, output: error.message}));
		child.once('close', code => done({exitCode: code ?? 1, output}));
	});

/** Runs `git` in the worktree; throws an Error with git's message if it fails. */
export const git = async (situation: Situation, ...args: readonly string[]): Promise<string> => {
	const ran = await runCommand(['git', ...args], situation, undefined);
	if (ran.exitCode !== 0) throw new Error(`git ${args[0] ?? ''}: ${ran.output.trim()}`);
	return ran.output;
};

export const readDiff = (situation: Situation): Promise<string> =>
	git(situation, 'diff', '--no-ext-diff', '--end-of-options', `${situation.base}...HEAD`);

export const diffSummary = (situation: Situation): Promise<string> =>
	git(situation, 'diff', '--no-ext-diff', '--shortstat', '--end-of-options', `${situation.base}...HEAD`);

/** Applies one edit. Refuses a file outside the worktree, also by a link, and a missing text. */
export const applyEdit = async (edit: Edit, situation: Situation): Promise<void> => {
	const root = await realpath(situation.worktree);
	const file = resolve(root, edit.file);
	const isOutside = (path: string): boolean => relative(root, path).startsWith('..') || relative(root, path) === '';
	if (isOutside(file)) throw new Error(`\`${edit.file}\` is outside the worktree.`);
	await mkdir(dirname(file), {recursive: true});
	if (dirname(file) !== root && isOutside(await realpath(dirname(file)))) throw new Error(`\`${edit.file}\` is outside the worktree.`);
	if (edit.write !== undefined) await writeFile(file, edit.write);
	if (edit.append !== undefined) await appendFile(file, edit.append);
	if (edit.replace === undefined) return;
	const content = await readFile(file, 'utf8').catch(() => '');
	if (!content.includes(edit.replace.from)) throw new Error(`\`${edit.file}\` holds no \`${edit.replace.from}\`.`);
	const {from, to} = edit.replace;
	await writeFile(
		file,
		content.replace(from, () => to),
	);
};

/** Commits everything; returns a message, also if there was nothing to commit. */
export const commitAll = async (message: string, situation: Situation): Promise<string> => {
	await git(situation, 'add', '-A');
	if ((await git(situation, 'status', '--porcelain')).trim() === '') return 'Nothing to commit.';
	await git(situation, 'commit', '-q', '-m', message);
	return `Committed ${(await git(situation, 'rev-parse', '--short', 'HEAD')).trim()}: ${message.split('\n')[0] ?? ''}`;
};
