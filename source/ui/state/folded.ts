import type {RoomSnapshot} from '../../store/room.ts';
import {panelEvents} from '../model/events.ts';
import {locks} from '../model/locks.ts';
import {queue} from '../model/queue.ts';
import {serverNow} from '../model/time.ts';
import {type Layout, layoutOf, type OwnPanels, type Panel} from '../text/layout.ts';
import type {Context} from './message.ts';
import type {List, ViewState} from './state.ts';

/** Panels that fold to their title while they are empty, with since when they are so, or are not. */
export type Folds = Readonly<Record<2 | 3 | 4, {readonly isEmpty: boolean; readonly since: number; readonly isFolded: boolean}>>;

/** A lock of a merge comes and goes within a second: a panel opens for what stays, and folds when it was empty for a while, ms. */
const OPENS_MS = 1500;
const FOLDS_MS = 8000;

const isEmpty = (panel: 2 | 3 | 4, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): boolean => {
	if (panel === 2) return queue(snapshot, serverNow(snapshot, now)).length === 0;
	if (panel === 3) return locks(snapshot).length === 0 && snapshot.conflicts.length === 0;
	return panelEvents(snapshot).length === 0;
};

/** The folds after a snapshot. At first sight a panel is as it is; later nothing moves at once. */
export const withFolds = (state: ViewState, context: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	const {now} = context;
	const next = ([2, 3, 4] as const).map(panel => {
		const empty = isEmpty(panel, context);
		const before = state.folds?.[panel];
		if (!before) return [panel, {isEmpty: empty, since: now, isFolded: empty}] as const;
		const since = before.isEmpty === empty ? before.since : now;
		const isFolded = now - since >= (empty ? FOLDS_MS : OPENS_MS) ? empty : before.isFolded;
		return [panel, since === before.since && isFolded === before.isFolded ? before : {isEmpty: empty, since, isFolded}] as const;
	});
	if (state.folds && next.every(([panel, fold]) => state.folds?.[panel] === fold)) return state;
	return {...state, folds: Object.fromEntries(next) as unknown as Folds};
};

/** Panels that are one line now: folded, without the keys, and without a filter that makes them empty. */
const foldedPanels = ({folds, focus, filters}: ViewState): readonly Panel[] =>
	([2, 3, 4] as const).filter(panel => folds?.[panel].isFolded && focus !== panel && !(panel === 3 && focus > 5) && !filters[panel]);

/**
 * The list that the shared rectangle shows: the one opened last, also while the keys are elsewhere. No conflict is hidden behind the tab of an
 * empty panel, and conflicts that are gone leave their place.
 */
const sharedList = ({focus, tab, side, lower}: ViewState, snapshot: RoomSnapshot, kind: Layout['kind'], now: number): List => {
	const wanted = kind === 'wide' ? side : kind === 'medium' ? lower : tab;
	if (wanted === focus) return wanted;
	if (snapshot.conflicts.length === 0) return wanted !== 6 ? wanted : kind === 'wide' ? 3 : 2;
	const isBare = wanted === 3 ? locks(snapshot).length === 0 : wanted === 2 && queue(snapshot, serverNow(snapshot, now)).length === 0;
	return isBare ? 6 : wanted;
};

/** The layout of a screen of this size. */
export const layoutFor = (
	{columns, rows}: {readonly columns: number; readonly rows: number},
	state: ViewState,
	{snapshot, now}: Pick<Context, 'snapshot' | 'now'>,
	own: readonly (keyof OwnPanels)[],
): Layout =>
	layoutOf(columns, rows, {
		isZoomed: state.isZoomed,
		isTyping: state.typing !== '',
		isReading: state.scroll !== undefined,
		folded: foldedPanels(state),
		shared: kind => sharedList(state, snapshot, kind, now),
		own,
	});
