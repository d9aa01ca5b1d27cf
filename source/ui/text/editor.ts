/** A text and its cursor, in UTF-16 units between characters. */
export type Editor = {
	readonly text: string;
	readonly cursor: number;
	/** All of it is selected: what is typed next replaces it, and moving the cursor keeps it. */
	readonly isSelected?: true;
};

export const emptyEditor: Editor = {text: '', cursor: 0};

/** Limit of a field's characters; the rest is dropped. */
const MOST = 20_000;

const before = (text: string, cursor: number): number => cursor - ([...text.slice(0, cursor)].at(-1)?.length ?? 0);
const after = (text: string, cursor: number): number => cursor + ([...text.slice(cursor, cursor + 2)][0]?.length ?? 0);

/** Inserts text at the cursor; line breaks become blanks in single-line fields, other control characters are dropped. */
export const insert = (editor: Editor, added: string, isMultiLine = false): Editor => {
	const {text, cursor} = editor.isSelected ? emptyEditor : editor;
	const clean = added
		.replace(/\r\n?/g, '\n')
		.replace(isMultiLine ? /(?!\n)\p{Cc}/gu : /\p{Cc}/gu, character => (character === '\n' || character === '\t' ? ' ' : ''))
		.slice(0, Math.max(0, MOST - text.length))
		.toWellFormed();
	return {text: text.slice(0, cursor) + clean + text.slice(cursor), cursor: cursor + clean.length};
};

/** A text that a field opens with: typing replaces it. */
export const selected = (text: string): Editor => ({text, cursor: text.length, ...(text === '' ? {} : {isSelected: true})});

const ERASING: ReadonlySet<string> = new Set(['backspace', 'delete', 'ctrl+d', 'ctrl+w', 'ctrl+u', 'ctrl+k']);

/** The editor after a key; undefined if it is no editing key. */
export const edit = (editor: Editor, key: string, text: string, isMultiLine = false): Editor | undefined => {
	const {cursor} = editor;
	const whole = editor.text;
	const replace = (from: number, to: number): Editor => ({text: whole.slice(0, from) + whole.slice(to), cursor: from});
	const lineStart = whole.lastIndexOf('\n', cursor - 1) + 1;
	const lineEnd = whole.indexOf('\n', cursor) === -1 ? whole.length : whole.indexOf('\n', cursor);
	if (editor.isSelected && ERASING.has(key)) return emptyEditor;
	switch (key) {
		case 'backspace':
			return replace(before(whole, cursor), cursor);
		case 'delete':
		case 'ctrl+d':
			return replace(cursor, after(whole, cursor));
		case 'ctrl+w':
			return replace(whole.slice(0, cursor).replace(/\S*\s*$/, '').length, cursor);
		case 'ctrl+u':
			return replace(lineStart, cursor);
		case 'ctrl+k':
			return replace(cursor, lineEnd);
		case 'left':
			return {text: whole, cursor: before(whole, cursor)};
		case 'right':
			return {text: whole, cursor: after(whole, cursor)};
		case 'home':
		case 'ctrl+a':
			return {text: whole, cursor: lineStart};
		case 'end':
		case 'ctrl+e':
			return {text: whole, cursor: lineEnd};
		case 'enter':
		case 'ctrl+j':
			return isMultiLine ? insert(editor, '\n', true) : undefined;
		default:
			return text && key !== 'tab' ? insert(editor, text, isMultiLine) : undefined;
	}
};
