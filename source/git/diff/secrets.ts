import {readHunkLists} from '../../core/change/diff.ts';
import {SECRET_SHAPES, type Secret, secretIn, secretsInBytes, type Unsearched} from '../../core/change/secrets.ts';
import {git} from '../process/run.ts';
import {pathspec} from './paths.ts';

/** Limit of matching files that are read line by line. */
const MOST_READ = 300;
/** Larger files are not scanned, bytes; `core.bigFileThreshold` matches. */
const LARGEST = 8 * 1024 * 1024;
/** Limit of binary content, per read and in total, bytes. */
const AT_ONCE = 16 * 1024 * 1024;
const IN_ALL = 256 * 1024 * 1024;

/** Ignores the repository's programs, converters, colours and names; files beyond 8 MB are not searched. */
const PLAIN = ['-c', 'core.bigFileThreshold=8m', 'diff', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--no-relative'];

/** First findings, and files that could not be scanned. */
export type Searched = {readonly secrets: readonly Secret[]; readonly unsearched: readonly Unsearched[]};

/** Git's id for a missing object. */
const NOTHING = '0000000';

type Blob = {readonly path: string; readonly from: string; readonly to: string};

/** Objects of files that are binary on either side, without submodules: `git diff --raw --numstat -z`. */
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

/** Contents of objects, in order; a missing one (such as before a new file) is empty. */
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

/** Binary files are scanned as bytes: an attribute, one NUL or a two-byte encoding could hide all text. */
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
		// If the old side is too large to read, all of the new side counts as new.
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
 * Finds possible secrets that a change adds, at most `most`, and every file that could not be scanned: unscanned is never reported as
 * clean. Git preselects text files, so that large changes stay cheap and complete. `allowed`: path patterns to skip.
 * @throws GitRefused if git cannot compare the two.
 */
export const searchSecrets = async (options: {
	folder: string;
	from: string;
	to: string;
	allowed: readonly string[];
	most: number;
	/** Only these files; default all. */
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
