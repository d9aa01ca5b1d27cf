import {type Agent, agentName, isAsking} from '../../core/agent/agent.ts';
import {endedAfter} from '../../core/queue/dependencies.ts';
import {whyBraked} from '../../core/queue/eligibility.ts';
import {whatMoves} from '../../core/queue/unblock.ts';
import {whyHere} from '../../core/queue/why.ts';
import type {Task} from '../../core/task/task.ts';
import {dollars} from '../../core/text/format.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {attention} from '../model/attention.ts';
import {LOOKS, lookNow, lookOf} from '../model/looks.ts';
import {ageOf} from '../model/time.ts';
import {lastRows} from '../panels/pane.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {rowName} from '../state/focus.ts';
import type {Peek} from '../state/open.ts';
import {fieldSpans, verbatim} from '../text/blocks.ts';
import {windowStart} from '../text/box.ts';
import {cut, type Line, labelled, said, span, type Tone, wrap} from '../text/text.ts';
import {answersAtOnce} from './card.ts';
import {causeLines} from './log.ts';
import {strayDialog} from './stray.ts';

/** It is at work or waits: nothing has failed. */
const isAlive = (agent: Agent | undefined): boolean =>
	agent !== undefined && !['dead', 'stalled', 'logged-out', 'out-of-context'].includes(lookOf(agent));

/** Where its work is: nothing of it is lost. */
const leftOf = ({branch, commit, worktree}: Task): string =>
	[
		branch && `branch ${said(branch)}${commit ? ` at ${said(commit).slice(0, 9)}` : ''}`,
		worktree && `worktree ${said(worktree).split('/').slice(-2).join('/')}`,
	]
		.filter(Boolean)
		.join(', ');

/** By which sign the room knows what an agent does. */
const seenLines = (evidence: string, inner: number): readonly Line[] =>
	wrap(evidence, inner - 14, 3).map((row, index) => labelled(index === 0 ? 'seen' : '', row, 8, inner));

/** Why somebody or something stands, what is left of its work, and the keys that help, the fitting one first. */
const reasonLines = (drawing: Drawing, dialog: Peek, inner: number): readonly Line[] => {
	const {snapshot, keymap, isAscii} = drawing;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const braked = agent ? whyBraked(agent, snapshot.team.control, teamNow(drawing)) : '';
	const isHeld = dialog.row.startsWith('hold:');
	const without = task ? endedAfter(task, snapshot.team) : '';
	const held = task && (task.hold || whyHere(task, snapshot.team, teamNow(drawing), snapshot));
	const reason = isHeld ? held : agent?.reason || braked || task?.reason;
	const [first = 'no reason was given', ...rest] = wrap(reason || (agent ? agent.doing || 'nothing is wrong here' : ''), inner - 14, 4);
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '', isAscii);
	const offer = (action: string, text: string): Line => [span(`  ${key(action)}  `.padEnd(5), 'strong'), span(text)];
	const printed = agent ? drawing.tail(agent.id, 20).join('\n') : (task?.last ?? '');
	const cause = isHeld || isAlive(agent) ? [] : causeLines(drawing, task?.id ?? '', agent?.id ?? '', printed, inner);
	const lines: Line[] = cause.length > 0 ? [...cause] : [labelled('why', first, 8, inner), ...rest.map(row => labelled('', row, 8, inner))];
	if (agent?.evidence) lines.push(...seenLines(agent.evidence, inner));
	if (task) {
		if (task.attempt > 0)
			lines.push(
				labelled(
					'attempt',
					`${task.attempt} · ${task.failures} of ${task.attempts} failed${task.rounds > 0 && task.home !== 'plan' ? ` · ${task.rounds} review rounds` : ''}`,
					8,
					inner,
				),
			);
		const left = leftOf(task);
		if (left !== '') lines.push(labelled('left', left, 8, inner));
	}
	const last = agent ? drawing.tail(agent.id, 4) : lastRows(task?.last ?? '', 4);
	for (const [index, row] of last.entries()) lines.push(labelled(index === 0 ? 'last' : '', row, 8, inner));
	lines.push([]);
	if (task?.state === 'dead') lines.push(offer('requeue', 'requeue: try again from the start, failures forgotten'));
	else if (agent?.status === 'logged-out') lines.push(offer('pause', 'let it go on, once it is logged in again'));
	else if (agent && lookNow(agent, snapshot.team, teamNow(drawing)) === 'rate-limited')
		lines.push([span(`  agent-room unbrake ${said(agent.account)}`, 'strong'), span('  lets it try at once')]);
	else if (task && isHeld && without !== '')
		lines.push(offer('unlock', `let it go on without ${said(without)}…`), offer('cancel', 'cancel it too…'));
	else if (task && isHeld) {
		const moves = wrap(whatMoves(task, snapshot.team, snapshot), inner - 14, 3);
		for (const [index, row] of moves.entries()) lines.push(labelled(index === 0 ? 'moves it' : '', row, 8, inner));
	} else if (task && task.state !== 'merged') lines.push(offer('reassign', 'give its task to another agent now'));
	if (task) lines.push(offer('log', 'its log'));
	if (agent) lines.push(offer('zoom', 'its screen'), offer('type', `type into ${agentName(agent.id)}`), offer('stop', 'stop…'));
	return [...lines, []];
};

