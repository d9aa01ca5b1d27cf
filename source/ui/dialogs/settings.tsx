import type {ConfigPlace, Origin} from '../../core/config/config.ts';
import type {Drawing} from '../draw/context.ts';
import {answered, type DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {type SettingRow, settingRows, switched} from '../model/settings.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {cell, cut, type Line, said, span, widthOf, wrap} from '../text/text.ts';

type Settings = Extract<Dialog, {kind: 'settings'}>;

const HALF = 10;

/** The file to change a row in: the user's if its value is from there, else the repository's; whichever exists. */
const fileOfRow = (files: readonly ConfigPlace[], row: SettingRow | undefined): ConfigPlace | undefined => {
	const there = files.filter(({isThere}) => isThere);
	return there.find(({whose}) => whose === (row?.from === 'user' ? 'user' : 'project')) ?? there[0];
};

const fileName = ({whose, path}: ConfigPlace): string => (whose === 'user' ? path : (path.split('/').at(-1) ?? path));

/** Keys of the settings except closing. Switches apply to this terminal only; startup values are changed in their file. */
const updateSettings = (state: ViewState, dialog: Settings, action: string, context: Context): Updated => {
	const {settings} = context.snapshot;
	const rows = settingRows(settings, state.switches);
	const last = rows.length - 1;
	const at = Math.max(0, Math.min(last, dialog.index));
	const row = rows[at];
	const file = fileOfRow(settings.files, row);
	if (action === 'change') {
		if (row?.switches) return and({...state, switches: switched(state.switches, row.switches), toast: undefined}, {type: 'switched'});
		const name = row?.name ?? '';
		if (!file) return refuse(state, `Set \`${name}\` in agent-room.yaml; \`agent-room init\` writes it.`, context);
		const key = keyOf(context.keymap, 'settings.edit');
		return refuse(state, `${key} opens ${fileName(file)} to change \`${name}\`.`, context);
	}
	if (action === 'take') {
		const {pending} = settings;
		if (!pending) return refuse(state, 'The configuration in effect is the one in its files.', context);
		return and(state, {type: 'dispatch', action: {type: 'take-config', print: pending.print}});
	}
	if (action === 'edit')
		return file
			? and(state, {type: 'work', tool: 'editor', path: file.path})
			: refuse(state, 'No config file yet: `agent-room init` writes agent-room.yaml.', context);
	const to = {next: at + 1, previous: at - 1, 'half-down': at + HALF, 'half-up': at - HALF, first: 0, last}[action] ?? at;
	return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(last, to))}});
};

const ORIGINS: Readonly<Record<Origin | 'view', string>> = {
	flag: 'flag',
	environment: 'env',
	project: 'project',
	user: 'user',
	default: 'default',
	found: 'detected',
	view: 'set here',
};
const UNTRUSTED = 'untrusted';
const DETAIL = 2;

/** A value on one line; switches show their choices. */
const rowLine = (row: SettingRow, isChosen: boolean, inner: number): Line => {
	const from = inner >= 40 ? 11 : 9;
	const name = Math.min(26, Math.floor((inner - from) * 0.45));
	const value = inner - 2 - name - 1 - from - 2;
	const isSet = row.from !== 'default';
	return [
		span(isChosen ? '▸ ' : '  '),
		span(cell(row.name, name), isChosen ? 'strong' : 'plain'),
		span(' '),
		span(cell(row.value, value), row.isIgnored ? 'dim' : isSet ? 'strong' : 'plain'),
		span('  '),
		span(cell(row.isIgnored ? UNTRUSTED : ORIGINS[row.from], from), row.isIgnored ? 'warning' : isSet ? 'plain' : 'dim'),
	];
};

const heading = (text: string, note: string, inner: number): Line => [
	span(`  ${text}`, 'strong'),
	span(cut(note, inner - widthOf(text) - 3), 'dim'),
];

/** The end of a path, which tells files apart. */
const pathEnd = (path: string, columns: number): string => {
	const text = said(path);
	if (widthOf(text) <= columns) return text;
	let end = text;
	while (widthOf(end) >= columns && end !== '') end = end.slice(1);
	return `…${end}`;
};

const fileLine = ({whose, path, isThere}: ConfigPlace, inner: number): Line => {
	const note = isThere ? '' : '  (no such file)';
	return [span(`  ${cell(whose, 9)}`, 'dim'), span(pathEnd(path, inner - 12 - note.length), isThere ? 'plain' : 'dim'), span(note, 'dim')];
};

/** Meaning of the chosen row, its full value if cut, and why it has no effect. */
const detailLines = (row: SettingRow | undefined, {snapshot, keymap, isAscii}: Drawing, inner: number): readonly Line[] => {
	const file = fileOfRow(snapshot.settings.files, row);
	const edit = file && !row?.switches ? ` ${keyOf(keymap, 'settings.edit', isAscii)} opens its file.` : '';
	const text = row?.isIgnored
		? `Not in effect until you run \`agent-room config trust\`: ${row.value}${row.holds === undefined ? '' : `. In effect: ${row.holds}`}`
		: `${row?.about ?? ''}${widthOf(row?.value ?? '') > 30 ? ` ${row?.value}` : edit}`;
	const rows = wrap(said(text).trim(), inner - 4, DETAIL);
	return Array.from({length: DETAIL}, (_, index): Line => [span(`  ${rows[index] ?? ''}`, row?.isIgnored ? 'warning' : 'dim')]);
};

