import {agentName} from '../../core/agent/agent.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {afterPlanText, estimateText, estimator, planningText, startText} from '../model/forecast.ts';
import {lookNow, STATUS_STYLES} from '../model/status-styles.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import {type Draft, type Field, isMultiLine, isText, PRIORITIES, type TextField} from '../state/draft.ts';
import type {Dialog} from '../state/state.ts';
import {fieldSpans} from '../text/blocks.ts';
import {cut, type Line, type Span, span, wrap} from '../text/text.ts';
import {fieldsOf, isFeature, offered, pasteIntoForm, plannedOf, updateForm} from './form.ts';

const NAMES: Readonly<Record<Field, string>> = {
	title: 'Title',
	what: 'Description',
	done: 'Acceptance',
	kind: 'Kind',
	priority: 'Priority',
	agent: 'Agent',
	paths: 'Scope',
	needs: 'Capabilities',
	model: 'Model',
	after: 'Depends on',
	audit: 'Security',
};
const SHORT_NAMES: Readonly<Partial<Record<Field, string>>> = {what: 'Details', done: 'Criteria', needs: 'Requires', after: 'After'};
/** What each field is for; shown in text fields while empty. */
const HINTS: Readonly<Record<Field, string>> = {
	title: 'one line',
	what: 'what the agent should do',
	done: 'criteria, one per line',
	kind: 'the Planner splits a feature into tasks',
	priority: 'P0 first; or press a digit',
	agent: 'any agent, or one of them',
	paths: 'paths it changes, such as src/cart/**',
	needs: 'what its agent needs, such as backend, go',
	model: 'the name that the agent CLI gives it, such as opus',
	after: 'tasks to merge first, such as t-1',
	audit: 'for any change',
};

const SHORT: Readonly<Record<Field, string>> = {
	title: 'one line',
	what: 'for the agent',
	done: 'one per line',
	kind: 'features are planned',
	priority: 'P0 first; or a digit',
	agent: 'any agent, or one',
	paths: 'such as src/cart/**',
	needs: 'such as backend, go',
	model: 'such as opus',
	after: 'ids, such as t-1',
	audit: 'for any change',
};
const hintOf = (field: Field, columns: number): string => (columns < 40 ? SHORT : HINTS)[field];

const labelOf = ({columns}: {readonly columns: number}): number => (columns >= 60 ? 14 : 10);

const label = (draft: Draft, field: Field, width: number): Line => [
	span(draft.field === field ? '▸ ' : '  '),
	span((width < 14 ? (SHORT_NAMES[field] ?? NAMES[field]) : NAMES[field]).padEnd(width), draft.field === field ? 'strong' : 'dim'),
];
const indented = (width: number): Span => span(' '.repeat(width + 2));

const oneLine = (draft: Draft, field: TextField, columns: number, width: number): Line => {
	const {text} = draft[field];
	if (draft.field === field)
		return [
			...label(draft, field, width),
			...fieldSpans('', draft[field], columns),
			...(text === '' ? [span(hintOf(field, columns), 'dim')] : []),
		];
	return [...label(draft, field, width), text === '' ? span(cut(`— ${hintOf(field, columns)}`, columns), 'dim') : span(cut(text, columns))];
};

const manyLines = (draft: Draft, field: 'what' | 'done', columns: number, width: number, most: number): readonly Line[] => {
	const {text, cursor} = draft[field];
	const isHere = draft.field === field;
	if (text === '') return [oneLine(draft, field, columns, width)];
	const rows = text.split('\n');
	const at = text.slice(0, cursor).split('\n').length - 1;
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	let start = rows.slice(0, from).reduce((sum, row) => sum + row.length + 1, 0);
	return rows.slice(from, from + most).map((row, index): Line => {
		const lead = index === 0 ? label(draft, field, width) : [indented(width)];
		const isCursor = isHere && from + index === at;
		const line: Line = [...lead, ...(isCursor ? fieldSpans('', {text: row, cursor: cursor - start}, columns) : [span(cut(row, columns))])];
		start += row.length + 1;
		return line;
	});
};

const radio = (isOn: boolean, text: string, gap = '  '): Line => [span(`(${isOn ? '●' : ' '})${text}${gap}`, isOn ? 'strong' : 'plain')];

