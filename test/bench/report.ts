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
	/** What a bench has said that it leaves out, and why. */
	readonly leftOut: readonly string[];
	print(text: string): void;
	/** All figures with a target, once more and in one table. */
	summary(): string;
};

const JUDGED = /^ *(\S.*?) {2,}(\S.*?) {3}target (.*): (holds|MISSED)$/;
/** At the end of a title, or of the heads of columns below it; a figure of the peer stands at the end of a line of its own. */
const PEER = / of ([^\d\s]\S*(?: \S+)*)$/;
const NAMED = /^ {2}(\S.*?) {2,}/;
const LEFT_OUT = /^ *(?:(\S.*?) (?:is|are) )?left out: (.*)$/;
const BESIDE = / +([\d.]+x)(?: of (-?[\d.]+))?$/;
const TIMES = /^([\d.]+) +([\d.]+) +[\d.]+$/;
const SINGLE = /^-?[\d.]+ (\D*)$/;

/** A figure in words, its own and that of its peer in the same run; the three of a line of times are p50, p95 and p99 in ms. */
export const told = ({figure, peer}: Row): {readonly own: string; readonly beside: string} => {
	const [found = '', ratio = '', theirs] = BESIDE.exec(figure) ?? [];
	const rest = figure.slice(0, figure.length - found.length).trim();
	const times = TIMES.exec(rest);
	const own = times ? `p50 ${times[1]} ms, p95 ${times[2]} ms` : rest.replace(/ +/g, ' ');
	if (!ratio) return {own, beside: ''};
	const unit = times ? 'ms' : (SINGLE.exec(rest)?.[1] ?? '');
	return {own, beside: `${ratio}${peer && ` of ${peer}`}${theirs === undefined ? '' : ` (${`${theirs} ${unit}`.trim()})`}`};
};

/** Prints what benchmarks say and keeps the lines with a target (`stats.ts` writes them). */
export const createReport = (write: (text: string) => void): Report => {
	const rows: Row[] = [];
	const leftOut: string[] = [];
	let title = '';
	let peer = '';
	let above = '';
	return {
		rows,
		leftOut,
		print: text => {
			write(`${text}\n`);
			if (text.startsWith('\n')) {
				const [head = '', under = ''] = text.trimStart().split('\n');
				title = head.split(/ {3,}|[(,:]/)[0]?.trim() ?? '';
				peer = PEER.exec(head)?.[1] ?? PEER.exec(under)?.[1] ?? '';
			}
			for (const line of text.split('\n')) {
				const [, name = '', figure = '', target = '', word] = JUDGED.exec(line) ?? [];
				if (word)
					rows.push({title, name: line.startsWith('    ') ? `${above}: ${name}` : name, figure, peer, target, holds: word === 'holds'});
				const [, own = ''] = NAMED.exec(line) ?? [];
				if (own && !line.startsWith('    ')) above = own;
				const [isLeftOut, what = title, why] = LEFT_OUT.exec(line) ?? [];
				if (isLeftOut) leftOut.push(`${what}: ${why}`);
			}
		},
		summary: () => {
			const missed = rows.filter(({holds}) => !holds).length;
			const table = rows.map(row => {
				const {own, beside} = told(row);
				return `  ${row.holds ? '✓' : '✗'} ${row.title}: ${row.name}: ${own}${beside && `, ${beside}`}; target ${row.target}`;
			});
			return [`\n${rows.length - missed} targets hold, ${missed} are missed`, ...table].join('\n');
		},
	};
};
