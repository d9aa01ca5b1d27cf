import {Text} from 'ink';
import {type Agent, agentName, isAsking} from '../../core/agent/agent.ts';
import {cancelledText, usedText} from '../../core/protocol/cost.ts';
import {endedAfter} from '../../core/queue/dependencies.ts';
import {whyThrottled} from '../../core/queue/eligibility.ts';
import {whatMoves} from '../../core/queue/unblock.ts';
import {whyHere} from '../../core/queue/why.ts';
import {attemptCount} from '../../core/task/attempts.ts';
import type {Task} from '../../core/task/task.ts';
import {counted, dollars} from '../../core/text/format.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {attention} from '../model/attention.ts';
import {lookNow, lookOf, STATUS_STYLES} from '../model/status-styles.ts';
import {ageOf} from '../model/time.ts';
import {lastRows} from '../panels/pane.ts';
import {Dialog, Gap, useDialog, Written} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {Rows} from '../parts/row.tsx';
import {T} from '../parts/tone.tsx';
import {rowName} from '../state/focus.ts';
import type {Peek} from '../state/open.ts';
import {verbatim} from '../text/blocks.ts';
import {windowStart} from '../text/box.ts';
import {insert} from '../text/editor.ts';
import {cut, type Line, labelled, said, span, type Tone, wrap} from '../text/text.ts';
import {answersAtOnce, passThrough, updatePeek} from './card.ts';
import {causeLines} from './log.tsx';
import {StrayCard, stray} from './stray.tsx';

/** True if it runs or waits: nothing has failed. */
const isAlive = (agent: Agent | undefined): boolean =>
	agent !== undefined && !['crashed', 'stalled', 'logged-out', 'not-set-up', 'out-of-context'].includes(lookOf(agent));

const leftOf = ({branch, commit, worktree}: Task): string =>
	[
		branch && `branch ${said(branch)}${commit ? ` at ${said(commit).slice(0, 9)}` : ''}`,
		worktree && `worktree ${said(worktree).split('/').slice(-2).join('/')}`,
	]
		.filter(Boolean)
		.join(', ');

const seenLines = (evidence: string, inner: number): readonly Line[] =>
	wrap(evidence, inner - 14, 3).map((row, index) => labelled(index === 0 ? 'seen' : '', row, 8, inner));

const reasonLines = (drawing: Drawing, dialog: Peek, inner: number): readonly Line[] => {
	const {snapshot, keymap, isAscii} = drawing;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const throttled = agent ? whyThrottled(agent, snapshot.team.control, teamNow(drawing)) : '';
	const isHeld = dialog.row.startsWith('hold:');
	const labels = isHeld ? 10 : 8;
	const without = task ? endedAfter(task, snapshot.team) : '';
	const held = task && (task.waitReason || whyHere(task, snapshot.team, teamNow(drawing), snapshot));
	const reason = isHeld ? held : agent?.reason || throttled || task?.reason;
	const [first = 'no reason given', ...rest] = wrap(reason || (agent ? agent.doing || 'no problem found' : ''), inner - 6 - labels, 4);
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '', isAscii);
	const offer = (action: string, text: string): Line => [span(`  ${key(action)}  `.padEnd(5), 'strong'), span(text)];
	const printed = agent ? drawing.tail(agent.id, 20).join('\n') : (task?.last ?? '');
	const cause = isHeld || isAlive(agent) ? [] : causeLines(drawing, task?.id ?? '', agent?.id ?? '', printed, inner);
	const lines: Line[] =
		cause.length > 0 ? [...cause] : [labelled('why', first, labels, inner), ...rest.map(row => labelled('', row, labels, inner))];
	if (agent?.evidence) lines.push(...seenLines(agent.evidence, inner));
	if (agent && cancelledText(agent) !== '') lines.push(labelled('used', usedText(agent), labels, inner));
	if (task) {
		if (task.attempt > 0)
			lines.push(
				labelled(
					'attempt',
					`${attemptCount(task)}${task.rounds > 0 && task.firstStage !== 'plan' ? ` · ${counted(task.rounds, 'review round')}` : ''}`,
					labels,
					inner,
				),
			);
		const left = leftOf(task);
		if (left !== '') lines.push(labelled('left', left, labels, inner));
	}
	const last = agent ? drawing.tail(agent.id, 4) : lastRows(task?.last ?? '', 4);
	for (const [index, row] of last.entries()) lines.push(labelled(index === 0 ? 'last' : '', row, labels, inner));
	lines.push([]);
	if (task?.state === 'failed') lines.push(offer('retry', 'retry with all attempts again'));
	else if (agent?.status === 'logged-out')
		lines.push(offer('pause', lookOf(agent) === 'not-set-up' ? 'resume, once it is set up' : 'resume, once it is logged in again'));
	else if (agent && lookNow(agent, snapshot.team, teamNow(drawing)) === 'rate-limited')
		lines.push([span(`  agent-room clear-rate-limit ${said(agent.account)}`, 'strong'), span('  tries now')]);
	else if (task && isHeld && without !== '')
		lines.push(offer('unlock', `unblock from ${said(without)}…`), offer('cancel', 'cancel this task too…'));
	else if (task && isHeld) {
		const moves = wrap(whatMoves(task, snapshot.team, snapshot), inner - 6 - labels, 3);
		for (const [index, row] of moves.entries()) lines.push(labelled(index === 0 ? 'to unblock' : '', row, labels, inner));
	} else if (task && task.state !== 'merged') lines.push(offer('reassign', 'reassign its task now'));
	if (task) lines.push(offer('log', 'open log'));
	if (agent) lines.push(offer('zoom', 'open pane'), offer('type', `type into ${agentName(agent.id)}`), offer('stop', 'stop…'));
	return [...lines, []];
};

