import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {GROUP_TITLES, isOverRoom, OVER_ROOM, titleOf} from '../../source/ui/keymap/row.ts';
import {KEYS} from '../../source/ui/screen/keys.ts';
import {FOLDERS} from '../helpers/folders.ts';

const README = join(import.meta.dirname, '..', '..', 'README.md');

const line = (title: string, rows: typeof KEYS): string =>
	`| ${title} | ${rows.map(({keys, help}) => `${keys.map(key => `\`${key}\``).join(' ')} ${help}`).join(' · ')} |`;
const isKeyed = ({keys}: (typeof KEYS)[number]): boolean => keys.length > 0;

/** The keys: a row for each group of the room, and for each page and panel that has keys of its own. */
export const keyTable = (): string =>
	[
		'| | |',
		'|---|---|',
		...Object.entries(GROUP_TITLES).map(([group, title]) =>
			line(
				title,
				KEYS.filter(row => row.scope === 'room' && row.group === group && isKeyed(row)),
			),
		),
		...[...new Set([...OVER_ROOM, ...KEYS.map(({scope}) => scope).filter(scope => isOverRoom(scope, KEYS)), 'type' as const])].flatMap(
			scope => {
				const rows = KEYS.filter(row => row.scope === scope && isKeyed(row));
				return rows.length > 0 ? [line(titleOf(scope, KEYS), rows)] : [];
			},
		),
	].join('\n');

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

const PARTS = {keys: keyTable, folders: folderMap};
const beginOf = (part: keyof typeof PARTS): string => `<!-- ${part}: \`npm run readme\` writes them from the table -->\n`;
const endOf = (part: keyof typeof PARTS): string => `\n<!-- /${part} -->`;

/** What stands in the README between the marks of a part; '' where there are none. */
export const partOfReadme = (part: keyof typeof PARTS, text = readFileSync(README, 'utf8')): string => {
	const [from, to] = [text.indexOf(beginOf(part)), text.indexOf(endOf(part))];
	return from < 0 || to < from ? '' : text.slice(from + beginOf(part).length, to);
};

if (process.argv[1] === import.meta.filename) {
	let text = readFileSync(README, 'utf8');
	for (const [part, write] of Object.entries(PARTS) as [keyof typeof PARTS, () => string][]) {
		const before = partOfReadme(part, text);
		text = text.replace(`${beginOf(part)}${before}${endOf(part)}`, () => `${beginOf(part)}${write()}${endOf(part)}`);
	}
	writeFileSync(README, text);
}
