import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cleanEnvironment} from '../helpers/program.ts';

/** A repository of some size, and plain git in it, as what the room does is measured beside it. */
export type BenchRepository = {
	readonly folder: string;
	readonly root: string;
	/** Runs git without the room's wrapper; its output. */
	git(args: readonly string[], where?: string): string;
	/** A commit on `onto` that changes some files; made without a work tree. */
	commit(onto: string, files: Readonly<Record<string, string>>): string;
	remove(): void;
};

const environment = cleanEnvironment({
	GIT_CONFIG_GLOBAL: '/dev/null',
	GIT_CONFIG_NOSYSTEM: '1',
	GIT_AUTHOR_NAME: 'Bench',
	GIT_AUTHOR_EMAIL: 'bench@example.org',
	GIT_COMMITTER_NAME: 'Bench',
	GIT_COMMITTER_EMAIL: 'bench@example.org',
});

/** Source-like text that packs as such: some hundred to some thousand bytes, the same in every run. */
const contentOf = (file: number): string =>
	Array.from(
		{length: 5 + ((file * 7919) % 75)},
		(_, line) => `export const value${file}_${line} = ${(file * 31 + line * 17) % 9973};\n`,
	).join('');

export const fileName = (file: number): string => `src/m${Math.floor(file / 100)}/f${file}.ts`;

/** A repository on branch `main` with one packed commit of `files` files. */
export const createBenchRepository = (files: number): BenchRepository => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ar-bench-git-')));
	const root = join(folder, 'project');
	mkdirSync(root);
	const git = (args: readonly string[], where = root, input?: string): string => {
		const {status, stdout, stderr} = spawnSync('git', args, {cwd: where, env: environment, encoding: 'utf8', input, maxBuffer: 2 ** 28});
		if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
		return stdout.trim();
	};
	const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
	const write = (branch: string, from: string, changed: readonly (readonly [string, string])[]): string => {
		const lines = [`commit ${branch}\n`, 'committer Bench <bench@example.org> 1700000000 +0000\n', data('bench')];
		if (from) lines.push(`from ${from}\n`);
		for (const [path, text] of changed) lines.push(`M 100644 inline ${path}\n`, data(text));
		git(['fast-import', '--quiet', '--force'], root, `${lines.join('')}\ndone\n`);
		return git(['rev-parse', branch]);
	};
	git(['init', '--quiet', '--initial-branch=main']);
	write(
		'refs/heads/main',
		'',
		Array.from({length: files}, (_, file) => [fileName(file), contentOf(file)]),
	);
	git(['reset', '--quiet', '--hard']);
	return {
		folder,
		root,
		git,
		commit: (onto, changed) => write('refs/heads/scratch', onto, Object.entries(changed)),
		remove: () => rmSync(folder, {recursive: true, force: true}),
	};
};
