import {agentName} from '../../../core/agent.ts';
import {keyOf} from '../../keymap.ts';
import {estimateText, startText} from '../../model/forecast.ts';
import {LOOKS, lookNow} from '../../model/looks.ts';
import {type Draft, type Field, isMultiLine, PRIORITIES, type TextField} from '../../state/draft.ts';
import {fieldsOf, isFeature, offered, plannedOf} from '../../state/form.ts';
import {fieldSpans} from '../bottom.ts';
import {type Drawing, teamNow} from '../context.ts';
import {estimator} from '../pages/board-card.ts';
import {cut, type Line, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const LABEL = 12;
const NAMES: Readonly<Record<Field, string>> = {
	title: 'Title',
	what: 'What',
	done: 'Done when',
	kind: 'Kind',
	priority: 'Priority',
	agent: 'Agent',
	paths: 'Scope',
	needs: 'Needs',
	after: 'After',
	audit: 'Audit',
};
const HINTS: Readonly<Record<TextField, string>> = {
	title: 'one line',
	what: 'what is to be done, for the agent to read',
	done: 'what must hold then, one line each',
	paths: 'paths that it touches: src/cart/**',
	needs: 'capabilities of the agent: backend, go',
	after: 'ids of tasks to be merged before: t-1',
};

const label = (draft: Draft, field: Field): Line => [
	span(draft.field === field ? '▸ ' : '  '),
	span(NAMES[field].padEnd(LABEL), draft.field === field ? 'strong' : 'dim'),
];
const indent = span(' '.repeat(LABEL + 2));

const oneLine = (draft: Draft, field: TextField, columns: number): Line => {
	const {text} = draft[field];
	if (draft.field === field)
		return [...label(draft, field), ...fieldSpans('', draft[field], columns), ...(text === '' ? [span(HINTS[field], 'dim')] : [])];
	return [...label(draft, field), text === '' ? span(`— ${HINTS[field]}`, 'dim') : span(cut(text, columns))];
};

/** The lines around the cursor, at most `most`. */
const manyLines = (draft: Draft, field: 'what' | 'done', columns: number, most: number): readonly Line[] => {
	const {text, cursor} = draft[field];
	const isHere = draft.field === field;
	if (text === '') return [oneLine(draft, field, columns)];
	const rows = text.split('\n');
	const at = text.slice(0, cursor).split('\n').length - 1;
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	let start = rows.slice(0, from).reduce((sum, row) => sum + row.length + 1, 0);
	return rows.slice(from, from + most).map((row, index): Line => {
		const lead = index === 0 ? label(draft, field) : [indent];
		const isCursor = isHere && from + index === at;
		const line: Line = [...lead, ...(isCursor ? fieldSpans('', {text: row, cursor: cursor - start}, columns) : [span(cut(row, columns))])];
		start += row.length + 1;
		return line;
	});
};

const radio = (isOn: boolean, text: string): Line => [span(`(${isOn ? '●' : ' '})${text}  `, isOn ? 'strong' : 'plain')];

/** Whoever is free first, or the one that is chosen with what it does. */
const agentLine = (draft: Draft, drawing: Drawing, columns: number): Line => {
	const {team} = drawing.snapshot;
	const agent = team.agents.get(draft.agent);
	const text = agent ? `${agentName(agent.id)} · ${agent.harness} · ${LOOKS[lookNow(agent, team, teamNow(drawing))].word}` : 'first free';
	return [
		...label(draft, 'agent'),
		span(draft.field === 'agent' ? '← ' : '', 'strong'),
		span(cut(text, columns - 20)),
		span(draft.field === 'agent' ? ' →' : '   ←/→ chooses one', draft.field === 'agent' ? 'strong' : 'dim'),
	];
};

/** The files that complete what is written after an @, the marked one first to be taken. */
const offers = ({state}: Drawing, columns: number): readonly Line[] =>
	offered(state).map(
		(file, at): Line => [
			indent,
			span(at === state.draft.pick ? '▸ ' : '  '),
			span(cut(file, columns - 4), at === state.draft.pick ? 'cursor' : 'dim'),
		],
	);

const fieldLines = (field: Field, drawing: Drawing, columns: number, isTall: boolean): readonly Line[] => {
	const {draft} = drawing.state;
	const isHere = draft.field === field;
	switch (field) {
		case 'kind':
			return [
				[...label(draft, field), ...radio(draft.kind === 'feature', 'feature, planned first'), ...radio(draft.kind === 'task', 'one task')],
			];
		case 'priority':
			return [[...label(draft, field), ...PRIORITIES.flatMap((_, index) => radio(draft.priority === index, `P${index}`))]];
		case 'agent':
			return [agentLine(draft, drawing, columns)];
		case 'audit':
			return [
				[
					...label(draft, field),
					span(`[${draft.audit ? 'x' : ' '}] by a security-auditor, whatever it touches`, draft.audit ? 'strong' : 'plain'),
				],
			];
		default: {
			const lines = isMultiLine(field)
				? manyLines(draft, field, columns, field === 'what' ? (isTall ? 5 : 2) : isTall ? 3 : 2)
				: [oneLine(draft, field, columns)];
			const found = isHere ? offers(drawing, columns) : [];
			const help =
				isHere && field === 'what' && isTall && found.length === 0
					? [
							[
								indent,
								span(cut(`↵ newline   ${keyOf(drawing.keymap, 'form.editor', drawing.isAscii)} your editor   @ files`, columns), 'dim'),
							] as Line,
						]
					: [];
			return [...lines, ...found, ...help];
		}
	}
};

/** What tasks like it took, and when it would begin. */
const forecast = (drawing: Drawing, columns: number): readonly Line[] => {
	const {state, snapshot, now} = drawing;
	const {draft} = state;
	if (isFeature(draft, snapshot)) return [[indent, span(cut('an orchestrator makes tasks of it; you see its plan', columns), 'dim')]];
	const planned = plannedOf(draft);
	const estimate = estimator(snapshot, now)({role: 'developer', priority: planned.priority, paths: planned.paths});
	return [
		[span('  '), span('Estimate'.padEnd(LABEL), 'dim'), span(cut(estimateText(estimate), columns), estimate ? 'plain' : 'dim')],
		[indent, span(cut(startText(planned, snapshot, teamNow(drawing)), columns), 'dim')],
	];
};

/** The form of a new task. What is written stays when it is closed. Where not all fields fit, those around the one that is written in. */
export const formDialog = (drawing: Drawing): DialogContent => {
	const {state, snapshot, layout} = drawing;
	const {draft} = state;
	const width = layout.columns >= 120 ? 92 : Math.min(80, layout.columns);
	const columns = width - 2 - LABEL - 4;
	const isTall = layout.rows >= 30;
	const blocks = fieldsOf(draft, snapshot).map(field => ({field, lines: fieldLines(field, drawing, columns, isTall)}));
	const end: readonly Line[] = [
		...(draft.error ? [[indent, span(cut(draft.error, columns), 'warning')] as Line] : forecast(drawing, columns)),
		...(layout.rows >= 20 ? [[] as Line] : []),
		[span('  '), span('[ Queue  ^S ]', 'strong'), span(width >= 60 ? '   [ Queue and watch  ^T ]   [ Cancel  esc ]' : ' [ Watch  ^T ]')],
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
		isHeavy: true,
	};
};
