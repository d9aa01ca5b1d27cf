import {countField, field, parseObject, textField} from '../shared/fields.ts';
import {asTitle, type ListedSession, type SessionStore} from '../shared/sessions.ts';

const ID = /^ses_[A-Za-z0-9]{12,60}$/;

/** Fields of an export that name a session, a message or a part of one. */
const NAMES = new Set(['id', 'sessionID', 'messageID', 'parentID']);
const NAMED = /^(?:ses|msg|prt)_[A-Za-z0-9]{12,60}$/;
const ENDING = 8;

type Values = Readonly<Record<string, unknown>>;
const valuesOf = (value: unknown): Values => (typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {});

/** The same with other ids: they begin with their time, by which opencode sorts them, and have a random end. */
const renamed = (value: unknown, ending: string): unknown => {
	if (Array.isArray(value)) return value.map(each => renamed(each, ending));
	if (typeof value !== 'object' || value === null) return value;
	const entries = Object.entries(value).map(([name, inner]): [string, unknown] =>
		NAMES.has(name) && typeof inner === 'string' && NAMED.test(inner)
			? [name, inner.slice(0, -ENDING) + ending]
			: [name, renamed(inner, ending)],
	);
	return Object.fromEntries(entries);
};

/** A message with another folder. */
const movedTo = (folder: string, message: unknown): unknown => {
	const {info, ...rest} = valuesOf(message);
	const {path, ...others} = valuesOf(info);
	return {...rest, info: path === undefined ? others : {...others, path: {...valuesOf(path), cwd: folder, root: folder}}};
};

/**
 * The export of a kept session as that of another session, in another folder: opencode would move one that it knows. `ending`: eight letters
 * or digits, another for each copy. Undefined if the text is of no such session.
 */
export const copyOf = (kept: string, {ending, folder}: {readonly ending: string; readonly folder: string}) => {
	const [first = '', second = ''] = kept.split('\n');
	const info = renamed(parseObject(first), ending);
	const messages = field(parseObject(second), 'messages');
	const id = textField(info, 'id') ?? '';
	if (!ID.test(id) || !Array.isArray(messages)) return undefined;
	// Under its own id opencode would move the session of the user.
	if (id === textField(parseObject(first), 'id')) return undefined;
	// A link to a shared session is the original's alone.
	const {share: _, ...own} = valuesOf(info);
	const copied = {info: {...own, directory: folder}, messages: messages.map(message => movedTo(folder, renamed(message, ending)))};
	return {id, text: JSON.stringify(copied)};
};

const listed = (row: unknown): readonly ListedSession[] => {
	const [id = '', cwd = '', at] = [textField(row, 'id'), textField(row, 'directory'), field(row, 'updated')];
	return ID.test(id) && cwd.startsWith('/') && typeof at === 'number' ? [{id, cwd, at, title: asTitle(field(row, 'title'))}] : [];
};

const rowsOf = (text: string): readonly unknown[] => {
	try {
		const rows: unknown = JSON.parse(text);
		return Array.isArray(rows) ? rows : [];
	} catch {
		return [];
	}
};

/** opencode's sessions are in its database. The export of an adopted one is kept in two lines: its facts, and its messages. */
export const sessions: SessionStore = {
	variable: 'XDG_DATA_HOME',
	inVariable: 'opencode',
	below: '.local/share/opencode',
	inside: 'agent-room',
	depth: 0,
	idOf: name => /^(ses_[A-Za-z0-9]{12,60})\.json$/.exec(name)?.[1],
	read: ([first = '']) => {
		const info = parseObject(first);
		const tokens = (...path: readonly string[]): number => countField(info, 'tokens', ...path) ?? 0;
		const cost = field(info, 'cost');
		const used =
			typeof cost === 'number' && cost >= 0
				? {
						micros: Math.round(cost * 1e6),
						tokensIn: tokens('input') + tokens('cache', 'read') + tokens('cache', 'write'),
						tokensOut: tokens('output') + tokens('reasoning'),
						cached: tokens('cache', 'read'),
						isTotal: true,
					}
				: undefined;
		return {cwd: textField(info, 'directory') ?? '', title: asTitle(field(info, 'title')), ...(used ? {used} : {})};
	},
	// `--pure`: without it opencode runs the repository's plugins, before you have allowed them.
	byProgram: {
		opens: 'opencode.db',
		list: ['--pure', 'session', 'list', '--format', 'json'],
		readList: text => rowsOf(text).flatMap(listed),
		export: id => ['--pure', 'export', id],
		toKeep: (text, id) => {
			const all = parseObject(text);
			const [info, messages] = [field(all, 'info'), field(all, 'messages')];
			if (textField(info, 'id') !== id || !Array.isArray(messages)) return undefined;
			return `${JSON.stringify(info)}\n${JSON.stringify({messages})}\n`;
		},
	},
};
