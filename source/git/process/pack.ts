import type {Marker} from '../../os/process-table.ts';
import {marked} from './environment.ts';
import {openQuarantine} from './quarantine.ts';
import {type StartedGit, startGit} from './start.ts';
import {weigh} from './weigh.ts';

/** From this many objects on the pack is kept whole, as in a fetch. */
const KEEP_PACKED = 200;

const ended = (git: StartedGit): Promise<boolean> =>
	new Promise(resolve => {
		git.once('error', () => resolve(false));
		git.once('close', code => resolve(code === 0));
	});

/** Source of a pack: what revisions reach in our or the user's repository, and in untrusted objects. */
export type PackSource = {
	readonly folder: string;
	readonly revisions: readonly string[];
	/**
	 * A worktree with untrusted programs: only object files of its `.git` are read, and nothing is trusted, since the reader recomputes every
	 * name. `isPacked`: its packs too, which git must index first. Each new commit is weighed beside `base` ('' for none), and refused if it would be
	 * too large when checked out.
	 */
	readonly stranger?: {
		readonly worktree: string;
		readonly isPacked: boolean;
		readonly wanted: readonly string[];
		readonly base: string;
		readonly mostBytes: number;
	};
};

/** Untrusted packs are indexed here: their own index could lie. */
const indexPacks = async (folder: string, packs: readonly string[], environment: Readonly<Record<string, string>>): Promise<boolean> => {
	for (const pack of packs) {
		const indexing = startGit(folder, ['index-pack', pack], environment);
		indexing.stdin.on('error', () => {}).end();
		indexing.stdout.resume();
		if (!(await ended(indexing))) return false;
	}
	return true;
};

/**
 * Lets git in `to`, with these arguments, read a pack of what revisions reach elsewhere. True if both succeeded. All have the marker.
 * @throws GitRefused `too-large`, before anything is sent.
 */
export const sendPack = async (from: PackSource, to: string, args: readonly string[], marker?: Marker): Promise<boolean> => {
	const own = marked(marker);
	if (!from.stranger) return pipePack(from, to, args, {packing: own, taking: own});
	const {worktree, isPacked, wanted, base, mostBytes} = from.stranger;
	const quarantine = openQuarantine({store: from.folder, worktree, withPacks: isPacked});
	const environment = {...own, GIT_OBJECT_DIRECTORY: quarantine.objects};
	try {
		if (!(await indexPacks(from.folder, quarantine.packs, environment))) return false;
		const objects = {store: from.folder, quarantine, environment: own};
		const weighed = await weigh(objects, {wanted, base, mostBytes, isAnew: isPacked});
		if (!weighed) return false;
		// The second time everything is sent, whatever the store seems to have.
		const revisions = isPacked ? from.revisions : [...from.revisions, ...weighed.known.map(commit => `^${commit}`)];
		// Git finds some faults only after it has written the objects: what it refused must not be in the store, where a commit counts as complete.
		const taking = {...own, GIT_OBJECT_DIRECTORY: quarantine.taken};
		if (!(await pipePack({...from, revisions}, to, args, {packing: environment, taking}))) return false;
		quarantine.release(weighed.commits);
		weighed.keep();
		return true;
	} finally {
		quarantine.close();
	}
};

/** Pipes a pack of what revisions reach from one git to another with these arguments; a large one is kept. True if both succeeded. */
const pipePack = async (
	from: PackSource,
	to: string,
	args: readonly string[],
	environment: {readonly packing: Readonly<Record<string, string>>; readonly taking: Readonly<Record<string, string>>},
): Promise<boolean> => {
	const packing = startGit(from.folder, ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset'], environment.packing);
	const take = (command: readonly string[]): {git: StartedGit; isTaken: Promise<boolean>} => {
		const git = startGit(to, command, environment.taking);
		// The packer would wait forever for a dead reader (disk full).
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
