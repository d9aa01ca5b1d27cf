import {NEED_WORDS} from '../key-row.ts';
import {keyLabel, keyOf} from '../keymap.ts';
import {unseenCard} from './card.ts';
import {needsMet} from './selection.ts';
import {type Context, isTextScope, scopesOf, type Updated, type ViewState} from './state.ts';

/** What a key may leave as it is without a word: who looks sees that it is the end of a list, or the place where they are already. */
const isQuiet = (action: string): boolean =>
	/^(next|previous|up|down|first|last|left|right|half-|scroll-|panel-|task-panel-|follow|back|close)/.test(action) ||
	/-(panel|page)$/.test(action);

/** All that a person sees of a state: neither when their last key came nor what was said before it. */
const isSame = (a: ViewState, b: ViewState): boolean =>
	(Object.keys(b) as (keyof ViewState)[]).every(name => name === 'toast' || name === 'lastKeyAt' || a[name] === b[name]);

/**
 * Why a key did nothing, as a sentence: what it needs and does not find, or that it means nothing here. '' where it did something or has said
 * why itself, where it is text, and on a card that has not been seen yet, whose keys are dropped.
 */
export const whyInert = (before: ViewState, {state, commands}: Updated, key: string, context: Context): string => {
	if (commands.length > 0 || state.toast !== before.toast || !isSame(before, state)) return '';
	if (context.layout.kind === 'refused' || unseenCard(before) !== '') return '';
	const row = context.keymap.findIn(scopesOf(before), key);
	if (row && isQuiet(row.action)) return '';
	if (row?.needs && !needsMet(before, context).has(row.needs))
		return `${row.help.replace(/…$/, '')} cannot be done now: ${NEED_WORDS[row.needs]}.`;
	if (row || isTextScope(before)) return '';
	return `${keyLabel(key, false)} does nothing here: ${keyOf(context.keymap, 'help')} shows the keys that count.`;
};
