import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {gitArguments, gitEnvironment} from './git-command.ts';

/** From this many objects on they stay together in their pack, as a fetch would keep them. */
const KEEP_PACKED = 200;

type Git = ChildProcessByStdio<Writable, Readable, null>;

/** Longer takes no such pack: then one of them hangs. */
const PATIENCE_MS = 600_000;

const start = (folder: string, args: readonly string[]): Git =>
	spawn('git', gitArguments(args), {cwd: folder, env: gitEnvironment(), stdio: ['pipe', 'pipe', 'ignore'], timeout: PATIENCE_MS});

const ended = (git: Git): Promise<boolean> =>
	new Promise(resolve => {
		git.once('error', () => resolve(false));
		git.once('close', code => resolve(code === 0));
	});

/**
 * Lets git in one folder pack what revisions reach, and git in another, with these arguments, read the pack; a large one is kept as it
 * is instead. True when both have ended well.
 */
export const sendPack = async (
	from: {readonly folder: string; readonly revisions: readonly string[]},
	to: string,
	args: readonly string[],
): Promise<boolean> => {
	const packing = start(from.folder, ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset']);
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
