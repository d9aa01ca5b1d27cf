import {type Agent, agentName, isAsking} from '../../core/agent/agent.ts';
import {attention} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';
import {rowName, typeInto} from '../state/focus.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import {cardOf, openPeek, type Peek} from '../state/open.ts';
import {isDecision} from '../state/reading.ts';
import type {ViewState} from '../state/state.ts';
import {edit, emptyEditor, insert} from '../text/editor.ts';

const SCROLL_ROWS = 5;

/** Prefilled reply: what a human most often wants to know first. */
const ASK_WHY = 'Before I answer: what exactly does this do, and why is it needed?';

/** Time after a digit during which another character makes it the beginning of a reply, ms. */
const DIGIT_MS = 500;

/** Up to nine choices, a digit answers by itself; above that Enter submits the number. */
export const answersAtOnce = ({choices}: Pick<Agent, 'choices'>): boolean => choices.length <= MOST_DIGITS;
const MOST_DIGITS = 9;

const numberIn = (text: string, most: number): number | undefined => {
	const number = /^\d{1,4}$/.test(text.trim()) ? Number(text.trim()) : 0;
	return number >= 1 && number <= most ? number : undefined;
};

/** After a snapshot: if the question changed, or the agent of a card without one asks now, shows the new one and drops what was typed. */
export const followQuestion = (state: ViewState, context: Context): ViewState => {
	const {dialog} = state;
	if (dialog?.kind !== 'peek') return state;
	const agent = context.snapshot.team.agents.get(dialog.row);
	if (dialog.questionId === '')
		return agent && isAsking(agent)
			? say({...state, dialog: cardOf(dialog.row, context)}, `${rowName(dialog.row)} needs input: read it first`, context.now, true)
			: state;
	if (agent && isAsking(agent) && agent.questionId === dialog.questionId) return state;
	const text = agent && isAsking(agent) ? 'the question has changed: read it again' : `${rowName(dialog.row)} no longer needs input`;
	return say({...state, dialog: cardOf(dialog.row, context)}, text, context.now, true);
};

/** After a snapshot: the answer by a digit that was followed by nothing for a short time; undefined before, and without one. */
export const digitAnswer = (state: ViewState, context: Context): Updated | undefined => {
	const {dialog} = state;
	if (dialog?.kind !== 'peek' || dialog.digitAt === 0 || context.now - dialog.digitAt < DIGIT_MS) return undefined;
	return answer(state, dialog, {choice: Number(dialog.reply.text)}, context);
};

/** The digit counts as text from here on. */
const asText = (dialog: Peek): Peek => ({...dialog, digitAt: 0});

/** A digit waits for what follows: Enter and the arrows to other questions send it, Esc drops it, all else makes it text. */
const afterDigit = (state: ViewState, dialog: Peek, action: string, context: Context): Updated | undefined => {
	if (action === 'reply' || action === 'next' || action === 'previous')
		return answer(state, dialog, {choice: Number(dialog.reply.text)}, context);
	if (action === 'close') return unchanged(say({...state, dialog: undefined}, 'Nothing was sent.', context.now));
	return action === 'explain' ? unchanged({...state, dialog: asText(dialog)}) : undefined;
};

/**
 * Keys of the dialog. An answer is bound to the painted question: keys typed before it was visible are dropped, and if the question changed
 * nothing is sent and the dialog says so.
 */
export const updatePeek = (state: ViewState, dialog: Peek, action: string, key: string, text: string, context: Context): Updated => {
	const followed = dialog.digitAt > 0 ? afterDigit(state, dialog, action, context) : undefined;
	if (followed) return followed;
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
	if (dialog.reply.text === '' && agent && isAsking(agent) && agent.questionId !== dialog.questionId)
		return unchanged(followQuestion(state, context));
	if (dialog.reply.text === '' && /^[1-9]$/.test(key) && agent && answersAtOnce(agent) && Number(key) <= agent.choices.length)
		return and(
			{...state, dialog: {...dialog, reply: insert(emptyEditor, key), digitAt: Math.max(1, context.now)}},
			{type: 'wake', ms: DIGIT_MS + 10},
		);
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
	return unchanged(reply ? {...state, dialog: {...asText(dialog), reply}} : state);
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

/** Room actions that work in a dialog without a question: retry, reassign, stop, the pane; for a task also what unblocks it. */
const PASS_THROUGH: readonly string[] = ['retry', 'reassign', 'stop', 'pause', 'type', 'zoom', 'log', 'task'];

/** The room action of a key in a dialog without a question; '' for other keys or dialogs. */
export const passThrough = (dialog: Peek, key: string, {keymap}: Context): string => {
	const action = dialog.questionId === '' && dialog.paintedAt > 0 ? (keymap.find('room', key)?.action ?? '') : '';
	if (dialog.row === 'stray') return action === 'undo-base' || action === 'keep-base' ? action : '';
	const isPassedThrough = PASS_THROUGH.includes(action) || (dialog.row.startsWith('hold:') && (action === 'unlock' || action === 'cancel'));
	return isPassedThrough ? action : '';
};

export const neighbour = (state: ViewState, row: string, step: 1 | -1, context: Context): ViewState => {
	const items = attention(context.snapshot, serverNow(context.snapshot, context.now));
	if (items.length === 0) return state;
	const at = items.findIndex(item => item.id === row);
	const item = items[at === -1 ? 0 : (at + step + items.length) % items.length];
	return item ? openPeek(state, item.id, context) : state;
};

/** The open question while unseen: keys only count once it was visible. '' if none, also while its texts are being read. */
export const unseenCard = ({dialog, reading}: Pick<ViewState, 'dialog' | 'reading'>): string => {
	if (dialog?.kind === 'peek') return dialog.paintedAt === 0 ? `peek ${dialog.row} ${dialog.questionId}` : '';
	if (!isDecision(dialog) || dialog.paintedAt !== 0 || reading?.task?.id !== dialog.task) return '';
	return `${dialog.kind} ${dialog.task} ${reading.version} ${reading.task.proposal}`;
};
