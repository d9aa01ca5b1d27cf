import {type Agent, agentName, isAsking} from '../../core/agent/agent.ts';
import {attention} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';
import {rowName, typeInto} from '../state/focus.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import {cardOf, openPeek, type Peek} from '../state/open.ts';
import {isDecision} from '../state/reading.ts';
import type {ViewState} from '../state/state.ts';
import {edit, emptyEditor, insert} from '../text/editor.ts';

/** Rows that one key scrolls. */
const SCROLL_ROWS = 5;

/** What a person most often wants to know before an answer; it stands in the reply, to be changed or sent. */
const ASK_WHY = 'Before I answer: what exactly does this do, and why is it needed?';

/** Digits answer at once where each choice has one; of more than nine a number is written, and enter answers. */
export const answersAtOnce = ({choices}: Pick<Agent, 'choices'>): boolean => choices.length <= MOST_DIGITS;
const MOST_DIGITS = 9;

const numberIn = (text: string, most: number): number | undefined => {
	const number = /^\d{1,4}$/.test(text.trim()) ? Number(text.trim()) : 0;
	return number >= 1 && number <= most ? number : undefined;
};

/** After a change of the room: a card whose question is another now is shown anew, and what was typed for the old one is gone. */
export const followQuestion = (state: ViewState, context: Context): ViewState => {
	const {dialog} = state;
	if (dialog?.kind !== 'peek' || dialog.questionId === '') return state;
	const agent = context.snapshot.team.agents.get(dialog.row);
	if (agent && isAsking(agent) && agent.questionId === dialog.questionId) return state;
	const text = agent && isAsking(agent) ? 'the question has changed: read it again' : `${rowName(dialog.row)} no longer needs input`;
	return say({...state, dialog: cardOf(dialog.row, context)}, text, context.now, true);
};

/**
 * Keys on the card. An answer is bound to the question that was painted: a key typed before the card stood on the screen is dropped,
 * and when the question is another by now, nothing is sent and the card says so.
 */
export const updatePeek = (state: ViewState, dialog: Peek, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'scroll-down' || action === 'scroll-up') {
		const most = context.overflow(state).dialog;
		const to = Math.min(most, dialog.scroll) + (action === 'scroll-down' ? SCROLL_ROWS : -SCROLL_ROWS);
		return unchanged({...state, dialog: {...dialog, scroll: Math.min(most, Math.max(0, to))}});
	}
	if (dialog.paintedAt === 0) return unchanged(state);
	if (action === 'next' || action === 'previous') return unchanged(neighbour(state, dialog.row, action === 'next' ? 1 : -1, context));
	const agent = context.snapshot.team.agents.get(dialog.row);
	if (action === 'into' && agent && (dialog.reply.text === '' || dialog.questionId === '')) return typeInto(state, dialog.row, context);
	if (dialog.questionId === '') return unchanged(state);
	const choice = Number(key);
	if (dialog.reply.text === '' && /^[1-9]$/.test(key) && agent && answersAtOnce(agent) && choice <= agent.choices.length)
		return answer(state, dialog, {choice}, context);
	if (action === 'explain')
		return unchanged(dialog.reply.text === '' ? {...state, dialog: {...dialog, reply: insert(emptyEditor, ASK_WHY)}} : state);
	if (action === 'reply') {
		const number = agent && !answersAtOnce(agent) ? numberIn(dialog.reply.text, agent.choices.length) : undefined;
		if (number !== undefined) return answer(state, dialog, {choice: number}, context);
		return dialog.reply.text.trim() === ''
			? unchanged(say(state, 'Type a reply or press the number of a choice.', context.now))
			: answer(state, dialog, {text: dialog.reply.text}, context);
	}
	const reply = edit(dialog.reply, key, text);
	return unchanged(reply ? {...state, dialog: {...dialog, reply}} : state);
};

const answer = (state: ViewState, dialog: Peek, given: {choice?: number; text?: string}, context: Context): Updated => {
	const agent = context.snapshot.team.agents.get(dialog.row);
	if (!agent || !isAsking(agent) || agent.questionId !== dialog.questionId) return unchanged(followQuestion(state, context));
	const said = given.choice === undefined ? 'your reply' : `${given.choice} ${agent.choices[given.choice - 1] ?? ''}`.trim();
	return and(say({...state, dialog: undefined}, `answered ${agentName(agent.id)}: ${said}`, context.now), {
		type: 'dispatch',
		action: {type: 'answer', agent: agent.id, questionId: dialog.questionId, ...given},
	});
};

/** Where nothing is asked, the card lends its keys to the room's own actions that help: requeue, reassign, stop, its screen; that of a task also what ends its wait. */
const PASS_THROUGH: readonly string[] = ['retry', 'reassign', 'stop', 'pause', 'type', 'zoom', 'log', 'task'];

/** The room's action that a key runs from a card without a question; '' for any other key or card. */
export const passThrough = (dialog: Peek, key: string, {keymap}: Context): string => {
	const action = dialog.questionId === '' && dialog.paintedAt > 0 ? (keymap.find('room', key)?.action ?? '') : '';
	if (dialog.row === 'stray') return action === 'undo-base' || action === 'keep-base' ? action : '';
	const isPassedThrough = PASS_THROUGH.includes(action) || (dialog.row.startsWith('hold:') && (action === 'unlock' || action === 'cancel'));
	return isPassedThrough ? action : '';
};

/** The next card of what needs a person. */
export const neighbour = (state: ViewState, row: string, step: 1 | -1, context: Context): ViewState => {
	const items = attention(context.snapshot, serverNow(context.snapshot, context.now));
	if (items.length === 0) return state;
	const at = items.findIndex(item => item.id === row);
	const item = items[at === -1 ? 0 : (at + step + items.length) % items.length];
	return item ? openPeek(state, item.id, context) : state;
};

/**
 * What the open card asks, where it has not been seen yet: keys count only once it has. '' where nothing waits to be seen, also while the
 * texts of what is to be decided are still being read.
 */
export const unseenCard = ({dialog, reading}: Pick<ViewState, 'dialog' | 'reading'>): string => {
	if (dialog?.kind === 'peek') return dialog.paintedAt === 0 ? `peek ${dialog.row} ${dialog.questionId}` : '';
	if (!isDecision(dialog) || dialog.paintedAt !== 0 || reading?.task?.id !== dialog.task) return '';
	return `${dialog.kind} ${dialog.task} ${reading.version} ${reading.task.proposal}`;
};
