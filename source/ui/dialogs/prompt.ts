import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import type {KeyRow} from '../keymap/row.ts';
import {completed, filterNames, namesIn} from '../model/complete.ts';
import {FILTER_WORDS} from '../model/filter.ts';
import {focusOn} from '../state/focus.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {openTask, replaceTop} from '../state/open.ts';
import {pasteSearch, updateSearch} from '../state/scroll-keys.ts';
import {type Dialog, type List, pageOf, type ViewState} from '../state/state.ts';
import {type Editor, edit, emptyEditor, insert} from '../text/editor.ts';

/** Keys in scrollback and its search line. Others act as in the room. */
export const SCROLL_KEYS = [
	{scope: 'scroll', keys: ['/'], action: 'search', label: 'search', help: 'search up', group: 'MOVE', order: 1},
	{scope: 'scroll', keys: ['n'], action: 'next-match', label: 'up', help: 'previous match', group: 'MOVE', order: 2, needs: 'search'},
	{
		scope: 'scroll',
		keys: ['N'],
		action: 'previous-match',
		label: 'down',
		help: 'next match',
		group: 'MOVE',
		order: 3,
		needs: 'search',
	},
	{scope: 'scroll', keys: ['v'], action: 'select-lines', label: 'select', help: 'start / clear selection', group: 'SEE', order: 5},
	{scope: 'scroll', keys: ['V'], action: 'select-block', label: 'block', help: 'select block', group: 'SEE', order: 8},
	{scope: 'scroll', keys: ['y'], action: 'copy', label: 'copy', help: 'copy selection', group: 'SEE', order: 6},
	{scope: 'scroll', keys: ['f'], action: 'follow', label: 'follow', help: 'follow output', group: 'MOVE', order: 7},
	{scope: 'scroll', keys: ['E'], action: 'open-lines', label: 'editor', help: 'open in editor', group: 'SEE', order: 9},
	{scope: 'scroll', keys: ['q'], action: 'leave', label: 'leave', help: 'back to room', group: 'ROOM', order: 4},
	{scope: 'scroll', keys: ['l'], action: 'right', label: '', help: 'right', group: 'MOVE'},
	{scope: 'scroll', keys: ['K'], action: 'view-up', label: '', help: 'scroll up', group: 'MOVE'},
	{scope: 'scroll', keys: ['J'], action: 'view-down', label: '', help: 'scroll down', group: 'MOVE'},
] as const satisfies readonly KeyRow[];

type Asking = {readonly kind: 'ask'; readonly text: Editor};

/** Limit of a title; the whole text is the description. */
const TITLE = 200;

/** The Planner, preferably one that is planning; undefined if there is none. */
export const planner = ({team}: RoomSnapshot) =>
	[...team.agents.values()]
		.filter(({role, status}) => role === 'orchestrator' && status !== 'stopped' && status !== 'crashed' && status !== 'unreachable')
		.toSorted((a, b) => Number(b.task !== '') - Number(a.task !== ''))[0];

export const openAsk = (state: ViewState, context: Context): Updated =>
	planner(context.snapshot)
		? unchanged({...focusOn(state, 5), isZoomed: false, dialog: {kind: 'ask', text: emptyEditor}})
		: refuse(
				state,
				`The team has no Planner: ${keyOf(context.keymap, 'new-task')} adds a task, ${keyOf(context.keymap, 'add-agent')} adds a Planner if agent-room.yaml has one.`,
				context,
			);

/** Sends the text to a running Planner as a message, else creates a feature to plan. */
const send = (state: ViewState, words: string, {snapshot, now}: Context): Updated => {
	const agent = planner(snapshot);
	const closed = {...state, dialog: undefined};
	if (agent?.task)
		return and(say(closed, `asked ${agentName(agent.id)}, which is planning ${agent.task}`, now), {
			type: 'dispatch',
			action: {type: 'message', agent: agent.id, text: words},
		});
	const title = words.length > TITLE ? `${words.slice(0, TITLE - 1)}…` : words;
	return and(say(closed, 'queued for planning; you will approve the plan', now), {
		type: 'dispatch',
		action: {type: 'add-task', title, feature: true, ...(title === words ? {} : {description: words})},
	});
};

