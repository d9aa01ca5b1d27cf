import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import type {Notice} from '../shared/cli.ts';
import {firstLine} from '../shared/fields.ts';

export const DENY_KEYS = '\u001b';

/** The title with `ui.dynamicWindowTitle`: a sign and the folder. */
export const readNotice = ({kind, text}: Notice): Reading | undefined => {
	if (kind !== 'title') return undefined;
	const found = TITLES.find(({sign}) => text.startsWith(`${sign}  `));
	return found && {source: 'notice', sign: `title ${found.words}`, state: found.state};
};

const TITLES = [
	{sign: '✋', words: 'Action Required', state: 'needs-input'},
	{sign: '✦', words: 'Working…', state: 'working'},
	{sign: '⏲', words: 'Working…', state: 'working'},
	{sign: '◇', words: 'Ready', state: 'idle'},
] as const;

/** Reads the screen: a dialog in place of the input, or the input with an activity line above it. */
export const readScreen = (rows: readonly string[]): Reading | undefined => {
	const shown = rows.map(row => row.trimEnd());
	return dialogOn(shown) ?? inputOn(shown);
};

const RULE = /^─{20,}$/;
const INPUT_TOP = /^[▄─╭]/;

/** Shown from the second attempt on; it does not name the failure. */
const RETRYING =
	/^\s*\S? ?(Trying to reach .+? \(Attempt \d+\/\d+\)|This is taking a bit longer, we.re still on it\.) \(esc to cancel, [\dhms ]+\)/m;

const inputOn = (rows: readonly string[]): Reading | undefined => {
	const rule = rows.findLastIndex(row => RULE.test(row));
	const top = rows.findIndex((row, at) => at > rule && at <= rule + 3 && INPUT_TOP.test(row));
	if (rule < 0 || top < 0 || !/^[│ ]?[>!*] /.test(rows[top + 1] ?? '')) return undefined;
	const status = rows.slice(Math.max(0, rule - 2), rule).join('\n');
	const [, retry] = RETRYING.exec(status) ?? [];
	if (retry !== undefined)
		return {source: 'screen', sign: 'screen retrying', state: 'retrying', isRetrying: true, reason: `no answer from its model: ${retry}`};
	if (/\(esc to cancel, [\dhms ]+\)/.test(status)) return {source: 'screen', sign: 'screen esc to cancel', state: 'working'};
	// A half-drawn line, or hooks that run after the turn: no sign.
	return /hook/i.test(status) || !/^\s*(\? for shortcuts)?\s*$/.test(status)
		? undefined
		: {source: 'screen', sign: 'screen input', state: 'idle'};
};

/** The last box of the screen, if it has choices and nothing follows it. */
const dialogOn = (rows: readonly string[]): Reading | undefined => {
	const bottom = rows.findLastIndex(row => row !== '');
	if (!/^╰─+╯$/.test(rows[bottom] ?? '')) return undefined;
	const top = rows.slice(0, bottom).findLastIndex(row => /^╭─+╮$/.test(row));
	const inner = rows.slice(top + 1, bottom).map(row => row.replace(/^│ ?/, '').replace(/\s*│$/, ''));
	const options = optionsOf(inner);
	if (options.length === 0) return undefined;
	const before = inner.slice(0, options[0]?.at);
	const choices = options.flatMap(choiceOf);
	if (/How would you like to authenticate/.test(before.join('\n')))
		return {source: 'screen', sign: 'screen authentication', state: 'logged-out', reason: 'Gemini asks how to log in'};
	return {source: 'screen', sign: 'screen dialog', state: 'needs-input', question: questionOf(before, choices)};
};

type Option = {readonly at: number; readonly label: string; readonly number: number};

/** The last list numbered from 1 with one selected; lists above it are content. */
const optionsOf = (inner: readonly string[]): readonly Option[] => {
	const found = inner.flatMap((row, at) => {
		const parts = /^\s*(?:●\s+)?(\d)\.\s+(\S.*)$/.exec(row);
		return parts ? [{at, number: Number(parts[1]), label: (parts[2] ?? '').trim()}] : [];
	});
	const list = found.slice(found.findLastIndex(({number}) => number === 1));
	const isList = list.length > 1 && list.every(({number}, index) => number === index + 1);
	return isList && list.some(({at}) => /^\s*●/.test(inner[at] ?? '')) ? list : [];
};

/** A digit chooses at once. Omits choices that open an editor or a field: only a human at the pane can use those. */
const choiceOf = ({label, number}: Option): readonly Choice[] => {
	if (/external editor|custom value/i.test(label) || label.startsWith('[')) return [];
	if (/^No\b/.test(label)) return [{label, means: 'deny', keys: DENY_KEYS}];
	const means = /^Allow once$/.test(label) ? 'allow' : /^Allow\b.*(?:session|sessions)$/.test(label) ? 'always' : 'other';
	return [{label, means, keys: String(number)}];
};

const questionOf = (before: readonly string[], choices: readonly Choice[]): Question => {
	const isPermission = choices.some(({means}) => means === 'allow');
	const boxed = before.filter(row => /^│.*│?$/.test(row)).map(row => row.replace(/^│ ?/, '').replace(/\s*│?$/, ''));
	const plain = before.filter(row => row.trim() !== '' && !/^[│╭╰]/.test(row)).map(row => row.trim());
	const tool = plain.map(row => /^\?\s+(\S+)\s+(.*?)(?:\s{2,}\d+ of \d+)?$/.exec(row)).find(parts => parts !== null);
	const asked = plain.find(row => row.endsWith('?')) ?? plain.find(row => !HEADINGS.has(row)) ?? '';
	return {
		kind: isPermission ? 'permission' : plain.includes('Answer Questions') ? 'question' : 'dialog',
		text: isPermission && tool ? toolText(tool[1] ?? '', tool[2] ?? '') : firstLine(asked),
		detail: (boxed.length > 0 ? boxed : plain.filter(row => !HEADINGS.has(row))).join('\n').trim(),
		choices,
	};
};

const HEADINGS: ReadonlySet<string> = new Set(['Action Required', 'Answer Questions']);

/** Words the subject like the hook, so that dialog and hook can be paired. */
const toolText = (tool: string, subject: string): string => {
	const written = /^Writing to (.*)$/.exec(subject)?.[1];
	if (tool === 'WriteFile' && written !== undefined) return `Write: ${firstLine(written)}`;
	if (tool === 'Edit') return `Edit: ${firstLine(subject.split(': ')[0] ?? subject)}`;
	return `${tool}: ${firstLine(subject)}`;
};
