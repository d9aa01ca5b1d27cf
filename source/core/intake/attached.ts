/** Largest file of a human that goes with a text, bytes. */
export const LARGEST_FILE = 10 * 1024 * 1024;

/** Names a kept file in a text: the beginning of its SHA-256 and its name. */
const MARK = /\[file ([0-9a-f]{16})\/([A-Za-z0-9][A-Za-z0-9._-]{0,99})\]/g;

export type Kept = {readonly hash: string; readonly name: string};

export const markOf = ({hash, name}: Kept): string => `[file ${hash}/${name}]`;

/** A file's name as it may stand in a text and a path: harmless characters only. */
export const plainName = (name: string): string =>
	name
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/^[^A-Za-z0-9]+/, '')
		.slice(-100) || 'file';

/** The files that a text names, each once. */
export const filesIn = (text: string): readonly Kept[] => [
	...new Map([...text.matchAll(MARK)].map(([mark, hash = '', name = '']) => [mark, {hash, name}])).values(),
];

/** The text with the path of each file in the place of its mark; a mark stays where `pathOf` gives none. */
export const withPaths = (text: string, pathOf: (file: Kept) => string | undefined): string =>
	text.replace(MARK, (mark, hash: string, name: string) => pathOf({hash, name}) ?? mark);

/** Most files in one paste. */
const MOST = 10;

/** A word of a paste as a terminal writes a dropped file: quoted, escaped, as an address, or plain. */
const WORD = /'([^']*)'|"([^"]*)"|((?:\\.|[^\s'"\\])+)/g;

const pathIn = (word: string): string => {
	if (!word.startsWith('file://')) return word;
	try {
		return decodeURIComponent(word.replace(/^file:\/\/(localhost)?/, ''));
	} catch {
		return '';
	}
};

/** The absolute paths of which a paste consists; [] if it holds anything else. */
export const pathsPasted = (paste: string): readonly string[] => {
	const text = paste.trim();
	if (text.length > 8000) return [];
	const whole = pathIn(text);
	// A path with spaces that its terminal left as they are.
	if (/^\/[^'"\\\n]+$/.test(whole) && !/\s\//.test(whole)) return [whole];
	const words = [...text.matchAll(WORD)].map(([, single, double, bare]) => pathIn(single ?? double ?? bare?.replace(/\\(.)/g, '$1') ?? ''));
	const isAll = text.replace(WORD, '').trim() === '' && words.every(word => word.startsWith('/'));
	return isAll && words.length <= MOST ? words : [];
};
