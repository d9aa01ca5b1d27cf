import {type Agent, agentName, isAsking} from '../../core/agent.ts';
import {serverNow} from '../model/ages.ts';
import {attention} from '../model/attention.ts';
import {openCost} from './cost.ts';
import {decisionOn} from './decision.ts';
import type {Decision, Dialog} from './dialogs.ts';
import {edit, emptyEditor, insert} from './editor.ts';
import {rowName, typeInto} from './focus.ts';
import {openFrozen} from './frozen.ts';
import {openTrain} from './pages/pages.ts';
import {isDecision} from './reading.ts';
import {and, type Context, pageOf, say, type Updated, unchanged, type ViewState} from './state.ts';

type Peek = Extract<Dialog, {kind: 'peek'}>;

/** Rows that one key scrolls. */
const SCROLL_ROWS = 5;

/** What a person most often wants to know before an answer; it stands in the reply, to be changed or sent. */
const ASK_WHY = 'Before I answer: what exactly does this do, and why is it needed?';

const cardOf = (row: string, {snapshot}: Context): Peek | Decision => {
	const task = snapshot.team.tasks.get(row.replace(/^task:/, ''));
	if (row.startsWith('task:') && task?.asks) return decisionOn(task);
	const agent = snapshot.team.agents.get(row);
	return {kind: 'peek', row, questionId: agent && isAsking(agent) ? agent.questionId : '', paintedAt: 0, reply: emptyEditor, scroll: 0};
};

/** Opens the card of a row and selects it where it has a row of its own; keys count once it has been painted. */
export const openPeek = (state: ViewState, row: string, context: Context): ViewState => {
	const isHeld = row.startsWith('hold:');
	const selected = isHeld ? {...state.selected, 2: row.slice(5)} : {...state.selected, 1: row};
	const focus = isHeld ? 2 : 1;
	if (row === 'base') return openTrain({...state, dialog: undefined});
	if (row === 'budget') return context.snapshot.team.control.frozen ? openFrozen(state, context) : openCost(state);
	const dialog = cardOf(row, context);
	// A decision lies over the page. Other cards lend the room's keys, which mean the selected row: no page may cover it.
	if (isDecision(dialog) && pageOf(state)) return {...state, dialog};
	return {...state, pages: [], focus, tab: focus, filters: {...state.filters, [focus]: ''}, selected, scroll: undefined, dialog};
};

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
	const text = agent && isAsking(agent) ? 'the question changed, look again' : `${rowName(dialog.row)} asks no longer`;
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
			? unchanged(say(state, 'Type a reply, or press the number of a choice.', context.now))
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
const LENT: readonly string[] = ['requeue', 'reassign', 'stop', 'pause', 'type', 'zoom', 'log', 'task'];

/** The room's action that a key runs from a card without a question; '' for any other key or card. */
export const lentAction = (dialog: Peek, key: string, {keymap}: Context): string => {
	const action = dialog.questionId === '' && dialog.paintedAt > 0 ? (keymap.find('room', key)?.action ?? '') : '';
	const isLent = LENT.includes(action) || (dialog.row.startsWith('hold:') && (action === 'unlock' || action === 'cancel'));
	return isLent ? action : '';
};

/** The next card of what needs a person. */
export const neighbour = (state: ViewState, row: string, step: 1 | -1, context: Context): ViewState => {
	const items = attention(context.snapshot, serverNow(context.snapshot, context.now));
	if (items.length === 0) return state;
	const at = items.findIndex(item => item.id === row);
	const item = items[at === -1 ? 0 : (at + step + items.length) % items.length];
	return item ? openPeek(state, item.id, context) : state;
};
