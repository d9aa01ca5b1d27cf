import {type Row, told} from './report.ts';

/** What one run of one bench puts on the page. */
export type Section = {
	/** Of the bench, as people call it; the next run of the same bench replaces the section. */
	readonly title: string;
	readonly command: string;
	/** The day, the commit and the machine. */
	readonly run: string;
	/** How busy others kept the machine right before and after it, %; '' for a quiet one. */
	readonly busy: string;
	readonly rows: readonly Row[];
	readonly leftOut: readonly string[];
};

const [BEGIN, END] = ['<!-- figures -->', '<!-- end of the figures -->'];
const SUMMARY = 'Missed and left out';
const TABLE = ['| what | figure | next to it | target | |', '|---|---|---|---|---|'];

/** A `|` would end the cell. */
const cells = (...all: readonly string[]): string => `| ${all.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const textOf = ({title, command, run, busy, rows, leftOut}: Section): string =>
	[
		...[`### ${title}`, '', `\`${command}\`: ${run}.`],
		...(busy ? ['', `**${busy}** Read the ratios only: absolute figures mean nothing.`] : []),
		...(leftOut.length > 0 ? ['', ...leftOut.map(what => `- Left out: ${what}`)] : []),
		...['', ...TABLE],
		...rows.map(row => {
			const {own, beside} = told(row);
			return cells(`${row.title}: ${row.name}`, own, beside, row.target, row.holds ? 'holds' : 'missed');
		}),
	].join('\n');

/** The sections of the block by their titles. */
const readSections = (block: string): ReadonlyMap<string, string> =>
	new Map(
		block
			.split(/^(?=### )/m)
			.filter(part => part.startsWith('### '))
			.map(part => [part.split('\n')[0]?.slice('### '.length) ?? '', part.trim()]),
	);

const MISSED = /^\| (.*?) \| (.*?) \| (.*?) \| (.*?) \| missed \|$/;

/** Read from the page itself: a run of a few benches leaves the rows of the others, and what they miss. */
const summaryOf = (sections: ReadonlyMap<string, string>, order: readonly string[], leftOut: readonly string[]): string => {
	const missed = [...sections].flatMap(([title, text]) =>
		text.split('\n').flatMap(line => {
			const [found, what, own, beside, target] = MISSED.exec(line) ?? [];
			return found ? [`- Missed: ${title}: ${what}: ${beside || own}, target ${target}`] : [];
		}),
	);
	const parts = [...sections].flatMap(([title, text]) =>
		text.split('\n').flatMap(line => (line.startsWith('- Left out: ') ? [line.replace('- Left out: ', `- Left out of ${title}: `)] : [])),
	);
	const absent = order.filter(title => !sections.has(title) && !leftOut.some(line => line.startsWith(`${title}: `)));
	const list = [
		...missed,
		...parts,
		...leftOut.map(what => `- Left out: ${what}`),
		...(absent.length > 0 ? [`- Never measured here: ${absent.join(', ')}`] : []),
	];
	return [`### ${SUMMARY}`, '', ...(list.length > 0 ? list : ['Nothing.'])].join('\n');
};

/**
 * Puts sections between the marks of the guide's page, each in place of the one of the same bench; others stay as they were measured.
 * `order` names all benches: a section of none of them goes. Throws when the page has no marks.
 */
export const withFigures = (
	page: string,
	measured: readonly Section[],
	{order, leftOut}: {readonly order: readonly string[]; readonly leftOut: readonly string[]},
): string => {
	const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
	if (from < 0 || to < from) throw new Error(`the page has no place for figures (${BEGIN})`);
	const old = readSections(page.slice(from, to));
	const mine = new Map(measured.filter(({rows}) => rows.length > 0).map(section => [section.title, textOf(section)]));
	const sections = new Map(
		order.flatMap(title => {
			const text = mine.get(title) ?? old.get(title);
			return text === undefined ? [] : [[title, text] as const];
		}),
	);
	const block = [BEGIN, summaryOf(sections, order, leftOut), ...sections.values()].join('\n\n');
	return `${page.slice(0, from)}${block}\n\n${page.slice(to)}`;
};
