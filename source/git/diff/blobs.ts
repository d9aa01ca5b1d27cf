import {git} from '../process/run.ts';

/** A path's object and content; `text` is '' if unreadable as text, `id` is '' if missing. */
export type Content = {readonly kind: 'text' | 'binary' | 'missing'; readonly id: string; readonly text: string};

/** Larger files are not read, bytes. */
const LARGEST = 8 * 1024 * 1024;
/** Git calls a file binary if its first 8,000 bytes contain a NUL. */
const LOOKED_AT = 8000;

const MISSING: Content = {kind: 'missing', id: '', text: ''};

const read = (id: string, bytes: Buffer): Content =>
	bytes.length > LARGEST || bytes.subarray(0, LOOKED_AT).includes(0)
		? {kind: 'binary', id, text: ''}
		: {kind: 'text', id, text: bytes.toString()};

/** Reads contents in order, by object id or `commit:path`, in one process. A non-file (submodule, folder) is missing. */
export const readBlobs = async (folder: string, names: readonly string[]): Promise<readonly Content[]> => {
	if (names.length === 0) return [];
	const {bytes} = await git(folder, ['cat-file', '--batch', '-z'], {input: names.map(name => `${name}\0`).join('')});
	let at = 0;
	return names.map(name => {
		const head = `${name} missing\n`;
		if (bytes.subarray(at, at + Buffer.byteLength(head)).equals(Buffer.from(head))) {
			at += Buffer.byteLength(head);
			return MISSING;
		}
		const end = bytes.indexOf('\n', at);
		const [id = '', type, size] = bytes.subarray(at, end).toString().split(' ');
		const content = bytes.subarray(end + 1, end + 1 + Number(size));
		at = end + Number(size) + 2;
		return type === 'blob' ? read(id, content) : MISSING;
	});
};