/** Too low for blank rows. */
const isSmall = ({layout}: Drawing): boolean => layout.rows < 20;

/**
 * The dialog of an agent, failed task or blocked merge, as data: its exact question with numbered choices, or the reason and the key that
 * helps.
 */
const card = (drawing: Drawing, dialog: Peek) => {
	const {snapshot, layout} = drawing;
	const now = teamNow(drawing);
	const width = layout.columns >= 120 ? 92 : Math.min(76, layout.columns - 2);
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const items = attention(snapshot, now);
	const same = items.filter(item => item.kind === (items.find(other => other.id === dialog.row)?.kind ?? ''));
	const at = same.findIndex(item => item.id === dialog.row);
	const needsInput = agent !== undefined && isAsking(agent) && dialog.questionId === agent.questionId;
	const place = same.length > 1 && at >= 0 ? `${needsInput ? '' : ' ·'} ${at + 1} of ${same.length}` : '';
	const look = agent ? lookNow(agent, snapshot.team, now) : 'crashed';
	const word = needsInput
		? agent.status === 'waiting'
			? 'turn ended ▲'
			: 'needs input ▲'
		: dialog.row.startsWith('hold:')
			? 'blocked »'
			: look === 'crashed'
				? `✗ why it ${agent ? 'crashed' : 'failed'}`
				: `${STATUS_STYLES[look].badge.slice(0, 1)} ${STATUS_STYLES[look].word}`;
	const about = [
		task ? `${said(task.id)} ${cut(task.title, 40)}` : '',
		agent ? said(agent.harness) : '',
		agent && agent.spent > 0 ? dollars(agent.spent) : '',
		agent && needsInput ? `waiting ${ageOf(agent.statusAt, now)}` : '',
	];
	return {
		width,
		title: `${said(rowName(dialog.row))} ${word}${place}`,
		hasOthers: items.length > 1,
		about: about.filter(Boolean).join(' · '),
		isLow: isSmall(drawing),
		alarm: dialog.row === 'stray' ? stray(drawing) : undefined,
		asked: needsInput ? questionOf(drawing, agent, dialog, width - 2) : undefined,
		reason: needsInput || dialog.row === 'stray' ? [] : reasonLines(drawing, dialog, width - 2),
	};
};

/** Limit of scrollable rows of a question's detail. */
const DETAIL_ROWS = 400;