const agentLine = (draft: Draft, drawing: Drawing, columns: number, width: number): Line => {
	const {team} = drawing.snapshot;
	const agent = team.agents.get(draft.agent);
	const text = agent ? `${agentName(agent.id)} · ${agent.harness} · ${STATUS_STYLES[lookNow(agent, team, teamNow(drawing))].word}` : 'any';
	const isHere = draft.field === 'agent';
	const more = columns < 40 ? '' : '   ←/→ to choose';
	return [
		...label(draft, 'agent', width),
		span(isHere ? '← ' : '', 'strong'),
		span(cut(text, columns - (isHere ? 4 : more.length))),
		span(isHere ? ' →' : more, isHere ? 'strong' : 'dim'),
	];
};

const offers = ({state, snapshot}: Drawing, columns: number, width: number): readonly Line[] =>
	offered(state, snapshot).map(
		(file, at): Line => [
			indented(width),
			span(at === state.draft.pick ? '▸ ' : '  '),
			span(cut(file, columns - 4), at === state.draft.pick ? 'cursor' : 'dim'),
		],
	);

const fieldLines = (field: Field, drawing: Drawing, columns: number, isTall: boolean): readonly Line[] => {
	const {draft} = drawing.state;
	const width = labelOf(drawing.layout);
	const gap = columns < 40 ? ' ' : '  ';
	const isHere = draft.field === field;
	switch (field) {
		case 'kind':
			return [
				[
					...label(draft, field, width),
					...radio(draft.kind === 'task', 'one task', gap),
					...radio(draft.kind === 'feature', columns < 40 ? 'feature' : 'feature, planned first', gap),
				],
			];
		case 'priority':
			return [[...label(draft, field, width), ...PRIORITIES.flatMap((_, index) => radio(draft.priority === index, `P${index}`, gap))]];
		case 'agent':
			return [agentLine(draft, drawing, columns, width)];
		case 'audit':
			return [
				[
					...label(draft, field, width),
					span(
						cut(`[${draft.audit ? 'x' : ' '}] ${columns < 40 ? 'security review' : 'require security review'}`, columns),
						draft.audit ? 'strong' : 'plain',
					),
				],
			];
		default: {
			const lines = isMultiLine(field)
				? manyLines(draft, field, columns, width, field === 'what' ? (isTall ? 5 : 2) : isTall ? 3 : 2)
				: [oneLine(draft, field, columns, width)];
			const found = isHere ? offers(drawing, columns, width) : [];
			const help =
				isHere && field === 'what' && isTall && found.length === 0
					? [
							[
								indented(width),
								span(cut(`↵ newline   ${keyOf(drawing.keymap, 'form.editor', drawing.isAscii)} your editor   @ files`, columns), 'dim'),
							] as Line,
						]
					: [];
			return [...lines, ...found, ...help];
		}
	}
};

/** Duration and cost of similar tasks, and when this would start; on a small screen only the former. */
const forecast = (drawing: Drawing, columns: number): readonly Line[] => {
	const {state, snapshot, now, layout} = drawing;
	const {draft} = state;
	const width = labelOf(layout);
	const planned = plannedOf(draft);
	if (isFeature(draft, snapshot)) {
		const plans = estimator(snapshot, now)({role: 'orchestrator', priority: planned.priority, paths: []});
		const cost: Line = [
			span('  '),
			span('Planning'.padEnd(width), 'dim'),
			span(cut(plans || columns >= 44 ? planningText(plans) : 'no estimate yet', columns), plans ? 'plain' : 'dim'),
		];
		return layout.rows < 20
			? [cost]
			: [cost, ...wrap(afterPlanText(snapshot), columns, 2).map((row): Line => [indented(width), span(row, 'dim')])];
	}
	const estimate = estimator(snapshot, now)({role: 'developer', priority: planned.priority, paths: planned.paths});
	const starts: Line = [indented(width), span(cut(startText(planned, snapshot, teamNow(drawing)), columns), 'dim')];
	const took = estimate || columns >= 44 ? estimateText(estimate) : 'none yet';
	const line: Line = [span('  '), span('Estimate'.padEnd(width), 'dim'), span(cut(took, columns), estimate ? 'plain' : 'dim')];
	return layout.rows < 20 ? [line] : [line, starts];
};

