import {type FileHandle, open, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {TakenEntry} from '../../core/intake/external-workers.ts';
import {endOfCommands, follow, nothingUnseen, readCommands} from './append-log.ts';

/** Entries that were pushed and taken before a sweep could see them, since the last call. Never throws. */
export type TakenUnseen = {missed(): Promise<readonly TakenEntry[]>; close(): Promise<void>};

const CHUNK_BYTES = 1_048_576;
/** Where a file is entered: its last command is found in so much of its end, unless that is longer. */
const TAIL_BYTES = 65_536;

type Place = {readonly file: string; readonly number: number; readonly handle: FileHandle; offset: number};

/** `appendonly.aof.<number>.incr.aof`, the newest that the manifest names. */
const newestIn = async (folder: string): Promise<{readonly file: string; readonly number: number} | undefined> => {
	const manifest = await readFile(join(folder, 'appendonly.aof.manifest'), 'utf8');
	const numbers = [...manifest.matchAll(/^file appendonly\.aof\.(\d+)\.incr\.aof /gm)].map(([, number]) => Number(number));
	return numbers.length === 0 ? undefined : fileOf(folder, Math.max(...numbers));
};

const fileOf = (folder: string, number: number): {readonly file: string; readonly number: number} => ({
	file: join(folder, `appendonly.aof.${number}.incr.aof`),
	number,
});

/**
 * Follows the append-only file of the private server in `folder`. What a waiting BRPOP is handed in the moment of the push is in no list that a
 * script could read, but the server writes both commands to this file before it answers either. Costs one read of what was written since.
 */
export const followTaken = (folder: string, namespace: string, log: (line: string) => void): TakenUnseen => {
	const files = join(folder, 'appendonlydir');
	const keys = new Set([`${namespace}:tasks:pending`, `${namespace}:tasks:priority`, `${namespace}:tasks:intake`]);
	let unseen = nothingUnseen();
	let place: Place | undefined;
	let told = '';
	let isClosed = false;

	/** Reads whole commands up to the end, a chunk at a time. */
	const readOn = async (at: Place): Promise<void> => {
		for (let longest = CHUNK_BYTES; ; ) {
			const left = (await at.handle.stat()).size - at.offset;
			if (left <= 0) return;
			const bytes = Buffer.allocUnsafe(Math.min(longest, left));
			const {bytesRead} = await at.handle.read(bytes, 0, bytes.length, at.offset);
			const {commands, length} = readCommands(bytes.subarray(0, bytesRead), keys);
			for (const command of commands) follow(unseen, command);
			at.offset += length;
			if (left <= longest) return;
			// One command that is longer than a chunk.
			if (length === 0) longest *= 2;
		}
	};
	/** Enters at the end: a file may have many megabytes, and all in it was seen by an earlier room, or is in the list. */
	const toEnd = async (at: Place): Promise<void> => {
		const {size} = await at.handle.stat();
		for (let length = TAIL_BYTES; length < size; length *= 8) {
			const tail = Buffer.allocUnsafe(length);
			const {bytesRead} = await at.handle.read(tail, 0, length, size - length);
			const end = endOfCommands(tail.subarray(0, bytesRead));
			if (end === undefined) continue;
			at.offset = size - length + end;
			return;
		}
		await readOn(at);
	};
	const leave = async (): Promise<void> => {
		const left = place;
		place = undefined;
		unseen = nothingUnseen();
		await left?.handle.close();
	};
	const enter = async ({file, number}: {readonly file: string; readonly number: number}): Promise<Place> => {
		await place?.handle.close();
		place = {file, number, handle: await open(file), offset: 0};
		return place;
	};
	const look = async (): Promise<readonly TakenEntry[]> => {
		if (!place) {
			const newest = await newestIn(files);
			if (newest) await toEnd(await enter(newest));
			unseen = nothingUnseen(unseen.isOurs);
			return [];
		}
		// A server that starts again cuts off a command that it did not finish.
		if ((await place.handle.stat()).size < place.offset) await leave();
		if (!place) return look();
		await readOn(place);
		for (;;) {
			// A rewrite continues in the next file; the old one is read to its end first.
			const next = fileOf(files, place.number + 1);
			if (!(await isThere(next.file))) break;
			await readOn(place);
			await readOn(await enter(next));
		}
		const missed = unseen.taken;
		unseen.taken = [];
		if ((await place.handle.stat()).nlink === 0) await leave();
		return missed;
	};

	let last: Promise<readonly TakenEntry[]> = Promise.resolve([]);
	return {
		missed: () => {
			last = last.then(async () => {
				if (isClosed) return [];
				try {
					return await look();
				} catch (error) {
					const words = error instanceof Error ? error.message : String(error);
					if (words !== told) log(`cannot follow what external workers take: ${words}`);
					told = words;
					await leave().catch(() => undefined);
					return [];
				}
			});
			return last;
		},
		close: async () => {
			isClosed = true;
			await last;
			await leave().catch(() => undefined);
		},
	};
};

const isThere = (file: string): Promise<boolean> =>
	stat(file).then(
		() => true,
		() => false,
	);
