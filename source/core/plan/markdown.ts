import type {NewTask} from '../intake/new-task.ts';

/** Makes an id from a title: lower-case words joined by dashes, short enough for a branch. */
export const slug = (title: string): string =>
	title
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 32)
		.replace(/-+$/, '') || 'task';

type Item = {
	readonly indent: number;
	readonly id: string;
	readonly title: string;
	readonly isDone: boolean;
	readonly parts: string[];
	readonly description: string[];
	readonly acceptance: string[];
};

const ITEM = /^(\s*)(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.+)$/;
/** An item's options at its end: `(id: login, after: schema, priority: 80, needs: go, paths: src/db/**, audit: yes)`. */
const TAIL = /\s*\(((?:id|after|needs|paths|priority|role|audit|model):[^()]*)\)\s*$/;
/** The lines below are acceptance criteria. */
const CRITERIA = /^\s*(?:acceptance|done when):\s*(.*)$/i;

const widthOf = (blanks: string): number => blanks.replaceAll('\t', '    ').length;

const readTail = (text: string): Readonly<Record<string, string>> => {
	const words: Record<string, string> = {};
	let key = '';
	for (const part of text.split(',')) {
		const named = /^\s*(id|after|needs|paths|priority|role|audit|model):\s*(.*)$/.exec(part);
		if (named) key = named[1] ?? '';
		const value = (named?.[2] ?? part).trim();
		if (value) words[key] = words[key] ? `${words[key]},${value}` : value;
	}
	return words;
};

const readBelow = (item: Item, line: string): void => {
	const begun = CRITERIA.exec(line);
	if (!begun && item.acceptance.length === 0) item.description.push(line.trim());
	// An empty entry marks that the criteria began.
	else item.acceptance.push((begun ? (begun[1] ?? '') : line).replace(/^\s*[-*+]\s+/, '').trim());
};

const listOf = (text: string | undefined): readonly string[] => (text ? text.split(',') : []);

/**
 * Reads a Markdown check list as tasks. An open item waits for the items nested below it. Checked items are skipped. Indented text below an
 * item is its description.
 */
export const readMarkdownPlan = (content: string): readonly NewTask[] => {
	const items: Item[] = [];
	const tails = new Map<Item, Readonly<Record<string, string>>>();
	const taken = new Set<string>();
	const open: Item[] = [];
	for (const line of content.split(/\r?\n/)) {
		const match = ITEM.exec(line);
		const last = items.at(-1);
		if (!match) {
			if (last && line.trim() && /^\s/.test(line)) readBelow(last, line);
			continue;
		}
		const indent = widthOf(match[1] ?? '');
		const text = (match[3] ?? '').trim();
		const tail = readTail(TAIL.exec(text)?.[1] ?? '');
		const title = text.replace(TAIL, '') || text;
		let id = tail.id ?? slug(title);
		if (!tail.id) for (let number = 2; taken.has(id); number++) id = `${slug(title)}-${number}`;
		taken.add(id);
		const item: Item = {indent, id, title, isDone: match[2] !== ' ', parts: [], description: [], acceptance: []};
		while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) open.pop();
		if (!item.isDone) open.at(-1)?.parts.push(id);
		open.push(item);
		items.push(item);
		tails.set(item, tail);
	}
	const done = new Set(items.filter(item => item.isDone).map(item => item.id));
	return items
		.filter(item => !item.isDone)
		.map(item => {
			const tail = tails.get(item) ?? {};
			const after = [...item.parts, ...listOf(tail.after)].filter(id => !done.has(id));
			const acceptance = item.acceptance.filter(Boolean);
			return {
				id: item.id,
				title: item.title,
				...(item.description.length > 0 ? {description: item.description.join('\n')} : {}),
				...(acceptance.length > 0 ? {acceptance} : {}),
				...(after.length > 0 ? {after} : {}),
				...(tail.needs ? {needs: listOf(tail.needs)} : {}),
				...(tail.paths ? {paths: listOf(tail.paths)} : {}),
				...(tail.priority ? {priority: Number(tail.priority)} : {}),
				...(tail.role ? {role: tail.role} : {}),
				...(tail.model ? {model: tail.model} : {}),
				...(/^(?:yes|true)$/i.test(tail.audit ?? '') ? {audit: true} : {}),
			};
		});
};
