import {readBlobs} from '../../source/git/diff/blobs.ts';
import {runApart} from './apart.ts';
import {temporaryFolder} from './cleanup.ts';
import {letGitRunApart} from './git-apart.ts';
import {cleanEnvironment} from './program.ts';

/** Paths and contents of one commit; a Buffer is binary. */
export type Files = Readonly<Record<string, string | Buffer>>;

export type MergeCase = {readonly ours: string; readonly theirs: string; readonly result: string};

const bytesOf = (content: string | Buffer): Buffer => (typeof content === 'string' ? Buffer.from(content) : content);

/** A bare repository into which commits are poured, many a second: none of them needs a work tree. */
export const createMergeCases = () => {
	letGitRunApart();
	const folder = temporaryFolder('m');
	const git = (args: readonly string[], input?: Buffer): string =>
		runApart('git', args, {
			cwd: folder,
			env: cleanEnvironment({GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'}),
			...(input ? {input} : {}),
		})
			.toString()
			.trim();
	git(['init', '--quiet', '--bare', '--initial-branch=main']);
	const commit = (mark: number, files: Files, parents: readonly number[]): Buffer =>
		Buffer.concat([
			Buffer.from(`commit refs/heads/c${mark}\nmark :${mark}\ncommitter P <p@e> 1700000000 +0000\ndata 1\nc\n`),
			...parents.map((parent, at) => Buffer.from(`${at === 0 ? 'from' : 'merge'} :${parent}\n`)),
			Buffer.from('deleteall\n'),
			...Object.entries(files).flatMap(([path, content]) => [
				Buffer.from(`M 100644 inline ${path}\ndata ${bytesOf(content).length}\n`),
				bytesOf(content),
				Buffer.from('\n'),
			]),
		]);
	return {
		folder,
		git,
		/** What git itself makes of both sides: the files, with markers and the base's version where they conflict. */
		merge: async ({ours, theirs}: Pick<MergeCase, 'ours' | 'theirs'>): Promise<Files> => {
			let tree = '';
			try {
				tree = git(['-c', 'merge.conflictStyle=diff3', 'merge-tree', '--write-tree', '--name-only', '--no-messages', ours, theirs]);
			} catch (error) {
				tree = (error as {stdout: string}).stdout;
			}
			const id = tree.split('\n')[0] ?? '';
			const paths = git(['ls-tree', '-r', '--name-only', id]).split('\n').filter(Boolean);
			const contents = await readBlobs(
				folder,
				paths.map(path => `${id}:${path}`),
			);
			return Object.fromEntries(paths.map((path, at) => [path, contents[at]?.text ?? '']));
		},
		/** Commits of a merge: a base, two sides of it, and (of both) what somebody made of them. */
		pour: (base: Files, ours: Files, theirs: Files, result: Files = {}, parents: readonly number[] = [2, 3]): MergeCase => {
			const poured = [commit(1, base, []), commit(2, ours, [1]), commit(3, theirs, [1]), commit(4, result, parents)];
			git(['fast-import', '--quiet', '--force', '--done'], Buffer.concat([...poured, Buffer.from('done\n')]));
			const [, second = '', third = '', fourth = ''] = git(['rev-parse', 'c1', 'c2', 'c3', 'c4']).split('\n');
			return {ours: second, theirs: third, result: fourth};
		},
	};
};