/** So few rows that blank ones would hide what matters. */
const isSmall = ({layout}: Drawing): boolean => layout.rows < 20;

/** The card of one agent, dead task or held landing: its exact question with numbered choices, or why it stands and which key helps. */
export const peekDialog = (drawing: Drawing, dialog: Peek): DialogContent => {
	if (dialog.row === 'stray') return strayDialog(drawing);
	const {snapshot, layout} = drawing;
	const width = layout.columns >= 120 ? 92 : Math.min(76, layout.columns - 2);
	const inner = width - 2;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const items = attention(snapshot, teamNow(drawing));
	const same = items.filter(item => item.kind === (items.find(other => other.id === dialog.row)?.kind ?? ''));
	const at = same.findIndex(item => item.id === dialog.row);
	const place = same.length > 1 && at >= 0 ? ` ${at + 1} of ${same.length}` : '';
	const asks = agent !== undefined && isAsking(agent) && dialog.questionId === agent.questionId;
	const name = said(rowName(dialog.row));
	const look = agent ? lookNow(agent, snapshot.team, teamNow(drawing)) : 'dead';
	const word = asks
		? agent.status === 'waiting'
			? 'waits for you ▲'
			: 'asks ▲'
		: dialog.row.startsWith('hold:')
			? 'is held »'
			: look === 'dead'
				? '✗ why it died'
				: `${LOOKS[look].badge.slice(0, 1)} ${LOOKS[look].word}`;
	const asked = asks ? questionLines(drawing, agent, dialog, inner) : undefined;
	const lines = asked?.lines ?? reasonLines(drawing, dialog, inner);
	const gap: readonly Line[] = isSmall(drawing) ? [] : [[]];
	const about = [
		task ? `${said(task.id)} ${cut(task.title, 40)}` : '',
		agent ? said(agent.harness) : '',
		agent && agent.spent > 0 ? dollars(agent.spent) : '',
		agent && asks ? `waiting ${ageOf(agent.statusAt, teamNow(drawing))}` : '',
	];
	return {
		title: [span(`${name} ${word}${place}`, 'strong')],
		titleRight: items.length > 1 ? [span('↑↓ others', 'dim')] : [],
		footer: asks ? (asked?.footer ?? []) : [],
		overflow: asked?.overflow ?? 0,
		lines: [...gap, [span(`  ${about.filter(Boolean).join(' · ')}`, 'dim')], ...gap, ...lines],
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

type Asked = {readonly lines: readonly Line[]; readonly footer: Line; readonly overflow: number};

/** So much of what a question is about can be scrolled through. */
const DETAIL_ROWS = 400;

/** The command, the change or the words that a question is about, in rows; a change is told by its signs, and by colour beside them. */
const detailLines = (detail: string, columns: number): readonly Line[] => {
	const isChange = /^@@ /m.test(detail);
	const toneOf = (line: string): Tone => (!isChange ? 'plain' : line.startsWith('+') ? 'good' : line.startsWith('@@') ? 'strong' : 'plain');
	return detail
		.split('\n', DETAIL_ROWS)
		.flatMap(line => verbatim(line, columns, 6).map((row): Line => row.map(part => span(part.text, toneOf(line)))))
		.slice(0, DETAIL_ROWS);
};

/** The numbered choices. Few are told whole where that is possible: what one allows for good stands at its end. Of many each has a row, as far as there are any. */
const choiceLines = ({choices}: Agent, typed: number, inner: number, isTall: boolean, room: number): readonly Line[] => {
	const numbered = (index: number): string => `${String(index + 1).padStart(choices.length > 9 ? 4 : 3)}  `;
	const lead = numbered(0).length;
	if (answersAtOnce({choices}))
		return choices.flatMap((choice, index) =>
			wrap(choice, inner - lead - 2, isTall ? 3 : 2).map(
				(row, at): Line => [span(at === 0 ? numbered(index) : ' '.repeat(lead), 'strong'), span(row)],
			),
		);
	const most = choices.length > room ? room - 1 : choices.length;
	// The one whose number is being written is in sight.
	const from = windowStart(choices.length, most, Math.max(0, typed - 1));
	const rest = choices.length - most;
	return [
		...choices
			.slice(from, from + most)
			.map((choice, index): Line => [span(numbered(from + index), 'strong'), span(cut(said(choice), inner - lead - 2))]),
		...(rest > 0 ? [[span(`${' '.repeat(lead)}… ${rest} more: a number shows its choice`, 'dim')] as Line] : []),
	];
};

const questionLines = (drawing: Drawing, agent: Agent, dialog: Peek, inner: number): Asked => {
	const {rows} = drawing.layout;
	const isTall = rows >= 36;
	const gap: readonly Line[] = isSmall(drawing) ? [] : [[]];
	const question = wrap(
		agent.question || 'It asks without words: → looks into its pane.',
		inner - 4,
		isTall ? 10 : isSmall(drawing) ? 3 : 5,
	);
	const choices = choiceLines(
		agent,
		Number(dialog.reply.text) || 0,
		inner,
		isTall,
		Math.max(3, rows - question.length - (isSmall(drawing) ? 8 : 13) - (agent.detail.trim() === '' ? 0 : 2)),
	);
	const used = question.length + choices.length + (isSmall(drawing) ? 6 : 12);
	const detail = agent.detail.trim() === '' ? [] : detailLines(agent.detail, inner - 3);
	const shown = Math.min(detail.length, Math.max(2, Math.min(isTall ? 20 : 12, rows - used)));
	const overflow = detail.length - shown;
	const from = Math.min(overflow, dialog.scroll);
	const about = detail.slice(from, from + shown).map((line): Line => [span('  │', 'dim'), ...line]);
	const where = `${from + 1}-${from + shown} of ${detail.length}${agent.detail.split('\n').length > DETAIL_ROWS ? ' and more' : ''}`;
	return {
		lines: [
			...question.map((row): Line => [span(`  ${row}`, 'strong')]),
			...about,
			...gap,
			...choices,
			...(about.length > 0 ? [] : quoted(drawing, agent.id, Math.max(0, Math.min(4, rows - used)), inner)),
			...gap,
			dialog.reply.text === ''
				? [span('  › '), span(' ', 'cursor'), span(answersAtOnce(agent) ? 'or type a reply' : 'the number of a choice, or a reply', 'dim')]
				: [span('  '), ...fieldSpans('› ', dialog.reply, inner - 6)],
			...gap,
		],
		footer: overflow > 0 ? [span(where, 'dim')] : inner > 70 ? [span('the question is checked: it must still be the same', 'dim')] : [],
		overflow,
	};
};
