import {endedAfter} from '../../core/queue/dependencies.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import {openChanges} from '../dialogs/changes.tsx';
import {openMenu} from '../dialogs/menu.ts';
import {type Keymap, keyOf} from '../keymap/keymap.ts';
import {attention, isHeldUp} from '../model/attention.ts';
import {decisionWords} from '../model/decision-words.ts';
import {serverNow} from '../model/time.ts';
import {pinSelected} from '../pages/wall/wall.tsx';
import {forMany, markedThings, pauseAction} from '../state/bulk.ts';
import {focusOn, typeInto} from '../state/focus.ts';
import {markedRows, withoutMarks} from '../state/marks.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {freeQuestion, openCost, openFrozen, openPage, openPeek, openTask, togglePage} from '../state/open.ts';
import {eventsPage} from '../state/pages.ts';
import {isDecision} from '../state/reading.ts';
import {runScroll, startScroll} from '../state/scroll-keys.ts';
import {asksHere, reassignChoices, selectionOf, shownAgent} from '../state/selection.ts';
import {listOf, pageOf, type ViewState} from '../state/state.ts';
import {emptyEditor} from '../text/editor.ts';
import type {Panel} from '../text/layout.ts';
import {isMove, move} from './moves.ts';
import {runNamed} from './named-orders.ts';
import {openedBy, runPage} from './registry.ts';
import {handOrders, taskOrders} from './task-keys.ts';

/** Decides about a base that an agent moved; the order only applies while the base is still there. */
const decideStray = (state: ViewState, type: 'undo-base' | 'keep-base', context: Context): Updated =>
	context.snapshot.team.control.stray === ''
		? refuse(state, 'No agent has moved the base branch.', context)
		: and({...state, dialog: state.dialog?.kind === 'peek' ? undefined : state.dialog}, {type: 'dispatch', action: {type}});

/** Runs an action of the room or the page; an empty one does nothing. An unavailable one says why. */
export const runRoom = (state: ViewState, action: string, context: Context): Updated => {
	const page = pageOf(state);
	const own = page && runPage(state, page, action, context);
	if (own) return own;
	const many = forMany(state, action, context);
	if (many) return many;
	const read = !page && state.scroll && runScroll(state, state.scroll, action, context);
	if (read) return read;
	if (isMove(action)) return isForPane(state, action) ? scrolled(state, action, context) : unchanged(move(state, action, context));
	if (/^panel-\d$/.test(action)) return unchanged(focusOn(state, Number(action.slice(6)) as Panel));
	return orders[action]?.(state, context) ?? runNamed(state, action, context) ?? openedBy(state, action, context) ?? unchanged(state);
};

/** In the pane, moving up opens scrollback. */
const isForPane = (state: ViewState, action: string): boolean => !pageOf(state) && state.focus === 0 && UPWARDS.includes(action);
const UPWARDS = ['up', 'half-up', 'first', 'down', 'half-down', 'last'];
const scrolled = (state: ViewState, action: string, context: Context): Updated => {
	const {state: started, commands} = startScroll(state, context);
	const read = started.scroll && runScroll(started, started.scroll, action, context);
	return read ?? {state: started, commands};
};

/** In and out of the zoom: a pane that was chosen on the wall goes back to it. */
const zoomed = (state: ViewState): ViewState => ({
	...state,
	isZoomed: !state.isZoomed,
	pages: state.isZoomed && state.leftWall ? [state.leftWall] : [],
	leftWall: undefined,
	scroll: state.isZoomed ? undefined : state.scroll,
});

const nextAttention = (state: ViewState, context: Context, step: 1 | -1): Updated => {
	const items = attention(context.snapshot, serverNow(context.snapshot, context.now));
	const first = items[step === 1 ? 0 : items.length - 1];
	if (!first) return unchanged(say(state, 'Nothing needs you.', context.now));
	const {dialog} = state;
	const open = dialog?.kind === 'peek' ? dialog.row : isDecision(dialog) ? `task:${dialog.task}` : '';
	const index = items.findIndex(item => item.id === (open || selectionOf(state, context).row));
	const isOpen = open !== '';
	const item = index === -1 || !isOpen ? first : (items[(index + step + items.length) % items.length] ?? first);
	return unchanged(openPeek(state, item.id, context));
};

