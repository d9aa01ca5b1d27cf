import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {gitArguments, gitEnvironment} from './environment.ts';
import {openQuarantine} from './quarantine.ts';

/** From this many objects on they stay together in their pack, as a fetch would keep them. */
const KEEP_PACKED = 200;

type Git = ChildProcessByStdio<Writable, Readable, null>;

/** Longer takes no such pack: then one of them hangs. */
const PATIENCE_MS = 600_000;

const start = (folder: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Git =>
	spawn('git', gitArguments(args), {
		cwd: folder,
		env: {...gitEnvironment(), ...more},
		stdio: ['pipe', 'pipe', 'ignore'],
		timeout: PATIENCE_MS,
	});

const ended = (git: Git): Promise<boolean> =>
	new Promise(resolve => {
		git.once('error', () => resolve(false));
		git.once('close', code => resolve(code === 0));
	});

/** Where a pack comes from: what revisions reach in a repository of ours or a human's, and in the objects of a stranger's besides. */
export type PackSource = {
	readonly folder: string;
	readonly revisions: readonly string[];
	/**
	 * A worktree in which a stranger's programs write: of its `.git` the files of objects are taken, and nothing of it is believed, since
	 * whoever reads the pack computes every name again. `isPacked`: its packs too, which git has to index first.
	 */
	readonly stranger?: {readonly worktree: string; readonly isPacked: boolean};
};

/** Packs that a stranger brought are indexed here: an index of its own could say anything. */
const indexPacks = async (folder: string, packs: readonly string[], environment: Readonly<Record<string, string>>): Promise<boolean> => {
	for (const pack of packs) {
		const indexing = start(folder, ['index-pack', pack], environment);
		indexing.stdin.on('error', () => {}).end();
		indexing.stdout.resume();
		if (!(await ended(indexing))) return false;
	}
	return true;
};

/** Lets git in the folder `to`, with these arguments, read a pack of what revisions reach elsewhere. True when both have ended well. */
export const sendPack = async (from: PackSource, to: string, args: readonly string[]): Promise<boolean> => {
	if (!from.stranger) return pipePack(from, to, args, {});
	const {worktree, isPacked} = from.stranger;
	const quarantine = openQuarantine({store: from.folder, worktree, withPacks: isPacked});
	const environment = {GIT_OBJECT_DIRECTORY: quarantine.objects};
	try {
		return (await indexPacks(from.folder, quarantine.packs, environment)) && (await pipePack(from, to, args, environment));
	} finally {
		quarantine.close();
	}
};

/**
 * Lets git in one folder pack what revisions reach, and git in another, with these arguments, read the pack; a large one is kept as it
 * is instead. True when both have ended well.
 */
const pipePack = async (
	from: PackSource,
	to: string,
	args: readonly string[],
	environment: Readonly<Record<string, string>>,
): Promise<boolean> => {
	const packing = start(from.folder, ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset'], environment);
	const take = (command: readonly string[]): {git: Git; isTaken: Promise<boolean>} => {
		const git = start(to, command);
		// Who packs would wait for ever for a taker that is gone (the disk is full, say).
		git.stdin.on('error', () => taker.git === git && packing.kill());
		git.stdout.resume();
		return {git, isTaken: ended(git)};
	};
	let taker = take(args);
	const isPacked = ended(packing);
	packing.stdin.on('error', () => {}).end([...from.revisions, ''].join('\n'));

	let first = Buffer.alloc(0);
	const begin = (chunk: Buffer): void => {
		first = Buffer.concat([first, chunk]);
		if (first.length < 12) return;
		packing.stdout.off('data', begin);
		if (first.readUInt32BE(8) > KEEP_PACKED) {
			taker.git.kill();
			taker = take(['index-pack', '--stdin', '--strict']);
		}
		taker.git.stdin.write(first);
		packing.stdout.pipe(taker.git.stdin);
	};
	packing.stdout.on('data', begin).once('end', () => {
		if (first.length < 12) taker.git.stdin.end();
	});
	return (await isPacked) && (await taker.isTaken);
};
