import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {type FileHandle, link, open, readdir, readFile, rename, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import * as z from 'zod';
import {foldJournal, JOURNAL_VERSION, type JournalChange, type JournalHead, type JournalState} from '../../core/team/journal.ts';

/**
 * The contents of a journal. `size`: bytes up to the end of its last whole record. `damaged`: earlier records with a wrong checksum; the rest is
 * used. `refused`: it is not for this program, and must not be written.
 */
export type JournalRead =
	| {readonly kind: 'none'}
	| {readonly kind: 'read'; readonly state: JournalState; readonly size: number; readonly damaged: number}
	| {readonly kind: 'refused'; readonly message: string; readonly hint: string};

/** Digits of the checksum before each record. */
const SUM = 16;
const sumOf = (json: string | Buffer): string => createHash('sha1').update(json).digest('hex').slice(0, SUM);

/** One record as a line: the checksum of the JSON text, a blank, and the text. */
export const encodeRecord = (record: JournalHead | JournalChange): Buffer => {
	const json = JSON.stringify(record);
	return Buffer.from(`${sumOf(json)} ${json}\n`);
};

const fields = z.record(z.string(), z.string());
const headSchema = z.object({
	journal: z.number(),
	repository: z.string(),
	namespace: z.string(),
	epoch: z.number(),
	nonces: z.array(z.string()),
});
const changeSchema = z.object({
	at: z
		.string()
		.regex(/^\d+-\d+$/)
		.optional(),
	tasks: z.record(z.string(), fields).optional(),
	features: z.record(z.string(), fields).optional(),
	control: fields.optional(),
});

const parsed = (line: Buffer): unknown => {
	const json = line.subarray(SUM + 1);
	if (line.length < SUM + 2 || line[SUM] !== 0x20 || line.toString('latin1', 0, SUM) !== sumOf(json)) return undefined;
	try {
		return JSON.parse(json.toString());
	} catch {
		return undefined;
	}
};

/** The version in a first line, whatever its checksum, which a newer program may compute in another way. 0 for none. */
const versionOf = (line: Buffer): number => Number(/"journal":(\d{1,9})[,}]/.exec(line.toString('latin1', 0, 200))?.[1] ?? 0);

/** Reads the text of a journal. An incomplete last line was cut off by a crash and is ignored, as is all that follows the last whole one. */
export const readRecords = (bytes: Buffer): {head: JournalHead | undefined; changes: JournalChange[]; size: number; damaged: number} => {
	let head: JournalHead | undefined;
	const changes: JournalChange[] = [];
	let [from, size, damaged, bad] = [0, 0, 0, 0];
	for (let end = bytes.indexOf(0x0a, from); end >= 0; from = end + 1, end = bytes.indexOf(0x0a, from)) {
		const record = parsed(bytes.subarray(from, end));
		const first = from === 0 ? headSchema.safeParse(record) : undefined;
		const change = first?.success ? undefined : changeSchema.safeParse(record);
		if (first?.success) head = first.data;
		else if (record !== undefined && change?.success && from > 0) changes.push(change.data as JournalChange);
		else {
			bad++;
			continue;
		}
		damaged = bad;
		size = end + 1;
	}
	return {head, changes, size, damaged};
};

/**
 * Reads a journal: `none` if it is missing or has no whole record. `isSame`: whether an identity is this repository's. Throws if the file cannot be
 * read.
 */
export const readJournal = async (file: string, isSame: (identity: string) => Promise<boolean>): Promise<JournalRead> => {
	let bytes: Buffer;
	try {
		bytes = await readFile(file);
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {kind: 'none'};
		throw error;
	}
	const version = versionOf(bytes.subarray(0, 200));
	const aside = 'Move it away, and agent-room begins a new one.';
	if (version > JOURNAL_VERSION)
		return {
			kind: 'refused',
			message: `The journal \`${file}\` was written by a newer agent-room (version ${version}, this one reads ${JOURNAL_VERSION}).`,
			hint: `Update agent-room. ${aside}`,
		};
	const {head, changes, size, damaged} = readRecords(bytes);
	if (head && !(await isSame(head.repository)))
		return {
			kind: 'refused',
			message: `The journal \`${file}\` belongs to another repository (root commit \`${head.repository.slice(0, 12)}\`).`,
			hint: aside,
		};
	return size === 0 ? {kind: 'none'} : {kind: 'read', state: foldJournal(head, changes), size, damaged};
};

/**
 * Appends records after the first `size` bytes; resolves with the new size, when they are on disk. The next append cuts off what a failed one has
 * left.
 */
export const appendRecords = async (file: string, size: number, records: readonly JournalChange[]): Promise<number> => {
	// Never created here: a missing journal is written whole.
	const handle = await open(file, constants.O_RDWR);
	try {
		const {size: there} = await handle.stat();
		if (there < size) throw new Error(`\`${file}\` was cut off by somebody else`);
		if (there > size) await handle.truncate(size);
		const bytes = Buffer.concat(records.map(encodeRecord));
		await writeAll(handle, bytes, size);
		await handle.datasync();
		return size + bytes.length;
	} finally {
		await handle.close();
	}
};

const writeAll = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
	for (let done = 0; done < bytes.length; ) {
		const {bytesWritten} = await handle.write(bytes, done, bytes.length - done, at + done);
		done += bytesWritten;
	}
};

/** A rename is on disk only once its folder is; some file systems cannot sync a folder. */
const syncFolder = async (folder: string): Promise<void> => {
	const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
	await handle?.sync().catch(() => undefined);
	await handle?.close();
};

/**
 * Writes a whole journal under another name, then replaces the old one, which survives a crash or a full disk. `isGood` is asked when all of it is
 * on disk; false keeps the old one too. Resolves with the new size, undefined if it was not good.
 */
export const replaceJournal = async (
	file: string,
	head: JournalHead,
	changes: AsyncIterable<JournalChange>,
	isGood: () => Promise<boolean>,
): Promise<number | undefined> => {
	const draft = `${file}.new`;
	const handle = await open(draft, 'w', 0o600);
	let size = 0;
	try {
		const write = async (record: JournalHead | JournalChange): Promise<void> => {
			const bytes = encodeRecord(record);
			await writeAll(handle, bytes, size);
			size += bytes.length;
		};
		await write(head);
		for await (const change of changes) await write(change);
		await handle.sync();
	} catch (error) {
		await rm(draft, {force: true}).catch(() => undefined);
		throw error;
	} finally {
		await handle.close();
	}
	if (!(await isGood())) {
		await rm(draft, {force: true});
		return undefined;
	}
	await rename(draft, file);
	await syncFolder(dirname(file));
	return size;
};

/** Journals of earlier data that are kept. */
const KEPT = 3;

/**
 * Keeps a copy of a journal that is about to be replaced (`NAME.TIME`), and the last two of before. Later writes do not change the copy. Never
 * throws.
 */
export const keepAside = async (file: string): Promise<void> => {
	const [folder, name] = [dirname(file), basename(file)];
	await link(file, `${file}.${Date.now()}`).catch(() => undefined);
	const aside = (await readdir(folder).catch(() => [])).filter(
		other => /^\d+$/.test(other.slice(name.length + 1)) && other.startsWith(`${name}.`),
	);
	for (const old of aside.toSorted().slice(0, -KEPT)) await rm(join(folder, old), {force: true}).catch(() => undefined);
};
