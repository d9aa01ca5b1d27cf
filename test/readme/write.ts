import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {GROUP_TITLES, isOverRoom, type KeyRow, OVER_ROOM, titleOf} from '../../source/ui/keymap/row.ts';
import {KEYS} from '../../source/ui/screen/keys.ts';
import {MATRIX} from '../faults/matrix.ts';
import {FOLDERS} from '../helpers/folders.ts';
import {recordSessions} from './session.ts';

const README = join(import.meta.dirname, '..', '..', 'README.md');
const GUIDE = join(import.meta.dirname, '..', '..', 'source', 'guide');

const isKeyed = ({keys}: KeyRow): boolean => keys.length > 0;
const cells = ({keys, help}: KeyRow): string => `${keys.map(key => `\`${key.replace('|', '\\|')}\``).join(' ')} | ${help}`;

/** A table of keys, two a row: what stands in the first half goes to the left. */
const section = (title: string, all: readonly KeyRow[]): string => {
	const rows = all.filter(isKeyed);
	const half = Math.ceil(rows.length / 2);
	const lines = rows.slice(0, half).map((row, index) => {
		const right = rows[half + index];
		return `| ${cells(row)} | ${right ? cells(right) : '|'} |`;
	});
	return [`## ${title[0]?.toUpperCase()}${title.slice(1)}`, '', '| key | | key | |', '|---|---|---|---|', ...lines].join('\n');
};

/** The keys: a table for each group of the room, and for each page and panel that has keys of its own. */
export const keyTable = (): string => {
	const scopes = [...new Set([...OVER_ROOM, ...KEYS.map(({scope}) => scope).filter(scope => isOverRoom(scope, KEYS)), 'type' as const])];
	return [
		...Object.entries(GROUP_TITLES).map(([group, title]) =>
			section(
				title,
				KEYS.filter(row => row.scope === 'room' && row.group === group),
			),
		),
		...scopes.flatMap(scope => {
			const rows = KEYS.filter(row => row.scope === scope);
			return rows.some(isKeyed) ? [section(titleOf(scope, KEYS), rows)] : [];
		}),
	].join('\n\n');
};

/** The folders of `source/` in the order in which they may import: a row for all that stand together in one folder. */
export const folderMap = (): string => {
	const rows: {readonly top: string; readonly parts: string[]}[] = [];
	for (const [folder, what] of FOLDERS) {
		const [top = '', ...rest] = folder.split('/');
		const part = rest.length > 0 ? `\`${rest.join('/')}\` ${what}` : what;
		const last = rows.at(-1);
		if (last?.top === top) last.parts.push(part);
		else rows.push({top, parts: [part]});
	}
	return ['| | |', '|---|---|', ...rows.map(({top, parts}) => `| \`${top}/\` | ${parts.join(' · ')} |`)].join('\n');
};

/** A table of faults a group; the tests that hold a row by their files under `test/`. */
export const faultTable = (): string => {
	const files = (heldBy: readonly (readonly [string, string])[]): string =>
		[...new Set(heldBy.map(([file]) => `\`${file.replace(/\.test\.tsx?$/, '')}\``))].join(', ');
	return MATRIX.map(([title, faults]) => {
		const rows = faults.map(({fault, does, see, kept, heldBy}) => `| ${fault} | ${does} | ${see} | ${kept} | ${files(heldBy)} |`);
		return [
			`## ${title}`,
			'',
			'| what happens | what agent-room does | what you see | what is kept | tests |',
			'|---|---|---|---|---|',
			...rows,
		].join('\n');
	}).join('\n\n');
};

/** The parts of the guide that are printed from tables of the program: in which page each stands. */
const PARTS = {
	keys: {file: join(GUIDE, 'keys.md'), write: keyTable},
	folders: {file: join(GUIDE, 'architecture.md'), write: folderMap},
	faults: {file: join(GUIDE, 'survives.md'), write: faultTable},
} as const;
type Part = keyof typeof PARTS;

const beginOf = (part: Part): string => `<!-- ${part}: written by \`npm run readme\` -->\n`;
const endOf = (part: Part): string => `\n<!-- /${part} -->`;

/** What stands in the guide between the marks of a part; '' where there are none. */
export const partOfGuide = (part: Part): string => {
	const text = readFileSync(PARTS[part].file, 'utf8');
	const [from, to] = [text.indexOf(beginOf(part)), text.indexOf(endOf(part))];
	return from < 0 || to < from ? '' : text.slice(from + beginOf(part).length, to);
};

if (process.argv[1] === import.meta.filename) {
	for (const part of Object.keys(PARTS) as Part[]) {
		const {file, write} = PARTS[part];
		const text = readFileSync(file, 'utf8');
		const from = text.indexOf(beginOf(part)) + beginOf(part).length;
		writeFileSync(file, `${text.slice(0, from)}${write()}\n${text.slice(text.indexOf(endOf(part).slice(1)))}`);
	}
	writeFileSync(README, await recordSessions(readFileSync(README, 'utf8')));
}
