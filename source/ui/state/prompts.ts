import {parseAgentId} from '../../core/agent.ts';
import {FINAL_STATES} from '../../core/task.ts';
import type {Dialog} from './dialogs.ts';
import {edit} from './editor.ts';
import {focusOn} from './focus.ts';
import {openTask, replaceTop} from './pages/pages.ts';
import {type Context, type List, pageOf, say, type Updated, unchanged, type ViewState} from './state.ts';

type Prompt = Extract<Dialog, {kind: 'filter' | 'goto'}>;

/** A filter counts for its list, or for the page on top where that has one. */
export const withFilter = (state: ViewState, list: List | 'page', text: string): ViewState => {
	if (list !== 'page') return {...state, filters: {...state.filters, [list]: text}};
	const page = pageOf(state);
	return page && 'filter' in page ? replaceTop(state, {...page, filter: text}) : state;
};

/** The line editors of `/` and `'`: a filter counts while it is typed, a jump when it is entered. */
export const updatePrompt = (state: ViewState, dialog: Prompt, action: string, key: string, text: string, context: Context): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'close') return unchanged(dialog.kind === 'filter' ? withFilter(closed, dialog.list, '') : closed);
	if (action === 'keep') return unchanged(closed);
	if (action === 'go') return unchanged(jump(closed, dialog.text.text.trim(), context));
	const editor = edit(dialog.text, key, text);
	if (!editor) return unchanged(state);
	const next = {...state, dialog: {...dialog, text: editor}};
	return unchanged(dialog.kind === 'filter' ? withFilter(next, dialog.list, editor.text) : next);
};

/** Selects an agent (`dev-1`, or `1`), a task of the queue, or the agent that works on a task; opens a task that is over. */
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
	// A number alone is of what one looks at: in the queue a task, elsewhere an agent, a developer where several have it.
	const numbered = /^\d+$/.test(text) ? [...agents.keys()].filter(id => Number(id.split(':').at(-1)) === Number(text)) : [];
	const [first] = numbered.toSorted((a, b) => Number(b.includes(':dev:')) - Number(a.includes(':dev:')));
	if (first && !(task && state.focus === 2)) return toAgent(first);
	if (task?.state === 'dead') return toAgent(`task:${task.id}`);
	if (task && agents.has(task.owner)) return toAgent(task.owner);
	// What is over stands in no list any more: it is shown in full.
	if (task && FINAL_STATES.includes(task.state)) return openTask(state, task.id);
	if (task) return {...focusOn(state, 2), filters: {...state.filters, 2: ''}, selected: {...state.selected, 2: task.id}};
	const near = [...agents.keys()].filter(id => id.includes(text));
	if (text && near.length === 1 && near[0]) return toAgent(near[0]);
	return text ? say(state, `There is no agent and no task \`${text.slice(0, 40)}\`.`, now, true) : state;
};
