import {SECRET_SHAPES, type Secret, secretIn} from '../../core/change/change.ts';
import {readHunkLists} from '../../core/change/diff.ts';
import {git} from '../process/run.ts';
import {pathspec} from './paths.ts';

/** Files in which git found a shape that are read line by line: more of them are no accident that somebody has to be shown place by place. */
const MOST_READ = 300;

/** No program, converter, colour or name of the repository's configuration has a say in it; a file beyond 8 MB is no text to be searched. */
const PLAIN = ['-c', 'core.bigFileThreshold=8m', 'diff', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--no-relative'];

/** What was found, the first of it, and how many files were not searched: binary or too large ones, and those after too many others. */
export type Searched = {readonly secrets: readonly Secret[]; readonly unsearched: number};

/**
 * Lines that a change adds and that look like secrets, at most `most`. Git itself chooses the files, so that a large change costs little more than a
 * small one and none of it is left out. `allowed`: patterns of paths in which nothing is taken for a secret.
 * @throws GitRefused where git cannot compare the two.
 */
export const searchSecrets = async (options: {
	folder: string;
	from: string;
	to: string;
	allowed: readonly string[];
	most: number;
}): Promise<Searched> => {
	const {folder, from, to, allowed, most} = options;
	const range = ['--end-of-options', from, to, '--'];
	const among = [':(top)', ...allowed.map(glob => pathspec(glob, 'exclude'))];
	const listed = ['--name-only', '-z', '--diff-filter=d', `-G${SECRET_SHAPES}`];
	const [suspects, counts] = await Promise.all([
		git(folder, [...PLAIN, ...listed, ...range, ...among]),
		git(folder, [...PLAIN, '--numstat', '-z', '--diff-filter=d', ...range, ...among]),
	]);
	const paths = suspects.stdout.split('\0').filter(Boolean);
	const unsearched = counts.stdout.split('\0').filter(row => row.startsWith('-\t-\t')).length + Math.max(0, paths.length - MOST_READ);
	const secrets: Secret[] = [];
	for (const file of paths.slice(0, MOST_READ)) {
		if (secrets.length >= most) break;
		const {stdout} = await git(folder, [...PLAIN, '--patch', '--unified=0', ...range, `:(top,literal)${file}`]);
		for (const {lines} of readHunkLists(stdout).flat())
			for (const {sign, new: line, text} of lines) {
				const kind = sign === '+' ? secretIn(text) : '';
				if (kind !== '' && secrets.length < most) secrets.push({file, line, kind});
			}
	}
	return {secrets, unsearched};
};
