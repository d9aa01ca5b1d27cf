import {agentName} from '../../../core/agent.ts';
import {whatMoves} from '../../../core/what-moves.ts';
import {keyLabel} from '../../keymap.ts';
import {ageOf} from '../../model/ages.ts';
import {attention} from '../../model/attention.ts';
import {LOOKS, lookOf} from '../../model/looks.ts';
import {rowName} from '../../state/focus.ts';
import type {Dialog} from '../../state/state.ts';
import {fieldSpans} from '../bottom.ts';
import {type Drawing, teamNow} from '../context.ts';
import {labelled, lastRows} from '../pane.ts';
import {cut, type Line, said, span, wrap} from '../text.ts';
import type {DialogContent} from './dialog.ts';

type Peek = Extract<Dialog, {kind: 'peek'}>;

/** The card of one agent, dead task or held landing: its exact question with numbered choices, or why it stands and which key helps. */
export const peekDialog = (drawing: Drawing, dialog: Peek): DialogContent => {
	const {snapshot, layout} = drawing;
	const width = layout.columns >= 120 ? 92 : Math.min(76, layout.columns - 2);
	const inner = width - 2;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const items = attention(snapshot, teamNow(drawing));
	const same = items.filter(item => item.kind === (items.find(other => other.id === dialog.row)?.kind ?? ''));
	const at = same.findIndex(item => item.id === dialog.row);
	const place = same.length > 1 && at >= 0 ? ` ${at + 1} of ${same.length}` : '';
	const asks = agent?.status === 'asks' && dialog.questionId === agent.questionId;
	const name = said(rowName(dialog.row));
	const look = agent ? lookOf(agent) : 'dead';
	const word = asks
		? 'asks ▲'
		: dialog.row.startsWith('hold:')
			? 'is held »'
			: look === 'dead'
				? '✗ why it died'
				: `${LOOKS[look].badge.slice(0, 1)} ${look}`;
	const lines = asks ? questionLines(drawing, dialog, inner) : reasonLines(drawing, dialog, inner);
	const about = [
		task ? `${said(task.id)} ${cut(task.title, 40)}` : '',
		agent ? said(agent.harness) : '',
		agent && asks ? `waiting ${ageOf(agent.statusAt, teamNow(drawing))}` : '',
	];
	return {
		title: [span(`${name} ${word}${place}`, 'strong')],
		titleRight: items.length > 1 ? [span('↑↓ others', 'dim')] : [],
		footer: asks && inner > 70 ? [span('the question is checked: it must still be the same', 'dim')] : [],
		lines: [[], [span(`  ${about.filter(Boolean).join(' · ')}`, 'dim')], [], ...lines],
		selected: -1,
		width,
		isHeavy: true,
	};
};

const quoted = (drawing: Drawing, agent: string, rows: number, inner: number): readonly Line[] => {
	const tail = drawing.tail(agent, rows);
	if (tail.length === 0) return [];
	return [[], [span('  just before', 'dim')], ...tail.map((row): Line => [span(`  ${cut(row, inner - 4)}`)])];
};

const questionLines = (drawing: Drawing, dialog: Peek, inner: number): readonly Line[] => {
	const agent = drawing.snapshot.team.agents.get(dialog.row);
	if (!agent) return [];
	const most = drawing.layout.rows;
	const question = wrap(agent.question || 'It asks without words: → looks into its pane.', inner - 4, most >= 36 ? 10 : 5);
	const choices = agent.choices
		.slice(0, 9)
		.map((choice, index): Line => [span(`  ${index + 1}  `, 'strong'), span(cut(choice, inner - 8))]);
	const used = question.length + choices.length + 12;
	return [
		...question.map((row): Line => [span(`  ${row}`, 'strong')]),
		[],
		...choices,
		...quoted(drawing, agent.id, Math.max(0, Math.min(4, most - used)), inner),
		[],
		dialog.reply.text === ''
			? [span('  › '), span(' ', 'cursor'), span('or type a reply', 'dim')]
			: [span('  '), ...fieldSpans('› ', dialog.reply, inner - 6)],
		[],
	];
};

const reasonLines = (drawing: Drawing, dialog: Peek, inner: number): readonly Line[] => {
	const {snapshot, keymap, isAscii} = drawing;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const cause = dialog.row.startsWith('hold:') ? task?.hold : agent?.reason || task?.reason;
	const [first = 'no reason was given', ...rest] = wrap(cause || (agent ? agent.doing || 'nothing is wrong here' : ''), inner - 14, 4);
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '', isAscii);
	const offer = (action: string, text: string): Line => [span(`  ${key(action)}  `.padEnd(5), 'strong'), span(text)];
	const lines: Line[] = [labelled('why', first, 8, inner), ...rest.map(row => labelled('', row, 8, inner))];
	if (task) {
		lines.push(
			labelled(
				'attempt',
				`${task.attempt} · ${task.failures} of ${task.attempts} failed${task.rounds > 0 && task.home !== 'plan' ? ` · ${task.rounds} review rounds` : ''}`,
				8,
				inner,
			),
		);
		if (task.branch)
			lines.push(labelled('left', `branch ${said(task.branch)}${task.commit ? ` at ${said(task.commit).slice(0, 9)}` : ''}`, 8, inner));
	}
	const last = agent ? drawing.tail(agent.id, 4) : lastRows(task?.last ?? '', 4);
	for (const [index, row] of last.entries()) lines.push(labelled(index === 0 ? 'last' : '', row, 8, inner));
	lines.push([]);
	if (task?.state === 'dead') lines.push(offer('requeue', 'requeue: try again from the start, failures forgotten'));
	else if (task && dialog.row.startsWith('hold:')) {
		const moves = wrap(whatMoves(task, snapshot.team, snapshot), inner - 14, 3);
		for (const [index, row] of moves.entries()) lines.push(labelled(index === 0 ? 'moves it' : '', row, 8, inner));
	} else if (task && task.state !== 'merged') lines.push(offer('reassign', 'give its task to another agent now'));
	if (agent) lines.push(offer('zoom', 'its screen'), offer('type', `type into ${agentName(agent.id)}`), offer('stop', 'stop…'));
	return [...lines, []];
};
