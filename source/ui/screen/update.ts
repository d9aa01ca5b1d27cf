import {pathsPasted} from '../../core/intake/attached.ts';
import {digitAnswer, followQuestion, unseenCard} from '../dialogs/card.ts';
import {takeEdit, takeRefusal} from '../dialogs/decision.ts';
import {DRAFT_EDIT, takeDraft} from '../dialogs/form.ts';
import {askOfLoss} from '../dialogs/freeze.tsx';
import {beneath, chosenIn, isMenu, openMenu, remember} from '../dialogs/menu.ts';
import {jump} from '../dialogs/prompt.ts';
import type {Pressed} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {type KeyRow, titleOf} from '../keymap/row.ts';
import {keepPlaces} from '../model/agents.ts';
import {panelRows} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';
import {withFolds} from '../state/folded.ts';
import {keepMarks, keepTurns} from '../state/marks.ts';
import {and, type Context, type Message, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {markedOffer, moveOffer, offerRows} from '../state/offers.ts';
import {openTask} from '../state/open.ts';
import {isDecision, proposalOf, takeReading, withReading} from '../state/reading.ts';
import {arranged} from '../state/rows.ts';
import {selectionOf, shownAgent} from '../state/selection.ts';
import {type Dialog, isTextScope, type Menu, pageOf, scopeOf, scopesOf, type ViewState} from '../state/state.ts';
import {markRead, noteKey} from '../state/unread.ts';
import {withDemoEnd} from './demo-end.tsx';
import {takeEntries, takeLook, takeLooked, withLooks, withRecord} from './fetch.ts';
import {closeWhatIsOver, noEffectReason} from './moves.ts';
import {choose, keepPages, kindOf} from './registry.ts';
import {runRoom} from './room-keys.ts';

/** Time after a key during which rows keep their places, ms, so that none moves under the next key. */
const STILL_MS = 2000;

/** A view's reducer: state and message give the next state and commands. Pure: clock and room come by `context`. */
export const update = (state: ViewState, message: Message, context: Context): Updated =>
	withRecord(
		withReading(
			withLooks(withoutStaleScroll(withKeptPages(withoutStaleOffer(answer(state, message, context)), context), context), message, context),
			message,
			context,
		),
		message,
		context,
	);

/** A marker is of the dialog in which it was moved: the next one starts at its default. */
const withoutStaleOffer = (updated: Updated): Updated =>
	updated.state.offer && !updated.state.dialog ? {...updated, state: {...updated.state, offer: undefined}} : updated;

const withKeptPages = (updated: Updated, context: Context): Updated => {
	const state = keepPages(updated.state, context);
	return state === updated.state ? updated : {...updated, state};
};

/** Ends scrollback when another pane, a page or typing takes over. */
const withoutStaleScroll = (updated: Updated, context: Context): Updated => {
	const {state} = updated;
	if (!state.scroll || (!state.typing && !pageOf(state) && shownAgent(state, context) === state.scroll.agent)) return updated;
	return {...updated, state: {...state, scroll: undefined, dialog: state.dialog?.kind === 'search' ? undefined : state.dialog}};
};

const answer = (state: ViewState, message: Message, context: Context): Updated => {
	switch (message.type) {
		case 'key':
			return onPersonKey(state, message, context);
		case 'paste':
			return onPaste(state, message.text, context);
		case 'kept':
			return pasteHere(message.problem === '' ? state : say(state, message.problem, context.now, true), message.text, context);
		case 'leader':
			return and(
				{...noteKey(state, context).state, typing: '', lastTyped: state.typing || state.lastTyped, lastKeyAt: context.now},
				{type: 'type', agent: ''},
			);
		case 'choose':
			return unchanged(choose({...noteKey(state, context).state, toast: undefined, lastKeyAt: context.now}, message));
		case 'told':
			return unchanged(
				message.isBad
					? takeRefusal(say(takeBack({...state, turns: {}}), message.text, context.now, true), message.code ?? '', message.text, context)
					: say(watchSent(state, message.ids), message.text, context.now),
			);
		case 'read':
			return unchanged(takeReading(state, message));
		case 'looked':
			return unchanged(takeLook(state, message));
		case 'entries':
			return unchanged(takeEntries(state, message));
		case 'looked-back':
			return unchanged(takeLooked(state, message, context));
		case 'files':
			return unchanged({...state, files: message.files});
		case 'edited':
			return message.name === DRAFT_EDIT ? takeDraft(state, message.text) : takeEdit(state, message.name, message.text, context);
		case 'said':
			return unchanged(say(state, message.text, context.now));
		case 'not-edited':
			return unchanged(say(state, message.message, context.now, true));
		case 'painted':
			return unchanged(onPainted(state, context));
		case 'snapshot':
			return withDigit(forgetEdit(state, onSnapshot(state, context)), context);
	}
};

/** Opens a task that was added with "add and open". */
const watchSent = ({sent, ...state}: ViewState, ids: readonly string[] = []): ViewState => {
	const done = {...state, sent: undefined};
	const [id] = ids;
	return sent && 'draft' in sent && sent.isWatched && id !== undefined ? openTask(done, id) : done;
};

/** A refused draft returns to its field, unless that has a new text. */
const takeBack = ({sent, ...state}: ViewState): ViewState => {
	const back = {...state, sent: undefined};
	if (!sent) return back;
	if ('draft' in sent) return state.draft.title.text === '' ? {...back, draft: sent.draft} : back;
	return state.words[sent.name] ? back : {...back, words: {...state.words, [sent.name]: sent.words}};
};

/** The question is visible now: from here on keys count. */
const onPainted = (state: ViewState, {now}: Context): ViewState => {
	const {dialog} = state;
	if (dialog?.kind === 'recovery') return dialog.paintedAt > 0 ? state : {...state, dialog: {...dialog, paintedAt: Math.max(1, now)}};
	if (dialog?.kind !== 'peek' && !isDecision(dialog)) return state;
	return unseenCard(state) ? {...state, dialog: {...dialog, paintedAt: Math.max(1, now)}} : state;
};

/** Any key marks the user as present; what happened meanwhile is unread. */
const onPersonKey = (state: ViewState, {key, text}: Extract<Message, {type: 'key'}>, context: Context): Updated => {
	const noted = noteKey(state, context);
	const before = {...noted.state, lastKeyAt: context.now};
	const done = onKey(before, key, text, context);
	const why = noEffectReason(before, done, key, context);
	const told = why === '' ? done : refuse(done.state, why, context);
	const {agent, taskId} = selectionOf(told.state, context);
	const next = {...told, state: markRead(told.state, [agent?.id ?? '', taskId && `task:${taskId}`], context)};
	return noted.isDue ? {...next, commands: [{type: 'keep'}, ...next.commands]} : next;
};

/**
 * Esc and a key in one chunk look like alt: an unbound one counts as both, in order. Esc comes first, so that no dialog is answered by the
 * key.
 */
const pressedAfterEsc = (state: ViewState, key: string, context: Context): string => {
	const rest = key.startsWith('alt+') ? key.slice('alt+'.length) : '';
	return context.keymap.findIn(scopesOf(state), key) ? '' : rest;
};

const onKey = (state: ViewState, key: string, text: string, context: Context): Updated => {
	const rest = pressedAfterEsc(state, key, context);
	if (rest !== '') {
		const first = onKey(state, 'esc', '', context);
		const then = onKey(first.state, rest, [...rest].length === 1 ? rest : rest === 'space' ? ' ' : '', context);
		return {...then, commands: [...first.commands, ...then.commands]};
	}
	const {dialog} = state;
	if (context.layout.kind === 'refused') return key === 'ctrl+c' || key === 'q' ? and(state, {type: 'detach'}) : unchanged(state);
	const action = context.keymap.findIn(scopesOf(state), key)?.action ?? '';
	if (!dialog) return runRoom({...state, toast: undefined}, action, context);
	if (isMenu(dialog) && action === 'run') return runChosen(state, dialog, context);
	const opens = action === '' && !isTextScope(state) ? (context.keymap.find('room', key)?.action ?? '') : '';
	if (opens === 'help' || opens === 'palette') return unchanged(openMenu(state, opens));
	const next = kindOf(dialog).hasMarker ? onOffers(state, dialog, {action, key, text}, context) : undefined;
	if (next) return next;
	return onDialog(state, dialog, {action, key, text}, context);
};

/** Keys of lists move the marker over a dialog's answers; enter gives the marked one, as its own key does. */
const onOffers = (state: ViewState, dialog: Dialog, {key}: Pressed, context: Context): Updated | undefined => {
	const moved = moveOffer(state, context, key);
	if (moved) return unchanged(moved);
	const at = markedOffer(state);
	const row = key === 'enter' && at > 0 ? offerRows(state, context, scopeOf(state))[at] : undefined;
	return row && onDialog({...state, offer: undefined}, dialog, {action: row.action, key: row.keys[0] ?? '', text: ''}, context);
};

const onDialog = (state: ViewState, dialog: Dialog, pressed: Pressed, context: Context): Updated => {
	const kind = kindOf(dialog);
	const passedThrough = kind.lends?.(dialog, pressed, context) ?? '';
	if (passedThrough) return runRoom(kind.left?.(state, context) ?? {...state, dialog: undefined}, passedThrough, context);
	return kind.update(state, dialog, pressed, context);
};

/** Runs a menu's marked row in the context below. An unavailable one says why. */
const runChosen = (state: ViewState, menu: Menu, context: Context): Updated => {
	const chosen = chosenIn(state, menu, context);
	const below = {...beneath(state), toast: undefined};
	if (!chosen) return unchanged(state);
	if ('scope' in chosen) return runRow(below, chosen, context);
	if (chosen.row === undefined) return unchanged(jump({...below, dialog: undefined}, chosen.target, context));
	const next = runRow(remember(below, chosen.id), chosen.row, context);
	const isSilent = !next.state.toast && next.commands.length === 0 && next.state.dialog === below.dialog;
	return chosen.why && isSilent ? refuse(next.state, `${chosen.name} is not possible now: ${chosen.why}.`, context) : next;
};

const runRow = (below: ViewState, row: KeyRow, context: Context): Updated => {
	const {dialog} = below;
	if (row.scope === 'room') return runRoom({...below, dialog: undefined}, row.action, context);
	if (row.scope === 'type') return refuse(below, `That key works only while you type into a pane: ${row.help}.`, context);
	if (!scopesOf(below).includes(row.scope))
		return refuse(below, `That key works only in: ${titleOf(row.scope, context.keymap.rows)}.`, context);
	if (!dialog || scopeOf(below) !== row.scope) return runRoom(below, row.action, context);
	const next = onDialog(below, dialog, {action: row.action, key: row.keys[0] ?? '', text: ''}, context);
	// The dialog was covered: its question must be visible again before keys count.
	const isDropped = 'paintedAt' in dialog && next.state === below && next.commands.length === 0;
	return isDropped ? refuse(below, 'Read it first: it was covered. Press the key again.', context) : next;
};

/** Pasted text goes into the current field, a pasted file with the text; in the room it does nothing. */
const onPaste = (state: ViewState, text: string, context: Context): Updated => {
	const paths = state.dialog && kindOf(state.dialog).takesFiles?.(state) ? pathsPasted(text) : [];
	return paths.length > 0 ? and(state, {type: 'keep-files', paths, paste: text}) : pasteHere(state, text, context);
};

const pasteHere = (state: ViewState, text: string, context: Context): Updated => {
	const {dialog} = state;
	if (dialog) return unchanged(kindOf(dialog).paste?.(state, dialog, text, context) ?? state);
	return unchanged(
		say(state, `Paste into a pane (${keyOf(context.keymap, 'type')}) or a new task (${keyOf(context.keymap, 'new-task')}).`, context.now),
	);
};

const onSnapshot = (state: ViewState, context: Context): ViewState => {
	const {snapshot, now} = context;
	const rows = panelRows(snapshot, serverNow(snapshot, now));
	const isStill = now - state.lastKeyAt < STILL_MS && state.arrangement.length > 0;
	const arrangement = isStill ? keepPlaces(state.arrangement, rows) : arranged(state, rows, snapshot);
	const toast = state.toast && state.toast.until > now ? state.toast : undefined;
	const turned = keepTurns(keepMarks({...state, arrangement, toast}, context), context);
	// No panel opens or folds under a key.
	const next = followQuestion(isStill && state.folds ? turned : withFolds(turned, context), context);
	return askOfLoss(withDemoEnd(closeWhatIsOver(next, context), context), context);
};

/** Sends the digit of a dialog that nothing followed. */
const withDigit = (updated: Updated, context: Context): Updated => {
	const answered = digitAnswer(updated.state, context);
	return answered ? {...answered, commands: [...updated.commands, ...answered.commands]} : updated;
};

/** Deletes the edit of a plan that was accepted. */
const forgetEdit = (before: ViewState, state: ViewState): Updated => {
	const {dialog} = before;
	const proposal = dialog?.kind === 'plan' && dialog.isSent && !state.dialog ? proposalOf(before, dialog.task) : undefined;
	if (!proposal?.edit) return unchanged(state);
	const {[proposal.name]: _done, ...edits} = state.edits;
	return and({...state, edits}, {type: 'forget', name: proposal.name});
};