const ROWS_A_CHANGE = 4;

/** A changed file that the room has not taken up, and the key that does. */
const pendingLines = ({snapshot, keymap, isAscii}: Drawing, inner: number, most: number): readonly Line[] => {
	const {pending} = snapshot.settings;
	if (!pending) return [];
	const {changes} = pending;
	const rowsOf = (text: string): readonly string[] => wrap(said(text), inner - 6, Math.min(ROWS_A_CHANGE, most));
	// What is trusted is read first: a change is shown in several rows rather than cut, and a later one not at all.
	const rows = (count: number): number => changes.slice(0, count).reduce((sum, text) => sum + rowsOf(text).length, 0);
	const fitting = changes.findLastIndex((_, at) => rows(at + 1) + (at + 1 < changes.length ? 1 : 0) <= most) + 1;
	const shown = changes.slice(0, Math.max(1, fitting));
	const rest = changes.length - shown.length;
	const isCut = shown.some(text => wrap(said(text), inner - 6, ROWS_A_CHANGE + 1).length > rowsOf(text).length);
	const left = [...(rest > 0 ? [`and ${rest} more`] : []), ...(isCut ? ['in full'] : [])].join(', ');
	return [
		[
			span('  The configuration has changed  ', 'strong'),
			span(keyOf(keymap, 'settings.take', isAscii), 'strong'),
			span(cut(' trusts and uses it', inner - 36)),
		],
		...shown.flatMap(rowsOf).map((row): Line => [span(`    ${row}`, 'warning')]),
		...(left === '' ? [] : [[span(`    ${left}: \`agent-room config print\``, 'dim')]]),
		[],
	];
};

/** All values in effect and their source: this terminal's switches first, then the room's. */
const settings = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'settings'}>): InRows => {
	const {layout, snapshot, state, keymap, isAscii} = drawing;
	const {settings} = snapshot;
	const width = Math.min(100, layout.columns - (layout.columns >= 60 ? 4 : 0));
	const inner = width - 2;
	const rows = settingRows(settings, state.switches);
	const at = Math.max(0, Math.min(rows.length - 1, dialog.index));
	const first = rows.findIndex(row => row.switches === undefined);
	const entries = rows.flatMap((row, index): readonly {readonly line: Line; readonly isAt: boolean}[] => [
		...(index === 0 ? [{line: heading('this terminal', '  not saved', inner), isAt: false}] : []),
		...(index === first ? [{line: heading('the room', '  values in effect', inner), isAt: false}] : []),
		{line: rowLine(row, index === at, inner), isAt: index === at},
	]);
	const isSmall = layout.rows < 20;
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const problems = keymap.refusals
		.map(({text}): Line => [span(`  ! ${cut(`keys: ${text}`, inner - 5)}`, 'warning')])
		.slice(0, isSmall ? 1 : 3);
	const places = isSmall ? [] : settings.files.map(file => fileLine(file, inner));
	const none: readonly Line[] = settings.values.length === 0 ? [[span('  No configuration is known for this room.', 'dim')]] : [];
	const pending = pendingLines(drawing, inner, isSmall ? 2 : 8);
	const tail = [...gap, ...detailLines(rows[at], drawing, inner), ...problems, ...(places.length > 0 ? [...gap, ...places] : [])];
	const most = Math.max(2, Math.min(entries.length, layout.rows - 5 - tail.length - none.length - pending.length));
	const chosen = entries.findIndex(({isAt}) => isAt);
	const from = at === 0 ? 0 : Math.max(0, Math.min(entries.length - most, chosen - Math.floor(most / 2)));
	return {
		title: [span('Settings', 'strong')],
		titleRight: [span(`${keyOf(keymap, 'settings', isAscii)} or ${keyOf(keymap, 'settings.close', isAscii)} closes`, 'dim')],
		footer: [span(`${at + 1} of ${rows.length}`, 'dim')],
		lines: [...pending, ...entries.slice(from, from + most).map(({line}) => line), ...none, ...tail],
		selected: -1,
		width,
	};
};

const SettingsDialog = () => <RowsDialog told={useDialog('settings', settings)} />;

export const SETTINGS: DialogKind<Extract<Dialog, {kind: 'settings'}>> = {
	mode: 'SETTINGS',
	keys: [
		{scope: 'settings', keys: ['space', 'enter'], action: 'change', label: 'switch', help: 'change here', group: '', order: 1},
		{scope: 'settings', keys: ['E'], action: 'edit', label: 'edit', help: 'open in $EDITOR', group: '', order: 2},
		{scope: 'settings', keys: ['T'], action: 'take', label: '', help: 'use the changed configuration', group: ''},
		{scope: 'settings', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 3},
		{scope: 'settings', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'settings', keys: ['ctrl+d', 'pgdn'], action: 'half-down', label: '', help: 'half page down', group: ''},
		{scope: 'settings', keys: ['ctrl+u', 'pgup'], action: 'half-up', label: '', help: 'half page up', group: ''},
		{scope: 'settings', keys: ['g', 'home'], action: 'first', label: '', help: 'first', group: ''},
		{scope: 'settings', keys: ['G', 'end'], action: 'last', label: '', help: 'last', group: ''},
		{scope: 'settings', keys: ['esc', ',', 'q'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
	],
	update: answered((_closed, dialog, action, context, state) => updateSettings(state, dialog, action, context)),
	Part: SettingsDialog,
};
