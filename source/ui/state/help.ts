import type {KeyRow} from '../key-row.ts';
import type {Keymap} from '../keymap.ts';
import type {Dialog} from './dialogs.ts';
import {edit} from './editor.ts';
import {runRoom} from './room.ts';
import {type Context, type Updated, unchanged, type ViewState} from './state.ts';

type Help = Extract<Dialog, {kind: 'help'}>;

/** Groups of the help in the order on the screen. */
export const HELP_GROUPS = ['SEE', 'AGENT', 'TASK', 'ROOM', 'MOVE'] as const;

/** Rows of the room's keys that the filter leaves, in the order on the screen. */
export const helpRows = (keymap: Keymap, filter: string): readonly KeyRow[] => {
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const left = keymap.rows.filter(row => {
		if (row.scope !== 'room' || row.keys.length === 0) return false;
		const text = `${row.help} ${row.group} ${row.action} ${row.keys.join(' ')}`.toLowerCase();
		return words.every(word => text.includes(word));
	});
	return HELP_GROUPS.flatMap(group => left.filter(row => row.group === group));
};

/** The help is a menu: it filters while one types, and enter runs the marked row. */
export const updateHelp = (state: ViewState, dialog: Help, action: string, key: string, text: string, context: Context): Updated => {
	const rows = helpRows(context.keymap, dialog.filter.text);
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'next' || action === 'previous') {
		const index = Math.min(rows.length - 1, Math.max(0, dialog.index + (action === 'next' ? 1 : -1)));
		return unchanged({...state, dialog: {...dialog, index: Math.max(0, index)}});
	}
	if (action === 'run') {
		const row = rows[dialog.index];
		return row ? runRoom({...state, dialog: undefined}, row.action, context) : unchanged(state);
	}
	// A leading slash is what a person types to filter; it is no part of the words.
	if (key === '/' && dialog.filter.text === '') return unchanged(state);
	const filter = edit(dialog.filter, key, text);
	return unchanged(filter ? {...state, dialog: {...dialog, filter, index: 0}} : state);
};
