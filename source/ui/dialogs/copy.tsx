import {agentName} from '../../core/agent/agent.ts';
import type {Drawing} from '../draw/context.ts';
import {widthIn} from '../draw/dialog-box.ts';
import {answered, type DialogKind} from '../hooks/kinds.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {Confirm, type DialogOf, Item, useDialog} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {selectionOf, shownAgent} from '../state/selection.ts';
import type {ViewState} from '../state/state.ts';
import {cell, cut, type Line, span} from '../text/text.ts';

declare module '../keymap/row.ts' {
	interface OwnDialogs {
		copy: {readonly index: number};
	}
}

/** A part of the selected item to copy; `action` is its key's. `text` is '' if currently unavailable. */
type Clipping = {readonly action: string; readonly name: string; readonly text: string};

const LINES = 200;

const lastLines = ({paneOf}: Context, agent: string): readonly string[] => {
	const lines = paneOf(agent)?.lines();
	if (!lines) return [];
	const from = Math.max(0, lines.count - LINES);
	return Array.from({length: lines.count - from}, (_, index) => lines.textOf(from + index));
};

const clippings = (
	state: ViewState,
	context: Pick<Context, 'snapshot' | 'now'>,
	outputOf: (agent: string) => readonly string[],
): readonly Clipping[] => {
	const {agent, task, taskId, row} = selectionOf(state, context);
	const output =
		outputOf(agent?.id ?? shownAgent(state, context))
			.join('\n')
			.trimEnd() ||
		(task?.last ?? '');
	return [
		{action: 'id', name: 'id', text: taskId || (agent ? agentName(agent.id) : row)},
		{action: 'agent', name: 'agent', text: agent ? agentName(agent.id) : ''},
		{action: 'branch', name: 'branch', text: task?.branch ?? ''},
		{action: 'worktree', name: 'worktree', text: task?.worktree ?? ''},
		{action: 'commit', name: 'commit', text: task?.mergedCommit || (task?.commit ?? '')},
		{action: 'output', name: 'last output', text: output},
		{action: 'question', name: 'question', text: [agent?.question, agent?.detail].filter(Boolean).join('\n')},
	];
};

const updateCopy = (state: ViewState, dialog: DialogOf<'copy'>, action: string, context: Context): Updated => {
	const rows = clippings({...state, dialog: undefined}, context, agent => lastLines(context, agent));
	const step = action === 'next' ? 1 : action === 'previous' ? -1 : 0;
	if (step !== 0) return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(rows.length - 1, dialog.index + step))}});
	const chosen = action === 'choose' ? rows[dialog.index] : rows.find(row => row.action === action);
	if (!chosen) return unchanged(state);
	if (chosen.text === '') return refuse(state, `No ${chosen.name} to copy.`, context);
	const name = chosen.text.length <= 60 && !chosen.text.includes('\n') ? `${chosen.name} ${chosen.text}` : `the ${chosen.name}`;
	return and(say({...state, dialog: undefined}, `copying ${name}…`, context.now), {type: 'copy', text: chosen.text, what: name});
};

const copy = (drawing: Drawing, {index}: DialogOf<'copy'>): readonly {isOn: boolean; line: Line}[] => {
	const {keymap, isAscii, state} = drawing;
	const inner = widthIn(drawing) - 2;
	const letter = (action: string): string => keymap.rows.find(row => row.scope === 'copy' && row.action === action)?.keys[0] ?? '';
	return clippings({...state, dialog: undefined}, drawing, agent => drawing.tail(agent, 40)).map(({action, name, text}, at) => {
		const shown = text.split('\n').findLast(line => line.trim() !== '') ?? '';
		const lines = text.split('\n').length;
		const note = lines > 1 ? `${lines} lines, last: ${shown}` : shown;
		const tone = text === '' ? 'dim' : at === index ? 'strong' : 'plain';
		return {
			isOn: at === index,
			line: [
				span(at === index ? '▸ ' : '  '),
				span(cell(keyLabel(letter(action), isAscii), 3), text === '' ? 'dim' : 'strong'),
				span(cell(name, 13), tone),
				span(cut(text === '' ? 'none now' : note, inner - 20), text === '' ? 'dim' : 'plain'),
			],
		};
	});
};

const CopyDialog = () => {
	const rows = useDialog('copy', copy);
	return (
		rows && (
			<Confirm title="Copy">
				{inPlace(rows, row => (
					<Item {...row} />
				))}
			</Confirm>
		)
	);
};

export const COPY: DialogKind<DialogOf<'copy'>> = {
	mode: 'COPY',
	title: 'copy',
	keys: [
		{scope: 'copy', keys: ['enter'], action: 'choose', label: 'copy', help: 'copy', group: '', order: 1},
		{scope: 'copy', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'copy', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'copy', keys: ['i'], action: 'id', label: '', help: 'copy id', group: ''},
		{scope: 'copy', keys: ['a'], action: 'agent', label: '', help: 'copy agent', group: ''},
		{scope: 'copy', keys: ['b'], action: 'branch', label: '', help: 'copy branch', group: ''},
		{scope: 'copy', keys: ['w'], action: 'worktree', label: '', help: 'copy worktree path', group: ''},
		{scope: 'copy', keys: ['c'], action: 'commit', label: '', help: 'copy commit', group: ''},
		{scope: 'copy', keys: ['o'], action: 'output', label: '', help: 'copy last output', group: ''},
		{scope: 'copy', keys: ['u'], action: 'question', label: '', help: 'copy question', group: ''},
		{scope: 'copy', keys: ['esc', 'y'], action: 'close', label: 'close', help: 'close', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => updateCopy(state, dialog, action, context)),
	Part: CopyDialog,
};
