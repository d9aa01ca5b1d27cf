import type {Keymap} from '../keymap/keymap.ts';
import type {KeyRow, Scope} from '../keymap/row.ts';
import {type Look, needsMet} from './selection.ts';
import {scopeOf, type ViewState} from './state.ts';

/** The answers that a dialog offers now, from the key table, in their order. */
export const offerRows = (state: ViewState, look: Look & {readonly keymap: Keymap}, scope: Scope): readonly KeyRow[] => {
	const met = needsMet(state, look);
	return look.keymap.rows.filter(row => row.scope === scope && row.order !== undefined && (!row.needs || met.has(row.needs)));
};

/** Index of the marked answer: the default until it was moved in this dialog. */
export const markedOffer = (state: ViewState): number => (state.offer?.scope === scopeOf(state) ? state.offer.index : 0);

const STEPS: Readonly<Record<string, number>> = {up: -1, k: -1, 'shift+tab': -1, down: 1, j: 1, tab: 1};

/** The state with the marker moved by a key of lists; undefined for other keys, and for those that the dialog itself uses. */
export const moveOffer = (state: ViewState, look: Look & {readonly keymap: Keymap}, key: string): ViewState | undefined => {
	const step = STEPS[key];
	const scope = scopeOf(state);
	const rows = step === undefined || look.keymap.find(scope, key) ? [] : offerRows(state, look, scope);
	if (step === undefined || rows.length === 0) return undefined;
	const index = Math.max(0, Math.min(rows.length - 1, markedOffer(state) + step));
	return {...state, offer: {scope, index}};
};