/** The error, else the forecast; and the current field's purpose unless its line shows it. */
const notes = (drawing: Drawing, columns: number): readonly Line[] => {
	const {draft} = drawing.state;
	const lead = indented(labelOf(drawing.layout));
	const isSaid = isText(draft.field) && draft[draft.field].text === '';
	const usual: readonly Line[] = [
		[lead, span(isSaid ? '' : cut(hintOf(draft.field, columns), columns), 'dim')],
		...forecast(drawing, columns),
	];
	if (!draft.error) return usual;
	const wrong = wrap(draft.error, columns, 3).map((row): Line => [lead, span(row, 'warning')]);
	// The form keeps its height.
	return [...wrong, ...usual.slice(wrong.length).map((): Line => [])];
};

/** The form of a new task; its text survives closing. If not all fields fit, shows those around the current one. */
const form = (drawing: Drawing): InRows => {
	const {state, snapshot, layout} = drawing;
	const {draft} = state;
	const width = layout.columns >= 120 ? 92 : Math.min(80, layout.columns);
	const columns = width - 2 - labelOf(layout) - 4;
	const isTall = layout.rows >= 30;
	const blocks = fieldsOf(draft, snapshot).map(field => ({field, lines: fieldLines(field, drawing, columns, isTall)}));
	const key = (action: string): string => keyOf(drawing.keymap, `form.${action}`, drawing.isAscii);
	const queue = `[ Add  ${key('queue')} ]`;
	const more = width >= 60 ? `   [ Add and open  ${key('watch')} ]   [ Cancel  ${key('close')} ]` : ` [ Open  ${key('watch')} ]`;
	const end: readonly Line[] = [
		...notes(drawing, columns),
		...(layout.rows >= 20 ? [[] as Line] : []),
		[span('  '), span(queue, 'strong'), span(more)],
	];
	const room = Math.max(3, layout.rows - 4 - end.length);
	const lines = blocks.flatMap(({lines}) => lines);
	const before = blocks
		.slice(
			0,
			blocks.findIndex(({field}) => field === draft.field),
		)
		.reduce((sum, block) => sum + block.lines.length, 0);
	const own = blocks.find(({field}) => field === draft.field)?.lines.length ?? 1;
	const from = Math.max(0, Math.min(lines.length - room, before + own - Math.max(own, Math.ceil(room / 2))));
	const spare = room - lines.length;
	const gap: readonly Line[] = spare >= 3 ? [[]] : [];
	return {
		title: [span('New task', 'strong')],
		titleRight: lines.length > room ? [span(`${from + 1}-${from + room} of ${lines.length}`, 'dim')] : [],
		lines: [...gap, ...lines.slice(from, from + room), ...gap, ...end, ...gap],
		selected: -1,
		width,
	};
};

const FormDialog = () => <RowsDialog told={useDialog('form', form)} />;

export const FORM: DialogKind<Extract<Dialog, {kind: 'form'}>> = {
	mode: 'FORM',
	keys: [
		{scope: 'form', keys: ['tab', 'down'], action: 'next-field', label: 'next', help: 'next field', group: '', order: 1},
		{scope: 'form', keys: ['shift+tab', 'up'], action: 'previous-field', label: '', help: 'previous field', group: ''},
		{
			scope: 'form',
			keys: ['left'],
			action: 'previous-choice',
			label: 'choose',
			help: 'previous choice',
			group: '',
			order: 2,
			needs: 'choice',
		},
		{scope: 'form', keys: ['right'], action: 'next-choice', label: 'choose', help: 'next choice', group: '', order: 2, needs: 'choice'},
		{scope: 'form', keys: ['ctrl+s'], action: 'queue', label: 'add', help: 'add task', group: '', order: 3},
		{scope: 'form', keys: ['ctrl+t'], action: 'watch', label: 'add, open', help: 'add and open', group: '', order: 4},
		{scope: 'form', keys: ['ctrl+g'], action: 'editor', label: 'editor', help: 'open in editor', group: '', order: 5},
		{scope: 'form', keys: ['esc'], action: 'close', label: 'close (draft kept)', help: 'close (draft kept)', group: '', order: 6},
	],
	update: (state, _dialog, {action, key, text}, context) => updateForm(state, action, key, text, context),
	Part: FormDialog,
	paste: (state, _dialog, text) => ({...state, draft: pasteIntoForm(state.draft, text)}),
	takesFiles: ({draft}) => draft.field === 'title' || draft.field === 'what',
};