const updateAsk = (state: ViewState, dialog: Asking, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'send') {
		const words = dialog.text.text.trim();
		return words === '' ? refuse(state, 'Write what to plan or change.', context) : send(state, words, context);
	}
	const editor = edit(dialog.text, key, text);
	return unchanged(editor ? {...state, dialog: {...dialog, text: editor}} : state);
};

type Prompt = Extract<Dialog, {kind: 'filter' | 'goto'}>;

const withFilter = (state: ViewState, list: List | 'page', text: string): ViewState => {
	if (list !== 'page') return {...state, filters: {...state.filters, [list]: text}};
	const page = pageOf(state);
	return page && 'filter' in page ? replaceTop(state, {...page, filter: text}) : state;
};

/** The names that fit are told where more than one does: the next key narrows them down. */
const TOLD = 8;
const completing = (state: ViewState, dialog: Prompt, {snapshot, now}: Context): Updated => {
	const {text, cursor} = dialog.text;
	const before = text.slice(0, cursor);
	const {agents, tasks} = namesIn(snapshot);
	const found = completed(before, dialog.kind === 'filter' ? filterNames(before, snapshot) : [...agents, ...tasks]);
	if (!found) return unchanged(say(state, 'Nothing begins with that.', now, true));
	const editor = {text: found.text + text.slice(cursor), cursor: found.text.length};
	const next = {...state, dialog: {...dialog, text: editor}};
	const shown = dialog.kind === 'filter' ? withFilter(next, dialog.list, editor.text) : next;
	const told = `${found.others.slice(0, TOLD).join('  ')}${found.others.length > TOLD ? `  and ${found.others.length - TOLD} more` : ''}`;
	return unchanged(found.others.length > 0 ? say(shown, told, now) : {...shown, toast: undefined});
};

/** The line editors of `/` and `'`: a filter applies while typing, a jump on Enter. */
const updatePrompt = (state: ViewState, dialog: Prompt, action: string, key: string, text: string, context: Context): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'close') return unchanged(dialog.kind === 'filter' ? withFilter(closed, dialog.list, '') : closed);
	if (action === 'keep') return unchanged(closed);
	if (action === 'complete') return completing(state, dialog, context);
	if (action === 'go') return unchanged(jump(closed, dialog.text.text.trim(), context));
	const editor = edit(dialog.text, key, text);
	if (!editor) return unchanged(state);
	const next = {...state, dialog: {...dialog, text: editor}};
	return unchanged(dialog.kind === 'filter' ? withFilter(next, dialog.list, editor.text) : next);
};

/** Selects an agent (`dev-1`, or `1`), a queued task, or a task's agent; opens a finished task. */
export const jump = (state: ViewState, text: string, {snapshot, now}: Context): ViewState => {
	const {agents, tasks} = snapshot.team;
	const toAgent = (id: string): ViewState => ({
		...focusOn(state, 1),
		filters: {...state.filters, 1: ''},
		selected: {...state.selected, 1: id},
	});
	const agent = parseAgentId(text);
	if (agents.has(agent)) return toAgent(agent);
	const task = tasks.get(text) ?? tasks.get(`t-${text}`);
	// A number alone means a task in the queue, elsewhere an agent, a developer if ambiguous.
	const numbered = /^\d+$/.test(text) ? [...agents.keys()].filter(id => Number(id.split(':').at(-1)) === Number(text)) : [];
	const [first] = numbered.toSorted((a, b) => Number(b.includes(':dev:')) - Number(a.includes(':dev:')));
	if (first && !(task && state.focus === 2)) return toAgent(first);
	if (task?.state === 'failed') return toAgent(`task:${task.id}`);
	if (task && agents.has(task.owner)) return toAgent(task.owner);
	// Finished tasks are in no list: opens the task page.
	if (task && FINAL_STATES.includes(task.state)) return openTask(state, task.id);
	if (task) return {...focusOn(state, 2), filters: {...state.filters, 2: ''}, selected: {...state.selected, 2: task.id}};
	const near = [...agents.keys()].filter(id => id.includes(text));
	if (text && near.length === 1 && near[0]) return toAgent(near[0]);
	return text ? say(state, `No agent or task \`${text.slice(0, 40)}\`.`, now, true) : state;
};