type Said = {readonly text: string; readonly tone: Tone};

const detailOf = (detail: string, columns: number): readonly Said[] => {
	if (detail.trim() === '') return [];
	const isChange = /^@@ /m.test(detail);
	const toneOf = (line: string): Tone => (!isChange ? 'plain' : line.startsWith('+') ? 'good' : line.startsWith('@@') ? 'strong' : 'plain');
	return detail
		.split('\n', DETAIL_ROWS)
		.flatMap(line => verbatim(line, columns, 6).map(row => ({text: row.map(({text}) => text).join(''), tone: toneOf(line)})))
		.slice(0, DETAIL_ROWS);
};

type Choice = {readonly number: number; readonly rows: readonly string[]};

/** The numbered choices. A few are shown in full if possible, since what is allowed for good is at the end; many get one row each. */
const choicesOf = ({choices}: Agent, typed: number, columns: number, isTall: boolean, room: number) => {
	const told = (choice: string): readonly string[] => wrap(choice, columns, isTall ? 3 : 2);
	if (answersAtOnce({choices})) return {rest: 0, shown: choices.map((choice, at): Choice => ({number: at + 1, rows: told(choice)}))};
	const most = choices.length > room ? room - 1 : choices.length;
	// Keeps the choice being typed in sight.
	const from = windowStart(choices.length, most, Math.max(0, typed - 1));
	const shown = choices.slice(from, from + most).map((choice, at): Choice => ({number: from + at + 1, rows: [cut(said(choice), columns)]}));
	return {rest: choices.length - most, shown};
};

const questionOf = (drawing: Drawing, agent: Agent, dialog: Peek, inner: number) => {
	const {rows} = drawing.layout;
	const [isTall, isLow] = [rows >= 36, isSmall(drawing)];
	const question = wrap(agent.question || 'The question is in its pane: → opens it.', inner - 4, isTall ? 10 : isLow ? 3 : 5);
	const lead = agent.choices.length > 9 ? 6 : 5;
	const room = Math.max(3, rows - question.length - (isLow ? 8 : 13) - (agent.detail.trim() === '' ? 0 : 2));
	const choices = choicesOf(agent, Number(dialog.reply.text) || 0, inner - lead - 2, isTall, room);
	const choiceRows = choices.shown.flatMap(choice => choice.rows).length + (choices.rest > 0 ? 1 : 0);
	const used = question.length + choiceRows + (isLow ? 6 : 12);
	const detail = detailOf(agent.detail, inner - 3);
	const shown = Math.min(detail.length, Math.max(2, Math.min(isTall ? 20 : 12, rows - used)));
	const overflow = detail.length - shown;
	const from = Math.min(overflow, dialog.scroll);
	const more = agent.detail.split('\n').length > DETAIL_ROWS ? ' and more' : '';
	const checked = inner > 70 ? 'sent only if the question is unchanged' : '';
	return {
		question,
		lead,
		choices,
		detail: detail.slice(from, from + shown),
		overflow,
		footer: overflow > 0 ? `${from + 1}-${from + shown} of ${detail.length}${more}` : checked,
		tail: detail.length > 0 ? [] : drawing.tail(agent.id, Math.max(0, Math.min(4, rows - used))).map(row => cut(row, inner - 4)),
		reply: dialog.reply,
		digit: dialog.digitAt > 0 ? Number(dialog.reply.text) : 0,
		hint: answersAtOnce(agent) ? 'or type a reply' : 'the number of a choice, or a reply',
	};
};
type Asked = ReturnType<typeof questionOf>;

const Detail = ({detail}: Pick<Asked, 'detail'>) =>
	inPlace(detail, ({text, tone}) => (
		<Text>
			<T tone="dim">{'  │'}</T>
			<T tone={tone}>{text}</T>
		</Text>
	));

