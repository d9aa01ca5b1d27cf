import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {GROUP_TITLES, OVER_ROOM, SCOPE_TITLES} from '../../source/ui/key-row.ts';
import {KEYS} from '../../source/ui/keys.ts';

const README = join(import.meta.dirname, '..', '..', 'README.md');
const [BEGIN, END] = ['<!-- keys: `npm run readme` writes them from the table -->', '<!-- /keys -->'];

const line = (title: string, rows: typeof KEYS): string =>
	`| ${title} | ${rows.map(({keys, help}) => `${keys.map(key => `\`${key}\``).join(' ')} ${help}`).join(' · ')} |`;
const isKeyed = ({keys}: (typeof KEYS)[number]): boolean => keys.length > 0;

/** The keys of the README: a row for each group of the room, and for each page and panel that has keys of its own. */
export const readmeKeys = (): string =>
	[
		BEGIN,
		'| | |',
		'|---|---|',
		...Object.entries(GROUP_TITLES).map(([group, title]) =>
			line(
				title,
				KEYS.filter(row => row.scope === 'room' && row.group === group && isKeyed(row)),
			),
		),
		...[...OVER_ROOM, 'type' as const].flatMap(scope => {
			const rows = KEYS.filter(row => row.scope === scope && isKeyed(row));
			return rows.length > 0 ? [line(SCOPE_TITLES[scope], rows)] : [];
		}),
		END,
	].join('\n');

/** What stands in the README now. */
export const keysInReadme = (): string => {
	const text = readFileSync(README, 'utf8');
	const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
	return from < 0 || to < from ? '' : text.slice(from, to + END.length);
};

if (process.argv[1] === import.meta.filename) {
	const text = readFileSync(README, 'utf8');
	writeFileSync(README, text.replace(keysInReadme(), readmeKeys));
}
