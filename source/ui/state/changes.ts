import {serverNow} from '../model/ages.ts';
import {digest, type News} from '../model/digest.ts';
import {openCost} from './cost.ts';
import type {Dialog} from './dialogs.ts';
import {focusOn} from './focus.ts';
import {openTask, openTrain, toggleBoard} from './pages/pages.ts';
import {openPeek} from './peek.ts';
import {seeAll, seenNow} from './seen.ts';
import {and, type Context, say, type Updated, unchanged, type ViewState} from './state.ts';

type Changes = Extract<Dialog, {kind: 'changes'}>;

/** Opens what changed since this person looked last. */
export const openChanges = (state: ViewState, context: Context): Updated =>
	unchanged({...state, dialog: {kind: 'changes', index: 0, seen: seenNow(state, context)}});

/** What the dialog lists now. */
export const newsOf = (dialog: Changes, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): readonly News[] =>
	digest(snapshot, dialog.seen, serverNow(snapshot, now));

const goTo = (state: ViewState, {way}: News, context: Context): ViewState => {
	switch (way.to) {
		case 'task':
			return openTask(state, way.id);
		case 'card':
			return openPeek(state, way.id, context);
		case 'row':
			return {...focusOn(state, 1), filters: {...state.filters, 1: ''}, selected: {...state.selected, 1: way.id}};
		case 'train':
			return openTrain(state);
		case 'board':
			return toggleBoard({...state, pages: []}, way.id, context);
		case 'cost':
			return openCost(state);
	}
};

/** Keys of the room that count in the digest too, where they are printed beside what they lead to. */
const LENT = ['next-attention', 'cost', 'board'];

/** The room's action that a key runs from the digest; '' for any other key, and where the digest itself has it. */
export const lentByChanges = (key: string, {keymap}: Pick<Context, 'keymap'>): string => {
	const action = keymap.findIn(['changes', 'room'], key)?.action ?? '';
	return LENT.includes(action) ? action : '';
};

/** Whatever way one leaves it, all of it has been looked at then. */
export const leaveChanges = (state: ViewState, context: Context): ViewState => ({...seeAll(state, context), dialog: undefined});

export const updateChanges = (state: ViewState, dialog: Changes, action: string, context: Context): Updated => {
	const news = newsOf(dialog, context);
	const left = leaveChanges(state, context);
	if (action === 'close') return and(left, {type: 'keep'});
	if (action === 'next' || action === 'previous') {
		const index = Math.max(0, Math.min(news.length - 1, dialog.index + (action === 'next' ? 1 : -1)));
		return unchanged({...state, dialog: {...dialog, index}});
	}
	if (action === 'seen') {
		const all = seeAll(state, context);
		return and(say({...all, dialog: {...dialog, index: 0, seen: seenNow(all, context)}}, 'all of it counts as seen', context.now), {
			type: 'keep',
		});
	}
	const chosen = news[Math.min(dialog.index, news.length - 1)];
	return action === 'open' && chosen ? and(goTo(left, chosen, context), {type: 'keep'}) : unchanged(state);
};
