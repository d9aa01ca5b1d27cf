import {serverNow} from '../../model/ages.ts';
import {boardColumns, COLUMNS} from '../../model/board.ts';
import {focusOn} from '../focus.ts';
import type {Wanted} from '../looking.ts';
import {firstTaskPage, type Page, type TaskPanel} from '../page.ts';
import {type Context, pageOf, type ViewState} from '../state.ts';
import type {Behaviour, Move} from './behaviour.ts';
import {boardBehaviour} from './board.ts';
import {eventsBehaviour} from './events.ts';
import {locksBehaviour} from './locks.ts';
import {replayBehaviour} from './replay.ts';
import {taskBehaviour} from './task.ts';
import {trainBehaviour} from './train.ts';

const BEHAVIOURS: {readonly [K in Page['kind']]: Behaviour<Extract<Page, {kind: K}>>} = {
	task: taskBehaviour,
	train: trainBehaviour,
	board: boardBehaviour,
	events: eventsBehaviour,
	replay: replayBehaviour,
	locks: locksBehaviour,
};

/** The table gives every kind its own behaviour, which the compiler cannot follow through a union. */
const behaviourOf = (page: Page): Behaviour<Page> => BEHAVIOURS[page.kind] as Behaviour<Page>;

/** Pages that esc leads back through. */
const MOST = 8;

/** Covers the room with a page; one that lies below already comes to the top. */
export const openPage = (state: ViewState, page: Page): ViewState => {
	const name = (one: Page): string => ('task' in one ? one.task : one.kind);
	const below = state.pages.filter(one => one.kind !== page.kind || name(one) !== name(page));
	return {...state, pages: [...below, page].slice(-MOST), isZoomed: false, scroll: undefined};
};

/** Opens the page of that kind, or leaves it where it is on top. */
export const togglePage = (state: ViewState, page: Page): ViewState =>
	pageOf(state)?.kind === page.kind ? {...state, pages: state.pages.slice(0, -1)} : openPage(state, page);

export const openTask = (state: ViewState, task: string, panel: TaskPanel = 3): ViewState => openPage(state, firstTaskPage(task, panel));

/** Opens the board on a task, else where there is something to see; leaves it where it is on top. */
export const toggleBoard = (state: ViewState, task: string, {snapshot, now}: Context): ViewState => {
	const columns = boardColumns(snapshot, serverNow(snapshot, now), {filter: '', sort: 'order'});
	const begin = (['working', ...COLUMNS] as const).find(name => columns.some(column => column.name === name && column.tasks.length > 0));
	return togglePage(state, {kind: 'board', selected: task, column: begin ?? 'queued', index: 0, filter: '', sort: 'order', marks: []});
};

export const openTrain = (state: ViewState): ViewState => openPage(state, {kind: 'train', selected: ''});

export const replaceTop = (state: ViewState, page: Page): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

/** Moves what the top page shows. */
export const movePage = (state: ViewState, move: Move, context: Context): ViewState => {
	const page = pageOf(state);
	return page ? replaceTop(state, behaviourOf(page).move(page, move, context, state)) : state;
};

/** Chooses what was pointed at, of the top page or of the agents. */
export const choose = (state: ViewState, at: {readonly column: string; readonly id: string}): ViewState => {
	const page = pageOf(state);
	if (state.dialog) return state;
	if (page) return replaceTop(state, behaviourOf(page).choose?.(page, at) ?? page);
	if (at.column !== '1') return state;
	return {...focusOn(state, 1), selected: at.id === '' ? state.selected : {...state.selected, 1: at.id}};
};

/** Id of the task that a page shows, or that is chosen on it; '' for none. */
export const taskOfPage = (page: Page, context: Pick<Context, 'snapshot' | 'now'>): string => behaviourOf(page).taskOf(page, context);

/** What a page looks at beside the snapshot. */
export const looksWanted = (page: Page, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[] =>
	behaviourOf(page).looksAt?.(page, context) ?? [];
