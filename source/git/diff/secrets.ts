import {readHunkLists} from '../../core/change/diff.ts';
import {SECRET_SHAPES, type Secret, secretIn, secretsInBytes, type Unsearched} from '../../core/change/secrets.ts';
import {git} from '../process/run.ts';
import {pathspec} from './paths.ts';

/** Text files in which git found a shape that are read line by line: more of them are no accident that somebody has to be shown place by place. */
const MOST_READ = 300;
/** A file beyond this is not searched, bytes; `core.bigFileThreshold` says the same to git. */
const LARGEST = 8 * 1024 * 1024;
/** So much of what git calls binary is read at once, and in all, bytes. */
const AT_ONCE = 16 * 1024 * 1024;
const IN_ALL = 256 * 1024 * 1024;

/** No program, converter, colour or name of the repository's configuration has a say in it; a file beyond 8 MB is no text to be searched. */
const PLAIN = ['-c', 'core.bigFileThreshold=8m', 'diff', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--no-relative'];

/** What was found, the first of it, and the files that could not be searched. */
export type Searched = {readonly secrets: readonly Secret[]; readonly unsearched: readonly Unsearched[]};

/** An object that there is not. */
const NOTHING = '0000000';

type Blob = {readonly path: string; readonly from: string; readonly to: string};

/** Objects of the files that git takes for binary on either side, submodules left out: `git diff --raw --numstat -z`. */
const binariesIn = (output: string): readonly Blob[] => {
	const fields = output.split('\0');
	const blobs = new Map<string, Blob>();
	const binary: Blob[] = [];
	for (let at = 0; at < fields.length; at += 1) {
		const field = fields[at] ?? '';
		const raw = /^:\d+ (\d+) (\S+) (\S+) [A-Z]\d*$/.exec(field);
		if (raw) {
			const [, mode = '', from = '', to = ''] = raw;
			const path = fields[++at] ?? '';
			if (mode !== '160000') blobs.set(path, {path, from, to});
		} else if (field.startsWith('-\t-\t')) {
			const blob = blobs.get(field.slice(4));
			if (blob) binary.push(blob);
		}
	}
	return binary;
};

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

const sizesOf = async (folder: string, ids: readonly string[]): Promise<readonly number[]> => {
	const {stdout} = await git(folder, ['cat-file', '--batch-check=%(objectsize)'], {input: ids.map(id => `${id}\n`).join('')});
	return stdout
		.trimEnd()
		.split('\n')
		.map(line => (/^\d+$/.test(line) ? Number(line) : 0));
};

/** Contents of objects, in order; what is not there, such as the side before a new file, is empty. */
const contentsOf = async (folder: string, ids: readonly string[]): Promise<readonly Buffer[]> => {
	const {bytes} = await git(folder, ['cat-file', '--batch'], {input: ids.map(id => `${id}\n`).join('')});
	let at = 0;
	return ids.map(() => {
		const end = bytes.indexOf('\n', at);
		const [, type, size] = bytes.subarray(at, end).toString().split(' ');
		at = end + 1;
		// `ID missing` has no size.
		if (type === 'missing' || size === undefined) return Buffer.alloc(0);
		const content = bytes.subarray(at, at + Number(size));
		at += Number(size) + 1;
		return content;
	});
};

/** What git calls binary is searched as bytes: an attribute, one NUL in front or an encoding of two bytes a character would hide all of it. */
const searchBinaries = async (folder: string, binaries: readonly Blob[], most: number): Promise<Searched> => {
	if (binaries.length === 0) return {secrets: [], unsearched: []};
	const sizes = await sizesOf(
		folder,
		binaries.flatMap(({from, to}) => [from, to]),
	);
	const sized = binaries.map((blob, index) => ({...blob, before: sizes[2 * index] ?? 0, size: sizes[2 * index + 1] ?? 0}));
	const unsearched: Unsearched[] = [];
	const secrets: Secret[] = [];
	let [group, held, all]: [typeof sized, number, number] = [[], 0, 0];
	const searchGroup = async (): Promise<void> => {
		if (group.length === 0) return;
		const contents = await contentsOf(
			folder,
			group.flatMap(({from, to}) => [from, to]),
		);
		for (const [index, {path}] of group.entries()) {
			const [before, after] = [contents[2 * index] ?? Buffer.alloc(0), contents[2 * index + 1] ?? Buffer.alloc(0)];
			const found = secretsInBytes(after.toString('latin1'), before.toString('latin1'));
			for (const {kind, line} of found) if (secrets.length < most) secrets.push({file: path, line, kind});
		}
		[group, held] = [[], 0];
	};
	for (const blob of sized) {
		// What it held before is left out where that is too large to be read: then all that is there now counts as new.
		const isKnown = blob.before <= LARGEST;
		const bytes = blob.size + (isKnown ? blob.before : 0);
		if (blob.size > LARGEST || all + bytes > IN_ALL) {
			unsearched.push({file: blob.path, why: megabytes(blob.size)});
			continue;
		}
		if (held + bytes > AT_ONCE) await searchGroup();
		group.push(isKnown ? blob : {...blob, from: NOTHING});
		[held, all] = [held + bytes, all + bytes];
	}
	await searchGroup();
	return {secrets, unsearched};
};

/**
 * What a change adds that looks like a secret, at most `most`, and every file of it that could not be searched: what nobody looked into is never told
 * as clean. Git itself chooses the text files, so that a large change costs little more than a small one and none of it is left out. `allowed`:
 * patterns of paths in which nothing is taken for a secret.
 * @throws GitRefused where git cannot compare the two.
 */
export const searchSecrets = async (options: {
	folder: string;
	from: string;
	to: string;
	allowed: readonly string[];
	most: number;
	/** Only these files, all where it is left out. */
	paths?: readonly string[];
}): Promise<Searched> => {
	const {folder, from, to, allowed, most, paths: only = []} = options;
	const range = ['--end-of-options', from, to, '--'];
	const among = [
		...(only.length === 0 ? [':(top)'] : only.map(path => `:(top,literal)${path}`)),
		...allowed.map(glob => pathspec(glob, 'exclude')),
	];
	const listed = ['--name-only', '-z', '--diff-filter=d', `-G${SECRET_SHAPES}`];
	const [suspects, counts] = await Promise.all([
		git(folder, [...PLAIN, ...listed, ...range, ...among]),
		git(folder, [...PLAIN, '--raw', '--numstat', '-z', '--no-abbrev', '--diff-filter=d', ...range, ...among]),
	]);
	const paths = suspects.stdout.split('\0').filter(Boolean);
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
	const beyond = paths.slice(MOST_READ).map((file): Unsearched => ({file, why: `beyond the first ${MOST_READ} suspects`}));
	const binaries = await searchBinaries(folder, binariesIn(counts.stdout), most);
	return {secrets: [...secrets, ...binaries.secrets].slice(0, most), unsearched: [...binaries.unsearched, ...beyond].slice(0, most)};
};