const type = (state: ViewState, context: Context): Updated => {
	const agent = shownAgent(state, context);
	if (agent) return typeInto(state, agent, context);
	return nobody(state, context);
};

/** An order for an agent, on a task without one or on nothing. */
const nobody = (state: ViewState, context: Context): Updated => {
	const {task} = selectionOf(state, context);
	const {keymap} = context;
	const over = `${keyOf(keymap, 'panel-1')} opens the agents panel`;
	if (!task) return refuse(state, `No agent is selected: ${over}.`, context);
	if (FINAL_STATES.includes(task.state)) return refuse(state, `No agent is running ${task.id}.`, context);
	return refuse(state, `No agent is running ${task.id}: ${keyOf(keymap, 'cancel')} cancels it, ${over}.`, context);
};

/** Why a task cannot be reassigned; '' if it can. */
const unfit = (task: Task | undefined, keymap: Keymap): string => {
	if (task?.state === 'failed') return `${task.id} has failed: retry it with ${keyOf(keymap, 'retry')} first.`;
	if (task?.decision) return `${task.id} needs ${decisionWords(task).needs}: ${keyOf(keymap, 'peek')} opens it.`;
	return !task || FINAL_STATES.includes(task.state) ? 'Select a task to reassign.' : '';
};

const orders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	'undo-base': (state, context) => decideStray(state, 'undo-base', context),
	'keep-base': (state, context) => decideStray(state, 'keep-base', context),
	open: (state, context) => {
		const {row, agent, task, taskId} = selectionOf(state, context);
		if (!pageOf(state) && state.focus === 3)
			return unchanged(openPage(state, {kind: 'locks', selected: state.selected[3], column: 0, scroll: 0}));
		const isAgents = !pageOf(state) && (state.focus === 0 || state.focus === 1);
		if (asksHere(state, context)) return unchanged(openPeek(state, row, context));
		if (isAgents && agent) return typeInto(state, agent.id, context);
		if (isAgents && !agent && !task && row !== '') return unchanged(openPeek(state, row, context));
		if (isAgents && task?.decision) return unchanged(openPeek(state, row, context));
		if (!pageOf(state) && state.focus > 1 && taskId === '') {
			const key = keyOf(context.keymap, 'new-task');
			return refuse(state, state.focus === 2 ? `The task queue is empty: ${key} adds a task.` : 'Nothing is selected here.', context);
		}
		if (pageOf(state)?.kind === 'task') return task?.decision ? unchanged(openPeek(state, row, context)) : type(state, context);
		return taskId ? unchanged(openTask(state, taskId)) : type(state, context);
	},
	type,
	'back-to-pane': (state, context) =>
		state.lastTyped && context.snapshot.team.agents.has(state.lastTyped)
			? typeInto(state, state.lastTyped, context)
			: refuse(state, `You have not typed into a pane yet: press ${keyOf(context.keymap, 'type')}.`, context),
	peek: (state, context) => {
		const {row, agent, task} = selectionOf(state, context);
		const id =
			task?.decision && !agent
				? `task:${task.id}`
				: !pageOf(state) && (state.focus === 1 || state.focus === 0)
					? row
					: agent
						? agent.id
						: task?.state === 'failed'
							? `task:${task.id}`
							: task && (isHeldUp(task) || endedAfter(task, context.snapshot.team))
								? `hold:${task.id}`
								: '';
		return id ? unchanged(openPeek(state, id, context)) : refuse(state, 'Not started: nothing to peek at.', context);
	},
	'next-attention': (state, context) => nextAttention(state, context, 1),
	'previous-attention': (state, context) => nextAttention(state, context, -1),
	'new-task': state => unchanged({...state, dialog: {kind: 'form'}, draft: {...state.draft, error: ''}}),
	pause: (state, context) => {
		const {agent} = selectionOf(state, context);
		if (!agent) return nobody(state, context);
		return and(state, {type: 'dispatch', action: pauseAction(agent)});
	},
	reassign: (state, context) => {
		const marked = markedThings(state, context).tasks;
		const [task, ...others] = marked.length > 0 ? marked : [selectionOf(state, context).task];
		const why = [task, ...others].map(one => unfit(one, context.keymap)).find(text => text !== '');
		if (!task || why) return refuse(state, why ?? '', context);
		const more = others.flatMap(other => (other ? [other.id] : []));
		const first = reassignChoices([task.id, ...more], context.snapshot)[0];
		if (!first) return refuse(state, `No other agent can take ${more.length > 0 ? 'all of them' : task.id}.`, context);
		return unchanged({...state, dialog: {kind: 'reassign', task: task.id, others: more, chosen: first.agent.id}});
	},
	stop: (state, context) => {
		const {agent} = selectionOf(state, context);
		return agent ? unchanged({...state, dialog: {kind: 'stop', agent: agent.id, others: []}}) : nobody(state, context);
	},
	...taskOrders,
	...handOrders,
	unlock: (state, context) => {
		const {lock, task} = selectionOf(state, context);
		const without = task && !lock ? endedAfter(task, context.snapshot.team) : '';
		if (task && without) return unchanged({...state, dialog: freeQuestion(task, without)});
		if (!lock) return refuse(state, `Select a lock or a blocked task for ${keyOf(context.keymap, 'unlock')}.`, context);
		if (lock.name.startsWith('task:'))
			return refuse(state, `A task lease cannot be unlocked: reassign the task with ${keyOf(context.keymap, 'reassign')}.`, context);
		return unchanged({...state, dialog: {kind: 'unlock', name: lock.name}});
	},
	zoom: (state, context) =>
		state.isZoomed || shownAgent(state, context) ? unchanged(zoomed(state)) : refuse(state, 'No pane to zoom.', context),
	filter: state => {
		const list = listOf(state.focus) ?? 1;
		const text = state.filters[list] ?? '';
		return unchanged({...focusOn(state, list), isZoomed: false, dialog: {kind: 'filter', list, text: {text, cursor: text.length}}});
	},
	pin: pinSelected,
	scroll: startScroll,
	goto: state => unchanged({...state, dialog: {kind: 'goto', text: emptyEditor}}),
	events: state => unchanged(togglePage(state, eventsPage({text: state.filters[4], hasQuiet: false}))),
	changes: openChanges,
	settings: state => unchanged({...state, dialog: {kind: 'settings', index: 0}}),
	cost: state => unchanged(openCost(state)),
	drain: (state, {snapshot}) => and(state, {type: 'dispatch', action: {type: 'drain', on: !snapshot.team.control.drained}}),
	// Freezing is reversible, so it needs no confirmation; if all is frozen the same key opens the dialog.
	freeze: (state, context) =>
		context.snapshot.team.control.frozen
			? unchanged(openFrozen(state, context))
			: and({...state, dialog: {kind: 'frozen', at: context.now}}, {type: 'dispatch', action: {type: 'freeze', on: true}}),
	quit: state => unchanged({...state, dialog: {kind: 'quit'}}),
	help: state => unchanged(openMenu(state, 'help')),
	palette: state => unchanged(openMenu(state, 'palette')),
	redraw: state => and(state, {type: 'redraw'}),
	back: state => {
		if (pageOf(state)) return unchanged({...state, pages: state.pages.slice(0, -1)});
		if (state.isZoomed && state.leftWall) return unchanged(zoomed(state));
		if (markedRows(state).length > 0) return unchanged(withoutMarks(state));
		const list = listOf(state.focus) ?? 1;
		if (state.filters[list]) return unchanged({...state, filters: {...state.filters, [list]: ''}});
		if (state.isZoomed) return unchanged(zoomed(state));
		return unchanged(focusOn(state, 1));
	},
};
