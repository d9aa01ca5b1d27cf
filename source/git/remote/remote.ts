import {join} from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {oneLine} from '../../core/text/quote.ts';
import {slug} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {type GitResult, git} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';

/** The remote branch that is the base: the remote's name in the user's repository, and the branch. */
export type Remote = {
	readonly name: string;
	readonly branch: string;
	/** The prefix under which the team's rooms exchange commits; '' for a single room. */
	readonly shared: string;
	/** Another remote, a fork, that takes the branches of pull requests and the team's commits; undefined if this one does. */
	readonly pushTo?: string;
};

/** Where branches of pull requests and the team's commits are pushed. */
export const pushedTo = ({name, pushTo}: Pick<Remote, 'name' | 'pushTo'>): string => pushTo ?? name;

/** The team's own ref names on the remote: no branch or tag, and not fetched by a clone. */
export const sharedPrefix = (namespace: string): string => `refs/agent-room/${slug(namespace)}/`;

/** Returns the display name, such as `origin/main`. */
export const remoteBase = ({name, branch}: Remote): string => oneLine(`${name}/${branch}`, 120);

type Named = {readonly remotes: ReadonlySet<string>; readonly values: ReadonlyMap<string, string>};

const readRemotes = async (root: string): Promise<Named> => {
	const {stdout} = await git(root, ['config', '--null', '--get-regexp', '^(remote\\..*\\.url|branch\\..*\\.(remote|merge))$'], {
		accept: [1],
	});
	const values = new Map(
		stdout
			.split('\0')
			.filter(Boolean)
			.map(entry => {
				const end = entry.indexOf('\n');
				return end < 0 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)];
			}),
	);
	const remotes = [...values.keys()].flatMap(key => /^remote\.(.+)\.url$/s.exec(key)?.[1] ?? []);
	return {remotes: new Set(remotes), values};
};

/** Returns the remote that the base follows, else `origin`, else the only one; '' if there is none of these. Only reads configuration. */
export const remoteOf = async (root: string, base: string): Promise<string> => {
	const {remotes, values} = await readRemotes(root);
	const known = [values.get(`branch.${base}.remote`) ?? '', 'origin'].find(name => remotes.has(name));
	return known ?? (remotes.size === 1 ? ([...remotes][0] ?? '') : '');
};

/** Whether the base has an upstream: a branch of a remote that it follows. Only reads configuration. */
export const hasUpstream = async (root: string, base: string): Promise<boolean> => {
	const {remotes, values} = await readRemotes(root);
	return remotes.has(values.get(`branch.${base}.remote`) ?? '');
};

/** Safe as a git argument: no option and no address. */
const isName = (name: string): boolean => /^[^-\s/:\p{Cc}][^\s:\p{Cc}]*$/u.test(name);

/**
 * Finds the remote that merges are pushed to: the configured one, else the base's upstream, else `origin`. Only reads configuration.
 * @throws GitRefused `no-remote`: there is none of that name.
 */
export const findRemote = async ({root}: Pick<Repository, 'root'>, base: string, configured?: string): Promise<Remote> => {
	const {remotes, values} = await readRemotes(root);
	const followed = values.get(`branch.${base}.remote`) ?? '';
	const name = configured ?? (remotes.has(followed) ? followed : 'origin');
	if (!remotes.has(name) || !isName(name))
		throw configured === undefined
			? new GitRefused(
					'no-remote',
					`\`merge: push\` needs a remote, and \`${oneLine(base)}\` follows none`,
					'Add one: `git remote add origin URL`. Or set `merge: local` in agent-room.yaml.',
				)
			: new GitRefused(
					'no-remote',
					`there is no remote \`${oneLine(name)}\``,
					'Correct `remote:` in agent-room.yaml; `git remote` lists them.',
				);
	const branch = name === followed ? (/^refs\/heads\/(.+)$/.exec(values.get(`branch.${base}.merge`) ?? '')?.[1] ?? base) : base;
	return {name, branch, shared: ''};
};

/**
 * The remote that takes the branches of pull requests: only reads configuration.
 * @throws GitRefused `no-remote`: there is none of that name.
 */
export const findFork = async ({root}: Pick<Repository, 'root'>, name: string): Promise<string> => {
	const {remotes} = await readRemotes(root);
	if (remotes.has(name) && isName(name)) return name;
	throw new GitRefused(
		'no-remote',
		`there is no remote \`${oneLine(name)}\``,
		`Add your fork: \`git remote add ${oneLine(name)} URL\`. Or correct \`pushTo:\` in agent-room.yaml.`,
	);
};

/** The address that git uses for a remote of the user's repository, '' if it has none. Only reads configuration. */
export const remoteAddress = async ({root}: Pick<Repository, 'root'>, {name}: Pick<Remote, 'name'>): Promise<string> =>
	isName(name) ? (await git(root, ['remote', 'get-url', '--', name], {accept: [1, 2, 128]})).stdout.trim() : '';

/** How git talks to a remote: with the room's own objects and the user's addresses and logins. */
export type RemotePlace = {readonly repository: Pick<Repository, 'root' | 'commonDir'>; readonly clone: string; readonly remote: Remote};

/** Runs a git command on the remote; relative addresses resolve as for the user's git. Exit codes 1 and 128 are answers. */
export const askRemote = ({repository: {root, commonDir}, clone}: RemotePlace, args: readonly string[]): Promise<GitResult> =>
	git(root, args, {env: {GIT_DIR: clone}, network: {configFile: join(commonDir, 'config')}, accept: [1, 128, -1]});

/** Lines without the cause: advice, progress, consequences. */
const IDLE = /^(?:hint:|To |warning:|error: failed to push|Please make sure|and the repository exists|[A-Z][\w ]*: +\d+%)/;

const found = (lines: readonly string[], pattern: RegExp): readonly string[] =>
	lines.flatMap(line => pattern.exec(line)?.[1]?.trim() || []);

/** The remote's or else git's explanation: one clean line. */
export const remoteWords = ({stdout, stderr}: Pick<GitResult, 'stdout' | 'stderr'>): string => {
	const lines = stripVTControlCharacters(stderr).split(/[\n\r]+/);
	const words = [
		found(lines, /^remote: (?:(?:error|fatal): )?(.*)$/),
		found(stdout.split('\n'), /^!\t[^\t]*\t(.*)$/),
		found(
			lines.filter(line => !IDLE.test(line)),
			/^(?:(?:error|fatal): )?(.*)$/,
		),
	].find(some => some.length > 0);
	return oneLine((words ?? ['git did not say why']).map(word => word.replace(/[.:]$/, '')).join('; '), 300);
};
