import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {gitArguments, gitEnvironment} from './run.ts';

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
 * Copies the objects of `wanted` from one repository into another, by one small pack that is checked object by object as it comes in:
 * its content, its form, and that everything it points to is there. What the commits `known` reach stays at home: both sides hold them
 * whole. It does in two processes what a fetch does in six.
 * @returns false where one of them refuses (a commit that either side does not have, say): then a fetch may still do, or says why not.
 */
export const sendObjects = async (
	from: string,
	to: string,
	{wanted, known}: {wanted: readonly string[]; known: readonly string[]},
): Promise<boolean> => {
	const packing = start(from, ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset']);
	const take = (args: readonly string[]): {git: Git; isTaken: Promise<boolean>} => {
		const git = start(to, args);
		// Who packs would wait for ever for a taker that is gone (the disk is full, say).
		git.stdin.on('error', () => packing.kill());
		git.stdout.resume();
		return {git, isTaken: ended(git)};
	};
	let taker = take(['unpack-objects', '-q', '--strict']);
	const isPacked = ended(packing);
	packing.stdin.on('error', () => {}).end([...wanted, ...known.map(commit => `^${commit}`), ''].join('\n'));

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
