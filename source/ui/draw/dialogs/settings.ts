import type {ConfigPlace, Origin} from '../../../core/settings.ts';
import {keyOf} from '../../keymap.ts';
import {type SettingRow, settingRows} from '../../model/switches.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {fileOfRow} from '../../state/settings.ts';
import type {Drawing} from '../context.ts';
import {cell, cut, type Line, said, span, widthOf, wrap} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const ORIGINS: Readonly<Record<Origin | 'view', string>> = {
	flag: 'flag',
	environment: 'env',
	project: 'project',
	user: 'user',
	default: 'default',
	found: 'found here',
	view: 'this view',
};
const UNTRUSTED = 'untrusted';
/** Rows below the list that say more of the chosen one. */
const DETAIL = 2;

/** A value on one line, with the switches in words that a person may choose from. */
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

/** A path whose end is what tells files apart. */
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

/** What the chosen row means, its value where the column cuts it, and why it does not count. */
const detailLines = (row: SettingRow | undefined, {snapshot, keymap, isAscii}: Drawing, inner: number): readonly Line[] => {
	const file = fileOfRow(snapshot.settings.files, row);
	const edit = file && !row?.switches ? ` ${keyOf(keymap, 'settings.edit', isAscii)} opens its file.` : '';
	const text = row?.isIgnored
		? `Not trusted (\`agent-room config trust\`), so it does not count: ${row.value}`
		: `${row?.about ?? ''}${widthOf(row?.value ?? '') > 30 ? ` ${row?.value}` : edit}`;
	const rows = wrap(said(text).trim(), inner - 4, DETAIL);
	return Array.from({length: DETAIL}, (_, index): Line => [span(`  ${rows[index] ?? ''}`, row?.isIgnored ? 'warning' : 'dim')]);
};

/** Everything that counts now and where it came from: the switches of this view first, then the room's values, which its files hold. */
export const settingsDialog = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'settings'}>): DialogContent => {
	const {layout, snapshot, state, keymap, isAscii} = drawing;
	const {settings} = snapshot;
	const width = Math.min(100, layout.columns - (layout.columns >= 60 ? 4 : 0));
	const inner = width - 2;
	const rows = settingRows(settings, state.switches);
	const at = Math.max(0, Math.min(rows.length - 1, dialog.index));
	const first = rows.findIndex(row => row.switches === undefined);
	const entries = rows.flatMap((row, index): readonly {readonly line: Line; readonly isAt: boolean}[] => [
		...(index === 0 ? [{line: heading('this view', '  until it is closed', inner), isAt: false}] : []),
		...(index === first ? [{line: heading('the room', '  as it was started', inner), isAt: false}] : []),
		{line: rowLine(row, index === at, inner), isAt: index === at},
	]);
	const isSmall = layout.rows < 20;
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const problems = keymap.refusals
		.map(({text}): Line => [span(`  ! ${cut(`keys: ${text}`, inner - 5)}`, 'warning')])
		.slice(0, isSmall ? 1 : 3);
	const places = isSmall ? [] : settings.files.map(file => fileLine(file, inner));
	const none: readonly Line[] = settings.values.length === 0 ? [[span('  Nothing is known of how this room was configured.', 'dim')]] : [];
	const tail = [...gap, ...detailLines(rows[at], drawing, inner), ...problems, ...(places.length > 0 ? [...gap, ...places] : [])];
	const most = Math.max(2, Math.min(entries.length, layout.rows - 5 - tail.length - none.length));
	const chosen = entries.findIndex(({isAt}) => isAt);
	const from = at === 0 ? 0 : Math.max(0, Math.min(entries.length - most, chosen - Math.floor(most / 2)));
	return {
		title: [span('Settings', 'strong')],
		titleRight: [span(`${keyOf(keymap, 'settings', isAscii)} or ${keyOf(keymap, 'settings.close', isAscii)} closes`, 'dim')],
		footer: [span(`${at + 1} of ${rows.length}`, 'dim')],
		lines: [...entries.slice(from, from + most).map(({line}) => line), ...none, ...tail],
		selected: -1,
		width,
		isHeavy: true,
	};
};
