/** The last bytes of a stream, however long it is. `dropped`: how many came before them. */
export type Tail = {push(bytes: Uint8Array): void; read(): {readonly bytes: Buffer; readonly dropped: number}};

/** Keeps the last `most` bytes; going on for a gigabyte costs no more than the bytes that come. */
export const createTail = (most: number): Tail => {
	let kept: Uint8Array[] = [];
	let size = 0;
	let total = 0;
	return {
		push: bytes => {
			kept.push(bytes);
			size += bytes.length;
			total += bytes.length;
			// Dropped in bulk: a shift for every piece of a flood would be a copy of the list each time.
			if (size < 4 * most) return;
			const last = Buffer.concat(kept).subarray(-most);
			kept = [Buffer.from(last)];
			size = last.length;
		},
		read: () => {
			const bytes = Buffer.concat(kept).subarray(-most);
			return {bytes, dropped: total - bytes.length};
		},
	};
};