const Choices = ({choices: {shown, rest}, lead, digit}: Pick<Asked, 'choices' | 'lead' | 'digit'>) => (
	<>
		{inPlace(shown, ({number, rows}) =>
			inPlace(rows, (row, at) => (
				<Text>
					<T tone="strong">{at === 0 ? `${String(number).padStart(lead - 2)}  ` : ' '.repeat(lead)}</T>
					<T tone={number === digit ? 'strong' : 'plain'}>{row}</T>
				</Text>
			)),
		)}
		{rest > 0 && <T tone="dim">{`${' '.repeat(lead)}… ${rest} more: a number shows its choice`}</T>}
	</>
);

const JustBefore = ({tail}: Pick<Asked, 'tail'>) =>
	tail.length > 0 && (
		<>
			<Gap />
			<T tone="dim">{'  last output'}</T>
			{inPlace(tail, row => (
				<T>{`  ${row}`}</T>
			))}
		</>
	);

const Question = ({asked, isLow}: {readonly asked: Asked; readonly isLow: boolean}) => (
	<>
		{inPlace(asked.question, row => (
			<T tone="strong">{`  ${row}`}</T>
		))}
		<Detail {...asked} />
		{!isLow && <Gap />}
		<Choices {...asked} />
		<JustBefore {...asked} />
		{!isLow && <Gap />}
		<Written lead="  › " editor={asked.reply} hint={asked.hint} note={asked.digit > 0 ? 'keep typing to reply' : ''} />
		{!isLow && <Gap />}
	</>
);

const PeekDialog = () => {
	const shown = useDialog('peek', card);
	if (shown?.alarm) return <StrayCard alarm={shown.alarm} />;
	return (
		shown && (
			<Dialog
				width={shown.width}
				title={shown.title}
				titleRight={shown.hasOthers ? OTHERS : undefined}
				footer={shown.asked?.footer ? [span(shown.asked.footer, 'dim')] : undefined}
			>
				{!shown.isLow && <Gap />}
				<T tone="dim">{`  ${shown.about}`}</T>
				{!shown.isLow && <Gap />}
				{shown.asked ? <Question asked={shown.asked} isLow={shown.isLow} /> : <Rows lines={shown.reason} />}
			</Dialog>
		)
	);
};
const OTHERS = [span('↑↓ others', 'dim')];

export const PEEK: DialogKind<Peek> = {
	mode: 'PEEK',
	keys: [
		{scope: 'peek', keys: ['enter'], action: 'reply', label: 'reply', help: 'send reply', group: '', order: 2, needs: 'question'},
		{scope: 'peek', keys: ['up'], action: 'previous', label: '', help: 'previous question', group: ''},
		{scope: 'peek', keys: ['down'], action: 'next', label: 'others', help: 'next question', group: '', order: 3},
		{
			scope: 'peek',
			keys: ['tab'],
			action: 'explain',
			label: 'ask why',
			help: 'ask for an explanation',
			group: '',
			order: 10,
			needs: 'question',
		},
		{
			scope: 'peek',
			keys: ['pgdn'],
			action: 'scroll-down',
			label: 'scroll',
			help: 'scroll details',
			group: '',
			order: 5,
			needs: 'detail',
		},
		{scope: 'peek', keys: ['pgup'], action: 'scroll-up', label: '', help: 'scroll up', group: ''},
		{
			scope: 'peek',
			keys: ['right'],
			action: 'into',
			label: 'open pane',
			help: 'type into pane',
			group: '',
			order: 4,
			needs: 'program',
		},
		{scope: 'peek', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
	],
	update: (state, dialog, {action, key, text}, context) => updatePeek(state, dialog, action, key, text, context),
	Part: PeekDialog,
	overflow: (drawing, dialog) => card(drawing, dialog).asked?.overflow ?? 0,
	takesFiles: () => true,
	paste: (state, dialog, text) =>
		dialog.paintedAt > 0 ? {...state, dialog: {...dialog, reply: insert(dialog.reply, text), digitAt: 0}} : state,
	lends: (dialog, {key}, context) => passThrough(dialog, key, context),
	over: (state, {row}, {snapshot, now}) => {
		const isOver =
			row === 'stray'
				? snapshot.team.control.stray === ''
				: row.startsWith('hold:') && !attention(snapshot, now).some(item => item.id === row);
		return isOver ? {...state, dialog: undefined} : undefined;
	},
};
