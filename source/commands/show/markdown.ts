/** Width in cells, and whether code and headings are coloured. */
export type MarkdownStyle = {readonly columns: number; readonly isColoured: boolean};

type Block =
	| {readonly kind: 'heading'; readonly level: number; readonly text: string}
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'item'; readonly marker: string; readonly depth: number; readonly text: string}
	| {readonly kind: 'code'; readonly lines: readonly string[]}
	| {readonly kind: 'table'; readonly rows: readonly (readonly string[])[]};

const INDENT = 2;
const GAP = 2;
/** Longer code may be broken at a blank. */
const UNBROKEN = 50;

/** Marks in unpainted text; `KEPT` is a non-breaking blank. */
const [CODE, CODE_END, BOLD, BOLD_END, KEPT] = ['\u0001', '\u0002', '\u0003', '\u0004', '\u0005'];

/** A link to a page names the command that shows it; others name their address. */
const linkText = (text: string, target: string): string => {
	const page = /^([\w-]+)\.(?:md|txt)(?:#.*)?$/.exec(target)?.[1];
	const command = `agent-room help ${page}`;
	if (page === undefined) return text === target ? text : `${text} (${target})`;
	return text.replaceAll('`', '') === command ? `\`${command}\`` : `${text} (\`${command}\`)`;
};

const inline = (text: string): string =>
	text
		.replaceAll('\\|', '|')
		.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, words: string, target: string) => linkText(words, target))
		.replace(/`([^`]+)`/g, (_, code: string) => `${CODE}${code.length > UNBROKEN ? code : code.replaceAll(' ', KEPT)}${CODE_END}`)
		.replace(/\*\*([^*]+)\*\*/g, `${BOLD}$1${BOLD_END}`);

const paint = (line: string, {isColoured}: MarkdownStyle): string => {
	const painted = isColoured
		? line.replaceAll(CODE, '\x1b[36m').replaceAll(CODE_END, '\x1b[39m').replaceAll(BOLD, '\x1b[1m').replaceAll(BOLD_END, '\x1b[22m')
		: line.replace(new RegExp(`[${CODE}${CODE_END}]`, 'g'), '`').replace(new RegExp(`[${BOLD}${BOLD_END}]`, 'g'), '');
	return painted.replaceAll(KEPT, ' ').trimEnd();
};

const widthOf = (text: string, {isColoured}: MarkdownStyle): number =>
	[...text.replace(new RegExp(isColoured ? `[${CODE}${CODE_END}${BOLD}${BOLD_END}]` : `[${BOLD}${BOLD_END}]`, 'g'), '')].length;

/** Lines of at most `width` cells; a longer word gets its own line. */
const wrapped = (text: string, width: number, style: MarkdownStyle): readonly string[] => {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ').filter(Boolean)) {
		const longer = line ? `${line} ${word}` : word;
		if (line && widthOf(longer, style) > width) {
			lines.push(line);
			line = word;
		} else line = longer;
	}
	return [...lines, line];
};

const cellsOf = (row: string): readonly string[] =>
	row
		.trim()
		.replace(/^\||\|$/g, '')
		.split(/(?<!\\)\|/)
		.map(cell => inline(cell.trim()));

