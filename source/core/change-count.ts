/** What a branch, or a landed task, changes: files, and lines that were added and removed (of text; a binary file counts as a file). */
export type ChangeCount = {readonly files: number; readonly added: number; readonly removed: number};

/** `+84 -12`. */
export const linesText = ({added, removed}: ChangeCount): string => `+${added} -${removed}`;

/** `+84 -12 · 3 files`. */
export const changeText = (count: ChangeCount): string => `${linesText(count)} · ${count.files} ${count.files === 1 ? 'file' : 'files'}`;