export const FILTER: DialogKind<Extract<Dialog, {kind: 'filter'}>> = {
	mode: 'FILTER',
	keys: [
		{scope: 'filter', keys: ['enter'], action: 'keep', label: 'keep', help: 'keep filter', group: '', order: 1},
		{scope: 'filter', keys: ['tab'], action: 'complete', label: 'complete', help: 'complete name', group: '', order: 3},
		{scope: 'filter', keys: ['esc'], action: 'close', label: 'clear', help: 'clear filter', group: '', order: 2},
	],
	update: (state, dialog, {action, key, text}, context) => updatePrompt(state, dialog, action, key, text, context),
	prompt: '/',
	typed: ({list}) => filterWords(list),
	paste: (state, dialog, text) => {
		const editor = insert(dialog.text, text);
		return withFilter({...state, dialog: {...dialog, text: editor}}, dialog.list, editor.text);
	},
};

export const GOTO: DialogKind<Extract<Dialog, {kind: 'goto'}>> = {
	mode: 'GO TO',
	keys: [
		{scope: 'goto', keys: ['enter'], action: 'go', label: 'go', help: 'go', group: '', order: 1},
		{scope: 'goto', keys: ['tab'], action: 'complete', label: 'complete', help: 'complete name', group: '', order: 3},
		{scope: 'goto', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},
	],
	update: (state, dialog, {action, key, text}, context) => updatePrompt(state, dialog, action, key, text, context),
	prompt: "'",
	typed: () => 'dev-1, t-3 or 17',
	paste: (state, dialog, text) => ({...state, dialog: {...dialog, text: insert(dialog.text, text)}}),
};

export const ASK: DialogKind<Asking> = {
	mode: 'ASK',
	keys: [
		{scope: 'ask', keys: ['enter'], action: 'send', label: 'send', help: 'send', group: '', order: 1},
		{scope: 'ask', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},
	],
	update: (state, dialog, {action, key, text}, context) => updateAsk(state, dialog, action, key, text, context),
	prompt: '› ',
	typed: () => 'what to plan',
	paste: (state, dialog, text) => ({...state, dialog: {...dialog, text: insert(dialog.text, text)}}),
};

export const SEARCH: DialogKind<Extract<Dialog, {kind: 'search'}>> = {
	mode: 'SEARCH',
	keys: [
		{scope: 'search', keys: ['enter'], action: 'keep', label: 'then n and N', help: 'keep match', group: '', order: 1},
		{scope: 'search', keys: ['up'], action: 'next', label: 'up', help: 'previous match', group: '', order: 2},
		{scope: 'search', keys: ['down'], action: 'previous', label: 'down', help: 'next match', group: '', order: 3},
		{scope: 'search', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel search', group: '', order: 4},
	],
	update: (state, dialog, {action, key, text}, context) => updateSearch(state, dialog, action, key, text, context),
	prompt: '/',
	typed: () => 'a text',
	paste: pasteSearch,
};

const filterWords = (list: List | 'page'): string => {
	// Of the pages only the board has its own filter.
	if (list === 1 || list === 2 || list === 'page') return FILTER_WORDS;
	return list === 4 ? 'words !not t:task a:agent k:merged' : 'words !not';
};
