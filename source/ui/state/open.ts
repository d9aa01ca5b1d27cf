import {isAsking} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import type {Task} from '../../core/task/task.ts';
import {boardColumns, COLUMNS} from '../model/board.ts';
import {serverNow} from '../model/time.ts';
import {emptyEditor} from '../text/editor.ts';
import type {Command, Context} from './message.ts';
import {firstTaskPage, type Page, type TaskPanel} from './pages.ts';
import {isDecision} from './reading.ts';
import {type Decision, type Dialog, pageOf, type ViewState} from './state.ts';

/** Confirmation of what cannot be undone or affects many: effect, names, what is kept. */
export type Confirm = {
	readonly kind: 'confirm';
	readonly title: string;
	readonly question: string;
	/** Names, if more than one. */
	readonly names: readonly string[];
	readonly facts: readonly (readonly [label: string, text: string])[];
	/** The order of `y`: `cancel them`. */
	readonly order: string;
	/** Past tense for the answer: `cancelled`. */
	readonly word: string;
	/** Said at once, where the answer may take a moment. */
	readonly meanwhile?: string;
	readonly actions: readonly Action[];
};

/** A task depends on one that will never merge: it may continue without. */
export const freeQuestion = ({id}: Task, without: string): Confirm => ({
	kind: 'confirm',
	title: `Unblock from ${without}?`,
	question: `Unblock ${id} from ${without}?`,
	names: [],
	facts: [
		['what happens', `${id} no longer waits for ${without}`],
		['warning', `the work of ${without} is missing`],
	],
	order: 'unblock',
	word: 'unblocked',
	actions: [{type: 'unblock-task', task: id, without}],
});

export const openCost = (state: ViewState): ViewState => ({...state, dialog: {kind: 'cost', sort: 'money'}});

/** A longer freeze, ms, may break agents' connections to their services: ending their turns is offered instead. */
export const LONG_FREEZE_MS = 5 * 60_000;

/** The freeze dialog, from the freeze's time in the snapshot; if Redis lost its data, what to decide about it. */
export const openFrozen = (state: ViewState, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	if (snapshot.team.control.recovery !== '') return {...state, dialog: {kind: 'recovery', paintedAt: 0}};
	const frozen = snapshot.team.events.findLast(({controlFields}) => controlFields.frozen === '1');
	return {...state, dialog: {kind: 'frozen', at: frozen ? frozen.at - snapshot.clockOffset : now}};
};

export const lift = (account: string): Command => ({type: 'dispatch', action: {type: 'clear-rate-limit', account}});

export const decisionOn = (task: Task): Decision => ({
	kind: task.decision === 'plan' ? 'plan' : 'decide',
	task: task.id,
	index: 0,
	scroll: 0,
	paintedAt: 0,
	isWriting: false,
	isSent: false,
});

export type Peek = Extract<Dialog, {kind: 'peek'}>;

export const cardOf = (row: string, {snapshot}: Context): Peek | Decision => {
	const task = snapshot.team.tasks.get(row.replace(/^task:/, ''));
	if (row.startsWith('task:') && task?.decision) return decisionOn(task);
	const agent = snapshot.team.agents.get(row);
	return {
		kind: 'peek',
		row,
		questionId: agent && isAsking(agent) ? agent.questionId : '',
		paintedAt: 0,
		reply: emptyEditor,
		digitAt: 0,
		scroll: 0,
	};
};

/** Opens a row's dialog and selects the row, if any; keys count once it was painted. */
export const openPeek = (state: ViewState, row: string, context: Context): ViewState => {
	const isHeld = row.startsWith('hold:');
	const selected = isHeld ? {...state.selected, 2: row.slice(5)} : {...state.selected, 1: row};
	const focus = isHeld ? 2 : 1;
	// Belongs to no row: opens over anything.
	if (row === 'stray') return {...state, dialog: cardOf(row, context)};
	if (row === 'base') return openMerges({...state, dialog: undefined});
	if (row === 'budget') return context.snapshot.team.control.frozen ? openFrozen(state, context) : openCost(state);
	const dialog = cardOf(row, context);
	const {snapshot} = context;
	// The wall shows whom it is about.
	const page = pageOf(state);
	if (page?.kind === 'wall' && snapshot.team.agents.has(row)) return {...replaceTop(state, {...page, selected: row}), dialog};
	// A decision opens over the page. Other dialogs lend the room's keys, which act on the selected row, so no page may cover it.
	if (isDecision(dialog) && pageOf(state)) return {...state, dialog};
	return {...state, pages: [], focus, tab: focus, filters: {...state.filters, [focus]: ''}, selected, scroll: undefined, dialog};
};

/** Limit of pages that esc leads back through. */
const MOST = 8;

/** Opens a page; one already below moves to the top. */
export const openPage = (state: ViewState, page: Page): ViewState => {
	const name = (one: Page): string => ('task' in one ? one.task : one.kind);
	const below = state.pages.filter(one => one.kind !== page.kind || name(one) !== name(page));
	return {...state, pages: [...below, page].slice(-MOST), isZoomed: false, leftWall: undefined, scroll: undefined};
};

/** Opens a page of that kind, or closes it if it is on top. */
export const togglePage = (state: ViewState, page: Page): ViewState =>
	pageOf(state)?.kind === page.kind ? {...state, pages: state.pages.slice(0, -1)} : openPage(state, page);

export const openTask = (state: ViewState, task: string, panel: TaskPanel = 3): ViewState => openPage(state, firstTaskPage(task, panel));

/** Opens the board on a task, else on a non-empty column; closes it if it is on top. */
export const toggleBoard = (state: ViewState, task: string, {snapshot, now}: Context): ViewState => {
	const columns = boardColumns(snapshot, serverNow(snapshot, now), {filter: '', sort: 'order'});
	const begin = (['working', ...COLUMNS] as const).find(name => columns.some(column => column.name === name && column.tasks.length > 0));
	return togglePage(state, {kind: 'board', selected: task, column: begin ?? 'queued', index: 0, filter: '', sort: 'order', marks: []});
};

export const openMerges = (state: ViewState): ViewState => openPage(state, {kind: 'merges', selected: ''});

export const replaceTop = (state: ViewState, page: Page): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});
