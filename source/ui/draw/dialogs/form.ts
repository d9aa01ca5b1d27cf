import {lookOf} from '../../model/looks.ts';
import {counts} from '../../model/queue.ts';
import {hasPlanner} from '../../state/form.ts';
import {type Draft, type Field, PRIORITIES} from '../../state/state.ts';
import {fieldSpans} from '../bottom.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const LABEL = 12;
const label = (draft: Draft, field: Field, text: string): Line => [
	span(draft.field === field ? '▸ ' : '  '),
	span(text.padEnd(LABEL), draft.field === field ? 'strong' : 'dim'),
];

const oneLine = (draft: Draft, field: 'title' | 'needs' | 'after', text: string, hint: string, columns: number): Line => {
	const editor = draft[field];
	const isHere = draft.field === field;
	if (isHere) return [...label(draft, field, text), ...fieldSpans('', editor, columns), ...(editor.text === '' ? [span(hint, 'dim')] : [])];
	return [...label(draft, field, text), editor.text === '' ? span(`— ${hint}`, 'dim') : span(cut(editor.text, columns))];
};

/** The description's lines around the cursor, at most `most`. */
const whatLines = (draft: Draft, columns: number, most: number): readonly Line[] => {
	const {text, cursor} = draft.what;
	const isHere = draft.field === 'what';
	if (text === '' && !isHere) return [[...label(draft, 'what', 'What'), span('— what is to be done, for the agent to read', 'dim')]];
	const rows = text.split('\n');
	const at = text.slice(0, cursor).split('\n').length - 1;
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	let start = rows.slice(0, from).reduce((sum, row) => sum + row.length + 1, 0);
	return rows.slice(from, from + most).map((row, index): Line => {
		const isCursorRow = isHere && from + index === at;
		const lead = index === 0 ? label(draft, 'what', 'What') : [span(' '.repeat(LABEL + 2))];
		const line: Line = [
			...lead,
			...(isCursorRow ? fieldSpans('', {text: row, cursor: cursor - start}, columns) : [span(cut(row, columns))]),
		];
		start += row.length + 1;
		return line;
	});
};

const KINDS = [
	['feature', 'feature, planned first'],
	['task', 'one task'],
] as const;

/** The form of a new task. What is written stays when it is closed. */
export const formDialog = (drawing: Drawing): DialogContent => {
	const {state, snapshot, layout} = drawing;
	const {draft} = state;
	const width = layout.columns >= 120 ? 92 : Math.min(80, layout.columns);
	const columns = width - 2 - LABEL - 4;
	const isTall = layout.rows >= 24;
	const gap: readonly Line[] = isTall ? [[]] : [];
	const idle = [...snapshot.team.agents.values()].filter(agent => agent.role === 'developer' && lookOf(agent) === 'idle').length;
	const priority: Line = [
		...label(draft, 'priority', 'Priority'),
		...PRIORITIES.map((_, index) =>
			span(`(${draft.priority === index ? '●' : ' '})P${index}  `, draft.priority === index ? 'strong' : 'plain'),
		),
	];
	const kinds: readonly Line[] = hasPlanner(snapshot)
		? [
				[
					...label(draft, 'kind', 'Kind'),
					...KINDS.map(([kind, words]) => span(`(${draft.kind === kind ? '●' : ' '})${words}  `, draft.kind === kind ? 'strong' : 'plain')),
				],
			]
		: [];
	const isPlanned = kinds.length > 0 && draft.kind === 'feature';
	const start =
		snapshot.team.control.frozen || snapshot.team.control.drained
			? 'held back: the room hands out nothing now'
			: isPlanned
				? 'an orchestrator makes tasks of it; you see its plan'
				: idle > 0
					? `starts now: ${idle} free developer${idle > 1 ? 's' : ''}`
					: `waits for a free developer, ${counts(snapshot).queued} in the queue`;
	return {
		title: [span('New task', 'strong')],
		titleRight: [],
		lines: [
			...gap,
			oneLine(draft, 'title', 'Title', 'one line', columns),
			...gap,
			...whatLines(draft, columns, isTall ? 6 : 2),
			...(draft.field === 'what' && isTall ? [[span(' '.repeat(LABEL + 2)), span('↵ newline   tab goes on', 'dim')]] : []),
			...gap,
			...kinds,
			priority,
			oneLine(draft, 'needs', 'Needs', 'capabilities of the agent: backend, go', columns),
			oneLine(draft, 'after', 'After', 'ids of tasks to be merged before: t-1', columns),
			...gap,
			[span(' '.repeat(LABEL + 2)), draft.error ? span(cut(draft.error, columns), 'warning') : span(cut(start, columns), 'dim')],
			...gap,
			[span('  '), span('[ Queue  ^S ]', 'strong'), span('   '), span('[ Cancel  esc ]')],
			...gap,
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
