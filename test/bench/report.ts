import {readFileSync, writeFileSync} from 'node:fs';
import {loadavg} from 'node:os';

/** One figure that has a target. */
export type Row = {
	readonly title: string;
	readonly name: string;
	readonly figure: string;
	/** What the ratio, where there is one, is a ratio to. */
	readonly peer: string;
	readonly target: string;
	readonly holds: boolean;
};

export type Report = {
	/** The figures with a target that were printed so far. */
	readonly rows: readonly Row[];
	print(text: string): void;
	/** All figures with a target, once more and in one table. */
	summary(): string;
	/** Puts the table between the marks of a Markdown file. */
	writeTable(file: string, machine: string): void;
};

const JUDGED = /^ *(\S.*?) {2,}(\S.*?) {3}target (.*): (holds|MISSED)$/;
const NAMED = /^ {2}(\S.*?) {2,}/;
const THREE = /^([\d.]+) +([\d.]+) +[\d.]+(?: +([\d.]+x))?$/;
const [BEGIN, END] = ['<!-- figures -->', '<!-- end of the figures -->'];

export const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

/** A figure in words: the three of a line of times are p50, p95 and p99 in ms. */
const told = (text: string, peer: string): string => {
	const times = THREE.exec(text);
	const of = peer && ` of ${peer}`;
	if (times) return `p50 ${times[1]} ms, p95 ${times[2]} ms${times[3] ? `, ${times[3]}${of}` : ''}`;
	return text.replace(/ +([\d.]+x)$/, `, $1${of}`).replace(/ +/g, ' ');
};

/** Prints what benchmarks say and keeps the lines with a target (`stats.ts` writes them). */
export const createReport = (write: (text: string) => void): Report => {
	const rows: Row[] = [];
	let title = '';
	let peer = '';
	let above = '';
	return {
		rows,
		print: text => {
			write(`${text}\n`);
			if (text.startsWith('\n')) {
				const [head = ''] = text.trimStart().split('\n');
				title = head.split(/ {3,}|[(,:]/)[0]?.trim() ?? '';
				peer = / of ((?:\S+ ?)+)$/.exec(text.split('\n').at(-1) ?? '')?.[1] ?? '';
			}
			for (const line of text.split('\n')) {
				const [, name = '', figure = '', target = '', word] = JUDGED.exec(line) ?? [];
				if (word)
					rows.push({title, name: line.startsWith('    ') ? `${above}: ${name}` : name, figure, peer, target, holds: word === 'holds'});
				const [, own = ''] = NAMED.exec(line) ?? [];
				if (own) above = own;
			}
		},
		summary: () => {
			const missed = rows.filter(({holds}) => !holds).length;
			const table = rows.map(
				row => `  ${row.holds ? '✓' : '✗'} ${row.title}: ${row.name}: ${told(row.figure, row.peer)}; target ${row.target}`,
			);
			return [`\n${rows.length - missed} targets hold, ${missed} are missed`, ...table].join('\n');
		},
		writeTable: (file, machine) => {
			const text = readFileSync(file, 'utf8');
			const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
			if (from < 0 || to < from) throw new Error(`\`${file}\` has no place for figures (${BEGIN})`);
			const table = rows.map(
				row => `| ${row.title}: ${row.name} | ${told(row.figure, row.peer)} | ${row.target} | ${row.holds ? 'holds' : 'missed'} |`,
			);
			const lines = [BEGIN, machine, '', '| what | figure | target | |', '|---|---|---|---|', ...table, ''];
			writeFileSync(file, `${text.slice(0, from)}${lines.join('\n')}${text.slice(to)}`);
		},
	};
};
