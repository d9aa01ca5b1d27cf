import {agentName} from '../../core/agent.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {keyOf} from '../keymap.ts';
import {type Editor, edit, emptyEditor} from './editor.ts';
import {focusOn} from './focus.ts';
import {and, type Context, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

type Asking = {readonly kind: 'ask'; readonly text: Editor};

/** A title is cut to this many characters; the whole text is the brief. */
const TITLE = 200;

/** Who plans here: one that is at work on a plan first; undefined where nobody does. */
export const planner = ({team}: RoomSnapshot) =>
	[...team.agents.values()]
		.filter(({role, status}) => role === 'orchestrator' && status !== 'stopped' && status !== 'dead' && status !== 'lost')
		.toSorted((a, b) => Number(b.task !== '') - Number(a.task !== ''))[0];

/** `o`: a line to whoever plans, beside what was decided. */
export const openAsk = (state: ViewState, context: Context): Updated =>
	planner(context.snapshot)
		? unchanged({...focusOn(state, 5), isZoomed: false, dialog: {kind: 'ask', text: emptyEditor}})
		: refuse(
				state,
				`Nobody in the team plans: ${keyOf(context.keymap, 'new-task')} adds a task, ${keyOf(context.keymap, 'recruit')} an orchestrator where the configuration has one.`,
				context,
			);

/** What is written goes to the planner that is at work, as a message; where none is, it becomes a feature to be planned. */
const send = (state: ViewState, words: string, {snapshot, now}: Context): Updated => {
	const agent = planner(snapshot);
	const closed = {...state, dialog: undefined};
	if (agent?.task)
		return and(say(closed, `asked ${agentName(agent.id)}, which plans ${agent.task}`, now), {
			type: 'dispatch',
			action: {type: 'message', agent: agent.id, text: words},
		});
	const title = words.length > TITLE ? `${words.slice(0, TITLE - 1)}…` : words;
	return and(say(closed, 'queued to be planned; its plan comes to you', now), {
		type: 'dispatch',
		action: {type: 'add-task', title, feature: true, ...(title === words ? {} : {brief: words})},
	});
};

export const updateAsk = (state: ViewState, dialog: Asking, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'send') {
		const words = dialog.text.text.trim();
		return words === '' ? refuse(state, 'Write what shall be planned or changed.', context) : send(state, words, context);
	}
	const editor = edit(dialog.text, key, text);
	return unchanged(editor ? {...state, dialog: {...dialog, text: editor}} : state);
};
