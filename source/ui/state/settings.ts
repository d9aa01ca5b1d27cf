import type {ConfigPlace} from '../../core/settings.ts';
import {keyOf} from '../keymap.ts';
import {type SettingRow, settingRows, switched} from '../model/switches.ts';
import type {Dialog} from './dialogs.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';

type SettingsDialog = Extract<Dialog, {kind: 'settings'}>;

const HALF = 10;

/** The file in which a row is changed: the person's own where its value is from there, else the repository's; the one that there is. */
export const fileOfRow = (files: readonly ConfigPlace[], row: SettingRow | undefined): ConfigPlace | undefined => {
	const there = files.filter(({isThere}) => isThere);
	return there.find(({whose}) => whose === (row?.from === 'user' ? 'user' : 'project')) ?? there[0];
};

const fileName = ({whose, path}: ConfigPlace): string => (whose === 'user' ? path : (path.split('/').at(-1) ?? path));

/** Keys of the settings beside those that close them. What is switched holds for this view alone; what the room was started with is changed in its file. */
export const updateSettings = (state: ViewState, dialog: SettingsDialog, action: string, context: Context): Updated => {
	const {settings} = context.snapshot;
	const rows = settingRows(settings, state.switches);
	const last = rows.length - 1;
	const at = Math.max(0, Math.min(last, dialog.index));
	const row = rows[at];
	const file = fileOfRow(settings.files, row);
	if (action === 'change') {
		if (row?.switches) return and({...state, switches: switched(state.switches, row.switches), toast: undefined}, {type: 'switched'});
		const name = row?.name ?? '';
		if (!file) return refuse(state, `\`${name}\` is a matter of agent-room.yaml, which \`agent-room init\` writes.`, context);
		const key = keyOf(context.keymap, 'settings.edit');
		return refuse(state, `${key} opens ${fileName(file)}, where \`${name}\` is changed; it counts when the room starts anew.`, context);
	}
	if (action === 'edit')
		return file
			? and(state, {type: 'work', tool: 'editor', path: file.path})
			: refuse(state, 'There is no file of the configuration yet: `agent-room init` writes agent-room.yaml.', context);
	const to = {next: at + 1, previous: at - 1, 'half-down': at + HALF, 'half-up': at - HALF, first: 0, last}[action] ?? at;
	return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(last, to))}});
};