const readBlocks = (source: string): readonly Block[] => {
	const blocks: Block[] = [];
	const lines = source.replace(/<!--[\s\S]*?-->\n?/g, '').split('\n');
	for (let index = 0; index < lines.length; index++) {
		const line = lines[index] ?? '';
		/** This line and the following ones that belong to it. */
		const take = (isMore: (next: string) => boolean): readonly string[] => {
			const taken = [line];
			while (index + 1 < lines.length && isMore(lines[index + 1] ?? '')) taken.push(lines[++index] ?? '');
			return taken;
		};
		const heading = /^(#+) (.*)/.exec(line);
		const item = /^( *)(-|\d+\.) (.*)/.exec(line);
		if (line.trim() === '') continue;
		if (line.startsWith('```')) {
			blocks.push({kind: 'code', lines: take(next => !next.startsWith('```')).slice(1)});
			index++;
		} else if (heading) blocks.push({kind: 'heading', level: heading[1]?.length ?? 1, text: inline(heading[2] ?? '')});
		else if (line.startsWith('|')) {
			const rows = take(next => next.startsWith('|')).filter(row => !/^[|\s:-]+$/.test(row) || /\w/.test(row));
			blocks.push({kind: 'table', rows: rows.map(cellsOf)});
		} else if (/^ {4}/.test(line) && !item) {
			const code = take((next): boolean => /^ {4}/.test(next) || next.trim() === '').map(row => row.slice(4));
			blocks.push({kind: 'code', lines: code.join('\n').trimEnd().split('\n')});
		} else {
			const words = take(next => next.trim() !== '' && !/^( *(-|\d+\.) |#|\||```)/.test(next)).map(row => row.trim().replace(/^> ?/, ''));
			if (item) {
				const [, before = '', marker = '-'] = item;
				const text = inline([item[3] ?? '', ...words.slice(1)].join(' '));
				blocks.push({kind: 'item', marker, depth: Math.floor(before.length / 2), text});
			} else blocks.push({kind: 'text', text: inline(words.join(' '))});
		}
	}
	return blocks;
};

/** Column widths of a table within `room`: narrow ones keep theirs, the others share the rest. Undefined if a word would not fit. */
const columnsOf = (rows: readonly (readonly string[])[], room: number, style: MarkdownStyle): readonly number[] | undefined => {
	const count = Math.max(...rows.map(row => row.length));
	const cells = (at: number): readonly string[] => rows.map(row => row[at] ?? '');
	const natural = Array.from({length: count}, (_, at) => Math.max(...cells(at).map(cell => widthOf(cell, style))));
	const least = Array.from({length: count}, (_, at) =>
		Math.max(...cells(at).flatMap(cell => cell.split(' ').map(word => widthOf(word, style)))),
	);
	const widths = [...natural];
	const free = room - GAP * (count - 1);
	while (widths.reduce((sum, width) => sum + width, 0) > free) {
		const spare = widths.map((width, at) => width - (least[at] ?? 0));
		const widest = spare.reduce((best, _, at) => ((spare[at] ?? 0) > 0 && (widths[at] ?? 0) > (widths[best] ?? -1) ? at : best), -1);
		if (widest < 0) return undefined;
		widths[widest] = (widths[widest] ?? 0) - 1;
	}
	return widths;
};

const padded = (text: string, width: number, style: MarkdownStyle): string => text + ' '.repeat(Math.max(0, width - widthOf(text, style)));

/** A table as columns if they fit, else each row as its first cell with the others below. */
const tableLines = (rows: readonly (readonly string[])[], room: number, style: MarkdownStyle): readonly string[] => {
	const [first = [], ...others] = rows;
	const hasTitles = first.some(cell => cell !== '');
	const shown = hasTitles ? [first.map(cell => cell && `${BOLD}${cell}${BOLD_END}`), ...others] : others;
	const widths = columnsOf(shown, room, style);
	if (!widths)
		return others.flatMap(([name = '', ...cells]) => [
			...wrapped(`${BOLD}${name}${BOLD_END}`, room, style),
			...cells.flatMap((cell, at) => {
				const title = cells.length > 1 && first[at + 1] ? `${first[at + 1]}: ` : '';
				return cell ? wrapped(title + cell, room - INDENT, style).map(line => ' '.repeat(INDENT) + line) : [];
			}),
			'',
		]);
	const isTall = shown.some(row => row.some((cell, at) => wrapped(cell, widths[at] ?? 1, style).length > 2));
	return shown.flatMap((row, index) => {
		const cells = widths.map((width, at) => wrapped(row[at] ?? '', width, style));
		const height = Math.max(...cells.map(({length}) => length));
		const lines = Array.from({length: height}, (_, line) =>
			cells.map((cell, at) => padded(cell[line] ?? '', widths[at] ?? 0, style)).join(' '.repeat(GAP)),
		);
		return isTall && index < shown.length - 1 ? [...lines, ''] : lines;
	});
};

/** A line of code unchanged, so that a command can be copied; a trailing comment without room goes above. */
const codeLines = (line: string, room: number): readonly string[] => {
	const [, command = '', comment = ''] = /^(.*\S) +(# .*)$/.exec(line) ?? [];
	return line.length <= room || comment === '' ? [line] : [comment, command];
};

const blockLines = (block: Block, style: MarkdownStyle): readonly string[] => {
	const room = style.columns - INDENT;
	const indented = (lines: readonly string[], by = INDENT): readonly string[] => lines.map(line => (line ? ' '.repeat(by) + line : ''));
	switch (block.kind) {
		case 'heading':
			return [block.level === 1 && !style.isColoured ? block.text.toUpperCase() : `${BOLD}${block.text}${BOLD_END}`];
		case 'text':
			return indented(wrapped(block.text, room, style));
		case 'code':
			return indented(
				block.lines.flatMap(line => codeLines(line, style.columns - INDENT * 2)),
				INDENT * 2,
			);
		case 'table':
			return indented(tableLines(block.rows, room, style));
		case 'item': {
			const before = `${' '.repeat(INDENT * block.depth)}${block.marker} `;
			return indented(
				wrapped(block.text, room - before.length, style).map((line, index) => (index === 0 ? before : ' '.repeat(before.length)) + line),
			);
		}
	}
};

/** Markdown as terminal lines, none wider than `columns` except code and single words. No trailing blank line. */
export const markdownLines = (source: string, style: MarkdownStyle): readonly string[] => {
	const lines: string[] = [];
	let last: Block | undefined;
	for (const block of readBlocks(source)) {
		const isTight = last?.kind === 'item' && block.kind === 'item';
		if (last && !isTight) lines.push('');
		lines.push(...blockLines(block, style).map(line => paint(line, style)));
		while (lines.at(-1) === '') lines.pop();
		last = block;
	}
	return lines;
};
